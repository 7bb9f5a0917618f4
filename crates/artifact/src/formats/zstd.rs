//! Zstandard: one compressed stream, of one or more frames.

use assay_model::Via;

use super::{Format, Stage};

pub(crate) const FORMAT: Format = Format {
    id: "zstd",
    title: "Zstandard stream",
    reference: "RFC 8878",
    stage: Stage::Whole,
    detect: |bytes| bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
    open: |cx| cx.decode_whole(Via::Zstd),
    samples: || {
        let one = ::zstd::bulk::compress(b"inner text\n", 1).unwrap_or_default();
        vec![("one", one)]
    },
};
