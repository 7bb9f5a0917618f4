//! Reading without structure: strings in machine code, texts of languages
//! that have no parser here, and what a parser gave up on.

use assay_model::{Confidence, Severity};
use memchr::memmem;

use crate::endpoints::{self, Context};
use crate::patterns::patterns;
use crate::raw::{Notes, Place, excerpt};
use crate::{decode, facts};

/// How many places of patterns one node may note; beyond it the text is a
/// list of such things.
const MOST: usize = 500_000;

/// Notes what a range of bytes shows as plain text. `start` is its offset in
/// the node.
pub(crate) fn read(bytes: &[u8], start: u64, kind: &str, notes: &mut Notes) {
    // What a document tells its reader to do, the subject does not do, and
    // where it links to, the subject does not connect.
    if kind != "markdown" {
        hosts(bytes, start, notes);
        words(bytes, start, kind, notes);
    }
    match kind {
        "python" | "shell" | "javascript" | "typescript" => {
            dotted(bytes, start, kind, notes);
            literals(bytes, start, kind, notes);
        }
        _ => {}
    }
    variables(bytes, start, kind, notes);
}

/// The printable text around a range, for an excerpt.
fn around(bytes: &[u8], from: usize, to: usize) -> String {
    let printable = |b: &u8| (0x20..0x7f).contains(b) || *b == b'\t';
    let before = bytes
        .get(from.saturating_sub(40)..from)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|b| printable(b))
        .count();
    let after = bytes
        .get(to..bytes.len().min(to.saturating_add(80)))
        .unwrap_or_default()
        .iter()
        .take_while(|b| printable(b))
        .count();
    let range = from.saturating_sub(before)..to.saturating_add(after);
    let text = String::from_utf8_lossy(bytes.get(range).unwrap_or_default());
    excerpt(&text, 0, text.len())
}

fn place(bytes: &[u8], start: u64, from: usize, to: usize) -> Place {
    Place {
        start: start.saturating_add(from as u64),
        len: to.saturating_sub(from) as u64,
        excerpt: around(bytes, from, to),
        ..Place::default()
    }
}

fn hosts(bytes: &[u8], start: u64, notes: &mut Notes) {
    let mut count = 0usize;
    for at in memmem::find_iter(bytes, b"://") {
        count = count.saturating_add(1);
        if count > MOST {
            notes.cut();
            return;
        }
        let allowed =
            |b: u8| (0x21..0x7f).contains(&b) && !matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>');
        let scheme = bytes
            .get(at.saturating_sub(6)..at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_lowercase() || **b == b'+')
            .count();
        let from = at.saturating_sub(scheme);
        let rest = bytes
            .get(at..bytes.len().min(at.saturating_add(300)))
            .unwrap_or_default();
        let len = rest.iter().take_while(|b| allowed(**b)).count();
        let to = at.saturating_add(len);
        let Some(url) = bytes
            .get(from..to)
            .and_then(|b| std::str::from_utf8(b).ok())
        else {
            continue;
        };
        endpoints::note(url, Context::Mentioned, notes, |shown| Place {
            note: shown.to_owned(),
            ..place(bytes, start, from, to)
        });
    }
}

/// Whether a line of a script is a comment up to an offset.
fn is_comment(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    let line = memchr::memrchr(b'\n', before).map_or(0, |i| i.saturating_add(1));
    before.get(line..).unwrap_or_default().contains(&b'#')
}

fn words(bytes: &[u8], start: u64, kind: &str, notes: &mut Notes) {
    let mut count = 0usize;
    patterns().search(bytes, |behaviour, core, from, to| {
        count = count.saturating_add(1);
        if count > MOST {
            notes.cut();
            return;
        }
        // A script does what it says; elsewhere it may be said to a reader,
        // or be a word of a list.
        if kind == "shell" && is_comment(bytes, from) {
            return;
        }
        let severity = if kind == "shell" {
            behaviour.severity
        } else {
            behaviour.severity.min(Severity::Low)
        };
        notes.add(
            behaviour.id,
            core,
            &format!("{}: {core}", behaviour.title),
            (severity, Confidence::Low),
            || place(bytes, start, from, to),
        );
    });
}

