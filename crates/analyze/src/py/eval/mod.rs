//! Evaluation of pure Python: decoders, and what they are made of.
//!
//! An interpreter of our own for the small part of the language that decoders
//! are written in. It reaches nothing of the host: there is no function that
//! reads, writes, asks for the time or for chance, so that what it gives is
//! what the constants of the text say. What a name stands for is found by
//! evaluating what binds it, on demand; whatever is not known ends the
//! evaluation. Steps, memory and depth are limited.

mod library;
mod methods;
mod ops;
mod run;
mod value;

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;
use rustc_hash::FxHashMap;

use self::value::{Answer, Code, Function, Stop, VISITS, Value};
use super::scope::{self, Binding, How, Kind, ScopeId, Scopes, Site};
use crate::resolve::Known;

/// Steps of one evaluation.
const STEPS: u64 = 3_000_000;
/// Steps of all evaluations of a text.
const ALL_STEPS: u64 = 30_000_000;
/// What one evaluation may make, in bytes.
const MEMORY: usize = 64 << 20;
/// The longest value.
const LONGEST: usize = 8 << 20;
/// The deepest nesting of calls and expressions.
const DEPTH: u32 = 160;
/// How many constants are told as what a value is made of.
const CONSTANTS: usize = 8;

/// The variables of a call or of a slice of statements.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    scope: ScopeId,
    vars: RefCell<FxHashMap<&'a str, Option<Value<'a>>>>,
    outer: Option<Rc<Frame<'a>>>,
    /// Whether it is a call: names that it does not have yet are not looked
    /// for in its definition.
    call: bool,
}

/// What is known of a name that was asked for.
#[derive(Debug, Clone)]
enum Memo<'a> {
    /// It is being asked for.
    Open,
    Unknown,
    Known(Value<'a>, Vec<&'static str>, Vec<(u32, u32)>),
}

/// A value that was made by evaluation.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) known: Option<Known>,
    pub(crate) texts: Vec<String>,
    pub(crate) steps: Vec<&'static str>,
    pub(crate) constants: Vec<(u32, u32)>,
}

/// An evaluator of the expressions of one text.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    memo: FxHashMap<u32, Memo<'a>>,
    steps: u64,
    left: u64,
    memory: usize,
    depth: u32,
    trace: Vec<&'static str>,
    constants: Vec<(u32, u32)>,
    /// Whether a limit ended any evaluation.
    pub(crate) cut: bool,
    /// This evaluation's own copies of what can be changed, so that what it
    /// does to them is not seen by the next.
    copies: FxHashMap<u32, Value<'a>>,
    /// Frames that variables of their own may hold: a function that is defined
    /// in one knows it.
    frames: Vec<Weak<Frame<'a>>>,
}

impl Drop for Evaluator<'_> {
    fn drop(&mut self) {
        for frame in self.frames.iter().filter_map(Weak::upgrade) {
            frame.vars.take();
        }
    }
}

/// The scopes of the text, and where in them an expression stands.
#[derive(Clone, Copy)]
struct At<'s, 'a> {
    scopes: &'s Scopes<'a>,
    scope: ScopeId,
    frame: Option<&'s Rc<Frame<'a>>>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new() -> Self {
        Self {
            memo: FxHashMap::default(),
            steps: 0,
            left: ALL_STEPS,
            memory: 0,
            depth: 0,
            trace: Vec::new(),
            constants: Vec::new(),
            cut: false,
            copies: FxHashMap::default(),
            frames: Vec::new(),
        }
    }

