//! `--output`: a dossier folder, whole or not at all.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use assay_it::{Bench, Outcome, Running};

use crate::samples::covert_tool;
use crate::support::{bench, folder, run_to, skipped};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn write_to(bench: &Bench, output: &Path, code: i32) -> Outcome {
    let source = bench.path("tool");
    let (source, output) = (source.to_str().unwrap(), output.to_str().unwrap());
    let mut arguments = vec!["vet", source, "--offline", "--format", "json"];
    arguments.extend(["--fail-on", "never", "--output", output]);
    run_to(bench, &arguments, code)
}

fn with_tool() -> Bench {
    let bench = bench();
    covert_tool(&bench, "tool");
    bench
}

/// Refused: the status, the message, no result, and nothing else changed.
fn assert_refused(bench: &Bench, output: &Path, says: &str) {
    let before = bench.everything().unwrap();
    let outcome = write_to(bench, output, 2);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains(says), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains(&output.display().to_string()),
        "{}",
        outcome.stderr
    );
    assert_eq!(bench.everything().unwrap(), before);
}

#[test]
fn is_written_whole() {
    let bench = with_tool();
    let output = bench.path("new/parents/dossier");
    let outcome = write_to(&bench, &output, 0);
    assert_eq!(
        names(&output),
        ["dossier.json", "report.md", "results.sarif"]
    );
    assert_eq!(
        std::fs::read_to_string(output.join("dossier.json")).unwrap(),
        outcome.stdout
    );
    let report = std::fs::read_to_string(output.join("report.md")).unwrap();
    assert!(report.contains("covert.channel"));
    let sarif = std::fs::read(output.join("results.sarif")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&sarif).unwrap();
    assert_eq!(names(output.parent().unwrap()), ["dossier"]);
}

#[test]
fn can_be_named_relative_to_the_current_folder() {
    let bench = with_tool();
    let outcome = write_to(&bench, Path::new("dossier"), 0);
    let written = std::fs::read_to_string(bench.path("dossier/dossier.json")).unwrap();
    assert_eq!(written, outcome.stdout);
    assert_eq!(names(&bench.path("")), ["dossier", "tool"]);
}

#[test]
fn an_older_dossier_is_replaced() {
    let bench = with_tool();
    let output = bench.path("dossier");
    write_to(&bench, &output, 0);
    folder(
        &bench,
        "tool",
        &[("more.js", "fetch('https://api.more-of-it.dev/')")],
    );
    let outcome = write_to(&bench, &output, 0);
    assert!(outcome.stdout.contains("api.more-of-it.dev"));
    assert_eq!(
        std::fs::read_to_string(output.join("dossier.json")).unwrap(),
        outcome.stdout
    );
    assert_eq!(names(&bench.path("")), ["dossier", "tool"]);
}

#[test]
fn what_is_no_dossier_is_not_replaced() {
    let bench = with_tool();
    let kept = bench.file("mine/letter.txt", "dear").unwrap();
    assert_refused(&bench, &bench.path("mine"), "no dossier");
    assert_eq!(std::fs::read(kept).unwrap(), b"dear");

    let file = bench.file("file", "dear").unwrap();
    assert_refused(&bench, &file, "no dossier");
    assert_eq!(std::fs::read(file).unwrap(), b"dear");

    let output = bench.path("dossier");
    write_to(&bench, &output, 0);
    let beside = bench.file("dossier/notes.txt", "mine").unwrap();
    assert_refused(&bench, &output, "no dossier");
    assert_eq!(std::fs::read(beside).unwrap(), b"mine");
}

#[test]
fn a_dossier_of_another_subject_is_replaced_only_when_asked() {
    let bench = with_tool();
    let output = bench.path("dossier");
    std::fs::create_dir(&output).unwrap();
    write_to(&bench, &output, 0);
    folder(&bench, "tool2", &[("a.js", "run()")]);
    let source = bench.path("tool2");
    let (source, folder) = (source.to_str().unwrap(), output.to_str().unwrap());
    let vet = ["vet", source, "--offline", "--output", folder];
    let refused = run_to(&bench, &vet, 2);
    for part in ["pkg:generic/tool;", "--replace", folder] {
        assert!(refused.stderr.contains(part), "{refused:?}");
    }
    run_to(&bench, &[&vet[..], &["--replace"]].concat(), 0);
    let written = std::fs::read_to_string(output.join("dossier.json")).unwrap();
    assert!(written.contains("pkg:generic/tool2"), "{written}");
}

