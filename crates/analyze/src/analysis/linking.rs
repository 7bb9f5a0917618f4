//! Files of one package that import each other, joined in confined children.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use assay_artifact::Tree;
use assay_confine::{Emit, JobError, Pool, PoolError, Store};
use assay_model::{CoverageEntry, Gap, Reading};
use serde_json::value::RawValue;

use super::{Budget, Deadlines, Event, Input, InputNode, JOB_ANALYZE, lock};
use crate::evaluate::{Evaluated, Evaluator};
use crate::link::{Group, Linked, Part, groups, link};
use crate::node::{Mode, NodeAnalysis};
use crate::raw::Raw;
use crate::turns::Turn;

/// What joining takes for each byte joined, in bytes of memory.
const MEMORY: u64 = 70;

/// What files show only together.
#[derive(Debug, Default)]
pub(super) struct Between {
    pub(super) raws: Vec<Raw>,
    pub(super) gaps: Vec<CoverageEntry>,
}

/// The confined child's side.
pub(super) fn serve(
    nodes: &[InputNode],
    store: &Store,
    emit: &mut Emit<'_>,
) -> Result<Box<RawValue>, JobError> {
    let parts: Vec<Part<'_>> = nodes
        .iter()
        .map(|node| Part {
            index: node.index,
            path: &node.path,
            kind: &node.kind,
            bytes: store.bytes(node.place).unwrap_or_default(),
            imports: &node.imports,
        })
        .collect();
    let linked = link(&parts, &mut |programs| {
        emit.ask(&programs).ok().flatten().unwrap_or_default()
    });
    emit.send(&Event::Joined(linked))?;
    Ok(serde_json::value::to_raw_value(&())?)
}

/// Where files are joined.
pub(super) struct Linking<'s> {
    pub(super) tree: &'s Tree,
    pub(super) budget: &'s Budget,
    pub(super) deadlines: &'s Deadlines,
    pub(super) pool: &'s Pool,
    pub(super) evaluators: &'s Pool,
    pub(super) evaluated: &'s Evaluated,
    pub(super) turn: &'s Turn<'s>,
}

type Results = std::collections::BTreeMap<usize, NodeAnalysis>;

