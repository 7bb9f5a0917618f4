use assay_model::{
    Answer, Answers, ArtifactRecord, ArtifactRole, Basis, Clause, ClauseOutcome, Column,
    Comparison, Component, Condition, Confidence, Country, Coverage, CoverageEntry, DOSSIER_SCHEMA,
    DataKind, Decision, Dossier, Evidence, Facts, Finding, Flow, Gap, Integrity, Layer, LayerRisk,
    Leaves, OptOut, OptOutOutcome, Outcome, Parts, Party, PossibleFlow, Purl, Purpose, Reading,
    Reason, Role, Row, Severity, Sha256, Span, Step, Subject, Supply, Undecided, Verdict,
    Vulnerabilities, Vulnerability,
};

use crate::{
    Rule, Style, View, assessment, comparison, comparison_markdown, cyclonedx, html, markdown,
    sarif, terminal, verdict, wrap, write_dossier,
};

fn finding(behaviour: &str, severity: Severity, key: &str, evidence: Vec<Evidence>) -> Finding {
    Finding {
        id: format!("{behaviour}-0123456789ab"),
        behaviour: behaviour.to_owned(),
        severity,
        confidence: Confidence::Medium,
        layer: Layer::Client,
        party: Party::First,
        packages: Vec::new(),
        title: format!("shows {key}"),
        key: key.to_owned(),
        occurrences: 3,
        evidence,
        demonstrated: None,
    }
}

fn evidence(excerpt: &str) -> Evidence {
    Evidence {
        artifact: Purl::new("npm", "@ours/tool", Some("1.2.3")),
        node: "package/cli.js".to_owned(),
        node_sha256: Sha256([7; 32]),
        span: Span::new(120, 14),
        party: Party::First,
        package: String::new(),
        gate: None,
        line: 7,
        column: 3,
        excerpt: excerpt.to_owned(),
        note: String::new(),
        decoded: Vec::new(),
        decoding: Vec::new(),
        compared: Vec::new(),
        path: Vec::new(),
    }
}

fn dossier() -> Dossier {
    let purl = Purl::new("npm", "@ours/tool", Some("1.2.3"));
    let step = |role, excerpt: &str, note: &str| Step {
        line: 0,
        column: 0,
        role,
        node: None,
        span: Span::new(5, 9),
        excerpt: excerpt.to_owned(),
        note: note.to_owned(),
    };
    let mut coverage = Coverage::default();
    let entry = |node: &str, bytes, reading, gap, detail: &str| CoverageEntry {
        node: node.to_owned(),
        kind: "javascript".to_owned(),
        bytes,
        reading,
        unparsed: 0,
        gap,
        detail: detail.to_owned(),
    };
    coverage.add(entry("package/cli.js", 90_000, Reading::Parsed, None, ""));
    coverage.add(entry(
        "package/blob\u{1b}[31m",
        10_000,
        Reading::Unread,
        Some(Gap::Bytecode),
        "compiled bytecode; there is no reader for it",
    ));
    coverage.sort();
    let channel = Evidence {
        path: vec![
            step(Role::Source, "process.env.X_BASE_URL", "base URL"),
            step(Role::Flow, "f(x)", "carries it on"),
            step(
                Role::Choice,
                "a ? \"'\" : \"\u{2019}\"",
                "chooses between two",
            ),
            step(
                Role::Sink,
                "`Don${q}t guess.`",
                "becomes part of a sentence",
            ),
        ],
        decoded: (0..12).map(|n| format!("host{n}.example")).collect(),
        decoding: vec!["base64".to_owned(), "xor 0x21".to_owned()],
        ..evidence("the sentence")
    };
    Dossier {
        schema: DOSSIER_SCHEMA.to_owned(),
        assay: "0.0.0".to_owned(),
        source: "npm:@ours/tool@1.2.3".to_owned(),
        subject: Subject {
            purl: purl.clone(),
            sha256: Sha256([1; 32]),
            platform: "linux-x64".to_owned(),
            artifacts: vec![ArtifactRecord {
                purl,
                role: ArtifactRole::Main,
                sha256: Sha256([1; 32]),
                bytes: 123_456,
                integrity: Integrity::Verified {
                    digest: "sha512-AAAA".to_owned(),
                },
            }],
        },
        findings: vec![
            finding("covert.channel", Severity::High, "a channel", vec![channel]),
            finding(
                "reach.process",
                Severity::Medium,
                "evil\u{1b}]0;x\u{7} <b>*bold*</b> [x](http://y)",
                vec![evidence("spawn(\"\u{202e}gnp\")")],
            ),
            finding(
                "egress.endpoint",
                Severity::Info,
                "api.example",
                vec![evidence("u")],
            ),
            finding(
                "egress.endpoint",
                Severity::Info,
                "b.example",
                vec![evidence("v")],
            ),
        ],
        coverage,
        attribution: assay_model::Attribution::default(),
        profile: None,
        confinement: vec!["system-call filter".to_owned()],
    }
}

