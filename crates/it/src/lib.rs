//! What the integration tests are made of: the real `assay` in an empty
//! world, archives built byte by byte, and a registry on loopback.
//!
//! Nothing here asserts anything. Fixtures are made when a test needs them,
//! so that no archive, and nothing that looks like malware, is committed.
#![deny(missing_docs)]

mod assay;
mod pack;
mod processes;
mod registry;

pub use assay::{Bench, Outcome, Running, manifest_of, program, workspace};
pub use pack::{Tar, Zip, ZipEntry, deflate, deflate_zeros, gzip};
pub use processes::{Process, descendants, is_alive, kill};
pub use registry::{Package, Registry, Request, Response, integrity, packument};
