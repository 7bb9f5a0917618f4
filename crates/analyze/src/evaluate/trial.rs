//! Trials: a module run on hosts that differ in one thing, and what it sent
//! away each time.
//!
//! The first run is on a plain host. Each fact that it asked for is then
//! changed, one at a time and a few together, to values that it might be
//! compared with: usual ones, and the constants of the module. What leaves is
//! compared part by part; a difference that a person would take for none is
//! told.

mod compare;
mod fact;
mod forced;
mod session;
mod values;

use std::collections::VecDeque;
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::decode;
use compare::{Grounds, compare};
use session::{PYTHON, Runs, WORLD};
use values::{filled, listed, template, values};

pub(crate) use fact::{behaviour, is_of_host, words};

/// The largest module that is tried, in bytes.
const LARGEST: usize = 128 << 10;
/// How many hosts one module is tried on.
const HOSTS: usize = 180;
/// Up to this size, in bytes, everything is tried.
const SMALL: usize = 16 << 10;
/// How many values a fact is given in what is larger, where it does not tell
/// who or where somebody is.
const FEW: usize = 6;
/// How many more it is tried on for what takes several facts at once.
const JOINT: usize = 60;
/// From this many bytes on a text that a module does not say is no accident.
const UNSAID: usize = 4;
/// How many values each fact is given before others are given more.
const SHARE: usize = 12;
/// How many values one fact is given.
const VALUES: usize = 64;
/// How long all runs of a module may take, of a part of a large one, of which
/// there are several, and of one from which something is missing.
const TIME: Duration = Duration::from_secs(8);
const PART: Duration = Duration::from_secs(1);
const WANTING: Duration = Duration::from_millis(250);
/// How many differences are told.
const TOLD: usize = 16;
/// A word of which no list is made.
const SOME: &str = "some";

/// What a trial is given beside the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trial {
    /// Whether it is run on one host alone, for what it compares with.
    pub(crate) once: bool,
    /// Whether it was written in Python.
    pub(crate) python: bool,
    /// Constants that a fact may be compared with.
    pub(crate) candidates: Vec<String>,
    /// What the module puts together.
    pub(crate) made: Vec<String>,
    /// Numbers of the module, as text.
    pub(crate) numbers: Vec<String>,
    /// Of which module it is a part, where it is not a whole one.
    pub(crate) part_of: Option<u64>,
    /// Whether some of what such a part needs is left out.
    pub(crate) wanting: bool,
}

impl Trial {
    /// A trial of a module, if one may show anything: it is not too large, and
    /// names something that tells of the host and something that leaves, or
    /// something that decodes.
    pub(crate) fn of(
        text: &str,
        reads: &[&str],
        leaves: &[&str],
        decodes: &[&str],
    ) -> Option<Self> {
        let names = |words: &[&str]| {
            words
                .iter()
                .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
        };
        let once = !(names(reads) && names(leaves));
        let most = if once { SMALL } else { LARGEST };
        let may = text.len() <= most && (!once || names(decodes) && has_dense(text));
        may.then(|| Self {
            once,
            ..Self::default()
        })
    }

    /// Whether a module is not tried as a whole.
    pub(crate) fn is_too_large(text: &str) -> bool {
        text.len() > LARGEST
    }

    /// The same as a part of any module.
    pub(super) fn of_any(self) -> Self {
        Self {
            part_of: self.part_of.map(|_| 0),
            ..self
        }
    }

    /// Whether it is a part of a module.
    fn is_part(&self) -> bool {
        self.part_of.is_some()
    }

    /// How long all its runs may take.
    fn time(&self) -> Duration {
        match (self.is_part(), self.wanting) {
            (false, _) => TIME,
            (true, false) => PART,
            (true, true) => WANTING,
        }
    }

