//! PE executables and libraries: their resources, and what lies behind their
//! sections.
//!
//! Described by Microsoft's "PE Format". The attribute certificates (the
//! signature) lie behind the sections as well, and are a child of their own.
//! Resources are a tree of folders, by type, name and language; installers and
//! launchers keep scripts, archives and manifests there.

use std::ops::Range;

use assay_model::Gap;
use rustc_hash::FxHashSet;

use super::{Broken, Format, Stage, joined, le, range};
use crate::leaf;
use crate::open::Cx;

pub(crate) const FORMAT: Format = Format {
    id: "pe",
    title: "resources of a PE executable or library, and data behind it",
    reference: "Microsoft, PE Format; Resource Types",
    stage: Stage::Embedded,
    detect: |bytes| bytes.starts_with(b"MZ") && header(bytes).is_some(),
    open,
    samples: || {
        let script = ("SCRIPT", 7, b"module.exports = 1;\n".as_slice());
        vec![("overlay", sample(&[])), ("resource", sample(&[script]))]
    },
};

/// Resources that are registered; their table costs 24 bytes for each.
const RESOURCES: usize = 20_000;
/// Records of folders that are looked at.
const RECORDS: usize = 200_000;
/// Windows uses three levels of folders.
const LEVELS: usize = 8;

/// The types that Windows itself defines, by number. What has a layout of its
/// own (images without a header, dialogs, tables of words) stays bytes of the
/// executable, of which the words are read.
const TYPES: &[(u32, &str, bool)] = &[
    (1, "cursor", true),
    (2, "bitmap", true),
    (3, "icon", true),
    (4, "menu", true),
    (5, "dialog", true),
    (6, "string", true),
    (9, "accelerator", true),
    (10, "rcdata", false),
    (11, "message-table", true),
    (12, "group-cursor", true),
    (14, "group-icon", true),
    (16, "version", true),
    (23, "html", false),
    (24, "manifest", false),
];

/// Where the COFF header is.
pub(crate) fn header(bytes: &[u8]) -> Option<usize> {
    let at = usize::try_from(le::u32(bytes, 0x3c)?).ok()?;
    (bytes.get(at..at.checked_add(4)?)? == b"PE\0\0").then_some(at.checked_add(4)?)
}

/// A section: its address, its size in memory, and its place in the file.
struct Section {
    address: u64,
    size: u64,
    start: u64,
    len: u64,
}

/// The sections, and the end of what they and the headers describe.
fn sections(bytes: &[u8], coff: usize) -> Option<(Vec<Section>, u64)> {
    let count = usize::from(le::u16(bytes, coff.checked_add(2)?)?);
    let optional = usize::from(le::u16(bytes, coff.checked_add(16)?)?);
    let table = coff.checked_add(20)?.checked_add(optional)?;
    let mut end = (table.checked_add(count.checked_mul(40)?)?) as u64;
    let mut sections = Vec::new();
    for n in 0..count {
        let at = table.checked_add(n.checked_mul(40)?)?;
        let word = |n: usize| le::u32(bytes, at.checked_add(n)?).map(u64::from);
        let section = Section {
            size: word(8)?,
            address: word(12)?,
            len: word(16)?,
            start: word(20)?,
        };
        if section.len > 0 {
            end = end.max(section.start.saturating_add(section.len));
        }
        sections.push(section);
    }
    Some((sections, end))
}

/// One of the data directories: two numbers, place and size.
fn data_directory(bytes: &[u8], coff: usize, index: usize) -> Option<(u64, u64)> {
    let optional = coff.checked_add(20)?;
    let directories = match le::u16(bytes, optional)? {
        0x10b => optional.checked_add(96)?,
        0x20b => optional.checked_add(112)?,
        _ => return None,
    };
    let at = directories.checked_add(index.checked_mul(8)?)?;
    let size = usize::from(le::u16(bytes, coff.checked_add(16)?)?);
    if at.checked_add(8)? > optional.checked_add(size)? {
        return None;
    }
    Some((
        le::u32(bytes, at)?.into(),
        le::u32(bytes, at.checked_add(4)?)?.into(),
    ))
    .filter(|(_, len)| *len > 0)
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let Some(coff) = header(bytes) else {
        return Err(Broken::corrupt("it has no PE header"));
    };
    let (sections, end) = sections(bytes, coff).unzip();
    // The signature's place alone counts from the file's beginning.
    if let Some((start, len)) = data_directory(bytes, coff, 4)
        && let Some(place) = range(start, len)
    {
        cx.stored_as(b"(signature)", place, Some("signature"));
    }
    if let Some((address, _)) = data_directory(bytes, coff, 2)
        && let Some(sections) = sections
    {
        resources(cx, &sections, address);
    }
    super::elf::overlay(cx, end)
}

