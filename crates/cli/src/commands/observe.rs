use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use assay_artifact::{Source, SystemEnvironment};
use assay_model::{
    Demonstration, Dossier, Effect, Finding, Grade, Observation, Purl, Settings, Sha256, Subject,
    Vendor,
};
use assay_observe::{Launcher, Script};
use assay_review::{ObserveOptions, Target, Trial};

use crate::Outcome;
use crate::args::{
    DownloadArgs, Format, ObserveArgs, ObserveFormat, ReproduceArgs, TrialArgs, VetArgs,
};
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
        cancelled: Arc::default(),
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
    for word in &args.command {
        let path = Path::new(word);
        // Both may be written in more than one way.
        let whole = path.canonicalize();
        let there = |mount: &PathBuf| match (&whole, mount.canonicalize()) {
            (Ok(path), Ok(mount)) => path.starts_with(mount),
            _ => path.starts_with(mount),
        };
        if path.is_file() && !is_of_the_system(path) && !args.mounts.iter().any(there) {
            output::complain(&format!(
                "{word} is a file of this machine and not in the sandbox: --mount brings it in, at the same absolute path"
            ));
        }
    }
    let settings = settings(args)?;
    let experiment = experiment(args, &cancelled)?;
    let keep = args.output.is_some();
    let options = observe_options(
        &args.download,
        output,
        keep,
        settings,
        experiment,
        &cancelled,
    )?;
    let target = match &args.source {
        Some(source) => Target::Source(source),
        None => Target::Command(&args.command),
    };
    let screen = Screen::new();
    let observation =
        assay_review::observe(target, &options, &SystemEnvironment, &screen, &cancelled);
    screen.finish();
    let mut observation = observation?;
    assay_review::note_undocumented(&mut observation, &assay_review::vendors()?);
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
        ObserveFormat::Text => assay_report::observation(&observation, &output::view(args.verbose)),
        ObserveFormat::Json => assay_report::json(&observation)?,
    };
    output::print(&text)?;
    // What was forced was not observed.
    let concealed = |effect: &Effect| effect.grade == Grade::Concealed && !effect.is_forced();
    if observation.effects.iter().any(concealed) {
        return Ok(Outcome::Found);
    }
    if cancelled.load(std::sync::atomic::Ordering::Relaxed) {
        bail!("interrupted");
    }
    if let Some(made) = observation.experiment.as_ref().filter(|made| made.open > 0) {
        bail!(
            "not finished: {} differences were neither confirmed nor ruled out; --runs allows more",
            made.open
        );
    }
    Ok(Outcome::Clean)
}

