//! Executables that `bun build --compile` makes: Bun itself with a payload of
//! modules, in a section or appended.
//!
//! Layout from Bun's `StandaloneModuleGraph` and from measuring published
//! files. The payload ends with 32 bytes of offsets and a trailer text, by
//! which it is found whatever the executable's format is; all pointers are
//! `{u32 offset, u32 length}` from the payload's start. Newer versions let
//! the bytecode of all modules share one region: each pointer then goes from
//! where a module begins to the end of the region, which is why bytecode is
//! cut into pieces that do not overlap before it is registered.

use std::ops::Range;

use assay_model::{Gap, Via};
use memchr::memmem;

use super::{Broken, Format, Stage, le};
use crate::open::Cx;

const TRAILER: &[u8] = b"\n---- Bun! ----\n";
const OFFSETS: usize = 32;
/// The runtime has the trailer among its own strings; more than a few whole
/// payloads are nobody's.
const PAYLOADS: usize = 4;
/// The flag bits up to here are understood.
const KNOWN_FLAGS: u32 = 0x3fff;

pub(crate) const FORMAT: Format = Format {
    id: "bun",
    title: "executable made by bun build --compile",
    reference: "Bun, StandaloneModuleGraph; measured on published executables",
    stage: Stage::Embedded,
    detect: |bytes| memmem::find(bytes, TRAILER).is_some(),
    open,
    samples: || {
        vec![
            ("records-of-52", sample(52, 0xf)),
            ("records-of-36", sample(36, 0)),
            ("shared-bytecode", sample(52, 0x3bff)),
        ]
    },
};

struct Payload<'a> {
    /// Where it begins in the node.
    base: usize,
    bytes: &'a [u8],
    table: Range<usize>,
    entry: u32,
    argv: (u32, u32),
    flags: u32,
}

impl<'a> Payload<'a> {
    /// `None` when the text at `trailer` ends no payload, but is one of the
    /// runtime's strings.
    fn before(bytes: &'a [u8], trailer: usize) -> Option<Result<Self, Broken>> {
        let offsets = trailer.checked_sub(OFFSETS)?;
        let len = usize::try_from(le::u64(bytes, offsets)?).ok()?;
        let field = |n: usize| {
            le::u32(
                bytes,
                offsets.checked_add(8)?.checked_add(n.checked_mul(4)?)?,
            )
        };
        let (table, entry, argv, flags) = (
            (field(0)?, field(1)?),
            field(2)?,
            (field(3)?, field(4)?),
            field(5)?,
        );
        if len == 0 {
            return None;
        }
        let Some(base) = offsets.checked_sub(len) else {
            // A length that goes beyond the file's beginning, with pointers
            // that fit it, is a payload whose beginning is missing.
            let cut = len < 1 << 32 && pointed(table, len).is_some() && table.1 > 0;
            return cut.then(|| {
                Err(Broken::corrupt(format!(
                    "a Bun payload of {len} bytes ends at {offsets}, but only {offsets} bytes come before"
                )))
            });
        };
        let payload = bytes.get(base..offsets)?;
        let Some(table) = pointed(table, len) else {
            return Some(Err(Broken::corrupt(format!(
                "the Bun payload at {base} says that its module table lies outside of it"
            ))));
        };
        Some(Ok(Self {
            base,
            bytes: payload,
            table,
            entry,
            argv,
            flags,
        }))
    }