/// The place in the file of what is loaded at an address.
fn place(sections: &[Section], address: u64, len: u64) -> Option<Range<usize>> {
    let section = sections.iter().find(|section| {
        let size = section.size.max(section.len);
        address >= section.address && address < section.address.saturating_add(size)
    })?;
    let offset = address.checked_sub(section.address)?;
    (offset.checked_add(len)? <= section.len).then_some(())?;
    range(section.start.checked_add(offset)?, len)
}

/// A folder of resources that is not looked into yet.
struct Folder {
    /// Where it is, from the beginning of the resources.
    at: usize,
    path: String,
    level: usize,
    /// Whether the type that it belongs to has a layout of its own.
    known: bool,
}

fn resources(cx: &mut Cx<'_>, sections: &[Section], address: u64) {
    let bytes = cx.bytes();
    let Some(root) = place(sections, address, 16).map(|root| root.start) else {
        let detail = "its resources are said to lie outside of it";
        return cx.gap(0, Gap::Corrupt, detail);
    };
    let first = Folder {
        at: 0,
        path: "(resources)".to_owned(),
        level: 0,
        known: false,
    };
    let (mut open, mut seen) = (vec![first], FxHashSet::default());
    let (mut found, mut records) = (Vec::new(), 0usize);
    'all: while let Some(folder) = open.pop() {
        if cx.late(0) {
            break;
        }
        if !seen.insert(folder.at) || folder.level >= LEVELS {
            let detail = "its resources have folders that contain themselves";
            cx.entry_gap(folder.path.as_bytes(), 0, Gap::Corrupt, detail);
            continue;
        }
        let at = root.saturating_add(folder.at);
        let count = |n: usize| le::u16(bytes, at.saturating_add(n)).map(usize::from);
        let Some((named, numbered)) = count(12).zip(count(14)) else {
            let detail = "this folder of its resources is said to lie outside of it";
            cx.entry_gap(folder.path.as_bytes(), 0, Gap::Corrupt, detail);
            continue;
        };
        let mut folders = Vec::new();
        for n in 0..named.saturating_add(numbered) {
            records = records.saturating_add(1);
            if records > RECORDS || found.len() >= RESOURCES {
                let detail = "it has more resources than are listed; the others were read as \
                              bytes of the executable";
                cx.gap(0, Gap::Limit, detail);
                break 'all;
            }
            let record = at.saturating_add(16).saturating_add(n.saturating_mul(8));
            let word = |n: usize| le::u32(bytes, record.saturating_add(n));
            let Some((name, target)) = word(0).zip(word(4)) else {
                let detail = "this folder of its resources is cut off";
                cx.entry_gap(folder.path.as_bytes(), 0, Gap::Corrupt, detail);
                break;
            };
            let (name, known) = named_as(bytes, root, name, &folder);
            let path = joined(&folder.path, "/", &name);
            let at = (target & 0x7fff_ffff) as usize;
            if target & 0x8000_0000 != 0 {
                folders.push(Folder {
                    at,
                    path,
                    level: folder.level.saturating_add(1),
                    known,
                });
                continue;
            }
            let leaf = root.saturating_add(at);
            let data = le::u32(bytes, leaf)
                .zip(le::u32(bytes, leaf.saturating_add(4)))
                .and_then(|(address, len)| place(sections, address.into(), len.into()))
                .filter(|data| data.end <= bytes.len());
            match data {
                Some(data) => found.push((path, data, known)),
                None => {
                    let detail = "it is said to lie outside of the executable";
                    cx.entry_gap(path.as_bytes(), 0, Gap::Corrupt, detail);
                }
            }
        }
        // The last one is looked into first.
        open.extend(folders.into_iter().rev());
    }
    // What another format opened as its own stays with that format. All are
    // compared before the first is registered, since they may share bytes.
    found.retain(|(_, data, known)| {
        let stays = data.is_empty() || cx.claimed(data) || (*known && is_plain(bytes, data));
        !stays
    });
    for (path, data, _) in found {
        cx.stored(path.as_bytes(), data);
    }
}

