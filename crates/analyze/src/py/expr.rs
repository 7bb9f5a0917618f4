//! From Python expressions to the graph of values.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{
    BoolOp, CmpOp, Comprehension, Expr, ExprBinOp, ExprCall, FStringPart,
    InterpolatedStringElement, Number, Operator, StringLiteralValue, UnaryOp,
};
use rustc_hash::FxHashMap;

use super::eval::Made;
use super::lower::{Keywords, Lowering};
use super::names;
use super::scope::{How, span};
use crate::ir::{Bin, Evaluated, Key, Name, Op, Prop, Sym, Un, V};
use crate::resolve::Known;

/// How many expressions inside of one are looked through for names.
const NODES: u32 = 256;

/// A piece of a text with places to fill.
enum Piece {
    Text(String),
    /// By position or name.
    Place(String),
}

impl<'a> Lowering<'a> {
    pub(super) fn expression(&mut self, expr: &'a Expr) -> V {
        if !self.deeper() {
            return self.value(Op::Opaque, span(expr));
        }
        let made = if self.known {
            None
        } else {
            self.evaluate(expr)
        };
        self.known |= made.is_some();
        let value = self.expression_at(expr);
        if let Some(made) = made {
            self.known = false;
            self.keep(value, made);
        }
        self.depth -= 1;
        value
    }

    /// What constants alone make of an expression.
    fn evaluate(&mut self, expr: &'a Expr) -> Option<Made> {
        let worth = match expr {
            Expr::Call(_) | Expr::ListComp(_) | Expr::SetComp(_) | Expr::BinOp(_) => true,
            Expr::Subscript(subscript) => !matches!(&*subscript.slice, Expr::StringLiteral(_)),
            _ => false,
        };
        if !worth || self.mentions_inner(expr) {
            return None;
        }
        self.evaluator.made(&self.scopes, self.scope, expr)
    }

    /// Whether an expression has names of the comprehensions and lambdas
    /// around it, which have no one value.
    fn mentions_inner(&self, expr: &'a Expr) -> bool {
        if self.inner.is_empty() {
            return false;
        }
        let mut mentions = Mentions {
            inner: &self.inner,
            left: NODES,
            found: false,
        };
        mentions.visit_expr(expr);
        mentions.found
    }

    fn keep(&mut self, value: V, made: Made) {
        // What is put together without decoding is known by its parts.
        if let Some(known) = made.known {
            for text in &made.texts {
                if text.len() <= 4096 {
                    self.made(text);
                }
            }
            self.ir.constants.insert(value, known);
        }
        if !made.steps.is_empty() && !made.texts.is_empty() && !made.constants.is_empty() {
            self.ir.evaluated.push(Evaluated {
                value,
                texts: made.texts,
                steps: made.steps.iter().map(|step| (*step).to_owned()).collect(),
                constants: made.constants,
            });
        }
    }

    fn opaque(&mut self, at: (u32, u32)) -> V {
        self.value(Op::Opaque, at)
    }

    fn text(&mut self, text: &'a str, at: (u32, u32)) -> V {
        let name = self.name(text);
        self.value(Op::Str(name), at)
    }

    fn made_text(&mut self, text: &str, at: (u32, u32)) -> V {
        let name = self.made(text);
        self.value(Op::Str(name), at)
    }

