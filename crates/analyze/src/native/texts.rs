//! Texts of an executable, each cut where the program cuts it.

use std::borrow::Cow;
use std::ops::Range;

use super::refs::Reference;

/// The shortest run of printable characters that is looked at.
const SHORTEST_RUN: usize = 4;
/// The shortest text that references cut out of a run.
const SHORTEST: usize = 2;
/// The shortest text of two-byte characters, in characters.
const SHORTEST_WIDE: usize = 5;

/// A text, and how sure its borders are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    /// Its place in the file.
    pub(super) start: usize,
    /// How many bytes of the file one ASCII character takes.
    pub(super) scale: usize,
    /// Whether both ends are where the program has them.
    pub(super) exact: bool,
}

/// Tells the texts of a range of the file. `references` are those into it,
/// by place.
pub(super) fn each<'a>(
    bytes: &'a [u8],
    range: &Range<usize>,
    references: &[Reference],
    tell: &mut dyn FnMut(&Text<'a>),
) {
    let borders = borders(references);
    let mut next = 0;
    runs(bytes, range, |run| {
        while borders.get(next).is_some_and(|border| *border <= run.start) {
            next = next.saturating_add(1);
        }
        let mut cuts = vec![run.start];
        let mut inner = next;
        while let Some(border) = borders.get(inner).filter(|border| **border < run.end) {
            cuts.push(*border);
            inner = inner.saturating_add(1);
        }
        cuts.push(run.end);
        let ends = |at: usize| bytes.get(at).is_none_or(|b| *b == 0);
        let begins = run.start.checked_sub(1).is_none_or(ends)
            || borders
                .get(next.saturating_sub(1))
                .is_some_and(|border| *border == run.start);
        for pair in cuts.windows(2) {
            let [from, to] = *pair else { continue };
            let exact = (from > run.start || begins) && (to < run.end || ends(to));
            piece(bytes, from, to, exact, tell);
        }
    });
    // Where a table says more than the borders give, which other references
    // into its middle may have cut.
    let mut last = (u32::MAX, 0);
    for reference in references.iter().filter(|reference| reference.len > 0) {
        let this = (reference.target, reference.len);
        let (from, len) = (reference.target as usize, reference.len as usize);
        let to = from.saturating_add(len);
        let first = borders.partition_point(|border| *border <= from);
        let cut = borders.get(first).is_some_and(|border| *border < to);
        if cut && this != last && from >= range.start && to <= range.end {
            piece(bytes, from, to, true, tell);
        }
        last = this;
    }
    wide(bytes, range, tell);
}

/// Where texts begin and end, by place.
fn borders(references: &[Reference]) -> Vec<usize> {
    let mut borders: Vec<usize> = Vec::with_capacity(references.len());
    for reference in references {
        let target = reference.target as usize;
        borders.push(target);
        if reference.len > 0 {
            borders.push(target.saturating_add(reference.len as usize));
        }
    }
    borders.sort_unstable();
    borders.dedup();
    borders
}

fn piece<'a>(
    bytes: &'a [u8],
    from: usize,
    to: usize,
    exact: bool,
    tell: &mut dyn FnMut(&Text<'a>),
) {
    if to.saturating_sub(from) < SHORTEST {
        return;
    }
    // A border inside of a character is none of a text.
    let Some(text) = bytes
        .get(from..to)
        .and_then(|b| std::str::from_utf8(b).ok())
    else {
        return;
    };
    tell(&Text {
        text: Cow::Borrowed(text),
        start: from,
        scale: 1,
        exact,
    });
}

/// Tells runs of printable UTF-8.
pub(super) fn runs(bytes: &[u8], range: &Range<usize>, mut tell: impl FnMut(Range<usize>)) {
    let end = range.end.min(bytes.len());
    let mut start = range.start;
    let mut at = range.start;
    loop {
        let len = match bytes.get(at).filter(|_| at < end) {
            Some(b'\t' | b'\n' | b'\r' | 0x20..=0x7e) => 1,
            Some(first @ 0xc2..=0xf4) => {
                let len = match first {
                    0xc2..=0xdf => 2,
                    0xe0..=0xef => 3,
                    _ => 4,
                };
                let character = bytes.get(at..end.min(at.saturating_add(len)));
                match character.map(std::str::from_utf8) {
                    Some(Ok(text)) if text.chars().all(|c| !c.is_control()) => len,
                    _ => 0,
                }
            }
            _ => 0,
        };
        if len > 0 {
            at = at.saturating_add(len);
            continue;
        }
        if at.saturating_sub(start) >= SHORTEST_RUN {
            tell(start..at);
        }
        if at >= end {
            return;
        }
        at = at.saturating_add(1);
        start = at;
    }
}

/// Texts of two-byte characters, in either order of bytes.
fn wide<'a>(bytes: &'a [u8], range: &Range<usize>, tell: &mut dyn FnMut(&Text<'a>)) {
    let end = range.end.min(bytes.len());
    let printable = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    let at = |index: usize| bytes.get(index).copied().filter(|_| index < end);
    let mut here = range.start;
    while here.saturating_add(1) < end {
        // Two characters before anything is counted: zeros are everywhere.
        let begins = at(here).is_some_and(printable)
            && at(here.saturating_add(1)) == Some(0)
            && at(here.saturating_add(2)).is_some_and(printable);
        if !begins {
            here = here.saturating_add(1);
            continue;
        }
        let start = here;
        while at(here).is_some_and(printable) && at(here.saturating_add(1)) == Some(0) {
            here = here.saturating_add(2);
        }
        // With the high byte first, the zero stands before each character.
        // What follows the last one may be the first zero of an end.
        let zero_before = start > range.start && at(start.saturating_sub(1)) == Some(0);
        let cut = at(here).is_some_and(printable);
        let alone = at(start.saturating_sub(2)).is_some_and(|b| b != 0);
        let high_first = zero_before && (cut || alone);
        let (start, stop) = match (high_first, cut) {
            (true, true) => (start.saturating_sub(1), here.saturating_add(1)),
            (true, false) => (start.saturating_sub(1), here.saturating_sub(1)),
            (false, _) => (start, here),
        };
        let characters = stop.saturating_sub(start) / 2;
        if characters >= SHORTEST_WIDE {
            let text: String = bytes
                .get(start..stop)
                .unwrap_or_default()
                .iter()
                .skip(usize::from(high_first))
                .step_by(2)
                .map(|b| char::from(*b))
                .collect();
            let ended = at(stop).is_none_or(|b| b == 0);
            tell(&Text {
                text: Cow::Owned(text),
                start,
                scale: 2,
                exact: ended,
            });
        }
        here = here.max(stop);
    }
}
