//! Where the modules of a bundle begin and end, as far as its syntax tells.
//!
//! A bundler joins files in one of a few shapes: statements one after the
//! other, with or without a comment that names the file; a variable for each
//! module, made by a helper that is given a function; an object or a list of
//! functions. What is left of a file is a run of *units*: statements,
//! declarators or properties that were not torn apart.

use oxc_ast::ast::*;
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashMap;

/// From this many modules on a function is the helper that makes them.
const WRAPPED: usize = 3;
/// How deep wrappers around the whole file are followed.
const AROUND: usize = 6;
/// From this many functions on an object or list is one of modules.
const MODULES: usize = 3;

/// A part of a file that lies in one module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) border: Border,
}

/// What a unit tells about the modules around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Border {
    /// Nothing.
    None,
    /// It is the last of its module.
    After,
    /// It is a module of its own.
    Both,
}

/// A text in the file that names what follows, or what it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) at: u32,
    pub(crate) kind: MarkKind,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// The path of the file that the units from here on come from.
    Path,
    /// The path of the file that the unit around it comes from.
    Key,
    /// The first line of a licence comment.
    Banner,
}

/// The units of a file, in order, and its marks, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outline {
    pub(crate) units: Vec<Unit>,
    pub(crate) marks: Vec<Mark>,
    /// How many modules have a wrapper.
    pub(crate) wrappers: usize,
    /// Variables that other files can import.
    pub(crate) exported: Vec<u32>,
}

pub(super) fn outline(program: &Program<'_>, text: &str, scoping: &Scoping) -> Outline {
    let mut out = Outline::default();
    let mut pieces = Pieces::default();
    pieces.statements(&program.body, AROUND, text.len());
    let helpers = pieces.helpers();
    for piece in pieces.list {
        let border = match (piece.helper, piece.params) {
            (Some(helper), params) if helpers.get(helper).is_some_and(|n| *n >= WRAPPED) => {
                out.wrappers = out.wrappers.saturating_add(1);
                if params == 0 {
                    Border::After
                } else {
                    Border::Both
                }
            }
            _ if piece.module => Border::Both,
            _ => Border::None,
        };
        if let Some(key) = piece.key.filter(|key| is_path(key)) {
            out.marks.push(Mark {
                at: piece.span.start,
                kind: MarkKind::Key,
                text: key.to_owned(),
            });
        }
        out.units.push(Unit {
            start: piece.span.start,
            end: piece.span.end,
            border,
        });
    }
    out.units.sort_by_key(|unit| (unit.start, unit.end));
    for comment in &program.comments {
        let span = comment.content_span();
        let Some(content) = text.get(span.start as usize..span.end as usize) else {
            continue;
        };
        let at = comment.span.start;
        if let Some((kind, text)) = mark(content, comment.is_line()) {
            let inside = out.unit_at(at).is_some();
            // Within a module a comment that is a path says nothing.
            if kind != MarkKind::Path || !inside || content.starts_with('!') {
                let kind = match kind {
                    MarkKind::Path if inside => MarkKind::Key,
                    kind => kind,
                };
                out.marks.push(Mark { at, kind, text });
            }
        }
    }
    out.marks.sort_by_key(|mark| mark.at);
    out.exported = exported(program, scoping);
    out
}

impl Outline {
    /// The unit that a place lies in.
    pub(crate) fn unit_at(&self, at: u32) -> Option<usize> {
        let after = self.units.partition_point(|unit| unit.start <= at);
        let index = after.checked_sub(1)?;
        (at < self.units.get(index)?.end).then_some(index)
    }
}

/// The variables of the file that others can import, one by one.
fn exported(program: &Program<'_>, scoping: &Scoping) -> Vec<u32> {
    let mut out = Vec::new();
    for statement in &program.body {
        let Statement::ExportNamedDeclaration(export) = statement else {
            continue;
        };
        for specifier in &export.specifiers {
            let ModuleExportName::IdentifierReference(id) = &specifier.local else {
                continue;
            };
            let symbol = id
                .reference_id
                .get()
                .and_then(|reference| scoping.get_reference(reference).symbol_id());
            out.extend(symbol.and_then(|symbol| u32::try_from(symbol.index()).ok()));
        }
    }
    out
}

