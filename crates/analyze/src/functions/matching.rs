//! Which function of one subject is which of another.
//!
//! What is the same is paired first, the largest first, with all that lies in
//! it; then what lies in, beside or around what was paired; then the nearest
//! by what they name, where what few others name counts most. Each round
//! gives the next more to go by.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Function;

/// From this many atoms on a function is told from others by its hash alone.
const TELLING: u32 = 8;
/// How near two functions must be, in each round.
const ROUNDS: &[f64] = &[0.7, 0.5, 0.35];
/// How near two that stand in the same place must be.
const BESIDE: f64 = 0.2;
/// How many functions of one place are compared with each other.
const PLACE: usize = 48;
/// An atom that more functions have is no way to find one.
const COMMON: usize = 48;
/// How many of those found are compared.
const NEAREST: usize = 12;

/// The other side's function for each of this side's.
#[derive(Debug, Clone, Default)]
pub struct Matching {
    /// By the first side's functions.
    pub to: Vec<Option<u32>>,
    /// By the second side's.
    pub from: Vec<Option<u32>>,
}

impl Matching {
    /// Pairs functions of two subjects.
    #[must_use]
    pub fn of(before: &[Function], after: &[Function]) -> Self {
        let mut pairing = Pairing::new(before, after);
        pairing.same_wholes();
        pairing.same_alone();
        pairing.around();
        for least in ROUNDS {
            pairing.nearest(*least);
            pairing.around();
        }
        pairing.same_left();
        Self {
            to: pairing.before.other,
            from: pairing.after.other,
        }
    }

    /// The pairs, in the order of the first side.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let ids = 0u32..;
        ids.zip(&self.to)
            .filter_map(|(one, other)| Some((one, (*other)?)))
    }
}

/// One side.
struct Side<'f> {
    functions: &'f [Function],
    children: Vec<Vec<u32>>,
    /// Those in no other, file by file.
    roots: Vec<u32>,
    whole: Vec<u64>,
    other: Vec<Option<u32>>,
}

impl<'f> Side<'f> {
    fn new(functions: &'f [Function]) -> Self {
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); functions.len()];
        let mut roots = Vec::new();
        for (at, function) in (0u32..).zip(functions) {
            let of = function
                .parent
                .and_then(|parent| children.get_mut(parent as usize));
            match of {
                Some(children) => children.push(at),
                None => roots.push(at),
            }
        }
        // Children come after those that they are in.
        let mut whole: Vec<u64> = functions.iter().map(|function| function.own).collect();
        for (at, children) in children.iter().enumerate().rev() {
            if children.is_empty() {
                continue;
            }
            let mut parts: Vec<u64> = children
                .iter()
                .filter_map(|child| whole.get(*child as usize).copied())
                .collect();
            parts.sort_unstable();
            if let Some(own) = whole.get_mut(at) {
                *own = super::canon::hashed((*own, parts));
            }
        }
        Self {
            functions,
            children,
            roots,
            whole,
            other: vec![None; functions.len()],
        }
    }

    fn get(&self, at: u32) -> Option<&'f Function> {
        self.functions.get(at as usize)
    }

    fn whole(&self, at: u32) -> u64 {
        self.whole.get(at as usize).copied().unwrap_or(0)
    }

    fn is_free(&self, at: u32) -> bool {
        self.other
            .get(at as usize)
            .is_some_and(|other| other.is_none())
    }

    fn other(&self, at: u32) -> Option<u32> {
        self.other.get(at as usize).copied().flatten()
    }

    fn children(&self, at: u32) -> &[u32] {
        self.children.get(at as usize).map_or(&[], Vec::as_slice)
    }

    fn free<'s>(&'s self, among: &'s [u32]) -> impl Iterator<Item = u32> + 's {
        among.iter().copied().filter(|at| self.is_free(*at))
    }

    fn all(&self) -> impl Iterator<Item = u32> + use<'f> {
        0..u32::try_from(self.functions.len()).unwrap_or(u32::MAX)
    }

    /// How much there is of it, with what lies in it.
    fn groups(&self, by: impl Fn(&Self, u32) -> Option<u64>) -> BTreeMap<u64, Vec<u32>> {
        let mut out: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        for at in self.all().filter(|at| self.is_free(*at)) {
            if let Some(key) = by(self, at) {
                out.entry(key).or_default().push(at);
            }
        }
        out
    }
}