    /// Adds a constant of the module, and its parts, to what a fact may be
    /// compared with, where `known` does not have it yet.
    pub(crate) fn candidate<'a>(&mut self, text: &'a str, known: &mut FxHashSet<&'a str>) {
        let words = text.split_whitespace().count();
        // What is said is compared with nothing.
        if words > 1 && (text.contains(". ") || text.ends_with('.') || words > 60) {
            return;
        }
        let parts = text.split([',', ';', '|', '\n', ' ', '\t']);
        for part in std::iter::once(text).chain(parts) {
            let part = part.trim();
            if (2..=60).contains(&part.len())
                && self.candidates.len() < CANDIDATES
                && known.insert(part)
            {
                self.candidates.push(part.to_owned());
            }
        }
    }

    /// Adds a number of the module.
    pub(crate) fn number(&mut self, number: String) {
        if self.numbers.len() < NUMBERS {
            self.numbers.push(number);
        }
    }

    /// Adds the texts of a value to what a fact may be compared with, before
    /// what stands in the module as it is.
    pub(super) fn add(&mut self, value: &super::Value, depth: u32) {
        use super::Value as Made;
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match value {
            Made::Text(text) if self.made.len() < MADE => {
                for part in text.split([',', ';', '|', '\n', ' ']) {
                    if (2..=60).contains(&part.len()) && !self.made.iter().any(|made| made == part)
                    {
                        self.made.push(part.to_owned());
                    }
                }
            }
            Made::List(items) => items
                .iter()
                .take(MADE)
                .for_each(|item| self.add(item, depth)),
            Made::Record(entries) => {
                for (key, item) in entries.iter().take(MADE) {
                    self.add(&Made::Text(key.clone()), depth.saturating_add(1));
                    self.add(item, depth);
                }
            }
            _ => {}
        }
    }
}

/// Whether a text has a constant that nobody reads: many characters, or
/// numbers, without a blank between words.
fn has_dense(text: &str) -> bool {
    let quoted = text.split(['"', '\'', '`']).any(|part| {
        part.len() >= 24
            && part
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'(' | b';' | b'{' | b'<'))
    });
    let numbers = || {
        text.split(['[', '(']).any(|part| {
            let list = part.split([']', ')']).next().unwrap_or_default();
            list.split(',')
                .filter(|item| item.trim().starts_with(|c: char| c.is_ascii_digit()))
                .count()
                >= 12
        })
    };
    // Several short ones, each of letters and digits by turns.
    let several = || {
        text.split(['"', '\'', '`'])
            .filter(|part| {
                let of = |fits: fn(&u8) -> bool| part.bytes().filter(fits).count();
                part.len() >= 8
                    && of(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
                        == part.len()
                    && of(u8::is_ascii_uppercase) + of(u8::is_ascii_digit) >= 3
                    && of(u8::is_ascii_lowercase) > 0
            })
            .count()
            >= 4
    };
    quoted || numbers() || several()
}

/// How many constants, and numbers, are what a fact may be compared with.
const CANDIDATES: usize = 1500;
const NUMBERS: usize = 64;
/// How many texts that were put together are compared with.
const MADE: usize = 256;

/// What is before the name of a function in a sink that is what it returns, as
/// `world.js` names it.
pub(crate) const RETURNED: &str = "returned by ";

/// Where in the module something happened: the line and column, from 1.
pub(crate) type At = (u32, u32);

/// What a trial showed: a fact that changes what leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shown {
    /// The facts that were changed.
    pub(crate) facts: Vec<(String, String, String)>,
    /// Where a decision that depends on them was made the other way, in place
    /// of a value for which it would be.
    pub(crate) forced: Option<At>,
    /// Where they were asked for.
    pub(crate) reads: Vec<At>,
    /// By what it left, and where.
    pub(crate) sink: String,
    pub(crate) at: At,
    /// The part of what left, as a path.
    pub(crate) part: String,
    pub(crate) one: String,
    pub(crate) other: String,
    pub(crate) difference: String,
    /// Whether the texts look the same.
    pub(crate) hidden: bool,
}

/// What a module compared with at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) at: At,
    pub(crate) values: Vec<String>,
}

/// What became of a trial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tried {
    pub(crate) shown: Vec<Shown>,
    /// With what it compared on the plain host.
    pub(crate) kept: Vec<Kept>,
    /// On how many hosts it was tried.
    pub(crate) hosts: usize,
    /// Which limit was reached.
    pub(crate) limit: Option<String>,
}

/// What was decided at a place: its name, what was compared, whether it came
/// to yes, and the line and column.
type Decision = (String, String, bool, u32, u32);

