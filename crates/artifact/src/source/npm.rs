//! Packages of npm registries.

use std::collections::BTreeSet;

use assay_model::{ArtifactRole, Purl};
use node_semver::{Range, Version};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::answers::{Entries, Loose, optional_keys};
use super::cache::{CachedDocument, Key};
use super::download::{Downloader, Wanted};
use super::error::FetchError;
use super::http::{plain, redacted};
use super::integrity::Published;
use super::npmrc::NpmConfig;
use super::record::{RegistryRecord, of_npm};
use super::registry::Registry;
use super::releases::Release;
use super::spec::{Platform, PlatformChoice, shown, valid_npm_name};
use super::{Artifact, NotRead};

/// Metadata as installers ask for it, shorter than the full form.
const ABBREVIATED: &str =
    "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
const FULL: &str = "application/json, */*; q=0.1";

/// How many steps of optional dependencies are followed.
const DEPTH: u32 = 3;

/// How many packages are looked up in search of platform packages.
const MOST_LOOKUPS: usize = 300;

/// What a registry tells of a package.
#[derive(Deserialize)]
pub(super) struct Packument<'a> {
    #[serde(default, rename = "dist-tags")]
    tags: Loose,
    #[serde(default, borrow)]
    versions: Entries<'a>,
    #[serde(default)]
    time: Loose,
}

/// The largest metadata of one version; that of real ones is below 1 MiB.
const MOST_METADATA: usize = 16 << 20;

/// What is of use of a version's metadata, and of an entry of a lock file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    name: Loose,
    version: Loose,
    deprecated: Loose,
    os: Loose,
    cpu: Loose,
    libc: Loose,
    dist: Loose,
    dependencies: Loose,
    optional_dependencies: Loose,
    peer_dependencies: Loose,
    peer_dependencies_meta: Option<Box<RawValue>>,
    bundle_dependencies: Loose,
    bundled_dependencies: Loose,
}

impl Metadata {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MOST_METADATA {
            return Err(format!("larger than {} MiB", MOST_METADATA >> 20));
        }
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Names that the package says are inside its own file, of those that it
    /// depends on. Whether they are, only the file tells.
    pub(super) fn said_bundled(&self) -> Vec<(String, String)> {
        let named = self.bundled();
        let tables = [&self.optional_dependencies, &self.dependencies];
        tables
            .into_iter()
            .flat_map(|table| table.entries())
            .filter(|(name, _)| named.is_none_or(|names| names.contains(name)))
            .map(|(name, spec)| (name.clone(), spec.clone()))
            .collect()
    }

    /// Names that are inside the package's own file; `None` where all are.
    fn bundled(&self) -> Option<&[String]> {
        for told in [&self.bundle_dependencies, &self.bundled_dependencies] {
            match told {
                Loose::Flag(true) => return None,
                Loose::Texts(names) => return Some(names),
                _ => {}
            }
        }
        Some(&[])
    }

    /// What it depends on beside its own file: the name, what is asked for,
    /// and whether it may be missing. Those that may are first.
    pub(super) fn wanted(&self) -> Vec<(String, String, bool)> {
        let Some(bundled) = self.bundled() else {
            return Vec::new();
        };
        let bundled: BTreeSet<&String> = bundled.iter().collect();
        let optional = &self.optional_dependencies;
        let meta = self.peer_dependencies_meta.as_deref();
        let not_needed = meta.map(optional_keys).unwrap_or_default();
        let peers = self
            .peer_dependencies
            .entries()
            .filter(|(name, _)| !not_needed.contains(*name));
        let ordinary = self
            .dependencies
            .entries()
            .chain(peers)
            // Registries list optional dependencies among the others too.
            .filter(|(name, _)| optional.get(name).is_none());
        optional
            .entries()
            .map(|(name, spec)| (name, spec, true))
            .chain(ordinary.map(|(name, spec)| (name, spec, false)))
            .filter(|(name, ..)| !bundled.contains(name))
            .map(|(name, spec, optional)| (name.clone(), spec.clone(), optional))
            .collect()
    }

    fn is_deprecated(&self) -> bool {
        match &self.deprecated {
            Loose::Text(text) => !text.is_empty(),
            other => *other == Loose::Flag(true),
        }
    }
}

/// What a registry tells of one version.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) version: String,
    metadata: Metadata,
    date: Option<String>,
}

