//! One node: which reader it gets, and what that reader could not do.

use std::borrow::Cow;

use assay_model::{Confidence, Gap, Reading, Severity};
use serde::{Deserialize, Serialize};

use crate::evaluate::{Answer, Ask, Program};
use crate::ir::Ir;
use crate::js::{self, Dialect, Slices};
use crate::native::{self, Language};
use crate::party::{self, Parties, Share, Told};
use crate::raw::{self, Notes, Place, Raw, excerpt};
use crate::{facts, gates, lexical, link, manifest, py, rules};

/// The largest text that is parsed; beyond it, it is read lexically.
pub(crate) const LARGEST_PARSED: u64 = 64 << 20;
/// The deepest nesting of brackets that is parsed. The parser recurses; its
/// thread's stack is made for this depth.
const DEEPEST: usize = 20_000;
/// The stack of the thread that parses: used only as far as the nesting goes.
const STACK: usize = 3 << 30;

/// How many times code may be decoded by code that was decoded.
const DEEPEST_DECODED: u32 = 3;
/// The longest decoded code that is read, in bytes.
const LONGEST_DECODED: usize = 8 << 20;

/// What was read of one node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NodeAnalysis {
    pub(crate) reading: Reading,
    /// Bytes that the parser left out, so that they were read as text.
    #[serde(default)]
    pub(crate) unparsed: u64,
    pub(crate) gap: Option<Gap>,
    pub(crate) detail: String,
    pub(crate) raws: Vec<Raw>,
    /// Whose its code is.
    #[serde(default)]
    pub(crate) shares: Vec<Share>,
    /// How its code names other files by relative paths.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) imports: Vec<String>,
}

impl NodeAnalysis {
    /// A node of which nothing was read.
    pub(crate) fn unread((gap, detail): (Gap, String)) -> Self {
        Self {
            reading: Reading::Unread,
            unparsed: 0,
            gap: Some(gap),
            detail,
            raws: Vec::new(),
            shares: Vec::new(),
            imports: Vec::new(),
        }
    }

    /// Says that it holds more than was read, since it was not opened.
    pub(crate) fn not_opened(&mut self, gap: Gap, reason: &str) {
        let read = match self.gap {
            // Its format is known after all.
            None | Some(Gap::UnknownFormat) => "strings in it were read",
            Some(_) => &self.detail,
        };
        self.detail = format!("{reason}; {read}");
        self.gap = Some(gap);
    }

    /// Says more of what was not read.
    pub(crate) fn more(&mut self, detail: &str) {
        if self.gap.is_none() {
            self.gap = Some(Gap::Limit);
        }
        if !self.detail.is_empty() {
            self.detail.push_str("; ");
        }
        self.detail.push_str(detail);
    }
}

/// Matches rules of the user with a node and adds what they show.
pub(crate) fn match_rules(
    digest: &str,
    get: impl FnOnce() -> Option<Vec<u8>>,
    bytes: &[u8],
    own: &[(u64, u64)],
    kind: &str,
    analysis: &mut NodeAnalysis,
) {
    let mut notes = Notes::default();
    if let Err(reason) = rules::scan(digest, get, bytes, own, &mut notes) {
        analysis.more(&reason);
    }
    let mut raws = notes.into_raws();
    if has_lines(kind) {
        raw::number_lines(&mut raws, bytes);
    }
    analysis.raws.append(&mut raws);
}

/// How a node is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// As well as there is a reader.
    Best,
    /// Lexically only, because a better reader died.
    Lexical,
    /// Joined with the other nodes given.
    Joined,
}

/// What a node is, beside its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Described<'d> {
    pub(crate) kind: &'d str,
    pub(crate) path: &'d str,
    pub(crate) container: bool,
    /// The source map that lies beside it.
    pub(crate) map: Option<&'d [u8]>,
    /// The name of the package that is examined.
    pub(crate) subject: &'d str,
}

