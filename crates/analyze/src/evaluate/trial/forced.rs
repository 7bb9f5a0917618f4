//! Decisions made the other way.
//!
//! A fact may be compared with what nobody can guess: a hash, a pattern, a
//! score. What is compared at a place depends on a fact when it differs
//! between two hosts that differ in that fact alone. Such a decision is then
//! made the other way, whatever the fact is, and what leaves is compared.
//!
//! The idea is that of forced execution: Peng et al., "X-Force" (USENIX
//! Security 2014); Kim et al., "J-Force" (WWW 2017).

use std::ops::ControlFlow;

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::compare::{Grounds, compare};
use super::session::{Force, How};
use super::values::{filled, is_address, listed};
use super::{Facts, Left, Read, SOME, Trying, Waiting, fact};

/// How many facts are looked at.
const FACTS: usize = 10;
/// How many decisions are made the other way, of one fact and of all.
const EACH: usize = 12;
const ALL: usize = 48;
/// How many of one condition.
const TOGETHER: usize = 3;

/// Makes decisions that depend on a fact the other way, for each fact with
/// those under which the module asks for it.
pub(super) fn forced(trying: &mut Trying<'_, '_>, mut planned: Vec<Waiting>) {
    // What is asked for only in some case is the rarer, and comes first.
    let always = trying.always.len();
    planned
        .sort_by_key(|Waiting { read, under, .. }| (!fact::tells(&read.0), under.len() <= always));
    let mut forcing = Forcing {
        trying,
        done: FxHashSet::default(),
    };
    let small = forcing.trying.by.small;
    let planned = planned
        .iter()
        .filter(|planned| may_decide(&planned.read.0, small))
        .take(FACTS);
    for Waiting { read, under, .. } in planned {
        for (one, others) in alternatives(read, under, forcing.trying.patterns) {
            if forcing.fact(read, &one, &others).is_break() {
                return;
            }
        }
    }
}

/// Decisions that are made the other way.
struct Forcing<'f, 'r, 't> {
    trying: &'f mut Trying<'r, 't>,
    /// Where it has been done.
    done: FxHashSet<String>,
}

