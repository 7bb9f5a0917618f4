use std::path::Path;

use anyhow::{Context, Result, bail};
use assay_artifact::SystemEnvironment;
use assay_review::{Case, ClaimsOptions};

use crate::Outcome;
use crate::args::{ClaimsArgs, ClaimsCheckArgs, ClaimsCommand, ClaimsNewArgs, HistoryFormat};
use crate::output;
use crate::progress::Screen;

pub(crate) fn claims(args: &ClaimsArgs) -> Result<Outcome> {
    match &args.command {
        ClaimsCommand::Check(args) => check(args),
        ClaimsCommand::New(args) => new(args),
    }
}

fn check(args: &ClaimsCheckArgs) -> Result<Outcome> {
    let text = super::written(&args.case)?;
    let case = match Case::read(&text) {
        Ok(case) => case,
        Err(error) => bail!("{}, {error}", args.case.display()),
    };
    let cancelled = super::interruptible()?;
    let scratch = tempfile::tempdir().context("no folder for recordings could be made")?;
    let observe = match args.observe {
        true => {
            let launcher = super::observe::launcher(&cancelled)?;
            Some((launcher, scratch.path().to_owned()))
        }
        false => None,
    };
    let folder = args.case.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let options = ClaimsOptions {
        vet: super::fetching(&args.fetch, &args.limits)?,
        folder: folder.to_owned(),
        observe,
    };
    let screen = Screen::new();
    let claims =
        assay_review::check_claims(&case, &options, &SystemEnvironment, &screen, &cancelled);
    screen.finish();
    let claims = claims?;
    output::print(&match args.format {
        HistoryFormat::Text => assay_report::claims(&claims, &output::view(args.verbose)),
        HistoryFormat::Json => assay_report::json(&claims)?,
        HistoryFormat::Markdown => assay_report::claims_markdown(&claims),
    })?;
    Ok(Outcome::Clean)
}

fn new(args: &ClaimsNewArgs) -> Result<Outcome> {
    let text = assay_review::new_case();
    match &args.file {
        None => output::print(&text)?,
        Some(file) => {
            use std::io::Write as _;
            // What somebody wrote there stays.
            let made = std::fs::File::create_new(file);
            let mut made = made.with_context(|| format!("{} cannot be made", file.display()))?;
            made.write_all(text.as_bytes())
                .with_context(|| format!("{} cannot be written", file.display()))?;
            output::say(&format!("a case to begin with is in {}", file.display()));
        }
    }
    Ok(Outcome::Clean)
}
