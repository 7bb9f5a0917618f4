//! First and third party: whose code a place of a file is.
//!
//! A bundle holds the subject's own code and that of hundreds of libraries.
//! Its parts are attributed by what names them (paths, licence comments,
//! source maps, manifests), by texts that are known from packages, and by
//! who refers to whom: a library does not refer to the program that uses it.
//! What no good evidence speaks for stays unknown.

mod attribute;
mod index;
mod labels;
mod map;

#[cfg(test)]
mod tests;

use assay_model::Party;
use serde::{Deserialize, Serialize};

use crate::js::{self, Dialect};
use labels::Label;

pub(crate) use attribute::{Told, attribute};
pub use index::party_index;
pub(crate) use map::{LARGEST as LARGEST_MAP, mapped};

/// What a part of a file was attributed by, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum By {
    /// The path of the file itself.
    Path,
    /// A source map.
    SourceMap,
    /// A path that the bundler left.
    Label,
    /// A licence comment.
    Banner,
    /// A manifest that is part of the code.
    Manifest,
    /// What a compiler wrote down of what it built from.
    BuildInfo,
    /// A path of source code that a compiler left.
    SourcePath,
    /// Texts known from the package.
    Fingerprint,
    /// It names the subject.
    OwnName,
    /// It lies between parts of the package.
    Neighbours,
    /// It refers to first-party code, or only third-party code refers to it.
    References,
}

impl By {
    /// Its name in a dossier.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::SourceMap => "source-map",
            Self::Label => "label",
            Self::Banner => "banner",
            Self::Manifest => "manifest",
            Self::BuildInfo => "build-info",
            Self::SourcePath => "source-path",
            Self::Fingerprint => "fingerprint",
            Self::OwnName => "own-name",
            Self::Neighbours => "neighbours",
            Self::References => "references",
        }
    }
}

/// Whose a range of bytes is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) party: Party,
    /// An index into [`Parties::packages`].
    pub(crate) package: Option<u32>,
    pub(crate) by: Option<By>,
    /// Whether it belongs to a package to which nothing outside of the
    /// package refers.
    pub(crate) uncalled: bool,
}

/// Whose the parts of a file are: sorted ranges without overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parties {
    pub(crate) parts: Vec<Part>,
    /// Names of packages, each with its version where that is known.
    pub(crate) packages: Vec<(String, Option<String>)>,
    /// Where the text starts in the node, in bytes.
    pub(crate) offset: u64,
}

impl Parties {
    /// The part that a place of the node lies in.
    pub(crate) fn at(&self, start: u64) -> Option<&Part> {
        let at = u32::try_from(start.checked_sub(self.offset)?).ok()?;
        let after = self.parts.partition_point(|part| part.start <= at);
        self.parts
            .get(after.checked_sub(1)?)
            .filter(|part| at < part.end)
    }

    /// A package as people name it: `alpha@1.2.3`.
    pub(crate) fn package(&self, part: &Part) -> Option<String> {
        let (name, version) = self.packages.get(part.package? as usize)?;
        Some(match version {
            Some(version) => format!("{name}@{version}"),
            None => name.clone(),
        })
    }

    /// Bytes by party and package.
    pub(crate) fn shares(&self) -> Vec<Share> {
        let mut shares: Vec<Share> = Vec::new();
        let mut order: Vec<&Part> = self.parts.iter().collect();
        order.sort_by_key(|part| (part.party, part.package, part.by));
        for part in order {
            let bytes = u64::from(part.end.saturating_sub(part.start));
            let package = self.package(part);
            match shares.last_mut() {
                Some(last)
                    if last.party == part.party
                        && last.package == package
                        && last.by == part.by =>
                {
                    last.bytes = last.bytes.saturating_add(bytes);
                }
                _ => shares.push(Share {
                    party: part.party,
                    package,
                    by: part.by,
                    ecosystem: None,
                    bytes,
                }),
            }
        }
        shares
    }
}

/// How much of a node is whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) party: Party,
    pub(crate) package: Option<String>,
    /// Where that is a name; nothing for the subject's own registry.
    pub(crate) ecosystem: Option<String>,
    pub(crate) by: Option<By>,
    pub(crate) bytes: u64,
}

/// The largest file that is taken for the subject's own where nothing is
/// said of it, in bytes.
const SMALL: usize = 256 << 10;

