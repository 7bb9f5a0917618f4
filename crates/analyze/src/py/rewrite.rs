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
    InterpolatedStringElement, InterpolatedStringElements, ModModule, Number, Operator,
    ParameterWithDefault, Parameters, Pattern, Singleton, Stmt, StmtClassDef, StmtFunctionDef,
    UnaryOp,
};
use ruff_text_size::Ranged;
use rustc_hash::FxHashMap;

use super::operations;
use super::scope::{Kind, ScopeId, Scopes};

/// How deep statements and expressions may nest.
const DEEPEST: usize = 120;

/// What cannot be written anew.
#[derive(Debug)]
struct Unwritten;

type Written<T = ()> = Result<T, Unwritten>;

/// What a module has without binding it.
const GIVEN: [(&str, &str); 5] = [
    ("__name__", "\"__main__\""),
    ("__file__", "\"/home/someone/work/main.py\""),
    ("__doc__", "null"),
    ("__package__", "\"\""),
    ("__spec__", "null"),
];

/// A module as the function that runs it; `None` for what is not written
/// anew: code that nests deep.
pub(super) fn module(module: &ModModule, text: &str) -> Option<String> {
    let scopes = Scopes::new(module, text);
    if scopes.cut {
        return None;
    }
    let mut writer = Writer {
        text,
        lines: std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at.saturating_add(1)))
            .collect(),
        out: String::with_capacity(text.len().saturating_mul(3)),
        scopes: &scopes,
        scope: 0,
        around: Vec::new(),
        firsts: FxHashMap::default(),
        next: 0,
        depth: 0,
        breaks: Vec::new(),
    };
    let mut names = writer.bound();
    names.extend(GIVEN.iter().map(|(name, _)| *name));
    names.sort_unstable();
    names.dedup();
    writer.push("(function ($) {\n\"use strict\";\n");
    writer.declare(&names);
    for (name, value) in GIVEN {
        let _ = write!(writer.out, "v_{name} = {value};");
    }
    writer.push("\n$.module({");
    for name in &names {
        let _ = write!(writer.out, "{}: [() => v_{name}],", quoted(name));
    }
    writer.push("});\n");
    writer.block(&module.body).ok()?;
    writer.push("\n})");
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

/// Whether a body gives values one after another.
#[derive(Default)]
struct Yields(bool);

impl<'a> Visitor<'a> for Yields {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.0 |= matches!(expr, Expr::Yield(_) | Expr::YieldFrom(_));
        if !matches!(expr, Expr::Lambda(_)) {
            walk_expr(self, expr);
        }
    }
}

/// The names that a target binds.
#[derive(Default)]
struct Targets(Vec<String>);

impl<'a> Visitor<'a> for Targets {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Store => self.0.push(name.id.to_string()),
            _ => walk_expr(self, expr),
        }
    }
}

/// The names of a lambda or a comprehension, which no statement binds.
struct Around {
    names: Vec<String>,
    lambda: bool,
}

struct Writer<'t> {
    text: &'t str,
    lines: Vec<usize>,
    out: String,
    scopes: &'t Scopes<'t>,
    /// The scope that is written.
    scope: ScopeId,
    /// The lambdas and comprehensions around, inside of the scope.
    around: Vec<Around>,
    /// The first parameters of functions.
    firsts: FxHashMap<ScopeId, String>,
    /// The next number of a name of ours.
    next: usize,
    depth: usize,
    /// For each loop around, the label that leaves it where it has an `else`.
    breaks: Vec<Option<usize>>,
}

/// Where a name is.
enum Place {
    Variable,
    Class(ScopeId),
    Builtin,
}

