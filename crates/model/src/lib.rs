//! The words of Assay as plain types.
//!
//! This crate does no IO, knows no file format and no registry, and depends
//! on nothing of Assay. What crosses a process border or is written to a
//! dossier is made of these types.
#![deny(missing_docs)]

mod answers;
mod attribution;
mod claim;
mod compare;
mod contract;
mod coverage;
mod diff;
mod digest;
mod dossier;
mod effect;
mod evidence;
mod facts;
mod finding;
mod gate;
mod history;
mod observation;
mod parts;
mod purl;
mod settings;
mod shipped;
mod subject;
mod supply;
mod tree;
mod vendor;
mod verdict;
mod watched;

pub use answers::{
    Answer, Answers, Basis, Clause, ClauseOutcome, Country, DataKind, Flow, LayerRisk, Leaves,
    OptOut, OptOutOutcome, PossibleFlow,
};
pub use attribution::{Attribution, PackageShare};
pub use claim::{CLAIMS_SCHEMA, Claim, ClaimEvidence, ClaimOutcome, Claims};
pub use compare::{COMPARISON_SCHEMA, Column, Comparison, Row};
pub use contract::Contract;
pub use coverage::{Coverage, CoverageEntry, CoverageTotal, Gap, Reading};
pub use diff::{
    Change, CodeLine, CodePlace, Compared, DIFF_SCHEMA, Diff, Disclosed, Disclosure, FindingChange,
    FunctionChange, FunctionChanges, NameChange, NameKind, NotedLine, ReleaseNotes, StillThere,
};
pub use digest::{DigestError, Sha256};
pub use dossier::{DOSSIER_SCHEMA, Dossier};
pub use effect::{Apart, Control, ControlOutcome, Effect, Experiment, Grade, Varied};
pub use evidence::{Evidence, Role, Step};
pub use facts::{
    ClaimFacts, ContractFacts, CoverageFacts, EffectFacts, EgressFacts, Facts, FindingFacts,
    RunFacts, SupplyFacts, ToolFacts, VulnerabilityFacts, version_number,
};
pub use finding::{Confidence, Demonstration, Finding, Layer, Party, Severity};
pub use gate::{Gate, Setter};
pub use history::{HISTORY_SCHEMA, History, Presence, ReleaseRecord, ReleaseState, Search, Sent};
pub use observation::{Host, Left, OBSERVATION_SCHEMA, Observation, Opened, Process, Run};
pub use parts::{Parts, SEAL_FILE, STAMP_FILE};
pub use purl::{Purl, PurlError};
pub use settings::Settings;
pub use subject::{ArtifactRecord, ArtifactRole, Integrity, Subject};
pub use supply::{
    Attested, AttestedState, Built, Component, SUPPLY_SCHEMA, Supply, Vulnerabilities,
    Vulnerability,
};
pub use tree::{NodeId, NodeRecord, Span, Via};
pub use vendor::{
    DocumentedHost, DocumentedSetting, Fact, FactKind, ProfileRef, Purpose, Vendor, VendorModel,
    VendorTool, Weights,
};
pub use verdict::{
    Condition, Decision, Outcome, PolicyFile, Reason, Undecided, VERDICT_SCHEMA, Verdict, is_date,
};
pub use watched::{WATCH_SCHEMA, Watched, WatchedTool};

#[cfg(test)]
mod tests;
