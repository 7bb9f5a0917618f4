//! The interpreter, its limits, and the way of values out of it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use rquickjs::context::intrinsic;
use rquickjs::function::Func;
use rquickjs::{Array, Context, Ctx, Exception, Function, Object, Runtime, Type};

use super::clock::Clock;
use super::{Answer, Program, Value, Yield, codecs, trial};

/// What the interpreter may allocate, in bytes.
const MEMORY: usize = 256 << 20;
/// How deep calls may nest, in bytes of the native stack. Threads of tests
/// have little.
const STACK: usize = 384 << 10;
/// Steps are counted in the interpreter's units: ten thousand calls and
/// backward jumps each.
const STEPS_OF_SITE: u64 = 3_000;
const STEPS_OF_PROGRAM: u64 = 12_000;
/// For what takes long in few steps; not reached by what steps bound.
const TIME: Duration = Duration::from_secs(15);
/// How much may come out of one site.
const LARGEST: usize = 8 << 20;
const LONGEST_LIST: usize = 50_000;
const DEEPEST: usize = 5;

/// What there is in the language without clocks and weak references.
pub(super) type Intrinsics = (
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

#[derive(Debug, Default)]
pub(super) struct Meter {
    site: Cell<u64>,
    program: Cell<u64>,
    out_of: Cell<Option<&'static str>>,
    /// Whether it asked for something of the outside. It may have caught
    /// what came of that.
    outside: Cell<bool>,
}

impl Meter {
    /// Counts from new.
    pub(super) fn again(&self) {
        self.site.set(0);
        self.program.set(0);
        self.out_of.set(None);
        self.outside.set(false);
    }
}

/// How often the sites after one that failed are tried again from new.
const AGAIN: usize = 24;
/// How often, where the program can be taken apart.
const AGAIN_WHOLE: usize = 4;

/// Runs a program. What came to a bad end may have left something behind for
/// those after it, so these are tried again from new; where the whole fails,
/// its parts are run.
pub(super) fn run(program: &Program) -> Answer {
    match &program.trial {
        Some(trial) => Answer::Tried(trial::run(&program.text, trial)),
        None => run_until(program, Clock::start()),
    }
}

/// Limits what runs in a runtime: memory, nesting, and the steps of a site
/// and of the whole, and as the last resort the time.
pub(super) fn bound(
    runtime: &Runtime,
    meter: &Rc<Meter>,
    (of_site, of_program): (u64, u64),
    (started, time): (Clock, Duration),
) {
    runtime.set_memory_limit(MEMORY);
    runtime.set_max_stack_size(STACK);
    let watching = Rc::clone(meter);
    runtime.set_interrupt_handler(Some(Box::new(move || {
        watching.site.set(watching.site.get().saturating_add(1));
        watching
            .program
            .set(watching.program.get().saturating_add(1));
        let out_of = if watching.site.get() > of_site || watching.program.get() > of_program {
            Some("the limit on steps")
        } else if started.elapsed() > time {
            Some("the limit on time")
        } else {
            None
        };
        if out_of.is_some() {
            watching.out_of.set(out_of);
        }
        out_of.is_some()
    })));
}

fn run_until(program: &Program, started: Clock) -> Answer {
    let mut out: Vec<Yield> = Vec::new();
    let in_parts = || {
        let parts = program.parts.iter();
        Answer::Parts(parts.map(|part| run_until(part, started)).collect())
    };
    for turn in 0..AGAIN {
        if turn >= AGAIN_WHOLE && program.parts.len() > 1 {
            return in_parts();
        }
        match once(program, out.len(), started) {
            Ok(mut some) => {
                let done = some.is_empty();
                out.append(&mut some);
                if done || out.len() >= program.sites as usize {
                    return Answer::Sites(out);
                }
            }
            Err(_) if program.parts.len() > 1 => return in_parts(),
            Err(why) if out.is_empty() => return Answer::Whole(why),
            Err(_) => break,
        }
    }
    out.resize(
        program.sites as usize,
        Yield::Limit("it comes after others that failed".to_owned()),
    );
    Answer::Sites(out)
}

/// Runs a program once, and gives its sites from `first` up to the first that
/// comes to a bad end.
fn once(program: &Program, first: usize, started: Clock) -> Result<Vec<Yield>, Yield> {
    let whole = |what: &str| Yield::Limit(what.to_owned());
    let Ok(runtime) = Runtime::new() else {
        return Err(whole("no memory for the interpreter"));
    };
    let meter = Rc::new(Meter::default());
    bound(
        &runtime,
        &meter,
        (STEPS_OF_SITE, STEPS_OF_PROGRAM),
        (started, TIME),
    );
    let Ok(context) = Context::custom::<Intrinsics>(&runtime) else {
        return Err(whole("no memory for the interpreter"));
    };
    context.with(|ctx| {
        let run = Run::new(&ctx, &meter);
        run.program(program, first)
            .map_err(|error| run.cause(&error))
    })
}

pub(super) struct Run<'js, 'm> {
    ctx: Ctx<'js>,
    meter: &'m Rc<Meter>,
    left: Cell<usize>,
}

impl<'js, 'm> Run<'js, 'm> {
    pub(super) fn new(ctx: &Ctx<'js>, meter: &'m Rc<Meter>) -> Self {
        Self {
            ctx: ctx.clone(),
            meter,
            left: Cell::new(LARGEST),
        }
    }

    pub(super) fn ctx(&self) -> &Ctx<'js> {
        &self.ctx
    }

    /// Whether the limit of the whole was reached.
    pub(super) fn is_over(&self) -> bool {
        self.meter.out_of.get().is_some()
    }

    fn program(&self, program: &Program, first: usize) -> rquickjs::Result<Vec<Yield>> {
        let prelude: Function<'js> = self.ctx.eval(include_str!("stand_ins.js"))?;
        let given: Object<'js> = prelude.call((self.host()?,))?;
        let made = format!("(function({}) {{\n{}\n}})", program.tools(), program.text);
        let body: Function<'js> = self.ctx.eval(made)?;
        let tools: rquickjs::Value<'js> = given.get("tools")?;
        body.call::<_, rquickjs::Value<'js>>((tools,))?;
        if self.meter.outside.get() {
            return Err(Exception::throw_message(&self.ctx, "outside"));
        }
        let thunk: Function<'js> = given.get("thunk")?;
        let flat: Function<'js> = given.get("flat")?;
        let mut out = Vec::new();
        for index in u32::try_from(first).unwrap_or(u32::MAX)..program.sites {
            self.meter.site.set(0);
            self.meter.out_of.set(None);
            self.meter.outside.set(false);
            self.left.set(LARGEST);
            let result = thunk
                .call::<_, rquickjs::Value<'js>>((index,))
                .and_then(|thunk| match thunk.into_function() {
                    Some(thunk) => thunk.call::<_, rquickjs::Value<'js>>(()),
                    None => Err(Exception::throw_message(&self.ctx, "it was not reached")),
                })
                .and_then(|value| self.value(value, &flat, DEEPEST));
            let came = match result {
                Ok(_) if self.meter.outside.get() => Yield::Outside,
                Ok(value) => Yield::Value(value),
                Err(error) => self.cause(&error),
            };
            let bad = matches!(came, Yield::Outside | Yield::Limit(_));
            out.push(came);
            if bad {
                break;
            }
        }
        Ok(out)
    }

    /// Why something did not end as it should.
    fn cause(&self, error: &rquickjs::Error) -> Yield {
        // Saying what it was may run code of the slice, and that is bounded
        // as well.
        let thrown = error.is_exception().then(|| self.ctx.catch());
        if let Some(limit) = self.meter.out_of.get() {
            return Yield::Limit(limit.to_owned());
        }
        if self.meter.outside.get() {
            return Yield::Outside;
        }
        let message = match thrown {
            Some(thrown) => thrown
                .as_exception()
                .and_then(Exception::message)
                .or_else(|| thrown.as_string().and_then(|text| text.to_string().ok()))
                .unwrap_or_else(|| "an exception".to_owned()),
            None => error.to_string(),
        };
        // A message that could not be had leaves an exception behind.
        let _ = self.ctx.catch();
        if message == "out of memory" {
            return Yield::Limit("the limit on memory".to_owned());
        }
        if message.contains("stack overflow") || message.contains("call stack size exceeded") {
            return Yield::Limit("the limit on nesting".to_owned());
        }
        Yield::Threw(
            message
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect(),
        )
    }

    fn spend(&self, bytes: usize) -> bool {
        match self.left.get().checked_sub(bytes) {
            Some(left) => {
                self.left.set(left);
                true
            }
            None => {
                self.left.set(0);
                false
            }
        }
    }

    fn text(&self, text: &rquickjs::String<'js>) -> Option<String> {
        // Halves of surrogate pairs are no text.
        let text = text.to_string().ok()?;
        self.spend(text.len()).then_some(text)
    }

    fn value(
        &self,
        value: rquickjs::Value<'js>,
        flat: &Function<'js>,
        depth: usize,
    ) -> rquickjs::Result<Value> {
        if !self.spend(16) {
            return Ok(Value::Other);
        }
        if let Some(text) = value.as_string() {
            return Ok(self.text(text).map_or(Value::Other, Value::Text));
        }
        if let Some(number) = value.as_number() {
            return Ok(if number.is_finite() {
                Value::Number(number)
            } else {
                Value::Other
            });
        }
        if let Some(yes) = value.as_bool() {
            return Ok(Value::Bool(yes));
        }
        match value.type_of() {
            Type::Null | Type::Undefined => return Ok(Value::Nil),
            Type::BigInt => {
                let text: rquickjs::String<'js> = self
                    .ctx
                    .globals()
                    .get::<_, Function<'js>>("String")?
                    .call((value,))?;
                return Ok(self.text(&text).map_or(Value::Other, Value::Text));
            }
            Type::Array | Type::Object | Type::Exception | Type::Proxy => {}
            _ => return Ok(Value::Other),
        }
        let Some(depth) = depth.checked_sub(1) else {
            return Ok(Value::Other);
        };
        let pair: Array<'js> = flat.call((value,))?;
        let content: rquickjs::Value<'js> = pair.get(1)?;
        match pair.get::<i32>(0)? {
            1 => {
                let Some(list) = content.as_array() else {
                    return Ok(Value::Other);
                };
                let mut out = Vec::new();
                for index in 0..list.len() {
                    if index >= LONGEST_LIST {
                        return Ok(Value::Other);
                    }
                    out.push(self.value(list.get(index)?, flat, depth)?);
                }
                Ok(Value::List(out))
            }
            2 => Ok(content
                .as_string()
                .and_then(|text| self.text(text))
                .map_or(Value::Other, Value::Bytes)),
            3 => Ok(content
                .as_string()
                .and_then(|text| self.text(text))
                .map_or(Value::Other, Value::Text)),
            4 => Ok(Value::Other),
            _ => {
                let Some(object) = content.as_object() else {
                    return Ok(Value::Other);
                };
                let mut out = Vec::new();
                for key in object.keys::<String>().take(256) {
                    let key = key?;
                    if !self.spend(key.len()) {
                        return Ok(Value::Other);
                    }
                    let inner = self.value(object.get(key.as_str())?, flat, depth)?;
                    out.push((key, inner));
                }
                Ok(Value::Record(out))
            }
        }
    }

    /// The functions of this side that the stand-ins use.
    pub(super) fn host(&self) -> rquickjs::Result<Object<'js>> {
        fn refused<'js>(ctx: &Ctx<'js>, what: &str) -> rquickjs::Error {
            Exception::throw_message(ctx, what)
        }
        let host = Object::new(self.ctx.clone())?;
        let meter = Rc::clone(self.meter);
        host.set("outside", Func::from(move || meter.outside.set(true)))?;
        host.set(
            "decode",
            Func::from(|ctx: Ctx<'js>, text: String, encoding: String| {
                codecs::decode(&text, &encoding).ok_or_else(|| refused(&ctx, "unknown encoding"))
            }),
        )?;
        host.set(
            "encode",
            Func::from(|ctx: Ctx<'js>, bytes: String, encoding: String| {
                codecs::encode(&bytes, &encoding).ok_or_else(|| refused(&ctx, "unknown encoding"))
            }),
        )?;
        host.set(
            "platform",
            Func::from(|ctx: Ctx<'js>, shared: Object<'js>| {
                let platform: Function<'js> = ctx.eval(include_str!("platform.js"))?;
                platform.call::<_, Object<'js>>((shared,))
            }),
        )?;
        host.set("knows", Func::from(|name: String| codecs::knows(&name)))?;
        host.set(
            "atob",
            Func::from(|ctx: Ctx<'js>, text: String| {
                codecs::atob(&text).ok_or_else(|| refused(&ctx, "no base64"))
            }),
        )?;
        host.set(
            "inflate",
            Func::from(|ctx: Ctx<'js>, how: String, bytes: String| {
                codecs::inflate(&how, &bytes).ok_or_else(|| refused(&ctx, "cannot be inflated"))
            }),
        )?;
        host.set(
            "digest",
            Func::from(|ctx: Ctx<'js>, name: String, bytes: String| {
                codecs::digest(&name, &bytes).ok_or_else(|| refused(&ctx, "unknown digest"))
            }),
        )?;
        host.set(
            "decipher",
            Func::from(
                |ctx: Ctx<'js>,
                 name: String,
                 key: String,
                 iv: String,
                 bytes: String,
                 padded: bool| {
                    codecs::decipher(&name, &key, &iv, &bytes, padded)
                        .ok_or_else(|| refused(&ctx, "cannot be deciphered"))
                },
            ),
        )?;
        Ok(host)
    }
}
