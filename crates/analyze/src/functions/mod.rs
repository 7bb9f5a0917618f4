//! The functions of a tree, in a form that minifiers leave alone, and which
//! of them is which of another tree.

mod canon;
mod constants;
mod differences;
mod forms;
mod matching;
mod show;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use assay_artifact::{Node, Tree};
use assay_confine::{Emit, JobError, Place, Pool, PoolError, Store};
use assay_model::Party;
use oxc_minifier::{CompressOptions, CompressOptionsUnused, Compressor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::analysis::{Budget, Hands, expected_memory, lock, measure};
use crate::js::{self, Dialect};
use crate::node;
use crate::party::{self, Parties, Told};

pub use differences::{Differences, differences, less};
pub use matching::Matching;
pub use show::{JOB_SHOW, Shower, Texts, serve_show};

/// The name of the job that [`serve_functions`] answers.
pub const JOB_FUNCTIONS: &str = "functions";

/// How much code is given to a child at once.
const BATCH_BYTES: u64 = 2 << 20;
const BATCH_NODES: usize = 256;

/// A function, or a statement outside of all functions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// The node that it is in, as an index of the tree.
    #[serde(skip)]
    pub node: usize,
    /// The function that it is in, as an index of the list.
    #[serde(rename = "p")]
    pub parent: Option<u32>,
    /// Where it is in the node, in bytes.
    #[serde(rename = "s")]
    pub start: u64,
    /// Where it ends.
    #[serde(rename = "e")]
    pub end: u64,
    /// What it is called there; a minifier may have made the name.
    #[serde(rename = "n", skip_serializing_if = "String::is_empty", default)]
    pub name: String,
    /// The hash of its own code in normal form, without functions in it.
    #[serde(rename = "o")]
    pub own: u64,
    /// The same without an order.
    #[serde(rename = "b")]
    pub bag: u64,
    /// The hash of the variables that it uses, in the order in which it does.
    #[serde(rename = "u")]
    pub uses: u64,
    /// How often it names what comes from another module of the program.
    #[serde(rename = "f", default)]
    pub foreign: u32,
    /// Of its atoms that which others know it by: the name of the field that it
    /// is written under.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none", default)]
    pub under: Option<u32>,
    /// Whether it takes nothing, and gives back a variable and nothing else:
    /// bundlers make such ones to hand on what a module exports.
    #[serde(rename = "h", skip_serializing_if = "std::ops::Not::not", default)]
    pub hands_on: bool,
    /// How many atoms the normal form has.
    #[serde(rename = "z")]
    pub size: u32,
    /// The atoms that name something, sorted: texts, numbers, members,
    /// globals.
    #[serde(rename = "a", skip_serializing_if = "Vec::is_empty", default)]
    pub atoms: Vec<u32>,
    /// The functions that it refers to, in the order in which it does.
    #[serde(rename = "r", skip_serializing_if = "Vec::is_empty", default)]
    pub refs: Vec<u32>,
    /// Whose it is.
    #[serde(rename = "w", default)]
    pub party: Party,
    /// The package that it belongs to, if known.
    #[serde(rename = "k", skip_serializing_if = "String::is_empty", default)]
    pub package: String,
}

/// The functions of a tree.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    /// All of them, those of a node together, the outer before the inner.
    pub list: Vec<Function>,
    /// The atoms of constants that have a name: another build may have put
    /// them into the functions that name them.
    pub named: BTreeSet<u32>,
    /// Nodes of which there are none because they could not be read, and why.
    pub unread: Vec<(usize, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    nodes: Vec<InputNode>,
    subject: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct InputNode {
    index: usize,
    place: Place,
    kind: String,
    path: String,
}

#[derive(Debug, Serialize, Deserialize)]
enum Event {
    Begin(usize),
    Done(usize, Result<Found, String>),
}

/// What was found in one node.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Found {
    list: Vec<Function>,
    named: Vec<u32>,
}

/// Whether a node of this kind has functions that can be told apart.
fn has_functions(kind: &str) -> bool {
    matches!(kind, "javascript" | "typescript")
}