    fn slice(&self, pointer: (u32, u32)) -> Option<&'a [u8]> {
        self.bytes.get(pointed(pointer, self.bytes.len())?)
    }

    /// A pointer's range in the node.
    fn range(&self, pointer: (u32, u32)) -> Option<Range<usize>> {
        Some(self.at(pointed(pointer, self.bytes.len())?))
    }

    fn at(&self, range: Range<usize>) -> Range<usize> {
        range.start.saturating_add(self.base)..range.end.saturating_add(self.base)
    }

    /// 52 bytes a record, or 36 in older versions; where the table's length
    /// allows both, the one that gives more names.
    fn record_size(&self) -> Option<usize> {
        let len = self.table.len();
        let names = |size: usize| {
            let records = len.checked_div(size).unwrap_or_default().min(64);
            (0..records)
                .filter_map(|n| self.pointer(n.checked_mul(size)?, 0))
                .filter_map(|name| self.slice(name))
                .filter(|name| {
                    !name.is_empty() && name.len() < 4096 && name.iter().all(|b| *b >= 0x20)
                })
                .count()
        };
        let sizes = [52, 36]
            .into_iter()
            .filter(|size| len.is_multiple_of(*size));
        sizes.max_by_key(|size| (names(*size).saturating_mul(*size), *size))
    }

    /// The n-th pointer of the record that begins at an offset in the table.
    fn pointer(&self, record: usize, n: usize) -> Option<(u32, u32)> {
        let at = self
            .table
            .start
            .checked_add(record)?
            .checked_add(n.checked_mul(8)?)?;
        Some((
            le::u32(self.bytes, at)?,
            le::u32(self.bytes, at.checked_add(4)?)?,
        ))
    }
}

fn pointed((offset, len): (u32, u32), within: usize) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    (end <= within).then_some(start..end)
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let places: Vec<usize> = memmem::find_iter(bytes, TRAILER).collect();
    let mut found = 0usize;
    // The runtime takes the section's or the last one.
    for trailer in places.into_iter().rev() {
        match Payload::before(bytes, trailer) {
            None => {}
            Some(Err(broken)) => cx.gap(0, broken.gap, broken.detail),
            Some(Ok(_)) if found >= PAYLOADS => {
                return Err(Broken {
                    gap: Gap::Limit,
                    detail: format!("more than {PAYLOADS} Bun payloads; the others were not read"),
                });
            }
            Some(Ok(payload)) => {
                found = found.saturating_add(1);
                modules(cx, &payload);
            }
        }
    }
    if found > 1 {
        cx.gap(
            0,
            Gap::Contradiction,
            "there is more than one Bun payload; the last one is what usually runs, all were read",
        );
    }
    Ok(())
}

/// Bytecode: its range in the node and the module's name.
type Bytecode = Vec<(Range<usize>, Vec<u8>)>;

/// What is kept over all modules of a payload.
struct Kept {
    code: Bytecode,
    /// Modules may name one and the same source map, which would be gone
    /// through for each: how many bytes of maps may still be.
    of_maps: usize,
}

fn modules(cx: &mut Cx<'_>, payload: &Payload<'_>) {
    let mut kept = Kept {
        code: Bytecode::new(),
        of_maps: payload.bytes.len().saturating_mul(2),
    };
    cx.structure(payload.at(payload.table.clone()));
    let end = payload.base.saturating_add(payload.bytes.len());
    cx.structure(end..end.saturating_add(OFFSETS).saturating_add(TRAILER.len()));
    cx.structure(payload.base.saturating_sub(8)..payload.base);
    let count = match payload.record_size() {
        Some(size) => {
            let count = payload.table.len().checked_div(size).unwrap_or_default();
            for n in 0..count {
                if n.is_multiple_of(1024) && cx.late(0) {
                    break;
                }
                module(cx, payload, n.saturating_mul(size), size, &mut kept);
            }
            count
        }
        None => {
            let detail = format!(
                "the module table has {} bytes, which is no number of records of a known size",
                payload.table.len()
            );
            cx.gap(payload.table.len() as u64, Gap::UnknownFormat, detail);
            0
        }
    };
    if usize::try_from(payload.entry).is_ok_and(|entry| entry >= count) && count > 0 {
        let detail = format!(
            "module {} of {count} is said to be the one that runs first",
            payload.entry
        );
        cx.gap(0, Gap::Contradiction, detail);
    }
    if payload.argv.1 > 0 {
        match payload.range(payload.argv) {
            Some(range) => cx.stored_as(b"exec_argv", range, Some("text")),
            None => cx.entry_gap(
                b"exec_argv",
                payload.argv.1.into(),
                Gap::Corrupt,
                "the runtime's arguments are said to lie outside of the payload",
            ),
        }
    }
    tables(cx, payload, count, &mut kept);
    bytecode(cx, kept.code);
    let whole = payload.at(0..payload.bytes.len());
    cx.leftovers(whole);
}

