//! A zip behind something else: self-extractors, Python zip applications,
//! files that are two formats at once.
//!
//! A zip is read from its end (see the zip format), so that anything can stand
//! before it. The archive alone becomes the child, from its first local header
//! on.

use assay_model::Gap;
use memchr::memmem;

use super::{Broken, Format, Stage};
use crate::open::Cx;

pub(crate) const FORMAT: Format = Format {
    id: "appended-zip",
    title: "zip archive behind other bytes (self-extractor)",
    reference: "PKWARE APPNOTE.TXT 6.3.10, 4.1.9",
    stage: Stage::Embedded,
    detect: |bytes| {
        let tail = bytes.len().saturating_sub(22 + 0xffff);
        memmem::rfind(bytes.get(tail..).unwrap_or_default(), b"PK\x05\x06").is_some()
            && super::zip::directory(bytes).is_some_and(|d| !d.place.is_empty())
    },
    open,
    samples: || {
        let mut out = b"#!/usr/bin/env python3\n\0\0\0\0".to_vec();
        let zip = super::zip::Writer::default();
        out.append(&mut zip.file(b"__main__.py", 8, b"print('hello')\n").end());
        vec![("application", out)]
    },
};

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let Some(directory) = super::zip::directory(bytes) else {
        return Err(Broken::corrupt("it has no zip directory at its end"));
    };
    // Offsets count from the archive or from the whole file; the first entry
    // in the first case is at the base, in the second it is looked for.
    let start = if directory.base > 0 {
        Some(directory.base)
    } else {
        let before = bytes.get(..directory.place.start).unwrap_or_default();
        memmem::find(before, b"PK\x03\x04")
    };
    let Some(start) = start.filter(|start| *start < bytes.len()) else {
        cx.gap(0, Gap::Corrupt, "the zip archive at its end has no entries");
        return Ok(());
    };
    if cx.claimed(&(start..bytes.len())) {
        // Another format's payload ends in a zip of its own.
        return Ok(());
    }
    if directory.base > 0 {
        cx.stored(b"(appended zip)", start..bytes.len());
    } else {
        // Its offsets hold only with what stands before it.
        super::zip::open(cx)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_archive_is_a_child_and_its_entries_are_its_children() {
        let bytes = (super::FORMAT.samples)().remove(0).1;
        let tree = crate::fuzz_open(&bytes);
        let paths: Vec<&str> = tree.nodes.iter().map(|n| n.record.path.as_str()).collect();
        assert_eq!(paths, ["", "(appended zip)", "(appended zip)!__main__.py"]);
        assert_eq!(tree.nodes[1].record.range.unwrap().start, 27);
    }
}
