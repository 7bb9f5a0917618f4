//! What hangs on a test, and where texts leave.

use assay_text::Difference;

use super::choices::is_prompt;
use super::names::turns;
use super::run::Run;
use super::{Choice, SinkKind, State};
use crate::ir::{ANY, Bin, Key, List, NONE, Name, Op, Target, V};

impl Run<'_, '_, '_, '_> {
    /// What stands under a control that the state decides.
    pub(super) fn controlled(&mut self, ctrl: u32, test: V, state: State, step: u32) {
        let ir = self.f.ir;
        let owner = ir.owner(test);
        if let Some(func) = ir.func(owner)
            && owner != 0
            && func.returns.iter().any(|ret| ir.controlled(*ret, ctrl))
        {
            let returns: Vec<V> = func.returns.clone();
            let at = func.value;
            let chosen = self.choose(state, |f| f.choice_of(test, &returns), at);
            let next = State { path: 0, ..chosen };
            if chosen.choice != state.choice || returns.iter().all(|ret| self.constant(*ret)) {
                self.give_back(owner, next, step);
            } else {
                self.same_function(&returns, state, step);
            }
        }
        let mut tests = vec![ctrl];
        let mut looked = 0;
        while let Some(at) = tests.pop() {
            looked += 1;
            if looked > 256 {
                break;
            }
            tests.extend(self.f.inner_tests.get(&at).into_iter().flatten());
            let assigns = self.f.assigns.get(&at);
            for assign in assigns.into_iter().flatten().take(256) {
                self.controlled_write(*assign, state, step);
            }
            if let Some(assigns) = assigns.filter(|assigns| (2..=32).contains(&assigns.len())) {
                self.controlled_order(&assigns.clone(), state, step);
            }
            let throws = self.f.throws.get(&at);
            for throw in throws.into_iter().flatten().take(16) {
                // A handler inside of the test has been looked at with it.
                self.raise(*throw, State { path: 0, ..state }, step);
            }
            let puts = self.f.puts.get(&at);
            for put in puts.into_iter().flatten().take(256) {
                self.controlled_put(*put, state, step);
            }
        }
    }

    /// Where a decision is between calls of one function that differ in a
    /// constant, it is the function that is told of it.
    pub(super) fn same_function(&mut self, values: &[V], state: State, step: u32) {
        let ir = self.f.ir;
        let calls = values.iter().filter_map(|value| {
            let mut value = *value;
            if let Op::Assign { value: given, .. } = ir.op(value) {
                value = given;
            }
            while let Op::Pass(inner) = ir.op(value) {
                value = inner;
            }
            match ir.op(value) {
                Op::Call { callee, args } => Some((value, self.f.r.function(callee)?, args)),
                _ => None,
            }
        });
        let calls: Vec<(V, u32, List)> = calls.take(8).collect();
        let [(call, func, args), others @ ..] = calls.as_slice() else {
            return;
        };
        if others.is_empty() || others.iter().any(|(_, other, _)| other != func) {
            return;
        }
        let arg = |list: List, at: usize| ir.list(list).get(at).copied();
        for at in 0..ir.list(*args).len() {
            let mut all = calls.iter().filter_map(|(_, _, args)| arg(*args, at));
            let Some(first) = all.next() else { continue };
            let differ =
                |other: V| self.constant(other) && self.f.source(other) != self.f.source(first);
            if self.constant(first) && all.any(differ) {
                self.enter_by(*call, *func, at, State { path: 0, ..state }, step);
            }
        }
    }

    /// What an expression writes that is evaluated only if it was so decided.
    pub(super) fn effects(&mut self, value: V, state: State, step: u32) {
        match self.f.ir.op(value) {
            Op::Assign { .. } | Op::Call { .. } => self.controlled_write(value, state, step),
            Op::Pass(inner) => self.effects(inner, state, step),
            Op::Seq(list) => {
                for part in self.f.ir.list(list).iter().take(32) {
                    if !matches!(self.f.ir.op(*part), Op::Seq(_)) {
                        self.effects(*part, state, step);
                    }
                }
            }
            _ => {}
        }
    }

