//! What a tool's environment changes in what it does.
//!
//! 1. The plain host is run several times, to learn what differs by itself.
//! 2. *Sifting*: factors of which there are many are set in groups, and those
//!    that change what nobody may see join the others.
//! 3. *Screening*: each level of each factor once. One that takes the tool
//!    another way (no request to a model arrives) is set apart.
//! 4. *Discovery*: a covering array of the other levels.
//! 5. *Isolation*: what differs beyond the noise is reduced to the smallest
//!    set of levels that brings it about.
//! 6. *Confirmation*: fresh runs in random order with these levels, without
//!    them, and with matched controls in place of them; an exact test, with
//!    regard to how many there are.
//!
//! Nothing is masked by a pattern.

mod array;
mod compare;
mod exact;
mod grade;
mod json;
mod sift;
pub(crate) mod view;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use assay_model::{Apart, Control, ControlOutcome, Effect, Experiment, Grade, Varied};

use sha2::{Digest, Sha256};

use array::{Random, Row, array};
use compare::{Kind, Part, parts, varying};
use exact::{fisher, holm};
use grade::{Taken, grade};
pub use view::View;
use view::{ITEMS, ORDER, What};

/// Factors with what they are set to; those that are not there are as on the
/// plain host.
pub type Levels = BTreeMap<String, String>;

/// One thing that is varied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its name: `tz`, `base-url`, `env:NAME`.
    pub name: String,
    /// What it is on the plain host.
    pub plain: String,
    /// What it is set to.
    pub levels: Vec<Level>,
    /// Whether it is tried by itself only.
    pub alone: bool,
    /// Whether it is what servers answer.
    pub server: bool,
}

/// What a factor is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The value.
    pub value: String,
    /// Another value of the same form, that nobody has a reason to look for.
    pub control: Option<String>,
    /// Where the value comes from, in words.
    pub from: String,
}

/// What is run, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Design {
    /// What is varied.
    pub factors: Vec<Factor>,
    /// Factors of which there are too many for runs of their own: the first
    /// level of each is tried, in groups.
    pub many: Vec<Factor>,
    /// Levels that are tried together first.
    pub linked: Vec<Levels>,
    /// How many factors stand together in every combination: 2 or 3.
    pub strength: usize,
    /// How often the plain host is run.
    pub plain: usize,
    /// How often each set of levels is confirmed, at least.
    pub confirm: usize,
    /// The most rows of the covering array.
    pub rows: usize,
    /// The most runs of all.
    pub runs: usize,
    /// Whether runs are done one at a time, so that waits can be compared.
    pub timed: bool,
}

impl Design {
    fn factor(&self, name: &str) -> Option<&Factor> {
        let mut all = self.factors.iter().chain(&self.many);
        all.find(|factor| factor.name == name)
    }
}

impl Default for Design {
    fn default() -> Self {
        Self {
            factors: Vec::new(),
            many: Vec::new(),
            linked: Vec::new(),
            strength: 2,
            plain: 5,
            confirm: 7,
            rows: 60,
            runs: 600,
            timed: true,
        }
    }
}

/// How often a set is run at most before what it shows in a share of runs is
/// taken for absent.
const TRIES: usize = 8;
/// How many covering arrays are run at most.
const ARRAYS: u64 = 4;
/// How often in a row a part comes again before it is taken to come always.
const SAME: usize = 2;
/// How often the controls are run.
const CONTROLS: usize = 3;
/// How often a set is run at most where an effect shows in a share of runs.
const MOST: usize = 24;
/// How many sets are run more often that showed nothing when they were
/// confirmed.
const ABSENT: usize = 4;
/// From which probability on an effect is not told as one.
const SURE: f64 = 0.05;
/// How many levels are no longer few: sets of fewer are reduced first.
const FEW: usize = 3;
/// One of so many runs that are left is kept to confirm what is found.
const RESERVE: usize = 3;
/// How often the plain host is run again before what shows in a share of runs
/// is reduced: most of that is noise.
const QUIET: usize = 8;
/// For how many causes each a group of differences is reduced.
const CAUSES: usize = 12;
/// How much of a line is kept, in characters.
const LINE: usize = 300;

/// Runs the tool on each of some hosts, and gives what each run showed.
pub type Run<'r, E> = dyn FnMut(&[Levels]) -> Result<Vec<View>, E> + 'r;

/// Runs the experiment.
///
/// # Errors
/// As `run`.
pub fn experiment<E>(
    design: &Design,
    run: &mut Run<'_, E>,
) -> Result<(Vec<Effect>, Experiment), E> {
    let mut told = Experiment {
        strength: design.strength,
        factors: design.factors.iter().map(varied).collect(),
        ..Experiment::default()
    };
    let mut left = design.runs;
    let mut effects = stage(design, &Levels::new(), &mut left, run, &mut told)?;
    // What takes the tool another way has an experiment of its own there.
    for apart in told.apart.clone() {
        if !apart.asks_a_model {
            continue;
        }
        let mut own = design.clone();
        own.factors
            .retain(|factor| !apart.factors.contains_key(&factor.name));
        own.many.clear();
        own.linked.clear();
        if own.factors.is_empty() {
            continue;
        }
        let mut inner = Experiment::default();
        effects.extend(stage(&own, &apart.factors, &mut left, run, &mut inner)?);
        told.rows = told.rows.saturating_add(inner.rows);
        told.unsettled = told.unsettled.saturating_add(inner.unsettled);
        told.open = told.open.saturating_add(inner.open);
        told.limits.extend(inner.limits);
    }
    effects.sort_by(|a, b| (a.grade, &a.field, &a.factors).cmp(&(b.grade, &b.field, &b.factors)));
    Ok((joined(effects), told))
}

/// A factor as an experiment tells it.
#[must_use]
pub fn varied(factor: &Factor) -> Varied {
    let levels = factor.levels.iter();
    Varied {
        name: factor.name.clone(),
        plain: factor.plain.clone(),
        levels: levels
            .map(|level| (level.value.clone(), level.from.clone()))
            .collect(),
    }
}

