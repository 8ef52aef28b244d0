//! Medians and quantiles of samples.

/// The quantile of sorted values by linear interpolation (type 7 of Hyndman and Fan 1996, as R and NumPy have it); `None` of
/// none.
pub(crate) fn quantile_of_sorted(sorted: &[f64], probability: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = probability.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64))
}

/// The median.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    quantile_of_sorted(&sorted(values), 0.5)
}

/// The values in order.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// A robust standard deviation: the median distance from the median over .6745, which the normal's is; `None` of none.
pub(crate) fn robust_sd(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    median(&values.iter().map(|v| (v - middle).abs()).collect::<Vec<_>>()).map(|mad| mad / 0.674_489_75)
}

#[cfg(test)]
mod tests {
    use super::{median, quantile_of_sorted, robust_sd};

    /// R: `quantile(c(1, 2, 4, 8), c(.1, .5, .9))` prints 1.3 3.0 6.8; `mad(c(1, 2, 4, 8))` prints 2.2239.
    #[test]
    fn agree_with_r() {
        let values = [1.0, 2.0, 4.0, 8.0];
        for (p, want) in [(0.1, 1.3), (0.5, 3.0), (0.9, 6.8)] {
            assert!((quantile_of_sorted(&values, p).expect("four") - want).abs() < 1e-12);
        }
        assert_eq!((median(&values), median(&[])), (Some(3.0), None));
        assert!((robust_sd(&values).expect("four") - 2.223_9).abs() < 1e-4);
    }
}
