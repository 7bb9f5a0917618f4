use assay_model::{Party, Severity};

use super::*;

/// A module with texts that are in no other package of the index, made of
/// what the index itself knows.
fn told(text: &str, subject: &str) -> Vec<(Party, Option<String>, &'static str)> {
    attribute_source("bundle.js", text, None, subject)
        .unwrap()
        .into_iter()
        .map(|part| (part.party, part.package, part.by))
        .collect()
}

/// The party of the part that holds a word.
fn party_of(text: &str, subject: &str, word: &str) -> (Party, Option<String>, &'static str) {
    let at = u32::try_from(text.find(word).unwrap()).unwrap();
    let parts = attribute_source("bundle.js", text, None, subject).unwrap();
    let part = parts
        .into_iter()
        .find(|part| part.start <= at && at < part.end)
        .unwrap();
    (part.party, part.package, part.by)
}

#[test]
fn comments_with_paths() {
    let text = "// node_modules/alpha/lib/index.js\nvar a = fetchIt('one');\nvar b = 2;\n\
                // packages/core/src/main.ts\nfunction main() { return a; }\nmain();\n";
    assert_eq!(
        told(text, "tool"),
        [
            (Party::Third, Some("alpha".to_owned()), "label"),
            (Party::First, None, "label"),
        ]
    );
}

#[test]
fn keys_of_wrapped_modules() {
    let text = "var w = (c, m) => () => (m || (0, c[Object.keys(c)[0]])((m = {exports: {}}).exports, m), m.exports);\n\
                var x = w({\"node_modules/@s/alpha/a.js\"(e, m) { m.exports = 'first'; }});\n\
                var y = w({\"node_modules/beta/a.js\"(e, m) { m.exports = 'second'; }});\n\
                var z = w({\"src/own.js\"(e, m) { m.exports = 'third' + x() + y(); }});\n";
    let of = |word| party_of(text, "tool", word);
    assert_eq!(of("'first'").1.as_deref(), Some("@s/alpha"));
    assert_eq!(of("'second'").1.as_deref(), Some("beta"));
    assert_eq!(of("'third'").0, Party::Unknown);
}

#[test]
fn modules_of_webpack() {
    let text = "(() => { var m = {\n\
        \"./node_modules/alpha/i.js\": (module) => { module.exports = 'first'; },\n\
        \"./node_modules/beta/i.js\": (module) => { module.exports = 'second'; },\n\
        \"./src/own.js\": (module, e, r) => { r('./node_modules/beta/i.js'); module.exports = 'third'; }\n\
        }; m['./src/own.js'](); })();";
    let of = |word| party_of(text, "tool", word);
    assert_eq!(of("'first'").1.as_deref(), Some("alpha"));
    assert_eq!(of("'second'").1.as_deref(), Some("beta"));
    assert_ne!(of("'third'").0, Party::Third);
}

#[test]
fn licence_comments_name_what_they_stand_in() {
    let text = "var L = (f) => () => f && (f = f(f = 0));\n\
                var a = L(() => { /*! @s/alpha v1.2.3 2025-01-01 */ one('a') });\n\
                var b = L(() => { two('b') });\nvar c = L(() => { b(); three('c') });\n";
    let of = |word| party_of(text, "tool", word);
    assert_eq!(of("one(").1.as_deref(), Some("@s/alpha"));
    assert_eq!(of("two(").0, Party::Unknown);
}

#[test]
fn packages_of_the_same_owner_are_first_party() {
    let text = "// node_modules/@owner/lib/a.js\nvar a = 1;\n// node_modules/@other/lib/a.js\nvar b = 2;\n";
    let of = |word| party_of(text, "@owner/tool", word);
    assert_eq!(
        of("var a"),
        (Party::First, Some("@owner/lib".to_owned()), "label")
    );
    assert_eq!(of("var b").0, Party::Third);
}

#[test]
fn a_package_is_no_library_of_its_own() {
    let text = "/*! left v1.2.3 */\nmodule.exports = (a) => a;\n";
    let (party, package, _) = party_of(text, "left", "module");
    assert_eq!((party, package.as_deref()), (Party::First, Some("left")));
    assert_eq!(party_of(text, "right", "module").0, Party::Third);
}

#[test]
fn what_refers_to_own_code_is_own() {
    let filler = "x".repeat(3000);
    let text = format!(
        "var config='~/.mighty-hammer/settings.json';function load(){{return read(config)}}\
         function start(){{return load()}}function apart(){{return '{filler}'}}start();"
    );
    let of = |word| party_of(&text, "@s/mighty-hammer", word);
    assert_eq!(of("var config").2, "own-name");
    assert_eq!(of("function load"), (Party::First, None, "references"));
    assert_eq!(of("function start"), (Party::First, None, "references"));
    assert_eq!(of("function apart").0, Party::Unknown);
}

