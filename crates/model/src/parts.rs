use crate::{Answers, Claims, Dossier, History, Observation, Supply, Verdict};

/// The file of a dossier folder that holds its seal.
pub const SEAL_FILE: &str = "seal.dsse.json";
/// The file of a dossier folder that holds a time stamp of its seal (RFC 3161).
pub const STAMP_FILE: &str = "seal.tsr";

/// All that is known of one subject: what a dossier folder holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// What its code can do.
    pub dossier: Dossier,
    /// What it did when it was run.
    pub observation: Option<Observation>,
    /// What its releases did over time.
    pub history: Option<History>,
    /// What came of claims about it.
    pub claims: Vec<Claims>,
    /// Where it comes from.
    pub supply: Option<Supply>,
    /// The four questions.
    pub answers: Option<Answers>,
    /// What policy says of it.
    pub verdict: Option<Verdict>,
}

impl Parts {
    /// What is known where nothing but the code was looked at.
    #[must_use]
    pub fn of(dossier: Dossier) -> Self {
        Self {
            dossier,
            observation: None,
            history: None,
            claims: Vec::new(),
            supply: None,
            answers: None,
            verdict: None,
        }
    }
}
