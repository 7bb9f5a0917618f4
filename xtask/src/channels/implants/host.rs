//! The bundle of a real agent: where texts for the model, headers and bodies
//! of requests are made in it, and where code can be put.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Result, bail};
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, BindingPattern, ClassElement, Expression, Function, MethodDefinitionKind,
    ObjectExpression, ObjectPropertyKind, Program, Statement,
};
use oxc_parser::Parser;
use oxc_semantic::{NodeId, Semantic, SemanticBuilder};
use oxc_span::{GetSpan, SourceType, Span};

/// Words by which a text for a model is told from others.
const PHRASES: [&str; 8] = [
    "you are ",
    "your task",
    "your goal",
    "your role",
    "you must ",
    "you should ",
    "the user",
    "do not ",
];
/// How many words a text for a model has at least.
const WORDS: usize = 20;
/// Fields of the bodies of requests to models.
const FIELDS: [&str; 10] = [
    "model",
    "messages",
    "system",
    "max_tokens",
    "temperature",
    "stream",
    "contents",
    "tools",
    "input",
    "prompt",
];
const HEADERS: [&str; 5] = [
    "content-type",
    "authorization",
    "user-agent",
    "accept",
    "x-api-key",
];
/// In a bundle without the paths of its modules, how many statements around a
/// text for a model are taken for the agent's own.
const NEAR: usize = 150;
/// How many paths of modules make them known.
const KNOWN_PATHS: usize = 20;
/// How many calls of a function are given one more argument.
const MOST_CALLS: usize = 20;

/// What a place takes.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// An expression that is a text for a model, and the parts of its source
    /// that are its characters; with the quote of a string.
    Prompt {
        texts: Vec<Range<usize>>,
        quote: Option<char>,
    },
    /// A name of a text for a model, which stands outside of functions.
    Name { text: String },
    /// The inside of an object of headers, and the value of `User-Agent`.
    Headers { agent: Option<Range<usize>> },
    /// The inside of an object that is the body of a request.
    Body,
}

impl Kind {
    /// Whether it is a text for a model.
    pub(super) const fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt { .. } | Self::Name { .. })
    }
}

/// How a value can come to a place through the parameter of a function.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    /// Where the parameter is added, and whether it is the first.
    pub(super) at: usize,
    pub(super) first: bool,
    /// Where an argument is added at each call, whether it is the first
    /// there, and how many are missing before it.
    pub(super) calls: Vec<(usize, bool, usize)>,
}

/// An expression of the agent that leaves it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// Whether its function may wait.
    pub(super) waits: bool,
    pub(super) parameter: Option<Parameter>,
    /// Where the constructor of its class begins.
    pub(super) constructor: Option<usize>,
    /// A number by which the better places come first.
    pub(super) worth: usize,
}

/// A bundle as it is.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) text: String,
    pub(super) module: bool,
    /// Between which statements of the agent's own modules code can stand.
    pub(super) slots: Vec<usize>,
    pub(super) places: Vec<Place>,
}

impl Host {
    /// Reads a bundle; needs a deep stack.
    pub(super) fn read(text: String) -> Result<Self> {
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, &text, SourceType::unambiguous()).parse();
        if parsed.panicked {
            bail!("the bundle is no JavaScript");
        }
        let program = parsed.program;
        let module = program.source_type.is_module();
        let semantic = SemanticBuilder::new()
            .with_build_nodes(true)
            .build(&program)
            .semantic;
        let statements: Vec<Span> = statements(&program).iter().map(GetSpan::span).collect();
        let mut places = Vec::new();
        for node in semantic.nodes().iter() {
            places.extend(place(&semantic, &text, node.id()));
            places.extend(named(&semantic, node.id()));
        }
        let own = own(&program, &text, &statements, &places);
        places.retain(|place| own.contains(place.range.start));
        let mut known = BTreeMap::new();
        places.retain(|place| known.insert(place.range.start, ()).is_none());
        places.sort_by_key(|place| (std::cmp::Reverse(place.worth), place.range.start));
        // Nothing may stand before imports and directives.
        let slots = statements
            .windows(2)
            .filter_map(|pair| match pair {
                [_, next] => Some(next.start as usize),
                _ => None,
            })
            .filter(|at| own.contains(*at) && !own.contains_text(&text, *at))
            .collect();
        Ok(Self {
            text,
            module,
            slots,
            places,
        })
    }
}

