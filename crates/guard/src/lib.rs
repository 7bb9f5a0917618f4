//! Policy: what is known of a tool and who asks goes in, a decision with its
//! reasons comes out.
//!
//! Policies are written in Cedar against a published schema ([`SCHEMA`]). This
//! crate does no IO: policies, organisation and facts are handed to it. The
//! same [`Prepared::decide`] serves verdicts on dossiers, tests and requests.
#![deny(missing_docs)]

mod ask;
mod flatten;
mod organisation;
mod policy;
mod starters;
mod table;
mod verdict;

#[cfg(test)]
mod tests;

pub use ask::{Ask, Principal, Recorded};
pub use flatten::{FactsError, facts};
pub use organisation::{
    DeviceEntry, GroupEntry, ModelEntry, Organisation, ProviderEntry, RepositoryEntry, SiteEntry,
    TeamEntry, UserEntry,
};
pub use policy::{Policies, PolicyError, Prepared, Problem, SCHEMA};
pub use starters::{STARTERS, Starter, starter};
pub use table::{Case, CaseOutcome, Table, TableError};
/// Who and what the tables of the starters ask about.
pub const ORGANISATION: &str = include_str!("../../../data/policies/organisation.toml");

pub use verdict::{VerdictAsk, verdict};
