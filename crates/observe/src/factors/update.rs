use super::Kind;

/// The version that servers call the newest: `999.0.0`.
pub(super) const KIND: Kind = Kind {
    name: "update",
    about: "the newest version, in the answers of servers that are no models",
    levels: &["999.0.0"],
    alone: false,
    server: true,
    sources: &[],
    plain: |setting, _| setting.server.version.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.server.version),
    value: |text| Some(text.to_owned()),
    // A version that is older than any.
    control: |_| Some("0.0.1".to_owned()),
};
