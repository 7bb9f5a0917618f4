use super::{Kind, disguised};

/// A program that is there besides, in the user's own folder: `docker`.
pub(super) const KIND: Kind = Kind {
    name: "program",
    about: "another program that is there",
    levels: &["docker"],
    alone: false,
    server: false,
    sources: &["fingerprint.other-tools"],
    plain: |setting, _| setting.host.program.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.host.program),
    value: |text| {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let fits = !text.is_empty() && text.len() <= 40 && text.chars().all(known);
        (fits && !text.starts_with('.')).then(|| text.to_owned())
    },
    control: |value| Some(disguised(value)),
};
