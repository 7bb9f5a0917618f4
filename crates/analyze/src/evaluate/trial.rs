//! Trials: a module run on hosts that differ in one thing, and what it sent
//! away each time.
//!
//! The first run is on a plain host. Each fact that it asked for is then
//! changed, one at a time and a few together, to values that it might be
//! compared with: usual ones, and the constants of the module. What leaves is
//! compared part by part; a difference that a person would take for none is
//! told.

use std::time::{Duration, Instant};

use assay_text::{Difference, differs};
use rquickjs::context::EvalOptions;
use rquickjs::context::intrinsic;
use rquickjs::{Context, Function, Object, Persistent, Runtime};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::engine::{self, Meter, Run};

/// How many hosts one module is tried on.
const HOSTS: usize = 220;
/// Up to this size, in bytes, everything is tried.
const SMALL: usize = 16 << 10;
/// How many values a fact is given in what is larger, where it does not tell
/// who or where somebody is.
const FEW: usize = 6;
/// How many values one fact is given.
const VALUES: usize = 64;
/// Steps of one run, in the interpreter's units.
const STEPS: u64 = 150;
/// How many jobs and timers of one run are done.
const JOBS: u32 = 4_000;
/// How long all runs of a module may take.
const TIME: Duration = Duration::from_secs(8);
/// How many differences are told.
const TOLD: usize = 16;
/// How long the parts of texts are that are shown, in characters.
const SHOWN: usize = 160;

type Intrinsics = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
    intrinsic::WeakRef,
);

/// What a trial is given beside the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trial {
    /// Constants that a fact may be compared with.
    pub(crate) candidates: Vec<String>,
    /// What the module puts together.
    pub(crate) made: Vec<String>,
    /// Numbers of the module, as text.
    pub(crate) numbers: Vec<String>,
}

impl Trial {
    /// Adds the texts of a value to what a fact may be compared with, before
    /// what stands in the module as it is.
    pub(super) fn add(&mut self, value: &super::Value, depth: u32) {
        use super::Value as Made;
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match value {
            Made::Text(text) if self.made.len() < MADE => {
                for part in text.split([',', ';', '|', '\n', ' ']) {
                    if (2..=60).contains(&part.len()) && !self.made.iter().any(|made| made == part)
                    {
                        self.made.push(part.to_owned());
                    }
                }
            }
            Made::List(items) => items
                .iter()
                .take(MADE)
                .for_each(|item| self.add(item, depth)),
            Made::Record(entries) => {
                for (key, item) in entries.iter().take(MADE) {
                    self.add(&Made::Text(key.clone()), depth.saturating_add(1));
                    self.add(item, depth);
                }
            }
            _ => {}
        }
    }
}

/// How many texts that were put together are compared with.
const MADE: usize = 256;

/// Where in the module something happened: the line and column, from 1.
pub(crate) type At = (u32, u32);

/// What a trial showed: a fact that changes what leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shown {
    /// The facts that were changed.
    pub(crate) facts: Vec<(String, String, String)>,
    /// Where they were asked for.
    pub(crate) reads: Vec<At>,
    /// By what it left, and where.
    pub(crate) sink: String,
    pub(crate) at: At,
    /// The part of what left, as a path.
    pub(crate) part: String,
    pub(crate) one: String,
    pub(crate) other: String,
    pub(crate) difference: String,
    /// Whether the texts look the same.
    pub(crate) hidden: bool,
}

/// What became of a trial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tried {
    pub(crate) shown: Vec<Shown>,
    /// On how many hosts it was tried.
    pub(crate) hosts: usize,
    /// Which limit was reached.
    pub(crate) limit: Option<String>,
}

/// What a run on one host left.
#[derive(Debug, Default, Deserialize)]
struct Left {
    reads: Vec<(String, String, u32, u32)>,
    sent: Vec<(String, String, u32, u32, bool)>,
    seen: Vec<String>,
    /// What is taken out of texts: patterns with a group.
    patterns: Vec<String>,
    /// What was put into the form of the place, in order.
    told: Vec<String>,
    /// Whether parts of the local time were asked for.
    clock: bool,
    /// Whether it was cut off.
    #[serde(default)]
    cut: bool,
}

type Facts = Map<String, Value>;

