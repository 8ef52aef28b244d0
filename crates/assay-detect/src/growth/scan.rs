//! Windows of time with far more counts than expected.

use super::baseline::Baseline;
use super::series::Series;
use assay_math::count_upper_tail;

/// Rate ratios tried: a burst is found best at its own ratio, and hardly worse at one within a factor of two.
const RATIOS: [f64; 7] = [1.8, 3.0, 6.0, 12.0, 30.0, 100.0, 1_000.0];

/// Windows are joined when the gap between them is at most this part of the longer one, or a day.
const JOIN_GAP: f64 = 0.25;

/// A window of steps `from..to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    pub from: usize,
    pub to: usize,
    pub count: f64,
    pub expected: f64,
    /// Log-likelihood ratio over dispersion, in nats.
    pub nats: f64,
}

impl Window {
    fn of(series: &Series, baseline: &Baseline, from: usize, to: usize) -> Self {
        let count: f64 = series.counts[from..to].iter().flatten().map(|&c| f64::from(c)).sum();
        let expected: f64 = (from..to).filter(|&i| series.counts[i].is_some()).map(|i| baseline.expected[i]).sum();
        let nats = if count > expected { count * (count / expected).ln() - (count - expected) } else { 0.0 };
        Self { from, to, count, expected, nats: nats / baseline.dispersion(to - from) }
    }

    /// The chance that windows of about this length hold as much, one of them anywhere.
    pub fn p_value(&self, baseline: &Baseline, n_steps: usize) -> f64 {
        let dispersion = baseline.dispersion(self.to - self.from);
        let one = count_upper_tail(self.count as u64, self.expected, self.expected * dispersion);
        let places = n_steps as f64 / (self.to - self.from) as f64;
        (one * places * 2.0 * RATIOS.len() as f64).min(1.0)
    }
}

/// The strongest windows that do not overlap, at most `longest` steps each.
pub(crate) fn scan(series: &Series, baseline: &Baseline, longest: usize) -> Vec<Window> {
    let mut candidates = Vec::new();
    for ratio in RATIOS {
        runs(series, baseline, ratio, longest, &mut candidates);
    }
    candidates.retain(|w: &Window| w.count >= super::MIN_RATIO * w.expected);
    candidates.sort_by(|a: &Window, b| b.nats.total_cmp(&a.nats).then(a.from.cmp(&b.from)));
    let mut kept: Vec<Window> = Vec::new();
    for c in candidates {
        if kept.iter().all(|k| c.to <= k.from || k.to <= c.from) {
            kept.push(c);
        }
    }
    join(series, baseline, kept, longest)
}

/// Maximal runs of the log-likelihood ratio at one rate ratio.
fn runs(series: &Series, baseline: &Baseline, ratio: f64, longest: usize, out: &mut Vec<Window>) {
    let n = series.counts.len();
    let step =
        |i: usize| series.counts[i].map_or(0.0, |c| f64::from(c) * ratio.ln() - (ratio - 1.0) * baseline.expected[i]);
    let mut from = 0;
    while from < n {
        if step(from) <= 0.0 {
            from += 1;
            continue;
        }
        let (mut sum, mut best, mut to) = (0.0, 0.0, from);
        for i in from..(from + longest).min(n) {
            sum += step(i);
            if sum <= 0.0 {
                break;
            }
            if sum > best {
                (best, to) = (sum, i + 1);
            }
        }
        if best > 3.0 {
            out.push(Window::of(series, baseline, from, to));
        }
        from = to.max(from + 1);
    }
}

/// Joins neighbours into one burst: what dies away after a viral day is part of it.
fn join(series: &Series, baseline: &Baseline, mut windows: Vec<Window>, longest: usize) -> Vec<Window> {
    windows.sort_by_key(|w| w.from);
    let mut joined: Vec<Window> = Vec::new();
    for w in windows {
        if let Some(last) = joined.last_mut() {
            let gap = (w.from - last.to) as f64;
            let length = (last.to - last.from).max(w.to - w.from) as f64;
            let both = Window::of(series, baseline, last.from, w.to);
            let near = gap <= (JOIN_GAP * length).max(series.steps_in_day());
            if near && both.to - both.from <= longest && both.count >= super::MIN_RATIO * both.expected {
                *last = both;
                continue;
            }
        }
        joined.push(w);
    }
    joined
}
