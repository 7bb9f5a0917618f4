//! One context in which a module is run on host after host.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::context::{EvalOptions, intrinsic};
use rquickjs::function::Func;
use rquickjs::{Context, Ctx, Function, Object, Persistent, Runtime};

use super::{Facts, Left, Trial, fact};
use crate::evaluate::clock::Clock;
use crate::evaluate::engine::{self, Meter, Run};

/// Steps of one run, in the interpreter's units.
const STEPS: u64 = 150;
/// Of one run of a part of a module.
const STEPS_OF_PART: u64 = 50;
/// How many jobs and timers of one run are done.
const JOBS: u32 = 4_000;

/// What decoders have, and clocks and weak references, which stand still.
type Intrinsics = (engine::Intrinsics, intrinsic::Date, intrinsic::WeakRef);

/// A context in which a module runs again and again: what it is made of is
/// compiled once, and what a run leaves in the global object is taken away.
pub(super) struct Session {
    // Before the context, whose values they are.
    parts: Parts,
    context: Context,
    meter: Rc<Meter>,
    /// How many hosts there were in this context.
    hosts: usize,
    /// Whether the last run was cut off, so that something of it may wait.
    dirty: bool,
}

struct Parts {
    prelude: Persistent<Function<'static>>,
    platform: Persistent<Function<'static>>,
    world: Persistent<Function<'static>>,
    /// What Python's values, library and host are, in this order.
    python: Vec<Persistent<Function<'static>>>,
    tidy: Persistent<Function<'static>>,
    guard: Persistent<Function<'static>>,
    body: Persistent<Function<'static>>,
}

/// How many hosts one context is used for.
const TOGETHER: usize = 64;

thread_local! {
    /// The session of the last part of a module, and which module that was:
    /// parts are small, and what they run on is not.
    static LAST: RefCell<Option<(u64, Session)>> = const { RefCell::new(None) };
}

fn bound(runtime: &Runtime, meter: &Rc<Meter>, trial: &Trial, started: Clock) {
    let steps = if trial.is_part() {
        STEPS_OF_PART
    } else {
        STEPS
    };
    engine::bound(runtime, meter, (steps, steps), (started, trial.time()));
}

/// Makes a function of a text.
fn compile(ctx: &Ctx<'_>, name: &str, text: &str) -> Option<Persistent<Function<'static>>> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.to_owned());
    let made = ctx.eval_with_options(text, options);
    let function: Function<'_> = made.ok()?;
    Some(Persistent::save(ctx, function))
}

impl Session {
    /// Another part of the module of the last, or any other program.
    fn of(text: &str, trial: &Trial, started: Clock) -> Option<Self> {
        let last = LAST.take();
        match last {
            Some((module, session)) if trial.part_of == Some(module) => {
                session.with(text, trial, started)
            }
            _ => Self::new(text, trial, started),
        }
    }

    /// The same session with another program in it.
    fn with(mut self, text: &str, trial: &Trial, started: Clock) -> Option<Self> {
        bound(self.context.runtime(), &self.meter, trial, started);
        self.meter.again();
        self.context.runtime().run_gc();
        self.parts.body = self.context.with(|ctx| compile(&ctx, "subject", text))?;
        Some(self)
    }

