//! The passes over a module's values.

mod python;
mod trials;

use std::rc::Rc;

use assay_model::{Confidence, Role, Severity, Step};
use assay_text::{Difference, is_invisible};
use rustc_hash::FxHashMap;

use crate::behaviours::Behaviour;
use crate::decode::{self, Decoded, Meaning};
use crate::endpoints::{self, Context};
use crate::evaluate::Value;
use crate::flow::{Choice, Compared, Flow, Hit, Origin, SinkKind};
use crate::gates;
use crate::ir::{Bin, Ir, Key, NONE, Name, Op, Target, V};
use crate::js::{Evaluated, Slices};
use crate::patterns::patterns;
use crate::raw::{Notes, Place, excerpt, one_line};
use crate::resolve::{Canon, HOLE, Known, Resolver, to_bytes};

/// What limits a pass had to keep.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    pub(crate) names: bool,
    pub(crate) flow: bool,
    /// Whether not all that hangs on switches was followed.
    pub(crate) gates: bool,
    /// What was not evaluated, and why.
    pub(crate) slices: Vec<String>,
    /// Texts that turned out to be code, and where they are decoded.
    pub(crate) codes: Vec<(Place, String)>,
}

struct Facts<'n, 'i, 'a> {
    ir: &'i Ir<'a>,
    r: &'i Resolver<'i, 'a>,
    notes: &'n mut Notes,
    /// Where the text starts in the node: a byte-order mark, a wrapper.
    offset: u64,
    /// Values that read a fact about the host: the fact, and the behaviour.
    sources: Vec<(V, &'static Behaviour, &'static str, String)>,
    /// Constants that name where a fact is kept: a file, a command.
    named_facts: Vec<(V, &'static Behaviour, &'static str)>,
    /// Values that hold what a server sent.
    answers: Vec<V>,
    /// Constants that are hosts without more.
    bare_hosts: Vec<(String, Vec<V>)>,
    /// Command lines of processes that are started.
    commands: Vec<(V, String)>,
    /// Constants that decode to something, with what.
    concealed: Vec<(V, Decoded)>,
    codes: Vec<(Place, String)>,
    /// Reads of the environment as a whole, with the function around them.
    wholes: Vec<(V, u32)>,
}

/// Runs all passes over a lowered module.
pub(crate) fn collect(ir: &Ir<'_>, slices: &Slices, offset: u64, notes: &mut Notes) -> Cut {
    let resolver = Resolver::new(ir);
    let mut facts = Facts {
        ir,
        r: &resolver,
        notes,
        offset,
        sources: Vec::new(),
        named_facts: Vec::new(),
        answers: Vec::new(),
        bare_hosts: Vec::new(),
        commands: Vec::new(),
        concealed: Vec::new(),
        codes: Vec::new(),
        wholes: Vec::new(),
    };
    // What constants say by themselves, where switches are asked for, and what
    // looks alike is looked at beside the other passes.
    let texts = facts.constants();
    let (ready, looked) = std::sync::mpsc::channel();
    let apart = || {
        let resolver = Resolver::new(ir);
        let lookups = gates::lookups(&resolver);
        (lookups, unusual_choices(&Flow::new(&resolver, &[])))
    };
    let (flow_cut, lookups) = std::thread::scope(|scope| {
        let texts = &texts;
        let beside = std::thread::Builder::new().spawn_scoped(scope, move || {
            let looked: Vec<Looked> = texts.iter().map(|t| look(t.text)).collect();
            // Nobody waits where the other side gave up.
            let _ = ready.send(looked);
            apart()
        });
        facts.names();
        let looked = looked
            .recv()
            .unwrap_or_else(|_| texts.iter().map(|t| look(t.text)).collect());
        facts.texts(texts, looked);
        facts.evaluated();
        facts.settled(slices);
        facts.shapes();
        let flow_cut = facts.flows();
        let (lookups, choices) = match beside.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(found)) => found,
            _ => apart(),
        };
        for choice in &choices {
            facts.look_alike(choice);
        }
        facts.trials(slices);
        (flow_cut, lookups)
    });
    let codes = std::mem::take(&mut facts.codes);
    let gates = gates::collect(&resolver, &lookups, offset, notes);
    Cut {
        names: resolver.exhausted(),
        flow: flow_cut,
        gates,
        slices: slices.left_out.clone(),
        codes,
    }
}

/// The choices of a module between outputs of which some are no ASCII,
/// whatever they depend on.
fn unusual_choices(flow: &Flow<'_, '_, '_>) -> Vec<Choice> {
    let ir = flow.ir;
    let mut found = Vec::new();
    for sym in 0..ir.symbols() {
        let writes = ir.writes(sym);
        if writes.len() < 2 || writes.len() > 8 {
            continue;
        }
        let values: Vec<V> = writes
            .iter()
            .filter_map(|(writer, _)| match ir.op(*writer) {
                Op::Assign {
                    value,
                    compound: false,
                    ..
                } => Some(value),
                _ => None,
            })
            .collect();
        if values.len() == writes.len()
            && values
                .iter()
                .all(|value| matches!(ir.op(*value), Op::Str(_)))
            && let Some(last) = values.last()
        {
            found.extend(flow.unusual_choice(*last, &values));
        }
    }
    for index in 0..ir.ops.len() {
        let value = id_of(index);
        found.extend(match ir.op(value) {
            Op::Cond { yes, no, .. } => flow.unusual_choice(value, &[yes, no]),
            Op::Index { object, .. } => flow.unusual_table(value, object),
            _ => None,
        });
    }
    for func in ir.funcs.iter().skip(1) {
        if (2..=32).contains(&func.returns.len()) {
            found.extend(flow.unusual_choice(func.value, &func.returns));
        }
    }
    found
}

