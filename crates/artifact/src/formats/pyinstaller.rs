//! Executables that PyInstaller makes: a loader with an archive (CArchive) of
//! scripts, libraries and a PYZ.
//!
//! Described by PyInstaller's `PyInstaller/archive/writers.py` and `readers.py`.
//! The archive is found from its cookie near the end of the file; numbers are
//! big-endian.

use assay_model::{Gap, Via};
use memchr::memmem;

use super::{Broken, Format, Stage, be};
use crate::open::Cx;

const COOKIE: &[u8] = b"MEI\x0c\x0b\x0a\x0b\x0e";
/// Magic number, four numbers, the name of Python's library.
const COOKIE_LEN: usize = 88;
/// A signature may follow the archive; but not much else.
const TAIL: usize = 1 << 20;

pub(crate) const FORMAT: Format = Format {
    id: "pyinstaller",
    title: "executable made by PyInstaller",
    reference: "PyInstaller, archive/writers.py and archive/readers.py",
    stage: Stage::Embedded,
    detect: |bytes| cookie(bytes).is_some(),
    open,
    samples: || vec![("one", sample())],
};

/// Where the cookie is, from the end; an ELF section may carry the archive, so
/// that section tables follow it.
fn cookie(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(TAIL);
    let at = memmem::rfind(bytes.get(from..)?, COOKIE)?.checked_add(from)?;
    let len = usize::try_from(be::u32(bytes, at.checked_add(8)?)?).ok()?;
    // The loader has the magic number among its own strings.
    (len >= COOKIE_LEN && len <= at.checked_add(COOKIE_LEN)?).then_some(at)
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let word = |at: usize, n: usize| {
        be::u32(bytes, at.checked_add(n)?).and_then(|n| usize::try_from(n).ok())
    };
    let place = || {
        let cookie = cookie(bytes)?;
        let end = cookie.checked_add(COOKIE_LEN)?.min(bytes.len());
        let start = cookie
            .checked_add(COOKIE_LEN)?
            .checked_sub(word(cookie, 8)?)?;
        let table = start.checked_add(word(cookie, 12)?)?;
        let table = table..table.checked_add(word(cookie, 16)?)?;
        (table.end <= cookie).then_some((start, cookie, end, table))
    };
    let Some((start, cookie, end, table)) = place() else {
        return Err(Broken::corrupt(
            "the table of its PyInstaller archive is said to lie outside of it",
        ));
    };
    cx.structure(cookie..end);
    cx.structure(table.clone());
    let mut at = table.start;
    while at < table.end {
        let len = word(at, 0).filter(|len| *len >= 18);
        let next = len
            .and_then(|len| at.checked_add(len))
            .filter(|next| *next <= table.end);
        let Some(next) = next else {
            let detail = "the table of its PyInstaller archive is broken";
            cx.gap(table.end.saturating_sub(at) as u64, Gap::Corrupt, detail);
            break;
        };
        let name = bytes.get(at.saturating_add(18)..next).unwrap_or_default();
        let name = name.split(|b| *b == 0).next().unwrap_or_default();
        let packed = bytes.get(at.saturating_add(16)) == Some(&1);
        let kind = bytes
            .get(at.saturating_add(17))
            .copied()
            .unwrap_or_default();
        let range = word(at, 4)
            .zip(word(at, 8))
            .and_then(|(offset, len)| {
                let from = start.checked_add(offset)?;
                Some(from..from.checked_add(len)?)
            })
            .filter(|range| range.end <= cookie);
        at = next;
        // Options of the loader and names in other archives have no bytes.
        if name.is_empty()
            || (range.as_ref().is_some_and(|r| r.is_empty()) && b"odn".contains(&kind))
        {
            continue;
        }
        cx.check_name(name);
        let Some(range) = range else {
            let detail = "it is said to lie outside of the PyInstaller archive";
            cx.entry_gap(name, 0, Gap::Corrupt, detail);
            continue;
        };
        // Modules and scripts are code objects without the head of a file.
        let child = matches!(kind, b's' | b'm' | b'M').then_some("python-bytecode");
        if packed {
            cx.decoded_as(name, range, Via::Zlib, child);
        } else {
            cx.stored_as(name, range, child);
        }
        if cx.late(0) {
            break;
        }
    }
    cx.leftovers(start..end);
    Ok(())
}

fn sample() -> Vec<u8> {
    use std::io::Write;
    let script = b"\xe3\0\0\0 a code object";
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let _ = packed.write_all(b"text of a data file\n");
    let data = packed.finish().unwrap_or_default();
    let word = |n: usize| u32::try_from(n).unwrap_or_default().to_be_bytes();
    let entry = |name: &[u8], at: usize, len: usize, packed: u8, kind: u8| {
        [
            &word(name.len().saturating_add(19))[..],
            &word(at),
            &word(len),
            &word(len),
            &[packed, kind],
            name,
            &[0],
        ]
        .concat()
    };
    let table = [
        entry(b"main", 0, script.len(), 0, b's'),
        entry(b"data/a.txt", script.len(), data.len(), 1, b'x'),
        entry(b"pyi-contents-directory _internal", 0, 0, 0, b'o'),
    ]
    .concat();
    let mut out = b"\x7fELF\x02\x01\x01\0".to_vec();
    out.resize(64, 0);
    let content = script.len().saturating_add(data.len());
    out.extend_from_slice(script);
    out.extend_from_slice(&data);
    out.extend_from_slice(&table);
    out.extend_from_slice(COOKIE);
    out.extend_from_slice(&word(
        content
            .saturating_add(table.len())
            .saturating_add(COOKIE_LEN),
    ));
    out.extend_from_slice(&word(content));
    out.extend_from_slice(&word(table.len()));
    out.extend_from_slice(&word(312));
    out.extend_from_slice(b"libpython3.12.so.1.0");
    out.resize(out.len().saturating_add(44), 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_data() {
        let tree = crate::fuzz_open(&sample());
        let got: Vec<(&str, &str)> = tree
            .nodes
            .iter()
            .skip(1)
            .map(|n| (n.record.path.as_str(), n.record.kind.as_str()))
            .collect();
        assert_eq!(got, [("main", "python-bytecode"), ("data/a.txt", "text")]);
    }
}
