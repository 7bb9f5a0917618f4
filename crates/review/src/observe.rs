use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use assay_artifact::{
    Artifact, Deps, Environment, FetchError, FetchOptions, Fetched, NotRead, Progress, Source,
    fetch,
};
use assay_model::{Finding, OBSERVATION_SCHEMA, Observation, Run, Subject};
use assay_observe::{
    Canary, Design, Host, Laid, Launcher, LayoutError, Levels, Mount, Package, Plan, Recipe,
    RunError, RunLimits, SUBJECT, Script, Served, Setting, View, canaries, experiment, har, kind,
    lay, lay_out, recipes, run, summary,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::levels::{factors, named};
use crate::vet::record;

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
    /// What the host tells of itself.
    pub host: Host,
    /// What servers answer beside the model's words.
    pub server: Served,
    /// What the model says; the usual script if there is none.
    pub script: Option<Script>,
    /// What the tool is asked for.
    pub prompt: String,
    /// Variables of the environment, over those of the recipe.
    pub environment: BTreeMap<String, String>,
    /// The address of another server than the vendor's.
    pub base: Option<String>,
    /// What a run may use.
    pub limits: RunLimits,
    /// Arguments in place of the recipe's.
    pub arguments: Vec<String>,
    /// Files and folders of this machine that are there, at their own paths.
    pub mounts: Vec<PathBuf>,
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
    /// The most runs; the usual number if it is none.
    pub runs: Option<usize>,
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
    Run(#[from] RunError),
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
    /// Only npm packages are installed.
    #[error(
        "{0} cannot be installed in the sandbox: name an npm package, or give a command after --"
    )]
    NotInstalled(String),
}

