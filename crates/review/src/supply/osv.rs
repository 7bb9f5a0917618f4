//! Known weaknesses from a folder with entries of OSV, as JSON.
//! Source: <https://ossf.github.io/osv-schema/>.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use assay_artifact::{compare_versions, read_regular};
use assay_model::{Component, Purl, Severity, Vulnerabilities, Vulnerability};
use serde::Deserialize;

/// How large an entry may be, in bytes.
const LARGEST: u64 = 8 << 20;
/// How many entries are read.
const MOST: usize = 2_000_000;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OsvError {
    /// It cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("{0} holds no entries of OSV: files ID.json, in folders or not")]
    Empty(PathBuf),
}

/// A database of known weaknesses: entries by ecosystem and name.
#[derive(Debug, Default)]
pub(crate) struct Osv {
    entries: u64,
    newest: String,
    broken: u64,
    of: BTreeMap<(String, String), Vec<Entry>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    modified: String,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default)]
    affected: Vec<Affected>,
    #[serde(default)]
    severity: Vec<Scored>,
    #[serde(default)]
    database_specific: Option<Specific>,
}

#[derive(Debug, Clone, Deserialize)]
struct Specific {
    #[serde(default)]
    severity: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Deserialize)]
struct Scored {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    score: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Affected {
    #[serde(default)]
    package: Option<Package>,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Package {
    #[serde(default)]
    ecosystem: String,
    #[serde(default)]
    name: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Range {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Event {
    #[serde(default)]
    introduced: Option<String>,
    #[serde(default)]
    fixed: Option<String>,
    #[serde(default)]
    last_affected: Option<String>,
}

/// A name as its ecosystem compares names.
fn plain(kind: &str, name: &str) -> String {
    match kind {
        "pypi" => name.to_lowercase().replace(['_', '.'], "-"),
        _ => name.to_owned(),
    }
}

impl Osv {
    /// Reads a folder, with the folders in it.
    pub(crate) fn read(folder: &Path) -> Result<Self, OsvError> {
        let mut out = Self::default();
        let mut open = vec![folder.to_owned()];
        while let Some(path) = open.pop() {
            let refused = |source| OsvError::Read {
                path: path.clone(),
                source,
            };
            for entry in fs::read_dir(&path).map_err(refused)? {
                let entry = entry.map_err(refused)?;
                let at = entry.path();
                let kind = entry.file_type().map_err(refused)?;
                if kind.is_dir() {
                    open.push(at);
                } else if at.extension().is_some_and(|ending| ending == "json")
                    && (out.entries as usize) < MOST
                {
                    out.add(&at)?;
                }
            }
        }
        match out.entries {
            0 => Err(OsvError::Empty(folder.to_owned())),
            _ => Ok(out),
        }
    }

    fn add(&mut self, path: &Path) -> Result<(), OsvError> {
        let bytes = read_regular(path, LARGEST).map_err(|source| OsvError::Read {
            path: path.to_owned(),
            source,
        })?;
        let Ok(entry) = serde_json::from_slice::<Entry>(&bytes) else {
            self.broken += 1;
            return Ok(());
        };
        self.entries += 1;
        let day = entry.modified.get(..10).unwrap_or_default();
        if day > self.newest.as_str() {
            day.clone_into(&mut self.newest);
        }
        if entry.withdrawn.is_some() {
            return Ok(());
        }
        let mut names: Vec<(String, String)> = entry
            .affected
            .iter()
            .filter_map(|affected| affected.package.as_ref())
            .filter_map(|package| {
                // `Debian:12` and the like name a release of it.
                let kind = match package.ecosystem.split(':').next()? {
                    "npm" => "npm",
                    "PyPI" => "pypi",
                    _ => return None,
                };
                Some((kind.to_owned(), plain(kind, &package.name)))
            })
            .collect();
        names.sort();
        names.dedup();
        for name in names {
            self.of.entry(name).or_default().push(entry.clone());
        }
        Ok(())
    }

    /// What is known of a subject and of what is in it.
    pub(crate) fn look_up(&self, subject: &Purl, components: &[Component]) -> Vulnerabilities {
        let mut out = Vulnerabilities {
            newest: self.newest.clone(),
            entries: self.entries,
            ..Vulnerabilities::default()
        };
        if self.broken > 0 {
            out.not_looked_up.push(format!(
                "{} files of the database are no entries",
                self.broken
            ));
        }
        // A subject of no ecosystem is not looked up, nor is what is in it.
        if !["npm", "pypi"].contains(&subject.kind.as_str()) {
            out.not_looked_up.push(subject.full_name());
            return out;
        }
        let own = Component {
            purl: Some(subject.to_string()),
            name: subject.full_name(),
            version: subject.version.clone(),
            ..Component::default()
        };
        for component in std::iter::once(&own).chain(components) {
            let purl: Option<Purl> = component.purl.as_ref().and_then(|purl| purl.parse().ok());
            let (Some(purl), Some(version)) = (purl, &component.version) else {
                out.not_looked_up.push(component.name.clone());
                continue;
            };
            // A database without its ecosystem says nothing of it.
            if !self.of.keys().any(|(kind, _)| *kind == purl.kind) {
                out.not_looked_up.push(component.name.clone());
                continue;
            }
            out.looked_up += 1;
            let key = (purl.kind.clone(), plain(&purl.kind, &component.name));
            for entry in self.of.get(&key).into_iter().flatten() {
                let Some(fixed) = entry.affects(&key, version) else {
                    continue;
                };
                out.found.push(Vulnerability {
                    id: entry.id.clone(),
                    aliases: entry.aliases.clone(),
                    summary: entry.line(),
                    severity: entry.severity(),
                    component: format!("{}@{version}", component.name),
                    purl: purl.to_string(),
                    fixed,
                });
            }
        }
        out.found.sort_by(|a, b| {
            (b.severity, &a.id, &a.component).cmp(&(a.severity, &b.id, &b.component))
        });
        out
    }
}

impl Entry {
    /// Whether a version has it, and if so which have it no more.
    fn affects(&self, (kind, name): &(String, String), version: &str) -> Option<Vec<String>> {
        let mut fixed = Vec::new();
        let mut has = false;
        for affected in &self.affected {
            let of = affected.package.as_ref().is_some_and(|package| {
                let its = match package.ecosystem.split(':').next() {
                    Some("npm") => "npm",
                    Some("PyPI") => "pypi",
                    _ => return false,
                };
                its == kind && plain(its, &package.name) == *name
            });
            if !of {
                continue;
            }
            has |= affected.versions.iter().any(|known| known == version);
            for range in affected.ranges.iter().filter(|range| range.kind != "GIT") {
                has |= range.has(kind, version);
                fixed.extend(range.events.iter().filter_map(|event| event.fixed.clone()));
            }
        }
        fixed.sort();
        fixed.dedup();
        has.then_some(fixed)
    }

    /// What it is, in a line.
    fn line(&self) -> String {
        let text = match self.summary.is_empty() {
            true => &self.details,
            false => &self.summary,
        };
        text.lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(300)
            .collect()
    }

    /// As severe as its reporters say in a word, or by the score that they
    /// give.
    fn severity(&self) -> Option<Severity> {
        // A malicious package.
        if self.id.starts_with("MAL-") || self.aliases.iter().any(|id| id.starts_with("MAL-")) {
            return Some(Severity::Critical);
        }
        let word = self
            .database_specific
            .as_ref()
            .and_then(|known| known.severity.as_ref())
            .and_then(|word| word.as_str())
            .map(str::to_uppercase);
        match word.as_deref() {
            Some("CRITICAL") => return Some(Severity::Critical),
            Some("HIGH") => return Some(Severity::High),
            Some("MODERATE" | "MEDIUM") => return Some(Severity::Medium),
            Some("LOW") => return Some(Severity::Low),
            _ => {}
        }
        let scored = self.severity.iter().find(|one| one.kind == "CVSS_V3")?;
        let score = base_score(&scored.score)?;
        Some(match score {
            90.. => Severity::Critical,
            70.. => Severity::High,
            40.. => Severity::Medium,
            _ => Severity::Low,
        })
    }
}

impl Range {
    /// Whether a version lies in it: events are gone through in the order of
    /// their versions, as the schema says.
    fn has(&self, kind: &str, version: &str) -> bool {
        let at_least = |border: &str| {
            border == "0"
                || compare_versions(kind, version, border).is_some_and(std::cmp::Ordering::is_ge)
        };
        let after = |border: &str| {
            compare_versions(kind, version, border).is_some_and(std::cmp::Ordering::is_gt)
        };
        let mut events: Vec<&Event> = self.events.iter().collect();
        let border = |event: &Event| {
            let all = [&event.introduced, &event.fixed, &event.last_affected];
            all.into_iter()
                .flatten()
                .next()
                .cloned()
                .unwrap_or_default()
        };
        events.sort_by(|a, b| {
            let (a, b) = (border(a), border(b));
            match (a == "0", b == "0") {
                (true, true) => std::cmp::Ordering::Equal,
                (true, false) => std::cmp::Ordering::Less,
                (false, true) => std::cmp::Ordering::Greater,
                _ => compare_versions(kind, &a, &b).unwrap_or(std::cmp::Ordering::Equal),
            }
        });
        let mut inside = false;
        for event in events {
            if event.introduced.as_deref().is_some_and(at_least) {
                inside = true;
            }
            if event.fixed.as_deref().is_some_and(at_least)
                || event.last_affected.as_deref().is_some_and(after)
            {
                inside = false;
            }
        }
        inside
    }
}

/// The base score of a vector of CVSS v3, times ten.
/// Source: <https://www.first.org/cvss/v3.1/specification-document>, 7.1.
fn base_score(vector: &str) -> Option<u32> {
    let metrics: BTreeMap<&str, &str> = vector
        .split('/')
        .filter_map(|metric| metric.split_once(':'))
        .collect();
    let of = |name: &str, values: &[(&str, f64)]| -> Option<f64> {
        let value = metrics.get(name)?;
        values
            .iter()
            .find(|(known, _)| known == value)
            .map(|(_, weight)| *weight)
    };
    let changed = metrics.get("S") == Some(&"C");
    let impact = [("N", 0.0), ("L", 0.22), ("H", 0.56)];
    let lost =
        1.0 - (1.0 - of("C", &impact)?) * (1.0 - of("I", &impact)?) * (1.0 - of("A", &impact)?);
    let impact = match changed {
        true => 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02).powi(15),
        false => 6.42 * lost,
    };
    let privileges = match changed {
        true => [("N", 0.85), ("L", 0.68), ("H", 0.5)],
        false => [("N", 0.85), ("L", 0.62), ("H", 0.27)],
    };
    let exploitability = 8.22
        * of("AV", &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?
        * of("AC", &[("L", 0.77), ("H", 0.44)])?
        * of("PR", &privileges)?
        * of("UI", &[("N", 0.85), ("R", 0.62)])?;
    if impact <= 0.0 {
        return Some(0);
    }
    let both = impact + exploitability;
    let score = if changed { 1.08 * both } else { both }.min(10.0);
    // Up to one decimal, as the specification's Roundup does.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 1,000,000"
    )]
    let whole = (score * 100_000.0).round() as u32;
    Some(whole.div_ceil(10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(entries: &[&str]) -> Osv {
        let folder = tempfile::tempdir().unwrap();
        for (number, entry) in entries.iter().enumerate() {
            fs::write(folder.path().join(format!("{number}.json")), entry).unwrap();
        }
        Osv::read(folder.path()).unwrap()
    }

    fn component(name: &str, version: &str) -> Component {
        Component {
            purl: Some(Purl::new("npm", name, Some(version)).to_string()),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ..Component::default()
        }
    }

    #[test]
    fn versions_in_a_range_are_found_and_no_others() {
        let database = database(&[
            r#"{"id":"T-1","modified":"2026-02-03T00:00:00Z","summary":"one","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"},{"fixed":"1.2.0"},{"introduced":"2.0.0"},{"last_affected":"2.0.5"}]}]}],"database_specific":{"severity":"HIGH"}}"#,
            r#"{"id":"T-2","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["9.9.9"]}],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}"#,
            r#"{"id":"T-3","withdrawn":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
            "[]",
        ]);
        let subject = Purl::new("npm", "tool", Some("1.0.0"));
        let ids = |version: &str| -> Vec<String> {
            let found = database.look_up(&subject, &[component("a", version)]).found;
            found.into_iter().map(|one| one.id).collect()
        };
        for (version, expected) in [
            ("0.9.9", vec![]),
            ("1.0.0", vec!["T-1"]),
            ("1.1.9", vec!["T-1"]),
            ("1.2.0", vec![]),
            ("2.0.5", vec!["T-1"]),
            ("2.0.6", vec![]),
            ("9.9.9", vec!["T-2"]),
        ] {
            assert_eq!(ids(version), expected, "{version}");
        }
        let known = database.look_up(&subject, &[component("a", "9.9.9"), Component::default()]);
        assert_eq!(known.found[0].severity, Some(Severity::Critical));
        assert_eq!((known.newest.as_str(), known.looked_up), ("2026-02-03", 2));
        assert_eq!(known.not_looked_up.len(), 2, "{:?}", known.not_looked_up);
    }

    #[test]
    fn scores_are_those_of_the_specification() {
        for (vector, score) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61),
            ("CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 75),
        ] {
            assert_eq!(base_score(vector), Some(score), "{vector}");
        }
        assert_eq!(base_score("AV:N"), None);
    }
}
