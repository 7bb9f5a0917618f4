use anyhow::Result;
use assay_guard::Policies;
use assay_review::{Addresses, Configuration};

use crate::args::ConfigArgs;

/// What an organisation decides by, read once: what is wrong with it is known
/// before any work is done.
pub(super) struct Rulebook {
    pub(super) configuration: Configuration,
    pub(super) policies: Policies,
    pub(super) addresses: Option<Addresses>,
}

impl Rulebook {
    /// That of the folder that is named, or the usual policies.
    pub(super) fn read(args: &ConfigArgs) -> Result<Self> {
        let mut out = Self::of(match &args.config {
            Some(folder) => Configuration::read(folder)?,
            None => Configuration::usual()?,
        })?;
        let addresses = args.mmdb.as_deref();
        let addresses = addresses.map(|path| Addresses::open(path, args.resolve));
        out.addresses = addresses.transpose()?;
        Ok(out)
    }

    /// That of a configuration.
    pub(super) fn of(configuration: Configuration) -> Result<Self> {
        Ok(Self {
            policies: configuration.policies()?,
            configuration,
            addresses: None,
        })
    }
}
