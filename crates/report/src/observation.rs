use std::fmt::Write as _;

use assay_model::{Grade, Host, Left, Observation, Run};

use crate::escape::terminal as escape;
use crate::style::wrap;
use crate::terminal::{View, bytes, number_of};

/// How many of a kind are shown on one screen.
const SHOWN: usize = 12;

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
    let experiment = observation
        .runs
        .iter()
        .any(|run| run.factors.keys().any(|name| name != "step"));
    if experiment {
        out.push('\n');
        effects(&mut out, observation, view);
    }
    // Of an experiment the first run is shown, and with --verbose all.
    let is_tool = |run: &&Run| !run.factors.contains_key("step");
    let first = observation.runs.iter().find(is_tool).map(|run| run.number);
    for run in &observation.runs {
        if experiment && is_tool(&run) && Some(run.number) != first && !view.verbose {
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
    let runs = observation
        .runs
        .iter()
        .filter(|run| !run.factors.contains_key("step"));
    let _ = writeln!(
        out,
        "{}  {}",
        view.style.strong("Experiment"),
        view.style.faint(&number_of(runs.count() as u64, "run"))
    );
    if observation.effects.is_empty() {
        out.push_str("  no factor changed what was sent to a model\n");
    }
    for effect in &observation.effects {
        let grade = match effect.grade {
            Grade::Concealed => "CONCEALED",
            Grade::Visible => "visible",
            Grade::Expected => "expected",
        };
        let factors: Vec<String> = effect
            .factors
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        let codes = match effect.code_points.as_slice() {
            [] => String::new(),
            codes => format!(" ({})", codes.join(", ")),
        };
        let also = match effect.also {
            0 => String::new(),
            also => format!(", and {also} more like it"),
        };
        let line = format!(
            "{grade}  {}: {:?} becomes {:?}{codes}, which differ in {}; in {} of {} runs{also}",
            factors.join(" and "),
            effect.before,
            effect.after,
            effect.difference,
            effect.seen,
            effect.runs
        );
        out.push_str(&wrap(&escape(&line), view.width, "  ", "    "));
        if effect.grade != Grade::Expected || view.verbose {
            for (word, line) in [
                ("in", &effect.field),
                ("before", &effect.line_before),
                ("after", &effect.line_after),
            ] {
                let line = format!("{word:<8}{}", escape(line));
                out.push_str(&wrap(&line, view.width, "    ", "            "));
            }
        }
    }
}

fn one(out: &mut String, run: &Run, view: &View) {
    let title = match run.factors.get("step") {
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
        view.style.faint(&format!("{}, {seconds}", run.ended))
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
