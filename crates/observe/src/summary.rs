//! A recording, told in few words.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::path::Path;

use assay_model::{Host, Left, Opened, Process, Run};
use assay_wire::{Noted, Request};

use crate::decoy::Canary;
use crate::dns::RESOLVER;
use crate::experiment::view::DECODED;
use crate::plan::{Plan, SUBJECT};
use crate::recording::{LIMIT_ON_TIME, Recording, Seen};
use crate::shares::Shares;
use crate::traces::traces;

/// How much of a body is searched, without its coding.
const BODY: usize = 64 << 20;
/// How many paths of a host are told.
const PATHS: usize = 40;
/// What is the system's, and tells nothing of a tool.
const SYSTEM: &[&str] = &[
    "/usr/", "/lib/", "/lib64/", "/lib32/", "/bin/", "/sbin/", "/proc/", "/dev/", "/etc/", "/sys/",
    "/opt/", "/run/", "/var/",
];

/// What a run did. `asked` are files that the script reads.
#[must_use]
pub fn summary(recording: &Recording, plan: &Plan, canaries: &[Canary], asked: &[String]) -> Run {
    let mut run = Run {
        command: plan.command.clone(),
        recording: recording.folder.display().to_string(),
        ..Run::default()
    };
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    let mut programs: BTreeMap<(String, Vec<String>), usize> = BTreeMap::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut connections: BTreeMap<u64, String> = BTreeMap::new();
    let mut opened: BTreeMap<String, bool> = BTreeMap::new();
    let mut addresses: BTreeMap<String, String> = BTreeMap::new();
    let mut left: BTreeSet<Left> = BTreeSet::new();
    let mut began = 0;
    let mut decoded = DECODED;
    let shares = Shares::new(plan, canaries);
    let search = |text: &[u8], host: &str, request: &str, to_model: bool| -> Vec<Left> {
        traces(text, canaries)
            .into_iter()
            .map(|(canary, written)| Left {
                canary: canary.place.clone(),
                asked: asked
                    .iter()
                    .any(|path| !canary.path.is_empty() && canary.path.ends_with(path.as_str())),
                host: host.to_owned(),
                request: request.to_owned(),
                written: written.to_owned(),
                to_model,
            })
            .collect()
    };
    for event in &recording.events {
        match &event.seen {
            Seen::Started { holds } => {
                began = event.at;
                run.holds.clone_from(holds);
            }
            Seen::Exec { found: false, .. } => {}
            Seen::Exec {
                program, arguments, ..
            } => {
                let whole = (program.clone(), arguments.clone());
                let count = programs.entry(whole).or_default();
                *count += 1;
                if *count == 1 {
                    run.processes.push(Process {
                        program: program.clone(),
                        arguments: arguments.clone(),
                        times: 0,
                    });
                }
            }
            Seen::Open { path, write, .. } => {
                let is_system = SYSTEM.iter().any(|start| path.starts_with(start));
                if !is_system || path.starts_with(SUBJECT) && *write {
                    *opened.entry(path.clone()).or_default() |= write;
                }
            }
            Seen::Name { name, .. } => {
                names.insert(name.clone());
            }
            Seen::Connect {
                to, name, datagram, ..
            } => {
                // What goes to the sandbox's own name server is told by name,
                // and what stays on the host is no contact.
                let own = |to: &SocketAddr| {
                    to.ip().is_loopback()
                        || to.ip().is_unspecified()
                        || *to == SocketAddr::new(RESOLVER.into(), 53)
                };
                if let Some(name) = name {
                    addresses.insert(to.clone(), name.clone());
                }
                if to.parse().is_ok_and(|to| !own(&to)) {
                    let host = host(&mut hosts, name.as_ref().unwrap_or(to));
                    if *datagram {
                        trouble(
                            host,
                            format!("a datagram was sent to {to}; nobody answers these"),
                        );
                    }
                }
            }
            Seen::Datagram { to, body } => {
                let name = addresses.get(to).unwrap_or(to).clone();
                let known = host(&mut hosts, &name);
                known.sent = known.sent.saturating_add(body.bytes);
                trouble(
                    known,
                    format!("a datagram was sent to {to}; nobody answers these"),
                );
                let bytes = recording.body(body).unwrap_or_default();
                shares.count(&bytes, false, &mut known.data);
                left.extend(search(&bytes, &name, "a datagram", false));
            }
            Seen::Connection {
                connection,
                to,
                name,
            } => {
                let name = name.clone().unwrap_or_else(|| to.clone());
                host(&mut hosts, &name);
                connections.insert(*connection, name);
            }
            Seen::Noted {
                connection,
                noted,
                body,
            } => {
                if let Noted::Tunnel { to } = noted {
                    connections.insert(*connection, format!("{to} (through a proxy)"));
                }
                let name = connections.get(connection).cloned().unwrap_or_default();
                if let Some(what) = told(noted) {
                    trouble(host(&mut hosts, &name), what);
                }
                if let Noted::Tls {
                    name: asked,
                    offers,
                } = noted
                {
                    let said = [&offers[..], asked.as_slice()].concat().join("\n");
                    left.extend(search(said.as_bytes(), &name, "the opening of TLS", false));
                }
                if let Noted::Tunnel { to } = noted {
                    left.extend(search(to.as_bytes(), &name, "CONNECT", false));
                }
                if let Some(body) = body {
                    let known = host(&mut hosts, &name);
                    known.sent = known.sent.saturating_add(body.bytes);
                    let bytes = recording.body(body).unwrap_or_default();
                    shares.count(&bytes, false, &mut known.data);
                    left.extend(search(&bytes, &name, "of no known protocol", false));
                }
            }
            Seen::Exchange {
                connection,
                provider,
                request,
                body,
                ..
            } => {
                let name = name_of(request, connections.get(connection));
                let line = format!("{} {}", request.method, request.path());
                let to_model = provider.is_some();
                let bytes = recording.body(body).unwrap_or_default();
                let whole = Request {
                    body: bytes.into(),
                    ..(**request).clone()
                };
                let content = whole.content(BODY.min(decoded));
                decoded = decoded.saturating_sub(content.bytes.len());
                let known = host(&mut hosts, &name);
                known.requests += 1;
                known.sent = known.sent.saturating_add(body.bytes);
                if known.provider.is_none() {
                    known.provider.clone_from(provider);
                }
                if known.paths.len() < PATHS && !known.paths.contains(&line) {
                    known.paths.push(line.clone());
                }
                if request.cut {
                    trouble(known, "a body was longer than what is kept".to_owned());
                }
                if content.cut {
                    trouble(
                        known,
                        "a body was longer than what is searched once decoded".to_owned(),
                    );
                }
                if let Some(left) = content.left {
                    trouble(known, format!("a body could not be decoded ({left})"));
                }
                shares.count(&content.bytes, to_model, &mut known.data);
                left.extend(search(&content.bytes, &name, &line, to_model));
                let mut head = request.target.clone();
                for (key, value) in request.headers.iter().chain(&request.trailers) {
                    head.push('\n');
                    head.push_str(key);
                    head.push_str(": ");
                    head.push_str(value);
                }
                head.extend(request.form.iter().map(String::as_str));
                left.extend(search(head.as_bytes(), &name, &line, to_model));
            }
            Seen::Frame {
                connection,
                sent: true,
                provider,
                body,
            } => {
                let name = connections.get(connection).cloned().unwrap_or_default();
                let known = host(&mut hosts, &name);
                known.messages += 1;
                known.sent = known.sent.saturating_add(body.bytes);
                if known.provider.is_none() {
                    known.provider.clone_from(provider);
                }
                let to_model = provider.is_some();
                let bytes = recording.body(body).unwrap_or_default();
                shares.count(&bytes, to_model, &mut known.data);
                left.extend(search(&bytes, &name, "a message of a WebSocket", to_model));
            }
            Seen::Frame { .. } => {}
            Seen::Ended { status, left } => {
                run.status = Some(*status);
                run.milliseconds = event.at.saturating_sub(began) / 1000;
                run.left_running.clone_from(left);
                run.ended = match status {
                    0 => "it ended by itself".to_owned(),
                    1..=128 => format!("it ended with status {status}{}", last_words(&plan.out)),
                    signal => format!("signal {} ended it", signal.saturating_sub(128)),
                };
            }
            Seen::Limit { what } => run.limits.push(what.clone()),
        }
    }
    if run.ended.is_empty() {
        let by_time = run.limits.iter().any(|what| what.ends_with(LIMIT_ON_TIME));
        run.ended = match by_time {
            true => format!("it was ended by {LIMIT_ON_TIME}"),
            false => "its end was not seen".to_owned(),
        };
        let last = recording.events.last().map_or(began, |event| event.at);
        run.milliseconds = last.saturating_sub(began) / 1000;
    }
    run.printed = printed(&plan.out);
    for process in &mut run.processes {
        let whole = (process.program.clone(), process.arguments.clone());
        process.times = programs.get(&whole).copied().unwrap_or(1);
    }
    // What went by name alone may carry something too.
    for name in &names {
        left.extend(search(
            name.as_bytes(),
            name,
            "a name that was asked for",
            false,
        ));
    }
    run.names = names
        .into_iter()
        .filter(|name| !hosts.keys().any(|host| host.starts_with(name.as_str())))
        .collect();
    run.hosts = hosts.into_values().collect();
    run.hosts
        .sort_by(|a, b| (b.sent, &a.host).cmp(&(a.sent, &b.host)));
    let home = plan.host.home();
    run.files = opened
        .into_iter()
        .map(|(path, written)| Opened {
            canary: canaries
                .iter()
                .find(|canary| !canary.path.is_empty() && path == format!("{home}/{}", canary.path))
                .map(|canary| canary.place.clone()),
            path,
            written,
        })
        .collect();
    run.canaries = left.into_iter().collect();
    run
}

