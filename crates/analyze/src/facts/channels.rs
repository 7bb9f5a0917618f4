//! What flows show: channels, and what a server controls.

use assay_model::{Confidence, Role, Severity, Step};
use assay_text::Difference;
use rustc_hash::FxHashMap;

use super::Facts;
use crate::behaviours::{Fact, Nature};
use crate::flow::{Choice, Compared, Flow, Hit, Origin, SinkKind};
use crate::ir::{Op, V};
use crate::raw::{Place, one_line};
use crate::resolve::HOLE;

/// What a fact is compared with, in words.
fn compared_with(texts: &[String]) -> String {
    let shown: Vec<&str> = texts.iter().take(6).map(String::as_str).collect();
    format!("compared with {}", one_line(&shown.join(", ")))
}

/// How many texts that are compared with are kept of one place, and the
/// longest, in bytes.
const KEPT: (usize, usize) = (64, 200);

fn kept<'t>(texts: impl Iterator<Item = &'t String>) -> Vec<String> {
    let (most, longest) = KEPT;
    let mut out: Vec<String> = Vec::new();
    for text in texts.filter(|text| text.len() <= longest) {
        if out.len() < most && !out.contains(text) {
            out.push(text.clone());
        }
    }
    out
}

/// The plain texts that are compared with on the way of a hit.
fn plain(hit: &Hit) -> impl Iterator<Item = &String> {
    let texts = hit.compared.iter().filter_map(|(_, what)| match what {
        Compared::Plain(texts) => Some(texts),
        Compared::Concealed(_) | Compared::Hashes(_) => None,
    });
    texts.flatten()
}

