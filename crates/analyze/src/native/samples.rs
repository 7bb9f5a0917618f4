//! Small executables, built by code.

/// A section of an ELF file to be built.
pub(super) struct Part {
    pub(super) name: &'static str,
    /// `sh_type`, `sh_flags`.
    pub(super) kind: (u32, u64),
    pub(super) address: u64,
    pub(super) bytes: Vec<u8>,
    /// `sh_link`, `sh_info`, `sh_entsize`.
    pub(super) link: (u32, u32, u64),
}

const CODE: (u32, u64) = (1, 6);
const READ_ONLY: (u32, u64) = (1, 2);
const WRITABLE: (u32, u64) = (1, 3);
pub(super) const CODE_AT: u64 = 0x40_1000;
pub(super) const TEXTS_AT: u64 = 0x50_0000;
pub(super) const TABLES_AT: u64 = 0x60_0000;

pub(super) fn code(bytes: Vec<u8>) -> Part {
    part(".text", CODE, CODE_AT, bytes)
}

pub(super) fn texts(bytes: &[u8]) -> Part {
    part(".rodata", READ_ONLY, TEXTS_AT, bytes.to_vec())
}

pub(super) fn tables(bytes: Vec<u8>) -> Part {
    part(".data.rel.ro", WRITABLE, TABLES_AT, bytes)
}

pub(super) fn part(name: &'static str, kind: (u32, u64), address: u64, bytes: Vec<u8>) -> Part {
    Part {
        name,
        kind,
        address,
        bytes,
        link: (0, 0, 0),
    }
}

/// Functions that an ELF file imports, as its two sections.
pub(super) fn dynamic(names: &[&str]) -> Vec<Part> {
    let (mut strings, mut symbols) = (vec![0u8], vec![0u8; 24]);
    for name in names {
        symbols.extend_from_slice(&(strings.len() as u32).to_le_bytes());
        // A global function, of no section.
        symbols.extend_from_slice(&[0x12, 0, 0, 0]);
        symbols.extend_from_slice(&[0; 16]);
        strings.extend_from_slice(name.as_bytes());
        strings.push(0);
    }
    let mut table = part(".dynsym", (11, 2), 0x70_0000, symbols);
    // The names are the section behind this one, which is the first.
    table.link = (2, 1, 24);
    vec![table, part(".dynstr", (3, 2), 0x71_0000, strings)]
}

/// A 64-bit ELF file for x86-64.
pub(super) fn elf(parts: Vec<Part>) -> Vec<u8> {
    let mut parts = parts;
    let mut names = vec![0u8];
    let mut places = Vec::new();
    parts.push(part(".shstrtab", (3, 0), 0, Vec::new()));
    for part in &parts {
        places.push(names.len() as u32);
        names.extend_from_slice(part.name.as_bytes());
        names.push(0);
    }
    if let Some(last) = parts.last_mut() {
        last.bytes = names;
    }
    let mut out = vec![0u8; 64];
    let mut headers = vec![0u8; 64];
    for (part, name) in parts.iter().zip(&places) {
        out.resize(out.len().next_multiple_of(16), 0);
        for word in [*name, part.kind.0] {
            headers.extend_from_slice(&word.to_le_bytes());
        }
        for long in [
            part.kind.1,
            part.address,
            out.len() as u64,
            part.bytes.len() as u64,
        ] {
            headers.extend_from_slice(&long.to_le_bytes());
        }
        for word in [part.link.0, part.link.1] {
            headers.extend_from_slice(&word.to_le_bytes());
        }
        for long in [16, part.link.2] {
            headers.extend_from_slice(&long.to_le_bytes());
        }
        out.extend_from_slice(&part.bytes);
    }
    out.resize(out.len().next_multiple_of(16), 0);
    let table = out.len() as u64;
    out.extend_from_slice(&headers);
    let count = parts.len() as u16 + 1;
    let head: Vec<u8> = [
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
        2u16.to_le_bytes().to_vec(),
        62u16.to_le_bytes().to_vec(),
        1u32.to_le_bytes().to_vec(),
        CODE_AT.to_le_bytes().to_vec(),
        0u64.to_le_bytes().to_vec(),
        table.to_le_bytes().to_vec(),
        0u32.to_le_bytes().to_vec(),
        64u16.to_le_bytes().to_vec(),
        [0u8; 4].to_vec(),
        64u16.to_le_bytes().to_vec(),
        count.to_le_bytes().to_vec(),
        (count - 1).to_le_bytes().to_vec(),
    ]
    .concat();
    out[..64].copy_from_slice(&head[..64]);
    out
}

/// Code that hands texts to functions: for each its address, its length and
/// the function.
pub(super) fn calls(uses: &[(u64, u32, u64)]) -> Vec<u8> {
    let mut code = Vec::new();
    for (address, len, function) in uses {
        let at = CODE_AT + code.len() as u64;
        code.extend_from_slice(&[0x48, 0x8d, 0x3d]);
        let offset = *address as i64 - (at as i64 + 7);
        code.extend_from_slice(&(offset as i32).to_le_bytes());
        code.push(0xbe);
        code.extend_from_slice(&len.to_le_bytes());
        code.push(0xe8);
        let next = CODE_AT + code.len() as u64 + 4;
        let offset = *function as i64 - next as i64;
        code.extend_from_slice(&(offset as i32).to_le_bytes());
        code.extend_from_slice(&[0xc3; 40]);
    }
    code
}

