//! What the project holds itself to beyond what compiler and clippy check.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The table of DESIGN.md, section Crates: what each crate may depend on.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("text", &["model"]),
    ("confine", &["model"]),
    ("artifact", &["model", "confine"]),
    ("analyze", &["model", "text", "confine", "artifact"]),
    ("wire", &["model"]),
    ("observe", &["model", "text", "confine", "wire", "artifact"]),
    ("attest", &["model"]),
    ("guard", &["model", "text"]),
    ("report", &["model"]),
    (
        "review",
        &[
            "model", "text", "artifact", "analyze", "confine", "observe", "guard", "report",
            "attest",
        ],
    ),
];
/// They may depend on all.
const FREE: &[&str] = &["cli", "it", "xtask"];
/// Dependencies that are isolated in few crates.
const ISOLATED: &[(&str, &[&str])] = &[
    // The second reads its own process only.
    ("object", &["analyze", "observe"]),
    ("cedar-policy", &["guard"]),
    ("oxc", &["analyze"]),
    ("ureq", &["artifact"]),
    ("yara-x", &["analyze"]),
];
const ISOLATED_FREE: &[&str] = &["it", "xtask"];
/// Crates that may hold `unsafe`, and so set their own lints.
const UNSAFE: &[&str] = &["confine", "observe"];
/// Names of products and vendors; rules are general and name none. With a
/// dot in front only as the name of a file or folder.
const NAMES: &[&str] = &[
    "claude",
    "anthropic",
    "codex",
    "openai",
    "gemini",
    "qwen",
    "opencode",
    "copilot",
    "qoder",
    "cline",
    "aider",
    ".cursor",
    "deepseek",
];
/// Files that have to name what they speak with and start: shapes of public
/// interfaces, and the lists of recipes and profiles. They detect nothing.
const NAMING: &[&str] = &[
    "crates/wire/src/providers/",
    "crates/observe/src/recipe.rs",
    "crates/review/src/vendors.rs",
];
const DOCUMENTS: &[&str] = &[
    "ARCHITECTURE.md",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
];

/// Something that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    file: String,
    line: usize,
    reason: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

pub(crate) fn run() -> Result<ExitCode> {
    let root = crate::root()?;
    let mut faults = Vec::new();
    for package in packages(&root)? {
        let manifest = std::fs::read_to_string(&package.manifest)?;
        let file = shown(&package.manifest, &root);
        faults.extend(directions(&package, &file, &manifest));
        faults.extend(lints(&package.name, &file, &manifest));
    }
    let workspace = std::fs::read_to_string(root.join("Cargo.toml"))?;
    let setting = ("workspace.lints.rust", "unsafe_code = \"forbid\"");
    if find(&workspace, setting.0, setting.1).is_none() {
        faults.push(Fault {
            file: "Cargo.toml".to_owned(),
            line: 1,
            reason: format!("[{}] does not say {}", setting.0, setting.1),
        });
    }
    for path in sources(&root.join("crates"))? {
        let text = std::fs::read_to_string(&path)?;
        faults.extend(names(&shown(&path, &root), &text));
    }
    for document in DOCUMENTS {
        if !root.join(document).is_file() {
            faults.push(Fault {
                file: (*document).to_owned(),
                line: 1,
                reason: "this document is missing".to_owned(),
            });
        }
    }
    for (file, reason) in crate::kept::faults(&root)? {
        faults.push(Fault {
            file,
            line: 1,
            reason,
        });
    }
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() {
        println!("directions, unsafe, names, documents and kept files are as they should be");
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::FAILURE)
    }
}

/// A crate of the workspace, without the prefix in its name.
#[derive(Debug)]
struct Package {
    name: String,
    manifest: PathBuf,
    dependencies: Vec<String>,
}

fn short(name: &str) -> &str {
    name.strip_prefix("assay-").unwrap_or(name)
}

fn packages(root: &Path) -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root)
        .output()
        .context("cargo metadata cannot be run")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let text = |value: &Value, key: &str| {
        let text = value.get(key).and_then(Value::as_str);
        text.map(str::to_owned)
            .with_context(|| format!("cargo metadata has no {key}"))
    };
    let list = |value: &Value, key: &str| {
        let list = value.get(key).and_then(Value::as_array).cloned();
        list.with_context(|| format!("cargo metadata has no {key}"))
    };
    list(&metadata, "packages")?
        .iter()
        .map(|package| {
            let dependencies = list(package, "dependencies")?;
            let dependencies = dependencies
                .iter()
                .map(|dependency| text(dependency, "name"));
            Ok(Package {
                name: short(&text(package, "name")?).to_owned(),
                manifest: text(package, "manifest_path")?.into(),
                dependencies: dependencies.collect::<Result<_>>()?,
            })
        })
        .collect()
}

