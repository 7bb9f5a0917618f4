//! gzip: one compressed stream, possibly of several members.
//!
//! A header can hold a name, a comment and fields of any content, which no
//! decoder shows. What stands behind the last member is ignored by some
//! readers, refused by others and, after zeros, read on by a third kind.

use std::ops::Range;

use assay_model::{Gap, Via};

use super::{Broken, Format, Stage, le};
use crate::open::Cx;

const MAGIC: &[u8] = &[0x1f, 0x8b, 8];

const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;

/// The flags of a header that say that it holds more than numbers.
pub(crate) const TEXTS: u8 = EXTRA | NAME | COMMENT;

/// A part of a header that is longer is no name any more, and gets a node of
/// its own, in which other formats are looked for.
const LONG: usize = 64;

pub(crate) const FORMAT: Format = Format {
    id: "gzip",
    title: "gzip stream",
    reference: "RFC 1952",
    stage: Stage::Whole,
    detect: |bytes| bytes.starts_with(MAGIC),
    open,
    samples: || {
        let named = flate2::GzBuilder::new().filename("a.txt").comment("a text");
        vec![
            ("one", sample(flate2::GzBuilder::new(), b"inner text\n")),
            ("named", sample(named, b"inner text\n")),
        ]
    },
};

fn sample(header: flate2::GzBuilder, content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut out = header.write(Vec::new(), flate2::Compression::fast());
    let _ = out.write_all(content);
    out.finish().unwrap_or_default()
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let (mut at, mut told) = (0, false);
    loop {
        let name = format!("(stream after the end, at {at})");
        let name = (at > 0).then_some(name.as_bytes());
        let end = match cx.decode_parts(name, at..bytes.len(), Via::Gzip) {
            Some(stream) => {
                for member in std::iter::once(at).chain(stream.with_texts) {
                    texts(cx, member);
                }
                stream.end
            }
            // The gap tells why, and all is the node's own bytes.
            None if at == 0 => return Ok(()),
            None => {
                cx.stored(b"(bytes after the end)", at..bytes.len());
                return Ok(());
            }
        };
        let rest = bytes.get(end..).unwrap_or_default();
        let Some(first) = rest.iter().position(|b| *b != 0) else {
            return Ok(());
        };
        at = end.saturating_add(first);
        let rest = bytes.get(at..).unwrap_or_default();
        if !told {
            let detail = format!(
                "{} bytes follow the end of the compressed stream, which readers ignore, refuse or \
                 read on; they were read",
                rest.len()
            );
            cx.gap(rest.len() as u64, Gap::Contradiction, detail);
            told = true;
        }
        if !rest.starts_with(MAGIC) {
            cx.stored(b"(bytes after the end)", at..bytes.len());
            return Ok(());
        }
    }
}

/// Has the texts of a member's header read.
fn texts(cx: &mut Cx<'_>, member: usize) {
    for (what, range) in fields(cx.bytes(), member).unwrap_or_default() {
        if range.len() >= LONG {
            let name = match member {
                0 => format!("({what} of the header)"),
                _ => format!("({what} of the header at {member})"),
            };
            cx.stored(name.as_bytes(), range);
        } else {
            cx.own_text(range);
        }
    }
}

