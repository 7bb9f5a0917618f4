//! What `assay vet` says of real packages.

use std::fmt::Write;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use assay_model::{Coverage, Dossier, Gap, Severity};

use crate::table::{bytes, percent, seconds, table};
use crate::tool::{Run, Tool};

/// A published case, and how long the concealed lists of each version are.
const KNOWN: &[(&str, &[usize])] = &[
    ("npm:@anthropic-ai/claude-code@2.1.90", &[]),
    ("npm:@anthropic-ai/claude-code@2.1.91", &[147, 11]),
    (
        "npm:@anthropic-ai/claude-code-linux-x64@2.1.113",
        &[147, 11],
    ),
    (
        "npm:@anthropic-ai/claude-code-linux-x64@2.1.196",
        &[147, 11],
    ),
    (
        "npm:@anthropic-ai/claude-code-linux-x64@2.1.197",
        &[147, 11],
    ),
    ("npm:@anthropic-ai/claude-code-linux-x64@2.1.198", &[]),
    ("npm:@anthropic-ai/claude-code-linux-x64@2.1.329", &[]),
];

/// Current tools.
const TOOLS: &[&str] = &[
    "npm:@openai/codex",
    "npm:@google/gemini-cli",
    "npm:@qwen-code/qwen-code",
    "npm:opencode-ai",
    "npm:@github/copilot",
    "npm:@qoder-ai/qodercli",
    "npm:cline",
    "pypi:aider-chat",
];

/// An npm package that carries a VSIX, and where.
const VSIX: (&str, &str) = (
    "npm:@anthropic-ai/claude-code@1.0.60",
    "package/vendor/claude-code.vsix",
);

/// Packages full of what a covert channel is made of (hosts, time zones,
/// translations, encodings) that hold none.
const CLEAN: &[&str] = &[
    "npm:typescript",
    "npm:eslint",
    "npm:webpack",
    "npm:moment-timezone",
    "npm:i18next",
    "npm:javascript-obfuscator",
    "npm:@continuedev/cli",
];

const COVERT: &str = "covert.channel";
/// How much of a path stands in a table.
const LONGEST_PATH: usize = 60;

pub(crate) fn vet(only: Option<&str>) -> Result<ExitCode> {
    let wanted = |source: &str| only.is_none_or(|name| source.contains(name));
    let tool = Tool::build()?;
    let mut evaluation = Evaluation {
        tool,
        wrong: 0,
        unreachable: false,
    };
    let mut report = format!(
        "# `assay vet` on real packages\n\n\
         {} at commit {}, by `cargo xtask eval vet`. Times are without downloads, on {} \
         processors. The default platform, no ordinary dependencies.\n",
        output("date", &["-u", "+%F"])?,
        output("git", &["describe", "--always", "--dirty"])?,
        std::thread::available_parallelism().map_or(1, usize::from),
    );
    let mut section = |evaluation: &mut Evaluation, title: &str, head: &[&str], rows: Rows<'_>| {
        let mut done = Vec::new();
        for source in rows.sources.iter().filter(|source| wanted(source)) {
            let row = (rows.row)(evaluation, source);
            if evaluation.unreachable {
                return;
            }
            done.push(row.unwrap_or_else(|error| {
                evaluation.wrong += 1;
                vec![(*source).to_owned(), format!("FAILED: {error:#}")]
            }));
        }
        if !done.is_empty() {
            let text = format!("\n## {title}\n\n{}", table(head, &done));
            println!("{text}");
            report.push_str(&text);
        }
    };
    let known: Vec<&str> = KNOWN.iter().map(|(source, _)| *source).collect();
    section(
        &mut evaluation,
        "The known case",
        &["package", COVERT, "concealed lists", "expected", "", "time"],
        Rows {
            sources: &known,
            row: Evaluation::known,
        },
    );
    let tools: Vec<&str> = TOOLS.iter().copied().chain([VSIX.1]).collect();
    section(
        &mut evaluation,
        "Current tools",
        &[
            "package",
            "version",
            "hosts",
            "variables",
            "findings: critical / high / medium / low / info",
            COVERT,
            "bytes",
            "parsed",
            "as text",
            "strings",
            "container",
            "data",
            "not read",
            "time",
            "largest gaps",
        ],
        Rows {
            sources: &tools,
            row: Evaluation::current,
        },
    );
    section(
        &mut evaluation,
        "Packages without a covert channel",
        &[
            "package",
            "version",
            COVERT,
            "findings from high on",
            "",
            "time",
        ],
        Rows {
            sources: CLEAN,
            row: Evaluation::clean,
        },
    );
    if evaluation.unreachable {
        println!("skipped: needs a registry");
        return Ok(ExitCode::SUCCESS);
    }
    if only.is_none() {
        let folder = crate::root()?.join("docs/eval");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("vet.md"), report)?;
    }
    if evaluation.wrong > 0 {
        println!("{} rows are not as expected", evaluation.wrong);
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

type Row = fn(&mut Evaluation, &str) -> Result<Vec<String>>;

struct Rows<'a> {
    sources: &'a [&'a str],
    row: Row,
}

