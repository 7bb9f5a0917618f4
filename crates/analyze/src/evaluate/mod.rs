//! Evaluation of slices: small, pure programs cut out of a subject.
//!
//! A slice runs in an embedded interpreter that has nothing of the system:
//! no files, no network, no clock, no chance, but effect-free stand-ins for
//! what decoders use. It runs in a confined process of its own, which gets
//! the slice and gives values back and knows nothing of findings. What may be
//! used is limited in steps (the same on every machine), memory, nesting and,
//! as the last resort, time.

mod clock;
mod codecs;
mod engine;
mod trial;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use assay_confine::{Emit, Handle, JobError, Pool, PoolError, Store};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Digest;

pub(crate) use trial::{
    At, Kept, Places, RETURNED, Shown, Trial, Tried, behaviour, is_of_host, words,
};

/// The name of the job that [`serve_evaluate`] answers.
pub const JOB_EVALUATE: &str = "evaluate";

/// The private memory of an evaluating process, in bytes: the interpreter's
/// own limit, and what values take on their way out.
pub(crate) const MEMORY: u64 = 1 << 30;
/// How long one program may take before its process is ended. Steps run out
/// before; this is for what takes long in one step.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long all programs of an artifact may take.
const TOTAL: Duration = Duration::from_secs(240);

/// A program and the values that are wanted of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Program {
    /// The body of a function of the tools.
    text: String,
    /// What the name of the tools ends in.
    mark: String,
    /// How many values it registers.
    sites: u32,
    /// What it can be taken apart into, where the whole fails.
    parts: Vec<Program>,
    /// What it is given where it is a module to be tried.
    trial: Option<Trial>,
    /// Where its text is in the module.
    #[serde(skip)]
    places: Places,
}

/// A piece of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Text of the subject, or our own around it.
    Text(Cow<'a, str>),
    /// The object of what a program is given: `site(index, thunk)` registers
    /// a value, `imported(name)` gives a module, `foreign` is a value that
    /// nobody knows, `meta` stands for `import.meta`, `outside(name)` makes a
    /// name one that leads out, `alias(name)` makes it one of the global
    /// object.
    Tools,
}

impl Program {
    /// Puts a program together. The name of the tools is made of the hash of
    /// its texts, so that no text can hold it.
    pub(crate) fn new(parts: &[Part<'_>], sites: u32) -> Self {
        let mut hash = sha2::Sha256::new();
        for part in parts {
            if let Part::Text(text) = part {
                hash.update(text.as_bytes());
            }
        }
        let hash: [u8; 32] = hash.finalize().into();
        let mark = hex::encode(hash.get(..8).unwrap_or_default());
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Tools => out.extend(["tools_", &mark]),
            }
        }
        Self {
            text: out,
            mark,
            sites,
            parts: Vec::new(),
            trial: None,
            places: Places::default(),
        }
    }

    /// A whole module, as a function of what the host gives it.
    pub(crate) fn trial(text: String, trial: Trial, places: Places) -> Self {
        Self {
            text,
            mark: String::new(),
            sites: 0,
            parts: Vec::new(),
            trial: Some(trial),
            places,
        }
    }

    /// Takes out where its text is in the module.
    pub(crate) fn take_places(&mut self) -> Places {
        std::mem::take(&mut self.places)
    }

    /// Adds values to what a fact may be compared with in a trial.
    pub(crate) fn compare_with<'v>(&mut self, values: impl Iterator<Item = &'v Value>) {
        if let Some(trial) = &mut self.trial {
            for value in values {
                trial.add(value, 3);
            }
        }
    }

    /// The same with parts that are run where the whole fails.
    pub(crate) fn or_parts(self, parts: Vec<Self>) -> Self {
        Self { parts, ..self }
    }

    fn hash(&self) -> [u8; 32] {
        let mut hash = sha2::Sha256::new();
        hash.update(self.sites.to_le_bytes());
        hash.update(self.text.as_bytes());
        for part in &self.parts {
            hash.update(part.hash());
        }
        // The same part of another module does the same.
        let trial = self.trial.clone().map(Trial::of_any);
        hash.update(serde_json::to_vec(&trial).unwrap_or_default());
        hash.finalize().into()
    }

    /// The name of the tools.
    fn tools(&self) -> String {
        format!("tools_{}", self.mark)
    }
}

/// A value that came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Value {
    Text(String),
    Number(f64),
    Bool(bool),
    Nil,
    /// Bytes, as text of one character each.
    Bytes(String),
    List(Vec<Value>),
    Record(Vec<(String, Value)>),
    /// A function, a symbol, too deep or too much.
    Other,
}

/// What became of one site, or of a whole program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Yield {
    Value(Value),
    /// It ended in an exception, which says this.
    Threw(String),
    /// It asked for something of the outside, so that its value there is
    /// another.
    Outside,
    /// It reached a limit: which.
    Limit(String),
}

