//! Other forms of the same comparison, as other programs print them: for checking assay against them, and for the table that
//! tells a reader how much the answer hangs on the method.

use crate::means::Means;
use crate::shares::Shares;
use assay_math::{ln_gamma, normal_to_student, normal_upper_quantile, normal_upper_tail, student_upper_tail};

/// An interval and a p-value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Form {
    /// The estimate.
    pub point: f64,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Two-sided, for no effect.
    pub p_value: f64,
}

fn symmetric(point: f64, error: f64, critical: f64, p_value: f64) -> Form {
    Form { point, low: point - critical * error, high: point + critical * error, p_value }
}

/// The difference of means by Welch's t (`gbstats`, absolute).
pub fn welch(means: &Means, confidence: f64) -> Form {
    let error = means.spread.sqrt();
    let critical = normal_to_student(normal_upper_quantile((1.0 - confidence) / 2.0), means.df);
    let p = 2.0 * student_upper_tail((means.difference / error).abs(), means.df);
    symmetric(means.difference, error, critical, p)
}

/// The relative lift by the delta method on the lift itself (`gbstats`, relative): its misses lie on one side where counts
/// are small.
pub fn delta_lift(means: &Means, control_mean: f64, confidence: f64) -> Form {
    let m = control_mean;
    let lift = means.difference / m;
    let spread = (means.spread + lift * lift * means.control_spread - 2.0 * lift * means.shared) / (m * m);
    let critical = normal_to_student(normal_upper_quantile((1.0 - confidence) / 2.0), means.df);
    let p = 2.0 * student_upper_tail((lift / spread.sqrt()).abs(), means.df);
    symmetric(lift, spread.sqrt(), critical, p)
}

/// The relative lift by a normal interval for the logarithm of the ratio; `None` where a mean is not above 0.
pub fn log_ratio(means: &Means, confidence: f64) -> Option<Form> {
    let (control, arm) = (means.control, means.control + means.difference);
    if control <= 0.0 || arm <= 0.0 {
        return None;
    }
    // Var(log ratio) = Var(arm)/arm^2 + Var(control)/control^2 - 2 Cov/(arm control), from the difference's spread.
    let arm_spread = means.spread + means.control_spread + 2.0 * means.shared;
    let both = means.shared + means.control_spread;
    let spread = arm_spread / (arm * arm) + means.control_spread / (control * control) - 2.0 * both / (arm * control);
    let error = spread.max(0.0).sqrt();
    let log = (arm / control).ln();
    let critical = normal_upper_quantile((1.0 - confidence) / 2.0);
    let on_log = symmetric(log, error, critical, 2.0 * normal_upper_tail((log / error).abs()));
    Some(Form { point: log.exp_m1(), low: on_log.low.exp_m1(), high: on_log.high.exp_m1(), p_value: on_log.p_value })
}

/// The relative lift as the absolute interval over the control's mean (`spotify-confidence`): too narrow where the lift is large.
pub fn rescaled(absolute: Form, control_mean: f64) -> Form {
    let Form { point, low, high, p_value } = absolute;
    Form { point: point / control_mean, low: low / control_mean, high: high / control_mean, p_value }
}

/// The difference of shares by a normal interval, each share with its own variance (`spotify-confidence` `ZTest`).
pub fn wald(shares: &Shares, confidence: f64) -> Form {
    let part = |x: u64, n: u64| {
        let p = x as f64 / n as f64;
        p * (1.0 - p) / n as f64
    };
    let error = (part(shares.x_control, shares.n_control) + part(shares.x_arm, shares.n_arm)).sqrt();
    let point = shares.difference();
    let critical = normal_upper_quantile((1.0 - confidence) / 2.0);
    symmetric(point, error, critical, 2.0 * normal_upper_tail((point / error).abs()))
}

/// The interval of Newcombe (1998, method 10) for the difference of shares, from Wilson's interval of each.
pub fn newcombe(shares: &Shares, confidence: f64) -> (f64, f64) {
    let z = normal_upper_quantile((1.0 - confidence) / 2.0);
    let wilson = |x: u64, n: u64| {
        let (x, n) = (x as f64, n as f64);
        let p = x / n;
        let middle = p + z * z / (2.0 * n);
        let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        (p, (middle - reach) / scale, (middle + reach) / scale)
    };
    let (p0, l0, u0) = wilson(shares.x_control, shares.n_control);
    let (p1, l1, u1) = wilson(shares.x_arm, shares.n_arm);
    let gap = p1 - p0;
    (gap - (p1 - l1).hypot(u0 - p0), gap + (u1 - p1).hypot(p0 - l0))
}

/// Fisher's exact test, two-sided: the chance, given the events in all, of a table no likelier than the one at hand.
pub fn fisher(shares: &Shares) -> f64 {
    let (n0, n1) = (shares.n_control, shares.n_arm);
    let x = shares.x_control + shares.x_arm;
    let choose = |n: u64, k: u64| ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0);
    let log = |k: u64| choose(n1, k) + choose(n0, x - k) - choose(n0 + n1, x);
    let here = log(shares.x_arm);
    let (first, last) = (x.saturating_sub(n0), x.min(n1));
    (first..=last).map(log).filter(|l| *l <= here + 1e-7).map(f64::exp).sum::<f64>().min(1.0)
}

/// Boschloo's test (1970), two-sided as SciPy has it: twice the smaller one-sided p. The statistic is Fisher's one-sided
/// p-value, its tail counted over all tables at the worst share. Costs O(n^2) tables and is meant for some hundred an arm.
pub fn boschloo(shares: &Shares) -> f64 {
    let turned =
        Shares { x_control: shares.n_control - shares.x_control, x_arm: shares.n_arm - shares.x_arm, ..*shares };
    (2.0 * boschloo_greater(shares).min(boschloo_greater(&turned))).min(1.0)
}

fn boschloo_greater(shares: &Shares) -> f64 {
    let (n0, n1) = (shares.n_control, shares.n_arm);
    let choose = |n: u64, k: u64| ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0);
    // Fisher's one-sided p of every table, event total by event total: sums of the hypergeometric terms from the top.
    let mut tables: Vec<(f64, u64, f64)> = Vec::new();
    let mut here = 1.0;
    for x in 0..=n0 + n1 {
        let mut tail = 0.0;
        for k in (x.saturating_sub(n0)..=x.min(n1)).rev() {
            let ways = choose(n1, k) + choose(n0, x - k);
            tail += (ways - choose(n0 + n1, x)).exp();
            tables.push((tail, x, ways));
            if k == shares.x_arm && x - k == shares.x_control {
                here = tail;
            }
        }
    }
    let mut by_events = vec![0.0; (n0 + n1 + 1) as usize];
    for (p, x, ways) in tables {
        if p <= here * (1.0 + 1e-9) {
            by_events[x as usize] += ways.exp();
        }
    }
    let tail = |p: f64| -> f64 {
        let n = (n0 + n1) as f64;
        let log = |k: f64| k * p.ln() + (n - k) * (1.0 - p).ln();
        by_events.iter().enumerate().filter(|(_, w)| **w > 0.0).map(|(k, w)| w * log(k as f64).exp()).sum()
    };
    let coarse = (1..1_000).map(|k| f64::from(k) / 1_000.0).max_by(|a, b| tail(*a).total_cmp(&tail(*b))).unwrap_or(0.5);
    (-50..=50).map(|k| tail((coarse + f64::from(k) * 2e-5).clamp(1e-6, 1.0 - 1e-6))).fold(0.0, f64::max).min(1.0)
}
