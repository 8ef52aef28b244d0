//! Dated events that may explain a burst: what the owner says ran, and what a platform counts as paid.

use crate::time::Span;
use serde::Serialize;

/// What kind of event it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// Advertising that was paid for.
    Campaign,
    /// A list of accounts to follow that the page stood on.
    StarterPack,
    /// A post of the page's own, or about it.
    Post,
    /// A prize for following.
    GiveAway,
    /// Another account recommended the page.
    ShoutOut,
    /// A discount code was used.
    DiscountCode,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Campaign, Self::StarterPack, Self::Post, Self::GiveAway, Self::ShoutOut, Self::DiscountCode];

    /// The name that tables and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::StarterPack => "starter-pack",
            Self::Post => "post",
            Self::GiveAway => "give-away",
            Self::ShoutOut => "shout-out",
            Self::DiscountCode => "discount-code",
        }
    }

    /// For how many days after its end it may still bring followers: a post is passed on for about three days, an
    /// advertisement stops with its payment (made; a day more covers zones and clocks).
    pub fn echo_days(self) -> f64 {
        match self {
            Self::Campaign | Self::DiscountCode => 1.0,
            Self::StarterPack => 14.0,
            Self::Post | Self::ShoutOut | Self::GiveAway => 3.0,
        }
    }
}

/// Something dated that may have brought followers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it ran; a moment where both ends are one.
    pub span: Span,
    /// What it was.
    pub kind: EventKind,
    /// What it is called; empty where it has no name.
    pub name: String,
    /// Who says so.
    pub told_by: ToldBy,
}

/// Who says that it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToldBy {
    /// The owner of the page, in a table of events. A claim, not evidence.
    Owner,
    /// The platform, in its daily counts.
    Platform,
    /// A platform's report on advertising.
    AdReport,
    /// Posts or orders of the business, which are always there: they are named and explain nothing by themselves.
    Business,
}

/// What may have caused a burst or stands beside a batch: it happened then. That it did cause it is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What it was.
    pub kind: EventKind,
    /// What it is called; empty where it has no name.
    pub name: String,
    /// When it ran.
    pub span: Span,
    /// Who says so.
    pub told_by: ToldBy,
    /// How many follows it brought, where that is counted.
    pub n_follows: Option<u64>,
}
