use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use assay_model::Purl;

/// Where a subject comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A package of an npm registry.
    Npm {
        /// The package's name, with its scope.
        name: String,
        /// A version, a tag or a range; `latest` when none was given.
        spec: String,
    },
    /// A project of a Python package index.
    Pypi {
        /// The project's name, as given.
        name: String,
        /// The exact version, or the newest final one.
        version: Option<String>,
    },
    /// A file on this machine.
    File(PathBuf),
    /// A directory on this machine.
    Directory(PathBuf),
}

/// A text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// `npm:` or `pypi:` without a name that the registry would take.
    #[error("'{text}' names no {kind} package: {reason}; write {example}")]
    Name {
        /// What was given.
        text: String,
        /// The kind of registry.
        kind: &'static str,
        /// What is wrong.
        reason: &'static str,
        /// How it is written.
        example: &'static str,
    },
    /// A scheme that is not known.
    #[error(
        "'{text}': there is no source '{scheme}:'; write npm:NAME[@VERSION], pypi:NAME[==VERSION], \
         pkg:npm/NAME@VERSION, pkg:pypi/NAME@VERSION, or the path of a file or directory"
    )]
    Scheme {
        /// What was given.
        text: String,
        /// The part before the colon.
        scheme: String,
    },
    /// A broken package URL.
    #[error("{0}; write for example pkg:npm/%40scope/name@1.2.3")]
    Purl(String),
    /// A path at which there is nothing.
    #[error("there is no file or directory '{text}'{}", package_hint(.text))]
    NoSuchPath {
        /// What was given.
        text: String,
    },
    /// A path at which there is neither a file nor a directory.
    #[error("'{text}' is neither a file nor a directory (a device, a socket or a pipe); give one")]
    SpecialFile {
        /// What was given.
        text: String,
    },
}

fn package_hint(text: &str) -> String {
    let (name, _) = split_npm(text);
    if valid_npm_name(name) {
        format!("; for a package of a registry write npm:{text} or pypi:{text}")
    } else {
        String::new()
    }
}

/// Text from outside, shortened and without control characters.
pub(super) fn shown(text: &str) -> String {
    text.chars()
        .take(200)
        .flat_map(|c| {
            let plain = !c.is_control() && !is_format(c);
            plain
                .then_some(c)
                .into_iter()
                .chain((!plain).then(|| c.escape_unicode()).into_iter().flatten())
        })
        .collect()
}

/// Characters that change how the text around them is shown.
fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

const NPM_EXAMPLE: &str = "npm:NAME, npm:@SCOPE/NAME@1.2.3, npm:NAME@TAG or 'npm:NAME@^1.2'";
const PYPI_EXAMPLE: &str = "pypi:NAME or pypi:NAME==1.2.3";

/// Whether a name can be an npm package's: no path tricks, nothing that a URL
/// would read otherwise. Wider than npm's rule for new names, as old ones have
/// upper case.
pub(super) fn valid_npm_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.~!'()*".contains(&b))
    };
    name.len() <= 214
        && match name.strip_prefix('@') {
            Some(rest) => rest
                .split_once('/')
                .is_some_and(|(scope, name)| part(scope) && part(name)),
            None => part(name),
        }
}