/// The name of a record, and whether it is of a type with a layout of its own.
fn named_as(bytes: &[u8], root: usize, name: u32, folder: &Folder) -> (String, bool) {
    if name & 0x8000_0000 != 0 {
        let at = root.saturating_add((name & 0x7fff_ffff) as usize);
        let len = usize::from(le::u16(bytes, at).unwrap_or_default()).min(256);
        let start = at.saturating_add(2);
        let text = bytes.get(start..start.saturating_add(len.saturating_mul(2)));
        let units: Vec<u16> = text
            .unwrap_or_default()
            .chunks_exact(2)
            .filter_map(|unit| le::u16(unit, 0))
            .collect();
        return (String::from_utf16_lossy(&units), folder.known);
    }
    let known = TYPES.iter().find(|(number, ..)| *number == name);
    match known.filter(|_| folder.level == 0) {
        Some((_, name, known)) => ((*name).to_owned(), *known),
        None => (name.to_string(), folder.known),
    }
}

/// Whether bytes are what their type says, as far as no other format and no
/// text is recognised in them.
fn is_plain(bytes: &[u8], data: &Range<usize>) -> bool {
    let data = bytes.get(data.clone()).unwrap_or_default();
    let formats = super::ALL.iter().filter(|f| f.stage == Stage::Whole);
    leaf::classify(data, "") == "unknown" && !formats.into_iter().any(|f| (f.detect)(data))
}

/// An executable with a section of code, resources of one named type, and
/// bytes behind both.
fn sample(resources: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let word = |n: usize| u32::try_from(n).unwrap_or_default().to_le_bytes();
    let tree = resource_tree(resources, 0x2000);
    let code = 0x200usize;
    let after = code.saturating_add(64);
    let mut out = b"MZ".to_vec();
    out.resize(0x3c, 0);
    out.extend_from_slice(&word(0x40));
    // Two sections, and an optional header with three directories.
    out.extend_from_slice(b"PE\0\0\x64\x86\x02\0");
    out.resize(0x40 + 20, 0);
    out.extend_from_slice(&[136, 0, 0, 0, 0x0b, 0x02]);
    out.resize(0x40 + 24 + 112 + 16, 0);
    out.extend_from_slice(&word(if tree.is_empty() { 0 } else { 0x2000 }));
    out.extend_from_slice(&word(tree.len()));
    for (name, address, start, len) in [
        (b".text\0\0\0", 0x1000, code, 64),
        (b".rsrc\0\0\0", 0x2000, after, tree.len()),
    ] {
        out.extend_from_slice(name);
        for number in [len, address, len, start, 0, 0, 0, 0] {
            out.extend_from_slice(&word(number));
        }
    }
    out.resize(code, 0);
    out.resize(after, 0x90);
    out.extend_from_slice(&tree);
    out.extend_from_slice(b"text behind the end of the executable\n");
    out
}

