//! A predictive distribution of log reach, tabulated.

/// A predictive distribution of log reach, as probabilities at rising values.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    values: Vec<f64>,
    probabilities: Vec<f64>,
}

/// Up to here a prediction of a whole number is heaped on the whole numbers.
pub(super) const HEAPED_MAX: usize = 24;

impl Prediction {
    pub(super) fn new(values: Vec<f64>, probabilities: Vec<f64>) -> Self {
        Self { values, probabilities }
    }

    /// The value below which this probability lies.
    pub fn quantile(&self, probability: f64) -> f64 {
        let i = self.probabilities.partition_point(|p| *p < probability);
        if i == 0 {
            return self.values[0];
        }
        if i >= self.values.len() {
            return self.values[self.values.len() - 1];
        }
        let (p0, p1) = (self.probabilities[i - 1], self.probabilities[i]);
        let share = if p1 > p0 { (probability - p0) / (p1 - p0) } else { 0.0 };
        self.values[i - 1] + (self.values[i] - self.values[i - 1]) * share
    }

    /// The probability below a value.
    pub fn probability(&self, value: f64) -> f64 {
        let i = self.values.partition_point(|v| *v < value);
        if i == 0 {
            return self.probabilities[0];
        }
        if i >= self.values.len() {
            return self.probabilities[self.values.len() - 1];
        }
        let share = (value - self.values[i - 1]) / (self.values[i] - self.values[i - 1]);
        self.probabilities[i - 1] + (self.probabilities[i] - self.probabilities[i - 1]) * share
    }

    /// The same for a number that is whole and at least 1, as reach is: where few are reached it is heaped on the whole numbers.
    pub(crate) fn of_counts(&self) -> Self {
        let at = |k: usize| self.probability((k as f64 + 0.5).ln());
        if at(HEAPED_MAX) < 0.02 {
            return self.clone();
        }
        let none = at(0).min(0.999_999);
        let above = |p: f64| ((p - none) / (1.0 - none)).max(0.0);
        let (mut values, mut probabilities) = (Vec::new(), Vec::new());
        for k in 1..=HEAPED_MAX {
            let ln = (k as f64).ln();
            values.extend([ln, ln]);
            probabilities.extend([above(at(k - 1)), above(at(k))]);
        }
        for (value, p) in self.values.iter().zip(&self.probabilities) {
            if *value > (HEAPED_MAX as f64 + 0.5).ln() {
                values.push(*value);
                probabilities.push(above(*p));
            }
        }
        Self { values, probabilities }
    }

    /// The continuous ranked probability score against what came: the integral of `(F(x) - [x >= y])^2` (Gneiting and Raftery
    /// 2007), by the trapezoidal rule on pieces that end at what came.
    pub fn crps(&self, came: f64) -> f64 {
        let last = self.values.len() - 1;
        let mut score = (self.values[0] - came).max(0.0) + (came - self.values[last]).max(0.0);
        for i in 0..last {
            let (a, b) = (self.values[i], self.values[i + 1]);
            let (p, q) = (self.probabilities[i], self.probabilities[i + 1]);
            let piece = |from: f64, to: f64, p: f64, q: f64| (to - from) * (p * p + p * q + q * q) / 3.0;
            score += if came <= a {
                piece(a, b, 1.0 - p, 1.0 - q)
            } else if came >= b {
                piece(a, b, p, q)
            } else {
                let middle = p + (q - p) * (came - a) / (b - a);
                piece(a, came, p, middle) + piece(came, b, 1.0 - middle, 1.0 - q)
            };
        }
        score
    }
}

#[cfg(test)]
mod tests {
    use super::Prediction;

    /// Even on logs from .5 to 2.5: 1 comes with a chance of ln 3 over ln 5, .6826, and 2 with the rest. Against 1 the score is the width
    /// from ln 1 to ln 2 times the square of that rest, by hand; spread evenly it would be larger.
    #[test]
    fn few_are_counted_in_whole_numbers() {
        let even = Prediction::new(vec![0.5_f64.ln(), 2.5_f64.ln()], vec![0.0, 1.0]);
        let heaped = even.of_counts();
        let rest = 1.0 - 3.0_f64.ln() / 5.0_f64.ln();
        assert!((heaped.crps(0.0) - 2.0_f64.ln() * rest * rest).abs() < 1e-9, "{}", heaped.crps(0.0));
        assert!(heaped.crps(0.0) < even.crps(0.0));
        assert!((heaped.probability(0.3) - (1.0 - rest)).abs() < 1e-9);
        // Where many are reached nothing is heaped.
        let many = Prediction::new(vec![6.0, 7.0], vec![0.0, 1.0]);
        assert_eq!(many.of_counts(), many);
    }
}
