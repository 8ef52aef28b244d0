//! Intervals of ratios.

use assay_math::{Estimate, normal_quantile, normal_to_student, poisson_interval};

/// The ratio of two sums over units (posts, orders), with the interval of the delta method: the variance of a unit's residual
/// `y - r x`, times n / (n - 1), over the square of the sum of x (Cochran 1977, "Sampling Techniques", 6.3), on the log scale
/// so that it stays above 0, with Student's quantile of n - 1. `None` with fewer than two units, or at 0.
///
/// It holds where units are alike and independent; few very large units make it too narrow.
pub(crate) fn ratio(units: impl Iterator<Item = (f64, f64)> + Clone, confidence: f64) -> Option<Estimate> {
    let (mut n, mut y_sum, mut x_sum) = (0.0, 0.0, 0.0);
    for (y, x) in units.clone() {
        n += 1.0;
        y_sum += y;
        x_sum += x;
    }
    if n < 2.0 || x_sum <= 0.0 || y_sum <= 0.0 {
        return None;
    }
    let ratio = y_sum / x_sum;
    let squares: f64 = units.map(|(y, x)| (y - ratio * x).powi(2)).sum();
    let error = (squares * n / (n - 1.0)).sqrt() / x_sum;
    let quantile = normal_to_student(normal_quantile(0.5 + confidence / 2.0), n - 1.0);
    let half = quantile * error / ratio;
    let (low, high) = (ratio * (-half).exp(), ratio * half.exp());
    high.is_finite().then(|| Estimate::new(ratio, low, high, confidence))
}

/// A share made of such a ratio: its interval ends at 1.
pub(crate) fn share(units: impl Iterator<Item = (f64, f64)> + Clone, confidence: f64) -> Option<Estimate> {
    let e = ratio(units, confidence)?;
    (e.point <= 1.0).then(|| Estimate::new(e.point, e.low, e.high.min(1.0), confidence))
}

/// A cost that is known over a count of things that chance had a part in: Garwood's interval of the count. `None` at a count
/// of 0.
pub(crate) fn per_count(cost: f64, count: f64, confidence: f64) -> Option<Estimate> {
    if count <= 0.0 {
        return None;
    }
    let (low, high) = poisson_interval(count, confidence);
    (low > 0.0).then(|| {
        let ends = [cost / high, cost / low];
        let point = cost / count;
        Estimate::new(point, ends[0].min(point), ends[1].max(point), confidence)
    })
}

#[cfg(test)]
mod tests {
    use super::{per_count, ratio, share};

    /// By hand: y 1, 2, 6 over x 1, 2, 3: r = 1.5, residuals -.5, -1, 1.5, error sqrt(3.5 * 1.5) / 6 = .38188, t(2) = 4.30265.
    #[test]
    fn the_interval_of_a_ratio_is_that_of_the_delta_method() {
        let e = ratio([(1.0, 1.0), (2.0, 2.0), (6.0, 3.0)].into_iter(), 0.95).unwrap();
        let half = 4.302_652_73 * 0.381_881_3 / 1.5_f64;
        assert!((e.point - 1.5).abs() < 1e-12 && (e.high / (1.5 * half.exp()) - 1.0).abs() < 1e-6, "{e:?}");
        assert!(ratio([(1.0, 1.0)].into_iter(), 0.95).is_none());
        assert!(share([(2.0, 3.0), (1.0, 3.0)].into_iter(), 0.95).unwrap().high <= 1.0);
    }

    /// Garwood's interval of 10 is 4.795 to 18.390.
    #[test]
    fn a_cost_per_count_turns_the_interval_of_the_count_round() {
        let e = per_count(1_000.0, 10.0, 0.95).unwrap();
        assert!(
            (e.low - 1_000.0 / 18.390_355_8).abs() < 1e-4 && (e.high - 1_000.0 / 4.795_388_7).abs() < 1e-4,
            "{e:?}"
        );
    }
}
