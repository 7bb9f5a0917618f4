//! A tool that is ready to be run, and a run of it on one host.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use assay_model::{Observation, Run, Settings};
use assay_observe::{
    Canary, Host, Levels, Mount, Plan, Recipe, Recording, RunLimits, Script, Served, Setting, View,
    canaries, har, kind, lay, run, summary,
};
use sha2::{Digest, Sha256};

use super::force::rewritten;
use super::install::Work;
use super::{ObserveError, Target};

/// What the canaries are derived from.
const SEED: &str = "assay";

/// A tool that is ready to be run.
pub(super) struct Tool<'w> {
    pub(super) work: Work<'w>,
    pub(super) start: Start,
    pub(super) script: Script,
    pub(super) canaries: Vec<Canary>,
    /// Files that the script reads.
    pub(super) asked: Vec<String>,
    /// The plain host.
    pub(super) plain: Setting,
    /// The most seconds of a run: what takes many times longer than on the
    /// plain host does not end.
    pub(super) patience: AtomicU64,
}

impl<'w> Tool<'w> {
    pub(super) fn ready(
        target: Target<'_>,
        work: Work<'w>,
        observation: &mut Observation,
    ) -> Result<Self, ObserveError> {
        let options = work.options;
        fs::create_dir_all(&options.output)?;
        let mut start = match target {
            Target::Source(source) => work.installed(source, observation)?,
            Target::Command(command) => Start {
                command: command.to_vec(),
                ..Start::default()
            },
        };
        let settings = &options.settings;
        for path in &settings.mounts {
            start.mounts.push(Mount {
                from: path.clone(),
                to: path.to_string_lossy().into_owned(),
                writable: false,
            });
        }
        let mut script = match settings.script.as_str() {
            "" => Script::usual()?,
            text => Script::read(text)?,
        };
        if script.free.is_empty() {
            script.free.clone_from(&start.recipe.free);
        }
        let plain = Setting {
            host: Host {
                name: settings.host_name.clone(),
                user: settings.user.clone(),
                zone: settings.zone.clone(),
                clock: settings.clock.clone(),
                ..Host::default()
            },
            server: Served {
                flags: settings.flags.clone(),
                ..Served::default()
            },
            base: settings.base_url.clone(),
            forced: BTreeMap::new(),
            variables: settings.environment.clone(),
        };
        Ok(Self {
            canaries: canaries(SEED),
            asked: script.reads(),
            patience: AtomicU64::new(u64::MAX),
            work,
            start,
            script,
            plain,
        })
    }

    /// Runs it once, with some factors set.
    pub(super) fn run(&self, number: usize, levels: &Levels) -> Result<(Run, View), ObserveError> {
        let (plan, recording) = match self.record(number, levels) {
            // What this machine could not do once it may do the next time,
            // and an experiment is long.
            Err(ObserveError::Run(_)) if self.work.options.experiment.is_some() => {
                let _ = fs::remove_dir_all(self.folder(number));
                self.record(number, levels)?
            }
            recorded => recorded?,
        };
        let told = Run {
            number,
            factors: levels.clone(),
            ..summary(&recording, &plan, &self.canaries, &self.asked)
        };
        let view = View::of(&recording, &plan.host.home()).with_canaries(&told.canaries);
        if self.work.options.keep {
            let text = serde_json::to_vec_pretty(&har(&recording)?).map_err(io::Error::other)?;
            fs::write(plan.out.join("requests.har"), text)?;
        } else {
            // Nobody asked to keep it.
            let _ = fs::remove_dir_all(&plan.out);
        }
        Ok((told, view))
    }

    /// Where the recording of a run is put.
    fn folder(&self, number: usize) -> PathBuf {
        self.work.options.output.join(format!("run-{number}"))
    }

    /// Runs it once, and gives what was run and what was recorded.
    pub(super) fn record(
        &self,
        number: usize,
        levels: &Levels,
    ) -> Result<(Plan, Recording), ObserveError> {
        let Work {
            options,
            progress,
            cancelled,
            ..
        } = self.work;
        let settings = &options.settings;
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
        let mut setting = self.plain.clone();
        for (name, value) in levels {
            if let Some((kind, rest)) = kind(name) {
                (kind.set)(&mut setting, rest, value);
            }
        }
        let home = tempfile::tempdir()?;
        lay(home.path(), &self.canaries, &setting.host)?;
        for (path, content) in &self.start.recipe.files {
            let file = home.path().join(path);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(file, content)?;
        }
        let copies = tempfile::tempdir()?;
        let mut mounts = self.start.mounts.clone();
        let there = |node: &str| self.start.file(node);
        mounts.extend(rewritten(&setting.forced, &mounts, there, copies.path())?);
        let started = self.start.on(settings, setting.base.as_deref());
        let mut environment = usual(&setting.host, &self.canaries);
        environment.extend(started.1);
        environment.extend(setting.variables);
        let plan = Plan {
            command: started.0,
            environment,
            host: setting.host,
            folder: None,
            mounts,
            home: Some(home.path().to_owned()),
            script: self.script.clone(),
            server: setting.server,
            limits: RunLimits {
                seconds: settings.seconds.min(self.patience.load(Ordering::Relaxed)),
                memory: settings.memory.saturating_mul(1 << 20),
                ..RunLimits::default()
            },
            out: self.folder(number),
        };
        let recording = run(&plan, &options.launcher)?;
        Ok((plan, recording))
    }
}

/// Where a package is in the sandbox.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) folder: String,
    /// Whether its archive has all files in one folder.
    pub(super) has_root: bool,
}

/// How something is started.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// The program, or a whole command of this machine.
    pub(super) command: Vec<String>,
    /// Arguments in place of the recipe's.
    pub(super) arguments: Vec<String>,
    pub(super) recipe: Recipe,
    pub(super) mounts: Vec<Mount>,
    /// Where the package is in the sandbox; nothing for a command.
    pub(super) package: Option<Place>,
    /// The version of Node from the registry that it runs on, if it does.
    pub(super) node: Option<String>,
}

impl Start {
    /// The file in the sandbox that a node is: of the package, or one that was
    /// named by itself.
    fn file(&self, node: &str) -> Option<String> {
        let plain = node.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if let Some(package) = &self.package {
            let inner = match node.split_once('/') {
                Some((_, rest)) if package.has_root => Some(rest),
                _ if package.has_root => None,
                _ => Some(node),
            };
            let inner = inner.filter(|_| plain)?;
            return Some(format!("{}/{inner}", package.folder));
        }
        let named = |mount: &&Mount| mount.to.rsplit('/').next() == Some(node);
        self.mounts.iter().find(named).map(|mount| mount.to.clone())
    }

    /// The command and the variables that the recipe sets, with another server
    /// if one is named.
    pub(super) fn on(
        &self,
        settings: &Settings,
        base: Option<&str>,
    ) -> (Vec<String>, BTreeMap<String, String>) {
        let recipe = &self.recipe;
        let key: String = hex::encode(Sha256::digest(SEED)).chars().take(32).collect();
        let filled = |text: &str| {
            text.replace("{prompt}", &settings.prompt)
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
        if base.is_some() && self.arguments.is_empty() {
            command.extend(
                recipe
                    .base_arguments
                    .iter()
                    .map(|argument| filled(argument)),
            );
        }
        (command, environment)
    }
}

/// The environment of a plain host.
pub(super) fn usual(host: &Host, canaries: &[Canary]) -> BTreeMap<String, String> {
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
