use super::{Kind, disguised};

/// The terminal that the environment names (`TERM_PROGRAM`): `vscode`.
pub(super) const KIND: Kind = Kind {
    name: "terminal",
    about: "the terminal (TERM_PROGRAM)",
    levels: &["tmux"],
    alone: false,
    server: false,
    sources: &["fingerprint.terminal"],
    plain: |setting, _| {
        setting
            .variables
            .get("TERM_PROGRAM")
            .cloned()
            .unwrap_or_default()
    },
    set: |setting, _, value| {
        let name = "TERM_PROGRAM".to_owned();
        setting.variables.insert(name, value.to_owned());
    },
    value: |text| Some(text.to_owned()),
    control: |value| Some(disguised(value)),
};
