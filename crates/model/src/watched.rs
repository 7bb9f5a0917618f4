use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Diff;

/// The name of the form of a [`Watched`].
pub const WATCH_SCHEMA: &str = "assay.watch/1";

/// Which tools have a newer version than the approved one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Watched {
    /// The form of this record: [`WATCH_SCHEMA`].
    pub schema: String,
    /// The version of Assay that made it.
    pub assay: String,
    /// Each tool, in the order of the list.
    pub tools: Vec<WatchedTool>,
}

/// A tool of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WatchedTool {
    /// The package.
    pub source: String,
    /// The version that was approved.
    pub approved: String,
    /// The newest final version, where there is a newer one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub newest: Option<String>,
    /// When the registry says that it was published.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published: Option<String>,
    /// How many versions there are after the approved one.
    pub newer: u64,
    /// What is another in the newest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub diff: Option<Box<Diff>>,
    /// What is to be known besides: that the approved version was withdrawn.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
    /// Why it could not be looked at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<String>,
}
