use std::io::{self, Write};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// Bytes as one gzip member.
///
/// # Errors
/// Never, for memory takes all bytes.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Bytes as a DEFLATE stream.
///
/// # Errors
/// Never, for memory takes all bytes.
pub fn deflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// `times` mebibytes of zeros as a DEFLATE stream, without compressing more
/// than one: a flushed part of such a stream ends on a byte and can be
/// repeated.
///
/// # Errors
/// Never, for memory takes all bytes.
pub fn deflate_zeros(times: usize) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 1 << 20])?;
    encoder.flush()?;
    let part = encoder.get_ref().clone();
    let last = DeflateEncoder::new(Vec::new(), Compression::best()).finish()?;
    Ok([part.repeat(times), last].concat())
}

/// A tar archive, written field by field so that it can lie.
#[derive(Debug, Default, Clone)]
pub struct Tar(Vec<u8>);

impl Tar {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A file as it should be.
    #[must_use]
    pub fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.entry(name.as_bytes(), b'0', b"", bytes.len() as u64, bytes)
    }

    /// A symbolic link.
    #[must_use]
    pub fn link(self, name: &str, target: &str) -> Self {
        self.entry(name.as_bytes(), b'2', target.as_bytes(), 0, b"")
    }

    /// An entry whose header says `size`, whatever its bytes are. Names are
    /// cut at the 100 bytes that a plain header holds.
    #[must_use]
    pub fn entry(mut self, name: &[u8], kind: u8, link: &[u8], size: u64, bytes: &[u8]) -> Self {
        let mut header = Vec::with_capacity(512);
        let mut field = |bytes: &[u8], len: usize| {
            let kept = bytes.get(..len).unwrap_or(bytes);
            header.extend_from_slice(kept);
            header.resize(header.len() + (len - kept.len()), 0);
        };
        field(name, 100);
        field(b"0000644\0", 8);
        field(b"0000000\0", 8);
        field(b"0000000\0", 8);
        field(format!("{size:011o}").as_bytes(), 12);
        field(b"00000000000\0", 12);
        field(b"        ", 8);
        field(&[kind], 1);
        field(link, 100);
        field(b"ustar\0", 6);
        field(b"00", 2);
        field(b"", 247);
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        let sum = format!("{sum:06o}\0 ");
        for (slot, byte) in header.iter_mut().skip(148).zip(sum.bytes()) {
            *slot = byte;
        }
        self.0.extend(header);
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// The archive, with its end.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }

    /// The archive without its end.
    #[must_use]
    pub fn cut(self) -> Vec<u8> {
        self.0
    }
}

/// One entry of a [`Zip`], whose two descriptions can differ.
#[derive(Debug, Clone)]
pub struct ZipEntry {
    /// The name in the local header.
    pub name: Vec<u8>,
    /// The name in the central directory.
    pub central_name: Vec<u8>,
    /// The general-purpose flags of both.
    pub flags: u16,
    /// 0 for stored, 8 for DEFLATE.
    pub method: u16,
    /// The bytes as they stand in the archive.
    pub packed: Vec<u8>,
    /// The decoded size that both headers say.
    pub size: u64,
    /// The checksum that both headers say.
    pub crc: u32,
    /// Where the central directory says the entry is; such an entry has no
    /// local header of its own.
    pub offset: Option<u32>,
}

impl ZipEntry {
    /// A stored file as it should be.
    #[must_use]
    pub fn stored(name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Self {
        let (name, bytes) = (name.as_ref(), bytes.as_ref());
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        Self {
            name: name.to_vec(),
            central_name: name.to_vec(),
            flags: 0,
            method: 0,
            packed: bytes.to_vec(),
            size: bytes.len() as u64,
            crc: crc.sum(),
            offset: None,
        }
    }

    /// A file that is compressed already.
    #[must_use]
    pub fn deflated(name: &str, packed: Vec<u8>, size: u64) -> Self {
        Self {
            method: 8,
            size,
            packed,
            ..Self::stored(name, b"")
        }
    }
}

/// A zip archive, written field by field so that it can lie.
#[derive(Debug, Default, Clone)]
pub struct Zip(Vec<ZipEntry>);

impl Zip {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A stored file as it should be.
    #[must_use]
    pub fn file(self, name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Self {
        self.entry(ZipEntry::stored(name, bytes))
    }

    /// An entry as it is given.
    #[must_use]
    pub fn entry(mut self, entry: ZipEntry) -> Self {
        self.0.push(entry);
        self
    }

    /// The archive. Sizes beyond 4 GiB are cut to what the plain headers
    /// hold, as in a bomb.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let low = |value: u64| u32::try_from(value & 0xffff_ffff).unwrap_or(u32::MAX);
        let short = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for entry in &self.0 {
            let offset = entry.offset.unwrap_or(low(out.len() as u64));
            let mut common = Vec::new();
            common.extend(20u16.to_le_bytes());
            common.extend(entry.flags.to_le_bytes());
            common.extend(entry.method.to_le_bytes());
            common.extend(0x5a21_0000u32.to_le_bytes());
            common.extend(entry.crc.to_le_bytes());
            common.extend(low(entry.packed.len() as u64).to_le_bytes());
            common.extend(low(entry.size).to_le_bytes());
            if entry.offset.is_none() {
                out.extend(0x0403_4b50u32.to_le_bytes());
                out.extend(&common);
                out.extend(short(entry.name.len()).to_le_bytes());
                out.extend(0u16.to_le_bytes());
                out.extend(&entry.name);
                out.extend(&entry.packed);
            }
            directory.extend(0x0201_4b50u32.to_le_bytes());
            directory.extend(0x031eu16.to_le_bytes());
            directory.extend(&common);
            directory.extend(short(entry.central_name.len()).to_le_bytes());
            directory.extend([0u8; 8]);
            directory.extend(0x81a4_0000u32.to_le_bytes());
            directory.extend(offset.to_le_bytes());
            directory.extend(&entry.central_name);
        }
        let (start, len) = (low(out.len() as u64), low(directory.len() as u64));
        out.extend(directory);
        out.extend(0x0605_4b50u32.to_le_bytes());
        out.extend([0u8; 4]);
        for _ in 0..2 {
            out.extend(short(self.0.len()).to_le_bytes());
        }
        out.extend(len.to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend([0u8; 2]);
        out
    }
}
