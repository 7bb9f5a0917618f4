//! `assay reproduce`: a finding again, with nothing of the dossier run.

use assay_it::{Bench, Outcome, Registry, Response};
use serde_json::{Value, json};

use crate::samples::covert_tool;
use crate::support::{assert_inert, bench, findings, ids, list, run, run_to, text};

struct Case {
    bench: Bench,
    dossier: Value,
}

impl Case {
    /// A vetted folder, with its dossier.
    fn new() -> Self {
        Self::on(bench())
    }

    fn on(bench: Bench) -> Self {
        covert_tool(&bench, "tool");
        bench
            .file(
                "tool/package.json",
                r#"{ "scripts": { "install": "node cli.js" } }"#,
            )
            .unwrap();
        let arguments = [
            "vet",
            "./tool",
            "--offline",
            "--output",
            "dossier",
            "--format",
            "json",
        ];
        let dossier = run_to(&bench, &arguments, 1).json().unwrap();
        Self { bench, dossier }
    }

    fn covert(&self) -> String {
        ids(&self.dossier, "covert.channel")[0].to_owned()
    }

    /// Puts another dossier in place of the one that was written.
    fn rewrite(&self, edit: impl FnOnce(&mut Value)) {
        let mut dossier = self.dossier.clone();
        edit(&mut dossier);
        self.bench
            .file("dossier/dossier.json", format!("{dossier:#}"))
            .unwrap();
    }

    fn run(&self, id: &str, code: i32) -> Outcome {
        run_to(&self.bench, &self.arguments(id), code)
    }

    fn arguments<'a>(&self, id: &'a str) -> Vec<&'a str> {
        vec![
            "reproduce",
            "dossier",
            id,
            "--artifact",
            "./tool",
            "--offline",
        ]
    }

    fn json(&self, id: &str, code: i32) -> Value {
        let arguments = [&self.arguments(id)[..], &["--format", "json"]].concat();
        run_to(&self.bench, &arguments, code).json().unwrap()
    }
}

fn finding<'v>(dossier: &'v mut Value, behaviour: &str) -> &'v mut Value {
    let findings = dossier["findings"].as_array_mut().unwrap();
    findings
        .iter_mut()
        .find(|finding| text(finding, "/behaviour") == behaviour)
        .unwrap()
}

#[test]
fn every_finding_of_a_folder_is_the_same_again() {
    let case = Case::new();
    for found in list(&case.dossier, "/findings") {
        let id = text(found, "/id");
        let outcome = case.run(id, 0);
        assert!(outcome.stdout.starts_with("same"), "{outcome:?}");
    }
    let value = case.json(&case.covert(), 0);
    assert_eq!(text(&value, "/schema"), "assay.reproduce/1");
    assert_eq!(value["same"], json!(true));
    assert_eq!(
        value["finding"],
        *findings(&case.dossier, "covert.channel")[0]
    );
}