impl Linking<'_> {
    /// Joins the groups of a tree, the largest first.
    pub(super) fn run(&self, results: &Results) -> Result<Between, PoolError> {
        let mut groups = groups(&self.tree.nodes, |index| {
            results
                .get(&index)
                .map(|result| result.imports.as_slice())
                .unwrap_or_default()
        });
        groups.retain(|group| reaches_out(group, results));
        if groups.is_empty() {
            return Ok(Between::default());
        }
        groups.sort_by_key(|group| group.bytes);
        let workers = self.budget.workers.clamp(1, groups.len());
        let queue = Mutex::new(groups);
        let between = Mutex::new(Between::default());
        let failure: Mutex<Option<PoolError>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    let mut handle = self.pool.handle();
                    let mut evaluator = Evaluator::new(self.evaluators, self.evaluated);
                    let memory = |group: &Group| group.bytes.saturating_mul(MEMORY);
                    while let Some((group, process)) = self.turn.take(&queue, memory) {
                        match self.group(&group, &mut handle, &mut evaluator) {
                            Ok(linked) => {
                                let mut between = lock(&between);
                                self.keep(&group, linked, results, &mut between);
                            }
                            Err(error) => {
                                lock(&queue).clear();
                                lock(&failure).get_or_insert(error);
                            }
                        }
                        drop(process);
                    }
                });
            }
        });
        if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut between = between.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Not in the order in which the groups were done.
        between.raws.sort_by_key(|raw| {
            let place = raw.places.first().map(|place| (place.node, place.start));
            (place, raw.behaviour.clone(), raw.key.clone())
        });
        between
            .gaps
            .sort_by(|one, other| (&one.node, &one.detail).cmp(&(&other.node, &other.detail)));
        Ok(between)
    }

    /// What a child makes of a group, or why it made nothing.
    fn group(
        &self,
        group: &Group,
        handle: &mut assay_confine::Handle<'_>,
        evaluator: &mut Evaluator<'_>,
    ) -> Result<Result<Linked, (Gap, String)>, PoolError> {
        let now = Instant::now();
        if now >= self.deadlines.best {
            return Ok(Err((Gap::Limit, self.deadlines.over())));
        }
        let nodes = group
            .nodes
            .iter()
            .filter_map(|(index, imports)| {
                let node = self.tree.nodes.get(*index)?;
                Some(InputNode {
                    imports: imports.clone(),
                    ..InputNode::of(*index, node)
                })
            })
            .collect();
        let input = Input {
            nodes,
            mode: Mode::Joined,
            rules: None,
            subject: String::new(),
        };
        let patience = self.budget.node_time.min(
            self.deadlines
                .best
                .saturating_duration_since(now)
                .max(Duration::from_millis(100)),
        );
        let mut linked = None;
        let outcome = handle.call_answering(
            JOB_ANALYZE,
            &input,
            patience,
            |event| {
                if let Ok(Event::Joined(found)) = serde_json::from_str(event) {
                    linked = Some(found);
                }
            },
            |question| evaluator.answer(question),
        );
        Ok(match outcome {
            Ok(_) => linked.ok_or((
                Gap::WorkerDied,
                "the confined process said nothing".to_owned(),
            )),
            Err(PoolError::Died(cause)) => Err((
                Gap::WorkerDied,
                format!("the confined process that joined them {cause}"),
            )),
            Err(PoolError::TimedOut(after)) => Err((
                Gap::Limit,
                format!(
                    "following them took longer than {} s (--node-time)",
                    after.as_secs()
                ),
            )),
            Err(PoolError::Protocol(reason)) => Err((
                Gap::WorkerDied,
                format!("the confined process that joined them answered nonsense: {reason}"),
            )),
            Err(error) => return Err(error),
        })
    }

    /// Keeps what was found, and what was not done.
    fn keep(
        &self,
        group: &Group,
        linked: Result<Linked, (Gap, String)>,
        results: &Results,
        between: &mut Between,
    ) {
        let mut gap = |gap: Gap, detail: String| {
            between.gaps.push(CoverageEntry {
                node: self.folder(group),
                kind: "javascript".to_owned(),
                bytes: 0,
                reading: Reading::Parsed,
                unparsed: 0,
                gap: Some(gap),
                detail: format!("flows between modules: {detail}"),
            });
        };
        if !group.left_out.is_empty() {
            gap(
                Gap::Limit,
                format!(
                    "{} too large or beyond the limit of {} MiB and {} files of one package; each was read by itself",
                    self.listed(&group.left_out),
                    Group::BYTES >> 20,
                    Group::FILES,
                ),
            );
        }
        let linked = match linked {
            Ok(linked) => linked,
            Err((kind, detail)) => {
                gap(kind, format!("{detail}; each file was read by itself"));
                return;
            }
        };
        if !linked.detail.is_empty() {
            gap(
                Gap::Syntax,
                format!("{}; each file was read by itself", linked.detail),
            );
        }
        if !linked.left_out.is_empty() {
            gap(
                Gap::Syntax,
                format!(
                    "{} not to be parsed as part of a module, and read by itself",
                    self.listed(&linked.left_out)
                ),
            );
        }
        if linked.cut {
            gap(
                Gap::Limit,
                "the limit on following values was reached in parts".to_owned(),
            );
        }
        // What one file shows by itself is told of that file.
        let known: BTreeSet<(&str, &str)> = group
            .nodes
            .iter()
            .filter_map(|(index, _)| results.get(index))
            .flat_map(|result| &result.raws)
            .map(|raw| (raw.behaviour.as_str(), raw.key.as_str()))
            .collect();
        between.raws.extend(linked.raws.into_iter().filter(|raw| {
            let flow = raw.places.iter().any(|place| !place.path.is_empty());
            flow || !known.contains(&(raw.behaviour.as_str(), raw.key.as_str()))
        }));
    }

    /// The first of several files, and how many they are.
    fn listed(&self, nodes: &[usize]) -> String {
        let first = nodes.first().and_then(|index| self.tree.nodes.get(*index));
        let first = first.map_or("a file", |node| node.record.path.as_str());
        match nodes.len() {
            0 | 1 => format!("{first} is"),
            more => format!("{more} files ({first} and others) are"),
        }
    }

    /// The folder that all files of a group are in.
    fn folder(&self, group: &Group) -> String {
        let mut common: Option<&str> = None;
        for (index, _) in &group.nodes {
            let Some(node) = self.tree.nodes.get(*index) else {
                continue;
            };
            let path = node.record.path.as_str();
            let folder = path.rfind(['/', '!']).and_then(|at| path.get(..at));
            let folder = folder.unwrap_or_default();
            common = Some(match common {
                None => folder,
                Some(known) => shared(known, folder),
            });
        }
        common.unwrap_or_default().to_owned()
    }
}

/// The folder that two folders are in.
fn shared<'p>(one: &'p str, other: &str) -> &'p str {
    let mut end = 0;
    let both = one.split_inclusive('/').zip(other.split_inclusive('/'));
    for (left, right) in both {
        if left.trim_end_matches('/') != right.trim_end_matches('/') {
            break;
        }
        end = left.len().saturating_add(end);
    }
    one.get(..end).unwrap_or_default().trim_end_matches('/')
}

/// Whether any file of a group reads something of the host or of the network,
/// without which nothing flows.
fn reaches_out(group: &Group, results: &Results) -> bool {
    group
        .nodes
        .iter()
        .map(|(index, _)| index)
        .chain(&group.left_out)
        .filter_map(|index| results.get(index))
        .flat_map(|result| &result.raws)
        .any(|raw| {
            ["fingerprint.", "reach.", "control.", "egress."]
                .iter()
                .any(|kind| raw.behaviour.starts_with(kind))
        })
}
