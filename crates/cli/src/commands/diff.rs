use anyhow::Result;
use assay_artifact::SystemEnvironment;
use assay_model::Change;
use assay_review::DiffOptions;

use crate::Outcome;
use crate::args::{DiffArgs, Format};
use crate::output;
use crate::progress::Screen;

pub(crate) fn diff(args: &DiffArgs) -> Result<Outcome> {
    let cancelled = super::interruptible()?;
    let options = DiffOptions {
        vet: super::fetching(&args.fetch, &args.limits)?,
        functions: usize::from(args.functions),
        third_party: args.third_party,
        notes: args.notes.clone(),
    };
    let screen = Screen::new();
    let diff = assay_review::diff(
        (&args.before, &args.after),
        &options,
        &SystemEnvironment,
        &screen,
        &cancelled,
    );
    screen.finish();
    let diff = diff?;
    let text = match args.format {
        Format::Text => assay_report::diff(&diff, &output::view(args.verbose)),
        Format::Json => assay_report::json(&diff)?,
        Format::Sarif => assay_report::diff_sarif(&diff, &output::rules())?,
        Format::Markdown => assay_report::diff_markdown(&diff),
    };
    output::print(&text)?;
    let came = diff
        .findings
        .iter()
        .filter(|one| one.change != Change::Gone);
    let worst = came.map(|one| one.finding.severity).max();
    Ok(match (args.fail_on.severity(), worst) {
        (Some(limit), Some(worst)) if worst >= limit => Outcome::Found,
        _ => Outcome::Clean,
    })
}