/// How much of a text is put in another way, in characters of both wordings,
/// before the rest of it is taken to follow from that.
const REWORDED: usize = 200;

/// Joins what several values of the same factors bring about alike.
fn joined(effects: Vec<Effect>) -> Vec<Effect> {
    let mut out: Vec<Effect> = Vec::new();
    for effect in effects {
        let same = out.iter_mut().find(|known| {
            known.factors.keys().eq(effect.factors.keys())
                && (known.grade, &known.field) == (effect.grade, &effect.field)
                && (&known.before, &known.after) == (&effect.before, &effect.after)
        });
        match same {
            Some(known) => known.others.push(effect.factors),
            None => out.push(effect),
        }
    }
    out
}

/// Whether a run shows an effect beside plain ones.
#[must_use]
pub fn shows(plain: &[View], changed: &View, effect: &Effect) -> bool {
    parts(plain, changed, true).iter().any(|part| {
        (&part.field, &part.before, &part.after) == (&effect.field, &effect.before, &effect.after)
    })
}

/// The runs of one experiment, each with what it was run on.
struct Runs<'r, 'e, E> {
    run: &'r mut Run<'e, E>,
    /// What all of them have besides.
    fixed: &'r Levels,
    plain: Vec<View>,
    /// The kinds of requests that every plain run makes.
    expected: BTreeSet<String>,
    timed: bool,
    seen: Vec<(Levels, Vec<Part>)>,
    /// Sets of which some run counts for nothing.
    strays: BTreeSet<Levels>,
    /// Limits that runs reached, with how many did.
    limits: BTreeMap<String, usize>,
    left: &'r mut usize,
    /// How many of those that are left are for what comes later.
    kept: usize,
}

impl<E> Runs<'_, '_, E> {
    /// How many runs may be done now.
    fn may(&self) -> usize {
        self.left.saturating_sub(self.kept)
    }

    fn views(&mut self, sets: &[Levels]) -> Result<Vec<View>, E> {
        let sets = sets.get(..self.may().min(sets.len())).unwrap_or_default();
        *self.left = self.left.saturating_sub(sets.len());
        let whole: Vec<Levels> = sets
            .iter()
            .map(|set| {
                let mut all = self.fixed.clone();
                all.extend(set.clone());
                all
            })
            .collect();
        let views = (self.run)(&whole)?;
        for limit in views.iter().flat_map(|view| &view.limits) {
            *self.limits.entry(limit.clone()).or_default() += 1;
        }
        Ok(views)
    }

    /// Runs sets, and keeps in what each differs. A run that the expected
    /// requests did not come from counts for nothing.
    fn differences(&mut self, sets: &[Levels]) -> Result<Vec<(View, Vec<Part>)>, E> {
        let views = self.views(sets)?;
        let mut out = Vec::new();
        for (set, view) in sets.iter().zip(views) {
            let found = if self.expected.is_subset(&view.models) {
                parts(&self.plain, &view, self.timed)
            } else {
                self.strays.insert(set.clone());
                Vec::new()
            };
            self.seen.push((set.clone(), found.clone()));
            out.push((view, found));
        }
        Ok(out)
    }

    /// In how many runs of a set a part was seen, of how many: of those from
    /// a number on.
    fn counted(&self, from: usize, set: &Levels, part: &Part) -> (usize, usize) {
        let runs = self.seen.iter().skip(from);
        share(runs.filter(|(known, _)| known == set), part)
    }

    /// Whether two parts were seen in the very same runs of all that were made.
    fn together(&self, one: &Part, other: &Part) -> bool {
        let has = |parts: &[Part], part: &Part| parts.iter().any(|known| known.same_as(part));
        self.seen
            .iter()
            .all(|(_, parts)| has(parts, one) == has(parts, other))
    }

    /// Whether a set brings a part about: seen in one run, or in none of so
    /// many.
    fn brings(&mut self, set: &Levels, part: &Part, tries: usize) -> Result<bool, E> {
        if set.is_empty() {
            return Ok(false);
        }
        loop {
            let (hits, all) = self.counted(0, set, part);
            if hits > 0 || all >= tries || self.may() == 0 {
                return Ok(hits > 0);
            }
            self.differences(std::slice::from_ref(set))?;
        }
    }
}

fn stage<E>(
    design: &Design,
    fixed: &Levels,
    left: &mut usize,
    run: &mut Run<'_, E>,
    told: &mut Experiment,
) -> Result<Vec<Effect>, E> {
    let mut runs = Runs {
        run,
        fixed,
        plain: Vec::new(),
        expected: BTreeSet::new(),
        timed: design.timed,
        seen: Vec::new(),
        strays: BTreeSet::new(),
        limits: BTreeMap::new(),
        left,
        kept: 0,
    };
    runs.plain = runs.views(&vec![Levels::new(); design.plain])?;
    told.varying = varying(&runs.plain);
    let mut models = runs.plain.iter().map(|view| view.models.clone());
    let first = models.next().unwrap_or_default();
    runs.expected = models.fold(first, |all, more| &all & &more);
    let mut design = design.clone();
    let joined = sift::sifted(&design, &mut runs, told)?;
    told.factors.extend(joined.iter().map(varied));
    design.factors.extend(joined);
    let design = &design;
    let factors = screened(design, &mut runs, told)?;
    discovered(design, factors, &mut runs, told)?;
    let found = isolated(design, &mut runs, told)?;
    let effects = confirmed(design, found, &mut runs, told);
    let limits = runs.limits.iter().take(NAMED);
    told.limits
        .extend(limits.map(|(limit, count)| format!("runs in which {limit}: {count}")));
    effects
}

