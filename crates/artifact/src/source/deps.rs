//! Dependencies, resolved by npm or pip themselves and fetched by us.
//!
//! The resolver runs nothing of a package: npm with scripts off and writing
//! its lock file only, pip for files that need no build only. What they name
//! is fetched and checked like every other artifact.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assay_model::{ArtifactRole, Sha256};
use serde_json::Value;
use url::Url;

use super::env::Environment;
use super::error::FetchError;
use super::http::Client;
use super::integrity::Published;
use super::npm::{self as npm_registry, Manifest, Npm};
use super::npmrc::on_path;
use super::pep440::Version;
use super::pypi::{Chosen, Pypi, normalised};
use super::spec::{Platform, PlatformChoice, shown, valid_npm_name, valid_pypi_name};
use super::{Artifact, Installed, NotRead};

/// How long a resolver may take.
const MOST_TIME: Duration = Duration::from_secs(900);

/// The largest answer of a resolver that is read.
const MOST_OUTPUT: u64 = 256 << 20;

/// How many requirements are resolved one by one when pip cannot resolve them
/// together.
const MOST_SINGLE: usize = 100;

struct Output {
    success: bool,
    stdout: Vec<u8>,
    stderr: String,
}

/// Runs a resolver in a folder of its own, with the named variables only.
fn run(
    program: &Path,
    tool: &'static str,
    name: &str,
    arguments: &[OsString],
    folder: &Path,
    variables: &[(OsString, OsString)],
    client: &Client<'_>,
) -> Result<Output, FetchError> {
    let failed = |reason: String| FetchError::Resolver {
        tool,
        name: name.to_owned(),
        reason,
    };
    let io = |error: std::io::Error| failed(error.to_string());
    let mut stdout = tempfile::tempfile().map_err(io)?;
    let mut stderr = tempfile::tempfile().map_err(io)?;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().cloned())
        .stdin(Stdio::null())
        .stdout(stdout.try_clone().map_err(io)?)
        .stderr(stderr.try_clone().map_err(io)?)
        .spawn()
        .map_err(io)?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(io)? {
            Some(status) => break status,
            None => {
                let stop = client.check_cancelled().err().or_else(|| {
                    (start.elapsed() > MOST_TIME)
                        .then(|| failed(format!("it took over {} seconds", MOST_TIME.as_secs())))
                });
                if let Some(error) = stop {
                    // It may have ended by itself meanwhile.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(error);
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    };
    let read = |file: &mut File| -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.take(MOST_OUTPUT).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let said = read(&mut stderr).map_err(io)?;
    Ok(Output {
        success: status.success(),
        stdout: read(&mut stdout).map_err(io)?,
        stderr: client
            .access
            .scrubbed_lines(&String::from_utf8_lossy(&said)),
    })
}

/// The lines of a resolver's complaint that tell the reason.
fn reason(stderr: &str) -> String {
    let errors: Vec<&str> = stderr
        .lines()
        .filter(|line| {
            let lower = line.to_ascii_lowercase();
            lower.contains("error") && !lower.contains("complete log")
        })
        .collect();
    let lines = if errors.is_empty() {
        stderr.lines().rev().take(3).collect()
    } else {
        errors
    };
    let text: Vec<String> = lines
        .iter()
        .take(4)
        .map(|line| shown(line.trim()))
        .collect();
    if text.is_empty() {
        "it said nothing".to_owned()
    } else {
        text.join(" | ")
    }
}

fn scratch(tool: &'static str, name: &str) -> Result<tempfile::TempDir, FetchError> {
    tempfile::Builder::new()
        .prefix("assay-deps-")
        .tempdir()
        .map_err(|error| FetchError::Resolver {
            tool,
            name: name.to_owned(),
            reason: format!("no temporary folder could be made: {error}"),
        })
}

/// What one entry of npm's lock file is.
struct Locked {
    manifest: Manifest,
    key: String,
    /// Where it is installed, below the folder of the project.
    path: String,
    resolved: Option<String>,
    integrity: Option<String>,
}

fn lock_entries(lock: &Value, not_read: &mut Vec<NotRead>) -> Vec<Locked> {
    let mut out = Vec::new();
    let packages = lock.get("packages").and_then(Value::as_object);
    for (path, entry) in packages.into_iter().flatten() {
        let Some((_, key)) = path.rsplit_once("node_modules/") else {
            continue;
        };
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        if entry.get("inBundle").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        let name = text("name").unwrap_or(key);
        let elsewhere = entry.get("link").is_some()
            || text("resolved")
                .is_some_and(|from| !from.starts_with("https://") && !from.starts_with("http://"));
        let version = match text("version") {
            Some(version)
                if valid_npm_name(name)
                    && !elsewhere
                    && node_semver::Version::parse(version).is_ok() =>
            {
                version
            }
            _ => {
                not_read.push(NotRead {
                    name: shown(key),
                    detail: "a dependency that is not from a registry; these are not fetched"
                        .to_owned(),
                });
                continue;
            }
        };
        out.push(Locked {
            manifest: Manifest::from_lock(name, version, entry.clone()),
            key: key.to_owned(),
            path: path.clone(),
            resolved: text("resolved").map(str::to_owned),
            integrity: text("integrity").map(str::to_owned),
        });
    }
    out
}

/// Resolves and fetches the dependencies of an npm package.
pub(super) fn npm(
    npm: &Npm<'_>,
    env: &dyn Environment,
    main: &Manifest,
    artifacts: &mut Vec<Artifact>,
    not_read: &mut Vec<NotRead>,
) -> Result<Vec<Installed>, FetchError> {
    let label = format!("npm:{}@{}", main.name, main.version);
    let failed = |reason: String| FetchError::Resolver {
        tool: "npm",
        name: label.clone(),
        reason,
    };
    let client = npm.registry.client;
    let program = on_path("npm", env).ok_or(FetchError::ResolverMissing { tool: "npm" })?;
    let folder = scratch("npm", &label)?;
    let package = serde_json::json!({
        "name": "assay-dependencies",
        "version": "0.0.0",
        "private": true,
        "dependencies": { (main.name.as_str()): (main.version.as_str()) },
    });
    let io = |error: std::io::Error| failed(error.to_string());
    std::fs::write(folder.path().join("package.json"), package.to_string()).map_err(io)?;
    if let Some(project) = &npm.config.project {
        std::fs::write(folder.path().join(".npmrc"), project).map_err(io)?;
    }
    let mut arguments: Vec<OsString> = [
        "install",
        "--package-lock-only",
        "--package-lock=true",
        "--lockfile-version=3",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--omit-lockfile-registry-resolved=false",
        "--no-progress",
        "--global=false",
        // A git repository would be fetched by a program that takes commands
        // from it; nothing of a package may run.
        "--git=assay-does-not-run-git",
    ]
    .iter()
    .map(OsString::from)
    .collect();
    for (name, file) in &npm.config.files {
        if let Some(file) = file {
            arguments.push(name.into());
            arguments.push(file.into());
        }
    }
    if npm.registry.offline {
        arguments.push("--offline".into());
    }
    client
        .progress
        .message(&format!("npm resolves the dependencies of {label}"));
    let output = run(
        &program,
        "npm",
        &label,
        &arguments,
        folder.path(),
        &npm.config.variables,
        client,
    )?;
    if !output.success {
        return Err(failed(reason(&output.stderr)));
    }
    let lock = std::fs::read(folder.path().join("package-lock.json")).map_err(io)?;
    let lock: Value = serde_json::from_slice(&lock)
        .map_err(|error| failed(format!("its lock file is broken ({error})")))?;
    let entries = lock_entries(&lock, not_read);

    let known: BTreeSet<(String, String)> = artifacts
        .iter()
        .map(|artifact| {
            (
                artifact.purl.full_name(),
                artifact.purl.version.clone().unwrap_or_default(),
            )
        })
        .collect();
    let chosen = npm.for_platform(
        entries
            .iter()
            .map(|entry| (entry.key.clone(), entry.manifest.clone()))
            .collect(),
        not_read,
    );
    let mut wanted: Vec<&Locked> = entries
        .iter()
        .filter(|entry| {
            let id = (entry.manifest.name.clone(), entry.manifest.version.clone());
            chosen.contains(&id) && !known.contains(&id)
        })
        .collect();
    wanted.sort_by(|a, b| {
        (&a.manifest.name, &a.manifest.version).cmp(&(&b.manifest.name, &b.manifest.version))
    });
    wanted.dedup_by(|a, b| {
        a.manifest.name == b.manifest.name && a.manifest.version == b.manifest.version
    });
    for entry in wanted {
        match locked(npm, entry)? {
            Some(artifact) => artifacts.push(artifact),
            None => not_read.push(NotRead {
                name: shown(entry.resolved.as_deref().unwrap_or(&entry.key)),
                detail: format!(
                    "a dependency that is not from a registry, installed as {}; these are not fetched",
                    shown(&entry.key)
                ),
            }),
        }
    }
    not_read.sort_by(|a, b| a.name.cmp(&b.name));
    not_read.dedup_by(|a, b| a.name == b.name);
    let of: BTreeMap<(String, &str), Sha256> = artifacts
        .iter()
        .map(|artifact| {
            let version = artifact.purl.version.as_deref().unwrap_or_default();
            ((artifact.purl.full_name(), version), artifact.sha256)
        })
        .collect();
    Ok(entries
        .iter()
        .filter_map(|entry| {
            let manifest = &entry.manifest;
            let sha256 = of.get(&(manifest.name.clone(), manifest.version.as_str()))?;
            Some(Installed {
                path: entry.path.clone(),
                sha256: *sha256,
            })
        })
        .collect())
}

/// Fetches what one entry of the lock file names; nothing where that is no
/// file of the registry.
fn locked(npm: &Npm<'_>, entry: &Locked) -> Result<Option<Artifact>, FetchError> {
    let manifest = &entry.manifest;
    if let Some(resolved) = &entry.resolved {
        let url = npm.config.file_url(&manifest.name, resolved)?;
        let registry = npm.config.registry_of(&manifest.name);
        // An address on another host may be a dependency on a file there and
        // not on a package; what the registry says of the version decides.
        if url.host_str() == registry.host_str() && entry.integrity.is_some() {
            let (published, unpublished) =
                npm_registry::published(entry.integrity.as_deref(), None);
            return npm
                .download(
                    &manifest.name,
                    &manifest.version,
                    ArtifactRole::Dependency,
                    url,
                    published,
                    unpublished,
                    None,
                )
                .map(Some);
        }
    }
    let known = match npm.resolve(&manifest.name, &manifest.version) {
        Ok(known) => known,
        Err(FetchError::NoSuchPackage { .. } | FetchError::NoSuchVersion { .. }) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    // What a file calls itself makes it no file of the registry.
    if entry.integrity.is_none() || !known.has_integrity(entry.integrity.as_deref()) {
        return Ok(None);
    }
    npm.artifact(&known, ArtifactRole::Dependency).map(Some)
}

/// pip's options for a platform that is not this machine's.
fn pip_platform(platform: &Platform) -> Option<Vec<String>> {
    let arch = match platform.cpu.as_str() {
        "x64" => "x86_64",
        "arm64" => "aarch64",
        "ia32" => "i686",
        "ppc64" => "ppc64le",
        other => other,
    };
    let tags: Vec<String> = match (platform.os.as_str(), platform.libc.as_deref()) {
        ("linux", Some("musl")) => vec![
            format!("musllinux_1_2_{arch}"),
            format!("musllinux_1_1_{arch}"),
        ],
        ("linux", _) => vec![
            format!("manylinux_2_34_{arch}"),
            format!("manylinux_2_28_{arch}"),
            format!("manylinux_2_17_{arch}"),
            format!("manylinux2014_{arch}"),
        ],
        ("darwin", _) => {
            let arch = if arch == "aarch64" { "arm64" } else { arch };
            vec![
                format!("macosx_14_0_{arch}"),
                format!("macosx_11_0_{arch}"),
                "macosx_11_0_universal2".to_owned(),
            ]
        }
        ("win32", _) => vec![
            match platform.cpu.as_str() {
                "x64" => "win_amd64",
                "arm64" => "win_arm64",
                _ => "win32",
            }
            .to_owned(),
        ],
        _ => return None,
    };
    Some(
        tags.into_iter()
            .flat_map(|tag| ["--platform".to_owned(), tag])
            .collect(),
    )
}

/// What pip's Python loads before anything else: from then on it starts no
/// other program. pip builds what a dependency names by address and has no
/// wheel for, whatever its options say, and a build runs the package's code.
const GUARD: &str = r#"import os, sys

def guard(event, args):
    if event.startswith(("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.")):
        raise PermissionError("nothing is started while dependencies are resolved")

sys.addaudithook(guard)
open(os.environ["ASSAY_GUARD"], "w").close()
"#;

struct Pip<'a> {
    program: std::path::PathBuf,
    variables: Vec<(OsString, OsString)>,
    options: Vec<OsString>,
    folder: &'a Path,
    label: &'a str,
}

impl Pip<'_> {
    /// Puts the guard in, and makes sure that this pip loads it.
    fn guarded(mut self, pypi: &Pypi<'_>) -> Result<Self, FetchError> {
        let failed = |reason: String| FetchError::Resolver {
            tool: "pip",
            name: self.label.to_owned(),
            reason,
        };
        let io = |error: std::io::Error| failed(error.to_string());
        let folder = self.folder.join("guard");
        let told = self.folder.join("guarded");
        std::fs::create_dir(&folder).map_err(io)?;
        std::fs::write(folder.join("sitecustomize.py"), GUARD).map_err(io)?;
        self.variables
            .retain(|(name, _)| !name.to_string_lossy().starts_with("PYTHON"));
        self.variables.extend([
            ("PYTHONPATH".into(), folder.into()),
            ("ASSAY_GUARD".into(), told.clone().into()),
        ]);
        run(
            &self.program,
            "pip",
            self.label,
            &["--version".into()],
            self.folder,
            &self.variables,
            pypi.registry.client,
        )?;
        if !told.exists() {
            return Err(failed(
                "it cannot be kept from building packages, which runs their code".to_owned(),
            ));
        }
        Ok(self)
    }

    /// What pip would install for a requirement, or its reason why not.
    fn report(
        &self,
        pypi: &Pypi<'_>,
        requirement: &str,
    ) -> Result<Result<Vec<Value>, String>, FetchError> {
        let report = self.folder.join("report.json");
        let mut arguments = self.options.clone();
        arguments.push("--report".into());
        arguments.push(report.clone().into());
        arguments.push("--".into());
        arguments.push(requirement.into());
        let output = run(
            &self.program,
            "pip",
            self.label,
            &arguments,
            self.folder,
            &self.variables,
            pypi.registry.client,
        )?;
        if !output.success {
            return Ok(Err(reason(&output.stderr)));
        }
        let value = std::fs::read(&report)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let install = value
            .as_ref()
            .and_then(|value| value.get("install"))
            .and_then(Value::as_array)
            .cloned();
        Ok(install.ok_or_else(|| {
            format!(
                "it wrote no report; pip 23 or newer is needed ({})",
                String::from_utf8_lossy(&output.stdout)
                    .lines()
                    .last()
                    .map(shown)
                    .unwrap_or_default()
            )
        }))
    }
}

