//! Slices: what a value is made of, as a program of its own.
//!
//! Decoders look alike whatever they undo: somewhere bytes or characters are
//! taken apart and put together again. Such operations are sought first, then
//! the functions and variables around them, then the expressions that use
//! those and depend on nothing that comes from outside: the *sites*. The
//! slice of a site is the declarations that it reaches, and what fills or
//! turns them, in the order and under the functions in which the source has
//! them. Nothing is evaluated here.
//!
//! All of it runs over flat indexes of one pass, so that it stays linear: a
//! range of text is asked for the names in it by binary search.

mod compose;
mod find;
mod index;
mod units;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use oxc_semantic::Semantic;

use crate::evaluate::{Answer, Program, Value, Yield};

/// How many programs of one module are evaluated.
const PROGRAMS: usize = 256;
/// How many sites of one module are evaluated.
const SITES: usize = 20_000;
/// The longest program.
const LONGEST: usize = 4 << 20;
/// How often the values after one that failed are tried again.
const AGAIN: usize = 24;
/// How many declarations and statements a program is made of.
const UNITS: usize = 400;

/// A value that was evaluated.
#[derive(Debug, Clone)]
pub(crate) struct Evaluated {
    /// Where it stands: the expression, or the variable's declaration.
    pub(crate) span: (u32, u32),
    /// The variable that has this value after all that fills it.
    pub(crate) variable: Option<u32>,
    pub(crate) value: Value,
    /// What the value was made with.
    pub(crate) origin: Rc<Origin>,
}

/// What the values of one program have in common.
#[derive(Debug)]
pub(crate) struct Origin {
    /// The text that was evaluated.
    pub(crate) source: String,
    /// The constants in it that nobody reads as they stand.
    pub(crate) constants: Vec<(u32, u32)>,
    /// Whether more is done than undoing a standard alphabet.
    pub(crate) beyond_alphabet: bool,
    /// Whether it asks where it runs, so that its values are evidence and no
    /// constants.
    pub(crate) probes: bool,
}

/// What the slices of a module gave.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    pub(crate) evaluated: Vec<Evaluated>,
    /// What was left out, and why; sorted.
    pub(crate) left_out: Vec<String>,
}

/// Finds the slices of a module and has them evaluated.
pub(super) fn evaluate(
    semantic: &Semantic<'_>,
    text: &str,
    ask: &mut dyn FnMut(&Program) -> Answer,
) -> Slices {
    let index = index::Index::new(semantic, text);
    let mut units = units::Units::new(&index);
    let mut sites = find::sites(&index, &mut units);
    let mut left: Vec<String> = Vec::new();
    if sites.len() > SITES {
        left.push(format!(
            "{} values beyond the first {SITES}",
            sites.len() - SITES
        ));
        sites.truncate(SITES);
    }
    let mut plans = compose::plans(&index, &mut units, sites);
    if plans.len() > PROGRAMS {
        left.push(format!(
            "{} slices beyond the first {PROGRAMS}",
            plans.len() - PROGRAMS
        ));
        plans.truncate(PROGRAMS);
    }
    let mut out = Slices::default();
    for plan in plans {
        run(&index, &units, &plan, ask, &mut out, &mut left);
    }
    left.sort();
    left.dedup();
    out.left_out = left;
    out.evaluated
        .sort_by_key(|evaluated| (evaluated.span, evaluated.variable));
    out
}

fn run(
    index: &index::Index<'_, '_>,
    units: &units::Units<'_, '_, '_>,
    plan: &compose::Plan,
    ask: &mut dyn FnMut(&Program) -> Answer,
    out: &mut Slices,
    left: &mut Vec<String>,
) {
    let origin = Rc::new(compose::origin(index, units, plan));
    let mut sites = plan.sites.as_slice();
    for _ in 0..AGAIN {
        let Some(program) = compose::program(index, units, plan, sites) else {
            return;
        };
        let answers = match ask(&program) {
            Answer::Sites(answers) => answers,
            Answer::Whole(why) => {
                // One of several may have kept the others from being reached.
                if plan.parts.len() > 1 {
                    for part in &plan.parts {
                        run(index, units, part, ask, out, left);
                    }
                } else if let Yield::Limit(limit) = why {
                    left.push(format!("a slice: {limit}"));
                }
                return;
            }
        };
        let mut rest: &[find::Site] = &[];
        for (at, (site, answer)) in sites.iter().zip(answers).enumerate() {
            match answer {
                Yield::Value(value) => out.evaluated.push(Evaluated {
                    span: site.span,
                    variable: site.variable,
                    value,
                    origin: Rc::clone(&origin),
                }),
                Yield::Limit(limit) => left.push(format!("a value: {limit}")),
                Yield::Threw(_) => continue,
                Yield::Outside => {}
            }
            // What came to a bad end may have left something behind for
            // those after it.
            if !matches!(out.evaluated.last(), Some(last) if last.span == site.span) {
                rest = sites.get(at.saturating_add(1)..).unwrap_or_default();
                break;
            }
        }
        if rest.is_empty() {
            return;
        }
        sites = rest;
    }
    left.push(format!("{} values after others that failed", sites.len()));
}