/// Where Node is in the sandbox.
const NODE: &str = "/opt/node";
/// Versions of Node that are tried, the first that the package takes.
const NODES: &[u64] = &[22, 24, 20, 18, 26];
/// How many times longer than on the plain host a run may take.
const PATIENCE: u64 = 4;
/// What the canaries are derived from.
const SEED: &str = "assay";

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
    let mut observation = Observation {
        schema: OBSERVATION_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        source: match target {
            Target::Source(source) => source.to_string(),
            Target::Command(command) => command.join(" "),
        },
        subject: None,
        recipe: None,
        runs: Vec::new(),
        effects: Vec::new(),
        experiment: None,
        notes: Vec::new(),
    };
    let work = Work {
        options,
        environment,
        progress,
        cancelled,
    };
    fs::create_dir_all(&options.output)?;
    let start = match target {
        Target::Source(source) => work.installed(source, &mut observation)?,
        Target::Command(command) => Start {
            command: command.to_vec(),
            ..Start::default()
        },
    };
    let mut start = start;
    for path in &options.mounts {
        start.mounts.push(Mount {
            from: path.clone(),
            to: path.to_string_lossy().into_owned(),
            writable: false,
        });
    }
    let mut script = match &options.script {
        Some(script) => script.clone(),
        None => Script::usual()?,
    };
    if script.free.is_empty() {
        script.free.clone_from(&start.recipe.free);
    }
    let canaries = canaries(SEED);
    let asked = script.reads();
    let plain = Setting {
        host: options.host.clone(),
        server: options.server.clone(),
        base: options.base.clone(),
        variables: options.environment.clone(),
    };
    // What takes many times longer than on the plain host does not end.
    let patience = AtomicU64::new(u64::MAX);
    let one = |number: usize, levels: &Levels| -> Result<(Run, View), ObserveError> {
        if cancelled.load(Ordering::Relaxed) {
            return Err(ObserveError::Interrupted);
        }
        let names: Vec<String> = levels
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        progress.message(&if names.is_empty() {
            format!("run {number}: the plain host")
        } else {
            format!("run {number}: {}", names.join(", "))
        });
        let mut setting = plain.clone();
        for (name, value) in levels {
            if let Some((kind, rest)) = kind(name) {
                (kind.set)(&mut setting, rest, value);
            }
        }
        let home = tempfile::tempdir()?;
        lay(home.path(), &canaries, &setting.host)?;
        for (path, content) in &start.recipe.files {
            let file = home.path().join(path);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(file, content)?;
        }
        let started = start.on(options, setting.base.as_deref());
        let mut environment = usual(&setting.host, &canaries);
        environment.extend(started.1);
        environment.extend(setting.variables);
        let plan = Plan {
            command: started.0,
            environment,
            host: setting.host,
            folder: None,
            mounts: start.mounts.clone(),
            home: Some(home.path().to_owned()),
            script: script.clone(),
            server: setting.server,
            limits: RunLimits {
                seconds: options.limits.seconds.min(patience.load(Ordering::Relaxed)),
                ..options.limits
            },
            out: options.output.join(format!("run-{number}")),
        };
        let recording = run(&plan, &options.launcher)?;
        let told = Run {
            number,
            factors: levels.clone(),
            ..summary(&recording, &plan, &canaries, &asked)
        };
        let view = View::of(&recording, &plan.host.home());
        if options.keep {
            let text = serde_json::to_vec_pretty(&har(&recording)?).map_err(io::Error::other)?;
            fs::write(plan.out.join("requests.har"), text)?;
        } else {
            // Of hundreds of runs nobody asked to keep, the first is enough.
            let _ = fs::remove_dir_all(&plan.out);
        }
        Ok((told, view))
    };
    let Some(trial) = &options.experiment else {
        let number = observation.runs.len().saturating_add(1);
        observation.runs.push(one(number, &Levels::new())?.0);
        return Ok(observation);
    };
    let varying = match &trial.findings {
        Some(findings) => factors(findings, &trial.named, trial.sweep, &plain),
        None => named(&trial.named, &plain),
    };
    // What a recipe has no setting for cannot be varied.
    let mut varied = varying.factors;
    let mut not_varied = Vec::new();
    if start.recipe.base_url.is_empty() && varied.iter().any(|factor| factor.name == "base-url") {
        varied.retain(|factor| factor.name != "base-url");
        not_varied.push("the base URL: no recipe tells how this tool is given one".to_owned());
    }
    let usual = Design::default();
    let design = Design {
        factors: varied,
        linked: varying.linked,
        strength: trial.strength,
        timed: trial.jobs <= 1,
        runs: trial.runs.unwrap_or(usual.runs),
        ..usual
    };
    let runs = &mut observation.runs;
    let mut many = |sets: &[Levels]| -> Result<Vec<View>, ObserveError> {
        let first = runs.len().saturating_add(1);
        let done = side_by_side(sets, trial.jobs, &|at, set| {
            one(first.saturating_add(at), set)
        })?;
        let (told, views): (Vec<Run>, Vec<View>) = done.into_iter().unzip();
        if sets.iter().all(Levels::is_empty) {
            let longest = told.iter().map(|run| run.milliseconds).max().unwrap_or(0);
            patience.store((longest / 1000 * PATIENCE).max(20), Ordering::Relaxed);
        }
        runs.extend(told);
        Ok(views)
    };
    let (effects, mut made) = experiment(&design, &mut many)?;
    made.not_varied = not_varied;
    made.limits.extend(varying.notes);
    observation.effects = effects;
    observation.experiment = Some(made);
    Ok(observation)
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

/// How something is started.
#[derive(Debug, Default)]
struct Start {
    /// The program, or a whole command of this machine.
    command: Vec<String>,
    /// Arguments in place of the recipe's.
    arguments: Vec<String>,
    recipe: Recipe,
    mounts: Vec<Mount>,
}

