//! What people see alike.
//!
//! Pure functions over text: no IO, no state. Skeletons are those of Unicode
//! Technical Standard #39; invisible characters are the default ignorable
//! ones of the Unicode Character Database and the tag characters.
#![deny(missing_docs)]

use std::sync::LazyLock;

/// How two texts differ for somebody who reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Difference {
    /// Not at all.
    Same,
    /// Only in characters that show nothing.
    Invisible,
    /// Only in which characters stand for the same glyphs (equal skeletons).
    LookAlike,
    /// Only in kind or amount of white space.
    WhiteSpace,
    /// Only in punctuation between the same words.
    Punctuation,
    /// Only in upper and lower case.
    Case,
    /// Only in the order of the same words.
    Order,
    /// Only in how the same is written: escaped, spelled, abbreviated.
    Written,
    /// Only in the last digits of the same number, or in a digit of an id.
    Digits,
    /// In what they say.
    Meaning,
}

impl Difference {
    /// Whether a reader would take both texts for the same.
    #[must_use]
    pub fn is_hidden(self) -> bool {
        matches!(self, Self::Invisible | Self::LookAlike | Self::WhiteSpace)
    }

    /// Whether the texts say the same in another form.
    #[must_use]
    pub fn is_form(self) -> bool {
        matches!(
            self,
            Self::Punctuation | Self::Case | Self::Order | Self::Written | Self::Digits
        )
    }

    /// The difference in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Same => "the same",
            Self::Invisible => "characters that show nothing",
            Self::LookAlike => "characters that look alike",
            Self::WhiteSpace => "white space",
            Self::Punctuation => "punctuation",
            Self::Case => "upper and lower case",
            Self::Order => "order of words",
            Self::Written => "how the same is written",
            Self::Digits => "last digits",
            Self::Meaning => "what they say",
        }
    }
}

/// The UTS #39 skeleton of a text: equal for texts that look alike.
///
/// Beyond the standard's table, the punctuation that typography offers in
/// place of ASCII (dashes, quotation marks, primes, ellipsis) is folded to
/// it, because the table keeps apart what a reader of running text does not.
#[must_use]
pub fn skeleton(text: &str) -> String {
    if text.is_ascii() {
        // In ASCII each character stands for itself alone.
        let known = &*ASCII;
        return text
            .bytes()
            .filter_map(|byte| known.get(usize::from(byte)))
            .fold(String::with_capacity(text.len()), |mut out, part| {
                out.push_str(part);
                out
            });
    }
    whole_skeleton(text)
}

/// The skeletons of the characters of ASCII.
static ASCII: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..128u8)
        .map(|byte| whole_skeleton(char::from(byte).encode_utf8(&mut [0; 4])))
        .collect()
});

fn whole_skeleton(text: &str) -> String {
    let folded: String = text.chars().map(fold_typography).collect();
    unicode_security::confusable_detection::skeleton(&folded)
        .map(fold_typography)
        .collect()
}

fn fold_typography(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{02b9}'..='\u{02bd}'
        | '\u{02c8}'
        | '\u{02ca}'
        | '\u{02cb}'
        | '\u{00b4}'
        | '\u{ff07}'
        | '`'
        | '\u{055a}'
        | '\u{05f3}'
        | '\u{a78c}'
        | '\u{07f4}'
        | '\u{07f5}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{2036}' | '\u{ff02}' => '"',
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}'
        | '\u{2043}'
        | '\u{02d7}' => '-',
        _ if c.is_whitespace() && c != '\n' => ' ',
        _ => c,
    }
}

/// Whether a character shows nothing: zero-width, direction controls, tags,
/// variation selectors and their like.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// How two texts differ for a reader; the least visible way that explains
/// the whole difference.
#[must_use]
pub fn differs(a: &str, b: &str) -> Difference {
    if a == b {
        return Difference::Same;
    }
    let seen = |text: &str| {
        text.chars()
            .filter(|c| !is_invisible(*c))
            .collect::<String>()
    };
    let (visible_a, visible_b) = (seen(a), seen(b));
    if visible_a == visible_b {
        return Difference::Invisible;
    }
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if spaced(&visible_a) == spaced(&visible_b)
        || visible_a.chars().all(char::is_whitespace) && visible_b.chars().all(char::is_whitespace)
    {
        return Difference::WhiteSpace;
    }
    let (skeleton_a, skeleton_b) = (skeleton(&visible_a), skeleton(&visible_b));
    if skeleton_a == skeleton_b {
        return Difference::LookAlike;
    }
    if spaced(&skeleton_a) == spaced(&skeleton_b) {
        return Difference::WhiteSpace;
    }
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (mut words_a, mut words_b) = (words(&skeleton_a), words(&skeleton_b));
    if words_a == words_b {
        return Difference::Punctuation;
    }
    // One mark more or less inside of what is the same: `1,000`.
    let joined = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let spaces = |text: &str| text.chars().filter(|c| c.is_whitespace()).count();
    if joined(&skeleton_a) == joined(&skeleton_b)
        && spaces(&skeleton_a) == spaces(&skeleton_b)
        && !words_a.is_empty()
    {
        return Difference::Punctuation;
    }
    // Some capitals look like other small letters, so the texts themselves
    // are asked as well.
    if skeleton_a.to_lowercase() == skeleton_b.to_lowercase()
        || visible_a.to_lowercase() == visible_b.to_lowercase()
    {
        return Difference::Case;
    }
    words_a.sort();
    words_b.sort();
    if words_a == words_b && words_a.len() > 1 {
        return Difference::Order;
    }
    if last_digits(&visible_a, &visible_b) {
        return Difference::Digits;
    }
    if written(&visible_a, &visible_b) {
        return Difference::Written;
    }
    Difference::Meaning
}

