//! Constants tried against cheap encodings.
//!
//! An alphabet outside (base64 and its variants, hex, percent, numbers), one
//! byte-wise change inside (XOR or addition of one byte, reversal, ROT13) or
//! an inflation. A result counts only if it means something: a list of hosts
//! or words, an address, code, running text. Nothing of the subject is
//! executed here.

use std::io::Read;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::sync::OnceLock;

use crate::evaluate::Value;
use crate::js::Origin;
use crate::tld;
use base64::Engine;
use base64::alphabet;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// What a decoded constant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Hosts, one entry each.
    Hosts,
    /// Words, one entry each.
    Words,
    /// An address of a service.
    Url,
    /// Code.
    Code,
    /// Running text.
    Text,
}

/// A constant that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) meaning: Meaning,
    /// The entries of a list, or one text.
    pub(crate) values: Vec<String>,
    /// The steps, from the outside in.
    pub(crate) steps: Vec<String>,
    /// Whether more was done than a standard transport alphabet undoes.
    pub(crate) beyond_alphabet: bool,
}

/// The shortest constant that is tried.
const SHORTEST: usize = 12;
/// The longest constant that is tried byte by byte; beyond it only the head
/// decides, and the whole is decoded when the head means something.
const HEAD: usize = 4096;
/// What a decoded constant may inflate to.
const INFLATED: u64 = 4 << 20;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);

/// Tries a constant text.
pub(crate) fn text(text: &str) -> Option<Decoded> {
    if text.len() < SHORTEST || text.len() > (64 << 20) || text.starts_with("0x") {
        return None;
    }
    if let Some(found) = all_inner(&alphabets(text)) {
        return Some(found);
    }
    // A text that is no alphabet of bytes may still be shifted or XOR-ed as
    // it stands. What reads as text already is left alone.
    let dense = !text.contains(' ') || text.chars().any(|c| c.is_control());
    if dense && text.len() >= 16 && text.len() <= (1 << 20) {
        let latin: Option<Vec<u8>> = text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect();
        if let Some(bytes) = latin
            && !reads_already(&bytes)
        {
            return inner_changed(&bytes, &[], Strictness::Raw);
        }
    }
    None
}

/// Tries constant bytes, such as an array of numbers.
pub(crate) fn bytes(bytes: &[u8], outer: &str) -> Option<Decoded> {
    if bytes.len() < SHORTEST {
        return None;
    }
    inner(bytes, &[outer.to_owned()])
}

/// What an evaluated value means, unless the source says it as it stands.
pub(crate) fn evaluated(value: &Value, origin: &Origin) -> Option<Decoded> {
    let found = |meaning, values, separator: Option<char>| Decoded {
        meaning,
        values,
        steps: std::iter::once("evaluated".to_owned())
            .chain(separator.map(|s| format!("split {s:?}")))
            .collect(),
        beyond_alphabet: origin.beyond_alphabet,
    };
    let decoded = match value {
        Value::Text(text) => of_bytes(text.as_bytes(), found)?,
        Value::Bytes(latin) => {
            let bytes: Option<Vec<u8>> = latin
                .chars()
                .map(|c| u8::try_from(u32::from(c)).ok())
                .collect();
            of_bytes(&bytes?, found)?
        }
        Value::List(_) | Value::Record(_) => {
            let mut values = Vec::new();
            texts_of(value, &mut values);
            if values.iter().any(|text| text.chars().any(char::is_control)) {
                return None;
            }
            let kind = list_meaning(&values, Strictness::Changed)?;
            if kind == Meaning::Words
                && !places(&values)
                && bigrams(&values) < values.len().div_ceil(2)
            {
                return None;
            }
            found(kind, values, None)
        }
        Value::Number(_) | Value::Bool(_) | Value::Nil | Value::Other => return None,
    };
    let said = decoded
        .values
        .iter()
        .filter(|value| says(&origin.source, value))
        .count();
    (said.saturating_mul(2) < decoded.values.len().max(1)).then_some(decoded)
}

/// Whether a text says a value, as a whole or by the words that it is made of.
fn says(text: &str, value: &str) -> bool {
    // What a program of Python is called stands in none.
    let value = value.trim_start_matches("__main__.");
    let mut words = value
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() >= 3)
        .peekable();
    text.contains(value) || words.peek().is_some() && words.all(|word| text.contains(word))
}

/// What a list means that a module compares with when it runs, unless its text
/// says it, as a whole or by the words that it is made of.
pub(crate) fn kept(
    values: &[String],
    text: &str,
    constants: impl Fn(&str) -> bool,
) -> Option<Decoded> {
    let said = |value: &String| {
        // Printers of code escape what is not ASCII.
        says(text, value) || !value.is_ascii() && constants(value)
    };
    let hidden: Vec<String> = values.iter().filter(|v| !said(v)).cloned().collect();
    if hidden.len() < values.len().div_ceil(2) {
        return None;
    }
    let kind = list_meaning(&hidden, Strictness::Changed)?;
    (kind != Meaning::Words || places(&hidden) || bigrams(&hidden) >= hidden.len().div_ceil(2))
        .then(|| Decoded {
            meaning: kind,
            values: hidden,
            steps: vec!["evaluated".to_owned()],
            beyond_alphabet: true,
        })
}

