//! The pieces that slices are made of: declarations, and the statements that
//! fill or turn what they declare.

use std::rc::Rc;

use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::GetSpan;
use rustc_hash::{FxHashMap, FxHashSet};

use super::UNITS;
use super::index::{Index, Ref, is_pure_module};

/// How a unit is written into a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As a `var`.
    Declarator,
    /// As it stands.
    Statement,
    /// As a statement of its own.
    Expression,
    /// As a parameter of the function that is called where it stands: the
    /// name's range; the unit's is that of the argument.
    Param((u32, u32)),
    /// As what a module with a stand-in exports.
    Import,
    /// As what ends the slice when it is touched.
    Foreign,
}

#[derive(Debug)]
pub(super) struct Unit {
    pub(super) span: (u32, u32),
    pub(super) form: Form,
    /// The scope's node under which it stands.
    pub(super) body: NodeId,
    /// The symbol, for imports.
    pub(super) symbol: SymbolId,
    uses: Vec<SymbolId>,
}

pub(super) type UnitId = usize;

pub(super) struct Units<'i, 'a, 's> {
    index: &'i Index<'a, 's>,
    pub(super) all: Vec<Unit>,
    by_span: FxHashMap<(u32, u32), Option<UnitId>>,
    of: FxHashMap<SymbolId, Option<Rc<Vec<UnitId>>>>,
    open: FxHashMap<SymbolId, bool>,
    closures: FxHashMap<SymbolId, Option<Rc<Vec<UnitId>>>>,
}

/// Methods that change what they are called on.
const CHANGING: &[&str] = &[
    "add",
    "copyWithin",
    "fill",
    "pop",
    "push",
    "reverse",
    "set",
    "shift",
    "sort",
    "splice",
    "unshift",
];

impl<'i, 'a, 's> Units<'i, 'a, 's> {
    pub(super) fn new(index: &'i Index<'a, 's>) -> Self {
        Self {
            index,
            all: Vec::new(),
            by_span: FxHashMap::default(),
            of: FxHashMap::default(),
            open: FxHashMap::default(),
            closures: FxHashMap::default(),
        }
    }

    /// The scope's node of a symbol.
    fn home(&self, symbol: SymbolId) -> NodeId {
        let scoping = self.index.scoping;
        scoping.get_node_id(scoping.symbol_scope_id(symbol))
    }

    /// Whether a symbol's value comes from outside: a parameter, a variable
    /// of a loop, what was caught.
    pub(super) fn is_open(&mut self, symbol: SymbolId) -> bool {
        if let Some(known) = self.open.get(&symbol) {
            return *known;
        }
        let open = self.comes_from_outside(symbol);
        self.open.insert(symbol, open);
        open
    }

    fn comes_from_outside(&self, symbol: SymbolId) -> bool {
        let home = self.index.kind(self.home(symbol));
        if !matches!(
            home,
            AstKind::Program(_)
                | AstKind::Function(_)
                | AstKind::ArrowFunctionExpression(_)
                | AstKind::BlockStatement(_)
                | AstKind::StaticBlock(_)
        ) {
            return true;
        }
        let declaration = self.index.scoping.symbol_declaration(symbol);
        match self.index.kind(declaration) {
            AstKind::VariableDeclarator(_) => false,
            AstKind::Function(function) => {
                function.r#type != FunctionType::FunctionDeclaration || function.body.is_none()
            }
            AstKind::Class(class) => class.r#type != ClassType::ClassDeclaration || class.declare,
            AstKind::FormalParameter(_) => self.argument(symbol, declaration).is_none(),
            AstKind::ImportSpecifier(_)
            | AstKind::ImportDefaultSpecifier(_)
            | AstKind::ImportNamespaceSpecifier(_) => self
                .module_of(declaration)
                .is_none_or(|name| !is_pure_module(name)),
            _ => true,
        }
    }

