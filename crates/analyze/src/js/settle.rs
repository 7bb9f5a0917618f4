//! Values that were evaluated take the place of what computes them, so that
//! every pass sees them as constants.

use rustc_hash::FxHashMap;

use super::slice::Slices;
use crate::evaluate::Value;
use crate::ir::{Ir, Key, List, NONE, Op, Prop, V};

/// The longest text that becomes a constant.
const LONGEST: usize = 1 << 20;
/// How many values all lists together may hold.
const VALUES: usize = 200_000;

pub(super) fn settle<'a>(ir: &mut Ir<'a>, slices: &Slices, keep: impl Fn(&str) -> &'a str) {
    if slices.evaluated.is_empty() {
        return;
    }
    let mut by_span: FxHashMap<(u32, u32), V> = FxHashMap::default();
    for evaluated in &slices.evaluated {
        if evaluated.variable.is_none() {
            by_span.insert(evaluated.span, NONE);
        }
    }
    // Of several values of one range the last is the outermost.
    for (index, span) in ir.spans.iter().enumerate() {
        if let Some(slot) = by_span.get_mut(span)
            && let (Some(op), Ok(value)) = (ir.ops.get(index), u32::try_from(index))
            && !matches!(
                op,
                Op::Pass(_) | Op::Assign { .. } | Op::Return { .. } | Op::Test { .. }
            )
        {
            *slot = value;
        }
    }
    ir.made_from = u32::try_from(ir.ops.len()).unwrap_or(NONE);
    let mut settling = Settling {
        ir,
        keep,
        left: VALUES,
    };
    for (number, evaluated) in slices.evaluated.iter().enumerate() {
        // What says something takes the place of what computes it; what only
        // decides is left to the passes.
        if evaluated.origin.probes || !says_something(&evaluated.value) {
            continue;
        }
        let values: Vec<V> = match evaluated.variable {
            // What is put into another order under a test is no constant.
            Some(variable) if settling.is_turned(variable) => continue,
            Some(variable) => settling.ir.reads(variable).to_vec(),
            None => by_span
                .get(&evaluated.span)
                .copied()
                // A statement is there for what it changes.
                .filter(|value| *value != NONE && settling.ir.user(*value) != NONE)
                .into_iter()
                .collect(),
        };
        let mut settled = Vec::new();
        for value in values {
            // A read inside of what made the variable is one before it was
            // whole.
            if evaluated.variable.is_some() && settling.is_part(value) {
                continue;
            }
            if settling.put(value, &evaluated.value) {
                settled.push(value);
            }
        }
        if !settled.is_empty() {
            settling.ir.settled.push((number, settled));
        }
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Text(_) => true,
        Value::List(items) => items.iter().any(says_something),
        Value::Record(entries) => entries.iter().any(|(_, item)| says_something(item)),
        Value::Number(_) | Value::Bool(_) | Value::Nil | Value::Bytes(_) | Value::Other => false,
    }
}

struct Settling<'i, 'a, K> {
    ir: &'i mut Ir<'a>,
    keep: K,
    left: usize,
}

impl<'a, K: Fn(&str) -> &'a str> Settling<'_, 'a, K> {
    /// Whether a variable is put into another order under a test.
    fn is_turned(&self, variable: u32) -> bool {
        self.ir.reads(variable).iter().any(|read| {
            self.ir.control(*read) != NONE
                && matches!(self.ir.op(self.ir.user(*read)), Op::Member { name, .. }
                    if matches!(self.ir.names.get(name), "reverse" | "sort"))
        })
    }

    /// Whether a read of a variable is part of what changes it: what a method
    /// is called on or an element is written to.
    fn is_part(&self, value: V) -> bool {
        let user = self.ir.user(value);
        match self.ir.op(user) {
            Op::Assign { targets, .. } => self.ir.targets(targets).iter().any(|target| {
                matches!(target, crate::ir::Target::Member { object, .. }
                    | crate::ir::Target::Index { object, .. } if *object == value)
            }),
            Op::Member { name, .. } => matches!(
                self.ir.names.get(name),
                "push"
                    | "unshift"
                    | "add"
                    | "set"
                    | "splice"
                    | "shift"
                    | "pop"
                    | "reverse"
                    | "sort"
            ),
            Op::Binary { .. } => matches!(self.ir.op(self.ir.user(user)), Op::Assign { .. }),
            _ => false,
        }
    }

    /// Makes a value the constant, and tells whether it could be.
    fn put(&mut self, at: V, value: &Value) -> bool {
        let Some(op) = self.op(at, value, 4) else {
            return false;
        };
        if let Some(slot) = self.ir.ops.get_mut(at as usize) {
            *slot = op;
        }
        if let Op::Str(name) = op {
            self.rename(at, name);
        }
        true
    }

    /// A name that was computed is a name like any other now.
    fn rename(&mut self, at: V, name: u32) {
        let user = self.ir.user(at);
        let new = match self.ir.op(user) {
            Op::Index { object, key } if key == at => Op::Member { object, name },
            Op::Call { callee, args } if self.ir.list(args) == [at] => match self.ir.op(callee) {
                Op::Global(global) if self.ir.names.get(global) == "require" => Op::Module(name),
                _ => return,
            },
            _ => return,
        };
        if let Some(slot) = self.ir.ops.get_mut(user as usize) {
            *slot = new;
        }
    }

    fn op(&mut self, at: V, value: &Value, depth: u32) -> Option<Op> {
        self.left = self.left.checked_sub(1)?;
        match value {
            Value::Text(text) if text.len() <= LONGEST => {
                let text = (self.keep)(text);
                Some(Op::Str(self.ir.names.intern(text)))
            }
            Value::Number(number) => Some(Op::Num(*number)),
            Value::Bool(yes) => Some(Op::Bool(*yes)),
            Value::Nil => Some(Op::Nil),
            Value::List(items) if depth > 0 && !items.is_empty() => {
                let values: Option<Vec<V>> = items
                    .iter()
                    .map(|item| self.inner(at, item, depth - 1))
                    .collect();
                let list = self.list(&values?);
                Some(Op::Array(list))
            }
            Value::Record(entries) if depth > 0 && !entries.is_empty() => {
                let mut props = Vec::new();
                for (key, item) in entries {
                    let key = (self.keep)(key);
                    props.push(Prop {
                        key: Key::Name(self.ir.names.intern(key)),
                        value: self.inner(at, item, depth - 1)?,
                    });
                }
                let start = u32::try_from(self.ir.props.len()).ok()?;
                let len = u32::try_from(props.len()).ok()?;
                self.ir.props.extend(props);
                Some(Op::Object(List { start, len }))
            }
            Value::Text(_) | Value::Bytes(_) | Value::List(_) | Value::Record(_) | Value::Other => {
                None
            }
        }
    }

    fn list(&mut self, values: &[V]) -> List {
        let start = u32::try_from(self.ir.lists.len()).unwrap_or(NONE);
        self.ir.lists.extend_from_slice(values);
        List {
            start,
            len: u32::try_from(values.len()).unwrap_or(0),
        }
    }

    /// A part of a constant, where the whole stands.
    fn inner(&mut self, at: V, value: &Value, depth: u32) -> Option<V> {
        let op = self.op(at, value, depth)?;
        let (span, owner, control) = (self.ir.span(at), self.ir.owner(at), self.ir.control(at));
        let inner = self.ir.push(op, span, owner, control);
        if let Some(slot) = self.ir.users.get_mut(inner as usize) {
            *slot = at;
        }
        Some(inner)
    }
}
