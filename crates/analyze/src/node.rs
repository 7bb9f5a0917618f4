//! One node: which reader it gets, and what that reader could not do.

use std::borrow::Cow;

use assay_model::{Gap, Reading};
use serde::{Deserialize, Serialize};

use crate::js::{self, Dialect};
use crate::raw::{self, Notes, Raw};
use crate::{facts, lexical, manifest};

/// The largest text that is parsed; beyond it, it is read lexically.
pub(crate) const LARGEST_PARSED: u64 = 64 << 20;
/// The deepest nesting of brackets that is parsed. The parser recurses; its
/// thread's stack is made for this depth.
const DEEPEST: usize = 20_000;
/// The stack of the thread that parses: used only as far as the nesting goes.
const STACK: usize = 3 << 30;

/// What was read of one node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NodeAnalysis {
    pub(crate) reading: Reading,
    pub(crate) gap: Option<Gap>,
    pub(crate) detail: String,
    pub(crate) raws: Vec<Raw>,
}

impl NodeAnalysis {
    /// A node of which nothing was read.
    pub(crate) fn unread((gap, detail): (Gap, String)) -> Self {
        Self {
            reading: Reading::Unread,
            gap: Some(gap),
            detail,
            raws: Vec::new(),
        }
    }
}

/// How a node is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// As well as there is a reader.
    Best,
    /// Lexically only, because a better reader died.
    Lexical,
}

/// Reads a node: all of its bytes, and the parts that no child covers.
pub(crate) fn read(
    bytes: &[u8],
    own: &[(u64, u64)],
    kind: &str,
    path: &str,
    container: bool,
    mode: Mode,
) -> NodeAnalysis {
    let mut notes = Notes::default();
    let (reading, gap, detail) = match kind {
        "image" | "font" | "sound" | "video" | "empty" | "time-zone-data" | "whiteout" => {
            (Reading::Data, None, String::new())
        }
        "jsc-bytecode" | "jsc-data" | "v8-bytecode" | "v8-snapshot" | "lua-bytecode"
        | "llvm-bitcode" => (
            Reading::Unread,
            Some(Gap::Bytecode),
            "compiled bytecode; there is no reader for it".to_owned(),
        ),
        "encrypted" => (
            Reading::Unread,
            Some(Gap::Encrypted),
            "encrypted; nothing can be read without the key".to_owned(),
        ),
        "java-class" => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Lexical,
                Some(Gap::Bytecode),
                "compiled bytecode: its constants were read as text".to_owned(),
            )
        }
        "jsc-strings" | "java-constants" => {
            own_parts(bytes, own, "unknown", &mut notes);
            (Reading::Lexical, None, String::new())
        }
        "text-utf16" => {
            // Half of the bytes are zero; without them it is the same text
            // for what is looked for here. Offsets are those of the halves.
            let narrow: Vec<u8> = bytes.iter().copied().filter(|b| *b != 0).collect();
            lexical::read(&narrow, 0, "text", &mut notes);
            (
                Reading::Lexical,
                Some(Gap::NoParser),
                "UTF-16 text: its ASCII characters were read as text; offsets count characters"
                    .to_owned(),
            )
        }
        "elf" | "pe" | "mach-o" | "wasm" => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Lexical,
                Some(Gap::MachineCode),
                "machine code: its strings were read, its instructions were not".to_owned(),
            )
        }
        _ if container => {
            // Comments and extra fields of an archive are text that somebody
            // wrote, and a place to put things out of sight.
            own_parts(bytes, own, "text", &mut notes);
            (Reading::Container, None, String::new())
        }
        "javascript" | "typescript" if mode == Mode::Best => code(bytes, kind, path, &mut notes),
        "json" => {
            own_parts(bytes, own, kind, &mut notes);
            if manifest::read(&text_of(bytes), path, &mut notes) {
                (Reading::Lexical, None, String::new())
            } else {
                (
                    Reading::Lexical,
                    Some(Gap::Syntax),
                    "the manifest is no JSON that this reader takes; its scripts were searched as text"
                        .to_owned(),
                )
            }
        }
        "html" => {
            own_parts(bytes, own, kind, &mut notes);
            let scripts = memchr::memmem::find(bytes, b"<script").is_some();
            let gap = scripts.then_some(Gap::NoParser);
            let detail = if scripts {
                "scripts in the page were read as text, without their grammar"
            } else {
                ""
            };
            (Reading::Lexical, gap, detail.to_owned())
        }
        "text" | "markdown" | "css" | "xml" | "settings" | "signature" => {
            own_parts(bytes, own, kind, &mut notes);
            (Reading::Lexical, None, String::new())
        }
        "javascript" | "typescript" => {
            own_parts(bytes, own, kind, &mut notes);
            (Reading::Lexical, None, String::new())
        }
        "python" | "shell" => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Lexical,
                Some(Gap::NoParser),
                format!("{kind}: read as text, without its grammar"),
            )
        }
        "python-bytecode" => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Lexical,
                Some(Gap::Bytecode),
                "compiled bytecode: its constants were read as text".to_owned(),
            )
        }
        _ => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Lexical,
                Some(Gap::UnknownFormat),
                "no known format: strings in it were read".to_owned(),
            )
        }
    };
    let mut raws = notes.into_raws();
    if matches!(
        kind,
        "javascript"
            | "typescript"
            | "python"
            | "shell"
            | "json"
            | "text"
            | "markdown"
            | "css"
            | "html"
            | "xml"
            | "settings"
    ) {
        raw::number_lines(&mut raws, bytes);
    }
    NodeAnalysis {
        reading,
        gap,
        detail,
        raws,
    }
}

