//! What is another in one version than in an earlier one.

use std::fmt::Write as _;

use assay_model::{
    Change, CodeLine, CodePlace, Compared, Diff, Disclosed, Disclosure, Evidence, Finding,
    FindingChange, FunctionChange, NameChange, NameKind, NotedLine, Party, Severity,
};
use serde_json::{Value, json};

use crate::Rule;
use crate::escape::{code, markdown as escape_markdown, terminal as escape};
use crate::sarif;
use crate::style::wrap;
use crate::terminal::View;
use crate::words::{self, number_of, severity_label};

/// How many names of a kind are shown on one screen.
const NAMES: usize = 24;
/// How many entries of a list.
const ENTRIES: usize = 12;
/// How many functions are shown with their code on one screen.
const FUNCTIONS: usize = 8;
/// How many lines of release notes.
const LINED: usize = 16;
/// How many lines of each.
const LINES: usize = 30;

/// The difference for a terminal: one screen, or with `verbose` all of it.
#[must_use]
pub fn render(diff: &Diff, view: &View) -> String {
    let mut out = String::new();
    for (word, side) in [("from", &diff.before), ("to", &diff.after)] {
        let line = format!("{word:<5}{}", side_line(side));
        out.push_str(&wrap(&escape(&line), view.width, "", "     "));
    }
    out.push('\n');
    findings(&mut out, diff, view);
    names(&mut out, diff, view);
    release_notes(&mut out, diff, view);
    functions(&mut out, diff, view);
    if !diff.notes.is_empty() {
        out.push('\n');
        for note in &diff.notes {
            out.push_str(&wrap(&escape(note), view.width, "", "  "));
        }
    }
    out
}

fn side_line(side: &Compared) -> String {
    format!(
        "{}, {}, {} not understood",
        side.subject.purl,
        number_of(side.findings, "finding"),
        number_of(side.gaps, "place")
    )
}

fn sign(change: Change) -> char {
    match change {
        Change::New => '+',
        Change::Changed => '~',
        Change::Gone => '-',
    }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Changed => "changed",
        Change::Gone => "gone",
    }
}

/// How many are new, changed and gone, in words.
fn counts(changes: impl Iterator<Item = Change> + Clone) -> String {
    let parts: Vec<String> = [Change::New, Change::Changed, Change::Gone]
        .into_iter()
        .filter_map(|kind| {
            let count = changes.clone().filter(|change| *change == kind).count();
            (count > 0).then(|| format!("{count} {}", word(kind)))
        })
        .collect();
    if parts.is_empty() {
        "none differs".to_owned()
    } else {
        parts.join(", ")
    }
}

fn findings(out: &mut String, diff: &Diff, view: &View) {
    let told = counts(diff.findings.iter().map(|one| one.change));
    let _ = writeln!(out, "{} {told}", view.style.strong("Findings:"));
    let (weighty, light): (Vec<&FindingChange>, Vec<&FindingChange>) = diff
        .findings
        .iter()
        .partition(|one| view.verbose || one.finding.severity >= Severity::Medium);
    for change in weighty {
        finding(out, change, view);
    }
    // What matters less, by what it is.
    type Group<'d> = (
        Severity,
        &'d str,
        Change,
        Option<Disclosed>,
        Vec<&'d Finding>,
    );
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut lines: Vec<(Severity, String)> = Vec::new();
    for change in light {
        let finding = &change.finding;
        if change.change == Change::Changed {
            let mut told = change.details.clone();
            for (word, list) in [("added", &change.added), ("removed", &change.removed)] {
                if !list.is_empty() {
                    told.push(format!("{word}: {}", some(list, false)));
                }
            }
            if let Some(disclosure) = &change.disclosure {
                told.push(state(disclosure.state).to_owned());
            }
            let line = format!(
                "{} {:<8} {}: {}: {}",
                sign(change.change),
                severity_label(finding.severity),
                finding.behaviour,
                finding.key,
                told.join("; ")
            );
            lines.push((finding.severity, escape(&line)));
            continue;
        }
        let told = change.disclosure.as_ref().map(|one| one.state);
        let behaviour = finding.behaviour.as_str();
        let key = (finding.severity, behaviour, change.change, told);
        match groups
            .iter_mut()
            .find(|group| (group.0, group.1, group.2, group.3) == key)
        {
            Some(group) => group.4.push(finding),
            None => groups.push((key.0, key.1, key.2, key.3, vec![finding])),
        }
    }
    for (severity, behaviour, change, told, list) in groups {
        let key = |one: &&Finding| escape(&one.key.replace('\u{1f}', ", "));
        let mut keys: Vec<String> = list.iter().map(key).collect();
        let more = keys.len().saturating_sub(ENTRIES);
        keys.truncate(ENTRIES);
        let mut line = format!(
            "{} {:<8} {behaviour}: {} {}{}: {}",
            sign(change),
            severity_label(severity),
            list.len(),
            word(change),
            told.map_or_else(String::new, |told| format!(", {}", state(told))),
            keys.join(", ")
        );
        if more > 0 {
            let _ = write!(line, " and {more} more");
        }
        lines.push((severity, line));
    }
    lines.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    for (_, line) in lines {
        out.push_str(&wrap(&line, view.width, "  ", "             "));
    }
    out.push('\n');
}

