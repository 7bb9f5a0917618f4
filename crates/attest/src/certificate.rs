//! Certificates (RFC 5280): what they say of themselves, who issued them, and
//! whether a log of certificates has seen them (RFC 6962).

use rustls_pki_types::{CertificateDer, UnixTime};
use std::time::Duration;
use webpki::ring as algorithms;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::der::{
    BOOLEAN, Element, OCTET_STRING, OID, Reader, SEQUENCE, UTC_TIME, context, only, write,
};
use crate::key::Key;
use crate::root::{Authority, Root};
use crate::{Refusal, failed, sha256, unknown};

/// Signing code (RFC 5280, 4.2.1.12).
pub(crate) const CODE: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];
/// Stamping times.
pub(crate) const STAMPS: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
/// Stamps of logs of certificates.
const SCT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02];
/// What a certificate is for.
const USES: &[u8] = &[0x55, 0x1d, 0x25];
/// Whether it may issue others.
const CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
/// Names of the subject.
const NAMES: &[u8] = &[0x55, 0x1d, 0x11];
/// What Sigstore's certificates say of a workflow: 1.3.6.1.4.1.57264.1.
const WORKFLOW: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01];
/// The most extensions of a certificate.
const MOST: usize = 64;

/// What a certificate says of itself.
pub(crate) struct Certificate {
    pub(crate) key: Key,
    spki: Vec<u8>,
    extensions: Vec<(Vec<u8>, Vec<u8>)>,
    /// The names of those that whoever reads it has to understand.
    critical: Vec<Vec<u8>>,
    /// Its validity, in DER.
    days: Vec<u8>,
    /// What is signed of it, but for stamps of logs.
    without_stamps: Vec<u8>,
}

impl Certificate {
    pub(crate) fn read(der: &[u8]) -> Result<Self, Refusal> {
        let mut whole = only(der, SEQUENCE)?.reader();
        let mut signed = whole.expect(SEQUENCE)?.reader();
        let mut kept = Vec::new();
        let (mut spki, mut days) = (Vec::new(), Vec::new());
        let mut critical = Vec::new();
        let mut extensions: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        // Version, then number, algorithm, issuer, validity and subject.
        let version = signed.optional(context(0))?;
        kept.extend_from_slice(version.map_or(&[], |version| version.whole));
        for field in 0..6 {
            let element = signed.next()?;
            kept.extend_from_slice(element.whole);
            match field {
                3 => days = element.whole.to_vec(),
                5 => spki = element.whole.to_vec(),
                _ => {}
            }
        }
        while !signed.is_empty() {
            let element = signed.next()?;
            if element.tag != context(3) {
                kept.extend_from_slice(element.whole);
                continue;
            }
            let mut all = only(element.content, SEQUENCE)?.reader();
            let mut others = Vec::new();
            while !all.is_empty() {
                let extension = all.expect(SEQUENCE)?;
                let mut parts = extension.reader();
                let name = parts.expect(OID)?.content.to_vec();
                let mut value = parts.next()?;
                if value.tag != OCTET_STRING {
                    if value.content == [0xff] {
                        critical.push(name.clone());
                    }
                    value = parts.expect(OCTET_STRING)?;
                }
                parts.end()?;
                if extensions.iter().any(|(known, _)| *known == name) || extensions.len() >= MOST {
                    return failed("a certificate says something twice, or too much");
                }
                if name != SCT {
                    others.extend_from_slice(extension.whole);
                }
                extensions.push((name, value.content.to_vec()));
            }
            kept.extend(write(context(3), &write(SEQUENCE, &others)));
        }
        Ok(Self {
            key: Key::read(&spki)?,
            spki,
            extensions,
            critical,
            days,
            without_stamps: write(SEQUENCE, &kept),
        })
    }

    fn extension(&self, name: &[u8]) -> Option<&[u8]> {
        let known = self.extensions.iter().find(|(known, _)| known == name);
        known.map(|(_, value)| value.as_slice())
    }

