//! Packets, as they are kept: pcap-ng.
//!
//! Source: draft-ietf-opsawg-pcapng; link type 1 is Ethernet, which is how the
//! loopback device shows its packets.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use super::net;
use super::sys::readable;
use crate::recording::Recorder;

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
            if stop.load(Ordering::Relaxed) {
                return out.flush();
            }
            continue;
        }
        let (len, outgoing) = net::packet(socket, &mut buffer)?;
        if outgoing || written > MOST {
            continue;
        }
        let at = recorder.now();
        let packet = buffer.get(..len).unwrap_or_default();
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
