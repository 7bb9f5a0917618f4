use super::{Kind, base_url, disguised};

/// A variable of the environment: `env:EDITOR=vim`.
pub(super) const KIND: Kind = Kind {
    name: "env:",
    about: "a variable of the environment",
    levels: &["1"],
    alone: false,
    server: false,
    sources: &[],
    plain: |setting, name| setting.variables.get(name).cloned().unwrap_or_default(),
    set: |setting, name, value| {
        setting.variables.insert(name.to_owned(), value.to_owned());
    },
    value: |text| (!text.contains('\0') && text.len() <= 4096).then(|| text.to_owned()),
    control: |value| {
        // An address is one still.
        if value.contains("://") {
            return (base_url::KIND.control)(value);
        }
        let other = disguised(value);
        (other != value).then_some(other)
    },
};
