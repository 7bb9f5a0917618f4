use assay_model::{Confidence, Finding, Layer, Party, Severity};

use super::{Behaviour, Example, Pass};
use crate::endpoints::{is_host_name, is_local_host};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "egress.undocumented",
    title: "talks to a host that the vendor does not document",
    severity: Severity::Low,
    layer: Layer::Client,
    what: "The code names a host as a constant of its own, or a run turned to one, and the vendor's published lists of hosts (data/vendors, or --profile) do not have it.",
    why: "Network rules, contracts and risk assessments are made from what the vendor documents. What is not in there was not agreed to, and is a question to the vendor.",
    not: "A host that is named need not be contacted: links for people are among them. The profile may be older than the documents, and says when it was looked at. Where there is no profile for a tool nothing is told.",
    example: "const BEACON = \"https://beacon.other-tool.dev\"; // the documents name api.small-tool.dev alone",
    reference: "",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &[],
    pass: Pass::Profile,
    positive: &[
        Example::js("await fetch('https://beacon.other-tool.dev/v1', { method: 'POST', body });"),
        Example::js("const net=require('net');fetch('http://203.0.113.7:8080/report')"),
        Example::file(
            "example.py",
            "import requests\n\nrequests.post(\"https://collect.other-tool.dev/v1\", json={})\n",
        ),
    ],
    negative: &[
        Example::js("throw new Error('see https://docs.other-tool.dev/guide for help')"),
        Example::js("fetch('http://127.0.0.1:8080/health'); fetch('https://www.example.com/');"),
    ],
};

/// Names that stand for any host in texts and tests (RFC 2606, RFC 6761).
const FOR_EXAMPLES: &[&str] = &[
    "example.com",
    "example.net",
    "example.org",
    "example",
    "invalid",
    "localhost",
    "test",
];

/// Whether a finding names a host that a vendor's documents should list: as a
/// constant of its own, not within a text, and not of a library alone.
#[must_use]
pub fn is_for_documents(finding: &Finding) -> bool {
    let kind = matches!(
        finding.behaviour.as_str(),
        "egress.endpoint" | "egress.raw-address" | "egress.telemetry"
    );
    let host = finding.key.as_str();
    let for_examples = FOR_EXAMPLES
        .iter()
        .any(|name| host == *name || host.ends_with(&format!(".{name}")));
    let tested = !finding.evidence.is_empty()
        && finding.evidence.iter().all(|evidence| {
            let path = evidence.node.to_lowercase();
            [
                ".test.",
                ".spec.",
                "/test/",
                "/tests/",
                "__tests__/",
                "/__mocks__/",
            ]
            .iter()
            .any(|part| path.contains(part))
        });
    kind && is_host_name(host)
        && !for_examples
        && !is_local_host(host)
        && !tested
        && finding.confidence >= Confidence::Medium
        && finding.party != Party::Third
}
