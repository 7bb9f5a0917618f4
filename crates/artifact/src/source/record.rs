//! What a registry tells of a version beside its files: who published it, what
//! runs when it is installed, what the registry signed.

use std::sync::atomic::AtomicBool;

use assay_model::{Attested, AttestedState, Purl};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
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
    /// Whether the registry names attestations of how it was built.
    pub attestations: bool,
    /// Who published the version before, if the registry says.
    pub publisher_before: Option<String>,
    /// All releases, in the order of their versions.
    pub releases: Vec<Release>,
}

impl RegistryRecord {
    pub(super) fn with(self, releases: Vec<Release>) -> Self {
        Self { releases, ..self }
    }
}

/// Asks a registry what it tells of a version; nothing where the source is
/// none of a registry.
///
/// # Errors
/// As [`super::fetch`].
pub fn registry_record(
    source: &Source,
    purl: &Purl,
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
        Source::Pypi { name, .. } => RegistryRecord {
            releases: run.pypi(&mut Vec::new(), |pypi, _| pypi.releases(name))?,
            ..RegistryRecord::default()
        },
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
    #[serde(borrow)]
    attestations: Option<&'a RawValue>,
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
        attestations: dist.attestations.is_some_and(|raw| raw.get() != "null"),
        ..RegistryRecord::default()
    }
}

/// A key with which a registry signs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryKey {
    /// Which registry: `npm`.
    pub registry: String,
    /// Its name, as the registry says it.
    pub id: String,
    /// The key: SubjectPublicKeyInfo in Base64.
    pub public: String,
    /// The first day on which it signed.
    #[serde(default)]
    pub from: Option<String>,
    /// The last one.
    #[serde(default)]
    pub until: Option<String>,
    /// Where it is from.
    pub source: String,
    /// When that was looked at.
    pub date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    key: Vec<RegistryKey>,
}

/// What comes before the point in the SubjectPublicKeyInfo of a key on P-256
/// (RFC 5480).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Reads keys as `data/registry-keys.toml` has them; those that come with
/// Assay where no text is given.
///
/// # Errors
/// When they are none.
pub fn registry_keys(text: Option<&str>) -> Result<Vec<RegistryKey>, String> {
    let own = include_str!("../../../../data/registry-keys.toml");
    let keys: Keys = toml::from_str(text.unwrap_or(own)).map_err(|error| error.to_string())?;
    match keys.key.iter().find(|key| key.point().is_none()) {
        Some(key) => Err(format!("{} is no key on P-256", key.id)),
        None => Ok(keys.key),
    }
}

impl RegistryKey {
    fn point(&self) -> Option<Vec<u8>> {
        let der = BASE64.decode(self.public.as_bytes()).ok()?;
        let point = der.strip_prefix(&P256)?;
        (point.len() == 65).then(|| point.to_vec())
    }
}

impl RegistryRecord {
    /// Whether the registry's signature stands over `integrity`, the digest
    /// that the artifact was checked against.
    #[must_use]
    pub fn signed(&self, integrity: Option<&str>, keys: &[RegistryKey]) -> Attested {
        let told = |state, says: String| Attested { state, says };
        let Some(integrity) = integrity else {
            return told(
                AttestedState::Unavailable,
                "the artifact was checked against no digest of the registry".to_owned(),
            );
        };
        if self.signatures.is_empty() {
            return told(
                AttestedState::None,
                "the registry that was asked serves no signature of this version".to_owned(),
            );
        }
        let message = format!("{}@{}:{integrity}", self.name, self.version);
        let mut unknown = Vec::new();
        let mut stands = None;
        for (id, signature) in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.id == *id) else {
                unknown.push(id.as_str());
                continue;
            };
            let (Some(point), Ok(signature)) = (key.point(), BASE64.decode(signature.as_bytes()))
            else {
                return told(
                    AttestedState::Failed,
                    format!("the signature by {id} is no signature"),
                );
            };
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
            if key.verify(message.as_bytes(), &signature).is_err() {
                return told(
                    AttestedState::Failed,
                    format!("the signature by {id} does not fit {message}"),
                );
            }
            stands = Some(id.clone());
        }
        match stands {
            Some(id) => told(AttestedState::Verified, format!("{id} signed {message}")),
            None => told(
                AttestedState::Unavailable,
                format!(
                    "it is signed by keys that are not known here: {}",
                    unknown.join(", ")
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_model::AttestedState;

    use super::{RegistryRecord, of_npm, registry_keys};

    #[test]
    fn signatures_of_the_registry_stand_or_fail() {
        let keys = registry_keys(None).unwrap();
        // Public facts of the registry: what it signed of one version.
        let integrity = "sha512-qecREauMWXHplkpjqsuDuUv4ww+NprMl71k9sMuLkZU7qwjLMkTPxRBjuKvZWWMrAPvZWdGZE9LljUTfCQ1lWQ==";
        let record = RegistryRecord {
            name: "@anthropic-ai/claude-code".to_owned(),
            version: "2.1.98".to_owned(),
            signatures: vec![(
                "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U".to_owned(),
                "MEQCIGvolW/eLJuocfuN94cinl0Vz9arMrshmIhulXk/9JEBAiAW18CskQ+uEkWf90x4Dc0TqDoRBQ7lmCAXhpXpqbEJDA==".to_owned(),
            )],
            ..RegistryRecord::default()
        };
        let state = |record: &RegistryRecord, integrity: Option<&str>| {
            record.signed(integrity, &keys).state
        };
        assert_eq!(state(&record, Some(integrity)), AttestedState::Verified);
        assert_eq!(state(&record, Some("sha512-x")), AttestedState::Failed);
        assert_eq!(state(&record, None), AttestedState::Unavailable);
        let other = |change: &dyn Fn(&mut RegistryRecord)| {
            let mut other = record.clone();
            change(&mut other);
            state(&other, Some(integrity))
        };
        assert_eq!(
            other(&|it| it.version = "2.1.99".to_owned()),
            AttestedState::Failed
        );
        assert_eq!(
            other(&|it| it.signatures[0].0.push('x')),
            AttestedState::Unavailable
        );
        assert_eq!(
            other(&|it| it.signatures[0].1.insert(0, 'A')),
            AttestedState::Failed
        );
        assert_eq!(other(&|it| it.signatures.clear()), AttestedState::None);
        assert!(
            registry_keys(Some(
                "[[key]]\nregistry='npm'\nid='x'\npublic='AAAA'\nsource='s'\ndate='d'\n"
            ))
            .is_err()
        );
    }

    #[test]
    fn a_record_is_read_whatever_it_holds() {
        let record = of_npm(
            r#"{"license":{"type":"MIT"},"scripts":{"postinstall":"node x"},"maintainers":[{"name":"a","email":"e"},"b <c>"],"_npmUser":{"name":"a"},"dist":{"integrity":"sha512-x","signatures":[{"keyid":"k","sig":"s"}],"attestations":{"url":"u"}}}"#,
        );
        assert_eq!(record.licence, "MIT");
        assert_eq!(record.maintainers, ["a", "b <c>"]);
        assert_eq!(record.publisher.as_deref(), Some("a"));
        assert_eq!(record.signatures, [("k".to_owned(), "s".to_owned())]);
        assert!(record.attestations);
        let odd = of_npm(r#"{"license":7,"scripts":[],"maintainers":"x","dist":[1]}"#);
        assert_eq!((odd.licence.as_str(), odd.maintainers.len()), ("", 0));
        assert!(of_npm("[").licence.is_empty());
    }
}
