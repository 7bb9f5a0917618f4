//! Ranges of data that become texts under a key.
//!
//! Tried are XOR and addition of one byte, rotation of bits, and XOR with a
//! key of up to eight bytes. A byte narrows down the keys under which it is a
//! character of a text; a block of bytes for which no key is left costs a few
//! steps, so that the search is linear. What is left counts only if the text
//! means something: a list of hosts or words, an address, code, sentences.

use std::ops::Range;
use std::sync::OnceLock;

use crate::decode::{self, Decoded};

/// The bytes in which one key must hold before it is looked at.
const BLOCK: usize = 16;
/// The longest key, in bytes.
const LONGEST_KEY: usize = 8;
/// How far a text under a key is followed.
const LONGEST: usize = 1 << 16;
/// How many texts are told of one executable.
pub(super) const MOST: usize = 200;

/// One change of a byte: XOR with each number, subtraction of each, rotation
/// to the left by each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Xor(u8),
    Subtract(u8),
    Rotate(u8),
}

impl Change {
    fn of(bit: usize) -> Option<Self> {
        let low = u8::try_from(bit & 0xff).ok()?;
        match bit >> 8 {
            0 => Some(Self::Xor(low)),
            1 => Some(Self::Subtract(low)),
            2 if low < 8 => Some(Self::Rotate(low)),
            _ => None,
        }
    }

    fn apply(self, byte: u8) -> u8 {
        match self {
            Self::Xor(key) => byte ^ key,
            Self::Subtract(key) => byte.wrapping_sub(key),
            Self::Rotate(count) => byte.rotate_left(count.into()),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Xor(key) => format!("xor 0x{key:02x}"),
            Self::Subtract(key) => format!("add 0x{:02x}", key.wrapping_neg()),
            Self::Rotate(count) => format!("rotate left {count}"),
        }
    }
}

/// One bit for each change: words of 64.
type Keys = [u64; 9];

struct Tables {
    /// Under which changes a byte is a character of a text.
    any: Vec<Keys>,
    /// The same of XOR alone.
    xor: Vec<[u64; 4]>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut any = Vec::with_capacity(256);
        let mut xor = Vec::with_capacity(256);
        for byte in 0..=255u8 {
            let mut keys: Keys = [0; 9];
            for bit in 0..576usize {
                let allowed = Change::of(bit).is_some_and(|change| {
                    // Nothing and a turn around change nothing.
                    !matches!(
                        change,
                        Change::Xor(0) | Change::Subtract(0) | Change::Rotate(0)
                    ) && is_text(change.apply(byte))
                });
                if allowed && let Some(word) = keys.get_mut(bit / 64) {
                    *word |= 1 << (bit % 64);
                }
            }
            let [a, b, c, d, ..] = keys;
            xor.push([a, b, c, d]);
            // Texts that are changed one by one keep the zero between them.
            any.push(if byte == 0 { [u64::MAX; 9] } else { keys });
        }
        Tables { any, xor }
    })
}

/// Characters of lists, addresses and words.
fn is_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b' ' | b'-' | b'_' | b'.' | b'/' | b':' | b',' | b';' | b'|' | b'\n' | b'@'
        )
}

/// Characters that a text may have as well, once it is one.
fn goes_on(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)
}

/// Tells the ranges of `bytes` that become texts, with the texts.
pub(super) fn search(
    bytes: &[u8],
    range: &Range<usize>,
    tell: &mut dyn FnMut(Range<usize>, Decoded),
) {
    let end = range.end.min(bytes.len());
    let mut at = range.start;
    while at.saturating_add(BLOCK) <= end {
        let block = bytes.get(at..at.saturating_add(BLOCK)).unwrap_or_default();
        let next = at.saturating_add(BLOCK);
        // What reads as it stands is looked at as a text.
        if block.iter().all(|b| *b == 0 || goes_on(*b)) || distinct(block) < 8 {
            at = next;
            continue;
        }
        let zeros = block.iter().filter(|b| **b == 0).count();
        let one = if zeros <= 3 { single(block) } else { None };
        let found = one
            .and_then(|keys| under_one(bytes, range, at, &keys))
            .or_else(|| (zeros <= 3).then(|| under_several(bytes, range, at))?);
        match found {
            Some((place, Some(decoded))) => {
                at = place.end.max(next);
                tell(place, decoded);
            }
            // Looked at and of no meaning: the same would come of the rest.
            Some((place, None)) => at = place.end.max(next),
            None => at = next,
        }
    }
}