/// Whether a constant is a list under nothing but a standard alphabet.
pub(crate) fn ships(constant: &str, values: &[String]) -> bool {
    let bare = constant.trim_matches(['"', '\'', '`', '[', ']', ' ', '\n']);
    bare.len() >= SHORTEST
        && bare.len() <= 1 << 20
        && alphabets(bare).iter().any(|(steps, bytes)| {
            steps.len() == 1
                && values
                    .iter()
                    .take(8)
                    .all(|value| memchr::memmem::find(bytes, value.as_bytes()).is_some())
        })
}

fn of_bytes(
    bytes: &[u8],
    found: impl Fn(Meaning, Vec<String>, Option<char>) -> Decoded,
) -> Option<Decoded> {
    let (kind, values, separator) = meaning(bytes, Strictness::Changed)?;
    Some(found(kind, values, separator))
}

fn texts_of(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Text(text) if out.len() < 10_000 => out.push(text.clone()),
        Value::List(items) => items.iter().for_each(|item| texts_of(item, out)),
        Value::Record(entries) => entries.iter().for_each(|(_, item)| texts_of(item, out)),
        _ => {}
    }
}

/// Whether an evaluated text is one that a person reads and the source does
/// not say as it stands.
pub(crate) fn is_hidden_text(text: &str, origin: &Origin) -> bool {
    text.chars().filter(|c| c.is_ascii_alphabetic()).count() >= 3
        && text.chars().all(|c| !c.is_control() || c.is_whitespace())
        && !origin.source.contains(text)
}

/// Whether bytes mean something as they stand. Dotted words are hosts only
/// under a domain that exists.
fn reads_already(bytes: &[u8]) -> bool {
    meaning(bytes, Strictness::Plain).is_some_and(|(kind, values, _)| {
        kind != Meaning::Hosts || values.iter().any(|host| tld::is_known(host))
    })
}

fn alphabets(text: &str) -> Vec<(Vec<String>, Vec<u8>)> {
    let mut out = Vec::new();
    let trimmed = text.trim();
    let ascii = trimmed.as_bytes();
    let step = |name: &str| vec![name.to_owned()];
    let is = |allowed: fn(u8) -> bool| ascii.iter().all(|b| allowed(*b));
    if is(|b| b.is_ascii_hexdigit()) && ascii.len().is_multiple_of(2) {
        if let Ok(bytes) = hex::decode(ascii) {
            out.push((step("hex"), bytes));
        }
        return out;
    }
    if is(|b| b.is_ascii_digit() || matches!(b, b',' | b' ' | b'-' | b'.' | b':' | b';' | b'|')) {
        let numbers: Option<Vec<u8>> = trimmed
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().ok())
            .collect();
        if let Some(bytes) = numbers {
            out.push((step("numbers"), bytes));
        }
        return out;
    }
    let standard = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let url_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=');
    if ascii.len() >= 16 && (is(standard) || is(url_safe)) {
        let engine = if is(standard) { &STANDARD } else { &URL_SAFE };
        let name = if is(standard) { "base64" } else { "base64url" };
        if let Ok(bytes) = engine.decode(trimmed.trim_end_matches('=')) {
            out.push((step(name), bytes));
        }
        let mut reversed = ascii.to_vec();
        reversed.reverse();
        let start = reversed.iter().take_while(|b| **b == b'=').count();
        if let Some(reversed) = reversed.get(start..)
            && let Ok(bytes) = engine.decode(reversed)
        {
            out.push((vec!["reversed".to_owned(), name.to_owned()], bytes));
        }
        if is(|b| b.is_ascii_uppercase() || matches!(b, b'2'..=b'7' | b'='))
            && let Some(bytes) = base32(ascii)
        {
            out.push((step("base32"), bytes));
        }
    } else if ascii.len() >= 24
        && ascii
            .iter()
            .filter(|b| **b == b'%')
            .count()
            .saturating_mul(4)
            >= ascii.len()
        && let Some(bytes) = percent(ascii)
    {
        out.push((step("percent"), bytes));
    }
    out
}

fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut out) = (0u32, 0u32, Vec::new());
    for byte in text.iter().filter(|b| **b != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte.checked_sub(b'A')?,
            b'2'..=b'7' => byte.checked_sub(b'2')?.checked_add(26)?,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

fn percent(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 3);
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    Some(out)
}

