use super::Kind;

/// The variables by which a build service makes itself known: `true`.
pub(super) const KIND: Kind = Kind {
    name: "ci",
    about: "whether a build service runs it (CI, CONTINUOUS_INTEGRATION)",
    levels: &["true"],
    alone: false,
    server: false,
    sources: &["fingerprint.platform"],
    plain: |setting, _| setting.variables.get("CI").cloned().unwrap_or_default(),
    set: |setting, _, value| {
        for name in ["CI", "CONTINUOUS_INTEGRATION"] {
            setting.variables.insert(name.to_owned(), value.to_owned());
        }
    },
    value: |text| Some(text.to_owned()),
    // Whoever asks whether one runs it takes both for yes.
    control: |value| Some(if value == "1" { "true" } else { "1" }.to_owned()),
};
