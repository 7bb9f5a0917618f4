//! What a tool does: a sandbox, a recorder beside it, and stand-ins for the
//! servers that it asks.
//!
//! [`run`] starts a tool on a host that a [`Plan`] describes, and gives a
//! [`Recording`] of its processes, files, names, connections and requests
//! with full bodies. Nothing of it reaches any network: every address is the
//! recorder's. This is one of the two crates that may hold `unsafe`; each
//! block says why it is sound.
#![deny(missing_docs)]

#[cfg(target_os = "linux")]
mod answers;
mod decoy;
mod dns;
mod experiment;
mod factors;
mod har;
#[cfg(target_os = "linux")]
mod layout;
mod plan;
mod recipe;
mod recording;
#[cfg(target_os = "linux")]
mod sandbox;
mod script;
#[cfg(target_os = "linux")]
mod self_test;
mod shares;
mod summary;
mod traces;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use decoy::{Canary, canaries, lay};
pub use experiment::{Design, Factor, Level, Levels, Run, View, experiment, shows, varied};
pub use factors::{KINDS, Kind, Setting, kind};
pub use har::har;
#[cfg(target_os = "linux")]
pub use layout::{LAY_OUT, Laid, LayoutError, PYTHON, Package, lay_out, lay_out_wheels};
pub use plan::{Host, Mount, Plan, RunLimits, SUBJECT, Served, is_label};
pub use recipe::{Recipe, recipes};
pub use recording::{Event, Kept, Recording, Seen};
#[cfg(target_os = "linux")]
pub use sandbox::{ATTEMPTS, INIT, RECORDER, serve};
pub use script::{Script, Turn, Write};
#[cfg(target_os = "linux")]
pub use self_test::self_test;
pub use summary::summary;

/// The program that the processes beside and in a sandbox are copies of: it
/// must come to [`serve`] when its first argument is [`RECORDER`] or [`INIT`].
#[derive(Debug, Clone)]
pub struct Launcher {
    /// The executable.
    pub program: PathBuf,
    /// Ends what is being run when it is set.
    pub cancelled: Arc<AtomicBool>,
}

/// Why there is no recording.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The recorder could not be started, or its recording not be read.
    #[error("the recorder could not be started")]
    Start(#[source] io::Error),
    /// The sandbox could not be made, or the tool not be started.
    #[error("the tool was not run: {0}")]
    Failed(String),
    /// It was broken off.
    #[error("interrupted")]
    Interrupted,
    /// There is no sandbox on this system.
    #[error("there is no sandbox on this system; Linux has one")]
    NotHere,
}

/// Runs a tool in a sandbox as the plan says, to its end.
///
/// # Errors
/// When the sandbox cannot be made or the tool not be started. How a tool
/// that was started ended is in the recording.
#[cfg(target_os = "linux")]
pub fn run(plan: &Plan, launcher: &Launcher) -> Result<Recording, RunError> {
    sandbox::run(plan, launcher)
}

/// There is no sandbox here.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn run(_: &Plan, _: &Launcher) -> Result<Recording, RunError> {
    Err(RunError::NotHere)
}
