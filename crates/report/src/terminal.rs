use std::collections::BTreeMap;
use std::fmt::Write as _;

use assay_model::{
    Coverage, CoverageEntry, CoverageTotal, Dossier, Evidence, Finding, Gap, Integrity, Purl,
    Reading, Role, Severity,
};
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
const SCREEN: usize = 3;

fn findings(out: &mut String, dossier: &Dossier, view: &View) {
    let all = &dossier.findings;
    if all.is_empty() {
        out.push_str("No findings. That is not the same as nothing there: see the coverage.\n\n");
        return;
    }
    totals(out, all, view);
    let main = Some(&dossier.subject.purl);
    if view.verbose {
        for finding in all {
            long(out, finding, main, view);
            out.push('\n');
        }
        return;
    }
    let weighty = all
        .iter()
        .filter(|finding| finding.severity >= Severity::High);
    let mut others = 0usize;
    for (index, finding) in weighty.enumerate() {
        if index < SCREEN {
            long(out, finding, main, view);
            out.push('\n');
        } else {
            brief(out, finding, view);
            others = others.saturating_add(1);
        }
    }
    if others > 0 {
        out.push('\n');
    }
    let mut rest: BTreeMap<(std::cmp::Reverse<Severity>, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in all
        .iter()
        .filter(|finding| finding.severity < Severity::High)
    {
        rest.entry((std::cmp::Reverse(finding.severity), &finding.behaviour))
            .or_default()
            .push(finding);
    }
    for ((std::cmp::Reverse(severity), behaviour), list) in rest {
        one_line(out, severity, behaviour, &list, view);
    }
    out.push_str(&view.style_lines("--verbose shows each with its evidence\n"));
    out.push('\n');
}

/// How many findings there are of each severity.
fn totals(out: &mut String, all: &[Finding], view: &View) {
    let counts: Vec<String> = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ]
    .iter()
    .filter_map(|severity| {
        let count = all.iter().filter(|f| f.severity == *severity).count();
        let word = severity_word(*severity).to_lowercase();
        (count > 0).then(|| format!("{count} {word}"))
    })
    .collect();
    let _ = writeln!(out, "{}\n", view.style.strong(&counts.join(", ")));
}

