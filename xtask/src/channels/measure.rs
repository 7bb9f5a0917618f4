//! Runs of `assay vet` over the cases, and what they are worth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use assay_model::Dossier;

use super::cases::{COVERT, Case, Kind, LIST, STRING};
use super::contain::Container;
use super::part::{AXES, Axis};
use crate::table::table;

/// What detectors are to reach on the part that is opened only to report.
const TARGET: f64 = 0.95;
/// How many runs go on at once.
const PARALLEL: usize = 2;

/// What was found in a case.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) behaviours: BTreeSet<String>,
    /// Entries of decoded lists and texts, with the behaviour they were in.
    decoded: BTreeSet<String>,
    /// A case that could not be run, and why.
    failed: Option<String>,
    skipped: bool,
}

/// Runs the program on every case; `bundles` gives the text of a real file.
pub(super) fn run(
    program: &Path,
    cases: &[Case],
    bundles: &BTreeMap<String, String>,
) -> Result<Vec<Found>> {
    let next = AtomicUsize::new(0);
    let results: Mutex<BTreeMap<usize, Found>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let found = one(program, case, bundles).unwrap_or_else(|error| Found {
                        failed: Some(format!("{error:#}")),
                        ..Found::default()
                    });
                    if let Ok(mut results) = results.lock() {
                        results.insert(at, found);
                    }
                }
            });
        }
    });
    let results = results
        .into_inner()
        .ok()
        .context("a run of a case broke off")?;
    Ok(results.into_values().collect())
}

fn one(program: &Path, case: &Case, bundles: &BTreeMap<String, String>) -> Result<Found> {
    let bundle = match case.container {
        Container::Bundle(package, file) => match bundles.get(&format!("{package}/{file}")) {
            Some(text) => text.as_str(),
            None => {
                return Ok(Found {
                    skipped: true,
                    ..Found::default()
                });
            }
        },
        _ => "",
    };
    let folder = tempfile::tempdir()?;
    let path = case.container.write(&case.files, folder.path(), bundle)?;
    let cache = folder.path().join("cache");
    let output = Command::new(program)
        .arg("vet")
        .arg(&path)
        .args(["--no-cache", "--offline", "--fail-on", "never"])
        .args(["--format", "json", "--cache-dir"])
        .arg(&cache)
        .stdin(Stdio::null())
        .output()
        .context("assay cannot be run")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "assay vet ended with {}: {}",
            output.status,
            said.lines().last().unwrap_or_default()
        );
    }
    let dossier: Dossier =
        serde_json::from_slice(&output.stdout).context("what assay printed is no dossier")?;
    let mut found = Found::default();
    for finding in &dossier.findings {
        let decoded = finding.evidence.iter().flat_map(|e| &e.decoded);
        if matches!(finding.behaviour.as_str(), LIST | STRING | COVERT) {
            found.decoded.extend(decoded.cloned());
        }
        found.behaviours.insert(finding.behaviour.clone());
    }
    Ok(found)
}

/// How many of how many.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    good: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, good: bool) {
        self.all = self.all.saturating_add(1);
        self.good = self.good.saturating_add(usize::from(good));
    }

    fn cells(self) -> Vec<String> {
        vec![self.good.to_string(), self.all.to_string(), self.ratio()]
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of some hundreds, shown with three places"
    )]
    fn value(self) -> Option<f64> {
        (self.all > 0).then(|| self.good as f64 / self.all as f64)
    }

    fn ratio(self) -> String {
        self.value()
            .map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
    }
}

/// The tables of a run: with `mechanisms` one row for each mechanism, with
/// `open` also the cases that are not as labelled.
pub(super) fn report(cases: &[Case], found: &[Found], mechanisms: bool, open: bool) -> String {
    let done: Vec<(&Case, &Found)> = cases
        .iter()
        .zip(found)
        .filter(|(_, found)| !found.skipped)
        .collect();
    let mut out = String::new();
    totals(&mut out, cases, found, &done);
    by_axis(&mut out, &done, mechanisms);
    by_kind(&mut out, &done);
    behaviours(&mut out, &done);
    if open {
        listed(&mut out, &wrong(&done));
    }
    out
}

