//! Code as a flat graph of values, the same for every language.
//!
//! A front end lowers a syntax tree into an [`Ir`]: each expression is a value
//! with one operator, one user and a span; statements that matter for flow
//! (returns, tests, loops over a collection) are values too. Constant
//! evaluation, facts and flow run over these arrays and never see a syntax
//! tree, which keeps them linear, and lets another language join by a front
//! end alone.

use rustc_hash::FxHashMap;

use crate::resolve::Known;

/// A value's index.
pub(crate) type V = u32;
/// An interned text.
pub(crate) type Name = u32;
/// A variable.
pub(crate) type Sym = u32;
/// A function; 0 is the module itself.
pub(crate) type FuncId = u32;
/// No value, no function, no control.
pub(crate) const NONE: u32 = u32::MAX;

/// A range in one of the side tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct List {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl List {
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start.saturating_add(self.len as usize)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bin {
    /// `+`, which may join texts.
    Add,
    /// Equality and its negation, strict or not.
    Equal,
    /// Order comparisons, `in`, `instanceof`.
    Compare,
    Xor,
    Sub,
    Mul,
    Div,
    Rem,
    BitAnd,
    BitOr,
    Shl,
    Shr,
    /// Everything else on numbers.
    Arithmetic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Un {
    Not,
    Plus,
    Minus,
    BitNot,
    /// `typeof`, `delete`.
    Other,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    /// Not modelled; its operands still point to it.
    Opaque,
    Str(Name),
    Num(f64),
    Bool(bool),
    /// `null`, `undefined`, `None`.
    Nil,
    Regex(Name),
    Var(Sym),
    /// A name that no scope declares.
    Global(Name),
    This,
    Member {
        object: V,
        name: Name,
    },
    Index {
        object: V,
        key: V,
    },
    /// Arguments in `lists`.
    Call {
        callee: V,
        args: List,
    },
    New {
        callee: V,
        args: List,
    },
    /// A module's namespace.
    Module(Name),
    /// Properties in `props`.
    Object(List),
    /// Elements in `lists`.
    Array(List),
    Binary {
        op: Bin,
        left: V,
        right: V,
    },
    /// `&&`, or with `and` unset `||` and `??`.
    Logical {
        and: bool,
        left: V,
        right: V,
    },
    /// `!`, `typeof`, sign.
    Unary {
        op: Un,
        value: V,
    },
    Cond {
        test: V,
        yes: V,
        no: V,
    },
    /// Text parts and values in `lists`, in order.
    Template(List),
    Func(FuncId),
    /// Methods and fields in `props`.
    Class(List),
    /// Writes `value` to the targets in `targets`; is the value itself.
    Assign {
        value: V,
        targets: List,
        compound: bool,
    },
    /// A parameter, with the variables that it binds in `targets`.
    Param {
        func: FuncId,
        index: u32,
        targets: List,
    },
    /// Passes its operand on: `await`, spread, parentheses, a type cast.
    Pass(V),
    /// The last of a list is the value.
    Seq(List),
    Return {
        func: FuncId,
        value: V,
    },
    /// A statement's test; what it controls carries `ctrl`.
    Test {
        value: V,
        ctrl: u32,
    },
    /// A loop over the elements of `value`.
    Each {
        value: V,
        targets: List,
    },
    Throw(V),
    /// What a handler of exceptions is given.
    Caught {
        targets: List,
    },
}

/// A key of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Name(Name),
    Computed(V),
    Spread,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Prop {
    pub(crate) key: Key,
    pub(crate) value: V,
}

/// Where an assignment, a parameter or a loop writes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// A variable takes the part of the value that `path` names; the path is
    /// in `paths`, [`ANY`] for an element of unknown index.
    Var { sym: Sym, path: List },
    /// A property of an object.
    Member { object: V, name: Name },
    /// An element; `key` is [`NONE`] where it stands in no value.
    Index { object: V, key: V },
}

/// Any element, in a path.
pub(crate) const ANY: Name = u32::MAX;