    fn frame(
        &mut self,
        scope: ScopeId,
        vars: FxHashMap<&'a str, Option<Value<'a>>>,
        outer: Option<Rc<Frame<'a>>>,
        call: bool,
    ) -> Rc<Frame<'a>> {
        let frame = Rc::new(Frame {
            scope,
            vars: RefCell::new(vars),
            outer,
            call,
        });
        self.frames.push(Rc::downgrade(&frame));
        frame
    }

    /// The value of an expression of `scope`, if constants alone make it.
    pub(crate) fn made(
        &mut self,
        scopes: &Scopes<'a>,
        scope: ScopeId,
        expr: &'a Expr,
    ) -> Option<Made> {
        if self.left == 0 {
            self.cut = true;
            return None;
        }
        self.steps = STEPS.min(self.left);
        let given = self.steps;
        self.memory = 0;
        self.depth = 0;
        self.trace.clear();
        self.constants.clear();
        self.copies.clear();
        let at = At {
            scopes,
            scope,
            frame: None,
        };
        let answer = self.eval(at, expr);
        self.left = self.left.saturating_sub(given.saturating_sub(self.steps));
        if answer.as_ref().is_err_and(|stop| *stop == Stop::Limit) {
            // What decodes nothing so far is a program and no decoder.
            self.cut |= self
                .trace
                .iter()
                .any(|step| !matches!(*step, "split" | "join" | "replaced" | "rotated" | "sorted"));
        }
        let value = answer.ok()?;
        let mut texts = Vec::new();
        value.texts(0, &mut texts, &mut VISITS.clone());
        Some(Made {
            known: value.known(0, &mut VISITS.clone()),
            texts,
            steps: self.trace.clone(),
            constants: self.constants.clone(),
        })
    }

    fn step(&mut self) -> Answer<()> {
        self.spend(1)
    }

    fn spend(&mut self, steps: usize) -> Answer<()> {
        match self.steps.checked_sub(steps as u64) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                Err(Stop::Limit)
            }
        }
    }

    /// Accounts for a value that was made.
    fn make(&mut self, value: Value<'a>) -> Answer<Value<'a>> {
        let size = value.size();
        self.reserve(size)?;
        Ok(value)
    }

    fn reserve(&mut self, size: usize) -> Answer<()> {
        if size > LONGEST {
            return Err(Stop::Limit);
        }
        self.memory = self.memory.saturating_add(size);
        if self.memory > MEMORY {
            return Err(Stop::Limit);
        }
        // What is long takes time as well.
        self.spend(size / 64)
    }

    /// Notes that something was decoded, and how.
    fn did(&mut self, what: &'static str) {
        if !self.trace.contains(&what) {
            self.trace.push(what);
        }
    }

    fn constant(&mut self, expr: &Expr) {
        let span = (expr.start().to_u32(), expr.end().to_u32());
        if self.constants.len() < CONSTANTS && !self.constants.contains(&span) {
            self.constants.push(span);
        }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Answer<T>) -> Answer<T> {
        if self.depth >= DEPTH {
            return Err(Stop::Limit);
        }
        self.depth += 1;
        let answer = inner(self);
        self.depth -= 1;
        answer
    }

    // ---- names ----

    fn read(&mut self, at: At<'_, 'a>, name: &'a str) -> Answer<Value<'a>> {
        let mut scope = at.scope;
        let mut frame = at.frame;
        while let Some(one) = frame {
            if let Some(value) = one.vars.borrow().get(name) {
                return value.clone().ok_or(Stop::Unknown);
            }
            if one.call
                && at
                    .scopes
                    .find(one.scope, name)
                    .is_some_and(|(found, _)| found == one.scope)
            {
                // A local that has no value yet, or one that a branch not
                // taken would have given.
                return Err(Stop::Unknown);
            }
            scope = one.scope;
            frame = one.outer.as_ref();
        }
        match at.scopes.find(scope, name) {
            Some((found, binding)) => self.binding(at.scopes, found, name, binding),
            None if super::names::is_builtin(name) => {
                Ok(Value::native(&format!("builtins.{name}")))
            }
            None => match at.scopes.stars.last() {
                Some(star) => Ok(Value::native(&format!("{star}.{name}"))),
                None => Err(Stop::Unknown),
            },
        }
    }

    /// What a name of a scope stands for, by what binds it.
    fn binding(
        &mut self,
        scopes: &Scopes<'a>,
        scope: ScopeId,
        name: &'a str,
        binding: &Binding<'a>,
    ) -> Answer<Value<'a>> {
        let sym = binding.sym;
        match self.memo.get(&sym) {
            Some(Memo::Known(value, trace, constants)) => {
                let (value, trace, constants) = (value.clone(), trace.clone(), constants.clone());
                for step in trace {
                    self.did(step);
                }
                for span in constants {
                    if self.constants.len() < CONSTANTS && !self.constants.contains(&span) {
                        self.constants.push(span);
                    }
                }
                return match self.copies.get(&sym) {
                    Some(copy) => Ok(copy.clone()),
                    None => {
                        let copy = value.copied(0, &mut VISITS.clone())?;
                        let copy = self.make(copy)?;
                        self.copies.insert(sym, copy.clone());
                        Ok(copy)
                    }
                };
            }
            Some(Memo::Open | Memo::Unknown) => return Err(Stop::Unknown),
            None => {}
        }
        if binding.parameter {
            return Err(Stop::Unknown);
        }
        self.memo.insert(sym, Memo::Open);
        // What this name is made of, apart from what else is evaluated.
        let trace = std::mem::take(&mut self.trace);
        let constants = std::mem::take(&mut self.constants);
        let copies = std::mem::take(&mut self.copies);
        let answer = self.deeper(|this| this.bound(scopes, scope, name, binding));
        let (inner_trace, inner_constants) = (
            std::mem::replace(&mut self.trace, trace),
            std::mem::replace(&mut self.constants, constants),
        );
        self.copies = copies;
        match answer {
            Ok(value) => {
                self.memo
                    .insert(sym, Memo::Known(value, inner_trace, inner_constants));
                self.binding(scopes, scope, name, binding)
            }
            Err(stop) => {
                // What a limit ended may be known from elsewhere.
                let memo = if stop == Stop::Limit {
                    self.memo.remove(&sym);
                    return Err(stop);
                } else {
                    Memo::Unknown
                };
                self.memo.insert(sym, memo);
                Err(Stop::Unknown)
            }
        }
    }

    fn bound(
        &mut self,
        scopes: &Scopes<'a>,
        scope: ScopeId,
        name: &'a str,
        binding: &Binding<'a>,
    ) -> Answer<Value<'a>> {
        let own: Vec<&Site<'a>> = binding
            .sites
            .iter()
            .filter(|site| site.how != How::Outside)
            .collect();
        if own.iter().any(|site| site.how == How::Imported) {
            return match scope::imported(binding, name) {
                Some(full) if !full.starts_with('.') => Ok(Value::native(&full)),
                _ => Err(Stop::Unknown),
            };
        }
        let at = At {
            scopes,
            scope,
            frame: None,
        };
        match own.as_slice() {
            [] => Err(Stop::Unknown),
            [only] => match (only.how, only.stmt) {
                (How::Function, Stmt::FunctionDef(function)) => Ok(self.closure(at, function)),
                (How::Class, Stmt::ClassDef(class)) => {
                    let id = scopes.of_class(class).ok_or(Stop::Unknown)?;
                    Ok(Value::Class(id))
                }
                (How::Assigned, Stmt::Assign(assign)) => self.eval(at, &assign.value),
                (How::Assigned, Stmt::AnnAssign(assign)) => {
                    let value = assign.value.as_deref().ok_or(Stop::Unknown)?;
                    self.eval(at, value)
                }
                _ => self.slice(scopes, scope, name, &own),
            },
            _ => self.slice(scopes, scope, name, &own),
        }
    }

    fn closure(
        &mut self,
        at: At<'_, 'a>,
        function: &'a ruff_python_ast::StmtFunctionDef,
    ) -> Value<'a> {
        let own = at.scopes.of_function(function).unwrap_or(at.scope);
        Value::Func(Rc::new(Function {
            code: Code::Def(function, own),
            scope: at.scope,
            frame: at.frame.cloned(),
            this: None,
        }))
    }

    /// Runs the statements that bind and change a name, in order, and no
    /// others.
    fn slice(
        &mut self,
        scopes: &Scopes<'a>,
        scope: ScopeId,
        name: &'a str,
        sites: &[&Site<'a>],
    ) -> Answer<Value<'a>> {
        let frame = self.frame(scope, FxHashMap::default(), None, false);
        let mut done: Vec<usize> = Vec::new();
        let at = At {
            scopes,
            scope,
            frame: Some(&frame),
        };
        for site in sites {
            let key = std::ptr::from_ref(site.outer).addr();
            if done.contains(&key) {
                continue;
            }
            done.push(key);
            if done.len() > 2_000 {
                return Err(Stop::Limit);
            }
            self.run_slice(at, site.outer)?;
        }
        let value = frame.vars.borrow().get(name).cloned();
        value.flatten().ok_or(Stop::Unknown)
    }

    /// A field of a class: what its body assigns, or what `__init__` does.
    fn class_field(
        &mut self,
        at: At<'_, 'a>,
        class: ScopeId,
        name: &str,
        instance: bool,
    ) -> Answer<Value<'a>> {
        let scope = at.scopes.get(class).ok_or(Stop::Unknown)?;
        if scope.kind != Kind::Class {
            return Err(Stop::Unknown);
        }
        if let Some((name, binding)) = scope.names.get_key_value(name) {
            let value = self.binding(at.scopes, class, name, binding)?;
            let Value::Func(function) = &value else {
                return Ok(value);
            };
            let Code::Def(definition, own) = &function.code else {
                return Ok(value);
            };
            let decorated = |wanted: &str| {
                definition.decorator_list.iter().any(
                    |one| matches!(&one.expression, Expr::Name(name) if name.id.as_str() == wanted),
                )
            };
            let this = if decorated("staticmethod") {
                None
            } else if decorated("classmethod") {
                Some(Value::Class(class))
            } else {
                instance.then_some(Value::Instance(class))
            };
            let property = decorated("property");
            let method = Value::Func(Rc::new(Function {
                code: Code::Def(definition, *own),
                scope: function.scope,
                frame: function.frame.clone(),
                this,
            }));
            return if property && instance {
                self.call(at, &method, Vec::new(), Vec::new())
            } else {
                Ok(method)
            };
        }
        // `self.x = value` in `__init__`, if nothing else writes it.
        let (_, binding) = scope.names.get_key_value("__init__").ok_or(Stop::Unknown)?;
        let [site] = binding.sites.as_slice() else {
            return Err(Stop::Unknown);
        };
        let Stmt::FunctionDef(init) = site.stmt else {
            return Err(Stop::Unknown);
        };
        let own = at.scopes.of_function(init).ok_or(Stop::Unknown)?;
        let mut found = None;
        for stmt in &init.body {
            if let Stmt::Assign(assign) = stmt
                && let [Expr::Attribute(target)] = assign.targets.as_slice()
                && target.attr.as_str() == name
            {
                if found.is_some() {
                    return Err(Stop::Unknown);
                }
                found = Some(&*assign.value);
            }
        }
        let value = found.ok_or(Stop::Unknown)?;
        let frame = self.frame(own, FxHashMap::default(), None, false);
        if let Some(first) = init.parameters.args.first() {
            frame
                .vars
                .borrow_mut()
                .insert(first.name().as_str(), Some(Value::Instance(class)));
        }
        let inner = At {
            scopes: at.scopes,
            scope: own,
            frame: Some(&frame),
        };
        self.deeper(|this| this.eval(inner, value))
    }
}
