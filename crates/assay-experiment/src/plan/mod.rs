//! What a test can find out before anything is spent, and whether asking is worth it.
//!
//! 1. Designs are gone through in the order of how much they can be trusted: a split of the own list, a split by the platform,
//!    matched markets, on and off weeks (switchback), before and after. Each that the user has the means for becomes a
//!    [`Candidate`]: how many assignments chance can draw and the smallest p-value they allow, what difference can be detected, in
//!    units of the metric and in money, the days and the spend (see [`designs`]).
//! 2. Lifts before the test are believed to be normal around a mean with a spread, both stated. A test whose estimate has the
//!    standard error `e` moves the belief's mean by a normal amount with variance `spread^4 / (spread^2 + e^2)`; from that follow
//!    the chance that the answer changes the decision, and what deciding after the test earns more than deciding now
//!    (the value of sample information: Raiffa and Schlaifer 1961; in Test & Roll's form: Feit and Berman 2019).
//! 3. The first design that can answer is chosen: its smallest p is at most alpha, its power for the lift worth finding at least
//!    one half, and it earns more than it costs. If there is none the answer is "do not run", with the reason.
//!
//! Before and after is never chosen: whatever else changed with the calendar is in its answer, and no number of weeks takes it out.

pub mod designs;
pub mod markets;
pub mod past;
pub mod segments;

use assay_math::{normal_density, normal_quantile, normal_upper_tail};
use designs::Candidate;

/// What is believed of the relative lift before the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation, above 0.
    pub spread: f64,
}

/// The spread of lifts where the user states none: between Eppo's default (.05) and `gbstats`' (.3). Made.
pub const PRIOR_SPREAD: f64 = 0.1;
/// Power below which a test is not worth starting: the reference's "cannot answer".
pub const POWER_LEAST: f64 = 0.5;

/// What the user wants and believes.
#[derive(Debug, Clone, PartialEq)]
pub struct Aim {
    /// The level, 0..1.
    pub alpha: f64,
    /// The power wanted, 0..1.
    pub power: f64,
    /// Money earned by 1 of the metric; 1 where no money was named.
    pub margin: f64,
    /// The relative lift that is hoped for; break-even and one spread of the prior where none is named.
    pub lift: Option<f64>,
    /// What is believed of the lift.
    pub prior: Prior,
}

/// What a design would answer, and what that is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Appraisal {
    /// The design.
    pub candidate: Candidate,
    /// Standard error of the relative lift.
    pub error_lift: f64,
    /// Lift at which the treatment earns what it costs.
    pub break_even_lift: f64,
    /// Lift beyond break-even that is found with the power wanted.
    pub detectable_lift: f64,
    /// The same in units of the metric over the test's treated part.
    pub detectable: f64,
    /// The same in money.
    pub detectable_money: f64,
    /// The lift that the power stands for.
    pub target_lift: f64,
    /// Power for that lift to be told from break-even.
    pub power: f64,
    /// The chance that the answer changes what would be done without it.
    pub p_changes: f64,
    /// Money that deciding after the test earns more than deciding now, over whoever is left.
    pub value: f64,
    /// Money that treating the test's arm is expected to lose (below 0: to earn).
    pub price: f64,
    /// Whether to run it, or why not.
    pub refusal: Option<Refusal>,
}

/// Why a design is not run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// Its smallest p-value is above alpha.
    Floor,
    /// The hoped-for lift does not pay even if it is true.
    DoesNotPay,
    /// Its power is below one half.
    Power,
    /// It costs more than its answer is worth.
    Worth,
    /// It has no comparison: before and after.
    NoComparison,
}

/// Appraises a design.
pub fn appraise(candidate: Candidate, aim: &Aim) -> Appraisal {
    let Prior { mean, spread } = aim.prior;
    let baseline = candidate.baseline.max(f64::MIN_POSITIVE);
    let error_lift = candidate.error / baseline;
    let break_even_lift = candidate.spend / (aim.margin * baseline);
    let z = normal_quantile(1.0 - aim.alpha / 2.0);
    let detectable_lift = (z + normal_quantile(aim.power)) * error_lift;
    let target_lift = aim.lift.unwrap_or(break_even_lift + spread);
    let power = normal_upper_tail(z - (target_lift - break_even_lift) / error_lift);
    let moved = spread * spread / (spread * spread + error_lift * error_lift).sqrt();
    let ahead = mean - break_even_lift;
    let at = ahead / moved;
    // E[max(posterior mean - break-even, 0)] less what is had without a test.
    let gain = moved * (normal_density(at) + at * normal_upper_tail(-at)) - ahead.max(0.0);
    let value = (aim.margin * candidate.rest * gain).max(0.0);
    let price = -ahead * aim.margin * baseline;
    let refusal = if candidate.kind == designs::Kind::BeforeAfter {
        Some(Refusal::NoComparison)
    } else if candidate.smallest_p > aim.alpha {
        Some(Refusal::Floor)
    } else if aim.lift.is_some_and(|lift| lift <= break_even_lift) {
        Some(Refusal::DoesNotPay)
    } else if power < POWER_LEAST {
        Some(Refusal::Power)
    } else if value <= price {
        Some(Refusal::Worth)
    } else {
        None
    };
    Appraisal {
        error_lift,
        break_even_lift,
        detectable_lift,
        detectable: detectable_lift * baseline,
        detectable_money: detectable_lift * baseline * aim.margin,
        target_lift,
        power,
        p_changes: normal_upper_tail(at.abs()),
        value,
        price,
        refusal,
        candidate,
    }
}

