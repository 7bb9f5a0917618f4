//! How much memory all processes of the sandbox hold together.
//!
//! A limit on address space would break the engines that reserve more than
//! they use, and control groups are seldom delegated to an ordinary user; so
//! the first process looks several times a second, and ends what holds more.
//! It sees its own namespace only.

use std::fs;
use std::path::Path;

use super::sys;

/// File systems in memory that the tool can write to.
const WRITABLE: &[&str] = &["/tmp", "/run", "/home", "/var/tmp", "/dev/shm"];

/// The bytes that processes and files in memory hold together, if that is
/// more than `most`.
pub(super) fn above(most: u64) -> Option<u64> {
    let files = WRITABLE
        .iter()
        .filter_map(|path| sys::used(Path::new(path)).ok())
        .fold(0u64, u64::saturating_add);
    let files = files.saturating_add(of_segments());
    // Pages that processes share are counted for each of them first, since
    // that costs little, and once only where it matters.
    let all = files.saturating_add(of_processes(own_pages));
    if all <= most {
        return None;
    }
    let all = files.saturating_add(of_processes(proportional));
    (all > most).then_some(all)
}

/// A file system in memory that has no room left, if there is one.
pub(super) fn full() -> Option<&'static str> {
    let mut all = WRITABLE.iter().copied();
    all.find(|path| sys::room(Path::new(path)).is_ok_and(|room| room == 0))
}

/// How many processes there are.
pub(super) fn processes() -> u64 {
    of_processes(|_| Some(1))
}

/// Shared memory by key. `proc(5)`: the column `rss` of `/proc/sysvipc/shm`.
fn of_segments() -> u64 {
    let text = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    let mut lines = text.lines();
    let column = lines
        .next()
        .and_then(|head| head.split_whitespace().position(|name| name == "rss"));
    let Some(column) = column else { return 0 };
    lines
        .filter_map(|line| line.split_whitespace().nth(column)?.parse::<u64>().ok())
        .fold(0, u64::saturating_add)
}

fn of_processes(of: fn(&Path) -> Option<u64>) -> u64 {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            entry
                .file_name()
                .as_encoded_bytes()
                .first()
                .is_some_and(u8::is_ascii_digit)
        })
        .filter_map(|entry| of(&entry.path()))
        .fold(0, u64::saturating_add)
}

/// Pages that are no file's, and shared ones without a file or of one in
/// memory. `proc_pid_status(5)`.
fn own_pages(process: &Path) -> Option<u64> {
    let text = fs::read_to_string(process.join("status")).ok()?;
    let of = |name: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(kib).unwrap_or(0)
    };
    Some(of("RssAnon:").saturating_add(of("RssShmem:")))
}

/// So many bytes as a line says in kibibytes.
fn kib(rest: &str) -> Option<u64> {
    let number: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(number.saturating_mul(1024))
}

/// The same, with what processes share divided among them. What cannot be
/// read is taken as a whole.
fn proportional(process: &Path) -> Option<u64> {
    let Ok(text) = fs::read_to_string(process.join("smaps_rollup")) else {
        return own_pages(process);
    };
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(kib)
    };
    match of("Pss_Anon:") {
        Some(own) => Some(own.saturating_add(of("Pss_Shmem:").unwrap_or(0))),
        None => own_pages(process),
    }
}