pub(super) fn run(text: &str, trial: &Trial) -> Tried {
    let started = Instant::now();
    let mut out = Tried::default();
    let mut runs = Runs {
        text,
        started,
        session: None,
    };
    let Some(mut plain) = runs.once(&Facts::new(), true) else {
        return out;
    };
    out.hosts = 1;
    if plain.reads.is_empty() {
        return out;
    }
    // Where a file has to be there for anything to happen, it is.
    let mut always = Facts::new();
    if plain.sent.is_empty() {
        for (key, base, ..) in &plain.reads {
            if let (Some(path), true) = (key.strip_prefix("file:"), base.is_empty()) {
                let content = filled(path, "some", &[]);
                always.insert(key.clone(), Value::String(content));
            }
        }
        if let Some(again) = runs.once(&always, true) {
            plain = again;
        }
        if plain.sent.is_empty() {
            return out;
        }
    }
    let candidates = ordered(&plain.seen, trial);
    let patterns: Vec<String> = plain.patterns.iter().filter_map(|p| template(p)).collect();
    let small = text.len() <= SMALL;
    let tells = plain.reads.iter().any(|read| is_telling(&read.0));
    let most = match (tells, small) {
        (true, true) => HOSTS,
        (true, false) => HOSTS / 3,
        (false, _) => HOSTS / 5,
    };
    let mut reads = plain.reads.clone();
    let mut asked: FxHashSet<String> = reads.iter().map(|read| read.0.clone()).collect();
    let mut done = 0usize;
    let mut planned: Vec<(String, Vec<Value>)> = Vec::new();
    let mut shown_for: FxHashSet<(String, String)> = FxHashSet::default();
    // Facts that are asked for only when another has a certain value are
    // tried with that value.
    let mut under: Vec<Facts> = vec![always.clone(); reads.len()];
    // What nearly everything asks for comes last.
    reads.sort_by_key(|read| {
        matches!(
            read.0.as_str(),
            "user" | "home" | "cwd" | "environment" | "lang" | "tty"
        )
    });
    while let (Some(read), Some(base)) = (reads.get(done).cloned(), under.get(done).cloned()) {
        done = done.saturating_add(1);
        let mut values = values(&read.0, &candidates, trial, &patterns);
        if !is_telling(&read.0) && !small {
            values.truncate(FEW);
        }
        let before = if base.len() == always.len() {
            None
        } else {
            runs.once(&base, false)
        };
        for value in &values {
            if out.hosts >= most || started.elapsed() > TIME || out.shown.len() >= TOLD {
                out.limit = (out.shown.is_empty()).then(|| "the limit on hosts".to_owned());
                return out;
            }
            let mut facts = base.clone();
            facts.insert(read.0.clone(), value.clone());
            let Some(left) = runs.once(&facts, false) else {
                continue;
            };
            out.hosts = out.hosts.saturating_add(1);
            let told = out.shown.len();
            compare(
                before.as_ref().unwrap_or(&plain),
                &left,
                &facts,
                &read,
                &mut shown_for,
                &mut out.shown,
                small,
            );
            for new in &left.reads {
                if asked.insert(new.0.clone()) && base.len() < always.len().saturating_add(3) {
                    reads.push(new.clone());
                    under.push(facts.clone());
                }
            }
            if out.shown.len() > told {
                break;
            }
        }
        planned.push((read.0, values));
    }
    together(&mut runs, &plain, &planned, &mut shown_for, &mut out);
    out
}

/// Candidates, the likeliest first: what was put together while the module
/// ran, then what stands in it.
fn ordered(seen: &[String], trial: &Trial) -> Vec<String> {
    let constants = &trial.candidates;
    let mut known: FxHashSet<&String> = constants.iter().collect();
    let seen_too: FxHashSet<&String> = seen.iter().collect();
    let decoded: Vec<&String> = trial
        .made
        .iter()
        .filter(|text| known.insert(text))
        .collect();
    let made = seen.iter().filter(|text| !known.contains(text));
    let compared = constants.iter().filter(|text| seen_too.contains(text));
    let others = constants.iter().filter(|text| !seen_too.contains(text));
    let decoded = decoded.into_iter().take(VALUES / 3);
    let made = made.take(VALUES / 3);
    decoded
        .chain(made)
        .chain(compared)
        .chain(others)
        .cloned()
        .collect()
}

/// A few hosts on which all facts are other ones at once.
fn together(
    runs: &mut Runs<'_>,
    plain: &Left,
    planned: &[(String, Vec<Value>)],
    shown_for: &mut FxHashSet<(String, String)>,
    out: &mut Tried,
) {
    if planned.len() < 2 || !out.shown.is_empty() {
        return;
    }
    let most = planned.iter().map(|(_, values)| values.len()).max();
    for turn in 0..most.unwrap_or(0).min(24) {
        if out.hosts >= HOSTS || runs.started.elapsed() > TIME || !out.shown.is_empty() {
            return;
        }
        let mut facts = Facts::new();
        for (at, (key, values)) in planned.iter().enumerate() {
            // In step first, then against each other.
            let turn = if turn < 12 {
                turn
            } else {
                turn.wrapping_mul(at.saturating_add(1))
            };
            let index = turn.checked_rem(values.len()).unwrap_or(0);
            if let Some(value) = values.get(index) {
                facts.insert(key.clone(), value.clone());
            }
        }
        let Some(left) = runs.once(&facts, false) else {
            continue;
        };
        out.hosts = out.hosts.saturating_add(1);
        if let Some(read) = left.reads.first().cloned() {
            compare(
                plain,
                &left,
                &facts,
                &read,
                shown_for,
                &mut out.shown,
                runs.text.len() <= SMALL,
            );
        }
    }
}

/// A context in which a module runs again and again: what it is made of is
/// compiled once, and what a run leaves in the global object is taken away.
struct Session {
    // Before the context, whose values they are.
    parts: Parts,
    context: Context,
    meter: std::rc::Rc<Meter>,
    /// How many hosts there were in this context.
    hosts: usize,
    /// Whether the last run was cut off, so that something of it may wait.
    dirty: bool,
}

struct Parts {
    prelude: Persistent<Function<'static>>,
    world: Persistent<Function<'static>>,
    tidy: Persistent<Function<'static>>,
    body: Persistent<Function<'static>>,
}

/// How many hosts one context is used for.
const TOGETHER: usize = 64;

