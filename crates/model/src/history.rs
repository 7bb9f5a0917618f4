use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Effect, Sha256};

/// The name of the form of [`History`].
pub const HISTORY_SCHEMA: &str = "assay.history/1";

/// What releases of a tool do, over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// [`HISTORY_SCHEMA`].
    pub schema: String,
    /// The version of Assay that made it.
    pub assay: String,
    /// The package, without a version.
    pub source: String,
    /// For which platform, as `OS-CPU[-LIBC]`, or `all`.
    pub platform: String,
    /// The behaviours or findings that were asked for; none for all.
    pub asked: Vec<String>,
    /// How releases were chosen.
    pub search: Search,
    /// The releases in the range, in the order of their versions.
    pub releases: Vec<ReleaseRecord>,
    /// When each of what was asked for was there.
    pub behaviours: Vec<Presence>,
    /// How many artifacts were opened and analysed, or taken from earlier
    /// results; what releases share counts once.
    pub artifacts_read: u64,
    /// What a reader has to know besides, in words.
    pub notes: Vec<String>,
}

/// How the releases that are read were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// Every one.
    All,
    /// By halves, until what differs is next to each other, with some samples
    /// in between.
    Bisect,
}

/// What is known of one release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseRecord {
    /// Its version.
    pub version: String,
    /// When the registry says it was published.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published: Option<String>,
    /// Whether it was read.
    pub state: ReleaseState,
    /// Why it could not be read, or not as a whole.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub detail: String,
    /// What of it was read.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub artifacts: Vec<Sha256>,
    /// What runs of it showed, if it was run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sent: Option<Sent>,
}

/// What an experiment showed of a release.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// How many runs there were.
    pub runs: u64,
    /// What factors of the host change in what it sends.
    pub effects: Vec<Effect>,
    /// How many differences were neither confirmed nor ruled out.
    pub open: u64,
    /// Why it was not run, or not as far as it should have been.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub problem: String,
}

/// Whether a release was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseState {
    /// It was, as far as was needed for what was asked.
    Read,
    /// It was not: releases on either side of it that were are alike.
    Between,
    /// It could not be.
    Gap,
}

/// When something was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    /// The behaviour.
    pub behaviour: String,
    /// The id of the one finding of it that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<String>,
    /// The first release that was read and has it; none where none has.
    pub first: Option<String>,
    /// The last one.
    pub last: Option<String>,
    /// The last release before the first that was read and has it not; none
    /// where there is none in the range, so that it may be older.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_in_before: Option<String>,
    /// The first release after the last that was read and has it not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_in_after: Option<String>,
    /// Releases that were read and have it.
    pub present: Vec<String>,
    /// Releases that were read and have it not.
    pub absent: Vec<String>,
    /// Releases that could not be read, and lie where it is not known whether
    /// they have it: beside a border, or between releases that have it.
    pub gaps: Vec<String>,
}
