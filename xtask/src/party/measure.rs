//! How much of real bundles is attributed, and how often rightly.
//!
//! The truth is known where a bundler left the paths of its files, as
//! comments or in a source map. Such a bundle is stripped of them and
//! minified, and what is told of the rest is compared byte by byte.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use assay_analyze::{PartyRange, attribute_source};
use assay_model::Party;

use crate::map::decoded;
use crate::table::{bytes, percent, table};
use crate::tool::Tool;

/// Bundles whose files carry the paths of what they are made of.
const LABELLED: &[(&str, Truth)] = &[
    ("npm:@google/gemini-cli", Truth::Comments),
    ("npm:@qwen-code/qwen-code", Truth::Comments),
    ("npm:@continuedev/cli", Truth::SourceMap),
];
/// Bundles of all kinds.
const REAL: &[&str] = &[
    "npm:@google/gemini-cli",
    "npm:@qwen-code/qwen-code",
    "npm:cline",
    "npm:@continuedev/cli",
    "npm:opencode-ai",
    "npm:@anthropic-ai/claude-code@2.1.91",
    "npm:@github/copilot",
];
/// Smaller files are left out.
const SMALLEST: u64 = 1 << 20;
/// How many comments with paths make a labelled bundle.
const MARKS: usize = 40;
/// How many files of a package are measured, the largest.
const FILES: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Comments,
    SourceMap,
}

/// A range and the path of its source.
type Pathed = (u32, u32, String);