/// The functions of one file.
pub(crate) fn of_source(
    bytes: &[u8],
    kind: &str,
    path: &str,
    subject: &str,
) -> Result<Found, String> {
    let dialect = match kind {
        "typescript"
            if [".d.ts", ".d.mts", ".d.cts"]
                .iter()
                .any(|e| path.ends_with(e)) =>
        {
            return Ok(Found::default());
        }
        "typescript" => Dialect::TypeScript,
        _ => Dialect::JavaScript,
    };
    if bytes.len() as u64 > node::LARGEST_PARSED {
        return Err("larger than what is parsed".to_owned());
    }
    let text = node::text_of(bytes);
    let offset = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let source = text.get(offset..).unwrap_or_default();
    let offset = offset as u64;
    node::with_stack(&[source], || {
        js::with_program(source, dialect, |allocator, program, scoping| {
            let ir = js::plain_ir(program, source, &scoping);
            let told = Told {
                path,
                map: None,
                subject,
            };
            let parties = Parties {
                offset,
                ..party::attribute(&ir, &ir.outline, &told)
            };
            drop(ir);
            // What one minifier does to it, all that went by another has too.
            let options = CompressOptions {
                unused: CompressOptionsUnused::Keep,
                ..CompressOptions::smallest()
            };
            Compressor::new(allocator).build_with_scoping(program, scoping, options);
            let scoping = js::scoping(program, source.len());
            let (pieces, named) = canon::pieces(program, &scoping);
            let list = pieces
                .into_iter()
                .map(|piece| {
                    let start = offset.saturating_add(u64::from(piece.span.start));
                    let part = parties.at(start);
                    Function {
                        node: 0,
                        parent: piece.parent,
                        start,
                        end: offset.saturating_add(u64::from(piece.span.end)),
                        name: piece.name,
                        own: piece.own,
                        bag: piece.bag,
                        uses: piece.uses,
                        foreign: piece.foreign,
                        under: piece.under,
                        hands_on: piece.hands_on,
                        size: piece.size,
                        atoms: piece.atoms,
                        refs: piece.refs,
                        party: part.map_or(Party::Unknown, |part| part.party),
                        package: part
                            .and_then(|part| parties.package(part))
                            .unwrap_or_default(),
                    }
                })
                .collect();
            Found { list, named }
        })
    })
    .flatten()
    .ok_or_else(|| "cannot be parsed".to_owned())
}

/// The confined child's side of [`functions`].
///
/// # Errors
/// When the parent's message cannot be read or the parent is gone.
pub fn serve_functions(
    input: &str,
    store: &Store,
    emit: &mut Emit<'_>,
) -> Result<Box<RawValue>, JobError> {
    let input: Input = serde_json::from_str(input)?;
    for node in &input.nodes {
        emit.send(&Event::Begin(node.index))?;
        let bytes = store.bytes(node.place).unwrap_or_default();
        let found = of_source(bytes, &node.kind, &node.path, &input.subject);
        emit.send(&Event::Done(node.index, found))?;
    }
    Ok(serde_json::value::to_raw_value(&())?)
}

struct Batch {
    nodes: Vec<InputNode>,
    memory: u64,
    bytes: u64,
}

