//! The reviewer's work: joins the engines, owns no parser.
//!
//! [`vet`] takes a source and gives a dossier; [`reproduce`] does one finding
//! again from the artifact; [`diff`] holds two versions against each other,
//! [`history`] many; [`check_claims`] tells whether what somebody says is true. None writes to a terminal nor reads the
//! environment: both are told what they need. [`read_rules`] reads the files of
//! rules that the user names.
#![deny(missing_docs)]

mod answers;
mod claims;
mod compare;
mod configuration;
mod contracts;
mod demo;
mod demonstrate;
mod diff;
mod gather;
mod history;
mod levels;
mod notes;
mod observe;
mod regions;
mod reproduce;
mod results;
mod rules;
mod supply;
mod vendors;
mod vet;
mod watch;

pub use claims::{
    CASE_SCHEMA, Case, CaseError, ClaimsError, ClaimsOptions, check as check_claims, new_case,
};
pub use compare::compare;
pub use configuration::{Configuration, ConfigurationError, Signers, init};
pub use contracts::read_contract;
pub use demo::demo_tool;
pub use demonstrate::demonstrate;
pub use diff::{DiffOptions, diff};
pub use gather::{
    Decided, GatherError, GatherOptions, complete, decide, gather, join, observe_with_opt_outs,
    read_parts,
};
pub use history::{Asked, HistoryError, HistoryOptions, Runs, history};
pub use notes::NotesFrom;
pub use observe::{
    ObserveError, ObserveOptions, Replayed, Target, Trial, forced, observe, replay, script,
    usual_settings,
};
pub use regions::{Addresses, AddressesError, Regions};
pub use reproduce::{Difference, ReproduceError, Reproduced, reproduce};
pub use rules::{RuleFilesError, read_rules};
pub use supply::{OSV_EXPORT, OsvError, osv_ecosystems, osv_update};
pub use vendors::{note_undocumented, read_vendor, vendors};
pub use vet::{Stage, VetError, VetOptions, Witness, vet};
pub use watch::{Approved, watch};
