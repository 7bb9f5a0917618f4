//! Ctrl-C.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use assay_it::{
    Bench, Package, Process, Registry, Request, Response, Running, descendants, integrity,
    is_alive, kill, packument,
};
use serde_json::json;

use crate::support::bench;

const SOON: Duration = Duration::from_secs(10);

/// After a signal: a quick end with the status of an interruption, no process
/// and no dossier left.
fn assert_ends(bench: &Bench, running: Running, kept: &[&str]) {
    let others = descendants(running.id());
    kill("INT", running.id()).unwrap();
    let outcome = running.wait(SOON).unwrap();
    assert!(matches!(outcome.code(), Some(2 | 130)), "{outcome:?}");
    assert_eq!(outcome.stdout, "");
    assert!(!outcome.stderr.contains("panicked"), "{outcome:?}");
    let left: Vec<&Process> = others
        .iter()
        .filter(|process| is_alive(**process))
        .collect();
    assert!(left.is_empty(), "{left:?} outlive their parent");
    let kept: Vec<PathBuf> = kept.iter().map(PathBuf::from).collect();
    assert_eq!(bench.everything().unwrap(), kept);
}

fn start(bench: &Bench, source: &str) -> Running {
    bench
        .start(&["vet", source, "--output", "dossier", "--no-cache"])
        .unwrap()
}

#[test]
fn ends_a_request_that_is_not_answered() {
    let registry = Registry::start(|_| {
        |_: &Request| Response {
            body: vec![b' '; 1000],
            cut: Some(0),
            stall: true,
            ..Response::status(200)
        }
    })
    .unwrap();
    let bench = bench().with("npm_config_registry", &registry.url());
    let running = start(&bench, "npm:slow-tool");
    assert!(registry.wait_for(1, SOON));
    assert_ends(&bench, running, &[]);
}

#[test]
fn ends_a_connection_that_says_nothing_at_all() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let bench = bench().with("npm_config_registry", &format!("http://127.0.0.1:{port}"));
    let running = start(&bench, "npm:silent-tool");
    let _connection = listener.accept().unwrap();
    assert_ends(&bench, running, &[]);
}

#[test]
fn ends_a_download_that_hangs() {
    let registry = Registry::start(|base| {
        let package = Package::new("slow-tool", "1.0.0", json!({}), &[("a.js", "1")]).unwrap();
        let address = format!("{base}/file.tgz");
        let document = packument(&package, &address, &integrity(&package.tarball)).to_string();
        move |request: &Request| match request.path.as_str() {
            "/file.tgz" => Response {
                cut: Some(package.tarball.len() / 2),
                stall: true,
                ..Response::ok(package.tarball.clone())
            },
            _ => Response::ok(document.clone()),
        }
    })
    .unwrap();
    let bench = bench().with("npm_config_registry", &registry.url());
    let running = start(&bench, "npm:slow-tool");
    assert!(registry.wait_for(2, SOON));
    assert_ends(&bench, running, &[]);
}

#[test]
fn ends_the_confined_processes_that_read() {
    let bench = bench();
    let code = "f(g,h,[i,{j:k+l}]);".repeat(1_000_000);
    bench.file("tool/large.js", &code).unwrap();
    bench.file("tool/other.js", &code).unwrap();
    let running = start(&bench, "./tool");
    let deadline = Instant::now() + SOON;
    while descendants(running.id()).is_empty() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(
        !descendants(running.id()).is_empty(),
        "no confined process was seen"
    );
    // Into the middle of the reading, not of the start.
    std::thread::sleep(Duration::from_millis(300));
    assert_ends(
        &bench,
        running,
        &["work/tool", "work/tool/large.js", "work/tool/other.js"],
    );
}

#[test]
fn keeps_an_older_dossier() {
    let bench = bench();
    bench.file("tool/a.js", "eval(x)").unwrap();
    let arguments = ["vet", "./tool", "--offline", "--output", "dossier"];
    assert_eq!(bench.run(&arguments).unwrap().code(), Some(0));
    let before = std::fs::read(bench.path("dossier/dossier.json")).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let bench = bench.with("npm_config_registry", &format!("http://127.0.0.1:{port}"));
    let running = start(&bench, "npm:silent-tool");
    let _connection = listener.accept().unwrap();
    kill("TERM", running.id()).unwrap();
    let outcome = running.wait(SOON).unwrap();
    assert!(matches!(outcome.code(), Some(2 | 130 | 143)), "{outcome:?}");
    assert_eq!(
        std::fs::read(bench.path("dossier/dossier.json")).unwrap(),
        before
    );
}
