use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use assay_artifact::{Source, SystemEnvironment};
use assay_guard::Ask;
use assay_model::{Outcome as Allowed, Parts, Verdict};
use assay_review::{Configuration, Decided, GatherOptions, Target, Trial};

use super::rulebook::Rulebook;
use crate::Outcome;
use crate::args::{
    AskArgs, CompareArgs, DossierArgs, HistoryFormat, ReportArgs, ReportFormat, VerdictArgs,
    VerdictFormat,
};
use crate::output;
use crate::progress::Screen;

/// This machine's time, as 2027-01-02T03:30:00Z.
pub(super) fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        now.year(),
        u8::from(now.month()),
        now.day(),
        now.hour(),
        now.minute(),
        now.second()
    )
}

/// The exit status of a verdict.
pub(super) fn status(outcome: Allowed) -> Outcome {
    match outcome {
        Allowed::Allowed | Allowed::AllowedWithConditions => Outcome::Clean,
        Allowed::Denied => Outcome::Found,
        Allowed::NotEnoughEvidence => Outcome::Lacking,
    }
}

/// The site where a device is, as its organisation has written.
fn of_device(args: &AskArgs, rules: &Rulebook) -> Option<String> {
    let assay_guard::Principal::Device(name) = &args.principal else {
        return None;
    };
    let devices = &rules.configuration.organisation.devices;
    devices.get(name)?.site.clone()
}

