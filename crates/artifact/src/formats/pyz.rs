//! PYZ: PyInstaller's archive of compiled Python modules.
//!
//! Described by PyInstaller's `PyInstaller/loader/pyimod01_archive.py` and
//! CPython's `Python/marshal.c`: a magic number, Python's own one, where the
//! table is, modules as zlib streams, and the table in Python's marshal
//! format: pairs of a name and `(kind, offset, length)`.

use std::rc::Rc;

use assay_model::{Gap, Via};

use super::{Broken, Format, Stage, be, le};
use crate::open::Cx;

pub(crate) const FORMAT: Format = Format {
    id: "pyz",
    title: "PyInstaller's archive of Python modules",
    reference: "PyInstaller, loader/pyimod01_archive.py; CPython, Python/marshal.c",
    stage: Stage::Whole,
    detect: |bytes| bytes.starts_with(b"PYZ\0") && bytes.get(6..8) == Some(b"\r\n"),
    open,
    samples: || vec![("one", sample())],
};

/// What a table is made of; all else is an error.
#[derive(Clone)]
enum Value {
    Number(i64),
    Text(Rc<[u8]>),
    List(Vec<Value>),
    None,
}

/// The most values in a table.
const VALUES: usize = 2_000_000;

/// Reads marshalled lists, tuples, dictionaries, texts and numbers, without
/// recursion: containers wait on a stack until they are full.
fn unmarshal(bytes: &[u8]) -> Option<Value> {
    struct Waiting {
        left: Option<usize>,
        items: Vec<Value>,
    }
    let mut references: Vec<Value> = Vec::new();
    let mut stack: Vec<Waiting> = Vec::new();
    let (mut at, mut count) = (0usize, 0usize);
    loop {
        count = count.checked_add(1).filter(|count| *count <= VALUES)?;
        let code = *bytes.get(at)?;
        at = at.checked_add(1)?;
        let mut long = |width: usize| {
            let value = if width == 1 {
                usize::from(*bytes.get(at)?)
            } else {
                usize::try_from(le::u32(bytes, at)?).ok()?
            };
            at = at.checked_add(width)?;
            Some(value)
        };
        let noted = code & 0x80 != 0;
        let (mut value, container) = match code & 0x7f {
            b'N' | b'F' => (Value::None, None),
            b'T' => (Value::Number(1), None),
            b'i' => (Value::Number(i64::try_from(long(4)?).ok()?), None),
            b'r' => {
                // A copy of a list could double at each mention.
                let known = references.get(long(4)?)?;
                match known {
                    Value::List(_) => return None,
                    known => (known.clone(), None),
                }
            }
            short @ (b's' | b't' | b'u' | b'a' | b'A' | b'z' | b'Z') => {
                let len = long(if matches!(short, b'z' | b'Z') { 1 } else { 4 })?;
                let end = at.checked_add(len)?;
                let text = Rc::from(bytes.get(at..end)?);
                at = end;
                (Value::Text(text), None)
            }
            b'(' | b'[' => (Value::None, Some(Some(long(4)?))),
            b')' => (Value::None, Some(Some(long(1)?))),
            b'{' => (Value::None, Some(None)),
            // The end of a dictionary.
            b'0' if stack.last().is_some_and(|waiting| waiting.left.is_none()) => {
                let waiting = stack.pop()?;
                (Value::List(waiting.items), Some(Some(usize::MAX)))
            }
            _ => return None,
        };
        match container {
            Some(Some(usize::MAX)) => {}
            Some(left) => {
                // The place in the list of references is taken before what is
                // inside of it.
                if noted {
                    references.push(Value::List(Vec::new()));
                }
                if left == Some(0) {
                    value = Value::List(Vec::new());
                } else {
                    if stack.len() > 8 {
                        return None;
                    }
                    stack.push(Waiting {
                        left,
                        items: Vec::new(),
                    });
                    continue;
                }
            }
            None if noted => references.push(value.clone()),
            None => {}
        }
        // Give the value to what waits for it; that may fill it.
        loop {
            let Some(waiting) = stack.last_mut() else {
                return Some(value);
            };
            waiting.items.push(value);
            match &mut waiting.left {
                Some(left) => *left = left.saturating_sub(1),
                None => break,
            }
            if waiting.left != Some(0) {
                break;
            }
            let full = stack.pop()?;
            value = Value::List(full.items);
        }
    }
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let table = be::u32(bytes, 8).and_then(|at| usize::try_from(at).ok());
    let table = table.filter(|at| *at <= bytes.len()).unwrap_or(bytes.len());
    cx.structure(0..12);
    let listed = bytes.get(table..).and_then(unmarshal);
    let entries = match listed {
        Some(Value::List(items)) => pairs(items),
        _ => Vec::new(),
    };
    if entries.is_empty() {
        cx.gap(
            bytes.len() as u64,
            Gap::Corrupt,
            "its table of modules cannot be read; the archive was read as one piece",
        );
    } else {
        cx.structure(table..bytes.len());
    }
    for (name, kind, offset, len) in entries {
        let end = offset.saturating_add(len);
        // The third kind is a namespace package, which has no code.
        if kind == 3 && len == 0 {
            continue;
        }
        let content = if kind == 2 {
            None
        } else {
            Some("python-bytecode")
        };
        if bytes
            .get(offset..end)
            .is_some_and(|b| b.first() == Some(&0x78))
        {
            cx.decoded_as(&name, offset..end, Via::Zlib, content);
        } else if end <= bytes.len() {
            // Old versions could encrypt modules.
            let detail =
                "it is neither compressed nor plain: an older version may have encrypted it";
            cx.entry_gap(&name, len as u64, Gap::Encrypted, detail);
            cx.stored_as(&name, offset..end, Some("encrypted"));
        } else {
            cx.entry_gap(
                &name,
                len as u64,
                Gap::Corrupt,
                "it is said to lie outside of the archive",
            );
        }
        if cx.late(0) {
            break;
        }
    }
    cx.leftovers(0..bytes.len());
    Ok(())
}

