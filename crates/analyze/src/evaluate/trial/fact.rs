//! What a trial calls the facts that a module asks for, and what the
//! behaviours say of them.

use crate::behaviours::{self, Behaviour, Nature};
use crate::patterns::patterns;
use crate::raw::one_line;

/// Variables that the system, the shell or whoever runs the tool sets, and
/// that are not a tool's own settings, beside those that behaviours name.
const STANDARD: &[&str] = &[
    "EDITOR",
    "GTK_IM_MODULE",
    "OLDPWD",
    "OS",
    "PATH",
    "QT_IM_MODULE",
    "SHELL",
    "SYSTEMROOT",
    "VISUAL",
    "XMODIFIERS",
];
/// What such names begin with.
const FAMILIES: &[&str] = &[
    "GITHUB_",
    "GITLAB_",
    "JENKINS_",
    "ANDROID_",
    "BUILDKITE",
    "CARGO_",
    "CONDA_",
    "DBUS_",
    "DESKTOP_",
    "DOCKER_",
    "ELECTRON_",
    "FNM_",
    "GOPRIVATE",
    "HOMEBREW_",
    "JAVA_",
    "NPM_CONFIG_",
    "NVM_",
    "N_NODE_",
    "PIP_",
    "PROCESSOR_",
    "PYENV_",
    "RUSTUP_",
    "SESSIONNAME",
    "SSH_",
    "UV_",
    "VIRTUAL_ENV",
    "WAYLAND_",
    "WINDIR",
    "WSL",
    "XDG_",
];

/// The behaviour that asking for a fact is, if the fact is its source.
pub(crate) fn behaviour(fact: &str) -> Option<&'static Behaviour> {
    let (kind, name) = fact.split_once(':').unwrap_or((fact, ""));
    let id = match kind {
        "zone" => "fingerprint.timezone",
        "locale" | "lang" | "calendar" | "numbering" | "cycle" => "fingerprint.locale",
        "hostname" => "fingerprint.hostname",
        "user" => "fingerprint.username",
        "interfaces" | "dns" | "answer" => "fingerprint.network",
        "issuer" => "fingerprint.certificates",
        "release" | "version" | "cpu" | "cores" | "memory" | "uptime" => "fingerprint.system",
        "env" => return variable(name),
        // A field of a file tells what a variable of the same name does.
        "file" if name.contains('#') => return variable(&field(name)),
        "file" | "dir" | "command" => {
            return patterns()
                .text(name)
                .into_iter()
                .map(|(behaviour, _)| behaviour)
                .find(|behaviour| behaviour.source.is_some());
        }
        _ => return None,
    };
    behaviours::behaviour(id)
}

/// What a fact tells of.
pub(super) fn nature(fact: &str) -> Option<Nature> {
    behaviour(fact)?.source.map(|fact| fact.nature)
}

/// The last field of a setting as a variable is written: `BASE_URL`.
fn field(name: &str) -> String {
    let last = name.rsplit(['#', '.']).next().unwrap_or(name);
    let mut out = String::new();
    let mut small = false;
    for c in last.chars() {
        if c.is_ascii_uppercase() && small {
            out.push('_');
        }
        small = c.is_ascii_lowercase();
        out.push(if c == '-' {
            '_'
        } else {
            c.to_ascii_uppercase()
        });
    }
    out
}

fn variable(name: &str) -> Option<&'static Behaviour> {
    patterns()
        .variable(&name.to_ascii_uppercase())
        .into_iter()
        .find(|behaviour| behaviour.source.is_some())
}

/// Whether a fact tells who or where somebody is.
pub(super) fn tells(fact: &str) -> bool {
    nature(fact).is_some_and(|nature| !nature.is_of_surroundings())
        || fact.contains('#') && names_somebody(&field(fact))
}

/// Whether what a pattern takes out of a text says so: `base_url = "…"`.
pub(super) fn is_of_somebody(pattern: &str) -> bool {
    let words = pattern.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    let mut fields = words.filter(|word| word.len() >= 4).map(field);
    fields.any(|name| names_somebody(&name) || variable(&name).is_some())
}

/// Whether a field of settings says whose they are, or whom the tool asks.
fn names_somebody(field: &str) -> bool {
    const WORDS: &[&str] = &[
        "ACCOUNT",
        "COMPANY",
        "COUNTRY",
        "DOMAIN",
        "EMAIL",
        "ENDPOINT",
        "HOST",
        "ORG",
        "ORGANIZATION",
        "OWNER",
        "REGISTRY",
        "TEAM",
        "TENANT",
        "USER",
        "USERNAME",
        "WORKSPACE",
    ];
    field.split('_').any(|word| WORDS.contains(&word))
}

/// Whether a variable is one of the host, and no setting of the tool.
pub(crate) fn is_of_host(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    variable(&upper).is_some()
        || STANDARD.contains(&upper.as_str())
        || FAMILIES.iter().any(|family| upper.starts_with(family))
}

/// A fact in words.
pub(crate) fn words(fact: &str) -> String {
    let (kind, name) = fact.split_once(':').unwrap_or((fact, ""));
    match kind {
        "zone" => "time zone".to_owned(),
        "lang" => "locale".to_owned(),
        "numbering" => "numbering system".to_owned(),
        "cycle" => "hour cycle".to_owned(),
        "interfaces" => "network interfaces".to_owned(),
        "dns" => "name servers".to_owned(),
        "tty" => "terminal".to_owned(),
        "answer" => format!("answer of {name}"),
        "port" => format!("port {name}"),
        "env" => format!("variable {name}"),
        "file" => format!("file {name}"),
        "dir" => format!("folder {name}"),
        "command" => format!("output of '{}'", one_line(name)),
        other => other.to_owned(),
    }
}
