//! From marks, fingerprints and references to parts of a file.
//!
//! Third-party is only what names a package, holds mostly texts known from
//! one, lies between parts of one, or is referred to by third-party code
//! alone. First-party is what the bundler says is, what names the subject,
//! and what refers to that: libraries do not. All steps are linear in the
//! size of the graph, but for sorting.

use assay_model::Party;
use rustc_hash::FxHashMap;

use super::index::{Index, Known, feature, shipped};
use super::labels::{Label, is_version, of_banner, of_path};
use super::map::Mapped;
use super::{By, Part, Parties};
use crate::ir::{Ir, Key, NONE, Name, Op, Target, V};
use crate::js::{Border, MarkKind, Outline};

/// The largest file that is one module when it does not look like a bundle.
const SMALL: usize = 256 << 10;
/// From this many characters on a line is one of minified code.
const LONG_LINE: usize = 2000;
/// How many texts of a package a module has to hold.
const HITS: usize = 3;
/// The same for a single statement.
const HITS_ALONE: usize = 4;
/// And in a file in which nothing shows that a bundler made it: what lies by
/// itself in a package is most often its own.
const HITS_WHOLE: usize = 8;
/// How many of them have to be constants: names of methods are shared by
/// whoever implements an interface.
const CONSTANTS: usize = 2;
/// From this size on, in bytes, several statements are more than one file.
const MIXED: u64 = 48 << 10;
/// How many modules, and bytes, between two parts of a package are its.
const BETWEEN: (usize, usize) = (12, 24 << 10);

/// What is known of a file beside its text.
#[derive(Debug, Default)]
pub(crate) struct Told<'t> {
    /// Its path.
    pub(crate) path: &'t str,
    /// What its source map says.
    pub(crate) map: Option<Mapped>,
    /// The name of the package that is examined.
    pub(crate) subject: &'t str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Claim {
    party: Party,
    package: Option<u32>,
    by: By,
}

/// Whose the parts of a file are.
pub(crate) fn attribute(ir: &Ir<'_>, outline: &Outline, told: &Told<'_>) -> Parties {
    let mut work = Work {
        ir,
        outline,
        index: shipped(),
        subject: Subject::new(told.subject),
        claims: vec![None; outline.units.len()],
        packages: Vec::new(),
        numbers: FxHashMap::default(),
    };
    let inner = told.path.rsplit('!').next().unwrap_or(told.path);
    let own_source = told.path.contains(".map!");
    let whole = match of_path(inner.strip_prefix("package/").unwrap_or(inner)) {
        Label::Own if !own_source => None,
        label => work.claim_of(label, By::Path),
    };
    if let Some(claim) = whole {
        return work.one_part(claim);
    }
    let units = work.units_of_values();
    let regions = work.regions();
    work.marked(&regions, told.map.as_ref());
    work.manifests(&units);
    let texts = work.texts(&units);
    work.fingerprints(&regions, &texts);
    work.neighbours(&regions, &texts);
    let edges = work.edges(&units);
    work.own_names(&texts);
    work.upwards(&edges);
    work.downwards(&edges);
    let uncalled = work.uncalled(&edges);
    work.parts(&uncalled)
}

/// The name of what is examined, as it occurs in texts.
struct Subject {
    full: String,
    scope: String,
    /// Its name without anything but letters and digits.
    token: String,
}

impl Subject {
    fn new(full: &str) -> Self {
        let (scope, name) = match full.strip_prefix('@').and_then(|rest| rest.split_once('/')) {
            Some((scope, name)) => (scope, name),
            None => ("", full),
        };
        // Words that say what kind of thing, or for which platform.
        const GENERAL: &[&str] = &[
            "cli", "core", "app", "tool", "agent", "sdk", "code", "server", "client", "desktop",
            "linux", "darwin", "macos", "win32", "windows", "x64", "arm64", "x86", "ia32", "musl",
            "gnu", "glibc", "baseline", "node", "js", "bin", "ai", "dev", "the",
        ];
        const PLATFORMS: &[&str] = &[
            "linux", "darwin", "macos", "win32", "windows", "x64", "arm64", "x86", "ia32", "musl",
            "gnu", "glibc", "baseline",
        ];
        let words: Vec<&str> = name
            .split(['-', '_', '.'])
            .filter(|word| !word.is_empty() && !PLATFORMS.contains(word))
            .collect();
        let telling = words.iter().any(|word| !GENERAL.contains(word));
        let token = if telling {
            words.concat()
        } else {
            scope.replace(['-', '_', '.'], "")
        };
        Self {
            full: full.to_owned(),
            scope: if scope.is_empty() {
                String::new()
            } else {
                format!("@{scope}/")
            },
            token: token.to_lowercase(),
        }
    }

