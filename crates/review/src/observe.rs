use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use assay_artifact::{
    Artifact, Deps, Environment, FetchError, FetchOptions, Fetched, NotRead, Progress, Source,
    fetch,
};
use assay_model::{OBSERVATION_SCHEMA, Observation, Run, Subject};
use assay_observe::{
    Canary, Factor, Host, Laid, Launcher, LayoutError, Mount, Package, Plan, Recipe, RunError,
    RunLimits, SUBJECT, Script, Sent, canaries, experiment, lay, lay_out, recipes, run, summary,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
    /// What the host tells of itself.
    pub host: Host,
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
    /// What an experiment varies: `tz`, `host-name`, `user`, `base-url` and
    /// `env:NAME` with their values; no experiment if there are none.
    pub factors: Vec<(String, String)>,
    /// Names this build of Assay, so that what another one laid out is not
    /// taken for its own.
    pub build: String,
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
    let mut script = match &options.script {
        Some(script) => script.clone(),
        None => Script::usual()?,
    };
    if script.free.is_empty() {
        script.free.clone_from(&start.recipe.free);
    }
    let canaries = canaries(SEED);
    let home = tempfile::tempdir()?;
    lay(home.path(), &canaries)?;
    for (path, content) in &start.recipe.files {
        let file = home.path().join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, content)?;
    }
    let factors = factors(options);
    let asked = script.reads();
    let mut one = |set: &BTreeSet<usize>| -> Result<Sent, ObserveError> {
        if cancelled.load(Ordering::Relaxed) {
            return Err(ObserveError::Interrupted);
        }
        let number = observation.runs.len().saturating_add(1);
        let taken: Vec<&Factor> = set.iter().filter_map(|index| factors.get(*index)).collect();
        let names: Vec<String> = taken
            .iter()
            .map(|factor| format!("{} {}", factor.name, factor.value))
            .collect();
        progress.message(&if names.is_empty() {
            format!("run {number}: the plain host")
        } else {
            format!("run {number}: {}", names.join(", "))
        });
        let (host, base, variables) = on(options, &taken);
        let started = start.on(options, base.as_deref());
        let mut environment = usual(&host, &canaries);
        environment.extend(started.1);
        environment.extend(options.environment.clone());
        environment.extend(variables);
        let plan = Plan {
            command: started.0,
            environment,
            host,
            folder: None,
            mounts: start.mounts.clone(),
            home: Some(home.path().to_owned()),
            script: script.clone(),
            limits: options.limits,
            out: options.output.join(format!("run-{number}")),
        };
        let recording = run(&plan, &options.launcher)?;
        observation.runs.push(Run {
            number,
            factors: taken
                .iter()
                .map(|factor| (factor.name.clone(), factor.value.clone()))
                .collect(),
            ..summary(&recording, &plan, &canaries, &asked)
        });
        Ok(Sent::of(&recording))
    };
    if factors.is_empty() {
        one(&BTreeSet::new())?;
    } else {
        let effects = experiment(&factors, &mut one)?;
        observation.effects = effects;
    }
    Ok(observation)
}

/// What is varied, with what it is on the plain host.
fn factors(options: &ObserveOptions) -> Vec<Factor> {
    options
        .factors
        .iter()
        .map(|(name, value)| Factor {
            name: name.clone(),
            value: value.clone(),
            plain: match name.as_str() {
                "tz" => options.host.zone.clone(),
                "host-name" => options.host.name.clone(),
                "user" => options.host.user.clone(),
                "base-url" => options.base.clone().unwrap_or_default(),
                _ => String::new(),
            },
        })
        .collect()
}

/// The host with some factors: what it tells of itself, the other server, and
/// variables of the environment.
fn on(
    options: &ObserveOptions,
    factors: &[&Factor],
) -> (Host, Option<String>, BTreeMap<String, String>) {
    let (mut host, mut base) = (options.host.clone(), options.base.clone());
    let mut variables = BTreeMap::new();
    for factor in factors {
        let value = factor.value.clone();
        match factor.name.as_str() {
            "tz" => host.zone = value,
            "host-name" => host.name = value,
            "user" => host.user = value,
            "base-url" => base = Some(value),
            name => {
                let name = name.strip_prefix("env:").unwrap_or(name);
                variables.insert(name.to_owned(), value);
            }
        }
    }
    (host, base, variables)
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
    let mut out: BTreeMap<String, String> = [
        ("PATH", "/opt/node/bin:/usr/local/bin:/usr/bin:/bin"),
        ("HOME", host.home().as_str()),
        ("USER", host.user.as_str()),
        ("LOGNAME", host.user.as_str()),
        ("SHELL", "/bin/bash"),
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
        let exists = |file: &str| folder.join(file).is_file();
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
        if is_script(&folder.join(&program)) {
            start
                .mounts
                .push(self.node(laid.node.as_deref(), observation)?);
        }
        Ok(start)
    }

    /// Node at a version that the package takes, from the registry.
    fn node(
        &self,
        engines: Option<&str>,
        observation: &mut Observation,
    ) -> Result<Mount, ObserveError> {
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
        observation.notes.push(format!(
            "it runs on Node {} from the registry",
            node.purl.version.as_deref().unwrap_or_default()
        ));
        let package = Package {
            path: "node".to_owned(),
            archive: node.path.clone(),
        };
        let (folder, _) = self.laid(&[package])?;
        Ok(Mount {
            from: folder.join("node"),
            to: NODE.to_owned(),
            writable: false,
        })
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
                let mut notes = Observation {
                    schema: String::new(),
                    assay: String::new(),
                    source: String::new(),
                    subject: None,
                    recipe: None,
                    runs: Vec::new(),
                    effects: Vec::new(),
                    notes: Vec::new(),
                };
                let node = self.node(laid.node.as_deref(), &mut notes)?;
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
                    home: None,
                    script: Script::default(),
                    limits: self.options.limits,
                    out: recording.path().to_owned(),
                    host,
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

/// Whether a program is a script that Node runs.
fn is_script(program: &Path) -> bool {
    let mut start = [0u8; 64];
    let read = fs::File::open(program).and_then(|mut file| file.read(&mut start));
    let start = start.get(..read.unwrap_or(0)).unwrap_or_default();
    start.starts_with(b"#!") && memchr::memmem::find(start, b"node").is_some()
}
