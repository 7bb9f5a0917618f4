use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Sha256;

/// What the plain runs of an observation were made with: together with the
/// subject and an effect's factors, all that it takes to make them again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// What the tool was asked for.
    pub prompt: String,
    /// Its arguments in place of the recipe's, or a whole command.
    pub arguments: Vec<String>,
    /// Variables of the environment, over those of the recipe.
    pub environment: BTreeMap<String, String>,
    /// The address of another server than the vendor's.
    pub base_url: Option<String>,
    /// The host's name.
    pub host_name: String,
    /// The user's name.
    pub user: String,
    /// The time zone.
    pub zone: String,
    /// The time at which a run began; the real one if it is empty.
    pub clock: String,
    /// Flags and settings that servers answered with.
    pub flags: BTreeMap<String, String>,
    /// What the model said, as TOML; the usual script if it is empty.
    pub script: String,
    /// Files and folders of the machine that were there, at their own paths.
    pub mounts: Vec<PathBuf>,
    /// The SHA-256 of those that are files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digests: BTreeMap<PathBuf, Sha256>,
    /// Seconds until a run was ended.
    pub seconds: u64,
    /// MiB of memory, of all processes together, from which on a run was ended.
    #[serde(default = "usual_memory")]
    pub memory: u64,
}

fn usual_memory() -> u64 {
    4096
}
