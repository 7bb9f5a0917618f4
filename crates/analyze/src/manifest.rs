//! Package manifests: what a package manager runs and fetches.

use std::collections::BTreeMap;

use assay_model::{Confidence, Severity};
use serde_json::value::RawValue;

use crate::patterns::patterns;
use crate::raw::{Notes, Place, one_line};

/// The scripts that npm and its like run when a package is installed.
const INSTALL: &[&str] = &["preinstall", "install", "postinstall", "prepare"];

/// What a manifest says of the package for people: who made it, and where it
/// is described. Nothing of it is code, or a place that code goes to.
const SAID: &[&str] = &[
    "author",
    "authors",
    "badges",
    "bugs",
    "contributors",
    "funding",
    "homepage",
    "license",
    "licenses",
    "maintainers",
    "qna",
    "repository",
    "sponsor",
];

/// Where in a `package.json` the package is described for people.
pub(crate) fn said_of_itself(bytes: &[u8], path: &str) -> Vec<(u64, u64)> {
    let file = path.rsplit(['/', '!']).next().unwrap_or(path);
    if file != "package.json" {
        return Vec::new();
    }
    let Ok(manifest) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(bytes) else {
        return Vec::new();
    };
    let start = bytes.as_ptr().addr();
    let mut ranges: Vec<(u64, u64)> = manifest
        .iter()
        .filter(|(name, _)| SAID.contains(&name.as_str()))
        .map(|(_, value)| {
            let from = value.get().as_ptr().addr().saturating_sub(start);
            let to = from.saturating_add(value.get().len());
            (from as u64, to as u64)
        })
        .collect();
    ranges.sort_unstable();
    ranges
}

/// Notes what a `package.json` has run at installation. Other JSON is left
/// alone.
///
/// Whether the manifest could be read as JSON; other files always can.
pub(crate) fn read(text: &str, path: &str, notes: &mut Notes) -> bool {
    // Package managers run the scripts of the package itself, not of what
    // lies inside of it.
    let inner = path.rsplit('!').next().unwrap_or(path);
    let top = matches!(
        inner,
        "package.json" | "package/package.json" | "extension/package.json"
    );
    if !top || path.matches('!').count() > 1 {
        return true;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Package managers take what this reader refuses (lone surrogates, huge
    // numbers, deep nesting), so the scripts are then searched as text.
    let parsed = serde_json::from_str::<serde_json::Value>(text).ok();
    for name in INSTALL {
        let command = match &parsed {
            Some(manifest) => manifest
                .get("scripts")
                .and_then(|scripts| scripts.get(*name))
                .and_then(|command| command.as_str())
                .map(str::to_owned),
            None => searched(text, name),
        };
        let Some(command) = command.as_deref() else {
            continue;
        };
        // `prepare` runs for git dependencies and in the source tree only.
        if *name == "prepare" || command.trim().is_empty() {
            continue;
        }
        let at = text.find(&format!("\"{name}\"")).unwrap_or(0);
        // It runs without being asked, so what its text says is done.
        let mut severity = Severity::Medium;
        for (behaviour, _) in patterns().text(command) {
            severity = severity.max(behaviour.severity);
            notes.add(
                behaviour.id,
                command,
                &format!(
                    "{}, at installation: {}",
                    behaviour.title,
                    one_line(command)
                ),
                (behaviour.severity, Confidence::High),
                || Place {
                    start: at as u64,
                    len: name.len().saturating_add(2) as u64,
                    excerpt: one_line(&format!("{name}: {command}")),
                    ..Place::default()
                },
            );
        }
        notes.add(
            "integrity.install-script",
            &format!("{name}: {command}"),
            &format!(
                "runs a command at installation ({name}): {}",
                one_line(command)
            ),
            (severity, Confidence::High),
            || Place {
                start: at as u64,
                len: name.len().saturating_add(2) as u64,
                excerpt: one_line(&format!("{name}: {command}")),
                note: one_line(command),
                ..Place::default()
            },
        );
    }
    parsed.is_some()
}

/// The text after `"NAME":`, wherever it stands.
fn searched(text: &str, name: &str) -> Option<String> {
    let at = text.find(&format!("\"{name}\""))?;
    let rest = text.get(at.saturating_add(name.len()).saturating_add(2)..)?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let rest = rest.strip_prefix('"')?;
    let end = rest
        .char_indices()
        .find(|(at, c)| *c == '"' && !rest.get(..*at).is_some_and(|b| b.ends_with('\\')))
        .map_or(rest.len(), |(at, _)| at);
    rest.get(..end).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::said_of_itself;

    #[test]
    fn what_is_said_for_people_is_found() {
        let text = r#"{"name":"x","homepage":"https://a.example","config":{"to":"https://b.example"},"bugs":{"url":"https://c.example"}}"#;
        let said: Vec<&str> = said_of_itself(text.as_bytes(), "package/package.json")
            .into_iter()
            .map(|(from, to)| &text[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()])
            .collect();
        assert_eq!(
            said,
            [r#""https://a.example""#, r#"{"url":"https://c.example"}"#]
        );
        assert!(said_of_itself(text.as_bytes(), "settings.json").is_empty());
    }
}
