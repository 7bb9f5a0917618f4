use std::fmt::Write as _;

use assay_model::Comparison;
use unicode_width::UnicodeWidthStr as _;

use crate::escape::{markdown as escape_markdown, terminal as escape};
use crate::style::wrap;
use crate::terminal::View;

/// Which is to be chosen.
fn best(compared: &Comparison) -> String {
    match compared.best.and_then(|at| compared.tools.get(at)) {
        Some(tool) => format!("Best choice under the policy: {}", tool.name),
        None => "No choice under the policy".to_owned(),
    }
}

/// The widest a cell's text may be, in characters.
const CELL: usize = 400;
/// The columns of the names of what is compared.
const NAMES: usize = 26;
/// The least columns in which a text can be read.
const READABLE: usize = 24;

/// Tools side by side for a terminal: a column for each tool, or, where those
/// would be too narrow to read, a block for each thing that is compared with a
/// line for each tool.
#[must_use]
pub fn render(compared: &Comparison, view: &View) -> String {
    let tools = compared.tools.len().max(1);
    let each = (view.width.saturating_sub(NAMES) / tools).saturating_sub(2);
    let mut out = if each >= READABLE {
        columns(compared, view, each)
    } else {
        blocks(compared, view)
    };
    let _ = writeln!(out, "\n{}", view.style.strong(&escape(&best(compared))));
    for reason in &compared.reasons {
        out.push_str(&wrap(
            &format!("- {}", escape(reason)),
            view.width,
            "  ",
            "    ",
        ));
    }
    out
}

fn cell(value: &str) -> String {
    escape(&shortened(value))
}

/// A text that ends where a cell does, and shows that it goes on.
fn shortened(value: &str) -> String {
    let mut text: String = value.chars().take(CELL).collect();
    if text.len() < value.len() {
        text.push('…');
    }
    text
}

/// A column of `each` columns for each tool, beside the names.
fn columns(compared: &Comparison, view: &View, each: usize) -> String {
    let line = |cells: &[(String, usize)], strong: bool| -> String {
        let wrapped: Vec<(String, usize)> = cells
            .iter()
            .map(|(text, width)| (wrap(text, *width, "", ""), *width))
            .collect();
        let high = wrapped.iter().map(|(text, _)| text.lines().count()).max();
        let mut out = String::new();
        for at in 0..high.unwrap_or(0) {
            let mut line = String::new();
            for (text, width) in &wrapped {
                let part = text.lines().nth(at).unwrap_or_default();
                let gap = width.saturating_sub(part.width()).saturating_add(2);
                line.push_str(part);
                line.push_str(&" ".repeat(gap));
            }
            let line = line.trim_end();
            let line = if strong {
                view.style.strong(line)
            } else {
                line.to_owned()
            };
            out.push_str(&line);
            out.push('\n');
        }
        out
    };
    let beside = |name: String, texts: Vec<String>| -> Vec<(String, usize)> {
        let first = (name, NAMES.saturating_sub(2));
        let texts = texts.into_iter().map(|text| (text, each));
        std::iter::once(first).chain(texts).collect()
    };
    let names = compared.tools.iter().map(|tool| cell(&tool.name)).collect();
    let mut out = line(&beside(String::new(), names), true);
    let mut group = "";
    for row in &compared.rows {
        if row.group != group {
            let name = escape(&row.group).to_uppercase();
            let _ = writeln!(out, "\n{}", view.style.strong(&name));
            group = &row.group;
        }
        let values = row.values.iter().map(|value| cell(value)).collect();
        out.push_str(&line(&beside(escape(&row.name), values), false));
    }
    out
}

/// A block for each thing that is compared.
fn blocks(compared: &Comparison, view: &View) -> String {
    let mut out = String::new();
    let wide = compared
        .tools
        .iter()
        .map(|tool| tool.name.chars().count())
        .max()
        .unwrap_or(0)
        .min(28);
    let mut group = "";
    for row in &compared.rows {
        if row.group != group {
            if !group.is_empty() {
                out.push('\n');
            }
            let _ = writeln!(
                out,
                "{}",
                view.style.strong(&escape(&row.group).to_uppercase())
            );
            group = &row.group;
        }
        let _ = writeln!(out, "  {}", escape(&row.name));
        for (tool, value) in compared.tools.iter().zip(&row.values) {
            let name: String = escape(&tool.name).chars().take(wide).collect();
            out.push_str(&wrap(
                &cell(value),
                view.width,
                &format!("    {name:wide$}  "),
                &" ".repeat(wide + 6),
            ));
        }
    }
    out
}

/// The same as a table for a document.
#[must_use]
pub fn markdown(compared: &Comparison) -> String {
    let mut out = "# Comparison\n\n| |".to_owned();
    for tool in &compared.tools {
        let _ = write!(out, " {} |", escape_markdown(&tool.name));
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(compared.tools.len()));
    out.push('\n');
    for row in &compared.rows {
        let _ = write!(
            out,
            "| {}: {} |",
            escape_markdown(&row.group),
            escape_markdown(&row.name)
        );
        for value in &row.values {
            let _ = write!(out, " {} |", escape_markdown(&shortened(value)));
        }
        out.push('\n');
    }
    let _ = write!(out, "\n**{}**\n\n", escape_markdown(&best(compared)));
    for reason in &compared.reasons {
        let _ = writeln!(out, "- {}", escape_markdown(reason));
    }
    out
}
