//! What hangs on a value: the branches that it decides, and what is done
//! there.

use assay_model::Severity;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{Bin, FuncId, Ir, NONE, Op, Target, V};
use crate::raw::{Notes, one_line};
use crate::resolve::Resolver;

/// How many values are followed from one lookup.
const VALUES: usize = 120;
/// How many calls of a function whose outcome is the switch are followed.
const CALLERS: usize = 12;
/// How deep functions are looked into that are called under a switch.
const DEPTH: usize = 2;
/// How many of them.
const FUNCTIONS: usize = 40;
/// How many places of a switch are looked at.
const SPANS: usize = 60;

/// What stands where in a module, sorted for being asked.
pub(super) struct Controls<'c, 'i, 'a> {
    r: &'c Resolver<'i, 'a>,
    ir: &'i Ir<'a>,
    /// By number of a test: what it controls, and whether the function ends
    /// there.
    ranges: Vec<Option<(u32, u32, bool)>>,
    /// Calls by where they start.
    calls: Vec<(u32, V)>,
    callers: FxHashMap<FuncId, Vec<V>>,
    /// Places of what was found: start, severity, behaviour, and what it is.
    places: Vec<(u32, Severity, String)>,
}

/// What hangs on one switch.
#[derive(Debug, Default)]
pub(super) struct Hangs {
    /// Behaviours, the gravest first.
    behaviours: Vec<(Severity, String)>,
    called: Vec<String>,
    handed: Vec<String>,
    /// Whether the process is ended under its control.
    pub(super) ends_process: bool,
    /// Whether more hangs on it than was looked at.
    pub(super) cut: bool,
    branches: usize,
}

impl Hangs {
    pub(super) fn is_empty(&self) -> bool {
        self.branches == 0 && self.handed.is_empty()
    }

    /// Whether something is done to the host under its control.
    pub(super) fn reaches(&self) -> bool {
        self.ends_process
            || self.behaviours.iter().any(|(_, text)| {
                text.starts_with("reach.") || text.starts_with("control.remote-code")
            })
    }

    /// In words, at most `most`.
    pub(super) fn words(&self, most: usize) -> Vec<String> {
        let mut behaviours = self.behaviours.clone();
        behaviours.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        behaviours.dedup();
        let mut seen = FxHashSet::default();
        let words: Vec<String> = behaviours
            .into_iter()
            .map(|(_, text)| text)
            .chain(self.called.iter().cloned())
            .chain(self.handed.iter().cloned())
            // What another file of its own is called, another build decides.
            .filter(|text| !text.starts_with("./") && !text.starts_with("../"))
            .filter(|text| seen.insert(text.clone()))
            .collect();
        let left = words.len().saturating_sub(most);
        let mut words: Vec<String> = words.into_iter().take(most).collect();
        if left > 0 {
            words.push(format!("{left} more"));
        }
        if words.is_empty() && self.called.is_empty() && self.branches > 0 {
            words.push(match self.branches {
                1 => "one branch, in which nothing is called".to_owned(),
                n => format!("{n} branches, in which nothing is called"),
            });
        }
        words
    }
}

impl<'c, 'i, 'a> Controls<'c, 'i, 'a> {
    pub(super) fn new(r: &'c Resolver<'i, 'a>, offset: u64, notes: &Notes) -> Self {
        let ir = r.ir;
        let mut ranges: Vec<Option<(u32, u32, bool)>> = vec![None; ir.ctrls.len()];
        let mut calls = Vec::new();
        let mut callers: FxHashMap<FuncId, Vec<V>> = FxHashMap::default();
        for index in 0..ir.ops.len() {
            let value = u32::try_from(index).unwrap_or(NONE);
            let (start, end) = ir.span(value);
            let op = ir.op(value);
            if let Some(slot) = ranges.get_mut(ir.control(value) as usize) {
                let ends = matches!(op, Op::Return { .. } | Op::Throw(_));
                *slot = Some(match *slot {
                    Some((from, to, known)) => (from.min(start), to.max(end), known || ends),
                    None => (start, end, ends),
                });
            }
            if let Op::Call { callee, .. } | Op::New { callee, .. } = op {
                calls.push((start, value));
                if let Some(func) = r.function(callee) {
                    callers.entry(func).or_default().push(value);
                }
            }
        }
        calls.sort_unstable();
        let offset = u32::try_from(offset).unwrap_or(0);
        let mut places: Vec<(u32, Severity, String)> = notes
            .raws()
            .filter(|raw| tells(&raw.behaviour))
            .flat_map(|raw| {
                let key = raw.key.split('\u{1f}').next().unwrap_or_default();
                let key: String = one_line(key).chars().take(60).collect();
                let text = if key.is_empty() {
                    raw.behaviour.clone()
                } else {
                    format!("{} {key}", raw.behaviour)
                };
                raw.places.iter().filter_map(move |place| {
                    let start = u32::try_from(place.start).ok()?;
                    Some((start.checked_sub(offset)?, raw.severity, text.clone()))
                })
            })
            .collect();
        places.sort();
        Self {
            r,
            ir,
            ranges,
            calls,
            callers,
            places,
        }
    }

