//! The process that stands beside the sandbox: it has the network and the
//! users of the sandbox, and this machine's files. It answers every
//! connection, is told of system calls, and writes the recording.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use assay_wire::{Authority, Peer, Server};
use socket2::Type;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::net::{TcpListener, UdpSocket};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::clock::Clock;
use super::init::{Inside, Told};
use super::sys::at;
use super::{INIT, capture, net, notify, sys, trace};
use crate::answers::Answers;
use crate::dns::{Names, RESOLVER};
use crate::plan::Plan;
use crate::recording::{LIMIT_ON_TIME, Recorder, Seen};

/// How many addresses and ports are listened on.
const LISTENERS: usize = 4096;
/// How many connections may wait to be taken.
const BACKLOG: i32 = 1024;
/// How many connections are served at a time: each may hold as much as a head
/// is long.
const CONNECTIONS: usize = 512;
/// How much of what the tool prints is kept, in bytes.
const PRINTED: u64 = 16 << 20;
/// How long the sandbox may take to be made.
const MADE: Duration = Duration::from_secs(20);

/// Runs as the recorder: the plan comes as a line of standard input, which
/// stays open as long as whoever wants the recording.
pub(super) fn run() -> i32 {
    let mut line = String::new();
    let plan = io::stdin().lock().read_line(&mut line);
    let Some(plan) = plan
        .ok()
        .and_then(|_| serde_json::from_str::<Plan>(&line).ok())
    else {
        return 2;
    };
    match record(&plan) {
        Ok(()) => 0,
        Err(error) => {
            // What went wrong is read by whoever started this.
            let _ = writeln!(io::stderr(), "{error}");
            1
        }
    }
}

fn record(plan: &Plan) -> io::Result<()> {
    let recorder = Arc::new(Recorder::new(&plan.out)?);
    sys::raise_open_files();
    let ids = sys::ids();
    // While there is one thread only, as the kernel demands.
    let namespaces = libc::CLONE_NEWUSER | libc::CLONE_NEWNET;
    at("no namespaces for a sandbox", sys::unshare(namespaces))?;
    let user = if ids.0 == 0 {
        // Who started this maps the users, being root outside as well.
        io::stdout().write_all(b"\n")?;
        io::stdout().flush()?;
        at(
            "the users of the sandbox",
            io::stdin().lock().read_line(&mut String::new()),
        )?;
        sys::TOOL
    } else {
        at("the user of the sandbox", sys::map_user(0, ids))?;
        0
    };
    at(
        "the network of the sandbox",
        net::make_every_address_local(),
    )?;
    let stop = Arc::new(AtomicBool::new(false));
    let packets = capture::start(Arc::clone(&recorder), Arc::clone(&stop))?;
    let authority = Authority::new("Assay run").map_err(io::Error::other)?;
    let authority = Arc::new(authority);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let answers = Answers::new(Arc::clone(&recorder), plan);
    let network = Network {
        names: Arc::default(),
        server: Arc::new(Server::new(Arc::clone(&authority), Arc::new(answers))),
        recorder: Arc::clone(&recorder),
        connections: Arc::default(),
        listening: Arc::default(),
        room: Arc::new(Semaphore::new(CONNECTIONS)),
        handle: runtime.handle().clone(),
    };
    at("the name server", network.name_server(RESOLVER.into()))?;
    let (control, theirs) = sys::pair()?;
    let root = plan.out.join("root");
    std::fs::create_dir_all(&root)?;
    let inside = Inside {
        plan: plan.clone(),
        authority: authority.pem(),
        resolver: RESOLVER.to_string(),
        root: root.clone(),
        user,
        control: theirs.as_raw_fd(),
    };
    let mut init = start(&inside, theirs)?;
    // It ends with this process, since nothing else holds its input open.
    let input = init.stdin.take();
    let prints = [
        print(init.stdout.take(), &plan.out.join("stdout")),
        print(init.stderr.take(), &plan.out.join("stderr")),
    ];
    lifeline();
    let ended = watch(plan, &network, &control, &stop, &mut init);
    drop(input);
    let _ = init.kill();
    let _ = init.wait();
    for print in prints.into_iter().flatten() {
        let _ = print.join();
    }
    // What is still being answered is recorded first.
    runtime.shutdown_timeout(Duration::from_millis(500));
    stop.store(true, Ordering::Relaxed);
    let _ = packets.join();
    let _ = std::fs::remove_dir(root);
    ended
}