/// Resources, each of a named type or (with an empty name) of a number, in
/// one language.
fn resource_tree(resources: &[(&str, u32, &[u8])], address: usize) -> Vec<u8> {
    if resources.is_empty() {
        return Vec::new();
    }
    let word = |n: usize| u32::try_from(n).unwrap_or_default().to_le_bytes();
    let folder = |named: usize, numbered: usize| {
        let mut out = vec![0; 12];
        for count in [named, numbered] {
            out.extend_from_slice(&u16::try_from(count).unwrap_or_default().to_le_bytes());
        }
        out
    };
    const HIGH: usize = 0x8000_0000;
    let named = resources.iter().filter(|r| !r.0.is_empty()).count();
    let count = resources.len();
    // The root, then for each two folders of one record and the entry, then
    // for each its name and its bytes.
    let folders = 16usize.saturating_add(count.saturating_mul(8));
    let texts = folders.saturating_add(count.saturating_mul(64));
    let (mut out, mut lower, mut data) = (
        folder(named, count.saturating_sub(named)),
        Vec::new(),
        Vec::<u8>::new(),
    );
    for (n, (name, number, content)) in resources.iter().enumerate() {
        let at = folders.saturating_add(n.saturating_mul(64));
        let text = texts.saturating_add(data.len());
        if !name.is_empty() {
            let units: Vec<u16> = name.encode_utf16().collect();
            let len = u16::try_from(units.len()).unwrap_or_default();
            data.extend_from_slice(&len.to_le_bytes());
            data.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        }
        let kind = if name.is_empty() {
            *number as usize
        } else {
            text | HIGH
        };
        out.extend_from_slice(&word(kind));
        out.extend_from_slice(&word(at | HIGH));
        lower.extend_from_slice(&folder(0, 1));
        lower.extend_from_slice(&word(1));
        lower.extend_from_slice(&word(at.saturating_add(24) | HIGH));
        lower.extend_from_slice(&folder(0, 1));
        lower.extend_from_slice(&word(1033));
        lower.extend_from_slice(&word(at.saturating_add(48)));
        let place = address.saturating_add(texts).saturating_add(data.len());
        for number in [place, content.len(), 0, 0] {
            lower.extend_from_slice(&word(number));
        }
        data.extend_from_slice(content);
    }
    [out, lower, data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz_open;

    fn children(bytes: &[u8]) -> Vec<(String, String)> {
        let nodes = fuzz_open(bytes).nodes;
        let told = nodes.into_iter().skip(1);
        told.map(|n| (n.record.path, n.record.kind)).collect()
    }

    #[test]
    fn sections_beyond_the_end_are_told() {
        let gaps = fuzz_open(&sample(&[])[..0x210]).gaps;
        assert_eq!(gaps[0].gap, Some(Gap::Corrupt));
        assert_eq!(fuzz_open(&sample(&[])).nodes[0].record.kind, "pe");
    }

    #[test]
    fn resources_are_opened() {
        let packed = (super::super::gzip::FORMAT.samples)().remove(0).1;
        let manifest = b"<?xml version=\"1.0\"?><assembly/>\n";
        let script = b"const fs = require('fs');\nmodule.exports = () => fs.readdirSync('/');\n";
        let image = [40, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4];
        let bytes = sample(&[
            ("LAUNCH", 0, script),
            ("", 3, &image),
            ("", 3, script),
            ("", 10, &packed),
            ("", 24, manifest),
        ]);
        let tree = fuzz_open(&bytes);
        assert!(tree.gaps.is_empty(), "{:?}", tree.gaps);
        let told = |path: &str, kind: &str| (path.to_owned(), kind.to_owned());
        assert_eq!(
            children(&bytes),
            [
                told("(resources)/LAUNCH/1/1033", "javascript"),
                told("(resources)/icon/1/1033", "javascript"),
                told("(resources)/rcdata/1/1033", "gzip"),
                told("(resources)/manifest/1/1033", "xml"),
                told("(overlay)", "text"),
                told("(resources)/rcdata/1/1033", "text"),
            ]
        );
        let range = tree.nodes[1].record.range.unwrap();
        let (start, end) = (range.start as usize, range.end().unwrap() as usize);
        assert_eq!(&bytes[start..end], script);
    }

    #[test]
    fn folders_that_contain_themselves_end() {
        let mut bytes = sample(&[("", 10, b"text of a resource\n")]);
        // The folder of names refers to the root.
        let tree = 0x240;
        let name = tree + 16 + 8 + 16 + 4;
        assert_eq!(bytes[name + 3], 0x80);
        bytes[name..name + 3].fill(0);
        let opened = fuzz_open(&bytes);
        assert_eq!(opened.gaps[0].gap, Some(Gap::Corrupt), "{:?}", opened.gaps);
        assert!(opened.nodes.len() < 4);
    }

    #[test]
    fn more_resources_than_the_limit_are_told() {
        let one: (&str, u32, &[u8]) = ("", 10, b"t");
        let opened = fuzz_open(&sample(&vec![one; RESOURCES + 10]));
        assert!(opened.gaps.iter().any(|g| g.gap == Some(Gap::Limit)));
    }
}
