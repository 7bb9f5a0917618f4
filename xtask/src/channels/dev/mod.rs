//! The part that detectors are developed on.

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
    Container::Folder,
    Container::NpmTarball,
    Container::Vsix,
    Container::Bundle("npm:typescript@5.9.3", "lib/typescript.js"),
];

pub(super) const ENCODERS: &[(&str, Encoder)] = &[
    ("plain", Encoder::List(|list| strings(list.iter().cloned()))),
    ("base64-buffer", Encoder::Text(|text| quoted(&base64(text)))),
    ("base64-atob", Encoder::Text(|text| quoted(&base64(text)))),
    ("hex", Encoder::Text(|text| quoted(&hex(text.as_bytes())))),
    (
        "xor-byte",
        Encoder::Text(|text| {
            let bytes: Vec<u8> = text.bytes().map(|byte| byte ^ 91).collect();
            quoted(&base64(bytes))
        }),
    ),
    (
        "xor-key",
        Encoder::Text(|text| {
            let key = b"mallow".iter().cycle();
            let bytes: Vec<u8> = text.bytes().zip(key).map(|(a, b)| a ^ b).collect();
            quoted(&hex(&bytes))
        }),
    ),
    (
        "char-codes",
        Encoder::Text(|text| numbers(text.chars().map(u32::from))),
    ),
    (
        "code-add",
        Encoder::Text(|text| numbers(text.chars().map(|c| u32::from(c).saturating_add(23)))),
    ),
    ("rot13", Encoder::Text(|text| quoted(&rot13(text)))),
    (
        "reversed",
        Encoder::Text(|text| quoted(&text.chars().rev().collect::<String>())),
    ),
    (
        "array-rotated",
        Encoder::List(|list| {
            let mut items: Vec<String> = list.iter().map(base64).collect();
            let turns = 0x1c5_usize.checked_rem(items.len()).unwrap_or(0);
            items.rotate_right(turns);
            strings(items)
        }),
    ),
    (
        "json-base64",
        Encoder::List(|list| {
            let json = serde_json::json!({ "version": 1, "names": list });
            quoted(&base64(json.to_string()))
        }),
    ),
    (
        "rc4",
        Encoder::Text(|text| quoted(&base64(rc4(b"quartz", text.as_bytes())))),
    ),
];

fn rot13(text: &str) -> String {
    let turn = |byte: u8, base: u8| {
        let at = byte.wrapping_sub(base).wrapping_add(13) % 26;
        char::from(base.wrapping_add(at))
    };
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' => turn(byte, b'a'),
            b'A'..=b'Z' => turn(byte, b'A'),
            _ => char::from(byte),
        })
        .collect()
}

#[expect(
    clippy::indexing_slicing,
    reason = "an array of 256 and indices of a byte"
)]
fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|i| u8::try_from(i).unwrap_or(0));
    let mut j = 0_u8;
    for (i, key) in (0..=255_u8).zip(key.iter().cycle()) {
        j = j.wrapping_add(state[usize::from(i)]).wrapping_add(*key);
        state.swap(usize::from(i), usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    data.iter()
        .map(|byte| {
            i = i.wrapping_add(1);
            j = j.wrapping_add(state[usize::from(i)]);
            state.swap(usize::from(i), usize::from(j));
            let at = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
            byte ^ state[usize::from(at)]
        })
        .collect()
}
