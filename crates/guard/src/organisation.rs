use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use assay_model::Vendor;
use cedar_policy::{Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// Who and what there is in an organisation: `organisation.toml`. Whoever is
/// not in it belongs to no group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Organisation {
    /// Teams by name.
    #[serde(default, rename = "team")]
    pub teams: BTreeMap<String, TeamEntry>,
    /// Users by name.
    #[serde(default, rename = "user")]
    pub users: BTreeMap<String, UserEntry>,
    /// Sites by name.
    #[serde(default, rename = "site")]
    pub sites: BTreeMap<String, SiteEntry>,
    /// Devices by name.
    #[serde(default, rename = "device")]
    pub devices: BTreeMap<String, DeviceEntry>,
    /// Groups of repositories by name.
    #[serde(default, rename = "repository-group")]
    pub groups: BTreeMap<String, GroupEntry>,
    /// Repositories by name.
    #[serde(default, rename = "repository")]
    pub repositories: BTreeMap<String, RepositoryEntry>,
    /// Models by name.
    #[serde(default, rename = "model")]
    pub models: BTreeMap<String, ModelEntry>,
    /// Providers by name.
    #[serde(default, rename = "provider")]
    pub providers: BTreeMap<String, ProviderEntry>,
}

/// A team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TeamEntry {
    /// The teams that it is part of.
    #[serde(default, rename = "in")]
    pub within: Vec<String>,
}

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UserEntry {
    /// The teams that the user is in.
    #[serde(default)]
    pub teams: Vec<String>,
}

/// A site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SiteEntry {
    /// The sites that it is part of.
    #[serde(default, rename = "in")]
    pub within: Vec<String>,
}

/// A device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DeviceEntry {
    /// The teams that it belongs to.
    #[serde(default)]
    pub teams: Vec<String>,
    /// The site that it is at.
    #[serde(default)]
    pub site: Option<String>,
    /// Whether the organisation manages it.
    #[serde(default)]
    pub managed: bool,
}

/// A group of repositories.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GroupEntry {
    /// The groups that it is part of.
    #[serde(default, rename = "in")]
    pub within: Vec<String>,
}

/// A repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RepositoryEntry {
    /// The groups that it is in.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelEntry {
    /// Who made it.
    #[serde(default)]
    pub vendor: Option<String>,
    /// Whether anybody may have its weights.
    #[serde(default)]
    pub open_weights: bool,
    /// Whether the organisation runs it itself.
    #[serde(default)]
    pub self_hosted: bool,
}

/// Who runs models.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProviderEntry {
    /// Its host.
    #[serde(default)]
    pub host: String,
    /// Whether that is the organisation itself.
    #[serde(default)]
    pub self_hosted: bool,
}

impl Organisation {
    /// Reads an `organisation.toml`.
    ///
    /// # Errors
    /// When it is no such file, or names a group that it does not have.
    pub fn read(text: &str) -> Result<Self, String> {
        let read: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let known =
            |kind: &str, of: &str, names: &[String], has: &dyn Fn(&String) -> bool| match names
                .iter()
                .find(|name| !has(name))
            {
                Some(name) => Err(format!("{of} names the {kind} {name}, which is not there")),
                None => Ok(()),
            };
        let team = |name: &String| read.teams.contains_key(name);
        let site = |name: &String| read.sites.contains_key(name);
        let group = |name: &String| read.groups.contains_key(name);
        for (name, entry) in &read.teams {
            known("team", name, &entry.within, &team)?;
        }
        for (name, entry) in &read.users {
            known("team", name, &entry.teams, &team)?;
        }
        for (name, entry) in &read.sites {
            known("site", name, &entry.within, &site)?;
        }
        for (name, entry) in &read.devices {
            known("team", name, &entry.teams, &team)?;
            known("site", name, entry.site.as_slice(), &site)?;
        }
        for (name, entry) in &read.groups {
            known("group", name, &entry.within, &group)?;
        }
        for (name, entry) in &read.repositories {
            known("group", name, &entry.groups, &group)?;
        }
        Ok(read)
    }

