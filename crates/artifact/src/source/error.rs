use std::io;
use std::path::{Path, PathBuf};

use assay_model::{Purl, Sha256};

use super::spec::{SourceError, shown};

/// Why a source could not be fetched. No message holds a credential.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The source is not one.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The user stopped it.
    #[error("stopped; what was downloaded so far is kept, and the next run goes on from there")]
    Cancelled,
    /// Only the cache may be used, and it does not have it.
    #[error("{what} is not in the cache; run once without --offline")]
    Offline {
        /// What is missing.
        what: String,
    },
    /// A settings file or variable is wrong.
    #[error("{place}: {problem}")]
    Config {
        /// The file or variable.
        place: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The registry does not know the package.
    #[error(
        "there is no package '{name}' in {registry}; check the name, the registry in {settings}, \
         and whether the package needs a login"
    )]
    NoSuchPackage {
        /// The package.
        name: String,
        /// The registry asked.
        registry: String,
        /// Where the registry is configured.
        settings: String,
    },
    /// The package has no such version.
    #[error("'{name}' has no version '{wanted}'{}", nearest_text(.nearest))]
    NoSuchVersion {
        /// The package.
        name: String,
        /// What was asked for.
        wanted: String,
        /// Versions that there are, nearest first, and how many more.
        nearest: Vec<String>,
    },
    /// The source is no package of a registry.
    #[error(
        "{source_name} has no releases: name a package of a registry, as npm:NAME or pypi:NAME"
    )]
    NoReleases {
        /// What was named.
        source_name: String,
    },
    /// The version has no file that could be read.
    #[error("{name} {version} has no file for {platform}: {detail}")]
    NoFile {
        /// The package.
        name: String,
        /// The version.
        version: String,
        /// The platform.
        platform: String,
        /// What there is instead.
        detail: String,
    },
    /// The registry wants credentials, or other ones.
    #[error("{url} answered {status}: {hint}")]
    Unauthorized {
        /// The address, without secrets.
        url: String,
        /// 401, 403 or 407.
        status: u16,
        /// Which settings would hold the credentials.
        hint: String,
    },
    /// The registry answered with another error.
    #[error("{url} answered {status}{after}; try again later, or ask whoever runs the registry")]
    Status {
        /// The address, without secrets.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How often it was tried.
        after: String,
    },
    /// A file that the registry names is not there.
    #[error(
        "{url} answered {status}: the registry names this file for {name}, but does not have it; \
         it may have been taken back, or a mirror does not have it yet: try again later, or \
         another version or registry"
    )]
    NotThere {
        /// The address, without secrets.
        url: String,
        /// 404 or 410.
        status: u16,
        /// The package and version.
        name: String,
    },
    /// The registry was not reached, or the connection broke.
    #[error("{url} could not be read{after}: {reason}")]
    Unreachable {
        /// The address, without secrets.
        url: String,
        /// How often it was tried.
        after: String,
        /// What happened.
        reason: String,
    },
    /// The answer is not what a registry answers.
    #[error(
        "{url} did not answer as a registry does: {reason}; check the registry's address and \
         whether a proxy answers in its place"
    )]
    Garbage {
        /// The address, without secrets.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A redirect or file address that is not followed.
    #[error("{url} is not followed: {reason}")]
    Refused {
        /// The address, without secrets.
        url: String,
        /// Why not.
        reason: String,
    },
    /// More bytes than allowed.
    #[error("{url} is larger than the limit of {limit} bytes; raise it with --max-download")]
    TooLarge {
        /// The address, without secrets.
        url: String,
        /// The limit.
        limit: u64,
    },
    /// More bytes of metadata than any package has.
    #[error(
        "{url} is larger than {} MiB, and no registry tells so much of a package; check the \
         registry's address", .limit >> 20
    )]
    MetadataTooLarge {
        /// The address, without secrets.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The bytes are not those that the registry published a digest of.
    #[error(
        "{name}: the registry published {expected}, but the file has {actual}; the file was thrown \
         away. If it happens again, the file or the registry was changed: do not use the package"
    )]
    Digest {
        /// The package and version.
        name: String,
        /// The published digest.
        expected: String,
        /// The digest of what came, by the same algorithm.
        actual: String,
    },
    /// The registry now has other bytes than were examined.
    #[error(
        "{purl} had the SHA-256 {expected} when it was examined, but the registry now has \
         {actual}; it is another artifact"
    )]
    Changed {
        /// The artifact.
        purl: Box<Purl>,
        /// The digest asked for.
        expected: Sha256,
        /// What there is now.
        actual: String,
    },
    /// An artifact that no registry has.
    #[error(
        "{purl} came from this machine and is not in the cache under {sha256}; name its file or \
         folder with --artifact FILE"
    )]
    LocalOnly {
        /// The artifact.
        purl: Box<Purl>,
        /// Its digest.
        sha256: Sha256,
    },
    /// There is no room for the cache.
    #[error(
        "no space is left for the cache in {folder}; make room there, or choose another folder \
         with --cache-dir"
    )]
    CacheFull {
        /// The cache's folder.
        folder: String,
    },
    /// The cache could not be read or written.
    #[error("the cache file {path}: {reason}; choose another folder with --cache-dir")]
    Cache {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A cached file changed, and there is no network to fetch it again.
    #[error(
        "the cached file of {name} is damaged ({path}), and was removed; run once without --offline"
    )]
    CacheCorrupt {
        /// The package.
        name: String,
        /// The file.
        path: String,
    },
    /// A file or directory of the user could not be read.
    #[error("{path} could not be read: {reason}")]
    Read {
        /// The path.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// npm or pip is not there.
    #[error(
        "dependencies are resolved by {tool}, which is not on PATH; install it, or leave out \
         --deps all"
    )]
    ResolverMissing {
        /// `npm` or `pip`.
        tool: &'static str,
    },
    /// npm or pip failed.
    #[error("{tool} could not resolve the dependencies of {name}: {reason}")]
    Resolver {
        /// `npm` or `pip`.
        tool: &'static str,
        /// The package.
        name: String,
        /// The last of what it said.
        reason: String,
    },
}

