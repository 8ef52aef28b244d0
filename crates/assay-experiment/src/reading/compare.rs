//! One arm against the control on one metric.

use super::{Asked, Effect, Range, Robustness};
use crate::forms::{self, Form};
use crate::influence::{Held, Influence, without_largest};
use crate::means::{Before, Means};
use crate::rule::Rule;
use crate::shares::{Null, Shares};
use crate::skewed::{self, DRAWS, Skewed};
use crate::tally::{Kind, Tallied, UnitOf};
use assay_math::Seed;
use assay_model::{Abstention, Outcome};

/// Events in control and arm together below which an amount is not compared: its skewness cannot be known.
pub const EVENTS_MIN: u64 = 20;

/// Amounts that are dealt out again at most; with more in the larger arm the smaller one has many too, or is hopeless.
const AMOUNTS_MAX: u64 = 2_000_000;

/// A comparison whose test can be inverted.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// Of two shares.
    Shares(Shares),
    /// Of two means or ratios.
    Means(Means),
    /// Of two means of amounts with few buyers.
    Skewed(Skewed),
}

impl Comparison {
    /// Arm less control.
    pub fn difference(&self) -> f64 {
        match self {
            Self::Shares(s) => s.difference(),
            Self::Means(m) => m.difference,
            Self::Skewed(s) => s.means.difference,
        }
    }

    /// The standard error of the difference at the estimate.
    pub fn error(&self) -> f64 {
        match self {
            Self::Shares(s) => {
                let part = |x: u64, n: u64| {
                    // A half on either side, so that no events do not mean no doubt.
                    let p = (x as f64 + 0.5) / (n as f64 + 1.0);
                    p * (1.0 - p) / n as f64
                };
                (part(s.x_control, s.n_control) + part(s.x_arm, s.n_arm)).sqrt()
            }
            Self::Means(m) => m.spread.sqrt(),
            Self::Skewed(s) => s.means.spread.sqrt(),
        }
    }

    /// The deviate for no effect.
    pub fn z_no_effect(&self) -> f64 {
        self.z(Null::Difference(0.0))
    }

    /// The deviate for a null.
    pub fn z(&self, null: Null) -> f64 {
        match self {
            Self::Shares(s) => s.z(null),
            Self::Means(m) => m.z(null),
            Self::Skewed(s) => s.z(null),
        }
    }

    /// Differences that are not refused at this deviate; an end is infinite where it has no bound.
    pub fn interval(&self, critical: f64) -> (f64, f64) {
        match self {
            Self::Shares(s) => s.difference_interval(critical),
            Self::Means(m) => m.difference_interval(critical),
            Self::Skewed(s) => s.difference_interval(critical),
        }
    }

    fn method(&self) -> &'static str {
        match self {
            Self::Shares(s) if s.is_small() => "score test, exact by counting tables",
            Self::Shares(_) => "score test",
            Self::Means(m) if m.theta != 0.0 => "Welch contrast adjusted for what was known before (CUPED)",
            Self::Means(_) => "Welch contrast",
            Self::Skewed(_) => "Welch contrast against the same amounts dealt out again (few buyers)",
        }
    }
}