/// Tries the readings of one constant: those without a byte-wise change
/// first, because a change finds more by chance.
fn all_inner(readings: &[(Vec<String>, Vec<u8>)]) -> Option<Decoded> {
    readings
        .iter()
        .find_map(|(outer, bytes)| inner_plain(bytes, outer))
        .or_else(|| {
            // What reads as it stands after a transport alphabet is not
            // changed any further; some change of it always reads as well.
            if readings.iter().any(|(_, bytes)| reads_as_words(bytes)) {
                return None;
            }
            readings
                .iter()
                .find_map(|(outer, bytes)| inner_changed(bytes, outer, Strictness::Changed))
        })
}

fn reads_as_words(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return false;
    }
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| word.len() >= 3)
        .collect();
    let letters: usize = words.iter().map(|word| word.len()).sum();
    words.len() >= 2
        && letters.saturating_mul(10) >= text.len().saturating_mul(6)
        && pronounceable(&words)
        && bigrams(&words) >= words.len()
}

/// How many of the most frequent letter pairs of English words occur: tells
/// words from what is left of them when they are turned round or shifted.
fn bigrams<S: AsRef<str>>(list: &[S]) -> usize {
    list.iter()
        .map(|entry| {
            let entry = entry.as_ref();
            FREQUENT
                .iter()
                .map(|pair| entry.matches(pair).count())
                .sum::<usize>()
        })
        .sum()
}

/// The most frequent pairs of letters of English.
const FREQUENT: &[&str] = &[
    "th", "he", "in", "er", "an", "re", "on", "at", "en", "nd", "ti", "es", "or", "te", "of", "ed",
    "is", "it", "al", "ar", "st", "to", "nt", "ng", "se", "ha", "as", "ou", "io", "le", "ve", "co",
    "me", "de", "hi", "ri", "ro", "ic", "ne", "ea", "ra", "ce", "li", "ch", "ll", "be", "ma", "si",
    "om", "ur",
];

/// Whether two characters are a frequent pair of letters.
pub(crate) fn is_frequent_pair(pair: &[u8]) -> bool {
    static TABLE: OnceLock<Vec<bool>> = OnceLock::new();
    let place = |pair: &[u8]| match pair {
        [first, second] => usize::from(*first) << 8 | usize::from(*second),
        _ => 0,
    };
    let table = TABLE.get_or_init(|| {
        let mut table = vec![false; 1 << 16];
        for known in FREQUENT {
            if let Some(entry) = table.get_mut(place(known.as_bytes())) {
                *entry = true;
            }
        }
        table
    });
    table.get(place(pair)).copied().unwrap_or_default()
}

/// Whether what was decoded by guessing is surely of its kind, and not
/// numbers of a table that happen to be letters.
pub(crate) fn is_sure(kind: Meaning, values: &[String]) -> bool {
    /// Words that hardly any sentence goes without.
    const SMALL: &[&str] = &[
        "the", "a", "to", "of", "and", "is", "in", "for", "not", "you", "it", "be", "on", "with",
        "this", "that", "are", "no", "or", "if", "your", "from", "was", "by", "as", "at",
    ];
    let letters: usize = values.iter().map(|value| value.len()).sum();
    let mut different: Vec<u8> = values.iter().flat_map(|value| value.bytes()).collect();
    different.sort_unstable();
    different.dedup();
    let pairs = FREQUENT
        .iter()
        .filter(|pair| values.iter().any(|value| value.contains(**pair)))
        .count();
    let stutters = |value: &String| {
        value
            .as_bytes()
            .windows(3)
            .any(|three| three.iter().all(|b| Some(b) == three.first()))
    };
    // Nobody writes a host in both cases.
    let mixed = |value: &String| {
        value.bytes().any(|b| b.is_ascii_uppercase())
            && value.bytes().any(|b| b.is_ascii_lowercase())
    };
    match kind {
        Meaning::Hosts => {
            // To the first and the last something may have come by chance.
            let inner = values.get(1..values.len().saturating_sub(1));
            letters >= values.len().saturating_mul(6)
                && !inner.unwrap_or_default().iter().any(mixed)
        }
        Meaning::Words => {
            let long = values.iter().filter(|value| value.len() >= 4).count();
            let stuttering = values.iter().filter(|value| stutters(value)).count();
            values.len() >= 6
                && letters >= 40
                && long.saturating_mul(2) > values.len()
                && different.len() >= 12
                && pairs >= 10
                && stuttering.saturating_mul(10) <= values.len()
                && bigrams(values).saturating_mul(4) >= letters.saturating_sub(values.len())
        }
        Meaning::Url => true,
        Meaning::Code => letters >= 32,
        Meaning::Text => {
            let small = values
                .iter()
                .flat_map(|value| value.split(' '))
                .filter(|word| SMALL.contains(&word.to_ascii_lowercase().as_str()))
                .count();
            letters >= 32
                && pairs >= 10
                && small >= 2
                && bigrams(values).saturating_mul(5) >= letters
        }
    }
}

