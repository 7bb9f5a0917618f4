//! What the static analysis finds of covert channels and concealments, over a
//! labelled set that is built here: source, condition, encoding, choice, sink,
//! shape, language and container, each with many mechanisms, and benign twins.
//!
//! The set has two parts that share no mechanism: detectors are developed on
//! one, and the other is opened only to report.

mod bundle;
mod cases;
mod compose;
mod contain;
mod design;
mod dev;
mod encoders;
mod executables;
mod fragments;
pub(crate) mod implants;
mod measure;
mod part;
pub(crate) mod peers;
mod report;
mod selfcheck;
mod style;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::tool::Tool;
use cases::Case;
use contain::Container;
use part::Part;

/// What was asked for.
#[derive(Debug, Default)]
struct Wanted {
    part: Option<String>,
    show: Option<String>,
    self_check: bool,
    write: bool,
    program: Option<PathBuf>,
    only: Option<String>,
}

impl Wanted {
    fn of(arguments: &[&str]) -> Result<Self> {
        let mut wanted = Self::default();
        let mut left = arguments.iter();
        while let Some(argument) = left.next() {
            let mut value = || {
                let value = left.next().map(|value| (*value).to_owned());
                value.with_context(|| format!("{argument} needs a value"))
            };
            match *argument {
                "--part" => wanted.part = Some(value()?),
                "--show" => wanted.show = Some(value()?),
                "--assay" => wanted.program = Some(value()?.into()),
                "--only" => wanted.only = Some(value()?),
                "--self-check" => wanted.self_check = true,
                "--write" => wanted.write = true,
                _ => bail!("{argument} is not known"),
            }
        }
        Ok(wanted)
    }
}

pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let wanted = Wanted::of(arguments)?;
    let part = Part::load(wanted.part.as_deref().unwrap_or("dev"))?;
    let open = part.name != "report";
    let mut cases = cases::all(&part)?;
    if let Some(id) = &wanted.show {
        return show(&cases, id);
    }
    if let Some(word) = &wanted.only {
        cases.retain(|case| case.id == *word || case.axes.iter().any(|(_, name)| name == word));
    }
    if wanted.self_check {
        return self_check(&cases, open || wanted.only.is_some());
    }
    let (program, _tool) = match &wanted.program {
        Some(path) => (std::path::absolute(path)?, None),
        None => {
            let tool = Tool::build()?;
            (tool.program(), Some(tool))
        }
    };
    if wanted.write {
        write(&program)?;
    } else {
        println!("{}", measured(&program, &part, &cases, open)?);
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the program over the cases of a part, and says what it found; with
/// `open` also in which cases.
fn measured(program: &std::path::Path, part: &Part, cases: &[Case], open: bool) -> Result<String> {
    let bundles = bundles(cases)?;
    let found = measure::run(program, cases, &bundles)?;
    Ok(measure::report(cases, &found, part.name != "report", open))
}

/// Writes the tables of both parts, with all their cases, into the documents.
fn write(program: &std::path::Path) -> Result<()> {
    let mut text = format!(
        "# Covert channels and concealments, over a labelled set\n\n\
         {} at commit {}, by `cargo xtask eval channels --write`. A case joins a mechanism of \
         each axis; each covert channel has a benign twin. The parts share no mechanism of sources, conditions, \
         encodings, choices, sinks and shapes: detectors are developed on `dev`, and `report` is \
         opened only to report. `--self-check` runs the cases and shows that their labels are true.\n",
        crate::eval::output("date", &["-u", "+%F"])?,
        crate::eval::output("git", &["describe", "--always", "--dirty"])?,
    );
    for name in ["dev", "report"] {
        let part = Part::load(name)?;
        let cases = cases::all(&part)?;
        let (met, pairs) = design::covered(&part, &design::recipes(&part));
        let tables = format!(
            "{met} of {pairs} pairs of mechanisms stand in some case together. {}",
            measured(program, &part, &cases, false)?
        );
        println!("{name}\n\n{tables}");
        text.push_str(&format!("\n## Part `{name}`\n\n{}\n", tables.trim_end()));
    }
    let folder = crate::root()?.join("docs/eval");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("channels.md"), text)?;
    Ok(())
}

/// Runs the cases themselves.
fn self_check(cases: &[Case], open: bool) -> Result<ExitCode> {
    let checked = selfcheck::run(cases)?;
    println!(
        "{} cases do what their labels say, {} are not run, {} do not",
        checked.good,
        checked.skipped.len(),
        checked.wrong.len()
    );
    for (id, reason) in &checked.skipped {
        println!("not run: {id}: {reason}");
    }
    for (id, reason) in &checked.wrong {
        println!(
            "wrong: {id}: {}",
            if open { reason } else { "see --only ID" }
        );
    }
    Ok(if checked.wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the files of a case.
fn show(cases: &[Case], id: &str) -> Result<ExitCode> {
    let case = cases.iter().find(|case| case.id == id);
    let case = case.with_context(|| format!("the part has no case {id}"))?;
    println!(
        "{}: {}, in {}",
        case.id,
        case.kind.name(),
        case.container.name()
    );
    for (axis, name) in &case.axes {
        println!("  {}: {name}", axis.name());
    }
    for (behaviour, expected) in &case.expected {
        println!("  {behaviour}: {}", if *expected { "yes" } else { "no" });
    }
    if !case.decoded.is_empty() {
        println!("  decoded: {}", case.decoded.join(" "));
    }
    for (name, text) in &case.files {
        println!("\n--- {name}\n{text}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The texts of the real files that cases are put into; none where the
/// registry is not reached.
fn bundles(cases: &[Case]) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for case in cases {
        let Container::Bundle(package, file) = case.container else {
            continue;
        };
        let key = format!("{package}/{file}");
        if texts.contains_key(&key) {
            continue;
        }
        match Tool::fetched(package)? {
            Some(fetched) => {
                let artifact = fetched.artifacts.first().context("an empty package")?;
                texts.insert(key, member(&artifact.path, file)?);
            }
            None => {
                println!("skipped: cases inside a real bundle need a registry");
                return Ok(texts);
            }
        }
    }
    Ok(texts)
}

/// One file of an npm tarball, by the end of its path.
fn member(tarball: &std::path::Path, name: &str) -> Result<String> {
    let file = std::fs::File::open(tarball)?;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path_bytes();
        if path.as_ref() == format!("package/{name}").as_bytes() {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            return Ok(text);
        }
    }
    bail!("{} has no {name}", tarball.display())
}
