use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use assay_model::Dossier;

use crate::{Rule, json, markdown, sarif};

/// The file of a dossier folder that holds all of it.
pub const DOSSIER_FILE: &str = "dossier.json";

/// Why a dossier folder was not written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something is in the way.
    #[error(
        "{0} exists already and is no dossier; name a folder that does not exist, or remove it first"
    )]
    Exists(PathBuf),
    /// The system refused.
    #[error("the dossier cannot be written to {path}, and nothing was left there")]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It could not be put into a form.
    #[error("the dossier cannot be put into JSON: {0}")]
    Form(#[from] serde_json::Error),
}

/// Writes the dossier folder: whole, under a name that appears only when
/// everything is on the disk, or not at all. A dossier that is there already
/// is replaced.
///
/// # Errors
/// See [`FolderError`]; the folder is then as it was before.
pub fn write_dossier(
    folder: &Path,
    dossier: &Dossier,
    rules: &[Rule<'_>],
) -> Result<(), FolderError> {
    let refused = |source| FolderError::Io {
        path: folder.to_owned(),
        source,
    };
    let replace = match fs::symlink_metadata(folder) {
        Err(_) => false,
        Ok(known) if known.is_dir() && is_ours(folder) => true,
        Ok(_) => return Err(FolderError::Exists(folder.to_owned())),
    };
    let files = [
        (DOSSIER_FILE, json(dossier)?),
        ("report.md", markdown(dossier, rules)),
        ("results.sarif", sarif(dossier, rules)?),
    ];
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent).map_err(refused)?;
    // Removed again when anything fails before it is renamed.
    let fresh = tempfile::Builder::new()
        .prefix(".assay-dossier-")
        .tempdir_in(&parent)
        .map_err(refused)?;
    for (name, text) in &files {
        let mut file = fs::File::create(fresh.path().join(name)).map_err(refused)?;
        file.write_all(text.as_bytes()).map_err(refused)?;
        file.sync_all().map_err(refused)?;
    }
    let old = if replace {
        let old = tempfile::Builder::new()
            .prefix(".assay-old-")
            .tempdir_in(&parent)
            .map_err(refused)?;
        fs::rename(folder, old.path().join("dossier")).map_err(refused)?;
        Some(old)
    } else {
        None
    };
    if let Err(source) = fs::rename(fresh.path(), folder) {
        if let Some(old) = &old {
            // Back to what was there before.
            let _ = fs::rename(old.path().join("dossier"), folder);
        }
        return Err(refused(source));
    }
    // It has another name now, so there is nothing left to remove.
    let _ = fresh.keep();
    Ok(())
}

/// Only a folder that holds what we write, and nothing else, is replaced.
fn is_ours(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    let mut dossier = false;
    for entry in entries {
        let Ok(entry) = entry else {
            return false;
        };
        let name = entry.file_name();
        match name.to_str() {
            Some(DOSSIER_FILE) => dossier = true,
            Some("report.md" | "results.sarif") => {}
            _ => return false,
        }
    }
    dossier
}
