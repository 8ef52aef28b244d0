//! Nulls that a geo test is held against: other markets one by one, and other choices of markets by relative change.

use super::panel::Panel;
use super::synthetic::{self, Level};
use super::{GeoRow, Part};
use assay_math::Seed;
use rand::RngExt;

/// Choices of markets that are gone through one by one; beyond them as many are drawn.
const CHOICES_MAX: usize = 5_000;

/// Among the treated and all donors, the share whose gap grew at least as much, each donor fitted by the other donors.
pub(super) fn placebo_p(gaps: &[f64], donors: &[&[f64]], n_before: usize, level: Level) -> f64 {
    let growth = |gaps: &[f64]| {
        let mean = |g: &[f64]| g.iter().map(|v| v * v).sum::<f64>() / g.len() as f64;
        mean(&gaps[n_before..]) / mean(&gaps[..n_before]).max(f64::MIN_POSITIVE)
    };
    let here = growth(gaps);
    let as_far = (0..donors.len())
        .filter(|i| {
            let rest: Vec<&[f64]> = donors.iter().enumerate().filter(|(j, _)| j != i).map(|(_, d)| *d).collect();
            growth(&synthetic::fit(donors[*i], &rest, n_before, level).gaps) >= here
        })
        .count();
    (1 + as_far) as f64 / (donors.len() + 1) as f64
}

/// Difference in differences as relative change, against other choices of as many markets.
pub(super) fn differences(panel: &Panel, treated: &[usize], n_before: usize, seed: Seed) -> GeoRow {
    let n = panel.markets.len();
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let before: Vec<f64> = panel.values.iter().map(|v| mean(&v[..n_before])).collect();
    let during: Vec<f64> = panel.values.iter().map(|v| mean(&v[n_before..])).collect();
    let (all_before, all_during) = (before.iter().sum::<f64>(), during.iter().sum::<f64>());
    let change = |set: &[usize]| {
        let (b, d): (f64, f64) = (set.iter().map(|i| before[*i]).sum(), set.iter().map(|i| during[*i]).sum());
        (d / b) / ((all_during - d) / (all_before - b)) - 1.0
    };
    let here = change(treated);
    let far = |set: &[usize]| change(set).abs() >= here.abs() * (1.0 - 1e-12);
    let k = treated.len();
    let n_choices = (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64).round();
    let (as_far, of) = if n_choices <= CHOICES_MAX as f64 {
        let mut count = 0_usize;
        let mut set: Vec<usize> = (0..k).collect();
        loop {
            count += usize::from(far(&set));
            let Some(i) = (0..k).rev().find(|i| set[*i] < n - k + i) else { break };
            set[i] += 1;
            for j in i + 1..k {
                set[j] = set[j - 1] + 1;
            }
        }
        (count, n_choices as usize)
    } else {
        let mut random = seed.fork("choices of markets").random();
        let mut places: Vec<usize> = (0..n).collect();
        let drawn = (0..CHOICES_MAX)
            .filter(|_| {
                for i in 0..k {
                    let j = random.random_range(i..n);
                    places.swap(i, j);
                }
                far(&places[..k])
            })
            .count();
        // The choice that was made counts as one of those drawn.
        (drawn + 1, CHOICES_MAX + 1)
    };
    let b: f64 = treated.iter().map(|i| before[*i]).sum();
    let d: f64 = treated.iter().map(|i| during[*i]).sum();
    let due = b * (all_during - d) / (all_before - b);
    GeoRow {
        estimator: "difference in differences, relative",
        null: "other choices of markets",
        total: (d - due) * (panel.periods.len() - n_before) as f64,
        interval: None,
        p_value: as_far as f64 / of as f64,
        floor: 1.0 / of as f64,
        part: Part::Decides,
    }
}
