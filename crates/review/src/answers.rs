//! The four questions, answered by what was measured first and by what is
//! stated second.

use std::collections::{BTreeMap, BTreeSet};

use assay_analyze::is_for_documents;
use assay_model::{
    Answer, Answers, Basis, ClaimOutcome, Contract, DataKind, DocumentedSetting, Fact, FactKind,
    Flow, Grade, Layer, LayerRisk, Leaves, Observation, OptOut, OptOutOutcome, Parts, PossibleFlow,
    Purpose, Run, Severity,
};

use crate::contracts::clauses;
use crate::regions::{Addresses, Regions, plain};
use crate::vendors::Profile;

/// What answers are made with beside what is in the dossier.
pub(crate) struct Known<'k> {
    pub(crate) profile: Option<Profile<'k>>,
    /// The version of the subject.
    pub(crate) version: Option<&'k str>,
    pub(crate) regions: &'k Regions,
    pub(crate) addresses: Option<&'k Addresses>,
    pub(crate) contract: Option<&'k Contract>,
    pub(crate) now: &'k str,
}

/// Answers the four questions.
pub(crate) fn answers(parts: &Parts, known: &Known<'_>) -> Answers {
    let leaves = leaves(parts, known);
    let opt_outs = opt_outs(parts, known);
    let mut out = Answers {
        model: model(parts, known, &leaves),
        control: control(parts, known, &opt_outs),
        record: record(parts, known),
        layers: layers(parts),
        opt_outs,
        leaves,
        clauses: Vec::new(),
    };
    if let Some(contract) = known.contract {
        out.clauses = clauses(contract, parts, &out, known.profile, known.now);
    }
    out
}

fn unknown(topic: &str, says: &str) -> Answer {
    Answer {
        topic: topic.to_owned(),
        says: says.to_owned(),
        basis: Basis::Unknown,
        source: String::new(),
        date: String::new(),
        scope: String::new(),
    }
}

fn measured(topic: &str, says: String, source: String) -> Answer {
    Answer {
        topic: topic.to_owned(),
        says,
        basis: Basis::Measured,
        source,
        date: String::new(),
        scope: String::new(),
    }
}

/// What is stated of a kind. Facts that say another thing under the same scope
/// are marked: at most one of them holds.
fn stated(known: &Known<'_>, kind: FactKind, topic: &str) -> Vec<Answer> {
    let facts: Vec<&Fact> = known
        .profile
        .iter()
        .flat_map(Profile::facts)
        .filter(|fact| fact.about == kind)
        .collect();
    // A fact that nobody can look up is no fact, and one of other versions
    // says nothing of this one.
    let sourced = |fact: &&&Fact| !fact.source.is_empty() && holds_for(&fact.scope, known.version);
    let mut out: Vec<Answer> = facts
        .iter()
        .filter(sourced)
        .map(|fact| Answer {
            topic: topic.to_owned(),
            says: fact.says.clone(),
            basis: match contradicts(fact, &facts) {
                true => Basis::Contradictory,
                false => Basis::Stated,
            },
            source: fact.source.clone(),
            date: fact.date.clone(),
            scope: fact.scope.clone(),
        })
        .collect();
    if out.is_empty() {
        out.push(unknown(topic, "nothing with a source is known"));
    }
    out
}

/// Whether a scope that is a range of versions (`before 2.1.64`, `2.1.38 to
/// before 2.1.163`, `2.1.91 to 2.1.197`, `since 2.0.0`) takes in a version; any
/// other scope does.
pub(crate) fn holds_for(scope: &str, version: Option<&str>) -> bool {
    let number = |text: &str| assay_model::version_number(text).map(|(number, _)| number);
    let Some(version) = version.and_then(number) else {
        return true;
    };
    let scope = scope.trim();
    let (from, to) = match scope.split_once(" to ") {
        Some((from, to)) => (Some(from), Some(to)),
        None => match scope.strip_prefix("since ") {
            Some(from) => (Some(from), None),
            None => (None, Some(scope)),
        },
    };
    let after_from = match from.map(number) {
        Some(Some(from)) => version >= from,
        Some(None) => return true,
        None => true,
    };
    let before_to = match to {
        None => true,
        Some(to) => match to.strip_prefix("before ").map(number) {
            Some(Some(to)) => version < to,
            Some(None) => return true,
            // A version alone is no range.
            None if from.is_none() => return true,
            None => match number(to) {
                Some(to) => version <= to,
                None => return true,
            },
        },
    };
    after_from && before_to
}

