//! Factors of which there are too many for runs of their own: they are set in
//! groups. A group is halved where it changes what nobody may see or whom the
//! tool turns to, or takes the tool another way, until a single factor is left
//! that does, which then is varied as all others are (group testing: Dorfman,
//! Ann. Math. Stat. 14(4), 1943).

use std::mem;

use assay_model::Experiment;

use super::view::What;
use super::{Design, Factor, Levels, Part, Runs, Turn, apart, limit, taken};

/// How many factors are set together at first: so many that there are not
/// many groups, within limits.
const GROUPS: usize = 12;
const LEAST: usize = 8;
const MOST: usize = 24;
/// Of how many runs it may make one.
const SHARE: usize = 4;

/// Factors that are set together, by their places among the many.
struct Group {
    members: Vec<usize>,
    /// The group that it is a half of.
    of: Option<usize>,
}

/// A group that was halved.
struct Halved {
    set: Levels,
    parts: Vec<Part>,
    /// Whether a half of it is to be halved, or is the one that was sought.
    goes_on: bool,
}

/// What came of it, in factors.
#[derive(Default)]
struct Came {
    /// Those that are varied as all others are.
    joined: Vec<usize>,
    /// Those that take the tool another way.
    apart: usize,
    /// Those of which nothing is known.
    untried: usize,
    /// Groups that changed what anybody sees.
    open: usize,
}

/// Sets the factors of which there are many in groups. Gives those that are
/// varied as all others are. Sets that do something as a whole only are kept
/// among the runs.
pub(super) fn sifted<E>(
    design: &Design,
    runs: &mut Runs<'_, '_, E>,
    told: &mut Experiment,
) -> Result<Vec<Factor>, E> {
    let many = &design.many;
    let size = many.len().div_ceil(GROUPS).clamp(LEAST, MOST);
    let all: Vec<usize> = (0..many.len()).collect();
    let mut wave: Vec<Group> = all
        .chunks(size)
        .map(|members| Group {
            members: members.to_vec(),
            of: None,
        })
        .collect();
    let mut came = Came::default();
    let mut halved: Vec<Halved> = Vec::new();
    let mut left = design.runs / SHARE;
    while !wave.is_empty() {
        let room = wave.len().min(left);
        left -= room;
        let rest = wave.split_off(room);
        let groups = mem::take(&mut wave);
        let sets: Vec<Levels> = groups.iter().map(|group| levels(many, group)).collect();
        let shown = runs.differences(&sets)?;
        if shown.len() < sets.len() {
            limit(told);
        }
        let undone = groups.iter().skip(shown.len()).chain(&rest);
        came.untried += undone.map(|group| group.members.len()).sum::<usize>();
        for ((group, set), (view, parts)) in groups.iter().zip(sets).zip(shown) {
            let strays = !runs.expected.is_subset(&view.models);
            let parts = sought(design, runs, &set, &parts, &mut came);
            if !strays && parts.is_empty() {
                continue;
            }
            if let Some(whole) = group.of.and_then(|at| halved.get_mut(at)) {
                whole.goes_on = true;
            }
            if let [one] = group.members.as_slice() {
                if strays {
                    came.apart += 1;
                    told.apart.push(apart(runs.fixed, &set, &view));
                } else {
                    came.joined.push(*one);
                }
                continue;
            }
            let (one, other) = group.members.split_at(group.members.len() / 2);
            wave.extend([one, other].map(|members| Group {
                members: members.to_vec(),
                of: Some(halved.len()),
            }));
            halved.push(Halved {
                set,
                parts,
                goes_on: false,
            });
        }
    }
    runs.seen = halved
        .into_iter()
        .filter(|whole| !whole.goes_on && came.untried == 0 && !whole.parts.is_empty())
        .map(|whole| (whole.set, whole.parts))
        .collect();
    told.grouped = many.iter().map(|factor| factor.name.clone()).collect();
    told.limits.extend(note(many.len(), size, &came));
    came.joined.sort_unstable();
    let joined = came.joined.iter().filter_map(|at| many.get(*at).cloned());
    Ok(joined.collect())
}

/// A group's factors, each with its first level.
fn levels(many: &[Factor], group: &Group) -> Levels {
    let members = group.members.iter().filter_map(|at| many.get(*at));
    members
        .filter_map(|factor| Some((factor.name.clone(), factor.levels.first()?.value.clone())))
        .collect()
}

/// The parts for which a group is halved.
fn sought<E>(
    design: &Design,
    runs: &Runs<'_, '_, E>,
    set: &Levels,
    parts: &[Part],
    came: &mut Came,
) -> Vec<Part> {
    let factors = taken(design, set);
    let by_server = factors.iter().any(|factor| factor.told);
    let is_sought = |part: &&Part| {
        Turn::of(part, &factors, &runs.expected) < Turn::Aside
            || part.what == What::Contacts
            || by_server && part.what == What::Local
    };
    let out: Vec<Part> = parts.iter().filter(is_sought).cloned().collect();
    came.open += usize::from(out.len() < parts.len());
    out
}

fn note(many: usize, size: usize, came: &Came) -> Vec<String> {
    if many == 0 {
        return Vec::new();
    }
    let mut out = vec![format!(
        "{many} further variables and flags were set up to {size} at a time: {} changed something that nobody may see or whom the tool turns to, and were varied as all others; {} took it another way",
        came.joined.len(),
        came.apart
    )];
    if came.open > 0 {
        out.push(format!(
            "groups of them that changed something that anybody sees, of which it is not told which did: {}",
            came.open
        ));
    }
    if came.untried > 0 {
        out.push(format!(
            "of them not tried, or not told apart, for want of runs: {}",
            came.untried
        ));
    }
    out
}