    fn expression_at(&mut self, expr: &'a Expr) -> V {
        let at = span(expr);
        match expr {
            Expr::StringLiteral(text) => self.text(text.value.to_str(), at),
            // Bytes are a text of the characters of these numbers.
            Expr::BytesLiteral(bytes) => {
                let text: String = bytes.value.bytes().map(char::from).collect();
                self.made_text(&text, at)
            }
            Expr::NumberLiteral(number) => {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "the graph has numbers of one kind; evaluation has exact ones"
                )]
                let op = match &number.value {
                    Number::Int(int) => int.as_i64().map_or(Op::Opaque, |n| Op::Num(n as f64)),
                    Number::Float(float) => Op::Num(*float),
                    Number::Complex { .. } => Op::Opaque,
                };
                self.value(op, at)
            }
            Expr::BooleanLiteral(one) => self.value(Op::Bool(one.value), at),
            Expr::NoneLiteral(_) | Expr::EllipsisLiteral(_) => self.value(Op::Nil, at),
            Expr::Name(name) => self.read(name.id.as_str(), at),
            Expr::Attribute(attribute) => {
                let object = self.expression(&attribute.value);
                let name = self.name(attribute.attr.as_str());
                // `module.__dict__["x"]` is `module.x`.
                if attribute.attr.as_str() == "__dict__" {
                    return self.value(Op::Pass(object), at);
                }
                self.value(Op::Member { object, name }, at)
            }
            Expr::Subscript(subscript) => {
                if let Some(module) = self.module_at(&subscript.value, &subscript.slice) {
                    let module = self.name(module);
                    return self.value(Op::Module(module), at);
                }
                if let Some(value) = self.global_at(&subscript.value, &subscript.slice, at) {
                    return value;
                }
                if let Some(value) = self.picked(&subscript.value, &subscript.slice, at) {
                    return value;
                }
                let object = self.expression(&subscript.value);
                if let Expr::Slice(slice) = &*subscript.slice {
                    let name = self.made("slice");
                    let callee = self.value(Op::Member { object, name }, at);
                    let bounds = [&slice.lower, &slice.upper, &slice.step];
                    let bounds: Vec<V> = bounds
                        .into_iter()
                        .flatten()
                        .map(|bound| self.expression(bound))
                        .collect();
                    let args = self.list(&bounds);
                    return self.value(Op::Call { callee, args }, at);
                }
                let key = self.expression(&subscript.slice);
                match self.ir.op(key) {
                    Op::Str(name) => self.value(Op::Member { object, name }, at),
                    _ => self.value(Op::Index { object, key }, at),
                }
            }
            Expr::Slice(_) => self.opaque(at),
            Expr::List(list) => self.array(&list.elts, at),
            Expr::Tuple(tuple) => self.array(&tuple.elts, at),
            Expr::Set(set) => self.array(&set.elts, at),
            Expr::Dict(dict) => {
                let mut props = Vec::with_capacity(dict.items.len());
                for item in &dict.items {
                    let key = match &item.key {
                        Some(key) => self.key(key),
                        None => Key::Spread,
                    };
                    let value = self.expression(&item.value);
                    self.named(value, key);
                    props.push(Prop { key, value });
                }
                let props = self.props(&props);
                self.value(Op::Object(props), at)
            }
            Expr::BoolOp(chain) => {
                let mut values = chain.values.iter().map(|value| self.expression(value));
                let values: Vec<V> = values.by_ref().collect();
                values
                    .into_iter()
                    .reduce(|left, right| {
                        let and = chain.op == BoolOp::And;
                        self.value(Op::Logical { and, left, right }, at)
                    })
                    .unwrap_or_else(|| self.opaque(at))
            }
            Expr::BinOp(binary) => self.binary(binary, at),
            Expr::UnaryOp(unary) => {
                let operand = self.expression(&unary.operand);
                match (unary.op, self.ir.op(operand)) {
                    (UnaryOp::USub, Op::Num(number)) => self.value(Op::Num(-number), at),
                    (operator, _) => {
                        let op = match operator {
                            UnaryOp::Not => Un::Not,
                            UnaryOp::UAdd => Un::Plus,
                            UnaryOp::USub => Un::Minus,
                            UnaryOp::Invert => Un::BitNot,
                        };
                        let value = operand;
                        self.value(Op::Unary { op, value }, at)
                    }
                }
            }
            Expr::Compare(compare) => {
                let mut value = self.expression(&compare.left);
                for (op, right) in compare.ops.iter().zip(&compare.comparators) {
                    let right = self.expression(right);
                    let op = match op {
                        CmpOp::Eq | CmpOp::NotEq | CmpOp::Is | CmpOp::IsNot => Bin::Equal,
                        _ => Bin::Compare,
                    };
                    let left = value;
                    value = self.value(Op::Binary { op, left, right }, at);
                }
                value
            }
            Expr::If(branch) => {
                let test = self.expression(&branch.test);
                let yes = self.expression(&branch.body);
                let no = self.expression(&branch.orelse);
                self.value(Op::Cond { test, yes, no }, at)
            }
            Expr::Lambda(lambda) => {
                let mut names = FxHashMap::default();
                for parameter in lambda.parameters.iter().flat_map(|p| p.iter()) {
                    let sym = self.scopes.fresh();
                    names.insert(parameter.name().as_str(), sym);
                }
                self.inner.push(names);
                let parameters = lambda.parameters.as_deref();
                let value = self.function(parameters, false, at, |this| {
                    let value = this.expression(&lambda.body);
                    this.give_back(value, span(&*lambda.body));
                });
                self.inner.pop();
                value
            }
            Expr::Named(named) => {
                let value = self.expression(&named.value);
                let mut targets = Vec::new();
                self.target(&named.target, &mut Vec::new(), &mut targets);
                self.assign(value, &targets, false, at);
                match &*named.target {
                    Expr::Name(name) => self.read(name.id.as_str(), at),
                    _ => self.opaque(at),
                }
            }
            Expr::ListComp(comp) => self.comprehension(&comp.generators, &comp.elt, at),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, &comp.elt, at),
            Expr::Generator(comp) => self.comprehension(&comp.generators, &comp.elt, at),
            Expr::DictComp(comp) => self.within(&comp.generators, at, |this| {
                let key = match &comp.key {
                    Some(key) => Key::Computed(this.expression(key)),
                    None => Key::Spread,
                };
                let value = this.expression(&comp.value);
                let props = this.props(&[Prop { key, value }]);
                this.value(Op::Object(props), at)
            }),
            Expr::FString(string) => {
                let mut parts = Vec::new();
                for part in string.value.iter() {
                    match part {
                        FStringPart::Literal(text) => {
                            parts.push(self.text(&text.value, span(text)));
                        }
                        FStringPart::FString(inner) => {
                            self.interpolated(&inner.elements, &mut parts);
                        }
                    }
                }
                self.template(&parts, at)
            }
            Expr::TString(string) => {
                let mut parts = Vec::new();
                for inner in string.value.iter() {
                    self.interpolated(&inner.elements, &mut parts);
                }
                self.template(&parts, at)
            }
            Expr::Await(wait) => {
                let value = self.expression(&wait.value);
                self.value(Op::Pass(value), at)
            }
            Expr::Starred(starred) => {
                let value = self.expression(&starred.value);
                self.value(Op::Pass(value), at)
            }
            Expr::Yield(give) => {
                if let Some(value) = &give.value {
                    let value = self.expression(value);
                    self.give_back(value, at);
                }
                self.opaque(at)
            }
            Expr::YieldFrom(give) => {
                let value = self.expression(&give.value);
                self.give_back(value, at);
                self.opaque(at)
            }
            Expr::Call(call) => self.call(call, at),
            Expr::IpyEscapeCommand(_) => self.opaque(at),
        }
    }

    /// `(a, b)[1]` is `b`; the others are there for what they do.
    fn picked(&mut self, object: &'a Expr, key: &'a Expr, at: (u32, u32)) -> Option<V> {
        let elements = match object {
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            _ => return None,
        };
        if elements.iter().any(Expr::is_starred_expr) {
            return None;
        }
        let (from_end, number) = match key {
            Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => (true, &*unary.operand),
            other => (false, other),
        };
        let Expr::NumberLiteral(number) = number else {
            return None;
        };
        let Number::Int(number) = &number.value else {
            return None;
        };
        let number = number.as_usize()?;
        let index = if from_end {
            elements.len().checked_sub(number)?
        } else {
            number
        };
        if index >= elements.len() {
            return None;
        }
        let mut values: Vec<V> = elements.iter().map(|one| self.expression(one)).collect();
        let picked = values.remove(index);
        values.push(picked);
        let list = self.list(&values);
        Some(self.value(Op::Seq(list), at))
    }

    fn array(&mut self, elements: &'a [Expr], at: (u32, u32)) -> V {
        let values: Vec<V> = elements.iter().map(|one| self.expression(one)).collect();
        let list = self.list(&values);
        self.value(Op::Array(list), at)
    }

    fn template(&mut self, parts: &[V], at: (u32, u32)) -> V {
        match parts {
            [] => self.text("", at),
            [only] if matches!(self.ir.op(*only), Op::Str(_)) => {
                let op = self.ir.op(*only);
                self.value(op, at)
            }
            _ => {
                let list = self.list(parts);
                self.value(Op::Template(list), at)
            }
        }
    }

    fn interpolated(&mut self, elements: &'a [InterpolatedStringElement], parts: &mut Vec<V>) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(text) => {
                    if !text.value.is_empty() {
                        parts.push(self.text(&text.value, span(text)));
                    }
                }
                InterpolatedStringElement::Interpolation(inner) => {
                    let value = self.expression(&inner.expression);
                    parts.push(value);
                    if let Some(form) = &inner.format_spec {
                        for element in form.elements.iter() {
                            if let InterpolatedStringElement::Interpolation(width) = element {
                                self.expression(&width.expression);
                            }
                        }
                    }
                }
            }
        }
    }

    fn key(&mut self, key: &'a Expr) -> Key {
        let value = self.expression(key);
        match self.ir.op(value) {
            Op::Str(name) => Key::Name(name),
            Op::Bool(yes) => Key::Name(self.made(if yes { "True" } else { "False" })),
            _ => Key::Computed(value),
        }
    }

    fn named(&mut self, value: V, key: Key) {
        if let (Op::Func(id), Key::Name(name)) = (self.ir.op(value), key)
            && let Some(func) = self.ir.funcs.get_mut(id as usize)
        {
            func.key = Some(name);
        }
    }

    /// Chains like `a + b + c + ...` nest on the left, tens of thousands deep
    /// in generated code, so they are walked and not recursed into.
    fn binary(&mut self, outermost: &'a ExprBinOp, at: (u32, u32)) -> V {
        if outermost.op == Operator::Mod
            && let Some(value) = self.percent(&outermost.left, &outermost.right, at)
        {
            return value;
        }
        let mut chain = vec![(outermost, at)];
        let mut left = &*outermost.left;
        while let Expr::BinOp(inner) = left {
            if inner.op == Operator::Mod && self.constant_of(&inner.left).is_some() {
                break;
            }
            chain.push((inner, span(left)));
            left = &inner.left;
        }
        let mut value = self.expression(left);
        for (binary, at) in chain.into_iter().rev() {
            let right = self.expression(&binary.right);
            let texts = [value, right]
                .iter()
                .any(|side| matches!(self.ir.op(*side), Op::Str(_) | Op::Template(_)));
            if binary.op == Operator::Div && texts {
                // Only paths are divided by a text.
                let slash = self.made_text("/", at);
                let list = self.list(&[value, slash, right]);
                value = self.value(Op::Template(list), at);
                continue;
            }
            let op = match binary.op {
                Operator::Add => Bin::Add,
                Operator::BitXor => Bin::Xor,
                // Sets and dictionaries are joined so.
                Operator::BitOr => {
                    let (and, left) = (false, value);
                    value = self.value(Op::Logical { and, left, right }, at);
                    continue;
                }
                Operator::Sub => Bin::Sub,
                Operator::Mult => Bin::Mul,
                Operator::Div => Bin::Div,
                Operator::Mod => Bin::Rem,
                Operator::BitAnd => Bin::BitAnd,
                Operator::LShift => Bin::Shl,
                Operator::RShift => Bin::Shr,
                _ => Bin::Arithmetic,
            };
            value = self.value(
                Op::Binary {
                    op,
                    left: value,
                    right,
                },
                at,
            );
        }
        value
    }

    /// The constant text that an expression is, itself or by one name.
    fn constant_of(&self, expr: &'a Expr) -> Option<&'a StringLiteralValue> {
        match expr {
            Expr::StringLiteral(text) => Some(&text.value),
            Expr::Name(name) => {
                let (_, binding) = self.scopes.find(self.scope, name.id.as_str())?;
                let [site] = binding.sites.as_slice() else {
                    return None;
                };
                if site.how != How::Assigned || binding.parameter {
                    return None;
                }
                let value = match site.stmt {
                    ruff_python_ast::Stmt::Assign(assign) => &*assign.value,
                    ruff_python_ast::Stmt::AnnAssign(assign) => assign.value.as_deref()?,
                    _ => return None,
                };
                match value {
                    Expr::StringLiteral(text) => Some(&text.value),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `"... %s" % value`.
    fn percent(&mut self, left: &'a Expr, right: &'a Expr, at: (u32, u32)) -> Option<V> {
        let pieces = percent_pieces(self.constant_of(left)?.to_str())?;
        let mut named = Vec::new();
        let mut positional = Vec::new();
        match right {
            Expr::Tuple(tuple) => {
                for one in &tuple.elts {
                    positional.push(self.expression(one));
                }
            }
            Expr::Dict(dict) => {
                for item in &dict.items {
                    let value = self.expression(&item.value);
                    if let Some(Expr::StringLiteral(key)) = &item.key {
                        named.push((key.value.to_str().to_owned(), value));
                    }
                }
            }
            other => positional.push(self.expression(other)),
        }
        Some(self.fill(pieces, positional, named, at))
    }

    /// Puts values into the places of a text; those without one follow it.
    fn fill(
        &mut self,
        pieces: Vec<Piece>,
        positional: Vec<V>,
        named: Vec<(String, V)>,
        at: (u32, u32),
    ) -> V {
        let mut left: Vec<Option<V>> = positional.into_iter().map(Some).collect();
        let mut named: Vec<(String, Option<V>)> =
            named.into_iter().map(|(n, v)| (n, Some(v))).collect();
        let mut next = 0usize;
        let mut parts = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => parts.push(self.made_text(&text, at)),
                Piece::Place(name) => {
                    let slot = if name.is_empty() {
                        next = next.saturating_add(1);
                        left.get_mut(next.saturating_sub(1))
                    } else if let Ok(index) = name.parse::<usize>() {
                        left.get_mut(index)
                    } else {
                        named
                            .iter_mut()
                            .find(|(key, _)| *key == name)
                            .map(|(_, slot)| slot)
                    };
                    // A value has one place; one that is used again is a hole
                    // there.
                    let value = slot.and_then(Option::take);
                    parts.push(match value {
                        Some(value) => value,
                        None => self.opaque(at),
                    });
                }
            }
        }
        let list = self.list(&parts);
        self.value(Op::Template(list), at)
    }

    // ---- names ----

    fn read(&mut self, name: &'a str, at: (u32, u32)) -> V {
        if let Some(sym) = self.symbol(name) {
            return if self.this.contains(&sym) {
                self.value(Op::This, at)
            } else {
                self.value(Op::Var(sym), at)
            };
        }
        let module = if names::is_builtin(name) {
            "builtins"
        } else if let Some(star) = self.scopes.stars.last() {
            star
        } else {
            let name = self.name(name);
            return self.value(Op::Global(name), at);
        };
        let module = self.name(module);
        let object = self.value(Op::Module(module), at);
        let name = self.name(name);
        self.value(Op::Member { object, name }, at)
    }

    /// The full name of what an expression takes from a module.
    pub(super) fn dotted(&self, expr: &Expr) -> Option<String> {
        let mut names = Vec::new();
        let mut at = expr;
        while let Expr::Attribute(attribute) = at {
            names.push(attribute.attr.as_str());
            at = &attribute.value;
            if names.len() > 8 {
                return None;
            }
        }
        let Expr::Name(name) = at else {
            return None;
        };
        let name = name.id.as_str();
        let mut full = if self.symbol(name).is_none() {
            match self.scopes.stars.last() {
                _ if names::is_builtin(name) => format!("builtins.{name}"),
                Some(star) => format!("{star}.{name}"),
                None => return None,
            }
        } else {
            if self.inner.iter().any(|names| names.contains_key(name)) {
                return None;
            }
            self.imported(name)?
        };
        for name in names.iter().rev() {
            full.push('.');
            full.push_str(name);
        }
        Some(full)
    }

    fn imported(&self, name: &str) -> Option<String> {
        let (_, binding) = self.scopes.find(self.scope, name)?;
        super::scope::imported(binding, name)
    }

    /// `sys.modules["x"]`.
    fn module_at(&mut self, object: &Expr, key: &'a Expr) -> Option<&'a str> {
        if self.dotted(object)? != "sys.modules" {
            return None;
        }
        self.known_text(key)
    }

    /// The constant text that an expression is, as it stands or put together.
    fn known_text(&mut self, expr: &'a Expr) -> Option<&'a str> {
        if let Expr::StringLiteral(text) = expr {
            return Some(text.value.to_str());
        }
        if self.mentions_inner(expr) {
            return None;
        }
        let made = self.evaluator.made(&self.scopes, self.scope, expr)?;
        match made.known {
            Some(Known::Text(text)) if text.len() <= 200 => Some(self.arena.alloc_str(&text)),
            _ => None,
        }
    }

    /// `globals()["x"]`, `vars()["x"]`, `__builtins__["x"]`.
    fn global_at(&mut self, object: &'a Expr, key: &'a Expr, at: (u32, u32)) -> Option<V> {
        let whole = match object {
            Expr::Call(call) => {
                matches!(
                    self.dotted(&call.func)?.as_str(),
                    "builtins.globals" | "builtins.vars" | "builtins.locals"
                ) && call.arguments.is_empty()
            }
            other => self.dotted(other)? == "builtins.__builtins__",
        };
        if !whole {
            return None;
        }
        let key = self.known_text(key)?;
        Some(self.read(key, at))
    }

    // ---- comprehensions ----

    fn comprehension(
        &mut self,
        generators: &'a [Comprehension],
        elt: &'a Expr,
        at: (u32, u32),
    ) -> V {
        self.within(generators, at, |this| {
            let value = this.expression(elt);
            let list = this.list(&[value]);
            this.value(Op::Array(list), at)
        })
    }

    fn within(
        &mut self,
        generators: &'a [Comprehension],
        at: (u32, u32),
        body: impl FnOnce(&mut Self) -> V,
    ) -> V {
        let depth = self.inner.len();
        let mut tests = Vec::new();
        for generator in generators {
            let mut names = FxHashMap::default();
            collect_names(&generator.target, &mut names, 0);
            for sym in names.values_mut() {
                *sym = self.scopes.fresh();
            }
            // What is looped over is read outside of the names.
            self.inner.push(names);
            self.each(&generator.target, &generator.iter, at);
            // What is kept depends on the tests, as with a filter.
            for test in &generator.ifs {
                let value = self.expression(test);
                let op = Un::Other;
                tests.push(self.value(Op::Unary { op, value }, span(test)));
            }
        }
        let value = body(self);
        self.inner.truncate(depth);
        tests.into_iter().fold(value, |right, left| {
            let and = true;
            self.value(Op::Logical { and, left, right }, at)
        })
    }

    // ---- calls ----

    fn call(&mut self, call: &'a ExprCall, at: (u32, u32)) -> V {
        let args = &*call.arguments.args;
        let keywords = &*call.arguments.keywords;
        let full = self.dotted(&call.func);
        if let Some(full) = &full
            && let Some(value) = self.known_function(full, call, at)
        {
            return value;
        }
        if let Expr::Attribute(attribute) = &*call.func {
            let method = attribute.attr.as_str();
            // `sep.join(list)` is the list's, as in other languages.
            if let ("join", [list], []) = (method, args, keywords)
                && full.is_none()
                && self.joins(&attribute.value, list)
            {
                let separator = self.expression(&attribute.value);
                let object = self.expression(list);
                let name = self.made("join");
                let callee = self.value(Op::Member { object, name }, span(&*call.func));
                let args = self.list(&[separator]);
                return self.value(Op::Call { callee, args }, at);
            }
            if method == "format"
                && let Some(text) = self.constant_of(&attribute.value)
                && !args.iter().any(|arg| matches!(arg, Expr::Starred(_)))
                && let Some(pieces) = format_pieces(text.to_str())
            {
                let positional = args.iter().map(|arg| self.expression(arg)).collect();
                let named = keywords
                    .iter()
                    .map(|keyword| {
                        let value = self.expression(&keyword.value);
                        let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
                        (name.to_owned(), value)
                    })
                    .collect();
                return self.fill(pieces, positional, named, at);
            }
            // Texts are encoded to what they are, for the passes.
            if matches!(method, "encode" | "decode") && full.is_none() {
                let text = args.is_empty()
                    || args
                        .first()
                        .is_some_and(|arg| matches!(arg, Expr::StringLiteral(name) if is_charset(name.value.to_str())));
                if text {
                    for keyword in keywords {
                        self.expression(&keyword.value);
                    }
                    let value = self.expression(&attribute.value);
                    return self.value(Op::Pass(value), at);
                }
            }
        }
        if let Expr::Attribute(attribute) = &*call.func {
            match (attribute.attr.as_str(), args) {
                // What a task gives when it is done.
                ("run_until_complete" | "create_task" | "run_coroutine", [task])
                    if keywords.is_empty() =>
                {
                    self.expression(&attribute.value);
                    let value = self.expression(task);
                    return self.value(Op::Pass(value), at);
                }
                ("result", []) if full.is_none() && keywords.is_empty() => {
                    let value = self.expression(&attribute.value);
                    return self.value(Op::Pass(value), at);
                }
                ("submit" | "start_soon" | "call_soon", [function, rest @ ..])
                | ("run_in_executor", [_, function, rest @ ..])
                    if self.is_function(function) =>
                {
                    self.expression(&attribute.value);
                    if let Some(value) = self.called_with(function, rest, call, at) {
                        return value;
                    }
                }
                _ => {}
            }
        }
        let callee = self.expression(&call.func);
        let values = args.iter().map(|arg| self.expression(arg)).collect();
        self.call_of(callee, values, call, at)
    }

    /// Whether an expression is a function of the module.
    fn is_function(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Lambda(_) => true,
            Expr::Name(name) => {
                self.scopes
                    .find(self.scope, name.id.as_str())
                    .is_some_and(|(_, binding)| {
                        !binding.sites.is_empty()
                            && binding.sites.iter().all(|site| site.how == How::Function)
                    })
            }
            _ => false,
        }
    }

    /// A call of a function that another is given, with its arguments.
    fn called_with(
        &mut self,
        function: &'a Expr,
        args: &'a [Expr],
        call: &'a ExprCall,
        at: (u32, u32),
    ) -> Option<V> {
        if args.iter().any(Expr::is_starred_expr) {
            return None;
        }
        let callee = self.expression(function);
        let values = args.iter().map(|arg| self.expression(arg)).collect();
        Some(self.call_of(callee, values, call, at))
    }

    fn call_of(&mut self, callee: V, mut args: Vec<V>, call: &'a ExprCall, at: (u32, u32)) -> V {
        let named = self.keywords(call, at);
        if let Some((object, _)) = &named {
            args.push(*object);
        }
        let args = self.list(&args);
        let value = self.value(Op::Call { callee, args }, at);
        if let Some((object, values)) = named {
            self.keywords.push(Keywords {
                call: value,
                object,
                values,
            });
        }
        value
    }

    /// `partial(f, a)` is a function that calls `f` with `a` and what it is
    /// given itself.
    fn partial(
        &mut self,
        function: &'a Expr,
        args: &'a [Expr],
        call: &'a ExprCall,
        at: (u32, u32),
    ) -> V {
        let callee = self.expression(function);
        let mut values: Vec<V> = args.iter().map(|arg| self.expression(arg)).collect();
        self.thunk(at, |this, given| {
            values.extend(given);
            this.call_of(callee, values, call, at)
        })
    }

    /// Arguments by name, as one object.
    fn keywords(&mut self, call: &'a ExprCall, at: (u32, u32)) -> Option<(V, Vec<(Name, V)>)> {
        let keywords = &*call.arguments.keywords;
        if keywords.is_empty() {
            return None;
        }
        let mut props = Vec::with_capacity(keywords.len());
        let mut values = Vec::new();
        for keyword in keywords {
            let value = self.expression(&keyword.value);
            let key = match &keyword.arg {
                Some(name) => Key::Name(self.name(name.as_str())),
                None => Key::Spread,
            };
            self.named(value, key);
            if let Key::Name(name) = key {
                values.push((name, value));
            }
            props.push(Prop { key, value });
        }
        let props = self.props(&props);
        Some((self.value(Op::Object(props), at), values))
    }

    /// Whether `x.join(y)` joins texts, and not threads or paths.
    fn joins(&self, object: &Expr, list: &Expr) -> bool {
        let text = match object {
            Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::FString(_) => true,
            Expr::Name(name) => self.imported(name.id.as_str()).is_none(),
            _ => false,
        };
        text || matches!(list, Expr::ListComp(_) | Expr::Generator(_) | Expr::List(_))
    }

    /// Functions of the language whose meaning the graph has its own form for.
    fn known_function(&mut self, full: &str, call: &'a ExprCall, at: (u32, u32)) -> Option<V> {
        let args = &*call.arguments.args;
        match (full, args) {
            ("builtins.getattr", [object, name, rest @ ..]) => {
                let name = self.known_text(name)?;
                let object = self.expression(object);
                let name = self.name(name);
                let value = self.value(Op::Member { object, name }, at);
                match rest.first() {
                    Some(default) => {
                        let right = self.expression(default);
                        let (and, left) = (false, value);
                        Some(self.value(Op::Logical { and, left, right }, at))
                    }
                    None => Some(value),
                }
            }
            ("builtins.__import__" | "importlib.import_module", [module, ..]) => {
                let full = self.known_text(module)?;
                // `__import__("a.b")` gives `a`.
                let name = match full.split_once('.') {
                    Some((first, _))
                        if call.arguments.keywords.is_empty()
                            && args.len() == 1
                            && matches!(&*call.func, Expr::Name(_)) =>
                    {
                        first
                    }
                    _ => full,
                };
                let module = self.made(name);
                Some(self.value(Op::Module(module), at))
            }
            ("builtins.vars", [object]) => {
                let value = self.expression(object);
                Some(self.value(Op::Pass(value), at))
            }
            // `dict(a=1)` is `{"a": 1}`.
            ("builtins.dict", []) => Some(match self.keywords(call, at) {
                Some((object, _)) => object,
                None => {
                    let props = self.props(&[]);
                    self.value(Op::Object(props), at)
                }
            }),
            ("builtins.dict", [first]) => {
                let value = self.expression(first);
                let mut props = vec![Prop {
                    key: Key::Spread,
                    value,
                }];
                for keyword in &*call.arguments.keywords {
                    let value = self.expression(&keyword.value);
                    let key = match &keyword.arg {
                        Some(name) => Key::Name(self.name(name.as_str())),
                        None => Key::Spread,
                    };
                    props.push(Prop { key, value });
                }
                let props = self.props(&props);
                Some(self.value(Op::Object(props), at))
            }
            ("builtins.map" | "builtins.filter", [function, list]) => {
                let function = self.expression(function);
                let object = self.expression(list);
                let name = self.made(if full.ends_with("map") {
                    "map"
                } else {
                    "filter"
                });
                let callee = self.value(Op::Member { object, name }, at);
                // Arguments are numbered in order.
                let function = self.value(Op::Pass(function), at);
                let args = self.list(&[function]);
                Some(self.value(Op::Call { callee, args }, at))
            }
            ("functools.reduce", [function, list, rest @ ..]) => {
                let function = self.expression(function);
                let object = self.expression(list);
                let name = self.made("reduce");
                let callee = self.value(Op::Member { object, name }, at);
                let function = self.value(Op::Pass(function), at);
                let mut values = vec![function];
                values.extend(rest.iter().map(|one| self.expression(one)));
                let args = self.list(&values);
                Some(self.value(Op::Call { callee, args }, at))
            }
            // What they give, in order.
            ("asyncio.gather", args) => Some(match args {
                [Expr::Starred(all)] => {
                    let value = self.expression(&all.value);
                    self.value(Op::Pass(value), at)
                }
                _ => self.array(args, at),
            }),
            // A function that is called elsewhere, with what follows it.
            (name, args) if names::calls(name).is_some() => {
                let [function, rest @ ..] = args.get(names::calls(name)?..)? else {
                    return None;
                };
                self.called_with(function, rest, call, at)
            }
            ("functools.partial" | "functools.partialmethod", [function, rest @ ..]) => {
                Some(self.partial(function, rest, call, at))
            }
            (name, _) if names::passes_on(name) => {
                let index = names::passed(name);
                let passed = args.get(index)?;
                for (other, arg) in args.iter().enumerate() {
                    if other != index {
                        self.expression(arg);
                    }
                }
                for keyword in &*call.arguments.keywords {
                    self.expression(&keyword.value);
                }
                let value = self.expression(passed);
                Some(self.value(Op::Pass(value), at))
            }
            _ => None,
        }
    }
}

/// Looks for names of comprehensions and lambdas.
struct Mentions<'n, 'a> {
    inner: &'n [FxHashMap<&'a str, Sym>],
    /// How many expressions are still looked at.
    left: u32,
    found: bool,
}

impl<'a> Visitor<'a> for Mentions<'_, 'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let Some(left) = self.left.checked_sub(1) else {
            // What is too large to be looked at is not evaluated.
            self.found = true;
            return;
        };
        self.left = left;
        if let Expr::Name(name) = expr {
            let name = name.id.as_str();
            self.found |= self.inner.iter().any(|names| names.contains_key(name));
        }
        if !self.found {
            walk_expr(self, expr);
        }
    }
}