    fn module_of(&self, declaration: NodeId) -> Option<&'a str> {
        match self.index.kind(self.index.parent(declaration)) {
            AstKind::ImportDeclaration(import) => Some(import.source.value.as_str()),
            _ => None,
        }
    }

    /// The function's call, where it is called where it stands.
    fn called_in_place(&self, function: NodeId) -> Option<&'a CallExpression<'a>> {
        match self.index.kind(function) {
            AstKind::Function(f) if f.r#async || f.generator => return None,
            AstKind::ArrowFunctionExpression(f) if f.r#async => return None,
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => {}
            _ => return None,
        }
        self.index.called_in_place(function)
    }

    /// The argument that a parameter gets, where its function is called where
    /// it stands.
    fn argument(&self, symbol: SymbolId, declaration: NodeId) -> Option<(u32, u32)> {
        let home = self.home(symbol);
        let params = match self.index.kind(home) {
            AstKind::Function(f) => &f.params,
            AstKind::ArrowFunctionExpression(f) => &f.params,
            _ => return None,
        };
        let call = self.called_in_place(home)?;
        let span = self.index.span(declaration);
        let at = params
            .items
            .iter()
            .position(|item| (item.span.start, item.span.end) == span)?;
        let item = params.items.get(at)?;
        if !matches!(item.pattern, BindingPattern::BindingIdentifier(_))
            || item.initializer.is_some()
        {
            return None;
        }
        let before = call.arguments.get(..=at)?;
        if before
            .iter()
            .any(|argument| matches!(argument, Argument::SpreadElement(_)))
        {
            return None;
        }
        let argument = call.arguments.get(at)?.span();
        let span = (argument.start, argument.end);
        (!self.index.has_bound(span)).then_some(span)
    }

    fn is_function(&self, node: NodeId) -> bool {
        matches!(
            self.index.kind(node),
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_)
        )
    }

    /// The units of a symbol: its declarations and what changes it. None when
    /// its value comes from outside.
    pub(super) fn of(&mut self, symbol: SymbolId) -> Option<Rc<Vec<UnitId>>> {
        if let Some(known) = self.of.get(&symbol) {
            return known.clone();
        }
        let found = self.find(symbol).map(Rc::new);
        self.of.insert(symbol, found.clone());
        found
    }

    fn find(&mut self, symbol: SymbolId) -> Option<Vec<UnitId>> {
        let declaration = self.index.scoping.symbol_declaration(symbol);
        let home = self.home(symbol);
        match self.index.kind(declaration) {
            AstKind::ImportSpecifier(_)
            | AstKind::ImportDefaultSpecifier(_)
            | AstKind::ImportNamespaceSpecifier(_) => {
                let pure = self.module_of(declaration).is_some_and(is_pure_module);
                let form = if pure { Form::Import } else { Form::Foreign };
                let span = self.index.span(declaration);
                return Some(vec![self.add(span, form, home, symbol)?]);
            }
            AstKind::FormalParameter(param) => {
                let span = self.argument(symbol, declaration)?;
                let name = param.pattern.span();
                let form = Form::Param((name.start, name.end));
                return Some(vec![self.add(span, form, home, symbol)?]);
            }
            _ => {}
        }
        if self.is_open(symbol) {
            return None;
        }
        let mut units = Vec::new();
        let mut bare = true;
        let declarations: Vec<NodeId> = self.index.scoping.symbol_declarations(symbol).collect();
        for declaration in declarations {
            if let AstKind::VariableDeclarator(declarator) = self.index.kind(declaration) {
                bare &= declarator.init.is_none();
            } else {
                bare = false;
            }
            let (unit, inner) = self.unit_at(declaration, home)?;
            if inner.is_some() {
                return None;
            }
            units.push(self.add_found(unit, home, symbol)?);
        }
        // What writes to it or changes it, where it stands; and inside of
        // functions, for variables that are declared and filled later.
        let mut later: Vec<(NodeId, NodeId)> = Vec::new();
        let references: Vec<(NodeId, bool)> = self
            .index
            .scoping
            .get_resolved_references(symbol)
            .map(|reference| (reference.node_id(), reference.is_write()))
            .collect();
        for (node, write) in references {
            let change = if write {
                Some(true)
            } else {
                self.changes(node)
            };
            let Some(sure) = change else {
                continue;
            };
            match self.unit_at(node, home) {
                Some((unit, None)) => {
                    if let Some(unit) = self.add_found(unit, home, symbol) {
                        units.push(unit);
                        bare &= !write;
                    }
                }
                Some((_, Some(function))) if sure => later.push((node, function)),
                _ => {}
            }
        }
        if bare && let Some((_, first)) = later.first().copied() {
            for (node, function) in later.into_iter().filter(|(_, f)| *f == first).take(64) {
                if let Some((unit, None)) = self.unit_at(node, function)
                    && let Some(unit) = self.add_found(unit, function, symbol)
                {
                    units.push(unit);
                }
            }
        }
        units.sort_unstable();
        units.dedup();
        Some(units)
    }

    /// Whether a use of a name changes what it names; surely, or perhaps
    /// because it is given away.
    fn changes(&self, node: NodeId) -> Option<bool> {
        let mut at = node;
        let mut last = "";
        let mut member = false;
        loop {
            let parent = self.index.parent(at);
            let span = self.index.span(at);
            let here = |other: oxc_span::Span| (other.start, other.end) == span;
            match self.index.kind(parent) {
                AstKind::ParenthesizedExpression(_) => {}
                AstKind::StaticMemberExpression(m) if here(m.object.span()) => {
                    member = true;
                    last = m.property.name.as_str();
                }
                AstKind::ComputedMemberExpression(m) if here(m.object.span()) => {
                    member = true;
                    last = match &m.expression {
                        Expression::StringLiteral(name) => name.value.as_str(),
                        _ => "",
                    };
                }
                AstKind::AssignmentExpression(a) => {
                    return (member && here(a.left.span())).then_some(true);
                }
                AstKind::UpdateExpression(_) => return Some(true),
                AstKind::UnaryExpression(u) => {
                    return (u.operator == UnaryOperator::Delete).then_some(true);
                }
                AstKind::CallExpression(call) => {
                    if here(call.callee.span()) {
                        return (member && CHANGING.binary_search(&last).is_ok()).then_some(true);
                    }
                    // Given to a call whose result nobody takes.
                    let mut user = self.index.parent(parent);
                    while matches!(
                        self.index.kind(user),
                        AstKind::ParenthesizedExpression(_)
                            | AstKind::SequenceExpression(_)
                            | AstKind::UnaryExpression(_)
                    ) {
                        user = self.index.parent(user);
                    }
                    return (!member
                        && matches!(self.index.kind(user), AstKind::ExpressionStatement(_)))
                    .then_some(false);
                }
                _ => return None,
            }
            at = parent;
        }
    }

    /// The statement of `home` in which a node stands, as small as it can be
    /// taken alone, and the innermost function around the node that is not
    /// called where it stands.
    fn unit_at(&self, node: NodeId, home: NodeId) -> Option<(NodeId, Option<NodeId>)> {
        let mut way = vec![node];
        let mut later = None;
        let mut at = node;
        loop {
            if self.is_function(at)
                && later.is_none()
                && at != node
                && self.called_in_place(at).is_none()
            {
                later = Some(at);
            }
            let parent = self.index.parent(at);
            if parent == at {
                return None;
            }
            let body = match self.index.kind(parent) {
                AstKind::FunctionBody(_) => Some(self.index.parent(parent)),
                AstKind::Program(_) | AstKind::BlockStatement(_) | AstKind::StaticBlock(_) => {
                    Some(parent)
                }
                _ => None,
            };
            if body == Some(home) {
                break;
            }
            at = parent;
            way.push(at);
        }
        let mut unit = way.pop()?;
        while matches!(
            self.index.kind(unit),
            AstKind::ExportDeclaration(_)
                | AstKind::ExportNamedDeclaration(_)
                | AstKind::ExportDefaultDeclaration(_)
                | AstKind::VariableDeclaration(_)
                | AstKind::ExpressionStatement(_)
                | AstKind::SequenceExpression(_)
                | AstKind::ParenthesizedExpression(_)
        ) {
            match way.pop() {
                Some(inner) => unit = inner,
                None => break,
            }
        }
        Some((unit, later))
    }

    fn add_found(&mut self, node: NodeId, body: NodeId, symbol: SymbolId) -> Option<UnitId> {
        let span = self.index.span(node);
        let form = match self.index.kind(node) {
            AstKind::VariableDeclarator(_) => Form::Declarator,
            AstKind::Function(f) if f.r#type == FunctionType::FunctionDeclaration => {
                Form::Statement
            }
            AstKind::Class(c) if c.r#type == ClassType::ClassDeclaration => Form::Statement,
            kind if kind.is_statement() => Form::Statement,
            kind if kind.is_declaration() => Form::Statement,
            _ => Form::Expression,
        };
        // A statement that gives back a value, or waits for one, is none of
        // a slice.
        if matches!(
            self.index.kind(node),
            AstKind::ReturnStatement(_) | AstKind::ThrowStatement(_)
        ) {
            return None;
        }
        self.add(span, form, body, symbol)
    }

    fn add(
        &mut self,
        span: (u32, u32),
        form: Form,
        body: NodeId,
        symbol: SymbolId,
    ) -> Option<UnitId> {
        if let Some(known) = self.by_span.get(&span) {
            return *known;
        }
        let unit = self.make(span, form, body, symbol);
        let id = unit.map(|unit| {
            self.all.push(unit);
            self.all.len().saturating_sub(1)
        });
        self.by_span.insert(span, id);
        id
    }

    fn make(&self, span: (u32, u32), form: Form, body: NodeId, symbol: SymbolId) -> Option<Unit> {
        let mut uses = Vec::new();
        if !matches!(form, Form::Import | Form::Foreign) {
            let mut seen = FxHashSet::default();
            for reference in self.index.refs_in(span) {
                match reference.symbol {
                    Some(symbol) => {
                        if !self.index.declared_in(symbol, span) && seen.insert(symbol) {
                            uses.push(symbol);
                        }
                    }
                    None => {
                        if !self.index.is_pure_global(reference) && !self.is_later(reference, span)
                        {
                            return None;
                        }
                    }
                }
            }
        }
        Some(Unit {
            span,
            form,
            body,
            symbol,
            uses,
        })
    }

    /// Whether a use inside of a range is in a function of that range, so
    /// that it does not happen before that function is called.
    fn is_later(&self, reference: &Ref, (start, end): (u32, u32)) -> bool {
        let mut at = reference.node;
        loop {
            let parent = self.index.parent(at);
            let span = self.index.span(parent);
            if parent == at || span.0 < start || span.1 > end {
                return false;
            }
            // What `typeof` asks of is not touched.
            if let AstKind::UnaryExpression(unary) = self.index.kind(parent)
                && unary.operator == UnaryOperator::Typeof
            {
                return true;
            }
            at = parent;
            if self.is_function(at) {
                return true;
            }
        }
    }

    /// All units that a symbol needs. None when one comes from outside, or
    /// there are too many.
    pub(super) fn closure(&mut self, symbol: SymbolId) -> Option<Rc<Vec<UnitId>>> {
        if let Some(known) = self.closures.get(&symbol) {
            return known.clone();
        }
        let found = self.reach(symbol).map(Rc::new);
        self.closures.insert(symbol, found.clone());
        found
    }

    fn reach(&mut self, symbol: SymbolId) -> Option<Vec<UnitId>> {
        let mut seen = FxHashSet::default();
        let mut out = FxHashSet::default();
        let mut work = vec![symbol];
        seen.insert(symbol);
        while let Some(symbol) = work.pop() {
            for unit in self.of(symbol)?.iter() {
                if out.insert(*unit) {
                    if out.len() > UNITS {
                        return None;
                    }
                    let uses = self.all.get(*unit).map(|unit| unit.uses.clone());
                    for used in uses.unwrap_or_default() {
                        if seen.insert(used) {
                            work.push(used);
                        }
                    }
                }
            }
        }
        let mut out: Vec<UnitId> = out.into_iter().collect();
        out.sort_unstable();
        Some(out)
    }
}