impl<'i, 'a> Facts<'_, 'i, 'a> {
    pub(super) fn flows(&mut self) -> bool {
        let lists: Vec<V> = self.concealed.iter().map(|(value, _)| *value).collect();
        let mut flow = Flow::new(self.r, &lists);
        let mut hits: Vec<Hit> = Vec::new();
        let mut named = std::mem::take(&mut self.named_facts);
        named.truncate(500);
        for (value, behaviour, core) in named {
            for call in flow.readers(value) {
                self.source(behaviour, call, core);
            }
        }
        let sources = std::mem::take(&mut self.sources);
        // Reads of the same fact in the same way are followed together.
        let mut groups: Vec<(String, Nature, Vec<V>)> = Vec::new();
        let mut index: FxHashMap<String, usize> = FxHashMap::default();
        let mut followed = rustc_hash::FxHashSet::default();
        for (value, behaviour, Fact { what, nature }, detail) in sources {
            if !followed.insert(value) {
                continue;
            }
            let label = format!("{}: {what}", behaviour.id);
            let at = *index.entry(format!("{label} {detail}")).or_insert_with(|| {
                groups.push((label, nature, Vec::new()));
                groups.len().saturating_sub(1)
            });
            if let Some((.., values)) = groups.get_mut(at) {
                values.push(value);
            }
        }
        // What gets everywhere comes last: there is a limit for all.
        groups.sort_by_key(|(_, nature, _)| *nature == Nature::Place);
        for (what, nature, values) in groups {
            // Few together where the way matters, many where there are many.
            for part in values.chunks(values.len().div_ceil(64).max(1)) {
                let Some((value, also)) = part.split_first() else {
                    continue;
                };
                let origin = Origin {
                    value: *value,
                    also: also.to_vec(),
                    what: what.clone(),
                    nature: Some(nature),
                };
                hits.extend(flow.follow(&origin).into_iter().filter(|hit| {
                    let stays = matches!(hit.kind, SinkKind::Execution | SinkKind::File);
                    hit.choice.as_ref().is_some_and(|choice| {
                        choice.difference.is_hidden() || choice.difference.is_form() && !stays
                    })
                }));
                let behaviour = what.split(": ").next().unwrap_or_default();
                for (at, texts) in std::mem::take(&mut flow.compared) {
                    let place = Place {
                        note: compared_with(&texts),
                        compared: kept(texts.iter()),
                        ..self.place(at)
                    };
                    self.notes.shows(behaviour, None, place);
                }
                if hits.len() > 10_000 {
                    break;
                }
            }
        }
        self.channels(&hits);
        for value in std::mem::take(&mut self.answers) {
            let origin = Origin {
                value,
                also: Vec::new(),
                what: "an answer from the network".to_owned(),
                nature: None,
            };
            let hits = flow.follow_data(&origin);
            self.answered.append(&mut flow.fields);
            for hit in hits {
                if hit.kind == SinkKind::Execution
                    || self.runs_stored(&hit)
                    || self.runs_written(&hit)
                {
                    self.remote_code(&hit);
                }
            }
        }
        self.variables_compared(&mut flow);
        flow.cut
    }

    /// What variables of the environment are compared with, near where they
    /// are read.
    fn variables_compared(&mut self, flow: &mut Flow<'_, 'i, 'a>) {
        for (name, values) in std::mem::take(&mut self.variables) {
            let Some((value, also)) = values.split_first() else {
                continue;
            };
            let origin = Origin {
                value: *value,
                also: also.to_vec(),
                what: "reach.environment".to_owned(),
                nature: None,
            };
            for (at, texts) in flow.compared_near(&origin) {
                let place = Place {
                    note: compared_with(&texts),
                    compared: kept(texts.iter()),
                    ..self.place(at)
                };
                self.notes.shows("reach.environment", Some(&name), place);
            }
        }
    }

    /// A choice between look-alike outputs, whatever it depends on.
    pub(super) fn look_alike(&mut self, choice: &Choice) {
        // Tables of escapes and of signs have many outputs, and letters of
        // one alphabet look alike without anybody having chosen them for it.
        let ordinary =
            choice.outputs.len() > 6 || choice.outputs.iter().any(|output| output == "\u{feff}");
        if ordinary {
            return;
        }
        let hidden = match choice.difference {
            Difference::LookAlike | Difference::Invisible => deceives(&choice.outputs),
            Difference::WhiteSpace => {
                choice
                    .outputs
                    .iter()
                    .any(|output| output.chars().any(|c| c.is_whitespace() && !c.is_ascii()))
                    && choice.outputs.iter().any(|output| output.contains(' '))
            }
            _ => false,
        };
        if !hidden {
            return;
        }
        let shown = outputs(&choice.outputs);
        let place = Place {
            note: shown.clone(),
            ..self.place(choice.at)
        };
        self.notes.add(
            "conceal.look-alike",
            &shown,
            &format!(
                "chooses between outputs that differ only in {}: {shown}",
                choice.difference.words()
            ),
            (Severity::Low, Confidence::Low),
            || place,
        );
    }

    /// Joins hits to channels: those that share a choice, or bring a choice
    /// to the same sentence.
    pub(super) fn channels(&mut self, hits: &[Hit]) {
        let strong = |hit: &Hit| carries(hit);
        let concealed = |hit: &Hit| {
            hit.compared
                .iter()
                .any(|(_, what)| matches!(what, Compared::Concealed(_) | Compared::Hashes(_)))
        };
        let at = |hit: &Hit| hit.choice.as_ref().map(|choice| choice.at);
        let mut done: Vec<usize> = Vec::new();
        for (index, first) in hits.iter().enumerate() {
            let weak = || concealed(first) && first.loose <= LOOSE.1 && first.decided;
            if done.contains(&index) || !(strong(first) || weak()) {
                continue;
            }
            let same_choice = |hit: &Hit| at(hit) == at(first);
            let sinks: Vec<V> = hits
                .iter()
                .filter(|h| same_choice(h))
                .map(|h| h.sink)
                .collect();
            let mut group: Vec<&Hit> = Vec::new();
            for (other, hit) in hits.iter().enumerate() {
                if same_choice(hit) || sinks.contains(&hit.sink) {
                    done.push(other);
                    // What has no part in it by itself is not shown as one.
                    if !(strong(hit) || concealed(hit) && hit.loose <= LOOSE.1) {
                        continue;
                    }
                    let shown = |known: &&Hit| {
                        known.origin.value == hit.origin.value && at(known) == at(hit)
                    };
                    match group.iter().position(shown) {
                        // A sentence tells more than the field that it is in.
                        Some(at) => {
                            if hit.kind == SinkKind::Text
                                && let Some(slot) = group.get_mut(at)
                                && slot.kind != SinkKind::Text
                            {
                                *slot = hit;
                            }
                        }
                        None => group.push(hit),
                    }
                }
            }
            group.sort_by_key(|hit| (!strong(hit), !concealed(hit), hit.kind != SinkKind::Text));
            group.truncate(12);
            self.channel(&group);
        }
    }

    pub(super) fn channel(&mut self, shown: &[&Hit]) {
        let strong = |hit: &Hit| carries(hit);
        let Some(sink) = shown.first().map(|hit| hit.sink) else {
            return;
        };
        let mut facts: Vec<String> = shown
            .iter()
            .filter_map(|hit| hit.origin.what.split(": ").next().map(str::to_owned))
            .collect();
        facts.sort();
        facts.dedup();
        let mut lists: Vec<usize> = shown
            .iter()
            .flat_map(|hit| hit.compared.iter())
            .filter_map(|(_, what)| match what {
                Compared::Concealed(list) => Some(*list),
                Compared::Plain(_) | Compared::Hashes(_) => None,
            })
            .collect();
        lists.sort_unstable();
        lists.dedup();
        // A list may be found by search and by evaluation.
        let mut shown_lists: Vec<&[String]> = Vec::new();
        lists.retain(|list| {
            self.concealed.get(*list).is_some_and(|(_, decoded)| {
                let new = !shown_lists.contains(&decoded.values.as_slice());
                shown_lists.push(&decoded.values);
                new
            })
        });
        let entries: Vec<String> = lists
            .iter()
            .filter_map(|list| self.concealed.get(*list))
            .map(|(_, decoded)| decoded.values.len().to_string())
            .collect();
        let what = facts
            .iter()
            .map(|fact| fact.trim_start_matches("fingerprint.").replace('-', " "))
            .collect::<Vec<_>>()
            .join(", ");
        let hashes = shown
            .iter()
            .flat_map(|hit| hit.compared.iter())
            .find_map(|(_, what)| match what {
                Compared::Hashes(count) => Some(*count),
                _ => None,
            });
        let against = if let (true, Some(count)) = (entries.is_empty(), hashes) {
            format!(", hashed and compared with {count} hashes,")
        } else if entries.is_empty() {
            String::new()
        } else {
            format!(
                ", compared with concealed lists of {} entries,",
                entries.join(" and ")
            )
        };
        let kind = shown
            .iter()
            .filter(|hit| strong(hit))
            .chain(shown)
            .find_map(|hit| hit.choice.as_ref())
            .map_or("form", |choice| choice.difference.words());
        let goes = match shown.first().map(|hit| hit.kind) {
            Some(SinkKind::Text) => "in a sentence",
            Some(SinkKind::Message) => "in a message field",
            Some(SinkKind::File) => "in a file",
            Some(SinkKind::Execution | SinkKind::Process) => "for a process",
            _ => "in a request",
        };
        let title = format!("facts about the host ({what}){against} choose {kind} {goes}");
        let hidden = shown.iter().any(|hit| {
            let choice = hit.choice.as_ref();
            choice.is_some_and(|choice| choice.difference.is_hidden())
        });
        let kept_secret = !entries.is_empty() || hashes.is_some();
        let confidence = match (hidden, kept_secret) {
            (true, true) if shown.len() > 1 => Confidence::High,
            (true, _) | (_, true) => Confidence::Medium,
            _ => Confidence::Low,
        };
        let severity = if hidden || kept_secret {
            Severity::High
        } else {
            Severity::Medium
        };
        // Names are minified anew with each version; what is read, chosen
        // and said is not.
        let mut chosen: Vec<String> = shown
            .iter()
            .filter_map(|hit| hit.choice.as_ref())
            .map(|choice| outputs(&choice.outputs))
            .collect();
        chosen.sort();
        chosen.dedup();
        let key = format!(
            "{} -> {} -> {}",
            facts.join("+"),
            chosen.join("+"),
            self.sink_text(sink)
        );
        for hit in shown {
            let place = Place {
                note: hit.origin.what.clone(),
                compared: kept(plain(hit)),
                path: self.steps(hit),
                ..self.place(sink)
            };
            self.notes.add(
                "covert.channel",
                &key,
                &title,
                (severity, confidence),
                || place,
            );
        }
        for list in lists {
            let Some((value, decoded)) = self.concealed.get(list) else {
                continue;
            };
            let place = Place {
                note: format!("the concealed list of {} entries", decoded.values.len()),
                decoded: decoded.values.clone(),
                decoding: decoded.steps.clone(),
                ..self.place(*value)
            };
            self.notes.evidence("covert.channel", &key, place);
        }
    }

    pub(super) fn sink_text(&self, sink: V) -> String {
        let shape = self.r.shape(sink);
        shape
            .split(HOLE)
            .map(str::trim)
            .filter(|part| part.len() > 2)
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(super) fn step(&self, role: Role, value: V, note: String) -> Step {
        let place = self.place(value);
        let (start, end) = self.ir.span(value);
        let text = self
            .ir
            .text
            .get(start as usize..end as usize)
            .unwrap_or_default();
        Step {
            role,
            node: None,
            line: 0,
            column: 0,
            span: place.span(),
            excerpt: one_line(text),
            note,
        }
    }

    /// The way of a hit in the steps that a reader needs.
    pub(super) fn steps(&self, hit: &Hit) -> Vec<Step> {
        let mut steps = vec![self.step(Role::Source, hit.origin.value, hit.origin.what.clone())];
        let mut flow = Vec::new();
        let mut last = (0, 0);
        for value in &hit.way {
            if matches!(self.ir.op(*value), Op::Call { .. } | Op::Object(_))
                && self.ir.span(*value) != last
                && *value != hit.sink
            {
                last = self.ir.span(*value);
                flow.push(self.step(Role::Flow, *value, "carries it on".to_owned()));
            }
        }
        let len = flow.len();
        let keep = 6usize;
        steps.extend(
            flow.into_iter()
                .enumerate()
                .filter(|(index, _)| len <= keep || index * keep / len != (index + 1) * keep / len)
                .map(|(_, step)| step),
        );
        let mut lists_shown = Vec::new();
        for (at, what) in &hit.compared {
            match what {
                Compared::Concealed(list) if lists_shown.contains(list) => {}
                Compared::Concealed(list) => {
                    lists_shown.push(*list);
                    steps.push(self.step(
                        Role::Condition,
                        *at,
                        "compared with a concealed list".to_owned(),
                    ));
                    if let Some((value, decoded)) = self.concealed.get(*list) {
                        steps.push(self.step(
                            Role::List,
                            *value,
                            format!(
                                "{} entries, {}",
                                decoded.values.len(),
                                decoded.steps.join(", ")
                            ),
                        ));
                    }
                }
                Compared::Hashes(count) => steps.push(self.step(
                    Role::Condition,
                    *at,
                    format!("compared with {count} hashes, which nobody can read"),
                )),
                Compared::Plain(texts) => {
                    steps.push(self.step(Role::Condition, *at, compared_with(texts)));
                }
            }
        }
        if let Some(choice) = &hit.choice {
            steps.push(self.step(
                Role::Choice,
                choice.at,
                format!(
                    "chooses between {}: {}",
                    outputs(&choice.outputs),
                    choice.difference.words()
                ),
            ));
        }
        let goes = match hit.kind {
            SinkKind::Text => "becomes part of a sentence",
            SinkKind::Message => "becomes a field of a message",
            SinkKind::Request => "becomes part of a request",
            SinkKind::Execution => "is executed",
            SinkKind::Process => "is given to a process",
            SinkKind::File => "is written to a file",
        };
        steps.push(self.step(Role::Sink, hit.sink, goes.to_owned()));
        steps
    }

    /// Whether a file that an answer is written to is started as a program.
    pub(super) fn runs_stored(&self, hit: &Hit) -> bool {
        if hit.kind != SinkKind::File {
            return false;
        }
        let Op::Call { args, .. } = self.ir.op(hit.sink) else {
            return false;
        };
        let path = self
            .ir
            .list(args)
            .first()
            .and_then(|path| self.r.text(*path));
        path.is_some_and(|path| {
            path.len() > 3 && self.commands.iter().any(|(_, line)| line.contains(&path))
        })
    }

    pub(super) fn remote_code(&mut self, hit: &Hit) {
        let place = Place {
            path: self.steps(hit),
            ..self.place(hit.sink)
        };
        let callee = match self.ir.op(hit.sink) {
            Op::Call { callee, .. } | Op::New { callee, .. } => self
                .r
                .canon(callee)
                .map(|canon| self.r.canon_text(canon))
                .unwrap_or_default(),
            _ => String::new(),
        };
        self.notes.add(
            "control.remote-code",
            &callee,
            &format!("what a server sent reaches {callee}"),
            (Severity::High, Confidence::Medium),
            || place,
        );
    }
}

