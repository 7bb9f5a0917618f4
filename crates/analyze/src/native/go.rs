//! What Go puts into every executable: the modules it was built from, and a
//! table of all functions.
//!
//! Described by the sources of Go, `debug/buildinfo` and `debug/gosym`
//! (`pclntab.go`), for Go 1.18 and later.

use super::image::Image;

/// How many functions and modules are read, each.
const MOST: usize = 2_000_000;
/// The mark before the build information.
const BUILD: &[u8] = b"\xff Go buildinf:";

/// A module that an executable was built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Module {
    pub(super) path: String,
    pub(super) version: String,
}

/// The build information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Build {
    /// The version of Go.
    pub(super) version: String,
    /// The main module: whose program it is.
    pub(super) main: Option<Module>,
    /// The others.
    pub(super) modules: Vec<Module>,
}

/// Reads the build information, which is aligned to 16 bytes.
pub(super) fn build(image: &Image<'_>) -> Option<Build> {
    let at = match image.named(&[".go.buildinfo", "__go_buildinfo"]) {
        Some(section) => {
            let content = image.content(section);
            let at = memchr::memmem::find(content, BUILD)?;
            section.file.start.saturating_add(at)
        }
        None => memchr::memmem::find(image.bytes, BUILD)?,
    };
    // Bit 1: the texts follow, each with its length, at 32 bytes.
    if image.bytes.get(at.checked_add(15)?)? & 2 == 0 {
        return None;
    }
    let rest = image.bytes.get(at.checked_add(32)?..)?;
    let (version, rest) = counted(rest)?;
    let version = std::str::from_utf8(version).ok()?.to_owned();
    if !(version.starts_with("go1") || version.starts_with("devel")) {
        return None;
    }
    let mut build = Build {
        version,
        main: None,
        modules: Vec::new(),
    };
    let Some((info, _)) = counted(rest) else {
        return Some(build);
    };
    // 16 bytes stand before and behind it, by which it is found.
    let info = info
        .get(16..info.len().saturating_sub(16))
        .unwrap_or_default();
    for line in String::from_utf8_lossy(info).lines().take(MOST) {
        let mut fields = line.split('\t');
        let kind = fields.next().unwrap_or_default();
        let (Some(path), version) = (fields.next(), fields.next().unwrap_or_default()) else {
            continue;
        };
        let module = Module {
            path: path.to_owned(),
            version: version.to_owned(),
        };
        match kind {
            "mod" => build.main = Some(module),
            "dep" => build.modules.push(module),
            // It is built in the place of the one before.
            "=>" => {
                if let Some(last) = build.modules.last_mut() {
                    *last = module;
                }
            }
            _ => {}
        }
    }
    Some(build)
}

/// A length of seven bits a byte, and as many bytes.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut len, mut at) = (0usize, 0usize);
    loop {
        let byte = *bytes.get(at)?;
        if at >= 5 {
            return None;
        }
        len |= usize::from(byte & 0x7f) << (7 * at);
        at = at.saturating_add(1);
        if byte & 0x80 == 0 {
            break;
        }
    }
    let end = at.checked_add(len)?;
    Some((bytes.get(at..end)?, bytes.get(end..)?))
}

/// The functions by address: those that the linker kept, so that something
/// can call them.
pub(super) fn functions(image: &Image<'_>) -> Vec<(u64, String)> {
    table(image).unwrap_or_default()
}

fn table(image: &Image<'_>) -> Option<Vec<(u64, String)>> {
    let start = match image.named(&[".gopclntab", "__gopclntab"]) {
        Some(section) => section.file.start,
        // In a PE file it has no section of its own.
        None => {
            let mark = |last: u8| {
                let bytes = [last, 0xff, 0xff, 0xff, 0, 0, 1, 8];
                memchr::memmem::find(image.bytes, &bytes)
            };
            mark(0xf1).or_else(|| mark(0xf0))?
        }
    };
    let at = |offset: u64| start.checked_add(usize::try_from(offset).ok()?);
    let word = |offset: u64| image.number(at(offset)?, image.word);
    let half = |offset: u64| image.number(at(offset)?, 4);
    // Go 1.20 and later, Go 1.18 and 1.19.
    if !matches!(half(0)?, 0xffff_fff1 | 0xffff_fff0) {
        return None;
    }
    let field = |index: u64| word(8u64.saturating_add(index.saturating_mul(image.word as u64)));
    let count = usize::try_from(field(0)?).ok()?.min(MOST);
    // Newer versions leave the beginning of the code to the loader.
    let text = match field(2)? {
        0 => image.named(&[".text", "__text"])?.address,
        address => address,
    };
    let (names, entries) = (field(3)?, field(7)?);
    let mut found = Vec::new();
    for index in 0..count as u64 {
        let entry = entries.saturating_add(index.saturating_mul(8));
        let (Some(offset), Some(function)) = (half(entry), half(entry.saturating_add(4))) else {
            break;
        };
        let record = entries.saturating_add(function);
        let Some(name) = half(record.saturating_add(4))
            .and_then(|name| at(names.saturating_add(name)))
            .and_then(|name| {
                image
                    .bytes
                    .get(name..image.bytes.len().min(name.saturating_add(512)))
            })
        else {
            continue;
        };
        let len = memchr::memchr(0, name).unwrap_or(0);
        let name = String::from_utf8_lossy(name.get(..len).unwrap_or_default());
        if !name.is_empty() {
            found.push((text.saturating_add(offset), name.into_owned()));
        }
    }
    found.sort();
    Some(found)
}

/// The path of a function's package: `a.b/c.(*T).Method` is of `a.b/c`.
fn package(function: &str) -> &str {
    // Parameters of types may hold paths themselves.
    let plain = function.split('[').next().unwrap_or(function);
    let slash = plain.rfind('/').map_or(0, |at| at.saturating_add(1));
    let dot = plain.get(slash..).and_then(|rest| rest.find('.'));
    dot.map_or(plain, |dot| {
        plain.get(..slash.saturating_add(dot)).unwrap_or(plain)
    })
}

impl Build {
    /// Whose a function is, in words.
    pub(super) fn whose(&self, function: &str) -> String {
        let package = package(function);
        let of = |module: &Module| {
            package
                .strip_prefix(module.path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if package == "main" || self.main.as_ref().is_some_and(of) {
            return "the program's own".to_owned();
        }
        // The longest path is the module; others may begin like it.
        let module = self
            .modules
            .iter()
            .filter(|module| of(module))
            .max_by_key(|module| module.path.len());
        match module {
            Some(module) => format!("of {} {}", module.path, module.version),
            // Packages of the library have no host in their path.
            None if !package.split('/').next().unwrap_or_default().contains('.') => {
                "of Go's library".to_owned()
            }
            None => "of a module that is not listed".to_owned(),
        }
    }
}
