//! The reading of a user-level split: from sums by arm to effects, checks and a verdict in money.
//!
//! 1. Do the arms have the numbers of units that the split says? If not, the verdict is *invalid* and no effect decides.
//! 2. For each metric and arm a comparison with the control: shares by the score test (exact where small), all else by Welch's
//!    contrast, adjusted for what was known before where it is; amounts with few buyers by dealing them out again. One statistic; p, interval and decision are its inversion under
//!    the rule for looking (see [`crate::rule`]).
//! 3. The first metric decides. Several arms: Holm over the arms. With further metrics the arms share alpha (Bonferroni), and
//!    within an arm the further metrics come after the first (gatekeeping), Holm among themselves: any false claim at all has
//!    probability of at most alpha.
//! 4. The verdict holds the primary difference against what it has to bring in (`cost / margin`), at alpha shared among the arms.

mod compare;
mod verdict;

pub use compare::{Comparison, EVENTS_MIN};
pub use verdict::{Decision, Reason, Verdict};

use crate::exposure::{self, Exposed};
use crate::influence::{Held, Influence};
use crate::money::Worth;
use crate::rule::Rule;
use crate::srm;
use crate::tally::{Arm, Kind, Metric, Tallied, UnitOf};
use assay_math::{Seed, holm};
use assay_model::{Abstention, Outcome};

/// What was declared of looking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// Nothing: any time.
    Anytime,
    /// A largest number of units over all arms, and perhaps a number of evenly spaced looks.
    Capped {
        /// Units over all arms.
        n_max: u64,
        /// Looks.
        looks: Option<u32>,
    },
    /// One look.
    Fixed,
}

/// What the user asks.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The arm that others are compared with.
    pub control: String,
    /// Weights of the split: the control's, then the others' in the order of their names. `None` where none was stated.
    pub split: Option<Vec<f64>>,
    /// What was declared of looking.
    pub stop: Stop,
    /// Confidence of intervals, 0..1; one less it is alpha.
    pub confidence: f64,
    /// Whether the metrics are adjusted for what was known before.
    pub adjust: crate::means::Before,
    /// What the primary metric is worth.
    pub worth: Option<Worth>,
    /// Where deals of amounts are drawn from.
    pub seed: Seed,
    /// Metrics that must not get worse; they stand behind all others.
    pub guardrails: Vec<Guardrail>,
    /// The place of a yes or no that says who was exposed; it stands last and is no metric.
    pub exposed: Option<usize>,
}

/// A metric that must not get worse by more than a margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guardrail {
    /// The place of the metric.
    pub metric: usize,
    /// How far the arm's difference may go.
    pub bound: Bound,
}

/// How far a difference may go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// At most so high: more is worse.
    AtMost(f64),
    /// At least so high: less is worse.
    AtLeast(f64),
}

/// How a guardrail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The whole interval lies within the margin.
    Holds,
    /// The whole interval lies beyond it.
    Broken,
    /// It lies on both sides.
    Open,
}

/// A guardrail of an arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Guarded {
    /// The metric's name.
    pub metric: String,
    /// The arm.
    pub arm: String,
    /// How far its difference may go.
    pub bound: Bound,
    /// How it stands.
    pub standing: Standing,
}

/// Why there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// No arm has the control's name; those that there are.
    NoControl(Vec<String>),
    /// There is one arm only.
    OneArm(String),
    /// The split names another number of arms.
    Split {
        /// Weights given.
        n_weights: usize,
        /// The arms, the control first.
        arms: Vec<String>,
    },
    /// The control has no unit with a value.
    Empty(String),
}

/// An interval whose ends may be open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The estimate.
    pub point: f64,
    /// Lower end; `None` where it has none.
    pub low: Option<f64>,
    /// Upper end; `None` where it has none.
    pub high: Option<f64>,
    /// Its confidence, 0..1.
    pub confidence: f64,
}

/// The check of the numbers of units.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleRatio {
    /// p-value at any time.
    pub p_value: f64,
    /// p-value of the chi-squared test, for one look.
    pub chi_squared_p: f64,
    /// Whether the reading is stopped.
    pub stop: bool,
    /// Whether the split was stated, rather than taken to be even.
    pub stated: bool,
    /// The shares that were planned, the control's first.
    pub planned: Vec<f64>,
    /// The arms, the control first, with their units.
    pub units: Vec<(String, u64)>,
}

/// An effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The metric.
    pub metric: String,
    /// What it measures.
    pub kind: Kind,
    /// The arm.
    pub arm: String,
    /// How it was compared.
    pub method: &'static str,
    /// Events (values that are not 0) in control and arm.
    pub n_events: u64,
    /// How often the amounts were dealt out again; `None` where the normal curve serves.
    pub n_dealt: Option<usize>,
    /// The difference's standard error at the estimate.
    pub error: Option<f64>,
    /// Arm less control.
    pub absolute: Outcome<Range>,
    /// Arm over control, less 1.
    pub relative: Outcome<Range>,
    /// For no effect, under the rule for looking.
    pub p_value: Option<f64>,
    /// The same, adjusted for all arms and metrics.
    pub adjusted_p_value: Option<f64>,
}