struct Pairing<'f> {
    before: Side<'f>,
    after: Side<'f>,
    /// How much an atom tells.
    weight: FxHashMap<u32, f64>,
    /// How many are paired already.
    pairs: u32,
    /// A number for each pair, by either side.
    number: [FxHashMap<u32, u32>; 2],
}

impl<'f> Pairing<'f> {
    fn new(before: &'f [Function], after: &'f [Function]) -> Self {
        let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
        for function in before.iter().chain(after) {
            let mut last = None;
            for atom in &function.atoms {
                if last != Some(atom) {
                    *counts.entry(*atom).or_default() += 1;
                }
                last = Some(atom);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of functions")]
        let all = (before.len() + after.len()) as f64;
        let weight = counts
            .into_iter()
            .map(|(atom, count)| (atom, (all / f64::from(count)).ln().max(0.1)))
            .collect();
        Self {
            before: Side::new(before),
            after: Side::new(after),
            weight,
            pairs: 0,
            number: [FxHashMap::default(), FxHashMap::default()],
        }
    }

    fn pair(&mut self, one: u32, other: u32) {
        if !self.before.is_free(one) || !self.after.is_free(other) {
            return;
        }
        if let Some(to) = self.before.other.get_mut(one as usize) {
            *to = Some(other);
        }
        if let Some(to) = self.after.other.get_mut(other as usize) {
            *to = Some(one);
        }
        let [ones, others] = &mut self.number;
        ones.insert(one, self.pairs);
        others.insert(other, self.pairs);
        self.pairs = self.pairs.saturating_add(1);
    }

    /// Pairs two that are the same with all that lies in them.
    fn pair_wholes(&mut self, one: u32, other: u32) {
        let mut rest = vec![(one, other)];
        while let Some((one, other)) = rest.pop() {
            self.pair(one, other);
            let sorted = |side: &Side<'_>, at: u32| {
                let mut children: Vec<u32> = side.children(at).to_vec();
                children.sort_by_key(|child| (side.whole(*child), *child));
                children
            };
            let ones = sorted(&self.before, one);
            let others = sorted(&self.after, other);
            rest.extend(ones.into_iter().zip(others));
        }
    }

    /// What is the same with all that lies in it, the outer ones first.
    fn same_wholes(&mut self) {
        let telling = |side: &Side<'_>, at: u32| {
            let size = side.get(at).map_or(0, |function| function.size);
            (size >= TELLING || !side.children(at).is_empty()).then(|| side.whole(at))
        };
        let others = self.after.groups(telling);
        let mut found: Vec<(u32, u32)> = Vec::new();
        for (whole, ones) in self.before.groups(telling) {
            let Some(others) = others.get(&whole) else {
                continue;
            };
            if ones.len() == others.len() {
                found.extend(ones.into_iter().zip(others.iter().copied()));
            }
        }
        // The outer come before the inner.
        found.sort_unstable();
        for (one, other) in found {
            if self.before.is_free(one) && self.after.is_free(other) {
                self.pair_wholes(one, other);
            }
        }
    }

