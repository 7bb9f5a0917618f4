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

#[cfg(test)]
mod tests {
    use assay_model::Gap;

    fn one() -> Vec<u8> {
        (super::FORMAT.samples)().remove(0).1
    }

    #[test]
    fn several_members_are_one_stream() {
        let tree = crate::fuzz_open(&[one(), one()].concat());
        assert!(tree.gaps.is_empty());
        assert_eq!(tree.nodes[1].record.bytes, 22);
    }

    #[test]
    fn padding_is_nothing_and_other_bytes_are_read() {
        let padded = [one(), vec![0; 300]].concat();
        let tree = crate::fuzz_open(&padded);
        assert!(tree.gaps.is_empty() && tree.nodes.len() == 2);
        let more = [one(), b"text behind the stream".to_vec()].concat();
        let tree = crate::fuzz_open(&more);
        assert_eq!(tree.gaps[0].gap, Some(Gap::Contradiction));
        assert_eq!(tree.nodes[2].record.path, "(bytes after the end)");
        assert_eq!(tree.nodes[2].record.kind, "text");
        assert_eq!(tree.nodes.len(), 3);
    }
}
