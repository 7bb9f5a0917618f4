//! What only Python has, and what its front end evaluated.

use assay_model::{Confidence, Role, Severity};

use super::{Facts, note_decoded, one_line};
use crate::decode::{self, Meaning};
use crate::endpoints::{self, Context};
use crate::flow::{Hit, SinkKind};
use crate::ir::{Bin, Evaluated, Op, V};
use crate::js::Slices;
use crate::patterns::patterns;
use crate::py::{self, names};
use crate::raw::{Notes, Place};
use crate::resolve::Known;

/// How many layers of decoded code are read.
const LAYERS: u8 = 3;
/// The longest decoded code that is read.
const LONGEST_CODE: usize = 1 << 20;

/// How many texts of one evaluated value are looked at.
const TEXTS: usize = 256;

/// Whether a canonical name, of a function or its call, starts a program.
pub(super) fn starts(name: &str) -> bool {
    names::starts(name) || names::starts(&format!("{name}()"))
}

/// A setting as Python writes it: `verify=False`.
pub(super) fn setting(name: &str, value: &str) -> String {
    let value = match value {
        "true" => "True",
        "false" => "False",
        other => other,
    };
    format!("{name}={value}")
}

impl Facts<'_, '_, '_> {
    /// `"X" in os.environ`, and loops over all of it.
    pub(super) fn python_environment(&mut self, value: V) {
        match self.ir.op(value) {
            Op::Binary {
                op: Bin::Compare,
                left,
                right,
            } => {
                let environment = self
                    .r
                    .canon(right)
                    .is_some_and(|canon| self.r.is_environment(canon));
                if environment && let Some(name) = self.r.text(left) {
                    self.variable(&name, value);
                }
            }
            Op::Each { value: whole, .. } => {
                let environment = self
                    .r
                    .canon(whole)
                    .is_some_and(|canon| self.r.is_environment(canon));
                if environment {
                    let place = self.place(value);
                    self.notes.add(
                        "reach.environment",
                        "*",
                        "goes through all variables of the environment",
                        (Severity::Info, Confidence::High),
                        || place,
                    );
                }
            }
            _ => {}
        }
    }

    /// Files of the host that code names: absolute, or in the home folder.
    pub(super) fn python_file(&mut self, value: V) {
        let Some(path) = self.r.path_of(value) else {
            return;
        };
        if !self.file(value, &path) {
            return;
        }
        for (behaviour, core) in patterns().text(&path) {
            self.source(behaviour, value, core);
        }
    }

    /// A time that is written with its zone: `time.strftime("%Z")`.
    pub(super) fn python_format(&mut self, value: V, text: &str) {
        if !text.ends_with(".strftime()") {
            return;
        }
        let Op::Call { args, .. } = self.ir.op(value) else {
            return;
        };
        let zoned = self.ir.list(args).first().is_some_and(|form| {
            let form = self.r.shape(*form);
            form.contains("%Z") || form.contains("%z")
        });
        if zoned {
            for behaviour in patterns().call("?.strftime(%Z)") {
                self.pattern(behaviour, text, value, text);
            }
        }
    }

    /// Whether a callee puts a path together.
    pub(super) fn joins_python_path(&self, callee: V) -> bool {
        self.r.canon(callee).is_some_and(|canon| {
            matches!(
                self.r.canon_text(canon).as_str(),
                "os.path.join"
                    | "pathlib.Path"
                    | "pathlib.PurePath"
                    | "pathlib.Path.home().joinpath"
            )
        })
    }

    /// Whether a pair is the address of a socket: `sock.connect((host, port))`.
    pub(super) fn is_socket_address(&self, pair: V) -> bool {
        let Op::Call { callee, .. } = self.ir.op(self.ir.user(pair)) else {
            return false;
        };
        if let Some(canon) = self.r.canon(callee) {
            return self.r.canon_text(canon).starts_with("socket.");
        }
        matches!(self.ir.op(callee), Op::Member { name, .. }
            if matches!(self.ir.names.get(name), "connect" | "sendto" | "connect_ex"))
    }

    /// Whether the file that an answer is written to is started.
    pub(super) fn runs_written(&self, hit: &Hit) -> bool {
        if hit.kind != SinkKind::File {
            return false;
        }
        let Op::Call { callee, .. } = self.ir.op(hit.sink) else {
            return false;
        };
        let Op::Member { object, .. } = self.ir.op(callee) else {
            return false;
        };
        let mut at = object;
        for _ in 0..4 {
            match self.ir.op(at) {
                Op::Var(sym) => match self.r.definition(sym) {
                    Some((definition, [])) => at = definition,
                    _ => return false,
                },
                Op::Pass(inner) => at = inner,
                Op::Call { args, .. } => {
                    let path = self.ir.list(args).first().map(|path| self.r.shape(*path));
                    return path.is_some_and(|path| {
                        path.len() > 3
                            && !path.contains(crate::resolve::HOLE)
                            && self.commands.iter().any(|(_, line)| line.contains(&path))
                    });
                }
                _ => return false,
            }
        }
        false
    }

    // ---- what was evaluated ----

    /// Values that code makes of constants: what they say, and what is kept
    /// encoded in them.
    pub(super) fn evaluated(&mut self) {
        let ir = self.ir;
        for one in &ir.evaluated {
            if one.steps.is_empty() {
                continue;
            }
            for text in one.texts.iter().take(TEXTS) {
                self.said_by(one.value, text);
            }
            if let Some(decoded) = decode::made(&one.texts, &one.steps) {
                self.decoded_by(one, decoded);
            }
        }
    }

    /// What an evaluated text says.
    fn said_by(&mut self, value: V, text: &str) {
        if text.len() < 3 || text.len() > 4096 {
            return;
        }
        for (behaviour, core) in patterns().text(text) {
            self.said(behaviour, core, value, text);
            let user = self.ir.user(value);
            if matches!(self.ir.op(user), Op::Call { .. }) && self.r.canon(user).is_some() {
                self.source(behaviour, user, core);
            }
        }
        let base = self.place(value);
        endpoints::note(text, Context::Whole, self.notes, |url| Place {
            note: url.to_owned(),
            ..base.clone()
        });
    }

    fn decoded_by(&mut self, one: &Evaluated, decoded: decode::Decoded) {
        let path = one
            .constants
            .iter()
            .take(4)
            .map(|(start, end)| {
                let place = Place {
                    start: u64::from(*start).saturating_add(self.offset),
                    len: u64::from(end.saturating_sub(*start)),
                    ..Place::default()
                };
                let text = self
                    .ir
                    .text
                    .get(*start as usize..*end as usize)
                    .unwrap_or_default();
                assay_model::Step {
                    role: Role::List,
                    node: None,
                    line: 0,
                    column: 0,
                    span: place.span(),
                    excerpt: one_line(text),
                    note: "the constant that it is made of".to_owned(),
                }
            })
            .collect();
        let place = Place {
            path,
            ..self.place(one.value)
        };
        self.executed(one.value, &decoded, &place);
        if self.is_executed(one.value) {
            for text in &one.texts {
                self.inside(one.value, text);
            }
        }
        note_decoded(&decoded, Confidence::High, self.notes, || place);
        let list = matches!(decoded.meaning, Meaning::Hosts | Meaning::Words);
        if list && decoded.beyond_alphabet || decoded.meaning == Meaning::Hosts {
            // The constant alone may have told the same; what it is made into
            // is what is compared.
            let known = self
                .concealed
                .iter_mut()
                .find(|(_, known)| known.values == decoded.values);
            match known {
                Some((value, _)) => *value = one.value,
                None => self.concealed.push((one.value, decoded)),
            }
        }
    }

    /// Reads code that was decoded and is run, as the code that it is.
    fn inside(&mut self, value: V, text: &str) {
        if !self.ir.python || self.ir.layer >= LAYERS || text.len() > LONGEST_CODE {
            return;
        }
        let mut found = Notes::default();
        let layer = self.ir.layer.saturating_add(1);
        // The stack was made for the text around, which may nest less.
        let stack = (16usize << 20).saturating_add(text.len().saturating_mul(2 << 10));
        let read = std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(stack.min(1 << 30))
                .spawn_scoped(scope, || {
                    py::with_ir(text, layer, None, |ir, trials| {
                        super::collect(ir, &Slices::default(), trials, 0, &mut found)
                    })
                    .is_ok()
                })
                .is_ok_and(|thread| thread.join().unwrap_or(false))
        });
        if !read {
            return;
        }
        for raw in found.into_raws() {
            let base = self.place(value);
            for inner in raw.places {
                let place = Place {
                    note: format!("in the decoded code: {}", inner.excerpt),
                    decoded: inner.decoded,
                    decoding: inner.decoding,
                    ..base.clone()
                };
                self.notes.add(
                    &raw.behaviour,
                    &raw.key,
                    &raw.title,
                    (raw.severity, raw.confidence),
                    || place,
                );
            }
        }
    }

    /// The name of the variable that a helper is asked for, where it reads
    /// the environment by a call.
    pub(super) fn environment_key(&self, value: V) -> Option<V> {
        let Op::Call { callee, args } = self.ir.op(value) else {
            return None;
        };
        let Op::Member { object, name } = self.ir.op(callee) else {
            return None;
        };
        let reads = match self.ir.names.get(name) {
            "get" | "pop" => self
                .r
                .canon(object)
                .is_some_and(|canon| self.r.is_environment(canon)),
            "getenv" => self
                .r
                .canon(callee)
                .is_some_and(|canon| self.r.canon_text(canon) == "os.getenv"),
            _ => false,
        };
        let key = *self.ir.list(args).first()?;
        (reads && !matches!(self.r.known(key), Some(Known::Text(_)))).then_some(key)
    }
}
