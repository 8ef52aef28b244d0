//! How old an account is when it follows.

use super::draw::Draw;
use crate::time::{DAY_MS, TimeMs};

/// The first account of X, 2006-03-21: no made account is older.
const PLATFORM_OPENED: TimeMs = TimeMs(13_228 * DAY_MS);

/// Account age at follow: a mixture of newborn accounts, a log-normal body and old accounts spread evenly over the
/// platform's life. The two shares and the rest add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ages {
    /// Share (0..1) of accounts opened just before, often in order to follow.
    pub newborn_share: f64,
    /// Mean age of a newborn account, days.
    pub newborn_days_mean: f64,
    /// Share (0..1) of accounts of any age since the platform opened.
    pub old_share: f64,
    /// Median age of the others, days.
    pub body_days_median: f64,
    /// Standard deviation of the logarithm of their age.
    pub body_sigma: f64,
}

impl Default for Ages {
    /// Made: one follower in ten opened the account for it, one in three is of any age, the body is about a year and a half.
    fn default() -> Self {
        Self { newborn_share: 0.10, newborn_days_mean: 0.5, old_share: 0.33, body_days_median: 550.0, body_sigma: 1.3 }
    }
}

impl Ages {
    /// Those who come by a post that travels: people who were there anyway, so fewer newborns and more old accounts.
    /// (Genuine bursts have older accounts and lack newborns: seen on real lists; the numbers are made.)
    pub fn viral() -> Self {
        Self { newborn_share: 0.03, old_share: 0.42, body_days_median: 750.0, ..Self::default() }
    }

    /// Those whom an advertisement reaches: younger accounts than usual (made).
    pub fn advertised() -> Self {
        Self { newborn_share: 0.12, old_share: 0.15, body_days_median: 260.0, ..Self::default() }
    }

    /// Those who follow another account and take its word: that account's audience, which grew in other years, is narrower in
    /// age than one that came by itself (made).
    pub fn recommended() -> Self {
        Self { newborn_share: 0.02, old_share: 0.25, body_days_median: 900.0, body_sigma: 0.9, ..Self::default() }
    }

    /// Those whom a list of suggestions brings while they open their account: mostly newborns (made).
    pub fn starting() -> Self {
        Self { newborn_share: 0.65, newborn_days_mean: 0.2, old_share: 0.10, ..Self::default() }
    }

    /// A creation date for someone who follows at `followed`; a second's precision, so that no machine's rounding shows.
    pub(super) fn created(&self, followed: TimeMs, draw: &mut Draw) -> TimeMs {
        let life = followed.days_since(PLATFORM_OPENED);
        let kind = draw.unit();
        let drawn = if kind < self.newborn_share {
            draw.exponential(self.newborn_days_mean)
        } else if kind < self.newborn_share + self.old_share {
            draw.between(0.0, life)
        } else {
            draw.log_normal(self.body_days_median, self.body_sigma)
        };
        let age = if drawn < life { drawn } else { draw.between(0.0, life) };
        before(followed, age, draw)
    }
}

/// The moment `days` before `at`, at least one second before it, with random milliseconds.
pub(super) fn before(at: TimeMs, days: f64, draw: &mut Draw) -> TimeMs {
    let seconds = ((days * 86_400.0).round() as i64).max(1);
    TimeMs((at.0.div_euclid(1_000) - seconds) * 1_000 + draw.milliseconds())
}