#[test]
fn reproduce_takes_the_flags_of_every_report() {
    let case = Case::new();
    let id = case.covert();
    let more = |extra: &[&str], code| {
        let arguments = [&case.arguments(&id)[..], extra].concat();
        run_to(&case.bench, &arguments, code)
    };
    let sarif = more(&["--format", "sarif", "--output", "again"], 0);
    let results = sarif.json().unwrap();
    assert_eq!(list(&results, "/runs/0/results").len(), 1);
    let kept = std::fs::read_to_string(case.bench.path("again/dossier.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(ids(&kept, "covert.channel"), [id.as_str()]);
    assert_eq!(list(&kept, "/findings").len(), 1);
    assert!(more(&["--format", "markdown"], 0).stdout.contains(&id));
    // A difference counts from the severity that is asked for.
    case.rewrite(|dossier| finding(dossier, "covert.channel")["title"] = json!("another"));
    more(&[], 1);
    more(&["--fail-on", "high"], 1);
    more(&["--fail-on", "critical"], 0);
    more(&["--fail-on", "never"], 0);
}

#[test]
fn an_archive_file_is_the_same_again() {
    let bench = bench();
    let archive = assay_it::Zip::new()
        .file("cli.js", crate::samples::COVERT)
        .finish();
    bench.file("tool.zip", archive).unwrap();
    let arguments = [
        "vet",
        "./tool.zip",
        "--offline",
        "--output",
        "dossier",
        "--format",
        "json",
    ];
    let dossier = run_to(&bench, &arguments, 1).json().unwrap();
    let id = ids(&dossier, "covert.channel")[0];
    run_to(
        &bench,
        &[
            "reproduce",
            "dossier",
            id,
            "--artifact",
            "./tool.zip",
            "--offline",
        ],
        0,
    );
    // Where it lay, and what it was called, does not matter.
    std::fs::rename(bench.path("tool.zip"), bench.path("other.bin")).unwrap();
    run_to(
        &bench,
        &[
            "reproduce",
            "dossier",
            id,
            "--artifact",
            "./other.bin",
            "--offline",
        ],
        0,
    );
    // A file is not kept in the cache, so without it there is nothing to read.
    let outcome = run_to(&bench, &["reproduce", "dossier", id, "--offline"], 2);
    for part in ["tool.zip", "--artifact FILE"] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}

#[test]
fn another_artifact_is_not_examined() {
    let case = Case::new();
    let path = case.bench.path("tool/cli.js");
    let changed = std::fs::read_to_string(&path)
        .unwrap()
        .replace("short", "Short");
    std::fs::write(path, changed).unwrap();
    let outcome = case.run(&case.covert(), 2);
    assert_eq!(outcome.stdout, "");
    let sha256 = text(&case.dossier, "/subject/sha256");
    for part in ["not examined: the artifact is another one", sha256] {
        assert!(outcome.stderr.contains(part), "{outcome:?}");
    }
    let value = case.json(&case.covert(), 2);
    assert_eq!(
        (&value["examined"], &value["same"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(text(&value, "/differences/0/dossier"), sha256);
    let now = text(&value, "/differences/0/now");
    assert!(outcome.stderr.contains(now) && now != sha256, "{outcome:?}");
}

/// What is edited, as it is named in the differences, and the edit.
type Edit = (&'static str, fn(&mut Value));

#[test]
fn an_edited_finding_is_different() {
    let case = Case::new();
    let id = case.covert();
    let edits: [Edit; 10] = [
        ("title", |finding| finding["title"] = json!("is harmless")),
        ("severity", |finding| finding["severity"] = json!("info")),
        ("key", |finding| finding["key"] = json!("another")),
        ("behaviour", |finding| {
            finding["behaviour"] = json!("egress.endpoint")
        }),
        ("evidence", |finding| {
            finding["evidence"][0]["span"]["start"] = json!(1)
        }),
        ("evidence", |finding| {
            for evidence in finding["evidence"].as_array_mut().unwrap() {
                if let Some(decoded) = evidence.get_mut("decoded") {
                    decoded[0] = json!("innocent.example");
                }
            }
        }),
        ("evidence", |finding| {
            finding["evidence"][0]["path"].as_array_mut().unwrap().pop();
        }),
        ("evidence", |finding| {
            finding["evidence"][0]["path"][0]["excerpt"] = json!("process.env.LANG");
        }),
        ("evidence", |finding| {
            finding["evidence"][0]["excerpt"] = json!("nothing")
        }),
        ("confidence", |finding| finding["confidence"] = json!("low")),
    ];
    for (number, (what, edit)) in edits.into_iter().enumerate() {
        case.rewrite(|dossier| edit(finding(dossier, "covert.channel")));
        let arguments = [&case.arguments(&id)[..], &["--format", "json"]].concat();
        let outcome = run(&case.bench, &arguments);
        assert_eq!(
            outcome.code(),
            Some(1),
            "edit {number} of {what} was not seen"
        );
        let value = outcome.json().unwrap();
        let differences = list(&value, "/differences");
        assert!(
            differences
                .iter()
                .any(|d| text(d, "/what").starts_with(what)),
            "{what}: {differences:#?}"
        );
    }
}

#[test]
fn a_finding_that_is_not_there_is_different() {
    let case = Case::new();
    case.rewrite(|dossier| {
        finding(dossier, "covert.channel")["id"] = json!("covert.channel-000000000000");
    });
    let outcome = case.run("covert.channel-000000000000", 1);
    let first = "no longer found  covert.channel-000000000000\n";
    assert!(outcome.stdout.starts_with(first), "{outcome:?}");
    let near = format!("near it: {}", case.covert());
    assert!(outcome.stdout.contains(&near), "{outcome:?}");
    let value = case.json("covert.channel-000000000000", 1);
    assert_eq!(value["examined"], json!(true));
    assert_eq!(text(&value, "/near/0/id"), case.covert());
}

#[test]
fn a_unique_beginning_of_an_id_will_do() {
    let case = Case::new();
    assert!(case.run("covert", 0).stdout.contains(&case.covert()));
    let several = case.run("c", 2).stderr;
    assert!(several.contains("begins"), "{several}");
    assert!(several.contains(&case.covert()), "{several}");
    let unknown = case.run("covert.channel-ffff", 2);
    assert!(
        unknown.stderr.contains("no finding 'covert.channel-ffff'"),
        "{unknown:?}"
    );
    let empty = case.run("", 2);
    assert!(!empty.stderr.is_empty());
}

#[test]
fn what_is_no_dossier_is_refused_by_name() {
    let case = Case::new();
    let whole = case.dossier.to_string();
    for (content, says) in [
        ("", "dossier.json"),
        ("{", "dossier.json"),
        (&whole[..whole.len() / 2], "dossier.json"),
        ("[1,2]", "dossier.json"),
        (&"[".repeat(200_000), "dossier.json"),
        (&whole.replace("assay.vet/1", "assay.vet/9"), "assay.vet/9"),
        (
            &whole.replace("\"sha256\":\"", "\"sha256\":\"../../"),
            "dossier.json",
        ),
    ] {
        case.bench.file("dossier/dossier.json", content).unwrap();
        let outcome = case.run("covert", 2);
        assert!(outcome.stderr.contains(says), "{}", outcome.stderr);
        assert_eq!(outcome.stdout, "");
    }
    let missing = run_to(&case.bench, &["reproduce", "nowhere", "covert"], 2);
    assert!(missing.stderr.contains("nowhere"), "{missing:?}");
}

#[test]
fn a_dossier_without_evidence_or_hash_is_refused() {
    let case = Case::new();
    case.rewrite(|dossier| finding(dossier, "covert.channel")["evidence"] = json!([]));
    assert!(case.run("covert", 2).stderr.contains("no evidence"));
    case.rewrite(|dossier| dossier["subject"]["artifacts"] = json!([]));
    assert!(case.run("covert", 2).stderr.contains("no hash"));
}

#[test]
fn hostile_strings_of_a_dossier_are_not_followed() {
    // A registry that would serve whatever a dossier asks for.
    let registry = Registry::start(|_| |_: &assay_it::Request| Response::status(404)).unwrap();
    let case = Case::on(bench().with("npm_config_registry", &registry.url()));
    let trap = case.bench.path("trap");
    let command = format!(
        "$(touch {0}); `touch {0}` && touch {0} | sh",
        trap.display()
    );
    let id = format!("{}\u{1b}[2J\u{202e}", case.covert());
    case.rewrite(|dossier| {
        dossier["source"] = json!(format!("/bin/sh -c '{command}'"));
        let finding = finding(dossier, "covert.channel");
        finding["id"] = json!(id);
        finding["title"] = json!(format!("\u{1b}]0;gone\u{7}\u{202e}{command}"));
        for evidence in finding["evidence"].as_array_mut().unwrap() {
            evidence["node"] = json!(format!("../../../../{}", trap.display()));
            evidence["excerpt"] = json!(format!("\u{1b}[31m{command}"));
            evidence["note"] = json!(command);
            evidence["decoding"] = json!([command, format!("sh -c {command}")]);
        }
    });
    let before = case.bench.everything().unwrap();
    let found = case.run(&id, 1);
    assert_inert(&found.stdout);
    assert_inert(&found.stderr);
    let unknown = case.run("x\u{1b}[31m\u{202e}", 2);
    assert_inert(&unknown.stderr);
    assert_eq!(case.bench.everything().unwrap(), before);
    assert!(!trap.exists());
    assert_eq!(registry.requests(), []);
}

#[test]
fn names_of_artifacts_in_a_dossier_are_no_paths() {
    let case = Case::new();
    let secret = case.bench.file("secret.zip", b"PK\x05\x06").unwrap();
    for purl in [
        format!(
            "pkg:generic/{}",
            secret.display().to_string().replace('/', "%2F")
        ),
        "pkg:generic/..%2F..%2Fetc%2Fpasswd@1".to_owned(),
        "pkg:npm/..%2F..%2Fx@1.0.0".to_owned(),
        "pkg:npm/%40a%2F..%2Fb/c@1.0.0".to_owned(),
        "pkg:npm/x@..%2F..%2Fetc".to_owned(),
        "pkg:pypi/x@%2Fetc%2Fpasswd".to_owned(),
    ] {
        case.rewrite(|dossier| {
            let other = json!("00".repeat(32));
            dossier["subject"]["artifacts"][0]["purl"] = json!(purl);
            dossier["subject"]["artifacts"][0]["sha256"] = other;
            for evidence in finding(dossier, "covert.channel")["evidence"]
                .as_array_mut()
                .unwrap()
            {
                evidence["artifact"] = json!(purl);
            }
        });
        let outcome = run(
            &case.bench,
            &["reproduce", "dossier", "covert", "--offline"],
        );
        assert_eq!(outcome.code(), Some(2), "{purl}: {outcome:?}");
        assert_eq!(outcome.stdout, "");
    }
    assert_eq!(
        case.bench
            .everything()
            .unwrap()
            .iter()
            .filter(|path| path.ends_with("secret.zip"))
            .count(),
        1
    );
}

/// A pipe would be waited for, and a device has no end.
#[cfg(unix)]
#[test]
fn a_dossier_is_a_file() {
    let bench = bench();
    let pipe = bench.path("dossier.json");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for (path, what) in [(".", "a pipe"), ("/dev/zero", "a device")] {
        let outcome = run_to(&bench, &["reproduce", path, "x"], 2);
        assert!(outcome.stderr.contains(what), "{outcome:?}");
    }
}