fn finding(out: &mut String, change: &FindingChange, view: &View) {
    let finding = &change.finding;
    let line = format!(
        "{} {} {}  {}",
        sign(change.change),
        view.style.severity(
            finding.severity,
            &format!("{:<8}", severity_label(finding.severity))
        ),
        view.style.strong(&finding.behaviour),
        escape(&finding.title)
    );
    out.push_str(&wrap(&line, view.width, "  ", "             "));
    let mut told = |text: String| {
        out.push_str(&wrap(&text, view.width, "             ", "               "));
    };
    told(format!("{}{}", finding.id, whose(finding.party, "")));
    if let Some(evidence) = finding.evidence.first() {
        told(format!("at {}", escape(&place(evidence))));
    }
    for detail in &change.details {
        told(escape(detail));
    }
    for (word, list) in [("added", &change.added), ("removed", &change.removed)] {
        if !list.is_empty() {
            told(format!("{word}: {}", some(list, view.verbose)));
        }
    }
    if let Some(disclosure) = &change.disclosure {
        told(escape(&disclosed(disclosure)));
    }
    // What it conceals is told once, where it came.
    let decoded: Vec<String> = match change.change {
        Change::New => finding
            .evidence
            .iter()
            .flat_map(|one| one.decoded.clone())
            .collect(),
        _ => Vec::new(),
    };
    if !decoded.is_empty() {
        told(format!("decoded: {}", some(&decoded, view.verbose)));
    }
}

fn state(state: Disclosed) -> &'static str {
    match state {
        Disclosed::Contradicted => "contradicted",
        Disclosed::Undisclosed => "undisclosed",
        Disclosed::Disclosed => "disclosed",
    }
}

/// What the release notes say of something new.
fn disclosed(disclosure: &Disclosure) -> String {
    let told = state(disclosure.state);
    match &disclosure.line {
        Some(line) => format!("{told}: {}", noted(line)),
        None => format!("{told}: no line of the release notes names it"),
    }
}

fn noted(line: &NotedLine) -> String {
    let section = match &line.version {
        Some(version) => format!("{version}, line {}", line.number),
        None => format!("line {}", line.number),
    };
    format!("{section}, by {}: {}", line.by, line.says)
}

