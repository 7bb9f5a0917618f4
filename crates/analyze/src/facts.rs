//! The passes over a module's values.

mod channels;
mod concealed;
mod names;
mod python;
mod texts;
mod trials;

pub(crate) use concealed::note_decoded;
use std::collections::BTreeMap;
pub(crate) use texts::hidden_characters;

use texts::{Looked, look};

use assay_model::{Confidence, Severity};

use crate::behaviours::{Behaviour, Fact};
use crate::decode::Decoded;
use crate::flow::{Choice, Flow};
use crate::gates;
use crate::ir::{Ir, NONE, Op, V};
use crate::js::{Slices, Trials};
use crate::raw::{Notes, Place, excerpt, one_line};
use crate::resolve::Resolver;

/// What limits a pass had to keep.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    pub(crate) names: bool,
    pub(crate) flow: bool,
    /// Whether not all that hangs on switches was followed.
    pub(crate) gates: bool,
    /// What was not evaluated, and why.
    pub(crate) slices: Vec<String>,
    /// Texts that turned out to be code, and where they are decoded.
    pub(crate) codes: Vec<(Place, String)>,
}

struct Facts<'n, 'i, 'a> {
    ir: &'i Ir<'a>,
    r: &'i Resolver<'i, 'a>,
    notes: &'n mut Notes,
    /// Where the text starts in the node: a byte-order mark, a wrapper.
    offset: u64,
    /// Values that read a fact about the host: the fact, and the behaviour.
    sources: Vec<(V, &'static Behaviour, Fact, String)>,
    /// Constants that name where a fact is kept: a file, a command.
    named_facts: Vec<(V, &'static Behaviour, &'static str)>,
    /// Values that hold what a server sent.
    answers: Vec<V>,
    /// Fields of what a server sent.
    answered: Vec<V>,
    /// Constants that are hosts without more.
    bare_hosts: Vec<(String, Vec<V>)>,
    /// Command lines of processes that are started.
    commands: Vec<(V, String)>,
    /// Constants that decode to something, with what.
    concealed: Vec<(V, Decoded)>,
    codes: Vec<(Place, String)>,
    /// Reads of the environment as a whole, with the function around them.
    wholes: Vec<(V, u32)>,
    /// Variables of the environment, with values that read them.
    variables: BTreeMap<String, Vec<V>>,
}

/// Runs all passes over a lowered module.
///
/// Trials that go on elsewhere are waited for at the end.
pub(crate) fn collect(
    ir: &Ir<'_>,
    slices: &Slices,
    trials: Trials<'_>,
    offset: u64,
    notes: &mut Notes,
) -> Cut {
    let resolver = Resolver::new(ir);
    let mut facts = Facts {
        ir,
        r: &resolver,
        notes,
        offset,
        sources: Vec::new(),
        named_facts: Vec::new(),
        answers: Vec::new(),
        answered: Vec::new(),
        bare_hosts: Vec::new(),
        commands: Vec::new(),
        concealed: Vec::new(),
        codes: Vec::new(),
        wholes: Vec::new(),
        variables: BTreeMap::new(),
    };
    // What constants say by themselves, where switches are asked for, and what
    // looks alike is looked at beside the other passes.
    let texts = facts.constants();
    let (ready, looked) = std::sync::mpsc::channel();
    let apart = || {
        let resolver = Resolver::new(ir);
        let lookups = gates::lookups(&resolver);
        (lookups, unusual_choices(&Flow::new(&resolver, &[])))
    };
    let (flow_cut, lookups) = std::thread::scope(|scope| {
        let texts = &texts;
        let beside = std::thread::Builder::new().spawn_scoped(scope, move || {
            let looked: Vec<Looked> = texts.iter().map(|t| look(t.text)).collect();
            // Nobody waits where the other side gave up.
            let _ = ready.send(looked);
            apart()
        });
        facts.names();
        let looked = looked
            .recv()
            .unwrap_or_else(|_| texts.iter().map(|t| look(t.text)).collect());
        facts.texts(texts, looked);
        facts.evaluated();
        facts.settled(slices);
        facts.shapes();
        let flow_cut = facts.flows();
        let (lookups, choices) = match beside.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(found)) => found,
            _ => apart(),
        };
        for choice in &choices {
            facts.look_alike(choice);
        }
        (flow_cut, lookups)
    });
    let codes = std::mem::take(&mut facts.codes);
    let answered = std::mem::take(&mut facts.answered);
    let gates = gates::collect(&resolver, &lookups, &answered, offset, facts.notes);
    let mut left_out = slices.left_out.clone();
    facts.trials(&trials.finish(&mut left_out));
    Cut {
        names: resolver.exhausted(),
        flow: flow_cut,
        gates,
        slices: left_out,
        codes,
    }
}

