//! PE executables and libraries: what lies behind their sections.
//!
//! Described by Microsoft's "PE Format". The attribute certificates (the
//! signature) lie behind the sections as well, and are a child of their own.

use super::{Broken, Format, Stage, le, range};
use crate::open::Cx;

pub(crate) const FORMAT: Format = Format {
    id: "pe",
    title: "data behind a PE executable or library",
    reference: "Microsoft, PE Format",
    stage: Stage::Embedded,
    detect: |bytes| bytes.starts_with(b"MZ") && header(bytes).is_some(),
    open,
    samples: || vec![("overlay", sample())],
};

/// Where the COFF header is.
pub(crate) fn header(bytes: &[u8]) -> Option<usize> {
    let at = usize::try_from(le::u32(bytes, 0x3c)?).ok()?;
    (bytes.get(at..at.checked_add(4)?)? == b"PE\0\0").then_some(at.checked_add(4)?)
}

fn end(bytes: &[u8], coff: usize) -> Option<u64> {
    let sections = usize::from(le::u16(bytes, coff.checked_add(2)?)?);
    let optional = usize::from(le::u16(bytes, coff.checked_add(16)?)?);
    let table = coff.checked_add(20)?.checked_add(optional)?;
    let mut end = (table.checked_add(sections.checked_mul(40)?)?) as u64;
    for n in 0..sections {
        let at = table.checked_add(n.checked_mul(40)?)?;
        let size = u64::from(le::u32(bytes, at.checked_add(16)?)?);
        let start = u64::from(le::u32(bytes, at.checked_add(20)?)?);
        if size > 0 {
            end = end.max(start.saturating_add(size));
        }
    }
    Some(end)
}

/// The signature's place: the fifth data directory, which alone counts from
/// the file's beginning.
fn certificates(bytes: &[u8], coff: usize) -> Option<(u64, u64)> {
    let optional = coff.checked_add(20)?;
    let directories = match le::u16(bytes, optional)? {
        0x10b => optional.checked_add(96)?,
        0x20b => optional.checked_add(112)?,
        _ => return None,
    };
    let at = directories.checked_add(32)?;
    let size = usize::from(le::u16(bytes, coff.checked_add(16)?)?);
    if at.checked_add(8)? > optional.checked_add(size)? {
        return None;
    }
    Some((
        le::u32(bytes, at)?.into(),
        le::u32(bytes, at.checked_add(4)?)?.into(),
    ))
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let Some(coff) = header(bytes) else {
        return Err(Broken::corrupt("it has no PE header"));
    };
    let end = end(bytes, coff);
    if let Some((start, len)) = certificates(bytes, coff)
        && len > 0
        && let Some(place) = range(start, len)
    {
        cx.stored_as(b"(signature)", place, Some("signature"));
    }
    super::elf::overlay(cx, end)
}

fn sample() -> Vec<u8> {
    let mut out = b"MZ".to_vec();
    out.resize(0x40, 0);
    if let Some(byte) = out.get_mut(0x3c) {
        *byte = 0x40;
    }
    out.extend_from_slice(b"PE\0\0\x64\x86\x01\0");
    out.resize(0x40 + 24, 0);
    // One section of 64 bytes at 0x80.
    let mut section = b".text\0\0\0".to_vec();
    section.resize(16, 0);
    section.extend_from_slice(&64u32.to_le_bytes());
    section.extend_from_slice(&0x80u32.to_le_bytes());
    section.resize(40, 0);
    out.extend_from_slice(&section);
    out.resize(0x80 + 64, 0x90);
    out.extend_from_slice(b"text behind the end of the executable\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_beyond_the_end_are_told() {
        let gaps = crate::fuzz_open(&sample()[..0x90]).gaps;
        assert_eq!(gaps[0].gap, Some(assay_model::Gap::Corrupt));
        assert_eq!(crate::fuzz_open(&sample()).nodes[0].record.kind, "pe");
    }
}
