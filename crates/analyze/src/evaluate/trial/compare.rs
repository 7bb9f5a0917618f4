//! What left on two hosts, compared as data.

use assay_text::{Difference, differs};
use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::{Facts, Left, Shown, fact};
use crate::behaviours::Nature;

/// From this many bytes on a value is a file that says many things.
const FILE: usize = 200;
/// How long the parts of texts are that are shown, in characters.
const SHOWN: usize = 160;

/// Whether a fact is a field of a file.
fn within(field: &str, file: &str) -> bool {
    field
        .strip_prefix(file)
        .is_some_and(|rest| rest.starts_with('#'))
}

/// What a comparison goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grounds<'g> {
    /// Whether the module is so small that all it asks for is its business.
    pub(super) small: bool,
    /// Whether both runs were on the same host, and a decision made otherwise.
    pub(super) forced: bool,
    /// What facts are on both, where they are not what they are on all.
    pub(super) shared: Option<&'g Facts>,
    /// What facts were set to on both, where a decision was made otherwise.
    pub(super) set: Option<&'g Facts>,
    /// What the module compares with and does not say.
    pub(super) unsaid: &'g [String],
    /// Whether it takes out of its files whose they are, or whom it asks.
    pub(super) settings: bool,
}

impl Grounds<'_> {
    /// Whether a fact tells who or where somebody is.
    fn tells(&self, fact: &str) -> bool {
        let asks = fact.split_once(':').map_or("", |(_, name)| name);
        fact::tells(fact)
            || self.settings && fact.starts_with("file:") && !fact.contains('#')
            // What it looks for there it does not say.
            || self.unsaid.iter().any(|text| asks.contains(text.as_str()))
    }
}