impl Left {
    /// Whether something left, apart from what a function gave back, what was
    /// kept and what a command was asked.
    fn leaves(&self) -> bool {
        self.sent.iter().any(|(name, ..)| {
            !matches!(name.as_str(), "command" | "file") && !name.starts_with(RETURNED)
        })
    }
}

/// Where the text of a program is in the module that it was made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// What was put into the module's text, in order: the line and the column
    /// in the program, from 1, and how many characters.
    pub(crate) put_in: Vec<(u32, u32, u32)>,
    /// Where parts of a module that is not tried as a whole were, in order: on
    /// which line of the program one begins, on which of the module, and after
    /// how many characters.
    pub(crate) moved: Vec<(u32, u32, u32)>,
}

impl Places {
    fn back(&self, (line, column): At) -> At {
        let first = self.put_in.partition_point(|(at, ..)| *at < line);
        let mut less = 0u32;
        for (at, start, len) in self.put_in.get(first..).unwrap_or_default() {
            if *at != line || *start > column {
                break;
            }
            less = less.saturating_add((*len).min(column.saturating_sub(*start)));
        }
        let column = column.saturating_sub(less).max(1);
        let part = self.moved.partition_point(|(from, ..)| *from <= line);
        match part.checked_sub(1).and_then(|part| self.moved.get(part)) {
            Some((from, to, before)) => {
                let first = if line == *from { *before } else { 0 };
                let line = line.saturating_sub(*from).saturating_add(*to);
                (line, column.saturating_add(first))
            }
            None => (line, column),
        }
    }
}

impl Tried {
    /// Puts places back to where they are in the module as it was.
    pub(crate) fn placed(mut self, places: &Places) -> Self {
        for kept in &mut self.kept {
            kept.at = places.back(kept.at);
        }
        for shown in &mut self.shown {
            let more = shown.reads.iter_mut().chain(&mut shown.forced);
            for at in more.chain(std::iter::once(&mut shown.at)) {
                *at = places.back(*at);
            }
        }
        self
    }

    /// Keeps what a run compared with, apart from what the host told it.
    fn keep(&mut self, left: &mut Left, facts: &Facts) {
        let given = facts.values().filter_map(Value::as_str);
        let reads = left.reads.iter().map(|read| read.1.as_str());
        let host: Vec<&str> = given.chain(reads).collect();
        for (line, column, mut values) in std::mem::take(&mut left.lists) {
            values.retain(|value| {
                !is_of_world(value) && host.iter().all(|text| !text.contains(value.as_str()))
            });
            match self.kept.iter_mut().find(|kept| kept.at == (line, column)) {
                Some(kept) if kept.values.len() >= values.len() => {}
                Some(kept) => kept.values = values,
                None => self.kept.push(Kept {
                    at: (line, column),
                    values,
                }),
            }
        }
    }
}

/// What a run on one host left.
#[derive(Debug, Default, Deserialize)]
struct Left {
    reads: Vec<Read>,
    sent: Vec<(String, String, u32, u32, bool)>,
    seen: Vec<String>,
    /// What was put together, and may be compared with sign by sign.
    #[serde(default)]
    late: Vec<String>,
    /// The same by the line and column where it was compared.
    lists: Vec<(u32, u32, Vec<String>)>,
    /// What is taken out of texts: patterns with a group.
    patterns: Vec<String>,
    decisions: Vec<Decision>,
    /// Which way it went at all comparisons and tests, as one number.
    #[serde(default)]
    ways: i32,
    /// What was put into the form of the place, in order.
    told: Vec<String>,
    /// Whether parts of the local time were asked for.
    clock: bool,
    /// How often the time was asked for.
    #[serde(default)]
    ticks: u64,
    /// Whether some of what left was too much to be compared.
    #[serde(default)]
    short: bool,
    /// Whether it was cut off.
    #[serde(default)]
    cut: bool,
    /// Whether it changed functions of the language, which the host uses too.
    #[serde(default)]
    changed: bool,
}

type Facts = Map<String, Value>;
/// A fact that was asked for, what it is, and where.
type Read = (String, String, u32, u32);

