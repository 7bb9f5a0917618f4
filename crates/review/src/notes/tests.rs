use assay_model::{Change, Confidence, Disclosed, Finding, FindingChange, Layer, Party, Severity};

use super::{Notes, full, is_bare_version, is_notes, version_of};

fn finding(behaviour: &str, key: &str) -> Finding {
    Finding {
        id: format!("{behaviour}-{key}"),
        behaviour: behaviour.to_owned(),
        severity: Severity::Low,
        confidence: Confidence::High,
        layer: Layer::Client,
        party: Party::First,
        packages: Vec::new(),
        title: String::new(),
        key: key.to_owned(),
        occurrences: 1,
        evidence: Vec::new(),
        demonstrated: None,
    }
}

fn new(behaviour: &str, key: &str) -> FindingChange {
    FindingChange {
        change: Change::New,
        finding: finding(behaviour, key),
        before: None,
        details: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        disclosure: None,
    }
}

/// What notes say of something new from 1.0.0 to 1.2.0.
fn states(notes: &str, behaviour: &str, key: &str) -> (Disclosed, u64, String) {
    let mut changes = [new(behaviour, key)];
    let notes = Notes::read("CHANGELOG.md", notes).unwrap();
    notes.hold(
        &mut changes,
        &[],
        "@small/tool",
        "npm",
        (Some("1.0.0"), Some("1.2.0")),
    );
    let disclosure = changes[0].disclosure.clone().unwrap();
    let line = disclosure.line;
    (
        disclosure.state,
        line.as_ref().map_or(0, |line| line.number),
        line.map(|line| line.by).unwrap_or_default(),
    )
}

const NOTES: &str = "\
# Changelog

## [Unreleased]
- TOOL_LATER is read

## [1.2.0] - 2026-02-01
### Added
- `TOOL_ALPHA` sets the number of tries.
- Reports of errors go to errors.alpha.example
### Removed
- TOOL_BETA, in favour of TOOL_GAMMA
- The flag for the time zone

## 1.1.0
* You can now disable background tasks.
* We no longer collect the hostname.

## 1.0.0
- TOOL_OLD, telemetry and much else
";

#[test]
fn what_is_new_is_held_against_the_lines_of_its_versions() {
    let [told, not, denied] = [
        Disclosed::Disclosed,
        Disclosed::Undisclosed,
        Disclosed::Contradicted,
    ];
    for (behaviour, key, state, line) in [
        ("reach.environment", "TOOL_ALPHA", told, 8),
        ("egress.endpoint", "errors.alpha.example", told, 9),
        ("egress.endpoint", "alpha.example", not, 0),
        ("egress.endpoint", "x.errors.alpha.example", not, 0),
        ("reach.environment", "TOOL_BETA", denied, 11),
        ("reach.environment", "TOOL_GAMMA", told, 11),
        ("reach.environment", "TOOL", not, 0),
        ("reach.environment", "TOOL_LATER", not, 0),
        ("reach.environment", "TOOL_OLD", not, 0),
        (
            "reach.environment",
            "TOOL_DISABLE_BACKGROUND_TASKS",
            told,
            15,
        ),
        ("egress.telemetry", "errors.alpha.example", told, 9),
        ("fingerprint.hostname", "hostname", denied, 16),
        ("egress.telemetry", "t.example.net", not, 0),
        ("covert.channel", "time zone", not, 0),
    ] {
        let (found, at, by) = states(NOTES, behaviour, key);
        assert_eq!((found, at), (state, line), "{behaviour} {key}: {by}");
        assert_eq!(by.is_empty(), state == not);
    }
}

#[test]
fn notes_that_say_something_is_gone_are_held_against_what_is_there() {
    let notes = Notes::read("CHANGELOG.md", NOTES).unwrap();
    let now = [
        finding("reach.environment", "TOOL_BETA"),
        finding("reach.environment", "TOOL_GAMMA"),
        finding("reach.environment", "TOOL_ALPHA"),
    ];
    let held = notes.hold(&mut [], &now, "tool", "npm", (Some("1.0.0"), Some("1.2.0")));
    assert_eq!(held.sections, ["1.2.0", "1.1.0"]);
    let keys: Vec<&str> = held
        .still_there
        .iter()
        .map(|one| one.key.as_str())
        .collect();
    assert_eq!(keys, ["TOOL_BETA"]);
}

