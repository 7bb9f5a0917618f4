//! Where subjects come from: registries, files and directories.
//!
//! [`fetch`] brings the artifacts of a [`Source`] to this machine, checked
//! against what the registry published, and tells what it did not bring. It
//! opens none of them: that is done in a confined process.
//!
//! A credential goes to the registry that the user configured it for and
//! nowhere else, whatever a file's address or a redirect says.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use assay_model::{ArtifactRole, Integrity, Purl, Sha256};
use serde::{Deserialize, Serialize};

mod answers;
mod cache;
mod declared;
mod deps;
mod document;
mod download;
mod env;
mod error;
mod http;
mod integrity;
mod local;
mod npm;
mod npmrc;
mod pep440;
mod pipconf;
mod pypi;
mod record;
mod registry;
mod releases;
mod settings;
mod spec;

pub use declared::Declared;
pub(crate) use declared::declared;
pub use document::document;
pub use env::{Environment, Progress, Silent, SystemEnvironment};
pub use error::FetchError;
pub use http::FetchLimits;
pub use record::{RegistryRecord, registry_record};
pub use releases::{Release, compare_versions, releases};
pub use spec::{Platform, PlatformChoice, PlatformError, Source, SourceError};

use cache::{Cache, Entry, State};
use download::Downloader;
use http::{Access, Client, Discreet};
use npm::Npm;
use pypi::Pypi;
use registry::Registry;

/// Which dependencies are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deps {
    /// None; those declared are in [`Fetched::not_read`].
    #[default]
    None,
    /// All that npm or pip would install, resolved by the one on PATH.
    All,
}

/// How to fetch.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// For which platforms.
    pub platform: PlatformChoice,
    /// Which dependencies.
    pub deps: Deps,
    /// Use the cache only.
    pub offline: bool,
    /// The folder of downloads; made when it is not there.
    pub cache_dir: PathBuf,
    /// A project's `.npmrc`, to be used as well.
    pub project_npmrc: Option<PathBuf>,
    /// The largest artifact in bytes.
    pub max_download: u64,
    /// Bounds in time and number.
    pub limits: FetchLimits,
}

impl FetchOptions {
    /// The defaults, with downloads in a folder: this machine's platform, no
    /// dependencies, at most 2 GiB per artifact.
    #[must_use]
    pub fn new(cache_dir: PathBuf) -> Self {
        Self {
            platform: PlatformChoice::Host,
            deps: Deps::None,
            offline: false,
            cache_dir,
            project_npmrc: None,
            max_download: 2 << 30,
            limits: FetchLimits::default(),
        }
    }
}

/// One fetched artifact.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// What it is.
    pub purl: Purl,
    /// Why it was fetched.
    pub role: ArtifactRole,
    /// The SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Its size.
    pub bytes: u64,
    /// What the bytes were checked against.
    pub integrity: Integrity,
    /// Where it lies: in the cache, or where the user has it.
    pub path: PathBuf,
    /// Its name as distributed.
    pub file_name: String,
    /// When the registry says it was published, where it says so.
    pub published: Option<String>,
}

/// Something that belongs to the subject, but was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRead {
    /// What, in the form of a [`Source`] where it has one.
    pub name: String,
    /// Why, and what to do to have it read.
    pub detail: String,
}

/// What [`fetch`] brought.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The artifacts: the main one, those for platforms, dependencies; by
    /// name within each.
    pub artifacts: Vec<Artifact>,
    /// What was not fetched, and why.
    pub not_read: Vec<NotRead>,
    /// Of these, what may carry the code for the platform and could not be
    /// had; nothing where another package for the platform was.
    pub missing: Vec<NotRead>,
    /// The platform, as `OS-CPU[-LIBC]`, or `all`.
    pub platform: String,
    /// Where npm would install each artifact; known with [`Deps::All`] only.
    pub installed: Vec<Installed>,
}

/// Where an artifact is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The folder, below that of a project: `node_modules/NAME`, and so on.
    /// It comes from the package manager, and may hold anything that the
    /// registry says: whoever makes folders by it has to look at it.
    pub path: String,
    /// Which artifact.
    pub sha256: Sha256,
}