/// The same question by another method.
#[derive(Debug, Clone, PartialEq)]
pub struct Robustness {
    /// The metric.
    pub metric: String,
    /// The arm.
    pub arm: String,
    /// The estimator.
    pub estimator: String,
    /// What its p-value supposes.
    pub null: &'static str,
    /// `difference` or `lift`.
    pub scale: &'static str,
    /// The estimate.
    pub point: f64,
    /// Lower end, unadjusted, one look.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// p-value for one look.
    pub p_value: Option<f64>,
}

/// A reading.
#[derive(Debug)]
pub struct SplitReading {
    /// What was asked.
    pub asked: Asked,
    /// The sums that it was read from.
    pub tallied: Tallied,
    /// Places of the arms in `tallied.arms`, the control first.
    pub order: Vec<usize>,
    /// The check of the numbers of units.
    pub srm: SampleRatio,
    /// The rule for each arm beside the control.
    pub rules: Vec<Rule>,
    /// Effects: metric by metric, arm by arm.
    pub effects: Vec<Effect>,
    /// The same by other methods.
    pub robustness: Vec<Robustness>,
    /// How far effects on amounts hang on their largest units.
    pub influence: Vec<Influence>,
    /// The exposed by arm, the control first; empty where nobody says who was.
    pub exposed: Vec<Exposed>,
    /// e-values for harm of each arm, in the order of the arms; only where a largest number of units was declared.
    pub harm: Vec<Option<f64>>,
    /// Guardrails, arm by arm.
    pub guarded: Vec<Guarded>,
    /// The verdict.
    pub verdict: Verdict,
}

impl SplitReading {
    /// The metrics, guardrails last; who was exposed is tallied behind them and is none.
    pub fn metrics(&self) -> &[Metric] {
        told(&self.tallied, &self.asked)
    }
}

fn told<'t>(tallied: &'t Tallied, asked: &Asked) -> &'t [Metric] {
    &tallied.metrics[..asked.exposed.unwrap_or(tallied.metrics.len())]
}

/// Reads a split.
///
/// # Errors
/// If there is nothing to read: see [`Unreadable`].
pub fn read_split(tallied: Tallied, asked: &Asked) -> Result<SplitReading, Unreadable> {
    let order = arms_in_order(&tallied.arms, asked)?;
    let srm = sample_ratio(&tallied.arms, &order, asked);
    let n_all: u64 = tallied.arms.iter().map(|a| a.n_units).sum();
    let control = &tallied.arms[order[0]];
    let rules: Vec<Rule> = order[1..]
        .iter()
        .map(|i| match asked.stop {
            Stop::Fixed => Rule::Fixed,
            Stop::Anytime => Rule::Anytime { n: (control.n_units + tallied.arms[*i].n_units) as f64 },
            Stop::Capped { n_max, looks } => Rule::Capped { fraction: (n_all as f64 / n_max as f64).min(1.0), looks },
        })
        .collect();
    let alpha = 1.0 - asked.confidence;
    let (mut effects, mut robustness, mut comparisons) = (Vec::new(), Vec::new(), Vec::new());
    let mut influence = Vec::new();
    let n_told = told(&tallied, asked).len();
    for m in 0..n_told {
        for (k, i) in order[1..].iter().enumerate() {
            let compared = compare::compare(&tallied, m, order[0], *i, asked.adjust, asked.seed);
            effects.push(compare::effect(&tallied, m, *i, &compared, rules[k], alpha));
            robustness.extend(compare::others(&tallied, m, order[0], *i, &compared, asked));
            let held = Held {
                rule: rules[k],
                // The first metric is held against what the verdict asks, as the verdict does it.
                alpha: if m == 0 { alpha / (order.len() - 1) as f64 } else { alpha },
                before: asked.adjust,
                against: asked.worth.filter(|_| m == 0).map_or(0.0, |w| w.break_even()),
            };
            influence
                .extend(compared.as_ref().ok().and_then(|c| compare::influence(&tallied, m, [order[0], *i], c, held)));
            comparisons.push(compared);
        }
    }
    // Guardrails must all hold, so each is held to alpha by itself.
    let n_metrics = n_told - asked.guardrails.len();
    adjust(&mut effects[..n_metrics * (order.len() - 1)], order.len() - 1);
    let guarded = guarded(&effects, &tallied, &asked.guardrails);
    let exposed = asked.exposed.map_or_else(Vec::new, |place| {
        let arms: Vec<&Arm> = order.iter().map(|i| &tallied.arms[*i]).collect();
        let differences: Vec<Outcome<Range>> = effects[..order.len() - 1].iter().map(|e| e.absolute.clone()).collect();
        exposure::exposed(&arms, place, &differences)
    });
    let harm = order[1..]
        .iter()
        .enumerate()
        .map(|(k, i)| {
            let n = (control.n_units + tallied.arms[*i].n_units) as f64;
            let capped = matches!(asked.stop, Stop::Capped { .. });
            comparisons[k].as_ref().ok().filter(|_| capped).map(|c| Rule::harm(c.z_no_effect(), n))
        })
        .collect::<Vec<_>>();
    let primary: Vec<&Result<Comparison, Abstention>> = comparisons[..order.len() - 1].iter().collect();
    let verdict = verdict::verdict(&tallied, &order, asked, &srm, &rules, &primary, &harm, n_all);
    let verdict = verdict::guard(verdict, &guarded, asked, n_all);
    Ok(SplitReading {
        asked: asked.clone(),
        order,
        srm,
        rules,
        effects,
        robustness,
        influence,
        exposed,
        harm,
        guarded,
        verdict,
        tallied,
    })
}

