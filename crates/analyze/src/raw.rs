//! What a pass notes about one node, before nodes are joined to findings.

use assay_model::{Confidence, Gate, Party, Severity, Span, Step};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::party::Parties;

/// How many places of one thing in one node are kept.
const PLACES: usize = 3;
/// How a note says that its place is that of the decoding.
const DECODED: &str = "in a text that is decoded here";
/// The longest excerpt, in characters.
const EXCERPT: usize = 160;

/// One thing found in one node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Raw {
    pub(crate) behaviour: String,
    /// What it is about; joins places and nodes, and makes the id.
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) count: u64,
    pub(crate) places: Vec<Place>,
    /// Whose all of its places are, also those that are not kept.
    #[serde(default)]
    pub(crate) whose: Whose,
}

/// Whose the places of one thing are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Whose {
    pub(crate) first: u64,
    pub(crate) third: u64,
    /// Those in packages to which nothing outside of themselves refers.
    pub(crate) uncalled: u64,
    pub(crate) packages: Vec<String>,
}

/// How many packages of one thing are named.
const PACKAGES: usize = 16;

impl Whose {
    fn add(&mut self, parties: &Parties, place: &mut Place) {
        let Some(part) = parties.at(place.start) else {
            return;
        };
        place.party = part.party;
        place.package = parties.package(part).unwrap_or_default();
        match part.party {
            Party::First => self.first = self.first.saturating_add(1),
            Party::Third => self.third = self.third.saturating_add(1),
            Party::Unknown => {}
        }
        if part.uncalled {
            self.uncalled = self.uncalled.saturating_add(1);
        }
        if !place.package.is_empty()
            && self.packages.len() < PACKAGES
            && !self.packages.contains(&place.package)
        {
            self.packages.push(place.package.clone());
        }
    }
}

/// One place of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) start: u64,
    pub(crate) len: u64,
    /// From 1; 0 where lines mean nothing.
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) excerpt: String,
    pub(crate) note: String,
    pub(crate) decoded: Vec<String>,
    pub(crate) decoding: Vec<String>,
    #[serde(default)]
    pub(crate) compared: Vec<String>,
    pub(crate) path: Vec<Step>,
    #[serde(default)]
    pub(crate) party: Party,
    #[serde(default)]
    pub(crate) package: String,
    #[serde(default)]
    pub(crate) gate: Option<Gate>,
    /// The node where it lies, where several were read as one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) node: Option<usize>,
}

impl Place {
    pub(crate) fn span(&self) -> Span {
        Span::new(self.start, self.len)
    }
}

/// How many things of one behaviour one node may note.
const EACH: usize = 10_000;

/// Collects what the passes note, joined by behaviour and key.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    by_key: FxHashMap<(String, String), Raw>,
    order: Vec<(String, String)>,
    /// How many there are of each behaviour.
    counts: FxHashMap<String, usize>,
    more: bool,
    parties: Parties,
}

impl Notes {
    /// From here on it is told of each place whose it is.
    pub(crate) fn attribute(&mut self, parties: Parties) {
        self.parties = parties;
    }

    /// Whose the parts of the node are.
    pub(crate) fn parties(&self) -> &Parties {
        &self.parties
    }

    /// What is noted so far.
    pub(crate) fn raws(&self) -> impl Iterator<Item = &Raw> {
        self.order.iter().filter_map(|id| self.by_key.get(id))
    }
    /// Notes one place.
    pub(crate) fn add(
        &mut self,
        behaviour: &str,
        key: &str,
        title: &str,
        (severity, confidence): (Severity, Confidence),
        place: impl FnOnce() -> Place,
    ) {
        let id = (behaviour.to_owned(), key.to_owned());
        if let Some(known) = self.by_key.get_mut(&id) {
            let place = place();
            // Two patterns may see one place, a part of it and the whole.
            let ends = |p: &Place| p.start.saturating_add(p.len);
            let same = |other: &Place| {
                other.path == place.path
                    && other.start <= ends(&place)
                    && place.start <= ends(other)
            };
            if known.places.iter().any(same) {
                return;
            }
            let mut place = place;
            known.whose.add(&self.parties, &mut place);
            known.count = known.count.saturating_add(1);
            let behind = |other: &Place| other.party.rank() > place.party.rank();
            if confidence > known.confidence {
                known.confidence = confidence;
                title.clone_into(&mut known.title);
                // The surest place is shown first.
                known.places.insert(0, place);
                known.places.truncate(PLACES);
            } else if known.places.len() < PLACES {
                known.places.push(place);
            } else if confidence == known.confidence
                && place.party == Party::First
                && let Some(last) = known.places.iter_mut().rev().find(|other| behind(other))
            {
                // The vendor's own places tell more than those of libraries.
                *last = place;
            }
            known.severity = known.severity.max(severity);
            return;
        }
        let count = self.counts.entry(id.0.clone()).or_default();
        *count = count.saturating_add(1);
        if *count > EACH {
            self.more = true;
            return;
        }
        self.order.push(id.clone());
        let mut place = place();
        let mut whose = Whose::default();
        whose.add(&self.parties, &mut place);
        self.by_key.insert(
            id,
            Raw {
                whose,
                behaviour: behaviour.to_owned(),
                key: key.to_owned(),
                title: title.to_owned(),
                severity,
                confidence,
                count: 1,
                places: vec![place],
            },
        );
    }

    /// Notes a thing with its first place, that was found so many times.
    #[cfg(feature = "yara")]
    pub(crate) fn add_counted(
        &mut self,
        behaviour: &str,
        key: &str,
        title: &str,
        sure: (Severity, Confidence),
        count: u64,
        place: Place,
    ) {
        self.add(behaviour, key, title, sure, || place);
        if let Some(known) = self.by_key.get_mut(&(behaviour.to_owned(), key.to_owned())) {
            known.count = known.count.saturating_add(count).saturating_sub(1);
        }
    }

