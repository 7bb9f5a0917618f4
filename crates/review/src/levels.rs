//! What an experiment varies: what the analysis found that the code compares
//! with, what is tried on every host, and what the user names.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::{Finding, Layer, Party, Role};
use assay_observe::{Factor, KINDS, Kind, Level, Levels, Setting, kind};

/// How many values of a long list are tried; the share of a list that this
/// meets with what certainty is told.
const SAMPLE: usize = 3;
/// How many values of a variable of the environment are tried.
const VALUES: usize = 2;
/// How many variables of the environment have runs of their own; others are
/// tried in groups.
const VARIABLES: usize = 6;
/// What values of JavaScript are told apart by: no fact of a host.
const TYPES: &[&str] = &[
    "bigint",
    "boolean",
    "function",
    "number",
    "object",
    "string",
    "symbol",
    "undefined",
];
/// What a variable that switches something on is set to.
const YES: &[&str] = &["1", "true", "yes", "y", "on", "t", "enabled"];
/// How many flags of servers have runs of their own; others are tried in
/// groups.
const FLAGS: usize = 4;
/// The factor that names another server.
pub(crate) const BASE: &str = "base-url";
/// How many variables that name another server are set.
const BASES: usize = 2;
/// How many levels one factor has.
const MOST: usize = 8;

/// The factors, those levels that stand together in a finding, and notes on
/// what was sampled.
pub(crate) struct Varying {
    pub(crate) factors: Vec<Factor>,
    pub(crate) many: Vec<Factor>,
    pub(crate) linked: Vec<Levels>,
    pub(crate) notes: Vec<String>,
}

impl Varying {
    /// Puts the variables that the analysis found to name a server in place
    /// of the factor that does, where no recipe tells how a tool is given
    /// one. Whether the server is varied then, or was not to be.
    pub(crate) fn name_base(&mut self, findings: &[Finding]) -> bool {
        let Some(at) = self.factors.iter().position(|factor| factor.name == BASE) else {
            return true;
        };
        let base = self.factors.remove(at);
        let own = is_own(findings);
        let names: Vec<String> = findings
            .iter()
            .filter(|finding| finding.behaviour == "fingerprint.base-url" && own(finding))
            .map(|finding| format!("env:{}", finding.key))
            .take(BASES)
            .collect();
        let Some(first) = names.first() else {
            return false;
        };
        for known in [&mut self.factors, &mut self.many] {
            known.retain(|factor| !names.contains(&factor.name));
        }
        self.factors.extend(names.iter().map(|name| Factor {
            name: name.clone(),
            plain: String::new(),
            ..base.clone()
        }));
        for together in &mut self.linked {
            if let Some(value) = together.remove(BASE) {
                together.insert(first.clone(), value);
            }
        }
        self.notes.push(format!(
            "another server was named by {}: no recipe tells how this tool is given one",
            names.join(" and ")
        ));
        true
    }
}

/// What the user names alone, where there is no analysis asked for.
pub(crate) fn named(named: &[(String, String)], plain: &Setting) -> Varying {
    let mut all = Gathered::default();
    all.add_named(named);
    all.done(plain, Vec::new(), Vec::new())
}

