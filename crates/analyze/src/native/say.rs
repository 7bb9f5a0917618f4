//! What one text of an executable shows.

use assay_model::{Confidence, Severity};

use super::texts::Text;
use crate::endpoints::{self, Context};
use crate::lexical;
use crate::patterns::patterns;
use crate::raw::{Notes, Place, excerpt};
use crate::{decode, facts};

/// The longest text that is tried against encodings as it stands.
const LONGEST_TRIED: usize = 1 << 16;

/// Where and by whom a text is used, in words; empty where nobody knows.
pub(super) type Used<'u> = &'u dyn Fn() -> String;

/// Notes what a text shows. `lengths` are those that the code has near to
/// the text, of which one may be its own.
pub(super) fn text(text: &Text<'_>, lengths: &[u32], used: Used<'_>, notes: &mut Notes) {
    let whole: &str = &text.text;
    let place = |from: usize, to: usize| Place {
        start: (text.start as u64).saturating_add((from as u64).saturating_mul(text.scale as u64)),
        len: (to.saturating_sub(from) as u64).saturating_mul(text.scale as u64),
        excerpt: excerpt(whole, from, to),
        note: used(),
        ..Place::default()
    };
    let known = lengths
        .iter()
        .filter_map(|len| whole.get(..usize::try_from(*len).ok()?))
        .filter(|part| part.len() < whole.len());
    if let Some(name) = std::iter::once(whole)
        .filter(|_| text.exact)
        .chain(known)
        .find(|name| is_variable(name))
    {
        lexical::note_variable(name, Confidence::Low, notes, || place(0, name.len()));
    }
    if whole.len() < 4 {
        return;
    }
    hosts(text, &place, notes);
    let mut seen = 0usize;
    patterns().search(whole.as_bytes(), |behaviour, core, from, to| {
        // A text that says the same again and again is a table.
        seen = seen.saturating_add(1);
        if seen > 1000 {
            return;
        }
        notes.add(
            behaviour.id,
            core,
            &format!("{}: {core}", behaviour.title),
            (behaviour.severity.min(Severity::Low), Confidence::Low),
            || place(from, to),
        );
    });
    if whole.len() >= 12 && whole.len() <= LONGEST_TRIED {
        // Sentences: tables of characters hold such ones as well.
        if text.exact && whole.matches(' ').count() >= 2 {
            facts::hidden_characters(whole, notes, || place(0, whole.len()));
        }
        if may_be_encoded(whole)
            && let Some(decoded) = decode::text(whole.trim_end_matches(['\n', '\r']))
            && decode::is_sure(decoded.meaning, &decoded.values)
        {
            facts::note_decoded(&decoded, Confidence::Low, notes, || place(0, whole.len()));
        }
    }
}

/// Hosts and addresses. Where the borders are known, a text may be one as a
/// whole.
fn hosts(text: &Text<'_>, place: &dyn Fn(usize, usize) -> Place, notes: &mut Notes) {
    let whole: &str = &text.text;
    let noted = |from: usize, to: usize, shown: &str| {
        let place = place(from, to);
        let note = if place.note.is_empty() {
            shown.to_owned()
        } else {
            format!("{shown}; {}", place.note)
        };
        Place { note, ..place }
    };
    let mut at = 0;
    let mut found = false;
    while let Some(colon) = whole.get(at..).and_then(|rest| rest.find("://")) {
        found = true;
        let colon = at.saturating_add(colon);
        let scheme = whole
            .get(..colon)
            .unwrap_or_default()
            .bytes()
            .rev()
            .take(6)
            .take_while(|b| b.is_ascii_lowercase() || *b == b'+')
            .count();
        let from = colon.saturating_sub(scheme);
        let rest = whole.get(colon..).unwrap_or_default();
        let len = rest
            .bytes()
            .take(300)
            .take_while(|b| {
                (0x21..0x7f).contains(b) && !matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>')
            })
            .count();
        let to = colon.saturating_add(len);
        at = to.max(colon.saturating_add(3));
        while !whole.is_char_boundary(at) {
            at = at.saturating_add(1);
        }
        let Some(url) = whole.get(from..to) else {
            continue;
        };
        let context = if text.exact && from == 0 && to == whole.len() {
            Context::Whole
        } else {
            Context::Mentioned
        };
        endpoints::note(url, context, notes, |shown| noted(from, to, shown));
    }
    // Names of files end like hosts as well.
    let telling = whole.matches('.').count() >= 2
        || [".com", ".org", ".net", ".io", ".ai", ".dev"]
            .iter()
            .any(|ending| whole.ends_with(ending));
    if !found && text.exact && telling && whole.len() <= 253 && !whole.contains('_') {
        endpoints::note(whole, Context::Whole, notes, |shown| {
            noted(0, whole.len(), shown)
        });
    }
}

/// Whether a text has the form of an environment variable, and an ending or
/// a name that only those have.
fn is_variable(name: &str) -> bool {
    has_form_of_variable(name)
        && name.len() >= 4
        && (lexical::has_ending_of_variable(name)
            || name.contains('_')
                && patterns()
                    .variable(name)
                    .iter()
                    .any(|behaviour| behaviour.id != "reach.environment"))
}

/// Whether a text is a name in capitals.
pub(super) fn has_form_of_variable(name: &str) -> bool {
    (2..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !name.ends_with('_')
        && !name.contains("__")
}

/// Whether a text can be the result of an alphabet for bytes, or of a change
/// of its letters: names and sentences, which are most texts, are not tried.
fn may_be_encoded(text: &str) -> bool {
    if text.len() < 16 {
        return false;
    }
    let (mut digits, mut letters, mut capitals, mut other) = (0usize, 0usize, 0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits = digits.saturating_add(1),
            b'a'..=b'z' => letters = letters.saturating_add(1),
            b'A'..=b'Z' => capitals = capitals.saturating_add(1),
            b'+' | b'/' | b'=' | b'-' | b'_' | b'\n' | b'\r' => {}
            _ => other = other.saturating_add(1),
        }
    }
    let mixed = letters > 0 && capitals > 0 && (digits > 0 || text.len() >= 24);
    let hex = capitals == 0 && other == 0 && digits.saturating_mul(4) > text.len();
    // A list of hosts whose letters were changed keeps no blank.
    let dense = text.len() >= 24 && !text.contains(' ') && text.len() <= 4096 && other > 0;
    other == 0 && (mixed || hex) || dense
}