fn distinct(block: &[u8]) -> usize {
    let mut seen = [0u64; 4];
    for byte in block {
        if let Some(word) = seen.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }
    seen.iter().map(|word| word.count_ones() as usize).sum()
}

/// The changes under which a whole block is text.
fn single(block: &[u8]) -> Option<Keys> {
    let tables = tables();
    let mut left: Keys = [u64::MAX; 9];
    for byte in block {
        let fits = tables.any.get(usize::from(*byte))?;
        let mut all = 0;
        for (word, fit) in left.iter_mut().zip(fits) {
            *word &= fit;
            all |= *word;
        }
        if all == 0 {
            return None;
        }
    }
    Some(left)
}

type Found = Option<(Range<usize>, Option<Decoded>)>;

/// The likeliest of the changes under which a block is text.
fn under_one(bytes: &[u8], range: &Range<usize>, at: usize, keys: &Keys) -> Found {
    let mut candidates: Vec<(i64, Change, Range<usize>)> = Vec::new();
    for (index, word) in keys.iter().enumerate() {
        let mut word = *word;
        while word != 0 {
            let bit = word.trailing_zeros() as usize;
            word &= word.wrapping_sub(1);
            let Some(change) = Change::of(index.saturating_mul(64).saturating_add(bit)) else {
                continue;
            };
            let fits = |byte: u8| byte == 0 || goes_on(change.apply(byte));
            let place = around(bytes, range, at, fits);
            let sample: Vec<u8> = bytes
                .get(place.clone())
                .unwrap_or_default()
                .iter()
                .take(512)
                .map(|b| if *b == 0 { 0 } else { change.apply(*b) })
                .collect();
            candidates.push((score(&sample), change, place));
        }
    }
    candidates.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    let mut farthest = at..at;
    for (_, change, place) in candidates.into_iter().take(3) {
        if place.len() < 20 {
            continue;
        }
        let text: Vec<u8> = bytes
            .get(place.clone())
            .unwrap_or_default()
            .iter()
            .map(|b| if *b == 0 { 0 } else { change.apply(*b) })
            .collect();
        let middle = at.saturating_sub(place.start).saturating_add(BLOCK / 2);
        if let Some((inner, decoded)) = meant(&text, middle, &change.name()) {
            let start = place.start.saturating_add(inner.start);
            let end = place.start.saturating_add(inner.end);
            return Some((start..end, Some(decoded)));
        }
        farthest.end = farthest.end.max(place.end);
    }
    Some((farthest, None))
}

/// What a text means: as a whole, between the zeros around a place, or
/// without what lies before the first and behind the last separator, which
/// may be there by chance.
fn meant(text: &[u8], middle: usize, step: &str) -> Option<(Range<usize>, Decoded)> {
    let part = |range: Range<usize>| {
        let inner = text.get(range.clone())?;
        if inner.len() < 20 {
            return None;
        }
        let (found, decoded) = decode::guessed(inner, step)?;
        let start = range.start.saturating_add(found.start);
        Some((start..range.start.saturating_add(found.end), decoded))
    };
    let before = text.get(..middle.min(text.len()))?;
    let start = memchr::memrchr(0, before).map_or(0, |at| at.saturating_add(1));
    let behind = text.get(start..)?;
    let end = memchr::memchr(0, behind).map_or(text.len(), |len| start.saturating_add(len));
    let inner = text.get(start..end)?;
    part(0..text.len())
        .or_else(|| part(start..end))
        .or_else(|| {
            b",;|\n: ".iter().find_map(|separator| {
                let first = memchr::memchr(*separator, inner)?;
                let last = memchr::memrchr(*separator, inner)?;
                let from = start.saturating_add(first).saturating_add(1);
                part(from..start.saturating_add(last))
            })
        })
}

/// The bytes around a block that fit to it.
fn around(
    bytes: &[u8],
    range: &Range<usize>,
    at: usize,
    fits: impl Fn(u8) -> bool,
) -> Range<usize> {
    let before = bytes
        .get(range.start.max(at.saturating_sub(LONGEST))..at)
        .unwrap_or_default();
    // Two zeros are an end, whatever the key.
    let go = |iterator: &mut dyn Iterator<Item = &u8>| {
        let mut last = 1;
        iterator
            .take_while(|b| {
                let ends = **b == 0 && last == 0;
                last = **b;
                !ends && fits(**b)
            })
            .count()
    };
    let back = go(&mut before.iter().rev());
    let after = bytes
        .get(at..range.end.min(bytes.len()).min(at.saturating_add(LONGEST)))
        .unwrap_or_default();
    let forth = go(&mut after.iter());
    at.saturating_sub(back)..at.saturating_add(forth)
}