    /// Whether a text names it: the words of its name stand in a row.
    fn named(&self, text: &str) -> bool {
        if self.token.len() < 5 || text.len() > 400 {
            return false;
        }
        if !self.scope.is_empty() && text.contains(&self.scope) && self.token.len() < 7 {
            return true;
        }
        let mut joined = String::with_capacity(text.len());
        let mut starts = Vec::new();
        let mut word = false;
        let mut lower = false;
        for c in text.chars() {
            if c.is_ascii_alphanumeric() {
                // A hump begins a word as well.
                if !word || (lower && c.is_ascii_uppercase()) {
                    starts.push(joined.len());
                }
                joined.push(c.to_ascii_lowercase());
                lower = c.is_ascii_lowercase();
                word = true;
            } else {
                word = false;
                if !matches!(c, '-' | '_' | ' ' | '.') {
                    joined.push('\u{1}');
                }
            }
        }
        starts.push(joined.len());
        starts.iter().any(|start| {
            joined
                .get(*start..)
                .is_some_and(|rest| rest.starts_with(&self.token))
                && starts.contains(&start.saturating_add(self.token.len()))
                || joined.get(*start..).is_some_and(|rest| {
                    rest.starts_with(&self.token)
                        && rest
                            .get(self.token.len()..)
                            .is_some_and(|after| after.is_empty() || after.starts_with('\u{1}'))
                })
        })
    }
}

/// What the texts of a unit say.
struct Texts {
    /// Unit and name, sorted, without what is in many packages.
    pairs: Vec<(u32, Name)>,
    /// By name, whether it stands somewhere as a constant.
    constant: Vec<bool>,
    /// By name, what the index says; empty lists where it says nothing.
    known: Vec<Option<Box<[u16]>>>,
}

impl Texts {
    /// The names in a range of units.
    fn of(&self, units: &std::ops::Range<usize>) -> &[(u32, Name)] {
        let at = |unit: usize| self.pairs.partition_point(|(u, _)| (*u as usize) < unit);
        self.pairs
            .get(at(units.start)..at(units.end))
            .unwrap_or_default()
    }

    fn packages(&self, name: Name) -> &[u16] {
        self.known
            .get(name as usize)
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }
}

/// One unit refers to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: u32,
    to: u32,
    /// Whether it has no more done than the other's module loaded.
    bare: bool,
}

struct Work<'w, 'a> {
    ir: &'w Ir<'a>,
    outline: &'w Outline,
    index: &'static Index<'static>,
    subject: Subject,
    claims: Vec<Option<Claim>>,
    packages: Vec<(String, Option<String>)>,
    numbers: FxHashMap<String, u32>,
}