/// Reads a node: all of its bytes, and the parts that no child covers.
pub(crate) fn read(
    bytes: &[u8],
    own: &[(u64, u64)],
    described: Described<'_>,
    mode: Mode,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
) -> NodeAnalysis {
    let Described {
        kind,
        path,
        container,
        ..
    } = described;
    let mut notes = Notes::default();
    let mut built_from = Vec::new();
    let mut unparsed = 0;
    notes.attribute(party::whole(path, kind, bytes, described.subject));
    let (reading, gap, detail) = match kind {
        "image" | "font" | "sound" | "video" | "empty" | "time-zone-data" | "whiteout" => {
            // Text that stands in them is found all the same.
            own_parts(bytes, own, "text", &mut notes);
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
                Reading::Strings,
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
        "elf" | "pe" | "mach-o" | "wasm" if mode == Mode::Best => {
            let (detail, packages) = native::read(bytes, own, &mut notes, &mut |language, text| {
                embedded(language, text, ask)
            });
            built_from = packages;
            (Reading::Strings, Some(Gap::MachineCode), detail)
        }
        "elf" | "pe" | "mach-o" | "wasm" => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Strings,
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
        "javascript" | "typescript" if mode == Mode::Best => {
            code(bytes, described, &mut notes, &mut unparsed, ask)
        }
        "json" => {
            let said = manifest::said_of_itself(bytes, path);
            own_parts(bytes, &without(own, &said), kind, &mut notes);
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
        "python" if mode == Mode::Best => python(bytes, kind, &mut notes, &mut unparsed, ask),
        "python" => {
            own_parts(bytes, own, kind, &mut notes);
            (Reading::Lexical, None, String::new())
        }
        "shell" => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Lexical,
                Some(Gap::NoParser),
                format!("{kind}: read as text, without its grammar"),
            )
        }
        "python-bytecode" if mode == Mode::Best && py::bytecode::read(bytes, &mut notes) => (
            Reading::Strings,
            Some(Gap::Bytecode),
            "compiled bytecode: its constants and names were read; its instructions were not, so that nothing is followed"
                .to_owned(),
        ),
        "python-bytecode" => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Strings,
                Some(Gap::Bytecode),
                "compiled bytecode: its constants were read as text".to_owned(),
            )
        }
        _ => {
            own_parts(bytes, own, kind, &mut notes);
            (
                Reading::Strings,
                Some(Gap::UnknownFormat),
                "no known format: strings in it were read".to_owned(),
            )
        }
    };
    let (gap, detail) = if notes.is_cut() && gap.is_none() {
        let detail = "more texts in it than are looked at; the rest was not searched";
        (Some(Gap::Limit), detail.to_owned())
    } else if notes.is_cut() {
        (
            gap,
            format!("{detail}; more texts in it than are looked at"),
        )
    } else {
        (gap, detail)
    };
    let shares = if matches!(kind, "javascript" | "typescript" | "python") {
        notes.parties().shares()
    } else if built_from.is_empty() {
        // A manifest is no code, and says of what version the code beside it is.
        let stated = |share: &party::Share| share.by == Some(party::By::Manifest);
        let shares = notes.parties().shares();
        let nothing = |share| party::Share { bytes: 0, ..share };
        shares.into_iter().filter(stated).map(nothing).collect()
    } else {
        built_from
    };
    let mut raws = notes.into_raws();
    gates::uncalled(&mut raws);
    if has_lines(kind) {
        raw::number_lines(&mut raws, bytes);
    }
    let imports = match kind {
        "javascript" | "typescript" => link::specifiers(bytes),
        "python" => link::python_specifiers(bytes),
        _ => Vec::new(),
    };
    NodeAnalysis {
        reading,
        unparsed,
        gap,
        detail,
        raws,
        shares,
        imports,
    }
}

