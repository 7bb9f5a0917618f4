//! From a configuration over a dossier to a verdict, a page and a seal.

use assay_it::Bench;
use serde_json::Value;

use crate::samples::covert_tool;
use crate::support::{bench, folder, run, run_to, text};

/// Gathers what is known of a folder of the bench.
fn dossier(bench: &Bench, name: &str, more: &[&str], code: i32) -> Value {
    let source = bench.path(name);
    let output = bench.path(&format!("{name}-dossier"));
    let mut arguments = vec![
        "dossier",
        source.to_str().unwrap(),
        "--offline",
        "--format",
        "json",
        "--output",
        output.to_str().unwrap(),
    ];
    arguments.extend(more);
    let outcome = bench.run(&arguments).unwrap();
    assert_eq!(outcome.code(), Some(code), "{outcome:?}");
    outcome.json().unwrap()
}

fn at(bench: &Bench, name: &str) -> String {
    bench.path(name).to_str().unwrap().to_owned()
}

#[test]
fn a_channel_is_denied_and_a_plain_tool_lacks_evidence() {
    let bench = bench();
    covert_tool(&bench, "covert");
    let verdict = dossier(&bench, "covert", &[], 1);
    assert_eq!(text(&verdict, "/outcome"), "denied");
    assert!(
        text(&verdict, "/sentence").contains("texts that look alike"),
        "{verdict:#}"
    );
    let folder_of = bench.path("covert-dossier");
    for name in [
        "dossier.json",
        "report.html",
        "report.md",
        "results.sarif",
        "bom.cdx.json",
        "assessment.md",
        "supply.json",
        "verdict.json",
    ] {
        assert!(folder_of.join(name).is_file(), "{name}");
    }
    let page = std::fs::read_to_string(folder_of.join("report.html")).unwrap();
    assert!(page.contains("Denied") && page.contains("covert.channel"));

    folder(
        &bench,
        "plain",
        &[
            ("package.json", "{\"name\":\"plain\",\"version\":\"1.0.0\"}"),
            ("index.js", "module.exports = 1;\n"),
        ],
    );
    let verdict = dossier(&bench, "plain", &[], 3);
    assert_eq!(text(&verdict, "/outcome"), "not-enough-evidence");
    let told = verdict.to_string();
    assert!(
        told.contains("--experiment") && told.contains("resource.effects.concealed"),
        "{told}"
    );
    // The same folder again, and a form of its own.
    let dossier = at(&bench, "plain-dossier");
    let outcome = bench.run(&["verdict", &dossier]).unwrap();
    assert_eq!(outcome.code(), Some(3), "{outcome:?}");
    for form in ["html", "markdown", "sarif", "cyclonedx", "assessment"] {
        run_to(&bench, &["report", &dossier, "--format", form], 0);
    }
}

#[test]
fn a_configuration_is_written_checked_and_decides() {
    let bench = bench();
    let config = at(&bench, "policy");
    run_to(&bench, &["init", &config], 0);
    run_to(&bench, &["init", &config], 2);
    let checked = run_to(&bench, &["policy", "check", "--config", &config], 0);
    assert!(
        checked.stdout.contains("hold against the schema"),
        "{checked:?}"
    );
    run_to(&bench, &["policy", "test", "--config", &config], 0);
    run_to(&bench, &["policy", "test"], 0);

    folder(
        &bench,
        "plain",
        &[
            ("package.json", "{\"name\":\"plain\",\"version\":\"1.0.0\"}"),
            ("index.js", "module.exports = 1;\n"),
        ],
    );
    dossier(&bench, "plain", &["--config", &config], 3);
    // Policies that ask for less permit it, on condition.
    let open = at(&bench, "open");
    run_to(&bench, &["init", &open, "--policy", "baseline"], 0);
    let verdict = run_to(
        &bench,
        &[
            "verdict",
            &at(&bench, "plain-dossier"),
            "--config",
            &open,
            "--format",
            "json",
        ],
        0,
    );
    let verdict = verdict.json().unwrap();
    assert_eq!(text(&verdict, "/outcome"), "allowed-with-conditions");
    assert_eq!(text(&verdict, "/conditions/0/kind"), "opt-out");
    let replayed = run_to(
        &bench,
        &[
            "policy",
            "replay",
            "--from",
            &config,
            "--to",
            &open,
            &at(&bench, "plain-dossier"),
        ],
        1,
    );
    assert!(
        replayed
            .stdout
            .contains("not enough evidence -> allowed with conditions"),
        "{replayed:?}"
    );
    let request = r#"{"facts":{"tool":{"name":"plain","package":"npm:plain","version":"1.0.0"}},"ask":{"action":"send","now":"2026-11-23","data-classes":["secret"]}}"#;
    bench
        .file("requests.jsonl", format!("{request}\n\n"))
        .unwrap();
    let replayed = run(
        &bench,
        &[
            "policy",
            "replay",
            "--from",
            &open,
            "--to",
            &config,
            &at(&bench, "requests.jsonl"),
        ],
    );
    assert!(
        replayed
            .stdout
            .contains("allowed with conditions -> denied")
            && replayed.stdout.contains("data.secrets"),
        "{replayed:?}"
    );
    run_to(
        &bench,
        &[
            "compare",
            &at(&bench, "plain-dossier"),
            &at(&bench, "plain-dossier"),
            "--config",
            &open,
        ],
        0,
    );
}

