//! Matched pairs: each treated market beside the one untreated market that moved most like it before.
//!
//! 1. Pairs are made from the days before alone: of all pairs of a treated and an untreated market the two whose shapes (values over
//!    their mean) differ least come together, then the next, each market once.
//! 2. A pair tells the logarithm of how far the treated market grew beyond its twin. The effect is their mean.
//! 3. Null: within each pair, chance decided which of the two was treated. All ways of turning signs are counted, so the smallest
//!    p is 2 over 2 to the number of pairs: five pairs cannot pass 5 %.
//!
//! It wastes the other markets and is robust for it: a twin is a market, not a mixture. Where markets were not drawn within pairs the
//! null is an analogy; the row is shown and does not decide.

/// What the pairs say.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    /// The treated market and its twin, as places in the panel.
    pub pairs: Vec<(usize, usize)>,
    /// What the test brought in all.
    pub total: f64,
    /// p-value for no effect.
    pub p_value: f64,
    /// The smallest that there can be.
    pub floor: f64,
}

/// Pairs whose signs are all turned; beyond them the normal curve stands in.
const TURNED_MAX: usize = 16;

/// Reads the pairs. `None` where a market sold nothing before or during the test, or there are fewer others than treated markets.
pub fn read(values: &[Vec<f64>], treated: &[usize], others: &[usize], n_before: usize) -> Option<Pairs> {
    if others.len() < treated.len() {
        return None;
    }
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let before: Vec<f64> = values.iter().map(|v| mean(&v[..n_before])).collect();
    let during: Vec<f64> = values.iter().map(|v| mean(&v[n_before..])).collect();
    let pairs = twins(values, &before, treated, others, n_before)?;
    let grown = |i: usize| (during[i] / before[i]).ln();
    let gains: Vec<f64> = pairs.iter().map(|(a, b)| grown(*a) - grown(*b)).collect();
    if gains.iter().any(|g| !g.is_finite()) {
        return None;
    }
    let n_during = (values[0].len() - n_before) as f64;
    let total = pairs.iter().map(|(a, b)| (during[*a] - before[*a] * during[*b] / before[*b]) * n_during).sum();
    let (p_value, floor) = turned(&gains);
    Some(Pairs { pairs, total, p_value, floor })
}

fn twins(
    values: &[Vec<f64>],
    before: &[f64],
    treated: &[usize],
    others: &[usize],
    n_before: usize,
) -> Option<Vec<(usize, usize)>> {
    if treated.iter().chain(others).any(|i| before[*i] <= 0.0) {
        return None;
    }
    let apart = |a: usize, b: usize| {
        (0..n_before).map(|t| (values[a][t] / before[a] - values[b][t] / before[b]).powi(2)).sum::<f64>()
    };
    let mut all: Vec<(f64, usize, usize)> =
        treated.iter().flat_map(|a| others.iter().map(move |b| (apart(*a, *b), *a, *b))).collect();
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    let mut pairs: Vec<(usize, usize)> = Vec::with_capacity(treated.len());
    for (_, a, b) in all {
        if pairs.iter().all(|(c, d)| *c != a && *d != b) {
            pairs.push((a, b));
        }
    }
    Some(pairs)
}

/// Two-sided p-value of a sum against all turns of signs, and the smallest that there can be.
fn turned(gains: &[f64]) -> (f64, f64) {
    let n = gains.len();
    let here = gains.iter().sum::<f64>().abs();
    if n > TURNED_MAX {
        let spread = gains.iter().map(|g| g * g).sum::<f64>().sqrt();
        return (2.0 * assay_math::normal_upper_tail(here / spread.max(f64::MIN_POSITIVE)), 0.0);
    }
    let ways = 1_u32 << n;
    let as_far = (0..ways)
        .filter(|way| {
            let sum: f64 = gains.iter().enumerate().map(|(k, g)| if (way >> k) & 1 == 0 { *g } else { -g }).sum();
            sum.abs() >= here * (1.0 - 1e-12)
        })
        .count();
    (as_far as f64 / f64::from(ways), 2.0 / f64::from(ways))
}

#[cfg(test)]
mod tests {
    use super::{read, turned};

    #[test]
    fn twins_move_alike_and_the_effect_is_found() {
        // Markets 0 to 5 are treated; 6 to 11 move like them at other sizes; 12 moves like none.
        let shape = |k: usize, t: usize| 100.0 + 20.0 * ((t * (k + 1)) as f64 * 0.4).sin();
        let mut values: Vec<Vec<f64>> = Vec::new();
        for k in 0..6 {
            values.push((0..40).map(|t| shape(k, t) * if t < 30 { 1.0 } else { 1.2 }).collect());
        }
        for k in 0..6 {
            values.push((0..40).map(|t| 3.0 * shape(k, t)).collect());
        }
        values.push((0..40).map(|t| shape(9, t)).collect());
        let treated: Vec<usize> = (0..6).collect();
        let found = read(&values, &treated, &(6..13).collect::<Vec<_>>(), 30).expect("pairs");
        assert!(found.pairs.iter().all(|(a, b)| b - a == 6), "{:?}", found.pairs);
        let truth: f64 = (0..6).map(|k| (30..40).map(|t| 0.2 * shape(k, t)).sum::<f64>()).sum();
        assert!((found.total - truth).abs() < 1e-6 * truth && (found.p_value - 2.0 / 64.0).abs() < 1e-12, "{found:?}");
        assert!(read(&values, &treated, &[6, 7], 30).is_none());
    }

    /// By hand: of the eight turns of (3, 2, 1), only all plus and all minus reach 6; four turns reach 4 (3+2-1) and more.
    #[test]
    fn turns_are_counted() {
        assert_eq!(turned(&[3.0, 2.0, 1.0]), (0.25, 0.25));
        assert_eq!(turned(&[3.0, 2.0, -1.0]), (0.5, 0.25));
    }
}
