//! Entries of a log of what was signed (Rekor): that the log promised or
//! proves to have them (RFC 6962, 2.1.1), and that they are of this signature.

use serde_json::Value;

use crate::bundle::{Bundle, Entry, Proof, Signer};
use crate::root::{Log, Root};
use crate::{Refusal, base64, failed, sha256, unknown};

/// What a log says.
pub(crate) struct Logged {
    /// Its name.
    pub(crate) log: String,
    /// When it took the entry in, in seconds since 1970, if it signed that.
    pub(crate) at: Option<u64>,
}

/// Checks one entry.
pub(crate) fn check(entry: &Entry, bundle: &Bundle, root: &Root) -> Result<Logged, Refusal> {
    let id = base64(&entry.log_id.key_id, "the name of a log")?;
    let Some(log) = root.logs.iter().find(|log| log.id == id) else {
        return unknown("it is in a log that is not known here");
    };
    let body = base64(&entry.canonicalized_body, "the entry of a log")?;
    let mut at = None;
    if let Some(promise) = &entry.inclusion_promise {
        let signature = base64(&promise.signed_entry_timestamp, "the promise of a log")?;
        let message = format!(
            "{{\"body\":\"{}\",\"integratedTime\":{},\"logID\":\"{}\",\"logIndex\":{}}}",
            entry.canonicalized_body,
            entry.integrated_time,
            hex::encode(&id),
            entry.log_index
        );
        log.key
            .verify(message.as_bytes(), &signature, "the promise of a log")?;
        if !log.valid.contains(entry.integrated_time) {
            return failed("the log was not trusted when it took it in");
        }
        at = Some(entry.integrated_time);
    }
    match &entry.inclusion_proof {
        Some(proof) => proven(proof, &body, log, &id)?,
        None if at.is_some() => {}
        None => return failed("a log neither promises nor proves that it has it"),
    }
    is_of(&body, bundle)?;
    Ok(Logged {
        log: log.name.clone(),
        at,
    })
}

/// That an entry is in the tree whose root the log signed.
fn proven(proof: &Proof, body: &[u8], log: &Log, id: &[u8]) -> Result<(), Refusal> {
    let Some(checkpoint) = &proof.checkpoint else {
        return failed("the proof of a log has no signed root");
    };
    let Some((text, signatures)) = checkpoint.envelope.split_once("\n\n") else {
        return failed("the signed root of a log is broken");
    };
    let text = format!("{text}\n");
    let mut stands = false;
    for line in signatures.lines().take(16) {
        // An em dash, a name, and four bytes of the key's name before the
        // signature.
        let Some((_, signature)) = line
            .strip_prefix("\u{2014} ")
            .and_then(|line| line.split_once(' '))
        else {
            continue;
        };
        let signature = base64(signature, "the signature of a root")?;
        let Some((hint, signature)) = signature.split_at_checked(4) else {
            continue;
        };
        if id.starts_with(hint) {
            log.key
                .verify(text.as_bytes(), signature, "the signature of a log's root")?;
            stands = true;
        }
    }
    if !stands {
        return failed("the log did not sign its root");
    }
    let mut lines = text.lines().skip(1);
    let size = lines.next().and_then(|size| size.parse::<u64>().ok());
    let (Some(size), Some(root)) = (size, lines.next()) else {
        return failed("the signed root of a log is broken");
    };
    let root = base64(root, "the root of a log")?;
    let hashes: Result<Vec<Vec<u8>>, Refusal> = proof
        .hashes
        .iter()
        .take(128)
        .map(|one| base64(one, "the proof of a log"))
        .collect();
    let hashes = hashes?;
    let index = proof.log_index;
    if index >= size {
        return failed("an entry lies behind the end of its log");
    }
    let leaf = sha256(&[&[0], body].concat());
    match climbed(leaf, index, size, &hashes) {
        Some(reached) if reached == root => Ok(()),
        _ => failed("an entry is not in the log that should have it"),
    }
}

