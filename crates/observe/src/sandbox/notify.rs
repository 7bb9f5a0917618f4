//! What the kernel tells before a call is made, and what it says.
//!
//! The memory of a process can change between the look at it and the call:
//! this is for recording, never for enforcing. seccomp_unotify(2).

use std::fs;
use std::io;
use std::mem::size_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::clock::{Call, Clock};
use super::paths;
use super::sys::readable;
use crate::recording::{Recorder, Seen};

/// The longest path, as of linux/limits.h.
const PATH: usize = 4096;
/// How many messages are sent at once at most, as of sendmmsg(2).
const MESSAGES: u64 = 1024;
/// What is told where nobody but the kernel could read what a call was for.
const UNREADABLE: &str =
    "what a system call was for could not be read: what it opened, ran or asked is not told";
/// How many arguments of a program are kept, and how long each.
const ARGUMENTS: usize = 256;
const ARGUMENT: usize = 4096;
/// How much all arguments of a program together.
const ARGUMENTS_BYTES: usize = 32 << 10;

/// What is done before a connection is made to an address.
pub(super) trait Connecting: Send {
    /// A connection is about to be made, or a datagram sent. Gives the name
    /// that stands for the address.
    fn connecting(&mut self, to: SocketAddr, datagram: bool) -> Option<String>;
}

/// Answers all notifications until there is nobody left to make any.
pub(super) fn run(
    listener: &OwnedFd,
    recorder: &Arc<Recorder>,
    stop: &AtomicBool,
    connecting: &mut dyn Connecting,
    mut clock: Option<Clock>,
) -> io::Result<()> {
    let fd = listener.as_raw_fd();
    while !stop.load(Ordering::Relaxed) {
        if !readable(fd, 100)? {
            continue;
        }
        // SAFETY: all of it may be zero, and has to be when it is given.
        let mut told: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel fills what is given, which is as long as the
        // number of the call says.
        let received = unsafe { libc::ioctl(fd, libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut told) };
        if received < 0 {
            match io::Error::last_os_error().raw_os_error() {
                // The process ended meanwhile, or the wait was broken off.
                Some(libc::ENOENT | libc::EINTR) => {
                    if ended(fd) {
                        return Ok(());
                    }
                    continue;
                }
                _ => return Err(io::Error::last_os_error()),
            }
        }
        // SAFETY: all of it may be zero.
        let mut answer: libc::seccomp_notif_resp = unsafe { std::mem::zeroed() };
        answer.id = told.id;
        match handle(&told, recorder, connecting, &mut clock) {
            Call::Goes => {
                answer.flags = u32::try_from(libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE).unwrap_or(1);
            }
            Call::Done(result) => answer.val = result,
        }
        // SAFETY: the kernel reads what is given. That the process is gone
        // meanwhile is no matter.
        unsafe { libc::ioctl(fd, libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut answer) };
    }
    Ok(())
}

/// Records a call that is about to be made, and answers it where it reads the
/// time of another clock.
pub(super) fn handle(
    told: &libc::seccomp_notif,
    recorder: &Recorder,
    connecting: &mut dyn Connecting,
    clock: &mut Option<Clock>,
) -> Call {
    look(told, recorder, connecting);
    let Some(clock) = clock else {
        return Call::Goes;
    };
    let call = clock.told(told);
    if clock.missed {
        clock.missed = false;
        recorder.note(Seen::Limit {
            what: format!(
                "process {} has the real time: it could not be set",
                told.pid
            ),
        });
    }
    call
}

/// Whether all processes with this filter are gone.
fn ended(fd: i32) -> bool {
    let mut polled = libc::pollfd {
        fd,
        events: 0,
        revents: 0,
    };
    // SAFETY: there is one descriptor to look at.
    let ready = unsafe { libc::poll(&raw mut polled, 1, 0) };
    ready > 0 && polled.revents & libc::POLLHUP != 0
}

