//! One self-contained page: no script, nothing fetched, readable on paper, in
//! light and dark.

mod pictures;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use assay_model::{
    Answer, AttestedState, Basis, ClauseOutcome, ControlOutcome, DataKind, Decision, Effect,
    Evidence, Finding, Grade, Leaves, OptOut, OptOutOutcome, Outcome, Parts, Severity, Supply,
    Verdict,
};

use crate::Rule;
use crate::words::{self, bytes, capital, number_of};

/// How many hosts, components and gaps are listed; how many are not is said.
const ROWS: usize = 200;
/// How many findings of a severity below medium are shown with evidence.
const SHOWN: usize = 60;

/// A text from anywhere, for a page: what moves, hides or reorders text is
/// shown as an escape, and no mark of HTML is left.
pub(crate) fn html(text: &str) -> String {
    let text = crate::escape::terminal(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            c => out.push(c),
        }
    }
    out
}

/// A text of at most so many characters.
fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
    }
}

/// A link, where the text is one that can be followed.
fn link(text: &str) -> String {
    let shown = html(text);
    match text.starts_with("https://") && !text.contains(char::is_whitespace) {
        true => format!("<a href=\"{shown}\" rel=\"noreferrer noopener\">{shown}</a>"),
        false => shown,
    }
}

/// The page of a dossier.
#[must_use]
pub fn render(parts: &Parts, rules: &[Rule<'_>]) -> String {
    let dossier = &parts.dossier;
    let purl = dossier.subject.purl.to_string();
    let name = match &parts.verdict {
        Some(verdict) => verdict.facts.tool.name.clone(),
        None => dossier.subject.purl.full_name(),
    };
    let version = dossier.subject.purl.version.clone().unwrap_or_default();
    let title = format!("{name} {version}").trim().to_owned();
    let mut out = String::new();
    out.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n");
    let _ = write!(
        out,
        "<title>{} - Assay</title>\n<style>\n{}</style>\n</head>\n<body>\n<header>\n<p class=\"soft small\">Dossier of Assay</p>\n<h1>{}</h1>\n<p class=\"soft small\"><code>{}</code>, {}</p>\n",
        html(&title),
        include_str!("style.css"),
        html(&title),
        html(&purl),
        html(&dossier.subject.platform)
    );
    match &parts.verdict {
        Some(verdict) => banner(&mut out, verdict),
        None => out.push_str("<div class=\"verdict\"><p>No policy was asked: <code>assay verdict</code> does that.</p></div>\n"),
    }
    head(&mut out, parts);
    out.push_str("</header>\n");
    let mut sections: Vec<(&str, &str, String)> = Vec::new();
    if let Some(verdict) = &parts.verdict {
        sections.push(("decision", "Why", decisions(verdict)));
    }
    match &parts.answers {
        Some(answers) => {
            sections.push((
                "model",
                "Where does the model run?",
                answered(&answers.model),
            ));
            sections.push((
                "data",
                "What data leaves the environment?",
                leaves(&answers.leaves, &title),
            ));
            sections.push((
                "control",
                "What can be audited and switched off?",
                answered(&answers.control) + &opt_outs(parts),
            ));
            sections.push((
                "record",
                "What is the vendor's record?",
                answered(&answers.record),
            ));
        }
        None => sections.push((
            "questions",
            "The four questions",
            empty("They were not answered: assay dossier does that."),
        )),
    }
    sections.push(("findings", "Findings", findings(parts, rules)));
    sections.push(("experiments", "Runs and experiments", experiments(parts)));
    sections.push(("versions", "Versions", versions(parts)));
    sections.push((
        "coverage",
        "What was read, and what was not",
        coverage(parts),
    ));
    sections.push(("supply", "Where it comes from", supply(parts)));
    if parts
        .answers
        .as_ref()
        .is_some_and(|answers| !answers.clauses.is_empty())
    {
        sections.push(("contract", "The contract", contract(parts)));
    }
    sections.push(("limits", "What this evidence cannot exclude", layers(parts)));
    sections.push(("again", "How to do it again", again(parts)));
    out.push_str("<nav aria-label=\"Sections\"><ul>\n");
    for (id, title, _) in &sections {
        let _ = writeln!(out, "<li><a href=\"#{id}\">{}</a></li>", html(title));
    }
    out.push_str("</ul></nav>\n<main>\n");
    for (id, title, text) in &sections {
        let _ = writeln!(
            out,
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{}</h2>\n{text}</section>",
            html(title)
        );
    }
    let _ = write!(
        out,
        "</main>\n<footer><p>Made by Assay {}. It reports what bytes do, and no motive; the same rules hold for every vendor. No finding is not the same as nothing there.</p></footer>\n</body>\n</html>\n",
        html(&dossier.assay)
    );
    out
}

fn empty(text: &str) -> String {
    format!("<p class=\"empty\">{}</p>\n", html(text))
}

/// The class and word of an outcome.
fn outcome_class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed | Outcome::AllowedWithConditions => "allowed",
        Outcome::NotEnoughEvidence => "lacking",
        Outcome::Denied => "denied",
    }
}

