//! What decoders use of their platform: texts to bytes and back, inflation,
//! digests. Pure, and capped in what they give.
//!
//! Bytes are texts of one character each here, as they cross to the
//! interpreter.

use std::io::Read;

use base64::Engine;
use sha2::Digest;

/// What one call may inflate to.
const INFLATED: u64 = 16 << 20;

/// Bytes of a text of characters below 256; larger ones lose what is above.
fn octets(latin: &str) -> Vec<u8> {
    latin
        .chars()
        .map(|c| u8::try_from(u32::from(c) & 0xff).unwrap_or_default())
        .collect()
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Whether a name is that of an encoding.
pub(super) fn knows(encoding: &str) -> bool {
    matches!(
        encoding.to_ascii_lowercase().as_str(),
        "utf8"
            | "utf-8"
            | "hex"
            | "base64"
            | "base64url"
            | "latin1"
            | "binary"
            | "ascii"
            | "ucs2"
            | "ucs-2"
            | "utf16le"
            | "utf-16le"
    )
}

/// The bytes that a text stands for.
pub(super) fn decode(text: &str, encoding: &str) -> Option<String> {
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "utf8" | "utf-8" => text.as_bytes().to_vec(),
        "hex" => hex_prefix(text),
        "base64" | "base64url" => base64_lenient(text),
        "latin1" | "binary" | "ascii" => octets(text),
        "ucs2" | "ucs-2" | "utf16le" | "utf-16le" => {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }
        _ => return None,
    };
    Some(latin(&bytes))
}

/// The text that bytes stand for.
pub(super) fn encode(bytes: &str, encoding: &str) -> Option<String> {
    let bytes = octets(bytes);
    Some(match encoding.to_ascii_lowercase().as_str() {
        "utf8" | "utf-8" => String::from_utf8_lossy(&bytes).into_owned(),
        "hex" => hex::encode(&bytes),
        "base64" => base64::engine::general_purpose::STANDARD.encode(&bytes),
        "base64url" => base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&bytes),
        "latin1" | "binary" => latin(&bytes),
        "ascii" => bytes.iter().map(|b| char::from(b & 0x7f)).collect(),
        "ucs2" | "ucs-2" | "utf16le" | "utf-16le" => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)))
                .collect();
            String::from_utf16_lossy(&units)
        }
        _ => return None,
    })
}

/// As Node reads it: up to the first pair that is none.
fn hex_prefix(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks_exact(2)
        .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// As Node reads it: either alphabet, what is of none is passed over, the
/// padding ends it.
fn base64_lenient(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).unwrap_or_default());
            bits &= (1 << count) - 1;
        }
    }
    out
}

/// As browsers read base64: strict, but for blanks and padding.
pub(super) fn atob(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bare = text.trim_end_matches('=');
    let fine = bare
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        && bare.len() % 4 != 1;
    fine.then(|| latin(&base64_lenient(bare)))
}

/// Inflates bytes; none when they are of another form, or of too much.
pub(super) fn inflate(how: &str, bytes: &str) -> Option<String> {
    let bytes = octets(bytes);
    let bytes = bytes.as_slice();
    let take = |reader: &mut dyn Read| {
        let mut out = Vec::new();
        reader.take(INFLATED + 1).read_to_end(&mut out).ok()?;
        (out.len() as u64 <= INFLATED).then_some(out)
    };
    let out = match how {
        "gzip" => take(&mut flate2::read::MultiGzDecoder::new(bytes)),
        "zlib" => take(&mut flate2::read::ZlibDecoder::new(bytes)),
        "deflate" => take(&mut flate2::read::DeflateDecoder::new(bytes)),
        "bz2" => take(&mut bzip2::read::MultiBzDecoder::new(bytes)),
        "xz" => take(&mut liblzma::read::XzDecoder::new_multi_decoder(bytes)),
        "brotli" => take(&mut brotli_decompressor::Decompressor::new(bytes, 4096)),
        "any" if bytes.starts_with(&[0x1f, 0x8b]) => {
            take(&mut flate2::read::MultiGzDecoder::new(bytes))
        }
        "any" => take(&mut flate2::read::ZlibDecoder::new(bytes)),
        _ => None,
    };
    out.map(|out| latin(&out))
}

/// A digest of bytes.
pub(super) fn digest(name: &str, bytes: &str) -> Option<String> {
    let bytes = octets(bytes);
    Some(match name.to_ascii_lowercase().as_str() {
        "sha256" | "sha-256" => latin(&sha2::Sha256::digest(&bytes)),
        "sha384" | "sha-384" => latin(&sha2::Sha384::digest(&bytes)),
        "sha512" | "sha-512" => latin(&sha2::Sha512::digest(&bytes)),
        "sha1" | "sha-1" => latin(&sha1::Sha1::digest(&bytes)),
        "md5" => latin(&md5::Md5::digest(&bytes)),
        _ => return None,
    })
}