/// What a comment tells, if it names a file or a package.
fn mark(content: &str, line: bool) -> Option<(MarkKind, String)> {
    if line {
        let path = content.trim();
        return is_path(path).then(|| (MarkKind::Path, path.to_owned()));
    }
    // webpack: `!*** ./node_modules/a/index.js ***!`, over several lines.
    if let Some((_, rest)) = content.split_once("!*** ")
        && let Some((path, _)) = rest.split_once(" ***!")
    {
        let path = path.trim();
        return is_path(path).then(|| (MarkKind::Path, path.to_owned()));
    }
    let licence = content.starts_with('!')
        || ["@license", "@licence", "@preserve", "@module"]
            .iter()
            .any(|word| content.contains(word));
    if !licence {
        return None;
    }
    let told = content
        .trim_start_matches('!')
        .lines()
        .map(|line| line.trim().trim_start_matches('*').trim())
        .map(|line| {
            line.trim_start_matches("@license")
                .trim_start_matches("@licence")
                .trim_start_matches("@preserve")
                .trim()
        })
        .find(|line| line.chars().any(char::is_alphanumeric))?;
    Some((MarkKind::Banner, told.chars().take(120).collect()))
}

/// Whether a text is the path of a source file, without more.
fn is_path(text: &str) -> bool {
    const ENDINGS: &[&str] = &[
        ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".json", ".wasm", ".node",
        ".vue", ".svelte",
    ];
    text.len() < 400
        && !text.chars().any(char::is_whitespace)
        && !text.contains("://")
        && text.contains('/')
        && ENDINGS.iter().any(|ending| {
            text.ends_with(ending)
                || text
                    .split(['?', '#'])
                    .next()
                    .is_some_and(|path| path.ends_with(ending))
        })
}

struct Piece<'p> {
    span: Span,
    /// The function that is given the module's.
    helper: Option<&'p str>,
    params: usize,
    /// The key under which the module stands.
    key: Option<&'p str>,
    /// Whether it stands in an object or a list of modules.
    module: bool,
}

#[derive(Default)]
struct Pieces<'p> {
    list: Vec<Piece<'p>>,
    /// How often each function is given another, by name.
    used: FxHashMap<&'p str, usize>,
}

