//! What a metric looks at: a business, the rows of a window and group, and what was asked.

use crate::money::{Money, Rates, Sum};
use crate::slice::Slice;
use assay_math::{Estimate, Seed};
use assay_model::{
    Abstention, AccountDayRow, AdSpendRow, Amount, Business, BusinessTable, Day, DayCountRow, EngagementRow, Judged,
    Name, PublishedRow, RefundRow, SaleRow, TimeMs, TurnRow,
};

/// What an experiment says of a channel: by how much what is credited to it must be multiplied to be what it brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The channel, as orders name it; case does not matter.
    pub channel: String,
    /// Incremental over credited, 0 or more, with its interval.
    pub factor: Estimate,
    /// When the experiment was.
    pub day: Option<Day>,
}

/// What was asked beside the rows.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The currency that money is told in, where the user chose one.
    pub currency: Option<String>,
    /// Rates between currencies.
    pub rates: Rates,
    /// Contribution margin, a share of revenue, above 0 and at most 1.
    pub margin: Option<f64>,
    /// What experiments say of channels.
    pub calibrations: Vec<Calibration>,
    /// The confidence of every interval, 0..1.
    pub confidence: f64,
    /// Where every random step starts.
    pub seed: Seed,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            currency: None,
            rates: Rates::default(),
            margin: None,
            calibrations: Vec::new(),
            confidence: 0.95,
            seed: Seed(1),
        }
    }
}

/// What a metric looks at.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The business.
    pub business: &'a Business,
    /// The rows of the window and group.
    pub slice: &'a Slice,
    /// What was asked.
    pub asked: &'a Asked,
}

/// Why something cannot be said that needs rows of a kind.
pub(crate) fn missing(what: &str, settle: &str) -> Abstention {
    Abstention::new(format!("there are no {what}"), settle)
}

impl<'a> Frame<'a> {
    /// The business's day that a time lies in.
    pub(crate) fn day(&self, at: TimeMs) -> Day {
        self.business.calendar.day(at)
    }

    /// Follows by day, in the window.
    pub(crate) fn day_counts(&self) -> impl Iterator<Item = &'a DayCountRow> + use<'a> {
        let rows = &self.business.day_counts;
        self.slice.rows.of(BusinessTable::DayCounts).iter().map(|i| &rows[*i as usize])
    }

    /// Figures of accounts by day, in the window.
    pub(crate) fn account_days(&self) -> impl Iterator<Item = &'a AccountDayRow> + use<'a> {
        let rows = &self.business.account_days;
        self.slice.rows.of(BusinessTable::AccountDays).iter().map(|i| &rows[*i as usize])
    }

    /// Posts published in the window.
    pub(crate) fn posts(&self) -> impl Iterator<Item = &'a PublishedRow> + use<'a> {
        let rows = &self.business.posts;
        self.slice.rows.of(BusinessTable::Posts).iter().map(|i| &rows[*i as usize])
    }

    /// What people did in the window; what the page itself did is left out.
    pub(crate) fn engagements(&self) -> impl Iterator<Item = &'a EngagementRow> + use<'a> {
        let rows = &self.business.engagements;
        self.slice.rows.of(BusinessTable::Engagements).iter().map(|i| &rows[*i as usize]).filter(|e| !e.by_page)
    }

    /// Turns of conversations that began in the window.
    pub(crate) fn turns(&self) -> impl Iterator<Item = &'a TurnRow> + use<'a> {
        let rows = &self.business.turns;
        self.slice.rows.of(BusinessTable::Turns).iter().map(|i| &rows[*i as usize])
    }

    /// Advertising in the window.
    pub(crate) fn ads(&self) -> impl Iterator<Item = &'a AdSpendRow> + use<'a> {
        let rows = &self.business.ads;
        self.slice.rows.of(BusinessTable::Ads).iter().map(|i| &rows[*i as usize])
    }

    /// Sold orders in the window, with their places.
    pub(crate) fn sold(&self) -> impl Iterator<Item = (u32, &'a SaleRow)> + use<'a> {
        let rows = &self.business.sales;
        let places = self.slice.rows.of(BusinessTable::Sales).iter();
        places.map(|i| (*i, &rows[*i as usize])).filter(|(_, s)| s.is_sold())
    }

    /// Refunds in the window that no order's own row tells.
    pub(crate) fn refunds(&self) -> impl Iterator<Item = &'a RefundRow> + use<'a> {
        let rows = &self.business.refunds;
        self.slice.rows.of(BusinessTable::Refunds).iter().map(|i| &rows[*i as usize]).filter(|r| !r.is_told_by_order)
    }

    /// Customers whose first order of all lies in the window: the places of those orders.
    pub(crate) fn first_orders(&self) -> impl Iterator<Item = u32> + use<'a> {
        let business = self.business;
        self.sold().map(|(i, _)| i).filter(move |i| business.first_sale(*i) == Some(*i))
    }