/// Values that a fact is to be given, where others are these.
#[derive(Clone)]
struct Waiting {
    read: Read,
    under: Facts,
    values: Vec<Value>,
}

/// A value of a fact that leads elsewhere at some test, and how many do so in
/// the same way.
struct Led {
    ways: i32,
    often: usize,
    value: Value,
}

pub(super) fn run(text: &str, trial: &Trial) -> Tried {
    let mut runs = Runs::new(text, trial);
    let mut out = hosts(&mut runs, trial);
    if trial.once {
        out.limit = None;
    } else if runs.changed {
        out.limit = Some("it changes functions of the language".to_owned());
    } else if runs.cut {
        out.limit = Some("the limit on steps or memory".to_owned());
    } else if runs.short {
        out.limit = Some("what left is too much to be compared as a whole".to_owned());
    }
    runs.keep();
    out
}

fn hosts(runs: &mut Runs<'_>, trial: &Trial) -> Tried {
    let mut out = Tried::default();
    let Some((mut plain, always)) = first(runs, trial, &mut out) else {
        return out;
    };
    // What is compared with where files and commands say something.
    let mut said = always.clone();
    for read in &plain.reads {
        if let Some(value) = something(read, &[]) {
            said.entry(read.0.clone()).or_insert(value);
        }
    }
    if said.len() > always.len()
        && let Some(mut again) = runs.once(&said, true)
    {
        out.keep(&mut again, &said);
        plain.seen.append(&mut again.seen);
        plain.patterns.append(&mut again.patterns);
    }
    let text = runs.text;
    let small = text.len() <= SMALL && !trial.wanting;
    let unsaid: Vec<String> = trial
        .made
        .iter()
        .chain(&plain.seen)
        .filter(|made| made.len() >= UNSAID && !is_of_world(made) && !text.contains(made.as_str()))
        .cloned()
        .collect();
    let patterns: Vec<String> = plain.patterns.iter().filter_map(|p| template(p)).collect();
    let tells = plain.reads.iter().any(|read| fact::tells(&read.0));
    let most = match (tells && !trial.is_part(), small) {
        (true, true) => HOSTS,
        (true, false) => HOSTS / 3,
        (false, true) => HOSTS / 3,
        (false, false) => HOSTS / 5,
    };
    let mut trying = Trying {
        runs,
        plain: &plain,
        always: &always,
        candidates: ordered(&plain.seen, &plain.late, trial),
        numbers: &trial.numbers,
        by: Grounds {
            small,
            forced: false,
            shared: None,
            set: None,
            unsaid: &unsaid,
            settings: patterns.iter().any(|pattern| fact::is_of_somebody(pattern)),
        },
        patterns: &patterns,
        // What does not end takes as long as there are steps on each host.
        most: if plain.cut { most / 4 } else { most },
        planned: Vec::new(),
        deciding: FxHashMap::default(),
        shown_for: FxHashSet::default(),
        out,
    };
    trying.apart();
    let decided = trying.decided();
    let planned = std::mem::take(&mut trying.planned);
    trying.together(&decided);
    trying.together(&planned);
    if trying.out.shown.is_empty() {
        forced::forced(&mut trying, planned);
    }
    trying.out
}

/// What left on the plain host, and what has to be there for anything to
/// happen; none where nothing can be compared.
fn first(runs: &mut Runs<'_>, trial: &Trial, out: &mut Tried) -> Option<(Left, Facts)> {
    let mut always = Facts::new();
    let Some(mut plain) = runs.once(&always, true) else {
        out.limit = Some("what it left cannot be read".to_owned());
        return None;
    };
    out.hosts = 1;
    out.keep(&mut plain, &always);
    let worth = || !trial.is_part() || plain.leaves() && !plain.cut;
    if plain.reads.is_empty() || trial.once || !worth() {
        return None;
    }
    // One file may name the next.
    for _ in 0..6 {
        if plain.leaves() {
            break;
        }
        let before = always.clone();
        for read in &plain.reads {
            let (key, base, ..) = read;
            if !base.is_empty() {
                continue;
            }
            let deeper = format!("{key}.");
            match always.get_mut(key) {
                // What nothing was asked of holds a text and no more.
                Some(held @ Value::Object(_))
                    if !plain.reads.iter().any(|read| read.0.starts_with(&deeper)) =>
                {
                    *held = Value::String(SOME.to_owned());
                }
                Some(_) => {}
                None if key.starts_with("file:") && key.contains('#') => {
                    always.insert(key.clone(), Value::Object(Map::new()));
                }
                None => {
                    if let Some(value) = something(read, &[]) {
                        always.insert(key.clone(), value);
                    }
                }
            }
        }
        if always == before {
            break;
        }
        if let Some(again) = runs.once(&always, true) {
            plain = again;
            out.keep(&mut plain, &always);
        }
    }
    (!plain.sent.is_empty()).then_some((plain, always))
}

