//! What a sandbox must not let through, tried from inside.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The first argument of the process that tries.
pub const ATTEMPTS: &str = "observe-attempts";
/// How long a process that is left behind would go on, in seconds: an unusual
/// number, by which it is looked for.
pub(crate) const LEFT: &str = "424242";

/// An attempt: what is tried, and whether it succeeded.
type Attempt = (&'static str, fn() -> bool);

const ALL: &[Attempt] = &[
    ("open a raw socket", || {
        socket(libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_ICMP)
    }),
    ("open a packet socket", || {
        socket(libc::AF_PACKET, libc::SOCK_RAW, 0)
    }),
    ("open a socket of virtual machines", || {
        socket(libc::AF_VSOCK, libc::SOCK_STREAM, 0)
    }),
    ("open a socket of the kernel's cryptography", || {
        socket(libc::AF_ALG, libc::SOCK_SEQPACKET, 0)
    }),
    ("reach another network by IPv4", || reaches("192.0.2.1:9")),
    ("reach another network by IPv6", || {
        reaches("[2001:db8::1]:9")
    }),
    ("send a datagram that is answered", || {
        let answered = || -> io::Result<()> {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.set_read_timeout(Some(Duration::from_millis(200)))?;
            socket.send_to(b"x", "192.0.2.1:123")?;
            socket.recv(&mut [0; 1]).map(drop)
        };
        answered().is_ok()
    }),
    ("see abstract sockets of the host", || {
        let all = fs::read_to_string("/proc/net/unix").unwrap_or_default();
        all.lines().any(|line| line.contains(" @"))
    }),
    ("reach a service of the host by a socket", || {
        [
            "/run/docker.sock",
            "/run/dbus/system_bus_socket",
            "/run/systemd/private",
        ]
        .iter()
        .any(|path| UnixStream::connect(path).is_ok())
    }),
    ("see processes of the host", || {
        let ids = fs::read_dir("/proc").into_iter().flatten().flatten();
        ids.filter(|entry| {
            let name = entry.file_name();
            name.to_str()
                .is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()))
        })
        .count()
            > 8
    }),
    ("read the environment of the first process", || {
        fs::read("/proc/1/environ").is_ok_and(|e| !e.is_empty())
    }),
    ("see the files of the first process", || {
        fs::read_dir("/proc/1/root/").is_ok()
    }),
    ("read the memory of the first process", || {
        File::open("/proc/1/mem").is_ok()
    }),
    ("attach to another process", || {
        // SAFETY: takes integers; nothing is read or written.
        unsafe { libc::ptrace(libc::PTRACE_SEIZE, 1, 0, 0) == 0 }
    }),
    ("mount", || {
        call(
            libc::SYS_mount,
            [0, c"/tmp".as_ptr().addr(), c"tmpfs".as_ptr().addr(), 0, 0],
        )
    }),
    ("make a user namespace", || {
        call(libc::SYS_unshare, [0x1000_0000, 0, 0, 0, 0])
    }),
    ("change the root", || {
        call(libc::SYS_chroot, [c"/".as_ptr().addr(), 0, 0, 0, 0])
    }),
    ("open a file by its handle", || {
        !refused(libc::SYS_open_by_handle_at)
    }),
    ("use io_uring", || !refused(libc::SYS_io_uring_setup)),
    ("load a program into the kernel", || !refused(libc::SYS_bpf)),
    ("watch the processor", || {
        !refused(libc::SYS_perf_event_open)
    }),
    ("use keys of the host", || !refused(libc::SYS_keyctl)),
    ("set the clock", || !refused(libc::SYS_clock_settime)),
    ("have a right of root", || {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
        line.is_none_or(|rights| rights.trim().bytes().any(|b| b != b'0'))
    }),
    ("write a setting of the kernel", || {
        [
            "/proc/sys/kernel/core_pattern",
            "/proc/sys/kernel/hostname",
            "/proc/sysrq-trigger",
        ]
        .iter()
        .any(|path| OpenOptions::new().write(true).open(path).is_ok())
    }),
    ("write to the system's folders", || {
        ["/usr/x", "/etc/x", "/opt/x", "/x", "/lib/x", "/dev/x"]
            .iter()
            .any(|path| File::create(path).is_ok())
    }),
    ("read who may log in", || File::open("/etc/shadow").is_ok()),
    ("follow a link out of the home folder", || {
        let link = format!("{}/out", std::env::var("HOME").unwrap_or_default());
        std::os::unix::fs::symlink("/root", &link).is_ok() && fs::read_dir(&link).is_ok()
    }),
    ("link to a file of the system", || {
        fs::hard_link("/usr/bin/env", "/tmp/env").is_ok()
    }),
    ("start processes without end", || {
        let mut all = Vec::new();
        while all.len() < 2000 {
            match Command::new("/bin/sleep")
                .arg("5")
                .stdin(Stdio::null())
                .spawn()
            {
                Ok(child) => all.push(child),
                Err(_) => break,
            }
        }
        let count = all.len();
        for child in &mut all {
            let _ = child.kill();
            let _ = child.wait();
        }
        count >= 2000
    }),
    ("fill the disk", || {
        let begun = Instant::now();
        let Ok(mut file) = File::create("/tmp/full") else {
            return false;
        };
        let block = vec![0u8; 1 << 20];
        let mut written = 0u64;
        // Past what the plan of this test allows.
        while written < 256 && begun.elapsed() < Duration::from_secs(20) {
            if file.write_all(&block).is_err() {
                let _ = fs::remove_file("/tmp/full");
                return false;
            }
            written = written.saturating_add(1);
        }
        true
    }),
];

