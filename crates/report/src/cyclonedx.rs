//! CycloneDX 1.6: what is in a subject, the services that it turns to, and
//! which data go there. Source: <https://cyclonedx.org/docs/1.6/json/>.

use std::collections::BTreeSet;

use assay_model::{Parts, Severity};
use serde_json::{Map, Value, json};

/// A bill of materials as JSON.
///
/// # Errors
/// When it cannot be written as JSON, which no value is.
pub fn render(parts: &Parts) -> Result<String, serde_json::Error> {
    let dossier = &parts.dossier;
    let subject = &dossier.subject;
    let purl = subject.purl.to_string();
    let mut main = json!({
        "type": "application",
        "bom-ref": purl,
        "name": subject.purl.full_name(),
        "purl": purl,
        "hashes": [{ "alg": "SHA-256", "content": subject.sha256.to_string() }],
    });
    if let Some(version) = &subject.purl.version {
        put(&mut main, "version", json!(version));
    }
    let mut metadata = Map::new();
    if let Some(verdict) = &parts.verdict {
        // A day alone is no time of this form.
        let at = match verdict.at.len() {
            10 => format!("{}T00:00:00Z", verdict.at),
            _ => verdict.at.clone(),
        };
        metadata.insert("timestamp".to_owned(), json!(at));
    }
    metadata.insert(
        "tools".to_owned(),
        json!({ "components": [{ "type": "application", "name": "assay", "version": dossier.assay }] }),
    );
    let mut refs = BTreeSet::from([purl.clone()]);
    let mut components = Vec::new();
    let mut vulnerabilities = Vec::new();
    for artifact in subject.artifacts.iter().skip(1) {
        let name = artifact.purl.to_string();
        if refs.insert(name.clone()) {
            components.push(json!({
                "type": "application",
                "bom-ref": name,
                "name": artifact.purl.full_name(),
                "version": artifact.purl.version,
                "purl": name,
                "hashes": [{ "alg": "SHA-256", "content": artifact.sha256.to_string() }],
            }));
        }
    }
    if let Some(supply) = &parts.supply {
        if !supply.licence.is_empty() {
            put(
                &mut main,
                "licenses",
                json!([{ "license": { "name": supply.licence } }]),
            );
        }
        for (number, component) in supply.components.iter().enumerate() {
            let name = component
                .purl
                .clone()
                .unwrap_or_else(|| format!("component-{number}"));
            if !refs.insert(name.clone()) {
                continue;
            }
            let confidence = f64::from(component.confidence) / 100.0;
            let methods: Vec<Value> = component
                .evidence
                .iter()
                .map(|by| json!({ "technique": technique(by), "confidence": confidence, "value": by }))
                .collect();
            let mut one = json!({
                "type": "library",
                "bom-ref": name,
                "name": component.name,
                "evidence": { "identity": [{
                    "field": if component.purl.is_some() { "purl" } else { "name" },
                    "confidence": confidence,
                    "methods": methods,
                }] },
            });
            if let Some(version) = &component.version {
                put(&mut one, "version", json!(version));
            }
            if let Some(purl) = &component.purl {
                put(&mut one, "purl", json!(purl));
            }
            components.push(one);
        }
        for found in supply.vulnerabilities.iter().flat_map(|known| &known.found) {
            let severity = match found.severity {
                Some(Severity::Critical) => "critical",
                Some(Severity::High) => "high",
                Some(Severity::Medium) => "medium",
                Some(Severity::Low) => "low",
                Some(Severity::Info) => "info",
                None => "unknown",
            };
            vulnerabilities.push(json!({
                "id": found.id,
                "source": { "name": "OSV" },
                "ratings": [{ "severity": severity }],
                "description": found.summary,
                "affects": [{ "ref": found.purl }],
            }));
        }
    }
    let services = services(parts);
    let parts_of: Vec<&String> = refs.iter().filter(|name| **name != purl).collect();
    let mut bom = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial(&subject.sha256.0),
        "version": 1,
    });
    metadata.insert("component".to_owned(), main);
    put(&mut bom, "metadata", Value::Object(metadata));
    put(&mut bom, "components", Value::Array(components));
    put(&mut bom, "services", Value::Array(services));
    put(
        &mut bom,
        "dependencies",
        json!([{ "ref": purl, "dependsOn": parts_of }]),
    );
    if !vulnerabilities.is_empty() {
        put(&mut bom, "vulnerabilities", Value::Array(vulnerabilities));
    }
    crate::json::render(&bom)
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value);
    }
}

/// The hosts that it turns to, or that its code names, with the data that
/// went there.
fn services(parts: &Parts) -> Vec<Value> {
    let Some(answers) = &parts.answers else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (number, flow) in answers.leaves.flows.iter().enumerate() {
        let data: Vec<Value> = flow
            .data
            .iter()
            .filter(|(_, bytes)| **bytes > 0)
            .map(|(kind, bytes)| {
                json!({
                    "flow": "outbound",
                    "classification": kind.name(),
                    "description": format!("{bytes} bytes in {} runs", answers.leaves.runs),
                })
            })
            .collect();
        let mut one = json!({
            "bom-ref": format!("service-{number}"),
            "name": flow.host,
            "endpoints": endpoints(&flow.host),
            "x-trust-boundary": true,
            "properties": properties("measured", flow.country.code.as_deref(), flow.documented),
        });
        if !data.is_empty() {
            put(&mut one, "data", Value::Array(data));
        }
        out.push(one);
    }
    for (number, flow) in answers.leaves.possible.iter().enumerate() {
        out.push(json!({
            "bom-ref": format!("named-{number}"),
            "name": flow.host,
            "endpoints": endpoints(&flow.host),
            "x-trust-boundary": true,
            "properties": properties("named in code", flow.country.code.as_deref(), flow.documented),
        }));
    }
    out
}

/// The address of a host; none where it is only a part of a name.
fn endpoints(host: &str) -> Vec<String> {
    let host = host.split(' ').next().unwrap_or_default();
    let plain = !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    if plain {
        vec![format!("https://{host}")]
    } else {
        Vec::new()
    }
}

fn properties(basis: &str, country: Option<&str>, documented: Option<bool>) -> Value {
    let documented = match documented {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    json!([
        { "name": "assay:basis", "value": basis },
        { "name": "assay:country", "value": country.unwrap_or("unknown") },
        { "name": "assay:documented", "value": documented },
    ])
}

/// The word of CycloneDX for how something was told.
fn technique(evidence: &str) -> &'static str {
    match evidence {
        "manifest" => "manifest-analysis",
        "path" | "label" => "filename",
        "source-map" | "banner" => "source-code-analysis",
        "fingerprint" => "ast-fingerprint",
        "binary" => "binary-analysis",
        _ => "other",
    }
}

/// A name that is the same for the same artifact: a UUID of version 8.
fn serial(digest: &[u8; 32]) -> String {
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = *from;
    }
    let hex: String = bytes
        .iter()
        .enumerate()
        .map(|(at, byte)| match at {
            6 => format!("{:02x}", byte & 0x0f | 0x80),
            8 => format!("{:02x}", byte & 0x3f | 0x80),
            _ => format!("{byte:02x}"),
        })
        .collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}
