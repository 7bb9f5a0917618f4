//! zip, and what is built on it: wheels, VSIX and IDE plugins, jars, nupkg.
//!
//! Described by PKWARE's APPNOTE.TXT 6.3.10. A zip tells everything twice: in
//! the central directory at its end and in a local header before each entry.
//! Readers differ in whom they believe, so that one archive can hold two
//! contents; entries are therefore read as the central directory says, every
//! difference is told, and whatever only local headers name is read too.

use std::borrow::Cow;
use std::ops::Range;

use assay_model::{Gap, Via};
use memchr::memmem;
use rustc_hash::FxHashMap;

use super::{Broken, Format, Stage, le, range, shown};
use crate::open::Cx;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
/// More entries than this are not listed.
const ENTRIES: usize = 1 << 20;
/// The end record with its longest comment.
const TAIL: usize = 22 + 0xffff;

pub(crate) const FORMAT: Format = Format {
    id: "zip",
    title: "zip archive (wheel, VSIX, jar, plugin)",
    reference: "PKWARE APPNOTE.TXT 6.3.10",
    stage: Stage::Whole,
    detect: |bytes| {
        bytes.starts_with(LOCAL)
            || bytes.starts_with(b"PK\x05\x06\0\0\0\0")
            || bytes.starts_with(b"PK\x07\x08PK\x03\x04")
            || bytes.starts_with(b"PK00PK\x03\x04")
    },
    open,
    samples: || {
        vec![
            (
                "deflated",
                Writer::default()
                    .file(b"a.txt", 8, b"deflated text\n")
                    .end(),
            ),
            (
                "stored-and-zstd",
                Writer::default()
                    .file(b"folder/", 0, b"")
                    .file(b"folder/a.txt", 0, b"stored text\n")
                    .file(b"folder/b.txt", 93, b"zstd text\n")
                    .end(),
            ),
        ]
    },
};

/// Where the central directory is, as the end record tells it.
pub(super) struct Directory {
    /// What must be added to the archive's offsets to get the node's: archives
    /// behind something else keep their own.
    pub(super) base: usize,
    /// The central directory in the node.
    pub(super) place: Range<usize>,
    /// The end record in the node.
    end: usize,
    entries: u64,
    comment: Range<usize>,
    zip64: bool,
}

/// The last end record that a directory belongs to.
pub(super) fn directory(bytes: &[u8]) -> Option<Directory> {
    let from = bytes.len().saturating_sub(TAIL);
    let tail = bytes.get(from..)?;
    memmem::rfind_iter(tail, END)
        .take(64)
        .filter_map(|at| directory_at(bytes, from.checked_add(at)?))
        .next()
}

fn directory_at(bytes: &[u8], end: usize) -> Option<Directory> {
    let comment = usize::from(le::u16(bytes, end.checked_add(20)?)?);
    let comment = end.checked_add(22)?..end.checked_add(22)?.checked_add(comment)?;
    if comment.end > bytes.len() {
        return None;
    }
    let mut entries = u64::from(le::u16(bytes, end.checked_add(10)?)?);
    let mut size = u64::from(le::u32(bytes, end.checked_add(12)?)?);
    let mut offset = u64::from(le::u32(bytes, end.checked_add(16)?)?);
    let mut stop = end;
    let mut zip64 = false;
    if let Some(locator) = end.checked_sub(20)
        && bytes.get(locator..)?.starts_with(LOCATOR64)
    {
        // The locator's offset is off by what stands before the archive, so
        // the record before the locator is looked for as well.
        let told = usize::try_from(le::u64(bytes, locator.checked_add(8)?)?).unwrap_or(usize::MAX);
        let near = locator.checked_sub(56);
        let is_record = |at: &usize| bytes.get(*at..).is_some_and(|b| b.starts_with(END64));
        if let Some(record) = [Some(told), near].into_iter().flatten().find(is_record) {
            entries = le::u64(bytes, record.checked_add(32)?)?;
            size = le::u64(bytes, record.checked_add(40)?)?;
            offset = le::u64(bytes, record.checked_add(48)?)?;
            stop = record;
            zip64 = true;
        }
    }
    let size = usize::try_from(size).ok()?;
    let offset = usize::try_from(offset).ok()?;
    let is_directory =
        |at: usize| size == 0 || bytes.get(at..).is_some_and(|b| b.starts_with(CENTRAL));
    let before = stop.checked_sub(size).filter(|at| is_directory(*at));
    let start = match before {
        Some(start) if start >= offset => start,
        _ if offset.checked_add(size)? <= stop && is_directory(offset) => offset,
        _ => return None,
    };
    Some(Directory {
        base: start.saturating_sub(offset),
        place: start..start.checked_add(size)?,
        end,
        entries,
        comment,
        zip64,
    })
}

