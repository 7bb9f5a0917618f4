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
