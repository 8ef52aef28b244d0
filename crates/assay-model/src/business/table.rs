//! The tables of a business, by name: how many rows, which row of a file, and which days.

use super::{Business, Network};
use crate::audience::RowRef;
use crate::time::{Day, TimeMs};

/// A table of a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the tables are the fields of `Business`")]
pub enum BusinessTable {
    Followers,
    DayCounts,
    AccountDays,
    Posts,
    PostDays,
    Engagements,
    Turns,
    Ads,
    Sales,
    Refunds,
    Visits,
    Contacts,
}

impl BusinessTable {
    /// Every table.
    pub const ALL: [Self; 12] = [
        Self::Followers,
        Self::DayCounts,
        Self::AccountDays,
        Self::Posts,
        Self::PostDays,
        Self::Engagements,
        Self::Turns,
        Self::Ads,
        Self::Sales,
        Self::Refunds,
        Self::Visits,
        Self::Contacts,
    ];
}

/// Places of rows in each table, in rising order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableRows([Vec<u32>; BusinessTable::ALL.len()]);

impl TableRows {
    /// The rows of one table.
    pub fn of(&self, table: BusinessTable) -> &[u32] {
        &self.0[table as usize]
    }

    /// The rows of one table, to change them.
    pub fn of_mut(&mut self, table: BusinessTable) -> &mut Vec<u32> {
        &mut self.0[table as usize]
    }
}

impl Business {
    /// How many rows a table has.
    pub fn n_rows(&self, table: BusinessTable) -> usize {
        match table {
            BusinessTable::Followers => self.followers.len(),
            BusinessTable::DayCounts => self.day_counts.len(),
            BusinessTable::AccountDays => self.account_days.len(),
            BusinessTable::Posts => self.posts.len(),
            BusinessTable::PostDays => self.post_days.len(),
            BusinessTable::Engagements => self.engagements.len(),
            BusinessTable::Turns => self.turns.len(),
            BusinessTable::Ads => self.ads.len(),
            BusinessTable::Sales => self.sales.len(),
            BusinessTable::Refunds => self.refunds.len(),
            BusinessTable::Visits => self.visits.len(),
            BusinessTable::Contacts => self.contacts.len(),
        }
    }

    /// The row of a file that row `i` of a table came from.
    pub fn row(&self, table: BusinessTable, i: u32) -> RowRef {
        let i = i as usize;
        match table {
            BusinessTable::Followers => self.followers[i].row,
            BusinessTable::DayCounts => self.day_counts[i].row,
            BusinessTable::AccountDays => self.account_days[i].row,
            BusinessTable::Posts => self.posts[i].row,
            BusinessTable::PostDays => self.post_days[i].row,
            BusinessTable::Engagements => self.engagements[i].row,
            BusinessTable::Turns => self.turns[i].row,
            BusinessTable::Ads => self.ads[i].row,
            BusinessTable::Sales => self.sales[i].row,
            BusinessTable::Refunds => self.refunds[i].row,
            BusinessTable::Visits => self.visits[i].row,
            BusinessTable::Contacts => self.contacts[i].row,
        }
    }

    /// The network that row `i` of a table is of; `None` for tables of the business as a whole.
    pub fn network(&self, table: BusinessTable, i: u32) -> Option<Network> {
        let i = i as usize;
        match table {
            BusinessTable::Followers => Some(self.followers[i].network),
            BusinessTable::DayCounts => Some(self.day_counts[i].network),
            BusinessTable::AccountDays => Some(self.account_days[i].network),
            BusinessTable::Posts => Some(self.posts[i].network),
            BusinessTable::PostDays => Some(self.post_days[i].network),
            BusinessTable::Engagements => Some(self.engagements[i].network),
            BusinessTable::Turns => Some(self.turns[i].network),
            BusinessTable::Ads
            | BusinessTable::Sales
            | BusinessTable::Refunds
            | BusinessTable::Visits
            | BusinessTable::Contacts => None,
        }
    }

    /// The first and the last day that row `i` of a table speaks of; `None` where it has no time.
    pub fn days(&self, table: BusinessTable, i: u32) -> Option<(Day, Day)> {
        let i = i as usize;
        let one = |day: Day| (day, day);
        let at = |time: Option<TimeMs>| time.map(|t| one(self.calendar.day(t)));
        match table {
            BusinessTable::Followers => at(self.followers[i].followed_at),
            BusinessTable::DayCounts => Some(one(self.day_counts[i].day)),
            BusinessTable::AccountDays => Some(one(self.account_days[i].day)),
            BusinessTable::Posts => at(self.posts[i].published_at),
            BusinessTable::PostDays => Some(one(self.post_days[i].day)),
            BusinessTable::Engagements => at(self.engagements[i].at),
            BusinessTable::Turns => at(self.turns[i].at),
            BusinessTable::Ads => self.ads[i].from.zip(self.ads[i].to),
            BusinessTable::Sales => at(self.sales[i].at),
            BusinessTable::Refunds => at(self.refunds[i].at),
            BusinessTable::Visits => self.visits[i].from.zip(self.visits[i].to),
            BusinessTable::Contacts => at(self.contacts[i].created_at),
        }
    }
}
