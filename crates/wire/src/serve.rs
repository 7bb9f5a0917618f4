use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame as BodyFrame, Incoming};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::Authority;
use crate::authority::is_address;
use crate::exchange::{Answer, Body, Exchange, Frame, Header, Replies, Request, text};
use crate::framing::{FIELDS, Framing, REST};
use crate::io::{Stream, Watched, first};

/// How much of a request's body is kept, in bytes.
const BODY: usize = 32 << 20;
/// How much of bodies that are on their way is kept, of all connections.
const TOGETHER: usize = 256 << 20;
/// How long a client that has connected may say nothing before that is told.
const SILENT: Duration = Duration::from_secs(5);
/// How deep tunnels lead through each other.
const DEEPEST: u8 = 4;

/// Who is at the other end of a connection, and where it meant to go.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The number of the connection in the run.
    pub connection: u64,
    /// The address that it went to.
    pub to: SocketAddr,
    /// The name that stands for that address, if any.
    pub name: Option<String>,
}

/// What is noted of a connection beside its requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "noted")]
pub enum Noted {
    /// TLS was agreed on.
    Tls {
        /// The name that the client asked for.
        name: Option<String>,
        /// What it offered to speak.
        offers: Vec<String>,
    },
    /// TLS was not agreed on.
    TlsFailed {
        /// The name that the client asked for.
        name: Option<String>,
        /// Why, in words.
        why: String,
        /// Whether the client does not trust the certificate.
        distrusts: bool,
    },
    /// A proxy was asked for a tunnel.
    Tunnel {
        /// Where to.
        to: String,
    },
    /// The client speaks something that is not known here.
    Unknown {
        /// What it sent, up to a limit.
        #[serde(skip)]
        bytes: Bytes,
        /// How much that is.
        len: usize,
    },
    /// The client connected and waits for the server to speak.
    Silent,
}

/// Who answers, and is told what comes.
pub trait Observer: Send + Sync + 'static {
    /// What is answered to a request.
    fn answer(&self, connection: u64, request: &Request) -> Answer;
    /// What is answered to a message of a WebSocket.
    fn message(&self, connection: u64, message: &[u8]) -> Replies;
    /// A request was answered.
    fn exchanged(&self, exchange: Exchange);
    /// A message of a WebSocket went one way or the other.
    fn framed(&self, frame: Frame);
    /// Something else was seen of a connection.
    fn noted(&self, connection: u64, noted: Noted);
}

/// Who speaks with all clients of one run.
pub struct Server {
    authority: Arc<Authority>,
    observer: Arc<dyn Observer>,
    /// How many bytes of bodies are on their way, of all connections.
    underway: AtomicUsize,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    /// A server with the certificates of `authority`, which asks and tells
    /// `observer`.
    #[must_use]
    pub fn new(authority: Arc<Authority>, observer: Arc<dyn Observer>) -> Self {
        Self {
            authority,
            observer,
            underway: AtomicUsize::new(0),
        }
    }

    /// Speaks with a client that opened a connection, until it ends: TLS,
    /// HTTP/1.1, HTTP/2, tunnels through a proxy with the same inside,
    /// WebSockets. What is none of these is kept and told.
    pub async fn serve(self: Arc<Self>, stream: tokio::net::TcpStream, peer: Peer) {
        let context = Context {
            peer,
            server: self,
            depth: 0,
        };
        opened(Box::new(stream), context).await;
    }
}

/// What all of one connection share.
#[derive(Clone)]
struct Context {
    peer: Peer,
    server: Arc<Server>,
    depth: u8,
}

impl Context {
    fn noted(&self, noted: Noted) {
        self.server.observer.noted(self.peer.connection, noted);
    }

    /// Notes bytes that nothing here understands, if there are any.
    fn unknown(&self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.noted(Noted::Unknown {
                len: bytes.len(),
                bytes: bytes.into(),
            });
        }
    }
}

/// Sorts out what a client opens with.
fn opened(mut stream: Stream, context: Context) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let Some(bytes) = greeting(&mut stream, &context).await else {
            return;
        };
        // A record of a handshake, of TLS 1.x. RFC 8446, section 5.1.
        if matches!(bytes.as_ref(), [0x16, 0x03, ..]) {
            let framing = Framing::default();
            framing.keep();
            let stream = Watched::new(bytes, stream, framing.clone());
            secured(Box::new(stream), framing, context).await;
        } else {
            plain(bytes, stream, "http", context).await;
        }
    })
}

