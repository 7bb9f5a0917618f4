//! Whether the cases do what their labels say: each is run, in a stand-in for
//! the host, where the fact holds and where it does not.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};

use super::cases::{Case, Check};
use super::part::Style;

const PARALLEL: usize = 2;

/// What was checked.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) good: usize,
    /// Cases that are not run, and why.
    pub(super) skipped: Vec<(String, String)>,
    /// Cases that do not do what their labels say.
    pub(super) wrong: Vec<(String, String)>,
}

/// Runs all cases that can be run.
pub(super) fn run(cases: &[Case]) -> Result<Checked> {
    let folder = tempfile::tempdir()?;
    std::fs::write(
        folder.path().join("harness.cjs"),
        include_str!("harness.cjs"),
    )?;
    std::fs::write(folder.path().join("harness.py"), include_str!("harness.py"))?;
    let next = AtomicUsize::new(0);
    let checked: Mutex<Checked> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let result = match &case.check {
                        Check::Skip(reason) => Ok(Some(reason.clone())),
                        _ => one(case, folder.path()).map(|()| None),
                    };
                    let Ok(mut checked) = checked.lock() else {
                        break;
                    };
                    let id = case.id.clone();
                    match result {
                        Ok(None) => checked.good = checked.good.saturating_add(1),
                        Ok(Some(reason)) => checked.skipped.push((id, reason)),
                        Err(error) => checked.wrong.push((id, format!("{error:#}"))),
                    }
                }
            });
        }
    });
    let checked = checked.into_inner();
    checked.ok().context("a check broke off")
}

fn one(case: &Case, base: &Path) -> Result<()> {
    let folder = base.join(&case.id);
    for (name, text) in &case.check_files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().context("a file without a folder")?)?;
        std::fs::write(path, text)?;
    }
    let on = outputs(case, base, &folder, &case.on)?;
    let off = outputs(case, base, &folder, &case.off)?;
    std::fs::remove_dir_all(&folder)?;
    if case.expected.is_empty() || on.is_empty() {
        bail!("nothing leaves");
    }
    match &case.check {
        Check::Differ(yes, no) => {
            if on == off {
                bail!("the same under both settings: {on:?}");
            }
            let replaced: Vec<String> = on.iter().map(|text| text.replace(yes, no)).collect();
            // What stands for "no" elsewhere in the text is the same in both.
            let other: Vec<String> = off.iter().map(|text| text.replace(yes, no)).collect();
            if replaced != other || !on.concat().contains(yes) {
                bail!("not {yes:?} for {no:?}: {on:?} and {off:?}");
            }
        }
        Check::Same => {
            if on != off {
                bail!("not the same: {on:?} and {off:?}");
            }
        }
        Check::Visible => {
            let seen =
                |texts: &[String]| -> Vec<String> { texts.iter().map(|text| seen(text)).collect() };
            if on != off && seen(&on) == seen(&off) {
                bail!("nobody sees the difference: {on:?} and {off:?}");
            }
        }
        Check::Skip(_) => {}
    }
    Ok(())
}

/// About what a person takes from a text: its skeleton without white space
/// and case.
fn seen(text: &str) -> String {
    let skeleton = assay_text::skeleton(text);
    skeleton
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What leaves a case under settings of the host.
pub(super) fn outputs(
    case: &Case,
    base: &Path,
    folder: &Path,
    settings: &[String],
) -> Result<Vec<String>> {
    let first = case.check_files.first().context("a case without files")?;
    let mut command = if case.style == Style::Py {
        let mut command = Command::new("python3");
        let module = first.0.trim_end_matches(".py").replace('/', ".");
        command
            .args(["-I", "-X", "utf8"])
            .arg(base.join("harness.py"));
        command.arg(folder).arg(module);
        command
    } else {
        let mut command = Command::new("node");
        command.arg("--no-warnings").arg(base.join("harness.cjs"));
        command.arg(folder.join(&first.0));
        command
    };
    command.env_clear();
    for (key, value) in [("HOME", "/home/somebody"), ("LANG", "C.UTF-8")] {
        command.env(key, value);
    }
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    for setting in settings {
        match setting.strip_prefix("env.").and_then(|s| s.split_once('=')) {
            Some((name, value)) => {
                command.env(name, value);
            }
            None => {
                command.arg(setting);
            }
        }
    }
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .context("node or python3 cannot be run")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let Some((_, records)) = said.split_once('\u{1}') else {
        bail!(
            "it ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    };
    Ok(serde_json::from_str(records)?)
}