const RULES: &[Rule<'static>] = &[Rule {
    id: "covert.channel",
    title: "tells the server unseen",
    what: "what",
    why: "why",
    not: "not",
    reference: "https://example.invalid/x",
}];

fn plain(width: usize, verbose: bool) -> View {
    View {
        width,
        style: Style { colour: false },
        verbose,
    }
}

#[test]
fn the_summary_fits_its_width() {
    insta::assert_snapshot!("summary_80", terminal(&dossier(), &plain(80, false)));
    for width in [80, 140] {
        for line in terminal(&dossier(), &plain(width, true)).lines() {
            let wide = unicode_width::UnicodeWidthStr::width(line);
            assert!(wide <= width, "{wide} columns of {width}: {line}");
        }
    }
}

#[test]
fn the_rows_of_a_severity_add_up_to_its_total() {
    let mut dossier = dossier();
    dossier.findings.clear();
    let mut add = |severity, behaviour: &str, party, count: usize| {
        for n in 0..count {
            dossier.findings.push(Finding {
                party,
                ..finding(behaviour, severity, &format!("k{n}"), vec![evidence("x")])
            });
        }
    };
    for severity in [Severity::Medium, Severity::Low, Severity::Info] {
        add(severity, "reach.process", Party::First, 2);
        add(severity, "egress.endpoint", Party::Unknown, 1);
        for (n, behaviour) in ["a.a", "b.b", "c.c", "d.d", "e.e"].iter().enumerate() {
            add(severity, behaviour, Party::Third, n + 1);
        }
    }
    add(Severity::Low, "reach.shell", Party::First, 4);
    add(Severity::Low, "reach.file", Party::First, 4);
    let text = terminal(&dossier, &plain(80, false));
    for lines in [
        "18 medium, 26 low, 18 info\n",
        "MEDIUM   egress.endpoint          1 k0\n\
         MEDIUM   reach.process            2 k0, k1\n\
         MEDIUM   15 in libraries alone: a.a 1, b.b 2, c.c 3, d.d 4, e.e 5\n",
        "LOW      egress.endpoint 1, reach.file 4, reach.process 2, reach.shell 4\n\
         LOW      15 in libraries alone: e.e 5, d.d 4, c.c 3, …\n",
        "INFO     15 in libraries alone: e.e 5, d.d 4, c.c 3, …\n",
    ] {
        assert!(text.contains(lines), "{lines} is not in {text}");
    }
}

#[test]
fn the_summary_is_one_screen_however_much_there_is() {
    let mut dossier = dossier();
    let first = dossier.subject.artifacts[0].clone();
    for n in 0..30 {
        dossier.subject.artifacts.push(ArtifactRecord {
            purl: Purl::new("npm", &format!("p{n}"), Some("1.0.0")),
            integrity: if n == 29 {
                Integrity::Unpublished {
                    reason: "the index has no digest of it".to_owned(),
                }
            } else {
                first.integrity.clone()
            },
            ..first.clone()
        });
        dossier.coverage.add(CoverageEntry {
            node: format!("package/n{n}.js"),
            kind: "javascript".to_owned(),
            bytes: 10_000 - n,
            reading: Reading::Parsed,
            unparsed: 0,
            gap: Some(Gap::Limit),
            detail: format!("the {n}th {}", "of many reasons; ".repeat(30)),
        });
    }
    dossier.coverage.sort();
    for width in [80, 140] {
        let text = terminal(&dossier, &plain(width, false));
        assert!(text.lines().count() <= 40, "{text}");
        let folded = "and 27 more, 3.3 MB, 1 of them not verified; --verbose lists them";
        assert!(text.contains(folded), "{text}");
        // A reason that is cut ends with a word and a mark.
        assert!(text.contains(" …\n"), "{text}");
        for line in text.lines().filter(|line| line.starts_with("    ")) {
            let last = line.trim_end_matches(" …").split(' ').next_back().unwrap();
            assert!(!["man", "reas", "reason"].contains(&last), "{line}");
        }
        assert!(text.contains("more: --verbose or --format json"), "{text}");
        let whole = terminal(&dossier, &plain(width, true));
        assert!(whole.contains("pkg:npm/p29@1.0.0"), "{whole}");
    }
    // A reason that has room is told whole.
    dossier.coverage = Coverage::default();
    dossier.coverage.add(CoverageEntry {
        node: "package/cli.js".to_owned(),
        kind: "javascript".to_owned(),
        bytes: 10_000,
        reading: Reading::Parsed,
        unparsed: 0,
        gap: Some(Gap::Limit),
        detail: format!("{}end of it", "of many reasons; ".repeat(9)),
    });
    let text = terminal(&dossier, &plain(80, false));
    assert!(text.contains("end of it\n"), "{text}");
}

