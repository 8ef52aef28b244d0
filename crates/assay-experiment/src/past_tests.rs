//! Several past tests together: what each is worth once the others are known, and how much a winner is to be discounted.
//!
//! 1. True effects are taken to scatter around a mean `m` with spread `t` (random effects). Each test adds its own error, known.
//! 2. `t` is not fixed at one value: it is summed over, evenly weighted beforehand on 0 to twenty times the largest error or scatter,
//!    `m` flat (Gelman and others, Bayesian Data Analysis, 5.4). So few tests leave `t` open, and shrink less surely.
//! 3. Given `t` each test's true effect is normal: its result drawn towards `m` by its error over error and scatter. Intervals are of
//!    the mixture.
//! 4. Winner's curse: had the test the effect that it is now believed to have, by how much would its result overstate it whenever it
//!    is significant (type M), and how often would it have the wrong sign then (type S; Gelman and Carlin 2014)?
//!
//! Limits: the tests are taken as alike in kind and all there: a list of the ones that went well shrinks too little. Below three
//! tests the scatter is a guess of the prior's.

use assay_math::{Estimate, normal_density, normal_quantile, normal_upper_tail};

/// Tests below which nothing is said.
pub const TESTS_MIN: usize = 3;
/// Points of the grid over the scatter.
const STEPS: usize = 400;

/// A past test's result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastTest {
    /// Its effect, on a scale that all tests share.
    pub effect: f64,
    /// Its standard error, above 0.
    pub error: f64,
}

/// What is believed of a test once the others are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrunken {
    /// Its true effect.
    pub effect: Estimate,
    /// The chance that it is above 0.
    pub p_positive: f64,
    /// How much a significant result overstates an effect of this size; `None` where it is 0.
    pub exaggeration: Option<f64>,
    /// How often a significant result would have the wrong sign.
    pub wrong_sign: f64,
}

/// Several tests.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// The mean of true effects.
    pub mean: Estimate,
    /// Their scatter; the point is its mean.
    pub scatter: Estimate,
    /// A further test's true effect.
    pub next: Estimate,
    /// The chance that a further test's true effect is above 0.
    pub next_p_positive: f64,
    /// Each test, in order.
    pub tests: Vec<Shrunken>,
}

/// A normal part of a mixture: weight, mean, standard deviation.
type Part = (f64, f64, f64);

/// Reads the tests. `None` below [`TESTS_MIN`].
pub fn together(tests: &[PastTest], confidence: f64) -> Option<Together> {
    let drawn = Drawn::of(tests)?;
    let next = drawn.mixed(&|k| (drawn.given[k].1, (drawn.given[k].2.powi(2) + drawn.grid[k].powi(2)).sqrt()));
    let each = tests.iter().map(|test| {
        let parts = drawn.parts(test);
        let effect = estimate(&parts, confidence);
        let (exaggeration, wrong_sign) = overstated(effect.point, test.error, 1.0 - confidence);
        Shrunken { effect, p_positive: above(&parts, 0.0), exaggeration, wrong_sign }
    });
    Some(Together {
        tests: each.collect(),
        mean: estimate(&drawn.mixed(&|k| (drawn.given[k].1, drawn.given[k].2)), confidence),
        scatter: on_grid(&drawn.grid, &drawn.weights, confidence),
        next_p_positive: above(&next, 0.0),
        next: estimate(&next, confidence),
    })
}

/// The chance that the true effect lies above 0, as [`together`] has it, for the tests at these places alone: the lower end of an interval
/// lies above 0 where this is more than one less half its alpha. `None` below [`TESTS_MIN`] tests.
pub fn p_above(tests: &[PastTest], places: &[usize]) -> Option<Vec<f64>> {
    let drawn = Drawn::of(tests)?;
    Some(places.iter().map(|i| above(&drawn.parts(&tests[*i]), 0.0)).collect())
}

/// Scatters on a grid, how likely each is once the results are known, and what each says of the mean.
struct Drawn {
    grid: Vec<f64>,
    weights: Vec<f64>,
    /// The log density of the results, and the mean with its standard deviation.
    given: Vec<(f64, f64, f64)>,
}

impl Drawn {
    fn of(tests: &[PastTest]) -> Option<Self> {
        if tests.len() < TESTS_MIN {
            return None;
        }
        let middle = tests.iter().map(|t| t.effect).sum::<f64>() / tests.len() as f64;
        let far = tests.iter().map(|t| (t.effect - middle).abs().max(t.error)).fold(0.0, f64::max);
        // Closer together near 0, where the density moves most.
        let grid: Vec<f64> = (0..=STEPS).map(|k| 20.0 * far * (k as f64 / STEPS as f64).powi(3)).collect();
        let logs: Vec<(f64, f64, f64)> = grid.iter().map(|t| given(tests, *t)).collect();
        let most = logs.iter().map(|l| l.0).fold(f64::NEG_INFINITY, f64::max);
        let mut weights: Vec<f64> = (0..grid.len())
            .map(|k| {
                let (left, right) = (grid[k.saturating_sub(1)], grid[(k + 1).min(STEPS)]);
                (logs[k].0 - most).exp() * (right - left) / 2.0
            })
            .collect();
        let total: f64 = weights.iter().sum();
        for w in &mut weights {
            *w /= total;
        }
        Some(Self { grid, weights, given: logs })
    }

    /// The mixture over scatters of a mean and a standard deviation that each says.
    fn mixed(&self, of: &dyn Fn(usize) -> (f64, f64)) -> Vec<Part> {
        let told = self.weights.iter().enumerate().filter(|(_, w)| **w > 1e-12);
        told.map(|(k, w)| {
            let (mean, spread) = of(k);
            (*w, mean, spread)
        })
        .collect()
    }

