//! What the static analysis finds of covert channels that are put into real
//! agents: by rewriting their bundles' syntax trees, with the mechanisms of
//! the labelled set, deep in the agents' own modules; then rebuilt and
//! minified. The originals, rebuilt likewise, stand beside.

mod host;
mod plan;
mod rewrite;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use assay_model::Dossier;

use super::cases::COVERT;
use crate::builder::{BUILDER, Builder};
use crate::floor::{deep, scripts};
use crate::table::{bytes, seconds, table};
use crate::tool::Tool;

use host::Host;
use plan::{Implant, Stock};

/// Open-source agents, of fixed versions so that an implant's id always names
/// the same.
const AGENTS: [(&str, &str); 5] = [
    ("gemini-cli", "npm:@google/gemini-cli@0.61.0"),
    ("qwen-code", "npm:@qwen-code/qwen-code@0.24.4"),
    ("opencode", "npm:opencode-ai@1.18.33"),
    ("cline", "npm:cline@3.0.65"),
    ("continue", "npm:@continuedev/cli@1.5.47"),
];
/// What is to be reached.
const TARGET: f64 = 0.9;
/// How many runs go on at once.
const PARALLEL: usize = 2;
/// No smaller file is taken for an agent's bundle.
const SMALLEST: usize = 100_000;
/// How many of the largest files are looked at.
const LARGEST: usize = 40;

#[derive(Debug, Default)]
struct Wanted {
    only: Option<String>,
    show: Option<String>,
    write: bool,
    program: Option<PathBuf>,
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
                "--only" => wanted.only = Some(value()?),
                "--show" => wanted.show = Some(value()?),
                "--assay" => wanted.program = Some(value()?.into()),
                "--write" => wanted.write = true,
                _ => bail!("{argument} is not known"),
            }
        }
        Ok(wanted)
    }

    /// Whether an agent, or one of its implants, was asked for.
    fn agent(&self, name: &str) -> bool {
        let asked = self.show.as_deref().or(self.only.as_deref());
        asked.is_none_or(|asked| asked == name || owner(asked) == name)
    }

    fn implant(&self, id: &str) -> bool {
        let asked = self.show.as_deref().or(self.only.as_deref());
        asked.is_none_or(|asked| asked == id || asked == owner(id))
    }
}

/// The agent of an implant.
fn owner(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(name, _)| name)
}

pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let wanted = Wanted::of(arguments)?;
    let stock = Stock::load()?;
    let builder = Builder::get()?;
    let tool = match &wanted.show {
        Some(_) => None,
        None => Some(Tool::of(wanted.program.as_deref())?),
    };
    let mut agents = Vec::new();
    for (name, source) in AGENTS {
        if !wanted.agent(name) {
            continue;
        }
        let Some((path, host)) = bundle(source)? else {
            println!("skipped: needs a registry");
            return Ok(ExitCode::SUCCESS);
        };
        let mut implants = plan::implants(&stock, name, &host)?;
        implants.retain(|implant| wanted.implant(&implant.id));
        println!(
            "{source}: {path}, {}, {} places",
            bytes(host.text.len() as u64),
            host.places.len()
        );
        if let Some(id) = &wanted.show {
            return show(&builder, &host, &implants, id);
        }
        let tool = tool.as_ref().context("no program")?;
        agents.push(measured(
            tool,
            &builder,
            Agent {
                source,
                path,
                size: host.text.len() as u64,
                original: Vec::new(),
                time: Duration::ZERO,
                results: Vec::new(),
            },
            &host,
            implants,
        )?);
    }
    let text = report(&agents);
    println!("{text}");
    if wanted.write {
        let stamp = crate::eval::stamp("eval implants --write", wanted.program.as_deref())?;
        let head = format!("# Covert channels in real agents\n\n{stamp}\n\n{ABOUT}\n");
        let folder = crate::root()?.join("docs/eval");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("implants.md"), format!("{head}\n{text}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

const ABOUT: &str = "Covert channels are put into the bundles of real open-source agents by rewriting their syntax \
trees. Source, condition, encoding and shape are drawn from the part of the labelled set that detectors are developed \
on, and so are the choices, but for *marks*: one character in a text of the agent's own. The statements of a channel \
stand between statements of the agent's own modules, in places that are far apart. Its value leaves in an expression of \
the agent: in a text for the model, in the headers or in the body of a request. It comes there by a call, or by one \
more parameter of the agent's function that all of its callers give, or by a field of the agent's object that its \
constructor sets. Then the bundle is rebuilt and minified (names of the whole module too) and examined as a package of \
that file alone; so is the original. What an executable carries is taken out of it and becomes such a package as \
well. A channel is found when there is a `covert.channel` that the original has not.\n\n\
`cargo xtask eval implants --show ID` writes an implanted bundle, before and after it is minified, into a folder.";

/// What was found in one agent.
#[derive(Debug)]
struct Agent {
    source: &'static str,
    path: String,
    size: u64,
    /// Titles of the covert channels in the original.
    original: Vec<String>,
    /// How long the original took.
    time: Duration,
    results: Vec<(Implant, Outcome)>,
}

#[derive(Debug, Default)]
struct Outcome {
    found: bool,
    /// Behaviours of concealment that the original does not have.
    other: BTreeSet<String>,
    failed: Option<String>,
}

/// The file of an agent that makes the most texts for models, and its path.
fn bundle(source: &str) -> Result<Option<(String, Host)>> {
    let Some(fetched) = Tool::fetched(source)? else {
        return Ok(None);
    };
    let mut scripts = scripts(&fetched)?;
    scripts.retain(|(path, text)| {
        text.len() >= SMALLEST && !path.contains(".map!") && !path.contains("node_modules")
    });
    scripts.sort_by_key(|(path, text)| (std::cmp::Reverse(text.len()), path.clone()));
    scripts.truncate(LARGEST);
    let mut best: Option<(usize, String, Host)> = None;
    for (path, text) in scripts {
        // A file that is no JavaScript after all is not the bundle.
        let Ok(host) = deep(|| Host::read(text))? else {
            continue;
        };
        let prompts = host.places.iter();
        let count = prompts.filter(|place| place.kind.is_prompt()).count();
        if best.as_ref().is_none_or(|(known, ..)| count > *known) {
            best = Some((count, path, host));
        }
    }
    let (_, path, host) = best.with_context(|| format!("{source} has no bundle"))?;
    Ok(Some((path, host)))
}

/// Writes a package that is one minified bundle.
fn package(builder: &Builder, text: &str, module: bool, plain: bool, folder: &Path) -> Result<()> {
    let kind = if module { "module" } else { "commonjs" };
    let manifest = serde_json::json!({
        "name": "agent", "version": "1.0.0", "type": kind, "main": "bundle.js",
    });
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("package.json"), manifest.to_string())?;
    builder.minify(
        text,
        module.then_some("esm"),
        plain,
        &folder.join("bundle.js"),
    )
}

/// Names of findings and what they are called.
fn covert(dossier: &Dossier) -> BTreeMap<&str, &str> {
    let of = dossier.findings.iter().filter(|f| f.behaviour == COVERT);
    of.map(|finding| (finding.id.as_str(), finding.title.as_str()))
        .collect()
}

fn measured(
    tool: &Tool,
    builder: &Builder,
    mut agent: Agent,
    host: &Host,
    implants: Vec<Implant>,
) -> Result<Agent> {
    let folder = tempfile::tempdir()?;
    package(builder, &host.text, host.module, false, folder.path())?;
    let run = tool.vet(&folder.path().display().to_string(), false)?;
    agent.time = run.wall;
    let original = run.dossier;
    agent.original = covert(&original).into_values().map(str::to_owned).collect();
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<BTreeMap<usize, Outcome>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(implant) = implants.get(at) else {
                        break;
                    };
                    let outcome = one(tool, builder, host, implant, &original);
                    let outcome = outcome.unwrap_or_else(|error| Outcome {
                        failed: Some(format!("{error:#}")),
                        ..Outcome::default()
                    });
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.insert(at, outcome);
                    }
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().ok().context("a run broke off")?;
    agent.results = implants.into_iter().zip(outcomes.into_values()).collect();
    Ok(agent)
}

fn one(
    tool: &Tool,
    builder: &Builder,
    host: &Host,
    implant: &Implant,
    original: &Dossier,
) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let text = implant.text(host)?;
    package(builder, &text, host.module, implant.plain, folder.path())?;
    let run = tool.vet(&folder.path().display().to_string(), false)?;
    let before = covert(original);
    let known: BTreeSet<&str> = original.findings.iter().map(|f| f.id.as_str()).collect();
    let other = run.dossier.findings.iter().filter(|finding| {
        finding.behaviour.starts_with("conceal.") && !known.contains(finding.id.as_str())
    });
    Ok(Outcome {
        found: covert(&run.dossier)
            .keys()
            .any(|id| !before.contains_key(id)),
        other: other.map(|finding| finding.behaviour.clone()).collect(),
        failed: None,
    })
}