    fn new(text: &str, trial: &Trial, started: Clock) -> Option<Self> {
        let runtime = Runtime::new().ok()?;
        let meter = Rc::new(Meter::default());
        bound(&runtime, &meter, trial, started);
        let context = Context::custom::<Intrinsics>(&runtime).ok()?;
        let parts = context.with(|ctx| {
            let compile = |name: &str, text: &str| compile(&ctx, name, text);
            Some(Parts {
                prelude: compile("prelude", include_str!("../stand_ins.js"))?,
                platform: compile("platform", include_str!("../platform.js"))?,
                world: compile("world", WORLD)?,
                python: if trial.python {
                    PYTHON
                        .iter()
                        .map(|(name, text)| compile(name, text))
                        .collect::<Option<_>>()?
                } else {
                    Vec::new()
                },
                tidy: compile("tidy", TIDY)?,
                guard: compile("guard", GUARD)?,
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
    fn once(&mut self, text: &str, facts: &Facts, how: How<'_>) -> Option<Left> {
        self.hosts = self.hosts.saturating_add(1);
        self.meter.again();
        let (parts, meter) = (&self.parts, &self.meter);
        let left = self.context.with(|ctx| {
            let run = Run::new(&ctx, meter);
            let left = go(&run, parts, text, facts, how);
            // What it threw is its own.
            let _ = ctx.catch();
            let over = run.is_over();
            left.ok().flatten().map(|left| Left {
                cut: left.cut || over,
                ..left
            })
        });
        let spoilt = |left: &Left| left.cut || left.changed;
        self.dirty = left.as_ref().is_none_or(spoilt);
        left
    }
}

/// The runs of a module.
pub(super) struct Runs<'t> {
    pub(super) text: &'t str,
    pub(super) trial: &'t Trial,
    pub(super) started: Clock,
    pub(super) session: Option<Session>,
    /// Whether any run changed functions of the language.
    pub(super) changed: bool,
    /// Whether any run was cut off.
    pub(super) cut: bool,
    /// Whether some of what left was too much to be compared.
    pub(super) short: bool,
}

/// How a module is run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct How<'h> {
    /// What it compares with is kept.
    pub(super) watch: bool,
    /// What is decided is kept.
    pub(super) decide: bool,
    /// What is decided where.
    pub(super) force: Option<&'h [Force]>,
}

/// At this place this is decided, at these times of all that it is come by.
pub(super) type Force = (String, bool, Vec<usize>);

impl<'t> Runs<'t> {
    pub(super) fn new(text: &'t str, trial: &'t Trial) -> Self {
        Self {
            text,
            trial,
            started: Clock::start(),
            session: None,
            changed: false,
            cut: false,
            short: false,
        }
    }

    /// Keeps the session for what is tried next, where that may have it.
    pub(super) fn keep(self) {
        if let Some(session) = self.session
            && let Some(module) = self.trial.part_of
            && !session.dirty
            && session.hosts < TOGETHER
        {
            LAST.set(Some((module, session)));
        }
    }

    pub(super) fn once(&mut self, facts: &Facts, watch: bool) -> Option<Left> {
        let how = How {
            watch,
            ..How::default()
        };
        self.run(facts, how)
    }

    pub(super) fn run(&mut self, facts: &Facts, how: How<'_>) -> Option<Left> {
        let spent = |session: &Session| session.dirty || session.hosts >= TOGETHER;
        if self.session.as_ref().is_none_or(spent) {
            self.session = Session::of(self.text, self.trial, self.started);
        }
        let left = self.session.as_mut()?.once(self.text, facts, how);
        self.changed |= left.as_ref().is_some_and(|left| left.changed);
        self.cut |= left.as_ref().is_some_and(|left| left.cut);
        self.short |= left.as_ref().is_some_and(|left| left.short);
        left
    }
}

/// The host that is not there.
pub(super) const WORLD: &str = include_str!("../world.js");
/// What runs a module that was written in Python.
pub(super) const PYTHON: [(&str, &str); 3] = [
    ("python/core", include_str!("../python/core.js")),
    ("python/library", include_str!("../python/library.js")),
    ("python/host", include_str!("../python/host.js")),
];

/// Takes away what was added to the global object since it was called first.
const TIDY: &str = "(function () {
  const known = globalThis[Symbol.for('tidy')];
  if (known) {
    for (const name of Reflect.ownKeys(globalThis)) if (!known.has(name)) delete globalThis[name];
    for (const [name, value] of known) if (Object.getOwnPropertyDescriptor(globalThis, name)?.writable) globalThis[name] = value;
    return;
  }
  const all = new Map();
  for (const name of Reflect.ownKeys(globalThis)) all.set(name, globalThis[name]);
  all.set(Symbol.for('tidy'), all);
  Object.defineProperty(globalThis, Symbol.for('tidy'), { value: all, enumerable: false });
})";

/// Keeps the functions of the language that the host uses too. What it gives
/// puts them back, and says whether that was needed: a subject that changed
/// them is told as one, and what it left is read with what was there before.
/// At the end it takes away what was added to them, so that the next host has
/// what this one had.
const GUARD: &str = "(function () {
  const { getOwnPropertyDescriptor: get, defineProperty: define, deleteProperty: remove, ownKeys: keys } = Reflect;
  const objects = [], names = [], values = [], all = [], had = [];
  let count = 0;
  for (const object of [
    Object, Reflect, JSON, Array, Array.prototype, String, String.prototype, RegExp.prototype, Function.prototype,
    Map.prototype, Set.prototype, Number, Number.prototype, Math, Promise, Promise.prototype, Symbol,
    Object.getPrototypeOf([][Symbol.iterator]()), Object.getPrototypeOf(new Map().entries()),
  ]) {
    const known = { __proto__: null };
    had[all.length] = known;
    all[all.length] = object;
    for (const name of keys(object)) {
      known[name] = true;
      const { value } = get(object, name);
      if (typeof value !== 'function') continue;
      objects[count] = object;
      names[count] = name;
      values[count++] = value;
    }
  }
  let changed = false;
  return function (end) {
    for (let i = 0; i < count; i++) {
      const now = get(objects[i], names[i]);
      if (now !== undefined && now.value === values[i]) continue;
      changed = true;
      define(objects[i], names[i], { __proto__: null, value: values[i], writable: true, configurable: true });
    }
    if (end) for (let o = 0; o < all.length; o++) {
      const now = keys(all[o]);
      for (let i = 0; i < now.length; i++) {
        if (had[o][now[i]]) continue;
        // What stood before a function of the language changed it too.
        if (!remove(all[o], now[i]) || typeof all[o][now[i]] === 'function') changed = true;
      }
    }
    return changed;
  };
})";

