//! ELF executables and libraries: what lies behind the part that the tables
//! describe, and tables that describe more than there is.
//!
//! Described by the System V ABI, chapters 4 and 5. The code itself stays the
//! node's own bytes; formats that put modules into sections or notes are found
//! by their own marks.

use assay_model::Gap;

use super::{Broken, Format, Numbers, Stage};
use crate::open::Cx;

pub(crate) const FORMAT: Format = Format {
    id: "elf",
    title: "data behind an ELF executable or library",
    reference: "System V ABI, ELF",
    stage: Stage::Embedded,
    detect: |bytes| bytes.starts_with(b"\x7fELF") && Elf::new(bytes).is_some(),
    open,
    samples: || vec![("overlay", sample())],
};

struct Elf<'a> {
    numbers: Numbers<'a>,
    wide: bool,
}

impl<'a> Elf<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let flag = |at: usize| match bytes.get(at)? {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        };
        let (wide, big) = (flag(4)?, flag(5)?);
        let numbers = Numbers { bytes, big };
        Some(Self { numbers, wide })
    }

    /// An address or offset, of 4 or 8 bytes.
    fn long(&self, at: usize) -> Option<u64> {
        if self.wide {
            self.numbers.u64(at)
        } else {
            self.numbers.u32(at).map(u64::from)
        }
    }

    /// The end of what headers, segments and sections describe.
    fn end(&self) -> Option<u64> {
        let pick = |narrow: usize, wide: usize| if self.wide { wide } else { narrow };
        let mut end = pick(52, 64) as u64;
        // Where a table is, how large its entries, how many; and where in an
        // entry the type, the offset and the size stand, and the type without
        // bytes in the file.
        let tables = [
            (
                pick(28, 32),
                pick(42, 54),
                pick(44, 56),
                None,
                pick(4, 8),
                pick(16, 32),
            ),
            (
                pick(32, 40),
                pick(46, 58),
                pick(48, 60),
                Some(8u32),
                pick(16, 24),
                pick(20, 32),
            ),
        ];
        for (at, size, count, without, offset_at, size_at) in tables {
            let start = self.long(at)?;
            let (size, count) = (
                u64::from(self.numbers.u16(size)?),
                u64::from(self.numbers.u16(count)?),
            );
            if start == 0 || count == 0 {
                continue;
            }
            end = end.max(start.saturating_add(size.saturating_mul(count)));
            for n in 0..count {
                let place = start.saturating_add(n.saturating_mul(size));
                let Ok(entry) = usize::try_from(place) else {
                    break;
                };
                if without.is_some() && self.numbers.u32(entry.saturating_add(4)) == without {
                    continue;
                }
                let (Some(offset), Some(len)) = (
                    self.long(entry.saturating_add(offset_at)),
                    self.long(entry.saturating_add(size_at)),
                ) else {
                    break;
                };
                if len > 0 {
                    end = end.max(offset.saturating_add(len));
                }
            }
        }
        Some(end)
    }
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let end = Elf::new(cx.bytes()).and_then(|elf| elf.end());
    overlay(cx, end)
}

/// Registers what lies behind the end that an executable's tables describe,
/// or says that they describe more than is there.
pub(super) fn overlay(cx: &mut Cx<'_>, end: Option<u64>) -> Result<(), Broken> {
    let len = cx.bytes().len();
    let Some(end) = end else {
        return Err(Broken::corrupt("the executable's header is cut off"));
    };
    let Some(end) = usize::try_from(end).ok().filter(|end| *end <= len) else {
        cx.gap(
            end.saturating_sub(len as u64),
            Gap::Corrupt,
            format!("its tables describe {end} bytes, of which {len} are there: it is cut off or damaged"),
        );
        return Ok(());
    };
    if cx.claimed(&(end..len)) {
        cx.leftovers(end..len);
    } else if len.saturating_sub(end) >= 16
        && cx
            .bytes()
            .get(end..)
            .is_some_and(|rest| rest.iter().any(|b| *b != 0))
    {
        cx.stored(b"(overlay)", end..len);
    }
    Ok(())
}

fn sample() -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0".to_vec();
    out.resize(64, 0);
    // One segment, whose header stands at 64 and which is 200 bytes long.
    for (at, value) in [(32, 64u8), (54, 56), (56, 1), (64 + 32, 200)] {
        out.resize(out.len().max(128), 0);
        if let Some(byte) = out.get_mut(at) {
            *byte = value;
        }
    }
    out.resize(200, 0x90);
    out.extend_from_slice(b"text behind the end of the executable\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_executable_is_told() {
        let gaps = crate::fuzz_open(&sample()[..150]).gaps;
        assert_eq!(gaps[0].gap, Some(Gap::Corrupt));
    }

    #[test]
    fn the_overlay_is_a_child_at_its_place() {
        let tree = crate::fuzz_open(&sample());
        assert_eq!(tree.nodes[0].record.kind, "elf");
        assert_eq!(tree.nodes[1].record.range.unwrap().start, 200);
        assert_eq!(tree.nodes[0].own, [(0, 200)]);
    }
}
