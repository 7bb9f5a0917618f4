//! Pictures of a report, as SVG that needs no script.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use assay_model::{Coverage, DataKind, Flow, History, Leaves, Reading, ReleaseState};

use super::{clip, html};
use crate::terminal::readings;
use crate::words::{self, bytes};

/// How many hosts the map shows; the others are in the table.
const HOSTS: usize = 14;
/// How many lines of versions there are.
const LINES: usize = 12;

/// Where data go: the tool on the left, hosts by country on the right.
pub(super) fn map(leaves: &Leaves, tool: &str) -> String {
    if leaves.flows.is_empty() {
        return String::new();
    }
    let mut countries: BTreeMap<&str, Vec<&Flow>> = BTreeMap::new();
    for flow in leaves.flows.iter().take(HOSTS) {
        let code = flow.country.code.as_deref().unwrap_or("~");
        countries.entry(code).or_default().push(flow);
    }
    let (row, gap, head) = (34, 18, 22);
    let rows = leaves.flows.len().min(HOSTS);
    let height = 20 + rows * row + countries.len() * (gap + head);
    let middle = height / 2;
    let mut out = format!(
        "<figure><svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-labelledby=\"map-title map-text\"><title id=\"map-title\">Where data go</title><desc id=\"map-text\">{}</desc>",
        html(&told(leaves, tool))
    );
    let _ = write!(
        out,
        "<rect class=\"box\" x=\"8\" y=\"{}\" width=\"190\" height=\"64\" rx=\"6\"/><text x=\"103\" y=\"{}\" text-anchor=\"middle\">{}</text><text class=\"soft small\" x=\"103\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        middle.saturating_sub(32),
        middle.saturating_sub(4),
        html(&clip(tool, 24)),
        middle + 16,
        match leaves.runs {
            1 => "in one run".to_owned(),
            runs => format!("in {runs} runs"),
        }
    );
    let mut y = 10;
    for (code, flows) in countries {
        let place = if code == "~" {
            "country not known"
        } else {
            code
        };
        let tall = head + flows.len() * row + 6;
        let _ = write!(
            out,
            "<rect class=\"box\" x=\"470\" y=\"{y}\" width=\"482\" height=\"{tall}\" rx=\"6\"/><text class=\"soft small\" x=\"482\" y=\"{}\">{}</text>",
            y + 15,
            html(place)
        );
        let mut at = y + head;
        for flow in flows {
            let centre = at + row / 2;
            let kind = match (flow.documented, &flow.provider) {
                (Some(false), _) => " undocumented",
                (_, Some(_)) => " model",
                _ => "",
            };
            let _ = write!(
                out,
                "<path class=\"flow{kind}\" stroke-width=\"{}\" d=\"M198 {middle} C 320 {middle}, 340 {centre}, 470 {centre}\"/><text x=\"482\" y=\"{}\">{}</text><text class=\"soft small\" x=\"942\" y=\"{}\" text-anchor=\"end\">{}</text>",
                width(flow.bytes),
                centre + 4,
                html(&clip(&flow.host, 34)),
                centre + 4,
                html(&clip(&purpose(flow), 40))
            );
            at += row;
        }
        y += tall + gap;
    }
    out.push_str("</svg><figcaption>");
    let hidden = leaves.flows.len().saturating_sub(HOSTS);
    out.push_str("Blue: requests in the form of a model provider. Red and dashed: a host that the vendor documents nowhere. The wider, the more bytes.");
    if hidden > 0 {
        let _ = write!(out, " {hidden} more hosts are in the table.");
    }
    out.push_str("</figcaption></figure>");
    out
}

/// How wide a flow is drawn.
fn width(bytes: u64) -> u32 {
    let digits = bytes.checked_ilog10().unwrap_or(0);
    1 + digits
}

fn purpose(flow: &Flow) -> String {
    let what = match (&flow.provider, flow.purpose) {
        (Some(_), _) => "model",
        (None, Some(purpose)) => words::purpose(purpose),
        (None, None) => "purpose not documented",
    };
    format!("{what}, {}", bytes(flow.bytes))
}

/// The map in words.
fn told(leaves: &Leaves, tool: &str) -> String {
    let hosts = leaves.flows.iter().map(|flow| {
        format!(
            "{} ({}, {})",
            flow.host,
            flow.country.code.as_deref().unwrap_or("country not known"),
            purpose(flow)
        )
    });
    let hosts: Vec<String> = hosts.collect();
    format!("{tool} sent data to {}", hosts.join("; "))
}

