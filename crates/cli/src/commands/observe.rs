use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use assay_artifact::{FetchOptions, Source, SystemEnvironment};
use assay_model::{Effect, Finding, Grade};
use assay_observe::{Host, Launcher, RunLimits, Script, Served};
use assay_report::View;
use assay_review::{ObserveOptions, Target, Trial};

use crate::Outcome;
use crate::args::{ObserveArgs, ObserveFormat};
use crate::output;
use crate::progress::Screen;

/// The side of a process beside or in a sandbox, if this is one: such a
/// process takes no arguments from a user.
#[cfg(target_os = "linux")]
pub(crate) fn beside_a_sandbox() -> Option<ExitCode> {
    let argument = std::env::args().nth(1)?;
    let known = [
        assay_observe::RECORDER,
        assay_observe::INIT,
        assay_observe::LAY_OUT,
        assay_observe::ATTEMPTS,
    ];
    known.contains(&argument.as_str()).then(|| {
        let status = assay_observe::serve(&argument);
        ExitCode::from(u8::try_from(status).unwrap_or(1))
    })
}

/// There is no sandbox here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn beside_a_sandbox() -> Option<ExitCode> {
    None
}

/// Tries the sandbox from inside: a line for each attempt.
#[cfg(target_os = "linux")]
fn self_test() -> Result<Outcome> {
    let scratch = tempfile::tempdir().context("no folder for the recording could be made")?;
    let launcher = Launcher {
        program: std::env::current_exe().context("this program's own file cannot be found")?,
    };
    let mut text = String::new();
    let mut open = 0usize;
    for tried in assay_observe::self_test(&launcher, scratch.path())? {
        let word = if tried.held { "held" } else { "OPEN" };
        open = open.saturating_add(usize::from(!tried.held));
        text.push_str(&format!("{word}  {}\n", tried.what));
    }
    output::print(&text)?;
    Ok(if open > 0 {
        Outcome::Found
    } else {
        Outcome::Clean
    })
}

#[cfg(not(target_os = "linux"))]
fn self_test() -> Result<Outcome> {
    Err(assay_observe::RunError::NotHere.into())
}

pub(crate) fn observe(args: &ObserveArgs) -> Result<Outcome> {
    if args.self_test {
        return self_test();
    }
    let cancelled = super::interruptible()?;
    let mut fetch = FetchOptions::new(super::cache_dir(&args.download)?);
    fetch.offline = args.download.offline;
    fetch.project_npmrc.clone_from(&args.download.project_npmrc);
    fetch.max_download = args.download.max_download.saturating_mul(1 << 20);
    let script = match &args.script {
        Some(path) => {
            let text = assay_artifact::read_regular(path, 1 << 20)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            let text = String::from_utf8(text)
                .with_context(|| format!("{} is no text", path.display()))?;
            let script = Script::read(&text);
            Some(script.with_context(|| format!("{} is no script", path.display()))?)
        }
        None => None,
    };
    let scratch = tempfile::tempdir().context("no folder for the recording could be made")?;
    let output = match &args.output {
        Some(folder) => {
            let empty = match std::fs::read_dir(folder) {
                Ok(mut entries) => entries.next().is_none(),
                Err(error) => error.kind() == std::io::ErrorKind::NotFound,
            };
            if !empty {
                bail!("{} (--output) is no empty folder", folder.display());
            }
            std::fs::create_dir_all(folder)
                .and_then(|()| folder.canonicalize())
                .with_context(|| format!("{} cannot be made", folder.display()))?
        }
        None => scratch.path().to_owned(),
    };
    let options = ObserveOptions {
        fetch,
        launcher: Launcher {
            program: std::env::current_exe().context("this program's own file cannot be found")?,
        },
        output,
        host: Host {
            name: args.host_name.clone(),
            user: args.user.clone(),
            zone: args.zone.clone(),
            clock: args.clock.clone().unwrap_or_default(),
            ..Host::default()
        },
        server: Served {
            flags: args.flags.iter().cloned().collect(),
            ..Served::default()
        },
        script,
        prompt: args.prompt.clone(),
        environment: args.environment.iter().cloned().collect(),
        base: args.base_url.clone(),
        limits: RunLimits {
            seconds: args.time,
            ..RunLimits::default()
        },
        arguments: args.command.clone(),
        mounts: mounts(args)?,
        experiment: experiment(args, &cancelled)?,
        keep: args.output.is_some(),
        build: super::build(),
    };
    let target = match &args.source {
        Some(source) => Target::Source(source),
        None => Target::Command(&args.command),
    };
    let screen = Screen::new();
    let observation =
        assay_review::observe(target, &options, &SystemEnvironment, &screen, &cancelled);
    screen.finish();
    let mut observation = observation?;
    if args.output.is_none() {
        for run in &mut observation.runs {
            run.recording = String::new();
        }
    } else {
        let text = serde_json::to_string_pretty(&observation)?;
        std::fs::write(options.output.join("observation.json"), text)
            .context("the observation cannot be written")?;
    }
    let text = match args.format {
        ObserveFormat::Text => assay_report::observation(
            &observation,
            &View {
                width: output::width(),
                style: output::style(),
                verbose: args.verbose,
            },
        ),
        ObserveFormat::Json => format!("{}\n", serde_json::to_string_pretty(&observation)?),
    };
    output::print(&text)?;
    let concealed = |effect: &Effect| effect.grade == Grade::Concealed;
    Ok(if observation.effects.iter().any(concealed) {
        Outcome::Found
    } else {
        Outcome::Clean
    })
}

/// What is there of this machine: what the user names, and files that the
/// command names.
fn mounts(args: &ObserveArgs) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in &args.mounts {
        let path = path
            .canonicalize()
            .with_context(|| format!("{} (--mount) cannot be had", path.display()))?;
        out.push(path);
    }
    Ok(out)
}

/// The experiment that is asked for; the tool is analysed first if it is to
/// be steered.
fn experiment(args: &ObserveArgs, cancelled: &Arc<AtomicBool>) -> Result<Option<Trial>> {
    if !args.experiment && args.factors.is_empty() {
        return Ok(None);
    }
    let findings = if args.experiment {
        let mut all = Vec::new();
        for source in sources(args) {
            all.extend(analysed(&source, args, cancelled)?);
        }
        Some(all)
    } else {
        None
    };
    Ok(Some(Trial {
        named: args.factors.clone(),
        findings,
        sweep: args.sweep,
        strength: usize::from(args.strength),
        jobs: usize::from(args.jobs),
        runs: usize::try_from(args.runs).ok(),
    }))
}

/// What is analysed: the tool, or the files and folders of a command.
fn sources(args: &ObserveArgs) -> Vec<Source> {
    if let Some(source) = &args.source {
        return vec![source.clone()];
    }
    args.mounts
        .iter()
        .map(|path| match path.is_dir() {
            true => Source::Directory(path.clone()),
            false => Source::File(path.clone()),
        })
        .collect()
}

fn analysed(
    source: &Source,
    args: &ObserveArgs,
    cancelled: &Arc<AtomicBool>,
) -> Result<Vec<Finding>> {
    let mut options = super::vet_options(&args.download)?;
    options.results = Some(super::cache_dir(&args.download)?.join("results"));
    let screen = Screen::new();
    let dossier = assay_review::vet(source, &options, &SystemEnvironment, &screen, cancelled);
    screen.finish();
    Ok(dossier?.findings)
}
