//! Step 2: what the followers around a run lead one to expect in it.

use super::map::{Axis, Band, Map, NEWBORN_DAYS, log_age};

/// Fewest and most neighbours on each side of a run.
const REACH: (usize, usize) = (250, 4_000);

/// Fewer neighbours than this (counted by their weights) tell nothing of a run.
pub(crate) const MIN_NEIGHBOURS: f64 = 30.0;

/// Neighbours next to the run that are left out: an edge that is off by some ranks must not leak into the null.
const GUARD: usize = 5;

/// The power of age by which a surge of interest may differ from the followers around lies between these: the odds of a ten
/// times older account change by a factor of .4 to 30. News brings in old accounts; what brings in young ones is the thing
/// looked for, but for the little that an advertisement does.
const TILT: (f64, f64) = (-0.4, 1.5);

/// The reference counts as this many neighbours: ages spread evenly over the logarithm from an hour to fifteen years, the
/// broadest claim one can make before seeing a neighbour.
const REFERENCE_WEIGHT: f64 = 5.0;
const REFERENCE_LOG_AGES: f64 = 11.8;

/// The same where ages are not known: creation dates spread evenly over ten years.
const REFERENCE_DAYS: f64 = 3_652.5;

/// How many times within the run stand for all of its times.
const N_TIMES: usize = 9;

/// How many neighbours on each side of a run of `m` tell its null.
pub(crate) fn reach(m: usize) -> usize {
    m.clamp(REACH.0, REACH.1)
}

/// `k ln(k / mp) + (m - k) ln((m - k) / m(1 - p))` where `k / m > p`, else 0: ln of how much likelier `k` of `m` are at their
/// own share than at the null share `p` (Kulldorff 1997).
pub(crate) fn log_likelihood_ratio(k: f64, m: f64, p: f64) -> f64 {
    if k <= m * p || p <= 0.0 || p >= 1.0 {
        return 0.0;
    }
    let out = if k < m { (m - k) * ((m - k) / (m * (1.0 - p))).ln() } else { 0.0 };
    k * (k / (m * p)).ln() + out
}

/// ln of how much likelier the run and its `n` neighbours are at a share each (`k / m` and `p`) than at one share for both.
/// With many neighbours this is [`log_likelihood_ratio`]; with few, it carries that their share is hardly known.
pub(crate) fn two_sample_ratio(k: f64, m: f64, p: f64, n: f64) -> f64 {
    if k <= m * p {
        return 0.0;
    }
    let pooled = (k + n * p) / (m + n);
    let each = |share: f64| {
        let part = |s: f64, q: f64| if s > 0.0 { s * (s / q).ln() } else { 0.0 };
        part(share, pooled) + part(1.0 - share, 1.0 - pooled)
    };
    m * each(k / m) + n * each(p)
}

/// A band in a run against its null.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged {
    /// Members of the run in the band.
    pub k: f64,
    /// Members of the run.
    pub m: f64,
    /// The share of the run that the null puts in the band.
    pub p: f64,
    /// ln of the likelihood ratio against the neighbours, [`two_sample_ratio`].
    pub nats: f64,
}

impl Judged {
    /// How strongly each follower of the run speaks for the band, in nats, were the null share known exactly.
    pub fn nats_each(&self) -> f64 {
        log_likelihood_ratio(self.k, self.m, self.p) / self.m.max(1.0)
    }
}

/// The null of a run: its neighbours, weighted to the run's share of newborns and its mean age.
#[derive(Debug)]
pub(crate) struct Null {
    by_age: Weighted,
    by_created: Weighted,
    n_effective: f64,
    times: Vec<f64>,
    run_ages: Vec<f64>,
    run_created: Vec<f64>,
    tells_time: bool,
}

