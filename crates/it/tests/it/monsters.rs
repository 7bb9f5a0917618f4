//! Code that is made to break what reads it. Each file names a host of its
//! own, which must be found whatever becomes of the parser, and none may cost
//! another file its reading.

use crate::support::{assert_gap, bench, covered, findings, ids, names_host, text, vet};

fn host(name: &str) -> String {
    format!("api.{}.planted-host.dev", name.replace(['.', '_'], "-"))
}

fn plant(name: &str, code: &str) -> String {
    format!("var u = \"https://{}/v1\";\n{code}", host(name))
}

/// `open` and `close` around a one, so many times.
fn nested(open: &str, close: &str, times: usize) -> String {
    format!("x = {}1{};", open.repeat(times), close.repeat(times))
}

fn chain(first: &str, next: &str, times: usize, last: &str) -> String {
    format!("{first}{}{last};", next.repeat(times))
}

fn monsters() -> Vec<(&'static str, String)> {
    vec![
        ("parentheses.js", nested("(", ")", 200_000)),
        ("arrays.js", nested("[", "]", 100_000)),
        ("objects.js", nested("{a:", "}", 100_000)),
        ("templates.js", nested("`${", "}`", 50_000)),
        (
            "blocks.js",
            format!("{}{}", "{".repeat(100_000), "}".repeat(100_000)),
        ),
        ("unclosed.js", format!("x = {}", "[{(".repeat(50_000))),
        ("below_the_limit.js", nested("(", ")", 19_000)),
        ("functions.js", nested("function(){return ", "}", 15_000)),
        ("classes.js", nested("class{static x=", "}", 15_000)),
        ("sum.js", chain("x = a", "+a", 300_000, "")),
        ("power.js", chain("x = ", "a**", 200_000, "a")),
        ("and.js", chain("x = a", "&&a", 300_000, "")),
        ("nullish.js", chain("x = a", "??a", 300_000, "")),
        ("comma.js", chain("x = (a", ",a", 300_000, ")")),
        (
            "else_if.js",
            chain("if(a)b();", "else if(a)b();", 100_000, ""),
        ),
        ("if_if.js", chain("", "if(a)", 100_000, "b()")),
        ("for_for.js", chain("", "for(;;)", 100_000, "b()")),
        ("ternary.js", chain("x = ", "a?b:", 100_000, "c")),
        ("not.js", chain("x = ", "!", 300_000, "a")),
        ("typeof.js", chain("x = ", "typeof ", 100_000, "a")),
        ("new.js", chain("x = ", "new ", 100_000, "a")),
        ("arrow.js", chain("x = ", "a=>", 100_000, "a")),
        ("assign.js", chain("", "a=", 200_000, "1")),
        ("member.js", chain("x = a", ".b", 200_000, "")),
        ("optional.js", chain("x = a", "?.b", 100_000, "")),
        ("calls.js", chain("x = a", "()", 200_000, "")),
        ("tagged.js", chain("x = a", "``", 200_000, "")),
        ("casts.ts", chain("x = a", " as b", 100_000, "")),
        (
            "types.ts",
            format!(
                "let x: {}B{} = 1;",
                "A<".repeat(100_000),
                ">".repeat(100_000)
            ),
        ),
        (
            "unions.ts",
            format!("let x: A{} = 1;", "|A".repeat(100_000)),
        ),
        (
            "jsx.tsx",
            format!("x = {}{};", "<a>".repeat(50_000), "</a>".repeat(50_000)),
        ),
        ("statements.js", "a();".repeat(300_000)),
        (
            "names.js",
            (0..50_000)
                .map(|n| format!("var v{n}=v{};", n / 2))
                .collect(),
        ),
        (
            "strings.js",
            format!("x = [{}];", "\"aGVsbG8=\",".repeat(50_000)),
        ),
        (
            "one_string.js",
            format!("x = \"{}\";", "ab".repeat(2_000_000)),
        ),
        ("comment.js", format!("/*{}", "* /".repeat(500_000))),
        ("syntax.js", "function ( { return ] const = => ;".to_owned()),
        ("nul.js", "\0".repeat(10_000)),
    ]
}

/// How a file that no parser could take was read: as text, for a reason that
/// is told. One that was parsed needs none.
fn assert_told(dossier: &serde_json::Value, name: &str) {
    let entries = covered(dossier, name);
    assert!(!entries.is_empty(), "the coverage does not name {name}");
    let parsed = entries
        .iter()
        .any(|entry| text(entry, "/reading") == "parsed");
    let told = entries
        .iter()
        .any(|entry| entry.get("gap").is_some() && !text(entry, "/detail").is_empty());
    assert!(parsed || told, "{name}: {entries:#?}");
}