/// Finds the functions of those nodes of a tree that are wanted, in confined
/// children.
///
/// # Errors
/// When no child can be started, or the work is interrupted. What kills a
/// child is told among what was not read.
pub fn functions(
    tree: &Tree,
    subject: &str,
    wanted: &(dyn Fn(&Node) -> bool + Sync),
    budget: &Budget,
    hands: &Hands<'_>,
) -> Result<Functions, PoolError> {
    let Hands {
        launcher,
        cancelled,
        watch,
        turn,
    } = hands;
    turn.begin();
    let pool = Pool::new(
        (*launcher).clone(),
        measure(tree, budget),
        std::sync::Arc::clone(&tree.store),
        std::sync::Arc::clone(cancelled),
    );
    let batches = batches(tree, wanted);
    let total = batches.iter().map(|batch| batch.bytes).sum();
    let queue = Mutex::new(batches);
    let found: Mutex<BTreeMap<usize, Result<Found, String>>> = Mutex::new(BTreeMap::new());
    let failure: Mutex<Option<PoolError>> = Mutex::new(None);
    let done = Mutex::new(0u64);
    let end = Instant::now() + budget.time;
    std::thread::scope(|scope| {
        for _ in 0..budget.workers.max(1) {
            scope.spawn(|| {
                let mut handle = pool.handle();
                while let Some((batch, process)) = turn.take(&queue, |batch| batch.memory) {
                    let result = run(&mut handle, &batch, subject, budget.node_time, end, &found);
                    if let Err(error) = result {
                        lock(&queue).clear();
                        lock(&failure).get_or_insert(error);
                    }
                    drop(process);
                    let mut read = lock(&done);
                    *read = read.saturating_add(batch.bytes);
                    watch.analyzed(*read, total);
                }
            });
        }
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut out = Functions::default();
    for (node, found) in found {
        match found {
            Ok(found) => out.add(node, found),
            Err(why) => out.unread.push((node, why)),
        }
    }
    Ok(out)
}

impl Functions {
    /// Adds those of another tree, whose nodes count from `first` on.
    pub fn append(&mut self, first: usize, other: Self) {
        let base = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        for mut function in other.list {
            function.node = function.node.saturating_add(first);
            function.parent = function.parent.map(|at| at.saturating_add(base));
            for at in &mut function.refs {
                *at = at.saturating_add(base);
            }
            self.list.push(function);
        }
        self.named.extend(other.named);
        let unread = other.unread.into_iter();
        self.unread
            .extend(unread.map(|(node, why)| (node.saturating_add(first), why)));
    }

    /// Adds those of a node, whose indices count from its first.
    pub(crate) fn add(&mut self, node: usize, found: Found) {
        let Found { list, named } = found;
        self.named.extend(named);
        let base = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
        for (at, mut function) in (0u32..).zip(list) {
            function.node = node;
            // What a child says of itself is not believed.
            function.parent = function
                .parent
                .filter(|parent| *parent < at)
                .map(|parent| parent.saturating_add(base));
            function.refs.retain(|other| *other < count);
            for other in &mut function.refs {
                *other = other.saturating_add(base);
            }
            function.atoms.sort_unstable();
            self.list.push(function);
        }
    }
}

fn batches(tree: &Tree, wanted: &dyn Fn(&Node) -> bool) -> Vec<Batch> {
    let mut order: Vec<(u64, usize, &Node)> = tree
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| has_functions(&node.record.kind) && wanted(node))
        .map(|(index, node)| (node.record.bytes, index, node))
        .collect();
    order.sort_by_key(|(bytes, index, _)| (*bytes, *index));
    let mut out: Vec<Batch> = Vec::new();
    for (bytes, index, node) in order {
        let input = InputNode {
            index,
            place: node.place,
            kind: node.record.kind.clone(),
            path: node.record.path.clone(),
        };
        let memory = expected_memory(node);
        match out.last_mut() {
            Some(batch)
                if batch.nodes.len() < BATCH_NODES
                    && batch.bytes.saturating_add(bytes) <= BATCH_BYTES =>
            {
                batch.bytes = batch.bytes.saturating_add(bytes);
                batch.memory = batch.memory.max(memory);
                batch.nodes.push(input);
            }
            _ => out.push(Batch {
                nodes: vec![input],
                memory,
                bytes,
            }),
        }
    }
    out
}

fn run(
    handle: &mut assay_confine::Handle<'_>,
    batch: &Batch,
    subject: &str,
    node_time: Duration,
    end: Instant,
    found: &Mutex<BTreeMap<usize, Result<Found, String>>>,
) -> Result<(), PoolError> {
    let mut left = batch.nodes.clone();
    while let Some(first) = left.first() {
        let mut at = first.index;
        let mut read = Vec::new();
        let input = Input {
            nodes: left.clone(),
            subject: subject.to_owned(),
        };
        let rest = end.saturating_duration_since(Instant::now());
        let outcome = if rest.is_zero() {
            Err(PoolError::TimedOut(node_time))
        } else {
            handle.call(JOB_FUNCTIONS, &input, node_time.min(rest), |event| {
                match serde_json::from_str::<Event>(event) {
                    Ok(Event::Begin(index)) => at = index,
                    Ok(Event::Done(index, list)) => read.push((index, list)),
                    Err(_) => {}
                }
            })
        };
        let mut found = lock(found);
        for (index, list) in read {
            left.retain(|node| node.index != index);
            found.insert(index, list);
        }
        let why = match outcome {
            // Whatever it did not answer for is no more asked.
            Ok(_) => "it was not answered for".to_owned(),
            Err(PoolError::Died(cause)) => format!("the confined process that read it {cause}"),
            Err(PoolError::TimedOut(after)) => format!(
                "reading it took longer than {} s (--node-time)",
                after.as_secs()
            ),
            Err(PoolError::Protocol(reason)) => {
                format!("the confined process that read it answered nonsense: {reason}")
            }
            Err(error) => return Err(error),
        };
        let position = left.iter().position(|node| node.index == at).unwrap_or(0);
        if position < left.len() {
            let node = left.remove(position);
            found.insert(node.index, Err(why));
        }
    }
    Ok(())
}

/// The functions of one text, in this process, unconfined: for evaluation,
/// tests and fuzzing.
#[must_use]
pub fn source_functions(name: &str, text: &str) -> Option<Functions> {
    let kind = match name.rsplit('.').next() {
        Some("ts" | "tsx" | "mts" | "cts") => "typescript",
        _ => "javascript",
    };
    let mut out = Functions::default();
    out.add(0, of_source(text.as_bytes(), kind, name, "").ok()?);
    Some(out)
}
