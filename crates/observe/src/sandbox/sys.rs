//! System calls that the standard library has no word for.

use std::ffi::{CString, OsStr};
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(super) fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}

/// Says in an error what it is about.
pub(super) fn at<T>(what: &str, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), format!("{what}: {error}")))
}

pub(super) fn unshare(flags: libc::c_int) -> io::Result<()> {
    // SAFETY: takes an integer.
    checked(unsafe { libc::unshare(flags) }).map(drop)
}

/// The user that a tool is outside where Assay runs as root: nobody. A tool
/// that were root outside could write what the kernel gives to root alone,
/// whatever namespaces it is in.
const NOBODY: u32 = 65_534;
/// The number that this user has in the recorder's namespace.
pub(super) const TOOL: u32 = 1000;

/// Maps root and the tool's user of another process's user namespace, which
/// root may do.
pub(super) fn map_users_of(process: u32) -> io::Result<()> {
    let map = format!("0 0 1\n{TOOL} {NOBODY} 1");
    std::fs::write(format!("/proc/{process}/uid_map"), &map)?;
    std::fs::write(format!("/proc/{process}/gid_map"), &map)
}

/// Gives a folder to the user that a tool is.
pub(super) fn give(folder: &Path) -> io::Result<()> {
    std::os::unix::fs::lchown(folder, Some(NOBODY), Some(NOBODY))
}

/// Becomes another user for good, between fork and exec.
pub(super) fn become_user(user: u32) -> io::Result<()> {
    // SAFETY: takes integers, and no list.
    unsafe {
        checked(libc::setgroups(0, std::ptr::null()))?;
        checked(libc::setresgid(user, user, user))?;
        checked(libc::setresuid(user, user, user))?;
        // The files by which it maps its user are its own again.
        checked(libc::prctl(libc::PR_SET_DUMPABLE, 1))?;
    }
    Ok(())
}

/// Maps one user and one group of the new user namespace to the caller's.
pub(super) fn map_user(inside: u32, (uid, gid): (u32, u32)) -> io::Result<()> {
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("{inside} {uid} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("{inside} {gid} 1"))
}

pub(super) fn ids() -> (u32, u32) {
    // SAFETY: these take nothing and cannot fail.
    unsafe { (libc::geteuid(), libc::getegid()) }
}

fn path_of(path: impl AsRef<OsStr>) -> io::Result<CString> {
    CString::new(path.as_ref().as_bytes()).map_err(io::Error::other)
}

/// Mounts; the texts are those of mount(2).
pub(super) fn mount(
    source: &Path,
    target: &Path,
    kind: &str,
    flags: libc::c_ulong,
    options: &str,
) -> io::Result<()> {
    let (source, target) = (path_of(source)?, path_of(target)?);
    let (kind, options) = (path_of(kind)?, path_of(options)?);
    // SAFETY: all texts end in zero and outlive the call.
    checked(unsafe {
        libc::mount(
            source.as_ptr(),
            target.as_ptr(),
            kind.as_ptr(),
            flags,
            options.as_ptr().cast(),
        )
    })
    .map(drop)
}

/// Puts a folder or a file of this machine at another place, to be read only,
/// with all that is mounted below it.
pub(super) fn bind(source: &Path, target: &Path, read_only: bool) -> io::Result<()> {
    #[repr(C)]
    struct MountAttr {
        set: u64,
        clear: u64,
        propagation: u64,
        userns: u64,
    }
    // linux/mount.h
    const RDONLY: u64 = 1;
    const NOSUID: u64 = 2;
    const NODEV: u64 = 4;
    mount(source, target, "", libc::MS_BIND | libc::MS_REC, "")?;
    let attr = MountAttr {
        set: if read_only {
            RDONLY | NOSUID | NODEV
        } else {
            NOSUID
        },
        clear: 0,
        propagation: 0,
        userns: 0,
    };
    let target = path_of(target)?;
    // SAFETY: the path ends in zero, and the attributes are as long as is
    // said; both outlive the call.
    let set = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            target.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    if set < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Makes a folder the root, and takes the old one away.
pub(super) fn pivot(root: &Path) -> io::Result<()> {
    std::env::set_current_dir(root)?;
    let here = path_of(".")?;
    // SAFETY: the path ends in zero. That the old root may be put on the new
    // one and taken away there is documented in pivot_root(2).
    unsafe {
        if libc::syscall(libc::SYS_pivot_root, here.as_ptr(), here.as_ptr()) < 0 {
            return Err(io::Error::last_os_error());
        }
        checked(libc::umount2(here.as_ptr(), libc::MNT_DETACH))?;
    }
    std::env::set_current_dir("/")
}

pub(super) fn set_host_name(name: &str) -> io::Result<()> {
    // SAFETY: the text is as long as is said.
    checked(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }).map(drop)
}

/// Two ends of messages that stay whole.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    let kind = libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC;
    // SAFETY: there is room for two descriptors.
    checked(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) })?;
    let [one, other] = ends;
    // SAFETY: the kernel has just made these descriptors for us.
    Ok(unsafe { (OwnedFd::from_raw_fd(one), OwnedFd::from_raw_fd(other)) })
}

