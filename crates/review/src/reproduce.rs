use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use assay_analyze::{Turns, is_of_a_rule, merge};
use assay_artifact::{Environment, FetchError, Source, fetch_exact};
use assay_model::{Coverage, Evidence, Finding, Purl, Sha256};

use crate::vendors::{held_against, profile};
use crate::vet::{VetError, VetOptions, Witness, examine};

/// What a dossier says of one finding: hashes, spans and names only.
#[derive(Debug, Clone)]
pub struct Reproduced {
    /// Whether the artifact gives the same finding again.
    pub same: bool,
    /// What is not the same.
    pub differences: Vec<Difference>,
    /// The finding as it was found now, if it was.
    pub found: Option<Finding>,
    /// Where it was not: findings of the same behaviour, the nearest first.
    pub near: Vec<Finding>,
    /// How the artifacts were read now.
    pub coverage: Coverage,
    /// What held the processes that read them.
    pub confinement: Vec<String>,
}

/// One thing that differs between a dossier and the artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs, in words.
    pub what: String,
    /// As the dossier has it.
    pub dossier: String,
    /// As it was found now.
    pub now: String,
}

/// Why a finding could not be done again.
#[derive(Debug, thiserror::Error)]
pub enum ReproduceError {
    /// The evidence names no artifact.
    #[error("the finding {0} has no evidence, so there is nothing to do again")]
    NoEvidence(String),
    /// The dossier does not say which bytes the artifact has.
    #[error("the dossier names {0} in its evidence, but has no hash of it; it is damaged")]
    NoHash(Purl),
    /// The finding is one of a rule that is not here.
    #[error(
        "the finding {0} is of a YARA rule; give the rules that the dossier was made with, by --yara"
    )]
    NeedsRules(String),
    /// The file or folder that was named is another one than the dossier's.
    #[error(
        "not examined: the artifact is another one. In the dossier {purl} has the SHA-256 {expected}, and {given} has {actual}"
    )]
    AnotherArtifact {
        /// The artifact in the dossier.
        purl: Box<Purl>,
        /// Its digest there.
        expected: Sha256,
        /// What was named in its place.
        given: String,
        /// The digest of that.
        actual: Sha256,
    },
    /// The examination failed.
    #[error(transparent)]
    Vet(#[from] VetError),
    /// The artifact is not to be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// How many places of a finding are looked at: no finding of ours has more.
const EVIDENCE: usize = 64;

/// Does a finding again from the artifact that its evidence names.
///
/// Taken from the dossier are the artifact's name and hash, and what is
/// compared in the end; nothing in it is executed or used as a path.
/// `artifacts` are the names and hashes that the dossier's subject lists;
/// `local` is a file or folder to use where the artifact came from none of
/// the registries.
///
/// # Errors
/// When the artifact is not to be had or cannot be examined.
pub fn reproduce(
    finding: &Finding,
    artifacts: &[(Purl, Sha256)],
    local: Option<&Source>,
    options: &VetOptions,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Reproduced, ReproduceError> {
    // A dossier of ours names each once, and few.
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (at, (purl, _)) in artifacts.iter().enumerate() {
        places.entry(purl.to_string()).or_insert(at);
    }
    let mut wanted: BTreeMap<usize, &Purl> = BTreeMap::new();
    for evidence in finding.evidence.iter().take(EVIDENCE) {
        let Some(at) = places.get(&evidence.artifact.to_string()) else {
            return Err(ReproduceError::NoHash(evidence.artifact.clone()));
        };
        // In the order in which vet joined them.
        wanted.insert(*at, &evidence.artifact);
    }
    if wanted.is_empty() {
        return Err(ReproduceError::NoEvidence(finding.id.clone()));
    }
    if is_of_a_rule(&finding.behaviour) && options.rules.is_none() {
        return Err(ReproduceError::NeedsRules(finding.id.clone()));
    }
    // An earlier result is no reproduction.
    let afresh = VetOptions {
        results: None,
        ..options.clone()
    };
    let mut parts = Vec::new();
    let mut coverage = Coverage::default();
    let mut confinement = Vec::new();
    let mut roots = Vec::new();
    for (at, purl) in wanted {
        let Some((_, sha256)) = artifacts.get(at) else {
            return Err(ReproduceError::NoHash(purl.clone()));
        };
        let artifact = match local {
            Some(source) => {
                let fetched =
                    assay_artifact::fetch(source, &options.fetch, environment, witness, cancelled)?;
                let Some(mut artifact) = fetched.artifacts.into_iter().next() else {
                    return Err(VetError::Empty(source.to_string()).into());
                };
                if artifact.sha256 != *sha256 {
                    return Err(ReproduceError::AnotherArtifact {
                        purl: Box::new(purl.clone()),
                        expected: *sha256,
                        given: source.to_string(),
                        actual: artifact.sha256,
                    });
                }
                // The name of a local file depends on where it lies now; the
                // hash is what it is known by.
                artifact.purl = purl.clone();
                artifact
            }
            None => fetch_exact(
                purl,
                sha256,
                &options.fetch,
                environment,
                witness,
                cancelled,
            )?,
        };
        roots.push(artifact.file_name.clone());
        let kept = examine(
            &artifact,
            &afresh,
            witness,
            cancelled,
            &Turns::new(afresh.budget.workers, afresh.budget.total_memory).turn(0),
        )?;
        kept.coverage.into_iter().for_each(|e| coverage.add(e));
        confinement.extend(kept.confinement);
        parts.push(kept.findings);
    }
    coverage.sort();
    confinement.sort();
    confinement.dedup();
    let (mut all, _) = merge(parts);
    let subject = artifacts.first().map(|(purl, _)| purl);
    if let Some(profile) = subject.and_then(|purl| profile(&options.vendors, purl)) {
        let (_, undocumented) = held_against(&all, &profile);
        all.extend(undocumented);
    }
    let near = nearest(finding, &all);
    let found = all.into_iter().find(|now| now.id == finding.id);
    let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
    let differences = compare(finding, found.as_ref(), &roots);
    Ok(Reproduced {
        same: differences.is_empty(),
        differences,
        near: if found.is_some() { Vec::new() } else { near },
        found,
        coverage,
        confinement,
    })
}

/// How many findings are told that are near to one that is gone.
const NEAREST: usize = 3;

/// What shows the same behaviour: in the same nodes first, then the gravest.
fn nearest(finding: &Finding, all: &[Finding]) -> Vec<Finding> {
    let nodes = |finding: &Finding| -> BTreeSet<String> {
        let nodes = finding
            .evidence
            .iter()
            .map(|evidence| evidence.node.clone());
        nodes.collect()
    };
    let wanted = nodes(finding);
    let mut near: Vec<&Finding> = all
        .iter()
        .filter(|now| now.behaviour == finding.behaviour)
        .collect();
    near.sort_by_key(|now| wanted.is_disjoint(&nodes(now)));
    near.into_iter().take(NEAREST).cloned().collect()
}

fn compare(dossier: &Finding, now: Option<&Finding>, roots: &[&str]) -> Vec<Difference> {
    let Some(now) = now else {
        return vec![Difference {
            what: "the finding".to_owned(),
            dossier: dossier.id.clone(),
            now: "no longer found".to_owned(),
        }];
    };
    let mut differences = Vec::new();
    let mut differ = |what: &str, dossier: String, now: String| {
        if dossier != now {
            differences.push(Difference {
                what: what.to_owned(),
                dossier,
                now,
            });
        }
    };
    differ(
        "behaviour",
        dossier.behaviour.clone(),
        now.behaviour.clone(),
    );
    differ(
        "severity",
        format!("{:?}", dossier.severity),
        format!("{:?}", now.severity),
    );
    differ(
        "confidence",
        format!("{:?}", dossier.confidence),
        format!("{:?}", now.confidence),
    );
    differ(
        "layer",
        format!("{:?}", dossier.layer),
        format!("{:?}", now.layer),
    );
    differ("title", dossier.title.clone(), now.title.clone());
    differ("key", dossier.key.clone(), now.key.clone());
    differ(
        "party",
        format!("{:?}", dossier.party),
        format!("{:?}", now.party),
    );
    differ(
        "number of occurrences",
        dossier.occurrences.to_string(),
        now.occurrences.to_string(),
    );
    differ(
        "number of places shown",
        dossier.evidence.len().to_string(),
        now.evidence.len().to_string(),
    );
    // The path of a root is the file's name, which may be another now.
    let same = |one: &Evidence, other: &Evidence| {
        (one.node == other.node || roots.contains(&other.node.as_str()))
            && *other
                == Evidence {
                    node: other.node.clone(),
                    ..one.clone()
                }
    };
    // Each piece once: a dossier may repeat one to hide that others are gone.
    let mut left: Vec<&Evidence> = now.evidence.iter().collect();
    for (index, evidence) in dossier.evidence.iter().enumerate() {
        let found = left.iter().position(|other| same(evidence, other));
        if let Some(found) = found {
            left.remove(found);
        } else {
            differences.push(Difference {
                what: format!("evidence {}", index.saturating_add(1)),
                dossier: describe(evidence),
                now: now
                    .evidence
                    .get(index)
                    .map_or_else(|| "none".to_owned(), describe),
            });
        }
    }
    differences
}

fn describe(evidence: &Evidence) -> String {
    format!(
        "{} at {} to {}, {} decoded, {} steps: {}",
        evidence.node,
        evidence.span.start,
        evidence.span.end().unwrap_or(u64::MAX),
        evidence.decoded.len(),
        evidence.path.len(),
        evidence.excerpt
    )
}