/// What one of the two descriptions says of an entry.
#[derive(Clone, Copy)]
struct Told<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    unpacked: u64,
    /// Of the local header, or of the data behind it.
    at: u64,
}

impl Told<'_> {
    fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0 || self.method == 99
    }
}

/// How an entry is compressed.
enum Packing {
    None,
    By(Via),
    Unknown,
}

fn packing(method: u16) -> Packing {
    match method {
        0 => Packing::None,
        8 => Packing::By(Via::Deflate),
        12 => Packing::By(Via::Bzip2),
        20 | 93 => Packing::By(Via::Zstd),
        95 => Packing::By(Via::Xz),
        _ => Packing::Unknown,
    }
}

/// The sizes and the offset that a zip64 field replaces, in that order.
fn zip64<'a>(mut told: Told<'a>, mut extra: &[u8], with_offset: bool) -> Told<'a> {
    while let (Some(id), Some(len)) = (le::u16(extra, 0), le::u16(extra, 2)) {
        let end = usize::from(len).saturating_add(4);
        if id == 1 {
            let data = extra.get(4..end).unwrap_or_default();
            let mut at = 0usize;
            let mut next = |value: &mut u64, wide: bool| {
                if wide && let Some(real) = le::u64(data, at) {
                    *value = real;
                    at = at.saturating_add(8);
                }
            };
            let is_wide = |value: u64| value == 0xffff_ffff;
            let (a, b, c) = (
                is_wide(told.unpacked),
                is_wide(told.packed),
                is_wide(told.at),
            );
            next(&mut told.unpacked, a);
            next(&mut told.packed, b);
            next(&mut told.at, c && with_offset);
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    told
}

/// A central record and where the next one begins.
fn central(bytes: &[u8], at: usize) -> Option<(Told<'_>, usize)> {
    if !bytes.get(at..)?.starts_with(CENTRAL) {
        return None;
    }
    let half = |n: usize| le::u16(bytes, at.checked_add(n)?);
    let word = |n: usize| le::u32(bytes, at.checked_add(n)?);
    let name = at.checked_add(46)?;
    let extra = name.checked_add(half(28)?.into())?;
    let comment = extra.checked_add(half(30)?.into())?;
    let next = comment.checked_add(half(32)?.into())?;
    bytes.get(..next)?;
    let told = Told {
        name: bytes.get(name..extra)?,
        flags: half(8)?,
        method: half(10)?,
        crc: word(16)?,
        packed: word(20)?.into(),
        unpacked: word(24)?.into(),
        at: word(42)?.into(),
    };
    Some((zip64(told, bytes.get(extra..comment)?, true), next))
}

/// A local header; its `at` is where the data begins.
fn local(bytes: &[u8], at: usize) -> Option<Told<'_>> {
    if !bytes.get(at..)?.starts_with(LOCAL) {
        return None;
    }
    let half = |n: usize| le::u16(bytes, at.checked_add(n)?);
    let word = |n: usize| le::u32(bytes, at.checked_add(n)?);
    let name = at.checked_add(30)?;
    let extra = name.checked_add(half(26)?.into())?;
    let data = extra.checked_add(half(28)?.into())?;
    let told = Told {
        name: bytes.get(name..extra)?,
        flags: half(6)?,
        method: half(8)?,
        crc: word(14)?,
        packed: word(18)?.into(),
        unpacked: word(22)?.into(),
        at: data as u64,
    };
    Some(zip64(told, bytes.get(extra..data)?, false))
}

/// An entry of the central directory with the place of its bytes.
struct Entry<'a> {
    told: Told<'a>,
    header: usize,
    data: Option<Range<usize>>,
}