/// String literals, tried against encodings and looked at for characters that
/// nobody sees.
fn literals(bytes: &[u8], start: u64, kind: &str, notes: &mut Notes) {
    let mut at = 0;
    let mut tried = 0usize;
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'"', b'\'', rest))
    {
        let open = at.saturating_add(found);
        at = open.saturating_add(1);
        let Some(quote) = bytes.get(open).copied() else {
            break;
        };
        let rest = bytes
            .get(at..bytes.len().min(at.saturating_add(1 << 20)))
            .unwrap_or_default();
        let Some(len) = rest.iter().position(|b| *b == quote || *b == b'\n') else {
            continue;
        };
        let Some(text) = rest.get(..len).and_then(|b| std::str::from_utf8(b).ok()) else {
            continue;
        };
        if rest.get(len) == Some(&quote) {
            at = at.saturating_add(len).saturating_add(1);
        }
        if tried > MOST {
            notes.cut();
        }
        if text.len() < 12 || tried > MOST {
            continue;
        }
        tried = tried.saturating_add(1);
        let end = open.saturating_add(len).saturating_add(2);
        facts::hidden_characters(text, notes, || place(bytes, start, open, end));
        if let Some(decoded) = decode::text(text) {
            facts::note_decoded(&decoded, Confidence::Low, notes, || {
                place(bytes, start, open, end)
            });
        }
    }
    if kind == "python" {
        for at in memmem::find_iter(bytes, b"exec(") {
            let near = bytes
                .get(at..bytes.len().min(at.saturating_add(80)))
                .unwrap_or_default();
            let unpacks = memmem::find(near, b"decompress(").is_some()
                || memmem::find(near, b"b64decode(").is_some();
            if unpacks && !bytes.get(at.saturating_sub(1)).is_some_and(|b| is_name(*b)) {
                notes.add(
                    "conceal.packed",
                    "exec",
                    "code is kept encoded and executed",
                    (Severity::Medium, Confidence::Medium),
                    || place(bytes, start, at, at.saturating_add(5)),
                );
            }
        }
        for at in memmem::find_iter(bytes, b"open(") {
            let rest = bytes.get(at.saturating_add(5)..).unwrap_or_default();
            let Some(quote) = rest.first().copied().filter(|b| matches!(b, b'"' | b'\'')) else {
                continue;
            };
            let inside = rest.get(1..rest.len().min(300)).unwrap_or_default();
            let len = inside.iter().position(|b| *b == quote).unwrap_or(0);
            if let Some(path) = inside.get(..len).and_then(|b| std::str::from_utf8(b).ok()) {
                let to = at.saturating_add(7).saturating_add(len);
                note_file(path, notes, || place(bytes, start, at, to));
            }
        }
    }
}

