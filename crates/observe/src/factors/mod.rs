//! What can be varied of a host and of the servers that are asked: one file
//! for each factor.
//!
//! A factor says what it is, how a host is set to a value of it, and which
//! other value is of the same form, so that what follows from the one value
//! can be told from what follows from any. [`Kind::sources`] names the
//! behaviours whose findings show what a tool compares the factor with.

mod base_url;
mod call;
mod ci;
mod clock;
mod flag;
mod force;
mod git_author;
mod git_remote;
mod host_name;
mod instructions;
mod locale;
mod message;
mod program;
mod proxy;
mod terminal;
mod tz;
mod update;
mod user;
mod variable;

use std::collections::BTreeMap;

use crate::plan::{Host, Served};

/// The host that a run is started on, and whom it asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setting {
    /// What the host tells of itself.
    pub host: Host,
    /// What servers answer beside the model's words.
    pub server: Served,
    /// The address of another server than the vendor's.
    pub base: Option<String>,
    /// Conditions of the code that are replaced by their outcomes: each with
    /// where it stands.
    pub forced: BTreeMap<String, bool>,
    /// Variables of the environment.
    pub variables: BTreeMap<String, String>,
}

/// One thing that can be varied.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name; what ends in a colon is followed by another name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Values that are tried where nothing else tells which.
    pub levels: &'static [&'static str],
    /// Whether it is tried by itself only: what the tool then does is another
    /// conversation.
    pub alone: bool,
    /// Whether it is what servers answer, and so nothing that they do not know.
    pub server: bool,
    /// Behaviours whose findings show what it is compared with.
    pub sources: &'static [&'static str],
    /// What it is on a host; empty where it is not set.
    pub plain: fn(&Setting, &str) -> String,
    /// Sets a host to a value.
    pub set: fn(&mut Setting, &str, &str),
    /// Whether a text can be a value, and as which one it is set: a list that
    /// is compared with may hold parts of values only.
    pub value: fn(&str) -> Option<String>,
    /// Another value of the same form.
    pub control: fn(&str) -> Option<String>,
}

/// All factors.
pub const KINDS: &[Kind] = &[
    base_url::KIND,
    call::KIND,
    ci::KIND,
    clock::KIND,
    flag::KIND,
    force::KIND,
    git_author::KIND,
    git_remote::KIND,
    host_name::KIND,
    instructions::KIND,
    locale::KIND,
    message::KIND,
    program::KIND,
    proxy::KIND,
    terminal::KIND,
    tz::KIND,
    update::KIND,
    user::KIND,
    variable::KIND,
];

/// The kind of a factor's name, and what follows a colon in it.
#[must_use]
pub fn kind(name: &str) -> Option<(&'static Kind, &str)> {
    KINDS
        .iter()
        .find_map(|kind| match kind.name.strip_suffix(':') {
            Some(prefix) => {
                let rest = name.strip_prefix(prefix)?.strip_prefix(':')?;
                (!rest.is_empty()).then_some((kind, rest))
            }
            None => (kind.name == name).then_some((kind, "")),
        })
}

/// The same letters' kinds and digits, others in their place: the same each
/// time, and another text unless there is neither.
fn disguised(text: &str) -> String {
    const VOWELS: &str = "aeiou";
    const OTHERS: &str = "bcdfghjklmnpqrstvwxyz";
    let turned = |among: &str, c: char, by: usize| {
        let at = among.find(c.to_ascii_lowercase())?;
        let len = among.len();
        let other = among.chars().nth((at + by).checked_rem(len)?)?;
        Some(if c.is_ascii_uppercase() {
            other.to_ascii_uppercase()
        } else {
            other
        })
    };
    text.chars()
        .enumerate()
        .map(|(at, c)| {
            let by = at.checked_rem(3).unwrap_or(0);
            turned(VOWELS, c, 1 + by)
                .or_else(|| turned(OTHERS, c, 4 + by))
                .or_else(|| turned("0123456789", c, 3 + by))
                .unwrap_or(c)
        })
        .collect()
}

