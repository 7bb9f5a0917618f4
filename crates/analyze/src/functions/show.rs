//! Functions as people read them: laid out anew, with the names of the first
//! version in the second, so that only what changed differs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use assay_confine::{Emit, JobError, Launcher, Measure, Pool, PoolError, Store};
use oxc_allocator::Allocator;
use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_codegen::Codegen;
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::scope::ScopeFlags;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::analysis::Budget;
use crate::node;

/// The name of the job that [`serve_show`] answers.
pub const JOB_SHOW: &str = "show-functions";

/// The longest code that is laid out, in bytes.
const LONGEST: usize = 256 << 10;
/// Functions in it that are longer are shown without their code.
const INNER: u32 = 160;
/// What stands for code that is not shown.
const LEFT_OUT: &str = "...";
/// How many words of two functions are held against each other.
const WORDS: usize = 20_000;

/// The code of a function in two versions; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// In the first.
    pub before: String,
    /// In the second.
    pub after: String,
    /// What functions that the second names are called in the first, where
    /// that is known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub names: Vec<(String, String)>,
}

/// The confined child's side of [`Shower::show`].
///
/// # Errors
/// When the parent's message cannot be read or the parent is gone.
pub fn serve_show(input: &str, emit: &mut Emit<'_>) -> Result<Box<RawValue>, JobError> {
    let texts: Vec<Texts> = serde_json::from_str(input)?;
    for (at, texts) in texts.iter().enumerate() {
        emit.send(&(at, laid_out(texts)))?;
    }
    Ok(serde_json::value::to_raw_value(&())?)
}

/// Lays code out in a confined child.
#[derive(Debug)]
pub struct Shower {
    pool: Pool,
    patience: Duration,
}

impl Shower {
    /// One that starts its children so, and gives each no more than a node
    /// may have.
    ///
    /// # Errors
    /// When there is no memory to share with a child.
    pub fn new(
        launcher: &Launcher,
        budget: &Budget,
        cancelled: &Arc<AtomicBool>,
    ) -> Result<Self, PoolError> {
        let measure = Measure {
            memory: budget.memory,
            // The parser's stack: address space that is hardly ever used.
            shared: 4 << 30,
            cpu_seconds: 600,
        };
        let store = Arc::new(Store::empty().map_err(PoolError::Start)?);
        Ok(Self {
            pool: Pool::new(launcher.clone(), measure, store, Arc::clone(cancelled)),
            patience: budget.node_time,
        })
    }