fn own_parts(bytes: &[u8], own: &[(u64, u64)], kind: &str, notes: &mut Notes) {
    for (start, end) in own {
        let range = usize::try_from(*start).unwrap_or(usize::MAX)
            ..usize::try_from(*end).unwrap_or(usize::MAX);
        if let Some(part) = bytes.get(range) {
            lexical::read(part, *start, kind, notes);
        }
    }
}

/// Bytes as text of the same length: what is not UTF-8 becomes a character
/// of one byte, so that offsets stay.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut out = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                out.push_str(chunk.valid());
                out.extend(chunk.invalid().iter().map(|_| '?'));
            }
            Cow::Owned(out)
        }
    }
}

fn code(bytes: &[u8], kind: &str, path: &str, notes: &mut Notes) -> (Reading, Option<Gap>, String) {
    let lexically = |notes: &mut Notes, gap, detail: String| {
        lexical::read(bytes, 0, kind, notes);
        (Reading::Lexical, Some(gap), detail)
    };
    if bytes.len() as u64 > LARGEST_PARSED {
        let detail = format!(
            "larger than {} MiB, which is the limit for parsing; read as text",
            LARGEST_PARSED >> 20
        );
        return lexically(notes, Gap::Limit, detail);
    }
    let depth = nesting(bytes);
    if depth > DEEPEST {
        let detail = format!(
            "brackets nest {depth} deep, more than {DEEPEST}, the limit for parsing; read as text"
        );
        return lexically(notes, Gap::Limit, detail);
    }
    let text = text_of(bytes);
    let offset = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let source = text.get(offset..).unwrap_or_default();
    let declarations = [".d.ts", ".d.mts", ".d.cts"]
        .iter()
        .any(|ending| path.ends_with(ending));
    let dialect = if declarations {
        Dialect::Declarations
    } else if kind == "typescript" {
        Dialect::TypeScript
    } else {
        Dialect::JavaScript
    };
    let parse = |source: &str, collected: &mut Notes| {
        let run = || {
            js::with_ir(source, dialect, |ir| {
                facts::collect(ir, offset as u64, collected)
            })
        };
        let failed = |detail| Err(js::Unparsed { detail, at: 0 });
        std::thread::scope(|scope| {
            match std::thread::Builder::new()
                .stack_size(stack_for(depth, bytes.len()))
                .spawn_scoped(scope, run)
            {
                Ok(thread) => thread.join().unwrap_or_else(|_| {
                    failed("the parser stopped on an internal error".to_owned())
                }),
                Err(error) => failed(format!("no memory for the parser's stack: {error}")),
            }
        })
    };
    let mut collected = Notes::default();
    let unparsed = match parse(source, &mut collected) {
        Ok((cut, complaint)) => {
            *notes = collected;
            return match complaint {
                Some(complaint) => (
                    Reading::Parsed,
                    Some(Gap::Syntax),
                    format!("parsed with a complaint: {complaint}"),
                ),
                None if cut.names || cut.flow => (
                    Reading::Parsed,
                    Some(Gap::Limit),
                    "the limit on following values was reached in parts".to_owned(),
                ),
                None => (Reading::Parsed, None, String::new()),
            };
        }
        Err(unparsed) => unparsed,
    };
    // The statements before the one that is wrong are read all the same, so
    // that one stray character does not take a whole file out of sight.
    let end = statement_before(source.as_bytes(), unparsed.at);
    let mut collected = Notes::default();
    let before = source.get(..end).filter(|before| !before.trim().is_empty());
    if before.is_some_and(|before| parse(before, &mut collected).is_ok()) {
        *notes = collected;
        let end = offset.saturating_add(end);
        lexical::read(
            bytes.get(end..).unwrap_or_default(),
            end as u64,
            kind,
            notes,
        );
        // Named by how the larger part was read.
        let reading = if end >= bytes.len() / 2 {
            Reading::Parsed
        } else {
            Reading::Lexical
        };
        return (
            reading,
            Some(Gap::Syntax),
            format!(
                "parsed up to byte {end}; from there on it cannot be parsed ({}) and was read as text",
                unparsed.detail
            ),
        );
    }
    lexically(
        notes,
        Gap::Syntax,
        format!("cannot be parsed ({}); read as text", unparsed.detail),
    )
}