/// What a file, a folder or a command says where nothing was there: one of
/// which nobody makes a list.
fn something(read: &Read, patterns: &[String]) -> Option<Value> {
    let (key, base, ..) = read;
    let (kind, name) = key.split_once(':')?;
    let said = match kind {
        // A line that ends says nothing either.
        "file" | "command" if base.len() <= 1 => filled(name, SOME, patterns),
        "dir" if base.is_empty() => listed(SOME),
        _ => return None,
    };
    Some(Value::String(said))
}

/// A trial after the first runs.
struct Trying<'r, 't> {
    runs: &'r mut Runs<'t>,
    plain: &'r Left,
    /// What is so on all hosts.
    always: &'r Facts,
    candidates: Vec<String>,
    numbers: &'r [String],
    patterns: &'r [String],
    by: Grounds<'r>,
    /// How many hosts facts are tried on one at a time.
    most: usize,
    /// All that was asked for, with those under which it was.
    planned: Vec<Waiting>,
    /// Values that lead elsewhere at some test, though nothing else leaves.
    deciding: FxHashMap<String, Vec<Led>>,
    /// What was shown for which fact.
    shown_for: FxHashSet<(String, String)>,
    out: Tried,
}

impl Trying<'_, '_> {
    fn is_late(&self) -> bool {
        self.runs.started.elapsed() > self.runs.trial.time()
    }

    /// A fact with the values that it is to be given.
    fn planning(&self, read: Read, under: Facts) -> Waiting {
        let mut values = values(&read.0, &self.candidates, self.numbers, self.patterns);
        if !fact::tells(&read.0) && !self.by.small {
            values.truncate(FEW);
        }
        Waiting {
            read,
            under,
            values,
        }
    }

    /// Facts one at a time.
    fn apart(&mut self) {
        let mut reads = self.plain.reads.clone();
        let mut asked: FxHashSet<String> = reads.iter().map(|read| read.0.clone()).collect();
        // What nearly everything asks for comes last.
        reads.sort_by_key(|read| {
            matches!(
                read.0.as_str(),
                "user" | "home" | "cwd" | "environment" | "lang" | "tty"
            )
        });
        // No fact takes the hosts of another: each has its share first, and
        // what is left of its values comes after.
        let share = (self.most / reads.len().max(1)).clamp(SHARE, VALUES);
        for read in reads {
            self.planned.push(self.planning(read, self.always.clone()));
        }
        let mut waiting: VecDeque<Waiting> = self.planned.iter().cloned().collect();
        while let Some(mut next) = waiting.pop_front() {
            let later = next.values.split_off(share.min(next.values.len()));
            let Some((more, found)) = self.one(&next, &mut asked) else {
                return;
            };
            for new in more {
                waiting.push_front(new);
            }
            if !found && !later.is_empty() {
                next.values = later;
                waiting.push_back(next);
            }
        }
    }

    /// Whether no more hosts are tried for one fact alone.
    fn is_spent(&self) -> bool {
        self.out.hosts >= self.most || self.is_late() || self.out.shown.len() >= TOLD
    }