/// Whether another fact of the same kind and scope says so much, but not the
/// same numbers, or the opposite: `does not` for `does`.
fn contradicts(fact: &Fact, all: &[&Fact]) -> bool {
    let words = |text: &str| -> (BTreeSet<String>, BTreeSet<String>) {
        let words = text.to_lowercase();
        let words = words
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        let (special, plain): (Vec<&str>, Vec<&str>) = words.partition(|word| {
            word.bytes().any(|byte| byte.is_ascii_digit())
                || ["not", "no", "never", "without"].contains(word)
        });
        let own = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
        (own(special), own(plain))
    };
    let (special, own) = words(&fact.says);
    all.iter().any(|other| {
        if other.scope != fact.scope || other.says == fact.says {
            return false;
        }
        let (its, others) = words(&other.says);
        let common = own.intersection(&others).count();
        // All words but numbers and negations are the same, or nearly.
        its != special && common * 10 >= own.len().max(others.len()) * 9
    })
}

/// Where does the model run?
fn model(parts: &Parts, known: &Known<'_>, leaves: &Leaves) -> Vec<Answer> {
    let mut out = Vec::new();
    if parts.observation.is_some() {
        let models: Vec<&Flow> = leaves
            .flows
            .iter()
            .filter(|flow| flow.provider.is_some())
            .collect();
        for flow in &models {
            let place = match &flow.country.code {
                Some(code) => format!("in {code} ({})", flow.country.from),
                None => format!("in a country that is not known ({})", flow.country.from),
            };
            out.push(measured(
                "requests to a model",
                format!(
                    "{} requests in the form {} go to {}, {place}",
                    flow.requests,
                    flow.provider.as_deref().unwrap_or_default(),
                    flow.host
                ),
                "runs".to_owned(),
            ));
        }
        if models.is_empty() {
            out.push(measured(
                "requests to a model",
                "no run sent a request to a model".to_owned(),
                "runs".to_owned(),
            ));
        }
    } else {
        out.push(unknown("requests to a model", "nothing was run"));
    }
    out.extend(stated(known, FactKind::Hosting, "hosting"));
    out.extend(stated(known, FactKind::Regions, "regions"));
    out.extend(stated(known, FactKind::SelfHosting, "self-hosting"));
    out
}

/// What data leaves the environment?
fn leaves(parts: &Parts, known: &Known<'_>) -> Leaves {
    let mut flows: BTreeMap<String, Flow> = BTreeMap::new();
    let documents = known
        .profile
        .filter(|profile| profile.hosts().next().is_some());
    let documented = |host: &str| documents.map(|profile| profile.documents(&plain(host)));
    let purpose = |host: &str| documents.and_then(|profile| profile.purpose(&plain(host)));
    let mut runs = 0;
    if let Some(observation) = &parts.observation {
        for run in observation.runs.iter().filter(|run| run.factors.is_empty()) {
            runs += 1;
            for host in &run.hosts {
                let flow = flows.entry(host.host.clone()).or_insert_with(|| Flow {
                    host: host.host.clone(),
                    purpose: purpose(&host.host),
                    documented: documented(&host.host),
                    country: known.regions.of(&host.host, known.addresses),
                    ..Flow::default()
                });
                if flow.provider.is_none() {
                    flow.provider.clone_from(&host.provider);
                }
                let count = host.requests.saturating_add(host.messages);
                flow.requests = flow.requests.saturating_add(count as u64);
                flow.bytes = flow.bytes.saturating_add(host.sent);
                for (kind, bytes) in &host.data {
                    let sum = flow.data.entry(*kind).or_default();
                    *sum = sum.saturating_add(*bytes);
                }
            }
            for left in &run.canaries {
                if let Some(flow) = flows.get_mut(&left.host)
                    && !flow.canaries.contains(&left.canary)
                {
                    flow.canaries.push(left.canary.clone());
                }
            }
        }
    }
    let mut possible: Vec<PossibleFlow> = Vec::new();
    for finding in parts
        .dossier
        .findings
        .iter()
        .filter(|finding| is_for_documents(finding))
    {
        let is_known = possible.iter().any(|known| known.host == finding.key)
            || flows.keys().any(|host| plain(host) == finding.key);
        if !is_known {
            possible.push(PossibleFlow {
                host: finding.key.clone(),
                finding: finding.id.clone(),
                purpose: purpose(&finding.key),
                documented: documented(&finding.key),
                country: known.regions.of(&finding.key, known.addresses),
            });
        }
    }
    let mut flows: Vec<Flow> = flows.into_values().collect();
    flows.sort_by(|a, b| (b.bytes, &a.host).cmp(&(a.bytes, &b.host)));
    Leaves {
        flows,
        runs,
        possible,
    }
}