impl<'t> Writer<'t> {
    fn number(&mut self) -> usize {
        self.next = self.next.saturating_add(1);
        self.next
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn declare(&mut self, names: &[&str]) {
        let names: Vec<String> = names.iter().map(|name| format!("v_{name}")).collect();
        if !names.is_empty() {
            let _ = write!(self.out, "let {};", names.join(","));
        }
    }

    /// The names that the statements of the scope bind, sorted.
    fn bound(&self) -> Vec<&'t str> {
        let names = self.scopes.get(self.scope).map(|scope| &scope.names);
        let mut bound: Vec<&str> = names
            .into_iter()
            .flatten()
            .filter(|(_, binding)| !binding.parameter)
            .map(|(name, _)| *name)
            .collect();
        bound.sort_unstable();
        bound
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

    fn is_class(&self, scope: ScopeId) -> bool {
        self.scopes
            .get(scope)
            .is_some_and(|scope| scope.kind == Kind::Class)
    }

    fn parent(&self, scope: ScopeId) -> ScopeId {
        self.scopes.get(scope).map_or(0, |scope| scope.parent)
    }

    fn place(&self, name: &str) -> Place {
        let named = |around: &Around| around.names.iter().any(|known| known == name);
        if self.around.iter().any(named) {
            return Place::Variable;
        }
        // What a class binds is no name in its functions.
        let lambda = self.around.iter().any(|around| around.lambda);
        let from = if lambda && self.is_class(self.scope) {
            self.parent(self.scope)
        } else {
            self.scope
        };
        match self.scopes.find(from, name) {
            Some((scope, _)) if self.is_class(scope) => Place::Class(scope),
            Some(_) => Place::Variable,
            None if GIVEN.iter().any(|(given, _)| *given == name) => Place::Variable,
            None => Place::Builtin,
        }
    }

    /// The nearest class around, and the first parameter of the function.
    fn class_around(&self) -> Option<(ScopeId, String)> {
        let (mut at, mut first) = (self.scope, String::new());
        while at != 0 {
            if self.is_class(at) {
                return Some((at, first));
            }
            if let Some(known) = self.firsts.get(&at).filter(|known| !known.is_empty()) {
                first.clone_from(known);
            }
            at = self.parent(at);
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
                let outside = self.scopes.find(self.parent(class), name).is_some();
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

    /// Writes what is in another scope: no loop, lambda or comprehension of
    /// this one is around it.
    fn within(&mut self, scope: ScopeId, write: impl FnOnce(&mut Self) -> Written) -> Written {
        let breaks = std::mem::take(&mut self.breaks);
        let around = std::mem::take(&mut self.around);
        let outer = std::mem::replace(&mut self.scope, scope);
        write(self)?;
        (self.scope, self.breaks, self.around) = (outer, breaks, around);
        Ok(())
    }

    fn function(&mut self, function: &StmtFunctionDef) -> Written {
        let end = self.store(function.name.as_str());
        for decorator in &function.decorator_list {
            self.push("$.deco(");
            self.expr(&decorator.expression)?;
            self.push(", ");
        }
        let mut yields = Yields::default();
        yields.visit_body(&function.body);
        let kind = match (function.is_async, yields.0) {
            (false, false) => "plain",
            (false, true) => "generator",
            (true, false) => "async",
            (true, true) => "asyncGenerator",
        };
        let given = given(&function.parameters);
        self.parameters(function.name.as_str(), &given, &function.parameters)?;
        self.push(if yields.0 { "function* " } else { "function " });
        self.variables(&given);
        self.push(" {");
        let scope = self.scopes.of_function(function).ok_or(Unwritten)?;
        let first = given.first().map(|(name, _)| (*name).to_owned());
        self.firsts.insert(scope, first.unwrap_or_default());
        self.within(scope, |this| {
            this.declare(&this.bound());
            this.block(&function.body)
        })?;
        let _ = write!(self.out, "return null;}}, $.FUNCTION.{kind})");
        for _ in &function.decorator_list {
            self.push(")");
        }
        self.push(end);
        self.push(";");
        Ok(())
    }

    /// The parameters of a function, in brackets.
    fn variables(&mut self, given: &[(&str, u8)]) {
        let list: Vec<String> = given.iter().map(|(name, _)| format!("v_{name}")).collect();
        let _ = write!(self.out, "({})", list.join(", "));
    }

    /// `$.fn(name, parameters, defaults, `, in front of the body.
    fn parameters(&mut self, name: &str, given: &[(&str, u8)], parameters: &Parameters) -> Written {
        let _ = write!(self.out, "$.fn({}, [", quoted(name));
        for (name, kind) in given {
            let _ = write!(self.out, "[{}, {kind}],", quoted(name));
        }
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
        let number = self.scopes.of_class(class).ok_or(Unwritten)?;
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
        self.within(number, |this| this.block(&class.body))?;
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
                let (left, chain) = operations(expr);
                for binary in &chain {
                    let _ = write!(self.out, "$.b(\"{}\", ", operator(binary.op));
                }
                self.expr(left)?;
                for binary in chain.iter().rev() {
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
                let given = given(parameters);
                self.parameters("<lambda>", &given, parameters)?;
                self.variables(&given);
                self.push(" => (");
                self.around.push(Around {
                    names: given.iter().map(|(name, _)| (*name).to_owned()).collect(),
                    lambda: true,
                });
                self.expr(&lambda.body)?;
                self.around.pop();
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
        let mut targets = Targets::default();
        for generator in generators {
            targets.visit_expr(&generator.target);
        }
        let mut names = targets.0;
        names.sort_unstable();
        names.dedup();
        self.push("(function* () {");
        // What is gone through first belongs to what is around.
        for (index, generator) in generators.iter().enumerate() {
            let number = self.number();
            let _ = write!(self.out, "for (const $t{number} of $.it(");
            self.expr(&generator.iter)?;
            self.push(")) {");
            if index == 0 {
                let own: Vec<&str> = names.iter().map(String::as_str).collect();
                self.declare(&own);
                self.around.push(Around {
                    names: names.clone(),
                    lambda: false,
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
        self.around.pop();
        Ok(())
    }
}

/// The names of the parameters in the order in which they are handed over, and
/// of which kind they are, in the numbers of `evaluate/python/core.js`.
fn given(parameters: &Parameters) -> Vec<(&str, u8)> {
    let rest = parameters.vararg.iter().map(|one| (one.name.as_str(), 3));
    let named = parameters.kwarg.iter().map(|one| (one.name.as_str(), 4));
    listed(&parameters.posonlyargs, 1)
        .chain(listed(&parameters.args, 0))
        .chain(rest)
        .chain(listed(&parameters.kwonlyargs, 2))
        .chain(named)
        .collect()
}

fn listed(list: &[ParameterWithDefault], kind: u8) -> impl Iterator<Item = (&str, u8)> {
    list.iter()
        .map(move |one| (one.parameter.name.as_str(), kind))
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
