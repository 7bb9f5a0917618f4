use std::collections::BTreeMap;
use std::fmt::Write as _;

use assay_model::{ControlOutcome, Effect, Grade, Host, Left, Observation, Run};

use crate::escape::terminal as escape;
use crate::style::wrap;
use crate::terminal::View;
use crate::words::{bytes, number_of};

/// How many of a kind are shown on one screen.
const SHOWN: usize = 12;

/// How many lines of what it printed are.
const LINES: usize = 3;

/// What a tool did when it was run, for a terminal.
#[must_use]
pub fn render(observation: &Observation, view: &View) -> String {
    let mut out = String::new();
    let name = match &observation.subject {
        Some(subject) => format!(
            "{} {}",
            subject.purl.full_name(),
            subject.purl.version.as_deref().unwrap_or_default()
        ),
        None => observation.source.clone(),
    };
    let name = escape(name.trim());
    out.push_str(&wrap(&view.style.strong(&name), view.width, "", "  "));
    if let Some(subject) = &observation.subject {
        let line = format!("{} sha256 {}", subject.purl, subject.sha256);
        out.push_str(&wrap(&escape(&line), view.width, "  ", "    "));
    }
    if let Some(recipe) = &observation.recipe {
        let _ = writeln!(out, "  started by the recipe {}", escape(recipe));
    }
    let experiment = observation.experiment.is_some();
    if experiment {
        out.push('\n');
        effects(&mut out, observation, view);
    }
    // Of an experiment the first run is shown, and with --verbose all.
    let first = observation.of_tool().next().map(|run| run.number);
    for run in &observation.runs {
        if experiment && run.installation().is_none() && Some(run.number) != first && !view.verbose
        {
            continue;
        }
        out.push('\n');
        one(&mut out, run, view);
    }
    if !observation.notes.is_empty() {
        out.push('\n');
        let notes = observation.notes.iter().map(|note| escape(note));
        listed(&mut out, "Notes", notes.collect(), view);
    }
    out
}

/// What an experiment found, what is concealed first.
fn effects(out: &mut String, observation: &Observation, view: &View) {
    let Some(made) = &observation.experiment else {
        return;
    };
    let count = |grade: Grade| {
        let of = observation
            .effects
            .iter()
            .filter(|effect| effect.grade == grade);
        of.count()
    };
    let numbers = format!(
        "{}; {} concealed, {} visible, {} expected",
        number_of(observation.of_tool().count() as u64, "run"),
        count(Grade::Concealed),
        count(Grade::Visible),
        count(Grade::Expected)
    );
    let _ = writeln!(
        out,
        "{}  {}",
        view.style.strong("Experiment"),
        view.style.faint(&numbers)
    );
    if observation.effects.is_empty() {
        let interrupted = made
            .limits
            .iter()
            .any(|limit| limit.contains("interrupted"));
        out.push_str(if made.open > 0 || interrupted {
            "  nothing was confirmed\n"
        } else {
            "  no factor was seen to change what it did\n"
        });
    }
    for grade in [Grade::Concealed, Grade::Visible, Grade::Expected] {
        let of: Vec<&Effect> = observation
            .effects
            .iter()
            .filter(|effect| effect.grade == grade)
            .collect();
        let (forced, of): (Vec<&Effect>, Vec<&Effect>) =
            of.into_iter().partition(|effect| effect.is_forced());
        for known in forced {
            effect(out, known, view);
        }
        if grade == Grade::Concealed || view.verbose {
            for known in of {
                effect(out, known, view);
            }
        } else {
            together(out, &of, view);
        }
    }
    let factors = made.factors.iter().map(|factor| {
        let levels: Vec<String> = factor
            .levels
            .iter()
            .map(|(value, from)| format!("{value} ({from})"))
            .collect();
        escape(&format!("{}: {}", factor.name, levels.join(", ")))
    });
    if view.verbose {
        listed(out, "  Varied", factors.collect(), view);
    }
    let mut line = format!(
        "  {} varied",
        number_of(made.factors.len() as u64, "factor")
    );
    if !made.grouped.is_empty() {
        let _ = write!(line, ", and {} more in groups", made.grouped.len());
    }
    if made.combinations > 0 {
        let _ = write!(
            line,
            "; {} of {} combinations of {} levels stood in some run",
            made.covered, made.combinations, made.strength
        );
    }
    if made.open > 0 {
        let warning = format!(
            "NOT FINISHED: {} that a person may not see {} neither confirmed nor ruled out: --runs allows more",
            number_of(made.open as u64, "difference"),
            if made.open == 1 { "was" } else { "were" }
        );
        out.push_str(&wrap(&warning, view.width, "  ", "    "));
    }
    if made.unsettled > 0 {
        let _ = write!(
            line,
            "; {} did not come often enough to be told from chance",
            number_of(made.unsettled as u64, "difference")
        );
    }
    out.push_str(&wrap(line.trim_start(), view.width, "  ", "    "));
    let apart = made.apart.iter().map(|apart| {
        let levels: Vec<String> = apart
            .factors
            .iter()
            .map(|(a, b)| format!("{a} = {b}"))
            .collect();
        escape(&format!("{}: {}", levels.join(" and "), apart.what))
    });
    listed(out, "  Took it another way", apart.collect(), view);
    let not_varied = made.not_varied.iter().map(|what| escape(what));
    listed(out, "  Not varied", not_varied.collect(), view);
    let varying = made.varying.iter().map(|field| escape(field));
    listed(
        out,
        "  Differ by themselves, and were compared in the rest only",
        varying.collect(),
        view,
    );
    let limits = made.limits.iter().map(|limit| escape(limit));
    listed(out, "  Limits", limits.collect(), view);
}

