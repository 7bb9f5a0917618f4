//! Executables that `pkg` and `yao-pkg` make: Node with a payload of files
//! and a script that knows where each of them is.
//!
//! Described by `lib/packer.ts`, `lib/producer.ts` and `prelude/bootstrap.js`
//! of both. Where payload and prelude are stands as text in the runtime's own
//! bootstrap script; which file is where stands as JSON among the arguments of
//! the prelude. Sources may be replaced by V8 bytecode, which stays unread.

use std::ops::Range;

use assay_model::{Gap, Via};
use memchr::memmem;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::{Broken, Format, Stage};
use crate::open::Cx;

const PAYLOAD: &[u8] = b"PAYLOAD_POSITION = '";
/// What is told of a file beside its content (mode, size, type) is shorter.
const STAT: usize = 256;
/// A list of files longer than this is none.
const INDEX: usize = 16 << 20;

pub(crate) const FORMAT: Format = Format {
    id: "pkg",
    title: "executable made by pkg or yao-pkg",
    reference: "vercel/pkg and yao-pkg/pkg, lib/producer.ts and prelude/bootstrap.js",
    stage: Stage::Embedded,
    detect: |bytes| places(bytes).is_some(),
    open,
    samples: || {
        vec![
            ("plain", sample(0)),
            ("gzip", sample(1)),
            ("brotli", sample(2)),
        ]
    },
};

/// Payload and prelude. Unfilled placeholders are those of the runtime before
/// anything is packed into it.
fn places(bytes: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    memmem::find_iter(bytes, PAYLOAD).find_map(|at| {
        let near = bytes.get(at..bytes.len().min(at.saturating_add(1024)))?;
        let number = |name: &str| -> Option<usize> {
            let mark = format!("{name} = '");
            let from = memmem::find(near, mark.as_bytes())?.checked_add(mark.len())?;
            let digits = near.get(from..)?.split(|b| *b == b'\'').next()?;
            std::str::from_utf8(digits).ok()?.trim().parse().ok()
        };
        let place = |from: &str, size: &str| {
            let start = number(from)?;
            let end = start.checked_add(number(size)?)?;
            (end <= bytes.len() && end > start).then_some(start..end)
        };
        Some((
            place("PAYLOAD_POSITION", "PAYLOAD_SIZE")?,
            place("PRELUDE_POSITION", "PRELUDE_SIZE")?,
        ))
    })
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let Some((payload, prelude)) = places(bytes) else {
        return Err(Broken::corrupt("it does not say where its payload is"));
    };
    let script = bytes.get(prelude.clone()).unwrap_or_default();
    cx.stored_as(b"(prelude)", prelude, Some("javascript"));
    match index(script) {
        Ok(index) => files(cx, &payload, index),
        Err(why) => cx.gap(
            payload.len() as u64,
            Gap::UnknownFormat,
            format!("the prelude's list of files was not found ({why}); the payload was read as one piece"),
        ),
    }
    cx.leftovers(payload);
    Ok(())
}

struct Index {
    files: Map<String, Value>,
    /// Short names for the parts of paths, in compressed lists.
    words: FxHashMap<String, String>,
    via: Option<Via>,
}

/// The arguments that the packer put behind the bootstrap script: files,
/// entry point, links, dictionary, compression.
fn index(script: &[u8]) -> Result<Index, String> {
    // The list is the only argument that begins a line with an object whose
    // values are objects; the last one, as a script may quote another.
    let from = [b"\n{\"".as_slice(), b",{\"", b"({\""]
        .iter()
        .find_map(|mark| {
            memmem::find_iter(script, mark)
                .take(10_000)
                .map(|at| at.saturating_add(1))
                .find(|at| stores(script, *at))
        })
        .ok_or("no object with places")?;
    let json = script.get(from..).unwrap_or_default();
    if json.len() > INDEX {
        return Err(format!("it is longer than {INDEX} bytes"));
    }
    let mut arguments = Vec::new();
    let mut rest = json;
    while arguments.len() < 5 {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => arguments.push(value),
            Some(Err(error)) if arguments.is_empty() => return Err(error.to_string()),
            _ => break,
        }
        let after = rest.get(values.byte_offset()..).unwrap_or_default();
        rest = match after.trim_ascii_start().strip_prefix(b",") {
            Some(after) => after,
            None => break,
        };
    }
    let mut arguments = arguments.into_iter();
    let Some(Value::Object(files)) = arguments.next() else {
        return Err("it is no object".to_owned());
    };
    let words = match arguments.nth(2) {
        // The dictionary goes from the word to its short name.
        Some(Value::Object(words)) => words
            .into_iter()
            .filter_map(|(word, short)| Some((short.as_str()?.to_owned(), word)))
            .collect(),
        _ => FxHashMap::default(),
    };
    let via = match arguments.next().as_ref().and_then(Value::as_u64) {
        Some(1) => Some(Via::Gzip),
        Some(2) => Some(Via::Brotli),
        Some(3) => Some(Via::Zstd),
        _ => None,
    };
    Ok(Index { files, words, via })
}

/// Whether a list of files begins here: a name, then numbered stores.
fn stores(script: &[u8], at: usize) -> bool {
    let head = script.get(at..script.len().min(at.saturating_add(4096)));
    let head = head.unwrap_or_default();
    memmem::find(head, b"\":{\"").is_some_and(|colon| {
        let store = colon.saturating_add(4);
        matches!(
            head.get(store..store.saturating_add(3)),
            Some([b'0'..=b'3', b'"', b':'])
        )
    })
}

