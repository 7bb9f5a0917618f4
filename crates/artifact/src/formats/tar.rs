//! tar: a run of 512-byte headers, each followed by the file's bytes.
//!
//! Described by POSIX.1-2001 (`pax`, ustar interchange format) and by GNU
//! tar's manual, "Basic Tar Format". Entries are read in place, so that each
//! child is an exact range. Names from GNU and PAX records are held to the
//! bytes present before they are used: readers that trust them disagree about
//! where the next header is, and what one of them skips another unpacks.

use std::ops::Range;

use assay_model::Gap;

use super::{Broken, Format, Stage, shown};
use crate::open::Cx;

mod image;

const BLOCK: usize = 512;
/// Longer records are not used.
const RECORD: usize = 1 << 20;
/// Longer names are cut: a global record can give its name to every entry.
const NAME: usize = 4096;

pub(crate) const FORMAT: Format = Format {
    id: "tar",
    title: "tar archive (ustar, GNU, PAX); container images (OCI layout, docker save) with their layers",
    reference: "POSIX.1-2001 pax; GNU tar manual, Basic Tar Format",
    stage: Stage::Whole,
    detect: |bytes| header(bytes, 0).is_some_and(|h| sum_is_right(h) && h.first() != Some(&0)),
    open,
    samples: || vec![("ustar", sample_ustar()), ("long", sample_long_names())],
};

fn header(bytes: &[u8], at: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(BLOCK)?)
}

fn sum_is_right(header: &[u8]) -> bool {
    let Some(told) = number(header.get(148..156).unwrap_or_default()) else {
        return false;
    };
    let (mut unsigned, mut signed) = (0i64, 0i64);
    for (at, byte) in header.iter().enumerate() {
        let byte = if (148..156).contains(&at) {
            b' '
        } else {
            *byte
        };
        unsigned = unsigned.saturating_add(i64::from(byte));
        // Old writers summed signed characters.
        signed = signed.saturating_add(i64::from(byte.cast_signed()));
    }
    i64::try_from(told).is_ok_and(|told| told == unsigned || told == signed)
}

/// Octal digits between spaces and NULs, or GNU's base 256.
fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|b| b & 0x80 != 0) {
        let mut value = u64::from(field.first()? & 0x7f);
        for byte in field.get(1..)? {
            value = value.checked_mul(256)?.checked_add(u64::from(*byte))?;
        }
        return Some(value);
    }
    let text = field.split(|b| *b == 0).next()?.trim_ascii();
    if text.is_empty() {
        return Some(0);
    }
    let mut value = 0u64;
    for digit in text {
        let digit = digit.checked_sub(b'0').filter(|d| *d < 8)?;
        value = value.checked_mul(8)?.checked_add(u64::from(digit))?;
    }
    Some(value)
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or_default()
}

fn cut(name: &[u8]) -> Vec<u8> {
    name.get(..NAME).unwrap_or(name).to_vec()
}

