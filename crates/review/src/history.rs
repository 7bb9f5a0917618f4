//! What releases of a tool do, over time.

mod runs;

pub use runs::Runs;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use assay_analyze::{Turns, behaviour};
use assay_artifact::{Artifact, Environment, FetchError, Release, Source, fetch, releases};
use assay_model::{HISTORY_SCHEMA, History, Presence, ReleaseRecord, ReleaseState, Search, Sha256};

use crate::observe::ObserveError;
use crate::vet::{AT_ONCE, VetError, VetOptions, Witness, each, examine};

/// What is looked for in each release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Any finding of a behaviour.
    Behaviour(String),
    /// One finding, by its id.
    Finding(String),
}

impl Asked {
    fn name(&self) -> &str {
        match self {
            Self::Behaviour(name) | Self::Finding(name) => name,
        }
    }
}

/// Which releases are looked at, and for what.
#[derive(Debug, Clone)]
pub struct HistoryOptions {
    /// How each is vetted.
    pub vet: VetOptions,
    /// The first version of the range; none for the first that there is.
    pub from: Option<String>,
    /// The last version of the range.
    pub to: Option<String>,
    /// What is looked for; nothing for every behaviour.
    pub asked: Vec<Asked>,
    /// How releases are chosen.
    pub search: Search,
    /// How many samples are taken between releases that are alike.
    pub samples: usize,
    /// Whether versions that are not final belong to the range.
    pub prereleases: bool,
    /// How the releases at the borders are run; none where nothing is.
    pub runs: Option<Runs>,
}

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The registry could not be asked.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A release could not be examined for a reason that is not its own.
    #[error(transparent)]
    Vet(#[from] VetError),
    /// A release could not be run for a reason that is not its own.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// There is nothing in the range.
    #[error("{source_name} has no release {range}")]
    Empty {
        /// The package.
        source_name: String,
        /// The range.
        range: String,
    },
    /// Nobody knows what is asked for.
    #[error("there is no behaviour '{0}': assay explain lists all")]
    NoSuchBehaviour(String),
}

/// How many releases are read where nothing differs between them.
const ALIKE: usize = 9;

