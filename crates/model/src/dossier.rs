use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Attribution, Coverage, Finding, ProfileRef, Severity, Subject};

/// The name of the form in which a [`Dossier`] is written as JSON. It changes
/// when a field is removed or means something else.
pub const DOSSIER_SCHEMA: &str = "assay.vet/1";

/// All that is known of one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Dossier {
    /// [`DOSSIER_SCHEMA`].
    pub schema: String,
    /// The version of Assay that made it.
    pub assay: String,
    /// What the user named, in canonical form: `npm:NAME@SPEC`.
    pub source: String,
    /// What was examined.
    pub subject: Subject,
    /// What it can do, the most severe first, and the vendor's own code before
    /// that of libraries.
    pub findings: Vec<Finding>,
    /// What was read, and what was not.
    pub coverage: Coverage,
    /// Whose the code is.
    #[serde(default)]
    pub attribution: Attribution,
    /// What of its vendor's documents the hosts were held against; none where
    /// nobody has looked at any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub profile: Option<ProfileRef>,
    /// What held the processes that read the subject's bytes.
    pub confinement: Vec<String>,
}

impl Dossier {
    /// The highest severity among the findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}
