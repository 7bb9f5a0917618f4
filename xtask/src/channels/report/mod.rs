//! The part that is opened only to report: nobody reads it who works on a
//! detector.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use sha2::{Digest, Sha256};

use super::contain::Container;
use super::encoders::{Encoder, base64, hex, numbers, quoted, strings};
use super::part::Texts;

pub(super) const TEXTS: Texts = Texts {
    sources: include_str!("sources.txt"),
    conditions: include_str!("conditions.txt"),
    encodings: include_str!("encodings.txt"),
    choices: include_str!("choices.txt"),
    sinks: include_str!("sinks.txt"),
    shapes: include_str!("shapes.txt"),
    open: include_str!("open.txt"),
    domains: include_str!("domains.txt"),
    harmless: include_str!("harmless.txt"),
    concealed: include_str!("concealed.txt"),
};

/// A bare file first: it holds most cases.
pub(super) const CONTAINERS: &[Container] = &[
    Container::File,
    Container::Wheel,
    Container::Sdist,
    Container::NestedZip,
    Container::BunExecutable,
    Container::NodeSea,
    Container::Bundle("npm:terser@5.44.0", "dist/bundle.min.js"),
];

/// Bytes with their place, of which a few are kept.
fn bytes(text: &str, change: fn(u8, u8) -> u8) -> Vec<u8> {
    let places = (0..=u8::MAX).cycle();
    text.bytes()
        .zip(places)
        .map(|(b, at)| change(b, at))
        .collect()
}

const LETTERS: &str = "qwertyuiopasdfghjklzxcvbnm0123456789.-_/ :ABCDEFGHIJKLMNOPQRSTUVWXYZ,|;\n";

pub(super) const ENCODERS: &[(&str, Encoder)] = &[
    (
        "base64url",
        Encoder::Text(|text| {
            let text = base64(text).replace('+', "-").replace('/', "_");
            quoted(text.trim_end_matches('='))
        }),
    ),
    (
        "percent-escaped",
        Encoder::Text(|text| {
            let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            quoted(&text)
        }),
    ),
    (
        "code-arithmetic",
        Encoder::Text(|text| {
            let turns = (0..11_u32).cycle();
            numbers(text.chars().zip(turns).map(|(c, at)| {
                u32::from(c)
                    .saturating_mul(2)
                    .saturating_add(at.saturating_mul(7))
            }))
        }),
    ),
    (
        "xor-rolling",
        Encoder::Text(|text| {
            let mut last = 0x5e;
            let chained: Vec<u8> = text
                .bytes()
                .map(|byte| {
                    last ^= byte;
                    last
                })
                .collect();
            quoted(&base64(chained))
        }),
    ),
    (
        "subtract-index",
        Encoder::Text(|text| {
            quoted(&hex(&bytes(text, |byte, at| {
                byte.wrapping_add(at.wrapping_mul(3)).wrapping_add(40)
            })))
        }),
    ),
    (
        "own-alphabet",
        Encoder::Text(|text| {
            let digit = |n: usize| {
                let n = u32::try_from(n).unwrap_or(0);
                char::from_digit(n, 36).unwrap_or('0')
            };
            let spelled: String = text
                .chars()
                .flat_map(|c| {
                    let at = LETTERS.find(c).unwrap_or(0).saturating_add(40);
                    [digit(at / 36), digit(at % 36)]
                })
                .collect();
            quoted(&spelled)
        }),
    ),
    (
        "big-integer",
        Encoder::Text(|text| quoted(&format!("0x{}", hex(text.as_bytes())))),
    ),
    (
        "deflated",
        Encoder::Text(|text| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
            let packed = encoder.write_all(text.as_bytes());
            let packed = packed.and_then(|()| encoder.finish()).unwrap_or_default();
            quoted(&base64(packed))
        }),
    ),
    (
        "gzipped",
        Encoder::Text(|text| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            let packed = encoder.write_all(text.as_bytes());
            let packed = packed.and_then(|()| encoder.finish()).unwrap_or_default();
            quoted(&base64(packed))
        }),
    ),
    (
        "scattered-pieces",
        Encoder::List(|list| {
            let pieces: Vec<String> = list
                .iter()
                .map(|entry| {
                    let characters: Vec<char> = entry.chars().collect();
                    let third = (characters.len() / 3).max(1);
                    let mut parts: Vec<String> = characters
                        .chunks(third)
                        .map(|chunk| chunk.iter().collect())
                        .collect();
                    let tail = parts.split_off(parts.len().min(2)).concat();
                    parts.push(tail);
                    parts.rotate_left(1);
                    strings(parts)
                })
                .collect();
            format!("[{}]", pieces.join(", "))
        }),
    ),
    (
        "hashed",
        Encoder::List(|list| {
            strings(list.iter().map(|entry| {
                let digest = Sha256::digest(entry.as_bytes());
                hex(digest.get(..8).unwrap_or_default())
            }))
        }),
    ),
    (
        "private-characters",
        Encoder::Text(|text| {
            let moved = text
                .chars()
                .filter_map(|c| char::from_u32(u32::from(c).saturating_add(0xe000)));
            quoted(&moved.collect::<String>())
        }),
    ),
    (
        "nibbles-swapped",
        Encoder::Text(|text| quoted(&hex(&bytes(text, |byte, _| byte.rotate_left(4))))),
    ),
    ("base85", Encoder::Text(|text| quoted(&base85(text)))),
    (
        "atbash",
        Encoder::Text(|text| {
            let facing: String = text
                .bytes()
                .map(|byte| match byte {
                    b'a'..=b'z' => char::from(219_u8.wrapping_sub(byte)),
                    b'A'..=b'Z' => char::from(155_u8.wrapping_sub(byte)),
                    _ => char::from(byte),
                })
                .collect();
            quoted(&facing)
        }),
    ),
];

/// The alphabet of Git's binary patches: five characters for four bytes.
fn base85(text: &str) -> String {
    const ALPHABET: &[u8] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(4) {
        let mut word = [0; 4];
        for (slot, byte) in word.iter_mut().zip(chunk) {
            *slot = *byte;
        }
        let mut value = u32::from_be_bytes(word);
        let mut digits = Vec::new();
        for _ in 0..5 {
            let at = usize::try_from(value % 85).unwrap_or(0);
            digits.push(ALPHABET.get(at).copied().unwrap_or(b'0'));
            value /= 85;
        }
        digits.reverse();
        digits.truncate(chunk.len().saturating_add(1));
        out.extend(digits.into_iter().map(char::from));
    }
    out
}
