//! What is put in order once all facts are told: repeats, who is who, and the orders of each customer.

use super::names::Name;
use super::rows::{AccountDayRow, DayCountRow, Network, PostDayRow, SaleRow};
use super::{Business, FIRST_OF_NETWORKS};
use crate::figures::Figures;
use crate::time::Day;
use std::collections::{HashMap, HashSet};

/// What [`Business::finish`] finds.
#[derive(Debug, Clone, Default)]
pub(super) struct Ordered {
    /// Sold orders of known customers, by customer and time.
    by_customer: Vec<u32>,
    /// For each sale the first sold order of its customer; `u32::MAX` where there is none.
    first_sale: Vec<u32>,
    /// For each name of a handle the account that it is known to be; itself elsewhere.
    alias: Vec<u32>,
}

impl Business {
    /// Puts in order what was told; to be called once, when all facts are. Costs O(n log n) in days and posts, else O(n).
    pub fn finish(&mut self) {
        self.merge_posts();
        self.blank_repeats();
        self.find_aliases();
        self.order_sales();
        let told: HashSet<Name> =
            self.sales.iter().filter(|s| s.refunded_minor.is_some()).filter_map(|s| s.order.some()).collect();
        for refund in &mut self.refunds {
            refund.is_told_by_order = told.contains(&refund.order);
        }
    }

    /// Sold orders of known customers as places in [`Business::sales`], by customer, each customer's in order of time.
    pub fn by_customer(&self) -> &[u32] {
        &self.order.by_customer
    }

    /// The first sold order of the customer of sale `i`, over all that was told, as a place in [`Business::sales`]; `None` where the customer or its time is not
    /// known, or nothing was sold.
    pub fn first_sale(&self, i: u32) -> Option<u32> {
        self.order.first_sale.get(i as usize).copied().filter(|f| *f != u32::MAX)
    }

    /// The one name of a person on a network: the account's id, or the handle where no row tells the id that belongs to it.
    pub fn person(&self, account: Name, handle: Name) -> Name {
        if account.is_some() {
            return account;
        }
        self.order.alias.get(handle.0 as usize).map_or(handle, |a| Name(*a))
    }

    /// The persons on networks whose handle reads like this one, which a customer gave.
    pub fn persons_of_given(&self, given: Name) -> Vec<Name> {
        let Some(text) = self.names.get(given) else { return Vec::new() };
        let spaces = (0..self.networks.len() as u16).map(|n| FIRST_OF_NETWORKS + 3 * n + 1);
        let handles: Vec<Name> = spaces.filter_map(|space| self.names.find(space, text)).collect();
        handles.into_iter().map(|h| self.person(Name::NONE, h)).collect()
    }

    fn merge_posts(&mut self) {
        let mut met: HashMap<Name, u32> = HashMap::new();
        let mut kept: Vec<super::PublishedRow> = Vec::with_capacity(self.posts.len());
        for post in std::mem::take(&mut self.posts) {
            let first = post.post.some().and_then(|p| met.get(&p).copied());
            let Some(first) = first else {
                if post.post.is_some() {
                    met.insert(post.post, kept.len() as u32);
                }
                kept.push(post);
                continue;
            };
            let old = &mut kept[first as usize];
            self.post_rows.push((first, old.row));
            let (later, earlier) = (post.figures.values(), old.figures.values());
            *old = super::PublishedRow {
                network: old.network,
                post: old.post,
                published_at: post.published_at.or(old.published_at),
                kind: post.kind.some().unwrap_or(old.kind),
                figures: Figures::of(std::array::from_fn(|i| later[i].or(earlier[i]))),
                fan_reach: post.fan_reach.or(old.fan_reach),
                followers: post.followers.or(old.followers),
                row: post.row,
            };
        }
        self.posts = kept;
    }

    fn blank_repeats(&mut self) {
        let day = |r: &DayCountRow| (r.network, r.day, Name::NONE);
        latest(&mut self.day_counts, day, |older, told| {
            settle(&mut older.follows, &mut told.follows);
            settle(&mut older.unfollows, &mut told.unfollows);
            settle(&mut older.paid, &mut told.paid);
        });
        let day = |r: &AccountDayRow| (r.network, r.day, Name::NONE);
        latest(&mut self.account_days, day, |older, told| {
            settle(&mut older.followers, &mut told.followers);
            settle_figures(&mut older.figures, &mut told.figures);
        });
        let day = |r: &PostDayRow| (r.network, r.day, r.post);
        latest(&mut self.post_days, day, |older, told| settle_figures(&mut older.figures, &mut told.figures));
    }

    fn find_aliases(&mut self) {
        let mut alias: Vec<u32> = (0..self.names.len() as u32).collect();
        let pairs = self.followers.iter().map(|f| (f.handle, f.account));
        for (handle, account) in pairs.chain(self.engagements.iter().map(|e| (e.handle, e.account))) {
            if handle.is_some() && account.is_some() {
                alias[handle.0 as usize] = account.0;
            }
        }
        self.order.alias = alias;
    }

    fn order_sales(&mut self) {
        let known = |s: &SaleRow| s.is_sold() && s.customer.is_some() && s.at.is_some();
        // Places by customer: counted, then laid down, so that a million orders need no sort but that of each customer.
        let mut starts = vec![0_u32; self.names.len() + 1];
        for sale in self.sales.iter().filter(|s| known(s)) {
            starts[sale.customer.0 as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let n = starts.last().copied().unwrap_or(0);
        let mut places = vec![0_u32; n as usize];
        let mut next = starts.clone();
        for (i, sale) in self.sales.iter().enumerate().filter(|(_, s)| known(s)) {
            let at = &mut next[sale.customer.0 as usize];
            places[*at as usize] = i as u32;
            *at += 1;
        }
        let mut first_sale = vec![u32::MAX; self.sales.len()];
        for ends in starts.windows(2) {
            let own = &mut places[ends[0] as usize..ends[1] as usize];
            own.sort_by_key(|i| (self.sales[*i as usize].at, *i));
            if let Some(first) = own.first().copied() {
                for i in own.iter() {
                    first_sale[*i as usize] = first;
                }
            }
        }
        self.order.by_customer = places;
        self.order.first_sale = first_sale;
    }
}

/// Lets only the latest of rows with one key say what it says: `settle` gets a row and what later rows of its key tell, takes
/// from the row what they tell too, and adds the rest to what is told.
fn latest<R: Copy>(rows: &mut [R], key: impl Fn(&R) -> (Network, Day, Name), settle: impl Fn(&mut R, &mut R)) {
    let mut order: Vec<_> = rows.iter().map(&key).zip(0_u32..).collect();
    order.sort_unstable();
    for same in order.chunk_by(|a, b| a.0 == b.0) {
        let [earlier @ .., last] = same else { continue };
        let mut told = rows[last.1 as usize];
        for (_, i) in earlier.iter().rev() {
            settle(&mut rows[*i as usize], &mut told);
        }
    }
}

/// Moves a figure into what is told, or takes it away where that holds it already.
fn settle<T>(older: &mut Option<T>, told: &mut Option<T>)
where
    T: Copy,
{
    if told.is_some() {
        *older = None;
    } else {
        *told = *older;
    }
}

fn settle_figures(older: &mut Figures, told: &mut Figures) {
    let (mut from, mut into) = (older.values(), told.values());
    for (older, told) in from.iter_mut().zip(&mut into) {
        settle(older, told);
    }
    (*older, *told) = (Figures::of(from), Figures::of(into));
}
