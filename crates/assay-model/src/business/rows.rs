//! The rows of a business's tables: facts whose texts are kept once, each with its row.

use super::names::Name;
use crate::audience::RowRef;
use crate::figures::{EngagementKind, Figures};
use crate::response::Waited;
use crate::time::{Day, TimeMs};

/// A network, as a place in [`super::Business::networks`]; the first stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Network(pub u16);

/// A currency, as a place in [`super::Business::currencies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Currency(pub u16);

/// Money: minor units (cents) of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Minor units.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

/// A follower.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Follow`")]
pub struct FollowerRow {
    pub network: Network,
    pub account: Name,
    pub handle: Name,
    pub followed_at: Option<TimeMs>,
    pub row: RowRef,
}

/// Follows and losses of a day; a figure that a later row tells again is none here.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `DayCount`")]
pub struct DayCountRow {
    pub network: Network,
    pub day: Day,
    pub follows: Option<u32>,
    pub unfollows: Option<u32>,
    pub paid: Option<u32>,
    pub row: RowRef,
}

/// Figures of an account on a day; a figure that a later row tells again is none here.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `AccountDay`")]
pub struct AccountDayRow {
    pub network: Network,
    pub day: Day,
    pub followers: Option<i64>,
    pub figures: Figures,
    pub row: RowRef,
}

/// A post. Where several rows tell of it, the later figures stand.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Post`")]
pub struct PublishedRow {
    pub network: Network,
    pub post: Name,
    pub published_at: Option<TimeMs>,
    pub kind: Name,
    pub figures: Figures,
    pub fan_reach: Option<i64>,
    pub followers: Option<i64>,
    pub row: RowRef,
}

impl PublishedRow {
    /// What people did with it: as told, or likes, comments, shares, saves and clicks together.
    pub fn interactions(&self) -> Option<i64> {
        interactions(&self.figures)
    }
}

/// Engagements as told, or likes, comments, shares, saves and clicks together.
pub fn interactions(f: &Figures) -> Option<i64> {
    let parts = [f.likes, f.comments, f.shares, f.saves, f.clicks];
    f.engagements.or_else(|| parts.iter().any(Option::is_some).then(|| parts.iter().flatten().sum()))
}

/// Figures of a post on a day; a figure that a later row tells again is none here.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `PostDay`")]
pub struct PostDayRow {
    pub network: Network,
    pub post: Name,
    pub day: Day,
    pub figures: Figures,
    pub row: RowRef,
}

/// Something that somebody did.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Engagement`")]
pub struct EngagementRow {
    pub at: Option<TimeMs>,
    pub account: Name,
    pub handle: Name,
    pub post: Name,
    pub network: Network,
    pub kind: EngagementKind,
    pub by_page: bool,
    pub row: RowRef,
}

/// A turn of a conversation of somebody who is not left out: a word of theirs, or several, until the page answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnRow {
    /// The page's network.
    pub network: Network,
    /// When it began.
    pub at: Option<TimeMs>,
    /// When it was answered, if it was.
    pub answered_at: Option<TimeMs>,
    /// How far the data of the page go; `None` for one of which nothing that it said is known.
    pub seen_until: Option<TimeMs>,
    /// Whether it awaits an answer: its conversation's last turn, and nobody says that it is answered, put off or done.
    pub awaits: bool,
    /// The row of its first word.
    pub row: RowRef,
}

impl TurnRow {
    /// How long it was waited for an answer, where that is known.
    pub fn waited(&self) -> Option<Waited> {
        Some(Waited { at: self.at?, until: self.seen_until?, answered_at: self.answered_at })
    }
}

/// What advertising cost and brought.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `AdRow`")]
pub struct AdSpendRow {
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub platform: Name,
    /// Its name, or its id where it has none.
    pub campaign: Name,
    pub age: Name,
    pub gender: Name,
    pub interest: Name,
    pub region: Name,
    pub spend: Option<Amount>,
    pub impressions: Option<i64>,
    pub reach: Option<i64>,
    pub clicks: Option<i64>,
    pub engagements: Option<i64>,
    pub follows: Option<i64>,
    pub conversions: Option<f64>,
    pub purchases: Option<f64>,
    pub conversion_value: Option<Amount>,
    pub row: RowRef,
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Order`")]
pub struct SaleRow {
    pub at: Option<TimeMs>,
    pub total: Option<Amount>,
    /// What was given back of it, in the total's currency; `None` where the row does not say.
    pub refunded_minor: Option<i64>,
    pub order: Name,
    /// By id; the e-mail address stands for it where there is none.
    pub customer: Name,
    pub came_from: Name,
    pub discount_code: Name,
    pub email: Name,
    pub handle: Name,
    pub is_cancelled: bool,
    pub row: RowRef,
}

impl SaleRow {
    /// Whether it is a sale: not cancelled, of a known total that is not below 0 (which would be a refund).
    pub fn is_sold(&self) -> bool {
        !self.is_cancelled && self.total.is_some_and(|t| t.minor >= 0)
    }
}

/// Money given back.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Refund`")]
pub struct RefundRow {
    pub at: Option<TimeMs>,
    pub order: Name,
    pub amount: Option<Amount>,
    /// Whether the order's own row tells what was given back: then this one is not counted again.
    pub is_told_by_order: bool,
    pub row: RowRef,
}

/// Visits to the site.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `VisitRow`")]
pub struct SiteVisitRow {
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub came_from: Name,
    pub medium: Name,
    pub campaign: Name,
    pub visitors: Option<i64>,
    pub visits: Option<i64>,
    pub engaged_visits: Option<i64>,
    pub conversions: Option<f64>,
    pub revenue: Option<Amount>,
    pub row: RowRef,
}

/// A contact.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Contact`")]
pub struct ContactRow {
    pub created_at: Option<TimeMs>,
    pub email: Name,
    pub handle: Name,
    pub came_from: Name,
    pub row: RowRef,
}

/// An account and a customer that are one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinedRow {
    /// The account's id.
    pub account: Name,
    /// Its handle.
    pub handle: Name,
    /// The customer.
    pub customer: Name,
}