impl<'p> Pieces<'p> {
    fn helpers(&self) -> FxHashMap<&'p str, usize> {
        let mut count: FxHashMap<&str, usize> = FxHashMap::default();
        for piece in &self.list {
            if let Some(helper) = piece.helper {
                let count = count.entry(helper).or_default();
                *count = count.saturating_add(1);
            }
        }
        count
    }

    fn plain(&mut self, span: Span) {
        self.list.push(Piece {
            span,
            helper: None,
            params: 0,
            key: None,
            module: false,
        });
    }

    /// Takes statements apart; those that hold most of the file are opened.
    fn statements(&mut self, body: &'p [Statement<'p>], depth: usize, whole: usize) {
        for statement in body {
            let declaration = match statement {
                Statement::VariableDeclaration(declaration) => declaration,
                Statement::ExportDeclaration(export) => match &export.declaration {
                    Declaration::VariableDeclaration(declaration) => declaration,
                    _ => continue,
                },
                _ => continue,
            };
            for init in declaration
                .declarations
                .iter()
                .filter_map(|d| d.init.as_ref())
            {
                if let Some((helper, ..)) = wrapped(init) {
                    let count = self.used.entry(helper).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        for statement in body {
            let span = statement.span();
            let large = span.size() as usize > whole / 3;
            match statement {
                Statement::VariableDeclaration(declaration) => {
                    self.variables(declaration, span, depth, whole);
                }
                Statement::ExportDeclaration(export) => match &export.declaration {
                    Declaration::VariableDeclaration(declaration) => {
                        self.variables(declaration, span, depth, whole);
                    }
                    _ => self.plain(span),
                },
                Statement::ExpressionStatement(one) if large && depth > 0 => {
                    self.opened(&one.expression, span, depth, whole);
                }
                Statement::BlockStatement(block) if large && depth > 0 => {
                    self.statements(&block.body, depth - 1, whole);
                }
                _ => self.plain(span),
            }
        }
    }

    fn variables(
        &mut self,
        declaration: &'p VariableDeclaration<'p>,
        span: Span,
        depth: usize,
        whole: usize,
    ) {
        let count = declaration.declarations.len();
        for (index, declarator) in declaration.declarations.iter().enumerate() {
            // Together the declarators are the statement.
            let start = if index == 0 {
                span.start
            } else {
                declarator.span.start
            };
            let end = if index.saturating_add(1) == count {
                span.end
            } else {
                declarator.span.end
            };
            let span = Span::new(start, end);
            match &declarator.init {
                Some(init)
                    if span.size() as usize > whole / 3
                        && depth > 0
                        && wrapped(init).is_none_or(|(helper, ..)| {
                            self.used.get(helper).is_none_or(|n| *n < WRAPPED)
                        }) =>
                {
                    self.opened(init, span, depth, whole);
                }
                Some(init) => match wrapped(init) {
                    Some((helper, params, key)) => self.list.push(Piece {
                        span,
                        helper: Some(helper),
                        params,
                        key,
                        module: false,
                    }),
                    None => self.plain(span),
                },
                None => self.plain(span),
            }
        }
    }

    /// An expression that holds much of the file: what is in it, where it
    /// wraps it.
    fn opened(&mut self, expression: &'p Expression<'p>, span: Span, depth: usize, whole: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return self.plain(span);
        };
        match expression {
            Expression::ParenthesizedExpression(inner) => {
                self.opened(&inner.expression, span, depth, whole);
            }
            Expression::UnaryExpression(inner) => self.opened(&inner.argument, span, depth, whole),
            Expression::AssignmentExpression(inner) => {
                self.opened(&inner.right, span, depth, whole);
            }
            Expression::SequenceExpression(inner) => {
                for part in &inner.expressions {
                    if part.span().size() as usize > whole / 3 {
                        self.opened(part, part.span(), depth, whole);
                    } else {
                        self.plain(part.span());
                    }
                }
            }
            Expression::FunctionExpression(function) => match &function.body {
                Some(body) => self.statements(&body.statements, depth, whole),
                None => self.plain(span),
            },
            Expression::ArrowFunctionExpression(function) => match &function.body {
                ArrowFunctionBody::FunctionBody(body) => {
                    self.statements(&body.statements, depth, whole);
                }
                other => match other.as_expression() {
                    Some(inner) => self.opened(inner, span, depth, whole),
                    None => self.plain(span),
                },
            },
            Expression::CallExpression(call) => {
                let args = call.arguments.iter().filter_map(Argument::as_expression);
                let large = std::iter::once(&call.callee)
                    .chain(args)
                    .max_by_key(|part| part.span().size());
                match large {
                    Some(part) if part.span().size() as usize > whole / 3 => {
                        self.opened(part, span, depth, whole);
                    }
                    _ => self.plain(span),
                }
            }
            Expression::ObjectExpression(object) => self.table(object, span, depth, whole),
            Expression::ArrayExpression(array) => {
                let elements: Vec<&Expression<'_>> = array
                    .elements
                    .iter()
                    .filter_map(ArrayExpressionElement::as_expression)
                    .collect();
                let functions = elements.iter().filter(|e| params_of(e).is_some()).count();
                if functions >= MODULES {
                    for element in elements {
                        self.module(element.span(), None);
                    }
                } else if let Some(element) = elements
                    .iter()
                    .find(|e| e.span().size() as usize > whole / 3)
                {
                    // `push([[id], { ...modules }])`
                    self.opened(element, span, depth, whole);
                } else {
                    self.plain(span);
                }
            }
            _ => self.plain(span),
        }
    }

    fn table(&mut self, object: &'p ObjectExpression<'p>, span: Span, depth: usize, whole: usize) {
        let properties: Vec<&ObjectProperty<'_>> = object
            .properties
            .iter()
            .filter_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(property) => Some(&**property),
                ObjectPropertyKind::SpreadProperty(_) => None,
            })
            .collect();
        let functions = properties
            .iter()
            .filter(|property| params_of(&property.value).is_some())
            .count();
        if functions >= MODULES {
            for property in properties {
                self.module(property.span, key_of(&property.key));
            }
        } else if let [only] = properties.as_slice()
            && params_of(&only.value).is_some()
        {
            self.opened(&only.value, span, depth, whole);
        } else {
            self.plain(span);
        }
    }

    fn module(&mut self, span: Span, key: Option<&'p str>) {
        self.list.push(Piece {
            span,
            helper: None,
            params: 0,
            key,
            module: true,
        });
    }
}

/// `helper((exports, module) => { ... })`, or with an object of one method
/// that is named like the file.
fn wrapped<'p>(init: &'p Expression<'p>) -> Option<(&'p str, usize, Option<&'p str>)> {
    let Expression::CallExpression(call) = init else {
        return None;
    };
    let Expression::Identifier(helper) = &call.callee else {
        return None;
    };
    let first = call.arguments.first()?.as_expression()?;
    if let Some(params) = params_of(first) {
        return Some((helper.name.as_str(), params, None));
    }
    let Expression::ObjectExpression(object) = first else {
        return None;
    };
    let [ObjectPropertyKind::ObjectProperty(only)] = object.properties.as_slice() else {
        return None;
    };
    let params = params_of(&only.value)?;
    Some((helper.name.as_str(), params, key_of(&only.key)))
}

fn params_of(expression: &Expression<'_>) -> Option<usize> {
    match expression {
        Expression::FunctionExpression(function) => Some(function.params.items.len()),
        Expression::ArrowFunctionExpression(function) => Some(function.params.items.len()),
        Expression::ParenthesizedExpression(inner) => params_of(&inner.expression),
        _ => None,
    }
}

fn key_of<'p>(key: &'p PropertyKey<'p>) -> Option<&'p str> {
    match key {
        PropertyKey::StringLiteral(text) => Some(text.value.as_str()),
        _ => None,
    }
}
