//! Tools side by side, by the four questions, and which is the best choice
//! under the policy.

use assay_model::{
    COMPARISON_SCHEMA, Column, Comparison, DataKind, FactKind, Gap, Grade, OptOutOutcome, Outcome,
    Parts, Row, Severity, Vendor,
};

use crate::answers::holds_for;
use crate::vendors::{Profile, profile};

/// How many names stand in one cell.
const NAMES: usize = 6;
/// What stands where nothing is known.
const UNKNOWN: &str = "not known";

/// Compares tools of which policy was asked.
#[must_use]
pub fn compare(all: &[Parts], vendors: &[Vendor]) -> Comparison {
    let tools: Vec<Column> = all
        .iter()
        .map(|parts| {
            let purl = &parts.dossier.subject.purl;
            let name = profile(vendors, purl)
                .map_or_else(|| purl.full_name(), |known| known.tool.name.clone());
            Column {
                name: format!("{name} {}", purl.version.as_deref().unwrap_or_default())
                    .trim()
                    .to_owned(),
                outcome: parts.verdict.as_ref().map(|verdict| verdict.outcome),
                verdict: parts.verdict.clone(),
            }
        })
        .collect();
    let mut rows = Vec::new();
    let mut row = |group: &str, name: &str, value: &dyn Fn(&Parts) -> String| {
        rows.push(Row {
            group: group.to_owned(),
            name: name.to_owned(),
            values: all.iter().map(value).collect(),
        });
    };
    // Under the plan or place for which each holds: the first alone would
    // speak for all of them.
    let fact = |parts: &Parts, kind: FactKind| -> String {
        let purl = &parts.dossier.subject.purl;
        let known = profile(vendors, purl);
        let says: Vec<String> = known
            .iter()
            .flat_map(Profile::facts)
            .filter(|fact| fact.about == kind && !fact.source.is_empty())
            .filter(|fact| holds_for(&fact.scope, purl.version.as_deref()))
            .map(|fact| match fact.scope.as_str() {
                "" => fact.says.trim_end_matches('.').to_owned(),
                scope => format!("{scope}: {}", fact.says.trim_end_matches('.')),
            })
            .collect();
        if says.is_empty() {
            return UNKNOWN.to_owned();
        }
        says.join("; ")
    };
    row("verdict", "verdict", &|parts| {
        parts
            .verdict
            .as_ref()
            .map_or_else(|| UNKNOWN.to_owned(), |verdict| verdict.outcome.to_string())
    });
    row(
        "where the model runs",
        "requests to a model go to",
        &|parts| {
            let flows = parts
                .answers
                .iter()
                .flat_map(|answers| &answers.leaves.flows);
            let models: Vec<String> = flows
                .filter(|flow| flow.provider.is_some())
                .map(|flow| {
                    let code = flow.country.code.as_deref().unwrap_or("country not known");
                    format!("{} ({code})", flow.host)
                })
                .collect();
            named(models, parts.observation.is_some())
        },
    );
    row("where the model runs", "self-hosting", &|parts| {
        fact(parts, FactKind::SelfHosting)
    });
    row("what leaves", "hosts contacted", &|parts| {
        let flows = parts
            .answers
            .iter()
            .flat_map(|answers| &answers.leaves.flows);
        named(
            flows.map(|flow| flow.host.clone()).collect(),
            parts.observation.is_some(),
        )
    });
    row("what leaves", "undocumented endpoints", &|parts| {
        let Some(answers) = &parts.answers else {
            return UNKNOWN.to_owned();
        };
        if parts
            .dossier
            .profile
            .as_ref()
            .is_none_or(|known| known.hosts == 0)
        {
            return "no documents to compare with".to_owned();
        }
        let flows = answers
            .leaves
            .flows
            .iter()
            .map(|flow| (&flow.host, flow.documented));
        let named_ones = answers
            .leaves
            .possible
            .iter()
            .map(|flow| (&flow.host, flow.documented));
        let all = flows
            .chain(named_ones)
            .filter(|(_, documented)| *documented == Some(false));
        named(all.map(|(host, _)| host.clone()).collect(), true)
    });
    row(
        "what leaves",
        "telemetry and other, for each run",
        &|parts| {
            let Some(answers) = parts
                .answers
                .as_ref()
                .filter(|answers| answers.leaves.runs > 0)
            else {
                return UNKNOWN.to_owned();
            };
            let of = |flow: &assay_model::Flow| {
                flow.data.get(&DataKind::Telemetry).copied().unwrap_or(0)
            };
            let sum: u64 = answers.leaves.flows.iter().map(of).sum();
            format!("{} bytes", sum / answers.leaves.runs)
        },
    );
    row("what leaves", "secrets that nobody asked for", &|parts| {
        parts.observation.as_ref().map_or_else(
            || UNKNOWN.to_owned(),
            |seen| {
                let plain = seen.of_tool().filter(|run| run.factors.is_empty());
                let left = plain.flat_map(|run| &run.canaries);
                left.filter(|left| !left.asked).count().to_string()
            },
        )
    });
    row(
        "what can be switched off",
        "opt-outs that silence",
        &|parts| {
            let Some(answers) = &parts.answers else {
                return UNKNOWN.to_owned();
            };
            let silent = answers
                .opt_outs
                .iter()
                .filter(|one| one.outcome == OptOutOutcome::Silences)
                .count();
            let tried = answers
                .opt_outs
                .iter()
                .filter(|one| one.outcome != OptOutOutcome::NotTried)
                .count();
            match (answers.opt_outs.len(), tried) {
                (0, _) => "none documented".to_owned(),
                (documented, 0) => format!("none tried, {documented} documented"),
                (documented, tried) => {
                    format!("{silent} of {tried} tried, {documented} documented")
                }
            }
        },
    );
    row("what can be switched off", "control from afar", &|parts| {
        let mut names: Vec<String> = parts
            .dossier
            .findings
            .iter()
            .filter(|finding| finding.behaviour.starts_with("control."))
            .map(|finding| finding.behaviour.clone())
            .collect();
        names.sort();
        names.dedup();
        named(names, true)
    });
    row("the record", "incidents stated", &|parts| {
        let known = profile(vendors, &parts.dossier.subject.purl);
        let facts = known.iter().flat_map(Profile::facts);
        let count = facts
            .filter(|fact| fact.about == FactKind::Incident)
            .count();
        match (known, count) {
            (Some(_), 0) => "none stated".to_owned(),
            (Some(_), count) => count.to_string(),
            (None, _) => UNKNOWN.to_owned(),
        }
    });
    row("the record", "known weaknesses", &|parts| {
        let known = parts
            .supply
            .as_ref()
            .and_then(|supply| supply.vulnerabilities.as_ref());
        known.map_or_else(|| UNKNOWN.to_owned(), |known| known.found.len().to_string())
    });
    row("the code", "findings: critical, high, medium", &|parts| {
        let count = |severity: Severity| {
            let of = parts.dossier.findings.iter();
            of.filter(|finding| finding.severity == severity).count()
        };
        format!(
            "{}, {}, {}",
            count(Severity::Critical),
            count(Severity::High),
            count(Severity::Medium)
        )
    });
    row("the code", "effects: concealed, visible", &|parts| {
        let Some(seen) = parts
            .observation
            .as_ref()
            .filter(|seen| seen.experiment.is_some())
        else {
            return "no experiment".to_owned();
        };
        let count = |grade: Grade| {
            let of = seen.effects.iter().filter(|effect| !effect.is_forced());
            of.filter(|effect| effect.grade == grade).count()
        };
        format!("{}, {}", count(Grade::Concealed), count(Grade::Visible))
    });
    row("the code", "read", &|parts| match parts
        .verdict
        .as_ref()
        .and_then(|verdict| verdict.facts.coverage.as_ref())
    {
        Some(coverage) => format!(
            "{} % of code and text; {} % opaque",
            coverage.read, coverage.opaque
        ),
        None => UNKNOWN.to_owned(),
    });
    row("the code", "machine code or bytecode", &|parts| {
        let entries = parts.dossier.coverage.entries.iter();
        let any = entries
            .filter(|entry| matches!(entry.gap, Some(Gap::MachineCode | Gap::Bytecode)))
            .count();
        if any > 0 {
            "yes".to_owned()
        } else {
            "no".to_owned()
        }
    });
    row("terms", "price", &|parts| fact(parts, FactKind::Price));
    row("terms", "licence", &|parts| match parts
        .supply
        .as_ref()
        .map(|supply| supply.licence.as_str())
    {
        Some(licence) if !licence.is_empty() => licence.to_owned(),
        _ => fact(parts, FactKind::Licence),
    });
    row("terms", "retention", &|parts| {
        fact(parts, FactKind::Retention)
    });
    let (best, reasons) = best(all, &tools);
    Comparison {
        schema: COMPARISON_SCHEMA.to_owned(),
        tools,
        rows,
        best,
        reasons,
    }
}

