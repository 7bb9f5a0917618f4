//! What a tool's environment changes in what it sends.
//!
//! The plain host is run several times, to learn what differs by itself. All
//! factors together are run once; what then differs at a place where the plain
//! runs agree is reduced, part by part, to the smallest set of factors that
//! brings it about, and that set is run again. Nothing is masked by a pattern.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::{Effect, Grade};
use assay_text::{Difference, differs};
use serde_json::Value;

use crate::recording::{Recording, Seen};

/// How often the plain host is run.
const PLAIN: usize = 3;
/// How often the smallest set is run again.
const AGAIN: usize = 2;
/// How many parts of one run are reduced.
const PARTS: usize = 200;
/// The longest line that is compared token by token, in tokens.
const TOKENS: usize = 1500;
/// How much of a line is kept, in characters.
const LINE: usize = 300;

/// One thing that is varied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its name: `tz`, `host-name`, `user`, `base-url`, `env:NAME`.
    pub name: String,
    /// What it is set to.
    pub value: String,
    /// What it is on the plain host.
    pub plain: String,
}

/// What was sent to models, line by line, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    lines: BTreeMap<String, Vec<String>>,
}

impl Sent {
    /// Takes what a recording has of requests to models.
    #[must_use]
    pub fn of(recording: &Recording) -> Self {
        let mut out = Self::default();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut number = |name: String| {
            let count = counts.entry(name.clone()).or_default();
            *count = count.saturating_add(1);
            format!("{name} {count}")
        };
        for event in &recording.events {
            match &event.seen {
                Seen::Exchange {
                    provider: Some(provider),
                    request,
                    body,
                    ..
                } => {
                    let name = number(format!("{provider} {} {}", request.method, request.path()));
                    let mut whole = (**request).clone();
                    whole.body = recording.body(body).unwrap_or_default().into();
                    out.body(&name, &whole.content(64 << 20).bytes);
                    let order: Vec<&str> = request.headers.iter().map(|h| h.0.as_str()).collect();
                    out.text(&format!("{name} order of headers"), &order.join(", "));
                    for (header, value) in &request.headers {
                        out.text(&format!("{name} header {header}"), value);
                    }
                }
                Seen::Frame {
                    sent: true,
                    provider: Some(provider),
                    body,
                    ..
                } => {
                    let name = number(format!("{provider} message"));
                    out.body(&name, &recording.body(body).unwrap_or_default());
                }
                _ => {}
            }
        }
        out
    }

    fn body(&mut self, name: &str, bytes: &[u8]) {
        match serde_json::from_slice::<Value>(bytes) {
            Ok(value) => self.value(&format!("{name} "), &value),
            Err(_) => self.text(name, &String::from_utf8_lossy(bytes)),
        }
    }

    fn value(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                let order: Vec<&str> = fields.keys().map(String::as_str).collect();
                self.text(&format!("{path}/ order of fields"), &order.join(", "));
                for (key, value) in fields {
                    self.value(&format!("{path}/{key}"), value);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.value(&format!("{path}/*"), item);
                }
            }
            Value::String(text) => self.text(path, text),
            other => self.text(path, &other.to_string()),
        }
    }

    fn text(&mut self, path: &str, text: &str) {
        let lines = text.split('\n').map(str::to_owned);
        self.lines.entry(path.to_owned()).or_default().extend(lines);
    }
}

/// A part that is other than on the plain host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    field: String,
    before: String,
    after: String,
    line_before: String,
    line_after: String,
}

impl Part {
    fn same_as(&self, other: &Self) -> bool {
        (&self.field, &self.before, &self.after) == (&other.field, &other.before, &other.after)
    }
}