fn note_file(path: &str, notes: &mut Notes, place: impl FnOnce() -> Place) {
    if (path.starts_with('/') && path.len() > 2) || path.starts_with("~/") {
        notes.add(
            "reach.files",
            path,
            &format!("uses the file {path}"),
            (Severity::Info, Confidence::Low),
            place,
        );
    }
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// Modules of the platform whose functions are looked for without knowing
/// what the module is called in the text.
const MODULES: &[&str] = &["os.", "child_process.", "vm.", "net.", "http.", "https."];

/// Dotted names in source text, looked up as calls of the platform.
fn dotted(bytes: &[u8], start: u64, kind: &str, notes: &mut Notes) {
    let mut at = 0;
    let mut looked_up = String::new();
    while let Some(byte) = bytes.get(at) {
        if !(byte.is_ascii_alphabetic() || *byte == b'_') {
            at = at.saturating_add(1);
            continue;
        }
        let from = at;
        while bytes.get(at).is_some_and(|b| is_name(*b) || *b == b'.') {
            at = at.saturating_add(1);
        }
        let Some(name) = bytes
            .get(from..at)
            .and_then(|b| std::str::from_utf8(b).ok())
        else {
            continue;
        };
        if name.len() > 80 {
            continue;
        }
        let called = bytes.get(at) == Some(&b'(');
        let quoted = from > 0
            && bytes
                .get(from.saturating_sub(1))
                .is_some_and(|b| matches!(b, b'"' | b'\'' | b'`' | b'#'));
        if quoted || !(called || name.contains('.') || name == "timeZone") {
            continue;
        }
        if name == "timeZone" && bytes.get(from.saturating_sub(1)) == Some(&b'.') {
            for behaviour in patterns().call("?.resolvedOptions().timeZone") {
                notes.add(
                    behaviour.id,
                    "?.resolvedOptions().timeZone",
                    &format!("{}: timeZone", behaviour.title),
                    (behaviour.severity, Confidence::Low),
                    || place(bytes, start, from, at),
                );
            }
        }
        looked_up.clear();
        looked_up.push_str(name);
        if called {
            looked_up.push_str("()");
        }
        if !patterns().none(&looked_up) {
            for behaviour in patterns().call(&looked_up) {
                notes.add(
                    behaviour.id,
                    &looked_up,
                    &format!("{}: {looked_up}", behaviour.title),
                    (behaviour.severity, Confidence::Low),
                    || place(bytes, start, from, at),
                );
            }
        }
        let method = name.rsplit('.').next().unwrap_or(name);
        if called && name.contains('.') {
            looked_up.clear();
            looked_up.push_str("?.");
            looked_up.push_str(method);
            looked_up.push_str("()");
            if patterns().any_member(&looked_up) {
                for behaviour in patterns().call(&looked_up) {
                    notes.add(
                        behaviour.id,
                        &looked_up,
                        &format!("{}: {looked_up}", behaviour.title),
                        (behaviour.severity, Confidence::Low),
                        || place(bytes, start, from, at),
                    );
                }
            }
        }
        if kind == "javascript" || kind == "typescript" {
            if let Some(variable) = name
                .strip_prefix("process.env.")
                .and_then(|rest| rest.split('.').next())
                .filter(|variable| !variable.is_empty())
            {
                note_variable(variable, Confidence::Low, notes, || {
                    place(bytes, start, from, at)
                });
            }
            // A method of a module that was asked for by name somewhere.
            if called {
                for module in MODULES {
                    looked_up.clear();
                    looked_up.push_str(module);
                    looked_up.push_str(method);
                    looked_up.push_str("()");
                    if patterns().any_member(&looked_up) {
                        for behaviour in patterns().call(&looked_up) {
                            notes.add(
                                behaviour.id,
                                &looked_up,
                                &format!("{}: {looked_up}", behaviour.title),
                                (behaviour.severity, Confidence::Low),
                                || place(bytes, start, from, at),
                            );
                        }
                    }
                }
            }
        }
        // `os.environ["X"]`, `os.environ.get("X")`, `os.getenv("X")`.
        if matches!(
            name,
            "os.environ" | "os.environ.get" | "os.getenv" | "environ.get" | "getenv"
        ) || (kind != "python" && name == "process.env")
        {
            let rest = bytes
                .get(at..bytes.len().min(at.saturating_add(100)))
                .unwrap_or_default();
            let open = rest
                .iter()
                .position(|b| !matches!(b, b'(' | b'[' | b' ' | b'"' | b'\''))
                .unwrap_or(0);
            let rest = rest.get(open..).unwrap_or_default();
            let len = rest.iter().take_while(|b| is_name(**b)).count();
            if let (true, Some(variable)) = (
                open > 1,
                rest.get(..len).and_then(|b| std::str::from_utf8(b).ok()),
            ) && len > 1
            {
                let from = at.saturating_add(open);
                note_variable(variable, Confidence::Medium, notes, || {
                    place(bytes, start, from, from.saturating_add(len))
                });
            }
        }
    }
}

pub(crate) fn note_variable(
    variable: &str,
    confidence: Confidence,
    notes: &mut Notes,
    place: impl Fn() -> Place,
) {
    for behaviour in patterns().variable(variable) {
        if behaviour.id != "reach.environment" {
            notes.add(
                behaviour.id,
                variable,
                &format!("{}: {variable}", behaviour.title),
                (behaviour.severity, confidence),
                &place,
            );
        }
    }
    notes.add(
        "reach.environment",
        variable,
        &format!("reads the environment variable {variable}"),
        (Severity::Info, confidence),
        place,
    );
}

/// Endings that tell an environment variable from another constant.
const ENDINGS: &[&str] = &[
    "_KEY",
    "_TOKEN",
    "_SECRET",
    "_URL",
    "_URI",
    "_HOST",
    "_HOME",
    "_DIR",
    "_PATH",
    "_PROXY",
    "_FILE",
    "_ENDPOINT",
    "_PROFILE",
    "_REGION",
    "_PASSWORD",
    "_TELEMETRY",
    "_DEBUG",
    "_CONFIG",
    "_TIMEOUT",
    "_DISABLE",
    "_DISABLED",
    "_ENABLED",
    "_PORT",
    "_CERT",
    "_CERTS",
    "_MODEL",
];

/// Whether a name ends like an environment variable.
pub(crate) fn has_ending_of_variable(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Upper-case names in machine code and other data that look like variables.
fn variables(bytes: &[u8], start: u64, kind: &str, notes: &mut Notes) {
    let shell = kind == "shell";
    let native = matches!(
        kind,
        "elf" | "pe" | "mach-o" | "wasm" | "unknown" | "python-bytecode"
    );
    if !shell && !native {
        return;
    }
    let mut seen = 0usize;
    if shell {
        for (index, at) in memchr::memchr_iter(b'$', bytes).enumerate() {
            if index > MOST {
                notes.cut();
                break;
            }
            let open = usize::from(bytes.get(at.saturating_add(1)) == Some(&b'{'));
            let from = at.saturating_add(1).saturating_add(open);
            let rest = bytes
                .get(from..bytes.len().min(from.saturating_add(80)))
                .unwrap_or_default();
            let len = rest.iter().take_while(|b| is_name(**b)).count();
            let name = rest.get(..len).and_then(|b| std::str::from_utf8(b).ok());
            // One letter is a position or a loop.
            if let Some(name) =
                name.filter(|n| n.len() > 1 && !n.starts_with(|c: char| c.is_ascii_digit()))
            {
                note_variable(name, Confidence::Low, notes, || {
                    place(bytes, start, from, from.saturating_add(len))
                });
            }
        }
        return;
    }
    for at in memchr::memchr_iter(b'_', bytes) {
        // Only at the first underscore of a name, to look once at each.
        let before = bytes
            .get(at.saturating_sub(40)..at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            .count();
        if before < 2 {
            continue;
        }
        let from = at.saturating_sub(before);
        if from > 0
            && bytes
                .get(from.saturating_sub(1))
                .is_some_and(|b| is_name(*b))
        {
            continue;
        }
        let rest = bytes
            .get(at..bytes.len().min(at.saturating_add(60)))
            .unwrap_or_default();
        let len = rest
            .iter()
            .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b'_')
            .count();
        let to = at.saturating_add(len);
        if bytes.get(to).is_some_and(|b| is_name(*b)) {
            continue;
        }
        let Some(name) = bytes
            .get(from..to)
            .and_then(|b| std::str::from_utf8(b).ok())
        else {
            continue;
        };
        // Strings stand side by side in machine code: a number before a name
        // belongs to another.
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        let from = from.saturating_add(digits);
        let name = name.get(digits..).unwrap_or_default();
        if has_ending_of_variable(name) {
            seen = seen.saturating_add(1);
            if seen > MOST {
                notes.cut();
                return;
            }
            note_variable(name, Confidence::Low, notes, || {
                place(bytes, start, from, to)
            });
        }
    }
}