#[test]
fn a_step_is_told_once_and_a_second_flow_in_whole() {
    let mut dossier = dossier();
    let step = |role, excerpt: &str, note: &str| Step {
        line: 0,
        column: 0,
        role,
        node: None,
        span: Span::new(5, 9),
        excerpt: excerpt.to_owned(),
        note: note.to_owned(),
    };
    let mut path = vec![step(Role::Source, "process.env.X", "base URL")];
    for note in ["4 entries, base64", "4 entries, evaluated"] {
        path.push(step(Role::Condition, "host === entry", "compared"));
        path.push(step(Role::List, "text", note));
    }
    let second = vec![
        step(Role::Source, &"zone".repeat(20), "time zone"),
        step(Role::Condition, "zone === \"x\"", "compared with x"),
    ];
    dossier.findings[0].evidence = [path, second]
        .into_iter()
        .map(|path| Evidence {
            path,
            ..evidence("the sentence")
        })
        .collect();
    let text = terminal(&dossier, &plain(80, false));
    assert_eq!(text.matches("host === entry").count(), 1, "{text}");
    assert!(text.contains("4 entries, base64"), "{text}");
    assert!(!text.contains("evaluated"), "{text}");
    assert!(text.contains("[time zone]"), "{text}");
    assert!(text.contains("compared with x"), "{text}");
    let whole = terminal(&dossier, &plain(80, true));
    assert_eq!(whole.matches("host === entry").count(), 2, "{whole}");
}

#[test]
fn one_of_a_thing_is_no_plural() {
    let mut dossier = dossier();
    dossier.coverage.entries.truncate(1);
    dossier.attribution.third = 10;
    dossier.attribution.count(assay_model::PackageShare {
        package: "ws".to_owned(),
        ecosystem: None,
        party: Party::Third,
        bytes: 10,
        evidence: vec!["path".to_owned()],
    });
    let text = terminal(&dossier, &plain(80, false));
    assert!(text.contains("in 1 node\n"), "{text}");
    assert!(text.contains("100.0 % from 1 package,"), "{text}");
}

#[test]
fn markdown_has_the_readings_of_the_terminal() {
    let mut dossier = dossier();
    dossier.coverage.add(CoverageEntry {
        node: "package/tool".to_owned(),
        kind: "elf".to_owned(),
        bytes: 100_000,
        reading: Reading::Strings,
        unparsed: 0,
        gap: Some(Gap::MachineCode),
        detail: "machine code".to_owned(),
    });
    assert!(terminal(&dossier, &plain(80, false)).contains("strings only 50.0 %"));
    let filed = markdown(&dossier, RULES);
    assert!(
        filed.contains("| strings only | 1 | 100000 | 50.0 % |"),
        "{filed}"
    );
    assert!(filed.contains("| read as text | 0 | 0 | 0 % |"), "{filed}");
}

#[test]
fn markdown_as_it_is_filed() {
    insta::assert_snapshot!("markdown", markdown(&dossier(), RULES));
}

#[test]
fn nothing_of_a_subject_moves_the_cursor() {
    let dossier = dossier();
    for text in [
        terminal(&dossier, &plain(80, true)),
        markdown(&dossier, RULES),
        sarif(&dossier, RULES).unwrap(),
    ] {
        assert!(
            text.chars()
                .all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'),
            "{text}"
        );
    }
}

#[test]
fn wrapping_keeps_all_words() {
    let text = "a bb ccc dddd eeeee 0123456789012345678901234567890123456789";
    for width in 8..40 {
        let wrapped = wrap(text, width, "", "  ");
        let glued: String = wrapped.chars().filter(|c| !c.is_whitespace()).collect();
        assert_eq!(glued, text.replace(' ', ""), "{width}");
    }
}

