use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a factor changes in what a tool sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effect {
    /// Its name: made of the factors, of where it is and of what it changes.
    pub id: String,
    /// The finding of the code that it shows, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<String>,
    /// The factors that it takes together, with their values.
    pub factors: BTreeMap<String, String>,
    /// Other values of these factors that bring about the same.
    pub others: Vec<BTreeMap<String, String>>,
    /// Where: the request, and the field of its body as a JSON pointer (with a
    /// star for any item of a list), or the header.
    pub field: String,
    /// The other fields in which the same is changed.
    pub also: Vec<String>,
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
    /// In how many fresh runs with these factors it was seen.
    pub seen: usize,
    /// Of how many.
    pub runs: usize,
    /// In how many fresh runs of the plain host it was seen.
    pub plain_seen: usize,
    /// Of how many.
    pub plain_runs: usize,
    /// The share of the runs with these factors in which it was seen.
    pub rate: f64,
    /// How likely so different numbers are by chance: Fisher's exact test,
    /// two-sided, with Holm's correction over all candidates.
    pub p: f64,
    /// What other values of the same form bring about.
    pub controls: Vec<Control>,
}

impl Effect {
    /// Whether a condition of the code was replaced for it: it was not
    /// observed then.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        self.factors.keys().any(|name| name.starts_with("force:"))
    }
}

/// A run with another value of the same form in place of one factor's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Control {
    /// The factor.
    pub factor: String,
    /// The other value.
    pub value: String,
    /// What it brings about.
    pub outcome: ControlOutcome,
}

/// What another value of the same form brings about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ControlOutcome {
    /// Nothing: the place is as on the plain host.
    Unchanged,
    /// The same change.
    Same,
    /// Another change of the same place.
    Other,
    /// It was not run.
    NotRun,
}

/// How an experiment was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Experiment {
    /// What was varied.
    pub factors: Vec<Varied>,
    /// What was set in groups only, except for those that are among the
    /// factors too.
    #[serde(default)]
    pub grouped: Vec<String>,
    /// What could not be varied, and why.
    pub not_varied: Vec<String>,
    /// How many factors stand together in every combination.
    pub strength: usize,
    /// How many runs of combinations there were.
    pub rows: usize,
    /// How many combinations of that many levels stood in some run.
    pub covered: usize,
    /// Of how many.
    pub combinations: usize,
    /// What took the tool another way.
    pub apart: Vec<Apart>,
    /// How many differences that a person may not see were seen and neither
    /// confirmed nor ruled out, for want of runs.
    #[serde(default)]
    pub open: usize,
    /// Fields in which the plain runs differ among themselves: only what else
    /// is in them was compared.
    #[serde(default)]
    pub varying: Vec<String>,
    /// How many differences were seen, and did not come again or not often
    /// enough to tell them from chance.
    pub unsettled: usize,
    /// Limits that were reached, in words.
    pub limits: Vec<String>,
}

/// A factor of an experiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Varied {
    /// Its name.
    pub name: String,
    /// What it is on the plain host.
    pub plain: String,
    /// What it was set to, each with where the value comes from.
    pub levels: Vec<(String, String)>,
}

/// Levels under which the tool takes another way: they are not compared with
/// the plain host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Apart {
    /// The factors with their values.
    pub factors: BTreeMap<String, String>,
    /// Whether it asked a model at all; it has an experiment of its own then.
    pub asks_a_model: bool,
    /// What it did, in words.
    pub what: String,
}

/// What an effect is taken for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
