use serde::{Deserialize, Serialize};

/// What an organisation and a vendor agreed on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Contract {
    /// Its name.
    pub name: String,
    /// The vendor, by the name of its profile.
    #[serde(default)]
    pub vendor: String,
    /// The packages that it is about: `npm:NAME`, with a star at the end for
    /// any rest; none for all of the vendor.
    #[serde(default)]
    pub packages: Vec<String>,
    /// The day on which it begins, as 2027-01-31.
    #[serde(default)]
    pub begins: Option<String>,
    /// The last day on which it holds.
    #[serde(default)]
    pub ends: Option<String>,
    /// For how many days the vendor may keep what it gets.
    #[serde(default)]
    pub retention_days: Option<u64>,
    /// Countries that data may go to, as ISO 3166-1 codes, or `EU`.
    #[serde(default)]
    pub regions: Option<Vec<String>>,
    /// Whether the customer may audit.
    #[serde(default)]
    pub audit: Option<bool>,
    /// Whether data may train models.
    #[serde(default)]
    pub training: Option<bool>,
    /// Whether telemetry may be sent.
    #[serde(default)]
    pub telemetry: Option<bool>,
    /// Companies that may get the data: their hosts, with `*.` for any below.
    #[serde(default)]
    pub sub_processors: Option<Vec<String>>,
    /// Where it lies.
    #[serde(default)]
    pub source: String,
}
