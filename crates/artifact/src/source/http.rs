//! Requests to registries.
//!
//! Redirects are followed here and not by the HTTP library, because for each
//! address it is decided anew which credentials, which proxy and which
//! certificate check it gets. The exchange itself runs in a thread of its
//! own, so that a stop by the user and a server that sends next to nothing
//! are noticed while a read blocks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use ureq::http::HeaderMap;
use ureq::tls::{PemItem, RootCerts, TlsConfig};
use url::Url;

use super::env::Progress;
use super::error::FetchError;
use super::settings::read_certificates;
use super::spec::shown;

/// A value that must not be shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A proxy, and what sets it.
#[derive(Debug, Clone)]
pub(super) struct Proxy {
    address: Secret,
    /// The variable, or the setting and its file.
    place: String,
}

impl Proxy {
    pub(super) fn new(address: String, place: &str) -> Self {
        Self {
            address: Secret::new(address),
            place: place.to_owned(),
        }
    }

    /// Which it is, without user and password.
    fn shown(&self) -> String {
        match Url::parse(self.address.expose()) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                format!("the proxy {} (from {})", redacted(&url), self.place)
            }
            _ => format!("the proxy from {}", self.place),
        }
    }
}

/// An `Authorization` header and the addresses that it is for.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    /// `host` or `host:port`, lower case.
    pub(super) authority: String,
    /// A path that ends with `/`; the address must lie under it.
    pub(super) path: String,
    /// The header's value.
    pub(super) header: Secret,
    /// Whether it may go over a connection that is not encrypted, which is so
    /// only where the user configured the registry like that.
    pub(super) plain_http: bool,
}

impl Credential {
    /// The user and password that an address holds, for addresses of its host
    /// under `path`.
    pub(super) fn in_address(url: &Url, path: &str) -> Self {
        let password = percent_decoded(url.password().unwrap_or_default());
        Self {
            authority: authority(url),
            path: path.to_owned(),
            header: basic(&percent_decoded(url.username()), &password),
            plain_http: url.scheme() == "http",
        }
    }
}

/// For which hosts certificates are checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Verify {
    #[default]
    Always,
    /// The user switched it off.
    Never,
    /// The user trusts these hosts (`host` or `host:port`) without a check.
    Except(Vec<String>),
}

/// How addresses may be reached: what the user's settings say.
#[derive(Debug, Clone, Default)]
pub(super) struct Access {
    pub(super) credentials: Vec<Credential>,
    pub(super) http_proxy: Option<Proxy>,
    pub(super) https_proxy: Option<Proxy>,
    /// Hosts that are reached without a proxy.
    pub(super) no_proxy: Vec<String>,
    /// Certificates (PEM) that replace the system's.
    pub(super) roots: Option<Vec<u8>>,
    pub(super) verify: Verify,
    /// Which settings would hold a credential, for messages.
    pub(super) hint: String,
}

/// `host` or `host:port` of an address, without the scheme's own port.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// An address as it may be shown: no user, no password, no query and no part
/// of the path that looks like a token, as tokens are carried there too.
pub(super) fn redacted(url: &Url) -> String {
    let mut url = url.clone();
    // Neither can fail on an address with a host; one without has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if url.query().is_some() {
        url.set_query(Some("..."));
    }
    url.set_fragment(None);
    let parts = url.path().split('/');
    let path: Vec<&str> = parts
        .map(|part| if is_token(part) { "..." } else { part })
        .collect();
    url.set_path(&path.join("/"));
    shown(url.as_str())
}

/// Whether a part of a path looks like a token rather than like a name: a
/// UUID, or twenty letters and digits mixed without a break.
fn is_token(part: &str) -> bool {
    let part = percent_decoded(part);
    let is_mixed = |word: &str| {
        word.len() >= 20
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let groups: Vec<&str> = part.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_hex = groups
        .iter()
        .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()));
    (lengths == [8, 4, 4, 4, 12] && is_hex)
        || part
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .any(is_mixed)
}

