//! What a file or folder says of itself in the manifest at its root.

use assay_it::{Tar, Zip, gzip};
use serde_json::Value;

use crate::support::{bench, folder, list, text, vet};

/// The dependencies that are listed as not read.
fn not_read(dossier: &Value) -> Vec<&str> {
    let entries = list(dossier, "/coverage/entries").iter();
    entries
        .filter(|entry| text(entry, "/gap") == "not-fetched" && text(entry, "/kind") == "package")
        .inspect(|entry| {
            let held = text(entry, "/node") == "c@1";
            let said = if held {
                "says it holds itself, and does not"
            } else {
                "vet it by its name"
            };
            assert!(text(entry, "/detail").contains(said), "{entry}");
        })
        .map(|entry| text(entry, "/node"))
        .collect()
}

const MANIFEST: &str = r#"{ "name": "@ours/tool", "version": "1.2.3",
    "dependencies": { "a": "^1", "b": "git+https://b.example/b.git", "c": "1", "d": "1" },
    "optionalDependencies": { "e": "2" }, "devDependencies": { "f": "3" },
    "bundleDependencies": ["c"] }"#;

#[test]
fn dependencies_of_a_folder_and_a_tarball_are_listed_as_not_read() {
    let bench = bench();
    let files = [
        ("package.json", MANIFEST),
        ("cli.js", "run()"),
        ("node_modules/d/package.json", "{}"),
        ("lib/package.json", r#"{ "dependencies": { "g": "1" } }"#),
    ];
    folder(&bench, "tool", &files);
    let tar = files.iter().fold(Tar::new(), |tar, (path, text)| {
        tar.file(&format!("package/{path}"), text)
    });
    bench
        .file("tool.tgz", gzip(&tar.finish()).unwrap())
        .unwrap();
    for source in ["tool", "tool.tgz"] {
        for more in [&[][..], &["--deps", "all"]] {
            // The second time it is a result that was kept.
            let dossier = vet(&bench, source, more);
            let expected = [
                "b@git+https://b.example/b.git",
                "c@1",
                "npm:a@^1",
                "npm:e@2",
            ];
            assert_eq!(not_read(&dossier), expected, "{source}");
        }
    }
}

#[test]
fn requirements_of_a_wheel_are_listed_as_not_read() {
    let metadata = "Metadata-Version: 2.1\nName: Our_Tool\nVersion: 1.2\nRequires-Dist: dep>=1\n\
                    Requires-Dist: opt; extra == \"x\"\n\nRequires-Dist: no\n";
    let wheel = Zip::new()
        .file("our_tool/__init__.py", "run()")
        .file("our_tool-1.2.dist-info/METADATA", metadata)
        .finish();
    let bench = bench();
    bench.file("our_tool-1.2-py3-none-any.whl", wheel).unwrap();
    let dossier = vet(&bench, "our_tool-1.2-py3-none-any.whl", &[]);
    assert_eq!(not_read(&dossier), ["pypi:dep>=1"]);
}

#[test]
fn a_file_that_is_no_package_declares_nothing() {
    let bench = bench();
    bench.file("package.json", MANIFEST).unwrap();
    let inner = Tar::new().file("package/package.json", MANIFEST).finish();
    let outer = Tar::new().file("inner.tgz", gzip(&inner).unwrap()).finish();
    bench.file("outer.tgz", gzip(&outer).unwrap()).unwrap();
    for source in ["package.json", "outer.tgz"] {
        assert_eq!(not_read(&vet(&bench, source, &[])), [""; 0], "{source}");
    }
}