/// Which release notes there were, and how much of what is new they tell.
fn notes_summary(diff: &Diff) -> Vec<String> {
    let Some(notes) = &diff.release_notes else {
        return vec![
            "none: the package holds none, and --notes names none, so that nothing is held against them"
                .to_owned(),
        ];
    };
    let told: Vec<Disclosed> = diff
        .findings
        .iter()
        .filter_map(|change| Some(change.disclosure.as_ref()?.state))
        .collect();
    let parts: Vec<String> = [
        Disclosed::Contradicted,
        Disclosed::Undisclosed,
        Disclosed::Disclosed,
    ]
    .into_iter()
    .map(|one| {
        let count = told.iter().filter(|told| **told == one).count();
        format!("{count} {}", state(one))
    })
    .collect();
    let which = match (notes.undivided, notes.sections.as_slice()) {
        (true, _) => "no line of it can be given to a version, so that any line counts".to_owned(),
        (false, []) => "it has no section for a version in between".to_owned(),
        (false, sections) => format!(
            "{} for {} ({})",
            number_of(sections.len() as u64, "section"),
            some(sections, false),
            number_of(notes.lines, "line")
        ),
    };
    let last = match notes.lacks_last && !notes.sections.is_empty() {
        true => ", none for the second version itself",
        false => "",
    };
    let mut out = vec![format!(
        "{}: {which}{last}; of what is new {}",
        notes.source,
        parts.join(", ")
    )];
    for change in &diff.findings {
        let told = change.disclosure.as_ref();
        if let Some((told, line)) = told.and_then(|told| Some((told, told.line.as_ref()?))) {
            let key = change.finding.key.replace('\u{1f}', ", ");
            out.push(format!("{} {key}: {}", state(told.state), noted(line)));
        }
    }
    let more = out.len().saturating_sub(LINED);
    out.truncate(LINED);
    if more > 0 {
        out.push(format!("and {more} more, which --format json shows"));
    }
    out.extend(notes.still_there.iter().map(|one| {
        format!(
            "still there: {} ({}), though {}",
            one.key,
            one.finding,
            noted(&one.line)
        )
    }));
    out
}

fn release_notes(out: &mut String, diff: &Diff, view: &View) {
    let mut lines = notes_summary(diff).into_iter();
    let first = lines.next().unwrap_or_default();
    let line = format!("{} {}", view.style.strong("Release notes:"), escape(&first));
    out.push_str(&wrap(&line, view.width, "", "  "));
    for line in lines {
        out.push_str(&wrap(&escape(&line), view.width, "  ", "    "));
    }
    out.push('\n');
}

fn place(evidence: &Evidence) -> String {
    match evidence.line {
        0 => format!("{} byte {}", evidence.node, evidence.span.start),
        line => format!("{}:{line}:{}", evidence.node, evidence.column),
    }
}

/// Some of a list, and how many more there are.
fn some(list: &[String], all: bool) -> String {
    let shown = if all { list.len() } else { ENTRIES };
    let entry = |one: &String| match one.as_str() {
        "" => "\"\"".to_owned(),
        one => escape(one),
    };
    let mut text: Vec<String> = list.iter().take(shown).map(entry).collect();
    let more = list.len().saturating_sub(shown);
    if more > 0 {
        text.push(format!("and {more} more"));
    }
    text.join(", ")
}

fn whose(party: Party, package: &str) -> String {
    match (party, package) {
        (Party::First, _) => ", the vendor's own".to_owned(),
        (Party::Third, "") => ", of a third party".to_owned(),
        (Party::Third, package) => format!(", of {package}"),
        (Party::Unknown, _) => String::new(),
    }
}

fn kind(kind: NameKind) -> &'static str {
    match kind {
        NameKind::Host => "hosts",
        NameKind::Variable => "variables",
        NameKind::File => "files",
        NameKind::Process => "programs",
        NameKind::Flag => "flags",
        NameKind::ConcealedValue => "concealed values",
    }
}

fn names(out: &mut String, diff: &Diff, view: &View) {
    if diff.names.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", view.style.strong("Names"));
    for change in &diff.names {
        for (sign, list) in sides(change) {
            let mut shown: Vec<String> = list.iter().map(|name| escape(name)).collect();
            let more = if view.verbose {
                0
            } else {
                shown.len().saturating_sub(NAMES)
            };
            shown.truncate(shown.len().saturating_sub(more));
            let mut line = format!("{sign} {:<17} {}", kind(change.kind), shown.join(", "));
            if more > 0 {
                let _ = write!(line, " and {more} more");
            }
            out.push_str(&wrap(&line, view.width, "  ", "                      "));
        }
    }
    out.push('\n');
}

