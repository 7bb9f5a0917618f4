use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a vendor has published about its tools: each entry with where it says
/// so, and when that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Vendor {
    /// Its name.
    pub name: String,
    /// Who it is, in a line.
    #[serde(default)]
    pub about: String,
    /// Hosts that all of its tools are documented to turn to.
    #[serde(default, rename = "host")]
    pub hosts: Vec<DocumentedHost>,
    /// What holds for all of its tools.
    #[serde(default, rename = "fact")]
    pub facts: Vec<Fact>,
    /// Its tools.
    #[serde(default, rename = "tool")]
    pub tools: Vec<VendorTool>,
    /// Its models.
    #[serde(default, rename = "model")]
    pub models: Vec<VendorModel>,
}

/// A tool of a vendor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VendorTool {
    /// Its name.
    pub name: String,
    /// Its packages: `npm:NAME`, `pypi:NAME`, `vsix:PUBLISHER.NAME`; a star
    /// at the end stands for any rest.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Other names that it had or has.
    #[serde(default)]
    pub also: Vec<String>,
    /// Hosts that it is documented to turn to.
    #[serde(default, rename = "host")]
    pub hosts: Vec<DocumentedHost>,
    /// What is documented of it.
    #[serde(default, rename = "fact")]
    pub facts: Vec<Fact>,
    /// Its documented environment variables.
    #[serde(default, rename = "variable")]
    pub variables: Vec<DocumentedSetting>,
    /// Other documented settings.
    #[serde(default, rename = "setting")]
    pub settings: Vec<DocumentedSetting>,
}

/// A model of a vendor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VendorModel {
    /// Its name.
    pub name: String,
    /// Whether anybody may have its weights.
    pub weights: Weights,
    /// What is documented of it.
    #[serde(default, rename = "fact")]
    pub facts: Vec<Fact>,
}

/// Whether anybody may have a model's weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weights {
    /// They are published.
    Open,
    /// They are not.
    #[default]
    Closed,
}

/// A host that a vendor documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DocumentedHost {
    /// Its name; `*.` in front stands for any host below the rest.
    pub host: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The same in words.
    #[serde(default)]
    pub what: String,
    /// Documented paths.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Where it says so.
    pub source: String,
    /// When that was looked at, as 2026-01-31.
    pub date: String,
}

impl DocumentedHost {
    /// Whether it is, or takes in, a host; `*.` may stand in front of either.
    #[must_use]
    pub fn takes_in(&self, host: &str) -> bool {
        let (known, host) = (self.host.to_lowercase(), host.to_lowercase());
        match known.strip_prefix("*.") {
            Some(rest) => host
                .strip_suffix(rest)
                .is_some_and(|front| front.ends_with('.')),
            None => known == host,
        }
    }
}

/// What a host, a variable or a setting is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Requests to a model.
    Model,
    /// Logging in.
    SignIn,
    /// Counts of use.
    Telemetry,
    /// Reports of errors.
    Errors,
    /// New versions.
    Update,
    /// Files that it fetches.
    Download,
    /// Texts for people.
    Documentation,
    /// Some other part of the tool.
    Feature,
}

/// A variable or setting that a vendor documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DocumentedSetting {
    /// Its name.
    pub name: String,
    /// Where it is set, where it is no variable.
    #[serde(default, rename = "where")]
    pub place: String,
    /// What it does.
    #[serde(default)]
    pub what: String,
    /// What it switches off.
    #[serde(default)]
    pub opts_out_of: Option<Purpose>,
    /// With which value.
    #[serde(default)]
    pub value: String,
    /// Where it says so.
    pub source: String,
    /// When that was looked at, as 2026-01-31.
    pub date: String,
}

/// What somebody states of a vendor, a tool or a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fact {
    /// What it is about.
    pub about: FactKind,
    /// What it says.
    pub says: String,
    /// The plan, product or place for which it holds; empty for all.
    #[serde(default, rename = "for")]
    pub scope: String,
    /// Where it says so.
    pub source: String,
    /// When that was looked at, as 2026-01-31.
    pub date: String,
}

/// What a fact is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// Who runs the model, and on what.
    Hosting,
    /// In which regions.
    Regions,
    /// How long inputs and outputs are kept.
    Retention,
    /// Whether they train models.
    Training,
    /// Certificates and audits of the vendor.
    Certificates,
    /// The licence of the code or of the weights.
    Licence,
    /// What it costs.
    Price,
    /// Whether and how it can be run on one's own machines.
    SelfHosting,
    /// What is counted and reported.
    Telemetry,
    /// What is logged, and who can read the logs.
    Audit,
    /// Something that happened.
    Incident,
    /// A published weakness.
    Vulnerability,
    /// Other companies that get the data.
    SubProcessors,
}

/// The profile that findings were held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileRef {
    /// The vendor.
    pub vendor: String,
    /// The tool.
    pub tool: String,
    /// How many hosts it lists.
    pub hosts: u64,
    /// The latest day on which one of them was looked at; empty where none
    /// was.
    pub date: String,
    /// How many hosts were held against it.
    pub compared: u64,
    /// Which of these it lists.
    pub documented: Vec<String>,
}
