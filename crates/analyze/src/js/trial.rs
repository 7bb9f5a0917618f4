//! A whole small module as a program to be tried: what it does on hosts that
//! differ in one thing.
//!
//! Every byte of the module's own text keeps its place, so that where the
//! interpreter says something happened is where it stands in the source.

use std::hash::BuildHasher as _;

use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_semantic::{Semantic, SymbolId};
use oxc_span::{GetSpan, Span};
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::slice::cut::{Cut, Form};
use super::slice::index::Index;
use crate::evaluate::{Places, Program as Tried, Trial};

/// One of these has to be named where something is told by the host.
const READS: &[&str] = &[
    "timeZone",
    "process",
    "Date",
    "Intl",
    "navigator",
    "hostname",
    "node:os",
    "'os'",
    "\"os\"",
    "child_process",
    "/etc/",
    "Deno",
    "Bun",
    "dns",
    "env",
    "readFile",
    "existsSync",
    "homedir",
    "/proc/",
    "/run/",
    "/sys/",
    "/var/",
];
/// And one of these where something leaves.
const LEAVES: &[&str] = &[
    "fetch",
    "request",
    "http",
    "ocket",
    "Beacon",
    "spawn",
    "exec",
    "messages",
    "axios",
    "post",
    "send",
    "dgram",
    "upload",
    "jsonrpc",
    "publish",
    "complet",
    "generate",
    "create",
    "emit",
    "Worker",
    "dns",
    "connect",
    "write",
    "Bun.$",
    "Command",
    "prompt",
    "Prompt",
    "instruction",
    "content",
    "tool",
];

/// Or one of these where something is decoded.
const DECODES: &[&str] = &[
    "fromCharCode",
    "fromCodePoint",
    "charCodeAt",
    "codePointAt",
    "atob",
    "Buffer.from",
    "Uint8Array",
    "parseInt",
    "inflate",
    "gunzip",
    "reverse()",
    "decodeURI",
    "TextDecoder",
    "BigInt",
];

/// What a program is given by the host, by name.
const GIVEN: &str = "require, module, exports, __filename, __dirname, impor_, importMeta_, \
                     compared_, tested_, switched_, case_, absent_, loaded_";

/// The module as a program; `None` where it is too large, or can show nothing.
pub(super) fn program(semantic: &Semantic<'_>, types: &[(u32, u32)], text: &str) -> Option<Tried> {
    let mut trial = Trial::of(text, READS, LEAVES, DECODES)?;
    let program = semantic.nodes().program();
    let mut writer = Writer::new(0, text);
    for (start, end) in types {
        writer.blank(*start, *end);
    }
    for statement in &program.body {
        writer.statement(statement, text);
    }
    let mut known = FxHashSet::default();
    for node in semantic.nodes().iter() {
        writer.node(node.kind());
        writer.decision(node.kind());
        candidate(node.kind(), &mut trial, &mut known);
    }
    let mut places = Places::default();
    let body = writer.written(&mut places, FIRST)?;
    let strict = if writer.module { "\"use strict\";" } else { "" };
    let source = format!(
        "(async function ({GIVEN}) {{{strict}{} {{\n{body}\n{}}}}})",
        writer.header, writer.footer
    );
    Some(Tried::trial(source, trial, places))
}

/// The line on which a program's body begins.
const FIRST: u32 = 2;

