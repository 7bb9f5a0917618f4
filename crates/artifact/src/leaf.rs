//! What a node is that no container format claims.

use memchr::memmem;

/// Kinds under which nothing is looked for: a format's reader said what they
/// are, and there is no reader for their content.
pub(crate) fn is_opaque(kind: &str) -> bool {
    matches!(
        kind,
        "jsc-bytecode"
            | "jsc-data"
            | "v8-bytecode"
            | "v8-snapshot"
            | "python-bytecode"
            | "encrypted"
            | "whiteout"
    )
}

/// Whether a format is looked for inside of a kind. Texts are read whole
/// wherever they come from, so that only source maps are looked for in them:
/// what looks like an executable's payload there would be taken out of the
/// text and out of sight.
pub(crate) fn may_carry(kind: &str, format: &str) -> bool {
    match kind {
        "json" | "javascript" | "typescript" | "css" | "text" => {
            matches!(format, "source-map" | "inline-source-map")
        }
        "java-class" => matches!(format, "java-class" | "appended-zip"),
        "image" => format == "appended-zip",
        "elf" | "pe" | "mach-o" | "unknown" => format != "source-map",
        _ => false,
    }
}

const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"BM", "image-bmp"),
    (b"\0\0\x01\0", "image"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"\0\x01\0\0\0", "font"),
    (b"OTTO", "font"),
    (b"ttcf", "font"),
    (b"OggS", "sound"),
    (b"ID3", "sound"),
    (b"fLaC", "sound"),
    (b"\0asm", "wasm"),
    (b"%PDF-", "pdf"),
    (b"SQLite format 3\0", "sqlite"),
    (b"icns", "image"),
    (b"!<arch>\n", "ar"),
    (b"\x1bLua", "lua-bytecode"),
    (b"TZif", "time-zone-data"),
    (b"\x7fELF", "elf"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"hsqs", "squashfs"),
    (b"\xed\xab\xee\xdb", "rpm"),
    (b"070701", "cpio"),
    (b"070702", "cpio"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"BC\xc0\xde", "llvm-bitcode"),
    (b"PAR1", "parquet"),
    (b"GGUF", "gguf"),
];

/// The kind of a leaf, by content first; the name only tells languages apart
/// whose texts look alike.
pub(crate) fn classify(bytes: &[u8], name: &str) -> &'static str {
    if bytes.is_empty() {
        return "empty";
    }
    // A runtime goes by the name: what is named as code is executed as code,
    // whatever its first bytes say.
    if let Some(kind) = code_by_name(name)
        && !bytes.starts_with(b"\x7fELF")
    {
        return kind;
    }
    let text = is_text(bytes);
    // Many marks are letters, with which a text may begin.
    for (magic, kind) in MAGIC.iter().filter(|_| !text) {
        if bytes.starts_with(magic) {
            match *kind {
                // Two letters are no proof.
                "image-bmp" if bytes.get(6..10) == Some(&[0; 4]) => return "image",
                "image-bmp" => {}
                kind => return kind,
            }
        }
    }
    if bytes.starts_with(b"RIFF") && !text {
        return match bytes.get(8..12) {
            Some(b"WEBP") => "image",
            Some(b"WAVE") => "sound",
            _ => "unknown",
        };
    }
    if is_media(bytes) {
        return "sound";
    }
    // Containers of video and newer images have their type behind a size.
    if bytes.get(4..8) == Some(b"ftyp") && bytes.get(..3) == Some(&[0; 3]) {
        return match bytes.get(8..12) {
            Some(b"avif" | b"heic" | b"mif1") => "image",
            _ => "video",
        };
    }
    if bytes.starts_with(b"\x1a\x45\xdf\xa3") {
        return "video";
    }
    if bytes.starts_with(b"MZ") && crate::formats::is_pe(bytes) {
        return "pe";
    }
    if crate::formats::is_mach_o(bytes) {
        return "mach-o";
    }
    if is_java_class(bytes) {
        return "java-class";
    }
    if is_utf16(bytes) {
        return "text-utf16";
    }
    // A V8 code cache: a magic number that ends in 0xC0DE, then hashes.
    if bytes.get(2..4) == Some(&[0xde, 0xc0]) && !text {
        return "v8-bytecode";
    }
    // A Python code object file: two bytes of version, then CR LF.
    if bytes.get(2..4) == Some(b"\r\n") && !is_text(bytes) {
        return "python-bytecode";
    }
    if !is_text(bytes) {
        return "unknown";
    }
    text_kind(bytes, name)
}

