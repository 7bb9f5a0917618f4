//! Decoders that only evaluation undoes, through the real processes.

use serde_json::json;

use crate::support::{bench, findings, list, run_to, text};

/// Hosts under a key of three bytes, with the decoder.
const DECODER: &str = "const key = [7, 91, 23];\nfunction open(hex) {\n  let out = '';\n  for (let i = 0; i < hex.length; i += 2) out += String.fromCharCode(parseInt(hex.slice(i, i + 2), 16) ^ key[(i / 2) % 3]);\n  return out;\n}\nexport const known = (host) => open('@').split(',').includes(host);\n";

fn hidden(plain: &str) -> String {
    plain
        .bytes()
        .zip([7u8, 91, 23].iter().cycle())
        .map(|(byte, key)| format!("{:02x}", byte ^ key))
        .collect()
}

fn decoder() -> String {
    DECODER.replace(
        '@',
        &hidden("alpha.example,beta.example,mirror.corp.test,gate.corp.test"),
    )
}

#[test]
fn a_list_that_is_evaluated_is_found_and_reproduced() {
    let bench = bench();
    bench.file("tool/index.js", decoder()).unwrap();
    let arguments = [
        "vet",
        "./tool",
        "--offline",
        "--output",
        "dossier",
        "--format",
        "json",
    ];
    let dossier = run_to(&bench, &arguments, 0).json().unwrap();
    let found = findings(&dossier, "conceal.encoded-list");
    assert_eq!(found.len(), 1, "{dossier:#}");
    let evidence = &list(found[0], "/evidence")[0];
    assert_eq!(
        evidence["decoded"],
        json!([
            "alpha.example",
            "beta.example",
            "mirror.corp.test",
            "gate.corp.test"
        ])
    );
    assert!(text(evidence, "/note").starts_with("evaluated, from the "));
    let id = text(found[0], "/id").to_owned();
    let again = [
        "reproduce",
        "dossier",
        &id,
        "--artifact",
        "./tool",
        "--offline",
        "--format",
        "json",
    ];
    let reproduced = run_to(&bench, &again, 0).json().unwrap();
    assert_eq!(reproduced["same"], json!(true), "{reproduced:#}");
}

/// What takes long in one step is ended with its process; what takes many
/// steps ends by their number. Both are in the coverage, and what is beside
/// them is found.
#[test]
fn an_endless_decoder_is_in_the_coverage() {
    let bench = bench();
    let endless = format!(
        "{}export const never = ((t) => {{ for (;;) t.charCodeAt(0) }})('9f8e7d6c5b4a39281706f5e4d3c2b1a0');\nexport const deep = ((t) => {{ const f = (x) => f(x + t.charCodeAt(0)); return f(t) }})('0f8e7d6c5b4a39281706f5e4d3c2b1a0');\n",
        decoder()
    );
    bench.file("tool/index.js", endless).unwrap();
    let dossier = run_to(
        &bench,
        &["vet", "./tool", "--offline", "--format", "json"],
        0,
    )
    .json()
    .unwrap();
    assert_eq!(findings(&dossier, "conceal.encoded-list").len(), 1);
    let entry = list(&dossier, "/coverage/entries")
        .iter()
        .find(|entry| text(entry, "/node").ends_with("index.js"))
        .unwrap();
    let detail = text(entry, "/detail");
    assert!(detail.contains("the limit on steps"), "{detail}");
    assert!(detail.contains("the limit on nesting"), "{detail}");
}