pub(crate) fn measure(only: Option<&str>) -> Result<ExitCode> {
    let wanted = |source: &str| only.is_none_or(|name| source.contains(name));
    let folder = tempfile::tempdir()?;
    let mut report = format!(
        "# First and third party in real bundles\n\n{} at commit {}, by `cargo xtask eval party`.\n",
        crate::eval::output("date", &["-u", "+%F"])?,
        crate::eval::output("git", &["describe", "--always", "--dirty"])?,
    );
    let mut rows = Vec::new();
    for (source, truth) in LABELLED.iter().filter(|(source, _)| wanted(source)) {
        let Some(files) = files_of(source, *truth)? else {
            println!("skipped: needs a registry");
            return Ok(ExitCode::SUCCESS);
        };
        let subject = source.trim_start_matches("npm:");
        for (name, text, map) in files {
            let (text, pathed) = match truth {
                Truth::Comments => minified(folder.path(), &text)?,
                Truth::SourceMap => {
                    let map = map.context("the bundle has no source map")?;
                    let pathed = by_map(&map, &text)?;
                    (text, pathed)
                }
            };
            let Some(told) = attribute_source("bundle.js", &text, None, subject) else {
                bail!("{name} of {source} cannot be parsed");
            };
            let score = Score::of(&pathed, &told, subject);
            if std::env::var_os("PARTY_WRONG").is_some() {
                score.show();
            }
            rows.push(score.row(&format!("{subject} {}", ending(&name)), text.len()));
        }
    }
    let head = [
        "file, stripped",
        "bytes",
        "attributed",
        "third: right",
        "third: found",
        "first: right",
        "first: found",
        "package: right",
    ];
    let text = format!(
        "\n## Where the truth is known\n\nBundles with the paths of their files, without them and \
         minified. *Right* is the share of what is told that is so, *found* the share of what is \
         so that is told, both in bytes; *package* is the share of what is rightly third-party \
         and named whose name is right.\n\n{}",
        table(&head, &rows)
    );
    println!("{text}");
    report.push_str(&text);
    let tool = Tool::build()?;
    let mut rows = Vec::new();
    for source in REAL.iter().filter(|source| wanted(source)) {
        if tool.fetch(source, false)?.is_none() {
            println!("skipped: needs a registry");
            return Ok(ExitCode::SUCCESS);
        }
        rows.push(shares(&tool, source)?);
    }
    let head = [
        "package",
        "code",
        "first",
        "third",
        "unknown",
        "packages",
        "findings: first / unknown / third",
        "gates: remote / local",
    ];
    let text = format!(
        "\n## Real bundles, as distributed\n\n{}",
        table(&head, &rows)
    );
    println!("{text}");
    report.push_str(&text);
    if only.is_none() {
        let folder = crate::root()?.join("docs/eval");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("party.md"), report)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn shares(tool: &Tool, source: &str) -> Result<Vec<String>> {
    let dossier = tool.vet(source, false)?.dossier;
    let whose = &dossier.attribution;
    let all = whose.first + whose.third + whose.unknown;
    let findings = |party: Party| {
        let of = dossier.findings.iter().filter(|f| f.party == party);
        of.count()
    };
    let gates = |behaviours: &[&str]| {
        dossier
            .findings
            .iter()
            .filter(|f| behaviours.contains(&f.behaviour.as_str()))
            .filter(|f| f.evidence.iter().any(|e| e.gate.is_some()))
            .count()
    };
    Ok(vec![
        source.to_owned(),
        bytes(all),
        percent(whose.first, all),
        percent(whose.third, all),
        percent(whose.unknown, all),
        whose.packages.len().to_string(),
        format!(
            "{} / {} / {}",
            findings(Party::First),
            findings(Party::Unknown),
            findings(Party::Third)
        ),
        format!(
            "{} / {}",
            gates(&["control.remote-flag", "control.kill-switch"]),
            gates(&["control.local-switch"])
        ),
    ])
}

/// What is told, against what is so, in bytes.
#[derive(Debug, Default)]
struct Score {
    /// By what is so (first, third) and what is told (first, third, nothing).
    counts: [[u64; 3]; 2],
    named: u64,
    named_right: u64,
    wrong: Vec<(u64, String, String)>,
}

impl Score {
    fn of(truth: &[Pathed], told: &[PartyRange], subject: &str) -> Self {
        let mut score = Self::default();
        let scope = subject
            .split_once('/')
            .map(|(scope, _)| format!("{scope}/"))
            .unwrap_or_default();
        let mut first = 0;
        for (start, end, path) in truth {
            while told.get(first).is_some_and(|part| part.end <= *start) {
                first += 1;
            }
            let package = package_of(path);
            let own = package
                .as_deref()
                .is_none_or(|name| !scope.is_empty() && name.starts_with(&scope));
            for part in told.iter().skip(first) {
                if part.start >= *end {
                    break;
                }
                let size = u64::from(part.end.min(*end).saturating_sub(part.start.max(*start)));
                let column = match part.party {
                    Party::First => 0,
                    Party::Third => 1,
                    Party::Unknown => 2,
                };
                if let Some(count) = score
                    .counts
                    .get_mut(usize::from(!own))
                    .and_then(|counts| counts.get_mut(column))
                {
                    *count += size;
                }
                if column != 2 && column != usize::from(!own) {
                    score.wrong.push((size, path.clone(), shown(part)));
                }
                if !own
                    && part.party == Party::Third
                    && let (Some(is), Some(told)) = (&package, &part.package)
                {
                    score.named += size;
                    // All packages of a scope may share a text.
                    let all = told.strip_suffix('*').is_some_and(|s| is.starts_with(s));
                    if is == told || all {
                        score.named_right += size;
                    } else {
                        score.wrong.push((size, path.clone(), shown(part)));
                    }
                }
            }
        }
        score
    }

    fn row(&self, name: &str, size: usize) -> Vec<String> {
        let [first, third] = self.counts;
        let all: u64 = first.iter().chain(&third).sum();
        vec![
            name.to_owned(),
            bytes(size as u64),
            percent(all - first[2] - third[2], all),
            percent(third[1], third[1] + first[1]),
            percent(third[1], third.iter().sum()),
            percent(first[0], first[0] + third[0]),
            percent(first[0], first.iter().sum()),
            percent(self.named_right, self.named),
        ]
    }

    /// The largest errors, for who works on it.
    fn show(&self) {
        let mut wrong: std::collections::BTreeMap<(String, &str), u64> =
            std::collections::BTreeMap::new();
        for (size, path, told) in &self.wrong {
            let path = package_of(path).unwrap_or_else(|| path.clone());
            *wrong.entry((path, told)).or_default() += size;
        }
        let mut wrong: Vec<_> = wrong.into_iter().collect();
        wrong.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        for ((path, told), size) in wrong.iter().take(40) {
            println!("{size:>8} {path} was told to be {told}");
        }
    }
}

fn shown(part: &PartyRange) -> String {
    let package = part.package.as_deref().unwrap_or("-");
    format!("{:?} {package} ({})", part.party, part.by)
}

/// The package that a path lies in; none where it is the bundle's own.
fn package_of(path: &str) -> Option<String> {
    let (_, rest) = path.rsplit_once("node_modules/")?;
    let mut parts = rest.split('/');
    let first = parts.next()?;
    if first.starts_with('@') {
        return Some(format!("{first}/{}", parts.next()?));
    }
    Some(first.to_owned())
}

type File = (String, String, Option<Vec<u8>>);

/// The largest files of a package whose truth is known; `None` when the
/// registry is not reached.
fn files_of(source: &str, truth: Truth) -> Result<Option<Vec<File>>> {
    let Some(fetched) = Tool::fetched(source)? else {
        return Ok(None);
    };
    let artifact = fetched.artifacts.first().context("the package is empty")?;
    let file = std::fs::File::open(&artifact.path)?;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut scripts: Vec<(String, String)> = Vec::new();
    let mut maps: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.size() < SMALLEST {
            continue;
        }
        if name.ends_with(".js.map") && truth == Truth::SourceMap {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            maps.push((name, content));
        } else if name.ends_with(".js") {
            let mut content = String::new();
            if entry.read_to_string(&mut content).is_ok()
                && (truth == Truth::SourceMap || marks(&content).len() >= MARKS)
            {
                scripts.push((name, content));
            }
        }
    }
    scripts.sort_by_key(|(_, text)| std::cmp::Reverse(text.len()));
    // Builds of one program in several files differ in little.
    scripts.dedup_by_key(|(_, text)| text.len() / 100_000);
    scripts.truncate(FILES);
    Ok(Some(
        scripts
            .into_iter()
            .map(|(name, text)| {
                let map = maps
                    .iter()
                    .find(|(map, _)| *map == format!("{name}.map"))
                    .map(|(_, map)| map.clone());
                (name, text, map)
            })
            .collect(),
    ))
}

