use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a factor changes in what a tool sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The factors that it takes together, with their values.
    pub factors: BTreeMap<String, String>,
    /// Where: the request, and the field of its body as a JSON pointer (with a
    /// star for any item of a list), or the header.
    pub field: String,
    /// In how many other fields the same is changed.
    pub also: usize,
    /// The part that is changed, on the plain host.
    pub before: String,
    /// The same part with the factors.
    pub after: String,
    /// The line on the plain host.
    pub line_before: String,
    /// The line with this part changed.
    pub line_after: String,
    /// The code points of both parts where they are not ASCII.
    pub code_points: Vec<String>,
    /// What kind of difference it is, in words.
    pub difference: String,
    /// What it is taken for.
    pub grade: Grade,
    /// In how many runs with these factors it was seen.
    pub seen: usize,
    /// Of how many.
    pub runs: usize,
}

/// What an effect is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// A reader would take both for the same, or it changes form without
    /// meaning.
    Concealed,
    /// It says something else.
    Visible,
    /// It is the factor itself, or follows from it: a path, a local time.
    Expected,
}