#[test]
fn a_link_is_not_followed() {
    let bench = with_tool();
    let output = bench.path("dossier");
    write_to(&bench, &output, 0);
    std::os::unix::fs::symlink(&output, bench.path("link")).unwrap();
    std::os::unix::fs::symlink(bench.path("nowhere"), bench.path("dangling")).unwrap();
    assert_refused(&bench, &bench.path("link"), "no dossier");
    assert_refused(&bench, &bench.path("dangling"), "no dossier");
}

#[test]
fn nothing_is_left_when_the_parent_is_a_file() {
    let bench = with_tool();
    bench.file("file", "dear").unwrap();
    assert_refused(&bench, &bench.path("file/dossier"), "cannot be written");
    assert_refused(
        &bench,
        &bench.path("file/deeper/dossier"),
        "cannot be written",
    );
}

#[test]
fn nothing_is_written_when_the_vetting_fails() {
    let bench = bench();
    let output = bench.path("dossier");
    let output = output.to_str().unwrap();
    run_to(
        &bench,
        &["vet", "npm:not-cached", "--offline", "--output", output],
        2,
    );
    assert_eq!(bench.everything().unwrap(), Vec::<PathBuf>::new());
}

/// Runs a script in which `$1` is a file system of that size, mounted where
/// only the script sees it. None where that is not possible.
fn on_a_small_disk(bench: &Bench, size: &str, script: &str) -> Option<Outcome> {
    let disk = bench.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mut command = Command::new("unshare");
    bench.furnish(&mut command);
    let mount = format!("mount -t tmpfs -o size={size} tmpfs \"$1\" || exit 77; {script}");
    command.args(["--mount", "sh", "-c", &mount, "sh"]);
    command
        .arg(&disk)
        .arg(assay_it::program().unwrap())
        .arg(bench.path("tool"));
    let possible = Command::new("unshare")
        .args(["--mount", "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let outcome = possible.then(|| {
        Running::start(command)
            .unwrap()
            .wait(Duration::from_secs(60))
            .unwrap()
    });
    let outcome = outcome.filter(|outcome| outcome.code() != Some(77));
    if outcome.is_none() {
        skipped("no file system can be mounted here, so no disk is full");
    }
    outcome
}

#[test]
fn nothing_is_left_on_a_full_disk() {
    let bench = with_tool();
    let script = r#""$2" vet "$3" --offline --output "$1/dossier"; status=$?
        test -z "$(ls -A "$1")" || { ls -lA "$1" >&2; exit 78; }; exit $status"#;
    if let Some(outcome) = on_a_small_disk(&bench, "16k", script) {
        assert_eq!(outcome.code(), Some(2), "{outcome:?}");
        assert_eq!(outcome.stdout, "");
        assert!(
            outcome.stderr.contains("No space left"),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome.stderr.contains("nothing was left"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn an_older_dossier_survives_a_full_disk() {
    let bench = with_tool();
    // Room for one dossier, not for a second one beside it.
    let script = r#""$2" vet "$3" --offline --fail-on never --output "$1/dossier" || exit 79
        before=$(cat "$1"/dossier/* | cksum)
        while head -c 4096 /dev/zero >> "$1/filler"; do :; done 2>/dev/null
        "$2" vet "$3" --offline --output "$1/dossier"; status=$?
        test "$before" = "$(cat "$1"/dossier/* | cksum)" || exit 78; exit $status"#;
    if let Some(outcome) = on_a_small_disk(&bench, "256k", script) {
        assert_eq!(outcome.code(), Some(2), "{outcome:?}");
    }
}

#[test]
fn a_full_cache_is_named_with_what_to_do() {
    let bench = with_tool();
    bench
        .file("tool/big.txt", "words and words and words\n".repeat(4000))
        .unwrap();
    let script = r#"exec "$2" vet "$3" --offline --cache-dir "$1/cache""#;
    if let Some(outcome) = on_a_small_disk(&bench, "32k", script) {
        assert_eq!(outcome.code(), Some(2), "{outcome:?}");
        assert!(
            outcome.stderr.contains("no space is left"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains("--cache-dir"), "{}", outcome.stderr);
    }
}
