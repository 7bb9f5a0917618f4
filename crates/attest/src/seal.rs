//! Sealing a dossier folder, and checking a seal: an in-toto Statement v1 in a
//! DSSE envelope, signed with Ed25519.
//!
//! Subjects are all files of the folder with their SHA-256; the Merkle root
//! over them (as in RFC 6962, section 2.1, over path and digest) stands in the
//! predicate. Envelope and statement are canonical: whatever is not written
//! exactly as this program writes it is no seal. Sources: in-toto Attestation
//! Framework v1.0, DSSE v1.0, RFC 8032, RFC 8410.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use assay_model::{SEAL_FILE, STAMP_FILE, Sha256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::spki::{DecodePublicKey, EncodePublicKey};
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::Digest;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "urn:assay:dossier-seal:1";
const PAYLOAD: &str = "application/vnd.in-toto+json";
/// How large a seal may be, in bytes.
const LARGEST: u64 = 64 << 20;
/// How many files a folder may have.
const MOST: usize = 100_000;

/// Why something could not be sealed or checked.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A file cannot be read or written.
    #[error("{path} cannot be {what}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Read or written.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// There is something in the folder that is no file.
    #[error("{0} is neither a file nor a folder, so that it cannot be sealed")]
    Kind(PathBuf),
    /// A name in the folder cannot be written down.
    #[error("the name of {0} is no UTF-8, so that it cannot be sealed")]
    Name(PathBuf),
    /// There are too many files.
    #[error("there are more than {MOST} files in {0}")]
    Many(PathBuf),
    /// A key cannot be used.
    #[error("the key cannot be used: {0}")]
    Key(String),
    /// A list of trusted keys cannot be used.
    #[error("the list of trusted keys cannot be used: {0}")]
    Trust(String),
    /// It is sealed already.
    #[error("{0} is sealed already; check that seal first, and replace it with --replace")]
    Sealed(PathBuf),
    /// Nothing is in the folder.
    #[error("there is nothing in {0}")]
    Empty(PathBuf),
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Envelope {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<Signed>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Signed {
    keyid: String,
    sig: String,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Item>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Item {
    name: String,
    digest: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Predicate {
    about: String,
    assay: String,
    #[serde(rename = "merkleRoot")]
    root: String,
    #[serde(rename = "sealedAt")]
    at: String,
}

/// A key with which dossiers are sealed. It is never shown.
pub struct Key(SigningKey);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.id())
    }
}

impl Key {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new() -> Result<Self, SealError> {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(|error| SealError::Key(error.to_string()))?;
        Ok(Self(SigningKey::from_bytes(&secret)))
    }

    /// Writes it to a new file, as PKCS #8 under a passphrase (PBES2 with
    /// scrypt), which only its owner may read.
    ///
    /// # Errors
    /// When there is a file already, or none can be written.
    pub fn write(&self, path: &Path, passphrase: &str) -> Result<(), SealError> {
        if passphrase.is_empty() {
            return Err(SealError::Key("the passphrase is empty".to_owned()));
        }
        let text = self
            .0
            .to_pkcs8_encrypted_pem(passphrase, LineEnding::LF)
            .map_err(|error| SealError::Key(error.to_string()))?;
        let refused = |source| SealError::Io {
            path: path.to_owned(),
            what: "written",
            source,
        };
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(path).map_err(refused)?;
        file.write_all(text.as_bytes()).map_err(refused)?;
        file.sync_all().map_err(refused)
    }

    /// Reads it from what [`Key::write`] wrote.
    ///
    /// # Errors
    /// When it is no such file, or the passphrase is another.
    pub fn read(path: &Path, passphrase: &str) -> Result<Self, SealError> {
        let text = read_small(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(path).map(|data| data.permissions().mode());
            if mode.is_ok_and(|mode| mode & 0o077 != 0) {
                return Err(SealError::Key(format!(
                    "others than its owner may read or write {path}: `chmod 600 {path}` if nobody has, a new key if somebody may have",
                    path = path.display()
                )));
            }
        }
        if !text.contains("ENCRYPTED PRIVATE KEY") {
            return Err(SealError::Key(format!(
                "{} is no private key under a passphrase; `assay key new` makes one",
                path.display()
            )));
        }
        SigningKey::from_pkcs8_encrypted_pem(&text, passphrase)
            .map(Self)
            .map_err(|_| {
                SealError::Key(format!(
                    "{} cannot be opened: the passphrase is another, or the file is broken",
                    path.display()
                ))
            })
    }

