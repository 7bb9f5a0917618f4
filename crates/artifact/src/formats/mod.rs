//! Container formats, one file each, all of one shape.
//!
//! A format is recognised by content and opened by registering children: byte
//! ranges of its own bytes, or decoded streams. It neither recurses nor
//! decides about limits; the opener does both. To add one, write a file with a
//! [`Format`] constant, name it in [`ALL`], and give it a target in `fuzz/`;
//! tests compare the three.

use assay_model::{Gap, Via};

use crate::open::Cx;

mod appended_zip;
mod ar;
mod asar;
mod bun;
mod bzip2;
mod deno;
mod elf;
mod gzip;
mod inline_source_map;
mod java_class;
mod mach_o;
mod mach_o_universal;
mod node_sea;
mod pe;
mod pkg;
mod pyinstaller;
mod pyz;
mod source_map;
mod tar;
mod xz;
mod zip;
mod zlib;
mod zstd;

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
///
/// Executables come last of those that are embedded: they call an overlay what
/// no other format claims.
pub(crate) const ALL: &[&Format] = &[
    &gzip::FORMAT,
    &zip::FORMAT,
    &tar::FORMAT,
    &xz::FORMAT,
    &zstd::FORMAT,
    &bzip2::FORMAT,
    &ar::FORMAT,
    &asar::FORMAT,
    &pyz::FORMAT,
    &mach_o_universal::FORMAT,
    &zlib::FORMAT,
    &bun::FORMAT,
    &node_sea::FORMAT,
    &deno::FORMAT,
    &pkg::FORMAT,
    &pyinstaller::FORMAT,
    &source_map::FORMAT,
    &inline_source_map::FORMAT,
    &java_class::FORMAT,
    &appended_zip::FORMAT,
    &elf::FORMAT,
    &mach_o::FORMAT,
    &pe::FORMAT,
];

/// Whether bytes begin like a PE file.
pub(crate) fn is_pe(bytes: &[u8]) -> bool {
    pe::header(bytes).is_some()
}

pub(crate) use gzip::TEXTS as GZIP_TEXTS;
pub(crate) use mach_o::is_mach_o;

/// A name as it may stand in a message: printable and short.
pub(crate) fn shown(name: &[u8]) -> String {
    let mut text = crate::open::printable(name.get(..120).unwrap_or(name));
    if name.len() > 120 {
        text.push('…');
    }
    text
}

/// A path in an index of folders in folders. Beyond what is kept of a name its
/// beginning is left out, so that deep folders cannot make every path long.
pub(crate) fn joined(folder: &str, separator: &str, name: &str) -> String {
    let end = |text: &str, most: usize| {
        let from = text.len().saturating_sub(most);
        let from = (from..=text.len()).find(|at| text.is_char_boundary(*at));
        from.and_then(|at| text.get(at..))
            .unwrap_or_default()
            .to_owned()
    };
    if folder.is_empty() {
        return end(name, 2048);
    }
    if folder.len() <= 2048 {
        return format!("{folder}{separator}{}", end(name, 2048));
    }
    format!("…{}{separator}{}", end(folder, 2000), end(name, 2048))
}

/// A range from 64-bit numbers of a file; `None` where it cannot be one.
pub(crate) fn range(start: u64, len: u64) -> Option<std::ops::Range<usize>> {
    let start = usize::try_from(start).ok()?;
    Some(start..start.checked_add(usize::try_from(len).ok()?)?)
}

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

/// The small instances of a format: the seeds of its fuzzer.
#[must_use]
pub fn fuzz_seeds(format: &str) -> Vec<(&'static str, Vec<u8>)> {
    ALL.iter()
        .find(|f| f.id == format)
        .map(|f| (f.samples)())
        .unwrap_or_default()
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

/// Big-endian numbers at an offset; `None` beyond the end.
pub(crate) mod be {
    use super::le::bytes;

    pub(crate) fn u16(data: &[u8], at: usize) -> Option<u16> {
        bytes(data, at).map(u16::from_be_bytes)
    }

    pub(crate) fn u32(data: &[u8], at: usize) -> Option<u32> {
        bytes(data, at).map(u32::from_be_bytes)
    }

    pub(crate) fn u64(data: &[u8], at: usize) -> Option<u64> {
        bytes(data, at).map(u64::from_be_bytes)
    }
}

/// Numbers of a file that says itself in which order their bytes are.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether the first byte is the largest.
    pub(crate) big: bool,
}

impl Numbers<'_> {
    pub(crate) fn u16(&self, at: usize) -> Option<u16> {
        let bytes = le::bytes(self.bytes, at)?;
        Some(match self.big {
            true => u16::from_be_bytes(bytes),
            false => u16::from_le_bytes(bytes),
        })
    }

    pub(crate) fn u32(&self, at: usize) -> Option<u32> {
        let bytes = le::bytes(self.bytes, at)?;
        Some(match self.big {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        })
    }

    pub(crate) fn u64(&self, at: usize) -> Option<u64> {
        let bytes = le::bytes(self.bytes, at)?;
        Some(match self.big {
            true => u64::from_be_bytes(bytes),
            false => u64::from_le_bytes(bytes),
        })
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