impl Start {
    /// The command and the variables that the recipe sets, with another server
    /// if one is named.
    fn on(
        &self,
        options: &ObserveOptions,
        base: Option<&str>,
    ) -> (Vec<String>, BTreeMap<String, String>) {
        let recipe = &self.recipe;
        let key: String = hex::encode(Sha256::digest(SEED)).chars().take(32).collect();
        let filled = |text: &str| {
            text.replace("{prompt}", &options.prompt)
                .replace("{key}", &key)
                .replace("{base}", base.unwrap_or_default())
        };
        let all = |variables: &BTreeMap<String, String>| -> Vec<(String, String)> {
            variables
                .iter()
                .map(|(name, value)| (name.clone(), filled(value)))
                .collect()
        };
        let mut environment: BTreeMap<String, String> =
            all(&recipe.environment).into_iter().collect();
        if base.is_some() {
            environment.extend(all(&recipe.base_url));
        }
        let mut command = self.command.clone();
        let arguments = if self.arguments.is_empty() {
            &recipe.arguments
        } else {
            &self.arguments
        };
        command.extend(arguments.iter().map(|argument| filled(argument)));
        (command, environment)
    }
}

/// The environment of a plain host.
fn usual(host: &Host, canaries: &[Canary]) -> BTreeMap<String, String> {
    let bundle = "/etc/ssl/certs/ca-certificates.crt";
    let home = host.home();
    let path = format!("{home}/.local/bin:/opt/node/bin:/usr/local/bin:/usr/bin:/bin");
    let mut out: BTreeMap<String, String> = [
        ("PATH", path.as_str()),
        ("HOME", home.as_str()),
        ("USER", host.user.as_str()),
        ("LOGNAME", host.user.as_str()),
        ("SHELL", "/bin/bash"),
        ("TZ", host.zone.as_str()),
        ("LANG", "C.UTF-8"),
        ("TERM", "xterm-256color"),
        // Each kind of client looks for certificates by its own variable.
        ("NODE_EXTRA_CA_CERTS", bundle),
        ("SSL_CERT_FILE", bundle),
        ("REQUESTS_CA_BUNDLE", bundle),
        ("CURL_CA_BUNDLE", bundle),
        ("GIT_SSL_CAINFO", bundle),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for canary in canaries {
        if let Some(variable) = &canary.variable {
            out.insert(variable.clone(), canary.text.clone());
        }
    }
    out
}

/// What was laid out, as it is kept beside the files.
#[derive(Debug, Serialize, Deserialize)]
struct Installed {
    laid: Vec<Laid>,
    runs: Vec<Run>,
    notes: Vec<String>,
}

struct Work<'w> {
    options: &'w ObserveOptions,
    environment: &'w dyn Environment,
    progress: &'w dyn Progress,
    cancelled: &'w AtomicBool,
}