/// Whether lines mean something in nodes of this kind.
fn has_lines(kind: &str) -> bool {
    matches!(
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
    )
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

/// Ranges without the parts of them that are in others; both are sorted.
fn without(ranges: &[(u64, u64)], others: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut out = Vec::new();
    for (mut start, end) in ranges.iter().copied() {
        for (from, to) in others {
            if *from < end && *to > start {
                out.push((start, *from));
                start = *to;
            }
        }
        out.push((start, end));
    }
    out.retain(|(start, end)| start < end);
    out
}

/// Bytes as text of the same length: what is not UTF-8 becomes a character
/// of one byte, so that offsets stay.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
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

fn code(
    bytes: &[u8],
    described: Described<'_>,
    notes: &mut Notes,
    unparsed_bytes: &mut u64,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
) -> (Reading, Option<Gap>, String) {
    let Described { kind, path, .. } = described;
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
    let told = Told {
        path,
        map: described.map.and_then(|map| party::mapped(map, source)),
        subject: described.subject,
    };
    let place = Where {
        offset: offset as u64,
        told: Some(&told),
    };
    let unparsed = match module(source, dialect, depth, place, ask) {
        Ok((mut collected, mut cut, complaint)) => {
            let codes = std::mem::take(&mut cut.codes);
            inner_code(codes, 1, &mut collected, &mut cut, ask);
            *notes = collected;
            let mut gaps = Vec::new();
            if cut.gates {
                gaps.push("what hangs on switches was not followed to the end".to_owned());
            }
            if cut.names || cut.flow {
                gaps.push("the limit on following values was reached in parts".to_owned());
            }
            if !cut.slices.is_empty() {
                cut.slices.sort();
                cut.slices.dedup();
                let shown: Vec<String> = cut.slices.into_iter().take(8).collect();
                gaps.push(format!("not evaluated: {}", shown.join(", ")));
            }
            return match complaint {
                Some(complaint) => (
                    Reading::Parsed,
                    Some(Gap::Syntax),
                    format!("parsed with a complaint: {complaint}"),
                ),
                None if gaps.is_empty() => (Reading::Parsed, None, String::new()),
                None => (Reading::Parsed, Some(Gap::Limit), gaps.join("; ")),
            };
        }
        Err(unparsed) => unparsed,
    };
    // Statements that are wrong are left out and the others parsed, so that
    // one stray character does not take a whole file out of sight.
    let mut mended = source.as_bytes().to_vec();
    let mut wrong: Vec<(usize, usize)> = Vec::new();
    let mut at = unparsed.at;
    for _ in 0..ATTEMPTS {
        let (start, end) = statement_around(&mended, at);
        if end <= start {
            break;
        }
        for byte in mended.get_mut(start..end).unwrap_or_default() {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        // It may hold what was left out before.
        wrong.retain(|(from, to)| *from < start || *to > end);
        wrong.push((start, end));
        let Ok(text) = std::str::from_utf8(&mended) else {
            break;
        };
        match module(text, dialect, depth, place, ask) {
            Ok((mut collected, mut cut, _)) => {
                let codes = std::mem::take(&mut cut.codes);
                inner_code(codes, 1, &mut collected, &mut cut, ask);
                let missing: usize = wrong.iter().map(|(start, end)| end - start).sum();
                // Named by how the larger part was read.
                let reading = if missing <= bytes.len() / 2 {
                    Reading::Parsed
                } else {
                    Reading::Lexical
                };
                *unparsed_bytes = missing as u64;
                *notes = collected;
                for (start, end) in &wrong {
                    let (start, end) = (start.saturating_add(offset), end.saturating_add(offset));
                    let part = bytes.get(start..end).unwrap_or_default();
                    lexical::read(part, start as u64, kind, notes);
                }
                return (
                    reading,
                    Some(Gap::Syntax),
                    format!(
                        "parsed but for {missing} bytes from byte {} on, which cannot be parsed ({}) and were read as text",
                        wrong
                            .iter()
                            .map(|(start, _)| start)
                            .min()
                            .copied()
                            .unwrap_or(0)
                            .saturating_add(offset),
                        unparsed.detail
                    ),
                );
            }
            Err(next) => at = next.at,
        }
    }
    lexically(
        notes,
        Gap::Syntax,
        format!("cannot be parsed ({}); read as text", unparsed.detail),
    )
}

/// How many wrong statements of a file are left out before it is read as
/// text.
const ATTEMPTS: usize = 8;

/// Reads Python: parsed, or as text where the parser cannot.
fn python(
    bytes: &[u8],
    kind: &str,
    notes: &mut Notes,
    unparsed_bytes: &mut u64,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
) -> (Reading, Option<Gap>, String) {
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
    // Comments and quotation marks of Python are others, so that this bound
    // may be too high; then the text is read as text.
    let depth = bytes
        .iter()
        .scan(0usize, |depth, byte| {
            match byte {
                b'(' | b'[' | b'{' => *depth = depth.saturating_add(1),
                b')' | b']' | b'}' => *depth = depth.saturating_sub(1),
                _ => {}
            }
            Some(*depth)
        })
        .max()
        .unwrap_or(0);
    if depth > DEEPEST {
        let detail = format!(
            "brackets nest {depth} deep, more than {DEEPEST}, the limit for parsing; read as text"
        );
        return lexically(notes, Gap::Limit, detail);
    }
    if let Some(coding) = py::strange_coding(bytes) {
        let title = format!(
            "source is written in {coding}, in which what looks like a comment may be code"
        );
        let end = bytes
            .iter()
            .position(|b| *b == b'\n')
            .unwrap_or(bytes.len());
        let place = Place {
            len: end as u64,
            excerpt: excerpt(&text_of(bytes), 0, end),
            ..Place::default()
        };
        notes.add(
            "conceal.packed",
            &coding,
            &title,
            (Severity::Medium, Confidence::High),
            || place,
        );
        let detail = format!(
            "its first lines say that it is written in {coding}, which is not decoded; read as text"
        );
        return lexically(notes, Gap::NoParser, detail);
    }
    let text = text_of(bytes);
    let offset = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let source = text.get(offset..).unwrap_or_default();
    let mut collected = Notes::default();
    collected.attribute(notes.parties().clone());
    let parse = |ask: &mut Across| {
        py::with_ir(source, 0, Some(ask), |ir, trials| {
            facts::collect(
                ir,
                &Slices::default(),
                trials,
                offset as u64,
                &mut collected,
            )
        })
    };
    let stack = stack_for(depth, bytes.len().saturating_mul(4));
    let outcome = apart(stack, ask, parse);
    let (cut, complaint) = match outcome {
        Ok(Ok(Ok(read))) => read,
        Ok(Ok(Err(py::Unread::Old))) => {
            let detail =
                "written for Python 2, whose grammar the parser does not have; read as text";
            return lexically(notes, Gap::Syntax, detail.to_owned());
        }
        Ok(Err(_)) => {
            let detail = "cannot be parsed (the parser stopped on an internal error); read as text";
            return lexically(notes, Gap::Syntax, detail.to_owned());
        }
        Err(error) => {
            let detail = format!("no memory for the parser's stack ({error}); read as text");
            return lexically(notes, Gap::Limit, detail);
        }
    };
    *notes = collected;
    let mut limits = Vec::new();
    if cut.gates {
        limits.push("what hangs on switches was not followed to the end");
    }
    if cut.names || cut.flow {
        limits.push("the limit on following values was reached in parts");
    }
    if complaint.deep {
        limits.push("statements or expressions nest too deep and were left out in parts");
    }
    if complaint.not_evaluated {
        limits.push("the limit on evaluating decoders was reached, and some were not evaluated");
    }
    if complaint.errors > 0 {
        // What the parser left out is read as text.
        lexical::read(bytes, 0, kind, notes);
        *unparsed_bytes = complaint.bytes;
        let detail = format!(
            "parsed with {} complaints, the first: {}; what is against the grammar was read as text",
            complaint.errors, complaint.first
        );
        return (Reading::Parsed, Some(Gap::Syntax), detail);
    }
    if limits.is_empty() {
        (Reading::Parsed, None, String::new())
    } else {
        (Reading::Parsed, Some(Gap::Limit), limits.join("; "))
    }
}

/// Where a text stands, and what is known beside it; nothing where the text
/// was decoded.
#[derive(Debug, Clone, Copy)]
struct Where<'w> {
    offset: u64,
    told: Option<&'w Told<'w>>,
}

type Module = (Notes, facts::Cut, Option<String>);

/// The way from the thread that parses to the one that asks.
struct Across {
    to_here: std::sync::mpsc::Sender<Vec<Program>>,
    answers: std::sync::mpsc::Receiver<Vec<Answer>>,
}

impl Ask for Across {
    fn begin(&mut self, programs: Vec<Program>) {
        // Where nobody listens, nobody answers either.
        let _ = self.to_here.send(programs);
    }

    fn finish(&mut self) -> Vec<Answer> {
        self.answers.recv().unwrap_or_default()
    }
}

/// Reads a module in a thread with the stack that its nesting needs. What it
/// has evaluated is asked for from here.
fn module(
    source: &str,
    dialect: Dialect,
    depth: usize,
    place: Where<'_>,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
) -> Result<Module, js::Unparsed> {
    let parse = |ask: &mut Across| {
        let mut collected = Notes::default();
        let whose = |ir: &Ir<'_>| {
            place.told.map(|told| Parties {
                offset: place.offset,
                ..party::attribute(ir, &ir.outline, told)
            })
        };
        let read = js::with_ir(source, dialect, ask, whose, |ir, slices, trials, whose| {
            if let Some(parties) = whose {
                collected.attribute(parties);
            }
            facts::collect(ir, slices, trials, place.offset, &mut collected)
        });
        let (cut, complaint) = read?;
        Ok((collected, cut, complaint))
    };
    let unparsed = |detail: String| js::Unparsed { detail, at: 0 };
    apart(stack_for(depth, source.len()), ask, parse)
        .map_err(|error| unparsed(format!("no memory for the parser's stack: {error}")))?
        .unwrap_or_else(|_| {
            Err(unparsed(
                "the parser stopped on an internal error".to_owned(),
            ))
        })
}

