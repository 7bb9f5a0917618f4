//! bzip2: one compressed stream, possibly of several parts.

use assay_model::Via;

use super::{Format, Stage};

pub(crate) const FORMAT: Format = Format {
    id: "bzip2",
    title: "bzip2 stream",
    reference: "bzip2 1.0.8 manual and source",
    stage: Stage::Whole,
    // The level, and the mark of a block or of an empty stream's end.
    detect: |bytes| {
        bytes.starts_with(b"BZh")
            && bytes
                .get(3)
                .is_some_and(|level| (b'1'..=b'9').contains(level))
            && matches!(
                bytes.get(4..10),
                Some([0x31, 0x41, 0x59, 0x26, 0x53, 0x59] | [0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
            )
    },
    open: |cx| cx.decode_whole(Via::Bzip2),
    samples: || {
        use std::io::Write;
        let mut out = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
        let _ = out.write_all(b"inner text\n");
        vec![("one", out.finish().unwrap_or_default())]
    },
};
