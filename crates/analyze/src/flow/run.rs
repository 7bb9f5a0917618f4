//! One run: from a source to all that it reaches.

use assay_text::Difference;
use rustc_hash::{FxHashMap, FxHashSet};

use super::choices::is_prompt;
use super::names::{
    CalleeKind, computes, is_collection, is_comparison, is_hash, is_plain, runs_another,
};
use super::{
    CALLED, CALLS, CANDIDATES, Chains, Choice, Compared, FAR, Flow, Hit, Mode, Origin, PATH,
    SinkKind, State, Step, THROWN,
};
use crate::ir::{ANY, Bin, FuncId, Key, List, NONE, Name, Op, Target, V};
use crate::resolve::{HOLE, Known};

/// A state whose value decides something: what was chosen before is no output
/// any more, what is chosen by it will be.
pub(super) fn anew(state: State) -> State {
    State {
        choice: NONE,
        ..state
    }
}

/// What runs leave to the next for its room: growing tables anew would take a
/// good part of their time.
#[derive(Default)]
pub(super) struct Room {
    pub(super) seen: FxHashSet<State>,
    pub(super) written: FxHashSet<(u32, State)>,
    pub(super) steps: Vec<Step>,
    pub(super) waiting: Vec<Vec<(State, u32)>>,
}

pub(super) struct Run<'f, 'r, 'i, 'a> {
    pub(super) f: &'f Flow<'r, 'i, 'a>,
    pub(super) mode: Mode,
    /// Whether the source itself tells yes or no: whether something is there.
    pub(super) outcome: bool,
    /// Whether the value alone is followed, and not what it becomes a part of,
    /// what is chosen by it, or what it is handed on to by many ways.
    pub(super) near: bool,
    pub(super) budget: usize,
    pub(super) cut: bool,
    pub(super) seen: FxHashSet<State>,
    pub(super) steps: Vec<Step>,
    /// What was found by the visit of one value, and whether loosely.
    pub(super) found: Vec<(State, u32, bool)>,
    /// What is to be visited, by its distance.
    pub(super) waiting: Vec<Vec<(State, u32)>>,
    pub(super) paths: Chains,
    pub(super) calls: Chains,
    pub(super) choices: Vec<Choice>,
    pub(super) choice_ids: FxHashMap<V, Option<u32>>,
    pub(super) compared: Vec<(u32, V, Compared)>,
    pub(super) sinks: Vec<(u32, V, SinkKind)>,
    pub(super) sink_seen: FxHashSet<(V, SinkKind, u32, bool)>,
    /// Variables that were written already, with what and whence: their
    /// reads need no second look.
    pub(super) written: FxHashSet<(u32, State)>,
    /// Calls that give a part of the source: whatever picks the part, the
    /// result is no outcome.
    pub(super) searched: FxHashSet<V>,
}

