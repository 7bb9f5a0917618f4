use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Purl, Sha256};

/// What is examined: a tool at a version for a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// The package URL of the main artifact.
    pub purl: Purl,
    /// The SHA-256 of the main artifact as distributed.
    pub sha256: Sha256,
    /// The platform asked for, as `OS-CPU` in npm's words (`linux-x64`), or
    /// `all`.
    pub platform: String,
    /// All artifacts that were read, the main one first.
    pub artifacts: Vec<ArtifactRecord>,
}

/// One distributed file of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactRecord {
    /// Its package URL.
    pub purl: Purl,
    /// Why it is part of the subject.
    pub role: ArtifactRole,
    /// The SHA-256 of the distributed bytes.
    pub sha256: Sha256,
    /// The size of the distributed bytes.
    pub bytes: u64,
    /// What the bytes were checked against.
    pub integrity: Integrity,
}

/// Why an artifact is part of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactRole {
    /// The artifact that was named.
    Main,
    /// A package that carries the main one's code for a platform.
    Platform,
    /// An ordinary dependency.
    Dependency,
}

/// What the bytes of an artifact were checked against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Integrity {
    /// The registry published a digest, and the bytes have it.
    Verified {
        /// The digest as published, with its algorithm: `sha512-...` (SRI) or
        /// `sha256:HEX`.
        digest: String,
    },
    /// Nobody published a digest for these bytes.
    Unpublished {
        /// Why there is none: a local file, or a registry that serves none.
        reason: String,
    },
}

impl Integrity {
    /// The digest that the bytes were checked against, as published.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        match self {
            Self::Verified { digest } => Some(digest),
            Self::Unpublished { .. } => None,
        }
    }
}