#[test]
fn headings_are_read_in_their_forms() {
    for (heading, version) in [
        ("[1.2.3] - 2026-01-02", Some("1.2.3")),
        ("v1.2.3", Some("1.2.3")),
        ("Version 1.2.3 (March 4, 2026)", Some("1.2.3")),
        ("@small/tool@1.2.3-rc.1", Some("1.2.3-rc.1")),
        ("small-tool-v1.2.3", Some("1.2.3")),
        ("rust-v0.3.0", Some("0.3.0")),
        ("1.2", Some("1.2")),
        ("Features", None),
        ("Support for 64 bits", None),
        ("2026-01-02", None),
    ] {
        let found = version_of(heading).map(|(written, _)| written);
        assert_eq!(found.as_deref(), version, "{heading}");
    }
    assert!(is_bare_version("**1.2.3** (Jan 4, 2026)"));
    assert!(is_bare_version("v1.2.3 / 2026-01-04"));
    assert!(!is_bare_version("1.2.3 was the last one with it"));
    assert_eq!(full("1.2"), "1.2.0");
    assert_eq!(full("1-rc.1"), "1.0.0-rc.1");
    assert_eq!(full("1.2.3.4"), "1.2.3.4");
}

#[test]
fn other_forms_of_notes_are_read() {
    let underlined = "Changes\n=======\n\n1.2.0 (2026-02-01)\n------------------\n- TOOL_ALPHA\n\n1.0.0\n-----\n- TOOL_OLD\n";
    let bare = "1.2.0 / 2026-02-01\n  * TOOL_ALPHA\n\n1.0.0 / 2026-01-01\n  * TOOL_OLD\n";
    let releases = r#"[{"tag_name":"v1.2.0","name":"Two","body":"- TOOL_ALPHA"},{"tag_name":"v1.0.0","body":"- TOOL_OLD"},{"tag_name":"v0.9.0","body":null}]"#;
    let one = r#"{"tag_name":"v1.2.0","body":"- TOOL_ALPHA"}"#;
    for notes in [underlined, bare, releases, one] {
        let found = states(notes, "reach.environment", "TOOL_ALPHA");
        assert_eq!(found.0, Disclosed::Disclosed, "{notes}");
        let found = states(notes, "reach.environment", "TOOL_OLD");
        assert_eq!(found.0, Disclosed::Undisclosed, "{notes}");
    }
    // Nothing is divided: all of it counts.
    let found = states("TOOL_OLD is read.\n", "reach.environment", "TOOL_OLD");
    assert_eq!(found.0, Disclosed::Disclosed);
    // Nothing in the range: nothing is told.
    let found = states(
        "## 3.0.0\n- TOOL_ALPHA\n",
        "reach.environment",
        "TOOL_ALPHA",
    );
    assert_eq!(found.0, Disclosed::Undisclosed);
    for unusable in [
        "",
        "[",
        "{\"message\": \"Not Found\"}",
        "[{\"tag_name\":\"v1.2.0\",\"body\":\"- A",
        "## \n",
        "\u{0}\u{1b}[31mabc",
        "12 34\n",
    ] {
        assert!(Notes::read("n", unusable).is_none(), "{unusable}");
    }
    let long = "# 9999999999999999999999.1.1\n- a";
    let _ = states(long, "reach.environment", "TOOL_ALPHA");
}

#[test]
fn what_is_said_to_be_gone_is_told_by_its_clause() {
    use assay_model::Disclosed as Is;
    let state = |line: &str, key: &str| {
        let notes = format!("## 1.2.0\n- Other things\n- {line}\n");
        states(&notes, "reach.environment", key).0
    };
    for line in [
        "We removed TOOL_X",
        "We've removed TOOL_X.",
        "TOOL_X has been removed",
        "TOOL_X is gone",
        "**Breaking:** drop TOOL_X",
        "Revert \"Add TOOL_X\"",
        "Removed TOOL_Y, TOOL_X and TOOL_Z",
        "we will never, under any circumstances, send TOOL_X",
        "TOOL_X is not yet sent",
    ] {
        assert_eq!(state(line, "TOOL_X"), Is::Contradicted, "{line}");
    }
    for line in [
        "Removed dependency on got, TOOL_X added",
        "Removed TOOL_Y in favour of TOOL_X",
        "Fixed a bug by which TOOL_X was dropped",
        "TOOL_X names the host.",
        "“TOOL_X” and `TOOL_Z`",
    ] {
        assert_eq!(state(line, "TOOL_X"), Is::Disclosed, "{line}");
    }
    for line in [
        "TOOL_X_LEVEL is read",
        "TOOL_X\u{301} is read",
        "<!-- TOOL_X -->",
        "[a](https://a.example \"TOOL_X\")",
    ] {
        assert_eq!(state(line, "TOOL_X"), Is::Undisclosed, "{line}");
    }
    assert_eq!(
        state("dropped support for the CI variable", "CI"),
        Is::Contradicted
    );
}

#[test]
fn files_with_release_notes_are_known_by_name() {
    for (path, is) in [
        ("package/CHANGELOG.md", true),
        ("package/docs/release-notes.md", true),
        ("HISTORY.rst", true),
        ("tool-1.0/NEWS", true),
        ("package/history.js", false),
        ("package/news.html", false),
        ("package/my-changelog.md", false),
    ] {
        assert_eq!(is_notes(path), is, "{path}");
    }
}
