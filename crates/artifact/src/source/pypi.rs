//! Projects of Python package indexes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use assay_model::{ArtifactRole, Integrity, Purl, Sha256};
use serde::Deserialize;
use url::Url;

use super::answers::{Elements, Loose, MOST_ENTRIES};
use super::cache::{CachedDocument, Key};
use super::download::{Downloader, Wanted};
use super::error::FetchError;
use super::http::{percent_decoded, plain, redacted};
use super::integrity::{Hasher, Published};
use super::local;
use super::pep440::Version;
use super::pipconf::PipConfig;
use super::record::RegistryRecord;
use super::registry::Registry;
use super::releases::Release;
use super::spec::{Platform, PlatformChoice, shown, valid_pypi_name};
use super::{Artifact, NotRead};

/// The JSON form (PEP 691) is asked for, the older HTML one (PEP 503) taken.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, \
                      application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.1";

/// How many files without a published digest are tried in search of one.
const MOST_TRIED: usize = 5;

/// Where a file of a project is.
#[derive(Debug, Clone)]
enum Place {
    /// At an address of an index.
    Index { url: Url, index: Url },
    /// In a local folder (`find-links`).
    Local(PathBuf),
}

/// The metadata that an index serves beside a file (PEP 658).
#[derive(Debug, Clone)]
enum Beside {
    No,
    Yes(Option<Published>),
}

/// One file of a project.
#[derive(Debug, Clone)]
pub(super) struct IndexFile {
    name: String,
    place: Place,
    published: Option<Published>,
    yanked: bool,
    date: Option<String>,
    metadata: Beside,
    version: Version,
    version_text: String,
    wheel: Option<Wheel>,
}

/// The tags of a wheel's name.
#[derive(Debug, Clone)]
struct Wheel {
    build: u64,
    python: String,
    abi: String,
    platform: String,
}

/// The files taken of a version.
pub(super) struct Chosen {
    /// The normalised name.
    pub(super) name: String,
    pub(super) version: String,
    main: IndexFile,
    platform: Vec<IndexFile>,
    not_read: Vec<NotRead>,
}

pub(super) struct Pypi<'a> {
    pub(super) config: &'a PipConfig,
    pub(super) registry: Registry<'a>,
    pub(super) downloader: &'a Downloader<'a>,
    pub(super) platform: &'a PlatformChoice,
    pub(super) host: &'a Platform,
}

/// A project's name as indexes compare it (PEP 503).
pub(super) fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.push(c.to_ascii_lowercase());
        }
    }
    out
}

/// Whether a file's name is one that no terminal and no file system takes
/// otherwise.
fn is_plain_name(name: &str) -> bool {
    name.len() <= 512
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'/' && b != b'\\')
}

