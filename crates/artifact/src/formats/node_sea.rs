//! Node single executable applications: a script inside of the runtime.
//!
//! Described by Node's `src/node_sea.cc`. The blob lies in a note, a section
//! or a resource; it is found by its magic number and by whether its lengths
//! fit, whatever the executable's format is. Sources disagree about the
//! fields of newer versions, so each layout is tried, and the one is taken in
//! which the path of the script is a text and all lengths fit.

use std::ops::Range;

use assay_model::Gap;
use memchr::memmem;

use super::{Broken, Format, Stage, le};
use crate::open::Cx;

const MAGIC: &[u8] = &0x0143_da20u32.to_le_bytes();
const SNAPSHOT: u32 = 2;
const CODE_CACHE: u32 = 4;
const ASSETS: u32 = 8;
const ARGUMENTS: u32 = 16;
/// The magic number occurs in the runtime's code as well.
const BLOBS: usize = 8;

pub(crate) const FORMAT: Format = Format {
    id: "node-sea",
    title: "Node single executable application",
    reference: "Node.js, src/node_sea.cc",
    stage: Stage::Embedded,
    detect: |bytes| memmem::find_iter(bytes, MAGIC).any(|at| Blob::at(bytes, at).is_some()),
    open,
    samples: || {
        vec![
            ("script", sample(0, 1)),
            ("assets", sample(CODE_CACHE | ASSETS | ARGUMENTS, 1)),
            ("oldest", sample(1, 0)),
            ("newest", sample(ASSETS, 2)),
        ]
    },
};

struct Blob {
    path: Range<usize>,
    code: Range<usize>,
    cache: Option<Range<usize>>,
    assets: Vec<(Range<usize>, Range<usize>)>,
    arguments: Vec<Range<usize>>,
    flags: u32,
    start: usize,
    end: usize,
    /// Where it ends too early, if it does.
    cut: bool,
}

/// A text or bytes behind a 64-bit length; moves on.
fn next(bytes: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let len = usize::try_from(le::u64(bytes, *at)?).ok()?;
    let start = at.checked_add(8)?;
    let end = start.checked_add(len).filter(|end| *end <= bytes.len())?;
    *at = end;
    Some(start..end)
}

impl Blob {
    fn at(bytes: &[u8], start: usize) -> Option<Self> {
        let flags = le::u32(bytes, start.checked_add(4)?)?;
        // Six bits more than are known, so that a newer version is seen.
        if flags >= 1 << 11 {
            return None;
        }
        // One byte (how arguments extend), none before it came, two after.
        [1usize, 0, 2]
            .into_iter()
            .find_map(|fields| Self::with(bytes, start, flags, fields))
    }

    fn with(bytes: &[u8], start: usize, flags: u32, fields: usize) -> Option<Self> {
        let fixed = start.checked_add(8)?;
        let small = |b: &u8| *b < 8;
        let extra = bytes.get(fixed..fixed.checked_add(fields)?)?;
        if !extra.iter().all(small) {
            return None;
        }
        let mut at = fixed.checked_add(fields)?;
        let path = next(bytes, &mut at)?;
        let text = bytes.get(path.clone())?;
        if text.is_empty() || text.len() > 4096 || text.iter().any(|b| *b < 0x20) {
            return None;
        }
        let code = next(bytes, &mut at)?;
        let mut blob = Self {
            path,
            code,
            cache: None,
            assets: Vec::new(),
            arguments: Vec::new(),
            flags,
            start,
            end: at,
            cut: false,
        };
        blob.cut = blob.rest(bytes, &mut at).is_none();
        blob.end = at;
        Some(blob)
    }

    fn rest(&mut self, bytes: &[u8], at: &mut usize) -> Option<()> {
        if self.flags & CODE_CACHE != 0 {
            self.cache = Some(next(bytes, at)?);
        }
        if self.flags & ASSETS != 0 {
            let count = le::u64(bytes, *at)?;
            *at = at.checked_add(8)?;
            for _ in 0..count {
                let name = next(bytes, at)?;
                self.assets.push((name, next(bytes, at)?));
            }
        }
        if self.flags & ARGUMENTS != 0 {
            let count = le::u64(bytes, *at)?;
            *at = at.checked_add(8)?;
            for _ in 0..count {
                self.arguments.push(next(bytes, at)?);
            }
        }
        Some(())
    }
}

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let mut end = 0usize;
    let blobs = memmem::find_iter(bytes, MAGIC).filter_map(|at| Blob::at(bytes, at));
    for blob in blobs.take(BLOBS) {
        if blob.start < end {
            continue;
        }
        end = blob.end;
        children(cx, blob);
    }
    Ok(())
}

