use std::collections::BTreeMap;
use std::fmt::Write as _;

use assay_model::{
    Coverage, CoverageEntry, CoverageTotal, Dossier, Evidence, Finding, Gap, Gate, Integrity,
    Party, Purl, Reading, Role, Setter, Severity,
};
use unicode_width::UnicodeWidthStr;

use crate::escape::terminal as escape;
use crate::observation::effect;
use crate::style::{Style, wrap};
use crate::words::{self, bytes, number_of, percent, severity_label};

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
    whose(&mut out, dossier, view);
    if let Some(line) = documented(dossier, view.verbose) {
        out.push_str(&wrap(&escape(&line), view.width, "", "  "));
    }
    if view.verbose && !dossier.confinement.is_empty() {
        let held = format!(
            "What read it was held by: {}",
            dossier.confinement.join(", ")
        );
        out.push_str(&wrap(&escape(&held), view.width, "  ", "    "));
    }
    out
}

/// How many of the hosts that it names are in its vendor's documents.
pub(crate) fn documented(dossier: &Dossier, all: bool) -> Option<String> {
    let profile = dossier.profile.as_ref()?;
    let name = format!("{} ({})", profile.tool, profile.vendor);
    if profile.hosts == 0 {
        return Some(format!(
            "Documents: none of {name} that list hosts are known, so that no host was held against them"
        ));
    }
    let documented = match (all, profile.documented.as_slice()) {
        (true, list @ [_, ..]) => format!(" ({})", list.join(", ")),
        _ => String::new(),
    };
    Some(format!(
        "Documents: {} of the {} hosts that its own code names are among those of {name}, looked at {}{documented}",
        profile.documented.len(),
        profile.compared,
        profile.date
    ))
}

/// Whose the code is.
fn whose(out: &mut String, dossier: &Dossier, view: &View) {
    let whose = &dossier.attribution;
    let all = whose
        .first
        .saturating_add(whose.third)
        .saturating_add(whose.unknown);
    if whose.third == 0 {
        return;
    }
    let named = whose.packages.iter().filter(|p| !p.package.is_empty());
    let text = format!(
        "Code: {} the vendor's own, {} from {}, {} not known whose",
        percent(whose.first, all),
        percent(whose.third, all),
        number_of(named.clone().count() as u64, "package"),
        percent(whose.unknown, all)
    );
    out.push_str(&wrap(&text, view.width, "", "  "));
    if view.verbose {
        for share in named {
            let line = format!(
                "{} {}, by {}",
                escape(&share.package),
                bytes(share.bytes),
                share.evidence.join(", ")
            );
            out.push_str(&view.style_lines(&wrap(&line, view.width, "  ", "    ")));
        }
    }
}

/// How many artifacts are shown on one screen.
const ARTIFACTS: usize = 4;

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
    let all = subject.artifacts.len();
    // One more line than needed is no shorter than the line that is left out.
    let shown = match all.saturating_sub(ARTIFACTS) {
        0 | 1 => all,
        _ if view.verbose => all,
        _ => ARTIFACTS,
    };
    for artifact in subject.artifacts.iter().take(shown) {
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
    let rest = subject.artifacts.get(shown..).unwrap_or_default();
    if !rest.is_empty() {
        let size = rest
            .iter()
            .fold(0u64, |sum, artifact| sum.saturating_add(artifact.bytes));
        let unchecked = rest
            .iter()
            .filter(|artifact| matches!(artifact.integrity, Integrity::Unpublished { .. }))
            .count();
        let checked = match unchecked {
            0 => "all verified".to_owned(),
            _ => format!("{unchecked} of them not verified"),
        };
        let line = format!(
            "and {} more, {}, {checked}; --verbose lists them",
            rest.len(),
            bytes(size)
        );
        out.push_str(&view.style_lines(&wrap(&line, view.width, "  ", "    ")));
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
    for severity in [Severity::Medium, Severity::Low, Severity::Info] {
        let (libraries, own): (Vec<&Finding>, Vec<&Finding>) = all
            .iter()
            .filter(|finding| finding.severity == severity)
            .partition(|finding| finding.party == Party::Third);
        let here = by_behaviour(&own);
        if severity == Severity::Medium || here.len() <= 3 {
            for (behaviour, list) in &here {
                one_line(out, severity, behaviour, list, view);
            }
        } else {
            running(out, severity, &counted(&here, usize::MAX), view);
        }
        if !libraries.is_empty() {
            // From medium on every behaviour is named.
            let most = match severity {
                Severity::Low | Severity::Info => 3,
                _ => usize::MAX,
            };
            let counts = counted(&by_behaviour(&libraries), most);
            let text = format!("{} in libraries alone: {counts}", libraries.len());
            running(out, severity, &text, view);
        }
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
        let word = words::severity(*severity);
        (count > 0).then(|| format!("{count} {word}"))
    })
    .collect();
    let _ = writeln!(out, "{}\n", view.style.strong(&counts.join(", ")));
}