fn sides(change: &NameChange) -> impl Iterator<Item = (char, &Vec<String>)> {
    [('+', &change.added), ('-', &change.removed)]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
}

/// How many functions differ, in a sentence.
fn function_counts(diff: &Diff) -> String {
    let told = &diff.functions;
    if told.before == 0 && told.after == 0 {
        return "none to compare: no file with code differs, or none can be parsed".to_owned();
    }
    let mut line = format!(
        "{} before and {} now in files that differ: {} the same, {} rearranged, {} changed, {} new, {} gone",
        told.before, told.after, told.same, told.rearranged, told.changed, told.new, told.gone
    );
    if told.third_party > 0 {
        let _ = write!(
            line,
            "; {} of these belong to third parties",
            told.third_party
        );
    }
    line
}

fn title(change: &FunctionChange) -> String {
    let name = if change.name.is_empty() {
        "(no name)"
    } else {
        &change.name
    };
    let place = |place: &CodePlace| format!("{} byte {}", place.node, place.start);
    let at = match (&change.before, &change.after) {
        (_, Some(after)) => place(after),
        (Some(before), None) => place(before),
        (None, None) => String::new(),
    };
    let mut line = format!("{name} at {at}{}", whose(change.party, &change.package));
    if change.rearranged {
        line.push_str("; but rearranged");
    }
    if change.others > 0 {
        let others = number_of(change.others, "other function");
        let _ = write!(line, "; {others} changed in just the same way");
    }
    if !change.findings.is_empty() {
        let _ = write!(line, "; shows {}", change.findings.join(", "));
    }
    line
}

fn functions(out: &mut String, diff: &Diff, view: &View) {
    let line = format!(
        "{} {}",
        view.style.strong("Functions:"),
        function_counts(diff)
    );
    out.push_str(&wrap(&line, view.width, "", "  "));
    let all = &diff.functions.shown;
    let shown = if view.verbose { all.len() } else { FUNCTIONS };
    for change in all.iter().take(shown) {
        out.push('\n');
        let line = format!("{} {}", sign(change.change), escape(&title(change)));
        out.push_str(&wrap(&line, view.width, "  ", "    "));
        let most = if view.verbose { usize::MAX } else { LINES };
        for line in change.lines.iter().take(most) {
            let text = cut(&shown_line(line), view);
            let text = match line.change {
                Some(_) => text,
                None => view.style.faint(&text),
            };
            let _ = writeln!(out, "    {text}");
        }
        let more = change.lines.len().saturating_sub(most);
        if more > 0 {
            let line = format!("{} more", number_of(more as u64, "line"));
            let _ = writeln!(out, "      {}", view.style.faint(&line));
        }
    }
    let more = all.len().saturating_sub(shown);
    if more > 0 {
        let line = format!("and {more} more; --verbose shows them");
        let _ = writeln!(out, "\n  {line}");
    }
    let told = &diff.functions;
    let others: u64 = all.iter().map(|one| one.others).sum();
    let differ = told.changed + told.new + told.gone + told.rearranged;
    let left = differ
        .saturating_sub(others)
        .saturating_sub(all.len() as u64);
    if left > 0 {
        let third = match told.third_party {
            0 => "",
            _ => ", and --third-party those of third parties",
        };
        let line = format!(
            "{} not among them: --functions N takes more{third}",
            number_of(left, "function")
        );
        out.push('\n');
        out.push_str(&wrap(&line, view.width, "  ", "  "));
    }
}

/// A line of code with its sign, safe to look at.
fn shown_line(line: &CodeLine) -> String {
    let sign = line.change.map_or(' ', sign);
    format!("{sign} {}", escape(&line.text.replace('\t', "  ")))
}

fn cut(text: &str, view: &View) -> String {
    let room = view.width.saturating_sub(4).max(20);
    if view.verbose || text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{kept}\u{2026}")
}