/// Resolves and fetches the dependencies of a Python project.
pub(super) fn pypi(
    pypi: &Pypi<'_>,
    env: &dyn Environment,
    chosen: &Chosen,
    artifacts: &mut Vec<Artifact>,
    not_read: &mut Vec<NotRead>,
) -> Result<(), FetchError> {
    let label = format!("pypi:{}=={}", chosen.name, chosen.version);
    let client = pypi.registry.client;
    if pypi.registry.offline {
        return Err(FetchError::Offline {
            what: format!("the list of dependencies of {label} (pip asks the index for it)"),
        });
    }
    let program = on_path("pip", env)
        .or_else(|| on_path("pip3", env))
        .ok_or(FetchError::ResolverMissing { tool: "pip" })?;
    let folder = scratch("pip", &label)?;
    let mut options: Vec<OsString> = [
        "install",
        "--dry-run",
        "--ignore-installed",
        "--only-binary=:all:",
        "--no-input",
        "--disable-pip-version-check",
        "--quiet",
    ]
    .iter()
    .map(OsString::from)
    .collect();
    match pypi.platform {
        PlatformChoice::Named(platform) if platform != pypi.host => {
            if let Some(tags) = pip_platform(platform) {
                options.extend(tags.into_iter().map(OsString::from));
                options.push("--target".into());
                options.push(folder.path().join("target").into());
            }
        }
        PlatformChoice::All => not_read.push(NotRead {
            name: format!("dependencies of {label} on other platforms"),
            detail: format!(
                "dependencies were resolved for {}: name one --platform after another to read \
                 those of others",
                pypi.host
            ),
        }),
        _ => {}
    }
    let pip = Pip {
        program,
        variables: pypi.config.variables.clone(),
        options,
        folder: folder.path(),
        label: &label,
    }
    .guarded(pypi)?;
    client
        .progress
        .message(&format!("pip resolves the dependencies of {label}"));
    let whole = format!("{}=={}", chosen.name, chosen.version);
    let mut installs = match pip.report(pypi, &whole)? {
        Ok(installs) => installs,
        Err(problem) => one_by_one(pypi, &pip, chosen, &problem, not_read)?,
    };
    installs.sort_by_key(|install| {
        let name = install.pointer("/metadata/name").and_then(Value::as_str);
        normalised(name.unwrap_or_default())
    });
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for install in &installs {
        let text = |pointer: &str| install.pointer(pointer).and_then(Value::as_str);
        let (Some(name), Some(version), Some(address)) = (
            text("/metadata/name"),
            text("/metadata/version"),
            text("/download_info/url"),
        ) else {
            continue;
        };
        let name = normalised(name);
        if name == chosen.name || !seen.insert((name.clone(), version.to_owned())) {
            continue;
        }
        let direct = install.get("is_direct").and_then(Value::as_bool) == Some(true);
        let url = Url::parse(address)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https" | "file"));
        let odd = !valid_pypi_name(&name) || Version::parse(version).is_none();
        let (Some(url), false) = (url, direct || odd) else {
            not_read.push(NotRead {
                name: shown(&format!("pypi:{name}=={version}")),
                detail: "a dependency that is not from an index; these are not fetched".to_owned(),
            });
            continue;
        };
        let published = text("/download_info/archive_info/hashes/sha256")
            .or_else(|| {
                text("/download_info/archive_info/hash").and_then(|h| h.strip_prefix("sha256="))
            })
            .and_then(|digest| Published::hex("sha256", digest));
        artifacts.push(pypi.dependency(&name, version, &url, published)?);
    }
    Ok(())
}

