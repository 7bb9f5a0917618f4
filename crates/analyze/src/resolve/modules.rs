//! Modules inside of a bundle: which call gives what which function exports.
//!
//! A bundler makes of each module a function that is given an object to fill,
//! and of each import a call that gives that object. The functions stand in a
//! table and are asked for by name, or each in a variable of its own that is
//! called. What is told apart here is who fills what, whatever the bundler
//! calls it.

use rustc_hash::FxHashMap;

use crate::ir::{FuncId, Ir, Key, List, Name, Op, Target, V};

/// How many parts an object is looked at in.
const PARTS: usize = 20_000;

/// Where a module's function takes what it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Exports {
    /// The variable of the object that is filled.
    pub(crate) object: Option<u32>,
    /// The variable whose field `exports` is that object.
    pub(crate) module: Option<u32>,
}

#[derive(Debug, Default)]
pub(crate) struct Modules {
    /// Calls that give what a module exports.
    calls: FxHashMap<V, Exports>,
    /// The calls, by the variable that the module fills.
    by_variable: FxHashMap<u32, Vec<V>>,
    /// What is put under a name of a parameter.
    fields: FxHashMap<(u32, Name), Vec<V>>,
    /// What a variable's object is given under a name by a helper: objects of
    /// functions that give the value.
    given: FxHashMap<(u32, Name), V>,
    /// The variable that a helper fills, by the object of functions.
    helped: FxHashMap<V, u32>,
}