fn module(cx: &mut Cx<'_>, payload: &Payload<'_>, record: usize, size: usize, kept: &mut Kept) {
    let pointer = |n| payload.pointer(record, n).unwrap_or_default();
    let name = match payload.range(pointer(0)) {
        Some(range) => {
            cx.structure(range);
            // No name is that long, but a pointer can make it so.
            let name = payload.slice(pointer(0)).unwrap_or_default();
            name.get(..4096).unwrap_or(name).to_vec()
        }
        None => format!("(module at {record} of the table, its name lies outside of the payload)")
            .into_bytes(),
    };
    let last = payload
        .table
        .start
        .checked_add(record)
        .and_then(|at| at.checked_add(size)?.checked_sub(4));
    let [_encoding, loader, _format, _side] = last
        .and_then(|at| le::bytes::<4>(payload.bytes, at))
        .unwrap_or_default();
    let outside = |cx: &mut Cx<'_>, what: &str, (_, len): (u32, u32)| {
        cx.entry_gap(
            &name,
            len.into(),
            Gap::Corrupt,
            format!("{what} is said to lie outside of the payload"),
        );
    };
    match payload.range(pointer(1)) {
        Some(range) => {
            let content = cx.bytes().get(range.clone()).unwrap_or_default();
            let kind = match loader {
                // The bundler leaves JavaScript behind, whatever it was. What
                // is something else is left to its content.
                0 | 1 if crate::leaf::is_text(content) && !content.is_empty() => Some("javascript"),
                2 | 3 if crate::leaf::is_text(content) && !content.is_empty() => Some("typescript"),
                _ => None,
            };
            cx.stored_as(&name, range, kind);
        }
        None => outside(cx, "its content", pointer(1)),
    }
    if pointer(2).1 > 0 {
        match payload.range(pointer(2)) {
            Some(range) => match kept.of_maps.checked_sub(range.len()) {
                Some(left) => {
                    kept.of_maps = left;
                    source_map(cx, &name, range);
                }
                None => {
                    let detail = "its source map was not read: too many modules share theirs";
                    cx.entry_gap(&name, range.len() as u64, Gap::Limit, detail);
                }
            },
            None => outside(cx, "its source map", pointer(2)),
        }
    }
    if pointer(3).1 > 0 {
        match payload.range(pointer(3)) {
            Some(range) => kept.code.push((range, name.clone())),
            None => outside(cx, "its bytecode", pointer(3)),
        }
    }
    if size < 52 {
        return;
    }
    if pointer(4).1 > 0 {
        let child = [name.as_slice(), b"#module-info"].concat();
        match payload.range(pointer(4)) {
            Some(range) => cx.stored_as(&child, range, Some("jsc-data")),
            None => outside(cx, "its module info", pointer(4)),
        }
    }
    if pointer(5).1 > 0 {
        match payload.range(pointer(5)) {
            Some(range) => cx.structure(range),
            None => outside(cx, "the origin of its bytecode", pointer(5)),
        }
    }
}

