//! Packages, laid out as npm or pip would install them.
//!
//! Their archives are unpacked, and their install scripts run, in the sandbox
//! only: its one writable folder is the one that they are laid out in.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::plan::{Mount, Plan, RunLimits, SUBJECT};
use crate::{Launcher, RunError, Seen};

/// The first argument of the process that unpacks.
pub const LAY_OUT: &str = "observe-lay-out";

/// What is to be unpacked, and what became of it: files in the folder.
const LIST: &str = ".assay-list.json";
const LAID: &str = ".assay-laid.json";
/// What lays wheels out.
const WHEELS: &str = ".assay-wheels.py";
/// The machine's Python.
pub const PYTHON: &str = "/usr/bin/python3";
/// Where the archives are meanwhile.
const ARCHIVES: &str = ".assay-archives";
/// The most files of all packages together, and bytes.
const FILES: usize = 400_000;
const BYTES: u64 = 4 << 30;
/// The largest manifest of a package that is read, in bytes.
const MANIFEST: u64 = 4 << 20;

/// A package that is to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The folder, as npm names it: `node_modules/NAME`; the file's name where
    /// it is a wheel.
    pub path: String,
    /// Its archive.
    pub archive: PathBuf,
}

/// What a package says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Laid {
    /// Where it is, below the folder.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Commands by name, as paths of the package.
    pub bins: BTreeMap<String, String>,
    /// Scripts that are run when it is installed, in order.
    pub scripts: Vec<(String, String)>,
    /// Which Node it asks for.
    pub node: Option<String>,
    /// What was left out, and why.
    pub left_out: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    path: String,
    archive: String,
}

/// Why packages could not be laid out.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// A file of this machine could not be read or written.
    #[error("the packages could not be laid out")]
    Io(#[from] io::Error),
    /// There was no run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The run that unpacks ended early.
    #[error("the packages could not be unpacked: {0}")]
    Unpack(String),
}

/// Unpacks packages into an empty folder, in the sandbox. `scratch` is for
/// the recording of that.
///
/// # Errors
/// When it could not be done; what a package's archive has wrong is in
/// [`Laid::left_out`].
pub fn lay_out(
    packages: &[Package],
    folder: &Path,
    scratch: &Path,
    launcher: &Launcher,
) -> Result<Vec<Laid>, LayoutError> {
    let program = "/opt/assay/assay";
    let command = [program, LAY_OUT].map(str::to_owned);
    let mounts = vec![mount(&launcher.program, program.to_owned(), false)];
    laid(
        packages,
        folder,
        scratch,
        launcher,
        command.to_vec(),
        mounts,
    )
}

/// Lays wheels out in an empty folder, in the sandbox, by the machine's
/// Python: below `site` and `bin`. The first is the one that is asked for.
///
/// # Errors
/// As [`lay_out`]; also where the machine has no Python.
pub fn lay_out_wheels(
    wheels: &[Package],
    folder: &Path,
    scratch: &Path,
    launcher: &Launcher,
) -> Result<Laid, LayoutError> {
    fs::write(folder.join(WHEELS), include_str!("../../../data/wheels.py"))?;
    let script = format!("{SUBJECT}/{WHEELS}");
    let command = [PYTHON, "-I", &script, SUBJECT, LIST, LAID].map(str::to_owned);
    let told = laid(
        wheels,
        folder,
        scratch,
        launcher,
        command.to_vec(),
        Vec::new(),
    )?;
    fs::remove_file(folder.join(WHEELS))?;
    Ok(told.into_iter().next().unwrap_or_default())
}

fn laid(
    packages: &[Package],
    folder: &Path,
    scratch: &Path,
    launcher: &Launcher,
    command: Vec<String>,
    mut mounts: Vec<Mount>,
) -> Result<Vec<Laid>, LayoutError> {
    let mut list = Vec::new();
    // Copies that anybody may read: who unpacks is not whose the cache is.
    let archives = folder.join(ARCHIVES);
    fs::create_dir(&archives)?;
    mounts.push(mount(folder, SUBJECT.to_owned(), true));
    for (index, package) in packages.iter().enumerate() {
        let copy = archives.join(index.to_string());
        fs::copy(&package.archive, &copy)?;
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o644))?;
        list.push(Item {
            path: package.path.clone(),
            archive: format!("{SUBJECT}/{ARCHIVES}/{index}"),
        });
    }
    let list = serde_json::to_vec(&list).map_err(io::Error::other)?;
    fs::write(folder.join(LIST), list)?;
    let plan = Plan {
        command,
        folder: Some("/".to_owned()),
        mounts,
        limits: RunLimits {
            seconds: 600,
            processor_seconds: 600,
            ..RunLimits::default()
        },
        out: scratch.to_owned(),
        ..Plan::default()
    };
    let recording = crate::run(&plan, launcher)?;
    let ended = recording.events.iter().find_map(|event| match event.seen {
        Seen::Ended { status, .. } => Some(status),
        _ => None,
    });
    let laid = folder.join(LAID);
    if ended != Some(0) {
        let said = fs::read(recording.folder.join("stderr")).unwrap_or_default();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        return Err(LayoutError::Unpack(match (ended, said.is_empty()) {
            (None, _) => "it took too long".to_owned(),
            (Some(status), true) => format!("it ended with status {status}"),
            (Some(_), false) => said,
        }));
    }
    let told = fs::read(&laid)?;
    fs::remove_dir_all(archives)?;
    for name in [LIST, LAID] {
        fs::remove_file(folder.join(name))?;
    }
    Ok(serde_json::from_slice(&told).map_err(io::Error::other)?)
}

