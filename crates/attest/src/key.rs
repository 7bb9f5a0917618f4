//! Public keys as SubjectPublicKeyInfo (RFC 5280), and signatures by them.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};

use crate::der::{BIT_STRING, OID, SEQUENCE, only};
use crate::{Refusal, failed, unknown};

const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const EDWARDS: &[u8] = &[0x2b, 0x65, 0x70];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    P256,
    P384,
    Ed25519,
    Rsa,
}

/// Which digest is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    kind: Kind,
    bits: Vec<u8>,
}

impl Key {
    /// Reads a SubjectPublicKeyInfo.
    pub(crate) fn read(der: &[u8]) -> Result<Self, Refusal> {
        let mut whole = only(der, SEQUENCE)?.reader();
        let mut algorithm = whole.expect(SEQUENCE)?.reader();
        let bits = whole.expect(BIT_STRING)?;
        whole.end()?;
        let name = algorithm.expect(OID)?.content;
        let kind = match name {
            EC => match algorithm.expect(OID)?.content {
                P256 => Kind::P256,
                P384 => Kind::P384,
                _ => return unknown("a key is on a curve that is not known here"),
            },
            EDWARDS => Kind::Ed25519,
            RSA => Kind::Rsa,
            _ => return unknown("a key is of a kind that is not known here"),
        };
        match bits.content.split_first() {
            Some((0, bits)) => Ok(Self {
                kind,
                bits: bits.to_vec(),
            }),
            _ => failed("a key is broken"),
        }
    }

    /// The digest that goes with it where nobody says.
    fn usual(&self) -> Hash {
        match self.kind {
            Kind::P384 => Hash::Sha384,
            _ => Hash::Sha256,
        }
    }

    /// Whether a signature stands over a message.
    pub(crate) fn verify(
        &self,
        message: &[u8],
        signature: &[u8],
        what: &str,
    ) -> Result<(), Refusal> {
        self.verify_with(self.usual(), message, signature, what)
    }

    /// The same with a digest.
    pub(crate) fn verify_with(
        &self,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
        what: &str,
    ) -> Result<(), Refusal> {
        let algorithm: &'static dyn VerificationAlgorithm = match (self.kind, hash) {
            (Kind::P256, Hash::Sha256) => &ECDSA_P256_SHA256_ASN1,
            (Kind::P256, Hash::Sha384) => &ECDSA_P256_SHA384_ASN1,
            (Kind::P384, Hash::Sha256) => &ECDSA_P384_SHA256_ASN1,
            (Kind::P384, Hash::Sha384) => &ECDSA_P384_SHA384_ASN1,
            (Kind::Rsa, Hash::Sha256) => &RSA_PKCS1_2048_8192_SHA256,
            (Kind::Rsa, Hash::Sha384) => &RSA_PKCS1_2048_8192_SHA384,
            (Kind::Rsa, Hash::Sha512) => &RSA_PKCS1_2048_8192_SHA512,
            (Kind::Ed25519, _) => &ED25519,
            (Kind::P256 | Kind::P384, Hash::Sha512) => {
                return unknown(format!("{what} is over a digest that is not read here"));
            }
        };
        UnparsedPublicKey::new(algorithm, &self.bits)
            .verify(message, signature)
            .or_else(|_| failed(format!("{what} does not stand")))
    }
}
