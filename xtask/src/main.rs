//! Work on the project itself: benchmarks, evaluations on real packages, and
//! the checks that neither the compiler nor clippy makes.
//!
//! Names of real products stand here and nowhere else in the code: they are
//! what is measured, never what is looked for.
#![expect(
    clippy::print_stdout,
    reason = "a development tool whose result is what it prints"
)]

mod bench;
mod builder;
mod channels;
mod check;
mod ci;
mod eval;
mod floor;
mod functions;
mod kept;
mod map;
mod memory;
mod observe;
mod party;
mod policy;
mod programs;
mod reports;
mod scale;
mod table;
mod tool;

use std::process::ExitCode;

use anyhow::{Context, Result};

const USAGE: &str = "\
usage:
  cargo xtask ci                          everything that a change must pass
  cargo xtask check                       dependency directions, unsafe, names, documents,
                                          that only text is kept
  cargo xtask bench vet [--subjects A,B]  time and memory of `assay vet` beside a floor;
                                          A is bun, bundle, or any source
  cargo xtask bench diff                  comparing two bundles beside vetting one
  cargo xtask bench scale [--write] [--assay PROGRAM]
                                          the same over bundles of 1, 3, 10 and 30 MB
  cargo xtask bench policy                a decision and a verdict with 200 policies
  cargo xtask bench observe               a run in the sandbox beside a bare one
  cargo xtask eval vet [--only NAME]      real packages: the known case, current tools,
                                          packages without a covert channel
  cargo xtask eval channels [--part dev|report] [--show ID] [--only ID|MECHANISM]
                            [--self-check] [--write] [--assay PROGRAM]
                                          covert channels and concealments over a labelled
                                          set, with benign twins
  cargo xtask eval implants [--only AGENT|ID] [--show ID] [--write] [--assay PROGRAM]
                                          covert channels put into real agents, which are
                                          rebuilt and minified
  cargo xtask eval observe [--only NAME] [--open COUNT]
                                          experiments on small tools with a channel and without
  cargo xtask eval peers [--write] [--assay PROGRAM]
                                          other scanners on the labelled set and on a known
                                          pair of versions
  cargo xtask eval diff [--only NAME]     functions of two versions of real agents, each built
                                          in another way
  cargo xtask eval reports [--only NAME]  CycloneDX and SARIF of ten real tools against the
                                          official schemas, seals against securesystemslib
  cargo xtask eval party [--only NAME]    first and third party: shares of real bundles, and
                                          accuracy where the truth is known
  cargo xtask party-index [FOLDER]        makes data/packages.idx anew, from the packages of
                                          xtask/src/party/packages.txt and what they depend
                                          on, or from a folder of packages";

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["check"] => check::run(),
        ["ci"] => ci::run(),
        ["bench", "diff"] => bench::diff(),
        ["bench", "vet"] => bench::vet(&[]),
        ["bench", "vet", "--subjects", list] => bench::vet(&list.split(',').collect::<Vec<_>>()),
        ["bench", "scale", rest @ ..] => scale::run(rest),
        ["bench", "observe"] => observe::bench(),
        ["bench", "policy"] => policy::run(),
        ["eval", "reports"] => reports::run(None),
        ["eval", "reports", "--only", name] => reports::run(Some(name)),
        ["eval", "vet"] => eval::vet(None),
        ["eval", "vet", "--only", name] => eval::vet(Some(name)),
        ["eval", "implants", rest @ ..] => channels::implants::run(rest),
        ["eval", "peers", rest @ ..] => channels::peers::run(rest),
        ["eval", "observe"] => observe::observe(None, 200),
        ["eval", "observe", "--only", name] => observe::observe(Some(name), 200),
        ["eval", "observe", "--open", count] => observe::observe(None, count.parse()?),
        ["eval", "diff"] => functions::measure(None),
        ["eval", "diff", "--only", name] => functions::measure(Some(name)),
        ["eval", "party"] => party::measure(None),
        ["eval", "party", "--only", name] => party::measure(Some(name)),
        ["party-index"] => party::index(None),
        ["party-index", folder] => party::index(Some(folder.as_ref())),
        ["eval", "channels", rest @ ..] => channels::run(rest),
        _ => {
            println!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}

/// The root of the workspace.
fn root() -> Result<std::path::PathBuf> {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(std::path::Path::to_owned)
        .context("xtask lies in no workspace")
}
