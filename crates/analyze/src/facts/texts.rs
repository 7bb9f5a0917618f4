//! What constant texts and lists of numbers say.

use assay_model::{Confidence, Severity};
use assay_text::is_invisible;
use rustc_hash::FxHashMap;

use super::{Facts, id_of, place_of};
use crate::behaviours::Behaviour;
use crate::endpoints::Context;
use crate::ir::{Bin, Key, Name, Op, V};
use crate::patterns::patterns;
use crate::raw::{Notes, Place, excerpt};
use crate::resolve::{HOLE, Known, to_bytes};
use crate::{decode, endpoints};

/// Commands that are words like any other where nothing runs them.
const COMMANDS: &[(&str, &str)] = &[
    ("hostname", "fingerprint.hostname"),
    ("locale", "fingerprint.locale"),
];
/// From this many constant hosts in one module on they are a table.
const TABLE: usize = 400;

/// A constant text and where it stands.
pub(super) struct Constant<'i> {
    pub(super) text: &'i str,
    pub(super) values: Vec<V>,
}

/// What a constant text says by itself.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) patterns: Vec<(&'static Behaviour, &'static str)>,
    pub(super) decoded: Option<decode::Decoded>,
}

pub(super) fn look(text: &str) -> Looked {
    Looked {
        patterns: if text.len() >= 3 && text.len() <= 4096 {
            patterns().text(text)
        } else {
            Vec::new()
        },
        decoded: decode::text(text),
    }
}