/// Has no program that is started inherit any descriptor but the first three:
/// whoever started this may have left some open, of files that are nobody
/// else's. Allocates nothing: it runs between fork and exec.
pub(super) fn close_others() -> io::Result<()> {
    // linux/close_range.h
    const CLOEXEC: libc::c_uint = 1 << 2;
    // SAFETY: takes integers.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, CLOEXEC) };
    if closed < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The same descriptor under a high number that nobody knows beforehand.
pub(super) fn elsewhere(fd: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the limit outlives the call.
    checked(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) })?;
    let half = limit.rlim_cur.min(60_000) / 2;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let chance = u64::from(now.map_or(0, |since| since.subsec_nanos()));
    let from = half.saturating_add(chance.checked_rem(half.max(1)).unwrap_or(0));
    let from = libc::c_int::try_from(from.saturating_sub(1)).unwrap_or(100);
    // SAFETY: takes integers.
    let high = checked(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, from) })?;
    // SAFETY: the kernel has just made this descriptor for us.
    Ok(unsafe { OwnedFd::from_raw_fd(high) })
}

/// Raises the number of files that may be open as far as that goes.
pub(super) fn raise_open_files() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the limit outlives both calls. That it stays as it is, is no
    // error.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        }
    }
}

/// Whether a program that is started inherits a descriptor.
pub(super) fn set_inherited(fd: RawFd, inherited: bool) -> io::Result<()> {
    let flags = if inherited { 0 } else { libc::FD_CLOEXEC };
    // SAFETY: takes integers.
    checked(unsafe { libc::fcntl(fd, libc::F_SETFD, flags) }).map(drop)
}

#[repr(C, align(8))]
struct Control([u8; 64]);

/// Sends a message, with a descriptor if there is one. Allocates nothing: it
/// runs between fork and exec.
pub(super) fn send(to: BorrowedFd<'_>, bytes: &[u8], fd: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let mut part = libc::iovec {
        iov_base: bytes.as_ptr().cast_mut().cast(),
        iov_len: bytes.len(),
    };
    let mut control = Control([0; 64]);
    // SAFETY: all of it may be zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    if let Some(fd) = fd {
        message.msg_control = (&raw mut control).cast();
        // SAFETY: these only compute with integers; the buffer has room for
        // one header with one descriptor, and is aligned for it.
        unsafe {
            message.msg_controllen = libc::CMSG_SPACE(4) as usize;
            let header = libc::CMSG_FIRSTHDR(&raw const message);
            (*header).cmsg_level = libc::SOL_SOCKET;
            (*header).cmsg_type = libc::SCM_RIGHTS;
            (*header).cmsg_len = libc::CMSG_LEN(4) as usize;
            libc::CMSG_DATA(header)
                .cast::<libc::c_int>()
                .write_unaligned(fd.as_raw_fd());
        }
    }
    // SAFETY: the message and all that it points to outlive the call.
    let sent = unsafe { libc::sendmsg(to.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL) };
    if sent < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Waits for a message, and has it be the one that was expected. Allocates