/// The factors of an experiment on a tool with these findings. A list is
/// tried whole where `sweep` is set.
pub(crate) fn factors(
    findings: &[Finding],
    named: &[(String, String)],
    sweep: bool,
    plain: &Setting,
) -> Varying {
    let mut all = Gathered::default();
    all.add_named(named);
    let mut linked = Vec::new();
    let mut notes = Vec::new();
    let covert = |finding: &&Finding| finding.behaviour == "covert.channel";
    let lists: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.behaviour == "conceal.encoded-list")
        .collect();
    for finding in findings.iter().filter(covert) {
        let read: BTreeSet<&str> = sources(finding);
        let mut texts = lists_of(finding);
        // A list that such a finding compares with stands in its evidence;
        // others of the same node may be compared with by the same code.
        let nodes: BTreeSet<&str> = finding
            .evidence
            .iter()
            .map(|known| known.node.as_str())
            .collect();
        for list in &lists {
            for known in list
                .evidence
                .iter()
                .filter(|known| nodes.contains(known.node.as_str()))
            {
                if !texts.contains(&known.decoded) {
                    texts.push(known.decoded.clone());
                }
            }
        }
        let kinds = KINDS
            .iter()
            .filter(|kind| kind.sources.iter().any(|source| read.contains(source)));
        let together = of_texts(finding, kinds, &texts, sweep, &mut all, &mut notes);
        if together.len() > 1 && !linked.contains(&together) {
            linked.push(together);
        }
    }
    let own = is_own(findings);
    for finding in findings.iter().filter(|finding| own(finding)) {
        let name = finding.behaviour.as_str();
        let kinds = KINDS.iter().filter(|kind| kind.sources.contains(&name));
        let mut texts = lists_of(finding);
        // A word is no host: only a list that a channel hangs on may hold
        // parts of hosts.
        let of_host = matches!(name, "fingerprint.base-url" | "fingerprint.proxy");
        for list in &mut texts {
            list.retain(|text| !TYPES.contains(&text.as_str()) && (!of_host || text.contains('.')));
        }
        of_texts(finding, kinds, &texts, sweep, &mut all, &mut notes);
    }
    variables(findings, &mut all, &mut notes);
    flags(findings, &mut all);
    for kind in KINDS {
        if kind.name.ends_with(':') || all.has(kind.name) {
            continue;
        }
        for level in kind.levels {
            all.add(kind.name, level, "tried on every host");
        }
    }
    all.done(plain, linked, notes)
}

#[derive(Default)]
struct Gathered {
    levels: BTreeMap<String, Vec<(String, String)>>,
    /// Those that are tried in groups.
    many: BTreeSet<String>,
}

impl Gathered {
    fn has(&self, name: &str) -> bool {
        self.levels.contains_key(name)
    }

    fn add(&mut self, name: &str, value: &str, from: &str) {
        let levels = self.levels.entry(name.to_owned()).or_default();
        if !levels.iter().any(|(known, _)| known == value) {
            levels.push((value.to_owned(), from.to_owned()));
        }
    }

    fn add_named(&mut self, named: &[(String, String)]) {
        for (name, value) in named {
            self.add(name, value, "named by the user");
        }
    }

    fn done(self, plain: &Setting, linked: Vec<Levels>, notes: Vec<String>) -> Varying {
        let of_many = |factor: &Factor| self.many.contains(&factor.name);
        let all = self.levels.into_iter().filter_map(|(name, levels)| {
            let (kind, rest) = kind(&name)?;
            Some(Factor {
                plain: (kind.plain)(plain, rest),
                levels: levels
                    .into_iter()
                    .map(|(value, from)| Level {
                        control: (kind.control)(&value),
                        value,
                        from,
                    })
                    .collect(),
                alone: kind.alone,
                server: kind.server,
                name,
            })
        });
        let (many, factors) = all.partition(of_many);
        Varying {
            factors,
            many,
            linked,
            notes,
        }
    }
}

/// The facts that a channel's flows begin with.
pub(crate) fn sources(finding: &Finding) -> BTreeSet<&str> {
    let steps = finding.evidence.iter().flat_map(|known| &known.path);
    let sources = steps.filter(|step| step.role == Role::Source);
    sources
        .filter_map(|step| step.note.split(':').next())
        .collect()
}

/// What a finding says that something is compared with, list by list.
fn lists_of(finding: &Finding) -> Vec<Vec<String>> {
    let mut out: Vec<Vec<String>> = Vec::new();
    for known in &finding.evidence {
        for list in [&known.decoded, &known.compared] {
            if !list.is_empty() && !out.contains(list) {
                out.push(list.clone());
            }
        }
    }
    out
}