/// Whether a file is in every sandbox.
fn is_of_the_system(path: &Path) -> bool {
    ["/usr", "/bin", "/sbin", "/lib", "/lib64"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

/// How the recorder is started.
pub(super) fn launcher(cancelled: &Arc<AtomicBool>) -> Result<Launcher> {
    Ok(Launcher {
        program: std::env::current_exe().context("this program's own file cannot be found")?,
        cancelled: Arc::clone(cancelled),
    })
}

fn observe_options(
    download: &DownloadArgs,
    output: PathBuf,
    keep: bool,
    settings: Settings,
    experiment: Option<Trial>,
    cancelled: &Arc<AtomicBool>,
) -> Result<ObserveOptions> {
    Ok(ObserveOptions {
        fetch: super::vet_options(download)?.fetch,
        launcher: launcher(cancelled)?,
        output,
        keep,
        settings,
        experiment,
        build: super::build(),
    })
}

/// Runs the tool of a dossier, and puts what its host changes into the
/// findings.
pub(super) fn demonstrated(
    args: &VetArgs,
    dossier: &mut Dossier,
    vendors: &[Vendor],
    screen: &Screen,
    cancelled: &Arc<AtomicBool>,
) -> Result<()> {
    let scratch = tempfile::tempdir().context("no folder for the recording could be made")?;
    let options = observe_options(
        &args.fetch.download,
        scratch.path().to_owned(),
        false,
        assay_review::usual_settings(),
        Some(trial(&args.trial, &[], Some(dossier.findings.clone()))),
        cancelled,
    )?;
    let target = Target::Source(&args.source);
    let observation =
        assay_review::observe(target, &options, &SystemEnvironment, screen, cancelled)?;
    assay_review::demonstrate(dossier, &observation, vendors);
    Ok(())
}

/// The most bytes of a file with an observation or a dossier.
const LARGEST: u64 = 1 << 30;

/// An effect as a file tells it, with what it takes to bring it about again.
struct Told {
    effect: Effect,
    settings: Settings,
    subject: Option<(Purl, Sha256)>,
}

/// The effects in a folder or file of an observation or a dossier.
fn effects(path: &Path) -> Result<Vec<Told>> {
    let observation = path.join("observation.json");
    let file = match path.is_dir() {
        true if observation.exists() => observation,
        true => path.join(assay_report::DOSSIER_FILE),
        false => path.to_owned(),
    };
    let text = assay_artifact::read_regular(&file, LARGEST)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let known = |subject: &Subject| (subject.purl.clone(), subject.sha256);
    if let Ok(observation) = serde_json::from_slice::<Observation>(&text) {
        let subject = observation.subject.as_ref().map(known);
        return Ok(observation
            .effects
            .into_iter()
            .map(|effect| Told {
                effect,
                settings: observation.settings.clone(),
                subject: subject.clone(),
            })
            .collect());
    }
    let dossier = super::read_dossier(&file)?;
    let subject = Some(known(&dossier.subject));
    let shown = dossier
        .findings
        .into_iter()
        .filter_map(|finding| finding.demonstrated);
    Ok(shown
        .flat_map(|shown| {
            let Demonstration {
                settings, effects, ..
            } = *shown;
            effects
                .into_iter()
                .map(move |effect| (effect, settings.clone()))
        })
        .map(|(effect, settings)| Told {
            effect,
            settings,
            subject: subject.clone(),
        })
        .collect())
}

/// Brings an effect about again, or writes a script that does.
pub(super) fn replayed(args: &ReproduceArgs, cancelled: &Arc<AtomicBool>) -> Result<Outcome> {
    let mut matching = effects(&args.dossier)?;
    matching.retain(|told| told.effect.id.starts_with(&args.finding));
    let told = match matching.as_slice() {
        [told] => told,
        [] => bail!("no effect there has the id {}", args.finding),
        _ => bail!("{} effects there have such an id", matching.len()),
    };
    let names = told.subject.is_none() || !told.settings.mounts.is_empty();
    if names && !args.command {
        let what = [told.settings.arguments.join(" ")].into_iter().chain(
            told.settings
                .mounts
                .iter()
                .map(|path| path.display().to_string()),
        );
        bail!(
            "the observation names a command and files of this machine ({}): --command runs it with them, in the sandbox",
            assay_report::escape_terminal(&what.collect::<Vec<_>>().join(", "))
        );
    }
    let scratch = tempfile::tempdir().context("no folder for the recording could be made")?;
    let options = observe_options(
        &args.download,
        scratch.path().to_owned(),
        false,
        told.settings.clone(),
        None,
        cancelled,
    )?;
    let (subject, environment) = (told.subject.as_ref(), &SystemEnvironment);
    let screen = Screen::new();
    if let Some(path) = &args.script {
        let script = assay_review::script(
            &told.effect,
            subject,
            &options,
            environment,
            &screen,
            cancelled,
        );
        screen.finish();
        std::fs::write(path, script?)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        output::say(&format!("script written to {}", path.display()));
        return Ok(Outcome::Clean);
    }
    let replayed = assay_review::replay(
        &told.effect,
        subject,
        &options,
        environment,
        &screen,
        cancelled,
    );
    screen.finish();
    let replayed = replayed?;
    let (seen, plain) = (replayed.seen, replayed.plain_seen);
    let text = match args.form.format {
        Format::Json => {
            let value = serde_json::json!({
                "schema": "assay.reproduce/1",
                "id": told.effect.id,
                "same": replayed.same,
                "seen": seen.0,
                "runs": seen.1,
                "plain_seen": plain.0,
                "plain_runs": plain.1,
            });
            format!("{value:#}\n")
        }
        Format::Text => {
            let word = if replayed.same { "same" } else { "different" };
            let line = format!(
                "{}  {}\n",
                output::style().strong(word),
                assay_report::escape_terminal(&told.effect.id)
            );
            let more = format!(
                "seen in {} of {} runs with its factors, {} of {} without",
                seen.0, seen.1, plain.0, plain.1
            );
            line + &assay_report::wrap(&more, output::width(), "  ", "    ")
        }
        Format::Sarif | Format::Markdown => bail!("an effect is reproduced as text or JSON"),
    };
    output::print(&text)?;
    Ok(if replayed.same {
        Outcome::Clean
    } else {
        Outcome::Found
    })
}

pub(super) fn trial(
    args: &TrialArgs,
    named: &[(String, String)],
    findings: Option<Vec<Finding>>,
) -> Trial {
    Trial {
        named: named.to_vec(),
        findings,
        sweep: args.sweep,
        strength: usize::from(args.strength),
        jobs: usize::from(args.jobs),
        runs: usize::try_from(args.runs).unwrap_or(usize::MAX),
    }
}

/// How many files of a folder are looked at.
const FILES: usize = 200_000;

/// A socket or pipe that a path is, or that is below it.
fn way_out(path: &Path) -> Result<Option<PathBuf>> {
    let mut open = vec![path.to_owned()];
    let mut looked = 0usize;
    while let Some(path) = open.pop() {
        let kind = std::fs::symlink_metadata(&path)
            .with_context(|| format!("{} (--mount) cannot be had", path.display()))?
            .file_type();
        if kind.is_dir() {
            let entries = std::fs::read_dir(&path)
                .with_context(|| format!("{} (--mount) cannot be read", path.display()))?;
            for entry in entries {
                open.push(entry?.path());
            }
        } else if !kind.is_file() && !kind.is_symlink() {
            return Ok(Some(path));
        }
        looked = looked.saturating_add(1);
        if looked > FILES {
            bail!(
                "{} (--mount) is below a folder with more than {FILES} files",
                path.display()
            );
        }
    }
    Ok(None)
}

/// What the plain runs are made with.
fn settings(args: &ObserveArgs) -> Result<Settings> {
    let mut mounts = Vec::new();
    for path in &args.mounts {
        let path = path
            .canonicalize()
            .with_context(|| format!("{} (--mount) cannot be had", path.display()))?;
        if let Some(way) = way_out(&path)? {
            bail!(
                "{} (--mount) is a socket or pipe, by which the tool could talk to this machine",
                way.display()
            );
        }
        mounts.push(path);
    }
    let mut script = String::new();
    if let Some(path) = &args.script {
        let text = assay_artifact::read_regular(path, 1 << 20)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        script =
            String::from_utf8(text).with_context(|| format!("{} is no text", path.display()))?;
        Script::read(&script).with_context(|| format!("{} is no script", path.display()))?;
    }
    Ok(Settings {
        prompt: args.prompt.clone(),
        arguments: args.command.clone(),
        environment: args.environment.iter().cloned().collect(),
        base_url: args.base_url.clone(),
        host_name: args.host_name.clone(),
        user: args.user.clone(),
        zone: args.zone.clone(),
        clock: args.clock.clone().unwrap_or_default(),
        flags: args.flags.iter().cloned().collect(),
        script,
        mounts,
        seconds: args.time,
        memory: args.memory,
        ..Settings::default()
    })
}

/// The experiment that is asked for; the tool is analysed first if it is to
/// be steered.
fn experiment(args: &ObserveArgs, cancelled: &Arc<AtomicBool>) -> Result<Option<Trial>> {
    if !args.experiment && args.factors.is_empty() && args.force.is_none() {
        return Ok(None);
    }
    if let Some(id) = &args.force {
        let mut all = Vec::new();
        for source in sources(args) {
            all.extend(analysed(&source, args, cancelled)?);
        }
        all.retain(|finding| finding.id.starts_with(id));
        let finding = match all.as_slice() {
            [finding] => finding,
            [] => bail!("no finding has the id {id}"),
            _ => bail!("{} findings have such an id", all.len()),
        };
        let mut named = assay_review::forced(finding);
        if named.is_empty() {
            bail!("the finding {id} has no condition that could be forced");
        }
        named.extend(args.factors.iter().cloned());
        return Ok(Some(trial(&args.trial, &named, None)));
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
    Ok(Some(trial(&args.trial, &args.factors, findings)))
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
    options.results = Some(super::results_dir(&args.download)?);
    let screen = Screen::new();
    let dossier = assay_review::vet(source, &options, &SystemEnvironment, &screen, cancelled);
    screen.finish();
    Ok(dossier?.findings)
}
