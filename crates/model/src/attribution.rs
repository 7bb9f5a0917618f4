use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Party;

/// A package whose code is part of the subject's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageShare {
    /// Its name, with its version where that is known; empty for third-party
    /// code whose package is not known.
    pub package: String,
    /// Where the name is one, as package URLs say it (`cargo`, `golang`);
    /// nothing where it is that of the subject's own registry.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ecosystem: Option<String>,
    /// Whose it is: a package of the same owner is the vendor's own.
    pub party: Party,
    /// How many bytes of code; 0 where that is not known.
    pub bytes: u64,
    /// By what it was told, the surest first: `path`, `source-map`, `label`
    /// (a path that a bundler left), `banner` (a licence comment),
    /// `manifest`, `build-info` (what a compiler wrote down), `source-path` (a
    /// path that a compiler left), `fingerprint`, `neighbours`, `references`.
    pub evidence: Vec<String>,
}

/// Whose the code of a subject is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Attribution {
    /// Bytes of the vendor's own code.
    pub first: u64,
    /// Bytes of libraries.
    pub third: u64,
    /// Bytes of which that is not known.
    pub unknown: u64,
    /// The packages, the largest first.
    pub packages: Vec<PackageShare>,
}

impl Attribution {
    /// Adds what is known of another artifact.
    pub fn add(&mut self, other: Self) {
        self.first = self.first.saturating_add(other.first);
        self.third = self.third.saturating_add(other.third);
        self.unknown = self.unknown.saturating_add(other.unknown);
        for share in other.packages {
            self.count(share);
        }
        self.sort();
    }

    /// Adds bytes of a package to those that are known of it.
    pub fn count(&mut self, share: PackageShare) {
        let known = self.packages.iter_mut().find(|known| {
            (&known.package, known.party, &known.ecosystem)
                == (&share.package, share.party, &share.ecosystem)
        });
        match known {
            Some(known) => {
                known.bytes = known.bytes.saturating_add(share.bytes);
                for evidence in share.evidence {
                    if !known.evidence.contains(&evidence) {
                        known.evidence.push(evidence);
                    }
                }
            }
            None => self.packages.push(share),
        }
    }

    /// Puts the packages in order.
    pub fn sort(&mut self) {
        self.packages.sort_by(|a, b| {
            b.bytes
                .cmp(&a.bytes)
                .then_with(|| a.package.cmp(&b.package))
        });
    }
}