fn look(told: &libc::seccomp_notif, recorder: &Recorder, connecting: &mut dyn Connecting) {
    let process = told.pid;
    let call = libc::c_long::from(told.data.nr);
    let [a, b, c, d, e, f] = told.data.args;
    let memory = Memory(process);
    // AT_FDCWD and descriptors are ints.
    let folder = |argument: u64| {
        u32::try_from(argument & 0xffff_ffff)
            .unwrap_or(0)
            .cast_signed()
    };
    let open = |at: i32, path: u64, flags: u64| {
        let Some(path) = memory.text(path, PATH) else {
            if path != 0 {
                recorder.limit_once(UNREADABLE);
            }
            return;
        };
        let access = i32::try_from(flags & 0xffff_ffff).unwrap_or(0);
        let writes = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND;
        recorder.note(Seen::Open {
            process,
            path: paths::reached(process, &absolute(process, at, &path)),
            write: access & writes != 0,
        });
    };
    let creates = u64::from(libc::O_CREAT.unsigned_abs());
    let here = libc::AT_FDCWD;
    // Data that goes along with the opening of a connection.
    let opens = |flags: u64| flags & u64::from(libc::MSG_FASTOPEN.unsigned_abs()) != 0;
    match call {
        #[cfg(target_arch = "x86_64")]
        libc::SYS_creat => open(here, a, creates),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_rename | libc::SYS_link | libc::SYS_symlink => open(here, b, creates),
        libc::SYS_truncate => open(here, a, creates),
        libc::SYS_renameat | libc::SYS_renameat2 | libc::SYS_linkat => {
            open(folder(c), d, creates);
        }
        libc::SYS_symlinkat => open(folder(b), c, creates),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_open => open(libc::AT_FDCWD, a, b),
        libc::SYS_openat => open(folder(a), b, c),
        libc::SYS_openat2 => {
            // struct open_how begins with the flags.
            let flags = memory.number(c).unwrap_or(0);
            open(folder(a), b, flags);
        }
        libc::SYS_execve | libc::SYS_execveat => {
            let (at, path, arguments) = if call == libc::SYS_execve {
                (libc::AT_FDCWD, a, b)
            } else {
                (folder(a), b, c)
            };
            let program = memory.text(path, PATH).unwrap_or_else(|| {
                recorder.limit_once(UNREADABLE);
                String::new()
            });
            let of_descriptor = program.is_empty();
            let program = absolute(process, at, &program);
            let found = of_descriptor || paths::is_there(process, &program);
            let program = paths::plain(process, &program);
            recorder.note(Seen::Exec {
                process,
                parent: parent(process),
                program,
                arguments: memory.list(arguments),
                found,
            });
        }
        libc::SYS_connect => {
            if let Some(to) = memory.address(b, c) {
                connect(to, false, process, recorder, connecting);
            }
        }
        libc::SYS_sendmsg | libc::SYS_sendmmsg => {
            let (count, flags) = match call {
                libc::SYS_sendmmsg => (c.min(MESSAGES), d),
                _ => (1, c),
            };
            let width = u64::try_from(size_of::<libc::mmsghdr>()).unwrap_or(64);
            for number in 0..count {
                // struct msghdr begins with the address and its length.
                let head = b.saturating_add(number.saturating_mul(width));
                let Some(at) = memory.number(head) else {
                    recorder.limit_once(UNREADABLE);
                    break;
                };
                let len = memory.number(head.saturating_add(8)).unwrap_or(0) & 0xffff_ffff;
                if at != 0
                    && let Some(to @ To::Network(_)) = memory.address(at, len)
                {
                    connect(to, !opens(flags), process, recorder, connecting);
                }
            }
        }
        libc::SYS_sendto => {
            if let Some(to) = memory.address(e, f) {
                connect(to, !opens(d), process, recorder, connecting);
            }
        }
        _ => {}
    }
}

/// Where a connection goes.
enum To {
    Network(SocketAddr),
    Path(String),
}

fn connect(
    to: To,
    datagram: bool,
    process: u32,
    recorder: &Recorder,
    connecting: &mut dyn Connecting,
) {
    let (to, name) = match to {
        To::Network(to) => (to.to_string(), connecting.connecting(to, datagram)),
        To::Path(path) => (path, None),
    };
    recorder.note(Seen::Connect {
        process,
        to,
        name,
        datagram,
    });
}

fn parent(process: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    line.and_then(|id| id.trim().parse().ok()).unwrap_or(0)
}

/// A path from the root of the sandbox on.
fn absolute(process: u32, at: i32, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let folder = if at == libc::AT_FDCWD {
        fs::read_link(format!("/proc/{process}/cwd"))
    } else {
        fs::read_link(format!("/proc/{process}/fd/{at}"))
    };
    match folder {
        Ok(folder) if path.is_empty() => folder.display().to_string(),
        Ok(folder) => folder.join(path).display().to_string(),
        Err(_) => path.to_owned(),
    }
}

/// The memory of a process.
pub(super) struct Memory(pub(super) u32);

