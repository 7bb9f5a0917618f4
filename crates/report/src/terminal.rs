use std::collections::BTreeMap;
use std::fmt::Write as _;

use assay_model::{Coverage, Dossier, Evidence, Finding, Integrity, Reading, Role, Severity};
use unicode_width::UnicodeWidthStr;

use crate::escape::terminal as escape;
use crate::style::{Style, wrap};

/// How the summary is shown.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Columns.
    pub width: usize,
    /// Colour or none.
    pub style: Style,
    /// Everything, not one screen.
    pub verbose: bool,
}

/// The dossier for a terminal: one screen that a reviewer can act on, or with
/// `verbose` all of it.
#[must_use]
pub fn render(dossier: &Dossier, view: &View) -> String {
    let mut out = String::new();
    head(&mut out, dossier, view);
    findings(&mut out, dossier, view);
    coverage(&mut out, &dossier.coverage, view);
    out
}

/// A severity as a word.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Info => "INFO",
    }
}

/// A number of bytes for people.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: &[(&str, u64)] = &[("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    for (unit, size) in UNITS {
        if count >= *size {
            let tenths = count / (size / 10);
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{count} bytes")
}

/// A share for people; what is not nothing is never shown as 0 %.
pub(crate) fn percent(part: u64, total: u64) -> String {
    if total == 0 || part == 0 {
        return "0 %".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(total);
    if tenths == 0 {
        return "< 0.1 %".to_owned();
    }
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn head(out: &mut String, dossier: &Dossier, view: &View) {
    let subject = &dossier.subject;
    let name = escape(&subject.purl.full_name());
    let version = escape(subject.purl.version.as_deref().unwrap_or(""));
    let _ = writeln!(
        out,
        "{}  {}",
        view.style.strong(format!("{name} {version}").trim()),
        view.style.faint(&subject.platform)
    );
    for artifact in &subject.artifacts {
        let checked = match &artifact.integrity {
            Integrity::Verified { digest } => {
                let algorithm = digest.split(['-', ':']).next().unwrap_or("digest");
                format!("{algorithm} verified")
            }
            Integrity::Unpublished { reason } => reason.clone(),
        };
        let line = format!(
            "{}, {}, {checked}",
            escape(&artifact.purl.to_string()),
            bytes(artifact.bytes)
        );
        out.push_str(&view.style_lines(&wrap(&line, view.width, "  ", "    ")));
        if view.verbose {
            let _ = writeln!(out, "    sha256 {}", artifact.sha256);
        }
    }
    out.push('\n');
}

impl View {
    fn style_lines(&self, text: &str) -> String {
        text.lines()
            .map(|line| format!("{}\n", self.style.faint(line)))
            .collect()
    }
}

/// How many findings are shown at length on one screen.
const SCREEN: usize = 6;

fn findings(out: &mut String, dossier: &Dossier, view: &View) {
    let all = &dossier.findings;
    if all.is_empty() {
        out.push_str("No findings. That is not the same as nothing there: see the coverage.\n\n");
        return;
    }
    let weighty: Vec<&Finding> = all
        .iter()
        .filter(|finding| finding.severity >= Severity::Medium)
        .collect();
    let shown = if view.verbose { all.len() } else { SCREEN };
    let at_length: Vec<&Finding> = if view.verbose {
        all.iter().collect()
    } else {
        // One of each behaviour first; the rest of a behaviour is counted.
        let mut first = Vec::new();
        for finding in &weighty {
            if !first
                .iter()
                .any(|f: &&Finding| f.behaviour == finding.behaviour)
            {
                first.push(*finding);
            }
        }
        first
    };
    for finding in at_length.iter().take(shown) {
        long(out, finding, view);
        if !view.verbose {
            let others = weighty
                .iter()
                .filter(|f| f.behaviour == finding.behaviour && f.id != finding.id)
                .count();
            if others > 0 {
                let more = format!(
                    "  and {others} more of {}: --verbose shows them",
                    finding.behaviour
                );
                let _ = writeln!(out, "{}", view.style.faint(&more));
            }
        }
        out.push('\n');
    }
    if view.verbose {
        return;
    }
    let shown_behaviours: Vec<&str> = at_length
        .iter()
        .take(shown)
        .map(|finding| finding.behaviour.as_str())
        .collect();
    let mut rest: BTreeMap<(std::cmp::Reverse<Severity>, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in all {
        if finding.severity < Severity::Medium
            || !shown_behaviours.contains(&finding.behaviour.as_str())
        {
            rest.entry((std::cmp::Reverse(finding.severity), &finding.behaviour))
                .or_default()
                .push(finding);
        }
    }
    for ((std::cmp::Reverse(severity), behaviour), list) in rest {
        one_line(out, severity, behaviour, &list, view);
    }
    out.push('\n');
}

/// All findings of a behaviour on one line, by what they are about.
fn one_line(out: &mut String, severity: Severity, behaviour: &str, list: &[&Finding], view: &View) {
    let label = format!("{:<8}", severity_word(severity));
    let mut line = format!("{label} {behaviour:<24} ");
    let mut room = view.width.saturating_sub(line.width());
    let count = format!("{} ", list.len());
    line.push_str(&count);
    room = room.saturating_sub(count.width());
    let mut items: Vec<&&Finding> = list.iter().collect();
    items.sort_by_key(|finding| std::cmp::Reverse((finding.confidence, finding.occurrences)));
    let mut shown = 0usize;
    for finding in &items {
        let item = subject_of(finding);
        let needed = item.width().saturating_add(2);
        if needed.saturating_add(2) > room {
            break;
        }
        if shown > 0 {
            line.push_str(", ");
        }
        line.push_str(&item);
        room = room.saturating_sub(needed);
        shown = shown.saturating_add(1);
    }
    if shown < items.len() && shown > 0 {
        line.push_str(" …");
    }
    let rest = line.get(label.len()..).unwrap_or_default();
    let _ = writeln!(
        out,
        "{}{}",
        view.style.severity(severity, &label),
        rest.trim_end()
    );
}

/// What a finding is about, in a few words.
fn subject_of(finding: &Finding) -> String {
    let key = if finding.key.is_empty() {
        &finding.title
    } else {
        &finding.key
    };
    let text = escape(key.split('\u{1f}').next().unwrap_or_default());
    let mut short: String = text.chars().take(48).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn long(out: &mut String, finding: &Finding, view: &View) {
    let label = severity_word(finding.severity);
    let confidence = format!("{:?} confidence", finding.confidence).to_lowercase();
    let left = format!("{label:<8} {}", finding.behaviour);
    let gap = view
        .width
        .min(100)
        .saturating_sub(left.width().saturating_add(confidence.width()))
        .max(2);
    let _ = writeln!(
        out,
        "{} {}{}{}",
        view.style
            .severity(finding.severity, &format!("{label:<8}")),
        view.style.strong(&finding.behaviour),
        " ".repeat(gap),
        view.style.faint(&confidence)
    );
    let title = escape(&finding.title);
    out.push_str(&wrap(&title, view.width, "  ", "  "));
    let limit = if view.verbose {
        finding.evidence.len()
    } else {
        3
    };
    // Lists after the flows that use them; on one screen the flows' first.
    for evidence in finding.evidence.iter().take(limit) {
        place(out, evidence, view);
    }
    if finding.evidence.len() > limit {
        let more = format!(
            "  {} more places",
            finding.evidence.len().saturating_sub(limit)
        );
        let _ = writeln!(out, "{}", view.style.faint(&more));
    }
    let _ = writeln!(out, "{}", view.style.faint(&format!("  id {}", finding.id)));
}

/// A text cut to a width, with a mark where it was cut.
fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width().saturating_add(2) > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Source => "source",
        Role::Flow => "flow",
        Role::Condition => "condition",
        Role::List => "list",
        Role::Choice => "choice",
        Role::Sink => "sink",
    }
}

fn place(out: &mut String, evidence: &Evidence, view: &View) {
    let at = format!("{} byte {}", escape(&evidence.node), evidence.span.start);
    if evidence.path.is_empty() {
        let shown = wrap(&at, view.width, "  ", "    ");
        out.push_str(&view.style_lines(&shown));
        if evidence.decoded.is_empty() {
            let excerpt = escape(&evidence.excerpt);
            let room = if view.verbose {
                usize::MAX
            } else {
                view.width.saturating_sub(5)
            };
            let cut = clip(&excerpt, room);
            out.push_str(&wrap(&cut, view.width, "    ", "    "));
        }
        if view.verbose && !evidence.note.is_empty() {
            out.push_str(&wrap(&escape(&evidence.note), view.width, "    ", "    "));
        }
    } else {
        let _ = writeln!(out, "  {}", view.style.faint(&at));
        for step in &evidence.path {
            if step.role == Role::Flow && !view.verbose {
                continue;
            }
            let front = format!("    {:<10}", role_word(step.role));
            let text = if step.role == Role::List {
                format!("[{}]  {}", escape(&step.note), escape(&step.excerpt))
            } else {
                format!("{}  [{}]", escape(&step.excerpt), escape(&step.note))
            };
            let lines = wrap(&text, view.width, &front, "              ");
            // A list is told by its decoded entries, not by its code.
            let keep = match (view.verbose, step.role) {
                (true, _) => usize::MAX,
                (false, Role::List) => 1,
                (false, _) => 3,
            };
            for line in lines.lines().take(keep) {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    if !evidence.decoded.is_empty() {
        let count = evidence.decoded.len();
        let shown = if view.verbose { count } else { count.min(8) };
        let mut text = evidence
            .decoded
            .iter()
            .take(shown)
            .map(|entry| escape(entry))
            .collect::<Vec<_>>()
            .join(", ");
        if shown < count {
            let _ = write!(text, ", … ({count} in all)");
        }
        let line = format!(
            "decoded ({}): {text}",
            escape(&evidence.decoding.join(", "))
        );
        out.push_str(&wrap(&line, view.width, "    ", "      "));
    }
}

fn coverage(out: &mut String, coverage: &Coverage, view: &View) {
    let total = coverage.total_bytes();
    let parts = [
        (Reading::Parsed, "parsed", coverage.parsed),
        (Reading::Lexical, "read as text", coverage.lexical),
        (
            Reading::Container,
            "container structure",
            coverage.container,
        ),
        (Reading::Data, "data", coverage.data),
        (Reading::Unread, "not read", coverage.unread),
    ];
    let _ = writeln!(
        out,
        "{}  {} in {} nodes",
        view.style.strong("Coverage"),
        bytes(total),
        coverage.entries.iter().filter(|e| e.bytes > 0).count()
    );
    let bar = view.width.min(80).saturating_sub(4);
    let mut line = String::from("  ");
    for (reading, _, part) in &parts {
        let share = usize::try_from(
            (u128::from(part.bytes) * bar as u128).div_ceil(u128::from(total.max(1))),
        )
        .unwrap_or(0);
        let room = bar.saturating_sub(UnicodeWidthStr::width(line.as_str()).saturating_sub(2));
        let _ = room;
        let mark = match reading {
            Reading::Parsed => "█",
            Reading::Lexical => "▓",
            Reading::Container | Reading::Data => "▒",
            Reading::Unread => "░",
        };
        line.push_str(&view.style.reading(*reading, &mark.repeat(share)));
    }
    let _ = writeln!(out, "{line}");
    let summary: Vec<String> = parts
        .iter()
        .filter(|(_, _, part)| part.bytes > 0)
        .map(|(reading, name, part)| {
            let mark = match reading {
                Reading::Parsed => "█",
                Reading::Lexical => "▓",
                Reading::Container | Reading::Data => "▒",
                Reading::Unread => "░",
            };
            format!("{mark} {name} {}", percent(part.bytes, total))
        })
        .collect();
    out.push_str(&wrap(&summary.join("   "), view.width, "  ", "  "));
    let gaps: Vec<_> = coverage
        .entries
        .iter()
        .filter(|e| e.gap.is_some())
        .collect();
    let limit = if view.verbose { gaps.len() } else { 5 };
    for entry in gaps.iter().take(limit) {
        let size = if entry.bytes > 0 {
            format!(" ({})", bytes(entry.bytes))
        } else {
            String::new()
        };
        let text = format!("{}{size}: {}", escape(&entry.node), escape(&entry.detail));
        let lines = wrap(&text, view.width, "  - ", "    ");
        let keep = if view.verbose { usize::MAX } else { 2 };
        for line in lines.lines().take(keep) {
            let _ = writeln!(out, "{line}");
        }
    }
    if gaps.len() > limit {
        let more = format!(
            "  and {} more: --verbose or --format json shows them",
            gaps.len().saturating_sub(limit)
        );
        let _ = writeln!(out, "{}", view.style.faint(&more));
    }
}