/// Brings a subject's artifacts to this machine.
///
/// # Errors
///
/// One variant of [`FetchError`] per condition. What was downloaded before an
/// error stays in the cache.
pub fn fetch(
    source: &Source,
    options: &FetchOptions,
    env: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<Fetched, FetchError> {
    let run = Run {
        options,
        env,
        progress,
        cancelled,
    };
    let host = env.platform();
    let platform = match &options.platform {
        PlatformChoice::Host => host.to_string(),
        other => other.to_string(),
    };
    let mut not_read = Vec::new();
    let mut installed = Vec::new();
    let mut missing = Vec::new();
    let artifacts = match source {
        Source::File(path) => {
            let cache = || Cache::open(&options.cache_dir);
            vec![local::file(path, options.max_download, cache, cancelled)?]
        }
        Source::Directory(path) => {
            let cache = Cache::open(&options.cache_dir)?;
            vec![local::directory(
                path,
                &cache,
                options.max_download,
                cancelled,
                &mut not_read,
            )?]
        }
        Source::Npm { name, spec } => run.npm(&mut not_read, |npm, not_read| {
            let main = npm.resolve(name, spec)?;
            let mut artifacts = vec![npm.artifact(&main, ArtifactRole::Main)?];
            let found = npm.follow(&main)?;
            for manifest in &found.platform {
                artifacts.push(npm.artifact(manifest, ArtifactRole::Platform)?);
            }
            if found.platform.is_empty() {
                missing = found.missing;
            }
            not_read.extend(found.not_read);
            match options.deps {
                Deps::None => not_read.extend(found.ordinary),
                Deps::All => {
                    installed = deps::npm(npm, env, &main, &mut artifacts, not_read)?;
                }
            }
            Ok(artifacts)
        })?,
        Source::Pypi { name, version } => run.pypi(&mut not_read, |pypi, not_read| {
            let chosen = pypi.resolve(name, version.as_deref())?;
            let mut artifacts = pypi.artifacts(&chosen, not_read)?;
            match options.deps {
                Deps::None => pypi.list_dependencies(&chosen, not_read)?,
                Deps::All => deps::pypi(pypi, env, &chosen, &mut artifacts, not_read)?,
            }
            Ok(artifacts)
        })?,
    };
    Ok(Fetched {
        artifacts,
        not_read,
        missing,
        platform,
        installed,
    })
}

/// Brings back exactly the artifact that was examined before: from the cache
/// by its digest, else from the registry, whose file must have the digest.
///
/// # Errors
///
/// [`FetchError::Changed`] when the registry now has other bytes,
/// [`FetchError::LocalOnly`] when no registry ever had them, and as [`fetch`].
pub fn fetch_exact(
    purl: &Purl,
    sha256: &Sha256,
    options: &FetchOptions,
    env: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<Artifact, FetchError> {
    let cache = Cache::open(&options.cache_dir)?;
    if let State::Good { path, bytes } = cache.state(sha256, cancelled)? {
        let entry = cache.entry_of(sha256);
        // The bytes are the right ones by their hash. That they are this
        // package at this version is a claim of whoever asks, unless they
        // came from the registry under that name.
        if !matches!(purl.kind.as_str(), "npm" | "pypi")
            || entry.as_ref().is_some_and(|entry| is_of(entry, purl))
        {
            return Ok(cached_artifact(purl, *sha256, bytes, path, entry));
        }
    }
    let local_only = || FetchError::LocalOnly {
        purl: Box::new(purl.clone()),
        sha256: *sha256,
    };
    let version = purl.version.as_deref().ok_or_else(local_only)?;
    let name = purl.full_name();
    if options.offline {
        return Err(FetchError::Offline {
            what: purl.to_string(),
        });
    }
    let run = Run {
        options,
        env,
        progress,
        cancelled,
    };
    let artifact = match purl.kind.as_str() {
        "npm" => run.npm(&mut Vec::new(), |npm, _| {
            let manifest = npm.resolve(&name, version)?;
            npm.artifact(&manifest, ArtifactRole::Main)
        })?,
        "pypi" => run.pypi(&mut Vec::new(), |pypi, _| {
            pypi.exact(&name, version, purl, sha256)
        })?,
        _ => return Err(local_only()),
    };
    if artifact.sha256 != *sha256 {
        return Err(FetchError::Changed {
            purl: Box::new(purl.clone()),
            expected: *sha256,
            actual: artifact.sha256.to_string(),
        });
    }
    Ok(artifact)
}

/// Whether a cached file came under the name and version of a package URL.
fn is_of(entry: &Entry, purl: &Purl) -> bool {
    // PyPI takes names that differ in case and in these marks for the same.
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '.'], "-");
    plain(&entry.package) == plain(&purl.full_name())
        && purl.version.as_deref() == Some(entry.version.as_str())
}

