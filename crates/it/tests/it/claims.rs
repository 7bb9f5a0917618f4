//! `assay claims` over the releases of a registry on loopback.

use assay_it::Bench;
use serde_json::{Value, json};

use crate::history::registry;
use crate::support::bench;

/// Claims about a tool that has a channel from 1.0.3 to 1.0.8.
const CASE: &str = r#"
schema = "assay.case/1"
title = "a small tool"

[[claim]]
id = "range"
says = "1.0.3 to 1.0.7 do it"
who = "press"
subject = "npm:small-tool"
from = "1.0.3"
to = "1.0.7"
within = ["1.0.0", "1.0.11"]
[claim.test]
kind = "behaviour"
behaviour = "covert.channel"

[[claim]]
id = "never"
says = "1.0.9 to 1.0.11 do it"
who = "press"
against = ["range"]
subject = "npm:small-tool"
from = "1.0.9"
to = "1.0.11"
within = ["1.0.0", "1.0.11"]
[claim.test]
kind = "behaviour"
behaviour = "covert.channel"

[[claim]]
id = "gone"
says = "1.0.10 does not"
who = "the vendor"
subject = "npm:small-tool"
version = "1.0.10"
[claim.test]
kind = "behaviour"
behaviour = "covert.channel"
is = false

[[claim]]
id = "host"
says = "it names a host"
who = "press"
subject = "npm:small-tool"
version = "1.0.4"
[claim.test]
kind = "name"
what = "host"
name = "example.com"

[[claim]]
id = "withdrawn"
says = "1.0.5 does it"
who = "press"
subject = "npm:small-tool"
version = "1.0.5"
[claim.test]
kind = "behaviour"
behaviour = "covert.channel"

[[claim]]
id = "notes"
says = "the notes tell of it"
who = "the vendor"
subject = "npm:small-tool"
version = "1.0.4"
[claim.test]
kind = "disclosed"
words = ["Time Zone"]
notes = "notes.md"

[[claim]]
id = "no-notes"
says = "the notes do not tell of it"
who = "press"
subject = "npm:small-tool"
version = "1.0.4"
[claim.test]
kind = "disclosed"
words = ["time zone"]
is = false

[[claim]]
id = "list"
says = "it holds a concealed list"
who = "press"
subject = "npm:small-tool"
version = "1.0.4"
[claim.test]
kind = "concealed"
entries = 3

[[claim]]
id = "sent"
says = "it is sent"
who = "press"
subject = "npm:small-tool"
version = "1.0.4"
[claim.test]
kind = "factor"
factors = { tz = "Asia/Tokyo" }

[[claim]]
id = "why"
says = "out of spite"
who = "press"
[claim.test]
kind = "untestable"
why = "motive"
"#;

fn checked(bench: &Bench, more: &[&str]) -> Value {
    bench.file("case.toml", CASE).unwrap();
    bench
        .file("notes.md", b"# Notes\n\n- the time zone is shown\n")
        .unwrap();
    let mut arguments = vec!["claims", "check", "case.toml", "--format", "json"];
    arguments.extend(more);
    let outcome = bench.run(&arguments).unwrap();
    assert_eq!(outcome.code(), Some(0), "{outcome:?}");
    outcome.json().unwrap()
}

