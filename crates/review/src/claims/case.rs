//! Case files: claims with their tests. What is wrong in one is told with its
//! line.

use std::collections::{BTreeMap, BTreeSet};

use assay_analyze::behaviour;
use assay_artifact::{PlatformChoice, Source};
use serde::Deserialize;
use toml::Spanned;

use super::kinds::{self, Kind};
use crate::history::of_version;

/// The form of a case file.
pub const CASE_SCHEMA: &str = "assay.case/1";

/// A case: claims that somebody made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    schema: Spanned<String>,
    /// What it is about.
    pub title: String,
    /// More of it, for people.
    #[serde(default)]
    pub about: String,
    #[serde(rename = "claim", default)]
    pub(super) claims: Vec<Said>,
}

/// A claim as it stands in a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    pub(super) id: Spanned<String>,
    pub(super) says: String,
    pub(super) who: String,
    #[serde(default)]
    pub(super) source: String,
    #[serde(default)]
    pub(super) when: String,
    #[serde(default)]
    pub(super) against: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) subject: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) from: Option<String>,
    #[serde(default)]
    pub(super) to: Option<String>,
    #[serde(default)]
    pub(super) within: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    pub(super) platform: Option<String>,
    pub(super) test: Spanned<Test>,
}

/// How a claim is tested.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    pub(super) kind: Spanned<String>,
    #[serde(default)]
    pub(super) behaviour: Option<Spanned<String>>,
    /// Whether it is claimed to be so.
    #[serde(default)]
    pub(super) is: Option<bool>,
    #[serde(default)]
    pub(super) values: Option<Vec<String>>,
    #[serde(default)]
    pub(super) entries: Option<u64>,
    #[serde(default)]
    pub(super) decoding: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) what: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) factors: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) grade: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) after: Option<String>,
    #[serde(default)]
    pub(super) words: Option<Vec<String>>,
    #[serde(default)]
    pub(super) notes: Option<String>,
    #[serde(default)]
    pub(super) why: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) needs: Option<String>,
}

impl Test {
    /// The fields that are given, beside the kind.
    fn given(&self) -> Vec<&'static str> {
        [
            ("behaviour", self.behaviour.is_some()),
            ("is", self.is.is_some()),
            ("values", self.values.is_some()),
            ("entries", self.entries.is_some()),
            ("decoding", self.decoding.is_some()),
            ("name", self.name.is_some()),
            ("what", self.what.is_some()),
            ("factors", self.factors.is_some()),
            ("grade", self.grade.is_some()),
            ("after", self.after.is_some()),
            ("words", self.words.is_some()),
            ("notes", self.notes.is_some()),
            ("why", self.why.is_some()),
            ("needs", self.needs.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is)| is.then_some(name))
        .collect()
    }
}

/// What is wrong with a case file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct CaseError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

impl CaseError {
    pub(crate) fn at(text: &str, place: usize, what: impl Into<String>) -> Self {
        let before = text.get(..place.min(text.len())).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        Self {
            line: before.matches('\n').count().saturating_add(1),
            column: before
                .get(line..)
                .unwrap_or_default()
                .chars()
                .count()
                .saturating_add(1),
            what: what.into(),
        }
    }
}

impl Case {
    /// Reads a case file, and whether its tests can decide its claims.
    ///
    /// # Errors
    /// With the line of the first thing that is wrong.
    pub fn read(text: &str) -> Result<Self, CaseError> {
        let case: Self = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or(0, |span| span.start);
            CaseError::at(text, place, error.message())
        })?;
        let wrong = |place: usize, what: String| Err(CaseError::at(text, place, what));
        if case.schema.get_ref() != CASE_SCHEMA {
            let what = format!("the form of a case is \"{CASE_SCHEMA}\"");
            return wrong(case.schema.span().start, what);
        }
        if case.claims.is_empty() {
            return wrong(0, "there is no [[claim]] in it".to_owned());
        }
        let mut known = BTreeSet::new();
        for said in &case.claims {
            if !known.insert(said.id.get_ref().as_str()) {
                let what = format!("there is a claim '{}' already", said.id.get_ref());
                return wrong(said.id.span().start, what);
            }
        }
        for said in &case.claims {
            for other in &said.against {
                if other.get_ref() == said.id.get_ref() {
                    let what = "a claim does not contradict itself".to_owned();
                    return wrong(other.span().start, what);
                }
                if !known.contains(other.get_ref().as_str()) {
                    let what = format!("there is no claim '{}'", other.get_ref());
                    return wrong(other.span().start, what);
                }
            }
            said.check()
                .map_err(|(place, what)| CaseError::at(text, place, what))?;
        }
        Ok(case)
    }
}

