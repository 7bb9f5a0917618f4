//! Runs of a tool in the sandbox: one, or as many as an experiment takes.

mod force;
mod install;
mod replay;
mod script;
mod tool;

pub use force::forced;
pub use replay::{Replayed, replay};
pub use script::script;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use assay_artifact::{Environment, FetchError, FetchOptions, Progress, Source};
use assay_model::{Experiment, Finding, OBSERVATION_SCHEMA, Observation, Run, Settings, Sha256};
use assay_observe::{
    Design, Host, Launcher, LayoutError, Levels, RunError, RunLimits, View, experiment, varied,
};

use sha2::Digest as _;

use crate::demonstrate::{CHANNEL, link};
use crate::levels::{BASE, factors, named};
use install::Work;
use tool::Tool;

/// What observing is told beside what is to be run.
#[derive(Debug, Clone)]
pub struct ObserveOptions {
    /// Where artifacts come from.
    pub fetch: FetchOptions,
    /// How the recorder is started.
    pub launcher: Launcher,
    /// Where the recordings go.
    pub output: PathBuf,
    /// Whether they are kept.
    pub keep: bool,
    /// What the plain runs are made with.
    pub settings: Settings,
    /// Whether there is an experiment, and on what.
    pub experiment: Option<Trial>,
    /// Names this build of Assay, so that what another one laid out is not
    /// taken for its own.
    pub build: String,
}

/// An experiment.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// What the user names: factors with their values.
    pub named: Vec<(String, String)>,
    /// What the analysis found; only what the user names is varied if there
    /// was none.
    pub findings: Option<Vec<Finding>>,
    /// Whether long lists are tried whole.
    pub sweep: bool,
    /// How many factors stand together in every combination: 2 or 3.
    pub strength: usize,
    /// How many runs are done at a time. Waits are compared only where it is
    /// one.
    pub jobs: usize,
    /// The most runs.
    pub runs: usize,
}

/// What plain runs are made with where the user says nothing else.
#[must_use]
pub fn usual_settings() -> Settings {
    let host = Host::default();
    Settings {
        prompt: "Read README.md, list the files, and write what you found to NOTES.md.".to_owned(),
        host_name: host.name,
        user: host.user,
        zone: host.zone,
        seconds: RunLimits::default().seconds,
        memory: RunLimits::default().memory >> 20,
        ..Settings::default()
    }
}

/// What is run.
#[derive(Debug, Clone, Copy)]
pub enum Target<'t> {
    /// A tool from a registry.
    Source(&'t Source),
    /// A command of this machine.
    Command(&'t [String]),
}

/// Why nothing was observed.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// An artifact could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It could not be installed.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// It could not be run.
    #[error(transparent)]
    Run(RunError),
    /// A file of this machine could not be read or written.
    #[error("a folder for the run could not be made")]
    Io(#[from] io::Error),
    /// A recipe or the script cannot be read.
    #[error("a recipe or script cannot be read")]
    Recipe(#[from] toml::de::Error),
    /// Nothing says how it is started.
    #[error("{0}")]
    NoProgram(String),
    /// The user interrupted the work.
    #[error("interrupted")]
    Interrupted,
    /// The registry has other bytes under the name.
    #[error("{name} is another artifact now: the SHA-256 of the one that was run is {expected}")]
    AnotherArtifact {
        /// Its name.
        name: String,
        /// Its digest when it was run.
        expected: Sha256,
    },
    /// A file names what cannot be set.
    #[error("{0} cannot be set as the file has it; nothing was run")]
    NotSet(String),
    /// Another server was named, and nothing says how the tool is told of it.
    #[error(
        "no recipe tells how this tool is given a base URL: name its variable by --env or --factor env:NAME=URL"
    )]
    NoBase,
    /// There is nothing to compare.
    #[error("the plain host sends nothing, so that there is nothing to compare; {0}")]
    Silent(String),
    /// A condition cannot be replaced.
    #[error("{0} is not forced: {1}")]
    NotForced(String, String),
    /// No script can do it.
    #[error("no script is written: {0}")]
    NoScript(String),
    /// Only packages of npm and `PyPI` are installed.
    #[error(
        "{0} cannot be installed in the sandbox: name a package of npm or PyPI, or give a command after --"
    )]
    NotInstalled(String),
}

/// How many times longer than on the plain host a run may take.
const PATIENCE: u64 = 4;
impl From<RunError> for ObserveError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Interrupted => Self::Interrupted,
            error => Self::Run(error),
        }
    }
}