/// Deciphers bytes with a block cipher; none for a name, key or padding that
/// does not fit.
pub(super) fn decipher(
    name: &str,
    key: &str,
    iv: &str,
    bytes: &str,
    padded: bool,
) -> Option<String> {
    use aes::cipher::block_padding::{NoPadding, Pkcs7};
    use aes::cipher::{BlockModeDecrypt, KeyInit, KeyIvInit, StreamCipher};
    let (key, iv, mut bytes) = (octets(key), octets(iv), octets(bytes));
    macro_rules! blocks {
        ($cipher:expr) => {{
            let cipher = $cipher.ok()?;
            let plain = if padded {
                cipher.decrypt_padded_vec::<Pkcs7>(&bytes)
            } else {
                cipher.decrypt_padded_vec::<NoPadding>(&bytes)
            };
            latin(&plain.ok()?)
        }};
    }
    macro_rules! stream {
        ($aes:ty, $iv:expr) => {{
            ctr::Ctr128BE::<$aes>::new_from_slices(&key, $iv)
                .ok()?
                .apply_keystream(&mut bytes);
            latin(&bytes)
        }};
    }
    // GCM is counting with a tag behind it; the tag tells nothing here.
    let counter = |iv: &[u8]| -> Option<[u8; 16]> {
        let mut block = [0u8; 16];
        block.get_mut(..12)?.copy_from_slice(iv.get(..12)?);
        *block.last_mut()? = 2;
        (iv.len() == 12).then_some(block)
    };
    Some(match name.to_ascii_lowercase().as_str() {
        "aes-128-cbc" => blocks!(cbc::Decryptor::<aes::Aes128>::new_from_slices(&key, &iv)),
        "aes-192-cbc" => blocks!(cbc::Decryptor::<aes::Aes192>::new_from_slices(&key, &iv)),
        "aes-256-cbc" => blocks!(cbc::Decryptor::<aes::Aes256>::new_from_slices(&key, &iv)),
        "aes-128-ecb" => blocks!(ecb::Decryptor::<aes::Aes128>::new_from_slice(&key)),
        "aes-256-ecb" => blocks!(ecb::Decryptor::<aes::Aes256>::new_from_slice(&key)),
        "aes-128-ctr" => stream!(aes::Aes128, &iv),
        "aes-192-ctr" => stream!(aes::Aes192, &iv),
        "aes-256-ctr" => stream!(aes::Aes256, &iv),
        "aes-128-gcm" => stream!(aes::Aes128, &counter(&iv)?),
        "aes-192-gcm" => stream!(aes::Aes192, &counter(&iv)?),
        "aes-256-gcm" => stream!(aes::Aes256, &counter(&iv)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_bytes() {
        for (text, encoding, bytes) in [
            ("é", "utf8", "\u{c3}\u{a9}"),
            ("e9ff0", "hex", "\u{e9}\u{ff}"),
            ("6f zz", "HEX", "o"),
            ("aGk-_w=trailing", "base64", "hi>\u{ff}"),
            ("h\u{e9}", "latin1", "h\u{e9}"),
            ("hi", "utf16le", "h\0i\0"),
        ] {
            assert_eq!(decode(text, encoding).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!(encode("\u{c3}\u{a9}", "utf8").as_deref(), Some("é"));
        assert_eq!(encode("h\0i\0", "ucs2").as_deref(), Some("hi"));
        assert_eq!(encode("\u{e8}i", "ascii").as_deref(), Some("hi"));
        assert_eq!(encode("hi>", "base64").as_deref(), Some("aGk+"));
        assert_eq!(decode("x", "no-such"), None);
        assert_eq!(atob("aGk=").as_deref(), Some("hi"));
        assert_eq!(atob("a"), None);
        assert_eq!(atob("a!aa"), None);
    }

    #[test]
    fn inflation_is_capped() {
        use std::io::Write;
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        bomb.write_all(&vec![0; 20 << 20]).unwrap();
        assert_eq!(inflate("zlib", &latin(&bomb.finish().unwrap())), None);
        let mut small = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        small.write_all(b"alpha").unwrap();
        let small = latin(&small.finish().unwrap());
        assert_eq!(inflate("gzip", &small).as_deref(), Some("alpha"));
        assert_eq!(inflate("any", &small).as_deref(), Some("alpha"));
        assert_eq!(inflate("zlib", &small), None);
    }

    /// NIST SP 800-38A, F.2.1 and F.5.1; FIPS 180.
    #[test]
    fn ciphers_and_digests() {
        let from = |text: &str| latin(&hex::decode(text).unwrap());
        let key = from("2b7e151628aed2a6abf7158809cf4f3c");
        let plain = from("6bc1bee22e409f96e93d7e117393172a");
        let iv = from("000102030405060708090a0b0c0d0e0f");
        let cbc = from("7649abac8119b246cee98e9b12e9197d");
        assert_eq!(
            decipher("aes-128-cbc", &key, &iv, &cbc, false).as_ref(),
            Some(&plain)
        );
        let counter = from("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        let ctr = from("874d6191b620e3261bef6864990db6ce");
        assert_eq!(
            decipher("AES-128-CTR", &key, &counter, &ctr, true).as_ref(),
            Some(&plain)
        );
        assert_eq!(decipher("aes-128-cbc", &key, "short", &cbc, false), None);
        assert_eq!(decipher("rot13", &key, &iv, &cbc, false), None);
        let hashed = digest("sha1", "abc").map(|raw| encode(&raw, "hex").unwrap());
        assert_eq!(
            hashed.as_deref(),
            Some("a9993e364706816aba3e25717850c26c9cd0d89d")
        );
        let hashed = digest("MD5", "abc").map(|raw| encode(&raw, "hex").unwrap());
        assert_eq!(hashed.as_deref(), Some("900150983cd24fb0d6963f7d28e17f72"));
    }
}
