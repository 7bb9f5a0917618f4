//! What the frames of HTTP/2 and of WebSockets carry beside requests and
//! messages, followed beside the server that answers: it drops what it has no
//! use for, and all of a frame that it refuses.
//!
//! Source: RFC 9113, RFC 6455.

use crate::framing::REST;

/// What HTTP/2 opens with.
const PREFACE: usize = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
/// The last type that the standard has.
const CONTINUATION: u8 = 9;
const ACK: u8 = 1;
const PADDED: u8 = 8;

/// Follows frames as they come, in pieces of any length.
#[derive(Debug)]
pub(crate) struct Frames {
    kind: Kind,
    /// What opens the connection and is no frame, in bytes to come.
    before: usize,
    /// The head of a frame that is under way.
    head: Vec<u8>,
    /// Bytes of its payload that are still to come.
    left: u64,
    /// What of its payload is kept.
    payload: Vec<u8>,
    /// What frames said beside requests and messages.
    beside: Vec<u8>,
    /// What is kept of the message of a WebSocket that is under way, or was
    /// the last, whose parts come in frames of their own.
    message: Vec<u8>,
    /// Whether that has ended.
    whole: bool,
    /// How many messages have.
    messages: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Http2,
    WebSocket,
}

impl Frames {
    /// `taken` of what opens the connection has been read.
    pub(crate) fn new(kind: Kind, taken: usize) -> Self {
        Self {
            kind,
            before: match kind {
                Kind::Http2 => PREFACE.saturating_sub(taken),
                Kind::WebSocket => 0,
            },
            head: Vec::new(),
            left: 0,
            payload: Vec::new(),
            beside: Vec::new(),
            message: Vec::new(),
            whole: true,
            messages: 0,
        }
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.kind == Kind::Http2
    }

    /// Takes what was read.
    pub(crate) fn note(&mut self, mut read: &[u8]) {
        let opening = self.before.min(read.len());
        self.before -= opening;
        read = read.get(opening..).unwrap_or_default();
        while let Some((byte, rest)) = read.split_first() {
            if self.left == 0 {
                self.head.push(*byte);
                read = rest;
                if let Some(len) = self.length() {
                    self.left = len;
                    self.payload.clear();
                    if len == 0 {
                        self.ended();
                    }
                }
                continue;
            }
            let here = usize::try_from(self.left)
                .unwrap_or(usize::MAX)
                .min(read.len());
            let (one, rest) = read.split_at(here);
            let room = REST.saturating_sub(self.payload.len()).min(one.len());
            self.payload.extend(one.get(..room).unwrap_or_default());
            self.left -= u64::try_from(here).unwrap_or(self.left);
            read = rest;
            if self.left == 0 {
                self.ended();
            }
        }
    }

    /// What frames said beside requests and messages, of which the server
    /// took so many; where the connection was broken off also the last one.
    pub(crate) fn beside(mut self, broken: bool, taken: usize) -> Vec<u8> {
        if !self.whole || broken && self.messages > taken {
            let message = std::mem::take(&mut self.message);
            self.keep(&message);
        }
        if broken {
            if self.left > 0 {
                self.unmask();
            }
            let payload = std::mem::take(&mut self.payload);
            self.keep(&payload);
        }
        self.beside
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = REST.saturating_sub(self.beside.len()).min(bytes.len());
        self.beside.extend(bytes.get(..room).unwrap_or_default());
    }

    /// The length of the payload, where the head is whole.
    fn length(&self) -> Option<u64> {
        let number = |from: usize, len: usize| -> Option<u64> {
            let bytes = self.head.get(from..from + len)?;
            Some(
                bytes
                    .iter()
                    .fold(0, |all, byte| all << 8 | u64::from(*byte)),
            )
        };
        match self.kind {
            Kind::Http2 => {
                self.head.get(8)?;
                number(0, 3)
            }
            Kind::WebSocket => {
                let second = *self.head.get(1)?;
                let (len, wide) = match second & 0x7f {
                    126 => (number(2, 2)?, 2),
                    127 => (number(2, 8)?, 8),
                    len => (u64::from(len), 0),
                };
                let mask = if second & 0x80 == 0 { 0 } else { 4 };
                (self.head.len() == 2 + wide + mask).then_some(len)
            }
        }
    }

    /// Undoes the key under which a client sends the payload of a message.
    fn unmask(&mut self) {
        let masked = self.head.get(1).is_some_and(|second| second & 0x80 != 0);
        if self.kind != Kind::WebSocket || !masked || self.head.len() < 6 {
            return;
        }
        let key = self.head.iter().rev().take(4).rev();
        for (byte, key) in self.payload.iter_mut().zip(key.cycle()) {
            *byte ^= key;
        }
    }

