//! Zstandard: one compressed stream, of one or more frames.
//!
//! Between the frames there can be others of any content, which decoders pass
//! over.

use assay_model::Via;

use super::{Broken, Format, Stage};
use crate::open::{Cx, ZSTD_MAGIC, zstd_skippable};

pub(crate) const FORMAT: Format = Format {
    id: "zstd",
    title: "Zstandard stream",
    reference: "RFC 8878",
    stage: Stage::Whole,
    detect: |bytes| {
        // What passes for a frame to pass over is one only before another.
        let after =
            zstd_skippable(bytes).and_then(|content| bytes.get(content.len().saturating_add(8)..));
        bytes.starts_with(ZSTD_MAGIC)
            || after.is_some_and(|after| {
                after.starts_with(ZSTD_MAGIC) || zstd_skippable(after).is_some()
            })
    },
    open,
    samples: || {
        let one = ::zstd::bulk::compress(b"inner text\n", 1).unwrap_or_default();
        vec![("one", one)]
    },
};

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let Some(stream) = cx.decode_parts(None, 0..bytes.len(), Via::Zstd) else {
        return Ok(());
    };
    for at in std::iter::once(0).chain(stream.with_texts) {
        let frame = bytes.get(at..).and_then(zstd_skippable);
        if let Some(content) = frame.filter(|content| !content.is_empty()) {
            let start = at.saturating_add(8);
            let name = format!("(frame that decoders pass over, at {at})");
            cx.stored(name.as_bytes(), start..start.saturating_add(content.len()));
        }
    }
    cx.after_the_stream(None, stream.end..bytes.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use assay_model::Gap;

    use crate::fuzz_open;

    #[test]
    fn frames_that_decoders_pass_over_are_read() {
        let frame = ::zstd::bulk::compress(b"inner text\n", 1).unwrap();
        let text = b"fetch('https://host.example/v1')\n".repeat(4);
        let size = u32::try_from(text.len()).unwrap().to_le_bytes();
        let skipped = [&[0x5e, 0x2a, 0x4d, 0x18][..], &size, &text].concat();
        for (stream, inner) in [
            ([&skipped[..], &frame].concat(), 11),
            ([&frame[..], &skipped, &frame, &frame].concat(), 33),
            ([&frame[..], &skipped].concat(), 11),
        ] {
            let tree = fuzz_open(&stream);
            assert!(tree.gaps.is_empty(), "{:?}", tree.gaps);
            assert_eq!(tree.nodes.len(), 3);
            assert_eq!(tree.nodes[1].record.bytes, inner);
            assert_eq!(tree.store.bytes(tree.nodes[2].place), Some(&text[..]));
        }
    }

    #[test]
    fn a_window_over_the_limit_is_a_limit() {
        // A frame header with a window of 2 GiB, and an empty last block.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, (31 - 10) << 3, 1, 0, 0];
        let tree = fuzz_open(&frame);
        assert_eq!(tree.gaps[0].gap, Some(Gap::Limit));
        assert!(tree.gaps[0].detail.contains("128 MiB"), "{:?}", tree.gaps);
    }
}