#[test]
fn a_folder_is_written_whole_and_only_over_a_dossier_of_the_same() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("d");
    std::fs::create_dir(&folder).unwrap();
    let write = |dossier: &Dossier, replace| write_dossier(&folder, dossier, RULES, replace);
    write(&dossier(), false).unwrap();
    let mut newer = dossier();
    newer.source = "npm:@ours/tool@2".to_owned();
    newer.subject.purl.version = Some("2.0.0".to_owned());
    write(&newer, false).unwrap();
    let mut other = dossier();
    other.source = "npm:@theirs/tool".to_owned();
    other.subject.purl = Purl::new("npm", "@theirs/tool", Some("2.0.0"));
    let refused = write(&other, false).unwrap_err().to_string();
    assert!(refused.contains("pkg:npm/%40ours/tool@2.0.0"), "{refused}");
    assert!(refused.contains("--replace"), "{refused}");
    let kept = std::fs::read_to_string(folder.join("dossier.json")).unwrap();
    assert!(kept.contains("@2.0.0"), "{kept}");
    write(&other, true).unwrap();
    // Of what it is, it does not say.
    std::fs::write(folder.join("dossier.json"), "{}").unwrap();
    assert!(write(&other, false).is_err());
    std::fs::write(folder.join("mine"), "x").unwrap();
    assert!(write(&other, true).is_err());
    let left: Vec<_> = std::fs::read_dir(base.path()).unwrap().collect();
    assert_eq!(left.len(), 1);
}

/// Everything that may stand in a dossier, with a text in every place that
/// somebody else fills.
fn whole(text: &str) -> Parts {
    let some = || text.to_owned();
    let mut dossier = dossier();
    dossier.source = some();
    for finding in &mut dossier.findings {
        finding.title = some();
        finding.key = some();
        finding.packages = vec![some()];
        for evidence in &mut finding.evidence {
            evidence.node = some();
            evidence.excerpt = some();
            evidence.note = some();
            evidence.decoded = vec![some()];
            evidence.decoding = vec![some()];
            for step in &mut evidence.path {
                step.excerpt = some();
                step.note = some();
            }
        }
    }
    for entry in &mut dossier.coverage.entries {
        entry.node = some();
        entry.detail = some();
    }
    let answer = Answer {
        topic: some(),
        says: some(),
        basis: Basis::Stated,
        source: format!("https://{text}"),
        date: some(),
        scope: some(),
    };
    let country = Country {
        code: Some(some()),
        from: some(),
    };
    let reason = Reason {
        rule: some(),
        place: some(),
        forbids: true,
        lacks: false,
        says: some(),
        facts: vec![(some(), some())],
    };
    let verdict = Verdict {
        schema: assay_model::VERDICT_SCHEMA.to_owned(),
        assay: some(),
        subject: some(),
        sha256: Sha256([1; 32]),
        outcome: Outcome::Denied,
        sentence: some(),
        conditions: vec![Condition::DenyHost { host: some() }],
        decisions: vec![Decision {
            principal: some(),
            action: some(),
            outcome: Outcome::Denied,
            reasons: vec![reason.clone()],
            overruled: vec![reason],
            undecided: vec![Undecided {
                rule: some(),
                place: some(),
                wants: vec![some()],
                way_out: some(),
            }],
            conditions: vec![Condition::Set {
                name: some(),
                value: some(),
            }],
        }],
        at: some(),
        policies: Vec::new(),
        facts: Facts {
            tool: assay_model::ToolFacts {
                name: some(),
                ..assay_model::ToolFacts::default()
            },
            ..Facts::default()
        },
    };
    Parts {
        dossier,
        observation: None,
        history: None,
        claims: Vec::new(),
        supply: Some(Supply {
            components: vec![Component {
                name: some(),
                version: Some(some()),
                evidence: vec![some()],
                ..Component::default()
            }],
            install_scripts: vec![(some(), some())],
            licence: some(),
            maintainers: vec![some()],
            published: Some(some()),
            changes: vec![some()],
            notes: vec![some()],
            vulnerabilities: Some(Vulnerabilities {
                newest: some(),
                found: vec![Vulnerability {
                    id: some(),
                    aliases: vec![some()],
                    summary: some(),
                    severity: None,
                    component: some(),
                    purl: some(),
                    fixed: vec![some()],
                }],
                ..Vulnerabilities::default()
            }),
            ..Supply::default()
        }),
        answers: Some(Answers {
            model: vec![answer.clone()],
            leaves: Leaves {
                runs: 2,
                flows: vec![Flow {
                    host: some(),
                    provider: Some(some()),
                    purpose: Some(Purpose::Telemetry),
                    documented: Some(false),
                    country: country.clone(),
                    requests: 3,
                    bytes: 4000,
                    data: [(DataKind::Prompt, 10)].into(),
                    canaries: vec![some()],
                }],
                possible: vec![PossibleFlow {
                    host: some(),
                    finding: some(),
                    purpose: None,
                    documented: None,
                    country,
                }],
            },
            control: vec![answer.clone()],
            opt_outs: vec![OptOut {
                of: Purpose::Telemetry,
                how: some(),
                source: some(),
                outcome: OptOutOutcome::Silences,
                says: some(),
            }],
            record: vec![answer],
            layers: vec![LayerRisk {
                layer: Layer::Client,
                found: vec![some()],
                cannot_exclude: some(),
            }],
            clauses: vec![Clause {
                about: some(),
                says: some(),
                outcome: ClauseOutcome::Broken,
                reason: some(),
            }],
        }),
        verdict: Some(verdict),
    }
}

