//! Container formats, one file each, all of one shape.
//!
//! A format is recognised by content and opened by registering children: byte
//! ranges of its own bytes, or decoded streams. It neither recurses nor
//! decides about limits; the opener does both. To add one, write a file with a
//! [`Format`] constant and name it in [`ALL`]; a test compares that list with
//! the folder.

use assay_model::{Gap, Via};

use crate::open::Cx;

mod gzip;

/// When a format is tried on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It says what the whole node is; the first that fits is taken.
    Whole,
    /// It may be inside an executable or text of another format; all that fit
    /// are opened, after the whole.
    Embedded,
}

/// One container format.
pub(crate) struct Format {
    /// Its name, as `kind` of a node.
    pub(crate) id: &'static str,
    /// What it is, in one line.
    pub(crate) title: &'static str,
    /// Where the description of the format comes from.
    pub(crate) reference: &'static str,
    /// When it is tried.
    pub(crate) stage: Stage,
    /// Whether bytes look like it. Cheap: magic numbers, ends, one search.
    pub(crate) detect: fn(&[u8]) -> bool,
    /// Registers the children and says what could not be read.
    pub(crate) open: fn(&mut Cx<'_>) -> Result<(), Broken>,
    /// Small instances for the tests and the fuzzers' seeds: name and bytes.
    pub(crate) samples: fn() -> Vec<(&'static str, Vec<u8>)>,
}

/// A container that could not be read further. What was registered before
/// stays.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) gap: Gap,
    pub(crate) detail: String,
}

impl Broken {
    pub(crate) fn corrupt(detail: impl Into<String>) -> Self {
        Self {
            gap: Gap::Corrupt,
            detail: detail.into(),
        }
    }
}

/// All formats, in the order in which they are tried.
pub(crate) const ALL: &[&Format] = &[&gzip::FORMAT];

/// What the user may know of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatInfo {
    /// The name used as a node's `kind`.
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Where its description comes from.
    pub reference: &'static str,
}

/// The formats that are opened.
#[must_use]
pub fn formats() -> Vec<FormatInfo> {
    ALL.iter()
        .map(|format| FormatInfo {
            id: format.id,
            title: format.title,
            reference: format.reference,
        })
        .collect()
}

/// Little-endian numbers at an offset; `None` beyond the end.
pub(crate) mod le {
    pub(crate) fn bytes<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
        data.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    pub(crate) fn u16(data: &[u8], at: usize) -> Option<u16> {
        bytes(data, at).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(data: &[u8], at: usize) -> Option<u32> {
        bytes(data, at).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(data: &[u8], at: usize) -> Option<u64> {
        bytes(data, at).map(u64::from_le_bytes)
    }
}

/// Where `via` streams are decoded by [`Cx::decode`].
pub(crate) const STREAMS: &[Via] = &[
    Via::Deflate,
    Via::Gzip,
    Via::Zlib,
    Via::Zstd,
    Via::Xz,
    Via::Bzip2,
    Via::Brotli,
];

#[cfg(test)]
mod tests;