fn children(cx: &mut Cx<'_>, blob: Blob) {
    let bytes = cx.bytes();
    let name = bytes.get(blob.path.clone()).unwrap_or_default();
    let code = bytes.get(blob.code.clone()).unwrap_or_default();
    let kind = if blob.flags & SNAPSHOT != 0 {
        Some("v8-snapshot")
    } else if crate::leaf::is_text(code) && !code.is_empty() {
        Some("javascript")
    } else {
        None
    };
    cx.structure(blob.start..blob.path.end.saturating_add(8));
    cx.stored_as(name, blob.code, kind);
    if let Some(cache) = blob.cache {
        let child = [name, b"#code-cache"].concat();
        cx.stored_as(&child, cache, Some("v8-bytecode"));
    }
    for (name, content) in blob.assets {
        cx.structure(name.start.saturating_sub(8)..name.end.saturating_add(8));
        let child = [b"#asset/", bytes.get(name).unwrap_or_default()].concat();
        cx.stored(&child, content);
    }
    for (n, argument) in blob.arguments.into_iter().enumerate() {
        cx.stored_as(format!("exec_argv {n}").as_bytes(), argument, Some("text"));
    }
    if blob.cut {
        cx.gap(
            0,
            Gap::Corrupt,
            "the application in it ends within its assets or arguments",
        );
    }
    if blob.flags >= 1 << 5 {
        let detail = format!(
            "the application in it has flags {:#x}, of which not all are known",
            blob.flags
        );
        cx.gap(0, Gap::UnknownFormat, detail);
    }
}

fn sample(flags: u32, fields: usize) -> Vec<u8> {
    let text = |text: &[u8]| [&(text.len() as u64).to_le_bytes()[..], text].concat();
    let mut out = b"\x7fELF\x02\x01\x01\0".to_vec();
    out.resize(64, 0);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice([1, 0].get(..fields).unwrap_or_default());
    out.extend(text(b"/build/main.js"));
    out.extend(text(
        b"const { a } = require('node:sea'); console.log(a);\n",
    ));
    if flags & CODE_CACHE != 0 {
        out.extend(text(b"cache"));
    }
    if flags & ASSETS != 0 {
        out.extend_from_slice(&1u64.to_le_bytes());
        out.extend(text(b"a.txt"));
        out.extend(text(b"text of an asset\n"));
    }
    if flags & ARGUMENTS != 0 {
        out.extend_from_slice(&1u64.to_le_bytes());
        out.extend(text(b"--no-warnings"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_cache_assets_and_arguments() {
        let tree = crate::fuzz_open(&sample(CODE_CACHE | ASSETS | ARGUMENTS, 1));
        let got: Vec<(&str, &str)> = tree
            .nodes
            .iter()
            .map(|n| (n.record.path.as_str(), n.record.kind.as_str()))
            .collect();
        assert_eq!(
            got[1..],
            [
                ("/build/main.js", "javascript"),
                ("/build/main.js#code-cache", "v8-bytecode"),
                ("#asset/a.txt", "text"),
                ("exec_argv 0", "text"),
            ]
        );
    }

    #[test]
    fn a_cut_blob_is_told() {
        let bytes = sample(ASSETS, 1);
        let gaps = crate::fuzz_open(&bytes[..bytes.len() - 4]).gaps;
        assert!(gaps.iter().any(|g| g.gap == Some(Gap::Corrupt)));
    }

    #[test]
    fn the_magic_number_alone_is_nothing() {
        let mut bytes = b"\x7fELF\x02\x01\x01\0".to_vec();
        bytes.resize(80, 0);
        bytes.extend_from_slice(MAGIC);
        bytes.resize(200, 1);
        assert!(!(FORMAT.detect)(&bytes));
    }
}
