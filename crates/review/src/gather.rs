//! All that is known of a subject, and what policy says of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use assay_artifact::{Environment, Progress, Source, read_regular, registry_record};
use assay_guard::{Ask, FactsError, Policies, PolicyError, VerdictAsk, facts, verdict};
use assay_model::{
    Answers, CLAIMS_SCHEMA, Claims, Condition, DOSSIER_SCHEMA, Dossier, HISTORY_SCHEMA, History,
    OBSERVATION_SCHEMA, Observation, Parts, Purpose, Run, SUPPLY_SCHEMA, VERDICT_SCHEMA, Verdict,
};
use serde::de::DeserializeOwned;

use crate::answers::{Known, answers, switch};
use crate::configuration::{Configuration, ConfigurationError, Signers, is_there};
use crate::contracts::is_about;
use crate::demonstrate::demonstrate;
use crate::observe::{ObserveError, ObserveOptions, Target, observe};
use crate::regions::Addresses;
use crate::vendors::{Profile, profile};
use crate::vet::{VetError, VetOptions, Witness, vet};

/// How large a part of a dossier may be.
const LARGEST: u64 = 1 << 30;

/// Why there is no whole dossier.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A part cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A part is none.
    #[error("{path} is not what it should be: {why}")]
    Form {
        /// Which.
        path: PathBuf,
        /// What is wrong, and the way out.
        why: String,
    },
    /// More than one contract is about it.
    #[error(
        "the contracts {one:?} and {other:?} are both about it, and nobody says which holds: name packages in one of them"
    )]
    Contracts {
        /// One.
        one: String,
        /// Another.
        other: String,
    },
    /// It cannot be vetted.
    #[error(transparent)]
    Vet(#[from] VetError),
    /// The folder of known weaknesses cannot be used.
    #[error(transparent)]
    Osv(#[from] crate::supply::OsvError),
    /// The parts do not go together.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// Policy cannot be asked.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
}

/// The files of a dossier folder.
const PARTS: [&str; 6] = [
    "dossier.json",
    "observation.json",
    "history.json",
    "claims.json",
    "supply.json",
    "verdict.json",
];

/// What is decided beside what is measured.
pub struct GatherOptions<'g> {
    /// What the organisation has written.
    pub configuration: &'g Configuration,
    /// Its policies.
    pub policies: &'g Policies,
    /// Looks addresses up.
    pub addresses: Option<&'g Addresses>,
    /// When, as 2027-01-02 or with a time.
    pub now: String,
    /// What is asked, but for action and time.
    pub ask: Ask,
    /// The actions that must be allowed.
    pub actions: Vec<String>,
    /// The version of Assay.
    pub assay: String,
}

impl std::fmt::Debug for GatherOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatherOptions")
            .field("now", &self.now)
            .field("ask", &self.ask)
            .finish_non_exhaustive()
    }
}

/// Answers and verdict.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The four questions.
    pub answers: Answers,
    /// What policy says.
    pub verdict: Verdict,
}

/// Reads a dossier folder, or a dossier alone.
///
/// # Errors
/// When a part is there and cannot be used: none is left out for that.
pub fn read_parts(path: &Path) -> Result<Parts, GatherError> {
    let is_folder = path.is_dir();
    let at = |name: &str| match is_folder {
        true => path.join(name),
        false => path.to_owned(),
    };
    let [dossier, observation, history, claims, supply, verdict] = PARTS;
    let dossier: Dossier = part(&at(dossier), DOSSIER_SCHEMA, "assay dossier")?;
    let mut parts = Parts::of(dossier);
    if !is_folder {
        return Ok(parts);
    }
    let there = |name: &str| is_there(&path.join(name)).then(|| path.join(name));
    if let Some(path) = there(observation) {
        parts.observation = Some(part(&path, OBSERVATION_SCHEMA, "assay observe")?);
    }
    if let Some(path) = there(history) {
        parts.history = Some(part(&path, HISTORY_SCHEMA, "assay history")?);
    }
    if let Some(path) = there(claims) {
        parts.claims = vec![part(&path, CLAIMS_SCHEMA, "assay claims check")?];
    }
    if let Some(path) = there(supply) {
        parts.supply = Some(part(&path, SUPPLY_SCHEMA, "assay dossier")?);
    }
    if let Some(path) = there(verdict) {
        parts.verdict = Some(part(&path, VERDICT_SCHEMA, "assay verdict")?);
    }
    Ok(parts)
}

