//! What advertising costs and brings, by the platforms' own reports. Sums over sums, never means of rows' ratios.
//!
//! A row that tells spend and not what it brought is incomplete: a ratio leaves it out and says so, for a blank is not 0.

use crate::frame::{Frame, missing, same_currency};
use crate::having::{AD_CLICKS, AD_PURCHASES, SPEND};
use crate::interval;
use crate::metric::{Answer, Family, Figure, Kind, Metric, Part, Unit, Value};
use assay_model::AdSpendRow;

const FAMILY: Family = Family { kind: Kind::Advertising, source: "the platforms' reports; sums over sums" };

/// Spend.
pub(crate) const AD_SPEND: Metric = FAMILY.metric(
    "ad_spend",
    "Spent on advertising",
    Unit::Minor,
    "what the platforms charged in the window",
    ("spend", ""),
    "fees, tools and labour are not in it unless a table names them as spend",
    &[SPEND],
    |frame| {
        let spend = frame.spend()?;
        Ok(Figure::counted(spend.minor).in_currency(spend.currency))
    },
    10_000.0,
);

/// Clicks.
pub(crate) const AD_CLICK_COUNT: Metric = FAMILY.metric(
    "ad_clicks",
    "Clicks on advertising",
    Unit::Count,
    "clicks that the platforms charged for",
    ("clicks", ""),
    "a click is not a visit; accidental and automated clicks count",
    &[AD_CLICKS],
    |frame| {
        let told: Vec<i64> = frame.ads().filter(|a| a.impressions.is_some()).filter_map(|a| a.clicks).collect();
        if told.is_empty() {
            return Err(missing(
                "clicks on advertising in the window",
                "a report of an advertising account with clicks",
            ));
        }
        Ok(Figure::counted(told.iter().sum::<i64>() as f64))
    },
    1_000.0,
);

/// CPC.
pub(crate) const COST_PER_CLICK: Metric = FAMILY.metric(
    "cost_per_click",
    "Cost per click (CPC)",
    Unit::Minor,
    "spend over clicks",
    ("spend", "clicks"),
    "cheap clicks are not cheap customers: see cost_per_purchase",
    &[SPEND],
    |frame| cost_per(frame, "clicks", |a| a.clicks.map(|n| n as f64), false),
    10.0,
);

/// CPM.
pub(crate) const COST_PER_MILLE: Metric = FAMILY.metric(
    "cost_per_thousand_impressions",
    "Cost per thousand impressions (CPM)",
    Unit::Minor,
    "spend over thousands of paid impressions",
    ("spend", "impressions / 1000"),
    "says what attention costs, not what it brings",
    &[SPEND],
    |frame| cost_per(frame, "impressions", |a| a.impressions.map(|n| n as f64 / 1_000.0), false),
    100.0,
);

/// CTR.
pub(crate) const CLICK_THROUGH_RATE: Metric = FAMILY.metric(
    "click_through_rate",
    "Click-through rate (CTR)",
    Unit::Rate,
    "clicks over paid impressions",
    ("clicks", "impressions"),
    "an advertisement can draw more clicks and fewer buyers",
    &[AD_CLICKS],
    |frame| quotient(frame, "clicks and impressions", |a| Some((a.clicks? as f64, a.impressions? as f64))),
    0.01,
);

/// Purchases over clicks.
pub(crate) const PURCHASE_RATE: Metric = FAMILY.metric(
    "purchases_per_click",
    "Purchases per click",
    Unit::Rate,
    "purchases that the platforms claim, over clicks",
    ("purchases claimed", "clicks"),
    "claimed purchases are what the platform credits to itself, some of which would have come anyway",
    &[AD_PURCHASES],
    |frame| quotient(frame, "purchases and clicks", |a| Some((a.purchases?, a.clicks? as f64))),
    0.02,
);

/// CPA.
pub(crate) const COST_PER_PURCHASE: Metric = FAMILY.metric(
    "cost_per_purchase",
    "Cost per purchase (CPA)",
    Unit::Minor,
    "spend over the purchases that the platforms claim",
    ("spend", "purchases claimed"),
    "the platform credits itself; several platforms may claim one purchase, so their sum is too high and the cost too low",
    &[SPEND],
    |frame| cost_per(frame, "purchases", |a| a.purchases, true),
    500.0,
);

