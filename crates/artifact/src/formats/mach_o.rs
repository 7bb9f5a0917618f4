//! Mach-O executables and libraries: what lies behind their segments.
//!
//! Described by Apple's `mach-o/loader.h`.

use super::{Broken, Format, Numbers, Stage};
use crate::open::Cx;

pub(crate) const FORMAT: Format = Format {
    id: "mach-o",
    title: "data behind a Mach-O executable or library",
    reference: "Apple, mach-o/loader.h",
    stage: Stage::Embedded,
    detect: |bytes| Header::new(bytes).is_some(),
    open,
    samples: || vec![("overlay", sample())],
};

struct Header<'a> {
    numbers: Numbers<'a>,
    wide: bool,
}

/// Whether bytes begin like a Mach-O file.
pub(crate) fn is_mach_o(bytes: &[u8]) -> bool {
    Header::new(bytes).is_some()
}

impl<'a> Header<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let (wide, big) = match bytes.get(..4)? {
            [0xce, 0xfa, 0xed, 0xfe] => (false, false),
            [0xcf, 0xfa, 0xed, 0xfe] => (true, false),
            [0xfe, 0xed, 0xfa, 0xce] => (false, true),
            [0xfe, 0xed, 0xfa, 0xcf] => (true, true),
            _ => return None,
        };
        let numbers = Numbers { bytes, big };
        Some(Self { numbers, wide })
    }

    /// The end of what header, load commands and segments describe.
    fn end(&self) -> Option<u64> {
        let commands = self.numbers.u32(16)?;
        let start = if self.wide { 32usize } else { 28 };
        let mut end = (start as u64).saturating_add(self.numbers.u32(20)?.into());
        let mut at = start;
        // A command is at least 8 bytes long, so the bytes bound the loop.
        for _ in 0..commands {
            let (Some(command), Some(size)) =
                (self.numbers.u32(at), self.numbers.u32(at.checked_add(4)?))
            else {
                break;
            };
            if size < 8 {
                break;
            }
            let place = match command {
                0x19 => (
                    self.numbers.u64(at.checked_add(40)?)?,
                    self.numbers.u64(at.checked_add(48)?)?,
                ),
                0x1 => (
                    self.numbers.u32(at.checked_add(32)?)?.into(),
                    self.numbers.u32(at.checked_add(36)?)?.into(),
                ),
                _ => (0, 0),
            };
            end = end.max(place.0.saturating_add(place.1));
            at = at.checked_add(usize::try_from(size).ok()?)?;
        }
        Some(end)
    }
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let end = Header::new(cx.bytes()).and_then(|header| header.end());
    super::elf::overlay(cx, end)
}

pub(super) fn sample() -> Vec<u8> {
    let word = |n: u32| n.to_le_bytes().to_vec();
    let mut out = [
        vec![0xcf, 0xfa, 0xed, 0xfe],
        word(0x0100_0007),
        word(3),
        word(2),
        word(1),
        word(72),
        word(0),
        word(0),
        // One 64-bit segment of 200 bytes from the file's beginning.
        word(0x19),
        word(72),
    ]
    .concat();
    out.resize(32 + 48, 0);
    out.extend_from_slice(&200u64.to_le_bytes());
    out.resize(200, 0x90);
    out.extend_from_slice(b"text behind the end of the executable\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_beyond_the_end_are_told() {
        let gaps = crate::fuzz_open(&sample()[..150]).gaps;
        assert_eq!(gaps[0].gap, Some(assay_model::Gap::Corrupt));
        assert_eq!(crate::fuzz_open(&sample()).nodes[0].record.kind, "mach-o");
    }
}