/// Version and tags of a file's name, when it is one of the project's.
fn parse_name(project: &str, name: &str) -> Option<(String, Version, Option<Wheel>)> {
    if !is_plain_name(name) {
        return None;
    }
    if let Some(stem) = name.strip_suffix(".whl") {
        let parts: Vec<&str> = stem.split('-').collect();
        let (distribution, version, build, tags) = match parts.as_slice() {
            [distribution, version, tags @ ..] if tags.len() == 3 => {
                (distribution, version, None, tags)
            }
            [distribution, version, build, tags @ ..] if tags.len() == 3 => {
                (distribution, version, Some(build), tags)
            }
            _ => return None,
        };
        if normalised(distribution) != project {
            return None;
        }
        let [python, abi, platform] = tags else {
            return None;
        };
        let digits =
            |text: &str| -> String { text.chars().take_while(char::is_ascii_digit).collect() };
        let wheel = Wheel {
            build: build
                .and_then(|build| digits(build).parse().ok())
                .unwrap_or(0),
            python: (*python).to_owned(),
            abi: (*abi).to_owned(),
            platform: (*platform).to_owned(),
        };
        return Some(((*version).to_owned(), Version::parse(version)?, Some(wheel)));
    }
    let stem = [".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))?;
    // The name may hold '-' itself, and old files are not normalised.
    stem.match_indices('-').find_map(|(at, _)| {
        let (front, back) = stem.split_at(at);
        let back = back.get(1..)?;
        if normalised(front) != project {
            return None;
        }
        Some((back.to_owned(), Version::parse(back)?, None))
    })
}

/// The platforms of a wheel's platform tags; none for every platform (`any`)
/// and for those that have no name here.
fn platforms_of(tags: &str) -> Vec<Platform> {
    let cpu_of = |arch: &str| -> Vec<&'static str> {
        match arch {
            "x86_64" | "amd64" => vec!["x64"],
            "aarch64" | "arm64" => vec!["arm64"],
            "i686" | "i386" => vec!["ia32"],
            "armv7l" | "armv6l" => vec!["arm"],
            "ppc64le" | "ppc64" => vec!["ppc64"],
            "s390x" => vec!["s390x"],
            "riscv64" => vec!["riscv64"],
            "loongarch64" => vec!["loong64"],
            "universal2" => vec!["arm64", "x64"],
            "intel" | "fat64" | "universal" => vec!["x64"],
            _ => vec![],
        }
    };
    let mut out = Vec::new();
    for tag in tags.split('.') {
        let (os, libc) = if tag.starts_with("manylinux") || tag.starts_with("linux_") {
            ("linux", Some("glibc"))
        } else if tag.starts_with("musllinux") {
            ("linux", Some("musl"))
        } else if tag.starts_with("macosx_") {
            ("darwin", None)
        } else if tag.starts_with("win") {
            ("win32", None)
        } else {
            continue;
        };
        let cpus = if tag == "win32" {
            vec!["ia32"]
        } else {
            ["x86_64", "ppc64le"]
                .into_iter()
                .find(|arch| tag.ends_with(arch))
                .or_else(|| tag.rsplit('_').next())
                .map(cpu_of)
                .unwrap_or_default()
        };
        for cpu in cpus {
            out.push(Platform {
                os: os.to_owned(),
                cpu: cpu.to_owned(),
                libc: libc.map(str::to_owned),
            });
        }
    }
    out.sort();
    out.dedup();
    out
}

impl Wheel {
    fn any(&self) -> bool {
        self.platform.split('.').any(|tag| tag == "any")
    }

    /// The newest Python first; builds without the interpreter lock and other
    /// interpreters last.
    fn rank(&self) -> (u8, u64, u64) {
        let threaded = self
            .abi
            .split('.')
            .all(|abi| abi.starts_with("cp") && abi.ends_with('t'));
        let best = self
            .python
            .split('.')
            .map(|tag| {
                let number = |prefix: &str| {
                    tag.strip_prefix(prefix)
                        .map(|minor| minor.parse::<u64>().unwrap_or(0))
                };
                if let Some(minor) = number("cp3") {
                    (if threaded { 1 } else { 3 }, minor)
                } else if let Some(minor) = number("py3") {
                    (2, minor)
                } else {
                    (0, 0)
                }
            })
            .max()
            .unwrap_or((0, 0));
        (best.0, best.1, self.build)
    }

    fn runs_on(&self, platform: &Platform) -> bool {
        let libc = platform.libc.as_deref().unwrap_or("glibc");
        platforms_of(&self.platform).iter().any(|known| {
            known.os == platform.os
                && known.cpu == platform.cpu
                && known.libc.as_deref().is_none_or(|known| known == libc)
        })
    }
}

/// The text of HTML with its character references resolved.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let known = tail.split_once(';').and_then(|(name, after)| {
            let name = name.strip_prefix('&')?;
            let c = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => {
                    let number = name.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((c, after))
        });
        match known {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = tail.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// The attributes of a tag, names in lower case, up to its `>`.
fn attributes(tag: &str) -> (BTreeMap<String, String>, &str) {
    let mut out = BTreeMap::new();
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (out, after);
        }
        let end = rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'))
            .unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        if name.is_empty() && !tail.starts_with('=') {
            return (out, "");
        }
        let tail = tail.trim_start();
        let Some(value) = tail.strip_prefix('=') else {
            out.insert(name.to_ascii_lowercase(), String::new());
            rest = tail;
            continue;
        };
        let value = value.trim_start();
        let quoted = ['"', '\''].into_iter().find_map(|quote| {
            let inner = value.strip_prefix(quote)?;
            Some(inner.split_once(quote).unwrap_or((inner, "")))
        });
        let (value, tail) = quoted.unwrap_or_else(|| {
            let end = value
                .find(|c: char| c.is_ascii_whitespace() || c == '>')
                .unwrap_or(value.len());
            value.split_at(end)
        });
        out.insert(name.to_ascii_lowercase(), unescaped(value));
        rest = tail;
    }
}