/// Compares an arm with the control, or says why not.
pub(super) fn compare(
    tallied: &Tallied,
    metric: usize,
    control: usize,
    arm: usize,
    before: Before,
    seed: Seed,
) -> Result<Comparison, Abstention> {
    let (a, b) = (&tallied.arms[control].cells[metric], &tallied.arms[arm].cells[metric]);
    let kind = tallied.metrics[metric].kind;
    let unit = super::unit_name(tallied.unit_of);
    let (Some(s0), Some(s1)) = (a.moments.sample(), b.moments.sample()) else {
        return Err(Abstention::new(
            format!("an arm has fewer than two {unit}s with a value"),
            format!("at least two {unit}s in each arm, rather ten"),
        ));
    };
    let is_flag = kind != Kind::Ratio
        && kind != Kind::Amount
        && tallied.unit_of != UnitOf::Cluster
        && a.moments.is_flag()
        && b.moments.is_flag();
    if is_flag && before == Before::Ignored {
        return Ok(Comparison::Shares(Shares {
            x_control: a.moments.n_nonzero(),
            n_control: a.moments.n(),
            x_arm: b.moments.n_nonzero(),
            n_arm: b.moments.n(),
        }));
    }
    let n_events = a.moments.n_nonzero() + b.moments.n_nonzero();
    if n_events < EVENTS_MIN && tallied.unit_of != UnitOf::Cluster {
        return Err(Abstention::new(
            format!("control and arm together have {n_events} values that are not 0"),
            format!("at least {EVENTS_MIN} of them"),
        ));
    }
    if s0.d <= 0.0 || s1.d <= 0.0 {
        return Err(Abstention::new("the denominator sums to nothing", "a denominator above 0 in both arms"));
    }
    let is_skewed = kind != Kind::Ratio
        && tallied.unit_of != UnitOf::Cluster
        && a.moments.n_negative() + b.moments.n_negative() == 0
        && n_events <= AMOUNTS_MAX
        && skewed::is_needed([a.moments.n_nonzero(), b.moments.n_nonzero()], [&s0, &s1]);
    let compared = if is_skewed {
        let seed = seed.fork("amounts dealt out again").nth((metric * crate::tally::ARMS_MAX + arm) as u64);
        Skewed::of([&a.caps, &b.caps], [&s0, &s1], DRAWS, seed).map(Comparison::Skewed)
    } else {
        Means::of(&s0, &s1, before).map(Comparison::Means)
    };
    compared.ok_or_else(|| Abstention::new("every value is the same in both arms", "values that differ"))
}

/// The effect under the rule for looking.
pub(super) fn effect(
    tallied: &Tallied,
    metric: usize,
    arm: usize,
    compared: &Result<Comparison, Abstention>,
    rule: Rule,
    alpha: f64,
) -> Effect {
    let name = |m: usize| tallied.metrics[m].name.clone();
    let base = |method, n_events, absolute, relative, p_value| Effect {
        metric: name(metric),
        kind: tallied.metrics[metric].kind,
        arm: tallied.arms[arm].name.clone(),
        method,
        n_events,
        n_dealt: matches!(compared, Ok(Comparison::Skewed(_))).then_some(DRAWS),
        error: compared.as_ref().ok().map(Comparison::error),
        absolute,
        relative,
        p_value,
        adjusted_p_value: None,
    };
    let compared = match compared {
        Ok(compared) => compared,
        Err(why) => {
            let none = || Outcome::Abstained(why.clone());
            return base("none", tallied.arms[arm].cells[metric].moments.n_nonzero(), none(), none(), None);
        }
    };
    let critical = rule.critical(alpha);
    let confidence = 1.0 - alpha;
    let (low, high) = compared.interval(critical);
    let finite = |end: f64| Some(end).filter(|e| e.is_finite());
    let absolute = Range { point: compared.difference(), low: finite(low), high: finite(high), confidence };
    base(
        compared.method(),
        events(tallied, metric, arm, compared),
        Outcome::Found(absolute),
        relative(compared, critical, confidence),
        Some(rule.p_value(compared.z_no_effect())),
    )
}

fn events(tallied: &Tallied, metric: usize, arm: usize, compared: &Comparison) -> u64 {
    match compared {
        Comparison::Shares(s) => s.x_control + s.x_arm,
        Comparison::Means(_) | Comparison::Skewed(_) => tallied.arms[arm].cells[metric].moments.n_nonzero(),
    }
}

fn relative(compared: &Comparison, critical: f64, confidence: f64) -> Outcome<Range> {
    let none = || {
        Outcome::Abstained(Abstention::new(
            "the control's mean is not above 0, so nothing is a multiple of it",
            "a control with events",
        ))
    };
    match compared {
        Comparison::Shares(s) => {
            let Some(ratio) = s.ratio() else { return none() };
            let (low, high) = s.ratio_interval(critical);
            Outcome::Found(Range { point: ratio - 1.0, low: Some(low - 1.0), high: high.map(|h| h - 1.0), confidence })
        }
        Comparison::Means(m) => {
            let Some(point) = m.lift() else { return none() };
            let (low, high) = m.lift_interval(critical);
            Outcome::Found(Range { point, low, high, confidence })
        }
        Comparison::Skewed(s) => {
            let Some(point) = s.means.lift() else { return none() };
            let (low, high) = s.lift_interval(critical);
            Outcome::Found(Range { point, low, high, confidence })
        }
    }
}