impl Work<'_> {
    fn fetch(&self, source: &Source, deps: Deps) -> Result<Fetched, FetchError> {
        let options = FetchOptions {
            deps,
            ..self.options.fetch.clone()
        };
        fetch(
            source,
            &options,
            self.environment,
            self.progress,
            self.cancelled,
        )
    }

    /// Installs a package of npm, and says how it is started.
    fn installed(
        &self,
        source: &Source,
        observation: &mut Observation,
    ) -> Result<Start, ObserveError> {
        let Source::Npm { .. } = source else {
            return Err(ObserveError::NotInstalled(source.to_string()));
        };
        let fetched = self.fetch(source, Deps::All)?;
        let Some(main) = fetched.artifacts.first() else {
            return Err(ObserveError::NotInstalled(source.to_string()));
        };
        let name = main.purl.full_name();
        observation.subject = Some(Subject {
            purl: main.purl.clone(),
            sha256: main.sha256,
            platform: fetched.platform.clone(),
            artifacts: fetched.artifacts.iter().map(record).collect(),
        });
        // Packages of other platforms are none of this run's.
        let here = |missing: &&NotRead| !missing.detail.starts_with("for another platform");
        for missing in fetched.not_read.iter().filter(here) {
            observation.notes.push(format!(
                "not installed: {} ({})",
                missing.name, missing.detail
            ));
        }
        let by_digest: BTreeMap<_, &Artifact> = fetched
            .artifacts
            .iter()
            .map(|artifact| (artifact.sha256, artifact))
            .collect();
        let mut packages: Vec<Package> = fetched
            .installed
            .iter()
            .filter_map(|installed| {
                Some(Package {
                    path: installed.path.clone(),
                    archive: by_digest.get(&installed.sha256)?.path.clone(),
                })
            })
            .collect();
        packages.sort_by(|a, b| a.path.cmp(&b.path));
        let (folder, installed) = self.laid(&packages)?;
        observation.notes.extend(installed.notes);
        observation.runs.extend(installed.runs);
        let path = format!("node_modules/{name}");
        let laid = installed.laid.iter().find(|laid| laid.path == path);
        let laid = laid.ok_or_else(|| ObserveError::NotInstalled(source.to_string()))?;
        let exists = |file: &str| fs::symlink_metadata(folder.join(file)).is_ok();
        let recipe = recipes()?.into_iter().find(|recipe| recipe.is_for(&name));
        let by_recipe = recipe
            .as_ref()
            .and_then(|recipe| recipe.program(laid, exists));
        let by_bin = || {
            let bin = laid.bins.values().next()?;
            let path = format!("{path}/{}", bin.trim_start_matches("./"));
            exists(&path).then_some(path)
        };
        let program = by_recipe.or_else(by_bin).ok_or_else(|| {
            ObserveError::NoProgram(format!(
                "{name} has no command that is there: give one after --"
            ))
        })?;
        if recipe.is_none() && self.options.arguments.is_empty() {
            observation.notes.push(
                "no recipe is known for this package: it was started without arguments; give some after --"
                    .to_owned(),
            );
        }
        observation.recipe = recipe.as_ref().map(|recipe| recipe.name.clone());
        let mut start = Start {
            command: vec![format!("{SUBJECT}/{program}")],
            arguments: self.options.arguments.clone(),
            recipe: recipe.unwrap_or_default(),
            mounts: vec![Mount {
                from: folder.clone(),
                to: SUBJECT.to_owned(),
                writable: false,
            }],
        };
        if !is_executable(&folder.join(&program)) {
            let (node, version) = self.node(laid.node.as_deref())?;
            start.mounts.push(node);
            let note = format!("it runs on Node {version} from the registry");
            observation.notes.push(note);
        }
        Ok(start)
    }

    /// Node at a version that the package takes, from the registry, and which
    /// that is.
    fn node(&self, engines: Option<&str>) -> Result<(Mount, String), ObserveError> {
        let range = engines.and_then(|text| node_semver::Range::parse(text).ok());
        let fits = |major: &&u64| {
            let newest = node_semver::Version::from((**major, 99, 0));
            range.as_ref().is_none_or(|range| range.satisfies(&newest))
        };
        let major = NODES.iter().find(fits).or(NODES.first()).copied();
        let cpu = match std::env::consts::ARCH {
            "aarch64" => "arm64",
            _ => "x64",
        };
        let source: Source = format!("npm:node-linux-{cpu}@{}", major.unwrap_or(22))
            .parse()
            .map_err(|_| ObserveError::NotInstalled("Node".to_owned()))?;
        let fetched = self.fetch(&source, Deps::None)?;
        let Some(node) = fetched.artifacts.first() else {
            return Err(ObserveError::NotInstalled(source.to_string()));
        };
        let version = node.purl.version.clone().unwrap_or_default();
        let package = Package {
            path: "node".to_owned(),
            archive: node.path.clone(),
        };
        let (folder, _) = self.laid(&[package])?;
        let mount = Mount {
            from: folder.join("node"),
            to: NODE.to_owned(),
            writable: false,
        };
        Ok((mount, version))
    }

    /// Lays packages out, or takes what was laid out before. Gives the folder
    /// and what is in it.
    fn laid(&self, packages: &[Package]) -> Result<(PathBuf, Installed), ObserveError> {
        let mut digest = Sha256::new();
        digest.update(&self.options.build);
        for package in packages {
            digest.update(&package.path);
            digest.update([0]);
            // The cache names files by their digest.
            digest.update(package.archive.as_os_str().as_encoded_bytes());
            digest.update([0]);
        }
        let all = self.options.fetch.cache_dir.join("installed");
        let folder = all.join(hex::encode(digest.finalize()));
        let (files, told) = ("files", "installed.json");
        let known = fs::read(folder.join(told))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok());
        if let Some(known) = known {
            return Ok((folder.join(files), known));
        }
        self.progress
            .message(&format!("{} packages are laid out", packages.len()));
        fs::create_dir_all(&all)?;
        let scratch = tempfile::Builder::new()
            .prefix("making-")
            .tempdir_in(&all)?;
        let into = scratch.path().join(files);
        fs::create_dir(&into)?;
        let recording = tempfile::tempdir()?;
        let laid = lay_out(packages, &into, recording.path(), &self.options.launcher)?;
        let mut installed = Installed {
            notes: laid.iter().flat_map(|laid| laid.left_out.clone()).collect(),
            runs: Vec::new(),
            laid,
        };
        self.scripts(&into, &mut installed)?;
        let text = serde_json::to_vec(&installed).map_err(io::Error::other)?;
        fs::write(scratch.path().join(told), text)?;
        // Whoever did the same at the same time was first.
        if let Err(error) = fs::rename(scratch.path(), &folder)
            && !folder.join(told).exists()
        {
            return Err(error.into());
        }
        Ok((folder.join(files), installed))
    }

    /// Runs the scripts by which packages install themselves, in the sandbox.
    fn scripts(&self, folder: &Path, installed: &mut Installed) -> Result<(), ObserveError> {
        for laid in installed.laid.clone() {
            for (step, script) in &laid.scripts {
                let (node, _) = self.node(laid.node.as_deref())?;
                let recording = tempfile::tempdir()?;
                let host = Host::default();
                let mut environment = usual(&host, &[]);
                environment.insert("npm_lifecycle_event".to_owned(), step.clone());
                environment.insert("npm_package_name".to_owned(), laid.name.clone());
                let plan = Plan {
                    command: vec!["/bin/sh".to_owned(), "-c".to_owned(), script.clone()],
                    environment,
                    folder: Some(format!("{SUBJECT}/{}", laid.path)),
                    mounts: vec![
                        node,
                        Mount {
                            from: folder.to_owned(),
                            to: SUBJECT.to_owned(),
                            writable: true,
                        },
                    ],
                    limits: self.options.limits,
                    out: recording.path().to_owned(),
                    host,
                    ..Plan::default()
                };
                self.progress.message(&format!(
                    "{}: its {step} script runs in the sandbox",
                    laid.name
                ));
                let done = run(&plan, &self.options.launcher)?;
                let mut told = summary(&done, &plan, &[], &[]);
                told.recording = String::new();
                told.number = installed.runs.len().saturating_add(1);
                told.factors
                    .insert("step".to_owned(), format!("{step} of {}", laid.name));
                if told.status != Some(0) {
                    installed.notes.push(format!(
                        "the {step} script of {} did not succeed: {}",
                        laid.name, told.ended
                    ));
                }
                installed.runs.push(told);
            }
        }
        Ok(())
    }
}

/// Whether a program is one of the processor's, which needs no Node. Its
/// install scripts may have put anything in its place: only a regular file is
/// looked into.
fn is_executable(program: &Path) -> bool {
    let regular = fs::symlink_metadata(program).is_ok_and(|meta| meta.is_file());
    let mut start = [0u8; 4];
    let mut read = || fs::File::open(program).and_then(|mut file| file.read_exact(&mut start));
    regular && read().is_ok() && start == *b"\x7fELF"
}
