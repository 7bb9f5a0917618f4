//! Python: from text to the graph of values.

pub(crate) mod bytecode;
mod coding;
mod eval;
mod expr;
mod lower;
pub(crate) mod names;
mod rewrite;
pub(crate) mod scope;
mod trial;

pub(crate) use coding::strange_coding;

use oxc_allocator::Allocator;
use ruff_python_ast::{Expr, ExprBinOp, PySourceType};
use ruff_python_parser::{ParseError, parse_unchecked_source};

use crate::evaluate::Ask;
use crate::ir::Ir;
use crate::js::Trials;

/// What the reader could not do with a text.
#[derive(Debug, Default)]
pub(crate) struct Complaint {
    /// How many places are against the grammar.
    pub(crate) errors: usize,
    /// How many bytes the lines have at which they are.
    pub(crate) bytes: u64,
    /// The first of them, in words.
    pub(crate) first: String,
    /// What nests too deep for the reader was left out.
    pub(crate) deep: bool,
    /// The limit on evaluating decoders was reached.
    pub(crate) not_evaluated: bool,
}

/// What a text is, beyond a module in the graph.
#[derive(Debug)]
pub(crate) enum Unread {
    /// Written for Python 2, whose grammar the parser does not have.
    Old,
}

/// Parses and lowers a text, has it tried by `ask` where somebody is there to
/// ask, and hands the graph and what the trial gave to `then`. What is against
/// the grammar is left out, and the rest is read. `layer` counts the layers of
/// decoded code around the text.
pub(crate) fn with_ir<T>(
    text: &str,
    layer: u8,
    ask: Option<&mut dyn Ask>,
    then: impl FnOnce(&Ir<'_>, Trials<'_>) -> T,
) -> Result<(T, Complaint), Unread> {
    let arena = Allocator::default();
    let parsed = parse_unchecked_source(text, PySourceType::Python);
    let errors = parsed.errors();
    if errors.iter().take(200).any(|error| is_old(text, error)) {
        return Err(Unread::Old);
    }
    let mut complaint = Complaint {
        errors: errors.len(),
        bytes: lines_of(text, errors),
        first: errors
            .first()
            .map(|error| error.error.to_string())
            .unwrap_or_default(),
        deep: false,
        not_evaluated: false,
    };
    let trials = match ask {
        Some(ask) if errors.is_empty() => {
            let program = trial::program(parsed.syntax(), text);
            Trials::begin(ask, program.into_iter().collect())
        }
        _ => Trials::default(),
    };
    let mut lowered = lower::lower(parsed.syntax(), text, &arena);
    lowered.ir.layer = layer;
    complaint.deep = lowered.deep;
    complaint.not_evaluated = lowered.not_evaluated;
    Ok((then(&lowered.ir, trials), complaint))
}

/// How many bytes the lines have that errors lie in, each line once: the
/// parser does not tell what it left out, but it goes on with another line.
fn lines_of(text: &str, errors: &[ParseError]) -> u64 {
    let mut ranges: Vec<(usize, usize)> = errors
        .iter()
        .map(|error| (error.location.start().into(), error.location.end().into()))
        .collect();
    ranges.sort_unstable();
    let (mut counted, mut total) = (0usize, 0usize);
    for (start, end) in ranges {
        if end < counted {
            continue;
        }
        let before = text.get(..start).and_then(|before| before.rfind('\n'));
        let start = before.map_or(0, |at| at.saturating_add(1)).max(counted);
        let rest = text.get(end..).and_then(|rest| rest.find('\n'));
        let end = rest.map_or(text.len(), |more| {
            end.saturating_add(more).saturating_add(1)
        });
        total = total.saturating_add(end.saturating_sub(start));
        counted = counted.max(end);
    }
    total as u64
}

/// Whether an error is at a statement that only Python 2 has: `print x`,
/// `exec x`, `raise E, x`.
fn is_old(text: &str, error: &ParseError) -> bool {
    let at = usize::from(error.location.start()).min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    let line = text.get(start..).unwrap_or_default();
    let line = line.lines().next().unwrap_or_default().trim_start();
    let rest_of = |word: &str| {
        line.strip_prefix(word)
            .filter(|rest| rest.starts_with([' ', '\t', '"', '\'']))
            .map(str::trim_start)
    };
    if let Some(rest) = rest_of("print").or_else(|| rest_of("exec")) {
        return !rest.starts_with(['=', '(', '.', ':', ',', ')']);
    }
    rest_of("raise").is_some_and(|rest| {
        rest.split_once(',').is_some_and(|(kind, _)| {
            !kind.is_empty()
                && kind
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        })
    })
}

/// What a chain of operators begins with, and its operations, the last first:
/// sums of very many parts nest on the left.
fn operations(expr: &Expr) -> (&Expr, Vec<&ExprBinOp>) {
    let mut chain = Vec::new();
    let mut left = expr;
    while let Expr::BinOp(binary) = left {
        chain.push(binary);
        left = &binary.left;
    }
    (left, chain)
}

#[cfg(test)]
mod channels;
#[cfg(test)]
mod tests;
