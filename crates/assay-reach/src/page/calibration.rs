//! Whether the fit's intervals hold the truth as often as they say: simulation-based calibration (Talts et al. 2018, "Validating
//! Bayesian inference algorithms with simulation-based calibration").

use super::fit::{FitOptions, Weighted, fit};
use super::made::{MadePage, MadeTruth};
use super::series::{Series, Target};
use crate::mechanism::Mechanism;
use assay_math::Seed;
use assay_model::Outcome;
use assay_model::synth::Draw;

/// Where the truth fell in what was said of it, 0..1. A truth that several values share is put among them by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fallen {
    /// The share of reach lost now.
    pub cost: f64,
    /// The gain of removing all, twenty posts on.
    pub gain: f64,
    /// The strength, given the true mechanism; `None` where it has none.
    pub theta: Option<f64>,
    /// Standard deviation of the strength over its prior's, given the true mechanism.
    pub theta_sd_ratio: Option<f64>,
    /// The weight of a cost above a tenth.
    pub above_tenth: f64,
    /// The weight that the true mechanism got.
    pub mechanism_weight: f64,
}

/// Makes one page from the priors, or from a given truth, and fits it; `None` if the fit abstains.
pub fn calibrate(page: &MadePage, truth: Option<MadeTruth>, options: &FitOptions, seed: Seed) -> Option<Fallen> {
    let mut draw = Draw::new(seed.fork("truth"));
    let truth = truth.unwrap_or_else(|| MadeTruth::draw(&mut draw));
    let made = page.make(&truth, seed.fork("posts"));
    let series = Series::new(&made.posts, Target::Reach);
    let Outcome::Found(fit) = fit(&series, &made.shares, options) else { return None };
    let now = *made.shares.points.last()?;
    let theta = fit.posterior.strength(truth.mechanism);
    let before = fit.prior.strength(truth.mechanism);
    let cost = fit.posterior.cost();
    let (below, at) = cost.below_and_at(0.1);
    // After a removal of all what is left is what the ranker still remembers.
    let kept = made.burden * 0.5_f64.powf(20.0 / truth.half_life);
    let gain = match truth.mechanism {
        Mechanism::TestThenExpand => 1.0 / (1.0 - made.cost) - 1.0,
        _ => (truth.theta * ((1.0 - kept).ln() - (1.0 - made.burden).ln())).exp_m1(),
    };
    Some(Fallen {
        cost: place(&cost, made.cost, &mut draw),
        gain: place(&fit.posterior.gain_of_removal(1.0, 20.0, now), gain, &mut draw),
        theta: fit.posterior.strength_below(truth.mechanism, truth.theta),
        theta_sd_ratio: theta.zip(before).map(|(after, before)| after.sd() / before.sd()),
        above_tenth: 1.0 - below - at,
        mechanism_weight: fit.posterior.families().iter().find(|f| f.0 == truth.mechanism).map_or(0.0, |f| f.1),
    })
}

fn place(values: &Weighted, truth: f64, draw: &mut Draw) -> f64 {
    let (below, at) = values.below_and_at(truth);
    below + draw.unit() * at
}

/// Bins of the rank histogram.
const RANK_BINS: usize = 20;

/// The p-value of Pearson's chi-squared test that places are even on 0..1, in twenty bins of equal width (Talts et al. 2018).
pub fn rank_chi2(places: &[f64]) -> f64 {
    let expected = places.len() as f64 / RANK_BINS as f64;
    if expected <= 0.0 {
        return 1.0;
    }
    let mut counts = [0.0; RANK_BINS];
    for place in places {
        counts[((place * RANK_BINS as f64) as usize).min(RANK_BINS - 1)] += 1.0;
    }
    let statistic: f64 = counts.iter().map(|n| (n - expected).powi(2) / expected).sum();
    assay_math::chi_squared_upper_tail(statistic, (RANK_BINS - 1) as f64)
}

/// How many of these lie in the middle 90 %.
pub fn covered(places: &[f64]) -> usize {
    places.iter().filter(|p| (0.05..=0.95).contains(*p)).count()
}

#[cfg(test)]
mod tests {
    use super::{FitOptions, MadePage, calibrate, rank_chi2};
    use crate::page::made::ShareDesign;
    use assay_math::Seed;

    /// Where the share never changes the posts say nothing of the strength, so that its truth falls evenly in the prior: between the points
    /// of the grid too, of which there are fewer than bins.
    #[test]
    fn strengths_fall_evenly_between_the_points_of_the_grid() {
        let page = MadePage { n: 40, share: 0.5, design: ShareDesign::ALL[0], ..MadePage::default() };
        let places: Vec<f64> =
            (0..160).filter_map(|i| calibrate(&page, None, &FitOptions::default(), Seed(6).nth(i))?.theta).collect();
        assert!(places.len() > 70, "{}", places.len());
        assert!(rank_chi2(&places) > 0.01, "{} {places:?}", rank_chi2(&places));
    }

    #[test]
    fn even_places_pass_and_heaped_ones_fail() {
        let even: Vec<f64> = (0..1_000).map(|i| (f64::from(i) + 0.5) / 1_000.0).collect();
        assert!(rank_chi2(&even) > 0.999);
        // 60 of 1,000 where 50 are due in ten bins, 40 in the others: chi-squared is 20 * 100 / 50 = 40 with 19 degrees of
        // freedom, p .0033 (R: pchisq(40, 19, lower.tail = FALSE)).
        let heaped: Vec<f64> =
            (0..20).flat_map(|b| vec![(f64::from(b) + 0.5) / 20.0; if b < 10 { 60 } else { 40 }]).collect();
        assert!((rank_chi2(&heaped) - 0.003_3).abs() < 2e-4, "{}", rank_chi2(&heaped));
    }
}
