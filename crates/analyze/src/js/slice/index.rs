//! One pass over the nodes of a module: names, operations, constants.

use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_semantic::{AstNodes, NodeId, Scoping, Semantic, SymbolId};
use oxc_span::{GetSpan, Span};

/// A use of a name.
#[derive(Debug, Clone, Copy)]
pub(in crate::js) struct Ref {
    pub(super) start: u32,
    pub(in crate::js) node: NodeId,
    pub(in crate::js) symbol: Option<SymbolId>,
    pub(super) write: bool,
}

/// An operation of decoding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    pub(super) start: u32,
    pub(super) node: NodeId,
    /// It undoes an alphabet of transport and does nothing more.
    pub(super) alphabet: bool,
}

/// A constant, by how little it says as it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Constant {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) unreadable: bool,
}

pub(in crate::js) struct Index<'a, 's> {
    pub(in crate::js) text: &'s str,
    pub(in crate::js) nodes: &'s AstNodes<'a>,
    pub(in crate::js) scoping: &'s Scoping,
    pub(super) refs: Vec<Ref>,
    /// Where something stands that has no meaning elsewhere: `this`, `await`.
    pub(super) bound: Vec<u32>,
    pub(super) operations: Vec<Operation>,
    pub(super) constants: Vec<Constant>,
    /// How long the constants before each are together, in bytes.
    before: Vec<u64>,
    /// Ranges that are types alone.
    pub(in crate::js) types: Vec<(u32, u32)>,
    /// Where code asks for its own module, which no program has.
    pub(super) metas: Vec<(u32, u32)>,
}

/// What a name that no scope declares leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Global {
    /// To what has a stand-in.
    Pure,
    /// To a member of the global object that has a stand-in.
    Alias,
    /// It is only asked whether it is there.
    Probe,
    /// To the outside.
    Outside,
}

/// What the platform gives to code that has no effect.
const PURE: &[&str] = &[
    "Array",
    "ArrayBuffer",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "Buffer",
    "DataView",
    "Error",
    "Float32Array",
    "Float64Array",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Proxy",
    "RangeError",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "TextDecoder",
    "TextEncoder",
    "TypeError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "atob",
    "btoa",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "undefined",
    "unescape",
];

/// Modules that have stand-ins.
pub(super) fn is_pure_module(name: &str) -> bool {
    let name = name.strip_prefix("node:").unwrap_or(name);
    matches!(
        name,
        "buffer" | "crypto" | "module" | "string_decoder" | "util" | "zlib"
    )
}

fn span_of(span: Span) -> (u32, u32) {
    (span.start, span.end)
}

impl<'a, 's> Index<'a, 's> {
    pub(super) fn new(semantic: &'s Semantic<'a>, text: &'s str) -> Self {
        let mut index = Self {
            text,
            nodes: semantic.nodes(),
            scoping: semantic.scoping(),
            refs: Vec::new(),
            bound: Vec::new(),
            operations: Vec::new(),
            constants: Vec::new(),
            before: Vec::new(),
            types: Vec::new(),
            metas: Vec::new(),
        };
        for (id, node) in index.nodes.iter_enumerated() {
            index.node(id, node.kind());
        }
        index.refs.sort_by_key(|r| (r.start, r.node));
        index.bound.sort_unstable();
        index.operations.sort_by_key(|o| (o.start, o.node));
        index.constants.sort_by_key(|c| (c.start, c.end));
        index.types.sort_unstable();
        index.metas.sort_unstable();
        let mut sum = 0u64;
        index.before.push(sum);
        for constant in &index.constants {
            sum = sum.saturating_add(u64::from(constant.end.saturating_sub(constant.start)));
            index.before.push(sum);
        }
        index
    }