/// nothing: it runs between fork and exec.
pub(super) fn hear(from: BorrowedFd<'_>) -> io::Result<()> {
    let mut byte = 0u8;
    // SAFETY: there is room for the one byte.
    let len = unsafe { libc::recv(from.as_raw_fd(), (&raw mut byte).cast(), 1, 0) };
    match len {
        1 => Ok(()),
        0 => Err(io::Error::from_raw_os_error(libc::EPIPE)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A descriptor that stands for this process. Allocates nothing: it runs
/// between fork and exec.
pub(super) fn this_process() -> io::Result<OwnedFd> {
    // SAFETY: takes integers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, libc::getpid(), 0) };
    match RawFd::try_from(fd) {
        // SAFETY: the kernel has just made this descriptor for us.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Receives a message, with a descriptor if there is one; nothing where the
/// other end is closed.
pub(super) fn receive(from: BorrowedFd<'_>) -> io::Result<Option<(Vec<u8>, Option<OwnedFd>)>> {
    let mut bytes = vec![0u8; 64 << 10];
    let mut part = libc::iovec {
        iov_base: bytes.as_mut_ptr().cast(),
        iov_len: bytes.len(),
    };
    let mut control = Control([0; 64]);
    // SAFETY: all of it may be zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = (&raw mut control).cast();
    message.msg_controllen = size_of::<Control>();
    // SAFETY: the message and all that it points to outlive the call.
    let len = unsafe { libc::recvmsg(from.as_raw_fd(), &raw mut message, libc::MSG_CMSG_CLOEXEC) };
    let len = usize::try_from(len).map_err(|_| io::Error::last_os_error())?;
    if len == 0 {
        return Ok(None);
    }
    bytes.truncate(len);
    // SAFETY: the kernel filled the buffer, of which CMSG_FIRSTHDR gives the
    // first header if there is a whole one; a message of this kind carries a
    // descriptor that is ours from now on.
    let fd = unsafe {
        let header = libc::CMSG_FIRSTHDR(&raw const message);
        if !header.is_null()
            && (*header).cmsg_level == libc::SOL_SOCKET
            && (*header).cmsg_type == libc::SCM_RIGHTS
        {
            let fd = libc::CMSG_DATA(header)
                .cast::<libc::c_int>()
                .read_unaligned();
            Some(OwnedFd::from_raw_fd(fd))
        } else {
            None
        }
    };
    Ok(Some((bytes, fd)))
}

/// Whether something can be read within so many milliseconds, or the other
/// end is closed.
pub(super) fn readable(fd: RawFd, milliseconds: i32) -> io::Result<bool> {
    let mut polled = libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: there is one descriptor to look at.
    let ready = unsafe { libc::poll(&raw mut polled, 1, milliseconds) };
    if ready < 0 {
        let error = io::Error::last_os_error();
        if error.kind() == io::ErrorKind::Interrupted {
            return Ok(false);
        }
        return Err(error);
    }
    Ok(ready > 0)
}

/// How many bytes of a file system are used.
pub(super) fn used(path: &Path) -> io::Result<u64> {
    let told = told_of(path)?;
    let blocks = told.f_blocks.saturating_sub(told.f_bfree);
    Ok(blocks.saturating_mul(told.f_frsize))
}

/// How many bytes may still be written to one.
pub(super) fn room(path: &Path) -> io::Result<u64> {
    let told = told_of(path)?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

fn told_of(path: &Path) -> io::Result<libc::statvfs> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: all zeros is a value of the type, which the call fills.
    let mut told: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: path and value outlive the call.
    checked(unsafe { libc::statvfs(path.as_ptr(), &raw mut told) })?;
    Ok(told)
}

/// Ends all processes that this one may: in a namespace of their own, all
/// others.
pub(super) fn end_all() {
    // SAFETY: takes no pointer.
    unsafe { libc::kill(-1, libc::SIGKILL) };
}

/// Sets a limit of a resource for this process.
pub(super) fn limit(resource: libc::__rlimit_resource_t, value: u64) -> io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: value,
        rlim_max: value,
    };
    // SAFETY: the limit outlives the call.
    checked(unsafe { libc::setrlimit(resource, &raw const limit) }).map(drop)
}
