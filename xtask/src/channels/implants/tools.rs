//! Programs from registries that the evaluations use, of fixed versions and
//! kept between runs. Packages are checked by their registry's client, and
//! none of their scripts is run when they are installed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What rebuilds bundles: npm package and version.
pub(super) const BUILDER: (&str, &str) = ("esbuild", "0.28.2");

/// The folder of an npm package's installation; installs it where it is
/// missing.
pub(in super::super) fn npm((package, version): (&str, &str)) -> Result<PathBuf> {
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

/// Where such programs are kept.
pub(in super::super) fn tools() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("the program lies in no folder")?;
    Ok(folder.join("eval-tools"))
}

/// Rebuilds and minifies a text.
#[derive(Debug)]
pub(super) struct Builder {
    program: PathBuf,
}

impl Builder {
    pub(super) fn get() -> Result<Self> {
        let folder = npm(BUILDER)?;
        Ok(Self {
            program: folder.join("node_modules/.bin").join(BUILDER.0),
        })
    }

    /// Writes a minified bundle; with `plain`, characters beyond ASCII stay
    /// as they are.
    pub(super) fn minify(&self, text: &str, module: bool, plain: bool, to: &Path) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["--minify", "--platform=node", "--target=esnext"]);
        command.args(["--legal-comments=none", "--log-level=error", "--loader=js"]);
        if module {
            command.arg("--format=esm");
        }
        if plain {
            command.arg("--charset=utf8");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(std::fs::File::create(to)?)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be run", self.program.display()))?;
        // Where it ends early, what it says tells more than the broken pipe.
        let written = child
            .stdin
            .take()
            .map(|mut stdin| stdin.write_all(text.as_bytes()));
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!(
                "the bundle is not rebuilt: {}",
                String::from_utf8_lossy(&output.stderr)
                    .lines()
                    .find(|line| !line.trim().is_empty())
                    .unwrap_or_default()
            );
        }
        written.transpose()?;
        Ok(())
    }
}
