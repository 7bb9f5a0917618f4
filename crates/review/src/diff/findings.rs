//! Findings of two dossiers, by id; lists that are nearly the same, by what is
//! in them.

use std::collections::{BTreeMap, BTreeSet};

use assay_analyze::is_host_name;
use assay_model::{Change, Dossier, Finding, FindingChange, NameChange, NameKind};

/// From which share of common entries on, in hundredths, two lists are one
/// that was changed.
const ONE_LIST: usize = 50;

/// Findings that came, went or changed, what matters most first.
pub(super) fn changes(before: &Dossier, after: &Dossier) -> Vec<FindingChange> {
    let by_id = |dossier: &'_ Dossier| -> BTreeMap<String, Finding> {
        let findings = dossier.findings.iter();
        findings.map(|one| (one.id.clone(), one.clone())).collect()
    };
    let (mut ones, others) = (by_id(before), by_id(after));
    let mut out = Vec::new();
    let mut new: Vec<Finding> = Vec::new();
    for (id, other) in others {
        match ones.remove(&id) {
            Some(one) => out.extend(changed(one, other)),
            None => new.push(other),
        }
    }
    // A list with other entries has another id.
    let mut gone: Vec<Finding> = ones.into_values().collect();
    for other in new {
        let near = gone
            .iter()
            .enumerate()
            .filter(|(_, one)| one.behaviour == other.behaviour)
            .map(|(at, one)| (common(&entries(one), &entries(&other)), at))
            .max();
        match near {
            Some((share, at)) if share >= ONE_LIST => {
                let one = gone.remove(at);
                out.extend(changed(one, other));
            }
            _ => out.push(FindingChange {
                change: Change::New,
                finding: other,
                before: None,
                details: Vec::new(),
                added: Vec::new(),
                removed: Vec::new(),
                disclosure: None,
            }),
        }
    }
    out.extend(gone.into_iter().map(|one| FindingChange {
        change: Change::Gone,
        finding: one,
        before: None,
        details: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        disclosure: None,
    }));
    out.sort_by(|a, b| {
        let key = |change: &FindingChange| {
            (
                std::cmp::Reverse(change.finding.severity),
                change.finding.party.rank(),
                change.change,
                std::cmp::Reverse(change.finding.confidence),
            )
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.finding.behaviour.cmp(&b.finding.behaviour))
            .then_with(|| a.finding.key.cmp(&b.finding.key))
    });
    out
}

/// What was decoded for a finding, and what it is compared with.
fn entries(finding: &Finding) -> BTreeSet<&str> {
    let evidence = finding.evidence.iter();
    evidence
        .flat_map(|evidence| evidence.decoded.iter().chain(&evidence.compared))
        .map(String::as_str)
        .collect()
}

/// The share of entries that both have, in hundredths.
fn common(one: &BTreeSet<&str>, other: &BTreeSet<&str>) -> usize {
    let both = one.intersection(other).count();
    let all = one.union(other).count();
    (both * 100).checked_div(all).unwrap_or(0)
}

/// How one finding of both sides differs, if it does.
fn changed(one: Finding, other: Finding) -> Option<FindingChange> {
    let mut details = Vec::new();
    let mut told = |what: &str, before: String, after: String| {
        if before != after {
            details.push(format!("{what}: {before} before, {after} now"));
        }
    };
    let word = |value: serde_json::Result<serde_json::Value>| {
        let value = value.ok();
        let word = value.as_ref().and_then(serde_json::Value::as_str);
        word.unwrap_or_default().to_owned()
    };
    told(
        "severity",
        word(serde_json::to_value(one.severity)),
        word(serde_json::to_value(other.severity)),
    );
    // Of a switch it is told by what it does.
    if other
        .evidence
        .iter()
        .all(|evidence| evidence.gate.is_none())
    {
        told("what it is", one.title.clone(), other.title.clone());
    }
    let gate = |finding: &Finding, what: &str| -> String {
        let gate = finding
            .evidence
            .iter()
            .find_map(|evidence| evidence.gate.as_ref());
        let text = gate.map(|gate| match what {
            "default" => gate.default.clone(),
            "fallback" => gate.fallback.clone(),
            _ => gate.dependants.join(", "),
        });
        match text {
            Some(text) if !text.is_empty() => text,
            _ => "none".to_owned(),
        }
    };
    for what in ["default", "fallback", "what hangs on it"] {
        told(what, gate(&one, what), gate(&other, what));
    }
    let list = |of: BTreeSet<&str>, without: BTreeSet<&str>| -> Vec<String> {
        of.difference(&without)
            .map(|entry| (*entry).to_owned())
            .collect()
    };
    let added = list(entries(&other), entries(&one));
    let removed = list(entries(&one), entries(&other));
    if details.is_empty() && added.is_empty() && removed.is_empty() {
        return None;
    }
    Some(FindingChange {
        change: Change::Changed,
        finding: other,
        before: Some(Box::new(one)),
        details,
        added,
        removed,
        disclosure: None,
    })
}

/// Names that are in the findings of one side alone, by what they name.
pub(super) fn names(before: &Dossier, after: &Dossier) -> Vec<NameChange> {
    let (ones, others) = (named(before), named(after));
    let kinds: BTreeSet<NameKind> = ones.keys().chain(others.keys()).copied().collect();
    let none = BTreeSet::new();
    kinds
        .into_iter()
        .filter_map(|kind| {
            let one = ones.get(&kind).unwrap_or(&none);
            let other = others.get(&kind).unwrap_or(&none);
            let change = NameChange {
                kind,
                added: other.difference(one).cloned().collect(),
                removed: one.difference(other).cloned().collect(),
            };
            (!change.added.is_empty() || !change.removed.is_empty()).then_some(change)
        })
        .collect()
}

fn named(dossier: &Dossier) -> BTreeMap<NameKind, BTreeSet<String>> {
    let mut out: BTreeMap<NameKind, BTreeSet<String>> = BTreeMap::new();
    for finding in &dossier.findings {
        if let Some(kind) = kind_of(finding) {
            out.entry(kind).or_default().insert(finding.key.clone());
        }
        if finding.behaviour.starts_with("conceal.") {
            let decoded = finding
                .evidence
                .iter()
                .flat_map(|evidence| &evidence.decoded);
            let values = out.entry(NameKind::ConcealedValue).or_default();
            values.extend(decoded.cloned());
        }
    }
    out
}

/// What a finding's key names.
pub(crate) fn kind_of(finding: &Finding) -> Option<NameKind> {
    let key = finding.key.as_str();
    let is_variable = key.len() > 1
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    match finding.behaviour.as_str() {
        "reach.environment" => Some(NameKind::Variable),
        "control.remote-flag" | "control.kill-switch" | "control.local-switch" if !is_variable => {
            Some(NameKind::Flag)
        }
        "egress.endpoint" | "egress.raw-address" | "egress.telemetry" if is_host_name(key) => {
            Some(NameKind::Host)
        }
        "reach.process" => Some(NameKind::Process),
        "reach.files" => Some(NameKind::File),
        _ if is_variable => Some(NameKind::Variable),
        "reach.credentials" | "reach.other-tools" if key.contains('/') || key.starts_with('.') => {
            Some(NameKind::File)
        }
        _ => None,
    }
}