/// Which of some lists hold for a text: an entry is the text, its ending, or,
/// where it is a word, a part of it.
fn fitting(text: &str, lists: &[Vec<String>]) -> Vec<usize> {
    let text = text.to_lowercase();
    let fits = |entry: &String| {
        let entry = entry.to_lowercase();
        let entry = entry.trim_start_matches(['*', '.']);
        let is_ending = text
            .strip_suffix(entry)
            .is_some_and(|front| front.is_empty() || front.ends_with('.'));
        !entry.is_empty()
            && (is_ending || entry.len() > 3 && !entry.contains('.') && text.contains(entry))
    };
    let all = lists.iter().enumerate();
    all.filter(|(_, list)| list.iter().any(fits))
        .map(|(at, _)| at)
        .collect()
}

/// A sample of values from all over, and one at least of those that each set
/// of lists holds for: what is one list's alone may be told apart from what
/// is in two.
fn sampled(values: &[String], lists: &[Vec<String>], room: usize) -> Vec<String> {
    let mut out: Vec<String> = spread(values, SAMPLE.min(room))
        .into_iter()
        .cloned()
        .collect();
    let mut met: BTreeSet<Vec<usize>> = out.iter().map(|value| fitting(value, lists)).collect();
    for value in values {
        if out.len() >= room {
            break;
        }
        if !out.contains(value) && met.insert(fitting(value, lists)) {
            out.push(value.clone());
        }
    }
    out
}

/// Adds the levels that lists give for some kinds. Gives one of each kind.
fn of_texts<'k>(
    finding: &Finding,
    kinds: impl Iterator<Item = &'k Kind>,
    lists: &[Vec<String>],
    sweep: bool,
    all: &mut Gathered,
    notes: &mut Vec<String>,
) -> Levels {
    let mut together = Levels::new();
    for kind in kinds {
        let mut seen = BTreeSet::new();
        let values: Vec<String> = lists
            .iter()
            .flatten()
            .filter_map(|text| (kind.value)(text))
            .filter(|value| seen.insert(value.to_lowercase()))
            .collect();
        if values.is_empty() {
            continue;
        }
        let from = format!("{} ({})", finding.behaviour, finding.id);
        let known = all.levels.get(kind.name).map_or(0, Vec::len);
        let taken = if sweep {
            values.clone()
        } else {
            sampled(&values, lists, MOST.saturating_sub(known))
        };
        if taken.len() < values.len() {
            notes.push(format!(
                "{}: {} of {} values of {from} were tried; {}",
                kind.name,
                taken.len(),
                values.len(),
                certainty(taken.len())
            ));
        }
        for value in &taken {
            all.add(kind.name, value, &from);
            together
                .entry(kind.name.to_owned())
                .or_insert_with(|| value.clone());
        }
    }
    together
}

/// Whether a finding counts as one of the tool's own code: all do where there
/// is none of its own, as of a single file that looks like a library's.
pub(crate) fn is_own(findings: &[Finding]) -> impl Fn(&Finding) -> bool {
    let none = findings.iter().all(|finding| finding.party == Party::Third);
    move |finding| none || finding.party != Party::Third
}

/// Adds variables of the environment that the tool's own code reads: first
/// those that it compares with something, and what that is.
fn variables(findings: &[Finding], all: &mut Gathered, notes: &mut Vec<String>) {
    let own = is_own(findings);
    let read = findings
        .iter()
        .filter(|finding| finding.behaviour == "reach.environment")
        .filter(|finding| own(finding) && !is_covered(&finding.key));
    let mut read: Vec<(Vec<String>, &Finding)> = read
        .map(|finding| {
            let mut values = lists_of(finding).concat();
            let fits = |text: &String| text.len() <= 200 && !text.contains(['\0', '\n']);
            values.retain(|text| fits(text) && !TYPES.contains(&text.as_str()));
            // What is tried anyway.
            values.retain(|text| !YES.contains(&text.to_lowercase().as_str()));
            (values, finding)
        })
        .collect();
    read.sort_by_key(|(values, _)| values.is_empty());
    for (number, (values, finding)) in read.iter().enumerate() {
        let from = format!("{} ({})", finding.behaviour, finding.id);
        let name = format!("env:{}", finding.key);
        let own = number < VARIABLES || all.has(&name);
        if !own {
            all.many.insert(name.clone());
        }
        for value in spread(values, VALUES) {
            all.add(&name, value, &from);
        }
        if own && values.len() > VALUES {
            notes.push(format!(
                "{name}: {VALUES} of {} values of {from} were tried",
                values.len()
            ));
        }
        if values.is_empty() {
            all.add(&name, "1", &from);
        }
    }
}

