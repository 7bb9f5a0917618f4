//! Programs made from a number, in two versions of which the second has some
//! functions changed, some new, some gone, some moved to other files, and all
//! of its variables renamed.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

/// How many modules a program has.
const MODULES: usize = 24;
/// How many functions each.
const FUNCTIONS: usize = 16;
/// One function of so many is changed; of as many one is new, one gone and
/// one moved.
const CHANGED: u64 = 12;

/// Words that names and texts are made of.
const WORDS: &[&str] = &[
    "account", "batch", "branch", "buffer", "cache", "channel", "chunk", "client", "column",
    "config", "counter", "cursor", "digest", "entry", "event", "field", "filter", "folder",
    "format", "group", "handle", "header", "index", "label", "layer", "limit", "line", "list",
    "marker", "message", "method", "module", "number", "offset", "option", "order", "owner",
    "packet", "parent", "path", "prefix", "query", "queue", "range", "record", "region", "report",
    "request", "result", "route", "schema", "section", "sender", "session", "signal", "slot",
    "source", "state", "step", "stream", "suffix", "table", "target", "token", "total", "update",
    "value", "version", "window", "worker",
];
const OPERATORS: &[&str] = &["+", "-", "*", "%"];
const COMPARED: &[&str] = &["<", ">", "<=", ">=", "===", "!=="];
const METHODS: &[&str] = &[
    "map", "filter", "slice", "concat", "indexOf", "join", "includes", "find", "some", "every",
];

/// Numbers that depend on a seed alone (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, count: u64) -> u64 {
        (self.next() >> 11) % count.max(1)
    }

    fn of<'w>(&mut self, list: &[&'w str]) -> &'w str {
        let at = self.below(list.len() as u64) as usize;
        list.get(at).copied().unwrap_or("")
    }

    fn text(&mut self) -> String {
        let count = 1 + self.below(4);
        let words: Vec<&str> = (0..count).map(|_| self.of(WORDS)).collect();
        words.join(self.of(&[" ", "-", ".", "_"]))
    }
}

/// A function: what its text is made of, but for names of variables.
#[derive(Clone)]
struct Made {
    name: String,
    is_async: bool,
    is_arrow: bool,
    steps: Vec<Step>,
}