/// Cost per conversion.
pub(crate) const COST_PER_CONVERSION: Metric = FAMILY.metric(
    "cost_per_conversion",
    "Cost per conversion",
    Unit::Minor,
    "spend over the conversions that the platforms claim, of whatever kind",
    ("spend", "conversions claimed"),
    "an enquiry counts as much as a purchase",
    &[SPEND],
    |frame| cost_per(frame, "conversions", |a| a.conversions, true),
    250.0,
);

/// ROAS as claimed.
pub(crate) const ROAS_CLAIMED: Metric = FAMILY.metric(
    "roas_claimed",
    "Return on ad spend, as the platforms claim (ROAS)",
    Unit::Ratio,
    "value of purchases that the platforms claim, over spend",
    ("value claimed", "spend"),
    "no causal content: purchases that would have come anyway are claimed too; break even lies at 1 / margin, not at 1",
    &[SPEND],
    |frame| {
        let (spend, value) = (
            frame.sum(frame.ads().filter(|a| a.conversion_value.is_some()).filter_map(|a| Some((a.spend?, a.from))))?,
            frame.sum(frame.ads().filter(|a| a.spend.is_some()).filter_map(|a| Some((a.conversion_value?, a.from))))?,
        );
        if spend.minor <= 0.0 {
            return Err(missing(
                "rows with spend and the value of purchases",
                "a report with a column for purchase value",
            ));
        }
        same_currency(&spend, &value)?;
        let figure = Figure::ratio(value.minor, spend.minor).in_currency(spend.currency);
        Ok(match frame.asked.margin {
            Some(margin) => figure.note(format!("breaks even at {:.2}", 1.0 / margin)),
            None => figure.note("--margin M tells where it breaks even: at 1 / M"),
        })
    },
    2.0,
);

/// Spend and count of the rows that tell both, for the costs of what chance has a part in; the count may be 0, where the cost itself
/// cannot be said. In minor units; `None` for other metrics, without such rows, and where currencies cannot be added.
pub fn cost_and_count(id: &str, frame: &Frame<'_>) -> Option<(f64, f64)> {
    let of: fn(&AdSpendRow) -> Option<f64> = match id {
        "cost_per_purchase" => |a| a.purchases,
        "cost_per_conversion" => |a| a.conversions,
        _ => return None,
    };
    let complete = || frame.ads().filter(|a| a.spend.is_some() && of(a).is_some());
    let spend = frame.sum(complete().filter_map(|a| Some((a.spend?, a.from)))).ok()?;
    (spend.n > 0).then(|| (spend.minor, complete().filter_map(of).sum()))
}

/// Spend over a count, over complete rows alone.
fn cost_per(frame: &Frame<'_>, what: &str, of: fn(&AdSpendRow) -> Option<f64>, is_chance: bool) -> Answer {
    let complete = || frame.ads().filter(|a| a.spend.is_some() && of(a).is_some());
    let spend = frame.sum(complete().filter_map(|a| Some((a.spend?, a.from))))?;
    let n: f64 = complete().filter_map(of).sum();
    if spend.n == 0 || n <= 0.0 {
        let settle = format!("a report of an advertising account with spend and {what}");
        return Err(missing(&format!("{what} in the window, in rows that tell spend too"), &settle));
    }
    let estimate = if is_chance { interval::per_count(spend.minor, n, frame.asked.confidence) } else { None };
    let mut figure = Figure::ratio(spend.minor, n).estimated(estimate).in_currency(spend.currency);
    let all = frame.spend()?;
    let n_left_out = all.n - spend.n;
    if n_left_out > 0 {
        let rows = if n_left_out == 1 { "1 row tells".to_owned() } else { format!("{n_left_out} rows tell") };
        figure.notes.push(format!("{rows} spend and not {what}: incomplete, and left out of both sums"));
        figure.parts.push(Part {
            labels: vec!["with the spend of incomplete rows".to_owned()],
            value: Value::Exact(all.minor / n),
            of: Some((all.minor, n)),
        });
    }
    Ok(figure)
}

fn quotient(frame: &Frame<'_>, what: &str, of: fn(&AdSpendRow) -> Option<(f64, f64)>) -> Answer {
    let (y, x) = frame.ads().filter_map(of).fold((0.0, 0.0), |s, u| (s.0 + u.0, s.1 + u.1));
    if x <= 0.0 {
        return Err(missing(
            &format!("rows in the window that tell {what}"),
            "a report of an advertising account with both",
        ));
    }
    Ok(Figure::ratio(y, x))
}