/// What the client says first; nothing if it ended.
async fn greeting(stream: &mut Stream, context: &Context) -> Option<Bytes> {
    let bytes = match timeout(SILENT, first(stream, 4096)).await {
        Ok(read) => read,
        Err(_) => {
            context.noted(Noted::Silent);
            first(stream, 4096).await
        }
    };
    bytes.ok().filter(|bytes| !bytes.is_empty())
}

async fn secured(stream: Stream, framing: Framing, mut context: Context) {
    let start = match LazyConfigAcceptor::new(Acceptor::default(), stream).await {
        Ok(start) => start,
        Err(error) => {
            // It only begins like TLS.
            context.unknown(framing.rest());
            return context.noted(failed(None, &error));
        }
    };
    framing.leave();
    let hello = start.client_hello();
    let name = hello.server_name().map(str::to_owned);
    let offers: Vec<String> = hello
        .alpn()
        .into_iter()
        .flatten()
        .map(|offer| String::from_utf8_lossy(offer).into_owned())
        .collect();
    let fallback = context
        .peer
        .name
        .as_deref()
        .and_then(host_of)
        .unwrap_or_else(|| context.peer.to.ip().to_string());
    let config = context.server.authority.server(&fallback);
    let config = config.map(|config| agreeing(config, &offers));
    let tls = match config {
        Ok(config) => start.into_stream(config).await,
        Err(error) => Err(std::io::Error::other(error)),
    };
    match tls {
        Ok(mut tls) => {
            // The client may refuse the certificate after it has all it needs
            // for speaking: then that comes in place of a request.
            context.noted(Noted::Tls {
                name: name.clone(),
                offers,
            });
            if name.is_some() {
                context.peer.name = name;
            }
            let mut buffer = vec![0u8; 4096];
            match tls.read(&mut buffer).await {
                Ok(0) => {}
                Ok(len) => {
                    buffer.truncate(len);
                    plain(buffer.into(), Box::new(tls), "https", context).await;
                }
                Err(error) => context.noted(failed(context.peer.name.clone(), &error)),
            }
        }
        Err(error) => context.noted(failed(name, &error)),
    }
}

/// The configuration without what the client does not speak: one that offers
/// a protocol of its own is let in all the same, to see what it says.
fn agreeing(config: Arc<ServerConfig>, offers: &[String]) -> Arc<ServerConfig> {
    let known = |offer: &String| matches!(offer.as_str(), "h2" | "http/1.1");
    if offers.is_empty() || offers.iter().any(known) {
        return config;
    }
    let mut config = (*config).clone();
    config.alpn_protocols.clear();
    Arc::new(config)
}

/// The host of `host:port`.
fn host_of(authority: &str) -> Option<String> {
    let host = match authority.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|b| b.is_ascii_digit()) && !is_address(authority) =>
        {
            host
        }
        _ => authority,
    };
    let host = host.trim_matches(['[', ']']);
    (!host.is_empty()).then(|| host.to_owned())
}

fn failed(name: Option<String>, error: &std::io::Error) -> Noted {
    use rustls::AlertDescription as Alert;
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let distrusts = matches!(
        inner,
        Some(rustls::Error::AlertReceived(
            Alert::UnknownCA
                | Alert::BadCertificate
                | Alert::CertificateUnknown
                | Alert::UnsupportedCertificate
                | Alert::CertificateExpired
                | Alert::CertificateRevoked
                | Alert::AccessDenied
        ))
    );
    Noted::TlsFailed {
        name,
        why: if error.kind() == std::io::ErrorKind::UnexpectedEof {
            "the client ended the connection during the handshake".to_owned()
        } else {
            error.to_string()
        },
        distrusts,
    }
}

