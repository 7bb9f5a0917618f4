//! Switches: what is asked for by a name, and what hangs on the answer.
//!
//! A flag is seldom asked for where it is used: functions of the program lead
//! to the library or the answer of a service, and in a bundle they have names
//! of one letter. So lookups are found from both ends: functions that hand
//! their key on to a method that libraries of flags have, and functions that
//! are called in many places with a name and a default, the outcome of which
//! decides branches, and that reach a service, a file or the environment.
//! What hangs on a lookup is what stands under the branches that it decides,
//! and in the functions called there.

mod control;
mod lookups;

#[cfg(test)]
mod tests;

use assay_model::{Confidence, Gate, Setter, Severity};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::behaviours::behaviour;
use crate::ir::V;
use crate::raw::{Notes, Place, Raw, excerpt, one_line};
use crate::resolve::Resolver;
use control::Controls;
pub(crate) use lookups::Lookup;

const FLAG: &str = "control.remote-flag";
const KILL: &str = "control.kill-switch";
const LOCAL: &str = "control.local-switch";

/// How many switches of one module are told.
const GATES: usize = 2000;
/// How many lookups of one switch are followed.
const LOOKUPS: usize = 24;
/// How many things that hang on a switch are named.
const DEPENDANTS: usize = 12;

/// The places where switches are asked for.
pub(crate) fn lookups(r: &Resolver<'_, '_>) -> Vec<Lookup> {
    lookups::find(r)
}

/// Tells of the switches of a module, after the other passes: what they noted is
/// what may hang on them. Whether some were left out.
pub(crate) fn collect(
    r: &Resolver<'_, '_>,
    found: &[Lookup],
    answered: &[V],
    offset: u64,
    notes: &mut Notes,
) -> bool {
    let answers = lookups::of_answers(r, answered);
    if found.is_empty() && answers.is_empty() {
        return false;
    }
    let controls = Controls::new(r, offset, notes);
    let mut by_key: FxHashMap<(&str, Setter), Vec<&Lookup>> = FxHashMap::default();
    let mut order = Vec::new();
    let known: FxHashSet<V> = found.iter().map(|lookup| lookup.value).collect();
    let answers = answers
        .iter()
        .filter(|lookup| !known.contains(&lookup.value));
    for lookup in found.iter().chain(answers) {
        let id = (lookup.key.as_str(), lookup.setter);
        let list = by_key.entry(id).or_default();
        if list.is_empty() {
            order.push(id);
        }
        list.push(lookup);
    }
    let mut cut = order.len() > GATES;
    for id in order.into_iter().take(GATES) {
        let Some(lookups) = by_key.get(&id) else {
            continue;
        };
        cut |= note(r, offset, notes, &controls, lookups);
    }
    cut
}

fn note(
    r: &Resolver<'_, '_>,
    offset: u64,
    notes: &mut Notes,
    controls: &Controls<'_, '_, '_>,
    lookups: &[&Lookup],
) -> bool {
    let Some(first) = lookups.first() else {
        return false;
    };
    let mut hangs = control::Hangs::default();
    for lookup in lookups.iter().take(LOOKUPS) {
        controls.follow(lookup.value, &mut hangs);
    }
    let of_library = first.asked_by.starts_with('.');
    // Answers have many fields: one that leads to the host is a switch.
    if first.asked_by == lookups::ANSWER && !hangs.reaches() {
        return false;
    }
    // A variable or a setting that decides nothing is no switch.
    if hangs.is_empty() && first.setter != Setter::RemoteService {
        return false;
    }
    let known = |text: fn(&Lookup) -> &str| {
        lookups
            .iter()
            .map(|lookup| text(lookup))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
            .to_owned()
    };
    let gate = Gate {
        key: first.key.clone(),
        default: known(|lookup| &lookup.default),
        fallback: known(|lookup| &lookup.fallback),
        setter: first.setter,
        asked_by: first.asked_by.clone(),
        lookups: lookups.len() as u64,
        dependants: hangs.words(DEPENDANTS),
    };
    let ends = hangs.ends_process;
    let id = match first.setter {
        Setter::RemoteService if ends || is_kill(&first.key) => KILL,
        Setter::RemoteService => FLAG,
        _ => LOCAL,
    };
    let severity = match behaviour(id) {
        Some(known) if hangs.is_empty() => known.severity.min(Severity::Info),
        Some(known) => known.severity,
        None => Severity::Info,
    };
    let confidence = if of_library || id == LOCAL {
        Confidence::High
    } else {
        Confidence::Medium
    };
    let title = title(&gate);
    let place = |gate: Option<Gate>, value: V| {
        let (start, end) = r.ir.span(value);
        Place {
            start: u64::from(start).saturating_add(offset),
            len: u64::from(end.saturating_sub(start)),
            excerpt: excerpt(r.ir.text, start as usize, end as usize),
            gate,
            ..Place::default()
        }
    };
    notes.add(
        id,
        &gate.key.clone(),
        &title,
        (severity, confidence),
        || place(Some(gate), first.value),
    );
    hangs.cut || lookups.len() > LOOKUPS
}

/// A switch in one line.
fn title(gate: &Gate) -> String {
    let who = match gate.setter {
        Setter::RemoteService => "a service sets",
        Setter::Environment => "the environment sets",
        Setter::SettingsFile => "settings set",
        Setter::CommandLine => "the command line sets",
        Setter::BuildConstant => "the build sets",
    };
    let default = if gate.default.is_empty() {
        String::new()
    } else {
        format!(", else {}", gate.default)
    };
    let hangs = match gate.dependants.as_slice() {
        [] => String::new(),
        // What hangs on it may be what becomes of it.
        [one] if one.starts_with("is ") => format!("; it {one}"),
        [one] => format!("; on it hangs {one}"),
        [one, rest @ ..] if one.starts_with("is ") => {
            format!("; it {one}, and {} more hang on it", rest.len())
        }
        [one, rest @ ..] => format!("; on it hang {one} and {} more", rest.len()),
    };
    one_line(&format!("{who} {}{default}{hangs}", gate.key))
}

/// Whether a name says that something is switched off as a whole.
fn is_kill(key: &str) -> bool {
    let key: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    [
        "killswitch",
        "minversion",
        "minimumversion",
        "minsupportedversion",
        "minimumsupportedversion",
        "versionblocked",
        "forceupdate",
        "offswitch",
    ]
    .iter()
    .any(|word| key.contains(word))
}

/// What is found only in packages to which nothing refers is there, and no
/// more: it is told as such, and never left out.
pub(crate) fn uncalled(raws: &mut [Raw]) {
    for raw in raws {
        let of_services = matches!(raw.behaviour.as_str(), "egress.telemetry" | FLAG);
        if of_services && raw.count > 0 && raw.whose.uncalled >= raw.count {
            raw.severity = Severity::Info;
            raw.confidence = Confidence::Low;
            raw.title = format!(
                "part of {}, which nothing outside of it refers to: {}",
                raw.whose.packages.join(", "),
                raw.title
            );
        }
    }
}
