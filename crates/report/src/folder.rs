use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use assay_model::{Dossier, Parts, Purl, SEAL_FILE, STAMP_FILE};
use serde::Deserialize;

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
    /// The dossier of something else is in the way.
    #[error(
        "{folder} holds the dossier of another subject, {subject}; name another folder, or replace it with --replace"
    )]
    OfAnother {
        /// Where.
        folder: PathBuf,
        /// What that dossier is about.
        subject: Box<Purl>,
    },
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

/// The files that a dossier folder may have.
const FILES: &[&str] = &[
    DOSSIER_FILE,
    "answers.json",
    "assessment.md",
    "bom.cdx.json",
    "claims.json",
    "history.json",
    "observation.json",
    "report.html",
    "report.md",
    "results.sarif",
    "supply.json",
    "verdict.json",
    SEAL_FILE,
    STAMP_FILE,
];

/// Writes the dossier folder: whole, under a name that appears only when
/// everything is on the disk, or not at all. An empty folder and a dossier of
/// the same subject, at whatever version, are replaced; with `replace` that of
/// another as well.
///
/// # Errors
/// See [`FolderError`]; the folder is then as it was before.
pub fn write_dossier(
    folder: &Path,
    dossier: &Dossier,
    rules: &[Rule<'_>],
    replace: bool,
) -> Result<(), FolderError> {
    let files = vec![
        (DOSSIER_FILE, json(dossier)?),
        ("report.md", markdown(dossier, rules)),
        ("results.sarif", sarif(dossier, rules)?),
    ];
    write(folder, dossier, &files, replace)
}

/// Writes all that is known of a subject: each part as JSON, and the reports.
///
/// # Errors
/// As [`write_dossier`].
pub fn write_parts(
    folder: &Path,
    parts: &Parts,
    rules: &[Rule<'_>],
    replace: bool,
) -> Result<(), FolderError> {
    let dossier = &parts.dossier;
    let mut files = vec![
        (DOSSIER_FILE, json(dossier)?),
        ("report.md", markdown(dossier, rules)),
        ("results.sarif", sarif(dossier, rules)?),
        ("report.html", crate::html(parts, rules)),
        ("assessment.md", crate::assessment(parts, rules)),
        ("bom.cdx.json", crate::cyclonedx(parts)?),
    ];
    if let Some(observation) = &parts.observation {
        files.push(("observation.json", json(observation)?));
    }
    if let Some(history) = &parts.history {
        files.push(("history.json", json(history)?));
    }
    if let Some(first) = parts.claims.first() {
        let mut all = first.clone();
        for more in parts.claims.iter().skip(1) {
            all.title = format!("{}; {}", all.title, more.title);
            all.claims.extend(more.claims.iter().cloned());
        }
        files.push(("claims.json", json(&all)?));
    }
    if let Some(answers) = &parts.answers {
        files.push(("answers.json", json(answers)?));
    }
    if let Some(supply) = &parts.supply {
        files.push(("supply.json", json(supply)?));
    }
    if let Some(verdict) = &parts.verdict {
        files.push(("verdict.json", json(verdict)?));
    }
    write(folder, dossier, &files, replace)
}

fn write(
    folder: &Path,
    dossier: &Dossier,
    files: &[(&str, String)],
    replace: bool,
) -> Result<(), FolderError> {
    let refused = |source| FolderError::Io {
        path: folder.to_owned(),
        source,
    };
    let there = match fs::symlink_metadata(folder) {
        Err(_) => false,
        Ok(known) if known.is_dir() => {
            match held(folder) {
                Held::Other => return Err(FolderError::Exists(folder.to_owned())),
                Held::Dossier(Some(old)) if !replace && !old.is_of_the_subject_of(dossier) => {
                    return Err(FolderError::OfAnother {
                        folder: folder.to_owned(),
                        subject: Box::new(old.subject.purl),
                    });
                }
                // Without saying of what it is, it may be of another.
                Held::Dossier(None) if !replace => {
                    return Err(FolderError::Exists(folder.to_owned()));
                }
                Held::Nothing | Held::Dossier(_) => true,
            }
        }
        Ok(_) => return Err(FolderError::Exists(folder.to_owned())),
    };
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
    for (name, text) in files {
        let mut file = fs::File::create(fresh.path().join(name)).map_err(refused)?;
        file.write_all(text.as_bytes()).map_err(refused)?;
        file.sync_all().map_err(refused)?;
    }
    let old = if there {
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

/// What a folder holds.
enum Held {
    Nothing,
    /// What we write and nothing else, and of what it is, if it says so.
    Dossier(Option<Old>),
    Other,
}

/// What is read of a dossier that is in the way.
#[derive(Deserialize)]
struct Old {
    source: String,
    subject: OldSubject,
}

#[derive(Deserialize)]
struct OldSubject {
    purl: Purl,
}

impl Old {
    fn is_of_the_subject_of(&self, dossier: &Dossier) -> bool {
        let plain = |purl: &Purl| Purl {
            version: None,
            ..purl.clone()
        };
        self.source == dossier.source || plain(&self.subject.purl) == plain(&dossier.subject.purl)
    }
}

/// Only a folder that holds what we write, and nothing else, is replaced.
fn held(folder: &Path) -> Held {
    let Ok(entries) = fs::read_dir(folder) else {
        return Held::Other;
    };
    let (mut dossier, mut empty) = (false, true);
    for entry in entries {
        let Ok(entry) = entry else {
            return Held::Other;
        };
        empty = false;
        match entry.file_name().to_str() {
            Some(DOSSIER_FILE) => dossier = true,
            Some(name) if FILES.contains(&name) => {}
            _ => return Held::Other,
        }
    }
    match (empty, dossier) {
        (true, _) => Held::Nothing,
        (false, true) => {
            let text = fs::read(folder.join(DOSSIER_FILE)).ok();
            Held::Dossier(text.and_then(|text| serde_json::from_slice(&text).ok()))
        }
        (false, false) => Held::Other,
    }
}
