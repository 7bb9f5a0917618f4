//! What turned out to be hidden in constants.

use std::rc::Rc;

use assay_model::{Confidence, Severity};
use rustc_hash::FxHashMap;

use super::Facts;
use crate::decode;
use crate::decode::{Decoded, Meaning};
use crate::evaluate::Value;
use crate::ir::{NONE, Op, V};
use crate::js::{Evaluated, Slices};
use crate::raw::{Notes, Place, excerpt};

/// How many decoded codes of one module are read.
const CODES: usize = 32;
/// From this many texts on that one slice decodes, they are those of the
/// code at large.
const MANY: usize = 8;

impl<'i, 'a> Facts<'_, 'i, 'a> {
    pub(super) fn decoded(&mut self, value: V, decoded: Decoded) {
        let place = self.place(value);
        self.decoded_at(value, decoded, place);
    }

    pub(super) fn decoded_at(&mut self, value: V, decoded: Decoded, place: Place) {
        if decoded.meaning == Meaning::Code {
            self.code(&place, &decoded.values);
        }
        self.executed(value, &decoded, &place);
        note_decoded(&decoded, Confidence::High, self.notes, || place);
        let list = matches!(decoded.meaning, Meaning::Hosts | Meaning::Words);
        if list && (decoded.beyond_alphabet || decode::places(&decoded.values))
            || decoded.meaning == Meaning::Hosts
        {
            self.concealed.push((value, decoded));
        }
    }

    /// Tells of code that is kept encoded, if something runs it.
    pub(super) fn executed(&mut self, value: V, decoded: &Decoded, place: &Place) {
        if decoded.meaning != Meaning::Code || !self.is_executed(value) {
            return;
        }
        let place = Place {
            decoded: decoded.values.clone(),
            decoding: decoded.steps.clone(),
            ..place.clone()
        };
        self.notes.add(
            "conceal.packed",
            &decoded.values.join("\u{1f}"),
            &format!(
                "code is kept encoded ({}) and executed",
                decoded.steps.join(", ")
            ),
            (Severity::Medium, Confidence::High),
            || place,
        );
    }

    pub(super) fn code(&mut self, place: &Place, values: &[String]) {
        for text in values {
            if self.codes.len() < CODES && self.codes.iter().all(|(_, known)| known != text) {
                self.codes.push((place.clone(), text.clone()));
            }
        }
    }

    // ---- what slices gave ----

    /// Notes what evaluated values mean.
    pub(super) fn settled(&mut self, slices: &Slices) {
        let mut settled: FxHashMap<usize, &[V]> = FxHashMap::default();
        for (number, values) in &self.ir.settled {
            settled.insert(*number, values);
        }
        let mut undone: Vec<(&Evaluated, Vec<&str>)> = Vec::new();
        for (number, evaluated) in slices.evaluated.iter().enumerate() {
            let values = settled.get(&number).copied().unwrap_or_default();
            let place = self.made_place(evaluated);
            let executed = values.iter().any(|value| self.is_executed(*value));
            if let Some(mut decoded) = decode::evaluated(&evaluated.value, &evaluated.origin) {
                decoded.beyond_alphabet |= self.is_beyond(&decoded, evaluated);
                let first = values.first().copied().unwrap_or(NONE);
                self.decoded_at(first, decoded.clone(), place);
                // A variable is read in several places.
                if matches!(decoded.meaning, Meaning::Hosts | Meaning::Words) {
                    for value in values.iter().skip(1).take(64) {
                        self.concealed.push((*value, decoded.clone()));
                    }
                }
            } else if let Value::Text(text) = &evaluated.value {
                if executed && text.len() >= 8 {
                    self.code(&place, std::slice::from_ref(text));
                }
                if evaluated.origin.beyond_alphabet
                    && decode::is_hidden_text(text, &evaluated.origin)
                {
                    match undone.last_mut() {
                        Some((first, texts)) if Rc::ptr_eq(&first.origin, &evaluated.origin) => {
                            texts.push(text);
                        }
                        _ => {
                            let same = undone
                                .iter_mut()
                                .find(|(first, _)| Rc::ptr_eq(&first.origin, &evaluated.origin));
                            match same {
                                Some((_, texts)) => texts.push(text),
                                None => undone.push((evaluated, vec![text])),
                            }
                        }
                    }
                }
            }
        }
        for (first, mut texts) in undone {
            texts.sort_unstable();
            texts.dedup();
            if texts.len() < MANY {
                continue;
            }
            let place = Place {
                decoded: texts.iter().take(256).map(|t| (*t).to_owned()).collect(),
                decoding: vec!["evaluated".to_owned()],
                ..self.made_place(first)
            };
            self.notes.add(
                "conceal.packed",
                "texts",
                "the texts of the code are kept encoded, and decoded one by one",
                (Severity::Medium, Confidence::High),
                || place,
            );
        }
    }

    /// Whether no constant that a list was made of is the list under a
    /// standard alphabet, whatever the code that undoes it looks like.
    pub(super) fn is_beyond(&self, decoded: &Decoded, evaluated: &Evaluated) -> bool {
        let constants = &evaluated.origin.constants;
        matches!(decoded.meaning, Meaning::Hosts | Meaning::Words)
            && !constants.is_empty()
            && constants.iter().all(|(start, end)| {
                let constant = self.ir.text.get(*start as usize..*end as usize);
                !decode::ships(constant.unwrap_or_default(), &decoded.values)
            })
    }

    /// Where a value is computed, and the constants that it is made of.
    pub(super) fn made_place(&self, evaluated: &Evaluated) -> Place {
        let (start, end) = evaluated.span;
        let constants: Vec<String> = evaluated
            .origin
            .constants
            .iter()
            .map(|(start, end)| {
                format!(
                    "the {} bytes at {}",
                    end.saturating_sub(*start),
                    u64::from(*start).saturating_add(self.offset)
                )
            })
            .collect();
        let note = if constants.is_empty() {
            "evaluated".to_owned()
        } else {
            format!("evaluated, from {}", constants.join(", "))
        };
        Place {
            start: u64::from(start).saturating_add(self.offset),
            len: u64::from(end.saturating_sub(start)),
            excerpt: excerpt(self.ir.text, start as usize, end as usize),
            note,
            ..Place::default()
        }
    }

    /// Whether a value is inside of what is executed as code.
    pub(super) fn is_executed(&self, value: V) -> bool {
        let mut at = self.ir.user(value);
        for _ in 0..12 {
            if let Op::Call { callee, .. } | Op::New { callee, .. } = self.ir.op(at)
                && let Some(canon) = self.r.canon(callee)
            {
                let name = self.r.canon_text(canon);
                if matches!(name.as_str(), "eval" | "Function")
                    || name.starts_with("vm.")
                    || crate::py::names::runs(&name)
                {
                    return true;
                }
            }
            at = self.ir.user(at);
            if at == NONE {
                break;
            }
        }
        false
    }
}

