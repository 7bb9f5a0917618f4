//! What calls do with the values that they are given.

use assay_text::Difference;

use super::names::{CalleeKind, computes, decides, is_comparison, sends, tells};
use super::run::{Run, anew};
use super::{CALLED, CANDIDATES, Choice, Mode, SinkKind, State, python};
use crate::ir::{ANY, FuncId, List, NONE, Op, Target, V};

impl Run<'_, '_, '_, '_> {
    pub(super) fn visit_call(&mut self, state: State, step: u32, user: V, callee: V, args: List) {
        let ir = self.f.ir;
        let State {
            value,
            path,
            choice,
            ..
        } = state;
        if callee == value {
            match self.paths.get(path) {
                // A method of the value itself: its result is made of it. A
                // callback given to it sees its elements.
                None => {
                    let method = match ir.op(callee) {
                        Op::Member { name, .. } => ir.names.get(name),
                        _ => "",
                    };
                    if matches!(method, "find" | "findLast" | "filter") {
                        self.searched.insert(user);
                    }
                    for (index, arg) in ir.list(args).iter().enumerate() {
                        if let Some(func) = self.f.r.function(*arg) {
                            self.enter(func, usize::from(method == "reduce"), state, step);
                        } else if index == 0 && is_comparison(method) {
                            self.compare(user, *arg, step);
                        }
                    }
                    if self.mode == Mode::Fact || !decides(method) {
                        if matches!(method, "join" | "concat" | "flat") {
                            self.text_sink_at(user, state, step);
                        }
                        let chosen = self.form_of(user, method, state, step);
                        let chosen = if method == "join"
                            && self.mode == Mode::Fact
                            && matches!(ir.list(args), [between]
                                if self.f.r.text(*between).is_some_and(|text| text.is_empty()))
                        {
                            let small = self.choices.get(chosen.choice as usize).is_some_and(|c| {
                                c.difference == Difference::Meaning
                                    && c.outputs.iter().all(|output| {
                                        output.len() == 1
                                            && output.bytes().all(|b| b.is_ascii_alphanumeric())
                                    })
                            });
                            if small && self.f.r.known(user).is_none() {
                                self.choose(
                                    chosen,
                                    |_| {
                                        Some(Choice {
                                            at: user,
                                            outputs: vec!["one digit".into(), "another".into()],
                                            difference: Difference::Digits,
                                        })
                                    },
                                    user,
                                )
                            } else {
                                chosen
                            }
                        } else {
                            chosen
                        };
                        let open = self
                            .choices
                            .get(chosen.choice as usize)
                            .is_none_or(|choice| choice.difference == Difference::Meaning);
                        let chosen = if matches!(method, "join" | "toString" | "concat")
                            && open
                            && self.mode == Mode::Fact
                        {
                            self.what_if(user, chosen, step)
                        } else {
                            chosen
                        };
                        self.push(user, 0, chosen, step);
                    }
                }
                Some((CALLED, rest)) => self.push(user, rest, state, step),
                // `function.bind(...)`: what the function gives, its bound
                // form gives.
                Some(_) => {}
            }
            return;
        }
        let Ok(index) = ir.list(args).binary_search(&value) else {
            return;
        };
        if self.mode != Mode::List {
            self.given_on(user, callee, args, index, state, step);
        }
        if let Some(func) = self.f.r.function(callee) {
            self.enter_by(user, func, index, state, step);
            // A wrapper (memoise, once) gives back what it was given.
            if self.is_called(path) {
                self.push(user, path, state, step);
            }
            return;
        }
        let callback = self.is_called(path);
        if let Op::Member { object, name } = ir.op(callee) {
            let method = ir.names.get(name);
            if callback {
                // The outcome of a callback decides what the call gives.
                if self.mode != Mode::Fact && decides(method) {
                    return;
                }
                if decides(method) || matches!(method, "find" | "filter" | "findIndex") {
                    self.compare(user, object, step);
                }
                let state = if matches!(method, "sort" | "toSorted") {
                    self.choose(
                        anew(state),
                        |_| {
                            Some(Choice {
                                at: user,
                                outputs: vec!["one order".to_owned(), "another".to_owned()],
                                difference: Difference::Order,
                            })
                        },
                        user,
                    )
                } else {
                    state
                };
                let result = if matches!(method, "map" | "then" | "call" | "apply") {
                    self.tail(path)
                } else {
                    0
                };
                self.push(user, result, state, step);
                return;
            }
            // `https.get(x)` looks nothing up.
            let sends = matches!(self.f.callee_kind(callee), CalleeKind::Sink(_));
            if is_comparison(method) && !sends {
                if self.mode != Mode::Fact {
                    return;
                }
                self.compare(user, object, step);
                if path != 0 && self.is_set_of(path) && python::compares_sets(method) {
                    self.push(user, 0, state, step);
                    return;
                }
                if method == "get" || method == "charAt" || method == "at" {
                    let chosen = self.choose(state, |f| f.looked_up(user, object, args), user);
                    self.push(user, 0, chosen, step);
                    return;
                }
            }
            if ir.python && path == 0 && self.mode == Mode::Fact && python::raises(method) {
                self.may_raise(user, state, step);
            }
            self.put_into(object, method, state, step);
            // A place in a running text is filled in.
            if matches!(
                method,
                "replace" | "replaceAll" | "concat" | "format" | "join"
            ) {
                self.text_sink_at(user, state, step);
                if index == 0 && method == "concat" || index == 1 {
                    self.push(user, 0, state, step);
                }
            }
            if matches!(method, "push" | "add" | "unshift" | "set" | "append")
                && let Op::Var(sym) = ir.op(object)
            {
                self.hold(sym, ANY, object, state, step);
            }
            let candidates = self.f.by_key.get(&name);
            if self.mode == Mode::Fact
                && self.f.r.canon(callee).is_none()
                && let Some(candidates) = candidates.filter(|c| c.len() <= CANDIDATES)
                && method.len() >= 3
            {
                for func in candidates.clone() {
                    self.enter(func, index, state, step);
                }
            }
        }
        let kind = self.f.callee_kind(callee);
        if let CalleeKind::Sink(sink) = kind {
            // A program or code is the first argument, the content of a file
            // the second.
            let sink = match sink {
                SinkKind::Execution if index > 0 => SinkKind::Process,
                other => other,
            };
            let fits = match sink {
                SinkKind::Process => self.given_to(args, choice),
                SinkKind::Execution => self.runs_first(args),
                SinkKind::File => index == usize::from(!self.f.is_method(callee)),
                _ => true,
            };
            if fits {
                self.sink(user, sink, choice, step);
            }
        }
        // `JSON.stringify(x, null, indentation)`
        if kind == CalleeKind::Flattens && index == 2 && !ir.python && self.mode == Mode::Fact {
            let chosen = self.choose(
                anew(state),
                |_| {
                    Some(Choice {
                        at: user,
                        outputs: vec!["{ }".to_owned(), "{}".to_owned()],
                        difference: Difference::WhiteSpace,
                    })
                },
                user,
            );
            self.push(user, 0, chosen, step);
            return;
        }
        if kind == CalleeKind::Other && choice != NONE && self.f.sends_abroad(callee, args) {
            self.sink(user, SinkKind::Request, choice, step);
        }
        // What a compiled module gives is not what it was compiled from.
        if matches!(kind, CalleeKind::Compiles | CalleeKind::Nothing) {
            return;
        }
        let state = match ir.op(callee) {
            Op::Member { name, .. } if path == 0 && computes(ir.names.get(name)) => {
                self.what_if(user, state, step)
            }
            _ if path == 0 && self.f.makes_character(callee) => self.what_if(user, state, step),
            _ => state,
        };
        if path == 0 {
            self.put_into_text(user, callee, state, step);
        }
        // An unknown function's result may be made of what it is given.
        let result = if callback || kind == CalleeKind::PassesOn {
            path
        } else if path == 0 || kind == CalleeKind::Flattens || self.f.fills(callee) {
            0
        } else {
            return;
        };
        self.push(user, result, state, step);
    }

