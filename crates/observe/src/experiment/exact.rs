//! How sure an effect is: Fisher's exact test, and Holm's correction for
//! several tests at once.

/// The probability that so many of the changed runs, or still more unlikely
/// numbers, would show what so many of the unchanged ones show, if the change
/// did nothing: Fisher's exact test, two-sided.
pub(super) fn fisher(seen: usize, runs: usize, plain_seen: usize, plain_runs: usize) -> f64 {
    let marked = seen + plain_seen;
    let all = runs + plain_runs;
    let log = |hits: usize| -> Option<f64> {
        Some(
            choose(runs, hits)? + choose(plain_runs, marked.checked_sub(hits)?)?
                - choose(all, marked)?,
        )
    };
    let Some(here) = log(seen) else { return 1.0 };
    // Sums in floating point differ in their last digits.
    let sum: f64 = (0..=marked.min(runs))
        .filter_map(log)
        .filter(|other| *other <= here + 1e-9)
        .map(f64::exp)
        .sum();
    sum.min(1.0)
}

/// The logarithm of a binomial coefficient; none where it is zero.
fn choose(of: usize, taken: usize) -> Option<f64> {
    let rest = of.checked_sub(taken)?;
    let sum = |to: usize| (1..=to).map(|n| (n as f64).ln()).sum::<f64>();
    Some(sum(of) - sum(taken) - sum(rest))
}

/// The probabilities with regard to how many tests there are: Holm, Scand. J.
/// Stat. 6(2), 1979.
pub(super) fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    let value = |at: &usize| p.get(*at).copied().unwrap_or(1.0);
    order.sort_by(|a, b| value(a).total_cmp(&value(b)));
    let mut out = vec![1.0; p.len()];
    let mut least: f64 = 0.0;
    for (done, at) in order.iter().enumerate() {
        least = least.max(value(at) * (p.len() - done) as f64).min(1.0);
        if let Some(place) = out.get_mut(*at) {
            *place = least;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{fisher, holm};

    #[test]
    fn probabilities_are_those_of_the_books() {
        // Fisher's own example, of a lady who tastes tea: 3 of 4, 1 of 4.
        assert!((fisher(3, 4, 1, 4) - 0.485_714).abs() < 1e-6);
        assert!((fisher(7, 7, 0, 7) - 2.0 / 3432.0).abs() < 1e-9);
        assert!((fisher(0, 7, 0, 7) - 1.0).abs() < 1e-9);
        assert!((fisher(1, 9, 11, 14) - 0.002_759).abs() < 1e-6);
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.03, 0.06, 0.06, 0.02];
        for (is, wanted) in adjusted.iter().zip(expected) {
            assert!((is - wanted).abs() < 1e-12, "{adjusted:?}");
        }
    }
}
