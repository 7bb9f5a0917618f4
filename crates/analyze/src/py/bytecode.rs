//! Constants and names of compiled Python.
//!
//! A `.pyc` file is a header and a code object in the form of CPython's
//! `Python/marshal.c`; modules that were packed into an executable lack the
//! header. The fields of a code object differ between versions of Python, and
//! nothing says which version it was, so that the layouts are tried in turn.
//! Instructions are not read: what is done with a constant is not known, and
//! nothing is followed.

use std::rc::Rc;

use assay_model::{Confidence, Severity};
use rustc_hash::FxHashSet;

use super::names;
use crate::behaviours::ALL;
use crate::decode;
use crate::endpoints::{self, Context};
use crate::facts::{hidden_characters, note_decoded};
use crate::patterns::patterns;
use crate::raw::{Notes, Place, one_line};

/// The most objects that are read.
const OBJECTS: usize = 2_000_000;
/// The deepest nesting that is read.
const DEEPEST: usize = 100;
/// How many texts are tried against encodings.
const TRIED: usize = 20_000;

/// An object, as far as it matters here.
#[derive(Debug, Clone)]
enum Object {
    Text(Rc<Text>),
    List(Rc<[Object]>),
    Code(Rc<Code>),
    Other,
}

#[derive(Debug)]
struct Text {
    text: String,
    at: usize,
    len: usize,
}

#[derive(Debug)]
struct Code {
    constants: Object,
    names: Object,
}

/// How many numbers and objects a code object has, in order.
#[derive(Debug, Clone, Copy)]
struct Layout {
    numbers: usize,
    /// After the instructions and before the line number; the first two are
    /// the constants and the names.
    objects: usize,
    /// After the line number.
    last: usize,
}

/// From 3.11, from 3.8, and before.
const LAYOUTS: &[Layout] = &[
    Layout {
        numbers: 5,
        objects: 7,
        last: 2,
    },
    Layout {
        numbers: 6,
        objects: 7,
        last: 1,
    },
    Layout {
        numbers: 5,
        objects: 7,
        last: 1,
    },
];

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    count: usize,
    references: Vec<Object>,
    layout: Layout,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at = self.at.checked_add(1)?;
        Some(byte)
    }

    fn long(&mut self) -> Option<usize> {
        let end = self.at.checked_add(4)?;
        let bytes: [u8; 4] = self.bytes.get(self.at..end)?.try_into().ok()?;
        self.at = end;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }

    fn skip(&mut self, len: usize) -> Option<()> {
        let end = self
            .at
            .checked_add(len)
            .filter(|end| *end <= self.bytes.len())?;
        self.at = end;
        Some(())
    }

    fn text(&mut self, len: usize, latin: bool) -> Option<Object> {
        let at = self.at;
        self.skip(len)?;
        let bytes = self.bytes.get(at..self.at)?;
        let text = match std::str::from_utf8(bytes) {
            Ok(text) if !latin || text.is_ascii() => text.to_owned(),
            _ => bytes.iter().copied().map(char::from).collect(),
        };
        Some(Object::Text(Rc::new(Text { text, at, len })))
    }

    fn list(&mut self, len: usize, depth: usize) -> Option<Object> {
        // Each object takes a byte at least.
        if len > self.bytes.len().saturating_sub(self.at) {
            return None;
        }
        let mut items = Vec::with_capacity(len.min(4096));
        for _ in 0..len {
            items.push(self.object(depth)?);
        }
        Some(Object::List(Rc::from(items)))
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        if depth > DEEPEST {
            return None;
        }
        self.count = self.count.checked_add(1).filter(|n| *n <= OBJECTS)?;
        let depth = depth.saturating_add(1);
        let code = self.byte()?;
        // The place among the references is taken before what is inside.
        let slot = (code & 0x80 != 0).then(|| {
            self.references.push(Object::Other);
            self.references.len().saturating_sub(1)
        });
        let object = match code & 0x7f {
            b'N' | b'F' | b'T' | b'.' | b'S' => Object::Other,
            b'i' => {
                self.skip(4)?;
                Object::Other
            }
            b'I' | b'g' => {
                self.skip(8)?;
                Object::Other
            }
            b'y' => {
                self.skip(16)?;
                Object::Other
            }
            b'f' => {
                let len = usize::from(self.byte()?);
                self.skip(len)?;
                Object::Other
            }
            b'l' => {
                // Digits of 15 bits; a negative number of them is a negative
                // number.
                let digits = u32::try_from(self.long()?).ok()?.cast_signed();
                let digits = usize::try_from(digits.unsigned_abs()).ok()?;
                self.skip(digits.checked_mul(2)?)?;
                Object::Other
            }
            b's' => {
                let len = self.long()?;
                self.text(len, true)?
            }
            b't' | b'u' | b'a' | b'A' => {
                let len = self.long()?;
                self.text(len, false)?
            }
            b'z' | b'Z' => {
                let len = usize::from(self.byte()?);
                self.text(len, false)?
            }
            b')' => {
                let len = usize::from(self.byte()?);
                self.list(len, depth)?
            }
            b'(' | b'[' | b'<' | b'>' => {
                let len = self.long()?;
                self.list(len, depth)?
            }
            b'{' => {
                let mut items = Vec::new();
                while self.bytes.get(self.at) != Some(&b'0') {
                    items.push(self.object(depth)?);
                    items.push(self.object(depth)?);
                }
                self.skip(1)?;
                Object::List(Rc::from(items))
            }
            b':' => {
                // A slice.
                for _ in 0..3 {
                    self.object(depth)?;
                }
                Object::Other
            }
            b'r' => {
                let index = self.long()?;
                self.references.get(index)?.clone()
            }
            b'c' => {
                self.skip(self.layout.numbers.checked_mul(4)?)?;
                self.object(depth)?;
                let constants = self.object(depth)?;
                let names = self.object(depth)?;
                if !matches!((&constants, &names), (Object::List(_), Object::List(_))) {
                    return None;
                }
                for _ in 2..self.layout.objects {
                    self.object(depth)?;
                }
                self.skip(4)?;
                for _ in 0..self.layout.last {
                    self.object(depth)?;
                }
                Object::Code(Rc::new(Code { constants, names }))
            }
            _ => return None,
        };
        if let Some(slot) = slot.and_then(|slot| self.references.get_mut(slot)) {
            *slot = object.clone();
        }
        Some(object)
    }
}

