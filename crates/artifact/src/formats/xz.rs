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

#[cfg(test)]
mod tests {
    use assay_model::Gap;
    use liblzma::stream::{Check, Filters, LzmaOptions, Stream};

    #[test]
    fn more_memory_than_the_limit_is_a_limit() {
        use std::io::Write;
        let mut options = LzmaOptions::new_preset(0).unwrap();
        options.dict_size(1 << 20);
        let mut filters = Filters::new();
        filters.lzma2(&options);
        let encoder = Stream::new_stream_encoder(&filters, Check::None).unwrap();
        let mut out = liblzma::write::XzEncoder::new_stream(Vec::new(), encoder);
        out.write_all(b"inner text\n").unwrap();
        let mut stream = out.finish().unwrap();
        // The block header says how large the dictionary is, and its checksum.
        let at = 12;
        assert_eq!(stream[at + 4], 16);
        stream[at + 4] = 36;
        let mut crc = flate2::Crc::new();
        crc.update(&stream[at..at + 8]);
        stream[at + 8..at + 12].copy_from_slice(&crc.sum().to_le_bytes());
        let tree = crate::fuzz_open(&stream);
        assert_eq!(tree.gaps[0].gap, Some(Gap::Limit), "{:?}", tree.gaps);
        assert!(tree.gaps[0].detail.contains("512 MiB"));
    }
}