/// An address without user, password, query and fragment, as a part of keys.
pub(super) fn plain(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Parses an address that may hold a password; the error shows none of it.
pub(super) fn parse_secret_url(text: &str, place: &str) -> Result<Url, FetchError> {
    let url = Url::parse(text.trim()).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|h| !h.is_empty())
    });
    url.ok_or_else(|| FetchError::Config {
        place: place.to_owned(),
        problem: "the address of the registry is not an http or https address".to_owned(),
    })
}

/// A `Basic` header.
pub(super) fn basic(user: &str, password: &str) -> Secret {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    Secret::new(format!("Basic {pair}"))
}

/// The percent escapes of a URL's user and password undone.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|d| std::str::from_utf8(d).ok());
        match digits.and_then(|d| u8::from_str_radix(d, 16).ok()) {
            Some(byte) if *first == b'%' => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn host_matches(pattern: &str, url: &Url) -> bool {
    let pattern = pattern.trim().to_ascii_lowercase();
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let (pattern, port) = match pattern.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.parse::<u16>().is_ok() => {
            (name.to_owned(), port.parse::<u16>().ok())
        }
        _ => (pattern, None),
    };
    if port.is_some() && port != url.port_or_known_default() {
        return false;
    }
    let pattern = pattern.trim_start_matches('*').trim_start_matches('.');
    if pattern.is_empty() {
        return false;
    }
    host == pattern
        || host
            .strip_suffix(pattern)
            .is_some_and(|front| front.ends_with('.'))
}

impl Access {
    /// The credential for an address: that of the longest path.
    pub(super) fn authorization(&self, url: &Url) -> Option<&Secret> {
        let authority = authority(url);
        let encrypted = url.scheme() == "https";
        self.credentials
            .iter()
            .filter(|known| known.authority == authority && (encrypted || known.plain_http))
            .filter(|known| {
                url.path().starts_with(&known.path)
                    || url.path() == known.path.trim_end_matches('/')
            })
            .max_by_key(|known| known.path.len())
            .map(|known| &known.header)
    }

    /// The proxy that an address is asked through.
    pub(super) fn proxy(&self, url: &Url) -> Option<&Proxy> {
        let direct = self
            .no_proxy
            .iter()
            .any(|pattern| pattern.trim() == "*" || host_matches(pattern, url));
        if direct {
            return None;
        }
        match url.scheme() {
            "https" => self.https_proxy.as_ref(),
            _ => self.http_proxy.as_ref(),
        }
    }

    fn verifies(&self, url: &Url) -> bool {
        match &self.verify {
            Verify::Always => true,
            Verify::Never => false,
            Verify::Except(hosts) => {
                let authority = authority(url);
                let host = url.host_str().unwrap_or_default();
                !hosts
                    .iter()
                    .any(|known| *known == authority || known == host)
            }
        }
    }

    /// The same for a text of several lines.
    pub(super) fn scrubbed_lines(&self, text: &str) -> String {
        let lines: Vec<String> = text.lines().map(|line| self.scrubbed(line)).collect();
        lines.join("\n")
    }

    /// Takes the user's secrets out of a text made by others, and shortens it.
    fn scrubbed(&self, text: &str) -> String {
        shown(&self.hidden(text))
    }

    /// Takes the user's secrets out of a text: a registry may put the token
    /// that it was sent into the addresses that it answers with.
    pub(super) fn hidden(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets() {
            text = text.replace(&secret, "***");
            // The text may have been cut within it.
            let cut = (HALF..secret.len()).rev();
            let mut begun = cut.filter_map(|len| secret.get(..len));
            if let Some(front) = begun.find_map(|begun| text.strip_suffix(begun)) {
                text = format!("{front}***");
            }
        }
        text
    }

