//! A covert channel is put into a bundle: its statements far apart between
//! those of the agent, its value into an expression of the agent.

use std::ops::Range;

use anyhow::{Context, Result, bail};
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{ModuleExportName, PropertyKey, Statement};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::{GetSpan, SourceType};

use super::super::design::Draw;
use super::host::{Host, Kind, Place};

/// How the value comes from where it is chosen to where it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// A call in the expression itself.
    Call,
    /// The callers of the agent's function give it.
    Parameter,
    /// The constructor of the agent's class keeps it.
    Field,
}

impl Way {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Parameter => "parameter",
            Self::Field => "field",
        }
    }

    /// Whether a place can be reached so.
    pub(super) const fn leads_to(self, place: &Place) -> bool {
        match self {
            Self::Call => true,
            Self::Parameter => place.parameter.is_some(),
            Self::Field => place.constructor.is_some(),
        }
    }
}

/// What is put in.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    /// The text of a module with a function `run`.
    pub(super) module: String,
    /// Whether `run` is to be waited for.
    pub(super) waits: bool,
    /// What the choice gives: a mark, a sentence, a token, ...
    pub(super) gives: String,
    /// The characters that a mark takes the place of; none where it stands
    /// between two letters.
    pub(super) mark: String,
}

/// A change of a text: what is replaced, and by what.
type Edit = (Range<usize>, String);

/// The bundle with the channel in it.
pub(super) fn implant(
    host: &Host,
    place: &Place,
    way: Way,
    channel: &Channel,
    draw: &mut Draw,
) -> Result<String> {
    let (statements, run, suffix) = renamed(host, channel, draw)?;
    let mut edits = scattered(host, place, &statements, draw)?;
    let mut call = format!("{run}(\"\")");
    if channel.waits {
        call = format!("(await {call})");
    }
    let value = match way {
        Way::Call => call,
        Way::Parameter => {
            let parameter = place.parameter.as_ref().context("no parameter")?;
            let name = format!("shown{suffix}");
            let comma = if parameter.first { "" } else { ", " };
            edits.push((parameter.at..parameter.at, format!("{comma}{name}")));
            for (at, first, missing) in &parameter.calls {
                let mut given = vec!["void 0"; *missing];
                given.push(&call);
                let comma = if *first { "" } else { ", " };
                edits.push((*at..*at, format!("{comma}{}", given.join(", "))));
            }
            name
        }
        Way::Field => {
            let at = place.constructor.context("no constructor")?;
            let name = format!("this.shown{suffix}");
            edits.push((at..at, format!("{name} = {call};")));
            name
        }
    };
    edits.push(leaving(host, place, channel, &value, draw)?);
    applied(&host.text, edits)
}

/// The statements of the channel's module, with names that the bundle does
/// not have; the name of its function `run`; and what was added to names.
fn renamed(
    host: &Host,
    channel: &Channel,
    draw: &mut Draw,
) -> Result<(Vec<String>, String, String)> {
    let kind = if host.module {
        SourceType::mjs()
    } else {
        SourceType::cjs()
    };
    let text = channel.module.as_str();
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, kind).parse();
    if let Some(error) = parsed.diagnostics.first() {
        bail!("the channel's module: {error}");
    }
    let semantic = SemanticBuilder::new()
        .with_build_nodes(true)
        .build(&parsed.program)
        .semantic;
    let scoping = semantic.scoping();
    let root = scoping.root_scope_id();
    let own: Vec<_> = scoping
        .symbol_ids()
        .filter(|symbol| scoping.symbol_scope_id(*symbol) == root)
        .collect();
    let suffix = loop {
        let suffix: String = (0..4)
            .filter_map(|_| b"AEIKLMNORSTUVWXZ".get(draw.below(16)))
            .map(|letter| char::from(*letter))
            .collect();
        let free = |name: &str| !host.text.contains(&format!("{name}{suffix}"));
        if own.iter().all(|symbol| free(scoping.symbol_name(*symbol))) && free("shown") {
            break suffix;
        }
    };
    // Where a name stands for a field and a variable at once.
    let mut fields = Vec::new();
    let mut imports = Vec::new();
    for node in semantic.nodes().iter() {
        match node.kind() {
            AstKind::ObjectProperty(property) if property.shorthand => {
                fields.push(property.key.span().start);
            }
            AstKind::BindingProperty(property) if property.shorthand => {
                if let PropertyKey::StaticIdentifier(key) = &property.key {
                    fields.push(key.span.start);
                }
            }
            AstKind::ImportSpecifier(specifier) => {
                if let ModuleExportName::IdentifierName(name) = &specifier.imported
                    && name.span == specifier.local.span
                {
                    imports.push(name.span.start);
                }
            }
            _ => {}
        }
    }
    let mut edits: Vec<Edit> = Vec::new();
    for symbol in own {
        let name = scoping.symbol_name(symbol);
        let references = semantic.symbol_references(symbol);
        let spans = references.map(|reference| semantic.reference_span(reference));
        for span in spans.chain([scoping.symbol_span(symbol)]) {
            let new = if fields.contains(&span.start) {
                format!("{name}: {name}{suffix}")
            } else if imports.contains(&span.start) {
                format!("{name} as {name}{suffix}")
            } else {
                format!("{name}{suffix}")
            };
            edits.push((span.start as usize..span.end as usize, new));
        }
    }
    let mut statements = Vec::new();
    for statement in &parsed.program.body {
        let span = statement.span();
        let whole = span.start as usize..span.end as usize;
        let exported = match statement {
            Statement::ExportDefaultDeclaration(_) | Statement::ExportNamedDeclaration(_) => true,
            _ => text
                .get(whole.clone())
                .is_some_and(|text| text.starts_with("module.exports")),
        };
        if exported {
            continue;
        }
        let inside = edits
            .iter()
            .filter(|(range, _)| range.start >= whole.start && range.end <= whole.end);
        let moved = inside.map(|(range, new)| {
            let from = range.start.saturating_sub(whole.start);
            let to = range.end.saturating_sub(whole.start);
            (from..to, new.clone())
        });
        let piece = text.get(whole.clone()).context("a statement's text")?;
        statements.push(applied(piece, moved.collect())?);
    }
    Ok((statements, format!("run{suffix}"), suffix))
}

