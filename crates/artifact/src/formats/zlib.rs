//! zlib: one compressed stream behind two bytes of header.
//!
//! Two bytes are no proof, so that the beginning is decoded before it is
//! believed: texts that begin with `x` are many.

use std::io::Read;

use assay_model::Via;

use super::{Format, Stage};

pub(crate) const FORMAT: Format = Format {
    id: "zlib",
    title: "zlib stream",
    reference: "RFC 1950",
    stage: Stage::Whole,
    detect: |bytes| {
        let header = matches!(bytes, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]);
        header && begins_well(bytes)
    },
    open: |cx| cx.decode_whole(Via::Zlib),
    samples: || {
        use std::io::Write;
        let level = flate2::Compression::fast();
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), level);
        let _ = out.write_all(b"inner text\n");
        vec![("one", out.finish().unwrap_or_default())]
    },
};

/// Whether the stream decodes to its checked end, or for 4 KiB at least.
fn begins_well(bytes: &[u8]) -> bool {
    let mut out = Vec::new();
    let decoder = flate2::bufread::ZlibDecoder::new(bytes);
    match decoder.take(4096).read_to_end(&mut out) {
        Ok(read) => read > 0,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_is_not_taken_for_a_stream() {
        let detect = super::FORMAT.detect;
        assert!(!detect(b"x\x01 is how this text begins"));
        assert!(!detect(b"x^2 + y^2 = z^2, and so on, as everybody knows\n"));
    }
}
