//! One function per command.

mod claims;
mod diff;
mod dossier;
mod history;
mod observe;
mod osv;
mod policy;
mod rulebook;
mod seal;
mod watch;

pub(crate) use claims::claims;
pub(crate) use diff::diff;
pub(crate) use dossier::{compare, dossier, report, verdict};
pub(crate) use history::history;
pub(crate) use observe::{beside_a_sandbox, observe};
pub(crate) use osv::osv;
pub(crate) use policy::{init, policy};
pub(crate) use seal::{key, seal, verify};
pub(crate) use watch::watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use assay_analyze::{
    Budget, JOB_ANALYZE, JOB_EVALUATE, JOB_FUNCTIONS, JOB_SHOW, Rules, serve_analyze,
    serve_evaluate, serve_functions, serve_show,
};
use assay_artifact::{
    FetchOptions, JOB_OPEN, Limits, Source, SystemEnvironment, read_regular, serve_open,
};
use assay_confine::{JobError, Launcher};
use assay_model::{Dossier, Finding};
use assay_report::{DOSSIER_FILE, escape_terminal, wrap};
use assay_review::{Difference, ReproduceError, Reproduced, VetOptions};
use clap::CommandFactory;
use clap::builder::PossibleValuesParser;
use serde_json::value::RawValue;

use crate::Outcome;
use crate::args::{
    Cli, CompletionsArgs, DemoArgs, DownloadArgs, ExplainArgs, FetchArgs, Format, LimitArgs,
    ReproduceArgs, RuleArgs, SchemaArgs, VetArgs,
};
use crate::output;
use crate::progress::Screen;

/// The hidden first argument of a confined child.
pub(crate) const WORKER: &str = "__worker";

/// The confined child's side: serves jobs from standard input.
pub(crate) fn worker() -> ExitCode {
    let run = |name: &str,
               input: &str,
               store: &assay_confine::Store,
               emit: &mut assay_confine::Emit<'_>|
     -> Result<Box<RawValue>, JobError> {
        match name {
            JOB_OPEN => serve_open(input, store, emit),
            JOB_ANALYZE => serve_analyze(input, store, emit),
            JOB_EVALUATE => serve_evaluate(input, store, emit),
            JOB_FUNCTIONS => serve_functions(input, store, emit),
            JOB_SHOW => serve_show(input, emit),
            "probe" => Ok(serde_json::value::to_raw_value(&assay_confine::probe())?),
            _ => Err(JobError(format!("no job is named {name}"))),
        }
    };
    match assay_confine::serve(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("confined process: {error}"));
            ExitCode::from(2)
        }
    }
}

/// Says what is wrong with the arguments, or prints the help that was asked
/// for. An argument may hold anything, so what is said of it is escaped.
pub(crate) fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Help and version are our own words.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    for line in text.trim_end().lines() {
        output::say(&escape_terminal(line));
    }
    ExitCode::from(2)
}

fn launcher() -> Result<Launcher> {
    Ok(Launcher::Program {
        program: std::env::current_exe().context("this program's own file cannot be found")?,
        arguments: vec![WORKER.to_owned()],
    })
}

/// Set by the first Ctrl-C; a second one ends the program at once.
fn interruptible() -> Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let cancelled = Arc::new(AtomicBool::new(false));
    let mut signals = vec![SIGINT, SIGTERM];
    // Who started it may want it to go on when the terminal is gone.
    if !is_ignored(SIGHUP) {
        signals.push(SIGHUP);
    }
    for signal in signals {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&cancelled))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&cancelled)))
            .context("interrupts cannot be caught")?;
    }
    // A limit on file sizes becomes an error that can be told.
    let ignored = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, ignored)
        .context("signals cannot be caught")?;
    Ok(cancelled)
}

/// Whether a signal is ignored already; `proc_pid_status(5)`.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(signal).unwrap_or(1).saturating_sub(1);
    mask.unwrap_or(0) & 1u64.checked_shl(bit).unwrap_or(0) != 0
}

fn cache_dir(args: &DownloadArgs) -> Result<PathBuf> {
    if let Some(folder) = &args.cache_dir {
        return Ok(folder.clone());
    }
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    match base {
        Some(base) => Ok(base.join("assay")),
        None => bail!("there is no home folder for downloads; name one with --cache-dir"),
    }
}