impl Memory {
    /// Writes all of some bytes, or tells that it could not.
    pub(super) fn write(&self, at: u64, bytes: &[u8]) -> bool {
        let (Ok(process), Ok(address)) = (libc::pid_t::try_from(self.0), usize::try_from(at))
        else {
            return false;
        };
        let local = libc::iovec {
            iov_base: bytes.as_ptr().cast_mut().cast(),
            iov_len: bytes.len(),
        };
        let remote = libc::iovec {
            iov_base: std::ptr::without_provenance_mut(address),
            iov_len: bytes.len(),
        };
        // SAFETY: the kernel only reads the bytes, which are as many as is
        // said; the other address is one of the other process, and nothing
        // here follows it.
        let written = unsafe {
            libc::process_vm_writev(process, &raw const local, 1, &raw const remote, 1, 0)
        };
        usize::try_from(written) == Ok(bytes.len())
    }

    pub(super) fn read(&self, at: u64, buffer: &mut [u8]) -> usize {
        let Ok(process) = libc::pid_t::try_from(self.0) else {
            return 0;
        };
        let Ok(address) = usize::try_from(at) else {
            return 0;
        };
        let local = libc::iovec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: buffer.len(),
        };
        let remote = libc::iovec {
            iov_base: std::ptr::without_provenance_mut(address),
            iov_len: buffer.len(),
        };
        // SAFETY: the kernel writes into the buffer, which is as long as is
        // said; the other address is one of the other process, and nothing
        // here follows it.
        let read = unsafe {
            libc::process_vm_readv(process, &raw const local, 1, &raw const remote, 1, 0)
        };
        usize::try_from(read).unwrap_or(0)
    }

    /// A text that ends in zero. Read page by page, since the next one may
    /// not be there.
    fn text(&self, at: u64, most: usize) -> Option<String> {
        const PAGE: u64 = 4096;
        let mut out: Vec<u8> = Vec::new();
        let mut at = at;
        while at != 0 && out.len() < most {
            let left = PAGE.saturating_sub(at & (PAGE - 1));
            let mut buffer = vec![0u8; usize::try_from(left).unwrap_or(0).min(most)];
            let read = self.read(at, &mut buffer);
            let read = buffer.get(..read)?;
            if read.is_empty() {
                break;
            }
            if let Some(end) = read.iter().position(|b| *b == 0) {
                out.extend(read.get(..end)?);
                return Some(String::from_utf8_lossy(&out).into_owned());
            }
            out.extend(read);
            at = at.saturating_add(u64::try_from(read.len()).unwrap_or(0));
        }
        (!out.is_empty()).then(|| String::from_utf8_lossy(&out).into_owned())
    }

    pub(super) fn number(&self, at: u64) -> Option<u64> {
        let mut buffer = [0u8; 8];
        (self.read(at, &mut buffer) == 8).then(|| u64::from_ne_bytes(buffer))
    }

    /// The texts of a list of pointers that ends in zero.
    fn list(&self, at: u64) -> Vec<String> {
        let width = u64::try_from(size_of::<usize>()).unwrap_or(8);
        let pointers = (0..).map_while(|index: u64| {
            let at = at.checked_add(index.checked_mul(width)?)?;
            self.number(at).filter(|pointer| *pointer != 0)
        });
        let mut left = ARGUMENTS_BYTES;
        pointers
            .take(ARGUMENTS)
            .map(|pointer| {
                let text = self.text(pointer, ARGUMENT.min(left)).unwrap_or_default();
                left = left.saturating_sub(text.len());
                text
            })
            .collect()
    }

    /// An address of a socket. Source: ip(7), ipv6(7), unix(7).
    fn address(&self, at: u64, len: u64) -> Option<To> {
        let len = usize::try_from(len).ok()?.min(128);
        let mut buffer = [0u8; 128];
        let read = self.read(at, buffer.get_mut(..len)?);
        let bytes = buffer.get(..read)?;
        let family = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
        let port = || Some(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?));
        match i32::from(family) {
            libc::AF_INET => {
                let address: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
                let ip = IpAddr::V4(Ipv4Addr::from(address));
                Some(To::Network(SocketAddr::new(ip, port()?)))
            }
            libc::AF_INET6 => {
                let address: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
                let ip = Ipv6Addr::from(address).to_canonical();
                Some(To::Network(SocketAddr::new(ip, port()?)))
            }
            libc::AF_UNIX => {
                let path = bytes.get(2..)?;
                let text = match path.split_first() {
                    // Of no folder: its name begins with zero.
                    Some((0, name)) => format!("@{}", String::from_utf8_lossy(name)),
                    _ => {
                        let end = path.iter().position(|b| *b == 0).unwrap_or(path.len());
                        String::from_utf8_lossy(path.get(..end)?).into_owned()
                    }
                };
                Some(To::Path(text))
            }
            _ => None,
        }
    }
}