/// What one dependency of a manifest asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wants {
    /// A package of a registry.
    Registry { name: String, spec: String },
    /// A git repository, an address, a file.
    Elsewhere,
}

pub(super) struct Npm<'a> {
    pub(super) config: &'a NpmConfig,
    pub(super) registry: Registry<'a>,
    pub(super) downloader: &'a Downloader<'a>,
    pub(super) platform: &'a PlatformChoice,
    pub(super) host: &'a Platform,
}

/// What was found beside the main package.
#[derive(Default)]
pub(super) struct Found {
    pub(super) platform: Vec<Manifest>,
    /// Packages of other platforms, and what could not be looked up.
    pub(super) not_read: Vec<NotRead>,
    /// Of these, what may carry the code for the chosen platform and could not
    /// be had.
    pub(super) missing: Vec<NotRead>,
    /// Ordinary dependencies.
    pub(super) ordinary: Vec<NotRead>,
}

/// Which spec a text is, by npm's rule: a version, else a range, else a tag.
enum Spec {
    Exact(Version),
    Range(Range),
    Tag,
}

fn spec_of(text: &str) -> Spec {
    let text = text.trim();
    let bare = text.trim_start_matches(['=', 'v']).trim();
    if let Ok(version) = Version::parse(bare) {
        return Spec::Exact(version);
    }
    if text.is_empty() || text == "*" {
        return Spec::Range(Range::any());
    }
    // The range parser is lenient with words; npm takes a word for a tag.
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.eq_ignore_ascii_case("x")
        && !text
            .strip_prefix(['v', 'x', 'X'])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
    if word || text.len() > 256 {
        return Spec::Tag;
    }
    match Range::parse(text) {
        Ok(range) => Spec::Range(range),
        Err(_) => Spec::Tag,
    }
}

impl Packument<'_> {
    fn tag(&self, tag: &str) -> Option<&str> {
        self.tags.get(tag)
    }

    fn is_deprecated(&self, version: &str) -> bool {
        self.versions
            .0
            .get(version)
            .and_then(|raw| Metadata::parse(raw.get()).ok())
            .is_some_and(|metadata| metadata.is_deprecated())
    }

    /// The version that npm would take: that of the tag; for a range the
    /// `latest` one when it fits, else the highest, those that are not
    /// deprecated first.
    pub(super) fn pick(&self, spec: &str) -> Option<&str> {
        match spec_of(spec) {
            Spec::Exact(wanted) => {
                let text = spec.trim().trim_start_matches(['=', 'v']).trim();
                if let Some((version, _)) = self.versions.0.get_key_value(text) {
                    return Some(version);
                }
                self.versions
                    .0
                    .keys()
                    .find(|version| {
                        Version::parse(version)
                            .is_ok_and(|known| known == wanted && known.build == wanted.build)
                    })
                    .map(String::as_str)
            }
            Spec::Tag => self
                .tag(spec.trim())
                .filter(|version| self.versions.0.contains_key(*version)),
            Spec::Range(range) => {
                if let Some(latest) = self.tag("latest")
                    && self.versions.0.contains_key(latest)
                    && !self.is_deprecated(latest)
                    && (spec.trim() == "*"
                        || Version::parse(latest).is_ok_and(|latest| range.satisfies(&latest)))
                {
                    return Some(latest);
                }
                let mut fitting: Vec<(Version, &str)> = self
                    .versions
                    .0
                    .keys()
                    .filter_map(|text| Some((Version::parse(text).ok()?, text.as_str())))
                    .filter(|(version, _)| range.satisfies(version))
                    .collect();
                fitting.sort_by(|a, b| b.0.cmp(&a.0));
                fitting
                    .iter()
                    .find(|(_, text)| !self.is_deprecated(text))
                    .or_else(|| fitting.first())
                    .map(|(_, text)| *text)
            }
        }
    }

    /// Versions like the one asked for, nearest first.
    fn nearest(&self, spec: &str) -> Vec<String> {
        let mut known: Vec<(Version, &String)> = self
            .versions
            .0
            .keys()
            .filter_map(|text| Some((Version::parse(text).ok()?, text)))
            .collect();
        known.sort_by(|a, b| a.0.cmp(&b.0));
        let digits: String = spec
            .trim_start_matches(|c: char| !c.is_ascii_digit())
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || ".-+".contains(*c))
            .collect();
        let mut out: Vec<String> = Vec::new();
        if let Ok(wanted) = Version::parse(&digits) {
            let at = known.partition_point(|(version, _)| *version < wanted);
            let (below, above) = known.split_at_checked(at).unwrap_or_default();
            let mut below = below.iter().rev();
            let mut above = above.iter();
            for _ in 0..3 {
                out.extend(below.next().map(|(_, text)| (*text).clone()));
                out.extend(above.next().map(|(_, text)| (*text).clone()));
            }
        } else {
            out.extend(known.iter().rev().take(4).map(|(_, text)| (*text).clone()));
        }
        // A tag stands with its version, once.
        for (tag, version) in self.tags.entries() {
            let is_it = |told: &&mut String| told.split(' ').next() == Some(version);
            if let Some(told) = out.iter_mut().find(is_it) {
                told.push_str(&format!(" ({tag})"));
            } else if out.len() < 9 {
                out.push(format!("{version} ({tag})"));
            }
        }
        let more = known.len().saturating_sub(out.len());
        if more > 0 {
            out.push(format!("and {more} more"));
        }
        out
    }
}