#[test]
fn what_is_wrong_in_a_configuration_is_named() {
    let bench = bench();
    let config = at(&bench, "policy");
    run_to(&bench, &["init", &config], 0);
    let wrong = |name: &str, text: &str, says: &str| {
        let path = format!("policy/{name}");
        bench.file(&path, text).unwrap();
        let outcome = run_to(&bench, &["policy", "check", "--config", &config], 2);
        assert!(outcome.stderr.contains(says), "{name}: {outcome:?}");
        std::fs::remove_file(bench.path(&path)).unwrap();
    };
    wrong(
        "policies/a.cedar",
        "permit (principal, action,\nresource) when { context. };\n",
        "a.cedar:2:",
    );
    wrong(
        "policies/a.cedar",
        "@id(\"x\")\nforbid (principal, action, resource) when { resource.efects.concealed > 0 };\n",
        "efects",
    );
    wrong(
        "contracts/a.toml",
        "name = \"x\"\nvendor = \"y\"\nends = \"2027-13-01\"\n",
        "line 3",
    );
    wrong("contracts/b.toml", "name = \"x\"\n", "names its vendor");
    wrong(
        "tests/a.toml",
        "[[case]]\nname = \"x\"\nexpect = \"maybe\"\nask = { action = \"use\", now = \"2026-01-01\" }\n",
        "maybe",
    );
    wrong(
        "organisation.toml",
        "[user.a]\nteams = [\"none\"]\n",
        "none",
    );
    wrong(
        "regions.toml",
        "[[host]]\nhost = \"a.example\"\ncountry = \"Germany\"\nsource = \"x\"\ndate = \"2026-01-01\"\n",
        "two letters",
    );
    let rule = "@id(\"x\")\nforbid (principal, action, resource);\n";
    wrong("policies/A.CEDAR", rule, "in small letters");
    wrong("policies/more/a.cedar", rule, "it is a folder");
    std::fs::remove_dir(bench.path("policy/policies/more")).unwrap();
    bench.file("policy/policies/typo.cedar", "@id(\"typo\")\nforbid (principal, action, resource) when { resource.findings.own.contains(\"covert.chanel\") };\n").unwrap();
    let told = run_to(&bench, &["policy", "check", "--config", &config], 0);
    assert!(
        told.stdout.contains("covert.chanel is no behaviour"),
        "{told:?}"
    );
    run_to(
        &bench,
        &["policy", "check", "--config", &at(&bench, "nowhere")],
        2,
    );
}

#[test]
fn a_dossier_is_sealed_and_checked() {
    let bench = bench().with("ASSAY_PASSPHRASE", "four words of it");
    folder(
        &bench,
        "plain",
        &[
            ("package.json", "{\"name\":\"plain\",\"version\":\"1.0.0\"}"),
            ("index.js", "module.exports = 1;\n"),
        ],
    );
    dossier(&bench, "plain", &[], 3);
    let (folder, key, trust) = (
        at(&bench, "plain-dossier"),
        at(&bench, "key.pem"),
        at(&bench, "trust.toml"),
    );
    run_to(&bench, &["key", "new", &key], 0);
    run_to(&bench, &["key", "new", &key], 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |mode| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(bench.path("key.pem"), mode).unwrap();
        };
        mode(0o644);
        let open = run_to(&bench, &["key", "show", &key, "--name", "Review"], 2);
        assert!(open.stderr.contains("chmod 600"), "{open:?}");
        mode(0o600);
    }
    let shown = run_to(&bench, &["key", "show", &key, "--name", "Review"], 0);
    assert!(!shown.stdout.contains("PRIVATE"), "{shown:?}");
    bench.file("trust.toml", &shown.stdout).unwrap();
    run_to(&bench, &["verify", &folder, "--trust", &trust], 1);
    run_to(&bench, &["seal", &folder, "--key", &key], 0);
    let stands = run_to(&bench, &["verify", &folder, "--trust", &trust], 0);
    assert!(
        stands.stdout.contains("by Review") && stands.stdout.contains("signer's word"),
        "{stands:?}"
    );
    let page = bench.path("plain-dossier/report.html");
    let whole = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, whole.replacen("Not enough", "Not  enough", 1)).unwrap();
    let other = run_to(&bench, &["verify", &folder, "--trust", &trust], 1);
    assert!(
        other
            .stdout
            .contains("report.html is another than was sealed"),
        "{other:?}"
    );
    std::fs::write(&page, whole).unwrap();
    bench.file("none.toml", "").unwrap();
    let nobody = run_to(
        &bench,
        &["verify", &folder, "--trust", &at(&bench, "none.toml")],
        1,
    );
    assert!(nobody.stdout.contains("nobody you know"), "{nobody:?}");
    let wrong = bench.with("ASSAY_PASSPHRASE", "another");
    let refused = run_to(&wrong, &["seal", &folder, "--key", &key], 2);
    assert!(
        refused.stderr.contains("passphrase") && !refused.stderr.contains("another\n"),
        "{refused:?}"
    );
}