/// The language that a runtime takes a file for by its name.
fn code_by_name(name: &str) -> Option<&'static str> {
    let file = name.rsplit(['/', '!']).next().unwrap_or(name);
    let (_, extension) = file.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "js" | "mjs" | "cjs" | "jsx" => Some("javascript"),
        "ts" | "mts" | "cts" | "tsx" => Some("typescript"),
        _ => None,
    }
}

fn text_kind(bytes: &[u8], name: &str) -> &'static str {
    let head = bytes.get(..bytes.len().min(64 << 10)).unwrap_or_default();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = head.trim_ascii_start();
    if let Some(line) = start.strip_prefix(b"#!") {
        let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
        for (word, kind) in [
            ("node", "javascript"),
            ("bun", "javascript"),
            ("deno", "typescript"),
            ("python", "python"),
            ("sh", "shell"),
        ] {
            if memmem::find(line, word.as_bytes()).is_some() {
                return kind;
            }
        }
    }
    let file = name.rsplit(['/', '!']).next().unwrap_or(name);
    let file = file.to_ascii_lowercase();
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    if matches!(extension, "" | "txt") && is_document(&file) || is_of_wheel(name, &file) {
        return "markdown";
    }
    match extension {
        "py" | "pyi" | "pyw" => return "python",
        "md" | "markdown" | "mdx" | "rst" => return "markdown",
        // Code under another name is loaded all the same.
        "css" | "scss" | "less" | "yml" | "yaml" | "toml" | "ini" | "cfg" | "conf"
        | "properties" | "json" | "map" | "txt" | "node"
            if looks_like_javascript(head) && !matches!(start.first(), Some(b'{' | b'[')) =>
        {
            return "javascript";
        }
        "css" | "scss" | "less" => return "css",
        "html" | "htm" | "xhtml" => return "html",
        "sh" | "bash" | "zsh" | "fish" | "ps1" | "bat" | "cmd" => return "shell",
        "yml" | "yaml" | "toml" | "ini" | "cfg" | "conf" | "properties" => return "settings",
        _ => {}
    }
    if matches!(start.first(), Some(b'{' | b'[')) && looks_like_json(start) {
        return "json";
    }
    if start.starts_with(b"<?xml") || start.starts_with(b"<svg") {
        return "xml";
    }
    if start.starts_with(b"<!doctype html") || start.starts_with(b"<!DOCTYPE html") {
        return "html";
    }
    if looks_like_javascript(head) {
        return "javascript";
    }
    match extension {
        "json" | "map" => "json",
        _ => "text",
    }
}

/// Whether a file without an ending of its own is by its name for people.
fn is_document(file: &str) -> bool {
    let stem = file.strip_suffix(".txt").unwrap_or(file);
    let stem = stem.split(['-', '_', '.']).next().unwrap_or_default();
    matches!(
        stem,
        "authors"
            | "changelog"
            | "changes"
            | "contributing"
            | "contributors"
            | "copying"
            | "copyright"
            | "history"
            | "licence"
            | "licences"
            | "license"
            | "licenses"
            | "notice"
            | "readme"
            | "thirdpartynotices"
    )
}

/// Whether a file describes a Python project.
fn is_of_wheel(path: &str, file: &str) -> bool {
    file == "pkg-info" || file == "metadata" && path.contains(".dist-info/")
}

/// Text has no NUL byte and few other control characters.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let sample = |at: usize| {
        let end = bytes.len().min(at.saturating_add(16 << 10));
        bytes.get(at..end).unwrap_or_default()
    };
    let parts = [
        sample(0),
        sample(bytes.len() / 2),
        sample(bytes.len().saturating_sub(16 << 10)),
    ];
    parts.iter().all(|part| {
        let odd = part
            .iter()
            .filter(|b| **b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
            .count();
        memchr::memchr(0, part).is_none() && odd.saturating_mul(50) <= part.len()
    })
}

/// Universal Mach-O files begin alike; their number of slices, at most a few,
/// stands where a class file has its version, 45 and above.
pub(crate) fn is_java_class(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xca, 0xfe, 0xba, 0xbe])
        && bytes
            .get(6..8)
            .is_some_and(|major| matches!(major, [0, 45..=200]))
}