/// Resolves each requirement by itself, when one of them, somewhere, has no
/// file that needs no build: the others are read nevertheless.
fn one_by_one(
    pypi: &Pypi<'_>,
    pip: &Pip<'_>,
    chosen: &Chosen,
    problem: &str,
    not_read: &mut Vec<NotRead>,
) -> Result<Vec<Value>, FetchError> {
    let Some(list) = pypi.requirements(chosen)? else {
        not_read.push(NotRead {
            name: format!("dependencies of pypi:{}=={}", chosen.name, chosen.version),
            detail: format!("pip could not resolve them without building a package: {problem}"),
        });
        return Ok(Vec::new());
    };
    let mut installs = Vec::new();
    for (index, (name, rest)) in Pypi::required(&list).into_iter().enumerate() {
        let text = format!("{name}{rest}");
        let mut skip = |detail: String| {
            not_read.push(NotRead {
                name: shown(&format!("pypi:{text}")),
                detail,
            });
        };
        if rest.contains('@') || index >= MOST_SINGLE {
            skip("not from an index, or beyond the first hundred requirements".to_owned());
            continue;
        }
        match pip.report(pypi, &text)? {
            Ok(list) => installs.extend(list),
            Err(problem) => skip(format!(
                "pip found no file of it, or of something that it needs, that can be read without \
                 building it: {problem}"
            )),
        }
    }
    Ok(installs)
}

#[cfg(test)]
mod tests {
    /// The guard is for a Python that is there; where there is none, there is
    /// no pip to guard either.
    #[test]
    fn a_guarded_python_starts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("sitecustomize.py"), super::GUARD).unwrap();
        let told = folder.path().join("told");
        for start in [
            "import subprocess; subprocess.run(['true'])",
            "import os; os.system('true')",
            "import os; os.fork()",
            "import os; os.execv('/bin/true', ['true'])",
            "import os; os.posix_spawn('/bin/true', ['true'], {})",
            "import pty; pty.spawn('true')",
        ] {
            let output = std::process::Command::new("python3")
                .args(["-c", start])
                .env("PYTHONPATH", folder.path())
                .env("ASSAY_GUARD", &told)
                .output();
            let Ok(output) = output else {
                let _ = std::io::Write::write_all(
                    &mut std::io::stderr(),
                    b"skipped: there is no python3 here\n",
                );
                return;
            };
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                said.contains("PermissionError: nothing is started"),
                "{start}: {said}"
            );
        }
        assert!(told.exists());
    }
}