impl<'f, 'r, 'i, 'a> Run<'f, 'r, 'i, 'a> {
    pub(super) fn new(f: &'f Flow<'r, 'i, 'a>, mode: Mode, budget: usize) -> Self {
        let mut room = f.room.take();
        room.seen.clear();
        room.written.clear();
        room.steps.clear();
        room.waiting.iter_mut().for_each(Vec::clear);
        Self {
            f,
            mode,
            outcome: false,
            near: false,
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
    pub(super) fn done(self) {
        self.f.room.replace(Room {
            seen: self.seen,
            written: self.written,
            steps: self.steps,
            waiting: self.waiting,
        });
    }

    pub(super) fn start(&mut self, value: V) {
        let state = State {
            value,
            path: 0,
            choice: NONE,
            calls: 0,
            decided: self.outcome,
        };
        self.seen.insert(state);
        self.found.push((state, NONE, false));
        // Whether a file is there is told by an error as well.
        if self.mode == Mode::Fact
            && matches!(self.f.ir.op(value), Op::Call { .. })
            && self.f.ir.handler(value).is_some()
        {
            let step = u32::try_from(self.steps.len()).unwrap_or(NONE);
            self.steps.push(Step {
                state,
                before: NONE,
            });
            self.raise(value, state, step);
        }
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
    pub(super) fn drain(&mut self) {
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
    pub(super) fn put_off(&mut self, from: usize) {
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

    pub(super) fn push(&mut self, value: V, path: u32, state: State, step: u32) {
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
        if self.near && (loose || state.decided) {
            return;
        }
        if self.seen.insert(state) {
            self.found.push((state, step, loose));
        }
    }

    /// The path of a container that holds the value under `name`.
    pub(super) fn push_held(&mut self, container: V, name: Name, state: State, step: u32) {
        if let Some(path) = self.paths.cons(name, state.path, PATH) {
            self.push(container, path, state, step);
        }
    }

    /// What is left of a path when the part `taken` of the value is taken;
    /// `None` when the source is not in that part.
    pub(super) fn taken(&self, path: u32, taken: &[Name]) -> Option<u32> {
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

    pub(super) fn is_called(&self, path: u32) -> bool {
        matches!(self.paths.get(path), Some((CALLED, _)))
    }

    pub(super) fn tail(&self, path: u32) -> u32 {
        self.paths.get(path).map_or(0, |(_, tail)| tail)
    }

    pub(super) fn write(&mut self, targets: List, state: State, step: u32) {
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
                        for read in self.f.instance_reads(home, name).iter() {
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
    pub(super) fn share(&mut self, object: V, name: Name, state: State, step: u32) {
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
    pub(super) fn hold(&mut self, sym: u32, name: Name, object: V, state: State, step: u32) {
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
    pub(super) fn home(&self, state: State) -> FuncId {
        self.calls
            .get(state.calls)
            .and_then(|(call, _)| match self.f.ir.op(call) {
                Op::Call { callee, .. } => self.f.r.function(callee),
                _ => None,
            })
            .unwrap_or_else(|| self.f.ir.owner(state.value))
    }

    /// Enters a function by a call, and remembers by which.
    pub(super) fn enter_by(
        &mut self,
        call: V,
        func: FuncId,
        index: usize,
        state: State,
        step: u32,
    ) {
        let calls = match self.calls.cons(call, state.calls, CALLS) {
            Some(calls) => calls,
            // Deeper than remembered: the outer calls are forgotten.
            None => self.calls.cons(call, 0, CALLS).unwrap_or(0),
        };
        self.enter(func, index, State { calls, ..state }, step);
    }

    pub(super) fn enter(&mut self, func: FuncId, index: usize, state: State, step: u32) {
        let Some(param) = self.f.ir.func(func).and_then(|f| f.params.get(index)) else {
            return;
        };
        if let Op::Param { targets, .. } = self.f.ir.op(*param) {
            self.write(targets, state, step);
        }
    }

    /// Notes a choice and gives the state that goes on with it.
    pub(super) fn choose(
        &mut self,
        state: State,
        choice: impl FnOnce(&Flow<'r, 'i, 'a>) -> Option<Choice>,
        at: V,
    ) -> State {
        let choice = self.choose_id(state, choice, at);
        State { choice, ..state }
    }

    pub(super) fn choose_id(
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
    pub(super) fn was_decided(&self, step: u32) -> bool {
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
    pub(super) fn what_if(&mut self, at: V, state: State, step: u32) -> State {
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
        let by = self.calls.get(state.calls).map(|(call, _)| call);
        self.choose(
            state,
            |f| {
                // From where it was decided on, the first point from which
                // the text can be computed.
                way.iter().rev().find_map(|given| {
                    let mut outputs = Vec::new();
                    for outcome in [&one, &other] {
                        match f.r.supposing(*given, outcome.clone(), by, at)? {
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
    pub(super) fn given_to(&self, args: List, choice: u32) -> bool {
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

    pub(super) fn sink(&mut self, value: V, kind: SinkKind, choice: u32, step: u32) {
        let decided = (self.steps.get(step as usize)).is_some_and(|step| step.state.decided);
        if self.sink_seen.insert((value, kind, choice, decided)) {
            self.sinks.push((step, value, kind));
        }
    }

    /// What was compared with plain texts, and where: the value itself and
    /// what is made of it, but not what was chosen by it.
    pub(super) fn plainly_compared(&self) -> Vec<(V, Vec<String>)> {
        let decided = |step: u32| {
            let step = self.steps.get(step as usize);
            step.is_some_and(|step| step.state.decided)
        };
        let plain = self.compared.iter().filter(|(step, ..)| !decided(*step));
        let plain = plain.filter_map(|(_, at, what)| match what {
            Compared::Plain(texts) => Some((*at, texts.clone())),
            Compared::Concealed(_) | Compared::Hashes(_) => None,
        });
        plain.collect()
    }

    pub(super) fn compare(&mut self, at: V, other: V, step: u32) {
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
            self.f.alternatives(at, other, &mut texts);
            let what = if texts.iter().all(|text| is_hash(text)) {
                Compared::Hashes(texts.len())
            } else {
                Compared::Plain(texts)
            };
            self.compared.push((step, at, what));
        }
    }

    /// Whether what uses a value makes something else of it.
    fn leaves_it(&self, user: V, value: V) -> bool {
        match self.f.ir.op(user) {
            Op::Throw(_) | Op::Unary { .. } | Op::Test { .. } => true,
            // `${value}` and value + "" are the value.
            Op::Template(_) | Op::Binary { op: Bin::Add, .. } => {
                self.f.r.shape(user).chars().ne([HOLE])
            }
            Op::Cond { test, .. } => test == value,
            Op::Call { callee, .. } => {
                callee != value
                    && (matches!(self.f.callee_kind(callee), CalleeKind::Sink(_))
                        || self.f.looks_up(callee))
            }
            _ => false,
        }
    }

    pub(super) fn visit(&mut self, state: State, step: u32) {
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
        if self.near && self.leaves_it(user, value) {
            return;
        }
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
                            self.same_function(&[yes, no], state, step);
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
    pub(super) fn choose_function(&mut self, at: V, values: &[V], state: State, step: u32) {
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
    pub(super) fn in_id(&mut self, at: V, parts: &[V], state: State) -> State {
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
    pub(super) fn constant(&self, value: V) -> bool {
        match self.f.ir.op(value) {
            Op::Str(_) | Op::Num(_) | Op::Bool(_) | Op::Nil => true,
            Op::Unary { .. } => true,
            Op::Binary { op, .. } => matches!(op, Bin::Equal | Bin::Compare),
            Op::Pass(inner) => matches!(self.f.ir.op(inner), Op::Str(_) | Op::Bool(_) | Op::Num(_)),
            _ => false,
        }
    }

    /// Reads of a field through `this` in the methods beside it.
    pub(super) fn own_reads(&mut self, list: List, name: Name, state: State, step: u32) {
        let home = self.f.home_of_list(list);
        if home == 0 {
            return;
        }
        let reads = self.f.this_reads.get(&(home, name));
        for read in reads.into_iter().flatten() {
            self.push(*read, state.path, State { calls: 0, ..state }, step);
        }
    }

    /// An exception that carries the state, or that is thrown because of it:
    /// to the handler around it, or to the calls of its function.
    pub(super) fn raise(&mut self, at: V, state: State, step: u32) {
        match self.f.ir.handler(at) {
            Some(handler) => {
                if let Op::Caught { targets } = self.f.ir.op(handler.caught) {
                    self.write(targets, state, step);
                }
                if self.mode == Mode::Fact {
                    self.controlled(handler.ctrl, handler.caught, state, step);
                    // What is written after it is written only if it did not.
                    let ir = self.f.ir;
                    let (_, from) = ir.span(at);
                    let assigns = self.f.tried.get(&ir.owner(at));
                    for assign in assigns.into_iter().flatten().take(256) {
                        let (start, end) = ir.span(*assign);
                        if from <= start && end <= handler.span.1 {
                            self.controlled_write(*assign, state, step);
                        }
                    }
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

    pub(super) fn give_back(&mut self, func: FuncId, state: State, step: u32) {
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

    pub(super) fn by_name(&mut self, name: Name, state: State, step: u32) {
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

    /// Whether a step went through a function that is not known.
    pub(super) fn is_loose(&self, from: V, to: V) -> bool {
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

    pub(super) fn hits(&self, origin: &Origin) -> Vec<Hit> {
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
                        nature: origin.nature,
                    },
                    choice,
                    compared,
                    way,
                }
            })
            .collect()
    }
}
