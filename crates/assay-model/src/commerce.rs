//! What promotion costs and what customers do: advertisements, visits, contacts. Orders stand in [`crate::order`].

use crate::audience::RowRef;
use crate::money::Decimal;
use crate::time::{Day, TimeMs};

/// A row of a report on advertising: what an advertisement cost and brought, from a first to a last day. Every field but the
/// row may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AdRow<'a> {
    /// First day, in the advertising account's zone.
    pub from: Option<Day>,
    /// Last day; the same as the first where the report is by day.
    pub to: Option<Day>,
    /// Where it was advertised: `meta`, `google`, `tiktok`, `x`, `linkedin`, or as the table says.
    pub platform: Option<&'a str>,
    /// The campaign's id.
    pub campaign_id: Option<&'a str>,
    /// The campaign's name.
    pub campaign: Option<&'a str>,
    /// The id of the ad set (ad group, campaign group).
    pub ad_set_id: Option<&'a str>,
    /// The ad set's name.
    pub ad_set: Option<&'a str>,
    /// The advertisement's id.
    pub ad_id: Option<&'a str>,
    /// The advertisement's name.
    pub ad: Option<&'a str>,
    /// Ages of those it was shown to, as the platform writes them.
    pub age: Option<&'a str>,
    /// Gender of those it was shown to, as the platform writes it.
    pub gender: Option<&'a str>,
    /// The topic that it was aimed at.
    pub interest: Option<&'a str>,
    /// The place that it was aimed at.
    pub region: Option<&'a str>,
    /// What it cost.
    pub spend: Option<Decimal>,
    /// The currency of `spend` and `conversion_value`, an ISO 4217 code.
    pub currency: Option<&'a str>,
    /// Paid impressions.
    pub impressions: Option<i64>,
    /// Accounts reached: not additive over days or advertisements.
    pub reach: Option<i64>,
    /// Clicks, of any kind that the platform charges for.
    pub clicks: Option<i64>,
    /// Paid engagements.
    pub engagements: Option<i64>,
    /// Follows that the platform counts as brought by it.
    pub follows: Option<i64>,
    /// Conversions that the platform claims; whole or, where it splits them, not.
    pub conversions: Option<f64>,
    /// Purchases that the platform claims.
    pub purchases: Option<f64>,
    /// What those purchases are worth, as the platform claims.
    pub conversion_value: Option<Decimal>,
    /// The window in which the platform claims conversions, as it writes it.
    pub attribution: Option<&'a str>,
    /// The row.
    pub source: RowRef,
}

/// Visits to a site, from a first to a last day, by where they came from. Every field but the row may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct VisitRow<'a> {
    /// First day, in the site's zone.
    pub from: Option<Day>,
    /// Last day.
    pub to: Option<Day>,
    /// Where visitors came from, such as `instagram`.
    pub came_from: Option<&'a str>,
    /// By which medium, such as `social` or `cpc`.
    pub medium: Option<&'a str>,
    /// The campaign that the link named.
    pub campaign: Option<&'a str>,
    /// The page visited.
    pub page: Option<&'a str>,
    /// Distinct visitors: not additive over days or sources.
    pub visitors: Option<i64>,
    /// Visits.
    pub visits: Option<i64>,
    /// Pages viewed.
    pub page_views: Option<i64>,
    /// Visits that did something.
    pub engaged_visits: Option<i64>,
    /// Conversions, as the site's owner defined them.
    pub conversions: Option<f64>,
    /// Revenue that the site counts.
    pub revenue: Option<Decimal>,
    /// Its currency, an ISO 4217 code.
    pub currency: Option<&'a str>,
    /// The row.
    pub source: RowRef,
}

/// A person in the business's own list of contacts. Every field but the row may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Contact<'a> {
    /// Their id in that list.
    pub contact_id: Option<&'a str>,
    /// Their e-mail address.
    pub email: Option<&'a str>,
    /// The handle that they gave.
    pub handle: Option<&'a str>,
    /// When they came into the list.
    pub created_at: Option<TimeMs>,
    /// How far they have come, such as `customer`, as the list writes it.
    pub stage: Option<&'a str>,
    /// Where they came from, as the list writes it.
    pub came_from: Option<&'a str>,
    /// The row.
    pub source: RowRef,
}

/// Something bought in an order. Every field but the row may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OrderLine<'a> {
    /// The order that it belongs to.
    pub order_id: Option<&'a str>,
    /// The seller's code of the product.
    pub sku: Option<&'a str>,
    /// What it is called.
    pub name: Option<&'a str>,
    /// How many.
    pub quantity: Option<Decimal>,
    /// The price of one, in the order's currency.
    pub price: Option<Decimal>,
    /// The row.
    pub row: RowRef,
}

/// Money given back. Every field but the row may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Refund<'a> {
    /// The order that it belongs to.
    pub order_id: Option<&'a str>,
    /// When.
    pub at: Option<TimeMs>,
    /// How much, above 0.
    pub amount: Option<Decimal>,
    /// Its currency, an ISO 4217 code.
    pub currency: Option<&'a str>,
    /// The row.
    pub row: RowRef,
}