pub(super) fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let Some(directory) = directory(bytes) else {
        cx.gap(
            0,
            Gap::Corrupt,
            "it has no central directory: it is cut off or damaged, and was read by its local headers",
        );
        local_entries(cx, 0..bytes.len());
        return Ok(());
    };
    let entries = central_entries(cx, &directory);
    let overlapping = overlapping(&entries);
    let mut names: FxHashMap<&[u8], u32> = FxHashMap::default();
    // Overlapping entries are read until as many bytes as the archive has
    // were read twice; an archive that overlaps more is a bomb.
    let mut twice = bytes.len();
    for (n, entry) in entries.iter().enumerate() {
        if n.is_multiple_of(256) && cx.late(0) {
            break;
        }
        let name = entry.told.name;
        cx.check_name(name);
        let seen = names.entry(name).or_default();
        *seen = seen.saturating_add(1);
        if *seen == 2 {
            let detail = "several entries have that name; all were read, and readers differ in which they take";
            cx.entry_gap(name, 0, Gap::Contradiction, detail);
        }
        compare(cx, entry);
        let Some(data) = entry.data.clone() else {
            let detail = "it is said to lie outside of the archive";
            cx.entry_gap(name, entry.told.packed, Gap::Corrupt, detail);
            continue;
        };
        if overlapping.binary_search(&n).is_ok() {
            let detail = "its bytes are also those of another entry";
            cx.entry_gap(name, entry.told.packed, Gap::Contradiction, detail);
            let Some(left) = twice.checked_sub(data.len()) else {
                let detail = "too many entries share their bytes; it was not read";
                cx.entry_gap(name, entry.told.packed, Gap::Limit, detail);
                continue;
            };
            twice = left;
        }
        if name.ends_with(b"/") && data.is_empty() {
            continue;
        }
        let local = local(bytes, entry.header).unwrap_or(entry.told);
        for (name, told) in readings(&entry.told, &local) {
            read(cx, &name, &told, data.clone(), true);
        }
    }
    between(cx, &entries, &directory);
    around(cx, &directory);
    Ok(())
}

fn central_entries<'a>(cx: &mut Cx<'a>, directory: &Directory) -> Vec<Entry<'a>> {
    let bytes = cx.bytes();
    let mut entries = Vec::new();
    let mut at = directory.place.start;
    while at < directory.place.end
        && let Some((told, next)) = central(bytes, at)
    {
        if entries.len() >= ENTRIES {
            let detail = format!("it has more than {ENTRIES} entries; the others were not read");
            cx.gap(0, Gap::Limit, detail);
            return entries;
        }
        let header = usize::try_from(told.at)
            .ok()
            .and_then(|at| at.checked_add(directory.base));
        let data = header
            .and_then(|header| local(bytes, header))
            .and_then(|local| range(local.at, told.packed))
            .filter(|data| data.end <= bytes.len());
        entries.push(Entry {
            told,
            header: header.unwrap_or(usize::MAX),
            data,
        });
        at = next;
    }
    if at != directory.place.end {
        cx.gap(
            directory.place.end.saturating_sub(at) as u64,
            Gap::Corrupt,
            format!(
                "the central directory is broken after {} entries",
                entries.len()
            ),
        );
    }
    let count = entries.len() as u64;
    // Without zip64 the count is told modulo 65,536.
    let same = if directory.zip64 {
        count == directory.entries
    } else {
        count & 0xffff == directory.entries
    };
    if !same {
        let detail = format!(
            "it says that it has {} entries and lists {count}",
            directory.entries
        );
        cx.gap(0, Gap::Contradiction, detail);
    }
    entries
}

/// Says where local header and central directory differ.
fn compare(cx: &mut Cx<'_>, entry: &Entry<'_>) {
    let central = &entry.told;
    let Some(local) = local(cx.bytes(), entry.header) else {
        let detail = "the central directory lists it, but there is no local header at its place";
        return cx.entry_gap(central.name, central.packed, Gap::Contradiction, detail);
    };
    let mut differences = Vec::new();
    if local.name != central.name {
        differences.push(format!("its name is '{}' there", shown(local.name)));
    }
    if local.method != central.method {
        differences.push(format!(
            "method {} there, {} here",
            local.method, central.method
        ));
    }
    match (local.flags & 1, central.flags & 1) {
        (1, 0) => differences.push("encrypted there, not here".to_owned()),
        (0, 1) => differences.push("not encrypted there, but here".to_owned()),
        _ => {}
    }
    // With bit 3 the numbers stand behind the data, and zeros here.
    let later = local.flags & 8 != 0;
    for (what, here, there) in [
        ("compressed size", central.packed, local.packed),
        ("size", central.unpacked, local.unpacked),
        ("checksum", central.crc.into(), local.crc.into()),
    ] {
        if here != there && !(later && there == 0) {
            differences.push(format!("{what} {there} there, {here} here"));
        }
    }
    if !differences.is_empty() {
        let detail = format!(
            "its local header contradicts the central directory: {}",
            differences.join("; ")
        );
        cx.entry_gap(central.name, 0, Gap::Contradiction, detail);
    }
}