/// Tells when behaviours were there, in the releases of a package.
///
/// # Errors
/// When the registry cannot be asked for the releases, or no confined process
/// can be started. A release that cannot be had is a gap in the history.
pub fn history(
    source: &Source,
    options: &HistoryOptions,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<History, HistoryError> {
    for asked in &options.asked {
        if let Asked::Behaviour(name) = asked
            && behaviour(name).is_none()
        {
            return Err(HistoryError::NoSuchBehaviour(name.clone()));
        }
    }
    let borders = (options.from.as_deref(), options.to.as_deref());
    let mut all = releases(
        source,
        borders,
        &options.vet.fetch,
        environment,
        witness,
        cancelled,
    )?;
    let count = all.len();
    all.retain(|release| options.prereleases || !release.prerelease);
    let left_out = count.saturating_sub(all.len());
    if all.is_empty() {
        let range = match borders {
            (Some(from), Some(to)) => format!("from {from} to {to}"),
            (Some(from), None) => format!("from {from} on"),
            (None, Some(to)) => format!("up to {to}"),
            (None, None) => "at all".to_owned(),
        };
        return Err(HistoryError::Empty {
            source_name: package(source),
            range,
        });
    }
    let reader = Reader {
        source,
        releases: &all,
        options,
        environment,
        witness,
        cancelled,
        artifacts: Mutex::new(BTreeSet::new()),
        turns: Turns::new(options.vet.budget.workers, options.vet.budget.total_memory),
        turn: AtomicUsize::new(0),
        started: Instant::now(),
        looked: AtomicUsize::new(0),
    };
    let known = match options.search {
        Search::All => reader.all()?,
        Search::Bisect => bisect(all.len(), options.samples, |at| reader.read(at))?,
    };
    let mut notes = Vec::new();
    if left_out > 0 {
        notes.push(format!(
            "{left_out} releases are left out whose versions say that they are not final"
        ));
    }
    let unordered = out_of_order(&all);
    if unordered > 0 {
        notes.push(format!(
            "{unordered} releases were published out of the order of their versions, which is the order here"
        ));
    }
    let behaviours = presences(&all, &known, &options.asked);
    let mut records = records(&all, &known);
    if let Some(runs) = &options.runs {
        let borders = runs::borders(&behaviours);
        let left_out = borders.len().saturating_sub(runs::MOST);
        if left_out > 0 {
            notes.push(format!(
                "{left_out} more releases at borders were not run: --behaviour or --finding chooses one"
            ));
        }
        reader.run(runs, &borders, &mut records)?;
    }
    Ok(History {
        schema: HISTORY_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        source: package(source),
        platform: match &options.vet.fetch.platform {
            assay_artifact::PlatformChoice::Host => environment.platform().to_string(),
            other => other.to_string(),
        },
        asked: options
            .asked
            .iter()
            .map(|asked| asked.name().to_owned())
            .collect(),
        search: options.search,
        behaviours,
        releases: records,
        artifacts_read: lock(&reader.artifacts).len() as u64,
        notes,
    })
}

/// The package that a source is of, whatever version it names.
fn package(source: &Source) -> String {
    match source {
        Source::Npm { name, .. } => format!("npm:{name}"),
        Source::Pypi { name, .. } => format!("pypi:{name}"),
        other => other.to_string(),
    }
}

/// A package at one version.
pub(crate) fn of_version(source: &Source, version: &str) -> Source {
    match source {
        Source::Npm { name, .. } => Source::Npm {
            name: name.clone(),
            spec: version.to_owned(),
        },
        Source::Pypi { name, .. } => Source::Pypi {
            name: name.clone(),
            version: Some(version.to_owned()),
        },
        other => other.clone(),
    }
}

/// How many releases have to be left out for the dates to be in the order of
/// the versions.
fn out_of_order(releases: &[Release]) -> usize {
    let dates = releases.iter().filter_map(|one| one.published.as_deref());
    // The earliest date at which so many in order may end.
    let mut ends: Vec<&str> = Vec::new();
    let mut count = 0usize;
    for date in dates {
        count = count.saturating_add(1);
        let at = ends.partition_point(|end| *end <= date);
        match ends.get_mut(at) {
            Some(end) => *end = date,
            None => ends.push(date),
        }
    }
    count.saturating_sub(ends.len())
}

/// What is known of a release that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Read(Read),
    /// Why it could not be.
    Gap(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Read {
    /// What was found of what is asked for.
    found: BTreeSet<String>,
    artifacts: Vec<Sha256>,
    /// What was not read of it.
    detail: String,
}

impl Known {
    fn found(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::Read(read) => Some(&read.found),
            Self::Gap(_) => None,
        }
    }
}

struct Reader<'a> {
    source: &'a Source,
    releases: &'a [Release],
    options: &'a HistoryOptions,
    environment: &'a dyn Environment,
    witness: &'a dyn Witness,
    cancelled: &'a Arc<AtomicBool>,
    /// All that were read.
    artifacts: Mutex<BTreeSet<Sha256>>,
    /// Whose turn it is to use processes and memory, and the next number.
    turns: Turns,
    turn: AtomicUsize,
    /// Since when, and how many were looked at.
    started: Instant,
    looked: AtomicUsize,
}