/// Runs the experiment. `run` runs the tool with some of the factors, by
/// their numbers, and gives what was sent.
///
/// # Errors
/// As `run`.
pub fn experiment<E>(
    factors: &[Factor],
    run: &mut dyn FnMut(&BTreeSet<usize>) -> Result<Sent, E>,
) -> Result<Vec<Effect>, E> {
    let none = BTreeSet::new();
    let mut plain = Vec::new();
    for _ in 0..PLAIN {
        plain.push(run(&none)?);
    }
    let Some((base, repeats)) = plain.split_first() else {
        return Ok(Vec::new());
    };
    let all: BTreeSet<usize> = (0..factors.len()).collect();
    let mut known: BTreeMap<BTreeSet<usize>, Vec<Part>> = BTreeMap::new();
    let mut parts_of = |set: &BTreeSet<usize>| -> Result<Vec<Part>, E> {
        if let Some(parts) = known.get(set) {
            return Ok(parts.clone());
        }
        let parts = parts(base, repeats, &run(set)?);
        known.insert(set.clone(), parts.clone());
        Ok(parts)
    };
    let mut found: Vec<(BTreeSet<usize>, Part)> = Vec::new();
    // Together, and each by itself: one may hide another.
    let mut sets = vec![all.clone()];
    sets.extend(all.iter().map(|index| BTreeSet::from([*index])));
    for set in sets {
        for part in parts_of(&set)?.into_iter().take(PARTS) {
            let mut least = set.clone();
            for index in &set {
                let mut fewer = least.clone();
                fewer.remove(index);
                if parts_of(&fewer)?.iter().any(|other| other.same_as(&part)) {
                    least = fewer;
                }
            }
            if !found
                .iter()
                .any(|(set, known)| *set == least && known.same_as(&part))
            {
                found.push((least, part));
            }
        }
    }
    let mut seen: BTreeMap<BTreeSet<usize>, Vec<Vec<Part>>> = BTreeMap::new();
    for (set, _) in &found {
        if !seen.contains_key(set) {
            let mut again = Vec::new();
            for _ in 0..AGAIN {
                again.push(parts(base, repeats, &run(set)?));
            }
            seen.insert(set.clone(), again);
        }
    }
    let mut effects: Vec<Effect> = Vec::new();
    for (set, part) in found {
        let taken: Vec<&Factor> = set.iter().filter_map(|index| factors.get(*index)).collect();
        let names: BTreeMap<String, String> = taken
            .iter()
            .map(|factor| (factor.name.clone(), factor.value.clone()))
            .collect();
        if let Some(known) = effects.iter_mut().find(|effect| {
            effect.factors == names && effect.before == part.before && effect.after == part.after
        }) {
            known.also = known.also.saturating_add(1);
            continue;
        }
        let again = seen.get(&set).map_or(&[][..], Vec::as_slice);
        let times = again
            .iter()
            .filter(|parts| parts.iter().any(|other| other.same_as(&part)))
            .count();
        let difference = differs(&part.line_before, &part.line_after);
        effects.push(Effect {
            factors: names,
            field: part.field.clone(),
            also: 0,
            code_points: code_points(&part),
            difference: difference.words().to_owned(),
            grade: grade(&part, difference, &taken),
            seen: times.saturating_add(1),
            runs: again.len().saturating_add(1),
            line_before: excerpt(&part.line_before),
            line_after: excerpt(&part.line_after),
            before: part.before,
            after: part.after,
        });
    }
    effects.sort_by(|a, b| (a.grade, &a.field).cmp(&(b.grade, &b.field)));
    Ok(effects)
}

fn excerpt(line: &str) -> String {
    line.trim().chars().take(LINE).collect()
}

fn code_points(part: &Part) -> Vec<String> {
    [&part.before, &part.after]
        .into_iter()
        .flat_map(|text| text.chars())
        .filter(|c| !c.is_ascii())
        .take(8)
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect()
}

/// What an effect is taken for. What is the factor's own value, or a part of
/// it, is expected where that is what changes; so are the digits of a time
/// where the zone does.
fn grade(part: &Part, difference: Difference, factors: &[&Factor]) -> Grade {
    let own = factors.iter().any(|factor| {
        let within = |whole: &str, text: &str| {
            !text.trim().is_empty() && whole.to_lowercase().contains(&text.trim().to_lowercase())
        };
        let word = part.after.chars().any(char::is_alphanumeric);
        word && within(&factor.value, &part.after)
            && (part.before.is_empty() || within(&factor.plain, &part.before))
    });
    let of_zone = factors
        .iter()
        .any(|factor| factor.name == "tz" || factor.name == "env:TZ");
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if own || of_zone && digits(&part.before) && digits(&part.after) {
        Grade::Expected
    } else if difference.is_hidden() || difference.is_form() {
        Grade::Concealed
    } else {
        Grade::Visible
    }
}