/// What a client says without or inside TLS.
async fn plain(bytes: Bytes, mut stream: Stream, scheme: &'static str, context: Context) {
    let is_http = bytes
        .iter()
        .take_while(|b| **b != b' ')
        .all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_'))
        && bytes.first().is_some_and(u8::is_ascii_uppercase);
    if !is_http {
        let all = drained(bytes.to_vec(), &mut stream).await;
        return context.unknown(all);
    }
    let framing = Framing::default();
    let (io, back) = Watched::lent(bytes, stream, framing.clone());
    let io = TokioIo::new(io);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let (context, framing) = (context.clone(), framing.clone());
        async move { Ok::<_, Infallible>(asked(request, scheme, &framing, context).await) }
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .preserve_header_case(true)
        .max_headers(FIELDS);
    // What a client sends wrong ends the connection, and so does its word that
    // it sends no more; it may have gone on all the same.
    let served = server.serve_connection_with_upgrades(io, service).await;
    let mut rest = framing.rest();
    if framing.is_http2() {
        rest.extend(framing.beside(served.is_err(), 0));
    }
    if !framing.is_elsewhere()
        && let Ok((unread, mut stream)) = { back }.try_recv()
    {
        rest.extend(unread);
        rest = drained(rest, &mut stream).await;
    }
    context.unknown(rest);
}

/// All that comes, up to a limit, until the client ends or is silent.
async fn drained(mut all: Vec<u8>, stream: &mut Stream) -> Vec<u8> {
    let mut buffer = vec![0u8; 4096];
    while all.len() < REST {
        match timeout(SILENT, stream.read(&mut buffer)).await {
            Ok(Ok(len)) if len > 0 => {
                all.extend_from_slice(buffer.get(..len).unwrap_or_default());
            }
            _ => break,
        }
    }
    all
}

type Reply = hyper::Response<BoxBody<Bytes, Infallible>>;

async fn asked(
    mut incoming: hyper::Request<Incoming>,
    scheme: &str,
    framing: &Framing,
    context: Context,
) -> Reply {
    let is_h1 = incoming.version() < Version::HTTP_2;
    let upgrade = hyper::upgrade::on(&mut incoming);
    let (parts, body) = incoming.into_parts();
    if parts.method == Method::CONNECT {
        let to = parts.uri.to_string();
        framing.leave();
        context.noted(Noted::Tunnel { to: to.clone() });
        tokio::spawn(tunnel(upgrade, to, context));
        return reply(200, &[], empty());
    }
    let collected = collect(body, &context.server.underway).await;
    let written = is_h1.then(|| framing.message()).flatten();
    let host = parts
        .uri
        .authority()
        .map(|authority| authority.as_str().to_owned())
        .or_else(|| {
            let host = parts.headers.get("host")?;
            Some(text(host.as_bytes()))
        })
        .or_else(|| context.peer.name.clone())
        .unwrap_or_else(|| context.peer.to.to_string());
    let request = Request {
        scheme: parts.uri.scheme_str().unwrap_or(scheme).to_owned(),
        host,
        version: format!("{:?}", parts.version),
        method: parts.method.to_string(),
        // A fragment is sent by nobody, but can be.
        target: match &written {
            Some(message) if message.target.starts_with('/') => message.target.clone(),
            _ => parts
                .uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), ToString::to_string),
        },
        form: written.as_ref().map_or_else(Vec::new, |it| it.form.clone()),
        headers: written.map_or_else(|| fields(&parts.headers), |message| message.headers),
        body: collected.body,
        trailers: collected.trailers,
        cut: collected.cut,
    };
    let connection = context.peer.connection;
    let observer = Arc::clone(&context.server.observer);
    let mut answer = observer.answer(connection, &request);
    let socket = matches!(answer.body, Body::Socket);
    if socket {
        framing.socket();
        let key = request.header("sec-websocket-key").unwrap_or_default();
        answer.status = 101;
        answer.headers = vec![
            ("connection".to_owned(), "Upgrade".to_owned()),
            ("upgrade".to_owned(), "websocket".to_owned()),
            (
                "sec-websocket-accept".to_owned(),
                derive_accept_key(key.as_bytes()),
            ),
        ];
    }
    observer.exchanged(Exchange {
        connection,
        provider: answer.provider,
        request,
        status: answer.status,
        headers: answer.headers.clone(),
        body: answer.bytes(),
    });
    if socket {
        tokio::spawn(talk(upgrade, framing.clone(), context));
    }
    let body = match answer.body {
        Body::Empty | Body::Socket => empty(),
        Body::Whole(bytes) => Full::new(bytes).boxed(),
        Body::Pieces(pieces) => {
            let frames = pieces.into_iter().map(|piece| Ok(BodyFrame::data(piece)));
            BodyExt::boxed(StreamBody::new(stream::iter(frames)))
        }
    };
    reply(answer.status, &answer.headers, body)
}

