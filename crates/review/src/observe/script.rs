use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::AtomicBool;

use assay_artifact::{Environment, Progress};
use assay_model::{Effect, Purl, Sha256};
use assay_observe::{Levels, Plan, Recording, Seen};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::install::{Work, node_package};
use super::replay::{again, checked};
use super::{ObserveError, ObserveOptions};

/// The script, with names between at signs for what differs.
const TEMPLATE: &str = include_str!("../../../../data/reproduce.sh");
/// Factors that such a script can set.
const SET: &[&str] = &[
    "base-url",
    "ci",
    "host-name",
    "locale",
    "terminal",
    "tz",
    "user",
];

/// A shell script that shows an effect without Assay. The tool is run once
/// on either host, so that the script has the names that it asks for and
/// what a model answers.
///
/// # Errors
/// As [`replay`](super::replay), and where no script can do it.
pub fn script(
    effect: &Effect,
    subject: Option<&(Purl, Sha256)>,
    options: &ObserveOptions,
    environment: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<String, ObserveError> {
    let no = |why: &str| ObserveError::NoScript(why.to_owned());
    let Some((purl, sha256)) = subject.filter(|(purl, _)| purl.kind == "npm") else {
        return Err(no("only what came from npm can be fetched by one"));
    };
    for name in effect.factors.keys() {
        if !SET.contains(&name.as_str()) && !name.starts_with("env:") {
            return Err(no(&format!("it has no way to set {name}")));
        }
    }
    let work = Work {
        options,
        environment,
        progress,
        cancelled,
    };
    checked(effect)?;
    let settings = &options.settings;
    if !settings.clock.is_empty() || !settings.flags.is_empty() || !settings.mounts.is_empty() {
        return Err(no("it has no way to set the clock, flags or mounts"));
    }
    let mut tool = again(subject, work)?;
    // One question and one answer are enough.
    tool.script.turns.clear();
    let (plain, seen) = tool.record(1, &Levels::new())?;
    let (changed, also) = tool.record(2, &effect.factors)?;
    let answer = answer(&seen)?.ok_or_else(|| {
        no("the tool asked no model by a plain request, as where it speaks over a WebSocket")
    })?;
    let names: BTreeSet<String> = [&seen, &also].into_iter().flat_map(names).collect();
    let ports: BTreeSet<u16> = [&seen, &also].into_iter().flat_map(ports).collect();
    let factors: Vec<String> = effect
        .factors
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let version = purl.version.as_deref().unwrap_or_default();
    let node = tool.start.node.as_ref().map_or_else(String::new, |version| {
        let package = node_package();
        format!(
            "npm install --silent --no-audit --no-fund --ignore-scripts --prefix runtime '{package}@{}' >/dev/null\nmv runtime/node_modules/{package} node",
            plain_word(version)
        )
    });
    let values: [(&str, String); 17] = [
        ("FACTORS", one_line(&factors.join(" and "))),
        ("NAME", one_line(&format!("{} {version}", purl.full_name()))),
        (
            "WHAT",
            one_line(&format!(
                "{:?} becomes {:?} in {}",
                effect.before, effect.after, effect.field
            )),
        ),
        (
            "PACKAGE",
            plain_word(&format!("{}@{version}", purl.full_name())),
        ),
        ("SHA256", sha256.to_string()),
        ("NODE", node),
        ("STATUS", answer.status.to_string()),
        ("TYPE", plain_word(&answer.kind)),
        ("ANSWER", STANDARD.encode(&answer.body)),
        ("PATH", plain_word(&answer.path)),
        (
            "PORTS",
            format!("{ports:?}").replace('{', "[").replace('}', "]"),
        ),
        ("BEFORE", python(&effect.before)),
        ("AFTER", python(&effect.after)),
        (
            "NAMES",
            plain_word(&names.into_iter().collect::<Vec<_>>().join(" ")),
        ),
        ("SECONDS", options.settings.seconds.to_string()),
        ("PLAIN", started(&plain)),
        ("CHANGED", started(&changed)),
    ];
    let mut out = String::new();
    let mut rest = TEMPLATE;
    while let Some((before, after)) = rest.split_once('@') {
        out.push_str(before);
        let known = values.iter().find_map(|(name, value)| {
            let after = after.strip_prefix(name)?.strip_prefix('@')?;
            Some((value, after))
        });
        match known {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('@');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// What a model said in a run.
struct Answer {
    status: u16,
    kind: String,
    path: String,
    body: Vec<u8>,
}

/// The last answer of a model: that to who does the task.
fn answer(recording: &Recording) -> io::Result<Option<Answer>> {
    let mut out = None;
    for event in &recording.events {
        let Seen::Exchange {
            provider: Some(_),
            request,
            answer,
            status,
            headers,
            ..
        } = &event.seen
        else {
            continue;
        };
        let kind = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map_or("application/json", |(_, value)| value.as_str());
        out = Some(Answer {
            status: *status,
            kind: kind.to_owned(),
            path: request.path().to_owned(),
            body: recording.body(answer)?,
        });
    }
    Ok(out)
}

fn names(recording: &Recording) -> Vec<String> {
    let names = recording
        .events
        .iter()
        .filter_map(|event| match &event.seen {
            Seen::Name { name, .. } => Some(name.trim_end_matches('.').to_owned()),
            _ => None,
        });
    names
        .filter(|name| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            !name.is_empty() && name.chars().all(fits)
        })
        .collect()
}

/// The ports that were connected to, beside that of TLS.
fn ports(recording: &Recording) -> BTreeSet<u16> {
    let ports = recording
        .events
        .iter()
        .filter_map(|event| match &event.seen {
            Seen::Connection { to, .. } => to.rsplit_once(':')?.1.parse().ok(),
            _ => None,
        });
    ports
        .filter(|port| ![443, 53].contains(port))
        .chain([80])
        .collect()
}

/// The arguments of the script's function that runs the tool.
fn started(plan: &Plan) -> String {
    let mut lines = vec!["exec env -i \\".to_owned()];
    let variables: BTreeMap<&String, &String> = plan.environment.iter().collect();
    for (name, value) in variables {
        lines.push(format!("    {} \\", quoted(&format!("{name}={value}"))));
    }
    let command: Vec<String> = plan.command.iter().map(|part| quoted(part)).collect();
    lines.push(format!("    {}", command.join(" ")));
    let host = &plan.host;
    [&host.zone, &host.name, &host.user, &lines.join("\n")]
        .map(|text| quoted(text))
        .join(" ")
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text that stands in a comment.
fn one_line(text: &str) -> String {
    let all = text.chars().filter(|c| !c.is_control());
    all.take(300).collect()
}

/// A text that stands between quotes of either language.
fn plain_word(text: &str) -> String {
    let fits = |c: &char| !c.is_control() && !matches!(c, '\'' | '"' | '\\' | '$' | '`');
    text.chars().filter(fits).collect()
}

/// A text as a string of Python that holds it as JSON: all of it in ASCII.
fn python(text: &str) -> String {
    let mut out = String::from("'\"");
    for unit in text.encode_utf16() {
        out.push_str(&format!("\\\\u{unit:04x}"));
    }
    out.push_str("\"'");
    out
}

#[cfg(test)]
mod tests {
    use super::{plain_word, python, quoted};

    #[test]
    fn no_text_of_a_subject_ends_its_quotes() {
        assert_eq!(quoted("a'; rm x; '"), r"'a'\''; rm x; '\'''");
        assert_eq!(plain_word("a'\"$(x)`y`\\\n"), "a(x)y");
        assert_eq!(python("'\u{2019}"), r#"'"\\u0027\\u2019"'"#);
    }
}
