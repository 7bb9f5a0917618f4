//! What a case is distributed in.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use assay_it::{Tar, Zip, ZipEntry, deflate, gzip};

use super::part::Style;

/// A file of a case: its path and its text.
pub(super) type File = (String, String);

/// One kind of container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// The file alone.
    File,
    Folder,
    NpmTarball,
    Vsix,
    /// A function deep inside a real bundle.
    Bundle(&'static str, &'static str),
    Wheel,
    Sdist,
    NestedZip,
    BunExecutable,
    NodeSea,
}

impl Container {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::NpmTarball => "npm-tarball",
            Self::Vsix => "vsix",
            Self::Bundle(..) => "real-bundle",
            Self::Wheel => "wheel",
            Self::Sdist => "sdist",
            Self::NestedZip => "nested-zip",
            Self::BunExecutable => "bun-executable",
            Self::NodeSea => "node-sea",
        }
    }

    /// Whether code of this style is distributed so.
    pub(super) const fn holds(self, style: Style) -> bool {
        match self {
            Self::File | Self::Folder | Self::NestedZip => true,
            Self::NpmTarball => !matches!(style, Style::Py),
            Self::Vsix => style.cjs(),
            Self::Bundle(..) => matches!(style, Style::MinifiedCjs),
            Self::Wheel | Self::Sdist => matches!(style, Style::Py),
            Self::BunExecutable => style.minified(),
            Self::NodeSea => style.cjs(),
        }
    }

    /// Whether it holds several files.
    pub(super) const fn several(self) -> bool {
        !matches!(self, Self::File | Self::Bundle(..) | Self::NodeSea)
    }

    /// Writes the files of a case in this container under a folder; gives the
    /// path to examine. `bundle` is the text of the real file.
    pub(super) fn write(self, files: &[File], folder: &Path, bundle: &str) -> Result<PathBuf> {
        let first = files.first().context("a case without files")?;
        let put = |name: &str, bytes: &[u8]| -> Result<PathBuf> {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(&path, bytes)?;
            Ok(path)
        };
        match self {
            Self::File => put(&first.0, first.1.as_bytes()),
            Self::Folder => {
                for (name, text) in files {
                    put(&format!("subject/{name}"), text.as_bytes())?;
                }
                Ok(folder.join("subject"))
            }
            Self::NpmTarball => put("atlas-tool-1.0.0.tgz", &npm(files)?),
            Self::Vsix => {
                let manifest = serde_json::json!({
                    "name": "atlas-tool", "version": "1.0.0", "publisher": "atlas",
                    "engines": { "vscode": "^1.90.0" }, "main": format!("./dist/{}", first.0),
                });
                let zip = zip(files, "extension/dist/")?;
                let zip = zip
                    .file("extension/package.json", manifest.to_string())
                    .file("[Content_Types].xml", "<?xml version=\"1.0\"?><Types/>");
                put("atlas-tool-1.0.0.vsix", &zip.finish())
            }
            Self::Bundle(_, name) => put(name, super::bundle::inject(bundle, &first.1)?.as_bytes()),
            Self::Wheel => put("atlas_tool-1.0.0-py3-none-any.whl", &wheel(files)?),
            Self::Sdist => {
                let mut tar = Tar::new().file(
                    "atlas_tool-1.0.0/PKG-INFO",
                    "Metadata-Version: 2.1\nName: atlas-tool\nVersion: 1.0.0\n",
                );
                for (name, text) in files {
                    tar = tar.file(&format!("atlas_tool-1.0.0/{name}"), text);
                }
                put("atlas_tool-1.0.0.tar.gz", &gzip(&tar.finish())?)
            }
            Self::NestedZip => {
                let inner = zip(files, "app/")?.finish();
                let outer = Zip::new()
                    .file("README.txt", "The tool is in the other file.\n")
                    .file("payload/app.zip", inner);
                put("release.zip", &outer.finish())
            }
            Self::BunExecutable => put("atlas-linux-x64", &super::executables::bun(files)),
            Self::NodeSea => put("atlas-linux-x64", &super::executables::node_sea(first)),
        }
    }
}

fn npm(files: &[File]) -> Result<Vec<u8>> {
    let main = files.first().map_or("", |(name, _)| name.as_str());
    let manifest = serde_json::json!({
        "name": "atlas-tool", "version": "1.0.0", "main": format!("dist/{main}"),
    });
    let mut tar = Tar::new().file("package/package.json", manifest.to_string());
    for (name, text) in files {
        tar = tar.file(&format!("package/dist/{name}"), text);
    }
    Ok(gzip(&tar.finish())?)
}

fn zip(files: &[File], folder: &str) -> Result<Zip> {
    let mut zip = Zip::new();
    for (name, text) in files {
        let mut entry = ZipEntry::stored(format!("{folder}{name}"), text);
        entry.packed = deflate(text.as_bytes())?;
        entry.method = 8;
        zip = zip.entry(entry);
    }
    Ok(zip)
}

fn wheel(files: &[File]) -> Result<Vec<u8>> {
    let zip = zip(files, "")?
        .file(
            "atlas_tool-1.0.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: atlas-tool\nVersion: 1.0.0\n",
        )
        .file(
            "atlas_tool-1.0.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        );
    Ok(zip.finish())
}