impl<'i, 'a> Facts<'_, 'i, 'a> {
    /// The constant texts, in the order in which they first stand.
    pub(super) fn constants(&self) -> Vec<Constant<'i>> {
        let mut occurrences: FxHashMap<Name, Vec<V>> = FxHashMap::default();
        for index in 0..self.ir.ops.len() {
            let value = id_of(index);
            match self.ir.op(value) {
                // The hosts of a list that was evaluated are told as a list.
                Op::Str(name)
                    if value >= self.ir.made_from && decode::is_host(self.ir.names.get(name)) => {}
                Op::Str(name) => {
                    let list = occurrences.entry(name).or_default();
                    if list.len() < 8 {
                        list.push(value);
                    }
                }
                _ => {}
            }
        }
        let mut order: Vec<(Name, Vec<V>)> = occurrences.into_iter().collect();
        order.sort_by_key(|(_, values)| values.first().copied());
        order
            .into_iter()
            .map(|(name, values)| Constant {
                text: self.ir.names.get(name),
                values,
            })
            .collect()
    }

    pub(super) fn texts(&mut self, texts: &[Constant<'i>], looked: Vec<Looked>) {
        for index in 0..self.ir.ops.len() {
            let value = id_of(index);
            if let Op::Array(list) = self.ir.op(value) {
                self.numbers(value, self.ir.list(list));
            }
        }
        for (constant, looked) in texts.iter().zip(looked) {
            self.constant(constant.text, &constant.values, true, looked);
        }
        self.bare();
        for index in 0..self.ir.ops.len() {
            let value = id_of(index);
            let is_composed = match self.ir.op(value) {
                // Parts of a sum are looked at as the sum.
                Op::Template(_) | Op::Binary { op: Bin::Add, .. } => {
                    let user = self.ir.op(self.ir.user(value));
                    !matches!(user, Op::Template(_) | Op::Binary { op: Bin::Add, .. })
                }
                Op::Call { callee, .. } => self.makes_text(callee),
                _ => false,
            };
            if is_composed {
                let shape = self.r.shape(value);
                if shape.chars().filter(|c| *c != HOLE).count() >= 4 {
                    self.composed(value, &shape);
                }
            }
        }
    }

    pub(super) fn bare(&mut self) {
        let hosts = std::mem::take(&mut self.bare_hosts);
        if hosts.len() > TABLE {
            let known: Vec<&(String, Vec<V>)> = hosts
                .iter()
                .filter(|(host, _)| crate::tld::is_known(host))
                .collect();
            if known.len() > TABLE
                && let Some((first, values)) = known.first()
                && let Some(value) = values.first()
            {
                let place = Place {
                    note: format!("the first is {first}"),
                    ..self.place(*value)
                };
                self.notes.add(
                    "egress.endpoint",
                    "(table of hosts)",
                    &format!("holds a table of {} hosts", known.len()),
                    (Severity::Info, Confidence::Low),
                    || place,
                );
                return;
            }
        }
        for (host, values) in hosts {
            for value in values {
                let base = self.place(value);
                endpoints::note(&host, Context::Whole, self.notes, |url| Place {
                    note: url.to_owned(),
                    ..base.clone()
                });
            }
        }
    }

    pub(super) fn makes_text(&self, callee: V) -> bool {
        let joins_paths = self.r.canon(callee).is_some_and(|canon| {
            matches!(
                self.r.canon_text(canon).as_str(),
                "path.join" | "path.resolve"
            )
        });
        if joins_paths || self.joins_python_path(callee) {
            return true;
        }
        let Op::Member { object, name } = self.ir.op(callee) else {
            return matches!(self.ir.op(callee), Op::Global(name) if self.ir.names.get(name) == "atob");
        };
        match self.ir.names.get(name) {
            "join" | "concat" | "toString" | "decode" => {
                !matches!(self.ir.op(object), Op::Global(_))
            }
            "fromCharCode" | "fromCodePoint" => true,
            "resolve" => true,
            _ => false,
        }
    }

    pub(super) fn composed(&mut self, value: V, shape: &str) {
        if shape.contains("://") {
            let base = self.place(value);
            endpoints::note(shape, Context::Whole, self.notes, |url| Place {
                note: url.to_owned(),
                ..base.clone()
            });
        }
        if shape.contains(HOLE) || shape.starts_with('~') {
            let open = shape.replace(HOLE, "…");
            for (behaviour, core) in patterns().text(&open) {
                self.said(behaviour, core, value, &open);
            }
        } else {
            // The parts alone were looked at; the whole may say more.
            if !matches!(self.ir.op(value), Op::Template(_)) || shape.len() > 64 {
                self.constant(shape, &[value], false, look(shape));
            }
        }
    }

    pub(super) fn constant(&mut self, text: &str, values: &[V], literal: bool, looked: Looked) {
        let Some(first) = values.first().copied() else {
            return;
        };
        for (behaviour, core) in looked.patterns {
            for value in values {
                self.said(behaviour, core, *value, text);
                // The constant is no fact; what reads the file or runs the
                // command that it names gets one.
                let user = self.ir.user(*value);
                if matches!(self.ir.op(user), Op::Call { .. }) && self.r.canon(user).is_some() {
                    self.source(behaviour, user, core);
                } else if behaviour.source.is_some() {
                    self.named_facts.push((*value, behaviour, core));
                }
            }
        }
        if let Some((_, id)) = COMMANDS.iter().find(|(command, _)| *command == text)
            && let Some(behaviour) = crate::behaviours::behaviour(id)
        {
            for value in values {
                if self.is_command(*value) {
                    self.said(behaviour, text, *value, text);
                    self.source(behaviour, self.ir.user(*value), text);
                }
            }
        }
        let in_sum = matches!(
            self.ir.op(self.ir.user(first)),
            Op::Template(_) | Op::Binary { op: Bin::Add, .. }
        );
        if !in_sum && literal && !text.contains("://") && decode::is_host(text) {
            // Where there are very many they are a table, and kept as one.
            self.bare_hosts.push((text.to_owned(), values.to_vec()));
        } else if !in_sum && literal {
            let (ir, offset) = (self.ir, self.offset);
            for value in values {
                endpoints::note(text, Context::Whole, self.notes, |url| Place {
                    note: url.to_owned(),
                    ..place_of(ir, offset, *value)
                });
            }
        }
        if let Ok(address) = text.parse::<std::net::IpAddr>()
            && !text.ends_with("::")
            && values.iter().any(|value| self.is_destination(*value))
        {
            let base = self.place(first);
            endpoints::note_address(address, text, true, self.notes, &mut |_| base.clone());
        }
        self.invisible(text, first);
        if !text.is_ascii()
            && let Some(codes) = shows_nothing(text)
            && let Some(added) = values.iter().find(|value| self.is_added(**value))
        {
            let place = self.place(*added);
            self.notes.add(
                "conceal.invisible",
                &format!("adds {codes}"),
                &format!("adds characters to a text that show nothing: {codes}"),
                (Severity::Low, Confidence::Medium),
                || place,
            );
        }
        if let Some(decoded) = looked.decoded {
            self.decoded(first, decoded);
        }
    }

    /// Whether a value becomes part of a text: is put to one, or chosen to be.
    pub(super) fn is_added(&self, value: V) -> bool {
        let user = self.ir.user(value);
        match self.ir.op(user) {
            Op::Binary { op: Bin::Add, .. } | Op::Template(_) => true,
            Op::Assign { compound, .. } => compound,
            Op::Cond { test, .. } => test != value,
            Op::Return { .. } => true,
            Op::Array(_) | Op::Object(_) => {
                // A table that is looked up by what was decided.
                matches!(self.ir.op(self.ir.user(user)), Op::Index { object, .. } if object == user)
            }
            Op::Call { callee, args } => {
                let at = self.ir.list(args).iter().position(|arg| *arg == value);
                match self.ir.op(callee) {
                    Op::Member { name, .. } => match self.ir.names.get(name) {
                        "concat" | "push" | "unshift" | "append" | "insert" => true,
                        "padEnd" | "padStart" | "replace" | "replaceAll" => at == Some(1),
                        _ => false,
                    },
                    _ => false,
                }
            }
            Op::Member { object, name } => {
                object == value && matches!(self.ir.names.get(name), "repeat" | "concat")
            }
            _ => false,
        }
    }

    /// Whether a value says where a connection goes.
    pub(super) fn is_destination(&self, value: V) -> bool {
        let user = self.ir.user(value);
        match self.ir.op(user) {
            Op::Call { callee, .. } => self.r.canon(callee).is_some_and(|canon| {
                let name = self.r.canon_text(canon);
                ["net.", "tls.", "dgram.", "http.", "https.", "new net.", "Bun.connect", "Deno.connect"]
                    .iter()
                    .any(|front| name.starts_with(front))
            }),
            Op::Object(list) => self.ir.props(list).iter().any(|prop| {
                prop.value == value
                    && matches!(prop.key, Key::Name(name)
                        if matches!(self.ir.names.get(name), "host" | "hostname" | "address" | "servername"))
            }),
            Op::Array(_) => self.is_socket_address(user),
            _ => false,
        }
    }

    pub(super) fn numbers(&mut self, value: V, elements: &[V]) {
        if elements.len() >= 3
            && matches!(elements.first().map(|v| self.ir.op(*v)), Some(Op::Str(_)))
        {
            let texts: Option<Vec<&str>> = elements
                .iter()
                .map(|element| match self.ir.op(*element) {
                    Op::Str(name) => Some(self.ir.names.get(name)),
                    _ => None,
                })
                .collect();
            if let Some(decoded) = texts.and_then(|texts| decode::list(&texts)) {
                self.decoded(value, decoded);
            }
            return;
        }
        if elements.len() < 12
            || !matches!(elements.first().map(|v| self.ir.op(*v)), Some(Op::Num(_)))
        {
            return;
        }
        let list: Option<Vec<Known>> = elements
            .iter()
            .map(|element| match self.ir.op(*element) {
                Op::Num(number) => Some(Known::Number(number)),
                _ => None,
            })
            .collect();
        if let Some(bytes) = list.and_then(|list| to_bytes(&list))
            && let Some(decoded) = decode::bytes(&bytes, "numbers")
        {
            self.decoded(value, decoded);
        }
    }

    pub(super) fn invisible(&mut self, text: &str, value: V) {
        let (ir, offset) = (self.ir, self.offset);
        hidden_characters(text, self.notes, || place_of(ir, offset, value));
    }

    /// Tells of the whole file that it is packed.
    fn packed(&mut self, key: &str, title: &str, note: String) {
        let place = Place {
            note,
            excerpt: excerpt(self.ir.text, 0, 80),
            len: self.ir.text.len() as u64,
            ..Place::default()
        };
        self.notes.add(
            "conceal.packed",
            key,
            title,
            (Severity::Medium, Confidence::High),
            || place,
        );
    }

    pub(super) fn shapes(&mut self) {
        let obfuscated = hex_names(self.ir.text);
        let functions = self.ir.funcs.len();
        if obfuscated >= 5 && obfuscated.saturating_mul(2) >= functions {
            let note =
                format!("{obfuscated} names of the form _0x1a2b among {functions} functions");
            self.packed(
                "obfuscated names",
                "the code went through an obfuscator that renames and hides its texts",
                note,
            );
        }
        if self.ir.text.len() >= 200 && is_of_six_characters(self.ir.text) {
            self.packed(
                "six characters",
                "the code is written in brackets and signs alone",
                String::new(),
            );
        }
        let end = (0..=4096.min(self.ir.text.len()))
            .rev()
            .find(|at| self.ir.text.is_char_boundary(*at));
        let head = self.ir.text.get(..end.unwrap_or(0)).unwrap_or_default();
        if head.contains("eval(function(p,a,c,k,e,") {
            self.packed(
                "packer",
                "the code is packed and unpacks itself with eval",
                String::new(),
            );
        }
    }
}

