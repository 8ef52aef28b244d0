//! Placebo sets: synthetic control of the treated markets together, held against every other choice of as many markets.
//!
//! 1. Each choice is fitted by the markets outside it, on the days before (fixed effects, weights on the simplex).
//! 2. Its statistic is the net of its gaps during the test over the root mean square of those before.
//! 3. p is the share of choices, the true one among them, whose statistic is as large. If chance chose the treated markets, p is exact
//!    for any market and any hanging together in time, for nothing but the choice is supposed.
//! 4. Supposing a lift `r`, what the treated markets brought is taken back by `1 / (1 + r)` and the question is put again: the lifts
//!    that are not refused are the interval. Weights do not move, so a lift costs one pass over the choices.
//!
//! Unlike placebos market by market (Abadie and others 2010), a choice of several is as quiet as the treated ones are, and there are
//! many more choices than markets: two of eight can be chosen in 28 ways, so that p can reach 0.036.
//!
//! Limits: markets that were chosen by hand are supposed to be like a draw. A lift that is not one and the same in all treated markets
//! and days is summed up in one.

use super::synthetic::on_simplex;
use assay_math::Seed;
use rand::RngExt;

/// Choices that are gone through one by one; beyond them as many are drawn.
const CHOICES_MAX: usize = 1_000;
/// The least spread before, over the median of all choices.
const LEAST_SPREAD: f64 = 0.01;
/// Lifts at which the interval is sought: from all lost to ten times as much.
const LIFT_MAX: f64 = 9.0;

/// The choices, fitted.
#[derive(Debug, Clone)]
pub struct Sets {
    /// Net of the gaps without the treated markets' own part, that part, and the spread before; the true choice first.
    choices: Vec<(f64, f64, f64)>,
    /// What the treated markets brought during the test.
    brought: f64,
}

impl Sets {
    /// Fits all choices of as many markets as `treated`, or as many drawn.
    pub fn of(values: &[Vec<f64>], treated: &[usize], n_before: usize, seed: Seed) -> Self {
        let n = values.len();
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let centred: Vec<Vec<f64>> = values
            .iter()
            .map(|v| {
                let own = mean(&v[..n_before]);
                v.iter().map(|x| x - own).collect()
            })
            .collect();
        let dot = |a: &[f64], b: &[f64]| a[..n_before].iter().zip(&b[..n_before]).map(|(x, y)| x * y).sum::<f64>();
        let gram: Vec<Vec<f64>> = centred.iter().map(|a| centred.iter().map(|b| dot(a, b)).collect()).collect();
        let is_treated: Vec<bool> = (0..n).map(|i| treated.contains(&i)).collect();
        // What each market brought during the test, and its mean before over as many days.
        let during: Vec<f64> = values.iter().map(|v| v[n_before..].iter().sum()).collect();
        let due: Vec<f64> = values.iter().map(|v| mean(&v[..n_before]) * (v.len() - n_before) as f64).collect();
        let one = |set: &[usize]| {
            let k = set.len() as f64;
            let others: Vec<usize> = (0..n).filter(|i| !set.contains(i)).collect();
            let part: Vec<Vec<f64>> = others.iter().map(|i| others.iter().map(|j| gram[*i][*j]).collect()).collect();
            let target: Vec<f64> = others.iter().map(|j| set.iter().map(|i| gram[*i][*j]).sum::<f64>() / k).collect();
            let weights = on_simplex(&part, &target);
            let own: f64 = set.iter().flat_map(|i| set.iter().map(move |j| (i, j))).map(|(i, j)| gram[*i][*j]).sum();
            let crossed: f64 = weights.iter().zip(&target).map(|(w, b)| w * b).sum();
            let squares: f64 = part
                .iter()
                .zip(&weights)
                .map(|(row, w)| w * row.iter().zip(&weights).map(|(g, v)| g * v).sum::<f64>())
                .sum();
            let before = ((own / (k * k) - 2.0 * crossed + squares) / n_before as f64).max(0.0).sqrt();
            let (mut fixed, mut moved) = (0.0, 0.0);
            let mut add = |i: usize, by: f64| {
                fixed -= by * due[i];
                if is_treated[i] {
                    moved += by * during[i];
                } else {
                    fixed += by * during[i];
                }
            };
            for i in set {
                add(*i, 1.0 / k);
            }
            for (i, w) in others.iter().zip(&weights) {
                add(*i, -w);
            }
            (fixed, moved, before)
        };
        let mut choices = vec![one(treated)];
        each_set(n, treated, seed, &mut |set| choices.push(one(set)));
        // A fit that is a hundred times as good as most is luck, or has no noise to learn from: it is not divided by.
        let mut spreads: Vec<f64> = choices.iter().map(|c| c.2).collect();
        spreads.sort_by(f64::total_cmp);
        let (middle, most) = (spreads[spreads.len() / 2], spreads[spreads.len() - 1]);
        let least = (LEAST_SPREAD * middle).max(1e-6 * most).max(f64::MIN_POSITIVE);
        for choice in &mut choices {
            choice.2 = choice.2.max(least);
        }
        Self { choices, brought: treated.iter().map(|i| during[*i]).sum() }
    }