    /// Whatever of the settings must not be shown, in the forms in which it may
    /// come back, the longest first.
    fn secrets(&self) -> Vec<String> {
        use base64::Engine as _;
        let mut secrets: Vec<String> = Vec::new();
        for header in self.credentials.iter().map(|known| &known.header) {
            let value = header.expose();
            secrets.push(value.to_owned());
            let Some((scheme, token)) = value.split_once(' ') else {
                continue;
            };
            secrets.push(token.to_owned());
            let engine = &base64::engine::general_purpose::STANDARD;
            if scheme.eq_ignore_ascii_case("basic")
                && let Ok(pair) = engine.decode(token)
                && let Some((_, password)) = String::from_utf8_lossy(&pair).split_once(':')
            {
                secrets.push(password.to_owned());
            }
        }
        let proxies = [&self.http_proxy, &self.https_proxy];
        for proxy in proxies.into_iter().flatten() {
            if let Ok(url) = Url::parse(proxy.address.expose()) {
                secrets.extend(url.password().map(str::to_owned));
                secrets.extend(url.password().map(percent_decoded));
            }
        }
        let escaped: Vec<String> = secrets
            .iter()
            .map(|secret| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect())
            .collect();
        secrets.extend(escaped);
        secrets.retain(|secret| secret.len() > 3);
        secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        secrets
    }

    /// Reads certificates from a file that replaces the system's.
    pub(super) fn read_roots(path: &Path, place: &str) -> Result<Vec<u8>, FetchError> {
        read_certificates(path).map_err(|error| FetchError::Config {
            place: place.to_owned(),
            problem: format!(
                "the certificate file {} could not be read: {error}",
                path.display()
            ),
        })
    }
}

/// Bounds in time and size.
#[derive(Debug, Clone)]
pub struct FetchLimits {
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a server may take to begin its answer.
    pub answer: Duration,
    /// A server that sends fewer than [`FetchLimits::stall_bytes`] bytes in this
    /// time is given up.
    pub stall: Duration,
    /// See [`FetchLimits::stall`].
    pub stall_bytes: u64,
    /// How often a request is tried that fails by a server error, a time-out
    /// or a broken connection.
    pub tries: u32,
    /// The pause before the second try; it doubles for each further one.
    pub pause: Duration,
    /// The largest document (package metadata) in bytes.
    pub max_document: u64,
    /// How many redirects are followed.
    pub redirects: u32,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            stall: Duration::from_secs(60),
            stall_bytes: 4096,
            tries: 3,
            pause: Duration::from_millis(500),
            max_document: 256 << 20,
            redirects: 8,
        }
    }
}

/// Why a request or the body of its answer failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another try may succeed.
    Again { url: String, reason: String },
    /// Another try will not.
    Final(FetchError),
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self::Final(error)
    }
}

enum Event {
    Head(u16, HeaderMap),
    Chunk(Vec<u8>),
    End,
    Failed { reason: String, again: bool },
}

/// An answer: the head, and the body as it comes.
pub(super) struct Reply<'a> {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// The address that answered, after redirects.
    pub(super) url: Url,
    events: Receiver<Event>,
    cancelled: &'a AtomicBool,
    limits: &'a FetchLimits,
    window: Instant,
    window_bytes: u64,
    ended: bool,
}