fn totals(out: &mut String, cases: &[Case], found: &[Found], done: &[(&Case, &Found)]) {
    let mut recall = Share::default();
    let mut precision = Share::default();
    let mut benign = Share::default();
    for (case, found) in done {
        let is = case.expected.get(COVERT) == Some(&true);
        let said = found.behaviours.contains(COVERT);
        if is {
            recall.add(said);
        } else {
            benign.add(!said);
        }
        if said {
            precision.add(is);
        }
    }
    let skipped = found.iter().filter(|found| found.skipped).count();
    let failed = found.iter().filter(|found| found.failed.is_some()).count();
    let row = |name: &str, share: Share| {
        let mut cells = vec![name.to_owned()];
        cells.extend(share.cells());
        cells
    };
    let rows = [
        row("recall of covert.channel", recall),
        row("precision of covert.channel", precision),
        row("benign cases without covert.channel", benign),
    ];
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{} cases; {skipped} skipped (the registry is not reached), {failed} failed.\n\n{}",
        cases.len(),
        table(&["", "good", "of", "share"], &rows)
    );
}

fn by_axis(out: &mut String, done: &[(&Case, &Found)], mechanisms: bool) {
    type Row = (Share, Share);
    let mut rows: BTreeMap<(Axis, String), Row> = BTreeMap::new();
    for (case, found) in done {
        let said = found.behaviours.contains(COVERT);
        for (axis, name) in &case.axes {
            let (recall, benign) = rows.entry((*axis, name.clone())).or_default();
            match case.kind {
                Kind::Covert => recall.add(said),
                _ => benign.add(!said),
            }
        }
    }
    if mechanisms {
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|((axis, name), (recall, benign))| {
                let mut cells = vec![axis.name().to_owned(), name];
                cells.extend(recall.cells());
                cells.push(format!("{}", benign.all.saturating_sub(benign.good)));
                cells.push(benign.all.to_string());
                cells
            })
            .collect();
        let head = ["axis", "mechanism", "found", "of", "recall", "false", "of"];
        let _ = writeln!(out, "{}", table(&head, &rows));
        return;
    }
    // What carries the code is no mechanism, and is named in both parts.
    let carriers: Vec<Vec<String>> = rows
        .iter()
        .filter(|((axis, _), _)| matches!(axis, Axis::Style | Axis::Container))
        .map(|((axis, name), (recall, benign))| {
            let mut cells = vec![axis.name().to_owned(), name.clone()];
            cells.extend(recall.cells());
            cells.push(format!("{}", benign.all.saturating_sub(benign.good)));
            cells.push(benign.all.to_string());
            cells
        })
        .collect();
    let head = ["axis", "carrier", "found", "of", "recall", "false", "of"];
    let _ = writeln!(out, "{}", table(&head, &carriers));
    // By axis: how many mechanisms are found always, sometimes and never.
    let mut axes: BTreeMap<Axis, [usize; 3]> = BTreeMap::new();
    for ((axis, _), (recall, _)) in rows {
        if recall.all == 0 {
            continue;
        }
        let at = match recall.good {
            0 => 2,
            good if good == recall.all => 0,
            _ => 1,
        };
        if let Some(slot) = axes.entry(axis).or_default().get_mut(at) {
            *slot = slot.saturating_add(1);
        }
    }
    let rows: Vec<Vec<String>> = AXES
        .iter()
        .filter_map(|axis| Some((axis, axes.get(axis)?)))
        .map(|(axis, counts)| {
            let all: usize = counts.iter().sum();
            let mut cells = vec![axis.name().to_owned(), all.to_string()];
            cells.extend(counts.iter().map(usize::to_string));
            cells
        })
        .collect();
    let head = ["axis", "mechanisms", "found always", "sometimes", "never"];
    let _ = writeln!(out, "{}", table(&head, &rows));
}