#[test]
fn a_dossier_of_another_form_is_named_with_the_way_out() {
    let bench = bench();
    bench
        .file("d/dossier.json", "{\"schema\":\"assay.vet/0\"}")
        .unwrap();
    let outcome = run_to(&bench, &["verdict", &at(&bench, "d")], 2);
    assert!(
        outcome.stderr.contains("assay.vet/0") && outcome.stderr.contains("assay dossier"),
        "{outcome:?}"
    );
    bench.file("e/dossier.json", "{").unwrap();
    run_to(&bench, &["verdict", &at(&bench, "e")], 2);
    run_to(&bench, &["report", &at(&bench, "nothing")], 2);
}

#[test]
fn claims_about_another_tool_decide_nothing() {
    let bench = bench();
    folder(&bench, "plain", &[("index.js", "module.exports = 1;\n")]);
    let claims = |source: &str| {
        serde_json::json!({
            "schema": "assay.claims/1", "assay": "0.1.0", "title": "A case",
            "claims": [{
                "id": "one", "says": "It is so.", "who": "Somebody", "test": "vet",
                "outcome": "confirmed", "corrections": [], "reason": "",
                "evidence": [{ "source": source, "says": "It is so." }],
            }],
        })
        .to_string()
    };
    for (source, code) in [("plain", 3), ("npm:plainer@1.0.0", 2)] {
        let name = "claims.json";
        bench.file(name, claims(source)).unwrap();
        let given = at(&bench, name);
        let output = at(&bench, &format!("to-{code}"));
        let told = run_to(
            &bench,
            &[
                "dossier",
                &at(&bench, "plain"),
                "--offline",
                "--claims",
                &given,
                "--output",
                &output,
            ],
            code,
        );
        let other = told.stderr.contains("claims of npm:plainer@1.0.0");
        assert_eq!(other, code == 2, "{told:?}");
    }
}

#[test]
fn a_class_of_data_that_no_rule_speaks_of_is_refused() {
    let bench = bench();
    folder(&bench, "plain", &[("index.js", "module.exports = 1;\n")]);
    dossier(&bench, "plain", &[], 3);
    let asked = |class: &str, code: i32| {
        let folder = at(&bench, "plain-dossier");
        let action = ["verdict", &folder, "--action", "send", "--data", class];
        run_to(&bench, &action, code)
    };
    for class in ["secrets", "SECRET", "bananas"] {
        let told = asked(class, 2);
        assert!(
            told.stderr.contains("rules speak of") && told.stderr.contains("secret"),
            "{told:?}"
        );
    }
    asked("secret", 1);
}

#[test]
fn a_device_is_at_its_site() {
    let bench = bench();
    folder(&bench, "plain", &[("index.js", "module.exports = 1;\n")]);
    dossier(&bench, "plain", &[], 3);
    bench
        .file("policy/organisation.toml", "[site.closed]\n[site.open]\n[device.a]\nsite = \"closed\"\n[device.b]\nsite = \"open\"\n")
        .unwrap();
    bench
        .file(
            "policy/policies/a.cedar",
            "@id(\"all\")\npermit (principal, action, resource);\n@id(\"site\")\nforbid (principal, action, resource) when { context.site in Assay::Site::\"closed\" };\n",
        )
        .unwrap();
    for (device, code) in [("device:a", 1), ("device:b", 0)] {
        let folder = at(&bench, "plain-dossier");
        let config = at(&bench, "policy");
        run_to(
            &bench,
            &[
                "verdict", &folder, "--config", &config, "--as", device, "--action", "use",
            ],
            code,
        );
    }
}

#[test]
fn a_package_that_lies_in_the_artifact_is_looked_up_in_its_version() {
    let bench = bench();
    folder(
        &bench,
        "tool",
        &[
            ("index.js", "require('lodash');\n"),
            (
                "node_modules/lodash/package.json",
                "{\"name\":\"lodash\",\"version\":\"4.17.4\"}",
            ),
            ("node_modules/lodash/index.js", "module.exports = 1;\n"),
        ],
    );
    bench.file("osv/one.json", r#"{"id":"T-1","modified":"2026-02-03T00:00:00Z","summary":"one","affected":[{"package":{"ecosystem":"npm","name":"lodash"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"4.17.21"}]}]}],"database_specific":{"severity":"CRITICAL"}}"#).unwrap();
    let osv = at(&bench, "osv");
    dossier(&bench, "tool", &["--osv", &osv], 1);
    let supply = std::fs::read_to_string(bench.path("tool-dossier/supply.json")).unwrap();
    let supply: Value = serde_json::from_str(&supply).unwrap();
    assert_eq!(
        text(&supply, "/vulnerabilities/found/0/component"),
        "lodash@4.17.4",
        "{supply:#}"
    );
    let components = supply["components"].as_array().unwrap();
    assert_eq!(components.len(), 1, "{supply:#}");
}