    /// Adds what hangs on a value.
    pub(super) fn follow(&self, value: V, hangs: &mut Hangs) {
        let mut spans: Vec<(u32, u32)> = Vec::new();
        let mut seen: FxHashSet<V> = FxHashSet::default();
        let mut open = vec![(value, 0usize)];
        while let Some((at, calls)) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            if seen.len() > VALUES {
                hangs.cut = true;
                break;
            }
            let user = self.ir.user(at);
            match self.ir.op(user) {
                Op::Pass(_) | Op::Unary { .. } => open.push((user, calls)),
                Op::Binary {
                    op: Bin::Equal | Bin::Compare,
                    ..
                } => open.push((user, calls)),
                // A field of what was asked for, or a method of it.
                Op::Member { object, .. } if object == at => open.push((user, calls)),
                Op::Call { callee, .. }
                    if callee == at && matches!(self.ir.op(at), Op::Member { .. }) =>
                {
                    open.push((user, calls));
                }
                // Made a truth value by a function: `isTrue(value)`.
                Op::Call { args, .. } if args.len == 1 && self.ir.list(args).contains(&at) => {
                    open.push((user, calls));
                }
                Op::Logical { left, right, .. } => {
                    if left == at && self.does(right) {
                        spans.push(self.ir.span(right));
                    }
                    open.push((user, calls));
                }
                Op::Cond { test, yes, no } => {
                    if test == at {
                        spans.push(self.ir.span(yes));
                        spans.push(self.ir.span(no));
                    }
                    open.push((user, calls));
                }
                Op::Test { ctrl, .. } => {
                    if let Some(Some((from, to, ends))) = self.ranges.get(ctrl as usize) {
                        spans.push((*from, *to));
                        // After a return under the test, all that follows in
                        // the function hangs on it as well.
                        let owner = self.ir.owner(user);
                        if *ends && let Some(func) = self.ir.func(owner).filter(|_| owner != 0) {
                            let (_, end) = self.ir.span(func.value);
                            spans.push((*to, end));
                        }
                    } else {
                        spans.push(self.ir.span(user));
                    }
                }
                Op::Assign { targets, value, .. } if value == at => {
                    for target in self.ir.targets(targets) {
                        match target {
                            Target::Var { sym, .. } => {
                                let reads = self.ir.reads(*sym);
                                hangs.cut |= reads.len() > CALLERS * 2;
                                open.extend(
                                    reads.iter().take(CALLERS * 2).map(|read| (*read, calls)),
                                );
                            }
                            Target::Member { name, .. } => {
                                let name = self.ir.names.get(*name);
                                hangs.handed.push(format!("is kept as .{name}"));
                            }
                            Target::Index { .. } => {}
                        }
                    }
                }
                Op::Return { func, .. } if calls < 2 && func != 0 => {
                    let callers = self.callers.get(&func);
                    hangs.cut |= callers.is_some_and(|list| list.len() > CALLERS);
                    open.extend(
                        callers
                            .into_iter()
                            .flatten()
                            .take(CALLERS)
                            .map(|call| (*call, calls.saturating_add(1))),
                    );
                }
                Op::Object(list) => {
                    for prop in self.ir.props(list) {
                        if let (crate::ir::Key::Name(name), true) = (prop.key, prop.value == at) {
                            let name = self.ir.names.get(name);
                            hangs.handed.push(format!("is handed on as {name}"));
                        }
                    }
                }
                _ => {}
            }
        }
        self.within(spans, hangs);
    }

    /// Whether something is done in an expression.
    fn does(&self, value: V) -> bool {
        let (start, end) = self.ir.span(value);
        self.calls_in(start, end).next().is_some()
    }

    fn calls_in(&self, start: u32, end: u32) -> impl Iterator<Item = V> + '_ {
        let from = self.calls.partition_point(|(at, _)| *at < start);
        self.calls
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(at, _)| *at < end)
            .map(|(_, call)| *call)
    }

    /// What is done in ranges of the text, and in the functions called there.
    fn within(&self, spans: Vec<(u32, u32)>, hangs: &mut Hangs) {
        hangs.branches = hangs.branches.saturating_add(spans.len());
        hangs.cut |= spans.len() > SPANS;
        let mut funcs: FxHashSet<FuncId> = FxHashSet::default();
        let mut open: Vec<((u32, u32), usize)> = spans
            .into_iter()
            .take(SPANS)
            .map(|span| (span, 0))
            .collect();
        while let Some(((start, end), depth)) = open.pop() {
            let from = self.places.partition_point(|(at, ..)| *at < start);
            for (_, severity, text) in self
                .places
                .get(from..)
                .unwrap_or_default()
                .iter()
                .take_while(|(at, ..)| *at < end)
                .take(64)
            {
                hangs.behaviours.push((*severity, text.clone()));
            }
            for (count, call) in self.calls_in(start, end).enumerate() {
                if count > 200 {
                    hangs.cut = true;
                    break;
                }
                let (Op::Call { callee, .. } | Op::New { callee, .. }) = self.ir.op(call) else {
                    continue;
                };
                if let Some(func) = self.r.function(callee) {
                    if depth < DEPTH && funcs.insert(func) {
                        if funcs.len() > FUNCTIONS {
                            hangs.cut = true;
                            continue;
                        }
                        if let Some(func) = self.ir.func(func) {
                            open.push((self.ir.span(func.value), depth.saturating_add(1)));
                        }
                    }
                    continue;
                }
                let name = self.called(callee);
                if name == "process.exit()" {
                    hangs.ends_process |= depth == 0;
                }
                if depth == 0 && !name.is_empty() && hangs.called.len() < 64 {
                    hangs.called.push(name);
                }
            }
        }
    }

    /// What is called, by the platform's name or the method's.
    fn called(&self, callee: V) -> String {
        if let Some(canon) = self.r.canon(callee) {
            let name = self.r.canon_text(canon);
            return if name.len() < 60 && !is_plain(&name) {
                format!("{name}()")
            } else {
                String::new()
            };
        }
        match self.ir.op(callee) {
            Op::Member { name, .. } => {
                let name = self.ir.names.get(name);
                if name.len() > 3 && name.len() < 40 && !is_plain(name) {
                    format!(".{name}()")
                } else {
                    String::new()
                }
            }
            _ => String::new(),
        }
    }
}