/// What a server sent.
pub(super) fn is_answer(canon: &str) -> bool {
    if canon.strip_suffix("()").is_some_and(crate::py::names::asks) {
        return true;
    }
    matches!(
        canon,
        "fetch()"
            | "http.get()"
            | "https.get()"
            | "http.request()"
            | "https.request()"
            | "undici.fetch()"
            | "undici.request()"
            | "new WebSocket()"
            | "new XMLHttpRequest()"
    )
}

/// How often a way may go through what is not known before it tells nothing:
/// where the outputs are made to deceive, and where they differ in form.
const LOOSE: (usize, usize) = (6, 0);
/// How long a way may be where the outputs differ in form: beyond, nearly
/// everything is decided by something of the host.
const WAY: usize = 40;

/// Whether a hit's choice tells something that a reader does not notice.
pub(super) fn carries(hit: &Hit) -> bool {
    let Some(choice) = &hit.choice else {
        return false;
    };
    let (deceptive, formal) = LOOSE;
    let outputs = &choice.outputs;
    // Whoever compares with a list that nobody is to read does not write in
    // a language's own way.
    let read = |(_, what): &(V, Compared)| matches!(what, Compared::Plain(_));
    let nature = hit.origin.nature;
    let language = nature == Some(Nature::Language) && hit.compared.iter().all(read);
    let leaves = matches!(
        hit.kind,
        SinkKind::Message | SinkKind::Request | SinkKind::Process
    );
    let bare = |output: &String| !output.contains(HOLE);
    let plain = |c: char| matches!(c, ' ' | '\n' | '\t' | '\r');
    let hard_space = |output: &String| output.chars().any(|c| c.is_whitespace() && !plain(c));
    // A form says something only where it was decided by what the fact is.
    let known = || hit.loose <= formal && hit.way.len() <= WAY && hit.decided;
    // How dates, lists and spaces are written is a matter of languages.
    let decided = || known() && !language;
    let asks = matches!(hit.kind, SinkKind::Message | SinkKind::Request);
    let form = choice.difference.is_form();
    let white = choice.difference == Difference::WhiteSpace;
    // What everyday code asks for it for.
    let everyday = match nature {
        Some(Nature::Terminal) => !leaves,
        Some(Nature::System | Nature::Platform) => form && !asks,
        Some(Nature::Place) => form || white && !outputs.iter().any(hard_space),
        _ => false,
    };
    if everyday {
        return false;
    }
    match choice.difference {
        // What a language or a terminal writes in its own way, on what is
        // shown to the user.
        Difference::LookAlike if language && !leaves && typographic(outputs) => false,
        Difference::Invisible | Difference::LookAlike => {
            hit.loose <= deceptive && deceives(outputs)
        }
        Difference::WhiteSpace if outputs.iter().any(hard_space) => hit.loose <= deceptive,
        // A space more or less is how texts are laid out, but not what a
        // comparison of the host with a constant is for.
        Difference::WhiteSpace => {
            decided()
                && outputs.iter().all(bare)
                && (leaves
                    || outputs.iter().all(|output| !output.is_empty())
                    || outputs
                        .iter()
                        .any(|output| output.trim_end() != output && output.trim().len() > 2))
        }
        // One visible mark for another is a form for who reads it, and a
        // sign for who knows it; a mark or none joins what is there.
        Difference::Punctuation => {
            // What stands for something until it is put back is never sent.
            let holds_a_place = |c: char| {
                matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{e000}'..='\u{f8ff}')
                    || u32::from(c) & 0xfffe == 0xfffe
            };
            // In a sentence a comma more or less is a form like others.
            let mark = |output: &String| {
                matches!(
                    output.as_str(),
                    "" | "," | "." | ";" | ":" | "!" | "\u{2026}"
                )
            };
            let sentence =
                matches!(hit.kind, SinkKind::Text | SinkKind::Message) && outputs.iter().all(mark);
            let joins = |output: &String| {
                output.trim().is_empty() && !(sentence && output.is_empty())
                    || output.chars().any(holds_a_place)
                    || output.contains("://")
                    || matches!(output.as_str(), "?" | "&" | "\\" | "\n" | "+" | "-1")
            };
            decided() && outputs.iter().all(bare) && !outputs.iter().any(joins)
        }
        Difference::Case | Difference::Digits => known() && leaves && outputs.iter().all(bare),
        Difference::Order | Difference::Written => decided() && leaves,
        Difference::Same | Difference::Meaning => false,
    }
}