/// A digest of a fragment or attribute: `sha256=HEX`.
fn digest_of(text: &str) -> Option<Published> {
    let (algorithm, digest) = text.split_once('=')?;
    Published::hex(algorithm, digest)
}

/// The strongest of a table of digests that is known.
fn digest_in(table: &Loose) -> Option<Published> {
    ["sha512", "sha384", "sha256", "sha1"]
        .iter()
        .find_map(|name| Published::hex(name, table.get(name)?))
}

/// `sha256` alone where it is there: other tools compare by it.
fn file_digest(table: &Loose) -> Option<Published> {
    table
        .get("sha256")
        .and_then(|digest| Published::hex("sha256", digest))
        .or_else(|| digest_in(table))
}

struct Listed {
    address: String,
    name: Option<String>,
    published: Option<Published>,
    yanked: bool,
    date: Option<String>,
    metadata: Beside,
}

/// A file as an index lists it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct JsonFile {
    url: Loose,
    filename: Loose,
    hashes: Loose,
    yanked: Loose,
    upload_time: Loose,
    core_metadata: Loose,
    dist_info_metadata: Loose,
    data_dist_info_metadata: Loose,
}

fn list_json(body: &[u8]) -> Option<Vec<Listed>> {
    #[derive(Deserialize)]
    struct Index<'a> {
        #[serde(borrow)]
        files: Elements<'a>,
    }
    let index: Index<'_> = serde_json::from_slice(body).ok()?;
    let listed = index.files.0.iter().filter_map(|file| {
        let file: JsonFile = serde_json::from_str(file.get()).ok()?;
        let metadata = [
            &file.core_metadata,
            &file.dist_info_metadata,
            &file.data_dist_info_metadata,
        ]
        .into_iter()
        .find_map(|told| match told {
            Loose::Flag(true) => Some(Beside::Yes(None)),
            table @ Loose::Table(_) => Some(Beside::Yes(digest_in(table))),
            _ => None,
        });
        let text = |told: &Loose| told.text().map(str::to_owned);
        Some(Listed {
            address: text(&file.url)?,
            name: text(&file.filename),
            published: file_digest(&file.hashes),
            yanked: matches!(file.yanked, Loose::Flag(true) | Loose::Text(_)),
            date: text(&file.upload_time),
            metadata: metadata.unwrap_or(Beside::No),
        })
    });
    Some(listed.collect())
}

/// The largest page that is taken for a list; those of real indexes are of a
/// few megabytes.
const MOST_HTML: usize = 64 << 20;

