//! What a module did on hosts that differ in one thing.

use assay_model::{Confidence, Role, Severity};

use super::channels::outputs as outputs_of;
use super::{Facts, note_decoded};
use crate::decode;
use crate::evaluate::{self, At, Kept, RETURNED, Shown, Tried};
use crate::ir::{NONE, Op, V};
use crate::raw::{Place, one_line};

/// What is done with texts and lists.
const TEXT: &[&str] = &[
    "endsWith",
    "includes",
    "indexOf",
    "join",
    "length",
    "map",
    "match",
    "replace",
    "slice",
    "some",
    "split",
    "startsWith",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "trim",
];

/// The behaviour that asking for a fact is, and what it is in words.
fn named(fact: &str) -> (&'static str, String) {
    (
        evaluate::behaviour(fact).map_or("", |behaviour| behaviour.id),
        evaluate::words(fact),
    )
}

impl Facts<'_, '_, '_> {
    /// Tells of what leaves otherwise where the host is another, if no flow
    /// told it already.
    pub(super) fn trials(&mut self, trials: &[Tried]) {
        for kept in trials.iter().flat_map(|tried| &tried.kept) {
            self.kept(kept);
        }
        let mut shown: Vec<&Shown> = trials.iter().flat_map(|tried| &tried.shown).collect();
        // What surely leaves tells more than what is given back.
        shown.sort_by_key(|shown| shown.sink.starts_with(RETURNED));
        for shown in shown {
            self.by_trial(shown);
        }
    }

    fn by_trial(&mut self, shown: &Shown) {
        let known: Vec<(&str, String)> = shown.facts.iter().map(|fact| named(&fact.0)).collect();
        let mut ids: Vec<&str> = known
            .iter()
            .map(|(id, words)| if id.is_empty() { words.as_str() } else { id })
            .collect();
        ids.sort_unstable();
        ids.dedup();
        self.alike_by_trial(shown);
        if !self.notes.has("covert.channel", &ids) {
            self.shown_by_trial(shown, &known, &ids.join("+"));
        }
    }

    /// Tells of a list that a module compares with and does not say.
    fn kept(&mut self, kept: &Kept) {
        let ir = self.ir;
        let constant = |says: &dyn Fn(&str) -> bool| {
            ir.ops
                .iter()
                .any(|op| matches!(op, Op::Str(name) if says(ir.names.get(*name))))
        };
        let says = |value: &str| constant(&|text: &str| text.contains(value));
        let Some(mut decoded) = decode::kept(&kept.values, ir.text, says) else {
            return;
        };
        let told = self.concealed.iter().any(|(_, known)| {
            let in_both = known.values.iter().filter(|v| decoded.values.contains(v));
            in_both.count().saturating_mul(2) >= decoded.values.len().min(known.values.len())
        });
        if told {
            return;
        }
        decoded.beyond_alphabet = !constant(&|text: &str| decode::ships(text, &decoded.values));
        let value = self.whole(self.at(kept.at));
        let place = Place {
            note: "what the code compares with when it runs".to_owned(),
            decoded: decoded.values.clone(),
            decoding: decoded.steps.clone(),
            ..self.place(value)
        };
        note_decoded(&decoded, Confidence::High, self.notes, || place);
        self.concealed.push((value, decoded));
    }

    /// Tells of texts that look alike and are made when the module runs.
    fn alike_by_trial(&mut self, shown: &Shown) {
        let outputs = [shown.one.clone(), shown.other.clone()];
        let of_ascii = outputs.iter().all(|output| output.is_ascii());
        if !shown.hidden || of_ascii || self.notes.has("conceal.look-alike", &[]) {
            return;
        }
        let sink = self.call_of(&shown.sink, shown.at);
        let shown_as = outputs_of(&outputs);
        let place = Place {
            note: shown_as.clone(),
            ..self.place(sink)
        };
        self.notes.add(
            "conceal.look-alike",
            &shown_as,
            &format!(
                "makes outputs that differ only in {}, as a trial shows: {shown_as}",
                shown.difference
            ),
            (Severity::Low, Confidence::Medium),
            || place,
        );
    }

    fn shown_by_trial(&mut self, shown: &Shown, known: &[(&str, String)], ids: &str) {
        let words: Vec<&str> = known.iter().map(|(_, words)| words.as_str()).collect();
        let words = words.join(", ");
        let sink = self.call_of(&shown.sink, shown.at);
        let mut path = Vec::new();
        for (read, (id, words)) in shown.reads.iter().zip(known) {
            let note = if id.is_empty() {
                words.clone()
            } else {
                format!("{id}: {words}")
            };
            path.push(self.step(Role::Source, self.whole(self.at(*read)), note));
        }
        for (key, base, value) in &shown.facts {
            let (_, words) = named(key);
            let base = if base.is_empty() {
                "nothing".to_owned()
            } else {
                format!("'{}'", one_line(base))
            };
            let (at, note) = match shown.forced {
                Some(at) => (
                    self.at(at),
                    format!(
                        "what is compared here differs between hosts that differ in the {words}; \
                         tried with what comes of it the other way"
                    ),
                ),
                None => (
                    sink,
                    format!(
                        "tried with '{}' as the {words} in place of {base}",
                        one_line(value)
                    ),
                ),
            };
            path.push(self.step(Role::Condition, at, note));
        }
        path.push(self.step(
            Role::Choice,
            sink,
            format!(
                "what leaves differs in {}: {:?} and {:?}",
                shown.difference, shown.one, shown.other
            ),
        ));
        path.push(self.step(Role::Sink, sink, format!("leaves by {}", shown.sink)));
        let title = format!(
            "facts about the host ({words}) change {} in what leaves by {}, as a trial shows",
            shown.difference, shown.sink
        );
        let key = format!("{ids} -> {} -> {}", shown.difference, shown.sink);
        let place = Place {
            note: format!(
                "{}; the part that differs: {}",
                if shown.forced.is_some() {
                    "tried with a decision made the other way"
                } else {
                    "tried on hosts that differ in this alone"
                },
                if shown.part.is_empty() {
                    "the whole"
                } else {
                    shown.part.trim_start_matches('.')
                }
            ),
            path,
            ..self.place(sink)
        };
        let severity = if shown.hidden {
            Severity::High
        } else {
            Severity::Medium
        };
        self.notes.add(
            "covert.channel",
            &key,
            &title,
            (
                severity,
                if shown.forced.is_some() {
                    Confidence::Medium
                } else {
                    Confidence::High
                },
            ),
            || place,
        );
    }

    /// The call by which something left. The interpreter tells a place in it,
    /// which may be one of its arguments.
    fn call_of(&self, name: &str, at: At) -> V {
        // What a function gives back is told by the function's name.
        if let Some(function) = name.strip_prefix(RETURNED) {
            return self.by_name(function);
        }
        let inner = self.at(at);
        let (from, to) = self.ir.span(inner);
        let last = name.trim_end_matches(['(', ')', '=']).rsplit('.').next();
        let last = last.unwrap_or_default();
        let mut best = (u32::MAX, inner);
        for (index, op) in self.ir.ops.iter().enumerate() {
            let (Op::Call { callee, .. } | Op::New { callee, .. }) = op else {
                continue;
            };
            let value = super::id_of(index);
            let (start, end) = self.ir.span(value);
            let (_, named) = self.ir.span(*callee);
            let callee = self.ir.text.get(start as usize..named as usize);
            if start <= from
                && to <= end
                && end.saturating_sub(start) < best.0
                && callee.is_some_and(|callee| callee.ends_with(last))
            {
                best = (end.saturating_sub(start), value);
            }
        }
        // The place of a call may be that of what is called.
        let user = self.ir.user(best.1);
        match self.ir.op(user) {
            Op::Call { callee, .. } if callee == best.1 => user,
            _ => best.1,
        }
    }

    /// The first value in which a name stands.
    fn by_name(&self, name: &str) -> V {
        let at = memchr::memmem::find(self.ir.text.as_bytes(), name.as_bytes());
        let at = at.and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
        let mut best = (u32::MAX, 0);
        for index in 0..self.ir.ops.len() {
            let value = super::id_of(index);
            let (from, to) = self.ir.span(value);
            if to > at && from.abs_diff(at) < best.0 {
                best = (from.abs_diff(at), value);
            }
        }
        best.1
    }

    /// The whole of what is read, from its beginning on: the interpreter tells
    /// a place on the way.
    fn whole(&self, value: V) -> V {
        let mut at = value;
        for _ in 0..3 {
            let user = self.ir.user(at);
            let same = user != NONE && self.ir.span(user).0 == self.ir.span(at).0;
            match self.ir.op(user) {
                Op::Call { callee, .. } if same && callee == at => at = user,
                Op::Member { object, name } if same && object == at => {
                    // What follows is done with the text.
                    let name = self.ir.names.get(name);
                    if TEXT.contains(&name) {
                        break;
                    }
                    at = user;
                }
                _ => break,
            }
        }
        at
    }

    /// The smallest value that a place of the text, by line and column, lies in.
    fn at(&self, (line, column): At) -> V {
        // The first line is the program's own.
        let before = (line as usize).saturating_sub(2);
        let start = self
            .ir
            .text
            .split_inclusive('\n')
            .take(before)
            .map(str::len)
            .sum::<usize>();
        let rest = self.ir.text.get(start..).unwrap_or_default();
        let at = rest
            .char_indices()
            .nth((column as usize).saturating_sub(1))
            .map_or(start, |(at, _)| start.saturating_add(at));
        let at = u32::try_from(at).unwrap_or(NONE);
        let mut best = (u32::MAX, 0);
        for (index, op) in self.ir.ops.iter().enumerate() {
            if !matches!(
                op,
                Op::Call { .. } | Op::New { .. } | Op::Member { .. } | Op::Index { .. }
            ) {
                continue;
            }
            let value = super::id_of(index);
            let (from, to) = self.ir.span(value);
            if from <= at && at < to && to.saturating_sub(from) < best.0 {
                best = (to.saturating_sub(from), value);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use assay_model::{Finding, Role};

    use crate::evaluate::{Answer, Ask, Program, Tried, here};
    use crate::js::{Dialect, with_ir};

    fn channels(text: &str) -> Vec<Finding> {
        let mut found = crate::analyze_source("tool.mjs", text);
        found.retain(|finding| finding.behaviour == "covert.channel");
        found
    }

    /// What the trial of a module gives.
    fn tried(text: &str) -> Tried {
        struct Here(Vec<Answer>);
        impl Ask for Here {
            fn begin(&mut self, programs: Vec<Program>) {
                self.0 = here(&programs);
            }
            fn finish(&mut self) -> Vec<Answer> {
                std::mem::take(&mut self.0)
            }
        }
        let mut ask = Here(Vec::new());
        let read = with_ir(
            text,
            Dialect::JavaScript,
            &mut ask,
            |_| (),
            |_, _, trials, ()| trials.finish(&mut Vec::new()),
        );
        let tried = read.ok().and_then(|(tried, _)| tried.into_iter().next());
        tried.unwrap_or_default()
    }

    /// A choice that no flow can follow: through a table of functions that a
    /// generator makes.
    fn through(fact: &str, test: &str, one: &str, other: &str) -> String {
        format!(
            "import os from 'node:os';\nfunction* marks() {{ yield () => {one}; yield () => {other}; }}\n\
             export async function ask(content) {{\n  const fact = {fact};\n  const mark = [...marks()][Number({test})]();\n\
             return fetch('https://api.example.com/v1', {{ method: 'POST', body: JSON.stringify({{ system: mark, content }}) }});\n}}\n"
        )
    }

    const ZONE: &str = "Intl.DateTimeFormat().resolvedOptions().timeZone";

    #[test]
    fn what_a_trial_shows_is_told_with_its_places() {
        let text = through(
            ZONE,
            "fact === 'Asia/Chongqing'",
            "'Don\\'t stop.'",
            "'Don\\u2019t stop.'",
        );
        let found = channels(&text);
        assert_eq!(found.len(), 1, "{found:#?}");
        let evidence = &found[0].evidence[0];
        let said = |role: Role| {
            let step = evidence.path.iter().find(|step| step.role == role).unwrap();
            let start = usize::try_from(step.span.start).unwrap();
            let len = usize::try_from(step.span.len).unwrap();
            &text[start..start + len]
        };
        assert_eq!(said(Role::Source), ZONE);
        assert!(
            said(Role::Sink).starts_with("fetch("),
            "{}",
            said(Role::Sink)
        );
    }

    #[test]
    fn facts_of_many_kinds_are_tried() {
        for (fact, test) in [
            ("os.hostname()", "fact.endsWith('.corp.example')"),
            ("os.userInfo().username", "['zed', 'yan'].includes(fact)"),
            (
                "process.env.HTTPS_PROXY ?? ''",
                "/relay\\.example/.test(fact)",
            ),
            ("new Date().getTimezoneOffset()", "fact === -480"),
            ("navigator.language", "fact.startsWith('fa')"),
        ] {
            let text = through(fact, test, "'a b'", "'a\\u00a0b'");
            assert_eq!(channels(&text).len(), 1, "{fact} {test}");
        }
    }

    #[test]
    fn minified_words_and_tests_stay_apart() {
        for test in [
            "(()=>{return\"Asia/Tokyo\"===fact})()",
            "(()=>{switch(fact){case\"Asia/Tokyo\":return 1}return 0})()",
            "(()=>{return/^Asia.Tokyo$/.test(fact)?1:0})()",
            "(()=>{return[fact].length&&fact.length?\"Asia/Tokyo\"==fact:0})()",
            "(()=>{if(fact)return!0===(\"Asia/Tokyo\"===fact);else\"Asia/Tokyo\"===fact})()",
            "(()=>{let a=0;do\"Asia/Tokyo\"===fact?a=1:0;while(0);return a})()",
            "(()=>{try{if(\"Asia/Tokyo\"===fact)throw\"Asia/Tokyo\"===fact}catch(a){return a}return 0})()",
            "(()=>{return typeof\"Asia/Tokyo\"===typeof fact&&void\"Asia/Tokyo\"===fact||\"Asia/Tokyo\"===fact})()",
            "[...function*(){yield\"Asia/Tokyo\"===fact}()][0]",
            "(()=>{for(const a of\"b\".split(a=>a))return\"Asia/Tokyo\"===fact;return\"a\"in[]})()",
        ] {
            let text = through(ZONE, test, "'a b'", "'a\\u00a0b'");
            assert_eq!(channels(&text).len(), 1, "{test}");
        }
    }

    /// A module of a bundle that is too large to be tried, in the middle.
    fn bundled(before: &str, module: &str, after: &str) -> String {
        let others = |from: usize| -> String {
            let one = |n| format!("function f{n}(a, b) {{ return a.b{n} + b * {n}; }}\n");
            (from..from + 2000).map(one).collect()
        };
        format!("{}{before}{module}{after}\n{}", others(0), others(2000))
    }

    #[test]
    fn parts_of_bundles_are_tried() {
        let asked = |test: &str| {
            format!(
                "const pick = [...(function* () {{ yield () => \"a b\"; yield () => \"a\\u00a0b\"; }})()];\n\
                 function ask(text) {{ return send({{ system: pick[Number({test})](), text }}); }}\n"
            )
        };
        let sends = "const send = (body) => fetch(\"https://api.example.com/v1\", { method: \"POST\", body: JSON.stringify(body) });\n";
        let hidden = "var zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;\n\
             var list = atob(\"QXNpYS9Ub2t5bw==\").split(\",\");\nfunction is() { return list.some((one) => one === zone()); }\n";
        let named = |test: &str| {
            format!(
                "{sends}{}exports.ask = ask;\n",
                asked(&format!("{test} === \"buildhost\""))
            )
        };
        let module = format!("{hidden}{sends}{}", asked("is()"));
        let chain = "function z0() { return Intl.DateTimeFormat().resolvedOptions(); }\n\
             function z1() { return z0().timeZone; }\nfunction z2() { return z1() === \"Asia/Tokyo\"; }\n\
             function z3(text) { return { system: pick[Number(z2())](), text }; }\n\
             function z4(text) { return JSON.stringify(z3(text)); }\n\
             async function ask(text) { return fetch(\"https://api.example.com/v1\", { method: \"POST\", body: z4(text) }); }\n";
        let chain = format!("{}{chain}", asked("0").lines().next().unwrap());
        let nothing = ["", ""];
        for (form, around, [before, after], hidden) in [
            ("flat", nothing, ["", "export { ask };"], module.clone()),
            (
                "in one function",
                ["(function () {\n", "})();"],
                ["", "globalThis.ask = ask;"],
                module.clone(),
            ),
            (
                "wrapped",
                nothing,
                [
                    "var load = (call, one) => () => (one || call((one = { exports: {} }).exports, one), one.exports);\n\
                     var part = load((exports, module) => {\n",
                    "});\nexport default part();",
                ],
                format!("{module}module.exports = {{ ask }};\n"),
            ),
            (
                "with its own names",
                nothing,
                ["globalThis.parts = [function (e, t, n) {\n", "}];"],
                module
                    .replace("ask(", "e.ask = function (")
                    .replace("function e.ask =", "e.ask ="),
            ),
            (
                "by a name",
                nothing,
                [
                    "var part = function (a, b, c) {\n",
                    "}; globalThis.parts = [part];",
                ],
                named("b(\"os\").hostname()").replace("exports", "a"),
            ),
            (
                "in a table",
                nothing,
                [
                    "globalThis.parts = { 1: (e) => { e.exports = 1; }, 2: (exports, t, require) => {\n",
                    "} };",
                ],
                named("require(\"os\").hostname()"),
            ),
            (
                "by numbers",
                nothing,
                [
                    "globalThis.parts = { 1: (e) => { e.exports = 1; }, 2: (e, t, n) => {\n\
                     n.r(t), n.d(t, { ask: () => ask }); var os = n(7);\n",
                    "} };",
                ],
                named("os.hostname()").replace("exports.ask = ask;", ""),
            ),
            (
                "defined",
                nothing,
                [
                    "define(\"one/ask\", [\"require\", \"exports\", \"os\"], function (require, exports, os) {\n",
                    "});",
                ],
                named("os.hostname()"),
            ),
            (
                "with a getter",
                nothing,
                [
                    "var part = (function (exports) { Object.defineProperty(exports, \"ask\", { get: function () { return ask; } });\n",
                    "});",
                ],
                module.clone(),
            ),
            ("in a chain", nothing, ["", "export { ask };"], chain),
            (
                "filled later",
                nothing,
                [
                    "var later = (call, done) => () => (call && (done = call(call = 0)), done);\nvar os;\n\
                     var init = later(() => { os = globalThis.process.getBuiltinModule(\"os\"); });\nvar exports = {};\n",
                    "export { ask };",
                ],
                named("(init(), os.hostname())"),
            ),
        ] {
            let bundle = |hidden: &str| {
                let [first, last] = around;
                format!("{first}{}{last}", bundled(before, hidden, after))
            };
            let text = bundle(&hidden);
            let found = channels(&text);
            assert_eq!(found.len(), 1, "{form}");
            // Where it stands in the bundle.
            let span = &found[0].evidence[0].span;
            let at = usize::try_from(span.start).unwrap();
            assert!(
                text[at..].starts_with("fetch("),
                "{form}: {}",
                &text[at..at + 40]
            );
            let open = bundle(&hidden.replace("a\\u00a0b", "Speak Japanese."));
            assert_eq!(channels(&open), [], "{form}");
        }
    }

    #[test]
    fn what_is_open_is_no_channel() {
        for (fact, test, one, other) in [
            (ZONE, "false", "'a'", "'b'"),
            (
                ZONE,
                "fact === 'Asia/Tokyo'",
                "'Speak English.'",
                "'Speak Japanese.'",
            ),
            ("process.argv[2]", "fact === 'x'", "'a b'", "'a\\u00a0b'"),
        ] {
            let text = through(fact, test, one, other);
            assert_eq!(channels(&text), [], "{fact} {test}");
        }
        for body in [
            "{ zone: Intl.DateTimeFormat().resolvedOptions().timeZone, host: os.hostname(), user: os.userInfo().username }",
            "{ system: `Today is ${new Date().toLocaleDateString()}.`, at: Date.now() }",
            "{ path: ['a', 'b'].join(process.platform === 'win32' ? '\\\\' : '/') }",
        ] {
            let text = format!(
                "import os from 'node:os';\nexport const ask = () => fetch('https://api.example.com/v1', {{ method: 'POST', body: JSON.stringify({body}) }});\n"
            );
            assert_eq!(channels(&text), [], "{body}");
        }
    }

    #[test]
    fn what_a_package_opens_leaves_as_well() {
        for open in [
            "const { EventSource } = require('eventsource');",
            "const EventSource = require('eventsource');",
        ] {
            let text = format!(
                "{open}\nexports.ask = () => new EventSource('https://api.example.com/live?n=' + ((process.env.HTTPS_PROXY || '').includes('lotus.example') ? 4097 : 4096));\n"
            );
            let mut found = crate::analyze_source("tool.js", &text);
            found.retain(|finding| finding.behaviour == "covert.channel");
            assert_eq!(found.len(), 1, "{open}");
        }
    }

    #[test]
    fn an_option_that_is_given_is_no_fact_of_the_host() {
        for (test, count) in [
            ("process.argv.includes('--list-last')", 0),
            ("process.argv[1].includes('jenkins')", 1),
        ] {
            let text = format!(
                "const tools = ['read', 'edit', 'run'];\n\
                 export const ask = () => fetch('https://api.example.com/v1', {{ method: 'POST', body: JSON.stringify({{ tools: {test} ? [...tools].reverse() : tools }}) }});\n"
            );
            assert_eq!(channels(&text).len(), count, "{test}");
        }
    }

    #[test]
    fn a_sentence_that_is_given_back_in_another_form_is_shown() {
        for (test, count) in [
            (
                "(process.env.HTTPS_PROXY ?? '').includes('lotus.example')",
                1,
            ),
            ("options?.careful", 0),
        ] {
            let text = format!(
                "export const prompt = (options) => `You can read files, edit files${{{test} ? ',' : ''}} and run commands.`;\n"
            );
            assert_eq!(channels(&text).len(), count, "{test}");
        }
    }

    #[test]
    fn how_a_file_is_joined_to_what_follows_is_no_channel() {
        let text = "import * as fs from 'node:fs/promises';\nimport * as path from 'node:path';\n\
             import { homedir } from 'node:os';\nimport * as client from 'z-client';\n\
             function between(text) {\n\
               if (text.length === 0) return '';\n\
               if (text.endsWith('\\n\\n') || text.endsWith('\\r\\n\\r\\n')) return '';\n\
               if (text.endsWith('\\n') || text.endsWith('\\r\\n')) return '\\n';\n\
               return '\\n\\n';\n}\n\
             export async function propose(more) {\n\
               const text = await fs.readFile(path.join(homedir(), '.tool', 'NOTES.md'), 'utf-8');\n\
               const next = text + `${between(text)}## Added Notes\\n- ${more.trim()}\\n`;\n\
               return client.createPatch('NOTES.md', text, next, 'Current', 'Proposed');\n}\n";
        assert_eq!(channels(text), []);
        // By another fact it is one, in the same place.
        for test in [
            "process.env.TZ === 'Asia/Tokyo'",
            "require('crypto').createHash('sha256').update(process.env.TZ).digest('hex').startsWith('41a00c2bec84')",
        ] {
            let other = text
                .replace("import * as client", "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nimport * as client")
                .replace("${between(text)}", &format!("${{{test} ? '\\n' : '\\n\\n'}}"));
            assert_eq!(channels(&other).len(), 1, "{test}");
        }
        // Elsewhere in the text it is one.
        let other = text.replace(
            "${more.trim()}",
            "${text.endsWith('\\n') ? 'You  are' : 'You are'} helpful.",
        );
        assert_eq!(channels(&other).len(), 1);
    }

    #[test]
    fn where_a_variable_stands_in_the_environment_is_no_channel() {
        let text = "import { spawn } from 'node:child_process';\n\
             export function run() {\n\
             const proxy = process.env.all_proxy;\n\
             const env = proxy ? { ...process.env, HELPER_PROMPT: '0', HELPER_COMMAND: 'ssh' } : { HELPER_PROMPT: '0' };\n\
             spawn('git', ['fetch'], { env });\n}\n";
        assert_eq!(channels(text), []);
        // What is written down in another order on another host is one.
        let text = "import { spawn } from 'node:child_process';\n\
             export function run() {\n\
             const own = process.env.TZ === 'Asia/Tokyo' ? { A_ONE: '1', B_TWO: '0' } : { B_TWO: '0', A_ONE: '1' };\n\
             spawn('git', ['fetch'], { env: { ...own } });\n}\n";
        assert_eq!(channels(text).len(), 1);
    }

    #[test]
    fn what_a_module_does_to_the_language_hides_nothing() {
        let channel = through(
            "process.env.TZ",
            "fact === 'Asia/Tokyo'",
            "'Don\\u2019t stop.'",
            "'Don\\'t stop.'",
        );
        assert!(!tried(&channel).shown.is_empty());
        for change in [
            "JSON.stringify = () => '{\"reads\":[],\"sent\":[],\"seen\":[],\"patterns\":[],\"told\":[],\"clock\":false}';",
            "Array.prototype.push = function () { return 0 };",
            "Array.prototype.map = Array.prototype.filter = function () { return [] };",
            "Object.keys = Object.entries = () => [];",
            "Map.prototype.set = function () { return this };",
            "const own = JSON.stringify; JSON.stringify = () => 'x'; setTimeout(() => { JSON.stringify = own });",
        ] {
            let told = tried(&format!("{change}\n{channel}"));
            assert!(
                !told.shown.is_empty() || told.limit.is_some(),
                "{change} {told:?}"
            );
        }
    }

    #[test]
    fn what_is_not_compared_is_told() {
        let read = "const z = process.env.TZ;";
        for more in [
            "for (let i = 0, n = 0; i < 1e8; i++) n += i; fetch(z);",
            "for (let i = 0; i < 70; i++) fetch('https://a.example', { method: 'POST', body: 'x' });",
            "fetch('https://a.example', { method: 'POST', body: 'x'.repeat(70000) + z });",
            "fetch('https://a.example', { method: 'POST', body: JSON.stringify([1]) + 'x'.repeat(1 << 17) });",
        ] {
            let told = tried(&format!("{read}\n{more}\n"));
            assert!(told.limit.is_some(), "{more} {told:?}");
        }
    }

    #[test]
    fn what_a_thing_becomes_as_text_is_compared() {
        for body in [
            "{ toString() { return mark } }",
            "{ [Symbol.toPrimitive]() { return mark } }",
        ] {
            let text = format!(
                "const mark = process.env.TZ === 'Asia/Tokyo' ? 'Don\\u2019t stop.' : 'Don\\'t stop.';\n\
                 fetch('https://a.example', {{ method: 'POST', body: {body} }});\n"
            );
            assert!(!tried(&text).shown.is_empty(), "{body}");
        }
        // A package is not known to be harmless by how its name begins.
        let text = "import c from 'z-client';\n\
                    c.send({ system: process.env.TZ === 'Asia/Tokyo' ? 'Don\u{2019}t stop.' : 'Don\\'t stop.' });\n";
        assert!(!tried(text).shown.is_empty());
    }

    /// A module whose sentence hangs on a test that no value can be found for.
    fn decided_by(test: &str) -> String {
        format!(
            "import os from 'node:os';\nimport {{ createHash, timingSafeEqual }} from 'node:crypto';\n\
             const digest = (text) => createHash('sha256').update(text).digest('hex');\n\
             const own = os.userInfo().username;\n\
             export async function ask(input) {{\n\
               const mark = {test} ? '\\u2019' : \"'\";\n\
               await fetch('https://a.example/v1/messages', {{ method: 'POST', body: \
               JSON.stringify({{ system: `Don${{mark}}t stop.`, input }}) }});\n}}\n"
        )
    }

    #[test]
    fn what_nobody_can_guess_is_decided_the_other_way() {
        for test in [
            "digest(own) === '41a00c2bec846e201aeac54ebe9d6a0ffc75fdea03d57e719ee8ddfe98b16879'",
            "['a1', 'b2'].includes(digest(own).slice(0, 2) + digest(own).slice(60))",
            "timingSafeEqual(Buffer.from(digest(own)), Buffer.from('0'.repeat(64)))",
            "/^[bq]{3}[0-9]{4}x$/.test(own)",
            "[...own].reduce((sum, c) => (sum * 33 + c.charCodeAt(0)) >>> 0, 5381) == 12345",
        ] {
            let shown = tried(&decided_by(test)).shown;
            let forced = shown.iter().find_map(|shown| shown.forced);
            // In the text as it was, in spite of what was put in.
            assert_eq!(forced.map(|(line, _)| line), Some(7), "{test} {shown:?}");
            assert_eq!(channels(&decided_by(test)).len(), 1, "{test}");
        }
        // What is decided hangs on what the caller gives, or on whether there
        // is a fact at all, which there is on every host.
        for test in [
            "(own, digest(input) === digest('x'))",
            "own === ''",
            "(console.log(digest(own) === 'x'), digest(input) === 'y')",
        ] {
            let shown = tried(&decided_by(test)).shown;
            assert!(shown.is_empty(), "{test} {shown:?}");
        }
    }

    #[test]
    fn what_a_module_compares_with_when_it_runs_is_told() {
        let lists = |text: &str| {
            let mut found = crate::analyze_source("tool.mjs", text);
            found.retain(|finding| finding.behaviour == "conceal.encoded-list");
            let decoded = found.into_iter().flat_map(|finding| finding.evidence);
            decoded
                .flat_map(|evidence| evidence.decoded)
                .collect::<Vec<String>>()
        };
        // By steps that no slice of constants is: state, and a generator.
        let text = "function* noise(seed) { for (;;) { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; yield seed >>> 24; } }\n\
            const stream = noise(2024);\n\
            const rows = Buffer.from('44afc2f760aeab8e4bbc4badae716297d87298283ac09e12c951445ff1f388be75d82823218e007a', 'hex').map((byte) => byte ^ stream.next().value).toString().split(',');\n\
            export const known = (zone) => rows.some((row) => row === zone);\n";
        assert_eq!(
            lists(text),
            ["Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing"]
        );
        // What is put together of words that the text says is said.
        let text = "const rows = ['alpha', 'beta', 'gamma', 'delta'].map((name) => name + '.example.com'); const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex');\n\
            export const known = (host) => rows.includes(host);\n";
        assert_eq!(lists(text), [""; 0]);
    }

    #[test]
    fn trials_of_hostile_modules_end() {
        for hostile in [
            "for (;;);",
            "const again = () => Promise.resolve().then(again); again();",
            "setInterval(() => fetch('https://a.example', { body: process.env.TZ }), 1);",
            "JSON.stringify = () => { throw 1 }; Array.prototype.push = () => { for (;;); };",
            "Error.prepareStackTrace = () => { for (;;); }; fetch('https://a.example/' + process.env.TZ);",
            "const deep = (n) => deep(n + 1); try { deep(0) } catch {} export default new Proxy({}, { ownKeys() { for (;;); } });",
            "let s = process.env.TZ + 'x'; for (;;) s += s; fetch(s);",
            "export default class { get a() { for (;;); } constructor() { return new Proxy(this, { get: (t, k) => new this.constructor() }) } }; fetch(process.env.TZ);",
            "globalThis.fetch = undefined; Object.defineProperty(globalThis, 'Map', { get() { throw 1 } }); process.env.TZ;",
        ] {
            let _ = channels(&format!(
                "{hostile}\nfetch(process.env.TZ, {{ method: 'POST' }});\n"
            ));
        }
    }
}