/// How many decoded codes of one module are read.
const CODES: usize = 32;
/// From this many texts on that one slice decodes, they are those of the
/// code at large.
const MANY: usize = 8;
/// Commands that are words like any other where nothing runs them.
const COMMANDS: &[(&str, &str)] = &[
    ("hostname", "fingerprint.hostname"),
    ("locale", "fingerprint.locale"),
];
/// From this many constant hosts in one module on they are a table.
const TABLE: usize = 400;

/// A constant text and where it stands.
struct Constant<'i> {
    text: &'i str,
    values: Vec<V>,
}

/// What a constant text says by itself.
#[derive(Default)]
struct Looked {
    patterns: Vec<(&'static Behaviour, &'static str)>,
    decoded: Option<decode::Decoded>,
}

fn look(text: &str) -> Looked {
    Looked {
        patterns: if text.len() >= 3 && text.len() <= 4096 {
            patterns().text(text)
        } else {
            Vec::new()
        },
        decoded: decode::text(text),
    }
}

fn place_of(ir: &Ir<'_>, offset: u64, value: V) -> Place {
    let (start, end) = ir.span(value);
    Place {
        start: u64::from(start).saturating_add(offset),
        len: u64::from(end.saturating_sub(start)),
        excerpt: excerpt(ir.text, start as usize, end as usize),
        ..Place::default()
    }
}

fn id_of(index: usize) -> V {
    u32::try_from(index).unwrap_or(NONE)
}

