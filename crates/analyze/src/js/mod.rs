mod lower;

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use crate::ir::Ir;

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

/// Parses and lowers a text and hands the graph to `then`. `Err` when the
/// parser gave up; the second result is a complaint about a part.
pub(crate) fn with_ir<T>(
    text: &str,
    dialect: Dialect,
    then: impl FnOnce(&Ir<'_>) -> T,
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
        let fatal = parsed.panicked;
        let first = parsed
            .diagnostics
            .first()
            .map(|diagnostic| diagnostic.message.to_string());
        if fatal {
            let label = parsed.diagnostics.first().and_then(|diagnostic| {
                let labels = diagnostic.labels.iter();
                labels.map(|label| label.offset() as usize).max()
            });
            furthest = furthest.max(label.unwrap_or(0));
            complaint = complaint.or(first);
            continue;
        }
        let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
        let ir = lower::lower(&parsed.program, text, semantic.scoping());
        return Ok((then(&ir), first));
    }
    Err(Unparsed {
        detail: complaint.unwrap_or_else(|| "the parser gave up".to_owned()),
        at: furthest.min(text.len()),
    })
}
