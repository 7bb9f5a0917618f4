//! The `assay` command: arguments, wiring, progress, exit codes. No logic.

mod args;
mod commands;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

/// How a command ended, as its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Something at or above `--fail-on`, or a finding that is not the same.
    Found,
    /// There is not enough evidence for a verdict.
    Lacking,
}

fn main() -> ExitCode {
    // A confined child takes no arguments from a user and must do nothing
    // before it has locked itself down.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|arg| arg == commands::WORKER)
    {
        return commands::worker();
    }
    if let Some(status) = commands::beside_a_sandbox() {
        return status;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return commands::refuse(&error),
    };
    let result = match cli.command {
        Command::Vet(args) => commands::vet(&args),
        Command::Reproduce(args) => commands::reproduce(&args),
        Command::Observe(args) => commands::observe(&args),
        Command::Claims(args) => commands::claims(&args),
        Command::Watch(args) => commands::watch(&args),
        Command::Diff(args) => commands::diff(&args),
        Command::History(args) => commands::history(&args),
        Command::Dossier(args) => commands::dossier(&args),
        Command::Verdict(args) => commands::verdict(&args),
        Command::Report(args) => commands::report(&args),
        Command::Compare(args) => commands::compare(&args),
        Command::Policy(args) => commands::policy(&args),
        Command::Osv(args) => commands::osv(&args),
        Command::Init(args) => commands::init(&args),
        Command::Seal(args) => commands::seal(&args),
        Command::Verify(args) => commands::verify(&args),
        Command::Key(args) => commands::key(&args),
        Command::Explain(args) => commands::explain(&args),
        Command::Demo(args) => commands::demo(&args),
        Command::Formats => commands::formats(),
        Command::Schema(args) => commands::schema(&args),
        Command::Completions(args) => commands::completions(&args),
    };
    match result {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Ok(Outcome::Lacking) => ExitCode::from(3),
        Err(error) => {
            output::complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}