/// The lines that are comments with a path, from 0, and the paths.
fn marks(text: &str) -> Vec<(usize, &str)> {
    let path = |line: &str| {
        let ends = [".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".json"];
        ends.iter().any(|end| line.ends_with(end)) && !line.contains(' ') && line.contains('/')
    };
    text.lines()
        .enumerate()
        .filter_map(|(number, line)| Some((number, line.strip_prefix("// ")?)))
        .filter(|(_, line)| path(line))
        .collect()
}

/// A bundle without its paths, minified, and where each part comes from.
fn minified(folder: &Path, text: &str) -> Result<(String, Vec<Pathed>)> {
    let marks = marks(text);
    let mut stripped = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        // Keys are paths as well: `"node_modules/a/b.js"(exports) {`.
        let inner = line.trim_start();
        match inner
            .strip_prefix('"')
            .and_then(|rest| rest.split_once("\"("))
        {
            Some((key, rest)) if key.contains('/') && !key.contains(' ') => {
                stripped.push_str(&format!("\"m{number}\"({rest}"));
            }
            _ => stripped.push_str(line),
        }
        stripped.push('\n');
    }
    let program = esbuild(folder)?;
    std::fs::write(folder.join("in.js"), &stripped)?;
    let status = Command::new("node")
        .arg(program)
        .args(["in.js", "--minify", "--legal-comments=none", "--sourcemap"])
        .args(["--format=esm", "--outfile=out.js", "--log-level=error"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .context("node cannot be run")?;
    if !status.success() {
        bail!("the minifier does not take the bundle");
    }
    let text = std::fs::read_to_string(folder.join("out.js"))?;
    let map = std::fs::read(folder.join("out.js.map"))?;
    let mut pathed: Vec<Pathed> = Vec::new();
    decoded(&map, &text, |(start, end), _, (line, _)| {
        let after = marks.partition_point(|(number, _)| *number <= line);
        if let Some((_, path)) = after.checked_sub(1).and_then(|at| marks.get(at)) {
            push(&mut pathed, start, end, path);
        }
    })?;
    Ok((text, pathed))
}

fn push(pathed: &mut Vec<Pathed>, start: u32, end: u32, path: &str) {
    match pathed.last_mut() {
        Some((_, last, known)) if *last == start && known == path => *last = end,
        _ => pathed.push((start, end, path.to_owned())),
    }
}

/// `esbuild` from the registry.
fn esbuild(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("node_modules/esbuild/bin/esbuild");
    if program.exists() {
        return Ok(program);
    }
    std::fs::write(folder.join("package.json"), "{\"private\":true}")?;
    let status = Command::new("npm")
        .args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .arg("esbuild")
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .context("npm cannot be run")?;
    if !status.success() {
        bail!("esbuild cannot be fetched");
    }
    Ok(program)
}

fn by_map(map: &[u8], text: &str) -> Result<Vec<Pathed>> {
    let sources: serde_json::Value = serde_json::from_slice(map)?;
    let sources: Vec<String> =
        serde_json::from_value(sources.get("sources").cloned().unwrap_or_default())?;
    let mut pathed: Vec<Pathed> = Vec::new();
    decoded(map, text, |(start, end), source, _| {
        if let Some(path) = sources.get(source) {
            push(&mut pathed, start, end, path);
        }
    })?;
    Ok(pathed)
}

/// The end of a path.
fn ending(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_count_bytes() {
        let truth = vec![
            (0, 10, "src/a.ts".to_owned()),
            (10, 30, "node_modules/alpha/i.js".to_owned()),
            (30, 40, "node_modules/beta/i.js".to_owned()),
        ];
        let part = |start, end, party, package: Option<&str>| PartyRange {
            start,
            end,
            party,
            package: package.map(str::to_owned),
            by: "",
        };
        let told = [
            part(0, 5, Party::First, None),
            part(5, 15, Party::Third, Some("alpha")),
            part(15, 20, Party::First, None),
            part(20, 40, Party::Third, Some("alpha")),
        ];
        let score = Score::of(&truth, &told, "@s/subject");
        assert_eq!(score.counts, [[5, 5, 0], [5, 25, 0]]);
        assert_eq!((score.named, score.named_right), (25, 15));
    }
}
