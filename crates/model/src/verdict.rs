use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Facts, Sha256};

/// The name of the form of a [`Verdict`].
pub const VERDICT_SCHEMA: &str = "assay.verdict/1";

/// What policy says of a dossier, of a request, or of a device.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A rule permits it, and none forbids it.
    Allowed,
    /// The same, as long as all of its conditions hold.
    AllowedWithConditions,
    /// It cannot be told: a rule could not be decided, or says that too
    /// little is known.
    NotEnoughEvidence,
    /// A rule forbids it, or none permits it.
    Denied,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allowed => "allowed",
            Self::AllowedWithConditions => "allowed with conditions",
            Self::NotEnoughEvidence => "not enough evidence",
            Self::Denied => "denied",
        })
    }
}

/// What policy says of a dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// [`VERDICT_SCHEMA`].
    pub schema: String,
    /// The version of Assay that made it.
    pub assay: String,
    /// What it is about, as a package URL.
    pub subject: String,
    /// The SHA-256 of its main artifact.
    pub sha256: Sha256,
    /// What was decided: the least that any of its decisions allows.
    pub outcome: Outcome,
    /// The same in a sentence.
    pub sentence: String,
    /// What must hold.
    pub conditions: Vec<Condition>,
    /// The decisions of which it is made: one for each action.
    pub decisions: Vec<Decision>,
    /// The moment for which it was decided, as 2027-01-02T03:30:00Z.
    pub at: String,
    /// The policies: each file with the SHA-256 of its text.
    pub policies: Vec<PolicyFile>,
    /// What was known.
    pub facts: Facts,
}

/// A file of policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyFile {
    /// Its name in the folder.
    pub name: String,
    /// The digest of its text.
    pub sha256: Sha256,
}

/// What policy says of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Who asks, as `user:NAME` or `device:NAME`.
    pub principal: String,
    /// `use`, `install` or `send`.
    pub action: String,
    /// What was decided.
    pub outcome: Outcome,
    /// The rules that decided it.
    pub reasons: Vec<Reason>,
    /// Rules that hold as well, and do not decide: what is permitted and
    /// forbidden both is forbidden.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub overruled: Vec<Reason>,
    /// Rules that could not be decided, and for want of what.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub undecided: Vec<Undecided>,
    /// What must hold.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub conditions: Vec<Condition>,
}

/// A rule that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Its name.
    pub rule: String,
    /// The file that it is in, with its line.
    pub place: String,
    /// Whether it forbids.
    pub forbids: bool,
    /// Whether what it forbids is but not known well enough.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lacks: bool,
    /// What it says of itself.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub says: String,
    /// The facts that it asks for, with what they are.
    pub facts: Vec<(String, String)>,
}

/// A rule that could not be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Undecided {
    /// Its name.
    pub rule: String,
    /// The file that it is in, with its line.
    pub place: String,
    /// What it wants.
    pub wants: Vec<String>,
    /// How to come by it; else what went wrong.
    pub way_out: String,
}

/// What must hold for something to be allowed: something that a device or a
/// gateway can hold.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Condition {
    /// A variable of its environment has a value.
    Set {
        /// Its name.
        name: String,
        /// The value.
        value: String,
    },
    /// A documented opt-out is used.
    OptOut {
        /// Of what: `telemetry`, `errors`, `update`.
        of: String,
    },
    /// It may not reach a host; `*.` stands for any host below the rest.
    DenyHost {
        /// The host.
        host: String,
    },
    /// It may reach these hosts and no other.
    OnlyHosts {
        /// The hosts.
        hosts: Vec<String>,
    },
    /// Its requests to models go through the gateway.
    Gateway,
    /// Data of a class may not be sent.
    WithoutData {
        /// The class.
        class: String,
    },
    /// Only in these repositories, or groups of them.
    OnlyRepositories {
        /// Their names.
        names: Vec<String>,
    },
    /// Only until a day.
    Until {
        /// The day, as 2027-01-31.
        date: String,
    },
    /// Not in another version.
    ThisVersion,
}

impl Condition {
    /// Every form, with what it means: what [`Condition::parse`] takes.
    pub const FORMS: &'static [(&'static str, &'static str)] = &[
        (
            "set NAME=VALUE",
            "a variable of its environment has a value",
        ),
        (
            "opt out of telemetry|errors|update",
            "what the vendor documents to switch it off is set",
        ),
        ("deny host HOST", "it may not reach the host"),
        (
            "only hosts HOST, HOST",
            "it may reach these hosts and no other",
        ),
        ("gateway", "its requests to models go through the gateway"),
        ("without data CLASS", "data of a class may not be sent"),
        (
            "only repositories NAME, NAME",
            "only in these repositories, or groups of them",
        ),
        ("until DATE", "only until this day"),
        ("this version", "not in another version"),
    ];

    /// Reads a condition as rules write it, see [`Condition::FORMS`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let list = |rest: &str| -> Option<Vec<String>> {
            let names = rest.split(',').map(|name| name.trim().to_owned());
            let names: Vec<String> = names.collect();
            (!names.iter().any(String::is_empty)).then_some(names)
        };
        let one = |rest: &str| {
            let rest = rest.trim();
            (!rest.is_empty() && !rest.contains([' ', ','])).then(|| rest.to_owned())
        };
        Some(match text {
            "gateway" => Self::Gateway,
            "this version" => Self::ThisVersion,
            _ => {
                if let Some(rest) = text.strip_prefix("set ") {
                    let (name, value) = rest.split_once('=')?;
                    Self::Set {
                        name: one(name)?,
                        value: value.trim().to_owned(),
                    }
                } else if let Some(of) = text.strip_prefix("opt out of ") {
                    let of = of.trim();
                    if !["telemetry", "errors", "update"].contains(&of) {
                        return None;
                    }
                    Self::OptOut { of: of.to_owned() }
                } else if let Some(host) = text.strip_prefix("deny host ") {
                    Self::DenyHost { host: one(host)? }
                } else if let Some(hosts) = text.strip_prefix("only hosts ") {
                    Self::OnlyHosts {
                        hosts: list(hosts)?,
                    }
                } else if let Some(class) = text.strip_prefix("without data ") {
                    Self::WithoutData { class: one(class)? }
                } else if let Some(names) = text.strip_prefix("only repositories ") {
                    Self::OnlyRepositories {
                        names: list(names)?,
                    }
                } else if let Some(date) = text.strip_prefix("until ") {
                    let date = one(date)?;
                    crate::is_date(&date).then_some(Self::Until { date })?
                } else {
                    return None;
                }
            }
        })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { name, value } => write!(f, "set {name}={value}"),
            Self::OptOut { of } => write!(f, "opt out of {of}"),
            Self::DenyHost { host } => write!(f, "deny host {host}"),
            Self::OnlyHosts { hosts } => write!(f, "only hosts {}", hosts.join(", ")),
            Self::Gateway => f.write_str("gateway"),
            Self::WithoutData { class } => write!(f, "without data {class}"),
            Self::OnlyRepositories { names } => {
                write!(f, "only repositories {}", names.join(", "))
            }
            Self::Until { date } => write!(f, "until {date}"),
            Self::ThisVersion => f.write_str("this version"),
        }
    }
}

/// Whether a text is a day as 2027-01-31.
#[must_use]
pub fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |digits: usize| -> Option<u32> {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else {
        return false;
    };
    let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day) && parts.next().is_none()
}
