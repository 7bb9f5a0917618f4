//! Where the code and the tables of an executable refer to its data.
//!
//! Compilers of Rust and Go put texts side by side, without anything between
//! them; what cuts them is the address and the length that uses them. Those
//! stand in tables, as pairs of words, and in instructions. Instructions are
//! only searched for the few forms that load an address or a small number;
//! none of them is followed.

use super::image::{Image, Processor, Role, Section};

/// How many references are kept.
const MOST: usize = 6_000_000;
/// The longest text that a length is taken for.
const LONGEST: u64 = 1 << 20;
/// How far around an address in the code its length is looked for.
const NEAR: usize = 40;

/// One place that refers to data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    /// The place in the file of what is referred to.
    pub(super) target: u32,
    /// The length, where a table says it.
    pub(super) len: u32,
    /// Lengths that stand near to the address in the code; 0 for none.
    pub(super) near: [u32; 3],
    /// The address of the code; 0 for a table.
    pub(super) from: u64,
    /// The address of the function that is called next; 0 where none is near.
    pub(super) call: u64,
}

/// All references, by what they refer to.
pub(super) fn references(image: &Image<'_>) -> Vec<Reference> {
    let mut found = Vec::new();
    if u32::try_from(image.bytes.len()).is_err() {
        return found;
    }
    for (at, value) in &image.relative {
        let len = image
            .place(at.saturating_add(image.word as u64))
            .and_then(|place| image.number(place, image.word));
        table(image, *value, len, &mut found);
    }
    for section in &image.sections {
        match section.role {
            Role::Data => words(image, section, &mut found),
            Role::Code => match image.processor {
                Processor::X64 => x64(image, section, &mut found),
                Processor::Arm64 => arm64(image, section, &mut found),
                Processor::Other => {}
            },
            Role::Names => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn target(image: &Image<'_>, address: u64) -> Option<u32> {
    let section = image.section(address)?;
    if section.role != Role::Data {
        return None;
    }
    u32::try_from(image.place(address)?).ok()
}

/// Notes an address that a table holds, with the word behind it.
fn table(image: &Image<'_>, address: u64, len: Option<u64>, found: &mut Vec<Reference>) {
    if found.len() >= MOST {
        return;
    }
    let Some(target) = target(image, address) else {
        return;
    };
    let len = len
        .filter(|len| (1..=LONGEST).contains(len))
        .and_then(|len| u32::try_from(len).ok())
        .filter(|len| is_text(image, target, *len));
    // An address without a length cuts nothing: it may lead into the middle.
    if let Some(len) = len {
        found.push(Reference {
            target,
            len,
            near: [0; 3],
            from: 0,
            call: 0,
        });
    }
}

fn is_text(image: &Image<'_>, at: u32, len: u32) -> bool {
    let start = at as usize;
    let Some(bytes) = image.bytes.get(start..start.saturating_add(len as usize)) else {
        return false;
    };
    let control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b);
    !bytes.iter().any(control) && std::str::from_utf8(bytes).is_ok()
}

/// Pairs of words in data: an address and a length.
fn words(image: &Image<'_>, section: &Section, found: &mut Vec<Reference>) {
    let word = image.word;
    let skip = section.file.start.wrapping_neg() % word;
    let content = image.content(section).get(skip..).unwrap_or_default();
    let mut before: Option<u64> = None;
    for chunk in content.chunks_exact(word) {
        let value = super::image::number(chunk, image.big);
        if let Some(address) = before
            && (1..=LONGEST).contains(&value)
        {
            table(image, address, Some(value), found);
            // What a loader fixes later has its target in the low bits, from
            // the beginning of the file or from address 0.
            if word == 8 && address >> 36 != 0 {
                let low = address & ((1 << 36) - 1);
                table(image, low, Some(value), found);
                table(image, image.base.saturating_add(low), Some(value), found);
            } else if image.base != 0 && address < image.base {
                table(
                    image,
                    image.base.saturating_add(address),
                    Some(value),
                    found,
                );
            }
        }
        before = Some(value).filter(|value| *value > 4096);
    }
}

/// `lea REG, [rip + N]`, and the numbers that are moved near to it.
fn x64(image: &Image<'_>, section: &Section, found: &mut Vec<Reference>) {
    let code = image.content(section);
    for at in memchr::memchr_iter(0x8d, code) {
        if found.len() >= MOST {
            return;
        }
        let (Some(rex), Some(form)) = (
            at.checked_sub(1).and_then(|at| code.get(at)),
            code.get(at.saturating_add(1)),
        ) else {
            continue;
        };
        if !matches!(rex, 0x48 | 0x4c) || form & 0xc7 != 0x05 {
            continue;
        }
        let end = at.saturating_add(6);
        let Some(Ok(offset)) = code.get(at.saturating_add(2)..end).map(<[u8; 4]>::try_from) else {
            continue;
        };
        let offset = i64::from(i32::from_le_bytes(offset));
        let next = section.address.saturating_add(end as u64);
        let Some(target) = next
            .checked_add_signed(offset)
            .and_then(|address| target(image, address))
        else {
            continue;
        };
        found.push(Reference {
            target,
            len: 0,
            near: numbers_x64(code, at),
            from: section.address.saturating_add(at as u64),
            call: call_x64(code, end, section.address),
        });
    }
}

/// What is called next: `call N`, or `call [rip + N]` by a table.
fn call_x64(code: &[u8], from: usize, address: u64) -> u64 {
    let window = code
        .get(from..code.len().min(from.saturating_add(NEAR)))
        .unwrap_or_default();
    for (index, byte) in window.iter().enumerate() {
        let skip = match byte {
            0xe8 => 1,
            0xff if window.get(index.saturating_add(1)) == Some(&0x15) => 2,
            _ => continue,
        };
        let start = index.saturating_add(skip);
        let end = start.saturating_add(4);
        let Some(Ok(offset)) = window.get(start..end).map(<[u8; 4]>::try_from) else {
            return 0;
        };
        let next = address
            .saturating_add(from as u64)
            .saturating_add(end as u64);
        let target = next.wrapping_add_signed(i64::from(i32::from_le_bytes(offset)));
        // A byte inside of another instruction leads anywhere.
        if target.abs_diff(next) < 1 << 30 {
            return target;
        }
    }
    0
}

/// Numbers that are loaded near to a place: `mov REG, N`, `mov [..], N`.
fn numbers_x64(code: &[u8], at: usize) -> [u32; 3] {
    let from = at.saturating_sub(NEAR);
    let window = code
        .get(from..code.len().min(at.saturating_add(6).saturating_add(NEAR)))
        .unwrap_or_default();
    let mut all: Vec<(usize, u32)> = Vec::new();
    for (index, byte) in window.iter().enumerate() {
        let skip = match byte {
            0xb8..=0xbf => 1,
            // mov dword or qword: [rsp+8], [rbp+8], [REG+8], and with 32 bits.
            0xc7 => match window.get(index.saturating_add(1)) {
                Some(0x44) => 4,
                Some(0x40..=0x47) => 3,
                Some(0x84) => 7,
                Some(0x80..=0x87) => 6,
                Some(0x04) => 3,
                _ => continue,
            },
            // push N
            0x6a => {
                if let Some(number) = window.get(index.saturating_add(1)).filter(|n| **n < 0x80) {
                    all.push((index, u32::from(*number)));
                }
                continue;
            }
            _ => continue,
        };
        let start = index.saturating_add(skip);
        let Some(Ok(number)) = window
            .get(start..start.saturating_add(4))
            .map(<[u8; 4]>::try_from)
        else {
            continue;
        };
        all.push((index, u32::from_le_bytes(number)));
    }
    nearest(all, at.saturating_sub(from))
}

/// The three numbers that stand nearest and may be lengths.
fn nearest(mut all: Vec<(usize, u32)>, at: usize) -> [u32; 3] {
    all.retain(|(_, number)| (1..=4096).contains(number));
    all.sort_by_key(|(index, _)| index.abs_diff(at));
    let mut near = [0; 3];
    for (slot, (_, number)) in near.iter_mut().zip(all) {
        *slot = number;
    }
    near
}

/// `adrp` with `add`, and the numbers that are moved near to them.
fn arm64(image: &Image<'_>, section: &Section, found: &mut Vec<Reference>) {
    // The last page that each register was given, and where.
    let mut pages = [(0u64, usize::MAX); 32];
    let code = image.content(section);
    let word = |index: usize| -> Option<u32> {
        let at = index.checked_mul(4)?;
        let bytes = code.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(<[u8; 4]>::try_from(bytes).ok()?))
    };
    for index in 0..code.len() / 4 {
        if found.len() >= MOST {
            return;
        }
        let Some(instruction) = word(index) else {
            return;
        };
        let address = section.address.saturating_add((index as u64) << 2);
        let register = (instruction & 31) as usize;
        if instruction & 0x9f00_0000 == 0x9000_0000 {
            let low = (instruction >> 29) & 3;
            let high = (instruction >> 5) & 0x7_ffff;
            // 21 bits with a sign, in pages.
            let pages_away = i64::from((((high << 2) | low) << 11).cast_signed() >> 11);
            let page = (address & !0xfff).wrapping_add_signed(pages_away << 12);
            if let Some(slot) = pages.get_mut(register) {
                *slot = (page, index);
            }
            continue;
        }
        let adds = instruction & 0xffc0_0000 == 0x9100_0000;
        let near = instruction & 0x9f00_0000 == 0x1000_0000;
        let reached = if adds {
            let base = ((instruction >> 5) & 31) as usize;
            match pages.get(base) {
                Some((page, set)) if index.saturating_sub(*set) <= 16 && *set != usize::MAX => {
                    Some(page.wrapping_add(u64::from((instruction >> 10) & 0xfff)))
                }
                _ => None,
            }
        } else if near {
            let low = (instruction >> 29) & 3;
            let high = (instruction >> 5) & 0x7_ffff;
            let away = i64::from((((high << 2) | low) << 11).cast_signed() >> 11);
            address.checked_add_signed(away)
        } else {
            None
        };
        let Some(target) = reached.and_then(|address| target(image, address)) else {
            continue;
        };
        // movz, 32 and 64 bits, without a shift.
        let first = index.saturating_sub(NEAR / 4);
        let numbers = (first..index.saturating_add(NEAR / 4))
            .filter_map(|other| {
                let near = word(other)?;
                (near & 0x7fe0_0000 == 0x5280_0000)
                    .then_some((other.saturating_sub(first), (near >> 5) & 0xffff))
            })
            .collect();
        found.push(Reference {
            target,
            len: 0,
            near: nearest(numbers, index.saturating_sub(first)),
            from: address,
            call: (index..index.saturating_add(NEAR / 4))
                .find_map(|other| {
                    let branch = word(other)?;
                    // bl, 26 bits with a sign, in instructions.
                    let away = i64::from((branch << 6).cast_signed() >> 6) << 2;
                    let at = section.address.saturating_add((other as u64) << 2);
                    (branch >> 26 == 0b10_0101).then(|| at.wrapping_add_signed(away))
                })
                .unwrap_or(0),
        });
    }
}
