//! Executables that `deno compile` makes: the runtime with a section of
//! modules and files.
//!
//! Described by Deno's `cli/standalone/binary.rs`, `cli/rt/binary.rs` and
//! `cli/lib/standalone`. The section is found by its magic number, at both of
//! its ends: metadata as JSON, a snapshot of npm packages, remote modules
//! (which were laid out in three ways so far), a virtual file system as JSON,
//! the files' bytes. Before 2.0 the modules were an eszip at the executable's
//! end, told by a trailer of 24 bytes.

use std::ops::Range;

use assay_model::Gap;
use memchr::memmem;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::{Broken, Format, Stage, be, le};
use crate::open::Cx;

const MAGIC: &[u8] = b"d3n0l4nd";
const ESZIP: &[u8] = b"ESZIP";
/// JSON larger than this is no index.
const INDEX: usize = 16 << 20;

pub(crate) const FORMAT: Format = Format {
    id: "deno",
    title: "executable made by deno compile",
    reference: "Deno, cli/standalone/binary.rs and virtual_fs.rs",
    stage: Stage::Embedded,
    detect: |bytes| {
        memmem::find_iter(bytes, MAGIC).any(|at| section(bytes, at).is_some())
            || trailer(bytes).is_some()
    },
    open,
    samples: || {
        vec![
            ("section-2.0", sample_section(0)),
            ("section-2.1", sample_section(1)),
            ("section-2.3", sample_section(3)),
            ("eszip", sample_eszip()),
        ]
    },
};

/// A part behind a 64-bit length; moves on.
fn next(bytes: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let len = usize::try_from(le::u64(bytes, *at)?).ok()?;
    let start = at.checked_add(8)?;
    let end = start.checked_add(len).filter(|end| *end <= bytes.len())?;
    *at = end;
    Some(start..end)
}

/// The metadata behind a magic number that begins a section, rather than
/// being one of the runtime's strings.
fn section(bytes: &[u8], magic: usize) -> Option<Range<usize>> {
    let mut at = magic.checked_add(MAGIC.len())?;
    let metadata = next(bytes, &mut at)?;
    bytes
        .get(metadata.clone())?
        .starts_with(b"{\"")
        .then_some(metadata)
}

/// The eszip of an older executable: from where, and where its metadata is.
fn trailer(bytes: &[u8]) -> Option<(usize, usize)> {
    let at = bytes.len().checked_sub(24)?;
    if !bytes.get(at..)?.starts_with(MAGIC) {
        return None;
    }
    let place = |n: usize| {
        let place = usize::try_from(be::u64(bytes, at.checked_add(n)?)?).ok()?;
        (place <= at).then_some(place)
    };
    let (eszip, metadata) = (place(8)?, place(16)?);
    (eszip <= metadata).then_some((eszip, metadata))
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let found = memmem::find_iter(bytes, MAGIC).find_map(|at| Some((at, section(bytes, at)?)));
    if let Some((start, metadata)) = found {
        return open_section(cx, start, metadata);
    }
    if let Some((eszip, metadata)) = trailer(bytes) {
        let end = bytes.len().saturating_sub(24);
        cx.structure(end..bytes.len());
        cx.stored(b"metadata.json", metadata..end);
        modules_of_eszip(cx, eszip..metadata);
        return Ok(());
    }
    Err(Broken::corrupt(
        "the section of deno compile has no metadata",
    ))
}

/// Reads numbers and what stands behind a length, one after another.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let value = *self.bytes.get(self.at)?;
        self.at = self.at.checked_add(1)?;
        Some(value)
    }

    fn word(&mut self) -> Option<u32> {
        let value = le::u32(self.bytes, self.at)?;
        self.at = self.at.checked_add(4)?;
        Some(value)
    }

    fn short(&mut self) -> Option<Range<usize>> {
        let len = usize::try_from(self.word()?).ok()?;
        let end = self
            .at
            .checked_add(len)
            .filter(|end| *end <= self.bytes.len())?;
        let range = self.at..end;
        self.at = end;
        Some(range)
    }

    fn long(&mut self) -> Option<Range<usize>> {
        next(self.bytes, &mut self.at)
    }

    /// The index of virtual files: JSON behind a length.
    fn index(mut self) -> Option<(Range<usize>, usize)> {
        let range = self.long()?;
        let json = self.bytes.get(range.clone())?;
        let whole = matches!((json.first()?, json.last()?), (b'{', b'}') | (b'[', b']'));
        whole.then_some((range, self.at))
    }
}

