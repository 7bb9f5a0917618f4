//! What the encodings of a part write into the source, as the literal that
//! the fragment of the same name decodes.

use std::fmt::Write;

/// How a text or a list becomes a literal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Encoder {
    Text(fn(&str) -> String),
    List(fn(&[String]) -> String),
}

/// A literal that JavaScript and Python read alike.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            _ => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

pub(super) fn numbers(list: impl IntoIterator<Item = u32>) -> String {
    let list: Vec<String> = list.into_iter().map(|n| n.to_string()).collect();
    format!("[{}]", list.join(", "))
}

pub(super) fn strings(list: impl IntoIterator<Item = String>) -> String {
    let list: Vec<String> = list.into_iter().map(|text| quoted(&text)).collect();
    format!("[{}]", list.join(", "))
}

pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
