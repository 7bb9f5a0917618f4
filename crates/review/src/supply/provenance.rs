//! Statements of how a subject was built and published, and whether they are
//! about its bytes.

use assay_artifact::RegistryRecord;
use assay_attest::{Bundle, Refusal, Wanted, npm_bundles, pypi_bundles, verify};
use assay_model::{Attested, AttestedState, Built, Dossier, Purl};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::configuration::Signers;

/// What the types of statements begin with that tell how something was built
/// or published.
const BUILT: &[&str] = &[
    "https://slsa.dev/provenance/",
    "https://docs.pypi.org/attestations/publish/",
];

/// An address of a repository as people compare it.
fn plain_repository(address: &str) -> String {
    let plain = address.trim().to_lowercase();
    let plain = plain.strip_prefix("git+").unwrap_or(&plain);
    let plain = plain.split_once("://").map_or(plain, |(_, rest)| rest);
    let plain = plain.strip_prefix("git@").unwrap_or(plain);
    let plain = match plain.strip_prefix("github:") {
        Some(rest) => format!("github.com/{rest}"),
        // `git@host:owner/name`
        None => plain.replacen(':', "/", 1),
    };
    // A folder or a part of a page of it is still the same repository.
    let plain = plain.split(['#', '?']).next().unwrap_or_default();
    let plain = plain.split("/tree/").next().unwrap_or_default();
    // `owner/name` alone is npm's short form.
    let plain = match plain.matches('/').count() {
        1 if !plain.contains('.') => format!("github.com/{plain}"),
        _ => plain.to_owned(),
    };
    plain
        .trim_end_matches('/')
        .trim_end_matches(".git")
        .to_owned()
}

/// Whether statements of how it was built and published stand.
pub(super) fn provenance(
    dossier: &Dossier,
    record: &RegistryRecord,
    digest: Option<&str>,
    signers: &Signers,
) -> (Attested, Vec<Built>) {
    let told = |state, says: String| (Attested { state, says }, Vec::new());
    let Some(text) = &record.attestations else {
        return told(
            AttestedState::None,
            "the registry that was asked serves none".to_owned(),
        );
    };
    let purl = &dossier.subject.purl;
    let wanted = digest.and_then(digest_of).map(|digest| {
        let name = match &record.file {
            Some(file) => file.clone(),
            None => Purl::new("npm", &purl.full_name(), purl.version.as_deref()).to_string(),
        };
        Wanted { name, digest }
    });
    let Some(wanted) = wanted else {
        return told(
            AttestedState::Unavailable,
            "the artifact was checked against no digest of the registry".to_owned(),
        );
    };
    let bundles: Result<Vec<Bundle>, Refusal> = match purl.kind.as_str() {
        "npm" => npm_bundles(text).map(|all| all.into_iter().map(|(_, bundle)| bundle).collect()),
        _ => pypi_bundles(text),
    };
    let state = |refusal: &Refusal| match refusal {
        Refusal::Failed(_) => AttestedState::Failed,
        Refusal::Unknown(_) => AttestedState::Unavailable,
    };
    let bundles = match bundles {
        Ok(bundles) => bundles,
        Err(refusal) => return told(state(&refusal), refusal.to_string()),
    };
    let mut built = Vec::new();
    let mut refused: Option<Refusal> = None;
    for bundle in &bundles {
        match verify(bundle, &signers.root, &signers.keys, &wanted) {
            Ok(stands) => built.push(stands),
            // What is contradicted weighs more than what cannot be told.
            Err(refusal) => match &refused {
                Some(Refusal::Failed(_)) => {}
                _ => refused = Some(refusal),
            },
        }
    }
    // Who only took it in does not say how it was built, nor does a person, or
    // a statement about something else.
    let by = built.iter().find(|built| {
        let says_so = BUILT.iter().any(|kind| built.states.starts_with(kind));
        !built.issuer.is_empty() && built.repository.is_some() && says_so
    });
    let other = built.iter().find(|built| !built.issuer.is_empty());
    // The registry lets nobody publish such a statement from elsewhere.
    let elsewhere = by.filter(|_| purl.kind == "npm").and_then(|by| {
        let (from, named) = (by.repository.as_deref()?, record.repository.as_deref()?);
        (plain_repository(from) != plain_repository(named)).then_some((from, named))
    });
    let attested = match (by, refused) {
        (_, Some(refusal @ Refusal::Failed(_))) => Attested {
            state: AttestedState::Failed,
            says: refusal.to_string(),
        },
        (Some(_), _) if let Some((from, named)) = elsewhere => Attested {
            state: AttestedState::Failed,
            says: format!(
                "it is stated to be built from {from}, and names {named} as its repository"
            ),
        },
        (Some(by), _) => Attested {
            state: AttestedState::Verified,
            says: format!(
                "built from {} at {}, signed by {}, in the log {} since {}",
                by.repository
                    .as_deref()
                    .unwrap_or("a repository that is not named"),
                by.commit.as_deref().unwrap_or("a commit that is not named"),
                by.signer,
                by.log,
                by.at
            ),
        },
        (None, Some(refusal)) => Attested {
            state: state(&refusal),
            says: refusal.to_string(),
        },
        (None, None) if let Some(other) = other => Attested {
            state: AttestedState::Unavailable,
            says: format!(
                "{} signed {:?}, which is no statement by a workflow of how it was built",
                other.signer, other.states
            ),
        },
        (None, None) => Attested {
            state: AttestedState::None,
            says: "nobody states how it was built".to_owned(),
        },
    };
    (attested, built)
}

/// The algorithm of a digest as registries write it, and its value in
/// hexadecimal: `sha512-BASE64` and `sha256:HEX`.
fn digest_of(text: &str) -> Option<(String, String)> {
    if let Some((algorithm, value)) = text.split_once(':') {
        return Some((algorithm.to_owned(), value.to_lowercase()));
    }
    let (algorithm, value) = text.split_once('-')?;
    let bytes = STANDARD.decode(value.as_bytes()).ok()?;
    Some((algorithm.to_owned(), hex::encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::{digest_of, plain_repository};

    #[test]
    fn one_repository_is_written_in_many_ways() {
        for other in [
            "git+https://github.com/Own/Name.git",
            "git@github.com:own/name.git",
            "github:own/name",
            "own/name",
            "git://github.com/own/name/",
            "ssh://git@github.com/own/name.git",
        ] {
            assert_eq!(plain_repository(other), "github.com/own/name", "{other}");
        }
        assert_ne!(
            plain_repository("https://gitlab.com/own/name"),
            "github.com/own/name"
        );
    }

    #[test]
    fn digests_are_read_as_registries_write_them() {
        let hex = Some(("sha256".to_owned(), "0fff".to_owned()));
        assert_eq!(digest_of("sha256:0FFF"), hex);
        assert_eq!(digest_of("sha256-D/8="), hex);
        assert_eq!(digest_of("sha256"), None);
    }
}