/// What records before a header say of the entry that it begins.
#[derive(Default, Clone)]
struct Said {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl Said {
    /// PAX records: `LENGTH KEY=VALUE\n`, one after another.
    fn pax(&mut self, mut data: &[u8]) -> Result<(), &'static str> {
        while !data.is_empty() {
            let space = memchr::memchr(b' ', data).ok_or("a record has no length")?;
            let len = data
                .get(..space)
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .and_then(|digits| digits.parse::<usize>().ok())
                .filter(|len| *len > space)
                .ok_or("a record's length is no number")?;
            let record = data
                .get(space.saturating_add(1)..len)
                .ok_or("a record is longer than its header says")?;
            data = data.get(len..).unwrap_or_default();
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let equals = memchr::memchr(b'=', record).ok_or("a record has no value")?;
            let value = record.get(equals.saturating_add(1)..).unwrap_or_default();
            match record.get(..equals).unwrap_or_default() {
                b"path" | b"GNU.sparse.name" => self.name = Some(cut(value)),
                b"linkpath" => self.link = Some(cut(value)),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                    self.size = Some(size.ok_or("a size is no number")?);
                }
                key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is odd about links and other entries without content, told of once
/// for all with an example.
#[derive(Default)]
struct Links {
    absolute: (u64, String),
    outside: (u64, String),
    sized: (u64, String),
}

impl Links {
    fn check(&mut self, name: &[u8], target: &[u8], hard: bool) {
        let into = if target.starts_with(b"/") {
            &mut self.absolute
        } else if leads_outside(if hard { b"" } else { name }, target) {
            &mut self.outside
        } else {
            return;
        };
        if into.0 == 0 {
            into.1 = format!("'{}' -> '{}'", shown(name), shown(target));
        }
        into.0 = into.0.saturating_add(1);
    }

    /// How many bytes follow the header of a link, a folder or a device, which
    /// have no content, but may have a size. Some writers put the size of the
    /// file that they link to there, and nothing behind it; some readers step
    /// over as many bytes, which then nobody unpacks. Where only one of the two
    /// leads to a header, it is that one.
    fn size(&mut self, bytes: &[u8], name: &[u8], data: usize, size: u64) -> u64 {
        if size == 0 {
            return 0;
        }
        if self.sized.0 == 0 {
            self.sized.1 = format!("'{}'", shown(name));
        }
        self.sized.0 = self.sized.0.saturating_add(1);
        let goes_on = |at: usize| {
            at == bytes.len()
                || header(bytes, at)
                    .is_some_and(|head| head.iter().all(|b| *b == 0) || sum_is_right(head))
        };
        let behind = || {
            let end = data.checked_add(usize::try_from(size).ok()?)?;
            (end <= bytes.len()).then(|| end.div_ceil(BLOCK).saturating_mul(BLOCK))
        };
        match behind() {
            None => 0,
            Some(behind) if goes_on(data) && !goes_on(behind.min(bytes.len())) => 0,
            Some(_) => size,
        }
    }

    fn tell(self, cx: &mut Cx<'_>) {
        for ((count, example), what) in [
            (self.absolute, "point to absolute paths"),
            (self.outside, "lead out of the archive"),
        ] {
            if count > 0 {
                let detail = format!("{count} links {what}, such as {example}");
                cx.gap(0, Gap::HostileName, detail);
            }
        }
        let (count, example) = self.sized;
        if count > 0 {
            let detail = format!(
                "{count} links, folders or devices have a size, such as {example}; readers differ \
                 in whether they step over so many bytes, which were read where they are no entry"
            );
            cx.gap(0, Gap::Contradiction, detail);
        }
    }
}

/// Whether a link's target, from the folder of its name, is above the root.
fn leads_outside(name: &[u8], target: &[u8]) -> bool {
    let folder = memchr::memrchr(b'/', name).and_then(|at| name.get(..at));
    let mut depth = 0i64;
    for part in folder
        .unwrap_or_default()
        .split(|b| *b == b'/')
        .chain(target.split(|b| *b == b'/'))
    {
        match part {
            b"" | b"." => {}
            b".." => depth = depth.saturating_sub(1),
            _ => depth = depth.saturating_add(1),
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let (mut at, mut global, mut said) = (0usize, Said::default(), None::<Said>);
    let (mut links, mut names) = (Links::default(), image::Names::default());
    let mut count = 0u32;
    loop {
        count = count.wrapping_add(1);
        if count.is_multiple_of(1024) && cx.late(bytes.len().saturating_sub(at)) {
            break;
        }
        let Some(head) = header(bytes, at) else {
            let rest = bytes.get(at..).unwrap_or_default();
            if rest.iter().any(|b| *b != 0) || said.is_some() {
                cx.gap(
                    rest.len() as u64,
                    Gap::Corrupt,
                    "the archive ends within an entry; what came before was read",
                );
            }
            break;
        };
        if head.iter().all(|b| *b == 0) {
            let rest = bytes.get(at..).unwrap_or_default();
            if let Some(first) = rest.iter().position(|b| *b != 0) {
                cx.after_the_end(at.saturating_add(first));
            }
            break;
        }
        if !sum_is_right(head) {
            let rest = bytes.len().saturating_sub(at);
            cx.gap(
                rest as u64,
                Gap::Corrupt,
                format!(
                    "the header at {at} has a wrong checksum; what follows is read as one piece"
                ),
            );
            cx.stored(
                format!("(bytes after a broken header, at {at})").as_bytes(),
                at..bytes.len(),
            );
            break;
        }
        let data = at.saturating_add(BLOCK);
        let kind = head.get(156).copied().unwrap_or_default();
        let told = number(head.get(124..136).unwrap_or_default());
        let own = said.clone().unwrap_or_else(|| global.clone());
        let size = match (own.size.filter(|_| !b"LKxg".contains(&kind)), told) {
            (Some(size), told) => {
                if told.is_some_and(|told| told != 0 && told != size) {
                    cx.gap(
                        0,
                        Gap::Contradiction,
                        format!("the entry at {at} has two sizes, {size} and {}; readers differ in which they take", told.unwrap_or_default()),
                    );
                }
                Some(size)
            }
            (None, told) => told,
        };
        let name = own.name.clone().unwrap_or_else(|| header_name(head));
        let size = if b"123456".contains(&kind) {
            size.map(|size| links.size(bytes, &name, data, size))
        } else {
            size
        };
        let end = size
            .and_then(|size| usize::try_from(size).ok())
            .and_then(|size| data.checked_add(size))
            .filter(|end| *end <= bytes.len());
        let Some(end) = end else {
            let present = data.min(bytes.len())..bytes.len();
            cx.entry_gap(
                &name,
                size.unwrap_or_default(),
                Gap::Corrupt,
                format!(
                    "it is said to be larger than the rest of the archive, of which {} bytes were read as it",
                    present.len()
                ),
            );
            cx.stored(&name, present);
            break;
        };
        at = end.div_ceil(BLOCK).saturating_mul(BLOCK);
        match kind {
            b'L' | b'K' | b'x' | b'X' | b'g' => {
                let into = if kind == b'g' {
                    &mut global
                } else {
                    said.get_or_insert_with(|| global.clone())
                };
                record(cx, kind, data..end, into);
                continue;
            }
            _ => said = None,
        }
        entry(cx, kind, &name, &own, head, data..end, &mut links);
        let plain = name.strip_prefix(b"./").unwrap_or(&name).to_vec();
        if !name.ends_with(b"/") && kind != b'5' && names.insert(plain, data..end).is_some() {
            cx.entry_gap(
                &name,
                0,
                Gap::Contradiction,
                "two entries have that name; both were read, and a later one replaces an earlier when unpacked",
            );
        }
    }
    links.tell(cx);
    image::check(cx, &names);
    Ok(())
}

fn record(cx: &mut Cx<'_>, kind: u8, range: Range<usize>, into: &mut Said) {
    let data = cx.bytes().get(range.clone()).unwrap_or_default();
    if data.len() > RECORD {
        let detail = format!(
            "the record at {} is too long for a name; it was not used",
            range.start
        );
        return cx.gap(data.len() as u64, Gap::Limit, detail);
    }
    match kind {
        b'L' => into.name = Some(cut(until_nul(data))),
        b'K' => into.link = Some(cut(until_nul(data))),
        _ => {
            if let Err(why) = into.pax(data) {
                let detail = format!("the PAX record at {} is broken: {why}", range.start);
                cx.gap(data.len() as u64, Gap::Corrupt, detail);
            }
        }
    }
}

fn header_name(head: &[u8]) -> Vec<u8> {
    let name = until_nul(head.get(..100).unwrap_or_default());
    let prefix = until_nul(head.get(345..500).unwrap_or_default());
    // GNU's old format has times where ustar has the prefix.
    let ustar = head.get(257..263) == Some(b"ustar\0");
    if ustar && !prefix.is_empty() {
        [prefix, b"/", name].concat()
    } else {
        name.to_vec()
    }
}

fn entry(
    cx: &mut Cx<'_>,
    kind: u8,
    name: &[u8],
    said: &Said,
    head: &[u8],
    data: Range<usize>,
    links: &mut Links,
) {
    cx.check_name(name);
    let target = || {
        let field = until_nul(head.get(157..257).unwrap_or_default());
        said.link.clone().unwrap_or_else(|| field.to_vec())
    };
    match kind {
        b'1' | b'2' => links.check(name, &target(), kind == b'1'),
        _ => {}
    }
    let file = memchr::memrchr(b'/', name).map_or(name, |at| {
        name.get(at.saturating_add(1)..).unwrap_or_default()
    });
    match kind {
        b'1'..=b'6' | b'D' | b'V' if data.is_empty() => {}
        _ if name.ends_with(b"/") && data.is_empty() => {}
        b'S' => sparse(cx, name, data),
        _ if said.sparse => sparse(cx, name, data),
        b'M' => {
            let detail = "it is the rest of a file whose beginning is in another volume";
            cx.entry_gap(name, data.len() as u64, Gap::NotFetched, detail);
            cx.stored(name, data);
        }
        // In a layer of an image, an empty file of such a name takes away
        // what a lower layer has.
        _ if file.starts_with(b".wh.") && data.is_empty() => {
            cx.stored_as(name, data, Some("whiteout"));
        }
        _ => cx.stored(name, data),
    }
}

fn sparse(cx: &mut Cx<'_>, name: &[u8], data: Range<usize>) {
    cx.entry_gap(
        name,
        data.len() as u64,
        Gap::UnknownFormat,
        "it is stored sparse: its parts were read as they lie in the archive, without the holes between them",
    );
    cx.stored(name, data);
}

fn block(name: &[u8], kind: u8, link: &[u8], data: &[u8]) -> Vec<u8> {
    let mut head = vec![0u8; BLOCK];
    let mut put = |at: usize, text: &[u8]| {
        for (to, from) in head.iter_mut().skip(at).zip(text) {
            *to = *from;
        }
    };
    put(0, name.get(..name.len().min(100)).unwrap_or_default());
    put(100, b"0000644\0");
    put(124, format!("{:011o}\0", data.len()).as_bytes());
    put(148, b"        ");
    put(156, &[kind]);
    put(157, link);
    put(257, b"ustar\x0000");
    let sum: u32 = head
        .iter()
        .map(|b| u32::from(*b))
        .fold(0, u32::saturating_add);
    let mut put = |at: usize, text: &[u8]| {
        for (to, from) in head.iter_mut().skip(at).zip(text) {
            *to = *from;
        }
    };
    put(148, format!("{sum:06o}\0 ").as_bytes());
    head.extend_from_slice(data);
    head.resize(head.len().div_ceil(BLOCK).saturating_mul(BLOCK), 0);
    head
}

fn sample_ustar() -> Vec<u8> {
    [
        block(b"package/", b'5', b"", b""),
        block(b"package/index.js", b'0', b"", b"module.exports = 1;\n"),
        block(b"package/link.js", b'2', b"index.js", b""),
        block(b"package/empty", b'0', b"", b""),
        vec![0; 1024],
    ]
    .concat()
}

fn sample_long_names() -> Vec<u8> {
    let long = [b"folder/".as_slice(), &[b'x'; 120], b".txt"].concat();
    let text = format!("path=pax/{}\n", "y".repeat(110));
    let record = format!("{} {text}", text.len().saturating_add(4));
    [
        block(
            b"././@LongLink",
            b'L',
            b"",
            &[long.as_slice(), b"\0"].concat(),
        ),
        block(&long, b'0', b"", b"long\n"),
        block(b"PaxHeader/y", b'x', b"", record.as_bytes()),
        block(b"y", b'0', b"", b"pax\n"),
        vec![0; 1024],
    ]
    .concat()
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
    fn names_come_from_the_records() {
        let paths = paths(&sample_long_names());
        assert_eq!(paths.len(), 2);
        assert!(paths[0].starts_with("folder/xxx") && paths[0].ends_with(".txt"));
        assert!(paths[1].starts_with("pax/yyy"));
    }

    #[test]
    fn hostile_names_and_links_are_told_and_read() {
        let archive = [
            block(b"../../etc/x", b'0', b"", b"a"),
            block(b"/abs", b'0', b"", b"b"),
            block(b"esc\x1b[2Jape", b'0', b"", b"c"),
            block(b"a/l", b'2', b"../../x", b""),
            block(b"a/m", b'2', b"/etc/passwd", b""),
            block(b"a/ok", b'2', b"../x", b""),
            vec![0; 1024],
        ]
        .concat();
        assert_eq!(paths(&archive).len(), 3);
        let found = gaps(&archive);
        assert_eq!(found.len(), 5, "{found:?}");
        assert!(found.iter().all(|(gap, _)| *gap == Gap::HostileName));
        assert!(found.iter().all(|(_, detail)| !detail.contains('\x1b')));
    }

    #[test]
    fn an_entry_larger_than_the_rest_is_read_as_far_as_it_goes() {
        let mut archive = block(b"a", b'0', b"", b"text\n");
        archive.truncate(515);
        assert_eq!(gaps(&archive)[0].0, Gap::Corrupt);
        assert_eq!(paths(&archive), ["a"]);
    }

    #[test]
    fn entries_of_any_type_are_read() {
        for kind in *b"123456DVAINZ~\xff" {
            let archive = [
                block(b"x", kind, b"y", b"hidden text\n"),
                block(b"a", b'0', b"", b"text\n"),
                vec![0; 1024],
            ]
            .concat();
            let tree = fuzz_open(&archive);
            assert_eq!(paths(&archive), ["x", "a"], "{kind}");
            assert_eq!(tree.nodes[1].record.bytes, 12, "{kind}");
            let contradicts = tree.gaps.iter().any(|g| g.gap == Some(Gap::Contradiction));
            assert_eq!(contradicts, b"123456".contains(&kind), "{kind}");
        }
    }

    #[test]
    fn a_size_without_content_hides_no_entry() {
        let size_of = |mut head: Vec<u8>, size: u64| {
            head[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
            head[148..156].fill(b' ');
            let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
            head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            head
        };
        let file = block(b"a", b'0', b"", &[b'x'; 700]);
        // As old writers do for hard links, and with a size beyond the end.
        for size in [100, 1 << 30] {
            let link = size_of(block(b"l", b'1', b"a", b""), size);
            let archive = [
                file.clone(),
                link,
                block(b"b", b'0', b"", b"b"),
                vec![0; 1024],
            ];
            assert_eq!(paths(&archive.concat()), ["a", "b"], "{size}");
        }
        // Both readings lead to a header: what is stepped over is read as well.
        let inner = block(b"evil.js", b'0', b"", b"1");
        let link = size_of(block(b"l", b'2', b"a", b""), inner.len() as u64);
        let archive = [link, inner, file, vec![0; 1024]].concat();
        assert_eq!(paths(&archive), ["l", "a", "l!evil.js"]);
    }

    #[test]
    fn sizes_that_contradict_each_other_are_told() {
        let archive = [
            block(b"P", b'x', b"", b"11 size=512\n".get(..12).unwrap()),
            block(b"a", b'0', b"", &[b'x'; 100]),
            vec![0; 2048],
        ]
        .concat();
        // "11 size=512\n" is 12 bytes long: the record is broken on purpose.
        assert!(!gaps(&archive).is_empty());
        let archive = [
            block(b"P", b'x', b"", b"12 size=512\n"),
            block(b"a", b'0', b"", &[b'x'; 100]),
            vec![0; 2048],
        ]
        .concat();
        assert_eq!(gaps(&archive)[0].0, Gap::Contradiction);
    }

    #[test]
    fn bytes_after_the_end_are_read() {
        let archive = [sample_ustar(), sample_ustar()].concat();
        assert!(
            gaps(&archive)
                .iter()
                .any(|(gap, _)| *gap == Gap::Contradiction)
        );
        let paths = paths(&archive);
        assert!(
            paths.contains(&"(bytes after the end)!package/index.js".to_owned()),
            "{paths:?}"
        );
    }

    #[test]
    fn duplicates_and_whiteouts() {
        let archive = [
            block(b"a", b'0', b"", b"1"),
            block(b"a", b'0', b"", b"2"),
            block(b"d/.wh.b", b'0', b"", b""),
            vec![0; 1024],
        ]
        .concat();
        assert_eq!(gaps(&archive)[0].0, Gap::Contradiction);
        assert_eq!(fuzz_open(&archive).nodes[3].record.kind, "whiteout");
    }
}