fn guarded(effects: &[Effect], tallied: &Tallied, guardrails: &[Guardrail]) -> Vec<Guarded> {
    let mut all = Vec::new();
    for guardrail in guardrails {
        let metric = &tallied.metrics[guardrail.metric].name;
        for effect in effects.iter().filter(|e| e.metric == *metric) {
            let (low, high) = match &effect.absolute {
                Outcome::Found(r) => (r.low.unwrap_or(f64::NEG_INFINITY), r.high.unwrap_or(f64::INFINITY)),
                Outcome::Abstained(_) => (f64::NEG_INFINITY, f64::INFINITY),
            };
            let standing = match guardrail.bound {
                Bound::AtMost(most) if high <= most => Standing::Holds,
                Bound::AtMost(most) if low > most => Standing::Broken,
                Bound::AtLeast(least) if low >= least => Standing::Holds,
                Bound::AtLeast(least) if high < least => Standing::Broken,
                _ => Standing::Open,
            };
            all.push(Guarded { metric: metric.clone(), arm: effect.arm.clone(), bound: guardrail.bound, standing });
        }
    }
    all
}

fn arms_in_order(arms: &[Arm], asked: &Asked) -> Result<Vec<usize>, Unreadable> {
    let names: Vec<String> = arms.iter().map(|a| a.name.clone()).collect();
    let Some(control) = names.iter().position(|n| *n == asked.control) else {
        return Err(Unreadable::NoControl(names));
    };
    if arms.len() < 2 {
        return Err(Unreadable::OneArm(names[0].clone()));
    }
    let mut order = vec![control];
    order.extend((0..arms.len()).filter(|i| *i != control));
    if let Some(split) = &asked.split
        && split.len() != arms.len()
    {
        let arms = order.iter().map(|i| names[*i].clone()).collect();
        return Err(Unreadable::Split { n_weights: split.len(), arms });
    }
    if arms[control].cells.iter().all(|c| c.moments.n() == 0) {
        return Err(Unreadable::Empty(asked.control.clone()));
    }
    Ok(order)
}

fn sample_ratio(arms: &[Arm], order: &[usize], asked: &Asked) -> SampleRatio {
    let counts: Vec<u64> = order.iter().map(|i| arms[*i].n_units).collect();
    let split = asked.split.clone().unwrap_or_else(|| vec![1.0; order.len()]);
    let total: f64 = split.iter().sum();
    let p_value = srm::sequential_p(&counts, &split);
    SampleRatio {
        p_value,
        chi_squared_p: srm::chi_squared_p(&counts, &split),
        stop: p_value < srm::STOP_BELOW,
        stated: asked.split.is_some(),
        planned: split.iter().map(|w| w / total).collect(),
        units: order.iter().map(|i| (arms[*i].name.clone(), arms[*i].n_units)).collect(),
    }
}

/// Fills in the adjusted p-values; effects stand metric by metric, the primary one first.
fn adjust(effects: &mut [Effect], n_arms: usize) {
    let p = |e: &Effect| e.p_value.unwrap_or(1.0);
    if effects.len() == n_arms {
        let adjusted = holm(&effects.iter().map(p).collect::<Vec<_>>());
        for (effect, adjusted) in effects.iter_mut().zip(adjusted) {
            effect.adjusted_p_value = effect.p_value.map(|_| adjusted);
        }
        return;
    }
    let share = n_arms as f64;
    for arm in 0..n_arms {
        let primary = (share * p(&effects[arm])).min(1.0);
        let places: Vec<usize> = (arm + n_arms..effects.len()).step_by(n_arms).collect();
        let further = holm(&places.iter().map(|i| p(&effects[*i])).collect::<Vec<_>>());
        effects[arm].adjusted_p_value = effects[arm].p_value.map(|_| primary);
        for (i, adjusted) in places.into_iter().zip(further) {
            let gated = (share * adjusted).min(1.0).max(primary);
            effects[i].adjusted_p_value = effects[i].p_value.map(|_| gated);
        }
    }
}

/// The name of what was assigned.
pub fn unit_name(unit_of: UnitOf) -> &'static str {
    match unit_of {
        UnitOf::Row => "row",
        UnitOf::Unit => "unit",
        UnitOf::Cluster => "cluster",
    }
}
