//! The release build of `assay`, and the artifacts that it is run on.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use assay_artifact::{FetchError, FetchOptions, Fetched, Silent, Source, SystemEnvironment, fetch};
use assay_model::Dossier;

use crate::memory::{Peak, Sampler};

/// A copy of the program, so that a build that goes on meanwhile changes
/// nothing under a measurement.
#[derive(Debug)]
pub(crate) struct Tool {
    folder: tempfile::TempDir,
    cache: PathBuf,
}

/// One run of `assay vet`.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) dossier: Dossier,
    pub(crate) wall: Duration,
    /// Stage and time, in the order of their ends.
    pub(crate) stages: Vec<(String, Duration)>,
    pub(crate) peak: Option<Peak>,
}

impl Tool {
    /// A program that is there already, or that of this workspace.
    pub(crate) fn of(program: Option<&Path>) -> Result<Self> {
        let Some(program) = program else {
            return Self::build();
        };
        let folder = tempfile::tempdir()?;
        std::fs::copy(program, folder.path().join("assay"))
            .with_context(|| format!("{} cannot be copied", program.display()))?;
        Ok(Self {
            folder,
            cache: cache()?,
        })
    }

    pub(crate) fn build() -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--release", "--package", "assay-cli"])
            .current_dir(crate::root()?)
            .status()
            .context("cargo cannot be run")?;
        if !status.success() {
            bail!("assay does not compile");
        }
        let built = std::env::current_exe()?.with_file_name("assay");
        let folder = tempfile::tempdir()?;
        std::fs::copy(&built, folder.path().join("assay"))
            .with_context(|| format!("{} cannot be copied", built.display()))?;
        Ok(Self {
            folder,
            cache: cache()?,
        })
    }

    /// How long `assay` takes with what is in the cache already, keeping no
    /// results.
    pub(crate) fn timed(&self, arguments: &[&str]) -> Result<Duration> {
        let start = Instant::now();
        let output = Command::new(self.folder.path().join("assay"))
            .args(arguments)
            .args(["--no-cache", "--offline", "--format", "json", "--cache-dir"])
            .arg(&self.cache)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output()
            .context("assay cannot be run")?;
        let took = start.elapsed();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().last().unwrap_or_default();
            bail!("assay {arguments:?} ended with {}: {last}", output.status);
        }
        Ok(took)
    }

    /// Runs `assay vet` on what is in the cache already; with `sample`, its
    /// memory is watched, which costs a little of its time.
    pub(crate) fn vet(&self, source: &str, sample: bool) -> Result<Run> {
        // Runs may go on beside each other.
        let said = tempfile::tempdir_in(self.folder.path())?;
        let out = said.path().join("stdout");
        let err = said.path().join("stderr");
        let start = Instant::now();
        let mut child = Command::new(self.folder.path().join("assay"))
            .args(["vet", source, "--no-cache", "--offline"])
            .args(["--fail-on", "never", "--format", "json", "--cache-dir"])
            .arg(&self.cache)
            .env("ASSAY_TIMINGS", "1")
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(&out)?)
            .stderr(std::fs::File::create(&err)?)
            .spawn()
            .context("assay cannot be run")?;
        let sampler = sample.then(|| Sampler::start(child.id()));
        let status = child.wait()?;
        let wall = start.elapsed();
        let peak = sampler.map(Sampler::stop);
        let text = std::fs::read(&err)?;
        let text = String::from_utf8_lossy(&text);
        if !status.success() {
            let last = text.lines().last().unwrap_or_default();
            bail!("assay vet {source} ended with {status}: {last}");
        }
        let dossier = serde_json::from_slice(&std::fs::read(&out)?)
            .with_context(|| format!("what assay printed for {source} is no dossier"))?;
        let stages = text
            .lines()
            .filter_map(|line| {
                let (stage, millis) = line.strip_prefix("timing ")?.split_once(' ')?;
                let time = Duration::from_millis(millis.trim().parse().ok()?);
                Some((stage.to_owned(), time))
            })
            .collect();
        Ok(Run {
            dossier,
            wall,
            stages,
            peak,
        })
    }

    /// The subject's artifacts: from the cache when `fresh` is not asked for
    /// and they are there, else from the registry. `None` when that is not
    /// reached.
    pub(crate) fn fetch(&self, source: &str, fresh: bool) -> Result<Option<Fetched>> {
        fetch_into(&self.cache, source, fresh)
    }

    /// The program, for runs that are not measured.
    pub(crate) fn program(&self) -> PathBuf {
        self.folder.path().join("assay")
    }

    /// The subject's artifacts, from the cache where they are there; `None`
    /// when they are not and the registry is not reached.
    pub(crate) fn fetched(source: &str) -> Result<Option<Fetched>> {
        fetch_into(&cache()?, source, false)
    }

    /// A folder for files of this run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn fetch_into(cache: &Path, source: &str, fresh: bool) -> Result<Option<Fetched>> {
    let named: Source = source.parse()?;
    let mut options = FetchOptions::new(cache.to_owned());
    let never = AtomicBool::new(false);
    let mut get = |offline| {
        options.offline = offline;
        fetch(&named, &options, &SystemEnvironment, &Silent, &never)
    };
    if !fresh && let Ok(fetched) = get(true) {
        return Ok(Some(fetched));
    }
    match get(false) {
        Ok(fetched) => Ok(Some(fetched)),
        Err(FetchError::Unreachable { .. }) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{source} cannot be fetched")),
    }
}

/// The folder that `assay` itself keeps downloads in.
fn cache() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("ASSAY_CACHE_DIR") {
        return Ok(folder.into());
    }
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .map(|base| base.join("assay"))
        .context("there is no home folder for downloads; set ASSAY_CACHE_DIR")
}