fn banner(out: &mut String, verdict: &Verdict) {
    let _ = write!(
        out,
        "<div class=\"verdict {}\" role=\"region\" aria-label=\"Verdict\"><p class=\"word\">{}</p><p>{}</p>",
        outcome_class(verdict.outcome),
        html(&capital(&verdict.outcome.to_string())),
        html(&verdict.sentence)
    );
    if !verdict.conditions.is_empty() {
        out.push_str("<ul>");
        for condition in &verdict.conditions {
            let _ = write!(out, "<li>{}</li>", html(&condition.to_string()));
        }
        out.push_str("</ul>");
    }
    let _ = writeln!(
        out,
        "<p class=\"soft small\">Decided for {} under {}.</p></div>",
        html(&verdict.at),
        number_of(verdict.policies.len() as u64, "policy file")
    );
}

fn head(out: &mut String, parts: &Parts) {
    let dossier = &parts.dossier;
    let mut counts: BTreeMap<std::cmp::Reverse<Severity>, usize> = BTreeMap::new();
    for finding in &dossier.findings {
        *counts
            .entry(std::cmp::Reverse(finding.severity))
            .or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(severity, count)| format!("{count} {}", words::severity(severity.0)))
        .collect();
    out.push_str("<dl>\n");
    let mut row = |name: &str, text: String| {
        let _ = writeln!(out, "<dt>{name}</dt><dd>{text}</dd>");
    };
    row(
        "Artifact",
        format!("<code>sha256:{}</code>", dossier.subject.sha256),
    );
    row(
        "Findings",
        match counts.is_empty() {
            true => "none".to_owned(),
            false => counts.join(", "),
        },
    );
    if let Some(observation) = &parts.observation {
        let concealed = observation
            .effects
            .iter()
            .filter(|effect| effect.grade == Grade::Concealed && !effect.is_forced())
            .count();
        let effects = match observation.experiment {
            Some(_) => format!(", {}", number_of(concealed as u64, "concealed effect")),
            None => ", no experiment".to_owned(),
        };
        row(
            "Runs",
            number_of(observation.of_tool().count() as u64, "run") + &effects,
        );
    } else {
        row("Runs", "none".to_owned());
    }
    let all = dossier.coverage.total_bytes();
    row(
        "Read",
        format!(
            "{} of {} by a parser, {} as text",
            bytes(dossier.coverage.parsed.bytes),
            bytes(all),
            bytes(dossier.coverage.lexical.bytes)
        ),
    );
    out.push_str("</dl>\n");
}

fn severity_tag(severity: Severity) -> String {
    let class = match severity {
        Severity::Critical | Severity::High => " bad",
        Severity::Medium => " warn",
        Severity::Low => " note",
        Severity::Info => "",
    };
    format!(
        "<span class=\"tag{class}\">{}</span>",
        words::severity(severity)
    )
}

fn decisions(verdict: &Verdict) -> String {
    let mut out = String::new();
    for decision in &verdict.decisions {
        let _ = writeln!(
            out,
            "<h3>{} <span class=\"tag {}\">{}</span></h3>",
            html(&capital(&decision.action)),
            match outcome_class(decision.outcome) {
                "allowed" => "good",
                "denied" => "bad",
                _ => "warn",
            },
            html(&decision.outcome.to_string())
        );
        rules_table(&mut out, decision);
    }
    out
}

fn rules_table(out: &mut String, decision: &Decision) {
    if decision.reasons.is_empty() && decision.undecided.is_empty() {
        out.push_str(&empty("No rule permits it, and none forbids it."));
        return;
    }
    out.push_str("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">rule</th><th scope=\"col\">what it says</th><th scope=\"col\">facts</th></tr></thead><tbody>\n");
    let reasons = decision.reasons.iter().map(|reason| (reason, false));
    let overruled = decision.overruled.iter().map(|reason| (reason, true));
    for (reason, over) in reasons.chain(overruled) {
        let kind = match (reason.forbids, over) {
            (true, _) if reason.lacks => "<span class=\"tag warn\">not enough evidence</span>",
            (true, _) => "<span class=\"tag bad\">forbids</span>",
            (false, false) => "<span class=\"tag good\">permits</span>",
            (false, true) => "<span class=\"tag\">permits, overruled</span>",
        };
        let facts: Vec<String> = reason
            .facts
            .iter()
            .map(|(name, value)| {
                format!("<code>{}</code> = {}", html(name), html(&clip(value, 160)))
            })
            .collect();
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code> {kind}<br><span class=\"soft small\">{}</span></td><td class=\"wide\">{}</td><td class=\"wide\">{}</td></tr>",
            html(&reason.rule),
            html(&reason.place),
            html(&reason.says),
            facts.join("<br>")
        );
    }
    for undecided in &decision.undecided {
        let wants: Vec<String> = undecided
            .wants
            .iter()
            .map(|name| format!("<code>{}</code> is not known", html(name)))
            .collect();
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code> <span class=\"tag warn\">not decided</span><br><span class=\"soft small\">{}</span></td><td class=\"wide\">{}</td><td class=\"wide\">{}</td></tr>",
            html(&undecided.rule),
            html(&undecided.place),
            html(&undecided.way_out),
            wants.join("<br>")
        );
    }
    out.push_str("</tbody></table></div>\n");
}

