//! ar: static libraries, Debian packages.
//!
//! Described by the System V ABI and by GNU binutils' and BSD's `ar(5)`, which
//! differ in how they store long names. A Debian package is one that begins
//! with `debian-binary`; its `data.tar` opens by itself.

use assay_model::Gap;

use super::{Broken, Format, Stage};
use crate::open::Cx;

const MAGIC: &[u8] = b"!<arch>\n";
/// A thin archive names files beside it instead of holding them.
const THIN: &[u8] = b"!<thin>\n";

pub(crate) const FORMAT: Format = Format {
    id: "ar",
    title: "ar archive (static library, Debian package)",
    reference: "System V ABI; GNU binutils and BSD ar(5); deb(5)",
    stage: Stage::Whole,
    detect: |bytes| bytes.starts_with(MAGIC) || bytes.starts_with(THIN),
    open,
    samples: || {
        let long = b"a-name-of-more-than-sixteen.txt/\n";
        let archive = [
            MAGIC,
            &member("debian-binary", b"2.0\n"),
            &member("//", long),
            &member("/0", b"text of the long name\n"),
            &member("#1/8", b"bsd.txt\0text\n"),
        ]
        .concat();
        vec![("names-of-all-kinds", archive)]
    },
};

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let thin = bytes.starts_with(THIN);
    let mut at = MAGIC.len();
    let mut long_names: &[u8] = b"";
    while at < bytes.len() {
        let Some(head) = bytes.get(at..at.saturating_add(60)) else {
            let rest = bytes.len().saturating_sub(at);
            cx.gap(
                rest as u64,
                Gap::Corrupt,
                "the archive ends within a member's header",
            );
            break;
        };
        if head.get(58..) != Some(b"`\n") {
            let rest = at..bytes.len();
            let detail =
                format!("there is no member's header at {at}; what follows was read as one piece");
            cx.gap(rest.len() as u64, Gap::Corrupt, detail);
            cx.stored(b"(bytes after a broken header)", rest);
            break;
        }
        let name = head.get(..16).unwrap_or_default().trim_ascii_end();
        let size: Option<usize> = decimal(head.get(48..58).unwrap_or_default());
        let data = at.saturating_add(60);
        let tables = [b"/".as_slice(), b"//", b"/SYM64/"].contains(&name);
        let Some(size) = size else {
            return Err(Broken::corrupt(format!("the member at {at} has no size")));
        };
        let name_of_thin = || long_name(long_names, name).unwrap_or(name);
        if thin && !tables {
            let name = name_of_thin();
            let detail = "the archive only names it; it lies beside the archive";
            cx.entry_gap(name, size as u64, Gap::NotFetched, detail);
            at = data;
            continue;
        }
        let end = data.saturating_add(size);
        let present = end.min(bytes.len());
        if end > bytes.len() {
            let detail = "it is said to be larger than the rest of the archive";
            cx.entry_gap(name, size as u64, Gap::Corrupt, detail);
        }
        let content = bytes.get(data..present).unwrap_or_default();
        match name {
            b"//" => long_names = content,
            b"/" | b"/SYM64/" => {}
            _ if name.starts_with(b"#1/") => {
                let len = decimal(name.get(3..).unwrap_or_default()).unwrap_or(0);
                let len = len.min(content.len());
                let name = content.get(..len).unwrap_or_default();
                let name = name.split(|b| *b == 0).next().unwrap_or_default();
                if !name.starts_with(b"__.SYMDEF") {
                    cx.check_name(name);
                    cx.stored(name, data.saturating_add(len)..present);
                }
            }
            _ => {
                let name = name_of_thin();
                let name = name.strip_suffix(b"/").unwrap_or(name);
                cx.check_name(name);
                cx.stored(name, data..present);
            }
        }
        // Members begin at even places.
        at = end.saturating_add(end & 1);
        if cx.late(0) {
            break;
        }
    }
    Ok(())
}

fn decimal(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok()
}

/// GNU: `/N` is the place of the name in the member `//`.
fn long_name<'a>(names: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = decimal(name.strip_prefix(b"/")?)?;
    let rest = names.get(at..)?;
    let rest = rest.get(..4096).unwrap_or(rest);
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    rest.get(..end)
}

fn member(name: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
        0,
        0,
        0,
        644,
        content.len()
    )
    .into_bytes();
    out.extend_from_slice(content);
    if out.len() % 2 == 1 {
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_of_both_kinds() {
        let tree = crate::fuzz_open(&(FORMAT.samples)()[0].1);
        let paths: Vec<&str> = tree.nodes.iter().map(|n| n.record.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "",
                "debian-binary",
                "a-name-of-more-than-sixteen.txt",
                "bsd.txt"
            ]
        );
    }

    #[test]
    fn a_member_larger_than_the_archive() {
        let mut bytes = [MAGIC, &member("a", b"text")].concat();
        bytes.truncate(70);
        let tree = crate::fuzz_open(&bytes);
        assert_eq!(tree.gaps[0].gap, Some(Gap::Corrupt));
    }
}