/// Parts of a module as programs.
pub(super) fn parts(index: &Index<'_, '_>, cuts: &[Cut<'_>]) -> Vec<Tried> {
    let module = FxBuildHasher.hash_one(index.text);
    let parts = cuts.iter();
    parts.filter_map(|cut| part(index, cut, module)).collect()
}

fn part(index: &Index<'_, '_>, cut: &Cut<'_>, module: u64) -> Option<Tried> {
    let mut trial = Trial {
        wanting: !cut.absent.is_empty(),
        part_of: Some(module),
        ..Trial::default()
    };
    let mut places = Places::default();
    let mut known = FxHashSet::default();
    let mut header = String::new();
    for symbol in &cut.imports {
        header.push_str(&import(index, *symbol)?);
    }
    for name in &cut.absent {
        header.push_str(&format!("var {name}=absent_({});", quoted(name)));
    }
    // What is declared is known before it is there.
    let mut tried: Vec<(String, bool)> = Vec::new();
    let mut body = String::new();
    let (mut line, mut decisions) = (FIRST, 0);
    let mut at = Position::default();
    for piece in &cut.pieces {
        let (start, end) = piece.span;
        let text = index.text.get(start as usize..end as usize)?;
        let mut writer = Writer::new(start, text);
        writer.decisions = decisions;
        for (from, to) in index.types_in(piece.span) {
            writer.blank(*from, *to);
        }
        for (_, kind) in index.nodes_of(piece.node) {
            match kind {
                AstKind::ExportDeclaration(export) => {
                    writer.blank(start, export.declaration.span().start);
                }
                AstKind::ExportDefaultDeclaration(export) => {
                    writer.blank(start, export.declaration.span().start);
                }
                _ => {}
            }
            writer.node(kind);
            writer.decision(kind);
            candidate(kind, &mut trial, &mut known);
        }
        let (before, after) = match piece.form {
            Form::Statement => (String::new(), "\n;\n"),
            Form::Declarator => ("var ".to_owned(), ";\n"),
            Form::Expression => ("try{".to_owned(), "}catch{}\n"),
            Form::Function => {
                let name = format!("piece_{}", tried.len());
                let before = format!("const {name}=(");
                tried.push((name, index.wraps_module(piece.node)));
                (before, ");\n")
            }
        };
        at.forward(index.text, start)?;
        places.moved.push((line, at.line, at.column));
        // Before what begins where it does.
        writer.put_in.insert(0, (start, false, before));
        let written = writer.written(&mut places, line)?;
        decisions = writer.decisions;
        body.push_str(&written);
        body.push_str(after);
        let lines = written
            .matches('\n')
            .count()
            .checked_add(after.matches('\n').count())?;
        line = line.checked_add(u32::try_from(lines).ok()?)?;
    }
    for (name, node) in &cut.tried {
        tried.push(((*name).to_owned(), index.wraps_module(*node)));
    }
    let mut more = String::new();
    for (name, is_module) in &tried {
        more.push_str(&format!("get {name}(){{return {name}}},"));
        if *is_module {
            more.push_str(&format!("get module_{name}(){{return loaded_({name})}},"));
        }
    }
    for name in &cut.fills {
        body.push_str(&format!("try{{{name}()}}catch{{}};"));
    }
    let source =
        format!("(async function ({GIVEN}) {{{header} {{module.more={{{more}}};\n{body}\n}}}})");
    Some(Tried::trial(source, trial, places))
}

/// A place in a text, from which the next is looked for.
#[derive(Default)]
struct Position {
    at: usize,
    /// As in a program that has the text as its body.
    line: u32,
    /// How many characters are before it.
    column: u32,
}

impl Position {
    fn forward(&mut self, text: &str, to: u32) -> Option<()> {
        let between = text.get(self.at..to as usize)?;
        if self.at == 0 {
            self.line = FIRST;
        }
        let last = memchr::memrchr(b'\n', between.as_bytes());
        let lines = memchr::memchr_iter(b'\n', between.as_bytes()).count();
        let rest = match last {
            Some(last) => {
                self.column = 0;
                between.get(last.checked_add(1)?..)?
            }
            None => between,
        };
        let add = |count: usize, to: u32| to.checked_add(u32::try_from(count).ok()?);
        self.line = add(lines, self.line)?;
        self.column = add(rest.chars().count(), self.column)?;
        self.at = to as usize;
        Some(())
    }
}

/// What an import of a name is in a program.
fn import(index: &Index<'_, '_>, symbol: SymbolId) -> Option<String> {
    let declaration = index.scoping.symbol_declaration(symbol);
    let AstKind::ImportDeclaration(import) = index.kind(index.parent(declaration)) else {
        return None;
    };
    let member = match index.kind(declaration) {
        AstKind::ImportSpecifier(one) => format!("[{}]", quoted(&one.imported.name())),
        AstKind::ImportDefaultSpecifier(_) => ".default".to_owned(),
        _ => String::new(),
    };
    let name = index.scoping.symbol_name(symbol);
    Some(required(name, &import.source.value, &member))
}

fn required(name: &str, module: &str, member: &str) -> String {
    format!("const {name} = require({}){member};", quoted(module))
}

fn candidate<'a>(kind: AstKind<'a>, trial: &mut Trial, known: &mut FxHashSet<&'a str>) {
    match kind {
        AstKind::StringLiteral(text) => trial.candidate(text.value.as_str(), known),
        AstKind::TemplateElement(part) => trial.candidate(part.value.raw.as_str(), known),
        AstKind::RegExpLiteral(pattern) => {
            trial.candidate(pattern.regex.pattern.text.as_str(), known);
        }
        AstKind::ObjectProperty(property) => {
            if let PropertyKey::StaticIdentifier(name) = &property.key {
                trial.candidate(name.name.as_str(), known);
            }
        }
        AstKind::NumericLiteral(number) => trial.number(number.value.to_string()),
        _ => {}
    }
}

struct Writer {
    /// Where its text begins in the module, in bytes.
    base: u32,
    text: Vec<u8>,
    /// What imports bind.
    header: String,
    /// What is exported.
    footer: String,
    module: bool,
    /// What is put in, with where, and whether it ends what is before.
    put_in: Vec<(u32, bool, String)>,
    /// How many places decide something.
    decisions: u32,
}

