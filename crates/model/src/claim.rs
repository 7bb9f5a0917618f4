use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of the form of a [`Claims`].
pub const CLAIMS_SCHEMA: &str = "assay.claims/1";

/// What came of the claims of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claims {
    /// The form of this record: [`CLAIMS_SCHEMA`].
    pub schema: String,
    /// The version of Assay that made it.
    pub assay: String,
    /// What the case is about.
    pub title: String,
    /// Each claim, in the order of the case.
    pub claims: Vec<Claim>,
}

/// A statement that somebody made about a subject, and what came of its test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Its name in the case.
    pub id: String,
    /// What is claimed.
    pub says: String,
    /// Who said so.
    pub who: String,
    /// Where it was said.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub source: String,
    /// When it was said.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub when: String,
    /// The claims that contradict it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub against: Vec<String>,
    /// What it is about, and in which versions, in words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub subject: String,
    /// How it was tested, in words.
    pub test: String,
    /// What came of it.
    pub outcome: ClaimOutcome,
    /// What in it is wrong although it is right otherwise.
    pub corrections: Vec<String>,
    /// What shows it.
    pub evidence: Vec<ClaimEvidence>,
    /// Why it came out so; for what cannot be tested, what would be needed.
    pub reason: String,
}

/// What came of the test of a claim.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimOutcome {
    /// It is so.
    Confirmed,
    /// It is not so.
    Refuted,
    /// It cannot be told here.
    Untestable,
}

/// Something that shows whether a claim is true.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimEvidence {
    /// What was looked at, as a source that can be vetted again.
    pub source: String,
    /// The finding or effect that shows it, by id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<String>,
    /// What is seen there.
    pub says: String,
}
