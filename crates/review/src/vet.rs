use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use assay_analyze::{Budget, Hands, Rules, Turn, Turns, Watch, analyze, merge};
use assay_artifact::{
    Artifact, Environment, FetchError, FetchOptions, Fetched, Limits, OpenError, Progress, Source,
    fetch, open,
};
use assay_confine::{Confinement, Launcher, PoolError};
use assay_model::{
    ArtifactRecord, Attribution, Coverage, CoverageEntry, DOSSIER_SCHEMA, Dossier, Gap, Integrity,
    Reading, Subject, Vendor,
};

use crate::results::{Kept, Results};
use crate::vendors::{held_against, profile, sort};

/// What vetting is told beside the source.
#[derive(Debug, Clone)]
pub struct VetOptions {
    /// Where artifacts come from and how much of them.
    pub fetch: FetchOptions,
    /// How much opening may cost.
    pub limits: Limits,
    /// How much analysing may cost.
    pub budget: Budget,
    /// Rules of the user that are matched with every node.
    pub rules: Option<Rules>,
    /// What vendors have published; the first profile that names a package
    /// counts.
    pub vendors: Arc<[Vendor]>,
    /// How confined processes are started.
    pub launcher: Launcher,
    /// Where earlier results are kept; none to use and keep none.
    pub results: Option<PathBuf>,
    /// Names this build of Assay, so that another build's results are not
    /// taken for its own.
    pub build: String,
}

/// A part of the work, for progress and for benchmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Getting the artifacts.
    Fetch,
    /// Opening one.
    Open,
    /// Analysing one.
    Analyze,
}

/// Who is told how the work goes.
pub trait Witness: Progress + Watch {
    /// A stage begins, for an artifact of this name.
    fn begin(&self, stage: Stage, name: &str);
    /// The stage ended after this time.
    fn end(&self, stage: Stage, took: Duration);
}

