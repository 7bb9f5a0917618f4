//! Bundles of Sigstore (versions 0.1 to 0.3), as npm serves them, and
//! attestations of PyPI (PEP 740), which say the same in another form.
//! Source: <https://docs.sigstore.dev/about/bundle/>.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::{Refusal, base64, failed, unknown};

/// The largest document that is read, in bytes.
const LARGEST: usize = 4 << 20;
/// The most statements, entries and time stamps of one document.
const MOST: usize = 64;

/// Something that somebody signed, with what proves who and when.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub(crate) payload_type: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) signer: Signer,
    pub(crate) entries: Vec<Entry>,
    /// Time stamps (RFC 3161).
    pub(crate) stamps: Vec<Vec<u8>>,
}

/// By what it is signed.
#[derive(Debug, Clone)]
pub(crate) enum Signer {
    /// A certificate; others that lie beside it are not looked at.
    Certificate(Vec<u8>),
    /// A key, by name.
    Key(String),
}

/// An entry of a log.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(deserialize_with = "number", default)]
    pub(crate) log_index: u64,
    pub(crate) log_id: LogId,
    #[serde(deserialize_with = "number", default)]
    pub(crate) integrated_time: u64,
    #[serde(default)]
    pub(crate) inclusion_promise: Option<Promise>,
    #[serde(default)]
    pub(crate) inclusion_proof: Option<Proof>,
    pub(crate) canonicalized_body: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogId {
    pub(crate) key_id: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Promise {
    pub(crate) signed_entry_timestamp: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Proof {
    #[serde(deserialize_with = "number", default)]
    pub(crate) log_index: u64,
    #[serde(default)]
    pub(crate) hashes: Vec<String>,
    #[serde(default)]
    pub(crate) checkpoint: Option<Checkpoint>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Checkpoint {
    pub(crate) envelope: String,
}

/// Numbers of 64 bits are texts in this form.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Number(u64),
        Text(String),
    }
    match Number::deserialize(from)? {
        Number::Number(number) => Ok(number),
        Number::Text(text) => text.parse().map_err(D::Error::custom),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    media_type: String,
    verification_material: Material,
    #[serde(default)]
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    #[serde(default)]
    certificate: Option<Certificate>,
    #[serde(default)]
    x509_certificate_chain: Option<Chain>,
    #[serde(default)]
    public_key: Option<Hint>,
    #[serde(default)]
    tlog_entries: Vec<Entry>,
    #[serde(default)]
    timestamp_verification_data: Option<Stamps>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    raw_bytes: String,
}

#[derive(Deserialize)]
struct Chain {
    certificates: Vec<Certificate>,
}

#[derive(Deserialize)]
struct Hint {
    #[serde(default)]
    hint: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stamps {
    #[serde(default)]
    rfc3161_timestamps: Vec<Stamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stamp {
    signed_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signed>,
}

#[derive(Deserialize)]
struct Signed {
    sig: String,
}

/// The media types of the versions that are read.
const TYPES: &[&str] = &[
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
];

impl Written {
    fn read(self) -> Result<Bundle, Refusal> {
        if !TYPES.contains(&self.media_type.as_str()) {
            return unknown(format!(
                "a bundle of the form {:?} is not read",
                self.media_type
            ));
        }
        let Some(envelope) = self.dsse_envelope else {
            return unknown("a bundle holds no statement");
        };
        let [signed] = envelope.signatures.as_slice() else {
            return failed("a statement has more than one signature, or none");
        };
        let material = self.verification_material;
        let chain = material
            .x509_certificate_chain
            .and_then(|chain| chain.certificates.into_iter().next());
        let signer = match (material.certificate.or(chain), material.public_key) {
            (Some(leaf), None) => Signer::Certificate(base64(&leaf.raw_bytes, "the certificate")?),
            (None, Some(key)) => Signer::Key(key.hint),
            _ => return failed("a bundle names no signer, or two"),
        };
        let stamps = material
            .timestamp_verification_data
            .map(|data| data.rfc3161_timestamps)
            .unwrap_or_default();
        let stamps: Result<Vec<Vec<u8>>, Refusal> = stamps
            .iter()
            .take(MOST)
            .map(|one| base64(&one.signed_timestamp, "a time stamp"))
            .collect();
        Ok(Bundle {
            payload: base64(&envelope.payload, "the statement")?,
            payload_type: envelope.payload_type,
            signature: base64(&signed.sig, "the signature")?,
            signer,
            entries: limited(material.tlog_entries)?,
            stamps: stamps?,
        })
    }
}

fn limited(entries: Vec<Entry>) -> Result<Vec<Entry>, Refusal> {
    if entries.len() > MOST {
        return failed("there are too many entries of logs");
    }
    Ok(entries)
}

fn json<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Refusal> {
    if text.len() > LARGEST {
        return unknown("a document of attestations is too large to be read");
    }
    serde_json::from_str(text).or_else(|error| {
        failed(format!(
            "a document of attestations cannot be read: {error}"
        ))
    })
}

/// Reads what npm serves of a version: each statement by what it states.
///
/// # Errors
/// When it is no such document.
pub fn npm_bundles(text: &str) -> Result<Vec<(String, Bundle)>, Refusal> {
    #[derive(Deserialize)]
    struct Document {
        attestations: Vec<One>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct One {
        predicate_type: String,
        bundle: Written,
    }
    let document: Document = json(text)?;
    let all = document.attestations.into_iter().take(MOST);
    all.map(|one| Ok((one.predicate_type, one.bundle.read()?)))
        .collect()
}

/// Reads what PyPI serves of a file (PEP 740).
///
/// # Errors
/// When it is no such document.
pub fn pypi_bundles(text: &str) -> Result<Vec<Bundle>, Refusal> {
    #[derive(Deserialize)]
    struct Document {
        version: u64,
        attestation_bundles: Vec<Publisher>,
    }
    // Who it says published it is signed by nobody, and the certificate says
    // it again.
    #[derive(Deserialize)]
    struct Publisher {
        attestations: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        version: u64,
        verification_material: Proofs,
        envelope: Statement,
    }
    #[derive(Deserialize)]
    struct Proofs {
        certificate: String,
        transparency_entries: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Statement {
        statement: String,
        signature: String,
    }
    let document: Document = json(text)?;
    if document.version != 1 {
        return unknown(format!(
            "provenance of version {} is not read",
            document.version
        ));
    }
    let all = document
        .attestation_bundles
        .into_iter()
        .flat_map(|publisher| publisher.attestations)
        .take(MOST);
    all.map(|one| {
        if one.version != 1 {
            return unknown(format!(
                "attestations of version {} are not read",
                one.version
            ));
        }
        Ok(Bundle {
            payload_type: crate::statement::PAYLOAD.to_owned(),
            payload: base64(&one.envelope.statement, "the statement")?,
            signature: base64(&one.envelope.signature, "the signature")?,
            signer: Signer::Certificate(base64(
                &one.verification_material.certificate,
                "the certificate",
            )?),
            entries: limited(one.verification_material.transparency_entries)?,
            stamps: Vec::new(),
        })
    })
    .collect()
}

impl Bundle {
    /// Reads one bundle.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        json::<Written>(text)?.read()
    }

    /// What is signed: DSSE's pre-authentication encoding.
    pub(crate) fn signed(&self) -> Vec<u8> {
        let kind = &self.payload_type;
        let mut out = format!("DSSEv1 {} {kind} {} ", kind.len(), self.payload.len()).into_bytes();
        out.extend_from_slice(&self.payload);
        out
    }
}
