//! Files that import each other, as one text with a way back.

use rustc_hash::{FxHashMap, FxHashSet};

use super::module::{self, Base, Edit, Export, Member, Module, New};
use super::python;

/// A file to join.
#[derive(Debug)]
pub(super) struct File<'t> {
    pub(super) text: &'t str,
    pub(super) kind: Kind,
    /// The files that it imports, by how it names them.
    pub(super) imports: FxHashMap<String, usize>,
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    JavaScript,
    TypeScript,
    Json,
    Python,
}

/// A part of the joined text, and where it comes from.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: usize,
    len: usize,
    file: usize,
    from: usize,
    /// How long it is in the file; another length where it was changed.
    of: usize,
}

/// Several files as one text.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub(super) text: String,
    /// Files that could not be part of it.
    pub(super) left_out: Vec<usize>,
    pieces: Vec<Piece>,
}

impl Joined {
    fn push(&mut self, text: &str, file: usize, from: usize, of: usize) {
        if text.is_empty() {
            return;
        }
        self.pieces.push(Piece {
            start: self.text.len(),
            len: text.len(),
            file,
            from,
            of,
        });
        self.text.push_str(text);
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let index = self.pieces.partition_point(|piece| piece.start <= at);
        self.pieces.get(index.checked_sub(1)?)
    }

    /// The file, and the range in it, that a range of the joined text comes
    /// from.
    pub(super) fn origin(&self, start: usize, len: usize) -> Option<(usize, usize, usize)> {
        let first = self.piece(start)?;
        let from = if first.len == first.of {
            first
                .from
                .saturating_add(start.saturating_sub(first.start).min(first.of))
        } else {
            first.from
        };
        let last_byte = start.saturating_add(len).saturating_sub(1).max(start);
        let last = self.piece(last_byte).filter(|last| last.file == first.file);
        let to = match last {
            Some(last) if last.len == last.of => {
                let within = last_byte.saturating_sub(last.start).saturating_add(1);
                last.from.saturating_add(within.min(last.of))
            }
            Some(last) => last.from.saturating_add(last.of),
            None => from,
        };
        let to = if len == 0 { from } else { to };
        Some((first.file, from, to.saturating_sub(from)))
    }
}

/// What a name of another file's exports is found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    Name(String),
    Module(usize),
    /// A member of a file's exports of which nothing more is known.
    Member(usize, String),
}

struct Linker<'m> {
    modules: &'m [Option<Module>],
    memo: FxHashMap<(usize, String), Option<Found>>,
    /// The objects of exports that are used, in the order in which they were
    /// first.
    used: Vec<usize>,
    is_used: FxHashSet<usize>,
}

/// How many re-exports are followed for one name.
const REEXPORTS: usize = 64;

