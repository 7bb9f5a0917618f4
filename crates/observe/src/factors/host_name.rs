use super::{Kind, disguised_host};

/// The name of the host: `desk-4`.
pub(super) const KIND: Kind = Kind {
    name: "host-name",
    about: "the name of the host",
    levels: &["build-07"],
    alone: false,
    server: false,
    sources: &["fingerprint.hostname"],
    plain: |setting, _| setting.host.name.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.host.name),
    value: |text| {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let text = text.trim_matches(['.', '-']);
        let fits = !text.is_empty() && text.len() <= 63 && text.chars().all(known);
        fits.then(|| text.to_owned())
    },
    control: |value| Some(disguised_host(value)),
};
