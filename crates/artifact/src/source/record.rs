//! What a registry tells of a version beside its files: who published it, what
//! runs when it is installed, what the registry signed.

use std::sync::atomic::AtomicBool;

use assay_model::Purl;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::FetchError;
use super::releases::Release;
use super::{Environment, FetchOptions, Progress, Run, Source};

/// The most names of one list that are kept.
const MOST: usize = 1000;
/// The longest text that is kept, in characters.
const LONGEST: usize = 4096;

/// What a registry tells of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryRecord {
    /// The name and version that were asked for.
    pub name: String,
    /// The version.
    pub version: String,
    /// Its licence, as it says itself.
    pub licence: String,
    /// Scripts that are part of it, by name.
    pub scripts: Vec<(String, String)>,
    /// Who can publish it; nothing where the registry does not say.
    pub maintainers: Vec<String>,
    /// Who published this version.
    pub publisher: Option<String>,
    /// The digest of its file.
    pub integrity: Option<String>,
    /// What the registry signed: the name of a key and a signature.
    pub signatures: Vec<(String, String)>,
    /// What the registry serves of how it was built, as it serves it.
    pub attestations: Option<String>,
    /// The name of the file that was fetched, where files have names.
    pub file: Option<String>,
    /// The repository of its code, as it says itself.
    pub repository: Option<String>,
    /// The same of the version before, if there is one.
    pub before: Option<Box<RegistryRecord>>,
    /// All releases, in the order of their versions.
    pub releases: Vec<Release>,
}

impl RegistryRecord {
    pub(super) fn with(self, releases: Vec<Release>) -> Self {
        Self { releases, ..self }
    }
}

/// Asks a registry what it tells of a version; nothing where the source is
/// none of a registry. `digest` is what the fetched file was checked against.
///
/// # Errors
/// As [`super::fetch`].
pub fn registry_record(
    source: &Source,
    purl: &Purl,
    digest: Option<&str>,
    options: &FetchOptions,
    env: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<Option<RegistryRecord>, FetchError> {
    let run = Run {
        options,
        env,
        progress,
        cancelled,
    };
    let Some(version) = &purl.version else {
        return Ok(None);
    };
    let mut out = match source {
        Source::Npm { name, .. } => run.npm(&mut Vec::new(), |npm, _| npm.record(name, version))?,
        Source::Pypi { name, .. } => run.pypi(&mut Vec::new(), |pypi, _| {
            pypi.record(name, version, digest)
        })?,
        Source::File(_) | Source::Directory(_) => return Ok(None),
    };
    out.name = purl.full_name();
    out.version.clone_from(version);
    Ok(Some(out))
}

/// What is of use of npm's record of a version. Each field may hold anything,
/// and what it should not is passed over.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Record<'a> {
    #[serde(borrow)]
    license: Option<&'a RawValue>,
    #[serde(borrow)]
    scripts: Option<&'a RawValue>,
    #[serde(borrow)]
    maintainers: Option<&'a RawValue>,
    #[serde(borrow, rename = "_npmUser")]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    dist: Option<&'a RawValue>,
    #[serde(borrow)]
    repository: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Repository {
    Address(String),
    Typed { url: String },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Person {
    Name(String),
    Named { name: Option<String> },
}

impl Person {
    fn name(self) -> Option<String> {
        match self {
            Self::Name(name) => Some(name),
            Self::Named { name } => name,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Dist<'a> {
    integrity: Option<String>,
    #[serde(borrow)]
    signatures: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Signed {
    keyid: String,
    sig: String,
}

fn as_it_is<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Reads npm's record of a version.
pub(super) fn of_npm(record: &str) -> RegistryRecord {
    let record: Record<'_> = serde_json::from_str(record).unwrap_or_default();
    // `{ "type": "MIT" }` is an old form of it.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Licence {
        Text(String),
        Typed {
            #[serde(rename = "type")]
            kind: String,
        },
    }
    let licence = match as_it_is(record.license) {
        Some(Licence::Text(text) | Licence::Typed { kind: text }) => short(&text),
        None => String::new(),
    };
    let scripts: std::collections::BTreeMap<String, String> =
        as_it_is(record.scripts).unwrap_or_default();
    let people: Vec<Person> = as_it_is(record.maintainers).unwrap_or_default();
    let user: Option<Person> = as_it_is(record.user);
    let dist: Dist<'_> = as_it_is(record.dist).unwrap_or_default();
    let signed: Vec<Signed> = as_it_is(dist.signatures).unwrap_or_default();
    RegistryRecord {
        licence,
        scripts: scripts
            .into_iter()
            .take(MOST)
            .map(|(name, text)| (short(&name), short(&text)))
            .collect(),
        maintainers: people
            .into_iter()
            .take(MOST)
            .filter_map(Person::name)
            .map(|name| short(&name))
            .collect(),
        publisher: user.and_then(Person::name).map(|name| short(&name)),
        integrity: dist.integrity,
        signatures: signed
            .into_iter()
            .take(MOST)
            .map(|signed| (signed.keyid, signed.sig))
            .collect(),
        repository: as_it_is(record.repository).map(|told| match told {
            Repository::Address(url) | Repository::Typed { url } => short(&url),
        }),
        ..RegistryRecord::default()
    }
}

#[cfg(test)]
mod tests {
    use super::of_npm;

    #[test]
    fn a_record_is_read_whatever_it_holds() {
        let record = of_npm(
            r#"{"license":{"type":"MIT"},"scripts":{"postinstall":"node x"},"maintainers":[{"name":"a","email":"e"},"b <c>"],"_npmUser":{"name":"a"},"dist":{"integrity":"sha512-x","signatures":[{"keyid":"k","sig":"s"}],"attestations":{"url":"u"}},"repository":{"type":"git","url":"git+https://x/y.git"}}"#,
        );
        assert_eq!(record.licence, "MIT");
        assert_eq!(record.maintainers, ["a", "b <c>"]);
        assert_eq!(record.publisher.as_deref(), Some("a"));
        assert_eq!(record.signatures, [("k".to_owned(), "s".to_owned())]);
        assert_eq!(record.repository.as_deref(), Some("git+https://x/y.git"));
        let odd = of_npm(r#"{"license":7,"scripts":[],"maintainers":"x","dist":[1]}"#);
        assert_eq!((odd.licence.as_str(), odd.maintainers.len()), ("", 0));
        assert!(of_npm("[").licence.is_empty());
    }
}
