//! What other scanners, which anyone installs from a registry, say of the
//! labelled set and of a known pair of versions.

mod scanners;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::cases::{self, COVERT, Case, Kind};
use super::contain::Container;
use super::part::{Part, Style};
use super::{bundle, bundles};
use crate::table::{seconds, table};
use crate::tool::Tool;
use scanners::{PEERS, Scan};

/// A version without a covert channel, and the next one, with it.
const PAIR: [&str; 2] = [
    "npm:@anthropic-ai/claude-code@2.1.90",
    "npm:@anthropic-ai/claude-code@2.1.91",
];

const ABOUT: &str = "Scanners that anyone installs from a registry, on the labelled set (both parts) and on a \
published pair of versions. They parse, and run nothing of what they are given. Each gets a case as plain files in a \
folder with a `package.json`, in no container, which is in their favour; those that know one language get the cases in \
it alone. Counted are *kinds* of findings, names of rules or warnings, in three ways, so that a reader can take the \
most favourable:\n\n\
- *found, any*: cases with a covert channel in which there is any finding at all; *false, any*: benign cases with any.\n\
- *found, apart*: cases with a covert channel with a kind of finding that their benign twin has not; *false, apart*: \
twins with a kind that the channel's case has not. A scanner that says something at random has as much of the one as \
of the other.\n\
- For Assay only `covert.channel` is counted, in all columns.\n";

pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let mut write = false;
    let mut program: Option<PathBuf> = None;
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match *argument {
            "--write" => write = true,
            "--assay" => program = Some(left.next().context("--assay needs a value")?.into()),
            _ => bail!("{argument} is not known"),
        }
    }
    let tool = Tool::of(program.as_deref())?;
    let mut text = String::new();
    for name in ["dev", "report"] {
        let cases = cases::all(&Part::load(name)?)?;
        let set = Set::write(cases)?;
        let mut rows = Vec::new();
        for peer in &PEERS {
            let counted = (peer.scan)(&set.folders())?;
            for (name, scans) in peer.names.iter().zip(&counted) {
                rows.push(set.row(name, scans, peer.knows));
            }
        }
        rows.push(set.row("Assay, `covert.channel`", &set.vet(&tool)?, |_| true));
        let head = [
            "",
            "found, any",
            "of",
            "recall",
            "false, any",
            "of",
            "share",
            "found, apart",
            "of",
            "false, apart",
            "time",
        ];
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n## Part `{name}`\n\n{}", table(&head, &rows));
    }
    match pair(&tool)? {
        Some(rows) => {
            let head = [
                "",
                "first",
                "second",
                "in the second alone",
                "time of the second",
            ];
            let _ = writeln!(
                text,
                "\n## {} and {}\n\nKinds of findings; the second has a covert channel that the first has \
                 not.\n\n{}",
                PAIR[0],
                PAIR[1],
                table(&head, &rows)
            );
        }
        None => println!("skipped: the pair needs a registry"),
    }
    println!("{text}");
    if write {
        let stamp = crate::eval::stamp("eval peers --write", program.as_deref())?;
        let head = format!(
            "# Other scanners\n\n{stamp}\n\n{ABOUT}\n{}",
            scanners::about()
        );
        let folder = crate::root()?.join("docs/eval");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("peers.md"), format!("{head}{text}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The cases of a part as folders of plain files.
struct Set {
    folder: tempfile::TempDir,
    cases: Vec<Case>,
}

impl Set {
    fn write(mut cases: Vec<Case>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let texts = bundles(&cases)?;
        // Without a registry the cases in real files are left out.
        cases.retain(|case| match case.container {
            Container::Bundle(package, file) => texts.contains_key(&format!("{package}/{file}")),
            _ => true,
        });
        for case in &cases {
            let to = folder.path().join(&case.id);
            std::fs::create_dir_all(&to)?;
            let main = case.files.first().context("a case without files")?;
            let mut files = case.files.clone();
            if let Container::Bundle(package, file) = case.container
                && let Some(text) = texts.get(&format!("{package}/{file}"))
            {
                files = vec![(main.0.clone(), bundle::inject(text, &main.1)?)];
            }
            if case.style != Style::Py {
                let manifest = serde_json::json!({
                    "name": "atlas-tool", "version": "1.0.0", "main": main.0,
                });
                std::fs::write(to.join("package.json"), manifest.to_string())?;
            }
            for (name, text) in files {
                let path = to.join(name);
                std::fs::create_dir_all(path.parent().context("a file without a folder")?)?;
                std::fs::write(path, text)?;
            }
        }
        Ok(Self { folder, cases })
    }

    fn folders(&self) -> Vec<(PathBuf, bool)> {
        let folders = self.cases.iter();
        folders
            .map(|case| (self.folder.path().join(&case.id), case.style == Style::Py))
            .collect()
    }

    /// What Assay finds, counted as the peers' findings are.
    fn vet(&self, tool: &Tool) -> Result<Vec<Scan>> {
        let mut scans = Vec::new();
        for (folder, _) in self.folders() {
            scans.push(vetted(tool, &folder.display().to_string())?);
        }
        Ok(scans)
    }

    fn row(&self, name: &str, scans: &[Scan], knows: fn(Style) -> bool) -> Vec<String> {
        let known: Vec<(&Case, &Scan)> = self
            .cases
            .iter()
            .zip(scans)
            .filter(|(case, _)| knows(case.style))
            .collect();
        let count = |covert: bool| -> (usize, usize) {
            let of = known.iter().filter(|(case, _)| is(case) == covert);
            let all = of.clone().count();
            (of.filter(|(_, scan)| scan.risk).count(), all)
        };
        let ((found, all), (wrong, benign)) = (count(true), count(false));
        let (mut apart, mut other, mut pairs) = (0_usize, 0_usize, 0_usize);
        for pair in known.windows(2) {
            let [(case, scan), (twin, twins)] = pair else {
                continue;
            };
            if !is(case) || !matches!(twin.kind, Kind::Twin(_)) || case.axes != twin.axes {
                continue;
            }
            pairs = pairs.saturating_add(1);
            let more = scan.kinds.difference(&twins.kinds).next().is_some();
            let less = twins.kinds.difference(&scan.kinds).next().is_some();
            apart = apart.saturating_add(usize::from(more));
            other = other.saturating_add(usize::from(less));
        }
        let time: Duration = known.iter().map(|(_, scan)| scan.time).sum();
        vec![
            name.to_owned(),
            found.to_string(),
            all.to_string(),
            share(found, all),
            wrong.to_string(),
            benign.to_string(),
            share(wrong, benign),
            apart.to_string(),
            pairs.to_string(),
            other.to_string(),
            seconds(time),
        ]
    }
}

fn is(case: &Case) -> bool {
    case.expected.get(COVERT) == Some(&true)
}

#[expect(clippy::cast_precision_loss, reason = "counts of some hundreds")]
fn share(good: usize, all: usize) -> String {
    if all == 0 {
        return "-".to_owned();
    }
    format!("{:.3}", good as f64 / all as f64)
}

fn vetted(tool: &Tool, source: &str) -> Result<Scan> {
    let run = tool.vet(source, false)?;
    let findings = run.dossier.findings.iter();
    let kinds: BTreeSet<String> = findings
        .map(|finding| finding.behaviour.clone())
        .filter(|behaviour| behaviour == COVERT)
        .collect();
    Ok(Scan {
        risk: !kinds.is_empty(),
        kinds,
        time: run.wall,
    })
}

/// What each says of the known pair; `None` where the registry is not
/// reached.
fn pair(tool: &Tool) -> Result<Option<Vec<Vec<String>>>> {
    let folder = tempfile::tempdir()?;
    let mut folders = Vec::new();
    for (at, source) in PAIR.iter().enumerate() {
        let Some(fetched) = Tool::fetched(source)? else {
            return Ok(None);
        };
        let artifact = fetched.artifacts.first().context("an empty package")?;
        let to = folder.path().join(at.to_string());
        texts_of(&artifact.path, &to)?;
        folders.push((to, false));
    }
    let mut rows = Vec::new();
    let mut add = |name: &str, scans: &[Scan]| {
        if let [first, second] = scans {
            let list = |kinds: &BTreeSet<String>| {
                if kinds.is_empty() {
                    return "none".to_owned();
                }
                kinds.iter().cloned().collect::<Vec<_>>().join(", ")
            };
            let alone: BTreeSet<String> = second.kinds.difference(&first.kinds).cloned().collect();
            rows.push(vec![
                name.to_owned(),
                first.kinds.len().to_string(),
                second.kinds.len().to_string(),
                list(&alone),
                seconds(second.time),
            ]);
        }
    };
    for peer in &PEERS {
        for (name, scans) in peer.names.iter().zip(&(peer.scan)(&folders)?) {
            add(name, scans);
        }
    }
    let own = PAIR.iter().map(|source| vetted(tool, source));
    add("Assay, `covert.channel`", &own.collect::<Result<Vec<_>>>()?);
    Ok(Some(rows))
}

/// Writes the code and the manifest of an npm package; what else is in it is
/// not for scanners of code.
fn texts_of(tarball: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let file = std::fs::File::open(tarball)?;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let code = path.extension().is_some_and(|ending| {
            ["js", "mjs", "cjs", "json"]
                .iter()
                .any(|known| ending == *known)
        });
        // Names are of the package's choosing: only the last part is used.
        let name = path.file_name().filter(|_| code);
        if let Some(name) = name
            && entry.header().entry_type().is_file()
        {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            std::fs::write(to.join(name), bytes)?;
        }
    }
    Ok(())
}