impl Null {
    /// Gathers the neighbours of the run `start..end`. Accounts taken by other groups count neither as neighbours nor as
    /// members.
    pub fn of(map: &Map, start: usize, end: usize) -> Self {
        let run: Vec<usize> = (start..end).filter(|&i| !map.taken[i]).collect();
        let around = neighbours(map, start, end);
        let weights = tilt(map, &run, &around);
        let total: f64 = weights.iter().sum();
        let squares: f64 = weights.iter().map(|w| w * w).sum();
        let pick = |axis| {
            Weighted::new(
                around
                    .iter()
                    .zip(&weights)
                    .map(|(&i, &w)| (map.value(axis, i), w / total.max(f64::MIN_POSITIVE)))
                    .collect(),
            )
        };
        let sorted = |axis| {
            let mut values: Vec<f64> = run.iter().map(|&i| map.value(axis, i)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let times = (0..N_TIMES.min(run.len())).map(|q| map.at[run[q * (run.len() - 1) / (N_TIMES - 1)]]).collect();
        Self {
            by_age: pick(Axis::Age),
            by_created: pick(Axis::Created),
            n_effective: if squares > 0.0 { total * total / squares } else { 0.0 },
            times,
            run_ages: sorted(Axis::Age),
            run_created: sorted(Axis::Created),
            tells_time: map.tells_time,
        }
    }

    /// The share of the run that the null puts in the band: by age or by creation date, whichever is larger, one standard
    /// error up, drawn towards the reference.
    pub fn share(&self, band: Band) -> f64 {
        let (by_age, reference) = match band.axis {
            Axis::Age => (self.by_age.within(band.low, band.high), (band.high - band.low) / REFERENCE_LOG_AGES),
            Axis::Created if !self.tells_time => (0.0, (band.high - band.low) / REFERENCE_DAYS),
            Axis::Created => {
                let n = self.times.len().max(1) as f64;
                let spans = self.times.iter().map(|at| (log_age(at - band.high), log_age(at - band.low)));
                spans.fold((0.0, 0.0), |(share, reference), (low, high)| {
                    (share + self.by_age.within(low, high) / n, reference + (high - low) / REFERENCE_LOG_AGES / n)
                })
            }
        };
        let by_created = if band.axis == Axis::Created { self.by_created.within(band.low, band.high) } else { 0.0 };
        let n = self.n_effective;
        let share =
            (by_age.max(by_created) * n + reference.clamp(0.0, 1.0) * REFERENCE_WEIGHT) / (n + REFERENCE_WEIGHT);
        let error = (share * (1.0 - share).max(0.0) / (n + REFERENCE_WEIGHT)).sqrt();
        (share + error).clamp(1e-6, 1.0 - 1e-6)
    }

    /// Judges a band.
    pub fn judge(&self, band: Band) -> Judged {
        let run = if band.axis == Axis::Created { &self.run_created } else { &self.run_ages };
        let from = run.partition_point(|&v| v < band.low);
        let to = run.partition_point(|&v| v <= band.high);
        let (k, m) = ((to - from) as f64, run.len() as f64);
        let p = self.share(band);
        let told = self.n_effective >= MIN_NEIGHBOURS;
        Judged { k, m, p, nats: if told { two_sample_ratio(k, m, p, self.n_effective) } else { 0.0 } }
    }
}

/// The neighbours of a run on both sides; where one side ends, the other gives more.
fn neighbours(map: &Map, start: usize, end: usize) -> Vec<usize> {
    let wanted = reach(end - start);
    let left = |n: usize| (0..start.saturating_sub(GUARD)).rev().filter(|&i| !map.taken[i]).take(n).collect::<Vec<_>>();
    let right = |n: usize| (end + GUARD..map.len()).filter(|&i| !map.taken[i]).take(n).collect::<Vec<_>>();
    let (mut before, mut after) = (left(wanted), right(wanted));
    if before.len() < wanted {
        after = right(2 * wanted - before.len());
    } else if after.len() < wanted {
        before = left(2 * wanted - after.len());
    }
    before.append(&mut after);
    before
}

/// Weights that give the neighbours the run's share of newborns, and the others the run's mean log-age by a power of age.
fn tilt(map: &Map, run: &[usize], around: &[usize]) -> Vec<f64> {
    if !map.tells_time {
        return vec![1.0; around.len()];
    }
    let newborn = log_age(NEWBORN_DAYS);
    let split = |rows: &[usize]| -> (f64, Vec<f64>) {
        let older: Vec<f64> = rows.iter().map(|&i| map.log_age[i]).filter(|&a| a >= newborn).collect();
        ((rows.len() - older.len()) as f64, older)
    };
    let (run_newborn, run_older) = split(run);
    let (near_newborn, near_older) = split(around);
    if near_older.is_empty() || run_older.is_empty() {
        return vec![1.0; around.len()];
    }
    let mean = run_older.iter().sum::<f64>() / run_older.len() as f64;
    let power = solve_tilt(&near_older, mean);
    let centre = near_older.iter().sum::<f64>() / near_older.len() as f64;
    let mass: f64 = near_older.iter().map(|a| (power * (a - centre)).exp()).sum();
    let newborn_share = (run_newborn + 0.5) / (run.len() as f64 + 1.0);
    let newborn_weight = if near_newborn > 0.0 { newborn_share / near_newborn } else { 0.0 };
    around
        .iter()
        .map(|&i| {
            let age = map.log_age[i];
            if age < newborn { newborn_weight } else { (1.0 - newborn_share) * (power * (age - centre)).exp() / mass }
        })
        .collect()
}

/// The power at which the weighted mean of `ages` is `mean`, by Newton steps, within [`TILT`].
fn solve_tilt(ages: &[f64], mean: f64) -> f64 {
    let mut power = 0.0_f64;
    for _ in 0..12 {
        let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
        for &a in ages {
            let w = (power * (a - mean)).exp();
            mass += w;
            first += w * (a - mean);
            second += w * (a - mean).powi(2);
        }
        let (gap, variance) = (first / mass, second / mass - (first / mass).powi(2));
        let step = -gap / variance.max(0.05);
        power = (power + step.clamp(-0.5, 0.5)).clamp(TILT.0, TILT.1);
        if step.abs() < 1e-6 {
            break;
        }
    }
    power
}

/// Values with weights, sorted, with running sums.
#[derive(Debug)]
struct Weighted {
    values: Vec<f64>,
    sums: Vec<f64>,
}

impl Weighted {
    fn new(mut pairs: Vec<(f64, f64)>) -> Self {
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut sum = 0.0;
        let sums = std::iter::once(0.0)
            .chain(pairs.iter().map(|&(_, w)| {
                sum += w;
                sum
            }))
            .collect();
        Self { values: pairs.into_iter().map(|(v, _)| v).collect(), sums }
    }

    /// The weight of values in `low..=high`.
    fn within(&self, low: f64, high: f64) -> f64 {
        let from = self.values.partition_point(|&v| v < low);
        let to = self.values.partition_point(|&v| v <= high);
        (self.sums[to.max(from)] - self.sums[from]).max(0.0)
    }
}
