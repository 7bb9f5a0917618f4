use super::*;

fn check_purl(kind: &str, name: &str, version: Option<&str>, expected: &str) {
    let purl = Purl::new(kind, name, version);
    assert_eq!(purl.to_string(), expected);
    assert_eq!(expected.parse::<Purl>().unwrap(), purl);
}

#[test]
fn purls_round_trip() {
    check_purl("npm", "left-pad", Some("1.3.0"), "pkg:npm/left-pad@1.3.0");
    check_purl(
        "npm",
        "@a/b",
        Some("1.0.0-rc.1+x"),
        "pkg:npm/%40a/b@1.0.0-rc.1%2Bx",
    );
    check_purl("npm", "@a/b", None, "pkg:npm/%40a/b");
    check_purl("pypi", "x-y", Some("2"), "pkg:pypi/x-y@2");
    check_purl("generic", "a b/c", None, "pkg:generic/a%20b%2Fc");
}

#[test]
fn broken_purls_name_the_reason() {
    for text in ["", "npm/x", "pkg:npm", "pkg:/x", "pkg:npm/", "pkg:npm/%4"] {
        assert!(text.parse::<Purl>().is_err(), "{text}");
    }
}

#[test]
fn digests_round_trip() {
    let text = "00ff".repeat(16);
    assert_eq!(text.parse::<Sha256>().unwrap().to_string(), text);
    assert!("xyz".parse::<Sha256>().is_err());
    assert!("é".repeat(32).parse::<Sha256>().is_err());
}

#[test]
fn coverage_totals_and_order() {
    let entry = |node: &str, bytes, reading, gap| CoverageEntry {
        node: node.into(),
        kind: "x".into(),
        bytes,
        reading,
        unparsed: 0,
        gap,
        detail: String::new(),
    };
    let mut coverage = Coverage::default();
    coverage.add(entry("a", 10, Reading::Parsed, None));
    coverage.add(entry("b", 5, Reading::Unread, Some(Gap::Bytecode)));
    coverage.add(entry("c", 50, Reading::Unread, Some(Gap::UnknownFormat)));
    coverage.sort();
    assert_eq!(coverage.total_bytes(), 65);
    let order: Vec<_> = coverage.entries.iter().map(|e| e.node.as_str()).collect();
    assert_eq!(order, ["c", "b", "a"]);
}

#[test]
fn what_was_not_parsed_of_a_node_is_counted_as_text() {
    let entry = |reading, bytes, unparsed, gap| CoverageEntry {
        node: "x".into(),
        kind: "x".into(),
        bytes,
        reading,
        unparsed,
        gap,
        detail: String::new(),
    };
    let mut coverage = Coverage::default();
    coverage.add(entry(Reading::Parsed, 100, 30, Some(Gap::Syntax)));
    coverage.add(entry(Reading::Lexical, 100, 80, Some(Gap::Syntax)));
    coverage.add(entry(Reading::Strings, 7, 0, Some(Gap::MachineCode)));
    // A remark on a node, and a file without bytes.
    coverage.add(entry(Reading::Parsed, 0, 0, Some(Gap::Limit)));
    coverage.add(entry(Reading::Data, 0, 0, None));
    let total = |total: crate::CoverageTotal| (total.nodes, total.bytes);
    assert_eq!(total(coverage.parsed), (1, 90));
    assert_eq!(total(coverage.lexical), (1, 110));
    assert_eq!(total(coverage.strings), (1, 7));
    assert_eq!(total(coverage.data), (1, 0));
    assert_eq!(coverage.total_bytes(), 207);
}

#[test]
fn a_coverage_of_before_is_still_read() {
    let total = r#"{ "nodes": 1, "bytes": 2 }"#;
    let before = format!(
        r#"{{ "parsed": {total}, "lexical": {total}, "container": {total}, "data": {total},
             "unread": {total}, "entries": [{{ "node": "a", "kind": "elf", "bytes": 2,
             "reading": "lexical", "gap": "machine-code" }}] }}"#
    );
    let coverage: Coverage = serde_json::from_str(&before).unwrap();
    assert_eq!(coverage.strings.bytes, 0);
    assert_eq!(coverage.entries[0].unparsed, 0);
}

#[test]
fn versions_are_numbers_that_sort_or_none() {
    use crate::version_number;
    for (version, number) in [
        ("2.1.91", Some((2_000_001_000_091, false))),
        ("v2.1.91", Some((2_000_001_000_091, false))),
        ("2.1.91-beta.1", Some((2_000_001_000_091, true))),
        ("2.1.91+build.7", Some((2_000_001_000_091, false))),
        ("1.0.post1", Some((1_000_000_000_000, false))),
        ("2.0.0-postfix", Some((2_000_000_000_000, true))),
        ("1.0rc1", Some((1_000_000_000_000, true))),
        ("2024.10.22", Some((2_024_000_010_000_022, false))),
        ("1.2.3.0", Some((1_000_002_000_003, false))),
        ("1.2.3.4", None),
        ("1!2.0", None),
        ("1.1000000.0", None),
        ("9999999.0.0", None),
        ("latest", None),
        ("", None),
    ] {
        assert_eq!(version_number(version), number, "{version}");
    }
}