/// Adds flags that the tool's own code asks servers for.
fn flags(findings: &[Finding], all: &mut Gathered) {
    let is_name = |text: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        !text.is_empty() && text.len() <= 80 && text.chars().all(fits)
    };
    let own = is_own(findings);
    let asked = findings
        .iter()
        .filter(|finding| finding.behaviour.starts_with("control."))
        .filter(|finding| finding.layer == Layer::HostedApi && own(finding))
        .filter(|finding| is_name(&finding.key));
    for (number, finding) in asked.enumerate() {
        let from = format!("{} ({})", finding.behaviour, finding.id);
        let name = format!("flag:{}", finding.key);
        if number >= FLAGS && !all.has(&name) {
            all.many.insert(name.clone());
        }
        all.add(&name, "true", &from);
    }
}

/// How sure it is that a share of a list was met.
fn certainty(sample: usize) -> String {
    // (1 - share)^sample = 0.05
    let share = 1.0 - 0.05_f64.powf(1.0 / sample.max(1) as f64);
    format!(
        "what more than {:.0} % of them bring about is met with 95 % certainty (--sweep tries all)",
        share * 100.0
    )
}

/// Some values from all over a list.
fn spread(values: &[String], count: usize) -> Vec<&String> {
    let count = count.min(values.len());
    (0..count)
        .filter_map(|at| values.get((at * values.len()).checked_div(count)?))
        .collect()
}

/// Variables that other factors set, or that a run cannot do without.
fn is_covered(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let set = [
        "lang", "tz", "home", "user", "logname", "shell", "term", "ci", "path", "pwd",
    ];
    let parts = [
        "proxy",
        "_url",
        "api_key",
        "token",
        "term_program",
        "lc_",
        "hostname",
    ];
    set.contains(&name.as_str()) || parts.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use assay_observe::KINDS;

    use super::{certainty, sampled, spread};

    #[test]
    fn every_source_of_a_factor_is_a_behaviour() {
        for kind in KINDS {
            for source in kind.sources {
                assert!(assay_analyze::behaviour(source).is_some(), "{source}");
            }
        }
    }

    #[test]
    fn samples_come_from_all_over() {
        let all: Vec<String> = (0..9).map(|n| n.to_string()).collect();
        assert_eq!(spread(&all, 3), ["0", "3", "6"]);
        assert_eq!(spread(&all, 99).len(), 9);
        assert_eq!(sampled(&all, &[], 1), ["0"]);
        assert!(certainty(3).contains("63 %"));
    }

    #[test]
    fn what_lists_have_in_common_and_each_has_alone_is_sampled() {
        let hosts = [
            "a.example",
            "b.example",
            "c.example",
            "d.example",
            "x-oak.example",
        ];
        let lists = [
            hosts.map(str::to_owned).to_vec(),
            vec!["oak".to_owned() + "wood", "x-oak".to_owned()],
        ];
        let values: Vec<String> = lists
            .iter()
            .flatten()
            .map(|text| {
                if text.contains('.') {
                    format!("http://api.{text}")
                } else {
                    format!("http://api.{text}.test")
                }
            })
            .collect();
        let taken = sampled(&values, &lists, 8);
        // Three from all over, one of both lists, one of the second alone.
        assert!(
            taken.contains(&"http://api.x-oak.example".to_owned()),
            "{taken:?}"
        );
        assert!(
            taken.iter().any(|value| value.ends_with(".test")),
            "{taken:?}"
        );
        assert!(taken.len() <= 5, "{taken:?}");
        assert_eq!(sampled(&values, &lists, 2).len(), 2);
    }
}
