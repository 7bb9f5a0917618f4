//! A whole tree: nodes to confined workers, notes to findings.

mod linking;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use assay_artifact::{Node, Tree};
use assay_confine::{
    Confinement, Emit, JobError, Launcher, Measure, Place, Pool, PoolError, Store,
};
use assay_model::{
    ArtifactRole, Attribution, CoverageEntry, Evidence, Finding, Gap, PackageShare, Party, Purl,
    Reading, Severity,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Digest;

use crate::behaviours::behaviour;
use crate::evaluate::{self, Evaluated, Evaluator};
use crate::link::Linked;
use crate::node::{self, Described, Mode, NodeAnalysis};
use crate::party;
use crate::raw::Raw;
use crate::rules::Rules;
use crate::turns::Turn;

/// The name of the job that [`serve_analyze`] answers.
pub const JOB_ANALYZE: &str = "analyze";

/// How many pieces of evidence a finding keeps.
const EVIDENCE: usize = 8;
/// How much text is given to a child at once.
const BATCH_BYTES: u64 = 2 << 20;
const BATCH_NODES: usize = 256;

/// How much analysing may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Private memory of one confined process, in bytes.
    pub memory: u64,
    /// Memory that parsing may use at one time, all processes together. A
    /// node that alone needs more is read alone.
    pub total_memory: u64,
    /// Time for one node.
    pub node_time: Duration,
    /// Time for one artifact. What is not read by then is read as text, for
    /// at most a third of this time again.
    pub time: Duration,
    /// How many processes at one time.
    pub workers: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            memory: 4 << 30,
            total_memory: 1 << 30,
            node_time: Duration::from_secs(120),
            time: Duration::from_secs(1800),
            workers: 2,
        }
    }
}

/// What is told while nodes are read.
pub trait Watch: Sync {
    /// `done` of `total` bytes are read.
    fn analyzed(&self, done: u64, total: u64);
}

/// With what the work is done.
pub struct Hands<'h> {
    /// How confined processes are started.
    pub launcher: &'h Launcher,
    /// Set when the user interrupts.
    pub cancelled: &'h Arc<AtomicBool>,
    /// Who is told how far it is.
    pub watch: &'h dyn Watch,
    /// The artifact's turn among others.
    pub turn: &'h Turn<'h>,
}

impl std::fmt::Debug for Hands<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hands").finish_non_exhaustive()
    }
}

/// What the tree of one artifact shows.
#[derive(Debug)]
pub struct Analysis {
    /// Findings, not yet joined with those of other artifacts.
    pub findings: Vec<Finding>,
    /// How each node was read.
    pub coverage: Vec<CoverageEntry>,
    /// Whose the code is.
    pub attribution: Attribution,
    /// What held the confined processes; none when none was needed.
    pub confinement: Option<Confinement>,
}

/// The artifact that a tree was opened from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Its package URL.
    pub purl: Purl,
    /// Why it is part of the subject.
    pub role: ArtifactRole,
    /// Its file name, which stands for the path of the root.
    pub file_name: String,
    /// Whether it is a folder of the user that was packed to be read: its
    /// own structure is ours then.
    pub folder: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    nodes: Vec<InputNode>,
    mode: Mode,
    /// The digest of the rules of the user, where there are any.
    rules: Option<String>,
    /// The name of the package.
    subject: String,
}

/// What a child asks for once, before it matches rules of the user.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesWanted {
    rules_of_digest: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct InputNode {
    index: usize,
    place: Place,
    own: Vec<(u64, u64)>,
    kind: String,
    path: String,
    container: bool,
    /// The source map that lies beside it.
    #[serde(default)]
    map: Option<Place>,
    /// The nodes that it imports, by how it names them; where nodes are
    /// joined.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    imports: Vec<(String, usize)>,
}