impl Reader<'_> {
    fn read(&self, at: usize) -> Result<Known, HistoryError> {
        let Some(release) = self.releases.get(at) else {
            return Ok(Known::Gap("there is no such release".to_owned()));
        };
        let known = self.look(release)?;
        let told = match &known {
            Known::Gap(reason) => format!("cannot be read: {reason}"),
            Known::Read(read) if self.options.asked.is_empty() => {
                format!("{} behaviours", read.found.len())
            }
            Known::Read(read) if read.found.is_empty() => "not found".to_owned(),
            Known::Read(read) => {
                let found: Vec<&str> = read.found.iter().map(String::as_str).collect();
                found.join(", ")
            }
        };
        let progress = self.progress();
        self.witness
            .message(&format!("{}: {told}{progress}", release.version));
        Ok(known)
    }

    /// How far it is, and how long it may still take, where it is known how
    /// many there are.
    fn progress(&self) -> String {
        let looked = self
            .looked
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        if self.options.search == Search::Bisect {
            return String::new();
        }
        let all = self.releases.len();
        let left = all.saturating_sub(looked);
        let each = self.started.elapsed().as_secs_f64() / looked as f64;
        let minutes = (each * left as f64 / 60.0).ceil();
        match left {
            0 => format!(" ({looked} of {all})"),
            _ => format!(" ({looked} of {all}, about {minutes:.0} min left)"),
        }
    }

    fn look(&self, release: &Release) -> Result<Known, HistoryError> {
        if let Some(reason) = &release.withdrawn {
            return Ok(Known::Gap(reason.clone()));
        }
        let source = of_version(self.source, &release.version);
        let fetched = match fetch(
            &source,
            &self.options.vet.fetch,
            self.environment,
            self.witness,
            self.cancelled,
        ) {
            Ok(fetched) => fetched,
            Err(FetchError::Cancelled) => return Err(FetchError::Cancelled.into()),
            Err(error) if self.cancelled.load(Ordering::Relaxed) => return Err(error.into()),
            Err(error) => return Ok(Known::Gap(error.to_string())),
        };
        let all_found = |read: &Read| {
            let asked = &self.options.asked;
            !asked.is_empty() && read.found.len() == asked.len()
        };
        // The largest has most of the code: what is found there need not be
        // looked for elsewhere.
        let mut artifacts: Vec<&Artifact> = fetched.artifacts.iter().collect();
        artifacts.sort_by_key(|artifact| std::cmp::Reverse(artifact.bytes));
        let mut read = Read::default();
        let mut unread = 0u64;
        for artifact in artifacts {
            if all_found(&read) {
                break;
            }
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let kept = match examine(
                artifact,
                &self.options.vet,
                self.witness,
                self.cancelled,
                &self.turns.turn(turn),
            ) {
                Ok(kept) => kept,
                Err(VetError::Open(error)) if !self.cancelled.load(Ordering::Relaxed) => {
                    return Ok(Known::Gap(format!("{}: {error}", artifact.file_name)));
                }
                Err(error) => return Err(error.into()),
            };
            lock(&self.artifacts).insert(artifact.sha256);
            read.artifacts.push(artifact.sha256);
            for finding in kept.findings {
                for asked in self.wanted(&finding.behaviour, &finding.id) {
                    read.found.insert(asked);
                }
            }
            let gaps = kept.coverage.iter();
            let gaps = gaps.filter(|entry| entry.gap.is_some());
            unread = gaps.fold(unread, |sum, entry| sum.saturating_add(entry.unparsed));
        }
        if !fetched.missing.is_empty() {
            let missing = fetched.missing.iter();
            let missing: Vec<String> = missing
                .map(|one| format!("{}: {}", one.name, one.detail))
                .collect();
            read.detail = missing.join("; ");
            // What was not found may be in what is missing.
            if !all_found(&read) {
                return Ok(Known::Gap(read.detail));
            }
        } else if unread > 0 {
            read.detail = format!("{unread} bytes of code were not parsed");
        }
        Ok(Known::Read(read))
    }

    /// What a finding is of what is asked for.
    fn wanted(&self, behaviour: &str, id: &str) -> Vec<String> {
        if self.options.asked.is_empty() {
            return vec![behaviour.to_owned()];
        }
        let is = |asked: &&Asked| match asked {
            Asked::Behaviour(name) => name == behaviour,
            Asked::Finding(name) => name == id,
        };
        let asked = self.options.asked.iter().filter(is);
        asked.map(|asked| asked.name().to_owned()).collect()
    }

    /// Reads every release.
    fn all(&self) -> Result<BTreeMap<usize, Known>, HistoryError> {
        let known = each(self.releases.len(), AT_ONCE, |at| self.read(at))?;
        Ok(known.into_iter().enumerate().collect())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks at releases by halves: the first and the last, then between any two
/// that differ until they are next to each other, then in the middle of the
/// longest stretches that nobody has looked at. What differs there is followed
/// in the same way.
fn bisect<E>(
    count: usize,
    samples: usize,
    mut read: impl FnMut(usize) -> Result<Known, E>,
) -> Result<BTreeMap<usize, Known>, E> {
    let mut known: BTreeMap<usize, Known> = BTreeMap::new();
    // The outermost that can be read.
    let mut until_read = |order: &mut dyn Iterator<Item = usize>| {
        for at in order {
            let known = match known.entry(at) {
                Entry::Vacant(unread) => unread.insert(read(at)?),
                Entry::Occupied(known) => known.into_mut(),
            };
            if known.found().is_some() {
                break;
            }
        }
        Ok(())
    };
    until_read(&mut (0..count))?;
    until_read(&mut (0..count).rev())?;
    let mut sampled = 0usize;
    while let Some((at, differs)) = next(&known, samples, sampled) {
        sampled = sampled.saturating_add(usize::from(!differs));
        let one = read(at)?;
        known.insert(at, one);
    }
    Ok(known)
}

/// The release to look at next, and whether those around it differ.
fn next(known: &BTreeMap<usize, Known>, samples: usize, sampled: usize) -> Option<(usize, bool)> {
    let read: Vec<(usize, &BTreeSet<String>)> = known
        .iter()
        .filter_map(|(at, known)| Some((*at, known.found()?)))
        .collect();
    let middle = |from: usize, to: usize| {
        let half = from.midpoint(to);
        let open = (from.saturating_add(1)..to).filter(|at| !known.contains_key(at));
        open.min_by_key(|at| at.abs_diff(half))
    };
    let pairs = read
        .iter()
        .zip(read.iter().skip(1))
        .map(|((from, one), (to, other))| (*from, *to, one != other));
    let mut longest: Option<(usize, usize)> = None;
    let mut differ = false;
    for (from, to, differs) in pairs {
        differ |= differs;
        if let Some(at) = middle(from, to) {
            if differs {
                return Some((at, true));
            }
            let len = to.saturating_sub(from);
            if longest.is_none_or(|(known, _)| len > known) {
                longest = Some((len, at));
            }
        }
    }
    let enough = if differ {
        sampled >= samples
    } else {
        read.len() >= ALIKE.max(samples)
    };
    longest.filter(|_| !enough).map(|(_, at)| (at, false))
}

fn records(releases: &[Release], known: &BTreeMap<usize, Known>) -> Vec<ReleaseRecord> {
    let record = |(at, release): (usize, &Release)| {
        let (state, detail, artifacts) = match known.get(&at) {
            Some(Known::Read(read)) => (
                ReleaseState::Read,
                read.detail.clone(),
                read.artifacts.clone(),
            ),
            Some(Known::Gap(reason)) => (ReleaseState::Gap, reason.clone(), Vec::new()),
            None => match &release.withdrawn {
                Some(reason) => (ReleaseState::Gap, reason.clone(), Vec::new()),
                None => (ReleaseState::Between, String::new(), Vec::new()),
            },
        };
        ReleaseRecord {
            version: release.version.clone(),
            published: release.published.clone(),
            state,
            detail,
            artifacts,
            sent: None,
        }
    };
    releases.iter().enumerate().map(record).collect()
}

fn presences(
    releases: &[Release],
    known: &BTreeMap<usize, Known>,
    asked: &[Asked],
) -> Vec<Presence> {
    let found = known.values().filter_map(Known::found).flatten();
    let mut names: BTreeSet<Asked> = found.cloned().map(Asked::Behaviour).collect();
    if !asked.is_empty() {
        names = asked.iter().cloned().collect();
    }
    let version = |at: usize| {
        let release = releases.get(at);
        release.map_or_else(String::new, |release| release.version.clone())
    };
    let one = |asked: Asked| {
        let has: Vec<(usize, bool)> = known
            .iter()
            .filter_map(|(at, known)| Some((*at, known.found()?.contains(asked.name()))))
            .collect();
        let with = |wanted: bool| -> Vec<usize> {
            let of = has.iter().filter(|(_, has)| *has == wanted);
            of.map(|(at, _)| *at).collect()
        };
        let (present, absent) = (with(true), with(false));
        let (first, last) = (present.first().copied(), present.last().copied());
        let before = first.and_then(|first| absent.iter().rfind(|at| **at < first).copied());
        let after = last.and_then(|last| absent.iter().find(|at| **at > last).copied());
        // What lies beyond what is known of it is no gap in it.
        let (from, to) = match (first, last) {
            (Some(_), Some(_)) => (before.unwrap_or(0), after.unwrap_or(releases.len())),
            _ => (0, releases.len()),
        };
        let gap = |at: &usize| {
            let withdrawn = releases.get(*at).is_some_and(|one| one.withdrawn.is_some());
            match known.get(at) {
                Some(known) => known.found().is_none(),
                None => withdrawn,
            }
        };
        let gaps = (from..to).filter(gap).map(version).collect();
        let (behaviour, finding) = match &asked {
            Asked::Behaviour(name) => (name.clone(), None),
            Asked::Finding(id) => {
                let behaviour = id.rsplit_once('-').map_or(id.as_str(), |(name, _)| name);
                (behaviour.to_owned(), Some(id.clone()))
            }
        };
        Presence {
            behaviour,
            finding,
            first: first.map(version),
            last: last.map(version),
            not_in_before: before.map(version),
            not_in_after: after.map(version),
            present: present.into_iter().map(version).collect(),
            absent: absent.into_iter().map(version).collect(),
            gaps,
        }
    };
    names.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests;