/// What tells this build from another, so that results of an older one are
/// not taken: the version, and the size and time of the program's file.
fn build() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let stamp = file
        .ok()
        .and_then(|meta| {
            let time = meta.modified().ok()?;
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(format!("{}-{}", meta.len(), since.as_nanos()))
        })
        .unwrap_or_default();
    format!("{}-{stamp}", env!("CARGO_PKG_VERSION"))
}

fn options(download: &DownloadArgs, limits: &LimitArgs) -> Result<VetOptions> {
    Ok(VetOptions {
        limits: limits.limits(),
        budget: limits.budget(),
        ..vet_options(download)?
    })
}

/// Options with the artifacts of a subject, and earlier results.
fn fetching(fetch: &FetchArgs, limits: &LimitArgs) -> Result<VetOptions> {
    let mut options = options(&fetch.download, limits)?;
    options.fetch.platform = fetch.platform.clone();
    options.fetch.deps = fetch.deps.deps();
    if let Some(path) = &fetch.profile {
        let mut vendor = assay_review::read_vendor(&written(path)?)
            .with_context(|| format!("{} is no vendor profile", path.display()))?;
        if let [only] = vendor.tools.as_mut_slice() {
            only.packages.push("*".to_owned());
        }
        let all = [vendor].into_iter().chain(options.vendors.iter().cloned());
        options.vendors = all.collect();
    }
    if !fetch.no_cache {
        options.results = Some(results_dir(&fetch.download)?);
    }
    Ok(options)
}

/// The text of a file that the user wrote, of at most 4 MiB.
fn written(path: &Path) -> Result<String> {
    let name = path.display();
    let bytes = read_regular(path, 4 << 20).with_context(|| format!("{name} cannot be read"))?;
    String::from_utf8(bytes).with_context(|| format!("{name} is no text"))
}

/// Where results are kept.
fn results_dir(args: &DownloadArgs) -> Result<PathBuf> {
    Ok(cache_dir(args)?.join("results"))
}

/// Options with the usual limits.
fn vet_options(download: &DownloadArgs) -> Result<VetOptions> {
    if let Some(path) = download
        .project_npmrc
        .as_ref()
        .filter(|path| !path.is_file())
    {
        bail!("{} (--project-npmrc) is no file", path.display());
    }
    let mut options = FetchOptions::new(cache_dir(download)?);
    options.offline = download.offline;
    options.project_npmrc.clone_from(&download.project_npmrc);
    options.max_download = download.max_download.saturating_mul(1 << 20);
    Ok(VetOptions {
        fetch: options,
        limits: Limits::default(),
        budget: Budget::default(),
        rules: None,
        vendors: assay_review::vendors()?.into(),
        launcher: launcher()?,
        results: None,
        build: build(),
    })
}

/// The rules that the user names. What is wrong with them is told in lines
/// that name the file; control characters in them are not shown.
fn read_rules(args: &RuleArgs) -> Result<Option<Rules>> {
    let rules = assay_review::read_rules(args.paths()).map_err(|error| {
        let shown: Vec<String> = format!("{:#}", anyhow::Error::from(error))
            .lines()
            .map(escape_terminal)
            .collect();
        anyhow::anyhow!(shown.join("\n"))
    })?;
    for remark in rules.iter().flat_map(Rules::remarks) {
        output::complain(remark);
    }
    Ok(rules)
}

pub(crate) fn vet(args: &VetArgs) -> Result<Outcome> {
    let cancelled = interruptible()?;
    let mut options = fetching(&args.fetch, &args.limits)?;
    options.rules = read_rules(&args.rules)?;
    let screen = Screen::new();
    let dossier = assay_review::vet(
        &args.source,
        &options,
        &SystemEnvironment,
        &screen,
        &cancelled,
    );
    // What was found stands, whatever came of running it.
    let mut ran = Ok(());
    let dossier = dossier.map(|mut dossier| {
        if args.observe {
            ran = observe::demonstrated(args, &mut dossier, &options.vendors, &screen, &cancelled);
        }
        dossier
    });
    screen.finish();
    let outcome = output::report(&dossier?, &args.output.form, args.output.fail_on)?;
    ran.context("what the analysis found stands; what the runs showed does not")?;
    Ok(outcome)
}

/// What a dossier of the demonstration names as its source.
const DEMO: &str = "demo";