/// Chains without brackets (`a + b + ...`, `else if`) nest the tree as well,
/// by at most one level per few bytes; the stack is address space only, so it
/// is given generously where a text could need it.
fn stack_for(depth: usize, len: usize) -> usize {
    let brackets = depth.saturating_mul(64 << 10);
    let chains = len.saturating_mul(512).min(STACK);
    (16usize << 20)
        .saturating_add(brackets)
        .saturating_add(chains)
        .min(STACK)
}

/// The deepest nesting of brackets outside of comments and texts: a bound
/// that costs one pass. Expressions between slashes are not told apart from
/// division, so a quotation mark in one may hide brackets up to the end of
/// its line; a parser that then runs out of stack costs its process only.
fn nesting(bytes: &[u8]) -> usize {
    let mut deepest = 0;
    punctuation(bytes, |_, _, depth| deepest = deepest.max(depth));
    deepest
}

/// Where the last statement outside of all brackets ends before `limit`; 0
/// when there is none.
fn statement_before(bytes: &[u8], limit: usize) -> usize {
    let mut end = 0;
    punctuation(bytes, |at, byte, depth| {
        if depth == 0 && at < limit && matches!(byte, b';' | b'}' | b'\n') {
            end = at.saturating_add(1);
        }
    });
    end
}

/// Tells brackets, semicolons and line ends outside of comments and texts,
/// each with its place and the nesting after it.
fn punctuation(bytes: &[u8], mut tell: impl FnMut(usize, u8, usize)) {
    let mut depth = 0usize;
    let mut at = 0usize;
    while let Some(&byte) = bytes.get(at) {
        let here = at;
        at = at.saturating_add(1);
        match byte {
            b'(' | b'[' | b'{' => {
                depth = depth.saturating_add(1);
                tell(here, byte, depth);
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                tell(here, byte, depth);
            }
            b';' | b'\n' => tell(here, byte, depth),
            b'/' if bytes.get(at) == Some(&b'/') => {
                let rest = bytes.get(at..).unwrap_or_default();
                at = memchr::memchr(b'\n', rest).map_or(bytes.len(), |n| at.saturating_add(n));
            }
            b'/' if bytes.get(at) == Some(&b'*') => {
                let rest = bytes.get(at..).unwrap_or_default();
                at = memchr::memmem::find(rest, b"*/")
                    .map_or(bytes.len(), |n| at.saturating_add(n).saturating_add(2));
            }
            b'"' | b'\'' => {
                while let Some(inner) = bytes.get(at) {
                    at = at.saturating_add(1);
                    match inner {
                        b'\\' => at = at.saturating_add(1),
                        b'\n' => break,
                        _ if *inner == byte => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}