/// The last lines that a tool printed as errors, which often say why it ended.
/// How much of what a tool printed is told, in bytes.
const PRINTED: u64 = 600;

/// The end of what was printed, in whole lines where there are some.
fn printed(folder: &Path) -> String {
    let end = || -> std::io::Result<Vec<u8>> {
        let mut file = fs::File::open(folder.join("stdout"))?;
        let len = file.metadata()?.len();
        file.seek(SeekFrom::Start(len.saturating_sub(PRINTED)))?;
        let mut out = Vec::new();
        file.take(PRINTED).read_to_end(&mut out)?;
        Ok(out)
    };
    let end = end().unwrap_or_default();
    let is_all = u64::try_from(end.len()).is_ok_and(|len| len < PRINTED);
    let text = String::from_utf8_lossy(&end);
    match text.split_once('\n') {
        Some((_, rest)) if !is_all && !rest.is_empty() => rest.to_owned(),
        _ => text.into_owned(),
    }
}

fn last_words(folder: &Path) -> String {
    let text = fs::read(folder.join("stderr")).unwrap_or_default();
    let from = text.len().saturating_sub(4096);
    let text = String::from_utf8_lossy(text.get(from..).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    // What is wrong stands in a line of its own, and a trace around it.
    let told = lines
        .iter()
        .rev()
        .find(|line| line.to_lowercase().contains("error"));
    match told.or(lines.last()) {
        Some(line) => format!(": {}", line.chars().take(200).collect::<String>()),
        None => String::new(),
    }
}

fn host<'h>(hosts: &'h mut BTreeMap<String, Host>, name: &str) -> &'h mut Host {
    hosts.entry(name.to_owned()).or_insert_with(|| Host {
        host: name.to_owned(),
        ..Host::default()
    })
}

fn trouble(host: &mut Host, what: String) {
    if !host.troubles.contains(&what) {
        host.troubles.push(what);
    }
}

/// The host of a request: where it was connected to, and what it names where
/// that is another, as it is when a proxy is asked.
fn name_of(request: &Request, connected: Option<&String>) -> String {
    let named = request.host.as_str();
    match connected {
        Some(connected) if !connected.starts_with(without_port(named)) => {
            format!("{named} (asked of {connected})")
        }
        Some(connected) => connected.clone(),
        None => named.to_owned(),
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn told(noted: &Noted) -> Option<String> {
    match noted {
        Noted::Tls { .. } | Noted::Tunnel { .. } => None,
        Noted::TlsFailed {
            why,
            distrusts: true,
            ..
        } => Some(format!(
            "it does not trust the run's certificate ({why}): what it would have sent is not known"
        )),
        Noted::TlsFailed { why, .. } => Some(format!("TLS was not agreed on ({why})")),
        Noted::Unknown { len, .. } => Some(format!(
            "it sent {len} bytes of no protocol that is known here, or beside it"
        )),
        Noted::Silent => Some("it connected and waited for the server to speak".to_owned()),
    }
}
