use std::fmt::Write as _;

use assay_model::{Dossier, Evidence, Finding, Gate, Integrity, Party, Severity};

use crate::Rule;
use crate::escape::{code, markdown as escape};
use crate::observation::line;
use crate::terminal::{documented, gate_rows, readings};
use crate::words::{bytes, number_of, percent, severity_label};

/// The dossier as Markdown: what a reviewer files.
#[must_use]
pub fn render(dossier: &Dossier, rules: &[Rule<'_>]) -> String {
    let mut out = String::new();
    let subject = &dossier.subject;
    let _ = writeln!(
        out,
        "# {} {}\n",
        escape(&subject.purl.full_name()),
        escape(subject.purl.version.as_deref().unwrap_or_default())
    );
    let _ = writeln!(out, "- subject: {}", code(&subject.purl.to_string()));
    let _ = writeln!(out, "- SHA-256: {}", code(&subject.sha256.to_string()));
    let _ = writeln!(out, "- platform: {}", code(&subject.platform));
    let _ = writeln!(out, "- examined by Assay {}", escape(&dossier.assay));
    let _ = writeln!(
        out,
        "\n| artifact | bytes | SHA-256 | checked against |\n|---|---:|---|---|"
    );
    for artifact in &subject.artifacts {
        let integrity = match &artifact.integrity {
            Integrity::Verified { digest } => code(digest),
            Integrity::Unpublished { reason } => escape(reason),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {integrity} |",
            code(&artifact.purl.to_string()),
            artifact.bytes,
            code(&artifact.sha256.to_string()),
        );
    }
    if let Some(line) = documented(dossier, true) {
        let _ = writeln!(out, "\n{}.", escape(&line));
    }
    let coverage = &dossier.coverage;
    let total = coverage.total_bytes();
    let _ = writeln!(
        out,
        "\n## Coverage\n\n| reading | nodes | bytes | share |\n|---|---:|---:|---:|"
    );
    for (_, name, part) in readings(coverage) {
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} |",
            part.nodes,
            part.bytes,
            percent(part.bytes, total)
        );
    }
    let gaps: Vec<_> = coverage
        .entries
        .iter()
        .filter(|e| e.gap.is_some())
        .collect();
    if !gaps.is_empty() {
        let _ = writeln!(out, "\nNot understood, or not wholly:\n");
        for entry in gaps.iter().take(40) {
            let _ = writeln!(
                out,
                "- {} ({}): {}",
                code(&entry.node),
                bytes(entry.bytes),
                escape(&entry.detail)
            );
        }
        if gaps.len() > 40 {
            let _ = writeln!(
                out,
                "- and {} more, in the JSON",
                gaps.len().saturating_sub(40)
            );
        }
    }
    let _ = writeln!(out, "\n## Findings");
    for severity in [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ] {
        let of: Vec<&Finding> = dossier
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .collect();
        if of.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n### {} ({})\n", severity_label(severity), of.len());
        switches(&mut out, &of);
        if severity >= Severity::Medium {
            for finding in of {
                long(&mut out, finding, rules);
            }
        } else {
            short(&mut out, &of);
        }
    }
    out
}

fn long(out: &mut String, finding: &Finding, rules: &[Rule<'_>]) {
    let _ = writeln!(
        out,
        "#### {}: {}\n",
        escape(&finding.behaviour),
        escape(&finding.title)
    );
    let _ = writeln!(
        out,
        "id {}, confidence {:?}, layer {:?}, party {:?}, found {}\n",
        code(&finding.id),
        finding.confidence,
        finding.layer,
        finding.party,
        number_of(finding.occurrences, "time")
    );
    if let Some(rule) = rules.iter().find(|rule| rule.id == finding.behaviour) {
        let _ = writeln!(
            out,
            "{} What it does not mean: {}\n",
            escape(rule.why),
            escape(rule.not)
        );
    }
    for evidence in &finding.evidence {
        evidence_lines(out, evidence);
    }
    for effect in finding.demonstrated.iter().flat_map(|shown| &shown.effects) {
        let _ = writeln!(
            out,
            "- demonstrated ({}): {}",
            code(&effect.id),
            escape(&line(effect))
        );
    }
    out.push('\n');
}

fn evidence_lines(out: &mut String, evidence: &Evidence) {
    let _ = writeln!(
        out,
        "- {} at byte {}, {} bytes: {}{}",
        code(&evidence.node),
        evidence.span.start,
        evidence.span.len,
        code(&evidence.excerpt),
        if evidence.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", escape(&evidence.note))
        }
    );
    for step in &evidence.path {
        let role = serde_json::to_value(step.role).unwrap_or_default();
        let _ = writeln!(
            out,
            "  - {} at byte {}{}: {}; {}",
            role.as_str().unwrap_or_default(),
            step.span.start,
            step.node
                .as_ref()
                .map_or_else(String::new, |node| format!(" of {}", code(node))),
            code(&step.excerpt),
            escape(&step.note)
        );
    }
    if !evidence.decoded.is_empty() {
        let _ = writeln!(
            out,
            "  - decoded by {} to {} entries: {}",
            escape(&evidence.decoding.join(", ")),
            evidence.decoded.len(),
            evidence
                .decoded
                .iter()
                .map(|entry| code(entry))
                .collect::<Vec<_>>()
                .join(" ")
        );
    }
}

/// The switches among findings, as a table.
fn switches(out: &mut String, findings: &[&Finding]) {
    let gates: Vec<&Gate> = findings
        .iter()
        .filter_map(|finding| finding.evidence.iter().find_map(|e| e.gate.as_ref()))
        .collect();
    if gates.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "| switch | set by | default | fallback | what hangs on it |\n|---|---|---|---|---|"
    );
    for gate in gates {
        let rows = gate_rows(gate);
        let row = |name: &str| {
            let found = rows.iter().find(|(row, _)| *row == name);
            found.map_or_else(String::new, |(_, value)| escape(value))
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(&gate.key),
            row("set by"),
            row("default"),
            row("fallback"),
            row("on it")
        );
    }
    out.push('\n');
}

fn short(out: &mut String, findings: &[&Finding]) {
    let _ = writeln!(
        out,
        "| behaviour | what | confidence | found |\n|---|---|---|---:|"
    );
    for finding in findings {
        let _ = writeln!(
            out,
            "| {} | {}{} | {:?} | {} |",
            escape(&finding.behaviour),
            escape(&finding.title),
            if finding.party == Party::Third {
                " (in libraries alone)"
            } else {
                ""
            },
            finding.confidence,
            finding.occurrences
        );
    }
}
