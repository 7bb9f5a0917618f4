//! What is another in one version of a tool than in an earlier one: findings
//! by their ids, which survive minification, and functions by their structure.

mod findings;
mod lines;

pub(crate) use findings::kind_of;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use assay_analyze::{
    Differences, Function, Functions, Hands, Matching, Shower, Texts, Turns, differences, functions,
};
use assay_artifact::{Artifact, Environment, Fetched, Node, Source, Tree, open};
use assay_model::{
    Change, CodePlace, Compared, DIFF_SCHEMA, Diff, Dossier, FindingChange, FunctionChange,
    FunctionChanges, Party, Sha256,
};

use crate::notes::{Notes, NotesFrom, in_trees};
use crate::vet::{
    AT_ONCE, Stage, VetError, VetOptions, Witness, each, fetched, of_artifacts, timed,
};

/// The longest function whose code is shown, in bytes.
const LONGEST: usize = 128 << 10;

/// What comparing is told beside the two sources.
#[derive(Debug, Clone)]
pub struct DiffOptions {
    /// Where artifacts come from, and how much reading them may cost.
    pub vet: VetOptions,
    /// How many functions are shown with their code.
    pub functions: usize,
    /// Whether those of third parties are among them.
    pub third_party: bool,
    /// The release notes that what is new is held against; none for those in
    /// the package.
    pub notes: Option<NotesFrom>,
}

/// One side with all that is read of it.
struct Side {
    source: Source,
    fetched: Fetched,
    dossier: Dossier,
}

/// A tree of one side, with where its nodes lie among those of all.
struct Opened {
    tree: Tree,
    subject: String,
    name: String,
    first: usize,
}

