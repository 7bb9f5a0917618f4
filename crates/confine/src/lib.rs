//! A process with less.
//!
//! What parses a subject's bytes runs in a child process that has given up
//! the network, the file system, new processes and most system calls before
//! it reads the first byte, and that may die without taking its parent along.
//! [`Pool`] starts such children and gives them jobs; [`serve`] is the child's
//! side. Bytes are shared by memory: a [`Spool`] holds what was decoded, a
//! [`Mapped`] file what was distributed, and messages carry only offsets.
//!
//! This crate knows nothing of artifacts or analyses: jobs are named by a
//! text and carry JSON. It is one of the two crates that may hold `unsafe`;
//! each block says why it is sound.
#![deny(missing_docs)]

mod lockdown;
mod memory;
mod pool;
mod protocol;

pub use lockdown::{Confinement, Measure, probe};
pub use memory::{Mapped, Place, Segment, Spool, SpoolFull, Store};
pub use pool::{Handle, Launcher, Pool, PoolError, Reply};
pub use protocol::{Emit, JobError, serve};

#[cfg(test)]
mod tests;
