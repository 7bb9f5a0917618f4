//! One file of a package: what it imports, what it exports, and how its text
//! changes where it is joined with others.

mod commonjs;
mod exports;

use std::collections::BTreeMap;

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_parser::Parser;
use oxc_semantic::{AstNodes, NodeId, Scoping, SemanticBuilder, SymbolId};
use oxc_span::{GetSpan, SourceType, Span};
use rustc_hash::{FxHashMap, FxHashSet};

/// How many members of a value are followed: `a.b.c`.
const MEMBERS: usize = 8;

/// What another file of the group gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// All of its exports.
    Module(usize),
    /// One of them.
    Of(usize, String),
}

/// What an export is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Export {
    /// What a name of the joined text stands for.
    Name(String),
    /// What another file gives.
    From(Base),
}

/// A member that is read of a value, and where the reading ends.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) end: u32,
}

/// What takes the place of a part of the text.
#[derive(Debug)]
pub(super) enum New {
    Text(String),
    /// What another file gives.
    Use {
        base: Base,
        members: Vec<Member>,
        /// The key, where a property was written by its name alone.
        label: Option<String>,
        /// Whether it is a promise of it.
        promised: bool,
    },
    /// What another file gives, or else a text, where that is not known.
    Known {
        base: Base,
        members: Vec<Member>,
        otherwise: String,
    },
}

/// A change of the text, at offsets of the file.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) new: New,
}

/// What joining a file needs to know of it.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) edits: Vec<Edit>,
    pub(super) exports: BTreeMap<String, Export>,
    /// Exports that the text itself writes to the object of exports.
    pub(super) written: FxHashSet<String>,
    /// Files of which everything is exported again.
    pub(super) stars: Vec<usize>,
    /// What the file gives as a whole, where that is not an object of its
    /// exports.
    pub(super) whole: Option<Export>,
    /// Whether the text itself makes the object of its exports.
    pub(super) replaced: bool,
    /// Whether it has `import` or `export`.
    pub(super) esm: bool,
    /// The files that it imports, in order.
    pub(super) imports: Vec<usize>,
    /// Declarations that its changes need.
    pub(super) tail: String,
}

/// Whether a text is a name that can stand after a full stop.
pub(super) fn is_plain(text: &str) -> bool {
    exports::is_name(text)
}

/// The name that a name of one file has in the joined text.
pub(super) fn renamed(name: &str, file: usize) -> String {
    format!("{name}$m{file}")
}

/// The name of the object of a file's exports in the joined text.
pub(super) fn object(file: usize) -> String {
    renamed("$exports", file)
}

/// Reads a file; `None` where it cannot be part of a module.
pub(super) fn read(
    text: &str,
    typescript: bool,
    file: usize,
    resolve: &dyn Fn(&str) -> Option<usize>,
) -> Option<Module> {
    let allocator = Allocator::default();
    let attempts = if typescript {
        [SourceType::ts(), SourceType::tsx()]
    } else {
        [SourceType::mjs().with_jsx(true), SourceType::mjs()]
    };
    let parsed = attempts
        .iter()
        .map(|kind| Parser::new(&allocator, text, *kind).parse())
        .find(|parsed| !parsed.panicked && parsed.diagnostics.is_empty())?;
    let semantic = SemanticBuilder::new()
        .with_build_nodes(true)
        .build(&parsed.program)
        .semantic;
    let mut reader = Reader {
        file,
        text,
        nodes: semantic.nodes(),
        scoping: semantic.scoping(),
        resolve,
        bases: FxHashMap::default(),
        out: Module::default(),
        whole: true,
    };
    reader.program(&parsed.program);
    reader.whole.then_some(reader.out)
}

struct Reader<'a, 's> {
    file: usize,
    text: &'s str,
    nodes: &'s AstNodes<'a>,
    scoping: &'s Scoping,
    resolve: &'s dyn Fn(&str) -> Option<usize>,
    /// Variables that stand for what another file gives.
    bases: FxHashMap<SymbolId, Base>,
    out: Module,
    /// Whether all of it was understood.
    whole: bool,
}

/// A call that a compiler puts around `require`, by the beginning of its
/// name.
const INTEROP: &[&str] = &["importdefault", "importstar", "toesm", "interop"];

fn is_interop(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(|c| *c != '_')
        .flat_map(char::to_lowercase)
        .collect();
    INTEROP.iter().any(|known| name.starts_with(known))
}

/// An expression without what changes nothing of its value.
fn inner<'b, 'a>(expression: &'b Expression<'a>) -> &'b Expression<'a> {
    let mut at = expression;
    loop {
        at = match at {
            Expression::ParenthesizedExpression(e) => &e.expression,
            Expression::TSAsExpression(e) => &e.expression,
            Expression::TSSatisfiesExpression(e) => &e.expression,
            Expression::TSNonNullExpression(e) => &e.expression,
            Expression::TSTypeAssertion(e) => &e.expression,
            _ => return at,
        };
    }
}