    /// Its public half, as PEM.
    ///
    /// # Errors
    /// When it cannot be written so, which none is.
    pub fn public(&self) -> Result<String, SealError> {
        self.0
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| SealError::Key(error.to_string()))
    }

    /// Its name: the SHA-256 of its public half.
    #[must_use]
    pub fn id(&self) -> String {
        key_id(&self.0.verifying_key())
    }
}

fn key_id(key: &VerifyingKey) -> String {
    let der = key.to_public_key_der();
    let digest = der.map(|der| sha2::Sha256::digest(der.as_bytes()));
    digest.map_or_else(
        |_| String::new(),
        |digest| Sha256(digest.into()).to_string(),
    )
}

fn read_small(path: &Path) -> Result<String, SealError> {
    let refused = |source| SealError::Io {
        path: path.to_owned(),
        what: "read",
        source,
    };
    let mut text = String::new();
    if !fs::metadata(path).map_err(refused)?.is_file() {
        return Err(SealError::Key(format!("{} is no file", path.display())));
    }
    let file = fs::File::open(path).map_err(refused)?;
    file.take(LARGEST)
        .read_to_string(&mut text)
        .map_err(refused)?;
    Ok(text)
}

/// A key whose seals are accepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// Whose it is.
    pub name: String,
    /// Its public half, as PEM.
    pub public: String,
    /// The first day on which its seals are accepted, as 2026-01-31.
    #[serde(default)]
    pub from: Option<String>,
    /// The last one.
    #[serde(default)]
    pub until: Option<String>,
}

/// Who is trusted to say what time it was.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stamper {
    #[expect(dead_code, reason = "for those who read the file")]
    name: String,
    /// Its certificate, and those above it, as PEM.
    certificate: String,
}

/// The keys whose seals are accepted, and whose time stamps: `trust.toml`.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    keys: Vec<(TrustedKey, VerifyingKey, String)>,
    stampers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    #[serde(default, rename = "key")]
    keys: Vec<TrustedKey>,
    #[serde(default, rename = "stamper")]
    stampers: Vec<Stamper>,
}

impl Trust {
    /// Reads a list of keys.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, SealError> {
        let file: TrustFile = toml::from_str(text)
            .map_err(|error: toml::de::Error| SealError::Trust(error.message().to_owned()))?;
        let mut keys = Vec::new();
        for one in file.keys {
            for date in one.from.iter().chain(&one.until) {
                if !assay_model::is_date(date) {
                    return Err(SealError::Trust(format!("{date} is no date as 2026-01-31")));
                }
            }
            let key = VerifyingKey::from_public_key_pem(&one.public).map_err(|_| {
                SealError::Trust(format!(
                    "the key of {} is no public key of Ed25519 as PEM",
                    one.name
                ))
            })?;
            if key.is_weak() {
                return Err(SealError::Trust(format!(
                    "the key of {} is a weak one",
                    one.name
                )));
            }
            if one.from > one.until && one.until.is_some() {
                return Err(SealError::Trust(format!(
                    "the key of {} ends before it begins",
                    one.name
                )));
            }
            let id = key_id(&key);
            if let Some((known, ..)) = keys.iter().find(|(_, _, known)| *known == id) {
                let known: &TrustedKey = known;
                return Err(SealError::Trust(format!(
                    "the key of {} is there twice, as that of {} too: which days hold cannot be told",
                    one.name, known.name
                )));
            }
            keys.push((one, key, id));
        }
        let stampers = file.stampers.into_iter().map(|one| one.certificate);
        Ok(Self {
            keys,
            stampers: stampers.collect(),
        })
    }
}

