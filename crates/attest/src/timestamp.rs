//! Time stamps (RFC 3161): somebody who is trusted for it signed that a digest
//! was there at a time. Read as CMS (RFC 5652) with one signer, whose
//! certificate lies beside it and is held against those that are trusted.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use time::PrimitiveDateTime;

use crate::certificate::{Certificate, STAMPS, issued};
use crate::der::{
    Element, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET, context, only,
    write,
};
use crate::key::Hash;
use crate::root::Authority;
use crate::{Refusal, failed, moment, unknown};

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const TIME: &[u8] = &[
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
/// The most certificates of one time stamp.
const MOST: usize = 16;

/// A time stamp that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When, as 2026-01-31T12:00:00Z.
    pub at: String,
}

/// Checks that a time stamp, or the answer of a service that holds one, is of
/// some bytes and by one of the authorities that `trusted` has as PEM.
///
/// # Errors
/// [`Refusal::Failed`] when something contradicts it, [`Refusal::Unknown`]
/// when it is in a form that is not read.
pub fn stamp(stamp: &[u8], of: &[u8], trusted: &[String]) -> Result<Stamp, Refusal> {
    let mut authorities = Vec::new();
    for pem in trusted {
        let chain: Result<Vec<Vec<u8>>, _> = CertificateDer::pem_slice_iter(pem.as_bytes())
            .map(|one| one.map(|der| der.to_vec()))
            .collect();
        match chain {
            Ok(chain) if !chain.is_empty() => authorities.push(Authority::always(chain)),
            _ => return unknown("the certificate of an authority for time stamps is no PEM"),
        }
    }
    checked(stamp, of, &authorities).map(|at| Stamp { at: moment(at) })
}

fn hash(name: &[u8]) -> Result<Hash, Refusal> {
    match name {
        SHA256 => Ok(Hash::Sha256),
        SHA384 => Ok(Hash::Sha384),
        SHA512 => Ok(Hash::Sha512),
        _ => unknown("a time stamp uses a digest that is not read here"),
    }
}

fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    use ring::digest::{SHA256, SHA384, SHA512, digest};
    let algorithm = match hash {
        Hash::Sha256 => &SHA256,
        Hash::Sha384 => &SHA384,
        Hash::Sha512 => &SHA512,
    };
    digest(algorithm, bytes).as_ref().to_vec()
}

/// The same, in seconds since 1970.
pub(crate) fn checked(stamp: &[u8], of: &[u8], trusted: &[Authority]) -> Result<u64, Refusal> {
    let mut whole = only(stamp, SEQUENCE)?.reader();
    let first = whole.next()?;
    // The answer of a service begins with a state, a stamp with what it is.
    let name = match first.tag {
        OID => first,
        SEQUENCE => {
            let state = first.reader().expect(INTEGER)?.content;
            if state != [0] && state != [1] {
                return failed("the service refused to stamp it");
            }
            let stamp = whole.expect(SEQUENCE)?;
            whole.end()?;
            whole = stamp.reader();
            whole.expect(OID)?
        }
        _ => return failed("it is no time stamp"),
    };
    if name.content != SIGNED_DATA {
        return failed("it is no time stamp");
    }
    let signed = only(whole.expect(context(0))?.content, SEQUENCE)?;
    let mut signed = signed.reader();
    signed.expect(INTEGER)?;
    signed.expect(SET)?;
    let mut inner = signed.expect(SEQUENCE)?.reader();
    if inner.expect(OID)?.content != TIME {
        return failed("it is no time stamp");
    }
    let content = only(inner.expect(context(0))?.content, OCTET_STRING)?.content;
    let beside = match signed.optional(context(0))? {
        Some(set) => certificates(&set)?,
        None => Vec::new(),
    };
    signed.optional(context(1))?;
    let mut signers = signed.expect(SET)?.reader();
    signed.end()?;
    let signer = signers.expect(SEQUENCE)?;
    signers.end()?;
    let at = stamped(content, of)?;
    let (attributes, hash, signature) = signer_info(&signer, content)?;
    let mut why = Refusal::Failed("no certificate of who stamped it lies beside it".to_owned());
    for leaf in &beside {
        let Ok(certificate) = Certificate::read(leaf) else {
            continue;
        };
        let checked = certificate
            .key
            .verify_with(
                hash,
                &attributes,
                &signature,
                "the signature of the time stamp",
            )
            .and_then(|()| by(leaf, &beside, trusted, at));
        match checked {
            Ok(()) => return Ok(at),
            // What its own signer is refused for tells more.
            Err(refusal) if beside.len() == 1 || !refusal.to_string().contains("signature") => {
                why = refusal;
            }
            Err(_) => {}
        }
    }
    // An authority may keep its certificate out of the stamp.
    for authority in trusted {
        let Some(leaf) = authority.chain.first() else {
            continue;
        };
        let stands = Certificate::read(leaf).and_then(|known| {
            known.key.verify_with(
                hash,
                &attributes,
                &signature,
                "the signature of the time stamp",
            )
        });
        if stands.is_ok() {
            by(leaf, &[], trusted, at)?;
            return Ok(at);
        }
    }
    Err(why)
}

