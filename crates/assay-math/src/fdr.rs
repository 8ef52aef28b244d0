//! False-discovery control.

/// Adjusted p-values (q-values) of Benjamini and Hochberg (1995), in the order given.
///
/// A set of hypotheses with `q <= level` holds at most `level` false ones on average, when the tests are independent or
/// positively dependent. `n_tests` is how many tests were made in all (at least `p.len()`): tests that were made and
/// not listed count as p = 1. Costs O(k log k) in k = `p.len()`.
///
/// # Panics
/// If `n_tests < p.len()`.
pub fn benjamini_hochberg(p: &[f64], n_tests: usize) -> Vec<f64> {
    assert!(n_tests >= p.len(), "{n_tests} tests were made, {} listed", p.len());
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut q = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (k, &i) in order.iter().enumerate().rev() {
        least = least.min(p[i] * n_tests as f64 / (k + 1) as f64);
        q[i] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::benjamini_hochberg;

    /// R 4: `p.adjust(c(.01, .04, .03, .005, .5), "BH")` prints 0.025 0.050 0.050 0.025 0.500.
    #[test]
    fn agrees_with_r() {
        let q = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005, 0.5], 5);
        for (got, want) in q.iter().zip([0.025, 0.05, 0.05, 0.025, 0.5]) {
            assert!((got - want).abs() < 1e-12, "{q:?}");
        }
    }

    #[test]
    fn tests_not_listed_count_as_one() {
        assert_eq!(benjamini_hochberg(&[0.01], 10), vec![0.1]);
    }
}
