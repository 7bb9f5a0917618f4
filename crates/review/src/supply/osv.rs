//! Known weaknesses: entries of OSV as JSON, in a folder or in archives as OSV
//! exports them, and how these are brought up to date.
//! Source: <https://ossf.github.io/osv-schema/>.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assay_artifact::{compare_versions, open_regular, read_regular};
use assay_model::{Component, Purl, Severity, Vulnerabilities, Vulnerability};
use serde::Deserialize;

/// How large an entry may be, in bytes.
const LARGEST: u64 = 8 << 20;
/// How many entries are read.
const MOST: usize = 2_000_000;
/// How many folders lie in one another.
const DEEPEST: usize = 16;
/// Where OSV exports all entries of an ecosystem, as `ECOSYSTEM/all.zip`.
/// Source: <https://google.github.io/osv.dev/data/>.
pub const OSV_EXPORT: &str = "https://osv-vulnerabilities.storage.googleapis.com/";

/// Ecosystems that are looked up: as package URLs name them, and as OSV does.
const ECOSYSTEMS: &[(&str, &str)] = &[
    ("cargo", "crates.io"),
    ("golang", "Go"),
    ("npm", "npm"),
    ("pypi", "PyPI"),
];

/// The ecosystems that are looked up, as OSV names them.
#[must_use]
pub fn osv_ecosystems() -> Vec<&'static str> {
    ECOSYSTEMS.iter().map(|(_, name)| *name).collect()
}