/// What a text means that is got by a guessed key from bytes of which nobody
/// said that they are one: more is asked for than of a constant. Tells which
/// part of the text it is.
pub(crate) fn guessed(text: &[u8], step: &str) -> Option<(Range<usize>, Decoded)> {
    let found = |range: Range<usize>, meaning, values: Vec<String>, separator: Option<char>| {
        let steps = std::iter::once(step.to_owned())
            .chain(separator.map(|s| format!("split {s:?}")))
            .collect();
        let decoded = Decoded {
            meaning,
            values,
            steps,
            beyond_alphabet: true,
        };
        Some((range, decoded))
    };
    // What lies beside a text may be one of its characters by chance, so
    // that the first and the last entry are whole only where the others are.
    if let Some((kind, values, separator)) = meaning(text, Strictness::Changed)
        && kind != Meaning::Url
        && is_sure(kind, &values)
    {
        return found(0..text.len(), kind, values, separator);
    }
    // An address in the middle.
    let colon = memchr::memmem::find(text, b"://")?;
    let before = text.get(..colon)?;
    let scheme = ["https", "http", "wss", "ws", "ftp", "tcp"]
        .into_iter()
        .find(|scheme| before.ends_with(scheme.as_bytes()))?;
    let start = colon.checked_sub(scheme.len())?;
    let rest = text.get(start..)?;
    let len = rest
        .iter()
        .take_while(|b| (0x21..0x7f).contains(*b) && !matches!(b, b'"' | b'\'' | b'<' | b'>'))
        .count();
    let url = std::str::from_utf8(rest.get(..len)?).ok()?;
    let authority = url.split("://").nth(1)?.split(['/', '?', '#']).next()?;
    let host = authority.split(':').next()?;
    let known = is_host(host) && tld::is_known(host) || host.parse::<Ipv4Addr>().is_ok();
    (known && is_url(url) && host.len() >= 6)
        .then(|| {
            let range = start..start.saturating_add(len);
            found(range, Meaning::Url, vec![url.to_owned()], None)
        })
        .flatten()
}

/// Tries a list of constants that are encoded one by one.
pub(crate) fn list(texts: &[&str]) -> Option<Decoded> {
    if texts.len() < 3 || texts.iter().any(|text| text.len() < 4 || text.len() > 4096) {
        return None;
    }
    let each: Option<Vec<Vec<u8>>> = texts.iter().map(|text| short_alphabet(text)).collect();
    let each = each?;
    let alphabet = if texts
        .iter()
        .all(|t| t.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        "hex"
    } else {
        "base64"
    };
    let attempt = |name: &str, change: &dyn Fn(&[u8]) -> Vec<u8>| {
        let entries: Option<Vec<String>> = each
            .iter()
            .map(|bytes| String::from_utf8(change(bytes)).ok())
            .collect();
        let entries = entries?;
        let meaning = list_meaning(&entries, Strictness::Changed)?;
        let letters: usize = entries.iter().map(String::len).sum();
        // Short entries become words by chance.
        if meaning == Meaning::Words
            && (letters < entries.len().saturating_mul(4) || bigrams(&entries) < entries.len())
        {
            return None;
        }
        let mut steps = vec![format!("each {alphabet}")];
        if !name.is_empty() {
            steps.push(name.to_owned());
        }
        Some(Decoded {
            meaning,
            values: entries,
            steps,
            // Words are shipped as one text; to encode each is more than
            // transport.
            beyond_alphabet: true,
        })
    };
    let forward = attempt("", &<[u8]>::to_vec);
    let backward = attempt("reversed", &|b| b.iter().rev().copied().collect());
    let score = |found: &Option<Decoded>| found.as_ref().map(|found| bigrams(&found.values));
    let likelier = if score(&backward) > score(&forward) {
        backward
    } else {
        forward
    };
    likelier.or_else(|| {
        (1..=255u8).find_map(|key| {
            let fits = each.iter().flatten().all(|b| {
                let c = b ^ key;
                c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_' | b'/' | b' ')
            });
            fits.then(|| {
                attempt(&format!("xor 0x{key:02x}"), &|b| {
                    b.iter().map(|b| b ^ key).collect()
                })
            })?
        })
    })
}

fn short_alphabet(text: &str) -> Option<Vec<u8>> {
    if text.bytes().all(|b| b.is_ascii_hexdigit()) && text.len().is_multiple_of(2) {
        return hex::decode(text).ok();
    }
    let fits = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    (fits && (text.ends_with('=') || text.len().is_multiple_of(4)))
        .then(|| STANDARD.decode(text.trim_end_matches('=')).ok())?
}

fn inner(bytes: &[u8], outer: &[String]) -> Option<Decoded> {
    inner_plain(bytes, outer).or_else(|| inner_changed(bytes, outer, Strictness::Changed))
}