fn word(grade: Grade) -> &'static str {
    match grade {
        Grade::Concealed => "CONCEALED",
        Grade::Visible => "visible",
        Grade::Expected => "expected",
    }
}

/// How many places are named of those that the same factors change.
const PLACES: usize = 3;

/// Effects that anybody sees: a line for the same factors.
fn together(out: &mut String, effects: &[&Effect], view: &View) {
    let mut by_factors: BTreeMap<String, Vec<&Effect>> = BTreeMap::new();
    for effect in effects {
        by_factors.entry(factors(effect)).or_default().push(effect);
    }
    for (factors, effects) in by_factors {
        let Some(first) = effects.first() else {
            continue;
        };
        let places: Vec<String> = effects
            .iter()
            .take(PLACES)
            .map(|effect| {
                format!(
                    "{:?} becomes {:?} in {}",
                    short(&effect.before),
                    short(&effect.after),
                    effect.field
                )
            })
            .collect();
        let more = match effects.len().saturating_sub(PLACES) {
            0 => String::new(),
            more => format!(
                "; {}: --verbose shows all",
                number_of(more as u64, "more place")
            ),
        };
        let line = format!(
            "{}  {factors}: {}{more}",
            word(first.grade),
            places.join("; ")
        );
        out.push_str(&wrap(&escape(&line), view.width, "  ", "    "));
    }
}

/// The beginning of a text.
fn short(text: &str) -> String {
    const LONG: usize = 40;
    let mut out: String = text.chars().take(LONG).collect();
    if text.chars().count() > LONG {
        out.push_str("...");
    }
    out
}

/// The factors of an effect, with how many other values do the same.
fn factors(effect: &Effect) -> String {
    let factors: Vec<String> = effect
        .factors
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let others = match effect.others.len() {
        0 => String::new(),
        1 => " (and another value)".to_owned(),
        others => format!(" (and {others} other values)"),
    };
    factors.join(" and ") + &others
}

/// What a factor changes, in a line that any form may hold.
pub(crate) fn line(effect: &Effect) -> String {
    let codes = match effect.code_points.as_slice() {
        [] => String::new(),
        codes => format!(" ({})", codes.join(", ")),
    };
    let also = match effect.also.len() {
        0 => String::new(),
        also => format!(", and in {also} more"),
    };
    format!(
        "{}: {:?} becomes {:?}{codes}, other in {}; in {} of {} runs, {} of {} without, p {:.1e}{also}",
        factors(effect),
        effect.before,
        effect.after,
        effect.difference,
        effect.seen,
        effect.runs,
        effect.plain_seen,
        effect.plain_runs,
        effect.p
    )
}

/// An effect with the lines that it changes.
pub(crate) fn effect(out: &mut String, effect: &Effect, view: &View) {
    let forced = if effect.is_forced() { "FORCED, " } else { "" };
    let line = format!("{forced}{}  {}", word(effect.grade), line(effect));
    out.push_str(&wrap(&escape(&line), view.width, "  ", "    "));
    if effect.grade == Grade::Concealed || effect.is_forced() || view.verbose {
        let controls: Vec<String> = effect
            .controls
            .iter()
            .map(|control| {
                let outcome = match control.outcome {
                    ControlOutcome::Unchanged => "changes nothing",
                    ControlOutcome::Same => "changes the same",
                    ControlOutcome::Other => "changes it otherwise",
                    ControlOutcome::NotRun => "gave no run that counts",
                };
                format!("{} = {} {outcome}", control.factor, control.value)
            })
            .collect();
        let controls = controls.join("; ");
        for (word, line) in [
            ("in", &effect.field),
            ("before", &effect.line_before),
            ("after", &effect.line_after),
            ("control", &controls),
            ("finding", effect.finding.as_ref().unwrap_or(&String::new())),
            ("id", &effect.id),
        ] {
            if line.is_empty() {
                continue;
            }
            let line = format!("{word:<9}{}", escape(line));
            out.push_str(&wrap(&line, view.width, "    ", "             "));
        }
    }
}

