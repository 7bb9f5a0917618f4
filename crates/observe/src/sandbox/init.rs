//! The first process of the sandbox: it makes the file system, starts the
//! tool, and takes all that is left with it when it ends.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, lchown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::sys::at;
use super::{filter, memory, sys};
use crate::plan::{Plan, RunLimits};

/// What the recorder tells the first process.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Inside {
    pub(super) plan: Plan,
    /// The certificate that is trusted.
    pub(super) authority: String,
    /// Who answers for names.
    pub(super) resolver: String,
    /// An empty folder of this machine where the root is put.
    pub(super) root: PathBuf,
    /// The number of the tool's user before it has a namespace of its own.
    pub(super) user: u32,
    /// The descriptor by which the recorder is told.
    pub(super) control: RawFd,
}

/// What the first process tells the recorder.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "told")]
pub(super) enum Told {
    /// The listener of the system calls; it comes along.
    Listener,
    /// There can be none: the process that comes along is to be traced, and
    /// waits for that.
    Untold,
    /// The tool was started.
    Started,
    /// It could not be.
    Failed { why: String },
    /// It ended.
    Ended { status: i32, left: Vec<String> },
    /// A limit was reached.
    Limit { what: String },
}

/// What is there of the system, to be read only.
const SYSTEM: &[&str] = &[
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
];
/// Files and folders of `/etc` that say nothing of the machine.
const ETC: &[&str] = &[
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "mime.types",
    "protocols",
    "services",
    "terminfo",
    "debian_version",
    "os-release",
];
/// Devices.
const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom"];
/// What of `/proc` sets something of the kernel: read only.
const SETTINGS: &[&str] = &["sys", "sysrq-trigger", "irq", "bus", "fs"];
/// What of `/proc` tells of the kernel's memory and work: nothing of it.
const MASKED: &[&str] = &[
    "kcore",
    "keys",
    "timer_list",
    "sched_debug",
    "kmsg",
    "kallsyms",
];
/// Where programs look for certificates.
const BUNDLES: &[&str] = &[
    "ssl/certs/ca-certificates.crt",
    "ssl/cert.pem",
    "pki/tls/certs/ca-bundle.crt",
];
/// How often it is looked how much memory all hold.
const LOOK: Duration = Duration::from_millis(50);
/// The number of the user in the sandbox.
const USER: u32 = 1000;

/// Runs as the first process. Never returns to what called it.
pub(super) fn run() -> i32 {
    let mut line = String::new();
    let read = io::BufRead::read_line(&mut io::stdin().lock(), &mut line);
    let Some(inside) = read
        .ok()
        .and_then(|_| serde_json::from_str::<Inside>(&line).ok())
    else {
        return 2;
    };
    // SAFETY: the recorder left this descriptor open for us alone.
    let control = unsafe { OwnedFd::from_raw_fd(inside.control) };
    let tell = |told: &Told| {
        let text = serde_json::to_vec(told).unwrap_or_default();
        let _ = sys::send(control.as_fd(), &text, None);
    };
    match started(&inside, control.as_fd()) {
        Ok(first) => {
            tell(&Told::Started);
            let (status, left) = reap(first, &inside.plan.limits, &tell);
            tell(&Told::Ended { status, left });
            0
        }
        Err(error) => {
            tell(&Told::Failed {
                why: error.to_string(),
            });
            1
        }
    }
}

/// Makes the sandbox and starts the tool in it. Gives its number.
fn started(inside: &Inside, control: BorrowedFd<'_>) -> io::Result<u32> {
    sys::set_inherited(control.as_raw_fd(), false)?;
    let namespaces = libc::CLONE_NEWNS | libc::CLONE_NEWUTS | libc::CLONE_NEWIPC;
    at("namespaces", sys::unshare(namespaces))?;
    at(
        "the host's name",
        sys::set_host_name(&inside.plan.host.name),
    )?;
    make_root(inside)?;
    // Whoever started this is gone when its end of the pipe is: then all of
    // the sandbox goes too, since this is its first process.
    std::thread::Builder::new()
        .name("lifeline".to_owned())
        .spawn(|| {
            let mut rest = [0u8; 64];
            while io::stdin().lock().read(&mut rest).is_ok_and(|len| len > 0) {}
            std::process::exit(3);
        })?;
    start(inside, control)
}