fn inner_plain(bytes: &[u8], outer: &[String]) -> Option<Decoded> {
    let strictness = if outer.len() > 1 {
        Strictness::Changed
    } else {
        Strictness::Plain
    };
    let found = |meaning, values, more: &[&str]| Decoded {
        meaning,
        values,
        steps: outer
            .iter()
            .cloned()
            .chain(more.iter().map(|s| (*s).to_owned()))
            .collect(),
        beyond_alphabet: outer.len() > 1 || more.iter().any(|s| !s.starts_with("split")),
    };
    if let Some((meaning, values, separator)) = meaning(bytes, strictness) {
        let split = separator.map(|s| format!("split {s:?}"));
        let more: Vec<&str> = split.iter().map(String::as_str).collect();
        return Some(found(meaning, values, &more));
    }
    for (name, inflated) in inflations(bytes) {
        if let Some((meaning, values, _)) = meaning(&inflated, Strictness::Plain) {
            return Some(found(meaning, values, &[name]));
        }
    }
    None
}

fn inflations(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let take = |reader: &mut dyn Read| {
        let mut out = Vec::new();
        let _ = reader.take(INFLATED).read_to_end(&mut out);
        out
    };
    let mut out = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        out.push(("gzip", take(&mut flate2::read::GzDecoder::new(bytes))));
    } else if bytes.first() == Some(&0x78) {
        out.push(("zlib", take(&mut flate2::read::ZlibDecoder::new(bytes))));
    }
    out
}

/// One byte-wise change: XOR, addition, with or without reversal; ROT13.
fn inner_changed(bytes: &[u8], outer: &[String], strictness: Strictness) -> Option<Decoded> {
    let head = bytes.get(..bytes.len().min(HEAD)).unwrap_or_default();
    let mut counts = [0u32; 256];
    for byte in head {
        if let Some(slot) = counts.get_mut(usize::from(*byte)) {
            *slot = slot.saturating_add(1);
        }
    }
    let count = |byte: u8| counts.get(usize::from(byte)).copied().unwrap_or(0);
    let distinct: Vec<u8> = (0..=255u8).filter(|b| count(*b) > 0).collect();
    if distinct.len() < 5 {
        return None;
    }
    // Words of other scripts take bytes beyond ASCII, among which a wrong key
    // is noticed late; they are tried where there is enough to tell.
    let wide = bytes.len() >= 48 && strictness == Strictness::Changed;
    // Whether the pair of slashes of an address is there, under XOR and under
    // addition.
    let slashes = |apart: &dyn Fn(u8, u8) -> bool| {
        head.windows(3)
            .any(|w| matches!(w, [colon, a, b] if a == b && apart(*colon, *a)))
    };
    let address = strictness == Strictness::Raw
        && (slashes(&|c, s| c ^ s == b':' ^ b'/')
            || slashes(&|c, s| c.wrapping_sub(s) == b':' - b'/'));
    let attempt =
        |name: &dyn Fn() -> String, change: &dyn Fn(u8) -> u8, back: &dyn Fn(u8) -> u8| {
            if strictness == Strictness::Raw && !address && count(back(b'.')) < 3 {
                return None;
            }
            let ascii = distinct.iter().all(|b| is_ascii_text(change(*b)));
            let wide_text = || wide && distinct.iter().all(|b| may_be_text(change(*b)));
            if !(ascii || wide_text()) {
                return None;
            }
            let changed: Vec<u8> = bytes.iter().map(|b| change(*b)).collect();
            let finish = |bytes: &[u8], reversed: bool| {
                let (meaning, values, separator) = meaning(bytes, strictness)?;
                let mut steps = outer.to_vec();
                steps.push(name());
                if reversed {
                    steps.push("reversed".to_owned());
                }
                steps.extend(separator.map(|s| format!("split {s:?}")));
                Some(Decoded {
                    meaning,
                    values,
                    steps,
                    beyond_alphabet: true,
                })
            };
            finish(&changed, false).or_else(|| {
                let backwards: Vec<u8> = changed.iter().rev().copied().collect();
                finish(&backwards, true)
            })
        };
    for key in 1..=255u8 {
        let xor = |b: u8| b ^ key;
        if let Some(found) = attempt(&|| format!("xor 0x{key:02x}"), &xor, &xor) {
            return Some(found);
        }
    }
    for key in 1..=255u8 {
        let add = |b: u8| b.wrapping_add(key);
        let back = |b: u8| b.wrapping_sub(key);
        if let Some(found) = attempt(&|| format!("add 0x{key:02x}"), &add, &back) {
            return Some(found);
        }
    }
    let rot13 = |b: u8| match b {
        b'a'..=b'z' => (b - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (b - b'A' + 13) % 26 + b'A',
        _ => b,
    };
    attempt(&|| "rot13".to_owned(), &rot13, &rot13)
        .or_else(|| attempt(&|| "reversed".to_owned(), &|b| b, &|b| b))
}

fn is_ascii_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0 | 0x20..=0x7e)
}