fn one(out: &mut String, run: &Run, view: &View) {
    let title = match run.installation() {
        Some(step) => format!("Installation: {}", escape(step)),
        None => format!("Run {}", run.number),
    };
    let seconds = format!(
        "{}.{} s",
        run.milliseconds / 1000,
        run.milliseconds % 1000 / 100
    );
    let _ = writeln!(
        out,
        "{}  {}",
        view.style.strong(&title),
        view.style
            .faint(&format!("{}, {seconds}", escape(&run.ended)))
    );
    let command = run.command.join(" ");
    out.push_str(&wrap(&escape(&command), view.width, "  ", "    "));
    for left in &run.canaries {
        out.push_str(&wrap(&canary(left), view.width, "  ", "    "));
    }
    if run.hosts.is_empty() {
        out.push_str("  contacted nobody\n");
    } else {
        let hosts = run.hosts.iter().map(|known| host(known, view.verbose));
        listed(out, "  Hosts", hosts.collect(), view);
    }
    let names = run.names.iter().map(|name| escape(name));
    listed(
        out,
        "  Names asked for, and not contacted",
        names.collect(),
        view,
    );
    let processes = run.processes.iter().skip(1).map(|process| {
        let line = process.arguments.join(" ");
        let times = match process.times {
            1 => String::new(),
            times => format!(" ({times} times)"),
        };
        format!("{}{times}: {}", escape(&process.program), escape(&line))
    });
    listed(out, "  Programs that it ran", processes.collect(), view);
    let of = |written: bool| -> Vec<String> {
        run.files
            .iter()
            .filter(|file| file.written == written)
            .map(|file| match &file.canary {
                Some(canary) => format!("{} ({})", escape(&file.path), escape(canary)),
                None => escape(&file.path),
            })
            .collect()
    };
    listed(out, "  Files that it opened for writing", of(true), view);
    listed(out, "  Files that it opened for reading", of(false), view);
    let lines = run.printed.lines().filter(|line| !line.trim().is_empty());
    let printed: Vec<String> = lines.map(escape).collect();
    let most = if view.verbose { usize::MAX } else { LINES };
    let from = printed.len().saturating_sub(most);
    listed(
        out,
        "  The end of what it printed",
        printed.into_iter().skip(from).collect(),
        view,
    );
    let left = run.left_running.iter().map(|program| escape(program));
    listed(out, "  Left running, and ended", left.collect(), view);
    let limits = run.limits.iter().map(|limit| escape(limit));
    listed(out, "  Limits", limits.collect(), view);
    if view.verbose {
        let holds = run.holds.iter().map(|hold| escape(hold));
        listed(out, "  What held it", holds.collect(), view);
    }
    if !run.recording.is_empty() {
        out.push_str(&wrap(
            &format!("recording in {}", escape(&run.recording)),
            view.width,
            "  ",
            "    ",
        ));
    }
}

fn canary(left: &Left) -> String {
    let written = match left.written.as_str() {
        "plain" => String::new(),
        other => format!(", written in {other}"),
    };
    let how = match (left.asked, left.to_model) {
        (true, true) => "as the task asks",
        (false, true) => "to the model, though the task does not ask for it",
        (_, false) => "to another host than the model's",
    };
    escape(&format!(
        "CANARY left: {} in {} to {}{written}: {how}",
        left.canary, left.request, left.host
    ))
}

fn host(host: &Host, verbose: bool) -> String {
    let mut what = Vec::new();
    if let Some(provider) = &host.provider {
        what.push(format!("asked as a model ({provider})"));
    }
    if host.requests > 0 {
        what.push(number_of(host.requests as u64, "request"));
    }
    if host.messages > 0 {
        what.push(number_of(host.messages as u64, "message"));
    }
    what.push(format!("{} sent", bytes(host.sent)));
    what.extend(host.troubles.iter().cloned());
    let most = if verbose { usize::MAX } else { 3 };
    let mut paths: Vec<String> = host.paths.iter().take(most).cloned().collect();
    if host.paths.len() > paths.len() {
        paths.push(format!(
            "{} more",
            host.paths.len().saturating_sub(paths.len())
        ));
    }
    let paths = if paths.is_empty() {
        String::new()
    } else {
        format!(": {}", paths.join(", "))
    };
    escape(&format!("{}  {}{paths}", host.host, what.join(", ")))
}

fn listed(out: &mut String, title: &str, lines: Vec<String>, view: &View) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}");
    let inner = " ".repeat(
        title
            .len()
            .saturating_sub(title.trim_start().len())
            .saturating_add(2),
    );
    let further = format!("{inner}  ");
    let all = lines.len();
    let most = if view.verbose || all <= SHOWN.saturating_add(1) {
        all
    } else {
        SHOWN
    };
    for line in lines.into_iter().take(most) {
        // One long argument would fill the screen.
        let cut: String = if view.verbose || line.chars().count() <= 240 {
            line
        } else {
            line.chars().take(239).chain(['…']).collect()
        };
        out.push_str(&wrap(&cut, view.width, &inner, &further));
    }
    if most < all {
        let _ = writeln!(
            out,
            "{inner}{} more: --verbose shows all",
            all.saturating_sub(most)
        );
    }
}
