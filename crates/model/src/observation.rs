use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DataKind, Effect, Experiment, Settings, Subject};

/// The name of the form of [`Observation`].
pub const OBSERVATION_SCHEMA: &str = "assay/observation/1";

/// What a tool did when it was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    /// [`OBSERVATION_SCHEMA`].
    pub schema: String,
    /// The version of Assay.
    pub assay: String,
    /// What the user named: a source, or a command.
    pub source: String,
    /// What was run, where it came from a registry.
    pub subject: Option<Subject>,
    /// What the plain runs were made with.
    pub settings: Settings,
    /// The recipe by which it was started, if one is known.
    pub recipe: Option<String>,
    /// The runs, in order.
    pub runs: Vec<Run>,
    /// What the factors of an experiment change.
    pub effects: Vec<Effect>,
    /// How the experiment was made, if there was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub experiment: Option<Experiment>,
    /// What could not be had or done, in words.
    pub notes: Vec<String>,
}

/// One execution under one setting of the factors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Its number, from 1.
    pub number: usize,
    /// What was set otherwise than on the plain host, by factor.
    pub factors: BTreeMap<String, String>,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// How it ended, in words.
    pub ended: String,
    /// Its status; above 128 the number of a signal and 128; nothing where it
    /// was ended by the limit on time.
    pub status: Option<i32>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// The end of what it printed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub printed: String,
    /// Where the recording is.
    pub recording: String,
    /// How the sandbox held it.
    pub holds: Vec<String>,
    /// Programs that it ran, in the order of their first time.
    pub processes: Vec<Process>,
    /// Hosts that it contacted, those that were sent the most first.
    pub hosts: Vec<Host>,
    /// Names that it asked for and then did not contact.
    pub names: Vec<String>,
    /// Files outside of its own package and the system that it opened.
    pub files: Vec<Opened>,
    /// Canaries that left.
    pub canaries: Vec<Left>,
    /// Programs that it left running.
    pub left_running: Vec<String>,
    /// Limits that were reached, and what was not understood, in words.
    pub limits: Vec<String>,
}

impl Observation {
    /// The runs of the tool itself, without those that installed it.
    pub fn of_tool(&self) -> impl Iterator<Item = &Run> {
        let runs = self.runs.iter();
        runs.filter(|run| run.installation().is_none())
    }
}

impl Run {
    /// The name in the place of a factor under which a run says which script
    /// of an installation it was.
    pub const STEP: &'static str = "step";

    /// Which script of an installation this was, where it was one: what
    /// installs a tool runs before it, and says nothing of what the tool does.
    #[must_use]
    pub fn installation(&self) -> Option<&str> {
        self.factors.get(Self::STEP).map(String::as_str)
    }
}

/// A program that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Process {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// How often with these arguments.
    pub times: usize,
}

/// A host that was contacted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// Its name, or its address where none was asked for.
    pub host: String,
    /// Whether it was a model provider's shape that was spoken, and which.
    pub provider: Option<String>,
    /// Requests that were sent.
    pub requests: usize,
    /// Messages of WebSockets that were sent.
    pub messages: usize,
    /// Bytes of bodies and messages that were sent.
    pub sent: u64,
    /// The same by kind of data, as far as bodies could be decoded and read;
    /// of decoded bodies, which may be longer than what was sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<DataKind, u64>,
    /// Methods and paths, each once.
    pub paths: Vec<String>,
    /// What went wrong or is not understood, in words.
    pub troubles: Vec<String>,
}

/// A file that was opened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Opened {
    /// Its path.
    pub path: String,
    /// Whether it was opened for writing.
    pub written: bool,
    /// The canary in it, if there is one.
    pub canary: Option<String>,
}

/// A canary that left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Left {
    /// Which: where it was laid.
    pub canary: String,
    /// Whether what it is in was asked for by the script.
    pub asked: bool,
    /// The host that it was sent to.
    pub host: String,
    /// By which request.
    pub request: String,
    /// How it was written: plain, Base64, hex and so on.
    pub written: String,
    /// Whether it went to the model that works on the task.
    pub to_model: bool,
}