fn files(cx: &mut Cx<'_>, payload: &Range<usize>, index: Index) {
    for (n, (name, stores)) in index.files.into_iter().enumerate() {
        if n.is_multiple_of(256) && cx.late(0) {
            break;
        }
        let name = if index.words.is_empty() {
            name
        } else {
            let mut path = String::new();
            for short in name.split('$').take(256) {
                let word = index.words.get(short).map_or(short, String::as_str);
                path = super::joined(&path, "/", word);
            }
            path
        };
        for (store, suffix, kind) in [
            ("0", "#bytecode", Some("v8-bytecode")),
            ("1", "", None),
            ("2", "#folder", None),
            ("3", "#stat", None),
        ] {
            let Some(place) = stores.get(store) else {
                continue;
            };
            let child = format!("{name}{suffix}");
            let number = |n: usize| usize::try_from(place.get(n)?.as_u64()?).ok();
            let range = number(0).zip(number(1)).and_then(|(offset, len)| {
                let start = payload.start.checked_add(offset)?;
                let end = start.checked_add(len)?;
                (end <= payload.end).then_some(start..end)
            });
            if let Some(range) = range
                .as_ref()
                .filter(|range| store == "3" && range.len() <= STAT)
            {
                // Each file has one, which is not worth a node while it can be
                // read as it stands.
                if range.is_empty() || index.via.is_none() {
                    cx.structure(range.clone());
                    continue;
                }
            }
            match (range, index.via) {
                (None, _) => cx.entry_gap(
                    child.as_bytes(),
                    0,
                    Gap::Corrupt,
                    "it is said to lie outside of the payload",
                ),
                (Some(range), None) => cx.stored_as(child.as_bytes(), range, kind),
                (Some(range), Some(via)) => {
                    cx.decoded_as(child.as_bytes(), range, via, kind);
                }
            }
        }
    }
}

fn sample(compression: usize) -> Vec<u8> {
    use std::io::Write;
    let pack = |text: &[u8]| match compression {
        1 => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            let _ = out.write_all(text);
            out.finish().unwrap_or_default()
        }
        2 => brotli(text),
        _ => text.to_vec(),
    };
    let main = pack(b"module.exports = 1;\n");
    let code = pack(b"\x01\x02\xde\xc0 bytecode");
    let mut out = b"\x7fELF\x02\x01\x01\0".to_vec();
    out.resize(64, 0);
    let folder = pack(b"[\"main.js\",\"b.js\"]");
    let stat = pack(b"{\"mode\":33188,\"size\":20,\"isFileValue\":true}");
    // What the list says of each file: the store, and where it is.
    let (mut payload, mut list) = (Vec::new(), Vec::new());
    for (name, stores) in [
        ("a/main.js", [("1", &main), ("3", &stat)]),
        ("a/b.js", [("0", &code), ("3", &stat)]),
        ("a", [("2", &folder), ("3", &stat)]),
    ] {
        let places = stores.map(|(store, content)| {
            let at = payload.len();
            payload.extend_from_slice(content);
            format!("\"{store}\":[{at},{}]", content.len())
        });
        list.push(format!("\"/snapshot/{name}\":{{{}}}", places.join(",")));
    }
    let index = format!("{{{}}}", list.join(","));
    let prelude = format!(
        "return (function (A, B, C) {{ }})(function (exports) {{\n}},\n{index}\n,\n\"/snapshot/a/main.js\"\n,\n{{}}\n,\n{{}}\n,\n{compression}\n);"
    );
    let (start, size) = (64usize + 200, payload.len());
    let text = format!(
        "var PAYLOAD_POSITION = '{start:<10}' | 0; var PAYLOAD_SIZE = '{size:<10}' | 0; var PRELUDE_POSITION = '{:<10}' | 0; var PRELUDE_SIZE = '{:<10}' | 0;",
        start.saturating_add(size),
        prelude.len()
    );
    out.extend_from_slice(text.as_bytes());
    out.resize(start, 0);
    out.extend_from_slice(&payload);
    out.extend_from_slice(prelude.as_bytes());
    out
}

/// A Brotli stream (RFC 7932) of one block that is not compressed and the
/// empty one that ends it; there is no encoder among our dependencies.
fn brotli(text: &[u8]) -> Vec<u8> {
    // Bit by bit: window of 16 bits (0), not last (0), length in four nibbles
    // (00), length less one (16 bits), uncompressed (1).
    let len = u32::try_from(text.len()).unwrap_or(1).saturating_sub(1);
    let head = (len << 4) | (1 << 20);
    let mut out = head.to_le_bytes().get(..3).unwrap_or_default().to_vec();
    out.extend_from_slice(text);
    // Last (1), empty (1).
    out.push(3);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_bytecode() {
        for compression in 0..3 {
            let tree = crate::fuzz_open(&sample(compression));
            let got: Vec<(&str, &str)> = tree
                .nodes
                .iter()
                .skip(1)
                .map(|n| (n.record.path.as_str(), n.record.kind.as_str()))
                .collect();
            let mut expected = vec![
                ("(prelude)", "javascript"),
                ("/snapshot/a/main.js", "javascript"),
                ("/snapshot/a/main.js#stat", "json"),
                ("/snapshot/a/b.js#bytecode", "v8-bytecode"),
                ("/snapshot/a/b.js#stat", "json"),
                ("/snapshot/a#folder", "json"),
                ("/snapshot/a#stat", "json"),
            ];
            // Uncompressed they are read where they stand.
            if compression == 0 {
                expected.retain(|(path, _)| !path.ends_with("#stat"));
            }
            // The placeholders before the payload.
            expected.push(("(bytes that nothing names, at 64)", "text"));
            assert_eq!(got, expected);
        }
    }

    #[test]
    fn unfilled_placeholders_are_nothing() {
        assert!(!(FORMAT.detect)(
            b"PAYLOAD_POSITION = '// PAYLOAD_POSITION //' | 0;"
        ));
    }
}