impl Said {
    pub(super) fn kind(&self) -> Option<&'static Kind> {
        kinds::find(self.test.get_ref().kind.get_ref())
    }

    /// The package without a version.
    pub(super) fn package(&self) -> Option<Source> {
        self.subject.as_ref()?.get_ref().parse().ok()
    }

    /// The package at a version.
    pub(super) fn at_version(&self, version: &str) -> Option<Source> {
        Some(of_version(&self.package()?, version))
    }

    /// The one version that it is about: that which is named, or the first.
    pub(super) fn one_version(&self) -> Option<&str> {
        let first = self.version.as_ref().or(self.from.as_ref());
        first.or(self.to.as_ref()).map(String::as_str)
    }

    /// What it is about, in words.
    pub(super) fn about(&self) -> String {
        let Some(subject) = &self.subject else {
            return String::new();
        };
        let name = subject.get_ref();
        let versions = match (&self.version, &self.from, &self.to) {
            (Some(version), ..) => format!(" {version}"),
            (None, Some(from), Some(to)) => format!(" from {from} to {to}"),
            (None, Some(from), None) => format!(" from {from} on"),
            (None, None, Some(to)) => format!(" up to {to}"),
            (None, None, None) => String::new(),
        };
        let platform = match &self.platform {
            Some(platform) => format!(", {platform}"),
            None => String::new(),
        };
        format!("{name}{versions}{platform}")
    }

    /// Whether its test can decide it; if not, where and why.
    fn check(&self) -> Result<(), (usize, String)> {
        let test = self.test.get_ref();
        let at = self.test.span().start;
        let Some(kind) = self.kind() else {
            let names: Vec<&str> = kinds::ALL.iter().map(|kind| kind.name).collect();
            let what = format!(
                "there is no kind of test '{}': there are {}",
                test.kind.get_ref(),
                names.join(", ")
            );
            return Err((test.kind.span().start, what));
        };
        let given = test.given();
        if let Some(more) = given.iter().find(|name| !kind.takes.contains(name)) {
            let what = format!("a test of kind '{}' takes no '{more}'", kind.name);
            return Err((at, what));
        }
        if let Some(missing) = kind.needs.iter().find(|name| !given.contains(name)) {
            let what = format!("a test of kind '{}' needs '{missing}'", kind.name);
            return Err((at, what));
        }
        if let Some(name) = &test.behaviour
            && behaviour(name.get_ref()).is_none()
        {
            let what = format!(
                "there is no behaviour '{}': assay explain lists all",
                name.get_ref()
            );
            return Err((name.span().start, what));
        }
        let blank = |list: &Option<Vec<String>>| {
            let list = list.as_ref();
            list.is_some_and(|list| list.is_empty() || list.iter().any(|one| one.trim().is_empty()))
        };
        for (field, is_blank) in [
            ("words", blank(&test.words)),
            ("values", blank(&test.values)),
            (
                "name",
                test.name
                    .as_ref()
                    .is_some_and(|name| name.trim().is_empty()),
            ),
            (
                "factors",
                test.factors.as_ref().is_some_and(BTreeMap::is_empty),
            ),
        ] {
            if is_blank {
                return Err((at, format!("'{field}' is empty, and would fit everything")));
            }
        }
        if kind.name == "concealed" && given.is_empty() {
            let what = "a test of kind 'concealed' needs 'values', 'entries' or 'decoding'";
            return Err((at, what.to_owned()));
        }
        if let Some(platform) = &self.platform
            && let Err(error) = platform.parse::<PlatformChoice>()
        {
            return Err((self.id.span().start, error.to_string()));
        }
        for (field, version) in [
            ("version", &self.version),
            ("from", &self.from),
            ("to", &self.to),
        ] {
            if version
                .as_ref()
                .is_some_and(|version| version.trim().is_empty())
            {
                return Err((self.id.span().start, format!("'{field}' is empty")));
            }
        }
        for (field, allowed) in [
            (&test.what, kinds::NAMES),
            (&test.grade, kinds::GRADES),
            (&test.why, kinds::WHYS),
        ] {
            if let Some(value) = field
                && !allowed.contains(&value.get_ref().as_str())
            {
                let what = format!("'{}' is none of {}", value.get_ref(), allowed.join(", "));
                return Err((value.span().start, what));
            }
        }
        if !kind.about_code {
            return Ok(());
        }
        let Some(subject) = &self.subject else {
            let what = format!("a test of kind '{}' needs a 'subject'", kind.name);
            return Err((at, what));
        };
        let start = subject.span().start;
        match subject.get_ref().parse::<Source>() {
            Ok(Source::Npm { .. }) if !name_has_version(subject.get_ref()) => {}
            Ok(Source::Pypi { version: None, .. }) => {}
            Ok(_) => {
                let what = "a subject is npm:NAME or pypi:NAME; its version stands in 'version', or in 'from' and 'to'";
                return Err((start, what.to_owned()));
            }
            Err(error) => return Err((start, error.to_string())),
        }
        let range = self.from.is_some() || self.to.is_some();
        if self.version.is_some() && range {
            let what = "'version' is one, 'from' and 'to' are many: only one of both";
            return Err((self.id.span().start, what.to_owned()));
        }
        if self.version.is_none() && !range {
            let what = "of which versions? 'version', or 'from' and 'to'";
            return Err((self.id.span().start, what.to_owned()));
        }
        if range && !kind.over_versions {
            let what = format!("a test of kind '{}' is of one 'version'", kind.name);
            return Err((at, what));
        }
        if let Some(within) = &self.within {
            if within.get_ref().len() != 2 {
                let what = "'within' is the first and the last version that are looked at";
                return Err((within.span().start, what.to_owned()));
            }
            if !range {
                let what = "'within' goes with 'from' and 'to'";
                return Err((within.span().start, what.to_owned()));
            }
        }
        Ok(())
    }
}

/// Whether something stands behind the name of an npm package.
pub(crate) fn name_has_version(source: &str) -> bool {
    let name = source.trim_start_matches("npm:");
    name.get(1..).is_some_and(|rest| rest.contains('@'))
}