/// Runs what parses in a thread of its own with a stack of this size. What it
/// asks for is asked for from here.
fn apart<T: Send>(
    stack: usize,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
    run: impl FnOnce(&mut Across) -> T + Send,
) -> std::io::Result<std::thread::Result<T>> {
    let (to_here, questions) = std::sync::mpsc::channel::<Vec<Program>>();
    let (to_there, answers) = std::sync::mpsc::channel::<Vec<Answer>>();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(stack)
            .spawn_scoped(scope, move || run(&mut Across { to_here, answers }))?;
        // Ends when the thread does.
        for question in questions {
            if to_there.send(ask(&question)).is_err() {
                break;
            }
        }
        Ok(thread.join())
    })
}

/// Reads files that were joined to one text. `Err` says why they cannot be.
pub(crate) fn joined(
    text: &str,
    dialect: Dialect,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
) -> Result<(Vec<Raw>, bool), String> {
    let depth = nesting(text.as_bytes());
    if depth > DEEPEST {
        return Err(format!("brackets nest {depth} deep"));
    }
    let place = Where {
        offset: 0,
        told: None,
    };
    match module(text, dialect, depth, place, ask) {
        Ok((notes, cut, _)) => Ok((notes.into_raws(), cut.names || cut.flow)),
        Err(unparsed) => Err(unparsed.detail),
    }
}

