//! What the tables of an executable say: sections, imports, functions, words
//! that are addresses.

use std::ops::Range;

use object::read::NameOrOrdinal;
use object::{
    Architecture, File, Object, ObjectSection, ObjectSegment, ObjectSymbol, RelocationFlags,
    SectionKind, SymbolKind,
};

/// How many imports, functions and relocations are looked at, each.
const MOST: usize = 4_000_000;

/// What the bytes of a section are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Instructions, with some data between them.
    Code,
    /// Data of the program.
    Data,
    /// Names for linkers and debuggers, and tables without text.
    Names,
}

/// A range of the file, and where it is loaded.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) address: u64,
    /// Its place in the file.
    pub(super) file: Range<usize>,
}

/// A function that a library gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) library: String,
    pub(super) name: String,
    /// Where the name stands in the file.
    pub(super) at: usize,
}

/// The processors whose references to data are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Processor {
    X64,
    Arm64,
    Other,
}

/// An executable's tables.
#[derive(Debug)]
pub(super) struct Image<'a> {
    pub(super) bytes: &'a [u8],
    /// By address.
    pub(super) sections: Vec<Section>,
    pub(super) processor: Processor,
    /// The size of an address in bytes.
    pub(super) word: usize,
    pub(super) big: bool,
    /// The address that addresses of a Mach-O file count from.
    pub(super) base: u64,
    pub(super) imports: Vec<Import>,
    /// Functions by address.
    pub(super) functions: Vec<(u64, String)>,
    /// Addresses that the loader writes: where, and what.
    pub(super) relative: Vec<(u64, u64)>,
}

impl<'a> Image<'a> {
    /// Reads the tables; none where they cannot be read.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let file = File::parse(bytes).ok()?;
        let mut image = Self {
            bytes,
            sections: sections(&file, bytes.len()),
            processor: match file.architecture() {
                Architecture::X86_64 => Processor::X64,
                Architecture::Aarch64 => Processor::Arm64,
                _ => Processor::Other,
            },
            word: if file.is_64() { 8 } else { 4 },
            big: !file.is_little_endian(),
            base: file.relative_address_base(),
            imports: Vec::new(),
            functions: Vec::new(),
            relative: Vec::new(),
        };
        image.imports = imports(&file, bytes);
        image.functions = functions(&file);
        image.relative = relative(&file, image.processor);
        Some(image)
    }

    /// The section that holds an address.
    pub(super) fn section(&self, address: u64) -> Option<&Section> {
        let after = self.sections.partition_point(|s| s.address <= address);
        let section = self.sections.get(after.checked_sub(1)?)?;
        let offset = usize::try_from(address.checked_sub(section.address)?).ok()?;
        (offset < section.file.len()).then_some(section)
    }

    /// The place in the file of an address.
    pub(super) fn place(&self, address: u64) -> Option<usize> {
        let section = self.section(address)?;
        let offset = usize::try_from(address.checked_sub(section.address)?).ok()?;
        section.file.start.checked_add(offset)
    }

    /// The first section of one of these names.
    pub(super) fn named(&self, names: &[&str]) -> Option<&Section> {
        self.sections
            .iter()
            .find(|section| names.contains(&section.name.as_str()))
    }

    /// The bytes of a section.
    pub(super) fn content(&self, section: &Section) -> &'a [u8] {
        self.bytes.get(section.file.clone()).unwrap_or_default()
    }

    /// The number of `size` bytes at a place of the file.
    pub(super) fn number(&self, at: usize, size: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(size)?)?;
        Some(number(bytes, self.big))
    }
}

/// A number of at most 8 bytes.
pub(super) fn number(bytes: &[u8], big: bool) -> u64 {
    let add = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
    if big {
        bytes.iter().take(8).fold(0, add)
    } else {
        bytes.iter().take(8).rev().fold(0, add)
    }
}

