//! What a client writes in HTTP/1, byte for byte.
//!
//! The server that answers keeps what a request says and drops how it is
//! written; and what it refuses, it drops whole. This follows the same bytes
//! beside it (RFC 9112), keeps how each message is written, and keeps what is
//! left that belongs to no message.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::exchange::{Header, text};
use crate::frames::{self, Frames};

/// How much of a head, of a line of a chunk or of trailers is kept, in bytes.
const HEAD: usize = 512 << 10;
/// How much is kept of what belongs to no message, in bytes.
pub(crate) const REST: usize = 256 << 10;
/// The most fields of a head.
pub(crate) const FIELDS: usize = 1024;
/// Of how many chunks of a body the sizes are kept.
const CHUNKS: usize = 256;
/// What HTTP/2 opens with, as far as it looks like a request.
const HTTP2: &[u8] = b"PRI * HTTP/2.0";

/// How a message is written, beside what it says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// The target as it was written.
    pub(crate) target: String,
    /// The fields, in the order and case in which they were sent.
    pub(crate) headers: Vec<Header>,
    /// What is not as it usually is, in words; the sizes of chunks.
    pub(crate) form: Vec<String>,
    raw: Vec<u8>,
}

/// Follows what is read of a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Framing(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    messages: VecDeque<Message>,
    chunks: Chunks,
    place: Place,
    /// What was read of the line or head that is under way; at the end, what
    /// belongs to no message.
    rest: Vec<u8>,
    frames: Option<Frames>,
}

#[derive(Debug, Default)]
struct Chunks {
    sizes: Vec<u64>,
    extensions: Vec<String>,
}

#[derive(Debug, Default, Clone, Copy)]
enum Place {
    #[default]
    Head,
    /// In a body, with so many bytes to come.
    Body(u64),
    /// In a line that tells of a chunk.
    Size,
    /// In a chunk, with so many bytes to come (its line end too).
    Chunk(u64),
    Trailers,
    /// What comes is no message.
    Lost,
    /// What comes is in frames.
    Frames,
    /// What comes is followed elsewhere.
    Elsewhere,
}

impl Framing {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        match self.0.lock() {
            Ok(inner) => inner,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// Takes what was read.
    pub(crate) fn note(&self, read: &[u8]) {
        self.lock().note(read);
    }

    /// How the next message is written, of which all was read.
    pub(crate) fn message(&self) -> Option<Message> {
        self.lock().messages.pop_front()
    }

    /// From here on the connection is used for something else.
    pub(crate) fn leave(&self) {
        let mut inner = self.lock();
        inner.place = Place::Elsewhere;
        inner.messages.clear();
        inner.rest.clear();
    }

    /// From here on the connection is a WebSocket's.
    pub(crate) fn socket(&self) {
        self.leave();
        let mut inner = self.lock();
        inner.place = Place::Frames;
        inner.frames = Some(Frames::new(frames::Kind::WebSocket, 0));
    }

    /// Whether the connection is one of HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        let inner = self.lock();
        inner.frames.as_ref().is_some_and(Frames::is_http2)
    }

    /// What frames said beside requests and messages, of which so many were
    /// taken; where the connection was broken off also what the last one said.
    pub(crate) fn beside(&self, broken: bool, taken: usize) -> Vec<u8> {
        let frames = self.lock().frames.take();
        frames.map_or_else(Vec::new, |frames| frames.beside(broken, taken))
    }

    /// From here on what comes is no message, until it is known to be another
    /// thing.
    pub(crate) fn keep(&self) {
        self.lock().place = Place::Lost;
    }

    /// Whether the connection is used for something else.
    pub(crate) fn is_elsewhere(&self) -> bool {
        matches!(self.lock().place, Place::Elsewhere | Place::Frames)
    }

    /// What was read and belongs to no message.
    pub(crate) fn rest(&self) -> Vec<u8> {
        let mut inner = self.lock();
        // What was read well here and refused there.
        let mut out: Vec<u8> = inner.messages.drain(..).flat_map(|it| it.raw).collect();
        out.append(&mut inner.rest);
        out
    }
}

impl Inner {
    fn note(&mut self, mut read: &[u8]) {
        while !read.is_empty() {
            read = match self.place {
                Place::Head => self.head(read),
                Place::Body(left) => self.skip(read, left, Place::Head, Place::Body),
                Place::Size => self.size(read),
                Place::Chunk(left) => self.skip(read, left, Place::Size, Place::Chunk),
                Place::Trailers => self.trailers(read),
                Place::Lost => {
                    let room = REST.saturating_sub(self.rest.len()).min(read.len());
                    self.rest
                        .extend_from_slice(read.get(..room).unwrap_or_default());
                    &[]
                }
                Place::Frames => {
                    if let Some(frames) = &mut self.frames {
                        frames.note(read);
                    }
                    &[]
                }
                Place::Elsewhere => &[],
            };
        }
    }