    /// Adds a place to what is noted already, beyond the usual number.
    pub(crate) fn evidence(&mut self, behaviour: &str, key: &str, mut place: Place) {
        if let Some(known) = self.by_key.get_mut(&(behaviour.to_owned(), key.to_owned())) {
            known.whose.add(&self.parties, &mut place);
            known.places.push(place);
        }
    }

    /// Adds a place to the thing of a behaviour and a key, or the first of the
    /// behaviour, if there is one and it has not many already.
    pub(crate) fn shows(&mut self, behaviour: &str, key: Option<&str>, mut place: Place) {
        let mut all = self.order.iter();
        let is_it = |id: &&(String, String)| id.0 == behaviour && key.is_none_or(|key| id.1 == key);
        let Some(id) = all.find(is_it) else {
            return;
        };
        if let Some(known) = self.by_key.get_mut(id)
            && known.places.len() < PLACES.saturating_mul(2)
            && !known.places.iter().any(|other| other.note == place.note)
        {
            known.whose.add(&self.parties, &mut place);
            known.places.push(place);
        }
    }

    /// Whether a behaviour is noted whose key names all of these.
    pub(crate) fn has(&self, behaviour: &str, names: &[&str]) -> bool {
        self.by_key
            .keys()
            .any(|(known, key)| known == behaviour && names.iter().all(|name| key.contains(name)))
    }

    /// Tells that there was more than is noted.
    pub(crate) fn cut(&mut self) {
        self.more = true;
    }

    /// Whether there was more than is noted.
    pub(crate) fn is_cut(&self) -> bool {
        self.more
    }

    /// Adds what was noted of a text that was decoded at `site`: the places
    /// are there, the words are those of the decoded text.
    pub(crate) fn absorb(&mut self, raws: Vec<Raw>, site: &Place) {
        for raw in raws {
            for inner in raw.places {
                let note = if inner.note.is_empty() || inner.note.starts_with(DECODED) {
                    DECODED.to_owned()
                } else {
                    format!("{DECODED}: {}", inner.note)
                };
                let path = inner
                    .path
                    .into_iter()
                    .map(|step| Step {
                        span: site.span(),
                        ..step
                    })
                    .collect();
                let place = Place {
                    start: site.start,
                    len: site.len,
                    line: 0,
                    column: 0,
                    note,
                    path,
                    ..inner
                };
                self.add(
                    &raw.behaviour,
                    &raw.key,
                    &raw.title,
                    (raw.severity, raw.confidence),
                    || place,
                );
            }
        }
    }

    /// All that was noted, in the order in which it was first seen.
    pub(crate) fn into_raws(mut self) -> Vec<Raw> {
        self.order
            .iter()
            .filter_map(|id| self.by_key.remove(id))
            .collect()
    }
}

/// Fills in lines and columns, in one pass over the text.
pub(crate) fn number_lines(raws: &mut [Raw], bytes: &[u8]) {
    let mut spots = Vec::new();
    for place in raws.iter_mut().flat_map(|raw| &mut raw.places) {
        for step in &mut place.path {
            spots.push((step.span.start, &mut step.line, &mut step.column));
        }
        spots.push((place.start, &mut place.line, &mut place.column));
    }
    number_spots(spots, bytes);
}

/// Where something starts in a text, and where its line and column go.
pub(crate) type Spot<'s> = (u64, &'s mut u64, &'s mut u64);

/// Fills in lines and columns of one text.
pub(crate) fn number_spots(mut spots: Vec<Spot<'_>>, bytes: &[u8]) {
    spots.sort_by_key(|spot| spot.0);
    let (mut at, mut line, mut column) = (0usize, 1u64, 1u64);
    for (start, line_of, column_of) in spots {
        let start = usize::try_from(start)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let between = bytes.get(at..start).unwrap_or_default();
        let newlines = memchr::memchr_iter(b'\n', between).count() as u64;
        let rest = match memchr::memrchr(b'\n', between) {
            Some(last) => {
                column = 1;
                between.get(last.saturating_add(1)..).unwrap_or_default()
            }
            None => between,
        };
        line = line.saturating_add(newlines);
        // In characters, as editors count.
        let characters = rest.iter().filter(|b| (**b & 0xc0) != 0x80).count();
        column = column.saturating_add(characters as u64);
        at = start;
        *line_of = line;
        *column_of = column;
    }
}

/// The text of a range with a little around it, on one line.
pub(crate) fn excerpt(text: &str, start: usize, end: usize) -> String {
    let around = 40;
    let mut from = start.saturating_sub(around).min(text.len());
    while !text.is_char_boundary(from) {
        from = from.saturating_sub(1);
    }
    let wanted = if end.saturating_sub(start) > EXCERPT {
        start.saturating_add(EXCERPT)
    } else {
        end.saturating_add(around)
    };
    let mut to = wanted.min(text.len());
    while !text.is_char_boundary(to) {
        to = to.saturating_add(1);
    }
    one_line(text.get(from..to).unwrap_or_default())
}

/// A text on one line, at most as long as an excerpt.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::new();
    let mut space = false;
    let mut count = 0usize;
    for c in text.chars() {
        if c.is_whitespace() && c != '\u{a0}' {
            space = !out.is_empty();
            continue;
        }
        if space {
            out.push(' ');
            count = count.saturating_add(1);
            space = false;
        }
        out.push(c);
        count = count.saturating_add(1);
        if count >= EXCERPT {
            out.push('…');
            break;
        }
    }
    out
}
