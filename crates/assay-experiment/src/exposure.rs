//! Who was exposed: the share of each arm that saw what the arm was to see, and what that does to the effect.
//!
//! 1. The share of exposed units in each arm, over units of which it is known, and its difference from the control's by the score
//!    test.
//! 2. An effect over all units of an arm is diluted by those who saw nothing. If seeing it is the only way in which the arm works,
//!    the effect on those whom the arm made see it is the effect over the difference of the shares (Bloom 1984; Angrist, Imbens and
//!    Rubin 1996). The shares are taken as known, so it is told only where their difference is at least twenty of its errors: then
//!    the interval is .1 % too narrow where the effect is one error from 0, and 3 % at five.
//!
//! Limits: exposed units are never compared with others here. Who sees an advertisement is chosen (by the platform, by being online)
//! and differs from who does not, in money too.

use crate::reading::Range;
use crate::rule::Rule;
use crate::shares::{Null, Shares};
use crate::tally::{Arm, Cell};
use assay_model::{Abstention, Outcome};

/// Errors of its own that the difference of shares must have for the effect on the exposed to be told.
pub const ERRORS_MIN: f64 = 20.0;

/// p-values below this one say that arms were exposed unlike one another.
pub const UNLIKE_BELOW: f64 = 0.01;

/// The exposed of an arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposed {
    /// The arm.
    pub arm: String,
    /// Units of which it is known.
    pub n: u64,
    /// Units that were exposed.
    pub n_exposed: u64,
    /// Units of which it is not known.
    pub n_unknown: u64,
    /// For no difference from the control's share, one look; `None` for the control.
    pub p_value: Option<f64>,
    /// The effect of the first metric on those whom the arm exposed; `None` for the control.
    pub effect: Option<Outcome<Range>>,
}

impl Exposed {
    /// The share of exposed units; `None` where nothing is known.
    pub fn share(&self) -> Option<f64> {
        (self.n > 0).then(|| self.n_exposed as f64 / self.n as f64)
    }
}

/// The exposed by arm, the control first. `effects` are the differences of the first metric, arm by arm.
pub(crate) fn exposed(arms: &[&Arm], place: usize, effects: &[Outcome<Range>]) -> Vec<Exposed> {
    let Some((control, others)) = arms.split_first() else { return Vec::new() };
    let told = |arm: &Arm, p_value, effect| {
        let cell: &Cell = &arm.cells[place];
        Exposed {
            arm: arm.name.clone(),
            n: cell.moments.n(),
            n_exposed: cell.moments.n_nonzero(),
            n_unknown: cell.n_missing,
            p_value,
            effect,
        }
    };
    let first = told(control, None, None);
    let mut all = vec![first.clone()];
    for (arm, effect) in others.iter().zip(effects) {
        let own = told(arm, None, None);
        if first.n == 0 || own.n == 0 {
            let none = Abstention::new("nobody's exposure is known in an arm", "a value of the column for each unit");
            all.push(Exposed { effect: Some(Outcome::Abstained(none)), ..own });
            continue;
        }
        let shares = Shares { x_control: first.n_exposed, n_control: first.n, x_arm: own.n_exposed, n_arm: own.n };
        let p_value = Rule::Fixed.p_value(shares.z(Null::Difference(0.0)));
        all.push(Exposed { p_value: Some(p_value), effect: Some(on_exposed(&shares, effect)), ..own });
    }
    all
}

/// The effect on those whom the arm exposed.
fn on_exposed(shares: &Shares, effect: &Outcome<Range>) -> Outcome<Range> {
    let range = match effect {
        Outcome::Found(range) => range,
        Outcome::Abstained(why) => return Outcome::Abstained(why.clone()),
    };
    let part = |x: u64, n: u64| {
        let p = (x as f64 + 0.5) / (n as f64 + 1.0);
        p * (1.0 - p) / n as f64
    };
    let error = (part(shares.x_control, shares.n_control) + part(shares.x_arm, shares.n_arm)).sqrt();
    let more = shares.difference();
    if more < ERRORS_MIN * error {
        return Outcome::Abstained(Abstention::new(
            "the arm did not clearly expose more of its units than the control",
            "a difference of the exposed shares of at least twenty of its errors",
        ));
    }
    let over = |x: f64| x / more;
    Outcome::Found(Range { point: over(range.point), low: range.low.map(over), high: range.high.map(over), ..*range })
}

#[cfg(test)]
mod tests {
    use super::exposed;
    use crate::reading::Range;
    use crate::tally::{Kind, Metric, Row, Tally, UnitOf};
    use assay_model::Outcome;

    /// `counts` are exposed, not exposed and unknown units by arm.
    fn read(counts: [(&str, [u32; 3]); 2]) -> Vec<super::Exposed> {
        let mut tally = Tally::new(vec![Metric { name: "seen".to_owned(), kind: Kind::Binary }], UnitOf::Row);
        for (arm, counts) in counts {
            for (n, value) in counts.into_iter().zip([Some((1.0, 1.0)), Some((0.0, 1.0)), None]) {
                for _ in 0..n {
                    tally
                        .take(&Row { arm, unit: None, cluster: None, id: None, values: &[value], before: None })
                        .expect("a row");
                }
            }
        }
        let tallied = tally.conclude();
        let effect = Range { point: 0.02, low: Some(-0.01), high: None, confidence: 0.95 };
        exposed(&[&tallied.arms[0], &tallied.arms[1]], 0, &[Outcome::Found(effect)])
    }

    /// Dilution by hand: .8 of the arm and none of the control saw it, so 2 points over all are 2.5 points on the exposed.
    #[test]
    fn an_effect_is_diluted_by_those_who_saw_nothing() {
        let found = read([("a", [0, 1_000, 7]), ("b", [800, 200, 0])]);
        assert_eq!((found[0].share(), found[0].n_unknown, found[1].share()), (Some(0.0), 7, Some(0.8)));
        assert!(found[1].p_value.expect("a p-value") < 1e-9 && found[0].p_value.is_none());
        let Some(Outcome::Found(effect)) = &found[1].effect else { panic!("{found:?}") };
        assert!((effect.point - 0.025).abs() < 1e-12 && (effect.low.expect("an end") + 0.0125).abs() < 1e-12);
        assert_eq!(effect.high, None);
    }

    /// By hand: z is .02 over the root of 2 × .51 × .49 / 1,000, which is .8946; both tails hold .3710.
    #[test]
    fn alike_shares_tell_nothing_of_the_exposed() {
        let found = read([("a", [500, 500, 0]), ("b", [520, 480, 0])]);
        assert!((found[1].p_value.expect("a p-value") - 0.371).abs() < 0.002, "{found:?}");
        assert!(matches!(found[1].effect, Some(Outcome::Abstained(_))));
        let unknown = read([("a", [0, 0, 30]), ("b", [20, 10, 0])]);
        assert!(matches!(unknown[1].effect, Some(Outcome::Abstained(_))) && unknown[0].share().is_none());
    }
}
