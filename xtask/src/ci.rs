//! Everything that a change must pass, in the order in which it fails soonest.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::root;

/// A step: its name, the program with its arguments, and variables for it.
type Step = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const STEPS: &[Step] = &[
    ("format", &["cargo", "fmt", "--all", "--check"], &[]),
    (
        "lints",
        &[
            "cargo",
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
        &[],
    ),
    ("tests", &["cargo", "test", "--workspace"], &[]),
    (
        "documentation",
        &["cargo", "doc", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    ),
    (
        "fuzz targets compile",
        &["cargo", "check", "--manifest-path", "fuzz/Cargo.toml"],
        &[],
    ),
    (
        "licences, bans, sources",
        &["cargo", "deny", "check", "licenses", "bans", "sources"],
        &[],
    ),
];

/// Runs all steps and says which failed.
///
/// # Errors
/// When a program cannot be started.
pub(crate) fn run() -> Result<ExitCode> {
    let root = root()?;
    let deny = Command::new("cargo").args(["deny", "--version"]).output();
    if !deny.is_ok_and(|output| output.status.success()) {
        println!("== installing cargo-deny");
        let installed = Command::new("cargo")
            .args(["install", "cargo-deny", "--locked", "--debug"])
            .current_dir(&root)
            .status()
            .context("cargo cannot be started")?;
        if !installed.success() {
            println!("cargo-deny cannot be installed");
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("== checks of our own");
    let mut failed = Vec::new();
    if crate::check::run()? != ExitCode::SUCCESS {
        failed.push("checks of our own");
    }
    for &(name, words, variables) in STEPS {
        println!("== {name}");
        let [program, arguments @ ..] = words else {
            continue;
        };
        let status = Command::new(program)
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(&root)
            .status()
            .with_context(|| format!("{program} cannot be started"))?;
        if !status.success() {
            failed.push(name);
        }
    }
    // The advisory database is a repository that not every network reaches.
    println!("== advisories");
    let advisories = Command::new("cargo")
        .args(["deny", "check", "advisories"])
        .current_dir(&root)
        .output()
        .context("cargo cannot be started")?;
    let said = String::from_utf8_lossy(&advisories.stderr);
    if advisories.status.success() {
        println!("no advisories");
    } else if said.contains("failed to fetch") || said.contains("failed to load") {
        println!("skipped: the advisory database cannot be reached");
    } else {
        println!("{said}");
        failed.push("advisories");
    }
    if failed.is_empty() {
        println!("all passed");
        Ok(ExitCode::SUCCESS)
    } else {
        println!("failed: {}", failed.join(", "));
        Ok(ExitCode::FAILURE)
    }
}