/// A weighty finding on two lines.
fn brief(out: &mut String, finding: &Finding, view: &View) {
    let label = format!("{:<8}", severity_word(finding.severity));
    let _ = writeln!(
        out,
        "{} {}",
        view.style.severity(finding.severity, &label),
        finding.id
    );
    let title = clip(&escape(&finding.title), view.width.saturating_sub(3));
    let _ = writeln!(out, "  {title}");
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
        let mut item = subject_of(finding);
        if shown == 0 {
            item = clip(&item, room.saturating_sub(2));
        }
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

fn long(out: &mut String, finding: &Finding, main: Option<&Purl>, view: &View) {
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
        place(out, evidence, main, view);
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

fn place(out: &mut String, evidence: &Evidence, main: Option<&Purl>, view: &View) {
    // A line of a whole bundle tells less than the byte.
    let at = if evidence.line > 0 && evidence.column < 1000 {
        format!(
            "{}:{}:{}",
            escape(&evidence.node),
            evidence.line,
            evidence.column
        )
    } else {
        format!("{} byte {}", escape(&evidence.node), evidence.span.start)
    };
    let at = if main == Some(&evidence.artifact) {
        at
    } else {
        format!("{} {at}", escape(&evidence.artifact.to_string()))
    };
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

/// Whether only the strings of a node were read, because its structure has no
/// reader.
fn strings_only(entry: &CoverageEntry) -> bool {
    entry.reading == Reading::Lexical
        && matches!(
            entry.gap,
            Some(Gap::MachineCode | Gap::UnknownFormat | Gap::Bytecode)
        )
}

fn coverage(out: &mut String, coverage: &Coverage, view: &View) {
    let total = coverage.total_bytes();
    let mut strings = CoverageTotal::default();
    for entry in coverage.entries.iter().filter(|entry| strings_only(entry)) {
        strings.nodes = strings.nodes.saturating_add(1);
        strings.bytes = strings.bytes.saturating_add(entry.bytes);
    }
    let text = coverage.lexical.bytes.saturating_sub(strings.bytes);
    let other = coverage.container.bytes.saturating_add(coverage.data.bytes);
    let parts = [
        (Reading::Parsed, "█", "parsed", coverage.parsed.bytes),
        (Reading::Lexical, "▓", "read as text", text),
        (Reading::Container, "▪", "structure and data", other),
        (Reading::Lexical, "▒", "strings only", strings.bytes),
        (Reading::Unread, "░", "not read", coverage.unread.bytes),
    ];
    let _ = writeln!(
        out,
        "{}  {} in {} nodes",
        view.style.strong("Coverage"),
        bytes(total),
        coverage.entries.iter().filter(|e| e.bytes > 0).count()
    );
    let bar = u128::try_from(view.width.min(80).saturating_sub(4)).unwrap_or(40);
    let mut line = String::from("  ");
    let (mut before, mut columns) = (0u128, 0u128);
    for (reading, mark, _, part) in &parts {
        before = before.saturating_add(u128::from(*part));
        let end = before * bar / u128::from(total.max(1));
        // What is there is seen, however little it is.
        let end = if *part > 0 {
            end.max(columns + 1).min(bar)
        } else {
            end.max(columns)
        };
        let share = usize::try_from(end - columns).unwrap_or(0);
        columns = end;
        line.push_str(&view.style.reading(*reading, &mark.repeat(share)));
    }
    let _ = writeln!(out, "{line}");
    let summary: Vec<String> = parts
        .iter()
        .filter(|(_, _, _, part)| *part > 0)
        // Kept together when the line is broken.
        .map(|(_, mark, name, part)| {
            format!(
                "{mark}\u{a0}{}\u{a0}{}",
                name.replace(' ', "\u{a0}"),
                percent(*part, total).replace(' ', "\u{a0}")
            )
        })
        .collect();
    let summary = wrap(&summary.join("   "), view.width, "  ", "  ");
    out.push_str(&summary.replace('\u{a0}', " "));
    let gaps: Vec<&CoverageEntry> = coverage
        .entries
        .iter()
        .filter(|e| e.gap.is_some() && e.gap != Some(Gap::NotFetched))
        .collect();
    let limit = if view.verbose { gaps.len() } else { 5 };
    for entry in gaps.iter().take(limit) {
        gap(out, entry, view);
    }
    if gaps.len() > limit {
        let more = format!(
            "  and {} more: --verbose or --format json shows them",
            gaps.len().saturating_sub(limit)
        );
        let _ = writeln!(out, "{}", view.style.faint(&more));
    }
    let missing: Vec<&CoverageEntry> = coverage
        .entries
        .iter()
        .filter(|e| e.gap == Some(Gap::NotFetched))
        .collect();
    if view.verbose || missing.len() <= 2 {
        for entry in missing {
            gap(out, entry, view);
        }
        return;
    }
    // Alike but for the name: told once, by the advice that they carry.
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in missing {
        let kind = entry
            .detail
            .split("--platform")
            .next()
            .unwrap_or(&entry.detail);
        kinds.entry(kind).or_default().push(&entry.node);
    }
    for (kind, nodes) in kinds {
        let advice = if kind.len() < 60 && kind.contains("platform") {
            format!("{kind}--platform all")
        } else {
            kind.to_owned()
        };
        let first = nodes.first().copied().unwrap_or_default();
        let text = if nodes.len() == 1 {
            format!("{}: {}", escape(first), escape(&advice))
        } else {
            format!(
                "{} packages, {} first: {}",
                nodes.len(),
                escape(first),
                escape(&advice)
            )
        };
        out.push_str(&wrap(&text, view.width, "  - ", "    "));
    }
}

fn gap(out: &mut String, entry: &CoverageEntry, view: &View) {
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
