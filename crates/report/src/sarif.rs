use std::collections::BTreeSet;

use assay_model::{Dossier, Evidence, Finding, Severity, Span, Subject};
use serde_json::{Value, json};

use crate::Rule;
use crate::escape;
use crate::observation::line;

/// The dossier as a SARIF 2.1.0 log. Source: OASIS SARIF 2.1.0.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn render(dossier: &Dossier, rules: &[Rule<'_>]) -> Result<String, serde_json::Error> {
    let findings: Vec<&Finding> = dossier.findings.iter().collect();
    let notes: Vec<String> = dossier
        .coverage
        .entries
        .iter()
        .filter(|entry| entry.gap.is_some())
        .take(1000)
        .map(|entry| format!("{}: {}", escape::terminal(&entry.node), entry.detail))
        .collect();
    log(
        &dossier.assay,
        &dossier.subject,
        &findings,
        rules,
        &notes,
        |_, _| {},
    )
}

/// A log of findings of a subject, with notes; `more` may say more of each
/// result, which it is given with its number.
pub(crate) fn log(
    assay: &str,
    subject: &Subject,
    findings: &[&Finding],
    rules: &[Rule<'_>],
    notes: &[String],
    more: impl Fn(usize, &mut Value),
) -> Result<String, serde_json::Error> {
    let used: BTreeSet<&str> = findings
        .iter()
        .map(|finding| finding.behaviour.as_str())
        .collect();
    let used: Vec<&Rule<'_>> = rules.iter().filter(|rule| used.contains(rule.id)).collect();
    let results: Vec<Value> = findings
        .iter()
        .enumerate()
        .map(|(at, finding)| {
            let mut result = result(finding, &used);
            more(at, &mut result);
            result
        })
        .collect();
    let notifications: Vec<Value> = notes
        .iter()
        .map(|note| json!({ "level": "note", "message": { "text": note } }))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Assay",
                "version": assay,
                "rules": used.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
            "artifacts": subject.artifacts.iter().map(|artifact| json!({
                "location": { "uri": artifact.purl.to_string() },
                "length": artifact.bytes,
                "hashes": { "sha-256": artifact.sha256.to_string() },
            })).collect::<Vec<_>>(),
            "columnKind": "unicodeCodePoints",
            "properties": {
                "subject": subject.purl.to_string(),
                "platform": subject.platform,
            },
            "results": results,
        }],
    });
    let mut text = escape::json(&serde_json::to_string_pretty(&log)?);
    text.push('\n');
    Ok(text)
}

fn descriptor(rule: &Rule<'_>) -> Value {
    let mut descriptor = json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.what },
        "help": { "text": format!("{}\n\nWhat it does not mean: {}", rule.why, rule.not) },
    });
    if rule.reference.starts_with("https://")
        && let Some(object) = descriptor.as_object_mut()
    {
        object.insert("helpUri".to_owned(), json!(rule.reference));
    }
    descriptor
}

fn result(finding: &Finding, rules: &[&Rule<'_>]) -> Value {
    let mut result = json!({
        "ruleId": finding.behaviour,
        "level": level(finding.severity),
        "message": { "text": escape::terminal(&message(finding)) },
        "locations": finding.evidence.iter().take(1).map(location).collect::<Vec<_>>(),
        "relatedLocations": finding.evidence.iter().skip(1).take(20).map(location).collect::<Vec<_>>(),
        "partialFingerprints": { "assayFinding/v1": finding.id },
        "properties": {
            "severity": finding.severity,
            "confidence": finding.confidence,
            "layer": finding.layer,
            "party": finding.party,
            "occurrences": finding.occurrences,
        },
    });
    let flows: Vec<Value> = finding
        .evidence
        .iter()
        .filter(|evidence| !evidence.path.is_empty())
        .map(flow)
        .collect();
    if let Some(object) = result.as_object_mut() {
        if let Some(index) = rules.iter().position(|rule| rule.id == finding.behaviour) {
            object.insert("ruleIndex".to_owned(), json!(index));
        }
        if !flows.is_empty() {
            object.insert("codeFlows".to_owned(), json!(flows));
        }
    }
    result
}

/// The title, and what runs showed.
fn message(finding: &Finding) -> String {
    let mut out = finding.title.clone();
    for effect in finding.demonstrated.iter().flat_map(|shown| &shown.effects) {
        out.push_str(&format!(". Demonstrated in runs: {}", line(effect)));
    }
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A node's path as a relative URI.
fn uri(node: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in node.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b'!'
            | b'$'
            | b'@' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    // A leading slash would make it absolute.
    out.trim_start_matches('/').to_owned()
}

fn physical(
    evidence: &Evidence,
    node: &str,
    (span, line, column): (Span, u64, u64),
    text: &str,
) -> Value {
    let mut physical = json!({
        "artifactLocation": {
            "uri": uri(node),
            "description": { "text": format!("in {}", evidence.artifact) },
        },
        "region": {
            "byteOffset": span.start,
            "byteLength": span.len,
            "snippet": { "text": escape::terminal(text) },
        },
    });
    if line > 0
        && let Some(region) = physical.get_mut("region").and_then(Value::as_object_mut)
    {
        region.insert("startLine".to_owned(), json!(line));
        region.insert("startColumn".to_owned(), json!(column));
    }
    physical
}

fn location(evidence: &Evidence) -> Value {
    let mut location = json!({
        "physicalLocation":
            physical(
                evidence,
                &evidence.node,
                (evidence.span, evidence.line, evidence.column),
                &evidence.excerpt,
            ),
    });
    let mut note = escape::terminal(&evidence.note);
    if !evidence.decoded.is_empty() {
        let shown: Vec<String> = evidence
            .decoded
            .iter()
            .take(20)
            .map(|entry| escape::terminal(entry))
            .collect();
        note = format!(
            "{note} decoded ({}): {}",
            evidence.decoded.len(),
            shown.join(", ")
        );
    }
    if !note.trim().is_empty()
        && let Some(object) = location.as_object_mut()
    {
        object.insert("message".to_owned(), json!({ "text": note.trim() }));
    }
    location
}

fn flow(evidence: &Evidence) -> Value {
    let steps: Vec<Value> = evidence
        .path
        .iter()
        .map(|step| {
            let node = step.node.as_ref().unwrap_or(&evidence.node);
            json!({
                "location": {
                    "physicalLocation":
                        physical(evidence, node, (step.span, step.line, step.column), &step.excerpt),
                    "message": { "text": escape::terminal(&step.note) },
                },
                "kinds": [serde_json::to_value(step.role).unwrap_or_default()],
            })
        })
        .collect();
    json!({ "threadFlows": [{ "locations": steps }] })
}
