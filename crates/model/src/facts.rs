use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What policy is asked with: all that is known of a tool, flat. A part that
/// nobody looked at is absent and not empty, so that a rule that asks for it
/// cannot be decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Facts {
    /// The tool.
    pub tool: ToolFacts,
    /// What its code can do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub findings: Option<FindingFacts>,
    /// How much of it was read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub coverage: Option<CoverageFacts>,
    /// What it did when it was run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub runs: Option<RunFacts>,
    /// What experiments showed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effects: Option<EffectFacts>,
    /// Where data go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub egress: Option<EgressFacts>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub supply: Option<SupplyFacts>,
    /// Known weaknesses of what is in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vulnerabilities: Option<VulnerabilityFacts>,
    /// The contract under which it is used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contract: Option<ContractFacts>,
    /// What came of claims about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claims: Option<ClaimFacts>,
}

/// The tool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ToolFacts {
    /// Its name by the vendor's profile, else that of its package.
    pub name: String,
    /// Its package, as `npm:NAME`.
    pub package: String,
    /// The vendor, by its profile; nothing where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vendor: Option<String>,
    /// The version as it is written; empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The version as a number that sorts as it does: see
    /// [`version_number`]; nothing where it is no such version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<i64>,
    /// Whether it is a version before the one that its numbers name.
    pub prerelease: bool,
}

/// What the code can do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FindingFacts {
    /// All behaviours.
    pub behaviours: BTreeSet<String>,
    /// Those of which at least one finding is of at least medium confidence.
    pub likely: BTreeSet<String>,
    /// Of these, those in the vendor's own code, or in code of which nobody
    /// knows whose it is.
    pub own: BTreeSet<String>,
    /// Of these, those with a finding of high or critical severity.
    pub grave: BTreeSet<String>,
    /// Those that runs showed.
    pub demonstrated: BTreeSet<String>,
    /// How many findings of critical severity.
    pub critical: u64,
    /// Of high severity.
    pub high: u64,
    /// Of medium severity.
    pub medium: u64,
    /// Of low severity.
    pub low: u64,
}

/// How much of it was read; in whole percent, rounded down for what was, and
/// up for what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CoverageFacts {
    /// Of the bytes that hold code, text or something unknown: read by a
    /// parser, or as text. Containers, images and the like are left out.
    pub read: u64,
    /// Of these: strings alone were read, or nothing.
    pub opaque: u64,
    /// Why bytes were not read, or not as well as they could be.
    pub gaps: BTreeSet<String>,
    /// How many declared dependencies, platforms or files were not fetched.
    pub not_fetched: u64,
}

/// What it did when it was run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RunFacts {
    /// How many runs.
    pub runs: u64,
    /// How many runs of the plain host reached a model.
    pub reached_model: u64,
    /// Canaries that left without having been asked for.
    pub unasked: u64,
    /// The hosts that got them.
    pub unasked_to: BTreeSet<String>,
    /// Limits that were reached.
    pub limits: u64,
}

/// What experiments showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EffectFacts {
    /// How many concealed effects.
    pub concealed: u64,
    /// How many visible ones.
    pub visible: u64,
    /// The factors of concealed effects.
    pub factors: BTreeSet<String>,
    /// How many differences that a person may not see were neither confirmed
    /// nor ruled out.
    pub open: u64,
    /// The share of combinations that were run, in whole percent.
    pub covered: u64,
}

/// Where data go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EgressFacts {
    /// Hosts that runs contacted.
    pub contacted: BTreeSet<String>,
    /// Hosts that its own code names.
    pub named: BTreeSet<String>,
    /// Those of both that no document of the vendor names; nothing where
    /// there are no documents.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undocumented: Option<BTreeSet<String>>,
    /// Countries in which the hosts are that runs contacted, as ISO 3166-1
    /// codes.
    pub regions: BTreeSet<String>,
    /// Hosts that runs contacted of which nobody knows where they are.
    pub regions_unknown: BTreeSet<String>,
    /// Bytes that runs sent, other than to the model.
    pub telemetry_bytes: u64,
}

/// Where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SupplyFacts {
    /// `verified`, `failed`, `none` or `unavailable`.
    pub signature: String,
    /// The same of a statement of where and how it was built.
    pub provenance: String,
    /// Whether a script runs when it is installed.
    pub install_script: bool,
    /// Its licence, as it says itself.
    pub licence: String,
    /// How many people can publish it.
    pub maintainers: u64,
}

/// Known weaknesses of what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct VulnerabilityFacts {
    /// Of critical severity.
    pub critical: u64,
    /// Of high severity.
    pub high: u64,
    /// Of medium severity.
    pub medium: u64,
    /// Of low severity.
    pub low: u64,
    /// Of a severity that nobody says.
    pub unrated: u64,
    /// How many packages could be looked up.
    pub looked_up: u64,
    /// Of how many that was not possible.
    pub not_looked_up: u64,
    /// Their names.
    pub ids: BTreeSet<String>,
}

/// The contract under which it is used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ContractFacts {
    /// Its name.
    pub name: String,
    /// The day on which it ends, as 2027-01-31.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ends: Option<String>,
    /// For how many days data may be kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retention_days: Option<u64>,
    /// In which countries data may be; none where it does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub regions: Option<BTreeSet<String>>,
    /// Whether the customer may audit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub audit: Option<bool>,
    /// Whether data may train models.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub training: Option<bool>,
    /// Clauses against which something was measured.
    pub broken: BTreeSet<String>,
    /// Clauses that could not be tested.
    pub untested: BTreeSet<String>,
}

/// What came of claims about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ClaimFacts {
    /// The names of those that are so.
    pub confirmed: BTreeSet<String>,
    /// Of those that are not so.
    pub refuted: BTreeSet<String>,
    /// Of those that cannot be told.
    pub untestable: BTreeSet<String>,
}

/// By how much one part of a version weighs more than the next.
const PART: i64 = 1_000_000;

/// A version as a number that sorts as versions do: its first three numbers,
/// six digits for each, as 2000001000091 for 2.1.91; and whether it is one
/// before the release of that name. Nothing where it has no such numbers.
#[must_use]
pub fn version_number(version: &str) -> Option<(i64, bool)> {
    let version = version.trim().trim_start_matches(['v', '=']);
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (numbers, rest) = version.split_at(end.unwrap_or(version.len()));
    let numbers = numbers.trim_end_matches('.');
    let mut parts = numbers.split('.').map(|part| part.parse::<i64>().ok());
    let mut value: i64 = 0;
    for at in 0..3 {
        let part = match parts.next() {
            Some(part) => part.filter(|part| *part < PART)?,
            None if at > 0 => 0,
            None => return None,
        };
        value = value.checked_mul(PART)?.checked_add(part)?;
    }
    // `+BUILD` and `.post1` come with or after the release of that name.
    let tail = rest
        .strip_prefix("post")
        .or_else(|| rest.strip_prefix(".post"));
    let after = rest.is_empty()
        || rest.starts_with('+')
        || tail.is_some_and(|tail| tail.bytes().all(|byte| byte.is_ascii_digit()));
    // An epoch (`1!2.0`) sorts before all else.
    if rest.starts_with('!') || parts.any(|part| part != Some(0)) {
        return None;
    }
    Some((value, !after))
}
