//! What flows from one file of a package to another.
//!
//! Files that import each other by relative paths are joined to one text,
//! their names made distinct and their imports replaced by what they import,
//! and that text goes the same way as a single file. Kept is what only the
//! joined text shows, with every place led back to its own file.

mod group;
mod join;
mod module;
mod python;
mod specifiers;
#[cfg(test)]
mod tests;

use assay_model::Step;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::evaluate::{Answer, Program};
use crate::js::Dialect;
use crate::node;
use crate::raw::{self, Place, Raw, excerpt, one_line};

pub(crate) use group::{Group, groups};
use join::{File, Joined, Kind};
pub(crate) use specifiers::{python_specifiers, specifiers};

/// A file that is to be joined with others, with its bytes.
#[derive(Debug)]
pub(crate) struct Part<'b> {
    /// The index of its node.
    pub(crate) index: usize,
    pub(crate) path: &'b str,
    pub(crate) kind: &'b str,
    pub(crate) bytes: &'b [u8],
    /// The nodes that it imports, by how it names them.
    pub(crate) imports: &'b [(String, usize)],
}

/// What joining files showed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Linked {
    /// What was found, each place with its node.
    pub(crate) raws: Vec<Raw>,
    /// Nodes that could not be joined.
    pub(crate) left_out: Vec<usize>,
    /// Whether values were not followed to their ends.
    pub(crate) cut: bool,
    /// Why nothing was followed.
    pub(crate) detail: String,
}

/// Joins files and follows what flows between them.
pub(crate) fn link(parts: &[Part<'_>], ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>) -> Linked {
    let mut linked = Linked::default();
    let mut numbers: FxHashMap<usize, usize> = FxHashMap::default();
    let mut texts: Vec<Text<'_>> = Vec::new();
    for part in parts {
        let Ok(text) = std::str::from_utf8(part.bytes) else {
            linked.left_out.push(part.index);
            continue;
        };
        let text_start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        numbers.insert(part.index, texts.len());
        texts.push(Text {
            part,
            text: text.get(text_start..).unwrap_or_default(),
            offset: text_start,
        });
    }
    let files: Vec<File<'_>> = texts
        .iter()
        .map(|text| File {
            text: text.text,
            kind: match text.part.kind {
                "typescript" => Kind::TypeScript,
                "json" => Kind::Json,
                "python" => Kind::Python,
                _ => Kind::JavaScript,
            },
            imports: text
                .part
                .imports
                .iter()
                .filter_map(|(name, index)| Some((name.clone(), *numbers.get(index)?)))
                .collect(),
        })
        .collect();
    let joined = node::with_stack(
        &files.iter().map(|file| file.text).collect::<Vec<_>>(),
        || join::join(&files),
    );
    let Some(joined) = joined else {
        "the files nest too deep to be joined".clone_into(&mut linked.detail);
        return linked;
    };
    let left_out = joined.left_out.iter();
    linked
        .left_out
        .extend(left_out.filter_map(|number| Some(texts.get(*number)?.part.index)));
    let typescript = files
        .iter()
        .enumerate()
        .any(|(number, file)| file.kind == Kind::TypeScript && !joined.left_out.contains(&number));
    let found = if files.iter().any(|file| file.kind == Kind::Python) {
        node::joined_python(&joined.text, ask)
    } else if typescript {
        node::joined(&joined.text, Dialect::TypeScript, ask)
    } else {
        node::joined(&joined.text, Dialect::JavaScript, ask)
    };
    match found {
        Ok((found, cut)) => {
            linked.cut = cut;
            let back = Back {
                joined: &joined,
                texts: &texts,
            };
            for raw in found {
                linked.raws.extend(back.raw(raw));
            }
            number_lines(&mut linked.raws, &texts);
        }
        Err(reason) => linked.detail = format!("the joined files cannot be read ({reason})"),
    }
    linked
}

struct Text<'b> {
    part: &'b Part<'b>,
    text: &'b str,
    /// Where the text starts in the file.
    offset: usize,
}

/// The way back from the joined text.
struct Back<'b> {
    joined: &'b Joined,
    texts: &'b [Text<'b>],
}

/// A range of one file.
struct Range<'b> {
    text: &'b Text<'b>,
    start: usize,
    len: usize,
}