/// The parts in which a run differs from the plain ones, where these agree.
/// Lines are told apart by what they say and not by where they stand: one
/// more item of a list would else change all that follow.
fn parts(base: &Sent, repeats: &[Sent], changed: &Sent) -> Vec<Part> {
    let mut out = Vec::new();
    for (field, lines) in &base.lines {
        let Some(others) = changed.lines.get(field) else {
            continue;
        };
        let repeats: Vec<BTreeSet<&String>> = repeats
            .iter()
            .filter_map(|repeat| repeat.lines.get(field))
            .map(|lines| lines.iter().collect())
            .collect();
        let (known, new): (BTreeSet<&String>, BTreeSet<&String>) =
            (lines.iter().collect(), others.iter().collect());
        let gone: Vec<&String> = lines
            .iter()
            .filter(|line| !new.contains(line))
            .filter(|line| repeats.iter().all(|repeat| repeat.contains(line)))
            .take(LINES)
            .collect();
        let mut come: Vec<&String> = others
            .iter()
            .filter(|line| !known.contains(line))
            .filter(|line| repeats.iter().all(|repeat| !repeat.contains(line)))
            .take(LINES)
            .collect();
        let mut alone = Vec::new();
        for before in gone {
            let nearest = come
                .iter()
                .enumerate()
                .map(|(at, after)| (similarity(before, after), at))
                .max_by_key(|(share, at)| (*share, usize::MAX.saturating_sub(*at)));
            match nearest {
                Some((share, at)) if share >= NEAR => {
                    edits(field, before, come.remove(at), &mut out);
                }
                _ => alone.push(before),
            }
        }
        // What only comes where the plain runs differ anyway is no effect.
        if alone.is_empty() && repeats.iter().any(|repeat| *repeat != known) {
            continue;
        }
        // What only goes or only comes is told once.
        let first = |lines: &[&String]| lines.first().map(|line| excerpt(line)).unwrap_or_default();
        if !alone.is_empty() || !come.is_empty() {
            out.push(Part {
                field: field.clone(),
                before: first(&alone),
                after: first(&come),
                line_before: first(&alone),
                line_after: first(&come),
            });
        }
    }
    out
}

/// How many lines of a field are paired.
const LINES: usize = 200;
/// From which share of common words on, in hundredths, two lines are taken
/// for one that was changed.
const NEAR: usize = 60;

/// The share of words that two lines have in common, in hundredths; of lines
/// without words that of characters.
fn similarity(one: &str, other: &str) -> usize {
    let words = |line| {
        let mut all = tokens(line);
        if all
            .iter()
            .any(|token| token.starts_with(char::is_alphanumeric))
        {
            all.retain(|token| token.starts_with(char::is_alphanumeric));
        }
        all
    };
    let (a, b) = (words(one), words(other));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for token in &a {
        let count = counts.entry(token).or_default();
        *count = count.saturating_add(1);
    }
    let mut common = 0usize;
    for token in &b {
        if let Some(count) = counts.get_mut(token).filter(|count| **count > 0) {
            *count = count.saturating_sub(1);
            common = common.saturating_add(1);
        }
    }
    let most = a.len().max(b.len()).max(1);
    common.saturating_mul(100).checked_div(most).unwrap_or(0)
}

/// Words, and every other character by itself.
fn tokens(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let len = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, further) = rest.split_at(len);
        out.push(token);
        rest = further;
    }
    out
}

/// Each part of a line that is another, with the line in which it alone is.
fn edits(field: &str, before: &str, after: &str, out: &mut Vec<Part>) {
    let (one, other) = (tokens(before), tokens(after));
    let mut add = |from: &str, to: &str, whole: String| {
        out.push(Part {
            field: field.to_owned(),
            before: excerpt_part(from),
            after: excerpt_part(to),
            line_before: before.to_owned(),
            line_after: whole,
        });
    };
    if one.len() > TOKENS || other.len() > TOKENS {
        add(before, after, after.to_owned());
        return;
    }
    let mut at = 0;
    for (start, end, from, to) in aligned(&one, &other) {
        let gone = one.get(start..end).unwrap_or_default().concat();
        let come = other.get(from..to).unwrap_or_default().concat();
        let head = one.get(..start).unwrap_or_default().concat();
        let tail = one.get(end..).unwrap_or_default().concat();
        add(&gone, &come, format!("{head}{come}{tail}"));
        at += 1;
        if at > 64 {
            break;
        }
    }
}

fn excerpt_part(text: &str) -> String {
    text.chars().take(LINE).collect()
}