fn basis_tag(basis: Basis) -> &'static str {
    match basis {
        Basis::Measured => "<span class=\"tag good\">measured</span>",
        Basis::Stated => "<span class=\"tag note\">stated</span>",
        Basis::Contradictory => "<span class=\"tag warn\">contradictory</span>",
        Basis::Unknown => "<span class=\"tag\">not known</span>",
    }
}

fn answered(answers: &[Answer]) -> String {
    if answers.is_empty() {
        return empty("Nothing is known.");
    }
    let mut out = "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">about</th><th scope=\"col\">answer</th><th scope=\"col\">known by</th><th scope=\"col\">source</th></tr></thead><tbody>\n".to_owned();
    for answer in answers {
        let scope = match answer.scope.is_empty() {
            true => String::new(),
            false => format!(
                "<br><span class=\"soft small\">for {}</span>",
                html(&answer.scope)
            ),
        };
        let date = match answer.date.is_empty() {
            true => String::new(),
            false => format!(" <span class=\"soft\">({})</span>", html(&answer.date)),
        };
        let _ = writeln!(
            out,
            "<tr><td class=\"short\">{}</td><td class=\"wide\">{}{scope}</td><td>{}</td><td class=\"small\">{}{date}</td></tr>",
            html(&answer.topic),
            html(&answer.says),
            basis_tag(answer.basis),
            link(&answer.source)
        );
    }
    out.push_str("</tbody></table></div>\n");
    out
}

fn leaves(leaves: &Leaves, tool: &str) -> String {
    let mut out = String::new();
    if leaves.runs == 0 {
        out.push_str(&empty("Nothing was run, so what leaves was not measured; hosts below are those that the code names."));
    } else if leaves.flows.is_empty() {
        out.push_str(&empty("No run contacted any host."));
    } else {
        out.push_str(&pictures::map(leaves, tool));
        out.push_str(&pictures::kinds(leaves));
        out.push_str("<div class=\"scroll\"><table><caption>Bytes that runs of the plain host sent, by kind of data, of decoded bodies</caption><thead><tr><th scope=\"col\">host</th><th scope=\"col\">country</th><th scope=\"col\">purpose</th>");
        for kind in DataKind::ALL {
            let _ = write!(
                out,
                "<th scope=\"col\" class=\"number\">{}</th>",
                html(kind.name())
            );
        }
        out.push_str("<th scope=\"col\" class=\"number\">requests</th></tr></thead><tbody>\n");
        for flow in leaves.flows.iter().take(ROWS) {
            let purpose = flow.purpose.map_or("", words::purpose);
            let mark = match flow.documented {
                Some(false) => " <span class=\"tag bad\">not documented</span>",
                _ => "",
            };
            let canaries = match flow.canaries.is_empty() {
                true => String::new(),
                false => format!(
                    "<br><span class=\"soft small\">secrets laid out that went there: {}</span>",
                    html(&flow.canaries.join("; "))
                ),
            };
            let _ = write!(
                out,
                "<tr><td class=\"wide\"><code>{}</code>{mark}{canaries}</td><td class=\"short\" title=\"{}\">{}</td><td class=\"short\">{}</td>",
                html(&flow.host),
                html(&flow.country.from),
                html(flow.country.code.as_deref().unwrap_or("not known")),
                html(purpose)
            );
            for kind in DataKind::ALL {
                let count = flow.data.get(&kind).copied().unwrap_or(0);
                let shown = match (flow.data.is_empty(), count) {
                    (true, _) => "not told".to_owned(),
                    (false, 0) => "0".to_owned(),
                    (false, count) => bytes(count),
                };
                let _ = write!(out, "<td class=\"number\">{shown}</td>");
            }
            let _ = writeln!(out, "<td class=\"number\">{}</td></tr>", flow.requests);
        }
        out.push_str("</tbody></table></div>\n");
        rest(&mut out, leaves.flows.len(), "hosts");
    }
    if !leaves.possible.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>{} that the code names and no run contacted</summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">host</th><th scope=\"col\">country</th><th scope=\"col\">purpose</th><th scope=\"col\">finding</th></tr></thead><tbody>",
            number_of(leaves.possible.len() as u64, "host")
        );
        for flow in leaves.possible.iter().take(ROWS) {
            let purpose = match (flow.purpose, flow.documented) {
                (Some(purpose), _) => words::purpose(purpose),
                (None, Some(false)) => "not documented",
                _ => "",
            };
            let _ = writeln!(
                out,
                "<tr><td><code>{}</code></td><td class=\"short\">{}</td><td>{}</td><td><code>{}</code></td></tr>",
                html(&flow.host),
                html(flow.country.code.as_deref().unwrap_or("not known")),
                html(purpose),
                html(&flow.finding)
            );
        }
        out.push_str("</tbody></table></div>\n");
        rest(&mut out, leaves.possible.len(), "hosts");
        out.push_str("</details>\n");
    }
    out
}