/// What came of checking a seal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What does not match; nothing where the seal stands.
    pub wrong: Vec<String>,
    /// Who sealed it, if that is somebody known.
    pub by: Option<String>,
    /// The key's name.
    pub key: String,
    /// When, by the signer's word.
    pub at: String,
    /// When it was there already, by an authority that is trusted for it.
    pub stamped: Option<String>,
    /// What it is about.
    pub about: String,
    /// How many files.
    pub files: usize,
    /// What a reader has to know besides.
    pub notes: Vec<String>,
}

impl Checked {
    /// Whether the seal stands.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.wrong.is_empty()
    }
}

/// Seals a folder. `at` is the time of it, as 2027-01-02T03:30:00Z. A seal
/// that is there already is replaced, and its time stamp removed, where
/// `replace` says so.
///
/// # Errors
/// When a file cannot be read, or the seal cannot be written.
pub fn seal(
    folder: &Path,
    key: &Key,
    about: &str,
    assay: &str,
    at: &str,
    replace: bool,
) -> Result<usize, SealError> {
    if !replace && fs::symlink_metadata(folder.join(SEAL_FILE)).is_ok() {
        return Err(SealError::Sealed(folder.to_owned()));
    }
    let files = digests(folder)?;
    if files.is_empty() {
        return Err(SealError::Empty(folder.to_owned()));
    }
    let statement = Statement {
        kind: STATEMENT.to_owned(),
        subject: items(&files),
        predicate_type: PREDICATE.to_owned(),
        predicate: Predicate {
            about: about.to_owned(),
            assay: assay.to_owned(),
            root: root(&files).to_string(),
            at: at.to_owned(),
        },
    };
    let form = |error: serde_json::Error| SealError::Key(error.to_string());
    let payload = serde_json::to_vec(&statement).map_err(form)?;
    let signature = key.0.sign(&pae(&payload));
    let envelope = Envelope {
        payload: BASE64.encode(&payload),
        payload_type: PAYLOAD.to_owned(),
        signatures: vec![Signed {
            keyid: key.id(),
            sig: BASE64.encode(signature.to_bytes()),
        }],
    };
    let text = serde_json::to_vec(&envelope).map_err(form)?;
    let path = folder.join(SEAL_FILE);
    let refused = |source| SealError::Io {
        path: path.clone(),
        what: "written",
        source,
    };
    if text.len() as u64 >= LARGEST {
        return Err(SealError::Many(folder.to_owned()));
    }
    let stamp = folder.join(STAMP_FILE);
    match fs::remove_file(&stamp) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(SealError::Io {
                path: stamp,
                what: "removed",
                source,
            });
        }
        _ => {}
    }
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(refused)?;
    fresh.write_all(&text).map_err(refused)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // For all to check, as what it seals is for all to read.
        let mode = fs::Permissions::from_mode(0o644);
        fresh.as_file().set_permissions(mode).map_err(refused)?;
    }
    fresh.as_file().sync_all().map_err(refused)?;
    fresh.persist(&path).map_err(|error| refused(error.error))?;
    Ok(files.len())
}

/// What is signed: DSSE's pre-authentication encoding.
fn pae(payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {PAYLOAD} {} ", PAYLOAD.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

fn items(files: &BTreeMap<String, Sha256>) -> Vec<Item> {
    files
        .iter()
        .map(|(name, digest)| Item {
            name: name.clone(),
            digest: BTreeMap::from([("sha256".to_owned(), digest.to_string())]),
        })
        .collect()
}

/// The files of a folder, but for its seal, by path.
fn digests(folder: &Path) -> Result<BTreeMap<String, Sha256>, SealError> {
    let mut out = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((path, name)) = open.pop() {
        let refused = |path: &Path, source| SealError::Io {
            path: path.to_owned(),
            what: "read",
            source,
        };
        let entries = fs::read_dir(&path).map_err(|source| refused(&path, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| refused(&path, source))?;
            let at = entry.path();
            let own = entry.file_name();
            let own = own.to_str().ok_or_else(|| SealError::Name(at.clone()))?;
            let name = match name.is_empty() {
                true => own.to_owned(),
                false => format!("{name}/{own}"),
            };
            if [SEAL_FILE, STAMP_FILE].contains(&name.as_str()) {
                continue;
            }
            let kind = entry.file_type().map_err(|source| refused(&at, source))?;
            if kind.is_dir() {
                open.push((at, name));
            } else if kind.is_file() {
                if out.len() >= MOST {
                    return Err(SealError::Many(folder.to_owned()));
                }
                let digest = digest(&at).map_err(|source| refused(&at, source))?;
                out.insert(name, digest);
            } else {
                return Err(SealError::Kind(at));
            }
        }
    }
    Ok(out)
}

fn digest(path: &Path) -> io::Result<Sha256> {
    let mut file = fs::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(Sha256(hasher.finalize().into()));
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
    }
}

