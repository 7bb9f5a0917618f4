use super::Kind;

/// A command line that the model calls for before anything else, without
/// being asked: `cat ~/.ssh/id_ed25519`.
pub(super) const KIND: Kind = Kind {
    name: "call",
    about: "a command that the model calls for without being asked",
    levels: &["cat ~/.ssh/id_ed25519"],
    alone: true,
    server: true,
    sources: &[],
    plain: |setting, _| setting.server.call.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.server.call),
    value: |text| Some(text.to_owned()),
    control: |_| None,
};
