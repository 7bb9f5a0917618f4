//! A Python module written anew in JavaScript, for the interpreter that trials
//! run in. What the text does is the same; values, their methods and the
//! modules of the library are those of `evaluate/python`.
//!
//! Every call, read of a member and read of an item carries its place, as a
//! line and a column in one number: the trial tells where something was asked
//! for and where it left.

use std::fmt::Write as _;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{
    BoolOp, CmpOp, Comprehension, ExceptHandler, Expr, ExprContext, FStringPart,
    InterpolatedStringElement, InterpolatedStringElements, Number, Operator, Parameters, Pattern,
    Singleton, Stmt, StmtClassDef, StmtFunctionDef, UnaryOp,
};
use ruff_text_size::Ranged;
use rustc_hash::FxHashSet;

/// How deep statements and expressions may nest.
const DEEPEST: usize = 120;

/// What cannot be written anew.
#[derive(Debug)]
struct Unwritten;

type Written<T = ()> = Result<T, Unwritten>;

/// A module as the function that runs it; `None` for what is not written
/// anew: code that nests deep, or that cannot be parsed.
pub(super) fn module(body: &[Stmt], text: &str) -> Option<String> {
    let mut names = Names::default();
    names.visit_body(body);
    let mut globals = Globals::default();
    globals.visit_body(body);
    names.bound.extend(globals.0);
    let mut writer = Writer {
        text,
        lines: std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at.saturating_add(1)))
            .collect(),
        out: String::with_capacity(text.len().saturating_mul(3)),
        scopes: Vec::new(),
        next: 0,
        depth: 0,
        breaks: Vec::new(),
    };
    writer.out.push_str("(function ($) {\n\"use strict\";\n");
    let mut order: Vec<&str> = names.bound.into_iter().collect();
    for name in ["__name__", "__file__", "__doc__", "__package__", "__spec__"] {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    order.sort_unstable();
    writer.declare(order.iter().copied());
    writer.out.push_str(
        "v___name__ = \"__main__\"; v___file__ = \"/home/someone/work/main.py\"; v___doc__ = null; v___package__ = \"\"; v___spec__ = null;\n$.module({",
    );
    for name in &order {
        let _ = write!(writer.out, "{}: [() => v_{name}],", quoted(name));
    }
    writer.out.push_str("});\n");
    writer.scopes.push(Scope {
        kind: Kind::Function,
        names: order.iter().map(|name| (*name).to_owned()).collect(),
        class: 0,
        first: String::new(),
    });
    writer.block(body).ok()?;
    writer.out.push_str("\n})");
    Some(writer.out)
}

/// A text of JavaScript.
fn quoted(text: &str) -> String {
    let mut out = serde_json::to_string(text).unwrap_or_default();
    // Line ends of JavaScript that JSON leaves as they are.
    if out.contains(['\u{2028}', '\u{2029}']) {
        out = out
            .replace('\u{2028}', "\\u2028")
            .replace('\u{2029}', "\\u2029");
    }
    out
}

/// The names that a body binds, without those of functions and classes in it.
#[derive(Default)]
struct Names<'a> {
    bound: FxHashSet<&'a str>,
    outside: FxHashSet<&'a str>,
    yields: bool,
    /// How many comprehensions are around, whose targets are their own.
    inside: usize,
}

impl<'a> Names<'a> {
    fn of(body: &'a [Stmt]) -> Self {
        let mut names = Self::default();
        names.visit_body(body);
        for name in &names.outside {
            names.bound.remove(name);
        }
        names
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], parts: &[&'a Expr]) {
        self.inside = self.inside.saturating_add(1);
        for generator in generators {
            self.visit_expr(&generator.iter);
            generator.ifs.iter().for_each(|test| self.visit_expr(test));
        }
        parts.iter().for_each(|part| self.visit_expr(part));
        self.inside = self.inside.saturating_sub(1);
    }
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                self.bound.insert(function.name.as_str());
                for decorator in &function.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
            }
            Stmt::ClassDef(class) => {
                self.bound.insert(class.name.as_str());
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let full = alias.name.as_str();
                    let first = full.split('.').next().unwrap_or(full);
                    self.bound
                        .insert(alias.asname.as_ref().map_or(first, |name| name.as_str()));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    if name != "*" {
                        self.bound.insert(name);
                    }
                }
            }
            Stmt::Global(global) => {
                self.outside
                    .extend(global.names.iter().map(|name| name.as_str()));
            }
            Stmt::Nonlocal(outer) => {
                self.outside
                    .extend(outer.names.iter().map(|name| name.as_str()));
            }
            Stmt::Try(attempt) => {
                for handler in &attempt.handlers {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    if let Some(name) = &handler.name {
                        self.bound.insert(name.as_str());
                    }
                }
                walk_stmt(self, stmt);
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(one) => one.name.as_ref(),
            Pattern::MatchStar(star) => star.name.as_ref(),
            Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bound.insert(name.as_str());
        }
        ruff_python_ast::visitor::walk_pattern(self, pattern);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx != ExprContext::Load && self.inside == 0 => {
                self.bound.insert(name.id.as_str());
            }
            Expr::Named(named) => {
                if let Expr::Name(name) = &*named.target {
                    self.bound.insert(name.id.as_str());
                }
                self.visit_expr(&named.value);
            }
            Expr::Lambda(_) => {}
            Expr::ListComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::Generator(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::DictComp(comp) => {
                let key = comp.key.as_deref().unwrap_or(&comp.value);
                self.comprehension(&comp.generators, &[key, &comp.value]);
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.yields = true;
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
    }
}

/// The names that functions declare as the module's.
#[derive(Default)]
struct Globals<'a>(FxHashSet<&'a str>);

