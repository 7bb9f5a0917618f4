//! Statements of in-toto (Attestation Framework v0.1 and v1): what is stated
//! of which bytes.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{Refusal, failed, unknown};

/// The type of what is signed.
pub(crate) const PAYLOAD: &str = "application/vnd.in-toto+json";
const TYPES: &[&str] = &[
    "https://in-toto.io/Statement/v1",
    "https://in-toto.io/Statement/v0.1",
];

/// What a statement must be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name: a package URL of npm with its version, or the name of a file.
    pub name: String,
    /// The digest of the bytes that were fetched: the algorithm, as `sha512`,
    /// and its value in hexadecimal.
    pub digest: (String, String),
}

#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    name: String,
    #[serde(default, deserialize_with = "once")]
    digest: BTreeMap<String, Value>,
}

/// A map in which no name stands twice: readers that take the first and those
/// that take the last would see other bytes.
fn once<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Value>, D::Error> {
    struct Once;
    impl<'de> Visitor<'de> for Once {
        type Value = BTreeMap<String, Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("digests by their algorithms")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut out = BTreeMap::new();
            while let Some((name, value)) = map.next_entry::<String, Value>()? {
                if out.contains_key(&name) {
                    return Err(A::Error::custom(format!("{name} stands twice")));
                }
                out.insert(name, value);
            }
            Ok(out)
        }
    }
    from.deserialize_map(Once)
}

/// Checks that a statement is about what is wanted, and tells what it states.
pub(crate) fn check(kind: &str, payload: &[u8], wanted: &Wanted) -> Result<String, Refusal> {
    if kind != PAYLOAD {
        return unknown(format!("what is signed is {kind:?}, which is not read"));
    }
    let statement: Statement = serde_json::from_slice(payload)
        .or_else(|error| failed(format!("the statement cannot be read: {error}")))?;
    if !TYPES.contains(&statement.kind.as_str()) {
        return unknown(format!(
            "a statement of the form {:?} is not read",
            statement.kind
        ));
    }
    let [subject] = statement.subject.as_slice() else {
        return failed("the statement is about more than one thing, or none");
    };
    if unescaped(&subject.name) != unescaped(&wanted.name) {
        return failed(format!(
            "it is about {}, and not {}",
            subject.name, wanted.name
        ));
    }
    let (algorithm, value) = &wanted.digest;
    match subject.digest.get(algorithm).and_then(Value::as_str) {
        Some(known) if known.eq_ignore_ascii_case(value) => Ok(statement.predicate_type),
        Some(known) => failed(format!(
            "it is about other bytes: {algorithm} {known}, and not {value}"
        )),
        None => failed(format!("it names no {algorithm} of what it is about")),
    }
}

/// A package URL without the one escape that some write and others do not.
fn unescaped(name: &str) -> String {
    name.replace("%40", "@")
        .replace("%2F", "/")
        .replace("%2f", "/")
}
