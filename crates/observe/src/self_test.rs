//! The sandbox tries itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::plan::{Host, Mount, Plan, RunLimits};
use crate::sandbox::{ATTEMPTS, LEFT};
use crate::{Launcher, RunError};

/// An attempt to get out, and whether it was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What was tried.
    pub what: String,
    /// Whether the sandbox held.
    pub held: bool,
}

/// Tries to get out of the sandbox, from inside. `scratch` is an empty folder
/// for the recording.
///
/// # Errors
/// When the sandbox cannot be made.
pub fn self_test(launcher: &Launcher, scratch: &Path) -> Result<Vec<Tried>, RunError> {
    let plan = Plan {
        command: vec!["/opt/assay/assay".to_owned(), ATTEMPTS.to_owned()],
        environment: BTreeMap::from([("HOME".to_owned(), Host::default().home())]),
        mounts: vec![Mount {
            from: launcher.program.clone(),
            to: "/opt/assay/assay".to_owned(),
            writable: false,
        }],
        limits: RunLimits {
            processes: 256,
            disk: 64 << 20,
            after: 1,
            ..RunLimits::default()
        },
        out: scratch.to_owned(),
        ..Plan::default()
    };
    let recording = crate::run(&plan, launcher)?;
    let said = fs::read_to_string(recording.folder.join("stdout")).map_err(RunError::Start)?;
    let mut tried: Vec<Tried> = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(word, what)| Tried {
            what: what.to_owned(),
            held: word == "held",
        })
        .collect();
    if tried.is_empty() {
        return Err(RunError::Failed("nothing was tried".to_owned()));
    }
    tried.push(Tried {
        what: "live on after the end".to_owned(),
        held: !lives_on(),
    });
    Ok(tried)
}

/// Whether what the attempts left behind is still there, seen from outside.
fn lives_on() -> bool {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            line.ends_with(format!("sleep\0{LEFT}\0").as_bytes())
        })
}
