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
    // Pages that processes share are counted for each of them first, since
    // that costs little, and once only where it matters.
    let all = files.saturating_add(of_processes(own_pages));
    if all <= most {
        return None;
    }
    let all = files.saturating_add(of_processes(proportional));
    (all > most).then_some(all)
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

/// Pages that are no file's. `proc_pid_statm(5)`: size, resident, shared.
fn own_pages(process: &Path) -> Option<u64> {
    let text = fs::read_to_string(process.join("statm")).ok()?;
    let mut numbers = text
        .split(' ')
        .skip(1)
        .map(|text| text.trim().parse::<u64>());
    let (resident, shared) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(resident.saturating_sub(shared).saturating_mul(sys::page()))
}

/// The same, with what processes share divided among them. What cannot be
/// read is taken as a whole.
fn proportional(process: &Path) -> Option<u64> {
    let Ok(text) = fs::read_to_string(process.join("smaps_rollup")) else {
        return own_pages(process);
    };
    let line = text.lines().find_map(|line| line.strip_prefix("Pss_Anon:"));
    let Some(number) = line.and_then(|rest| rest.trim().strip_suffix(" kB")) else {
        return own_pages(process);
    };
    number
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kib| kib.saturating_mul(1024))
}
