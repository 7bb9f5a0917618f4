//! What the flow does with what only Python has.

pub(super) use crate::py::names::compares_sets;
pub(super) use crate::py::names::{decides, is_collection, is_comparison, is_plain, raises};

use super::names::CalleeKind;
use super::run::Run;
use super::{Choice, Flow, Mode, SinkKind, State};
use crate::ir::{ANY, List, Name, Op, V};
use crate::py::names;
use crate::resolve::Known;

/// What a callee of Python's library does with its arguments.
pub(super) fn callee_kind(name: &str) -> Option<CalleeKind> {
    if let Some(sink) = names::sink(name) {
        return Some(CalleeKind::Sink(sink));
    }
    if names::gives_nothing(name) {
        return Some(CalleeKind::Nothing);
    }
    names::flattens(name).then_some(CalleeKind::Flattens)
}

impl Flow<'_, '_, '_> {
    /// Whether a callee is a method that puts what it is given into a text.
    pub(super) fn fills(&self, callee: V) -> bool {
        match self.ir.op(callee) {
            Op::Member { name, .. } => names::method_flattens(self.ir.names.get(name)),
            _ => false,
        }
    }

    /// Whether a sink of files is a method of the file, whose first argument
    /// is the content.
    pub(super) fn is_method(&self, callee: V) -> bool {
        let Some(canon) = self.r.canon(callee) else {
            return false;
        };
        names::sink(&self.r.canon_text(canon)) == Some(SinkKind::File)
    }

    /// What a table gives that is asked with `get`, or else the default.
    pub(super) fn looked_up(&self, at: V, object: V, args: List) -> Option<Choice> {
        match self.ir.list(args) {
            [_, default] if self.ir.python => {
                let mut outputs = Vec::new();
                self.entries(object, &mut outputs);
                if outputs.len() > 16 {
                    return None;
                }
                self.outputs(*default, 4, &mut outputs);
                self.choice(at, outputs)
            }
            _ => self.table(at, object),
        }
    }

    /// `decided and a or b` gives the one or the other.
    pub(super) fn and_or(&self, both: V) -> Option<Choice> {
        let (
            Op::Logical {
                and: true, right, ..
            },
            Op::Logical {
                and: false,
                left,
                right: other,
            },
        ) = (self.ir.op(both), self.ir.op(self.ir.user(both)))
        else {
            return None;
        };
        (left == both)
            .then(|| self.choice_of(both, &[right, other]))
            .flatten()
    }

    /// Whether a function makes a character of its number.
    pub(super) fn makes_character(&self, callee: V) -> bool {
        self.ir.python
            && self
                .r
                .canon(callee)
                .is_some_and(|canon| self.r.canon_text(canon) == "builtins.chr")
    }

    /// Whether a call gives yes or no: `bool(x)`, `table.get(x, False)`.
    pub(super) fn gives_outcome(&self, callee: V, args: List) -> bool {
        if let Some(canon) = self.r.canon(callee)
            && matches!(
                self.r.canon_text(canon).as_str(),
                "builtins.bool" | "builtins.any" | "builtins.all"
            )
        {
            return true;
        }
        let Op::Member { name, .. } = self.ir.op(callee) else {
            return false;
        };
        let default = self.ir.list(args).get(1).copied();
        self.ir.names.get(name) == "get"
            && default.is_some_and(|default| matches!(self.ir.op(default), Op::Bool(_)))
    }

    /// Whether an argument by name belongs to a request: `json=`, `data=` of a
    /// method that sends.
    pub(super) fn is_request(&self, object: V, key: &str) -> bool {
        if !matches!(
            key,
            "json" | "data" | "params" | "content" | "files" | "headers" | "cookies"
        ) {
            return false;
        }
        let Op::Call { callee, .. } = self.ir.op(self.ir.user(object)) else {
            return false;
        };
        match self.ir.op(callee) {
            Op::Member { name, .. } => matches!(
                self.ir.names.get(name),
                "get" | "post" | "put" | "patch" | "request" | "send" | "stream" | "build_request"
            ),
            _ => false,
        }
    }
}

impl Run<'_, '_, '_, '_> {
    /// Whether a state is that of a set or list that has the fact in it, which
    /// is compared with another as a whole: `{fact} & names`.
    pub(super) fn is_set_of(&self, path: u32) -> bool {
        self.f.ir.python && self.mode == Mode::Fact && self.paths.get(path) == Some((ANY, 0))
    }

    /// What stands under a name is taken by a method: `x.get("name")`.
    pub(super) fn take_named(
        &mut self,
        member: V,
        method: Name,
        (held, rest): (Name, u32),
        state: State,
        step: u32,
    ) {
        let ir = self.f.ir;
        if !ir.python || !names::takes(ir.names.get(method)) {
            return;
        }
        let Op::Call { callee, args } = ir.op(ir.user(member)) else {
            return;
        };
        let Some(key) = ir.list(args).first() else {
            return;
        };
        if callee != member {
            return;
        }
        let fits = held == ANY
            || match self.f.r.known(*key) {
                Some(Known::Text(key)) => ir.names.get(held) == key,
                Some(_) => false,
                None => true,
            };
        if fits {
            self.push(ir.user(member), rest, state, step);
        }
    }

    /// A lookup that fails: what the handler around it does tells as well.
    pub(super) fn may_raise(&mut self, at: V, state: State, step: u32) {
        if self.f.ir.handler(at).is_some() {
            self.raise(at, State { path: 0, ..state }, step);
        }
    }