/// Under XOR with a key of several bytes.
fn under_several(bytes: &[u8], range: &Range<usize>, at: usize) -> Found {
    let tables = tables();
    let mut looked: Option<usize> = None;
    for len in 2..=LONGEST_KEY {
        // What is no block of this key costs a few bytes; blocks overlap for
        // the longer keys, and are no multiple of the shorter.
        let want = len.saturating_mul(8).max(32);
        let Some(sample) = bytes.get(at..range.end.min(at.saturating_add(want))) else {
            continue;
        };
        if sample.len() < want {
            continue;
        }
        let mut left = vec![[u64::MAX; 4]; len];
        if !narrow(tables, sample, 0, &mut left) || !varied(sample, len) {
            continue;
        }
        // What lies behind the text may leave a wrong key and take the right
        // one, so that the block alone says which keys there are.
        let possible = left.clone();
        let mut end = at.saturating_add(want);
        let limit = range.end.min(bytes.len()).min(at.saturating_add(4096));
        while end < limit {
            let Some(byte) = bytes.get(end..end.saturating_add(1)) else {
                break;
            };
            let before = left.clone();
            if !narrow(tables, byte, end.saturating_sub(at), &mut left) {
                left = before;
                break;
            }
            end = end.saturating_add(1);
        }
        let cipher = bytes.get(at..end).unwrap_or_default();
        for key in likely(cipher, &possible) {
            let mut text = under(cipher, &key);
            let len_of_text = text.iter().take_while(|b| goes_on(**b)).count();
            text.truncate(len_of_text);
            let name = format!("xor 0x{}", hex::encode(&key));
            if let Some((_, decoded)) = decode::guessed(&text, &name) {
                // The whole of it, on both sides.
                let back = bytes
                    .get(range.start.max(at.saturating_sub(LONGEST))..at)
                    .unwrap_or_default()
                    .iter()
                    .rev()
                    .zip((0..len).rev().cycle())
                    .take_while(|(b, index)| {
                        goes_on(**b ^ key.get(*index).copied().unwrap_or_default())
                    })
                    .count();
                let forth = bytes
                    .get(at..range.end.min(bytes.len()).min(at.saturating_add(LONGEST)))
                    .unwrap_or_default()
                    .iter()
                    .zip(key.iter().cycle())
                    .take_while(|(b, key)| goes_on(**b ^ **key))
                    .count();
                let place = at.saturating_sub(back)..at.saturating_add(forth);
                let mut turned = key.clone();
                turned.rotate_right(back % len);
                let text = under(bytes.get(place.clone()).unwrap_or_default(), &turned);
                let name = format!("xor 0x{}", hex::encode(&turned));
                let (inner, decoded) =
                    decode::guessed(&text, &name).unwrap_or((back..text.len(), decoded));
                let start = place.start.saturating_add(inner.start);
                let end = place.start.saturating_add(inner.end);
                return Some((start..end, Some(decoded)));
            }
        }
        // A key of another length may be the right one.
        looked = Some(looked.unwrap_or(at).max(end.saturating_sub(want / 2)));
    }
    looked.map(|end| (at..end, None))
}

fn under(cipher: &[u8], key: &[u8]) -> Vec<u8> {
    cipher
        .iter()
        .zip(key.iter().cycle())
        .map(|(b, key)| b ^ key)
        .collect()
}

/// Takes away the keys under which the bytes are no text; false when a place
/// of the key has none left.
fn narrow(tables: &Tables, bytes: &[u8], offset: usize, left: &mut [[u64; 4]]) -> bool {
    let len = left.len();
    for (index, byte) in bytes.iter().enumerate() {
        let Some(keys) = left.get_mut(offset.saturating_add(index) % len) else {
            return false;
        };
        let Some(fits) = tables.xor.get(usize::from(*byte)) else {
            return false;
        };
        let mut all = 0;
        for (word, fit) in keys.iter_mut().zip(fits) {
            *word &= fit;
            all |= *word;
        }
        // No key leaves a byte as it is at all places; at one place it may.
        if all == 0 {
            return false;
        }
    }
    true
}

/// Whether every place of the key has seen different bytes: in a table of
/// numbers some are always the same.
fn varied(sample: &[u8], len: usize) -> bool {
    (0..len).all(|place| {
        let of_place: Vec<u8> = sample.iter().skip(place).step_by(len).copied().collect();
        distinct(&of_place) >= 3
    })
}