/// The same for Python.
pub(crate) fn joined_python(
    text: &str,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
) -> Result<(Vec<Raw>, bool), String> {
    let read = |ask: &mut Across| {
        let mut notes = Notes::default();
        let outcome = py::with_ir(text, 0, Some(ask), |ir, trials| {
            facts::collect(ir, &Slices::default(), trials, 0, &mut notes)
        });
        match outcome {
            Ok((_, complaint)) if complaint.errors > 0 => Err(complaint.first),
            Ok((cut, complaint)) => {
                let cut = cut.names || cut.flow || complaint.deep || complaint.not_evaluated;
                Ok((notes.into_raws(), cut))
            }
            Err(py::Unread::Old) => Err("written for Python 2".to_owned()),
        }
    };
    // Chains nest deeper there than in JavaScript, for the same text.
    let depth = nesting(text.as_bytes());
    if depth > DEEPEST {
        return Err(format!("brackets nest {depth} deep"));
    }
    match apart(stack_for(depth, text.len()), ask, read) {
        Ok(Ok(read)) => read,
        _ => Err("the parser gave up".to_owned()),
    }
}

/// Runs what parses texts, one at a time, with the stack that they need;
/// `None` where they nest too deep or the parser fails.
pub(crate) fn with_stack<T: Send>(texts: &[&str], run: impl FnOnce() -> T + Send) -> Option<T> {
    let depth = texts.iter().map(|text| nesting(text.as_bytes())).max()?;
    let len = texts.iter().map(|text| text.len()).max()?;
    if depth > DEEPEST {
        return None;
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(stack_for(depth, len))
            .spawn_scoped(scope, run)
            .ok()?
            .join()
            .ok()
    })
}

