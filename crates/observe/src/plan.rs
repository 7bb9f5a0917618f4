use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::script::Script;

/// Where packages are in the sandbox.
pub const SUBJECT: &str = "/opt/subject";

/// One run: what is started, on what host, with what answers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The program and its arguments, as paths of the sandbox.
    pub command: Vec<String>,
    /// All of its environment.
    pub environment: BTreeMap<String, String>,
    /// What the host tells of itself.
    pub host: Host,
    /// Where it is started; the work folder if it says nothing.
    pub folder: Option<String>,
    /// Folders and files of this machine that are there.
    pub mounts: Vec<Mount>,
    /// A folder whose content is copied into the home folder.
    pub home: Option<PathBuf>,
    /// What the model says.
    pub script: Script,
    /// What servers answer besides.
    pub server: Served,
    /// What may be used.
    pub limits: RunLimits,
    /// Where the recording goes: a folder of its own.
    pub out: PathBuf,
}

/// What a host tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// The user's name.
    pub user: String,
    /// The time zone, by its name.
    pub zone: String,
    /// The time at which the run begins, of RFC 3339; the real one if it is
    /// empty.
    pub clock: String,
    /// Where the repository comes from.
    pub remote: String,
    /// The address of who commits.
    pub author: String,
    /// Instructions in a file of the repository, `AGENTS.md`; empty for none.
    pub instructions: String,
    /// A program that is there besides, in the user's own folder; empty for
    /// none.
    pub program: String,
}

/// What servers answer beside the model's words. Whoever is asked for
/// anything that is no model's says all of it, in the forms in which flags and
/// settings are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// Flags and settings, each with a text or JSON value.
    pub flags: BTreeMap<String, String>,
    /// The newest version; none is named if it is empty.
    pub version: String,
    /// A message to the user; none if it is empty.
    pub message: String,
    /// A command line that the model calls for first, without being asked;
    /// none if it is empty.
    pub call: String,
}

impl Default for Host {
    fn default() -> Self {
        Self {
            name: "workstation".to_owned(),
            user: "dev".to_owned(),
            zone: "Etc/UTC".to_owned(),
            clock: String::new(),
            remote: "https://git.corp.example/payments/billing.git".to_owned(),
            author: "dev@corp.example".to_owned(),
            instructions: String::new(),
            program: String::new(),
        }
    }
}

/// Whether a text can be the name of a host, a user or a part of a zone: it
/// becomes part of paths.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    (1..=63).contains(&text.len()) && text.chars().all(fits) && !text.starts_with(['.', '-'])
}

impl Host {
    /// The user's folder.
    #[must_use]
    pub fn home(&self) -> String {
        format!("/home/{}", self.user)
    }

    /// The folder that the tool is started in.
    #[must_use]
    pub fn work(&self) -> String {
        format!("/home/{}/project", self.user)
    }
}

/// Something of this machine, and where it is in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Here.
    pub from: PathBuf,
    /// There: an absolute path.
    pub to: String,
    /// Whether it may be written to: only folders that nothing else is in.
    pub writable: bool,
}

/// What one run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLimits {
    /// Seconds until it is ended.
    pub seconds: u64,
    /// Processes and threads at a time.
    pub processes: u64,
    /// Bytes of memory that all processes and files in memory hold.
    pub memory: u64,
    /// Bytes of all files that it writes.
    pub disk: u64,
    /// Seconds of processor time of one process.
    pub processor_seconds: u64,
    /// Seconds that processes which were left behind may go on.
    pub after: u64,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            seconds: 120,
            processes: 512,
            memory: 4 << 30,
            disk: 1 << 30,
            processor_seconds: 120,
            after: 2,
        }
    }
}
