use anyhow::{Context as _, Result};
use assay_artifact::SystemEnvironment;
use assay_model::Search;
use assay_review::{Asked, HistoryOptions, Runs};

use crate::Outcome;
use crate::args::{HistoryArgs, HistoryFormat};
use crate::output;
use crate::progress::Screen;

pub(crate) fn history(args: &HistoryArgs) -> Result<Outcome> {
    let cancelled = super::interruptible()?;
    let behaviours = args.behaviour.iter().cloned().map(Asked::Behaviour);
    let findings = args.finding.iter().cloned().map(Asked::Finding);
    let scratch = args.observe.then(tempfile::tempdir).transpose();
    let scratch = scratch.context("no folder for recordings could be made")?;
    let options = HistoryOptions {
        vet: super::fetching(&args.fetch, &args.limits)?,
        from: args.from.clone(),
        to: args.to.clone(),
        asked: behaviours.chain(findings).collect(),
        search: if args.all {
            Search::All
        } else {
            Search::Bisect
        },
        samples: usize::from(args.samples),
        prereleases: args.prereleases,
        runs: match &scratch {
            Some(folder) => Some(Runs {
                launcher: super::observe::launcher(&cancelled)?,
                folder: folder.path().to_owned(),
                trial: super::observe::trial(&args.trial, &args.factors, None),
            }),
            None => None,
        },
    };
    let screen = Screen::new();
    let history = assay_review::history(
        &args.source,
        &options,
        &SystemEnvironment,
        &screen,
        &cancelled,
    );
    screen.finish();
    let history = history?;
    let rules = output::rules();
    output::print(&match args.format {
        HistoryFormat::Text => assay_report::history(&history, &rules, &output::view(args.verbose)),
        HistoryFormat::Json => assay_report::json(&history)?,
        HistoryFormat::Markdown => assay_report::history_markdown(&history, &rules),
    })?;
    Ok(Outcome::Clean)
}