impl Linker<'_> {
    fn module(&self, file: usize) -> Option<&Module> {
        self.modules.get(file)?.as_ref()
    }

    /// What a file exports by a name.
    fn find(&mut self, file: usize, name: &str) -> Option<Found> {
        let key = (file, name.to_owned());
        if let Some(known) = self.memo.get(&key) {
            return known.clone();
        }
        let found = self.search(file, name);
        self.memo.insert(key, found.clone());
        found
    }

    /// Breadth first over what is exported again.
    fn search(&self, file: usize, name: &str) -> Option<Found> {
        let mut seen: FxHashSet<(usize, String)> = FxHashSet::default();
        let mut queue = std::collections::VecDeque::from([(file, name.to_owned(), 0usize)]);
        // Where names that are exported again by name lead to.
        let mut last = None;
        while let Some((file, name, depth)) = queue.pop_front() {
            if depth > REEXPORTS || !seen.insert((file, name.clone())) {
                continue;
            }
            let Some(module) = self.module(file) else {
                continue;
            };
            match (module.exports.get(&name), &module.whole) {
                (Some(Export::Name(own)), _) => return Some(Found::Name(own.clone())),
                (Some(Export::From(Base::Module(target))), _) => {
                    return Some(Found::Module(*target));
                }
                (Some(Export::From(Base::Of(target, of))), _) => {
                    last = Some(Found::Member(*target, of.clone()));
                    queue.push_front((*target, of.clone(), depth.saturating_add(1)));
                    continue;
                }
                (None, Some(Export::Name(own))) if name == "default" => {
                    return Some(Found::Name(own.clone()));
                }
                (None, Some(Export::Name(own))) if module::is_plain(&name) => {
                    return Some(Found::Name(format!("{own}.{name}")));
                }
                (None, Some(Export::From(Base::Module(target)))) => {
                    queue.push_front((*target, name, depth.saturating_add(1)));
                    continue;
                }
                (None, Some(Export::From(Base::Of(target, of)))) if name == "default" => {
                    last = Some(Found::Member(*target, of.clone()));
                    queue.push_front((*target, of.clone(), depth.saturating_add(1)));
                    continue;
                }
                _ => {}
            }
            if name == "default" {
                // What has no default export of its own is given as a whole.
                if !module.esm {
                    return Some(Found::Module(file));
                }
                continue;
            }
            for star in &module.stars {
                queue.push_back((*star, name.clone(), depth.saturating_add(1)));
            }
        }
        last
    }

    /// A file's exports as one value.
    fn whole(&mut self, file: usize) -> String {
        let mut at = file;
        for _ in 0..REEXPORTS {
            let whole = self.module(at).and_then(|module| module.whole.clone());
            match whole {
                Some(Export::Name(own)) => return own,
                Some(Export::From(Base::Module(target))) => at = target,
                Some(Export::From(Base::Of(target, name))) => match self.find(target, &name) {
                    Some(Found::Name(own)) => return own,
                    Some(Found::Module(target)) => at = target,
                    Some(Found::Member(target, name)) if target != at => {
                        let whole = self.object(target);
                        return format!("{whole}{}", accessed(&name));
                    }
                    Some(Found::Member(..)) | None => break,
                },
                None => break,
            }
        }
        self.object(at)
    }

    /// The object of a file's exports, which is used then.
    fn object(&mut self, file: usize) -> String {
        if self.is_used.insert(file) {
            self.used.push(file);
        }
        module::object(file)
    }

    /// The text of what is read, and where the reading that it stands for
    /// ends.
    fn text(&mut self, base: &Base, members: &[Member], end: u32) -> (String, u32) {
        let mut end = end;
        let mut members = members.iter();
        let mut at = base.clone();
        loop {
            let module = match at {
                Base::Module(module) => module,
                Base::Of(module, name) => match self.find(module, &name) {
                    Some(Found::Name(own)) => return (own, end),
                    Some(Found::Module(inner)) => inner,
                    Some(Found::Member(module, name)) => {
                        let whole = self.whole(module);
                        return (format!("{whole}{}", accessed(&name)), end);
                    }
                    None => {
                        let whole = self.whole(module);
                        return (format!("{whole}{}", accessed(&name)), end);
                    }
                },
            };
            let Some(member) = members.next() else {
                return (self.whole(module), end);
            };
            end = member.end;
            at = Base::Of(module, member.name.clone());
        }
    }

    /// The same, only where it is known.
    fn known(&mut self, base: &Base, members: &[Member], end: u32) -> Option<(String, u32)> {
        let mut end = end;
        let mut members = members.iter();
        let mut at = base.clone();
        loop {
            let module = match at {
                Base::Module(module) => module,
                Base::Of(module, name) => match self.find(module, &name)? {
                    Found::Name(own) => return Some((own, end)),
                    Found::Module(inner) => inner,
                    Found::Member(..) => return None,
                },
            };
            let member = members.next()?;
            end = member.end;
            at = Base::Of(module, member.name.clone());
        }
    }

    /// The exports of a file that are not written by its own text.
    fn members(&mut self, file: usize) -> String {
        let Some(module) = self.modules.get(file).and_then(Option::as_ref) else {
            return String::new();
        };
        let mut parts = Vec::new();
        for star in &module.stars {
            parts.push(format!("...{}", self.whole(*star)));
        }
        for (name, export) in &module.exports {
            if module.written.contains(name) {
                continue;
            }
            let value = match export {
                Export::Name(own) => own.clone(),
                Export::From(base) => self.text(base, &[], 0).0,
            };
            parts.push(format!("{}: {value}", quoted(name)));
        }
        parts.join(", ")
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn accessed(name: &str) -> String {
    if module::is_plain(name) {
        format!(".{name}")
    } else {
        format!("[{}]", quoted(name))
    }
}

/// The order in which the files would run: what is imported before what
/// imports it.
fn order(modules: &[Option<Module>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(modules.len());
    let mut seen = vec![false; modules.len()];
    for first in 0..modules.len() {
        let mut stack = vec![(first, 0usize)];
        if std::mem::replace(seen.get_mut(first).unwrap_or(&mut true), true) {
            continue;
        }
        while let Some((file, next)) = stack.pop() {
            let imports = modules
                .get(file)
                .and_then(Option::as_ref)
                .map(|module| module.imports.as_slice())
                .unwrap_or_default();
            let Some(target) = imports.get(next) else {
                order.push(file);
                continue;
            };
            stack.push((file, next.saturating_add(1)));
            if let Some(new) = seen.get_mut(*target).filter(|seen| !**seen) {
                *new = true;
                stack.push((*target, 0));
            }
        }
    }
    order
}

/// Joins files to one text.
pub(super) fn join(files: &[File<'_>]) -> Joined {
    let mut joined = Joined::default();
    // A file that cannot be joined is for the others as if it were not there.
    let mut modules: Vec<Option<Module>> = Vec::new();
    let mut readable: Vec<bool> = files
        .iter()
        .map(|file| {
            file.kind != Kind::Json
                || serde_json::from_str::<serde::de::IgnoredAny>(file.text).is_ok()
        })
        .collect();
    for attempt in 0..2 {
        modules = files
            .iter()
            .enumerate()
            .map(|(number, file)| {
                if !readable.get(number).copied().unwrap_or(false) {
                    return None;
                }
                if file.kind == Kind::Json {
                    return Some(Module::default());
                }
                let resolve = |name: &str| {
                    let target = *file.imports.get(name)?;
                    readable.get(target).copied()?.then_some(target)
                };
                if file.kind == Kind::Python {
                    return python::read(file.text, number, &resolve);
                }
                module::read(file.text, file.kind == Kind::TypeScript, number, &resolve)
            })
            .collect();
        let now: Vec<bool> = modules.iter().map(Option::is_some).collect();
        let same = now == readable;
        readable = now;
        if same || attempt == 1 {
            break;
        }
    }
    joined.left_out = (0..files.len())
        .filter(|number| !readable.get(*number).copied().unwrap_or(false))
        .collect();
    let mut linker = Linker {
        modules: &modules,
        memo: FxHashMap::default(),
        used: Vec::new(),
        is_used: FxHashSet::default(),
    };
    let plain: Vec<Vec<(usize, usize, String)>> = modules
        .iter()
        .map(|module| match module {
            Some(module) => plain(&module.edits, &mut linker),
            None => Vec::new(),
        })
        .collect();
    // CommonJS files write to their object themselves.
    for (number, module) in modules.iter().enumerate() {
        if module.as_ref().is_some_and(|module| !module.esm) && linker.is_used.insert(number) {
            linker.used.push(number);
        }
    }
    let mut objects: FxHashMap<usize, String> = FxHashMap::default();
    let mut next = 0;
    while let Some(number) = linker.used.get(next).copied() {
        next = next.saturating_add(1);
        let members = linker.members(number);
        objects.insert(number, members);
    }
    let mut esm = false;
    for number in order(&modules) {
        let (Some(Some(module)), Some(file)) = (modules.get(number), files.get(number)) else {
            continue;
        };
        let name = module::object(number);
        if file.kind == Kind::Json {
            joined.push(&format!("const {name} = "), number, 0, 0);
            joined.push(file.text, number, 0, file.text.len());
            joined.push("\n;\n", number, file.text.len(), 0);
            continue;
        }
        let python = file.kind == Kind::Python;
        esm |= module.esm && !python;
        let members = objects.get(&number);
        if let (false, Some(members)) = (module.esm, members) {
            let new = if module.replaced && members.is_empty() {
                format!("var {name};\n")
            } else {
                format!("var {name} = {{ {members} }};\n")
            };
            joined.push(&new, number, 0, 0);
        }
        let edits = plain.get(number).map(Vec::as_slice).unwrap_or_default();
        let mut at = 0usize;
        for (start, end, new) in edits {
            let kept = file.text.get(at..*start).unwrap_or_default();
            joined.push(kept, number, at, kept.len());
            joined.push(new, number, *start, end.saturating_sub(*start));
            at = *end;
        }
        let kept = file.text.get(at..).unwrap_or_default();
        joined.push(kept, number, at, kept.len());
        let end = file.text.len();
        joined.push(if python { "\n" } else { "\n;\n" }, number, end, 0);
        joined.push(&module.tail, number, end, 0);
        if let (true, Some(members)) = (module.esm, members) {
            joined.push(
                &format!("const {name} = {{ {members} }};\n"),
                number,
                end,
                0,
            );
        }
    }
    if esm {
        // So that it is parsed as what its parts are.
        joined.push("export {};\n", 0, 0, 0);
    }
    joined
}

/// Changes in order, none inside of another.
fn plain(edits: &[Edit], linker: &mut Linker<'_>) -> Vec<(usize, usize, String)> {
    let mut texts: Vec<(usize, usize, String)> = edits
        .iter()
        .map(|edit| {
            let (text, end) = match &edit.new {
                New::Text(text) => (text.clone(), edit.end),
                New::Use {
                    base,
                    members,
                    label,
                    promised,
                } => {
                    let (text, end) = linker.text(base, members, edit.end);
                    let text = if *promised {
                        format!("Promise.resolve({text})")
                    } else {
                        text
                    };
                    match label {
                        Some(label) => (format!("{label}: {text}"), end),
                        None => (text, end),
                    }
                }
                New::Known {
                    base,
                    members,
                    otherwise,
                } => linker
                    .known(base, members, edit.end)
                    .unwrap_or_else(|| (otherwise.clone(), edit.end)),
            };
            (edit.start as usize, end as usize, text)
        })
        .collect();
    // Insertions first, then the larger ones.
    texts.sort_by_key(|(start, end, _)| (*start, end != start, std::cmp::Reverse(*end)));
    let mut kept: Vec<(usize, usize, String)> = Vec::with_capacity(texts.len());
    let mut at = 0usize;
    for (start, end, text) in texts {
        if start < at {
            continue;
        }
        at = end;
        kept.push((start, end, text));
    }
    kept
}
