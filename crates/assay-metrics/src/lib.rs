//! Actionable metrics on columns: what an audience is, does, costs and brings. One metric, or a small family, a file; the table
//! is [`METRICS`].
//!
//! A metric is a function of a [`Frame`]: a business, the rows of a window and group, and what was asked. What it reads it says
//! ([`Metric::reads`]), as rows and as conditions of SQL: the function over those rows alone gives the same figure. Ratios are
//! sums over sums, never means of ratios; a metric without its inputs abstains and says what it lacks.

mod active;
mod advertising;
mod attribution;
pub mod control;
mod customers;
mod engagement;
mod frame;
mod genuine;
mod having;
mod interval;
mod lifetime;
pub mod ltv;
mod metric;
mod money;
mod pooled;
mod response;
mod returns;
mod select;
mod shares;
mod slice;
mod vanity;

#[cfg(test)]
mod conformance;

use assay_model::Outcome;
use rayon::prelude::*;

pub use advertising::cost_and_count;
pub use frame::{Asked, Calibration, Frame};
pub use metric::{Answer, Figure, Having, Kind, Metric, Part, Read, Scope, Unit, Value};
pub use money::{Money, Rate, Rates};
pub use pooled::pooled_costs;
pub use select::{Selection, rows_of, selections, view};
pub use slice::{By, Group, SOLD, Slice, Window, knows};

/// The metrics, from audience to money.
pub static METRICS: &[Metric] = &[
    vanity::FOLLOWERS,
    shares::NET_GROWTH,
    vanity::LIKES,
    vanity::IMPRESSIONS,
    shares::INAUTHENTIC_SHARE,
    shares::DORMANT_SHARE,
    shares::GENUINE_SHARE,
    shares::GENUINE_FOLLOWERS,
    shares::NET_GROWTH_CLEANED,
    active::ACTIVE_1,
    active::ACTIVE_7,
    active::ACTIVE_28,
    active::STICKINESS,
    active::DAYS_ACTIVE,
    active::ENGAGED_PEOPLE,
    engagement::BY_REACH,
    engagement::BY_IMPRESSIONS,
    engagement::BY_FOLLOWERS,
    engagement::BY_GENUINE,
    engagement::AMPLIFICATION,
    engagement::CONVERSATION,
    engagement::APPLAUSE,
    engagement::NON_FOLLOWER_REACH,
    response::MEDIAN,
    response::NINE_IN_TEN,
    response::WITHIN_DAY,
    response::AWAITING,
    advertising::AD_SPEND,
    advertising::AD_CLICK_COUNT,
    advertising::COST_PER_MILLE,
    advertising::CLICK_THROUGH_RATE,
    advertising::COST_PER_CLICK,
    advertising::PURCHASE_RATE,
    advertising::COST_PER_PURCHASE,
    advertising::COST_PER_CONVERSION,
    advertising::ROAS_CLAIMED,
    customers::ORDER_COUNT,
    customers::CUSTOMERS,
    customers::NEW_CUSTOMERS,
    customers::REPEAT_RATE,
    returns::RETENTION,
    customers::CAC_BLENDED,
    customers::CAC_PAID,
    returns::REVENUE,
    customers::AVERAGE_ORDER_VALUE,
    customers::REFUND_SHARE,
    returns::MER,
    returns::BREAK_EVEN_ROAS,
    returns::PAYBACK,
    returns::BY_SOURCE,
    genuine::COST_PER_GENUINE,
    genuine::COST_PER_ENGAGED,
    genuine::VALUE_OF_GENUINE,
    lifetime::LIFETIME_VALUE,
    attribution::ATTRIBUTION,
];

/// What each of these metrics says of a frame, in their order; on all cores.
pub fn figures(metrics: &[&Metric], frame: &Frame<'_>) -> Vec<Outcome<Figure>> {
    metrics.par_iter().with_max_len(1).map(|m| m.figure(frame)).collect()
}

/// The metric with this id.
pub fn by_id(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|m| m.id == id)
}
