//! Where a subject comes from, and what is in it.

mod osv;
mod provenance;

use std::collections::BTreeMap;

use assay_artifact::RegistryRecord;
use assay_attest::signed;
use assay_model::{
    Attested, AttestedState, Component, Dossier, Party, Purl, SUPPLY_SCHEMA, Supply,
};

pub(crate) use osv::Osv;
pub use osv::{OSV_EXPORT, OsvError, osv_ecosystems, osv_update};
use provenance::provenance;

use crate::configuration::Signers;

/// Scripts that run when a package is installed, of all that npm runs then.
const INSTALL: &[&str] = &["preinstall", "install", "postinstall"];

/// Puts together what the registry tells, what is in the artifact, and what is
/// known of that. `record` says why there is none.
pub(crate) fn supply(
    dossier: &Dossier,
    record: Result<Option<RegistryRecord>, String>,
    signers: &Signers,
    database: Option<&Osv>,
) -> Supply {
    let purl = &dossier.subject.purl;
    let mut out = Supply {
        schema: SUPPLY_SCHEMA.to_owned(),
        sha256: dossier.subject.sha256.to_string(),
        components: components(dossier),
        ..Supply::default()
    };
    let unavailable = |why: &str| Attested {
        state: AttestedState::Unavailable,
        says: why.to_owned(),
    };
    match record {
        Err(why) => {
            let why = format!("the registry could not be asked: {why}");
            out.signature = unavailable(&why);
            out.provenance = unavailable(&why);
            out.notes.push(why);
        }
        Ok(None) => {
            let why = "it is from no registry";
            out.signature = unavailable(why);
            out.provenance = unavailable(why);
        }
        Ok(Some(record)) => of_record(&mut out, dossier, &record, signers),
    }
    // What the code says of itself, whatever the registry says.
    for finding in &dossier.findings {
        if finding.behaviour == "integrity.install-script" {
            let (name, text) = finding
                .key
                .split_once(':')
                .unwrap_or(("install", &finding.key));
            let known = out
                .install_scripts
                .iter()
                .any(|(_, known)| known.trim() == text.trim());
            if !known {
                out.install_scripts
                    .push((name.trim().to_owned(), text.trim().to_owned()));
            }
        }
    }
    if let Some(database) = database {
        out.vulnerabilities = Some(database.look_up(purl, &out.components));
    }
    out
}

fn of_record(out: &mut Supply, dossier: &Dossier, record: &RegistryRecord, signers: &Signers) {
    let main = dossier.subject.artifacts.first();
    let digest = main.and_then(|main| main.integrity.digest());
    let is_npm = dossier.subject.purl.kind == "npm";
    out.signature = match is_npm {
        true => {
            let (name, version) = (&record.name, &record.version);
            let published = record.releases.iter().find(|one| one.version == *version);
            let published = published.and_then(|one| one.published.as_deref());
            signed(
                name,
                version,
                digest,
                &record.signatures,
                published,
                &signers.keys,
            )
        }
        false => Attested {
            state: AttestedState::Unavailable,
            says: "PyPI signs no versions; its attestations are provenance".to_owned(),
        },
    };
    (out.provenance, out.built) = provenance(dossier, record, digest, signers);
    out.licence.clone_from(&record.licence);
    out.maintainers.clone_from(&record.maintainers);
    out.publisher.clone_from(&record.publisher);
    out.install_scripts = record
        .scripts
        .iter()
        .filter(|(name, _)| INSTALL.contains(&name.as_str()))
        .cloned()
        .collect();
    let this = record
        .releases
        .iter()
        .find(|release| release.version == record.version);
    out.published = this.and_then(|release| release.published.clone());
    if let Some(published) = &out.published {
        let (day, year) = (published.get(..10).unwrap_or_default(), published.get(..4));
        let before = year.and_then(|year| year.parse::<u32>().ok()).map(|year| {
            format!(
                "{}{}",
                year.saturating_sub(1),
                day.get(4..).unwrap_or_default()
            )
        });
        if let Some(before) = before {
            let within = record.releases.iter().filter(|release| {
                let at = release.published.as_deref().and_then(|at| at.get(..10));
                at.is_some_and(|at| at > before.as_str() && at <= day)
            });
            out.releases_in_a_year = Some(within.count() as u64);
        }
    }
    if let Some(withdrawn) = this.and_then(|release| release.withdrawn.as_ref()) {
        out.changes
            .push(format!("this version is withdrawn: {withdrawn}"));
    }
    if let Some(before) = &record.before {
        since(out, record, before);
    }
    if record.maintainers.is_empty() {
        out.notes
            .push("the registry that was asked does not say who can publish".to_owned());
    }
}

