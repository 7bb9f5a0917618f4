//! Whether a bundle stands, and what it then says.

use assay_model::Built;

use crate::bundle::{Bundle, Signer};
use crate::certificate::{CODE, Certificate, issued};
use crate::registry::{RegistryKey, key_of};
use crate::root::Root;
use crate::statement::{Wanted, check as states};
use crate::{Refusal, failed, log, moment, timestamp, unknown};

/// Checks a bundle: that it is about `wanted`, that a known log has it, that
/// who signed was certified by a trusted authority then, or is a key of the
/// registry, and that the signature stands.
///
/// # Errors
/// [`Refusal::Failed`] when something contradicts it, [`Refusal::Unknown`]
/// when it cannot be told.
pub fn verify(
    bundle: &Bundle,
    root: &Root,
    keys: &[RegistryKey],
    wanted: &Wanted,
) -> Result<Built, Refusal> {
    let predicate = states(&bundle.payload_type, &bundle.payload, wanted)?;
    if bundle.entries.is_empty() {
        return failed("it is in no log");
    }
    let mut logs = Vec::new();
    let mut times = Vec::new();
    for entry in &bundle.entries {
        let logged = log::check(entry, bundle, root)?;
        logs.push(logged.log);
        times.extend(logged.at);
    }
    for stamp in &bundle.stamps {
        let at = timestamp::checked(stamp, &bundle.signature, &root.stampers)?;
        times.push(at);
    }
    // Certificates hold for minutes: when it was signed has to be signed too.
    let Some(at) = times.iter().copied().min() else {
        return unknown("nobody who is known here says when it was signed");
    };
    let signed = bundle.signed();
    let mut out = Built {
        states: predicate,
        at: moment(at),
        log: logs.first().cloned().unwrap_or_default(),
        ..Built::default()
    };
    match &bundle.signer {
        Signer::Key(name) => {
            let Some(key) = key_of(keys, name) else {
                return unknown(format!("it is signed by {name}, which is not known here"));
            };
            if !key.is_valid(&out.at) {
                return failed(format!("the key {name} was not valid at {}", out.at));
            }
            key.key()?
                .verify(&signed, &bundle.signature, "the signature")?;
            out.signer.clone_from(name);
        }
        Signer::Certificate(leaf) => {
            let mut issuer = None;
            for at in &times {
                issuer = Some(issued(leaf, &[], &root.authorities, *at, CODE)?);
            }
            let Some(issuer) = issuer.and_then(|issuer| issuer.chain.first()) else {
                return unknown("nobody who is known here says when it was signed");
            };
            let certificate = Certificate::read(leaf)?;
            certificate.is_logged(&Certificate::read(issuer)?, root)?;
            certificate
                .key
                .verify(&signed, &bundle.signature, "the signature")?;
            let says = |number: u8| certificate.workflow(number);
            out.signer = certificate.subject().unwrap_or_default();
            out.issuer = says(8).or_else(|| says(1)).unwrap_or_default();
            out.repository = says(12).or_else(|| {
                let short = says(5)?;
                Some(format!("https://github.com/{short}"))
            });
            out.commit = says(13).or_else(|| says(3));
            out.reference = says(14).or_else(|| says(6));
            out.workflow = says(18);
            out.runner = says(11);
        }
    }
    Ok(out)
}