impl<'a> Work<'_, 'a> {
    fn number(&mut self, name: &str, version: Option<String>) -> u32 {
        let next = u32::try_from(self.packages.len()).unwrap_or(NONE);
        let number = *self.numbers.entry(name.to_owned()).or_insert(next);
        if number == next {
            self.packages.push((name.to_owned(), version));
        } else if let Some(version) = version
            && let Some((_, known)) = self.packages.get_mut(number as usize)
        {
            known.get_or_insert(version);
        }
        number
    }

    fn package(&mut self, name: &str, version: Option<String>, by: By) -> Claim {
        // A scope has one owner: its packages are the vendor's own.
        let scope = &self.subject.scope;
        let own = name == self.subject.full || !scope.is_empty() && name.starts_with(scope);
        Claim {
            party: if own { Party::First } else { Party::Third },
            package: Some(self.number(name, version)),
            by,
        }
    }

    fn claim_of(&mut self, label: Label, by: By) -> Option<Claim> {
        match label {
            Label::Package(name, version) => Some(self.package(&name, version, by)),
            Label::Foreign => Some(Claim {
                party: Party::Third,
                package: None,
                by,
            }),
            Label::Own => Some(Claim {
                party: Party::First,
                package: None,
                by,
            }),
            Label::Nothing => None,
        }
    }

    fn one_part(self, claim: Claim) -> Parties {
        let end = u32::try_from(self.ir.text.len()).unwrap_or(u32::MAX);
        Parties {
            parts: vec![Part {
                start: 0,
                end,
                party: claim.party,
                package: claim.package,
                by: Some(claim.by),
                uncalled: false,
            }],
            packages: self.packages,
            offset: 0,
        }
    }

    /// The unit that each value stands in.
    fn units_of_values(&self) -> Vec<u32> {
        let units = &self.outline.units;
        let mut last = 0usize;
        let mut out = Vec::with_capacity(self.ir.spans.len());
        for (start, _) in &self.ir.spans {
            let inside = |index: usize| {
                units
                    .get(index)
                    .is_some_and(|unit| unit.start <= *start && *start < unit.end)
            };
            if !inside(last) {
                match self.outline.unit_at(*start) {
                    Some(index) => last = index,
                    None => {
                        out.push(NONE);
                        continue;
                    }
                }
            }
            out.push(u32::try_from(last).unwrap_or(NONE));
        }
        out
    }

    /// Runs of units that come from one file, as far as that is known.
    fn regions(&self) -> Vec<std::ops::Range<usize>> {
        let units = &self.outline.units;
        let mut paths = self
            .outline
            .marks
            .iter()
            .filter(|mark| mark.kind == MarkKind::Path)
            .map(|mark| mark.at)
            .peekable();
        let marked = paths.peek().is_some();
        let alone = !marked && self.outline.wrappers == 0 && self.ir.text.len() > SMALL;
        let mut regions: Vec<std::ops::Range<usize>> = Vec::new();
        let mut ended = true;
        for (index, unit) in units.iter().enumerate() {
            let mut named = false;
            while paths.next_if(|at| *at <= unit.start).is_some() {
                named = true;
            }
            // Comments tell borders better than anything else.
            let new = named || !marked && (ended || alone || unit.border == Border::Both);
            ended = unit.border != Border::None;
            match regions.last_mut() {
                Some(last) if !new => last.end = index.saturating_add(1),
                _ => regions.push(index..index.saturating_add(1)),
            }
        }
        regions
    }

    fn set(&mut self, unit: usize, claim: Claim) {
        if let Some(slot) = self.claims.get_mut(unit)
            && slot.is_none_or(|known| claim.by < known.by)
        {
            *slot = Some(claim);
        }
    }

    /// Paths, keys and licence comments, and the source map.
    fn marked(&mut self, regions: &[std::ops::Range<usize>], map: Option<&Mapped>) {
        let outline = self.outline;
        let mut paths: Vec<(u32, Option<Claim>)> = Vec::new();
        for mark in &outline.marks {
            match mark.kind {
                MarkKind::Path => {
                    let claim = self.claim_of(of_path(&mark.text), By::Label);
                    paths.push((mark.at, claim));
                }
                MarkKind::Key => {
                    if let (Some(unit), Some(claim)) = (
                        outline.unit_at(mark.at),
                        self.claim_of(of_path(&mark.text), By::Label),
                    ) {
                        // A relative path as a key may be any package's.
                        if claim.party == Party::Third || claim.package.is_some() {
                            self.set(unit, claim);
                        }
                    }
                }
                MarkKind::Banner => {
                    let index = self.index;
                    let Some((name, version)) = of_banner(&mark.text, |name| index.has(name))
                    else {
                        continue;
                    };
                    let after = outline.units.partition_point(|unit| unit.start < mark.at);
                    let unit = outline.unit_at(mark.at).unwrap_or(after);
                    let claim = self.package(&name, version, By::Banner);
                    self.set(unit, claim);
                    // A licence stands at the head of a file.
                    if let Some(region) = regions.iter().find(|region| region.contains(&unit))
                        && self.outline.wrappers > 0
                    {
                        for unit in region.clone() {
                            self.set(unit, claim);
                        }
                    }
                }
            }
        }
        for (index, unit) in outline.units.iter().enumerate() {
            let after = paths.partition_point(|(at, _)| *at <= unit.start);
            let before = after.checked_sub(1).and_then(|at| paths.get(at));
            if let Some((_, Some(claim))) = before {
                self.set(index, *claim);
            }
        }
        let Some(map) = map else {
            return;
        };
        let claims: Vec<Option<Claim>> = map
            .sources
            .iter()
            .map(|source| self.claim_of(of_path(source), By::SourceMap))
            .collect();
        let mut first = 0usize;
        for (index, unit) in outline.units.iter().enumerate() {
            while map
                .ranges
                .get(first)
                .is_some_and(|(_, end, _)| *end <= unit.start)
            {
                first = first.saturating_add(1);
            }
            let mut weights: Vec<(u32, Claim)> = Vec::new();
            for (start, end, source) in map.ranges.get(first..).unwrap_or_default() {
                if *start >= unit.end {
                    break;
                }
                let size = (*end)
                    .min(unit.end)
                    .saturating_sub((*start).max(unit.start));
                let Some(Some(claim)) = claims.get(*source as usize) else {
                    continue;
                };
                match weights.iter_mut().find(|(_, known)| known == claim) {
                    Some((weight, _)) => *weight = weight.saturating_add(size),
                    None => weights.push((size, *claim)),
                }
            }
            let all: u32 = weights.iter().map(|(weight, _)| *weight).sum();
            if let Some((weight, claim)) = weights.iter().max_by_key(|(weight, _)| *weight)
                && u64::from(*weight) * 10 >= u64::from(all) * 8
            {
                self.set(index, *claim);
            }
        }
    }

    /// Objects that are manifests: `{name: "a", version: "1.2.3", main: ...}`.
    fn manifests(&mut self, units: &[u32]) {
        const MORE: &[&str] = &["main", "license", "repository", "dependencies", "homepage"];
        let ir = self.ir;
        for (index, op) in ir.ops.iter().enumerate() {
            let Op::Object(list) = op else {
                continue;
            };
            let props = ir.props(*list);
            let text = |wanted: &str| {
                props
                    .iter()
                    .find_map(|prop| match (prop.key, ir.op(prop.value)) {
                        (Key::Name(name), Op::Str(text)) if ir.names.get(name) == wanted => {
                            Some(ir.names.get(text))
                        }
                        _ => None,
                    })
            };
            let more = props
                .iter()
                .filter(|prop| match prop.key {
                    Key::Name(name) => MORE.contains(&ir.names.get(name)),
                    _ => false,
                })
                .count();
            if more < 2 {
                continue;
            }
            if let (Some(name), Some(version)) = (text("name"), text("version"))
                && super::labels::is_package(name)
                && is_version(version)
                && let Some(unit) = units.get(index).filter(|unit| **unit != NONE)
            {
                let claim = self.package(name, Some(version.to_owned()), By::Manifest);
                self.set(*unit as usize, claim);
            }
        }
    }

    /// The texts of each unit, and what the index says of them.
    fn texts(&self, units: &[u32]) -> Texts {
        let ir = self.ir;
        let count = ir.names.len();
        let mut known: Vec<Option<Box<[u16]>>> = vec![None; count];
        let mut common = vec![false; count];
        for name in 0..count {
            let text = ir.names.get(u32::try_from(name).unwrap_or(NONE));
            let found = feature(text).map_or(Known::Common, |hash| self.index.find(hash));
            if let (Some(known), Some(common)) = (known.get_mut(name), common.get_mut(name)) {
                match found {
                    Known::Common => *common = true,
                    Known::Nowhere => {}
                    Known::In(list) => *known = Some(list.into_boxed_slice()),
                }
            }
        }
        let mut pairs: Vec<(u32, Name)> = Vec::new();
        let mut note = |unit: u32, name: Name| {
            if unit != NONE && !common.get(name as usize).copied().unwrap_or(true) {
                pairs.push((unit, name));
            }
        };
        let mut constant = vec![false; count];
        each_text(ir, |value, name| {
            if matches!(ir.op(value), Op::Str(text) | Op::Regex(text) if text == name)
                && let Some(slot) = constant.get_mut(name as usize)
            {
                *slot = true;
            }
            note(units.get(value as usize).copied().unwrap_or(NONE), name);
        });
        pairs.sort_unstable();
        pairs.dedup();
        Texts {
            pairs,
            constant,
            known,
        }
    }

    /// What most of the texts of some units are known from.
    fn decided(&mut self, found: &[(u32, Name)], texts: &Texts, least: usize) -> Option<Claim> {
        let mut names: Vec<Name> = found.iter().map(|(_, name)| *name).collect();
        names.sort_unstable();
        names.dedup();
        let index = self.index;
        let mut hits: FxHashMap<u16, usize> = FxHashMap::default();
        let mut by_scope: FxHashMap<&str, usize> = FxHashMap::default();
        let mut constants: FxHashMap<u16, usize> = FxHashMap::default();
        let scope = |package: u16| {
            let name = index.name(package);
            if name.starts_with('@') {
                name.split('/').next().unwrap_or(name)
            } else {
                name
            }
        };
        for name in &names {
            let mut scopes: Vec<&str> = Vec::new();
            for package in texts.packages(*name) {
                let count = hits.entry(*package).or_default();
                *count = count.saturating_add(1);
                if texts.constant.get(*name as usize) == Some(&true) {
                    let count = constants.entry(*package).or_default();
                    *count = count.saturating_add(1);
                }
                let scope = scope(*package);
                if !scopes.contains(&scope) {
                    scopes.push(scope);
                    let count = by_scope.entry(scope).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        let most = by_scope.values().copied().max()?;
        let enough = |count: usize| {
            count >= least && count.saturating_mul(10) >= names.len().saturating_mul(6)
                || count >= 12 && count.saturating_mul(2) >= names.len()
        };
        if !enough(most) {
            return None;
        }
        // Of those that say about the same the smallest says the most: what
        // has others built in has their texts as well.
        let near = |count: usize, most: usize| count.saturating_mul(10) >= most.saturating_mul(9);
        let mut best: Option<(u32, &str, u16)> = None;
        let most_of = |wanted: &str| {
            hits.iter()
                .filter(|(package, _)| scope(**package) == wanted)
                .map(|(_, count)| *count)
                .max()
                .unwrap_or(0)
        };
        for (package, count) in &hits {
            let owner = scope(*package);
            if !near(by_scope.get(owner).copied().unwrap_or(0), most)
                || !near(*count, most_of(owner))
                || constants.get(package).copied().unwrap_or(0) < CONSTANTS
            {
                continue;
            }
            let entry = (index.size(*package), index.name(*package), *package);
            if best.is_none_or(|known| entry < known) {
                best = Some(entry);
            }
        }
        let (_, name, _) = best?;
        let name = name.to_owned();
        Some(self.package(&name, None, By::Fingerprint))
    }

    fn fingerprints(&mut self, regions: &[std::ops::Range<usize>], texts: &Texts) {
        let bundled = regions.len() > 1 || self.outline.wrappers > 0;
        for region in regions {
            if region
                .clone()
                .all(|unit| self.claims.get(unit).is_some_and(Option::is_some))
            {
                continue;
            }
            let one = region.len() == 1;
            let bytes: u64 = self
                .outline
                .units
                .get(region.clone())
                .unwrap_or_default()
                .iter()
                .map(|unit| u64::from(unit.end.saturating_sub(unit.start)))
                .sum();
            // Files without a border between them lie in one region.
            let several = !one && bytes > MIXED;
            let alone = if bundled { HITS_ALONE } else { HITS_WHOLE };
            let least = if !bundled || one && self.outline.wrappers == 0 {
                alone
            } else {
                HITS
            };
            let claim = (!several)
                .then(|| self.decided(texts.of(region), texts, least))
                .flatten();
            if let Some(claim) = claim {
                for unit in region.clone() {
                    self.set(unit, claim);
                }
            } else if !one {
                // The region may be more than one file.
                for unit in region.clone() {
                    let found = texts.of(&(unit..unit.saturating_add(1)));
                    if let Some(claim) = self.decided(found, texts, alone) {
                        self.set(unit, claim);
                    }
                }
            }
        }
    }

    /// A bundler writes the files of a package side by side.
    fn neighbours(&mut self, regions: &[std::ops::Range<usize>], texts: &Texts) {
        let claim_of = |this: &Self, region: &std::ops::Range<usize>| -> Option<Claim> {
            let first = this.claims.get(region.start).copied().flatten()?;
            region
                .clone()
                .all(|unit| {
                    this.claims
                        .get(unit)
                        .copied()
                        .flatten()
                        .is_some_and(|claim| claim.package == first.package)
                })
                .then_some(first)
        };
        let mut before: Option<(usize, Claim)> = None;
        for at in 0..regions.len() {
            let Some(claim) = regions.get(at).and_then(|region| claim_of(self, region)) else {
                continue;
            };
            if let Some((from, known)) = before
                && claim.party == Party::Third
                && claim.package.is_some()
                && claim.package == known.package
                && at.saturating_sub(from) > 1
                && at.saturating_sub(from) <= BETWEEN.0
            {
                let between = regions.get(from.saturating_add(1)..at).unwrap_or_default();
                let bytes: u64 = between
                    .iter()
                    .flat_map(|region| self.outline.units.get(region.clone()))
                    .flatten()
                    .map(|unit| u64::from(unit.end.saturating_sub(unit.start)))
                    .sum();
                // What has texts of its own is something else.
                let against = between.iter().any(|region| {
                    let found = texts.of(region);
                    let foreign = found.iter().filter(|(_, name)| {
                        let name_of = claim.package.and_then(|p| self.packages.get(p as usize));
                        !texts
                            .packages(*name)
                            .iter()
                            .any(|p| name_of.is_some_and(|(n, _)| n == self.index.name(*p)))
                    });
                    foreign.count() > 4
                });
                if !against && bytes <= BETWEEN.1 as u64 {
                    let claim = Claim {
                        by: By::Neighbours,
                        ..claim
                    };
                    for unit in between.iter().cloned().flatten() {
                        self.set(unit, claim);
                    }
                }
            }
            before = Some((at, claim));
        }
    }

    /// Units that name the subject are its own, unless something says more.
    fn own_names(&mut self, texts: &Texts) {
        let mut memo: FxHashMap<Name, bool> = FxHashMap::default();
        for (unit, name) in &texts.pairs {
            let unit = *unit as usize;
            if self.claims.get(unit).is_none_or(Option::is_some) {
                continue;
            }
            let named = *memo
                .entry(*name)
                .or_insert_with(|| self.subject.named(self.ir.names.get(*name)));
            if named {
                self.set(
                    unit,
                    Claim {
                        party: Party::First,
                        package: None,
                        by: By::OwnName,
                    },
                );
            }
        }
    }

    /// Who refers to whom, over variables.
    fn edges(&self, units: &[u32]) -> Vec<Edge> {
        let unit_of = |value: V| units.get(value as usize).copied().unwrap_or(NONE);
        let mut edges = Vec::new();
        for sym in 0..self.ir.symbols() {
            let mut defined: Vec<u32> = self
                .ir
                .writes(sym)
                .iter()
                .map(|(value, _)| unit_of(*value))
                .filter(|unit| *unit != NONE)
                .collect();
            defined.sort_unstable();
            defined.dedup();
            for read in self.ir.reads(sym) {
                let from = unit_of(*read);
                if from == NONE || defined == [from] {
                    continue;
                }
                let bare = self.is_bare(*read);
                for to in defined.iter().filter(|to| **to != from) {
                    edges.push(Edge {
                        from,
                        to: *to,
                        bare,
                    });
                }
            }
        }
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// Whether a read only has a module loaded: `init();`, or
    /// `var a = adapt(load());` where nobody reads `a`.
    fn is_bare(&self, read: V) -> bool {
        let mut at = self.ir.user(read);
        match self.ir.op(at) {
            Op::Call { callee, args } if callee == read && args.len == 0 => {}
            _ => return false,
        }
        for _ in 0..6 {
            let user = self.ir.user(at);
            match self.ir.op(user) {
                Op::Seq(list) if self.ir.list(list).last() != Some(&at) => return true,
                Op::Pass(_) | Op::Seq(_) => at = user,
                Op::Call { callee, .. } if callee != at => at = user,
                Op::Assign { targets, .. } => {
                    return self.ir.targets(targets).iter().all(|target| match target {
                        Target::Var { sym, .. } => self.ir.reads(*sym).is_empty(),
                        Target::Member { .. } | Target::Index { .. } => false,
                    });
                }
                _ if user == NONE => return true,
                _ => return false,
            }
        }
        false
    }

    fn is(&self, unit: u32, party: Party) -> bool {
        self.claims
            .get(unit as usize)
            .copied()
            .flatten()
            .is_some_and(|claim| claim.party == party)
    }

    /// What refers to first-party code is first-party, unless it is known to
    /// be something else. What third-party code refers to never was.
    fn upwards(&mut self, edges: &[Edge]) {
        for edge in edges {
            let named = self
                .claims
                .get(edge.to as usize)
                .copied()
                .flatten()
                .is_some_and(|claim| claim.by == By::OwnName);
            if named
                && self.is(edge.from, Party::Third)
                && let Some(slot) = self.claims.get_mut(edge.to as usize)
            {
                *slot = None;
            }
        }
        let mut into: Vec<(u32, u32)> = edges.iter().map(|edge| (edge.to, edge.from)).collect();
        into.sort_unstable();
        into.dedup();
        let mut open: Vec<u32> = (0..self.claims.len())
            .filter_map(|unit| u32::try_from(unit).ok())
            .filter(|unit| self.is(*unit, Party::First))
            .filter(|unit| {
                // A library of the vendor's is referred to by others as well.
                self.claims
                    .get(*unit as usize)
                    .copied()
                    .flatten()
                    .is_some_and(|claim| claim.package.is_none())
            })
            .collect();
        let claim = Claim {
            party: Party::First,
            package: None,
            by: By::References,
        };
        while let Some(unit) = open.pop() {
            let from = into.partition_point(|(to, _)| *to < unit);
            for (_, from) in into
                .get(from..)
                .unwrap_or_default()
                .iter()
                .take_while(|(to, _)| *to == unit)
            {
                if let Some(slot) = self.claims.get_mut(*from as usize)
                    && slot.is_none()
                {
                    *slot = Some(claim);
                    open.push(*from);
                }
            }
        }
    }

    /// What only third-party code refers to is third-party.
    fn downwards(&mut self, edges: &[Edge]) {
        let mut into: Vec<(u32, u32)> = edges.iter().map(|edge| (edge.to, edge.from)).collect();
        into.sort_unstable();
        into.dedup();
        let referrers = |unit: u32| {
            let at = into.partition_point(|(to, _)| *to < unit);
            into.get(at..)
                .unwrap_or_default()
                .iter()
                .take_while(move |(to, _)| *to == unit)
                .map(|(_, from)| *from)
        };
        let mut open: Vec<u32> = (0..self.claims.len())
            .filter_map(|unit| u32::try_from(unit).ok())
            .filter(|unit| self.is(*unit, Party::Third))
            .collect();
        // Each unit is looked at once for each unit that refers to it.
        while let Some(unit) = open.pop() {
            let at = edges.partition_point(|edge| edge.from < unit);
            for edge in edges
                .get(at..)
                .unwrap_or_default()
                .iter()
                .take_while(|edge| edge.from == unit)
            {
                let unknown = self
                    .claims
                    .get(edge.to as usize)
                    .is_some_and(Option::is_none);
                if !unknown
                    || !referrers(edge.to)
                        .take(64)
                        .all(|from| self.is(from, Party::Third))
                    || referrers(edge.to).nth(64).is_some()
                {
                    continue;
                }
                // Whose of the third parties it is, this does not tell.
                if let Some(slot) = self.claims.get_mut(edge.to as usize) {
                    *slot = Some(Claim {
                        party: Party::Third,
                        package: None,
                        by: By::References,
                    });
                    open.push(edge.to);
                }
            }
        }
    }

    /// Packages to which nothing outside of themselves refers.
    fn uncalled(&self, edges: &[Edge]) -> Vec<bool> {
        let package = |unit: u32| {
            self.claims
                .get(unit as usize)
                .copied()
                .flatten()
                .and_then(|claim| claim.package)
        };
        let mut called = vec![false; self.packages.len()];
        let mut mark = |package: Option<u32>| {
            if let Some(slot) = package.and_then(|p| called.get_mut(p as usize)) {
                *slot = true;
            }
        };
        for edge in edges.iter().filter(|edge| !edge.bare) {
            if package(edge.to) != package(edge.from) {
                mark(package(edge.to));
            }
        }
        // What a file gives out may be used by any other.
        for sym in &self.outline.exported {
            for (value, _) in self.ir.writes(*sym) {
                let at = self.ir.span(*value).0;
                if let Some(unit) = self.outline.unit_at(at) {
                    mark(package(u32::try_from(unit).unwrap_or(NONE)));
                }
            }
        }
        called.iter().map(|called| !called).collect()
    }

    /// Whether a file is source as somebody wrote it, and small.
    fn is_plain(&self) -> bool {
        self.ir.text.len() < SMALL
            && self.outline.wrappers == 0
            && self
                .claims
                .iter()
                .flatten()
                .all(|claim| claim.party == Party::First)
            && !self.ir.text.lines().any(|line| line.len() > LONG_LINE)
    }

    fn parts(self, uncalled: &[bool]) -> Parties {
        let rest = if self.is_plain() {
            Party::First
        } else {
            Party::Unknown
        };
        let mut parts: Vec<Part> = Vec::new();
        let mut start = 0;
        let count = self.outline.units.len();
        for (index, unit) in self.outline.units.iter().enumerate() {
            let claim = self.claims.get(index).copied().flatten();
            let end = if index.saturating_add(1) == count {
                u32::try_from(self.ir.text.len()).unwrap_or(u32::MAX)
            } else {
                unit.end
            };
            let package = claim.and_then(|claim| claim.package);
            let part = Part {
                start,
                end,
                party: claim.map_or(rest, |claim| claim.party),
                package,
                by: claim.map(|claim| claim.by),
                uncalled: package
                    .and_then(|p| uncalled.get(p as usize))
                    .copied()
                    .unwrap_or(false),
            };
            start = end;
            match parts.last_mut() {
                Some(last)
                    if last.party == part.party
                        && last.package == part.package
                        && last.by == part.by =>
                {
                    last.end = end;
                }
                _ => parts.push(part),
            }
        }
        if parts.is_empty() {
            parts.push(Part {
                start: 0,
                end: u32::try_from(self.ir.text.len()).unwrap_or(u32::MAX),
                party: rest,
                package: None,
                by: None,
                uncalled: false,
            });
        }
        Parties {
            parts,
            packages: self.packages,
            offset: 0,
        }
    }
}

/// Tells every text of a module that outlives a minifier, with its value.
pub(super) fn each_text(ir: &Ir<'_>, mut tell: impl FnMut(V, Name)) {
    for (index, op) in ir.ops.iter().enumerate() {
        let value = u32::try_from(index).unwrap_or(NONE);
        match *op {
            Op::Str(name) | Op::Regex(name) | Op::Member { name, .. } => tell(value, name),
            Op::Object(list) | Op::Class(list) => {
                for prop in ir.props(list) {
                    if let Key::Name(name) = prop.key {
                        tell(prop.value, name);
                    }
                }
            }
            Op::Assign { targets, .. } | Op::Param { targets, .. } | Op::Each { targets, .. } => {
                for target in ir.targets(targets) {
                    match target {
                        Target::Member { name, .. } => tell(value, *name),
                        Target::Var { path, .. } => {
                            for name in ir.path(*path) {
                                tell(value, *name);
                            }
                        }
                        Target::Index { .. } => {}
                    }
                }
            }
            _ => {}
        }
    }
}
