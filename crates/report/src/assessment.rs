//! A risk assessment in the order in which regulators ask: purpose, data,
//! flows, transfer across borders, threats, measures, residual risk, decision.
//! What a dossier does not know is an empty field that says so.

use std::fmt::Write as _;

use assay_model::{Basis, ClauseOutcome, DataKind, Grade, Outcome, Parts, Severity};

use crate::Rule;
use crate::escape::markdown as escape;
use crate::words::{self, bytes, capital};

/// What stands where somebody has to write.
const EMPTY: &str = "`[to be filled in]`";

/// The document as Markdown.
#[must_use]
pub fn render(parts: &Parts, rules: &[Rule<'_>]) -> String {
    let dossier = &parts.dossier;
    let purl = dossier.subject.purl.to_string();
    let mut out = format!(
        "# Risk assessment: {}\n\nMade from a dossier of Assay {}. Fields marked {EMPTY} are nothing that can be measured, and are the controller's to fill in.\n\n",
        escape(&purl),
        escape(&dossier.assay)
    );
    let _ = write!(
        out,
        "| | |\n|---|---|\n| Subject | {} |\n| Artifact | sha256:{} |\n| Controller | {EMPTY} |\n| Assessed by | {EMPTY} |\n| Data protection officer consulted | {EMPTY} |\n| Date | {} |\n\n",
        escape(&purl),
        dossier.subject.sha256,
        parts
            .verdict
            .as_ref()
            .map_or_else(|| EMPTY.to_owned(), |verdict| escape(&verdict.at))
    );
    let _ = write!(
        out,
        "## 1. Purpose\n\n- What it is used for: {EMPTY}\n- Why it is needed, and what less would do: {EMPTY}\n- Legal basis: {EMPTY}\n- Who uses it: {EMPTY}\n\n"
    );
    data(&mut out, parts);
    flows(&mut out, parts);
    borders(&mut out, parts);
    threats(&mut out, parts, rules);
    measures(&mut out, parts);
    residual(&mut out, parts);
    decision(&mut out, parts);
    out
}

fn data(out: &mut String, parts: &Parts) {
    out.push_str("## 2. Data\n\n");
    match &parts.answers {
        Some(answers) if answers.leaves.runs > 0 => {
            let _ = write!(
                out,
                "Measured in {} runs of the unchanged host:\n\n| kind | bytes sent | to |\n|---|---|---|\n",
                answers.leaves.runs
            );
            for kind in DataKind::ALL {
                let with = answers.leaves.flows.iter().filter_map(|flow| {
                    let count = flow.data.get(&kind).copied().filter(|count| *count > 0)?;
                    Some((count, flow.host.as_str()))
                });
                let with: Vec<(u64, &str)> = with.collect();
                let sum: u64 = with.iter().map(|(count, _)| count).sum();
                let hosts: Vec<String> = with.iter().map(|(_, host)| escape(host)).collect();
                let _ = writeln!(
                    out,
                    "| {} | {} | {} |",
                    kind.name(),
                    if sum == 0 {
                        "none".to_owned()
                    } else {
                        bytes(sum)
                    },
                    if hosts.is_empty() {
                        "nobody".to_owned()
                    } else {
                        hosts.join(", ")
                    }
                );
            }
            out.push('\n');
        }
        _ => out.push_str("What is sent was not measured: nothing was run.\n\n"),
    }
    let _ = write!(
        out,
        "- Categories of people concerned: {EMPTY}\n- Special categories of data in the repositories: {EMPTY}\n\n"
    );
    stated(out, parts, &["retention", "training"]);
}

/// What is stated, with its source, and what nobody states.
fn stated(out: &mut String, parts: &Parts, topics: &[&str]) {
    let Some(answers) = &parts.answers else {
        return;
    };
    let all = answers
        .model
        .iter()
        .chain(&answers.control)
        .chain(&answers.record);
    let all: Vec<_> = all
        .filter(|answer| topics.contains(&answer.topic.as_str()))
        .collect();
    for answer in all {
        let basis = match answer.basis {
            Basis::Measured => "measured",
            Basis::Stated => "stated by the vendor",
            Basis::Contradictory => "stated in ways that contradict each other",
            Basis::Unknown => "not known",
        };
        let _ = write!(
            out,
            "- {}: {} ({basis}",
            escape(&capital(&answer.topic)),
            escape(&answer.says)
        );
        if !answer.source.is_empty() {
            let _ = write!(out, ", {}", escape(&answer.source));
        }
        if !answer.date.is_empty() {
            let _ = write!(out, ", {}", escape(&answer.date));
        }
        out.push_str(")\n");
    }
    out.push('\n');
}

fn flows(out: &mut String, parts: &Parts) {
    out.push_str("## 3. Flows\n\n");
    let Some(answers) = &parts.answers else {
        let _ = write!(out, "{EMPTY}\n\n");
        return;
    };
    out.push_str("| host | purpose | documented | requests | bytes |\n|---|---|---|---|---|\n");
    for flow in &answers.leaves.flows {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            escape(&flow.host),
            match (&flow.provider, flow.purpose) {
                (Some(_), _) => "model",
                (None, Some(purpose)) => words::purpose(purpose),
                (None, None) => "not known",
            },
            match flow.documented {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not known",
            },
            flow.requests,
            bytes(flow.bytes)
        );
    }
    let _ = write!(
        out,
        "\nThe code names {} further hosts that no run contacted.\n\n",
        answers.leaves.possible.len()
    );
    stated(out, parts, &["hosting", "telemetry"]);
}

