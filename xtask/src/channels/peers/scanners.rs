//! The scanners: how they are got, run and understood.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::super::part::Style;
use crate::programs;

const GUARDDOG: (&str, &str) = ("guarddog", "3.2.0");
const YARA: (&str, &str) = ("yara-x", "1.22.1");
const JS_X_RAY: (&str, &str) = ("@nodesecure/js-x-ray", "16.0.0");

/// What a scanner says of one folder.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) kinds: BTreeSet<String>,
    /// Whether it warns.
    pub(super) risk: bool,
    pub(super) time: Duration,
}

/// Gives the results once for each way of counting.
type Scanning = fn(&[(PathBuf, bool)]) -> Result<Vec<Vec<Scan>>>;

/// A scanner.
#[derive(Debug)]
pub(super) struct Peer {
    /// Its name, and how its findings are counted.
    pub(super) names: &'static [&'static str],
    /// Scans folders, of which some are Python.
    pub(super) scan: Scanning,
    pub(super) knows: fn(Style) -> bool,
}

pub(super) const PEERS: [Peer; 3] = [
    Peer {
        names: &["guarddog, any rule", "guarddog, risks"],
        scan: guarddog,
        knows: |_| true,
    },
    Peer {
        names: &["yara-x"],
        scan: |folders| Ok(vec![yara(folders)?]),
        knows: |_| true,
    },
    Peer {
        names: &["js-x-ray"],
        scan: |folders| Ok(vec![js_x_ray(folders)?]),
        knows: |style| !matches!(style, Style::Py),
    },
];

/// Versions and settings, for the document.
pub(super) fn about() -> String {
    format!(
        "`{}` {} (PyPI): `guarddog npm|pypi scan FOLDER`, in its own sandbox, without metadata. *Any rule* counts \
         each rule that matches, capabilities too; *risks* only what it calls a risk. `{}` {} (PyPI), with the rules \
         that `guarddog` {} ships (but for the three files that it completes from templates of its own), each that matches counted; no \
         registry has a package of general rules. `{}` {} \
         (npm), in its usual mode, each kind of warning counted. The time is the sum over all cases; guarddog is \
         started for each, as Assay is.\n",
        GUARDDOG.0, GUARDDOG.1, YARA.0, YARA.1, GUARDDOG.1, JS_X_RAY.0, JS_X_RAY.1
    )
}

fn guarddog(folders: &[(PathBuf, bool)]) -> Result<Vec<Vec<Scan>>> {
    let program = programs::python(GUARDDOG)?.join("bin/guarddog");
    let (mut any, mut risks) = (Vec::new(), Vec::new());
    for (folder, python) in folders {
        let begin = Instant::now();
        let output = Command::new(&program)
            .arg(if *python { "pypi" } else { "npm" })
            .arg("scan")
            .arg(folder)
            .args(["--output-format", "json"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .context("guarddog cannot be run")?;
        let time = begin.elapsed();
        let said: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("what guarddog says of {}", folder.display()))?;
        any.push(understood(&said, false, time)?);
        risks.push(understood(&said, true, time)?);
    }
    Ok(vec![any, risks])
}

/// What guarddog's answer means.
fn understood(said: &Value, risks: bool, time: Duration) -> Result<Scan> {
    let kinds: BTreeSet<String> = if risks {
        let all = said.get("risks").and_then(Value::as_array);
        let all = all.context("an answer without risks")?;
        let name = |risk: &Value| {
            let name = risk.get("name").or_else(|| risk.get("category"));
            name.and_then(Value::as_str)
                .map_or_else(|| risk.to_string(), str::to_owned)
        };
        all.iter().map(name).collect()
    } else {
        let all = said.get("results").and_then(Value::as_object);
        let all = all.context("an answer without results")?;
        let empty = |value: &Value| match value {
            Value::Null => true,
            Value::Object(map) => map.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        let some = all.iter().filter(|(_, value)| !empty(value));
        some.map(|(name, _)| name.clone()).collect()
    };
    Ok(Scan {
        risk: !kinds.is_empty(),
        kinds,
        time,
    })
}

fn yara(folders: &[(PathBuf, bool)]) -> Result<Vec<Scan>> {
    let rules = rules(&programs::python(GUARDDOG)?)?;
    let environment = programs::python(YARA)?;
    let script = environment.join("scan.py");
    std::fs::write(&script, include_str!("scan.py"))?;
    let mut command = Command::new(environment.join("bin/python"));
    command.arg("-I").arg(script).arg(rules);
    driven(&mut command, folders)
}

/// The folder of the rules that guarddog ships.
fn rules(environment: &Path) -> Result<PathBuf> {
    for version in std::fs::read_dir(environment.join("lib"))? {
        let folder = version?
            .path()
            .join("site-packages/guarddog/analyzer/sourcecode");
        if folder.is_dir() {
            return Ok(folder);
        }
    }
    bail!("guarddog ships no rules")
}

fn js_x_ray(folders: &[(PathBuf, bool)]) -> Result<Vec<Scan>> {
    let folder = programs::npm(JS_X_RAY)?;
    let script = folder.join("scan.mjs");
    std::fs::write(&script, include_str!("scan.mjs"))?;
    driven(Command::new("node").arg(script), folders)
}

/// Runs a script of ours over all folders.
fn driven(command: &mut Command, folders: &[(PathBuf, bool)]) -> Result<Vec<Scan>> {
    let list: Vec<&Path> = folders.iter().map(|(folder, _)| folder.as_path()).collect();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("a scanner cannot be run")?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(serde_json::to_string(&list)?.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("a scanner ended with {}", output.status);
    }
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let results = said.get("results").and_then(Value::as_array);
    let results = results.context("a scanner without results")?;
    if results.len() != folders.len() {
        bail!("{} results of {} folders", results.len(), folders.len());
    }
    let scan = |result: &Value| -> Result<Scan> {
        let kinds = result.get("kinds").and_then(Value::as_array);
        let kinds: BTreeSet<String> = kinds
            .context("a result without kinds")?
            .iter()
            .map(|kind| kind.as_str().unwrap_or_default().to_owned())
            .collect();
        let time = result.get("seconds").and_then(Value::as_f64);
        Ok(Scan {
            risk: !kinds.is_empty(),
            kinds,
            time: Duration::from_secs_f64(time.unwrap_or_default()),
        })
    };
    results.iter().map(scan).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_without_matches_are_no_findings() {
        let said = serde_json::json!({
            "results": { "threat-a": {}, "capability-b": { "f.js:1": "x" }, "c": null, "d": [] },
            "risks": [{ "name": "stealing" }],
        });
        let any = understood(&said, false, Duration::ZERO).unwrap();
        assert_eq!(any.kinds, BTreeSet::from(["capability-b".to_owned()]));
        let risks = understood(&said, true, Duration::ZERO).unwrap();
        assert_eq!(risks.kinds, BTreeSet::from(["stealing".to_owned()]));
    }
}