/// What became of a program: one entry a site, or one for all when it did not
/// come as far as its sites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    Sites(Vec<Yield>),
    Whole(Yield),
    /// The whole failed, its parts gave this.
    Parts(Vec<Answer>),
    /// What a module did on several hosts.
    Tried(Tried),
}

/// Has programs evaluated while something else is done.
pub(crate) trait Ask {
    /// Hands programs over, once.
    fn begin(&mut self, programs: Vec<Program>);
    /// The answers, in the order of the programs; fewer when there is nobody
    /// to give them.
    fn finish(&mut self) -> Vec<Answer>;
}

/// Evaluates in this process, unconfined: in the evaluating child itself, for
/// the examples of behaviours, for tests and for fuzzing.
pub(crate) fn here(programs: &[Program]) -> Vec<Answer> {
    programs.iter().map(engine::run).collect()
}

/// Evaluates a text as a slice in this very process. For fuzzing: what it
/// gives does not matter, that it ends does.
pub fn fuzz_evaluate(text: &str) {
    let parts = [
        Part::Text(format!("{text}\n;").into()),
        Part::Tools,
        Part::Text(".site(0, () => (0, eval)(\"typeof value\"))".into()),
    ];
    let _ = here(&[Program::new(&parts, 1)]);
}

/// The evaluating child's side.
///
/// # Errors
/// When the parent's message cannot be read.
pub fn serve_evaluate(input: &str, _: &Store, _: &mut Emit<'_>) -> Result<Box<RawValue>, JobError> {
    let program: Program = serde_json::from_str(input)?;
    Ok(serde_json::value::to_raw_value(&engine::run(&program))?)
}

/// What all programs of an artifact share.
#[derive(Debug, Default)]
pub(crate) struct Evaluated {
    known: Mutex<HashMap<[u8; 32], Answer>>,
    spent: Mutex<Duration>,
}

/// The side of the parent: has programs evaluated for an analysing child.
pub(crate) struct Evaluator<'p> {
    handles: [Handle<'p>; 2],
    shared: &'p Evaluated,
}

/// How many programs are worth a second process.
const FEW: usize = 8;

impl<'p> Evaluator<'p> {
    pub(crate) fn new(pool: &'p Pool, shared: &'p Evaluated) -> Self {
        Self {
            handles: [pool.handle(), pool.handle()],
            shared,
        }
    }

    /// Answers a question, which comes from a process that read a subject.
    pub(crate) fn answer(&mut self, question: &str) -> Box<RawValue> {
        let answer = serde_json::from_str::<Vec<Program>>(question)
            .ok()
            .map(|programs| self.evaluate_all(&programs));
        serde_json::value::to_raw_value(&answer).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }

    fn evaluate_all(&mut self, programs: &[Program]) -> Vec<Answer> {
        let [one, other] = &mut self.handles;
        let shared = self.shared;
        if programs.len() <= FEW {
            return programs
                .iter()
                .map(|program| shared.evaluate(one, program))
                .collect();
        }
        // Not in the thread that helps, which is gone soon.
        let _ = other.prepare(PATIENCE);
        // Whoever is free takes the next.
        let next = AtomicUsize::new(0);
        let work = |handle: &mut Handle<'_>| {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(program) = programs.get(at) else {
                    return done;
                };
                done.push((at, shared.evaluate(handle, program)));
            }
        };
        let mut done = std::thread::scope(|scope| {
            let helping = std::thread::Builder::new().spawn_scoped(scope, || work(other));
            let mut done = work(one);
            if let Ok(Ok(more)) = helping.map(std::thread::ScopedJoinHandle::join) {
                done.extend(more);
            }
            done
        });
        done.sort_unstable_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, answer)| answer).collect()
    }
}

impl Evaluated {
    fn evaluate(&self, handle: &mut Handle<'_>, program: &Program) -> Answer {
        let key = program.hash();
        if let Some(known) = lock(&self.known).get(&key) {
            return known.clone();
        }
        if *lock(&self.spent) > TOTAL {
            return Answer::Whole(Yield::Limit(format!(
                "all slices together took longer than {} s",
                TOTAL.as_secs()
            )));
        }
        let started = Instant::now();
        let outcome = handle
            .call(JOB_EVALUATE, program, PATIENCE, |_| {})
            .and_then(|reply| reply.read::<Answer>());
        let answer = match outcome {
            Ok(answer) => answer,
            Err(PoolError::TimedOut(after)) => {
                Answer::Whole(Yield::Limit(format!("longer than {} s", after.as_secs())))
            }
            Err(PoolError::Failed(reason)) => Answer::Whole(Yield::Threw(reason)),
            Err(error) => Answer::Whole(Yield::Limit(error.to_string())),
        };
        {
            let mut spent = lock(&self.spent);
            *spent = spent.saturating_add(started.elapsed());
        }
        lock(&self.known).insert(key, answer.clone());
        answer
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
