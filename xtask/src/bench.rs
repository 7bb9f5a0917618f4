//! Time and memory of `assay vet` on real packages, beside a floor.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::floor::{Floor, Material};
use crate::memory::Peak;
use crate::table::{bytes, seconds, table};
use crate::tool::{Run, Tool};

const SUBJECTS: &[(&str, &str)] = &[
    ("bun", "npm:@anthropic-ai/claude-code-linux-x64@2.1.196"),
    ("bundle", "npm:@anthropic-ai/claude-code@2.1.91"),
];
/// How often time is measured, and how often memory.
const RUNS: usize = 5;
const MEMORY_RUNS: usize = 2;
/// What the project holds itself to.
const TARGET_RATIO: f64 = 3.0;
const TARGET_MEMORY: u64 = 1_500_000_000;

pub(crate) fn vet(chosen: &[&str]) -> Result<ExitCode> {
    let chosen: Vec<&str> = if chosen.is_empty() {
        SUBJECTS.iter().map(|(_, source)| *source).collect()
    } else {
        let known = |name: &&str| SUBJECTS.iter().find(|(short, _)| short == name);
        chosen
            .iter()
            .map(|name| known(name).map_or(*name, |(_, source)| *source))
            .collect()
    };
    let tool = Tool::build()?;
    for source in chosen {
        let Some(fetched) = tool.fetch(source, false)? else {
            println!("skipped: needs a registry");
            return Ok(ExitCode::SUCCESS);
        };
        let material = Material::of(&fetched)?;
        subject(&tool, source, &material)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Two versions, of 13 MB each.
const VERSIONS: [&str; 2] = [
    "npm:@anthropic-ai/claude-code@2.1.90",
    "npm:@anthropic-ai/claude-code@2.1.91",
];
/// How often the time of vetting one comparing two may take.
const TARGET_DIFF: f64 = 3.0;

/// The time of comparing two bundles beside that of vetting one.
pub(crate) fn diff() -> Result<ExitCode> {
    let tool = Tool::build()?;
    for source in VERSIONS {
        if tool.fetch(source, false)?.is_none() {
            println!("skipped: needs a registry");
            return Ok(ExitCode::SUCCESS);
        }
    }
    let [one, other] = VERSIONS;
    let mut vets = Vec::new();
    let mut diffs = Vec::new();
    // Once for nothing: pages of files and programs come from the disk.
    tool.timed(&["diff", one, other])?;
    for _ in 0..RUNS {
        vets.push(tool.timed(&["vet", other, "--fail-on", "never"])?);
        diffs.push(tool.timed(&["diff", one, other])?);
    }
    vets.sort();
    diffs.sort();
    let mut rows = Vec::new();
    let mut ratios = Vec::new();
    for (name, at) in [("best", 0), ("median", RUNS / 2)] {
        if let (Some(vet), Some(diff)) = (vets.get(at), diffs.get(at)) {
            let ratio = diff.as_secs_f64() / vet.as_secs_f64();
            rows.push(vec![
                name.to_owned(),
                seconds(*vet),
                seconds(*diff),
                format!("{ratio:.2}"),
            ]);
            ratios.push(ratio);
        }
    }
    print!("{}", table(&["", "vet one", "diff two", "ratio"], &rows));
    let ratio = ratios.first().copied().unwrap_or(f64::INFINITY);
    let verdict = if ratio <= TARGET_DIFF {
        "reached"
    } else {
        "MISSED"
    };
    println!("\nratio {ratio:.2}, target {TARGET_DIFF}: {verdict}");
    Ok(ExitCode::SUCCESS)
}

fn subject(tool: &Tool, source: &str, material: &Material) -> Result<()> {
    // Once for nothing: pages of files and programs come from the disk.
    material.measure()?;
    tool.vet(source, false)?;
    let mut floors = Vec::new();
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        floors.push(material.measure()?);
        runs.push(tool.vet(source, false)?);
    }
    let mut peaks = Vec::new();
    for _ in 0..MEMORY_RUNS {
        peaks.extend(tool.vet(source, true)?.peak);
    }
    floors.sort_by_key(Floor::total);
    runs.sort_by_key(|run| run.wall);
    let middle = RUNS / 2;
    let (Some(floor), Some(run)) = (floors.first(), runs.first()) else {
        return Ok(());
    };
    let (Some(usual_floor), Some(usual_run)) = (floors.get(middle), runs.get(middle)) else {
        return Ok(());
    };
    let (modules, code) = material.code();
    println!("## {source}\n");
    println!(
        "{modules} modules with {} of code; {RUNS} runs, interleaved\n",
        bytes(code)
    );
    let row = |name: &str, best: Duration, median: Duration| {
        vec![name.to_owned(), seconds(best), seconds(median)]
    };
    let mut rows = Vec::new();
    let (best, usual) = (stages(run), stages(usual_run));
    for (stage, time) in &best {
        let median = usual
            .iter()
            .find(|(name, _)| name == stage)
            .map_or(*time, |(_, t)| *t);
        rows.push(row(
            &format!("assay: {}", stage.to_lowercase()),
            *time,
            median,
        ));
    }
    let named = |stages: &[(String, Duration)]| stages.iter().map(|(_, time)| *time).sum();
    rows.push(row(
        "assay: start, joining, output",
        run.wall.saturating_sub(named(&best)),
        usual_run.wall.saturating_sub(named(&usual)),
    ));
    rows.push(row("**assay: wall**", run.wall, usual_run.wall));
    for (name, part) in PARTS {
        rows.push(row(name, part(floor), part(usual_floor)));
    }
    rows.push(row("**floor**", floor.total(), usual_floor.total()));
    let ratios = [(run, floor), (usual_run, usual_floor)]
        .map(|(run, floor)| run.wall.as_secs_f64() / floor.total().as_secs_f64());
    let mut cells = vec!["**ratio**".to_owned()];
    cells.extend(ratios.iter().map(|ratio| format!("{ratio:.2}")));
    rows.push(cells);
    print!("{}", table(&["", "best", "median"], &rows));
    let [ratio, _] = ratios;
    let verdict = |good| if good { "reached" } else { "MISSED" };
    println!(
        "\nratio {ratio:.2}, target {TARGET_RATIO}: {}",
        verdict(ratio <= TARGET_RATIO)
    );
    let peak = peaks.iter().fold(Peak::default(), |a, b| Peak {
        pss: a.pss.max(b.pss),
        whole: a.whole.max(b.whole),
        samples: a.samples.saturating_add(b.samples),
        hidden: a.hidden.saturating_add(b.hidden),
    });
    println!(
        "peak memory {} PSS, {} with unmapped shared memory ({} samples), target {}: {}",
        bytes(peak.pss),
        bytes(peak.whole),
        peak.samples,
        bytes(TARGET_MEMORY),
        verdict(peak.whole <= TARGET_MEMORY),
    );
    if peak.hidden > 0 {
        println!(
            "at least: {} times a process could not be looked at",
            peak.hidden
        );
    }
    println!();
    Ok(())
}

type Part = fn(&Floor) -> Duration;
const PARTS: &[(&str, Part)] = &[
    ("floor: decompress", |floor| floor.decompress),
    ("floor: SHA-256, decompressed", |floor| floor.hash),
    ("floor: SHA-256, distributed", |floor| floor.hash_artifact),
    ("floor: parse", |floor| floor.parse),
    ("floor: semantic", |floor| floor.semantic),
];

/// The time of each stage, over all artifacts.
fn stages(run: &Run) -> Vec<(String, Duration)> {
    let mut sums: Vec<(String, Duration)> = Vec::new();
    for (stage, time) in &run.stages {
        match sums.iter_mut().find(|(name, _)| name == stage) {
            Some((_, sum)) => *sum += *time,
            None => sums.push((stage.clone(), *time)),
        }
    }
    sums
}