fn mount(from: &Path, to: String, writable: bool) -> Mount {
    Mount {
        from: from.to_owned(),
        to,
        writable,
    }
}

/// Runs as the process that unpacks, in the sandbox. Gives the status to end
/// with.
pub(crate) fn serve() -> i32 {
    match unpack_all(Path::new(SUBJECT)) {
        Ok(()) => 0,
        Err(error) => {
            let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("{error}"));
            1
        }
    }
}

fn unpack_all(folder: &Path) -> io::Result<()> {
    let list: Vec<Item> =
        serde_json::from_slice(&fs::read(folder.join(LIST))?).map_err(io::Error::other)?;
    let (mut files, mut bytes) = (FILES, BYTES);
    let mut laid = Vec::new();
    for item in list {
        let Some(to) = within(folder, Path::new(&item.path)) else {
            laid.push(Laid {
                left_out: vec![format!("{}: not a place for a package", item.path)],
                ..Laid::default()
            });
            continue;
        };
        fs::create_dir_all(&to)?;
        let mut left_out = Vec::new();
        let archive = File::open(&item.archive)?;
        if let Err(error) = unpack(archive, &to, &mut files, &mut bytes, &mut left_out) {
            left_out.push(format!("{}: {error}", item.path));
        }
        laid.push(described(&to, item.path, left_out));
    }
    let laid = serde_json::to_vec(&laid).map_err(io::Error::other)?;
    fs::write(folder.join(LAID), laid)
}

/// A path below a folder, if it is one.
fn within(folder: &Path, path: &Path) -> Option<PathBuf> {
    let mut out = folder.to_owned();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (out != folder).then_some(out)
}

/// Unpacks an archive of npm: a tar, compressed with gzip, whose files are
/// all in one folder.
fn unpack(
    archive: impl Read,
    to: &Path,
    files: &mut usize,
    bytes: &mut u64,
    left_out: &mut Vec<String>,
) -> io::Result<()> {
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(archive));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let mut leave = |why: &str| {
            if left_out.len() < 100 {
                left_out.push(format!("{}: {why}", path.display()));
            }
        };
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        if !kind.is_file() {
            leave("no file; npm leaves these out too");
            continue;
        }
        let inner: PathBuf = path.components().skip(1).collect();
        let Some(file) = within(to, &inner) else {
            leave("its path leads out of the package");
            continue;
        };
        *files = files
            .checked_sub(1)
            .ok_or_else(|| io::Error::other(format!("more than {FILES} files")))?;
        *bytes = bytes
            .checked_sub(entry.size())
            .ok_or_else(|| io::Error::other(format!("more than {} MiB", BYTES >> 20)))?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut out = File::create(&file)?;
        io::copy(&mut entry, &mut out)?;
        let runs = entry.header().mode().unwrap_or(0) & 0o111 != 0;
        let mode = if runs { 0o755 } else { 0o644 };
        out.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// What the manifest of a package says.
