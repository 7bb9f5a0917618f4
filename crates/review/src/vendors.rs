//! What vendors have published about their tools, and what of a tool is not
//! in it.
//!
//! One file for each vendor under `data/vendors/`. Detection never looks here:
//! a profile only says what is documented.

use std::collections::BTreeSet;

use assay_analyze::{behaviour, finding_id, is_for_documents, is_local_host};
use assay_model::{
    Confidence, DocumentedHost, Dossier, Fact, Finding, Host, Layer, Observation, Party,
    ProfileRef, Purl, Purpose, Severity, Vendor, VendorTool,
};
use toml::Spanned;

use crate::claims::CaseError;

/// The profiles, by name.
const FILES: &[(&str, &str)] = assay_model::shipped!(
    "vendors": "aider", "alibaba", "amazon", "anthropic", "anysphere", "baidu", "cline", "cognition", "continue", "deepseek", "github", "google", "meta", "openai", "opencode"
);

/// The name of the behaviour that an undocumented host is.
const UNDOCUMENTED: &str = "egress.undocumented";

/// Reads a vendor's profile.
///
/// # Errors
/// With the line of the first thing that is wrong.
pub fn read_vendor(text: &str) -> Result<Vendor, CaseError> {
    let vendor: Spanned<Vendor> = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        CaseError::at(text, place, error.message())
    })?;
    let vendor = vendor.into_inner();
    let sources = entries(&vendor);
    if let Some((what, _, _)) = sources
        .iter()
        .find(|(_, source, date)| !source.starts_with("https://") || !assay_model::is_date(date))
    {
        // Its words stand in the text once at least.
        let place = text.find(what.as_str()).unwrap_or(0);
        let what = "an entry needs a source that begins with https:// and a date as 2026-01-31";
        return Err(CaseError::at(text, place, what));
    }
    let hosts = vendor.tools.iter().flat_map(|tool| &tool.hosts);
    for host in hosts.chain(&vendor.hosts).map(|one| one.host.as_str()) {
        if !is_host(host) {
            let place = text.find(host).unwrap_or(0);
            let what = "a host is a name as api.example.com, or *.example.com for any below it";
            return Err(CaseError::at(text, place, what));
        }
    }
    let packages = vendor.tools.iter().flat_map(|tool| &tool.packages);
    for package in packages {
        let kind = package.split_once(':').map(|(kind, _)| kind);
        if !matches!(kind, Some("npm" | "pypi" | "vsix")) {
            let place = text.find(package.as_str()).unwrap_or(0);
            let what = "a package is npm:NAME, pypi:NAME or vsix:PUBLISHER.NAME";
            return Err(CaseError::at(text, place, what));
        }
    }
    Ok(vendor)
}

/// Whether a text is a host, or any below one that is more than a domain that
/// anybody registers under.
fn is_host(host: &str) -> bool {
    let plain = host.strip_prefix("*.").unwrap_or(host);
    let labels = plain.split('.');
    labels.clone().count() > 1
        && labels.clone().all(|label| {
            !label.is_empty()
                && label
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        })
}

/// What each entry says, its source and its date.
fn entries(vendor: &Vendor) -> Vec<(String, &str, &str)> {
    let tools = || vendor.tools.iter();
    let hosts = vendor
        .hosts
        .iter()
        .chain(tools().flat_map(|one| &one.hosts));
    let facts = vendor
        .facts
        .iter()
        .chain(tools().flat_map(|one| &one.facts))
        .chain(vendor.models.iter().flat_map(|one| &one.facts));
    let settings = tools().flat_map(|one| one.variables.iter().chain(&one.settings));
    hosts
        .map(|one| (one.host.clone(), one.source.as_str(), one.date.as_str()))
        .chain(facts.map(|one| (one.says.clone(), one.source.as_str(), one.date.as_str())))
        .chain(settings.map(|one| (one.name.clone(), one.source.as_str(), one.date.as_str())))
        .collect()
}

/// The profiles that come with Assay.
///
/// # Errors
/// When a file is no profile, which a test rules out.
pub fn vendors() -> Result<Vec<Vendor>, CaseError> {
    FILES.iter().map(|(_, text)| read_vendor(text)).collect()
}

/// A tool's profile with its vendor's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile<'v> {
    /// The vendor.
    pub vendor: &'v Vendor,
    /// The tool.
    pub tool: &'v VendorTool,
}

/// The profile of a package, if there is one; the first that names it.
#[must_use]
pub(crate) fn profile<'v>(vendors: &'v [Vendor], purl: &Purl) -> Option<Profile<'v>> {
    let name = purl.package();
    let names = |tool: &VendorTool| {
        tool.packages.iter().any(|known| {
            let known = known.to_lowercase();
            match known.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => known == name,
            }
        })
    };
    vendors.iter().find_map(|vendor| {
        let tool = vendor.tools.iter().find(|tool| names(tool))?;
        Some(Profile { vendor, tool })
    })
}

