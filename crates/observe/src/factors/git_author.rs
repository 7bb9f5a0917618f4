use super::{Kind, as_host, disguised_host};

/// The address that commits are signed with: `kim@lab.example`.
pub(super) const KIND: Kind = Kind {
    name: "git-author",
    about: "the address of who commits",
    levels: &["dev@lab.example"],
    alone: false,
    server: false,
    sources: &[],
    plain: |setting, _| setting.host.author.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.host.author),
    value: |text| match text.split_once('@') {
        Some((name, host)) => Some(format!(
            "{name}@{}",
            as_host(host)?.trim_start_matches("api.")
        )),
        None => Some(format!("dev@{}", as_host(text)?.trim_start_matches("api."))),
    },
    control: |value| {
        let (name, host) = value.split_once('@')?;
        Some(format!("{name}@{}", disguised_host(host)))
    },
};
