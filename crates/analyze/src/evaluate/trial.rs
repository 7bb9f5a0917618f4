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
use rquickjs::context::intrinsic;
use rquickjs::{Context, Function, Object, Runtime};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::engine::{self, Meter, Run};

/// How many hosts one module is tried on.
const HOSTS: usize = 220;
/// How many values one fact is given.
const VALUES: usize = 64;
/// Steps of one run, in the interpreter's units.
const STEPS: u64 = 150;
/// How many jobs and timers of one run are done.
const JOBS: usize = 4_000;
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
    /// Numbers of the module, as text.
    pub(crate) numbers: Vec<String>,
}

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
    sent: Vec<(String, String, u32, u32)>,
    seen: Vec<String>,
    /// What was put into the form of the place, in order.
    told: Vec<String>,
    /// Whether parts of the local time were asked for.
    clock: bool,
    /// What was thrown. For whoever works on the stand-ins.
    #[cfg(test)]
    #[serde(default)]
    errors: Vec<String>,
}

type Facts = Map<String, Value>;

pub(super) fn run(text: &str, trial: &Trial) -> Tried {
    let started = Instant::now();
    let mut out = Tried::default();
    let Some(plain) = once(text, &Facts::new(), true, started) else {
        return out;
    };
    out.hosts = 1;
    if plain.sent.is_empty() || plain.reads.is_empty() {
        return out;
    }
    let mut candidates = plain.seen.clone();
    candidates.extend(trial.candidates.iter().cloned());
    let mut known: FxHashSet<String> = FxHashSet::default();
    candidates.retain(|text| known.insert(text.clone()));
    let mut reads = plain.reads.clone();
    let mut asked: FxHashSet<String> = reads.iter().map(|read| read.0.clone()).collect();
    let mut done = 0usize;
    let mut planned: Vec<(String, Vec<Value>)> = Vec::new();
    let mut shown_for: FxHashSet<(String, String)> = FxHashSet::default();
    // Facts that are asked for only when another has a certain value are
    // tried with that value.
    let mut under: Vec<Facts> = vec![Facts::new(); reads.len()];
    while let (Some(read), Some(base)) = (reads.get(done).cloned(), under.get(done).cloned()) {
        done = done.saturating_add(1);
        let values = values(&read.0, &candidates, &trial.numbers);
        let before = if base.is_empty() {
            None
        } else {
            once(text, &base, false, started)
        };
        for value in &values {
            if out.hosts >= HOSTS || started.elapsed() > TIME || out.shown.len() >= TOLD {
                out.limit = (out.shown.is_empty()).then(|| "the limit on hosts".to_owned());
                return out;
            }
            let mut facts = base.clone();
            facts.insert(read.0.clone(), value.clone());
            let Some(left) = once(text, &facts, false, started) else {
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
            );
            for new in &left.reads {
                if asked.insert(new.0.clone()) && base.len() < 3 {
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
    together(text, &plain, &planned, started, &mut shown_for, &mut out);
    out
}

/// A few hosts on which all facts are other ones at once.
fn together(
    text: &str,
    plain: &Left,
    planned: &[(String, Vec<Value>)],
    started: Instant,
    shown_for: &mut FxHashSet<(String, String)>,
    out: &mut Tried,
) {
    if planned.len() < 2 || !out.shown.is_empty() {
        return;
    }
    let most = planned.iter().map(|(_, values)| values.len()).max();
    for turn in 0..most.unwrap_or(0).min(24) {
        if out.hosts >= HOSTS || started.elapsed() > TIME || !out.shown.is_empty() {
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
        let Some(left) = once(text, &facts, false, started) else {
            continue;
        };
        out.hosts = out.hosts.saturating_add(1);
        if let Some(read) = left.reads.first().cloned() {
            compare(plain, &left, &facts, &read, shown_for, &mut out.shown);
        }
    }
}

/// Runs the module once on a host with these facts.
fn once(text: &str, facts: &Facts, watch: bool, started: Instant) -> Option<Left> {
    let runtime = Runtime::new().ok()?;
    let meter = std::rc::Rc::new(Meter::default());
    engine::bound(&runtime, &meter, (STEPS, STEPS), (started, TIME));
    let context = Context::custom::<Intrinsics>(&runtime).ok()?;
    context.with(|ctx| {
        let run = Run::new(&ctx, &meter);
        let left = go(&run, text, facts, watch);
        // What it threw is its own.
        let _ = ctx.catch();
        left.ok().flatten()
    })
}

fn go<'js>(
    run: &Run<'js, '_>,
    text: &str,
    facts: &Facts,
    watch: bool,
) -> rquickjs::Result<Option<Left>> {
    let ctx = run.ctx();
    let prelude: Function<'js> = ctx.eval(include_str!("stand_ins.js"))?;
    let host = run.host()?;
    let given: Object<'js> = prelude.call((host.clone(),))?;
    let world: Function<'js> = ctx.eval(include_str!("world.js"))?;
    let spec = serde_json::json!({ "facts": facts, "watch": watch, "text": text });
    let spec: rquickjs::Value<'js> = ctx.json_parse(spec.to_string())?;
    let world: Object<'js> = world.call((host, given, spec))?;
    let step: Function<'js> = world.get("step")?;
    let report: Function<'js> = world.get("report")?;
    let run_it: Function<'js> = world.get("run")?;
    let mut options = rquickjs::context::EvalOptions::default();
    options.strict = false;
    options.filename = Some("subject".to_owned());
    let Ok(body) = ctx.eval_with_options::<Function<'js>, _>(text, options) else {
        return Ok(None);
    };
    // What it throws, and where it stops, are no matter here: what left did.
    let _ = run_it.call::<_, rquickjs::Value<'js>>((body,));
    for _ in 0..JOBS {
        let mut more = false;
        for _ in 0..JOBS {
            if !ctx.execute_pending_job() {
                break;
            }
            more = true;
        }
        match step.call::<_, bool>(()) {
            Ok(stepped) => more |= stepped,
            Err(_) => {
                let _ = ctx.catch();
                more = true;
            }
        }
        if !more || run.is_over() {
            break;
        }
    }
    let report: String = report.call(())?;
    Ok(serde_json::from_str(&report).ok())
}

/// The values that a fact is given.
fn values(key: &str, candidates: &[String], numbers: &[String]) -> Vec<Value> {
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
            "hostname" | "user" | "cwd" | "release" | "version" | "cpu" | "dns" | "calendar"
            | "numbering" | "execargv",
            _,
        ) => {
            texts.extend(any());
            if kind == "cwd" {
                let inner: Vec<String> = texts
                    .iter()
                    .map(|t| format!("/home/someone/{t}/project"))
                    .collect();
                texts.extend(inner);
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
                texts.push(if name.ends_with(".json") {
                    let key = text.clone();
                    serde_json::json!({ "name": text, "version": "1.0.0", key.as_str(): key, "dependencies": { key.as_str(): "1.0.0" }, "packages": { format!("node_modules/{key}"): {} }, "auths": { key.as_str(): {} } }).to_string()
                } else if kind == "file" {
                    format!("{text}\nnameserver {text}\nsearch {text}\nID={text}\nNAME=\"{text}\"\nregistry=https://{text}/\nmodel name\t: {text}\n[user]\n\temail = me@{text}\n[remote \"origin\"]\n\turl = https://{text}/a/b.git\nHost {text}\n127.0.0.1 {text}\n")
                } else {
                    text
                });
            }
        }
        ("tty", _) => out.push(Value::Bool(true)),
        ("environment", _) => {}
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
) {
    let mut comparing = Comparing {
        masks: Vec::new(),
        clock: plain.clock || left.clock,
        local: facts
            .keys()
            .any(|key| matches!(key.as_str(), "zone" | "locale" | "lang" | "env:TZ")),
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
    // The same call on both hosts, in the order of the calls of its name.
    let mut used: Vec<bool> = vec![false; plain.sent.len()];
    for (name, text, line, column) in &left.sent {
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
        comparing.values(&one, &other, String::new(), 12);
        for (part, one, other, difference, words) in std::mem::take(&mut comparing.found) {
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
    found: Vec<(String, String, String, Difference, String)>,
}

impl Comparing {
    fn tell(&mut self, part: &str, one: &str, other: &str, difference: Difference, words: &str) {
        // Local times differ like that.
        if self.clock && self.local && difference == Difference::Digits {
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
            if value.len() >= 2 && base.len() >= 2 {
                out = out.replace(value.as_str(), base);
            }
        }
        out
    }

    fn texts(&mut self, one: &str, other: &str, part: &str, depth: usize) {
        let masked = self.masked(other);
        if one == masked || one == other {
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
        // Line by line where the lines are the same in number.
        let difference = match differs(one, &masked) {
            Difference::Meaning => match lines(one, &masked) {
                Some((_, _, Difference::Same)) | None => return,
                Some((_, _, difference)) => difference,
            },
            difference => difference,
        };
        if difference.is_hidden() || difference.is_form() {
            self.tell(part, one, &masked, difference, difference.words());
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
                None if empty(value) => {
                    self.tell(
                        part,
                        &format!("{key}: {value}"),
                        "",
                        Difference::Punctuation,
                        "what says nothing is there or left out",
                    );
                }
                None => {}
            }
        }
        for (key, value) in b {
            if !common.iter().any(|(_, other)| *other == key) && empty(value) {
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
        if x == y
            && a != b
            && a.iter()
                .zip(b)
                .any(|(a, b)| self.masked(&b.to_string()) != a.to_string())
        {
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
            }
            return;
        }
        for (at, (one, other)) in a.iter().zip(b).enumerate() {
            self.values(one, other, format!("{part}.{at}"), depth);
        }
    }
}

/// The line in which texts of as many lines differ, when it is one alone.
fn lines<'t>(one: &'t str, other: &'t str) -> Option<(&'t str, &'t str, Difference)> {
    let (a, b): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    a.into_iter()
        .zip(b)
        .filter(|(a, b)| a != b)
        .map(|(a, b)| (a, b, differs(a, b)))
        .find(|(_, _, difference)| difference.is_hidden())
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

#[cfg(test)]
mod zz {
    #[test]
    fn zz_debug() {
        let Ok(list) = std::env::var("ZZ") else { return };
        for path in list.split(' ') {
            let text = std::fs::read_to_string(path).unwrap();
            let allocator = oxc_allocator::Allocator::default();
            let parsed = oxc_parser::Parser::new(&allocator, &text, oxc_span::SourceType::unambiguous()).parse();
            let semantic = oxc_semantic::SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
            let program = crate::js::trial_program(&semantic, &text);
            let Some(program) = program else { println!("{path}: NOT TRIED"); continue };
            let trial = program.trial.as_ref().unwrap();
            let started = std::time::Instant::now();
            let plain = super::once(&program.text, &super::Facts::new(), true, started);
            if std::env::var("ZV").is_ok() { println!("{}", program.text); println!("cands {:?}", trial.candidates); }
            match &plain { Some(p) => println!("{path}: reads {:?}\n  sent {:?}", p.reads.iter().map(|r| &r.0).collect::<Vec<_>>(), p.sent.iter().map(|s| (&s.0, s.1.chars().take(300).collect::<String>())).collect::<Vec<_>>()), None => println!("{path}: FAILED") }
            let out = super::run(&program.text, trial);
            if let Some(p) = &plain { for e in &p.errors { println!("  ERR {e}"); } }
            println!("  hosts {} {:?} in {:?}", out.hosts, out.limit, started.elapsed());
            for s in &out.shown { println!("  SHOWN {:?} {:?} {} {:?} -> {:?} [{}] hidden={} at {:?} {:?}", s.facts, s.part, s.sink, s.one, s.other, s.difference, s.hidden, s.at, s.reads); }
        }
    }
}