/// Notes a decoded constant; `most` is the confidence that the kind of
/// reading allows.
pub(crate) fn note_decoded(
    decoded: &Decoded,
    most: Confidence,
    notes: &mut Notes,
    place: impl FnOnce() -> Place,
) {
    let steps = decoded.steps.join(", ");
    let count = decoded.values.len();
    let beyond = decoded.beyond_alphabet;
    let (behaviour, title, severity, confidence) = match decoded.meaning {
        // base64 of a list of words is a usual way to ship data.
        Meaning::Words if !beyond => return,
        Meaning::Hosts | Meaning::Words => (
            "conceal.encoded-list",
            format!(
                "a list of {count} {} is kept encoded ({steps})",
                if decoded.meaning == Meaning::Hosts {
                    "hosts"
                } else {
                    "words"
                }
            ),
            if beyond {
                Severity::Medium
            } else {
                Severity::Low
            },
            if beyond && decoded.meaning == Meaning::Hosts {
                Confidence::High
            } else {
                Confidence::Medium
            },
        ),
        meaning => (
            "conceal.encoded-string",
            format!(
                "{} is kept encoded ({steps})",
                match meaning {
                    Meaning::Url => "an address",
                    Meaning::Code => "code",
                    _ => "a text",
                }
            ),
            if beyond {
                Severity::Medium
            } else {
                Severity::Low
            },
            Confidence::Medium,
        ),
    };
    let key = decoded.values.join("\u{1f}");
    notes.add(
        behaviour,
        &key,
        &title,
        (severity, confidence.min(most)),
        || Place {
            decoded: decoded.values.clone(),
            decoding: decoded.steps.clone(),
            ..place()
        },
    );
}