struct Evaluation {
    tool: Tool,
    wrong: usize,
    unreachable: bool,
}

impl Evaluation {
    /// Fetches first, so that the time is that of the work.
    fn run(&mut self, source: &str, fresh: bool) -> Result<Run> {
        if self.tool.fetch(source, fresh)?.is_none() {
            self.unreachable = true;
            bail!("the registry is not reached");
        }
        self.tool.vet(source, false)
    }

    fn judged(&mut self, good: bool) -> String {
        if good {
            return "ok".to_owned();
        }
        self.wrong = self.wrong.saturating_add(1);
        "**MISMATCH**".to_owned()
    }

    fn known(&mut self, source: &str) -> Result<Vec<String>> {
        let expected = KNOWN.iter().find(|(name, _)| *name == source);
        let expected: &[usize] = expected.map_or(&[], |(_, lists)| lists);
        let run = self.run(source, false)?;
        let count = covert(&run.dossier);
        let found = lists(&run.dossier);
        let good = found == expected && (count > 0) != expected.is_empty();
        Ok(vec![
            source.to_owned(),
            count.to_string(),
            numbers(&found),
            numbers(expected),
            self.judged(good),
            seconds(run.wall),
        ])
    }

    fn current(&mut self, source: &str) -> Result<Vec<String>> {
        let (run, name) = if source == VSIX.1 {
            let Some(path) = self.vsix()? else {
                bail!("the registry is not reached");
            };
            let (package, inside) = VSIX;
            let inside = inside.trim_start_matches("package/");
            let run = self.tool.vet(&path.display().to_string(), false)?;
            (run, format!("{inside} of {package}"))
        } else {
            (self.run(source, true)?, source.to_owned())
        };
        let dossier = &run.dossier;
        let number = |behaviour| {
            let of = dossier
                .findings
                .iter()
                .filter(|finding| finding.behaviour == behaviour);
            of.count().to_string()
        };
        let by_severity: Vec<String> = [
            Severity::Critical,
            Severity::High,
            Severity::Medium,
            Severity::Low,
            Severity::Info,
        ]
        .iter()
        .map(|severity| {
            let of = dossier
                .findings
                .iter()
                .filter(|finding| finding.severity == *severity);
            of.count().to_string()
        })
        .collect();
        let coverage = &dossier.coverage;
        let whole = coverage.total_bytes();
        let mut row = vec![
            name,
            version(dossier),
            number("egress.endpoint"),
            number("reach.environment"),
            by_severity.join(" / "),
            covert(dossier).to_string(),
            bytes(whole),
        ];
        let shares = [
            coverage.parsed,
            coverage.lexical,
            coverage.strings,
            coverage.container,
            coverage.data,
            coverage.unread,
        ];
        row.extend(shares.iter().map(|total| percent(total.bytes, whole)));
        row.push(seconds(run.wall));
        row.push(gaps(coverage));
        Ok(row)
    }