/// The parts of a header that are not numbers. A header that was decoded is
/// whole, so that none of them is missing.
fn fields(bytes: &[u8], member: usize) -> Option<Vec<(&'static str, Range<usize>)>> {
    let flags = *bytes.get(member.checked_add(3)?)?;
    let mut at = member.checked_add(10)?;
    let mut out = Vec::new();
    if flags & EXTRA != 0 {
        let start = at.checked_add(2)?;
        at = start.checked_add(le::u16(bytes, at)?.into())?;
        out.push(("extra field", start..at));
    }
    for (flag, what) in [(NAME, "name"), (COMMENT, "comment")] {
        if flags & flag != 0 {
            let end = at.checked_add(memchr::memchr(0, bytes.get(at..)?)?)?;
            out.push((what, at..end));
            at = end.checked_add(1)?;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use flate2::GzBuilder;

    use super::*;
    use crate::fuzz_open;

    fn one() -> Vec<u8> {
        sample(GzBuilder::new(), b"inner text\n")
    }

    fn paths(bytes: &[u8]) -> Vec<(String, String)> {
        let nodes = fuzz_open(bytes).nodes;
        let told = nodes.into_iter().skip(1);
        told.map(|n| (n.record.path, n.record.kind)).collect()
    }

    /// The bytes that are read as the stream's own.
    fn own(bytes: &[u8]) -> Vec<u8> {
        let tree = fuzz_open(bytes);
        let parts = tree.nodes[0].own.iter();
        parts
            .flat_map(|(a, b)| bytes[*a as usize..*b as usize].to_vec())
            .collect()
    }

    #[test]
    fn several_members_are_one_stream() {
        let tree = fuzz_open(&[one(), one()].concat());
        assert!(tree.gaps.is_empty());
        assert_eq!(tree.nodes[1].record.bytes, 22);
    }

    #[test]
    fn texts_of_every_header_are_read() {
        let first = GzBuilder::new()
            .filename("in.sh")
            .comment("see example.org");
        let second = GzBuilder::new().comment("the second").extra("EX\x03\0abc");
        let stream = [sample(first, b"one\n"), one(), sample(second, b"two\n")].concat();
        let tree = fuzz_open(&stream);
        assert!(tree.gaps.is_empty(), "{:?}", tree.gaps);
        assert_eq!(tree.nodes.len(), 2);
        assert_eq!(tree.nodes[1].record.bytes, 4 + 11 + 4);
        assert_eq!(
            String::from_utf8(own(&stream)).unwrap(),
            "in.shsee example.orgEX\x03\0abcthe second"
        );
    }

    #[test]
    fn a_long_part_of_a_header_is_a_node() {
        let script = "const a = require('fs'); module.exports = () => a.readdir('/');\n".repeat(4);
        let stream = [
            one(),
            sample(GzBuilder::new().comment(script.clone()).extra(one()), b"x"),
            sample(GzBuilder::new().extra([b'-'; 65]), b"y"),
        ]
        .concat();
        let at = one().len();
        let kinds = paths(&stream);
        assert_eq!(
            kinds[1],
            (
                format!("(comment of the header at {at})"),
                "javascript".into()
            )
        );
        assert!(kinds[2].0.starts_with("(extra field of the header at "));
        assert_eq!(own(&stream), one());
    }

    #[test]
    fn padding_is_nothing_and_other_bytes_are_read() {
        let padded = [one(), vec![0; 300]].concat();
        let tree = fuzz_open(&padded);
        assert!(tree.gaps.is_empty() && tree.nodes.len() == 2);
        for more in ["text behind the stream", "short"] {
            let stream = [&one(), more.as_bytes()].concat();
            let tree = fuzz_open(&stream);
            assert_eq!(tree.gaps[0].gap, Some(Gap::Contradiction));
            assert_eq!(
                paths(&stream)[1..],
                [("(bytes after the end)".to_owned(), "text".to_owned())]
            );
            assert_eq!(tree.nodes[1].record.range.unwrap().len, one().len() as u64);
        }
    }

    #[test]
    fn streams_behind_zeros_are_opened() {
        let zeros = vec![0; 40];
        let stream = [one(), zeros.clone(), one(), zeros, b"and a text\n".to_vec()].concat();
        let tree = fuzz_open(&stream);
        assert_eq!(tree.gaps.len(), 1);
        assert_eq!(tree.gaps[0].gap, Some(Gap::Contradiction));
        let second = one().len() + 40;
        assert_eq!(
            paths(&stream)[1..],
            [
                (
                    format!("(stream after the end, at {second})"),
                    "text".to_owned()
                ),
                ("(bytes after the end)".to_owned(), "text".to_owned()),
            ]
        );
        assert_eq!(tree.nodes[2].record.via, Via::Gzip);
    }

    #[test]
    fn a_header_over_the_decoders_limit_is_a_limit() {
        let tree = fuzz_open(&sample(
            GzBuilder::new().filename("A".repeat(100_000)),
            b"inner",
        ));
        assert_eq!(tree.gaps[0].gap, Some(Gap::Limit));
        assert!(tree.gaps[0].detail.contains("64 KiB"), "{:?}", tree.gaps);
    }

    #[test]
    fn what_only_begins_like_a_stream_is_read_as_it_is() {
        let fake = b"\x1f\x8b\x08\x00 no stream at all, but a text\n";
        let stream = [one(), fake.to_vec()].concat();
        let tree = fuzz_open(&stream);
        assert_eq!(tree.nodes[1].record.bytes, 11);
        let last = tree.nodes.last().unwrap();
        assert_eq!(last.record.path, "(bytes after the end)");
        assert_eq!(last.own, [(0, fake.len() as u64)]);
    }
}
