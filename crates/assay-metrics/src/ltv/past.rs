//! What the same forecast missed at earlier cutoffs.
//!
//! A model of steady customers does not know seasons, campaigns or a business that changes; its own spread is far too narrow
//! for totals. So the models are fitted again at earlier cutoffs within the history, each forecast is laid beside what came,
//! and the misses ln(came / forecast) are taken for a walk: their variance grows with the days ahead. With e over h days each,
//!
//!   σ² = mean of e² / h,   and the interval over h days reaches t · σ √h to each side on the log scale,
//!
//! t with as many degrees of freedom as there are cutoffs (their windows overlap, which makes it a little bold; that the last
//! misses are taken for as large a day as the first makes it careful again). Checked on made businesses whose demand
//! wanders (see the tests). Method: rolling-origin evaluation (L. Tashman, Out-of-sample tests of forecasting accuracy,
//! International Journal of Forecasting 16, 2000); the walk is assumed.

use super::bg_nbd;
use super::gamma_gamma;
use super::histories::{Ledger, group};
use super::{UNIT_DAYS, outlooks, revenue};
use assay_model::{Go, Stopped, Tick};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Earlier cutoffs, as shares of the history that lies before them. Made: late enough to fit, spread so that horizons differ.
const SHARES: [f64; 6] = [0.35, 0.48, 0.6, 0.7, 0.8, 0.88];
/// Fewer orders expected than this say nothing of the model. Made.
const MIN_ORDERS: f64 = 10.0;

/// A forecast of the past and what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Origin {
    /// The earlier cutoff.
    pub cutoff_day: i32,
    /// Days from it to the cutoff of today.
    pub horizon_days: u32,
    /// Orders forecast.
    pub orders_expected: f64,
    /// Orders that came.
    pub orders_came: u64,
    /// Revenue forecast, minor units; `None` without a spend model.
    pub revenue_expected_minor: Option<f64>,
    /// Revenue that came, minor units.
    pub revenue_came_minor: i64,
}

/// How far forecasts miss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Misses {
    /// Variance of the log miss a day ahead.
    variance_a_day: f64,
    /// From how many cutoffs.
    n: usize,
}

impl Misses {
    /// Half the width of the interval on the log scale, `days` ahead.
    pub(super) fn half_width(self, days: f64, confidence: f64) -> f64 {
        let t =
            StudentsT::new(0.0, 1.0, self.n as f64).map_or(f64::INFINITY, |t| t.inverse_cdf(0.5 + confidence / 2.0));
        t * (self.variance_a_day * days).sqrt()
    }
}

/// Forecasts the rest of the history from earlier cutoffs. Those that cannot be fitted are left out.
pub(super) fn origins(ledger: &Ledger, first: i32, cutoff: i32, tick: &mut Tick<'_>) -> Result<Vec<Origin>, Stopped> {
    let span = f64::from(cutoff.saturating_sub(first).max(0));
    let mut origins = Vec::new();
    for (done, share) in SHARES.into_iter().enumerate() {
        if tick(done as u64, SHARES.len() as u64) == Go::Stop {
            return Err(Stopped);
        }
        let earlier = first + (span * share) as i32;
        let horizon_days = cutoff.abs_diff(earlier);
        let customers = ledger.until(earlier);
        let Some(fit) = bg_nbd::fit(&group(&customers, UNIT_DAYS)) else { continue };
        let spend = gamma_gamma::fit(&customers);
        let expected = outlooks(&customers, &fit.model, spend.as_ref(), horizon_days);
        let came = ledger.afterwards(earlier, cutoff);
        origins.push(Origin {
            cutoff_day: earlier,
            horizon_days,
            orders_expected: expected.iter().map(|o| o.orders).sum(),
            orders_came: came.n_orders,
            revenue_expected_minor: spend.map(|_| revenue(&expected)),
            revenue_came_minor: came.revenue_minor,
        });
    }
    Ok(origins)
}

/// What forecasts of orders missed; `None` with fewer than three of weight.
pub(super) fn order_misses(past: &[Origin]) -> Option<Misses> {
    misses(past, |o| Some((o.orders_expected, o.orders_came as f64)))
}

/// What forecasts of revenue missed; `None` with fewer than three of weight.
pub(super) fn revenue_misses(past: &[Origin]) -> Option<Misses> {
    misses(past, |o| Some((o.revenue_expected_minor?, o.revenue_came_minor as f64)))
}

fn misses(past: &[Origin], of: impl Fn(&Origin) -> Option<(f64, f64)>) -> Option<Misses> {
    let squares: Vec<f64> = past
        .iter()
        .filter(|o| o.orders_expected >= MIN_ORDERS && o.horizon_days > 0)
        .filter_map(|o| {
            let (expected, came) = of(o).filter(|(e, c)| *e > 0.0 && *c > 0.0)?;
            Some((came / expected).ln().powi(2) / f64::from(o.horizon_days))
        })
        .collect();
    let n = squares.len();
    (n >= 3).then(|| Misses { variance_a_day: squares.iter().sum::<f64>() / n as f64, n })
}
