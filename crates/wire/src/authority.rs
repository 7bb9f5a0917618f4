use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

/// How many names one authority mints certificates for.
const NAMES: usize = 4096;

/// A certificate authority that lives as long as one run and vouches for
/// every name.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The key of every certificate that it mints.
    leaf: KeyPair,
    minted: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

/// Why no certificate could be made.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The certificate could not be composed or signed.
    #[error("a certificate could not be made")]
    Certificate(#[from] rcgen::Error),
    /// TLS does not take what was made.
    #[error("a certificate is not accepted by TLS")]
    Tls(#[from] rustls::Error),
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the keys.
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Authority {
    /// A new authority; `name` stands in its certificate.
    ///
    /// # Errors
    /// When no key or certificate can be made.
    pub fn new(name: &str) -> Result<Self, AuthorityError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)?,
            leaf: KeyPair::generate()?,
            minted: Mutex::default(),
        })
    }

    /// The certificate that clients have to trust, in PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The certificate of a name or an address.
    fn certificate(&self, name: &str) -> Result<Arc<CertifiedKey>, AuthorityError> {
        let mut minted = match self.minted.lock() {
            Ok(minted) => minted,
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some(known) = minted.get(name) {
            return Ok(Arc::clone(known));
        }
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let made = params.signed_by(&self.leaf, &self.issuer)?;
        let chain = vec![
            CertificateDer::from(made.der().to_vec()),
            CertificateDer::from(self.issuer.der().to_vec()),
        ];
        let key = PrivateKeyDer::Pkcs8(self.leaf.serialize_der().into());
        let key = Arc::new(CertifiedKey::from_der(
            chain,
            key,
            &ring::default_provider(),
        )?);
        if minted.len() < NAMES {
            minted.insert(name.to_owned(), Arc::clone(&key));
        }
        Ok(key)
    }

    /// How TLS is spoken with a client that names no server, or one that is
    /// not asked for by name: `fallback` is the name or the address that it
    /// was going to.
    ///
    /// # Errors
    /// When the versions of TLS are not to be had.
    pub fn server(self: &Arc<Self>, fallback: &str) -> Result<Arc<ServerConfig>, AuthorityError> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Minting {
                authority: Arc::clone(self),
                fallback: fallback.to_owned(),
            }));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

struct Minting {
    authority: Arc<Authority>,
    fallback: String,
}

impl fmt::Debug for Minting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minting").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Minting {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or(&self.fallback);
        self.authority.certificate(name).ok()
    }
}

/// Whether a text is an address and no name.
pub(crate) fn is_address(text: &str) -> bool {
    text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}
