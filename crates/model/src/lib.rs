//! The words of Assay as plain types.
//!
//! This crate does no IO, knows no file format and no registry, and depends
//! on nothing of Assay. What crosses a process border or is written to a
//! dossier is made of these types.
#![deny(missing_docs)]

mod attribution;
mod claim;
mod coverage;
mod diff;
mod digest;
mod dossier;
mod effect;
mod evidence;
mod finding;
mod gate;
mod history;
mod observation;
mod purl;
mod settings;
mod shipped;
mod subject;
mod tree;
mod vendor;
mod watched;

pub use attribution::{Attribution, PackageShare};
pub use claim::{CLAIMS_SCHEMA, Claim, ClaimEvidence, ClaimOutcome, Claims};
pub use coverage::{Coverage, CoverageEntry, CoverageTotal, Gap, Reading};
pub use diff::{
    Change, CodeLine, CodePlace, Compared, DIFF_SCHEMA, Diff, Disclosed, Disclosure, FindingChange,
    FunctionChange, FunctionChanges, NameChange, NameKind, NotedLine, ReleaseNotes, StillThere,
};
pub use digest::{DigestError, Sha256};
pub use dossier::{DOSSIER_SCHEMA, Dossier};
pub use effect::{Apart, Control, ControlOutcome, Effect, Experiment, Grade, Varied};
pub use evidence::{Evidence, Role, Step};
pub use finding::{Confidence, Demonstration, Finding, Layer, Party, Severity};
pub use gate::{Gate, Setter};
pub use history::{HISTORY_SCHEMA, History, Presence, ReleaseRecord, ReleaseState, Search, Sent};
pub use observation::{Host, Left, OBSERVATION_SCHEMA, Observation, Opened, Process, Run};
pub use purl::{Purl, PurlError};
pub use settings::Settings;
pub use subject::{ArtifactRecord, ArtifactRole, Integrity, Subject};
pub use tree::{NodeId, NodeRecord, Span, Via};
pub use vendor::{
    DocumentedHost, DocumentedSetting, Fact, FactKind, ProfileRef, Purpose, Vendor, VendorModel,
    VendorTool, Weights,
};
pub use watched::{WATCH_SCHEMA, Watched, WatchedTool};

#[cfg(test)]
mod tests;
