//! What can be claimed of a tool, and how it is tested: a file for each kind.

mod behaviour;
mod concealed;
mod disclosed;
mod factor;
mod name;
mod untestable;

use assay_model::{ClaimEvidence, ClaimOutcome};

use super::case::Said;
use super::{Checker, ClaimsError};

/// A kind of test.
pub(super) struct Kind {
    /// Its name in a case.
    pub(super) name: &'static str,
    /// What it tests.
    pub(super) what: &'static str,
    /// Which fields it takes.
    pub(super) takes: &'static [&'static str],
    /// Which of them it needs.
    pub(super) needs: &'static [&'static str],
    /// Whether a subject and a version are needed.
    pub(super) about_code: bool,
    /// Whether it can be about many versions.
    pub(super) over_versions: bool,
    /// A claim with such a test, as it stands in a case.
    pub(super) example: &'static str,
    /// What is tested, in words.
    pub(super) words: fn(&Said) -> String,
    /// Tests a claim.
    pub(super) check: fn(&Checker<'_>, &Said) -> Result<Told, ClaimsError>,
}

/// All kinds.
pub(super) const ALL: &[Kind] = &[
    behaviour::KIND,
    concealed::KIND,
    name::KIND,
    factor::KIND,
    disclosed::KIND,
    untestable::KIND,
];

/// What a name may be the name of.
pub(super) const NAMES: &[&str] = &["host", "variable", "file", "process", "flag"];
/// Grades of effects.
pub(super) const GRADES: &[&str] = &["concealed", "visible", "expected"];
/// Why a claim cannot be tested.
pub(super) const WHYS: &[&str] = untestable::WHYS;

pub(super) fn find(name: &str) -> Option<&'static Kind> {
    ALL.iter().find(|kind| kind.name == name)
}

/// What came of a test.
pub(super) struct Told {
    pub(super) outcome: ClaimOutcome,
    pub(super) corrections: Vec<String>,
    pub(super) evidence: Vec<ClaimEvidence>,
    pub(super) reason: String,
}

impl Told {
    /// It is so or not.
    pub(super) fn so(is: bool, evidence: Vec<ClaimEvidence>, reason: impl Into<String>) -> Self {
        Self {
            outcome: match is {
                true => ClaimOutcome::Confirmed,
                false => ClaimOutcome::Refuted,
            },
            corrections: Vec::new(),
            evidence,
            reason: reason.into(),
        }
    }

    /// It cannot be told.
    pub(super) fn untestable(reason: impl Into<String>) -> Self {
        Self {
            outcome: ClaimOutcome::Untestable,
            corrections: Vec::new(),
            evidence: Vec::new(),
            reason: reason.into(),
        }
    }
}