/// npm's rule: `!name` excludes, `any` is everything, an empty list too.
fn list_allows(list: &[String], value: &str) -> bool {
    if list.is_empty() || (list.len() == 1 && list.first().is_some_and(|one| one == "any")) {
        return true;
    }
    let excluded = list
        .iter()
        .any(|entry| entry.strip_prefix('!').is_some_and(|name| name == value));
    let positive = list.iter().any(|entry| !entry.starts_with('!'));
    !excluded && (!positive || list.iter().any(|entry| entry == value))
}

pub(super) fn wants(name: &str, spec: &str) -> Wants {
    let (name, spec) = match spec.strip_prefix("npm:") {
        Some(target) => {
            let at = target
                .char_indices()
                .skip(1)
                .find(|(_, c)| *c == '@')
                .map(|(at, _)| at);
            match at {
                Some(at) => {
                    let (name, spec) = target.split_at(at);
                    (name, spec.get(1..).unwrap_or_default())
                }
                None => (target, "*"),
            }
        }
        None => (name, spec),
    };
    let spec = spec.trim();
    let elsewhere = spec.contains(':') || spec.contains('/') || spec.starts_with('.');
    if elsewhere || !valid_npm_name(name) || spec.len() > 256 {
        return Wants::Elsewhere;
    }
    Wants::Registry {
        name: name.to_owned(),
        spec: if spec.is_empty() { "*" } else { spec }.to_owned(),
    }
}

/// Whether a name is like that of a package for one platform. Looking up every
/// ordinary dependency would cost a request each; those that carry code for a
/// platform without being optional say so in their names.
fn names_platform(name: &str) -> bool {
    let words = [
        "linux", "darwin", "win32", "windows", "macos", "x64", "arm64", "musl", "x86_64",
        "aarch64", "amd64",
    ];
    name.split(['-', '_', '/', '.', '@'])
        .any(|part| words.contains(&part))
}

/// Whether a package is for a C library, and whether it declares so itself.
fn fits_libc(candidate: &Candidate, libc: &str) -> (bool, bool) {
    match libc_of(&candidate.manifest, &candidate.key) {
        (_, true) => (
            list_allows(candidate.manifest.metadata.libc.texts(), libc),
            true,
        ),
        (Some(known), false) => (known == libc, false),
        (None, false) => (libc == "glibc", false),
    }
}

/// What packages have in common that differ by their C library.
fn family(key: &str) -> String {
    let key = key.replace("linuxmusl", "linux-musl");
    let parts: Vec<&str> = key
        .split('-')
        .filter(|part| !matches!(*part, "musl" | "gnu" | "glibc"))
        .collect();
    parts.join("-")
}

/// The C library that a Linux package is for: as declared, else by the name.
fn libc_of(manifest: &Manifest, key: &str) -> (Option<String>, bool) {
    if let Some(libc) = manifest.metadata.libc.texts().first() {
        return (Some(libc.clone()), true);
    }
    let text = format!("{key}-{}-{}", manifest.name, manifest.version);
    let text = text.replace("linuxmusl", "linux-musl");
    let mut parts = text.split(['-', '_', '/', '.', '@']);
    if parts.clone().any(|part| part == "musl") {
        return (Some("musl".to_owned()), false);
    }
    let glibc = parts.any(|part| part == "gnu" || part == "glibc");
    (glibc.then(|| "glibc".to_owned()), false)
}