fn nearest_text(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::from("; it has none that can be installed");
    }
    let list: Vec<String> = nearest.iter().map(|version| shown(version)).collect();
    format!("; there are: {}", list.join(", "))
}

impl FetchError {
    /// A user's file that could not be read.
    pub(super) fn read(path: &Path, error: &io::Error) -> Self {
        Self::Read {
            path: shown(&path.to_string_lossy()),
            reason: error.to_string(),
        }
    }

    /// The same with every text that others had a part in as `hide` gives it.
    /// It is applied where errors leave this module, so that no place at which
    /// one is made can forget it.
    pub(super) fn hidden(mut self, hide: impl Fn(&str) -> String) -> Self {
        let texts: Vec<&mut String> = match &mut self {
            Self::Source(_)
            | Self::Cancelled
            | Self::LocalOnly { .. }
            | Self::CacheFull { .. }
            | Self::ResolverMissing { .. } => Vec::new(),
            Self::Offline { what } => vec![what],
            Self::NoReleases { source_name } => vec![source_name],
            Self::Config { place, problem } => vec![place, problem],
            Self::NoSuchPackage {
                name,
                registry,
                settings,
            } => vec![name, registry, settings],
            Self::NoSuchVersion {
                name,
                wanted,
                nearest,
            } => [name, wanted].into_iter().chain(nearest).collect(),
            Self::NoFile {
                name,
                version,
                platform,
                detail,
            } => vec![name, version, platform, detail],
            Self::Unauthorized { url, hint, .. } => vec![url, hint],
            Self::NotThere { url, name, .. } => vec![url, name],
            Self::Status { url, .. }
            | Self::TooLarge { url, .. }
            | Self::MetadataTooLarge { url, .. } => vec![url],
            Self::Unreachable { url, reason, .. }
            | Self::Garbage { url, reason }
            | Self::Refused { url, reason } => vec![url, reason],
            Self::Digest {
                name,
                expected,
                actual,
            } => vec![name, expected, actual],
            Self::Changed { actual, .. } => vec![actual],
            Self::Cache { path, reason } | Self::Read { path, reason } => vec![path, reason],
            Self::CacheCorrupt { name, path } => vec![name, path],
            Self::Resolver { name, reason, .. } => vec![name, reason],
        };
        for text in texts {
            *text = hide(text);
        }
        self
    }

    /// A failure in the cache at `root`.
    pub(super) fn cache(root: &Path, path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::CacheFull {
                folder: PathBuf::from(root).display().to_string(),
            },
            _ => Self::Cache {
                path: path.display().to_string(),
                reason: error.to_string(),
            },
        }
    }
}