impl Forcing<'_, '_, '_> {
    /// What is decided by a fact, which is the one thing in which hosts differ;
    /// breaks once something is shown, or at a limit.
    fn fact(&mut self, read: &Read, one: &Facts, others: &[Facts]) -> ControlFlow<()> {
        let (Some(plain), Some(other)) = (self.run(one, None), others.first()) else {
            return ControlFlow::Continue(());
        };
        let mut depends: Vec<Found> = Vec::new();
        // Some differ only now and then: a bit of a digest.
        for other in others {
            let Some(left) = self.run(other, None) else {
                continue;
            };
            for found in depending(&plain, &left) {
                let known = |(force, ..): &Found| force.0 == found.0.0;
                if depends.len() < EACH && !depends.iter().any(known) {
                    depends.push(found);
                }
            }
        }
        for (force, line, column) in depends {
            if self.done.len() >= ALL || self.trying.is_late() {
                return ControlFlow::Break(());
            }
            if !self.done.insert(force.0.clone()) {
                continue;
            }
            let told = self.trying.out.shown.len();
            self.condition(read, (&plain, one, other), force);
            let shown = &mut self.trying.out.shown;
            for shown in shown.iter_mut().skip(told) {
                shown.forced = Some((line, column));
            }
            if shown.len() > told {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// A decision made otherwise, and what is decided only then, which may be
    /// another part of the same condition.
    fn condition(&mut self, read: &Read, hosts: (&Left, &Facts, &Facts), force: Force) {
        let (plain, one, other) = hosts;
        let by = Grounds {
            forced: true,
            set: Some(one),
            ..self.trying.by
        };
        // The fact is the same on both.
        let mut facts = Facts::new();
        facts.insert(read.0.clone(), Value::String(read.1.clone()));
        let mut forces = vec![force];
        for _ in 0..TOGETHER {
            let Some(left) = self.run(one, Some(&forces)) else {
                return;
            };
            let Trying { shown_for, out, .. } = &mut *self.trying;
            let told = out.shown.len();
            compare(plain, &left, &facts, read, shown_for, &mut out.shown, by);
            if out.shown.len() > told {
                return;
            }
            let Some(other) = self.run(other, Some(&forces)) else {
                return;
            };
            let known = |site: &str| plain.decisions.iter().any(|decision| decision.0 == site);
            let next = depending(&left, &other)
                .into_iter()
                .find(|(force, ..)| !known(&force.0));
            let Some((next, ..)) = next else {
                return;
            };
            forces.push(next);
        }
    }

    fn run(&mut self, facts: &Facts, force: Option<&[Force]>) -> Option<Left> {
        let how = How {
            decide: true,
            force,
            ..How::default()
        };
        self.trying.out.hosts = self.trying.out.hosts.saturating_add(1);
        self.trying.runs.run(facts, how)
    }
}

/// What is decided otherwise, and the line and column where.
type Found = (Force, u32, u32);

/// What is compared with another value on two hosts that differ in a fact, the
/// other way than it came out, and where it stands.
fn depending(one: &Left, two: &Left) -> Vec<Found> {
    let depends = one.decisions.iter().filter_map(|decision| {
        let (site, said, came, line, column) = decision;
        let there = two.decisions.iter().find(|other| other.0 == *site)?;
        let times = differing(said, &there.1);
        (!times.is_empty()).then(|| ((site.clone(), !came, times), *line, *column))
    });
    depends.take(EACH).collect()
}

/// At which times what was compared at a place differs.
fn differing(one: &str, other: &str) -> Vec<usize> {
    one.split('\u{1}')
        .zip(other.split('\u{1}'))
        .enumerate()
        .filter(|(_, (one, other))| one != other)
        .map(|(at, _)| at)
        .collect()
}

/// Whether a decision may hang on a fact, and tell something about whoever
/// runs it.
fn may_decide(key: &str, small: bool) -> bool {
    let kind = key.split(':').next().unwrap_or_default();
    fact::tells(key)
        || small
            // What is set in a file is an option, unless it says who.
            && !key.contains('#')
            && !matches!(
                kind,
                "env" | "platform" | "tty" | "cwd" | "home" | "environment" | "lang"
            )
}

/// Hosts that differ in a fact alone, one and others, on none of which is what
/// a module looks for: with plain words first, then with names of the form that
/// addresses and hosts have, since what takes them apart fails on others. The
/// values are of one length, so that lengths are no sign.
fn alternatives(read: &Read, always: &Facts, patterns: &[String]) -> Vec<(Facts, Vec<Facts>)> {
    let (key, base, ..) = read;
    let (kind, name) = key.split_once(':').unwrap_or((key, ""));
    let text = |text: &str| Value::String(text.to_owned());
    let with = |value: Value| {
        let mut facts = always.clone();
        facts.insert(key.clone(), value);
        facts
    };
    let of = |words: &[&str], made: &dyn Fn(&str) -> Value| {
        let mut all = words.iter().map(|word| with(made(word)));
        all.next().map(|one| (one, all.collect::<Vec<Facts>>()))
    };
    let of_words = |made: &dyn Fn(&str) -> Value| -> Vec<(Facts, Vec<Facts>)> {
        [&WORDS, &NAMES, &FIGURES]
            .iter()
            .filter_map(|words| of(&words[..], made))
            .collect()
    };
    let changed = |values: Vec<Value>| {
        let others = values.into_iter().map(with).collect();
        vec![(always.clone(), others)]
    };
    let texts = |list: &[&str]| changed(list.iter().map(|value| text(value)).collect());
    let numbers = |by: &[f64]| {
        let number = base.parse::<f64>().unwrap_or(1.0);
        let numbers = by.iter().map(|by| (number * by).round());
        let numbers = numbers.filter_map(serde_json::Number::from_f64);
        changed(numbers.map(Value::Number).collect())
    };
    let url = |name: &str| text(&format!("https://{name}/v1"));
    match kind {
        "zone" => texts(&["America/Winnipeg", "Pacific/Fakaofo", "Africa/Windhoek"]),
        "locale" => texts(&["en-NZ", "en-ZA", "fi-FI"]),
        "lang" => texts(&["en_NZ.UTF-8", "en_ZA.UTF-8", "fi_FI.UTF-8"]),
        "user" => texts(&["anybody", "manager", "student"]),
        "hostname" => {
            let mut found = texts(&["gadgets", "cabinet", "printer"]);
            found.extend(of(&NAMES, &|name| text(&format!("desk.{name}"))));
            found
        }
        "interfaces" => texts(&[
            "eth0 192.168.7.21 52:54:00:12:34:57",
            "eth0 192.168.8.34 52:54:00:71:a2:0c",
        ]),
        "cores" | "memory" | "disk" | "uptime" => numbers(&[0.75, 1.5]),
        "uid" => numbers(&[1.001, 1.007]),
        "dir" if base.trim().len() <= 1 => of_words(&|word| text(&listed(word))),
        "file" | "command" if base.trim().len() <= 1 && !key.contains('#') => {
            let mut found = of_words(&|word| Value::String(filled(name, word, patterns)));
            found.extend(of(&FIGURES, &text));
            found
        }
        "env" if base.is_empty() && is_address(name) => of(&NAMES, &url).into_iter().collect(),
        _ if base.is_empty() => {
            let mut found = of_words(&text);
            if key.contains('#') {
                found.extend(of(&NAMES, &url));
            }
            found
        }
        _ => {
            let mut values = vec![turned(base)];
            for _ in 1..WORDS.len().saturating_sub(1) {
                values.extend(values.last().map(|text| turned(text)));
            }
            changed(values.into_iter().map(Value::String).collect())
        }
    }
}

/// Words of one length, of which no list is made.
const WORDS: [&str; 6] = [SOME, "more", "kilt", "dusk", "vane", "plum"];
/// Numbers of one length.
const FIGURES: [&str; 6] = ["4711", "8032", "1956", "6623", "3389", "5274"];
/// Names of hosts of one length, and of no part in common.
const NAMES: [&str; 6] = [
    "alpha.some.example",
    "gamma.more.invalid",
    "delta.kilt.testing",
    "sigma.dusk.private",
    "kappa.vane.library",
    "omega.plum.college",
];

/// A text of the same form that says something else: other digits, and
/// another letter where each word ends.
fn turned(text: &str) -> String {
    let mut out: Vec<char> = text.chars().collect();
    let mut last = true;
    for c in out.iter_mut().rev() {
        match *c {
            c if c.is_whitespace() => last = true,
            '0'..='9' => {
                *c = if *c == '9' {
                    '0'
                } else {
                    char::from_u32(u32::from(*c).saturating_add(1)).unwrap_or('1')
                };
                last = false;
            }
            'a'..='y' | 'A'..='Y' if last => {
                *c = char::from_u32(u32::from(*c).saturating_add(1)).unwrap_or('b');
                last = false;
            }
            _ => {}
        }
    }
    out.into_iter().collect()
}