/// Whether outputs are marks of typography and their plain forms.
pub(super) fn typographic(outputs: &[String]) -> bool {
    let mark = |c: char| {
        matches!(c, '\'' | '"' | '-' | '.' | ' ' | ',' | '`')
            || matches!(
                c,
                '\u{2010}'..='\u{2026}' | '\u{a0}' | '\u{202f}' | '\u{ab}' | '\u{bb}'
            )
    };
    outputs.iter().all(|output| output.chars().all(mark))
}

/// Opening and closing marks of typography look alike by their skeletons, but
/// choosing between them is how quotation works.
pub(super) fn deceives(outputs: &[String]) -> bool {
    let typographic = |output: &String| {
        let mut marks = output
            .chars()
            .filter(|c| !c.is_ascii() || matches!(c, '\'' | '"'));
        marks.next().is_some_and(|c| {
            matches!(
                c,
                '\u{2018}'
                    | '\u{2019}'
                    | '\u{201c}'
                    | '\u{201d}'
                    | '\u{ab}'
                    | '\u{bb}'
                    | '\u{2039}'
                    | '\u{203a}'
            )
        }) && output.chars().count() == 1
    };
    !outputs.iter().all(typographic)
        // Box drawing and its ASCII stand-ins: how terminals without Unicode
        // are served.
        && !outputs.iter().any(|output| output.chars().any(|c| ('\u{2500}'..='\u{259f}').contains(&c)))
}

/// Outputs with their code points where they are not ASCII.
pub(super) fn outputs(outputs: &[String]) -> String {
    let mut shown: Vec<String> = outputs
        .iter()
        .take(8)
        .map(|output| {
            let output = output.replace(HOLE, "…");
            let codes: Vec<String> = output
                .chars()
                .filter(|c| !c.is_ascii() && *c != '…')
                .take(4)
                .map(|c| format!("U+{:04X}", u32::from(c)))
                .collect();
            // White space is told as it is: it may be all that differs.
            let shown: String = output.chars().take(160).collect();
            if codes.is_empty() {
                format!("{shown:?}")
            } else {
                format!("{shown:?} ({})", codes.join(" "))
            }
        })
        .collect();
    shown.sort();
    shown.join(", ")
}