/// Whether an encoding of texts is one of characters alone.
fn is_charset(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    name.starts_with("utf")
        || name.starts_with("latin")
        || name.starts_with("iso-8859")
        || matches!(name.as_str(), "ascii" | "us-ascii" | "cp1252")
}

fn collect_names<'a>(target: &'a Expr, out: &mut FxHashMap<&'a str, u32>, depth: u32) {
    if depth > 100 {
        return;
    }
    match target {
        Expr::Name(name) => {
            out.insert(name.id.as_str(), 0);
        }
        Expr::Tuple(tuple) => {
            for one in &tuple.elts {
                collect_names(one, out, depth + 1);
            }
        }
        Expr::List(list) => {
            for one in &list.elts {
                collect_names(one, out, depth + 1);
            }
        }
        Expr::Starred(starred) => collect_names(&starred.value, out, depth + 1),
        _ => {}
    }
}

/// The pieces of a text for `%`; `None` where it has no places.
fn percent_pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut places = false;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            plain.push(c);
            continue;
        }
        let mut name = String::new();
        let mut first = true;
        loop {
            match rest.next()? {
                '%' => {
                    plain.push('%');
                    break;
                }
                '(' if first => name = rest.by_ref().take_while(|c| *c != ')').collect(),
                c if c.is_ascii_alphabetic() && !matches!(c, 'l' | 'h' | 'L') => {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    pieces.push(Piece::Place(std::mem::take(&mut name)));
                    places = true;
                    break;
                }
                '-' | '+' | '#' | ' ' | '.' | '*' | 'l' | 'h' | 'L' | '0'..='9' => {}
                _ => return None,
            }
            first = false;
        }
    }
    pieces.push(Piece::Text(plain));
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    places.then_some(pieces)
}

/// The pieces of a text for `format`; `None` where it has no places.
fn format_pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut places = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' if rest.next_if_eq(&'{').is_some() => plain.push('{'),
            '}' if rest.next_if_eq(&'}').is_some() => plain.push('}'),
            '{' => {
                let inside: String = rest.by_ref().take_while(|c| *c != '}').collect();
                let name = inside
                    .split(['!', ':', '.', '['])
                    .next()
                    .unwrap_or_default();
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Place(name.to_owned()));
                places = true;
            }
            c => plain.push(c),
        }
    }
    pieces.push(Piece::Text(plain));
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    places.then_some(pieces)
}
