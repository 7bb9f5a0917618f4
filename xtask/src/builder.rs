//! What rebuilds and minifies bundles.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::programs::npm;

/// Its npm package and version.
pub(crate) const BUILDER: (&str, &str) = ("esbuild", "0.28.2");

/// Rebuilds and minifies a text.
#[derive(Debug)]
pub(crate) struct Builder {
    program: PathBuf,
}

impl Builder {
    pub(crate) fn get() -> Result<Self> {
        let modules = npm(BUILDER)?.join("node_modules");
        // The program itself where it is there, which begins sooner than the
        // script that starts it.
        let platforms = std::fs::read_dir(modules.join(format!("@{}", BUILDER.0)));
        let native = platforms
            .into_iter()
            .flatten()
            .flatten()
            .map(|platform| platform.path().join("bin").join(BUILDER.0))
            .find(|program| program.is_file());
        let script = modules.join(".bin").join(BUILDER.0);
        Ok(Self {
            program: native.unwrap_or(script),
        })
    }

    /// Writes a minified text, in another module format (`esm`, `cjs`) if one
    /// is named; with `plain`, characters beyond ASCII stay as they are.
    pub(crate) fn minify(
        &self,
        text: &str,
        format: Option<&str>,
        plain: bool,
        to: &Path,
    ) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["--minify", "--platform=node", "--target=esnext"]);
        command.args(["--legal-comments=none", "--log-level=error", "--loader=js"]);
        if let Some(format) = format {
            command.arg(format!("--format={format}"));
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
