//! What a module did on hosts that differ in one thing.

use assay_model::{Confidence, Role, Severity};

use super::Facts;
use crate::evaluate::{self, At, Shown};
use crate::ir::{NONE, Op, V};
use crate::js::Slices;
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
    pub(super) fn trials(&mut self, slices: &Slices) {
        let Some(tried) = &slices.tried else {
            return;
        };
        for shown in &tried.shown {
            let known: Vec<(&str, String)> =
                shown.facts.iter().map(|fact| named(&fact.0)).collect();
            let mut ids: Vec<&str> = known
                .iter()
                .map(|(id, words)| if id.is_empty() { words.as_str() } else { id })
                .collect();
            ids.sort_unstable();
            ids.dedup();
            if self.notes.has("covert.channel", &ids) {
                continue;
            }
            self.shown_by_trial(shown, &known, &ids.join("+"));
        }
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
            path.push(self.step(
                Role::Condition,
                sink,
                format!(
                    "tried with '{}' as the {words} in place of {base}",
                    one_line(value)
                ),
            ));
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
                "tried on hosts that differ in this alone; the part that differs: {}",
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
            (severity, Confidence::High),
            || place,
        );
    }

    /// The call by which something left. The interpreter tells a place in it,
    /// which may be one of its arguments.
    fn call_of(&self, name: &str, at: At) -> V {
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
            |_, slices, ()| slices.tried.clone(),
        );
        read.ok().and_then(|(tried, _)| tried).unwrap_or_default()
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
