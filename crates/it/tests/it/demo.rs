//! `assay demo`, the first minute of a new user.

use serde_json::json;

use crate::support::{assert_inert, bench, findings, list, run_to, text};

const DECODED: [&str; 4] = [
    "alpha.example",
    "beta.test",
    "gamma.internal",
    "delta.example",
];

#[test]
fn shows_the_covert_channel_with_its_decoded_list() {
    let bench = bench();
    let outcome = run_to(&bench, &["demo", "--format", "json"], 0);
    let dossier = outcome.json().unwrap();
    let found = findings(&dossier, "covert.channel");
    assert_eq!(found.len(), 1, "{dossier:#}");
    let evidence = list(found[0], "/evidence");
    let lists: Vec<_> = evidence.iter().filter_map(|e| e.get("decoded")).collect();
    assert_eq!(lists, [&json!(DECODED)], "{evidence:#?}");
    let roles = |path: &serde_json::Value| {
        list(path, "/path")
            .iter()
            .map(|step| text(step, "/role").to_owned())
            .collect::<Vec<_>>()
    };
    let whole = evidence
        .iter()
        .filter(|e| e.get("path").is_some())
        .map(roles);
    let needed = ["source", "condition", "list", "choice", "sink"];
    assert!(
        whole
            .clone()
            .any(|roles| needed.iter().all(|role| roles.iter().any(|r| r == role))),
        "{:?}",
        whole.collect::<Vec<_>>()
    );
}

#[test]
fn holds_its_processes_and_leaves_nothing_behind() {
    let bench = bench();
    let dossier = run_to(&bench, &["demo", "--format", "json"], 0)
        .json()
        .unwrap();
    assert!(list(&dossier, "/confinement").contains(&json!("system-call filter")));
    assert_eq!(
        bench.everything().unwrap(),
        Vec::<std::path::PathBuf>::new()
    );
}

#[test]
fn is_plain_text_where_there_is_no_terminal() {
    let bench = bench();
    let plain = run_to(&bench, &["demo"], 0);
    assert!(plain.stdout.contains("covert.channel"), "{}", plain.stdout);
    for host in DECODED {
        assert!(
            plain.stdout.contains(host),
            "{host} is not in {}",
            plain.stdout
        );
    }
    assert_inert(&plain.stdout);
    assert_inert(&plain.stderr);
    // What comes next is said, and not in the result.
    assert!(plain.stderr.contains("assay explain"), "{}", plain.stderr);
    assert!(!plain.stdout.contains("Next:"), "{}", plain.stdout);
}

#[test]
fn the_readme_shows_what_is_printed() {
    let bench = bench();
    let json = run_to(&bench, &["demo", "--format", "json"], 0);
    let platform = text(&json.json().unwrap(), "/subject/platform").to_owned();
    let printed = run_to(&bench, &["demo"], 0).stdout;
    let printed = printed.replacen(&platform, "linux-x64", 1);
    let readme = std::fs::read_to_string(assay_it::workspace().join("README.md")).unwrap();
    assert!(
        readme.contains(&format!("```\n{printed}```\n")),
        "write this into README.md:\n{printed}"
    );
}