/// A module's name and its texts, with what each of them is.
type Module = (Range<usize>, Vec<(Range<usize>, &'static str)>);

/// Since 2.3: a table of specifiers and their numbers, one of redirects, then
/// modules by number.
fn numbered_modules(cursor: &mut Cursor<'_>) -> Option<Vec<Module>> {
    let mut names = FxHashMap::default();
    for _ in 0..cursor.word()? {
        let name = cursor.short()?;
        names.insert(cursor.word()?, name);
    }
    for _ in 0..cursor.word()? {
        cursor.word()?;
        cursor.word()?;
    }
    let mut modules = Vec::new();
    for _ in 0..cursor.word()? {
        let name = names.get(&cursor.word()?).cloned()?;
        cursor.byte().filter(|media_type| *media_type < 40)?;
        let mut texts = vec![(cursor.short()?, "")];
        let flags = cursor.byte().filter(|flags| *flags < 16)?;
        for (bit, what) in [(1, "#transpiled"), (2, "#source-map"), (4, "#exports")] {
            if flags & bit != 0 {
                texts.push((cursor.short()?, what));
            }
        }
        modules.push((name, texts));
    }
    Some(modules)
}

/// In 2.1 and 2.2: specifiers with offsets, redirects, then the modules behind
/// one length.
fn modules_at_offsets(cursor: &mut Cursor<'_>) -> Option<Vec<Module>> {
    let (count, redirects) = (cursor.word()?, cursor.word()?);
    let mut names = Vec::new();
    for _ in 0..count {
        let name = cursor.short()?;
        let offset = usize::try_from(le::u64(cursor.bytes, cursor.at)?).ok()?;
        cursor.at = cursor.at.checked_add(8)?;
        names.push((name, offset));
    }
    for _ in 0..redirects {
        cursor.short()?;
        cursor.short()?;
    }
    let data = cursor.long()?;
    let mut modules = Vec::new();
    for (name, offset) in names {
        let mut inner = Cursor {
            bytes: cursor.bytes.get(..data.end)?,
            at: data.start.checked_add(offset)?,
        };
        inner.byte().filter(|media_type| *media_type < 40)?;
        let mut texts = vec![(inner.short()?, "")];
        if inner.byte()? == 1 {
            texts.push((inner.short()?, "#transpiled"));
        }
        modules.push((name, texts));
    }
    Some(modules)
}

/// In 2.0: all of it behind one length.
fn modules_as_one(cursor: &mut Cursor<'_>) -> Option<Vec<Module>> {
    cursor.long().map(|_| Vec::new())
}

fn open_section(cx: &mut Cx<'_>, start: usize, metadata: Range<usize>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let mut cursor = Cursor {
        bytes,
        at: metadata.end,
    };
    cx.structure(start..metadata.start);
    cx.stored(b"metadata.json", metadata);
    let snapshot = cursor
        .long()
        .ok_or_else(|| Broken::corrupt("the section of deno compile ends too early"))?;
    if !snapshot.is_empty() {
        cx.stored(b"(npm snapshot)", snapshot);
    }
    // The layout is the one after which the index of virtual files stands.
    let from = cursor.at;
    let layouts = [numbered_modules, modules_at_offsets, modules_as_one];
    let found = layouts.iter().find_map(|layout| {
        let mut after = cursor;
        let modules = layout(&mut after)?;
        Some((modules, after.at, after.index()?))
    });
    let Some((modules, after, (index, mut at))) = found else {
        let rest = bytes.get(from..).unwrap_or_default();
        let end = memmem::rfind(rest, MAGIC).map_or(bytes.len(), |at| from.saturating_add(at));
        cx.gap(
            end.saturating_sub(from) as u64,
            Gap::UnknownFormat,
            "its modules are laid out as no known version does; they were read as one piece",
        );
        cx.stored(b"(modules and files)", from..end);
        return Ok(());
    };
    for (name, texts) in modules {
        let name = bytes.get(name).unwrap_or_default();
        for (text, what) in texts {
            cx.stored(&[name, what.as_bytes()].concat(), text);
        }
        if cx.late(0) {
            break;
        }
    }
    // What remains between them are tables of names, which are of interest.
    cx.leftovers(from..after);
    match next(bytes, &mut at) {
        Some(files) => {
            let listed = virtual_files(cx, &index, &files);
            if listed == 0 && !files.is_empty() {
                cx.gap(
                    files.len() as u64,
                    Gap::UnknownFormat,
                    "the index of its virtual files is of an unknown form; their bytes were read as one piece",
                );
            }
            cx.leftovers(files);
        }
        None => cx.gap(
            0,
            Gap::Corrupt,
            "the section of deno compile ends before its virtual files do",
        ),
    }
    cx.stored(b"vfs.json", index);
    // What follows (source maps in some versions) goes to the closing magic
    // number.
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(end) = memmem::find(rest, MAGIC) {
        let end = at.saturating_add(end);
        cx.leftovers(at..end);
        cx.structure(end..end.saturating_add(MAGIC.len()));
    } else {
        cx.gap(0, Gap::Corrupt, "the section of deno compile has no end");
    }
    Ok(())
}

/// Files of the virtual file system: objects with a name and a place; folders
/// are objects with a name and entries. The keys were shortened over time.
fn virtual_files(cx: &mut Cx<'_>, index: &Range<usize>, files: &Range<usize>) -> u64 {
    let json = cx.bytes().get(index.clone()).unwrap_or_default();
    if json.len() > INDEX {
        cx.gap(
            json.len() as u64,
            Gap::Limit,
            "the index of its virtual files is too large to read",
        );
        return 0;
    }
    let Ok(root) = serde_json::from_slice::<Value>(json) else {
        cx.gap(
            json.len() as u64,
            Gap::Corrupt,
            "the index of its virtual files is not JSON",
        );
        return 0;
    };
    let mut listed = 0u64;
    let mut open = vec![(String::new(), root)];
    while let Some((folder, value)) = open.pop() {
        match value {
            Value::Array(entries) => {
                open.extend(
                    entries
                        .into_iter()
                        .rev()
                        .map(|entry| (folder.clone(), entry)),
                );
            }
            Value::Object(object) => {
                let get = |keys: [&str; 2]| keys.iter().find_map(|key| object.get(*key));
                let name = get(["name", "n"]).and_then(Value::as_str);
                let place = get(["offset", "o"]).and_then(place);
                let path =
                    name.map_or_else(|| folder.clone(), |name| super::joined(&folder, "/", name));
                match place.filter(|_| name.is_some()) {
                    Some(raw) => {
                        listed = listed.saturating_add(1);
                        cx.check_name(path.as_bytes());
                        let within = |(offset, len): (usize, usize)| {
                            let start = files.start.checked_add(offset)?;
                            let end = start.checked_add(len)?;
                            (end <= files.end).then_some(start..end)
                        };
                        match within(raw) {
                            Some(range) => cx.stored(path.as_bytes(), range),
                            None => cx.entry_gap(
                                path.as_bytes(),
                                raw.1 as u64,
                                Gap::Corrupt,
                                "it is said to lie outside of the virtual files",
                            ),
                        }
                        // What the runtime loads instead of the file: a
                        // transpiled text, a source map.
                        for (key, value) in &object {
                            let other = self::place(value).filter(|other| *other != raw);
                            if let Some(range) = other.and_then(within) {
                                cx.stored(format!("{path}#{key}").as_bytes(), range);
                            }
                        }
                    }
                    None => {
                        for (_, value) in object {
                            if value.is_object() || value.is_array() {
                                open.push((path.clone(), value));
                            }
                        }
                    }
                }
            }
            _ => {}
        }
        if cx.late(0) {
            break;
        }
    }
    listed
}

fn place(value: &Value) -> Option<(usize, usize)> {
    let number = |value: Option<&Value>| usize::try_from(value?.as_u64()?).ok();
    match value {
        Value::Array(pair) => Some((number(pair.first())?, number(pair.get(1))?)),
        Value::Object(object) => {
            let get = |keys: [&str; 2]| number(keys.iter().find_map(|key| object.get(*key)));
            Some((get(["offset", "o"])?, get(["len", "l"])?))
        }
        _ => None,
    }
}

/// An eszip is listed by its header: specifier, kind, and places of the
/// sources, all numbers in network order.
fn modules_of_eszip(cx: &mut Cx<'_>, eszip: Range<usize>) {
    let bytes = cx.bytes().get(eszip.clone()).unwrap_or_default();
    let listed = list_eszip(cx, bytes, eszip.start);
    if listed.is_none() {
        cx.gap(
            eszip.len() as u64,
            Gap::UnknownFormat,
            "its modules are an eszip of an unknown version, which was read as one piece",
        );
    }
    cx.leftovers(eszip);
}

fn list_eszip(cx: &mut Cx<'_>, bytes: &[u8], base: usize) -> Option<()> {
    if !bytes.starts_with(ESZIP) {
        return None;
    }
    let version = bytes.get(..8)?;
    let mut at = 8usize;
    // From 2.2 on a section of options stands before the header.
    if version == b"ESZIP2.2" || version == b"ESZIP2.3" {
        let len = usize::try_from(be::u32(bytes, at)?).ok()?;
        at = at.checked_add(4)?.checked_add(len)?;
        if bytes.get(at.checked_sub(len)?..at)?.get(1) != Some(&0) {
            // A checksum behind each section.
            at = at.checked_add(32)?;
        }
    } else if version != b"ESZIP_V2" && version != b"ESZIP2.1" {
        return None;
    }
    let len = usize::try_from(be::u32(bytes, at)?).ok()?;
    let header = at.checked_add(4)?;
    let header = bytes.get(header..header.checked_add(len)?)?;
    cx.structure(base..base.checked_add(at)?.checked_add(4)?.checked_add(len)?);
    let mut modules = Vec::new();
    let mut at = 0usize;
    while at < header.len() {
        let len = usize::try_from(be::u32(header, at)?).ok()?;
        let name = at.checked_add(4)?;
        let end = name.checked_add(len)?;
        let specifier = header.get(name..end)?;
        at = match header.get(end)? {
            // A module: place of the source, place of its map, its kind.
            0 => {
                let number = |n: usize| Some(be::u32(header, end.checked_add(n)?)? as usize);
                modules.push((specifier, number(1)?, number(5)?));
                end.checked_add(18)?
            }
            // A redirect to another specifier.
            1 => end
                .checked_add(5)?
                .checked_add(usize::try_from(be::u32(header, end.checked_add(1)?)?).ok()?)?,
            2 => end.checked_add(5)?,
            _ => return None,
        };
    }
    let all = (header.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize)?;
    let after = all.checked_add(header.len())?;
    // Behind the header: its checksum, an npm section in some versions, then
    // the sources behind their length. The length must fit what they need.
    let need = modules
        .iter()
        .map(|(_, offset, len)| offset.saturating_add(*len))
        .max()?;
    let sources = [32usize, 0, 36, 68].into_iter().find_map(|skip| {
        let at = after.checked_add(skip)?;
        let len = usize::try_from(be::u32(bytes, at)?).ok()?;
        (len >= need && len <= bytes.len().checked_sub(at)?.checked_sub(4)?)
            .then_some(at.checked_add(4)?)
    })?;
    for (specifier, offset, len) in modules {
        let start = base.checked_add(sources)?.checked_add(offset)?;
        cx.stored(specifier, start..start.checked_add(len)?);
    }
    Some(())
}

fn part(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat()
}

fn text(bytes: &[u8]) -> Vec<u8> {
    let len = u32::try_from(bytes.len()).unwrap_or_default();
    [&len.to_le_bytes()[..], bytes].concat()
}

/// With the modules laid out as in 2.0, 2.1 or 2.3.
fn sample_section(version: u8) -> Vec<u8> {
    let word = |n: u32| n.to_le_bytes().to_vec();
    let module = [
        &[0][..],
        &text(b"export let b = 2;\n"),
        &[1],
        &text(b"let b=2\n"),
    ]
    .concat();
    let modules = match version {
        0 => part(b"remote modules here"),
        1 => [
            word(1),
            word(1),
            text(b"https://example.invalid/b.ts"),
            vec![0; 8],
            text(b"https://example.invalid/b"),
            text(b"https://example.invalid/b.ts"),
            part(&module),
        ]
        .concat(),
        _ => [
            word(1),
            text(b"https://example.invalid/b.ts"),
            word(7),
            word(0),
            word(1),
            word(7),
            module,
        ]
        .concat(),
    };
    let vfs = br#"[{"Dir":{"n":"app","e":[{"File":{"n":"main.ts","o":[0,14],"m":[14,5]}},{"File":{"n":"a.txt","o":{"o":19,"l":5}}}]}}]"#;
    let mut out = b"\x7fELF\x02\x01\x01\0".to_vec();
    out.resize(64, 0);
    out.extend_from_slice(MAGIC);
    out.extend(part(br#"{"argv":[],"entrypoint_key":"app/main.ts"}"#));
    out.extend(part(b""));
    out.extend(modules);
    out.extend(part(vfs));
    out.extend(part(b"export let a;\nlet a\ntext\n"));
    out.extend_from_slice(MAGIC);
    out
}

fn sample_eszip() -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0".to_vec();
    out.resize(64, 0);
    let start = out.len() as u64;
    let specifier = b"file:///main.ts";
    let source = b"export let a = 1;\n";
    let word = |n: usize| u32::try_from(n).unwrap_or_default().to_be_bytes();
    let header = [
        &word(specifier.len())[..],
        specifier,
        &[0],
        &word(0),
        &word(source.len()),
        &[0; 9],
    ]
    .concat();
    out.extend_from_slice(b"ESZIP_V2");
    out.extend_from_slice(&word(header.len()));
    out.extend_from_slice(&header);
    out.extend_from_slice(&[7; 32]);
    out.extend_from_slice(&word(source.len()));
    out.extend_from_slice(source);
    out.extend_from_slice(&[7; 32]);
    let metadata = out.len() as u64;
    out.extend_from_slice(br#"{"argv":[]}"#);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&start.to_be_bytes());
    out.extend_from_slice(&metadata.to_be_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(bytes: &[u8]) -> Vec<String> {
        let tree = crate::fuzz_open(bytes);
        tree.nodes.into_iter().map(|n| n.record.path).collect()
    }

    #[test]
    fn virtual_files_with_long_and_short_keys() {
        let paths = paths(&sample_section(0));
        for path in ["app/main.ts", "app/main.ts#m", "app/a.txt"] {
            assert!(paths.contains(&path.to_owned()), "{paths:?}");
        }
    }

    #[test]
    fn remote_modules_of_both_layouts() {
        for version in [1, 3] {
            let paths = paths(&sample_section(version));
            for what in ["", "#transpiled"] {
                let path = format!("https://example.invalid/b.ts{what}");
                assert!(paths.contains(&path), "{paths:?}");
            }
        }
    }

    #[test]
    fn modules_of_an_eszip() {
        let paths = paths(&sample_eszip());
        assert!(paths.contains(&"file:///main.ts".to_owned()), "{paths:?}");
    }

    #[test]
    fn an_unknown_eszip_is_told_and_read() {
        let mut bytes = sample_eszip();
        bytes[69] = b'9';
        let tree = crate::fuzz_open(&bytes);
        assert_eq!(tree.gaps[0].gap, Some(Gap::UnknownFormat));
        assert!(
            tree.nodes
                .iter()
                .any(|n| n.record.path.contains("nothing names"))
        );
    }
}
