//! What releases there are of a package.

use std::cmp::Ordering;
use std::sync::atomic::AtomicBool;

use super::error::FetchError;
use super::{Environment, FetchOptions, Progress, Run, Source, npm, pep440};

/// A published version of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its version, as the registry writes it.
    pub version: String,
    /// When the registry says it was published, where it says so.
    pub published: Option<String>,
    /// Whether its version says that it is not final.
    pub prerelease: bool,
    /// Why the registry does not offer it any more, where that is so.
    pub withdrawn: Option<String>,
}

/// Versions in the order of a kind of package (`npm`, `pypi`; any other as
/// npm's); none where one is no version.
#[must_use]
pub fn compare_versions(kind: &str, one: &str, other: &str) -> Option<Ordering> {
    match kind {
        "pypi" => pep440::compared(one, other),
        _ => npm::compared(one, other),
    }
}

/// The releases of a package between two versions, both of which belong to
/// them, in the order of versions; which version the source names does not
/// matter. A border need not have been published.
///
/// # Errors
///
/// [`FetchError::NoSuchVersion`] where a border is no version,
/// [`FetchError::NoReleases`] where the source is none of a registry, and as
/// [`super::fetch`].
pub fn releases(
    source: &Source,
    (from, to): (Option<&str>, Option<&str>),
    options: &FetchOptions,
    env: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<Vec<Release>, FetchError> {
    let run = Run {
        options,
        env,
        progress,
        cancelled,
    };
    type Compared = fn(&str, &str) -> Option<Ordering>;
    let (name, compared, mut releases): (_, Compared, _) = match source {
        Source::Npm { name, .. } => {
            let all = run.npm(&mut Vec::new(), |npm, _| npm.releases(name))?;
            (name, npm::compared, all)
        }
        Source::Pypi { name, .. } => {
            let all = run.pypi(&mut Vec::new(), |pypi, _| pypi.releases(name))?;
            (name, pep440::compared, all)
        }
        Source::File(_) | Source::Directory(_) => {
            return Err(FetchError::NoReleases {
                source_name: source.to_string(),
            });
        }
    };
    for border in [from, to].into_iter().flatten() {
        if compared(border, border).is_none() {
            return Err(FetchError::NoSuchVersion {
                name: name.clone(),
                wanted: border.to_owned(),
                nearest: Vec::new(),
            });
        }
    }
    let is = |one: &str, border: Option<&str>, outside: Ordering| {
        border.is_none_or(|border| compared(one, border).is_some_and(|is| is != outside))
    };
    releases.retain(|release| {
        is(&release.version, from, Ordering::Less) && is(&release.version, to, Ordering::Greater)
    });
    Ok(releases)
}
