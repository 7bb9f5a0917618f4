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
pub(super) mod cut;
mod find;
pub(super) mod index;
mod units;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use oxc_semantic::Semantic;

use crate::evaluate::{Answer, Ask, Places, Program, Trial, Tried, Value, Yield};

/// How many programs of one module are evaluated.
const PROGRAMS: usize = 256;
/// How many sites of one module are evaluated.
const SITES: usize = 20_000;
/// The longest program.
const LONGEST: usize = 4 << 20;
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

/// Trials of a module, or of parts of it, that go on elsewhere.
#[derive(Default)]
pub(crate) struct Trials<'t> {
    /// Who is asked, and where the text of each is in the module.
    asked: Option<(&'t mut dyn Ask, Vec<Places>)>,
}

impl<'t> Trials<'t> {
    /// Begins them, where there are any.
    pub(crate) fn begin(ask: &'t mut dyn Ask, mut programs: Vec<Program>) -> Self {
        let places: Vec<Places> = programs.iter_mut().map(Program::take_places).collect();
        let asked = (!programs.is_empty()).then(|| {
            ask.begin(programs);
            (ask, places)
        });
        Self { asked }
    }

    /// Waits for what they gave; which limits they reached is left out of the
    /// analysis.
    pub(crate) fn finish(self, left_out: &mut Vec<String>) -> Vec<Tried> {
        let mut out = Vec::new();
        let (answers, places) = match self.asked {
            Some((ask, places)) => (ask.finish(), places),
            None => return out,
        };
        for (answer, places) in answers.into_iter().zip(&places) {
            let limit = match answer {
                Answer::Tried(tried) => {
                    let limit = tried.limit.clone();
                    out.push(tried.placed(places));
                    limit
                }
                Answer::Whole(Yield::Limit(reason) | Yield::Threw(reason)) => Some(reason),
                _ => None,
            };
            left_out.extend(limit.map(|limit| format!("a trial of the module: {limit}")));
        }
        left_out.sort();
        left_out.dedup();
        out
    }
}

/// What was asked, to be joined with the answers.
#[derive(Debug, Default)]
pub(super) struct Asked {
    plans: Vec<AskedPlan>,
    left: Vec<String>,
    /// The module itself, or parts of it, to be tried once its constants are
    /// known.
    trials: Vec<Program>,
}

#[derive(Debug)]
struct AskedPlan {
    /// Where each site stands, and the variable that it is.
    sites: Vec<((u32, u32), Option<u32>)>,
    origin: Rc<Origin>,
    parts: Vec<AskedPlan>,
}

/// Finds the slices of a module and writes them as programs.
pub(super) fn programs(semantic: &Semantic<'_>, text: &str) -> (Vec<Program>, Asked) {
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
    let mut plans = compose::plans(&index, &mut units, sites, &mut left);
    if plans.len() > PROGRAMS {
        left.push(format!(
            "{} slices beyond the first {PROGRAMS}",
            plans.len() - PROGRAMS
        ));
        plans.truncate(PROGRAMS);
    }
    let (programs, plans) = plans
        .iter()
        .filter_map(|plan| asked(&index, &units, plan))
        .unzip();
    let whole = super::trial::program(semantic, &index.types, text);
    let trials = match whole {
        Some(whole) => vec![whole],
        None if Trial::is_too_large(text) => {
            let (cuts, more) = cut::cuts(&index);
            if more > 0 {
                left.push(format!(
                    "trials of {more} parts of the module that ask for a fact, beyond the first {}",
                    cuts.len()
                ));
            }
            super::trial::parts(&index, &cuts)
        }
        None => Vec::new(),
    };
    (
        programs,
        Asked {
            plans,
            left,
            trials,
        },
    )
}

fn asked(
    index: &index::Index<'_, '_>,
    units: &units::Units<'_, '_, '_>,
    plan: &compose::Plan,
) -> Option<(Program, AskedPlan)> {
    let program = compose::program(index, units, plan)?;
    let (inner, parts) = plan
        .parts
        .iter()
        .filter_map(|part| asked(index, units, part))
        .unzip();
    let plan = AskedPlan {
        sites: plan
            .sites
            .iter()
            .map(|site| (site.span, site.variable))
            .collect(),
        origin: Rc::new(compose::origin(index, units, plan)),
        parts,
    };
    Some((program.or_parts(inner), plan))
}

impl Asked {
    /// Takes out what is to be tried.
    pub(super) fn take_trials(&mut self) -> Vec<Program> {
        std::mem::take(&mut self.trials)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Joins what was asked with what came back.
    pub(super) fn join(self, answers: Vec<Answer>) -> Slices {
        let Self {
            plans, mut left, ..
        } = self;
        let mut out = Slices::default();
        if answers.len() < plans.len() {
            left.push(format!(
                "{} slices that nobody evaluates",
                plans.len() - answers.len()
            ));
        }
        for (plan, answer) in plans.iter().zip(answers) {
            join(plan, answer, &mut out, &mut left);
        }
        left.sort();
        left.dedup();
        out.left_out = left;
        out.evaluated
            .sort_by_key(|evaluated| (evaluated.span, evaluated.variable));
        out
    }
}

fn join(plan: &AskedPlan, answer: Answer, out: &mut Slices, left: &mut Vec<String>) {
    match answer {
        Answer::Parts(answers) => {
            for (part, answer) in plan.parts.iter().zip(answers) {
                join(part, answer, out, left);
            }
        }
        Answer::Whole(Yield::Limit(limit)) => left.push(format!("a slice: {limit}")),
        Answer::Whole(_) | Answer::Tried(_) => {}
        Answer::Sites(answers) => {
            for (&(span, variable), answer) in plan.sites.iter().zip(answers) {
                match answer {
                    Yield::Value(value) => out.evaluated.push(Evaluated {
                        span,
                        variable,
                        value,
                        origin: Rc::clone(&plan.origin),
                    }),
                    Yield::Limit(limit) => left.push(format!("a value: {limit}")),
                    Yield::Threw(_) | Yield::Outside => {}
                }
            }
        }
    }
}