    /// The values of a fact, one after the other, until one shows something:
    /// what is asked for only then, and whether one did; none at a limit.
    fn one(
        &mut self,
        next: &Waiting,
        asked: &mut FxHashSet<String>,
    ) -> Option<(Vec<Waiting>, bool)> {
        let Waiting {
            read,
            under,
            values,
        } = next;
        let mut more = Vec::new();
        let before = if under.len() == self.always.len() {
            None
        } else {
            self.runs.once(under, false)
        };
        let with = |value: &Value| {
            let mut facts = under.clone();
            facts.insert(read.0.clone(), value.clone());
            facts
        };
        // With a file that says nothing more may happen than without it.
        let neutral = something(read, self.patterns).and_then(|content| {
            let mut left = self.runs.once(&with(&content), false)?;
            let content = content.as_str()?.to_owned();
            for known in &mut left.reads {
                if known.0 == read.0 {
                    known.1.clone_from(&content);
                }
            }
            Some(left)
        });
        let part = self.runs.trial.is_part();
        let mut elsewhere = !part;
        for (at, value) in values.iter().enumerate() {
            // What few values lead nowhere else with is not compared with any,
            // in a part of a module that mostly has other things to do.
            if at >= FEW && !elsewhere {
                return Some((more, false));
            }
            if self.is_spent() {
                let limit = if self.out.hosts >= self.most {
                    "the limit on hosts"
                } else {
                    "the limit on time"
                };
                let none = self.out.shown.is_empty();
                self.out.limit = none.then(|| limit.to_owned());
                return None;
            }
            let facts = with(value);
            self.out.hosts = self.out.hosts.saturating_add(1);
            let Some(left) = self.runs.once(&facts, false) else {
                continue;
            };
            elsewhere |= left.ways != before.as_ref().unwrap_or(self.plain).ways;
            if before.is_none() && left.ways != self.plain.ways {
                let known = self.deciding.entry(read.0.clone()).or_default();
                match known.iter_mut().find(|led| led.ways == left.ways) {
                    Some(led) => led.often = led.often.saturating_add(1),
                    None => known.push(Led {
                        ways: left.ways,
                        often: 1,
                        value: value.clone(),
                    }),
                }
            }
            let told = self.out.shown.len();
            let by = Grounds {
                shared: before.as_ref().map(|_| under),
                ..self.by
            };
            let others = [
                Some(before.as_ref().unwrap_or(self.plain)),
                neutral.as_ref(),
            ];
            for one in others.into_iter().flatten() {
                compare(
                    one,
                    &left,
                    &facts,
                    read,
                    &mut self.shown_for,
                    &mut self.out.shown,
                    by,
                );
            }
            for new in &left.reads {
                // Facts that are asked for only when another has a certain
                // value are tried with that value.
                if asked.insert(new.0.clone()) && under.len() < self.always.len().saturating_add(3)
                {
                    let new = self.planning(new.clone(), facts.clone());
                    self.planned.push(new.clone());
                    more.push(new);
                }
            }
            if self.out.shown.len() > told {
                return Some((more, true));
            }
        }
        Some((more, false))
    }

    /// Those facts that something hangs on, and of their values those that
    /// lead where few do: nearly all that is tried is one that nobody looks
    /// for.
    fn decided(&mut self) -> Vec<Waiting> {
        let decided = self.planned.iter().filter_map(|planned| {
            let led = self.deciding.get_mut(&planned.read.0)?;
            led.sort_by_key(|led| led.often);
            let values = led.iter().take(DECIDING).map(|led| led.value.clone());
            Some(Waiting {
                values: values.collect(),
                ..planned.clone()
            })
        });
        decided.collect()
    }