impl Manifest {
    /// An entry of npm's lock file, which tells the platform as a manifest
    /// does.
    pub(super) fn from_lock(name: &str, version: &str, entry: Value) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            metadata: serde_json::from_value(entry).unwrap_or_default(),
            date: None,
        }
    }

    /// Whether the registry publishes the digests that a lock file has.
    pub(super) fn has_integrity(&self, locked: Option<&str>) -> bool {
        let published = self
            .metadata
            .dist
            .get("integrity")
            .map(|text| text.split_whitespace().collect::<BTreeSet<&str>>());
        published.is_some_and(|published| {
            locked
                .unwrap_or_default()
                .split_whitespace()
                .any(|digest| published.contains(digest))
        })
    }

    fn is_for_platform(&self) -> bool {
        let Metadata { os, cpu, libc, .. } = &self.metadata;
        [os, cpu, libc].iter().any(|list| !list.texts().is_empty())
    }

    fn label(&self) -> String {
        format!("npm:{}@{}", self.name, self.version)
    }
}

struct Candidate {
    key: String,
    manifest: Manifest,
}

/// Reads what a registry tells of a package.
fn packument<'d>(url: &Url, document: &'d CachedDocument) -> Result<Packument<'d>, FetchError> {
    let garbage = |reason: String| FetchError::Garbage {
        url: redacted(url),
        reason,
    };
    let packument: Packument<'_> = serde_json::from_slice(&document.body)
        .map_err(|error| garbage(format!("it is no package metadata ({error})")))?;
    let has_tags = packument.tags.entries().next().is_some();
    let has_times = matches!(packument.time, Loose::Table(_));
    if packument.versions.0.is_empty() && !has_tags && !has_times {
        return Err(garbage(
            "it is no package metadata (no versions)".to_owned(),
        ));
    }
    Ok(packument)
}

/// Versions in the order of npm's rule; none where one is no version.
pub(super) fn compared(one: &str, other: &str) -> Option<std::cmp::Ordering> {
    Some(Version::parse(one).ok()?.cmp(&Version::parse(other).ok()?))
}

