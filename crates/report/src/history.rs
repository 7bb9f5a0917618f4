use std::fmt::Write as _;

use assay_model::{Effect, Grade, History, Presence, ReleaseRecord, ReleaseState, Search};

use crate::Rule;
use crate::escape::{markdown as escape_markdown, terminal as escape};
use crate::observation::line as effect_line;
use crate::style::wrap;
use crate::terminal::View;
use crate::words::number_of;

/// When behaviours were there, for a terminal.
#[must_use]
pub fn render(history: &History, rules: &[Rule<'_>], view: &View) -> String {
    let mut out = String::new();
    let range = match (history.releases.first(), history.releases.last()) {
        (Some(first), Some(last)) => format!(
            "{} from {} to {}, {}",
            number_of(history.releases.len() as u64, "release"),
            dated(first),
            dated(last),
            history.platform
        ),
        _ => String::new(),
    };
    let name = view.style.strong(&escape(&history.source));
    out.push_str(&wrap(&name, view.width, "", "  "));
    out.push_str(&wrap(&escape(&range), view.width, "  ", "    "));
    out.push_str(&wrap(&how(history), view.width, "  ", "    "));
    for presence in &history.behaviours {
        out.push('\n');
        one(&mut out, history, presence, rules, view);
    }
    let run: Vec<&ReleaseRecord> = run(history).collect();
    if !run.is_empty() {
        let _ = writeln!(out, "\n{}", view.style.strong("Seen in runs"));
        for release in run {
            for (at, line) in seen(release).into_iter().enumerate() {
                let indent = if at == 0 { "  " } else { "    " };
                out.push_str(&wrap(&escape(&line), view.width, indent, "      "));
            }
        }
    }
    let gaps: Vec<&ReleaseRecord> = of_state(history, ReleaseState::Gap).collect();
    if !gaps.is_empty() {
        let _ = writeln!(out, "\n{}", view.style.strong("Could not be read"));
        for gap in gaps {
            let line = format!("{}: {}", gap.version, gap.detail);
            out.push_str(&wrap(&escape(&line), view.width, "  ", "    "));
        }
    }
    let partly: Vec<&ReleaseRecord> = of_state(history, ReleaseState::Read)
        .filter(|release| !release.detail.is_empty())
        .collect();
    if !partly.is_empty() {
        let _ = writeln!(out, "\n{}", view.style.strong("Not read as a whole"));
        for release in partly {
            let line = format!("{}: {}", release.version, release.detail);
            out.push_str(&wrap(&escape(&line), view.width, "  ", "    "));
        }
    }
    if !history.notes.is_empty() {
        out.push('\n');
        for note in &history.notes {
            out.push_str(&wrap(&escape(note), view.width, "  ", "    "));
        }
    }
    out
}

/// The releases that were run.
fn run(history: &History) -> impl Iterator<Item = &ReleaseRecord> {
    let releases = history.releases.iter();
    releases.filter(|release| release.sent.is_some())
}

/// What runs of a release showed, in lines.
fn seen(release: &ReleaseRecord) -> Vec<String> {
    let Some(sent) = &release.sent else {
        return Vec::new();
    };
    let of = |grade: Grade| sent.effects.iter().filter(move |one| one.grade == grade);
    let concealed: Vec<&Effect> = of(Grade::Concealed).collect();
    let mut first = format!(
        "{}: {} in {}",
        dated(release),
        match concealed.len() {
            0 => "no concealed effect".to_owned(),
            count => number_of(count as u64, "concealed effect"),
        },
        number_of(sent.runs, "run"),
    );
    for (word, grade) in [("visible", Grade::Visible), ("expected", Grade::Expected)] {
        let count = of(grade).count();
        if count > 0 {
            let _ = write!(first, ", {count} {word}");
        }
    }
    if sent.open > 0 {
        let _ = write!(first, ", {} left open", sent.open);
    }
    if !sent.problem.is_empty() {
        let _ = write!(first, "; {}", sent.problem);
    }
    let mut out = vec![first];
    out.extend(concealed.into_iter().map(effect_line));
    out
}

fn of_state(history: &History, state: ReleaseState) -> impl Iterator<Item = &ReleaseRecord> {
    let releases = history.releases.iter();
    releases.filter(move |release| release.state == state)
}

/// What was read, and what is assumed of the rest.
fn how(history: &History) -> String {
    let count = |state| of_state(history, state).count() as u64;
    let mut line = format!(
        "{} read ({})",
        number_of(count(ReleaseState::Read), "release"),
        number_of(history.artifacts_read, "artifact"),
    );
    let gaps = count(ReleaseState::Gap);
    if gaps > 0 {
        let _ = write!(line, ", {} could not be", number_of(gaps, "release"));
    }
    let between = count(ReleaseState::Between);
    if history.search == Search::Bisect && between > 0 {
        let _ = write!(
            line,
            "; {between} lie between two that are alike, and are assumed to be so too: --all reads every one"
        );
    }
    line
}

/// A version, with the day of its release.
fn dated(release: &ReleaseRecord) -> String {
    match day(release) {
        Some(day) => format!("{} ({day})", release.version),
        None => release.version.clone(),
    }
}

fn day(release: &ReleaseRecord) -> Option<&str> {
    let date = release.published.as_deref()?;
    Some(date.split('T').next().unwrap_or(date))
}

fn of_version(history: &History, version: &str) -> String {
    let release = history.releases.iter().find(|one| one.version == version);
    release.map_or_else(|| version.to_owned(), dated)
}

/// When something was there, in a sentence.
fn when(history: &History, presence: &Presence) -> String {
    let (Some(first), Some(last)) = (&presence.first, &presence.last) else {
        return "in no release that was read".to_owned();
    };
    let first_is_last = if first == last {
        format!("in {}", of_version(history, first))
    } else {
        format!(
            "from {} to {}",
            of_version(history, first),
            of_version(history, last)
        )
    };
    let before = match &presence.not_in_before {
        Some(version) => format!("not in {version} before"),
        None => "it may be older than the range".to_owned(),
    };
    let after = match &presence.not_in_after {
        Some(version) => format!("not in {version} after"),
        None => "it is there to the end of the range".to_owned(),
    };
    let mut line = format!("{first_is_last}; {before}, {after}");
    let between: Vec<&str> = presence
        .absent
        .iter()
        .filter(|version| {
            let at = |wanted: &str| {
                let releases = &history.releases;
                releases.iter().position(|one| one.version == wanted)
            };
            at(first) < at(version) && at(version) < at(last)
        })
        .map(String::as_str)
        .collect();
    if !between.is_empty() {
        let _ = write!(line, "; meanwhile not in {}", between.join(", "));
    }
    if !presence.gaps.is_empty() {
        let _ = write!(line, "; not known of {}", presence.gaps.join(", "));
    }
    line
}

fn one(out: &mut String, history: &History, presence: &Presence, rules: &[Rule<'_>], view: &View) {
    let name = presence.finding.as_ref().unwrap_or(&presence.behaviour);
    let title = rules.iter().find(|rule| rule.id == presence.behaviour);
    let title = title.map_or("", |rule| rule.title);
    let line = format!(
        "{}  {}",
        view.style.strong(&escape(name)),
        view.style.faint(title)
    );
    let _ = writeln!(out, "{}", line.trim_end());
    out.push_str(&wrap(
        &escape(&when(history, presence)),
        view.width,
        "  ",
        "    ",
    ));
    for line in time_line(history, presence, view.width.saturating_sub(4)) {
        let _ = writeln!(out, "  {line}");
    }
    if view.verbose {
        for (what, versions) in [("present", &presence.present), ("absent", &presence.absent)] {
            if !versions.is_empty() {
                let line = format!("{what} in {}", versions.join(", "));
                out.push_str(&wrap(&escape(&line), view.width, "  ", "    "));
            }
        }
    }
}

/// A sign for each release, in lines: what was read, and what is assumed.
fn time_line(history: &History, presence: &Presence, width: usize) -> Vec<String> {
    let mut signs = String::new();
    let mut last = None;
    for (at, release) in history.releases.iter().enumerate() {
        let sign = match release.state {
            ReleaseState::Gap => '?',
            ReleaseState::Read => {
                let is = presence.present.contains(&release.version);
                last = Some(is);
                if is { '#' } else { '.' }
            }
            ReleaseState::Between => {
                let after = history.releases.iter().skip(at);
                let next = after
                    .filter(|one| one.state == ReleaseState::Read)
                    .map(|one| presence.present.contains(&one.version))
                    .next();
                match (last, next) {
                    (Some(true), Some(true)) => '+',
                    (Some(false), Some(false)) => ' ',
                    _ => '?',
                }
            }
        };
        signs.push(sign);
    }
    let width = width.max(20);
    let signs: Vec<char> = signs.chars().collect();
    let mut lines: Vec<String> = signs
        .chunks(width)
        .map(|line| format!("|{}|", line.iter().collect::<String>()))
        .collect();
    lines.push(
        "# there  + assumed there  . not there  (blank) assumed not there  ? not known".to_owned(),
    );
    lines
}

/// The same for a document.
#[must_use]
pub fn markdown(history: &History, rules: &[Rule<'_>]) -> String {
    let mut out = format!("# History of {}\n\n", escape_markdown(&history.source));
    let _ = writeln!(out, "{}.\n", escape_markdown(&how(history)));
    out.push_str("| behaviour | first | last | not in | not known |\n|---|---|---|---|---|\n");
    for presence in &history.behaviours {
        let name = presence.finding.as_ref().unwrap_or(&presence.behaviour);
        let title = rules.iter().find(|rule| rule.id == presence.behaviour);
        let title = title.map_or("", |rule| rule.title);
        let version = |version: &Option<String>| match version {
            Some(version) => of_version(history, version),
            None => "-".to_owned(),
        };
        let border = [&presence.not_in_before, &presence.not_in_after];
        let border: Vec<&str> = border.into_iter().flatten().map(String::as_str).collect();
        let _ = writeln!(
            out,
            "| `{}` {} | {} | {} | {} | {} |",
            escape_markdown(name),
            escape_markdown(title),
            escape_markdown(&version(&presence.first)),
            escape_markdown(&version(&presence.last)),
            escape_markdown(&border.join(", ")),
            escape_markdown(&presence.gaps.join(", ")),
        );
    }
    if run(history).next().is_some() {
        out.push_str("\n## Seen in runs\n\n");
    }
    for release in run(history) {
        for (at, line) in seen(release).into_iter().enumerate() {
            let indent = if at == 0 { "" } else { "  " };
            let _ = writeln!(out, "{indent}- {}", escape_markdown(&line));
        }
    }
    let gaps: Vec<&ReleaseRecord> = of_state(history, ReleaseState::Gap).collect();
    if !gaps.is_empty() {
        out.push_str("\n## Could not be read\n\n");
        for gap in gaps {
            let _ = writeln!(
                out,
                "- {}: {}",
                escape_markdown(&gap.version),
                escape_markdown(&gap.detail)
            );
        }
    }
    if !history.notes.is_empty() {
        out.push('\n');
        for note in &history.notes {
            let _ = writeln!(out, "- {}", escape_markdown(note));
        }
    }
    out
}