    /// A few hosts on which all facts are other ones at once.
    fn together(&mut self, planned: &[Waiting]) {
        if planned.len() < 2 {
            return;
        }
        let most = planned.iter().map(|planned| planned.values.len()).max();
        let in_step = most.unwrap_or(0).min(AT_ONCE / 2);
        for turn in 0..AT_ONCE {
            let late = self.out.hosts >= HOSTS + JOINT || self.is_late();
            if late || !self.out.shown.is_empty() {
                return;
            }
            let mut facts = self.always.clone();
            for (at, Waiting { read, values, .. }) in planned.iter().enumerate() {
                // In step first, then against each other.
                let turn = if turn < in_step {
                    turn
                } else {
                    turn.wrapping_mul(at.saturating_add(1))
                };
                let index = turn.checked_rem(values.len()).unwrap_or(0);
                if let Some(value) = values.get(index) {
                    facts.insert(read.0.clone(), value.clone());
                }
            }
            self.out.hosts = self.out.hosts.saturating_add(1);
            let Some(left) = self.runs.once(&facts, false) else {
                continue;
            };
            let Some(read) = left.reads.first().cloned() else {
                continue;
            };
            if self.differing(&read, &left, &facts).0.is_empty() {
                continue;
            }
            // What it takes, and no more.
            let mut left = left;
            for Waiting {
                read: (key, ..), ..
            } in planned
            {
                if self.always.contains_key(key) {
                    continue;
                }
                let mut fewer = facts.clone();
                fewer.shift_remove(key);
                self.out.hosts = self.out.hosts.saturating_add(1);
                if let Some(again) = self.runs.once(&fewer, false)
                    && !self.differing(&read, &again, &fewer).0.is_empty()
                {
                    (facts, left) = (fewer, again);
                }
            }
            // Of what depends on so many at once nobody can say what it tells.
            if facts.len() <= self.always.len().saturating_add(TAKEN) {
                let (shown, known) = self.differing(&read, &left, &facts);
                self.out.shown.extend(shown);
                self.shown_for = known;
            }
        }
    }

    /// What differs from the plain host and repeats no fact, and what has been
    /// shown with it.
    fn differing(
        &self,
        read: &Read,
        left: &Left,
        facts: &Facts,
    ) -> (Vec<Shown>, FxHashSet<(String, String)>) {
        let (mut shown, mut known) = (Vec::new(), self.shown_for.clone());
        compare(
            self.plain, left, facts, read, &mut known, &mut shown, self.by,
        );
        shown.retain(|shown| !repeats(shown));
        (shown, known)
    }
}

/// Candidates, the likeliest first: what was put together while the module
/// ran, then what stands in it.
fn ordered(seen: &[String], late: &[String], trial: &Trial) -> Vec<String> {
    let constants = &trial.candidates;
    let mut known: FxHashSet<&String> = constants.iter().collect();
    let seen_too: FxHashSet<&String> = seen.iter().collect();
    let decoded: Vec<&String> = trial
        .made
        .iter()
        .filter(|text| known.insert(text))
        .collect();
    let made = seen
        .iter()
        .filter(|text| !known.contains(text) && !is_of_world(text));
    let compared = constants.iter().filter(|text| seen_too.contains(text));
    let others = constants.iter().filter(|text| !seen_too.contains(text));
    let decoded = decoded.into_iter().take(VALUES / 3);
    let made = made.take(VALUES / 3);
    // What stands there and is compared, and what was put together, in turns.
    let mut out: Vec<String> = decoded.cloned().collect();
    let (mut made, mut compared) = (made, compared);
    loop {
        let (one, other) = (made.next(), compared.next());
        if one.is_none() && other.is_none() {
            break;
        }
        out.extend(one.into_iter().chain(other).cloned());
    }
    let late = late.iter().filter(|text| !is_of_world(text));
    out.extend(late.take(VALUES / 4).cloned());
    out.extend(others.cloned());
    out
}

/// Whether a text is of the host that is not there, and of no subject.
fn is_of_world(text: &str) -> bool {
    let world = [WORLD, PYTHON[0].1, PYTHON[1].1, PYTHON[2].1];
    !decode::is_zone(text)
        && !decode::is_locale(text)
        && world
            .iter()
            .any(|world| memchr::memmem::find(world.as_bytes(), text.as_bytes()).is_some())
}

/// How many such hosts there are.
const AT_ONCE: usize = 24;
/// How many values of a fact are kept that something hangs on.
const DECIDING: usize = 6;
/// How many facts together what leaves may depend on.
const TAKEN: usize = 4;

/// Whether what leaves repeats what a fact is on the plain host, however that
/// is trimmed or joined.
fn repeats(shown: &Shown) -> bool {
    shown.facts.iter().any(|(_, base, _)| {
        let base = base.trim();
        base.len() >= REPEATED && (shown.one.contains(base) || shown.other.contains(base))
    })
}

/// From this many bytes on a text stands nowhere by chance.
const REPEATED: usize = 6;