fn go<'js>(
    run: &Run<'js, '_>,
    parts: &Parts,
    text: &str,
    facts: &Facts,
    how: How<'_>,
) -> rquickjs::Result<Option<Left>> {
    let ctx = run.ctx();
    let tidy = parts.tidy.clone().restore(ctx)?;
    tidy.call::<_, rquickjs::Value<'js>>(())?;
    let prelude = parts.prelude.clone().restore(ctx)?;
    let host = run.host()?;
    host.set(
        "variable",
        Func::from(|name: String| fact::is_of_host(&name)),
    )?;
    host.set("platform", parts.platform.clone().restore(ctx)?)?;
    let given: Object<'js> = prelude.call((host.clone(),))?;
    let world = parts.world.clone().restore(ctx)?;
    let named = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let names: Vec<&str> = ["Bun", "Deno", "document", "localStorage"]
        .into_iter()
        .filter(|word| named(word))
        .collect();
    let spec = serde_json::json!({
        "facts": facts,
        "watch": how.watch,
        "decide": how.decide,
        "force": how.force,
        "names": names,
    });
    let spec: rquickjs::Value<'js> = ctx.json_parse(spec.to_string())?;
    if !parts.python.is_empty() {
        let python = rquickjs::Array::new(ctx.clone())?;
        for (index, part) in parts.python.iter().enumerate() {
            python.set(index, part.clone().restore(ctx)?)?;
        }
        host.set("python", python)?;
    }
    let world: Object<'js> = world.call((host.clone(), given, spec))?;
    let step: Function<'js> = world.get("step")?;
    let report: Function<'js> = world.get("report")?;
    let start: Function<'js> = world.get("run")?;
    let body = parts.body.clone().restore(ctx)?;
    let guard = parts.guard.clone().restore(ctx)?;
    let restore: Function<'js> = guard.call(())?;
    host.set("restore", restore.clone())?;
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
    let changed: bool = restore.call((true,))?;
    let report: String = report.call(())?;
    let left: Option<Left> = serde_json::from_str(&report).ok();
    Ok(left.map(|left| Left {
        cut: jobs >= JOBS,
        changed,
        ..left
    }))
}
