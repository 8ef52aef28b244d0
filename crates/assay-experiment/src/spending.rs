//! Group-sequential boundaries: how far out a reading must lie at each of several looks, so that all of them together err with
//! probability alpha.
//!
//! Lan and `DeMets` (1983): a function tells how much of alpha may be spent by a fraction of the planned units; the boundary of
//! each look spends what is left, given that no earlier one was crossed. The chance of that is carried from look to look
//! as a density on a grid (Armitage, `McPherson` and Rowe 1969).

use assay_math::{normal_density, normal_quantile, normal_upper_quantile, normal_upper_tail};

/// How much of alpha may be spent by a fraction of the planned units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spending {
    /// Little early, most at the end, after O'Brien and Fleming (1979): on each side `2 - 2 Phi(z_{alpha/4} / sqrt(t))`, as `gsDesign` has it.
    OBrienFleming,
    /// `alpha * t^power` (Kim and `DeMets` 1987).
    Power(f64),
}

impl Spending {
    /// What may be spent by fraction `t` (0..1) of the units.
    pub fn spent(self, t: f64, alpha: f64) -> f64 {
        match self {
            Self::OBrienFleming => 4.0 * normal_upper_tail(normal_quantile(1.0 - alpha / 4.0) / t.sqrt()),
            Self::Power(power) => alpha * t.powf(power),
        }
    }
}

/// Points of the grid between the boundaries.
const GRID: usize = 161;
/// A boundary this far out spends nothing.
const FAR: f64 = 8.5;

/// Normal deviates that a reading must pass at looks at these fractions of the units (rising, in 0..1), both sides counted.
/// Costs O(looks * grid^2).
pub fn boundaries(fractions: &[f64], alpha: f64, spending: Spending) -> Vec<f64> {
    let mut found = Vec::with_capacity(fractions.len());
    let (mut spent, mut before) = (0.0, 0.0);
    // The density of the process where it has not been stopped, on a grid of its values.
    let mut density: Option<Density> = None;
    for &t in fractions {
        let allowed = spending.spent(t.min(1.0), alpha);
        let now = (allowed - spent).max(0.0);
        let step = t - before;
        let beyond = |w: f64| match &density {
            None => 2.0 * normal_upper_tail(w / t.sqrt()),
            Some(d) => d.beyond(w, step),
        };
        let far = FAR * t.sqrt();
        let edge = if now < 2.0 * normal_upper_tail(FAR) {
            far
        } else if density.is_none() {
            normal_upper_quantile(now / 2.0) * t.sqrt()
        } else {
            let (mut low, mut high) = (0.0, far);
            for _ in 0..60 {
                let middle = f64::midpoint(low, high);
                if beyond(middle) > now {
                    low = middle;
                } else {
                    high = middle;
                }
                if high - low < 1e-10 {
                    break;
                }
            }
            f64::midpoint(low, high)
        };
        found.push(edge / t.sqrt());
        density = Some(match density {
            None => Density::first(edge, t),
            Some(d) => d.next(edge, step),
        });
        (spent, before) = (allowed, t);
    }
    found
}

/// A density at the points of a grid, with Simpson's weights multiplied in.
struct Density {
    at: Vec<f64>,
    mass: Vec<f64>,
}

