//! What is known of a post before it is published, as columns of numbers with a prior on what each is worth.

use super::series::{Placed, Series};

/// A column of the design: its name, and the prior of its coefficient on log reach.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) mean: f64,
    pub(crate) sd: f64,
}

/// The columns that a series has, and a row for each post.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Design {
    pub(crate) features: Vec<Feature>,
    /// A row a post, one after another, each as long as `features`.
    values: Vec<f64>,
}

/// Kinds that get a column of their own; rarer ones share the level.
const KINDS_MAX: usize = 10;

impl Design {
    /// The columns of a series that vary in it.
    pub(crate) fn new(series: &Series) -> Self {
        let posts = &series.posts;
        let mut columns: Vec<(Feature, Vec<f64>)> = Vec::new();
        let mut add = |name: String, mean: f64, sd: f64, value: &dyn Fn(&Placed) -> f64| {
            let values: Vec<f64> = posts.iter().map(value).collect();
            if values.iter().any(|v| *v != values[0]) {
                columns.push((Feature { name, mean, sd }, values));
            }
        };
        // Worth of a kind: a made, wide prior; on the one public page photos and videos lie a factor of five apart.
        for kind in frequent_kinds(series) {
            add(format!("type:{}", series.kinds[kind]), 0.0, 1.0, &|p| f64::from(p.row.kind == Some(kind)));
        }
        // Paid posts reach about 1.4 times as many, by observation (Moro et al. 2016, x1.35 to x1.63).
        let by_chance = |p: &Placed| p.row.randomised == Some(true);
        add(PAID.to_owned(), 0.35, 0.5, &|p| f64::from(is_paid(p) && !by_chance(p)));
        add("spend".to_owned(), 0.0, 0.2, &|p| if by_chance(p) { 0.0 } else { p.row.spend.map_or(0.0, f64::ln_1p) });
        // Posts over which chance decides may differ from the others; among them, those that were paid for differ by that alone.
        add("chance_decided".to_owned(), 0.0, 0.3, &|p| f64::from(by_chance(p)));
        add(PAID_BY_CHANCE.to_owned(), 0.0, 1.0, &|p| f64::from(is_paid(p) && by_chance(p)));
        // Posts on the same day share their viewers.
        add("same_day".to_owned(), -0.6, 0.3, &|p| f64::from(p.n_that_day).ln_1p());
        for day in 0..7 {
            add(format!("weekday:{day}"), 0.0, 0.3, &|p| f64::from(p.weekday == Some(day)));
        }
        let turn = |p: &Placed, times: f64| p.hour.map(|h| h / 24.0 * std::f64::consts::TAU * times);
        for times in [1.0, 2.0] {
            add(format!("hour:sin{times}"), 0.0, 0.2, &|p| turn(p, times).map_or(0.0, f64::sin));
            add(format!("hour:cos{times}"), 0.0, 0.2, &|p| turn(p, times).map_or(0.0, f64::cos));
        }
        let typical = series.typical_gap_days();
        add("gap".to_owned(), 0.0, 0.1, &|p| (p.gap_days / typical).min(30.0).ln_1p());
        let mut values = Vec::with_capacity(posts.len() * columns.len());
        for i in 0..posts.len() {
            values.extend(columns.iter().map(|(_, column)| column[i]));
        }
        Self { features: columns.into_iter().map(|(feature, _)| feature).collect(), values }
    }

    /// Columns that are given, a row a post.
    #[cfg(test)]
    pub(crate) fn of(features: Vec<Feature>, values: Vec<f64>) -> Self {
        Self { features, values }
    }

    /// Adds a column, unless it does not vary.
    pub(crate) fn add(&mut self, feature: Feature, column: &[f64]) {
        if column.iter().all(|v| *v == column[0]) {
            return;
        }
        let width = self.features.len();
        let mut values = Vec::with_capacity(column.len() * (width + 1));
        for (i, value) in column.iter().enumerate() {
            values.extend_from_slice(&self.values[i * width..(i + 1) * width]);
            values.push(*value);
        }
        self.values = values;
        self.features.push(feature);
    }

    /// The row of a post.
    pub(crate) fn row(&self, post: usize) -> &[f64] {
        let width = self.features.len();
        &self.values[post * width..(post + 1) * width]
    }
}

/// The name of the column that says whether a post was paid for.
pub(crate) const PAID: &str = "paid";

/// The name of the column of posts that are paid for because chance said so.
pub(crate) const PAID_BY_CHANCE: &str = "paid_by_chance";

/// Whether money was spent on a post.
pub(crate) fn is_paid(post: &Placed) -> bool {
    post.row.paid == Some(true) || post.row.spend.is_some_and(|s| s > 0.0)
}

/// The kinds that at least two posts have, the most frequent first.
fn frequent_kinds(series: &Series) -> Vec<usize> {
    let mut counts = vec![0_usize; series.kinds.len()];
    for kind in series.posts.iter().filter_map(|p| p.row.kind) {
        counts[kind] += 1;
    }
    let mut kinds: Vec<usize> = (0..counts.len()).filter(|k| counts[*k] >= 2).collect();
    kinds.sort_by_key(|k| (std::cmp::Reverse(counts[*k]), *k));
    kinds.truncate(KINDS_MAX);
    kinds
}