fn may_be_text(byte: u8) -> bool {
    is_ascii_text(byte) || byte >= 0x80
}

/// How much a result must mean before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// Decoded by an alphabet alone.
    Plain,
    /// Changed byte by byte after an alphabet.
    Changed,
    /// Changed byte by byte from a text that was readable as it stood: most
    /// identifiers become words under some shift, so only hosts and addresses
    /// count.
    Raw,
}

const SEPARATORS: &[char] = &[',', '\n', '|', ';', '\0', ' ', ':', '\t', '#', '~', '!'];

fn meaning(bytes: &[u8], strictness: Strictness) -> Option<(Meaning, Vec<String>, Option<char>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r' | '\0') || c == '\u{fffd}')
    {
        return None;
    }
    if let Some(list) = json_list(text)
        && let Some(kind) = list_meaning(&list, strictness)
    {
        return Some((kind, list, None));
    }
    // A sentence splits into words as well.
    let sentence = text.ends_with(['.', '!', '?']) || text.contains(", ");
    if strictness == Strictness::Changed && sentence && is_prose(text) {
        return Some((Meaning::Text, vec![text.to_owned()], None));
    }
    for separator in SEPARATORS {
        if !text.contains(*separator) {
            continue;
        }
        let list: Vec<&str> = text
            .trim_matches(*separator)
            .split(*separator)
            .map(str::trim)
            .collect();
        if list.iter().any(|entry| entry.is_empty()) {
            continue;
        }
        if let Some(kind) = list_meaning(&list, strictness) {
            let list = list.into_iter().map(str::to_owned).collect();
            return Some((kind, list, Some(*separator)));
        }
    }
    let text = text.trim_end_matches('\0');
    let one = |kind| Some((kind, vec![text.to_owned()], None));
    if is_url(text)
        || (text.len() >= 6
            && is_host(text)
            && tld::is_known(text)
            && strictness != Strictness::Raw)
    {
        return one(Meaning::Url);
    }
    if strictness == Strictness::Raw {
        return None;
    }
    if is_code(text) {
        return one(Meaning::Code);
    }
    if strictness == Strictness::Changed && is_prose(text) {
        return one(Meaning::Text);
    }
    None
}

fn json_list(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    (text.starts_with('[') && text.ends_with(']'))
        .then(|| serde_json::from_str::<Vec<String>>(text).ok())
        .flatten()
}

fn list_meaning<S: AsRef<str>>(list: &[S], strictness: Strictness) -> Option<Meaning> {
    let entries = || list.iter().map(AsRef::as_ref);
    if list.len() < 3 {
        return None;
    }
    // A list of names does not say the same again and again.
    let mut different: Vec<&str> = entries().collect();
    different.sort_unstable();
    different.dedup();
    if different.len().saturating_mul(10) < list.len().saturating_mul(7) {
        return None;
    }
    let hosts = entries()
        .filter(|entry| is_host(entry) && (strictness == Strictness::Plain || tld::is_known(entry)))
        .count();
    if hosts >= 3 && hosts.saturating_mul(10) >= list.len().saturating_mul(6) {
        return Some(Meaning::Hosts);
    }
    if list.len() >= 4 && entries().all(is_locale) || entries().all(is_zone) {
        return Some(Meaning::Words);
    }
    let wordy = entries().all(is_word);
    let letters: usize = entries()
        .map(|entry| entry.chars().filter(|c| c.is_alphabetic()).count())
        .sum();
    let all: usize = entries().map(|entry| entry.chars().count()).sum();
    let enough = match strictness {
        Strictness::Changed => list.len() >= 4 && all >= 16,
        // base64 of a list of words is a usual way to ship data.
        Strictness::Plain => list.len() >= 6 && all >= 40,
        Strictness::Raw => false,
    };
    (wordy && enough && pronounceable(list) && letters.saturating_mul(10) >= all.saturating_mul(7))
        .then_some(Meaning::Words)
}

/// Whether all entries name time zones, or languages of regions: such a list
/// is about where somebody is, however few they are.
pub(crate) fn places(values: &[String]) -> bool {
    values.iter().all(|value| is_locale(value)) || values.iter().all(|value| is_zone(value))
}

/// Whether an entry names a time zone, by the areas of the IANA database.
pub(crate) fn is_zone(entry: &str) -> bool {
    entry.split_once('/').is_some_and(|(area, place)| {
        matches!(
            area,
            "Africa"
                | "America"
                | "Antarctica"
                | "Arctic"
                | "Asia"
                | "Atlantic"
                | "Australia"
                | "Europe"
                | "Indian"
                | "Pacific"
                | "Etc"
        ) && place.starts_with(|c: char| c.is_ascii_uppercase())
            && place
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'-' | b'+'))
    })
}

