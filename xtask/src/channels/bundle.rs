//! A case's code as a function deep inside a real bundle.

use anyhow::{Result, bail};
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

/// How many places are tried, from the middle of the file on.
const TRIES: usize = 40;

/// The text of a bundle with a CommonJS module's code inside, wrapped as
/// bundlers wrap modules.
pub(super) fn inject(bundle: &str, module: &str) -> Result<String> {
    let wrapped = format!(
        "\nvar atlasModule=function(exports,require,module){{{module}\n}};\nvoid 0,globalThis.atlasModules=[atlasModule];\n"
    );
    let starts = [
        "\nfunction ",
        "\n  function ",
        "\nvar ",
        "\n  var ",
        "\nconst ",
        ";function ",
        "}function ",
    ];
    let middle = bundle.len() / 2;
    let mut places: Vec<usize> = starts
        .iter()
        .flat_map(|start| {
            let more = bundle.match_indices(start).filter(|(at, _)| *at >= middle);
            more.take(TRIES).map(|(at, _)| at.saturating_add(1))
        })
        .collect();
    places.sort_unstable();
    for place in places {
        let (Some(before), Some(after)) = (bundle.get(..place), bundle.get(place..)) else {
            continue;
        };
        let whole = format!("{before}{wrapped}{after}");
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, &whole, SourceType::cjs()).parse();
        if parsed.diagnostics.is_empty()
            && !parsed.program.body.is_empty()
            && !inside_text(&whole, place)
        {
            return Ok(whole);
        }
    }
    bail!("the bundle has no place for a function")
}

/// Whether what stands at a place is text or a comment, not code: then the
/// file parses also with a brace too many there.
fn inside_text(whole: &str, place: usize) -> bool {
    let (Some(before), Some(after)) = (whole.get(..place), whole.get(place..)) else {
        return true;
    };
    let broken = format!("{before}}}){after}");
    let allocator = Allocator::default();
    Parser::new(&allocator, &broken, SourceType::cjs())
        .parse()
        .diagnostics
        .is_empty()
}