    /// Passes over what comes, of which `left` bytes belong together.
    fn skip<'r>(
        &mut self,
        read: &'r [u8],
        left: u64,
        then: Place,
        within: fn(u64) -> Place,
    ) -> &'r [u8] {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(read.len());
        let left = left.saturating_sub(u64::try_from(here).unwrap_or(u64::MAX));
        self.place = if left == 0 { then } else { within(left) };
        read.get(here..).unwrap_or_default()
    }

    /// Takes one line; nothing where it has not ended.
    fn line<'r>(&mut self, read: &'r [u8]) -> (bool, &'r [u8]) {
        let end = read.iter().position(|byte| *byte == b'\n');
        let (line, after) = read.split_at(end.map_or(read.len(), |end| end.saturating_add(1)));
        if self.rest.len().saturating_add(line.len()) > HEAD {
            self.place = Place::Lost;
            return (false, read);
        }
        self.rest.extend_from_slice(line);
        (end.is_some(), after)
    }

    fn head<'r>(&mut self, read: &'r [u8]) -> &'r [u8] {
        let (ended, after) = self.line(read);
        if HTTP2.starts_with(&self.rest) || self.rest.starts_with(HTTP2) {
            if self.rest.starts_with(HTTP2) {
                self.place = Place::Frames;
                let mut frames = Frames::new(frames::Kind::Http2, 0);
                frames.note(&self.rest);
                self.frames = Some(frames);
                self.rest.clear();
            }
            return after;
        }
        let is_blank = self.rest.ends_with(b"\n\r\n") || self.rest.ends_with(b"\n\n");
        let has_begun = self.rest.iter().any(|byte| !b"\r\n".contains(byte));
        if !ended || !is_blank || !has_begun {
            return after;
        }
        match head(&self.rest) {
            Some((message, place)) => {
                self.messages.push_back(message);
                self.place = place;
                self.rest.clear();
            }
            None => self.place = Place::Lost,
        }
        after
    }

    fn size<'r>(&mut self, read: &'r [u8]) -> &'r [u8] {
        let (ended, after) = self.line(read);
        if !ended {
            return after;
        }
        let line = String::from_utf8_lossy(&self.rest).into_owned();
        let (size, extension) = line.split_once(';').unwrap_or((&line, ""));
        let size = size.trim();
        let Ok(len) = u64::from_str_radix(size, 16) else {
            self.place = Place::Lost;
            return after;
        };
        if self.chunks.sizes.len() < CHUNKS {
            self.chunks.sizes.push(len);
            let usual = format!("{len:x}\r\n");
            if line != usual {
                let extension = extension.trim();
                let line = if extension.is_empty() {
                    line.replacen(size, &outline(size), 1)
                } else {
                    format!("extension {extension}")
                };
                self.chunks.extensions.push(line);
            }
        }
        self.rest.clear();
        self.place = match len {
            0 => Place::Trailers,
            len => Place::Chunk(len.saturating_add(2)),
        };
        after
    }

    fn trailers<'r>(&mut self, read: &'r [u8]) -> &'r [u8] {
        let (ended, after) = self.line(read);
        let is_blank = matches!(self.rest.as_slice(), b"\r\n" | b"\n")
            || self.rest.ends_with(b"\n\r\n")
            || self.rest.ends_with(b"\n\n");
        if !ended || !is_blank {
            return after;
        }
        let chunks = std::mem::take(&mut self.chunks);
        if let Some(message) = self.messages.back_mut() {
            let sizes: Vec<String> = chunks.sizes.iter().map(u64::to_string).collect();
            message.form.push(format!("chunks of {}", sizes.join(", ")));
            for line in chunks.extensions {
                message.form.push(format!("a chunk's line {line:?}"));
            }
        }
        self.rest.clear();
        self.place = Place::Head;
        after
    }
}

/// Digits as zeros: how a number is written, whatever it is.
fn outline(number: &str) -> String {
    let shape = |c: char| match c {
        '0' => '0',
        '1'..='9' => '1',
        'a'..='f' => 'a',
        'A'..='F' => 'A',
        other => other,
    };
    number.chars().map(shape).collect()
}

