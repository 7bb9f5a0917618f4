//! What the npm registry signs of each version: `NAME@VERSION:INTEGRITY`.

use assay_model::{Attested, AttestedState};
use serde::Deserialize;

use crate::key::Key;
use crate::{Refusal, base64};

/// The keys that come with Assay.
const SHIPPED: &str = include_str!("../../../data/registry-keys.toml");

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

/// Reads keys as `data/registry-keys.toml` has them; those that come with
/// Assay where no text is given.
///
/// # Errors
/// When they are none.
pub fn registry_keys(text: Option<&str>) -> Result<Vec<RegistryKey>, String> {
    let keys: Keys =
        toml::from_str(text.unwrap_or(SHIPPED)).map_err(|error| error.message().to_owned())?;
    for key in &keys.key {
        key.key().map_err(|why| format!("{}: {why}", key.id))?;
    }
    Ok(keys.key)
}

impl RegistryKey {
    pub(crate) fn key(&self) -> Result<Key, Refusal> {
        Key::read(&base64(&self.public, "the key")?)
    }

    /// Whether it had begun to sign on the day of a time, as
    /// 2026-01-31T12:00:00Z, and had not ended.
    pub(crate) fn is_valid(&self, at: &str) -> bool {
        let begun = self.from.as_deref().is_none_or(|from| from <= day(at));
        begun && self.is_not_over(at)
    }

    fn is_not_over(&self, at: &str) -> bool {
        self.until.as_deref().is_none_or(|until| day(at) <= until)
    }
}

fn day(at: &str) -> &str {
    at.get(..10).unwrap_or(at)
}

/// The key of npm's registry of a name: no other publishes any.
pub(crate) fn key_of<'k>(keys: &'k [RegistryKey], id: &str) -> Option<&'k RegistryKey> {
    keys.iter()
        .find(|key| key.registry == "npm" && key.id == id)
}

/// Whether the registry's signatures stand over `integrity`, the digest that
/// the artifact was checked against; `signatures` are names of keys, each with
/// a signature in Base64. `published` is when the registry says that the version
/// was, which decides whether a key of so many days may have signed it.
#[must_use]
pub fn signed(
    name: &str,
    version: &str,
    integrity: Option<&str>,
    signatures: &[(String, String)],
    published: Option<&str>,
    keys: &[RegistryKey],
) -> Attested {
    let told = |state, says: String| Attested { state, says };
    let Some(integrity) = integrity else {
        return told(
            AttestedState::Unavailable,
            "the artifact was checked against no digest of the registry".to_owned(),
        );
    };
    if signatures.is_empty() {
        return told(
            AttestedState::None,
            "the registry that was asked serves no signature of this version".to_owned(),
        );
    }
    let message = format!("{name}@{version}:{integrity}");
    let mut unknown = Vec::new();
    let mut late = Vec::new();
    let mut stands = None;
    for (id, signature) in signatures {
        let Some(key) = key_of(keys, id) else {
            unknown.push(id.as_str());
            continue;
        };
        let what = format!("the signature by {id} over {message}");
        let checked = base64(signature, &what)
            .and_then(|signature| key.key()?.verify(message.as_bytes(), &signature, &what));
        // It has signed, so that only its last day can speak against it.
        let in_time = match published {
            Some(at) => key.is_not_over(at),
            None => key.until.is_none(),
        };
        match checked {
            Ok(()) if in_time => stands = Some(id.clone()),
            Ok(()) => late.push(format!(
                "{id} signed it, and is no key of {}",
                published.map_or("a day that the registry does not say", day)
            )),
            Err(why) => return told(AttestedState::Failed, why.to_string()),
        }
    }
    match stands {
        Some(id) => told(AttestedState::Verified, format!("{id} signed {message}")),
        None if !late.is_empty() => told(AttestedState::Unavailable, late.join("; ")),
        None => told(
            AttestedState::Unavailable,
            format!(
                "it is signed by keys that are not known here: {}",
                unknown.join(", ")
            ),
        ),
    }
}