/// `[(name, (kind, offset, length))]`, or the same as a dictionary.
fn pairs(items: Vec<Value>) -> Vec<(Rc<[u8]>, i64, usize, usize)> {
    let mut flat = Vec::new();
    for item in items {
        match item {
            Value::List(pair) if matches!(pair.first(), Some(Value::Text(_))) => flat.extend(pair),
            other => flat.push(other),
        }
    }
    let mut out = Vec::new();
    let mut items = flat.into_iter();
    while let (Some(name), Some(place)) = (items.next(), items.next()) {
        let (Value::Text(name), Value::List(place)) = (name, place) else {
            continue;
        };
        let number = |n: usize| match place.get(n) {
            Some(Value::Number(number)) => Some(*number),
            Some(Value::None) => Some(0),
            _ => None,
        };
        if let (Some(kind), Some(offset), Some(len)) = (number(0), number(1), number(2))
            && let (Ok(offset), Ok(len)) = (usize::try_from(offset), usize::try_from(len))
        {
            out.push((name, kind, offset, len));
        }
    }
    out
}

fn sample() -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let _ = packed.write_all(b"\xe3\0\0\0 a code object");
    let code = packed.finish().unwrap_or_default();
    let word = |n: usize| u32::try_from(n).unwrap_or_default().to_le_bytes();
    let mut out = b"PYZ\0\xcb\x0d\r\n".to_vec();
    let table = code.len().saturating_add(16);
    out.extend_from_slice(&u32::try_from(table).unwrap_or_default().to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&code);
    // [("pkg.mod", (0, 16, len)), ("pkg.two", (1, 16, len))], the second with a
    // reference to the first's number.
    out.push(b'[');
    out.extend_from_slice(&word(2));
    for name in [b"pkg.mod", b"pkg.two"] {
        out.extend_from_slice(&[b')', 2, b'Z' | 0x80, 7]);
        out.extend_from_slice(name);
        out.extend_from_slice(&[b')', 3, b'i']);
        out.extend_from_slice(&word(0));
        out.push(b'i');
        out.extend_from_slice(&word(16));
        out.push(b'i');
        out.extend_from_slice(&word(code.len()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_by_their_names() {
        let tree = crate::fuzz_open(&sample());
        let got: Vec<(&str, &str)> = tree
            .nodes
            .iter()
            .skip(1)
            .map(|n| (n.record.path.as_str(), n.record.kind.as_str()))
            .collect();
        assert_eq!(
            got,
            [
                ("pkg.mod", "python-bytecode"),
                ("pkg.two", "python-bytecode")
            ]
        );
    }

    #[test]
    fn deep_and_endless_tables_end() {
        assert!(unmarshal(&[b')', 1].repeat(100_000)).is_none());
        assert!(unmarshal(b"[\xff\xff\xff\xff").is_none());
        assert!(unmarshal(b"{0").is_some());
    }
}
