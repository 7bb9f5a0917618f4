//! xz, and the older lzma without a container: one compressed stream.

use assay_model::Via;

use super::{Format, Stage};

pub(crate) const FORMAT: Format = Format {
    id: "xz",
    title: "xz or lzma stream",
    reference: "The .xz File Format 1.2.1; LZMA SDK, lzma-specification.txt",
    stage: Stage::Whole,
    detect: |bytes| {
        // The old header has no magic number: usual properties, a power of two
        // as dictionary, and a size that is unknown or small.
        let lzma = || {
            bytes.get(..3) == Some(&[0x5d, 0, 0])
                && super::le::u32(bytes, 1).is_some_and(u32::is_power_of_two)
                && super::le::u64(bytes, 5).is_some_and(|size| size == u64::MAX || size < 1 << 40)
        };
        bytes.starts_with(b"\xfd7zXZ\0") || lzma()
    },
    open: |cx| cx.decode_whole(Via::Xz),
    samples: || {
        use std::io::Write;
        let mut out = liblzma::write::XzEncoder::new(Vec::new(), 1);
        let _ = out.write_all(b"inner text\n");
        vec![("one", out.finish().unwrap_or_default())]
    },
};
