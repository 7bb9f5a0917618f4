/// A policy to begin with.
#[derive(Debug, Clone, Copy)]
pub struct Starter {
    /// Its name; the file is `NAME.cedar`.
    pub name: &'static str,
    /// What it is for, in a line.
    pub about: &'static str,
    /// The policies.
    pub text: &'static str,
    /// Their table of cases.
    pub table: &'static str,
    /// Whether `assay init` writes it without being asked.
    pub usual: bool,
}

macro_rules! starters {
    ($($name:literal, $usual:literal, $about:literal;)+) => {
        &[$(Starter {
            name: $name,
            about: $about,
            text: include_str!(concat!("../../../data/policies/", $name, ".cedar")),
            table: include_str!(concat!("../../../data/policies/", $name, ".toml")),
            usual: $usual,
        }),+]
    };
}

/// The policies to begin with, each with its table of cases.
pub const STARTERS: &[Starter] = starters! {
    "ban", false, "a tool, a range of versions, a model, from a date, at a site, with exceptions that expire";
    "baseline", true, "what is permitted where nothing forbids it, with its conditions";
    "concealed", true, "nothing that tells its servers what a reader does not see";
    "contract", false, "only under a contract that holds and is kept";
    "data", true, "which data go to which models";
    "evidence", true, "nothing is decided on what was hardly looked at";
    "open", false, "teams that work in the open";
    "remote-control", true, "no server decides what runs";
    "residency", false, "data stay in some countries";
    "supply", true, "signatures, install scripts, known weaknesses";
};

/// The policy of a name.
#[must_use]
pub fn starter(name: &str) -> Option<&'static Starter> {
    STARTERS.iter().find(|starter| starter.name == name)
}