/// Why there is no dossier.
#[derive(Debug, thiserror::Error)]
pub enum VetError {
    /// An artifact could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// An artifact could not be opened at all.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No confined process could be started, or the user interrupted.
    #[error(transparent)]
    Analyze(#[from] PoolError),
    /// The release notes that the user names could not be read.
    #[error("the release notes could not be read")]
    Notes(#[source] FetchError),
    /// The registry answered with nothing.
    #[error("{0} has no artifact")]
    Empty(String),
}

/// Vets a tool: fetches its artifacts, opens them, analyses what is in them.
///
/// # Errors
/// When an artifact cannot be had or no confined process can be started.
/// Everything that is wrong inside an artifact is in the dossier's coverage.
pub fn vet(
    source: &Source,
    options: &VetOptions,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Dossier, VetError> {
    let fetched = fetched(source, options, environment, witness, cancelled)?;
    of_artifacts(source, &fetched, options, witness, cancelled)
}

/// Gets the artifacts of a source.
pub(crate) fn fetched(
    source: &Source,
    options: &VetOptions,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Fetched, VetError> {
    let fetched = timed(witness, Stage::Fetch, &source.to_string(), || {
        fetch(source, &options.fetch, environment, witness, cancelled)
    })?;
    Ok(fetched)
}

/// Vets what was fetched.
pub(crate) fn of_artifacts(
    source: &Source,
    fetched: &Fetched,
    options: &VetOptions,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Dossier, VetError> {
    let Some(main) = fetched.artifacts.first() else {
        return Err(VetError::Empty(source.to_string()));
    };
    let subject = Subject {
        purl: main.purl.clone(),
        sha256: main.sha256,
        platform: fetched.platform.clone(),
        artifacts: fetched.artifacts.iter().map(record).collect(),
    };
    let local = matches!(source, Source::File(_) | Source::Directory(_));
    let mut not_read = fetched.not_read.clone();
    let mut parts = Vec::new();
    let mut coverage = Coverage::default();
    let mut attribution = Attribution::default();
    let mut confinement = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let artifacts: Vec<&Artifact> = fetched
        .artifacts
        .iter()
        .filter(|artifact| seen.insert(artifact.sha256))
        .collect();
    for (artifact, kept) in artifacts
        .iter()
        .zip(examine_all(&artifacts, options, witness, cancelled)?)
    {
        for entry in kept.coverage {
            let entry = in_artifact(entry, artifact, fetched);
            coverage.add(entry);
        }
        confinement.extend(kept.confinement);
        attribution.add(kept.attribution);
        not_read.extend(kept.declared.missing);
        if local {
            not_read.extend(kept.declared.dependencies);
        }
        parts.push(kept.findings);
    }
    for missing in &not_read {
        coverage.add(CoverageEntry {
            node: missing.name.clone(),
            kind: "package".to_owned(),
            bytes: 0,
            reading: Reading::Unread,
            unparsed: 0,
            gap: Some(Gap::NotFetched),
            detail: missing.detail.clone(),
        });
    }
    let (mut findings, left_out) = merge(parts);
    let profile = profile(&options.vendors, &subject.purl).map(|profile| {
        let (profile, undocumented) = held_against(&findings, &profile);
        findings.extend(undocumented);
        profile
    });
    if left_out > 0 {
        coverage.add(CoverageEntry {
            node: source.to_string(),
            kind: "findings".to_owned(),
            bytes: 0,
            reading: Reading::Lexical,
            unparsed: 0,
            gap: Some(Gap::Limit),
            detail: format!(
                "{left_out} findings of behaviours that have very many are left out of the report"
            ),
        });
    }
    coverage.sort();
    confinement.sort();
    confinement.dedup();
    let mut dossier = Dossier {
        schema: DOSSIER_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        source: source.to_string(),
        subject,
        findings,
        coverage,
        attribution,
        profile,
        confinement,
    };
    sort(&mut dossier);
    Ok(dossier)
}

pub(crate) fn record(artifact: &Artifact) -> ArtifactRecord {
    ArtifactRecord {
        purl: artifact.purl.clone(),
        role: artifact.role,
        sha256: artifact.sha256,
        bytes: artifact.bytes,
        integrity: artifact.integrity.clone(),
    }
}

/// Nodes of other artifacts than the main one are named with theirs.
fn in_artifact(mut entry: CoverageEntry, artifact: &Artifact, fetched: &Fetched) -> CoverageEntry {
    if fetched.artifacts.first().map(|main| main.sha256) != Some(artifact.sha256) {
        entry.node = format!("{} {}", artifact.purl, entry.node);
    }
    entry
}

pub(crate) fn timed<T>(
    witness: &dyn Witness,
    stage: Stage,
    name: &str,
    work: impl FnOnce() -> T,
) -> T {
    witness.begin(stage, name);
    let start = std::time::Instant::now();
    let result = work();
    witness.end(stage, start.elapsed());
    result
}

/// How many artifacts are in hand at one time: while one is analysed, the
/// next is opened.
pub(crate) const AT_ONCE: usize = 2;

/// Opens and analyses artifacts; the results are in their order.
fn examine_all(
    artifacts: &[&Artifact],
    options: &VetOptions,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Vec<Kept>, VetError> {
    let turns = Turns::new(options.budget.workers, options.budget.total_memory);
    let examined = |at: usize| {
        let turn = turns.turn(at);
        let artifact = artifacts.get(at).copied();
        artifact.map(|artifact| examine(artifact, options, witness, cancelled, &turn))
    };
    let all = each(artifacts.len(), AT_ONCE, |at| examined(at).transpose())?;
    Ok(all.into_iter().flatten().collect())
}

/// Does something for each of so many things, a few at a time, until one
/// fails; the results are in their order.
pub(crate) fn each<T: Send, E: Send>(
    count: usize,
    at_once: usize,
    one: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let work = || {
        let mut done = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                break;
            }
            let result = one(at);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.push((at, result));
        }
        done
    };
    let mut all: Vec<(usize, Result<T, E>)> = std::thread::scope(|scope| {
        let helping: Vec<_> = (1..at_once.min(count)).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for helper in helping {
            match helper.join() {
                Ok(more) => all.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}

/// Why a packed folder has no published digest, in the words of the source.
const FOLDER: &str = "a local directory";

/// Opens and analyses one artifact, or takes what an earlier run kept.
pub(crate) fn examine(
    artifact: &Artifact,
    options: &VetOptions,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
    turn: &Turn<'_>,
) -> Result<Kept, VetError> {
    let witness = &InTurn { witness, turn };
    let results = options.results.as_ref().map(|folder| {
        Results::new(
            folder,
            &options.build,
            artifact,
            &options.limits,
            &options.budget,
            options.rules.as_ref(),
        )
    });
    if let Some(kept) = results.as_ref().and_then(Results::load) {
        return Ok(kept);
    }
    let tree = timed(witness, Stage::Open, &artifact.file_name, || {
        open(
            &artifact.path,
            &artifact.file_name,
            &options.limits,
            &options.launcher,
            cancelled,
        )
    })?;
    let origin = assay_analyze::Origin {
        purl: artifact.purl.clone(),
        role: artifact.role,
        file_name: artifact.file_name.clone(),
        folder: matches!(&artifact.integrity, Integrity::Unpublished { reason } if reason == FOLDER),
    };
    let analysis = timed(witness, Stage::Analyze, &artifact.file_name, || {
        analyze(
            &tree,
            &origin,
            &options.budget,
            options.rules.as_ref(),
            &Hands {
                launcher: &options.launcher,
                cancelled,
                watch: witness,
                turn,
            },
        )
    })?;
    let kept = Kept {
        findings: analysis.findings,
        coverage: analysis.coverage,
        attribution: analysis.attribution,
        declared: tree.declared,
        confinement: held_by(analysis.confinement),
    };
    if let Some(results) = &results {
        // A result that cannot be kept is computed again the next time.
        let _ = results.store(&kept);
    }
    Ok(kept)
}

fn held_by(confinement: Option<Confinement>) -> Vec<String> {
    let Some(held) = confinement else {
        return Vec::new();
    };
    [
        (held.system_calls, "system-call filter"),
        (held.namespaces, "namespaces"),
        (held.files, "Landlock"),
        (held.limits, "resource limits"),
    ]
    .iter()
    .filter(|(on, _)| *on)
    .map(|(_, name)| (*name).to_owned())
    .collect()
}

/// A witness who is shown the first of several artifacts that are in hand.
struct InTurn<'w> {
    witness: &'w dyn Witness,
    turn: &'w Turn<'w>,
}

impl Witness for InTurn<'_> {
    fn begin(&self, stage: Stage, name: &str) {
        if self.turn.is_first() {
            self.witness.begin(stage, name);
        }
    }

    fn end(&self, stage: Stage, took: Duration) {
        self.witness.end(stage, took);
    }
}

impl Watch for InTurn<'_> {
    fn analyzed(&self, done: u64, total: u64) {
        if self.turn.is_first() {
            self.witness.analyzed(done, total);
        }
    }
}

impl Progress for InTurn<'_> {
    fn download(&self, name: &str, done: u64, total: Option<u64>) {
        self.witness.download(name, done, total);
    }

    fn message(&self, text: &str) {
        self.witness.message(text);
    }
}
