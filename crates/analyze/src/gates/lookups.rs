//! Where switches are asked for.

use assay_model::Setter;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{Bin, FuncId, Ir, NONE, Name, Op, Target, V};
use crate::raw::one_line;
use crate::resolve::{Canon, Resolver};

/// Methods by which libraries ask for flags: the place of the key, and of
/// the default where there is one.
const METHODS: &[(&str, usize, Option<usize>)] = &[
    ("checkGate", 0, None),
    ("getFeatureGate", 0, None),
    ("getDynamicConfig", 0, None),
    ("getExperiment", 0, None),
    ("isFeatureEnabled", 0, None),
    ("getFeatureFlag", 0, None),
    ("getFeatureFlagPayload", 0, None),
    ("getFeatureValue", 0, Some(1)),
    ("evalFeature", 0, None),
    ("variation", 0, Some(2)),
    ("boolVariation", 0, Some(2)),
    ("stringVariation", 0, Some(2)),
    ("numberVariation", 0, Some(2)),
    ("jsonVariation", 0, Some(2)),
    ("variationDetail", 0, Some(2)),
    ("getBooleanValue", 0, Some(1)),
    ("getStringValue", 0, Some(1)),
    ("getNumberValue", 0, Some(1)),
    ("getObjectValue", 0, Some(1)),
    ("getTreatment", 0, None),
    ("getTreatmentWithConfig", 0, None),
    ("check_gate", 0, None),
    ("get_experiment", 0, None),
    ("feature_enabled", 0, None),
    ("get_feature_flag", 0, None),
    ("bool_variation", 0, Some(2)),
];
/// Those whose name is one for other things as well, so that the key has to
/// look like one of a switch.
const LOOSE: &[&str] = &[
    "variation",
    "getTreatment",
    "getStringValue",
    "getNumberValue",
    "getObjectValue",
    "getBooleanValue",
];

/// Whether a name is written as those of the environment are.
fn is_variable(key: &str) -> bool {
    key.contains('_')
        && key
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// What reads a whole file, by the last part of its name.
const READERS: &[&str] = &["readFileSync", "readFile", "read_text"];

/// In how many places, with different names, a function is called that asks
/// for switches.
const PLACES: usize = 5;
/// How many functions lead from the program's to the library's.
const WRAPPERS: usize = 4;
/// How deep, and through how many functions, it is sought what a function
/// reaches.
const REACH: (usize, usize) = (4, 160);

/// One place where a switch is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    pub(super) value: V,
    pub(super) key: String,
    pub(super) default: String,
    pub(super) fallback: String,
    pub(super) setter: Setter,
    pub(super) asked_by: String,
}

/// A function that asks for a switch for its caller.
#[derive(Debug, Clone)]
struct Asker {
    key: usize,
    default: Option<usize>,
    /// Whether it gives back the caller's default.
    gives_default: bool,
    /// What it gives where the library is asked without one.
    fixed: String,
    asked_by: String,
    setter: Setter,
}

/// The places where switches are asked for, in the order of the text.
pub(super) fn find(r: &Resolver<'_, '_>) -> Vec<Lookup> {
    let mut finder = Finder::new(r);
    finder.by_methods();
    finder.by_wrappers();
    finder.by_shape();
    finder.environment();
    finder.settings();
    let mut found = finder.found;
    found.sort_by_key(|lookup| (r.ir.span(lookup.value), lookup.value));
    found.dedup_by_key(|lookup| lookup.value);
    found
}

/// Who is asked where a field of an answer is the switch.
pub(super) const ANSWER: &str = "a field of an answer";
/// Fields that say how a request went, and whether there is more.
const OF_REQUESTS: &[&str] = &[
    "body",
    "code",
    "data",
    "detail",
    "error",
    "errors",
    "headers",
    "length",
    "message",
    "ok",
    "result",
    "results",
    "status",
    "statusCode",
    "statusMessage",
    "statusText",
    "status_code",
    "success",
    "type",
    "url",
];
/// How many fields of answers of one module are looked at.
const FIELDS: usize = 400;

