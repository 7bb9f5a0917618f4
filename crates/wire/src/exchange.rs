use std::fmt::Write;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A field of a head: the name as it was written where the protocol keeps
/// that, and the value; bytes that are no UTF-8 are written `\xNN`.
pub type Header = (String, String);

/// Bytes as text; those that are no UTF-8 are written `\xNN`, so that no two
/// of them are taken for the same.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
    out
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `http` or `https`.
    pub scheme: String,
    /// The host that it is meant for, with the port where one is written.
    pub host: String,
    /// As the protocol calls itself: `HTTP/1.1`, `HTTP/2.0`.
    pub version: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The fields, in the order in which they were sent.
    pub headers: Vec<Header>,
    /// The body as it was sent.
    #[serde(skip)]
    pub body: Bytes,
    /// The fields that came after the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailers: Vec<Header>,
    /// How it is written beside what it says, where HTTP/1 leaves a choice and
    /// another than the usual one was made; the sizes of chunks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<String>,
    /// Whether the body was longer than what is kept.
    pub cut: bool,
}

impl Request {
    /// The value of a field, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The body without its content codings, up to `most` bytes.
    #[must_use]
    pub fn content(&self, most: usize) -> crate::Decoded {
        // A field that comes twice is one list.
        let is_coding = |name: &str| name.eq_ignore_ascii_case("content-encoding");
        let all = self.headers.iter().filter(|(name, _)| is_coding(name));
        let codings: Vec<&str> = all.map(|(_, value)| value.as_str()).collect();
        crate::decoded(&self.body, &codings.join(", "), most)
    }
}

fn value<'h>(headers: &'h [Header], name: &str) -> Option<&'h str> {
    headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// What is answered.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The provider whose shape the request has, if any.
    pub provider: Option<&'static str>,
    /// The status.
    pub status: u16,
    /// The fields.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Body,
}

/// The body of an answer.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// All of it at once.
    Whole(Bytes),
    /// Piece after piece, as a stream of events is.
    Pieces(Vec<Bytes>),
    /// The connection becomes a WebSocket: each message of the client is
    /// given to [`Observer::message`](crate::Observer::message).
    Socket,
}

impl Answer {
    /// A JSON text.
    #[must_use]
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Body::Whole(value.to_string().into()),
            ..Self::default()
        }
    }

    /// A stream of server-sent events.
    #[must_use]
    pub fn events(pieces: Vec<Bytes>) -> Self {
        Self {
            status: 200,
            headers: vec![
                ("content-type".to_owned(), "text/event-stream".to_owned()),
                ("cache-control".to_owned(), "no-cache".to_owned()),
            ],
            body: Body::Pieces(pieces),
            ..Self::default()
        }
    }

    /// The bytes of the body one after the other.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match &self.body {
            Body::Empty | Body::Socket => Bytes::new(),
            Body::Whole(bytes) => bytes.clone(),
            Body::Pieces(pieces) => pieces.concat().into(),
        }
    }
}

/// A request with what was answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Which connection it came by.
    pub connection: u64,
    /// The provider whose shape it has, if any.
    pub provider: Option<&'static str>,
    /// What was asked.
    pub request: Request,
    /// The status of the answer.
    pub status: u16,
    /// The fields of the answer.
    pub headers: Vec<Header>,
    /// The body of the answer.
    pub body: Bytes,
}

/// What is answered to a message of a WebSocket.
#[derive(Debug, Clone, Default)]
pub struct Replies {
    /// The provider whose shape the message has, if any.
    pub provider: Option<&'static str>,
    /// The answers, in order: texts.
    pub messages: Vec<Bytes>,
}

/// A message of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Which connection it came by.
    pub connection: u64,
    /// Whether the client sent it.
    pub sent: bool,
    /// The provider whose shape it has, if any.
    pub provider: Option<&'static str>,
    /// What it says.
    pub bytes: Bytes,
}