impl Profile<'_> {
    /// The documented hosts.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &DocumentedHost> {
        self.tool.hosts.iter().chain(&self.vendor.hosts)
    }

    /// What is stated of the tool, and of all of its vendor's tools.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.tool.facts.iter().chain(&self.vendor.facts)
    }

    /// What a host is documented for.
    pub(crate) fn purpose(&self, host: &str) -> Option<Purpose> {
        let mut known = self.hosts().filter(|known| known.takes_in(host));
        known.next().map(|known| known.purpose)
    }

    /// Whether a host is documented.
    #[must_use]
    pub(crate) fn documents(&self, host: &str) -> bool {
        self.hosts().any(|known| known.takes_in(host))
    }

    fn reference(&self) -> ProfileRef {
        ProfileRef {
            vendor: self.vendor.name.clone(),
            tool: self.tool.name.clone(),
            hosts: self.hosts().count() as u64,
            date: self
                .hosts()
                .map(|host| host.date.as_str())
                .max()
                .unwrap_or_default()
                .to_owned(),
            compared: 0,
            documented: Vec::new(),
        }
    }
}

/// Holds the hosts that a tool's code names against its vendor's profile, and
/// gives those that are not in it. A profile without hosts says nothing of
/// them.
pub(crate) fn held_against(
    findings: &[Finding],
    profile: &Profile<'_>,
) -> (ProfileRef, Vec<Finding>) {
    let mut reference = profile.reference();
    let mut out: Vec<Finding> = Vec::new();
    let mut compared = BTreeSet::new();
    let hosts = findings.iter().filter(|finding| is_for_documents(finding));
    for finding in hosts.take_while(|_| reference.hosts > 0) {
        compared.insert(finding.key.as_str());
        if profile.documents(&finding.key) {
            reference.documented.push(finding.key.clone());
            continue;
        }
        let id = finding_id(UNDOCUMENTED, &finding.key);
        if out.iter().any(|known| known.id == id) {
            continue;
        }
        out.push(Finding {
            id,
            behaviour: UNDOCUMENTED.to_owned(),
            severity: behaviour(UNDOCUMENTED).map_or(Severity::Low, |known| known.severity),
            title: format!(
                "names {}, which the documents of {} do not list",
                finding.key, profile.tool.name
            ),
            ..finding.clone()
        });
    }
    reference.compared = compared.len() as u64;
    reference.documented.sort();
    reference.documented.dedup();
    (reference, out)
}

/// The order of findings in a dossier.
pub(crate) fn sort(dossier: &mut Dossier) {
    dossier
        .findings
        .sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.party.rank()));
}

/// Hosts that runs on the plain host turned to and that a profile does not
/// list, each with what was sent there.
fn undocumented<'o>(observation: &'o Observation, profile: &Profile<'_>) -> Vec<&'o Host> {
    let mut out: Vec<&Host> = Vec::new();
    if profile.hosts().next().is_none() {
        return out;
    }
    let base = observation.settings.base_url.as_deref().unwrap_or_default();
    let plain = observation.runs.iter().filter(|run| run.factors.is_empty());
    for host in plain.flat_map(|run| &run.hosts) {
        let known = out.iter().any(|known| known.host == host.host)
            // The user named it.
            || base.contains(&host.host)
            || profile.documents(&host.host)
            || is_local_host(&host.host);
        if !known {
            out.push(host);
        }
    }
    out
}

/// Notes in an observation which hosts it turned to that its vendor's profile
/// does not list.
pub fn note_undocumented(observation: &mut Observation, vendors: &[Vendor]) {
    let Some(subject) = &observation.subject else {
        return;
    };
    let Some(profile) = profile(vendors, &subject.purl) else {
        return;
    };
    let notes: Vec<String> = undocumented(observation, &profile)
        .into_iter()
        .map(|host| {
            format!(
                "not among the hosts that {} documents for {}: {} ({} requests, {} bytes sent)",
                profile.vendor.name, profile.tool.name, host.host, host.requests, host.sent
            )
        })
        .collect();
    observation.notes.extend(notes);
}