/// The Merkle root over files in the order of their paths.
fn root(files: &BTreeMap<String, Sha256>) -> Sha256 {
    let leaves: Vec<[u8; 32]> = files
        .iter()
        .map(|(name, digest)| {
            let mut hasher = sha2::Sha256::new();
            hasher.update([0]);
            hasher.update(name.as_bytes());
            hasher.update([0]);
            hasher.update(digest.0);
            hasher.finalize().into()
        })
        .collect();
    Sha256(tree(&leaves))
}

fn tree(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => sha2::Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            // The largest power of two that is smaller.
            let half = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(half);
            let mut hasher = sha2::Sha256::new();
            hasher.update([1]);
            hasher.update(tree(left));
            hasher.update(tree(right));
            hasher.finalize().into()
        }
    }
}

/// Checks the seal of a folder. `now` is this machine's time, as
/// 2027-01-02T03:30:00Z.
///
/// # Errors
/// When a file cannot be read. What does not match is no error, and told.
pub fn verify_seal(folder: &Path, trust: &Trust, now: &str) -> Result<Checked, SealError> {
    let mut out = Checked::default();
    let path = folder.join(SEAL_FILE);
    let text = match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            out.wrong
                .push(format!("there is no seal: {SEAL_FILE} is missing"));
            return Ok(out);
        }
        Ok(meta) if !meta.is_file() => {
            out.wrong.push(format!("{SEAL_FILE} is no file"));
            return Ok(out);
        }
        Ok(meta) if meta.len() >= LARGEST => {
            out.wrong
                .push(format!("{SEAL_FILE} is too large for a seal"));
            return Ok(out);
        }
        _ => fs::read(&path).map_err(|source| SealError::Io {
            path: path.clone(),
            what: "read",
            source,
        })?,
    };
    let Some((envelope, payload, statement)) = read(&text, &mut out.wrong) else {
        return Ok(out);
    };
    out.at = statement.predicate.at.clone();
    out.about = statement.predicate.about.clone();
    let [signed] = envelope.signatures.as_slice() else {
        out.wrong.push(format!(
            "the seal has {} signatures, and not one",
            envelope.signatures.len()
        ));
        return Ok(out);
    };
    out.key.clone_from(&signed.keyid);
    signature(signed, &payload, trust, &mut out);
    stamped(folder, &text, trust, &mut out)?;
    dates(trust, now, &mut out);
    let files = digests(folder)?;
    out.files = files.len();
    compare(&statement, &files, &mut out.wrong);
    Ok(out)
}