/// Texts that many lists and addresses hold; one of them as long as the key
/// gives the key.
const USUAL: &[&str] = &[
    "https://", "http://", ".com", ".org", ".net", ".io", ".dev", ".example", "www.", "api.",
    "://", ".com,", ".com\n", ".com|", ".com;", ".co", "the ", "ing ", "tion", " and ",
];

/// Keys that give likely texts, the likeliest first.
fn likely(cipher: &[u8], left: &[[u64; 4]]) -> Vec<Vec<u8>> {
    let len = left.len();
    let allowed = |place: usize, key: u8| {
        left.get(place)
            .and_then(|keys| keys.get(usize::from(key >> 6)))
            .is_some_and(|word| word >> (key & 63) & 1 == 1)
    };
    let head = cipher.get(..cipher.len().min(256)).unwrap_or(cipher);
    let mut keys: Vec<(i64, Vec<u8>)> = Vec::new();
    // By how often letters occur, at each place of the key by itself.
    let mut first = Vec::with_capacity(len);
    for place in 0..len {
        let best = (0..=255u8)
            .filter(|key| allowed(place, *key))
            .max_by_key(|key| {
                head.iter()
                    .skip(place)
                    .step_by(len)
                    .map(|b| weight(b ^ key))
                    .sum::<i64>()
            });
        first.push(best.unwrap_or_default());
    }
    // Then by pairs of letters, which join the places.
    keys.push((0, climb(head, first, allowed)));
    for usual in USUAL {
        let usual = usual.as_bytes();
        if usual.len() < len {
            continue;
        }
        for at in 0..head.len().saturating_sub(usual.len()).min(128) {
            let mut key = vec![0u8; len];
            let mut fits = true;
            for (index, plain) in usual.iter().enumerate() {
                let place = at.saturating_add(index);
                let (Some(byte), Some(slot)) = (head.get(place), key.get_mut(place % len)) else {
                    continue;
                };
                let wanted = byte ^ plain;
                fits &= allowed(place % len, wanted) && (index < len || *slot == wanted);
                *slot = wanted;
            }
            if fits {
                keys.push((0, key));
            }
        }
    }
    for (sum, key) in &mut keys {
        *sum = score(&under(head, key));
    }
    keys.sort_by(|a, b| b.cmp(a));
    keys.dedup();
    // A key whose places are all one is a key of one byte.
    keys.retain(|(_, key)| key.iter().any(|k| Some(k) != key.first()));
    keys.into_iter().take(4).map(|(_, key)| key).collect()
}

/// Changes one place of a key after the other as long as the text gets
/// likelier.
fn climb(cipher: &[u8], mut key: Vec<u8>, allowed: impl Fn(usize, u8) -> bool) -> Vec<u8> {
    let mut best = score(&under(cipher, &key));
    for _ in 0..4 {
        let before = best;
        for place in 0..key.len() {
            for candidate in 0..=255u8 {
                if !allowed(place, candidate) {
                    continue;
                }
                let mut other = key.clone();
                if let Some(slot) = other.get_mut(place) {
                    *slot = candidate;
                }
                let sum = score(&under(cipher, &other));
                if sum > best {
                    best = sum;
                    key = other;
                }
            }
        }
        if best == before {
            break;
        }
    }
    key
}

/// How likely a character is in texts of the kinds that are looked for.
fn weight(byte: u8) -> i64 {
    match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 10,
        b'l' | b'c' | b'd' | b'm' | b'p' | b'u' | b'h' => 8,
        b'g' | b'b' | b'f' | b'y' | b'w' | b'v' | b'k' | b'.' => 5,
        b'x' | b'j' | b'q' | b'z' | b' ' | b',' | b'\n' | b'/' => 3,
        b'-' | b'|' | b';' | b':' | 0 => 2,
        b'0'..=b'9' => 1,
        b'A'..=b'Z' => 0,
        _ => -10,
    }
}

fn score(text: &[u8]) -> i64 {
    let single: i64 = text.iter().map(|b| weight(*b)).sum();
    let pairs: i64 = text
        .windows(2)
        .map(|pair| if decode::is_frequent_pair(pair) { 8 } else { 0 })
        .sum();
    // Ends of hosts, which one wrong place of a key spoils.
    let ends: i64 = memchr::memchr_iter(b'.', text)
        .map(|dot| {
            let rest = text.get(dot.saturating_add(1)..).unwrap_or_default();
            let usual = [
                &b"com"[..],
                b"org",
                b"net",
                b"io",
                b"dev",
                b"example",
                b"test",
            ];
            if usual.iter().any(|end| rest.starts_with(end)) {
                30
            } else {
                0
            }
        })
        .sum();
    single.saturating_add(pairs).saturating_add(ends)
}