/// Runs each level alone, and sets those apart that take another way. Gives
/// the factors with the levels that are left.
fn screened<E>(
    design: &Design,
    runs: &mut Runs<'_, '_, E>,
    told: &mut Experiment,
) -> Result<Vec<Factor>, E> {
    let singles: Vec<Levels> = design
        .factors
        .iter()
        .flat_map(|factor| {
            let one = |level: &Level| Levels::from([(factor.name.clone(), level.value.clone())]);
            factor.levels.iter().map(one)
        })
        .collect();
    let found = runs.differences(&singles)?;
    if found.len() < singles.len() {
        limit(told);
    }
    let mut strays = BTreeSet::new();
    for (set, (view, _)) in singles.iter().zip(found) {
        if !runs.expected.is_subset(&view.models) {
            strays.insert(set.clone());
            told.apart.push(apart(runs.fixed, set, &view));
        }
    }
    let mut factors = design.factors.clone();
    for factor in &mut factors {
        let name = factor.name.clone();
        let alone = |level: &Level| Levels::from([(name.clone(), level.value.clone())]);
        factor
            .levels
            .retain(|level| !strays.contains(&alone(level)));
    }
    factors.retain(|factor| !factor.levels.is_empty());
    Ok(factors)
}

/// Levels under which the tool took another way.
fn apart(fixed: &Levels, set: &Levels, view: &View) -> Apart {
    let levels = fixed.iter().chain(set);
    Apart {
        factors: levels.map(|(a, b)| (a.clone(), b.clone())).collect(),
        asks_a_model: !view.models.is_empty(),
        what: if view.models.is_empty() {
            let end = view
                .ended
                .map_or("did not end by itself".to_owned(), |status| {
                    format!("ended with status {status}")
                });
            format!("no request to a model arrived, and it {end}")
        } else {
            let kinds: Vec<&str> = view.models.iter().map(String::as_str).collect();
            format!("it asked in another way: {}", kinds.join(", "))
        },
    }
}

/// How many differences are named that nothing is known of.
const NAMED: usize = 8;

/// Names a difference of which nothing is known.
fn left_open(told: &mut Experiment, what: &str, part: &Part) {
    let start = "a difference that nobody may see was ";
    let line = format!(
        "{start}{what}: {:?} became {:?} in {}",
        clip(&part.before),
        clip(&part.after),
        part.field
    );
    let known = told.limits.iter().filter(|limit| limit.starts_with(start));
    if known.count() < NAMED && !told.limits.contains(&line) {
        told.limits.push(line);
    }
}

/// The beginning of a text.
fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

fn limit(told: &mut Experiment) {
    let what = "the most runs were done: what is left was not tried".to_owned();
    if !told.limits.contains(&what) {
        told.limits.push(what);
    }
}

/// Runs a covering array, and others while they are a small part of all runs:
/// what shows in a share of runs is seldom met by one.
fn discovered<E>(
    design: &Design,
    factors: Vec<Factor>,
    runs: &mut Runs<'_, '_, E>,
    told: &mut Experiment,
) -> Result<(), E> {
    let factors: Vec<Factor> = factors.into_iter().filter(|factor| !factor.alone).collect();
    if factors.len() < 2 {
        return Ok(());
    }
    let counts: Vec<usize> = factors
        .iter()
        .map(|factor| factor.levels.len() + 1)
        .collect();
    let row_of = |levels: &Levels| -> Row {
        let of = |factor: &Factor| {
            let value = levels.get(&factor.name);
            let at = factor
                .levels
                .iter()
                .position(|level| Some(&level.value) == value);
            at.map_or(0, |at| at + 1)
        };
        factors.iter().map(of).collect()
    };
    let first: Vec<Row> = design.linked.iter().map(row_of).collect();
    let set = |row: &Row| -> Levels {
        let levels = row.iter().zip(&factors).filter_map(|(level, factor)| {
            let level = factor.levels.get(level.checked_sub(1)?)?;
            Some((factor.name.clone(), level.value.clone()))
        });
        levels.collect()
    };
    let mut done = 0;
    for number in 0..ARRAYS {
        let (rows, open, all) = array(&counts, design.strength, &first, design.rows, number);
        let sets: Vec<Levels> = rows.iter().map(set).filter(|set| set.len() > 1).collect();
        let is_first = number == 0;
        let most = design.runs / if number < 2 { 4 } else { 8 };
        if !is_first && done + sets.len() > most {
            break;
        }
        told.rows = told.rows.saturating_add(sets.len());
        let run = runs.differences(&sets)?.len();
        done += run;
        if is_first {
            told.combinations = told.combinations.saturating_add(all);
        }
        // Where the runs end before the rows, nobody counts what is left.
        if run < sets.len() {
            limit(told);
            told.limits.push(format!(
                "{run} of {} runs of combinations were done",
                sets.len()
            ));
            break;
        } else if is_first {
            told.covered = told.covered.saturating_add(all.saturating_sub(open));
        }
    }
    Ok(())
}

/// What is reduced first: the less of a difference a person sees, the sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// What looks the same.
    Alike,
    /// What changes its form only, in what is said to a model.
    Form,
    /// Another order or number of the same there, which also comes by chance.
    Arranged,
    /// Either in what is said to others, which is seldom the same twice.
    Aside,
    /// What anybody sees.
    Open,
}