/// Fields of what servers sent, which may be switches.
pub(super) fn of_answers(r: &Resolver<'_, '_>, fields: &[V]) -> Vec<Lookup> {
    let ir = r.ir;
    let name = |value: V| match ir.op(value) {
        Op::Member { name, .. } => Some(ir.names.get(name).to_owned()),
        Op::Index { key, .. } => r.text(key),
        Op::Call { args, .. } => r.text(*ir.list(args).first()?),
        _ => None,
    };
    let mut seen = FxHashSet::default();
    fields
        .iter()
        .filter(|value| seen.insert(**value))
        .take(FIELDS)
        .filter_map(|value| Some((*value, name(*value)?)))
        .filter(|(_, key)| key.len() > 2 && !OF_REQUESTS.contains(&key.as_str()))
        .map(|(value, key)| Lookup {
            value,
            key: one_line(&key),
            default: String::new(),
            fallback: String::new(),
            setter: Setter::RemoteService,
            asked_by: ANSWER.to_owned(),
        })
        .collect()
}

struct Finder<'f, 'i, 'a> {
    r: &'f Resolver<'i, 'a>,
    ir: &'i Ir<'a>,
    /// Calls of functions of the module.
    callers: FxHashMap<FuncId, Vec<V>>,
    /// Functions by the name under which an object or class holds them.
    methods: FxHashMap<Name, Vec<FuncId>>,
    /// Calls of methods of objects that are not known, by name.
    member_calls: FxHashMap<Name, Vec<V>>,
    askers: FxHashMap<FuncId, Asker>,
    /// What functions call and name, for what they reach.
    calls_in: FxHashMap<FuncId, Vec<FuncId>>,
    marks: FxHashMap<FuncId, Setter>,
    /// Who functions were found to reach.
    reached: FxHashMap<FuncId, Option<Setter>>,
    found: Vec<Lookup>,
}

impl<'f, 'i, 'a> Finder<'f, 'i, 'a> {
    fn new(r: &'f Resolver<'i, 'a>) -> Self {
        let ir = r.ir;
        let mut this = Self {
            r,
            ir,
            callers: FxHashMap::default(),
            methods: FxHashMap::default(),
            member_calls: FxHashMap::default(),
            askers: FxHashMap::default(),
            calls_in: FxHashMap::default(),
            marks: FxHashMap::default(),
            reached: FxHashMap::default(),
            found: Vec::new(),
        };
        for (index, func) in ir.funcs.iter().enumerate() {
            if let Some(key) = func.key {
                let id = u32::try_from(index).unwrap_or(NONE);
                this.methods.entry(key).or_default().push(id);
            }
        }
        let mut readers: FxHashMap<Canon, bool> = FxHashMap::default();
        for index in 0..ir.ops.len() {
            let value = u32::try_from(index).unwrap_or(NONE);
            match ir.op(value) {
                Op::Call { callee, .. } => {
                    let reads = |canon| {
                        *readers.entry(canon).or_insert_with(|| {
                            let text = r.canon_text(canon);
                            let last = text.trim_end_matches("()").rsplit('.').next();
                            READERS.contains(&last.unwrap_or_default())
                        })
                    };
                    if r.canon(value).is_some_and(reads) {
                        this.mark(value, Setter::SettingsFile);
                    }
                    if let Some(func) = r.function(callee) {
                        this.callers.entry(func).or_default().push(value);
                        let calls = this.calls_in.entry(ir.owner(value)).or_default();
                        calls.push(func);
                    } else if let Op::Member { name, .. } = ir.op(callee) {
                        this.member_calls.entry(name).or_default().push(value);
                        let text = ir.names.get(name);
                        let service =
                            METHODS.iter().any(|(m, ..)| *m == text) && !LOOSE.contains(&text);
                        if service {
                            this.mark(value, Setter::RemoteService);
                        } else if READERS.contains(&text) {
                            this.mark(value, Setter::SettingsFile);
                        }
                    }
                }
                // What stands in a function, or is handed on there, may run.
                Op::Func(id) => {
                    let calls = this.calls_in.entry(ir.owner(value)).or_default();
                    calls.push(id);
                }
                Op::Global(name) if ir.names.get(name) == "fetch" => {
                    this.mark(value, Setter::RemoteService);
                }
                _ => {}
            }
        }
        this
    }