/// Whether nine tenths of a text are brackets and signs. Looked at no further
/// than until it cannot be.
pub(super) fn is_of_six_characters(text: &str) -> bool {
    let most = text.len() / 10;
    let mut others = 0usize;
    for part in text.as_bytes().chunks(4096) {
        let marks = |b: &&u8| matches!(b, b'[' | b']' | b'(' | b')' | b'!' | b'+');
        others = others.saturating_add(part.len() - part.iter().filter(marks).count());
        if others > most {
            return false;
        }
    }
    true
}

/// How many different names of the form `_0x1a2b3c` a text has.
pub(super) fn hex_names(text: &str) -> usize {
    let mut names = rustc_hash::FxHashSet::default();
    for at in memchr::memmem::find_iter(text.as_bytes(), "_0x").take(100_000) {
        let rest = text.get(at.saturating_add(3)..).unwrap_or_default();
        let len = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if (4..=8).contains(&len) {
            names.insert(rest.get(..len));
        }
    }
    names.len()
}

/// The code points of a text in which nothing is seen. Marks of direction and
/// of the order of bytes have their use where nobody sees them.
pub(super) fn shows_nothing(text: &str) -> Option<String> {
    let useful = |c: char| matches!(c, '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{ad}' | '\u{fe00}'..='\u{fe0f}' | '\u{61c}');
    let count = text.chars().count();
    if count > 64 || !text.chars().all(is_invisible) || text.chars().all(useful) {
        return None;
    }
    let mut codes: Vec<String> = text
        .chars()
        .take(8)
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect();
    codes.dedup();
    Some(codes.join(" "))
}

