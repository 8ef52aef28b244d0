//! A business of some of its rows.

use super::{Business, BusinessTable, Judged, TableRows};

impl Business {
    /// The same business with these rows alone, put in order anew. What an audit says of the followers stays with it.
    #[must_use]
    pub fn keep(&self, rows: &TableRows) -> Self {
        fn of<R: Copy>(all: &[R], rows: &[u32]) -> Vec<R> {
            rows.iter().map(|i| all[*i as usize]).collect()
        }
        let followers = rows.of(BusinessTable::Followers);
        let mut kept = Self {
            names: self.names.clone(),
            calendar: self.calendar.clone(),
            joined: self.joined.clone(),
            networks: self.networks.clone(),
            currencies: self.currencies.clone(),
            followers: of(&self.followers, followers),
            judged: self.judged.as_ref().map(|j| Judged { class: of(&j.class, followers), ..j.clone() }),
            day_counts: of(&self.day_counts, rows.of(BusinessTable::DayCounts)),
            account_days: of(&self.account_days, rows.of(BusinessTable::AccountDays)),
            posts: of(&self.posts, rows.of(BusinessTable::Posts)),
            post_days: of(&self.post_days, rows.of(BusinessTable::PostDays)),
            engagements: of(&self.engagements, rows.of(BusinessTable::Engagements)),
            turns: of(&self.turns, rows.of(BusinessTable::Turns)),
            ads: of(&self.ads, rows.of(BusinessTable::Ads)),
            sales: of(&self.sales, rows.of(BusinessTable::Sales)),
            refunds: of(&self.refunds, rows.of(BusinessTable::Refunds)),
            visits: of(&self.visits, rows.of(BusinessTable::Visits)),
            contacts: of(&self.contacts, rows.of(BusinessTable::Contacts)),
            ..Self::default()
        };
        kept.finish();
        kept
    }
}