fn sections(file: &File<'_>, len: usize) -> Vec<Section> {
    let mut found = Vec::new();
    for section in file.sections() {
        let name = section.name().unwrap_or_default().to_owned();
        // Sections that are not loaded have no address of their own.
        let loaded = section.address() != 0;
        let role = match section.kind() {
            SectionKind::Text => Role::Code,
            SectionKind::Data
            | SectionKind::ReadOnlyData
            | SectionKind::ReadOnlyDataWithRel
            | SectionKind::ReadOnlyString
            | SectionKind::Tls
            | SectionKind::OtherString
            | SectionKind::Unknown => Role::Data,
            SectionKind::UninitializedData | SectionKind::UninitializedTls => continue,
            // What is not known to be names is data.
            SectionKind::Linker
            | SectionKind::Metadata
            | SectionKind::Debug
            | SectionKind::DebugString => Role::Names,
            _ if is_names(&name) => Role::Names,
            _ => Role::Data,
        };
        let role = if is_names(&name) { Role::Names } else { role };
        let Some((start, size)) = section.file_range() else {
            continue;
        };
        let Some(file) = range(start, size, len) else {
            continue;
        };
        found.push(Section {
            name,
            role,
            address: if loaded { section.address() } else { u64::MAX },
            file,
        });
    }
    if found.is_empty() {
        // Without sections there are still segments; they hold code and data.
        for segment in file.segments() {
            let (start, size) = segment.file_range();
            if let Some(file) = range(start, size, len) {
                found.push(Section {
                    name: segment.name().ok().flatten().unwrap_or_default().to_owned(),
                    role: Role::Data,
                    address: segment.address(),
                    file,
                });
            }
        }
    }
    found.retain(|section| !section.file.is_empty());
    found.sort_by_key(|section| section.address);
    found
}

fn is_names(name: &str) -> bool {
    // Function names of Go are read from the table itself.
    matches!(
        name,
        ".dynstr"
            | ".strtab"
            | ".shstrtab"
            | ".symtab"
            | ".dynsym"
            | ".gopclntab"
            | "__gopclntab"
            | ".eh_frame"
            | ".eh_frame_hdr"
            | "__eh_frame"
            | "__unwind_info"
            | ".pdata"
            | ".reloc"
            | ".gosymtab"
            | ".rela.dyn"
            | ".rela.plt"
            | ".gnu.hash"
            | ".hash"
            | ".gnu.version"
            | ".gnu.version_r"
    ) || name.starts_with(".debug_")
        || name.starts_with(".zdebug_")
        || name.starts_with("__debug_")
}

/// A range that lies in the file, shortened to it where it ends outside.
fn range(start: u64, size: u64, len: usize) -> Option<Range<usize>> {
    let start = usize::try_from(start).ok().filter(|start| *start < len)?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    Some(start..start.saturating_add(size).min(len))
}

/// Where a part of the file stands in it; none where it was made.
fn place_of(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let at = (part.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize)?;
    (at.checked_add(part.len())? <= bytes.len()).then_some(at)
}

fn imports(file: &File<'_>, bytes: &[u8]) -> Vec<Import> {
    let Ok(all) = file.imports() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for import in all.take(MOST).flatten() {
        let NameOrOrdinal::Name(name) = import.name() else {
            continue;
        };
        let Some(at) = place_of(bytes, name) else {
            continue;
        };
        // A version may stand behind the name, and Mach-O puts an underscore
        // in front of it.
        let text = String::from_utf8_lossy(name);
        let text = text.split('@').next().unwrap_or_default();
        let text = match file {
            File::MachO32(_) | File::MachO64(_) => text.strip_prefix('_').unwrap_or(text),
            _ => text,
        };
        if !text.is_empty() {
            found.push(Import {
                library: String::from_utf8_lossy(import.library()).into_owned(),
                name: text.to_owned(),
                at,
            });
        }
    }
    found
}

fn functions(file: &File<'_>) -> Vec<(u64, String)> {
    let mut found: Vec<(u64, String)> = file
        .symbols()
        .take(MOST)
        .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition())
        .filter_map(|symbol| Some((symbol.address(), symbol.name().ok()?.to_owned())))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    found.sort();
    found.dedup_by_key(|(address, _)| *address);
    found
}

fn relative(file: &File<'_>, processor: Processor) -> Vec<(u64, u64)> {
    // R_X86_64_RELATIVE and R_AARCH64_RELATIVE of the processors' ABIs.
    let wanted = match processor {
        Processor::X64 => 8,
        Processor::Arm64 => 1027,
        Processor::Other => return Vec::new(),
    };
    let Some(all) = file.dynamic_relocations() else {
        return Vec::new();
    };
    all.take(MOST)
        .filter_map(|(at, relocation)| match relocation.flags() {
            RelocationFlags::Elf { r_type, .. } if r_type.0 == wanted => {
                Some((at, u64::try_from(relocation.addend()).ok()?))
            }
            _ => None,
        })
        .collect()
}
