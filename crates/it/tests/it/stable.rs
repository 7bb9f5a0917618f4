//! A finding's id is the same when the thing is, whatever a minifier called
//! its parts.

use serde_json::Value;

use crate::samples::{COVERT, COVERT_MINIFIED, COVERT_RENAMED};
use crate::support::{bench, folder, ids, vet};

const COMPARED: [&str; 5] = [
    "covert.channel",
    "conceal.encoded-list",
    "conceal.look-alike",
    "egress.endpoint",
    "fingerprint.base-url",
];

fn vetted(version: &str, file: &str, code: &str) -> Value {
    let bench = bench();
    let manifest = format!(r#"{{ "name": "sample-tool", "version": "{version}" }}"#);
    folder(&bench, "tool", &[("package.json", &manifest), (file, code)]);
    vet(&bench, "tool", &[])
}

#[test]
fn names_given_anew_do_not_change_it() {
    let first = vetted("1.0.0", "cli.js", COVERT);
    for behaviour in COMPARED {
        assert_eq!(ids(&first, behaviour).len(), 1, "{behaviour}: {first:#}");
    }
    for (version, file, code) in [
        ("1.0.1", "dist/cli.js", COVERT_MINIFIED),
        ("1.1.0", "bundle-4f2a.mjs", COVERT_RENAMED),
    ] {
        let other = vetted(version, file, code);
        for behaviour in COMPARED {
            assert_eq!(
                ids(&other, behaviour),
                ids(&first, behaviour),
                "{behaviour} in {version}"
            );
        }
    }
}

#[test]
fn another_list_or_host_changes_it() {
    let first = vetted("1.0.0", "cli.js", COVERT);
    let elsewhere = COVERT.replace("api.sample-tool.dev", "api.other-tool.dev");
    let other = vetted("1.0.0", "cli.js", &elsewhere);
    assert_ne!(
        ids(&other, "egress.endpoint"),
        ids(&first, "egress.endpoint")
    );
    // `omega.example` in place of `delta.example`.
    let shorter = COVERT.replace("T05HX0oFTlNKRltHTg==", "REZOTEoFTlNKRltHTg==");
    assert_ne!(shorter, COVERT);
    let other = vetted("1.0.0", "cli.js", &shorter);
    assert_eq!(ids(&other, "conceal.encoded-list").len(), 1);
    assert_ne!(
        ids(&other, "conceal.encoded-list"),
        ids(&first, "conceal.encoded-list")
    );
}
