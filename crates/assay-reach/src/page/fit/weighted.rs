//! A distribution as values with weights.

/// Values with weights, sorted by value: a distribution that quantiles are read off.
#[derive(Debug, Clone, Default)]
pub struct Weighted {
    sorted: Vec<(f64, f64)>,
    total: f64,
}

impl Weighted {
    /// Makes one of values and weights of 0 or above.
    pub fn new(mut values: Vec<(f64, f64)>) -> Self {
        values.retain(|(v, w)| *w > 0.0 && v.is_finite());
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total = values.iter().map(|(_, w)| w).sum();
        Self { sorted: values, total }
    }

    /// The least value at or below which this share of the weight lies; `None` of nothing.
    pub fn quantile(&self, probability: f64) -> Option<f64> {
        let mut left = probability * self.total;
        for (value, weight) in &self.sorted {
            left -= weight;
            if left <= 1e-12 * self.total {
                return Some(*value);
            }
        }
        self.sorted.last().map(|(value, _)| *value)
    }

    /// The share of the weight below a value, and the share at it.
    pub fn below_and_at(&self, value: f64) -> (f64, f64) {
        let near = 1e-12 * value.abs().max(1.0);
        let (mut below, mut at) = (0.0, 0.0);
        for (v, w) in &self.sorted {
            if (v - value).abs() <= near {
                at += w;
            } else if *v < value {
                below += w;
            }
        }
        (below / self.total, at / self.total)
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.sorted.iter().map(|(v, w)| v * w).sum::<f64>() / self.total
    }

    /// The standard deviation.
    pub fn sd(&self) -> f64 {
        let mean = self.mean();
        (self.sorted.iter().map(|(v, w)| w * (v - mean).powi(2)).sum::<f64>() / self.total).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::Weighted;

    #[test]
    fn weights_count() {
        let w = Weighted::new(vec![(2.0, 1.0), (1.0, 3.0), (5.0, 0.0)]);
        assert_eq!((w.quantile(0.5), w.quantile(0.75), w.quantile(0.8)), (Some(1.0), Some(1.0), Some(2.0)));
        assert_eq!(w.below_and_at(2.0), (0.75, 0.25));
        assert!((w.mean() - 1.25).abs() < 1e-12 && (w.sd() - 0.1875_f64.sqrt()).abs() < 1e-12);
    }
}