    /// What is put into a part of an object: `self.headers["x"] = value`.
    pub(super) fn put_part(&mut self, object: V, state: State, step: u32) {
        let ir = self.f.ir;
        let Op::Member {
            object: whole,
            name,
        } = ir.op(object)
        else {
            return;
        };
        if ir.names.get(name) == "headers" {
            self.sink(object, SinkKind::Request, state.choice, step);
        }
        if matches!(ir.op(whole), Op::This) {
            self.hold_field(whole, name, ANY, state, step);
        }
    }

    /// What a method puts into a variable or a field.
    pub(super) fn put_into(&mut self, object: V, method: &str, state: State, step: u32) {
        let adds = matches!(method, "append" | "add");
        if !adds && !names::puts(method) {
            return;
        }
        let ir = self.f.ir;
        match ir.op(object) {
            // `list.append(x)` is known to the flow; these put in what their
            // argument holds.
            Op::Var(sym) if !adds => {
                let held = if matches!(method, "insert" | "appendleft" | "setdefault") {
                    self.paths.cons(ANY, state.path, super::PATH)
                } else {
                    Some(state.path)
                };
                let Some(path) = held else {
                    return;
                };
                for read in ir.reads(sym) {
                    if *read != object {
                        self.push(*read, path, state, step);
                    }
                }
            }
            Op::Member {
                object: whole,
                name,
            } => {
                if ir.names.get(name) == "headers" {
                    self.sink(object, SinkKind::Request, state.choice, step);
                }
                if matches!(ir.op(whole), Op::This) {
                    self.hold_field(whole, name, ANY, state, step);
                }
            }
            _ => {}
        }
    }

    /// The outputs of a choice between parameters, as the last call gives
    /// them, and where they are chosen.
    pub(super) fn given(&self, state: State, at: V, yes: V, no: V) -> (V, V, V) {
        let Some((call, _)) = self.calls.get(state.calls) else {
            return (at, yes, no);
        };
        let argument = |value: V| {
            let ir = self.f.ir;
            let Op::Var(sym) = ir.op(value) else {
                return None;
            };
            let (Op::Call { callee, args }, [(writer, _)]) = (ir.op(call), ir.writes(sym)) else {
                return None;
            };
            let Op::Param { func, index, .. } = ir.op(*writer) else {
                return None;
            };
            (self.f.r.function(callee) == Some(func))
                .then(|| ir.list(args).get(index as usize).copied())
                .flatten()
        };
        match (argument(yes), argument(no)) {
            (None, None) => (at, yes, no),
            (first, second) => (call, first.unwrap_or(yes), second.unwrap_or(no)),
        }
    }

    /// What is put into a list under a test is there or is not.
    pub(super) fn controlled_put(&mut self, put: V, state: State, step: u32) {
        let ir = self.f.ir;
        let Op::Call { callee, args } = ir.op(put) else {
            return;
        };
        let (Op::Member { object, .. }, Some(value)) = (ir.op(callee), ir.list(args).last()) else {
            return;
        };
        let chosen = self.choose(
            state,
            |f| {
                let mut outputs = vec![String::new()];
                f.outputs(*value, 4, &mut outputs);
                f.choice(put, outputs)
            },
            put,
        );
        if chosen.choice == state.choice {
            return;
        }
        let next = State { path: 0, ..chosen };
        match ir.op(object) {
            Op::Var(sym) => self.hold(sym, ANY, object, next, step),
            Op::Member {
                object: whole,
                name,
            } if matches!(ir.op(whole), Op::This) => {
                self.hold_field(whole, name, ANY, next, step);
            }
            _ => {}
        }
    }

    /// A field of `self` takes the state under a name.
    fn hold_field(&mut self, whole: V, field: Name, under: Name, state: State, step: u32) {
        let ir = self.f.ir;
        let home = ir.func(ir.owner(whole)).map_or(0, |func| func.home);
        let reads = self.f.this_reads.get(&(home, field));
        for read in reads.into_iter().flatten() {
            self.push_held(*read, under, State { calls: 0, ..state }, step);
        }
    }

    /// Whether the first of the arguments is what runs. A list of words is a
    /// program and what it is called with: it runs only where the program is a
    /// shell or an interpreter.
    pub(super) fn runs_first(&self, args: List) -> bool {
        let ir = self.f.ir;
        let Some(first) = ir.list(args).first() else {
            return false;
        };
        let mut at = *first;
        for _ in 0..4 {
            match ir.op(at) {
                Op::Pass(inner) => at = inner,
                Op::Var(sym) => match self.f.r.definition(sym) {
                    Some((definition, [])) => at = definition,
                    _ => break,
                },
                _ => break,
            }
        }
        let Op::Array(list) = ir.op(at) else {
            return true;
        };
        let Some(program) = ir.list(list).first() else {
            return true;
        };
        let Some(Known::Text(program)) = self.f.r.known(*program) else {
            // What runs is not known, so it may be the value.
            return true;
        };
        let program = program.rsplit(['/', '\\']).next().unwrap_or_default();
        let program = program.trim_end_matches(".exe");
        matches!(
            program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'),
            "sh" | "bash"
                | "zsh"
                | "dash"
                | "cmd"
                | "powershell"
                | "pwsh"
                | "python"
                | "node"
                | "perl"
                | "ruby"
        )
    }
}