impl Modules {
    pub(super) fn new(ir: &Ir<'_>) -> Self {
        let mut found = Self::default();
        for index in 0..ir.ops.len() {
            let value = u32::try_from(index).unwrap_or(u32::MAX);
            match ir.op(value) {
                Op::Call { args, .. } => found.helper(ir, args),
                Op::Assign { targets, value, .. } => {
                    for target in ir.targets(targets) {
                        if let Target::Member { object, name } = target
                            && let Op::Var(sym) = ir.op(*object)
                            && is_parameter(ir, sym)
                        {
                            found.fields.entry((sym, *name)).or_default().push(value);
                        }
                    }
                }
                _ => {}
            }
        }
        for index in 0..ir.ops.len() {
            let value = u32::try_from(index).unwrap_or(u32::MAX);
            match ir.op(value) {
                Op::Object(list) if list.len >= 2 => found.table(ir, list),
                Op::Assign { value, targets, .. } => {
                    if let [Target::Var { sym, path }] = ir.targets(targets)
                        && ir.path(*path).is_empty()
                        && let Op::Call { args, .. } = ir.op(value)
                    {
                        found.wrapped(ir, *sym, args);
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// `fill(object, { name: () => value })` and
    /// `defineProperty(object, "name", { get: () => value })`.
    fn helper(&mut self, ir: &Ir<'_>, args: List) {
        match ir.list(args) {
            [object, functions] => {
                let (Op::Var(sym), Op::Object(list)) = (ir.op(*object), ir.op(*functions)) else {
                    return;
                };
                let props = ir.props(list);
                if props.is_empty() || props.len() > PARTS {
                    return;
                }
                let mut given = Vec::new();
                for prop in props {
                    let (Key::Name(name), Some(value)) = (prop.key, gives(ir, prop.value)) else {
                        return;
                    };
                    given.push(((sym, name), value));
                }
                self.given.extend(given);
                self.helped.insert(*functions, sym);
            }
            [object, name, how] => {
                if let (Op::Var(sym), Op::Str(name), Op::Object(list)) =
                    (ir.op(*object), ir.op(*name), ir.op(*how))
                {
                    for prop in ir.props(list) {
                        if let Key::Name(key) = prop.key
                            && ir.names.get(key) == "get"
                            && let Some(value) = gives(ir, prop.value)
                        {
                            self.given.insert((sym, name), value);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// A table of module functions that ask for each other by their keys.
    fn table(&mut self, ir: &Ir<'_>, list: List) {
        let props = ir.props(list);
        if props.len() > PARTS {
            return;
        }
        let mut by_key: FxHashMap<String, FuncId> = FxHashMap::default();
        for prop in props {
            let Some(func) = function(ir, prop.value) else {
                return;
            };
            let key = match prop.key {
                Key::Name(name) => ir.names.get(name).to_owned(),
                Key::Computed(key) => match ir.op(key) {
                    Op::Num(number) => format!("{number}"),
                    _ => return,
                },
                Key::Spread => return,
            };
            by_key.insert(key, func);
        }
        for func in by_key.values() {
            for index in 0..3 {
                let Some(asks) = parameter(ir, *func, index) else {
                    continue;
                };
                for read in ir.reads(asks) {
                    let call = ir.user(*read);
                    if let Op::Call { callee, args } = ir.op(call)
                        && callee == *read
                        && let [key] = ir.list(args)
                    {
                        let asked = match ir.op(*key) {
                            Op::Str(name) => by_key.get(ir.names.get(name)),
                            Op::Num(number) => by_key.get(format!("{number}").as_str()),
                            _ => None,
                        };
                        if let Some(asked) = asked {
                            self.call(ir, call, *asked);
                        }
                    }
                }
            }
        }
    }

    /// A variable that holds one wrapped module function, and is called for
    /// what that exports.
    fn wrapped(&mut self, ir: &Ir<'_>, sym: u32, args: List) {
        let Some(func) = ir.list(args).iter().find_map(|arg| match ir.op(*arg) {
            Op::Object(list) => match ir.props(list) {
                [only] => function(ir, only.value),
                _ => None,
            },
            _ => function(ir, *arg),
        }) else {
            return;
        };
        if parameter(ir, func, 0).is_none() || ir.writes(sym).len() != 1 {
            return;
        }
        for read in ir.reads(sym) {
            let call = ir.user(*read);
            if let Op::Call { callee, args } = ir.op(call)
                && callee == *read
                && ir.list(args).is_empty()
            {
                self.call(ir, call, func);
            }
        }
    }

    fn call(&mut self, ir: &Ir<'_>, call: V, func: FuncId) {
        let mut exports = Exports::default();
        for index in 0..3 {
            let Some(sym) = parameter(ir, func, index) else {
                continue;
            };
            let holds = ir.reads(sym).iter().any(|read| {
                matches!(ir.op(ir.user(*read)), Op::Member { object, name }
                    if object == *read && ir.names.get(name) == "exports")
            });
            let sets = ir
                .reads(sym)
                .iter()
                .any(|read| match ir.op(ir.user(*read)) {
                    Op::Assign { targets, .. } => ir.targets(targets).iter().any(|target| {
                        matches!(target, Target::Member { object, name }
                            if object == read && ir.names.get(*name) == "exports")
                    }),
                    _ => false,
                });
            if holds || sets {
                exports.module = exports.module.or(Some(sym));
            } else if ir
                .reads(sym)
                .iter()
                .any(|read| match ir.op(ir.user(*read)) {
                    Op::Assign { targets, .. } => ir.targets(targets).iter().any(
                        |target| matches!(target, Target::Member { object, .. } if object == read),
                    ),
                    Op::Call { args, .. } => {
                        ir.list(args).first() == Some(read) && ir.list(args).len() >= 2
                    }
                    _ => false,
                })
            {
                exports.object = exports.object.or(Some(sym));
            }
        }
        if exports == Exports::default() {
            return;
        }
        let mut calls = vec![call];
        // What interoperability helpers make of it.
        let user = ir.user(call);
        if let Op::Call { args, .. } = ir.op(user)
            && ir.list(args).first() == Some(&call)
        {
            calls.push(user);
        }
        for call in calls {
            self.calls.insert(call, exports);
            for sym in [exports.object, exports.module].into_iter().flatten() {
                let known = self.by_variable.entry(sym).or_default();
                if !known.contains(&call) && known.len() < 256 {
                    known.push(call);
                }
            }
        }
    }

    /// The calls that give what is filled through a variable.
    pub(crate) fn calls_of(&self, sym: u32) -> &[V] {
        self.by_variable.get(&sym).map_or(&[], Vec::as_slice)
    }

    /// Where the module takes what it fills whose exports a call gives.
    pub(crate) fn exports(&self, call: V) -> Option<Exports> {
        self.calls.get(&call).copied()
    }

    /// The variable that a helper fills from an object of functions.
    pub(crate) fn helped(&self, functions: V) -> Option<u32> {
        self.helped.get(&functions).copied()
    }

    /// What a variable's object has under a name by a helper, or by the only
    /// assignment to it.
    pub(crate) fn under(&self, sym: u32, name: Name) -> Option<V> {
        if let Some(value) = self.given.get(&(sym, name)) {
            return Some(*value);
        }
        match self.fields.get(&(sym, name))?.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

fn function(ir: &Ir<'_>, value: V) -> Option<FuncId> {
    match ir.op(value) {
        Op::Func(func) => Some(func),
        Op::Pass(inner) => match ir.op(inner) {
            Op::Func(func) => Some(func),
            _ => None,
        },
        _ => None,
    }
}

/// What a function without parameters gives.
fn gives(ir: &Ir<'_>, value: V) -> Option<V> {
    let func = ir.func(function(ir, value)?)?;
    match (func.params.as_slice(), func.returns.as_slice()) {
        ([], [only]) => Some(*only),
        _ => None,
    }
}

/// The variable that a parameter binds.
fn parameter(ir: &Ir<'_>, func: FuncId, index: usize) -> Option<u32> {
    let param = *ir.func(func)?.params.get(index)?;
    let Op::Param { targets, .. } = ir.op(param) else {
        return None;
    };
    match ir.targets(targets) {
        [Target::Var { sym, path }] if ir.path(*path).is_empty() => Some(*sym),
        _ => None,
    }
}

fn is_parameter(ir: &Ir<'_>, sym: u32) -> bool {
    matches!(ir.writes(sym), [(writer, _)] if matches!(ir.op(*writer), Op::Param { .. }))
}
