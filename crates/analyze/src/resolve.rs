//! What names and constants stand for.
//!
//! Canonical names lead from what a bundler left (`a.b`, where `a` was
//! imported three modules away) back to the platform (`os.hostname()`).
//! Constant evaluation puts texts together from their parts. Both follow
//! variables that are written once, to a bounded depth, and neither executes
//! anything.

mod modules;
mod python;

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;

use self::modules::Modules;
use crate::ir::{ANY, Bin, FuncId, Ir, Key, NONE, Name, Op, Target, Un, V};

/// How far definitions are followed.
const DEPTH: u32 = 24;
/// The longest sum that is put together.
const OPERANDS: usize = 4096;
/// The longest text that is put together.
const LONGEST: usize = 1 << 20;

/// A canonical name: a node in a tree of segments, so that equal names are
/// equal numbers and texts are made only for those that somebody asks for.
pub(crate) type Canon = u32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Segment {
    Root(Name),
    Module(Name),
    Member(Name),
    Call,
    New,
}

#[derive(Debug, Default)]
struct CanonTable {
    nodes: Vec<(Canon, Segment)>,
    ids: FxHashMap<(Canon, Segment), Canon>,
}

impl CanonTable {
    fn child(&mut self, parent: Canon, segment: Segment) -> Canon {
        let next = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        *self.ids.entry((parent, segment)).or_insert_with(|| {
            self.nodes.push((parent, segment));
            next
        })
    }
}

/// A constant value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Known {
    Text(String),
    Number(f64),
    List(Vec<Known>),
    Bytes(Vec<u8>),
}

impl Known {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Number(_) => 8,
            Self::Bytes(bytes) => bytes.len(),
            Self::List(list) => list.iter().fold(0usize, |sum, known| {
                sum.saturating_add(known.size().saturating_add(24))
            }),
        }
    }

    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(number) => Some(format!("{number}")),
            Self::List(_) | Self::Bytes(_) => None,
        }
    }
}

/// A module with its names resolved on demand.
#[derive(Debug)]
pub(crate) struct Resolver<'i, 'a> {
    pub(crate) ir: &'i Ir<'a>,
    table: RefCell<CanonTable>,
    /// By value: 0 not asked yet, 1 none, else the name plus 2.
    memo: RefCell<Vec<u32>>,
    work: Cell<u64>,
    /// Values that are taken to be something, while it is asked what would
    /// follow. Parameters stand for the variables that they bind.
    supposed: RefCell<Vec<(V, Known)>>,
    /// Whether functions of the module are computed where all they are given
    /// is constant.
    imagining: Cell<bool>,
    /// The modules of a bundle.
    pub(crate) modules: Modules,
}

/// What following variables may cost in all, in steps.
const WORK: u64 = 400_000_000;

impl<'i, 'a> Resolver<'i, 'a> {
    pub(crate) fn new(ir: &'i Ir<'a>) -> Self {
        Self {
            ir,
            table: RefCell::default(),
            memo: RefCell::new(vec![0; ir.ops.len()]),
            work: Cell::new(0),
            supposed: RefCell::default(),
            imagining: Cell::new(false),
            modules: Modules::new(ir),
        }
    }

    /// A value's shape, with functions of the module computed.
    pub(crate) fn imagined(&self, value: V) -> String {
        let outer = self.imagining.replace(true);
        let shape = self.shape(value);
        self.imagining.set(outer);
        shape
    }

    /// What `value` is when the value `given` is `known`, in a function that
    /// was entered by `call`.
    pub(crate) fn supposing(
        &self,
        given: V,
        known: Known,
        call: Option<V>,
        value: V,
    ) -> Option<Known> {
        let count = self.supposed.borrow().len();
        self.supposed.borrow_mut().push((given, known));
        if let Some(call) = call
            && let Op::Call { callee, args } = self.ir.op(call)
            && let Some(func) = self.function(callee).and_then(|func| self.ir.func(func))
        {
            for (param, arg) in func.params.iter().zip(self.ir.list(args)).take(16) {
                if let Some(known) = self.known_at(*arg, DEPTH) {
                    self.supposed.borrow_mut().push((*param, known));
                }
            }
        }
        let found = self.known_at(value, DEPTH);
        self.supposed.borrow_mut().truncate(count);
        found
    }

    fn supposed(&self, value: V) -> Option<Known> {
        let supposed = self.supposed.borrow();
        let (_, known) = supposed.iter().rev().find(|(given, _)| *given == value)?;
        Some(known.clone())
    }

    fn is_supposing(&self) -> bool {
        !self.supposed.borrow().is_empty()
    }

    /// Whether the budget for following names is used up.
    pub(crate) fn exhausted(&self) -> bool {
        self.work.get() > WORK
    }

    fn spend(&self) -> bool {
        self.work.set(self.work.get().saturating_add(1));
        !self.exhausted()
    }

    /// Charges for a constant that was made, by its size.
    fn charged(&self, known: Option<Known>) -> Option<Known> {
        let size = known.as_ref().map_or(0, Known::size);
        if size > LONGEST.saturating_mul(2) {
            return None;
        }
        let work = self.work.get().saturating_add(size as u64 / 16);
        self.work.set(work);
        known.filter(|_| !self.exhausted())
    }