/// The type of package URLs of an ecosystem of OSV.
fn kind_of(ecosystem: &str) -> Option<&'static str> {
    // `Debian:12` and the like name a release of it.
    let name = ecosystem.split(':').next()?;
    let known = ECOSYSTEMS.iter().find(|(_, known)| *known == name);
    known.map(|(kind, _)| *kind)
}

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
    #[error(
        "{0} holds no entries of OSV: files ID.json, in folders or not, or archives of them; `assay osv update` fetches them"
    )]
    Empty(PathBuf),
    /// It is larger than anything that is read.
    #[error("{0} holds more than {MOST} entries of OSV, or folders in folders without end")]
    Large(PathBuf),
    /// An archive of it cannot be used.
    #[error("{path} is no archive of entries: {why}")]
    Archive {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// A database of known weaknesses: entries by ecosystem and name.
#[derive(Debug, Default)]
pub(crate) struct Osv {
    entries: u64,
    newest: String,
    broken: Vec<String>,
    of: BTreeMap<(String, String), Vec<Arc<Entry>>>,
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
    #[serde(default)]
    severity: Vec<Scored>,
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
    /// Reads a folder, with the folders and archives in it, or one archive.
    pub(crate) fn read(path: &Path) -> Result<Self, OsvError> {
        let mut out = Self::default();
        if path.is_file() {
            out.add_archive(path)?;
        } else {
            out.add_folder(path, 0)?;
        }
        match out.entries {
            0 => Err(OsvError::Empty(path.to_owned())),
            _ => Ok(out),
        }
    }

    fn add_folder(&mut self, folder: &Path, depth: usize) -> Result<(), OsvError> {
        if depth > DEEPEST {
            return Err(OsvError::Large(folder.to_owned()));
        }
        let refused = |source| OsvError::Read {
            path: folder.to_owned(),
            source,
        };
        for entry in fs::read_dir(folder).map_err(refused)? {
            let path = entry.map_err(refused)?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            // What a link leads to counts as what it is.
            match ending {
                _ if path.is_dir() => self.add_folder(&path, depth + 1)?,
                Some("json") => {
                    let bytes = read_regular(&path, LARGEST).map_err(|source| OsvError::Read {
                        path: path.clone(),
                        source,
                    })?;
                    self.add(&bytes, &path.display().to_string());
                }
                Some("zip") => self.add_archive(&path)?,
                _ => {}
            }
            if self.entries as usize > MOST {
                return Err(OsvError::Large(folder.to_owned()));
            }
        }
        Ok(())
    }

    fn add_archive(&mut self, path: &Path) -> Result<(), OsvError> {
        let wrong = |why: String| OsvError::Archive {
            path: path.to_owned(),
            why,
        };
        let file = open_regular(path).map_err(|source| OsvError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut archive = zip::ZipArchive::new(io::BufReader::new(file))
            .map_err(|error| wrong(error.to_string()))?;
        if archive.len() > MOST {
            return Err(OsvError::Large(path.to_owned()));
        }
        for at in 0..archive.len() {
            let entry = archive
                .by_index(at)
                .map_err(|error| wrong(error.to_string()))?;
            let name = entry.name().map_err(|error| wrong(error.to_string()))?;
            if !name.ends_with(".json") {
                continue;
            }
            let name = format!("{}!{name}", path.display());
            let mut bytes = Vec::new();
            // What it says of its own size is not to be trusted.
            entry
                .take(LARGEST)
                .read_to_end(&mut bytes)
                .map_err(|error| wrong(error.to_string()))?;
            self.add(&bytes, &name);
        }
        Ok(())
    }

    fn add(&mut self, bytes: &[u8], name: &str) {
        let Ok(entry) = serde_json::from_slice::<Entry>(bytes) else {
            self.broken.push(name.to_owned());
            return;
        };
        self.entries += 1;
        let day = entry.modified.get(..10).unwrap_or_default();
        if day > self.newest.as_str() {
            day.clone_into(&mut self.newest);
        }
        if entry.withdrawn.is_some() {
            return;
        }
        let mut names: Vec<(String, String)> = entry
            .affected
            .iter()
            .filter_map(|affected| affected.package.as_ref())
            .filter_map(|package| {
                let kind = kind_of(&package.ecosystem)?;
                Some((kind.to_owned(), plain(kind, &package.name)))
            })
            .collect();
        names.sort();
        names.dedup();
        let entry = Arc::new(entry);
        for name in names {
            self.of.entry(name).or_default().push(Arc::clone(&entry));
        }
    }

    /// What is known of a subject and of what is in it.
    pub(crate) fn look_up(&self, subject: &Purl, components: &[Component]) -> Vulnerabilities {
        let mut out = Vulnerabilities {
            newest: self.newest.clone(),
            entries: self.entries,
            ..Vulnerabilities::default()
        };
        if let Some(first) = self.broken.first() {
            out.not_looked_up.push(format!(
                "{} files of the database are no entries, {first} among them",
                self.broken.len()
            ));
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
            if !ECOSYSTEMS.iter().any(|(kind, _)| *kind == purl.kind) {
                out.not_looked_up.push(component.name.clone());
                continue;
            }
            // A database without its ecosystem says nothing of it.
            if !self.of.keys().any(|(kind, _)| *kind == purl.kind) {
                out.not_looked_up.push(component.name.clone());
                continue;
            }
            // What cannot be compared is in no range, and out of none.
            match compare_versions(&purl.kind, version, version) {
                Some(_) => out.looked_up += 1,
                None => out.not_looked_up.push(component.name.clone()),
            }
            let key = (purl.kind.clone(), plain(&purl.kind, &component.name));
            for entry in self.of.get(&key).into_iter().flatten() {
                let Some(fixed) = entry.affects(&key, version) else {
                    continue;
                };
                out.found.push(Vulnerability {
                    id: entry.id.clone(),
                    aliases: entry.aliases.clone(),
                    summary: entry.line(),
                    severity: entry.severity(&key),
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

impl Affected {
    fn is_of(&self, kind: &str, name: &str) -> bool {
        self.package.as_ref().is_some_and(|package| {
            kind_of(&package.ecosystem) == Some(kind) && plain(kind, &package.name) == name
        })
    }
}

impl Entry {
    /// Whether a version has it, and if so which have it no more.
    fn affects(&self, (kind, name): &(String, String), version: &str) -> Option<Vec<String>> {
        let mut fixed = Vec::new();
        let mut has = false;
        for affected in &self.affected {
            if !affected.is_of(kind, name) {
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
    fn severity(&self, (kind, name): &(String, String)) -> Option<Severity> {
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
        let affected = self.affected.iter().filter(|one| one.is_of(kind, name));
        let scored = affected
            .flat_map(|one| &one.severity)
            .chain(&self.severity)
            .filter(|one| one.kind == "CVSS_V3");
        let score = scored.filter_map(|one| base_score(&one.score)).max()?;
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
        // A border that cannot be read keeps nothing out.
        let readable = compare_versions(kind, version, version).is_some();
        let introduced = |border: &str| {
            at_least(border) || readable && compare_versions(kind, version, border).is_none()
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
            if event.introduced.as_deref().is_some_and(introduced) {
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

/// Puts an archive of all entries of an ecosystem into a folder, in place of
/// the one that was there: whole, or not at all. Returns how many entries it
/// has, and the day of the newest.
///
/// # Errors
/// When it is none, or cannot be written.
pub fn osv_update(
    folder: &Path,
    ecosystem: &str,
    archive: &[u8],
) -> Result<(u64, String), OsvError> {
    let path = folder.join(format!("{ecosystem}.zip"));
    let refused = |source| OsvError::Write {
        path: path.clone(),
        source,
    };
    fs::create_dir_all(folder).map_err(refused)?;
    let mut fresh = tempfile::Builder::new()
        .prefix(".osv-")
        .tempfile_in(folder)
        .map_err(refused)?;
    fresh.write_all(archive).map_err(refused)?;
    fresh.as_file().sync_all().map_err(refused)?;
    let mut read = Osv::default();
    read.add_archive(fresh.path())
        .map_err(|error| match error {
            OsvError::Archive { why, .. } => OsvError::Archive {
                path: format!("what is served for {ecosystem}").into(),
                why,
            },
            other => other,
        })?;
    if read.entries == 0 {
        return Err(OsvError::Empty(
            format!("what is served for {ecosystem}").into(),
        ));
    }
    fresh.persist(&path).map_err(|error| refused(error.error))?;
    Ok((read.entries, read.newest))
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
    fn what_cannot_be_compared_is_not_looked_up() {
        let database = database(&[
            r#"{"id":"T-1","modified":"2026-02-03T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"4.0.0"},{"fixed":"4.17.21"}]}]},{"package":{"ecosystem":"npm","name":"b"},"ranges":[{"type":"SEMVER","events":[{"introduced":"one day"}]}]}]}"#,
        ]);
        let subject = Purl::new("npm", "tool", Some("1.0.0"));
        for version in [
            "4.17.4~1",
            "4.17.4.x",
            "4.17.4-a..b",
            "4.17.99999999999999999999999",
        ] {
            let known = database.look_up(&subject, &[component("a", version)]);
            let found = known.found.len();
            assert_eq!((known.looked_up, found), (1, 0), "{version}");
            assert_eq!(known.not_looked_up, ["a"], "{version}");
        }
        // Nobody knows from which version on.
        let known = database.look_up(&subject, &[component("b", "1.0.0")]);
        assert_eq!(known.found.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_but_files_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("a.zip");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert!(Osv::read(folder.path()).is_err());
    }

    fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut out = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, text) in entries {
            let options = zip::write::SimpleFileOptions::default();
            out.start_file(*name, options).unwrap();
            out.write_all(text.as_bytes()).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    #[test]
    fn an_archive_is_brought_up_to_date_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let entry = |day: &str| {
            format!(
                r#"{{"id":"T-1","modified":"{day}T00:00:00Z","affected":[{{"package":{{"ecosystem":"crates.io","name":"a"}},"severity":[{{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}}],"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}]}}]}}"#
            )
        };
        let old = archive(&[("T-1.json", &entry("2026-01-01")), ("README", "x")]);
        assert_eq!(
            osv_update(folder.path(), "crates.io", &old).unwrap(),
            (1, "2026-01-01".to_owned())
        );
        for broken in [b"no archive".to_vec(), archive(&[("x.json", "[]")])] {
            assert!(osv_update(folder.path(), "crates.io", &broken).is_err());
        }
        let new = archive(&[("T-1.json", &entry("2026-02-01"))]);
        osv_update(folder.path(), "crates.io", &new).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let database = Osv::read(folder.path()).unwrap();
        assert_eq!(
            (database.entries, database.newest.as_str()),
            (1, "2026-02-01")
        );
        // A subject of no ecosystem, with something of one in it.
        let inside = Component {
            purl: Some("pkg:cargo/a@1.0.0".to_owned()),
            ..component("a", "1.0.0")
        };
        let subject = Purl::new("generic", "tool", None);
        let known = database.look_up(&subject, &[inside]);
        assert_eq!(known.found[0].severity, Some(Severity::High));
        assert_eq!(known.not_looked_up, ["tool"]);
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
