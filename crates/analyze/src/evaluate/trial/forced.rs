//! Decisions made the other way.
//!
//! A fact may be compared with what nobody can guess: a hash, a pattern, a
//! score. What is compared at a place depends on a fact when it differs
//! between two hosts that differ in that fact alone. Such a decision is then
//! made the other way, whatever the fact is, and what leaves is compared.
//!
//! The idea is that of forced execution: Peng et al., "X-Force" (USENIX
//! Security 2014); Kim et al., "J-Force" (WWW 2017).

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::compare::compare;
use super::session::{How, Runs};
use super::values::filled;
use super::{Facts, Left, Read, TIME, Tried, fact};

/// How many facts are looked at.
const FACTS: usize = 10;
/// How many decisions are made the other way, of one fact and of all.
const EACH: usize = 12;
const ALL: usize = 48;

/// Makes decisions that depend on a fact the other way.
pub(super) fn forced(
    runs: &mut Runs<'_>,
    plain: &Left,
    always: &Facts,
    small: bool,
    shown_for: &mut FxHashSet<(String, String)>,
    out: &mut Tried,
) {
    let mut done: FxHashSet<String> = FxHashSet::default();
    let reads = plain
        .reads
        .iter()
        .filter(|read| may_decide(&read.0, small))
        .take(FACTS);
    for read in reads {
        let Some((base, other)) = two(read, always) else {
            continue;
        };
        let how = How {
            decide: true,
            ..How::default()
        };
        let (Some(one), Some(two)) = (runs.run(&base, how), runs.run(&other, how)) else {
            continue;
        };
        out.hosts = out.hosts.saturating_add(2);
        let depends = one.decisions.iter().filter_map(|decision| {
            let there = two.decisions.iter().find(|other| other.0 == decision.0)?;
            let times = differing(&decision.1, &there.1);
            (!times.is_empty()).then_some((decision, times))
        });
        for ((site, _, came, line, column), times) in depends.take(EACH) {
            if done.len() >= ALL || runs.started.elapsed() > TIME {
                return;
            }
            if !done.insert(site.clone()) {
                continue;
            }
            let how = How {
                force: Some((site, !came, &times)),
                ..How::default()
            };
            out.hosts = out.hosts.saturating_add(1);
            let Some(left) = runs.run(&base, how) else {
                continue;
            };
            let told = out.shown.len();
            // The fact is the same on both.
            let mut facts = Facts::new();
            facts.insert(read.0.clone(), Value::String(read.1.clone()));
            compare(&one, &left, &facts, read, shown_for, &mut out.shown, small);
            for shown in out.shown.iter_mut().skip(told) {
                shown.forced = Some((*line, *column));
            }
            if out.shown.len() > told {
                break;
            }
        }
    }
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
            && !matches!(
                kind,
                "env" | "platform" | "tty" | "cwd" | "home" | "environment" | "lang"
            )
}

/// Two hosts that differ in a fact alone, to which what a module looks for is
/// on neither. The values are of one length, so that lengths are no sign.
fn two(read: &Read, always: &Facts) -> Option<(Facts, Facts)> {
    let (key, base, ..) = read;
    let (kind, name) = key.split_once(':').unwrap_or((key, ""));
    let (mut one, mut other) = (always.clone(), always.clone());
    let text = |text: &str| Value::String(text.to_owned());
    let number = |by: f64| -> Option<Value> {
        let value = base.parse::<f64>().ok()? * by;
        serde_json::Number::from_f64(value.round()).map(Value::Number)
    };
    let changed = match kind {
        "zone" => text("America/Winnipeg"),
        "locale" => text("en-NZ"),
        "lang" => text("en_NZ.UTF-8"),
        "user" => text("anybody"),
        "hostname" => text("gadgets"),
        "interfaces" => text("eth0 192.168.7.21 52:54:00:12:34:57"),
        "cores" | "memory" | "disk" | "uptime" => number(0.75)?,
        "uid" => number(1.001)?,
        "file" | "command" | "dir" if base.trim().len() <= 1 => {
            let content = |word: &str| match kind {
                "dir" => text(word),
                _ => Value::String(filled(name, word, &[])),
            };
            one.insert(key.clone(), content("some"));
            content("more")
        }
        _ if base.is_empty() => {
            one.insert(key.clone(), text("some"));
            text("more")
        }
        _ => Value::String(turned(base)),
    };
    other.insert(key.clone(), changed);
    Some((one, other))
}

/// A text of the same form that says something else: other digits, and
/// another letter where each line ends.
fn turned(text: &str) -> String {
    let mut out: Vec<char> = text.chars().collect();
    let mut last = true;
    for c in out.iter_mut().rev() {
        match *c {
            '\n' => last = true,
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