#[test]
fn none_takes_assay_or_another_file_down() {
    let bench = bench();
    for (name, code) in monsters() {
        bench
            .file(&format!("subject/{name}"), plant(name, &code))
            .unwrap();
    }
    for name in ["a_plain.js", "z_plain.js"] {
        bench
            .file(&format!("subject/{name}"), plant(name, "fetch(u)"))
            .unwrap();
    }
    let dossier = vet(&bench, "subject", &[]);
    for (name, _) in monsters() {
        assert_told(&dossier, name);
        assert!(
            names_host(&dossier, &host(name)),
            "{name}: its host was not found"
        );
    }
    for name in ["a_plain.js", "z_plain.js"] {
        let entries = covered(&dossier, name);
        assert_eq!(entries.len(), 1, "{name}");
        assert_eq!(text(entries[0], "/reading"), "parsed", "{name}");
        assert!(entries[0].get("gap").is_none(), "{name}");
        assert!(
            names_host(&dossier, &host(name)),
            "{name}: its host was not found"
        );
    }
    // These cannot be parsed by anything that recurses, so that the coverage
    // has to say what became of them.
    for name in ["parentheses.js", "arrays.js", "objects.js", "templates.js"] {
        assert_gap(&dossier, name, "limit", "nest");
    }
    assert_gap(&dossier, "syntax.js", "syntax", "");
}

#[test]
fn what_stands_around_a_syntax_error_is_parsed() {
    let bench = bench();
    for (name, before) in [
        ("nul.js", "var zz = 1;\n\0\n"),
        ("hash.js", "var zz = 1;\n#\n"),
        ("early.js", "if (0) f() = 1;\n"),
        ("icon.js", "\0\0\x01\0\n"),
    ] {
        let code = format!("{before}{}", crate::samples::COVERT);
        bench.file(&format!("wrong/{name}"), code).unwrap();
    }
    let dossier = vet(&bench, "wrong", &[]);
    for name in ["nul.js", "hash.js", "early.js"] {
        assert_gap(&dossier, name, "syntax", "parsed but for");
        let evidence = &findings(&dossier, "covert.channel")[0]["evidence"];
        let found = evidence.as_array().unwrap().iter();
        let nodes: Vec<&str> = found.map(|e| text(e, "/node")).collect();
        assert!(
            nodes.iter().any(|node| node.ends_with(name)),
            "{name}: {nodes:?}"
        );
    }
    let covert = crate::samples::COVERT;
    bench
        .file(
            "subject/cli.js",
            format!(
                "{covert}\nlet a = = 1;\nfetch('https://{}/')\n",
                host("after")
            ),
        )
        .unwrap();
    let dossier = vet(&bench, "subject", &[]);
    assert_eq!(ids(&dossier, "covert.channel").len(), 1, "{dossier:#}");
    assert!(names_host(&dossier, &host("after")));
    assert_gap(&dossier, "cli.js", "syntax", "parsed but for");
}

#[test]
fn what_the_parser_left_out_is_not_counted_as_parsed() {
    let bench = bench();
    let wrong = ") ] garbage ".repeat(2000);
    let good = "var zz = 1;\n".repeat(2500);
    bench
        .file("half/cli.js", format!("{good}var a = {wrong}\n"))
        .unwrap();
    let good = "zz = 1\n".repeat(2500);
    let wrong = "zz = = ] 1\n".repeat(2500);
    bench.file("half/run.py", format!("{good}{wrong}")).unwrap();
    let dossier = vet(&bench, "half", &[]);
    let number = |value: &serde_json::Value, pointer: &str| {
        let found = value.pointer(pointer).and_then(serde_json::Value::as_u64);
        found.unwrap_or_else(|| panic!("no number at {pointer} in {value:#}"))
    };
    let mut unparsed = 0;
    for (name, wrong) in [("cli.js", 24_000..24_100), ("run.py", 27_500..27_501)] {
        let entry = covered(&dossier, name)[0];
        assert_eq!(text(entry, "/reading"), "parsed", "{entry:#}");
        assert!(wrong.contains(&number(entry, "/unparsed")), "{entry:#}");
        unparsed += number(entry, "/unparsed");
    }
    assert_eq!(number(&dossier, "/coverage/lexical/bytes"), unparsed);
    assert_eq!(number(&dossier, "/coverage/parsed/bytes"), 30_000 + 17_500);
}