/// Compares what left on two hosts.
pub(super) fn compare(
    plain: &Left,
    left: &Left,
    facts: &Facts,
    read: &(String, String, u32, u32),
    shown_for: &mut FxHashSet<(String, String)>,
    shown: &mut Vec<Shown>,
    by: Grounds<'_>,
) {
    // What the host does by itself differs only between hosts.
    let differs_in = |keys: &[&str]| {
        let shared = |key: &str| by.shared.is_some_and(|shared| shared.contains_key(key));
        let mut keys = keys.iter();
        !by.forced && keys.any(|key| facts.contains_key(*key) && !shared(key))
    };
    let mut comparing = Comparing {
        masks: Vec::new(),
        files: Vec::new(),
        said: Vec::new(),
        clock: plain.clock || left.clock,
        ticked: plain.ticks != left.ticks,
        local: differs_in(&["zone", "locale", "lang", "env:TZ"]),
        system: differs_in(&["platform"]),
        visible: false,
        found: Vec::new(),
    };
    for (key, value) in facts {
        let base = plain.reads.iter().find(|read| read.0 == *key);
        let base = base.map(|read| read.1.clone()).unwrap_or_default();
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // Only where the file is the fact: beside its text another fact may
        // well choose what nobody sees.
        if key.starts_with("file:") {
            let set = by.set.and_then(|set| set.get(key)).and_then(Value::as_str);
            let texts = [Some(base.as_str()), Some(value.as_str()), set];
            let texts = texts.into_iter().flatten();
            let texts = texts.filter(|text| text.trim().contains('\n'));
            comparing.files.extend(texts.map(str::to_owned));
        }
        // What a command says ends with a line, which is not always taken off.
        if key.starts_with("command:") {
            for text in [&base, &value] {
                let said = text.trim_end();
                comparing
                    .said
                    .extend((said.len() >= 2).then(|| said.to_owned()));
            }
        }
        comparing.masks.push((base, value));
    }
    if plain.told.len() == left.told.len() {
        let pairs = plain.told.iter().zip(&left.told);
        let pairs = pairs.filter(|(one, other)| one != other);
        comparing
            .masks
            .extend(pairs.map(|(one, other)| (one.clone(), other.clone())));
    }
    // Of a small module the files and commands that it asks for tell as well.
    // What is set in a file is set by the user, as in a variable.
    let set = |key: &str| key.contains('#') || facts.keys().any(|other| within(other, key));
    let tells = facts.keys().any(|key| by.tells(key));
    let unsaid = || {
        let values = facts.values().filter_map(Value::as_str);
        let mut values = values.filter(|value| value.len() <= FILE);
        values.any(|value| by.unsaid.iter().any(|text| value.contains(text.as_str())))
    };
    let telling = tells
        || by.small
            && (facts
                .keys()
                .any(|key| !key.starts_with("env:") && key != "platform" && !set(key))
                || unsaid());
    // The same call on both hosts, in the order of the calls of its name.
    let mut used: Vec<bool> = vec![false; plain.sent.len()];
    for (name, text, line, column, sure) in &left.sent {
        let same = plain.sent.iter().enumerate().find(|(at, sent)| {
            used.get(*at) == Some(&false) && sent.0 == *name && (sent.2, sent.3) == (*line, *column)
        });
        let Some((at, before)) = same else {
            continue;
        };
        if let Some(used) = used.get_mut(at) {
            *used = true;
        }
        if before.1 == *text {
            continue;
        }
        let (Ok(one), Ok(other)) = (
            serde_json::from_str::<Value>(&before.1),
            serde_json::from_str::<Value>(text),
        ) else {
            continue;
        };
        comparing.found.clear();
        comparing.visible = false;
        comparing.values(&one, &other, String::new(), 32);
        let visible = comparing.visible;
        for (part, one, other, difference, words) in std::mem::take(&mut comparing.found) {
            // A request of another kind has another form as well.
            if visible && !difference.is_hidden() {
                continue;
            }
            // Who sends what is given back is not known, nor whether anybody
            // does.
            let returned = name.starts_with(super::RETURNED);
            if returned && !(tells || telling && difference.is_hidden()) {
                continue;
            }
            // A form of a sentence that says the same is for whom it is sent
            // to; what dates, times and lists look like, for whoever reads.
            let of_language = |fact: &String| fact::nature(fact) == Some(Nature::Language);
            let spoken = returned
                && tells
                && !comparing.local
                && !facts.keys().any(of_language)
                && difference.is_form()
                && difference != Difference::Digits
                && sentence(&one)
                && sentence(&other);
            // A form is a sign only where a fact that tells of somebody goes
            // to where it surely leaves, or where another program takes it up.
            let taken_up = tells && matches!(name.as_str(), "process" | "file");
            if !(*sure && telling || taken_up || spoken || difference.is_hidden()) {
                continue;
            }
            if !shown_for.insert((read.0.clone(), format!("{name} {line} {words}"))) {
                continue;
            }
            let facts: Vec<(String, String, String)> = facts
                .iter()
                .zip(&comparing.masks)
                .map(|((key, _), (base, value))| (key.clone(), base.clone(), excerpt(value)))
                .collect();
            let reads = facts
                .iter()
                .filter_map(|(key, ..)| left.reads.iter().find(|read| read.0 == *key))
                .map(|read| (read.2, read.3))
                .collect();
            shown.push(Shown {
                facts,
                forced: None,
                reads,
                sink: name.clone(),
                at: (*line, *column),
                part,
                one,
                other,
                difference: words,
                hidden: difference.is_hidden(),
            });
            break;
        }
    }
}

/// Whether a text is running text.
fn sentence(text: &str) -> bool {
    let word = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    text.split_whitespace().filter(word).count() >= 5
}