/// That a certificate is the one that an authority is known by, or of an
/// authority of which those above are known alone; and that it stamps, and
/// nothing else (RFC 3161, 2.3).
fn by(leaf: &[u8], beside: &[Vec<u8>], trusted: &[Authority], at: u64) -> Result<(), Refusal> {
    let certificate = Certificate::read(leaf)?;
    if !certificate.only_stamps()? {
        return failed("who stamped it has a certificate for other uses as well");
    }
    let mut why = Refusal::Failed("it is stamped by nobody who is trusted".to_owned());
    for authority in trusted {
        let (Some(first), others) = (authority.chain.first(), authority.chain.get(1..)) else {
            continue;
        };
        let of_one = !Certificate::read(first)?.is_authority();
        if of_one && first.as_slice() != leaf {
            continue;
        }
        // Who is known by a certificate alone is trusted for its days.
        if of_one && others.is_none_or(<[_]>::is_empty) {
            if certificate.is_of(at)? && authority.valid.contains(at) {
                return Ok(());
            }
            why = Refusal::Failed("the certificate was not valid then".to_owned());
            continue;
        }
        match issued(leaf, beside, std::slice::from_ref(authority), at, STAMPS) {
            Ok(_) => return Ok(()),
            Err(refusal) => why = refusal,
        }
    }
    Err(why)
}

fn certificates(set: &Element<'_>) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut out = Vec::new();
    let mut all = set.reader();
    while !all.is_empty() {
        let one = all.next()?;
        if out.len() >= MOST {
            return failed("a time stamp has too many certificates");
        }
        if one.tag == SEQUENCE {
            out.push(one.whole.to_vec());
        }
    }
    Ok(out)
}

/// When some bytes were stamped, by TSTInfo.
fn stamped(content: &[u8], of: &[u8]) -> Result<u64, Refusal> {
    let mut info = only(content, SEQUENCE)?.reader();
    info.expect(INTEGER)?;
    info.expect(OID)?;
    let mut imprint = info.expect(SEQUENCE)?.reader();
    let algorithm = imprint.expect(SEQUENCE)?.reader().expect(OID)?.content;
    let known = imprint.expect(OCTET_STRING)?.content;
    info.expect(INTEGER)?;
    let time = info.expect(GENERALIZED_TIME)?.content;
    if digest(hash(algorithm)?, of) != known {
        return failed("the time stamp is of other bytes");
    }
    let time = std::str::from_utf8(time).unwrap_or_default();
    let form = time::macros::format_description!("[year][month][day][hour][minute][second]");
    // Fractions of a second are dropped.
    let plain = time.trim_end_matches('Z');
    let plain = plain.split('.').next().unwrap_or_default();
    let at = PrimitiveDateTime::parse(plain, &form).ok();
    let at = at.and_then(|at| u64::try_from(at.assume_utc().unix_timestamp()).ok());
    match at {
        Some(at) if time.ends_with('Z') => Ok(at),
        _ => failed("the time of a time stamp is broken"),
    }
}

/// What a signer signed, with which digest, and the signature.
fn signer_info(signer: &Element<'_>, content: &[u8]) -> Result<(Vec<u8>, Hash, Vec<u8>), Refusal> {
    let mut parts = signer.reader();
    parts.expect(INTEGER)?;
    // Who: any certificate beside it whose key fits is held against those that
    // are trusted, so that the name adds nothing.
    parts.next()?;
    let algorithm = parts.expect(SEQUENCE)?.reader().expect(OID)?.content;
    let hash = hash(algorithm)?;
    let Some(attributes) = parts.optional(context(0))? else {
        return failed("a time stamp without signed attributes");
    };
    let of = attribute(&attributes, MESSAGE_DIGEST)?;
    if only(of, OCTET_STRING)?.content != digest(hash, content) {
        return failed("the signature of the time stamp is of another content");
    }
    if only(attribute(&attributes, CONTENT_TYPE)?, OID)?.content != TIME {
        return failed("the signature of the time stamp is of another content");
    }
    parts.expect(SEQUENCE)?;
    let signature = parts.expect(OCTET_STRING)?.content.to_vec();
    // Signed as the set that it is, and not under its tag.
    Ok((write(SET, attributes.content), hash, signature))
}

/// The only value of an attribute, which must be there once.
fn attribute<'a>(attributes: &Element<'a>, name: &[u8]) -> Result<&'a [u8], Refusal> {
    let mut all: Reader<'a> = attributes.reader();
    let mut found = None;
    while !all.is_empty() {
        let mut one = all.expect(SEQUENCE)?.reader();
        if one.expect(OID)?.content == name {
            let values = one.expect(SET)?.content;
            if found.replace(values).is_some() {
                return failed("a time stamp says something twice");
            }
        }
    }
    found.ok_or_else(|| Refusal::Failed("a time stamp lacks an attribute".to_owned()))
}