/// Reads code that was decoded, and what that decodes in turn.
fn inner_code(
    codes: Vec<(Place, String)>,
    level: u32,
    notes: &mut Notes,
    cut: &mut facts::Cut,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
) {
    for (site, text) in codes {
        if level > DEEPEST_DECODED {
            cut.slices.push(format!(
                "code that was decoded {DEEPEST_DECODED} times one inside of the other"
            ));
            return;
        }
        let depth = nesting(text.as_bytes());
        if text.len() > LONGEST_DECODED || depth > DEEPEST {
            cut.slices.push(format!(
                "decoded code of {} bytes, which is too long or nests too deep",
                text.len()
            ));
            continue;
        }
        let place = Where {
            offset: 0,
            told: None,
        };
        match module(&text, Dialect::JavaScript, depth, place, ask) {
            Ok((mut inner, mut inner_cut, None)) => {
                inner_code(
                    std::mem::take(&mut inner_cut.codes),
                    level.saturating_add(1),
                    &mut inner,
                    cut,
                    ask,
                );
                cut.names |= inner_cut.names;
                cut.flow |= inner_cut.flow;
                cut.slices.append(&mut inner_cut.slices);
                notes.absorb(inner.into_raws(), &site);
            }
            // Another language, or a part of code: its texts say something.
            _ => {
                let mut inner = Notes::default();
                lexical::read(text.as_bytes(), 0, "text", &mut inner);
                notes.absorb(inner.into_raws(), &site);
            }
        }
    }
}

/// Reads a script that was found inside of an executable; none where it is
/// not of that language.
fn embedded(
    language: Language,
    text: &str,
    ask: &mut dyn FnMut(&[Program]) -> Vec<Answer>,
) -> Option<Vec<Raw>> {
    let mut notes = Notes::default();
    match language {
        Language::JavaScript => {
            let depth = nesting(text.as_bytes());
            if depth > DEEPEST {
                return None;
            }
            let place = Where {
                offset: 0,
                told: None,
            };
            let (collected, mut cut, complaint) =
                module(text, Dialect::JavaScript, depth, place, ask).ok()?;
            if complaint.is_some() {
                return None;
            }
            notes = collected;
            let codes = std::mem::take(&mut cut.codes);
            inner_code(codes, 1, &mut notes, &mut cut, ask);
        }
        Language::Python => {
            let (reading, gap, _) = python(text.as_bytes(), "python", &mut notes, &mut 0, ask);
            if reading != Reading::Parsed || gap == Some(Gap::Syntax) {
                return None;
            }
        }
        Language::Shell => lexical::read(text.as_bytes(), 0, "shell", &mut notes),
        Language::PowerShell => lexical::read(text.as_bytes(), 0, "text", &mut notes),
    }
    Some(notes.into_raws())
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

/// The statement outside of all brackets that a place is in: from the end of
/// the one before to its own end.
fn statement_around(bytes: &[u8], place: usize) -> (usize, usize) {
    let mut start = 0;
    let mut end = None;
    punctuation(bytes, |at, byte, depth| {
        if depth != 0 || !matches!(byte, b';' | b'}' | b'\n') {
            return;
        }
        if at < place {
            start = at.saturating_add(1);
        } else if end.is_none() {
            end = Some(at.saturating_add(1));
        }
    });
    let end = end.unwrap_or(bytes.len());
    // Nothing but blanks is left out already: go on with what is before.
    let blank = |from: usize, to: usize| {
        bytes
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .all(u8::is_ascii_whitespace)
    };
    if blank(start, end) {
        (0, end)
    } else {
        (start, end)
    }
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
