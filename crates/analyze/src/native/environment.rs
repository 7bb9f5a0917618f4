//! The names of environment variables, told by the function that they are
//! handed to: it is the one that is also handed `HOME` and `PATH`.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::image::Image;
use super::refs::Reference;

/// Names that most programs read, on one system or another.
const USUAL: &[&str] = &[
    "HOME",
    "PATH",
    "TERM",
    "USER",
    "SHELL",
    "TMPDIR",
    "TEMP",
    "TMP",
    "LANG",
    "LC_ALL",
    "NO_COLOR",
    "COLORTERM",
    "CLICOLOR",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "EDITOR",
    "VISUAL",
    "HOSTNAME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "SYSTEMROOT",
    "CI",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "PWD",
    "TZ",
    "LOGNAME",
    "COLUMNS",
    "LINES",
    "FORCE_COLOR",
    "DEBUG",
    "TERM_PROGRAM",
    "SSH_CONNECTION",
    "SSH_TTY",
    "WSL_DISTRO_NAME",
    "GITHUB_ACTIONS",
    "TMUX",
];

/// How many usual names a function must be handed, and which part of what it
/// is handed must have the form of such a name, in percent.
const SEEN: usize = 3;
const PART: usize = 70;

/// A variable that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    /// Where the name stands in the file.
    pub(super) start: usize,
    /// The address of the code that hands it over.
    pub(super) from: u64,
}

/// The variables that are handed to the function that reads them.
pub(super) fn variables<'a>(image: &Image<'a>, references: &[Reference]) -> Vec<Variable<'a>> {
    let mut by_call: FxHashMap<u64, Vec<Variable<'a>>> = FxHashMap::default();
    for reference in references.iter().filter(|reference| reference.call != 0) {
        let start = reference.target as usize;
        if let Some(name) = name(image.bytes, reference, references) {
            by_call.entry(reference.call).or_default().push(Variable {
                name,
                start,
                from: reference.from,
            });
        }
    }
    let mut found: Vec<Variable<'a>> = Vec::new();
    for handed in by_call.into_values() {
        let different: BTreeSet<&str> = handed.iter().map(|one| one.name).collect();
        let usual = different.iter().filter(|name| USUAL.contains(name)).count();
        let fitting = different.iter().filter(|name| has_form(name)).count();
        if usual >= SEEN && fitting.saturating_mul(100) >= different.len().saturating_mul(PART) {
            found.extend(handed.into_iter().filter(|one| has_form(one.name)));
        }
    }
    found.sort_by_key(|one| (one.start, one.from));
    found
}

/// What is handed over by a reference: a text up to a zero, or of one of the
/// lengths that stand near.
fn name<'a>(bytes: &'a [u8], reference: &Reference, all: &[Reference]) -> Option<&'a str> {
    let start = reference.target as usize;
    let rest = bytes.get(start..bytes.len().min(start.saturating_add(65)))?;
    let run = rest
        .iter()
        .take_while(|b| (0x20..0x7f).contains(*b))
        .count();
    let text = |len: usize| std::str::from_utf8(rest.get(..len)?).ok();
    let begins = |at: usize| {
        let first = all.partition_point(|one| (one.target as usize) < at);
        all.get(first).is_some_and(|one| one.target as usize == at)
    };
    let lengths = || {
        reference
            .near
            .iter()
            .map(|len| *len as usize)
            .filter(|len| (2..=run).contains(len))
    };
    // What begins next ends this one, whatever other numbers stand near.
    let next = lengths().find(|len| begins(start.saturating_add(*len)));
    let after = all.partition_point(|one| one.target as usize <= start);
    let shortest = all
        .get(after)
        .map(|one| (one.target as usize).saturating_sub(start))
        .filter(|len| (2..=run).contains(len));
    let end = match (next, shortest) {
        (Some(next), Some(shortest)) if text(shortest).is_some_and(has_form) => {
            Some(next.min(shortest))
        }
        (Some(next), _) => Some(next),
        // With a zero at its end it needs no length.
        (None, None) if run >= 2 && rest.get(run) == Some(&0) => Some(run),
        (None, _) => lengths().next(),
    };
    text(end?)
}

/// Names of variables are in capitals, but for those of proxies.
fn has_form(name: &str) -> bool {
    super::say::has_form_of_variable(name)
        || USUAL.contains(&name)
        || name.len() > 3
            && name.contains('_')
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
            && name.ends_with("_proxy")
}