/// The ways in which an entry is read, each with a name: readers differ in
/// which of the two descriptions they take, and neither need be true. What one
/// of them says is not encrypted is read as if it were not.
fn readings<'a>(central: &Told<'a>, local: &Told<'a>) -> Vec<(Cow<'a, [u8]>, Told<'a>)> {
    let as_said = vec![(Cow::Borrowed(central.name), *central)];
    if central.method == local.method && (central.flags ^ local.flags) & 1 == 0 {
        return as_said;
    }
    let flags = central.flags & (local.flags | !1);
    let mut methods = vec![central.method, local.method];
    methods.dedup();
    let mut told: Vec<(Cow<'a, [u8]>, Told<'a>)> = methods
        .into_iter()
        .map(|method| Told {
            method,
            flags,
            ..*central
        })
        .filter(|told| !told.is_encrypted() && !matches!(packing(told.method), Packing::Unknown))
        .map(|told| (Cow::Borrowed(told.name), told))
        .collect();
    if let Some((name, told)) = told.get_mut(1) {
        // In front, since the end of a name tells what a text is.
        let front = format!("(by method {} of its local header) ", told.method);
        *name = [front.as_bytes(), told.name].concat().into();
    }
    if told.is_empty() { as_said } else { told }
}

/// The indices of entries that have bytes in common with another one.
fn overlapping(entries: &[Entry<'_>]) -> Vec<usize> {
    let mut order: Vec<(usize, usize, usize)> = entries
        .iter()
        .enumerate()
        .filter_map(|(n, entry)| Some((entry.header, entry.data.clone()?.end, n)))
        .collect();
    order.sort_unstable();
    let mut found = Vec::new();
    let mut reach = (0usize, usize::MAX);
    for (start, end, n) in order {
        if start < reach.0 {
            found.push(n);
        }
        if end > reach.0 {
            reach = (end, n);
        }
    }
    found.sort_unstable();
    found
}

fn read(cx: &mut Cx<'_>, name: &[u8], told: &Told<'_>, data: Range<usize>, sized: bool) {
    if told.is_encrypted() {
        return cx.stored_as(name, data, Some("encrypted"));
    }
    let content = match packing(told.method) {
        Packing::By(via) => cx.decoded(name, data, via),
        Packing::None => {
            cx.stored(name, data.clone());
            cx.bytes().get(data)
        }
        Packing::Unknown => {
            let method = told.method;
            let detail =
                format!("it is compressed by method {method}, for which there is no decoder");
            cx.entry_gap(name, data.len() as u64, Gap::UnknownFormat, detail);
            return cx.stored(name, data);
        }
    };
    let Some(content) = content.filter(|_| sized) else {
        return;
    };
    if content.len() as u64 != told.unpacked {
        let detail = format!(
            "its size is {}, and the directory says {}",
            content.len(),
            told.unpacked
        );
        return cx.entry_gap(name, 0, Gap::Contradiction, detail);
    }
    let mut crc = flate2::Crc::new();
    crc.update(content);
    if crc.sum() != told.crc {
        let detail = "its content does not have the checksum that the directory says";
        cx.entry_gap(name, 0, Gap::Contradiction, detail);
    }
}

/// What lies between the entries: local headers that the directory does not
/// list, and bytes that belong to nothing.
fn between(cx: &mut Cx<'_>, entries: &[Entry<'_>], directory: &Directory) {
    let bytes = cx.bytes();
    let mut places: Vec<Range<usize>> = entries
        .iter()
        .filter_map(|entry| {
            let end = entry.data.clone()?.end;
            let later = entry.told.flags & 8 != 0;
            let end = if later {
                after_descriptor(bytes, end, &entry.told)
            } else {
                end
            };
            Some(entry.header..end)
        })
        .collect();
    places.push(directory.place.clone());
    places.sort_unstable_by_key(|place| place.start);
    let mut at = directory.base;
    for place in places {
        if place.start > at {
            local_entries(cx, at..place.start);
        }
        at = at.max(place.end);
    }
    if directory.base > 0 {
        unclaimed(cx, 0..directory.base);
    }
}

