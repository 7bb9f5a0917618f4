//! Where values go.
//!
//! A sparse forward analysis: from each source only the values that it
//! reaches are visited, by who uses them. It follows variables, fields (as
//! short access paths), calls, returns, closures and callbacks across a whole
//! module, and notes on the way what the value is compared with, which
//! outputs are chosen by it, and where those go. It ignores the order of
//! statements, and when it cannot tell which function is called it looks at
//! those of that name, if there are few.

mod python;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod variants;

use std::cell::RefCell;

use assay_text::{Difference, differs};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{ANY, Bin, FuncId, Ir, Key, List, NONE, Name, Op, Target, Un, V};
use crate::resolve::{Canon, HOLE, Known, Resolver};

/// In an access path: what a call of the value gives.
const CALLED: Name = u32::MAX - 1;
/// In an access path: what a call of the value throws.
const THROWN: Name = u32::MAX - 2;
/// The longest access path.
const PATH: u32 = 4;
/// How many calls are remembered on the way into functions.
const CALLS: u32 = 2;
/// How many values one source may reach before the rest is left out.
const BUDGET: usize = 20_000;
/// How many values all sources of a module may reach together.
const MODULE_BUDGET: usize = 12_000_000;
/// How many functions of one name are entered when a callee is not known.
const CANDIDATES: usize = 3;

/// What a flow starts at.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// Where it is read; a hit has the one that it started at.
    pub(crate) value: V,
    /// Other places where the same is read, followed together with it.
    pub(crate) also: Vec<V>,
    /// What is read, in words.
    pub(crate) what: String,
}

/// What the branches of a choice produce.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) at: V,
    pub(crate) outputs: Vec<String>,
    pub(crate) difference: Difference,
}

/// What a value is compared with.
#[derive(Debug, Clone)]
pub(crate) enum Compared {
    /// A concealed list, by its index in the lists given to [`Flow::new`].
    Concealed(usize),
    /// A list of so many hashes, which nobody can read.
    Hashes(usize),
    /// A list or text that stands in the code as it is.
    Plain(Vec<String>),
}

/// Where a chosen output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum SinkKind {
    /// It becomes part of running text.
    Text,
    /// A field of a message for a model.
    Message,
    /// A request's headers or body.
    Request,
    /// Code or a process.
    Execution,
    /// What a process is given beside its program: arguments, environment.
    Process,
    /// A file.
    File,
}

/// One way from a source through a choice to a sink.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) sink: V,
    pub(crate) kind: SinkKind,
    pub(crate) origin: Origin,
    pub(crate) choice: Option<Choice>,
    pub(crate) compared: Vec<(V, Compared)>,
    /// The values on the way, the source first.
    pub(crate) way: Vec<V>,
    /// Whether it was compared with something or looked up.
    pub(crate) decided: bool,
    /// How often on the way the value went through what is not known here:
    /// a function of elsewhere, one of several of a name.
    pub(crate) loose: usize,
}

/// How much farther a way through an unknown function is.
const FAR: usize = 8;

/// What a run follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The value, and what is decided by it.
    Fact,
    /// The value only: what is made of it or holds it.
    Data,
    /// As data, and only where it surely goes: a list that is compared with.
    List,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    value: V,
    path: u32,
    choice: u32,
    /// The calls through which the value came into the function that it is
    /// in, so that it leaves by the same.
    calls: u32,
    /// Whether it is what a comparison or a lookup of the source gave.
    decided: bool,
}

/// Short lists that share their tails: a list is a number, 0 the empty one.
#[derive(Debug)]
struct Chains {
    links: Vec<(u32, u32, u32)>,
    ids: FxHashMap<(u32, u32), u32>,
}

impl Chains {
    fn new() -> Self {
        Self {
            links: vec![(NONE, 0, 0)],
            ids: FxHashMap::default(),
        }
    }

    /// The list with one more in front; `None` beyond the length allowed.
    fn cons(&mut self, first: u32, rest: u32, longest: u32) -> Option<u32> {
        let len = self.links.get(rest as usize)?.2.saturating_add(1);
        if len > longest {
            return None;
        }
        let next = u32::try_from(self.links.len()).ok()?;
        let links = &mut self.links;
        Some(*self.ids.entry((first, rest)).or_insert_with(|| {
            links.push((first, rest, len));
            next
        }))
    }

    /// The first of a list and the rest; `None` for the empty one.
    fn get(&self, list: u32) -> Option<(u32, u32)> {
        if list == 0 {
            return None;
        }
        self.links
            .get(list as usize)
            .map(|(first, rest, _)| (*first, *rest))
    }
}

#[derive(Debug)]
struct Step {
    state: State,
    before: u32,
}

/// The module's flow, with the indexes that all runs share.
pub(crate) struct Flow<'r, 'i, 'a> {
    r: &'r Resolver<'i, 'a>,
    pub(crate) ir: &'i Ir<'a>,
    /// Functions by the name under which an object or class holds them.
    by_key: FxHashMap<Name, Vec<FuncId>>,
    /// Calls of methods of values that are not known, by name.
    calls_by_key: FxHashMap<Name, Vec<V>>,
    /// Reads of `this.NAME`, by class and name.
    this_reads: FxHashMap<(u32, Name), Vec<V>>,
    /// Assignments and calls of methods that change what they are called
    /// on, by the test that directly controls them.
    assigns: FxHashMap<u32, Vec<V>>,
    /// Exceptions thrown, by the test that directly controls them.
    throws: FxHashMap<u32, Vec<V>>,
    /// Functions given to listen for a named event, by the name.
    listeners: FxHashMap<String, Vec<FuncId>>,
    inner_tests: FxHashMap<u32, Vec<u32>>,
    /// Reads of what is written to the global object and the environment.
    shared: FxHashMap<(Canon, Name), Vec<V>>,
    /// Calls that put something into a list, by the test that controls them.
    puts: FxHashMap<u32, Vec<V>>,
    kinds: RefCell<FxHashMap<Canon, CalleeKind>>,
    plain: RefCell<FxHashMap<Canon, bool>>,
    room: RefCell<Room>,
    /// Which concealed list a value carries.
    lists: FxHashMap<V, Vec<usize>>,
    /// How many values all runs together may still reach.
    left: usize,
    /// Whether any run was cut short.
    pub(crate) cut: bool,
}

impl<'r, 'i, 'a> Flow<'r, 'i, 'a> {
    /// Prepares the flow of a module; `lists` are the constants that decode
    /// to concealed lists.
    pub(crate) fn new(r: &'r Resolver<'i, 'a>, lists: &[V]) -> Self {
        let ir = r.ir;
        let mut flow = Self {
            r,
            ir,
            by_key: FxHashMap::default(),
            calls_by_key: FxHashMap::default(),
            this_reads: FxHashMap::default(),
            assigns: FxHashMap::default(),
            throws: FxHashMap::default(),
            listeners: FxHashMap::default(),
            inner_tests: FxHashMap::default(),
            shared: FxHashMap::default(),
            puts: FxHashMap::default(),
            kinds: RefCell::default(),
            plain: RefCell::default(),
            room: RefCell::default(),
            lists: FxHashMap::default(),
            left: MODULE_BUDGET,
            cut: false,
        };
        for (id, func) in ir.funcs.iter().enumerate() {
            if let (Some(key), Ok(id)) = (func.key, u32::try_from(id)) {
                flow.by_key.entry(key).or_default().push(id);
            }
        }
        for (index, op) in ir.ops.iter().enumerate() {
            let value = u32::try_from(index).unwrap_or(NONE);
            match op {
                Op::Call { callee, .. } => {
                    if let Op::Member { object, name } = ir.op(*callee) {
                        flow.calls_by_key.entry(name).or_default().push(value);
                        let method = ir.names.get(name);
                        if listens(method) {
                            flow.listener(value);
                        }
                        if ir.control(value) != NONE
                            && (changes(method) || turns(method))
                            && matches!(ir.op(object), Op::Var(_))
                        {
                            let control = ir.control(value);
                            flow.assigns.entry(control).or_default().push(value);
                        }
                        if ir.python
                            && ir.control(value) != NONE
                            && matches!(ir.names.get(name), "append" | "add" | "insert")
                        {
                            flow.puts.entry(ir.control(value)).or_default().push(value);
                        }
                    }
                }
                Op::Throw(_) if ir.control(value) != NONE => {
                    flow.throws
                        .entry(ir.control(value))
                        .or_default()
                        .push(value);
                }
                Op::Member { object, name } if matches!(ir.op(*object), Op::This) => {
                    let home = ir.func(ir.owner(value)).map_or(0, |func| func.home);
                    flow.this_reads
                        .entry((home, *name))
                        .or_default()
                        .push(value);
                }
                Op::Assign { .. } if ir.control(value) != NONE => {
                    flow.assigns
                        .entry(ir.control(value))
                        .or_default()
                        .push(value);
                }
                _ => {}
            }
        }
        flow.find_shared();
        for (index, ctrl) in ir.ctrls.iter().enumerate() {
            if let (true, Ok(index)) = (ctrl.parent != NONE, u32::try_from(index)) {
                flow.inner_tests.entry(ctrl.parent).or_default().push(index);
            }
        }
        for (index, list) in lists.iter().enumerate() {
            let mut run = Run::new(&flow, Mode::List, BUDGET);
            run.start(*list);
            run.drain();
            let reached: Vec<V> = run.seen.iter().map(|state| state.value).collect();
            run.done();
            for value in reached {
                let known = flow.lists.entry(value).or_default();
                if !known.contains(&index) {
                    known.push(index);
                }
            }
        }
        flow
    }

    /// Finds the reads of what is written to the global object and to the
    /// environment, which all functions share.
    fn find_shared(&mut self) {
        let place = |object: V| {
            let canon = self.r.canon(object)?;
            let name = self.r.canon_text(canon);
            matches!(
                name.as_str(),
                "globalThis" | "global" | "window" | "self" | "process.env"
            )
            .then_some(canon)
        };
        let mut shared: FxHashMap<(Canon, Name), Vec<V>> = FxHashMap::default();
        for op in &self.ir.ops {
            if let Op::Assign { targets, .. } = op {
                for target in self.ir.targets(*targets) {
                    if let Target::Member { object, name } = target
                        && let Some(canon) = place(*object)
                    {
                        shared.entry((canon, *name)).or_default();
                    }
                }
            }
        }
        if shared.is_empty() {
            return;
        }
        for (index, op) in self.ir.ops.iter().enumerate() {
            if let Op::Member { object, name } = op
                && let Some(canon) = place(*object)
                && let Some(reads) = shared.get_mut(&(canon, *name))
                && let Ok(value) = u32::try_from(index)
            {
                reads.push(value);
            }
        }
        self.shared = shared;
    }

