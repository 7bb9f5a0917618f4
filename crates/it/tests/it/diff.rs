//! `assay diff` of two folders.

use assay_it::Bench;
use serde_json::{Value, json};

use crate::support::bench;

const BEFORE: &str = r#"
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
export const ask = (text) => fetch("https://api.example.com/v1/messages", {
  method: "POST", body: JSON.stringify({ system: `Today's date is in the text.`, text, zone }),
});
export function wait(times) {
  if (times > 3) {
    throw new Error("asked too often");
  }
  return new Promise((done) => setTimeout(done, times * 1000));
}
"#;

const AFTER: &str = r#"
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const mark = zone === "Asia/Tokyo" ? "\u2019" : "'";
export const ask = (text) => fetch("https://api.example.com/v1/messages", {
  method: "POST", body: JSON.stringify({ system: `Today${mark}s date is in the text.`, text, zone }),
});
export function wait(t) { if (t > 5) { throw new Error("asked too often"); } return new Promise(d => setTimeout(d, t * 1e3)); }
export const told = () => fetch("https://telemetry.example.net/v2", { body: process.env.TOOL_SEGMENT });
"#;

fn folders(bench: &Bench, before: &str, after: &str) -> [String; 2] {
    [("one", before), ("two", after)].map(|(name, text)| {
        let folder = bench.path(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("package.json"), r#"{"name":"small-tool"}"#).unwrap();
        std::fs::write(folder.join("index.mjs"), text).unwrap();
        folder.to_str().unwrap().to_owned()
    })
}

fn diff(bench: &Bench, folders: &[String; 2], more: &[&str], code: i32) -> Value {
    let mut arguments = vec!["diff", &folders[0], &folders[1], "--format", "json"];
    arguments.extend(more);
    let outcome = bench.run(&arguments).unwrap();
    assert_eq!(outcome.code(), Some(code), "{outcome:?}");
    outcome.json().unwrap()
}

#[test]
fn what_came_is_told_first_with_names_and_code() {
    let bench = bench();
    let folders = folders(&bench, BEFORE, AFTER);
    let found = diff(&bench, &folders, &["--fail-on", "high"], 1);
    assert_eq!(found["schema"], "assay.diff/1");
    let first = &found["findings"][0];
    assert_eq!(first["change"], "new");
    assert_eq!(first["finding"]["behaviour"], "covert.channel");
    let names = found["names"].as_array().unwrap();
    let added = |kind: &str| {
        let of = names.iter().find(|name| name["kind"] == kind);
        of.map(|name| name["added"].clone())
    };
    assert_eq!(added("host"), Some(json!(["telemetry.example.net"])));
    assert_eq!(added("variable"), Some(json!(["TOOL_SEGMENT"])));
    let told = &found["functions"];
    let count = |name: &str| told[name].as_u64().unwrap();
    // `wait` and `ask`; `mark` and `told`.
    assert_eq!(
        (count("changed"), count("new"), count("gone")),
        (2, 2, 0),
        "{told:#}"
    );
    let mut shown = told["shown"].as_array().unwrap().iter();
    let wait = shown.find(|one| one["name"] == "wait").unwrap();
    let lines = |change: &str| -> Vec<&str> {
        let lines = wait["lines"].as_array().unwrap().iter();
        lines
            .filter(|line| line["change"] == change)
            .map(|line| line["text"].as_str().unwrap().trim())
            .collect()
    };
    // Its variables have the names that they had.
    assert_eq!(lines("gone").len(), 1, "{wait:#}");
    assert!(lines("gone")[0].contains("times > 3"), "{wait:#}");
    assert!(lines("new")[0].contains("times > 5"), "{wait:#}");
    // The function that shows the finding comes first.
    let shows = &told["shown"][0]["findings"][0];
    assert_eq!(shows, &first["finding"]["id"], "{told:#}");
}

#[test]
fn a_subject_beside_itself_has_no_difference() {
    let bench = bench();
    let both = folders(&bench, AFTER, AFTER);
    let found = diff(&bench, &both, &["--fail-on", "low"], 0);
    assert_eq!(
        (&found["findings"], &found["names"]),
        (&json!([]), &json!([]))
    );
    // Nor where it is written in another way.
    let written = AFTER.replace("mark", "sign").replace('\n', "\n\n  ");
    let both = folders(&bench, AFTER, &written);
    let found = diff(&bench, &both, &[], 0);
    assert_eq!(found["findings"], json!([]), "{found:#}");
    assert_eq!(found["functions"]["shown"], json!([]), "{found:#}");
    assert!(found["functions"]["same"].as_u64() > Some(3), "{found:#}");
}

#[test]
fn a_list_that_was_changed_is_one_finding_with_its_entries() {
    let list = |hosts: &[&str]| {
        let hosts: Vec<String> = hosts
            .iter()
            .map(|host| {
                let bytes: Vec<String> = host.bytes().map(|b| (b ^ 91).to_string()).collect();
                format!("[{}]", bytes.join(","))
            })
            .collect();
        format!(
            "const l=[{}].map(a=>String.fromCharCode(...a.map(b=>b^91)));\
             export const t=()=>l.includes(new URL(process.env.TOOL_BASE_URL).hostname);",
            hosts.join(",")
        )
    };
    let bench = bench();
    let hosts = [
        "gateway.example.com",
        "proxy.example.net",
        "models.example.org",
    ];
    let more = [&hosts[..], &["relay.example.info"]].concat();
    let both = folders(&bench, &list(&hosts), &list(&more));
    let found = diff(&bench, &both, &[], 0);
    let findings = found["findings"].as_array().unwrap();
    let one = findings.iter().find(|one| one["change"] == "changed");
    let one = one.unwrap_or_else(|| panic!("{found:#}"));
    assert_eq!(one["added"], json!(["relay.example.info"]), "{found:#}");
    assert!(one["removed"].is_null());
}

#[test]
fn every_form_can_be_read_and_what_is_no_code_is_told() {
    let bench = bench();
    let both = folders(&bench, BEFORE, AFTER);
    for (format, words) in [
        (
            "text",
            &[
                "covert.channel",
                "telemetry.example.net",
                "-   if (times > 3)",
            ][..],
        ),
        ("markdown", &["## Functions", "covert.channel"]),
        ("sarif", &["\"baselineState\": \"new\""]),
    ] {
        let outcome = bench
            .run(&["diff", &both[0], &both[1], "--format", format])
            .unwrap();
        assert_eq!(outcome.code(), Some(0), "{outcome:?}");
        for word in words {
            assert!(outcome.stdout.contains(word), "{word}: {}", outcome.stdout);
        }
    }
    // What cannot be parsed is named and not taken for nothing.
    std::fs::write(bench.path("two").join("broken.mjs"), "function ( {{{ ]").unwrap();
    let found = diff(&bench, &both, &[], 0);
    let notes = found["notes"].to_string();
    assert!(
        notes.contains("broken.mjs") && notes.contains("not compared"),
        "{notes}"
    );
}

#[test]
fn a_newer_version_than_the_approved_one_is_told() {
    let registry = crate::history::registry();
    let bench = bench().with("npm_config_registry", &registry.url());
    let watch = |approved: &str, more: &[&str]| {
        let list = format!("[[tool]]\nsource = \"npm:small-tool\"\napproved = \"{approved}\"\n");
        bench.file("tools.toml", list).unwrap();
        let mut arguments = vec!["watch", "tools.toml", "--format", "json"];
        arguments.extend(more);
        let outcome = bench.run(&arguments).unwrap();
        let json: Value = outcome.json().unwrap_or_default();
        (outcome.code(), json["tools"][0].clone())
    };
    let (code, tool) = watch("1.0.11", &[]);
    assert_eq!(
        (code, &tool["newest"], &tool["newer"]),
        (Some(0), &Value::Null, &json!(0))
    );
    let (code, tool) = watch("1.0.1", &[]);
    assert_eq!((code, &tool["newest"]), (Some(1), &json!("1.0.11")));
    // From one without the channel to one without: nothing weighty.
    assert_eq!(watch("1.0.1", &["--fail-on", "high"]).0, Some(0));
    assert_eq!(tool["diff"]["findings"], json!([]));
    let (code, tool) = watch("1.0.8", &[]);
    assert_eq!(code, Some(1));
    assert_eq!(tool["diff"]["findings"][0]["change"], "gone", "{tool:#}");
    // One that was withdrawn cannot be compared with.
    let (code, tool) = watch("1.0.5", &[]);
    assert_eq!(code, Some(2), "{tool:#}");
    assert!(
        !tool["problem"].is_null() && !tool["notes"].is_null(),
        "{tool:#}"
    );
    for (list, word) in [
        ("", "[[tool]]"),
        ("[[tool]]\nsource = \"./x\"\napproved = \"1\"\n", "line 2"),
    ] {
        bench.file("tools.toml", list).unwrap();
        let outcome = bench.run(&["watch", "tools.toml"]).unwrap();
        assert_eq!(outcome.code(), Some(2));
        assert!(outcome.stderr.contains(word), "{outcome:?}");
    }
}

/// The states of what is new, by the key of its finding.
fn told(found: &Value) -> std::collections::BTreeMap<String, String> {
    let findings = found["findings"].as_array().unwrap().iter();
    findings
        .filter_map(|one| {
            let state = one["disclosure"]["state"].as_str()?;
            let key = match one["finding"]["behaviour"].as_str()? {
                "covert.channel" => "covert.channel",
                _ => one["finding"]["key"].as_str()?,
            };
            Some((key.to_owned(), state.to_owned()))
        })
        .collect()
}

#[test]
fn what_is_new_is_held_against_the_release_notes() {
    let bench = bench();
    let both = folders(&bench, BEFORE, AFTER);
    // Where there are none, nothing is said.
    let found = diff(&bench, &both, &[], 0);
    assert!(found["release_notes"].is_null(), "{found:#}");
    assert!(told(&found).is_empty());
    // Those in the package.
    let notes = "# Changes\n\n## 2.0.0\n- TOOL_SEGMENT names the segment\n- No longer sends anything to telemetry.example.net\n";
    bench.file("two/CHANGELOG.md", notes).unwrap();
    let found = diff(&bench, &both, &[], 0);
    let states = told(&found);
    let state = |key: &str| states.get(key).map(String::as_str);
    assert_eq!(state("TOOL_SEGMENT"), Some("disclosed"), "{found:#}");
    assert_eq!(state("telemetry.example.net"), Some("contradicted"));
    assert_eq!(state("covert.channel"), Some("undisclosed"));
    let segment = found["findings"].as_array().unwrap().iter();
    let mut segment = segment.filter(|one| one["finding"]["key"] == "TOOL_SEGMENT");
    let line = &segment.next().unwrap()["disclosure"]["line"];
    assert_eq!(line["number"], 4, "{line:#}");
    assert_eq!(line["version"], "2.0.0");
    // Those that the user names go first.
    let releases =
        r#"[{"tag_name": "v2.0.0", "body": "New: a host for counts, telemetry.example.net"}]"#;
    let file = bench.file("releases.json", releases).unwrap();
    let found = diff(&bench, &both, &["--notes", file.to_str().unwrap()], 0);
    let states = told(&found);
    let state = |key: &str| states.get(key).map(String::as_str);
    assert_eq!(state("TOOL_SEGMENT"), Some("undisclosed"), "{found:#}");
    assert_eq!(state("telemetry.example.net"), Some("disclosed"));
    // What cannot be read is an error.
    let outcome = bench
        .run(&["diff", &both[0], &both[1], "--notes", "no-such-file"])
        .unwrap();
    assert_eq!(outcome.code(), Some(2), "{outcome:?}");
}

#[test]
fn hosts_are_held_against_a_profile() {
    let bench = bench();
    let text = AFTER
        .replace("api.example.com", "api.small-tool.dev")
        .replace("telemetry.example.net", "counts.small-tool.dev");
    let both = folders(&bench, BEFORE, &text);
    let profile = r#"
name = "Small"
[[tool]]
name = "Small Tool"
[[tool.host]]
host = "api.small-tool.dev"
purpose = "model"
source = "https://docs.small-tool.dev/hosts"
date = "2026-01-31"
"#;
    let file = bench.file("profile.toml", profile).unwrap();
    let vet = |more: &[&str]| {
        let mut arguments = vec!["vet", &both[1], "--format", "json", "--fail-on", "never"];
        arguments.extend(more);
        let outcome = bench.run(&arguments).unwrap();
        assert_eq!(outcome.code(), Some(0), "{outcome:?}");
        outcome.json().unwrap()
    };
    let undocumented = |dossier: &Value| -> Vec<String> {
        let findings = dossier["findings"].as_array().unwrap().iter();
        findings
            .filter(|one| one["behaviour"] == "egress.undocumented")
            .map(|one| one["key"].as_str().unwrap().to_owned())
            .collect()
    };
    let without = vet(&[]);
    assert!(without["profile"].is_null() && undocumented(&without).is_empty());
    let with = vet(&["--profile", file.to_str().unwrap()]);
    assert_eq!(undocumented(&with), ["counts.small-tool.dev"], "{with:#}");
    assert_eq!(with["profile"]["tool"], "Small Tool");
    assert_eq!(with["profile"]["documented"], json!(["api.small-tool.dev"]));
    let wrong = bench
        .file("wrong.toml", "name = \"a\"\ncolour = 1\n")
        .unwrap();
    let outcome = bench
        .run(&["vet", &both[1], "--profile", wrong.to_str().unwrap()])
        .unwrap();
    assert_eq!(outcome.code(), Some(2));
    assert!(outcome.stderr.contains("line 2"), "{outcome:?}");
}