    /// The value that a variable holds, if it is written once and not a
    /// parameter, and the path into it.
    pub(crate) fn definition(&self, sym: u32) -> Option<(V, &'i [Name])> {
        let [(writer, target)] = self.ir.writes(sym) else {
            return None;
        };
        let Target::Var { path, .. } = self.ir.targets.get(*target as usize)? else {
            return None;
        };
        match self.ir.op(*writer) {
            Op::Assign {
                value,
                compound: false,
                ..
            } => Some((value, self.ir.path(*path))),
            // A function that is called where it stands.
            Op::Param { func, index, .. } => {
                let value = self.ir.func(func)?.value;
                let mut at = self.ir.user(value);
                let mut callee = value;
                while let Op::Pass(_) = self.ir.op(at) {
                    callee = at;
                    at = self.ir.user(at);
                }
                match self.ir.op(at) {
                    Op::Call {
                        callee: called,
                        args,
                    } if called == callee => {
                        let arg = *self.ir.list(args).get(index as usize)?;
                        Some((arg, self.ir.path(*path)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    // ---- canonical names ----

    /// The canonical name of a value, if it comes from the platform.
    pub(crate) fn canon(&self, value: V) -> Option<Canon> {
        self.canon_at(value, DEPTH)
    }

    fn canon_at(&self, value: V, depth: u32) -> Option<Canon> {
        match self.memo.borrow().get(value as usize) {
            Some(1) | None => return None,
            Some(0) => {}
            Some(known) => return known.checked_sub(2),
        }
        if depth == 0 || !self.spend() {
            return None;
        }
        // Marked as none while it is being asked, so that a cycle ends.
        self.remember(value, 1);
        let found = self.canon_of(value, depth - 1);
        // What holds under a supposition only is not kept.
        let known = if self.is_supposing() {
            0
        } else {
            found.map_or(1, |canon| canon.saturating_add(2))
        };
        self.remember(value, known);
        found
    }

    fn remember(&self, value: V, known: u32) {
        if let Some(slot) = self.memo.borrow_mut().get_mut(value as usize) {
            *slot = known;
        }
    }

    fn child(&self, parent: Canon, segment: Segment) -> Canon {
        self.table.borrow_mut().child(parent, segment)
    }

    fn member(&self, parent: Canon, name: Name) -> Canon {
        let text = self.ir.names.get(name);
        let node = self.table.borrow().nodes.get(parent as usize).copied();
        match node {
            // `globalThis.process` is `process`.
            Some((NONE, Segment::Root(root)))
                if matches!(
                    self.ir.names.get(root),
                    "globalThis" | "window" | "global" | "self"
                ) =>
            {
                self.child(NONE, Segment::Root(name))
            }
            // What interoperability helpers put around a module.
            Some((NONE, Segment::Module(_))) if matches!(text, "default" | "promises") => parent,
            _ => self.child(parent, Segment::Member(name)),
        }
    }

    fn module_text(&self, module: Name) -> &'a str {
        let text = self.ir.names.get(module);
        let text = text.strip_prefix("node:").unwrap_or(text);
        text.strip_suffix("/promises").unwrap_or(text)
    }

    fn through(&self, mut canon: Canon, path: &[Name]) -> Option<Canon> {
        for name in path {
            if *name == ANY {
                return None;
            }
            canon = self.member(canon, *name);
        }
        Some(canon)
    }

    /// Whether a canonical name is that of a module, and not of its members.
    pub(crate) fn is_module(&self, canon: Canon) -> bool {
        matches!(
            self.table.borrow().nodes.get(canon as usize),
            Some((NONE, Segment::Module(_)))
        )
    }

    fn canon_of(&self, value: V, depth: u32) -> Option<Canon> {
        match self.ir.op(value) {
            Op::Global(name) => Some(self.child(NONE, Segment::Root(name))),
            Op::Module(name) => Some(self.child(NONE, Segment::Module(name))),
            Op::Member { object, name } => {
                if let Some(held) = self.field(value, object, name) {
                    return self.canon_at(held, depth);
                }
                let parent = self.canon_at(object, depth)?;
                Some(self.member(parent, name))
            }
            Op::Index { object, key } => {
                let parent = self.canon_at(object, depth)?;
                let Known::Text(key) = self.known_at(key, depth)? else {
                    return None;
                };
                let name = self.ir.names.find(&key)?;
                Some(self.member(parent, name))
            }
            Op::Call { callee, args } => {
                if let Some(function) = self.canon_at(callee, depth) {
                    // `Reflect.get(object, "name")` is `object.name`.
                    if let [object, key, ..] = self.ir.list(args)
                        && self.canon_text(function) == "Reflect.get"
                    {
                        let parent = self.canon_at(*object, depth)?;
                        let key = self.known_at(*key, depth)?.text()?;
                        return Some(self.member(parent, self.ir.names.find(&key)?));
                    }
                    // `require` under another name, or made by `createRequire`.
                    if let [module] = self.ir.list(args)
                        && is_require(&self.canon_text(function))
                        && let Some(Known::Text(module)) = self.known_at(*module, depth)
                        && let Some(module) = self.ir.names.find(&module)
                    {
                        return Some(self.child(NONE, Segment::Module(module)));
                    }
                    let variable = self.environment_call(function, self.ir.list(args), depth);
                    if variable.is_some() {
                        return variable;
                    }
                    return Some(self.child(function, Segment::Call));
                }
                // A helper of the bundler that takes a module and gives it
                // back under another shape.
                let first = *self.ir.list(args).first()?;
                let inner = self.canon_at(first, depth)?;
                let is_module = matches!(
                    self.table.borrow().nodes.get(inner as usize),
                    Some((NONE, Segment::Module(_)))
                );
                is_module.then_some(inner)
            }
            Op::New { callee, .. } => {
                let class = self.canon_at(callee, depth)?;
                Some(self.child(class, Segment::New))
            }
            Op::Pass(inner) => self.canon_at(inner, depth),
            Op::Seq(list) => self.canon_at(*self.ir.list(list).last()?, depth),
            Op::Assign {
                value,
                compound: false,
                ..
            } => self.canon_at(value, depth),
            // `{...process.env}` is a copy of the environment.
            Op::Object(list) => self
                .ir
                .props(list)
                .iter()
                .filter(|prop| prop.key == Key::Spread)
                .find_map(|prop| {
                    let canon = self.canon_at(prop.value, depth)?;
                    self.is_environment(canon).then_some(canon)
                }),
            // `a ?? b`, `a || b`: the first that is of the platform.
            Op::Logical { left, right, .. } => self
                .canon_at(left, depth)
                .or_else(|| self.canon_at(right, depth)),
            Op::Var(sym) => {
                let (definition, path) = self.definition(sym).or_else(|| self.default(sym))?;
                let canon = self.canon_at(definition, depth)?;
                self.through(canon, path)
            }
            _ => None,
        }
    }

    /// What a parameter is where the caller gives nothing, if nothing else is
    /// written to it: `(env = process.env) => …`.
    fn default(&self, sym: u32) -> Option<(V, &'i [Name])> {
        let [one, other] = self.ir.writes(sym) else {
            return None;
        };
        let is_param = |writer: V| matches!(self.ir.op(writer), Op::Param { .. });
        let (writer, target) = match (is_param(one.0), is_param(other.0)) {
            (true, false) => *other,
            (false, true) => *one,
            _ => return None,
        };
        let Target::Var { path, .. } = self.ir.targets.get(target as usize)? else {
            return None;
        };
        match self.ir.op(writer) {
            Op::Assign {
                value,
                compound: false,
                ..
            } => Some((value, self.ir.path(*path))),
            _ => None,
        }
    }

    /// The canonical name of what a target of a destructuring takes.
    pub(crate) fn canon_through(&self, value: V, path: &[Name]) -> Option<Canon> {
        let canon = self.canon(value)?;
        self.through(canon, path)
    }

    /// A canonical name as text: `os.hostname()`, `new Date().getTime()`.
    pub(crate) fn canon_text(&self, canon: Canon) -> String {
        let table = self.table.borrow();
        let mut segments = Vec::new();
        let mut at = canon;
        while let Some((parent, segment)) = table.nodes.get(at as usize) {
            segments.push(*segment);
            at = *parent;
            if at == NONE || segments.len() > 16 {
                break;
            }
        }
        let mut out = String::new();
        for segment in segments.into_iter().rev() {
            match segment {
                Segment::Root(name) => out.push_str(self.ir.names.get(name)),
                Segment::Module(name) => out.push_str(self.module_text(name)),
                Segment::Member(name) => {
                    out.push('.');
                    out.push_str(self.ir.names.get(name));
                }
                Segment::Call => out.push_str("()"),
                Segment::New => {
                    out.insert_str(0, "new ");
                    out.push_str("()");
                }
            }
        }
        out
    }

    /// The environment variable that a canonical name reads.
    pub(crate) fn variable(&self, canon: Canon) -> Option<Name> {
        let table = self.table.borrow();
        let (parent, Segment::Member(name)) = *table.nodes.get(canon as usize)? else {
            return None;
        };
        let (grand, Segment::Member(env)) = *table.nodes.get(parent as usize)? else {
            return None;
        };
        let env = self.ir.names.get(env);
        (env == "env" && self.has_environment(&table, grand)
            || env == "environ"
                && self.is_os(grand)
                && !python::is_mapping_method(self.ir.names.get(name)))
        .then_some(name)
    }

    /// Whether a canonical name is the environment as a whole.
    pub(crate) fn is_environment(&self, canon: Canon) -> bool {
        let table = self.table.borrow();
        let Some(&(parent, Segment::Member(env))) = table.nodes.get(canon as usize) else {
            return false;
        };
        let env = self.ir.names.get(env);
        env == "env" && self.has_environment(&table, parent)
            || matches!(env, "environ" | "environb") && self.is_os(parent)
    }

    /// Whether a name is one of the objects whose `env` is the environment.
    fn has_environment(&self, table: &CanonTable, canon: Canon) -> bool {
        match table.nodes.get(canon as usize) {
            Some((NONE, Segment::Root(root))) => {
                matches!(self.ir.names.get(*root), "process" | "Bun" | "import.meta")
            }
            Some((NONE, Segment::Module(module))) => {
                matches!(self.module_text(*module), "process" | "bun")
            }
            _ => false,
        }
    }

    /// What a variable holds, or the value itself.
    pub(crate) fn held(&self, value: V) -> V {
        match self.ir.op(value) {
            Op::Var(sym) => match self.definition(sym) {
                Some((definition, [])) => definition,
                _ => value,
            },
            _ => value,
        }
    }

    // ---- functions ----

    /// The function that a callee stands for, if it is known.
    pub(crate) fn function(&self, callee: V) -> Option<FuncId> {
        let mut at = callee;
        for _ in 0..DEPTH {
            match self.ir.op(at) {
                Op::Func(id) => return Some(id),
                Op::Pass(inner) => at = inner,
                Op::Assign { value, .. } => at = value,
                Op::Seq(list) => at = *self.ir.list(list).last()?,
                Op::Var(sym) => {
                    let (definition, path) = self.definition(sym)?;
                    if !path.is_empty() {
                        return None;
                    }
                    at = definition;
                }
                Op::Member { object, name } => at = self.method(object, name)?,
                _ => return None,
            }
        }
        None
    }

    /// What stands under a name in an object literal, a class, or what a
    /// module of the bundle exports.
    fn method(&self, object: V, name: Name) -> Option<V> {
        if let Op::Var(sym) = self.ir.op(object)
            && let Some(value) = self.modules.under(sym, name)
        {
            return Some(value);
        }
        let mut held = self.held(object);
        if let Op::New { callee, .. } = self.ir.op(held) {
            held = self.held(callee);
        }
        if let Some(exports) = self.modules.exports(held) {
            if let Some(value) = exports.object.and_then(|sym| self.modules.under(sym, name)) {
                return Some(value);
            }
            let whole = self.ir.names.find("exports")?;
            held = self.held(self.modules.under(exports.module?, whole)?);
        }
        let (Op::Object(list) | Op::Class(list)) = self.ir.op(held) else {
            return None;
        };
        let props = self.ir.props(list);
        let mut named = props
            .iter()
            .take(256)
            .filter(|prop| prop.key == Key::Name(name));
        let first = named.next()?;
        named.next().is_none().then_some(first.value)
    }

    // ---- constants ----

    /// The constant that a value is, if it is one.
    pub(crate) fn known(&self, value: V) -> Option<Known> {
        self.known_at(value, DEPTH)
    }

    /// The constant text that a value is, if it is one.
    pub(crate) fn text(&self, value: V) -> Option<String> {
        self.known(value)?.text()
    }

    fn known_at(&self, value: V, depth: u32) -> Option<Known> {
        let known = self.known_of(value, depth);
        match known {
            Some(Known::Number(_)) | None => known,
            some => self.charged(some),
        }
    }

    fn known_of(&self, value: V, depth: u32) -> Option<Known> {
        if depth == 0 || !self.spend() {
            return None;
        }
        if self.is_supposing()
            && let Some(known) = self.supposed(value)
        {
            return Some(known);
        }
        if let Some(known) = self.ir.constants.get(&value) {
            return Some(known.clone());
        }
        let depth = depth - 1;
        match self.ir.op(value) {
            Op::Str(name) => Some(Known::Text(self.ir.names.get(name).to_owned())),
            Op::Num(number) => Some(Known::Number(number)),
            Op::Bool(yes) => Some(Known::Number(f64::from(u8::from(yes)))),
            Op::Pass(inner) => self.known_at(inner, depth),
            Op::Assign {
                value,
                compound: false,
                ..
            } => self.known_at(value, depth),
            Op::Seq(list) => self.known_at(*self.ir.list(list).last()?, depth),
            Op::Var(sym) => {
                if self.is_supposing()
                    && let [(writer, _)] = self.ir.writes(sym)
                    && let Op::Param { .. } = self.ir.op(*writer)
                {
                    return self.supposed(*writer);
                }
                let (definition, path) = self.definition(sym)?;
                let known = self.inside(definition, path, depth)?;
                self.known_at(known, depth)
            }
            Op::Cond { test, yes, no } => {
                let Known::Number(test) = self.known_at(test, depth)? else {
                    return None;
                };
                self.known_at(if test == 0.0 { no } else { yes }, depth)
            }
            Op::Unary { op, value } => {
                let number = number_of(&self.known_at(value, depth)?)?;
                Some(Known::Number(match op {
                    Un::Not => f64::from(u8::from(number == 0.0)),
                    Un::Plus => number,
                    Un::Minus => -number,
                    Un::BitNot => f64::from(!to_bits(number)?),
                    Un::Other => return None,
                }))
            }
            Op::Binary {
                op: Bin::Mul,
                left,
                right,
            } if self.ir.python => self.repeated(left, right, depth),
            Op::Binary { op, left, right } if op != Bin::Add => {
                let left = number_of(&self.known_at(left, depth)?)?;
                let right = number_of(&self.known_at(right, depth)?)?;
                arithmetic(op, left, right).map(Known::Number)
            }
            Op::Binary { .. } => {
                // Long sums nest on the left; they are walked, not recursed.
                let operands = self.operands(value);
                if operands.len() > OPERANDS {
                    return None;
                }
                let mut operands = operands.into_iter().rev();
                let mut sum = self.known_at(operands.next()?, depth)?;
                for operand in operands {
                    sum = match (sum, self.known_at(operand, depth)?) {
                        (Known::Number(a), Known::Number(b)) => Known::Number(a + b),
                        (a, b) => join(a.text()?, &b.text()?)?,
                    };
                }
                Some(sum)
            }
            Op::Template(list) => {
                let mut out = String::new();
                for part in self.ir.list(list) {
                    out.push_str(&self.known_at(*part, depth)?.text()?);
                    if out.len() > LONGEST {
                        return None;
                    }
                }
                Some(Known::Text(out))
            }
            Op::Array(list) => {
                let mut size = 0usize;
                self.ir
                    .list(list)
                    .iter()
                    .map(|element| {
                        let known = self.known_at(*element, depth)?;
                        size = size.saturating_add(known.size());
                        (size <= LONGEST.saturating_mul(2)).then_some(known)
                    })
                    .collect::<Option<Vec<_>>>()
                    .map(Known::List)
            }
            Op::Member { object, name } => {
                if let Some(inner) = self.inside(object, &[name], depth) {
                    return self.known_at(inner, depth);
                }
                if self.ir.names.get(name) != "length" || !self.is_supposing() {
                    return None;
                }
                let len = match self.known_at(object, depth)? {
                    Known::Text(text) => text.encode_utf16().count(),
                    Known::List(list) => list.len(),
                    Known::Bytes(bytes) => bytes.len(),
                    Known::Number(_) => return None,
                };
                Some(Known::Number(f64::from(u32::try_from(len).ok()?)))
            }
            Op::Index { object, key } => {
                let key = self.known_at(key, depth)?;
                if let Known::Text(key) = &key
                    && let Some(inner) = self.named(object, key, depth)
                {
                    return self.known_at(inner, depth);
                }
                let held = self.known_at(object, depth)?;
                let Known::Number(index) = key else {
                    return None;
                };
                element(&held, to_index(index)?)
            }
            Op::Call { callee, args } => self.known_call(callee, self.ir.list(args), depth),
            Op::New { callee, args } => {
                let class = self.canon_text(self.canon_at(callee, depth)?);
                let [only] = self.ir.list(args) else {
                    return None;
                };
                matches!(class.as_str(), "Uint8Array" | "Set" | "URL" | "String")
                    .then(|| self.known_at(*only, depth))
                    .flatten()
            }
            _ => None,
        }
    }

    /// The operands of a sum, the last first.
    fn operands(&self, sum: V) -> Vec<V> {
        let mut operands = Vec::new();
        let mut at = sum;
        while let Op::Binary {
            op: Bin::Add,
            left,
            right,
        } = self.ir.op(at)
        {
            operands.push(right);
            at = left;
            // A sum of thousands of parts is data, and is asked about at
            // each of its parts.
            if operands.len() > OPERANDS {
                return operands;
            }
        }
        operands.push(at);
        operands
    }

    /// The value at a path of properties inside object literals.
    fn inside(&self, value: V, path: &[Name], depth: u32) -> Option<V> {
        let Some((first, rest)) = path.split_first() else {
            return Some(value);
        };
        if depth == 0 {
            return None;
        }
        match self.ir.op(value) {
            Op::Object(list) => {
                let prop = self
                    .ir
                    .props(list)
                    .iter()
                    .find(|prop| prop.key == Key::Name(*first))?;
                self.inside(prop.value, rest, depth - 1)
            }
            Op::Pass(inner) | Op::Assign { value: inner, .. } => {
                self.inside(inner, path, depth - 1)
            }
            Op::Var(sym) => {
                let (definition, before) = self.definition(sym)?;
                let inner = self.inside(definition, before, depth - 1)?;
                self.inside(inner, path, depth - 1)
            }
            _ => None,
        }
    }

    /// What a table for `str.translate` puts in place of characters.
    pub(crate) fn replacements(&self, value: V, depth: u32) -> Option<Vec<(char, String)>> {
        let depth = depth.checked_sub(1)?;
        let single = |text: &str| {
            let mut chars = text.chars();
            chars.next().filter(|_| chars.next().is_none())
        };
        match self.ir.op(value) {
            Op::Pass(inner) => self.replacements(inner, depth),
            Op::Var(sym) => {
                let (definition, path) = self.definition(sym)?;
                self.replacements(self.inside(definition, path, depth)?, depth)
            }
            Op::Cond { test, yes, no } => {
                let Known::Number(test) = self.known_at(test, depth)? else {
                    return None;
                };
                self.replacements(if test == 0.0 { no } else { yes }, depth)
            }
            Op::Object(list) => self
                .ir
                .props(list)
                .iter()
                .map(|prop| {
                    let from = match prop.key {
                        Key::Name(name) => single(self.ir.names.get(name))?,
                        Key::Computed(key) => match self.known_at(key, depth)? {
                            Known::Text(text) => single(&text)?,
                            Known::Number(code) => {
                                char::from_u32(u32::try_from(to_index(code)?).ok()?)?
                            }
                            _ => return None,
                        },
                        _ => return None,
                    };
                    let to = match self.known_at(prop.value, depth)? {
                        Known::Number(code) => {
                            char::from_u32(u32::try_from(to_index(code)?).ok()?)?.to_string()
                        }
                        known => known.text()?,
                    };
                    Some((from, to))
                })
                .collect(),
            Op::Call { callee, args } => {
                let Op::Member { name, .. } = self.ir.op(callee) else {
                    return None;
                };
                if self.ir.names.get(name) != "maketrans" {
                    return None;
                }
                match self.ir.list(args) {
                    [table] => self.replacements(*table, depth),
                    [from, to, ..] => {
                        let from = self.known_at(*from, depth)?.text()?;
                        let to = self.known_at(*to, depth)?.text()?;
                        let pairs = from.chars().zip(to.chars());
                        Some(pairs.map(|(from, to)| (from, to.to_string())).collect())
                    }
                    [] => None,
                }
            }
            _ => None,
        }
    }

    /// The value under a name in an object literal.
    fn named(&self, object: V, key: &str, depth: u32) -> Option<V> {
        let Op::Object(list) = self.ir.op(self.held(object)) else {
            return None;
        };
        let _ = depth.checked_sub(1)?;
        let named = |prop: &&crate::ir::Prop| matches!(prop.key, Key::Name(name) if self.ir.names.get(name) == key);
        self.ir
            .props(list)
            .iter()
            .take(256)
            .find(named)
            .map(|prop| prop.value)
    }

    fn known_call(&self, callee: V, args: &[V], depth: u32) -> Option<Known> {
        let arg = |index: usize| self.known_at(*args.get(index)?, depth);
        if let Some(canon) = self.canon_at(callee, depth) {
            let name = self.canon_text(canon);
            return match name.strip_prefix("buffer.").unwrap_or(&name) {
                "Number" | "parseInt" | "Number.parseInt" | "Math.floor" | "Math.trunc"
                | "Math.round" | "Math.abs" | "BigInt" | "Boolean" => {
                    let number = number_of(&arg(0)?)?;
                    Some(Known::Number(match name.as_str() {
                        "Math.floor" => number.floor(),
                        "Math.round" => number.round(),
                        "Math.abs" => number.abs(),
                        "Boolean" => f64::from(u8::from(number != 0.0)),
                        _ => number.trunc(),
                    }))
                }
                "String.fromCharCode" | "String.fromCodePoint" | "builtins.chr" => {
                    let codes = match args {
                        [only] => match self.known_at(*only, depth)? {
                            Known::List(list) => list,
                            Known::Bytes(bytes) => bytes
                                .into_iter()
                                .map(|b| Known::Number(f64::from(b)))
                                .collect(),
                            other => vec![other],
                        },
                        _ => (0..args.len()).map(arg).collect::<Option<Vec<_>>>()?,
                    };
                    codes
                        .into_iter()
                        .map(|code| match code {
                            Known::Number(n) => char::from_u32(u32::try_from(to_index(n)?).ok()?),
                            _ => None,
                        })
                        .collect::<Option<String>>()
                        .map(Known::Text)
                }
                "Array" => match args {
                    [_] => match arg(0)? {
                        Known::Number(count) if (0.0..=1000.0).contains(&count) => {
                            let count = to_index(count)?;
                            Some(Known::List(vec![Known::Text(String::new()); count]))
                        }
                        _ => None,
                    },
                    _ => None,
                },
                "atob" => base64_bytes(&arg(0)?.text()?)
                    .map(|bytes| Known::Text(bytes.into_iter().map(char::from).collect())),
                "Buffer.from" => {
                    let encoding = arg(1).and_then(Known::text);
                    match (arg(0)?, encoding.as_deref()) {
                        (Known::Text(text), Some("base64" | "base64url")) => {
                            base64_bytes(&text).map(Known::Bytes)
                        }
                        (Known::Text(text), Some("hex")) => {
                            hex::decode(text).ok().map(Known::Bytes)
                        }
                        (Known::Text(text), _) => Some(Known::Bytes(text.into_bytes())),
                        (Known::List(list), _) => to_bytes(&list).map(Known::Bytes),
                        (other, _) => Some(other),
                    }
                }
                "decodeURIComponent" | "unescape" | "decodeURI" | "encodeURIComponent"
                | "String" | "Array.from" | "Object.freeze" => arg(0),
                _ => None,
            };
        }
        let Op::Member { object, name } = self.ir.op(callee) else {
            return self.called(callee, args, depth);
        };
        let method = self.ir.names.get(name);
        if !matches!(
            method,
            "charAt"
                | "at"
                | "padStart"
                | "padEnd"
                | "ljust"
                | "rjust"
                | "substring"
                | "substr"
                | "charCodeAt"
                | "codePointAt"
                | "trimEnd"
                | "trimStart"
                | "normalize"
                | "toFixed"
        ) && !matches!(
            method,
            "join"
                | "toString"
                | "concat"
                | "reverse"
                | "split"
                | "toLowerCase"
                | "toUpperCase"
                | "trim"
                | "replace"
                | "replaceAll"
                | "translate"
                | "slice"
                | "decode"
                | "repeat"
        ) {
            return self.called(callee, args, depth);
        }
        let receiver = self.known_at(object, depth);
        match (method, receiver) {
            ("join", Some(Known::List(list))) => {
                let separator = match args.first() {
                    Some(_) => arg(0)?.text()?,
                    None => ",".to_owned(),
                };
                let between = separator.len().saturating_mul(list.len());
                let size = list.iter().map(Known::size).sum::<usize>();
                if size.saturating_add(between) > LONGEST.saturating_mul(2) {
                    return None;
                }
                let parts: Option<Vec<String>> = list.into_iter().map(Known::text).collect();
                let joined = parts?.join(&separator);
                (joined.len() <= LONGEST).then_some(Known::Text(joined))
            }
            ("toString", Some(Known::Bytes(bytes))) => {
                String::from_utf8(bytes).ok().map(Known::Text)
            }
            ("toString" | "trim", Some(text @ Known::Text(_))) => Some(text),
            ("decode", _) => match arg(0)? {
                Known::Bytes(bytes) => String::from_utf8(bytes).ok().map(Known::Text),
                _ => None,
            },
            ("concat", Some(Known::Text(mut text))) => {
                for index in 0..args.len() {
                    text.push_str(&arg(index)?.text()?);
                }
                (text.len() <= LONGEST).then_some(Known::Text(text))
            }
            ("concat", Some(Known::List(mut list))) => {
                for index in 0..args.len() {
                    match arg(index)? {
                        Known::List(more) => list.extend(more),
                        one => list.push(one),
                    }
                }
                Some(Known::List(list))
            }
            ("reverse", Some(Known::List(mut list))) => {
                list.reverse();
                Some(Known::List(list))
            }
            ("split", Some(Known::Text(text))) => {
                let separator = arg(0)?.text()?;
                let parts: Vec<Known> = if separator.is_empty() {
                    text.chars().map(|c| Known::Text(c.to_string())).collect()
                } else {
                    text.split(&separator)
                        .map(|part| Known::Text(part.to_owned()))
                        .collect()
                };
                Some(Known::List(parts))
            }
            ("toLowerCase", Some(Known::Text(text))) => Some(Known::Text(text.to_lowercase())),
            ("toUpperCase", Some(Known::Text(text))) => Some(Known::Text(text.to_uppercase())),
            ("translate", Some(Known::Text(text))) => {
                let table = self.replacements(*args.first()?, depth)?;
                let mut out = String::new();
                for c in text.chars() {
                    match table.iter().find(|(from, _)| *from == c) {
                        Some((_, to)) => out.push_str(to),
                        None => out.push(c),
                    }
                }
                (out.len() <= LONGEST).then_some(Known::Text(out))
            }
            ("replaceAll", Some(Known::Text(text))) => {
                let (from, to) = (arg(0)?.text()?, arg(1)?.text()?);
                let out = text.replace(&from, &to);
                (out.len() <= LONGEST).then_some(Known::Text(out))
            }
            ("replace", Some(Known::Text(text))) => {
                let (from, to) = (arg(0)?.text()?, arg(1)?.text()?);
                Some(Known::Text(text.replacen(&from, &to, 1)))
            }
            ("repeat", Some(Known::Text(text))) => match arg(0)? {
                Known::Number(times) => {
                    let times = to_index(times)?;
                    (text.len().checked_mul(times)? <= LONGEST)
                        .then(|| Known::Text(text.repeat(times)))
                }
                _ => None,
            },
            ("slice", Some(value)) if args.is_empty() => Some(value),
            ("slice", Some(Known::List(list))) => {
                let place = |index: usize, absent: usize| match args.get(index) {
                    None => Some(absent),
                    Some(_) => to_index(number_of(&arg(index)?)?.max(0.0)),
                };
                let (start, end) = (place(0, 0)?, place(1, list.len())?);
                let part = list.into_iter().take(end).skip(start);
                Some(Known::List(part.collect()))
            }
            ("toFixed", Some(Known::Number(number))) => {
                let digits = match args.first() {
                    Some(_) => to_index(number_of(&arg(0)?)?)?,
                    None => 0,
                };
                (digits <= 20).then(|| Known::Text(format!("{number:.digits$}")))
            }
            ("charAt" | "at", Some(held)) => element(&held, to_index(number_of(&arg(0)?)?)?),
            ("charCodeAt" | "codePointAt", Some(Known::Text(text))) => {
                let at = match args.first() {
                    Some(_) => to_index(number_of(&arg(0)?)?)?,
                    None => 0,
                };
                let c = text.chars().nth(at)?;
                Some(Known::Number(f64::from(u32::from(c))))
            }
            ("trimEnd", Some(Known::Text(text))) => Some(Known::Text(text.trim_end().to_owned())),
            ("trimStart", Some(Known::Text(text))) => {
                Some(Known::Text(text.trim_start().to_owned()))
            }
            ("slice" | "substring", Some(Known::Text(text))) => {
                let len = text.chars().count();
                let place = |index: usize, absent: usize| -> Option<usize> {
                    match args.get(index) {
                        None => Some(absent),
                        Some(_) => {
                            let number = number_of(&arg(index)?)?;
                            if number < 0.0 && method == "slice" {
                                Some(len.saturating_sub(to_index(-number)?))
                            } else {
                                to_index(number.max(0.0))
                            }
                        }
                    }
                };
                let (start, end) = (place(0, 0)?, place(1, len)?);
                let part = text.chars().skip(start).take(end.saturating_sub(start));
                Some(Known::Text(part.collect()))
            }
            ("padStart" | "padEnd" | "ljust" | "rjust", Some(Known::Text(text))) => {
                let wanted = to_index(number_of(&arg(0)?)?)?;
                let fill = match args.get(1) {
                    Some(_) => arg(1)?.text()?,
                    None => " ".to_owned(),
                };
                let missing = wanted.saturating_sub(text.chars().count());
                if missing > LONGEST || fill.is_empty() {
                    return None;
                }
                let filling: String = fill.chars().cycle().take(missing).collect();
                Some(Known::Text(if matches!(method, "padStart" | "rjust") {
                    filling + &text
                } else {
                    text + &filling
                }))
            }
            _ => None,
        }
    }

    /// What a function of this module gives for constants, where it does
    /// nothing but return one expression.
    fn called(&self, callee: V, args: &[V], depth: u32) -> Option<Known> {
        // Where something is supposed or imagined only: everywhere it would
        // cost more than it tells.
        if !self.is_supposing() && !self.imagining.get() {
            return None;
        }
        let func = self.ir.func(self.function(callee)?)?;
        let [only] = func.returns.as_slice() else {
            return None;
        };
        let given: Option<Vec<(V, Known)>> = func
            .params
            .iter()
            .zip(args)
            .map(|(param, arg)| Some((*param, self.known_at(*arg, depth)?)))
            .collect();
        let given = given?;
        let count = self.supposed.borrow().len();
        if count > 32 {
            return None;
        }
        // A function without parameters that are known gives nothing new.
        if given.is_empty() && !func.params.is_empty() {
            return None;
        }
        self.supposed.borrow_mut().extend(given);
        let found = self.known_at(*only, depth);
        self.supposed.borrow_mut().truncate(count);
        found
    }

    /// A text with [`HOLE`] where parts are not constant.
    pub(crate) fn shape(&self, value: V) -> String {
        let mut out = String::new();
        let mut holes = 0usize;
        self.partial(value, DEPTH, &mut out, &mut holes);
        out
    }

    fn partial(&self, value: V, depth: u32, out: &mut String, holes: &mut usize) {
        if out.len() > 4096 || *holes > 16 {
            return;
        }
        if let Some(text) = self.known_at(value, depth).and_then(Known::text) {
            out.push_str(text.get(..text.len().min(4096)).unwrap_or_default());
            return;
        }
        if depth == 0 {
            return;
        }
        if let Some(canon) = self.canon_at(value, depth) {
            let home = match self.variable(canon) {
                Some(variable) => matches!(self.ir.names.get(variable), "HOME" | "USERPROFILE"),
                None => self.canon_text(canon) == "os.homedir()",
            };
            if home {
                out.push('~');
                return;
            }
        }
        if self.python_path(value, depth, out, holes) {
            return;
        }
        match self.ir.op(value) {
            Op::Call { callee, args }
                if self.canon_at(callee, depth).is_some_and(|canon| {
                    let name = self.canon_text(canon);
                    let name = name.replace(".posix", "").replace(".win32", "");
                    matches!(name.as_str(), "path.join" | "path.resolve")
                }) =>
            {
                for (index, part) in self.ir.list(args).iter().enumerate() {
                    if index > 0 {
                        out.push('/');
                    }
                    self.partial(*part, depth - 1, out, holes);
                }
            }
            Op::Var(sym) => match self.definition(sym) {
                Some((definition, [])) => self.partial(definition, depth - 1, out, holes),
                _ => {
                    *holes = holes.saturating_add(1);
                    out.push(HOLE);
                }
            },
            Op::Pass(inner) => self.partial(inner, depth - 1, out, holes),
            Op::Template(list) => {
                for part in self.ir.list(list) {
                    self.partial(*part, depth - 1, out, holes);
                }
            }
            Op::Binary { op: Bin::Add, .. } => {
                let operands = self.operands(value);
                if operands.len() > OPERANDS {
                    *holes = holes.saturating_add(1);
                    out.push(HOLE);
                }
                for operand in operands.into_iter().rev() {
                    self.partial(operand, depth - 1, out, holes);
                }
            }
            // Parts of a list that are joined, or put behind a text.
            Op::Call { callee, args }
                if matches!(self.ir.op(callee), Op::Member { name, .. }
                    if matches!(self.ir.names.get(name), "join" | "concat")) =>
            {
                let Op::Member { object, name } = self.ir.op(callee) else {
                    return;
                };
                let args = self.ir.list(args);
                let (parts, between) = if self.ir.names.get(name) == "concat" {
                    self.partial(object, depth - 1, out, holes);
                    (args, String::new())
                } else {
                    let Op::Array(list) = self.ir.op(self.held(object)) else {
                        *holes = holes.saturating_add(1);
                        out.push(HOLE);
                        return;
                    };
                    let between = args
                        .first()
                        .map_or(Some(",".to_owned()), |v| self.known_at(*v, depth)?.text());
                    (self.ir.list(list), between.unwrap_or_default())
                };
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        out.push_str(&between);
                    }
                    self.partial(*part, depth - 1, out, holes);
                }
            }
            // Either branch of a choice may be it; a constant default is.
            Op::Logical { right, .. } if self.known_at(right, depth).is_some() => {
                self.partial(right, depth - 1, out, holes);
            }
            _ => {
                *holes = holes.saturating_add(1);
                out.push(HOLE);
            }
        }
    }
}

/// Stands for a part of a text that is not constant.
pub(crate) const HOLE: char = '\u{fffc}';

/// Names under which the platform's `require` goes.
fn is_require(canon: &str) -> bool {
    matches!(
        canon,
        "require"
            | "module.createRequire()"
            | "process.mainModule.require"
            | "module.require"
            | "import.meta.require"
            | "__non_webpack_require__"
            | "process.getBuiltinModule"
    )
}

fn join(mut a: String, b: &str) -> Option<Known> {
    a.push_str(b);
    (a.len() <= LONGEST).then_some(Known::Text(a))
}

fn element(held: &Known, index: usize) -> Option<Known> {
    match held {
        Known::List(list) => list.get(index).cloned(),
        Known::Text(text) => text.chars().nth(index).map(|c| Known::Text(c.to_string())),
        Known::Bytes(bytes) => bytes.get(index).map(|b| Known::Number(f64::from(*b))),
        Known::Number(_) => None,
    }
}

fn number_of(known: &Known) -> Option<f64> {
    match known {
        Known::Number(number) => Some(*number),
        Known::Text(text) => text.trim().parse().ok(),
        Known::List(_) | Known::Bytes(_) => None,
    }
}

/// A number as the 32 bits that bit operations work on.
fn to_bits(number: f64) -> Option<i32> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked first"
    )]
    (number.abs() <= f64::from(u32::MAX)).then_some(number as i64 as i32)
}

fn arithmetic(op: Bin, left: f64, right: f64) -> Option<f64> {
    let bits = |apply: fn(i32, i32) -> i32| Some(f64::from(apply(to_bits(left)?, to_bits(right)?)));
    match op {
        Bin::Add => Some(left + right),
        Bin::Sub => Some(left - right),
        Bin::Mul => Some(left * right),
        Bin::Div => Some(left / right),
        Bin::Rem => Some(left % right),
        Bin::Xor => bits(|a, b| a ^ b),
        Bin::BitAnd => bits(|a, b| a & b),
        Bin::BitOr => bits(|a, b| a | b),
        Bin::Shl => bits(|a, b| a.wrapping_shl(b.unsigned_abs() & 31)),
        Bin::Shr => bits(|a, b| a.wrapping_shr(b.unsigned_abs() & 31)),
        Bin::Equal | Bin::Compare | Bin::Arithmetic => None,
    }
}

fn to_index(number: f64) -> Option<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked first"
    )]
    (number >= 0.0 && number <= f64::from(u32::MAX) && number.fract() == 0.0)
        .then_some(number as usize)
}

/// The bytes of a list of numbers from 0 to 255.
pub(crate) fn to_bytes(list: &[Known]) -> Option<Vec<u8>> {
    list.iter()
        .map(|known| match known {
            Known::Number(number) => u8::try_from(to_index(*number)?).ok(),
            _ => None,
        })
        .collect()
}

fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    let text: String = text
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .filter(|c| !c.is_whitespace() && *c != '=')
        .collect();
    base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(text)
        .ok()
}