impl Session {
    fn new(text: &str, started: Instant) -> Option<Self> {
        let runtime = Runtime::new().ok()?;
        let meter = std::rc::Rc::new(Meter::default());
        engine::bound(&runtime, &meter, (STEPS, STEPS), (started, TIME));
        let context = Context::custom::<Intrinsics>(&runtime).ok()?;
        let parts = context.with(|ctx| {
            let compile = |name: &str, text: &str| {
                let mut options = EvalOptions::default();
                options.strict = false;
                options.filename = Some(name.to_owned());
                let function: Function<'_> = ctx.eval_with_options(text, options).ok()?;
                Some(Persistent::save(&ctx, function))
            };
            Some(Parts {
                prelude: compile("prelude", include_str!("stand_ins.js"))?,
                world: compile("world", include_str!("world.js"))?,
                tidy: compile("tidy", TIDY)?,
                body: compile("subject", text)?,
            })
        })?;
        Some(Self {
            parts,
            context,
            meter,
            hosts: 0,
            dirty: false,
        })
    }

    /// Runs the module once on a host with these facts.
    fn once(&mut self, text: &str, facts: &Facts, watch: bool) -> Option<Left> {
        self.hosts = self.hosts.saturating_add(1);
        self.meter.again();
        let (parts, meter) = (&self.parts, &self.meter);
        let (left, over) = self.context.with(|ctx| {
            let run = Run::new(&ctx, meter);
            let left = go(&run, parts, text, facts, watch);
            // What it threw is its own.
            let _ = ctx.catch();
            (left.ok().flatten(), run.is_over())
        });
        self.dirty = over || watch || left.as_ref().is_none_or(|left| left.cut);
        left
    }
}

/// The runs of a module.
struct Runs<'t> {
    text: &'t str,
    started: Instant,
    session: Option<Session>,
}

impl Runs<'_> {
    fn once(&mut self, facts: &Facts, watch: bool) -> Option<Left> {
        let spent = |session: &Session| session.dirty || session.hosts >= TOGETHER;
        if self.session.as_ref().is_none_or(spent) {
            self.session = Session::new(self.text, self.started);
        }
        self.session.as_mut()?.once(self.text, facts, watch)
    }
}

/// Takes away what was added to the global object since it was called first.
const TIDY: &str = "(function () {
  const known = globalThis[Symbol.for('tidy')];
  if (known) {
    for (const name of Object.getOwnPropertyNames(globalThis)) if (!known.has(name)) delete globalThis[name];
    for (const [name, value] of known) if (Object.getOwnPropertyDescriptor(globalThis, name)?.writable) globalThis[name] = value;
    return;
  }
  const all = new Map();
  for (const name of Object.getOwnPropertyNames(globalThis)) all.set(name, globalThis[name]);
  Object.defineProperty(globalThis, Symbol.for('tidy'), { value: all, enumerable: false });
})";

fn go<'js>(
    run: &Run<'js, '_>,
    parts: &Parts,
    text: &str,
    facts: &Facts,
    watch: bool,
) -> rquickjs::Result<Option<Left>> {
    let ctx = run.ctx();
    let tidy = parts.tidy.clone().restore(ctx)?;
    tidy.call::<_, rquickjs::Value<'js>>(())?;
    let prelude = parts.prelude.clone().restore(ctx)?;
    let host = run.host()?;
    let given: Object<'js> = prelude.call((host.clone(),))?;
    let world = parts.world.clone().restore(ctx)?;
    let named = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let names: Vec<&str> = ["Bun", "Deno", "document", "localStorage"]
        .into_iter()
        .filter(|word| named(word))
        .collect();
    let spec = serde_json::json!({
        "facts": facts,
        "watch": watch,
        "names": names,
    });
    let spec: rquickjs::Value<'js> = ctx.json_parse(spec.to_string())?;
    let world: Object<'js> = world.call((host, given, spec))?;
    let step: Function<'js> = world.get("step")?;
    let report: Function<'js> = world.get("report")?;
    let start: Function<'js> = world.get("run")?;
    let body = parts.body.clone().restore(ctx)?;
    // What it throws, and where it stops, are no matter here: what left did.
    let _ = start.call::<_, rquickjs::Value<'js>>((body,));
    let mut jobs = 0;
    while jobs < JOBS && !run.is_over() {
        let mut more = false;
        while jobs < JOBS && ctx.execute_pending_job() {
            jobs += 1;
            more = true;
        }
        jobs += 1;
        match step.call::<_, bool>(()) {
            Ok(stepped) => more |= stepped,
            Err(_) => {
                let _ = ctx.catch();
                more = true;
            }
        }
        if !more {
            break;
        }
    }
    let report: String = report.call(())?;
    let left: Option<Left> = serde_json::from_str(&report).ok();
    Ok(left.map(|left| Left {
        cut: jobs >= JOBS,
        ..left
    }))
}