impl<'a> Visitor<'a> for Globals<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Global(global) = stmt {
            self.0.extend(global.names.iter().map(|name| name.as_str()));
        }
        walk_stmt(self, stmt);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A function, a lambda or the module.
    Function,
    Class,
    Comprehension,
}

#[derive(Debug)]
struct Scope {
    kind: Kind,
    names: FxHashSet<String>,
    /// The number of the class that a class body is of.
    class: usize,
    /// The first parameter of a function.
    first: String,
}

struct Writer<'t> {
    text: &'t str,
    lines: Vec<usize>,
    out: String,
    scopes: Vec<Scope>,
    /// The next number of a name of ours.
    next: usize,
    depth: usize,
    /// For each loop around, the label that leaves it where it has an `else`.
    breaks: Vec<Option<usize>>,
}

/// Where a name is.
enum Place {
    Variable,
    Class(usize),
    Builtin,
}

impl Writer<'_> {
    fn number(&mut self) -> usize {
        self.next = self.next.saturating_add(1);
        self.next
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn declare<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let names: Vec<String> = names.map(|name| format!("v_{name}")).collect();
        if !names.is_empty() {
            let _ = write!(self.out, "let {};", names.join(","));
        }
    }

    /// Where something stands: the line, one more than it is for the line
    /// that a program begins with, and the column, both from 1.
    fn at(&self, node: &impl Ranged) -> usize {
        let offset = usize::from(node.range().start());
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|line| self.lines.get(line))
            .copied()
            .unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        let column = before.chars().count().saturating_add(1).min(9_999);
        line.saturating_add(1)
            .saturating_mul(10_000)
            .saturating_add(column)
    }

    fn place(&self, name: &str) -> Place {
        let mut inner = true;
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                Kind::Comprehension => {
                    if scope.names.contains(name) {
                        return Place::Variable;
                    }
                }
                Kind::Class => {
                    // What a class binds is no name in its functions.
                    if inner && scope.names.contains(name) {
                        return Place::Class(scope.class);
                    }
                    inner = false;
                }
                Kind::Function => {
                    if scope.names.contains(name) {
                        return Place::Variable;
                    }
                    inner = false;
                }
            }
        }
        Place::Builtin
    }

    /// The nearest class around, and the first parameter of the function.
    fn class_around(&self) -> Option<(usize, String)> {
        let mut first = String::new();
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                Kind::Class => return Some((scope.class, first)),
                Kind::Function if !scope.first.is_empty() => {
                    first.clone_from(&scope.first);
                }
                _ => {}
            }
        }
        None
    }

    fn load(&mut self, name: &str) {
        match self.place(name) {
            Place::Variable => {
                let _ = write!(self.out, "v_{name}");
            }
            Place::Class(class) => {
                let _ = write!(self.out, "$k{class}.get({}, () => ", quoted(name));
                // Where the class does not have it yet, it is what it is
                // outside.
                let outside = self
                    .scopes
                    .iter()
                    .any(|scope| scope.kind != Kind::Class && scope.names.contains(name));
                if outside {
                    let _ = write!(self.out, "v_{name})");
                } else {
                    let _ = write!(self.out, "$.n({}))", quoted(name));
                }
            }
            Place::Builtin => {
                let _ = write!(self.out, "$.n({})", quoted(name));
            }
        }
    }

    /// Writes what comes before and behind a value that a name gets.
    fn store(&mut self, name: &str) -> &'static str {
        match self.place(name) {
            Place::Class(class) => {
                let _ = write!(self.out, "$k{class}.set({}, ", quoted(name));
                ")"
            }
            _ => {
                let _ = write!(self.out, "v_{name} = ");
                ""
            }
        }
    }

    fn deeper(&mut self) -> Written {
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEEPEST {
            return Err(Unwritten);
        }
        Ok(())
    }

    // ---- statements ----

    fn block(&mut self, body: &[Stmt]) -> Written {
        self.deeper()?;
        for stmt in body {
            self.stmt(stmt)?;
            self.push("\n");
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn braced(&mut self, body: &[Stmt]) -> Written {
        self.push("{");
        self.block(body)?;
        self.push("}");
        Ok(())
    }

    fn stmt(&mut self, stmt: &Stmt) -> Written {
        match stmt {
            Stmt::FunctionDef(function) => return self.function(function),
            Stmt::ClassDef(class) => return self.class(class),
            Stmt::Return(give) => {
                self.push("return ");
                match &give.value {
                    Some(value) => self.expr(value)?,
                    None => self.push("null"),
                }
                self.push(";");
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.delete(target)?;
                }
            }
            Stmt::Assign(assign) => {
                if let [Expr::Name(name)] = assign.targets.as_slice() {
                    let end = self.store(name.id.as_str());
                    self.expr(&assign.value)?;
                    self.push(end);
                    self.push(";");
                } else {
                    let number = self.number();
                    let _ = write!(self.out, "{{const $t{number} = ");
                    self.expr(&assign.value)?;
                    self.push(";");
                    for target in &assign.targets {
                        self.assign(target, &format!("$t{number}"))?;
                    }
                    self.push("}");
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let number = self.number();
                    let _ = write!(self.out, "{{const $t{number} = ");
                    self.expr(value)?;
                    self.push(";");
                    self.assign(&assign.target, &format!("$t{number}"))?;
                    self.push("}");
                }
            }
            Stmt::AugAssign(assign) => self.augmented(assign)?,
            Stmt::For(each) => {
                let label = self.loops(!each.orelse.is_empty());
                let number = self.number();
                let _ = write!(self.out, "for (const $t{number} of $.it(");
                self.expr(&each.iter)?;
                self.push(")) {");
                self.assign(&each.target, &format!("$t{number}"))?;
                self.block(&each.body)?;
                self.push("}");
                self.looped(label, &each.orelse)?;
            }
            Stmt::While(each) => {
                let label = self.loops(!each.orelse.is_empty());
                self.push("while (");
                self.test(&each.test)?;
                self.push(") ");
                self.braced(&each.body)?;
                self.looped(label, &each.orelse)?;
            }
            Stmt::If(branch) => {
                self.push("if (");
                self.test(&branch.test)?;
                self.push(") ");
                self.braced(&branch.body)?;
                for clause in &branch.elif_else_clauses {
                    self.push(" else ");
                    if let Some(test) = &clause.test {
                        self.push("if (");
                        self.test(test)?;
                        self.push(") ");
                    }
                    self.braced(&clause.body)?;
                }
            }
            Stmt::With(with) => self.with(&with.items, &with.body)?,
            Stmt::Match(choice) => self.matching(choice)?,
            Stmt::Raise(raise) => {
                self.push("throw $.thrown(");
                if let Some(value) = &raise.exc {
                    self.expr(value)?;
                }
                self.push(");");
            }
            Stmt::Try(attempt) => self.attempt(attempt)?,
            Stmt::Assert(assert) => {
                self.push("$.assert(");
                self.expr(&assert.test)?;
                if let Some(message) = &assert.msg {
                    self.push(", () => ");
                    self.expr(message)?;
                }
                self.push(");");
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let full = alias.name.as_str();
                    let first = full.split('.').next().unwrap_or(full);
                    let (name, how) = match &alias.asname {
                        Some(name) => (name.as_str(), "as"),
                        None => (first, "imp"),
                    };
                    let end = self.store(name);
                    let _ = write!(self.out, "$.{how}({}){end};", quoted(full));
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        let _ = write!(self.out, "$.star({});", quoted(module));
                        continue;
                    }
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    let end = self.store(name);
                    let module = if module.is_empty() { "package" } else { module };
                    let _ = write!(
                        self.out,
                        "$.from({}, {}){end};",
                        quoted(module),
                        quoted(alias.name.as_str())
                    );
                }
            }
            Stmt::Expr(expr) => {
                if !matches!(&*expr.value, Expr::StringLiteral(_)) {
                    self.expr(&expr.value)?;
                    self.push(";");
                }
            }
            Stmt::Break(_) => match self.breaks.last() {
                Some(Some(label)) => {
                    let _ = write!(self.out, "break $l{label};");
                }
                Some(None) => self.push("break;"),
                None => return Err(Unwritten),
            },
            Stmt::Continue(_) => {
                if self.breaks.is_empty() {
                    return Err(Unwritten);
                }
                self.push("continue;");
            }
            Stmt::Pass(_) | Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            Stmt::TypeAlias(alias) => {
                if let Expr::Name(name) = &*alias.name {
                    let end = self.store(name.id.as_str());
                    let _ = write!(self.out, "null{end};");
                }
            }
            Stmt::IpyEscapeCommand(_) => return Err(Unwritten),
        }
        Ok(())
    }

    /// Begins a loop; one with an `else` is in a block that a `break` leaves.
    fn loops(&mut self, labelled: bool) -> Option<usize> {
        let label = labelled.then(|| self.number());
        if let Some(label) = label {
            let _ = write!(self.out, "$l{label}: {{");
        }
        self.breaks.push(label);
        label
    }

    fn looped(&mut self, label: Option<usize>, orelse: &[Stmt]) -> Written {
        self.breaks.pop();
        if label.is_some() {
            self.block(orelse)?;
            self.push("}");
        }
        Ok(())
    }

    fn delete(&mut self, target: &Expr) -> Written {
        match target {
            Expr::Name(name) => {
                let end = self.store(name.id.as_str());
                let _ = write!(self.out, "undefined{end};");
            }
            Expr::Subscript(subscript) => {
                self.push("$.di(");
                self.expr(&subscript.value)?;
                self.push(", ");
                self.expr(&subscript.slice)?;
                self.push(");");
            }
            Expr::Attribute(attribute) => {
                self.push("$.da(");
                self.expr(&attribute.value)?;
                let _ = write!(self.out, ", {});", quoted(attribute.attr.as_str()));
            }
            Expr::Tuple(tuple) => {
                for inner in &tuple.elts {
                    self.delete(inner)?;
                }
            }
            _ => return Err(Unwritten),
        }
        Ok(())
    }

    fn assign(&mut self, target: &Expr, value: &str) -> Written {
        match target {
            Expr::Name(name) => {
                let end = self.store(name.id.as_str());
                let _ = write!(self.out, "{value}{end};");
            }
            Expr::Attribute(attribute) => {
                self.push("$.s(");
                self.expr(&attribute.value)?;
                let _ = write!(self.out, ", {}, {value});", quoted(attribute.attr.as_str()));
            }
            Expr::Subscript(subscript) => {
                self.push("$.si(");
                self.expr(&subscript.value)?;
                self.push(", ");
                self.expr(&subscript.slice)?;
                let _ = write!(self.out, ", {value});");
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value)?,
            Expr::List(list) => self.unpack(&list.elts, value)?,
            Expr::Starred(starred) => self.assign(&starred.value, value)?,
            _ => return Err(Unwritten),
        }
        Ok(())
    }

    fn unpack(&mut self, targets: &[Expr], value: &str) -> Written {
        self.deeper()?;
        let star = targets
            .iter()
            .position(|target| matches!(target, Expr::Starred(_)))
            .map_or_else(|| "-1".to_owned(), |at| at.to_string());
        let number = self.number();
        let _ = write!(
            self.out,
            "{{const $t{number} = $.un({value}, {}, {star});",
            targets.len()
        );
        for (index, target) in targets.iter().enumerate() {
            self.assign(target, &format!("$t{number}[{index}]"))?;
        }
        self.push("}");
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn augmented(&mut self, assign: &ruff_python_ast::StmtAugAssign) -> Written {
        let op = operator(assign.op);
        match &*assign.target {
            Expr::Name(name) => {
                let end = self.store(name.id.as_str());
                let _ = write!(self.out, "$.ib(\"{op}\", ");
                self.load(name.id.as_str());
                self.push(", ");
                self.expr(&assign.value)?;
                let _ = write!(self.out, "){end};");
            }
            Expr::Attribute(attribute) => {
                let number = self.number();
                let name = quoted(attribute.attr.as_str());
                let _ = write!(self.out, "{{const $t{number} = ");
                self.expr(&attribute.value)?;
                let _ = write!(
                    self.out,
                    "; $.s($t{number}, {name}, $.ib(\"{op}\", $.g($t{number}, {name}), "
                );
                self.expr(&assign.value)?;
                self.push("));}");
            }
            Expr::Subscript(subscript) => {
                let number = self.number();
                let _ = write!(self.out, "{{const $t{number} = ");
                self.expr(&subscript.value)?;
                let _ = write!(self.out, ", $i{number} = ");
                self.expr(&subscript.slice)?;
                let _ = write!(
                    self.out,
                    "; $.si($t{number}, $i{number}, $.ib(\"{op}\", $.i($t{number}, $i{number}), "
                );
                self.expr(&assign.value)?;
                self.push("));}");
            }
            _ => return Err(Unwritten),
        }
        Ok(())
    }

    fn with(&mut self, items: &[ruff_python_ast::WithItem], body: &[Stmt]) -> Written {
        let Some((item, rest)) = items.split_first() else {
            return self.block(body);
        };
        self.deeper()?;
        let number = self.number();
        let _ = write!(self.out, "{{const $w{number} = $.ctx(");
        self.expr(&item.context_expr)?;
        let at = self.at(&item.context_expr);
        let _ = write!(self.out, ", {at}); let $x{number} = null; try {{");
        if let Some(target) = &item.optional_vars {
            self.assign(target, &format!("$w{number}.value"))?;
        }
        self.with(rest, body)?;
        let _ = write!(
            self.out,
            "}} catch ($e) {{ $x{number} = $.caught($e); if (!$w{number}.leave($x{number})) throw $x{number}; }} finally {{ if ($x{number} === null) $w{number}.leave(null); }}}}"
        );
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn attempt(&mut self, attempt: &ruff_python_ast::StmtTry) -> Written {
        let number = self.number();
        let ended = !attempt.finalbody.is_empty();
        let _ = write!(self.out, "{{let $d{number} = false; ");
        if ended {
            self.push("try {");
        }
        self.push("try {");
        self.block(&attempt.body)?;
        let _ = write!(self.out, "$d{number} = true;}}");
        if attempt.handlers.is_empty() {
            self.push(" finally {}");
        } else {
            let _ = write!(
                self.out,
                " catch ($r) {{ const $e{number} = $.caught($r); $.handled.push($e{number}); try {{ "
            );
            for handler in &attempt.handlers {
                let ExceptHandler::ExceptHandler(handler) = handler;
                self.push("if (");
                match &handler.type_ {
                    Some(kind) => {
                        let _ = write!(self.out, "$.matches($e{number}, ");
                        self.expr(kind)?;
                        self.push(")");
                    }
                    None => self.push("true"),
                }
                self.push(") {");
                if let Some(name) = &handler.name {
                    let end = self.store(name.as_str());
                    let _ = write!(self.out, "$e{number}{end};");
                }
                self.block(&handler.body)?;
                self.push("} else ");
            }
            let _ = write!(
                self.out,
                "throw $e{number}; }} finally {{ $.handled.pop(); }}}}"
            );
        }
        if !attempt.orelse.is_empty() {
            let _ = write!(self.out, "if ($d{number}) ");
            self.braced(&attempt.orelse)?;
        }
        if ended {
            self.push("} finally ");
            self.braced(&attempt.finalbody)?;
        }
        self.push("}");
        Ok(())
    }

    fn matching(&mut self, choice: &ruff_python_ast::StmtMatch) -> Written {
        let number = self.number();
        let _ = write!(self.out, "{{const $m{number} = ");
        self.expr(&choice.subject)?;
        self.push(";");
        for case in &choice.cases {
            self.push("if (");
            self.pattern(&case.pattern, &format!("$m{number}"))?;
            if let Some(guard) = &case.guard {
                self.push(" && ");
                self.test(guard)?;
            }
            self.push(") ");
            self.braced(&case.body)?;
            self.push(" else ");
        }
        self.push("{}}");
        Ok(())
    }

    fn captured(&mut self, name: &str, value: &str) {
        self.push("((");
        let end = self.store(name);
        let _ = write!(self.out, "{value}{end}), true)");
    }

    fn pattern(&mut self, pattern: &Pattern, value: &str) -> Written {
        self.deeper()?;
        match pattern {
            Pattern::MatchValue(one) => {
                let _ = write!(self.out, "$.eq({value}, ");
                self.expr(&one.value)?;
                self.push(")");
            }
            Pattern::MatchSingleton(one) => {
                let name = match one.value {
                    Singleton::None => "null",
                    Singleton::True => "true",
                    Singleton::False => "false",
                };
                let _ = write!(self.out, "({value} === {name})");
            }
            Pattern::MatchSequence(sequence) => {
                let star = sequence
                    .patterns
                    .iter()
                    .position(|one| matches!(one, Pattern::MatchStar(_)))
                    .map_or_else(|| "-1".to_owned(), |at| at.to_string());
                let _ = write!(
                    self.out,
                    "$.ms({value}, {}, {star}, ",
                    sequence.patterns.len()
                );
                self.inner(sequence.patterns.iter())?;
            }
            Pattern::MatchMapping(mapping) => {
                let _ = write!(self.out, "$.mm({value}, [");
                for key in &mapping.keys {
                    self.expr(key)?;
                    self.push(", ");
                }
                self.push("], ");
                let number = self.number();
                let _ = write!(self.out, "($p{number}) => true");
                for (index, one) in mapping.patterns.iter().enumerate() {
                    self.push(" && ");
                    self.pattern(one, &format!("$p{number}[{index}]"))?;
                }
                if let Some(rest) = &mapping.rest {
                    self.push(" && ");
                    self.captured(rest.as_str(), &format!("$p{number}.at(-1)"));
                }
                self.push(")");
            }
            Pattern::MatchClass(class) => {
                let _ = write!(self.out, "$.mc({value}, ");
                self.expr(&class.cls)?;
                let arguments = &class.arguments;
                let names: Vec<String> = arguments
                    .keywords
                    .iter()
                    .map(|keyword| quoted(keyword.attr.as_str()))
                    .collect();
                let _ = write!(
                    self.out,
                    ", {}, [{}], ",
                    arguments.patterns.len(),
                    names.join(", ")
                );
                let keywords = arguments.keywords.iter().map(|keyword| &keyword.pattern);
                self.inner(arguments.patterns.iter().chain(keywords))?;
            }
            Pattern::MatchStar(star) => match &star.name {
                Some(name) => self.captured(name.as_str(), value),
                None => self.push("true"),
            },
            Pattern::MatchAs(one) => {
                self.push("(");
                match &one.pattern {
                    Some(inner) => self.pattern(inner, value)?,
                    None => self.push("true"),
                }
                if let Some(name) = &one.name {
                    self.push(" && ");
                    self.captured(name.as_str(), value);
                }
                self.push(")");
            }
            Pattern::MatchOr(or) => {
                self.push("(false");
                for one in &or.patterns {
                    self.push(" || ");
                    self.pattern(one, value)?;
                }
                self.push(")");
            }
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    /// A function that tests the parts of what matched, and closes the call.
    fn inner<'p>(&mut self, patterns: impl Iterator<Item = &'p Pattern>) -> Written {
        let number = self.number();
        let _ = write!(self.out, "($p{number}) => true");
        for (index, one) in patterns.enumerate() {
            self.push(" && ");
            self.pattern(one, &format!("$p{number}[{index}]"))?;
        }
        self.push(")");
        Ok(())
    }

    // ---- functions and classes ----

    fn function(&mut self, function: &StmtFunctionDef) -> Written {
        let end = self.store(function.name.as_str());
        for decorator in &function.decorator_list {
            self.push("$.deco(");
            self.expr(&decorator.expression)?;
            self.push(", ");
        }
        let names = Names::of(&function.body);
        let kind = match (function.is_async, names.yields) {
            (false, false) => "plain",
            (false, true) => "generator",
            (true, false) => "async",
            (true, true) => "asyncGenerator",
        };
        self.parameters(function.name.as_str(), &function.parameters)?;
        self.push(if names.yields {
            "function* ("
        } else {
            "function ("
        });
        let given = self.given(&function.parameters);
        let mut all: FxHashSet<String> =
            names.bound.iter().map(|name| (*name).to_owned()).collect();
        let mut own: Vec<&str> = names
            .bound
            .into_iter()
            .filter(|name| !given.iter().any(|given| given == name))
            .collect();
        own.sort_unstable();
        let list: Vec<String> = given.iter().map(|name| format!("v_{name}")).collect();
        let _ = write!(self.out, "{}) {{", list.join(", "));
        self.declare(own.into_iter());
        all.extend(given.iter().cloned());
        self.scopes.push(Scope {
            kind: Kind::Function,
            names: all,
            class: 0,
            first: given.first().cloned().unwrap_or_default(),
        });
        let around = std::mem::take(&mut self.breaks);
        self.block(&function.body)?;
        self.breaks = around;
        self.scopes.pop();
        let _ = write!(self.out, "return null;}}, $.FUNCTION.{kind})");
        for _ in &function.decorator_list {
            self.push(")");
        }
        self.push(end);
        self.push(";");
        Ok(())
    }

    /// The names of the parameters in the order in which they are handed over.
    fn given(&self, parameters: &Parameters) -> Vec<String> {
        let mut names = Vec::new();
        let mut add = |name: &str| names.push(name.to_owned());
        for one in parameters.posonlyargs.iter().chain(&parameters.args) {
            add(one.parameter.name.as_str());
        }
        if let Some(rest) = &parameters.vararg {
            add(rest.name.as_str());
        }
        for one in &parameters.kwonlyargs {
            add(one.parameter.name.as_str());
        }
        if let Some(named) = &parameters.kwarg {
            add(named.name.as_str());
        }
        names
    }

    /// `$.fn(name, parameters, defaults, `, in front of the body.
    fn parameters(&mut self, name: &str, parameters: &Parameters) -> Written {
        let _ = write!(self.out, "$.fn({}, [", quoted(name));
        let mut list = |names: &mut dyn Iterator<Item = &str>, kind: u8| {
            for name in names {
                let _ = write!(self.out, "[{}, {kind}],", quoted(name));
            }
        };
        let name_of =
            |one: &'_ ruff_python_ast::ParameterWithDefault| one.parameter.name.to_string();
        let plain: Vec<String> = parameters.posonlyargs.iter().map(name_of).collect();
        list(&mut plain.iter().map(String::as_str), 1);
        let plain: Vec<String> = parameters.args.iter().map(name_of).collect();
        list(&mut plain.iter().map(String::as_str), 0);
        let rest = parameters.vararg.as_ref().map(|rest| rest.name.as_str());
        list(&mut rest.into_iter(), 3);
        let plain: Vec<String> = parameters.kwonlyargs.iter().map(name_of).collect();
        list(&mut plain.iter().map(String::as_str), 2);
        let named = parameters.kwarg.as_ref().map(|named| named.name.as_str());
        list(&mut named.into_iter(), 4);
        self.push("], {");
        let all = parameters.posonlyargs.iter().chain(&parameters.args);
        for one in all.chain(&parameters.kwonlyargs) {
            if let Some(default) = &one.default {
                let _ = write!(self.out, "{}: ", quoted(one.parameter.name.as_str()));
                self.expr(default)?;
                self.push(", ");
            }
        }
        self.push("}, ");
        Ok(())
    }

    fn class(&mut self, class: &StmtClassDef) -> Written {
        let number = self.number();
        let _ = write!(self.out, "{{let $k{number}; ");
        let end = self.store(class.name.as_str());
        for decorator in &class.decorator_list {
            self.push("$.deco(");
            self.expr(&decorator.expression)?;
            self.push(", ");
        }
        let _ = write!(self.out, "$.cls({}, [", quoted(class.name.as_str()));
        let arguments = class.arguments.as_deref();
        if let Some(arguments) = arguments {
            self.elements(&arguments.args)?;
        }
        self.push("], ");
        match arguments {
            Some(arguments) if !arguments.keywords.is_empty() => self.keywords(arguments)?,
            _ => self.push("undefined"),
        }
        // The names that have types are the fields of a record.
        let noted: Vec<String> = class
            .body
            .iter()
            .filter_map(|stmt| match stmt {
                Stmt::AnnAssign(assign) => match &*assign.target {
                    Expr::Name(name) => Some(quoted(name.id.as_str())),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let _ = write!(
            self.out,
            ", [{}], ($c) => {{ $k{number} = $c; ",
            noted.join(", ")
        );
        let names = Names::of(&class.body);
        self.scopes.push(Scope {
            kind: Kind::Class,
            names: names.bound.iter().map(|name| (*name).to_owned()).collect(),
            class: number,
            first: String::new(),
        });
        let around = std::mem::take(&mut self.breaks);
        self.block(&class.body)?;
        self.breaks = around;
        self.scopes.pop();
        self.push("})");
        for _ in &class.decorator_list {
            self.push(")");
        }
        self.push(end);
        self.push(";}");
        Ok(())
    }

    // ---- expressions ----

    fn test(&mut self, expr: &Expr) -> Written {
        self.push("$.t(");
        self.expr(expr)?;
        self.push(")");
        Ok(())
    }

    fn elements(&mut self, elements: &[Expr]) -> Written {
        for element in elements {
            match element {
                Expr::Starred(starred) => {
                    self.push("...$.it(");
                    self.expr(&starred.value)?;
                    self.push(")");
                }
                other => self.expr(other)?,
            }
            self.push(", ");
        }
        Ok(())
    }

    fn keywords(&mut self, arguments: &ruff_python_ast::Arguments) -> Written {
        self.push("$.kw([");
        for keyword in &arguments.keywords {
            match &keyword.arg {
                Some(name) => {
                    let _ = write!(self.out, "[{}, ", quoted(name.as_str()));
                }
                None => self.push("[null, "),
            }
            self.expr(&keyword.value)?;
            self.push("], ");
        }
        self.push("])");
        Ok(())
    }

    fn expr(&mut self, expr: &Expr) -> Written {
        self.deeper()?;
        match expr {
            Expr::BoolOp(chain) => {
                let name = if chain.op == BoolOp::And { "and" } else { "or" };
                let Some((last, front)) = chain.values.split_last() else {
                    return Err(Unwritten);
                };
                for value in front {
                    let _ = write!(self.out, "$.{name}(");
                    self.expr(value)?;
                    self.push(", () => ");
                }
                // What a function of one expression gives is no block.
                self.push("(");
                self.expr(last)?;
                self.push(")");
                front.iter().for_each(|_| self.push(")"));
            }
            Expr::Named(named) => {
                let Expr::Name(name) = &*named.target else {
                    return Err(Unwritten);
                };
                self.push("(");
                let end = self.store(name.id.as_str());
                self.expr(&named.value)?;
                self.push(end);
                self.push(")");
            }
            Expr::BinOp(_) => {
                // Sums of very many parts nest on the left.
                let mut chain = Vec::new();
                let mut left = expr;
                while let Expr::BinOp(binary) = left {
                    chain.push(binary);
                    left = &binary.left;
                }
                for binary in &chain {
                    let _ = write!(self.out, "$.b(\"{}\", ", operator(binary.op));
                }
                self.expr(left)?;
                for binary in chain.into_iter().rev() {
                    self.push(", ");
                    self.expr(&binary.right)?;
                    self.push(")");
                }
            }
            Expr::UnaryOp(unary) => {
                let name = match unary.op {
                    UnaryOp::Not => "not",
                    UnaryOp::USub => "-",
                    UnaryOp::UAdd => "+",
                    UnaryOp::Invert => "~",
                };
                let _ = write!(self.out, "$.u(\"{name}\", ");
                self.expr(&unary.operand)?;
                self.push(")");
            }
            Expr::Lambda(lambda) => {
                let none = Parameters::default();
                let parameters = lambda.parameters.as_deref().unwrap_or(&none);
                self.parameters("<lambda>", parameters)?;
                let given = self.given(parameters);
                let list: Vec<String> = given.iter().map(|name| format!("v_{name}")).collect();
                let _ = write!(self.out, "({}) => (", list.join(", "));
                self.scopes.push(Scope {
                    kind: Kind::Function,
                    names: given.into_iter().collect(),
                    class: 0,
                    first: String::new(),
                });
                self.expr(&lambda.body)?;
                self.scopes.pop();
                self.push("), 0)");
            }
            Expr::If(branch) => {
                self.push("(");
                self.test(&branch.test)?;
                self.push(" ? ");
                self.expr(&branch.body)?;
                self.push(" : ");
                self.expr(&branch.orelse)?;
                self.push(")");
            }
            Expr::Dict(dict) => {
                self.push("$.dict([");
                for item in &dict.items {
                    self.push("[");
                    match &item.key {
                        Some(key) => self.expr(key)?,
                        None => self.push("$.ALL"),
                    }
                    self.push(", ");
                    self.expr(&item.value)?;
                    self.push("], ");
                }
                self.push("])");
            }
            Expr::Set(set) => {
                self.push("$.set_([");
                self.elements(&set.elts)?;
                self.push("])");
            }
            Expr::List(list) => {
                self.push("[");
                self.elements(&list.elts)?;
                self.push("]");
            }
            Expr::Tuple(tuple) => {
                self.push("$.tuple([");
                self.elements(&tuple.elts)?;
                self.push("])");
            }
            Expr::ListComp(comp) => {
                self.push("$.list(");
                self.comprehension(&comp.generators, &[&comp.elt])?;
                self.push(")");
            }
            Expr::SetComp(comp) => {
                self.push("$.set_(");
                self.comprehension(&comp.generators, &[&comp.elt])?;
                self.push(")");
            }
            Expr::Generator(comp) => self.comprehension(&comp.generators, &[&comp.elt])?,
            Expr::DictComp(comp) => {
                let key = comp.key.as_deref().ok_or(Unwritten)?;
                self.push("$.dict(");
                self.comprehension(&comp.generators, &[key, &comp.value])?;
                self.push(")");
            }
            Expr::Await(wait) => {
                self.push("$.aw(");
                self.expr(&wait.value)?;
                self.push(")");
            }
            Expr::Yield(give) => {
                self.push("(yield ");
                match &give.value {
                    Some(value) => self.expr(value)?,
                    None => self.push("null"),
                }
                self.push(")");
            }
            Expr::YieldFrom(give) => {
                self.push("(yield* $.yf(");
                self.expr(&give.value)?;
                self.push("))");
            }
            Expr::Compare(compare) => {
                let pairs: Vec<_> = compare.ops.iter().zip(&compare.comparators).collect();
                if let [(op, right)] = pairs.as_slice() {
                    let _ = write!(self.out, "$.cmp(\"{}\", ", comparison(**op));
                    self.expr(&compare.left)?;
                    self.push(", ");
                    self.expr(right)?;
                    self.push(")");
                } else {
                    self.push("$.ch(");
                    self.expr(&compare.left)?;
                    self.push(", [");
                    for (op, right) in pairs {
                        let _ = write!(self.out, "[\"{}\", () => (", comparison(*op));
                        self.expr(right)?;
                        self.push(")], ");
                    }
                    self.push("])");
                }
            }
            Expr::Call(call) => self.call(call)?,
            Expr::FString(string) => {
                self.push("(\"\"");
                for part in string.value.iter() {
                    match part {
                        FStringPart::Literal(text) => {
                            let _ = write!(self.out, " + {}", quoted(&text.value));
                        }
                        FStringPart::FString(inner) => self.interpolated(&inner.elements)?,
                    }
                }
                self.push(")");
            }
            Expr::TString(string) => {
                self.push("(\"\"");
                for inner in string.value.iter() {
                    self.interpolated(&inner.elements)?;
                }
                self.push(")");
            }
            Expr::StringLiteral(text) => {
                let text = quoted(text.value.to_str());
                self.push(&text);
            }
            Expr::BytesLiteral(bytes) => {
                let codes: Vec<String> = bytes.value.bytes().map(|b| b.to_string()).collect();
                let _ = write!(self.out, "$.bytes([{}])", codes.join(","));
            }
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => match int.as_i64() {
                    Some(small) if small.unsigned_abs() < 1 << 53 => {
                        let _ = write!(self.out, "{small}");
                    }
                    // As it may be written in another base.
                    _ => {
                        let digits = int.to_string().replace('_', "");
                        let _ = write!(self.out, "$.big({})", quoted(&digits));
                    }
                },
                Number::Float(float) if float.is_finite() => {
                    let _ = write!(self.out, "{float:?}");
                }
                Number::Float(_) => self.push("Infinity"),
                Number::Complex { .. } => self.push("0"),
            },
            Expr::BooleanLiteral(one) => self.push(if one.value { "true" } else { "false" }),
            Expr::NoneLiteral(_) => self.push("null"),
            Expr::EllipsisLiteral(_) => self.push("$.Ellipsis"),
            Expr::Attribute(attribute) => {
                self.push("$.g(");
                self.expr(&attribute.value)?;
                let at = self.at(attribute);
                let _ = write!(self.out, ", {}, {at})", quoted(attribute.attr.as_str()));
            }
            Expr::Subscript(subscript) => {
                self.push("$.i(");
                self.expr(&subscript.value)?;
                self.push(", ");
                self.expr(&subscript.slice)?;
                let at = self.at(subscript);
                let _ = write!(self.out, ", {at})");
            }
            Expr::Starred(starred) => {
                self.push("...$.it(");
                self.expr(&starred.value)?;
                self.push(")");
            }
            Expr::Name(name) => {
                if name.id.as_str() == "__class__"
                    && let Some((class, _)) = self.class_around()
                {
                    let _ = write!(self.out, "$k{class}.cls");
                } else {
                    self.load(name.id.as_str());
                }
            }
            Expr::Slice(slice) => {
                self.push("$.slice(");
                for bound in [&slice.lower, &slice.upper, &slice.step] {
                    match bound {
                        Some(bound) => self.expr(bound)?,
                        None => self.push("null"),
                    }
                    self.push(", ");
                }
                self.push(")");
            }
            Expr::IpyEscapeCommand(_) => return Err(Unwritten),
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn interpolated(&mut self, elements: &InterpolatedStringElements) -> Written {
        for element in elements.iter() {
            match element {
                InterpolatedStringElement::Literal(text) => {
                    let _ = write!(self.out, " + {}", quoted(&text.value));
                }
                InterpolatedStringElement::Interpolation(place) => {
                    if let Some(debug) = &place.debug_text {
                        let around = self.text.get(place.expression.range().to_std_range());
                        let shown = format!(
                            "{}{}{}",
                            debug.leading(),
                            around.unwrap_or_default(),
                            debug.trailing()
                        );
                        let _ = write!(self.out, " + {}", quoted(&shown));
                    }
                    self.push(" + $.fv(");
                    self.expr(&place.expression)?;
                    let conversion = match place.conversion.to_char() {
                        Some(c) => format!("\"{c}\""),
                        None if place.debug_text.is_some() && place.format_spec.is_none() => {
                            "\"r\"".to_owned()
                        }
                        None => "null".to_owned(),
                    };
                    let _ = write!(self.out, ", {conversion}, (\"\"");
                    if let Some(spec) = &place.format_spec {
                        self.interpolated(&spec.elements)?;
                    }
                    self.push("))");
                }
            }
        }
        Ok(())
    }

    fn call(&mut self, call: &ruff_python_ast::ExprCall) -> Written {
        let at = self.at(call);
        if let Expr::Name(name) = &*call.func
            && name.id.as_str() == "super"
            && call.arguments.args.is_empty()
            && let Some((class, first)) = self.class_around()
        {
            let _ = write!(self.out, "$.sup($k{class}.cls, v_{first})");
            return Ok(());
        }
        if let Expr::Attribute(attribute) = &*call.func {
            self.push("$.m(");
            self.expr(&attribute.value)?;
            let _ = write!(self.out, ", {}, [", quoted(attribute.attr.as_str()));
        } else {
            self.push("$.c(");
            self.expr(&call.func)?;
            self.push(", [");
        }
        self.elements(&call.arguments.args)?;
        self.push("], ");
        if call.arguments.keywords.is_empty() {
            self.push("undefined");
        } else {
            self.keywords(&call.arguments)?;
        }
        let _ = write!(self.out, ", {at})");
        Ok(())
    }

    /// The values that a comprehension makes, one after another.
    fn comprehension(&mut self, generators: &[Comprehension], parts: &[&Expr]) -> Written {
        let mut names = Names::default();
        for generator in generators {
            names.visit_expr(&generator.target);
        }
        let bound: Vec<String> = names.bound.iter().map(|name| (*name).to_owned()).collect();
        self.push("(function* () {");
        // What is gone through first belongs to what is around.
        for (index, generator) in generators.iter().enumerate() {
            let number = self.number();
            let _ = write!(self.out, "for (const $t{number} of $.it(");
            self.expr(&generator.iter)?;
            self.push(")) {");
            if index == 0 {
                let mut sorted: Vec<&str> = bound.iter().map(String::as_str).collect();
                sorted.sort_unstable();
                self.declare(sorted.into_iter());
                self.scopes.push(Scope {
                    kind: Kind::Comprehension,
                    names: bound.iter().cloned().collect(),
                    class: 0,
                    first: String::new(),
                });
            }
            self.assign(&generator.target, &format!("$t{number}"))?;
            for test in &generator.ifs {
                self.push("if (!");
                self.test(test)?;
                self.push(") continue;");
            }
        }
        self.push("yield ");
        match parts {
            [one] => self.expr(one)?,
            _ => {
                self.push("[");
                for part in parts {
                    self.expr(part)?;
                    self.push(", ");
                }
                self.push("]");
            }
        }
        self.push(";");
        generators.iter().for_each(|_| self.push("}"));
        self.push("})()");
        self.scopes.pop();
        Ok(())
    }
}

fn operator(op: Operator) -> &'static str {
    match op {
        Operator::Add => "+",
        Operator::Sub => "-",
        Operator::Mult => "*",
        Operator::MatMult => "@",
        Operator::Div => "/",
        Operator::Mod => "%",
        Operator::Pow => "**",
        Operator::LShift => "<<",
        Operator::RShift => ">>",
        Operator::BitOr => "|",
        Operator::BitXor => "^",
        Operator::BitAnd => "&",
        Operator::FloorDiv => "//",
    }
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "==",
        CmpOp::NotEq => "!=",
        CmpOp::Lt => "<",
        CmpOp::LtE => "<=",
        CmpOp::Gt => ">",
        CmpOp::GtE => ">=",
        CmpOp::Is => "is",
        CmpOp::IsNot => "is not",
        CmpOp::In => "in",
        CmpOp::NotIn => "not in",
    }
}