/// Names in a cell.
fn named(mut names: Vec<String>, looked: bool) -> String {
    if names.is_empty() {
        return if looked { "none" } else { UNKNOWN }.to_owned();
    }
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(NAMES);
    names.truncate(NAMES);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// What makes one tool a better choice than another, the weightiest first:
/// each is less of something.
fn weights(parts: &Parts) -> Vec<(&'static str, u64)> {
    let facts = parts.verdict.as_ref().map(|verdict| &verdict.facts);
    let findings = facts.and_then(|facts| facts.findings.as_ref());
    let conditions = parts
        .verdict
        .as_ref()
        .map_or(0, |verdict| verdict.conditions.len());
    let of = |value: Option<u64>| value.unwrap_or(u64::MAX);
    vec![
        (
            "concealed effects",
            of(facts
                .and_then(|facts| facts.effects.as_ref())
                .map(|effects| effects.concealed)),
        ),
        (
            "secrets that left unasked",
            of(facts
                .and_then(|facts| facts.runs.as_ref())
                .map(|runs| runs.unasked)),
        ),
        (
            "findings of high or critical severity",
            of(findings.map(|findings| findings.high.saturating_add(findings.critical))),
        ),
        (
            "undocumented endpoints",
            of(facts
                .and_then(|facts| facts.egress.as_ref())
                .and_then(|egress| egress.undocumented.as_ref())
                .map(|hosts| hosts.len() as u64)),
        ),
        (
            "known weaknesses",
            of(facts
                .and_then(|facts| facts.vulnerabilities.as_ref())
                .map(|known| known.ids.len() as u64)),
        ),
        ("conditions", conditions as u64),
        (
            "findings of medium severity",
            of(findings.map(|findings| findings.medium)),
        ),
        (
            "bytes of telemetry",
            of(facts
                .and_then(|facts| facts.egress.as_ref())
                .map(|egress| egress.telemetry_bytes)),
        ),
        (
            "percent that is opaque",
            of(facts
                .and_then(|facts| facts.coverage.as_ref())
                .map(|coverage| coverage.opaque)),
        ),
    ]
}

/// The best of the tools that are allowed, and why.
fn best(all: &[Parts], tools: &[Column]) -> (Option<usize>, Vec<String>) {
    let allowed = |tool: &Column| {
        matches!(
            tool.outcome,
            Some(Outcome::Allowed | Outcome::AllowedWithConditions)
        )
    };
    let rank: Vec<(usize, Vec<(&'static str, u64)>)> = all
        .iter()
        .enumerate()
        .filter(|(at, _)| tools.get(*at).is_some_and(allowed))
        .map(|(at, parts)| (at, weights(parts)))
        .collect();
    let mut reasons = Vec::new();
    for tool in tools.iter().filter(|tool| !allowed(tool)) {
        let why = tool
            .verdict
            .as_ref()
            .map_or("policy was not asked", |verdict| &verdict.sentence);
        reasons.push(why.to_owned());
    }
    let values = |weights: &[(&'static str, u64)]| -> Vec<u64> {
        weights.iter().map(|(_, value)| *value).collect()
    };
    let Some((at, own)) = rank.iter().min_by_key(|(_, weights)| values(weights)) else {
        reasons.insert(
            0,
            "none of them is allowed, so that there is no best choice".to_owned(),
        );
        return (None, reasons);
    };
    let name = tools.get(*at).map_or("", |tool| &tool.name);
    for (other, its) in rank.iter().filter(|(other, _)| other != at) {
        let other = tools.get(*other).map_or("", |tool| &tool.name);
        let first = own.iter().zip(its).find(|((_, a), (_, b))| a != b);
        let told = |value: u64| match value {
            u64::MAX => UNKNOWN.to_owned(),
            value => value.to_string(),
        };
        reasons.push(match first {
            Some(((what, a), (_, b))) => {
                format!("{what}: {} of {name}, {} of {other}", told(*a), told(*b))
            }
            None => {
                format!("{name} and {other} do not differ in what is weighed; the first is named")
            }
        });
    }
    if rank.len() == 1 {
        reasons.insert(0, format!("{name} is the only one that is allowed"));
    }
    (Some(*at), reasons)
}