/// Reads a head, and tells what comes after it.
fn head(raw: &[u8]) -> Option<(Message, Place)> {
    let start = raw.iter().position(|b| !matches!(b, b'\r' | b'\n'))?;
    let mut form = Vec::new();
    if start > 0 {
        form.push("empty lines before the request".to_owned());
    }
    let raw = raw.get(start..)?;
    let mut fields = vec![httparse::EMPTY_HEADER; FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    if !parsed.parse(raw).ok()?.is_complete() {
        return None;
    }
    let headers: Vec<Header> = parsed
        .headers
        .iter()
        .map(|field| (field.name.to_owned(), text(field.value)))
        .collect();
    if parsed.version == Some(0) {
        form.push("HTTP/1.0".to_owned());
    }
    let mut bare = 0usize;
    for (number, line) in raw.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or_else(|| {
            bare = bare.saturating_add(1);
            content
        });
        if number == 0 {
            if content.split(|byte| *byte == b' ').count() != 3 {
                form.push(format!("the line {:?}", text(content)));
            }
            continue;
        }
        let Some(colon) = content.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = content.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        let is_space = |byte: &&u8| byte.is_ascii_whitespace();
        let front = value.iter().take_while(is_space).count();
        let back = value.iter().rev().take_while(is_space).count();
        let usual = if front == value.len() { 0..=1 } else { 1..=1 };
        let spaces = value.get(..front).unwrap_or_default();
        if !usual.contains(&front) || spaces.contains(&b'\t') {
            form.push(format!("{} then {:?}", text(name), text(spaces)));
        }
        if back > 0 && back < value.len() {
            let spaces = value.get(value.len().saturating_sub(back)..);
            form.push(format!(
                "{} ends with {:?}",
                text(name),
                text(spaces.unwrap_or_default())
            ));
        }
    }
    if bare > 0 {
        form.push(format!("lines that end with LF alone: {bare}"));
    }
    let of = |name: &str| {
        let all = headers.iter();
        all.filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .next_back()
    };
    let chunked = |value: &str| {
        let last = value.rsplit(',').next().unwrap_or_default();
        last.trim().eq_ignore_ascii_case("chunked")
    };
    let place = if of("transfer-encoding").is_some_and(chunked) {
        Place::Size
    } else {
        match of("content-length").and_then(|len| len.trim().parse().ok()) {
            None | Some(0) => Place::Head,
            Some(len) => Place::Body(len),
        }
    };
    let target = parsed.path.unwrap_or_default().to_owned();
    let message = Message {
        target,
        headers,
        form,
        raw: raw.to_vec(),
    };
    Some((message, place))
}

#[cfg(test)]
mod tests {
    use super::Framing;

    /// Whatever pieces the bytes come in.
    fn followed(bytes: &[u8]) -> Vec<(Vec<String>, Vec<u8>)> {
        (1..=bytes.len())
            .map(|step| {
                let framing = Framing::default();
                for piece in bytes.chunks(step) {
                    framing.note(piece);
                }
                let forms = std::iter::from_fn(|| framing.message());
                let forms = forms.flat_map(|message| message.form).collect();
                (forms, framing.rest())
            })
            .collect()
    }

    #[track_caller]
    fn check(bytes: &str, forms: &[&str], rest: &str) {
        for (found, left) in followed(bytes.as_bytes()) {
            assert_eq!(found, forms);
            assert_eq!(String::from_utf8_lossy(&left), rest);
        }
    }

    #[test]
    fn what_is_written_as_usual_has_no_form_and_leaves_nothing() {
        let one = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n\r\n\r\n";
        check(&format!("{one}{one}"), &[], "");
        check("GET / HTTP/1.1\r\nHost: x\r\nEmpty:\r\n\r\n", &[], "");
    }

    #[test]
    fn spaces_line_ends_and_chunks_are_told() {
        check(
            "GET / HTTP/1.1\r\nHost:  x\r\nA: b \r\nC:\td\n\r\n",
            &[
                "Host then \"  \"",
                "A ends with \" \"",
                "C then \"\\t\"",
                "lines that end with LF alone: 1",
            ],
            "",
        );
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        check(
            &format!("{chunked}2\r\nab\r\n0A;q=1\r\n0123456789\r\n0\r\nT: u\r\n\r\n"),
            &["chunks of 2, 10, 0", "a chunk's line \"extension q=1\""],
            "",
        );
        check(
            &format!("{chunked}02\r\nab\r\n0\r\n\r\n"),
            &["chunks of 2, 0", "a chunk's line \"01\\r\\n\""],
            "",
        );
    }

    #[test]
    fn what_belongs_to_no_message_is_left() {
        check(
            "GET / HTTP/1.1\r\nA: b\u{1}\r\n\r\n",
            &[],
            "GET / HTTP/1.1\r\nA: b\u{1}\r\n\r\n",
        );
        check("GET / HTTP/1.1\r\nA:", &[], "GET / HTTP/1.1\r\nA:");
        check("GET /\r\n", &[], "GET /\r\n");
        let whole = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab";
        check(&format!("{whole}cd"), &[], "cd");
        check("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxyz", &[], "");
    }
}