/// The values that a fact is given.
fn values(key: &str, candidates: &[String], trial: &Trial, patterns: &[String]) -> Vec<Value> {
    let numbers = &trial.numbers;
    let (kind, name) = key.split_once(':').unwrap_or((key, ""));
    let mut out: Vec<Value> = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    let fitting = |fits: fn(&str) -> bool| -> Vec<String> {
        let mut fitting: Vec<String> = candidates.iter().filter(|c| fits(c)).cloned().collect();
        fitting.truncate(VALUES);
        fitting
    };
    let any = || fitting(|text| text.len() <= 64 && !text.chars().any(char::is_whitespace));
    let list = |list: &[&str]| -> Vec<String> { list.iter().map(|s| (*s).to_owned()).collect() };
    match (kind, name) {
        ("zone", _) | ("env", "TZ") => {
            texts.extend(fitting(is_zone));
            texts.truncate(VALUES / 2);
            texts.extend(list(ZONES));
        }
        ("locale", _) => {
            texts.extend(fitting(is_locale).into_iter().map(|l| l.replace('_', "-")));
            texts.truncate(VALUES / 2);
            texts.extend(list(LOCALES));
        }
        ("lang", _) => {
            texts.extend(fitting(is_locale));
            texts.truncate(VALUES / 2);
        }
        ("env", name) => {
            let upper = name.to_ascii_uppercase();
            let is_address = [
                "PROXY", "URL", "ENDPOINT", "HOST", "REGISTRY", "INDEX", "API",
            ]
            .iter()
            .any(|word| upper.contains(word));
            if is_address {
                for host in fitting(is_host).into_iter().take(VALUES / 2) {
                    texts.push(if host.contains("://") {
                        host
                    } else {
                        format!("https://{host}/")
                    });
                }
                texts.extend(list(&[
                    "http://127.0.0.1:7890",
                    "https://relay.example.cn/v1",
                    "socks5h://10.0.0.1:1080",
                ]));
            }
            texts.extend(any());
            texts.extend(list(&["1", "true", "some"]));
        }
        (
            "hostname" | "user" | "home" | "cwd" | "release" | "version" | "cpu" | "dns"
            | "calendar" | "numbering" | "execargv",
            _,
        ) => {
            texts.extend(any());
            if kind == "home" || kind == "user" {
                texts.truncate(24);
            }
            if kind == "cwd" {
                texts.truncate(24);
                let inner: Vec<String> = texts
                    .iter()
                    .map(|t| format!("/home/someone/{t}/project"))
                    .collect();
                texts.extend(inner);
            }
            if kind == "dns" {
                texts.insert(0, "nowhere".to_owned());
            }
            if kind == "calendar" || kind == "numbering" {
                texts.extend(list(&[
                    "chinese", "islamic", "hebrew", "persian", "buddhist", "arab", "hanidec",
                ]));
            }
        }
        ("platform", _) => texts.extend(list(&["darwin", "win32", "freebsd", "android"])),
        ("arch", _) => texts.extend(list(&["arm64", "ia32", "loong64", "riscv64"])),
        ("cycle", _) => texts.extend(list(&["h23", "h24"])),
        ("interfaces", _) => {
            for name in ["tun0", "utun3", "wg0", "ppp0", "docker0", "tailscale0"] {
                texts.push(format!("{name} 10.8.0.2 02:42:00:00:00:01"));
            }
            for text in any().into_iter().take(VALUES / 2) {
                let dots = text.matches('.').count();
                let colons = text.matches(':').count();
                if colons >= 2 {
                    texts.push(format!("eth0 192.168.7.20 {}", padded(&text, ':', 6, "00")));
                } else if dots >= 1 {
                    texts.push(format!(
                        "eth0 {} 52:54:00:12:34:56",
                        padded(text.trim_end_matches('.'), '.', 4, "7")
                    ));
                } else {
                    texts.push(format!("{text} 10.8.0.2 02:42:00:00:00:01"));
                }
            }
        }
        ("file" | "command" | "dir", name) => {
            let mut some = any();
            some.truncate(VALUES / 2);
            some.insert(0, "some".to_owned());
            for text in some {
                if kind != "dir" {
                    texts.push(filled(name, &text, patterns));
                }
                if kind != "file" || !name.ends_with(".json") {
                    texts.push(text);
                }
            }
        }
        ("tty", _) => out.push(Value::Bool(false)),
        ("environment", _) => {
            for name in fitting(is_variable) {
                texts.push(if name.ends_with('_') {
                    format!("{name}X")
                } else {
                    name
                });
            }
        }
        ("port", _) => texts.push("open".to_owned()),
        ("cores" | "memory" | "uptime" | "uid" | "disk", _) => {
            let mut all: Vec<f64> = numbers.iter().filter_map(|n| n.parse().ok()).collect();
            all.truncate(12);
            let mut near: Vec<f64> = all
                .iter()
                .flat_map(|n| {
                    [
                        *n,
                        n - 1.0,
                        n + 1.0,
                        n * 1024.0 * 1024.0 * 1024.0 * 2.0,
                        n * 1e9,
                    ]
                })
                .collect();
            near.extend([1.0, 2.0, 4.0, 64.0, 0.0, 501.0, 1e9, 4e9]);
            near.retain(|n| *n >= 0.0 && n.is_finite());
            for number in near {
                if kind == "cores" && !(1.0..=512.0).contains(&number) {
                    continue;
                }
                let value = serde_json::Number::from_f64(number).map(Value::Number);
                out.extend(value.filter(|value| !out.contains(value)));
            }
        }
        _ => texts.extend(any()),
    }
    let mut known: FxHashSet<String> = FxHashSet::default();
    for text in texts {
        if known.insert(text.clone()) {
            out.push(Value::String(text));
        }
    }
    out.truncate(VALUES);
    out
}

/// A file, or what a command says, that holds a text wherever one is looked
/// for.
fn filled(name: &str, text: &str, patterns: &[String]) -> String {
    if name.ends_with("json") {
        let key = text.to_owned();
        return serde_json::json!({
            "name": key, "version": "1.0.0", "registry": key, "region": key, "locale": key,
            "country": key, "email": format!("me@{key}"), key.as_str(): key, "dependencies": { key.as_str(): "1.0.0" },
            "packages": { format!("node_modules/{key}"): { "resolved": format!("https://{key}/a") } },
            "auths": { key.as_str(): {} },
        })
        .to_string();
    }
    let mut lines: Vec<String> = patterns
        .iter()
        .map(|pattern| pattern.replace(HOLE, text))
        .collect();
    lines.extend([
        text.to_owned(),
        format!("nameserver {text}"),
        format!("search {text}"),
        format!("ID={text}"),
        format!("NAME=\"{text}\""),
        format!("registry=https://{text}/"),
        format!("index-url = https://{text}/simple"),
        format!("model name\t: {text}"),
        format!("vendor_id\t: {text}"),
        format!("[user]\n\temail = me@{text}"),
        format!("[remote \"origin\"]\n\turl = https://{text}/{text}/b.git"),
        format!("     3\tSome One <me@{text}>"),
        format!("Host {text}"),
        format!("10.0.0.7 {text}"),
        format!("https://github.com/{text}/some.git"),
    ]);
    lines.join("\n")
}

