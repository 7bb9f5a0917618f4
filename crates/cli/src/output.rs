use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};
use assay_model::Dossier;
use assay_report::{Rule, Style, View};

use crate::Outcome;
use crate::args::{FailOn, FormArgs, Format};

/// Writes the result to standard output. A reader that went away early (a
/// pager, `head`) is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("the result cannot be written to standard output"),
    }
}

/// A line on standard error.
pub(crate) fn say(text: &str) {
    // When even standard error is gone there is nobody left to tell.
    // Anything said may quote a file's name or a server's answer.
    for line in text.lines() {
        let _ = writeln!(
            io::stderr().lock(),
            "{}",
            assay_report::escape_terminal(line)
        );
    }
}

/// An error on standard error.
pub(crate) fn complain(text: &str) {
    for (index, line) in text.lines().enumerate() {
        let front = if index == 0 { "assay: " } else { "  " };
        say(&format!("{front}{line}"));
    }
}

/// Colour only on a terminal, and not when the user asks for none
/// (<https://no-color.org>).
pub(crate) fn style() -> Style {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    Style {
        colour: io::stdout().is_terminal() && !refused && !dumb,
    }
}

/// The width of the terminal, or 80 columns.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    terminal_size::terminal_size()
        .map(|(width, _)| usize::from(width.0))
        .or(columns)
        .unwrap_or(80)
        .clamp(40, 200)
}

/// How reports for people are shown.
pub(crate) fn view(verbose: bool) -> View {
    View {
        width: width(),
        style: style(),
        verbose,
    }
}

/// The behaviours' words for the reports.
pub(crate) fn rules() -> Vec<Rule<'static>> {
    assay_analyze::behaviours()
        .into_iter()
        .map(|behaviour| Rule {
            id: behaviour.id,
            title: behaviour.title,
            what: behaviour.what,
            why: behaviour.why,
            not: behaviour.not,
            reference: behaviour.reference,
        })
        .collect()
}

/// Prints and keeps a dossier as asked, and says how the command ends.
pub(crate) fn report(dossier: &Dossier, args: &FormArgs, fail_on: FailOn) -> Result<Outcome> {
    let rules = rules();
    if let Some(folder) = &args.output {
        assay_report::write_dossier(folder, dossier, &rules, args.replace)?;
    }
    let text = match args.format {
        Format::Text => assay_report::terminal(dossier, &view(args.verbose)),
        Format::Json => assay_report::json(dossier)?,
        Format::Sarif => assay_report::sarif(dossier, &rules)?,
        Format::Markdown => assay_report::markdown(dossier, &rules),
    };
    print(&text)?;
    if let (Some(folder), Format::Text) = (&args.output, args.format) {
        say(&format!("dossier written to {}", folder.display()));
    }
    let reached = match (fail_on.severity(), dossier.worst()) {
        (Some(limit), Some(worst)) => worst >= limit,
        _ => false,
    };
    Ok(if reached {
        Outcome::Found
    } else {
        Outcome::Clean
    })
}
