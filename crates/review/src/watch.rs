//! Whether tools have a newer version than the one that was approved, and
//! what is another in it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use assay_artifact::{Environment, Source, releases};
use assay_model::{WATCH_SCHEMA, Watched, WatchedTool};
use serde::Deserialize;
use toml::Spanned;

use crate::claims::{CaseError, name_has_version, of_itself};
use crate::diff::{DiffOptions, diff};
use crate::history::of_version;
use crate::notes::NotesFrom;
use crate::vet::{VetError, Witness};

/// A list of tools with their approved versions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    #[serde(rename = "tool", default)]
    tools: Vec<Tool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    source: Spanned<String>,
    approved: String,
    #[serde(default)]
    notes: Option<NotesFrom>,
}

impl Approved {
    /// Reads a list. Files that it names lie below `folder`.
    ///
    /// # Errors
    /// With the line of the first thing that is wrong.
    pub fn read(text: &str, folder: &Path) -> Result<Self, CaseError> {
        let mut list: Self = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or(0, |span| span.start);
            CaseError::at(text, place, error.message())
        })?;
        if list.tools.is_empty() {
            return Err(CaseError::at(text, 0, "there is no [[tool]] in it"));
        }
        for tool in &mut list.tools {
            if let Some(NotesFrom::File(path)) = &mut tool.notes {
                *path = folder.join(&*path);
            }
            let start = tool.source.span().start;
            match tool.source.get_ref().parse::<Source>() {
                Ok(Source::Npm { .. }) if !name_has_version(tool.source.get_ref()) => {}
                Ok(Source::Pypi { version: None, .. }) => {}
                Ok(Source::Npm { .. } | Source::Pypi { .. }) => {
                    let what = "the version that was approved stands in 'approved'";
                    return Err(CaseError::at(text, start, what));
                }
                Ok(_) => {
                    let what =
                        "a tool is npm:NAME or pypi:NAME: only a registry has newer versions";
                    return Err(CaseError::at(text, start, what));
                }
                Err(error) => return Err(CaseError::at(text, start, error.to_string())),
            }
        }
        Ok(list)
    }
}

/// Looks for newer versions, and compares the newest with the approved one.
///
/// # Errors
/// When no confined process can be started, or the user interrupted. A tool
/// that cannot be looked at is told with its problem.
pub fn watch(
    list: &Approved,
    options: &DiffOptions,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Watched, VetError> {
    let mut tools = Vec::new();
    for tool in &list.tools {
        let mut told = WatchedTool {
            source: tool.source.get_ref().clone(),
            approved: tool.approved.clone(),
            newest: None,
            published: None,
            newer: 0,
            diff: None,
            notes: Vec::new(),
            problem: None,
        };
        let looked = one(tool, &mut told, options, environment, witness, cancelled);
        if let Err(problem) = of_itself(looked)? {
            told.problem = Some(problem);
        }
        tools.push(told);
    }
    Ok(Watched {
        schema: WATCH_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        tools,
    })
}

fn one(
    tool: &Tool,
    told: &mut WatchedTool,
    options: &DiffOptions,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<(), VetError> {
    let name = tool.source.get_ref();
    let named: Source = name.parse().map_err(|_| VetError::Empty(name.clone()))?;
    let all = releases(
        &named,
        (Some(&tool.approved), None),
        &options.vet.fetch,
        environment,
        witness,
        cancelled,
    )?;
    match all.iter().find(|release| release.version == tool.approved) {
        Some(release) => told.notes.extend(
            release
                .withdrawn
                .iter()
                .map(|why| format!("the approved version was withdrawn: {why}")),
        ),
        None => {
            let what = "the registry does not have the approved version";
            told.problem = Some(what.to_owned());
            return Ok(());
        }
    }
    let newer: Vec<_> = all
        .iter()
        .filter(|release| release.version != tool.approved)
        .filter(|release| !release.prerelease && release.withdrawn.is_none())
        .collect();
    told.newer = newer.len() as u64;
    if let Some(newest) = newer.last() {
        told.newest = Some(newest.version.clone());
        told.published.clone_from(&newest.published);
        let before = of_version(&named, &tool.approved);
        let after = of_version(&named, &newest.version);
        let options = DiffOptions {
            notes: tool.notes.clone(),
            ..options.clone()
        };
        let found = diff((&before, &after), &options, environment, witness, cancelled)?;
        told.diff = Some(Box::new(found));
    }
    Ok(())
}