/// Whether a name can be a Python project's (PEP 508).
pub(super) fn valid_pypi_name(name: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    name.len() <= 214
        && edge(name.bytes().next())
        && edge(name.bytes().next_back())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn npm(text: &str, name: &str, spec: &str) -> Result<Source, SourceError> {
    let wrong = |reason| SourceError::Name {
        text: shown(text),
        kind: "npm",
        reason,
        example: NPM_EXAMPLE,
    };
    if name.is_empty() {
        return Err(wrong("the name is missing"));
    }
    if !valid_npm_name(name) {
        return Err(wrong("the name has characters that npm does not allow"));
    }
    let spec = spec.trim();
    if spec.len() > 256 || spec.chars().any(char::is_control) {
        return Err(wrong("what follows the @ is no version, tag or range"));
    }
    if spec.contains(':') || spec.contains("//") {
        return Err(wrong(
            "only versions, tags and ranges of a registry can follow the @",
        ));
    }
    Ok(Source::Npm {
        name: name.to_owned(),
        spec: if spec.is_empty() { "latest" } else { spec }.to_owned(),
    })
}

fn pypi(text: &str, name: &str, version: Option<&str>) -> Result<Source, SourceError> {
    let wrong = |reason| SourceError::Name {
        text: shown(text),
        kind: "Python",
        reason,
        example: PYPI_EXAMPLE,
    };
    let name = name.trim();
    if name.is_empty() {
        return Err(wrong("the name is missing"));
    }
    if !valid_pypi_name(name) {
        return Err(wrong(
            "a name has letters, digits, '-', '_' and '.' only, and a version follows '=='",
        ));
    }
    let version = version.map(str::trim);
    if version.is_some_and(|v| super::pep440::Version::parse(v).is_none()) {
        return Err(wrong("what follows '==' is no version"));
    }
    Ok(Source::Pypi {
        name: name.to_owned(),
        version: version.map(str::to_owned),
    })
}

fn split_npm(rest: &str) -> (&str, &str) {
    let after_scope = usize::from(rest.starts_with('@'));
    match rest.get(after_scope..).and_then(|tail| tail.find('@')) {
        Some(at) => {
            let at = at.saturating_add(after_scope);
            let (name, spec) = rest.split_at(at);
            (name, spec.get(1..).unwrap_or_default())
        }
        None => (rest, ""),
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        if let Some(rest) = text.strip_prefix("npm:") {
            let (name, spec) = split_npm(rest);
            return npm(text, name, spec);
        }
        if let Some(rest) = text.strip_prefix("pypi:") {
            return match rest.split_once("==") {
                Some((name, version)) => pypi(text, name, Some(version)),
                None => pypi(text, rest, None),
            };
        }
        if text.starts_with("pkg:") {
            let purl: Purl = text
                .parse()
                .map_err(|error: assay_model::PurlError| SourceError::Purl(error.to_string()))?;
            return match purl.kind.as_str() {
                "npm" => npm(
                    text,
                    &purl.full_name(),
                    purl.version.as_deref().unwrap_or(""),
                ),
                "pypi" => pypi(text, &purl.full_name(), purl.version.as_deref()),
                kind => Err(SourceError::Scheme {
                    text: shown(text),
                    scheme: format!("pkg:{}", shown(kind)),
                }),
            };
        }
        let path = Path::new(text);
        match std::fs::metadata(path) {
            Ok(data) if data.is_dir() => Ok(Self::Directory(path.to_owned())),
            Ok(data) if data.is_file() => Ok(Self::File(path.to_owned())),
            Ok(_) => Err(SourceError::SpecialFile { text: shown(text) }),
            Err(_) => match text.split_once(':') {
                // One letter before the colon is a drive, not a scheme.
                Some((scheme, _))
                    if scheme.len() > 1
                        && scheme
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || b == b'+') =>
                {
                    Err(SourceError::Scheme {
                        text: shown(text),
                        scheme: scheme.to_owned(),
                    })
                }
                _ => Err(SourceError::NoSuchPath { text: shown(text) }),
            },
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Npm { name, spec } => write!(f, "npm:{name}@{spec}"),
            Self::Pypi { name, version } => match version {
                Some(version) => write!(f, "pypi:{name}=={version}"),
                None => write!(f, "pypi:{name}"),
            },
            Self::File(path) | Self::Directory(path) => {
                f.write_str(&shown(&path.to_string_lossy()))
            }
        }
    }
}

/// An operating system, a processor and, on Linux, a C library, in npm's
/// words: `linux`, `x64`, `musl`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// `linux`, `darwin`, `win32`, ...
    pub os: String,
    /// `x64`, `arm64`, `ia32`, ...
    pub cpu: String,
    /// `glibc` or `musl`; none when not said, or not Linux.
    pub libc: Option<String>,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.os, self.cpu)?;
        match self.libc.as_deref() {
            // The common case of the platform goes without saying.
            None | Some("glibc") => Ok(()),
            Some(libc) => write!(f, "-{libc}"),
        }
    }
}

/// For which platforms a subject is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PlatformChoice {
    /// This machine's.
    #[default]
    Host,
    /// All for which there is a package.
    All,
    /// The named one.
    Named(Platform),
}

/// A text that names no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' names no platform; write host, all, or OS-CPU[-LIBC] such as linux-x64, \
     linux-arm64-musl, darwin-arm64 or win32-x64"
)]
pub struct PlatformError(String);

const OSES: [&str; 9] = [
    "linux", "darwin", "win32", "freebsd", "openbsd", "netbsd", "android", "sunos", "aix",
];
const CPUS: [&str; 12] = [
    "x64", "arm64", "ia32", "arm", "riscv64", "s390x", "ppc64", "loong64", "mips", "mipsel",
    "mips64el", "wasm32",
];

impl FromStr for PlatformChoice {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        match text {
            "host" => return Ok(Self::Host),
            "all" => return Ok(Self::All),
            _ => {}
        }
        let wrong = || PlatformError(shown(text));
        let mut parts = text.split('-');
        let os = match parts.next() {
            Some("macos") => "darwin",
            Some("windows") => "win32",
            Some(os) if OSES.contains(&os) => os,
            _ => return Err(wrong()),
        };
        let cpu = match parts.next() {
            Some("x86_64" | "amd64") => "x64",
            Some("aarch64") => "arm64",
            Some("x86") => "ia32",
            Some(cpu) if CPUS.contains(&cpu) => cpu,
            _ => return Err(wrong()),
        };
        let libc = match parts.next() {
            None => None,
            Some("gnu" | "glibc") if os == "linux" => Some("glibc".to_owned()),
            Some("musl") if os == "linux" => Some("musl".to_owned()),
            Some(_) => return Err(wrong()),
        };
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self::Named(Platform {
            os: os.to_owned(),
            cpu: cpu.to_owned(),
            libc,
        }))
    }
}

impl fmt::Display for PlatformChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("host"),
            Self::All => f.write_str("all"),
            Self::Named(platform) => fmt::Display::fmt(platform, f),
        }
    }
}