/// A source map: `{u32 files, u32 map length}`, pointers to names, pointers to
/// zstd streams of contents, the map; all from the source map's start.
fn source_map(cx: &mut Cx<'_>, module: &[u8], range: Range<usize>) {
    let bytes = cx.bytes().get(range.clone()).unwrap_or_default();
    let files = le::u32(bytes, 0).unwrap_or_default() as usize;
    let room = bytes
        .len()
        .saturating_sub(8)
        .checked_div(16)
        .unwrap_or_default();
    if files > room {
        let child = [module, b"#source-map"].concat();
        cx.entry_gap(
            &child,
            range.len() as u64,
            Gap::Corrupt,
            format!("it announces {files} source files and has room for {room}"),
        );
        return cx.stored(&child, range);
    }
    let pointer = |n: usize| {
        let at = n.checked_mul(8)?.checked_add(8)?;
        let pointer = (le::u32(bytes, at)?, le::u32(bytes, at.checked_add(4)?)?);
        pointed(pointer, bytes.len())
    };
    let in_node = |part: &Range<usize>| {
        part.start.saturating_add(range.start)..part.end.saturating_add(range.start)
    };
    let mut contents = Vec::new();
    for n in 0..files {
        let name = pointer(n);
        let text = name.clone().and_then(|name| bytes.get(name));
        let text = text.map(|text| text.get(..4096).unwrap_or(text));
        let child = [module, b"#source/", text.unwrap_or(b"(no name)")].concat();
        if let Some(name) = name {
            cx.structure(in_node(&name));
        }
        let Some(content) = pointer(files.saturating_add(n)) else {
            cx.entry_gap(
                &child,
                0,
                Gap::Corrupt,
                "its content is said to lie outside of the source map",
            );
            continue;
        };
        contents.push(in_node(&content));
        let zstd = bytes
            .get(content.clone())
            .is_some_and(|b| b.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
        if zstd {
            cx.decoded(&child, in_node(&content), Via::Zstd);
        } else {
            cx.stored(&child, in_node(&content));
        }
    }
    // What is neither content nor name is the header and the map.
    contents.sort_by_key(|range| range.start);
    let mut at = range.start;
    for content in contents {
        if content.start > at {
            cx.structure(at..content.start);
        }
        at = at.max(content.end);
    }
    if at < range.end {
        cx.structure(at..range.end);
    }
}

/// The optional tables between the module table and the runtime's arguments,
/// one after another, each announced by a flag bit.
fn tables(cx: &mut Cx<'_>, payload: &Payload<'_>, modules: usize, kept: &mut Kept) {
    let unknown = payload.flags & !KNOWN_FLAGS;
    if unknown != 0 {
        let detail = format!(
            "the Bun payload has flag bits {unknown:#x}, of which nothing is known; a newer version made it"
        );
        cx.gap(0, Gap::UnknownFormat, detail);
    }
    let mut at = payload.table.end;
    let has = |bit: u32| payload.flags & (1 << bit) != 0;
    let pair = |at: usize| {
        Some((
            le::u32(payload.bytes, at)?,
            le::u32(payload.bytes, at.checked_add(4)?)?,
        ))
    };
    let skip = |at: &mut usize, len: usize| {
        *at = at.saturating_add(len).min(payload.bytes.len());
    };
    if has(5) {
        skip(&mut at, modules.saturating_mul(4));
    }
    if has(6) {
        // Bytecode of the runtime's own modules: `{u32 id, offset, length}`.
        let room = payload.bytes.len().saturating_sub(at) / 12;
        let count = (le::u32(payload.bytes, at).unwrap_or_default() as usize).min(room);
        skip(&mut at, 4);
        for _ in 0..count {
            let place = pair(at.saturating_add(4)).unwrap_or_default();
            if let Some(range) = payload.range(place).filter(|range| !range.is_empty()) {
                let id = le::u32(payload.bytes, at).unwrap_or_default();
                kept.code
                    .push((range, format!("(builtin module {id})").into_bytes()));
            }
            skip(&mut at, 12);
        }
    }
    let region = |cx: &mut Cx<'_>, at: usize, name: &str, kind| {
        let place = pair(at).unwrap_or_default();
        match payload.range(place) {
            Some(range) if range.is_empty() => {}
            Some(range) => cx.stored_as(name.as_bytes(), range, Some(kind)),
            None => cx.entry_gap(
                name.as_bytes(),
                place.1.into(),
                Gap::Corrupt,
                "it is said to lie outside of the payload",
            ),
        }
    };
    if has(7) {
        region(cx, at, "(strings of the bytecode)", "jsc-strings");
        skip(&mut at, 8);
    }
    if has(8) {
        skip(&mut at, 4);
    }
    if has(9) {
        region(cx, at, "(module info)", "jsc-data");
        skip(&mut at, 8);
    }
    if has(11) {
        region(cx, at, "(module graph)", "jsc-data");
        skip(&mut at, 8);
    }
    if has(12) {
        // An order of modules.
        let room = payload.bytes.len().saturating_sub(at) / 4;
        let count = (le::u32(payload.bytes, at).unwrap_or_default() as usize).min(room);
        skip(&mut at, count.saturating_mul(4).saturating_add(4));
    }
    if has(13) {
        // The region that the modules' bytecode shares, and where its parts end.
        if let Some(range) = pair(at.saturating_add(8)).and_then(|place| payload.range(place)) {
            kept.code.push((range, b"(shared bytecode)".to_vec()));
        }
        skip(&mut at, 40);
    }
    cx.structure(payload.at(payload.table.end..at));
}