fn literal<'b>(expression: &'b Expression<'_>) -> Option<&'b str> {
    match inner(expression) {
        Expression::StringLiteral(text) => Some(text.value.as_str()),
        Expression::TemplateLiteral(template) if template.expressions.is_empty() => template
            .quasis
            .first()?
            .value
            .cooked
            .as_ref()
            .map(|text| text.as_str()),
        _ => None,
    }
}

fn key_of<'b>(key: &'b PropertyKey<'_>) -> Option<&'b str> {
    match key {
        PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
        PropertyKey::StringLiteral(text) => Some(text.value.as_str()),
        _ => None,
    }
}

/// The name of a member that is read by a name, and the object.
fn member_of<'b, 'a>(expression: &'b Expression<'a>) -> Option<(&'b Expression<'a>, &'b str)> {
    match expression {
        Expression::StaticMemberExpression(member) => {
            Some((&member.object, member.property.name.as_str()))
        }
        Expression::ComputedMemberExpression(member) => {
            Some((&member.object, literal(&member.expression)?))
        }
        _ => None,
    }
}

impl<'a> Reader<'a, '_> {
    fn edit(&mut self, start: u32, end: u32, new: String) {
        let new = New::Text(new);
        self.out.edits.push(Edit { start, end, new });
    }

    fn remove(&mut self, span: Span) {
        self.edit(span.start, span.end, String::new());
    }

    /// The file that a specifier names, which is then imported.
    fn target(&mut self, specifier: &str) -> Option<usize> {
        let target = (self.resolve)(specifier).filter(|target| *target != self.file)?;
        if !self.out.imports.contains(&target) {
            self.out.imports.push(target);
        }
        Some(target)
    }

    fn symbol(&self, id: &IdentifierReference<'_>) -> Option<SymbolId> {
        let reference = id.reference_id.get()?;
        self.scoping.get_reference(reference).symbol_id()
    }

    fn is_root(&self, symbol: SymbolId) -> bool {
        self.scoping.symbol_scope_id(symbol) == self.scoping.root_scope_id()
    }

    /// Whether a name is that of the platform and not one of the file.
    fn is_global(&self, expression: &Expression<'a>, name: &str) -> bool {
        matches!(inner(expression), Expression::Identifier(id)
            if id.name == name && self.symbol(id).is_none())
    }

    /// The object of the file's exports.
    fn is_exports(&self, expression: &Expression<'a>) -> bool {
        if self.out.esm {
            return false;
        }
        let expression = inner(expression);
        self.is_global(expression, "exports")
            || member_of(expression)
                .is_some_and(|(object, name)| name == "exports" && self.is_global(object, "module"))
    }

    /// The file that `require("./x")` names.
    fn required(&mut self, call: &CallExpression<'a>) -> Option<usize> {
        if !self.is_global(&call.callee, "require") {
            return None;
        }
        let specifier = literal(call.arguments.first()?.as_expression()?)?;
        self.target(specifier)
    }

    fn imported(&mut self, expression: &Expression<'a>) -> Option<usize> {
        match inner(expression) {
            Expression::ImportExpression(import) => {
                let specifier = literal(&import.source)?;
                self.target(specifier)
            }
            _ => None,
        }
    }

    /// What of another file an expression is.
    fn base(&mut self, expression: &Expression<'a>) -> Option<Base> {
        let expression = inner(expression);
        match expression {
            Expression::Identifier(id) => self.bases.get(&self.symbol(id)?).cloned(),
            Expression::AwaitExpression(wait) => self.imported(&wait.argument).map(Base::Module),
            Expression::CallExpression(call) => {
                if let Some(target) = self.required(call) {
                    return Some(Base::Module(target));
                }
                let name = match inner(&call.callee) {
                    Expression::Identifier(id) => id.name.as_str(),
                    other => member_of(other)?.1,
                };
                if !is_interop(name) {
                    return None;
                }
                match inner(call.arguments.first()?.as_expression()?) {
                    Expression::CallExpression(call) => self.required(call).map(Base::Module),
                    _ => None,
                }
            }
            _ => {
                let (object, name) = member_of(expression)?;
                match self.base(object)? {
                    Base::Module(target) => Some(Base::Of(target, name.to_owned())),
                    Base::Of(..) => None,
                }
            }
        }
    }

    /// What an exported expression is, if it is there already.
    fn alias(&mut self, expression: &Expression<'a>) -> Option<Export> {
        if let Some(base) = self.base(expression) {
            return Some(Export::From(base));
        }
        match inner(expression) {
            Expression::Identifier(id) => self.alias_of(id),
            _ => None,
        }
    }

    fn alias_of(&self, id: &IdentifierReference<'a>) -> Option<Export> {
        let symbol = self.symbol(id)?;
        if let Some(base) = self.bases.get(&symbol) {
            return Some(Export::From(base.clone()));
        }
        self.is_root(symbol)
            .then(|| Export::Name(renamed(id.name.as_str(), self.file)))
    }

    fn program(&mut self, program: &Program<'a>) {
        if let Some(hashbang) = &program.hashbang {
            self.remove(hashbang.span);
        }
        self.out.esm = program.body.iter().any(|statement| {
            matches!(
                statement,
                Statement::ImportDeclaration(_)
                    | Statement::ExportAllDeclaration(_)
                    | Statement::ExportDefaultDeclaration(_)
                    | Statement::ExportDeclaration(_)
                    | Statement::ExportNamedDeclaration(_)
                    | Statement::ExportFromDeclaration(_)
            )
        });
        for statement in &program.body {
            if let Statement::ImportDeclaration(import) = statement {
                self.import(import);
            }
        }
        for (_, node) in self.nodes.iter_enumerated() {
            self.binding(node.kind());
        }
        for statement in &program.body {
            self.export(statement);
        }
        if !self.out.esm {
            self.commonjs(&program.body);
        }
        for (id, node) in self.nodes.iter_enumerated() {
            self.name(id, node.kind());
        }
    }

    // ---- what names stand for ----

    fn import(&mut self, import: &ImportDeclaration<'a>) {
        let Some(target) = self.target(import.source.value.as_str()) else {
            return;
        };
        self.remove(import.span);
        for specifier in import.specifiers.iter().flatten() {
            let (local, base) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named) => (
                    &named.local,
                    Base::Of(target, named.imported.name().to_string()),
                ),
                ImportDeclarationSpecifier::ImportDefaultSpecifier(default) => {
                    (&default.local, Base::Of(target, "default".to_owned()))
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(all) => {
                    (&all.local, Base::Module(target))
                }
            };
            if let Some(symbol) = local.symbol_id.get() {
                self.bases.insert(symbol, base);
            }
        }
    }

    fn binding(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::TSImportEqualsDeclaration(import) => {
                if let TSModuleReference::ExternalModuleReference(reference) =
                    &import.module_reference
                    && let Some(target) = self.target(reference.expression.value.as_str())
                {
                    self.remove(import.span);
                    if let Some(symbol) = import.id.symbol_id.get() {
                        self.bases.insert(symbol, Base::Module(target));
                    }
                }
            }
            AstKind::VariableDeclarator(declarator) => {
                if let Some(init) = &declarator.init
                    && let Some(base) = self.base(init)
                {
                    self.bind(&declarator.id, &base);
                }
            }
            // `import("./x").then((x) => ...)`
            AstKind::CallExpression(call) => {
                if let Some((object, "then")) = member_of(&call.callee)
                    && let Some(target) = self.imported(object)
                    && let Some(callback) = call.arguments.first().and_then(Argument::as_expression)
                {
                    let params = match inner(callback) {
                        Expression::ArrowFunctionExpression(arrow) => &arrow.params,
                        Expression::FunctionExpression(function) => &function.params,
                        _ => return,
                    };
                    if let Some(param) = params.items.first() {
                        self.bind(&param.pattern, &Base::Module(target));
                    }
                }
            }
            _ => {}
        }
    }

    fn bind(&mut self, pattern: &BindingPattern<'a>, base: &Base) {
        match pattern {
            BindingPattern::BindingIdentifier(id) => {
                if let Some(symbol) = id.symbol_id.get()
                    && !self.scoping.symbol_is_mutated(symbol)
                    && self.scoping.symbol_redeclarations(symbol).is_empty()
                {
                    self.bases.insert(symbol, base.clone());
                }
            }
            BindingPattern::ObjectPattern(pattern) => {
                let Base::Module(target) = base else { return };
                for property in &pattern.properties {
                    if let (false, Some(key)) = (property.computed, key_of(&property.key)) {
                        self.bind(&property.value, &Base::Of(*target, key.to_owned()));
                    }
                }
            }
            _ => {}
        }
    }

    // ---- names in the text ----

    fn name(&mut self, id: NodeId, kind: AstKind<'a>) {
        match kind {
            AstKind::BindingIdentifier(name) => self.declared(id, name),
            AstKind::IdentifierReference(name) => self.referred(id, name),
            AstKind::CallExpression(call) => {
                if let Some(target) = self.required(call) {
                    self.used(id, call.span, Base::Module(target), None);
                }
            }
            AstKind::AwaitExpression(wait) => {
                if let Some(target) = self.imported(&wait.argument) {
                    let (id, span) = match self.nodes.parent_kind(id) {
                        AstKind::ParenthesizedExpression(outer) => {
                            (self.nodes.parent_id(id), outer.span)
                        }
                        _ => (id, wait.span),
                    };
                    self.used(id, span, Base::Module(target), None);
                }
            }
            AstKind::ImportExpression(import) => {
                if let Some(target) = literal(&import.source).and_then(|name| self.target(name)) {
                    self.out.edits.push(Edit {
                        start: import.span.start,
                        end: import.span.end,
                        new: New::Use {
                            base: Base::Module(target),
                            members: Vec::new(),
                            label: None,
                            promised: true,
                        },
                    });
                }
            }
            AstKind::StaticMemberExpression(member) => self.own_export(id, member),
            _ => {}
        }
    }

    /// `module.exports`, and `exports.a` where it is read.
    fn own_export(&mut self, id: NodeId, member: &StaticMemberExpression<'a>) {
        if self.out.esm {
            return;
        }
        let name = member.property.name.as_str();
        if name == "exports" && self.is_global(&member.object, "module") {
            self.edit(member.span.start, member.span.end, object(self.file));
        } else if self.is_exports(&member.object) && self.out.exports.contains_key(name) {
            let written = match self.nodes.parent_kind(id) {
                AstKind::AssignmentExpression(assignment) => assignment.left.span() == member.span,
                AstKind::UpdateExpression(_) | AstKind::UnaryExpression(_) => true,
                _ => false,
            };
            if !written {
                let base = Base::Of(self.file, name.to_owned());
                self.used(id, member.span, base, None);
            }
        }
    }

    fn declared(&mut self, id: NodeId, name: &BindingIdentifier<'a>) {
        if !name
            .symbol_id
            .get()
            .is_some_and(|symbol| self.is_root(symbol))
        {
            return;
        }
        let text = name.name.as_str();
        let shorthand = |property: &BindingProperty<'a>, span: Span| {
            property.shorthand && property.value.span() == span
        };
        let new = renamed(text, self.file);
        let new = match self.nodes.parent_kind(id) {
            AstKind::BindingProperty(property) if shorthand(property, name.span) => {
                format!("{text}: {new}")
            }
            AstKind::AssignmentPattern(pattern) if pattern.left.span() == name.span => {
                match self.nodes.parent_kind(self.nodes.parent_id(id)) {
                    AstKind::BindingProperty(property) if shorthand(property, pattern.span) => {
                        format!("{text}: {new}")
                    }
                    _ => new,
                }
            }
            AstKind::ImportSpecifier(specifier) if specifier.imported.span() == name.span => {
                format!("{text} as {new}")
            }
            _ => new,
        };
        self.edit(name.span.start, name.span.end, new);
    }

    fn referred(&mut self, id: NodeId, name: &IdentifierReference<'a>) {
        let text = name.name.as_str();
        let label = match self.nodes.parent_kind(id) {
            AstKind::ObjectProperty(property)
                if property.shorthand && property.value.span() == name.span =>
            {
                Some(text.to_owned())
            }
            AstKind::AssignmentTargetPropertyIdentifier(property)
                if property.binding.span == name.span =>
            {
                Some(text.to_owned())
            }
            _ => None,
        };
        let Some(symbol) = self.symbol(name) else {
            if text == "exports" && !self.out.esm {
                let new = object(self.file);
                let new = label.map_or(new.clone(), |label| format!("{label}: {new}"));
                self.edit(name.span.start, name.span.end, new);
            }
            return;
        };
        if let Some(base) = self.bases.get(&symbol).cloned() {
            self.used(id, name.span, base, label);
        } else if self.is_root(symbol) {
            let new = renamed(text, self.file);
            let new = label.map_or(new.clone(), |label| format!("{label}: {new}"));
            self.edit(name.span.start, name.span.end, new);
        }
    }

    /// A use of what another file gives, with the members that are read of it.
    fn used(&mut self, id: NodeId, span: Span, base: Base, label: Option<String>) {
        let mut members = Vec::new();
        let (mut at, mut whole) = (id, span);
        while members.len() < MEMBERS && label.is_none() {
            at = self.nodes.parent_id(at);
            let (object, name, outer) = match self.nodes.kind(at) {
                AstKind::StaticMemberExpression(member) => (
                    member.object.span(),
                    member.property.name.as_str(),
                    member.span,
                ),
                AstKind::ComputedMemberExpression(member) => match literal(&member.expression) {
                    Some(name) => (member.object.span(), name, member.span),
                    None => break,
                },
                _ => break,
            };
            if object != whole {
                break;
            }
            members.push(Member {
                name: name.to_owned(),
                end: outer.end,
            });
            whole = outer;
        }
        self.out.edits.push(Edit {
            start: span.start,
            end: span.end,
            new: New::Use {
                base,
                members,
                label,
                promised: false,
            },
        });
    }
}