/// Says how many rows were left out.
fn rest(out: &mut String, all: usize, what: &str) {
    if let Some(left) = all.checked_sub(ROWS).filter(|left| *left > 0) {
        let _ = writeln!(
            out,
            "<p class=\"soft small\">{left} more {what} are in the JSON of the dossier.</p>"
        );
    }
}

fn opt_outs(parts: &Parts) -> String {
    let Some(answers) = parts
        .answers
        .as_ref()
        .filter(|answers| !answers.opt_outs.is_empty())
    else {
        return String::new();
    };
    let head = "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">switch</th><th scope=\"col\">of</th><th scope=\"col\">tried</th><th scope=\"col\">what came of it</th></tr></thead><tbody>\n";
    let foot = "</tbody></table></div>\n";
    let row = |one: &OptOut| {
        let class = match one.outcome {
            OptOutOutcome::Silences => " good",
            OptOutOutcome::Lessens => " warn",
            OptOutOutcome::NoEffect => " bad",
            OptOutOutcome::NothingToSilence | OptOutOutcome::NotTried => "",
        };
        format!(
            "<tr><td><code>{}</code><br><span class=\"small\">{}</span></td><td class=\"short\">{}</td><td><span class=\"tag{class}\">{}</span></td><td class=\"wide\">{}</td></tr>\n",
            html(&one.how),
            link(&one.source),
            words::purpose(one.of),
            words::opt_out(one.outcome),
            html(&one.says)
        )
    };
    let (untried, tried): (Vec<&OptOut>, Vec<&OptOut>) = answers
        .opt_outs
        .iter()
        .partition(|one| one.outcome == OptOutOutcome::NotTried);
    let mut out = "<h3>Documented switches</h3>\n".to_owned();
    if !tried.is_empty() {
        let rows: String = tried.into_iter().map(row).collect();
        let _ = write!(out, "{head}{rows}{foot}");
    }
    if !untried.is_empty() {
        let count = number_of(untried.len() as u64, "switch");
        let rows: String = untried.into_iter().map(row).collect();
        let _ = writeln!(
            out,
            "<details><summary>{count} that no run tried</summary>{head}{rows}{foot}</details>"
        );
    }
    out
}

fn findings(parts: &Parts, rules: &[Rule<'_>]) -> String {
    let all = &parts.dossier.findings;
    if all.is_empty() {
        return empty("There are none. What was not read is below.");
    }
    let mut out = String::new();
    let (main, other): (Vec<&Finding>, Vec<&Finding>) = all.iter().partition(|finding| {
        finding.severity >= Severity::Medium || finding.demonstrated.is_some()
    });
    for finding in main.iter().take(SHOWN) {
        finding_block(&mut out, finding, rules);
    }
    if main.len() > SHOWN {
        let _ = writeln!(
            out,
            "<p class=\"soft small\">{} more of these are in the JSON of the dossier.</p>",
            main.len() - SHOWN
        );
    }
    if main.is_empty() {
        out.push_str(&empty("None is of medium or higher severity."));
    }
    if !other.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>{} of low severity or for information</summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">severity</th><th scope=\"col\">behaviour</th><th scope=\"col\">what</th><th scope=\"col\">where</th></tr></thead><tbody>",
            number_of(other.len() as u64, "finding")
        );
        for finding in other.iter().take(ROWS) {
            let place = finding.evidence.first().map(place).unwrap_or_default();
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td><code>{}</code></td><td class=\"wide\">{}</td><td class=\"small\"><code>{}</code></td></tr>",
                severity_tag(finding.severity),
                html(&finding.behaviour),
                html(&clip(&finding.title, 240)),
                html(&place)
            );
        }
        out.push_str("</tbody></table></div>\n");
        rest(&mut out, other.len(), "findings");
        out.push_str("</details>\n");
    }
    out
}

/// Where a piece of evidence stands.
fn place(evidence: &Evidence) -> String {
    match evidence.line {
        0 => format!("{} at byte {}", evidence.node, evidence.span.start),
        line => format!("{}:{line}:{}", evidence.node, evidence.column),
    }
}

