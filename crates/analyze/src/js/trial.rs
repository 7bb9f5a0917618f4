//! A whole small module as a program to be tried: what it does on hosts that
//! differ in one thing.
//!
//! Every byte of the module's own text keeps its place, so that where the
//! interpreter says something happened is where it stands in the source.

use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_semantic::Semantic;
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashSet;

use crate::evaluate::{Program as Tried, Trial};

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
];
/// And one of these where something leaves.
const LEAVES: &[&str] = &[
    "fetch", "request", "http", "ocket", "Beacon", "spawn", "exec", "messages", "axios", "post",
    "send", "dgram", "upload", "jsonrpc", "publish", "complet", "generate", "create", "emit",
    "Worker", "dns", "connect", "write", "Bun.$", "Command",
];

/// The module as a program; `None` where it is too large, or can show nothing.
pub(super) fn program(semantic: &Semantic<'_>, types: &[(u32, u32)], text: &str) -> Option<Tried> {
    if !Trial::can_show(text, READS, LEAVES) {
        return None;
    }
    let program = semantic.nodes().program();
    let mut writer = Writer {
        text: text.as_bytes().to_vec(),
        header: String::new(),
        footer: String::new(),
        module: false,
    };
    for (start, end) in types {
        writer.blank(*start, *end);
    }
    for statement in &program.body {
        writer.statement(statement, text);
    }
    let mut trial = Trial::default();
    let mut known = FxHashSet::default();
    for node in semantic.nodes().iter() {
        writer.node(node.kind());
        candidate(node.kind(), &mut trial, &mut known);
    }
    let body = String::from_utf8(writer.text).ok()?;
    let strict = if writer.module { "\"use strict\";" } else { "" };
    let source = format!(
        "(async function (require, module, exports, __filename, __dirname, impor_, importMeta_) {{{strict}{} {{\n{body}\n{}}}}})",
        writer.header, writer.footer
    );
    Some(Tried::trial(source, trial))
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
    text: Vec<u8>,
    /// What imports bind.
    header: String,
    /// What is exported.
    footer: String,
    module: bool,
}

impl Writer {
    /// Takes a range out; lines stay.
    fn blank(&mut self, start: u32, end: u32) {
        for byte in self
            .text
            .get_mut(start as usize..end as usize)
            .unwrap_or_default()
        {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    /// Puts a text of the same length in place of another.
    fn put(&mut self, start: u32, new: &str) {
        let start = start as usize;
        if let Some(slot) = self.text.get_mut(start..start.saturating_add(new.len())) {
            slot.copy_from_slice(new.as_bytes());
        }
    }

    fn node(&mut self, kind: AstKind<'_>) {
        match kind {
            AstKind::ImportMeta(meta) => self.put(meta.span.start, "importMeta_"),
            AstKind::ImportExpression(import) => {
                let start = import.span.start as usize;
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
                let from = format!("require({})", quoted(&import.source.value));
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
                    self.header
                        .push_str(&format!("const {name} = {from}{what};"));
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