fn start(inside: &Inside, control: BorrowedFd<'_>) -> io::Result<u32> {
    let plan = &inside.plan;
    let Some((program, arguments)) = plan.command.split_first() else {
        return Err(io::Error::other("there is nothing to run"));
    };
    let control = sys::elsewhere(control)?;
    let clock = !inside.plan.host.clock.is_empty();
    let notifying = filter::program(Some(control.as_raw_fd()), clock, filter::NOTIFY);
    let tracing = filter::program(None, clock, filter::TRACE);
    let shut = filter::shut(control.as_raw_fd());
    let limits = [
        (libc::RLIMIT_CORE, 0),
        (libc::RLIMIT_NPROC, plan.limits.processes),
        (libc::RLIMIT_FSIZE, plan.limits.disk),
        (libc::RLIMIT_CPU, plan.limits.processor_seconds),
        (libc::RLIMIT_NOFILE, 65_536),
    ];
    let listener = serde_json::to_vec(&Told::Listener).unwrap_or_default();
    let untold = serde_json::to_vec(&Told::Untold).unwrap_or_default();
    let control = control.as_raw_fd();
    let user = inside.user;
    let (uid, gid) = (format!("{USER} {user} 1"), format!("{USER} {user} 1"));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(&plan.environment)
        .current_dir(plan.folder.clone().unwrap_or_else(|| plan.host.work()))
        .stdin(Stdio::null());
    // SAFETY: what runs between fork and exec only makes system calls on what
    // was prepared before; it takes no lock and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            if user != 0 {
                sys::become_user(user)?;
            }
            // Ended with the first process, were it only a moment earlier.
            sys::checked(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
            sys::checked(libc::setsid())?;
            sys::unshare(libc::CLONE_NEWUSER)?;
            for (path, text) in [
                (c"/proc/self/setgroups", "deny"),
                (c"/proc/self/uid_map", uid.as_str()),
                (c"/proc/self/gid_map", gid.as_str()),
            ] {
                let fd = sys::checked(libc::open(path.as_ptr(), libc::O_WRONLY))?;
                let written = libc::write(fd, text.as_ptr().cast(), text.len());
                libc::close(fd);
                if written < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            for (resource, most) in limits {
                // A limit may already be lower, and cannot be raised.
                let _ = sys::limit(resource, most);
            }
            // Where memory runs out all the same, the tool goes first.
            let fd = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY);
            if fd >= 0 {
                libc::write(fd, c"1000".as_ptr().cast(), 4);
                libc::close(fd);
            }
            sys::close_others()?;
            sys::checked(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
            let control = BorrowedFd::borrow_raw(control);
            if let Some(told) = filter::install_notifying(&notifying) {
                sys::send(control, &listener, Some(told.as_fd()))?;
                return filter::install(&shut);
            }
            sys::send(control, &untold, Some(sys::this_process()?.as_fd()))?;
            sys::hear(control)?;
            filter::install(&tracing)
        });
    }
    at(&format!("{program} could not be started"), command.spawn()).map(|child| child.id())
}