fn finding_block(out: &mut String, finding: &Finding, rules: &[Rule<'_>]) {
    let shown = match finding.demonstrated.is_some() {
        true => " <span class=\"tag bad\">demonstrated</span>",
        false => "",
    };
    let _ = write!(
        out,
        "<article class=\"finding\"><h4>{} <code>{}</code>{shown}</h4><p>{}</p>",
        severity_tag(finding.severity),
        html(&finding.behaviour),
        html(&finding.title)
    );
    let (confidence, party) = (
        words::confidence(finding.confidence),
        words::party(finding.party),
    );
    let _ = write!(
        out,
        "<p class=\"soft small\">{confidence} confidence, in {party}{}; <code>{}</code></p>",
        match finding.packages.is_empty() {
            true => String::new(),
            false => format!(" ({})", html(&clip(&finding.packages.join(", "), 120))),
        },
        html(&finding.id)
    );
    if let Some(shown) = &finding.demonstrated {
        for effect in shown.effects.iter().take(6) {
            effect_bytes(out, effect);
        }
    }
    for evidence in finding.evidence.iter().take(2) {
        let _ = write!(
            out,
            "<p class=\"small\"><code>{}</code></p>",
            html(&place(evidence))
        );
        if evidence.path.is_empty() && !evidence.excerpt.is_empty() {
            let _ = write!(
                out,
                "<p class=\"small\"><code>{}</code> {}</p>",
                html(&clip(&evidence.excerpt, 240)),
                html(&evidence.note)
            );
        }
        if !evidence.path.is_empty() {
            out.push_str("<ol class=\"path small\">");
            for step in &evidence.path {
                let role = words::role(step.role);
                let _ = write!(
                    out,
                    "<li><span class=\"tag\">{role}</span> <code>{}</code> <span class=\"soft\">{}{}</span></li>",
                    html(&clip(&step.excerpt, 200)),
                    html(&step.note),
                    match step.line {
                        0 => String::new(),
                        line => format!(", line {line}"),
                    }
                );
            }
            out.push_str("</ol>");
        }
        if !evidence.decoded.is_empty() {
            let _ = write!(
                out,
                "<p class=\"small\">Decoded ({}): <code>{}</code></p>",
                html(&evidence.decoding.join(", ")),
                html(&clip(&evidence.decoded.join(", "), 600))
            );
        }
    }
    if let Some(rule) = rules.iter().find(|rule| rule.id == finding.behaviour) {
        let _ = write!(
            out,
            "<details class=\"small\"><summary>What this means</summary><p>{} {}</p><p>{}</p></details>",
            html(rule.what),
            html(rule.why),
            html(rule.not)
        );
    }
    out.push_str("</article>\n");
}

/// The factors of an effect in words.
fn factors(effect: &Effect) -> String {
    let factors: Vec<String> = effect
        .factors
        .iter()
        .map(|(name, value)| format!("<code>{} = {}</code>", html(name), html(&clip(value, 80))))
        .collect();
    factors.join(" and ")
}

/// What an effect changes, with the bytes.
fn effect_bytes(out: &mut String, effect: &Effect) {
    let points = match effect.code_points.is_empty() {
        true => String::new(),
        false => format!(
            " <span class=\"tag warn\">{}</span>",
            html(&effect.code_points.join(", "))
        ),
    };
    let _ = write!(
        out,
        "<div class=\"bytes small\"><span class=\"soft\">with</span><span>{}</span><span class=\"soft\">in</span><span><code>{}</code></span><span class=\"soft\">before</span><span><code>{}</code> <span class=\"soft\">(<code>{}</code>)</span></span><span class=\"soft\">after</span><span><code>{}</code>{points} <span class=\"soft\">(<code>{}</code>)</span></span><span class=\"soft\">seen</span><span>in {} of {} runs with, in {} of {} without; p = {:.2e}{}</span></div>",
        factors(effect),
        html(&effect.field),
        html(&clip(&effect.line_before, 200)),
        visible(&effect.before),
        html(&clip(&effect.line_after, 200)),
        visible(&effect.after),
        effect.seen,
        effect.runs,
        effect.plain_seen,
        effect.plain_runs,
        effect.p,
        controls(effect)
    );
}

/// What other values of the same form did.
fn controls(effect: &Effect) -> String {
    let controls: Vec<String> = effect
        .controls
        .iter()
        .map(|control| {
            let what = match control.outcome {
                ControlOutcome::Unchanged => "unchanged",
                ControlOutcome::Same => "the same",
                ControlOutcome::Other => "another change",
                ControlOutcome::NotRun => "not run",
            };
            format!(
                "{} = {}: {what}",
                html(&control.factor),
                html(&clip(&control.value, 60))
            )
        })
        .collect();
    match controls.is_empty() {
        true => String::new(),
        false => format!("; controls: {}", controls.join(", ")),
    }
}

/// A part of a text by its code points, where those do not show.
fn visible(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let plain = text.chars().all(|c| c.is_ascii_graphic());
    match plain {
        true => html(&clip(text, 60)),
        false => {
            let points: Vec<String> = text
                .chars()
                .take(8)
                .map(|c| match c.is_ascii_graphic() {
                    true => c.to_string(),
                    false => format!("U+{:04X}", u32::from(c)),
                })
                .collect();
            html(&points.join(" "))
        }
    }
}

fn experiments(parts: &Parts) -> String {
    let Some(observation) = &parts.observation else {
        return empty("Nothing was run: assay dossier --observe, or --experiment, does that.");
    };
    let mut out = String::new();
    let plain: Vec<_> = observation
        .runs
        .iter()
        .filter(|run| run.factors.is_empty())
        .collect();
    if let Some(run) = plain.first() {
        let _ = writeln!(
            out,
            "<dl><dt>Started as</dt><dd><code>{}</code></dd><dt>Ended</dt><dd>{}</dd><dt>Held by</dt><dd>{}</dd></dl>",
            html(&clip(&run.command.join(" "), 300)),
            html(&clip(&run.ended, 300)),
            html(&clip(&run.holds.join("; "), 400))
        );
        if !run.limits.is_empty() {
            let _ = writeln!(
                out,
                "<p class=\"small\">Limits: {}</p>",
                html(&run.limits.join("; "))
            );
        }
    }
    let Some(made) = &observation.experiment else {
        out.push_str(&empty(
            "There was no experiment: what a host changes in what it sends was not tried.",
        ));
        return out;
    };
    let _ = writeln!(
        out,
        "<p>{} varied, {} set in groups; {} of {} combinations of {} were run; {} differences were seen and not confirmed, and {} of those that a person may not see are open.</p>",
        number_of(made.factors.len() as u64, "factor"),
        made.grouped.len(),
        made.covered,
        made.combinations,
        made.strength,
        made.unsettled,
        made.open
    );
    let mut effects: Vec<&Effect> = observation.effects.iter().collect();
    effects.sort_by_key(|effect| effect.grade);
    let concealed: Vec<&&Effect> = effects
        .iter()
        .filter(|effect| effect.grade == Grade::Concealed)
        .collect();
    if concealed.is_empty() {
        out.push_str(&empty("No concealed effect was seen."));
    }
    for effect in concealed {
        let forced = if effect.is_forced() {
            " <span class=\"tag warn\">forced, not observed</span>"
        } else {
            ""
        };
        let _ = write!(
            out,
            "<h3><span class=\"tag bad\">concealed</span>{forced} {}</h3>",
            html(&effect.difference)
        );
        effect_bytes(&mut out, effect);
    }
    let open: Vec<&&Effect> = effects
        .iter()
        .filter(|effect| effect.grade != Grade::Concealed)
        .collect();
    if !open.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>{} that anybody sees, or that follow from the factor</summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">grade</th><th scope=\"col\">with</th><th scope=\"col\">in</th><th scope=\"col\">before</th><th scope=\"col\">after</th><th scope=\"col\" class=\"number\">runs</th></tr></thead><tbody>",
            number_of(open.len() as u64, "effect")
        );
        for effect in open.iter().take(ROWS) {
            let grade = match effect.grade {
                Grade::Expected => "expected",
                _ => "visible",
            };
            let _ = writeln!(
                out,
                "<tr><td class=\"short\">{grade}</td><td>{}</td><td class=\"small\"><code>{}</code></td><td class=\"small\">{}</td><td class=\"small\">{}</td><td class=\"number\">{}/{}</td></tr>",
                factors(effect),
                html(&clip(&effect.field, 120)),
                html(&clip(&effect.before, 80)),
                html(&clip(&effect.after, 80)),
                effect.seen,
                effect.runs
            );
        }
        out.push_str("</tbody></table></div>\n");
        rest(&mut out, open.len(), "effects");
        out.push_str("</details>\n");
    }
    if !made.limits.is_empty() || !made.not_varied.is_empty() {
        out.push_str("<details><summary>Limits of the experiment</summary><ul class=\"small\">");
        for limit in made.limits.iter().chain(&made.not_varied).take(ROWS) {
            let _ = write!(out, "<li>{}</li>", html(&clip(limit, 400)));
        }
        out.push_str("</ul></details>\n");
    }
    out
}