/// Findings by their behaviour.
fn by_behaviour<'f>(findings: &[&'f Finding]) -> BTreeMap<&'f str, Vec<&'f Finding>> {
    let mut by: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by.entry(&finding.behaviour).or_default().push(finding);
    }
    by
}

/// A weighty finding on two lines.
fn brief(out: &mut String, finding: &Finding, view: &View) {
    let label = format!("{:<8}", severity_label(finding.severity));
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
    let label = format!("{:<8}", severity_label(severity));
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
    let line = labelled(severity, line.trim_end(), view);
    let _ = writeln!(out, "{line}");
}

/// The most frequent behaviours with how often each is found; a name and its
/// number are kept together when the line is broken.
fn counted(list: &BTreeMap<&str, Vec<&Finding>>, most: usize) -> String {
    let mut items: Vec<(&str, usize)> = list
        .iter()
        .map(|(behaviour, findings)| (*behaviour, findings.len()))
        .collect();
    if items.len() > most {
        items.sort_by_key(|(behaviour, count)| (std::cmp::Reverse(*count), *behaviour));
    }
    let mut text = items
        .iter()
        .take(most)
        .map(|(behaviour, count)| format!("{behaviour}\u{a0}{count}"))
        .collect::<Vec<_>>()
        .join(", ");
    if items.len() > most {
        text.push_str(", …");
    }
    text
}

/// A severity and running text of it.
fn running(out: &mut String, severity: Severity, text: &str, view: &View) {
    let label = format!("{:<8} ", severity_label(severity));
    let lines = wrap(text, view.width, &label, &" ".repeat(label.len()));
    out.push_str(&labelled(severity, &unbroken(&lines), view));
}

/// Lines with plain spaces, once they are broken.
fn unbroken(lines: &str) -> String {
    lines.replace('\u{a0}', " ")
}

/// Lines that begin with a severity, with that in its colour.
fn labelled(severity: Severity, lines: &str, view: &View) -> String {
    let label = severity_label(severity);
    let rest = lines.get(label.len()..).unwrap_or_default();
    format!("{}{rest}", view.style.severity(severity, label))
}