/// Answers the questions and asks policy.
pub(super) fn decided(parts: &mut Parts, rules: &Rulebook, args: &AskArgs) -> Result<Decided> {
    let classes = args.data.iter().filter(|class| class.as_str() != "none");
    let options = GatherOptions {
        configuration: &rules.configuration,
        policies: &rules.policies,
        addresses: rules.addresses.as_ref(),
        now: args.at.clone().unwrap_or_else(now),
        ask: Ask {
            principal: args.principal.clone(),
            site: args.site.clone().or_else(|| of_device(args, rules)),
            model: args.model.clone(),
            provider: args.provider.clone(),
            repository: args.repository.clone(),
            data_classes: (!args.data.is_empty()).then(|| classes.cloned().collect()),
            ..Ask::default()
        },
        actions: args
            .actions
            .iter()
            .map(|action| action.name().to_owned())
            .collect(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
    };
    // A name in another spelling would pass rules in silence.
    if rules.configuration.folder.is_some() {
        let unknown = rules.policies.undeclared(&options.ask);
        if let Some((kind, name)) = unknown.first() {
            bail!(
                "there is no {kind} {name:?} in organisation.toml; declare it there, or spell it as there"
            );
        }
    }
    let spoken_of = rules.policies.data_classes();
    let passed_over = |class: &&String| {
        !matches!(class.as_str(), "none" | "source") && !spoken_of.contains(class.as_str())
    };
    if let Some(class) = args.data.iter().find(passed_over) {
        let known: Vec<&str> = spoken_of.into_iter().collect();
        bail!(
            "no rule speaks of data of the class {class:?}, so that naming it would pass in silence; rules speak of: {}",
            known.join(", ")
        );
    }
    let before = parts.verdict.as_ref().map(|verdict| verdict.facts.clone());
    let decided = assay_review::decide(parts, &options)?;
    let lost =
        before.is_some_and(|before| before.runs.is_some() && decided.verdict.facts.runs.is_none());
    if lost {
        output::complain(
            "an earlier verdict knew of runs, and observation.json is missing: `assay dossier --observe` makes it again",
        );
    }
    Ok(decided)
}

pub(crate) fn dossier(args: &DossierArgs) -> Result<Outcome> {
    let rulebook = Rulebook::read(&args.config)?;
    let cancelled = super::interruptible()?;
    let screen = Screen::new();
    let parts = gathered(args, &rulebook.configuration, &screen, &cancelled);
    screen.finish();
    let mut parts = parts?;
    let decided = decided(&mut parts, &rulebook, &args.ask)?;
    assay_report::write_parts(&args.output, &parts, &output::rules(), args.replace)?;
    tell(&decided, args.format)?;
    if args.format == VerdictFormat::Text {
        output::say(&format!(
            "dossier written to {}; the page is {}",
            args.output.display(),
            args.output.join("report.html").display()
        ));
    }
    Ok(status(decided.verdict.outcome))
}

fn tell(decided: &Decided, format: VerdictFormat) -> Result<()> {
    output::print(&match format {
        VerdictFormat::Text => assay_report::verdict(&decided.verdict, &output::view(false)),
        VerdictFormat::Json => assay_report::json(&decided.verdict)?,
    })
}

fn gathered(
    args: &DossierArgs,
    configuration: &Configuration,
    screen: &Screen,
    cancelled: &Arc<AtomicBool>,
) -> Result<Parts> {
    let mut options = super::fetching(&args.fetch, &args.limits)?;
    options.vendors = configuration.vendors.clone().into();
    let mut parts = assay_review::gather(
        &args.source,
        &options,
        args.osv.as_deref(),
        &configuration.signers,
        &SystemEnvironment,
        screen,
        cancelled,
    )?;
    if args.observe || args.experiment {
        let scratch = tempfile::tempdir().context("no folder for the recording could be made")?;
        let trial = args.experiment.then(|| Trial {
            named: Vec::new(),
            findings: Some(parts.dossier.findings.clone()),
            sweep: args.trial.sweep,
            strength: usize::from(args.trial.strength),
            jobs: usize::from(args.trial.jobs),
            runs: usize::try_from(args.trial.runs).unwrap_or(usize::MAX),
        });
        let options = assay_review::ObserveOptions {
            fetch: super::vet_options(&args.fetch.download)?.fetch,
            launcher: super::observe::launcher(cancelled)?,
            output: scratch.path().to_owned(),
            keep: false,
            settings: assay_review::usual_settings(),
            experiment: trial,
            build: super::build(),
        };
        let observation = assay_review::observe_with_opt_outs(
            Target::Source(&args.source),
            &options,
            configuration,
            &SystemEnvironment,
            screen,
            cancelled,
        )?;
        assay_review::join(&mut parts, observation, configuration);
    }
    assay_review::complete(
        &mut parts,
        args.observation.as_deref(),
        args.history.as_deref(),
        &args.claims,
        configuration,
    )?;
    Ok(parts)
}

pub(crate) fn verdict(args: &VerdictArgs) -> Result<Outcome> {
    let rulebook = Rulebook::read(&args.config)?;
    let mut parts = assay_review::read_parts(&args.dossier)?;
    let decided = decided(&mut parts, &rulebook, &args.ask)?;
    if args.write {
        if !args.dossier.is_dir() {
            bail!("--write needs a dossier folder");
        }
        if args.dossier.join(assay_model::SEAL_FILE).exists() {
            bail!(
                "the folder is sealed, and would be so no more: remove {} first",
                assay_model::SEAL_FILE
            );
        }
        assay_report::write_parts(&args.dossier, &parts, &output::rules(), true)?;
    }
    tell(&decided, args.format)?;
    Ok(status(decided.verdict.outcome))
}

pub(crate) fn report(args: &ReportArgs) -> Result<Outcome> {
    let rulebook = Rulebook::read(&args.config)?;
    let mut parts = assay_review::read_parts(&args.dossier)?;
    let kept = parts.verdict.clone();
    decided(&mut parts, &rulebook, &args.ask)?;
    // What was decided stays decided, but for those who ask again; if it was
    // decided of what lies there.
    let same = |kept: &Verdict| {
        let now = parts.verdict.as_ref();
        now.is_some_and(|now| now.sha256 == kept.sha256 && now.facts == kept.facts)
    };
    match kept {
        Some(kept) if args.config.config.is_none() && same(&kept) => parts.verdict = Some(kept),
        Some(kept) if args.config.config.is_none() => output::complain(&format!(
            "the verdict of {} in the folder is of other facts than lie there; policy was asked again",
            kept.at
        )),
        _ => {}
    }
    let rules = output::rules();
    let text = match args.format {
        ReportFormat::Html => assay_report::html(&parts, &rules),
        ReportFormat::Markdown => assay_report::markdown(&parts.dossier, &rules),
        ReportFormat::Sarif => assay_report::sarif(&parts.dossier, &rules)?,
        ReportFormat::Cyclonedx => assay_report::cyclonedx(&parts)?,
        ReportFormat::Assessment => assay_report::assessment(&parts, &rules),
    };
    match &args.output {
        None => output::print(&text)?,
        Some(file) => std::fs::write(file, text)
            .with_context(|| format!("{} cannot be written", file.display()))?,
    }
    Ok(Outcome::Clean)
}

pub(crate) fn compare(args: &CompareArgs) -> Result<Outcome> {
    let rulebook = Rulebook::read(&args.config)?;
    let cancelled = super::interruptible()?;
    let screen = Screen::new();
    let mut options = super::fetching(&args.fetch, &args.limits)?;
    options.vendors = rulebook.configuration.vendors.clone().into();
    let mut all = Vec::new();
    for tool in &args.tools {
        let path = std::path::Path::new(tool);
        let is_dossier = path.join(assay_report::DOSSIER_FILE).exists()
            || path.extension().is_some_and(|ending| ending == "json");
        let mut parts = match is_dossier {
            true => assay_review::read_parts(path)?,
            false => {
                let source: Source = tool.parse().map_err(anyhow::Error::msg)?;
                assay_review::gather(
                    &source,
                    &options,
                    None,
                    &rulebook.configuration.signers,
                    &SystemEnvironment,
                    &screen,
                    &cancelled,
                )?
            }
        };
        decided(&mut parts, &rulebook, &args.ask)?;
        all.push(parts);
    }
    screen.finish();
    let compared = assay_review::compare(&all, &rulebook.configuration.vendors);
    output::print(&match args.format {
        HistoryFormat::Text => assay_report::comparison(&compared, &output::view(false)),
        HistoryFormat::Json => assay_report::json(&compared)?,
        HistoryFormat::Markdown => assay_report::comparison_markdown(&compared),
    })?;
    Ok(Outcome::Clean)
}
