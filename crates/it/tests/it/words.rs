//! What `assay` says of itself.

use assay_it::workspace;

use crate::support::{assert_inert, bench, run_to, skipped};

/// First words of the lines that begin something.
fn first_words(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn commands() -> Vec<String> {
    let help = run_to(&bench(), &["--help"], 0).stdout;
    let list = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let list = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<String> = list
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert!(commands.contains(&"vet".to_owned()), "{help}");
    commands
}

#[test]
fn every_behaviour_is_explained() {
    let bench = bench();
    let listed = run_to(&bench, &["explain"], 0).stdout;
    let ids = first_words(&listed);
    for required in [
        "fingerprint.timezone",
        "fingerprint.locale",
        "fingerprint.proxy",
        "fingerprint.base-url",
        "fingerprint.hostname",
        "fingerprint.username",
        "fingerprint.machine-id",
        "fingerprint.network",
        "fingerprint.processes",
        "fingerprint.other-tools",
        "conceal.encoded-list",
        "conceal.encoded-string",
        "conceal.look-alike",
        "conceal.invisible",
        "conceal.dynamic-code",
        "conceal.packed",
        "egress.endpoint",
        "egress.telemetry",
        "egress.raw-address",
        "control.remote-flag",
        "control.remote-config",
        "control.auto-update",
        "control.remote-code",
        "control.kill-switch",
        "control.listen",
        "reach.process",
        "reach.credentials",
        "reach.other-tools",
        "reach.clipboard",
        "reach.screen",
        "integrity.install-script",
        "integrity.unverified",
        "covert.channel",
    ] {
        assert!(
            ids.iter().any(|id| id == required),
            "{required} is not in {listed}"
        );
    }
    for id in ids {
        let text = run_to(&bench, &["explain", &id], 0).stdout;
        assert!(text.starts_with(&id), "{text}");
        for part in [
            "What\n",
            "Why it matters\n",
            "What it does not mean\n",
            "Example\n",
        ] {
            let words = text
                .split(part)
                .nth(1)
                .unwrap_or_else(|| panic!("{id}: no {part}"));
            assert!(
                words.lines().next().unwrap().trim().len() > 10,
                "{id}: {part}"
            );
        }
        assert_inert(&text);
        assert!(text.lines().all(|line| line.chars().count() <= 110), "{id}");
    }
}

#[test]
fn an_unknown_behaviour_is_answered_with_near_ones() {
    let bench = bench();
    for (asked, near) in [
        ("covert.chanel", "covert.channel"),
        ("timezone", "fingerprint.timezone"),
        ("fingerprnt.locale", "fingerprint.locale"),
        ("egress", "egress.endpoint"),
        ("nonsense", "assay explain"),
        ("", ""),
    ] {
        let outcome = run_to(&bench, &["explain", asked], 2);
        assert_eq!(outcome.stdout, "");
        assert!(outcome.stderr.contains(near), "{asked}: {}", outcome.stderr);
    }
}

#[test]
fn every_command_helps() {
    let bench = bench();
    let whole = run_to(&bench, &["--help"], 0).stdout;
    assert!(
        whole.contains("Examples:") && whole.contains("Exit status"),
        "{whole}"
    );
    for command in commands().iter().filter(|command| *command != "help") {
        let help = run_to(&bench, &[command, "--help"], 0);
        assert_eq!(help.stderr, "");
        let first = help.stdout.lines().next().unwrap();
        assert!(first.len() > 20, "{command}: {first}");
        assert!(
            help.stdout.contains(&format!("Usage: assay {command}")),
            "{}",
            help.stdout
        );
        assert_inert(&help.stdout);
        let reports = help.stdout.contains("--format <");
        if reports && command != "demo" {
            assert!(
                help.stdout.contains("Example"),
                "{command} has no example: {}",
                help.stdout
            );
        }
    }
    assert!(
        run_to(&bench, &["--version"], 0)
            .stdout
            .starts_with("assay ")
    );
}

#[test]
fn every_shell_gets_completions_of_every_command() {
    let bench = bench();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run_to(&bench, &["completions", shell], 0).stdout;
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
        assert!(script.contains("fail-on"), "{shell}");
        assert!(!script.contains("__worker"), "{shell}");
        // The scripts of the others have no values of plain arguments.
        if matches!(shell, "bash" | "zsh") {
            assert!(script.contains("covert.channel"), "{shell}");
        }
        if shell == "bash" {
            let file = bench.file("assay.bash", &script).unwrap();
            match std::process::Command::new("bash")
                .arg("-n")
                .arg(file)
                .status()
            {
                Ok(status) => assert!(status.success()),
                Err(_) => skipped("there is no bash to read its completions"),
            }
        }
    }
    let outcome = run_to(&bench, &["completions", "cmd"], 2);
    assert!(outcome.stderr.contains("bash"), "{outcome:?}");
}

#[test]
fn every_format_that_has_a_file_is_listed() {
    let listed = first_words(&run_to(&bench(), &["formats"], 0).stdout);
    let folder = workspace().join("crates/artifact/src/formats");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .replace('_', "-");
        if path.extension().is_some_and(|end| end == "rs") && !["mod", "tests"].contains(&&*name) {
            assert!(listed.contains(&name), "{name} is not in {listed:?}");
            files += 1;
        }
    }
    assert_eq!(files, listed.len(), "{listed:?}");
}

#[test]
fn the_schema_is_json_with_an_id_for_its_form() {
    let schema = run_to(&bench(), &["schema"], 0).json().unwrap();
    assert_eq!(schema["type"], "object");
    assert!(schema["properties"]["findings"].is_object());
}