/// The statements of a bundle; those of the one function that holds it all
/// where it is wrapped in one.
fn statements<'a, 'b>(program: &'b Program<'a>) -> &'b [Statement<'a>] {
    let whole = program.span.size();
    let mut list: &[Statement<'a>] = &program.body;
    loop {
        let large = list
            .iter()
            .find(|statement| statement.span().size() > whole / 5 * 4);
        let Some(Statement::ExpressionStatement(statement)) = large else {
            return list;
        };
        let mut expression = &statement.expression;
        let body = loop {
            match expression {
                Expression::ParenthesizedExpression(inner) => expression = &inner.expression,
                Expression::CallExpression(call) => expression = &call.callee,
                Expression::FunctionExpression(function) => break function.body.as_deref(),
                _ => break None,
            }
        };
        match body {
            Some(body) => list = &body.statements,
            None => return list,
        }
    }
}

/// Which parts of a bundle are the agent's own.
#[derive(Debug)]
struct Own(Vec<Range<usize>>);

impl Own {
    fn contains(&self, at: usize) -> bool {
        let after = self.0.partition_point(|range| range.start <= at);
        after
            .checked_sub(1)
            .and_then(|index| self.0.get(index))
            .is_some_and(|range| range.contains(&at))
    }

    /// Whether the statement at a place has to stay where it is.
    fn contains_text(&self, text: &str, at: usize) -> bool {
        let rest = text.get(at..).unwrap_or_default();
        rest.starts_with("import ") || rest.starts_with("import{") || rest.starts_with('"')
    }
}

/// By the paths that the bundler left in comments, where it did; else what is
/// around the texts for models.
fn own(program: &Program<'_>, text: &str, statements: &[Span], places: &[Place]) -> Own {
    let mut paths: Vec<(usize, bool)> = Vec::new();
    for comment in &program.comments {
        let span = comment.content_span();
        let Some(said) = text.get(span.start as usize..span.end as usize) else {
            continue;
        };
        let said = said.trim();
        let path = !said.contains(' ')
            && said.contains('/')
            && [".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs"]
                .iter()
                .any(|ending| said.ends_with(ending));
        if path {
            paths.push((comment.span.start as usize, said.contains("node_modules")));
        }
    }
    if paths.len() >= KNOWN_PATHS {
        let ends = paths.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
        let ranges = paths.iter().zip(ends);
        return Own(ranges
            .filter(|((_, foreign), _)| !foreign)
            .map(|((start, _), end)| *start..end)
            .collect());
    }
    let mut near: Vec<Range<usize>> = Vec::new();
    let prompts = places.iter().filter(|place| place.kind.is_prompt());
    let mut at: Vec<usize> = prompts
        .map(|place| statements.partition_point(|span| (span.end as usize) < place.range.start))
        .collect();
    at.sort_unstable();
    for at in at {
        let last = statements.len().saturating_sub(1);
        let first = statements.get(at.saturating_sub(NEAR));
        let end = statements.get(at.saturating_add(NEAR).min(last));
        let (Some(first), Some(end)) = (first, end) else {
            continue;
        };
        let range = first.start as usize..end.end as usize;
        match near.last_mut() {
            Some(known) if known.end >= range.start => known.end = known.end.max(range.end),
            _ => near.push(range),
        }
    }
    Own(near)
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// What a node is worth as a place.
fn place(semantic: &Semantic<'_>, text: &str, id: NodeId) -> Option<Place> {
    let nodes = semantic.nodes();
    let (kind, span, worth) = match nodes.kind(id) {
        AstKind::TemplateLiteral(literal) => {
            if matches!(
                nodes.parent_kind(id),
                AstKind::TaggedTemplateExpression(_) | AstKind::TSLiteralType(_)
            ) {
                return None;
            }
            let said: String = literal
                .quasis
                .iter()
                .map(|q| q.value.raw.as_str())
                .collect();
            let worth = prompt(&said)?;
            let texts = literal.quasis.iter().map(|quasi| range(quasi.span));
            let texts = texts.collect();
            (Kind::Prompt { texts, quote: None }, literal.span, worth)
        }
        AstKind::StringLiteral(literal) => {
            let worth = prompt(literal.value.as_str())?;
            if !is_value(nodes.parent_kind(id), literal.span) {
                return None;
            }
            let whole = range(literal.span);
            let quote = text.get(whole.clone())?.chars().next()?;
            let inside = whole.start.saturating_add(1)..whole.end.saturating_sub(1);
            let kind = Kind::Prompt {
                texts: vec![inside],
                quote: Some(quote),
            };
            (kind, literal.span, worth)
        }
        AstKind::ObjectExpression(object) => {
            let (kind, worth) = object_kind(nodes.parent_kind(id), object)?;
            (kind, object.span, worth)
        }
        _ => return None,
    };
    let around = Around::of(semantic, id)?;
    Some(Place {
        kind,
        range: range(span),
        waits: around.waits,
        parameter: around.parameter,
        constructor: around.constructor,
        worth,
    })
}

/// Where the name of a text is used that is declared outside of functions.
fn named(semantic: &Semantic<'_>, id: NodeId) -> Vec<Place> {
    let nodes = semantic.nodes();
    let AstKind::VariableDeclarator(declarator) = nodes.kind(id) else {
        return Vec::new();
    };
    let symbol = match &declarator.id {
        BindingPattern::BindingIdentifier(name) => name.symbol_id.get(),
        _ => None,
    };
    let text = match &declarator.init {
        Some(Expression::StringLiteral(literal)) => literal.value.to_string(),
        Some(Expression::TemplateLiteral(literal)) if literal.quasis.len() == 1 => literal
            .quasis
            .first()
            .map_or_else(String::new, |quasi| quasi.value.raw.to_string()),
        _ => return Vec::new(),
    };
    let (Some(symbol), Some(worth)) = (symbol, prompt(&text)) else {
        return Vec::new();
    };
    if Around::of(semantic, id).is_some() {
        return Vec::new();
    }
    let uses = semantic.symbol_references(symbol).filter_map(|reference| {
        let span = nodes.kind(reference.node_id()).span();
        let plain = match nodes.parent_kind(reference.node_id()) {
            AstKind::ObjectProperty(property) => !property.shorthand,
            AstKind::ExportSpecifier(_) => false,
            _ => true,
        };
        let around = Around::of(semantic, reference.node_id())?;
        (plain && reference.is_read() && !reference.is_write()).then(|| Place {
            kind: Kind::Name { text: text.clone() },
            range: range(span),
            waits: around.waits,
            parameter: around.parameter,
            constructor: around.constructor,
            worth,
        })
    });
    uses.collect()
}

/// How much a text is like one for a model.
fn prompt(said: &str) -> Option<usize> {
    let words = said.split_whitespace().count();
    if words < WORDS {
        return None;
    }
    let lower = said.to_lowercase();
    let phrases = PHRASES.iter().filter(|p| lower.contains(**p)).count();
    (phrases >= 2).then(|| phrases.saturating_mul(100).saturating_add(words.min(99)))
}

/// Whether a literal stands where any expression may stand.
fn is_value(parent: AstKind<'_>, span: Span) -> bool {
    match parent {
        AstKind::ObjectProperty(property) => property.value.span() == span,
        AstKind::VariableDeclarator(_)
        | AstKind::ReturnStatement(_)
        | AstKind::ArrayExpression(_)
        | AstKind::BinaryExpression(_)
        | AstKind::ConditionalExpression(_)
        | AstKind::AssignmentExpression(_)
        | AstKind::CallExpression(_)
        | AstKind::TemplateLiteral(_) => true,
        _ => false,
    }
}

/// The names of an object's fields, in lower case, with their values.
fn fields<'a, 'b>(object: &'b ObjectExpression<'a>) -> Vec<(String, &'b Expression<'a>)> {
    let properties = object.properties.iter().filter_map(|property| {
        let ObjectPropertyKind::ObjectProperty(property) = property else {
            return None;
        };
        let name = property.key.static_name()?;
        Some((name.to_lowercase(), &property.value))
    });
    properties.collect()
}

fn object_kind(parent: AstKind<'_>, object: &ObjectExpression<'_>) -> Option<(Kind, usize)> {
    let known = fields(object);
    let count = |names: &[&str]| {
        let of = known
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        of.count()
    };
    let named = match parent {
        AstKind::ObjectProperty(property) => {
            property.key.static_name().is_some_and(|n| n == "headers")
        }
        _ => false,
    };
    let headers = count(&HEADERS);
    if (named && headers > 0) || headers > 1 {
        let agent = known
            .iter()
            .find(|(name, _)| name == "user-agent")
            .map(|(_, value)| range(value.span()));
        return Some((Kind::Headers { agent }, headers));
    }
    let has = |name| known.iter().any(|(known, _)| known == name);
    let body = count(&FIELDS);
    let asked = has("messages") || has("contents") || has("input") || has("prompt");
    (body > 1 && has("model") && asked).then_some((Kind::Body, body))
}

/// The function around a place.
#[derive(Debug, Default)]
struct Around {
    waits: bool,
    parameter: Option<Parameter>,
    constructor: Option<usize>,
}

impl Around {
    /// `None` outside of functions, and where a text goes into an error.
    fn of(semantic: &Semantic<'_>, id: NodeId) -> Option<Self> {
        let mut found: Option<Self> = None;
        for above in semantic.nodes().ancestors(id) {
            match above.kind() {
                AstKind::ThrowStatement(_) | AstKind::FormalParameters(_) if found.is_none() => {
                    return None;
                }
                AstKind::NewExpression(call) if found.is_none() => {
                    let name = call.callee.get_identifier_reference();
                    if name.is_some_and(|name| name.name.ends_with("Error")) {
                        return None;
                    }
                }
                AstKind::ArrowFunctionExpression(arrow) => {
                    found.get_or_insert_with(|| Self {
                        waits: arrow.r#async,
                        ..Self::default()
                    });
                }
                AstKind::Function(function) => {
                    let waits = found.map_or(function.r#async, |around| around.waits);
                    return Some(Self {
                        waits,
                        parameter: parameter(semantic, function),
                        constructor: constructor(semantic, above.id()),
                    });
                }
                AstKind::PropertyDefinition(_) | AstKind::StaticBlock(_) => return found,
                _ => {}
            }
        }
        found
    }
}

/// Where a function takes one more parameter, if all that is done with it is
/// to call it.
fn parameter(semantic: &Semantic<'_>, function: &Function<'_>) -> Option<Parameter> {
    let symbol = function.id.as_ref()?.symbol_id.get()?;
    if !function.is_declaration() || function.params.rest.is_some() {
        return None;
    }
    let nodes = semantic.nodes();
    let wanted = function.params.items.len();
    let mut calls = Vec::new();
    for reference in semantic.symbol_references(symbol) {
        let AstKind::CallExpression(call) = nodes.parent_kind(reference.node_id()) else {
            return None;
        };
        let callee = nodes.kind(reference.node_id()).span();
        if call.callee.span() != callee || call.arguments.iter().any(Argument::is_spread) {
            return None;
        }
        let missing = wanted.checked_sub(call.arguments.len())?;
        let at = match call.arguments.last() {
            Some(last) => last.span().end,
            None => call.span.end.checked_sub(1)?,
        };
        calls.push((at as usize, call.arguments.is_empty(), missing));
    }
    let at = match function.params.items.last() {
        Some(last) => last.span.end,
        None => function.params.span.end.checked_sub(1)?,
    };
    (1..=MOST_CALLS)
        .contains(&calls.len())
        .then_some(Parameter {
            at: at as usize,
            first: wanted == 0,
            calls,
        })
}

/// Where the constructor of a method's class begins, if that class is based on
/// no other.
fn constructor(semantic: &Semantic<'_>, function: NodeId) -> Option<usize> {
    let mut above = semantic.nodes().ancestor_kinds(function);
    match above.next()? {
        AstKind::MethodDefinition(method)
            if method.kind == MethodDefinitionKind::Method && !method.r#static => {}
        _ => return None,
    }
    let AstKind::Class(class) = above.find(|kind| matches!(kind, AstKind::Class(_)))? else {
        return None;
    };
    if class.heritage.is_some() {
        return None;
    }
    class.body.body.iter().find_map(|element| match element {
        ClassElement::MethodDefinition(method)
            if method.kind == MethodDefinitionKind::Constructor =>
        {
            let body = method.value.body.as_ref()?;
            Some((body.span.start as usize).saturating_add(1))
        }
        _ => None,
    })
}