    /// The smallest p-value that there can be.
    pub fn floor(&self) -> f64 {
        1.0 / self.choices.len() as f64
    }

    /// p-value of a relative lift.
    pub fn p_value(&self, lift: f64) -> f64 {
        let left = 1.0 / (1.0 + lift);
        let size = |c: &(f64, f64, f64)| (c.0 + left * c.1).abs() / c.2;
        let here = size(&self.choices[0]) * (1.0 - 1e-12);
        self.choices.iter().filter(|c| size(c) >= here).count() as f64 / self.choices.len() as f64
    }

    /// The lift at which the treated markets' own gaps cancel out, which no null of this kind refuses. `None` if there is none.
    pub fn lift(&self) -> Option<f64> {
        let (fixed, moved, _) = self.choices[0];
        let lift = -moved / fixed - 1.0;
        (lift.is_finite() && lift > -1.0).then_some(lift)
    }

    /// What the test brought in all, at a lift.
    pub fn total(&self, lift: f64) -> f64 {
        self.brought * (1.0 - 1.0 / (1.0 + lift))
    }

    /// What the other choices make of nothing, as totals of `n_treated` markets at the true choice's spread.
    pub fn totals(&self, n_treated: usize) -> Vec<f64> {
        let left = 1.0 / (1.0 + self.lift().unwrap_or(0.0));
        let scale = self.choices[0].2 * n_treated as f64;
        self.choices[1..].iter().map(|c| (c.0 + left * c.1) / c.2 * scale).collect()
    }

    /// The lifts around the estimate that are not refused at `alpha`; an end is `None` where it is open.
    pub fn interval(&self, alpha: f64) -> (Option<f64>, Option<f64>) {
        let Some(point) = self.lift() else { return (None, None) };
        let refused = |lift: f64| self.p_value(lift) <= alpha;
        let end = |limit: f64, side: f64| {
            let (mut kept, mut step) = (point, 0.005);
            loop {
                let next = kept + side * step;
                if (limit - next) * side <= 0.0 {
                    return None;
                }
                if refused(next) {
                    break;
                }
                kept = next;
                step *= 1.3;
            }
            let mut gone = kept + side * step;
            for _ in 0..30 {
                let middle = f64::midpoint(kept, gone);
                if refused(middle) {
                    gone = middle;
                } else {
                    kept = middle;
                }
            }
            Some(gone)
        };
        (end(-1.0, -1.0), end(LIFT_MAX.max(2.0 * point), 1.0))
    }
}