/// Places between statements of the agent for those of the channel: in their
/// order, and as far apart as chance has it.
fn scattered(
    host: &Host,
    place: &Place,
    statements: &[String],
    draw: &mut Draw,
) -> Result<Vec<Edit>> {
    let mut free = host.slots.clone();
    // Beside the place would not be far.
    let near = free.partition_point(|at| *at < place.range.start);
    if free.len() > statements.len().saturating_mul(8) {
        let from = near.saturating_sub(2);
        free.drain(from..near.saturating_add(2).min(free.len()));
    }
    if free.len() < statements.len() {
        bail!("the bundle has too few statements of its own");
    }
    let mut chosen = Vec::new();
    for _ in statements {
        chosen.push(free.swap_remove(draw.below(free.len())));
    }
    chosen.sort_unstable();
    let pairs = chosen.into_iter().zip(statements);
    Ok(pairs
        .map(|(at, text)| (at..at, format!("{text}\n")))
        .collect())
}

/// The value in the agent's own expression.
fn leaving(
    host: &Host,
    place: &Place,
    channel: &Channel,
    value: &str,
    draw: &mut Draw,
) -> Result<Edit> {
    let start = place.range.start;
    let inside = start.saturating_add(1);
    let original = host
        .text
        .get(place.range.clone())
        .context("a place's text")?;
    Ok(match (&place.kind, channel.gives.as_str()) {
        (Kind::Prompt { texts, quote }, "mark") => {
            let found = marks(&host.text, texts, &channel.mark);
            let at = found.get(draw.below(found.len())).copied();
            let at = at.with_context(|| format!("no place for {:?}", channel.mark))?;
            let end = at.saturating_add(channel.mark.len());
            match quote {
                None => (at..end, format!("${{{value}}}")),
                Some(quote) => {
                    let (before, after) = (
                        host.text.get(start..at),
                        host.text.get(end..place.range.end),
                    );
                    let (before, after) = before.zip(after).context("a string's parts")?;
                    let new = format!("({before}{quote} + {value} + {quote}{after})");
                    (place.range.clone(), new)
                }
            }
        }
        (Kind::Name { .. }, "mark") => {
            let mark = serde_json::to_string(&channel.mark)?;
            let new = match draw.below(2) {
                0 => format!("{original}.replace({mark}, {value})"),
                _ => format!("{original}.split({mark}).join({value})"),
            };
            (place.range.clone(), new)
        }
        (Kind::Prompt { .. } | Kind::Name { .. }, "sentence") => {
            let new = match draw.below(3) {
                0 => format!("({original} + \"\\n\" + {value})"),
                1 => format!("({value} + \"\\n\\n\" + {original})"),
                _ => format!("[{original}, {value}].join(\"\\n\")"),
            };
            (place.range.clone(), new)
        }
        (Kind::Headers { agent: Some(agent) }, "token") if draw.below(2) == 0 => {
            let original = host.text.get(agent.clone()).context("a header's text")?;
            (agent.clone(), format!("[{original}, {value}].join(\" \")"))
        }
        (Kind::Headers { .. }, "token") => {
            (inside..inside, format!("\"X-Request-Client\": {value},"))
        }
        (Kind::Headers { .. }, "headers") | (Kind::Body, "fields") => {
            (inside..inside, format!("...{value},"))
        }
        (Kind::Body, "number") => (inside..inside, format!("max_output_tokens: {value},")),
        (_, other) => bail!("no place takes a {other}"),
    })
}

/// Where characters stand in the parts of a literal between two letters, or
/// behind one.
pub(super) fn marks(text: &str, parts: &[Range<usize>], mark: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for part in parts {
        let Some(inside) = text.get(part.clone()) else {
            continue;
        };
        let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        let bytes = inside.as_bytes();
        for (at, _) in inside.char_indices() {
            if !inside.get(at..).is_some_and(|rest| rest.starts_with(mark)) {
                continue;
            }
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            let escaped = at.checked_sub(2).and_then(|at| bytes.get(at)) == Some(&b'\\');
            let after = bytes.get(at.saturating_add(mark.len()));
            if letter(before) && letter(after) && !escaped {
                found.push(part.start.saturating_add(at));
            }
        }
    }
    found
}

/// A text with its changes made.
fn applied(text: &str, mut edits: Vec<Edit>) -> Result<String> {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    edits.dedup();
    let mut out = String::with_capacity(text.len());
    let mut at = 0_usize;
    for (range, new) in edits {
        let kept = text.get(at..range.start).context("changes that overlap")?;
        out.push_str(kept);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(text.get(at..).context("changes that overlap")?);
    Ok(out)
}
