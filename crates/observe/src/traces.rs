//! Canaries in what left, however they are written.

use crate::decoy::Canary;

/// The canaries in a text, with how each is written.
pub(crate) fn traces<'c>(text: &[u8], canaries: &'c [Canary]) -> Vec<(&'c Canary, &'static str)> {
    let mut out = Vec::new();
    for canary in canaries {
        for (written, form) in forms(canary.text.as_bytes()) {
            if contains(text, &form) {
                out.push((canary, written));
                break;
            }
        }
    }
    out
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
    out.push(("reversed", text.iter().rev().copied().collect()));
    out.push(("hex", hex::encode(text).into_bytes()));
    out.push(("hex", hex::encode_upper(text).into_bytes()));
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
            (reversed, "reversed"),
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
