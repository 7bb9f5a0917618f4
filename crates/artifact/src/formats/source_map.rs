//! Source maps: JSON that leads from bundled JavaScript back to its sources,
//! often with the sources themselves.
//!
//! Described by ECMA-426. Sources are the reviewer's best view of a minified
//! bundle, but nothing holds them to the code that runs: they are told as
//! nodes of their own, each at the exact range of its JSON string.

use std::borrow::Cow;
use std::ops::Range;

use assay_model::{Gap, Via};
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Broken, Format, Stage};
use crate::open::Cx;

/// A map larger than this is not read: its index is kept in memory.
const MOST: usize = 128 << 20;

pub(crate) const FORMAT: Format = Format {
    id: "source-map",
    title: "source map",
    reference: "ECMA-426",
    stage: Stage::Embedded,
    detect: |bytes| {
        let start = bytes.get(..bytes.len().min(64)).unwrap_or_default();
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        // Some servers put this before JSON, and readers skip it.
        let start = start.strip_prefix(b")]}'").unwrap_or(start);
        start.trim_ascii_start().starts_with(b"{")
            && memmem::find(bytes, b"\"mappings\"").is_some()
            && memmem::find(bytes, b"\"sources\"").is_some()
    },
    open,
    samples: || {
        let plain = r#"{"version":3,"sources":["src/a.ts","src/b.ts"],"names":[],
            "sourcesContent":["export const a: string = \"\u00e9\\n\";\n","export {};\n"],"mappings":"AAAA"}"#;
        let sections = r#"{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":
            {"version":3,"sources":["c.ts"],"sourcesContent":["let c = 1;\n"],"names":[],"mappings":"AAAA"}}]}"#;
        vec![
            ("plain", plain.as_bytes().to_vec()),
            ("sections", sections.as_bytes().to_vec()),
        ]
    },
};

#[derive(Deserialize)]
struct Map<'a> {
    #[serde(borrow, default)]
    sources: Option<Vec<Option<&'a RawValue>>>,
    #[serde(borrow, default, rename = "sourcesContent")]
    contents: Option<Vec<Option<&'a RawValue>>>,
    #[serde(borrow, default)]
    sections: Option<Vec<Section<'a>>>,
}

#[derive(Deserialize)]
struct Section<'a> {
    #[serde(borrow, default)]
    map: Option<&'a RawValue>,
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let skipped = [b"\xef\xbb\xbf".as_slice(), b")]}'"]
        .iter()
        .fold(bytes, |rest, mark| rest.strip_prefix(*mark).unwrap_or(rest));
    if skipped.len() > MOST {
        return Err(Broken {
            gap: Gap::Limit,
            detail: format!("the source map is larger than the {MOST} bytes that are read of one"),
        });
    }
    let text =
        std::str::from_utf8(skipped).map_err(|_| Broken::corrupt("the source map is not UTF-8"))?;
    let broken = |error: serde_json::Error| {
        Broken::corrupt(format!("the source map is not one that is known: {error}"))
    };
    let (mut open, mut top) = (vec![text], true);
    let (mut named, mut without) = (0u64, 0u64);
    while let Some(text) = open.pop() {
        if cx.late(0) {
            break;
        }
        let map: Map<'_> = serde_json::from_str(text).map_err(broken)?;
        let sections = map.sections.unwrap_or_default();
        // Sections hold no sections: each level would be read once more for
        // every level above it.
        if top {
            open.extend(sections.iter().filter_map(|s| s.map).map(RawValue::get));
        } else if !sections.is_empty() {
            let detail = "a section of the source map has sections itself, which were not read";
            cx.gap(0, Gap::Corrupt, detail);
        }
        top = false;
        let sources = map.sources.unwrap_or_default();
        let contents = map.contents.unwrap_or_default();
        for n in 0..sources.len().max(contents.len()) {
            let name = sources
                .get(n)
                .copied()
                .flatten()
                .and_then(|raw| string(raw.get()));
            let name = name.unwrap_or_else(|| format!("(source {n})").into_bytes().into());
            named = named.saturating_add(1);
            let content = contents.get(n).copied().flatten();
            let place = content.and_then(|raw| place_of(bytes, raw.get()));
            match content.and_then(|raw| string(raw.get())).zip(place) {
                Some((content, place)) => cx.made(&name, place, Via::JsonString, &content),
                None => without = without.saturating_add(1),
            }
        }
    }
    if without > 0 {
        let detail = format!("{without} of {named} sources are named without their content");
        cx.gap(0, Gap::NotFetched, detail);
    }
    Ok(())
}

/// Where a part of a text that was borrowed from the bytes lies in them.
fn place_of(bytes: &[u8], part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (bytes.get(start..end)? == part.as_bytes()).then_some(start..end)
}

/// The value of a JSON string. Halves of surrogate pairs, which JSON allows
/// and UTF-8 does not, become replacement characters.
fn string(raw: &str) -> Option<Cow<'_, [u8]>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner.as_bytes()));
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(rest.get(..at)?);
        let escape = rest.get(at.checked_add(1)?..)?;
        let mut after = escape.get(1..)?;
        match escape.as_bytes().first()? {
            b'n' => out.push('\n'),
            b't' => out.push('\t'),
            b'r' => out.push('\r'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'u' => {
                let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
                let first = unit(after)?;
                after = after.get(4..)?;
                let second = after.strip_prefix("\\u").and_then(unit);
                let pair =
                    second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
                match pair.filter(|c| *c > '\u{ffff}') {
                    Some(c) => {
                        out.push(c);
                        after = after.get(6..)?;
                    }
                    None => out.push(char::from_u32(first.into()).unwrap_or('\u{fffd}')),
                }
            }
            other => out.push(char::from(*other)),
        }
        rest = after;
    }
    out.push_str(rest);
    Some(Cow::Owned(out.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_decoded_and_have_their_range() {
        let bytes = (FORMAT.samples)().remove(0).1;
        let tree = crate::fuzz_open(&bytes);
        let node = &tree.nodes[1];
        assert_eq!(node.record.path, "src/a.ts");
        assert_eq!(
            tree.store.bytes(node.place).unwrap(),
            "export const a: string = \"é\\n\";\n".as_bytes()
        );
        let range = node.record.range.unwrap();
        let raw = &bytes[range.start as usize..range.end().unwrap() as usize];
        assert!(raw.starts_with(b"\"export") && raw.ends_with(b"\\n\""));
    }

    #[test]
    fn strings() {
        let check = |raw: &str, expected: Option<&str>| {
            assert_eq!(string(raw).as_deref(), expected.map(str::as_bytes), "{raw}");
        };
        check(r#""a""#, Some("a"));
        check(r#""\u0061\"\/\\\n""#, Some("a\"/\\\n"));
        check(r#""\ud83d\ude00""#, Some("😀"));
        check(r#""\ud83dx""#, Some("\u{fffd}x"));
        check(r#""\ud83d\u0061""#, Some("\u{fffd}a"));
        check("1", None);
    }

    #[test]
    fn sources_without_content_are_told() {
        let map = br#"{"version":3,"sources":["a","b"],"sourcesContent":["x"],"mappings":""}"#;
        let gaps = crate::fuzz_open(map).gaps;
        assert_eq!(gaps[0].gap, Some(Gap::NotFetched));
    }
}