impl Turn {
    /// Of what was seen on a host with some factors set; what follows from one
    /// of them anybody expects. `models` are the kinds of requests to models.
    fn of(part: &Part, factors: &[Taken<'_>], models: &BTreeSet<String>) -> Self {
        let close = |outcome| grade(part, factors, &[outcome]).1 == Grade::Concealed;
        let to_model = || models.iter().any(|kind| part.field.contains(kind.as_str()));
        match part.kind {
            _ if close(ControlOutcome::Same) => Self::Alike,
            _ if !close(ControlOutcome::Unchanged) => Self::Open,
            _ if !to_model() => Self::Aside,
            Kind::Text => Self::Form,
            _ => Self::Arranged,
        }
    }

    /// How often a set is run to see whether a part comes again.
    fn patience(self) -> usize {
        match self {
            Self::Alike | Self::Form | Self::Arranged => 6,
            Self::Aside => 3,
            Self::Open => SAME,
        }
    }

    /// Of how many runs the reduction may make one, beside those of others.
    fn share(self) -> usize {
        match self {
            Self::Alike | Self::Form => 5,
            Self::Arranged => 12,
            Self::Aside | Self::Open => 20,
        }
    }
}

/// The factors of a set, with what they are on the plain host.
fn taken<'t>(design: &'t Design, set: &'t Levels) -> Vec<Taken<'t>> {
    set.iter()
        .map(|(name, value)| {
            let factor = design.factor(name);
            Taken {
                name,
                value,
                plain: factor.map_or("", |factor| &factor.plain),
                told: factor.is_some_and(|factor| factor.alone || factor.server),
            }
        })
        .collect()
}

/// Reduces what was seen to the smallest sets of levels that bring it about.
/// What was seen in the very same runs has the same cause: one part of it is
/// reduced for all. What a person sees least comes first, and each kind has a
/// share of the runs that are left.
fn isolated<E>(
    design: &Design,
    runs: &mut Runs<'_, '_, E>,
    told: &mut Experiment,
) -> Result<Vec<(Levels, Part)>, E> {
    type Key = (String, Kind, String, String);
    type Group = ((Turn, usize), Vec<usize>, Vec<Part>);
    let mut seen: BTreeMap<Key, (Part, Vec<usize>)> = BTreeMap::new();
    for (at, (_, parts)) in runs.seen.iter().enumerate() {
        for part in parts {
            let (field, before) = (part.field.clone(), part.before.clone());
            let key = (field, part.kind, before, part.after.clone());
            let entry = seen
                .entry(key)
                .or_insert_with(|| (part.clone(), Vec::new()));
            if entry.1.last() != Some(&at) {
                entry.1.push(at);
            }
        }
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<Part>> = BTreeMap::new();
    for (part, at) in seen.into_values() {
        groups.entry(at).or_default().push(part);
    }
    let mut groups: Vec<Group> = groups
        .into_iter()
        .filter_map(|(at, mut parts)| {
            let sets = at.iter().filter_map(|at| runs.seen.get(*at));
            let (least, _) = sets.min_by_key(|(set, _)| set.len())?;
            let factors = taken(design, least);
            let turn = |part: &Part| Turn::of(part, &factors, &runs.expected);
            parts.sort_by_key(turn);
            // What few levels bring about is reduced in few runs.
            let first = (turn(parts.first()?), least.len().min(FEW));
            Some((first, at, parts))
        })
        .collect();
    groups.sort_by_key(|(first, at, _)| (*first, usize::MAX - at.len()));
    let mut found: Vec<(Levels, Part)> = Vec::new();
    let most = *runs.left;
    // What is found is worth nothing where no run is left to confirm it.
    let reserve = most / RESERVE;
    for turns in groups.chunk_by(|one, other| one.0.0 == other.0.0) {
        let Some(((turn, _), ..)) = turns.first() else {
            continue;
        };
        let begun = *runs.left;
        // One reduction may reach beyond the share, and not far.
        let share = most / turn.share();
        runs.kept = reserve.max(begun.saturating_sub(share + share / 2));
        let mut waiting: VecDeque<(usize, Vec<Levels>, &[Part])> = turns
            .iter()
            .map(|(_, at, parts)| {
                let sets = at.iter().filter_map(|at| runs.seen.get(*at));
                let sets = sets.map(|(set, _)| set.clone());
                (0, sets.filter(|set| !set.is_empty()).collect(), &parts[..])
            })
            .collect();
        // Several levels may bring about the same, each by itself: one cause of
        // each comes before the second of any.
        while let Some((causes, mut left, parts)) = waiting.pop_front() {
            left.sort_by_key(BTreeMap::len);
            let (Some(set), Some(part)) = (left.first().cloned(), parts.first()) else {
                continue;
            };
            // What a single level showed is confirmed or not soon enough.
            let alone = *turn == Turn::Open && set.len() == 1;
            let used = begun.saturating_sub(*runs.left);
            if !alone && (used >= share || runs.may() == 0) {
                limit(told);
                if *turn != Turn::Open && causes == 0 {
                    told.open += parts.len();
                    left_open(told, "neither confirmed nor ruled out", part);
                }
                continue;
            }
            let least = if alone {
                set
            } else {
                match cause(runs, &left, &set, part, *turn)? {
                    Some(least) => least,
                    None => {
                        told.unsettled = told.unsettled.saturating_add(parts.len());
                        // What the plain host shows too is no difference.
                        let noise = runs.counted(0, &Levels::new(), part).0 > 0;
                        if *turn < Turn::Aside && !noise {
                            left_open(told, "seen, and not again", part);
                        }
                        continue;
                    }
                }
            };
            left.retain(|set| !has(set, &least));
            found.extend(parts.iter().map(|part| (least.clone(), part.clone())));
            if causes + 1 < CAUSES {
                waiting.push_back((causes + 1, left, parts));
            }
        }
    }
    runs.kept = 0;
    Ok(found)
}

/// The smallest set of levels that brings about what was seen on `set`, if it
/// comes again. `all` are the sets it was seen on.
fn cause<E>(
    runs: &mut Runs<'_, '_, E>,
    all: &[Levels],
    set: &Levels,
    part: &Part,
    turn: Turn,
) -> Result<Option<Levels>, E> {
    let mut common = set.clone();
    for other in all {
        common.retain(|name, value| other.get(name) == Some(value));
    }
    let with = runs.seen.iter().filter(|(set, _)| has(set, &common));
    let (hits, met) = share(with, part);
    let always = !common.is_empty() && met > 1 && hits == met;
    let tries = if always {
        1
    } else {
        match tries(runs, set, part, turn)? {
            Some(tries) => tries,
            None => return Ok(None),
        }
    };
    if let Some(least) = reduced(runs, &common, part, tries)? {
        return Ok(Some(least));
    }
    // What the runs have in common may be so by chance.
    Ok(Some(
        reduced(runs, set, part, tries)?.unwrap_or_else(|| set.clone()),
    ))
}

/// How often a set must be run before a part is taken for absent from it, by
/// how often it comes on one that has it; nothing where it does not come
/// again, as noise does not.
fn tries<E>(
    runs: &mut Runs<'_, '_, E>,
    set: &Levels,
    part: &Part,
    turn: Turn,
) -> Result<Option<usize>, E> {
    let before = runs.counted(0, set, part);
    for _ in 0..turn.patience() {
        runs.differences(std::slice::from_ref(set))?;
        let (hits, all) = runs.counted(0, set, part);
        let (hits, all) = (hits - before.0, all - before.1);
        if hits == all && all >= SAME {
            return Ok(Some(1));
        }
    }
    let (hits, all) = runs.counted(0, set, part);
    if hits == before.0 {
        return Ok(None);
    }
    // These runs tell of all that shows in a share of runs.
    let plain = Levels::new();
    let done = runs.seen.iter().filter(|(set, _)| set.is_empty()).count();
    runs.differences(&vec![plain.clone(); QUIET.saturating_sub(done)])?;
    if runs.counted(0, &plain, part).0 > 0 {
        return Ok(None);
    }
    // (1 - rate)^tries = 0.05
    let rate = (hits as f64 / all as f64).min(0.99);
    let tries = (0.05_f64.ln() / (1.0 - rate).ln()).ceil();
    Ok(Some((tries as usize).clamp(1, TRIES)))
}

/// In how many of some runs a part was seen, of how many.
fn share<'r>(runs: impl Iterator<Item = &'r (Levels, Vec<Part>)>, part: &Part) -> (usize, usize) {
    let (mut hits, mut all) = (0, 0);
    for (_, parts) in runs {
        all += 1;
        hits += usize::from(parts.iter().any(|known| known.same_as(part)));
    }
    (hits, all)
}

/// Whether a host has all of some levels.
fn has(set: &Levels, levels: &Levels) -> bool {
    levels
        .iter()
        .all(|(name, value)| set.get(name) == Some(value))
}

/// The smallest set, if the set brings it about: delta debugging (Zeller and
/// Hildebrandt, IEEE Trans. Softw. Eng. 28(2), 2002). Single levels come first
/// where one run of each tells, since all of them were run.
fn reduced<E>(
    runs: &mut Runs<'_, '_, E>,
    set: &Levels,
    part: &Part,
    tries: usize,
) -> Result<Option<Levels>, E> {
    for (name, value) in set {
        let one = Levels::from([(name.clone(), value.clone())]);
        if runs.brings(&one, part, 1)? {
            return Ok(Some(one));
        }
    }
    if !runs.brings(set, part, tries)? {
        return Ok(None);
    }
    let mut least: Vec<(String, String)> = set.clone().into_iter().collect();
    let mut pieces = 2;
    // A single level of two was not seen to do it where it always does.
    let few = if tries > 1 { 1 } else { 2 };
    while least.len() > few {
        let size = least.len().div_ceil(pieces).max(1);
        let chunks: Vec<Vec<(String, String)>> = least
            .chunks(size)
            .map(<[(String, String)]>::to_vec)
            .collect();
        let mut smaller = None;
        for chunk in &chunks {
            let rest: Levels = least
                .iter()
                .filter(|level| !chunk.contains(level))
                .cloned()
                .collect();
            let chunk: Levels = chunk.iter().cloned().collect();
            for try_one in [chunk, rest] {
                if (few..least.len()).contains(&try_one.len())
                    && runs.brings(&try_one, part, tries)?
                {
                    smaller = Some(try_one);
                    break;
                }
            }
            if smaller.is_some() {
                break;
            }
        }
        match smaller {
            Some(set) => {
                least = set.into_iter().collect();
                pieces = 2;
            }
            None if size == 1 => break,
            None => pieces = (pieces * 2).min(least.len()),
        }
    }
    Ok(Some(least.into_iter().collect()))
}

/// Runs again, in random order, what was found.
fn confirmed<E>(
    design: &Design,
    found: Vec<(Levels, Part)>,
    runs: &mut Runs<'_, '_, E>,
    told: &mut Experiment,
) -> Result<Vec<Effect>, E> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    // The same change in several fields is one candidate.
    let mut merged: Vec<(Levels, Part, Vec<Part>)> = Vec::new();
    for (set, part) in found {
        let same = merged.iter_mut().find(|(known, other, _)| {
            *known == set
                && other.kind == part.kind
                && other.before == part.before
                && other.after == part.after
        });
        match same {
            Some((_, _, more)) => more.push(part),
            None => merged.push((set, part, Vec::new())),
        }
    }
    // As many as it takes for a change that is always there to stand out of
    // so many candidates.
    let mut times = design.confirm;
    while times < MOST && fisher(times, times, 0, times) * merged.len() as f64 > SURE / 5.0 {
        times += 1;
    }
    // What a person sees least first, as far as the runs reach.
    let mut ordered: Vec<(Turn, &Levels)> = merged
        .iter()
        .map(|(set, part, also)| {
            let factors = taken(design, set);
            let turns = also
                .iter()
                .map(|part| Turn::of(part, &factors, &runs.expected));
            let first = Turn::of(part, &factors, &runs.expected);
            (turns.fold(first, Turn::min), set)
        })
        .filter(|(turn, _)| *turn != Turn::Open)
        .collect();
    ordered.sort();
    let mut plan: Vec<Levels> = vec![Levels::new(); times];
    // What anybody sees does not hang on what its controls do.
    let mut controls: BTreeMap<Levels, Vec<(String, String, Levels)>> = BTreeMap::new();
    for (_, set) in ordered {
        let matched = matched(design, set);
        let needed = times + matched.len() * CONTROLS;
        if controls.contains_key(set) {
            continue;
        }
        if plan.len() + needed > *runs.left {
            told.open += 1;
            if let Some((_, part, _)) = merged.iter().find(|(known, _, _)| known == set) {
                left_open(told, "neither confirmed nor ruled out", part);
            }
            limit(told);
            continue;
        }
        plan.extend(vec![set.clone(); times]);
        for (_, _, control) in &matched {
            plan.extend(vec![control.clone(); CONTROLS]);
        }
        controls.insert(set.clone(), matched);
    }
    let close: BTreeSet<Levels> = controls.keys().cloned().collect();
    let room = runs.left.saturating_sub(plan.len()) / times;
    let open = worthwhile(&merged, &close, room);
    for set in &open {
        plan.extend(vec![set.clone(); times]);
    }
    let before = merged.len();
    merged.retain(|(set, _, _)| close.contains(set) || open.contains(set));
    let more = before.saturating_sub(merged.len());
    if more > 0 {
        told.limits.push(format!(
            "not confirmed, for want of runs or because other values of the same factors bring about the like: {more} of the differences that were seen"
        ));
    }
    Random(0x0005_deec_e66d_1234).shuffle(&mut plan);
    let start = runs.seen.len();
    if runs.differences(&plan)?.len() < plan.len() {
        limit(told);
    }
    // What shows in a share of runs needs more of them.
    let mut rare: BTreeSet<Levels> = BTreeSet::new();
    let mut absent: BTreeSet<Levels> = BTreeSet::new();
    for (set, part, _) in &merged {
        let (hits, all) = runs.counted(start, set, part);
        if hits < all && fisher(hits, all, 0, all) > SURE / merged.len() as f64 {
            if hits > 0 { &mut rare } else { &mut absent }.insert(set.clone());
        }
    }
    // What came twice before and not at all now is rare, or chance.
    rare.extend(absent.into_iter().take(ABSENT));
    if !rare.is_empty() {
        let more = MOST.saturating_sub(times);
        let mut plan = vec![Levels::new(); more];
        for set in &rare {
            plan.extend(vec![set.clone(); more]);
        }
        Random(0x0005_deec_e66d_4321).shuffle(&mut plan);
        runs.differences(&plan)?;
    }
    let shared = merged.iter().filter(|(set, part, _)| {
        let (hits, all) = runs.counted(start, set, part);
        (1..all).contains(&hits) && controls.contains_key(set) && set.len() > 1
    });
    let shared: BTreeSet<Levels> = shared.map(|(set, _, _)| set.clone()).collect();
    for set in shared.iter().take(ABSENT) {
        lessened(design, set, start, &mut merged, &mut controls, runs)?;
    }
    let none = Levels::new();
    let tests: Vec<f64> = merged
        .iter()
        .map(|(set, part, _)| {
            let ((seen, all), (plain_seen, plain_all)) = (
                runs.counted(start, set, part),
                runs.counted(start, &none, part),
            );
            if seen * plain_all <= plain_seen * all {
                return 1.0;
            }
            fisher(seen, all, plain_seen, plain_all)
        })
        .collect();
    let adjusted = holm(&tests);
    let sure = merged.iter().zip(&adjusted).filter(|(_, p)| **p <= SURE);
    let built: BTreeSet<(Levels, String)> = sure
        .flat_map(|((set, part, also), _)| {
            let parts = also.iter().chain([part]).filter(|part| is_structure(part));
            let places = parts.flat_map(|part| places(&part.field));
            places.map(|place| (set.clone(), place.to_owned()))
        })
        .collect();
    // What openly says something else, by what it stands in. An order is no
    // field beside the others: it tells of the same.
    let mut open: BTreeMap<(Levels, String), BTreeSet<String>> = BTreeMap::new();
    for ((set, part, also), p) in merged.iter().zip(&adjusted) {
        let factors = taken(design, set);
        for part in also.iter().chain([part]).filter(|_| *p <= SURE) {
            let field = part.kind == Kind::Text && !part.field.ends_with(ORDER);
            if field && grade(part, &factors, &[]).1 == Grade::Visible {
                let within = (set.clone(), parent(&part.field).to_owned());
                open.entry(within).or_default().insert(part.field.clone());
            }
        }
    }
    // Texts that are put in another way altogether, by their field.
    let mut reworded: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for ((set, part, also), p) in merged.iter().zip(&adjusted) {
        let factors = taken(design, set);
        for part in also.iter().chain([part]).filter(|_| *p <= SURE) {
            let is_text = part.kind == Kind::Text && !part.field.ends_with(ORDER);
            if is_text && grade(part, &factors, &[]).1 == Grade::Visible {
                let known = reworded.entry(part.field.clone()).or_default();
                known.push(part.clone());
            }
        }
    }
    // Of which more or fewer are sent: the one of a number is another there.
    let counted: BTreeSet<(Levels, String)> = merged
        .iter()
        .zip(&adjusted)
        .filter(|(_, p)| **p <= SURE)
        .flat_map(|((set, part, also), _)| {
            let counts = also.iter().chain([part]);
            let counts = counts.filter(|part| part.kind == Kind::Count);
            counts.map(|part| {
                let [kind, _] = places(&part.field);
                (set.clone(), kind.to_owned())
            })
        })
        .collect();
    let aligned: BTreeSet<(Levels, String)> = merged
        .iter()
        .flat_map(|(set, part, also)| {
            let parts = also.iter().chain([part]).filter(|part| is_wider(part));
            parts.map(|part| (set.clone(), part.field.clone()))
        })
        .collect();
    let mut effects = Vec::new();
    for ((set, part, also), p) in merged.into_iter().zip(adjusted) {
        if p > SURE {
            told.unsettled = told.unsettled.saturating_add(1);
            if Turn::of(&part, &taken(design, &set), &runs.expected) < Turn::Aside {
                left_open(told, "not often enough to be told from chance", &part);
            }
            continue;
        }
        let ((seen, all), (plain_seen, plain_all)) = (
            runs.counted(start, &set, &part),
            runs.counted(start, &none, &part),
        );
        let outcomes: Vec<Control> = controls
            .get(&set)
            .into_iter()
            .flatten()
            .map(|(factor, value, control)| Control {
                factor: factor.clone(),
                value: value.clone(),
                outcome: outcome(runs, control, &part),
            })
            .collect();
        // How many there are of what openly comes and goes is no secret.
        let follows = |part: &Part| {
            let [kind, place] = places(&part.field);
            let place = if part.kind == Kind::Count {
                kind
            } else {
                place
            };
            // Fields beside one that openly says something else.
            let beside = || {
                let open = open.get(&(set.clone(), parent(&part.field).to_owned()));
                part.kind == Kind::Repeats
                    && open.is_some_and(|open| open.iter().any(|field| *field != part.field))
            };
            if part.kind == Kind::Wait {
                return counted.contains(&(set.clone(), kind.to_owned()));
            }
            part.kind != Kind::Text
                && (built.contains(&(set.clone(), place.to_owned())) || beside())
        };
        // Columns stay in line where a number beside them got another width.
        let pads =
            |part: &Part| is_padding(part) && aligned.contains(&(set.clone(), part.field.clone()));
        // A tool that takes another prompt for its task has other commas too:
        // what goes with a wording that anybody sees, run by run.
        let rewords = |part: &Part| {
            let open = reworded.get(&part.field).into_iter().flatten();
            let open = open.filter(|open| !open.same_as(part) && runs.together(part, open));
            let said = |open: &Part| {
                let texts = open.before.chars().chain(open.after.chars());
                texts.count()
            };
            part.kind == Kind::Text && open.map(said).sum::<usize>() >= REWORDED
        };
        let parts = || also.iter().chain([&part]);
        let follows = parts().all(follows) || parts().all(pads) || parts().all(rewords);
        let shared = seen < all;
        let told = effect(design, runs.fixed, &set, &part, &also, outcomes, shared);
        effects.push(Effect {
            grade: if follows {
                told.grade.max(Grade::Visible)
            } else {
                told.grade
            },
            seen,
            runs: all,
            plain_seen,
            plain_runs: plain_all,
            rate: seen as f64 / all.max(1) as f64,
            p,
            ..told
        });
    }
    Ok(effects)
}

