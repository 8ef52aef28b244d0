//! What can be planted in a made page, and the accounts that are sold.

use super::ages::{Ages, before};
use super::draw::Draw;
use crate::time::{DAY_MS, Span, TimeMs};

/// Something that happens to a page beside its ordinary growth.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields mean the same in all: when it starts, how many follow, how long it takes")]
pub enum Plant {
    /// Bought followers, delivered together. Sellers deliver within hours to days: De Cristofaro and others 2014, "Paying for
    /// Likes? Understanding Facebook Like Fraud Using Honeypots".
    Batch { at: TimeMs, followers: u32, over_days: f64, stock: Stock },
    /// Bought followers, delivered slowly and evenly (the same study's farms that mimic people).
    Drip { at: TimeMs, followers: u32, over_days: f64, stock: Stock },
    /// A post that travels: most come in the first hours, half as many every eight hours after (made).
    ViralDay { at: TimeMs, followers: u32 },
    /// A prize for following: people with younger accounts who follow many (made).
    GiveAway { at: TimeMs, followers: u32, over_days: f64 },
    /// A list of whom to follow first, shown to people who open their account: newborns, genuine, over three weeks (made).
    StarterPack { at: TimeMs, followers: u32 },
    /// Another account, with an audience like its own, says whom to follow: most come within a day or two (made).
    ShoutOut { at: TimeMs, followers: u32 },
    /// Advertising for two weeks in one country, such as `BR`, which reaches younger accounts (made).
    PaidCampaign { at: TimeMs, followers: u32, country: &'static str },
    /// The platform removes a share (0..1) of the sold accounts that follow by then.
    Purge { at: TimeMs, over_days: f64, share: f64 },
}

/// The accounts that a seller has in stock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stock {
    /// Opened one after another in the last days before the delivery.
    Fresh {
        /// Days from the first to the last opening.
        opened_over_days: f64,
    },
    /// Opened in one go, years before.
    Aged {
        /// Years between opening and delivery.
        years_before: f64,
        /// Days from the first to the last opening.
        opened_over_days: f64,
    },
    /// Opened over a long time, ending a month before the delivery.
    Mixed {
        /// Days from the first to the last opening.
        opened_over_days: f64,
    },
}

impl Stock {
    /// Opened within five days (made).
    pub fn fresh() -> Self {
        Self::Fresh { opened_over_days: 5.0 }
    }

    /// Opened in one week, four years before (made).
    pub fn aged() -> Self {
        Self::Aged { years_before: 4.0, opened_over_days: 7.0 }
    }

    /// Opened over two years (made). Sold accounts were 19 weeks old on average in 2012, 39 % of them older than three
    /// months: Barracuda Labs 2012, "The Twitter Underground Economy".
    pub fn mixed() -> Self {
        Self::Mixed { opened_over_days: 730.0 }
    }

    /// When an account of this stock was opened. `delivery` is the delivery's start, or the follow itself for a fresh stock
    /// that is replenished as a drip goes on.
    fn created(self, delivery: TimeMs, draw: &mut Draw) -> TimeMs {
        let age = match self {
            Self::Fresh { opened_over_days } => 0.04 + draw.between(0.0, opened_over_days),
            Self::Aged { years_before, opened_over_days } => {
                365.25 * years_before + draw.between(0.0, opened_over_days)
            }
            Self::Mixed { opened_over_days } => 30.0 + draw.between(0.0, opened_over_days),
        };
        before(delivery, age, draw)
    }
}

/// How followers come together: the shape of arrivals, in shares of the plant's span.
enum Shape {
    Even,
    Halving { every_days: f64 },
}

impl Plant {
    /// The name that texts and tables use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Batch { .. } => "batch",
            Self::Drip { .. } => "drip",
            Self::ViralDay { .. } => "viral_day",
            Self::GiveAway { .. } => "give_away",
            Self::StarterPack { .. } => "starter_pack",
            Self::ShoutOut { .. } => "shout_out",
            Self::PaidCampaign { .. } => "paid_campaign",
            Self::Purge { .. } => "purge",
        }
    }

    /// How many follow because of it.
    pub fn followers(&self) -> u32 {
        match *self {
            Self::Batch { followers, .. }
            | Self::Drip { followers, .. }
            | Self::ViralDay { followers, .. }
            | Self::GiveAway { followers, .. }
            | Self::StarterPack { followers, .. }
            | Self::ShoutOut { followers, .. }
            | Self::PaidCampaign { followers, .. } => followers,
            Self::Purge { .. } => 0,
        }
    }

    /// The stock its accounts come from; `None` where they are people.
    pub fn stock(&self) -> Option<Stock> {
        match *self {
            Self::Batch { stock, .. } | Self::Drip { stock, .. } => Some(stock),
            _ => None,
        }
    }

    /// From its start to the end of what it brings.
    pub fn span(&self) -> Span {
        let (at, days) = match *self {
            Self::Batch { at, over_days, .. }
            | Self::Drip { at, over_days, .. }
            | Self::GiveAway { at, over_days, .. }
            | Self::Purge { at, over_days, .. } => (at, over_days),
            Self::ViralDay { at, .. } => (at, 2.0),
            Self::StarterPack { at, .. } => (at, 21.0),
            Self::ShoutOut { at, .. } => (at, 5.0),
            Self::PaidCampaign { at, .. } => (at, 14.0),
        };
        Span { from: at, to: TimeMs(at.0 + (days * DAY_MS as f64) as i64) }
    }

    /// The moments at which its followers arrive, in order, to the second.
    pub(super) fn arrivals(&self, draw: &mut Draw) -> Vec<TimeMs> {
        let span = self.span();
        let shape = match self {
            Self::ViralDay { .. } => Shape::Halving { every_days: 1.0 / 3.0 },
            Self::ShoutOut { .. } => Shape::Halving { every_days: 0.75 },
            _ => Shape::Even,
        };
        let mut times: Vec<TimeMs> = (0..self.followers())
            .map(|_| {
                let days = match shape {
                    Shape::Even => draw.between(0.0, span.days()),
                    Shape::Halving { every_days } => {
                        let after = draw.exponential(every_days / std::f64::consts::LN_2);
                        if after < span.days() { after } else { draw.between(0.0, span.days()) }
                    }
                };
                TimeMs(span.from.0.div_euclid(1_000) * 1_000 + (days * 86_400.0) as i64 * 1_000)
            })
            .collect();
        times.sort_unstable();
        times
    }

    /// When the account of a follower who comes at `followed` was opened.
    pub(super) fn created(&self, followed: TimeMs, draw: &mut Draw) -> TimeMs {
        match *self {
            Self::Drip { stock: stock @ Stock::Fresh { .. }, .. } => stock.created(followed, draw),
            Self::Batch { at, stock, .. } | Self::Drip { at, stock, .. } => stock.created(at, draw),
            Self::ViralDay { .. } => Ages::viral().created(followed, draw),
            Self::StarterPack { .. } => Ages::starting().created(followed, draw),
            Self::ShoutOut { .. } => Ages::recommended().created(followed, draw),
            Self::GiveAway { .. } | Self::PaidCampaign { .. } => Ages::advertised().created(followed, draw),
            Self::Purge { .. } => followed,
        }
    }
}
