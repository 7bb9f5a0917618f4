//! Sites: the expressions that decode and depend on nothing from outside.

use std::collections::VecDeque;

use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::GetSpan;
use rustc_hash::{FxHashMap, FxHashSet};

use super::compose::CODE;
use super::index::Index;
use super::units::Units;

/// A value that is wanted.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) span: (u32, u32),
    pub(super) node: NodeId,
    /// The variable whose value it is, where it is no expression.
    pub(super) variable: Option<u32>,
    /// The symbols that it starts from.
    pub(super) uses: Vec<SymbolId>,
}

/// How many calls may lie between an operation and a site.
const LEVELS: u8 = 2;
/// How often a name is used at most, by how far it is from an operation.
const MOST_USED: [usize; LEVELS as usize + 1] = [200_000, 4000, 400];
/// How many uses of names are looked at.
const USES: usize = 2_000_000;
/// How far an operation is from the call that is a site, in nodes.
const FAR: usize = 64;
/// The longest expression that is a site.
const LONGEST: u32 = 1 << 20;

pub(super) fn sites<'i, 'a, 's>(
    index: &'i Index<'a, 's>,
    units: &mut Units<'i, 'a, 's>,
) -> Vec<Site> {
    let mut finder = Finder {
        index,
        units,
        levels: FxHashMap::default(),
        found: FxHashMap::default(),
        variables: FxHashSet::default(),
        asked: FxHashMap::default(),
        climbed: FxHashSet::default(),
    };
    finder.find();
    let mut sites: Vec<Site> = finder.found.into_values().collect();
    sites.sort_by_key(|site| (site.span, site.variable));
    sites
}

struct Finder<'f, 'i, 'a, 's> {
    index: &'i Index<'a, 's>,
    units: &'f mut Units<'i, 'a, 's>,
    /// Symbols that have to do with decoding, and how far from it they are.
    levels: FxHashMap<SymbolId, u8>,
    found: FxHashMap<((u32, u32), Option<u32>), Site>,
    variables: FxHashSet<SymbolId>,
    asked: FxHashMap<(u32, u32), bool>,
    /// Expressions that were climbed to.
    climbed: FxHashSet<NodeId>,
}

fn covers(outer: oxc_span::Span, (start, end): (u32, u32)) -> bool {
    outer.start <= start && end <= outer.end
}

fn calls_in_place(kind: AstKind<'_>) -> bool {
    let AstKind::CallExpression(call) = kind else {
        return false;
    };
    matches!(
        call.callee.get_inner_expression(),
        Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_)
    )
}