/// What changed since the version before.
fn since(out: &mut Supply, record: &RegistryRecord, before: &RegistryRecord) {
    if let (Some(now), Some(then)) = (&record.publisher, &before.publisher)
        && now != then
    {
        out.changes.push(format!(
            "{now} published this version, and {then} the one before"
        ));
    }
    let news = |these: &[String], those: &[String]| -> Vec<String> {
        let new = these.iter().filter(|one| !those.contains(one));
        new.cloned().collect()
    };
    // A registry that does not say leaves the list empty.
    if !record.maintainers.is_empty() && !before.maintainers.is_empty() {
        for (who, what) in [
            (
                news(&record.maintainers, &before.maintainers),
                "can publish since this version",
            ),
            (
                news(&before.maintainers, &record.maintainers),
                "can publish no more since this version",
            ),
        ] {
            if !who.is_empty() {
                out.changes.push(format!("{} {what}", who.join(", ")));
            }
        }
    }
    for (name, script) in record
        .scripts
        .iter()
        .filter(|(name, _)| INSTALL.contains(&name.as_str()))
    {
        let known = before.scripts.iter().find(|(known, _)| known == name);
        match known {
            None => out.changes.push(format!("the script {name} is new")),
            Some((_, known)) if known != script => {
                out.changes.push(format!("the script {name} is another"));
            }
            Some(_) => {}
        }
    }
    if record.licence != before.licence {
        out.changes.push(format!(
            "the licence was {:?} and is {:?}",
            before.licence, record.licence
        ));
    }
}

/// What is in a subject, out of whose the code is.
fn components(dossier: &Dossier) -> Vec<Component> {
    let kind = match dossier.subject.purl.kind.as_str() {
        "pypi" => "pypi",
        // What scripts in extensions and executables are from came from npm as
        // well; what compilers name says where it is from.
        _ => "npm",
    };
    let mut out: BTreeMap<(String, String, Option<String>), Component> = BTreeMap::new();
    for share in &dossier.attribution.packages {
        if share.package.is_empty() {
            continue;
        }
        let kind = share.ecosystem.as_deref().unwrap_or(kind);
        let (name, version) = match share.package.rsplit_once('@') {
            Some((name, version)) if !name.is_empty() => {
                (name.to_owned(), Some(version.to_owned()))
            }
            _ => (share.package.clone(), None),
        };
        let is_itself =
            kind == dossier.subject.purl.kind && name == dossier.subject.purl.full_name();
        let is_name = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "@/._-~".contains(c));
        let purl = is_name.then(|| Purl::new(kind, &name, version.as_deref()).to_string());
        let entry = out
            .entry((kind.to_owned(), name.clone(), version.clone()))
            .or_insert_with(|| Component {
                purl,
                name,
                version,
                own: share.party == Party::First,
                ..Component::default()
            });
        entry.bytes = entry.bytes.saturating_add(share.bytes);
        for by in &share.evidence {
            if !entry.evidence.contains(by) {
                entry.evidence.push(by.clone());
            }
        }
        if is_itself {
            entry.own = true;
        }
    }
    // Code that lies with a manifest is of the version that the manifest says,
    // where there is one.
    let unsaid: Vec<(String, String)> = out
        .keys()
        .filter(|(_, _, version)| version.is_none())
        .map(|(kind, name, _)| (kind.clone(), name.clone()))
        .collect();
    for (kind, name) in unsaid {
        let mut of_it = out
            .keys()
            .filter(|(k, n, version)| (k, n) == (&kind, &name) && version.is_some());
        let (Some(known), None) = (of_it.next().cloned(), of_it.next()) else {
            continue;
        };
        if let Some(unsaid) = out.remove(&(kind, name, None))
            && let Some(known) = out.get_mut(&known)
        {
            known.bytes = known.bytes.saturating_add(unsaid.bytes);
            for by in unsaid.evidence {
                if !known.evidence.contains(&by) {
                    known.evidence.push(by);
                }
            }
        }
    }
    let own = dossier.subject.purl.full_name();
    let mut out: Vec<Component> = out
        .into_values()
        .filter(|component| component.name != own)
        .map(|component| Component {
            confidence: component
                .evidence
                .iter()
                .map(|by| sure(by))
                .max()
                .unwrap_or(30),
            ..component
        })
        .collect();
    out.sort_by(|a, b| (b.bytes, &a.name).cmp(&(a.bytes, &b.name)));
    out
}

/// How sure a package is that is told by something, from 0 to 100.
fn sure(evidence: &str) -> u8 {
    match evidence {
        "manifest" | "path" | "build-info" => 95,
        "source-map" => 90,
        "label" | "source-path" => 80,
        "banner" => 70,
        "fingerprint" => 60,
        _ => 40,
    }
}
