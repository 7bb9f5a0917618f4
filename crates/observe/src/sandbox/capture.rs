//! Packets, as they are kept: pcap-ng.
//!
//! Source: draft-ietf-opsawg-pcapng; link type 1 is Ethernet, which is how the
//! loopback device shows its packets.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use super::net;
use super::sys::readable;
use crate::recording::{Recorder, Seen};

/// How much is kept, in bytes.
const MOST: u64 = 1 << 30;
/// The longest packet.
const LONGEST: usize = 128 << 10;

/// Writes packets until it is told to stop.
pub(super) fn start(
    recorder: Arc<Recorder>,
    stop: Arc<AtomicBool>,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let socket = net::packets()?;
    let path = recorder.folder().join("packets.pcapng");
    thread::Builder::new()
        .name("packets".to_owned())
        .spawn(move || run(&socket, &path, &recorder, &stop))
}

fn run(socket: &OwnedFd, path: &Path, recorder: &Recorder, stop: &AtomicBool) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    // Section header: byte order, version 1.0, length unknown.
    block(&mut out, 0x0a0d_0d0a, |body| {
        body.extend(0x1a2b_3c4du32.to_le_bytes());
        body.extend([1, 0, 0, 0]);
        body.extend([0xff; 8]);
    })?;
    // Interface: Ethernet, packets of any length; times are microseconds.
    block(&mut out, 1, |body| body.extend([1, 0, 0, 0, 0, 0, 0, 0]))?;
    let mut buffer = vec![0u8; LONGEST];
    let mut written = 0u64;
    loop {
        if !readable(socket.as_raw_fd(), 10)? {
            // Whatever ends this process, what was seen is there.
            out.flush()?;
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            continue;
        }
        let (len, outgoing) = net::packet(socket, &mut buffer)?;
        if outgoing || written > MOST {
            continue;
        }
        let at = recorder.now();
        let packet = buffer.get(..len).unwrap_or_default();
        if let Some((to, payload)) = datagram(packet).filter(|(to, said)| tells(to, said)) {
            recorder.note(Seen::Datagram {
                to: to.to_string(),
                body: recorder.keep(payload),
            });
        }
        written = written.saturating_add(u64::try_from(len).unwrap_or(0));
        let size = u32::try_from(len).unwrap_or(0);
        block(&mut out, 6, |body| {
            let (high, low) = (at >> 32, at & 0xffff_ffff);
            for number in [
                0,
                u32::try_from(high).unwrap_or(0),
                u32::try_from(low).unwrap_or(0),
                size,
                size,
            ] {
                body.extend(number.to_le_bytes());
            }
            body.extend(packet);
        })?;
    }
}

/// Whether a datagram says more than a question for a name, which is told by
/// the name, or comes from the name server itself.
fn tells(to: &SocketAddr, payload: &[u8]) -> bool {
    // A header and a question, and what says how long an answer may be.
    const USUAL: usize = 12 + 4 + 11;
    if payload.is_empty() || to.ip().is_loopback() {
        return false;
    }
    let is_query = to.port() == 53 && payload.get(2).is_some_and(|flags| flags & 0x80 == 0);
    !is_query || {
        // The name ends in an empty label.
        let name = payload.iter().skip(12).position(|byte| *byte == 0);
        name.is_none_or(|name| payload.len() > USUAL + name + 1)
    }
}

/// Where a packet's datagram goes, and what is in it. RFC 768, 791, 8200.
fn datagram(packet: &[u8]) -> Option<(SocketAddr, &[u8])> {
    const UDP: u8 = 17;
    let kind = packet.get(12..14)?;
    let inner = packet.get(14..)?;
    let (to, rest): (IpAddr, &[u8]) = match kind {
        [0x08, 0x00] => {
            let len = usize::from(inner.first()? & 0x0f) * 4;
            let to: [u8; 4] = inner.get(16..20)?.try_into().ok()?;
            (*inner.get(9)? == UDP).then_some(())?;
            (Ipv4Addr::from(to).into(), inner.get(len..)?)
        }
        [0x86, 0xdd] => {
            let to: [u8; 16] = inner.get(24..40)?.try_into().ok()?;
            (*inner.get(6)? == UDP).then_some(())?;
            (Ipv6Addr::from(to).into(), inner.get(40..)?)
        }
        _ => return None,
    };
    let from = u16::from_be_bytes(rest.get(..2)?.try_into().ok()?);
    let port = u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?);
    let len = usize::from(u16::from_be_bytes(rest.get(4..6)?.try_into().ok()?));
    // The tool cannot send from this port.
    if from == 53 {
        return None;
    }
    let payload = rest.get(8..len.min(rest.len()))?;
    Some((SocketAddr::new(to, port), payload))
}

/// A block: type, length, body in whole words, length.
fn block(out: &mut impl Write, kind: u32, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
    let mut body = Vec::new();
    fill(&mut body);
    body.resize(body.len().next_multiple_of(4), 0);
    let len = u32::try_from(body.len().saturating_add(12)).unwrap_or(0);
    for part in [&kind.to_le_bytes(), &len.to_le_bytes()] {
        out.write_all(part)?;
    }
    out.write_all(&body)?;
    out.write_all(&len.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::{datagram, tells};

    fn packet(version: u8, port: u16, from: u16, payload: &[u8]) -> Vec<u8> {
        let mut out = vec![0u8; 12];
        let len = u16::try_from(payload.len() + 8).unwrap();
        if version == 4 {
            out.extend([0x08, 0x00, 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0]);
            out.extend([10, 0, 0, 1, 203, 0, 113, 9]);
        } else {
            out.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, 17, 64]);
            out.extend([0xfd; 32]);
        }
        out.extend(from.to_be_bytes());
        out.extend(port.to_be_bytes());
        out.extend(len.to_be_bytes());
        out.extend([0, 0]);
        out.extend(payload);
        out
    }

    #[test]
    fn a_datagram_is_told_with_what_it_says() {
        let packet_4 = packet(4, 999, 5000, b"word");
        let (to, said) = datagram(&packet_4).unwrap();
        assert_eq!(
            (to.to_string().as_str(), said),
            ("203.0.113.9:999", &b"word"[..])
        );
        assert!(tells(&to, said));
        let packet_6 = packet(6, 999, 5000, b"word");
        let (to, said) = datagram(&packet_6).unwrap();
        assert!(to.is_ipv6() && said == b"word");
        // The name server's own words.
        assert!(datagram(&packet(4, 5000, 53, b"word")).is_none());
        for len in 0..packet_4.len() {
            datagram(packet_4.get(..len).unwrap());
        }
    }

    #[test]
    fn a_plain_question_for_a_name_is_told_by_the_name() {
        let to = "198.18.0.53:53".parse().unwrap();
        let mut query = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        query.extend(b"\x03api\x07example\0\0\x01\0\x01");
        assert!(!tells(&to, &query));
        query.extend([b'x'; 40]);
        assert!(tells(&to, &query));
        assert!(tells(&to, b"no question, but answered as one \x80"));
    }
}