#[test]
fn each_claim_ends_as_what_was_published_shows() {
    let registry = registry();
    let bench = bench().with("npm_config_registry", &registry.url());
    let found = checked(&bench, &[]);
    let claims = found["claims"].as_array().unwrap();
    let of = |id: &str| claims.iter().find(|claim| claim["id"] == id).unwrap();
    let outcomes: Vec<(&str, &str)> = claims
        .iter()
        .map(|claim| {
            (
                claim["id"].as_str().unwrap(),
                claim["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("range", "confirmed"),
            ("never", "refuted"),
            ("gone", "confirmed"),
            ("host", "confirmed"),
            ("withdrawn", "untestable"),
            ("notes", "confirmed"),
            ("no-notes", "untestable"),
            ("list", "refuted"),
            ("sent", "untestable"),
            ("why", "untestable"),
        ],
        "{found:#}"
    );
    // The wrong detail is told, and what nobody can read is not bridged.
    assert_eq!(
        of("range")["corrections"],
        json!(["the last version is 1.0.8, not 1.0.7"])
    );
    assert!(
        of("range")["reason"]
            .as_str()
            .unwrap()
            .contains("not known of 1.0.2, 1.0.5")
    );
    let evidence = of("range")["evidence"].as_array().unwrap();
    let finding = evidence
        .iter()
        .find(|one| !one["finding"].is_null())
        .unwrap();
    assert!(
        finding["finding"]
            .as_str()
            .unwrap()
            .starts_with("covert.channel-")
    );
    assert_eq!(
        of("notes")["evidence"][0]["says"],
        "line 3: the time zone is shown"
    );
    assert!(of("sent")["reason"].as_str().unwrap().contains("--observe"));
    assert!(
        of("why")["reason"]
            .as_str()
            .unwrap()
            .contains("to test it takes")
    );
    assert_eq!(of("never")["against"], json!(["range"]));

    // What was read is kept.
    let before = registry.requests().len();
    assert_eq!(checked(&bench, &["--offline"])["claims"], found["claims"]);
    assert_eq!(registry.requests().len(), before);
}

#[test]
fn a_case_is_started_and_one_that_is_wrong_is_named_with_its_line() {
    let bench = bench();
    let made = bench.run(&["claims", "new", "case.toml"]).unwrap();
    assert_eq!(made.code(), Some(0), "{made:?}");
    // What is there stays.
    let again = bench.run(&["claims", "new", "case.toml"]).unwrap();
    assert_eq!(again.code(), Some(2), "{again:?}");
    let empty = bench.run(&["claims", "check", "case.toml"]).unwrap();
    assert_eq!(empty.code(), Some(2));
    assert!(empty.stderr.contains("[[claim]]"), "{empty:?}");
    let wrong = CASE.replace("kind = \"name\"", "kind = \"rumour\"");
    bench.file("wrong.toml", &wrong).unwrap();
    let outcome = bench.run(&["claims", "check", "wrong.toml"]).unwrap();
    assert_eq!(outcome.code(), Some(2));
    let line = 1 + wrong
        .lines()
        .position(|line| line.contains("rumour"))
        .unwrap();
    assert!(
        outcome.stderr.contains(&format!("line {line}")),
        "{outcome:?}"
    );
    for nothing in ["none.toml", "."] {
        let outcome = bench.run(&["claims", "check", nothing]).unwrap();
        assert_eq!(outcome.code(), Some(2), "{outcome:?}");
    }
}

#[test]
fn release_notes_lie_beside_the_case() {
    let registry = registry();
    let bench = bench().with("npm_config_registry", &registry.url());
    bench
        .file("secret.md", "the time zone is a secret\n")
        .unwrap();
    let head = CASE.find("[[claim]]\nid = \"notes\"").unwrap();
    let rest = &CASE[head..];
    let one = &rest[..rest[1..].find("[[claim]]").unwrap()];
    let case = format!("schema = \"assay.case/1\"\ntitle = \"t\"\n{one}");
    for notes in ["../secret.md", "/proc/self/environ", "none.md"] {
        bench
            .file("case/case.toml", case.replace("notes.md", notes))
            .unwrap();
        let outcome = bench
            .run(&["claims", "check", "case/case.toml", "--format", "json"])
            .unwrap();
        let found: Value = outcome.json().unwrap();
        assert_eq!(found["claims"][0]["outcome"], "untestable", "{found:#}");
        assert!(!outcome.stdout.contains("a secret"), "{outcome:?}");
    }
}

#[test]
fn the_cases_in_the_repository_can_be_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases");
    let bench = bench();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let outcome = bench
            .run(&[
                "claims",
                "check",
                path.to_str().unwrap(),
                "--offline",
                "--format",
                "markdown",
            ])
            .unwrap();
        // Without the network what is about code cannot be told.
        assert_eq!(outcome.code(), Some(0), "{outcome:?}");
        assert!(
            outcome.stdout.contains("## Against each other"),
            "{outcome:?}"
        );
        assert!(outcome.stdout.contains("untestable"), "{outcome:?}");
        count += 1;
    }
    assert!(count > 0);
}
