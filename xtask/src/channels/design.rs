//! Which cases there are: a covering design over the mechanisms of a part, so
//! that most pairs that go together stand in some case.

use std::collections::BTreeSet;

use super::part::{AXES, Axis, Part, Recipe};

/// How many cases at most; what pairs are left then are not covered.
const BUDGET: usize = 170;
/// How many cases are tried for each that is taken.
const TRIES: usize = 60;
const SEED: u64 = 0x0a55_a7ca_5e5e_ed01;

type Place = (Axis, usize);

/// Numbers that look random and are the same each time.
#[derive(Debug)]
pub(super) struct Draw(pub(super) u64);

impl Draw {
    /// A number below `end`, or 0 where there is none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        z.checked_rem(end)
            .and_then(|at| usize::try_from(at).ok())
            .unwrap_or(0)
    }
}

/// The recipes of a part.
pub(super) fn recipes(part: &Part) -> Vec<Recipe> {
    let mut draw = Draw(SEED);
    let mut open = pairs(part);
    let mut order: Vec<(Place, Place)> = open.iter().copied().collect();
    for at in (1..order.len()).rev() {
        let other = draw.below(at.saturating_add(1));
        order.swap(at, other);
    }
    let mut taken: Vec<Recipe> = Vec::new();
    for pair in order {
        if taken.len() >= BUDGET {
            break;
        }
        if !open.contains(&pair) {
            continue;
        }
        let mut best: Option<(usize, Recipe)> = None;
        for _ in 0..TRIES {
            let Some(recipe) = complete(part, pair, &mut draw) else {
                continue;
            };
            let gain = of(&recipe).filter(|pair| open.contains(pair)).count();
            if best.is_none_or(|(known, _)| gain > known) {
                best = Some((gain, recipe));
            }
        }
        if let Some((_, recipe)) = best {
            for pair in of(&recipe) {
                open.remove(&pair);
            }
            taken.push(recipe);
        }
    }
    taken
}

/// How many pairs of mechanisms that go together stand in some recipe, and
/// how many there are.
pub(super) fn covered(part: &Part, recipes: &[Recipe]) -> (usize, usize) {
    let all = pairs(part);
    let met: BTreeSet<(Place, Place)> = recipes.iter().flat_map(of).collect();
    (all.intersection(&met).count(), all.len())
}

/// All pairs of mechanisms that go together.
fn pairs(part: &Part) -> BTreeSet<(Place, Place)> {
    let mut found = BTreeSet::new();
    for (at, a) in AXES.iter().enumerate() {
        for b in AXES.iter().skip(at.saturating_add(1)) {
            for i in 0..part.count(*a) {
                for j in 0..part.count(*b) {
                    if part.fit((*a, i), (*b, j)) {
                        found.insert(((*a, i), (*b, j)));
                    }
                }
            }
        }
    }
    found
}

/// The pairs in a recipe.
fn of(recipe: &Recipe) -> impl Iterator<Item = (Place, Place)> {
    let places: Vec<Place> = AXES.into_iter().zip(*recipe).collect();
    (0..places.len()).flat_map(move |at| {
        let places = places.clone();
        let first = places.get(at).copied();
        places
            .into_iter()
            .skip(at.saturating_add(1))
            .filter_map(move |second| Some((first?, second)))
    })
}

/// A recipe with this pair, chance for the rest.
fn complete(part: &Part, pair: (Place, Place), draw: &mut Draw) -> Option<Recipe> {
    let mut chosen = vec![pair.0, pair.1];
    let mut left: Vec<Axis> = AXES
        .into_iter()
        .filter(|axis| chosen.iter().all(|(known, _)| known != axis))
        .collect();
    while !left.is_empty() {
        let axis = left.swap_remove(draw.below(left.len()));
        let fitting: Vec<usize> = (0..part.count(axis))
            .filter(|at| chosen.iter().all(|known| part.fit(*known, (axis, *at))))
            .collect();
        // Most cases are a bare file: the first container.
        let bare = axis == Axis::Container && fitting.first() == Some(&0) && draw.below(3) > 0;
        let at = if bare { 0 } else { draw.below(fitting.len()) };
        chosen.push((axis, *fitting.get(at)?));
    }
    chosen.sort_unstable();
    let mut recipe = Recipe::default();
    for (slot, (_, at)) in recipe.iter_mut().zip(chosen) {
        *slot = at;
    }
    Some(recipe)
}
