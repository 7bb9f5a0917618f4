//! Whom to trust for statements of how something was built: a
//! `trusted_root.json` of Sigstore (protobuf-specs, version 0.1).

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::key::Key;
use crate::{Refusal, base64};

/// The root that comes with Assay, as published.
const SHIPPED: &str = include_str!("../../../data/sigstore/trusted_root.json");
/// What is known of it.
const ABOUT: &str = include_str!("../../../data/sigstore/about.toml");
/// The longest list in a root.
const MOST: usize = 256;

/// Why a root cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no trusted root of Sigstore: {0}")]
pub struct RootError(String);

/// Whom to trust.
#[derive(Debug, Clone)]
pub struct Root {
    /// When it was looked at, as 2026-01-31; nothing where nobody says.
    pub date: Option<String>,
    pub(crate) authorities: Vec<Authority>,
    pub(crate) logs: Vec<Log>,
    pub(crate) certificate_logs: Vec<Log>,
    pub(crate) stampers: Vec<Authority>,
}

/// Who issues certificates: its own last, those below it first.
#[derive(Debug, Clone)]
pub(crate) struct Authority {
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) valid: Window,
}

impl Authority {
    /// One that is trusted for as long as its certificates are valid.
    pub(crate) fn always(chain: Vec<Vec<u8>>) -> Self {
        Self {
            chain,
            valid: Window {
                from: 0,
                until: None,
            },
        }
    }
}

/// A log of what was signed.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) id: Vec<u8>,
    pub(crate) name: String,
    pub(crate) key: Key,
    pub(crate) valid: Window,
}

/// A time, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    from: u64,
    until: Option<u64>,
}

impl Window {
    pub(crate) fn contains(self, at: u64) -> bool {
        at >= self.from && self.until.is_none_or(|until| at <= until)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    media_type: String,
    #[serde(default)]
    tlogs: Vec<WrittenLog>,
    #[serde(default)]
    certificate_authorities: Vec<WrittenAuthority>,
    #[serde(default)]
    ctlogs: Vec<WrittenLog>,
    #[serde(default)]
    timestamp_authorities: Vec<WrittenAuthority>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenLog {
    #[serde(default)]
    base_url: String,
    public_key: WrittenKey,
    log_id: WrittenId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenKey {
    raw_bytes: String,
    #[serde(default)]
    valid_for: WrittenWindow,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenId {
    key_id: String,
}

#[derive(Deserialize, Default)]
struct WrittenWindow {
    #[serde(default)]
    start: Option<String>,
    #[serde(default)]
    end: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenAuthority {
    cert_chain: WrittenChain,
    #[serde(default)]
    valid_for: WrittenWindow,
}

#[derive(Deserialize)]
struct WrittenChain {
    certificates: Vec<WrittenCertificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenCertificate {
    raw_bytes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    date: String,
    #[expect(
        dead_code,
        reason = "for people; that it is there is tested by reading"
    )]
    source: String,
    sha256: String,
}

fn seconds(text: &str) -> Result<u64, RootError> {
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .and_then(|at| u64::try_from(at.unix_timestamp()).ok())
        .ok_or_else(|| RootError(format!("{text:?} is no time")))
}

impl WrittenWindow {
    fn read(&self) -> Result<Window, RootError> {
        Ok(Window {
            from: self.start.as_deref().map_or(Ok(0), seconds)?,
            until: self.end.as_deref().map(seconds).transpose()?,
        })
    }
}

fn of(refusal: Refusal) -> RootError {
    RootError(refusal.to_string())
}

impl WrittenLog {
    fn read(&self) -> Result<Log, RootError> {
        Ok(Log {
            id: base64(&self.log_id.key_id, "the name of a log").map_err(of)?,
            name: self
                .base_url
                .trim_start_matches("https://")
                .trim_end_matches('/')
                .to_owned(),
            key: Key::read(&base64(&self.public_key.raw_bytes, "the key of a log").map_err(of)?)
                .map_err(of)?,
            valid: self.public_key.valid_for.read()?,
        })
    }
}

impl WrittenAuthority {
    fn read(&self) -> Result<Authority, RootError> {
        let chain = self.cert_chain.certificates.iter();
        let chain: Result<Vec<Vec<u8>>, RootError> = chain
            .map(|one| base64(&one.raw_bytes, "a certificate").map_err(of))
            .collect();
        let chain = chain?;
        if chain.is_empty() {
            return Err(RootError("an authority has no certificate".to_owned()));
        }
        Ok(Authority {
            chain,
            valid: self.valid_for.read()?,
        })
    }
}

impl Root {
    /// The one that comes with Assay.
    ///
    /// # Errors
    /// When it is broken, which a test rules out.
    pub fn shipped() -> Result<Self, RootError> {
        let about: About =
            toml::from_str(ABOUT).map_err(|error| RootError(error.message().to_owned()))?;
        if hex::encode(crate::sha256(SHIPPED.as_bytes())) != about.sha256 {
            return Err(RootError("it is another than was looked at".to_owned()));
        }
        Ok(Self {
            date: Some(about.date),
            ..Self::read(SHIPPED)?
        })
    }

    /// Reads a `trusted_root.json`.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, RootError> {
        let written: Written =
            serde_json::from_str(text).map_err(|error| RootError(error.to_string()))?;
        if !written
            .media_type
            .starts_with("application/vnd.dev.sigstore.trustedroot")
        {
            return Err(RootError(format!("it is {:?}", written.media_type)));
        }
        let logs = |all: &[WrittenLog]| -> Result<Vec<Log>, RootError> {
            all.iter().take(MOST).map(WrittenLog::read).collect()
        };
        let authorities = |all: &[WrittenAuthority]| -> Result<Vec<Authority>, RootError> {
            all.iter().take(MOST).map(WrittenAuthority::read).collect()
        };
        Ok(Self {
            date: None,
            authorities: authorities(&written.certificate_authorities)?,
            logs: logs(&written.tlogs)?,
            certificate_logs: logs(&written.ctlogs)?,
            stampers: authorities(&written.timestamp_authorities)?,
        })
    }
}