impl InputNode {
    fn of(index: usize, node: &Node) -> Self {
        Self {
            index,
            place: node.place,
            own: node.own.clone(),
            kind: node.record.kind.clone(),
            path: node.record.path.clone(),
            container: node.container,
            map: None,
            imports: Vec::new(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum Event {
    Begin(usize),
    Done(usize, NodeAnalysis),
    Joined(Linked),
}

/// The confined child's side of [`analyze`].
///
/// # Errors
/// When the parent's message cannot be read or the parent is gone.
pub fn serve_analyze(
    input: &str,
    store: &Store,
    emit: &mut Emit<'_>,
) -> Result<Box<RawValue>, JobError> {
    let input: Input = serde_json::from_str(input)?;
    if input.mode == Mode::Joined {
        return linking::serve(&input.nodes, store, emit);
    }
    for node in &input.nodes {
        emit.send(&Event::Begin(node.index))?;
        let bytes = store.bytes(node.place).unwrap_or_default();
        let mut analysis = node::read(
            bytes,
            &node.own,
            Described {
                kind: &node.kind,
                path: &node.path,
                container: node.container,
                map: node.map.and_then(|place| store.bytes(place)),
                subject: &input.subject,
            },
            input.mode,
            &mut |programs| emit.ask(&programs).ok().flatten().unwrap_or_default(),
        );
        if let Some(digest) = &input.rules {
            if input.mode == Mode::Best {
                let get = || {
                    let wanted = RulesWanted {
                        rules_of_digest: digest.clone(),
                    };
                    let compiled: String = emit.ask(&wanted).ok()??;
                    STANDARD.decode(compiled).ok()
                };
                node::match_rules(digest, get, bytes, &node.own, &node.kind, &mut analysis);
            } else {
                // They may be what its reader died of.
                analysis.more("the rules of the user were not matched with it");
            }
        }
        emit.send(&Event::Done(node.index, analysis))?;
    }
    Ok(serde_json::value::to_raw_value(&())?)
}

/// What a node is expected to need, in bytes. Measured on bundles: a syntax
/// tree with its scopes, its nodes for slices, and the graph of values.
pub(crate) fn expected_memory(node: &Node) -> u64 {
    match node.record.kind.as_str() {
        "javascript" | "typescript" if node.record.bytes <= node::LARGEST_PARSED => {
            node.record.bytes.saturating_mul(55)
        }
        _ => 1 << 20,
    }
}

#[derive(Debug)]
struct Batch {
    nodes: Vec<InputNode>,
    memory: u64,
    bytes: u64,
}

/// What a child may use that parses nodes of a tree.
pub(crate) fn measure(tree: &Tree, budget: &Budget) -> Measure {
    let spool = tree.store.spool();
    let shared = tree.store.root().len.saturating_add(spool.len());
    Measure {
        memory: budget.memory,
        shared: shared
            .saturating_add(spool.room())
            // The parser's stack: address space that is hardly ever used.
            .saturating_add(4 << 30),
        cpu_seconds: budget.node_time.as_secs().saturating_mul(200).max(600),
    }
}

/// Analyses a tree in confined children, and matches the rules of the user
/// with every node.
///
/// # Errors
/// When no child can be started, or the work is interrupted. A child that
/// dies is an entry in the coverage.
pub fn analyze(
    tree: &Tree,
    origin: &Origin,
    budget: &Budget,
    rules: Option<&Rules>,
    hands: &Hands<'_>,
) -> Result<Analysis, PoolError> {
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
        Arc::clone(&tree.store),
        Arc::clone(cancelled),
    );
    // What is evaluated gets its program and nothing of the subject else.
    let evaluators = Pool::new(
        (*launcher).clone(),
        Measure {
            memory: evaluate::MEMORY,
            shared: 1 << 20,
            cpu_seconds: 600,
        },
        Arc::new(Store::empty().map_err(PoolError::Start)?),
        Arc::clone(cancelled),
    );
    let evaluated = Evaluated::default();
    let sizes = tree.nodes.iter().map(|node| node.record.bytes);
    let total = sizes.fold(0u64, u64::saturating_add);
    let subject = origin.purl.full_name();
    // The largest last.
    let queue = Mutex::new(batches(tree));
    let results: Mutex<BTreeMap<usize, NodeAnalysis>> = Mutex::new(BTreeMap::new());
    let failure: Mutex<Option<PoolError>> = Mutex::new(None);
    let confinement = Mutex::new(None);
    let done = Mutex::new(0u64);
    let start = Instant::now();
    let deadlines = Deadlines {
        best: start + budget.time,
        lexical: start + budget.time + budget.time / 3,
        time: budget.time,
    };
    std::thread::scope(|scope| {
        for _ in 0..budget.workers.max(1) {
            scope.spawn(|| {
                let mut handle = pool.handle();
                let mut evaluator = Evaluator::new(&evaluators, &evaluated);
                while let Some((batch, process)) = turn.take(&queue, |batch| batch.memory) {
                    let result = run_batch(
                        &mut handle,
                        &mut evaluator,
                        &batch,
                        budget,
                        (&subject, rules, &deadlines),
                        &results,
                    );
                    if let Some(held) = handle.confinement() {
                        *lock(&confinement) = Some(held);
                    }
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
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let confinement = confinement
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let between = linking::Linking {
        tree,
        budget,
        deadlines: &deadlines,
        pool: &pool,
        evaluators: &evaluators,
        evaluated: &evaluated,
        turn,
    }
    .run(&results)?;
    Ok(join(tree, origin, results, between, confinement))
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nodes in batches: large ones alone and first, small ones together.
fn batches(tree: &Tree) -> Vec<Batch> {
    let maps: BTreeMap<&str, Place> = tree
        .nodes
        .iter()
        .filter(|node| node.record.bytes <= party::LARGEST_MAP)
        .filter_map(|node| Some((node.record.path.strip_suffix(".map")?, node.place)))
        .collect();
    let mut order: Vec<usize> = (0..tree.nodes.len()).collect();
    order.sort_by_key(|index| {
        tree.nodes
            .get(*index)
            .map(|node| (expected_memory(node).max(node.record.bytes), *index))
    });
    let mut batches: Vec<Batch> = Vec::new();
    for index in order {
        let Some(node) = tree.nodes.get(index) else {
            continue;
        };
        let input = InputNode {
            map: maps.get(node.record.path.as_str()).copied(),
            ..InputNode::of(index, node)
        };
        let memory = expected_memory(node);
        match batches.last_mut() {
            Some(batch)
                if batch.nodes.len() < BATCH_NODES
                    && batch.bytes.saturating_add(node.record.bytes) <= BATCH_BYTES =>
            {
                batch.bytes = batch.bytes.saturating_add(node.record.bytes);
                batch.memory = batch.memory.max(memory);
                batch.nodes.push(input);
            }
            _ => batches.push(Batch {
                nodes: vec![input],
                memory,
                bytes: node.record.bytes,
            }),
        }
    }
    batches
}

/// When an artifact's time is over.
struct Deadlines {
    /// From here on nodes are read as text.
    best: Instant,
    /// From here on they are not read.
    lexical: Instant,
    time: Duration,
}

impl Deadlines {
    fn over(&self) -> String {
        format!(
            "the time for one artifact, {} s, was over (--max-analyze-time)",
            self.time.as_secs()
        )
    }
}

fn run_batch(
    handle: &mut assay_confine::Handle<'_>,
    evaluator: &mut Evaluator<'_>,
    batch: &Batch,
    budget: &Budget,
    (subject, rules, deadlines): (&str, Option<&Rules>, &Deadlines),
    results: &Mutex<BTreeMap<usize, NodeAnalysis>>,
) -> Result<(), PoolError> {
    let mut left: Vec<InputNode> = batch.nodes.clone();
    let mut mode = Mode::Best;
    let mut died: Option<(Gap, String)> = None;
    while !left.is_empty() {
        let now = Instant::now();
        if now >= deadlines.lexical {
            let mut results = lock(results);
            for node in left.drain(..) {
                let gap = (Gap::Limit, deadlines.over());
                results.insert(node.index, NodeAnalysis::unread(gap));
            }
            break;
        }
        if now >= deadlines.best && mode == Mode::Best {
            mode = Mode::Lexical;
            died = Some((Gap::Limit, deadlines.over()));
        }
        let current = if mode == Mode::Lexical {
            left.get(..1).unwrap_or_default().to_vec()
        } else {
            left.clone()
        };
        let mut at = current.first().map(|node| node.index);
        let mut read = Vec::new();
        let input = Input {
            nodes: current,
            mode,
            rules: rules.map(|rules| rules.digest().to_owned()),
            subject: subject.to_owned(),
        };
        // The simple pass is quick; it gets a while even where little time
        // is given, so that a slow parser does not leave a node unread.
        let node_time = match mode {
            Mode::Best | Mode::Joined => budget.node_time,
            Mode::Lexical => budget.node_time.max(Duration::from_secs(30)),
        };
        let end = match mode {
            Mode::Best | Mode::Joined => deadlines.best,
            Mode::Lexical => deadlines.lexical,
        };
        let patience = node_time
            .saturating_mul(u32::try_from(input.nodes.len().div_ceil(64)).unwrap_or(1))
            .min(
                end.saturating_duration_since(now)
                    .max(Duration::from_millis(100)),
            );
        let outcome = handle.call_answering(
            JOB_ANALYZE,
            &input,
            patience,
            |event| match serde_json::from_str::<Event>(event) {
                Ok(Event::Begin(index)) => at = Some(index),
                Ok(Event::Done(index, analysis)) => read.push((index, analysis)),
                Ok(Event::Joined(_)) | Err(_) => {}
            },
            |question| match (rules, serde_json::from_str::<RulesWanted>(question)) {
                (Some(rules), Ok(wanted)) if wanted.rules_of_digest == rules.digest() => {
                    serde_json::value::to_raw_value(&STANDARD.encode(rules.compiled()))
                        .unwrap_or_else(|_| RawValue::NULL.to_owned())
                }
                _ => evaluator.answer(question),
            },
        );
        for (index, mut analysis) in read {
            if let Some((gap, detail)) = died.take() {
                analysis.gap = Some(gap);
                analysis.detail = format!("{detail}; read as text");
            }
            left.retain(|node| node.index != index);
            lock(results).insert(index, analysis);
        }
        let gone = match outcome {
            Ok(_) => {
                mode = Mode::Best;
                continue;
            }
            Err(PoolError::Died(cause)) => (
                Gap::WorkerDied,
                format!("the confined process that read it {cause}"),
            ),
            Err(PoolError::TimedOut(after)) => (
                Gap::Limit,
                if Instant::now() >= end {
                    deadlines.over()
                } else {
                    format!(
                        "reading it took longer than {} s (--node-time)",
                        after.as_secs()
                    )
                },
            ),
            Err(PoolError::Protocol(reason)) => (
                Gap::WorkerDied,
                format!("the confined process that read it answered nonsense: {reason}"),
            ),
            Err(error) => return Err(error),
        };
        let Some(position) = left.iter().position(|node| Some(node.index) == at) else {
            continue;
        };
        if mode == Mode::Lexical {
            // Even the simple pass died: the node stays unread.
            let node = left.remove(position);
            lock(results).insert(node.index, NodeAnalysis::unread(gone));
            mode = Mode::Best;
            continue;
        }
        let node = left.remove(position);
        left.insert(0, node);
        mode = Mode::Lexical;
        died = Some(gone);
    }
    Ok(())
}

/// Analyses one text in this process, unconfined: for the examples of
/// behaviours, for tests and for fuzzing.
#[must_use]
pub fn analyze_source(name: &str, text: &str) -> Vec<Finding> {
    source_with(name, text, None)
}

/// The same, with rules of the user.
pub(crate) fn source_with(name: &str, text: &str, rules: Option<&Rules>) -> Vec<Finding> {
    let bytes = text.as_bytes();
    let kind = match name.rsplit('.').next() {
        Some("py") => "python",
        Some("sh") => "shell",
        Some("json") => "json",
        Some("ts") => "typescript",
        Some("js" | "mjs" | "cjs") => "javascript",
        _ => "text",
    };
    let own = [(0, bytes.len() as u64)];
    let mut analysis = node::read(
        bytes,
        &own,
        Described {
            kind,
            path: name,
            container: false,
            map: None,
            subject: "",
        },
        Mode::Best,
        &mut evaluate::here,
    );
    if let Some(rules) = rules {
        let get = || Some(rules.compiled().to_vec());
        node::match_rules(rules.digest(), get, bytes, &own, kind, &mut analysis);
    }
    let mut joined = Joined::default();
    for raw in analysis.raws {
        joined.add(
            raw,
            &Context {
                nodes: &[],
                artifact: &Purl::new("generic", name, None),
                path: name,
                sha256: assay_model::Sha256(sha2::Sha256::digest(bytes).into()),
                dependency: None,
            },
        );
    }
    joined.findings()
}

/// Reads bytes as compiled Python, in this process: for fuzzing.
pub fn fuzz_bytecode(bytes: &[u8]) {
    let own = [(0, bytes.len() as u64)];
    let _ = node::read(
        bytes,
        &own,
        Described {
            kind: "python-bytecode",
            path: "x.pyc",
            container: false,
            map: None,
            subject: "",
        },
        Mode::Best,
        &mut crate::evaluate::here,
    );
}

/// Reads bytes as an executable, in this process: for fuzzing.
pub fn fuzz_native(bytes: &[u8]) {
    let own = [(0, bytes.len() as u64)];
    let _ = node::read(
        bytes,
        &own,
        Described {
            kind: "elf",
            path: "x",
            container: false,
            map: None,
            subject: "",
        },
        Mode::Best,
        &mut crate::evaluate::here,
    );
}

struct Context<'a> {
    /// The nodes that places may lie in.
    nodes: &'a [Node],
    artifact: &'a Purl,
    path: &'a str,
    sha256: assay_model::Sha256,
    /// The package, where the whole artifact is a library.
    dependency: Option<&'a str>,
}

#[derive(Default)]
struct Joined {
    by_id: BTreeMap<(String, String), Finding>,
}

impl Joined {
    fn add(&mut self, raw: Raw, context: &Context<'_>) {
        let Some(known) = behaviour(&raw.behaviour) else {
            return;
        };
        let finding = self
            .by_id
            .entry((raw.behaviour.clone(), raw.key.clone()))
            .or_insert_with(|| Finding {
                id: finding_id(&raw.behaviour, &raw.key),
                behaviour: raw.behaviour.clone(),
                severity: Severity::Info,
                confidence: raw.confidence,
                layer: known.layer,
                party: Party::Third,
                packages: Vec::new(),
                title: raw.title.clone(),
                key: raw.key.clone(),
                occurrences: 0,
                evidence: Vec::new(),
                demonstrated: None,
            });
        finding.severity = finding.severity.max(raw.severity);
        finding.occurrences = finding.occurrences.saturating_add(raw.count);
        // A library is all of a thing's only if none of it stands elsewhere.
        let whose = &raw.whose;
        let party = match context.dependency {
            Some(_) => Party::Third,
            None if whose.first > 0 => Party::First,
            None if whose.third > 0 && whose.third >= raw.count => Party::Third,
            None => Party::Unknown,
        };
        finding.party = finding.party.with(party);
        let named = context.dependency.map(str::to_owned);
        name_packages(
            &mut finding.packages,
            named.into_iter().chain(raw.whose.packages),
        );
        let surer = raw.confidence > finding.confidence;
        if surer {
            finding.confidence = raw.confidence;
            finding.title = raw.title;
        }
        let evidence: Vec<Evidence> = raw
            .places
            .into_iter()
            .map(|place| {
                let node = place.node.and_then(|index| context.nodes.get(index));
                (node, place)
            })
            .map(|(node, place)| Evidence {
                artifact: context.artifact.clone(),
                node: node
                    .map_or(context.path, |node| &node.record.path)
                    .to_owned(),
                node_sha256: node.map_or(context.sha256, |node| node.record.sha256),
                span: place.span(),
                party: context.dependency.map_or(place.party, |_| Party::Third),
                package: context.dependency.map_or(place.package, str::to_owned),
                gate: place.gate,
                line: place.line,
                column: place.column,
                excerpt: place.excerpt,
                note: place.note,
                decoded: place.decoded,
                decoding: place.decoding,
                compared: place.compared,
                path: place.path,
            })
            .collect();
        if surer {
            finding.evidence.splice(0..0, evidence);
        } else {
            finding.evidence.extend(evidence);
        }
    }

    fn findings(self) -> Vec<Finding> {
        self.by_id
            .into_values()
            .map(|mut finding| {
                // What tells most is kept: flows and decoded values first.
                let telling =
                    |e: &Evidence| (e.path.is_empty(), e.decoded.is_empty(), e.party.rank());
                if finding.evidence.len() > EVIDENCE {
                    finding.evidence.sort_by_key(telling);
                    let kept = finding
                        .evidence
                        .iter()
                        .filter(|e| !e.path.is_empty() || !e.decoded.is_empty())
                        .count();
                    finding.evidence.truncate(EVIDENCE.max(kept.min(64)));
                }
                finding
            })
            .collect()
    }
}

/// A finding's id: the behaviour, and a hash of what it is about.
#[must_use]
pub fn finding_id(behaviour: &str, key: &str) -> String {
    let mut hash = sha2::Sha256::new();
    hash.update(behaviour.as_bytes());
    hash.update([0]);
    hash.update(key.as_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    format!(
        "{behaviour}-{}",
        hex::encode(hash.get(..6).unwrap_or_default())
    )
}

/// How many packages a finding names.
const PACKAGES: usize = 16;

fn name_packages(known: &mut Vec<String>, more: impl Iterator<Item = String>) {
    for package in more {
        if known.len() < PACKAGES && !known.contains(&package) {
            known.push(package);
        }
    }
    known.sort();
}

/// Adds up whose the code of a node is.
fn share(attribution: &mut Attribution, shares: Vec<party::Share>, dependency: Option<&str>) {
    for share in shares {
        let (party, package) = match dependency {
            Some(package) if share.ecosystem.is_none() => (Party::Third, Some(package.to_owned())),
            _ => (share.party, share.package),
        };
        let total = match party {
            Party::First => &mut attribution.first,
            Party::Third => &mut attribution.third,
            Party::Unknown => &mut attribution.unknown,
        };
        *total = total.saturating_add(share.bytes);
        if package.is_some() || party == Party::Third {
            attribution.count(PackageShare {
                package: package.unwrap_or_default(),
                ecosystem: share.ecosystem,
                party,
                bytes: share.bytes,
                evidence: share
                    .by
                    .map(party::By::name)
                    .map(str::to_owned)
                    .into_iter()
                    .collect(),
            });
        }
    }
}

fn join(
    tree: &Tree,
    origin: &Origin,
    mut results: BTreeMap<usize, NodeAnalysis>,
    between: linking::Between,
    confinement: Option<Confinement>,
) -> Analysis {
    let mut joined = Joined::default();
    let mut coverage = Vec::new();
    let mut attribution = Attribution::default();
    let named = match &origin.purl.version {
        Some(version) => format!("{}@{version}", origin.purl.full_name()),
        None => origin.purl.full_name(),
    };
    let dependency = (origin.role == ArtifactRole::Dependency).then_some(named.as_str());
    for (index, node) in tree.nodes.iter().enumerate() {
        let path = if node.record.path.is_empty() {
            origin.file_name.as_str()
        } else {
            node.record.path.as_str()
        };
        let Some(mut analysis) = results.remove(&index) else {
            coverage.push(CoverageEntry {
                node: path.to_owned(),
                kind: node.record.kind.clone(),
                bytes: node.record.bytes,
                reading: Reading::Unread,
                unparsed: 0,
                gap: Some(Gap::WorkerDied),
                detail: "it was not read".to_owned(),
            });
            continue;
        };
        let own: u64 = node
            .own
            .iter()
            .map(|(start, end)| end.saturating_sub(*start))
            .sum();
        let own = own.saturating_sub(node.lost);
        if let Some((gap, reason)) = &node.unopened {
            analysis.not_opened(*gap, reason);
        }
        if !node.remark.is_empty() {
            let before = std::mem::take(&mut analysis.detail);
            let parts = [before, node.remark.clone()];
            analysis.detail = parts.join("; ").trim_start_matches("; ").to_owned();
        }
        if origin.folder && index == 0 {
            continue;
        }
        coverage.push(CoverageEntry {
            node: path.to_owned(),
            kind: node.record.kind.clone(),
            bytes: own,
            reading: analysis.reading,
            unparsed: analysis.unparsed,
            gap: analysis.gap,
            detail: analysis.detail,
        });
        let context = Context {
            nodes: &tree.nodes,
            artifact: &origin.purl,
            path,
            sha256: node.record.sha256,
            dependency,
        };
        // The sources in a source map are no code that runs.
        if !path.contains(".map!") {
            share(&mut attribution, analysis.shares, dependency);
        }
        for raw in analysis.raws {
            joined.add(raw, &context);
        }
    }
    for raw in between.raws {
        let node = raw
            .places
            .first()
            .and_then(|place| tree.nodes.get(place.node?));
        let Some(node) = node else { continue };
        joined.add(
            raw,
            &Context {
                nodes: &tree.nodes,
                artifact: &origin.purl,
                path: &node.record.path,
                sha256: node.record.sha256,
                dependency,
            },
        );
    }
    let gaps = tree.gaps.iter().chain(&between.gaps);
    coverage.extend(gaps.cloned().map(|mut gap| {
        if gap.node.is_empty() {
            gap.node.clone_from(&origin.file_name);
        }
        gap
    }));
    Analysis {
        findings: joined.findings(),
        coverage,
        attribution: {
            attribution.sort();
            attribution
        },
        confinement,
    }
}

/// Joins the findings of several artifacts of one subject, the most severe
/// first.
#[must_use]
pub fn merge(parts: Vec<Vec<Finding>>) -> (Vec<Finding>, usize) {
    // By what they are about: an id is a hash, which can be made to collide.
    let mut by_id: BTreeMap<(String, String), Finding> = BTreeMap::new();
    for finding in parts.into_iter().flatten() {
        let about = (finding.behaviour.clone(), finding.key.clone());
        match by_id.get_mut(&about) {
            Some(known) => {
                known.severity = known.severity.max(finding.severity);
                if finding.confidence > known.confidence {
                    known.confidence = finding.confidence;
                    known.title = finding.title;
                }
                known.occurrences = known.occurrences.saturating_add(finding.occurrences);
                known.party = known.party.with(finding.party);
                name_packages(&mut known.packages, finding.packages.into_iter());
                known.evidence.extend(finding.evidence);
                known.evidence.truncate(64);
            }
            None => {
                by_id.insert(about, finding);
            }
        }
    }
    let mut all: Vec<Finding> = by_id.into_values().collect();
    all.sort_by(|a, b| {
        (b.severity, a.party.rank(), b.confidence)
            .cmp(&(a.severity, b.party.rank(), a.confidence))
            .then_with(|| a.behaviour.cmp(&b.behaviour))
            .then_with(|| b.occurrences.cmp(&a.occurrences))
            .then_with(|| a.key.cmp(&b.key))
    });
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let before = all.len();
    all.retain(|finding| {
        let count = counts.entry(finding.behaviour.clone()).or_default();
        *count = count.saturating_add(1);
        *count <= EACH
    });
    let left_out = before.saturating_sub(all.len());
    (all, left_out)
}

/// How many findings of one behaviour are told: who has more to read reads
/// none.
const EACH: usize = 20_000;