/// Whether two texts are the same but for how it is written.
fn written(a: &str, b: &str) -> bool {
    /// A form, and the marks of which one is in either text where it matters.
    type Form = (&'static [char], fn(&str) -> String);
    const FORMS: &[Form] = &[
        (&['%', '+'], unescaped_url),
        (&['&'], unescaped_entities),
        (&['\\'], unescaped_backslashes),
        (&['=', '-', '_'], one_alphabet),
        (&['\'', '\u{2019}', '.', '&'], whole_words),
        (&[':', '+', ';', '/', '.'], full_address),
        (&['0', '1'], numbered),
    ];
    FORMS.iter().any(|(marks, form)| {
        if !a.contains(*marks) && !b.contains(*marks) {
            return false;
        }
        let (a, b) = (form(a), form(b));
        a == b && a.chars().any(char::is_alphanumeric)
    }) || spelled(a, b)
}

fn hex_byte(text: &str) -> Option<u8> {
    u8::from_str_radix(text.get(..2)?, 16).ok()
}

/// `%27` and `+` as what they stand for.
#[must_use]
pub fn unescaped_url(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match (c, hex_byte(rest)) {
            ('%', Some(byte)) => {
                out.push(byte);
                rest = rest.get(2..).unwrap_or_default();
            }
            ('+', _) => out.push(b' '),
            _ => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A text in which what follows a mark is replaced by the character that
/// `known` says it stands for, with the rest.
fn unescaped(text: &str, mark: char, known: impl Fn(&str) -> Option<(char, &str)>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        out.push_str(before);
        let (c, after) = known(after).unwrap_or((mark, after));
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `&#39;`, `&#x27;` and the entities that are used most.
#[must_use]
pub fn unescaped_entities(text: &str) -> String {
    unescaped(text, '&', |after| {
        let (name, after) = after.split_once(';')?;
        let c = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" | "rsquo" | "lsquo" => '\'',
            "nbsp" => ' ',
            "ndash" | "mdash" | "hyphen" => '-',
            "hellip" => '\u{2026}',
            _ => {
                let digits = name.strip_prefix('#')?;
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                fold_typography(char::from_u32(code)?)
            }
        };
        Some((c, after))
    })
}

/// `\u0027`, `\x27`, `\/` as what they stand for.
#[must_use]
pub fn unescaped_backslashes(text: &str) -> String {
    unescaped(text, '\\', |after| {
        let coded = |len: usize| {
            let end = len.checked_add(1)?;
            let c = char::from_u32(u32::from_str_radix(after.get(1..end)?, 16).ok()?)?;
            Some((c, after.get(end..)?))
        };
        match after.chars().next()? {
            'u' => coded(4),
            'x' => coded(2),
            c => {
                let stands_for = if c == 'n' { '\n' } else { c };
                Some((stands_for, after.get(c.len_utf8()..)?))
            }
        }
    })
}

/// Base64 in the one alphabet and without what fills it up.
fn one_alphabet(text: &str) -> String {
    text.trim_end_matches('=')
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            _ => c,
        })
        .collect()
}

/// Abbreviated words in full.
fn whole_words(text: &str) -> String {
    WORDS
        .iter()
        .fold(skeleton(text).to_lowercase(), |text, (short, long)| {
            text.replace(short, long)
        })
}

/// Abbreviations and what they stand for, as skeletons.
static WORDS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let plain = |text: &str| skeleton(text).to_lowercase();
    [
        ("can't", "cannot"),
        ("can not", "cannot"),
        ("won't", "will not"),
        ("shan't", "shall not"),
        ("n't", " not"),
        ("'re", " are"),
        ("'ll", " will"),
        ("'ve", " have"),
        ("'m ", " am "),
        ("let's", "let us"),
        ("it's", "it is"),
        ("that's", "that is"),
        ("there's", "there is"),
        ("here's", "here is"),
        ("what's", "what is"),
        ("e.g.", "for example"),
        ("i.e.", "that is"),
        ("etc.", "and so on"),
        (" & ", " and "),
    ]
    .iter()
    .map(|(short, long)| (plain(short), plain(long)))
    .collect()
});

