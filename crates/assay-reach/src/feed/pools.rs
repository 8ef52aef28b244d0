//! Test, then expand: the pools on which a post is tried.

use super::authors::quality_at;
use super::scenario::Scenario;
use super::settled::Settled;
use crate::mechanism::Expansion;

/// The most pools of one post.
pub(crate) const POOLS_MAX: usize = 12;

/// How large pools are and how well one must do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pools {
    shape: Expansion,
    /// Engagements for each account in the pool from which the next pool is opened: what the platform's middle page gets of its
    /// followers, of whom not all open the app.
    pub(crate) passes_at: f64,
}

impl Pools {
    pub(crate) fn new(scenario: &Scenario, shape: Expansion, settled: &Settled) -> Self {
        let p = &scenario.platform;
        let on_topic = settled.own_topic_share + (1.0 - settled.own_topic_share) * p.off_topic;
        Self { shape, passes_at: scenario.mean_opens_share() * quality_at(scenario, 0.5) * on_topic }
    }

    /// The size of the first pool.
    pub(crate) fn first(&self, followers: u64) -> u64 {
        if followers == 0 {
            return 0;
        }
        ((followers as f64 * self.shape.first_share).min(self.shape.first_max).round() as u64).max(1)
    }

    /// The size of the pool after one of this size.
    pub(crate) fn next(&self, size: u64) -> u64 {
        (size as f64 * self.shape.growth).round() as u64
    }

    /// Whether a pool of this size with so many engagements opens the next.
    pub(crate) fn passes(&self, size: u64, engaged: u64) -> bool {
        engaged as f64 >= self.passes_at * size as f64
    }
}