/// A 64-bit PE file that imports functions of one library.
pub(super) fn pe(library: &str, functions: &[&str]) -> Vec<u8> {
    const BASE: u64 = 0x1_4000_0000;
    const AT: u32 = 0x1000;
    // Descriptors, thunks, names: all in one section.
    let thunks = 40usize;
    let names = thunks + (functions.len() + 1) * 8;
    let mut section = vec![0u8; names];
    let mut places = Vec::new();
    for function in functions {
        places.push(section.len() as u64 + u64::from(AT));
        section.extend_from_slice(&[0, 0]);
        section.extend_from_slice(function.as_bytes());
        section.push(0);
    }
    let library_at = section.len() as u32 + AT;
    section.extend_from_slice(library.as_bytes());
    section.push(0);
    for (index, place) in places.iter().enumerate() {
        section[thunks + index * 8..thunks + index * 8 + 8].copy_from_slice(&place.to_le_bytes());
    }
    let thunks_at = AT + thunks as u32;
    section[0..4].copy_from_slice(&thunks_at.to_le_bytes());
    section[12..16].copy_from_slice(&library_at.to_le_bytes());
    section[16..20].copy_from_slice(&thunks_at.to_le_bytes());
    section.resize(0x400, 0);
    let mut out = vec![0u8; 0x80];
    out[0..2].copy_from_slice(b"MZ");
    out[0x3c] = 0x80;
    out.extend_from_slice(b"PE\0\0");
    out.extend_from_slice(&0x8664u16.to_le_bytes());
    out.extend_from_slice(&1u16.to_le_bytes());
    out.extend_from_slice(&[0; 12]);
    out.extend_from_slice(&240u16.to_le_bytes());
    out.extend_from_slice(&0x22u16.to_le_bytes());
    let optional = out.len();
    out.resize(optional + 240, 0);
    out[optional..optional + 2].copy_from_slice(&0x20bu16.to_le_bytes());
    out[optional + 24..optional + 32].copy_from_slice(&BASE.to_le_bytes());
    out[optional + 32..optional + 36].copy_from_slice(&0x1000u32.to_le_bytes());
    out[optional + 36..optional + 40].copy_from_slice(&0x200u32.to_le_bytes());
    out[optional + 56..optional + 60].copy_from_slice(&0x3000u32.to_le_bytes());
    out[optional + 60..optional + 64].copy_from_slice(&0x400u32.to_le_bytes());
    out[optional + 108..optional + 112].copy_from_slice(&16u32.to_le_bytes());
    // The second directory is that of imports.
    out[optional + 120..optional + 124].copy_from_slice(&AT.to_le_bytes());
    out[optional + 124..optional + 128].copy_from_slice(&40u32.to_le_bytes());
    out.extend_from_slice(b".rdata\0\0");
    for word in [0x400u32, AT, 0x400, 0x400, 0, 0, 0, 0x4000_0040] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.resize(0x400, 0);
    out.extend_from_slice(&section);
    out
}

/// A 64-bit Mach-O file for Apple's processors that imports functions.
pub(super) fn mach_o(functions: &[&str]) -> Vec<u8> {
    let (mut strings, mut symbols) = (vec![0u8], Vec::new());
    for function in functions {
        symbols.extend_from_slice(&(strings.len() as u32).to_le_bytes());
        // Undefined and external, of the first library.
        symbols.extend_from_slice(&[1, 0, 0, 1]);
        symbols.extend_from_slice(&0u64.to_le_bytes());
        strings.push(b'_');
        strings.extend_from_slice(function.as_bytes());
        strings.push(0);
    }
    let start = 32 + 24u32;
    let mut out = Vec::new();
    for word in [
        0xfeed_facfu32,
        0x0100_000c,
        0,
        2,
        1,
        24,
        0,
        0,
        2,
        24,
        start,
        functions.len() as u32,
        start + symbols.len() as u32,
        strings.len() as u32,
    ] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&symbols);
    out.extend_from_slice(&strings);
    out
}

/// The tables of a Go executable: its modules, and functions by offset.
pub(super) fn go(modules: &str, functions: &[(u32, &str)]) -> Vec<Part> {
    let counted = |text: &[u8]| {
        let mut out = Vec::new();
        let mut len = text.len();
        while len >= 0x80 {
            out.push((len & 0x7f) as u8 | 0x80);
            len >>= 7;
        }
        out.push(len as u8);
        out.extend_from_slice(text);
        out
    };
    let mut build = b"\xff Go buildinf:\x08\x02".to_vec();
    build.resize(32, 0);
    build.extend(counted(b"go1.24.1"));
    build.extend(counted(
        &[&[b'<'; 16], modules.as_bytes(), &[b'>'; 16]].concat(),
    ));
    let mut names = Vec::new();
    let mut name_at = Vec::new();
    for (_, name) in functions {
        name_at.push(names.len() as u32);
        names.extend_from_slice(name.as_bytes());
        names.push(0);
    }
    let header = 8 + 8 * 8;
    let records = header + names.len();
    let mut table = vec![0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8];
    for word in [
        functions.len() as u64,
        0,
        CODE_AT,
        header as u64,
        0,
        0,
        0,
        records as u64,
    ] {
        table.extend_from_slice(&word.to_le_bytes());
    }
    table.extend_from_slice(&names);
    let first = functions.len() * 8 + 4;
    for (index, (offset, _)) in functions.iter().enumerate() {
        table.extend_from_slice(&offset.to_le_bytes());
        table.extend_from_slice(&((first + index * 8) as u32).to_le_bytes());
    }
    table.extend_from_slice(&0u32.to_le_bytes());
    for ((offset, _), name) in functions.iter().zip(&name_at) {
        table.extend_from_slice(&offset.to_le_bytes());
        table.extend_from_slice(&name.to_le_bytes());
    }
    vec![
        part(".gopclntab", READ_ONLY, 0x80_0000, table),
        part(".go.buildinfo", WRITABLE, 0x90_0000, build),
    ]
}