impl Writer {
    fn new(base: u32, text: &str) -> Self {
        Self {
            base,
            text: text.as_bytes().to_vec(),
            header: String::new(),
            footer: String::new(),
            module: false,
            put_in: Vec::new(),
            decisions: 0,
        }
    }

    /// A range of the text, by where it is in the module.
    fn range(&self, start: u32, end: u32) -> std::ops::Range<usize> {
        let at = |place: u32| place.saturating_sub(self.base) as usize;
        at(start)..at(end)
    }

    /// Lets the host see, and decide, what comes of comparisons and tests.
    fn decision(&mut self, kind: AstKind<'_>) {
        match kind {
            AstKind::BinaryExpression(binary) => {
                let (sign, number) = match binary.operator {
                    BinaryOperator::StrictEquality => ("===", 0),
                    BinaryOperator::StrictInequality => ("!==", 1),
                    BinaryOperator::Equality => ("==", 2),
                    BinaryOperator::Inequality => ("!=", 3),
                    BinaryOperator::LessThan => ("<", 4),
                    BinaryOperator::LessEqualThan => ("<=", 5),
                    BinaryOperator::GreaterThan => (">", 6),
                    BinaryOperator::GreaterEqualThan => (">=", 7),
                    _ => return,
                };
                let (from, to) = (binary.left.span().end, binary.right.span().start);
                let between = self.text.get(self.range(from, to));
                let Some(at) = between.and_then(|between| {
                    // Comments may say anything.
                    let plain = !between.contains(&b'/');
                    plain.then(|| memchr::memmem::find(between, sign.as_bytes()))?
                }) else {
                    return;
                };
                let at = self.range(from, to).start.saturating_add(at);
                if let Some(slot) = self.text.get_mut(at..at.saturating_add(sign.len())) {
                    slot.fill(b' ');
                    if let Some(first) = slot.first_mut() {
                        *first = b',';
                    }
                }
                let one = self.next();
                self.put_in.push((
                    binary.span.start,
                    false,
                    format!("compared_({one},{number},"),
                ));
                self.put_in.push((binary.span.end, true, ")".to_owned()));
            }
            AstKind::IfStatement(branch) => self.test(&branch.test),
            AstKind::ConditionalExpression(choice) => self.test(&choice.test),
            AstKind::LogicalExpression(logical)
                if logical.operator != LogicalOperator::Coalesce =>
            {
                self.test(&logical.left);
            }
            AstKind::SwitchStatement(switch) => {
                let one = self.next();
                let span = switch.discriminant.span();
                if matches!(switch.discriminant, Expression::SequenceExpression(_)) {
                    return;
                }
                self.around(span, format!("switched_({one},"));
                for case in &switch.cases {
                    if let Some(test) = &case.test
                        && !matches!(test, Expression::SequenceExpression(_))
                    {
                        let case = self.next();
                        self.around(test.span(), format!("case_({one},{case},"));
                    }
                }
            }
            _ => {}
        }
    }

    fn test(&mut self, test: &Expression<'_>) {
        // What these come to is decided in them.
        let inside = match test {
            Expression::SequenceExpression(_)
            | Expression::LogicalExpression(_)
            | Expression::BooleanLiteral(_)
            | Expression::ParenthesizedExpression(_) => true,
            Expression::UnaryExpression(unary) => unary.operator == UnaryOperator::LogicalNot,
            Expression::BinaryExpression(binary) => {
                binary.operator.is_equality() || binary.operator.is_compare()
            }
            _ => false,
        };
        if !inside {
            let one = self.next();
            self.around(test.span(), format!("tested_({one},"));
        }
    }

    fn around(&mut self, span: Span, before: String) {
        self.put_in.push((span.start, false, before));
        self.put_in.push((span.end, true, ")".to_owned()));
    }

    fn next(&mut self) -> u32 {
        self.decisions = self.decisions.saturating_add(1);
        self.decisions
    }

    /// The text with what is put in, and in the places where that was; it begins
    /// on this line.
    fn written(&mut self, places: &mut Places, first: u32) -> Option<String> {
        let body = String::from_utf8(std::mem::take(&mut self.text)).ok()?;
        // Nodes come before what is in them: what begins with another begins
        // after it, and ends before it.
        let mut order: Vec<(usize, &(u32, bool, String))> =
            self.put_in.iter().enumerate().collect();
        order.sort_by_key(|(at, (place, ends, _))| {
            let at = i64::try_from(*at).unwrap_or(i64::MAX);
            (*place, !*ends, if *ends { at.saturating_neg() } else { at })
        });
        let mut out = String::with_capacity(body.len().saturating_add(order.len() * 12));
        let (mut from, mut line, mut column) = (0usize, first, 1u32);
        for (_, (place, ends, text)) in order {
            let place = place.checked_sub(self.base)? as usize;
            let part = body.get(from..place)?;
            for c in part.chars() {
                if c == '\n' {
                    line = line.saturating_add(1);
                    column = 1;
                } else {
                    column = column.saturating_add(1);
                }
            }
            out.push_str(part);
            // Nothing need stand between a word and a text: `return"a"===b`.
            let glued = out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$'));
            let apart = if glued && !ends { " " } else { "" };
            out.push_str(apart);
            out.push_str(text);
            let len = u32::try_from(apart.len().saturating_add(text.len())).ok()?;
            places.put_in.push((line, column, len));
            column = column.saturating_add(len);
            from = place;
        }
        out.push_str(body.get(from..)?);
        Some(out)
    }

