use assay_model::{Confidence, Severity};

use super::{Rules, RulesError};
use crate::raw::{Notes, Raw};

fn rules(text: &str) -> Rules {
    Rules::compile(&[("own.yar".to_owned(), text.to_owned())]).unwrap()
}

fn matched(rules: &Rules, bytes: &[u8], own: &[(u64, u64)]) -> Vec<Raw> {
    let mut notes = Notes::default();
    let get = || Some(rules.compiled().to_vec());
    super::scan(rules.digest(), get, bytes, own, &mut notes).unwrap();
    notes.into_raws()
}

const RULE: &str = "rule word : one two {\n  meta:\n    description = \"says the word\"\n    severity = \"high\"\n    confidence = \"medium\"\n    author = \"somebody\"\n  strings:\n    $a = \"needle\"\n    $b = { 00 ff 01 }\n  condition:\n    any of them\n}\n";

#[test]
fn a_match_is_told_with_its_places() {
    let bytes = b"hay needle hay\x00\xff\x01 needle";
    let raws = matched(&rules(RULE), bytes, &[(0, bytes.len() as u64)]);
    let [raw] = raws.as_slice() else {
        panic!("{raws:?}")
    };
    assert_eq!(raw.behaviour, "custom.rule");
    assert_eq!(raw.key, "own:word");
    assert_eq!(raw.title, "the rule word matches: says the word");
    assert_eq!(
        (raw.severity, raw.confidence),
        (Severity::High, Confidence::Medium)
    );
    assert_eq!(raw.count, 3);
    let places: Vec<(u64, u64)> = raw.places.iter().map(|p| (p.start, p.len)).collect();
    assert_eq!(places, [(4, 6), (18, 6), (14, 3)]);
    assert_eq!(raw.places[0].note, "$a; tags one, two; author: somebody");
    assert_eq!(raw.places[2].excerpt, "00ff01");
}

#[test]
fn what_lies_in_a_node_inside_is_found_there() {
    let bytes = b"hay needle hay";
    assert!(matched(&rules(RULE), bytes, &[(0, 4), (10, 14)]).is_empty());
    assert_eq!(matched(&rules(RULE), bytes, &[(0, 5)]).len(), 1);
    let size = rules("rule size { condition: filesize == 14 }");
    assert_eq!(matched(&size, bytes, &[]).len(), 1);
}

#[test]
fn modules_of_formats_and_sums() {
    let text = "import \"hash\"\nimport \"math\"\nrule sum { condition: hash.sha256(0, filesize) == \"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\" and math.entropy(0, filesize) < 3.0 }";
    assert_eq!(matched(&rules(text), b"foo", &[(0, 3)]).len(), 1);
    assert!(matched(&rules(text), b"fop", &[(0, 3)]).is_empty());
}

#[test]
fn wrong_rules_are_told_with_file_and_line() {
    let files = [
        ("good.yar".to_owned(), RULE.to_owned()),
        (
            "bad.yar".to_owned(),
            "rule a {\n  condition:\n    $missing\n}\n".to_owned(),
        ),
        ("worse.yar".to_owned(), "rule {".to_owned()),
    ];
    let Err(RulesError::Wrong(text)) = Rules::compile(&files) else {
        panic!("they compile")
    };
    assert!(text.contains("bad.yar:3:5"), "{text}");
    assert!(text.contains("worse.yar:1"), "{text}");
    let include = [("i.yar".to_owned(), "include \"good.yar\"".to_owned())];
    assert!(matches!(
        Rules::compile(&include),
        Err(RulesError::Wrong(_))
    ));
    let none = [("n.yar".to_owned(), "// nothing\n".to_owned())];
    assert_eq!(Rules::compile(&none), Err(RulesError::Empty));
}

#[test]
fn two_files_may_name_a_rule_alike() {
    let files = [
        ("a.yar".to_owned(), RULE.to_owned()),
        ("sub/b.yar".to_owned(), RULE.to_owned()),
    ];
    let rules = Rules::compile(&files).unwrap();
    assert_eq!(rules.count(), 2);
    let raws = matched(&rules, b"needle", &[(0, 6)]);
    let keys: Vec<&str> = raws.iter().map(|raw| raw.key.as_str()).collect();
    assert_eq!(keys, ["a:word", "sub/b:word"]);
}
