//! A registry on loopback: what goes wrong, and a package from end to end.

use std::path::PathBuf;

use assay_it::{Bench, Outcome, Package, Registry, Request, Response, integrity, packument};
use serde_json::{Value, json};

use crate::support::{
    assert_gap, assert_inert, bench, findings, gaps, list, names_host, run_to, text,
};

fn bench_of(registry: &Registry) -> Bench {
    bench().with("npm_config_registry", &registry.url())
}

fn package() -> Package {
    let files = [("cli.js", "fetch('https://api.small-tool.dev/')")];
    Package::new("small-tool", "1.2.3", json!({ "bin": "cli.js" }), &files).unwrap()
}

/// Fails: with 2, no result, no dossier, and words that help.
fn assert_fails(bench: &Bench, source: &str, says: &[&str]) -> Outcome {
    let outcome = run_to(bench, &["vet", source, "--output", "dossier"], 2);
    assert_eq!(outcome.stdout, "");
    for part in says {
        assert!(
            outcome.stderr.contains(part),
            "'{part}' is not in: {}",
            outcome.stderr
        );
    }
    assert_inert(&outcome.stderr);
    assert_eq!(bench.everything().unwrap(), Vec::<PathBuf>::new());
    outcome
}

/// A registry that answers everything alike.
fn always(response: Response) -> Registry {
    Registry::start(|_| move |_: &Request| response.clone()).unwrap()
}

/// A registry of the small tool whose archive is answered by `file`.
fn with_file(file: impl Fn(&Package) -> Response + Send + Sync + 'static) -> Registry {
    Registry::start(|base| {
        let package = package();
        let address = format!("{base}/file.tgz");
        let document = packument(&package, &address, &integrity(&package.tarball)).to_string();
        move |request: &Request| match request.path.as_str() {
            "/file.tgz" => file(&package),
            _ => Response::ok(document.clone()),
        }
    })
    .unwrap()
}

#[test]
fn a_package_that_is_not_there_is_named() {
    let registry = always(Response::status(404));
    assert_fails(
        &bench_of(&registry),
        "npm:small-tool",
        &["small-tool", &registry.url(), "check"],
    );
}

#[test]
fn a_version_that_is_not_there_is_named_with_those_that_are() {
    let registry = Registry::of(vec![package()]).unwrap();
    assert_fails(
        &bench_of(&registry),
        "npm:small-tool@9.9.9",
        &["small-tool", "9.9.9", "1.2.3"],
    );
}

#[test]
fn a_login_that_is_wanted_is_named_with_its_setting() {
    for status in [401, 403] {
        let registry = always(Response::status(status));
        let says = ["small-tool", &status.to_string(), "npmrc"];
        assert_fails(&bench_of(&registry), "npm:small-tool", &says);
    }
}

#[test]
fn a_registry_that_is_down_is_tried_again_and_named() {
    let registry = always(Response::status(500));
    assert_fails(
        &bench_of(&registry),
        "npm:small-tool",
        &["small-tool", "500", "try again"],
    );
    assert!(registry.requests().len() > 1, "it was tried once only");
}

#[test]
fn a_registry_that_is_not_there_is_named() {
    // Nothing listens on a port that was just given back.
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let bench = bench().with("npm_config_registry", &format!("http://127.0.0.1:{port}"));
    assert_fails(&bench, "npm:small-tool", &["small-tool", &port.to_string()]);
}

#[test]
fn garbage_is_no_package() {
    for body in [
        &b"<html><body>Please log in</body></html>"[..],
        b"",
        b"{",
        b"[]",
        b"null",
        b"{\"versions\": 7}",
        b"\xff\xfe\0\x1b[31m",
        "[".repeat(200_000).as_bytes(),
    ] {
        let registry = always(Response::ok(body));
        let outcome = assert_fails(&bench_of(&registry), "npm:small-tool", &["small-tool"]);
        assert!(!outcome.stderr.contains('\u{1b}'));
    }
}

