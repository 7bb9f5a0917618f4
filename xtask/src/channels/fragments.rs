//! Fragments of code: texts of one shape, parsed into what cases are made of.
//!
//! A file begins with what it is about, in words. A fragment begins with
//! `@@ NAME`, has settings (`@KEY VALUE`) and code for one or two languages:
//! `@js IMPORTS` or `@py IMPORTS`, lines of declarations, and `=> EXPRESSION`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// What the front end of a code fragment is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Language {
    Js,
    Py,
}

/// One mechanism.
#[derive(Debug, Clone, Default)]
pub(super) struct Fragment {
    pub(super) name: String,
    settings: Vec<(String, String)>,
    code: BTreeMap<Language, Code>,
}

/// What a mechanism is in one language.
#[derive(Debug, Clone, Default)]
pub(super) struct Code {
    /// `os`, or `{hostname}:os` for single names.
    pub(super) imports: Vec<String>,
    pub(super) body: String,
    /// Empty where the body is all.
    pub(super) expression: String,
}

impl Fragment {
    /// One without code.
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The fragments of a file.
    pub(super) fn parse(text: &str) -> Result<Vec<Self>> {
        let mut all: Vec<Self> = Vec::new();
        let mut language = None;
        for (index, line) in text.lines().enumerate() {
            let place = || format!("line {}: {line}", index.saturating_add(1));
            if let Some(name) = line.strip_prefix("@@ ") {
                all.push(Self::named(name.trim()));
                language = None;
                continue;
            }
            let Some(fragment) = all.last_mut() else {
                continue;
            };
            if let Some((found, imports)) = opening(line) {
                language = Some(found);
                let code = Code {
                    imports: split_imports(imports),
                    ..Code::default()
                };
                if fragment.code.insert(found, code).is_some() {
                    bail!("code twice: {}", place());
                }
                continue;
            }
            if let Some(found) = language {
                let code = fragment.code.entry(found).or_default();
                match line.strip_prefix("=> ") {
                    Some(expression) => expression.trim().clone_into(&mut code.expression),
                    None => {
                        code.body.push_str(line);
                        code.body.push('\n');
                    }
                }
            } else if let Some(setting) = line.strip_prefix('@') {
                let (key, value) = setting.split_once(' ').unwrap_or((setting, ""));
                fragment.settings.push((key.to_owned(), value.to_owned()));
            } else if !line.trim().is_empty() {
                // Words of a list stand one beside the other.
                fragment
                    .settings
                    .push(("words-of".to_owned(), line.to_owned()));
            }
        }
        for fragment in &mut all {
            for code in fragment.code.values_mut() {
                let trimmed = code.body.trim_end().len();
                code.body.truncate(trimmed);
                if !code.body.is_empty() {
                    code.body.push('\n');
                }
            }
        }
        Ok(all)
    }

    /// The first value of a setting.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let mut of = self.settings.iter().filter(|(known, _)| known == key);
        of.next().map(|(_, value)| value.as_str())
    }

    /// A setting that has to be there.
    pub(super) fn need(&self, key: &str) -> Result<&str> {
        self.get(key)
            .with_context(|| format!("{} has no @{key}", self.name))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let of = self.settings.iter().filter(move |(known, _)| known == key);
        of.map(|(_, value)| value.as_str())
    }

    /// The blank-separated words of all settings of one key.
    pub(super) fn words<'a>(&'a self, key: &'a str) -> Vec<&'a str> {
        self.all(key).flat_map(str::split_whitespace).collect()
    }

    pub(super) fn code(&self, language: Language) -> Option<&Code> {
        self.code.get(&language)
    }
}

fn opening(line: &str) -> Option<(Language, &str)> {
    let rest = |prefix| {
        let rest: &str = line.strip_prefix(prefix)?;
        (rest.is_empty() || rest.starts_with(' ')).then_some(rest)
    };
    rest("@js")
        .map(|rest| (Language::Js, rest))
        .or_else(|| rest("@py").map(|rest| (Language::Py, rest)))
}

/// Imports, separated by commas outside of braces.
pub(super) fn split_imports(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut parts = vec![String::new()];
    for c in text.chars() {
        match c {
            '{' => depth = depth.saturating_add(1),
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    let parts = parts.iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

/// A text with `$NAME` replaced where no letter or digit follows.
pub(super) fn fill(text: &str, name: &str, value: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(name) {
        out.push_str(before);
        let goes_on = after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        out.push_str(if goes_on { name } else { value });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A text in which each `NAME` with what stands in its brackets is replaced by
/// what `make` makes of that.
pub(super) fn expand(
    text: &str,
    name: &str,
    (open, close): (char, char),
    mut make: impl FnMut(&str) -> Result<String>,
) -> Result<String> {
    let start = format!("{name}{open}");
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(start.as_str()) {
        out.push_str(before);
        let mut depth = 1_usize;
        let end = after.find(|c: char| {
            if c == open {
                depth = depth.saturating_add(1);
            } else if c == close {
                depth = depth.saturating_sub(1);
            }
            depth == 0
        });
        let end = end.with_context(|| format!("{name} is not closed: {after}"))?;
        let (inside, tail) = after.split_at(end);
        out.push_str(&make(inside)?);
        rest = tail.strip_prefix(close).unwrap_or(tail);
    }
    out.push_str(rest);
    Ok(out)
}