/// What is another in the second source than in the first.
///
/// # Errors
/// When an artifact cannot be had or no confined process can be started.
/// What is wrong inside an artifact is in the notes.
pub fn diff(
    (before, after): (&Source, &Source),
    options: &DiffOptions,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Diff, VetError> {
    let side = |source: &Source| -> Result<Side, VetError> {
        let fetched = fetched(source, &options.vet, environment, witness, cancelled)?;
        let dossier = of_artifacts(source, &fetched, &options.vet, witness, cancelled)?;
        Ok(Side {
            source: source.clone(),
            fetched,
            dossier,
        })
    };
    let told = options.notes.as_ref().map(|from| {
        Notes::get(from, &options.vet.fetch, environment, witness, cancelled)
            .map_err(VetError::Notes)
    });
    let told = told.transpose()?;
    let (before, after) = (side(before)?, side(after)?);
    let mut notes = Vec::new();
    let mut changes = findings::changes(&before.dossier, &after.dossier);
    let names = findings::names(&before.dossier, &after.dossier);
    for side in [&before, &after] {
        let left_out = side.dossier.coverage.entries.iter();
        for entry in left_out.filter(|entry| entry.kind == "findings") {
            notes.push(format!("{}: {}", side.source, entry.detail));
        }
    }
    let ones = opened(&before, &after, options, witness, cancelled)?;
    let others = opened(&after, &before, options, witness, cancelled)?;
    let told = told.or_else(|| in_trees(others.iter().map(|opened| &opened.tree)));
    let release_notes = told.map(|told| {
        let version = |side: &Side, trees: &[Opened]| {
            let known = side.dossier.subject.purl.version.clone();
            known.or_else(|| version_in(trees))
        };
        let purl = &after.dossier.subject.purl;
        told.hold(
            &mut changes,
            &after.dossier.findings,
            &purl.full_name(),
            &purl.kind,
            (
                version(&before, &ones).as_deref(),
                version(&after, &others).as_deref(),
            ),
        )
    });
    let functions = compare_functions(
        (&ones, &others),
        &changes,
        options,
        witness,
        cancelled,
        &mut notes,
    )?;
    Ok(Diff {
        schema: DIFF_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        before: compared(before),
        after: compared(after),
        findings: changes,
        names,
        functions,
        release_notes,
        notes,
    })
}

/// The version that the manifest of a package tells, where nothing else does.
fn version_in(trees: &[Opened]) -> Option<String> {
    let manifests = trees
        .iter()
        .flat_map(|opened| opened.tree.nodes.iter().map(move |node| (opened, node)))
        .filter(|(_, node)| {
            let path = node.record.path.as_str();
            path == "package.json" || path.ends_with("/package.json")
        });
    let (opened, node) =
        manifests.min_by_key(|(_, node)| node.record.path.split(['/', '!']).count())?;
    let bytes = opened.tree.store.bytes(node.place)?;
    let manifest: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    Some(manifest.get("version")?.as_str()?.to_owned())
}

fn compared(side: Side) -> Compared {
    let gaps = side.dossier.coverage.entries.iter();
    Compared {
        source: side.source.to_string(),
        findings: side.dossier.findings.len() as u64,
        gaps: gaps.filter(|entry| entry.gap.is_some()).count() as u64,
        subject: side.dossier.subject,
    }
}

/// Opens those artifacts of a side that the other has not.
fn opened(
    side: &Side,
    other: &Side,
    options: &DiffOptions,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Vec<Opened>, VetError> {
    let known: BTreeSet<Sha256> = other
        .fetched
        .artifacts
        .iter()
        .map(|one| one.sha256)
        .collect();
    let mut seen = BTreeSet::new();
    let artifacts: Vec<&Artifact> = side
        .fetched
        .artifacts
        .iter()
        .filter(|one| !known.contains(&one.sha256) && seen.insert(one.sha256))
        .collect();
    let trees = each(artifacts.len(), AT_ONCE, |at| {
        let Some(artifact) = artifacts.get(at) else {
            return Ok(None);
        };
        let tree = timed(witness, Stage::Open, &artifact.file_name, || {
            open(
                &artifact.path,
                &artifact.file_name,
                &options.vet.limits,
                &options.vet.launcher,
                cancelled,
            )
        })?;
        Ok::<_, VetError>(Some((tree, *artifact)))
    })?;
    let mut first = 0;
    Ok(trees
        .into_iter()
        .flatten()
        .map(|(tree, artifact)| {
            let opened = Opened {
                first,
                subject: artifact.purl.full_name(),
                name: artifact.file_name.clone(),
                tree,
            };
            first = first.saturating_add(opened.tree.nodes.len());
            opened
        })
        .collect())
}

/// The functions of files that the other side has not.
fn read(
    trees: &[Opened],
    others: &[Opened],
    options: &DiffOptions,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Functions, VetError> {
    // Half of what there is, since both sides are read at one time.
    let mut budget = options.vet.budget;
    budget.workers = budget.workers.div_ceil(2);
    let turns = Turns::new(budget.workers, budget.total_memory / 2);
    let known: BTreeSet<Sha256> = others
        .iter()
        .flat_map(|opened| &opened.tree.nodes)
        .map(|node| node.record.sha256)
        .collect();
    let wanted = |node: &Node| !known.contains(&node.record.sha256);
    let mut out = Functions::default();
    for (number, opened) in trees.iter().enumerate() {
        let turn = turns.turn(number);
        let found = timed(witness, Stage::Analyze, &opened.name, || {
            functions(
                &opened.tree,
                &opened.subject,
                &wanted,
                &budget,
                &Hands {
                    launcher: &options.vet.launcher,
                    cancelled,
                    watch: witness,
                    turn: &turn,
                },
            )
        })?;
        out.append(opened.first, found);
    }
    Ok(out)
}

fn compare_functions(
    (ones, others): (&[Opened], &[Opened]),
    changes: &[FindingChange],
    options: &DiffOptions,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
    notes: &mut Vec<String>,
) -> Result<FunctionChanges, VetError> {
    let sides = [(ones, others), (others, ones)];
    let mut both = each(sides.len(), AT_ONCE, |at| {
        let side = sides.get(at);
        side.map_or_else(
            || Ok(Functions::default()),
            |(trees, others)| read(trees, others, options, witness, cancelled),
        )
    })?;
    let second = both.pop().unwrap_or_default();
    let first = both.pop().unwrap_or_default();
    for (functions, trees) in [(&first, ones), (&second, others)] {
        for (node, why) in &functions.unread {
            let name = node_at(trees, *node).map_or("", |node| node.record.path.as_str());
            notes.push(format!("functions of {name} were not compared: {why}"));
        }
    }
    let matching = Matching::of(&first.list, &second.list);
    let told = differences(&first, &second, &matching);
    let changed = told.changed.len() + told.rearranged.len();
    let third = |list: &[Function], at: u32| {
        list.get(at as usize)
            .is_some_and(|one| one.party == Party::Third)
    };
    let third_party = told
        .changed
        .iter()
        .filter(|(_, at)| third(&second.list, *at))
        .count()
        + told
            .new
            .iter()
            .filter(|at| third(&second.list, **at))
            .count()
        + told
            .gone
            .iter()
            .filter(|at| third(&first.list, **at))
            .count();
    let work = Work {
        first: &first,
        second: &second,
        ones,
        others,
        told: &told,
        matching: &matching,
        changes,
    };
    let shown = work.show(options, cancelled)?;
    Ok(FunctionChanges {
        before: first.list.len() as u64,
        after: second.list.len() as u64,
        same: matching.pairs().count().saturating_sub(changed) as u64,
        rearranged: told.rearranged.len() as u64,
        changed: told.changed.len() as u64,
        new: told.new.len() as u64,
        gone: told.gone.len() as u64,
        third_party: third_party as u64,
        shown,
    })
}

fn node_at(trees: &[Opened], at: usize) -> Option<&Node> {
    let opened = trees.iter().rfind(|opened| opened.first <= at)?;
    opened.tree.nodes.get(at.checked_sub(opened.first)?)
}

struct Work<'w> {
    first: &'w Functions,
    second: &'w Functions,
    ones: &'w [Opened],
    others: &'w [Opened],
    told: &'w Differences,
    matching: &'w Matching,
    changes: &'w [FindingChange],
}

/// A difference that may be shown.
struct Candidate {
    before: Option<u32>,
    after: Option<u32>,
    findings: Vec<String>,
    others: u64,
    rearranged: bool,
    /// What counts in the order: how much of it is new.
    weight: usize,
}

impl Work<'_> {
    fn function(&self, candidate: &Candidate) -> Option<&Function> {
        let after = candidate
            .after
            .and_then(|at| self.second.list.get(at as usize));
        after.or_else(|| {
            candidate
                .before
                .and_then(|at| self.first.list.get(at as usize))
        })
    }

    /// What the functions that the second version names are called in the
    /// first.
    fn names(&self, candidate: &Candidate) -> Vec<(String, String)> {
        let function = candidate
            .after
            .and_then(|at| self.second.list.get(at as usize));
        let refs = function.map_or(&[][..], |function| &function.refs);
        let mut out: Vec<(String, String)> = refs
            .iter()
            .filter_map(|at| {
                let now = self.second.list.get(*at as usize)?;
                let before = self.matching.from.get(*at as usize).copied().flatten()?;
                let before = self.first.list.get(before as usize)?;
                let names = !now.name.is_empty() && !before.name.is_empty();
                names.then(|| (now.name.clone(), before.name.clone()))
            })
            .collect();
        out.sort();
        out.dedup();
        out
    }

    fn candidates(&self) -> Vec<Candidate> {
        let mut out: Vec<Candidate> = Vec::new();
        // Many functions change in one way where one thing that they all name
        // does: a version, an address.
        let mut same: BTreeMap<(Vec<u32>, Vec<u32>), usize> = BTreeMap::new();
        for (one, other) in &self.told.changed {
            let atoms = |list: &[Function], at: u32| {
                list.get(at as usize)
                    .map_or(&[][..], |one| &one.atoms)
                    .to_vec()
            };
            let (a, b) = (
                atoms(&self.first.list, *one),
                atoms(&self.second.list, *other),
            );
            let (mut lost, mut got) = (assay_analyze::less(&a, &b), assay_analyze::less(&b, &a));
            // However often it is named there.
            lost.dedup();
            got.dedup();
            let weight = lost.len() + got.len();
            let known = (weight > 0).then(|| same.get(&(lost.clone(), got.clone())).copied());
            if let Some(known) = known.flatten().and_then(|at| out.get_mut(at)) {
                known.others = known.others.saturating_add(1);
                continue;
            }
            if weight > 0 {
                same.insert((lost, got), out.len());
            }
            out.push(Candidate {
                before: Some(*one),
                after: Some(*other),
                findings: self.findings_in(*other),
                others: 0,
                rearranged: false,
                weight,
            });
        }
        let size =
            |list: &[Function], at: u32| list.get(at as usize).map_or(0, |one| one.atoms.len());
        out.extend(self.told.new.iter().map(|at| Candidate {
            before: None,
            after: Some(*at),
            findings: self.findings_in(*at),
            others: 0,
            rearranged: false,
            weight: size(&self.second.list, *at),
        }));
        out.extend(self.told.gone.iter().map(|at| Candidate {
            before: Some(*at),
            after: None,
            findings: Vec::new(),
            others: 0,
            rearranged: false,
            weight: size(&self.first.list, *at),
        }));
        out.extend(self.told.rearranged.iter().map(|(one, other)| Candidate {
            before: Some(*one),
            after: Some(*other),
            findings: self.findings_in(*other),
            others: 0,
            rearranged: true,
            weight: 0,
        }));
        out
    }

    /// Findings that came or changed and are shown in a function, but not in
    /// one within it.
    fn findings_in(&self, at: u32) -> Vec<String> {
        let Some(function) = self.second.list.get(at as usize) else {
            return Vec::new();
        };
        let Some(node) = node_at(self.others, function.node) else {
            return Vec::new();
        };
        let within = |start: u64| function.start <= start && start < function.end;
        let inner = |start: u64| {
            let after = self.second.list.get(at as usize + 1..).unwrap_or_default();
            after
                .iter()
                .take_while(|one| one.node == function.node && one.start < function.end)
                .any(|one| one.start <= start && start < one.end)
        };
        let own = |start: u64| within(start) && !inner(start);
        self.changes
            .iter()
            .filter(|change| change.change != Change::Gone)
            .filter(|change| {
                change.finding.evidence.iter().any(|evidence| {
                    evidence.node_sha256 == node.record.sha256
                        && (own(evidence.span.start)
                            || evidence
                                .path
                                .iter()
                                .any(|step| step.node.is_none() && own(step.span.start)))
                })
            })
            .map(|change| change.finding.id.clone())
            .collect()
    }

    fn show(
        &self,
        options: &DiffOptions,
        cancelled: &Arc<AtomicBool>,
    ) -> Result<Vec<FunctionChange>, VetError> {
        let mut candidates = self.candidates();
        candidates.retain(|candidate| {
            let third = self
                .function(candidate)
                .is_some_and(|one| one.party == Party::Third);
            options.third_party || !third || !candidate.findings.is_empty()
        });
        let rank = |id: &String| {
            let at = self
                .changes
                .iter()
                .position(|change| change.finding.id == *id);
            at.unwrap_or(usize::MAX)
        };
        candidates.sort_by_key(|candidate| {
            let party = self.function(candidate).map_or(2, |one| one.party.rank());
            let shows = candidate.findings.iter().map(rank).min();
            (
                shows.unwrap_or(usize::MAX),
                candidate.rearranged,
                party,
                std::cmp::Reverse(candidate.weight),
                candidate.after,
                candidate.before,
            )
        });
        candidates.truncate(options.functions);
        let texts: Vec<Texts> = candidates
            .iter()
            .map(|candidate| Texts {
                before: text(self.ones, self.first, candidate.before),
                after: text(self.others, self.second, candidate.after),
                names: self.names(candidate),
            })
            .collect();
        let shower = Shower::new(&options.vet.launcher, &options.vet.budget, cancelled)
            .map_err(VetError::Analyze)?;
        let shown = shower.show(&texts).map_err(VetError::Analyze)?;
        let place = |trees: &[Opened], functions: &Functions, at: Option<u32>| {
            let function = functions.list.get(at? as usize)?;
            let node = node_at(trees, function.node)?;
            Some(CodePlace {
                node: node.record.path.clone(),
                node_sha256: node.record.sha256,
                start: function.start,
                end: function.end,
            })
        };
        Ok(candidates
            .iter()
            .zip(shown)
            .map(|(candidate, shown)| {
                let function = self.function(candidate);
                FunctionChange {
                    change: match (candidate.before, candidate.after) {
                        (Some(_), Some(_)) => Change::Changed,
                        (None, _) => Change::New,
                        (Some(_), None) => Change::Gone,
                    },
                    name: function.map(|one| one.name.clone()).unwrap_or_default(),
                    party: function.map_or(Party::Unknown, |one| one.party),
                    package: function.map(|one| one.package.clone()).unwrap_or_default(),
                    findings: candidate.findings.clone(),
                    before: place(self.ones, self.first, candidate.before),
                    after: place(self.others, self.second, candidate.after),
                    rearranged: candidate.rearranged,
                    others: candidate.others,
                    lines: lines::between(&shown.before, &shown.after),
                }
            })
            .collect())
    }
}

/// The code of a function.
fn text(trees: &[Opened], functions: &Functions, at: Option<u32>) -> String {
    let found = at
        .and_then(|at| functions.list.get(at as usize))
        .and_then(|function| {
            let opened = trees.iter().rfind(|opened| opened.first <= function.node)?;
            let node = opened
                .tree
                .nodes
                .get(function.node.checked_sub(opened.first)?)?;
            let bytes = opened.tree.store.bytes(node.place)?;
            let start = usize::try_from(function.start).ok()?;
            let end = usize::try_from(function.end).ok()?;
            bytes.get(start..end.min(start.saturating_add(LONGEST)))
        });
    found.map_or_else(String::new, |bytes| {
        String::from_utf8_lossy(bytes).into_owned()
    })
}