fn by_kind(out: &mut String, done: &[(&Case, &Found)]) {
    let mut rows: BTreeMap<Kind, (Share, Share)> = BTreeMap::new();
    for (case, found) in done {
        let (covert, all) = rows.entry(case.kind).or_default();
        let is = case.expected.get(COVERT) == Some(&true);
        covert.add(found.behaviours.contains(COVERT) == is);
        all.add(faults(case, found).is_empty());
    }
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(kind, (covert, all))| {
            vec![
                kind.name().to_owned(),
                covert.all.to_string(),
                covert.good.to_string(),
                all.good.to_string(),
            ]
        })
        .collect();
    let head = ["kind", "cases", "covert.channel as labelled", "all labels"];
    let _ = writeln!(out, "{}", table(&head, &rows));
}

fn behaviours(out: &mut String, done: &[(&Case, &Found)]) {
    let mut rows: BTreeMap<String, (Share, Share)> = BTreeMap::new();
    for (case, found) in done {
        for (behaviour, expected) in &case.expected {
            let said = found.behaviours.contains(*behaviour);
            let (recall, benign) = rows.entry((*behaviour).to_owned()).or_default();
            if *expected {
                recall.add(said);
            } else {
                benign.add(!said);
            }
        }
        if !case.decoded.is_empty() {
            let (recall, _) = rows.entry("decoded values".to_owned()).or_default();
            recall.add(all_decoded(case, found));
        }
    }
    let recalls: Vec<(String, Share)> = rows
        .iter()
        .map(|(name, (recall, _))| (name.clone(), *recall))
        .collect();
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(name, (recall, benign))| {
            let mut cells = vec![name];
            cells.extend(recall.cells());
            cells.push(benign.all.saturating_sub(benign.good).to_string());
            cells.push(benign.all.to_string());
            cells
        })
        .collect();
    let head = ["behaviour", "found", "of", "recall", "false", "of"];
    let _ = writeln!(out, "{}", table(&head, &rows));
    let below: Vec<&str> = recalls
        .iter()
        .filter(|(_, share)| share.value().is_some_and(|value| value < TARGET))
        .map(|(name, _)| name.as_str())
        .collect();
    let said = if below.is_empty() {
        "reached".to_owned()
    } else {
        format!("not reached for {}", below.join(", "))
    };
    let _ = writeln!(out, "Recall of at least {TARGET}: {said}.\n");
}

fn all_decoded(case: &Case, found: &Found) -> bool {
    case.decoded
        .iter()
        .all(|entry| found.decoded.contains(entry))
}

/// What is not as it should be in a case.
fn faults(case: &Case, found: &Found) -> Vec<String> {
    if let Some(error) = &found.failed {
        return vec![format!("failed: {error}")];
    }
    let mut faults = Vec::new();
    for (behaviour, expected) in &case.expected {
        if found.behaviours.contains(*behaviour) != *expected {
            let word = if *expected { "missed" } else { "false" };
            faults.push(format!("{word}: {behaviour}"));
        }
    }
    if !case.decoded.is_empty() && !all_decoded(case, found) {
        faults.push("missed: decoded values".to_owned());
    }
    faults
}

fn wrong<'a>(done: &[(&'a Case, &Found)]) -> Vec<(&'a Case, Vec<String>)> {
    done.iter()
        .map(|(case, found)| (*case, faults(case, found)))
        .filter(|(_, faults)| !faults.is_empty())
        .collect()
}

fn listed(out: &mut String, wrong: &[(&Case, Vec<String>)]) {
    let rows: Vec<Vec<String>> = wrong
        .iter()
        .map(|(case, faults)| {
            let axes: Vec<&str> = case.axes.iter().map(|(_, name)| name.as_str()).collect();
            vec![
                case.id.clone(),
                case.kind.name().to_owned(),
                faults.join(", "),
                axes.join(" + "),
            ]
        })
        .collect();
    let _ = writeln!(
        out,
        "Not as labelled (`cargo xtask eval channels --show ID` prints a case):\n\n{}",
        table(&["id", "kind", "", "made of"], &rows)
    );
}
