//! Words that the tests share. They unwrap: a test that cannot be set up
//! fails.

use assay_it::{Bench, Outcome};
use serde_json::Value;

pub(crate) fn bench() -> Bench {
    Bench::new().unwrap()
}

/// Runs `assay`, which must not crash.
pub(crate) fn run(bench: &Bench, arguments: &[&str]) -> Outcome {
    let outcome = bench.run(arguments).unwrap();
    assert!(
        matches!(outcome.code(), Some(0..=3)),
        "{arguments:?} ended as no command should: {outcome:?}"
    );
    assert!(
        !outcome.stderr.contains("panicked"),
        "{arguments:?}: {outcome:?}"
    );
    outcome
}

/// Runs `assay` and expects this exit status.
pub(crate) fn run_to(bench: &Bench, arguments: &[&str], code: i32) -> Outcome {
    let outcome = run(bench, arguments);
    assert_eq!(outcome.code(), Some(code), "{arguments:?}: {outcome:?}");
    outcome
}

/// Vets a file or folder of the bench and gives the dossier.
pub(crate) fn vet(bench: &Bench, source: &str, more: &[&str]) -> Value {
    let source = bench.path(source);
    let mut arguments = vec!["vet", source.to_str().unwrap(), "--offline"];
    arguments.extend(["--format", "json", "--fail-on", "never"]);
    arguments.extend(more);
    run_to(bench, &arguments, 0).json().unwrap()
}

/// Says what is not tested here, and why; not kept back by the test runner.
pub(crate) fn skipped(why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// A folder of files.
pub(crate) fn folder(bench: &Bench, name: &str, files: &[(&str, &str)]) {
    for (path, text) in files {
        bench.file(&format!("{name}/{path}"), text).unwrap();
    }
}

pub(crate) fn list<'v>(value: &'v Value, pointer: &str) -> &'v Vec<Value> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .unwrap_or_else(|| panic!("no list at {pointer} in {value:#}"))
}

pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The findings of one behaviour.
pub(crate) fn findings<'v>(dossier: &'v Value, behaviour: &str) -> Vec<&'v Value> {
    list(dossier, "/findings")
        .iter()
        .filter(|finding| text(finding, "/behaviour") == behaviour)
        .collect()
}

/// The ids of one behaviour's findings.
pub(crate) fn ids<'v>(dossier: &'v Value, behaviour: &str) -> Vec<&'v str> {
    findings(dossier, behaviour)
        .iter()
        .map(|finding| text(finding, "/id"))
        .collect()
}

/// Whether a host is among the endpoints.
pub(crate) fn names_host(dossier: &Value, host: &str) -> bool {
    findings(dossier, "egress.endpoint")
        .iter()
        .any(|finding| text(finding, "/key") == host)
}

/// The entries of the coverage for one node.
pub(crate) fn covered<'v>(dossier: &'v Value, node: &str) -> Vec<&'v Value> {
    list(dossier, "/coverage/entries")
        .iter()
        .filter(|entry| text(entry, "/node") == node)
        .collect()
}

/// The gaps of the coverage, as `node: gap: detail`.
pub(crate) fn gaps(dossier: &Value) -> Vec<String> {
    list(dossier, "/coverage/entries")
        .iter()
        .filter(|entry| entry.get("gap").is_some())
        .map(|entry| {
            let of = |pointer| text(entry, pointer);
            format!("{}: {}: {}", of("/node"), of("/gap"), of("/detail"))
        })
        .collect()
}

/// One gap of that kind whose node and detail hold these texts.
pub(crate) fn assert_gap(dossier: &Value, node: &str, gap: &str, detail: &str) {
    let all = gaps(dossier);
    let known = list(dossier, "/coverage/entries").iter().any(|entry| {
        text(entry, "/node").contains(node)
            && text(entry, "/gap") == gap
            && text(entry, "/detail").contains(detail)
    });
    assert!(
        known,
        "no gap '{gap}' of '{node}' with '{detail}' in {all:#?}"
    );
}

/// No character that would act on a terminal or reorder text.
pub(crate) fn assert_inert(output: &str) {
    let wrong = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(*c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
    };
    if let Some((at, c)) = output.char_indices().find(|(_, c)| wrong(c)) {
        let before: String = output[..at].chars().rev().take(80).collect();
        let before: String = before.chars().rev().collect();
        panic!("{c:?} reached the output after {before:?}");
    }
}