impl Density {
    fn grid(edge: f64) -> (Vec<f64>, Vec<f64>) {
        let h = 2.0 * edge / (GRID - 1) as f64;
        let at = (0..GRID).map(|i| -edge + h * i as f64).collect();
        let weight = |i: usize| match i {
            0 => 1.0,
            i if i == GRID - 1 => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        (at, (0..GRID).map(|i| weight(i) * h / 3.0).collect())
    }

    fn first(edge: f64, t: f64) -> Self {
        let (at, weights) = Self::grid(edge);
        let root = t.sqrt();
        let mass = at.iter().zip(&weights).map(|(w, h)| normal_density(w / root) / root * h).collect();
        Self { at, mass }
    }

    fn next(&self, edge: f64, step: f64) -> Self {
        let (at, weights) = Self::grid(edge);
        let root = step.sqrt();
        let mass = at
            .iter()
            .zip(&weights)
            .map(|(w, h)| {
                let sum: f64 = self
                    .at
                    .iter()
                    .zip(&self.mass)
                    .map(|(u, m)| ((w - u) / root, m))
                    .filter(|(z, _)| z.abs() < 9.0)
                    .map(|(z, m)| m * normal_density(z))
                    .sum();
                sum / root * h
            })
            .collect();
        Self { at, mass }
    }

    /// The chance to lie beyond `edge` on either side after the next step.
    fn beyond(&self, edge: f64, step: f64) -> f64 {
        let root = step.sqrt();
        let one = |u: f64| normal_upper_tail((edge - u) / root) + normal_upper_tail((edge + u) / root);
        self.at.iter().zip(&self.mass).map(|(u, m)| m * one(*u)).sum()
    }
}

/// The chance that a Brownian motion crosses `start - slope * t` or its mirror image before time 1, at most: twice the chance of
/// crossing one of them, which is known in closed form (Bachelier; Robbins and Siegmund 1970). Crossing both is so rare at levels
/// of use that the bound is the chance.
pub fn crosses(start: f64, slope: f64) -> f64 {
    if start <= 0.0 {
        return 1.0;
    }
    let reflected = log_normal_upper_tail(start + slope) + 2.0 * slope * start;
    (2.0 * (normal_upper_tail(start - slope) + reflected.exp())).min(1.0)
}

/// The logarithm of a normal tail, beyond where the tail itself is 0.
fn log_normal_upper_tail(x: f64) -> f64 {
    if x < 30.0 {
        normal_upper_tail(x).ln()
    } else {
        -0.5 * x * x - (x * (2.0 * std::f64::consts::PI).sqrt()).ln() - 1.0 / (x * x)
    }
}

#[cfg(test)]
mod tests {
    use super::{Spending, boundaries, crosses};

    /// spotify-confidence 4.1.0, four equal looks (its default spends `alpha * t^2`): the half-widths of `adjusted ci` over the
    /// standard error, from the printed intervals of 120/2400 against 156/2400.
    #[test]
    fn boundaries_agree_with_spotify_confidence() {
        let z = boundaries(&[0.25, 0.5, 0.75, 1.0], 0.05, Spending::Power(2.0));
        let error = 0.006_716_740;
        for (z, (low, high), t) in [
            (z[0], (-0.024_698, 0.054_698), 0.25_f64),
            (z[1], (-0.009_311, 0.039_311), 0.5),
            (z[2], (-0.002_845, 0.032_845), 0.75),
            (z[3], (0.000_949, 0.029_051), 1.0),
        ] {
            let half: f64 = (high - low) / 2.0;
            assert!((z * error / t.sqrt() - half).abs() < 3e-6, "{t}: {z} {}", half / error * t.sqrt());
        }
    }

    /// R: `gsDesign::gsDesign(k = 5, test.type = 2, alpha = .025, sfu = sfLDOF)$upper$bound`, as published for five equal looks:
    /// 4.877 3.357 2.680 2.290 2.031.
    #[test]
    fn boundaries_agree_with_gs_design() {
        let z = boundaries(&[0.2, 0.4, 0.6, 0.8, 1.0], 0.05, Spending::OBrienFleming);
        for (got, want) in z.iter().zip([4.876_9, 3.357_0, 2.680_3, 2.289_8, 2.031_1]) {
            assert!((got - want).abs() < 6e-4, "{z:?}");
        }
    }

    #[test]
    fn one_look_is_the_fixed_test() {
        assert!((boundaries(&[1.0], 0.05, Spending::OBrienFleming)[0] - 1.959_964).abs() < 1e-6);
    }

    /// Without a slope four tails: `4 * norm.sf(2.2414027)` in SciPy is .05. With one, forty thousand walks of 4,000 steps in NumPy
    /// (`rng.standard_normal((40000, 4000)).cumsum(1) / 4000**.5` against `a - 1.5 t`), whose steps miss a few crossings.
    #[test]
    fn crossing_a_straight_line() {
        assert!((crosses(2.241_402_7, 0.0) - 0.05).abs() < 1e-7);
        assert!((crosses(3.619, 1.5) - 0.05).abs() < 3e-4, "{}", crosses(3.619, 1.5));
        assert!((crosses(0.2, 1.5) - 1.0).abs() < 1e-12 && crosses(9.0, 0.0) < 1e-15 && crosses(45.0, 1.5) < 1e-300);
        // Where one formula hands over to the other.
        let (below, above) = (crosses(28.499, 1.5).ln(), crosses(28.501, 1.5).ln());
        assert!(below > above && below - above < 0.2, "{below} {above}");
    }
}
