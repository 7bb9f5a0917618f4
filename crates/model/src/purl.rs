use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A package URL: `pkg:TYPE/[NAMESPACE/]NAME[@VERSION][?QUALIFIERS]`.
///
/// Only what Assay writes is modelled: type, optional namespace, name,
/// optional version and qualifiers in sorted order. Source: the package-url
/// specification (ECMA-427).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Purl {
    /// The package type, lower case: `npm`, `pypi`, `cargo`, `golang`,
    /// `generic`.
    pub kind: String,
    /// The namespace, not encoded: `@scope` for a scoped npm package.
    pub namespace: Option<String>,
    /// The name, not encoded.
    pub name: String,
    /// The version, not encoded.
    pub version: Option<String>,
    /// Qualifiers, sorted by key.
    pub qualifiers: Vec<(String, String)>,
}

/// A text that is not a package URL, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurlError {
    text: String,
    reason: &'static str,
}

impl fmt::Display for PurlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is not a package URL: {}",
            self.text.escape_debug(),
            self.reason
        )
    }
}

impl std::error::Error for PurlError {}

impl Purl {
    /// A package URL of a type, from a registry name and a version. An npm
    /// scope becomes the namespace, as does all but the last part of a path of
    /// Go.
    #[must_use]
    pub fn new(kind: &str, name: &str, version: Option<&str>) -> Self {
        let split = match kind {
            "npm" => name
                .split_once('/')
                .filter(|(scope, _)| scope.starts_with('@')),
            "golang" => name.rsplit_once('/'),
            _ => None,
        };
        let (namespace, name) = match split {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, name),
        };
        Self {
            kind: kind.to_owned(),
            namespace,
            name: name.to_owned(),
            version: version.map(str::to_owned),
            qualifiers: Vec::new(),
        }
    }

    /// The package in a word, whatever its version: `npm:NAME`, `pypi:NAME`,
    /// `vsix:PUBLISHER.NAME`, in lower case.
    #[must_use]
    pub fn package(&self) -> String {
        let kind = match self.kind.as_str() {
            "vscode" | "vsix" => "vsix",
            kind => kind,
        };
        let name = match (kind, &self.namespace) {
            ("vsix", Some(publisher)) => format!("{publisher}.{}", self.name),
            _ => self.full_name(),
        };
        format!("{kind}:{}", name.to_lowercase())
    }

    /// The name as its registry writes it: `@scope/name` or `name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

fn encode(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => {
                write!(f, "{}", char::from(byte))?;
            }
            _ => write!(f, "%{byte:02X}")?,
        }
    }
    Ok(())
}

fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            for part in namespace.split('/') {
                encode(f, part)?;
                f.write_str("/")?;
            }
        }
        encode(f, &self.name)?;
        if let Some(version) = &self.version {
            f.write_str("@")?;
            encode(f, version)?;
        }
        for (index, (key, value)) in self.qualifiers.iter().enumerate() {
            f.write_str(if index == 0 { "?" } else { "&" })?;
            write!(f, "{key}=")?;
            encode(f, value)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        let wrong = |reason| PurlError {
            text: text.chars().take(200).collect(),
            reason,
        };
        let rest = text
            .strip_prefix("pkg:")
            .ok_or_else(|| wrong("it does not start with 'pkg:'"))?;
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !path.ends_with('/') => (path, Some(version)),
            _ => (rest, None),
        };
        let (kind, path) = path
            .split_once('/')
            .ok_or_else(|| wrong("it has no name"))?;
        if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') {
            return Err(wrong(
                "its type is empty or has other characters than letters and digits",
            ));
        }
        let (namespace, name) = match path.rsplit_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, path),
        };
        if name.is_empty() {
            return Err(wrong("it has no name"));
        }
        let decoded = |text| decode(text).ok_or_else(|| wrong("a percent escape is broken"));
        let mut qualifiers = Vec::new();
        for pair in query
            .unwrap_or_default()
            .split('&')
            .filter(|p| !p.is_empty())
        {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| wrong("a qualifier has no value"))?;
            qualifiers.push((key.to_owned(), decoded(value)?));
        }
        qualifiers.sort();
        Ok(Self {
            kind: kind.to_ascii_lowercase(),
            namespace: namespace.map(decoded).transpose()?,
            name: decoded(name)?,
            version: version.map(decoded).transpose()?,
            qualifiers,
        })
    }
}

impl Serialize for Purl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Purl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Purl {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Purl".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^pkg:[a-z0-9.]+/.+" })
    }
}