/// Sizes and checksum behind the data, with or without a signature, of 32 or
/// 64 bits: the form is taken in which the numbers are right.
fn after_descriptor(bytes: &[u8], end: usize, told: &Told<'_>) -> usize {
    for signature in [4usize, 0] {
        let at = end.saturating_add(signature);
        if signature == 4 && bytes.get(end..at) != Some(b"PK\x07\x08") {
            continue;
        }
        let word = |n: usize| le::u32(bytes, at.saturating_add(n)).map(u64::from);
        let long = |n: usize| le::u64(bytes, at.saturating_add(n));
        if word(0) != Some(told.crc.into()) {
            continue;
        }
        if (word(4), word(8)) == (Some(told.packed), Some(told.unpacked)) {
            return at.saturating_add(12);
        }
        if (long(4), long(12)) == (Some(told.packed), Some(told.unpacked)) {
            return at.saturating_add(20);
        }
    }
    end
}

/// Reads what only local headers name, one after another.
fn local_entries(cx: &mut Cx<'_>, within: Range<usize>) {
    let bytes = cx.bytes();
    let mut at = within.start;
    let mut told_of = 0u32;
    while at < within.end {
        let rest = bytes.get(at..within.end).unwrap_or_default();
        let Some(found) = memmem::find(rest, LOCAL) else {
            break;
        };
        let header = at.saturating_add(found);
        let Some(told) = local(bytes, header) else {
            break;
        };
        unclaimed(cx, at..header);
        let data = usize::try_from(told.at)
            .unwrap_or(usize::MAX)
            .min(within.end);
        let later = told.flags & 8 != 0 && told.packed == 0;
        let end = if later {
            // The size stands behind the data; a decoder stops by itself where
            // the next record is not part of its stream.
            let rest = bytes.get(data..within.end).unwrap_or_default();
            memmem::find_iter(rest, b"PK")
                .find(|at| {
                    let mark = rest.get(*at..at.saturating_add(4)).unwrap_or_default();
                    [b"PK\x07\x08".as_slice(), LOCAL, CENTRAL].contains(&mark)
                })
                .map_or(within.end, |found| data.saturating_add(found))
        } else {
            range(told.at, told.packed).map_or(within.end, |data| data.end.min(within.end))
        };
        if told_of < 100 {
            told_of = told_of.saturating_add(1);
            let detail =
                "only a local header names it, the central directory does not; it was read";
            cx.entry_gap(told.name, told.packed, Gap::Contradiction, detail);
        }
        cx.check_name(told.name);
        if !(told.name.ends_with(b"/") && data == end) {
            read(cx, told.name, &told, data..end, false);
        }
        let signed = bytes.get(end..end.saturating_add(4)) == Some(b"PK\x07\x08");
        at = end.max(header.saturating_add(4));
        if later && signed {
            at = at.saturating_add(16).min(within.end);
        }
        if cx.late(0) {
            return;
        }
    }
    unclaimed(cx, at..within.end);
}

/// Bytes that belong to no entry, made a child so that they are read.
fn unclaimed(cx: &mut Cx<'_>, range: Range<usize>) {
    let bytes = cx.bytes().get(range.clone()).unwrap_or_default();
    if range.len() >= 16 && bytes.iter().any(|b| *b != 0) {
        let name = format!("(bytes that nothing names, at {})", range.start);
        cx.stored(name.as_bytes(), range);
    }
}

/// The comment, and what stands behind the archive's end.
fn around(cx: &mut Cx<'_>, directory: &Directory) {
    let len = cx.bytes().len();
    if !directory.comment.is_empty() {
        cx.stored(b"(comment)", directory.comment.clone());
    }
    if directory.place.end < directory.end && !directory.zip64 {
        unclaimed(cx, directory.place.end..directory.end);
    }
    if directory.comment.end < len {
        cx.after_the_end(directory.comment.end);
    }
}

