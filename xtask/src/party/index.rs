//! The index of packages by which code of bundles is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

/// Packages that command-line tools are made of, one a line.
const PACKAGES: &str = include_str!("packages.txt");
/// Larger files are data, or bundles that hold the packages of others.
const LARGEST: u64 = 1 << 20;
/// Folders of packages that no bundle takes code from.
const ASIDE: &[&str] = &[
    "node_modules",
    "test",
    "tests",
    "__tests__",
    "example",
    "examples",
    "docs",
    "doc",
    "bench",
    "benchmark",
    "benchmarks",
    "fixtures",
    "coverage",
    ".github",
    "man",
    "website",
];

/// Makes the index anew. Without a folder, `npm` fetches the packages, and
/// what they depend on, into a temporary one; no script of theirs is run.
pub(crate) fn index(folder: Option<&Path>) -> Result<ExitCode> {
    let temporary = tempfile::tempdir()?;
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => {
            install(temporary.path())?;
            temporary.path().join("node_modules")
        }
    };
    let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    packages(&folder, &mut files)?;
    let mut features: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let (mut read, mut not) = (0usize, 0usize);
    for (name, files) in &files {
        let known = features.entry(name.clone()).or_default();
        for file in files {
            let Ok(text) = std::fs::read_to_string(file) else {
                continue;
            };
            match assay_analyze::party_features(&file.to_string_lossy(), &text) {
                Some(features) => {
                    read += 1;
                    known.extend(features);
                }
                None => not += 1,
            }
        }
    }
    let packages: Vec<(String, Vec<u32>)> = features
        .into_iter()
        .filter(|(_, features)| !features.is_empty())
        .map(|(name, features)| (name, features.into_iter().collect()))
        .collect();
    let data = assay_analyze::party_index(&packages);
    let path = crate::root()?.join("data/packages.idx");
    std::fs::write(&path, &data)?;
    println!(
        "{} packages, {read} files ({not} could not be parsed), {} bytes",
        packages.len(),
        data.len()
    );
    Ok(ExitCode::SUCCESS)
}

fn install(folder: &Path) -> Result<()> {
    std::fs::write(folder.join("package.json"), "{\"private\":true}")?;
    let status = Command::new("npm")
        .arg("install")
        .args([
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--legacy-peer-deps",
        ])
        .args(["--omit=optional", "--no-package-lock", "--loglevel=error"])
        .args(PACKAGES.lines().filter(|name| !name.is_empty()))
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .context("npm cannot be run; name a folder of packages instead")?;
    if !status.success() {
        bail!("npm could not fetch the packages");
    }
    Ok(())
}

/// The files of the packages of a folder, and of the folders in them.
fn packages(folder: &Path, out: &mut BTreeMap<String, Vec<PathBuf>>) -> Result<()> {
    for entry in sorted(folder)? {
        let name = file_name(&entry);
        if name.starts_with('.') || !entry.is_dir() {
            continue;
        }
        if name.starts_with('@') {
            for inner in sorted(&entry)? {
                package(&inner, &format!("{name}/{}", file_name(&inner)), out)?;
            }
        } else {
            package(&entry, &name, out)?;
        }
    }
    Ok(())
}

fn package(folder: &Path, name: &str, out: &mut BTreeMap<String, Vec<PathBuf>>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in sorted(&at)? {
            let inner = file_name(&entry);
            if entry.is_dir() {
                if !ASIDE.contains(&inner.as_str()) {
                    open.push(entry);
                }
            } else if [".js", ".mjs", ".cjs"]
                .iter()
                .any(|end| inner.ends_with(end))
                && !inner.contains(".min.")
                && !inner.contains(".test.")
                && std::fs::metadata(&entry)?.len() < LARGEST
            {
                out.entry(name.to_owned()).or_default().push(entry);
            }
        }
    }
    let nested = folder.join("node_modules");
    if nested.is_dir() {
        packages(&nested, out)?;
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
