//! What the models are told of each customer: how many repeat orders, when the last, how long known.

use std::collections::HashMap;

/// The orders of a business, one a row; columns of equal length.
///
/// Orders of one customer on one day count as one, their amounts summed, as in the papers.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    /// The customer, an index of the caller's choosing.
    pub customer: Vec<u32>,
    /// The day, counted from any fixed day.
    pub day: Vec<i32>,
    /// The amount in minor units of one currency, 0 or more.
    pub amount_minor: Vec<i64>,
}

/// One customer until a cutoff.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Customer {
    /// The customer, as in [`Orders::customer`].
    pub id: u32,
    /// Days with an order after the first, until the cutoff.
    pub n_repeats: u32,
    /// Days from the first order to the last one until the cutoff; 0 without repeats.
    pub recency_days: u32,
    /// Days from the first order to the cutoff.
    pub age_days: u32,
    /// Mean amount of the repeat days in minor units, days at 0 among them; 0 without repeats.
    pub mean_repeat_minor: f64,
}

/// What the same customers did after the cutoff.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Afterwards {
    /// Days with an order in the window.
    pub n_orders: u64,
    /// Their amounts in minor units.
    pub revenue_minor: i64,
}

/// Orders by customer and day, so that histories until any day can be read off.
#[derive(Debug)]
pub struct Ledger {
    /// Sorted by customer, then day; one entry a customer and day.
    days: Vec<(u32, i32, i64)>,
}

impl Ledger {
    /// Sorts and merges the orders. Costs O(n log n).
    ///
    /// # Panics
    /// If the columns differ in length.
    pub fn new(orders: &Orders) -> Self {
        assert!(orders.customer.len() == orders.day.len() && orders.day.len() == orders.amount_minor.len());
        let mut days: Vec<(u32, i32, i64)> =
            (0..orders.day.len()).map(|i| (orders.customer[i], orders.day[i], orders.amount_minor[i])).collect();
        days.sort_unstable();
        days.dedup_by(|later, kept| {
            let same = (later.0, later.1) == (kept.0, kept.1);
            if same {
                kept.2 = kept.2.saturating_add(later.2);
            }
            same
        });
        Self { days }
    }

    /// The first and the last day with an order; `None` without orders.
    pub fn span(&self) -> Option<(i32, i32)> {
        let days = || self.days.iter().map(|d| d.1);
        Some((days().min()?, days().max()?))
    }

    /// Each customer whose first order is on or before `cutoff`, by id.
    pub fn until(&self, cutoff: i32) -> Vec<Customer> {
        let mut customers = Vec::new();
        for own in self.days.chunk_by(|a, b| a.0 == b.0) {
            let known = &own[..own.partition_point(|d| d.1 <= cutoff)];
            let Some((first, repeats)) = known.split_first() else { continue };
            let total: f64 = repeats.iter().map(|d| d.2 as f64).sum();
            customers.push(Customer {
                id: first.0,
                n_repeats: repeats.len() as u32,
                recency_days: repeats.last().map_or(0, |d| d.1.abs_diff(first.1)),
                age_days: cutoff.abs_diff(first.1),
                mean_repeat_minor: if repeats.is_empty() { 0.0 } else { total / repeats.len() as f64 },
            });
        }
        customers
    }

    /// What customers known at `cutoff` did from the day after it until `end`, that day included.
    pub fn afterwards(&self, cutoff: i32, end: i32) -> Afterwards {
        let mut sum = Afterwards::default();
        for own in self.days.chunk_by(|a, b| a.0 == b.0) {
            if own[0].1 > cutoff {
                continue;
            }
            for day in own.iter().filter(|d| d.1 > cutoff && d.1 <= end) {
                sum.n_orders += 1;
                sum.revenue_minor = sum.revenue_minor.saturating_add(day.2);
            }
        }
        sum
    }
}

/// Customers of the same history, counted: the likelihoods and forecasts need no more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// How many customers.
    pub n: f64,
    /// Repeat orders of each.
    pub n_repeats: u32,
    /// Recency in the model's unit of time.
    pub recency: f64,
    /// Age in the model's unit of time.
    pub age: f64,
}

/// Groups the customers; `unit_days` is the model's unit of time (7: weeks). In order of repeats, recency, age.
pub fn group(customers: &[Customer], unit_days: f64) -> Vec<Group> {
    let mut counts: HashMap<(u32, u32, u32), u64> = HashMap::new();
    for c in customers {
        *counts.entry((c.n_repeats, c.recency_days, c.age_days)).or_default() += 1;
    }
    let mut keys: Vec<_> = counts.into_iter().collect();
    keys.sort_unstable();
    keys.into_iter()
        .map(|((n_repeats, recency, age), n)| Group {
            n: n as f64,
            n_repeats,
            recency: f64::from(recency) / unit_days,
            age: f64::from(age) / unit_days,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Afterwards, Ledger, Orders, group};

    fn ledger() -> Ledger {
        Ledger::new(&Orders {
            customer: vec![7, 7, 7, 7, 2, 9],
            day: vec![10, 24, 10, 40, 12, 35],
            amount_minor: vec![500, 300, 100, 700, 0, 900],
        })
    }

    #[test]
    fn orders_of_a_day_are_one_and_first_orders_are_no_repeats() {
        let known = ledger().until(30);
        assert_eq!(known.iter().map(|c| c.id).collect::<Vec<_>>(), [2, 7]);
        let of_7 = known[1];
        assert_eq!((of_7.n_repeats, of_7.recency_days, of_7.age_days), (1, 14, 20));
        assert_eq!(of_7.mean_repeat_minor, 300.0);
        assert_eq!((known[0].n_repeats, known[0].age_days), (0, 18));
    }

    #[test]
    fn afterwards_counts_known_customers_alone() {
        assert_eq!(ledger().afterwards(30, 60), Afterwards { n_orders: 1, revenue_minor: 700 });
        assert_eq!(ledger().afterwards(30, 39), Afterwards::default());
    }

    #[test]
    fn groups_hold_everybody() {
        let groups = group(&ledger().until(40), 7.0);
        assert_eq!(groups.iter().map(|g| g.n).sum::<f64>(), 3.0);
        assert!(groups.windows(2).all(|w| w[0].n_repeats <= w[1].n_repeats));
    }
}