/// The data that left, by kind: a bar for each host.
pub(super) fn kinds(leaves: &Leaves) -> String {
    let mut sums: BTreeMap<DataKind, u64> = BTreeMap::new();
    for flow in &leaves.flows {
        for (kind, count) in &flow.data {
            let sum = sums.entry(*kind).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
    let all: u64 = sums.values().sum();
    if all == 0 {
        return String::new();
    }
    let parts: Vec<String> = DataKind::ALL
        .iter()
        .filter_map(|kind| {
            let count = sums.get(kind)?;
            Some(format!("{} {}", kind.name(), bytes(*count)))
        })
        .collect();
    format!("<p>In all: {}.</p>", html(&parts.join(", ")))
}

/// How the bytes were read.
pub(super) fn coverage(coverage: &Coverage) -> String {
    let total = coverage.total_bytes();
    if total == 0 {
        return String::new();
    }
    let share = |bytes: u64| -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "for a picture")]
        let share = bytes as f64 / total as f64;
        share * 944.0
    };
    let mut bars = String::new();
    let mut legend = Vec::new();
    let mut x = 8.0;
    for (reading, name, sum) in readings(coverage) {
        if sum.bytes == 0 {
            continue;
        }
        let class = match reading {
            Reading::Parsed => "parsed",
            Reading::Lexical => "lexical",
            Reading::Strings => "strings",
            Reading::Container | Reading::Data => "container",
            Reading::Unread => "unread",
        };
        let width = share(sum.bytes);
        let _ = write!(
            bars,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"6\" width=\"{width:.1}\" height=\"26\"><title>{name}: {}</title></rect>",
            bytes(sum.bytes)
        );
        x += width;
        legend.push((
            class,
            format!("{name} {}", words::percent(sum.bytes, total)),
        ));
    }
    let mut keys = String::new();
    let mut x = 8;
    for (class, text) in &legend {
        let _ = write!(
            keys,
            "<rect class=\"{class}\" x=\"{x}\" y=\"44\" width=\"12\" height=\"12\"/><text class=\"small\" x=\"{}\" y=\"54\">{}</text>",
            x + 17,
            html(text)
        );
        x += 40 + text.chars().count() * 7;
    }
    let told: Vec<&str> = legend.iter().map(|(_, text)| text.as_str()).collect();
    format!(
        "<figure><svg viewBox=\"0 0 960 62\" role=\"img\" aria-label=\"{}\">{bars}{keys}</svg></figure>",
        html(&format!("Coverage: {}", told.join(", ")))
    )
}

/// Which releases had what, over time.
pub(super) fn timeline(history: &History) -> String {
    let releases: Vec<&str> = history
        .releases
        .iter()
        .map(|release| release.version.as_str())
        .collect();
    if releases.is_empty() || history.behaviours.is_empty() {
        return String::new();
    }
    let lines = history.behaviours.len().min(LINES);
    let height = 34 + lines * 26 + 24;
    let step = 700.0 / releases.len() as f64;
    let mut out = format!(
        "<figure><svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"Releases over time\">"
    );
    let at = |index: usize| 244.0 + step * index as f64;
    for (line, presence) in history.behaviours.iter().take(LINES).enumerate() {
        let y = 20 + line * 26;
        let _ = write!(
            out,
            "<text class=\"small\" x=\"8\" y=\"{}\">{}</text>",
            y + 13,
            html(&clip(&presence.behaviour, 34))
        );
        let has: Vec<bool> = releases
            .iter()
            .map(|version| presence.present.iter().any(|known| known == version))
            .collect();
        let (first, last) = (
            has.iter().position(|has| *has),
            has.iter().rposition(|has| *has),
        );
        for (index, release) in history.releases.iter().enumerate() {
            let read = release.state == ReleaseState::Read;
            let inside =
                first.is_some_and(|first| index >= first) && last.is_some_and(|last| index <= last);
            let class = match (has.get(index).copied().unwrap_or(false), read) {
                (true, _) => "has",
                (false, true) if presence.absent.contains(&release.version) => "has-not",
                _ => "between",
            };
            let opacity = if class == "between" && inside {
                " opacity=\"0.7\""
            } else {
                ""
            };
            let _ = write!(
                out,
                "<rect class=\"{class}\"{opacity} x=\"{:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"16\"><title>{}</title></rect>",
                at(index),
                (step * 0.86).max(1.0),
                html(&format!(
                    "{}{}",
                    release.version,
                    release
                        .published
                        .as_ref()
                        .map_or_else(String::new, |date| format!(", {date}"))
                ))
            );
        }
    }
    let (first, last) = (releases.first(), releases.last());
    let _ = write!(
        out,
        "<text class=\"soft small\" x=\"244\" y=\"{0}\">{1}</text><text class=\"soft small\" x=\"944\" y=\"{0}\" text-anchor=\"end\">{2}</text></svg><figcaption>Each mark is a release. Red: it has it; green: it was read and has it not; grey: it was not read.</figcaption></figure>",
        height - 8,
        html(first.unwrap_or(&"")),
        html(last.unwrap_or(&""))
    );
    out
}
