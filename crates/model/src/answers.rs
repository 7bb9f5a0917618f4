use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Layer, Purpose};

/// The four questions that are asked of every subject, answered by what was
/// measured first and by what is stated second.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answers {
    /// Where does the model run?
    pub model: Vec<Answer>,
    /// What data leaves the environment?
    pub leaves: Leaves,
    /// What can be audited and switched off?
    pub control: Vec<Answer>,
    /// Documented switches, and what came of trying them.
    pub opt_outs: Vec<OptOut>,
    /// What is the vendor's record?
    pub record: Vec<Answer>,
    /// Risks by the layer that they sit in, and what of each this kind of
    /// evidence cannot exclude.
    pub layers: Vec<LayerRisk>,
    /// What the contract says, clause by clause.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub clauses: Vec<Clause>,
}

/// One thing that is known, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// What it is about, in a word or two.
    pub topic: String,
    /// What is known.
    pub says: String,
    /// How.
    pub basis: Basis,
    /// Where from: a finding, a run, a page.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub source: String,
    /// When that was looked at, as 2026-01-31.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub date: String,
    /// For which plan, product or place it holds; empty for all.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub scope: String,
}

/// How something is known.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Measured here, and can be again.
    Measured,
    /// Somebody states it, and the source says so.
    Stated,
    /// Stated in two ways that do not go together.
    Contradictory,
    /// Not known.
    Unknown,
}

/// What data leaves the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leaves {
    /// What runs sent, the most first.
    pub flows: Vec<Flow>,
    /// How many runs of the plain host that is the sum of.
    pub runs: u64,
    /// Hosts that the code names and that no run contacted.
    pub possible: Vec<PossibleFlow>,
}

/// What runs sent to a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flow {
    /// The host.
    pub host: String,
    /// The shape of a model provider that was spoken, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provider: Option<String>,
    /// What the vendor documents it for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<Purpose>,
    /// Whether the vendor documents it; nothing where it documents no hosts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub documented: Option<bool>,
    /// In which country it is.
    pub country: Country,
    /// How many requests and messages.
    pub requests: u64,
    /// Bytes that were sent.
    pub bytes: u64,
    /// The same by kind of data, as far as bodies could be read.
    pub data: BTreeMap<DataKind, u64>,
    /// Canaries that went there.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub canaries: Vec<String>,
}

/// In which country a host is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Country {
    /// As an ISO 3166-1 code, or `EU`; nothing where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// How that is known; why not.
    pub from: String,
}

/// A host that code names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PossibleFlow {
    /// The host.
    pub host: String,
    /// The finding that names it.
    pub finding: String,
    /// What the vendor documents it for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<Purpose>,
    /// Whether the vendor documents it; nothing where it documents no hosts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub documented: Option<bool>,
    /// In which country it is.
    pub country: Country,
}

/// Kinds of data that leave.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DataKind {
    /// What the user asked.
    Prompt,
    /// What stands in files of the user.
    FileContent,
    /// A secret that was laid out.
    Canary,
    /// What tells one machine or user from another: names, paths, ids.
    Identifier,
    /// The tool's own words to a model: its instructions, its tools.
    Instructions,
    /// Anything else to a host that is no model.
    Telemetry,
}

impl DataKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Prompt,
        Self::FileContent,
        Self::Canary,
        Self::Identifier,
        Self::Instructions,
        Self::Telemetry,
    ];

    /// What people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::FileContent => "file content",
            Self::Canary => "canary",
            Self::Identifier => "identifier",
            Self::Instructions => "the tool's own words",
            Self::Telemetry => "telemetry and other",
        }
    }
}

/// A documented switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptOut {
    /// What it switches off.
    pub of: Purpose,
    /// How: a variable or setting with its value.
    pub how: String,
    /// Where that is documented.
    pub source: String,
    /// What came of trying it.
    pub outcome: OptOutOutcome,
    /// The same in words, with numbers.
    pub says: String,
}

/// What came of trying a switch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum OptOutOutcome {
    /// Nothing of the kind was sent any more.
    Silences,
    /// Less was.
    Lessens,
    /// As much was as without it.
    NoEffect,
    /// Nothing of the kind was sent without it either.
    NothingToSilence,
    /// It was not tried.
    NotTried,
}

/// A risk of one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerRisk {
    /// The layer.
    pub layer: Layer,
    /// What was found there: behaviours with how many findings.
    pub found: Vec<String>,
    /// What this kind of evidence cannot exclude there.
    pub cannot_exclude: String,
}

/// A clause of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clause {
    /// What it is about.
    pub about: String,
    /// What it says.
    pub says: String,
    /// What came of its test.
    pub outcome: ClauseOutcome,
    /// The same in words.
    pub reason: String,
}

/// What came of the test of a clause.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClauseOutcome {
    /// What was measured goes with it.
    Kept,
    /// What was measured goes against it.
    Broken,
    /// It cannot be told here.
    Untested,
}