/// The root that a proof leads to.
fn climbed(leaf: Vec<u8>, index: u64, size: u64, hashes: &[Vec<u8>]) -> Option<Vec<u8>> {
    let node = |left: &[u8], right: &[u8]| sha256(&[&[1], left, right].concat());
    let inner = (u64::BITS - (index ^ (size - 1)).leading_zeros()) as usize;
    let above = index.checked_shr(inner as u32).unwrap_or(0).count_ones() as usize;
    if hashes.len() != inner + above {
        return None;
    }
    let mut hash = leaf;
    for (level, other) in hashes.iter().enumerate() {
        let is_left = level < inner && index >> level & 1 == 0;
        hash = match is_left {
            true => node(&hash, other),
            false => node(other, &hash),
        };
    }
    Some(hash)
}

/// That an entry is of this statement, signature and signer.
fn is_of(body: &[u8], bundle: &Bundle) -> Result<(), Refusal> {
    let body: Value =
        serde_json::from_slice(body).or_else(|_| failed("the entry of a log is no JSON"))?;
    let text = |value: &Value, path: &str| {
        let text = value.pointer(path).and_then(Value::as_str);
        text.map(str::to_owned)
            .ok_or_else(|| Refusal::Failed("the entry of a log is broken".to_owned()))
    };
    let kind = (text(&body, "/kind")?, text(&body, "/apiVersion")?);
    let digest = hex::encode(sha256(&bundle.payload));
    let only_one = |path: &str| match body.pointer(path).and_then(Value::as_array) {
        Some(all) if all.len() == 1 => Ok(()),
        _ => failed("the entry of a log has more than one signature, or none"),
    };
    // The digest it is about, the signature, and who signed: a key or a
    // certificate, as PEM.
    let (payload, signature, signer) = match (kind.0.as_str(), kind.1.as_str()) {
        ("intoto", "0.0.2") => {
            let list = "/spec/content/envelope/signatures";
            only_one(list)?;
            // Written in Base64 twice.
            let outer = base64(&text(&body, &format!("{list}/0/sig"))?, "a signature")?;
            let outer = String::from_utf8(outer).or_else(|_| failed("a signature is broken"))?;
            (
                text(&body, "/spec/content/payloadHash/value")?,
                base64(&outer, "a signature")?,
                base64(&text(&body, &format!("{list}/0/publicKey"))?, "a signer")?,
            )
        }
        ("dsse", "0.0.1") => {
            only_one("/spec/signatures")?;
            (
                text(&body, "/spec/payloadHash/value")?,
                base64(&text(&body, "/spec/signatures/0/signature")?, "a signature")?,
                base64(&text(&body, "/spec/signatures/0/verifier")?, "a signer")?,
            )
        }
        ("dsse", "0.0.2") => {
            only_one("/spec/dsseV002/signatures")?;
            let at = "/spec/dsseV002";
            let payload = base64(
                &text(&body, &format!("{at}/payloadHash/digest"))?,
                "a digest",
            )?;
            let one = format!("{at}/signatures/0");
            let signer = format!("{one}/verifier/x509Certificate/rawBytes");
            (
                hex::encode(payload),
                base64(&text(&body, &format!("{one}/content"))?, "a signature")?,
                base64(&text(&body, &signer)?, "a signer")?,
            )
        }
        (kind, version) => {
            return unknown(format!("an entry of the kind {kind} {version} is not read"));
        }
    };
    if payload != digest {
        return failed("the entry of a log is of another statement");
    }
    if signature != bundle.signature {
        return failed("the entry of a log is of another signature");
    }
    if let Signer::Certificate(leaf) = &bundle.signer
        && unarmoured(&signer)? != *leaf
    {
        return failed("the entry of a log is of another signer");
    }
    Ok(())
}

/// What is in a PEM, or the bytes themselves.
fn unarmoured(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let Some(text) = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.starts_with("-----BEGIN "))
    else {
        return Ok(bytes.to_vec());
    };
    let inner: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .map(str::trim)
        .collect();
    base64(&inner, "a PEM")
}