/// A statement.
#[derive(Clone)]
enum Step {
    Call(String, String),
    Method(&'static str, String),
    Number(&'static str, u64),
    If(&'static str, u64, Vec<Step>, Vec<Step>),
    Each(String, Vec<Step>),
    Try(Vec<Step>, String),
    Choice(Vec<(String, String)>),
    Object(Vec<(String, u64)>),
    Ask(String, String),
    Later(Vec<Step>),
    Stop(String),
}

struct Program {
    modules: Vec<Vec<Made>>,
    /// Put before the names of variables.
    mark: &'static str,
}

fn step(dice: &mut Dice, names: &[String], depth: u64) -> Step {
    let some = |dice: &mut Dice| -> Vec<Step> {
        let count = 1 + dice.below(3);
        (0..count).map(|_| step(dice, names, depth + 1)).collect()
    };
    let name = |dice: &mut Dice| {
        let at = dice.below(names.len() as u64) as usize;
        names.get(at).cloned().unwrap_or_default()
    };
    match dice.below(if depth > 2 { 5 } else { 11 }) {
        0 => Step::Call(name(dice), dice.text()),
        1 => Step::Method(dice.of(METHODS), dice.text()),
        2 => Step::Number(dice.of(OPERATORS), dice.below(10_000)),
        3 => Step::Object(
            (0..2 + dice.below(3))
                .map(|_| (dice.of(WORDS).to_owned(), dice.below(500)))
                .collect(),
        ),
        4 => Step::Ask(dice.text(), dice.of(WORDS).to_owned()),
        5 => {
            let (compared, number) = (dice.of(COMPARED), dice.below(1000));
            let then = some(dice);
            let other = if dice.below(2) == 0 {
                some(dice)
            } else {
                Vec::new()
            };
            Step::If(compared, number, then, other)
        }
        6 => Step::Each(dice.of(WORDS).to_owned(), some(dice)),
        7 => Step::Try(some(dice), dice.text()),
        8 => Step::Choice(
            (0..2 + dice.below(3))
                .map(|_| (dice.text(), dice.text()))
                .collect(),
        ),
        9 => Step::Later(some(dice)),
        _ => Step::Stop(dice.text()),
    }
}

fn function(dice: &mut Dice, name: String, names: &[String]) -> Made {
    Made {
        name,
        is_async: dice.below(4) == 0,
        is_arrow: dice.below(3) == 0,
        steps: (0..2 + dice.below(6))
            .map(|_| step(dice, names, 0))
            .collect(),
    }
}

/// Another text, number or operator at one place, or a statement more or less.
fn change(dice: &mut Dice, function: &mut Made, names: &[String]) {
    let at = dice.below(function.steps.len() as u64) as usize;
    match dice.below(4) {
        0 if function.steps.len() > 2 => {
            function.steps.remove(at);
        }
        1 => {
            let more = step(dice, names, 0);
            function.steps.insert(at, more);
        }
        _ => {
            if let Some(step) = function.steps.get_mut(at) {
                alter(dice, step);
            }
        }
    }
}

fn alter(dice: &mut Dice, step: &mut Step) {
    match step {
        Step::Call(_, text) | Step::Method(_, text) | Step::Ask(text, _) | Step::Stop(text) => {
            text.push_str("-other");
        }
        Step::Number(_, number) => *number += 1 + dice.below(50),
        Step::If(_, number, _, _) => *number += 1 + dice.below(50),
        Step::Each(field, _) => field.push_str("Other"),
        Step::Try(_, text) => text.push_str(" other"),
        Step::Choice(list) => list.push((dice.text() + "-more", dice.text())),
        Step::Object(list) => list.push((format!("{}More", dice.of(WORDS)), dice.below(500))),
        Step::Later(steps) => {
            if let Some(first) = steps.first_mut() {
                alter(dice, first);
            }
        }
    }
}

impl Program {
    fn new(dice: &mut Dice) -> Self {
        let mut names: Vec<String> = Vec::new();
        for module in 0..MODULES {
            for at in 0..FUNCTIONS {
                let (one, other) = (dice.of(WORDS), dice.of(WORDS));
                names.push(format!("{one}_{other}_{module}_{at}"));
            }
        }
        let modules = names
            .chunks(FUNCTIONS)
            .map(|own| {
                own.iter()
                    .map(|name| function(dice, name.clone(), &names))
                    .collect()
            })
            .collect();
        Self { modules, mark: "a" }
    }

    /// The next version of it.
    fn next(&self, dice: &mut Dice) -> Self {
        let names: Vec<String> = self
            .modules
            .iter()
            .flatten()
            .map(|one| one.name.clone())
            .collect();
        let mut modules = self.modules.clone();
        let mut moved: Vec<Made> = Vec::new();
        // Who is called by others stays.
        let mut called: Vec<String> = Vec::new();
        for one in modules.iter().flatten() {
            calls(&one.steps, &mut called);
        }
        for module in &mut modules {
            for one in module.iter_mut() {
                if dice.below(CHANGED) == 0 {
                    change(dice, one, &names);
                }
            }
            module.retain(|one| called.contains(&one.name) || dice.below(CHANGED) != 0);
            let at = dice.below(module.len() as u64) as usize;
            if module.len() > 2 {
                moved.push(module.remove(at));
            }
            let name = format!("added_{}_{}", dice.of(WORDS), dice.below(100_000));
            module.push(function(dice, name, &names));
        }
        for one in moved {
            let at = dice.below(modules.len() as u64) as usize;
            if let Some(module) = modules.get_mut(at) {
                module.insert(0, one);
            }
        }
        Self { modules, mark: "b" }
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let package = folder.join("package");
        std::fs::create_dir_all(&package)?;
        let place = |name: &str| {
            self.modules
                .iter()
                .position(|module| module.iter().any(|one| one.name == name))
        };
        for (number, module) in self.modules.iter().enumerate() {
            let mut called = Vec::new();
            for one in module {
                calls(&one.steps, &mut called);
            }
            called.sort();
            called.dedup();
            let mut text = String::new();
            for name in called {
                match place(&name) {
                    Some(other) if other != number => {
                        let _ = writeln!(text, "import {{ {name} }} from './m{other}.js';");
                    }
                    _ => {}
                }
            }
            for one in module {
                self.function(&mut text, one);
            }
            std::fs::write(package.join(format!("m{number}.js")), text)?;
        }
        let mut index = String::new();
        for number in 0..self.modules.len() {
            let _ = writeln!(index, "export * from './m{number}.js';");
        }
        std::fs::write(package.join("index.js"), index)?;
        let manifest = "{\"name\":\"generated\",\"version\":\"1.0.0\",\"type\":\"module\"}\n";
        std::fs::write(package.join("package.json"), manifest)?;
        Ok(())
    }

    fn function(&self, out: &mut String, made: &Made) {
        let mark = self.mark;
        let is_async = if made.is_async { "async " } else { "" };
        let name = &made.name;
        let _ = match made.is_arrow {
            true => writeln!(
                out,
                "export const {name} = {is_async}({mark}Input, {mark}Rest) => {{"
            ),
            false => writeln!(
                out,
                "export {is_async}function {name}({mark}Input, {mark}Rest) {{"
            ),
        };
        let _ = writeln!(out, "  let {mark}Out = {mark}Input;");
        for step in &made.steps {
            self.step(out, step, made.is_async, 1);
        }
        let _ = writeln!(out, "  return [{mark}Out, {mark}Rest];");
        out.push_str(if made.is_arrow { "};\n" } else { "}\n" });
    }

    fn step(&self, out: &mut String, step: &Step, is_async: bool, depth: usize) {
        let (mark, pad) = (self.mark, "  ".repeat(depth));
        let wait = if is_async { "await " } else { "" };
        let block = |out: &mut String, steps: &[Step]| {
            for step in steps {
                self.step(out, step, is_async, depth + 1);
            }
        };
        let _ = match step {
            Step::Call(name, text) => {
                writeln!(out, "{pad}{mark}Out = {wait}{name}({mark}Out, {text:?});")
            }
            Step::Method(method, text) => writeln!(
                out,
                "{pad}{mark}Out = {mark}Rest.{method}({mark}Out, {text:?});"
            ),
            Step::Number(operator, number) => {
                writeln!(out, "{pad}{mark}Out = {mark}Out {operator} {number};")
            }
            Step::Ask(text, field) => writeln!(
                out,
                "{pad}{mark}Rest.{field} = {wait}{mark}Rest.ask({text:?} + {mark}Out);"
            ),
            Step::Object(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, number)| format!("{name}: {mark}Out + {number}"))
                    .collect();
                writeln!(out, "{pad}{mark}Rest.push({{ {} }});", fields.join(", "))
            }
            Step::If(compared, number, then, other) => {
                let _ = writeln!(out, "{pad}if ({mark}Out {compared} {number}) {{");
                block(out, then);
                if !other.is_empty() {
                    let _ = writeln!(out, "{pad}}} else {{");
                    block(out, other);
                }
                writeln!(out, "{pad}}}")
            }
            Step::Each(field, steps) => {
                let _ = writeln!(out, "{pad}for (const {mark}One of {mark}Rest.{field}) {{");
                let _ = writeln!(out, "{pad}  {mark}Out += {mark}One;");
                block(out, steps);
                writeln!(out, "{pad}}}")
            }
            Step::Try(steps, text) => {
                let _ = writeln!(out, "{pad}try {{");
                block(out, steps);
                let _ = writeln!(out, "{pad}}} catch ({mark}Error) {{");
                let _ = writeln!(out, "{pad}  {mark}Rest.warn({text:?}, {mark}Error);");
                writeln!(out, "{pad}}}")
            }
            Step::Choice(list) => {
                let _ = writeln!(out, "{pad}switch ({mark}Out) {{");
                for (when, then) in list {
                    let _ = writeln!(out, "{pad}  case {when:?}: {mark}Out = {then:?}; break;");
                }
                writeln!(out, "{pad}  default: {mark}Out = null;\n{pad}}}")
            }
            Step::Later(steps) => {
                let _ = writeln!(out, "{pad}{mark}Rest.push(({mark}Later) => {{");
                for step in steps {
                    self.step(out, step, false, depth + 1);
                }
                writeln!(out, "{pad}  return {mark}Later;\n{pad}}});")
            }
            Step::Stop(text) => writeln!(out, "{pad}if (!{mark}Out) throw new Error({text:?});"),
        };
    }
}

/// The functions that statements call.
fn calls(steps: &[Step], out: &mut Vec<String>) {
    for step in steps {
        match step {
            Step::Call(name, _) => out.push(name.clone()),
            Step::If(_, _, then, other) => {
                calls(then, out);
                calls(other, out);
            }
            Step::Each(_, steps) | Step::Try(steps, _) | Step::Later(steps) => calls(steps, out),
            _ => {}
        }
    }
}

/// Writes both versions of the program of a number.
pub(super) fn write(seed: u64, before: &Path, after: &Path) -> Result<()> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let first = Program::new(&mut dice);
    first.write(before)?;
    first.next(&mut dice).write(after)
}
