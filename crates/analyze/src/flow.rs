//! Where values go.
//!
//! A sparse forward analysis: from each source only the values that it
//! reaches are visited, by who uses them. It follows variables, fields (as
//! short access paths), calls, returns, closures and callbacks across a whole
//! module, and notes on the way what the value is compared with, which
//! outputs are chosen by it, and where those go. It ignores the order of
//! statements, and when it cannot tell which function is called it looks at
//! those of that name, if there are few.

use assay_text::{Difference, differs};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{ANY, Bin, FuncId, Ir, Key, List, NONE, Name, Op, Target, V};
use crate::resolve::{HOLE, Known, Resolver};

/// In an access path: what a call of the value gives.
const CALLED: Name = u32::MAX - 1;
/// The longest access path.
const PATH: usize = 4;
/// How many values one source may reach before the rest is left out.
const BUDGET: usize = 40_000;
/// How many functions of one name are entered when a callee is not known.
const CANDIDATES: usize = 3;

/// What a flow starts at.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) value: V,
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    value: V,
    path: u32,
    choice: u32,
}

#[derive(Debug)]
struct Step {
    state: State,
    before: u32,
}

/// The module's flow, with the indexes that all runs share.
pub(crate) struct Flow<'r, 'i, 'a> {
    r: &'r Resolver<'i, 'a>,
    ir: &'i Ir<'a>,
    /// Functions by the name under which an object or class holds them.
    by_key: FxHashMap<Name, Vec<FuncId>>,
    /// Calls of methods of values that are not known, by name.
    calls_by_key: FxHashMap<Name, Vec<V>>,
    /// Reads of `this.NAME`.
    this_reads: FxHashMap<Name, Vec<V>>,
    /// Assignments by the test that directly controls them.
    assigns: FxHashMap<u32, Vec<V>>,
    inner_tests: FxHashMap<u32, Vec<u32>>,
    /// Which concealed list a value carries.
    lists: FxHashMap<V, usize>,
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
            inner_tests: FxHashMap::default(),
            lists: FxHashMap::default(),
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
                    if let Op::Member { name, .. } = ir.op(*callee) {
                        flow.calls_by_key.entry(name).or_default().push(value);
                    }
                }
                Op::Member { object, name } if matches!(ir.op(*object), Op::This) => {
                    flow.this_reads.entry(*name).or_default().push(value);
                }
                Op::Assign { .. } if ir.control(value) != NONE => {
                    flow.assigns.entry(ir.control(value)).or_default().push(value);
                }
                _ => {}
            }
        }
        for (index, ctrl) in ir.ctrls.iter().enumerate() {
            if let (true, Ok(index)) = (ctrl.parent != NONE, u32::try_from(index)) {
                flow.inner_tests.entry(ctrl.parent).or_default().push(index);
            }
        }
        for (index, list) in lists.iter().enumerate() {
            let mut run = Run::new(&flow, BUDGET);
            run.start(*list);
            run.drain();
            let reached: Vec<V> = run.seen.iter().map(|state| state.value).collect();
            for value in reached {
                flow.lists.entry(value).or_insert(index);
            }
        }
        flow
    }

    /// Follows one origin and returns what of it reaches a sink.
    pub(crate) fn follow(&mut self, origin: &Origin) -> Vec<Hit> {
        let mut run = Run::new(self, BUDGET);
        run.start(origin.value);
        run.drain();
        let cut = run.cut;
        let hits = run.hits(origin);
        self.cut |= cut;
        hits
    }

    // ---- what branches produce ----

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
            Op::Logical { left, right } => {
                self.outputs(left, depth - 1, out);
                self.outputs(right, depth - 1, out);
            }
            Op::Nil => out.push(String::new()),
            Op::Bool(_) | Op::Num(_) | Op::Object(_) | Op::Func(_) => {}
            _ => {
                let shape = self.r.shape(value);
                if !shape.is_empty() || matches!(self.ir.op(value), Op::Str(_)) {
                    out.push(shape);
                }
            }
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
        for (index, a) in distinct.iter().enumerate() {
            for b in distinct.iter().skip(index.saturating_add(1)) {
                let difference = differs(a, b);
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
    }

    /// What a choice between values produces, where all of it is constant.
    pub(crate) fn choice_between(&self, at: V, values: &[V]) -> Option<Choice> {
        let mut outputs = Vec::new();
        for value in values {
            self.outputs(*value, 6, &mut outputs);
        }
        self.choice(at, outputs)
    }

    /// A choice between a value and the same value with one text replaced by
    /// another: what is chosen is the two texts.
    fn replaced(&self, at: V, values: &[V]) -> Option<Choice> {
        values.iter().find_map(|value| {
            let Op::Call { callee, args } = self.ir.op(*value) else {
                return None;
            };
            let Op::Member { name, .. } = self.ir.op(callee) else {
                return None;
            };
            let [from, to] = self.ir.list(args) else {
                return None;
            };
            if !matches!(self.ir.names.get(name), "replace" | "replaceAll") {
                return None;
            }
            let from = match self.ir.op(*from) {
                Op::Regex(pattern) => literal_of(self.ir.names.get(pattern)),
                _ => self.r.text(*from)?,
            };
            let to = self.r.text(*to)?;
            self.choice(at, vec![from, to])
        })
    }

    /// The outputs of a table that is looked up.
    pub(crate) fn table(&self, at: V, object: V) -> Option<Choice> {
        let outputs = match self.r.known(object) {
            Some(Known::List(list)) => list.into_iter().filter_map(Known::text).collect(),
            Some(Known::Text(text)) if text.chars().count() <= 64 => {
                text.chars().map(|c| c.to_string()).collect()
            }
            _ => {
                let Op::Object(list) = self.ir.op(self.held(object)) else {
                    return None;
                };
                self.ir
                    .props(list)
                    .iter()
                    .filter_map(|prop| self.r.text(prop.value))
                    .collect::<Vec<String>>()
            }
        };
        // Large tables of texts are dictionaries, not choices.
        if outputs.len() > 16 {
            return None;
        }
        self.choice(at, outputs)
    }

    fn held(&self, value: V) -> V {
        match self.ir.op(value) {
            Op::Var(sym) => match self.r.definition(sym) {
                Some((definition, [])) => definition,
                _ => value,
            },
            _ => value,
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

    /// Whether the constant parts of a value are running text.
    fn reads_as_text(&self, value: V) -> bool {
        let shape = self.r.shape(value);
        let words = shape
            .split(|c: char| c.is_whitespace() || c == HOLE)
            .filter(|word| {
                word.chars().filter(|c| c.is_alphabetic()).count() >= 2
                    && word.chars().all(|c| {
                        c.is_alphabetic() || matches!(c, '\'' | ',' | '.' | ':' | '!' | '?' | '-' | '’')
                    })
            })
            .count();
        words >= 2 && !shape.contains("://") && !shape.starts_with(['/', '<', '{'])
    }
}

/// The text that a regular expression of plain characters matches.
fn literal_of(pattern: &str) -> String {
    pattern.chars().filter(|c| *c != '\\').collect()
}

struct Run<'f, 'r, 'i, 'a> {
    f: &'f Flow<'r, 'i, 'a>,
    budget: usize,
    cut: bool,
    seen: FxHashSet<State>,
    steps: Vec<Step>,
    todo: Vec<(State, u32)>,
    paths: Vec<Vec<Name>>,
    path_ids: FxHashMap<Vec<Name>, u32>,
    choices: Vec<Choice>,
    choice_ids: FxHashMap<V, Option<u32>>,
    compared: Vec<(u32, V, Compared)>,
    sinks: Vec<(u32, V, SinkKind)>,
    sink_seen: FxHashSet<(V, SinkKind, u32)>,
}

impl<'f, 'r, 'i, 'a> Run<'f, 'r, 'i, 'a> {
    fn new(f: &'f Flow<'r, 'i, 'a>, budget: usize) -> Self {
        let mut path_ids = FxHashMap::default();
        path_ids.insert(Vec::new(), 0);
        Self {
            f,
            budget,
            cut: false,
            seen: FxHashSet::default(),
            steps: Vec::new(),
            todo: Vec::new(),
            paths: vec![Vec::new()],
            path_ids,
            choices: Vec::new(),
            choice_ids: FxHashMap::default(),
            compared: Vec::new(),
            sinks: Vec::new(),
            sink_seen: FxHashSet::default(),
        }
    }

    fn start(&mut self, value: V) {
        let state = State {
            value,
            path: 0,
            choice: NONE,
        };
        self.seen.insert(state);
        self.todo.push((state, NONE));
    }

    fn drain(&mut self) {
        while let Some((state, before)) = self.todo.pop() {
            if self.steps.len() >= self.budget {
                self.cut = true;
                return;
            }
            let step = u32::try_from(self.steps.len()).unwrap_or(NONE);
            self.steps.push(Step { state, before });
            self.visit(state, step);
        }
    }

    fn path(&self, id: u32) -> &[Name] {
        self.paths.get(id as usize).map_or(&[], Vec::as_slice)
    }

    fn path_id(&mut self, path: Vec<Name>) -> Option<u32> {
        if path.len() > PATH {
            return None;
        }
        if let Some(id) = self.path_ids.get(&path) {
            return Some(*id);
        }
        let id = u32::try_from(self.paths.len()).ok()?;
        self.paths.push(path.clone());
        self.path_ids.insert(path, id);
        Some(id)
    }

    fn push(&mut self, value: V, path: u32, choice: u32, step: u32) {
        if value == NONE {
            return;
        }
        let state = State {
            value,
            path,
            choice,
        };
        if self.seen.insert(state) {
            self.todo.push((state, step));
        }
    }

    /// The path of a container that holds the value under `name`.
    fn push_held(&mut self, container: V, name: Name, state: State, step: u32) {
        let mut path = vec![name];
        path.extend_from_slice(self.path(state.path));
        if let Some(id) = self.path_id(path) {
            self.push(container, id, state.choice, step);
        }
    }

    /// What is left of a path when the part `taken` of the value is taken;
    /// `None` when the source is not in that part.
    fn taken(&self, path: &[Name], taken: &[Name]) -> Option<Vec<Name>> {
        let mut rest = path;
        for name in taken {
            match rest.split_first() {
                None => return Some(Vec::new()),
                Some((&CALLED, _)) => return None,
                Some((first, tail)) if *first == *name || *first == ANY || *name == ANY => {
                    rest = tail;
                }
                Some(_) => return None,
            }
        }
        Some(rest.to_vec())
    }

    fn write(&mut self, targets: List, state: State, step: u32) {
        let ir = self.f.ir;
        for target in ir.targets(targets) {
            match *target {
                Target::Var { sym, path } => {
                    let Some(rest) = self.taken(self.path(state.path), ir.path(path)) else {
                        continue;
                    };
                    let Some(rest) = self.path_id(rest) else {
                        continue;
                    };
                    for read in ir.reads(sym) {
                        self.push(*read, rest, state.choice, step);
                    }
                }
                Target::Member { object, name } => match ir.op(object) {
                    Op::Var(sym) => {
                        for read in ir.reads(sym) {
                            if *read != object {
                                self.push_held(*read, name, state, step);
                            }
                        }
                    }
                    Op::This => {
                        let reads = self.f.this_reads.get(&name);
                        for read in reads.into_iter().flatten() {
                            self.push(*read, state.path, state.choice, step);
                        }
                    }
                    _ => {}
                },
                Target::Index { object } => {
                    if let Op::Var(sym) = ir.op(object) {
                        for read in ir.reads(sym) {
                            if *read != object {
                                self.push_held(*read, ANY, state, step);
                            }
                        }
                    }
                }
            }
        }
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
    fn choose(&mut self, state: State, choice: impl FnOnce(&Flow<'r, 'i, 'a>) -> Option<Choice>, at: V) -> u32 {
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

    fn sink(&mut self, value: V, kind: SinkKind, choice: u32, step: u32) {
        if self.sink_seen.insert((value, kind, choice)) {
            self.sinks.push((step, value, kind));
        }
    }

    fn compare(&mut self, at: V, other: V, step: u32) {
        if let Some(list) = self.f.lists.get(&other) {
            self.compared.push((step, at, Compared::Concealed(*list)));
        } else if let Some(texts) = self.f.plain_list(other) {
            if texts.iter().any(|text| text.len() >= 2) {
                self.compared.push((step, at, Compared::Plain(texts)));
            }
        }
    }

    fn visit(&mut self, state: State, step: u32) {
        let ir = self.f.ir;
        let State {
            value,
            path,
            choice,
        } = state;
        let user = ir.user(value);
        if user == NONE {
            return;
        }
        let whole = path == 0;
        match ir.op(user) {
            Op::Member { object, name } if object == value => {
                let parts = self.path(path);
                match parts.split_first() {
                    None => self.push(user, 0, choice, step),
                    Some((first, rest)) if *first == name => {
                        let rest = rest.to_vec();
                        if let Some(rest) = self.path_id(rest) {
                            self.push(user, rest, choice, step);
                        }
                    }
                    // A method of a collection that holds it.
                    Some((&ANY, rest)) if rest.is_empty() && is_collection(ir.names.get(name)) => {
                        self.push(user, 0, choice, step);
                    }
                    Some(_) => {}
                }
            }
            Op::Index { object, key } => {
                if object == value {
                    let rest = self.taken(self.path(path), &[ANY]);
                    if let Some(rest) = rest.and_then(|rest| self.path_id(rest)) {
                        self.push(user, rest, choice, step);
                    }
                } else if key == value && whole {
                    let chosen = self.choose(state, |f| f.table(user, object), user);
                    self.push(user, 0, chosen, step);
                }
            }
            Op::Call { callee, args } => self.visit_call(state, step, user, callee, args),
            Op::New { callee, args } => {
                if callee != value {
                    let whole_path = if whole { 0 } else { path };
                    self.push(user, whole_path, choice, step);
                    let _ = args;
                }
            }
            Op::Object(list) | Op::Class(list) => {
                for prop in ir.props(list) {
                    if prop.value == value {
                        match prop.key {
                            Key::Name(name) => {
                                self.message_sink(user, list, name, state, step);
                                self.push_held(user, name, state, step);
                                // Methods are found by name where the object
                                // itself cannot be followed.
                                if self.path(path).first() == Some(&CALLED) {
                                    self.by_name(name, state, step);
                                }
                            }
                            Key::Computed(_) => self.push_held(user, ANY, state, step),
                            Key::Spread => self.push(user, path, choice, step),
                        }
                    }
                }
            }
            Op::Array(_) => self.push_held(user, ANY, state, step),
            Op::Binary { op, left, right } if whole => {
                match op {
                    Bin::Equal | Bin::Compare => {
                        let other = if left == value { right } else { left };
                        self.compare(user, other, step);
                    }
                    Bin::Add => self.text_sink(user, state, step),
                    Bin::Xor | Bin::Arithmetic => {}
                }
                self.push(user, 0, choice, step);
            }
            Op::Template(_) if whole => {
                self.text_sink(user, state, step);
                self.push(user, 0, choice, step);
            }
            Op::Logical { left, right } => {
                if left == value && whole && matches!(ir.op(right), Op::Str(_) | Op::Template(_)) {
                    let chosen = self.choose(
                        state,
                        |f| {
                            let mut outputs = vec![String::new()];
                            f.outputs(right, 4, &mut outputs);
                            f.choice(user, outputs)
                        },
                        user,
                    );
                    self.push(user, 0, chosen, step);
                } else {
                    self.push(user, path, choice, step);
                }
            }
            Op::Cond { test, yes, no } => {
                if test == value {
                    if whole {
                        let chosen =
                            self.choose(state, |f| f.choice_of(user, &[yes, no]), user);
                        self.push(user, 0, chosen, step);
                    }
                } else {
                    self.push(user, path, choice, step);
                }
            }
            Op::Unary(_) if whole => self.push(user, 0, choice, step),
            Op::Pass(_) => self.push(user, path, choice, step),
            Op::Seq(list) => {
                if ir.list(list).last() == Some(&value) {
                    self.push(user, path, choice, step);
                }
            }
            Op::Assign {
                value: assigned,
                targets,
                ..
            } if assigned == value => {
                self.write(targets, state, step);
                self.push(user, path, choice, step);
            }
            Op::Each {
                value: iterated,
                targets,
            } if iterated == value => self.write(targets, state, step),
            Op::Return { func, .. } => self.give_back(func, state, step),
            Op::Test { ctrl, .. } if whole => self.visit_test(state, step, user, ctrl),
            _ => {}
        }
    }

    fn give_back(&mut self, func: FuncId, state: State, step: u32) {
        if let Some(func) = self.f.ir.func(func) {
            self.push_held(func.value, CALLED, state, step);
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
        let rest = self.path(state.path).get(1..).unwrap_or_default().to_vec();
        let Some(rest) = self.path_id(rest) else {
            return;
        };
        let calls = self.f.calls_by_key.get(&name);
        for call in calls.into_iter().flatten().take(64) {
            self.push(*call, rest, state.choice, step);
        }
    }

    fn visit_call(&mut self, state: State, step: u32, user: V, callee: V, args: List) {
        let ir = self.f.ir;
        let State {
            value,
            path,
            choice,
        } = state;
        if callee == value {
            let parts = self.path(path);
            match parts.split_first() {
                // A method of the value itself: its result is made of it. A
                // callback given to it sees its elements.
                None => {
                    let method = match ir.op(callee) {
                        Op::Member { name, .. } => ir.names.get(name),
                        _ => "",
                    };
                    for (index, arg) in ir.list(args).iter().enumerate() {
                        if let Some(func) = self.f.r.function(*arg) {
                            self.enter(func, usize::from(method == "reduce"), state, step);
                        } else if index == 0 && is_comparison(method) {
                            self.compare(user, *arg, step);
                        }
                    }
                    self.push(user, 0, choice, step);
                }
                Some((&CALLED, rest)) => {
                    let rest = rest.to_vec();
                    if let Some(rest) = self.path_id(rest) {
                        self.push(user, rest, choice, step);
                    }
                }
                Some(_) => {}
            }
            return;
        }
        let Some(index) = ir.list(args).iter().position(|arg| *arg == value) else {
            return;
        };
        if let Some(func) = self.f.r.function(callee) {
            self.enter(func, index, state, step);
            // A wrapper (memoise, once) gives back what it was given.
            if self.path(path).first() == Some(&CALLED) {
                self.push(user, path, choice, step);
            }
            return;
        }
        let callback = self.path(path).first() == Some(&CALLED);
        if let Op::Member { object, name } = ir.op(callee) {
            let method = ir.names.get(name);
            if callback {
                // The outcome of a callback decides what the call gives.
                self.compare(user, object, step);
                let rest = self.path(path).get(1..).unwrap_or_default().to_vec();
                let result = if method == "map" || method == "then" || method == "call" {
                    self.path_id(rest)
                } else {
                    Some(0)
                };
                if let Some(result) = result {
                    self.push(user, result, choice, step);
                }
                return;
            }
            if is_comparison(method) {
                self.compare(user, object, step);
                if method == "get" || method == "charAt" || method == "at" {
                    let chosen = self.choose(state, |f| f.table(user, object), user);
                    self.push(user, 0, chosen, step);
                    return;
                }
            }
            if matches!(method, "push" | "add" | "unshift" | "set" | "append")
                && let Op::Var(sym) = ir.op(object)
            {
                for read in ir.reads(sym) {
                    if *read != object {
                        self.push_held(*read, ANY, state, step);
                    }
                }
            }
            let candidates = self.f.by_key.get(&name);
            if self.f.r.canon(callee).is_none()
                && let Some(candidates) = candidates.filter(|c| c.len() <= CANDIDATES)
                && method.len() >= 3
            {
                for func in candidates.clone() {
                    self.enter(func, index, state, step);
                }
            }
        }
        let canon = self
            .f
            .r
            .canon(callee)
            .map(|canon| self.f.r.canon_text(canon))
            .unwrap_or_default();
        if let Some(kind) = network_or_execution(&canon) {
            self.sink(user, kind, choice, step);
        }
        // An unknown function's result may be made of what it is given.
        let result = if callback {
            path
        } else if canon == "JSON.stringify" || path == 0 {
            0
        } else if canon.starts_with("Object.") || canon.starts_with("Promise.") {
            path
        } else {
            return;
        };
        self.push(user, result, choice, step);
    }

    /// A statement's test: what it controls is chosen by the value.
    fn visit_test(&mut self, state: State, step: u32, test: V, ctrl: u32) {
        let ir = self.f.ir;
        let owner = ir.owner(test);
        if let Some(func) = ir.func(owner)
            && owner != 0
            && func.returns.iter().any(|ret| ir.controlled(*ret, ctrl))
        {
            let returns: Vec<V> = func.returns.clone();
            let at = func.value;
            let chosen = self.choose(state, |f| f.choice_of(test, &returns), at);
            let next = State {
                choice: chosen,
                path: 0,
                ..state
            };
            self.give_back(owner, next, step);
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
        }
    }

    fn controlled_write(&mut self, assign: V, state: State, step: u32) {
        let ir = self.f.ir;
        let Op::Assign {
            value,
            targets,
            compound,
        } = ir.op(assign)
        else {
            return;
        };
        let [Target::Var { sym, .. }] = ir.targets(targets) else {
            return;
        };
        let sym = *sym;
        let chosen = self.choose(
            state,
            |f| {
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
        let next = State {
            choice: chosen,
            path: 0,
            ..state
        };
        self.write(targets, next, step);
    }

    fn text_sink(&mut self, user: V, state: State, step: u32) {
        if state.choice != NONE {
            // The outermost sum is the sentence.
            let mut top = user;
            while let Op::Binary { op: Bin::Add, .. } | Op::Template(_) =
                self.f.ir.op(self.f.ir.user(top))
            {
                top = self.f.ir.user(top);
            }
            if self.f.reads_as_text(top) {
                self.sink(top, SinkKind::Text, state.choice, step);
            }
        }
    }

    /// A field of an object that looks like a message or a request.
    fn message_sink(&mut self, object: V, list: List, name: Name, state: State, step: u32) {
        if state.choice == NONE || self.path(state.path).first() == Some(&CALLED) {
            return;
        }
        let names = &self.f.ir.names;
        let key = names.get(name);
        let has = |wanted: &str| {
            self.f.ir.props(list).iter().any(
                |prop| matches!(prop.key, Key::Name(name) if names.get(name) == wanted),
            )
        };
        let message = matches!(key, "content" | "text") && (has("role") || has("type"))
            || matches!(key, "prompt" | "system" | "instructions" | "systemPrompt" | "system_prompt");
        let request = matches!(key, "body" | "headers") && (has("method") || has("headers"))
            || key.eq_ignore_ascii_case("user-agent")
            || (key.len() > 2 && key.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("x-")));
        if message {
            self.sink(object, SinkKind::Message, state.choice, step);
        } else if request {
            self.sink(object, SinkKind::Request, state.choice, step);
        }
    }

    fn hits(self, origin: &Origin) -> Vec<Hit> {
        self.sinks
            .iter()
            .map(|(step, sink, kind)| {
                let mut way = Vec::new();
                let mut on_way = FxHashSet::default();
                let mut at = *step;
                let mut choice = None;
                if let Some(step) = self.steps.get(at as usize) {
                    choice = self.choices.get(step.state.choice as usize).cloned();
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
                    if matches!(what, Compared::Concealed(_))
                        && !compared.iter().any(|(known, _)| known == at)
                    {
                        compared.push((*at, what.clone()));
                    }
                }
                Hit {
                    sink: *sink,
                    kind: *kind,
                    origin: origin.clone(),
                    choice,
                    compared,
                    way,
                }
            })
            .collect()
    }
}

fn is_collection(method: &str) -> bool {
    matches!(
        method,
        "join" | "map" | "some" | "filter" | "concat" | "slice" | "includes" | "find" | "flat"
            | "values" | "keys" | "entries" | "forEach" | "every" | "reduce" | "at" | "pop"
            | "shift" | "has" | "get" | "indexOf" | "findIndex" | "flatMap" | "sort" | "reverse"
            | "toString"
    )
}

/// Methods that compare or look up: the receiver with the argument, or the
/// argument in the receiver.
fn is_comparison(method: &str) -> bool {
    matches!(
        method,
        "includes" | "has" | "indexOf" | "endsWith" | "startsWith" | "test" | "match" | "some"
            | "get" | "equals" | "localeCompare" | "exec" | "find" | "every" | "findIndex"
            | "charAt" | "at" | "search" | "lastIndexOf"
    )
}

fn network_or_execution(canon: &str) -> Option<SinkKind> {
    Some(match canon {
        "fetch" | "http.request" | "https.request" | "http.get" | "https.get"
        | "navigator.sendBeacon" | "dns.lookup" | "dns.resolve" | "undici.request"
        | "undici.fetch" => SinkKind::Request,
        "eval" | "Function" | "vm.runInThisContext" | "vm.runInNewContext" | "vm.runInContext"
        | "child_process.exec" | "child_process.execSync" | "child_process.spawn"
        | "child_process.spawnSync" | "child_process.execFile" | "child_process.execFileSync"
        | "import" => SinkKind::Execution,
        _ => return None,
    })
}