    /// Running text into which a method puts what it is given:
    /// `text.replaceAll(" ", mark)`, `text.split(" ").join(mark)`.
    fn put_into_text(&mut self, call: V, callee: V, state: State, step: u32) {
        let ir = self.f.ir;
        let Op::Member { object, name } = ir.op(callee) else {
            return;
        };
        let text = match ir.names.get(name) {
            "replace" | "replaceAll" | "concat" => object,
            "join" => match ir.op(object) {
                Op::Call { callee, .. } => match ir.op(callee) {
                    Op::Member { object, name } if ir.names.get(name) == "split" => object,
                    _ => return,
                },
                _ => return,
            },
            _ => return,
        };
        if state.choice != NONE && self.f.reads_as_text(text) && !self.f.is_shown(call) {
            self.sink(call, SinkKind::Text, state.choice, step);
        }
    }

    /// What a call does with an argument beside handing it to a function
    /// that is known.
    pub(super) fn given_on(
        &mut self,
        call: V,
        callee: V,
        args: List,
        index: usize,
        state: State,
        step: u32,
    ) {
        let ir = self.f.ir;
        // An object of functions that give what is put into another object.
        if let Some(sym) = self.f.r.modules.helped(state.value)
            && let Some((name, given)) = self.paths.get(state.path)
            && let Some((CALLED, rest)) = self.paths.get(given)
        {
            self.hold(
                sym,
                name,
                NONE,
                State {
                    path: rest,
                    calls: 0,
                    ..state
                },
                step,
            );
        }
        match ir.op(callee) {
            Op::Member { object, name } => {
                let method = ir.names.get(name);
                // An event to those who listen for its name.
                if tells(method)
                    && index > 0
                    && let Some(event) = ir.list(args).first()
                    && let Op::Str(event) = ir.op(*event)
                    && let Some(listeners) = self.f.listeners.get(ir.names.get(event))
                    && listeners.len() <= CANDIDATES
                {
                    for listener in listeners.clone() {
                        let index = index.saturating_sub(1);
                        self.enter(listener, index, State { calls: 0, ..state }, step);
                    }
                }
                // `function.apply(this, [value])`.
                if method == "apply"
                    && index == 1
                    && let Some(rest) = self.taken(state.path, &[ANY])
                    && let Some(func) = self.f.r.function(object)
                {
                    let count = self.f.ir.func(func).map_or(0, |func| func.params.len());
                    for param in 0..count.min(8) {
                        self.enter_by(
                            call,
                            func,
                            param,
                            State {
                                path: rest,
                                ..state
                            },
                            step,
                        );
                    }
                }
                // `function.bind(this, value)`, `.call(this, value)`.
                if matches!(method, "bind" | "call")
                    && index > 0
                    && let Some(func) = self.f.r.function(object)
                {
                    self.enter(func, index.saturating_sub(1), state, step);
                }
                if state.choice != NONE
                    && sends(method, index)
                    && self.f.is_outgoing(object, method)
                {
                    self.sink(call, SinkKind::Request, state.choice, step);
                }
            }
            // A function that was given as an argument: whoever gave it.
            Op::Var(sym) => {
                if let [(writer, _)] = ir.writes(sym)
                    && let Op::Param {
                        func, index: at, ..
                    } = ir.op(*writer)
                {
                    self.hand_to_callers(func, at as usize, index, state, step);
                }
            }
            _ => {}
        }
    }