fn list_html(body: &[u8], base: &mut Url) -> Option<Vec<Listed>> {
    if body.len() > MOST_HTML {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let lower = text.to_ascii_lowercase();
    if !lower.contains("<html") && !lower.contains("<a ") && !lower.contains("<!doctype html") {
        return None;
    }
    if let Some(at) = lower.find("<base ") {
        let tag = text
            .get(at..)
            .and_then(|tag| tag.get(6..))
            .unwrap_or_default();
        let (attributes, _) = attributes(tag);
        if let Some(href) = attributes.get("href")
            && let Ok(joined) = base.join(href)
        {
            *base = joined;
        }
    }
    let mut listed = Vec::new();
    let mut from = 0usize;
    while let Some(at) = lower.get(from..).and_then(|tail| tail.find("<a")) {
        let start = from.saturating_add(at).saturating_add(2);
        from = start;
        let tail = text.get(start..).unwrap_or_default();
        if !tail.starts_with(|c: char| c.is_ascii_whitespace()) {
            continue;
        }
        // Going on behind the tag keeps the whole linear.
        let (attributes, after) = attributes(tail);
        from = text.len().saturating_sub(after.len());
        let Some(href) = attributes.get("href") else {
            continue;
        };
        if listed.len() >= MOST_ENTRIES {
            return None;
        }
        let (address, fragment) = match href.split_once('#') {
            Some((address, fragment)) => (address, fragment),
            None => (href.as_str(), ""),
        };
        let metadata = ["data-core-metadata", "data-dist-info-metadata"]
            .iter()
            .find_map(|key| attributes.get(*key))
            .map_or(Beside::No, |value| Beside::Yes(digest_of(value)));
        listed.push(Listed {
            address: address.to_owned(),
            name: None,
            published: fragment.split('&').find_map(digest_of),
            yanked: attributes.contains_key("data-yanked"),
            date: attributes.get("data-upload-time").cloned(),
            metadata,
        });
    }
    Some(listed)
}

/// What the index says of one version.
#[derive(Deserialize)]
struct Described {
    info: Info,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Info {
    version: Loose,
    requires_dist: Loose,
}

/// The name, and whether it is always required, of a requirement as a project
/// declares it.
fn requirement(text: &str) -> Option<(String, String, bool)> {
    let (text, marker) = match text.split_once(';') {
        Some((text, marker)) => (text.trim(), marker),
        None => (text.trim(), ""),
    };
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !valid_pypi_name(name) {
        return None;
    }
    let optional = marker
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .any(|word| word == "extra");
    Some((normalised(name), rest.trim().to_owned(), optional))
}

/// The requirements that the metadata of a wheel declares. Source: the core
/// metadata specification of PyPA.
pub(super) fn requires_dist(metadata: &str) -> Vec<String> {
    metadata
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("Requires-Dist:"))
        .map(|line| line.trim().to_owned())
        .collect()
}

impl Pypi<'_> {
    fn parse_index(&self, index: &Url, document: &CachedDocument) -> Option<Vec<(Listed, Url)>> {
        let mut base = Url::parse(&document.answered_by).unwrap_or_else(|_| index.clone());
        let start = document.body.iter().find(|b| !b.is_ascii_whitespace());
        let listed = if document.content_type.contains("json") || start == Some(&b'{') {
            list_json(&document.body)?
        } else {
            list_html(&document.body, &mut base)?
        };
        let with_url = listed.into_iter().filter_map(|file| {
            let mut url = base.join(&file.address).ok()?;
            url.set_fragment(None);
            let _ = url.set_username("");
            let _ = url.set_password(None);
            matches!(url.scheme(), "http" | "https").then_some((file, url))
        });
        Some(with_url.collect())
    }

    /// All files of a project, in all configured places.
    fn files(&self, project: &str) -> Result<Vec<IndexFile>, FetchError> {
        let mut out = Vec::new();
        let mut known = false;
        for index in &self.config.indexes {
            let url = index
                .join(&format!("./{project}/"))
                .map_err(|_| FetchError::Garbage {
                    url: redacted(index),
                    reason: "no address can be made for the project".to_owned(),
                })?;
            let Some(document) = self.registry.document(&url, ACCEPT)? else {
                continue;
            };
            known = true;
            let listed = self
                .parse_index(&url, &document)
                .ok_or_else(|| FetchError::Garbage {
                    url: redacted(&url),
                    reason: "it is neither the JSON nor the HTML form of a package index"
                        .to_owned(),
                })?;
            for (file, url) in listed {
                let name = file.name.unwrap_or_else(|| {
                    percent_decoded(url.path().rsplit('/').next().unwrap_or_default())
                });
                let Some((version_text, version, wheel)) = parse_name(project, &name) else {
                    continue;
                };
                out.push(IndexFile {
                    name,
                    place: Place::Index {
                        url,
                        index: index.clone(),
                    },
                    published: file.published,
                    yanked: file.yanked,
                    date: file.date.as_deref().map(shown),
                    metadata: file.metadata,
                    version,
                    version_text,
                    wheel,
                });
            }
        }
        for folder in &self.config.links {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if let Some((version_text, version, wheel)) = parse_name(project, &name)
                    && entry.path().is_file()
                {
                    known = true;
                    out.push(IndexFile {
                        name,
                        place: Place::Local(entry.path()),
                        published: None,
                        yanked: false,
                        date: None,
                        metadata: Beside::No,
                        version,
                        version_text,
                        wheel,
                    });
                }
            }
        }
        if !known {
            return Err(FetchError::NoSuchPackage {
                name: project.to_owned(),
                registry: self
                    .config
                    .indexes
                    .iter()
                    .map(redacted)
                    .collect::<Vec<_>>()
                    .join(", "),
                settings: self.config.settings.clone(),
            });
        }
        // The same file in several places is taken from the first.
        let mut seen = BTreeSet::new();
        out.retain(|file| seen.insert(file.name.clone()));
        Ok(out)
    }

    /// All releases of a project, in the order of their versions.
    pub(super) fn releases(&self, name: &str) -> Result<Vec<Release>, FetchError> {
        let files = self.files(&normalised(name))?;
        let mut all: Vec<(Version, Release)> = Vec::new();
        for file in &files {
            let at = all.iter().position(|(version, _)| *version == file.version);
            let withdrawn = file
                .yanked
                .then(|| "all of its files are yanked".to_owned());
            match at.and_then(|at| all.get_mut(at)) {
                Some((_, known)) => {
                    known.withdrawn = known.withdrawn.take().and(withdrawn);
                    let earlier = match (known.published.take(), file.date.clone()) {
                        (Some(one), Some(other)) => Some(one.min(other)),
                        (one, other) => one.or(other),
                    };
                    known.published = earlier;
                }
                None => all.push((
                    file.version.clone(),
                    Release {
                        version: file.version_text.clone(),
                        published: file.date.clone(),
                        prerelease: file.version.is_prerelease(),
                        withdrawn,
                    },
                )),
            }
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all.into_iter().map(|(_, release)| release).collect())
    }

    /// What the index tells of a version beside its files, and of the file
    /// with a digest.
    pub(super) fn record(
        &self,
        name: &str,
        version: &str,
        digest: Option<&str>,
    ) -> Result<RegistryRecord, FetchError> {
        let files = self.files(&normalised(name))?;
        let file = files.iter().find(|file| {
            let published = file.published.as_ref().map(Published::text);
            digest.is_some() && published.as_deref() == digest
        });
        let attestations = match file {
            Some(IndexFile {
                place: Place::Index { index, .. },
                name: file,
                ..
            }) => self.provenance(index, &normalised(name), version, file)?,
            _ => None,
        };
        Ok(RegistryRecord {
            attestations,
            file: file.map(|file| file.name.clone()),
            releases: self.releases(name)?,
            ..RegistryRecord::default()
        })
    }

    /// What an index serves of how a file was published (PEP 740), beside the
    /// list of its projects; nothing where it serves none.
    fn provenance(
        &self,
        index: &Url,
        project: &str,
        version: &str,
        file: &str,
    ) -> Result<Option<String>, FetchError> {
        let mut url = index.clone();
        {
            let Ok(mut path) = url.path_segments_mut() else {
                return Ok(None);
            };
            path.pop_if_empty();
        }
        let base = url.path().trim_end_matches("/simple").to_owned();
        url.set_path(&base);
        {
            let Ok(mut path) = url.path_segments_mut() else {
                return Ok(None);
            };
            path.pop_if_empty();
            path.extend(["integrity", project, version, file, "provenance"]);
        }
        let accept = "application/vnd.pypi.integrity.v1+json";
        let document = self.registry.document_or_none(&url, accept)?;
        Ok(document.and_then(|document| String::from_utf8(document.body).ok()))
    }

    /// The files of the wanted version, or of the newest final one.
    fn of_version(
        &self,
        project: &str,
        wanted: Option<&str>,
    ) -> Result<Vec<IndexFile>, FetchError> {
        let files = self.files(project)?;
        let nearest = || {
            let mut versions: Vec<(&Version, &str)> = files
                .iter()
                .map(|file| (&file.version, file.version_text.as_str()))
                .collect();
            versions.sort_by(|a, b| b.0.cmp(a.0));
            versions.dedup_by(|a, b| a.0 == b.0);
            let parsed = wanted.and_then(Version::parse);
            let at = parsed.map_or(0, |wanted| {
                versions.partition_point(|(version, _)| **version > wanted)
            });
            let from = at.saturating_sub(3);
            let mut near: Vec<String> = versions
                .iter()
                .skip(from)
                .take(6)
                .map(|(_, text)| (*text).to_owned())
                .collect();
            let more = versions.len().saturating_sub(near.len());
            if more > 0 {
                near.push(format!("and {more} more"));
            }
            near
        };
        let missing = || FetchError::NoSuchVersion {
            name: project.to_owned(),
            wanted: wanted.unwrap_or("latest").to_owned(),
            nearest: nearest(),
        };
        let version = match wanted {
            Some(text) => {
                let wanted = Version::parse(text).ok_or_else(missing)?;
                files
                    .iter()
                    .map(|file| &file.version)
                    .find(|version| **version == wanted)
                    .or_else(|| {
                        files
                            .iter()
                            .map(|file| &file.version)
                            .filter(|version| wanted.is_public_of(version))
                            .max()
                    })
                    .ok_or_else(missing)?
            }
            None => {
                let usable = || files.iter().filter(|file| !file.yanked);
                usable()
                    .map(|file| &file.version)
                    .filter(|version| !version.is_prerelease())
                    .max()
                    // A project with nothing but pre-releases has those.
                    .or_else(|| usable().map(|file| &file.version).max())
                    .ok_or_else(missing)?
            }
        }
        .clone();
        let mut of_version: Vec<IndexFile> = files
            .into_iter()
            .filter(|file| file.version == version && (wanted.is_some() || !file.yanked))
            .collect();
        of_version.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(of_version)
    }

    /// Chooses the files of a version.
    pub(super) fn resolve(&self, name: &str, wanted: Option<&str>) -> Result<Chosen, FetchError> {
        let project = normalised(name);
        let files = self.of_version(&project, wanted)?;
        let version = files
            .first()
            .map(|file| file.version_text.clone())
            .unwrap_or_default();
        let best = |fits: &dyn Fn(&Wheel) -> bool| {
            files
                .iter()
                .filter_map(|file| Some((file.wheel.as_ref()?, file)))
                .filter(|(wheel, _)| fits(wheel))
                .max_by_key(|(wheel, file)| (wheel.rank(), file.name.as_str()))
                .map(|(_, file)| file.clone())
        };
        let any = best(&|wheel: &Wheel| wheel.any());
        let sdist = files.iter().find(|file| file.wheel.is_none()).cloned();
        let all: BTreeSet<Platform> = files
            .iter()
            .filter_map(|file| file.wheel.as_ref())
            .flat_map(|wheel| platforms_of(&wheel.platform))
            .collect();
        let one = match self.platform {
            PlatformChoice::Host => Some(self.host),
            PlatformChoice::Named(platform) => Some(platform),
            PlatformChoice::All => None,
        };
        let mut taken: Vec<IndexFile> = Vec::new();
        match one {
            Some(platform) => taken.extend(
                best(&|wheel: &Wheel| wheel.runs_on(platform))
                    .or(any)
                    .or_else(|| sdist.clone()),
            ),
            None => {
                taken.extend(any);
                for platform in &all {
                    taken.extend(best(&|wheel: &Wheel| wheel.runs_on(platform)));
                }
                if taken.is_empty() {
                    taken.extend(sdist.clone());
                }
                let mut seen = BTreeSet::new();
                taken.retain(|file| seen.insert(file.name.clone()));
            }
        }
        let mut taken = taken.into_iter();
        let Some(main) = taken.next() else {
            let names: Vec<String> = files.iter().take(5).map(|f| shown(&f.name)).collect();
            return Err(FetchError::NoFile {
                name: project,
                version,
                platform: one.map_or_else(|| "any platform".to_owned(), ToString::to_string),
                detail: format!(
                    "there are {}; choose another platform with --platform",
                    names.join(", ")
                ),
            });
        };
        let platform: Vec<IndexFile> = taken.collect();

        let mut not_read = Vec::new();
        let is_taken = |file: &IndexFile| {
            file.name == main.name || platform.iter().any(|t| t.name == file.name)
        };
        let mut named = BTreeSet::new();
        if let Some(one) = one {
            let libc = one.libc.as_deref().unwrap_or("glibc");
            for other in &all {
                let same = other.os == one.os
                    && other.cpu == one.cpu
                    && other.libc.as_deref().is_none_or(|known| known == libc);
                if same {
                    continue;
                }
                if let Some(file) = best(&|wheel: &Wheel| wheel.runs_on(other))
                    && !is_taken(&file)
                    && named.insert(file.name.clone())
                {
                    not_read.push(NotRead {
                        name: shown(&file.name),
                        detail: format!("for another platform: --platform {other} to read it"),
                    });
                }
            }
        }
        let rest = files
            .iter()
            .filter(|file| file.wheel.is_some() && !is_taken(file) && !named.contains(&file.name))
            .count();
        if rest > 0 {
            not_read.push(NotRead {
                name: format!("pypi:{project}=={version}"),
                detail: format!("further wheels, for other versions of Python or systems: {rest}"),
            });
        }
        if let Some(sdist) = sdist
            && !is_taken(&sdist)
        {
            not_read.push(NotRead {
                name: shown(&sdist.name),
                detail: "the source distribution of the same version; a wheel was read".to_owned(),
            });
        }
        Ok(Chosen {
            name: project,
            version,
            main,
            platform,
            not_read,
        })
    }

    /// Fetches the chosen files.
    pub(super) fn artifacts(
        &self,
        chosen: &Chosen,
        not_read: &mut Vec<NotRead>,
    ) -> Result<Vec<Artifact>, FetchError> {
        let mut out = vec![self.artifact(&chosen.name, &chosen.main, ArtifactRole::Main)?];
        for file in &chosen.platform {
            out.push(self.artifact(&chosen.name, file, ArtifactRole::Platform)?);
        }
        not_read.extend(chosen.not_read.iter().cloned());
        Ok(out)
    }

    fn artifact(
        &self,
        project: &str,
        file: &IndexFile,
        role: ArtifactRole,
    ) -> Result<Artifact, FetchError> {
        match &file.place {
            Place::Local(path) => {
                let mut artifact = self.local_file(path)?;
                artifact.purl = Purl::new("pypi", project, Some(&file.version_text));
                artifact.role = role;
                artifact.integrity = Integrity::Unpublished {
                    reason: "from a local folder of packages (find-links)".to_owned(),
                };
                Ok(artifact)
            }
            Place::Index { url, index } => self.download(
                project,
                &file.version_text,
                &file.name,
                role,
                (url, index),
                file.published.clone(),
                file.date.clone(),
            ),
        }
    }

    fn local_file(&self, path: &Path) -> Result<Artifact, FetchError> {
        let cache = || Ok(self.registry.cache.clone());
        let most = self.downloader.max_download;
        local::file(path, most, cache, self.registry.client.cancelled())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of one artifact, which nothing else puts together"
    )]
    fn download(
        &self,
        project: &str,
        version: &str,
        file_name: &str,
        role: ArtifactRole,
        (url, index): (&Url, &Url),
        published: Option<Published>,
        date: Option<String>,
    ) -> Result<Artifact, FetchError> {
        let mut url = url.clone();
        if url.scheme() == "http"
            && index.scheme() == "https"
            && (url.host_str() != index.host_str() || url.set_scheme("https").is_err())
        {
            return Err(FetchError::Refused {
                url: redacted(&url),
                reason: "the index is encrypted, but this file's address is not".to_owned(),
            });
        }
        let stored = self.downloader.get(&Wanted {
            key: Key {
                registry: &plain(index),
                package: project,
                version,
                file: file_name,
            },
            name: format!("pypi:{project}=={version} ({})", shown(file_name)),
            url,
            published,
            unpublished: "the index publishes no digest of this file",
            date,
        })?;
        Ok(Artifact {
            purl: Purl::new("pypi", project, Some(version)),
            role,
            sha256: stored.sha256,
            bytes: stored.bytes,
            integrity: stored.integrity,
            path: stored.path,
            file_name: file_name.to_owned(),
            published: stored.published,
        })
    }

    /// A file that pip's own resolver named.
    pub(super) fn dependency(
        &self,
        project: &str,
        version: &str,
        url: &Url,
        published: Option<Published>,
    ) -> Result<Artifact, FetchError> {
        let name = percent_decoded(url.path().rsplit('/').next().unwrap_or_default());
        let name = if is_plain_name(&name) {
            name
        } else {
            format!("{project}-{version}")
        };
        let mut url = url.clone();
        url.set_fragment(None);
        let _ = url.set_username("");
        let _ = url.set_password(None);
        if url.scheme() == "file" {
            let path = url.to_file_path().map_err(|()| FetchError::Refused {
                url: redacted(&url),
                reason: "it is no path of this machine".to_owned(),
            })?;
            let mut artifact = self.local_file(&path)?;
            artifact.purl = Purl::new("pypi", project, Some(version));
            artifact.role = ArtifactRole::Dependency;
            return Ok(artifact);
        }
        // The index that it came from is not told; the first stands for it
        // in the key of the cache, as digests are compared anyway.
        let index = self.config.indexes.first().unwrap_or(&url).clone();
        self.download(
            project,
            version,
            &name,
            ArtifactRole::Dependency,
            (&url, &index),
            published,
            None,
        )
    }

    /// The file of a version that has a digest.
    pub(super) fn exact(
        &self,
        name: &str,
        version: &str,
        purl: &Purl,
        sha256: &Sha256,
    ) -> Result<Artifact, FetchError> {
        let project = normalised(name);
        let files = self.of_version(&project, Some(version))?;
        let text = format!("sha256:{sha256}");
        if let Some(file) = files
            .iter()
            .find(|file| file.published.as_ref().is_some_and(|p| p.text() == text))
        {
            return self.artifact(&project, file, ArtifactRole::Main);
        }
        let unknown = files.iter().filter(|file| file.published.is_none());
        for file in unknown.take(MOST_TRIED) {
            let artifact = self.artifact(&project, file, ArtifactRole::Main)?;
            if artifact.sha256 == *sha256 {
                return Ok(artifact);
            }
        }
        Err(FetchError::Changed {
            purl: Box::new(purl.clone()),
            expected: *sha256,
            actual: format!("no file with it among {}", files.len()),
        })
    }

    /// The requirements that the main file declares; `None` when nobody tells
    /// without opening it.
    pub(super) fn requirements(&self, chosen: &Chosen) -> Result<Option<Vec<String>>, FetchError> {
        let Place::Index { url, index } = &chosen.main.place else {
            return Ok(None);
        };
        if let Beside::Yes(published) = &chosen.main.metadata {
            let mut beside = url.clone();
            beside.set_path(&format!("{}.metadata", url.path()));
            if let Some(document) = self.registry.document_or_none(&beside, "*/*")? {
                if let Some(published) = published {
                    let mut hasher = Hasher::new(Some(published));
                    hasher.update(&document.body);
                    if let Some(actual) = hasher.finish().mismatch(published) {
                        return Err(FetchError::Digest {
                            name: format!("the metadata of {}", shown(&chosen.main.name)),
                            expected: published.text(),
                            actual,
                        });
                    }
                }
                let text = String::from_utf8_lossy(&document.body).into_owned();
                return Ok(Some(requires_dist(&text)));
            }
        }
        let Some(root) = index.path().strip_suffix("simple/") else {
            return Ok(None);
        };
        // The address of the version itself is not served by every mirror.
        let (name, version) = (&chosen.name, &chosen.version);
        let mut info = None;
        for path in [
            format!("{root}pypi/{name}/{version}/json"),
            format!("{root}pypi/{name}/json"),
        ] {
            let mut api = index.clone();
            api.set_path(&path);
            let document = self.registry.document_or_none(&api, "application/json")?;
            info = document
                .and_then(|document| serde_json::from_slice::<Described>(&document.body).ok())
                .map(|release| release.info)
                .filter(|info| info.version.text() == Some(version.as_str()));
            if info.is_some() {
                break;
            }
        }
        Ok(match info.map(|info| info.requires_dist) {
            Some(Loose::Texts(list)) => Some(list),
            // For a wheel it says that there are none; for a source
            // distribution nobody looked.
            Some(Loose::Null) if chosen.main.wheel.is_some() => Some(Vec::new()),
            _ => None,
        })
    }

    /// Requirements that hold without extras, in the form of sources.
    pub(super) fn required(list: &[String]) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> = list
            .iter()
            .filter_map(|text| requirement(text))
            .filter(|(_, _, optional)| !optional)
            .map(|(name, rest, _)| (name, rest))
            .collect();
        out.sort();
        out.dedup();
        out
    }

    /// Lists what the main file requires as not read.
    pub(super) fn list_dependencies(
        &self,
        chosen: &Chosen,
        not_read: &mut Vec<NotRead>,
    ) -> Result<(), FetchError> {
        let Some(list) = self.requirements(chosen)? else {
            not_read.push(NotRead {
                name: format!("dependencies of pypi:{}=={}", chosen.name, chosen.version),
                detail: "the index does not tell what it depends on; --deps all to have pip find \
                         out"
                .to_owned(),
            });
            return Ok(());
        };
        for (name, rest) in Self::required(&list) {
            not_read.push(NotRead {
                name: shown(&format!("pypi:{name}{rest}")),
                detail: "an ordinary dependency: --deps all to read it".to_owned(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! What the tests of names and lists look at.
    use super::*;

    pub(in super::super) fn names(body: &[u8], json: bool) -> Vec<(String, Option<String>, bool)> {
        let mut base = Url::parse("http://index.test/simple/p/").unwrap();
        let listed = if json {
            list_json(body).unwrap()
        } else {
            list_html(body, &mut base).unwrap()
        };
        listed
            .into_iter()
            .map(|file| {
                let url = base.join(&file.address).unwrap();
                (url.into(), file.published.map(|p| p.text()), file.yanked)
            })
            .collect()
    }

    pub(in super::super) fn version_of(project: &str, name: &str) -> Option<String> {
        parse_name(project, name).map(|(version, _, _)| version)
    }

    pub(in super::super) fn platforms(tags: &str) -> Vec<String> {
        platforms_of(tags).iter().map(ToString::to_string).collect()
    }

    pub(in super::super) fn required(text: &str) -> Option<(String, String, bool)> {
        requirement(text)
    }
}