    fn ended(&mut self) {
        if self.kind == Kind::Http2 {
            let (kind, flags) = (self.head.get(3).copied(), self.head.get(4).copied());
            let (kind, flags) = (kind.unwrap_or(0), flags.unwrap_or(0));
            let payload = std::mem::take(&mut self.payload);
            let said = match kind {
                PING if flags & ACK == 0 => payload.as_slice(),
                // After the last stream and the error.
                GOAWAY => payload.get(8..).unwrap_or_default(),
                DATA | HEADERS if flags & PADDED != 0 => {
                    let len = payload.first().copied().map_or(0, usize::from);
                    let from = payload.len().saturating_sub(len).max(1);
                    payload.get(from..).unwrap_or_default()
                }
                kind if kind > CONTINUATION => payload.as_slice(),
                _ => &[],
            };
            if said.iter().any(|byte| *byte != 0) {
                self.keep(said);
            }
        }
        if self.kind == Kind::WebSocket {
            self.unmask();
            self.part();
        }
        self.head.clear();
    }

    /// Takes a frame of a WebSocket.
    fn part(&mut self) {
        let first = self.head.first().copied().unwrap_or(0);
        let is_control = first & 0x08 != 0;
        if is_control {
            // What is as it should be was told by itself.
            if (8..=10).contains(&(first & 0x0f)) && self.payload.len() <= 125 {
                self.payload.clear();
            }
            return;
        }
        // A message is kept until the next begins, should the server refuse it.
        if self.whole {
            self.message.clear();
        }
        let payload = std::mem::take(&mut self.payload);
        let room = REST.saturating_sub(self.message.len()).min(payload.len());
        self.message.extend(payload.get(..room).unwrap_or_default());
        self.whole = first & 0x80 != 0;
        self.messages = self.messages.saturating_add(usize::from(self.whole));
    }
}

#[cfg(test)]
mod tests {
    use super::{Frames, Kind};

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let len = u8::try_from(payload.len()).unwrap();
        let mut out = vec![0, 0, len, kind, flags, 0, 0, 0, 0];
        out.extend(payload);
        out
    }

    #[test]
    fn what_http_2_has_no_use_for_is_kept() {
        let mut all = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        all.extend(frame(4, 0, &[0, 3, 0, 0, 0, 9]));
        all.extend(frame(0, 0, b"a body"));
        all.extend(frame(0, 8, b"\x03bodyxyz"));
        all.extend(frame(0, 8, b"\x03body\0\0\0"));
        all.extend(frame(0xbe, 0, b"odd"));
        all.extend(frame(7, 0, b"\0\0\0\0\0\0\0\0bye"));
        all.extend(frame(6, 1, b"answered"));
        for piece in [1, 7, 1000] {
            let mut frames = Frames::new(Kind::Http2, 14);
            for part in all.get(14..).unwrap().chunks(piece) {
                frames.note(part);
            }
            assert_eq!(frames.beside(false, 0), b"xyzoddbye");
        }
    }

    #[test]
    fn the_last_message_of_a_broken_web_socket_is_kept_without_its_key() {
        let key = [1u8, 2, 3, 4];
        let hidden = |text: &[u8]| -> Vec<u8> {
            let key = key.iter().cycle();
            text.iter().zip(key).map(|(a, b)| a ^ b).collect()
        };
        for (text, whole) in [("hello", true), ("cut off", false)] {
            let mut all = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap()];
            all.extend(key);
            all.extend(hidden(text.as_bytes()));
            if !whole {
                all.pop();
            }
            for broken in [true, false] {
                let mut frames = Frames::new(Kind::WebSocket, 0);
                frames.note(&all);
                let kept = frames.beside(broken, 0);
                let expected = if whole { text } else { "cut of" };
                assert_eq!(kept, if broken { expected.as_bytes() } else { b"" });
            }
            let mut frames = Frames::new(Kind::WebSocket, 0);
            frames.note(&all);
            let kept = frames.beside(true, 1);
            assert_eq!(kept, if whole { &b""[..] } else { b"cut of" });
        }
    }

    #[test]
    fn a_message_that_has_no_end_is_kept() {
        let mut frames = Frames::new(Kind::WebSocket, 0);
        // A whole one, the first part of another, a ping, and a second part.
        frames.note(b"\x81\x03one\x01\x03two\x89\x04ping\x00\x05three");
        assert_eq!(frames.beside(false, 1), b"twothree");
    }
}