/// Whether a call tells nothing of what a program does to its surroundings.
fn is_plain(name: &str) -> bool {
    const PLAIN: &[&str] = &[
        "push",
        "join",
        "slice",
        "map",
        "filter",
        "forEach",
        "includes",
        "trim",
        "split",
        "replace",
        "toString",
        "concat",
        "indexOf",
        "find",
        "some",
        "every",
        "reduce",
        "sort",
        "keys",
        "values",
        "entries",
        "then",
        "catch",
        "finally",
        "call",
        "apply",
        "bind",
        "has",
        "get",
        "set",
        "add",
        "delete",
        "startsWith",
        "endsWith",
        "toLowerCase",
        "toUpperCase",
        "match",
        "test",
        "padEnd",
        "String",
        "Number",
        "Boolean",
        "Error",
        "Promise",
        "JSON",
        "Object",
        "Array",
        "Math",
        "Date",
        "Set",
        "Map",
        "parseInt",
        "parseFloat",
        "Symbol",
        "isArray",
        "flatMap",
        "repeat",
        "charCodeAt",
    ];
    let first = name.split(['.', '(']).next().unwrap_or(name);
    let first = first.strip_prefix("new ").unwrap_or(first);
    PLAIN.contains(&first)
}

/// Behaviours that say something of what a switch does.
fn tells(behaviour: &str) -> bool {
    !matches!(
        behaviour,
        "control.remote-flag"
            | "control.kill-switch"
            | "control.local-switch"
            | "reach.environment"
    )
}