    /// What it says of the workflow that signed, by number. The first seven
    /// are bare texts, the later ones texts in DER.
    pub(crate) fn workflow(&self, number: u8) -> Option<String> {
        let mut name = WORKFLOW.to_vec();
        name.push(number);
        let value = self.extension(&name)?;
        let text = match number {
            0..=7 => value,
            _ => Reader::new(value).next().ok()?.content,
        };
        String::from_utf8(text.to_vec()).ok()
    }

    /// Whether it says that it is for a use.
    fn is_for(&self, usage: &[u8]) -> Result<bool, Refusal> {
        let Some(uses) = self.extension(USES) else {
            return Ok(false);
        };
        let mut uses = only(uses, SEQUENCE)?.reader();
        let mut found = false;
        while !uses.is_empty() {
            found |= uses.expect(OID)?.content == usage;
        }
        Ok(found)
    }

    /// Whether it is for time stamps alone, and has to be taken so.
    pub(crate) fn only_stamps(&self) -> Result<bool, Refusal> {
        let Some(uses) = self.extension(USES) else {
            return Ok(false);
        };
        let mut uses = only(uses, SEQUENCE)?.reader();
        let first = uses.expect(OID)?.content == STAMPS;
        Ok(first && uses.is_empty() && self.critical.iter().any(|name| name == USES))
    }

    /// Whether it may issue others.
    pub(crate) fn is_authority(&self) -> bool {
        let constraints = self.extension(CONSTRAINTS);
        let sequence = constraints.and_then(|value| only(value, SEQUENCE).ok());
        let first = sequence.and_then(|all| all.reader().next().ok());
        first.is_some_and(|first| first.tag == BOOLEAN && first.content == [0xff])
    }

    /// Whether a time, in seconds since 1970, lies in its days.
    pub(crate) fn is_of(&self, at: u64) -> Result<bool, Refusal> {
        let mut days = only(&self.days, SEQUENCE)?.reader();
        let (from, until) = (days.next()?, days.next()?);
        Ok(seconds(&from)? <= at && at <= seconds(&until)?)
    }

    /// The first name of its subject, an address or a mail address.
    pub(crate) fn subject(&self) -> Option<String> {
        let names = only(self.extension(NAMES)?, SEQUENCE).ok()?;
        let first = names.reader().next().ok()?;
        String::from_utf8(first.content.to_vec()).ok()
    }

    /// Whether a log of certificates has seen it, as issued by `issuer`.
    pub(crate) fn is_logged(&self, issuer: &Self, root: &Root) -> Result<(), Refusal> {
        let Some(stamps) = self.extension(SCT) else {
            return failed("the certificate is in no log of certificates");
        };
        let stamps = only(stamps, OCTET_STRING)?.content;
        let mut list = Bytes(stamps);
        let length = list.number(2)?;
        let mut list = Bytes(list.take(length)?);
        let mut stands = false;
        let mut strangers = 0_usize;
        while !list.0.is_empty() {
            let length = list.number(2)?;
            let mut stamp = Bytes(list.take(length)?);
            if stamp.number(1)? != 0 {
                return unknown("a stamp of a log of certificates is of a version not read here");
            }
            let id = stamp.take(32)?;
            let time = stamp.take(8)?;
            let more = {
                let length = stamp.number(2)?;
                let mut more = (length as u16).to_be_bytes().to_vec();
                more.extend_from_slice(stamp.take(length)?);
                more
            };
            // SHA-256 and ECDSA, in the numbers of TLS 1.2.
            if stamp.take(2)? != [4, 3] {
                return unknown(
                    "a stamp of a log of certificates is signed in a way not read here",
                );
            }
            let length = stamp.number(2)?;
            let signature = stamp.take(length)?;
            let seconds = time
                .iter()
                .fold(0_u64, |sum, digit| sum << 8 | u64::from(*digit))
                / 1000;
            let known = root.certificate_logs.iter().find(|log| log.id == id);
            let Some(log) = known.filter(|log| log.valid.contains(seconds)) else {
                strangers += 1;
                continue;
            };
            let mut message = vec![0, 0];
            message.extend_from_slice(time);
            message.extend([0, 1]);
            message.extend(sha256(&issuer.spki));
            let length = (self.without_stamps.len() as u32).to_be_bytes();
            message.extend_from_slice(length.get(1..).unwrap_or_default());
            message.extend_from_slice(&self.without_stamps);
            message.extend(more);
            log.key
                .verify(&message, signature, "the stamp of a log of certificates")?;
            stands = true;
        }
        match (stands, strangers) {
            (true, _) => Ok(()),
            (false, 0) => failed("the certificate is in no log of certificates"),
            (false, _) => unknown("the certificate is in logs that are not known here"),
        }
    }
}