    /// A value given to the parameter `at` of a function, which calls it: it
    /// is what those who call the function gave, or what a promise holds.
    pub(super) fn hand_to_callers(
        &mut self,
        func: FuncId,
        at: usize,
        index: usize,
        state: State,
        step: u32,
    ) {
        let ir = self.f.ir;
        let Some(value) = ir.func(func).map(|func| func.value) else {
            return;
        };
        let state = State { calls: 0, ..state };
        let user = ir.user(value);
        let mut calls = Vec::new();
        match ir.op(user) {
            // `new Promise((done) => done(value))`
            Op::New { callee, .. } if callee != value && index == 0 => {
                self.push(user, state.path, state, step);
            }
            Op::Call { callee, .. } if callee == value => calls.push(user),
            Op::Assign { targets, .. } => {
                for target in ir.targets(targets) {
                    if let Target::Var { sym, path } = *target
                        && ir.path(path).is_empty()
                    {
                        for read in ir.reads(sym).iter().take(64) {
                            let call = ir.user(*read);
                            if matches!(ir.op(call), Op::Call { callee, .. } if callee == *read) {
                                calls.push(call);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
        for call in calls.into_iter().take(8) {
            if let Op::Call { args, .. } = ir.op(call)
                && let Some(given) = ir.list(args).get(at)
                && let Some(given) = self.f.r.function(*given)
            {
                self.enter(given, index, state, step);
            }
        }
    }

    /// The state after a method of the value itself, which may put it into
    /// another form that nobody sees.
    pub(super) fn form_of(&mut self, call: V, method: &str, state: State, step: u32) -> State {
        if self.mode != Mode::Fact {
            return state;
        }
        if matches!(method, "replace" | "replaceAll") {
            return self.choose(
                state,
                |f| {
                    let choice = f.rewritten(call, call, false)?;
                    let shown = |text: &String| text.chars().any(|c| !assay_text::is_invisible(c));
                    // A fact written with characters that nobody sees.
                    if let [_, to] = choice.outputs.as_slice()
                        && !to.is_empty()
                        && !shown(to)
                    {
                        return f.choice(call, vec![String::new(), to.clone()]);
                    }
                    // One ASCII mark for another is how texts are quoted.
                    let quoting = choice.outputs.iter().all(|output| output.is_ascii());
                    let deceives = match choice.difference {
                        Difference::Invisible => true,
                        Difference::LookAlike => !quoting,
                        _ => false,
                    };
                    deceives.then_some(choice)
                },
                call,
            );
        }
        let _ = step;
        state
    }
}
