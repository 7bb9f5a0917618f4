mod lower;
mod outline;
mod settle;
pub(crate) mod slice;
mod trial;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::Parser;
use oxc_semantic::{Scoping, SemanticBuilder, Stats};
use oxc_span::SourceType;

use crate::evaluate::Ask;
use crate::ir::Ir;

pub(crate) use outline::{Border, MarkKind, Outline};
pub(crate) use slice::{Evaluated, Origin, Slices, Trials};

/// Why a text could not be lowered.
#[derive(Debug)]
pub(crate) struct Unparsed {
    pub(crate) detail: String,
    /// How far the parser came, in bytes.
    pub(crate) at: usize,
}

/// What a text is written in, as far as the parser has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    JavaScript,
    TypeScript,
    /// TypeScript without bodies: `.d.ts`.
    Declarations,
}

/// Parses and lowers a text, has its slices evaluated by `ask`, and hands the
/// graph and what they gave to `then`, with what `first` made of the graph
/// while they were evaluated. `Err` when the parser gave up; the second result
/// is a complaint about a part.
pub(crate) fn with_ir<F, T>(
    text: &str,
    dialect: Dialect,
    ask: &mut dyn Ask,
    first: impl FnOnce(&Ir<'_>) -> F,
    then: impl FnOnce(&Ir<'_>, &Slices, Trials<'_>, F) -> T,
) -> Result<(T, Option<String>), Unparsed> {
    let allocator = Allocator::default();
    let attempts: &[SourceType] = match dialect {
        Dialect::JavaScript => &[
            SourceType::unambiguous().with_jsx(true),
            SourceType::cjs(),
            SourceType::ts(),
        ],
        Dialect::TypeScript => &[SourceType::ts(), SourceType::tsx(), SourceType::d_ts()],
        Dialect::Declarations => &[SourceType::d_ts()],
    };
    let mut complaint = None;
    let mut furthest = 0usize;
    for source_type in attempts {
        let parsed = Parser::new(&allocator, text, *source_type).parse();
        // The lexer may give up in the middle without a word but a complaint.
        let end = parsed.program.body.last().map_or(0, |statement| {
            oxc_span::GetSpan::span(statement).end as usize
        });
        let stopped = !parsed.diagnostics.is_empty()
            && text
                .get(end..)
                .is_some_and(|rest| rest.chars().any(|c| c.is_alphanumeric()));
        let fatal = parsed.panicked || stopped;
        let complained = parsed
            .diagnostics
            .first()
            .map(|diagnostic| diagnostic.message.to_string());
        if fatal {
            let label = parsed.diagnostics.first().and_then(|diagnostic| {
                let labels = diagnostic.labels.iter();
                labels.map(|label| label.offset() as usize).max()
            });
            furthest = furthest.max(label.unwrap_or(0));
            complaint = complaint.or(complained);
            continue;
        }
        let sliced = dialect != Dialect::Declarations;
        let semantic = SemanticBuilder::new()
            .with_build_nodes(sliced)
            .with_stats(expected(text.len()))
            .build(&parsed.program)
            .semantic;
        let asked = sliced.then(|| {
            let (programs, asked) = slice::programs(&semantic, text);
            if !programs.is_empty() {
                ask.begin(programs);
            }
            asked
        });
        // The nodes are not needed any more, and take much.
        let scoping = semantic.into_scoping();
        // Lowered while the slices are evaluated elsewhere.
        let mut ir = lower::lower(&parsed.program, text, &scoping);
        ir.outline = outline::outline(&parsed.program, text, &scoping);
        let made = first(&ir);
        let mut trials = Vec::new();
        let slices = match asked {
            Some(mut asked) => {
                trials = asked.take_trials();
                let answers = if asked.is_empty() {
                    Vec::new()
                } else {
                    ask.finish()
                };
                asked.join(answers)
            }
            None => Slices::default(),
        };
        for program in &mut trials {
            let made = slices.evaluated.iter().map(|evaluated| &evaluated.value);
            program.compare_with(made);
        }
        // The passes run while it is tried.
        let trials = Trials::begin(ask, trials);
        settle::settle(&mut ir, &slices, |text| allocator.alloc_str(text));
        return Ok((then(&ir, &slices, trials, made), complained));
    }
    Err(Unparsed {
        detail: complaint.unwrap_or_else(|| "the parser gave up".to_owned()),
        at: furthest.min(text.len()),
    })
}

/// Room for what a text of so many bytes holds, a little more than dense
/// bundles were seen to have. Counting first would take another walk over the
/// tree; what is reserved and not used costs no memory.
fn expected(bytes: usize) -> Stats {
    let of = |share: usize| u32::try_from(bytes.saturating_mul(share) / 1000).unwrap_or(u32::MAX);
    Stats::new(of(270), of(8), of(16), of(55))
}

/// Parses a text and hands its syntax tree to `then`; nothing where it cannot
/// be parsed.
pub(crate) fn with_program<T>(
    text: &str,
    dialect: Dialect,
    then: impl for<'a> FnOnce(&'a Allocator, &mut Program<'a>, Scoping) -> T,
) -> Option<T> {
    let allocator = Allocator::default();
    let attempts: &[SourceType] = match dialect {
        Dialect::JavaScript => &[SourceType::unambiguous().with_jsx(true), SourceType::cjs()],
        Dialect::TypeScript => &[SourceType::ts(), SourceType::tsx()],
        Dialect::Declarations => &[SourceType::d_ts()],
    };
    for source_type in attempts {
        let mut parsed = Parser::new(&allocator, text, *source_type).parse();
        if parsed.panicked || !parsed.diagnostics.is_empty() {
            continue;
        }
        let scoping = scoping(&parsed.program, text.len());
        return Some(then(&allocator, &mut parsed.program, scoping));
    }
    None
}

/// What the names of a program stand for.
pub(crate) fn scoping(program: &Program<'_>, bytes: usize) -> Scoping {
    SemanticBuilder::new()
        .with_stats(expected(bytes))
        .build(program)
        .semantic
        .into_scoping()
}

/// Lowers a program as it stands: nothing is evaluated.
pub(crate) fn plain_ir<'a>(program: &Program<'a>, text: &'a str, scoping: &Scoping) -> Ir<'a> {
    let mut ir = lower::lower(program, text, scoping);
    ir.outline = outline::outline(program, text, scoping);
    ir
}

/// Parses and lowers a text as it stands: nothing is evaluated.
pub(crate) fn with_plain_ir<T>(
    text: &str,
    dialect: Dialect,
    then: impl FnOnce(&Ir<'_>) -> T,
) -> Option<T> {
    with_program(text, dialect, |_, program, scoping| {
        then(&plain_ir(program, text, &scoping))
    })
}