    /// The code of functions as people read it; what cannot be laid out stays
    /// as it is.
    ///
    /// # Errors
    /// When no child can be started, or the work is interrupted.
    pub fn show(&self, texts: &[Texts]) -> Result<Vec<Texts>, PoolError> {
        let mut handle = self.pool.handle();
        let mut out = texts.to_vec();
        let mut next = 0;
        while next < texts.len() {
            let rest = texts.get(next..).unwrap_or_default();
            let mut done = 0;
            let outcome = handle.call(JOB_SHOW, &rest, self.patience, |event| {
                if let Ok((at, shown)) = serde_json::from_str::<(usize, Texts)>(event)
                    && let Some(out) = out.get_mut(next.saturating_add(at))
                {
                    *out = shown;
                    done = at.saturating_add(1);
                }
            });
            match outcome {
                Ok(_) => break,
                Err(PoolError::Died(_) | PoolError::TimedOut(_) | PoolError::Protocol(_)) => {
                    // The one that it was at stays as it is.
                    next = next.saturating_add(done).saturating_add(1);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(out)
    }
}

fn laid_out(texts: &Texts) -> Texts {
    let lay = |text: &str| {
        let long = text.len() > LONGEST;
        let laid = (!long).then(|| node::with_stack(&[text], || lay_out(text)));
        laid.flatten().flatten().unwrap_or_else(|| text.to_owned())
    };
    let before = lay(&texts.before);
    let after = lay(&texts.after);
    let after = match (before.is_empty(), after.is_empty()) {
        (false, false) => node::with_stack(&[&before, &after], || {
            renamed(&before, &after, &texts.names).unwrap_or_else(|| after.clone())
        })
        .unwrap_or(after),
        _ => after,
    };
    Texts {
        before,
        after,
        names: Vec::new(),
    }
}

/// What may stand around the code of a function so that it can be parsed.
const AROUND: &[(&str, &str)] = &[
    ("", ""),
    ("(", ")"),
    // Methods.
    ("(function ", ")"),
    ("(async function ", ")"),
    ("(function* ", ")"),
    ("(async function* ", ")"),
    ("let ", ""),
    ("async () => {", "}"),
    ("async function* f() {", "}"),
];

fn parsed<T>(text: &str, then: impl FnOnce(&Program<'_>) -> T) -> Option<T> {
    let allocator = Allocator::default();
    for source_type in [
        SourceType::cjs().with_jsx(true),
        SourceType::mjs(),
        SourceType::ts(),
    ] {
        let parsed = Parser::new(&allocator, text, source_type).parse();
        if !parsed.panicked && parsed.diagnostics.is_empty() {
            return Some(then(&parsed.program));
        }
    }
    None
}

fn lay_out(text: &str) -> Option<String> {
    AROUND.iter().find_map(|(before, after)| {
        let whole = format!("{before}{text}{after}");
        let inner = parsed(&whole, |program| {
            let mut inner = Inner::default();
            inner.visit_program(program);
            inner.bodies
        })?;
        let mut short = String::with_capacity(whole.len());
        let mut from = 0;
        for (span, is_block) in inner {
            short.push_str(whole.get(from..span.start as usize)?);
            if is_block {
                short.push_str(&format!("{{ \"{LEFT_OUT}\"; }}"));
            } else {
                short.push_str(&format!("\"{LEFT_OUT}\""));
            }
            from = span.end as usize;
        }
        short.push_str(whole.get(from..)?);
        parsed(&short, |program| Codegen::new().build(program).code)
    })
}

/// Bodies of functions in a function that are not shown, in order, and
/// whether they are blocks.
#[derive(Default)]
struct Inner {
    depth: u32,
    bodies: Vec<(Span, bool)>,
}

impl Inner {
    fn body(&mut self, span: Span, is_block: bool) -> bool {
        let hidden = self.depth > 0 && span.size() > INNER;
        if hidden {
            self.bodies.push((span, is_block));
        }
        hidden
    }
}

impl<'a> Visit<'a> for Inner {
    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        let hidden = function
            .body
            .as_ref()
            .is_some_and(|body| self.body(body.span, true));
        if !hidden {
            self.depth += 1;
            walk::walk_function(self, function, flags);
            self.depth -= 1;
        }
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        let is_block = matches!(arrow.body, ArrowFunctionBody::FunctionBody(_));
        if !self.body(arrow.body.span(), is_block) {
            self.depth += 1;
            walk::walk_arrow_function_expression(self, arrow);
            self.depth -= 1;
        }
    }
}

/// Names of variables in a text, by where they begin.
#[derive(Default)]
struct Names {
    /// Where it ends, and whether the name is that of a property too.
    at: BTreeMap<usize, (usize, bool)>,
    /// Those that the text makes itself.
    own: BTreeSet<String>,
}

impl Names {
    fn add(&mut self, span: Span, shared: bool) {
        let known = self.at.entry(span.start as usize);
        let (_, is_shared) = known.or_insert((span.end as usize, shared));
        *is_shared |= shared;
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_binding_identifier(&mut self, id: &BindingIdentifier<'a>) {
        self.own.insert(id.name.to_string());
        self.add(id.span, false);
    }

    fn visit_identifier_reference(&mut self, id: &IdentifierReference<'a>) {
        self.add(id.span, false);
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        if property.shorthand {
            self.add(property.key.span(), true);
        }
        walk::walk_object_property(self, property);
    }

    fn visit_binding_property(&mut self, property: &BindingProperty<'a>) {
        if property.shorthand {
            self.add(property.key.span(), true);
        }
        walk::walk_binding_property(self, property);
    }

    fn visit_assignment_target_property_identifier(
        &mut self,
        property: &AssignmentTargetPropertyIdentifier<'a>,
    ) {
        self.add(property.binding.span, true);
        walk::walk_assignment_target_property_identifier(self, property);
    }
}

/// A word of a text: where it is, and what counts of it.
struct Word<'t> {
    text: &'t str,
    start: usize,
    is_name: bool,
}

fn words<'t>(text: &'t str, names: &Names) -> Vec<Word<'t>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let name = names.at.get(&at).map(|(end, _)| *end);
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let end = name.unwrap_or_else(|| {
            let rest = text.get(at..).unwrap_or_default();
            let len = match is_word(first) {
                true => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                false => first.len_utf8(),
            };
            at.saturating_add(len)
        });
        if let Some(word) = text.get(at..end)
            && !first.is_whitespace()
        {
            out.push(Word {
                text: word,
                start: at,
                is_name: name.is_some(),
            });
        }
        at = end.max(at.saturating_add(first.len_utf8()));
    }
    out
}