/// Addresses and times without what they have by default.
fn full_address(text: &str) -> String {
    let mut out = text.to_owned();
    for (long, short) in [
        (":443", ""),
        (":80/", "/"),
        ("+00:00", "Z"),
        (".000Z", "Z"),
        (";q=1.0", ""),
        (";q=1", ""),
        ("; charset=utf-8", ""),
        (";charset=utf-8", ""),
        ("W/\"", "\""),
    ] {
        out = out.replace(long, short);
    }
    out.trim_end_matches(['.', '/']).to_owned()
}

/// Yes and no as numbers.
fn numbered(text: &str) -> String {
    text.split_inclusive(|c: char| !c.is_alphanumeric())
        .map(|part| {
            let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
            let rest = part.get(word.len()..).unwrap_or_default();
            let number = match word.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => "1",
                "false" | "no" | "off" => "0",
                _ => word,
            };
            format!("{number}{rest}")
        })
        .collect()
}

/// Whether two texts are the same but for words in two spellings.
fn spelled(a: &str, b: &str) -> bool {
    fn words(text: &str) -> Vec<&str> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect()
    }
    let (words_a, words_b) = (words(a), words(b));
    if words_a.len() != words_b.len() || words_a.len() < 3 {
        return false;
    }
    let mut pairs = words_a.iter().zip(&words_b).filter(|(x, y)| x != y);
    let letters = |word: &str| word.len() >= 4 && word.bytes().all(|c| c.is_ascii_lowercase());
    pairs.all(|(one, other)| letters(one) && letters(other) && is_variant(one, other))
}

/// Whether two words are the same in the spellings of two countries.
fn is_variant(one: &str, other: &str) -> bool {
    let plain = |word: &str| -> String {
        let mut out = word.to_owned();
        for (from, to) in [
            ("our", "or"),
            ("ise", "ize"),
            ("isation", "ization"),
            ("yse", "yze"),
            ("ogue", "og"),
            ("ence", "ense"),
            ("ll", "l"),
            ("tre", "ter"),
            ("grey", "gray"),
            ("mme", "m"),
            ("ae", "e"),
            ("judgement", "judgment"),
            ("cheque", "check"),
        ] {
            out = out.replace(from, to);
        }
        out
    };
    plain(one) == plain(other)
}