/// The same for a document.
#[must_use]
pub fn markdown(diff: &Diff) -> String {
    let mut out = format!(
        "# {} and {}\n\n",
        escape_markdown(&diff.before.source),
        escape_markdown(&diff.after.source)
    );
    for (word, side) in [("From", &diff.before), ("To", &diff.after)] {
        let _ = writeln!(
            out,
            "- {word} {}, SHA-256 {}",
            escape_markdown(&side_line(side)),
            side.subject.sha256
        );
    }
    let told = counts(diff.findings.iter().map(|one| one.change));
    let _ = writeln!(out, "\n## Findings\n\n{told}.\n");
    if !diff.findings.is_empty() {
        out.push_str("| | severity | behaviour | what | difference |\n|---|---|---|---|---|\n");
    }
    for change in &diff.findings {
        let mut told: Vec<String> = change
            .details
            .iter()
            .map(|one| escape_markdown(one))
            .collect();
        for (word, list) in [("added", &change.added), ("removed", &change.removed)] {
            if !list.is_empty() {
                told.push(format!("{word}: {}", escape_markdown(&list.join(", "))));
            }
        }
        if let Some(disclosure) = &change.disclosure {
            told.push(escape_markdown(&disclosed(disclosure)));
        }
        let _ = writeln!(
            out,
            "| {} | {} | `{}` | {} | {} |",
            word(change.change),
            words::severity(change.finding.severity),
            change.finding.id,
            escape_markdown(&change.finding.title),
            told.join("; ")
        );
    }
    if !diff.names.is_empty() {
        out.push_str("\n## Names\n\n");
        for change in &diff.names {
            for (sign, list) in sides(change) {
                let names = escape_markdown(&list.join(", "));
                let _ = writeln!(
                    out,
                    "- {} {}: {names}",
                    if sign == '+' { "new" } else { "gone" },
                    kind(change.kind)
                );
            }
        }
    }
    out.push_str("\n## Release notes\n\n");
    for line in notes_summary(diff) {
        let _ = writeln!(out, "- {}", escape_markdown(&line));
    }
    let _ = writeln!(
        out,
        "\n## Functions\n\n{}.",
        escape_markdown(&function_counts(diff))
    );
    for change in &diff.functions.shown {
        let _ = writeln!(
            out,
            "\n### {}: {}\n",
            word(change.change),
            escape_markdown(&title(change))
        );
        let lines: Vec<String> = change.lines.iter().map(shown_line).collect();
        out.push_str(&block(&lines));
    }
    if !diff.notes.is_empty() {
        out.push_str("\n## Not compared\n\n");
        for note in &diff.notes {
            let _ = writeln!(out, "- {}", escape_markdown(note));
        }
    }
    out
}

/// Lines in a block whose fence none of them can close.
fn block(lines: &[String]) -> String {
    let fence = lines
        .iter()
        .map(|line| code(line).chars().take_while(|c| *c == '`').count())
        .max()
        .unwrap_or(1)
        .max(3);
    let fence = "`".repeat(fence);
    format!("{fence}diff\n{}\n{fence}\n", lines.join("\n"))
}

/// The findings that differ as a SARIF 2.1.0 log, each with its baseline
/// state.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn to_sarif(diff: &Diff, rules: &[Rule<'_>]) -> Result<String, serde_json::Error> {
    let findings: Vec<&Finding> = diff.findings.iter().map(|change| &change.finding).collect();
    let mut remarks = notes_summary(diff);
    remarks.extend(diff.notes.iter().cloned());
    let baseline = |at: usize| -> Value {
        let change = diff.findings.get(at).map(|change| change.change);
        json!(match change {
            Some(Change::New) => "new",
            Some(Change::Gone) => "absent",
            Some(Change::Changed) | None => "updated",
        })
    };
    sarif::log(
        &diff.assay,
        &diff.after.subject,
        &findings,
        rules,
        &remarks,
        |at, result| {
            if let Some(object) = result.as_object_mut() {
                object.insert("baselineState".to_owned(), baseline(at));
                let change = diff.findings.get(at);
                let told = change.and_then(|change| change.disclosure.as_ref());
                let properties = object.entry("properties").or_insert_with(|| json!({}));
                if let (Some(told), Some(properties)) = (told, properties.as_object_mut()) {
                    properties.insert("disclosure".to_owned(), json!(told));
                }
            }
        },
    )
}