/// Takes out of a set what was kept by chance: without it, what shows in a
/// share of runs only was not met when the set was reduced. What is left is
/// confirmed in place of the set.
fn lessened<E>(
    design: &Design,
    set: &Levels,
    start: usize,
    merged: &mut Vec<(Levels, Part, Vec<Part>)>,
    controls: &mut BTreeMap<Levels, Vec<(String, String, Levels)>>,
    runs: &mut Runs<'_, '_, E>,
) -> Result<(), E> {
    let seen = merged
        .iter()
        .enumerate()
        .filter(|(_, (known, _, _))| known == set)
        .map(|(at, (_, part, _))| (runs.counted(start, set, part), at))
        .filter(|((hits, all), _)| (1..*all).contains(hits))
        .max();
    let Some((_, at)) = seen else {
        return Ok(());
    };
    let Some((_, part, _)) = merged.get(at).cloned() else {
        return Ok(());
    };
    let mut least = set.clone();
    for name in set.keys() {
        let mut without = least.clone();
        without.remove(name);
        if runs.brings(&without, &part, MOST)? {
            least = without;
        }
    }
    if least.len() == set.len() {
        return Ok(());
    }
    let matched = matched(design, &least);
    let mut plan = vec![least.clone(); MOST];
    for (_, _, control) in &matched {
        plan.extend(vec![control.clone(); CONTROLS]);
    }
    Random(0x0005_deec_e66d_2143).shuffle(&mut plan);
    runs.differences(&plan)?;
    controls.insert(least.clone(), matched);
    let is_known = merged
        .iter()
        .any(|(known, other, _)| *known == least && other.same_as(&part));
    if is_known {
        merged.remove(at);
    } else if let Some((known, _, _)) = merged.get_mut(at) {
        *known = least;
    }
    Ok(())
}