#[derive(Debug, Clone)]
pub(crate) struct Func {
    /// The function's own value.
    pub(crate) value: V,
    /// One [`Op::Param`] per parameter.
    pub(crate) params: Vec<V>,
    /// The operands of its returns.
    pub(crate) returns: Vec<V>,
    /// The name under which an object or class holds it.
    pub(crate) key: Option<Name>,
    /// A number for the class or object whose `this` it has; 0 for none.
    pub(crate) home: u32,
}

/// A test and the test around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ctrl {
    pub(crate) parent: u32,
}

/// A part of a function whose exceptions are caught.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try {
    pub(crate) span: (u32, u32),
    /// The [`Op::Caught`].
    pub(crate) caught: V,
    /// What the handler's statements carry as their control.
    pub(crate) ctrl: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    map: FxHashMap<&'a str, Name>,
    texts: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub(crate) fn intern(&mut self, text: &'a str) -> Name {
        let next = u32::try_from(self.texts.len()).unwrap_or(NONE);
        *self.map.entry(text).or_insert_with(|| {
            self.texts.push(text);
            next
        })
    }

    pub(crate) fn get(&self, name: Name) -> &'a str {
        self.texts.get(name as usize).copied().unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn find(&self, text: &str) -> Option<Name> {
        self.map.get(text).copied()
    }
}

/// A value that was made of constants by code that decodes.
#[derive(Debug, Clone)]
pub(crate) struct Evaluated {
    pub(crate) value: V,
    /// The texts that it is or holds.
    pub(crate) texts: Vec<String>,
    /// What was done, in order.
    pub(crate) steps: Vec<String>,
    /// Where the constants stand that it was made of.
    pub(crate) constants: Vec<(u32, u32)>,
}

/// A module in lowered form.
#[derive(Debug)]
pub(crate) struct Ir<'a> {
    pub(crate) text: &'a str,
    /// Whether the text is Python, whose constants and settings are written
    /// in another way.
    pub(crate) python: bool,
    /// In how many layers of decoded code the text was found.
    pub(crate) layer: u8,
    pub(crate) names: Names<'a>,
    pub(crate) ops: Vec<Op>,
    pub(crate) spans: Vec<(u32, u32)>,
    /// The value that uses each value.
    pub(crate) users: Vec<V>,
    pub(crate) owners: Vec<FuncId>,
    pub(crate) controls: Vec<u32>,
    pub(crate) lists: Vec<V>,
    pub(crate) props: Vec<Prop>,
    pub(crate) targets: Vec<Target>,
    pub(crate) paths: Vec<Name>,
    pub(crate) funcs: Vec<Func>,
    pub(crate) ctrls: Vec<Ctrl>,
    /// By function, in the order in which they end: an inner one before the
    /// one around it.
    pub(crate) tries: FxHashMap<FuncId, Vec<Try>>,
    /// What the fields of `this` hold that are written once, by class and
    /// name, where the front end knows.
    pub(crate) fields: FxHashMap<(u32, Name), V>,
    /// All that is written to a field of `this`, by class and name, where the
    /// front end knows.
    pub(crate) field_writes: FxHashMap<(u32, Name), Vec<V>>,
    /// What evaluation found values to be, where the front end evaluates.
    pub(crate) constants: FxHashMap<V, Known>,
    /// Values that the front end decoded, with how.
    pub(crate) evaluated: Vec<Evaluated>,
    /// Values that were evaluated and are constants now, by the number of
    /// what was evaluated.
    pub(crate) settled: Vec<(usize, Vec<V>)>,
    /// From this value on they are parts of what was evaluated.
    pub(crate) made_from: V,
    /// Where its modules begin and end, where the front end tells.
    pub(crate) outline: crate::js::Outline,
    /// Where each variable is read: offsets into `read_values`, by symbol.
    read_starts: Vec<u32>,
    read_values: Vec<V>,
    /// What writes each variable: offsets into `write_values`, by symbol.
    write_starts: Vec<u32>,
    write_values: Vec<(V, u32)>,
}