/// Whether an entry names a language of a region, as in `de_AT` or `pt-BR`.
pub(crate) fn is_locale(entry: &str) -> bool {
    entry
        .split_once(['_', '-'])
        .is_some_and(|(language, rest)| {
            let region = rest.rsplit(['_', '-']).next().unwrap_or(rest);
            matches!(language.len(), 2 | 3)
                && language.bytes().all(|b| b.is_ascii_lowercase())
                && region.len() == 2
                && region.bytes().all(|b| b.is_ascii_uppercase())
        })
}

/// Words of a language have vowels, and are written in small letters; what a
/// wrong key leaves has neither. Scripts without case or vowels pass.
fn pronounceable<S: AsRef<str>>(list: &[S]) -> bool {
    let all: Vec<char> = list
        .iter()
        .flat_map(|entry| entry.as_ref().chars())
        .collect();
    let ascii = all.iter().filter(|c| c.is_ascii_alphabetic()).count();
    let small = all.iter().filter(|c| c.is_ascii_lowercase()).count();
    let vowels = all
        .iter()
        .filter(|c| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y'))
        .count();
    let foreign = all
        .iter()
        .filter(|c| c.is_alphabetic() && !c.is_ascii())
        .count();
    if foreign > ascii {
        return true;
    }
    small.saturating_mul(10) >= ascii.saturating_mul(7)
        && vowels.saturating_mul(100) >= ascii.saturating_mul(20)
        && vowels.saturating_mul(100) <= ascii.saturating_mul(65)
}

/// What an evaluated value is: nothing was guessed, so that less of it is
/// enough to mean something.
pub(crate) fn made(texts: &[String], steps: &[String]) -> Option<Decoded> {
    let beyond = steps.iter().any(|step| {
        !matches!(
            step.as_str(),
            "base64" | "hex" | "utf8" | "split" | "json" | "join" | "percent" | "replaced"
        )
    });
    let found = |meaning, values: Vec<String>| {
        Some(Decoded {
            meaning,
            values,
            steps: steps.to_vec(),
            beyond_alphabet: beyond,
        })
    };
    let printable = |text: &String| {
        !text.is_empty() && text.chars().all(|c| !c.is_control() || c.is_whitespace())
    };
    if let [text] = texts {
        // A sentence splits into words as well.
        if beyond && text.ends_with(['.', '!', '?']) && is_prose(text) {
            return found(Meaning::Text, texts.to_vec());
        }
        if let Some((meaning, values, separator)) = meaning(text.as_bytes(), Strictness::Plain) {
            let mut decoded = found(meaning, values)?;
            decoded
                .steps
                .extend(separator.map(|s| format!("split {s:?}")));
            return Some(decoded);
        }
        if is_host(text) && tld::is_known(text) {
            return found(Meaning::Hosts, texts.to_vec());
        }
        let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
        // Tables of characters have each of them once.
        let mut chars: Vec<char> = text.chars().collect();
        chars.sort_unstable();
        chars.dedup();
        let table = chars.len() >= 12 && chars.len() == text.chars().count();
        let reads = printable(text)
            && !table
            && text.chars().count() >= 6
            && letters.saturating_mul(3) >= text.chars().count().saturating_mul(2);
        return (beyond && reads)
            .then(|| found(Meaning::Text, texts.to_vec()))
            .flatten();
    }
    let texts: Vec<String> = texts
        .iter()
        .filter(|text| !text.is_empty())
        .cloned()
        .collect();
    if texts.is_empty() || !texts.iter().all(printable) {
        return None;
    }
    let hosts = texts
        .iter()
        .filter(|text| is_host(text) && tld::is_known(text))
        .count();
    if hosts > 0 && hosts.saturating_mul(10) >= texts.len().saturating_mul(6) {
        return found(Meaning::Hosts, texts);
    }
    // Single characters are an alphabet and no list of words.
    let long = texts
        .iter()
        .filter(|text| text.chars().count() >= 3)
        .count();
    if texts.len() >= 2 && long.saturating_mul(2) > texts.len() && texts.iter().all(|t| is_word(t))
    {
        return found(Meaning::Words, texts);
    }
    None
}

fn is_word(entry: &str) -> bool {
    let count = entry.chars().count();
    (2..=40).contains(&count)
        && entry
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' '))
        && (entry.chars().filter(|c| c.is_alphabetic()).count() >= count.div_ceil(2))
        // Words have one case, or a capital in front.
        && entry
            .chars()
            .zip(entry.chars().skip(1))
            .filter(|(a, b)| a.is_lowercase() && b.is_uppercase())
            .count()
            <= 1
}

