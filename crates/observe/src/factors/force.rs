use super::Kind;

/// A condition in the code of the tool that is replaced, in a copy, by its
/// outcome: `force:package/cli.js@120+14=true`, the node with where the
/// condition begins and how long it is, in bytes. What it brings about was
/// not observed: it was forced.
pub(super) const KIND: Kind = Kind {
    name: "force:",
    about: "a condition of the code, which is replaced by its outcome",
    levels: &["true"],
    alone: false,
    server: false,
    sources: &[],
    plain: |setting, place| {
        let forced = setting.forced.get(place);
        forced.map_or_else(String::new, bool::to_string)
    },
    set: |setting, place, value| {
        setting.forced.insert(place.to_owned(), value == "true");
    },
    value: |text| matches!(text, "true" | "false").then(|| text.to_owned()),
    control: |_| None,
};
