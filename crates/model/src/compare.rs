use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Outcome, Verdict};

/// The name of the form of a [`Comparison`].
pub const COMPARISON_SCHEMA: &str = "assay.compare/1";

/// Tools side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// [`COMPARISON_SCHEMA`].
    pub schema: String,
    /// The tools, in the order in which they were named.
    pub tools: Vec<Column>,
    /// What is compared, with a text for each tool.
    pub rows: Vec<Row>,
    /// The best choice under the policy, by its place among the tools; nothing
    /// where none is allowed.
    pub best: Option<usize>,
    /// Why.
    pub reasons: Vec<String>,
}

/// A tool of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Its name with its version.
    pub name: String,
    /// What policy says of it.
    pub outcome: Option<Outcome>,
    /// The same with its reasons.
    pub verdict: Option<Verdict>,
}

/// One thing that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// To which of the questions it belongs.
    pub group: String,
    /// What it is.
    pub name: String,
    /// What is known of each tool.
    pub values: Vec<String>,
}