/// Bytes as TLS writes them.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        match self.0.split_at_checked(count) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => failed("a stamp of a log of certificates is broken"),
        }
    }

    fn number(&mut self, bytes: usize) -> Result<usize, Refusal> {
        let digits = self.take(bytes)?;
        Ok(digits
            .iter()
            .fold(0, |sum, digit| sum << 8 | usize::from(*digit)))
    }
}

/// A time of a certificate, in seconds since 1970.
fn seconds(time: &Element<'_>) -> Result<u64, Refusal> {
    let text = std::str::from_utf8(time.content).unwrap_or_default();
    // Years of two digits are those from 1950 to 2049 (RFC 5280, 4.1.2.5.1).
    let text = match time.tag {
        UTC_TIME if text < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        _ => text.to_owned(),
    };
    let form = time::macros::format_description!("[year][month][day][hour][minute][second]");
    let at = text.strip_suffix('Z');
    let at = at.and_then(|at| time::PrimitiveDateTime::parse(at, &form).ok());
    let at = at.and_then(|at| u64::try_from(at.assume_utc().unix_timestamp()).ok());
    at.ok_or_else(|| Refusal::Failed("the days of a certificate are broken".to_owned()))
}

/// That a certificate was issued by one of some authorities and was valid at a
/// time, for a use; returns who issued it.
pub(crate) fn issued<'r>(
    leaf: &[u8],
    between: &[Vec<u8>],
    authorities: &'r [Authority],
    at: u64,
    usage: &'static [u8],
) -> Result<&'r Authority, Refusal> {
    let der = CertificateDer::from(leaf);
    let Ok(end) = EndEntityCert::try_from(&der) else {
        return failed("the certificate cannot be read");
    };
    if !Certificate::read(leaf)?.is_for(usage)? {
        return failed("the certificate is for another use");
    }
    let time = UnixTime::since_unix_epoch(Duration::from_secs(at));
    let algorithms = [
        algorithms::ECDSA_P256_SHA256,
        algorithms::ECDSA_P256_SHA384,
        algorithms::ECDSA_P384_SHA256,
        algorithms::ECDSA_P384_SHA384,
        algorithms::ED25519,
        algorithms::RSA_PKCS1_2048_8192_SHA256,
        algorithms::RSA_PKCS1_2048_8192_SHA384,
        algorithms::RSA_PKCS1_2048_8192_SHA512,
    ];
    let mut why = "nobody who issues certificates is trusted".to_owned();
    for authority in authorities {
        let Some((top, below)) = authority.chain.split_last() else {
            continue;
        };
        let top = CertificateDer::from(top.as_slice());
        let Ok(anchor) = anchor_from_trusted_cert(&top) else {
            continue;
        };
        let below: Vec<CertificateDer<'_>> = below
            .iter()
            .chain(between)
            .map(|one| CertificateDer::from(one.as_slice()))
            .collect();
        // Of the leaf it was asked; those above it may leave it open
        // (RFC 5280, 4.2.1.12).
        let usage = KeyUsage::required_if_present(usage);
        match end.verify_for_usage(&algorithms, &[anchor], &below, time, usage, None, None) {
            Ok(_) if authority.valid.contains(at) => return Ok(authority),
            Ok(_) => "who issued it was not trusted then".clone_into(&mut why),
            Err(webpki::Error::UnknownIssuer) => {}
            Err(error) => why = format!("{error:?}"),
        }
    }
    failed(format!(
        "the certificate is of nobody who is trusted, or was not valid then ({why})"
    ))
}