#[test]
fn source_maps_tell() {
    // Columns 0 to 12 from a package, the rest from the tool's own file.
    let text = "alpha('one');\nown('two');\n";
    let map = br#"{"version":3,"sources":["../node_modules/alpha/a.js","../src/main.ts"],
        "names":[],"mappings":"AAAA;ACAA"}"#;
    let parts = attribute_source("bundle.js", text, Some(map), "tool").unwrap();
    let of: Vec<_> = parts
        .iter()
        .map(|p| (p.party, p.package.as_deref(), p.by))
        .collect();
    assert_eq!(
        of,
        [
            (Party::Third, Some("alpha"), "source-map"),
            (Party::First, None, "source-map"),
        ]
    );
}

#[test]
fn paths_of_files() {
    let check = |path: &str, party: Party, package: Option<&str>| {
        let kind = if path.contains("bin") { "elf" } else { "text" };
        let parties = whole(path, kind, &[b' '; 100], "tool");
        let part = &parties.parts[0];
        assert_eq!(
            (part.party, parties.package(part).as_deref()),
            (party, package),
            "{path}"
        );
    };
    check(
        "package/node_modules/alpha/a.js",
        Party::Third,
        Some("alpha"),
    );
    check("package/cli.js", Party::First, None);
    check("package/vendor/x/a.js", Party::Third, None);
    // A tool's own program lies in such folders too.
    check("package/vendor/x64/bin/tool", Party::Unknown, None);
    check("package/vendor/x64/bin/libz.so.1", Party::Third, None);
    check("lib/node_modules/tool/a.js", Party::First, Some("tool"));
    check("package/cli.js.map!../src/a.ts", Party::First, None);
    check(
        "package/cli.js.map!../node_modules/beta/a.js",
        Party::Third,
        Some("beta"),
    );
    assert_eq!(
        whole("package/cli.js", "javascript", &vec![b' '; 1 << 20], "tool").parts[0].party,
        Party::Unknown
    );
}

#[test]
fn code_known_from_a_package_is_told_after_minifying() {
    // Messages and names of a widely used package, in code of our own.
    let texts = [
        "RSV2 and RSV3 must be clear",
        "MASK must be set",
        "FIN must be set",
        "WS_ERR_UNEXPECTED_RSV_2_3",
        "WS_ERR_EXPECTED_MASK",
        "WS_ERR_EXPECTED_FIN",
    ];
    let body: Vec<String> = texts.iter().map(|text| format!("t({text:?})")).collect();
    let filler = "y".repeat(3000);
    let text = format!(
        "var o=(c,m)=>()=>(m||c((m={{exports:{{}}}}).exports,m),m.exports);\
         var a=o((e,t)=>{{function t(x){{throw Error(x)}}{}}});\
         var b=o((e,t)=>{{t.exports='{filler}'}});var c=o((e,t)=>{{t.exports=a()+b()}});",
        body.join(";")
    );
    let (party, package, by) = party_of(&text, "tool", "WS_ERR_EXPECTED_FIN");
    assert_eq!(
        (party, package.as_deref(), by),
        (Party::Third, Some("ws"), "fingerprint")
    );
    assert_eq!(party_of(&text, "tool", &filler), (Party::Unknown, None, ""));
}

#[test]
fn findings_of_libraries_say_so() {
    let text = "// node_modules/alpha/a.js\nfetch('https://lib.example.net/a');\n\
                // src/main.ts\nfetch('https://own.example.net/b');\n";
    let findings = crate::analyze_source("bundle.js", text);
    let of = |host: &str| {
        let finding = findings
            .iter()
            .find(|f| f.behaviour == "egress.endpoint" && f.key.contains(host))
            .unwrap();
        (finding.party, finding.packages.clone(), finding.id.clone())
    };
    let (party, packages, id) = of("lib.example.net");
    assert_eq!((party, packages), (Party::Third, vec!["alpha".to_owned()]));
    assert_eq!(of("own.example.net").0, Party::First);
    // The same found elsewhere keeps its id.
    let own = crate::analyze_source("main.js", "fetch('https://lib.example.net/a');");
    assert!(own.iter().any(|f| f.id == id && f.party == Party::First));
}

#[test]
fn telemetry_that_nothing_calls_is_told_as_such() {
    let library = "// node_modules/alpha/a.js\nfunction send(b) { fetch('https://api2.amplitude.com/2/httpapi', { body: b }); }\n";
    let unused = format!("{library}// src/main.ts\nfunction main() {{ return 1; }}\nmain();\n");
    let used = format!("{library}// src/main.ts\nfunction main() {{ return send(1); }}\nmain();\n");
    let severity = |text: &str| {
        let findings = crate::analyze_source("bundle.js", text);
        let finding = findings
            .into_iter()
            .find(|f| f.behaviour == "egress.telemetry")
            .unwrap();
        (finding.severity, finding.title.contains("nothing outside"))
    };
    assert_eq!(severity(&unused), (Severity::Info, true));
    assert_eq!(severity(&used), (Severity::Low, false));
}