impl Npm<'_> {
    fn package_url(&self, name: &str, version: Option<&str>) -> Result<Url, FetchError> {
        let registry = self.config.registry_of(name);
        let mut path = name.replace('/', "%2f");
        if let Some(version) = version {
            // What a version consists of needs an escape only for '+'.
            path = format!("{path}/{}", version.replace('+', "%2B"));
        }
        // A name never begins with a scheme, a '/' or a '.', so this stays
        // under the registry.
        registry
            .join(&format!("./{path}"))
            .map_err(|_| FetchError::Garbage {
                url: redacted(registry),
                reason: format!("no address can be made for '{}'", shown(name)),
            })
    }

    fn manifest(
        &self,
        url: &Url,
        name: &str,
        metadata: Metadata,
        date: Option<String>,
    ) -> Result<Manifest, FetchError> {
        let garbage = |reason: String| FetchError::Garbage {
            url: redacted(url),
            reason,
        };
        let version = metadata
            .version
            .text()
            .ok_or_else(|| garbage(format!("the metadata of '{name}' has no version")))?
            .to_owned();
        let named = metadata.name.text().unwrap_or(name);
        if named != name {
            return Err(garbage(format!(
                "asked for '{name}', it told of '{}'",
                shown(named)
            )));
        }
        if Version::parse(&version).is_err() {
            return Err(garbage(format!("'{}' is no version", shown(&version))));
        }
        Ok(Manifest {
            name: name.to_owned(),
            version,
            metadata,
            date,
        })
    }

    /// The metadata of the version that a spec stands for.
    pub(super) fn resolve(&self, name: &str, spec: &str) -> Result<Manifest, FetchError> {
        if let Spec::Exact(_) = spec_of(spec) {
            let version = spec.trim().trim_start_matches(['=', 'v']).trim();
            let url = self.package_url(name, Some(version))?;
            if let Some(document) = self.registry.document_or_none(&url, FULL)?
                && let Ok(text) = std::str::from_utf8(&document.body)
                && let Ok(metadata) = Metadata::parse(text)
                && metadata.version.text() == Some(version)
            {
                return self.manifest(&url, name, metadata, None);
            }
            // Not every registry serves single versions, and the whole list
            // tells which ones there are.
        }
        let (url, document) = self.document(name, ABBREVIATED)?;
        let packument = packument(&url, &document)?;
        let garbage = |reason: String| FetchError::Garbage {
            url: redacted(&url),
            reason,
        };
        let missing = || FetchError::NoSuchVersion {
            name: name.to_owned(),
            wanted: spec.to_owned(),
            nearest: packument.nearest(spec),
        };
        let version = packument.pick(spec).ok_or_else(missing)?;
        let raw = packument.versions.0.get(version).ok_or_else(missing)?;
        let metadata = Metadata::parse(raw.get()).map_err(|error| {
            let version = shown(version);
            garbage(format!(
                "the metadata of version {version} is broken ({error})"
            ))
        })?;
        if metadata.version.text() != Some(version) {
            return Err(garbage(format!(
                "what it lists as version {} says that it is another",
                shown(version)
            )));
        }
        let date = packument.time.get(version).map(shown);
        self.manifest(&url, name, metadata, date)
    }

    /// What the registry tells of a package, and where.
    fn document(&self, name: &str, accept: &str) -> Result<(Url, CachedDocument), FetchError> {
        let url = self.package_url(name, None)?;
        match self.registry.document(&url, accept)? {
            Some(document) => Ok((url, document)),
            None => Err(FetchError::NoSuchPackage {
                name: name.to_owned(),
                registry: redacted(self.config.registry_of(name)),
                settings: self.config.settings.clone(),
            }),
        }
    }

    /// All releases of a package, in the order of their versions, also those
    /// that the registry only remembers the date of.
    pub(super) fn releases(&self, name: &str) -> Result<Vec<Release>, FetchError> {
        // The shorter form has no dates.
        let (url, document) = self.document(name, FULL)?;
        let packument = packument(&url, &document)?;
        let there = packument.versions.0.keys();
        let dated = packument.time.entries().map(|(version, _)| version);
        let mut all: Vec<(Version, &String)> = there
            .chain(dated)
            .filter_map(|text| Some((Version::parse(text).ok()?, text)))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        all.dedup_by(|a, b| a.1 == b.1);
        let release = |(version, text): (Version, &String)| Release {
            prerelease: !version.pre_release.is_empty(),
            published: packument.time.get(text).map(shown),
            withdrawn: (!packument.versions.0.contains_key(text))
                .then(|| "the registry has its date, and no version any more".to_owned()),
            version: shown(text),
        };
        Ok(all.into_iter().map(release).collect())
    }

    /// What the registry tells of a version beside its file.
    pub(super) fn record(&self, name: &str, version: &str) -> Result<RegistryRecord, FetchError> {
        let releases = self.releases(name)?;
        let (url, document) = self.document(name, FULL)?;
        let packument = packument(&url, &document)?;
        let record = |version: &str| {
            packument
                .versions
                .0
                .get(version)
                .map(|raw| of_npm(raw.get()))
        };
        let at = releases.iter().position(|known| known.version == version);
        let before = at
            .and_then(|at| at.checked_sub(1))
            .and_then(|at| releases.get(at))
            .and_then(|before| record(&before.version));
        Ok(RegistryRecord {
            before: before.map(Box::new),
            attestations: self.attestations(name, version)?,
            ..record(version).unwrap_or_default()
        }
        .with(releases))
    }

    /// What the registry serves of how a version was built; nothing where it
    /// serves none. Asked for at the registry itself, whatever address its
    /// metadata name.
    fn attestations(&self, name: &str, version: &str) -> Result<Option<String>, FetchError> {
        let registry = self.config.registry_of(name);
        let path = format!(
            "./-/npm/v1/attestations/{}@{}",
            name.replace('/', "%2f"),
            version.replace('+', "%2B")
        );
        let Ok(url) = registry.join(&path) else {
            return Ok(None);
        };
        let document = self.registry.document_or_none(&url, "application/json")?;
        Ok(document.and_then(|document| String::from_utf8(document.body).ok()))
    }

    /// Fetches the file of a version.
    pub(super) fn artifact(
        &self,
        manifest: &Manifest,
        role: ArtifactRole,
    ) -> Result<Artifact, FetchError> {
        let registry = self.config.registry_of(&manifest.name);
        let text = |key: &str| manifest.metadata.dist.get(key);
        let tarball = text("tarball").ok_or_else(|| FetchError::Garbage {
            url: redacted(registry),
            reason: format!("the metadata of {} names no file", manifest.label()),
        })?;
        let url = self.config.file_url(&manifest.name, tarball)?;
        let (published, unpublished) = published(text("integrity"), text("shasum"));
        self.download(
            &manifest.name,
            &manifest.version,
            role,
            url,
            published,
            unpublished,
            manifest.date.clone(),
        )
    }

    /// Fetches a file of which the address and the digest are known.
    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of one artifact, which nothing else puts together"
    )]
    pub(super) fn download(
        &self,
        name: &str,
        version: &str,
        role: ArtifactRole,
        url: Url,
        published: Option<Published>,
        unpublished: &str,
        date: Option<String>,
    ) -> Result<Artifact, FetchError> {
        let file_name = format!(
            "{}-{version}.tgz",
            name.trim_start_matches('@').replace('/', "-")
        );
        let registry = plain(self.config.registry_of(name));
        let stored = self.downloader.get(&Wanted {
            key: Key {
                registry: &registry,
                package: name,
                version,
                file: &file_name,
            },
            name: format!("npm:{name}@{version}"),
            url,
            published,
            unpublished,
            date,
        })?;
        Ok(Artifact {
            purl: Purl::new("npm", name, Some(version)),
            role,
            sha256: stored.sha256,
            bytes: stored.bytes,
            integrity: stored.integrity,
            path: stored.path,
            file_name,
            published: stored.published,
        })
    }

    /// Follows a manifest to the packages that carry its code for platforms,
    /// and lists its other dependencies.
    pub(super) fn follow(&self, main: &Manifest) -> Result<Found, FetchError> {
        let mut found = Found::default();
        let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
        let mut level = vec![main.clone()];
        for _ in 0..DEPTH {
            let mut candidates = Vec::new();
            for manifest in &level {
                self.dependencies(manifest, &mut seen, &mut candidates, &mut found)?;
            }
            level = self.choose(candidates, &mut found);
            if level.is_empty() {
                break;
            }
            found.platform.extend(level.iter().cloned());
        }
        for manifest in &level {
            for (name, _) in manifest.metadata.optional_dependencies.entries() {
                found.not_read.push(NotRead {
                    name: format!("npm:{}", shown(name)),
                    detail: format!(
                        "optional dependencies are followed {DEPTH} steps; this is a further one"
                    ),
                });
            }
        }
        found.not_read.extend(found.missing.iter().cloned());
        for list in [&mut found.not_read, &mut found.ordinary] {
            list.sort_by(|a, b| a.name.cmp(&b.name));
            list.dedup_by(|a, b| a.name == b.name);
        }
        found
            .platform
            .sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        found
            .platform
            .dedup_by(|a, b| a.name == b.name && a.version == b.version);
        Ok(found)
    }

    fn dependencies(
        &self,
        manifest: &Manifest,
        seen: &mut BTreeSet<(String, String)>,
        candidates: &mut Vec<Candidate>,
        found: &mut Found,
    ) -> Result<(), FetchError> {
        for (key, spec, is_optional) in manifest.metadata.wanted() {
            let Wants::Registry { name, spec } = wants(&key, &spec) else {
                found.not_read.push(NotRead {
                    name: format!("{}@{}", shown(&key), shown(&spec)),
                    detail: "a dependency that is not from a registry; these are not fetched"
                        .to_owned(),
                });
                continue;
            };
            if !seen.insert((name.clone(), spec.clone())) {
                continue;
            }
            let label = shown(&format!("npm:{name}@{spec}"));
            let entry = |detail: &str| NotRead {
                name: label.clone(),
                detail: detail.to_owned(),
            };
            if !is_optional && !names_platform(&name) && !names_platform(&spec) {
                found.ordinary.push(entry(ORDINARY));
                continue;
            }
            if seen.len() > MOST_LOOKUPS {
                found.not_read.push(entry(
                    "the package has too many optional dependencies to look them all up",
                ));
                continue;
            }
            match self.resolve(&name, &spec) {
                Ok(manifest) if manifest.is_for_platform() => {
                    candidates.push(Candidate { key, manifest });
                }
                Ok(_) => found.ordinary.push(entry(ORDINARY)),
                Err(FetchError::NoSuchPackage { .. } | FetchError::NoSuchVersion { .. }) => {
                    found.missing.push(entry(
                        "named as a dependency, but the registry has no such package or version",
                    ));
                }
                Err(FetchError::Offline { .. }) if is_optional => {
                    found.missing.push(entry(
                        "its metadata is not in the cache; run once without --offline",
                    ));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Those of the candidates that the chosen platform takes.
    fn choose(&self, candidates: Vec<Candidate>, found: &mut Found) -> Vec<Manifest> {
        let Some(wanted) = self.wanted() else {
            return candidates.into_iter().map(|c| c.manifest).collect();
        };
        let libc = wanted.libc.as_deref().unwrap_or("glibc");
        let (fitting, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|candidate| {
            let metadata = &candidate.manifest.metadata;
            list_allows(metadata.os.texts(), &wanted.os)
                && list_allows(metadata.cpu.texts(), &wanted.cpu)
        });
        let mut rejected = others;
        let mut taken = fitting;
        if wanted.os == "linux" {
            // A C library that is known only by a name decides between
            // packages of one family; a package alone in its family is taken
            // whatever its name says.
            let served: BTreeSet<String> = taken
                .iter()
                .filter(|candidate| fits_libc(candidate, libc).0)
                .map(|candidate| family(&candidate.key))
                .collect();
            let (good, bad): (Vec<_>, Vec<_>) = taken.into_iter().partition(|candidate| {
                let (fits, declared) = fits_libc(candidate, libc);
                fits || (!declared && !served.contains(&family(&candidate.key)))
            });
            taken = good;
            rejected.extend(bad);
        }
        for candidate in rejected {
            found.not_read.push(NotRead {
                name: candidate.manifest.label(),
                detail: format!(
                    "for another platform: --platform {} to read it",
                    platform_of(&candidate)
                ),
            });
        }
        taken.into_iter().map(|c| c.manifest).collect()
    }

    /// Names and versions of those that the chosen platform takes, of packages
    /// with the names that they are installed under.
    pub(super) fn for_platform(
        &self,
        packages: Vec<(String, Manifest)>,
        not_read: &mut Vec<NotRead>,
    ) -> BTreeSet<(String, String)> {
        let (bound, free): (Vec<_>, Vec<_>) = packages
            .into_iter()
            .partition(|(_, manifest)| manifest.is_for_platform());
        let mut found = Found::default();
        let candidates = bound
            .into_iter()
            .map(|(key, manifest)| Candidate { key, manifest })
            .collect();
        let mut chosen = self.choose(candidates, &mut found);
        not_read.extend(found.not_read);
        chosen.extend(free.into_iter().map(|(_, manifest)| manifest));
        chosen
            .into_iter()
            .map(|manifest| (manifest.name, manifest.version))
            .collect()
    }

    /// The platform to choose for; none for all.
    fn wanted(&self) -> Option<&Platform> {
        match self.platform {
            PlatformChoice::Host => Some(self.host),
            PlatformChoice::Named(platform) => Some(platform),
            PlatformChoice::All => None,
        }
    }
}

/// Why an ordinary dependency is not read.
const ORDINARY: &str = "an ordinary dependency: --deps all to read it";

/// The integrity that a registry publishes, or why there is none.
pub(super) fn published(
    integrity: Option<&str>,
    shasum: Option<&str>,
) -> (Option<Published>, &'static str) {
    let published = integrity
        .and_then(Published::sri)
        .or_else(|| shasum.and_then(|digest| Published::hex("sha1", digest)));
    let reason = match (integrity, shasum) {
        (None, None) => "the registry publishes no digest of this file",
        _ => "the digest that the registry publishes is in no known form",
    };
    (published, reason)
}

fn platform_of(candidate: &Candidate) -> String {
    let metadata = &candidate.manifest.metadata;
    let first = |told: &Loose| told.texts().iter().find(|e| !e.starts_with('!')).cloned();
    let os = first(&metadata.os);
    let cpu = first(&metadata.cpu);
    let libc = libc_of(&candidate.manifest, &candidate.key).0;
    match (os, cpu) {
        (Some(os), Some(cpu)) => shown(
            &Platform {
                libc: libc.filter(|_| os == "linux"),
                os,
                cpu,
            }
            .to_string(),
        ),
        _ => "all".to_owned(),
    }
}