/// What can be audited and switched off?
fn control(parts: &Parts, known: &Known<'_>, opt_outs: &[OptOut]) -> Vec<Answer> {
    let mut out = Vec::new();
    if parts.observation.is_some() {
        out.push(measured(
            "traffic",
            "requests could be recorded with their bodies".to_owned(),
            "runs".to_owned(),
        ));
        let distrusts: BTreeSet<&str> = plain_runs(parts)
            .flat_map(|run| &run.hosts)
            .filter(|host| {
                host.troubles
                    .iter()
                    .any(|what| what.contains("does not trust"))
            })
            .map(|host| host.host.as_str())
            .collect();
        if !distrusts.is_empty() {
            let hosts: Vec<&str> = distrusts.into_iter().collect();
            out.push(measured(
                "traffic",
                format!(
                    "what goes to {} cannot be read: it trusts no certificate but its own",
                    hosts.join(", ")
                ),
                "runs".to_owned(),
            ));
        }
    } else {
        out.push(unknown("traffic", "nothing was run"));
    }
    for behaviour in [
        "control.remote-flag",
        "control.remote-config",
        "control.kill-switch",
        "control.auto-update",
        "control.remote-code",
    ] {
        let of = parts
            .dossier
            .findings
            .iter()
            .filter(|finding| finding.behaviour == behaviour);
        let ids: Vec<&str> = of.map(|finding| finding.id.as_str()).collect();
        if let Some(first) = ids.first() {
            let count = ids.len();
            let findings = if count == 1 { "finding" } else { "findings" };
            out.push(measured(
                "control from afar",
                format!("{behaviour}: {count} {findings}"),
                (*first).to_owned(),
            ));
        }
    }
    if opt_outs.is_empty() {
        out.push(unknown("opt-outs", "no documented opt-out is known"));
    }
    out.extend(stated(known, FactKind::Audit, "logs"));
    out.extend(stated(known, FactKind::Telemetry, "telemetry"));
    out.extend(stated(known, FactKind::Retention, "retention"));
    out.extend(stated(known, FactKind::Training, "training"));
    out
}

fn plain_runs(parts: &Parts) -> impl Iterator<Item = &Run> {
    let runs = parts.observation.iter().flat_map(|seen| &seen.runs);
    runs.filter(|run| run.factors.is_empty())
}

/// The factor that a documented variable is, with its value.
pub(crate) fn switch(setting: &DocumentedSetting) -> (String, String) {
    (format!("env:{}", setting.name), setting.value.clone())
}

