//! The forms of a result, and exit statuses.

use assay_it::{Bench, manifest_of, workspace};
use serde_json::{Value, json};

use crate::samples::covert_tool;
use crate::support::{assert_inert, bench, folder, list, run, run_to, skipped, text, vet};

fn dossier_schema() -> String {
    std::fs::read_to_string(workspace().join("docs/schema/vet-1.json")).unwrap()
}

fn assert_valid(validator: &jsonschema::Validator, value: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn sarif_validator() -> jsonschema::Validator {
    let manifest = manifest_of("serde-sarif").unwrap();
    let schema = std::fs::read(manifest.with_file_name("src").join("schema.json")).unwrap();
    let mut schema: Value = serde_json::from_slice(&schema).unwrap();
    assert!(text(&schema, "/title").contains("2.1.0"));
    // As published the pattern of languages is no regular expression: a
    // bracket closes nothing.
    for place in ["run", "toolComponent"] {
        let pointer = format!("/definitions/{place}/properties/language");
        let language = schema.pointer_mut(&pointer).unwrap();
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    jsonschema::validator_for(&schema).unwrap()
}

/// A folder with something of each kind: findings of all severities, a
/// syntax error, an archive, bytes of no known format.
fn mixed(bench: &Bench) {
    covert_tool(bench, "mixed");
    folder(
        bench,
        "mixed",
        &[
            ("broken.js", "function ( { https://api.broken-sample.dev"),
            ("lib/run.py", "import os\nos.system('ls')\n"),
            (
                "x/package.json",
                r#"{ "scripts": { "preinstall": "sh get.sh" } }"#,
            ),
        ],
    );
    let inner = assay_it::Zip::new()
        .file("a.js", "eval(process.argv[1])")
        .finish();
    bench.file("mixed/inner.zip", inner).unwrap();
    bench
        .file("mixed/blob.bin", [7u8, 0, 200, 3, 255, 0, 1].repeat(50))
        .unwrap();
}

#[test]
fn the_schema_in_the_repository_is_the_one_that_is_printed() {
    let folder = workspace().join("docs/schema");
    let bench = bench();
    assert_eq!(run_to(&bench, &["schema"], 0).stdout, dossier_schema());
    let mut named = Vec::new();
    for command in [
        "claims", "compare", "diff", "history", "observe", "supply", "verdict", "vet", "watch",
    ] {
        let printed = run_to(&bench, &["schema", command], 0).stdout;
        let name = format!("{command}-1.json");
        let kept = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert!(
            printed == kept,
            "write the output of 'assay schema {command}' to docs/schema/{name}"
        );
        named.push(name);
    }
    let entries = std::fs::read_dir(folder).unwrap();
    let mut there: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(there, named);
}

#[test]
fn json_holds_against_the_schema() {
    let bench = bench();
    let schema: Value = serde_json::from_str(&dossier_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let demo = run_to(&bench, &["demo", "--format", "json"], 0)
        .json()
        .unwrap();
    assert_valid(&validator, &demo);
    mixed(&bench);
    let dossier = vet(&bench, "mixed", &[]);
    assert!(list(&dossier, "/findings").len() > 5, "{dossier:#}");
    assert_valid(&validator, &dossier);
    assert_eq!(text(&dossier, "/schema"), "assay.vet/1");
    for pointer in ["/subject/purl", "/subject/sha256", "/subject/platform"] {
        assert!(!text(&dossier, pointer).is_empty(), "{pointer}");
    }
    // The schema is not one that everything holds against.
    let mut broken = demo;
    broken["findings"][0]["severity"] = json!("dreadful");
    assert!(!validator.is_valid(&broken));
}

#[test]
fn sarif_holds_against_the_official_schema() {
    let bench = bench();
    mixed(&bench);
    let validator = sarif_validator();
    let source = bench.path("mixed");
    let vetted = [
        "vet",
        source.to_str().unwrap(),
        "--offline",
        "--format",
        "sarif",
    ];
    for arguments in [&["demo", "--format", "sarif"][..], &vetted] {
        let log = run(&bench, arguments).json().unwrap();
        assert_valid(&validator, &log);
        assert_eq!(text(&log, "/version"), "2.1.0");
        let results = list(&log, "/runs/0/results");
        assert!(
            results
                .iter()
                .any(|result| text(result, "/ruleId") == "covert.channel")
        );
        for result in results {
            let index = result.get("ruleIndex").and_then(Value::as_u64).unwrap();
            let rule = text(&log, &format!("/runs/0/tool/driver/rules/{index}/id")).to_owned();
            assert_eq!(rule, text(result, "/ruleId"));
        }
    }
    let mut broken = run(&bench, &["demo", "--format", "sarif"]).json().unwrap();
    broken["runs"][0]["results"][0]["level"] = json!("dreadful");
    assert!(!validator.is_valid(&broken));
}

#[test]
fn markdown_has_the_findings_and_the_coverage() {
    let bench = bench();
    mixed(&bench);
    let source = bench.path("mixed");
    let arguments = [
        "vet",
        source.to_str().unwrap(),
        "--offline",
        "--format",
        "markdown",
    ];
    let report = run_to(&bench, &arguments, 1).stdout;
    for part in [
        "## Coverage",
        "## Findings",
        "covert.channel",
        "alpha.example",
        "broken.js",
    ] {
        assert!(report.contains(part), "{part} is not in {report}");
    }
    assert_inert(&report);
}

/// What a subject's worst finding is, and what has it.
fn of_severity(bench: &Bench, worst: Option<&str>) -> &'static str {
    match worst {
        Some("high") => {
            covert_tool(bench, "high");
            "high"
        }
        Some("medium") => {
            let manifest = r#"{ "name": "x", "scripts": { "postinstall": "node a.js" } }"#;
            folder(bench, "medium", &[("package.json", manifest)]);
            "medium"
        }
        Some(_) => {
            folder(
                bench,
                "low",
                &[("a.js", "new Function(process.argv[2])();")],
            );
            "low"
        }
        None => {
            folder(bench, "nothing", &[("a.txt", "no code at all")]);
            "nothing"
        }
    }
}

#[test]
fn the_exit_status_follows_fail_on() {
    let bench = bench();
    let ranks = ["low", "medium", "high", "critical"];
    for worst in [None, Some("low"), Some("medium"), Some("high")] {
        let name = of_severity(&bench, worst);
        let dossier = vet(&bench, name, &[]);
        let found = list(&dossier, "/findings")
            .first()
            .map(|finding| text(finding, "/severity"));
        assert_eq!(
            found.filter(|severity| *severity != "info"),
            worst,
            "{dossier:#}"
        );
        let rank = |severity| ranks.iter().position(|known| *known == severity);
        let source = bench.path(name);
        let vet = ["vet", source.to_str().unwrap(), "--offline"];
        for limit in ["never", "low", "medium", "high", "critical"] {
            let reached = rank(limit)
                .zip(worst.and_then(rank))
                .is_some_and(|(l, w)| w >= l);
            let arguments = [&vet[..], &["--fail-on", limit]].concat();
            let outcome = run_to(&bench, &arguments, i32::from(reached));
            assert!(!outcome.stdout.is_empty());
        }
        run_to(&bench, &vet, i32::from(worst == Some("high")));
    }
}

#[test]
fn what_cannot_be_done_exits_with_2_and_says_why() {
    let bench = bench();
    for (arguments, says) in [
        (&["vet", "no-such-thing"][..], "no-such-thing"),
        (&["vet", "cargo:x"], "cargo"),
        (&["vet", "npm:"], "npm:"),
        (&["vet", "npm:left-pad", "--offline"], "--offline"),
        (&["vet", "npm:left-pad", "--platform", "plan9"], "plan9"),
        (&["vet", ".", "--format", "yaml"], "yaml"),
        (&["vet", ".", "--fail-on", "always"], "always"),
        (&["vet"], "SOURCE"),
        (&["vet", ".", "--memory", "1"], "64.."),
        (&["vet", ".", "--max-ratio", "0"], "1.."),
        (&["vet", ".", "--node-time", "0"], "1.."),
        (&["vet", ".", "--project-npmrc", "nosuch"], "nosuch"),
        (&["frobnicate"], "frobnicate"),
        (&[], "Usage"),
    ] {
        let outcome = run_to(&bench, arguments, 2);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert!(
            outcome.stderr.contains(says),
            "{arguments:?}: {}",
            outcome.stderr
        );
    }
    assert_eq!(
        bench.everything().unwrap(),
        Vec::<std::path::PathBuf>::new()
    );
}

#[test]
fn the_usage_names_no_flag_whose_variable_is_set() {
    let bench = bench().with("ASSAY_CACHE_DIR", "elsewhere");
    for (command, usage) in [
        ("vet", "Usage: assay vet [OPTIONS] <SOURCE>\n"),
        (
            "reproduce",
            "Usage: assay reproduce [OPTIONS] <DOSSIER> <FINDING>\n",
        ),
    ] {
        let told = run_to(&bench, &[command], 2).stderr;
        assert!(told.contains(usage), "{told}");
    }
}

#[test]
fn standard_output_carries_the_result_alone() {
    let bench = bench();
    covert_tool(&bench, "tool");
    let source = bench.path("tool");
    let folder = bench.path("dossier");
    let arguments = [
        "vet",
        source.to_str().unwrap(),
        "--offline",
        "--output",
        folder.to_str().unwrap(),
    ];
    let json = run_to(&bench, &[&arguments[..], &["--format", "json"]].concat(), 1);
    assert_eq!(text(&json.json().unwrap(), "/schema"), "assay.vet/1");
    let plain = run_to(&bench, &arguments, 1);
    assert!(plain.stderr.contains("dossier written"), "{plain:?}");
    assert!(!plain.stdout.contains("dossier written"), "{plain:?}");
    assert!(plain.stdout.starts_with("tool"), "{plain:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bench = bench();
    let mut command = bench.command(&["explain"]).unwrap();
    command.stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_second_run_takes_the_kept_result_and_says_the_same() {
    let bench = bench();
    mixed(&bench);
    let first = vet(&bench, "mixed", &[]);
    assert_eq!(vet(&bench, "mixed", &[]), first);
    assert_eq!(vet(&bench, "mixed", &["--no-cache"]), first);
}

/// The demonstration's standard output on a terminal that `script` makes.
fn on_a_terminal(bench: &Bench, variables: &[(&str, &str)]) -> Option<String> {
    if !std::path::Path::new("/usr/bin/script").exists() {
        skipped("there is no /usr/bin/script to make a terminal");
        return None;
    }
    let program = assay_it::program().unwrap().to_str().unwrap();
    let mut command = std::process::Command::new("/usr/bin/script");
    bench.furnish(&mut command);
    command.args(["--quiet", "--return", "--command"]);
    command
        .arg(format!("'{program}' demo 2>/dev/null"))
        .arg("/dev/null");
    command
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color");
    command.envs(variables.iter().copied());
    let running = assay_it::Running::start(command).unwrap();
    let outcome = running.wait(std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(outcome.code(), Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("covert.channel"), "{outcome:?}");
    Some(outcome.stdout)
}

#[test]
fn colour_is_for_terminals_and_no_color_takes_it_away() {
    let bench = bench();
    if let Some(coloured) = on_a_terminal(&bench, &[]) {
        assert!(coloured.contains("\u{1b}["), "{coloured:?}");
    }
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        if let Some(plain) = on_a_terminal(&bench, &[variable]) {
            assert_inert(&plain.replace("\r\n", "\n"));
        }
    }
}