fn excerpt(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Two texts around where they first differ.
fn around(one: &str, other: &str) -> (String, String) {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let from = same.saturating_sub(SHOWN / 3);
    let cut = |text: &[char]| -> String { text.iter().skip(from).take(SHOWN).collect() };
    (cut(&a), cut(&b))
}

struct Comparing {
    /// What facts are on the one host and on the other.
    masks: Vec<(String, String)>,
    /// Those of them that are texts of files.
    files: Vec<String>,
    /// What commands said, without the end of the last line.
    said: Vec<String>,
    /// Whether local time or its format was asked for.
    clock: bool,
    /// Whether the time was asked for more often on one than on the other, and
    /// each time it is a little later.
    ticked: bool,
    /// Whether it is the zone or the locale that differs.
    local: bool,
    /// Whether it is the system, which has its own form of paths and lines.
    system: bool,
    /// Whether something else differs that anybody sees.
    visible: bool,
    found: Vec<(String, String, String, Difference, String)>,
}

impl Comparing {
    fn tell(&mut self, part: &str, one: &str, other: &str, difference: Difference, words: &str) {
        if self.ticked && timeless(one) == timeless(other) {
            return;
        }
        // Local times differ like that.
        if self.clock && self.local && difference == Difference::Digits {
            return;
        }
        if self.system && !matches!(difference, Difference::LookAlike | Difference::Invisible) {
            return;
        }
        let (one, other) = around(one, other);
        self.found
            .push((part.to_owned(), one, other, difference, words.to_owned()));
    }

    /// The text of the other host with what the fact is on this one.
    fn masked(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (base, value) in &self.masks {
            if value.len() >= 2 {
                out = in_place_of(&out, value, base);
            }
        }
        out
    }

    /// Whether what differs is the fact itself, or a part of it.
    fn is_open(&self, one: &str, other: &str) -> bool {
        let (a, b) = window(one, other);
        let part = |whole: &str, part: &str| {
            let (whole, part) = (whole.to_lowercase(), part.to_lowercase());
            whole.contains(&part) || part.contains(&whole)
        };
        !b.is_empty()
            && self.masks.iter().any(|(base, value)| {
                !value.is_empty() && part(value, b) && (a.is_empty() || part(base, a))
            })
    }

    /// Whether what differs stands right beside the text of a file, which is
    /// there as a whole: how it is joined to what comes next hangs on how it
    /// ends, and anybody sees that in it.
    fn joins(&self, one: &str, other: &str) -> bool {
        let same = one
            .chars()
            .zip(other.chars())
            .take_while(|(a, b)| a == b)
            .map(|(c, _)| c.len_utf8())
            .sum();
        let (before, after) = one.split_at_checked(same).unwrap_or((one, ""));
        // A line of it, as it is or without what is around it.
        let line = one.trim();
        if !line.is_empty() && line == other.trim() {
            return self
                .files
                .iter()
                .any(|text| text.lines().any(|known| known.trim() == line));
        }
        self.files.iter().any(|text| {
            let text = text.trim();
            before.trim_end().ends_with(text) || after.trim_start().starts_with(text)
        })
    }

    fn texts(&mut self, one: &str, other: &str, part: &str, depth: usize) {
        let unended = |text: &str| {
            let mut text = text.to_owned();
            for said in &self.said {
                text = text.replace(&format!("{said}\n"), said);
            }
            text
        };
        let plain = unended(&self.masked(one));
        let masked = unended(&self.masked(other));
        // Locales are written in two ways.
        let joined = |text: &str| text.replace('_', "-");
        if plain == masked || one == other || joined(&plain) == joined(&masked) {
            return;
        }
        // The fact itself, escaped as the text around it is.
        let open = [assay_text::unescaped_url, assay_text::unescaped_entities];
        if open.iter().any(|form| {
            let (a, b) = (form(one), form(other));
            a != b && self.masked(&a) == self.masked(&b)
        }) {
            return;
        }
        if let (Some(depth), Some(a), Some(b)) =
            (depth.checked_sub(1), structured(one), structured(other))
        {
            let before = self.found.len();
            let ((one_head, a), (other_head, b)) = (a, b);
            // What has no data in it is compared as text.
            self.texts(&one_head, &other_head, part, depth);
            self.values(&a, &b, part.to_owned(), depth);
            if (&one_head, &a) == (&other_head, &b) && self.found.len() == before {
                let difference = differs(one, other);
                let difference = if difference == Difference::Meaning {
                    Difference::Punctuation
                } else {
                    difference
                };
                self.tell(part, one, other, difference, "the form of the same data");
            }
            return;
        }
        let length = part
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if ["length", "size", "digest", "signature", "checksum"]
            .iter()
            .any(|word| length.contains(word))
        {
            return;
        }
        if let (Some((_, a)), Some((_, b))) = (packed(one), packed(other)) {
            if a == b {
                self.tell(
                    part,
                    one,
                    other,
                    Difference::Written,
                    "how the same is packed",
                );
            } else {
                self.texts(a, b, part, depth);
            }
            return;
        }
        let difference = match differs(one, &masked) {
            Difference::Meaning if figures(one) == figures(&masked) => Difference::Written,
            Difference::Meaning if often(one, &masked) => Difference::Order,
            // In what it stands for, or in one line of many.
            Difference::Meaning => FORMS
                .iter()
                .filter_map(|form| Some((form(one)?, form(&masked)?)))
                .map(|(a, b)| differs(&a, &b))
                .find(|difference| !matches!(difference, Difference::Meaning | Difference::Same))
                .or_else(|| lines(one, &masked))
                .unwrap_or(Difference::Meaning),
            difference => difference,
        };
        if self.is_open(one, other) || self.is_open(one, &masked) {
            return;
        }
        if difference == Difference::WhiteSpace && self.joins(one, &masked) {
            return;
        }
        if difference.is_hidden() || difference.is_form() {
            self.tell(part, one, &masked, difference, difference.words());
        } else {
            self.visible = true;
        }
    }

    fn values(&mut self, one: &Value, other: &Value, part: String, depth: usize) {
        let Some(deeper) = depth.checked_sub(1) else {
            return;
        };
        match (one, other) {
            (Value::String(a), Value::String(b)) => self.texts(a, b, &part, depth),
            (Value::Number(a), Value::Number(b)) => {
                let (a, b) = (a.to_string(), b.to_string());
                let told = self
                    .masks
                    .iter()
                    .any(|(base, value)| *base == a && *value == b);
                if a != b && !told {
                    self.texts(&a, &b, &part, depth);
                }
            }
            (Value::Object(a), Value::Object(b)) => self.objects(a, b, &part, deeper),
            (Value::Array(a), Value::Array(b)) => self.arrays(a, b, &part, deeper),
            (a, b) if a == b => {}
            (a, b) => {
                let (x, y) = (bare(a), bare(b));
                if x == y || empty(a) && empty(b) {
                    self.tell(
                        &part,
                        &a.to_string(),
                        &b.to_string(),
                        Difference::Punctuation,
                        "the form of the same value",
                    );
                } else if !self.is_open(&x, &y) {
                    self.visible = true;
                }
            }
        }
    }

    fn objects(
        &mut self,
        a: &Map<String, Value>,
        b: &Map<String, Value>,
        part: &str,
        depth: usize,
    ) {
        let mut common: Vec<(&String, &String)> = Vec::new();
        for (key, value) in a {
            let same = b.get_key_value(key).or_else(|| {
                b.iter()
                    .find(|(other, _)| !a.contains_key(*other) && other.eq_ignore_ascii_case(key))
            });
            match same {
                Some((other, inner)) => {
                    if other != key {
                        self.tell(part, key, other, Difference::Case, Difference::Case.words());
                    }
                    common.push((key, other));
                    self.values(value, inner, format!("{part}.{key}"), depth);
                }
                None if empty(value) && !self.is_open("", &bare(value)) => {
                    self.tell(
                        part,
                        &format!("{key}: {value}"),
                        "",
                        Difference::Punctuation,
                        "what says nothing is there or left out",
                    );
                }
                None => self.visible |= !self.is_open(&bare(value), ""),
            }
        }
        for (key, value) in b {
            if common.iter().any(|(_, other)| *other == key) {
                continue;
            }
            if !empty(value) {
                self.visible |= !self.is_open("", &bare(value));
            } else {
                self.tell(
                    part,
                    "",
                    &format!("{key}: {value}"),
                    Difference::Punctuation,
                    "what says nothing is there or left out",
                );
            }
        }
        // Where a fact names a field, that field stands where the host's do.
        let is_fact = |key: &str| {
            let mut masks = self.masks.iter();
            masks.any(|(base, value)| key == base || key == value)
        };
        common.retain(|(key, other)| !is_fact(key) && !is_fact(other));
        let order_a: Vec<&String> = a
            .keys()
            .filter(|key| common.iter().any(|(known, _)| known == key))
            .collect();
        let order_b: Vec<&String> = b
            .keys()
            .filter_map(|key| {
                common
                    .iter()
                    .find(|(_, other)| *other == key)
                    .map(|(known, _)| *known)
            })
            .collect();
        if order_a != order_b {
            let words = |list: &[&String]| {
                list.iter()
                    .map(|key| key.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            self.tell(
                part,
                &words(&order_a),
                &words(&order_b),
                Difference::Order,
                "the order of fields",
            );
        }
    }

    fn arrays(&mut self, a: &[Value], b: &[Value], part: &str, depth: usize) {
        let sorted = |list: &[Value]| -> Vec<String> {
            let mut texts: Vec<String> = list
                .iter()
                .map(|item| self.masked(&item.to_string()))
                .collect();
            texts.sort();
            texts
        };
        let (mut x, mut y) = (sorted(a), sorted(b));
        let text = |list: &[Value]| Value::Array(list.to_vec()).to_string();
        let same = |(one, other): (&Value, &Value)| {
            let (one, other) = (one.to_string(), other.to_string());
            self.masked(&one) == self.masked(&other)
        };
        if x == y && !a.iter().zip(b).all(same) {
            self.tell(
                part,
                &text(a),
                &text(b),
                Difference::Order,
                "the order of items",
            );
            return;
        }
        if a.len() != b.len() {
            x.dedup();
            y.dedup();
            let drop_empty = |list: &[Value]| -> Vec<Value> {
                list.iter().filter(|item| !empty(item)).cloned().collect()
            };
            if x == y {
                self.tell(
                    part,
                    &text(a),
                    &text(b),
                    Difference::Order,
                    "how often the same stands there",
                );
                return;
            }
            if drop_empty(a) == drop_empty(b) {
                self.tell(
                    part,
                    &text(a),
                    &text(b),
                    Difference::Punctuation,
                    "what says nothing is there or left out",
                );
                return;
            }
            // Blocks of one text.
            let joined = |list: &[Value]| -> String { list.iter().filter_map(block).collect() };
            if !joined(a).is_empty()
                && joined(a).replace('\n', "") == self.masked(&joined(b)).replace('\n', "")
            {
                self.tell(
                    part,
                    &text(a),
                    &text(b),
                    Difference::Punctuation,
                    "the form of the same data",
                );
            } else {
                self.visible = true;
            }
            return;
        }
        for (at, (one, other)) in a.iter().zip(b).enumerate() {
            self.values(one, other, format!("{part}.{at}"), depth);
        }
    }
}

/// What texts stand for: without what escapes it, and decoded.
const FORMS: &[fn(&str) -> Option<String>] = &[
    |text| text.contains('%').then(|| assay_text::unescaped_url(text)),
    |text| {
        text.contains('&')
            .then(|| assay_text::unescaped_entities(text))
    },
    |text| {
        text.contains('\\')
            .then(|| assay_text::unescaped_backslashes(text))
    },
    |text| decoded(text, "hex"),
    |text| decoded(text, "base64url"),
    |text| decoded(text, "base64"),
];

/// A text with each number as one writes it without what says nothing.
fn figures(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let digit = |c: char| c.is_ascii_digit();
    while let Some(at) = rest.find(digit) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let end = from
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(from.len());
        let (number, after) = from.split_at_checked(end).unwrap_or((from, ""));
        let decimal = number.matches('.').count() == 1 && !number.ends_with('.');
        out.push_str(if decimal {
            number.trim_end_matches('0').trim_end_matches('.')
        } else {
            number
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether two lists in one text each say the same, and not as often.
fn often(one: &str, other: &str) -> bool {
    let items = |text: &str| -> Vec<String> {
        let mut items: Vec<String> = text.split(',').map(|item| item.trim().to_owned()).collect();
        items.sort();
        items.dedup();
        items
    };
    let long = |text: &str| text.split(',').count() > 1;
    long(one) && long(other) && items(one) == items(other)
}

/// The longest run of a text that is another in this encoding.
fn decoded(text: &str, encoding: &str) -> Option<String> {
    // Labels of a name are one text.
    let joined: String = text.chars().filter(|c| *c != '.').collect();
    let run = [text, joined.as_str()]
        .into_iter()
        .flat_map(|text| {
            text.split(|c: char| {
                !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '='))
            })
        })
        .filter(|run| run.len() >= 16)
        .max_by_key(|run| run.len())?;
    let hex = run.bytes().take_while(u8::is_ascii_hexdigit).count();
    let run = if encoding == "hex" {
        run.get(..hex - hex % 2)?
    } else {
        run
    };
    let bytes = crate::evaluate::codecs::decode(run, encoding)?;
    let bytes: Vec<u8> = bytes.chars().map(|c| u32::from(c) as u8).collect();
    let out = String::from_utf8(bytes).ok()?;
    (out.chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .count()
        * 4
        >= out.chars().count() * 3)
        .then_some(out)
}

/// A text without what the clock of the host that is not there says.
fn timeless(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(SECONDS) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        out.push_str(SECONDS);
        rest = from.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    }
    out.push_str(rest);
    out
}

/// What the clock of that host begins with.
const SECONDS: &str = "17673230";

/// What the stand-in for compression was given.
fn packed(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("packed ")?.split_once('|')
}

/// A text with each whole word, or run of words, that is `value` replaced.
fn in_place_of(text: &str, value: &str, base: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let belongs = |c: char| c.is_alphanumeric();
    while let Some(at) = rest.find(value) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let after = from.get(value.len()..).unwrap_or_default();
        out.push_str(before);
        let free = !out.ends_with(belongs) && !after.starts_with(belongs);
        out.push_str(if free { base } else { value });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What differs between two texts, with the words that it is part of.
fn window<'t>(one: &'t str, other: &'t str) -> (&'t str, &'t str) {
    let same = |mut pairs: Box<dyn Iterator<Item = (char, char)> + '_>| {
        let mut len = 0usize;
        for (x, y) in &mut pairs {
            if x != y {
                break;
            }
            len = len.saturating_add(x.len_utf8());
        }
        len
    };
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | ':' | '+');
    let start = same(Box::new(one.chars().zip(other.chars())));
    // Back to where the word begins.
    let word = one
        .get(..start)
        .unwrap_or_default()
        .trim_end_matches(belongs)
        .len();
    let (a, b) = (
        one.get(word..).unwrap_or_default(),
        other.get(word..).unwrap_or_default(),
    );
    let end = same(Box::new(a.chars().rev().zip(b.chars().rev())));
    let tail = a
        .get(a.len().saturating_sub(end)..)
        .unwrap_or_default()
        .trim_start_matches(belongs)
        .len();
    (
        a.get(..a.len().saturating_sub(tail)).unwrap_or(a),
        b.get(..b.len().saturating_sub(tail)).unwrap_or(b),
    )
}

/// The line in which texts of as many lines differ, when it is one alone.
fn lines(one: &str, other: &str) -> Option<Difference> {
    let (a, b): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    a.into_iter()
        .zip(b)
        .filter(|(a, b)| a != b)
        .map(|(a, b)| differs(a, b))
        .find(|difference| difference.is_hidden())
}

/// The text of a block of a message.
fn block(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) => fields
            .get("text")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    }
}