/// Documented switches, and what came of trying them.
fn opt_outs(parts: &Parts, known: &Known<'_>) -> Vec<OptOut> {
    let Some(profile) = known.profile else {
        return Vec::new();
    };
    let variables = profile.tool.variables.iter().map(|one| (one, true));
    let settings = profile.tool.settings.iter().map(|one| (one, false));
    variables
        .chain(settings)
        .filter_map(|(setting, variable)| {
            let of = setting.opts_out_of?;
            let how = match setting.place.is_empty() {
                true => format!("{}={}", setting.name, setting.value),
                false => format!("{} = {} in {}", setting.name, setting.value, setting.place),
            };
            let (outcome, says) = match (variable, &parts.observation) {
                (true, Some(observation)) => tried(observation, setting, of, profile),
                (true, None) => (OptOutOutcome::NotTried, "nothing was run".to_owned()),
                (false, _) => (
                    OptOutOutcome::NotTried,
                    "only variables of the environment are tried".to_owned(),
                ),
            };
            Some(OptOut {
                of,
                how,
                source: setting.source.clone(),
                outcome,
                says,
            })
        })
        .collect()
}

/// Compares runs with a switch with those of the plain host.
fn tried(
    observation: &Observation,
    setting: &DocumentedSetting,
    of: Purpose,
    profile: Profile<'_>,
) -> (OptOutOutcome, String) {
    let (name, value) = switch(setting);
    let plain_runs: Vec<&Run> = observation
        .runs
        .iter()
        .filter(|run| run.factors.is_empty())
        .collect();
    let switched: Vec<&Run> = observation
        .runs
        .iter()
        .filter(|run| run.factors.len() == 1 && run.factors.get(&name) == Some(&value))
        .collect();
    if plain_runs.is_empty() || switched.is_empty() {
        return (OptOutOutcome::NotTried, "no run had it".to_owned());
    }
    // Of a host that serves several things, what is no request to a model.
    let sent = |runs: &[&Run]| -> (f64, BTreeSet<String>) {
        let mut bytes = 0_u64;
        let mut hosts = BTreeSet::new();
        for host in runs.iter().flat_map(|run| &run.hosts) {
            let purpose = profile.purpose(&plain(&host.host));
            let own = host.data.get(&DataKind::Telemetry).copied().unwrap_or(0);
            let counts = match purpose {
                Some(purpose) if purpose == of => host.requests > 0,
                Some(Purpose::Model | Purpose::Feature) | None => {
                    own > 0 && matches!(of, Purpose::Telemetry | Purpose::Errors)
                }
                Some(_) => false,
            };
            if counts {
                bytes = bytes.saturating_add(own);
                hosts.insert(host.host.clone());
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
        let mean = bytes as f64 / runs.len().max(1) as f64;
        (mean, hosts)
    };
    let ((before, from), (after, to)) = (sent(&plain_runs), sent(&switched));
    let list = |hosts: &BTreeSet<String>| {
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        hosts.join(", ")
    };
    let reached = switched
        .iter()
        .filter(|run| run.hosts.iter().any(|host| host.provider.is_some()))
        .count();
    let runs = format!(
        "{} runs without and {} with it, of which {reached} reached a model",
        plain_runs.len(),
        switched.len()
    );
    if from.is_empty() {
        return (
            OptOutOutcome::NothingToSilence,
            format!("nothing of the kind was sent without it either ({runs})"),
        );
    }
    if to.is_empty() {
        return (
            OptOutOutcome::Silences,
            format!(
                "{before:.0} bytes for each run to {} without it, nothing with it ({runs})",
                list(&from)
            ),
        );
    }
    let outcome = match after < before * 0.8 || to.len() < from.len() {
        true => OptOutOutcome::Lessens,
        false => OptOutOutcome::NoEffect,
    };
    (
        outcome,
        format!(
            "{before:.0} bytes for each run to {} without it, {after:.0} bytes to {} with it ({runs})",
            list(&from),
            list(&to)
        ),
    )
}

/// What is the vendor's record?
fn record(parts: &Parts, known: &Known<'_>) -> Vec<Answer> {
    let mut out = Vec::new();
    for claim in parts.claims.iter().flat_map(|claims| &claims.claims) {
        let outcome = match claim.outcome {
            ClaimOutcome::Confirmed => "confirmed",
            ClaimOutcome::Refuted => "refuted",
            ClaimOutcome::Untestable => "untestable",
        };
        out.push(measured(
            "claims",
            format!("{outcome}: {} ({})", claim.says, claim.who),
            claim.id.clone(),
        ));
    }
    if let Some(history) = &parts.history {
        for presence in &history.behaviours {
            let first = presence.first.as_deref().unwrap_or("?");
            let last = presence.last.as_deref().unwrap_or("?");
            out.push(measured(
                "versions",
                format!("{}: from {first} to {last}", presence.behaviour),
                "history".to_owned(),
            ));
        }
    }
    if let Some(supply) = &parts.supply {
        match &supply.vulnerabilities {
            Some(found) if found.found.is_empty() => out.push(measured(
                "known weaknesses",
                format!(
                    "none of {} components that could be looked up in {} entries of {}",
                    found.looked_up, found.entries, found.newest
                ),
                "OSV".to_owned(),
            )),
            Some(found) => {
                for one in &found.found {
                    out.push(measured(
                        "known weaknesses",
                        format!("{}: {} in {}", one.id, one.summary, one.component),
                        one.id.clone(),
                    ));
                }
            }
            None => out.push(unknown("known weaknesses", "no database was named")),
        }
        for change in &supply.changes {
            out.push(measured(
                "publishing",
                change.clone(),
                "the registry".to_owned(),
            ));
        }
    }
    out.extend(stated(known, FactKind::Incident, "incidents"));
    out.extend(stated(
        known,
        FactKind::Vulnerability,
        "published weaknesses",
    ));
    out.extend(stated(known, FactKind::Certificates, "certificates"));
    out
}

/// Risks by layer, and what of each cannot be excluded.
fn layers(parts: &Parts) -> Vec<LayerRisk> {
    let found = |layer: Layer| -> Vec<String> {
        let mut counts: BTreeMap<(std::cmp::Reverse<Severity>, &str), usize> = BTreeMap::new();
        for finding in &parts.dossier.findings {
            if finding.layer == layer && finding.severity > Severity::Info {
                *counts
                    .entry((
                        std::cmp::Reverse(finding.severity),
                        finding.behaviour.as_str(),
                    ))
                    .or_default() += 1;
            }
        }
        let counts = counts.into_iter();
        counts
            .map(|((_, name), count)| format!("{name} ({count})"))
            .collect()
    };
    let concealed = parts
        .observation
        .iter()
        .flat_map(|seen| &seen.effects)
        .filter(|effect| effect.grade == Grade::Concealed)
        .count();
    let mut client = found(Layer::Client);
    if concealed > 0 {
        client.insert(0, format!("concealed effects in runs ({concealed})"));
    }
    vec![
        LayerRisk {
            layer: Layer::Client,
            found: client,
            cannot_exclude: match &parts.observation {
                Some(_) => "what runs only under settings that no run had, what is in bytes that were not read, and what another version brings",
                None => "what only a run shows, what is in bytes that were not read, and what another version brings",
            }
            .to_owned(),
        },
        LayerRisk {
            layer: Layer::HostedApi,
            found: found(Layer::HostedApi),
            cannot_exclude: "what the server keeps, for how long, who reads it, and whether it answers others otherwise: nothing of that is seen from here".to_owned(),
        },
        LayerRisk {
            layer: Layer::Model,
            found: found(Layer::Model),
            cannot_exclude: "what the model was trained to say or to do, under whatever words: runs here speak with a stand-in and not with the model".to_owned(),
        },
        LayerRisk {
            layer: Layer::Configuration,
            found: found(Layer::Configuration),
            cannot_exclude: "settings of other users, and those that a server sends later".to_owned(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::holds_for;

    #[test]
    fn what_is_said_of_other_versions_is_left_out() {
        for (scope, holds) in [
            ("", true),
            ("Claude API", true),
            ("before 2.1.64", false),
            ("before 2.1.92", true),
            ("2.1.38 to before 2.1.163", true),
            ("2.1.38 to before 2.1.91", false),
            ("2.1.91 to 2.1.197", true),
            ("2.1.38 to 2.1.90", false),
            ("since 2.1.92", false),
            ("versions of 2025", true),
            ("2.1.91", true),
        ] {
            assert_eq!(holds_for(scope, Some("2.1.91")), holds, "{scope}");
            assert!(holds_for(scope, None));
        }
    }
}