/// Dependencies that the design does not allow.
fn directions(package: &Package, file: &str, manifest: &str) -> Vec<Fault> {
    let name = package.name.as_str();
    let fault = |dependency: &str, reason: String| Fault {
        file: file.to_owned(),
        line: line_of(manifest, dependency),
        reason,
    };
    let mut faults = Vec::new();
    let allowed = DIRECTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, list)| *list);
    if allowed.is_none() && !FREE.contains(&name) {
        faults.push(fault(
            "name",
            format!("{name} is not in the table of directions (xtask/src/check.rs, DESIGN.md)"),
        ));
    }
    for dependency in &package.dependencies {
        if let (Some(inner), Some(allowed)) = (dependency.strip_prefix("assay-"), allowed)
            && !allowed.contains(&inner)
        {
            faults.push(fault(
                dependency,
                format!("{name} may not depend on {inner}"),
            ));
        }
        for (isolated, owners) in ISOLATED {
            let is = dependency == isolated || dependency.starts_with(&format!("{isolated}_"));
            if is && !owners.contains(&name) && !ISOLATED_FREE.contains(&name) {
                let reason = format!("only {} may depend on {dependency}", owners.join(" and "));
                faults.push(fault(dependency, reason));
            }
        }
    }
    faults
}

/// A crate that does not take the workspace's lints, and with them the ban on
/// `unsafe`.
fn lints(name: &str, file: &str, manifest: &str) -> Option<Fault> {
    if UNSAFE.contains(&name) || find(manifest, "lints", "workspace = true").is_some() {
        return None;
    }
    Some(Fault {
        file: file.to_owned(),
        line: line_of(manifest, "[lints"),
        reason: "[lints] does not say workspace = true, so that unsafe is not forbidden".to_owned(),
    })
}

/// The line of a setting in a section of a manifest.
fn find(manifest: &str, section: &str, setting: &str) -> Option<usize> {
    let mut within = false;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            within = line == format!("[{section}]");
        } else if within && line == setting {
            return Some(index.saturating_add(1));
        }
    }
    None
}

/// The first line that starts with a text, or the first one.
fn line_of(text: &str, start: &str) -> usize {
    let found = text
        .lines()
        .position(|line| line.trim_start().starts_with(start));
    found.unwrap_or(0).saturating_add(1)
}

/// Names of products in code, outside of tests.
fn names(file: &str, text: &str) -> Vec<Fault> {
    if NAMING.iter().any(|known| file.starts_with(known)) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let next = lines.peek().map(|(_, next)| *next).unwrap_or_default();
        if line == "#[cfg(test)]" && next.starts_with("mod ") && next.ends_with('{') {
            // A module at the outermost level ends at a brace without indent.
            for (_, line) in lines.by_ref() {
                if line == "}" {
                    break;
                }
            }
            continue;
        }
        for name in NAMES.iter().filter(|name| holds(line, name)) {
            faults.push(Fault {
                file: file.to_owned(),
                line: index.saturating_add(1),
                reason: format!("names a product or vendor ({name}); rules are general"),
            });
        }
    }
    faults
}

/// Whether a line holds a name as a word: no letter before or after it.
fn holds(line: &str, name: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.match_indices(name).any(|(at, _)| {
        let before = line.get(..at).and_then(|part| part.chars().next_back());
        let end = at.saturating_add(name.len());
        let after = line.get(end..).and_then(|part| part.chars().next());
        let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        // `self.cursor` and `.cursor()` are code; a path or text is meant.
        let code = name.starts_with('.')
            && (before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ')' | ']' | '?'))
                || matches!(after, Some('(' | '.' | '_')));
        !letter(before) && !letter(after) && !code
    })
}

/// All Rust files under a folder's `*/src`, without those of tests.
fn sources(crates: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = entries(crates)?
        .iter()
        .map(|path| path.join("src"))
        .collect();
    while let Some(folder) = left.pop() {
        for path in entries(&folder)? {
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() {
                if name != "tests" {
                    left.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") && name != "tests.rs" {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    read.map(|entry| Ok(entry?.path())).collect()
}

fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn lines(text: &str) -> Vec<usize> {
        names("x.rs", text).iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn names_are_words_outside_of_tests() {
        assert_eq!(lines("let a = 1;\n// as Codex does"), [2]);
        assert_eq!(lines("\"OPENAI_API_KEY\""), [1]);
        assert_eq!(lines("decline(); incline; raider"), NONE);
        assert_eq!(lines("self.cursor.next(); x.cursor()"), NONE);
        assert_eq!(lines("\"~/.cursor/mcp.json\""), [1]);
        assert_eq!(
            lines("#[cfg(test)]\nmod tests {\n    \"qwen\"\n}\n\"qwen\""),
            [5]
        );
    }

    #[test]
    fn directions_follow_the_table() {
        let check = |name: &str, dependency: &str| {
            let package = Package {
                name: name.to_owned(),
                manifest: PathBuf::new(),
                dependencies: vec![dependency.to_owned()],
            };
            let manifest = format!("[dependencies]\n{dependency}.workspace = true\n");
            let faults = directions(&package, "Cargo.toml", &manifest);
            faults.iter().map(|fault| fault.line).collect::<Vec<_>>()
        };
        assert_eq!(check("artifact", "assay-confine"), NONE);
        assert_eq!(check("artifact", "assay-analyze"), [2]);
        assert_eq!(check("review", "oxc_parser"), [2]);
        assert_eq!(check("analyze", "oxc_parser"), NONE);
        assert_eq!(check("cli", "ureq"), [2]);
        assert_eq!(check("it", "assay-review"), NONE);
        assert_eq!(check("new", "serde").len(), 1);
    }

    #[test]
    fn lints_come_from_the_workspace() {
        assert_eq!(lints("text", "f", "[lints]\nworkspace = true\n"), None);
        assert!(lints("text", "f", "[package]\nworkspace = true\n").is_some());
        assert_eq!(lints("confine", "f", ""), None);
    }
}