    /// Takes a range out; lines stay.
    fn blank(&mut self, start: u32, end: u32) {
        let range = self.range(start, end);
        for byte in self.text.get_mut(range).unwrap_or_default() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    /// Puts a text of the same length in place of another.
    fn put(&mut self, start: u32, new: &str) {
        let start = self.range(start, start).start;
        if let Some(slot) = self.text.get_mut(start..start.saturating_add(new.len())) {
            slot.copy_from_slice(new.as_bytes());
        }
    }

    fn node(&mut self, kind: AstKind<'_>) {
        match kind {
            AstKind::ImportMeta(meta) => self.put(meta.span.start, "importMeta_"),
            AstKind::ImportExpression(import) => {
                let start = self.range(import.span.start, import.span.end).start;
                if self.text.get(start..start.saturating_add(7)) == Some(b"import(") {
                    self.put(import.span.start, "impor_(");
                }
            }
            AstKind::Hashbang(line) => self.blank(line.span.start, line.span.end),
            _ => {}
        }
    }

    fn statement(&mut self, statement: &Statement<'_>, text: &str) {
        let span = statement.span();
        let source = |span: Span| {
            text.get(span.start as usize..span.end as usize)
                .unwrap_or("")
        };
        match statement {
            Statement::ImportDeclaration(import) => {
                self.module = true;
                self.blank(span.start, span.end);
                if import.import_kind.is_type() {
                    return;
                }
                let module = &import.source.value;
                for specifier in import.specifiers.iter().flatten() {
                    let (name, what) = match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(one) => {
                            if one.import_kind.is_type() {
                                continue;
                            }
                            (
                                &one.local.name,
                                format!("[{}]", quoted(&one.imported.name())),
                            )
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                            (&one.local.name, ".default".to_owned())
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                            (&one.local.name, String::new())
                        }
                    };
                    self.header.push_str(&required(name, module, &what));
                }
            }
            Statement::ExportAllDeclaration(_) | Statement::ExportFromDeclaration(_) => {
                self.module = true;
                self.blank(span.start, span.end);
            }
            Statement::ExportDefaultDeclaration(export) => {
                self.module = true;
                let inner = export.declaration.span();
                let named = match &export.declaration {
                    ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                        function.id.as_ref().map(|id| id.name.as_str())
                    }
                    ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                        class.id.as_ref().map(|id| id.name.as_str())
                    }
                    _ => None,
                };
                self.blank(span.start, inner.start);
                match named {
                    Some(name) => self.footer.push_str(&format!("module.exports={name};")),
                    None if inner.start.saturating_sub(span.start) >= 15 => {
                        self.put(inner.start.saturating_sub(15), "module.exports=");
                    }
                    None => {}
                }
            }
            Statement::ExportNamedDeclaration(export) => {
                self.module = true;
                self.blank(span.start, span.end);
                if !export.export_kind.is_type() {
                    for one in &export.specifiers {
                        let local = one.local.name();
                        self.footer.push_str(&format!(
                            "try{{(module.more??={{}}).{local}={local}}}catch{{}};"
                        ));
                    }
                }
            }
            Statement::ExportDeclaration(export) => {
                self.module = true;
                let inner = export.declaration.span();
                if source(span).starts_with("export") {
                    self.blank(span.start, inner.start);
                }
                for name in bound(&export.declaration) {
                    self.footer.push_str(&format!(
                        "try{{(module.more??={{}}).{name}={name}}}catch{{}};"
                    ));
                }
            }
            _ => {}
        }
    }
}

/// The names that a declaration binds, as far as they are plain.
fn bound<'a>(declaration: &'a Declaration<'_>) -> Vec<&'a str> {
    match declaration {
        Declaration::VariableDeclaration(list) => list
            .declarations
            .iter()
            .filter_map(|one| one.id.get_binding_identifier())
            .map(|id| id.name.as_str())
            .collect(),
        Declaration::FunctionDeclaration(function) => {
            function.id.iter().map(|id| id.name.as_str()).collect()
        }
        Declaration::ClassDeclaration(class) => {
            class.id.iter().map(|id| id.name.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