fn versions(parts: &Parts) -> String {
    match &parts.history {
        None => empty("Other versions were not looked at: assay history does that."),
        Some(history) => {
            let mut out = pictures::timeline(history);
            for note in &history.notes {
                let _ = writeln!(out, "<p class=\"soft small\">{}</p>", html(note));
            }
            out
        }
    }
}

fn coverage(parts: &Parts) -> String {
    let coverage = &parts.dossier.coverage;
    let mut out = pictures::coverage(coverage);
    let gaps: Vec<_> = coverage
        .entries
        .iter()
        .filter(|entry| entry.gap.is_some())
        .collect();
    if gaps.is_empty() {
        out.push_str(&empty("Nothing was left out."));
        return out;
    }
    out.push_str("<div class=\"scroll\"><table><caption>What was not read, or not as well as it could be</caption><thead><tr><th scope=\"col\">what</th><th scope=\"col\" class=\"number\">bytes</th><th scope=\"col\">why</th></tr></thead><tbody>\n");
    let most = 40;
    for entry in gaps.iter().take(most) {
        let why = match (entry.detail.is_empty(), entry.gap) {
            (false, _) => html(&clip(&entry.detail, 300)),
            (true, gap) => gap.map_or("", words::gap).to_owned(),
        };
        let size = match entry.bytes {
            0 => String::new(),
            count => bytes(count),
        };
        let _ = writeln!(
            out,
            "<tr><td class=\"wide\"><code>{}</code></td><td class=\"number\">{size}</td><td class=\"wide\">{why}</td></tr>",
            html(&clip(&entry.node, 200)),
        );
    }
    out.push_str("</tbody></table></div>\n");
    if gaps.len() > most {
        let _ = writeln!(
            out,
            "<p class=\"soft small\">{} more are in the JSON of the dossier.</p>",
            gaps.len() - most
        );
    }
    out
}

