//! How a file names others of its package.

use rustc_hash::FxHashSet;

/// The largest file that is joined with others, in bytes.
pub(super) const LARGEST: u64 = 512 << 10;
/// How many names of one file are looked at.
const MOST: usize = 4096;
/// The longest name.
const LONGEST: usize = 512;

/// The texts in a script that look like relative paths, which is how it
/// imports other files of its package. One that is none names no file.
pub(crate) fn specifiers(bytes: &[u8]) -> Vec<String> {
    if bytes.len() as u64 > LARGEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut seen: FxHashSet<&[u8]> = FxHashSet::default();
    for quote in [b'"', b'\'', b'`'] {
        let needle = [quote, b'.'];
        for at in memchr::memmem::find_iter(bytes, &needle) {
            let rest = bytes.get(at.saturating_add(1)..).unwrap_or_default();
            let rest = rest.get(..LONGEST).unwrap_or(rest);
            let Some(end) = memchr::memchr2(quote, b'\n', rest) else {
                continue;
            };
            let name = rest.get(..end).unwrap_or_default();
            let relative = name.starts_with(b"./")
                || name.starts_with(b"../")
                || matches!(name, b"." | b"..");
            if rest.get(end) == Some(&quote)
                && relative
                && seen.insert(name)
                && found.len() < MOST
                && let Ok(name) = std::str::from_utf8(name)
            {
                found.push(name.to_owned());
            }
        }
    }
    found
}
