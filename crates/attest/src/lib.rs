//! What is signed, and whether it stands. By others: signatures of registries,
//! statements of how something was built (Sigstore bundles of npm,
//! attestations of PyPI), time stamps (RFC 3161). By whoever answers for a
//! dossier: its seal.
//!
//! Nothing is asked of any network. What signs is trusted only by the keys and
//! the root that the caller names; certificates and keys that lie beside a
//! signature prove nothing by themselves. This crate depends on the words of
//! the dossier alone.
#![deny(missing_docs)]

mod bundle;
mod certificate;
mod der;
mod key;
mod log;
mod registry;
mod root;
mod seal;
mod sigstore;
mod statement;
mod timestamp;

#[cfg(test)]
mod tests;

pub use bundle::{Bundle, npm_bundles, pypi_bundles};
pub use registry::{RegistryKey, registry_keys, signed};
pub use root::{Root, RootError};
pub use seal::{Checked, Key, SealError, Trust, TrustedKey, seal, verify_seal};
pub use sigstore::verify;
pub use statement::Wanted;
pub use timestamp::{Stamp, stamp};

/// Why something that is signed does not stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It contradicts itself, or what it should be about.
    #[error("{0}")]
    Failed(String),
    /// It is signed by what is not known here, or in a form that is not read:
    /// nothing is said against it, and nothing for it.
    #[error("{0}")]
    Unknown(String),
}

pub(crate) fn failed<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Failed(why.into()))
}

pub(crate) fn unknown<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Unknown(why.into()))
}

/// Bytes that are written in Base64.
pub(crate) fn base64(text: &str, what: &str) -> Result<Vec<u8>, Refusal> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text.as_bytes())
        .map_err(|_| Refusal::Failed(format!("{what} is no Base64")))
}

pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, bytes)
        .as_ref()
        .to_vec()
}

/// A moment in seconds since 1970, as people write it.
pub(crate) fn moment(seconds: u64) -> String {
    let form = time::format_description::well_known::Rfc3339;
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|at| at.format(&form).ok())
        .unwrap_or_else(|| seconds.to_string())
}