/// Whether a number is another, of another width, or comes or goes, as some do
/// with a row of a table.
fn is_wider(part: &Part) -> bool {
    let (before, after) = (part.before.trim(), part.after.trim());
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let has_one = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
    part.kind == Kind::Text
        && match (before.is_empty(), after.is_empty()) {
            (true, false) => has_one(after),
            (false, true) => has_one(before),
            _ => number(before) && number(after) && before.len() != after.len(),
        }
}

/// Whether nothing but the number of spaces before a number is another, as in
/// a column of them.
fn is_padding(part: &Part) -> bool {
    let spaces = |text: &str| text.bytes().all(|b| b == b' ');
    let (before, after) = (part.line_before.as_bytes(), part.line_after.as_bytes());
    let same = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let mut rest = after.iter().skip(same).skip_while(|b| **b == b' ');
    part.kind == Kind::Text
        && spaces(&part.before)
        && spaces(&part.after)
        && before.get(same) != after.get(same)
        && rest.next().is_some_and(u8::is_ascii_digit)
}

/// Whether whole fields or lines come or go. How many items of the same kind
/// there are is no more than how often they stand there.
fn is_structure(part: &Part) -> bool {
    part.kind == Kind::Text
        && !part.field.ends_with(ITEMS)
        && (part.what == What::Order || part.before.is_empty() != part.after.is_empty())
}