impl<'a> Finder<'_, '_, 'a, '_> {
    fn find(&mut self) {
        let mut queue = VecDeque::new();
        let operations: Vec<NodeId> = self.index.operations.iter().map(|o| o.node).collect();
        for node in &operations {
            for owner in self.owners(*node) {
                if self.levels.insert(owner, 0).is_none() {
                    queue.push_back(owner);
                }
            }
        }
        let mut seeds = operations;
        let mut uses = 0usize;
        while let Some(symbol) = queue.pop_front() {
            let level = self.levels.get(&symbol).copied().unwrap_or(LEVELS);
            let references: Vec<(NodeId, bool)> = self
                .index
                .scoping
                .get_resolved_references(symbol)
                .filter(|reference| reference.is_value())
                .map(|reference| (reference.node_id(), reference.is_read()))
                .collect();
            // What is used everywhere and is far from an operation is a
            // library's front, not a decoder.
            if references.len() > MOST_USED.get(usize::from(level)).copied().unwrap_or(0) {
                continue;
            }
            uses = uses.saturating_add(references.len());
            if uses > USES {
                break;
            }
            for (node, read) in references {
                if read {
                    seeds.push(node);
                }
                if level < LEVELS {
                    for owner in self.owners(node) {
                        if let std::collections::hash_map::Entry::Vacant(slot) =
                            self.levels.entry(owner)
                        {
                            slot.insert(level.saturating_add(1));
                            queue.push_back(owner);
                        }
                    }
                }
            }
        }
        for seed in seeds {
            self.start(seed);
        }
    }

    /// The variables, functions and classes in whose making a node stands:
    /// the innermost two.
    fn owners(&self, node: NodeId) -> Vec<SymbolId> {
        let mut out = Vec::new();
        let mut at = node;
        loop {
            let parent = self.index.parent(at);
            if parent == at || out.len() >= 2 {
                return out;
            }
            let span = self.index.span(at);
            let symbol = match self.index.kind(parent) {
                AstKind::VariableDeclarator(declarator) => match &declarator.id {
                    BindingPattern::BindingIdentifier(id)
                        if declarator
                            .init
                            .as_ref()
                            .is_some_and(|init| covers(init.span(), span)) =>
                    {
                        id.symbol_id.get()
                    }
                    _ => None,
                },
                AstKind::Function(function)
                    if function.r#type == FunctionType::FunctionDeclaration =>
                {
                    function.id.as_ref().and_then(|id| id.symbol_id.get())
                }
                AstKind::Class(class) => class.id.as_ref().and_then(|id| id.symbol_id.get()),
                AstKind::AssignmentExpression(assignment)
                    if covers(assignment.right.span(), span) =>
                {
                    self.root(&assignment.left)
                }
                AstKind::CallExpression(call) => match &call.callee {
                    Expression::StaticMemberExpression(member)
                        if matches!(
                            member.property.name.as_str(),
                            "push" | "unshift" | "set" | "add"
                        ) && !covers(call.callee.span(), span) =>
                    {
                        match &member.object {
                            Expression::Identifier(name) => self.symbol(name),
                            _ => None,
                        }
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some(symbol) = symbol
                && !out.contains(&symbol)
            {
                // What takes more code than a program may hold, such as the
                // wrapper of a whole module, is in no slice.
                if self.index.code_in(self.index.span(parent)) > CODE {
                    return out;
                }
                out.push(symbol);
            }
            at = parent;
        }
    }

    fn symbol(&self, name: &IdentifierReference<'a>) -> Option<SymbolId> {
        self.index
            .scoping
            .get_reference(name.reference_id.get()?)
            .symbol_id()
    }

    /// Whether a list is of names of functions and classes, which say nothing
    /// more than those do.
    fn names_functions(&self, array: &ArrayExpression<'a>) -> bool {
        array.elements.iter().all(|element| match element {
            ArrayExpressionElement::Identifier(name) => self.symbol(name).is_some_and(|symbol| {
                let flags = self.index.scoping.symbol_flags(symbol);
                flags.is_function() || flags.is_class()
            }),
            _ => false,
        })
    }

    /// The variable that an assignment changes.
    fn root(&self, target: &AssignmentTarget<'a>) -> Option<SymbolId> {
        let mut object = match target {
            AssignmentTarget::AssignmentTargetIdentifier(name) => return self.symbol(name),
            AssignmentTarget::StaticMemberExpression(member) => &member.object,
            AssignmentTarget::ComputedMemberExpression(member) => &member.object,
            _ => return None,
        };
        loop {
            object = match object {
                Expression::Identifier(name) => return self.symbol(name),
                Expression::StaticMemberExpression(member) => &member.object,
                Expression::ComputedMemberExpression(member) => &member.object,
                _ => return None,
            };
        }
    }

    /// Whether a range depends on nothing from outside.
    fn closed(&mut self, span: (u32, u32)) -> bool {
        if span.1.saturating_sub(span.0) > LONGEST {
            return false;
        }
        // One expression is asked about from each of its parts.
        if let Some(known) = self.asked.get(&span) {
            return *known;
        }
        let closed = !self.index.has_bound(span) && self.has_closed_names(span);
        self.asked.insert(span, closed);
        closed
    }

    fn has_closed_names(&mut self, span: (u32, u32)) -> bool {
        for reference in self.index.refs_in(span) {
            let fine = match reference.symbol {
                Some(symbol) => {
                    self.index.declared_in(symbol, span)
                        || !reference.write && !self.units.is_open(symbol)
                }
                None => self.index.is_pure_global(reference),
            };
            if !fine {
                return false;
            }
        }
        true
    }

    fn start(&mut self, seed: NodeId) {
        self.variable(seed);
        let mut at = seed;
        let mut inside = false;
        for _ in 0..FAR {
            let kind = self.index.kind(at);
            let callable = matches!(
                kind,
                AstKind::CallExpression(_)
                    | AstKind::NewExpression(_)
                    | AstKind::TaggedTemplateExpression(_)
                    | AstKind::IdentifierReference(_)
                    | AstKind::ComputedMemberExpression(_)
                    | AstKind::BigIntLiteral(_)
            );
            let span = self.index.span(at);
            // Inside of a function that is called where it stands there is
            // more to know than what a part of it gives.
            let wanted = callable && (!inside || calls_in_place(kind));
            if wanted && self.closed(span) {
                self.climb(at);
                if inside {
                    return;
                }
                inside = true;
            }
            let parent = self.index.parent(at);
            if parent == at
                || matches!(
                    kind,
                    AstKind::VariableDeclarator(_)
                        | AstKind::Class(_)
                        | AstKind::MethodDefinition(_)
                        | AstKind::Program(_)
                )
                || matches!(kind, AstKind::Function(f)
                    if f.r#type == FunctionType::FunctionDeclaration)
                || span.1.saturating_sub(span.0) > LONGEST
            {
                return;
            }
            at = parent;
        }
    }

    fn note(&mut self, node: NodeId) {
        let span = self.index.span(node);
        if self.found.contains_key(&(span, None)) {
            return;
        }
        let uses = self.uses(span);
        self.found.insert(
            (span, None),
            Site {
                span,
                node,
                variable: None,
                uses,
            },
        );
    }

    fn uses(&self, span: (u32, u32)) -> Vec<SymbolId> {
        let mut uses: Vec<SymbolId> = self
            .index
            .refs_in(span)
            .iter()
            .filter_map(|reference| reference.symbol)
            .filter(|symbol| !self.index.declared_in(*symbol, span))
            .collect();
        uses.sort_unstable();
        uses.dedup();
        uses
    }

    /// From a closed expression outwards to the largest that is closed, and
    /// takes nothing but what belongs to the decoding.
    fn climb(&mut self, from: NodeId) {
        let mut at = from;
        let mut best = matches!(
            self.index.kind(from),
            AstKind::CallExpression(_)
                | AstKind::NewExpression(_)
                | AstKind::TaggedTemplateExpression(_)
                | AstKind::ComputedMemberExpression(_)
        )
        .then_some(from);
        loop {
            let parent = self.index.parent(at);
            if parent == at {
                break;
            }
            let span = self.index.span(at);
            let outer = self.index.span(parent);
            let mut is_value = false;
            let goes_on = match self.index.kind(parent) {
                AstKind::ParenthesizedExpression(_)
                | AstKind::ChainExpression(_)
                | AstKind::SpreadElement(_)
                | AstKind::TSAsExpression(_)
                | AstKind::TSNonNullExpression(_)
                | AstKind::TSSatisfiesExpression(_) => true,
                AstKind::StaticMemberExpression(member) => {
                    is_value = matches!(member.property.name.as_str(), "length");
                    !is_value
                }
                AstKind::ComputedMemberExpression(member) if covers(member.object.span(), span) => {
                    is_value = self.closed(outer);
                    is_value
                }
                AstKind::SequenceExpression(sequence) => {
                    sequence
                        .expressions
                        .last()
                        .is_some_and(|last| covers(last.span(), span))
                        && self.closed(outer)
                        && matches!(
                            sequence.expressions.first(),
                            Some(Expression::NumericLiteral(_))
                        )
                }
                AstKind::UnaryExpression(unary) => {
                    unary.operator != UnaryOperator::Typeof
                        && unary.operator != UnaryOperator::Delete
                        && unary.operator != UnaryOperator::LogicalNot
                        && unary.operator != UnaryOperator::Void
                }
                AstKind::TemplateLiteral(_) => {
                    is_value = self.closed(outer);
                    is_value
                }
                AstKind::BinaryExpression(binary) => {
                    is_value = binary.operator.is_arithmetic() && self.closed(outer)
                        || binary.operator.is_bitwise() && self.closed(outer);
                    is_value
                }
                AstKind::ArrayExpression(_) if self.climbed.contains(&parent) => {
                    if let Some(best) = best {
                        self.note(best);
                    }
                    return;
                }
                AstKind::ArrayExpression(array) => {
                    let plain = !array.elements.iter().any(|element| {
                        matches!(
                            element,
                            ArrayExpressionElement::ArrowFunctionExpression(_)
                                | ArrayExpressionElement::FunctionExpression(_)
                                | ArrayExpressionElement::ObjectExpression(_)
                        )
                    });
                    let closed = plain && self.closed(outer);
                    // Functions in a list may be called one after the other.
                    is_value = closed && !self.names_functions(array);
                    if is_value && let Some(best) = best {
                        self.note(best);
                    }
                    closed
                }
                AstKind::CallExpression(call) => {
                    is_value = self.call(&call.callee, span, outer, best);
                    is_value
                }
                AstKind::NewExpression(new) => {
                    is_value = self.call(&new.callee, span, outer, best);
                    is_value
                }
                AstKind::TaggedTemplateExpression(_) => {
                    is_value = self.closed(outer);
                    is_value
                }
                _ => false,
            };
            if !goes_on {
                break;
            }
            // What is around it was noted from another part.
            if !self.climbed.insert(parent) {
                return;
            }
            at = parent;
            if is_value {
                best = Some(at);
            }
        }
        if let Some(best) = best {
            self.note(best);
        }
    }

    /// Whether a call around an expression belongs to the decoding: it is
    /// called on it, or it is given to what decodes or to the language.
    fn call(
        &mut self,
        callee: &Expression<'a>,
        span: (u32, u32),
        outer: (u32, u32),
        best: Option<NodeId>,
    ) -> bool {
        let callee_span = callee.span();
        if !covers(callee_span, span) {
            // It is an argument; what it is by itself is worth knowing even
            // where the call is evaluated too.
            if let Some(best) = best {
                self.note(best);
            }
            let belongs = self
                .index
                .refs_in((callee_span.start, callee_span.end))
                .iter()
                .all(|reference| match reference.symbol {
                    Some(symbol) => self.levels.contains_key(&symbol),
                    None => self.index.is_pure_global(reference),
                });
            if !belongs {
                return false;
            }
        }
        self.closed(outer)
    }

    /// A variable that is filled by statements in which a seed stands.
    fn variable(&mut self, seed: NodeId) {
        let mut at = seed;
        loop {
            let parent = self.index.parent(at);
            if parent == at {
                return;
            }
            let span = self.index.span(at);
            let symbol = match self.index.kind(parent) {
                AstKind::Function(_)
                | AstKind::ArrowFunctionExpression(_)
                | AstKind::Class(_)
                | AstKind::Program(_)
                | AstKind::VariableDeclarator(_) => return,
                AstKind::AssignmentExpression(assignment)
                    if covers(assignment.right.span(), span) =>
                {
                    self.root(&assignment.left)
                }
                AstKind::CallExpression(call) if !covers(call.callee.span(), span) => {
                    match &call.callee {
                        Expression::StaticMemberExpression(member)
                            if matches!(
                                member.property.name.as_str(),
                                "push" | "unshift" | "add" | "set"
                            ) =>
                        {
                            match &member.object {
                                Expression::Identifier(name) => self.symbol(name),
                                _ => None,
                            }
                        }
                        _ => None,
                    }
                }
                _ => None,
            };
            if let Some(symbol) = symbol {
                self.note_variable(symbol);
                return;
            }
            at = parent;
        }
    }

    fn note_variable(&mut self, symbol: SymbolId) {
        if !self.variables.insert(symbol) || self.units.is_open(symbol) {
            return;
        }
        let several = self.units.of(symbol).is_some_and(|units| units.len() >= 2);
        let declaration = self.index.scoping.symbol_declaration(symbol);
        if !several || !matches!(self.index.kind(declaration), AstKind::VariableDeclarator(_)) {
            return;
        }
        let span = self.index.scoping.symbol_span(symbol);
        let variable = u32::try_from(symbol.index()).ok();
        let site = Site {
            span: (span.start, span.end),
            node: declaration,
            variable,
            uses: vec![symbol],
        };
        self.found.insert((site.span, variable), site);
    }
}
