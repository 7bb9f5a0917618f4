//! A dossier for people and for other programs.
//!
//! One file for each form, one function each; [`write_dossier`] puts a whole
//! folder down, or nothing. What comes from a subject is escaped for the form
//! that it goes into. This crate reads no subject and decides nothing.
#![deny(missing_docs)]

mod assessment;
mod claims;
mod compare;
mod cyclonedx;
mod diff;
mod escape;
mod folder;
mod history;
mod html;
mod json;
mod markdown;
mod observation;
mod sarif;
mod style;
mod terminal;
mod verdict;
mod watched;
mod words;

pub use assessment::render as assessment;
pub use claims::{markdown as claims_markdown, render as claims};
pub use compare::{markdown as comparison_markdown, render as comparison};
pub use cyclonedx::render as cyclonedx;
pub use diff::{markdown as diff_markdown, render as diff, to_sarif as diff_sarif};
pub use escape::terminal as escape_terminal;
pub use folder::{DOSSIER_FILE, FolderError, write_dossier, write_parts};
pub use history::{markdown as history_markdown, render as history};
pub use html::render as html;
pub use json::{SCHEMAS, render as json, schema as json_schema};
pub use markdown::render as markdown;
pub use observation::render as observation;
pub use sarif::render as sarif;
pub use style::{Style, wrap};
pub use terminal::{View, render as terminal};
pub use verdict::{decided as decision, painted as outcome, render as verdict};
pub use watched::{markdown as watched_markdown, render as watched};

/// A behaviour's words, for reports that explain what they show.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    /// Its name.
    pub id: &'a str,
    /// Its short title.
    pub title: &'a str,
    /// What is done.
    pub what: &'a str,
    /// Why it matters.
    pub why: &'a str,
    /// What it does not mean.
    pub not: &'a str,
    /// Where to read more.
    pub reference: &'a str,
}

#[cfg(test)]
mod tests;