    fn clean(&mut self, source: &str) -> Result<Vec<String>> {
        let run = self.run(source, true)?;
        let count = covert(&run.dossier);
        let severe: Vec<&str> = run
            .dossier
            .findings
            .iter()
            .filter(|finding| finding.severity >= Severity::High)
            .map(|finding| finding.title.as_str())
            .collect();
        let severe = if severe.is_empty() {
            "none".to_owned()
        } else {
            severe.join("; ")
        };
        Ok(vec![
            source.to_owned(),
            version(&run.dossier),
            count.to_string(),
            severe,
            self.judged(count == 0),
            seconds(run.wall),
        ])
    }

    /// The extension as a file of its own.
    fn vsix(&mut self) -> Result<Option<PathBuf>> {
        let (package, inside) = VSIX;
        let Some(fetched) = self.tool.fetch(package, false)? else {
            self.unreachable = true;
            return Ok(None);
        };
        let artifact = fetched.artifacts.first().context("the package is empty")?;
        let file = std::fs::File::open(&artifact.path)?;
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        for entry in archive.entries()? {
            let mut entry = entry?;
            if entry.path_bytes().as_ref() == inside.as_bytes() {
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                let path = self.tool.folder().join("extension.vsix");
                std::fs::write(&path, content)?;
                return Ok(Some(path));
            }
        }
        bail!("{package} has no {inside}")
    }
}

fn covert(dossier: &Dossier) -> usize {
    let of = dossier
        .findings
        .iter()
        .filter(|finding| finding.behaviour == COVERT);
    of.count()
}

/// How long the decoded lists in the evidence of covert channels are, the
/// longest first.
fn lists(dossier: &Dossier) -> Vec<usize> {
    let mut found: Vec<usize> = dossier
        .findings
        .iter()
        .filter(|finding| finding.behaviour == COVERT)
        .flat_map(|finding| &finding.evidence)
        .map(|evidence| evidence.decoded.len())
        .filter(|len| *len > 0)
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}

fn numbers(list: &[usize]) -> String {
    if list.is_empty() {
        return "none".to_owned();
    }
    let list: Vec<String> = list.iter().map(usize::to_string).collect();
    list.join(", ")
}

fn version(dossier: &Dossier) -> String {
    dossier
        .subject
        .purl
        .version
        .clone()
        .unwrap_or_else(|| "-".to_owned())
}

/// The three largest gaps, and how many packages were not fetched.
fn gaps(coverage: &Coverage) -> String {
    let not_fetched = |gap: Option<Gap>| gap == Some(Gap::NotFetched);
    let mut known: Vec<_> = coverage
        .entries
        .iter()
        .filter(|entry| entry.gap.is_some() && !not_fetched(entry.gap))
        .collect();
    known.sort_by_key(|entry| std::cmp::Reverse(entry.bytes));
    let mut out = String::new();
    for entry in known.iter().take(3) {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "{} `{}`: {}; ",
            bytes(entry.bytes),
            ending(&entry.node),
            entry.detail
        );
    }
    let rest = known.len().saturating_sub(3);
    if rest > 0 {
        let _ = write!(out, "{rest} smaller; ");
    }
    let missing = coverage
        .entries
        .iter()
        .filter(|entry| not_fetched(entry.gap))
        .count();
    let _ = write!(out, "{missing} packages or files not fetched");
    out
}

/// The end of a long path, which tells more than its beginning.
fn ending(path: &str) -> String {
    let length = path.chars().count();
    if length <= LONGEST_PATH {
        return path.to_owned();
    }
    let skipped = length.saturating_sub(LONGEST_PATH);
    format!("…{}", path.chars().skip(skipped).collect::<String>())
}

/// What a document says of when and by which command it was written, and
/// whether the program was one of another build.
pub(crate) fn stamp(command: &str, program: Option<&std::path::Path>) -> Result<String> {
    Ok(format!(
        "{} at commit {}, by `cargo xtask {command}`{}.",
        output("date", &["-u", "+%F"])?,
        output("git", &["describe", "--always", "--dirty"])?,
        if program.is_some() {
            ", with a program of another build"
        } else {
            ""
        }
    ))
}

/// What a program prints.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(crate::root()?)
        .output()
        .with_context(|| format!("{program} cannot be run"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
