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
            let relative =
                name.starts_with(b"./") || name.starts_with(b"../") || matches!(name, b"." | b"..");
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

/// The modules that Python's imports may name: as they are written, and with
/// each name that is imported from them, which may be a module as well.
pub(crate) fn python_specifiers(bytes: &[u8]) -> Vec<String> {
    if bytes.len() as u64 > LARGEST {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut add = |name: String| {
        let named = name.bytes().any(|b| b.is_ascii_alphanumeric()) || name.starts_with('.');
        if named && name.len() <= LONGEST && found.len() < MOST && seen.insert(name.clone()) {
            found.push(name);
        }
    };
    let first = |part: &str| {
        part.split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let mut rest = text.as_ref();
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        for part in line.split(';') {
            let part = part.trim_start();
            // After a colon, as in `try: import x`.
            let part = [": import ", ": from "]
                .iter()
                .filter_map(|word| part.find(word))
                .min()
                .and_then(|at| part.get(at.saturating_add(2)..))
                .unwrap_or(part);
            if let Some(names) = part.strip_prefix("import ") {
                names.split(',').for_each(|name| add(first(name)));
            } else if let Some((module, names)) = part
                .strip_prefix("from ")
                .and_then(|part| part.split_once(" import"))
            {
                let module = module.trim().to_owned();
                let dot = if module.ends_with('.') { "" } else { "." };
                // A list in brackets may go over several lines.
                let open = names.trim_start().strip_prefix('(');
                let (names, more) = match open {
                    Some(names) if !names.contains(')') => {
                        (names, rest.split_once(')').map_or("", |(more, _)| more))
                    }
                    Some(names) => (names, ""),
                    None => (names, ""),
                };
                let more = more.get(..more.len().min(MOST)).unwrap_or_default();
                let lines = std::iter::once(names).chain(more.lines());
                for line in lines {
                    let line = line.split(['#', ')']).next().unwrap_or_default();
                    for name in line.split(',').map(first).filter(|name| !name.is_empty()) {
                        add(format!("{module}{dot}{name}"));
                    }
                }
                add(module);
            }
        }
    }
    found
}