/// A value as one would write it without its type.
fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "1".to_owned(),
        Value::Bool(false) => "0".to_owned(),
        Value::Array(list) => list.iter().filter_map(block).collect(),
        Value::Object(_) => block(value).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty() || text == "false" || text == "0",
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(true) => false,
    }
}

/// The data that a text is, where it is some: alone, after its length, or
/// after lines such as those of a request. What stands before comes with it,
/// without lengths.
fn structured(text: &str) -> Option<(String, Value)> {
    let starts = text.match_indices(['{', '[']).take(STARTS);
    starts.into_iter().find_map(|(at, _)| {
        let (head, rest) = text.split_at_checked(at)?;
        // A line that ends before it is text.
        let odd = |c: char| c.is_control() && !c.is_whitespace();
        let binary = head.len() <= PREFIX && head.contains(odd);
        if !(binary || head.trim().is_empty() || head.ends_with('\n')) {
            return None;
        }
        // A last chunk of nothing ends what is sent in chunks.
        let rest = rest.trim_end();
        let rest = rest.strip_suffix("\n0").map_or(rest, str::trim_end);
        let data = serde_json::from_str(rest).ok()?;
        let is_length = |line: &&str| {
            let line = line.trim_end();
            let hex = !line.is_empty() && line.bytes().all(|b| b.is_ascii_hexdigit());
            let named = line.get(..LENGTH.len());
            hex || named.is_some_and(|name| name.eq_ignore_ascii_case(LENGTH))
        };
        let lines = head.split_inclusive('\n').filter(|line| !is_length(line));
        Some((
            if binary {
                String::new()
            } else {
                lines.collect()
            },
            data,
        ))
    })
}