    fn node(&mut self, id: NodeId, kind: AstKind<'a>) {
        let start = kind.span().start;
        match kind {
            AstKind::IdentifierReference(name) => {
                let reference = name
                    .reference_id
                    .get()
                    .map(|id| self.scoping.get_reference(id));
                if reference.is_some_and(|r| r.is_type() && !r.is_value()) {
                    return;
                }
                if name.name == "arguments" {
                    self.bound.push(start);
                }
                self.refs.push(Ref {
                    start,
                    node: id,
                    symbol: reference.and_then(|r| r.symbol_id()),
                    write: reference.is_some_and(|r| r.is_write()),
                });
            }
            AstKind::ThisExpression(_)
            | AstKind::Super(_)
            | AstKind::AwaitExpression(_)
            | AstKind::YieldExpression(_)
            | AstKind::NewTarget(_)
            | AstKind::ImportExpression(_)
            | AstKind::JSXElement(_)
            | AstKind::JSXFragment(_)
            | AstKind::PrivateFieldExpression(_) => self.bound.push(start),
            AstKind::ImportMeta(meta) => self.metas.push(span_of(meta.span)),
            AstKind::StringLiteral(text) => self.constant(text.span, &text.value),
            AstKind::TemplateElement(part) => {
                let text = part.value.cooked.as_ref().unwrap_or(&part.value.raw);
                self.constant(part.span, text);
            }
            AstKind::BigIntLiteral(number) => {
                let (start, end) = span_of(number.span);
                let unreadable = end.saturating_sub(start) >= 14;
                if unreadable {
                    self.operation(id, start, false);
                }
                self.constants.push(Constant {
                    start,
                    end,
                    unreadable,
                });
            }
            AstKind::ArrayExpression(array) => {
                let numbers = array
                    .elements
                    .iter()
                    .take(4096)
                    .filter(|e| matches!(e, ArrayExpressionElement::NumericLiteral(_)))
                    .count();
                if numbers >= 6 && numbers.saturating_mul(2) >= array.elements.len().min(4096) {
                    let (start, end) = span_of(array.span);
                    self.constants.push(Constant {
                        start,
                        end,
                        unreadable: true,
                    });
                }
            }
            AstKind::CallExpression(call) => self.call(id, call),
            AstKind::NewExpression(new) => {
                if matches!(&new.callee, Expression::Identifier(name) if name.name == "TextDecoder")
                {
                    self.operation(id, start, true);
                }
            }
            AstKind::ComputedMemberExpression(member) => self.lookup(id, member),
            AstKind::TSTypeAnnotation(_)
            | AstKind::TSTypeParameterDeclaration(_)
            | AstKind::TSTypeParameterInstantiation(_)
            | AstKind::TSInterfaceDeclaration(_)
            | AstKind::TSTypeAliasDeclaration(_) => self.types.push(span_of(kind.span())),
            // It takes no argument, and the comma behind it goes too.
            AstKind::TSThisParameter(this) => {
                let after = self.text.get(this.span.end as usize..).unwrap_or_default();
                let rest = after.trim_start();
                let comma = if rest.starts_with(',') {
                    after.len().saturating_sub(rest.len()).saturating_add(1)
                } else {
                    0
                };
                let comma = u32::try_from(comma).unwrap_or(0);
                self.types
                    .push((this.span.start, this.span.end.saturating_add(comma)));
            }
            AstKind::TSAsExpression(cast) => {
                self.types.push((cast.expression.span().end, cast.span.end));
            }
            AstKind::TSSatisfiesExpression(cast) => {
                self.types.push((cast.expression.span().end, cast.span.end));
            }
            AstKind::TSNonNullExpression(cast) => {
                self.types.push((cast.expression.span().end, cast.span.end));
            }
            AstKind::Class(class) => {
                if let (Some(first), Some(last)) =
                    (class.implements.first(), class.implements.last())
                {
                    let before = self
                        .text
                        .get(class.span.start as usize..first.span.start as usize)
                        .unwrap_or_default();
                    if let Some(at) = before.rfind("implements") {
                        let at = u32::try_from(at).unwrap_or(0);
                        self.types
                            .push((class.span.start.saturating_add(at), last.span.end));
                    }
                }
            }
            AstKind::FormalParameter(param) => {
                let (from, to) = (param.span.start, param.pattern.span().start);
                if param.accessibility.is_some() || param.readonly {
                    self.types.push((from, to));
                }
                if param.optional {
                    self.mark_after(param.pattern.span().end, '?');
                }
            }
            AstKind::PropertyDefinition(property) => {
                let modified = property.accessibility.is_some()
                    || property.readonly
                    || property.declare
                    || property.r#override;
                if modified {
                    // The modifiers stand in any order before the key; of
                    // those of the language there is one.
                    let key = property.key.span().start;
                    let before = self
                        .text
                        .get(property.span.start as usize..key as usize)
                        .unwrap_or_default();
                    if property.r#static {
                        let at = before.find("static").unwrap_or(0);
                        let at = property
                            .span
                            .start
                            .saturating_add(u32::try_from(at).unwrap_or(0));
                        self.types.push((property.span.start, at));
                        self.types
                            .push((at.saturating_add(6), key.saturating_sub(1)));
                    } else if !property.computed {
                        self.types.push((property.span.start, key));
                    }
                }
                if property.optional || property.definite {
                    let mark = if property.optional { '?' } else { '!' };
                    self.mark_after(property.key.span().end, mark);
                }
            }
            AstKind::MethodDefinition(method) if method.accessibility.is_some() => {
                let before = self
                    .text
                    .get(method.span.start as usize..method.key.span().start as usize)
                    .unwrap_or_default();
                for word in ["public", "private", "protected"] {
                    if let Some(at) = before.find(word) {
                        let at = method
                            .span
                            .start
                            .saturating_add(u32::try_from(at).unwrap_or(0));
                        let len = u32::try_from(word.len()).unwrap_or(0);
                        self.types.push((at, at.saturating_add(len)));
                        break;
                    }
                }
            }
            AstKind::VariableDeclarator(declarator) if declarator.definite => {
                self.mark_after(declarator.id.span().end, '!');
            }
            _ => {}
        }
    }

    fn mark_after(&mut self, at: u32, mark: char) {
        let rest = self.text.get(at as usize..).unwrap_or_default();
        if let Some(skip) = rest.find(mark).and_then(|n| u32::try_from(n).ok()) {
            let at = at.saturating_add(skip);
            self.types.push((at, at.saturating_add(1)));
        }
    }

    fn constant(&mut self, span: Span, text: &str) {
        if text.len() < 4 {
            return;
        }
        let (start, end) = span_of(span);
        self.constants.push(Constant {
            start,
            end,
            unreadable: unreadable(text),
        });
    }

    fn operation(&mut self, node: NodeId, start: u32, alphabet: bool) {
        self.operations.push(Operation {
            start,
            node,
            alphabet,
        });
    }

    fn call(&mut self, id: NodeId, call: &CallExpression<'a>) {
        let text_arg = |at: usize| match call.arguments.get(at) {
            Some(Argument::StringLiteral(text)) => Some(text.value.as_str()),
            _ => None,
        };
        let number_arg = |at: usize| match call.arguments.get(at) {
            Some(Argument::NumericLiteral(number)) => Some(number.value),
            _ => None,
        };
        let (name, object) = match &call.callee {
            Expression::Identifier(name) => (name.name.as_str(), None),
            Expression::StaticMemberExpression(member) => {
                (member.property.name.as_str(), Some(&member.object))
            }
            Expression::ComputedMemberExpression(member) => match &member.expression {
                Expression::StringLiteral(name) => (name.value.as_str(), Some(&member.object)),
                _ => return,
            },
            _ => return,
        };
        let alphabet = match name {
            "atob" | "decodeURIComponent" | "decodeURI" | "fromBase64" | "fromHex" => true,
            "unescape" => object.is_some(),
            "from" if object.is_some() => match text_arg(1) {
                Some("base64" | "base64url" | "hex") => true,
                Some("latin1" | "binary" | "ascii" | "utf16le" | "ucs2") => false,
                Some(_) => return,
                None => match object {
                    Some(Expression::Identifier(name)) if name.name == "Buffer" => true,
                    _ => return,
                },
            },
            "charCodeAt"
            | "codePointAt"
            | "fromCharCode"
            | "fromCodePoint"
            | "inflateSync"
            | "inflateRawSync"
            | "gunzipSync"
            | "unzipSync"
            | "brotliDecompressSync"
            | "createDecipheriv"
            | "reverse" => false,
            "toString" => {
                if text_arg(0).is_some() {
                    true
                } else if number_arg(0).is_some_and(|radix| radix != 10.0) {
                    false
                } else {
                    return;
                }
            }
            "parseInt" if number_arg(1).is_some_and(|radix| radix != 10.0) => false,
            "charAt" | "at"
                if matches!(call.arguments.first(), Some(Argument::BinaryExpression(_))) =>
            {
                false
            }
            "indexOf" | "search" | "charAt" => match object {
                Some(Expression::StringLiteral(text)) if text.value.len() >= 16 => false,
                Some(Expression::Identifier(name)) if self.is_alphabet(name) => false,
                _ => return,
            },
            _ => return,
        };
        self.operation(id, call.span.start, alphabet);
    }

    /// The value that a name is declared with.
    pub(super) fn initial(&self, name: &IdentifierReference<'a>) -> Option<AstKind<'a>> {
        let symbol = self
            .scoping
            .get_reference(name.reference_id.get()?)
            .symbol_id()?;
        Some(self.nodes.kind(self.scoping.symbol_declaration(symbol)))
    }

    fn is_alphabet(&self, name: &IdentifierReference<'a>) -> bool {
        matches!(
            self.initial(name),
            Some(AstKind::VariableDeclarator(declarator))
                if matches!(&declarator.init, Some(Expression::StringLiteral(text))
                    if text.value.len() >= 16)
        )
    }

    /// An element of a table of texts, by an index that is computed.
    fn lookup(&mut self, id: NodeId, member: &ComputedMemberExpression<'a>) {
        if matches!(
            member.expression,
            Expression::StringLiteral(_) | Expression::NumericLiteral(_)
        ) {
            return;
        }
        // One character of many, by an index that jumps.
        if let Expression::BinaryExpression(key) = &member.expression
            && matches!(
                key.operator,
                BinaryOperator::Remainder
                    | BinaryOperator::BitwiseXOR
                    | BinaryOperator::BitwiseAnd
                    | BinaryOperator::ShiftRight
                    | BinaryOperator::ShiftRightZeroFill
            )
        {
            self.operation(id, member.span.start, false);
            return;
        }
        let Expression::Identifier(name) = &member.object else {
            return;
        };
        let Some(AstKind::VariableDeclarator(declarator)) = self.initial(name) else {
            return;
        };
        let table = match &declarator.init {
            Some(Expression::ArrayExpression(array)) => is_table(array),
            Some(Expression::StringLiteral(text)) => text.value.len() >= 16,
            Some(Expression::ObjectExpression(object)) => {
                object.properties.len() >= 8
                    && object.properties.iter().take(64).all(|property| {
                        matches!(property, ObjectPropertyKind::ObjectProperty(p)
                            if matches!(p.value, Expression::StringLiteral(_)
                                | Expression::NumericLiteral(_)))
                    })
            }
            // A function that gives the table.
            Some(Expression::CallExpression(call)) if call.arguments.is_empty() => {
                matches!(&call.callee, Expression::Identifier(callee)
                    if self.gives_table(callee))
            }
            _ => false,
        };
        if table {
            self.operation(id, member.span.start, false);
        }
    }

    fn gives_table(&self, callee: &IdentifierReference<'a>) -> bool {
        let body = match self.initial(callee) {
            Some(AstKind::Function(function)) => function.body.as_ref(),
            Some(AstKind::VariableDeclarator(declarator)) => match &declarator.init {
                Some(Expression::FunctionExpression(function)) => function.body.as_ref(),
                Some(Expression::ArrowFunctionExpression(arrow)) => match &arrow.body {
                    ArrowFunctionBody::FunctionBody(body) => Some(body),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        let Some(body) = body else {
            return false;
        };
        let is = |expression: Option<&Expression<'a>>| matches!(expression, Some(Expression::ArrayExpression(array)) if is_table(array));
        body.statements
            .iter()
            .take(4)
            .any(|statement| match statement {
                Statement::VariableDeclaration(variables) => variables
                    .declarations
                    .iter()
                    .any(|declarator| is(declarator.init.as_ref())),
                Statement::ReturnStatement(give) => is(give.argument.as_ref()),
                _ => false,
            })
    }

    // ---- questions ----

    /// The call of a function, where it is called where it stands.
    pub(super) fn called_in_place(&self, function: NodeId) -> Option<&'a CallExpression<'a>> {
        let (start, end) = self.span(function);
        match self.kind(self.unwrapped_parent(function)) {
            AstKind::CallExpression(call) => {
                let callee = call.callee.span();
                (callee.start <= start && end <= callee.end).then_some(call)
            }
            _ => None,
        }
    }

    /// What a node is part of, apart from parentheses.
    pub(super) fn unwrapped_parent(&self, node: NodeId) -> NodeId {
        let mut at = self.parent(node);
        while matches!(self.kind(at), AstKind::ParenthesizedExpression(_)) {
            at = self.parent(at);
        }
        at
    }

    /// A node and those in it.
    pub(in crate::js) fn nodes_of(
        &self,
        node: NodeId,
    ) -> impl Iterator<Item = (NodeId, AstKind<'a>)> + '_ {
        let (_, end) = self.span(node);
        // They come one after the other, each before those in it.
        (node.index()..self.nodes.len())
            .map(NodeId::from_usize)
            .take_while(move |id| *id == node || self.span(*id).0 < end)
            .map(|id| (id, self.kind(id)))
    }

    /// Whether a function, or what a variable begins as, is one in which a
    /// bundler keeps a module: it sets members of what it is given, or calls
    /// it with the name of another.
    pub(in crate::js) fn wraps_module(&self, node: NodeId) -> bool {
        let function = match self.kind(node) {
            AstKind::VariableDeclarator(declarator) => match &declarator.init {
                Some(init) => span_of(init.without_parentheses().span()),
                None => return false,
            },
            kind => span_of(kind.span()),
        };
        let is_param = |reference: &Ref| {
            reference.symbol.is_some_and(|symbol| {
                let home = self.scoping.symbol_scope_id(symbol);
                let declaration = self.scoping.symbol_declaration(symbol);
                matches!(self.kind(declaration), AstKind::FormalParameter(_))
                    && self.span(self.scoping.get_node_id(home)) == function
            })
        };
        let references = self.refs_in(function).iter();
        references
            .filter(|reference| is_param(reference))
            .any(|reference| {
                let used = self.parent(reference.node);
                match self.kind(used) {
                    AstKind::StaticMemberExpression(_) => {
                        let span = self.span(used);
                        matches!(self.kind(self.parent(used)), AstKind::AssignmentExpression(to)
                        if span_of(to.left.span()) == span)
                    }
                    AstKind::CallExpression(call) => match call.arguments.as_slice() {
                        [Argument::StringLiteral(_) | Argument::NumericLiteral(_)] => true,
                        // `Object.defineProperty(exports, ...)`
                        [Argument::Identifier(first), ..] => {
                            first.span.start == reference.start
                                && matches!(&call.callee, Expression::StaticMemberExpression(member)
                                if member.property.name.starts_with("defineProp"))
                        }
                        _ => false,
                    },
                    _ => false,
                }
            })
    }

    /// Where types are in a range.
    pub(in crate::js) fn types_in(&self, (start, end): (u32, u32)) -> &[(u32, u32)] {
        range(&self.types, |types| types.0, start, end)
    }

    /// The uses of names in a range.
    pub(in crate::js) fn refs_in(&self, (start, end): (u32, u32)) -> &[Ref] {
        range(&self.refs, |r| r.start, start, end)
    }

    pub(super) fn operations_in(&self, (start, end): (u32, u32)) -> &[Operation] {
        range(&self.operations, |o| o.start, start, end)
    }

    pub(super) fn constants_in(&self, (start, end): (u32, u32)) -> &[Constant] {
        range(&self.constants, |c| c.start, start, end)
    }

    /// How much of a range is no constant, in bytes.
    pub(super) fn code_in(&self, (start, end): (u32, u32)) -> u64 {
        let at = |place: u32| {
            let first = self.constants.partition_point(|c| c.start < place);
            self.before.get(first).copied().unwrap_or(0)
        };
        let constants = at(end).saturating_sub(at(start));
        u64::from(end.saturating_sub(start)).saturating_sub(constants)
    }

    pub(super) fn has_bound(&self, (start, end): (u32, u32)) -> bool {
        !range(&self.bound, |b| *b, start, end).is_empty()
    }

    pub(in crate::js) fn span(&self, node: NodeId) -> (u32, u32) {
        span_of(self.nodes.kind(node).span())
    }

    pub(in crate::js) fn kind(&self, node: NodeId) -> AstKind<'a> {
        self.nodes.kind(node)
    }

    pub(in crate::js) fn parent(&self, node: NodeId) -> NodeId {
        self.nodes.parent_id(node)
    }

    /// Where code of a range asks for its own module.
    pub(super) fn metas(&self, (start, end): (u32, u32)) -> &[(u32, u32)] {
        range(&self.metas, |meta| meta.0, start, end)
    }

    /// The text of a range without its types.
    pub(super) fn source(&self, (start, end): (u32, u32)) -> String {
        let mut out = String::new();
        let mut at = start;
        for (from, to) in self.types_in((start, end)) {
            if *from >= at {
                out.push_str(
                    self.text
                        .get(at as usize..*from as usize)
                        .unwrap_or_default(),
                );
                at = *to;
            } else {
                at = at.max(*to);
            }
        }
        out.push_str(self.text.get(at as usize..end as usize).unwrap_or_default());
        out
    }

    /// The name behind a reference.
    pub(super) fn name(&self, reference: &Ref) -> &'a str {
        match self.nodes.kind(reference.node) {
            AstKind::IdentifierReference(name) => name.name.as_str(),
            _ => "",
        }
    }

    /// What a name that no scope declares leads to.
    pub(super) fn global(&self, reference: &Ref) -> Global {
        let name = self.name(reference);
        let parent = self.kind(self.parent(reference.node));
        let is_pure = match name {
            "require" => matches!(parent, AstKind::CallExpression(call)
                if matches!(call.arguments.first(), Some(Argument::StringLiteral(module))
                    if is_pure_module(&module.value))),
            _ => PURE.binary_search(&name).is_ok(),
        };
        if is_pure {
            return Global::Pure;
        }
        match parent {
            AstKind::UnaryExpression(unary) if unary.operator == UnaryOperator::Typeof => {
                Global::Probe
            }
            AstKind::StaticMemberExpression(member)
                if matches!(name, "globalThis" | "window" | "self" | "global")
                    && PURE.binary_search(&member.property.name.as_str()).is_ok() =>
            {
                Global::Alias
            }
            _ => Global::Outside,
        }
    }

    /// Whether a name that no scope declares may be used by a site.
    pub(super) fn is_pure_global(&self, reference: &Ref) -> bool {
        matches!(self.global(reference), Global::Pure | Global::Alias)
    }

    /// Whether a symbol is declared inside of a range.
    pub(super) fn declared_in(&self, symbol: SymbolId, (start, end): (u32, u32)) -> bool {
        let span = self.scoping.symbol_span(symbol);
        span.start >= start && span.end <= end
    }
}

fn is_table(array: &ArrayExpression<'_>) -> bool {
    array.elements.len() >= 4
        && array
            .elements
            .iter()
            .take(16)
            .filter(|e| matches!(e, ArrayExpressionElement::StringLiteral(_)))
            .count()
            >= 4
}

fn range<T>(list: &[T], start_of: impl Fn(&T) -> u32, start: u32, end: u32) -> &[T] {
    let from = list.partition_point(|item| start_of(item) < start);
    let to = list.partition_point(|item| start_of(item) < end);
    list.get(from..to).unwrap_or_default()
}

/// Whether nobody reads a text as it stands.
pub(super) fn unreadable(text: &str) -> bool {
    let count = text.chars().count();
    if count < 8 || text.contains("://") {
        return false;
    }
    let odd = text
        .chars()
        .filter(|c| c.is_control() && !c.is_whitespace() || !c.is_ascii() && !c.is_alphabetic())
        .count();
    if odd.saturating_mul(8) >= count {
        return true;
    }
    if text.contains(' ') || !text.is_ascii() {
        return false;
    }
    let is = |kind: fn(&u8) -> bool| text.bytes().filter(kind).count();
    let digits = is(u8::is_ascii_digit);
    let upper = is(u8::is_ascii_uppercase);
    let lower = is(u8::is_ascii_lowercase);
    let letters = upper.saturating_add(lower);
    if is(u8::is_ascii_hexdigit) == count && digits > 0 && letters > 0 {
        return true;
    }
    if is(|b| b.is_ascii_digit() || matches!(b, b',' | b'.' | b'-' | b' ')) == count {
        return true;
    }
    let percent = is(|b| *b == b'%');
    if percent >= 4 && percent.saturating_mul(4) >= count {
        return true;
    }
    // Upper, lower and digits mixed, as in the alphabets of transport.
    let turns = text
        .as_bytes()
        .windows(2)
        .filter(|pair| match pair {
            [a, b] => class_of(*a) != class_of(*b),
            _ => false,
        })
        .count();
    if turns.saturating_mul(5) >= count.saturating_mul(2) {
        return true;
    }
    let vowels = is(|b| {
        matches!(
            b.to_ascii_lowercase(),
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y'
        )
    });
    letters >= 8 && vowels.saturating_mul(100) < letters.saturating_mul(18)
}

fn class_of(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}