/// The parts of a seal; nothing where it is none.
fn read(text: &[u8], wrong: &mut Vec<String>) -> Option<(Envelope, Vec<u8>, Statement)> {
    let mut told = |what: String| {
        wrong.push(what);
        None
    };
    let envelope: Envelope = match serde_json::from_slice(text) {
        Ok(envelope) => envelope,
        Err(error) => return told(format!("{SEAL_FILE} is no envelope: {error}")),
    };
    if serde_json::to_vec(&envelope).ok().as_deref() != Some(text) {
        return told(format!(
            "{SEAL_FILE} is not written as seals are: white space, order or escapes are others"
        ));
    }
    if envelope.payload_type != PAYLOAD {
        return told("the payload of the seal is of another type".to_owned());
    }
    let Ok(payload) = BASE64.decode(envelope.payload.as_bytes()) else {
        return told("the payload of the seal is no Base64".to_owned());
    };
    let statement: Statement = match serde_json::from_slice(&payload) {
        Ok(statement) => statement,
        Err(error) => return told(format!("the statement of the seal cannot be read: {error}")),
    };
    if serde_json::to_vec(&statement).ok().as_deref() != Some(payload.as_slice()) {
        return told("the statement is not written as seals are".to_owned());
    }
    if statement.kind != STATEMENT || statement.predicate_type != PREDICATE {
        return told("the statement is of another kind than a seal of a dossier".to_owned());
    }
    Some((envelope, payload, statement))
}

fn signature(signed: &Signed, payload: &[u8], trust: &Trust, out: &mut Checked) {
    let Some((known, key, _)) = trust.keys.iter().find(|(_, _, id)| *id == signed.keyid) else {
        out.wrong.push(format!(
            "it is signed by nobody you know: the key {} is not among the trusted ones",
            signed.keyid
        ));
        return;
    };
    let bytes = BASE64.decode(signed.sig.as_bytes()).ok();
    let signature = bytes.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let Some(signature) = signature else {
        out.wrong
            .push("the signature is none of Ed25519".to_owned());
        return;
    };
    match key.verify_strict(&pae(payload), &signature) {
        Ok(()) => out.by = Some(known.name.clone()),
        Err(_) => out.wrong.push(format!(
            "the signature does not fit: the statement, or the signature, is another than {} signed",
            known.name
        )),
    }
}

/// Checks the time stamp, if there is one.
fn stamped(folder: &Path, seal: &[u8], trust: &Trust, out: &mut Checked) -> Result<(), SealError> {
    let path = folder.join(STAMP_FILE);
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            out.notes.push(
                "the time of sealing is the signer's word: there is no time stamp".to_owned(),
            );
            return Ok(());
        }
        Ok(meta) if meta.is_file() && meta.len() < LARGEST => {}
        _ => {
            out.wrong.push(format!(
                "{STAMP_FILE} is no file that could be a time stamp"
            ));
            return Ok(());
        }
    }
    let bytes = fs::read(&path).map_err(|source| SealError::Io {
        path,
        what: "read",
        source,
    })?;
    if trust.stampers.is_empty() {
        out.notes.push(
            "the time of sealing is the signer's word: there is a time stamp, and nobody is trusted for it ([[stamper]] in the list of trusted keys)".to_owned(),
        );
        return Ok(());
    }
    match crate::stamp(&bytes, seal, &trust.stampers) {
        Ok(stamp) => {
            if stamp.at < out.at {
                out.wrong.push(format!(
                    "it says that it was sealed at {}, and a time stamp has it before, at {}: one of the clocks is wrong",
                    out.at, stamp.at
                ));
            }
            out.notes.push(format!(
                "a time stamp says that the seal was there at {}",
                stamp.at
            ));
            out.stamped = Some(stamp.at);
        }
        Err(why) => out
            .wrong
            .push(format!("the time stamp does not stand: {why}")),
    }
    Ok(())
}