impl Reply<'_> {
    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The next bytes of the body; none at its end.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        if self.ended {
            return Ok(None);
        }
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(FetchError::Cancelled.into());
            }
            if self.window.elapsed() >= self.limits.stall {
                if self.window_bytes < self.limits.stall_bytes {
                    return Err(Failure::Again {
                        url: redacted(&self.url),
                        reason: format!(
                            "the server sent only {} bytes in {} seconds",
                            self.window_bytes,
                            self.limits.stall.as_secs()
                        ),
                    });
                }
                self.window = Instant::now();
                self.window_bytes = 0;
            }
            match self.events.recv_timeout(POLL) {
                Ok(Event::Chunk(bytes)) => {
                    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    self.window_bytes = self.window_bytes.saturating_add(length);
                    return Ok(Some(bytes));
                }
                Ok(Event::End) => {
                    self.ended = true;
                    return Ok(None);
                }
                Ok(Event::Failed { reason, .. }) => {
                    return Err(Failure::Again {
                        url: redacted(&self.url),
                        reason,
                    });
                }
                Err(RecvTimeoutError::Timeout) | Ok(Event::Head(..)) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Again {
                        url: redacted(&self.url),
                        reason: "the connection was lost".to_owned(),
                    });
                }
            }
        }
    }

    /// The whole body, up to `limit` bytes, a gzip encoding undone.
    fn document(&mut self, limit: u64) -> Result<Vec<u8>, Failure> {
        let too_large = |url: &Url| FetchError::MetadataTooLarge {
            url: redacted(url),
            limit,
        };
        let mut body = Vec::new();
        while let Some(chunk) = self.next()? {
            body.extend_from_slice(&chunk);
            if u64::try_from(body.len()).unwrap_or(u64::MAX) > limit {
                return Err(too_large(&self.url).into());
            }
        }
        // The magic number is looked at too, as the HTTP library may have
        // undone the encoding already.
        let encoded = self
            .header("content-encoding")
            .is_some_and(|encoding| encoding.contains("gzip"));
        if !encoded || !body.starts_with(&[0x1f, 0x8b]) {
            return Ok(body);
        }
        let mut plain = Vec::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(body.as_slice());
        decoder
            .by_ref()
            .take(limit.saturating_add(1))
            .read_to_end(&mut plain)
            .map_err(|error| Failure::Again {
                url: redacted(&self.url),
                reason: format!("its gzip encoding is broken ({error})"),
            })?;
        if u64::try_from(plain.len()).unwrap_or(u64::MAX) > limit {
            return Err(too_large(&self.url).into());
        }
        Ok(plain)
    }
}

/// So much of a secret at the end of a text is hidden as the whole is.
const HALF: usize = 6;

/// Progress that shows no secret of the settings.
pub(super) struct Discreet<'a> {
    pub(super) access: &'a Access,
    pub(super) inner: &'a dyn Progress,
}

impl Progress for Discreet<'_> {
    fn download(&self, name: &str, done: u64, total: Option<u64>) {
        self.inner.download(&self.access.hidden(name), done, total);
    }

    fn message(&self, text: &str) {
        self.inner.message(&self.access.hidden(text));
    }
}

/// How often waiting looks whether the user wants to stop.
const POLL: Duration = Duration::from_millis(100);

/// Sends requests as the user's settings say.
pub(super) struct Client<'a> {
    pub(super) access: Access,
    limits: &'a FetchLimits,
    cancelled: &'a AtomicBool,
    pub(super) progress: &'a dyn Progress,
    agents: RefCell<HashMap<(bool, Option<Secret>), ureq::Agent>>,
}

/// A document of a registry.
pub(super) struct Document {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) content_type: String,
    pub(super) etag: Option<String>,
    /// The address that answered, after redirects.
    pub(super) url: Url,
}