#[test]
fn when_the_time_is_over_the_rest_is_told_as_unread() {
    let bench = bench();
    bench
        .file("subject/cli.js", "fetch('https://a.test/')")
        .unwrap();
    let dossier = vet(&bench, "subject", &["--max-analyze-time", "0"]);
    assert_gap(&dossier, "cli.js", "limit", "--max-analyze-time");
}

#[test]
fn deep_json_and_other_texts_are_read() {
    let bench = bench();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let texts = [
        (
            "deep.json",
            format!("{{\"u\":\"https://{}/\",\"x\":{deep}}}", host("deep.json")),
        ),
        (
            "package.json",
            format!(
                "{{\"u\":\"https://{}/\",\"x\":{deep}}}",
                host("package.json")
            ),
        ),
        (
            "map.js.map",
            format!("{{\"u\":\"https://{}/\",\"x\":{deep}}}", host("map.js.map")),
        ),
        (
            "deep.xml",
            format!("{} https://{}/", "<a>".repeat(100_000), host("deep.xml")),
        ),
        (
            "deep.py",
            format!(
                "x = '{}'\ny = {deep}",
                format_args!("https://{}/", host("deep.py"))
            ),
        ),
        (
            "deep.sh",
            format!("{} https://{}/", "$(".repeat(100_000), host("deep.sh")),
        ),
    ];
    for (name, content) in &texts {
        bench.file(&format!("subject/{name}"), content).unwrap();
    }
    let dossier = vet(&bench, "subject", &[]);
    for (name, _) in &texts {
        assert!(
            !covered(&dossier, name).is_empty(),
            "the coverage does not name {name}"
        );
        assert!(
            names_host(&dossier, &host(name)),
            "{name}: its host was not found"
        );
    }
}

/// Its syntax tree is some hundreds of megabytes, many times the limit.
#[test]
fn a_file_that_needs_more_memory_than_allowed_is_read_as_text() {
    let bench = bench();
    let large = plant("large.js", &"a(b,c,[d,{e:f}]);".repeat(600_000));
    bench.file("subject/large.js", large).unwrap();
    bench
        .file("subject/plain.js", plant("plain.js", "fetch(u)"))
        .unwrap();
    let dossier = vet(&bench, "subject", &["--memory", "64"]);
    assert_gap(&dossier, "large.js", "worker-died", "memory");
    assert!(names_host(&dossier, &host("large.js")));
    assert_eq!(text(covered(&dossier, "plain.js")[0], "/reading"), "parsed");
}

#[test]
fn a_file_that_takes_longer_than_allowed_is_read_as_text() {
    let bench = bench();
    // Parsing takes much longer than the limit, which the lexical pass keeps
    // to: there is hardly a name in it to look up. And it is not larger than
    // what is parsed at all.
    let times = if cfg!(debug_assertions) {
        900_000
    } else {
        2_500_000
    };
    let slow = plant("slow.js", &"[[1],{j:[2+3]},[4,5]];".repeat(times));
    bench.file("subject/slow.js", slow).unwrap();
    bench
        .file("subject/plain.js", plant("plain.js", "fetch(u)"))
        .unwrap();
    let seconds = if cfg!(debug_assertions) { "3" } else { "1" };
    let dossier = vet(&bench, "subject", &["--node-time", seconds]);
    assert_gap(&dossier, "slow.js", "limit", "--node-time");
    assert!(names_host(&dossier, &host("slow.js")));
    assert_eq!(text(covered(&dossier, "plain.js")[0], "/reading"), "parsed");
}

#[test]
fn a_very_long_line_is_read() {
    // 100 MB are for a release build; a dev build is an order slower.
    let heavy = std::env::var_os("ASSAY_HEAVY").is_some();
    let mebibytes = if heavy { 100 } else { 6 };
    let bench = bench();
    let part = "x=f(1,\"two\",[3]);";
    let code = part.repeat((mebibytes << 20) / part.len());
    bench
        .file(
            "subject/line.js",
            plant("line.js", &code).replace('\n', " "),
        )
        .unwrap();
    bench
        .file("subject/plain.js", plant("plain.js", "fetch(u)"))
        .unwrap();
    let dossier = vet(&bench, "subject", &[]);
    assert_told(&dossier, "line.js");
    assert!(names_host(&dossier, &host("line.js")));
    assert_eq!(text(covered(&dossier, "plain.js")[0], "/reading"), "parsed");
    if heavy {
        assert_gap(&dossier, "line.js", "limit", "limit for parsing");
    }
}
