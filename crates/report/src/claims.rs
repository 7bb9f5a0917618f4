//! What came of the claims of a case.

use std::fmt::Write as _;

use assay_model::{Claim, ClaimOutcome, Claims};

use crate::escape::{markdown as escape_markdown, terminal as escape};
use crate::style::wrap;
use crate::terminal::View;

/// How many pieces of evidence are shown on one screen for a claim.
const EVIDENCE: usize = 3;

fn word(outcome: ClaimOutcome) -> &'static str {
    match outcome {
        ClaimOutcome::Confirmed => "confirmed",
        ClaimOutcome::Refuted => "refuted",
        ClaimOutcome::Untestable => "untestable",
    }
}

/// How many came out so, in words.
fn counts(claims: &Claims) -> String {
    let parts: Vec<String> = [
        ClaimOutcome::Confirmed,
        ClaimOutcome::Refuted,
        ClaimOutcome::Untestable,
    ]
    .into_iter()
    .map(|outcome| {
        let all = claims.claims.iter();
        let count = all.filter(|claim| claim.outcome == outcome).count();
        format!("{count} {}", word(outcome))
    })
    .collect();
    let corrected = claims
        .claims
        .iter()
        .filter(|claim| !claim.corrections.is_empty());
    format!(
        "{}; {} with a wrong detail",
        parts.join(", "),
        corrected.count()
    )
}

/// Who said it, where and when.
fn said_by(claim: &Claim) -> String {
    let mut parts = vec![claim.who.as_str()];
    parts.extend([claim.source.as_str(), claim.when.as_str()]);
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

/// The claims for a terminal.
#[must_use]
pub fn render(claims: &Claims, view: &View) -> String {
    let mut out = wrap(
        &view.style.strong(&escape(&claims.title)),
        view.width,
        "",
        "  ",
    );
    out.push_str(&wrap(&counts(claims), view.width, "  ", "  "));
    let width = claims
        .claims
        .iter()
        .map(|claim| claim.id.chars().count())
        .max();
    let width = width.unwrap_or(0).min(28);
    out.push('\n');
    for claim in &claims.claims {
        let mut line = format!("{:<10}  {:<width$}", word(claim.outcome), escape(&claim.id));
        if !claim.corrections.is_empty() {
            line.push_str("  with corrections");
        }
        out.push_str(&wrap(line.trim_end(), view.width, "  ", "    "));
    }
    for claim in &claims.claims {
        out.push('\n');
        one(&mut out, claims, claim, view);
    }
    out
}

fn one(out: &mut String, claims: &Claims, claim: &Claim, view: &View) {
    let head = format!(
        "{}  {}",
        view.style.strong(&escape(&claim.id)),
        word(claim.outcome)
    );
    let _ = writeln!(out, "{head}");
    let mut told = |label: &str, text: &str| {
        if !text.is_empty() {
            let line = format!("{label:<10}{}", escape(text));
            out.push_str(&wrap(&line, view.width, "  ", "            "));
        }
    };
    told("claim", &claim.says);
    told("by", &said_by(claim));
    told("about", &claim.subject);
    told("test", &claim.test);
    for correction in &claim.corrections {
        told("but", correction);
    }
    told("because", &claim.reason);
    let shown = if view.verbose {
        claim.evidence.len()
    } else {
        EVIDENCE
    };
    for evidence in claim.evidence.iter().take(shown) {
        told("seen", &seen(evidence));
    }
    let more = claim.evidence.len().saturating_sub(shown);
    if more > 0 {
        told("", &format!("and {more} more; --verbose shows them"));
    }
    for other in &claim.against {
        let of = claims.claims.iter().find(|claim| claim.id == *other);
        if let Some(of) = of {
            told(
                "against",
                &format!("{}, {}: {}", of.id, word(of.outcome), of.says),
            );
        }
    }
}

fn seen(evidence: &assay_model::ClaimEvidence) -> String {
    match &evidence.finding {
        Some(finding) => format!("{}: {} ({finding})", evidence.source, evidence.says),
        None => format!("{}: {}", evidence.source, evidence.says),
    }
}

/// The same for a document; claims that contradict each other stand side by
/// side.
#[must_use]
pub fn markdown(claims: &Claims) -> String {
    let mut out = format!(
        "# {}\n\n{}.\n\n| claim | by | outcome | corrections |\n|---|---|---|---|\n",
        escape_markdown(&claims.title),
        counts(claims)
    );
    for claim in &claims.claims {
        let _ = writeln!(
            out,
            "| {}: {} | {} | {} | {} |",
            escape_markdown(&claim.id),
            escape_markdown(&claim.says),
            escape_markdown(&said_by(claim)),
            word(claim.outcome),
            escape_markdown(&claim.corrections.join("; "))
        );
    }
    let against: Vec<&Claim> = claims
        .claims
        .iter()
        .filter(|one| !one.against.is_empty())
        .collect();
    if !against.is_empty() {
        out.push_str("\n## Against each other\n\n| claim | | claim | |\n|---|---|---|---|\n");
        for claim in against {
            for other in &claim.against {
                let Some(other) = claims.claims.iter().find(|one| one.id == *other) else {
                    continue;
                };
                let _ = writeln!(
                    out,
                    "| {} | {} | {} | {} |",
                    escape_markdown(&claim.says),
                    word(claim.outcome),
                    escape_markdown(&other.says),
                    word(other.outcome)
                );
            }
        }
    }
    out.push_str("\n## Evidence\n");
    for claim in &claims.claims {
        let _ = writeln!(
            out,
            "\n### {}: {}\n\n- about: {}\n- test: {}\n- because: {}",
            escape_markdown(&claim.id),
            word(claim.outcome),
            escape_markdown(&claim.subject),
            escape_markdown(&claim.test),
            escape_markdown(&claim.reason)
        );
        for evidence in &claim.evidence {
            let _ = writeln!(out, "- seen: {}", escape_markdown(&seen(evidence)));
        }
    }
    out
}