impl<'a> Client<'a> {
    pub(super) fn new(
        access: Access,
        limits: &'a FetchLimits,
        cancelled: &'a AtomicBool,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            access,
            limits,
            cancelled,
            progress,
            agents: RefCell::default(),
        }
    }

    /// Fails when the user wants to stop.
    pub(super) fn check_cancelled(&self) -> Result<(), FetchError> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(FetchError::Cancelled);
        }
        Ok(())
    }

    pub(super) const fn cancelled(&self) -> &'a AtomicBool {
        self.cancelled
    }

    pub(super) const fn limits(&self) -> &'a FetchLimits {
        self.limits
    }

    fn agent(&self, url: &Url) -> Result<ureq::Agent, FetchError> {
        let verify = self.access.verifies(url);
        let proxy = self.access.proxy(url);
        let key = (verify, proxy.map(|proxy| proxy.address.clone()));
        if let Some(agent) = self.agents.borrow().get(&key) {
            return Ok(agent.clone());
        }
        let wrong = |place: &str, problem: &str| FetchError::Config {
            place: place.to_owned(),
            problem: problem.to_owned(),
        };
        let roots = match &self.access.roots {
            None => RootCerts::PlatformVerifier,
            Some(pem) => {
                let certificates: Vec<_> = ureq::tls::parse_pem(pem)
                    .filter_map(|item| match item {
                        Ok(PemItem::Certificate(certificate)) => Some(certificate),
                        _ => None,
                    })
                    .collect();
                if certificates.is_empty() {
                    return Err(wrong(
                        "the configured certificate file",
                        "it holds no certificate in PEM form",
                    ));
                }
                RootCerts::from(certificates)
            }
        };
        let proxy = match proxy {
            None => None,
            Some(proxy) => Some(ureq::Proxy::new(proxy.address.expose()).map_err(|_| {
                wrong(
                    &format!("the proxy from {}", proxy.place),
                    "it is not an address such as http://proxy.example:8080 (SOCKS proxies are \
                     not supported)",
                )
            })?),
        };
        if !verify {
            self.progress.message(&format!(
                "the certificate of {} is not checked, as the settings say",
                authority(url)
            ));
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .tls_config(
                TlsConfig::builder()
                    .root_certs(roots)
                    .disable_verification(!verify)
                    .build(),
            )
            .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(self.limits.connect))
            .timeout_connect(Some(self.limits.connect))
            .timeout_send_request(Some(self.limits.connect))
            .timeout_recv_response(Some(self.limits.answer))
            .timeout_per_read(Some(self.limits.stall))
            .build();
        let agent = ureq::Agent::new_with_config(config);
        self.agents.borrow_mut().insert(key, agent.clone());
        Ok(agent)
    }

    /// One exchange, without redirects.
    fn exchange(&self, url: &Url, headers: &[(&str, String)]) -> Result<Reply<'a>, Failure> {
        self.check_cancelled()?;
        let agent = self.agent(url)?;
        // The address's own user and password are not sent: what is sent is
        // decided by the settings alone.
        let mut bare = url.clone();
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        bare.set_fragment(None);
        let mut request = agent.get(bare.as_str());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(secret) = self.access.authorization(url) {
            request = request.header("authorization", secret.expose());
        }
        let proxy = self.access.proxy(url).map(Proxy::shown);
        let (sender, events) = sync_channel(8);
        let work = move || {
            let mut reply = match request.call() {
                Ok(reply) => reply,
                Err(error) => {
                    let again = !matches!(
                        error,
                        ureq::Error::Http(_)
                            | ureq::Error::BadUri(_)
                            | ureq::Error::InvalidProxyUrl
                            | ureq::Error::Tls(_)
                            | ureq::Error::Rustls(_)
                            | ureq::Error::HostNotFound
                    );
                    let reason = transport_reason(&error, proxy.as_deref());
                    // A receiver that is gone has stopped listening.
                    let _ = sender.send(Event::Failed { reason, again });
                    return;
                }
            };
            let head = Event::Head(reply.status().as_u16(), reply.headers().clone());
            if sender.send(head).is_err() {
                return;
            }
            let mut reader = reply.body_mut().as_reader();
            let mut buffer = vec![0; 64 << 10];
            loop {
                let event = match reader.read(&mut buffer) {
                    Ok(0) => Event::End,
                    Ok(length) => Event::Chunk(buffer.get(..length).unwrap_or_default().to_vec()),
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(error) => Event::Failed {
                        reason: error.to_string(),
                        again: true,
                    },
                };
                let last = !matches!(event, Event::Chunk(_));
                if sender.send(event).is_err() || last {
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .name("fetch".to_owned())
            .spawn(work)
            .map_err(|error| Failure::Again {
                url: redacted(url),
                reason: error.to_string(),
            })?;
        loop {
            self.check_cancelled()?;
            match events.recv_timeout(POLL) {
                Ok(Event::Head(status, headers)) => {
                    return Ok(Reply {
                        status,
                        headers,
                        url: url.clone(),
                        events,
                        cancelled: self.cancelled,
                        limits: self.limits,
                        window: Instant::now(),
                        window_bytes: 0,
                        ended: false,
                    });
                }
                Ok(Event::Failed { reason, again }) => {
                    let reason = self.access.scrubbed(&reason);
                    let url = redacted(url);
                    return Err(if again {
                        Failure::Again { url, reason }
                    } else {
                        Failure::Final(FetchError::Unreachable {
                            url,
                            after: String::new(),
                            reason,
                        })
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Event::Chunk(_) | Event::End) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Again {
                        url: redacted(url),
                        reason: "the connection was lost".to_owned(),
                    });
                }
            }
        }
    }

    /// One request with its redirects.
    pub(super) fn get(&self, url: &Url, headers: &[(&str, String)]) -> Result<Reply<'a>, Failure> {
        let mut url = url.clone();
        for _ in 0..=self.limits.redirects {
            let reply = self.exchange(&url, headers)?;
            if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(reply);
            }
            url = redirect_target(&url, reply.header("location"))?;
        }
        Err(FetchError::Refused {
            url: redacted(&url),
            reason: format!("more than {} redirects", self.limits.redirects),
        }
        .into())
    }

    /// Turns a status that no caller wants into an error; `Again` for those
    /// that may pass.
    pub(super) fn check_status(&self, reply: &Reply<'_>) -> Result<(), Failure> {
        let url = redacted(&reply.url);
        match reply.status {
            401 | 403 | 407 => {
                let had = self.access.authorization(&reply.url).is_some();
                let hint = match reply.status {
                    407 => "the proxy wants a user and a password; write them into the proxy's \
                            address (http://USER:PASSWORD@HOST:PORT) in your settings"
                        .to_owned(),
                    _ if had => format!(
                        "the credential configured for {} is not accepted; renew it in {}",
                        authority(&reply.url),
                        self.access.hint
                    ),
                    _ => format!(
                        "no credential is configured for {}; it would be in {}",
                        authority(&reply.url),
                        self.access.hint
                    ),
                };
                Err(FetchError::Unauthorized {
                    url,
                    status: reply.status,
                    hint,
                }
                .into())
            }
            408 | 425 | 429 | 500..=599 => Err(Failure::Again {
                url,
                reason: format!("status {}", reply.status),
            }),
            _ => Ok(()),
        }
    }

    /// Runs something up to the allowed number of times, with pauses.
    pub(super) fn retrying<T>(
        &self,
        mut work: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, FetchError> {
        let mut pause = self.limits.pause;
        let mut tried = 0u32;
        loop {
            tried = tried.saturating_add(1);
            match work() {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Again { url, reason }) if tried >= self.limits.tries => {
                    return Err(self.exhausted(url, &reason, tried));
                }
                Err(Failure::Again { .. }) => {
                    self.sleep(pause)?;
                    pause = pause.saturating_mul(2);
                }
            }
        }
    }

    /// The error after the last try.
    pub(super) fn exhausted(&self, url: String, reason: &str, tried: u32) -> FetchError {
        let after = match tried {
            0 | 1 => String::new(),
            _ => format!(" (tried {tried} times)"),
        };
        match reason
            .strip_prefix("status ")
            .and_then(|status| status.parse().ok())
        {
            Some(status) => FetchError::Status { url, status, after },
            None => FetchError::Unreachable {
                url,
                after,
                reason: self.access.scrubbed(reason),
            },
        }
    }

    /// Waits, unless the user wants to stop.
    pub(super) fn sleep(&self, time: Duration) -> Result<(), FetchError> {
        let start = Instant::now();
        while start.elapsed() < time {
            self.check_cancelled()?;
            std::thread::sleep(POLL.min(time.saturating_sub(start.elapsed())));
        }
        self.check_cancelled()
    }

    /// Fetches a document; any status but those of [`Self::check_status`] is
    /// handed to the caller.
    pub(super) fn document(
        &self,
        url: &Url,
        accept: &str,
        etag: Option<&str>,
    ) -> Result<Document, FetchError> {
        let mut headers = vec![
            ("accept", accept.to_owned()),
            ("accept-encoding", "gzip".to_owned()),
        ];
        if let Some(etag) = etag {
            headers.push(("if-none-match", etag.to_owned()));
        }
        self.retrying(|| {
            let mut reply = self.get(url, &headers)?;
            self.check_status(&reply)?;
            let body = match reply.status {
                200 => reply.document(self.limits.max_document)?,
                // What an error page says is of no use.
                _ => Vec::new(),
            };
            Ok(Document {
                status: reply.status,
                body,
                content_type: reply.header("content-type").unwrap_or_default().to_owned(),
                etag: reply.header("etag").map(str::to_owned),
                url: reply.url.clone(),
            })
        })
    }
}

