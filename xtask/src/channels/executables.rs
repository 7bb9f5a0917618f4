//! Small executables that carry code as bundlers of executables do.

use super::contain::File;

/// An ELF header of 64 bytes without sections, as far as anything reads it.
fn elf() -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    out.extend(2_u16.to_le_bytes());
    out.extend(62_u16.to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    out.extend([0; 24]);
    out.extend(0_u32.to_le_bytes());
    for field in [64_u16, 56, 0, 64, 0, 0] {
        out.extend(field.to_le_bytes());
    }
    out
}

fn size(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// A Bun executable: modules, a table of records of 52 bytes, offsets and a
/// trailer, after the runtime.
pub(super) fn bun(files: &[File]) -> Vec<u8> {
    let mut payload: Vec<u8> = Vec::new();
    let mut put = |bytes: &[u8]| {
        let at = size(payload.len());
        payload.extend_from_slice(bytes);
        payload.push(0);
        [at, size(bytes.len())]
    };
    let mut records: Vec<u8> = Vec::new();
    for (name, text) in files {
        let name = put(format!("/$bunfs/root/{name}").as_bytes());
        let code = put(text.as_bytes());
        for word in name.into_iter().chain(code).chain([0; 8]) {
            records.extend(word.to_le_bytes());
        }
        // UTF-8, JavaScript, ESM or CommonJS, the server's side.
        let format = if text.contains("module.exports") {
            2
        } else {
            1
        };
        records.extend([2, 1, format, 0]);
    }
    let table = put(&records);
    let count = u64::try_from(payload.len()).unwrap_or(u64::MAX);
    let mut out = elf();
    out.resize(4096, 0);
    out.extend(payload);
    out.extend(count.to_le_bytes());
    for word in table.into_iter().chain([0; 3]) {
        out.extend(word.to_le_bytes());
    }
    out.extend(0_u32.to_le_bytes());
    out.extend(b"\n---- Bun! ----\n");
    out
}

/// A Node executable with the code of an application, in an ELF note.
pub(super) fn node_sea(file: &File) -> Vec<u8> {
    let mut blob = Vec::new();
    blob.extend(0x0143_da20_u32.to_le_bytes());
    blob.extend(1_u32.to_le_bytes());
    for text in [file.0.as_str(), file.1.as_str()] {
        let len = u64::try_from(text.len()).unwrap_or(u64::MAX);
        blob.extend(len.to_le_bytes());
        blob.extend(text.as_bytes());
    }
    let name = b"NODE_SEA_BLOB\0";
    let mut note = Vec::new();
    note.extend(size(name.len()).to_le_bytes());
    note.extend(size(blob.len()).to_le_bytes());
    note.extend(0_u32.to_le_bytes());
    note.extend(name);
    note.resize(note.len().next_multiple_of(4), 0);
    note.extend(blob);
    note.resize(note.len().next_multiple_of(4), 0);
    let mut out = elf();
    // One program header of type note behind the header.
    let place = 4096_u64;
    if let Some(slot) = out.get_mut(32..40) {
        slot.copy_from_slice(&64_u64.to_le_bytes());
    }
    if let Some(slot) = out.get_mut(56..58) {
        slot.copy_from_slice(&1_u16.to_le_bytes());
    }
    out.extend(4_u32.to_le_bytes());
    out.extend(4_u32.to_le_bytes());
    let len = u64::try_from(note.len()).unwrap_or(u64::MAX);
    for field in [place, place, place, len, len, 4] {
        out.extend(field.to_le_bytes());
    }
    out.resize(4096, 0);
    out.extend(note);
    out
}
