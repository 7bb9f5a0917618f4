use std::fmt::Write as _;

use assay_model::Comparison;

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

/// Tools side by side for a terminal: a block for each thing that is compared,
/// with a line for each tool, since texts do not fit into columns.
#[must_use]
pub fn render(compared: &Comparison, view: &View) -> String {
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
            let value: String = value.chars().take(400).collect();
            out.push_str(&wrap(
                &escape(&value),
                view.width,
                &format!("    {name:wide$}  "),
                &" ".repeat(wide + 6),
            ));
        }
    }
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
            let value: String = value.chars().take(400).collect();
            let _ = write!(out, " {} |", escape_markdown(&value));
        }
        out.push('\n');
    }
    let _ = write!(out, "\n**{}**\n\n", escape_markdown(&best(compared)));
    for reason in &compared.reasons {
        let _ = writeln!(out, "- {}", escape_markdown(reason));
    }
    out
}