/// Frames of AAC, the second where the first says that it ends: twelve bits
/// of magic number alone are no proof.
fn is_media(bytes: &[u8]) -> bool {
    let is_frame = |at: usize| {
        matches!(
            bytes.get(at..at.saturating_add(2)),
            Some([0xff, 0xf0 | 0xf1 | 0xf8 | 0xf9])
        )
    };
    let Some([a, b, c]) = bytes.get(3..6) else {
        return false;
    };
    let len = usize::from(a & 3) << 11 | usize::from(*b) << 3 | usize::from(c >> 5);
    is_frame(0) && len > 7 && is_frame(len)
}

/// Text in UTF-16 of which most is Latin: every second byte is zero.
fn is_utf16(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    if head.len() < 8 || !bytes.len().is_multiple_of(2) {
        return false;
    }
    let marked = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let (mut low, mut high, mut units) = (0usize, 0usize, 0usize);
    for unit in head.chunks_exact(2) {
        units = units.saturating_add(1);
        let text = |b: u8| (0x20..0x7f).contains(&b) || matches!(b, b'\n' | b'\r' | b'\t');
        match unit {
            [a, 0] if text(*a) => low = low.saturating_add(1),
            [0, b] if text(*b) => high = high.saturating_add(1),
            _ => {}
        }
    }
    let enough = if marked {
        units / 2
    } else {
        units.saturating_mul(9) / 10
    };
    low.max(high) >= enough.max(1)
}

fn looks_like_json(start: &[u8]) -> bool {
    let second = start
        .get(1..)
        .unwrap_or_default()
        .trim_ascii_start()
        .first()
        .copied();
    matches!(
        second,
        Some(b'"' | b'{' | b'[' | b']' | b'}' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n')
    ) && memmem::find(start, b"=>").is_none_or(|at| at > 256)
        && !start.starts_with(b"{\"use strict\"")
}

/// Words that a text of another kind seldom has so many of.
fn looks_like_javascript(head: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "function",
        "=>",
        "const ",
        "let ",
        "var ",
        "require(",
        "import ",
        "export ",
        "return ",
        "module.exports",
        "===",
        "});",
        "await ",
        "new ",
    ];
    let found = WORDS
        .iter()
        .filter(|word| memmem::find(head, word.as_bytes()).is_some())
        .count();
    let marks = head
        .iter()
        .filter(|b| matches!(**b, b'{' | b'}' | b';' | b'(' | b')'))
        .count();
    found >= 3 && marks.saturating_mul(25) >= head.len()
}

#[cfg(test)]
mod tests {
    use super::classify;

    fn check(bytes: &[u8], name: &str, expected: &str) {
        assert_eq!(classify(bytes, name), expected, "{name}");
    }

    #[test]
    fn kinds() {
        check(b"", "x", "empty");
        check(b"\x89PNG\r\n\x1a\nrest", "x.png", "image");
        check(b"\0asm\x01\0\0\0", "x", "wasm");
        check(b"a\0b", "x.bin", "unknown");
        check(b"a\0b", "x.js", "javascript");
        check(b"GIF89a=1;f()", "x.js", "javascript");
        check(
            b"ID3=1;const a=require('fs');function f(){return a===1}",
            "x",
            "javascript",
        );
        check(b"//\xde\xc0\nf()", "x.cjs", "javascript");
        check(b"#!/usr/bin/env node\nfoo()", "bin/x", "javascript");
        check(b"#!/bin/sh\necho", "x", "shell");
        check(b"{\"a\":1}", "x", "json");
        check(b"hello world\n", "LICENSE", "markdown");
        check(b"hello world\n", "words", "text");
        check(b"Name: x\n", "x-1.dist-info/METADATA", "markdown");
        check(
            b"const a=require('fs');function f(){return a===1}",
            "chunk-123",
            "javascript",
        );
        check(b"print('x')\n", "a.py", "python");
        check(b"\x7fELF\x02\x01\x01\0", "a.js", "elf");
        check(b"\xca\xfe\xba\xbe\0\0\0\x41\0\x02", "A.class", "java-class");
        check(b"O\0n\0e\0 \0A\0p\0", "a.md", "text-utf16");
    }
}
