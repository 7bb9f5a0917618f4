use std::sync::atomic::AtomicBool;

use assay_artifact::{Environment, Progress, Source};
use assay_model::{Effect, Purl, Run, Sha256};
use assay_observe::{Levels, is_label, kind, shows};

use super::install::Work;
use super::tool::Tool;
use super::{ObserveError, ObserveOptions, Target, begun, digest};

/// How often the plain host is run, and one with the factors whose effect
/// shows every time.
const TIMES: usize = 3;
/// How often one is run whose effect shows in a share of runs, at most.
const MOST: usize = 24;

/// What came of an effect that was brought about again.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Whether it is the same: seen as often as it was, and never without.
    pub same: bool,
    /// In how many runs with the factors it was seen, and of how many.
    pub seen: (usize, usize),
    /// In how many runs of the plain host, and of how many.
    pub plain_seen: (usize, usize),
    /// The runs.
    pub runs: Vec<Run>,
}

/// Whether a value is one that the factor gives back as it is.
fn is_value(name: &str, value: &str) -> bool {
    kind(name).is_some_and(|(kind, _)| (kind.value)(value).as_deref() == Some(value))
}

fn is_variable(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(fits)
}

/// Whether all factors of an effect are ones that a user could have set: a
/// file may say anything.
pub(super) fn checked(effect: &Effect) -> Result<(), ObserveError> {
    for (name, value) in &effect.factors {
        let variable = name.strip_prefix("env:").is_none_or(is_variable);
        if !variable || !is_value(name, value) {
            return Err(ObserveError::NotSet(name.clone()));
        }
    }
    Ok(())
}

/// The tool of an observation, ready to be run as it was.
pub(super) fn again<'w>(
    subject: Option<&(Purl, Sha256)>,
    work: Work<'w>,
) -> Result<Tool<'w>, ObserveError> {
    let settings = &work.options.settings;
    let zone = settings.zone.split('/').all(is_label);
    let clock = settings.clock.is_empty() || is_value("clock", &settings.clock);
    let variables = settings.environment.keys().all(|name| is_variable(name));
    if !(is_label(&settings.host_name) && is_label(&settings.user) && zone && clock && variables) {
        return Err(ObserveError::NotSet("its settings".to_owned()));
    }
    for (path, expected) in &settings.digests {
        if digest(path) != Some(*expected) {
            return Err(ObserveError::AnotherArtifact {
                name: path.display().to_string(),
                expected: *expected,
            });
        }
    }
    let Some((purl, sha256)) = subject else {
        let target = Target::Command(&settings.arguments);
        let mut observation = begun(target, work.options);
        return Tool::ready(target, work, &mut observation);
    };
    let version = purl.version.as_deref().unwrap_or_default();
    let between = if purl.kind == "pypi" { "==" } else { "@" };
    let name = format!("{}:{}{between}{version}", purl.kind, purl.full_name());
    let source: Source = name
        .parse()
        .map_err(|_| ObserveError::NotInstalled(name.clone()))?;
    let target = Target::Source(&source);
    let mut observation = begun(target, work.options);
    let tool = Tool::ready(target, work, &mut observation)?;
    match &observation.subject {
        Some(now) if now.sha256 == *sha256 => Ok(tool),
        _ => Err(ObserveError::AnotherArtifact {
            name,
            expected: *sha256,
        }),
    }
}

/// Brings an effect about again: the same artifact, the same settings, fresh
/// runs with its factors and without. `options.settings` are those of the
/// observation; `subject` is what it ran, if that came from a registry.
///
/// # Errors
/// When the artifact is not to be had or is another one, or cannot be run.
pub fn replay(
    effect: &Effect,
    subject: Option<&(Purl, Sha256)>,
    options: &ObserveOptions,
    environment: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<Replayed, ObserveError> {
    let work = Work {
        options,
        environment,
        progress,
        cancelled,
    };
    checked(effect)?;
    let tool = again(subject, work)?;
    let times = if effect.rate >= 1.0 { TIMES } else { MOST };
    let mut runs = Vec::new();
    let mut views = [Vec::new(), Vec::new()];
    for (levels, views) in [&Levels::new(), &effect.factors]
        .into_iter()
        .zip(&mut views)
    {
        for _ in 0..times {
            let (run, view) = tool.run(runs.len().saturating_add(1), levels)?;
            runs.push(run);
            views.push(view);
        }
    }
    let [plain, changed] = views;
    let seen = changed.iter().filter(|view| shows(&plain, view, effect));
    let seen = seen.count();
    // Each plain run beside the others.
    let plain_seen = (0..plain.len()).filter(|at| {
        let mut others = plain.clone();
        let one = others.remove(*at);
        shows(&others, &one, effect)
    });
    let plain_seen = plain_seen.count();
    let often = if effect.rate >= 1.0 { times } else { 1 };
    Ok(Replayed {
        same: plain_seen == 0 && seen >= often,
        seen: (seen, times),
        plain_seen: (plain_seen, times),
        runs,
    })
}
