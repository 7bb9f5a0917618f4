//! Where each part of a file comes from, by its source map (ECMA-426).

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The largest map that is read, in bytes.
pub(crate) const LARGEST: u64 = 128 << 20;
/// How many ranges of one map are kept.
const RANGES: usize = 4_000_000;

/// Ranges of a file, in order, each with the number of its source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mapped {
    pub(crate) sources: Vec<String>,
    pub(crate) ranges: Vec<(u32, u32, u32)>,
}

#[derive(Deserialize)]
struct Map<'m> {
    #[serde(default)]
    sources: Vec<Option<String>>,
    #[serde(borrow, default)]
    mappings: std::borrow::Cow<'m, str>,
    #[serde(default, rename = "sourcesContent")]
    _contents: IgnoredAny,
}

/// What a source map says of a text. `None` when it is none that this reader
/// takes: maps in sections are not.
pub(crate) fn mapped(map: &[u8], text: &str) -> Option<Mapped> {
    let map = std::str::from_utf8(map).ok()?;
    let map = map
        .trim_start_matches('\u{feff}')
        .trim_start_matches(")]}'");
    let map: Map<'_> = serde_json::from_str(map).ok()?;
    let sources: Vec<String> = map
        .sources
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect();
    let mut ranges: Vec<(u32, u32, u32)> = Vec::new();
    let mut source = 0i64;
    let mut open: Option<(u32, u32)> = None;
    let mut start = 0usize;
    let mut lines = text.split_inclusive('\n');
    for groups in map.mappings.split(';') {
        let line = lines.next().unwrap_or_default();
        let mut place = Columns::new(line);
        let mut column = 0i64;
        for segment in groups.split(',').filter(|segment| !segment.is_empty()) {
            let mut digits = segment.bytes();
            let (Some(step), next) = (number(&mut digits), number(&mut digits)) else {
                return None;
            };
            column = column.checked_add(step)?;
            let at = start.checked_add(place.byte(usize::try_from(column).ok()?))?;
            let at = u32::try_from(at).ok()?;
            let now = match next {
                Some(step) => {
                    source = source.checked_add(step)?;
                    Some(u32::try_from(source).ok()?)
                }
                None => None,
            };
            if let Some((from, known)) = open
                && now != Some(known)
            {
                if at > from {
                    ranges.push((from, at, known));
                }
                open = None;
            }
            if let Some(now) = now {
                open.get_or_insert((at, now));
            }
            if ranges.len() > RANGES {
                return None;
            }
        }
        start = start.saturating_add(line.len());
    }
    if let Some((from, known)) = open {
        ranges.push((from, u32::try_from(text.len()).ok()?, known));
    }
    Some(Mapped { sources, ranges })
}

/// Columns in UTF-16 units to bytes, forwards.
struct Columns<'t> {
    rest: std::str::Chars<'t>,
    ascii: bool,
    length: usize,
    column: usize,
    byte: usize,
}

impl<'t> Columns<'t> {
    fn new(line: &'t str) -> Self {
        Self {
            rest: line.chars(),
            ascii: line.is_ascii(),
            length: line.len(),
            column: 0,
            byte: 0,
        }
    }

    fn byte(&mut self, column: usize) -> usize {
        if self.ascii {
            return column.min(self.length);
        }
        while self.column < column {
            let Some(c) = self.rest.next() else {
                break;
            };
            self.column = self.column.saturating_add(c.len_utf16());
            self.byte = self.byte.saturating_add(c.len_utf8());
        }
        self.byte
    }
}

/// A number in base 64 with variable length.
fn number(digits: &mut impl Iterator<Item = u8>) -> Option<i64> {
    let (mut value, mut shift) = (0i64, 0u32);
    loop {
        let digit = match digits.next()? {
            c @ b'A'..=b'Z' => c - b'A',
            c @ b'a'..=b'z' => c - b'a' + 26,
            c @ b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        if shift > 50 {
            return None;
        }
        value |= i64::from(digit & 31) << shift;
        if digit & 32 == 0 {
            let negative = value & 1 == 1;
            let value = value >> 1;
            return Some(if negative { -value } else { value });
        }
        shift = shift.saturating_add(5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_by_source() {
        // Column 0 from the first source, 4 from the second; the next line
        // from the first again.
        let map = br#"{"version":3,"sources":["a.js","b.js"],"names":[],"sourcesContent":["x"],
            "mappings":"AAAA,ICAA;ADAA"}"#;
        let mapped = mapped(map, "abcdefgh\nij\n").unwrap();
        assert_eq!(mapped.sources, ["a.js", "b.js"]);
        assert_eq!(mapped.ranges, [(0, 4, 0), (4, 9, 1), (9, 12, 0)]);
    }

    #[test]
    fn columns_count_as_javascript_does() {
        let mut columns = Columns::new("a😀éb");
        assert_eq!([0, 1, 3, 4, 5].map(|c| columns.byte(c)), [0, 1, 5, 7, 8]);
    }

    #[test]
    fn nonsense_is_none() {
        for map in [
            &b"{"[..],
            b"{\"mappings\":\"!\"}",
            b"{\"mappings\":\"zzzzzzzzzzzzzzz\"}",
        ] {
            assert_eq!(mapped(map, "text"), None);
        }
    }
}
