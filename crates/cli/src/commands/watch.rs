use std::path::Path;

use anyhow::{Result, bail};
use assay_artifact::SystemEnvironment;
use assay_model::{Change, WatchedTool};
use assay_review::{Approved, DiffOptions};

use crate::Outcome;
use crate::args::{HistoryFormat, WatchArgs};
use crate::output;
use crate::progress::Screen;

pub(crate) fn watch(args: &WatchArgs) -> Result<Outcome> {
    let text = super::written(&args.list)?;
    let folder = args.list.parent().unwrap_or(Path::new(""));
    let list = match Approved::read(&text, folder) {
        Ok(list) => list,
        Err(error) => bail!("{}, {error}", args.list.display()),
    };
    let cancelled = super::interruptible()?;
    let options = DiffOptions {
        vet: super::fetching(&args.fetch, &args.limits)?,
        functions: usize::from(args.functions),
        third_party: false,
        notes: None,
    };
    let screen = Screen::new();
    let watched = assay_review::watch(&list, &options, &SystemEnvironment, &screen, &cancelled);
    screen.finish();
    let watched = watched?;
    output::print(&match args.format {
        HistoryFormat::Text => assay_report::watched(&watched, &output::view(args.verbose)),
        HistoryFormat::Json => assay_report::json(&watched)?,
        HistoryFormat::Markdown => assay_report::watched_markdown(&watched),
    })?;
    let problems = watched.tools.iter().filter(|tool| tool.problem.is_some());
    let problems = problems.count();
    if problems > 0 {
        bail!(
            "{problems} of {} tools could not be looked at",
            watched.tools.len()
        );
    }
    let limit = args.fail_on.and_then(crate::args::FailOn::severity);
    let reached = |tool: &WatchedTool| match (args.fail_on, &tool.diff) {
        (None, _) => tool.newest.is_some(),
        (Some(_), Some(found)) => found.findings.iter().any(|one| {
            one.change != Change::Gone && limit.is_some_and(|limit| one.finding.severity >= limit)
        }),
        (Some(_), None) => false,
    };
    Ok(match watched.tools.iter().any(reached) {
        true => Outcome::Found,
        false => Outcome::Clean,
    })
}
