use super::{Kind, disguised};

/// The name of the user, and of the home folder: `kim`.
pub(super) const KIND: Kind = Kind {
    name: "user",
    about: "the name of the user, and the home folder",
    levels: &["kim"],
    alone: false,
    server: false,
    sources: &["fingerprint.username"],
    plain: |setting, _| setting.host.user.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.host.user),
    value: |text| {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let start = text.starts_with(|c: char| c.is_ascii_alphabetic());
        let fits = start && text.len() <= 32 && text.chars().all(known) && text != "root";
        fits.then(|| text.to_owned())
    },
    control: |value| Some(disguised(value)),
};