/// Runs a tool once in the sandbox.
///
/// # Errors
/// When it cannot be had, installed or started. How it ended is in the
/// result.
pub fn observe(
    target: Target<'_>,
    options: &ObserveOptions,
    environment: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<Observation, ObserveError> {
    let work = Work {
        options,
        environment,
        progress,
        cancelled,
    };
    let mut observation = begun(target, options);
    let tool = Tool::ready(target, work, &mut observation)?;
    let named_base = options.experiment.as_ref().is_some_and(|trial| {
        let names = trial.named.iter().map(|(name, _)| name);
        names.into_iter().any(|name| name == BASE)
    });
    let sets_base = tool.start.recipe.sets_base();
    if !sets_base && (named_base || options.settings.base_url.is_some()) {
        return Err(ObserveError::NoBase);
    }
    let Some(trial) = &options.experiment else {
        let number = observation.runs.len().saturating_add(1);
        let run = tool.run(number, &Levels::new())?.0;
        if let Some(base) = options
            .settings
            .base_url
            .as_ref()
            .filter(|base| !asks(&run, base))
        {
            observation.notes.push(not_asked(base));
        }
        observation.runs.push(run);
        return Ok(observation);
    };
    let mut varying = match &trial.findings {
        Some(findings) => factors(findings, &trial.named, trial.sweep, &tool.plain),
        None => named(&trial.named, &tool.plain),
    };
    let mut not_varied = Vec::new();
    if !sets_base {
        let found = trial.findings.as_deref().unwrap_or_default();
        if !varying.name_base(found) {
            not_varied.push("the base URL: no recipe tells how this tool is given one".to_owned());
        }
    }
    let design = Design {
        factors: varying.factors,
        many: varying.many,
        linked: varying.linked,
        strength: trial.strength,
        timed: trial.jobs <= 1,
        runs: trial.runs,
        ..Design::default()
    };
    let runs = &mut observation.runs;
    let mut many = |sets: &[Levels]| -> Result<Vec<View>, ObserveError> {
        let first = runs.len().saturating_add(1);
        let done = side_by_side(sets, trial.jobs, &|at, set| {
            tool.run(first.saturating_add(at), set)
        })?;
        let (told, views): (Vec<Run>, Vec<View>) = done.into_iter().unzip();
        if sets.iter().all(Levels::is_empty) {
            let sends = |run: &&Run| !run.hosts.is_empty() || !run.names.is_empty();
            if first == 1 && !told.iter().any(|run| sends(&run)) {
                let ended = told.first().map_or("", |run| run.ended.as_str());
                return Err(ObserveError::Silent(ended.to_owned()));
            }
            let longest = told.iter().map(|run| run.milliseconds).max().unwrap_or(0);
            tool.patience
                .store((longest / 1000 * PATIENCE).max(20), Ordering::Relaxed);
        }
        runs.extend(told);
        Ok(views)
    };
    let (mut effects, mut made) = match experiment(&design, &mut many) {
        // What was done until then is told.
        Err(ObserveError::Interrupted) if !runs.is_empty() => {
            let what = "it was interrupted: no effect was confirmed".to_owned();
            let limits = vec![what];
            let made = Experiment {
                factors: design.factors.iter().map(varied).collect(),
                strength: design.strength,
                limits,
                ..Experiment::default()
            };
            (Vec::new(), made)
        }
        done => done?,
    };
    link(trial.findings.as_deref().unwrap_or_default(), &mut effects);
    for finding in trial.findings.iter().flatten() {
        let shown = effects
            .iter()
            .any(|effect| effect.finding.as_ref() == Some(&finding.id));
        if finding.behaviour == CHANNEL && !shown {
            observation.notes.push(format!(
                "not demonstrated: {} ({}); --force {} shows what its branches send",
                finding.id, finding.title, finding.id
            ));
        }
    }
    let alone = |run: &&Run| run.factors.len() == 1;
    for run in observation.runs.iter().filter(alone) {
        let base = run.factors.get(BASE);
        if let Some(base) = base.filter(|base| !asks(run, base)) {
            let what = not_asked(base);
            if !not_varied.contains(&what) {
                not_varied.push(what);
            }
        }
    }
    made.not_varied = not_varied;
    made.limits.extend(varying.notes);
    observation.effects = effects;
    observation.experiment = Some(made);
    Ok(observation)
}

/// Whether a run turned to the host of an address.
fn asks(run: &Run, base: &str) -> bool {
    let host = base.split_once("://").map_or(base, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let hosts = run.hosts.iter().map(|known| &known.host);
    hosts.chain(&run.names).any(|known| known.contains(host))
}

fn not_asked(base: &str) -> String {
    format!("{base} as another server: the tool turned to nobody there")
}

/// An observation of which nothing has been done yet.
fn begun(target: Target<'_>, options: &ObserveOptions) -> Observation {
    let mut settings = options.settings.clone();
    let files = settings.mounts.iter();
    settings.digests = files
        .filter_map(|path| Some((path.clone(), digest(path)?)))
        .collect();
    Observation {
        schema: OBSERVATION_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        source: match target {
            Target::Source(source) => source.to_string(),
            Target::Command(command) => command.join(" "),
        },
        subject: None,
        settings,
        recipe: None,
        runs: Vec::new(),
        effects: Vec::new(),
        experiment: None,
        notes: Vec::new(),
    }
}

/// The digest of a file, if it is one.
fn digest(path: &Path) -> Option<Sha256> {
    let mut file = File::open(path).ok()?;
    let mut hasher = sha2::Sha256::new();
    file.metadata().ok()?.is_file().then_some(())?;
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        match file.read(&mut buffer).ok()? {
            0 => break,
            len => hasher.update(buffer.get(..len)?),
        }
    }
    Some(Sha256(hasher.finalize().into()))
}

/// Does something with each of some things, so many at a time, and gives the
/// results in their order.
fn side_by_side<T: Sync, R: Send, E: Send>(
    items: &[T],
    jobs: usize,
    work: &(dyn Fn(usize, &T) -> Result<R, E> + Sync),
) -> Result<Vec<R>, E> {
    if jobs <= 1 {
        return items
            .iter()
            .enumerate()
            .map(|(at, item)| work(at, item))
            .collect();
    }
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let done: Mutex<Vec<(usize, Result<R, E>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = work(at, item);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