/// Whether a character is a letter of a script whose letters join: from Arabic
/// to Sinhala, Myanmar, Khmer and Mongolian.
fn joins(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}')
}

/// Characters that nobody sees inside of text that somebody reads.
pub(crate) fn hidden_characters(text: &str, notes: &mut Notes, place: impl FnOnce() -> Place) {
    if text.is_ascii() || text.len() > 100_000 {
        return;
    }
    let hidden: Vec<char> = text.chars().filter(|c| is_invisible(*c)).collect();
    let tags = hidden
        .iter()
        .any(|c| ('\u{e0000}'..='\u{e007f}').contains(c));
    let mut kinds = hidden.clone();
    kinds.sort_unstable();
    kinds.dedup();
    // Tables of such characters (for stripping or measuring them) hold
    // many kinds; emoji are written with joiners and selectors.
    let after = text.chars().skip(2).map(Some).chain([None]);
    let pairs = text.chars().zip(text.chars().skip(1)).zip(after);
    let between_letters = pairs.into_iter().any(|((a, b), c)| {
        is_invisible(b)
            // Scripts whose letters join are written with joiners, also after
            // a blank.
            && !(matches!(b, '\u{200c}' | '\u{200d}') && c.is_some_and(joins))
            && !matches!(b, '\u{fe00}'..='\u{fe0f}' | '\u{ad}')
            && (a.is_ascii_alphanumeric() || a.is_ascii_punctuation() || a == ' ')
            && a != '['
            && a != '-'
            && a != '\\'
    });
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    // Expressions and sanitizers name such characters to find them; flags of
    // regions are written with tags; isolates come in pairs around what is
    // filled in.
    let expression = ["(?:", "[^", "\\p{", "\\u", "]+", "]*", "|"]
        .iter()
        .any(|mark| text.contains(mark));
    let flag = text.contains('\u{1f3f4}');
    let isolates = kinds.iter().all(|c| ('\u{2066}'..='\u{2069}').contains(c));
    if expression || flag || isolates {
        return;
    }
    if !(between_letters && kinds.len() <= 3 && letters >= 3
        || tags && kinds.len() > 2 && kinds.len() < 64)
    {
        return;
    }
    let codes: Vec<String> = kinds
        .iter()
        .take(8)
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    let note = format!(
        "{} invisible characters: {}",
        hidden.len(),
        codes.join(", ")
    );
    notes.add(
        "conceal.invisible",
        text,
        &format!(
            "a text holds characters that show nothing ({})",
            codes.join(", ")
        ),
        // A zero-width space also tells where a word of a script without
        // blanks may be broken.
        if kinds.as_slice() == ['\u{200b}']
            && !tags
            && letters >= 3
            && !text.is_ascii()
            && text.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
        {
            (Severity::Low, Confidence::Low)
        } else {
            (Severity::Medium, Confidence::Medium)
        },
        || Place { note, ..place() },
    );
}