impl<'a> Ir<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut names = Names::default();
        for word in crate::patterns::words() {
            names.intern(word);
        }
        Self {
            text,
            python: false,
            layer: 0,
            names,
            ops: Vec::new(),
            spans: Vec::new(),
            users: Vec::new(),
            owners: Vec::new(),
            controls: Vec::new(),
            lists: Vec::new(),
            props: Vec::new(),
            targets: Vec::new(),
            paths: Vec::new(),
            funcs: Vec::new(),
            ctrls: Vec::new(),
            tries: FxHashMap::default(),
            fields: FxHashMap::default(),
            field_writes: FxHashMap::default(),
            constants: FxHashMap::default(),
            evaluated: Vec::new(),
            settled: Vec::new(),
            made_from: NONE,
            outline: crate::js::Outline::default(),
            read_starts: Vec::new(),
            read_values: Vec::new(),
            write_starts: Vec::new(),
            write_values: Vec::new(),
        }
    }

    pub(crate) fn op(&self, value: V) -> Op {
        self.ops.get(value as usize).copied().unwrap_or(Op::Opaque)
    }

    pub(crate) fn span(&self, value: V) -> (u32, u32) {
        self.spans.get(value as usize).copied().unwrap_or_default()
    }

    pub(crate) fn user(&self, value: V) -> V {
        self.users.get(value as usize).copied().unwrap_or(NONE)
    }

    pub(crate) fn owner(&self, value: V) -> FuncId {
        self.owners.get(value as usize).copied().unwrap_or(0)
    }

    pub(crate) fn control(&self, value: V) -> u32 {
        self.controls.get(value as usize).copied().unwrap_or(NONE)
    }

    pub(crate) fn list(&self, list: List) -> &[V] {
        self.lists.get(list.range()).unwrap_or_default()
    }

    pub(crate) fn props(&self, list: List) -> &[Prop] {
        self.props.get(list.range()).unwrap_or_default()
    }

    pub(crate) fn targets(&self, list: List) -> &[Target] {
        self.targets.get(list.range()).unwrap_or_default()
    }

    pub(crate) fn path(&self, list: List) -> &[Name] {
        self.paths.get(list.range()).unwrap_or_default()
    }

    /// The innermost part around a value of its function whose exceptions
    /// are caught.
    pub(crate) fn handler(&self, value: V) -> Option<Try> {
        let (start, end) = self.span(value);
        let tries = self.tries.get(&self.owner(value))?;
        tries
            .iter()
            .find(|part| part.span.0 <= start && end <= part.span.1)
            .copied()
    }

    pub(crate) fn func(&self, id: FuncId) -> Option<&Func> {
        self.funcs.get(id as usize)
    }

    /// Whether `value` runs only under the outcome of `ctrl`.
    pub(crate) fn controlled(&self, value: V, ctrl: u32) -> bool {
        let mut at = self.control(value);
        let mut steps = 0;
        while at != NONE && steps < 200 {
            if at == ctrl {
                return true;
            }
            at = self.ctrls.get(at as usize).map_or(NONE, |c| c.parent);
            steps += 1;
        }
        false
    }

    /// How many variables there are.
    pub(crate) fn symbols(&self) -> Sym {
        u32::try_from(self.write_starts.len().saturating_sub(1)).unwrap_or(0)
    }

    /// The values that read a variable.
    pub(crate) fn reads(&self, sym: Sym) -> &[V] {
        slice(&self.read_starts, &self.read_values, sym)
    }

    /// What writes a variable: an [`Op::Assign`], [`Op::Param`] or
    /// [`Op::Each`], and the index of the target.
    pub(crate) fn writes(&self, sym: Sym) -> &[(V, u32)] {
        slice(&self.write_starts, &self.write_values, sym)
    }

    /// Adds a value whose operands are already there.
    pub(crate) fn push(&mut self, op: Op, span: (u32, u32), owner: FuncId, ctrl: u32) -> V {
        let value = u32::try_from(self.ops.len()).unwrap_or(NONE);
        self.ops.push(op);
        self.spans.push(span);
        self.users.push(NONE);
        self.owners.push(owner);
        self.controls.push(ctrl);
        value
    }

    /// Sets who uses each value. Called once, after lowering.
    pub(crate) fn link(&mut self, symbols: usize) {
        let mut users = std::mem::take(&mut self.users);
        let mut reads: Vec<(Sym, V)> = Vec::new();
        let mut writes: Vec<(Sym, (V, u32))> = Vec::new();
        for (index, op) in self.ops.iter().enumerate() {
            let user = u32::try_from(index).unwrap_or(NONE);
            let mut set = |operand: V| {
                if let Some(slot) = users.get_mut(operand as usize) {
                    *slot = user;
                }
            };
            let mut target_list = |list: List, set: &mut dyn FnMut(V)| {
                for index in list.range() {
                    match self.targets.get(index) {
                        Some(Target::Var { sym, .. }) => {
                            writes.push((*sym, (user, u32::try_from(index).unwrap_or(NONE))));
                        }
                        Some(Target::Member { object, .. }) => set(*object),
                        Some(Target::Index { object, key }) => {
                            set(*object);
                            set(*key);
                        }
                        None => {}
                    }
                }
            };
            match *op {
                Op::Var(sym) => reads.push((sym, user)),
                Op::Member { object, .. } => set(object),
                Op::Index { object, key } => {
                    set(object);
                    set(key);
                }
                Op::Call { callee, args } | Op::New { callee, args } => {
                    set(callee);
                    self.list(args).iter().for_each(|v| set(*v));
                }
                Op::Array(list) | Op::Template(list) | Op::Seq(list) => {
                    self.list(list).iter().for_each(|v| set(*v));
                }
                Op::Object(list) | Op::Class(list) => {
                    for prop in self.props(list) {
                        set(prop.value);
                        if let Key::Computed(key) = prop.key {
                            set(key);
                        }
                    }
                }
                Op::Binary { left, right, .. } | Op::Logical { left, right, .. } => {
                    set(left);
                    set(right);
                }
                Op::Cond { test, yes, no } => {
                    set(test);
                    set(yes);
                    set(no);
                }
                Op::Assign { value, targets, .. } | Op::Each { value, targets } => {
                    target_list(targets, &mut set);
                    set(value);
                }
                Op::Param { targets, .. } | Op::Caught { targets } => {
                    target_list(targets, &mut set);
                }
                Op::Unary { value, .. }
                | Op::Pass(value)
                | Op::Return { value, .. }
                | Op::Test { value, .. }
                | Op::Throw(value) => set(value),
                Op::Opaque
                | Op::Str(_)
                | Op::Num(_)
                | Op::Bool(_)
                | Op::Nil
                | Op::Regex(_)
                | Op::Global(_)
                | Op::This
                | Op::Module(_)
                | Op::Func(_) => {}
            }
        }
        self.users = users;
        (self.read_starts, self.read_values) = group(reads, symbols);
        (self.write_starts, self.write_values) = group(writes, symbols);
    }
}

fn slice<'t, T>(starts: &[u32], values: &'t [T], sym: Sym) -> &'t [T] {
    let at = sym as usize;
    match (starts.get(at), starts.get(at.saturating_add(1))) {
        (Some(&start), Some(&end)) => values.get(start as usize..end as usize).unwrap_or_default(),
        _ => &[],
    }
}

/// Groups pairs by symbol, keeping their order.
fn group<T: Copy>(mut pairs: Vec<(Sym, T)>, symbols: usize) -> (Vec<u32>, Vec<T>) {
    pairs.sort_by_key(|(sym, _)| *sym);
    let mut starts = Vec::with_capacity(symbols.saturating_add(1));
    let mut at = 0u32;
    let mut rest = pairs.iter().peekable();
    for sym in 0..=symbols {
        starts.push(at);
        while rest.next_if(|(s, _)| *s as usize == sym).is_some() {
            at = at.saturating_add(1);
        }
    }
    (starts, pairs.into_iter().map(|(_, value)| value).collect())
}
