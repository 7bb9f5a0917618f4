use std::collections::BTreeMap;
use std::io;
use std::process::Command;

/// A process, told from another that has its number later by when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    id: u32,
    began: u64,
}

struct Stat {
    parent: u32,
    state: char,
    began: u64,
}

/// From `/proc/ID/stat`; see proc_pid_stat(5). The command's name is in
/// brackets and may hold anything, so that fields are counted after the last.
fn stat(id: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        began: fields.get(19)?.parse().ok()?,
    })
}

/// All processes that this one started, and those that they did.
#[must_use]
pub fn descendants(of: u32) -> Vec<Process> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let id = entry.file_name().to_string_lossy().parse().ok();
        if let Some((id, stat)) = id.and_then(|id| Some((id, stat(id)?))) {
            all.insert(id, stat);
        }
    }
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![of];
    while let Some(parent) = parents.pop() {
        for (id, stat) in all.iter().filter(|(_, stat)| stat.parent == parent) {
            parents.push(*id);
            found.push(Process {
                id: *id,
                began: stat.began,
            });
        }
    }
    found
}

/// Whether it still runs; one that ended and was not waited for does not.
#[must_use]
pub fn is_alive(process: Process) -> bool {
    stat(process.id)
        .is_some_and(|stat| stat.began == process.began && !matches!(stat.state, 'Z' | 'X'))
}

/// Sends a signal (`INT`, `TERM`) to one process that the test started.
///
/// # Errors
/// When there is no such process any more.
pub fn kill(signal: &str, id: u32) -> io::Result<()> {
    let status = Command::new("sh")
        .args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &id.to_string()])
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("no signal reached process {id}")))
    }
}
