//! What things are called in every form: one word for each, and numbers for
//! people.

use assay_model::{Confidence, Gap, Layer, OptOutOutcome, Party, Purpose, Role, Severity};

/// How severe, as in running text.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

/// How severe, as a label before a text.
pub(crate) fn severity_label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Info => "INFO",
    }
}

/// A text that begins a sentence.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A number of bytes for people.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: &[(&str, u64)] = &[("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    for (unit, size) in UNITS {
        if count >= *size {
            let tenths = count / (size / 10);
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{count} bytes")
}

/// A number of things for people: `1 host`, `2 hosts`, `2 switches`,
/// `2 entries`.
pub(crate) fn number_of(count: u64, word: &str) -> String {
    if count == 1 {
        return format!("1 {word}");
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ if word.ends_with(['s', 'x']) || word.ends_with("ch") || word.ends_with("sh") => {
            format!("{count} {word}es")
        }
        _ => format!("{count} {word}s"),
    }
}

/// A share for people; what is not nothing is never shown as 0 %.
pub(crate) fn percent(part: u64, total: u64) -> String {
    if total == 0 || part == 0 {
        return "0 %".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(total);
    if tenths == 0 {
        return "< 0.1 %".to_owned();
    }
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// What a step of a flow does.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Source => "source",
        Role::Flow => "flow",
        Role::Condition => "condition",
        Role::List => "list",
        Role::Choice => "choice",
        Role::Sink => "sink",
    }
}

/// Why something was not read.
pub(crate) fn gap(gap: Gap) -> &'static str {
    match gap {
        Gap::Bytecode => "compiled bytecode",
        Gap::MachineCode => "machine code: strings and tables only",
        Gap::UnknownFormat => "unknown format",
        Gap::NoParser => "no parser for this language",
        Gap::Encrypted => "encrypted",
        Gap::Corrupt => "broken",
        Gap::Contradiction => "contradicts itself",
        Gap::Syntax => "syntax error",
        Gap::Limit => "a limit was reached",
        Gap::WorkerDied => "the process that read it died",
        Gap::NotFetched => "not fetched",
        Gap::HostileName => "a name that leads elsewhere",
    }
}

/// What people call a layer.
pub(crate) fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Client => "client",
        Layer::HostedApi => "hosted API",
        Layer::Model => "model",
        Layer::Configuration => "configuration",
    }
}

/// What a host is for.
pub(crate) fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Model => "model",
        Purpose::SignIn => "sign-in",
        Purpose::Telemetry => "telemetry",
        Purpose::Errors => "error reports",
        Purpose::Update => "updates",
        Purpose::Download => "downloads",
        Purpose::Documentation => "documentation",
        Purpose::Feature => "other features",
    }
}

/// How sure a finding is.
pub(crate) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// Whose code something is in.
pub(crate) fn party(party: Party) -> &'static str {
    match party {
        Party::First => "the vendor's own code",
        Party::Third => "a library",
        Party::Unknown => "code of which it is not known whose it is",
    }
}

/// What came of a switch that was tried.
pub(crate) fn opt_out(outcome: OptOutOutcome) -> &'static str {
    match outcome {
        OptOutOutcome::Silences => "silences it",
        OptOutOutcome::Lessens => "lessens it",
        OptOutOutcome::NoEffect => "no effect",
        OptOutOutcome::NothingToSilence => "nothing to silence",
        OptOutOutcome::NotTried => "not tried",
    }
}