fn attested(name: &str, attested: &assay_model::Attested) -> String {
    let tag = match attested.state {
        AttestedState::Verified => "good",
        AttestedState::Failed => "bad",
        AttestedState::None | AttestedState::Unavailable => "",
    };
    format!(
        "<dt>{name}</dt><dd><span class=\"tag {tag}\">{}</span> {}</dd>",
        attested.state.name(),
        html(&attested.says)
    )
}

fn supply(parts: &Parts) -> String {
    let Some(supply) = &parts.supply else {
        return empty("That was not looked at: assay dossier does.");
    };
    let mut out = "<dl>".to_owned();
    out.push_str(&attested("Signature", &supply.signature));
    out.push_str(&attested("Provenance", &supply.provenance));
    for built in &supply.built {
        let says = [
            ("repository", built.repository.as_deref()),
            ("commit", built.commit.as_deref()),
            ("branch or tag", built.reference.as_deref()),
            ("workflow", built.workflow.as_deref()),
            ("machines", built.runner.as_deref()),
            ("signed by", Some(built.signer.as_str())),
            ("vouched for by", Some(built.issuer.as_str())),
            ("log", Some(built.log.as_str())),
            ("at", Some(built.at.as_str())),
        ];
        let _ = writeln!(
            out,
            "<details><summary>A statement that stands: <code>{}</code></summary><dl>",
            html(&clip(&built.states, 120))
        );
        for (name, value) in says {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let _ = writeln!(out, "<dt>{name}</dt><dd>{}</dd>", html(&clip(value, 240)));
            }
        }
        out.push_str("</dl></details>\n");
    }
    let _ = write!(
        out,
        "<dt>Licence</dt><dd>{}</dd><dt>Install scripts</dt><dd>{}</dd><dt>Who can publish</dt><dd>{}</dd>",
        html(if supply.licence.is_empty() {
            "not stated"
        } else {
            &supply.licence
        }),
        match supply.install_scripts.is_empty() {
            true => "none".to_owned(),
            false => {
                let scripts = supply.install_scripts.iter();
                let scripts: Vec<String> = scripts
                    .map(|(name, text)| {
                        format!("<code>{}: {}</code>", html(name), html(&clip(text, 160)))
                    })
                    .collect();
                scripts.join("<br>")
            }
        },
        match supply.maintainers.is_empty() {
            true => "not known".to_owned(),
            false => html(&clip(&supply.maintainers.join(", "), 400)),
        }
    );
    if let Some(published) = &supply.published {
        let _ = write!(out, "<dt>Published</dt><dd>{}</dd>", html(published));
    }
    if let Some(count) = supply.releases_in_a_year {
        let _ = write!(out, "<dt>Releases</dt><dd>{count} in the year before</dd>");
    }
    out.push_str("</dl>\n");
    weaknesses(&mut out, supply);
    if !supply.components.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>{} in it</summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">package</th><th scope=\"col\">version</th><th scope=\"col\" class=\"number\">code</th><th scope=\"col\" class=\"number\">sure</th><th scope=\"col\">told by</th></tr></thead><tbody>",
            number_of(supply.components.len() as u64, "package")
        );
        for component in supply.components.iter().take(ROWS) {
            let _ = writeln!(
                out,
                "<tr><td><code>{}</code></td><td class=\"short\">{}</td><td class=\"number\">{}</td><td class=\"number\">{} %</td><td class=\"small\">{}</td></tr>",
                html(&clip(&component.name, 120)),
                html(component.version.as_deref().unwrap_or("not known")),
                match component.bytes {
                    0 => String::new(),
                    count => bytes(count),
                },
                component.confidence,
                html(&component.evidence.join(", "))
            );
        }
        out.push_str("</tbody></table></div>\n");
        rest(&mut out, supply.components.len(), "packages");
        out.push_str("</details>\n");
    }
    for note in supply.changes.iter().chain(&supply.notes) {
        let _ = writeln!(out, "<p class=\"soft small\">{}</p>", html(note));
    }
    out
}

