//! What goes over the wire between an AI coding tool and its servers.
//!
//! [`Authority`] mints certificates, [`Server`] speaks whatever a client opens
//! a connection with (TLS, HTTP/1.1, HTTP/2, WebSocket, `CONNECT`) and tells an
//! [`Observer`] what it saw, [`decoded`] undoes content codings, and
//! [`providers`] knows the shapes in which model providers are asked and
//! answer. Nothing here opens a connection of its own.
#![deny(missing_docs)]

mod authority;
mod coding;
mod exchange;
mod frames;
mod framing;
mod io;
pub mod providers;
mod serve;

pub use authority::{Authority, AuthorityError};
pub use coding::{Decoded, decoded};
pub use exchange::{Answer, Body, Exchange, Frame, Header, Replies, Request, text};
pub use serve::{Noted, Observer, Peer, Server};