/// What is read of a part before it is read as a whole.
#[derive(serde::Deserialize)]
struct Head {
    #[serde(default)]
    schema: Option<String>,
}

/// Reads what a command wrote as JSON.
pub(crate) fn part<T: DeserializeOwned>(
    path: &Path,
    schema: &str,
    command: &str,
) -> Result<T, GatherError> {
    let bytes = read_regular(path, LARGEST).map_err(|source| GatherError::Read {
        path: path.to_owned(),
        source,
    })?;
    let form = |why: String| GatherError::Form {
        path: path.to_owned(),
        why: format!("{why}; make it again with `{command}`"),
    };
    let head: Head = serde_json::from_slice(&bytes).map_err(|error| form(error.to_string()))?;
    if head.schema.as_deref() != Some(schema) {
        return Err(form(format!(
            "it is of the form {:?}, and {schema:?} is read",
            head.schema.as_deref().unwrap_or("none")
        )));
    }
    serde_json::from_slice(&bytes).map_err(|error| form(error.to_string()))
}

/// Reads parts that other commands wrote into the dossier.
///
/// # Errors
/// When one of them cannot be used.
pub fn complete(
    parts: &mut Parts,
    observation: Option<&Path>,
    history: Option<&Path>,
    claims: &[PathBuf],
    configuration: &Configuration,
) -> Result<(), GatherError> {
    if let Some(path) = observation {
        let observation: Observation =
            part(path, OBSERVATION_SCHEMA, "assay observe --format json")?;
        join(parts, observation, configuration);
    }
    if let Some(path) = history {
        let history: History = part(path, HISTORY_SCHEMA, "assay history --format json")?;
        parts.history = Some(history);
    }
    for path in claims {
        let claims: Claims = part(path, CLAIMS_SCHEMA, "assay claims check --format json")?;
        parts.claims.push(claims);
    }
    Ok(())
}

