//! What a module did on hosts that differ in one thing.

use assay_model::{Confidence, Role, Severity};

use super::Facts;
use crate::evaluate::Shown;
use crate::ir::{NONE, Op, V};
use crate::js::Slices;
use crate::raw::{Place, one_line};

/// The behaviour that asking for a fact is, and what it is in words.
fn named(fact: &str) -> (&'static str, String) {
    let (kind, name) = fact.split_once(':').unwrap_or((fact, ""));
    let upper = name.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    let id = match kind {
        "zone" => "fingerprint.timezone",
        "locale" | "lang" | "calendar" | "numbering" | "cycle" => "fingerprint.locale",
        "hostname" => "fingerprint.hostname",
        "user" | "uid" => "fingerprint.username",
        "interfaces" | "dns" => "fingerprint.network",
        "env" if upper == "TZ" => "fingerprint.timezone",
        "env" if has(&["PROXY"]) => "fingerprint.proxy",
        "env" if has(&["URL", "ENDPOINT", "API_HOST", "API_BASE"]) => "fingerprint.base-url",
        "env" if upper.starts_with("LC_") || has(&["LANG"]) => "fingerprint.locale",
        "file" if name.contains("machine-id") => "fingerprint.machine-id",
        "file" | "dir" if name.contains("/proc/") => "fingerprint.processes",
        _ => "",
    };
    let words = match kind {
        "zone" => "time zone".to_owned(),
        "lang" => "locale".to_owned(),
        "numbering" => "numbering system".to_owned(),
        "cycle" => "hour cycle".to_owned(),
        "interfaces" => "network interfaces".to_owned(),
        "dns" => "name servers".to_owned(),
        "tty" => "terminal".to_owned(),
        "env" => format!("variable {name}"),
        "file" => format!("file {name}"),
        "dir" => format!("folder {name}"),
        "command" => format!("output of '{}'", one_line(name)),
        other => other.to_owned(),
    };
    (id, words)
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
        let sink = self.at(shown.at);
        let mut path = Vec::new();
        for (read, (id, words)) in shown.reads.iter().zip(known) {
            let note = if id.is_empty() {
                words.clone()
            } else {
                format!("{id}: {words}")
            };
            path.push(self.step(Role::Source, self.at(*read), note));
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

    /// The smallest value that a place of the text, by line and column, lies in.
    fn at(&self, (line, column): (u32, u32)) -> V {
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
