//! The sandbox and the recorder beside it.
//!
//! Three processes, each a copy of this program: whoever wants the recording
//! starts the *recorder*, which makes namespaces for users and network and
//! stays outside of all others; the recorder starts the *first process* of
//! the sandbox, which makes the file system and starts the tool. Each ends
//! when the one before it does, so that nothing is left.

mod attempts;
mod capture;
mod clock;
mod filter;
mod init;
mod memory;
mod net;
mod notify;
mod paths;
mod recorder;
mod sys;
mod trace;

pub use attempts::ATTEMPTS;
pub(crate) use attempts::LEFT;

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::layout::LAY_OUT;
use crate::plan::Plan;
use crate::recording::{Event, Recording, Seen};
use crate::{Launcher, RunError};

/// The first argument of a process that is the recorder.
pub const RECORDER: &str = "observe-recorder";
/// The first argument of the first process of a sandbox.
pub const INIT: &str = "observe-init";

/// Runs as the recorder, as the first process of a sandbox, or as what unpacks
/// packages or tries the sandbox in it, as the first argument says. Gives the status to end with.
#[must_use]
pub fn serve(argument: &str) -> i32 {
    match argument {
        RECORDER => recorder::run(),
        LAY_OUT => crate::layout::serve(),
        ATTEMPTS => attempts::run(),
        _ => init::run(),
    }
}

/// Runs a plan to its end.
pub(crate) fn run(plan: &Plan, launcher: &Launcher) -> Result<Recording, RunError> {
    let is_root = sys::ids().0 == 0;
    if is_root {
        for mount in plan.mounts.iter().filter(|mount| mount.writable) {
            sys::give(&mount.from).map_err(RunError::Start)?;
        }
    }
    let mut recorder = Command::new(&launcher.program);
    recorder
        .arg(RECORDER)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // SAFETY: what runs between fork and exec is one system call.
    unsafe { recorder.pre_exec(sys::close_others) };
    let mut recorder = recorder.spawn().map_err(RunError::Start)?;
    let process = recorder.id();
    let fed = match (&mut recorder.stdin, &mut recorder.stdout) {
        (Some(input), Some(output)) => feed(input, plan).and_then(|()| {
            // It has made its namespace when it says something.
            if is_root && output.read(&mut [0u8; 1])? > 0 {
                sys::map_users_of(process)?;
                input.write_all(b"\n")?;
            }
            Ok(())
        }),
        _ => Ok(()),
    };
    let errors = recorder.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        if let Some(errors) = errors {
            let _ = errors.take(64 << 10).read_to_string(&mut said);
        }
        said
    });
    let status = loop {
        if let Some(status) = recorder.try_wait().map_err(RunError::Start)? {
            break status;
        }
        if launcher.cancelled.load(Ordering::Relaxed) {
            // It and all of the sandbox end when nobody wants the recording.
            drop(recorder.stdin.take());
            let _ = recorder.wait();
            return Err(RunError::Interrupted);
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let said = reader.join().unwrap_or_default();
    fed.map_err(RunError::Start)?;
    if !status.success() {
        let said = said.trim();
        // What was recorded is kept, however the recording ended.
        if let Ok(mut recording) = Recording::read(&plan.out)
            && let Some(last) = recording.events.last().map(|event| event.at)
            && recording
                .events
                .iter()
                .any(|e| matches!(e.seen, Seen::Started { .. }))
        {
            recording.events.push(Event {
                at: last,
                seen: Seen::Limit {
                    what: format!(
                        "the recording is not whole: the recorder ended ({status}) {said}"
                    ),
                },
            });
            return Ok(recording);
        }
        return Err(RunError::Failed(if said.is_empty() {
            format!("the recorder ended ({status})")
        } else {
            said.to_owned()
        }));
    }
    Recording::read(&plan.out).map_err(RunError::Start)
}

fn feed(input: &mut impl Write, plan: &Plan) -> io::Result<()> {
    let mut line = serde_json::to_vec(plan).map_err(io::Error::other)?;
    line.push(b'\n');
    input.write_all(&line)?;
    input.flush()
}