/// Whether two texts of one length are the same but for a digit where a long
/// number or an id ends or has digits to spare.
fn last_digits(a: &str, b: &str) -> bool {
    if let (Ok(x), Ok(y)) = (a.parse::<f64>(), b.parse::<f64>()) {
        let whole = x.fract() == 0.0 && y.fract() == 0.0;
        let share = if whole { 1000.0 } else { 200.0 };
        if (x - y).abs() <= x.abs().max(y.abs()) / share {
            return true;
        }
    }
    if last_part(a, b) {
        return true;
    }
    if a.len() != b.len() || !a.is_ascii() || !b.is_ascii() {
        return false;
    }
    let differing: Vec<usize> = a
        .bytes()
        .zip(b.bytes())
        .enumerate()
        .filter(|(_, (x, y))| x != y)
        .map(|(at, _)| at)
        .collect();
    let [at] = differing.as_slice() else {
        return false;
    };
    let digit = |text: &str| {
        text.as_bytes()
            .get(*at)
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    if !digit(a) || !digit(b) {
        return false;
    }
    // How much one is liked better than another (RFC 9110, 12.4.2).
    let weight = a.get(..*at).is_some_and(|before| {
        let fraction = before.rsplit("q=0.").next().unwrap_or(before);
        fraction.len() < before.len() && fraction.bytes().all(|b| b.is_ascii_digit())
    });
    if weight {
        return true;
    }
    // The place is not among the digits that say how much it is.
    let number = |c: u8| c.is_ascii_hexdigit() || matches!(c, b'.' | b'-' | b'_');
    let digits = a.bytes().filter(u8::is_ascii_digit).count();
    if *at >= 3 && digits >= 2 && a.bytes().all(number) {
        return true;
    }
    // A long number, or an id, somewhere in the text.
    let run = |belongs: fn(&u8) -> bool| {
        let (before, after) = a.as_bytes().split_at_checked(*at).unwrap_or_default();
        let before = before.iter().rev().take_while(|c| belongs(c)).count();
        let after = after.iter().take_while(|c| belongs(c)).count();
        (before, before.saturating_add(after))
    };
    let (before, len) = run(u8::is_ascii_digit);
    let (_, id) = run(u8::is_ascii_hexdigit);
    // Letters and digits by turns are an id.
    let token: Vec<u8> = {
        let (head, tail) = a.as_bytes().split_at_checked(*at).unwrap_or_default();
        let of = |c: &&u8| c.is_ascii_alphanumeric();
        let mut front: Vec<u8> = head.iter().rev().take_while(of).copied().collect();
        front.reverse();
        front.extend(tail.iter().take_while(of));
        front
    };
    let turns = token
        .iter()
        .zip(token.iter().skip(1))
        .filter(|(x, y)| x.is_ascii_digit() != y.is_ascii_digit())
        .count();
    before >= 3 && len >= 4 || id >= 8 && digits >= 4 || token.len() >= 6 && turns >= 3
}

/// Whether two texts are the same but for the last part of a version of three
/// parts or more.
fn last_part(a: &str, b: &str) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let split = |text: &str| -> Option<(usize, String, String)> {
        let (before, rest) = text.split_at_checked(common)?;
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let start = before.bytes().rev().take_while(u8::is_ascii_digit).count();
        let head = before.get(..before.len().checked_sub(start)?)?;
        let dots = head
            .bytes()
            .rev()
            .take_while(|c| c.is_ascii_digit() || *c == b'.')
            .filter(|c| *c == b'.')
            .count();
        let end = digits(rest);
        let number = format!("{}{}", before.get(head.len()..)?, rest.get(..end)?);
        (head.ends_with('.') && !number.is_empty()).then(|| {
            let after = rest.get(end..).unwrap_or_default();
            (dots, number, after.to_owned())
        })
    };
    match (split(a), split(b)) {
        (Some((dots, _, after)), Some((_, _, other))) => {
            dots >= 2 && after == other && !after.starts_with('.')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Difference) {
        assert_eq!(differs(a, b), expected, "{a:?} {b:?}");
        assert_eq!(differs(b, a), expected, "{b:?} {a:?}");
    }

    #[test]
    fn differences() {
        check("a", "a", Difference::Same);
        check("'", "\u{2019}", Difference::LookAlike);
        check("\u{2bc}", "\u{2b9}", Difference::LookAlike);
        check("-", "\u{2013}", Difference::LookAlike);
        check("scope", "\u{455}cope", Difference::LookAlike);
        check("", "\u{200b}", Difference::Invisible);
        check("a b", "a\u{a0}b", Difference::WhiteSpace);
        check("end", "end ", Difference::WhiteSpace);
        check(" ", "  ", Difference::WhiteSpace);
        check("a\u{fe0f}", "a", Difference::Invisible);
        check("2026-01-02", "2026/01/02", Difference::Punctuation);
        check("-", "/", Difference::Punctuation);
        check("ab", "AB", Difference::Case);
        check("X-Client-Id", "x-client-id", Difference::Case);
        check("read, write", "write, read", Difference::Order);
        check("yes", "no", Difference::Meaning);
        check("on", "off", Difference::Meaning);
        check("4096", "4097", Difference::Digits);
        check("1.4.0", "1.4.1", Difference::Digits);
        check("30000", "60000", Difference::Meaning);
        check("0.7", "0.7000001", Difference::Digits);
        check("1000", "999", Difference::Digits);
        check("1.0", "1", Difference::Digits);
        check("tool/1.2.30 (x)", "tool/1.2.31 (x)", Difference::Digits);
        check("127.0.0.1", "127.0.0.1.5", Difference::Meaning);
        check(
            "up to 1,000 words",
            "up to 1000 words",
            Difference::Punctuation,
        );
        check("0.7", "0.8", Difference::Meaning);
        check("3", "5", Difference::Meaning);
        check("v1", "v2", Difference::Meaning);
        check("tool-3.5-small", "tool-3.8-small", Difference::Meaning);
        check("tool/3.14.2070", "tool/3.14.2071", Difference::Digits);
        check("id 4f8e77a1c0", "id 4f8e77a1c7", Difference::Digits);
        check(
            "port 3000 is open",
            "port 8000 is open",
            Difference::Meaning,
        );
        check("", "x", Difference::Meaning);
        check("it%27s", "it's", Difference::Written);
        check("a+b c", "a%20b c", Difference::Written);
        check("don't stop", "do not stop", Difference::Written);
        check("the colour of it", "the color of it", Difference::Written);
        check("it&#39;s so", "it's so", Difference::Written);
        check("YWIxYw==", "YWIxYw", Difference::Punctuation);
        check("speak English now", "speak French now", Difference::Meaning);
        check(
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05+00:00",
            Difference::Written,
        );
    }
}