/// Writes an implant's bundle and what it is made of.
fn show(builder: &Builder, host: &Host, implants: &[Implant], id: &str) -> Result<ExitCode> {
    let implant = implants.iter().find(|implant| implant.id == id);
    let implant = implant.with_context(|| format!("there is no implant {id}"))?;
    let folder = std::env::temp_dir().join(format!("implant-{id}"));
    let text = implant.text(host)?;
    package(
        builder,
        &text,
        host.module,
        implant.plain,
        &folder.join("package"),
    )?;
    std::fs::write(folder.join("rewritten.js"), &text)?;
    std::fs::write(folder.join("channel.js"), &implant.channel.module)?;
    package(
        builder,
        &host.text,
        host.module,
        false,
        &folder.join("original"),
    )?;
    println!("{}", described(implant));
    println!("at {:?} of the original: {}", implant.range, implant.near);
    println!(
        "{:?} where {}, {:?} where {}",
        implant.yes,
        implant.on.join(" "),
        implant.no,
        implant.off.join(" ")
    );
    println!("\n{}", implant.channel.module);
    println!("written to {}", folder.display());
    Ok(ExitCode::SUCCESS)
}

fn described(implant: &Implant) -> String {
    let names: Vec<&str> = implant.axes.iter().map(|(_, name)| name.as_str()).collect();
    format!("{}: {}", implant.id, names.join(" + "))
}

#[expect(clippy::cast_precision_loss, reason = "counts of some tens")]
fn share(good: usize, all: usize) -> String {
    if all == 0 {
        return "-".to_owned();
    }
    format!("{:.3}", good as f64 / all as f64)
}

#[expect(clippy::cast_precision_loss, reason = "counts of some tens")]
fn report(agents: &[Agent]) -> String {
    let mut out = String::new();
    let mut rows = Vec::new();
    let (mut good, mut all, mut wrong) = (0_usize, 0_usize, 0_usize);
    let mut mechanisms: BTreeMap<(usize, &str, &str), (usize, usize)> = BTreeMap::new();
    let mut missed = Vec::new();
    for agent in agents {
        let found = agent.results.iter().filter(|(_, o)| o.found).count();
        good = good.saturating_add(found);
        all = all.saturating_add(agent.results.len());
        wrong = wrong.saturating_add(agent.original.len());
        rows.push(vec![
            agent.source.to_owned(),
            format!("`{}`", agent.path),
            bytes(agent.size),
            found.to_string(),
            agent.results.len().to_string(),
            share(found, agent.results.len()),
            if agent.original.is_empty() {
                "none".to_owned()
            } else {
                agent.original.join("; ")
            },
            seconds(agent.time),
        ]);
        for (implant, outcome) in &agent.results {
            for (at, (axis, name)) in implant.axes.iter().enumerate() {
                let count = mechanisms.entry((at, axis, name)).or_default();
                count.0 = count.0.saturating_add(usize::from(outcome.found));
                count.1 = count.1.saturating_add(1);
            }
            if !outcome.found {
                let names = implant.axes.iter().map(|(_, name)| name.as_str());
                let also: Vec<&str> = outcome.other.iter().map(String::as_str).collect();
                missed.push(vec![
                    implant.id.clone(),
                    names.collect::<Vec<_>>().join(" + "),
                    format!("{:?}", implant.range),
                    outcome.failed.clone().unwrap_or_else(|| also.join(", ")),
                ]);
            }
        }
    }
    let reached = all > 0 && good as f64 / all as f64 >= TARGET;
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{good} of {all} found, recall {}; target {TARGET}: {}. Covert channels in the originals: {wrong}. \
         Rebuilt by {} {}.\n",
        share(good, all),
        if reached { "reached" } else { "MISSED" },
        BUILDER.0,
        BUILDER.1,
    );
    let head = [
        "agent",
        "file",
        "size",
        "found",
        "of",
        "recall",
        "in the original",
        "time",
    ];
    let _ = writeln!(out, "{}", table(&head, &rows));
    let rows: Vec<Vec<String>> = mechanisms
        .into_iter()
        .map(|((_, axis, name), (found, of))| {
            let mut cells = vec![axis.to_owned(), name.to_owned()];
            cells.extend([found.to_string(), of.to_string(), share(found, of)]);
            cells
        })
        .collect();
    let head = ["axis", "mechanism", "found", "of", "recall"];
    let _ = writeln!(out, "{}", table(&head, &rows));
    if !missed.is_empty() {
        let head = [
            "missed",
            "made of",
            "place in the original",
            "found besides",
        ];
        let _ = write!(out, "{}", table(&head, &missed));
    }
    out
}