    /// The same added twice to one variable under one control: once in each
    /// branch, in another order.
    pub(super) fn controlled_order(&mut self, calls: &[V], state: State, step: u32) {
        let ir = self.f.ir;
        let added = |call: V| {
            let Op::Call { callee, args } = ir.op(call) else {
                return None;
            };
            let Op::Member { object, .. } = ir.op(callee) else {
                return None;
            };
            let Op::Var(sym) = ir.op(object) else {
                return None;
            };
            let args: Vec<&str> = ir
                .list(args)
                .iter()
                .map(|arg| self.f.source(*arg))
                .collect();
            Some((sym, object, args))
        };
        let all: Vec<(u32, V, Vec<&str>)> = calls.iter().filter_map(|call| added(*call)).collect();
        for (index, (sym, object, args)) in all.iter().enumerate() {
            let again = all
                .iter()
                .skip(index.saturating_add(1))
                .any(|(other, _, same)| other == sym && same == args && !args.is_empty());
            if again {
                let at = *object;
                let chosen = self.choose(
                    state,
                    |_| {
                        Some(Choice {
                            at,
                            outputs: vec!["one order".to_owned(), "another".to_owned()],
                            difference: Difference::Order,
                        })
                    },
                    at,
                );
                let whole = self.f.is_outgoing(*object, "");
                for read in ir.reads(*sym).iter().filter(|_| whole) {
                    self.push(*read, 0, State { calls: 0, ..chosen }, step);
                }
                self.hold(*sym, ANY, *object, State { path: 0, ..chosen }, step);
                return;
            }
        }
    }

    /// A call under a control that changes what a variable holds.
    pub(super) fn controlled_change(&mut self, call: V, state: State, step: u32) {
        let ir = self.f.ir;
        let Op::Call { callee, args } = ir.op(call) else {
            return;
        };
        let Op::Member { object, name } = ir.op(callee) else {
            return;
        };
        let Op::Var(sym) = ir.op(object) else {
            return;
        };
        let chosen = if turns(ir.names.get(name)) {
            self.choose(
                state,
                |_| {
                    Some(Choice {
                        at: call,
                        outputs: vec!["as it is".to_owned(), ir.names.get(name).to_owned()],
                        difference: Difference::Order,
                    })
                },
                call,
            )
        } else {
            let args = ir.list(args);
            self.choose(
                state,
                |f| {
                    let added = f.r.shape(*args.last()?);
                    f.choice(call, vec![String::new(), added])
                },
                call,
            )
        };
        if chosen.choice == state.choice {
            return;
        }
        let next = State { path: 0, ..chosen };
        self.hold(sym, ANY, object, next, step);
    }

    pub(super) fn controlled_write(&mut self, assign: V, state: State, step: u32) {
        let ir = self.f.ir;
        if matches!(ir.op(assign), Op::Call { .. }) {
            self.controlled_change(assign, state, step);
            return;
        }
        let Op::Assign {
            value,
            targets,
            compound,
        } = ir.op(assign)
        else {
            return;
        };
        let mut field = None;
        let sym = match ir.targets(targets) {
            // `[list[0], list[1]] = [list[1], list[0]]`
            [
                Target::Index { object, .. },
                Target::Index { object: other, .. },
                ..,
            ] if let Op::Var(sym) = ir.op(*object)
                && matches!(ir.op(*other), Op::Var(same) if same == sym)
                && matches!(ir.op(value), Op::Array(_)) =>
            {
                let object = *object;
                let choice = || Choice {
                    at: assign,
                    outputs: vec!["as it is".to_owned(), "changed about".to_owned()],
                    difference: Difference::Order,
                };
                let chosen = self.choose(state, |_| Some(choice()), assign);
                self.hold(sym, ANY, object, State { path: 0, ..chosen }, step);
                return;
            }
            [Target::Var { sym, .. }] => *sym,
            [Target::Member { object, name }]
                if matches!(ir.op(*object), Op::This) && (ir.python || !compound) =>
            {
                field = self.f.written_to(*object, *name);
                if field.is_none() && ir.python {
                    return;
                }
                NONE
            }
            [Target::Member { .. } | Target::Index { .. }] => NONE,
            _ => return,
        };
        let chosen = self.choose(
            state,
            |f| {
                if sym == NONE {
                    let whole = field.and_then(|writes| f.choice_of(assign, writes));
                    return whole.or_else(|| f.field_choice(assign, targets, value));
                }
                if compound {
                    let mut outputs = vec![String::new()];
                    f.outputs(value, 4, &mut outputs);
                    return f.choice(assign, outputs);
                }
                let writes: Vec<V> = ir
                    .writes(sym)
                    .iter()
                    .filter_map(|(writer, _)| match ir.op(*writer) {
                        Op::Assign { value, .. } => Some(value),
                        _ => None,
                    })
                    .collect();
                f.choice_of(assign, &writes)
            },
            assign,
        );
        if chosen.choice == state.choice && !self.constant(value) {
            if sym != NONE {
                let writes: Vec<V> = ir.writes(sym).iter().map(|(writer, _)| *writer).collect();
                self.same_function(&writes, state, step);
            }
            return;
        }
        // The write belongs to the function that it stands in.
        let next = State {
            value: assign,
            path: 0,
            ..chosen
        };
        self.write(targets, next, step);
    }

