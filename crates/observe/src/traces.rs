//! Canaries in what left, however they are written.

use crate::decoy::Canary;

/// The canaries in a text, with how each is written.
pub(crate) fn traces<'c>(text: &[u8], canaries: &'c [Canary]) -> Vec<(&'c Canary, &'static str)> {
    let mut out: Vec<(&Canary, &'static str)> = Vec::new();
    let unescaped = unescaped(text);
    let joined: Vec<u8> = text
        .iter()
        .filter(|b| !b.is_ascii_whitespace())
        .copied()
        .collect();
    for (text, how) in [
        (Some(text), None),
        (unescaped.as_deref(), Some("escapes")),
        (Some(joined.as_slice()), Some("pieces")),
    ] {
        let Some(text) = text else { continue };
        for canary in canaries {
            if out.iter().any(|(known, _)| known.text == canary.text) {
                continue;
            }
            for (written, form) in forms(canary.text.as_bytes()) {
                if contains(text, &form) {
                    out.push((canary, how.unwrap_or(written)));
                    break;
                }
            }
        }
    }
    out
}

/// A text without the escapes of JSON and of addresses, if it has any.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'\\')) {
        return None;
    }
    let digits = |from: usize, len: usize| -> Option<u32> {
        let digits = std::str::from_utf8(text.get(from..from + len)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        let (code, len) = match (byte, text.get(at + 1)) {
            (b'%', _) => (digits(at + 1, 2), 3),
            (b'\\', Some(b'u')) => (digits(at + 2, 4), 6),
            (b'\\', Some(b'x')) => (digits(at + 2, 2), 4),
            _ => (None, 1),
        };
        match code.and_then(|code| u8::try_from(code).ok()) {
            Some(code) => {
                out.push(code);
                at += len;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    Some(out)
}

fn contains(text: &[u8], form: &[u8]) -> bool {
    form.len() >= 8 && memchr::memmem::find(text, form).is_some()
}

/// The ways in which a text may be written. Of Base64 what stays the same
/// wherever in a longer text it begins: three forms, without their ends.
fn forms(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut out: Vec<(&'static str, Vec<u8>)> = vec![("plain", text.to_vec())];
    let upper = text.to_ascii_uppercase();
    if upper != text {
        out.push(("upper case", upper));
    }
    // In either order of bytes.
    let mut wide: Vec<u8> = text.iter().flat_map(|byte| [*byte, 0]).collect();
    wide.pop();
    out.push(("UTF-16", wide));
    out.push(("reversed", text.iter().rev().copied().collect()));
    out.push(("hex", hex::encode(text).into_bytes()));
    out.push(("hex", hex::encode_upper(text).into_bytes()));
    // Of Base32 too, in five; letters of either case.
    for start in 0..5usize {
        let mut whole = vec![0u8; start];
        whole.extend(text);
        let coded = data_encoding::BASE32_NOPAD.encode(&whole);
        let (from, to) = ((start * 8).div_ceil(5), whole.len() * 8 / 5);
        if let Some(form) = coded.get(from..to) {
            out.push(("Base32", form.as_bytes().to_vec()));
            out.push(("Base32", form.to_lowercase().into_bytes()));
        }
    }
    for start in 0..3usize {
        let mut whole = vec![0u8; start];
        whole.extend(text);
        let coded = base64(&whole);
        // What depends on what stands before and after is left out.
        let from = (start * 8).div_ceil(6);
        let to = whole.len() * 8 / 6;
        if let Some(form) = coded.get(from..to) {
            out.push(("Base64", form.to_vec()));
        }
    }
    out
}

/// Base64 without padding. RFC 4648; letters and digits are the same in the
/// alphabet for addresses.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for chunk in bytes.chunks(3) {
        let mut group = 0u32;
        for index in 0..3 {
            group = group << 8 | u32::from(chunk.get(index).copied().unwrap_or(0));
        }
        for index in 0..=chunk.len() {
            let shift = 18 - 6 * u32::try_from(index).unwrap_or(0);
            let at = usize::try_from(group >> shift & 63).unwrap_or(0);
            out.extend(ALPHABET.get(at));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{base64, traces};
    use crate::decoy::canaries;

    #[test]
    fn a_canary_is_found_however_it_is_written() {
        let canaries = canaries("x");
        let text = &canaries[2].text;
        let reversed: String = text.chars().rev().collect();
        for (form, written) in [
            (format!("a{text}b"), "plain"),
            (hex::encode(text), "hex"),
            (text.chars().map(|c| format!("\0{c}")).collect(), "UTF-16"),
            (reversed, "reversed"),
            (
                text.bytes().map(|b| format!("\\u{b:04x}")).collect(),
                "escapes",
            ),
            (
                text.bytes().map(|b| format!("%{b:02X}")).collect(),
                "escapes",
            ),
            (text.chars().map(|c| format!("{c}\n")).collect(), "pieces"),
        ] {
            let found = traces(form.as_bytes(), &canaries);
            assert_eq!(found.len(), 1, "{form}");
            assert_eq!((&found[0].0.text, found[0].1), (text, written));
        }
        for before in ["", "a", "ab", "abc"] {
            let coded = base64(format!("{before}{text} and more").as_bytes());
            let found = traces(&coded, &canaries);
            assert_eq!(
                found.iter().map(|f| f.1).collect::<Vec<_>>(),
                ["Base64"],
                "{before}"
            );
        }
        assert!(traces(b"nothing of it", &canaries).is_empty());
    }
}