pub(crate) fn demo(args: &DemoArgs) -> Result<Outcome> {
    let cancelled = interruptible()?;
    let scratch = Scratch::new()?;
    let screen = Screen::new();
    let limits = LimitArgs {
        max_depth: 24,
        max_nodes: 1000,
        max_node_bytes: 64,
        max_total_bytes: 256,
        max_ratio: 1000,
        max_open_time: 30,
        max_analyze_time: 60,
        node_time: 30,
        memory: 1024,
    };
    let mut fetch = FetchOptions::new(scratch.0.join(".cache"));
    fetch.offline = true;
    let options = VetOptions {
        fetch,
        limits: limits.limits(),
        budget: limits.budget(),
        rules: None,
        vendors: assay_review::vendors()?.into(),
        launcher: launcher()?,
        results: None,
        build: build(),
    };
    let dossier = assay_review::vet(
        &Source::Directory(scratch.demo_tool()?),
        &options,
        &SystemEnvironment,
        &screen,
        &cancelled,
    );
    screen.finish();
    let mut dossier = dossier?;
    DEMO.clone_into(&mut dossier.source);
    let outcome = output::report(&dossier, &args.form, args.fail_on)?;
    output::say(
        "This tool is a demonstration: it is ours, it was not run, and the hosts in it do not exist.\n\
         Next: assay explain covert.channel, or assay vet npm:NAME",
    );
    Ok(outcome)
}