/// Ranges of tokens of which one takes the place of the other, by the longest
/// common subsequence.
fn aligned(one: &[&str], other: &[&str]) -> Vec<(usize, usize, usize, usize)> {
    let width = other.len().saturating_add(1);
    let mut table = vec![0u16; one.len().saturating_add(1).saturating_mul(width)];
    let index = |a: usize, b: usize| a.saturating_mul(width).saturating_add(b);
    let get = |table: &[u16], a: usize, b: usize| table.get(index(a, b)).copied().unwrap_or(0);
    for (a, x) in one.iter().enumerate().rev() {
        for (b, y) in other.iter().enumerate().rev() {
            let best = if x == y {
                get(&table, a + 1, b + 1).saturating_add(1)
            } else {
                get(&table, a + 1, b).max(get(&table, a, b + 1))
            };
            if let Some(cell) = table.get_mut(index(a, b)) {
                *cell = best;
            }
        }
    }
    let mut out = Vec::new();
    let (mut a, mut b) = (0, 0);
    let (mut start, mut from) = (0, 0);
    let mut flush = |start: usize, a: usize, from: usize, b: usize| {
        if start < a || from < b {
            out.push((start, a, from, b));
        }
    };
    while a < one.len() && b < other.len() {
        if one.get(a) == other.get(b) {
            flush(start, a, from, b);
            a += 1;
            b += 1;
            (start, from) = (a, b);
        } else if get(&table, a + 1, b) >= get(&table, a, b + 1) {
            a += 1;
        } else {
            b += 1;
        }
    }
    flush(start, one.len(), from, other.len());
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    use assay_model::{Effect, Grade};

    use super::{Factor, Sent, experiment};

    fn factor(name: &str, value: &str, plain: &str) -> Factor {
        Factor {
            name: name.to_owned(),
            value: value.to_owned(),
            plain: plain.to_owned(),
        }
    }

    /// An experiment on a tool that sends this text.
    fn effects(
        factors: &[Factor],
        text: impl Fn(&BTreeSet<usize>, usize) -> String,
    ) -> Vec<Effect> {
        let mut count = 0;
        experiment(factors, &mut |set| -> Result<Sent, Infallible> {
            count += 1;
            let mut sent = Sent::default();
            let text = text(set, count);
            sent.body(
                "model POST /v1 1",
                serde_json::json!({ "system": text }).to_string().as_bytes(),
            );
            Ok(sent)
        })
        .unwrap()
    }

    #[test]
    fn each_part_is_reduced_to_what_brings_it_about() {
        let factors = [
            factor("tz", "Asia/Shanghai", "Etc/UTC"),
            factor("base-url", "http://a.example", ""),
            factor("user", "kim", "dev"),
        ];
        let found = effects(&factors, |set, count| {
            let (tz, base, user) = (set.contains(&0), set.contains(&1), set.contains(&2));
            let mark = if base { '\u{2019}' } else { '\'' };
            let between = if tz && base { '/' } else { '-' };
            let who = if user { "kim" } else { "dev" };
            format!(
                "Home: /home/{who}\nToday{mark}s date is 2026{between}11{between}22.\nid {count}\nEnd"
            )
        });
        let told: Vec<(Vec<&str>, &str, &str, Grade)> = found
            .iter()
            .map(|effect| {
                let names = effect.factors.keys().map(String::as_str).collect();
                (
                    names,
                    effect.before.as_str(),
                    effect.after.as_str(),
                    effect.grade,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (vec!["base-url"], "'", "\u{2019}", Grade::Concealed),
                (vec!["base-url", "tz"], "-", "/", Grade::Concealed),
                (vec!["user"], "dev", "kim", Grade::Expected),
            ]
        );
        assert_eq!(found[0].code_points, ["U+2019"]);
        assert_eq!((found[0].seen, found[0].runs), (3, 3));
    }

    #[test]
    fn what_differs_by_itself_and_what_is_open_is_no_channel() {
        let factors = [factor("tz", "Asia/Tokyo", "Etc/UTC")];
        let found = effects(&factors, |set, count| {
            let day = if set.contains(&0) { 23 } else { 22 };
            let zone = if set.contains(&0) {
                "Asia/Tokyo"
            } else {
                "Etc/UTC"
            };
            format!(
                "session {count}{}\nDate 2026-11-{day}\nThe time zone of this host is {zone}",
                if count % 2 == 0 { "'" } else { "\u{2019}" }
            )
        });
        assert!(
            found.iter().all(|effect| effect.grade == Grade::Expected),
            "{found:#?}"
        );
        assert_eq!(effects(&factors, |_, _| "same".to_owned()), []);
    }
}
