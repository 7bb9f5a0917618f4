//! Programs from registries that the evaluations use, of fixed versions and
//! kept between runs. Packages are checked by their registry's client, and
//! none of their scripts is run when they are installed.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The folder of an npm package's installation; installs it where it is
/// missing.
pub(crate) fn npm((package, version): (&str, &str)) -> Result<PathBuf> {
    let folder = tools()?.join(format!("{}-{version}", package.replace(['/', '@'], "_")));
    if !folder.join("node_modules").join(package).exists() {
        std::fs::create_dir_all(&folder)?;
        let status = Command::new("npm")
            .args(["install", "--silent", "--ignore-scripts", "--no-save"])
            .args(["--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(format!("{package}@{version}"))
            .stdout(Stdio::null())
            .status()
            .context("npm cannot be run")?;
        if !status.success() {
            bail!("{package}@{version} cannot be installed: is the registry reached?");
        }
    }
    Ok(folder)
}

/// The folder of a Python environment with a package in it, which is made
/// where it is missing.
pub(crate) fn python((package, version): (&str, &str)) -> Result<PathBuf> {
    let folder = tools()?.join(format!("{package}-{version}"));
    let done = folder.join("installed");
    if !done.exists() {
        let run = |command: &mut Command| -> Result<()> {
            let status = command
                .stdout(Stdio::null())
                .status()
                .context("python3 cannot be run")?;
            if !status.success() {
                bail!("{package} {version} cannot be installed: is the registry reached?");
            }
            Ok(())
        };
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--only-binary", ":all:"])
            .arg(format!("{package}=={version}")))?;
        std::fs::write(done, "")?;
    }
    Ok(folder)
}

/// Where such programs are kept.
fn tools() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("the program lies in no folder")?;
    Ok(folder.join("eval-tools"))
}