/// What a finding is about, in a few words.
fn subject_of(finding: &Finding) -> String {
    let key = if finding.key.is_empty() {
        &finding.title
    } else {
        &finding.key
    };
    let text = escape(key.split('\u{1f}').next().unwrap_or_default().trim());
    let mut short: String = text.chars().take(48).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn long(out: &mut String, finding: &Finding, main: Option<&Purl>, view: &View) {
    let label = severity_label(finding.severity);
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
    if finding.party == Party::Third {
        let whose = match finding.packages.as_slice() {
            [] => "in library code alone".to_owned(),
            packages => format!("in libraries alone: {}", packages.join(", ")),
        };
        let lines = wrap(&escape(&whose), view.width, "  ", "    ");
        out.push_str(&view.style_lines(&lines));
    }
    let mut more = 0usize;
    let (mut places, mut flows) = (0usize, 0usize);
    for evidence in &finding.evidence {
        // On one screen: one flow at length, one more in short, and the
        // longest decoded list.
        let flow = !evidence.path.is_empty();
        let shown = view.verbose
            || match (flow, evidence.decoded.is_empty()) {
                (true, _) => flows < 2,
                (false, true) => places < 3 && flows == 0,
                (false, false) => {
                    let longest = finding.evidence.iter().map(|e| e.decoded.len()).max();
                    Some(evidence.decoded.len()) == longest && places == 0
                }
            };
        if !shown {
            more = more.saturating_add(1);
        } else if flow && flows > 0 && !view.verbose {
            // What is another than in the first.
            let roles = [Role::Source, Role::Condition, Role::Choice];
            steps(out, evidence, &roles, view);
            flows = flows.saturating_add(1);
        } else {
            place(out, evidence, main, view);
            flows = flows.saturating_add(usize::from(flow));
            places = places.saturating_add(usize::from(!flow));
        }
    }
    if let Some(demonstrated) = &finding.demonstrated {
        out.push_str(&view.style_lines("  demonstrated in runs\n"));
        for known in &demonstrated.effects {
            effect(out, known, view);
        }
    }
    if more > 0 {
        let more = format!("  {more} more in --verbose");
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

/// A switch as rows of a table: what, and how it is.
pub(crate) fn gate_rows(gate: &Gate) -> Vec<(&'static str, String)> {
    let setter = match gate.setter {
        Setter::RemoteService => "a service",
        Setter::Environment => "the environment",
        Setter::SettingsFile => "a file of settings",
        Setter::CommandLine => "the command line",
        Setter::BuildConstant => "who builds it",
    };
    let mut rows = vec![
        ("key", gate.key.clone()),
        ("set by", format!("{setter}, asked by {}", gate.asked_by)),
    ];
    for (name, value) in [("default", &gate.default), ("fallback", &gate.fallback)] {
        if !value.is_empty() {
            rows.push((name, value.clone()));
        }
    }
    rows.push(("asked for", number_of(gate.lookups, "time")));
    if !gate.dependants.is_empty() {
        rows.push(("on it", gate.dependants.join("; ")));
    }
    rows
}

/// The steps of a flow: all of them with `verbose`, else those of some roles,
/// each once. A list goes with the condition before it.
fn steps(out: &mut String, evidence: &Evidence, roles: &[Role], view: &View) {
    let mut told: Vec<(Role, &str)> = Vec::new();
    let mut again = false;
    for step in &evidence.path {
        if !view.verbose {
            let this = (step.role, step.excerpt.as_str());
            let repeated = match step.role {
                Role::List => again,
                _ => told.contains(&this),
            };
            again = repeated;
            if repeated || !roles.contains(&step.role) {
                continue;
            }
            told.push(this);
        }
        let front = format!("    {:<10}", words::role(step.role));
        let elsewhere = step
            .node
            .as_ref()
            .map_or_else(String::new, |node| format!(", in {}", escape(node)));
        let (note, excerpt) = (escape(&step.note), escape(&step.excerpt));
        let text = if step.role == Role::List {
            format!("[{note}{elsewhere}]  {excerpt}")
        } else {
            format!("{excerpt}  [{note}{elsewhere}]")
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
        let roles = [
            Role::Source,
            Role::Condition,
            Role::List,
            Role::Choice,
            Role::Sink,
        ];
        steps(out, evidence, &roles, view);
    }
    if let Some(gate) = evidence.gate.as_ref().filter(|_| view.verbose) {
        for (name, value) in gate_rows(gate) {
            let front = format!("    {name:<10}");
            let lines = wrap(&escape(&value), view.width, &front, "              ");
            out.push_str(&lines);
        }
    }
    if !evidence.decoded.is_empty() {
        let count = evidence.decoded.len();
        let shown = if view.verbose { count } else { count.min(6) };
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
        let lines = wrap(&line, view.width, "    ", "      ");
        out.push_str(&lines);
    }
}

/// The readings as reports name them, the best first.
pub(crate) fn readings(coverage: &Coverage) -> [(Reading, &'static str, CoverageTotal); 5] {
    let (structure, data) = (coverage.container, coverage.data);
    let other = CoverageTotal {
        nodes: structure.nodes.saturating_add(data.nodes),
        bytes: structure.bytes.saturating_add(data.bytes),
    };
    [
        (Reading::Parsed, "parsed", coverage.parsed),
        (Reading::Lexical, "read as text", coverage.lexical),
        (Reading::Container, "structure and data", other),
        (Reading::Strings, "strings only", coverage.strings),
        (Reading::Unread, "not read", coverage.unread),
    ]
}

/// What a reading looks like in the bar.
fn mark(reading: Reading) -> &'static str {
    match reading {
        Reading::Parsed => "█",
        Reading::Lexical => "▓",
        Reading::Container | Reading::Data => "▪",
        Reading::Strings => "▒",
        Reading::Unread => "░",
    }
}

fn coverage(out: &mut String, coverage: &Coverage, view: &View) {
    let total = coverage.total_bytes();
    let parts = readings(coverage);
    let _ = writeln!(
        out,
        "{}  {} in {}",
        view.style.strong("Coverage"),
        bytes(total),
        number_of(
            coverage.entries.iter().filter(|e| e.bytes > 0).count() as u64,
            "node"
        )
    );
    let bar = u128::try_from(view.width.min(80).saturating_sub(4)).unwrap_or(40);
    let mut line = String::from("  ");
    let (mut before, mut columns) = (0u128, 0u128);
    for (reading, _, part) in &parts {
        let part = part.bytes;
        before = before.saturating_add(u128::from(part));
        let end = before * bar / u128::from(total.max(1));
        // What is there is seen, however little it is.
        let end = if part > 0 {
            end.max(columns + 1).min(bar)
        } else {
            end.max(columns)
        };
        let share = usize::try_from(end - columns).unwrap_or(0);
        columns = end;
        line.push_str(&view.style.reading(*reading, &mark(*reading).repeat(share)));
    }
    let _ = writeln!(out, "{line}");
    let summary: Vec<String> = parts
        .iter()
        .filter(|(_, _, part)| part.bytes > 0)
        // Kept together when the line is broken.
        .map(|(reading, name, part)| {
            format!(
                "{}\u{a0}{}\u{a0}{}",
                mark(*reading),
                name.replace(' ', "\u{a0}"),
                percent(part.bytes, total).replace(' ', "\u{a0}")
            )
        })
        .collect();
    let summary = wrap(&summary.join("   "), view.width, "  ", "  ");
    out.push_str(&unbroken(&summary));
    if coverage.entries.iter().all(|entry| entry.bytes == 0) {
        out.push_str("  There was nothing to read: no finding means nothing here.\n");
    }
    if view.verbose {
        for entry in coverage.entries.iter().filter(|e| is_told(e)) {
            gap(out, entry, view);
        }
        return;
    }
    // Alike but for the node: told once, the largest first.
    let mut kinds: BTreeMap<(bool, &str), (u64, Vec<&CoverageEntry>)> = BTreeMap::new();
    for entry in coverage.entries.iter().filter(|e| is_told(e)) {
        let absent = entry.gap == Some(Gap::NotFetched);
        let kind = kinds.entry((absent, advice(&entry.detail))).or_default();
        kind.0 = kind.0.saturating_add(entry.bytes);
        kind.1.push(entry);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|((absent, _), (bytes, _))| (*absent, std::cmp::Reverse(*bytes)));
    let (mut left, mut more) = (GAP_LINES, 0usize);
    for ((absent, detail), (_, entries)) in kinds {
        let lines = gaps(absent, detail, &entries, view);
        let needed = lines.lines().count();
        if needed <= left {
            out.push_str(&lines);
            left = left.saturating_sub(needed);
        } else {
            more = more.saturating_add(entries.len());
        }
    }
    if more > 0 {
        let more = format!("  and {more} more: --verbose or --format json shows them");
        let _ = writeln!(out, "{}", view.style.faint(&more));
    }
}

/// Whether something is to be said of an entry.
fn is_told(entry: &CoverageEntry) -> bool {
    entry.gap.is_some() || !entry.detail.is_empty()
}

/// How many lines tell of gaps on one screen.
const GAP_LINES: usize = 10;
/// How many of them tell of one kind.
const GAP_MOST: usize = 3;

/// A gap's detail without what differs between packages for other platforms.
fn advice(detail: &str) -> &str {
    match detail.find("--platform ") {
        Some(at) => detail
            .get(..at.saturating_add("--platform".len()))
            .unwrap_or(detail),
        None => detail,
    }
}

/// Gaps of one kind on a few lines.
fn gaps(absent: bool, detail: &str, entries: &[&CoverageEntry], view: &View) -> String {
    // What a header claims may be any number.
    let size = entries
        .iter()
        .fold(0u64, |sum, entry| sum.saturating_add(entry.bytes));
    let largest = entries.iter().max_by_key(|entry| entry.bytes);
    let name = largest.map_or("", |entry| entry.node.as_str());
    let name = tail(&escape(name), view.width / 2);
    let kind = if absent { "package" } else { "node" };
    let mut text = match entries {
        [_] => name,
        _ => format!("{}, {name} …", number_of(entries.len() as u64, kind)),
    };
    if size > 0 {
        let _ = write!(text, " ({})", bytes(size));
    }
    let _ = write!(text, ": {}", escape(detail));
    if detail.ends_with("--platform") {
        text.push_str(" all");
    }
    cut_lines(&wrap(&text, view.width, "  - ", "    "), GAP_MOST, view)
}

/// At most so many lines, with a mark behind the last word where more follow.
fn cut_lines(lines: &str, most: usize, view: &View) -> String {
    let mut kept: Vec<&str> = lines.lines().take(most).collect();
    let whole = lines.lines().count() <= most;
    let last = kept.pop().unwrap_or_default();
    let mut out: String = kept.iter().map(|line| format!("{line}\n")).collect();
    let last = match last.rfind(' ') {
        Some(at) if !whole && last.width() >= view.width.saturating_sub(1) => {
            format!("{} …", last.get(..at).unwrap_or(last).trim_end())
        }
        _ if !whole => format!("{last} …"),
        _ => last.to_owned(),
    };
    let _ = writeln!(out, "{last}");
    out
}

/// The end of a path that is longer than `width`, which tells more than its
/// beginning.
fn tail(path: &str, width: usize) -> String {
    if path.width() <= width {
        return path.to_owned();
    }
    let mut kept: Vec<char> = Vec::new();
    let mut used = 1usize;
    for c in path.chars().rev() {
        used = used.saturating_add(unicode_width::UnicodeWidthChar::width(c).unwrap_or(0));
        if used > width {
            break;
        }
        kept.push(c);
    }
    let end: String = kept.into_iter().rev().collect();
    match end.find('/') {
        Some(at) => format!("…{}", end.get(at..).unwrap_or_default()),
        None => format!("…{end}"),
    }
}

fn gap(out: &mut String, entry: &CoverageEntry, view: &View) {
    let size = if entry.bytes > 0 {
        format!(" ({})", bytes(entry.bytes))
    } else {
        String::new()
    };
    let text = format!("{}{size}: {}", escape(&entry.node), escape(&entry.detail));
    out.push_str(&wrap(&text, view.width, "  - ", "    "));
}
