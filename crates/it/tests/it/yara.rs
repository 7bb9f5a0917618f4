//! `--yara`: rules of the user, in the confined processes.

use assay_it::{Bench, Zip};
use serde_json::Value;

use crate::support::{bench, findings, folder, ids, list, run_to, text, vet};

const RULES: &str = "\
rule internal_host : names {
  meta:
    description = \"names a host of our own\"
    severity = \"high\"
    reference = \"ticket 7\"
  strings:
    $host = /[a-z]{2,20}\\.corp\\.example/
  condition:
    $host
}
rule never { strings: $a = \"no such words anywhere\" condition: $a }
";

/// A tool with an archive inside, and rules beside it.
fn tool() -> Bench {
    let bench = bench();
    folder(
        &bench,
        "tool",
        &[(
            "cli.js",
            "// one line\nfetch('https://mirror.corp.example/');\n",
        )],
    );
    let zip = Zip::new()
        .file("notes.txt", "ask gate.corp.example\n")
        .finish();
    bench.file("tool/inner.zip", zip).unwrap();
    bench.file("rules/own.yar", RULES).unwrap();
    bench
}

fn key_and_nodes(finding: &Value) -> (&str, Vec<&str>) {
    let mut nodes: Vec<&str> = list(finding, "/evidence")
        .iter()
        .map(|evidence| text(evidence, "/node"))
        .collect();
    nodes.sort_unstable();
    (text(finding, "/key"), nodes)
}

#[test]
fn a_rule_is_matched_with_every_node_where_its_bytes_are() {
    let bench = tool();
    let rules = bench.path("rules");
    let dossier = vet(&bench, "tool", &["--yara", rules.to_str().unwrap()]);
    let found = findings(&dossier, "custom.rule");
    assert_eq!(found.len(), 1, "{found:#?}");
    // The archive stores its entry as it is; the entry alone has the match.
    let (key, nodes) = key_and_nodes(found[0]);
    assert_eq!(key, "own:internal_host");
    assert_eq!(nodes, ["cli.js", "inner.zip!notes.txt"]);
    assert_eq!(text(found[0], "/severity"), "high");
    assert_eq!(
        text(found[0], "/title"),
        "the rule internal_host matches: names a host of our own"
    );
    let evidence = &list(found[0], "/evidence")[0];
    assert_eq!(text(evidence, "/excerpt"), "mirror.corp.example");
    assert_eq!(evidence.pointer("/line"), Some(&Value::from(2)));
    assert_eq!(
        text(evidence, "/note"),
        "$host; tags names; reference: ticket 7"
    );
    // Without rules there is no such finding, earlier results or not.
    let without = vet(&bench, "tool", &[]);
    assert!(findings(&without, "custom.rule").is_empty());
}

#[test]
fn a_rule_counts_for_the_exit_status_and_is_reproduced_with_the_same_rules() {
    let bench = tool();
    let arguments = [
        "vet",
        "./tool",
        "--offline",
        "--yara",
        "rules/own.yar",
        "--output",
        "dossier",
        "--format",
        "json",
    ];
    let dossier = run_to(&bench, &arguments, 1).json().unwrap();
    let id = ids(&dossier, "custom.rule")[0].to_owned();
    let again = [
        "reproduce",
        "dossier",
        &id,
        "--artifact",
        "./tool",
        "--offline",
    ];
    let same = [&again[..], &["--yara", "rules/own.yar"]].concat();
    run_to(&bench, &same, 0);
    let refused = run_to(&bench, &again, 2);
    assert!(refused.stderr.contains("--yara"), "{refused:?}");
    let other = RULES.replace("{2,20}\\.corp", "{2,20}\\.else");
    bench.file("rules/own.yar", other).unwrap();
    run_to(&bench, &same, 1);
}

#[test]
fn wrong_rules_are_refused_before_anything_is_read() {
    let bench = tool();
    bench
        .file("rules/bad.yar", "rule a {\n  condition:\n    $missing\n}\n")
        .unwrap();
    for (path, said) in [
        ("rules", "bad.yar:3:5"),
        ("rules/none.yar", "none.yar cannot be read"),
        ("tool", "no file that ends in .yar"),
    ] {
        let outcome = run_to(&bench, &["vet", "./tool", "--offline", "--yara", path], 2);
        assert!(outcome.stderr.contains(said), "{outcome:?}");
        assert!(outcome.stdout.is_empty());
    }
}

#[test]
fn a_word_that_is_no_severity_is_told() {
    let bench = tool();
    let rules = RULES.replace("\"high\"", "\"hihg\"");
    bench.file("rules/own.yar", rules).unwrap();
    let vet = ["vet", "./tool", "--offline", "--yara", "rules"];
    let told = run_to(&bench, &vet, 0).stderr;
    let says = "the rule internal_host has the severity 'hihg', which is none of";
    assert!(told.contains(says), "{told}");
    assert!(told.contains("it counts as medium"), "{told}");
}