/// The same comparison by other methods, for one look.
pub(super) fn others(
    tallied: &Tallied,
    metric: usize,
    control: usize,
    arm: usize,
    compared: &Result<Comparison, Abstention>,
    asked: &Asked,
) -> Vec<Robustness> {
    let Ok(compared) = compared else { return Vec::new() };
    let row = |estimator: &str, null, scale, form: Form| Robustness {
        metric: tallied.metrics[metric].name.clone(),
        arm: tallied.arms[arm].name.clone(),
        estimator: estimator.to_owned(),
        null,
        scale,
        point: form.point,
        low: Some(form.low).filter(|x| x.is_finite()),
        high: Some(form.high).filter(|x| x.is_finite()),
        p_value: Some(form.p_value).filter(|x| x.is_finite()),
    };
    let confidence = asked.confidence;
    let mut rows = Vec::new();
    let cells = [&tallied.arms[control].cells[metric], &tallied.arms[arm].cells[metric]];
    let samples = cells.map(|c| c.moments.sample());
    let [Some(s0), Some(s1)] = samples else { return rows };
    let dealt = match compared {
        Comparison::Skewed(s) => Some(s),
        _ => None,
    };
    if let Some(skewed) = dealt {
        let (low, high) = skewed.difference_interval(Rule::Fixed.critical(1.0 - confidence));
        let p_value = Rule::Fixed.p_value(compared.z_no_effect());
        let form = Form { point: compared.difference(), low, high, p_value };
        rows.push(row("welch", "amounts dealt out again", "difference", form));
    }
    match compared {
        Comparison::Shares(shares) => {
            let (low, high) = shares.difference_interval(Rule::Fixed.critical(1.0 - confidence));
            let p_value = Rule::Fixed.p_value(compared.z_no_effect());
            let point = shares.difference();
            let null = if shares.is_small() { "tables counted" } else { "normal" };
            rows.push(row("score", null, "difference", Form { point, low, high, p_value }));
            let (low, high) = forms::newcombe(shares, confidence);
            rows.push(row(
                "fisher, newcombe interval",
                "tables given the events",
                "difference",
                Form { point, low, high, p_value: forms::fisher(shares) },
            ));
            if let Some(means) = Means::of(&s0, &s1, Before::Ignored) {
                rows.push(row("welch", "t", "difference", forms::welch(&means, confidence)));
                if let Some(form) = forms::log_ratio(&means, confidence) {
                    rows.push(row("log ratio", "normal", "lift", form));
                }
            }
        }
        Comparison::Means(means) | Comparison::Skewed(Skewed { means, .. }) => {
            rows.push(row("welch", "t", "difference", forms::welch(means, confidence)));
            if let Some(form) = forms::log_ratio(means, confidence) {
                rows.push(row("log ratio", "normal", "lift", form));
            }
            if means.theta != 0.0
                && let Some(unadjusted) = Means::of(&s0, &s1, Before::Ignored)
            {
                rows.push(row("without adjustment", "t", "difference", forms::welch(&unadjusted, confidence)));
            }
        }
    }
    rows
}

/// How far an effect on an amount hangs on its largest units; `None` for flags, ratios and clusters.
pub(super) fn influence(
    tallied: &Tallied,
    metric: usize,
    [control, arm]: [usize; 2],
    compared: &Comparison,
    held: Held,
) -> Option<Influence> {
    let is_amount = matches!(compared, Comparison::Means(_) | Comparison::Skewed(_))
        && tallied.metrics[metric].kind != Kind::Ratio
        && tallied.unit_of != UnitOf::Cluster;
    let cells = [control, arm].map(|i| &tallied.arms[i].cells[metric]);
    if !is_amount || cells.iter().all(|c| c.moments.is_flag()) {
        return None;
    }
    let ends = compared.interval(held.rule.critical(held.alpha));
    let (side, without) = without_largest(cells, ends, held);
    let name = |m: usize| tallied.metrics[m].name.clone();
    Some(Influence { metric: name(metric), arm: tallied.arms[arm].name.clone(), against: held.against, side, without })
}
