//! YARA rules of the user: compiled once where the user is, matched in the
//! confined processes.
//!
//! A rule is trusted, the bytes that it is matched with are not. Conditions
//! become code of a virtual machine that is interpreted, since a confined
//! process has no executable memory. Without the cargo feature `yara` there
//! are no rules, and [`Rules::compile`] says so.

use std::sync::Arc;

use sha2::Digest;

#[cfg(feature = "yara")]
mod scan;
#[cfg(feature = "yara")]
pub(crate) use scan::scan;

/// The behaviour of a rule that matches.
pub(crate) const BEHAVIOUR: &str = "custom.rule";

/// Whether a behaviour is that of a rule of the user, so that it takes the
/// same rules to find it again.
#[must_use]
pub fn is_of_a_rule(behaviour: &str) -> bool {
    behaviour == BEHAVIOUR
}

/// Rules of the user, ready to be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    compiled: Arc<Vec<u8>>,
    digest: String,
    count: usize,
    remarks: Vec<String>,
}

/// What a compiler makes of the texts.
struct Compiled {
    code: Vec<u8>,
    count: usize,
    remarks: Vec<String>,
}

/// Rules that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// The texts are no rules: what is wrong, with file and line, in several
    /// lines.
    #[error("the rules cannot be used:\n{0}")]
    Wrong(String),
    /// There is no rule in them.
    #[error("there is no rule in the files that were named")]
    Empty,
    /// This build has no reader of rules.
    #[error("this build of Assay has no YARA; it needs the cargo feature 'yara'")]
    Absent,
}

impl Rules {
    /// Compiles rules from the texts of files, each with its name. The part
    /// of a name before its last dot is the rules' namespace.
    ///
    /// # Errors
    /// When a text is not a set of rules that this build understands. Other
    /// files are never included.
    pub fn compile(files: &[(String, String)]) -> Result<Self, RulesError> {
        let compiled = compile(files)?;
        if compiled.count == 0 {
            return Err(RulesError::Empty);
        }
        // Of the texts: compiled rules are not the same each time.
        let mut hash = sha2::Sha256::new();
        for (name, text) in files {
            for part in [name, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
        let hash: [u8; 32] = hash.finalize().into();
        Ok(Self {
            compiled: Arc::new(compiled.code),
            digest: hex::encode(hash),
            count: compiled.count,
            remarks: compiled.remarks,
        })
    }

    /// What tells these rules from others: the SHA-256 of their texts and
    /// names, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// How many rules there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// What is not taken as it is written, a sentence each.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The compiled form.
    pub(crate) fn compiled(&self) -> &[u8] {
        &self.compiled
    }
}

#[cfg(feature = "yara")]
fn compile(files: &[(String, String)]) -> Result<Compiled, RulesError> {
    scan::compile(files)
}

#[cfg(not(feature = "yara"))]
fn compile(_: &[(String, String)]) -> Result<Compiled, RulesError> {
    Err(RulesError::Absent)
}

/// Matches rules, of which this build has none.
#[cfg(not(feature = "yara"))]
pub(crate) fn scan(
    _: &str,
    _: impl FnOnce() -> Option<Vec<u8>>,
    _: &[u8],
    _: &[(u64, u64)],
    _: &mut crate::raw::Notes,
) -> Result<(), String> {
    Err("this build has no YARA".to_owned())
}

#[cfg(test)]
#[cfg(feature = "yara")]
mod tests;