/// Writes small archives for samples and tests.
#[derive(Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Writer {
    pub(super) fn file(self, name: &[u8], method: u16, content: &[u8]) -> Self {
        self.entry(name, name, method, 0, content, true)
    }

    fn entry(
        mut self,
        name: &[u8],
        local: &[u8],
        method: u16,
        flags: u16,
        content: &[u8],
        listed: bool,
    ) -> Self {
        use std::io::Write;
        let packed = match method {
            8 => {
                let level = flate2::Compression::fast();
                let mut out = flate2::write::DeflateEncoder::new(Vec::new(), level);
                let _ = out.write_all(content);
                out.finish().unwrap_or_default()
            }
            93 => zstd::bulk::compress(content, 1).unwrap_or_default(),
            _ => content.to_vec(),
        };
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let at = length(&self.out);
        let common = |name: &[u8]| {
            [
                &20u16.to_le_bytes()[..],
                &flags.to_le_bytes(),
                &method.to_le_bytes(),
                &[0; 4],
                &crc.sum().to_le_bytes(),
                &length(&packed).to_le_bytes(),
                &length(content).to_le_bytes(),
                &u16::try_from(name.len()).unwrap_or_default().to_le_bytes(),
                &[0; 2],
            ]
            .concat()
        };
        if listed {
            self.directory.extend_from_slice(CENTRAL);
            self.directory.extend_from_slice(&20u16.to_le_bytes());
            self.directory.extend_from_slice(&common(name));
            self.directory.extend_from_slice(&[0; 10]);
            self.directory.extend_from_slice(&at.to_le_bytes());
            self.directory.extend_from_slice(name);
            self.count = self.count.saturating_add(1);
        }
        self.out.extend_from_slice(LOCAL);
        self.out.extend_from_slice(&common(local));
        self.out.extend_from_slice(local);
        self.out.extend_from_slice(&packed);
        self
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        let at = length(&self.out);
        self.out.extend_from_slice(&self.directory);
        self.out.extend_from_slice(END);
        self.out.extend_from_slice(&[0; 4]);
        self.out.extend_from_slice(&self.count.to_le_bytes());
        self.out.extend_from_slice(&self.count.to_le_bytes());
        self.out
            .extend_from_slice(&length(&self.directory).to_le_bytes());
        self.out.extend_from_slice(&at.to_le_bytes());
        self.out.extend_from_slice(&[0; 2]);
        self.out
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz_open;

    fn gaps(bytes: &[u8]) -> Vec<(Gap, String)> {
        let gaps = fuzz_open(bytes).gaps;
        gaps.into_iter()
            .map(|g| (g.gap.unwrap(), g.detail))
            .collect()
    }

    fn paths(bytes: &[u8]) -> Vec<String> {
        fuzz_open(bytes)
            .nodes
            .into_iter()
            .skip(1)
            .map(|n| n.record.path)
            .collect()
    }

    #[test]
    fn a_name_told_twice_differently() {
        let zip = Writer::default()
            .entry(b"good.js", b"evil.js", 0, 0, b"x", true)
            .end();
        let gaps = gaps(&zip);
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps[0].0, Gap::Contradiction);
        assert!(gaps[0].1.contains("evil.js"));
        assert_eq!(paths(&zip), ["good.js"]);
    }

    #[test]
    fn what_only_a_local_header_names_is_read() {
        let zip = Writer::default()
            .file(b"a", 0, b"first")
            .entry(b"", b"hidden", 8, 0, b"hidden text", false)
            .file(b"b", 0, b"last")
            .end();
        assert_eq!(paths(&zip), ["a", "b", "hidden"]);
        assert_eq!(gaps(&zip)[0].0, Gap::Contradiction);
    }

    #[test]
    fn encrypted_entries_are_nodes_that_nobody_reads() {
        let zip = Writer::default()
            .entry(b"a", b"a", 0, 1, b"????", true)
            .end();
        assert_eq!(gaps(&zip), []);
        assert_eq!(fuzz_open(&zip).nodes[1].record.kind, "encrypted");
    }

    /// What the two descriptions of one entry say of it, with its bytes.
    fn contradictory(local: (u16, u16), central: (u16, u16), content: &[u8]) -> Vec<u8> {
        let (method, flags) = local;
        let mut writer = Writer::default().entry(b"a.js", b"a.js", method, flags, content, true);
        writer.directory[8..10].copy_from_slice(&central.1.to_le_bytes());
        writer.directory[10..12].copy_from_slice(&central.0.to_le_bytes());
        writer.end()
    }

    #[test]
    fn what_one_of_two_descriptions_lets_be_read_is_read() {
        let text = b"fetch('https://host.example/v1')\n".repeat(4);
        for (local, central, said) in [
            ((0, 0), (0, 1), "not encrypted there, but here"),
            ((0, 1), (0, 0), "encrypted there, not here"),
            ((8, 0), (99, 0), "method 8 there, 99 here"),
            ((8, 0), (0, 0), "method 8 there, 0 here"),
            ((0, 0), (8, 0), "method 0 there, 8 here"),
            (
                (8, 0),
                (0, 1),
                "method 8 there, 0 here; not encrypted there, but here",
            ),
            (
                (8, 1),
                (7, 0),
                "method 8 there, 7 here; encrypted there, not here",
            ),
        ] {
            let zip = contradictory(local, central, &text);
            let opened = fuzz_open(&zip);
            let read = opened.nodes.iter().skip(1).any(|node| {
                opened.store.bytes(node.place) == Some(&text[..])
                    && node.record.kind == "javascript"
            });
            assert!(read, "{said}: {:?}", opened.gaps);
            assert!(gaps(&zip)[0].1.contains(said), "{:?}", gaps(&zip));
            assert!(opened.gaps.iter().all(|g| g.gap != Some(Gap::Encrypted)));
        }
        for told in [(0, 1), (99, 0)] {
            let zip = contradictory(told, told, &text);
            assert_eq!(fuzz_open(&zip).nodes[1].record.kind, "encrypted");
        }
    }

    #[test]
    fn a_cut_archive_is_read_by_its_local_headers() {
        let zip = Writer::default()
            .file(b"a", 8, b"first")
            .file(b"b", 8, b"second")
            .end();
        let cut = &zip[..zip.len() - 30];
        assert_eq!(gaps(cut)[0].0, Gap::Corrupt);
        assert_eq!(paths(cut)[..2], ["a", "b"]);
    }

    #[test]
    fn entries_that_share_their_bytes_do_not_multiply_them() {
        let content = vec![0u8; 4 << 20];
        let writer = Writer::default().file(b"0", 8, &content);
        let one = writer.directory.clone();
        let mut all = writer;
        for _ in 1..2000 {
            all.directory.extend_from_slice(&one);
            all.count += 1;
        }
        let opened = fuzz_open(&all.end());
        assert!(opened.nodes.len() < 40, "{}", opened.nodes.len());
        assert!(
            opened
                .gaps
                .iter()
                .any(|g| g.gap == Some(Gap::Contradiction))
        );
        assert!(opened.gaps.iter().any(|g| g.gap == Some(Gap::Limit)));
    }

    #[test]
    fn a_bomb_ends_at_the_ratio() {
        let zip = Writer::default().file(b"0", 8, &vec![0u8; 30 << 20]).end();
        let opened = fuzz_open(&zip);
        assert!(opened.gaps.is_empty() || opened.gaps[0].gap == Some(Gap::Limit));
    }

    #[test]
    fn trailing_bytes_comment_and_wrong_checksum() {
        let mut zip = Writer::default().file(b"a", 0, b"text").end();
        zip.extend_from_slice(b"bytes behind the end of it");
        assert_eq!(gaps(&zip)[0].0, Gap::Contradiction);
        assert_eq!(paths(&zip), ["a", "(bytes after the end)"]);
        let mut zip = Writer::default().file(b"a", 0, b"text").end();
        zip[31] ^= 1;
        assert!(gaps(&zip)[0].1.contains("checksum"));
    }

    #[test]
    fn hostile_names_are_told_and_read() {
        for name in [
            b"../x".as_slice(),
            b"/x",
            b"C:\\x",
            b"a\0b",
            b"\x1b[0m",
            b"\xff",
            b"a\\..\\b",
        ] {
            let zip = Writer::default().file(name, 0, b"t").end();
            assert_eq!(gaps(&zip)[0].0, Gap::HostileName, "{name:?}");
            assert_eq!(paths(&zip).len(), 1);
        }
    }

    #[test]
    fn archives_in_archives_end_at_the_depth_limit() {
        let mut zip = Writer::default().file(b"a", 0, b"text").end();
        for _ in 0..40 {
            zip = Writer::default().file(b"z", 0, &zip).end();
        }
        let opened = fuzz_open(&zip);
        let unopened = opened
            .nodes
            .iter()
            .filter_map(|node| node.unopened.as_ref());
        assert_eq!(
            unopened.map(|(gap, _)| *gap).collect::<Vec<_>>(),
            [Gap::Limit]
        );
        assert!(opened.nodes.last().unwrap().unopened.is_some());
    }
}