impl<'b> Back<'b> {
    fn range(&self, start: u64, len: u64) -> Option<Range<'b>> {
        let start = usize::try_from(start).ok()?;
        let len = usize::try_from(len).ok()?;
        let (file, start, len) = self.joined.origin(start, len)?;
        let text = self.texts.get(file)?;
        Some(Range { text, start, len })
    }

    /// What was found in the joined text, if it is more than one file shows.
    fn raw(&self, raw: Raw) -> Option<Raw> {
        let concealed = raw.behaviour.starts_with("conceal.");
        let mut places = Vec::new();
        let mut across = false;
        for place in raw.places {
            let flow = !place.path.is_empty();
            let mut files: FxHashSet<usize> = FxHashSet::default();
            let Some(place) = self.place(place, &mut files) else {
                continue;
            };
            if flow && files.len() < 2 {
                continue;
            }
            across |= flow;
            places.push(place);
        }
        // What a decoder of another file conceals is told from what one file
        // shows already by the caller.
        let concealed = concealed && places.iter().any(|place| !place.decoded.is_empty());
        if !(across || concealed) {
            return None;
        }
        let flows = places.iter().filter(|place| !place.path.is_empty()).count();
        Some(Raw {
            key: plain(&raw.key),
            title: plain(&raw.title),
            count: (flows as u64).max(1),
            places,
            ..raw
        })
    }

    fn place(&self, place: Place, files: &mut FxHashSet<usize>) -> Option<Place> {
        let range = self.range(place.start, place.len)?;
        let own = range.text.part;
        files.insert(own.index);
        let path = place
            .path
            .into_iter()
            .filter_map(|step| self.step(step, own.index, files))
            .collect();
        let end = range.start.saturating_add(range.len);
        Some(Place {
            start: range.start.saturating_add(range.text.offset) as u64,
            len: range.len as u64,
            excerpt: excerpt(range.text.text, range.start, end),
            note: self.note(&place.note),
            path,
            node: Some(own.index),
            ..place
        })
    }

    fn step(&self, step: Step, own: usize, files: &mut FxHashSet<usize>) -> Option<Step> {
        let range = self.range(step.span.start, step.span.len)?;
        if range.len == 0 && step.role == assay_model::Role::Flow {
            // What joining added says nothing to a reader.
            return None;
        }
        let part = range.text.part;
        files.insert(part.index);
        let end = range.start.saturating_add(range.len);
        let text = range.text.text.get(range.start..end).unwrap_or_default();
        Some(Step {
            node: (part.index != own).then(|| part.path.to_owned()),
            span: assay_model::Span::new(
                range.start.saturating_add(range.text.offset) as u64,
                range.len as u64,
            ),
            excerpt: one_line(text),
            note: plain(&step.note),
            ..step
        })
    }

    /// A note whose places of constants are those of the files.
    fn note(&self, note: &str) -> String {
        const BEFORE: &str = " bytes at ";
        let mut out = String::new();
        let mut rest = note;
        while let Some(at) = rest.find(BEFORE) {
            let (before, after) = rest.split_at(at.saturating_add(BEFORE.len()));
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let (number, after) = after.split_at(digits);
            out.push_str(before);
            match number.parse().ok().and_then(|start| self.range(start, 1)) {
                Some(range) => {
                    let start = range.start.saturating_add(range.text.offset);
                    out.push_str(&format!("{start} of {}", range.text.part.path));
                }
                None => out.push_str(number),
            }
            rest = after;
        }
        out.push_str(rest);
        plain(&out)
    }
}

/// What joining adds to names of Python before the number of the file: a
/// letter that stands in no word, as nothing but letters may.
const PYTHON: &str = "\u{a78f}m";

/// A text without what joining added to names.
fn plain(text: &str) -> String {
    without(&without(text, "$m"), PYTHON)
}

fn without(text: &str, mark: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let digits = after
            .bytes()
            .skip(mark.len())
            .take_while(u8::is_ascii_digit)
            .count();
        if digits == 0 {
            out.push_str(mark);
        }
        rest = after
            .get(digits.saturating_add(mark.len())..)
            .unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Fills in lines and columns of places in several files.
fn number_lines(raws: &mut [Raw], texts: &[Text<'_>]) {
    let by_path: FxHashMap<&str, usize> = texts
        .iter()
        .map(|text| (text.part.path, text.part.index))
        .collect();
    let mut by_node: FxHashMap<usize, Vec<raw::Spot<'_>>> = FxHashMap::default();
    for place in raws.iter_mut().flat_map(|raw| &mut raw.places) {
        let Some(node) = place.node else {
            continue;
        };
        for step in &mut place.path {
            let node = match step.node.as_deref() {
                Some(path) => by_path.get(path).copied(),
                None => Some(node),
            };
            if let Some(node) = node {
                let spot = (step.span.start, &mut step.line, &mut step.column);
                by_node.entry(node).or_default().push(spot);
            }
        }
        let spot = (place.start, &mut place.line, &mut place.column);
        by_node.entry(node).or_default().push(spot);
    }
    for text in texts {
        if let Some(spots) = by_node.remove(&text.part.index) {
            raw::number_spots(spots, text.part.bytes);
        }
    }
}
