//! Covering arrays: few runs in which every combination of levels of every
//! pair of factors (or of three) stands together in some run.
//!
//! Row after row is built greedily, from a combination that is not covered
//! yet, as in AETG (Cohen et al., IEEE Trans. Softw. Eng. 23(7), 1997). The
//! result is the same each time.

use std::collections::BTreeSet;

/// Levels of a row, one for each factor; 0 is the plain one.
pub(super) type Row = Vec<usize>;

/// How many rows are tried for each that is taken.
const TRIED: usize = 24;

/// A combination: factors in rising order, each with a level.
type Tuple = Vec<(usize, usize)>;

/// An array of a strength over factors with so many levels each (the plain
/// one counted). `first` are rows that stand first. At most `most` rows:
/// gives them, and how many combinations stand in none of them, of how many.
/// Each `number` gives other rows.
pub(super) fn array(
    levels: &[usize],
    strength: usize,
    first: &[Row],
    most: usize,
    number: u64,
) -> (Vec<Row>, usize, usize) {
    let mut open = tuples(levels, strength);
    let all = open.len();
    let mut rows: Vec<Row> = Vec::new();
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ number.rotate_left(32));
    for row in first {
        cover(&mut open, row);
        rows.push(row.clone());
    }
    while rows.len() < most {
        let Some(start) = open.iter().next().cloned() else {
            break;
        };
        let mut best: Option<(usize, Row)> = None;
        for _ in 0..TRIED {
            let row = grown(levels, &start, &open, &mut random);
            let gain = open.iter().filter(|tuple| holds(&row, tuple)).count();
            if best.as_ref().is_none_or(|(known, _)| gain > *known) {
                best = Some((gain, row));
            }
        }
        let Some((_, row)) = best else { break };
        cover(&mut open, &row);
        rows.push(row);
    }
    (rows, open.len(), all)
}

/// A row that begins with a combination, and takes for each other factor the
/// level that covers most with what is there.
fn grown(levels: &[usize], start: &Tuple, open: &BTreeSet<Tuple>, random: &mut Random) -> Row {
    let mut row: Vec<Option<usize>> = vec![None; levels.len()];
    for (factor, level) in start {
        if let Some(place) = row.get_mut(*factor) {
            *place = Some(*level);
        }
    }
    let mut left: Vec<usize> = (0..levels.len())
        .filter(|factor| !start.iter().any(|(known, _)| known == factor))
        .collect();
    random.shuffle(&mut left);
    for factor in left {
        let mut gains = vec![0usize; levels.get(factor).copied().unwrap_or(1)];
        for tuple in open {
            let Some((_, level)) = tuple.iter().find(|(known, _)| *known == factor) else {
                continue;
            };
            let rest = tuple.iter().filter(|(known, _)| *known != factor);
            let fits = rest
                .clone()
                .all(|(other, level)| row.get(*other).copied().flatten() == Some(*level));
            if let (true, Some(gain)) = (fits, gains.get_mut(*level)) {
                *gain = gain.saturating_add(1);
            }
        }
        let top = gains.iter().max().copied().unwrap_or(0);
        let best: Vec<usize> = (0..gains.len())
            .filter(|level| gains.get(*level) == Some(&top))
            .collect();
        let level = best.get(random.below(best.len())).copied();
        if let Some(place) = row.get_mut(factor) {
            *place = level;
        }
    }
    row.into_iter().map(Option::unwrap_or_default).collect()
}

fn holds(row: &[usize], tuple: &Tuple) -> bool {
    tuple
        .iter()
        .all(|(factor, level)| row.get(*factor) == Some(level))
}

fn cover(open: &mut BTreeSet<Tuple>, row: &[usize]) {
    open.retain(|tuple| !holds(row, tuple));
}

/// All combinations of a strength; of all factors where there are fewer.
fn tuples(levels: &[usize], strength: usize) -> BTreeSet<Tuple> {
    let mut out: Vec<Tuple> = vec![Vec::new()];
    for _ in 0..strength.min(levels.len()) {
        let mut longer = Vec::new();
        for tuple in &out {
            let from = tuple.last().map_or(0, |(factor, _)| factor + 1);
            for (factor, count) in levels.iter().enumerate().skip(from) {
                for level in 0..*count {
                    let mut more = tuple.clone();
                    more.push((factor, level));
                    longer.push(more);
                }
            }
        }
        out = longer;
    }
    out.into_iter().collect()
}

/// Numbers without order, the same each time. xorshift64*: Vigna, ACM Trans.
/// Math. Softw. 42(4), 2016.
#[derive(Debug, Clone)]
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, count: usize) -> usize {
        let high = usize::try_from(self.next() >> 33).unwrap_or(0);
        high.checked_rem(count).unwrap_or(0)
    }

    /// Brings things into another order (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let other = self.below(at + 1);
            items.swap(at, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{array, holds, tuples};

    #[test]
    fn every_combination_stands_in_a_row() {
        for (levels, strength, most) in [
            (vec![3usize; 10], 2, 24),
            (vec![2, 3, 4, 2, 5, 3], 2, 30),
            (vec![2; 8], 3, 24),
            (vec![4], 2, 4),
            (vec![], 2, 1),
        ] {
            let (rows, open, all) = array(&levels, strength, &[], 1000, 0);
            assert_eq!(open, 0, "{levels:?}");
            assert!(rows.len() <= most, "{levels:?}: {}", rows.len());
            let tuples = tuples(&levels, strength);
            assert_eq!(tuples.len(), all);
            for tuple in tuples {
                assert!(rows.iter().any(|row| holds(row, &tuple)), "{tuple:?}");
            }
        }
    }

    #[test]
    fn rows_that_are_asked_for_stand_first_and_a_limit_is_told() {
        let first = vec![vec![1, 1, 1]];
        let (rows, open, all) = array(&[2, 2, 2], 2, &first, 2, 0);
        assert_eq!((rows.len(), &rows[0]), (2, &first[0]));
        assert!(open > 0 && open < all, "{open} of {all}");
    }
}