/// A host name of the same shape: as many labels of the same length, with the
/// same last one and the same short first one.
fn disguised_host(host: &str) -> String {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    };
    let labels: Vec<&str> = name.split('.').collect();
    let last = labels.len().saturating_sub(1);
    let turned: Vec<String> = labels
        .iter()
        .enumerate()
        .map(|(at, label)| {
            if at == last && last > 0 || at == 0 && last > 1 && label.len() <= 3 {
                (*label).to_owned()
            } else {
                disguised(label)
            }
        })
        .collect();
    let name = turned.join(".");
    port.map_or(name.clone(), |port| format!("{name}:{port}"))
}

/// A text as the name of a host: what has no dot stands in a name of its own.
fn as_host(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches("*.").trim_start_matches('.');
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if text.is_empty() || text.len() > 100 || !text.chars().all(known) {
        return None;
    }
    let text = text.trim_end_matches('.').to_lowercase();
    let labels: Vec<&str> = text.split('.').collect();
    if labels
        .iter()
        .any(|label| label.is_empty() || label.starts_with('-') || label.ends_with('-'))
    {
        return None;
    }
    Some(match labels.len() {
        // A country's ending.
        1 if text.len() == 2 && text.bytes().all(|b| b.is_ascii_lowercase()) => {
            format!("api.models.{text}")
        }
        1 => format!("api.{text}.example"),
        // As an ending it must fit, and as a whole it may.
        2 => format!("api.{text}"),
        _ => text,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{KINDS, Setting, disguised_host, kind};

    #[test]
    fn a_control_is_of_the_same_form_for_every_language_and_address() {
        let control = |name: &str, value: &str| (kind(name).unwrap().0.control)(value);
        for value in ["fi_FI.UTF-8", "es_ES.UTF-8", "de_AT.UTF-8", "it_IT.UTF-8"] {
            let other = control("locale", value).unwrap();
            assert_ne!(other, value);
            assert_eq!(other.get(..3), value.get(..3));
        }
        let other = control("env:ALPHA_URL", "http://relay.example.org/v1").unwrap();
        assert!(
            other.starts_with("http://") && other.ends_with("/v1"),
            "{other}"
        );
    }

    #[test]
    fn the_list_is_complete_and_each_sets_what_it_then_is() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/factors")).unwrap();
        let files: BTreeSet<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "mod.rs")
            .collect();
        assert_eq!(files.len(), KINDS.len());
        for known in KINDS {
            assert!(
                !known.about.is_empty() && !known.levels.is_empty(),
                "{}",
                known.name
            );
            let rest = if known.name.ends_with(':') {
                "EXAMPLE"
            } else {
                ""
            };
            let name = format!("{}{rest}", known.name);
            let (found, after) = kind(&name).unwrap();
            assert_eq!((found.name, after), (known.name, rest));
            for level in known.levels {
                let mut setting = Setting::default();
                assert_ne!((known.plain)(&setting, rest), *level, "{}", known.name);
                let value = (known.value)(level).unwrap();
                (known.set)(&mut setting, rest, &value);
                assert_eq!((known.plain)(&setting, rest), value, "{}", known.name);
                let control = (known.control)(&value);
                assert_ne!(control.as_ref(), Some(&value), "{}", known.name);
                if let Some(control) = control {
                    (known.set)(&mut setting, rest, &control);
                    assert_eq!((known.plain)(&setting, rest), control);
                }
            }
        }
        assert!(kind("env:").is_none() && kind("nothing").is_none());
    }

    #[test]
    fn a_control_has_the_same_shape() {
        assert_eq!(disguised_host("api.deep.example:80"), "api.jout.example:80");
        let other = disguised_host("gateway.corp-7.internal");
        assert_eq!(other.len(), "gateway.corp-7.internal".len());
        assert!(other.ends_with(".internal") && !other.contains("corp"));
    }
}