/// The choices of a module between outputs of which some are no ASCII,
/// whatever they depend on.
fn unusual_choices(flow: &Flow<'_, '_, '_>) -> Vec<Choice> {
    let ir = flow.ir;
    let mut found = Vec::new();
    for sym in 0..ir.symbols() {
        let writes = ir.writes(sym);
        if writes.len() < 2 || writes.len() > 8 {
            continue;
        }
        let values: Vec<V> = writes
            .iter()
            .filter_map(|(writer, _)| match ir.op(*writer) {
                Op::Assign {
                    value,
                    compound: false,
                    ..
                } => Some(value),
                _ => None,
            })
            .collect();
        if values.len() == writes.len()
            && values
                .iter()
                .all(|value| matches!(ir.op(*value), Op::Str(_)))
            && let Some(last) = values.last()
        {
            found.extend(flow.unusual_choice(*last, &values));
        }
    }
    for index in 0..ir.ops.len() {
        let value = id_of(index);
        found.extend(match ir.op(value) {
            Op::Cond { yes, no, .. } => flow.unusual_choice(value, &[yes, no]),
            Op::Index { object, .. } => flow.unusual_table(value, object),
            _ => None,
        });
    }
    for func in ir.funcs.iter().skip(1) {
        if (2..=32).contains(&func.returns.len()) {
            found.extend(flow.unusual_choice(func.value, &func.returns));
        }
    }
    found
}

fn place_of(ir: &Ir<'_>, offset: u64, value: V) -> Place {
    let (start, end) = ir.span(value);
    Place {
        start: u64::from(start).saturating_add(offset),
        len: u64::from(end.saturating_sub(start)),
        excerpt: excerpt(ir.text, start as usize, end as usize),
        ..Place::default()
    }
}

fn id_of(index: usize) -> V {
    u32::try_from(index).unwrap_or(NONE)
}

impl<'i, 'a> Facts<'_, 'i, 'a> {
    fn place(&self, value: V) -> Place {
        place_of(self.ir, self.offset, value)
    }

    /// Notes a pattern whose value is the fact itself: a flow may start here.
    fn pattern(&mut self, behaviour: &'static Behaviour, key: &str, value: V, detail: &str) {
        self.shown(behaviour, key, value, detail);
        self.source(behaviour, value, detail);
    }

    fn source(&mut self, behaviour: &'static Behaviour, value: V, detail: &str) {
        if let Some(source) = behaviour.source {
            self.sources
                .push((value, behaviour, source, one_line(detail)));
        }
    }

    /// Notes a pattern in a text. What a text says is done only if something
    /// does it; a message to the user may say the same.
    fn said(&mut self, behaviour: &'static Behaviour, key: &str, value: V, text: &str) {
        let severity = if behaviour.severity <= Severity::Medium || self.is_command(value) {
            behaviour.severity
        } else {
            Severity::Low
        };
        // The rest of the text may be elsewhere in another build.
        let told = if key.is_empty() { text } else { key };
        self.shown_as(behaviour, key, value, told, severity);
    }

    /// Whether a value is an argument of what starts a process.
    fn is_command(&self, value: V) -> bool {
        match self.ir.op(self.ir.user(value)) {
            Op::Call { callee, .. } => self.r.canon(callee).is_some_and(|canon| {
                let name = self.r.canon_text(canon);
                name.starts_with("child_process.")
                    || name.starts_with("Bun.spawn")
                    || python::starts(&name)
            }),
            _ => false,
        }
    }

    /// Notes a pattern.
    fn shown(&mut self, behaviour: &'static Behaviour, key: &str, value: V, detail: &str) {
        self.shown_as(behaviour, key, value, detail, behaviour.severity);
    }

    fn shown_as(
        &mut self,
        behaviour: &'static Behaviour,
        key: &str,
        value: V,
        detail: &str,
        severity: Severity,
    ) {
        let place = self.place(value);
        let title = format!("{}: {}", behaviour.title, one_line(detail));
        self.notes.add(
            behaviour.id,
            key,
            &title,
            (severity, Confidence::Medium),
            || place,
        );
    }
}