/// A private folder for the demonstration, which goes with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let base = std::env::temp_dir();
        let stamp = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        let folder = base.join(format!("assay-demo-{}-{stamp}", std::process::id()));
        std::fs::create_dir(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self(folder))
    }

    /// Writes the tool of the demonstration and gives its folder.
    fn demo_tool(&self) -> Result<PathBuf> {
        let tool = self.0.join("demo-assistant");
        let write = || {
            std::fs::create_dir(&tool)?;
            for (name, text) in assay_review::demo_tool() {
                std::fs::write(tool.join(name), text)?;
            }
            Ok::<(), std::io::Error>(())
        };
        write().with_context(|| {
            format!(
                "the demonstration cannot be written to {}",
                self.0.display()
            )
        })?;
        Ok(tool)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of a folder that cannot be removed is small and ours.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn reproduce(args: &ReproduceArgs) -> Result<Outcome> {
    let cancelled = interruptible()?;
    if args.finding.starts_with("effect") {
        return observe::replayed(args, &cancelled);
    }
    let is_whole = args.dossier.join(DOSSIER_FILE).exists();
    if !is_whole && args.dossier.join("observation.json").exists() {
        bail!(
            "{} holds an observation: name one of its effects, as effect-0123456789ab",
            args.dossier.display()
        );
    }
    if args.script.is_some() {
        bail!("a script is written for an effect: name one, as effect-0123456789ab");
    }
    let dossier = read_dossier(&args.dossier)?;
    let finding = pick(&dossier, &args.finding)?;
    let artifacts: Vec<_> = dossier
        .subject
        .artifacts
        .iter()
        .map(|artifact| (artifact.purl.clone(), artifact.sha256))
        .collect();
    let mut options = options(&args.download, &args.limits)?;
    options.rules = read_rules(&args.rules)?;
    // The demonstration's tool is no file of the user's: it is made again.
    let scratch = (dossier.source == DEMO && args.artifact.is_none())
        .then(Scratch::new)
        .transpose()?;
    let made = match &scratch {
        Some(scratch) => Some(Source::Directory(scratch.demo_tool()?)),
        None => None,
    };
    let screen = Screen::new();
    let reproduced = assay_review::reproduce(
        finding,
        &artifacts,
        args.artifact.as_ref().or(made.as_ref()),
        &options,
        &SystemEnvironment,
        &screen,
        &cancelled,
    );
    screen.finish();
    if let (
        Err(ReproduceError::AnotherArtifact {
            expected, actual, ..
        }),
        Format::Json,
    ) = (&reproduced, args.form.format)
    {
        let difference = Difference {
            what: "the artifact".to_owned(),
            dossier: expected.to_string(),
            now: actual.to_string(),
        };
        output::print(&reproduced_json(finding, &[difference], None))?;
    }
    let reproduced = reproduced?;
    let again = again(&dossier, finding, &reproduced);
    let rules = output::rules();
    if let Some(folder) = &args.form.output {
        assay_report::write_dossier(folder, &again, &rules, args.form.replace)?;
        if args.form.format == Format::Text {
            output::say(&format!("dossier written to {}", folder.display()));
        }
    }
    let text = match args.form.format {
        Format::Json => reproduced_json(finding, &reproduced.differences, Some(&reproduced)),
        Format::Text => reproduced_text(finding, &again, &reproduced, args.form.verbose),
        Format::Sarif => assay_report::sarif(&again, &rules)?,
        Format::Markdown => assay_report::markdown(&again, &rules),
    };
    output::print(&text)?;
    let worst = reproduced
        .found
        .as_ref()
        .map_or(finding.severity, |now| now.severity.max(finding.severity));
    let counts = match args.fail_on {
        None => true,
        Some(limit) => limit.severity().is_some_and(|limit| worst >= limit),
    };
    Ok(if reproduced.same || !counts {
        Outcome::Clean
    } else {
        Outcome::Found
    })
}

/// A dossier of the one finding as it was found now.
fn again(dossier: &Dossier, finding: &Finding, reproduced: &Reproduced) -> Dossier {
    let mut subject = dossier.subject.clone();
    subject
        .artifacts
        .retain(|artifact| finding.evidence.iter().any(|e| e.artifact == artifact.purl));
    Dossier {
        schema: assay_model::DOSSIER_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        source: dossier.source.clone(),
        subject,
        findings: reproduced.found.iter().cloned().collect(),
        coverage: reproduced.coverage.clone(),
        attribution: assay_model::Attribution::default(),
        profile: None,
        confinement: reproduced.confinement.clone(),
    }
}

/// The result as JSON; `reproduced` is none where the artifact was not
/// examined, because it is another one.
fn reproduced_json(
    finding: &Finding,
    differences: &[Difference],
    reproduced: Option<&Reproduced>,
) -> String {
    let differences: Vec<serde_json::Value> = differences
        .iter()
        .map(|d| serde_json::json!({ "what": d.what, "dossier": d.dossier, "now": d.now }))
        .collect();
    let value = serde_json::json!({
        "schema": "assay.reproduce/1",
        "id": finding.id,
        "examined": reproduced.is_some(),
        "same": reproduced.is_some_and(|reproduced| reproduced.same),
        "differences": differences,
        "finding": reproduced.and_then(|reproduced| reproduced.found.as_ref()),
        "near": reproduced.map_or(&[][..], |reproduced| &reproduced.near),
    });
    format!("{value:#}\n")
}

fn reproduced_text(
    finding: &Finding,
    again: &Dossier,
    reproduced: &Reproduced,
    verbose: bool,
) -> String {
    let style = output::style();
    let width = output::width();
    let word = match (reproduced.same, &reproduced.found) {
        (true, _) => "same",
        (false, Some(_)) => "different",
        (false, None) => "no longer found",
    };
    let mut text = format!("{}  {}\n", style.strong(word), escape_terminal(&finding.id));
    text.push_str(&wrap(&escape_terminal(&finding.title), width, "  ", "  "));
    for artifact in &again.subject.artifacts {
        let used = finding
            .evidence
            .iter()
            .filter(|e| e.artifact == artifact.purl)
            .count();
        let line = format!(
            "{} with SHA-256 {}: {used} {} looked at again",
            escape_terminal(&artifact.purl.to_string()),
            artifact.sha256,
            if used == 1 { "place" } else { "places" }
        );
        text.push_str(&wrap(&line, width, "  ", "    "));
    }
    for near in &reproduced.near {
        let line = format!(
            "near it: {}, {}",
            escape_terminal(&near.id),
            escape_terminal(&near.title)
        );
        text.push_str(&wrap(&line, width, "  ", "    "));
    }
    // That it is no longer found is said already.
    let told = reproduced
        .found
        .iter()
        .flat_map(|_| &reproduced.differences);
    for difference in told {
        let line = format!(
            "{}: in the dossier {}, now {}",
            difference.what,
            escape_terminal(&difference.dossier),
            escape_terminal(&difference.now)
        );
        text.push_str(&wrap(&line, width, "  ", "    "));
    }
    if verbose {
        text.push('\n');
        text.push_str(&assay_report::terminal(
            again,
            &assay_report::View {
                width,
                style,
                verbose,
            },
        ));
    }
    text
}

/// The largest dossier that is read.
const LARGEST_DOSSIER: u64 = 1 << 30;

fn read_dossier(path: &Path) -> Result<Dossier> {
    let file = if path.is_dir() {
        path.join(DOSSIER_FILE)
    } else {
        path.to_owned()
    };
    let bytes = read_regular(&file, LARGEST_DOSSIER)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let dossier: Dossier = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is no dossier of this version of Assay", file.display()))?;
    if dossier.schema != assay_model::DOSSIER_SCHEMA {
        bail!(
            "{} has the form '{}', and this version reads '{}'",
            file.display(),
            escape_terminal(&dossier.schema),
            assay_model::DOSSIER_SCHEMA
        );
    }
    Ok(dossier)
}

fn pick<'d>(dossier: &'d Dossier, id: &str) -> Result<&'d Finding> {
    let matching: Vec<&Finding> = dossier
        .findings
        .iter()
        .filter(|finding| finding.id == id)
        .collect();
    if let [only] = matching.as_slice() {
        return Ok(only);
    }
    let beginning: Vec<&Finding> = dossier
        .findings
        .iter()
        .filter(|finding| finding.id.starts_with(id))
        .collect();
    match beginning.as_slice() {
        [only] => Ok(only),
        [] => bail!(
            "the dossier has no finding '{}'; ids are in its report.md and dossier.json",
            escape_terminal(id)
        ),
        several => bail!(
            "'{}' begins {} ids: {}",
            escape_terminal(id),
            several.len(),
            several
                .iter()
                .take(8)
                .map(|finding| escape_terminal(&finding.id))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

pub(crate) fn explain(args: &ExplainArgs) -> Result<Outcome> {
    let style = output::style();
    let width = output::width().min(100);
    let mut text = String::new();
    let Some(id) = &args.behaviour else {
        for behaviour in assay_analyze::behaviours() {
            let severity = format!("{:?}", behaviour.severity).to_lowercase();
            let front = format!("{:<26} {severity:<9}", behaviour.id);
            let indent = " ".repeat(36);
            text.push_str(&wrap(
                &format!(" {}", behaviour.title),
                width,
                &front,
                &indent,
            ));
        }
        output::print(&text)?;
        return Ok(Outcome::Clean);
    };
    let Some(behaviour) = assay_analyze::behaviour(id) else {
        let near: Vec<&str> = assay_analyze::behaviours()
            .into_iter()
            .map(|behaviour| behaviour.id)
            .filter(|known| {
                known.contains(id.as_str())
                    || id
                        .split('.')
                        .any(|part| part.len() > 3 && known.contains(part))
            })
            .collect();
        let hint = if near.is_empty() {
            "'assay explain' lists all".to_owned()
        } else {
            format!("near it: {}", near.join(", "))
        };
        bail!("no behaviour is named '{}'; {hint}", escape_terminal(id));
    };
    text.push_str(&format!(
        "{}  {}\n\n",
        style.strong(behaviour.id),
        style.severity(
            behaviour.severity,
            &format!("{:?}", behaviour.severity).to_lowercase()
        )
    ));
    for (label, words) in [
        ("What", behaviour.what),
        ("Why it matters", behaviour.why),
        ("What it does not mean", behaviour.not),
    ] {
        text.push_str(&format!("{}\n", style.strong(label)));
        text.push_str(&wrap(words, width, "  ", "  "));
        text.push('\n');
    }
    text.push_str(&format!("{}\n", style.strong("Example")));
    for line in behaviour.example.lines() {
        text.push_str(&format!("  {}\n", escape_terminal(line)));
    }
    if !behaviour.reference.is_empty() {
        text.push_str(&format!(
            "\n{}\n  {}\n",
            style.strong("Reference"),
            behaviour.reference
        ));
    }
    output::print(&text)?;
    Ok(Outcome::Clean)
}

pub(crate) fn formats() -> Result<Outcome> {
    let mut text = String::new();
    for format in assay_artifact::formats() {
        let line = format!("{} ({})", format.title, format.reference);
        text.push_str(&wrap(
            &line,
            output::width().min(100),
            &format!("{:<16} ", format.id),
            "                 ",
        ));
    }
    output::print(&text)?;
    Ok(Outcome::Clean)
}

pub(crate) fn schema(args: &SchemaArgs) -> Result<Outcome> {
    let schema = assay_report::json_schema(&args.command)?;
    output::print(&schema.unwrap_or_default())?;
    Ok(Outcome::Clean)
}

pub(crate) fn completions(args: &CompletionsArgs) -> Result<Outcome> {
    let mut text = Vec::new();
    // Named for the shell alone: what is wrong with a name, 'explain' says
    // better.
    let ids = assay_analyze::behaviours().into_iter().map(|b| b.id);
    let mut command = Cli::command().mut_subcommand("explain", |explain| {
        explain.mut_arg("behaviour", |arg| {
            arg.value_parser(PossibleValuesParser::new(ids))
        })
    });
    clap_complete::generate(args.shell, &mut command, "assay", &mut text);
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Clean)
}
