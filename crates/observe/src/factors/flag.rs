use super::Kind;

/// A flag or setting that servers answer with, beside the model's words:
/// `flag:upload_diagnostics=true`. What is JSON is sent as such, all else as
/// a text.
pub(super) const KIND: Kind = Kind {
    name: "flag:",
    about: "a flag or setting in the answers of servers that are no models",
    levels: &["true"],
    alone: false,
    server: true,
    sources: &[],
    plain: |setting, name| setting.server.flags.get(name).cloned().unwrap_or_default(),
    set: |setting, name, value| {
        setting
            .server
            .flags
            .insert(name.to_owned(), value.to_owned());
    },
    value: |text| Some(text.to_owned()),
    // The same answers with a value that decides otherwise.
    control: |value| match value {
        "true" => Some("false".to_owned()),
        "false" => Some("true".to_owned()),
        _ => None,
    },
};