    pub(super) fn text_sink(&mut self, user: V, state: State, step: u32) {
        if state.choice != NONE {
            // The outermost sum is the sentence.
            let mut top = user;
            for _ in 0..64 {
                let next = self.f.ir.user(top);
                let (Op::Binary { op: Bin::Add, .. } | Op::Template(_)) = self.f.ir.op(next) else {
                    break;
                };
                top = next;
            }
            if self.f.reads_as_text(top) && !self.f.is_shown(top) {
                self.sink(top, SinkKind::Text, state.choice, step);
            }
        }
    }

    /// A call that gives running text with the value in it.
    pub(super) fn text_sink_at(&mut self, call: V, state: State, step: u32) {
        if state.choice == NONE {
            return;
        }
        let ir = self.f.ir;
        let text = self.f.reads_as_text(call)
            || match ir.op(call) {
                Op::Call { callee, args } => {
                    let receiver = match ir.op(callee) {
                        Op::Member { object, .. } => Some(object),
                        _ => None,
                    };
                    // `["a sentence", value].join(" ")`
                    let elements = match receiver.map(|receiver| ir.op(receiver)) {
                        Some(Op::Array(list)) => ir.list(list),
                        _ => &[],
                    };
                    let given = ir.list(args).iter().chain(elements).copied();
                    let mut parts = receiver.into_iter().chain(given);
                    parts.any(|part| self.f.reads_as_text(part))
                }
                _ => false,
            };
        if text && !self.f.is_shown(call) {
            self.sink(call, SinkKind::Text, state.choice, step);
        }
    }

    /// A field of an object that looks like a message or a request.
    pub(super) fn message_sink(
        &mut self,
        object: V,
        list: List,
        name: Name,
        state: State,
        step: u32,
    ) {
        if state.choice == NONE || self.is_called(state.path) {
            return;
        }
        let names = &self.f.ir.names;
        let key = names.get(name);
        let has = |wanted: &str| {
            self.f
                .ir
                .props(list)
                .iter()
                .any(|prop| matches!(prop.key, Key::Name(name) if names.get(name) == wanted))
        };
        let message = matches!(key, "content" | "text") && (has("role") || has("type"))
            || key == "prompt"
            || is_prompt(key);
        // What is asked of a model.
        let asks = has("model")
            && ["messages", "contents", "input", "prompt", "system"]
                .iter()
                .any(|name| has(name));
        let request = asks
            || self.f.is_request(object, key)
            || matches!(key, "body" | "headers") && (has("method") || has("headers"))
            || key.eq_ignore_ascii_case("user-agent")
            || (key.len() > 2 && key.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("x-")));
        if message {
            self.sink(object, SinkKind::Message, state.choice, step);
        } else if request {
            self.sink(object, SinkKind::Request, state.choice, step);
        }
    }
}