/// Gathers what is known of a subject without running it: what its code can
/// do, and where it comes from. `osv` is a folder of known weaknesses,
/// `signers` whose signatures are trusted.
///
/// # Errors
/// When it cannot be vetted, or the folder cannot be used.
pub fn gather(
    source: &Source,
    options: &VetOptions,
    osv: Option<&Path>,
    signers: &Signers,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Parts, GatherError> {
    let dossier = vet(source, options, environment, witness, cancelled)?;
    let digest = dossier.subject.artifacts.first();
    let digest = digest.and_then(|main| main.integrity.digest());
    let record = match options.fetch.offline {
        true => Err("it was asked for without the network".to_owned()),
        false => registry_record(
            source,
            &dossier.subject.purl,
            digest,
            &options.fetch,
            environment,
            witness,
            cancelled,
        )
        .map_err(|error| error.to_string()),
    };
    let database = osv.map(crate::supply::Osv::read).transpose()?;
    let supply = crate::supply::supply(&dossier, record, signers, database.as_ref());
    Ok(Parts {
        supply: Some(supply),
        ..Parts::of(dossier)
    })
}

/// How many documented switches are tried.
const SWITCHES: usize = 12;
/// How often the plain host is run where there is no experiment.
const PLAIN: usize = 3;

/// Runs a tool, and once more with each documented switch: what a switch of
/// telemetry silences is then measured and not believed.
///
/// # Errors
/// As [`crate::observe`]. What came of a switch that could not be tried is a
/// note.
pub fn observe_with_opt_outs(
    target: Target<'_>,
    options: &ObserveOptions,
    configuration: &Configuration,
    environment: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<Observation, ObserveError> {
    let mut observation = observe(target, options, environment, progress, cancelled)?;
    let plain = ObserveOptions {
        experiment: None,
        ..options.clone()
    };
    let mut add = |options: &ObserveOptions, factor: Option<(String, String)>| match observe(
        target,
        options,
        environment,
        progress,
        cancelled,
    ) {
        Ok(more) => {
            // What installs it has run already, and is no run of the tool.
            let of_tool = |run: &Run| run.installation().is_none();
            for run in more.runs.into_iter().filter(of_tool) {
                observation.runs.push(Run {
                    number: observation.runs.len().saturating_add(1),
                    factors: factor.clone().into_iter().collect(),
                    ..run
                });
            }
        }
        Err(error) => observation.notes.push(match &factor {
            Some((name, value)) => format!("{name}={value} could not be tried: {error}"),
            None => format!("a further run could not be made: {error}"),
        }),
    };
    if options.experiment.is_none() {
        for _ in 1..PLAIN {
            add(&plain, None);
        }
    }
    let purl = observation
        .subject
        .as_ref()
        .map(|subject| subject.purl.clone());
    let profile = purl.and_then(|purl| profile(&configuration.vendors, &purl));
    let variables = profile.iter().flat_map(|profile| &profile.tool.variables);
    let switches = variables.filter(|one| one.opts_out_of.is_some());
    for setting in switches.take(SWITCHES) {
        if cancelled.load(Ordering::Relaxed) {
            break;
        }
        let mut with = plain.clone();
        with.settings
            .environment
            .insert(setting.name.clone(), setting.value.clone());
        add(&with, Some(switch(setting)));
    }
    Ok(observation)
}

/// Joins what runs showed to the findings.
pub fn join(parts: &mut Parts, observation: Observation, configuration: &Configuration) {
    demonstrate(&mut parts.dossier, &observation, &configuration.vendors);
    parts.observation = Some(observation);
}

/// What a device sets to use a documented opt-out; the condition itself where
/// no variable of the environment does it.
fn as_settings(condition: &Condition, profile: &Profile<'_>) -> Vec<Condition> {
    let of = match condition {
        Condition::OptOut { of } => match of.as_str() {
            "telemetry" => Purpose::Telemetry,
            "errors" => Purpose::Errors,
            _ => Purpose::Update,
        },
        other => return vec![other.clone()],
    };
    let variables = profile.tool.variables.iter();
    let settings: Vec<Condition> = variables
        .filter(|one| one.opts_out_of == Some(of))
        .map(|one| Condition::Set {
            name: one.name.clone(),
            value: one.value.clone(),
        })
        .collect();
    match settings.is_empty() {
        true => vec![condition.clone()],
        false => settings,
    }
}

/// Answers the four questions, and asks policy.
///
/// # Errors
/// When the parts do not go together, or policy cannot be asked.
pub fn decide(parts: &mut Parts, options: &GatherOptions<'_>) -> Result<Decided, GatherError> {
    let configuration = options.configuration;
    let purl = parts.dossier.subject.purl.clone();
    let profile = profile(&configuration.vendors, &purl);
    let vendor = profile.map(|profile| profile.vendor.name.as_str());
    let day = options.now.get(..10).unwrap_or(&options.now);
    let mut contracts = configuration.contracts.iter().filter(|contract| {
        let begun = contract
            .begins
            .as_deref()
            .is_none_or(|begins| begins <= day);
        begun && is_about(contract, &purl, vendor)
    });
    let contract = contracts.next();
    if let (Some(one), Some(other)) = (contract, contracts.next()) {
        return Err(GatherError::Contracts {
            one: one.name.clone(),
            other: other.name.clone(),
        });
    }
    let known = Known {
        profile,
        version: purl.version.as_deref(),
        regions: &configuration.regions,
        addresses: options.addresses,
        contract,
        now: &options.now,
    };
    let answers = answers(parts, &known);
    parts.answers = Some(answers.clone());
    let product = profile.map(|profile| (profile.tool.name.as_str(), profile.vendor.name.as_str()));
    let contract = contract.map(|contract| (contract, answers.clauses.as_slice()));
    let facts = facts(parts, product, contract)?;
    let ask = VerdictAsk {
        ask: Ask {
            now: options.now.clone(),
            ..options.ask.clone()
        },
        actions: options.actions.clone(),
        subject: purl.to_string(),
        sha256: parts.dossier.subject.sha256,
        assay: options.assay.clone(),
        files: configuration.files(),
    };
    let mut verdict = verdict(options.policies, &facts, ask)?;
    if let Some(profile) = profile {
        let conditions = verdict.conditions.iter();
        verdict.conditions = conditions
            .flat_map(|one| as_settings(one, &profile))
            .collect();
    }
    parts.verdict = Some(verdict.clone());
    Ok(Decided { answers, verdict })
}
