//! Which tools have a newer version than the approved one.

use std::fmt::Write as _;

use assay_model::{Watched, WatchedTool};

use crate::diff;
use crate::escape::{markdown as escape_markdown, terminal as escape};
use crate::style::wrap;
use crate::terminal::View;
use crate::words::number_of;

fn state(tool: &WatchedTool) -> String {
    let day = tool
        .published
        .as_deref()
        .and_then(|date| date.split('T').next());
    let day = day.map_or_else(String::new, |day| format!(", published {day}"));
    match (&tool.newest, &tool.problem) {
        (_, Some(problem)) => format!("could not be looked at: {problem}"),
        (Some(newest), None) => format!(
            "{newest} is newer than {}{day}; {} since",
            tool.approved,
            number_of(tool.newer, "version")
        ),
        (None, None) => format!("{} is the newest", tool.approved),
    }
}

/// The tools for a terminal, each with its difference.
#[must_use]
pub fn render(watched: &Watched, view: &View) -> String {
    let mut out = String::new();
    for (number, tool) in watched.tools.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let name = view.style.strong(&escape(&tool.source));
        out.push_str(&wrap(
            &format!("{name}  {}", escape(&state(tool))),
            view.width,
            "",
            "  ",
        ));
        for note in &tool.notes {
            out.push_str(&wrap(&escape(note), view.width, "  ", "    "));
        }
        if let Some(found) = &tool.diff {
            out.push('\n');
            out.push_str(&diff::render(found, view));
        }
    }
    out
}

/// The same for a document.
#[must_use]
pub fn markdown(watched: &Watched) -> String {
    let mut out = "# Watched tools\n\n| tool | approved | state |\n|---|---|---|\n".to_owned();
    for tool in &watched.tools {
        let notes: Vec<String> = std::iter::once(state(tool))
            .chain(tool.notes.clone())
            .collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            escape_markdown(&tool.source),
            escape_markdown(&tool.approved),
            escape_markdown(&notes.join("; "))
        );
    }
    for found in watched.tools.iter().filter_map(|tool| tool.diff.as_ref()) {
        out.push('\n');
        out.push_str(&diff::markdown(found));
    }
    out
}
