//! Where values go.
//!
//! A sparse forward analysis: from each source only the values that it
//! reaches are visited, by who uses them. It follows variables, fields (as
//! short access paths), calls, returns, closures and callbacks across a whole
//! module, and notes on the way what the value is compared with, which
//! outputs are chosen by it, and where those go. It ignores the order of
//! statements, and when it cannot tell which function is called it looks at
//! those of that name, if there are few.

mod calls;
mod choices;
mod controlled;
mod names;
mod python;
mod run;
#[cfg(test)]
mod surroundings;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod variants;

use std::cell::RefCell;
use std::rc::Rc;

use assay_text::Difference;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::behaviours::Nature;
use crate::ir::{Bin, FuncId, Ir, Key, List, NONE, Name, Op, Prop, Target, Un, V};
use crate::resolve::{Canon, Known, Resolver};
use names::{CalleeKind, changes, decides, is_comparison, listens, network_or_execution, turns};
use run::{Room, Run};

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
/// The same of a source that gets nearly everywhere: paths.
const EVERYWHERE: usize = 2_000;
/// The most steps to what a value is compared with where it is read.
const NEAR: usize = 500;
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
    /// What it tells of, if it is a fact about the host.
    pub(crate) nature: Option<Nature>,
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

/// Reads of a field from outside of its class, by class and name.
type InstanceReads = FxHashMap<(u32, Name), Rc<[V]>>;

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
    /// Reads of fields that classes write, from elsewhere, by name.
    field_reads: FxHashMap<Name, Vec<V>>,
    /// The class that a value is an instance of; 0 where that is not known.
    instances: RefCell<FxHashMap<V, u32>>,
    /// Which of these reads are of which class.
    reads_of: RefCell<InstanceReads>,
    /// Assignments and calls of methods that change what they are called
    /// on, by the test that directly controls them.
    assigns: FxHashMap<u32, Vec<V>>,
    /// What is written where exceptions are caught, by function.
    tried: FxHashMap<FuncId, Vec<V>>,
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
    /// What the source of the last run was compared with, in plain texts.
    pub(crate) compared: Vec<(V, Vec<String>)>,
    /// The fields of the data that the last run followed.
    pub(crate) fields: Vec<V>,
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
            field_reads: FxHashMap::default(),
            instances: RefCell::default(),
            reads_of: RefCell::default(),
            assigns: FxHashMap::default(),
            tried: FxHashMap::default(),
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
            compared: Vec::new(),
            fields: Vec::new(),
        };
        for (id, func) in ir.funcs.iter().enumerate() {
            if let (Some(key), Ok(id)) = (func.key, u32::try_from(id)) {
                flow.by_key.entry(key).or_default().push(id);
            }
        }
        let held: FxHashSet<Name> = ir.field_writes.keys().map(|(_, name)| *name).collect();
        for (index, op) in ir.ops.iter().enumerate() {
            let value = u32::try_from(index).unwrap_or(NONE);
            if matches!(op, Op::Assign { .. }) && ir.handler(value).is_some() {
                flow.tried.entry(ir.owner(value)).or_default().push(value);
            }
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
                Op::Member { object, name }
                    if held.contains(name) && !matches!(ir.op(*object), Op::Global(_)) =>
                {
                    flow.field_reads.entry(*name).or_default().push(value);
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

    /// What is written to a field of `this`, where the class is known.
    fn written_to(&self, this: V, name: Name) -> Option<&'i [V]> {
        let home = self.ir.func(self.ir.owner(this))?.home;
        self.ir.field_writes.get(&(home, name)).map(Vec::as_slice)
    }

    /// Reads of a field of a class's instances from outside of it.
    fn instance_reads(&self, home: u32, name: Name) -> Rc<[V]> {
        let known = self.reads_of.borrow().get(&(home, name)).cloned();
        known.unwrap_or_else(|| {
            let found: Rc<[V]> = self.find_instance_reads(home, name).into();
            self.reads_of
                .borrow_mut()
                .insert((home, name), Rc::clone(&found));
            found
        })
    }

    fn find_instance_reads(&self, home: u32, name: Name) -> Vec<V> {
        if home == 0 {
            return Vec::new();
        }
        let reads = self.field_reads.get(&name).map_or(&[][..], Vec::as_slice);
        let is_its = |read: &&V| match self.ir.op(**read) {
            Op::Member { object, .. } => self.instance_of(object, 6) == home,
            _ => false,
        };
        reads.iter().filter(is_its).copied().collect()
    }

    /// The class or object whose `this` a value is; 0 where that is not known.
    fn instance_of(&self, value: V, depth: u32) -> u32 {
        let Some(depth) = depth.checked_sub(1) else {
            return 0;
        };
        if let Some(known) = self.instances.borrow().get(&value) {
            return *known;
        }
        let home = match self.ir.op(self.r.held(value)) {
            Op::New { callee, .. } => self.home_of(self.r.held(callee)),
            Op::Pass(inner) => self.instance_of(inner, depth),
            Op::Seq(list) => {
                let last = self.ir.list(list).last();
                last.map_or(0, |last| self.instance_of(*last, depth))
            }
            Op::Assign { value: given, .. } => self.instance_of(given, depth),
            Op::Object(_) => self.home_of(self.r.held(value)),
            Op::This => {
                let owner = self.ir.func(self.ir.owner(self.r.held(value)));
                owner.map_or(0, |func| func.home)
            }
            Op::Member { object, name } => {
                let whole = self.instance_of(object, depth);
                match self.ir.field_writes.get(&(whole, name)).map(Vec::as_slice) {
                    Some([only]) if whole != 0 => self.instance_of(*only, depth),
                    _ => 0,
                }
            }
            Op::Call { callee, .. } => {
                // A method of a known class, or a function that makes one.
                let method = match self.ir.op(callee) {
                    Op::Member { object, name } => match self.instance_of(object, depth) {
                        0 => None,
                        home => self.by_key.get(&name).and_then(|funcs| {
                            let mut funcs = funcs.iter().copied();
                            funcs.find(|func| self.ir.func(*func).is_some_and(|f| f.home == home))
                        }),
                    },
                    _ => None,
                };
                let func = method.or_else(|| self.r.function(callee));
                let returns = func
                    .and_then(|func| self.ir.func(func))
                    .map(|func| func.returns.as_slice());
                match returns {
                    Some([only]) => self.instance_of(*only, depth),
                    _ => 0,
                }
            }
            _ => 0,
        };
        self.instances.borrow_mut().insert(value, home);
        home
    }

    /// The number of the class or object whose methods a value holds.
    fn home_of(&self, value: V) -> u32 {
        match self.ir.op(value) {
            Op::Class(list) => self.home_of_list(list),
            Op::Object(list) => {
                let home = self.home_of_list(list);
                // Functions without a `this` of their own have that around them.
                let own = |prop: &Prop| match prop.key {
                    Key::Name(name) => self.ir.field_writes.contains_key(&(home, name)),
                    _ => false,
                };
                let all = self.ir.props(list);
                if all.iter().any(own) { home } else { 0 }
            }
            _ => 0,
        }
    }

    fn home_of_list(&self, list: List) -> u32 {
        let homes = self.ir.props(list).iter().filter_map(|prop| {
            let func = match self.ir.op(prop.value) {
                Op::Func(func) => func,
                // A getter.
                Op::Call { callee, .. } => match self.ir.op(callee) {
                    Op::Func(func) => func,
                    _ => return None,
                },
                _ => return None,
            };
            self.ir.func(func).map(|func| func.home)
        });
        homes.into_iter().find(|home| *home != 0).unwrap_or(0)
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

    /// What a value is compared with, as far as few steps lead.
    pub(crate) fn compared_near(&mut self, origin: &Origin) -> Vec<(V, Vec<String>)> {
        if self.left == 0 {
            return Vec::new();
        }
        let mut run = Run::new(self, Mode::Fact, NEAR.min(self.left));
        run.near = true;
        let run = Self::started(run, origin);
        let spent = run.steps.len();
        let found = run.plainly_compared();
        run.done();
        self.left = self.left.saturating_sub(spent);
        found
    }

    /// What is reached from an origin in so many steps.
    fn reached<'f>(&'f self, origin: &Origin, mode: Mode, most: usize) -> Run<'f, 'r, 'i, 'a> {
        let mut run = Run::new(self, mode, most.min(self.left));
        run.outcome =
            origin.nature.is_some_and(Nature::is_presence) || self.asks_whether_there(origin.value);
        Self::started(run, origin)
    }

    /// Whether a call asks whether a file is there at all.
    fn asks_whether_there(&self, call: V) -> bool {
        let Op::Call { callee, .. } = self.ir.op(call) else {
            return false;
        };
        self.r.canon(callee).is_some_and(|canon| {
            let name = self.r.canon_text(canon);
            let (module, name) = name.rsplit_once('.').unwrap_or(("", &name));
            let name = name.strip_suffix("Sync").unwrap_or(name);
            match module {
                "fs" | "fs-extra" | "Deno" => {
                    matches!(name, "access" | "exists" | "stat" | "lstat" | "pathExists")
                }
                "os.path" => matches!(name, "exists" | "lexists" | "isfile" | "isdir"),
                _ => matches!(name, "path-exists" | "path-is-file"),
            }
        })
    }

    /// The run from an origin on.
    fn started<'f>(mut run: Run<'f, 'r, 'i, 'a>, origin: &Origin) -> Run<'f, 'r, 'i, 'a> {
        run.start(origin.value);
        for value in &origin.also {
            run.start(*value);
        }
        run.drain();
        run
    }

    fn run(&mut self, origin: &Origin, mode: Mode) -> Vec<Hit> {
        if self.left == 0 {
            self.cut = true;
            return Vec::new();
        }
        let most = match origin.nature {
            Some(Nature::Place) => EVERYWHERE,
            _ => BUDGET,
        };
        let run = self.reached(origin, mode, most);
        let cut = run.cut;
        let spent = run.steps.len();
        let plain = run.plainly_compared();
        let mut fields: Vec<V> = Vec::new();
        if mode == Mode::Data {
            for state in run.seen.iter().filter(|state| state.path == 0) {
                let user = self.ir.user(state.value);
                let part = match self.ir.op(user) {
                    Op::Member { object, .. } | Op::Index { object, .. } => object == state.value,
                    _ => false,
                };
                if !part {
                    continue;
                }
                let next = self.ir.user(user);
                match (self.ir.op(user), self.ir.op(next)) {
                    // `settings.get("name")`
                    (Op::Member { name, .. }, Op::Call { callee, .. }) if callee == user => {
                        if self.ir.names.get(name) == "get" {
                            fields.push(next);
                        }
                    }
                    _ => fields.push(user),
                }
            }
            fields.sort_unstable();
            fields.dedup();
        }
        let hits = run.hits(origin);
        run.done();
        self.compared = plain;
        self.fields = fields;
        self.left = self.left.saturating_sub(spent);
        self.cut |= cut;
        hits
    }

    /// Whether a callee gives what lies at a path, or what a program says.
    fn looks_up(&self, callee: V) -> bool {
        self.r.canon(callee).is_some_and(|canon| {
            let text = self.r.canon_text(canon);
            [
                "fs.",
                "fs/",
                "child_process.",
                "os.listdir",
                "os.walk",
                "subprocess.",
            ]
            .iter()
            .any(|start| text.starts_with(start))
        })
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
}