    /// The entities that policies are asked with; those of the vendors as
    /// well: their products and models.
    pub(crate) fn entities(&self, vendors: &[Vendor]) -> Result<Entities, PolicyError> {
        let mut out: HashMap<EntityUid, Entity> = HashMap::new();
        let mut add = |entity: Result<Entity, PolicyError>| -> Result<(), PolicyError> {
            let entity = entity?;
            out.insert(entity.uid(), entity);
            Ok(())
        };
        let bool =
            |name: &str, value: bool| (name.to_owned(), RestrictedExpression::new_bool(value));
        for vendor in vendors {
            add(made("Vendor", &vendor.name, vec![], vec![]))?;
            let within = || vec![("Vendor", vendor.name.clone())];
            for tool in &vendor.tools {
                add(made("Product", &tool.name, within(), vec![]))?;
            }
            for model in &vendor.models {
                let open = model.weights == assay_model::Weights::Open;
                let attributes = vec![bool("openWeights", open), bool("selfHosted", false)];
                add(made("Model", &model.name, within(), attributes))?;
            }
        }
        let all = |kind: &'static str, names: &[String]| -> Vec<(&'static str, String)> {
            names.iter().map(|name| (kind, name.clone())).collect()
        };
        for (name, entry) in &self.teams {
            add(made("Team", name, all("Team", &entry.within), vec![]))?;
        }
        for (name, entry) in &self.users {
            add(made("User", name, all("Team", &entry.teams), vec![]))?;
        }
        for (name, entry) in &self.sites {
            add(made("Site", name, all("Site", &entry.within), vec![]))?;
        }
        for (name, entry) in &self.devices {
            let mut within = all("Team", &entry.teams);
            within.extend(all("Site", entry.site.as_slice()));
            add(made(
                "Device",
                name,
                within,
                vec![bool("managed", entry.managed)],
            ))?;
        }
        for (name, entry) in &self.groups {
            let within = all("RepositoryGroup", &entry.within);
            add(made("RepositoryGroup", name, within, vec![]))?;
        }
        for (name, entry) in &self.repositories {
            let within = all("RepositoryGroup", &entry.groups);
            add(made("Repository", name, within, vec![]))?;
        }
        for (name, entry) in &self.models {
            let within = all("Vendor", entry.vendor.as_slice());
            let attributes = vec![
                bool("openWeights", entry.open_weights),
                bool("selfHosted", entry.self_hosted),
            ];
            add(made("Model", name, within, attributes))?;
        }
        for (name, entry) in &self.providers {
            let host = RestrictedExpression::new_string(entry.host.clone());
            let attributes = vec![
                ("host".to_owned(), host),
                bool("selfHosted", entry.self_hosted),
            ];
            add(made("Provider", name, vec![], attributes))?;
        }
        Entities::from_entities(out.into_values(), None)
            .map_err(|error| PolicyError::Organisation(error.to_string()))
    }
}

/// Kinds of entities. Their names are parsed once: that takes longer than most
/// rules.
static KINDS: LazyLock<BTreeMap<&'static str, EntityTypeName>> = LazyLock::new(|| {
    let kinds = [
        "Action",
        "Device",
        "Model",
        "Product",
        "Provider",
        "Repository",
        "RepositoryGroup",
        "Site",
        "Team",
        "Tool",
        "User",
        "Vendor",
    ];
    let named = kinds.into_iter().filter_map(|kind| {
        let name = format!("Assay::{kind}").parse().ok()?;
        Some((kind, name))
    });
    named.collect()
});

/// The name of an entity of a kind.
pub(crate) fn uid(kind: &str, name: &str) -> Result<EntityUid, PolicyError> {
    let known = KINDS
        .get(kind)
        .ok_or_else(|| PolicyError::Organisation(format!("{kind} is no kind of entity")))?;
    Ok(EntityUid::from_type_name_and_id(
        known.clone(),
        EntityId::new(name),
    ))
}

/// An entity with the groups that it is in.
pub(crate) fn made(
    kind: &str,
    name: &str,
    within: Vec<(&'static str, String)>,
    attributes: Vec<(String, RestrictedExpression)>,
) -> Result<Entity, PolicyError> {
    let parents: Result<HashSet<EntityUid>, PolicyError> =
        within.iter().map(|(kind, name)| uid(kind, name)).collect();
    let attributes: HashMap<String, RestrictedExpression> = attributes.into_iter().collect();
    Entity::new(uid(kind, name)?, attributes, parents?)
        .map_err(|error| PolicyError::Organisation(error.to_string()))
}
