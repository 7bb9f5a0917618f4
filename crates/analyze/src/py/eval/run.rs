//! Statements, expressions and calls.

use std::cell::RefCell;
use std::rc::Rc;

use num_bigint::BigInt;
use ruff_python_ast::{
    BoolOp, CmpOp, Comprehension, ExceptHandler, Expr, ExprCall, FStringPart,
    InterpolatedStringElement, Number, Operator, Parameters, Stmt, UnaryOp,
};
use rustc_hash::FxHashMap;

use super::value::{Answer, Code, Function, Map, Stop, Value};
use super::{At, Evaluator};

/// How a statement ends.
#[derive(Debug)]
pub(super) enum End<'a> {
    Next,
    Break,
    Continue,
    Return(Value<'a>),
}

impl<'a> Evaluator<'a> {
    // ---- statements ----

    pub(super) fn block(&mut self, at: At<'_, 'a>, body: &'a [Stmt]) -> Answer<End<'a>> {
        for stmt in body {
            match self.run(at, stmt)? {
                End::Next => {}
                end => return Ok(end),
            }
        }
        Ok(End::Next)
    }

    /// Runs a statement of a slice: what cannot be known of it is no more
    /// than that, unless the name that is asked for depends on it.
    pub(super) fn run_slice(&mut self, at: At<'_, 'a>, stmt: &'a Stmt) -> Answer<()> {
        match stmt {
            Stmt::Try(attempt) => {
                for inner in &attempt.body {
                    self.run_slice(at, inner)?;
                }
                Ok(())
            }
            Stmt::With(with) => {
                for inner in &with.body {
                    self.run_slice(at, inner)?;
                }
                Ok(())
            }
            _ => match self.run(at, stmt) {
                Ok(_) => Ok(()),
                Err(Stop::Limit) => Err(Stop::Limit),
                Err(_) => {
                    self.forget(at, stmt, 0);
                    Ok(())
                }
            },
        }
    }

    /// Takes away the values of the names that a statement writes.
    fn forget(&mut self, at: At<'_, 'a>, stmt: &'a Stmt, depth: u32) {
        if depth > 20 {
            return;
        }
        let Some(frame) = at.frame else {
            return;
        };
        let forget = |name: &'a str| {
            frame.vars.borrow_mut().insert(name, None);
        };
        let root = |mut expr: &'a Expr| -> Option<&'a str> {
            for _ in 0..16 {
                match expr {
                    Expr::Name(name) => return Some(name.id.as_str()),
                    Expr::Subscript(subscript) => expr = &subscript.value,
                    Expr::Attribute(attribute) => expr = &attribute.value,
                    Expr::Call(call) => expr = &call.func,
                    Expr::Starred(starred) => expr = &starred.value,
                    _ => return None,
                }
            }
            None
        };
        match stmt {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    if let Expr::Tuple(tuple) = target {
                        tuple.elts.iter().filter_map(root).for_each(forget);
                    } else if let Some(name) = root(target) {
                        forget(name);
                    }
                }
            }
            Stmt::AugAssign(assign) => {
                if let Some(name) = root(&assign.target) {
                    forget(name);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(name) = root(&assign.target) {
                    forget(name);
                }
            }
            Stmt::Expr(expr) => {
                if let Some(name) = root(&expr.value) {
                    forget(name);
                }
            }
            Stmt::For(each) => {
                for inner in each.body.iter().chain(&each.orelse) {
                    self.forget(at, inner, depth + 1);
                }
            }
            Stmt::While(each) => {
                for inner in each.body.iter().chain(&each.orelse) {
                    self.forget(at, inner, depth + 1);
                }
            }
            Stmt::If(branch) => {
                let clauses = branch.elif_else_clauses.iter().flat_map(|c| c.body.iter());
                for inner in branch.body.iter().chain(clauses) {
                    self.forget(at, inner, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn run(&mut self, at: At<'_, 'a>, stmt: &'a Stmt) -> Answer<End<'a>> {
        self.step()?;
        self.deeper(|this| this.run_at(at, stmt))
    }

    fn run_at(&mut self, at: At<'_, 'a>, stmt: &'a Stmt) -> Answer<End<'a>> {
        match stmt {
            Stmt::Return(give) => {
                let value = match &give.value {
                    Some(value) => self.eval(at, value)?,
                    None => Value::None,
                };
                return Ok(End::Return(value));
            }
            Stmt::Break(_) => return Ok(End::Break),
            Stmt::Continue(_) => return Ok(End::Continue),
            Stmt::Pass(_) | Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            Stmt::Expr(expr) => {
                if !matches!(&*expr.value, Expr::StringLiteral(_)) {
                    self.eval(at, &expr.value)?;
                }
            }
            Stmt::Assign(assign) => {
                let value = self.eval(at, &assign.value)?;
                for target in &assign.targets {
                    self.assign(at, target, value.clone())?;
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.eval(at, value)?;
                    self.assign(at, &assign.target, value)?;
                }
            }
            Stmt::AugAssign(assign) => {
                let old = self.eval(at, &assign.target)?;
                let more = self.eval(at, &assign.value)?;
                let value = match (&old, assign.op) {
                    // Lists and buffers change in place.
                    (Value::List(list), Operator::Add) => {
                        let more = self.elements(&more)?;
                        self.reserve(more.len().saturating_mul(24))?;
                        list.borrow_mut().extend(more);
                        old
                    }
                    (Value::Buffer(bytes), Operator::Add) => {
                        let more = more.as_bytes()?;
                        self.reserve(more.len())?;
                        bytes.borrow_mut().extend(more);
                        old
                    }
                    _ => self.operate(assign.op, &old, &more)?,
                };
                self.assign(at, &assign.target, value)?;
            }
            Stmt::For(each) => {
                let values = self.eval(at, &each.iter)?;
                let values = self.elements(&values)?;
                for value in values {
                    self.step()?;
                    self.assign(at, &each.target, value)?;
                    match self.block(at, &each.body)? {
                        End::Break => return Ok(End::Next),
                        End::Return(value) => return Ok(End::Return(value)),
                        End::Next | End::Continue => {}
                    }
                }
                return self.block(at, &each.orelse);
            }
            Stmt::While(each) => {
                while self.eval(at, &each.test)?.truth()? {
                    self.step()?;
                    match self.block(at, &each.body)? {
                        End::Break => return Ok(End::Next),
                        End::Return(value) => return Ok(End::Return(value)),
                        End::Next | End::Continue => {}
                    }
                }
                return self.block(at, &each.orelse);
            }
            Stmt::If(branch) => {
                if self.eval(at, &branch.test)?.truth()? {
                    return self.block(at, &branch.body);
                }
                for clause in &branch.elif_else_clauses {
                    let taken = match &clause.test {
                        Some(test) => self.eval(at, test)?.truth()?,
                        None => true,
                    };
                    if taken {
                        return self.block(at, &clause.body);
                    }
                }
            }
            Stmt::Try(attempt) => {
                let end = match self.block(at, &attempt.body) {
                    Ok(End::Next) => self.block(at, &attempt.orelse)?,
                    Ok(end) => end,
                    Err(Stop::Raised) => match attempt.handlers.first() {
                        Some(ExceptHandler::ExceptHandler(handler)) => {
                            self.block(at, &handler.body)?
                        }
                        None => return Err(Stop::Raised),
                    },
                    Err(stop) => return Err(stop),
                };
                return match self.block(at, &attempt.finalbody)? {
                    End::Next => Ok(end),
                    last => Ok(last),
                };
            }
            Stmt::FunctionDef(function) => {
                let value = self.closure(at, function);
                self.set(at, function.name.as_str(), value)?;
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let full = alias.name.as_str();
                    let (bound, module) = match &alias.asname {
                        Some(name) => (name.as_str(), full),
                        None => {
                            let first = full.split_once('.').map_or(full, |(first, _)| first);
                            (first, first)
                        }
                    };
                    self.set(at, bound, Value::native(module))?;
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                if import.level > 0 {
                    return Err(Stop::Unknown);
                }
                for alias in &import.names {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    let full = format!("{module}.{}", alias.name);
                    self.set(at, bound.as_str(), Value::native(&full))?;
                }
            }
            Stmt::Assert(assert) => {
                if !self.eval(at, &assert.test)?.truth()? {
                    return Err(Stop::Raised);
                }
            }
            Stmt::Raise(_) => return Err(Stop::Raised),
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    if let Expr::Subscript(subscript) = target {
                        let object = self.eval(at, &subscript.value)?;
                        let key = self.eval(at, &subscript.slice)?;
                        self.delete(&object, &key)?;
                    }
                }
            }
            _ => return Err(Stop::Unknown),
        }
        Ok(End::Next)
    }

    fn set(&mut self, at: At<'_, 'a>, name: &'a str, value: Value<'a>) -> Answer<()> {
        let frame = at.frame.ok_or(Stop::Unknown)?;
        frame.vars.borrow_mut().insert(name, Some(value));
        Ok(())
    }

    fn assign(&mut self, at: At<'_, 'a>, target: &'a Expr, value: Value<'a>) -> Answer<()> {
        match target {
            Expr::Name(name) => self.set(at, name.id.as_str(), value),
            Expr::Tuple(tuple) => self.unpack(at, &tuple.elts, &value),
            Expr::List(list) => self.unpack(at, &list.elts, &value),
            Expr::Subscript(subscript) => {
                let object = self.eval(at, &subscript.value)?;
                if matches!(&*subscript.slice, Expr::Slice(_)) {
                    return Err(Stop::Unknown);
                }
                let key = self.eval(at, &subscript.slice)?;
                self.store(&object, key, value)
            }
            _ => Err(Stop::Unknown),
        }
    }

    fn unpack(&mut self, at: At<'_, 'a>, targets: &'a [Expr], value: &Value<'a>) -> Answer<()> {
        let values = self.elements(value)?;
        let star = targets
            .iter()
            .position(|target| matches!(target, Expr::Starred(_)));
        let Some(star) = star else {
            if values.len() != targets.len() {
                return Err(Stop::Raised);
            }
            for (target, value) in targets.iter().zip(values) {
                self.assign(at, target, value)?;
            }
            return Ok(());
        };
        let after = targets.len().saturating_sub(star).saturating_sub(1);
        let middle = values
            .len()
            .checked_sub(star)
            .and_then(|rest| rest.checked_sub(after))
            .ok_or(Stop::Raised)?;
        let mut values = values.into_iter();
        for (index, target) in targets.iter().enumerate() {
            if let (true, Expr::Starred(starred)) = (index == star, target) {
                let list: Vec<Value<'a>> = values.by_ref().take(middle).collect();
                self.assign(at, &starred.value, Value::list(list))?;
            } else {
                let value = values.next().ok_or(Stop::Raised)?;
                self.assign(at, target, value)?;
            }
        }
        Ok(())
    }

    // ---- expressions ----

    pub(super) fn eval(&mut self, at: At<'_, 'a>, expr: &'a Expr) -> Answer<Value<'a>> {
        self.step()?;
        self.deeper(|this| this.eval_at(at, expr))
    }

    fn all(&mut self, at: At<'_, 'a>, exprs: &'a [Expr]) -> Answer<Vec<Value<'a>>> {
        let mut values = Vec::with_capacity(exprs.len());
        for expr in exprs {
            if let Expr::Starred(starred) = expr {
                let value = self.eval(at, &starred.value)?;
                values.extend(self.elements(&value)?);
            } else {
                values.push(self.eval(at, expr)?);
            }
        }
        self.reserve(values.len().saturating_mul(24))?;
        Ok(values)
    }

    fn eval_at(&mut self, at: At<'_, 'a>, expr: &'a Expr) -> Answer<Value<'a>> {
        match expr {
            Expr::StringLiteral(text) => {
                let text = text.value.to_str();
                if text.len() >= 8 {
                    self.constant(expr);
                }
                self.make(Value::text(text))
            }
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().collect();
                if bytes.len() >= 8 {
                    self.constant(expr);
                }
                self.make(Value::bytes(&bytes))
            }
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => match int.as_i64() {
                    Some(int) => Ok(Value::Int(int)),
                    None => {
                        self.constant(expr);
                        big_literal(&int.to_string())
                    }
                },
                Number::Float(float) => Ok(Value::Float(*float)),
                Number::Complex { .. } => Err(Stop::Unknown),
            },
            Expr::BooleanLiteral(one) => Ok(Value::Bool(one.value)),
            Expr::NoneLiteral(_) => Ok(Value::None),
            Expr::Name(name) => self.read(at, name.id.as_str()),
            Expr::List(list) => {
                if list.elts.len() >= 8 {
                    self.constant(expr);
                }
                Ok(Value::list(self.all(at, &list.elts)?))
            }
            Expr::Tuple(tuple) => {
                if tuple.elts.len() >= 8 {
                    self.constant(expr);
                }
                Ok(Value::tuple(self.all(at, &tuple.elts)?))
            }
            Expr::Set(set) => {
                let values = self.all(at, &set.elts)?;
                self.set_of(values)
            }
            Expr::Dict(dict) => {
                let mut map = Map::default();
                for item in &dict.items {
                    let value = self.eval(at, &item.value)?;
                    match &item.key {
                        Some(key) => {
                            let key = self.eval(at, key)?;
                            map.set(key, value)?;
                        }
                        None => {
                            let Value::Dict(more) = value else {
                                return Err(Stop::Unknown);
                            };
                            for (key, value) in more.borrow().pairs() {
                                map.set(key.clone(), value.clone())?;
                            }
                        }
                    }
                }
                self.make(Value::Dict(Rc::new(RefCell::new(map))))
            }
            Expr::BoolOp(chain) => {
                let mut value = Value::None;
                for one in &chain.values {
                    value = self.eval(at, one)?;
                    if value.truth()? == (chain.op == BoolOp::Or) {
                        break;
                    }
                }
                Ok(value)
            }
            Expr::Named(named) => {
                let value = self.eval(at, &named.value)?;
                self.assign(at, &named.target, value.clone())?;
                Ok(value)
            }
            Expr::BinOp(_) => {
                let (left, chain) = crate::py::operations(expr);
                let mut value = self.eval(at, left)?;
                for binary in chain.into_iter().rev() {
                    let right = self.eval(at, &binary.right)?;
                    value = self.operate(binary.op, &value, &right)?;
                }
                Ok(value)
            }
            Expr::UnaryOp(unary) => {
                let value = self.eval(at, &unary.operand)?;
                match (unary.op, &value) {
                    (UnaryOp::Not, _) => Ok(Value::Bool(!value.truth()?)),
                    (UnaryOp::USub, Value::Float(number)) => Ok(Value::Float(-number)),
                    (UnaryOp::USub, _) => Ok(Value::big(-value.bigint()?)),
                    (UnaryOp::UAdd, _) => Ok(value),
                    (UnaryOp::Invert, _) => Ok(Value::big(-(value.bigint()? + BigInt::from(1)))),
                }
            }
            Expr::Compare(compare) => {
                let mut left = self.eval(at, &compare.left)?;
                for (op, right) in compare.ops.iter().zip(&compare.comparators) {
                    let right = self.eval(at, right)?;
                    if !self.compare(*op, &left, &right)? {
                        return Ok(Value::Bool(false));
                    }
                    left = right;
                }
                Ok(Value::Bool(true))
            }
            Expr::If(branch) => {
                if self.eval(at, &branch.test)?.truth()? {
                    self.eval(at, &branch.body)
                } else {
                    self.eval(at, &branch.orelse)
                }
            }
            Expr::Lambda(lambda) => Ok(Value::Func(Rc::new(Function {
                code: Code::Lambda(lambda),
                scope: at.scope,
                frame: at.frame.cloned(),
                this: None,
            }))),
            Expr::ListComp(comp) => {
                let values = self.comprehend(at, &comp.generators, &comp.elt)?;
                Ok(Value::list(values))
            }
            Expr::Generator(comp) => {
                let values = self.comprehend(at, &comp.generators, &comp.elt)?;
                Ok(Value::iter(values))
            }
            Expr::SetComp(comp) => {
                let values = self.comprehend(at, &comp.generators, &comp.elt)?;
                self.set_of(values)
            }
            Expr::DictComp(comp) => {
                let mut map = Map::default();
                let key = comp.key.as_deref().ok_or(Stop::Unknown)?;
                self.each(at, &comp.generators, &mut |this, inner| {
                    let key = this.eval(inner, key)?;
                    let value = this.eval(inner, &comp.value)?;
                    this.reserve(80)?;
                    map.set(key, value)
                })?;
                Ok(Value::Dict(Rc::new(RefCell::new(map))))
            }
            Expr::FString(string) => {
                let mut out = String::new();
                for part in string.value.iter() {
                    match part {
                        FStringPart::Literal(text) => out.push_str(&text.value),
                        FStringPart::FString(inner) => {
                            for element in inner.elements.iter() {
                                match element {
                                    InterpolatedStringElement::Literal(text) => {
                                        out.push_str(&text.value);
                                    }
                                    InterpolatedStringElement::Interpolation(place) => {
                                        if place.format_spec.is_some()
                                            || place.conversion.to_char().is_some()
                                        {
                                            return Err(Stop::Unknown);
                                        }
                                        let value = self.eval(at, &place.expression)?;
                                        out.push_str(&self.show(&value)?);
                                    }
                                }
                            }
                        }
                    }
                }
                self.make(Value::text(&out))
            }
            Expr::Attribute(attribute) => {
                let object = self.eval(at, &attribute.value)?;
                self.attribute(at, &object, attribute.attr.as_str())
            }
            Expr::Subscript(subscript) => {
                let object = self.eval(at, &subscript.value)?;
                if let Expr::Slice(slice) = &*subscript.slice {
                    let mut bounds = Vec::new();
                    for bound in [&slice.lower, &slice.upper, &slice.step] {
                        bounds.push(match bound {
                            Some(bound) => match self.eval(at, bound)? {
                                Value::None => None,
                                value => Some(value.int()?),
                            },
                            None => None,
                        });
                    }
                    return self.sliced(&object, &bounds);
                }
                let key = self.eval(at, &subscript.slice)?;
                self.item(&object, &key)
            }
            Expr::Call(call) => self.call_expr(at, call),
            _ => Err(Stop::Unknown),
        }
    }

    pub(super) fn attribute(
        &mut self,
        at: At<'_, 'a>,
        object: &Value<'a>,
        name: &str,
    ) -> Answer<Value<'a>> {
        match object {
            Value::Native(full) => {
                let full = format!("{full}.{name}");
                match super::library::constant(&full) {
                    Some(text) => Ok(Value::text(text)),
                    None => Ok(Value::native(&full)),
                }
            }
            Value::Class(class) => self.class_field(at, *class, name, false),
            Value::Instance(class) => self.class_field(at, *class, name, true),
            value => Ok(Value::Method(Rc::new((value.clone(), name.to_owned())))),
        }
    }

    fn call_expr(&mut self, at: At<'_, 'a>, call: &'a ExprCall) -> Answer<Value<'a>> {
        // Who is called comes first: most calls are of what is not known.
        let callee = match &*call.func {
            Expr::Attribute(attribute) => {
                let object = self.eval(at, &attribute.value)?;
                self.attribute(at, &object, attribute.attr.as_str())?
            }
            other => self.eval(at, other)?,
        };
        if let Value::Native(name) = &callee
            && !super::library::knows(name)
        {
            return Err(Stop::Unknown);
        }
        let args = self.all(at, &call.arguments.args)?;
        let mut named = Vec::new();
        for keyword in &*call.arguments.keywords {
            let value = self.eval(at, &keyword.value)?;
            match &keyword.arg {
                Some(name) => named.push((name.as_str(), value)),
                None => return Err(Stop::Unknown),
            }
        }
        self.call(at, &callee, args, named)
    }

    pub(super) fn call(
        &mut self,
        at: At<'_, 'a>,
        callee: &Value<'a>,
        args: Vec<Value<'a>>,
        named: Vec<(&'a str, Value<'a>)>,
    ) -> Answer<Value<'a>> {
        self.step()?;
        match callee {
            Value::Native(name) => self.native(at, &name.clone(), args, named),
            Value::Method(method) => self.method(at, &method.0, &method.1, args, named),
            Value::Func(function) => self.deeper(|this| this.enter(at, function, args, named)),
            Value::Class(class) if args.is_empty() && named.is_empty() => {
                Ok(Value::Instance(*class))
            }
            _ => Err(Stop::Unknown),
        }
    }

    fn enter(
        &mut self,
        at: At<'_, 'a>,
        function: &Rc<Function<'a>>,
        args: Vec<Value<'a>>,
        named: Vec<(&'a str, Value<'a>)>,
    ) -> Answer<Value<'a>> {
        let (scope, parameters): (u32, Option<&'a Parameters>) = match &function.code {
            Code::Def(definition, scope) => (*scope, Some(&definition.parameters)),
            Code::Lambda(lambda) => (function.scope, lambda.parameters.as_deref()),
        };
        let outer = At {
            scopes: at.scopes,
            scope: function.scope,
            frame: function.frame.as_ref(),
        };
        let mut vars: FxHashMap<&'a str, Option<Value<'a>>> = FxHashMap::default();
        let mut args = function.this.iter().cloned().chain(args);
        let mut named = named;
        if let Some(parameters) = parameters {
            let positional = parameters.posonlyargs.iter().chain(&parameters.args);
            for parameter in positional {
                let name = parameter.name().as_str();
                let given = args.next().or_else(|| take(&mut named, name));
                let value = match (given, &parameter.default) {
                    (Some(value), _) => value,
                    (None, Some(default)) => self.eval(outer, default)?,
                    (None, None) => return Err(Stop::Raised),
                };
                vars.insert(name, Some(value));
            }
            if let Some(rest) = &parameters.vararg {
                vars.insert(
                    rest.name.as_str(),
                    Some(Value::tuple(args.by_ref().collect())),
                );
            }
            for parameter in &parameters.kwonlyargs {
                let name = parameter.name().as_str();
                let value = match (take(&mut named, name), &parameter.default) {
                    (Some(value), _) => value,
                    (None, Some(default)) => self.eval(outer, default)?,
                    (None, None) => return Err(Stop::Raised),
                };
                vars.insert(name, Some(value));
            }
        }
        if args.next().is_some() || !named.is_empty() {
            return Err(Stop::Raised);
        }
        let frame = self.frame(
            scope,
            vars,
            function.frame.clone(),
            matches!(function.code, Code::Def(..)),
        );
        let inner = At {
            scopes: at.scopes,
            scope,
            frame: Some(&frame),
        };
        match &function.code {
            Code::Lambda(lambda) => self.eval(inner, &lambda.body),
            Code::Def(definition, _) => {
                if definition.is_async {
                    return Err(Stop::Unknown);
                }
                match self.block(inner, &definition.body)? {
                    End::Return(value) => Ok(value),
                    _ => Ok(Value::None),
                }
            }
        }
    }

    fn comprehend(
        &mut self,
        at: At<'_, 'a>,
        generators: &'a [Comprehension],
        elt: &'a Expr,
    ) -> Answer<Vec<Value<'a>>> {
        let mut out = Vec::new();
        self.each(at, generators, &mut |this, inner| {
            let value = this.eval(inner, elt)?;
            this.reserve(24)?;
            out.push(value);
            Ok(())
        })?;
        Ok(out)
    }

    /// Runs `body` for each round of a comprehension.
    fn each(
        &mut self,
        at: At<'_, 'a>,
        generators: &'a [Comprehension],
        body: &mut dyn FnMut(&mut Self, At<'_, 'a>) -> Answer<()>,
    ) -> Answer<()> {
        let Some((first, rest)) = generators.split_first() else {
            return body(self, at);
        };
        let values = self.eval(at, &first.iter)?;
        let values = self.elements(&values)?;
        let frame = self.frame(at.scope, FxHashMap::default(), at.frame.cloned(), false);
        let inner = At {
            frame: Some(&frame),
            ..at
        };
        'next: for value in values {
            self.step()?;
            self.assign(inner, &first.target, value)?;
            for test in &first.ifs {
                if !self.eval(inner, test)?.truth()? {
                    continue 'next;
                }
            }
            self.each(inner, rest, body)?;
        }
        Ok(())
    }

    pub(super) fn set_of(&mut self, values: Vec<Value<'a>>) -> Answer<Value<'a>> {
        let mut map = Map::default();
        for value in values {
            self.step()?;
            map.set(value, Value::None)?;
        }
        self.make(Value::Set(Rc::new(RefCell::new(map))))
    }

    pub(super) fn compare(
        &mut self,
        op: CmpOp,
        left: &Value<'a>,
        right: &Value<'a>,
    ) -> Answer<bool> {
        use std::cmp::Ordering;
        let order = |this: &mut Self| this.order(left, right);
        Ok(match op {
            CmpOp::Eq => left.same(right)?,
            CmpOp::NotEq => !left.same(right)?,
            CmpOp::Is | CmpOp::IsNot => {
                let same = match (left, right) {
                    (Value::None, Value::None) => true,
                    (Value::None, _) | (_, Value::None) => false,
                    (Value::Bool(a), Value::Bool(b)) => a == b,
                    _ => return Err(Stop::Unknown),
                };
                same == (op == CmpOp::Is)
            }
            CmpOp::Lt => order(self)? == Ordering::Less,
            CmpOp::LtE => order(self)? != Ordering::Greater,
            CmpOp::Gt => order(self)? == Ordering::Greater,
            CmpOp::GtE => order(self)? != Ordering::Less,
            CmpOp::In => self.contains(right, left)?,
            CmpOp::NotIn => !self.contains(right, left)?,
        })
    }
}

fn take<'a>(named: &mut Vec<(&'a str, Value<'a>)>, name: &str) -> Option<Value<'a>> {
    let at = named.iter().position(|(key, _)| *key == name)?;
    Some(named.swap_remove(at).1)
}

/// A number that is too long for 64 bits, as the text has it.
fn big_literal<'a>(text: &str) -> Answer<Value<'a>> {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (lower.get(2..), 16),
        Some("0o") => (lower.get(2..), 8),
        Some("0b") => (lower.get(2..), 2),
        _ => (Some(lower.as_str()), 10),
    };
    // Reading decimal digits takes time that grows with their square.
    let digits = digits.filter(|d| d.len() <= 100_000).ok_or(Stop::Limit)?;
    BigInt::parse_bytes(digits.as_bytes(), radix)
        .map(Value::big)
        .ok_or(Stop::Unknown)
}
