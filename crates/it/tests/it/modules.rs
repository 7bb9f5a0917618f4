//! What flows from one file of a package to another.

use serde_json::Value;

use crate::support::{assert_gap, bench, findings, folder, gaps, ids, list, run_to, text, vet};

const PLACE: &str =
    "export const place = () => Intl.DateTimeFormat().resolvedOptions().timeZone;\n";
const CHOICE: &str = "import { place } from '../place.js';\nimport zones from './zones.json';\nexport default function mark() {\n  return zones.includes(place()) ? '\\u2019' : \"'\";\n}\n";
const ZONES: &str = "[\"Asia/Shanghai\", \"Asia/Urumqi\"]\n";
const SAY: &str = "import mark from './text/choice.js';\nexport const prompt = () => `Please don${mark()}t change what is there.`;\n";

const FILES: &[(&str, &str)] = &[
    ("lib/say.js", SAY),
    ("lib/text/choice.js", CHOICE),
    ("lib/text/zones.json", ZONES),
    ("lib/place.js", PLACE),
];

/// The text of a step's range in its own file, and that file.
fn said<'v>(evidence: &'v Value, step: &'v Value) -> (&'v str, &'v str) {
    let node = step.get("node").unwrap_or(&evidence["node"]);
    let node = node.as_str().unwrap();
    let (_, source) = FILES
        .iter()
        .find(|(name, _)| node.ends_with(name))
        .unwrap_or_else(|| panic!("no file {node}"));
    let start = usize::try_from(step.pointer("/span/start").unwrap().as_u64().unwrap()).unwrap();
    let len = usize::try_from(step.pointer("/span/len").unwrap().as_u64().unwrap()).unwrap();
    (node, &source[start..start + len])
}

#[test]
fn a_channel_through_several_files_is_found_and_reproduced() {
    let bench = bench();
    folder(&bench, "tool", FILES);
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
    let channels = findings(&dossier, "covert.channel");
    assert_eq!(channels.len(), 1, "{channels:?}");
    let evidence = &list(channels[0], "/evidence")[0];
    assert!(text(evidence, "/node").ends_with("lib/say.js"));
    assert_eq!(evidence["line"], 2);
    let step = |role: &str| {
        let steps = list(evidence, "/path");
        let step = steps.iter().find(|step| step["role"] == role);
        said(
            evidence,
            step.unwrap_or_else(|| panic!("no {role}: {steps:?}")),
        )
    };
    let (node, source) = step("source");
    assert!(node.ends_with("lib/place.js"), "{node}");
    assert!(source.starts_with("Intl.DateTimeFormat()"), "{source}");
    let (node, choice) = step("choice");
    assert!(node.ends_with("lib/text/choice.js"), "{node}");
    assert!(choice.contains("'\\u2019' : \"'\""), "{choice}");
    let (node, sink) = step("sink");
    assert!(node.ends_with("lib/say.js"), "{node}");
    assert!(sink.starts_with("`Please don"), "{sink}");
    let report = std::fs::read_to_string(bench.path("dossier/report.md")).unwrap();
    assert!(report.contains("lib/place.js"), "{report}");

    let id = ids(&dossier, "covert.channel")[0];
    let arguments = [
        "reproduce",
        "dossier",
        id,
        "--artifact",
        "./tool",
        "--offline",
    ];
    run_to(&bench, &arguments, 0);
}

#[test]
fn the_same_files_without_the_choice_show_no_channel() {
    let bench = bench();
    let plain = CHOICE.replace("'\\u2019'", "\"'\"");
    let mut files = FILES.to_vec();
    files[1].1 = &plain;
    folder(&bench, "tool", &files);
    let dossier = vet(&bench, "./tool", &[]);
    assert_eq!(findings(&dossier, "covert.channel").len(), 0);
    assert_eq!(gaps(&dossier), Vec::<String>::new());
}

#[test]
fn what_is_too_large_to_be_joined_is_told() {
    let bench = bench();
    let large = format!("{PLACE}/*{}*/\n", " ".repeat(600 << 10));
    let mut files = FILES.to_vec();
    files[3].1 = &large;
    folder(&bench, "tool", &files);
    let dossier = vet(&bench, "./tool", &[]);
    assert_eq!(findings(&dossier, "covert.channel").len(), 0);
    assert_gap(&dossier, "lib", "limit", "flows between modules");
}

#[test]
fn a_channel_through_several_python_files_is_found() {
    let bench = bench();
    let files = [
        ("pkg/__init__.py", ""),
        ("pkg/text/__init__.py", ""),
        (
            "pkg/place.py",
            "import time\n\ndef place():\n    return time.tzname[0]\n",
        ),
        (
            "pkg/text/say.py",
            "from ..place import place\nimport pkg.marks\n\ndef prompt():\n    mark = pkg.marks.choose(place() == 'CST')\n    return f'Please don{mark}t change what is there.'\n",
        ),
        (
            "pkg/marks.py",
            "def choose(other):\n    return '\\u2019' if other else \"'\"\n",
        ),
    ];
    folder(&bench, "tool", &files);
    let dossier = vet(&bench, "./tool", &[]);
    let channels = findings(&dossier, "covert.channel");
    assert_eq!(channels.len(), 1, "{channels:?}");
    let evidence = &list(channels[0], "/evidence")[0];
    assert!(text(evidence, "/node").ends_with("pkg/text/say.py"));
    let nodes: Vec<&str> = list(evidence, "/path")
        .iter()
        .map(|step| text(step, "/node"))
        .collect();
    for wanted in ["pkg/place.py", "pkg/marks.py"] {
        assert!(nodes.iter().any(|node| node.ends_with(wanted)), "{nodes:?}");
    }
}