/// Waits for the tool, then a little for what it left behind. Gives its
/// status, and the programs that were still running.
fn reap(first: u32, limits: &RunLimits, tell: &dyn Fn(&Told)) -> (i32, Vec<String>) {
    let mut status = None;
    let mut until = None;
    let mut looked = Instant::now();
    let mut told = BTreeSet::new();
    loop {
        if looked.elapsed() >= LOOK {
            if let Some(held) = memory::above(limits.memory) {
                sys::end_all();
                let what = format!(
                    "it was ended, since it held {} MiB of memory; the limit is {} MiB",
                    held >> 20,
                    limits.memory >> 20
                );
                tell(&Told::Limit { what });
            }
            for what in reached(limits).filter(|what| told.insert(what.clone())) {
                tell(&Told::Limit { what });
            }
            looked = Instant::now();
        }
        let mut how = 0;
        // SAFETY: the status outlives the call.
        let ended = unsafe { libc::waitpid(-1, &raw mut how, libc::WNOHANG) };
        if ended > 0 {
            if u32::try_from(ended).is_ok_and(|ended| ended == first) {
                status = Some(if libc::WIFSIGNALED(how) {
                    libc::WTERMSIG(how).saturating_add(128)
                } else {
                    libc::WEXITSTATUS(how)
                });
                until = Some(Instant::now() + Duration::from_secs(limits.after));
            }
            continue;
        }
        if let (Some(status), Some(until)) = (status, until) {
            let others = running();
            if ended < 0 || others.is_empty() || Instant::now() >= until {
                for what in reached(limits).filter(|what| told.insert(what.clone())) {
                    tell(&Told::Limit { what });
                }
                return (status, others);
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Limits that have been reached and that nobody is ended by, in words.
fn reached(limits: &RunLimits) -> impl Iterator<Item = String> {
    let full = memory::full().map(|folder| {
        format!(
            "{folder} was full: {} MiB may be written there",
            limits.disk >> 20
        )
    });
    // A few are the sandbox's own.
    let many = memory::processes().saturating_add(8) >= limits.processes;
    let many = many.then(|| {
        format!(
            "it had as many processes and threads as it may, {}: further ones were refused",
            limits.processes
        )
    });
    full.into_iter().chain(many)
}

/// The programs of all other processes.
fn running() -> Vec<String> {
    let mut out = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(id) = name.to_str().and_then(|id| id.parse::<u32>().ok()) else {
            continue;
        };
        if id == 1 {
            continue;
        }
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        if status.contains("\nState:\tZ") {
            continue;
        }
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        out.push(line.trim().chars().take(200).collect());
    }
    out
}

fn make_root(inside: &Inside) -> io::Result<()> {
    let (plan, root) = (&inside.plan, inside.root.as_path());
    let private = libc::MS_REC | libc::MS_PRIVATE;
    at(
        "mounts",
        sys::mount(Path::new("none"), Path::new("/"), "", private, ""),
    )?;
    let memory = |to: &Path, size: u64, mode: u32| {
        fs::create_dir_all(to)?;
        let options = format!("size={size},mode={mode:o}");
        let flags = libc::MS_NOSUID | libc::MS_NODEV;
        sys::mount(Path::new("tmpfs"), to, "tmpfs", flags, &options)
    };
    at("the root", memory(root, 64 << 20, 0o755))?;
    for path in SYSTEM {
        system(root, Path::new(path))?;
    }
    let etc = root.join("etc");
    fs::create_dir(&etc)?;
    for name in ETC {
        system(root, &Path::new("/etc").join(name))?;
    }
    write_etc(inside, &etc)?;
    let dev = root.join("dev");
    at("/dev", memory(&dev, 1 << 20, 0o755))?;
    for name in DEVICES {
        let to = dev.join(name);
        fs::File::create(&to)?;
        let bound = sys::mount(&Path::new("/dev").join(name), &to, "", libc::MS_BIND, "");
        at(&format!("/dev/{name}"), bound)?;
    }
    for (name, to) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("ptmx", "pts/ptmx"),
    ] {
        symlink(to, dev.join(name))?;
    }
    at(
        "/dev/shm",
        memory(&dev.join("shm"), plan.limits.disk, 0o1777),
    )?;
    fs::create_dir(dev.join("pts"))?;
    let terminals = sys::mount(
        Path::new("devpts"),
        &dev.join("pts"),
        "devpts",
        libc::MS_NOSUID | libc::MS_NOEXEC,
        "newinstance,ptmxmode=0666,mode=620",
    );
    at("/dev/pts", terminals)?;
    fs::create_dir(root.join("proc"))?;
    let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
    let processes = sys::mount(Path::new("proc"), &root.join("proc"), "proc", flags, "");
    at("/proc", processes)?;
    for name in SETTINGS {
        let path = root.join("proc").join(name);
        if path.exists() {
            at(&format!("/proc/{name}"), sys::bind(&path, &path, true))?;
        }
    }
    for name in MASKED {
        let path = root.join("proc").join(name);
        if path.is_file() {
            let nothing = sys::mount(Path::new("/dev/null"), &path, "", libc::MS_BIND, "");
            at(&format!("/proc/{name}"), nothing)?;
        }
    }
    for (path, mode) in [
        ("tmp", 0o1777),
        ("run", 0o755),
        ("home", 0o755),
        ("var/tmp", 0o1777),
    ] {
        at(path, memory(&root.join(path), plan.limits.disk, mode))?;
    }
    for mount in &plan.mounts {
        let to = inner(root, &mount.to)?;
        if fs::symlink_metadata(&to).is_ok_and(|meta| meta.is_file()) {
            // A file that lies over another; no link of a subject leads away.
            if fs::canonicalize(&to)? != to {
                return Err(io::Error::other(format!("{} is a link", mount.to)));
            }
        } else {
            prepared(&mount.from, &to)?;
        }
        at(&mount.to, sys::bind(&mount.from, &to, !mount.writable))?;
    }
    let home = inner(root, &plan.host.home())?;
    let work = inner(root, &plan.host.work())?;
    fs::create_dir_all(&home)?;
    if let Some(from) = &plan.home {
        at("the home folder", copy(from, &home, inside.user))?;
    }
    fs::create_dir_all(&work)?;
    for folder in [&home, &work] {
        lchown(folder, Some(inside.user), Some(inside.user))?;
    }
    // Where nobody else has a number here, all that was made is the tool's:
    // but for its own folders it is read only.
    at("the home folder", sys::bind(&home, &home, false))?;
    for folder in ["home", "dev", "run"] {
        let flags =
            libc::MS_REMOUNT | libc::MS_BIND | libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV;
        let folder = root.join(folder);
        at(
            &folder.display().to_string(),
            sys::mount(Path::new("none"), &folder, "", flags, ""),
        )?;
    }
    at("the root", sys::pivot(root))?;
    // What is mounted on it stays as it is.
    let flags =
        libc::MS_REMOUNT | libc::MS_BIND | libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV;
    at(
        "the root",
        sys::mount(Path::new("none"), Path::new("/"), "", flags, ""),
    )
}

/// A path of the sandbox while its root is not the root yet.
fn inner(root: &Path, path: &str) -> io::Result<PathBuf> {
    let path = Path::new(path);
    let plain = path.components().all(|part| {
        matches!(
            part,
            std::path::Component::RootDir | std::path::Component::Normal(_)
        )
    });
    match path.strip_prefix("/") {
        Ok(path) if plain => Ok(root.join(path)),
        _ => Err(io::Error::other(format!(
            "{} is no absolute path",
            path.display()
        ))),
    }
}

/// Makes the folder or the empty file that something is bound to.
fn prepared(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        return fs::create_dir_all(to);
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::File::create(to).map(drop)
}

/// Brings a path of the system in, as a link where it is one.
fn system(root: &Path, path: &Path) -> io::Result<()> {
    let to = root.join(path.strip_prefix("/").unwrap_or(path));
    let Ok(meta) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if meta.is_symlink() {
        return symlink(fs::read_link(path)?, to);
    }
    prepared(path, &to)?;
    at(&path.display().to_string(), sys::bind(path, &to, true))
}

fn write_etc(inside: &Inside, etc: &Path) -> io::Result<()> {
    let host = &inside.plan.host;
    let write = |name: &str, text: &str| {
        let to = etc.join(name);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(to, text)
    };
    let (user, home) = (&host.user, host.home());
    write(
        "passwd",
        &format!(
            "root:x:0:0:root:/root:/bin/sh\n{user}:x:{USER}:{USER}:{user}:{home}:/bin/bash\n\
             nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        ),
    )?;
    write(
        "group",
        &format!("root:x:0:\n{user}:x:{USER}:\nnogroup:x:65534:\n"),
    )?;
    write("hostname", &format!("{}\n", host.name))?;
    write("hosts", "127.0.0.1 localhost\n::1 localhost\n")?;
    write(
        "resolv.conf",
        &format!("nameserver {}\noptions timeout:2\n", inside.resolver),
    )?;
    write(
        "nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files dns\n",
    )?;
    write("shells", "/bin/sh\n/bin/bash\n")?;
    for bundle in BUNDLES {
        write(bundle, &inside.authority)?;
    }
    write("timezone", &format!("{}\n", host.zone))?;
    // Node and others read where the link leads.
    symlink(
        format!("/usr/share/zoneinfo/{}", host.zone),
        etc.join("localtime"),
    )
}

/// How many files of the home folder are copied, and how deep.
const FILES: usize = 20_000;
const DEEPEST: u32 = 32;

/// Copies a folder for a user; links are copied as links.
fn copy(from: &Path, to: &Path, user: u32) -> io::Result<()> {
    fn into(from: &Path, to: &Path, user: u32, deep: u32, left: &mut usize) -> io::Result<()> {
        let Some(deep) = deep.checked_sub(1) else {
            return Err(io::Error::other("the folders are too deep"));
        };
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            *left = left
                .checked_sub(1)
                .ok_or_else(|| io::Error::other("too many files"))?;
            let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
            if kind.is_symlink() {
                symlink(fs::read_link(entry.path())?, &to)?;
            } else if kind.is_dir() {
                fs::create_dir_all(&to)?;
                into(&entry.path(), &to, user, deep, left)?;
            } else if kind.is_file() {
                let mut source = fs::File::open(entry.path())?;
                let mode = source.metadata()?.permissions().mode() & 0o777;
                let mut copy = fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(mode)
                    .open(&to)?;
                io::copy(&mut source, &mut copy)?;
                copy.flush()?;
            } else {
                continue;
            }
            lchown(&to, Some(user), Some(user))?;
        }
        Ok(())
    }
    into(from, to, user, DEEPEST, &mut FILES.clone())
}