    /// Whether a value is the outcome of a comparison with something, or of a
    /// lookup, when it is come to from another: more than that there is a
    /// value at all, and more than a part of it.
    fn decides_on(&self, from: V, value: V) -> bool {
        match self.ir.op(value) {
            Op::Binary {
                op: Bin::Equal | Bin::Compare,
                left,
                right,
            } => ![left, right].iter().any(|side| {
                matches!(self.ir.op(*side), Op::Nil)
                    || matches!(self.ir.op(*side), Op::Str(name) if self.ir.names.get(name).is_empty())
            }),
            Op::Index { key, .. } => key == from,
            Op::Call { callee, .. } => match self.ir.op(callee) {
                Op::Member { name, .. } => {
                    let method = self.ir.names.get(name);
                    decides(method) || is_comparison(method) && callee != from
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Two things that a value may be, where it is an outcome, a count, the
    /// code of a character or a choice between constants.
    fn outcomes(&self, value: V) -> Option<(Known, Known)> {
        let numbers = |one, other| Some((Known::Number(one), Known::Number(other)));
        match self.ir.op(value) {
            Op::Binary {
                op: Bin::Equal | Bin::Compare,
                ..
            }
            | Op::Unary { op: Un::Not, .. } => numbers(0.0, 1.0),
            Op::Cond { yes, no, .. } => Some((self.r.known(yes)?, self.r.known(no)?)),
            Op::Call { callee, args } if self.ir.python && self.gives_outcome(callee, args) => {
                numbers(0.0, 1.0)
            }
            Op::Call { callee, .. } => match self.ir.op(callee) {
                Op::Member { name, .. } => match self.ir.names.get(name) {
                    "charCodeAt" | "codePointAt" => numbers(65.0, 66.0),
                    "indexOf" | "findIndex" | "lastIndexOf" | "search" => numbers(-1.0, 0.0),
                    method if decides(method) => numbers(0.0, 1.0),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// Keeps the functions that a call gives to listen for an event.
    fn listener(&mut self, call: V) {
        let Op::Call { args, .. } = self.ir.op(call) else {
            return;
        };
        let [event, function, ..] = self.ir.list(args) else {
            return;
        };
        if let Op::Str(event) = self.ir.op(*event)
            && let Some(function) = self.r.function(*function)
        {
            let event = self.ir.names.get(event).to_owned();
            self.listeners.entry(event).or_default().push(function);
        }
    }

    /// The calls of the platform's files and processes that a constant gets
    /// to: what it names is read there.
    pub(crate) fn readers(&mut self, constant: V) -> Vec<V> {
        if self.left == 0 {
            return Vec::new();
        }
        let mut run = Run::new(self, Mode::List, 400);
        run.start(constant);
        run.drain();
        let mut calls: Vec<V> = run
            .seen
            .iter()
            .map(|state| self.ir.user(state.value))
            .filter(|user| match self.ir.op(*user) {
                Op::Call { callee, args } => {
                    let first = self.ir.list(args).first();
                    let takes = first
                        .is_some_and(|first| run.seen.iter().any(|state| state.value == *first));
                    takes
                        && self.r.canon(callee).is_some_and(|canon| {
                            let name = self.r.canon_text(canon);
                            [
                                "fs.",
                                "child_process.",
                                "Bun.file",
                                "Bun.spawn",
                                "Deno.read",
                            ]
                            .iter()
                            .any(|front| name.starts_with(front))
                        })
                }
                _ => false,
            })
            .collect();
        calls.sort_unstable();
        calls.dedup();
        let spent = run.steps.len();
        run.done();
        self.left = self.left.saturating_sub(spent);
        calls
    }

    /// Follows a fact: its value and what is decided by it.
    pub(crate) fn follow(&mut self, origin: &Origin) -> Vec<Hit> {
        self.run(origin, Mode::Fact)
    }

    /// Follows data: the value and what is made of it, not what is decided
    /// by it.
    pub(crate) fn follow_data(&mut self, origin: &Origin) -> Vec<Hit> {
        self.run(origin, Mode::Data)
    }

    fn run(&mut self, origin: &Origin, mode: Mode) -> Vec<Hit> {
        if self.left == 0 {
            self.cut = true;
            return Vec::new();
        }
        let mut run = Run::new(self, mode, BUDGET.min(self.left));
        run.outcome = origin.what.starts_with("fingerprint.other-tools");
        run.start(origin.value);
        for value in &origin.also {
            run.start(*value);
        }
        run.drain();
        let cut = run.cut;
        let spent = run.steps.len();
        let hits = run.hits(origin);
        run.done();
        self.left = self.left.saturating_sub(spent);
        self.cut |= cut;
        hits
    }

    fn callee_kind(&self, callee: V) -> CalleeKind {
        let Some(canon) = self.r.canon(callee) else {
            return CalleeKind::Other;
        };
        if let Some(kind) = self.kinds.borrow().get(&canon) {
            return *kind;
        }
        let text = self.r.canon_text(canon);
        let kind = if let Some(sink) = network_or_execution(&text) {
            CalleeKind::Sink(sink)
        } else if let Some(kind) = python::callee_kind(&text) {
            kind
        } else if text.starts_with("WebAssembly.") {
            CalleeKind::Compiles
        } else if matches!(
            text.as_str(),
            "JSON.stringify"
                | "URLSearchParams"
                | "Headers"
                | "FormData"
                | "Blob"
                | "querystring.stringify"
                | "qs.stringify"
                | "url.format"
        ) {
            CalleeKind::Flattens
        } else if text.starts_with("Object.")
            || text.starts_with("Promise.")
            || text == "structuredClone"
        {
            CalleeKind::PassesOn
        } else {
            CalleeKind::Other
        };
        self.kinds.borrow_mut().insert(canon, kind);
        kind
    }

    // ---- what branches produce ----

    /// What a field of an object in a variable may be: what is written here,
    /// and what the object had at first.
    fn field_choice(&self, assign: V, targets: List, value: V) -> Option<Choice> {
        let mut outputs = Vec::new();
        self.outputs(value, 4, &mut outputs);
        let [Target::Member { object, name }] = self.ir.targets(targets) else {
            return self.rewritten(assign, value, true);
        };
        let name = *name;
        if let Op::Object(list) = self.ir.op(self.r.held(*object)) {
            for prop in self.ir.props(list) {
                if prop.key == Key::Name(name) {
                    self.outputs(prop.value, 4, &mut outputs);
                }
            }
        }
        self.choice(assign, outputs)
            .or_else(|| self.rewritten(assign, value, true))
    }

    /// The texts that a value may be: each with holes where it is not
    /// constant.
    fn outputs(&self, value: V, depth: u32, out: &mut Vec<String>) {
        if depth == 0 || out.len() >= 16 {
            return;
        }
        match self.ir.op(value) {
            Op::Cond { yes, no, .. } => {
                self.outputs(yes, depth - 1, out);
                self.outputs(no, depth - 1, out);
            }
            Op::Pass(inner) => self.outputs(inner, depth - 1, out),
            Op::Logical { left, right, .. } => {
                self.outputs(left, depth - 1, out);
                self.outputs(right, depth - 1, out);
            }
            Op::Nil => out.push(String::new()),
            Op::Num(number) => out.push(format!("{number}")),
            Op::Bool(_) | Op::Func(_) => {}
            Op::Object(list) => {
                let fields: Vec<String> = self
                    .ir
                    .props(list)
                    .iter()
                    .take(64)
                    .map(|prop| match prop.key {
                        Key::Name(name) => format!("{}:", self.ir.names.get(name)),
                        Key::Computed(key) => {
                            format!("{}:", self.r.text(key).unwrap_or(HOLE.to_string()))
                        }
                        Key::Spread => HOLE.to_string(),
                    })
                    .collect();
                out.push(fields.join(" "));
            }
            Op::Array(list) => {
                let parts: Vec<String> = self
                    .ir
                    .list(list)
                    .iter()
                    .take(64)
                    .map(|part| self.part(*part))
                    .collect();
                out.push(parts.join(", "));
            }
            Op::Index { object, .. } => self.entries(object, out),
            Op::Call { callee, .. }
                if matches!(self.ir.op(callee), Op::Member { name, .. }
                    if matches!(self.ir.names.get(name), "get" | "charAt" | "at")) =>
            {
                if let Op::Member { object, .. } = self.ir.op(callee) {
                    self.entries(object, out);
                }
            }
            _ => {
                let shape = self.r.imagined(value);
                if !shape.is_empty() || matches!(self.ir.op(value), Op::Str(_)) {
                    out.push(shape);
                }
            }
        }
    }

    /// A part of a list in words: a text, a variable's name, a nested list.
    fn part(&self, value: V) -> String {
        match self.ir.op(value) {
            Op::Array(list) => {
                let parts = self.ir.list(list).iter().take(8);
                parts
                    .map(|part| self.part(*part))
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            Op::Object(_) => HOLE.to_string(),
            _ => match self.r.text(value) {
                Some(text) => text,
                None => {
                    let (start, end) = self.ir.span(value);
                    let text = self.ir.text.get(start as usize..end as usize);
                    text.unwrap_or_default().chars().take(64).collect()
                }
            },
        }
    }

    fn choice(&self, at: V, outputs: Vec<String>) -> Option<Choice> {
        let mut outputs = outputs;
        outputs.dedup();
        let mut distinct: Vec<String> = Vec::new();
        for output in outputs {
            if !distinct.contains(&output) {
                distinct.push(output);
            }
        }
        // Nothing but a hole says nothing about what is sent.
        distinct.retain(|output| output.chars().any(|c| c != HOLE) || output.is_empty());
        if distinct.len() < 2 {
            return None;
        }
        let mut least: Option<Difference> = None;
        // A part that is not known counts as a word.
        let worded: Vec<String> = distinct.iter().map(|t| t.replace(HOLE, "X")).collect();
        for (index, a) in worded.iter().enumerate() {
            for b in worded.iter().skip(index.saturating_add(1)) {
                // A mark of yes or no says nothing before something is made
                // of it.
                let difference = if is_mark(a) && is_mark(b) && a.parse::<f64>() != b.parse() {
                    Difference::Meaning
                } else {
                    differs(a, b)
                };
                if difference != Difference::Same {
                    least = Some(least.map_or(difference, |d| d.min(difference)));
                }
            }
        }
        Some(Choice {
            at,
            outputs: distinct,
            difference: least?,
        })
    }

    fn choice_of(&self, at: V, values: &[V]) -> Option<Choice> {
        self.choice_between(at, values)
            .or_else(|| self.replaced(at, values))
            .or_else(|| self.altered(at, values))
            .or_else(|| self.entry_or_name(at, values))
    }

    /// A choice between something and the same in another order or form.
    fn altered(&self, at: V, values: &[V]) -> Option<Choice> {
        let &[first, second] = values else {
            return None;
        };
        let of = |difference, other: String| {
            Some(Choice {
                at,
                outputs: vec!["as it is".to_owned(), other],
                difference,
            })
        };
        if let (
            Op::Call { callee, args },
            Op::Call {
                callee: same,
                args: others,
            },
        ) = (self.ir.op(first), self.ir.op(second))
            && self.callee_kind(callee) == CalleeKind::Flattens
            && self.source(callee) == self.source(same)
            && let ([one, ..], [other, ..]) = (self.ir.list(args), self.ir.list(others))
            && self.source(*one) == self.source(*other)
            && args.len.max(others.len) == 3
        {
            return self.choice(at, vec!["{ }".to_owned(), "{}".to_owned()]);
        }
        for (one, other) in [(first, second), (second, first)] {
            let (base, how) = self.peeled(one);
            let (plain, other_how) = self.peeled(other);
            if how.is_empty() || self.source(base) != self.source(plain) {
                continue;
            }
            if matches!(self.ir.op(base), Op::Str(_) | Op::Num(_)) || self.source(base).is_empty() {
                continue;
            }
            let only: Vec<&str> = how
                .iter()
                .copied()
                .filter(|method| {
                    !other_how.contains(method) || matches!(*method, "normalize" | "bit" | "end")
                })
                .collect();
            let shown = only.join(", ");
            if only.iter().any(|method| turns(method)) {
                return of(Difference::Order, shown);
            }
            if only.contains(&"normalize") {
                return self.choice(at, vec!["e\u{301}".to_owned(), "\u{e9}".to_owned()]);
            }
            if only.iter().any(|method| rewrites(method)) {
                return of(
                    Difference::Punctuation,
                    format!("in another form ({shown})"),
                );
            }
            if only.contains(&"bit") || only.contains(&"end") {
                return of(Difference::Digits, "with another end".to_owned());
            }
        }
        None
    }

    /// What is left of a value when what changes its order or form is taken
    /// off, and the names of what was.
    fn peeled(&self, value: V) -> (V, Vec<&'a str>) {
        let mut at = value;
        let mut how = Vec::new();
        for _ in 0..12 {
            at = match self.ir.op(at) {
                Op::Pass(inner) => inner,
                // `[...list]`
                Op::Array(list) => match self.ir.list(list) {
                    [only] => *only,
                    _ => break,
                },
                Op::Call { callee, args } => {
                    let Op::Member { object, name } = self.ir.op(callee) else {
                        break;
                    };
                    let method = self.ir.names.get(name);
                    let first = self.ir.list(args).first();
                    match method {
                        "fromEntries" | "entries" | "from" | "freeze" if first.is_some() => {
                            *first.unwrap_or(&object)
                        }
                        "reduce" | "get" | "at" | "charAt" => break,
                        _ if turns(method)
                            || rewrites(method)
                            || matches!(method, "normalize" | "split" | "slice" | "concat") =>
                        {
                            how.push(method);
                            object
                        }
                        _ => break,
                    }
                }
                Op::Binary {
                    op: Bin::BitAnd | Bin::BitOr | Bin::Xor,
                    left,
                    right,
                } if matches!(self.r.known(right), Some(Known::Number(_))) => {
                    how.push("bit");
                    left
                }
                Op::Binary {
                    op: Bin::Add,
                    left,
                    right,
                } if self
                    .r
                    .text(right)
                    .is_some_and(|end| end.chars().count() <= 2 && !end.trim().is_empty())
                    && matches!(self.ir.op(left), Op::Call { .. }) =>
                {
                    how.push("end");
                    left
                }
                _ => break,
            };
        }
        (at, how)
    }

    /// The text of the module where a value stands.
    fn source(&self, value: V) -> &'a str {
        let (start, end) = self.ir.span(value);
        self.ir
            .text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// A choice between entries of a table and their own names:
    /// `far ? letters[c] : c`.
    fn entry_or_name(&self, at: V, values: &[V]) -> Option<Choice> {
        let &[first, second] = values else {
            return None;
        };
        [(first, second), (second, first)]
            .into_iter()
            .find_map(|(entry, name)| {
                let Op::Index { object, key } = self.ir.op(entry) else {
                    return None;
                };
                if self.source(key) != self.source(name) {
                    return None;
                }
                let Op::Object(list) = self.ir.op(self.r.held(object)) else {
                    return None;
                };
                self.ir.props(list).iter().take(64).find_map(|prop| {
                    let Key::Name(key) = prop.key else {
                        return None;
                    };
                    let outputs = vec![self.ir.names.get(key).to_owned(), self.r.text(prop.value)?];
                    self.choice(at, outputs)
                        .filter(|choice| choice.difference != Difference::Meaning)
                })
            })
    }

    /// A choice between functions: what is chosen is what they give.
    fn functions_choice(&self, at: V, values: &[V]) -> Option<Choice> {
        let returns: Option<Vec<V>> = values
            .iter()
            .map(|value| {
                let func = self.ir.func(self.r.function(*value)?)?;
                match func.returns.as_slice() {
                    [only] => Some(*only),
                    _ => None,
                }
            })
            .collect();
        self.choice_of(at, &returns?)
    }

    /// What a choice between values produces, where all of it is constant.
    fn choice_between(&self, at: V, values: &[V]) -> Option<Choice> {
        self.choice(at, self.produced(values))
    }

    /// The same, where some of it is no ASCII: most choices are of it, and
    /// comparing what they produce takes long.
    pub(crate) fn unusual_choice(&self, at: V, values: &[V]) -> Option<Choice> {
        self.unusual(at, self.produced(values))
    }

    fn produced(&self, values: &[V]) -> Vec<String> {
        let mut outputs = Vec::new();
        for value in values {
            self.outputs(*value, 6, &mut outputs);
        }
        outputs
    }

    fn unusual(&self, at: V, outputs: Vec<String>) -> Option<Choice> {
        // The mark of a hole is no ASCII either.
        let usual = |output: &String| output.chars().all(|c| c.is_ascii() || c == HOLE);
        if outputs.iter().all(usual) {
            return None;
        }
        self.choice(at, outputs)
    }

    /// A choice between a value and the same value with one text replaced by
    /// another, or in another form: what is chosen is the two texts.
    fn replaced(&self, at: V, values: &[V]) -> Option<Choice> {
        values
            .iter()
            .find_map(|value| self.rewritten(at, *value, values.len() > 1))
    }

    /// What a call of a method changes in the text that it is called on.
    fn rewritten(&self, at: V, value: V, whole: bool) -> Option<Choice> {
        let Op::Call { callee, args } = self.ir.op(value) else {
            return None;
        };
        let Op::Member { object, name } = self.ir.op(callee) else {
            return None;
        };
        let args = self.ir.list(args);
        let (from, to) = match (self.ir.names.get(name), args) {
            ("replace" | "replaceAll", [from, to, ..]) => {
                let from = match self.ir.op(*from) {
                    Op::Regex(pattern) => literal_of(self.ir.names.get(pattern))?,
                    _ => self.r.text(*from)?,
                };
                let to = match self.r.function(*to).and_then(|func| self.ir.func(func)) {
                    Some(func) => match func.returns.as_slice() {
                        [only] => self.r.text(*only)?,
                        _ => return None,
                    },
                    None => self.r.text(*to)?,
                };
                (from, to)
            }
            // `text.split("-").join("/")`
            ("join", [to]) => {
                let Op::Call { callee, args } = self.ir.op(object) else {
                    return None;
                };
                let Op::Member { name, .. } = self.ir.op(callee) else {
                    return None;
                };
                let [from] = self.ir.list(args) else {
                    return None;
                };
                if self.ir.names.get(name) != "split" {
                    return None;
                }
                (self.r.text(*from)?, self.r.text(*to)?)
            }
            ("toUpperCase" | "toLocaleUpperCase", []) if whole => ("a".into(), "A".into()),
            ("toLowerCase" | "toLocaleLowerCase", []) if whole => ("A".into(), "a".into()),
            _ => return None,
        };
        self.choice(at, vec![from, to])
    }

    /// The outputs of a table that is looked up, where some are no ASCII.
    pub(crate) fn unusual_table(&self, at: V, object: V) -> Option<Choice> {
        self.unusual(at, self.held_by(object)?)
    }

    /// The outputs of a table that is looked up.
    fn table(&self, at: V, object: V) -> Option<Choice> {
        self.choice(at, self.held_by(object)?)
    }

    fn held_by(&self, object: V) -> Option<Vec<String>> {
        let mut outputs = Vec::new();
        self.entries(object, &mut outputs);
        // Large tables of texts are dictionaries, not choices.
        (outputs.len() <= 16).then_some(outputs)
    }

    /// The texts that a table holds: a list, the characters of a short text,
    /// an object, a map of pairs.
    fn entries(&self, object: V, out: &mut Vec<String>) {
        match self.r.known(object) {
            Some(Known::List(list)) if !list.iter().any(|k| matches!(k, Known::List(_))) => {
                out.extend(list.into_iter().filter_map(Known::text));
            }
            Some(Known::Text(text)) if text.chars().count() <= 64 => {
                out.extend(text.chars().map(|c| c.to_string()));
            }
            _ => {
                let held = self.r.held(object);
                match self.ir.op(held) {
                    Op::Object(list) => {
                        let props = self.ir.props(list).iter();
                        out.extend(props.filter_map(|prop| self.r.text(prop.value)));
                    }
                    Op::Array(list) => {
                        let values = self.ir.list(list).iter();
                        out.extend(values.filter_map(|value| self.r.text(*value)));
                    }
                    Op::New { args, .. } => {
                        let Some(first) = self.ir.list(args).first() else {
                            return;
                        };
                        let Op::Array(pairs) = self.ir.op(self.r.held(*first)) else {
                            return;
                        };
                        for pair in self.ir.list(pairs).iter().take(17) {
                            if let Op::Array(pair) = self.ir.op(*pair)
                                && let [_, value] = self.ir.list(pair)
                            {
                                out.extend(self.r.text(*value));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// What stands in the code as a list of texts.
    fn plain_list(&self, value: V) -> Option<Vec<String>> {
        match self.r.known(value)? {
            Known::List(list) if list.len() <= 10_000 => {
                let texts: Option<Vec<String>> = list.into_iter().map(Known::text).collect();
                texts.filter(|texts| !texts.is_empty())
            }
            Known::Text(text) => Some(vec![text]),
            _ => None,
        }
    }

    /// Whether a text goes to whoever sits at the terminal, or into an error.
    fn is_shown(&self, text: V) -> bool {
        let mut at = self.ir.user(text);
        for _ in 0..4 {
            match self.ir.op(at) {
                Op::Call { callee, .. } | Op::New { callee, .. } => {
                    return match self.r.canon(callee) {
                        Some(canon) => {
                            let name = self.r.canon_text(canon);
                            name.starts_with("console.")
                                || name.ends_with(".stdout.write")
                                || name.ends_with(".stderr.write")
                                || name.ends_with("Error")
                        }
                        None => false,
                    };
                }
                Op::Pass(_) | Op::Throw(_) => at = self.ir.user(at),
                _ => return false,
            }
        }
        false
    }

    /// Whether what a method is called on takes what is sent: headers, a
    /// request, a socket, a query.
    fn is_outgoing(&self, object: V, method: &str) -> bool {
        if matches!(method, "setHeader" | "setRequestHeader" | "appendHeader") {
            return true;
        }
        if let Some(canon) = self.r.canon(object) {
            let name = self.r.canon_text(canon);
            return [
                "new Headers",
                "new FormData",
                "new URLSearchParams",
                "new WebSocket",
                "new XMLHttpRequest",
                "http.request",
                "https.request",
                "http2.connect",
                "net.connect",
                "net.createConnection",
                "tls.connect",
                "dgram.createSocket",
            ]
            .iter()
            .any(|front| name.starts_with(front))
                || name.ends_with(".searchParams")
                || name.ends_with(".stdin");
        }
        match self.ir.op(object) {
            Op::Member { name, .. } => {
                matches!(
                    self.ir.names.get(name),
                    "headers" | "searchParams" | "stdin"
                )
            }
            _ => false,
        }
    }

    /// Whether a call of another package takes an address of a service, and so
    /// sends there what it is given beside.
    fn sends_abroad(&self, callee: V, args: List) -> bool {
        let Some(canon) = self.r.canon(callee) else {
            return false;
        };
        let name = self.r.canon_text(canon);
        let verb = name.rsplit(['.', '/']).next().unwrap_or_default();
        let imported = self.r.is_module(canon);
        let sends = imported
            || matches!(
                verb,
                "post" | "get" | "put" | "patch" | "delete" | "request" | "fetch" | "send" | "head"
            );
        sends
            && self.ir.list(args).iter().take(2).any(|arg| {
                let shape = self.r.shape(*arg);
                let address = ["http://", "https://", "ws://", "wss://"]
                    .iter()
                    .any(|scheme| shape.starts_with(scheme));
                address
                    || matches!(self.ir.op(self.r.held(*arg)), Op::Object(list)
                        if self.ir.props(list).iter().any(|prop| matches!(prop.key, Key::Name(name)
                            if matches!(self.ir.names.get(name), "url" | "uri" | "baseURL"))))
            })
    }

    /// Further constants of `x === "a" || x === "b"`, given one comparison.
    fn alternatives(&self, comparison: V, texts: &mut Vec<String>) {
        let mut top = comparison;
        while let user = self.ir.user(top)
            && let Op::Logical { .. } | Op::Pass(_) = self.ir.op(user)
        {
            top = user;
        }
        let mut todo = vec![top];
        for _ in 0..256 {
            let Some(at) = todo.pop() else {
                return;
            };
            match self.ir.op(at) {
                Op::Logical { left, right, .. } => todo.extend([left, right]),
                Op::Pass(inner) => todo.push(inner),
                Op::Binary {
                    op: Bin::Equal,
                    left,
                    right,
                } => {
                    for side in [left, right] {
                        if let Op::Str(name) = self.ir.op(side) {
                            let text = self.ir.names.get(name).to_owned();
                            if text.len() >= 2 && !texts.contains(&text) {
                                texts.push(text);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether the constant parts of a value are running text.
    fn reads_as_text(&self, value: V) -> bool {
        let shape = self.r.shape(value);
        let words = shape
            .split(|c: char| c.is_whitespace() || c == HOLE)
            .filter(|word| {
                word.chars().filter(|c| c.is_alphabetic()).count() >= 2
                    && word.chars().all(|c| {
                        c.is_alphabetic()
                            || matches!(c, '\'' | ',' | '.' | ':' | '!' | '?' | '-' | '’')
                    })
            })
            .count();
        words >= 2 && !shape.contains("://") && !shape.starts_with(['/', '<', '{'])
    }
}

/// Whether a field is by its name what a model is told before all else.
fn is_prompt(name: &str) -> bool {
    matches!(
        name,
        "system" | "instructions" | "systemPrompt" | "system_prompt" | "systemInstruction"
    )
}

/// Whether an output is a small number.
fn is_mark(output: &str) -> bool {
    output
        .parse::<f64>()
        .is_ok_and(|number| number.fract() == 0.0 && number.abs() < 100.0)
}

/// The text that a regular expression of plain characters matches.
fn literal_of(pattern: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                c if c.is_alphanumeric() => return None,
                c => out.push(c),
            },
            '[' | ']' | '(' | ')' | '{' | '}' | '*' | '+' | '?' | '|' | '^' | '$' | '.' => {
                return None;
            }
            c => out.push(c),
        }
    }
    Some(out)
}

/// A state whose value decides something: what was chosen before is no output
/// any more, what is chosen by it will be.
fn anew(state: State) -> State {
    State {
        choice: NONE,
        ..state
    }
}

/// What runs leave to the next for its room: growing tables anew would take a
/// good part of their time.
#[derive(Default)]
struct Room {
    seen: FxHashSet<State>,
    written: FxHashSet<(u32, State)>,
    steps: Vec<Step>,
    waiting: Vec<Vec<(State, u32)>>,
}

struct Run<'f, 'r, 'i, 'a> {
    f: &'f Flow<'r, 'i, 'a>,
    mode: Mode,
    /// Whether the source itself tells yes or no: whether something is there.
    outcome: bool,
    budget: usize,
    cut: bool,
    seen: FxHashSet<State>,
    steps: Vec<Step>,
    /// What was found by the visit of one value, and whether loosely.
    found: Vec<(State, u32, bool)>,
    /// What is to be visited, by its distance.
    waiting: Vec<Vec<(State, u32)>>,
    paths: Chains,
    calls: Chains,
    choices: Vec<Choice>,
    choice_ids: FxHashMap<V, Option<u32>>,
    compared: Vec<(u32, V, Compared)>,
    sinks: Vec<(u32, V, SinkKind)>,
    sink_seen: FxHashSet<(V, SinkKind, u32, bool)>,
    /// Variables that were written already, with what and whence: their
    /// reads need no second look.
    written: FxHashSet<(u32, State)>,
    /// Calls that give a part of the source: whatever picks the part, the
    /// result is no outcome.
    searched: FxHashSet<V>,
}

impl<'f, 'r, 'i, 'a> Run<'f, 'r, 'i, 'a> {
    fn new(f: &'f Flow<'r, 'i, 'a>, mode: Mode, budget: usize) -> Self {
        let mut room = f.room.take();
        room.seen.clear();
        room.written.clear();
        room.steps.clear();
        room.waiting.iter_mut().for_each(Vec::clear);
        Self {
            f,
            mode,
            outcome: false,
            budget,
            cut: false,
            seen: room.seen,
            steps: room.steps,
            found: Vec::new(),
            waiting: room.waiting,
            paths: Chains::new(),
            calls: Chains::new(),
            choices: Vec::new(),
            choice_ids: FxHashMap::default(),
            compared: Vec::new(),
            sinks: Vec::new(),
            sink_seen: FxHashSet::default(),
            written: room.written,
            searched: FxHashSet::default(),
        }
    }

    /// Leaves its room to the next.
    fn done(self) {
        self.f.room.replace(Room {
            seen: self.seen,
            written: self.written,
            steps: self.steps,
            waiting: self.waiting,
        });
    }

    fn start(&mut self, value: V) {
        let state = State {
            value,
            path: 0,
            choice: NONE,
            calls: 0,
            decided: self.outcome,
        };
        self.seen.insert(state);
        self.found.push((state, NONE, false));
        // What a call gives to its callback: after the error, if that takes
        // one.
        if let Op::Call { args, .. } = self.f.ir.op(value) {
            for arg in self.f.ir.list(args) {
                if let Some(func) = self.f.r.function(*arg) {
                    let count = self.f.ir.func(func).map_or(0, |func| func.params.len());
                    let step = u32::try_from(self.steps.len()).unwrap_or(NONE);
                    self.steps.push(Step {
                        state,
                        before: NONE,
                    });
                    for index in usize::from(count > 1)..count.min(3) {
                        self.enter(func, index, state, step);
                    }
                }
            }
        }
        // What a parameter or a destructuring brings is in the variables that
        // it binds.
        if let Op::Param { targets, .. } | Op::Assign { targets, .. } = self.f.ir.op(value) {
            let step = u32::try_from(self.steps.len()).unwrap_or(NONE);
            self.steps.push(Step {
                state,
                before: NONE,
            });
            self.write(targets, state, step);
        }
    }

    /// Follows what there is to follow, the nearest first. What one value is
    /// handed on to by many ways is far: a value that gets into what all of a
    /// bundle uses is then followed last, and not instead of the rest.
    fn drain(&mut self) {
        let mut cost = 0usize;
        self.put_off(cost);
        while let Some(near) = self.waiting.get_mut(cost) {
            let Some((state, before)) = near.pop() else {
                cost = cost.saturating_add(1);
                continue;
            };
            if self.steps.len() >= self.budget {
                self.cut = true;
                return;
            }
            let step = u32::try_from(self.steps.len()).unwrap_or(NONE);
            self.steps.push(Step { state, before });
            self.visit(state, step);
            self.put_off(cost);
        }
    }

    /// Puts what was found from somewhere where it belongs by its distance.
    fn put_off(&mut self, from: usize) {
        let Some(ways) = self.found.len().checked_ilog2() else {
            return;
        };
        let near = from.saturating_add(1).saturating_add(ways as usize);
        let mut found = std::mem::take(&mut self.found);
        for (state, step, loose) in found.drain(..) {
            let to = near.saturating_add(if loose { FAR } else { 0 });
            if self.waiting.len() <= to {
                self.waiting.resize_with(to.saturating_add(1), Vec::new);
            }
            if let Some(there) = self.waiting.get_mut(to) {
                there.push((state, step));
            }
        }
        self.found = found;
    }

    fn push(&mut self, value: V, path: u32, state: State, step: u32) {
        if value == NONE {
            return;
        }
        let from = self.steps.get(step as usize).map(|step| step.state.value);
        let loose = from.is_some_and(|from| self.is_loose(from, value));
        let state = State {
            value,
            path,
            decided: state.decided
                || from.is_some_and(|from| self.f.decides_on(from, value))
                    && !self.searched.contains(&value),
            ..state
        };
        if self.seen.insert(state) {
            self.found.push((state, step, loose));
        }
    }

    /// The path of a container that holds the value under `name`.
    fn push_held(&mut self, container: V, name: Name, state: State, step: u32) {
        if let Some(path) = self.paths.cons(name, state.path, PATH) {
            self.push(container, path, state, step);
        }
    }

    /// What is left of a path when the part `taken` of the value is taken;
    /// `None` when the source is not in that part.
    fn taken(&self, path: u32, taken: &[Name]) -> Option<u32> {
        let mut rest = path;
        for name in taken {
            match self.paths.get(rest) {
                None => return Some(0),
                Some((CALLED | THROWN, _)) => return None,
                Some((first, tail)) if first == *name || first == ANY || *name == ANY => {
                    rest = tail;
                }
                Some(_) => return None,
            }
        }
        Some(rest)
    }

    fn is_called(&self, path: u32) -> bool {
        matches!(self.paths.get(path), Some((CALLED, _)))
    }

    fn tail(&self, path: u32) -> u32 {
        self.paths.get(path).map_or(0, |(_, tail)| tail)
    }

    fn write(&mut self, targets: List, state: State, step: u32) {
        let ir = self.f.ir;
        for target in ir.targets(targets) {
            if let Target::Member { object, name } = *target
                && state.choice != NONE
                && state.path == 0
                && is_prompt(ir.names.get(name))
            {
                self.sink(object, SinkKind::Message, state.choice, step);
            }
            match *target {
                Target::Var { sym, path } => {
                    let Some(rest) = self.taken(state.path, ir.path(path)) else {
                        continue;
                    };
                    let home = self.home(state);
                    let whence = State {
                        value: home,
                        path: rest,
                        ..state
                    };
                    if !self.written.insert((sym, whence)) {
                        continue;
                    }
                    for read in ir.reads(sym) {
                        // In another function it may have come by any call.
                        let calls = if ir.owner(*read) == home {
                            state.calls
                        } else {
                            0
                        };
                        self.push(*read, rest, State { calls, ..state }, step);
                    }
                }
                Target::Member { object, name } => match ir.op(object) {
                    Op::Var(sym) => {
                        self.share(object, name, state, step);
                        self.hold(sym, name, object, state, step);
                    }
                    Op::This => {
                        let home = ir.func(ir.owner(object)).map_or(0, |func| func.home);
                        let reads = self.f.this_reads.get(&(home, name));
                        for read in reads.into_iter().flatten() {
                            self.push(*read, state.path, State { calls: 0, ..state }, step);
                        }
                    }
                    _ => {
                        self.share(object, name, state, step);
                        self.put_part(object, state, step);
                    }
                },
                Target::Index { object, .. } => {
                    if let Op::Var(sym) = ir.op(object) {
                        self.hold(sym, ANY, object, state, step);
                    } else {
                        self.put_part(object, state, step);
                    }
                }
            }
        }
    }

    /// What is written to the global object is read everywhere.
    fn share(&mut self, object: V, name: Name, state: State, step: u32) {
        if self.f.shared.is_empty() {
            return;
        }
        let Some(canon) = self.f.r.canon(object) else {
            return;
        };
        let reads = self.f.shared.get(&(canon, name));
        for read in reads.into_iter().flatten() {
            self.push(*read, state.path, State { calls: 0, ..state }, step);
        }
    }

    /// A variable's value takes the state under a name.
    fn hold(&mut self, sym: u32, name: Name, object: V, state: State, step: u32) {
        let whence = State {
            value: name,
            path: state.path.wrapping_add(1 << 31),
            ..state
        };
        if !self.written.insert((sym, whence)) {
            return;
        }
        for read in self.f.ir.reads(sym) {
            if *read != object {
                self.push_held(*read, name, state, step);
            }
        }
        // What a module of the bundle exports, those get who ask for it.
        let outside = State { calls: 0, ..state };
        let modules = &self.f.r.modules;
        for call in modules.calls_of(sym) {
            match modules.exports(*call) {
                Some(exports) if exports.module != Some(sym) => {
                    self.push_held(*call, name, outside, step);
                }
                Some(_) if self.f.ir.names.get(name) == "exports" => {
                    self.push(*call, state.path, outside, step);
                }
                _ => {}
            }
        }
    }

    /// The function whose variables a state writes: the one that the last
    /// call entered, else that of the value.
    fn home(&self, state: State) -> FuncId {
        self.calls
            .get(state.calls)
            .and_then(|(call, _)| match self.f.ir.op(call) {
                Op::Call { callee, .. } => self.f.r.function(callee),
                _ => None,
            })
            .unwrap_or_else(|| self.f.ir.owner(state.value))
    }

    /// Enters a function by a call, and remembers by which.
    fn enter_by(&mut self, call: V, func: FuncId, index: usize, state: State, step: u32) {
        let calls = match self.calls.cons(call, state.calls, CALLS) {
            Some(calls) => calls,
            // Deeper than remembered: the outer calls are forgotten.
            None => self.calls.cons(call, 0, CALLS).unwrap_or(0),
        };
        self.enter(func, index, State { calls, ..state }, step);
    }

    fn enter(&mut self, func: FuncId, index: usize, state: State, step: u32) {
        let Some(param) = self.f.ir.func(func).and_then(|f| f.params.get(index)) else {
            return;
        };
        if let Op::Param { targets, .. } = self.f.ir.op(*param) {
            self.write(targets, state, step);
        }
    }

    /// Notes a choice and gives the state that goes on with it.
    fn choose(
        &mut self,
        state: State,
        choice: impl FnOnce(&Flow<'r, 'i, 'a>) -> Option<Choice>,
        at: V,
    ) -> State {
        let choice = self.choose_id(state, choice, at);
        State { choice, ..state }
    }

    fn choose_id(
        &mut self,
        state: State,
        choice: impl FnOnce(&Flow<'r, 'i, 'a>) -> Option<Choice>,
        at: V,
    ) -> u32 {
        // The least visible choice on the way is the one that counts.
        let current = self.choices.get(state.choice as usize);
        if current.is_some_and(|c| c.difference.is_hidden()) {
            return state.choice;
        }
        let id = if let Some(id) = self.choice_ids.get(&at) {
            *id
        } else {
            let made = choice(self.f).and_then(|choice| {
                let id = u32::try_from(self.choices.len()).ok()?;
                self.choices.push(choice);
                Some(id)
            });
            self.choice_ids.insert(at, made);
            made
        };
        let Some(id) = id else {
            return state.choice;
        };
        let better = |id: u32| self.choices.get(id as usize).map(|c| c.difference);
        match (better(state.choice), better(id)) {
            (Some(old), Some(new)) if old <= new => state.choice,
            _ => id,
        }
    }

    /// Whether on the way here the value was compared with something.
    fn was_decided(&self, step: u32) -> bool {
        if self.outcome {
            return true;
        }
        let mut at = step;
        for _ in 0..256 {
            let Some(step) = self.steps.get(at as usize) else {
                return false;
            };
            let Some(before) = self.steps.get(step.before as usize) else {
                return false;
            };
            if self.f.decides_on(before.state.value, step.state.value) {
                return true;
            }
            at = step.before;
        }
        false
    }

    /// A text that is computed from something that was decided or counted:
    /// what it would be for two outcomes.
    fn what_if(&mut self, at: V, state: State, step: u32) -> State {
        // The way back, to what was decided.
        let mut way = Vec::new();
        let mut before = step;
        let mut origin = None;
        for _ in 0..48 {
            let Some(step) = self.steps.get(before as usize) else {
                break;
            };
            way.push(step.state.value);
            before = step.before;
            if let Some(suppositions) = self.f.outcomes(step.state.value) {
                origin = Some(suppositions);
                break;
            }
        }
        let Some((one, other)) = origin else {
            return state;
        };
        self.choose(
            state,
            |f| {
                // From where it was decided on, the first point from which
                // the text can be computed.
                way.iter().rev().find_map(|given| {
                    let mut outputs = Vec::new();
                    for outcome in [&one, &other] {
                        match f.r.supposing(*given, outcome.clone(), at)? {
                            Known::Number(number) if number < 100.0 => return None,
                            known => outputs.push(known.text()?),
                        }
                    }
                    f.choice(at, outputs)
                })
            },
            at,
        )
    }

    /// Whether what is chosen for a process tells something: programs have
    /// their own forms of arguments, so that a form tells nothing where the
    /// program is not known.
    fn given_to(&self, args: List, choice: u32) -> bool {
        let Some(choice) = self.choices.get(choice as usize) else {
            return false;
        };
        let program = self.f.ir.list(args).first().map(|first| {
            let first = self.f.r.held(*first);
            match self.f.ir.op(first) {
                Op::Array(list) => self.f.ir.list(list).first().copied().unwrap_or(first),
                _ => first,
            }
        });
        choice.difference.is_hidden()
            || program.is_some_and(|program| {
                let named = self.f.r.shape(program);
                !named.starts_with(HOLE) && !runs_another(&named)
            })
    }

    fn sink(&mut self, value: V, kind: SinkKind, choice: u32, step: u32) {
        let decided = (self.steps.get(step as usize)).is_some_and(|step| step.state.decided);
        if self.sink_seen.insert((value, kind, choice, decided)) {
            self.sinks.push((step, value, kind));
        }
    }

    fn compare(&mut self, at: V, other: V, step: u32) {
        if self.mode != Mode::Fact {
            return;
        }
        if let Some(lists) = self.f.lists.get(&other) {
            for list in lists {
                self.compared.push((step, at, Compared::Concealed(*list)));
            }
        } else if let Some(mut texts) = self.f.plain_list(other)
            && texts.iter().any(|text| text.len() >= 2)
        {
            self.f.alternatives(at, &mut texts);
            let what = if texts.iter().all(|text| is_hash(text)) {
                Compared::Hashes(texts.len())
            } else {
                Compared::Plain(texts)
            };
            self.compared.push((step, at, what));
        }
    }

    fn visit(&mut self, state: State, step: u32) {
        let ir = self.f.ir;
        let State {
            value,
            path,
            choice,
            ..
        } = state;
        if let Some((THROWN, rest)) = self.paths.get(path) {
            self.raise(
                value,
                State {
                    path: rest,
                    ..state
                },
                step,
            );
            return;
        }
        let user = ir.user(value);
        if user == NONE {
            return;
        }
        let whole = path == 0;
        match ir.op(user) {
            Op::Member { object, name } if object == value => {
                match self.paths.get(path) {
                    None => self.push(user, 0, state, step),
                    Some((first, rest)) if first == name => self.push(user, rest, state, step),
                    Some((CALLED, _))
                        if matches!(ir.names.get(name), "bind" | "call" | "apply")
                            // Not the one that a wrapper was given: its
                            // result goes to all that are wrapped.
                            && self.f.r.function(object).is_some() =>
                    {
                        self.push(user, path, state, step);
                    }
                    // A method of a collection that holds it.
                    Some((ANY, 0)) if is_collection(ir.names.get(name)) => {
                        self.push(user, 0, state, step);
                    }
                    Some((held, rest)) => self.take_named(user, name, (held, rest), state, step),
                }
            }
            Op::Index { object, key } => {
                if object == value {
                    if let Some(rest) = self.taken(path, &[ANY]) {
                        self.push(user, rest, state, step);
                    }
                } else if key == value && whole && self.mode == Mode::Fact {
                    let chosen = self.choose(state, |f| f.table(user, object), user);
                    self.push(user, 0, chosen, step);
                    if ir.python {
                        self.may_raise(user, state, step);
                    }
                    if let Op::Object(list) = ir.op(self.f.r.held(object))
                        && list.len <= 8
                    {
                        let values: Vec<V> = ir.props(list).iter().map(|prop| prop.value).collect();
                        self.choose_function(user, &values, state, step);
                    }
                }
            }
            Op::Call { callee, args } => self.visit_call(state, step, user, callee, args),
            Op::New { callee, .. } if callee != value => {
                if let CalleeKind::Sink(kind @ (SinkKind::Execution | SinkKind::Request)) =
                    self.f.callee_kind(callee)
                {
                    self.sink(user, kind, choice, step);
                }
                // A query, headers or a form hold what they are made of as
                // one text.
                let flat =
                    !self.is_called(path) && self.f.callee_kind(callee) == CalleeKind::Flattens;
                self.push(user, if flat { 0 } else { path }, state, step);
            }
            // What a class holds, an instance has.
            Op::New { .. } if !whole && !self.is_called(path) && self.mode != Mode::List => {
                self.push(user, path, state, step);
            }
            Op::Object(list) | Op::Class(list) => {
                // Values are numbered as they are written, so that one among
                // many thousands is found without looking at all.
                let props = ir.props(list);
                let at = props.partition_point(|prop| prop.value < value);
                if whole
                    && self.mode == Mode::Fact
                    && props.len() <= 256
                    && props.iter().any(|prop| prop.key == Key::Computed(value))
                {
                    // The name of a field is part of what the object says.
                    self.push(user, 0, state, step);
                }
                for prop in props.get(at..).unwrap_or_default().iter().take(1) {
                    if prop.value == value {
                        match prop.key {
                            Key::Name(name) => {
                                self.message_sink(user, list, name, state, step);
                                self.push_held(user, name, state, step);
                                if !self.is_called(path) && self.mode != Mode::List {
                                    self.own_reads(list, name, state, step);
                                }
                                // Methods are found by name where the object
                                // itself cannot be followed.
                                if self.is_called(path) && self.mode == Mode::Fact {
                                    self.by_name(name, state, step);
                                }
                            }
                            Key::Computed(_) => self.push_held(user, ANY, state, step),
                            Key::Spread => self.push(user, path, state, step),
                        }
                    }
                }
            }
            Op::Array(_) => self.push_held(user, ANY, state, step),
            Op::Binary { left, right, .. } if !whole && self.is_set_of(path) => {
                let other = if left == value { right } else { left };
                self.compare(user, other, step);
                self.push(user, 0, anew(state), step);
            }
            Op::Binary { op, left, right } if whole => {
                let compares = matches!(op, Bin::Equal | Bin::Compare);
                if compares && self.mode != Mode::Fact {
                    return;
                }
                match op {
                    Bin::Equal | Bin::Compare => {
                        let other = if left == value { right } else { left };
                        self.compare(user, other, step);
                    }
                    Bin::Add => self.text_sink(user, state, step),
                    _ => {}
                }
                let arithmetic = matches!(op, Bin::Add | Bin::Sub) || op == Bin::Mul && ir.python;
                let chosen = if compares {
                    anew(state)
                } else if arithmetic && self.mode == Mode::Fact {
                    let state = self.in_id(user, &[left, right], state);
                    self.what_if(user, state, step)
                } else {
                    state
                };
                self.push(user, 0, chosen, step);
            }
            Op::Template(list) if whole => {
                let state = if self.mode == Mode::Fact {
                    let state = self.in_id(user, ir.list(list), state);
                    let open = self
                        .choices
                        .get(state.choice as usize)
                        .is_some_and(|choice| choice.difference == Difference::Meaning);
                    if open {
                        self.what_if(user, state, step)
                    } else {
                        state
                    }
                } else {
                    state
                };
                self.text_sink(user, state, step);
                self.push(user, 0, state, step);
            }
            // That there is a value says nothing of what it is.
            Op::Logical {
                and: true, left, ..
            } if left == value && self.mode == Mode::Fact && !self.was_decided(step) => {}
            // `decided && (text += "...")`
            Op::Logical { left, right, .. }
                if left == value
                    && whole
                    && self.mode == Mode::Fact
                    && matches!(ir.op(right), Op::Assign { .. } | Op::Pass(_) | Op::Seq(_)) =>
            {
                self.effects(right, state, step);
                self.push(user, 0, state, step);
            }
            Op::Logical { left, right, .. } => {
                if left == value
                    && whole
                    && self.mode == Mode::Fact
                    && let Some(between) = self.f.and_or(user)
                {
                    let chosen = self.choose(state, |_| Some(between), user);
                    self.push(user, 0, chosen, step);
                } else if left == value
                    && whole
                    && self.mode == Mode::Fact
                    && matches!(ir.op(right), Op::Str(_) | Op::Template(_))
                {
                    let chosen = self.choose(
                        state,
                        |f| {
                            let mut outputs = Vec::new();
                            if matches!(f.ir.op(left), Op::Index { .. } | Op::Call { .. }) {
                                f.outputs(left, 4, &mut outputs);
                            }
                            if outputs.iter().all(|output| output.contains(HOLE)) {
                                outputs = vec![String::new()];
                            }
                            f.outputs(right, 4, &mut outputs);
                            f.choice(user, outputs)
                        },
                        user,
                    );
                    self.push(user, 0, chosen, step);
                } else {
                    self.push(user, path, state, step);
                }
            }
            Op::Cond { test, yes, no } => {
                if test == value {
                    if whole && self.mode == Mode::Fact {
                        let state = anew(state);
                        for branch in [yes, no] {
                            if matches!(ir.op(branch), Op::Assign { .. } | Op::Seq(_) | Op::Pass(_))
                            {
                                self.effects(branch, state, step);
                            }
                        }
                        // In a helper the outputs are what it is given.
                        let (at, one, other) = self.given(state, user, yes, no);
                        let mut chosen = self.choose(state, |f| f.choice_of(at, &[one, other]), at);
                        if chosen.choice == NONE && at != user {
                            chosen = self.choose(state, |f| f.choice_of(user, &[yes, no]), user);
                        }
                        if chosen.choice == NONE {
                            self.choose_function(user, &[yes, no], state, step);
                        }
                        // What is decided between values that say nothing
                        // here is not followed: nearly everything depends on
                        // everything that way.
                        let tables = ir.python
                            && [yes, no]
                                .iter()
                                .all(|branch| self.f.r.replacements(*branch, 8).is_some());
                        if chosen.choice != NONE
                            || self.constant(yes) && self.constant(no)
                            || tables
                        {
                            self.push(user, 0, chosen, step);
                        }
                    }
                } else {
                    self.push(user, path, state, step);
                }
            }
            Op::Unary { .. } if whole && self.mode == Mode::Fact => self.push(user, 0, state, step),
            Op::Pass(_) => self.push(user, path, state, step),
            Op::Seq(list) if ir.list(list).last() == Some(&value) => {
                self.push(user, path, state, step);
            }
            Op::Assign {
                value: assigned,
                targets,
                ..
            } if assigned == value => {
                self.write(targets, state, step);
                self.push(user, path, state, step);
            }
            // `object[name] = ...` with a name that was chosen.
            Op::Assign { targets, .. } if whole && self.mode == Mode::Fact => {
                for target in ir.targets(targets) {
                    if let Target::Index { object, key } = *target
                        && key == value
                        && let Op::Var(sym) = ir.op(object)
                    {
                        self.hold(sym, ANY, object, state, step);
                    }
                }
            }
            Op::Each {
                value: iterated,
                targets,
            } if iterated == value => self.write(targets, state, step),
            Op::Return { func, .. } => self.give_back(func, state, step),
            Op::Throw(_) if self.mode != Mode::List => self.raise(user, state, step),
            Op::Test { ctrl, .. } if whole && self.mode == Mode::Fact => {
                self.controlled(ctrl, user, anew(state), step);
            }
            _ => {}
        }
    }

    /// Notes a choice between functions: what is called is what was chosen.
    fn choose_function(&mut self, at: V, values: &[V], state: State, step: u32) {
        let Some(first) = values.first().copied() else {
            return;
        };
        // Under another place than the choice between the values themselves.
        let chosen = self.choose(anew(state), |f| f.functions_choice(at, values), first);
        if chosen.choice != NONE
            && let Some(path) = self.paths.cons(CALLED, 0, PATH)
        {
            self.push(at, path, chosen, step);
        }
    }

    /// A sign or two that were chosen, put beside what is not known, as in an
    /// id: its digits.
    fn in_id(&mut self, at: V, parts: &[V], state: State) -> State {
        let small = self
            .choices
            .get(state.choice as usize)
            .is_some_and(|choice| {
                choice.difference == Difference::Meaning
                    && choice.outputs.iter().all(|output| {
                        (1..=2).contains(&output.len())
                            && output.bytes().all(|b| b.is_ascii_alphanumeric())
                    })
            });
        if !small {
            return state;
        }
        let Some(place) = parts.iter().position(|part| *part == state.value) else {
            return state;
        };
        let shape = self.f.r.shape(at);
        let of_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
        let part = |index: Option<usize>| index.and_then(|index| parts.get(index)).copied();
        let joins = |part: V, last: bool| match self.f.r.text(part) {
            None => true,
            Some(text) => {
                let end = if last {
                    text.chars().next_back()
                } else {
                    text.chars().next()
                };
                shape.contains(HOLE) && end.is_some_and(of_id)
            }
        };
        let beside = part(place.checked_sub(1)).is_some_and(|part| joins(part, true))
            || part(place.checked_add(1)).is_some_and(|part| joins(part, false));
        if !beside || shape.contains(char::is_whitespace) || shape.contains("://") {
            return state;
        }
        let outputs = self
            .choices
            .get(state.choice as usize)
            .map(|choice| choice.outputs.iter().map(|o| format!("…{o}")).collect())
            .unwrap_or_default();
        self.choose(
            state,
            |_| {
                Some(Choice {
                    at,
                    outputs,
                    difference: Difference::Digits,
                })
            },
            at,
        )
    }

    /// Whether a value says only how something was decided.
    fn constant(&self, value: V) -> bool {
        match self.f.ir.op(value) {
            Op::Str(_) | Op::Num(_) | Op::Bool(_) | Op::Nil => true,
            Op::Unary { .. } => true,
            Op::Binary { op, .. } => matches!(op, Bin::Equal | Bin::Compare),
            Op::Pass(inner) => matches!(self.f.ir.op(inner), Op::Str(_) | Op::Bool(_) | Op::Num(_)),
            _ => false,
        }
    }

    /// Reads of a field through `this` in the methods beside it.
    fn own_reads(&mut self, list: List, name: Name, state: State, step: u32) {
        let ir = self.f.ir;
        let home = ir.props(list).iter().find_map(|prop| {
            let func = match ir.op(prop.value) {
                Op::Func(func) => func,
                // A getter.
                Op::Call { callee, .. } => match ir.op(callee) {
                    Op::Func(func) => func,
                    _ => return None,
                },
                _ => return None,
            };
            ir.func(func)
                .map(|func| func.home)
                .filter(|home| *home != 0)
        });
        let Some(home) = home else {
            return;
        };
        let reads = self.f.this_reads.get(&(home, name));
        for read in reads.into_iter().flatten() {
            self.push(*read, state.path, State { calls: 0, ..state }, step);
        }
    }

    /// An exception that carries the state, or that is thrown because of it:
    /// to the handler around it, or to the calls of its function.
    fn raise(&mut self, at: V, state: State, step: u32) {
        match self.f.ir.handler(at) {
            Some(handler) => {
                if let Op::Caught { targets } = self.f.ir.op(handler.caught) {
                    self.write(targets, state, step);
                }
                if self.mode == Mode::Fact {
                    self.controlled(handler.ctrl, handler.caught, state, step);
                }
            }
            None => {
                let owner = self.f.ir.owner(at);
                if owner != 0
                    && let Some(path) = self.paths.cons(THROWN, state.path, PATH)
                {
                    self.give_back(owner, State { path, ..state }, step);
                }
            }
        }
    }

    fn give_back(&mut self, func: FuncId, state: State, step: u32) {
        if let Some((call, outer)) = self.calls.get(state.calls)
            && let Op::Call { callee, .. } = self.f.ir.op(call)
            && self.f.r.function(callee) == Some(func)
        {
            self.push(
                call,
                state.path,
                State {
                    calls: outer,
                    ..state
                },
                step,
            );
            return;
        }
        if let Some(func) = self.f.ir.func(func) {
            self.push_held(func.value, CALLED, State { calls: 0, ..state }, step);
        }
    }

    fn by_name(&mut self, name: Name, state: State, step: u32) {
        let few = self
            .f
            .by_key
            .get(&name)
            .is_some_and(|funcs| funcs.len() <= CANDIDATES);
        if !few || self.f.ir.names.get(name).len() < 3 {
            return;
        }
        let rest = self.tail(state.path);
        let calls = self.f.calls_by_key.get(&name);
        for call in calls.into_iter().flatten().take(64) {
            self.push(*call, rest, State { calls: 0, ..state }, step);
        }
    }

    fn visit_call(&mut self, state: State, step: u32, user: V, callee: V, args: List) {
        let ir = self.f.ir;
        let State {
            value,
            path,
            choice,
            ..
        } = state;
        if callee == value {
            match self.paths.get(path) {
                // A method of the value itself: its result is made of it. A
                // callback given to it sees its elements.
                None => {
                    let method = match ir.op(callee) {
                        Op::Member { name, .. } => ir.names.get(name),
                        _ => "",
                    };
                    if matches!(method, "find" | "findLast" | "filter") {
                        self.searched.insert(user);
                    }
                    for (index, arg) in ir.list(args).iter().enumerate() {
                        if let Some(func) = self.f.r.function(*arg) {
                            self.enter(func, usize::from(method == "reduce"), state, step);
                        } else if index == 0 && is_comparison(method) {
                            self.compare(user, *arg, step);
                        }
                    }
                    if self.mode == Mode::Fact || !decides(method) {
                        if matches!(method, "join" | "concat" | "flat") {
                            self.text_sink_at(user, state, step);
                        }
                        let chosen = self.form_of(user, method, state, step);
                        let chosen = if method == "join"
                            && self.mode == Mode::Fact
                            && matches!(ir.list(args), [between]
                                if self.f.r.text(*between).is_some_and(|text| text.is_empty()))
                        {
                            let small = self.choices.get(chosen.choice as usize).is_some_and(|c| {
                                c.difference == Difference::Meaning
                                    && c.outputs.iter().all(|output| {
                                        output.len() == 1
                                            && output.bytes().all(|b| b.is_ascii_alphanumeric())
                                    })
                            });
                            if small && self.f.r.known(user).is_none() {
                                self.choose(
                                    chosen,
                                    |_| {
                                        Some(Choice {
                                            at: user,
                                            outputs: vec!["one digit".into(), "another".into()],
                                            difference: Difference::Digits,
                                        })
                                    },
                                    user,
                                )
                            } else {
                                chosen
                            }
                        } else {
                            chosen
                        };
                        let open = self
                            .choices
                            .get(chosen.choice as usize)
                            .is_none_or(|choice| choice.difference == Difference::Meaning);
                        let chosen = if matches!(method, "join" | "toString" | "concat")
                            && open
                            && self.mode == Mode::Fact
                        {
                            self.what_if(user, chosen, step)
                        } else {
                            chosen
                        };
                        self.push(user, 0, chosen, step);
                    }
                }
                Some((CALLED, rest)) => self.push(user, rest, state, step),
                // `function.bind(...)`: what the function gives, its bound
                // form gives.
                Some(_) => {}
            }
            return;
        }
        let Ok(index) = ir.list(args).binary_search(&value) else {
            return;
        };
        if self.mode != Mode::List {
            self.given_on(user, callee, args, index, state, step);
        }
        if let Some(func) = self.f.r.function(callee) {
            self.enter_by(user, func, index, state, step);
            // A wrapper (memoise, once) gives back what it was given.
            if self.is_called(path) {
                self.push(user, path, state, step);
            }
            return;
        }
        let callback = self.is_called(path);
        if let Op::Member { object, name } = ir.op(callee) {
            let method = ir.names.get(name);
            if callback {
                // The outcome of a callback decides what the call gives.
                if self.mode != Mode::Fact && decides(method) {
                    return;
                }
                if decides(method) || matches!(method, "find" | "filter" | "findIndex") {
                    self.compare(user, object, step);
                }
                let state = if matches!(method, "sort" | "toSorted") {
                    self.choose(
                        anew(state),
                        |_| {
                            Some(Choice {
                                at: user,
                                outputs: vec!["one order".to_owned(), "another".to_owned()],
                                difference: Difference::Order,
                            })
                        },
                        user,
                    )
                } else {
                    state
                };
                let result = if matches!(method, "map" | "then" | "call" | "apply") {
                    self.tail(path)
                } else {
                    0
                };
                self.push(user, result, state, step);
                return;
            }
            // `https.get(x)` looks nothing up.
            let sends = matches!(self.f.callee_kind(callee), CalleeKind::Sink(_));
            if is_comparison(method) && !sends {
                if self.mode != Mode::Fact {
                    return;
                }
                self.compare(user, object, step);
                if path != 0 && self.is_set_of(path) && python::compares_sets(method) {
                    self.push(user, 0, state, step);
                    return;
                }
                if method == "get" || method == "charAt" || method == "at" {
                    let chosen = self.choose(state, |f| f.looked_up(user, object, args), user);
                    self.push(user, 0, chosen, step);
                    return;
                }
            }
            if ir.python && path == 0 && self.mode == Mode::Fact && python::raises(method) {
                self.may_raise(user, state, step);
            }
            self.put_into(object, method, state, step);
            // A place in a running text is filled in.
            if matches!(
                method,
                "replace" | "replaceAll" | "concat" | "format" | "join"
            ) {
                self.text_sink_at(user, state, step);
                if index == 0 && method == "concat" || index == 1 {
                    self.push(user, 0, state, step);
                }
            }
            if matches!(method, "push" | "add" | "unshift" | "set" | "append")
                && let Op::Var(sym) = ir.op(object)
            {
                self.hold(sym, ANY, object, state, step);
            }
            let candidates = self.f.by_key.get(&name);
            if self.mode == Mode::Fact
                && self.f.r.canon(callee).is_none()
                && let Some(candidates) = candidates.filter(|c| c.len() <= CANDIDATES)
                && method.len() >= 3
            {
                for func in candidates.clone() {
                    self.enter(func, index, state, step);
                }
            }
        }
        let kind = self.f.callee_kind(callee);
        if let CalleeKind::Sink(sink) = kind {
            // A program or code is the first argument, the content of a file
            // the second.
            let sink = match sink {
                SinkKind::Execution if index > 0 => SinkKind::Process,
                other => other,
            };
            let fits = match sink {
                SinkKind::Process => self.given_to(args, choice),
                SinkKind::Execution => self.runs_first(args),
                SinkKind::File => index == usize::from(!self.f.is_method(callee)),
                _ => true,
            };
            if fits {
                self.sink(user, sink, choice, step);
            }
        }
        // `JSON.stringify(x, null, indentation)`
        if kind == CalleeKind::Flattens && index == 2 && !ir.python && self.mode == Mode::Fact {
            let chosen = self.choose(
                anew(state),
                |_| {
                    Some(Choice {
                        at: user,
                        outputs: vec!["{ }".to_owned(), "{}".to_owned()],
                        difference: Difference::WhiteSpace,
                    })
                },
                user,
            );
            self.push(user, 0, chosen, step);
            return;
        }
        if kind == CalleeKind::Other && choice != NONE && self.f.sends_abroad(callee, args) {
            self.sink(user, SinkKind::Request, choice, step);
        }
        // What a compiled module gives is not what it was compiled from.
        if matches!(kind, CalleeKind::Compiles | CalleeKind::Nothing) {
            return;
        }
        let state = match ir.op(callee) {
            Op::Member { name, .. } if path == 0 && computes(ir.names.get(name)) => {
                self.what_if(user, state, step)
            }
            _ if path == 0 && self.f.makes_character(callee) => self.what_if(user, state, step),
            _ => state,
        };
        // An unknown function's result may be made of what it is given.
        let result = if callback || kind == CalleeKind::PassesOn {
            path
        } else if path == 0 || kind == CalleeKind::Flattens || self.f.fills(callee) {
            0
        } else {
            return;
        };
        self.push(user, result, state, step);
    }

    /// What a call does with an argument beside handing it to a function
    /// that is known.
    fn given_on(&mut self, call: V, callee: V, args: List, index: usize, state: State, step: u32) {
        let ir = self.f.ir;
        // An object of functions that give what is put into another object.
        if let Some(sym) = self.f.r.modules.helped(state.value)
            && let Some((name, given)) = self.paths.get(state.path)
            && let Some((CALLED, rest)) = self.paths.get(given)
        {
            self.hold(
                sym,
                name,
                NONE,
                State {
                    path: rest,
                    calls: 0,
                    ..state
                },
                step,
            );
        }
        match ir.op(callee) {
            Op::Member { object, name } => {
                let method = ir.names.get(name);
                // An event to those who listen for its name.
                if tells(method)
                    && index > 0
                    && let Some(event) = ir.list(args).first()
                    && let Op::Str(event) = ir.op(*event)
                    && let Some(listeners) = self.f.listeners.get(ir.names.get(event))
                    && listeners.len() <= CANDIDATES
                {
                    for listener in listeners.clone() {
                        let index = index.saturating_sub(1);
                        self.enter(listener, index, State { calls: 0, ..state }, step);
                    }
                }
                // `function.apply(this, [value])`.
                if method == "apply"
                    && index == 1
                    && let Some(rest) = self.taken(state.path, &[ANY])
                    && let Some(func) = self.f.r.function(object)
                {
                    let count = self.f.ir.func(func).map_or(0, |func| func.params.len());
                    for param in 0..count.min(8) {
                        self.enter_by(
                            call,
                            func,
                            param,
                            State {
                                path: rest,
                                ..state
                            },
                            step,
                        );
                    }
                }
                // `function.bind(this, value)`, `.call(this, value)`.
                if matches!(method, "bind" | "call")
                    && index > 0
                    && let Some(func) = self.f.r.function(object)
                {
                    self.enter(func, index.saturating_sub(1), state, step);
                }
                if state.choice != NONE
                    && sends(method, index)
                    && self.f.is_outgoing(object, method)
                {
                    self.sink(call, SinkKind::Request, state.choice, step);
                }
            }
            // A function that was given as an argument: whoever gave it.
            Op::Var(sym) => {
                if let [(writer, _)] = ir.writes(sym)
                    && let Op::Param {
                        func, index: at, ..
                    } = ir.op(*writer)
                {
                    self.hand_to_callers(func, at as usize, index, state, step);
                }
            }
            _ => {}
        }
    }

    /// A value given to the parameter `at` of a function, which calls it: it
    /// is what those who call the function gave, or what a promise holds.
    fn hand_to_callers(&mut self, func: FuncId, at: usize, index: usize, state: State, step: u32) {
        let ir = self.f.ir;
        let Some(value) = ir.func(func).map(|func| func.value) else {
            return;
        };
        let state = State { calls: 0, ..state };
        let user = ir.user(value);
        let mut calls = Vec::new();
        match ir.op(user) {
            // `new Promise((done) => done(value))`
            Op::New { callee, .. } if callee != value && index == 0 => {
                self.push(user, state.path, state, step);
            }
            Op::Call { callee, .. } if callee == value => calls.push(user),
            Op::Assign { targets, .. } => {
                for target in ir.targets(targets) {
                    if let Target::Var { sym, path } = *target
                        && ir.path(path).is_empty()
                    {
                        for read in ir.reads(sym).iter().take(64) {
                            let call = ir.user(*read);
                            if matches!(ir.op(call), Op::Call { callee, .. } if callee == *read) {
                                calls.push(call);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
        for call in calls.into_iter().take(8) {
            if let Op::Call { args, .. } = ir.op(call)
                && let Some(given) = ir.list(args).get(at)
                && let Some(given) = self.f.r.function(*given)
            {
                self.enter(given, index, state, step);
            }
        }
    }

    /// The state after a method of the value itself, which may put it into
    /// another form that nobody sees.
    fn form_of(&mut self, call: V, method: &str, state: State, step: u32) -> State {
        if self.mode != Mode::Fact {
            return state;
        }
        if matches!(method, "replace" | "replaceAll") {
            return self.choose(
                state,
                |f| {
                    let choice = f.rewritten(call, call, false)?;
                    let shown = |text: &String| text.chars().any(|c| !assay_text::is_invisible(c));
                    // A fact written with characters that nobody sees.
                    if let [_, to] = choice.outputs.as_slice()
                        && !to.is_empty()
                        && !shown(to)
                    {
                        return f.choice(call, vec![String::new(), to.clone()]);
                    }
                    // One ASCII mark for another is how texts are quoted.
                    let quoting = choice.outputs.iter().all(|output| output.is_ascii());
                    let deceives = match choice.difference {
                        Difference::Invisible => true,
                        Difference::LookAlike => !quoting,
                        _ => false,
                    };
                    deceives.then_some(choice)
                },
                call,
            );
        }
        let _ = step;
        state
    }

    /// What stands under a control that the state decides.
    fn controlled(&mut self, ctrl: u32, test: V, state: State, step: u32) {
        let ir = self.f.ir;
        let owner = ir.owner(test);
        if let Some(func) = ir.func(owner)
            && owner != 0
            && func.returns.iter().any(|ret| ir.controlled(*ret, ctrl))
        {
            let returns: Vec<V> = func.returns.clone();
            let at = func.value;
            let chosen = self.choose(state, |f| f.choice_of(test, &returns), at);
            let next = State { path: 0, ..chosen };
            if chosen.choice != state.choice || returns.iter().all(|ret| self.constant(*ret)) {
                self.give_back(owner, next, step);
            }
        }
        let mut tests = vec![ctrl];
        let mut looked = 0;
        while let Some(at) = tests.pop() {
            looked += 1;
            if looked > 256 {
                break;
            }
            tests.extend(self.f.inner_tests.get(&at).into_iter().flatten());
            let assigns = self.f.assigns.get(&at);
            for assign in assigns.into_iter().flatten().take(256) {
                self.controlled_write(*assign, state, step);
            }
            if let Some(assigns) = assigns.filter(|assigns| (2..=32).contains(&assigns.len())) {
                self.controlled_order(&assigns.clone(), state, step);
            }
            let throws = self.f.throws.get(&at);
            for throw in throws.into_iter().flatten().take(16) {
                // A handler inside of the test has been looked at with it.
                self.raise(*throw, State { path: 0, ..state }, step);
            }
            let puts = self.f.puts.get(&at);
            for put in puts.into_iter().flatten().take(256) {
                self.controlled_put(*put, state, step);
            }
        }
    }

    /// What an expression writes that is evaluated only if it was so decided.
    fn effects(&mut self, value: V, state: State, step: u32) {
        match self.f.ir.op(value) {
            Op::Assign { .. } | Op::Call { .. } => self.controlled_write(value, state, step),
            Op::Pass(inner) => self.effects(inner, state, step),
            Op::Seq(list) => {
                for part in self.f.ir.list(list).iter().take(32) {
                    if !matches!(self.f.ir.op(*part), Op::Seq(_)) {
                        self.effects(*part, state, step);
                    }
                }
            }
            _ => {}
        }
    }

    /// The same added twice to one variable under one control: once in each
    /// branch, in another order.
    fn controlled_order(&mut self, calls: &[V], state: State, step: u32) {
        let ir = self.f.ir;
        let added = |call: V| {
            let Op::Call { callee, args } = ir.op(call) else {
                return None;
            };
            let Op::Member { object, .. } = ir.op(callee) else {
                return None;
            };
            let Op::Var(sym) = ir.op(object) else {
                return None;
            };
            let args: Vec<&str> = ir
                .list(args)
                .iter()
                .map(|arg| self.f.source(*arg))
                .collect();
            Some((sym, object, args))
        };
        let all: Vec<(u32, V, Vec<&str>)> = calls.iter().filter_map(|call| added(*call)).collect();
        for (index, (sym, object, args)) in all.iter().enumerate() {
            let again = all
                .iter()
                .skip(index.saturating_add(1))
                .any(|(other, _, same)| other == sym && same == args && !args.is_empty());
            if again {
                let at = *object;
                let chosen = self.choose(
                    state,
                    |_| {
                        Some(Choice {
                            at,
                            outputs: vec!["one order".to_owned(), "another".to_owned()],
                            difference: Difference::Order,
                        })
                    },
                    at,
                );
                let whole = self.f.is_outgoing(*object, "");
                for read in ir.reads(*sym).iter().filter(|_| whole) {
                    self.push(*read, 0, State { calls: 0, ..chosen }, step);
                }
                self.hold(*sym, ANY, *object, State { path: 0, ..chosen }, step);
                return;
            }
        }
    }

    /// A call under a control that changes what a variable holds.
    fn controlled_change(&mut self, call: V, state: State, step: u32) {
        let ir = self.f.ir;
        let Op::Call { callee, args } = ir.op(call) else {
            return;
        };
        let Op::Member { object, name } = ir.op(callee) else {
            return;
        };
        let Op::Var(sym) = ir.op(object) else {
            return;
        };
        let chosen = if turns(ir.names.get(name)) {
            self.choose(
                state,
                |_| {
                    Some(Choice {
                        at: call,
                        outputs: vec!["as it is".to_owned(), ir.names.get(name).to_owned()],
                        difference: Difference::Order,
                    })
                },
                call,
            )
        } else {
            let args = ir.list(args);
            self.choose(
                state,
                |f| {
                    let added = f.r.shape(*args.last()?);
                    f.choice(call, vec![String::new(), added])
                },
                call,
            )
        };
        if chosen.choice == state.choice {
            return;
        }
        let next = State { path: 0, ..chosen };
        self.hold(sym, ANY, object, next, step);
    }

    fn controlled_write(&mut self, assign: V, state: State, step: u32) {
        let ir = self.f.ir;
        if matches!(ir.op(assign), Op::Call { .. }) {
            self.controlled_change(assign, state, step);
            return;
        }
        let Op::Assign {
            value,
            targets,
            compound,
        } = ir.op(assign)
        else {
            return;
        };
        let sym = match ir.targets(targets) {
            // `[list[0], list[1]] = [list[1], list[0]]`
            [
                Target::Index { object, .. },
                Target::Index { object: other, .. },
                ..,
            ] if let Op::Var(sym) = ir.op(*object)
                && matches!(ir.op(*other), Op::Var(same) if same == sym)
                && matches!(ir.op(value), Op::Array(_)) =>
            {
                let object = *object;
                let choice = || Choice {
                    at: assign,
                    outputs: vec!["as it is".to_owned(), "changed about".to_owned()],
                    difference: Difference::Order,
                };
                let chosen = self.choose(state, |_| Some(choice()), assign);
                self.hold(sym, ANY, object, State { path: 0, ..chosen }, step);
                return;
            }
            [Target::Var { sym, .. }] => *sym,
            [Target::Member { object, name }]
                if matches!(ir.op(*object), Op::This) && !ir.field_writes.is_empty() =>
            {
                self.controlled_field(assign, (*object, *name), state, step);
                return;
            }
            [Target::Member { .. } | Target::Index { .. }] => NONE,
            _ => return,
        };
        let chosen = self.choose(
            state,
            |f| {
                if sym == NONE {
                    return f.field_choice(assign, targets, value);
                }
                if compound {
                    let mut outputs = vec![String::new()];
                    f.outputs(value, 4, &mut outputs);
                    return f.choice(assign, outputs);
                }
                let writes: Vec<V> = ir
                    .writes(sym)
                    .iter()
                    .filter_map(|(writer, _)| match ir.op(*writer) {
                        Op::Assign { value, .. } => Some(value),
                        _ => None,
                    })
                    .collect();
                f.choice_of(assign, &writes)
            },
            assign,
        );
        if chosen.choice == state.choice && !self.constant(value) {
            return;
        }
        // The write belongs to the function that it stands in.
        let next = State {
            value: assign,
            path: 0,
            ..chosen
        };
        self.write(targets, next, step);
    }

    fn text_sink(&mut self, user: V, state: State, step: u32) {
        if state.choice != NONE {
            // The outermost sum is the sentence.
            let mut top = user;
            for _ in 0..64 {
                let next = self.f.ir.user(top);
                let (Op::Binary { op: Bin::Add, .. } | Op::Template(_)) = self.f.ir.op(next) else {
                    break;
                };
                top = next;
            }
            if self.f.reads_as_text(top) && !self.f.is_shown(top) {
                self.sink(top, SinkKind::Text, state.choice, step);
            }
        }
    }

    /// A call that gives running text with the value in it.
    fn text_sink_at(&mut self, call: V, state: State, step: u32) {
        if state.choice == NONE {
            return;
        }
        let ir = self.f.ir;
        let text = self.f.reads_as_text(call)
            || match ir.op(call) {
                Op::Call { callee, args } => {
                    let receiver = match ir.op(callee) {
                        Op::Member { object, .. } => Some(object),
                        _ => None,
                    };
                    let mut parts = receiver.into_iter().chain(ir.list(args).iter().copied());
                    parts.any(|part| self.f.reads_as_text(part))
                }
                _ => false,
            };
        if text && !self.f.is_shown(call) {
            self.sink(call, SinkKind::Text, state.choice, step);
        }
    }

    /// A field of an object that looks like a message or a request.
    fn message_sink(&mut self, object: V, list: List, name: Name, state: State, step: u32) {
        if state.choice == NONE || self.is_called(state.path) {
            return;
        }
        let names = &self.f.ir.names;
        let key = names.get(name);
        let has = |wanted: &str| {
            self.f
                .ir
                .props(list)
                .iter()
                .any(|prop| matches!(prop.key, Key::Name(name) if names.get(name) == wanted))
        };
        let message = matches!(key, "content" | "text") && (has("role") || has("type"))
            || key == "prompt"
            || is_prompt(key);
        // What is asked of a model.
        let asks = has("model")
            && ["messages", "contents", "input", "prompt", "system"]
                .iter()
                .any(|name| has(name));
        let request = asks
            || self.f.is_request(object, key)
            || matches!(key, "body" | "headers") && (has("method") || has("headers"))
            || key.eq_ignore_ascii_case("user-agent")
            || (key.len() > 2 && key.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("x-")));
        if message {
            self.sink(object, SinkKind::Message, state.choice, step);
        } else if request {
            self.sink(object, SinkKind::Request, state.choice, step);
        }
    }

    /// Whether a step went through a function that is not known.
    fn is_loose(&self, from: V, to: V) -> bool {
        let user = self.f.ir.user(from);
        let (Op::Call { callee, .. } | Op::New { callee, .. }) = self.f.ir.op(user) else {
            return false;
        };
        if callee == from || self.f.r.function(callee).is_some() {
            return false;
        }
        if let Some(canon) = self.f.r.canon(callee) {
            let mut plain = self.f.plain.borrow_mut();
            return !*plain
                .entry(canon)
                .or_insert_with(|| is_plain(&self.f.r.canon_text(canon)));
        }
        match self.f.ir.op(callee) {
            Op::Member { name, .. } if to == user => {
                let method = self.f.ir.names.get(name);
                !(is_comparison(method) || is_collection(method) || computes(method))
            }
            _ => true,
        }
    }

    fn hits(&self, origin: &Origin) -> Vec<Hit> {
        self.sinks
            .iter()
            .map(|(step, sink, kind)| {
                let mut way = Vec::new();
                let mut on_way = FxHashSet::default();
                let mut at = *step;
                let mut choice = None;
                let mut decided = false;
                if let Some(step) = self.steps.get(at as usize) {
                    choice = self.choices.get(step.state.choice as usize).cloned();
                    decided = step.state.decided;
                }
                while let Some(step) = self.steps.get(at as usize) {
                    way.push(step.state.value);
                    on_way.insert(at);
                    at = step.before;
                }
                way.reverse();
                let mut compared: Vec<(V, Compared)> = self
                    .compared
                    .iter()
                    .filter(|(step, ..)| on_way.contains(step))
                    .map(|(_, at, what)| (*at, what.clone()))
                    .collect();
                // Other comparisons of the same origin decide the same
                // choice when a concealed list is among them.
                for (_, at, what) in &self.compared {
                    if matches!(what, Compared::Concealed(_) | Compared::Hashes(_))
                        && !compared.iter().any(|(known, _)| known == at)
                    {
                        compared.push((*at, what.clone()));
                    }
                }
                let loose = way
                    .windows(2)
                    .filter(|pair| matches!(pair, [a, b] if self.is_loose(*a, *b)))
                    .count();
                Hit {
                    decided,
                    loose,
                    sink: *sink,
                    kind: *kind,
                    origin: Origin {
                        value: way.first().copied().unwrap_or(origin.value),
                        also: Vec::new(),
                        what: origin.what.clone(),
                    },
                    choice,
                    compared,
                    way,
                }
            })
            .collect()
    }
}

/// Whether a program runs another, which its arguments name.
fn runs_another(program: &str) -> bool {
    let file = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let file = file.split_whitespace().next().unwrap_or_default();
    let name = file.to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    LAUNCHERS.contains(&plain)
}

/// Programs whose arguments name a program to run, or are one.
#[rustfmt::skip]
const LAUNCHERS: &[&str] = &[
    // Shells, and interpreters of what they are given.
    "ash", "bash", "bun", "busybox", "cmd", "cscript", "csh", "dash", "deno", "fish", "ksh", "lua",
    "mshta", "node", "nodejs", "nu", "osascript", "perl", "php", "powershell", "pwsh", "py",
    "pypy", "python", "rbash", "ruby", "sh", "tcsh", "toybox", "wscript", "xonsh", "zsh",
    // As somebody else, or somewhere else.
    "at", "bwrap", "chroot", "crontab", "distrobox", "docker", "doas", "firejail",
    "flatpak-spawn", "gsudo", "kubectl", "launchctl", "lxc", "nerdctl", "nsenter", "pkexec",
    "plink", "podman", "psexec", "runas", "runuser", "schtasks", "snap", "ssh", "su", "sudo",
    "systemd-run", "toolbox", "unshare", "wsl",
    // With something changed.
    "catchsegv", "chrt", "conhost", "dbus-run-session", "env", "expect", "faketime", "flock",
    "gdb", "ionice", "ld.so", "lldb", "ltrace", "nice", "nohup", "numactl", "parallel", "prlimit",
    "proot", "rundll", "script", "setarch", "setpriv", "setsid", "stdbuf", "strace", "taskset",
    "time", "timeout", "torsocks", "unbuffer", "watch", "winpty", "wine", "xargs", "xvfb-run",
    // In a window or a session of its own.
    "alacritty", "byobu", "explorer", "foot", "ghostty", "gio", "gnome-terminal", "kgx", "kitty",
    "konsole", "open", "ptyxis", "rxvt", "screen", "start", "tmux", "urxvt", "wezterm", "wt",
    "x-terminal-emulator", "xdg-open", "xfce4-terminal", "xterm", "zellij",
    // From a registry.
    "bunx", "dlx", "npm", "npx", "pipx", "pnpm", "pnpx", "uv", "uvx", "yarn",
];

/// What a callee of the platform does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CalleeKind {
    Sink(SinkKind),
    /// Its result has all parts of what it is given, as one.
    Flattens,
    /// Its result holds what it is given as it was.
    PassesOn,
    /// Its result is a machine.
    Compiles,
    /// It gives nothing back.
    Nothing,
    Other,
}

/// Whether a text is a hash: hexadecimal digits of a usual length.
fn is_hash(text: &str) -> bool {
    matches!(text.len(), 16 | 32 | 40 | 56 | 64 | 96 | 128)
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// Functions of the platform that give their argument in another form.
fn is_plain(canon: &str) -> bool {
    let name = canon.trim_end_matches("()");
    // What these hold is what they are made of, whatever is called on them.
    if name.strip_prefix("new ").is_some_and(|class| {
        let class = class.split(['(', '.']).next().unwrap_or_default();
        matches!(
            class,
            "Set"
                | "Map"
                | "RegExp"
                | "URLSearchParams"
                | "Headers"
                | "FormData"
                | "URL"
                | "WeakSet"
                | "WeakMap"
                | "Array"
                | "String"
                | "TextEncoder"
                | "TextDecoder"
                | "Request"
                | "Blob"
                | "Uint8Array"
                | "Date"
        )
    }) {
        return true;
    }
    matches!(
        name,
        "URL"
            | "String"
            | "Number"
            | "Boolean"
            | "parseInt"
            | "parseFloat"
            | "Buffer.from"
            | "Array.from"
            | "JSON.stringify"
            | "JSON.parse"
            | "encodeURIComponent"
            | "decodeURIComponent"
            | "btoa"
            | "atob"
            | "Set"
            | "Map"
            | "Date"
            | "RegExp"
            | "URLSearchParams"
            | "Headers"
            | "FormData"
            | "Request"
            | "Blob"
            | "url.parse"
            | "util.format"
            | "URL.parse"
            | "Promise"
    ) || [
        "Object.",
        "String.",
        "Math.",
        "Promise.",
        "path.",
        "fs.",
        "child_process.",
        "Intl.",
        "Reflect.",
        "crypto.",
    ]
    .iter()
    .any(|front| name.starts_with(front))
        || python::is_plain(name)
}

/// Methods that give a listener for a named event.
fn listens(method: &str) -> bool {
    matches!(
        method,
        "on" | "once"
            | "addListener"
            | "addEventListener"
            | "prependListener"
            | "subscribe"
            | "hook"
            | "tap"
    )
}

/// Methods that tell the listeners of a named event.
fn tells(method: &str) -> bool {
    matches!(
        method,
        "emit" | "dispatch" | "publish" | "trigger" | "fire" | "send" | "call"
    )
}

/// Methods that add to what they are called on.
fn changes(method: &str) -> bool {
    matches!(
        method,
        "push" | "unshift" | "append" | "add" | "set" | "splice" | "insert" | "extend"
    )
}

/// Methods that change the order of what they are called on.
fn turns(method: &str) -> bool {
    matches!(method, "reverse" | "sort" | "toSorted" | "toReversed")
}

/// Methods that put a text into another form.
fn rewrites(method: &str) -> bool {
    matches!(
        method,
        "replace"
            | "replaceAll"
            | "toUpperCase"
            | "toLowerCase"
            | "trim"
            | "trimEnd"
            | "trimStart"
            | "padEnd"
            | "padStart"
            | "map"
            | "join"
    )
}

/// Methods that make a text of numbers.
fn computes(method: &str) -> bool {
    matches!(
        method,
        "fromCharCode"
            | "fromCodePoint"
            | "repeat"
            | "slice"
            | "substring"
            | "substr"
            | "padEnd"
            | "padStart"
            | "charAt"
            | "at"
            | "toFixed"
            | "ljust"
            | "rjust"
            | "center"
            | "zfill"
            | "translate"
    )
}

/// Whether the argument of a method is what is sent: the value, or all there
/// is; a name that was chosen tells as well.
fn sends(method: &str, index: usize) -> bool {
    match method {
        "setHeader" | "setRequestHeader" | "appendHeader" | "set" | "append" => index <= 1,
        "send" | "write" | "end" | "ping" => index == 0,
        _ => false,
    }
}

/// Methods whose result is an outcome and not the data.
fn decides(method: &str) -> bool {
    if python::decides(method) {
        return true;
    }
    matches!(
        method,
        "some"
            | "every"
            | "includes"
            | "has"
            | "indexOf"
            | "endsWith"
            | "startsWith"
            | "test"
            | "lastIndexOf"
            | "localeCompare"
            | "equals"
            | "forEach"
            | "search"
    )
}

fn is_collection(method: &str) -> bool {
    if python::is_collection(method) {
        return true;
    }
    matches!(
        method,
        "join"
            | "map"
            | "some"
            | "filter"
            | "concat"
            | "slice"
            | "includes"
            | "find"
            | "flat"
            | "values"
            | "keys"
            | "entries"
            | "forEach"
            | "every"
            | "reduce"
            | "at"
            | "pop"
            | "shift"
            | "has"
            | "get"
            | "indexOf"
            | "findIndex"
            | "flatMap"
            | "sort"
            | "reverse"
            | "toString"
    )
}

/// Methods that compare or look up: the receiver with the argument, or the
/// argument in the receiver.
fn is_comparison(method: &str) -> bool {
    if python::is_comparison(method) {
        return true;
    }
    matches!(
        method,
        "includes"
            | "has"
            | "indexOf"
            | "endsWith"
            | "startsWith"
            | "test"
            | "match"
            | "some"
            | "get"
            | "equals"
            | "localeCompare"
            | "exec"
            | "find"
            | "every"
            | "findIndex"
            | "charAt"
            | "at"
            | "search"
            | "lastIndexOf"
    )
}

fn network_or_execution(canon: &str) -> Option<SinkKind> {
    Some(match canon {
        "fetch"
        | "http.request"
        | "https.request"
        | "http.get"
        | "https.get"
        | "navigator.sendBeacon"
        | "EventSource"
        | "WebSocket"
        | "ws"
        | "dns.lookup"
        | "dns.resolve"
        | "undici.request"
        | "undici.fetch" => SinkKind::Request,
        "eval"
        | "Function"
        | "vm.runInThisContext"
        | "vm.runInNewContext"
        | "vm.runInContext"
        | "child_process.exec"
        | "child_process.execSync"
        | "child_process.spawn"
        | "child_process.spawnSync"
        | "child_process.execFile"
        | "child_process.execFileSync"
        | "import" => SinkKind::Execution,
        "fs.writeFile" | "fs.writeFileSync" | "Bun.write" => SinkKind::File,
        _ => return None,
    })
}
