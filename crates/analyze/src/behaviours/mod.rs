//! The taxonomy: what a subject can do, one behaviour a file.
//!
//! A behaviour is its own documentation, its own patterns and its own
//! examples. Most are found by what they name: functions of the platform,
//! environment variables, constant texts, hosts. Those that take more (a
//! decoded constant, a flow) leave the patterns empty and are found by the
//! pass that [`Behaviour::pass`] names. To add one, write a file with a
//! `BEHAVIOUR` constant and name it in [`ALL`]; tests compare the list with
//! the folder and run every example.

use assay_model::{Layer, Severity};

/// One entry of the taxonomy.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Behaviour {
    /// Its name: `DOMAIN.WHAT`.
    pub id: &'static str,
    /// A short name for people.
    pub title: &'static str,
    /// How much it matters when nothing more is known.
    pub severity: Severity,
    /// Where the risk sits.
    pub layer: Layer,
    /// What is done.
    pub what: &'static str,
    /// Why a reviewer wants to know.
    pub why: &'static str,
    /// What it does not mean.
    pub not: &'static str,
    /// How it looks in code.
    pub example: &'static str,
    /// Where to read more; empty where there is nothing.
    pub reference: &'static str,
    /// The fact about the host that is read here, for flows; none when the
    /// behaviour reads none.
    pub source: Option<Fact>,
    /// Functions and properties of the platform, as canonical names:
    /// `os.hostname()`, `process.ppid`, `new Worker()`, `?.name()` for a
    /// method of any object. Modules without `node:`; `*` at the end matches
    /// any continuation. `system::NAME()` is a function that machine code
    /// imports from a library of the system, `go::PACKAGE.NAME()` one that a
    /// Go executable holds.
    pub calls: &'static [&'static str],
    /// Environment variables; `*` at either end matches anything.
    pub variables: &'static [&'static str],
    /// Constant texts; `*` at either end matches anything. In code they must
    /// be string constants, elsewhere they are searched as words.
    pub texts: &'static [&'static str],
    /// Hosts; `*.` in front matches any subdomain and the domain itself.
    pub hosts: &'static [&'static str],
    /// Words, in their order, by which release notes would tell of it, beside
    /// its own name; they are compared by their stems.
    pub told_by: &'static [&'static str],
    /// The analysis pass that finds it beyond the patterns.
    pub pass: Pass,
    /// Texts in which it must be found.
    pub positive: &'static [Example],
    /// Texts in which it must not be found.
    pub negative: &'static [Example],
}

/// A fact about the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// It in words.
    pub what: &'static str,
    /// What it tells of.
    pub nature: Nature,
}

impl Fact {
    const fn of(what: &'static str, nature: Nature) -> Self {
        Self { what, nature }
    }

    /// Files that the system and its administrator put somewhere.
    pub(crate) const FILES: Self = Self::of("files of the system", Nature::System);
}

/// What a fact tells of, and so for what everyday code asks for it: what that
/// decides openly is no sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Who or where somebody is.
    Somebody,
    /// The language of whoever reads: it has its own dates, lists and marks.
    Language,
    /// Where output is shown, which decides what can be shown.
    Terminal,
    /// The system, which has its own paths, commands and ends of lines.
    System,
    /// A system that is told by what it leaves: by whether that is there.
    Platform,
    /// Where files are: a path gets nearly everywhere.
    Place,
    /// Whether something else is there.
    Presence,
}

impl Nature {
    /// Whether nearly every tool asks for it, so that it tells of nobody.
    pub(crate) fn is_of_surroundings(self) -> bool {
        matches!(
            self,
            Self::Terminal | Self::System | Self::Platform | Self::Place
        )
    }

    /// Whether that it is there at all is the fact.
    pub(crate) fn is_presence(self) -> bool {
        matches!(self, Self::Platform | Self::Presence)
    }
}

/// A small file for a behaviour's test.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Its name, which tells the language.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Example {
    /// A JavaScript example.
    #[must_use]
    pub const fn js(text: &'static str) -> Self {
        Self {
            name: "example.js",
            text,
        }
    }

    /// An example in a file of another name.
    #[must_use]
    pub const fn file(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }
}

/// The pass that finds a behaviour beyond its patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// None: the patterns are all.
    Patterns,
    /// URLs and hosts, constant or put together.
    Endpoints,
    /// Constants decoded by cheap encodings.
    Decoding,
    /// Texts with characters that nobody sees, or sets of look-alike texts.
    Appearance,
    /// The shape of a whole file.
    Shape,
    /// Package manifests.
    Manifest,
    /// Flow from sources to sinks.
    Flow,
    /// Rules of the user; the behaviour's `example` is one.
    Rules,
    /// Switches and what hangs on them.
    Gates,
    /// What the vendor documents. Found where findings are held against a
    /// vendor's profile, and not in a file: its examples show what it starts
    /// from, which is a host.
    Profile,
}

