//! What a path of a process in the sandbox stands for, seen from beside it.
//!
//! Links are followed as the process would: from its own root, and `self` is
//! itself. Between the look and the call they may become others, as all that
//! is told here may.

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

/// Folders that the tool can write to: a link there leads where it likes.
const OWN: &[&str] = &["/home/", "/tmp/", "/var/tmp/", "/dev/shm/"];
/// How often a path may begin with a link of `/proc`.
const DEEPEST: usize = 8;

/// The file that an absolute path leads to where it is one of the tool's
/// folders; else the path without detours.
pub(super) fn reached(process: u32, path: &str) -> String {
    let path = own(process, path);
    let shortest = straight(&path);
    // What is written may not be there yet.
    let (folder, name) = match path.rsplit_once('/') {
        Some((folder, name)) if !matches!(name, "" | "." | "..") => (folder, name),
        _ => (path.as_str(), ""),
    };
    let found = real(process, &path).or_else(|_| {
        let folder = real(process, folder)?;
        Ok::<_, io::Error>(format!("{}/{name}", folder.trim_end_matches('/')))
    });
    match found {
        Ok(found) if OWN.iter().any(|folder| found.starts_with(folder)) => found,
        _ => shortest,
    }
}

/// A path without detours, and without the links of `/proc` that stand for
/// something of the process.
pub(super) fn plain(process: u32, path: &str) -> String {
    straight(&own(process, path))
}

/// Whether there is such a file for a process: in doubt there is.
pub(super) fn is_there(process: u32, path: &str) -> bool {
    if path.starts_with("/proc/") {
        return true;
    }
    let opened = open(process, path);
    let missing =
        |error: &io::Error| matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR));
    !opened.as_ref().is_err_and(missing)
}

/// Puts what they stand for in place of the links that `/proc` has for a
/// process.
fn own(process: u32, path: &str) -> String {
    let mut path = path.to_owned();
    for _ in 0..DEEPEST {
        let Some(rest) = path.strip_prefix("/proc/") else {
            break;
        };
        let (who, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let is_own = matches!(who, "self" | "thread-self");
        if !is_own && !who.bytes().all(|b| b.is_ascii_digit()) {
            break;
        }
        let (what, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let (what, rest) = match what {
            "fd" => {
                let (number, rest) = rest.split_once('/').unwrap_or((rest, ""));
                (format!("fd/{number}"), rest)
            }
            // Every process here has the same root.
            "root" => {
                path = format!("/{rest}");
                continue;
            }
            "cwd" | "exe" => (what.to_owned(), rest),
            _ => break,
        };
        // The numbers of others are those of the sandbox.
        let Some(target) = fs::read_link(format!("/proc/{process}/{what}"))
            .ok()
            .filter(|_| is_own)
        else {
            break;
        };
        path = match rest {
            "" => target.display().to_string(),
            rest => format!("{}/{rest}", target.display()),
        };
    }
    path
}

/// A path without `.`, `..` and doubled slashes.
fn straight(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The path of the file that a path leads to.
fn real(process: u32, path: &str) -> io::Result<String> {
    let file = open(process, path)?;
    let found = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    Ok(found.display().to_string())
}

/// Opens a path as the process would, to look at where it is only.
/// openat2(2).
fn open(process: u32, path: &str) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct How {
        flags: u64,
        mode: u64,
        resolve: u64,
    }
    // linux/openat2.h
    const NO_MAGIC_LINKS: u64 = 2;
    const IN_ROOT: u64 = 0x10;
    let root = File::open(Path::new("/proc").join(process.to_string()).join("root"))?;
    let path = CString::new(path)?;
    let how = How {
        flags: u64::from((libc::O_PATH | libc::O_CLOEXEC).unsigned_abs()),
        mode: 0,
        resolve: NO_MAGIC_LINKS | IN_ROOT,
    };
    // SAFETY: the path ends in zero; it and what is asked outlive the call.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_openat2,
            root.as_raw_fd(),
            path.as_ptr(),
            &raw const how,
            size_of::<How>(),
        )
    };
    match i32::try_from(fd) {
        // SAFETY: the kernel has just made this descriptor for us.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_there, own, reached, straight};

    #[test]
    fn a_path_has_no_detours() {
        assert_eq!(straight("/usr/../home//dev/./.ssh/id"), "/home/dev/.ssh/id");
        assert_eq!(straight("/../.."), "/");
        let me = std::process::id();
        assert_eq!(own(me, "/proc/self/root/proc/self/root/etc/x"), "/etc/x");
        assert_eq!(own(me, "/proc/7/root/etc"), "/etc");
        let here = std::env::current_dir().unwrap();
        assert_eq!(
            own(me, "/proc/self/cwd/x"),
            here.join("x").display().to_string()
        );
        assert_eq!(own(me, "/proc/self/status"), "/proc/self/status");
    }

    #[test]
    fn a_link_is_told_by_the_file_that_it_leads_to() {
        let all = tempfile::tempdir_in("/tmp").unwrap();
        let at = |name: &str| all.path().join(name).display().to_string();
        std::fs::write(at("real"), "x").unwrap();
        std::os::unix::fs::symlink(all.path().join("real"), at("link")).unwrap();
        std::os::unix::fs::symlink(all.path(), at("folder")).unwrap();
        let me = std::process::id();
        assert_eq!(reached(me, &at("link")), at("real"));
        assert_eq!(reached(me, &at("folder/folder/new")), at("new"));
        assert_eq!(reached(me, "/etc/../etc/hostname"), "/etc/hostname");
        assert!(is_there(me, &at("link")) && !is_there(me, &at("none")));
    }
}