impl<'i, 'a> Facts<'_, 'i, 'a> {
    fn place(&self, value: V) -> Place {
        place_of(self.ir, self.offset, value)
    }

    /// Notes a pattern whose value is the fact itself: a flow may start here.
    fn pattern(&mut self, behaviour: &'static Behaviour, key: &str, value: V, detail: &str) {
        self.shown(behaviour, key, value, detail);
        self.source(behaviour, value, detail);
    }

    fn source(&mut self, behaviour: &'static Behaviour, value: V, detail: &str) {
        if let Some(source) = behaviour.source {
            self.sources
                .push((value, behaviour, source, one_line(detail)));
        }
    }

    /// Notes a pattern in a text. What a text says is done only if something
    /// does it; a message to the user may say the same.
    fn said(&mut self, behaviour: &'static Behaviour, key: &str, value: V, text: &str) {
        let severity = if behaviour.severity <= Severity::Medium || self.is_command(value) {
            behaviour.severity
        } else {
            Severity::Low
        };
        self.shown_as(behaviour, key, value, text, severity);
    }

    /// Whether a value is an argument of what starts a process.
    fn is_command(&self, value: V) -> bool {
        match self.ir.op(self.ir.user(value)) {
            Op::Call { callee, .. } => self.r.canon(callee).is_some_and(|canon| {
                let name = self.r.canon_text(canon);
                name.starts_with("child_process.")
                    || name.starts_with("Bun.spawn")
                    || python::starts(&name)
            }),
            _ => false,
        }
    }

    /// Notes a pattern.
    fn shown(&mut self, behaviour: &'static Behaviour, key: &str, value: V, detail: &str) {
        self.shown_as(behaviour, key, value, detail, behaviour.severity);
    }

    fn shown_as(
        &mut self,
        behaviour: &'static Behaviour,
        key: &str,
        value: V,
        detail: &str,
        severity: Severity,
    ) {
        let place = self.place(value);
        let title = format!("{}: {}", behaviour.title, one_line(detail));
        self.notes.add(
            behaviour.id,
            key,
            &title,
            (severity, Confidence::Medium),
            || place,
        );
    }

    // ---- names of the platform ----

    fn names(&mut self) {
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

    fn named(
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
    fn call_detail(&self, value: V, text: &str) -> String {
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
    fn promisified(&mut self, value: V, text: &str) {
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
    fn file_use(&mut self, value: V, text: &str) {
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
        let absolute = path.starts_with('/') && path.len() > 2
            || path.starts_with("~/")
            || path.get(1..3).is_some_and(|p| p == ":\\" || p == ":/");
        if !absolute || path.len() > 300 {
            return;
        }
        let place = self.place(value);
        self.notes.add(
            "reach.files",
            &path,
            &format!("uses the file {}", one_line(&path)),
            (Severity::Info, Confidence::Medium),
            || place,
        );
    }

    /// A command line put together from a program and its arguments, so that
    /// `spawn("ps", ["aux"])` is seen as `ps aux`.
    fn command(&mut self, value: V, text: &str) {
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

    fn unknown_object(&mut self, value: V) {
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
    fn unknown_member(&mut self, value: V, object: V, name: Name) {
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

    fn method_called(&self, value: V, depth: u32) -> Option<Name> {
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

    fn variable(&mut self, variable: &str, value: V) {
        if variable.is_empty() || variable.len() > 128 {
            return;
        }
        for behaviour in patterns().variable(variable) {
            if behaviour.id != "reach.environment" {
                self.pattern(behaviour, variable, value, variable);
            }
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
    fn environment_helper(&self, value: V, readers: &mut FxHashMap<u32, usize>) {
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

    fn environment_calls(&mut self, readers: &FxHashMap<u32, usize>) {
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
    fn zone_named(&mut self, object: V) {
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
    fn environment_whole(&mut self, value: V, canon: Canon) {
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
    fn whole_environments(&mut self) {
        if self.wholes.is_empty() {
            return;
        }
        let mut named: FxHashMap<u32, Option<&'static Behaviour>> = self
            .wholes
            .iter()
            .map(|(_, owner)| (*owner, None))
            .collect();
        for (index, op) in self.ir.ops.iter().enumerate() {
            let Op::Str(name) = op else {
                continue;
            };
            let Some(slot @ None) = named.get_mut(&self.ir.owner(id_of(index))) else {
                continue;
            };
            let name = self.ir.names.get(*name).to_ascii_uppercase();
            *slot = patterns()
                .variable(&name)
                .into_iter()
                .find(|behaviour| behaviour.source.is_some());
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
    fn setting(&mut self, key: Key, value: V) {
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

    // ---- constant texts ----

    /// The constant texts, in the order in which they first stand.
    fn constants(&self) -> Vec<Constant<'i>> {
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

    fn texts(&mut self, texts: &[Constant<'i>], looked: Vec<Looked>) {
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

    fn bare(&mut self) {
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

    fn makes_text(&self, callee: V) -> bool {
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

    fn composed(&mut self, value: V, shape: &str) {
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

    fn constant(&mut self, text: &str, values: &[V], literal: bool, looked: Looked) {
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
    fn is_added(&self, value: V) -> bool {
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
    fn is_destination(&self, value: V) -> bool {
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

    fn numbers(&mut self, value: V, elements: &[V]) {
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

    fn decoded(&mut self, value: V, decoded: Decoded) {
        let place = self.place(value);
        self.decoded_at(value, decoded, place);
    }

    fn decoded_at(&mut self, value: V, decoded: Decoded, place: Place) {
        if decoded.meaning == Meaning::Code {
            self.code(&place, &decoded.values);
        }
        if decoded.meaning == Meaning::Code && self.is_executed(value) {
            let place = Place {
                decoded: decoded.values.clone(),
                decoding: decoded.steps.clone(),
                ..place.clone()
            };
            self.notes.add(
                "conceal.packed",
                &decoded.values.join("\u{1f}"),
                &format!(
                    "code is kept encoded ({}) and executed",
                    decoded.steps.join(", ")
                ),
                (Severity::Medium, Confidence::High),
                || place,
            );
        }
        note_decoded(&decoded, Confidence::High, self.notes, || place);
        let list = matches!(decoded.meaning, Meaning::Hosts | Meaning::Words);
        if list && (decoded.beyond_alphabet || decode::places(&decoded.values))
            || decoded.meaning == Meaning::Hosts
        {
            self.concealed.push((value, decoded));
        }
    }

    fn code(&mut self, place: &Place, values: &[String]) {
        for text in values {
            if self.codes.len() < CODES && self.codes.iter().all(|(_, known)| known != text) {
                self.codes.push((place.clone(), text.clone()));
            }
        }
    }

    // ---- what slices gave ----

    /// Notes what evaluated values mean.
    fn settled(&mut self, slices: &Slices) {
        let mut settled: FxHashMap<usize, &[V]> = FxHashMap::default();
        for (number, values) in &self.ir.settled {
            settled.insert(*number, values);
        }
        let mut undone: Vec<(&Evaluated, Vec<&str>)> = Vec::new();
        for (number, evaluated) in slices.evaluated.iter().enumerate() {
            let values = settled.get(&number).copied().unwrap_or_default();
            let place = self.made_place(evaluated);
            let executed = values.iter().any(|value| self.is_executed(*value));
            if let Some(mut decoded) = decode::evaluated(&evaluated.value, &evaluated.origin) {
                decoded.beyond_alphabet |= self.is_beyond(&decoded, evaluated);
                let first = values.first().copied().unwrap_or(NONE);
                self.decoded_at(first, decoded.clone(), place);
                // A variable is read in several places.
                if matches!(decoded.meaning, Meaning::Hosts | Meaning::Words) {
                    for value in values.iter().skip(1).take(64) {
                        self.concealed.push((*value, decoded.clone()));
                    }
                }
            } else if let Value::Text(text) = &evaluated.value {
                if executed && text.len() >= 8 {
                    self.code(&place, std::slice::from_ref(text));
                }
                if evaluated.origin.beyond_alphabet
                    && decode::is_hidden_text(text, &evaluated.origin)
                {
                    match undone.last_mut() {
                        Some((first, texts)) if Rc::ptr_eq(&first.origin, &evaluated.origin) => {
                            texts.push(text);
                        }
                        _ => {
                            let same = undone
                                .iter_mut()
                                .find(|(first, _)| Rc::ptr_eq(&first.origin, &evaluated.origin));
                            match same {
                                Some((_, texts)) => texts.push(text),
                                None => undone.push((evaluated, vec![text])),
                            }
                        }
                    }
                }
            }
        }
        for (first, mut texts) in undone {
            texts.sort_unstable();
            texts.dedup();
            if texts.len() < MANY {
                continue;
            }
            let place = Place {
                decoded: texts.iter().take(256).map(|t| (*t).to_owned()).collect(),
                decoding: vec!["evaluated".to_owned()],
                ..self.made_place(first)
            };
            self.notes.add(
                "conceal.packed",
                "texts",
                "the texts of the code are kept encoded, and decoded one by one",
                (Severity::Medium, Confidence::High),
                || place,
            );
        }
    }

    /// Whether no constant that a list was made of is the list under a
    /// standard alphabet, whatever the code that undoes it looks like.
    fn is_beyond(&self, decoded: &Decoded, evaluated: &Evaluated) -> bool {
        let constants = &evaluated.origin.constants;
        matches!(decoded.meaning, Meaning::Hosts | Meaning::Words)
            && !constants.is_empty()
            && constants.iter().all(|(start, end)| {
                let constant = self.ir.text.get(*start as usize..*end as usize);
                !decode::ships(constant.unwrap_or_default(), &decoded.values)
            })
    }

    /// Where a value is computed, and the constants that it is made of.
    fn made_place(&self, evaluated: &Evaluated) -> Place {
        let (start, end) = evaluated.span;
        let constants: Vec<String> = evaluated
            .origin
            .constants
            .iter()
            .map(|(start, end)| {
                format!(
                    "the {} bytes at {}",
                    end.saturating_sub(*start),
                    u64::from(*start).saturating_add(self.offset)
                )
            })
            .collect();
        let note = if constants.is_empty() {
            "evaluated".to_owned()
        } else {
            format!("evaluated, from {}", constants.join(", "))
        };
        Place {
            start: u64::from(start).saturating_add(self.offset),
            len: u64::from(end.saturating_sub(start)),
            excerpt: excerpt(self.ir.text, start as usize, end as usize),
            note,
            ..Place::default()
        }
    }

    /// Whether a value is inside of what is executed as code.
    fn is_executed(&self, value: V) -> bool {
        let mut at = self.ir.user(value);
        for _ in 0..12 {
            if let Op::Call { callee, .. } | Op::New { callee, .. } = self.ir.op(at)
                && let Some(canon) = self.r.canon(callee)
            {
                let name = self.r.canon_text(canon);
                if matches!(name.as_str(), "eval" | "Function")
                    || name.starts_with("vm.")
                    || crate::py::names::runs(&name)
                {
                    return true;
                }
            }
            at = self.ir.user(at);
            if at == NONE {
                break;
            }
        }
        false
    }

    fn invisible(&mut self, text: &str, value: V) {
        let (ir, offset) = (self.ir, self.offset);
        hidden_characters(text, self.notes, || place_of(ir, offset, value));
    }

    // ---- shape of the whole file ----

    fn shapes(&mut self) {
        let obfuscated = hex_names(self.ir.text);
        let functions = self.ir.funcs.len();
        if obfuscated >= 5 && obfuscated.saturating_mul(2) >= functions {
            let place = Place {
                note: format!("{obfuscated} names of the form _0x1a2b among {functions} functions"),
                excerpt: excerpt(self.ir.text, 0, 80),
                len: self.ir.text.len() as u64,
                ..Place::default()
            };
            self.notes.add(
                "conceal.packed",
                "obfuscated names",
                "the code went through an obfuscator that renames and hides its texts",
                (Severity::Medium, Confidence::High),
                || place,
            );
        }
        if self.ir.text.len() >= 200 && is_of_six_characters(self.ir.text) {
            let place = Place {
                excerpt: excerpt(self.ir.text, 0, 80),
                len: self.ir.text.len() as u64,
                ..Place::default()
            };
            self.notes.add(
                "conceal.packed",
                "six characters",
                "the code is written in brackets and signs alone",
                (Severity::Medium, Confidence::High),
                || place,
            );
        }
        let end = (0..=4096.min(self.ir.text.len()))
            .rev()
            .find(|at| self.ir.text.is_char_boundary(*at));
        let head = self.ir.text.get(..end.unwrap_or(0)).unwrap_or_default();
        if head.contains("eval(function(p,a,c,k,e,") {
            let place = Place {
                excerpt: excerpt(self.ir.text, 0, 80),
                len: self.ir.text.len() as u64,
                ..Place::default()
            };
            self.notes.add(
                "conceal.packed",
                "packer",
                "the code is packed and unpacks itself with eval",
                (Severity::Medium, Confidence::High),
                || place,
            );
        }
    }

    // ---- flow ----

    fn flows(&mut self) -> bool {
        let lists: Vec<V> = self.concealed.iter().map(|(value, _)| *value).collect();
        let mut flow = Flow::new(self.r, &lists);
        let mut hits: Vec<Hit> = Vec::new();
        let mut named = std::mem::take(&mut self.named_facts);
        named.truncate(500);
        for (value, behaviour, core) in named {
            for call in flow.readers(value) {
                self.source(behaviour, call, core);
            }
        }
        let sources = std::mem::take(&mut self.sources);
        // Reads of the same fact in the same way are followed together.
        let mut groups: Vec<(String, Vec<V>)> = Vec::new();
        let mut index: FxHashMap<String, usize> = FxHashMap::default();
        let mut followed = rustc_hash::FxHashSet::default();
        for (value, behaviour, what, detail) in sources {
            if !followed.insert(value) {
                continue;
            }
            let label = format!("{}: {what}", behaviour.id);
            let at = *index.entry(format!("{label} {detail}")).or_insert_with(|| {
                groups.push((label, Vec::new()));
                groups.len().saturating_sub(1)
            });
            if let Some((_, values)) = groups.get_mut(at) {
                values.push(value);
            }
        }
        for (what, values) in groups {
            // Few together where the way matters, many where there are many.
            for part in values.chunks(values.len().div_ceil(64).max(1)) {
                let Some((value, also)) = part.split_first() else {
                    continue;
                };
                let origin = Origin {
                    value: *value,
                    also: also.to_vec(),
                    what: what.clone(),
                };
                hits.extend(flow.follow(&origin).into_iter().filter(|hit| {
                    let stays = matches!(hit.kind, SinkKind::Execution | SinkKind::File);
                    hit.choice.as_ref().is_some_and(|choice| {
                        choice.difference.is_hidden() || choice.difference.is_form() && !stays
                    })
                }));
                if hits.len() > 10_000 {
                    break;
                }
            }
        }
        self.channels(&hits);
        for value in std::mem::take(&mut self.answers) {
            let origin = Origin {
                value,
                also: Vec::new(),
                what: "an answer from the network".to_owned(),
            };
            for hit in flow.follow_data(&origin) {
                if hit.kind == SinkKind::Execution
                    || self.runs_stored(&hit)
                    || self.runs_written(&hit)
                {
                    self.remote_code(&hit);
                }
            }
        }
        flow.cut
    }

    /// A choice between look-alike outputs, whatever it depends on.
    fn look_alike(&mut self, choice: &Choice) {
        // Tables of escapes and of signs have many outputs, and letters of
        // one alphabet look alike without anybody having chosen them for it.
        let ordinary =
            choice.outputs.len() > 6 || choice.outputs.iter().any(|output| output == "\u{feff}");
        if ordinary {
            return;
        }
        let hidden = match choice.difference {
            Difference::LookAlike | Difference::Invisible => deceives(&choice.outputs),
            Difference::WhiteSpace => {
                choice
                    .outputs
                    .iter()
                    .any(|output| output.chars().any(|c| c.is_whitespace() && !c.is_ascii()))
                    && choice.outputs.iter().any(|output| output.contains(' '))
            }
            _ => false,
        };
        if !hidden {
            return;
        }
        let shown = outputs(&choice.outputs);
        let place = Place {
            note: shown.clone(),
            ..self.place(choice.at)
        };
        self.notes.add(
            "conceal.look-alike",
            &shown,
            &format!(
                "chooses between outputs that differ only in {}: {shown}",
                choice.difference.words()
            ),
            (Severity::Low, Confidence::Low),
            || place,
        );
    }

    /// Joins hits to channels: those that share a choice, or bring a choice
    /// to the same sentence.
    fn channels(&mut self, hits: &[Hit]) {
        let strong = |hit: &Hit| carries(hit);
        let concealed = |hit: &Hit| {
            hit.compared
                .iter()
                .any(|(_, what)| matches!(what, Compared::Concealed(_) | Compared::Hashes(_)))
        };
        let at = |hit: &Hit| hit.choice.as_ref().map(|choice| choice.at);
        let mut done: Vec<usize> = Vec::new();
        for (index, first) in hits.iter().enumerate() {
            let weak = || concealed(first) && first.loose <= LOOSE.1 && first.decided;
            if done.contains(&index) || !(strong(first) || weak()) {
                continue;
            }
            let same_choice = |hit: &Hit| at(hit) == at(first);
            let sinks: Vec<V> = hits
                .iter()
                .filter(|h| same_choice(h))
                .map(|h| h.sink)
                .collect();
            let mut group: Vec<&Hit> = Vec::new();
            for (other, hit) in hits.iter().enumerate() {
                if same_choice(hit) || sinks.contains(&hit.sink) {
                    done.push(other);
                    // What has no part in it by itself is not shown as one.
                    if !(strong(hit) || concealed(hit) && hit.loose <= LOOSE.1) {
                        continue;
                    }
                    let shown = |known: &&Hit| {
                        known.origin.value == hit.origin.value && at(known) == at(hit)
                    };
                    match group.iter().position(shown) {
                        // A sentence tells more than the field that it is in.
                        Some(at) => {
                            if hit.kind == SinkKind::Text
                                && let Some(slot) = group.get_mut(at)
                                && slot.kind != SinkKind::Text
                            {
                                *slot = hit;
                            }
                        }
                        None => group.push(hit),
                    }
                }
            }
            group.sort_by_key(|hit| (!strong(hit), !concealed(hit), hit.kind != SinkKind::Text));
            group.truncate(12);
            self.channel(&group);
        }
    }

    fn channel(&mut self, shown: &[&Hit]) {
        let strong = |hit: &Hit| carries(hit);
        let Some(sink) = shown.first().map(|hit| hit.sink) else {
            return;
        };
        let mut facts: Vec<String> = shown
            .iter()
            .filter_map(|hit| hit.origin.what.split(": ").next().map(str::to_owned))
            .collect();
        facts.sort();
        facts.dedup();
        let mut lists: Vec<usize> = shown
            .iter()
            .flat_map(|hit| hit.compared.iter())
            .filter_map(|(_, what)| match what {
                Compared::Concealed(list) => Some(*list),
                Compared::Plain(_) | Compared::Hashes(_) => None,
            })
            .collect();
        lists.sort_unstable();
        lists.dedup();
        // A list may be found by search and by evaluation.
        let mut shown_lists: Vec<&[String]> = Vec::new();
        lists.retain(|list| {
            self.concealed.get(*list).is_some_and(|(_, decoded)| {
                let new = !shown_lists.contains(&decoded.values.as_slice());
                shown_lists.push(&decoded.values);
                new
            })
        });
        let entries: Vec<String> = lists
            .iter()
            .filter_map(|list| self.concealed.get(*list))
            .map(|(_, decoded)| decoded.values.len().to_string())
            .collect();
        let what = facts
            .iter()
            .map(|fact| fact.trim_start_matches("fingerprint.").replace('-', " "))
            .collect::<Vec<_>>()
            .join(", ");
        let hashes = shown
            .iter()
            .flat_map(|hit| hit.compared.iter())
            .find_map(|(_, what)| match what {
                Compared::Hashes(count) => Some(*count),
                _ => None,
            });
        let against = if let (true, Some(count)) = (entries.is_empty(), hashes) {
            format!(", hashed and compared with {count} hashes,")
        } else if entries.is_empty() {
            String::new()
        } else {
            format!(
                ", compared with concealed lists of {} entries,",
                entries.join(" and ")
            )
        };
        let kind = shown
            .iter()
            .filter(|hit| strong(hit))
            .chain(shown)
            .find_map(|hit| hit.choice.as_ref())
            .map_or("form", |choice| choice.difference.words());
        let goes = match shown.first().map(|hit| hit.kind) {
            Some(SinkKind::Text) => "in a sentence",
            Some(SinkKind::Message) => "in a message field",
            Some(SinkKind::File) => "in a file",
            Some(SinkKind::Execution | SinkKind::Process) => "for a process",
            _ => "in a request",
        };
        let title = format!("facts about the host ({what}){against} choose {kind} {goes}");
        let hidden = shown.iter().any(|hit| {
            let choice = hit.choice.as_ref();
            choice.is_some_and(|choice| choice.difference.is_hidden())
        });
        let kept_secret = !entries.is_empty() || hashes.is_some();
        let confidence = match (hidden, kept_secret) {
            (true, true) if shown.len() > 1 => Confidence::High,
            (true, _) | (_, true) => Confidence::Medium,
            _ => Confidence::Low,
        };
        let severity = if hidden || kept_secret {
            Severity::High
        } else {
            Severity::Medium
        };
        // Names are minified anew with each version; what is read, chosen
        // and said is not.
        let mut chosen: Vec<String> = shown
            .iter()
            .filter_map(|hit| hit.choice.as_ref())
            .map(|choice| outputs(&choice.outputs))
            .collect();
        chosen.sort();
        chosen.dedup();
        let key = format!(
            "{} -> {} -> {}",
            facts.join("+"),
            chosen.join("+"),
            self.sink_text(sink)
        );
        for hit in shown {
            let place = Place {
                note: hit.origin.what.clone(),
                path: self.steps(hit),
                ..self.place(sink)
            };
            self.notes.add(
                "covert.channel",
                &key,
                &title,
                (severity, confidence),
                || place,
            );
        }
        for list in lists {
            let Some((value, decoded)) = self.concealed.get(list) else {
                continue;
            };
            let place = Place {
                note: format!("the concealed list of {} entries", decoded.values.len()),
                decoded: decoded.values.clone(),
                decoding: decoded.steps.clone(),
                ..self.place(*value)
            };
            self.notes.evidence("covert.channel", &key, place);
        }
    }

    fn sink_text(&self, sink: V) -> String {
        let shape = self.r.shape(sink);
        shape
            .split(HOLE)
            .map(str::trim)
            .filter(|part| part.len() > 2)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn step(&self, role: Role, value: V, note: String) -> Step {
        let place = self.place(value);
        let (start, end) = self.ir.span(value);
        let text = self
            .ir
            .text
            .get(start as usize..end as usize)
            .unwrap_or_default();
        Step {
            role,
            node: None,
            span: place.span(),
            excerpt: one_line(text),
            note,
        }
    }

    /// The way of a hit in the steps that a reader needs.
    fn steps(&self, hit: &Hit) -> Vec<Step> {
        let mut steps = vec![self.step(Role::Source, hit.origin.value, hit.origin.what.clone())];
        let mut flow = Vec::new();
        let mut last = (0, 0);
        for value in &hit.way {
            if matches!(self.ir.op(*value), Op::Call { .. } | Op::Object(_))
                && self.ir.span(*value) != last
                && *value != hit.sink
            {
                last = self.ir.span(*value);
                flow.push(self.step(Role::Flow, *value, "carries it on".to_owned()));
            }
        }
        let len = flow.len();
        let keep = 6usize;
        steps.extend(
            flow.into_iter()
                .enumerate()
                .filter(|(index, _)| len <= keep || index * keep / len != (index + 1) * keep / len)
                .map(|(_, step)| step),
        );
        let mut lists_shown = Vec::new();
        for (at, what) in &hit.compared {
            match what {
                Compared::Concealed(list) if lists_shown.contains(list) => {}
                Compared::Concealed(list) => {
                    lists_shown.push(*list);
                    steps.push(self.step(
                        Role::Condition,
                        *at,
                        "compared with a concealed list".to_owned(),
                    ));
                    if let Some((value, decoded)) = self.concealed.get(*list) {
                        steps.push(self.step(
                            Role::List,
                            *value,
                            format!(
                                "{} entries, {}",
                                decoded.values.len(),
                                decoded.steps.join(", ")
                            ),
                        ));
                    }
                }
                Compared::Hashes(count) => steps.push(self.step(
                    Role::Condition,
                    *at,
                    format!("compared with {count} hashes, which nobody can read"),
                )),
                Compared::Plain(texts) => {
                    let shown: Vec<&str> = texts.iter().take(6).map(String::as_str).collect();
                    steps.push(self.step(
                        Role::Condition,
                        *at,
                        format!("compared with {}", one_line(&shown.join(", "))),
                    ));
                }
            }
        }
        if let Some(choice) = &hit.choice {
            steps.push(self.step(
                Role::Choice,
                choice.at,
                format!(
                    "chooses between {}: {}",
                    outputs(&choice.outputs),
                    choice.difference.words()
                ),
            ));
        }
        let goes = match hit.kind {
            SinkKind::Text => "becomes part of a sentence",
            SinkKind::Message => "becomes a field of a message",
            SinkKind::Request => "becomes part of a request",
            SinkKind::Execution => "is executed",
            SinkKind::Process => "is given to a process",
            SinkKind::File => "is written to a file",
        };
        steps.push(self.step(Role::Sink, hit.sink, goes.to_owned()));
        steps
    }

    /// Whether a file that an answer is written to is started as a program.
    fn runs_stored(&self, hit: &Hit) -> bool {
        if hit.kind != SinkKind::File {
            return false;
        }
        let Op::Call { args, .. } = self.ir.op(hit.sink) else {
            return false;
        };
        let path = self
            .ir
            .list(args)
            .first()
            .and_then(|path| self.r.text(*path));
        path.is_some_and(|path| {
            path.len() > 3 && self.commands.iter().any(|(_, line)| line.contains(&path))
        })
    }

    fn remote_code(&mut self, hit: &Hit) {
        let place = Place {
            path: self.steps(hit),
            ..self.place(hit.sink)
        };
        let callee = match self.ir.op(hit.sink) {
            Op::Call { callee, .. } | Op::New { callee, .. } => self
                .r
                .canon(callee)
                .map(|canon| self.r.canon_text(canon))
                .unwrap_or_default(),
            _ => String::new(),
        };
        self.notes.add(
            "control.remote-code",
            &callee,
            &format!("what a server sent reaches {callee}"),
            (Severity::High, Confidence::Medium),
            || place,
        );
    }
}

/// What a server sent.
fn is_answer(canon: &str) -> bool {
    if canon.strip_suffix("()").is_some_and(crate::py::names::asks) {
        return true;
    }
    matches!(
        canon,
        "fetch()"
            | "http.get()"
            | "https.get()"
            | "http.request()"
            | "https.request()"
            | "undici.fetch()"
            | "undici.request()"
            | "new WebSocket()"
            | "new XMLHttpRequest()"
    )
}

/// How often a way may go through what is not known before it tells nothing:
/// where the outputs are made to deceive, and where they differ in form.
const LOOSE: (usize, usize) = (6, 0);
/// How long a way may be where the outputs differ in form: beyond, nearly
/// everything is decided by something of the host.
const WAY: usize = 40;

/// Whether a hit's choice tells something that a reader does not notice.
fn carries(hit: &Hit) -> bool {
    let Some(choice) = &hit.choice else {
        return false;
    };
    let (deceptive, formal) = LOOSE;
    let outputs = &choice.outputs;
    let language = hit.origin.what.starts_with("fingerprint.locale");
    let leaves = matches!(
        hit.kind,
        SinkKind::Message | SinkKind::Request | SinkKind::Process
    );
    let bare = |output: &String| !output.contains(HOLE);
    let plain = |c: char| matches!(c, ' ' | '\n' | '\t' | '\r');
    let hard_space = |output: &String| output.chars().any(|c| c.is_whitespace() && !plain(c));
    // A form says something only where it was decided by what the fact is.
    let known = || hit.loose <= formal && hit.way.len() <= WAY && hit.decided;
    // How dates, lists and spaces are written is a matter of languages.
    let decided = || known() && !language;
    match choice.difference {
        // What a language or a terminal writes in its own way, on what is
        // shown to the user.
        Difference::LookAlike if language && !leaves && typographic(outputs) => false,
        Difference::Invisible | Difference::LookAlike => {
            hit.loose <= deceptive && deceives(outputs)
        }
        Difference::WhiteSpace if outputs.iter().any(hard_space) => hit.loose <= deceptive,
        // A space more or less is how texts are laid out, but not what a
        // comparison of the host with a constant is for.
        Difference::WhiteSpace => {
            decided()
                && outputs.iter().all(bare)
                && (leaves
                    || outputs.iter().all(|output| !output.is_empty())
                    || outputs
                        .iter()
                        .any(|output| output.trim_end() != output && output.trim().len() > 2))
        }
        // One visible mark for another is a form for who reads it, and a
        // sign for who knows it; a mark or none joins what is there.
        Difference::Punctuation => {
            // What stands for something until it is put back is never sent.
            let holds_a_place = |c: char| {
                matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{e000}'..='\u{f8ff}')
                    || u32::from(c) & 0xfffe == 0xfffe
            };
            let joins = |output: &String| {
                output.trim().is_empty()
                    || output.chars().any(holds_a_place)
                    || output.contains("://")
                    || matches!(output.as_str(), "?" | "&" | "\\" | "\n" | "+" | "-1")
            };
            decided() && outputs.iter().all(bare) && !outputs.iter().any(joins)
        }
        Difference::Case | Difference::Digits => known() && leaves && outputs.iter().all(bare),
        Difference::Order | Difference::Written => decided() && leaves,
        Difference::Same | Difference::Meaning => false,
    }
}

/// Whether outputs are marks of typography and their plain forms.
fn typographic(outputs: &[String]) -> bool {
    let mark = |c: char| {
        matches!(c, '\'' | '"' | '-' | '.' | ' ' | ',' | '`')
            || matches!(
                c,
                '\u{2010}'..='\u{2026}' | '\u{a0}' | '\u{202f}' | '\u{ab}' | '\u{bb}'
            )
    };
    outputs.iter().all(|output| output.chars().all(mark))
}

/// Opening and closing marks of typography look alike by their skeletons, but
/// choosing between them is how quotation works.
fn deceives(outputs: &[String]) -> bool {
    let typographic = |output: &String| {
        let mut marks = output
            .chars()
            .filter(|c| !c.is_ascii() || matches!(c, '\'' | '"'));
        marks.next().is_some_and(|c| {
            matches!(
                c,
                '\u{2018}'
                    | '\u{2019}'
                    | '\u{201c}'
                    | '\u{201d}'
                    | '\u{ab}'
                    | '\u{bb}'
                    | '\u{2039}'
                    | '\u{203a}'
            )
        }) && output.chars().count() == 1
    };
    !outputs.iter().all(typographic)
        // Box drawing and its ASCII stand-ins: how terminals without Unicode
        // are served.
        && !outputs.iter().any(|output| output.chars().any(|c| ('\u{2500}'..='\u{259f}').contains(&c)))
}

/// Outputs with their code points where they are not ASCII.
fn outputs(outputs: &[String]) -> String {
    let mut shown: Vec<String> = outputs
        .iter()
        .take(8)
        .map(|output| {
            let output = output.replace(HOLE, "…");
            let codes: Vec<String> = output
                .chars()
                .filter(|c| !c.is_ascii() && *c != '…')
                .take(4)
                .map(|c| format!("U+{:04X}", u32::from(c)))
                .collect();
            // White space is told as it is: it may be all that differs.
            let shown: String = output.chars().take(160).collect();
            if codes.is_empty() {
                format!("{shown:?}")
            } else {
                format!("{shown:?} ({})", codes.join(" "))
            }
        })
        .collect();
    shown.sort();
    shown.join(", ")
}

/// Whether nine tenths of a text are brackets and signs. Looked at no further
/// than until it cannot be.
fn is_of_six_characters(text: &str) -> bool {
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
fn hex_names(text: &str) -> usize {
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
fn shows_nothing(text: &str) -> Option<String> {
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
    let between_letters = text.chars().zip(text.chars().skip(1)).any(|(a, b)| {
        is_invisible(b)
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

/// Notes a decoded constant; `most` is the confidence that the kind of
/// reading allows.
pub(crate) fn note_decoded(
    decoded: &Decoded,
    most: Confidence,
    notes: &mut Notes,
    place: impl FnOnce() -> Place,
) {
    let steps = decoded.steps.join(", ");
    let count = decoded.values.len();
    let beyond = decoded.beyond_alphabet;
    let (behaviour, title, severity, confidence) = match decoded.meaning {
        // base64 of a list of words is a usual way to ship data.
        Meaning::Words if !beyond => return,
        Meaning::Hosts | Meaning::Words => (
            "conceal.encoded-list",
            format!(
                "a list of {count} {} is kept encoded ({steps})",
                if decoded.meaning == Meaning::Hosts {
                    "hosts"
                } else {
                    "words"
                }
            ),
            if beyond {
                Severity::Medium
            } else {
                Severity::Low
            },
            if beyond && decoded.meaning == Meaning::Hosts {
                Confidence::High
            } else {
                Confidence::Medium
            },
        ),
        meaning => (
            "conceal.encoded-string",
            format!(
                "{} is kept encoded ({steps})",
                match meaning {
                    Meaning::Url => "an address",
                    Meaning::Code => "code",
                    _ => "a text",
                }
            ),
            if beyond {
                Severity::Medium
            } else {
                Severity::Low
            },
            Confidence::Medium,
        ),
    };
    let key = decoded.values.join("\u{1f}");
    notes.add(
        behaviour,
        &key,
        &title,
        (severity, confidence.min(most)),
        || Place {
            decoded: decoded.values.clone(),
            decoding: decoded.steps.clone(),
            ..place()
        },
    );
}