fn borders(out: &mut String, parts: &Parts) {
    out.push_str("## 4. Transfer across borders\n\n");
    if let Some(answers) = &parts.answers {
        out.push_str("| country | hosts | known by |\n|---|---|---|\n");
        for flow in &answers.leaves.flows {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                escape(flow.country.code.as_deref().unwrap_or("not known")),
                escape(&flow.host),
                escape(&flow.country.from)
            );
        }
        out.push('\n');
        stated(out, parts, &["regions"]);
        for clause in &answers.clauses {
            let outcome = match clause.outcome {
                ClauseOutcome::Kept => "what was measured goes with it",
                ClauseOutcome::Broken => "what was measured goes against it",
                ClauseOutcome::Untested => "not tested",
            };
            let _ = writeln!(
                out,
                "- Contract, {}: {}; {outcome}: {}",
                escape(&clause.about),
                escape(&clause.says),
                escape(&clause.reason)
            );
        }
        if answers.clauses.is_empty() {
            let _ = writeln!(out, "- Contract: {EMPTY}");
        }
    }
    let _ = write!(
        out,
        "- Instrument of transfer (adequacy, standard clauses, security assessment): {EMPTY}\n\n"
    );
}

fn threats(out: &mut String, parts: &Parts, rules: &[Rule<'_>]) {
    out.push_str("## 5. Threats\n\n");
    let mut any = false;
    for finding in &parts.dossier.findings {
        if finding.severity < Severity::Medium && finding.demonstrated.is_none() {
            continue;
        }
        any = true;
        let shown = if finding.demonstrated.is_some() {
            ", demonstrated in runs"
        } else {
            ""
        };
        let why = rules
            .iter()
            .find(|rule| rule.id == finding.behaviour)
            .map_or("", |rule| rule.why);
        let _ = writeln!(
            out,
            "- **{}** ({}{shown}, layer: {}): {}. {} `{}`",
            escape(&finding.behaviour),
            words::severity(finding.severity),
            words::layer(finding.layer),
            escape(&finding.title),
            escape(why),
            finding.id
        );
    }
    for effect in parts.observation.iter().flat_map(|seen| &seen.effects) {
        if effect.grade == Grade::Concealed && effect.finding.is_none() && !effect.is_forced() {
            any = true;
            let factors: Vec<&str> = effect.factors.keys().map(String::as_str).collect();
            let _ = writeln!(
                out,
                "- **concealed effect** of {} in {}: {} `{}`",
                escape(&factors.join(" and ")),
                escape(&effect.field),
                escape(&effect.difference),
                effect.id
            );
        }
    }
    if !any {
        out.push_str("No finding is of medium or higher severity.\n");
    }
    let _ = write!(
        out,
        "\n- Likelihood and impact in this organisation: {EMPTY}\n\n"
    );
}

fn measures(out: &mut String, parts: &Parts) {
    out.push_str("## 6. Measures\n\n");
    if let Some(verdict) = &parts.verdict {
        for condition in &verdict.conditions {
            let _ = writeln!(
                out,
                "- Condition of the verdict: {}",
                escape(&condition.to_string())
            );
        }
    }
    if let Some(answers) = &parts.answers {
        for one in &answers.opt_outs {
            let _ = writeln!(
                out,
                "- Documented switch of {}: {} ({})",
                words::purpose(one.of),
                escape(&one.how),
                words::opt_out(one.outcome)
            );
        }
    }
    let _ = write!(
        out,
        "- Organisational measures (training, approval, logging): {EMPTY}\n- Who answers for each measure, and by when: {EMPTY}\n\n"
    );
}

fn residual(out: &mut String, parts: &Parts) {
    out.push_str("## 7. Residual risk\n\nWhat this evidence cannot exclude:\n\n");
    if let Some(answers) = &parts.answers {
        for risk in &answers.layers {
            let _ = writeln!(
                out,
                "- {}: {}",
                capital(words::layer(risk.layer)),
                escape(&risk.cannot_exclude)
            );
        }
    }
    let gaps = parts
        .dossier
        .coverage
        .entries
        .iter()
        .filter(|entry| entry.gap.is_some());
    let _ = write!(
        out,
        "- Not read, or not as well as it could be: {} entries of the coverage\n- Accepted by, and why: {EMPTY}\n\n",
        gaps.count()
    );
}

fn decision(out: &mut String, parts: &Parts) {
    out.push_str("## 8. Decision\n\n");
    match &parts.verdict {
        Some(verdict) => {
            let _ = write!(
                out,
                "**{}.** {}\n\n",
                capital(&verdict.outcome.to_string()),
                escape(&verdict.sentence)
            );
            for decision in &verdict.decisions {
                for reason in &decision.reasons {
                    let _ = writeln!(
                        out,
                        "- {}: {} by {} ({})",
                        escape(&decision.action),
                        if reason.forbids {
                            "forbidden"
                        } else {
                            "permitted"
                        },
                        escape(&reason.rule),
                        escape(&reason.says)
                    );
                }
                for undecided in &decision.undecided {
                    let _ = writeln!(
                        out,
                        "- {}: {} could not be decided ({})",
                        escape(&decision.action),
                        escape(&undecided.rule),
                        escape(&undecided.way_out)
                    );
                }
            }
            if verdict.outcome == Outcome::NotEnoughEvidence {
                out.push_str("\nUntil there is more evidence this is no approval.\n");
            }
        }
        None => {
            let _ = writeln!(out, "{EMPTY}");
        }
    }
    let _ = write!(
        out,
        "\n- Decided by: {EMPTY}\n- To be looked at again on: {EMPTY}\n"
    );
}