/// Whose a file is that is not looked into, by its path: what is small and
/// lies with the subject's own files is its own.
pub(crate) fn whole(path: &str, kind: &str, bytes: &[u8], subject: &str) -> Parties {
    let len = bytes.len();
    let inner = path.rsplit('!').next().unwrap_or(path);
    let own_source = path.contains(".map!");
    let label = labels::of_path(inner.strip_prefix("package/").unwrap_or(inner));
    // Programs lie in such folders whoever made them, and the tool's own too.
    let program = matches!(kind, "elf" | "pe" | "mach-o" | "wasm") && !is_shared_library(inner);
    let scope = subject
        .split_once('/')
        .filter(|(scope, _)| scope.starts_with('@'))
        .map(|(scope, _)| format!("{scope}/"));
    let mut packages = Vec::new();
    let (party, by) = match label {
        Label::Package(name, version) => {
            let own = name == subject || scope.is_some_and(|scope| name.starts_with(&scope));
            // Its manifest says which version lies there.
            let manifest = inner.ends_with(&format!("node_modules/{name}/package.json"));
            let stated = manifest.then(|| stated_version(bytes)).flatten();
            let by = match stated {
                Some(_) => By::Manifest,
                None => By::Path,
            };
            packages.push((name, version.or(stated)));
            (if own { Party::First } else { Party::Third }, Some(by))
        }
        Label::Foreign if program => (Party::Unknown, None),
        Label::Foreign => (Party::Third, Some(By::Path)),
        Label::Own if own_source => (Party::First, Some(By::Path)),
        Label::Own | Label::Nothing if len < SMALL => (Party::First, None),
        Label::Own | Label::Nothing => (Party::Unknown, None),
    };
    Parties {
        parts: vec![Part {
            start: 0,
            end: u32::try_from(len).unwrap_or(u32::MAX),
            party,
            package: (!packages.is_empty()).then_some(0),
            by,
            uncalled: false,
        }],
        packages,
        offset: 0,
    }
}

/// The version that a manifest states.
fn stated_version(manifest: &[u8]) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_slice(manifest).ok()?;
    let version = manifest.get("version")?.as_str()?;
    (version.len() <= 128).then(|| version.to_owned())
}

/// Whether a file is named like code that programs have in common.
fn is_shared_library(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    [".dll", ".dylib", ".so"]
        .iter()
        .any(|end| name.ends_with(end))
        || name.contains(".so.")
}

/// Whose a range of a text is, for measuring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyRange {
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
    /// Whose it is.
    pub party: Party,
    /// The package, where it is known, without its version.
    pub package: Option<String>,
    /// By what it was told; empty where it was not.
    pub by: &'static str,
}

/// Whose the parts of a JavaScript text are, in this process, unconfined: for
/// measuring. `map` is its source map, `subject` the name of the package that
/// it is part of. `None` when it cannot be parsed.
#[must_use]
pub fn attribute_source(
    path: &str,
    text: &str,
    map: Option<&[u8]>,
    subject: &str,
) -> Option<Vec<PartyRange>> {
    let told = Told {
        path,
        map: map.and_then(|map| mapped(map, text)),
        subject,
    };
    lowered(path, text, |ir| {
        let parties = attribute(ir, &ir.outline, &told);
        let name = |part: &Part| {
            let (name, _) = parties.packages.get(part.package? as usize)?;
            Some(name.clone())
        };
        parties
            .parts
            .iter()
            .map(|part| PartyRange {
                start: part.start,
                end: part.end,
                party: part.party,
                package: name(part),
                by: part.by.map_or("", By::name),
            })
            .collect()
    })
}

/// The features of a source file for [`party_index`], sorted. `None` when it
/// cannot be parsed.
#[must_use]
pub fn party_features(path: &str, text: &str) -> Option<Vec<u32>> {
    lowered(path, text, |ir| {
        let mut features = Vec::new();
        attribute::each_text(ir, |_, name| {
            features.extend(index::feature(ir.names.get(name)))
        });
        features.sort_unstable();
        features.dedup();
        features
    })
}

/// Lowers a text in a thread with a stack for bundles.
fn lowered<T: Send>(
    path: &str,
    text: &str,
    then: impl FnOnce(&crate::ir::Ir<'_>) -> T + Send,
) -> Option<T> {
    let dialect = if [".ts", ".mts", ".cts", ".tsx"]
        .iter()
        .any(|end| path.ends_with(end))
    {
        Dialect::TypeScript
    } else {
        Dialect::JavaScript
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(1 << 30)
            .spawn_scoped(scope, || js::with_plain_ir(text, dialect, then))
            .ok()?
            .join()
            .ok()?
    })
}
