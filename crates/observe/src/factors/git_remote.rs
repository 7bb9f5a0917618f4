use super::{Kind, as_host, disguised_host};

/// Where the repository comes from: `https://git.corp.example/team/app.git`.
pub(super) const KIND: Kind = Kind {
    name: "git-remote",
    about: "where the repository comes from",
    levels: &["https://code.lab.example/payments/billing.git"],
    alone: false,
    server: false,
    sources: &["fingerprint.repository"],
    plain: |setting, _| setting.host.remote.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.host.remote),
    value: |text| match text.split_once("://") {
        Some(_) => Some(text.to_owned()),
        None => Some(format!("https://{}/payments/billing.git", as_host(text)?)),
    },
    control: |value| {
        let (scheme, rest) = value.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        Some(format!("{scheme}://{}/{path}", disguised_host(host)))
    },
};