/// Runs as the process that tries: a line for each attempt. The status is
/// that of a tool that ends well.
pub(super) fn run() -> i32 {
    // The disk's limit comes as a signal; an error is enough.
    // SAFETY: it is ignored, and no function of ours runs.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    let mut out = io::stdout();
    for (name, attempt) in ALL {
        let word = if attempt() { "OPEN" } else { "held" };
        let _ = writeln!(out, "{word} {name}");
    }
    // Looked for when all is over.
    let left = Command::new("/usr/bin/setsid")
        .args(["/bin/sleep", LEFT])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    i32::from(left.is_err())
}

fn socket(family: libc::c_int, kind: libc::c_int, protocol: libc::c_int) -> bool {
    // SAFETY: takes integers. What is opened ends with this process.
    unsafe { libc::socket(family, kind, protocol) >= 0 }
}

/// Whether somebody else than the recorder is there: it answers on every
/// address, and so proves nothing, but it says whose it is.
fn reaches(address: &str) -> bool {
    let asked = || -> io::Result<String> {
        let address = address.parse().map_err(io::Error::other)?;
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: assay.invalid\r\nconnection: close\r\n\r\n")?;
        let mut said = String::new();
        io::Read::read_to_string(&mut stream, &mut said)?;
        Ok(said)
    };
    // Ours answers a request of nobody with an empty object.
    asked().is_ok_and(|said| !said.ends_with("{}"))
}

fn call(number: libc::c_long, arguments: [usize; 5]) -> bool {
    let [a, b, c, d, e] = arguments;
    // SAFETY: the texts end in zero and live as long as the program; the call
    // is one that must be refused before it looks at anything.
    unsafe { libc::syscall(number, a, b, c, d, e) == 0 }
}

/// Whether a call is refused before it looks at what it is given, which is
/// nothing.
fn refused(number: libc::c_long) -> bool {
    // SAFETY: null pointers and zeros: a call that is let through says that
    // they are wrong.
    let result = unsafe { libc::syscall(number, 0, 0, 0, 0, 0) };
    let error = io::Error::last_os_error().raw_os_error();
    result < 0 && matches!(error, Some(libc::EPERM | libc::ENOSYS))
}