/// Puts hosts that runs turned to and that nobody documents into the
/// findings.
pub(crate) fn seen_undocumented(
    dossier: &mut Dossier,
    observation: &Observation,
    profile: &Profile<'_>,
) {
    for host in undocumented(observation, profile) {
        let id = finding_id(UNDOCUMENTED, &host.host);
        let title = format!(
            "turns to {} in runs ({} requests, {} bytes), which the documents of {} do not list",
            host.host, host.requests, host.sent, profile.tool.name
        );
        match dossier.findings.iter_mut().find(|known| known.id == id) {
            Some(known) => {
                known.severity = Severity::Medium;
                known.confidence = Confidence::High;
                known.title = title;
            }
            None => dossier.findings.push(Finding {
                id,
                behaviour: UNDOCUMENTED.to_owned(),
                severity: Severity::Medium,
                confidence: Confidence::High,
                layer: Layer::Client,
                party: Party::Unknown,
                packages: Vec::new(),
                title,
                key: host.host.clone(),
                occurrences: 1,
                evidence: Vec::new(),
                demonstrated: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use assay_model::Purl;

    use super::{FILES, entries, profile, read_vendor, vendors};

    #[test]
    fn every_profile_is_read_and_none_is_left_out() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/vendors");
        let there: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let known = FILES.iter().map(|(name, _)| format!("{name}.toml"));
        assert_eq!(there, known.collect());
        for (name, text) in FILES {
            let vendor = read_vendor(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!entries(&vendor).is_empty(), "{name}");
            for tool in &vendor.tools {
                let hosts = tool.hosts.iter().chain(&vendor.hosts);
                for host in hosts.map(|one| one.host.as_str()) {
                    let plain = host.strip_prefix("*.").unwrap_or(host);
                    let is_host = plain.contains('.')
                        && plain
                            .chars()
                            .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
                    assert!(is_host, "{name}: {host}");
                }
                let settings = tool.variables.iter().chain(&tool.settings);
                for setting in settings.filter(|one| one.opts_out_of.is_some()) {
                    assert!(!setting.value.is_empty(), "{name}: {}", setting.name);
                }
                for package in &tool.packages {
                    let kind = package.split_once(':').map(|(kind, _)| kind);
                    let known = ["npm", "pypi", "vsix"].map(Some);
                    assert!(known.contains(&kind), "{name}: {package}");
                }
            }
        }
    }

    #[test]
    fn the_usual_tools_have_a_profile() {
        let all = vendors().unwrap();
        let names: Vec<String> = all
            .iter()
            .flat_map(|vendor| &vendor.tools)
            .flat_map(|tool| [tool.name.clone()].into_iter().chain(tool.also.clone()))
            .chain(
                all.iter()
                    .flat_map(|vendor| &vendor.models)
                    .map(|model| model.name.clone()),
            )
            .collect();
        for wanted in [
            "Claude Code",
            "Codex",
            "Copilot",
            "Gemini CLI",
            "Qwen Code",
            "Qoder",
            "Lingma",
            "Comate",
            "Amazon Q Developer",
            "CodeWhisperer",
            "Cursor",
            "Windsurf",
            "opencode",
            "Cline",
            "Continue",
            "aider",
            "CodeLlama",
            "DeepSeek-Coder-V2",
            "Qwen2.5-Coder",
        ] {
            let has = |name: &String| name.to_lowercase().contains(&wanted.to_lowercase());
            assert!(
                names.iter().any(has),
                "{wanted} is in no profile: {names:?}"
            );
        }
    }

    #[test]
    fn a_profile_is_found_by_package_and_lists_hosts() {
        let text = r#"
name = "Example"
[[host]]
host = "*.example.net"
purpose = "model"
source = "https://docs.example.net/hosts"
date = "2026-01-31"
[[tool]]
name = "Tool"
packages = ["npm:@example/tool", "npm:@example/tool-*", "vsix:example.tool"]
[[tool.host]]
host = "api.example.net"
purpose = "model"
source = "https://docs.example.net/hosts"
date = "2026-01-31"
"#;
        let all = [read_vendor(text).unwrap()];
        let of = |kind: &str, name: &str| profile(&all, &Purl::new(kind, name, Some("1.0.0")));
        assert!(of("npm", "@example/tool").is_some());
        assert!(of("npm", "@example/tool-linux-x64").is_some());
        assert!(of("npm", "@example/tools").is_none());
        assert!(of("pypi", "@example/tool").is_none());
        let found = of("npm", "@example/tool").unwrap();
        for (host, is) in [
            ("api.example.net", true),
            ("a.b.example.net", true),
            ("*.example.net", true),
            ("example.net", false),
            ("notexample.net", false),
        ] {
            assert_eq!(found.documents(host), is, "{host}");
        }
    }

    #[test]
    fn what_is_wrong_in_a_profile_is_told_with_its_line() {
        let wrong = |text: &str| read_vendor(text).unwrap_err();
        assert_eq!(wrong("name = \"a\"\ncolour = 1\n").line, 2);
        let text = "name = \"a\"\n[[fact]]\nabout = \"price\"\nsays = \"free\"\nsource = \"hearsay\"\ndate = \"2026-01-31\"\n";
        assert_eq!(wrong(text).line, 4);
        assert!(read_vendor(&text.replace("hearsay", "https://a.example")).is_ok());
        let text = text.replace("hearsay", "https://a.example");
        assert!(read_vendor(&text.replace("2026-01-31", "January")).is_err());
    }
}
