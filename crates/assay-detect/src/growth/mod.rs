//! `growth`: bursts of arrivals, and of losses, beyond what season and trend lead one to expect.
//!
//! Finds windows of time in which far more followers came (or left) than around them.
//!
//! 1. Arrivals are counted in hours, or in days where no more is known ([`series`]).
//! 2. A baseline with a local trend, weekday and hour is fitted, and how much counts vary around it ([`baseline`]).
//! 3. Windows of every length up to [`MAX_DAYS`] are scanned: for rate ratios `r`, the sum of `x ln r - (r - 1) e` over steps
//!    with count `x` and expectation `e` is the log-likelihood ratio of a burst; its maximal runs are the candidates
//!    (Kulldorff 1997, the temporal scan statistic, in linear time for each ratio).
//! 4. A candidate's p-value is the negative-binomial tail at the window's expectation and dispersion, times the number of
//!    windows of that length that fit side by side, the ratios and two for shifts; Benjamini-Hochberg over the candidates.
//! 5. Windows found are masked and the baseline is fitted again, [`ROUNDS`] times.
//!
//! Limits: a burst is no verdict. A delivery, a viral post, a give-away and a paid campaign all look like this; who came is
//! for the other channels to say. Slow deliveries hide in the trend.

mod baseline;
mod purges;
mod scan;
mod series;

use crate::{Asked, Detector, Planted, planted};
use assay_math::{Seed, benjamini_hochberg};
use assay_model::synth::Tells;
use assay_model::{Abstention, Evidence, Finding, Go, Group, GroupKind, Outcome, Page, Span, Stopped, Tick, TimeMs};
use baseline::Baseline;
use scan::{Window, scan};
use series::Series;

pub(crate) const DETECTOR: Detector = Detector {
    id: "growth",
    sentence: "Bursts of arrivals, and of losses, beyond what season and trend lead one to expect.",
    source: "Kulldorff 1997, \"A spatial scan statistic\" (in time), with negative-binomial counts",
    limits: "Needs follow times or daily counts. A burst is no verdict: a delivery, a viral post, a give-away and an advertising \
             campaign look alike here. Slow deliveries hide in the trend.",
    find,
    control,
};

/// Fewest arrivals in all that can show a burst.
const MIN_ARRIVALS: u64 = 30;

/// Longest window, in days: what lasts longer is a trend.
const MAX_DAYS: f64 = 31.0;

/// Bursts with a q-value up to this are reported,
const Q_MAX: f64 = 0.01;

/// if they hold at least this many arrivals beyond expectation, and this share of all arrivals (fewer are no matter),
const MIN_BEYOND: f64 = 8.0;
const MIN_BEYOND_SHARE: f64 = 0.003;

/// and at least so many times what was expected.
const MIN_RATIO: f64 = 2.0;

/// How often the baseline is fitted anew without the bursts found.
const ROUNDS: usize = 3;

fn find(page: &Page, _: &Asked<'_>, tick: &mut Tick<'_>) -> Result<Outcome<Evidence>, Stopped> {
    let Some(series) = series::arrivals(page) else {
        let why = "neither follow times nor daily counts are known";
        return Ok(Outcome::Abstained(Abstention::new(
            why,
            "an export with follow times, or the platform's daily counts",
        )));
    };
    let n: u64 = series.counts.iter().flatten().map(|&c| u64::from(c)).sum();
    if n < MIN_ARRIVALS {
        let why = format!("too few arrivals to tell a burst from chance: {n}, where {MIN_ARRIVALS} are needed");
        return Ok(Outcome::Abstained(Abstention::new(why, "a longer history")));
    }
    let mut groups = bursts(&series, GroupKind::Burst, tick)?;
    if let Some(losses) = series::losses(page) {
        groups.extend(bursts(&losses, GroupKind::Losses, tick)?);
    } else {
        groups.extend(purges::purges(page));
    }
    Ok(Outcome::Found(Evidence { groups, ..Evidence::default() }))
}

/// The bursts of a series, in order of time.
fn bursts(series: &Series, kind: GroupKind, tick: &mut Tick<'_>) -> Result<Vec<Group>, Stopped> {
    let n: f64 = series.counts.iter().flatten().map(|&c| f64::from(c)).sum();
    let least = MIN_BEYOND.max(MIN_BEYOND_SHARE * n);
    let mut masked = vec![false; series.counts.len()];
    let mut found: Vec<(Window, f64, f64)> = Vec::new();
    for round in 0..ROUNDS {
        if tick(round as u64, ROUNDS as u64) == Go::Stop {
            return Err(Stopped);
        }
        let baseline = Baseline::fit(series, &masked);
        let longest = (MAX_DAYS * series.steps_in_day()).ceil() as usize;
        let windows = scan(series, &baseline, longest.min(series.counts.len() / 3).max(1));
        let p: Vec<f64> = windows.iter().map(|w| w.p_value(&baseline, series.counts.len())).collect();
        let q = benjamini_hochberg(&p, p.len());
        found = windows
            .into_iter()
            .zip(p.into_iter().zip(q))
            .map(|(w, (p, q))| (w, p, q))
            .filter(|(w, _, q)| is_burst(w, *q, least))
            .collect();
        masked.fill(false);
        for (w, _, _) in &found {
            masked[w.from..w.to].fill(true);
        }
    }
    found.sort_by_key(|(w, _, _)| w.from);
    Ok(found.iter().map(|(w, p, q)| group(series, kind, w, *p, *q)).collect())
}

fn is_burst(w: &Window, q: f64, least: f64) -> bool {
    q <= Q_MAX && w.count - w.expected >= least && w.count >= MIN_RATIO * w.expected
}

fn group(series: &Series, kind: GroupKind, w: &Window, p_value: f64, q_value: f64) -> Group {
    let ranks = series.ranks(w.from, w.to);
    let span = Span { from: series.at(w.from), to: TimeMs(series.at(w.to).0 - 1) };
    let (n, expected) = (w.count as u64, w.expected);
    let beyond = (w.count - w.expected).max(0.0);
    let finding = match kind {
        GroupKind::Losses => Finding::MoreLosses { n, expected, lost: span },
        _ => Finding::MoreArrivals { n, expected },
    };
    Group {
        kind,
        ranks,
        arrived: Some(span),
        n_followers: ranks.map_or(w.count as u64, |r| u64::from(r.n())),
        n_beyond: beyond,
        n_beyond_range: (beyond, beyond),
        p_value,
        q_value,
        member_log_odds: Vec::new(),
        finding,
    }
}

/// A made page with a batch, whose times are told.
fn control(seed: Seed) -> Planted {
    planted(seed, Tells::InstagramExport)
}
