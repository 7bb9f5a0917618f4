use super::{Kind, base_url};

/// The proxy that the environment names, `http://proxy.corp.example:3128`: in
/// capitals and small letters, for both schemes.
pub(super) const KIND: Kind = Kind {
    name: "proxy",
    about: "the proxy that the environment names",
    levels: &["http://proxy.corp.example:3128"],
    alone: false,
    server: false,
    sources: &["fingerprint.proxy"],
    plain: |setting, _| {
        setting
            .variables
            .get("HTTPS_PROXY")
            .cloned()
            .unwrap_or_default()
    },
    set: |setting, _, value| {
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"] {
            setting.variables.insert(name.to_owned(), value.to_owned());
        }
    },
    value: |text| {
        let value = (base_url::KIND.value)(text)?;
        let has_port = value
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.starts_with(char::is_numeric));
        Some(if has_port {
            value
        } else {
            format!("{value}:3128")
        })
    },
    control: base_url::KIND.control,
};