/// Registers bytecode in pieces that do not overlap: a piece goes from where a
/// module's bytecode begins to where that of the next one does.
fn bytecode(cx: &mut Cx<'_>, mut ranges: Vec<(Range<usize>, Vec<u8>)>) {
    ranges.sort_by(|a, b| (a.0.start, &a.1).cmp(&(b.0.start, &b.1)));
    let mut at = 0usize;
    let mut rest = ranges.iter().peekable();
    let mut reach = 0usize;
    while let Some((range, name)) = rest.next() {
        reach = reach.max(range.end);
        let next = rest.peek().map_or(usize::MAX, |(next, _)| next.start);
        let start = range.start.max(at);
        // The last of those that share a region has what remains of it.
        let end = reach.min(next).max(start);
        if end > start {
            let child = [name.as_slice(), b"#bytecode"].concat();
            cx.stored_as(&child, start..end, Some("jsc-bytecode"));
        }
        at = end;
    }
}

/// A payload of two modules behind the beginning of an ELF file.
fn sample(record: usize, flags: u32) -> Vec<u8> {
    let mut out = vec![0u8; 0];
    let mut put = |bytes: &[u8]| {
        let at = out.len();
        out.extend_from_slice(bytes);
        out.push(0);
        [number(at), number(bytes.len())].concat()
    };
    let strings = put(b"some strings of the bytecode");
    let graph = put(b"PLMG and what follows it");
    let code = put(b"bytecode of one, then of two and what they share");
    let later = [
        number(le::u32(&code, 0).unwrap_or_default().saturating_add(17) as usize),
        number(le::u32(&code, 4).unwrap_or_default().saturating_sub(17) as usize),
    ]
    .concat();
    let names = [put(b"/$bunfs/root/cli.js"), put(b"/$bunfs/root/data.txt")];
    let texts = [
        put(b"// @bun\nconst answer = require('x'); module.exports = () => answer;\n"),
        put(b"plain text\n"),
    ];
    let content =
        zstd::bulk::compress(b"export const answer: number = 42;\n", 1).unwrap_or_default();
    let map = [
        number(1),
        number(4),
        number(24),
        number(6),
        number(34),
        number(content.len()),
        b"src.ts".to_vec(),
        b"AAAA".to_vec(),
        content,
    ]
    .concat();
    let map = put(&map);
    let argv = put(b"--use-system-ca --");
    let mut table = Vec::new();
    for (n, (name, text)) in names.iter().zip(&texts).enumerate() {
        table.extend_from_slice(name);
        table.extend_from_slice(text);
        table.extend_from_slice(if n == 0 { &map } else { &[0; 8] });
        table.extend_from_slice(if n == 0 { &code } else { &later });
        if record == 52 {
            table.extend_from_slice(&[0; 8]);
            table.extend_from_slice(name);
        }
        table.extend_from_slice(if n == 0 {
            &[1, 1, 1, 0]
        } else {
            &[1, 13, 0, 1]
        });
    }
    let at = out.len();
    let table_len = table.len();
    out.append(&mut table);
    if flags & 0x3800 != 0 {
        out.extend_from_slice(&[7; 8]);
        out.extend([number(1), number(20)].concat());
        out.extend_from_slice(&later);
        out.extend_from_slice(&strings);
        out.extend([number(1), vec![0; 8]].concat());
        out.extend_from_slice(&graph);
        out.extend([number(2), number(1), number(0)].concat());
        out.extend([number(2), number(0x4100_0000)].concat());
        out.extend_from_slice(&code);
        out.extend_from_slice(&[0; 24]);
    }
    let len = out.len() as u64;
    let mut file = b"\x7fELF\x02\x01\x01\0".to_vec();
    file.resize(64, 0);
    file.extend_from_slice(&len.saturating_add(48).to_le_bytes());
    file.append(&mut out);
    file.extend_from_slice(&len.to_le_bytes());
    file.extend([number(at), number(table_len), number(0)].concat());
    file.extend_from_slice(&argv);
    file.extend_from_slice(&flags.to_le_bytes());
    file.extend_from_slice(TRAILER);
    file
}