    /// What is believed of one of the tests.
    fn parts(&self, test: &PastTest) -> Vec<Part> {
        self.mixed(&|k| {
            let (own, scatter) = (test.error.powi(2), self.grid[k].powi(2));
            let drawn = own / (own + scatter);
            let mean = drawn * self.given[k].1 + (1.0 - drawn) * test.effect;
            (mean, ((1.0 - drawn) * own + (drawn * self.given[k].2).powi(2)).sqrt())
        })
    }
}

/// Given a scatter: the log density of the results, and the mean with its standard deviation.
fn given(tests: &[PastTest], scatter: f64) -> (f64, f64, f64) {
    let spread = |t: &PastTest| t.error * t.error + scatter * scatter;
    let sum: f64 = tests.iter().map(|t| 1.0 / spread(t)).sum();
    let mean = tests.iter().map(|t| t.effect / spread(t)).sum::<f64>() / sum;
    let log: f64 = tests.iter().map(|t| -0.5 * (spread(t).ln() + (t.effect - mean).powi(2) / spread(t))).sum();
    (log - 0.5 * sum.ln(), mean, (1.0 / sum).sqrt())
}

fn above(parts: &[Part], x: f64) -> f64 {
    parts.iter().map(|(w, mean, sd)| w * normal_upper_tail((x - mean) / sd)).sum::<f64>().clamp(0.0, 1.0)
}

fn estimate(parts: &[Part], confidence: f64) -> Estimate {
    let point = parts.iter().map(|p| p.0 * p.1).sum();
    let low = parts.iter().map(|p| p.1 - 9.0 * p.2).fold(f64::INFINITY, f64::min);
    let high = parts.iter().map(|p| p.1 + 9.0 * p.2).fold(f64::NEG_INFINITY, f64::max);
    let at = |upper: f64| {
        let (mut a, mut b) = (low, high);
        for _ in 0..80 {
            let middle = f64::midpoint(a, b);
            if above(parts, middle) > upper {
                a = middle;
            } else {
                b = middle;
            }
        }
        f64::midpoint(a, b)
    };
    let tail = (1.0 - confidence) / 2.0;
    Estimate { point, low: at(1.0 - tail), high: at(tail), confidence }
}

fn on_grid(grid: &[f64], weights: &[f64], confidence: f64) -> Estimate {
    let at = |share: f64| {
        let mut sum = 0.0;
        grid.iter().zip(weights).find(|(_, w)| {
            sum += **w;
            sum >= share
        })
    };
    let tail = (1.0 - confidence) / 2.0;
    let point = grid.iter().zip(weights).map(|(t, w)| t * w).sum();
    let end = |share| at(share).map_or(0.0, |(t, _)| *t);
    Estimate { point, low: end(tail), high: end(1.0 - tail), confidence }
}

/// How much a result that is significant at `alpha` overstates a true effect on average, and how often its sign is wrong.
pub fn overstated(effect: f64, error: f64, alpha: f64) -> (Option<f64>, f64) {
    let z = normal_quantile(1.0 - alpha / 2.0);
    let l = effect.abs() / error;
    let (right, wrong) = (normal_upper_tail(z - l), normal_upper_tail(z + l));
    let power = right + wrong;
    // E[|x|; |x| > z] for x normal about l.
    let size = normal_density(z - l) + l * right + normal_density(z + l) - l * wrong;
    (Some(size / power / l).filter(|m| m.is_finite()), wrong / power)
}

#[cfg(test)]
mod tests {
    use super::{PastTest, overstated, together};

    /// Eight schools (Rubin 1981), flat on mean and scatter; Stan's example prints means mu 7.9, tau 6.6, theta 11.4, 7.9, 6.1, 7.6,
    /// 5.1, 6.1, 10.6, 8.5 with errors of simulation around 0.2.
    #[test]
    fn eight_schools_agree_with_stan() {
        let effects = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0];
        let errors = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];
        let tests: Vec<PastTest> =
            effects.into_iter().zip(errors).map(|(effect, error)| PastTest { effect, error }).collect();
        let found = together(&tests, 0.95).expect("eight tests");
        let near = |a: f64, b: f64| assert!((a - b).abs() < 0.35, "{a} {b}");
        near(found.mean.point, 7.9);
        near(found.scatter.point, 6.6);
        for (test, want) in found.tests.iter().zip([11.4, 7.9, 6.1, 7.6, 5.1, 6.1, 10.6, 8.5]) {
            near(test.effect.point, want);
            assert!(test.effect.low < test.effect.point && test.effect.point < test.effect.high);
        }
        assert!(together(&tests[..2], 0.95).is_none());
    }

    /// Gelman and Carlin (2014): `retrodesign(.1, 3.28)` prints power .05, type S .46, exaggeration 77; `retrodesign(2, 8.1)` prints
    /// .06, .24 and 9.5 (simulated).
    #[test]
    fn overstatement_agrees_with_retrodesign() {
        let (m, s) = overstated(0.1, 3.28, 0.05);
        assert!((m.expect("an effect") - 77.0).abs() < 1.0 && (s - 0.465).abs() < 0.01, "{m:?} {s}");
        let (m, s) = overstated(2.0, 8.1, 0.05);
        assert!((m.expect("an effect") - 9.5).abs() < 0.2 && (s - 0.24).abs() < 0.01, "{m:?} {s}");
        assert!(overstated(0.0, 1.0, 0.05).0.is_none());
    }
}
