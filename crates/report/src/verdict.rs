use std::fmt::Write as _;

use assay_model::{Decision, Outcome, Reason, Verdict};

use crate::escape::terminal as escape;
use crate::style::{Style, wrap};
use crate::terminal::View;
use crate::words::number_of;

/// A verdict for a terminal.
#[must_use]
pub fn render(verdict: &Verdict, view: &View) -> String {
    let mut out = wrap(
        &format!(
            "{}  {}",
            painted(view.style, verdict.outcome),
            escape(&verdict.sentence)
        ),
        view.width,
        "",
        "  ",
    );
    for condition in &verdict.conditions {
        out.push_str(&wrap(
            &format!("- {}", escape(&condition.to_string())),
            view.width,
            "  ",
            "    ",
        ));
    }
    for decision in &verdict.decisions {
        out.push('\n');
        out.push_str(&decided(decision, view));
    }
    let _ = writeln!(
        out,
        "\n{}",
        view.style.faint(&escape(&format!(
            "{}, decided for {} by {}",
            verdict.subject,
            verdict.at,
            number_of(verdict.policies.len() as u64, "policy file")
        )))
    );
    out
}

/// A decision for a terminal: which rules, and which facts.
#[must_use]
pub fn decided(decision: &Decision, view: &View) -> String {
    let mut out = wrap(
        &format!(
            "{} {}: {}",
            escape(&decision.principal),
            escape(&decision.action),
            painted(view.style, decision.outcome)
        ),
        view.width,
        "",
        "  ",
    );
    for reason in &decision.reasons {
        told(&mut out, reason, "", view);
    }
    for reason in &decision.overruled {
        told(&mut out, reason, ", overruled", view);
    }
    for undecided in &decision.undecided {
        out.push_str(&wrap(
            &format!(
                "not decided  {}  ({})",
                view.style.strong(&escape(&undecided.rule)),
                escape(&undecided.place)
            ),
            view.width,
            "  ",
            "    ",
        ));
        if !undecided.wants.is_empty() {
            let wants = format!("wants {}", undecided.wants.join(", "));
            out.push_str(&wrap(&escape(&wants), view.width, "    ", "      "));
        }
        out.push_str(&wrap(
            &escape(&undecided.way_out),
            view.width,
            "    ",
            "      ",
        ));
    }
    if decision.reasons.is_empty() && decision.undecided.is_empty() {
        out.push_str("  no rule permits it\n");
    }
    for condition in &decision.conditions {
        let text = format!("on condition: {condition}");
        out.push_str(&wrap(&escape(&text), view.width, "  ", "    "));
    }
    out
}

fn told(out: &mut String, reason: &Reason, more: &str, view: &View) {
    let kind = match (reason.forbids, reason.lacks) {
        (true, false) => "forbids",
        (true, true) => "not enough",
        (false, _) => "permits",
    };
    out.push_str(&wrap(
        &format!(
            "{kind}{more}  {}  ({})",
            view.style.strong(&escape(&reason.rule)),
            escape(&reason.place)
        ),
        view.width,
        "  ",
        "    ",
    ));
    if !reason.says.is_empty() {
        out.push_str(&wrap(&escape(&reason.says), view.width, "    ", "    "));
    }
    for (name, value) in &reason.facts {
        let value: String = value.chars().take(300).collect();
        let text = format!("{name} = {value}");
        out.push_str(&wrap(&escape(&text), view.width, "    ", "      "));
    }
}

/// An outcome in its colour.
#[must_use]
pub fn painted(style: Style, outcome: Outcome) -> String {
    use assay_model::Severity;
    let word = outcome.to_string().to_uppercase();
    match outcome {
        Outcome::Denied => style.severity(Severity::High, &word),
        Outcome::NotEnoughEvidence => style.severity(Severity::Medium, &word),
        Outcome::Allowed | Outcome::AllowedWithConditions => style.strong(&word),
    }
}