    /// How many customers placed their first order in the window.
    pub(crate) fn n_new_customers(&self) -> Result<f64, Abstention> {
        if self.sold().next().is_none() {
            return Err(missing("orders in the window", "a table of orders with customer, time and total"));
        }
        if !self.sold().any(|(i, _)| self.business.first_sale(i).is_some()) {
            return Err(missing("orders that name their customer", "orders with a column customer_id or email"));
        }
        Ok(self.first_orders().count() as f64)
    }

    /// What advertising cost.
    pub(crate) fn spend(&self) -> Result<Money, Abstention> {
        let amounts = self.ads().filter_map(|a| Some((a.spend?, a.from)));
        let spend = self.sum(amounts)?;
        if spend.n == 0 {
            return Err(missing(
                "amounts spent on advertising in the window",
                "the report of an advertising account, or a table with spend by day",
            ));
        }
        Ok(spend)
    }

    /// What customers paid, less what was given back.
    pub(crate) fn revenue(&self) -> Result<Money, Abstention> {
        let refunds = self.refunds().filter_map(|r| Some((r.amount?, r.at.map(|t| self.day(t)))));
        let back = refunds.map(|(a, day)| (Amount { minor: -a.minor, ..a }, day));
        let all = self.sold().filter_map(|(_, s)| Some((net(s)?, s.at.map(|t| self.day(t)))));
        if self.sold().next().is_none() {
            return Err(missing("orders in the window", "a table of orders with customer, time and total"));
        }
        self.sum(all.chain(back))
    }

    /// Amounts in one currency.
    pub(crate) fn sum(&self, amounts: impl Iterator<Item = (Amount, Option<Day>)>) -> Result<Money, Abstention> {
        let mut sum = self.sum_of_none();
        for (amount, day) in amounts {
            sum.add(amount, day)?;
        }
        sum.money()
    }

    /// A sum to add amounts to.
    pub(crate) fn sum_of_none(&self) -> Sum<'a> {
        Sum::new(self.business, self.asked)
    }

    /// What the audit says of the followers.
    pub(crate) fn judged(&self) -> Result<&'a Judged, Abstention> {
        if self.slice.network.is_some() {
            return Err(Abstention::new(
                "the audit is of all followers together, not of one channel's",
                "metrics of a single page's files, or without --by channel",
            ));
        }
        self.business.judged.as_ref().ok_or_else(|| {
            Abstention::new(
                "the followers were not audited",
                "the list of followers beside the other files, or --verdicts FILE",
            )
        })
    }

    /// The share of genuine followers.
    pub(crate) fn genuine_share(&self) -> Result<Estimate, Abstention> {
        match &self.judged()?.genuine_share {
            assay_model::Outcome::Found(share) => Ok(*share),
            assay_model::Outcome::Abstained(why) => Err(why.clone()),
        }
    }

    /// Who did it.
    pub(crate) fn person(&self, e: &EngagementRow) -> Name {
        self.business.person(e.account, e.handle)
    }

    /// How many different persons did something in the window.
    ///
    /// # Errors
    /// Where no engagement says who did it.
    pub fn n_engaged(&self) -> Result<f64, Abstention> {
        let mut met = vec![false; self.business.names.len()];
        let mut n = 0;
        for who in self.engagements().map(|e| self.person(e)).filter(|n| n.is_some()) {
            n += u64::from(!std::mem::replace(&mut met[who.0 as usize], true));
        }
        if n == 0 {
            return Err(missing(
                "engagements in the window that say who did them",
                "an export with likes, comments or mentions and who made them",
            ));
        }
        Ok(n as f64)
    }
}

/// What an order brought, less what its own row says was given back.
pub(crate) fn net(sale: &SaleRow) -> Option<Amount> {
    let total = sale.total?;
    Some(Amount { minor: total.minor.saturating_sub(sale.refunded_minor.unwrap_or(0)), ..total })
}

/// That two amounts are of one currency; the currency.
pub(crate) fn same_currency(a: &Money, b: &Money) -> Result<Option<String>, Abstention> {
    if a.currency == b.currency {
        return Ok(a.currency.clone());
    }
    let name = |m: &Money| m.currency.clone().unwrap_or_else(|| "no currency that is told".to_owned());
    Err(Abstention::new(
        format!("one amount is in {} and the other in {}", name(a), name(b)),
        "--currency CODE, with --rates FILE where they differ (amounts that name no currency count as CODE)",
    ))
}
