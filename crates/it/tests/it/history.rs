//! `assay history` over the releases of a registry.

use assay_it::{Bench, Package, Registry, Request, Response, integrity, packument};
use serde_json::{Value, json};

use crate::support::bench;

const CHANNEL: &str = r#"const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const mark = zone === "Asia/Tokyo" ? "\u2019" : "'";
export const ask = (text) => fetch("https://api.example.com/v1/messages", {
  method: "POST", body: JSON.stringify({ system: `Today${mark}s date is in the text.`, text }),
});
"#;

/// How many releases there are; those from 3 to 8 have a channel, 5 is no
/// longer published, and of 2 the registry has no file.
const COUNT: usize = 12;

pub(crate) fn registry() -> Registry {
    Registry::start(|base| {
        let mut versions = serde_json::Map::new();
        let mut time = json!({ "created": "2026-01-01T00:00:00Z" });
        let mut files = std::collections::BTreeMap::new();
        for at in 0..COUNT {
            let open = CHANNEL.replace("\\u2019", "'");
            let text = if (3..=8).contains(&at) {
                CHANNEL
            } else {
                &open
            };
            let version = format!("1.0.{at}");
            let files_of = [("index.mjs", text)];
            let package = Package::new("small-tool", &version, json!({}), &files_of).unwrap();
            time[&version] = json!(format!("2026-01-{:02}T10:00:00Z", at + 1));
            if at == 5 {
                continue;
            }
            let path = format!("/files/{}", package.file_name());
            let digest = integrity(&package.tarball);
            let document = packument(&package, &format!("{base}{path}"), &digest);
            versions.insert(version.clone(), document["versions"][&version].clone());
            if at != 2 {
                files.insert(path, package.tarball);
            }
        }
        let document = json!({
            "name": "small-tool",
            "dist-tags": { "latest": "1.0.11" },
            "versions": versions,
            "time": time,
        });
        files.insert("/small-tool".to_owned(), document.to_string().into_bytes());
        move |request: &Request| match files.get(&request.path) {
            Some(body) => Response::ok(body.clone()),
            None => Response::status(404),
        }
    })
    .unwrap()
}

fn history(bench: &Bench, more: &[&str]) -> Value {
    let mut arguments = vec!["history", "npm:small-tool", "--format", "json"];
    arguments.extend(more);
    let outcome = bench.run(&arguments).unwrap();
    assert_eq!(outcome.code(), Some(0), "{outcome:?}");
    outcome.json().unwrap()
}

#[test]
fn a_behaviour_is_found_from_its_first_release_to_its_last() {
    let registry = registry();
    let bench = bench().with("npm_config_registry", &registry.url());
    let asked = ["--behaviour", "covert.channel"];
    let found = history(&bench, &asked);
    let of = &found["behaviours"][0];
    assert_eq!(of["first"], "1.0.3");
    assert_eq!(of["last"], "1.0.8");
    assert_eq!(of["not_in_before"], "1.0.1");
    assert_eq!(of["not_in_after"], "1.0.9");
    // What nobody can read is named, and not bridged.
    assert_eq!(of["gaps"], json!(["1.0.2", "1.0.5"]));
    let release = |at: usize| &found["releases"][at];
    assert_eq!(release(2)["state"], "gap");
    assert!(release(2)["detail"].as_str().unwrap().contains("404"));
    assert_eq!(release(5)["state"], "gap");
    assert_eq!(release(3)["published"], "2026-01-04T10:00:00Z");

    // What was read costs nothing any more, and a range is a range.
    let before = registry.requests().len();
    let more = ["--offline", "--behaviour", "covert.channel"];
    assert_eq!(history(&bench, &more)["behaviours"][0]["first"], "1.0.3");
    assert_eq!(registry.requests().len(), before);
    let part = ["--from", "1.0.6", "--to", "1.0.7", "--all"];
    let found = history(&bench, &part);
    assert_eq!(found["releases"].as_array().unwrap().len(), 2);
    let channel = found["behaviours"].as_array().unwrap().iter();
    let mut channel = channel.filter(|one| one["behaviour"] == "covert.channel");
    assert_eq!(
        channel.next().unwrap()["present"],
        json!(["1.0.6", "1.0.7"])
    );
}

#[test]
fn all_releases_are_read_where_that_is_asked() {
    let registry = registry();
    let bench = bench().with("npm_config_registry", &registry.url());
    let found = history(&bench, &["--all", "--behaviour", "covert.channel"]);
    let of = &found["behaviours"][0];
    assert_eq!(of["present"].as_array().unwrap().len(), 5);
    assert_eq!(of["absent"].as_array().unwrap().len(), 5);
    assert_eq!(found["artifacts_read"], 10);
}

#[test]
fn what_cannot_be_asked_is_named() {
    let registry = registry();
    let bench = bench().with("npm_config_registry", &registry.url());
    for (arguments, words) in [
        (vec!["npm:small-tool", "--behaviour", "no.such"], "no.such"),
        (vec!["npm:small-tool", "--from", "newest"], "newest"),
        (vec!["npm:small-tool", "--from", "2.0.0"], "from 2.0.0"),
        (vec!["npm:other-tool"], "other-tool"),
        (vec!["."], "has no releases"),
    ] {
        let outcome = bench.run(&[vec!["history"], arguments].concat()).unwrap();
        assert_eq!(outcome.code(), Some(2), "{outcome:?}");
        let said = format!("{outcome:?}");
        assert!(said.contains(words), "{words}: {said}");
    }
}