/// The second text with the names that the same variables have in the first.
/// A name that comes from outside stays as it is, unless it is known what it
/// is there: it says what is called.
fn renamed(before: &str, after: &str, outside: &[(String, String)]) -> Option<String> {
    // What it was taken from may be no program of its own.
    let names = |text: &str| {
        AROUND.iter().find_map(|(front, back)| {
            let whole = format!("{front}{text}{back}");
            parsed(&whole, |program| {
                let mut names = Names::default();
                names.visit_program(program);
                let shift = front.len();
                let at = names.at.into_iter();
                Names {
                    own: names.own,
                    at: at
                        .map(|(start, (end, shared))| {
                            let back = |at: usize| at.saturating_sub(shift);
                            (back(start), (back(end), shared))
                        })
                        .collect(),
                }
            })
        })
    };
    let (old, new) = (names(before)?, names(after)?);
    let (ones, others) = (words(before, &old), words(after, &new));
    if ones.len().max(others.len()) > WORDS {
        return None;
    }
    let known: BTreeMap<&str, &str> = outside
        .iter()
        .filter(|(name, old_name)| !new.own.contains(name) && !old.own.contains(old_name))
        .map(|(name, old_name)| (name.as_str(), old_name.as_str()))
        .collect();
    // A name of its own is as good as any other.
    let a: Vec<&str> = ones
        .iter()
        .map(|word| {
            if word.is_name && old.own.contains(word.text) {
                ""
            } else {
                word.text
            }
        })
        .collect();
    let b: Vec<&str> = others
        .iter()
        .map(|word| match word.is_name {
            true if new.own.contains(word.text) => "",
            true => known.get(word.text).copied().unwrap_or(word.text),
            false => word.text,
        })
        .collect();
    let mut votes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        else {
            continue;
        };
        for at in 0..len {
            let pair = ones.get(old_index + at).zip(others.get(new_index + at));
            if let Some((one, other)) = pair
                && one.is_name
                && new.own.contains(other.text)
            {
                *votes.entry((other.text, one.text)).or_default() += 1;
            }
        }
    }
    let mut order: Vec<(&(&str, &str), &usize)> = votes.iter().collect();
    order.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let mut called: BTreeMap<&str, String> = BTreeMap::new();
    // What comes from outside keeps its name, and no other gets it.
    let foreign = |word: &&Word<'_>| word.is_name && !new.own.contains(word.text);
    for word in others.iter().filter(foreign) {
        let name = known.get(word.text).copied().unwrap_or(word.text);
        called.insert(word.text, name.to_owned());
    }
    let mut taken: BTreeSet<String> = called.values().cloned().collect();
    for ((other, one), _) in order {
        if !called.contains_key(other) && !taken.contains(*one) {
            called.insert(other, (*one).to_owned());
            taken.insert((*one).to_owned());
        }
    }
    let all: BTreeSet<&str> = ones
        .iter()
        .filter(|word| word.is_name)
        .map(|word| word.text)
        .collect();
    for word in others.iter().filter(|word| word.is_name) {
        if called.contains_key(word.text) {
            continue;
        }
        let mut name = word.text.to_owned();
        while taken.contains(&name) || all.contains(name.as_str()) {
            name.push('_');
        }
        taken.insert(name.clone());
        called.insert(word.text, name);
    }
    let mut out = String::with_capacity(after.len());
    let mut from = 0;
    for word in others.iter().filter(|word| word.is_name) {
        let end = word.start.saturating_add(word.text.len());
        out.push_str(after.get(from..word.start)?);
        let name = called.get(word.text)?;
        let shared = new.at.get(&word.start).is_some_and(|(_, shared)| *shared);
        if shared && name != word.text {
            out.push_str(word.text);
            out.push_str(": ");
        }
        out.push_str(name);
        from = end;
    }
    out.push_str(after.get(from..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{Texts, laid_out};

    #[test]
    fn names_of_variables_stay_and_what_is_called_is_never_another() {
        let texts = Texts {
            before: "function f(value, i) { return Math.abs(value) + clean(i) + b(i); }".to_owned(),
            after: "function g(n, k) { return Number.isInteger(n) + eval(k) + q(k); }".to_owned(),
            names: vec![("q".to_owned(), "b".to_owned())],
        };
        let shown = laid_out(&texts).after;
        assert!(
            shown.contains("Number.isInteger(value) + eval(i) + b(i)"),
            "{shown}"
        );
    }
}
