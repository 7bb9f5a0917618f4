//! What names and calls of Python stand for.

use super::{Canon, HOLE, Known, LONGEST, Resolver, Segment, to_index};
use crate::ir::{NONE, Name, Op, V};
use crate::py::names;

/// Whether a name after `os.environ` is a method of it and no variable.
pub(super) fn is_mapping_method(name: &str) -> bool {
    matches!(
        name,
        "get"
            | "pop"
            | "items"
            | "keys"
            | "values"
            | "copy"
            | "update"
            | "setdefault"
            | "clear"
            | "popitem"
            | "__getitem__"
            | "__setitem__"
            | "__contains__"
            | "__iter__"
    )
}

impl Resolver<'_, '_> {
    /// A product: of numbers, or a text so many times.
    pub(super) fn repeated(&self, left: V, right: V, depth: u32) -> Option<Known> {
        let (text, times) = match (self.known_at(left, depth)?, self.known_at(right, depth)?) {
            (Known::Number(left), Known::Number(right)) => {
                return Some(Known::Number(left * right));
            }
            (Known::Text(text), Known::Number(times))
            | (Known::Number(times), Known::Text(text)) => (text, times),
            _ => return None,
        };
        let times = to_index(times.max(0.0))?;
        (text.len().checked_mul(times)? <= LONGEST).then(|| Known::Text(text.repeat(times)))
    }

    /// What a field of `self` holds, if it is written once.
    pub(super) fn field(&self, value: V, object: V, name: Name) -> Option<V> {
        if self.ir.fields.is_empty() || !matches!(self.ir.op(object), Op::This) {
            return None;
        }
        let home = self.ir.func(self.ir.owner(value))?.home;
        self.ir.fields.get(&(home, name)).copied()
    }

    /// `os.environ.get("X")` and `os.getenv("X")` are `os.environ["X"]`.
    pub(super) fn environment_call(
        &self,
        function: Canon,
        args: &[V],
        depth: u32,
    ) -> Option<Canon> {
        let (parent, name) = {
            let table = self.table.borrow();
            let (parent, Segment::Member(name)) = *table.nodes.get(function as usize)? else {
                return None;
            };
            (parent, self.ir.names.get(name))
        };
        let environment = match name {
            "getenv" | "getenvb" if self.is_os(parent) => {
                let environ = self.ir.names.find("environ")?;
                self.child(parent, Segment::Member(environ))
            }
            "get" | "pop" | "setdefault" | "__getitem__" if self.is_environment(parent) => parent,
            // A copy is one as well.
            "copy" if self.is_environment(parent) => return Some(parent),
            _ => return None,
        };
        let Known::Text(key) = self.known_at(*args.first()?, depth)? else {
            return None;
        };
        let key = self.ir.names.find(&key)?;
        Some(self.child(environment, Segment::Member(key)))
    }

    pub(super) fn is_os(&self, canon: Canon) -> bool {
        matches!(
            self.table.borrow().nodes.get(canon as usize),
            Some((NONE, Segment::Module(module))) if self.ir.names.get(*module) == "os"
        )
    }

    /// The text that a call of Python's library for paths gives, as far as it
    /// is constant; `false` where it is no such call.
    pub(super) fn python_path(
        &self,
        value: V,
        depth: u32,
        out: &mut String,
        holes: &mut usize,
    ) -> bool {
        let Op::Call { callee, args } = self.ir.op(value) else {
            return false;
        };
        if let Some(canon) = self.canon_at(callee, depth) {
            let name = self.canon_text(canon);
            match name.as_str() {
                "os.path.join" | "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" => {
                    for (index, part) in self.ir.list(args).iter().enumerate() {
                        if index > 0 {
                            out.push('/');
                        }
                        self.partial(*part, depth - 1, out, holes);
                    }
                    return true;
                }
                "pathlib.Path.home" => {
                    out.push('~');
                    return true;
                }
                _ => {}
            }
        }
        // Methods of a path that give the same place.
        if let Op::Member { object, name } = self.ir.op(callee) {
            let method = self.ir.names.get(name);
            if matches!(
                method,
                "expanduser" | "resolve" | "absolute" | "as_posix" | "joinpath" | "with_suffix"
            ) && self.is_path(object, depth)
            {
                self.partial(object, depth - 1, out, holes);
                if method == "joinpath" {
                    for part in self.ir.list(args) {
                        out.push('/');
                        self.partial(*part, depth - 1, out, holes);
                    }
                }
                return true;
            }
        }
        false
    }

    fn is_path(&self, value: V, depth: u32) -> bool {
        if depth == 0 {
            return false;
        }
        match self.ir.op(value) {
            Op::Template(list) => self
                .ir
                .list(list)
                .first()
                .is_some_and(|first| self.is_path(*first, depth - 1)),
            Op::Var(sym) => self.definition(sym).is_some_and(|(definition, path)| {
                path.is_empty() && self.is_path(definition, depth - 1)
            }),
            _ => self
                .canon_at(value, depth)
                .is_some_and(|canon| self.canon_text(canon).starts_with("pathlib.")),
        }
    }

    /// The place that a method of a path is about: `Path("/x").read_text()`.
    pub(crate) fn path_of(&self, value: V) -> Option<String> {
        let Op::Call { callee, args } = self.ir.op(value) else {
            return None;
        };
        let text = self.canon_text(self.canon(value)?);
        let about = if names::opens(&text) {
            *self.ir.list(args).first()?
        } else {
            let Op::Member { object, name } = self.ir.op(callee) else {
                return None;
            };
            let about = names::path_opens(&text)
                || names::path_method(self.ir.names.get(name)) && self.is_path(object, 8);
            if !about {
                return None;
            }
            object
        };
        Some(self.shape(about).replace(HOLE, "…"))
    }
}
