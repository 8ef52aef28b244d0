//! What season and trend lead one to expect in each step.

use super::series::Series;
use assay_model::DAY_MS;

/// The trend is a local mean over at least this many days on each side …
const TREND_DAYS: f64 = 30.0;

/// … and over enough steps to hold this many arrivals on each side on average.
const TREND_COUNTS: f64 = 40.0;

/// The share of windows, strongest first, that the dispersion leaves out: as long as no burst is masked, and after.
const LEFT_OUT: (f64, f64) = (0.1, 0.02);

/// A season's factor is drawn towards 1 as if this many arrivals had been seen at factor 1.
const SEASON_PRIOR: f64 = 30.0;

/// Expected counts, and how much counts vary around them.
#[derive(Debug, Clone)]
pub(crate) struct Baseline {
    /// Expected count of each step.
    pub expected: Vec<f64>,
    /// Variance over mean of counts in windows of 1, 2, 4, … steps, each at least 1.
    dispersion: Vec<f64>,
}

impl Baseline {
    /// Fits the baseline on the steps that are not masked.
    ///
    /// 1. Counts are capped at the level that a twentieth of the busy steps exceed, so that bursts not yet masked pull little.
    /// 2. The trend is a mean with triangular weights over the steps around.
    /// 3. Day of the week, and hour of the day where steps are hours, have a factor each.
    /// 4. The variance over the mean is measured in windows of doubling length, the strongest left out.
    pub fn fit(series: &Series, masked: &[bool]) -> Self {
        let known: Vec<Option<f64>> =
            series.counts.iter().zip(masked).map(|(c, m)| c.filter(|_| !m).map(f64::from)).collect();
        let cap = cap(&known);
        let mean = known.iter().flatten().sum::<f64>() / known.iter().flatten().count().max(1) as f64;
        let half =
            (TREND_DAYS * series.steps_in_day()).max(TREND_COUNTS / mean.max(1e-9)).min(known.len() as f64) as usize;
        let capped: Vec<Option<f64>> = known.iter().map(|c| c.map(|c| c.min(cap))).collect();
        let mut expected = triangular_mean(&capped, half.max(1));
        let season = season(series, &capped, &expected);
        for (e, s) in expected.iter_mut().zip(season) {
            *e *= s;
        }
        let left_out = if masked.contains(&true) { LEFT_OUT.1 } else { LEFT_OUT.0 };
        let dispersion = dispersion(&known, &expected, left_out);
        Self { expected, dispersion }
    }

    /// Variance over mean of the count in a window of this many steps.
    pub fn dispersion(&self, n_steps: usize) -> f64 {
        let level = n_steps.max(1).ilog2() as usize;
        self.dispersion[level.min(self.dispersion.len() - 1)]
    }
}

/// The count that one in twenty busy steps exceeds.
fn cap(known: &[Option<f64>]) -> f64 {
    let mut busy: Vec<f64> = known.iter().flatten().copied().filter(|c| *c > 0.0).collect();
    busy.sort_by(f64::total_cmp);
    busy.get(busy.len() * 19 / 20).copied().unwrap_or(1.0)
}

/// A mean with triangular weights over `half` steps on each side: a running mean of a running mean.
fn triangular_mean(known: &[Option<f64>], half: usize) -> Vec<f64> {
    let sums: Vec<f64> = known.iter().map(|c| c.unwrap_or(0.0)).collect();
    let weights: Vec<f64> = known.iter().map(|c| f64::from(u8::from(c.is_some()))).collect();
    let width = half.div_ceil(2);
    let smooth = |v: &[f64]| running_sum(&running_sum(v, width), width);
    let (sums, weights) = (smooth(&sums), smooth(&weights));
    let all = sums.iter().sum::<f64>() / weights.iter().sum::<f64>().max(1.0);
    sums.iter()
        .zip(&weights)
        .map(|(s, w)| if *w > 0.0 { (s / w).max(all * 1e-3).max(1e-9) } else { all.max(1e-9) })
        .collect()
}

/// Sums over `width` steps on each side.
fn running_sum(values: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; values.len() + 1];
    for (i, v) in values.iter().enumerate() {
        sums[i + 1] = sums[i] + v;
    }
    (0..values.len())
        .map(|i| (sums[(i + width + 1).min(values.len())] - sums[i.saturating_sub(width)]).max(0.0))
        .collect()
}

/// The factor of each step by day of the week and hour of the day. Steps longer than a day have none.
fn season(series: &Series, known: &[Option<f64>], trend: &[f64]) -> Vec<f64> {
    let n = known.len();
    let at = |i: usize| series.start + i as i64 * series.step;
    let weekday = |i: usize| at(i).div_euclid(DAY_MS).rem_euclid(7) as usize;
    let hour = |i: usize| (at(i).rem_euclid(DAY_MS) / 3_600_000) as usize;
    let mut factor = vec![1.0; n];
    let mut fit = |slots: usize, slot: &dyn Fn(usize) -> usize| {
        let (mut seen, mut hoped) = (vec![SEASON_PRIOR; slots], vec![SEASON_PRIOR; slots]);
        for i in 0..n {
            if let Some(c) = known[i] {
                seen[slot(i)] += c;
                hoped[slot(i)] += trend[i] * factor[i];
            }
        }
        for (i, f) in factor.iter_mut().enumerate() {
            *f *= seen[slot(i)] / hoped[slot(i)];
        }
    };
    if series.step <= DAY_MS {
        fit(7, &weekday);
    }
    if series.step < DAY_MS {
        fit(24, &hour);
    }
    factor
}

/// Variance over mean in windows of 1, 2, 4, … steps, never below 1 nor below that of shorter windows.
fn dispersion(known: &[Option<f64>], expected: &[f64], left_out: f64) -> Vec<f64> {
    let mut out: Vec<f64> = Vec::new();
    let mut length = 1;
    loop {
        let mut ratios: Vec<(f64, f64)> = known
            .chunks(length)
            .zip(expected.chunks(length))
            .filter(|(c, _)| c.iter().all(Option::is_some))
            .map(|(c, e)| {
                let (x, mean) = (c.iter().flatten().sum::<f64>(), e.iter().sum::<f64>());
                ((x - mean).powi(2), mean)
            })
            .collect();
        if ratios.len() < 8 {
            break;
        }
        ratios.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        ratios.truncate(ratios.len() - (ratios.len() as f64 * left_out) as usize);
        let (squares, means) = ratios.iter().fold((0.0, 0.0), |(s, m), r| (s + r.0, m + r.1));
        let here = (squares / f64::max(means, 1e-9)).max(1.0);
        out.push(here.max(out.last().copied().unwrap_or(1.0)));
        length *= 2;
    }
    if out.is_empty() { vec![1.0] } else { out }
}