/// Starts the first process of the sandbox.
fn start(inside: &Inside, theirs: OwnedFd) -> io::Result<Child> {
    sys::set_inherited(theirs.as_raw_fd(), true)?;
    // In a thread of its own, since a thread whose children have another
    // namespace of processes can start no further threads.
    let child = thread::spawn(|| {
        at("processes of the sandbox", sys::unshare(libc::CLONE_NEWPID))?;
        Command::new("/proc/self/exe")
            .arg(INIT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    });
    let mut child = child
        .join()
        .unwrap_or_else(|_| Err(io::Error::other("the sandbox's start broke off")))?;
    drop(theirs);
    if let Some(input) = &mut child.stdin {
        let mut line = serde_json::to_vec(inside).map_err(io::Error::other)?;
        line.push(b'\n');
        input.write_all(&line)?;
    }
    Ok(child)
}

/// Ends everything when whoever wants the recording is gone.
fn lifeline() {
    thread::spawn(|| {
        let mut rest = [0u8; 64];
        while io::stdin().lock().read(&mut rest).is_ok_and(|len| len > 0) {}
        std::process::exit(3);
    });
}

/// Keeps what is printed.
fn print(from: Option<impl Read + Send + 'static>, to: &Path) -> Option<JoinHandle<()>> {
    let (mut from, mut file) = (from?, File::create(to).ok()?);
    Some(thread::spawn(move || {
        let _ = io::copy(&mut from.by_ref().take(PRINTED), &mut file);
        // A pipe that nobody reads would hold the tool up.
        let _ = io::copy(&mut from, &mut io::sink());
    }))
}

/// Follows a run until it ends or its time is over.
fn watch(
    plan: &Plan,
    network: &Network,
    control: &OwnedFd,
    stop: &Arc<AtomicBool>,
    init: &mut Child,
) -> io::Result<()> {
    let recorder = &network.recorder;
    let begun = Instant::now();
    let mut started = false;
    let mut told = NOTIFIED;
    loop {
        let limit = Duration::from_secs(plan.limits.seconds);
        if !started && begun.elapsed() >= MADE {
            return Err(io::Error::other(format!(
                "the sandbox was not made within {} s",
                MADE.as_secs()
            )));
        }
        if started && begun.elapsed() >= limit {
            recorder.note(Seen::Limit {
                what: format!(
                    "it was ended after {} s, {LIMIT_ON_TIME}",
                    plan.limits.seconds
                ),
            });
            return Ok(());
        }
        if !sys::readable(control.as_raw_fd(), 50)? {
            continue;
        }
        let Some((bytes, fd)) = sys::receive(control.as_fd())? else {
            let how = init.wait()?;
            if started {
                recorder.note(Seen::Limit {
                    what: format!(
                        "the first process of the sandbox was ended ({how}), and all others with it"
                    ),
                });
                return Ok(());
            }
            return Err(io::Error::other(format!(
                "the first process of the sandbox ended without a word ({how})"
            )));
        };
        match (serde_json::from_slice(&bytes)?, fd) {
            (Told::Listener, Some(listener)) => {
                let stop = Arc::clone(stop);
                let (mut connecting, clock) = (network.clone(), clock(plan)?);
                follow(network, move |recorder| {
                    notify::run(&listener, recorder, &stop, &mut connecting, clock)
                })?;
            }
            (Told::Untold, Some(process)) => {
                let (attached, waits) = mpsc::channel();
                let (mut connecting, clock) = (network.clone(), clock(plan)?);
                follow(network, move |recorder| {
                    let done = trace::attach(&process);
                    let traces = done.is_ok();
                    let _ = attached.send(done);
                    match traces {
                        true => trace::run(recorder, &mut connecting, clock),
                        false => Ok(()),
                    }
                })?;
                let done = waits.recv().map_err(io::Error::other)?;
                let what =
                    "the kernel tells of no system calls here, neither by seccomp nor by ptrace";
                at(what, done)?;
                sys::send(control.as_fd(), b"\n", None)?;
                told = TRACED;
            }
            (Told::Listener | Told::Untold, None) => {
                return Err(io::Error::other("who tells of system calls is missing"));
            }
            (Told::Started, _) => {
                started = true;
                recorder.note(Seen::Started { holds: holds(told) });
            }
            (Told::Failed { why }, _) => return Err(io::Error::other(why)),
            (Told::Limit { what }, _) => recorder.note(Seen::Limit { what }),
            (Told::Ended { status, left }, _) => {
                recorder.note(Seen::Ended { status, left });
                return Ok(());
            }
        }
    }
}

/// The clock of the sandbox, if it is set to another time.
fn clock(plan: &Plan) -> io::Result<Option<Clock>> {
    if plan.host.clock.is_empty() {
        return Ok(None);
    }
    let begins = OffsetDateTime::parse(&plan.host.clock, &Rfc3339).map_err(io::Error::other)?;
    Ok(Some(Clock::new(begins.unix_timestamp())))
}

/// Follows system calls in a thread of its own.
fn follow(
    network: &Network,
    calls: impl FnOnce(&Arc<Recorder>) -> io::Result<()> + Send + 'static,
) -> io::Result<()> {
    let recorder = Arc::clone(&network.recorder);
    let named = thread::Builder::new().name("system calls".to_owned());
    let followed = named.spawn(move || {
        if let Err(error) = calls(&recorder) {
            recorder.note(Seen::Limit {
                what: format!("system calls are no longer recorded: {error}"),
            });
        }
    });
    followed.map(drop)
}

/// By what the recorder is told of system calls.
const NOTIFIED: &str = "a system-call filter, by which the recorder is told";
const TRACED: &str = "a system-call filter, of which the recorder is told by ptrace: the kernel notifies somebody else already, or nobody";

/// What holds the sandbox.
fn holds(told: &str) -> Vec<String> {
    [
        "namespaces of its own for users, network, mounts, processes, names and IPC",
        "a file system of an allow-list, read only but for the home, work and temporary folders",
        "every address leads to the recorder, and no packet leaves",
        told,
        "limits on memory, processes, file size, open files and processor time; the first looks at all processes every 50 ms",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The network of the sandbox, and who answers in it.
#[derive(Clone)]
struct Network {
    names: Arc<Names>,
    server: Arc<Server>,
    recorder: Arc<Recorder>,
    connections: Arc<AtomicU64>,
    listening: Arc<Mutex<HashSet<SocketAddr>>>,
    /// For how many connections at a time there is room.
    room: Arc<Semaphore>,
    handle: Handle,
}

impl Network {
    /// Answers for names at an address.
    fn name_server(&self, address: IpAddr) -> io::Result<()> {
        let socket = net::bound(SocketAddr::new(address, 53), Type::DGRAM)?;
        let network = self.clone();
        self.handle.spawn(async move {
            let Ok(socket) = UdpSocket::from_std(socket.into()) else {
                return;
            };
            let mut buffer = vec![0u8; 4096];
            while let Ok((len, from)) = socket.recv_from(&mut buffer).await {
                let query = buffer.get(..len).unwrap_or_default();
                if let Some((reply, asked)) = network.names.answer(query) {
                    for asked in asked {
                        network.recorder.note(Seen::Name {
                            name: asked.name,
                            kind: asked.kind,
                            address: asked.address.map(|address| address.to_string()),
                        });
                    }
                    let _ = socket.send_to(&reply, from).await;
                }
            }
        });
        Ok(())
    }

    fn listen(&self, to: SocketAddr) -> io::Result<()> {
        let listener = net::bound(to, Type::STREAM)?;
        listener.listen(BACKLOG)?;
        let network = self.clone();
        self.handle.spawn(async move {
            let Ok(listener) = TcpListener::from_std(listener.into()) else {
                return;
            };
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    // Too many are open: some will end.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let connection = network.connections.fetch_add(1, Ordering::Relaxed);
                let name = network.names.name(to.ip());
                network.recorder.note(Seen::Connection {
                    connection,
                    to: to.to_string(),
                    name: name.clone(),
                });
                let peer = Peer {
                    connection,
                    to,
                    name,
                };
                let server = Arc::clone(&network.server);
                let room = Arc::clone(&network.room);
                tokio::spawn(async move {
                    // Those that are too many wait for others to end.
                    let _room = room.acquire_owned().await;
                    server.serve(stream, peer).await;
                });
            }
        });
        Ok(())
    }
}

impl notify::Connecting for Network {
    fn connecting(&mut self, to: SocketAddr, datagram: bool) -> Option<String> {
        let name = self.names.name(to.ip());
        let is_resolver = to == SocketAddr::new(RESOLVER.into(), 53);
        // On its own addresses the tool may listen itself, or find nobody.
        let own = to.ip().is_loopback() || to.ip().is_unspecified();
        if own || to.port() == 0 || is_resolver {
            return name;
        }
        let first = {
            let mut known = self
                .listening
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let new = !known.contains(&to);
            if new && known.len() == LISTENERS {
                self.recorder.note(Seen::Limit {
                    what: format!("nobody answers beyond {LISTENERS} addresses and ports"),
                });
            }
            // One more than are listened on, so that this is told once.
            new && known.len() <= LISTENERS && known.insert(to) && known.len() <= LISTENERS
        };
        if first {
            if to.port() == 53 {
                let _ = self.name_server(to.ip());
            }
            if !datagram && let Err(error) = self.listen(to) {
                self.recorder.note(Seen::Limit {
                    what: format!("nobody answers at {to}: {error}"),
                });
            }
        }
        name
    }
}