#[test]
fn nothing_of_a_subject_gets_out_of_its_place_in_any_form() {
    let rules: [Rule<'_>; 0] = [];
    for text in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'/><svg onload=alert(1)>",
        "</title></style></textarea><script>x</script>",
        "javascript:alert(1)",
        "` | ![x](http://x.example) [y](http://y.example) <b>",
        "a\u{1b}[2J\u{202e}b\u{200b}c\u{0}\u{7}\r\nd",
        "&lt;script&gt;",
    ] {
        let parts = whole(text);
        let page = html(&parts, &rules);
        let body = page.split("</style>").nth(1).unwrap();
        // Only our own marks are left.
        for mark in [
            "<script",
            "<img",
            "<svg onload",
            "onerror=alert(1)>",
            "</textarea",
            "href=\"javascript",
        ] {
            assert!(!body.contains(mark), "{mark} of {text:?}");
        }
        if text.starts_with('&') {
            assert!(body.contains("&amp;lt;script&amp;gt;"));
        }
        let compared = Comparison {
            schema: String::new(),
            tools: vec![Column {
                name: text.to_owned(),
                outcome: None,
                verdict: None,
            }],
            rows: vec![Row {
                group: text.to_owned(),
                name: text.to_owned(),
                values: vec![text.to_owned()],
            }],
            best: Some(0),
            reasons: vec![text.to_owned()],
        };
        let view = plain(80, true);
        let forms = [
            page,
            markdown(&parts.dossier, &rules),
            assessment(&parts, &rules),
            sarif(&parts.dossier, &rules).unwrap(),
            cyclonedx(&parts).unwrap(),
            terminal(&parts.dossier, &view),
            verdict(parts.verdict.as_ref().unwrap(), &view),
            comparison(&compared, &view),
            comparison_markdown(&compared),
        ];
        for (number, form) in forms.iter().enumerate() {
            let moves = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{200b}".contains(c);
            assert!(!form.contains(moves), "form {number} of {text:?}");
        }
        for form in [&forms[1], &forms[2], &forms[8]] {
            let form = outside_of_code(form);
            assert!(
                !form.contains("<script>") && !form.contains("![x]"),
                "{text:?}\n{form}"
            );
        }
    }
}

/// A document of Markdown without its spans and blocks of code.
fn outside_of_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        // One that is escaped begins no span.
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let fence: String = from.chars().take_while(|c| *c == '`').collect();
        let after = &from[fence.len()..];
        let closes = |at: &usize| {
            !after[at + fence.len()..].starts_with('`') && !after[..*at].ends_with('`')
        };
        let end = (!before.ends_with('\\'))
            .then(|| after.match_indices(&fence).map(|(at, _)| at).find(closes));
        rest = match end.flatten() {
            Some(end) => &after[end + fence.len()..],
            None => after,
        };
    }
    out + rest
}

#[test]
fn a_bill_of_materials_names_each_thing_once() {
    let bom: serde_json::Value = serde_json::from_str(&cyclonedx(&whole("x")).unwrap()).unwrap();
    assert_eq!(
        (bom["bomFormat"].as_str(), bom["specVersion"].as_str()),
        (Some("CycloneDX"), Some("1.6"))
    );
    let mut refs = std::collections::BTreeSet::new();
    let lists = ["components", "services"];
    for one in lists.iter().flat_map(|list| bom[list].as_array().unwrap()) {
        assert!(
            refs.insert(one["bom-ref"].as_str().unwrap().to_owned()),
            "{one}"
        );
    }
    assert_eq!(bom["services"][0]["data"][0]["classification"], "prompt");
}

#[test]
fn a_page_needs_nothing_else() {
    let page = html(&whole("x"), &[]);
    for outside in ["<script", "<link", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(
        page.contains("<html lang=\"en\">")
            && page.contains("prefers-color-scheme: dark")
            && page.contains("@media print")
    );
    // Each section is named by its heading.
    assert_eq!(
        page.matches("<section ").count(),
        page.matches("<h2 id=").count()
    );
}