    /// A function that asks a service is marked so, whatever else it does.
    fn mark(&mut self, value: V, setter: Setter) {
        let mark = self.marks.entry(self.ir.owner(value)).or_insert(setter);
        *mark = (*mark).min(setter);
    }

    fn args(&self, call: V) -> &'i [V] {
        match self.ir.op(call) {
            Op::Call { args, .. } | Op::New { args, .. } => self.ir.list(args),
            _ => &[],
        }
    }

    /// The constant name that stands at a place of a call.
    fn key_at(&self, call: V, place: usize) -> Option<String> {
        let arg = *self.args(call).get(place)?;
        let text = match self.ir.op(arg) {
            Op::Str(name) => self.ir.names.get(name).to_owned(),
            Op::Var(_) | Op::Member { .. } | Op::Template(_) => self.r.text(arg)?,
            _ => return None,
        };
        is_key(&text).then_some(text)
    }

    /// The parameter of the function around it that a value is.
    fn param(&self, value: V) -> Option<(FuncId, usize)> {
        let Op::Var(sym) = self.ir.op(value) else {
            return None;
        };
        self.ir.writes(sym).iter().find_map(|(writer, target)| {
            let Op::Param { func, index, .. } = self.ir.op(*writer) else {
                return None;
            };
            match self.ir.targets.get(*target as usize)? {
                Target::Var { path, .. } if self.ir.path(*path).is_empty() => {
                    Some((func, index as usize))
                }
                _ => None,
            }
        })
    }

    /// A literal as a reader would write it; empty where it is none.
    fn literal(&self, value: V) -> String {
        let value = self.r.held(value);
        let (start, end) = self.ir.span(value);
        match self.ir.op(value) {
            Op::Bool(yes) => yes.to_string(),
            Op::Num(number) => format!("{number}"),
            Op::Nil => "undefined or null".to_owned(),
            Op::Unary { value: inner, .. } => {
                match (self.ir.op(inner), end.saturating_sub(start)) {
                    (Op::Num(0.0), 2) => "true".to_owned(),
                    (Op::Num(1.0), 2) => "false".to_owned(),
                    _ => String::new(),
                }
            }
            Op::Str(_) | Op::Object(_) | Op::Array(_) => {
                let text = self.ir.text.get(start as usize..end as usize);
                one_line(text.unwrap_or_default())
                    .chars()
                    .take(80)
                    .collect()
            }
            _ => String::new(),
        }
    }

    /// Whether a value can be the default of a switch.
    fn is_default(&self, value: V) -> bool {
        matches!(
            self.ir.op(self.r.held(value)),
            Op::Bool(_)
                | Op::Num(_)
                | Op::Nil
                | Op::Object(_)
                | Op::Array(_)
                | Op::Unary { .. }
                | Op::Str(_)
        )
    }

    /// Calls of what libraries of flags have as methods.
    fn by_methods(&mut self) {
        for (method, key, default) in METHODS {
            let Some(name) = self.ir.names.find(method) else {
                continue;
            };
            let loose = LOOSE.contains(method);
            for call in self.member_calls.get(&name).cloned().unwrap_or_default() {
                let args = self.args(call);
                // Older forms have the user first.
                let place =
                    if args.len() > 1 && self.key_at(call, *key).is_none() && default.is_none() {
                        1
                    } else {
                        *key
                    };
                let default_value = default.and_then(|at| args.get(at)).copied();
                if let Some(key) = self.key_at(call, place) {
                    if loose && (!is_telling(&key) || default_value.is_none()) {
                        continue;
                    }
                    let default = default_value.map(|v| self.literal(v)).unwrap_or_default();
                    self.found.push(Lookup {
                        value: call,
                        key,
                        fallback: default.clone(),
                        default,
                        setter: Setter::RemoteService,
                        asked_by: format!(".{method}()"),
                    });
                } else if let Some((func, at)) = args.get(place).and_then(|arg| self.param(*arg))
                    && !loose
                {
                    let handed = default_value.and_then(|value| self.param(value));
                    let fixed = default_value.map(|v| self.literal(v)).unwrap_or_default();
                    self.askers.entry(func).or_insert(Asker {
                        key: at,
                        default: handed.filter(|(f, _)| *f == func).map(|(_, at)| at),
                        gives_default: handed.is_some(),
                        fixed,
                        asked_by: format!(".{method}()"),
                        setter: Setter::RemoteService,
                    });
                }
            }
        }
    }

    /// Calls of functions that ask, by those that ask for others in turn.
    fn by_wrappers(&mut self) {
        let mut open: Vec<FuncId> = self.askers.keys().copied().collect();
        open.sort_unstable();
        for _ in 0..WRAPPERS {
            let mut next = Vec::new();
            for func in std::mem::take(&mut open) {
                let Some(asker) = self.askers.get(&func).cloned() else {
                    continue;
                };
                for call in self.calls_of(func) {
                    if let Some(lookup) = self.lookup(func, &asker, call) {
                        self.found.push(lookup);
                    } else if let Some((outer, key)) = self
                        .args(call)
                        .get(asker.key)
                        .and_then(|arg| self.param(*arg))
                        && outer != func
                        && !self.askers.contains_key(&outer)
                    {
                        let default = asker
                            .default
                            .and_then(|at| self.args(call).get(at))
                            .and_then(|arg| self.param(*arg))
                            .filter(|(f, _)| *f == outer);
                        self.askers.insert(
                            outer,
                            Asker {
                                key,
                                default: default.map(|(_, at)| at),
                                gives_default: asker.gives_default && default.is_some(),
                                ..asker.clone()
                            },
                        );
                        next.push(outer);
                    }
                }
            }
            open = next;
        }
    }

    /// The calls of a function, also as a method that few others are named
    /// like.
    fn calls_of(&self, func: FuncId) -> Vec<V> {
        let mut calls = self.callers.get(&func).cloned().unwrap_or_default();
        if let Some(key) = self.ir.func(func).and_then(|func| func.key)
            && self.methods.get(&key).is_some_and(|list| list.len() <= 2)
            && self.ir.names.get(key).len() > 3
        {
            calls.extend(self.member_calls.get(&key).into_iter().flatten());
        }
        calls
    }

    fn lookup(&self, func: FuncId, asker: &Asker, call: V) -> Option<Lookup> {
        let key = self.key_at(call, asker.key)?;
        let default = asker
            .default
            .and_then(|at| self.args(call).get(at))
            .map(|value| self.literal(*value))
            .unwrap_or_else(|| asker.fixed.clone());
        let fallback = if asker.gives_default {
            "the default".to_owned()
        } else {
            self.gives(func)
        };
        Some(Lookup {
            value: call,
            key,
            default,
            fallback,
            setter: asker.setter,
            asked_by: asker.asked_by.clone(),
        })
    }

    /// The constants that a function gives back.
    fn gives(&self, func: FuncId) -> String {
        let Some(func) = self.ir.func(func) else {
            return String::new();
        };
        let mut given: Vec<String> = func
            .returns
            .iter()
            .map(|value| self.literal(*value))
            .filter(|text| !text.is_empty())
            .collect();
        given.sort();
        given.dedup();
        given.join(" or ")
    }

    /// Functions that are called in many places with a name and a default,
    /// and that reach who can set it.
    fn by_shape(&mut self) {
        let mut funcs: Vec<FuncId> = self
            .callers
            .iter()
            .filter(|(_, calls)| calls.len() >= PLACES)
            .map(|(func, _)| *func)
            .filter(|func| !self.askers.contains_key(func))
            .collect();
        funcs.sort_unstable();
        for func in funcs {
            let calls = self.callers.get(&func).cloned().unwrap_or_default();
            let keyed: Vec<V> = calls
                .iter()
                .copied()
                .filter(|call| {
                    self.key_at(*call, 0).is_some_and(|key| is_telling(&key))
                        && self.args(*call).len() <= 3
                })
                .collect();
            let distinct: FxHashSet<String> = keyed
                .iter()
                .filter_map(|call| self.key_at(*call, 0))
                .collect();
            if distinct.len() < PLACES
                || keyed.len().saturating_mul(10) < calls.len().saturating_mul(7)
            {
                continue;
            }
            let with_default = keyed
                .iter()
                .filter(|call| {
                    self.args(**call)
                        .get(1)
                        .is_some_and(|v| self.is_default(*v))
                })
                .count();
            let tested = keyed.iter().filter(|call| self.decides(**call)).count();
            let mostly = |count: usize, tenths: usize| {
                count.saturating_mul(10) >= keyed.len().saturating_mul(tenths)
            };
            // With a default it is a lookup by its form; without, only where
            // nearly every outcome is a branch.
            if !(mostly(with_default, 6) && mostly(tested, 3) || mostly(tested, 8)) {
                continue;
            }
            let reads = self.reads_by_key(func);
            // Written like variables, they are: what the function reaches
            // beside says nothing.
            let variables = distinct.iter().all(|key| is_variable(key));
            let environment = variables.then_some(Setter::Environment);
            let reached = || environment.or_else(|| self.reaches(func));
            let Some(setter) = reads.or_else(reached) else {
                continue;
            };
            let defaults = mostly(with_default, 3);
            let asker = Asker {
                key: 0,
                default: defaults.then_some(1),
                gives_default: defaults && self.returns_param(func, 1),
                fixed: String::new(),
                asked_by: self.name_of(func),
                setter,
            };
            for call in keyed {
                if let Some(lookup) = self.lookup(func, &asker, call) {
                    self.found.push(lookup);
                }
            }
        }
    }

    /// What a function is called in the code.
    fn name_of(&self, func: FuncId) -> String {
        let call = self.callers.get(&func).and_then(|calls| calls.first());
        let Some(Op::Call { callee, .. }) = call.map(|call| self.ir.op(*call)) else {
            return "a function".to_owned();
        };
        let (start, end) = self.ir.span(callee);
        let text = self.ir.text.get(start as usize..end as usize);
        format!("{}()", one_line(text.unwrap_or_default()))
    }

    fn returns_param(&self, func: FuncId, index: usize) -> bool {
        let Some(known) = self.ir.func(func) else {
            return false;
        };
        let is = |value: V| self.param(value) == Some((func, index));
        known.returns.iter().any(|value| match self.ir.op(*value) {
            Op::Logical { right, .. } => is(right),
            Op::Cond { yes, no, .. } => is(yes) || is(no),
            _ => is(*value),
        })
    }

    /// Whether the outcome of a call is at once what a branch is taken by.
    fn decides(&self, call: V) -> bool {
        let mut at = call;
        for _ in 0..6 {
            let user = self.ir.user(at);
            match self.ir.op(user) {
                Op::Pass(_) | Op::Unary { .. } | Op::Member { .. } => at = user,
                Op::Binary {
                    op: Bin::Equal | Bin::Compare,
                    ..
                } => at = user,
                Op::Test { .. } | Op::Logical { .. } => return true,
                Op::Cond { test, .. } => return test == at,
                Op::Return { .. } => return true,
                Op::Assign { targets, .. } => {
                    return self.ir.targets(targets).iter().any(|target| match target {
                        Target::Var { sym, .. } => {
                            let reads = self.ir.reads(*sym);
                            reads.len() <= 8 && reads.iter().any(|read| self.is_tested(*read))
                        }
                        Target::Member { .. } | Target::Index { .. } => false,
                    });
                }
                _ => return false,
            }
        }
        false
    }

    fn is_tested(&self, read: V) -> bool {
        let mut at = read;
        for _ in 0..5 {
            let user = self.ir.user(at);
            match self.ir.op(user) {
                Op::Pass(_) | Op::Unary { .. } | Op::Member { .. } | Op::Binary { .. } => at = user,
                Op::Test { .. } | Op::Logical { .. } | Op::Cond { .. } | Op::Return { .. } => {
                    return true;
                }
                _ => return false,
            }
        }
        false
    }

    /// A function that looks its key up in a table that is filled with what
    /// a service sent: `settings().cachedFlags?.[key]`.
    fn reads_by_key(&self, func: FuncId) -> Option<Setter> {
        let known = self.ir.func(func)?;
        let (start, end) = self.ir.span(known.value);
        let param = known.params.first()?;
        let Op::Param { targets, .. } = self.ir.op(*param) else {
            return None;
        };
        let Some(Target::Var { sym, .. }) = self.ir.targets(targets).first() else {
            return None;
        };
        for read in self.ir.reads(*sym) {
            let at = self.ir.span(*read).0;
            if at < start || at >= end {
                continue;
            }
            let Op::Index { object, key } = self.ir.op(self.ir.user(*read)) else {
                continue;
            };
            if key != *read {
                continue;
            }
            // The name of the table.
            if let Op::Member { name, .. } = self.ir.op(object)
                && self.filled_by_service(name)
            {
                return Some(Setter::RemoteService);
            }
        }
        None
    }

    /// Whether a property of this name is filled where a service is asked.
    fn filled_by_service(&self, name: Name) -> bool {
        let mut owners: Vec<FuncId> = Vec::new();
        for (index, op) in self.ir.ops.iter().enumerate() {
            let writes =
                match op {
                    Op::Object(list) => self
                        .ir
                        .props(*list)
                        .iter()
                        .any(|prop| prop.key == crate::ir::Key::Name(name)),
                    Op::Assign { targets, .. } => self.ir.targets(*targets).iter().any(
                        |target| matches!(target, Target::Member { name: n, .. } if *n == name),
                    ),
                    _ => false,
                };
            if writes {
                owners.push(self.ir.owner(u32::try_from(index).unwrap_or(NONE)));
            }
        }
        owners.iter().take(16).any(|owner| {
            *owner != 0
                && (self.within(*owner, 3, &mut 60) == Some(Setter::RemoteService)
                    || self
                        .callers
                        .get(owner)
                        .into_iter()
                        .flatten()
                        .take(8)
                        .any(|call| {
                            let outer = self.ir.owner(*call);
                            outer != 0
                                && self.within(outer, 1, &mut 40) == Some(Setter::RemoteService)
                        }))
        })
    }

    /// Who a function reaches that can set a switch.
    fn reaches(&mut self, func: FuncId) -> Option<Setter> {
        if let Some(known) = self.reached.get(&func) {
            return *known;
        }
        let mut budget = REACH.1;
        let found = self.within(func, REACH.0, &mut budget);
        self.reached.insert(func, found);
        found
    }

    fn within(&self, func: FuncId, depth: usize, budget: &mut usize) -> Option<Setter> {
        let mut best = None;
        let mut seen: FxHashSet<FuncId> = FxHashSet::default();
        let mut open = vec![(func, depth)];
        while let Some((func, depth)) = open.pop() {
            if func == 0 || !seen.insert(func) {
                continue;
            }
            let Some(rest) = budget.checked_sub(1) else {
                break;
            };
            *budget = rest;
            match self.marks.get(&func) {
                Some(Setter::RemoteService) => return Some(Setter::RemoteService),
                Some(setter) => best = Some(*setter),
                None => {}
            }
            if let Some(depth) = depth.checked_sub(1) {
                open.extend(
                    self.calls_in
                        .get(&func)
                        .into_iter()
                        .flatten()
                        .map(|func| (*func, depth)),
                );
            }
        }
        best
    }

    /// Variables of the environment, and arguments, whose names say that
    /// something is switched.
    fn environment(&mut self) {
        for index in 0..self.ir.ops.len() {
            let value = u32::try_from(index).unwrap_or(NONE);
            let op = self.ir.op(value);
            if !matches!(op, Op::Member { .. } | Op::Index { .. } | Op::Call { .. }) {
                continue;
            }
            let Some(canon) = self.r.canon(value) else {
                continue;
            };
            if let Some(name) = self.r.variable(canon) {
                let key = self.ir.names.get(name);
                if is_switch(key) {
                    self.found.push(Lookup {
                        value,
                        key: key.to_owned(),
                        default: "unset".to_owned(),
                        fallback: String::new(),
                        setter: Setter::Environment,
                        asked_by: "the environment".to_owned(),
                    });
                }
            } else if let Op::Call { args, .. } = op
                && let Some(first) = self.ir.list(args).first()
                && matches!(self.ir.op(*first), Op::Str(_))
                && self.r.canon_text(canon) == "process.argv.includes()"
                && let Some(key) = self.r.text(*first)
                && key.starts_with('-')
            {
                self.found.push(Lookup {
                    value,
                    key,
                    default: "not given".to_owned(),
                    fallback: String::new(),
                    setter: Setter::CommandLine,
                    asked_by: "process.argv".to_owned(),
                });
            }
        }
    }

    /// `settings().disableX`, where the function reads a file.
    fn settings(&mut self) {
        for index in 0..self.ir.ops.len() {
            let value = u32::try_from(index).unwrap_or(NONE);
            let Op::Member { object, name } = self.ir.op(value) else {
                continue;
            };
            let Op::Call { callee, .. } = self.ir.op(self.r.held(object)) else {
                continue;
            };
            let key = self.ir.names.get(name);
            if !is_switch(key) || !self.decides(value) {
                continue;
            }
            let Some(func) = self.r.function(callee) else {
                continue;
            };
            if self.reaches(func) == Some(Setter::SettingsFile) {
                self.found.push(Lookup {
                    value,
                    key: key.to_owned(),
                    default: "unset".to_owned(),
                    fallback: String::new(),
                    setter: Setter::SettingsFile,
                    asked_by: self.name_of(func),
                });
            }
        }
    }
}

/// Whether a text can be the name of a switch.
fn is_key(text: &str) -> bool {
    (2..=120).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/'))
}

/// Whether it looks like one, and not like a word.
fn is_telling(text: &str) -> bool {
    let joined = text.contains(['_', '-', '.', ':']);
    let hump = text
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    is_key(text) && (joined || hump) && !text.contains('/') && text.len() >= 5
}

/// Whether a name says that it switches something on or off.
fn is_switch(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "disable",
        "disabled",
        "enable",
        "enabled",
        "skip",
        "no",
        "allow",
        "force",
        "optout",
        "off",
        "optin",
        "without",
        "bypass",
        "unsafe",
        "experimental",
    ];
    let mut word = String::new();
    let mut words: Vec<String> = Vec::new();
    let mut lower = false;
    for c in name.chars() {
        if c == '_' || c == '-' || (lower && c.is_ascii_uppercase()) {
            words.push(std::mem::take(&mut word));
        }
        lower = c.is_ascii_lowercase();
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.push(word);
    words.len() > 1
        && (words.iter().any(|word| WORDS.contains(&word.as_str()))
            || words
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a == "opt" && (b == "out" || b == "in"))))
}
