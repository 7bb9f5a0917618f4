use std::collections::BTreeSet;
use std::fmt;

use assay_model::{Decision, Facts};
use serde::{Deserialize, Serialize};

use crate::{Policies, PolicyError};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Principal {
    /// A user, by name.
    User(String),
    /// A device, by name.
    Device(String),
}

impl Principal {
    /// Who is asked for where nobody is named: a user in no team.
    pub const ANYONE: &'static str = "anyone";

    /// The kind of entity, with its name.
    pub(crate) fn entity(&self) -> (&'static str, &str) {
        match self {
            Self::User(name) => ("User", name),
            Self::Device(name) => ("Device", name),
        }
    }
}

impl Default for Principal {
    fn default() -> Self {
        Self::User(Self::ANYONE.to_owned())
    }
}

impl TryFrom<String> for Principal {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("user", name)) if !name.is_empty() => Ok(Self::User(name.to_owned())),
            Some(("device", name)) if !name.is_empty() => Ok(Self::Device(name.to_owned())),
            _ => Err(format!("{text} is not user:NAME or device:NAME")),
        }
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        principal.to_string()
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user:{name}"),
            Self::Device(name) => write!(f, "device:{name}"),
        }
    }
}

/// What somebody asks of policy, beside the tool. What is not given is
/// missing, and a rule that asks for it cannot be decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ask {
    /// Who.
    #[serde(default)]
    pub principal: Principal,
    /// `use`, `install` or `send`.
    pub action: String,
    /// When, as 2027-01-02 or 2027-01-02T03:30:00Z.
    pub now: String,
    /// Where.
    #[serde(default)]
    pub site: Option<String>,
    /// Which model.
    #[serde(default)]
    pub model: Option<String>,
    /// Whose.
    #[serde(default)]
    pub provider: Option<String>,
    /// On which repository.
    #[serde(default)]
    pub repository: Option<String>,
    /// Which kinds of data are in what is sent.
    #[serde(default)]
    pub data_classes: Option<BTreeSet<String>>,
}

/// A request that was recorded: what was known, and what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// What was known.
    pub facts: Facts,
    /// What was asked.
    pub ask: Ask,
}

impl Recorded {
    /// Asks policies.
    ///
    /// # Errors
    /// When it cannot be put to them.
    pub fn explained(&self, policies: &Policies) -> Result<Decision, PolicyError> {
        policies.prepare(&self.facts)?.explain(&self.ask)
    }
}