/// The kind of request that a field is of, and that with its number and the
/// outermost part of its body.
fn places(field: &str) -> [&str; 2] {
    let start = ["how often ", "wait before "]
        .into_iter()
        .find_map(|start| field.strip_prefix(start));
    let field = start.unwrap_or(field);
    let mut at = 0;
    for word in field.split(' ') {
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            let kind = field.get(..at).unwrap_or(field).trim_end();
            let from = at + word.len();
            let rest = field.get(from..).unwrap_or_default();
            let slash = rest.match_indices('/').nth(1);
            let end = slash.map_or(field.len(), |(slash, _)| from + slash);
            return [kind, field.get(..end).unwrap_or(field)];
        }
        at += word.len() + 1;
    }
    [field, field]
}

/// What a field stands in, as far as it is named by a path.
fn parent(field: &str) -> &str {
    let end = field.rfind('/').map_or(0, |at| at.saturating_add(1));
    field.get(..end).unwrap_or_default()
}

/// Sets that bring about only what anybody sees, as many as there is room for:
/// one for the same factors and the same places, whatever their values are.
fn worthwhile(
    merged: &[(Levels, Part, Vec<Part>)],
    close: &BTreeSet<Levels>,
    room: usize,
) -> BTreeSet<Levels> {
    let mut sets = BTreeSet::new();
    let mut known: BTreeSet<(Vec<&String>, &String)> = BTreeSet::new();
    let mut told: BTreeSet<Vec<&String>> = BTreeSet::new();
    // Something of each factor before more of any.
    for first in [true, false] {
        for (set, part, also) in merged {
            if close.contains(set) {
                continue;
            }
            let names: Vec<&String> = set.keys().collect();
            let places = also.iter().chain([part]).map(|part| &part.field);
            let keys: Vec<_> = places.map(|place| (names.clone(), place)).collect();
            let new = match first {
                true => !told.contains(&names),
                false => keys.iter().any(|key| !known.contains(key)),
            };
            if sets.contains(set) || new && sets.len() < room {
                known.extend(keys);
                told.insert(names);
                sets.insert(set.clone());
            }
        }
    }
    sets
}