fn empty() -> BoxBody<Bytes, Infallible> {
    Empty::new().boxed()
}

fn reply(status: u16, headers: &[Header], body: BoxBody<Bytes, Infallible>) -> Reply {
    let mut reply = hyper::Response::new(body);
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            reply.headers_mut().append(name, value);
        }
    }
    reply
}

/// A part of what is on its way; given back when it is dropped.
struct Underway<'s> {
    all: &'s AtomicUsize,
    own: usize,
}

impl Underway<'_> {
    /// Whether there is room for so many bytes more.
    fn more(&mut self, len: usize) -> bool {
        if self.all.load(Ordering::Relaxed).saturating_add(len) > TOGETHER {
            return false;
        }
        self.all.fetch_add(len, Ordering::Relaxed);
        self.own = self.own.saturating_add(len);
        true
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(self.own, Ordering::Relaxed);
    }
}

fn fields(headers: &HeaderMap) -> Vec<Header> {
    let all = headers.iter();
    all.map(|(name, value)| (name.to_string(), text(value.as_bytes())))
        .collect()
}

/// A body, as far as it was kept.
struct Collected {
    body: Bytes,
    trailers: Vec<Header>,
    /// Whether there was more than the limits let be kept.
    cut: bool,
}

async fn collect(mut body: Incoming, all: &AtomicUsize) -> Collected {
    let mut underway = Underway { all, own: 0 };
    let (mut all, mut cut) = (Vec::new(), false);
    let mut trailers = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(other) => {
                trailers.extend(other.into_trailers().iter().flat_map(fields));
                continue;
            }
        };
        let mut room = BODY.saturating_sub(all.len()).min(data.len());
        if !underway.more(room) {
            room = 0;
        }
        cut |= room < data.len();
        all.extend_from_slice(data.get(..room).unwrap_or_default());
    }
    Collected {
        body: all.into(),
        trailers,
        cut,
    }
}

async fn tunnel(upgrade: OnUpgrade, to: String, mut context: Context) {
    context.depth = context.depth.saturating_add(1);
    if context.depth > DEEPEST {
        return;
    }
    let Ok(upgraded) = upgrade.await else {
        return;
    };
    context.peer.name = Some(to);
    opened(Box::new(TokioIo::new(upgraded)), context).await;
}

async fn talk(upgrade: OnUpgrade, framing: Framing, context: Context) {
    let Ok(upgraded) = upgrade.await else {
        return;
    };
    let io = TokioIo::new(upgraded);
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    let connection = context.peer.connection;
    let observer = &context.server.observer;
    let framed = |sent, provider, bytes: &Bytes| {
        observer.framed(Frame {
            connection,
            sent,
            provider,
            bytes: bytes.clone(),
        });
    };
    let told = |bytes: Bytes| {
        if !bytes.is_empty() {
            framed(true, None, &bytes);
        }
    };
    let (mut taken, mut broken) = (0usize, false);
    'talk: while let Some(message) = socket.next().await {
        let bytes: Bytes = match message {
            Ok(Message::Text(text)) => Bytes::from(text),
            Ok(Message::Binary(bytes)) => bytes,
            // What goes along with these is seldom anything.
            Ok(Message::Ping(bytes) | Message::Pong(bytes)) => {
                told(bytes);
                continue;
            }
            Ok(Message::Close(reason)) => {
                told(reason.map_or_else(Bytes::new, |why| Bytes::from(why.reason)));
                break;
            }
            Ok(Message::Frame(_)) => continue,
            // What is refused was sent all the same.
            Err(_) => {
                broken = true;
                break;
            }
        };
        taken = taken.saturating_add(1);
        let replies = observer.message(connection, &bytes);
        framed(true, replies.provider, &bytes);
        for answer in replies.messages {
            framed(false, replies.provider, &answer);
            let text = String::from_utf8_lossy(&answer).into_owned();
            if socket.send(Message::text(text)).await.is_err() {
                break 'talk;
            }
        }
    }
    context.unknown(framing.beside(broken, taken));
}