/// Where a pattern takes something out.
const HOLE: &str = "\u{0}";

/// A text that a pattern with a group fits, with a hole for the group.
fn template(pattern: &str) -> Option<String> {
    let open = pattern.match_indices('(').map(|(at, _)| at).find(|at| {
        !pattern
            .get(..*at)
            .is_some_and(|before| before.ends_with('\\'))
    })?;
    let after = pattern.get(open..)?;
    let mut depth = 0u32;
    let mut escaped = false;
    let close = after.char_indices().find_map(|(at, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0 && c == ')').then_some(at)
    })?;
    let before = unquoted(pattern.get(..open)?);
    let rest = unquoted(after.get(close.checked_add(1)?..)?);
    Some(format!("{before}{HOLE}{rest}"))
}

/// A text that a pattern fits, roughly.
fn unquoted(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('s') => out.push(' '),
                Some('d') => out.push('1'),
                Some('w' | 'S') => out.push('x'),
                Some('t') => out.push('\t'),
                Some('b' | 'B' | 'n' | 'r') | None => {}
                Some(c) => out.push(c),
            },
            '[' => {
                let first = chars.next().unwrap_or(' ');
                out.push(if first == '^' { 'x' } else { first });
                // The rest of the class stands for the same place.
                while chars.next().is_some_and(|c| c != ']') {}
            }
            '^' | '$' | '+' | '*' | '?' | '(' | ')' | '|' => {}
            '.' => out.push('x'),
            c => out.push(c),
        }
    }
    out
}

/// A part of an address, filled up to a whole one.
fn padded(text: &str, mark: char, parts: usize, with: &str) -> String {
    let mut all: Vec<&str> = text.split(mark).filter(|part| !part.is_empty()).collect();
    while all.len() < parts {
        all.push(with);
    }
    all.truncate(parts);
    all.join(&mark.to_string())
}

const ZONES: &[&str] = &[
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Hong_Kong",
    "Europe/Moscow",
    "Asia/Tehran",
    "Asia/Pyongyang",
    "Europe/Minsk",
    "America/Havana",
    "America/Caracas",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Kolkata",
    "Europe/London",
    "Europe/Berlin",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Damascus",
    "Europe/Kyiv",
    "Asia/Chongqing",
    "Asia/Macau",
    "UTC",
];

const LOCALES: &[&str] = &[
    "zh-CN",
    "zh-TW",
    "zh-Hans-CN",
    "ru-RU",
    "fa-IR",
    "ko-KR",
    "ja-JP",
    "de-DE",
    "fr-FR",
    "tr-TR",
    "ar-SA",
    "uk-UA",
    "be-BY",
    "es-ES",
    "en-GB",
    "hi-IN",
    "pt-BR",
];

fn is_zone(text: &str) -> bool {
    let mut parts = text.split('/');
    let word = |part: &str| {
        part.len() >= 2
            && part.starts_with(|c: char| c.is_ascii_uppercase())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
    };
    text.len() <= 40 && text.contains('/') && parts.all(word)
        || matches!(
            text,
            "PRC" | "ROK" | "ROC" | "W-SU" | "Iran" | "Cuba" | "Hongkong" | "Japan" | "Singapore"
        )
}

fn is_locale(text: &str) -> bool {
    let mut parts = text.split(['-', '_', '.']);
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && text.len() <= 16
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

/// Whether a fact tells who or where somebody is.
fn is_telling(key: &str) -> bool {
    let (kind, name) = key.split_once(':').unwrap_or((key, ""));
    let upper = name.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    match kind {
        "zone" | "locale" | "lang" | "calendar" | "numbering" | "hostname" | "user"
        | "interfaces" | "dns" | "answer" | "issuer" => true,
        "env" => {
            upper == "TZ"
                || upper.starts_with("LC_")
                || upper.starts_with("SSH_")
                || has(&[
                    "PROXY",
                    "LANG",
                    "BASE_URL",
                    "API_BASE",
                    "ENDPOINT",
                    "HOSTNAME",
                    "USERDOMAIN",
                ])
        }
        "file" => has(&[
            "MACHINE-ID",
            "RESOLV.CONF",
            "GITCONFIG",
            "/ETC/HOSTS",
            "NPMRC",
            "PIP.CONF",
            ".GIT/",
            "KNOWN_HOSTS",
        ]),
        "command" => has(&[
            "GIT ",
            "ID",
            "PS ",
            "HOST",
            "IP ",
            "ROUTE",
            "LOCALECTL",
            "REGISTRY",
        ]),
        _ => false,
    }
}

fn is_variable(text: &str) -> bool {
    text.len() >= 3
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_host(text: &str) -> bool {
    text.len() <= 80
        && (text.contains('.') || text.contains("localhost"))
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '/' | '_'))
}

