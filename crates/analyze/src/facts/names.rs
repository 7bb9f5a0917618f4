//! What the names of the platform say.

use assay_model::{Confidence, Severity};
use rustc_hash::FxHashMap;

use super::channels::is_answer;
use super::{Facts, id_of, python};
use crate::behaviours::{Behaviour, Fact};
use crate::ir::{Key, Name, Op, Target, V};
use crate::patterns::patterns;
use crate::raw::one_line;
use crate::resolve::{Canon, HOLE, Known};

/// How many reads of one variable are followed.
const READS: usize = 16;

/// Where the system and its administrator put files.
const OF_SYSTEM: &[&str] = &[
    "/Applications",
    "/Library",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/opt",
    "/proc",
    "/run",
    "/sys",
    "/usr",
    "/var",
];
/// What lies there and is no file.
const STREAMS: &[&str] = &[
    "/dev/null",
    "/dev/stdin",
    "/dev/stdout",
    "/dev/stderr",
    "/dev/tty",
    "/dev/fd",
];

/// Whether a path leads to what the system and its administrator put there,
/// which tells of the host; what lies in the home folder may be the tool's
/// own.
fn is_of_system(path: &str) -> bool {
    let within = |folder: &&str| {
        path.strip_prefix(*folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let windows = path.get(1..).is_some_and(|rest| {
        [":\\Windows", ":\\Program Files", ":\\ProgramData"]
            .iter()
            .any(|folder| rest.starts_with(folder))
    });
    windows || OF_SYSTEM.iter().any(within) && !STREAMS.iter().any(within)
}

impl<'i, 'a> Facts<'_, 'i, 'a> {
    pub(super) fn names(&mut self) {
        let mut by_canon: FxHashMap<Canon, (String, Vec<&'static Behaviour>)> =
            FxHashMap::default();
        let mut readers: FxHashMap<u32, usize> = FxHashMap::default();
        for index in 0..self.ir.ops.len() {
            let value = id_of(index);
            match self.ir.op(value) {
                Op::Member { .. }
                | Op::Index { .. }
                | Op::Call { .. }
                | Op::New { .. }
                | Op::Global(_) => {
                    if let Some(canon) = self.r.canon(value) {
                        self.environment_whole(value, canon);
                        self.named(value, canon, &mut by_canon);
                    } else {
                        self.unknown_object(value);
                    }
                    self.environment_helper(value, &mut readers);
                }
                Op::Binary { .. } | Op::Each { .. } => self.python_environment(value),
                Op::Assign {
                    value: from,
                    targets,
                    ..
                } => {
                    for target in self.ir.targets(targets) {
                        if let Target::Member { name, .. } = target {
                            self.setting(Key::Name(*name), from);
                        }
                        if let Target::Var { path, .. } = target
                            && !self.ir.path(*path).is_empty()
                            && let Some(canon) = self.r.canon_through(from, self.ir.path(*path))
                        {
                            self.named(value, canon, &mut by_canon);
                        } else if let Target::Var { path, .. } = target
                            && let [.., last] = self.ir.path(*path)
                            && self.r.canon(from).is_none()
                        {
                            self.unknown_member(value, from, *last);
                        }
                    }
                }
                Op::Object(list) => {
                    for prop in self.ir.props(list) {
                        self.setting(prop.key, prop.value);
                    }
                    self.zone_named(value);
                }
                _ => {}
            }
        }
        self.whole_environments();
        if !readers.is_empty() {
            self.environment_calls(&readers);
        }
    }

    pub(super) fn named(
        &mut self,
        value: V,
        canon: Canon,
        by_canon: &mut FxHashMap<Canon, (String, Vec<&'static Behaviour>)>,
    ) {
        if let Some(variable) = self.r.variable(canon) {
            // The call of a method of a variable is not another read.
            // Where a call itself is the read, its name ends with the variable.
            if !matches!(self.ir.op(value), Op::New { .. }) {
                let variable = self.ir.names.get(variable);
                self.variable(variable, value);
            }
            return;
        }
        let (text, found) = by_canon.entry(canon).or_insert_with(|| {
            let text = self.r.canon_text(canon);
            let found = patterns().call(&text);
            (text, found)
        });
        if is_answer(text) {
            self.answers.push(value);
            // What a callback is given is the answer as well.
            if let Op::Call { args, .. } = self.ir.op(value) {
                for arg in self.ir.list(args) {
                    if let Some(func) = self.r.function(*arg).and_then(|f| self.ir.func(f)) {
                        self.answers.extend(func.params.first());
                    }
                }
            }
        }
        if text == "Deno.env.get()" || text == "os.getenv()" {
            if let Op::Call { args, .. } = self.ir.op(value)
                && let Some(first) = self.ir.list(args).first()
                && let Some(name) = self.r.text(*first)
            {
                self.variable(&name, value);
            }
            return;
        }
        let (text, found) = (text.clone(), found.clone());
        self.file_use(value, &text);
        self.python_file(value);
        self.python_format(value, &text);
        self.promisified(value, &text);
        if found.is_empty() {
            self.unknown_object(value);
            self.command(value, &text);
            return;
        }
        for behaviour in found {
            let detail = self.call_detail(value, &text);
            self.pattern(behaviour, &detail, value, &detail);
        }
        self.command(value, &text);
    }

    /// A call with its first constant argument: `child_process.exec("ps")`.
    pub(super) fn call_detail(&self, value: V, text: &str) -> String {
        let (Op::Call { args, .. } | Op::New { args, .. }) = self.ir.op(value) else {
            return text.to_owned();
        };
        let shape = self
            .ir
            .list(args)
            .first()
            .map(|first| self.r.shape(*first))
            .unwrap_or_default();
        let shape = shape.replace(HOLE, "…");
        match (text.strip_suffix("()"), shape.trim_matches('…').is_empty()) {
            (Some(name), false) => format!("{name}({})", one_line(&shape)),
            _ => text.to_owned(),
        }
    }

    /// `promisify(child_process.exec)` is used like the function itself.
    pub(super) fn promisified(&mut self, value: V, text: &str) {
        if text != "util.promisify()" {
            return;
        }
        let Op::Call { args, .. } = self.ir.op(value) else {
            return;
        };
        let Some(canon) = self
            .ir
            .list(args)
            .first()
            .and_then(|arg| self.r.canon(*arg))
        else {
            return;
        };
        let called = format!("{}()", self.r.canon_text(canon));
        for behaviour in patterns().call(&called) {
            self.pattern(behaviour, &called, value, &called);
        }
    }

    /// Files of the host that code names: absolute, or in the home folder.
    pub(super) fn file_use(&mut self, value: V, text: &str) {
        let files =
            text.starts_with("fs.") || text.starts_with("Bun.file") || text.starts_with("Deno.");
        if !files || !text.ends_with("()") {
            return;
        }
        let Op::Call { args, .. } = self.ir.op(value) else {
            return;
        };
        let Some(first) = self.ir.list(args).first() else {
            return;
        };
        let shape = self.r.shape(*first);
        let path = shape.replace(HOLE, "…");
        self.file(value, &path);
    }

    /// Tells of a file of the host that code names: absolute, or in the home
    /// folder. Gives whether it is one.
    pub(super) fn file(&mut self, value: V, path: &str) -> bool {
        let absolute = path.starts_with('/') && path.len() > 2
            || path.starts_with("~/")
            || path.get(1..3).is_some_and(|p| p == ":\\" || p == ":/");
        if !absolute || path.len() > 300 {
            return false;
        }
        let place = self.place(value);
        self.notes.add(
            "reach.files",
            path,
            &format!("uses the file {}", one_line(path)),
            (Severity::Info, Confidence::Medium),
            || place,
        );
        if is_of_system(path)
            && patterns().text(path).is_empty()
            && let Some(behaviour) = crate::behaviours::behaviour("reach.files")
        {
            let detail = one_line(path);
            self.sources.push((value, behaviour, Fact::FILES, detail));
        }
        true
    }

    /// A command line put together from a program and its arguments, so that
    /// `spawn("ps", ["aux"])` is seen as `ps aux`.
    pub(super) fn command(&mut self, value: V, text: &str) {
        let python = python::starts(text);
        if !text.starts_with("child_process.") && !text.starts_with("Bun.spawn") && !python {
            return;
        }
        let Op::Call { args, .. } = self.ir.op(value) else {
            return;
        };
        let mut words = Vec::new();
        for arg in self.ir.list(args).iter().take(if python { 8 } else { 2 }) {
            match self.r.known(*arg) {
                Some(Known::Text(text)) => words.push(text),
                Some(Known::List(list)) => words.extend(list.into_iter().filter_map(Known::text)),
                _ => {
                    if let Op::Array(list) = self.ir.op(*arg) {
                        words.extend(self.ir.list(list).iter().filter_map(|v| self.r.text(*v)));
                    }
                }
            }
        }
        let line = words.join(" ");
        self.commands.push((value, line.clone()));
        if words.len() < 2 {
            return;
        }
        for (behaviour, _) in patterns().text(&line) {
            self.pattern(behaviour, &line, value, &line);
        }
        // `python -m pip install x` is `pip install x`.
        if let Some((_, module)) = line.split_once("-m ").filter(|_| python) {
            for (behaviour, _) in patterns().text(module) {
                self.pattern(behaviour, module, value, module);
            }
        }
    }

    pub(super) fn unknown_object(&mut self, value: V) {
        match self.ir.op(value) {
            Op::Call { callee, .. } => {
                if let Op::Member { name, .. } = self.ir.op(callee)
                    && patterns().ends_method(self.ir.names.get(name))
                {
                    let member = format!("?.{}()", self.ir.names.get(name));
                    for behaviour in patterns().call(&member) {
                        self.pattern(behaviour, &member, value, &member);
                    }
                }
            }
            Op::Member { object, name } => self.unknown_member(value, object, name),
            _ => {}
        }
    }

    /// `?.name`, and `?.method().name` where the object is the call of a
    /// method.
    pub(super) fn unknown_member(&mut self, value: V, object: V, name: Name) {
        if name == crate::ir::ANY {
            return;
        }
        let own = self.ir.names.get(name);
        if !patterns().ends_member(own) {
            return;
        }
        let mut candidates = vec![format!("?.{own}")];
        if let Some(method) = self.method_called(object, 4) {
            candidates.push(format!("?.{}().{own}", self.ir.names.get(method)));
        }
        for member in candidates {
            for behaviour in patterns().call(&member) {
                self.pattern(behaviour, &member, value, &member);
            }
        }
    }

    pub(super) fn method_called(&self, value: V, depth: u32) -> Option<Name> {
        match self.ir.op(value) {
            Op::Call { callee, .. } => match self.ir.op(callee) {
                Op::Member { name, .. } => Some(name),
                _ => None,
            },
            Op::Pass(inner) if depth > 0 => self.method_called(inner, depth - 1),
            Op::Var(sym) if depth > 0 => {
                let (definition, path) = self.r.definition(sym)?;
                path.is_empty()
                    .then(|| self.method_called(definition, depth - 1))?
            }
            _ => None,
        }
    }

    pub(super) fn variable(&mut self, variable: &str, value: V) {
        if variable.is_empty() || variable.len() > 128 {
            return;
        }
        for behaviour in patterns().variable(variable) {
            if behaviour.id != "reach.environment" {
                self.pattern(behaviour, variable, value, variable);
            }
        }
        let reads = self.variables.entry(variable.to_owned()).or_default();
        if reads.len() < READS {
            reads.push(value);
        }
        let place = self.place(value);
        self.notes.add(
            "reach.environment",
            variable,
            &format!("reads the environment variable {variable}"),
            (Severity::Info, Confidence::High),
            || place,
        );
    }

    /// Notes functions that read the variable that their argument names.
    pub(super) fn environment_helper(&self, value: V, readers: &mut FxHashMap<u32, usize>) {
        let key = match self.ir.op(value) {
            Op::Index { object, key } => {
                let environment = self
                    .r
                    .canon(object)
                    .is_some_and(|canon| self.r.is_environment(canon));
                environment.then_some(key)
            }
            _ => self.environment_key(value),
        };
        let Some(key) = key else {
            return;
        };
        if let Op::Var(sym) = self.ir.op(key)
            && let [(writer, _)] = self.ir.writes(sym)
            && let Op::Param { func, index, .. } = self.ir.op(*writer)
        {
            readers.insert(func, index as usize);
        }
    }

    pub(super) fn environment_calls(&mut self, readers: &FxHashMap<u32, usize>) {
        for index in 0..self.ir.ops.len() {
            let value = id_of(index);
            if let Op::Call { callee, args } = self.ir.op(value)
                && let Some(func) = self.r.function(callee)
                && let Some(at) = readers.get(&func)
                && let Some(arg) = self.ir.list(args).get(*at)
                && let Some(name) = self.r.text(*arg)
            {
                self.variable(&name, value);
            }
        }
    }

    /// A date written out with the name of its time zone: an option of the
    /// calls that format dates.
    pub(super) fn zone_named(&mut self, object: V) {
        let Op::Object(list) = self.ir.op(object) else {
            return;
        };
        let named = self.ir.props(list).iter().any(
            |prop| matches!(prop.key, Key::Name(name) if self.ir.names.get(name) == "timeZoneName"),
        );
        let user = self.ir.user(object);
        if named
            && matches!(self.ir.op(user), Op::Call { .. } | Op::New { .. })
            && let Some(behaviour) = crate::behaviours::behaviour("fingerprint.timezone")
        {
            self.pattern(behaviour, "timeZoneName", user, "timeZoneName");
        }
    }

    /// The environment as a whole, gone through entry by entry: it tells
    /// what the names tell that it is searched for.
    pub(super) fn environment_whole(&mut self, value: V, canon: Canon) {
        if !self.r.is_environment(canon) {
            return;
        }
        let user = self.ir.user(value);
        let read = match self.ir.op(user) {
            Op::Call { callee, .. } => {
                callee != value
                    && self.r.canon(callee).is_some_and(|canon| {
                        matches!(
                            self.r.canon_text(canon).as_str(),
                            "Object.entries" | "Object.keys" | "Object.values" | "Reflect.ownKeys"
                        )
                    })
            }
            Op::Each { .. } => true,
            Op::Index { object, key } => object == value && self.r.text(key).is_none(),
            _ => false,
        };
        if !read {
            return;
        }
        let from = if matches!(self.ir.op(user), Op::Call { .. }) {
            user
        } else {
            value
        };
        self.wholes.push((from, self.ir.owner(value)));
    }

    /// What reads of the whole environment are for: the first variable that
    /// the function around them names.
    pub(super) fn whole_environments(&mut self) {
        if self.wholes.is_empty() {
            return;
        }
        let mut named: FxHashMap<u32, Option<&'static Behaviour>> = self
            .wholes
            .iter()
            .map(|(_, owner)| (*owner, None))
            .collect();
        for (index, op) in self.ir.ops.iter().enumerate() {
            let (Op::Str(name) | Op::Regex(name)) = op else {
                continue;
            };
            // Or in a callback there, which picks what it looks for.
            let owner = self.ir.owner(id_of(index));
            let around = self.ir.func(owner).map(|func| self.ir.owner(func.value));
            let owners = [Some(owner), around];
            let mut owners = owners.into_iter().flatten();
            let Some(owner) = owners.find(|owner| matches!(named.get(owner), Some(None))) else {
                continue;
            };
            let Some(slot) = named.get_mut(&owner) else {
                continue;
            };
            let name = self.ir.names.get(*name).to_ascii_uppercase();
            let of_host = |name: &str| {
                let found = patterns().variable(name);
                found
                    .into_iter()
                    .find(|behaviour| behaviour.source.is_some())
            };
            // A word that the names of several have: `_proxy`.
            let word = |word: &str| {
                let long = word.len() >= 5;
                long.then(|| patterns().variable_with(word)).flatten()
            };
            *slot = match op {
                Op::Str(_) => of_host(&name).or_else(|| word(name.trim_matches('_'))),
                // `/^https?_proxy$/i`: what stands optionally may be left out.
                _ => {
                    let name = name.replace('?', "");
                    let words = || {
                        name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                            .filter(|word| word.len() > 2)
                    };
                    words().find_map(of_host).or_else(|| words().find_map(word))
                }
            };
        }
        let whole = crate::behaviours::behaviour("reach.environment");
        for (from, owner) in std::mem::take(&mut self.wholes) {
            let named = named.get(&owner).copied().flatten();
            if let Some(source) = named.and_then(|behaviour| behaviour.source)
                && let Some(behaviour) = named.or(whole)
            {
                self.sources
                    .push((from, behaviour, source, "the environment".to_owned()));
            }
        }
    }

    /// A property with a constant that switches something.
    pub(super) fn setting(&mut self, key: Key, value: V) {
        let Key::Name(name) = key else {
            return;
        };
        let shown = match self.ir.op(value) {
            Op::Bool(yes) => yes.to_string(),
            Op::Num(number) => format!("{number}"),
            Op::Str(text) if matches!(self.ir.names.get(text), "0" | "1" | "true" | "false") => {
                self.ir.names.get(text).to_owned()
            }
            _ => return,
        };
        let line = if self.ir.python {
            python::setting(self.ir.names.get(name), &shown)
        } else {
            format!("{}: {shown}", self.ir.names.get(name))
        };
        for (behaviour, _) in patterns().text(&line) {
            self.shown(behaviour, &line, value, &line);
        }
    }
}
