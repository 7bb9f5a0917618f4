//! What truly differs between two sides of which the functions are paired.

use std::collections::BTreeMap;

use super::{Function, Functions, Matching};

/// Functions that are not the same on both sides, as indices of their lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Those that do something else.
    pub changed: Vec<(u32, u32)>,
    /// Those that have the same texts, names, calls and operators in another
    /// order, under other branches, or with other variables, as another
    /// minifier may leave them.
    pub rearranged: Vec<(u32, u32)>,
    /// Those of the second side alone.
    pub new: Vec<u32>,
    /// Those of the first side alone.
    pub gone: Vec<u32>,
}

/// Tells what differs. A function that was put into those that call it is no
/// difference: neither it nor they do anything else.
#[must_use]
pub fn differences(first: &Functions, second: &Functions, matching: &Matching) -> Differences {
    let (before, after) = (&first.list, &second.list);
    let mut out = Differences::default();
    let free = |list: &[Option<u32>]| -> Vec<u32> {
        let free = (0u32..).zip(list).filter(|(_, other)| other.is_none());
        free.map(|(at, _)| at).collect()
    };
    let (gone, new) = (free(&matching.to), free(&matching.from));
    let mut used = (BTreeMap::<u32, bool>::new(), BTreeMap::<u32, bool>::new());
    for (one, other) in matching.pairs() {
        let (Some(a), Some(b)) = (before.get(one as usize), after.get(other as usize)) else {
            continue;
        };
        if a.own == b.own {
            if a.uses != b.uses || others_are_called(a, b, matching) {
                out.rearranged.push((one, other));
            }
            continue;
        }
        if a.bag == b.bag {
            out.rearranged.push((one, other));
            continue;
        }
        let (lost, got) = (less(&a.atoms, &b.atoms), less(&b.atoms, &a.atoms));
        // It may be written under the field that holds it, or beside.
        let apart = match (lost.as_slice(), got.as_slice()) {
            ([], [one]) => a.under.is_none() && b.under == Some(*one),
            ([one], []) => b.under.is_none() && a.under == Some(*one),
            _ => false,
        };
        if apart {
            out.rearranged.push((one, other));
            continue;
        }
        // A constant may be known by its name alone where it comes from
        // another module.
        let named = |atoms: &[u32], known: &Functions, other: &Function| {
            atoms.len() <= other.foreign as usize
                && atoms.iter().all(|atom| known.named.contains(atom))
        };
        let by_name = match (lost.is_empty(), got.is_empty()) {
            (true, false) => named(&got, second, a),
            (false, true) => named(&lost, first, b),
            _ => false,
        };
        if by_name {
            continue;
        }
        let moved = match (lost.is_empty(), got.is_empty()) {
            // What it holds more is what a function held that it called.
            (true, false) => put_in(&got, a, before, &matching.to, &mut used.0),
            (false, true) => put_in(&lost, b, after, &matching.from, &mut used.1),
            _ => false,
        };
        // In which order, and under which branches, is not looked at there.
        if moved {
            out.rearranged.push((one, other));
        } else {
            out.changed.push((one, other));
        }
    }
    let left = |list: Vec<u32>, used: &BTreeMap<u32, bool>, of: &[Function]| -> Vec<u32> {
        let left = list.into_iter().filter(|at| !used.contains_key(at));
        let does = |at: &u32| of.get(*at as usize).is_some_and(|one| !one.hands_on);
        left.filter(does).collect()
    };
    out.gone = left(gone, &used.0, before);
    out.new = left(new, &used.1, after);
    out
}

/// Whether one refers to other functions than the other, or to the same ones
/// in another order; where one names fewer, some may have been put in.
fn others_are_called(one: &Function, other: &Function, matching: &Matching) -> bool {
    one.refs.len() == other.refs.len()
        && one.refs.iter().zip(&other.refs).any(|(at, other)| {
            let to = matching.to.get(*at as usize).copied().flatten();
            to.is_some_and(|to| to != *other)
        })
}

/// What of one sorted list the other has not.
#[must_use]
pub fn less(one: &[u32], other: &[u32]) -> Vec<u32> {
    let mut rest = other.iter().peekable();
    let mut out = Vec::new();
    for atom in one {
        while rest.next_if(|next| *next < atom).is_some() {}
        if rest.next_if_eq(&atom).is_none() {
            out.push(*atom);
        }
    }
    out
}

/// Whether atoms are just those of functions that were called and are no more
/// there.
fn put_in(
    atoms: &[u32],
    function: &Function,
    list: &[Function],
    others: &[Option<u32>],
    used: &mut BTreeMap<u32, bool>,
) -> bool {
    let mut left = atoms.to_vec();
    let mut taken = Vec::new();
    let mut rest: Vec<u32> = function.refs.clone();
    let mut seen = Vec::new();
    while let Some(at) = rest.pop() {
        let is_free = others.get(at as usize).is_some_and(Option::is_none);
        let Some(inner) = list.get(at as usize).filter(|_| is_free) else {
            continue;
        };
        if seen.contains(&at) || inner.atoms.is_empty() || !less(&inner.atoms, &left).is_empty() {
            continue;
        }
        seen.push(at);
        left = less(&left, &inner.atoms);
        taken.push(at);
        rest.extend(inner.refs.iter().copied());
    }
    if left.is_empty() && !taken.is_empty() {
        for at in taken {
            used.insert(at, true);
        }
        return true;
    }
    false
}
