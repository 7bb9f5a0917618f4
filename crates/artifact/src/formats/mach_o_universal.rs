//! Universal Mach-O: the same program for several processors in one file.
//!
//! Described by Apple's `mach-o/fat.h`. Java class files begin with the same
//! four bytes; theirs has a version where this has a small number of slices.

use assay_model::Gap;

use super::{Broken, Format, Stage, be, range};
use crate::open::Cx;

pub(crate) const FORMAT: Format = Format {
    id: "mach-o-universal",
    title: "universal Mach-O file",
    reference: "Apple, mach-o/fat.h",
    stage: Stage::Whole,
    detect: |bytes| {
        matches!(bytes.get(..4), Some([0xca, 0xfe, 0xba, 0xbe | 0xbf]))
            && be::u32(bytes, 4).is_some_and(|count| (1..=20).contains(&count))
    },
    open,
    samples: || {
        let slice = super::mach_o::sample();
        let len = u32::try_from(slice.len()).unwrap_or_default();
        let mut out = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2];
        for (n, cpu) in [(0u32, 0x0100_0007u32), (1, 0x0100_000c)] {
            let at = len.saturating_add(100).saturating_mul(n).saturating_add(64);
            for word in [cpu, 3, at, len, 3] {
                out.extend_from_slice(&word.to_be_bytes());
            }
        }
        for n in 0..2usize {
            out.resize(
                slice
                    .len()
                    .saturating_add(100)
                    .saturating_mul(n)
                    .saturating_add(64),
                0,
            );
            out.extend_from_slice(&slice);
        }
        vec![("two", out)]
    },
};

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let wide = bytes.get(3) == Some(&0xbf);
    let count = be::u32(bytes, 4).unwrap_or_default().min(20);
    let size: usize = if wide { 32 } else { 20 };
    cx.structure(0..size.saturating_mul(count as usize).saturating_add(8));
    for n in 0..count as usize {
        let at = size.saturating_mul(n).saturating_add(8);
        let word = |k: usize| be::u32(bytes, at.saturating_add(k)).map(u64::from);
        let long = |k: usize| be::u64(bytes, at.saturating_add(k));
        let place = if wide {
            (long(8), long(16))
        } else {
            (word(8), word(12))
        };
        let (Some(cpu), (Some(start), Some(len))) = (be::u32(bytes, at), place) else {
            cx.gap(
                0,
                Gap::Corrupt,
                format!("its table of slices ends after {n} of {count}"),
            );
            break;
        };
        let cpu = match cpu {
            7 => "i386".to_owned(),
            0x0100_0007 => "x86_64".to_owned(),
            12 => "arm".to_owned(),
            0x0100_000c => "arm64".to_owned(),
            other => format!("cpu-{other:#x}"),
        };
        match range(start, len) {
            Some(place) => cx.stored(cpu.as_bytes(), place),
            None => cx.entry_gap(
                cpu.as_bytes(),
                len,
                Gap::Corrupt,
                "it is said to lie outside of the file",
            ),
        }
    }
    cx.leftovers(0..bytes.len());
    Ok(())
}