/// The code object of a file, with or without the header.
fn module(bytes: &[u8]) -> Option<Rc<Code>> {
    let headers: &[usize] = if bytes.get(2..4) == Some(b"\r\n") {
        &[16, 12, 8]
    } else {
        &[0]
    };
    for header in headers {
        for layout in LAYOUTS {
            let mut reader = Reader {
                bytes,
                at: *header,
                count: 0,
                references: Vec::new(),
                layout: *layout,
            };
            if let Some(Object::Code(code)) = reader.object(0) {
                return Some(code);
            }
        }
    }
    None
}

/// Notes what the constants and names of compiled Python say; `false` where
/// it is in no form that is known here.
pub(crate) fn read(bytes: &[u8], notes: &mut Notes) -> bool {
    let Some(module) = module(bytes) else {
        return false;
    };
    let mut codes = vec![module];
    let mut all_names: FxHashSet<String> = FxHashSet::default();
    let mut constants = Vec::new();
    // References let few objects stand for very many; each is looked at once.
    let mut seen: FxHashSet<usize> = FxHashSet::default();
    while let Some(code) = codes.pop() {
        if !seen.insert(Rc::as_ptr(&code).addr()) {
            continue;
        }
        if let Object::List(list) = &code.names {
            for name in list.iter() {
                if let Object::Text(name) = name {
                    all_names.insert(name.text.clone());
                }
            }
        }
        let mut lists = vec![code.constants.clone()];
        while let Some(Object::List(list)) = lists.pop() {
            if !list.is_empty() && !seen.insert(Rc::as_ptr(&list).cast::<()>().addr()) {
                continue;
            }
            note_list(&list, notes);
            for object in list.iter() {
                match object {
                    Object::Text(text) => constants.push(text.clone()),
                    Object::List(_) => lists.push(object.clone()),
                    Object::Code(code) => codes.push(code.clone()),
                    Object::Other => {}
                }
            }
        }
    }
    let environment = all_names.contains("environ") || all_names.contains("getenv");
    for (index, text) in constants.iter().enumerate() {
        note_text(text, environment, index < TRIED, notes);
    }
    note_names(&all_names, notes);
    true
}

fn place(text: &Text) -> Place {
    Place {
        start: text.at as u64,
        len: text.len as u64,
        excerpt: one_line(&text.text),
        ..Place::default()
    }
}

fn note_text(text: &Text, environment: bool, tried: bool, notes: &mut Notes) {
    let value = text.text.as_str();
    endpoints::note(value, Context::Whole, notes, |shown| Place {
        note: shown.to_owned(),
        ..place(text)
    });
    if value.len() >= 3 && value.len() <= 4096 {
        for (behaviour, core) in patterns().text(value) {
            notes.add(
                behaviour.id,
                core,
                &format!("{}: {core}", behaviour.title),
                (behaviour.severity.min(Severity::Low), Confidence::Low),
                || place(text),
            );
        }
    }
    let variable = value.len() >= 3
        && value.len() <= 80
        && value.contains('_')
        && value
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if environment && variable {
        for behaviour in patterns().variable(value) {
            notes.add(
                behaviour.id,
                value,
                &format!("{}: {value}", behaviour.title),
                (behaviour.severity.min(Severity::Low), Confidence::Low),
                || place(text),
            );
        }
    }
    hidden_characters(value, notes, || place(text));
    if tried && let Some(decoded) = decode::text(value) {
        note_decoded(&decoded, Confidence::Medium, notes, || place(text));
    }
}

/// Lists of texts that are encoded one by one.
fn note_list(list: &[Object], notes: &mut Notes) {
    let texts: Option<Vec<&Rc<Text>>> = list
        .iter()
        .map(|object| match object {
            Object::Text(text) => Some(text),
            _ => None,
        })
        .collect();
    let Some(texts) = texts else {
        return;
    };
    let values: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
    if let (Some(decoded), Some(first)) = (decode::list(&values), texts.first()) {
        note_decoded(&decoded, Confidence::Medium, notes, || place(first));
    }
}

/// Functions of the library all of whose names are there. That they belong
/// together is not known.
fn note_names(all: &FxHashSet<String>, notes: &mut Notes) {
    for behaviour in ALL {
        for call in behaviour.calls {
            let plain = call.replace("()", "");
            if plain.contains([' ', '?', '*', '/', '@', '[', '%']) {
                continue;
            }
            let mut parts: Vec<&str> = plain.split('.').collect();
            match parts.as_slice() {
                ["builtins", name] if names::is_builtin(name) => {
                    parts.remove(0);
                }
                [_] => continue,
                _ => {}
            }
            if parts.iter().all(|part| all.contains(*part)) {
                notes.add(
                    behaviour.id,
                    call,
                    &format!("{}: {call}", behaviour.title),
                    (behaviour.severity.min(Severity::Low), Confidence::Low),
                    || Place {
                        note: format!("the names {} are there", parts.join(", ")),
                        ..Place::default()
                    },
                );
            }
        }
    }
}
