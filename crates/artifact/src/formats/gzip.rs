//! gzip: one compressed stream, possibly of several members.

use assay_model::Via;

use super::{Format, Stage};

pub(crate) const FORMAT: Format = Format {
    id: "gzip",
    title: "gzip stream",
    reference: "RFC 1952",
    stage: Stage::Whole,
    detect: |bytes| bytes.starts_with(&[0x1f, 0x8b, 8]),
    open: |cx| cx.decode_whole(Via::Gzip),
    samples: || {
        use std::io::Write;
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let _ = out.write_all(b"inner text\n");
        vec![("one", out.finish().unwrap_or_default())]
    },
};