#[test]
fn a_file_of_another_hash_is_thrown_away() {
    let other = Package::new("small-tool", "1.2.3", json!({ "x": 1 }), &[])
        .unwrap()
        .tarball;
    let registry = with_file(move |_| Response::ok(other.clone()));
    let bench = bench_of(&registry);
    assert_fails(
        &bench,
        "npm:small-tool",
        &["small-tool", "sha512-", "do not use"],
    );
    // It was not kept either.
    assert_fails(&bench, "npm:small-tool@1.2.3", &["small-tool", "sha512-"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let registry = with_file(|_| Response::status(404));
    assert_fails(
        &bench_of(&registry),
        "npm:small-tool",
        &["small-tool", "404"],
    );
}

#[test]
fn a_download_that_always_breaks_off_is_named() {
    let registry = with_file(|package| Response {
        cut: Some(package.tarball.len() / 2),
        ..Response::ok(package.tarball.clone())
    });
    assert_fails(&bench_of(&registry), "npm:small-tool", &["file.tgz"]);
}

#[test]
fn a_document_that_breaks_off_is_named() {
    let registry = Registry::start(|base| {
        let package = package();
        let document = packument(&package, base, &integrity(&package.tarball)).to_string();
        move |_: &Request| Response {
            cut: Some(document.len() / 2),
            ..Response::ok(document.clone())
        }
    });
    assert_fails(
        &bench_of(&registry.unwrap()),
        "npm:small-tool",
        &["small-tool"],
    );
}

#[test]
fn a_download_that_breaks_off_once_is_taken_up_again() {
    let broken = std::sync::atomic::AtomicBool::new(false);
    let registry = with_file(move |package| Response {
        cut: (!broken.swap(true, std::sync::atomic::Ordering::SeqCst))
            .then_some(package.tarball.len() / 2),
        ..Response::ok(package.tarball.clone())
    });
    let outcome = run_to(&bench_of(&registry), &["vet", "npm:small-tool"], 0);
    assert!(outcome.stdout.contains("small-tool"), "{outcome:?}");
}

#[test]
fn an_archive_that_is_no_archive_is_in_the_coverage() {
    let mut package = package();
    package.tarball = b"this is no archive, but its hash is right".to_vec();
    let registry = Registry::of(vec![package]).unwrap();
    let outcome = run_to(
        &bench_of(&registry),
        &["vet", "npm:small-tool", "--format", "json"],
        0,
    );
    let dossier = outcome.json().unwrap();
    assert_eq!(list(&dossier, "/coverage/entries").len(), 1, "{dossier:#}");
    assert!(names_nothing_as_parsed(&dossier));
}

fn names_nothing_as_parsed(dossier: &Value) -> bool {
    list(dossier, "/coverage/entries")
        .iter()
        .all(|entry| text(entry, "/reading") != "parsed")
}

/// A tool whose code is in a package for each platform.
fn tool() -> Vec<Package> {
    let main = json!({
        "bin": "start.js",
        "scripts": { "postinstall": "node fetch-binary.js" },
        "dependencies": { "ordinary-library": "^2.0.0" },
        "optionalDependencies": {
            "@it/tool-linux-x64": "3.1.0",
            "@it/tool-darwin-arm64": "3.1.0",
        },
    });
    let platform = |os: &str, cpu: &str| {
        let code = format!("fetch('https://{os}-{cpu}.tool-of-it.dev/v1')");
        let fields = json!({ "os": [os], "cpu": [cpu] });
        Package::new(
            &format!("@it/tool-{os}-{cpu}"),
            "3.1.0",
            fields,
            &[("core.js", &code)],
        )
        .unwrap()
    };
    let start = [("start.js", "require('@it/tool-' + process.platform)")];
    vec![
        Package::new("@it/tool", "3.1.0", main, &start).unwrap(),
        platform("linux", "x64"),
        platform("darwin", "arm64"),
    ]
}

fn vet_tool(bench: &Bench, more: &[&str]) -> Value {
    let arguments = [
        "vet",
        "npm:@it/tool@^3",
        "--format",
        "json",
        "--platform",
        "linux-x64",
    ];
    run_to(bench, &[&arguments[..], more].concat(), 0)
        .json()
        .unwrap()
}

#[test]
fn a_good_package_is_followed_to_its_platform_package() {
    let registry = Registry::of(tool()).unwrap();
    let bench = bench_of(&registry);
    let dossier = vet_tool(&bench, &[]);
    assert_eq!(text(&dossier, "/subject/purl"), "pkg:npm/%40it/tool@3.1.0");
    assert_eq!(text(&dossier, "/subject/platform"), "linux-x64");
    let artifacts = list(&dossier, "/subject/artifacts");
    let of = |pointer| {
        artifacts
            .iter()
            .map(|a| text(a, pointer))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("/purl"),
        [
            "pkg:npm/%40it/tool@3.1.0",
            "pkg:npm/%40it/tool-linux-x64@3.1.0"
        ]
    );
    assert_eq!(of("/role"), ["main", "platform"]);
    assert_eq!(of("/integrity/state"), ["verified", "verified"]);
    assert!(
        of("/integrity/digest")
            .iter()
            .all(|digest| digest.starts_with("sha512-"))
    );

    assert!(
        names_host(&dossier, "linux-x64.tool-of-it.dev"),
        "{:#?}",
        gaps(&dossier)
    );
    assert!(!names_host(&dossier, "darwin-arm64.tool-of-it.dev"));
    let script = findings(&dossier, "integrity.install-script");
    assert_eq!(script.len(), 1, "{dossier:#}");
    assert!(text(script[0], "/title").contains("node fetch-binary.js"));
    assert_gap(&dossier, "ordinary-library", "not-fetched", "");
    assert_gap(&dossier, "tool-darwin-arm64", "not-fetched", "--platform");
    for request in registry.requests() {
        assert!(
            !request.headers.contains_key("authorization"),
            "{request:?}"
        );
    }
}

#[test]
fn all_platforms_are_read_when_asked_for() {
    let registry = Registry::of(tool()).unwrap();
    let bench = bench_of(&registry);
    let arguments = [
        "vet",
        "npm:@it/tool",
        "--format",
        "json",
        "--platform",
        "all",
    ];
    let dossier = run_to(&bench, &arguments, 0).json().unwrap();
    for host in ["linux-x64", "darwin-arm64"] {
        assert!(
            names_host(&dossier, &format!("{host}.tool-of-it.dev")),
            "{host}"
        );
    }
    assert_eq!(list(&dossier, "/subject/artifacts").len(), 3);
}

#[test]
fn offline_takes_what_an_earlier_run_fetched_and_nothing_else() {
    let registry = Registry::of(tool()).unwrap();
    let bench = bench_of(&registry);
    let dossier = vet_tool(&bench, &[]);
    let before = registry.requests().len();
    assert_eq!(vet_tool(&bench, &["--offline"]), dossier);
    assert_eq!(vet_tool(&bench, &["--offline", "--no-cache"]), dossier);
    assert_eq!(registry.requests().len(), before);
    let arguments = ["vet", "npm:@it/other", "--offline"];
    let outcome = run_to(&bench, &arguments, 2);
    assert!(
        outcome.stderr.contains("@it/other") || outcome.stderr.contains("%2fother"),
        "{outcome:?}"
    );
    assert!(outcome.stderr.contains("without --offline"), "{outcome:?}");
}

#[test]
fn a_finding_of_a_registry_package_is_reproduced_from_the_registry() {
    let registry = Registry::of(tool()).unwrap();
    let bench = bench_of(&registry);
    let dossier = vet_tool(&bench, &["--output", "dossier"]);
    let host = findings(&dossier, "egress.endpoint");
    let script = findings(&dossier, "integrity.install-script");
    for found in host.iter().chain(&script) {
        let id = text(found, "/id");
        // Once from the cache and once with an empty one.
        run_to(&bench, &["reproduce", "dossier", id, "--offline"], 0);
        let elsewhere = ["reproduce", "dossier", id, "--cache-dir", "fresh-cache"];
        let outcome = run_to(&bench, &elsewhere, 0);
        assert!(outcome.stdout.starts_with("same"), "{outcome:?}");
        std::fs::remove_dir_all(bench.path("fresh-cache")).unwrap();
    }
}

#[test]
fn a_registry_that_changed_its_file_is_told_by_reproduce() {
    let registry = Registry::of(tool()).unwrap();
    let bench = bench_of(&registry);
    let dossier = vet_tool(&bench, &["--output", "dossier"]);
    let id = text(findings(&dossier, "integrity.install-script")[0], "/id").to_owned();
    let mut changed = tool();
    changed[0] = Package::new("@it/tool", "3.1.0", json!({ "bin": "x" }), &[("x", "y")]).unwrap();
    let changed = Registry::of(changed).unwrap();
    let arguments = ["reproduce", "dossier", &id, "--cache-dir", "fresh-cache"];
    let mut command = bench.command(&arguments).unwrap();
    command.env("npm_config_registry", changed.url());
    let running = assay_it::Running::start(command).unwrap();
    let outcome = running.wait(std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(outcome.code(), Some(2), "{outcome:?}");
    assert!(outcome.stderr.contains("another artifact"), "{outcome:?}");
}

#[test]
fn a_token_goes_to_its_registry_and_nowhere_else() {
    const TOKEN: &str = "npm_SecretOfTheTest";
    let package = package();
    let (document, tarball) = (package.clone(), package.tarball.clone());
    // The files lie on another host, as a registry's answer can say.
    let files = Registry::start(|_| move |_: &Request| Response::ok(tarball.clone())).unwrap();
    let address = format!("{}/small-tool.tgz", files.url());
    let registry = Registry::start(move |_| {
        let body = packument(&document, &address, &integrity(&document.tarball)).to_string();
        move |_: &Request| Response::ok(body.clone())
    })
    .unwrap();
    let bench = bench();
    let place = registry.url().replace("http:", "");
    let settings = format!(
        "registry={}/\n{place}/:_authToken={TOKEN}\n",
        registry.url()
    );
    bench.file("../home/.npmrc", settings).unwrap();
    let outcome = run_to(&bench, &["vet", "npm:small-tool", "--output", "dossier"], 0);
    let sent = |registry: &Registry| {
        let requests = registry.requests();
        assert!(!requests.is_empty());
        requests
            .iter()
            .filter(|r| r.headers.values().any(|v| v.contains(TOKEN)))
            .count()
    };
    assert!(sent(&registry) > 0, "the registry was not given its token");
    assert_eq!(sent(&files), 0, "another host was given the token");
    assert!(!outcome.stdout.contains(TOKEN) && !outcome.stderr.contains(TOKEN));
    for file in ["dossier.json", "report.md", "results.sarif"] {
        let text = std::fs::read_to_string(bench.path("dossier").join(file)).unwrap();
        assert!(!text.contains(TOKEN), "{file}");
    }
}