    /// What is the same but for what lies in it, and alone in that.
    fn same_alone(&mut self) {
        let telling = |side: &Side<'_>, at: u32| {
            let function = side.get(at)?;
            (function.size >= TELLING).then_some(function.own)
        };
        let others = self.after.groups(telling);
        for (own, ones) in self.before.groups(telling) {
            if let (&[one], Some(&[other])) = (ones.as_slice(), others.get(&own).map(Vec::as_slice))
            {
                self.pair(one, other);
            }
        }
    }

    /// What lies in, around or beside what was paired.
    fn around(&mut self) {
        // Around: what most of the inner ones are in.
        for at in self.before.all().collect::<Vec<u32>>().into_iter().rev() {
            if !self.before.is_free(at) {
                continue;
            }
            let mut votes: BTreeMap<u32, u32> = BTreeMap::new();
            let children = self.before.children(at);
            for child in children {
                let parent = self
                    .before
                    .other(*child)
                    .and_then(|other| self.after.get(other)?.parent);
                if let Some(parent) = parent.filter(|parent| self.after.is_free(*parent)) {
                    *votes.entry(parent).or_default() += 1;
                }
            }
            let best = votes.into_iter().max_by_key(|(_, votes)| *votes);
            if let Some((parent, votes)) = best
                && votes as usize * 2 > children.len()
            {
                self.pair(at, parent);
            }
        }
        // In: the outer first, so that what is paired there leads further in.
        for at in self.before.all() {
            if let Some(other) = self.before.other(at) {
                let ones: Vec<u32> = self.before.children(at).to_vec();
                let others: Vec<u32> = self.after.children(other).to_vec();
                self.beside(&ones, &others);
            }
        }
        let ones = self.before.roots.clone();
        let others = self.after.roots.clone();
        self.beside(&ones, &others);
    }

    /// What stands in one place in both: those between the same neighbours.
    fn beside(&mut self, ones: &[u32], others: &[u32]) {
        let place: FxHashMap<u32, usize> = others
            .iter()
            .enumerate()
            .map(|(at, other)| (*other, at))
            .collect();
        let mut from = (0usize, 0usize);
        for (at, one) in ones.iter().enumerate() {
            let to = self.before.other(*one).and_then(|other| place.get(&other));
            let Some(to) = to.copied() else { continue };
            // A neighbour that went elsewhere is none.
            if to >= from.1 && to.saturating_sub(from.1) <= 4 * PLACE {
                self.between(
                    ones.get(from.0..at).unwrap_or_default(),
                    others.get(from.1..to).unwrap_or_default(),
                );
                from = (at.saturating_add(1), to.saturating_add(1));
            } else if to.saturating_sub(from.1) > 4 * PLACE {
                from = (at.saturating_add(1), to.saturating_add(1));
            }
        }
        self.between(
            ones.get(from.0..).unwrap_or_default(),
            others.get(from.1..).unwrap_or_default(),
        );
    }

    fn between(&mut self, ones: &[u32], others: &[u32]) {
        let mut free: Vec<u32> = self.before.free(ones).collect();
        let mut others: Vec<u32> = self.after.free(others).collect();
        if free.is_empty() || others.is_empty() || free.len().max(others.len()) > 4 * PLACE {
            return;
        }
        let name = |function: &Function| (function.name.len() > 2).then(|| function.name.clone());
        self.alike(&free, &others, |side, at| Some(side.whole(at)));
        self.alike(&free, &others, |side, at| Some(side.get(at)?.own));
        self.alike(&free, &others, |side, at| {
            side.get(at).and_then(name).map(super::canon::hashed)
        });
        free.retain(|at| self.before.is_free(*at));
        others.retain(|at| self.after.is_free(*at));
        if free.len() > PLACE || others.len() > PLACE {
            return;
        }
        let mut near: Vec<(f64, u32, u32)> = Vec::new();
        for one in &free {
            for other in &others {
                let nearness = self.nearness(*one, *other);
                if nearness >= BESIDE {
                    near.push((nearness, *one, *other));
                }
            }
        }
        self.best_first(near);
        free.retain(|at| self.before.is_free(*at));
        others.retain(|at| self.after.is_free(*at));
        // The only ones left between the same neighbours.
        if let ([one], [other]) = (free.as_slice(), others.as_slice()) {
            let size = |side: &Side<'_>, at| side.get(at).map_or(0, |function| function.size);
            let (a, b) = (size(&self.before, *one), size(&self.after, *other));
            if a.max(b) <= a.min(b).saturating_mul(4).max(6) {
                self.pair(*one, *other);
            }
        }
    }

    /// Pairs those with the same key in their order.
    fn alike(&mut self, ones: &[u32], others: &[u32], key: impl Fn(&Side<'_>, u32) -> Option<u64>) {
        let mut waiting: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for other in others.iter().rev() {
            if self.after.is_free(*other)
                && let Some(key) = key(&self.after, *other)
            {
                waiting.entry(key).or_default().push(*other);
            }
        }
        for one in ones {
            if self.before.is_free(*one)
                && let Some(key) = key(&self.before, *one)
                && let Some(other) = waiting.get_mut(&key).and_then(Vec::pop)
            {
                self.pair(*one, other);
            }
        }
    }

    fn best_first(&mut self, mut near: Vec<(f64, u32, u32)>) {
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, one, other) in near {
            self.pair(one, other);
        }
    }

    /// What others call, hold and are in, where these are paired: as atoms.
    fn context(&self, which: usize, at: u32) -> Vec<u32> {
        let side = if which == 0 {
            &self.before
        } else {
            &self.after
        };
        let number = |at: u32| self.number.get(which)?.get(&at).copied();
        let function = side.get(at);
        let refs = function.map_or(&[][..], |function| &function.refs);
        let mut out: Vec<u32> = side
            .children(at)
            .iter()
            .chain(refs)
            .filter_map(|at| number(*at))
            .collect();
        out.extend(
            function
                .and_then(|function| function.parent)
                .and_then(number),
        );
        out.sort_unstable();
        out.dedup();
        out
    }

    /// From 0 to 1: the weight of what both have by the weight of what either
    /// has.
    fn nearness(&self, one: u32, other: u32) -> f64 {
        let (Some(a), Some(b)) = (self.before.get(one), self.after.get(other)) else {
            return 0.0;
        };
        let weight = |atom: u32| self.weight.get(&atom).copied().unwrap_or(1.0);
        let (shared, all) = overlap(&a.atoms, &b.atoms, weight);
        let (known, around) = overlap(&self.context(0, one), &self.context(1, other), |_| 4.0);
        if all + around == 0.0 {
            return 0.0;
        }
        (shared + known) / (all + around)
    }

    /// The nearest of those that share what few have.
    fn nearest(&mut self, least: f64) {
        let mut having: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for other in self.after.all().filter(|at| self.after.is_free(*at)) {
            let Some(function) = self.after.get(other) else {
                continue;
            };
            for atom in unique(&function.atoms) {
                having.entry(atom).or_default().push(other);
            }
        }
        let mut near: Vec<(f64, u32, u32)> = Vec::new();
        let mut found: FxHashMap<u32, f64> = FxHashMap::default();
        for one in self.before.all().filter(|at| self.before.is_free(*at)) {
            let Some(function) = self.before.get(one) else {
                continue;
            };
            found.clear();
            for atom in unique(&function.atoms) {
                let Some(others) = having.get(&atom).filter(|others| others.len() <= COMMON) else {
                    continue;
                };
                let weight = self.weight.get(&atom).copied().unwrap_or(1.0);
                for other in others {
                    *found.entry(*other).or_default() += weight;
                }
            }
            let mut best: Vec<(u32, f64)> = found.iter().map(|(at, sum)| (*at, *sum)).collect();
            best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            for (other, _) in best.into_iter().take(NEAREST) {
                let nearness = self.nearness(one, other);
                if nearness >= least {
                    near.push((nearness, one, other));
                }
            }
        }
        self.best_first(near);
    }

    /// What is the same and was not told apart: in their order.
    fn same_left(&mut self) {
        let ones: Vec<u32> = self.before.all().collect();
        let others: Vec<u32> = self.after.all().collect();
        self.alike(&ones, &others, |side, at| Some(side.whole(at)));
        self.alike(&ones, &others, |side, at| Some(side.get(at)?.own));
    }
}

fn unique(sorted: &[u32]) -> FxHashSet<u32> {
    sorted.iter().copied().collect()
}

/// The weight of what two sorted lists share, and of what either has.
fn overlap(one: &[u32], other: &[u32], weight: impl Fn(u32) -> f64) -> (f64, f64) {
    let (mut shared, mut all) = (0.0, 0.0);
    let (mut a, mut b) = (one.iter().peekable(), other.iter().peekable());
    loop {
        match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x == y => {
                shared += weight(**x);
                all += weight(**x);
                a.next();
                b.next();
            }
            (Some(x), Some(y)) if x < y => {
                all += weight(**x);
                a.next();
            }
            (Some(_) | None, Some(y)) => {
                all += weight(**y);
                b.next();
            }
            (Some(x), None) => {
                all += weight(**x);
                a.next();
            }
            (None, None) => return (shared, all),
        }
    }
}