/// The first design in the order of trust that may be run.
pub fn chosen(appraisals: &[Appraisal]) -> Option<&Appraisal> {
    appraisals.iter().filter(|a| a.refusal.is_none()).min_by_key(|a| a.candidate.kind)
}

#[cfg(test)]
mod tests {
    use super::designs::{OwnList, Weeks, own_list, switchback};
    use super::{Aim, Prior, Refusal, appraise, chosen};
    use crate::size::{NullVariance, for_shares};
    use assay_math::Seed;
    use rand::RngExt;

    fn aim(lift: Option<f64>) -> Aim {
        Aim { alpha: 0.05, power: 0.8, margin: 10.0, lift, prior: Prior { mean: 0.0, spread: 0.2 } }
    }

    fn list(n_people: f64, cost: f64) -> OwnList {
        OwnList { n_people, mean: 0.05, spread: (0.05_f64 * 0.95).sqrt(), cost, budget: None, per_week: None }
    }

    /// The size by alpha and power is the textbook's: 8,155 an arm for .05 against .06 (unpooled; the arm's own variance differs a
    /// little from the control's, which is taken for both here).
    #[test]
    fn sizes_agree_with_the_textbook() {
        let candidate = own_list(&list(1e6, 0.0), &aim(Some(0.2)));
        let textbook = for_shares(0.05, 0.06, 0.05, 0.8, NullVariance::Unpooled);
        assert!((candidate.n_by_power.expect("units") / textbook - 1.0).abs() < 0.09, "{candidate:?} {textbook}");
        let appraisal = appraise(candidate, &aim(Some(0.2)));
        assert!((appraisal.power - 0.8).abs() < 0.01 && appraisal.refusal.is_none(), "{appraisal:?}");
        assert!((appraisal.detectable_lift - 0.2).abs() < 0.002, "{appraisal:?}");
    }

    /// By simulation: draw lifts from the prior and estimates around them, decide by the posterior mean.
    #[test]
    fn value_and_chance_of_changing_agree_with_simulation() {
        let aim = aim(None);
        let a = appraise(own_list(&list(20_000.0, 0.05), &aim), &aim);
        let mut random = Seed(5).random();
        let mut normal = || {
            let (u, v): (f64, f64) = (random.random_range(1e-12..1.0), random.random_range(0.0..1.0));
            (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
        };
        let (mut gain, mut changed) = (0.0, 0.0);
        let runs = 200_000;
        for _ in 0..runs {
            let lift = 0.2 * normal();
            let seen = lift + a.error_lift * normal();
            let believed = seen * 0.04 / (0.04 + a.error_lift * a.error_lift);
            // Without a test one would not treat, for 0 lies below break-even.
            if believed > a.break_even_lift {
                gain += lift - a.break_even_lift;
                changed += 1.0;
            }
        }
        let value = gain / f64::from(runs) * aim.margin * a.candidate.rest;
        assert!((value / a.value - 1.0).abs() < 0.02, "{value} {}", a.value);
        assert!((changed / f64::from(runs) - a.p_changes).abs() < 0.004);
    }

    #[test]
    fn what_cannot_answer_is_refused_for_its_reason() {
        let no = |lift, n_people, cost| appraise(own_list(&list(n_people, cost), &aim(lift)), &aim(lift)).refusal;
        assert_eq!(no(Some(0.1), 2_000.0, 0.0), Some(Refusal::Power));
        assert_eq!(no(Some(0.1), 1e6, 0.2), Some(Refusal::DoesNotPay));
        let weeks = |n_weeks| Weeks { n_weeks, mean: 40.0, spread: 8.0, budget: 500.0, rest_weeks: 52.0 };
        let few = appraise(switchback(&weeks(4)), &aim(None));
        assert_eq!(few.refusal, Some(Refusal::Floor));
        assert!((few.candidate.smallest_p - 1.0 / 6.0).abs() < 1e-12, "{few:?}");
        assert_eq!(chosen(&[few]), None);
    }
}