fn number(n: usize) -> Vec<u8> {
    u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz_open;

    fn list(bytes: &[u8]) -> Vec<(String, String, u64)> {
        fuzz_open(bytes)
            .nodes
            .into_iter()
            .skip(1)
            .map(|n| (n.record.path, n.record.kind, n.record.bytes))
            .collect()
    }

    #[test]
    fn modules_bytecode_sources_and_arguments() {
        let expected = [
            ("/$bunfs/root/cli.js", "javascript", 68),
            ("/$bunfs/root/cli.js#source/src.ts", "typescript", 34),
            ("/$bunfs/root/data.txt", "text", 11),
            ("exec_argv", "text", 18),
            ("/$bunfs/root/cli.js#bytecode", "jsc-bytecode", 17),
            ("/$bunfs/root/data.txt#bytecode", "jsc-bytecode", 31),
        ];
        let got = list(&sample(36, 0));
        for (path, kind, bytes) in expected {
            assert!(
                got.contains(&(path.to_owned(), kind.to_owned(), bytes)),
                "{path}: {got:?}"
            );
        }
        let got = list(&sample(52, 0x3bff));
        assert!(got.iter().any(|(path, kind, _)| path == "(strings of the bytecode)" && kind == "jsc-strings"));
        assert_eq!(
            got.iter()
                .filter(|n| n.1 == "jsc-bytecode")
                .map(|n| n.2)
                .sum::<u64>(),
            48
        );
    }

    #[test]
    fn unknown_flags_are_told() {
        let gaps = fuzz_open(&sample(52, 0x8000_000f)).gaps;
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps[0].gap, Some(Gap::UnknownFormat));
    }

    #[test]
    fn a_payload_without_its_beginning_is_told() {
        let file = sample(52, 0xf);
        let cut = &file[100..];
        let gaps = fuzz_open(&[b"\x7fELF\x02\x01\x01\0".as_slice(), cut].concat()).gaps;
        assert!(gaps.iter().any(|g| g.gap == Some(Gap::Corrupt)), "{gaps:?}");
    }

    #[test]
    fn pointers_out_of_the_payload_are_told_and_the_rest_is_read() {
        let mut file = sample(52, 0xf);
        let trailer = file.len() - TRAILER.len() - OFFSETS;
        let table = u32::from_le_bytes(file[trailer + 8..trailer + 12].try_into().unwrap());
        let record = 72 + table as usize;
        file[record + 12..record + 16].copy_from_slice(&[0xff; 4]);
        let opened = fuzz_open(&file);
        assert!(
            opened.gaps.iter().any(|g| g.detail.contains("outside")),
            "{:?}",
            opened.gaps
        );
        assert!(
            opened
                .nodes
                .iter()
                .any(|n| n.record.path == "/$bunfs/root/data.txt")
        );
    }

    #[test]
    fn the_trailer_among_strings_is_nothing() {
        let mut file = b"\x7fELF\x02\x01\x01\0".to_vec();
        file.resize(400, 0);
        file.extend_from_slice(TRAILER);
        file.resize(800, 0);
        assert!(list(&file).iter().all(|n| n.0 == "(overlay)"));
        assert!(fuzz_open(&file).gaps.is_empty());
    }

    #[test]
    fn bytes_that_no_pointer_names_are_read() {
        let hidden = sample(52, 0xf);
        let text = b"hidden in the payload, no pointer names it";
        // The payload grows at its start; pointers keep their offsets, and so
        // all of them are off: the names are wrong, but nothing is lost.
        let offsets = hidden.len() - TRAILER.len() - OFFSETS;
        let len = u64::from_le_bytes(hidden[offsets..offsets + 8].try_into().unwrap());
        let mut file = hidden[..offsets].to_vec();
        file.extend_from_slice(text);
        let base = file.len() as u64 - 72;
        file.extend_from_slice(&base.to_le_bytes());
        file.extend_from_slice(&hidden[offsets + 8..]);
        assert_eq!(base, len + text.len() as u64);
        let opened = list(&file);
        assert!(
            opened
                .iter()
                .any(|n| n.0.starts_with("(bytes that nothing names")),
            "{opened:?}"
        );
    }
}
