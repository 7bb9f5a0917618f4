use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Severity;

/// The name of the form of a [`Supply`].
pub const SUPPLY_SCHEMA: &str = "assay.supply/1";

/// Where a subject comes from, and what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Supply {
    /// [`SUPPLY_SCHEMA`].
    pub schema: String,
    /// The SHA-256 of the main artifact that it is about.
    #[serde(default)]
    pub sha256: String,
    /// What is in it.
    pub components: Vec<Component>,
    /// Whether the registry signed it.
    pub signature: Attested,
    /// Whether somebody states where and how it was built.
    pub provenance: Attested,
    /// What statements that stand say of how it was built and published.
    #[serde(default)]
    pub built: Vec<Built>,
    /// Scripts that run when it is installed, by name.
    pub install_scripts: Vec<(String, String)>,
    /// Its licence, as it says itself.
    pub licence: String,
    /// Who can publish it.
    pub maintainers: Vec<String>,
    /// Who published this version; nothing where nobody says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub publisher: Option<String>,
    /// When this version was published.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published: Option<String>,
    /// How many releases there were in the year before this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub releases_in_a_year: Option<u64>,
    /// Changes of who can publish, and the like, in words.
    pub changes: Vec<String>,
    /// Weaknesses that are known of what is in it; nothing where nobody
    /// looked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vulnerabilities: Option<Vulnerabilities>,
    /// What could not be had, in words.
    pub notes: Vec<String>,
}

/// A package that is in a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Its package URL where its ecosystem is known, without a version where
    /// that is not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purl: Option<String>,
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Bytes of its code; 0 where that is not known.
    pub bytes: u64,
    /// By what it was told.
    pub evidence: Vec<String>,
    /// How sure that is, from 0 to 100.
    pub confidence: u8,
    /// Whether it is of the subject's own vendor.
    pub own: bool,
}

/// Whether a statement stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attested {
    /// What came of it.
    pub state: AttestedState,
    /// The same in words: by which key, over what; why not.
    pub says: String,
}

/// What came of a statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttestedState {
    /// It is there, and stands.
    Verified,
    /// It is there, and does not.
    Failed,
    /// There is none.
    None,
    /// It could not be had, or not be checked.
    #[default]
    Unavailable,
}

impl AttestedState {
    /// The word that policy and people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::None => "none",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Weaknesses that are known of what is in a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vulnerabilities {
    /// The database: its folder's newest entry, as 2026-01-31.
    pub newest: String,
    /// How many entries it has.
    pub entries: u64,
    /// How many components could be looked up.
    pub looked_up: u64,
    /// Of which components that was not possible: they have no version, or no
    /// ecosystem.
    pub not_looked_up: Vec<String>,
    /// What was found.
    pub found: Vec<Vulnerability>,
}

/// A known weakness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vulnerability {
    /// Its name in the database.
    pub id: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// What it is, in a line.
    pub summary: String,
    /// How severe its reporters say it is; nothing where nobody says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub severity: Option<Severity>,
    /// The component, as NAME@VERSION.
    pub component: String,
    /// The component's package URL.
    pub purl: String,
    /// Versions without it.
    pub fixed: Vec<String>,
}

/// What a statement that stands says of how something was built or published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Built {
    /// What it states, as the type of its predicate.
    pub states: String,
    /// Who signed: the name in the certificate, or that of a key.
    pub signer: String,
    /// Who vouched for that name.
    #[serde(default)]
    pub issuer: String,
    /// The repository that it was built from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub repository: Option<String>,
    /// The commit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<String>,
    /// The branch or tag.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// The workflow.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workflow: Option<String>,
    /// Whose machines it ran on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub runner: Option<String>,
    /// When it was signed, by the log or a time stamp.
    pub at: String,
    /// The log that has it.
    #[serde(default)]
    pub log: String,
}
