//! What a run shows of what the code says.

use std::collections::BTreeSet;

use assay_analyze::{behaviour, finding_id};
use assay_model::{
    Confidence, Demonstration, Dossier, Effect, Finding, Grade, Layer, Observation, Party,
    Severity, Vendor,
};
use assay_observe::kind;

use crate::levels::sources;
use crate::vendors::{profile, seen_undocumented, sort};

/// Names for each concealed effect the finding of the code that it shows: a
/// channel that begins with the facts that the effect's factors are.
pub(crate) fn link(findings: &[Finding], effects: &mut [Effect]) {
    let channels: Vec<(&Finding, BTreeSet<&str>)> = findings
        .iter()
        .filter(|finding| finding.behaviour == CHANNEL)
        .map(|finding| (finding, sources(finding)))
        .collect();
    // A variable is what the findings say that reading it is.
    let is_fact = |name: &str, facts: &BTreeSet<&str>| {
        let Some(variable) = name.strip_prefix("env:") else {
            return false;
        };
        let mut of = findings.iter().filter(|finding| finding.key == variable);
        of.any(|finding| facts.contains(finding.behaviour.as_str()))
    };
    for effect in effects
        .iter_mut()
        .filter(|effect| effect.grade == Grade::Concealed && !effect.is_forced())
    {
        let met = |facts: &BTreeSet<&str>| {
            let names = effect.factors.keys();
            names
                .filter(|name| {
                    let kind = kind(name).map_or(&[][..], |(kind, _)| kind.sources);
                    kind.iter().any(|source| facts.contains(source)) || is_fact(name, facts)
                })
                .count()
        };
        let best = channels
            .iter()
            .map(|(finding, facts)| (met(facts), *finding))
            .filter(|(met, _)| *met > 0)
            .max_by_key(|(met, _)| *met);
        effect.finding = best.map(|(_, finding)| finding.id.clone());
    }
}

/// The behaviour that a concealed effect is.
pub(crate) const CHANNEL: &str = "covert.channel";

/// Puts the concealed effects of an observation into the findings that they
/// show; what the code did not show is a finding of its own.
///
/// Hosts that the runs turned to and that its vendor's profile, if there is
/// one among `vendors`, does not list become findings as well.
pub fn demonstrate(dossier: &mut Dossier, observation: &Observation, vendors: &[Vendor]) {
    let shown = |effects: Vec<Effect>| {
        Some(Box::new(Demonstration {
            source: observation.source.clone(),
            settings: observation.settings.clone(),
            effects,
        }))
    };
    let concealed: Vec<&Effect> = observation
        .effects
        .iter()
        .filter(|effect| effect.grade == Grade::Concealed && !effect.is_forced())
        .collect();
    for finding in &mut dossier.findings {
        let of = concealed
            .iter()
            .filter(|effect| effect.finding.as_ref() == Some(&finding.id));
        let effects: Vec<Effect> = of.map(|effect| (*effect).clone()).collect();
        if !effects.is_empty() {
            finding.confidence = Confidence::High;
            finding.severity = finding.severity.max(Severity::High);
            finding.demonstrated = shown(effects);
        }
    }
    let alone = concealed.iter().filter(|effect| effect.finding.is_none());
    for effect in alone {
        let names: Vec<&str> = effect.factors.keys().map(String::as_str).collect();
        let key = format!("{} {}", names.join("+"), effect.field);
        let id = finding_id(CHANNEL, &key);
        let known = dossier.findings.iter_mut().find(|known| known.id == id);
        if let Some(demonstrated) = known.and_then(|known| known.demonstrated.as_mut()) {
            demonstrated.effects.push((*effect).clone());
            continue;
        }
        dossier.findings.push(Finding {
            id,
            behaviour: CHANNEL.to_owned(),
            severity: behaviour(CHANNEL).map_or(Severity::High, |known| known.severity),
            confidence: Confidence::High,
            layer: Layer::Client,
            party: Party::Unknown,
            packages: Vec::new(),
            title: format!(
                "{} changes what is sent, in {}: seen in runs, not found in the code",
                names.join(" and "),
                effect.difference
            ),
            key,
            occurrences: 1,
            evidence: Vec::new(),
            demonstrated: shown(vec![(*effect).clone()]),
        });
    }
    if let Some(profile) = profile(vendors, &dossier.subject.purl) {
        seen_undocumented(dossier, observation, &profile);
    }
    sort(dossier);
}
