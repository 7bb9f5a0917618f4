//! What the sandbox and the recorder cost: a run in them beside the same run
//! without, which asks the same stand-in on loopback.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use assay_observe::{Launcher, Mount, Plan, RunLimits, Script, run};
use assay_wire::providers::{Ask, Said, providers};
use assay_wire::{
    Answer, Authority, Exchange, Frame, Noted, Observer, Peer, Replies, Request, Server,
};

use crate::table::{seconds, table};
use crate::tool::Tool;

/// A tool of ours.
const TOOL: &str = include_str!("bench.mjs.txt");
/// How often one run is measured.
const RUNS: usize = 9;
/// How many runs are done together, and how many at a time.
const MANY: usize = 60;
const JOBS: usize = 2;
/// What the project holds itself to.
const TARGET_ONE: f64 = 1.25;
const TARGET_MANY: f64 = 1.4;

/// Answers as the recorder's stand-in does, and keeps nothing.
struct StandIn;

impl Observer for StandIn {
    fn answer(&self, _: u64, request: &Request) -> Answer {
        let body = serde_json::from_slice(&request.content(1 << 20).bytes).unwrap_or_default();
        let said = Said {
            text: "done".to_owned(),
            calls: Vec::new(),
        };
        let asked: Option<(_, Ask)> = providers()
            .iter()
            .find_map(|provider| Some((provider, provider.ask(request, &body)?)));
        match asked {
            Some((provider, ask)) => provider.answer(&ask, &said),
            None => Answer::json(404, &serde_json::json!({})),
        }
    }

    fn message(&self, _: u64, _: &[u8]) -> Replies {
        Replies::default()
    }

    fn exchanged(&self, _: Exchange) {}
    fn framed(&self, _: Frame) {}
    fn noted(&self, _: u64, _: Noted) {}
}

/// The stand-in on loopback; it goes with this process.
fn stand_in() -> Result<SocketAddr> {
    let authority = Authority::new("Assay bench").map_err(|error| anyhow::anyhow!("{error}"))?;
    let server = Arc::new(Server::new(Arc::new(authority), Arc::new(StandIn)));
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let to = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                return;
            };
            while let Ok((stream, _)) = listener.accept().await {
                let peer = Peer {
                    connection: 0,
                    to,
                    name: None,
                };
                tokio::spawn(Arc::clone(&server).serve(stream, peer));
            }
        });
    });
    Ok(to)
}

pub(crate) fn bench() -> Result<ExitCode> {
    let tool = Tool::build()?;
    let launcher = Launcher {
        program: tool.program(),
        cancelled: Arc::default(),
    };
    let scratch = tempfile::tempdir()?;
    let script = scratch.path().join("tool.mjs");
    fs::write(&script, TOOL)?;
    let to = stand_in()?;
    let bare = || without(&script, to);
    let held = || within(&script, &launcher);
    // Once for nothing.
    bare()?;
    held()?;
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ones.push(bare()?);
        others.push(held()?);
    }
    ones.sort();
    others.sort();
    let middle = RUNS / 2;
    let median = |times: &[Duration]| times.get(middle).copied().unwrap_or_default();
    let many_bare = together(&bare)?;
    let many_held = together(&held)?;
    let row = |what: &str, bare: Duration, held: Duration, target: f64| {
        vec![
            what.to_owned(),
            seconds(bare),
            seconds(held),
            format!("{:.2}", held.as_secs_f64() / bare.as_secs_f64()),
            format!("{target}"),
        ]
    };
    let rows = vec![
        row(
            &format!("one run (median of {RUNS})"),
            median(&ones),
            median(&others),
            TARGET_ONE,
        ),
        row(
            &format!("{MANY} runs, {JOBS} at a time"),
            many_bare,
            many_held,
            TARGET_MANY,
        ),
    ];
    println!(
        "{}",
        table(&["", "bare", "in the sandbox", "ratio", "target"], &rows)
    );
    Ok(ExitCode::SUCCESS)
}

fn together(one: &(dyn Fn() -> Result<Duration> + Sync)) -> Result<Duration> {
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..JOBS)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    while next.fetch_add(1, Ordering::Relaxed) < MANY {
                        one()?;
                    }
                    Ok(())
                })
            })
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(done) => done?,
                Err(_) => bail!("a run broke off"),
            }
        }
        Ok(())
    })?;
    Ok(start.elapsed())
}

/// A run as anybody starts it, in a folder of its own.
fn without(script: &Path, to: SocketAddr) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("README.md"), "# Billing\n")?;
    let start = Instant::now();
    let status = Command::new("node")
        .arg(script)
        .current_dir(folder.path())
        .env("BENCH_BASE", format!("http://{to}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .context("node cannot be run")?;
    if !status.success() {
        bail!("the tool ended with {status}");
    }
    Ok(start.elapsed())
}

fn within(script: &Path, launcher: &Launcher) -> Result<Duration> {
    let out = tempfile::tempdir()?;
    let plan = Plan {
        command: vec![
            "/usr/bin/node".to_owned(),
            "/opt/subject/tool.mjs".to_owned(),
        ],
        environment: BTreeMap::from([
            ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
            ("HOME".to_owned(), "/home/dev".to_owned()),
            (
                "BENCH_BASE".to_owned(),
                "http://models.bench.example".to_owned(),
            ),
        ]),
        mounts: vec![Mount {
            from: script.to_owned(),
            to: "/opt/subject/tool.mjs".to_owned(),
            writable: false,
        }],
        script: Script::usual()?,
        limits: RunLimits::default(),
        out: out.path().join("run"),
        ..Plan::default()
    };
    let start = Instant::now();
    let recording = run(&plan, launcher)?;
    let took = start.elapsed();
    let ended = recording
        .events
        .iter()
        .any(|event| matches!(event.seen, assay_observe::Seen::Ended { status: 0, .. }));
    if !ended {
        bail!("the tool did not end well in the sandbox");
    }
    Ok(took)
}
