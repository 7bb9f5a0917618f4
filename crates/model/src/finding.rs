use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Effect, Evidence, Settings};

/// How much a behaviour matters if it is what it seems to be.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nearly every tool does it.
    Info,
    /// Little by itself; part of other things.
    Low,
    /// A reviewer should know and decide.
    Medium,
    /// A reviewer should not approve without an answer.
    High,
    /// Harm without further conditions.
    Critical,
}

/// How sure it is that the finding is what it says.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A text that looks like it.
    Low,
    /// The code says so; whether it runs, and with what, is not shown.
    Medium,
    /// The code can mean nothing else.
    High,
}

/// Where a risk sits.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The code that runs on the user's machine.
    Client,
    /// The service that the client talks to.
    HostedApi,
    /// The model.
    Model,
    /// Settings, of the user or the vendor.
    Configuration,
}

/// Whose code it is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The vendor's own.
    First,
    /// A library's.
    Third,
    /// Not known.
    #[default]
    Unknown,
}

impl Party {
    /// Whose a thing is that is found in both: what is the vendor's own
    /// anywhere is the vendor's, and a library's only where all of it is.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::First, _) | (_, Self::First) => Self::First,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Third, Self::Third) => Self::Third,
        }
    }

    /// Where it stands among findings of one severity: the vendor's own
    /// first, what is known to be a library's last.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::First => 0,
            Self::Unknown => 1,
            Self::Third => 2,
        }
    }
}

/// What runs of the subject showed of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Demonstration {
    /// What was run.
    pub source: String,
    /// What its plain runs were made with.
    pub settings: Settings,
    /// What factors of the host change, as it was seen.
    pub effects: Vec<Effect>,
}

/// A behaviour of one subject, with evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable across versions when the thing is the same: made of the
    /// behaviour and of what does not change when names are minified anew.
    pub id: String,
    /// The behaviour's name in the taxonomy.
    pub behaviour: String,
    /// How much it matters.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where the risk sits.
    pub layer: Layer,
    /// Whose code it is. It is no part of the id: the same behaviour keeps
    /// its id when it moves from the vendor's code into a library.
    pub party: Party,
    /// The packages that it was found in, as far as they are known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub packages: Vec<String>,
    /// What was found, in one line.
    pub title: String,
    /// What it is about: a host, a variable, a file; empty where there is no
    /// such thing. Together with the behaviour it makes the id.
    pub key: String,
    /// How often it was found; `evidence` holds the first ones.
    pub occurrences: u64,
    /// Where, and what it says there; nothing where only runs show it.
    pub evidence: Vec<Evidence>,
    /// What runs showed of it, if there were any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub demonstrated: Option<Box<Demonstration>>,
}