/// How many places are looked at for where data begins.
const STARTS: usize = 16;
/// How long a length before it is at most, in bytes as they stand in a text.
const PREFIX: usize = 16;
/// The field of a request's head that says how long its body is.
const LENGTH: &str = "content-length:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_file_is_joined_to_what_follows_is_open() {
        let file = "one line\nand another\n".to_owned();
        let comparing = super::Comparing {
            masks: Vec::new(),
            files: vec![file],
            said: Vec::new(),
            clock: false,
            ticked: false,
            local: false,
            system: false,
            visible: false,
            found: Vec::new(),
        };
        let joins = |one: &str, other: &str| comparing.joins(one, other);
        let text = |between: &str| format!("Notes:\none line\nand another{between}## More\nEnd");
        assert!(joins(&text("\n"), &text("\n\n")));
        assert!(joins(
            "Notes:\n\none line\nand another",
            "Notes:\none line\nand another"
        ));
        assert!(joins("  and another", "and another"));
        // Elsewhere, or where the file is not there.
        assert!(!joins("  and more", "and more"));
        assert!(!joins(
            "one line\nand another\nYou are helpful.",
            "one line\nand another\nYou  are helpful."
        ));
        assert!(!joins("You are helpful.", "You  are helpful."));
    }

    #[test]
    fn data_is_found_in_its_frame() {
        let of = |text: &str| structured(text).map(|(head, data)| (head, data.to_string()));
        let data = |head: &str| Some((head.to_owned(), r#"{"a":[1]}"#.to_owned()));
        assert_eq!(of(r#" {"a":[1]} "#), data(" "));
        for prefix in [
            "\0\t",
            "\0\0\0\t",
            "\t\0\0\0\0\0\0\0",
            "\0\0\0\0\u{1}\u{a3}",
        ] {
            assert_eq!(of(&format!("{prefix}{{\"a\":[1]}}")), data(""));
        }
        let head = "POST /a HTTP/1.1\r\nHost: [::1]\r\n";
        let body = "{\"a\":[1]}";
        let said = |length: &str, tail: &str| of(&format!("{head}{length}{body}{tail}"));
        assert_eq!(
            said("content-length: 9\r\n\r\n", ""),
            data(&format!("{head}\r\n"))
        );
        assert_eq!(
            said("\r\n9\r\n", "\r\n0\r\n\r\n"),
            data(&format!("{head}\r\n"))
        );
        assert_eq!(of("Content-Length: 9\r\n\r\n{\"a\":[1]}"), data("\r\n"));
        assert_eq!(of("as is\n{\"a\":[1]}"), data("as is\n"));
        assert_eq!(of("see {\"a\":[1]}"), None);
        assert_eq!(of("[1] says so"), None);
    }
}