/// A set with each of its levels in turn replaced by its control.
fn matched(design: &Design, set: &Levels) -> Vec<(String, String, Levels)> {
    let mut out = Vec::new();
    for (name, value) in set {
        let control = design
            .factor(name)
            .into_iter()
            .flat_map(|factor| &factor.levels)
            .find(|level| level.value == *value)
            .and_then(|level| level.control.clone());
        if let Some(control) = control {
            let mut other = set.clone();
            other.insert(name.clone(), control.clone());
            out.push((name.clone(), control, other));
        }
    }
    out
}

fn outcome<E>(runs: &Runs<'_, '_, E>, control: &Levels, part: &Part) -> ControlOutcome {
    let of = runs.seen.iter().filter(|(set, _)| set == control);
    let any = |test: &dyn Fn(&Part) -> bool| of.clone().any(|(_, parts)| parts.iter().any(test));
    // One that takes the tool another way tells nothing of this one.
    if of.clone().count() == 0 || runs.strays.contains(control) {
        ControlOutcome::NotRun
    } else if any(&|other| other.same_as(part)) {
        ControlOutcome::Same
    } else if any(&|other| other.same_place(part)) {
        ControlOutcome::Other
    } else {
        ControlOutcome::Unchanged
    }
}

/// An effect without its figures; `shared` where it shows in some of the runs
/// only.
fn effect(
    design: &Design,
    fixed: &Levels,
    set: &Levels,
    part: &Part,
    also: &[Part],
    controls: Vec<Control>,
    shared: bool,
) -> Effect {
    let taken = taken(design, set);
    let outcomes: Vec<ControlOutcome> = controls
        .iter()
        .map(|control| control.outcome)
        // What comes and goes may hang on something else: there a control that
        // nobody ran is not as good as none that there could be.
        .filter(|outcome| shared || *outcome != ControlOutcome::NotRun)
        .collect();
    let graded = |part| {
        let (words, grade) = grade(part, &taken, &outcomes);
        (part, words, grade)
    };
    // The most telling of several fields is shown, unless it is the factor
    // itself in one of them.
    let (mut shown, mut words, mut grade) = graded(part);
    for other in also {
        let (part, said, more) = graded(other);
        if more < grade && grade != Grade::Expected {
            (shown, words, grade) = (part, said, more);
        }
    }
    let factors: BTreeMap<String, String> = fixed
        .iter()
        .chain(set)
        .map(|(a, b)| (a.clone(), b.clone()))
        .collect();
    Effect {
        id: id(&factors, shown),
        finding: None,
        factors,
        others: Vec::new(),
        field: shown.field.clone(),
        also: also.iter().map(|part| part.field.clone()).collect(),
        code_points: code_points(shown),
        difference: words.to_owned(),
        grade,
        seen: 0,
        runs: 0,
        plain_seen: 0,
        plain_runs: 0,
        rate: 0.0,
        p: 1.0,
        controls,
        line_before: excerpt(&shown.line_before),
        line_after: excerpt(&shown.shown),
        before: shown.before.clone(),
        after: shown.after.clone(),
    }
}

/// Made of what stays the same from one experiment to the next.
fn id(factors: &BTreeMap<String, String>, shown: &Part) -> String {
    let factors = factors
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let mut parts: Vec<String> = factors.collect();
    parts.extend([&shown.field, &shown.before, &shown.after].map(Clone::clone));
    let digest = hex::encode(Sha256::digest(parts.join("\0")));
    format!("effect-{}", digest.get(..12).unwrap_or_default())
}

fn excerpt(line: &str) -> String {
    line.trim().chars().take(LINE).collect()
}

fn code_points(part: &Part) -> Vec<String> {
    [&part.before, &part.after]
        .into_iter()
        .flat_map(|text| text.chars())
        .filter(|c| !c.is_ascii())
        .take(8)
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect()
}

#[cfg(test)]
mod tests;