/// Holds the time of sealing against the time of this machine and the days of
/// the key.
fn dates(trust: &Trust, now: &str, out: &mut Checked) {
    if out.by.is_none() {
        return;
    }
    if out.at.as_str() > now {
        out.wrong.push(format!(
            "it says that it was sealed at {}, and this machine's clock says {now}: one of the clocks is wrong",
            out.at
        ));
    }
    if let Some(at) = out.stamped.as_deref().filter(|at| *at > now) {
        out.wrong.push(format!(
            "a time stamp says that it was there at {at}, and this machine's clock says {now}: one of the clocks is wrong"
        ));
    }
    let Some((key, ..)) = trust.keys.iter().find(|(_, _, id)| *id == out.key) else {
        return;
    };
    let (today, day) = (
        now.get(..10).unwrap_or(now),
        out.at.get(..10).unwrap_or_default(),
    );
    if let Some(from) = key.from.as_deref().filter(|from| day < *from) {
        out.wrong.push(format!(
            "the key is trusted from {from} on, and the seal says {day}"
        ));
    }
    if let Some(until) = &key.until {
        if day > until.as_str() {
            out.wrong.push(format!(
                "the key is trusted until {until}, and the seal says {day}"
            ));
        } else if out
            .stamped
            .as_deref()
            .and_then(|at| at.get(..10))
            .is_some_and(|at| at <= until.as_str())
        {
            out.notes.push(format!(
                "the key is trusted until {until}, which is over; a time stamp shows that it was sealed before"
            ));
        } else if today > until.as_str() {
            out.wrong.push(format!(
                "the key is trusted until {until}, which is over; that it was sealed before ({day}) is the signer's word alone. Seal it again with another key"
            ));
        }
    }
}