fn cached_artifact(
    purl: &Purl,
    sha256: Sha256,
    bytes: u64,
    path: PathBuf,
    entry: Option<Entry>,
) -> Artifact {
    let (integrity, file_name, published) = match entry {
        Some(entry) => (entry.integrity, entry.file, entry.published),
        None => (
            Integrity::Unpublished {
                reason: "found in the cache by its digest".to_owned(),
            },
            purl.name.clone(),
            None,
        ),
    };
    Artifact {
        purl: purl.clone(),
        role: ArtifactRole::Main,
        sha256,
        bytes,
        integrity,
        path,
        file_name,
        published,
    }
}

/// What every fetch from a registry is given.
#[derive(Clone, Copy)]
struct Run<'a> {
    options: &'a FetchOptions,
    env: &'a dyn Environment,
    progress: &'a dyn Progress,
    cancelled: &'a AtomicBool,
}

impl Run<'_> {
    fn npm<T>(
        self,
        not_read: &mut Vec<NotRead>,
        work: impl FnOnce(&Npm<'_>, &mut Vec<NotRead>) -> Result<T, FetchError>,
    ) -> Result<T, FetchError> {
        let config = npmrc::load(self.env, self.options.project_npmrc.as_deref())?;
        for remark in &config.remarks {
            self.progress.message(remark);
        }
        self.registry(
            &config.access,
            not_read,
            |registry, downloader, not_read| {
                let npm = Npm {
                    config: &config,
                    registry,
                    downloader,
                    platform: &self.options.platform,
                    host: &self.env.platform(),
                };
                work(&npm, not_read)
            },
        )
    }

    fn pypi<T>(
        self,
        not_read: &mut Vec<NotRead>,
        work: impl FnOnce(&Pypi<'_>, &mut Vec<NotRead>) -> Result<T, FetchError>,
    ) -> Result<T, FetchError> {
        let config = pipconf::load(self.env)?;
        self.registry(
            &config.access,
            not_read,
            |registry, downloader, not_read| {
                let pypi = Pypi {
                    config: &config,
                    registry,
                    downloader,
                    platform: &self.options.platform,
                    host: &self.env.platform(),
                };
                work(&pypi, not_read)
            },
        )
    }

    /// Works with a registry as the settings say. What comes out of it, errors
    /// and remarks, holds no secret of the settings.
    fn registry<T>(
        self,
        access: &Access,
        not_read: &mut Vec<NotRead>,
        work: impl FnOnce(Registry<'_>, &Downloader<'_>, &mut Vec<NotRead>) -> Result<T, FetchError>,
    ) -> Result<T, FetchError> {
        let Self {
            options, cancelled, ..
        } = self;
        let cache = Cache::open(&options.cache_dir)?;
        let progress = Discreet {
            access,
            inner: self.progress,
        };
        let client = Client::new(access.clone(), &options.limits, cancelled, &progress);
        let downloader = Downloader {
            client: &client,
            cache: &cache,
            offline: options.offline,
            max_download: options.max_download,
        };
        let registry = Registry {
            client: &client,
            cache: &cache,
            offline: options.offline,
        };
        let result = work(registry, &downloader, not_read);
        for remark in not_read {
            remark.name = access.hidden(&remark.name);
            remark.detail = access.hidden(&remark.detail);
        }
        result.map_err(|error| error.hidden(|text| access.hidden(text)))
    }
}

#[cfg(test)]
mod tests;
