use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who decides how a switch stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Setter {
    /// A service that the tool asks.
    RemoteService,
    /// A variable of the environment.
    Environment,
    /// A file of settings.
    SettingsFile,
    /// An argument of the command.
    CommandLine,
    /// Whoever built it: a constant.
    BuildConstant,
}

/// A switch on which some of what the tool does hangs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// The name under which it is asked for.
    pub key: String,
    /// What the caller takes where nobody has set it, as it stands in the
    /// code; empty where the caller says nothing.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub default: String,
    /// What happens where who sets it cannot be asked; empty where that is
    /// not known.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub fallback: String,
    /// Who sets it.
    pub setter: Setter,
    /// By what it is asked, as it stands in the code.
    pub asked_by: String,
    /// How often it is asked for.
    pub lookups: u64,
    /// What hangs on it, in words: behaviours that are found under its
    /// control, and what is called there.
    pub dependants: Vec<String>,
}