/// Where a redirect leads, when it may be followed.
pub(super) fn redirect_target(from: &Url, location: Option<&str>) -> Result<Url, FetchError> {
    let refused = |reason: &str| FetchError::Refused {
        url: redacted(from),
        reason: reason.to_owned(),
    };
    let mut target = location
        .and_then(|location| from.join(location).ok())
        .ok_or_else(|| refused("it redirects to something that is no address"))?;
    // A login that the server writes into the address is not the user's.
    let _ = target.set_username("");
    let _ = target.set_password(None);
    match (from.scheme(), target.scheme()) {
        ("https", "http") => Err(refused(
            "it redirects from an encrypted to an open connection",
        )),
        (_, "http" | "https") => Ok(target),
        _ => Err(refused("it redirects to neither http nor https")),
    }
}

/// What happened, and what to look at. `proxy` is the one that was asked,
/// with where it is set.
fn transport_reason(error: &ureq::Error, proxy: Option<&str>) -> String {
    let not_found = |text: &str| text.contains("failed to lookup address");
    match (error, proxy) {
        (ureq::Error::HostNotFound, _) => NO_HOST.to_owned(),
        (ureq::Error::Io(error), None) if not_found(&error.to_string()) => NO_HOST.to_owned(),
        (ureq::Error::Io(error), Some(proxy)) if not_found(&error.to_string()) => {
            format!("the host of {proxy} was not found; correct or remove that setting")
        }
        (ureq::Error::Io(error), Some(proxy)) if error.kind() == ErrorKind::ConnectionRefused => {
            format!("{proxy} refused the connection; correct or remove that setting")
        }
        (ureq::Error::Io(error), None) if error.kind() == ErrorKind::ConnectionRefused => {
            "nothing answers there (connection refused); check the registry's address, and \
             whether the network needs a proxy (HTTPS_PROXY)"
                .to_owned()
        }
        (ureq::Error::ConnectionFailed, Some(proxy)) => {
            format!("no connection could be made by {proxy}")
        }
        (ureq::Error::ConnectionFailed, None) => "no connection could be made".to_owned(),
        (ureq::Error::Timeout(_), _) => "the server took too long to answer".to_owned(),
        (ureq::Error::ConnectProxyFailed(_), _) => format!(
            "{} refused the connection; check its address, user and password",
            proxy.unwrap_or("the proxy")
        ),
        (other, _) => other.to_string(),
    }
}

const NO_HOST: &str = "no host of that name was found; check the registry's address and the \
                       network, and whether it needs a proxy (HTTPS_PROXY)";
