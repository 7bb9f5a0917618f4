//! Published digests: SRI as npm writes it, `shasum`, and hexadecimal digests
//! of Python indexes.

use base64::Engine as _;
use sha2::Digest as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        match name {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            "sha384" => Some(Self::Sha384),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// What the registry published about the bytes: digests of one algorithm, the
/// strongest of those given, any of which will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Published {
    algorithm: Algorithm,
    digests: Vec<Vec<u8>>,
    sri: bool,
}

fn write(algorithm: Algorithm, digest: &[u8], sri: bool) -> String {
    if sri {
        let encoded = base64::engine::general_purpose::STANDARD.encode(digest);
        format!("{}-{encoded}", algorithm.name())
    } else {
        format!("{}:{}", algorithm.name(), hex::encode(digest))
    }
}

impl Published {
    /// Reads subresource integrity: entries `ALGORITHM-BASE64[?OPTIONS]` with
    /// white space between. `None` when no entry is understood.
    pub(super) fn sri(text: &str) -> Option<Self> {
        let mut best: Option<Self> = None;
        for entry in text.split_ascii_whitespace() {
            let entry = entry.split('?').next().unwrap_or_default();
            let Some((name, digest)) = entry.split_once('-') else {
                continue;
            };
            let Some(algorithm) = Algorithm::named(name) else {
                continue;
            };
            let Ok(digest) = base64::engine::general_purpose::STANDARD.decode(digest) else {
                continue;
            };
            if digest.len() != algorithm.bytes() {
                continue;
            }
            match &mut best {
                Some(known) if known.algorithm == algorithm => known.digests.push(digest),
                Some(known) if known.algorithm > algorithm => {}
                _ => {
                    best = Some(Self {
                        algorithm,
                        digests: vec![digest],
                        sri: true,
                    });
                }
            }
        }
        best
    }

    /// Reads a hexadecimal digest of a named algorithm.
    pub(super) fn hex(algorithm: &str, digest: &str) -> Option<Self> {
        let algorithm = Algorithm::named(&algorithm.to_ascii_lowercase())?;
        let digest = hex::decode(digest.trim()).ok()?;
        (digest.len() == algorithm.bytes()).then(|| Self {
            algorithm,
            digests: vec![digest],
            sri: false,
        })
    }

    /// As it is written in a record.
    pub(super) fn text(&self) -> String {
        let digests: Vec<String> = self
            .digests
            .iter()
            .map(|digest| write(self.algorithm, digest, self.sri))
            .collect();
        digests.join(" ")
    }
}

enum Second {
    None,
    Sha1(sha1::Sha1),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

/// Hashes bytes with SHA-256 and with the algorithm of what was published.
pub(super) struct Hasher {
    sha256: sha2::Sha256,
    second: Second,
}

/// The digests of some bytes.
pub(super) struct Digests {
    /// The SHA-256.
    pub(super) sha256: assay_model::Sha256,
    second: Option<Vec<u8>>,
}

impl Hasher {
    pub(super) fn new(published: Option<&Published>) -> Self {
        let second = match published.map(|published| published.algorithm) {
            None | Some(Algorithm::Sha256) => Second::None,
            Some(Algorithm::Sha1) => Second::Sha1(sha1::Sha1::new()),
            Some(Algorithm::Sha384) => Second::Sha384(sha2::Sha384::new()),
            Some(Algorithm::Sha512) => Second::Sha512(sha2::Sha512::new()),
        };
        Self {
            sha256: sha2::Sha256::new(),
            second,
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        match &mut self.second {
            Second::None => {}
            Second::Sha1(hasher) => hasher.update(bytes),
            Second::Sha384(hasher) => hasher.update(bytes),
            Second::Sha512(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Digests {
        let second = match self.second {
            Second::None => None,
            Second::Sha1(hasher) => Some(hasher.finalize().to_vec()),
            Second::Sha384(hasher) => Some(hasher.finalize().to_vec()),
            Second::Sha512(hasher) => Some(hasher.finalize().to_vec()),
        };
        Digests {
            sha256: assay_model::Sha256(self.sha256.finalize().into()),
            second,
        }
    }
}

impl Digests {
    /// The digest in the published form, when it is not a published one.
    pub(super) fn mismatch(&self, published: &Published) -> Option<String> {
        let digest = self.second.as_deref().unwrap_or(&self.sha256.0);
        let good = published.digests.iter().any(|known| known == digest);
        (!good).then(|| write(published.algorithm, digest, published.sri))
    }
}

/// The SHA-256 of a short text or document.
pub(super) fn sha256(bytes: &[u8]) -> assay_model::Sha256 {
    assay_model::Sha256(sha2::Sha256::digest(bytes).into())
}
