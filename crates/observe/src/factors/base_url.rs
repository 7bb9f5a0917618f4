use super::{Kind, as_host, disguised_host};

/// The server that the tool is told to ask in place of the vendor's, by the
/// setting that its recipe names: `http://api.models.example`.
pub(super) const KIND: Kind = Kind {
    name: "base-url",
    about: "another server than the vendor's",
    levels: &["http://models.corp.example"],
    alone: false,
    server: false,
    sources: &["fingerprint.base-url"],
    plain: |setting, _| setting.base.clone().unwrap_or_default(),
    set: |setting, _, value| setting.base = Some(value.to_owned()),
    value: |text| match text.split_once("://") {
        Some(("http" | "https", host)) => {
            as_host(host.split('/').next()?.split(':').next()?)?;
            Some(text.to_owned())
        }
        Some(_) => None,
        None => Some(format!("http://{}", as_host(text)?)),
    },
    control: |value| {
        let (scheme, rest) = value.split_once("://")?;
        let (host, path) = match rest.split_once('/') {
            Some((host, path)) => (host, format!("/{path}")),
            None => (rest, String::new()),
        };
        Some(format!("{scheme}://{}{path}", disguised_host(host)))
    },
};