/// Whether a text is a host name of at least two labels.
pub(crate) fn is_host(text: &str) -> bool {
    let text = text.trim_start_matches("*.").trim_start_matches('.');
    if text.len() > 253 || !text.is_ascii() {
        return false;
    }
    let mut labels = 0usize;
    let mut last = "";
    for label in text.split('.') {
        let fine = !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-');
        if !fine {
            return false;
        }
        labels = labels.saturating_add(1);
        last = label;
    }
    labels >= 2
        && (2..=18).contains(&last.len())
        && (last.bytes().all(|b| b.is_ascii_lowercase()) || last.starts_with("xn--"))
}

fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    matches!(
        scheme,
        "http" | "https" | "ws" | "wss" | "ftp" | "tcp" | "socks5"
    ) && rest.len() >= 4
        && rest.bytes().all(|b| (0x21..0x7f).contains(&b))
        && rest.contains(['.', ':'])
}

fn is_code(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "function", "return ", "require(", "const ", "var ", "=>", "import ", "process.", "eval(",
        "exec(", "#!/", "def ", "print(", "curl ", "console.", "fetch(",
    ];
    text.len() >= 16
        && text.contains(['(', '/'])
        && WORDS.iter().filter(|word| text.contains(**word)).count() >= 2
}

fn is_prose(text: &str) -> bool {
    let count = text.chars().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let spaces = text.chars().filter(|c| *c == ' ').count();
    let vowels = text
        .chars()
        .filter(|c| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u'))
        .count();
    let capitals = text
        .chars()
        .zip(text.chars().skip(1))
        .filter(|(a, b)| a.is_lowercase() && b.is_uppercase())
        .count();
    count >= 20
        && spaces >= 2
        && spaces.saturating_mul(3) <= count
        && letters.saturating_add(spaces).saturating_mul(10) >= count.saturating_mul(9)
        && vowels.saturating_mul(4) >= letters
        && vowels.saturating_mul(2) <= letters
        && capitals == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(plain: &str, change: impl Fn(u8) -> u8) -> String {
        STANDARD.encode(plain.bytes().map(change).collect::<Vec<u8>>())
    }

    fn check(constant: &str, meaning: Meaning, first: &str, steps: &[&str]) {
        let found = text(constant).unwrap_or_else(|| panic!("{constant} is not decoded"));
        assert_eq!(found.meaning, meaning, "{found:?}");
        assert_eq!(found.values[0], first);
        assert_eq!(found.steps, steps);
    }

    const HOSTS: &str = "alpha.example,beta.test,gamma.example.org,delta.co";

    #[test]
    fn hosts_that_a_key_made_by_chance_are_none() {
        let key = |text: &str| guessed(text.as_bytes(), "xor 0x0102").is_some();
        assert!(key("alpha.example.org;beta.example.com;gamma.example.net"));
        assert!(!key(
            "ezllo.er;eboltVthatXTtGetexli.er;eosltjthetXhtGiteli.er"
        ));
    }

    #[test]
    fn encodings() {
        check(
            &encode(HOSTS, |b| b),
            Meaning::Hosts,
            "alpha.example",
            &["base64", "split ','"],
        );
        check(
            &encode(HOSTS, |b| b ^ 0x21),
            Meaning::Hosts,
            "alpha.example",
            &["base64", "xor 0x21", "split ','"],
        );
        check(
            &hex::encode(HOSTS.bytes().map(|b| b.wrapping_add(7)).collect::<Vec<_>>()),
            Meaning::Hosts,
            "alpha.example",
            &["hex", "add 0xf9", "split ','"],
        );
        let reversed: String = encode(HOSTS, |b| b).chars().rev().collect();
        check(
            &reversed,
            Meaning::Hosts,
            "alpha.example",
            &["reversed", "base64", "split ','"],
        );
        check(
            &encode("alpha|beta|gamma|delta|epsilon", |b| b ^ 0x5c),
            Meaning::Words,
            "alpha",
            &["base64", "xor 0x5c", "split '|'"],
        );
        check(
            &encode("https://collect.example/v1", |b| b ^ 0xa7),
            Meaning::Url,
            "https://collect.example/v1",
            &["base64", "xor 0xa7"],
        );
        let rotated: String = "nycun.rknzcyr|orgn.grfg|tnzzn.bet.rknzcyr".to_owned();
        assert_eq!(text(&rotated).unwrap().values[1], "beta.test");
        let numbers: Vec<u8> = HOSTS.bytes().map(|b| b ^ 99).collect();
        assert_eq!(bytes(&numbers, "numbers").unwrap().values[3], "delta.co");
    }

    #[test]
    fn ordinary_constants_mean_nothing() {
        for constant in [
            "getElementsByTagName",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            "aGVsbG8gd29ybGQ=",
            "application/json; charset=utf-8",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
            "M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2z",
            "node_modules/some-package/dist/index.js",
            "The quick brown fox jumps over the lazy dog.",
            "0123456789abcdefghijklmnopqrstuvwxyz",
        ] {
            assert_eq!(text(constant), None, "{constant}");
        }
    }
}
