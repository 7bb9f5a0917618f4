use std::path::{Path, PathBuf};

use assay_analyze::{Rules, RulesError};

/// How deep folders of rules are looked into.
const DEEPEST: usize = 16;
/// The most that rules may be, all files together, in bytes.
const LARGEST: u64 = 64 << 20;

/// Why the rules of the user cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RuleFilesError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is no text.
    #[error("{0} is no text in UTF-8, so it holds no rules")]
    NoText(PathBuf),
    /// A folder without rules.
    #[error("{0} has no file that ends in .yar or .yara")]
    Empty(PathBuf),
    /// More than is read.
    #[error("the files of rules are larger than {} MiB together", LARGEST >> 20)]
    Large,
    /// The texts are no rules.
    #[error(transparent)]
    Rules(#[from] RulesError),
}

/// Reads and compiles the rules of files, and of all files in folders that
/// end in `.yar` or `.yara`; none where nothing is named.
///
/// # Errors
/// When a file cannot be read or holds what is no rule.
pub fn read_rules(paths: &[PathBuf]) -> Result<Option<Rules>, RuleFilesError> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            folder(path, "", 0, &mut files)?;
            if files.len() == before {
                return Err(RuleFilesError::Empty(path.clone()));
            }
        } else {
            let name = path.file_name().unwrap_or(path.as_os_str());
            files.push((name.to_string_lossy().into_owned(), path.clone()));
        }
    }
    let mut texts = Vec::new();
    let mut total = 0u64;
    for (name, path) in files {
        let unreadable = |source| RuleFilesError::Unreadable {
            path: path.clone(),
            source,
        };
        let size = std::fs::metadata(&path).map_err(unreadable)?.len();
        total = total.saturating_add(size);
        if total > LARGEST {
            return Err(RuleFilesError::Large);
        }
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|_| RuleFilesError::NoText(path.clone()))?;
        texts.push((name, text));
    }
    Ok(Some(Rules::compile(&texts)?))
}

/// The files of a folder, by name, so that the order is the same anywhere.
fn folder(
    path: &Path,
    front: &str,
    depth: usize,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), RuleFilesError> {
    let unreadable = |source| RuleFilesError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut entries = std::fs::read_dir(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = format!("{front}{}", entry.file_name().to_string_lossy());
        // A link to a folder may lead back to it.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            if depth < DEEPEST {
                folder(&path, &format!("{name}/"), depth.saturating_add(1), files)?;
            }
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yar" || ending == "yara")
        {
            files.push((name, path));
        }
    }
    Ok(())
}