mod conceal_dynamic_code;
mod conceal_encoded_list;
mod conceal_encoded_string;
mod conceal_invisible;
mod conceal_look_alike;
mod conceal_packed;
mod control_auto_update;
mod control_kill_switch;
mod control_listen;
mod control_local_switch;
mod control_remote_code;
mod control_remote_config;
mod control_remote_flag;
mod covert_channel;
mod custom_rule;
mod egress_endpoint;
mod egress_raw_address;
mod egress_telemetry;
mod egress_undocumented;
mod fingerprint_base_url;
mod fingerprint_certificates;
mod fingerprint_hostname;
mod fingerprint_locale;
mod fingerprint_machine_id;
mod fingerprint_mirror;
mod fingerprint_network;
mod fingerprint_other_tools;
mod fingerprint_place;
mod fingerprint_platform;
mod fingerprint_processes;
mod fingerprint_proxy;
mod fingerprint_repository;
mod fingerprint_system;
mod fingerprint_terminal;
mod fingerprint_timezone;
mod fingerprint_username;
mod integrity_install_script;
mod integrity_unverified;
mod reach_clipboard;
mod reach_credentials;
mod reach_environment;
mod reach_files;
mod reach_other_tools;
mod reach_process;
mod reach_screen;

pub use egress_undocumented::is_for_documents;

#[cfg(test)]
mod tests;

/// All behaviours, by domain.
pub(crate) const ALL: &[&Behaviour] = &[
    &conceal_dynamic_code::BEHAVIOUR,
    &conceal_encoded_list::BEHAVIOUR,
    &conceal_encoded_string::BEHAVIOUR,
    &conceal_invisible::BEHAVIOUR,
    &conceal_look_alike::BEHAVIOUR,
    &conceal_packed::BEHAVIOUR,
    &control_auto_update::BEHAVIOUR,
    &control_kill_switch::BEHAVIOUR,
    &control_listen::BEHAVIOUR,
    &control_local_switch::BEHAVIOUR,
    &control_remote_code::BEHAVIOUR,
    &control_remote_config::BEHAVIOUR,
    &control_remote_flag::BEHAVIOUR,
    &covert_channel::BEHAVIOUR,
    &custom_rule::BEHAVIOUR,
    &egress_endpoint::BEHAVIOUR,
    &egress_raw_address::BEHAVIOUR,
    &egress_telemetry::BEHAVIOUR,
    &egress_undocumented::BEHAVIOUR,
    &fingerprint_base_url::BEHAVIOUR,
    &fingerprint_certificates::BEHAVIOUR,
    &fingerprint_hostname::BEHAVIOUR,
    &fingerprint_locale::BEHAVIOUR,
    &fingerprint_machine_id::BEHAVIOUR,
    &fingerprint_mirror::BEHAVIOUR,
    &fingerprint_network::BEHAVIOUR,
    &fingerprint_other_tools::BEHAVIOUR,
    &fingerprint_place::BEHAVIOUR,
    &fingerprint_platform::BEHAVIOUR,
    &fingerprint_processes::BEHAVIOUR,
    &fingerprint_proxy::BEHAVIOUR,
    &fingerprint_repository::BEHAVIOUR,
    &fingerprint_system::BEHAVIOUR,
    &fingerprint_terminal::BEHAVIOUR,
    &fingerprint_timezone::BEHAVIOUR,
    &fingerprint_username::BEHAVIOUR,
    &integrity_install_script::BEHAVIOUR,
    &integrity_unverified::BEHAVIOUR,
    &reach_clipboard::BEHAVIOUR,
    &reach_credentials::BEHAVIOUR,
    &reach_environment::BEHAVIOUR,
    &reach_files::BEHAVIOUR,
    &reach_other_tools::BEHAVIOUR,
    &reach_process::BEHAVIOUR,
    &reach_screen::BEHAVIOUR,
];

/// The taxonomy, sorted by name.
#[must_use]
pub fn behaviours() -> Vec<&'static Behaviour> {
    let mut all = ALL.to_vec();
    all.sort_by_key(|behaviour| behaviour.id);
    all
}

/// The behaviour of a name.
#[must_use]
pub fn behaviour(id: &str) -> Option<&'static Behaviour> {
    ALL.iter().copied().find(|behaviour| behaviour.id == id)
}