/// Hands over every set of as many of `n` as `treated` beside itself, or as many as make a thousand with it.
fn each_set(n: usize, treated: &[usize], seed: Seed, take: &mut dyn FnMut(&[usize])) {
    let k = treated.len();
    let mut own = treated.to_vec();
    own.sort_unstable();
    let n_choices = (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64).round();
    if n_choices <= CHOICES_MAX as f64 {
        let mut set: Vec<usize> = (0..k).collect();
        loop {
            if set != own {
                take(&set);
            }
            let Some(i) = (0..k).rev().find(|i| set[*i] < n - k + i) else { return };
            set[i] += 1;
            for j in i + 1..k {
                set[j] = set[j - 1] + 1;
            }
        }
    }
    let mut random = seed.fork("placebo sets").random();
    let mut places: Vec<usize> = (0..n).collect();
    for _ in 1..CHOICES_MAX {
        for i in 0..k {
            let j = random.random_range(i..n);
            places.swap(i, j);
        }
        take(&places[..k]);
    }
}

#[cfg(test)]
mod tests {
    use super::Sets;
    use assay_math::{Seed, normal_quantile};
    use rand::RngExt;

    fn made(n: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut random = Seed(seed).random();
        (0..n)
            .map(|_| {
                let level = 100.0 * random.random_range(0.5..3.0);
                (0..60)
                    .map(|t| {
                        let noise = normal_quantile(random.random_range(1e-9..1.0));
                        level * (1.0 + 0.2 * f64::from(t % 7) / 7.0 + 0.05 * noise)
                    })
                    .collect()
            })
            .collect()
    }

    /// Chance chooses two of ten: of 400 made tables without an effect at most 5 % and a little are refused, and the interval holds 0
    /// wherever p does not refuse it.
    #[test]
    fn no_effect_is_refused_at_the_nominal_rate() {
        let mut refused = 0;
        for seed in 0..400 {
            let sets = Sets::of(&made(10, seed), &[3, 7], 46, Seed(seed));
            let p = sets.p_value(0.0);
            refused += u32::from(p <= 0.05);
            if seed < 40
                && let (Some(low), Some(high)) = sets.interval(0.05)
            {
                assert_eq!(p > 0.05, low <= 0.0 && high >= 0.0, "seed {seed}: {p} {low} {high}");
            }
        }
        // Two of forty-five choices: 4.4 %; three standard errors above.
        assert!(refused <= 30, "{refused} of 400");
        assert!(refused >= 6, "{refused} of 400: it never refuses");
    }

    /// Markets that copy one another leave no gaps before: what is made of them stays finite.
    #[test]
    fn copies_of_a_market_do_not_divide_by_nothing() {
        let mut values = made(8, 11);
        for i in 0..5 {
            values[i] = values[5].iter().map(|v| v + 10.0 * i as f64).collect();
        }
        let sets = Sets::of(&values, &[6], 46, Seed(1));
        let totals = sets.totals(1);
        assert!(totals.iter().all(|t| t.is_finite() && t.abs() < 1e6), "{totals:?}");
        assert!((0.0..=1.0).contains(&sets.p_value(0.0)));
    }

    #[test]
    fn a_lift_is_found_and_covered() {
        let mut values = made(12, 5);
        for i in [2, 9] {
            for v in &mut values[i][46..] {
                *v *= 1.2;
            }
        }
        let sets = Sets::of(&values, &[2, 9], 46, Seed(1));
        let (low, high) = sets.interval(0.05);
        let (low, high) = (low.expect("bounded"), high.expect("bounded"));
        assert!((sets.p_value(0.0) - 1.0 / 66.0).abs() < 1e-12 && (sets.floor() - 1.0 / 66.0).abs() < 1e-12);
        assert!(low > 0.05 && low < 0.2 && high > 0.2 && high < 0.4, "{low} {high}");
        let truth: f64 = [2, 9].iter().map(|i| values[*i][46..].iter().sum::<f64>() * (1.0 - 1.0 / 1.2)).sum();
        assert!((sets.total(0.2) - truth).abs() < 1e-9);
    }
}