fn weaknesses(out: &mut String, supply: &Supply) {
    let Some(known) = &supply.vulnerabilities else {
        out.push_str(&empty(
            "Known weaknesses were not looked up: --osv names a database.",
        ));
        return;
    };
    let _ = writeln!(
        out,
        "<p>{} were looked up in {} of a database whose newest is of {}; {} could not be, for want of a version or of an ecosystem.</p>",
        number_of(known.looked_up, "package"),
        number_of(known.entries, "entry"),
        html(&known.newest),
        known.not_looked_up.len()
    );
    if known.found.is_empty() {
        out.push_str(&empty("No known weakness was found."));
        return;
    }
    out.push_str("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">severity</th><th scope=\"col\">name</th><th scope=\"col\">in</th><th scope=\"col\">what</th><th scope=\"col\">without it</th></tr></thead><tbody>\n");
    for one in known.found.iter().take(ROWS) {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td class=\"short\"><code>{}</code></td><td><code>{}</code></td><td class=\"wide\">{}</td><td>{}</td></tr>",
            one.severity.map_or_else(
                || "<span class=\"tag\">not stated</span>".to_owned(),
                severity_tag
            ),
            html(&one.id),
            html(&one.component),
            html(&clip(&one.summary, 240)),
            html(&one.fixed.join(", "))
        );
    }
    out.push_str("</tbody></table></div>\n");
}

fn contract(parts: &Parts) -> String {
    let mut out = "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">clause</th><th scope=\"col\">what it says</th><th scope=\"col\">outcome</th><th scope=\"col\">why</th></tr></thead><tbody>\n".to_owned();
    for clause in parts.answers.iter().flat_map(|answers| &answers.clauses) {
        let tag = match clause.outcome {
            ClauseOutcome::Kept => "<span class=\"tag good\">kept</span>",
            ClauseOutcome::Broken => "<span class=\"tag bad\">measured against it</span>",
            ClauseOutcome::Untested => "<span class=\"tag\">not tested</span>",
        };
        let _ = writeln!(
            out,
            "<tr><td class=\"short\">{}</td><td class=\"wide\">{}</td><td>{tag}</td><td class=\"wide\">{}</td></tr>",
            html(&clause.about),
            html(&clause.says),
            html(&clip(&clause.reason, 500))
        );
    }
    out.push_str("</tbody></table></div>\n");
    out
}

fn layers(parts: &Parts) -> String {
    let Some(answers) = &parts.answers else {
        return empty("The questions were not answered.");
    };
    let mut out = "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">layer</th><th scope=\"col\">found there</th><th scope=\"col\">cannot be excluded</th></tr></thead><tbody>\n".to_owned();
    for risk in &answers.layers {
        let _ = writeln!(
            out,
            "<tr><td class=\"short\">{}</td><td class=\"wide\">{}</td><td class=\"wide\">{}</td></tr>",
            words::layer(risk.layer),
            match risk.found.is_empty() {
                true => "nothing above information".to_owned(),
                false => html(&risk.found.join(", ")),
            },
            html(&risk.cannot_exclude)
        );
    }
    out.push_str("</tbody></table></div>\n");
    out
}

fn again(parts: &Parts) -> String {
    let mut out = "<p>Each finding and each effect can be done again from the artifact, without trusting this page:</p>\n<ul class=\"small\">".to_owned();
    let source = html(&parts.dossier.source);
    let _ = write!(out, "<li><code>assay vet {source}</code></li>");
    if let Some(finding) = parts.dossier.findings.first() {
        let _ = write!(
            out,
            "<li><code>assay reproduce DOSSIER {}</code></li>",
            html(&finding.id)
        );
    }
    let effects = parts.observation.iter().flat_map(|seen| &seen.effects);
    if let Some(effect) = effects
        .into_iter()
        .find(|effect| effect.grade == Grade::Concealed)
    {
        let _ = write!(
            out,
            "<li><code>assay reproduce DOSSIER {0}</code>, or without Assay: <code>assay reproduce DOSSIER {0} --script again.sh</code></li>",
            html(&effect.id)
        );
    }
    out.push_str("<li><code>assay verify DOSSIER --trust trust.toml</code></li></ul>\n");
    out
}