/// Compares what left on two hosts.
fn compare(
    plain: &Left,
    left: &Left,
    facts: &Facts,
    read: &(String, String, u32, u32),
    shown_for: &mut FxHashSet<(String, String)>,
    shown: &mut Vec<Shown>,
    small: bool,
) {
    let mut comparing = Comparing {
        masks: Vec::new(),
        clock: plain.clock || left.clock,
        local: facts
            .keys()
            .any(|key| matches!(key.as_str(), "zone" | "locale" | "lang" | "env:TZ")),
        system: facts.contains_key("platform"),
        visible: false,
        found: Vec::new(),
    };
    for (key, value) in facts {
        let base = plain.reads.iter().find(|read| read.0 == *key);
        let base = base.map(|read| read.1.clone()).unwrap_or_default();
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        comparing.masks.push((base, value));
    }
    if plain.told.len() == left.told.len() {
        let pairs = plain.told.iter().zip(&left.told);
        let pairs = pairs.filter(|(one, other)| one != other);
        comparing
            .masks
            .extend(pairs.map(|(one, other)| (one.clone(), other.clone())));
    }
    // Of a small module the files and commands that it asks for tell as well.
    let telling = facts
        .keys()
        .any(|key| is_telling(key) || small && !key.starts_with("env:") && key != "platform");
    // The same call on both hosts, in the order of the calls of its name.
    let mut used: Vec<bool> = vec![false; plain.sent.len()];
    for (name, text, line, column, sure) in &left.sent {
        let same = plain.sent.iter().enumerate().find(|(at, sent)| {
            used.get(*at) == Some(&false) && sent.0 == *name && (sent.2, sent.3) == (*line, *column)
        });
        let Some((at, before)) = same else {
            continue;
        };
        if let Some(used) = used.get_mut(at) {
            *used = true;
        }
        if before.1 == *text {
            continue;
        }
        let (Ok(one), Ok(other)) = (
            serde_json::from_str::<Value>(&before.1),
            serde_json::from_str::<Value>(text),
        ) else {
            continue;
        };
        comparing.found.clear();
        comparing.visible = false;
        comparing.values(&one, &other, String::new(), 12);
        let visible = comparing.visible;
        for (part, one, other, difference, words) in std::mem::take(&mut comparing.found) {
            // A request of another kind has another form as well.
            if visible && !difference.is_hidden() {
                continue;
            }
            // A form is a sign only where a fact that tells of somebody goes
            // to where it surely leaves.
            if !(*sure && telling || difference.is_hidden()) {
                continue;
            }
            if !shown_for.insert((read.0.clone(), format!("{name} {line} {words}"))) {
                continue;
            }
            let facts: Vec<(String, String, String)> = facts
                .iter()
                .zip(&comparing.masks)
                .map(|((key, _), (base, value))| (key.clone(), base.clone(), excerpt(value)))
                .collect();
            let reads = facts
                .iter()
                .filter_map(|(key, ..)| left.reads.iter().find(|read| read.0 == *key))
                .map(|read| (read.2, read.3))
                .collect();
            shown.push(Shown {
                facts,
                reads,
                sink: name.clone(),
                at: (*line, *column),
                part,
                one,
                other,
                difference: words,
                hidden: difference.is_hidden(),
            });
            break;
        }
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Two texts around where they first differ.
fn around(one: &str, other: &str) -> (String, String) {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let from = same.saturating_sub(SHOWN / 3);
    let cut = |text: &[char]| -> String { text.iter().skip(from).take(SHOWN).collect() };
    (cut(&a), cut(&b))
}

struct Comparing {
    /// What facts are on the one host and on the other.
    masks: Vec<(String, String)>,
    /// Whether local time or its format was asked for.
    clock: bool,
    /// Whether it is the zone or the locale that differs.
    local: bool,
    /// Whether it is the system, which has its own form of paths and lines.
    system: bool,
    /// Whether something else differs that anybody sees.
    visible: bool,
    found: Vec<(String, String, String, Difference, String)>,
}

impl Comparing {
    fn tell(&mut self, part: &str, one: &str, other: &str, difference: Difference, words: &str) {
        // Local times differ like that.
        if self.clock && self.local && difference == Difference::Digits {
            return;
        }
        if self.system && !matches!(difference, Difference::LookAlike | Difference::Invisible) {
            return;
        }
        let (one, other) = around(one, other);
        self.found
            .push((part.to_owned(), one, other, difference, words.to_owned()));
    }

    /// The text of the other host with what the fact is on this one.
    fn masked(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (base, value) in &self.masks {
            if value.len() >= 2 {
                out = in_place_of(&out, value, base);
            }
        }
        out
    }

    /// Whether what differs is the fact itself, or a part of it.
    fn is_open(&self, one: &str, other: &str) -> bool {
        let (a, b) = window(one, other);
        let part = |whole: &str, part: &str| {
            let (whole, part) = (whole.to_lowercase(), part.to_lowercase());
            whole.contains(&part) || part.contains(&whole)
        };
        !b.is_empty()
            && self.masks.iter().any(|(base, value)| {
                !value.is_empty() && part(value, b) && (a.is_empty() || part(base, a))
            })
    }

    fn texts(&mut self, one: &str, other: &str, part: &str, depth: usize) {
        let plain = self.masked(one);
        let masked = self.masked(other);
        // Locales are written in two ways.
        let joined = |text: &str| text.replace('_', "-");
        if plain == masked || one == other || joined(&plain) == joined(&masked) {
            return;
        }
        // The fact itself, escaped as the text around it is.
        let open = [assay_text::unescaped_url, assay_text::unescaped_entities];
        if open.iter().any(|form| {
            let (a, b) = (form(one), form(other));
            a != b && self.masked(&a) == self.masked(&b)
        }) {
            return;
        }
        if let (Some(depth), Some(a), Some(b)) =
            (depth.checked_sub(1), structured(one), structured(other))
        {
            let before = self.found.len();
            self.values(&a, &b, part.to_owned(), depth);
            if a == b && self.found.len() == before {
                let difference = differs(one, other);
                let difference = if difference == Difference::Meaning {
                    Difference::Punctuation
                } else {
                    difference
                };
                self.tell(part, one, other, difference, "the form of the same data");
            }
            return;
        }
        let length = part
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if ["length", "size", "digest", "signature", "checksum"]
            .iter()
            .any(|word| length.contains(word))
        {
            return;
        }
        if let (Some((_, a)), Some((_, b))) = (packed(one), packed(other)) {
            if a == b {
                self.tell(
                    part,
                    one,
                    other,
                    Difference::Written,
                    "how the same is packed",
                );
            } else {
                self.texts(a, b, part, depth);
            }
            return;
        }
        let difference = match differs(one, &masked) {
            // In what it stands for, or in one line of many.
            Difference::Meaning => FORMS
                .iter()
                .filter_map(|form| Some((form(one)?, form(&masked)?)))
                .map(|(a, b)| differs(&a, &b))
                .find(|difference| *difference != Difference::Meaning)
                .or_else(|| lines(one, &masked))
                .unwrap_or(Difference::Meaning),
            difference => difference,
        };
        if self.is_open(one, other) || self.is_open(one, &masked) {
            return;
        }
        if difference.is_hidden() || difference.is_form() {
            self.tell(part, one, &masked, difference, difference.words());
        } else {
            self.visible = true;
        }
    }

    fn values(&mut self, one: &Value, other: &Value, part: String, depth: usize) {
        let Some(deeper) = depth.checked_sub(1) else {
            return;
        };
        match (one, other) {
            (Value::String(a), Value::String(b)) => self.texts(a, b, &part, depth),
            (Value::Number(a), Value::Number(b)) => {
                let (a, b) = (a.to_string(), b.to_string());
                let told = self
                    .masks
                    .iter()
                    .any(|(base, value)| *base == a && *value == b);
                if a != b && !told {
                    self.texts(&a, &b, &part, depth);
                }
            }
            (Value::Object(a), Value::Object(b)) => self.objects(a, b, &part, deeper),
            (Value::Array(a), Value::Array(b)) => self.arrays(a, b, &part, deeper),
            (a, b) if a == b => {}
            (a, b) => {
                let (x, y) = (bare(a), bare(b));
                if x == y || empty(a) && empty(b) {
                    self.tell(
                        &part,
                        &a.to_string(),
                        &b.to_string(),
                        Difference::Punctuation,
                        "the form of the same value",
                    );
                } else if !self.is_open(&x, &y) {
                    self.visible = true;
                }
            }
        }
    }

    fn objects(
        &mut self,
        a: &Map<String, Value>,
        b: &Map<String, Value>,
        part: &str,
        depth: usize,
    ) {
        let mut common: Vec<(&String, &String)> = Vec::new();
        for (key, value) in a {
            let same = b.get_key_value(key).or_else(|| {
                b.iter()
                    .find(|(other, _)| !a.contains_key(*other) && other.eq_ignore_ascii_case(key))
            });
            match same {
                Some((other, inner)) => {
                    if other != key {
                        self.tell(part, key, other, Difference::Case, Difference::Case.words());
                    }
                    common.push((key, other));
                    self.values(value, inner, format!("{part}.{key}"), depth);
                }
                None if empty(value) && !self.is_open("", &bare(value)) => {
                    self.tell(
                        part,
                        &format!("{key}: {value}"),
                        "",
                        Difference::Punctuation,
                        "what says nothing is there or left out",
                    );
                }
                None => self.visible |= !self.is_open(&bare(value), ""),
            }
        }
        for (key, value) in b {
            if common.iter().any(|(_, other)| *other == key) {
                continue;
            }
            if !empty(value) {
                self.visible |= !self.is_open("", &bare(value));
            } else {
                self.tell(
                    part,
                    "",
                    &format!("{key}: {value}"),
                    Difference::Punctuation,
                    "what says nothing is there or left out",
                );
            }
        }
        let order_a: Vec<&String> = a
            .keys()
            .filter(|key| common.iter().any(|(known, _)| known == key))
            .collect();
        let order_b: Vec<&String> = b
            .keys()
            .filter_map(|key| {
                common
                    .iter()
                    .find(|(_, other)| *other == key)
                    .map(|(known, _)| *known)
            })
            .collect();
        if order_a != order_b {
            let words = |list: &[&String]| {
                list.iter()
                    .map(|key| key.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            self.tell(
                part,
                &words(&order_a),
                &words(&order_b),
                Difference::Order,
                "the order of fields",
            );
        }
    }

    fn arrays(&mut self, a: &[Value], b: &[Value], part: &str, depth: usize) {
        let sorted = |list: &[Value]| -> Vec<String> {
            let mut texts: Vec<String> = list
                .iter()
                .map(|item| self.masked(&item.to_string()))
                .collect();
            texts.sort();
            texts
        };
        let (mut x, mut y) = (sorted(a), sorted(b));
        let text = |list: &[Value]| Value::Array(list.to_vec()).to_string();
        let same = |(one, other): (&Value, &Value)| {
            self.masked(&text_of(one)) == self.masked(&text_of(other))
        };
        if x == y && !a.iter().zip(b).all(same) {
            self.tell(
                part,
                &text(a),
                &text(b),
                Difference::Order,
                "the order of items",
            );
            return;
        }
        if a.len() != b.len() {
            x.dedup();
            y.dedup();
            let drop_empty = |list: &[Value]| -> Vec<Value> {
                list.iter().filter(|item| !empty(item)).cloned().collect()
            };
            if x == y {
                self.tell(
                    part,
                    &text(a),
                    &text(b),
                    Difference::Order,
                    "how often the same stands there",
                );
                return;
            }
            if drop_empty(a) == drop_empty(b) {
                self.tell(
                    part,
                    &text(a),
                    &text(b),
                    Difference::Punctuation,
                    "what says nothing is there or left out",
                );
                return;
            }
            // Blocks of one text.
            let joined = |list: &[Value]| -> String { list.iter().filter_map(block).collect() };
            if !joined(a).is_empty()
                && joined(a).replace('\n', "") == self.masked(&joined(b)).replace('\n', "")
            {
                self.tell(
                    part,
                    &text(a),
                    &text(b),
                    Difference::Punctuation,
                    "the form of the same data",
                );
            } else {
                self.visible = true;
            }
            return;
        }
        for (at, (one, other)) in a.iter().zip(b).enumerate() {
            self.values(one, other, format!("{part}.{at}"), depth);
        }
    }
}

/// What texts stand for: without what escapes it, and decoded.
const FORMS: &[fn(&str) -> Option<String>] = &[
    |text| text.contains('%').then(|| assay_text::unescaped_url(text)),
    |text| {
        text.contains('&')
            .then(|| assay_text::unescaped_entities(text))
    },
    |text| {
        text.contains('\\')
            .then(|| assay_text::unescaped_backslashes(text))
    },
    |text| decoded(text, "hex"),
    |text| decoded(text, "base64url"),
    |text| decoded(text, "base64"),
];

/// The longest run of a text that is another in this encoding.
fn decoded(text: &str, encoding: &str) -> Option<String> {
    // Labels of a name are one text.
    let joined: String = text.chars().filter(|c| *c != '.').collect();
    let run = [text, joined.as_str()]
        .into_iter()
        .flat_map(|text| {
            text.split(|c: char| {
                !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '='))
            })
        })
        .filter(|run| run.len() >= 16)
        .max_by_key(|run| run.len())?;
    let hex = run.bytes().take_while(u8::is_ascii_hexdigit).count();
    let run = if encoding == "hex" {
        run.get(..hex - hex % 2)?
    } else {
        run
    };
    let bytes = super::codecs::decode(run, encoding)?;
    let bytes: Vec<u8> = bytes.chars().map(|c| u32::from(c) as u8).collect();
    let out = String::from_utf8(bytes).ok()?;
    (out.chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .count()
        * 4
        >= out.chars().count() * 3)
        .then_some(out)
}

/// What the stand-in for compression was given.
fn packed(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("packed ")?.split_once('|')
}

/// A text with each whole word, or run of words, that is `value` replaced.
fn in_place_of(text: &str, value: &str, base: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let belongs = |c: char| c.is_alphanumeric();
    while let Some(at) = rest.find(value) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let after = from.get(value.len()..).unwrap_or_default();
        out.push_str(before);
        let free = !out.ends_with(belongs) && !after.starts_with(belongs);
        out.push_str(if free { base } else { value });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What differs between two texts, with the words that it is part of.
fn window<'t>(one: &'t str, other: &'t str) -> (&'t str, &'t str) {
    let same = |mut pairs: Box<dyn Iterator<Item = (char, char)> + '_>| {
        let mut len = 0usize;
        for (x, y) in &mut pairs {
            if x != y {
                break;
            }
            len = len.saturating_add(x.len_utf8());
        }
        len
    };
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | ':' | '+');
    let start = same(Box::new(one.chars().zip(other.chars())));
    // Back to where the word begins.
    let word = one
        .get(..start)
        .unwrap_or_default()
        .trim_end_matches(belongs)
        .len();
    let (a, b) = (
        one.get(word..).unwrap_or_default(),
        other.get(word..).unwrap_or_default(),
    );
    let end = same(Box::new(a.chars().rev().zip(b.chars().rev())));
    let tail = a
        .get(a.len().saturating_sub(end)..)
        .unwrap_or_default()
        .trim_start_matches(belongs)
        .len();
    (
        a.get(..a.len().saturating_sub(tail)).unwrap_or(a),
        b.get(..b.len().saturating_sub(tail)).unwrap_or(b),
    )
}

/// The line in which texts of as many lines differ, when it is one alone.
fn lines(one: &str, other: &str) -> Option<Difference> {
    let (a, b): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    a.into_iter()
        .zip(b)
        .filter(|(a, b)| a != b)
        .map(|(a, b)| differs(a, b))
        .find(|difference| difference.is_hidden())
}

fn text_of(value: &Value) -> String {
    value.to_string()
}

/// The text of a block of a message.
fn block(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) => fields
            .get("text")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    }
}

/// A value as one would write it without its type.
fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "1".to_owned(),
        Value::Bool(false) => "0".to_owned(),
        Value::Array(list) => list.iter().filter_map(block).collect(),
        Value::Object(_) => block(value).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty() || text == "false" || text == "0",
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(true) => false,
    }
}

/// The data that a text is, where it is some.
fn structured(text: &str) -> Option<Value> {
    let first = text.trim_start().chars().next()?;
    if !matches!(first, '{' | '[') {
        return None;
    }
    serde_json::from_str(text).ok()
}