fn described(folder: &Path, path: String, left_out: Vec<String>) -> Laid {
    let manifest = || -> Option<serde_json::Value> {
        let mut text = Vec::new();
        let file = File::open(folder.join("package.json")).ok()?;
        file.take(MANIFEST).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    };
    let manifest = manifest().unwrap_or_default();
    let text =
        |value: Option<&serde_json::Value>| value.and_then(|v| v.as_str()).map(str::to_owned);
    let name = text(manifest.get("name")).unwrap_or_default();
    let mut bins = BTreeMap::new();
    match manifest.get("bin") {
        Some(serde_json::Value::String(bin)) => {
            let short = name.rsplit('/').next().unwrap_or_default();
            bins.insert(short.to_owned(), bin.clone());
        }
        Some(serde_json::Value::Object(all)) => {
            bins.extend(
                all.iter()
                    .filter_map(|(name, bin)| Some((name.clone(), bin.as_str()?.to_owned()))),
            );
        }
        _ => {}
    }
    for bin in bins.values() {
        if let Some(file) = within(folder, Path::new(bin)) {
            let _ = fs::set_permissions(file, fs::Permissions::from_mode(0o755));
        }
    }
    // Without a script of its own, npm builds what has this file.
    let builds =
        folder.join("binding.gyp").exists() && manifest.pointer("/scripts/install").is_none();
    let mut scripts: Vec<(String, String)> = ["preinstall", "install", "postinstall"]
        .into_iter()
        .filter_map(|step| {
            let script = text(manifest.get("scripts").and_then(|all| all.get(step)))?;
            Some((step.to_owned(), script))
        })
        .collect();
    if builds {
        scripts.push(("install".to_owned(), "node-gyp rebuild".to_owned()));
    }
    Laid {
        path,
        name,
        bins,
        scripts,
        node: text(manifest.pointer("/engines/node")),
        left_out,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{described, unpack, within};

    fn archive(files: &[(&str, &str, u32)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, text, mode) in files {
            let mut header = tar::Header::new_gnu();
            // Written as it is: the builder would refuse some of these.
            let name = &mut header.as_old_mut().name;
            name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_size(text.len() as u64);
            header.set_mode(*mode);
            header.set_cksum();
            tar.append(&header, text.as_bytes()).unwrap();
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar.into_inner().unwrap()).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn a_package_is_unpacked_and_described() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = r#"{"name":"@a/tool","bin":"./cli.js","engines":{"node":">=18"},"scripts":{"postinstall":"node x.js","test":"no"}}"#;
        let bytes = archive(&[
            ("package/package.json", manifest, 0o644),
            ("package/cli.js", "x", 0o644),
            ("package/../../out.js", "x", 0o644),
            ("other/lib/a.js", "x", 0o600),
        ]);
        let (mut files, mut size, mut left) = (100, 1000, Vec::new());
        unpack(
            bytes.as_slice(),
            folder.path(),
            &mut files,
            &mut size,
            &mut left,
        )
        .unwrap();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(folder.path().join("lib/a.js").exists());
        let laid = described(folder.path(), "node_modules/@a/tool".into(), left);
        assert_eq!(laid.bins["tool"], "./cli.js");
        assert_eq!(laid.node.as_deref(), Some(">=18"));
        assert_eq!(
            laid.scripts,
            [("postinstall".to_owned(), "node x.js".to_owned())]
        );
    }

    /// Makes a wheel of ours, by Python: names as they are, some that lead out.
    const WHEEL: &str = r##"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, text in [
        ("tool/__init__.py", "class Led:\n    @staticmethod\n    def run():\n        import data_of\n        print('ran', data_of.WORD)\n        return 3\n"),
        ("tool-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: Tool\n\nName: no\n"),
        ("tool-1.dist-info/entry_points.txt", "[console_scripts]\ntool = tool:Led.run [extra]\nout = tool:x;y\n../out = tool:run\n"),
        ("tool-1.data/purelib/data_of.py", "WORD = 'well'\n"),
        ("tool-1.data/scripts/other", "#!/bin/sh\n"),
        ("tool-1.data/data/share/tool/x.txt", "x"),
        ("tool-1.data/data/.assay-archives/1", "x"),
        ("../out.py", "x"),
        ("/out.py", "x"),
        ("tool/../../out.py", "x"),
    ]:
        wheel.writestr(name, text)
"##;

    #[test]
    fn wheels_are_laid_out_and_lead_nowhere_else() {
        let all = tempfile::tempdir().unwrap();
        let folder = all.path().join("a/b");
        std::fs::create_dir_all(&folder).unwrap();
        let python = |arguments: &[&str]| {
            let done = std::process::Command::new("python3")
                .args(arguments)
                .current_dir(&folder)
                .output()
                .unwrap();
            (
                String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap(),
                done.status.code(),
            )
        };
        assert_eq!(
            python(&["-c", WHEEL, "../tool.zip"]),
            (String::new(), Some(0))
        );
        let list = r#"[{"path":"tool-1-py3-none-any.whl","archive":"../tool.zip"},{"path":"x.tar.gz","archive":"none"}]"#;
        std::fs::write(folder.join("list"), list).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/wheels.py");
        assert_eq!(
            python(&["-I", script, ".", "list", "laid"]),
            (String::new(), Some(0))
        );
        let laid: Vec<super::Laid> =
            serde_json::from_slice(&std::fs::read(folder.join("laid")).unwrap()).unwrap();
        assert_eq!(laid[0].name, "Tool");
        let bins: Vec<&str> = laid[0].bins.values().map(String::as_str).collect();
        assert_eq!(bins, ["bin/other", "bin/tool"]);
        assert_eq!(laid[0].left_out.len(), 1, "{laid:?}");
        assert_eq!(python(&["bin/tool"]), ("ran well\n".to_owned(), Some(3)));
        let there = |path: &str| all.path().join(path).exists();
        assert!(!there("out.py") && !there("a/out.py") && !there("a/b/out.py"));
        assert!(!there("a/b/site/out.py"));
        assert!(there("a/b/share/tool/x.txt") && !there("a/b/.assay-archives"));
    }

    #[test]
    fn limits_hold() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = archive(&[("p/a", "0123456789", 0o644), ("p/b", "x", 0o644)]);
        let (mut files, mut size, mut left) = (100, 9, Vec::new());
        let unpacked = unpack(
            bytes.as_slice(),
            folder.path(),
            &mut files,
            &mut size,
            &mut left,
        );
        assert!(unpacked.unwrap_err().to_string().contains("MiB"));
        assert_eq!(within(folder.path(), "/etc".as_ref()), None);
        assert_eq!(within(folder.path(), "a/../..".as_ref()), None);
    }
}
