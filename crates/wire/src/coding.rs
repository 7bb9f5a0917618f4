use std::io::Read;

/// A body with its content codings undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The bytes as they were before they were coded.
    pub bytes: Vec<u8>,
    /// Which codings could not be undone, and why; empty where all were.
    pub left: Option<String>,
    /// Whether more than the limit came out, so that the rest is missing.
    pub cut: bool,
}

/// Undoes the codings that `Content-Encoding` names, the last applied first,
/// up to `most` bytes.
///
/// Source: RFC 9110, section 8.4; RFC 7932 (br), RFC 8878 (zstd). `deflate` is
/// read as zlib and, as many senders mean it, as raw deflate.
#[must_use]
pub fn decoded(bytes: &[u8], content_encoding: &str, most: usize) -> Decoded {
    let mut out = Decoded {
        bytes: bytes.to_vec(),
        left: None,
        cut: false,
    };
    let names = content_encoding.split(',').map(str::trim);
    // Nobody codes a body more often.
    for name in names.rev().take(4) {
        let name = name.to_ascii_lowercase();
        if matches!(name.as_str(), "" | "identity") {
            continue;
        }
        let source = std::mem::take(&mut out.bytes);
        match one(&source, &name, most) {
            Ok((bytes, cut)) => {
                out.bytes = bytes;
                out.cut |= cut;
            }
            Err(why) => {
                out.bytes = source;
                out.left = Some(format!("{name}: {why}"));
                break;
            }
        }
    }
    out
}

fn one(bytes: &[u8], name: &str, most: usize) -> Result<(Vec<u8>, bool), String> {
    match name {
        "gzip" | "x-gzip" => read(flate2::read::MultiGzDecoder::new(bytes), most),
        "deflate" => read(flate2::read::ZlibDecoder::new(bytes), most)
            .or_else(|_| read(flate2::read::DeflateDecoder::new(bytes), most)),
        "br" => read(brotli_decompressor::Decompressor::new(bytes, 4096), most),
        "zstd" => {
            let decoder = zstd::stream::read::Decoder::new(bytes).map_err(|e| e.to_string())?;
            read(decoder, most)
        }
        _ => Err("not known here".to_owned()),
    }
}

fn read(from: impl Read, most: usize) -> Result<(Vec<u8>, bool), String> {
    let mut out = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    from.take(limit)
        .read_to_end(&mut out)
        .map_err(|error| error.to_string())?;
    let cut = out.len() > most;
    out.truncate(most);
    Ok((out, cut))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::decoded;

    #[test]
    fn codings_are_undone_in_the_order_in_which_they_were_applied() {
        let text = b"what was sent, what was sent, what was sent".as_slice();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).unwrap();
        let inner = gzip.finish().unwrap();
        let both = zstd::stream::encode_all(inner.as_slice(), 1).unwrap();
        let out = decoded(&both, "gzip, zstd", 1 << 20);
        assert_eq!((out.bytes.as_slice(), out.left), (text, None));
        assert_eq!(decoded(&inner, "x-gzip", 1 << 20).bytes, text);
    }

    #[test]
    fn what_cannot_be_undone_is_told_and_kept() {
        let out = decoded(b"\x01\x02", "snappy", 10);
        assert_eq!(out.bytes, b"\x01\x02");
        assert!(out.left.unwrap().starts_with("snappy"));
        assert!(decoded(b"no gzip", "gzip", 10).left.is_some());
    }

    #[test]
    fn a_bomb_is_cut() {
        let bomb = zstd::stream::encode_all(vec![0u8; 1 << 20].as_slice(), 1).unwrap();
        let out = decoded(&bomb, "zstd", 1000);
        assert_eq!((out.bytes.len(), out.cut), (1000, true));
    }
}
