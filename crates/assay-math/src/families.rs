//! Families of tests: p-values adjusted so that a whole family keeps its error rate.

/// Adjusted p-values of Holm (1979), in the order given: rejecting where they are at most `level` makes any false rejection at
/// all with probability of at most `level`, however the tests depend on one another. Costs O(k log k).
pub fn holm(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let mut adjusted = vec![1.0; p.len()];
    let mut most = 0.0_f64;
    for (k, &i) in order.iter().enumerate() {
        most = most.max(p[i] * (p.len() - k) as f64).min(1.0);
        adjusted[i] = most;
    }
    adjusted
}

/// Adjusted p-values of Hommel (1988), by the algorithm of Wright (1992): never above Holm's, and valid where tests are
/// independent or positively dependent. Costs O(k^2).
pub fn hommel(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let n = p.len();
    let sorted: Vec<f64> = order.iter().map(|i| p[*i]).collect();
    let mut adjusted = sorted.clone();
    for m in (2..=n).rev() {
        let split = n - m;
        let c_least = (split..n).map(|i| m as f64 * sorted[i] / (m + i + 1 - n) as f64).fold(f64::INFINITY, f64::min);
        for (i, value) in adjusted.iter_mut().enumerate() {
            let bound = if i >= split { c_least } else { c_least.min(m as f64 * sorted[i]) };
            *value = value.max(bound);
        }
    }
    let mut out = vec![1.0; n];
    for (k, &i) in order.iter().enumerate() {
        out[i] = adjusted[k].min(1.0);
    }
    out
}

fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::{holm, hommel};
    use crate::benjamini_hochberg;

    /// R: `p <- c(.001, .012, .021, .04, .3); p.adjust(p, "holm"); p.adjust(p, "BH"); p.adjust(p, "hommel")`.
    #[test]
    fn agrees_with_r() {
        let p = [0.001, 0.012, 0.021, 0.04, 0.3];
        for (got, want) in [
            (holm(&p), [0.005, 0.048, 0.063, 0.08, 0.3]),
            (benjamini_hochberg(&p, 5), [0.005, 0.03, 0.035, 0.05, 0.3]),
            (hommel(&p), [0.005, 0.042, 0.06, 0.08, 0.3]),
        ] {
            for (got, want) in got.iter().zip(want) {
                assert!((got - want).abs() < 1e-12, "{got} {want}");
            }
        }
    }

    #[test]
    fn the_order_given_is_kept() {
        let p = holm(&[0.3, 0.001]);
        assert!((p[0] - 0.3).abs() < 1e-12 && (p[1] - 0.002).abs() < 1e-12, "{p:?}");
        assert!(holm(&[]).is_empty() && hommel(&[]).is_empty());
    }
}