/// Names what is other in the folder than in the statement.
fn compare(statement: &Statement, files: &BTreeMap<String, Sha256>, wrong: &mut Vec<String>) {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for item in &statement.subject {
        let digest = item.digest.get("sha256").map_or("", String::as_str);
        if item.digest.len() != 1 || known.insert(&item.name, digest).is_some() {
            wrong.push(format!(
                "the statement names {} in a way that no seal does",
                item.name
            ));
        }
    }
    for (name, digest) in files {
        match known.get(name.as_str()) {
            None => wrong.push(format!("{name} was not there when it was sealed")),
            Some(sealed) if **sealed != digest.to_string() => {
                wrong.push(format!("{name} is another than was sealed"));
            }
            Some(_) => {}
        }
    }
    for name in known.keys().filter(|name| !files.contains_key(**name)) {
        wrong.push(format!("{name} is missing"));
    }
    if wrong.is_empty() && statement.predicate.root != root(files).to_string() {
        wrong.push("the Merkle root is not that of the files".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-23T12:00:00Z";

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        file("dossier.json", "{\"findings\": []}\n");
        file("report.html", "<!doctype html>\n<p>all of it</p>\n");
        fs::create_dir(folder.path().join("recording")).unwrap();
        file("recording/events.jsonl", "{}\n");
        file("empty", "");
        folder
    }

    fn trust(key: &Key, more: &str) -> Trust {
        let public = key.public().unwrap();
        let text = format!("[[key]]\nname = \"Review\"\npublic = \"\"\"\n{public}\"\"\"\n{more}");
        Trust::read(&text).unwrap()
    }

    fn sealed() -> (tempfile::TempDir, Key) {
        let folder = folder();
        let key = Key::new().unwrap();
        assert_eq!(
            seal(folder.path(), &key, "pkg:npm/x@1", "0.1.0", NOW, false).unwrap(),
            4
        );
        (folder, key)
    }

    fn wrong(folder: &tempfile::TempDir, trust: &Trust) -> Vec<String> {
        verify_seal(folder.path(), trust, NOW).unwrap().wrong
    }

    #[test]
    fn one_flipped_bit_anywhere_is_noticed_and_named() {
        let (folder, key) = sealed();
        let trust = trust(&key, "");
        let checked = verify_seal(folder.path(), &trust, NOW).unwrap();
        assert_eq!(
            (checked.stands(), checked.by.as_deref()),
            (true, Some("Review"))
        );
        let files: Vec<(PathBuf, usize)> = [
            "dossier.json",
            "report.html",
            "recording/events.jsonl",
            SEAL_FILE,
        ]
        .iter()
        .map(|name| folder.path().join(name))
        .map(|path| {
            let len = fs::metadata(&path).unwrap().len();
            (path, usize::try_from(len).unwrap())
        })
        .collect();
        // Every bit of what is small, and a thousand of what is not.
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        for (path, len) in &files {
            let whole = fs::read(path).unwrap();
            let name = path.strip_prefix(folder.path()).unwrap().to_str().unwrap();
            let bits = len * 8;
            let tried: Vec<usize> = match bits <= 1000 {
                true => (0..bits).collect(),
                false => (0..1000)
                    .map(|_| {
                        random ^= random << 13;
                        random ^= random >> 7;
                        random ^= random << 17;
                        usize::try_from(random).unwrap_or(0) % bits
                    })
                    .collect(),
            };
            for bit in tried {
                let mut other = whole.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                fs::write(path, &other).unwrap();
                let wrong = wrong(&folder, &trust);
                assert!(!wrong.is_empty(), "{name}: bit {bit}");
                if name != SEAL_FILE {
                    assert_eq!(wrong, [format!("{name} is another than was sealed")]);
                }
            }
            fs::write(path, &whole).unwrap();
        }
        assert_eq!(wrong(&folder, &trust), [""; 0]);
    }

    #[test]
    fn what_is_missing_new_or_no_file_is_named() {
        let (folder, key) = sealed();
        let trust = trust(&key, "");
        fs::remove_file(folder.path().join("empty")).unwrap();
        fs::write(folder.path().join("recording/more"), "x").unwrap();
        let mut all = wrong(&folder, &trust);
        all.sort();
        assert_eq!(
            all,
            [
                "empty is missing",
                "recording/more was not there when it was sealed"
            ]
        );
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
            assert!(matches!(
                verify_seal(folder.path(), &trust, NOW),
                Err(SealError::Kind(_))
            ));
        }
        let bare = tempfile::tempdir().unwrap();
        assert!(wrong(&bare, &trust)[0].contains("no seal"));
    }

    #[test]
    fn a_seal_is_canonical() {
        let (folder, key) = sealed();
        let trust = trust(&key, "");
        let path = folder.path().join(SEAL_FILE);
        let text = fs::read_to_string(&path).unwrap();
        let id = key.id();
        for other in [
            format!("{text}\n"),
            text.replace("{\"payload\"", "{ \"payload\""),
            text.replace("==\"", "=\""),
            text.replace("{\"keyid\"", "{\"more\":1,\"keyid\""),
            text.replace(&format!("\"keyid\":\"{id}\","), "")
                .replace("\"}]", &format!("\",\"keyid\":\"{id}\"}}]")),
            text.replace(&id, &id.to_uppercase()),
            text.replace("application", "\\u0061pplication"),
        ] {
            if other != text {
                fs::write(&path, &other).unwrap();
                assert!(!wrong(&folder, &trust).is_empty(), "{other}");
            }
        }
    }

    #[test]
    fn only_known_keys_in_their_time_count() {
        let (folder, key) = sealed();
        let nobody = wrong(&folder, &trust(&Key::new().unwrap(), ""));
        assert!(nobody[0].contains("nobody you know"), "{nobody:?}");
        let dated = |more: &str| wrong(&folder, &trust(&key, more));
        assert!(dated("from = \"2026-01-01\"\nuntil = \"2026-12-31\"\n").is_empty());
        assert!(dated("until = \"2026-11-22\"\n")[0].contains("trusted until"));
        assert!(dated("from = \"2026-11-24\"\n")[0].contains("trusted from"));
        let over = verify_seal(
            folder.path(),
            &trust(&key, "until = \"2026-11-23\"\n"),
            "2026-11-24T00:00:00Z",
        )
        .unwrap();
        assert!(over.wrong[0].contains("signer's word"), "{over:?}");
        let early = verify_seal(folder.path(), &trust(&key, ""), "2026-11-22T00:00:00Z").unwrap();
        assert!(early.wrong[0].contains("clock"), "{early:?}");
    }

    #[test]
    fn keys_are_kept_under_a_passphrase_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let key = Key::new().unwrap();
        key.write(&path, "correct horse").unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        assert_eq!(Key::read(&path, "correct horse").unwrap().id(), key.id());
        assert!(
            Key::read(&path, "another")
                .unwrap_err()
                .to_string()
                .contains("passphrase")
        );
        assert!(key.write(&path, "correct horse").is_err());
        assert!(key.write(&folder.path().join("other"), "").is_err());
        let secret = BASE64.encode(key.0.to_bytes());
        assert!(!format!("{key:?}").contains(&secret));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
