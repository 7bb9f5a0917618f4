//! From the name of a tool to a tree of nodes.
//!
//! [`fetch`] gets a subject's artifacts from a registry, a file or a
//! directory into a cache, checked. [`open`] turns one artifact into a
//! [`Tree`]: every node that formats nested as deep as they come lead to, each
//! with its parent and byte range, and a coverage entry for everything that
//! was not understood.
//!
//! This crate never executes anything of a subject, never writes under a name
//! that a subject chose, and reads no node's meaning but for what the manifest
//! at the root declares: that is `assay-analyze`.
//! Formats are parsed in a confined child only; [`serve_open`] is its side.
#![deny(missing_docs)]

mod formats;
mod image;
mod leaf;
mod limits;
mod open;
mod regular;
mod source;
mod tree;

pub use formats::{FormatInfo, formats, fuzz_seeds};
pub use limits::Limits;
pub use open::{JOB_OPEN, OpenError, fuzz_open, fuzz_open_as, open, serve_open};
pub use regular::{open as open_regular, read_regular};
pub use source::*;
pub use tree::{Node, Tree};
