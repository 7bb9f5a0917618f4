//! How long something has been at work.

use std::time::Duration;

/// The processor time that a thread has taken since some moment, so that what
/// is found does not hang on what else the machine does. Where the system does
/// not tell it, the time that went by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(Duration);

impl Clock {
    pub(super) fn start() -> Self {
        Self(now())
    }

    pub(super) fn elapsed(self) -> Duration {
        now().saturating_sub(self.0)
    }
}

#[cfg(unix)]
fn now() -> Duration {
    let taken = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(taken).unwrap_or_default()
}

#[cfg(not(unix))]
fn now() -> Duration {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(std::time::Instant::now).elapsed()
}
