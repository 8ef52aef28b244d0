//! What the profiles of made accounts look like.

use super::draw::Draw;
use crate::column::Flag;
use crate::fact::Follow;
use crate::time::{DAY_MS, TimeMs};

/// What ordinary people's profiles look like. Counts are log-normal: their logarithms are spread like a bell (made numbers).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct People {
    /// Share (0..1) of people who are no longer active.
    pub dormant_share: f64,
    /// Median number of followers.
    pub followers_median: f64,
    /// Median number of accounts followed.
    pub following_median: f64,
    /// Median number of posts of an account that is two years old; older ones have more.
    pub posts_median: f64,
}

impl Default for People {
    /// Made. The dormant share is of the order of what surveys count as inactive.
    fn default() -> Self {
        Self { dormant_share: 0.25, followers_median: 130.0, following_median: 260.0, posts_median: 220.0 }
    }
}

impl People {
    /// An audience that reads and hardly writes: most are idle, with few posts and few followers (made).
    pub fn silent() -> Self {
        Self { dormant_share: 0.6, followers_median: 24.0, following_median: 190.0, posts_median: 14.0 }
    }

    /// An audience of a trade, which writes a lot (made).
    pub fn busy() -> Self {
        Self { dormant_share: 0.12, followers_median: 420.0, following_median: 510.0, posts_median: 1_400.0 }
    }
}

/// What a seller's accounts look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sold {
    /// They say little, are followed by few and follow many: cheap stock.
    #[default]
    Bare,
    /// They have pictures, descriptions, posts and likes of their own, made by a program (made): dear stock.
    Dressed,
    /// They were people's and lie idle, or pass for it (made).
    Silent,
}

/// Sold accounts without a single post: Barracuda Labs 2012 counted 23 to 25 % among a politician's new followers.
const SOLD_WITHOUT_POST: f64 = 0.24;
/// Spread of the logarithm of people's counts of followers, followed, posts (made).
const SPREAD: [f64; 3] = [1.5, 1.1, 1.9];
/// Longest biography that is drawn, characters: the limit of X.
const BIO_MAX: f64 = 160.0;

/// The dates that a profile must agree with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dates {
    pub(super) created: TimeMs,
    pub(super) followed: TimeMs,
    pub(super) exported: TimeMs,
}

impl People {
    /// A person's profile; a dormant one stopped somewhere between following and half a year before the export.
    pub(super) fn profile(&self, dates: Dates, dormant: bool, draw: &mut Draw) -> Follow<'static> {
        let used = if dormant { 0.3 } else { 1.0 };
        let years = dates.exported.days_since(dates.created) / 365.25;
        let posts = count(draw.log_normal(self.posts_median * used * (years / 2.0).clamp(0.1, 4.0), SPREAD[2]));
        let followers = count(draw.log_normal(self.followers_median * used, SPREAD[0]));
        let newest_first = if dormant {
            let still = dates.exported.days_since(dates.followed);
            draw.between((still * 0.2).max(180.0_f64.min(still)), still)
        } else {
            draw.exponential(6.0)
        };
        Follow {
            followers: Some(followers),
            following: Some(count(draw.log_normal(self.following_median, SPREAD[1]))),
            posts: Some(posts),
            likes: Some(count(draw.log_normal(f64::from(posts) + 5.0, 1.2))),
            listed: Some(followers / 120),
            bio_length: Some(if draw.chance(0.25) { 0 } else { count(draw.log_normal(62.0, 0.7).min(BIO_MAX)) }),
            has_avatar: Some(Flag::from(draw.chance(0.95))),
            default_profile: Some(Flag::from(draw.chance(if dormant { 0.6 } else { 0.4 }))),
            verified: Some(Flag::from(draw.chance(0.012))),
            private: Some(Flag::from(draw.chance(0.14))),
            has_url: Some(Flag::from(draw.chance(0.2))),
            last_active_at: Some(active(dates, newest_first)),
            ..Follow::default()
        }
    }

    /// Someone who follows for a prize: follows many, is followed by few more than others.
    pub(super) fn prize_hunter(&self, dates: Dates, draw: &mut Draw) -> Follow<'static> {
        let usual = self.profile(dates, false, draw);
        Follow { following: Some(count(draw.log_normal(self.following_median * 5.0, 0.7))), ..usual }
    }
}

/// A sold account: follows many, is followed by few, says little, and goes quiet after the delivery (made but for
/// [`SOLD_WITHOUT_POST`]).
pub(super) fn sold(look: Sold, dates: Dates, draw: &mut Draw) -> Follow<'static> {
    match look {
        Sold::Bare => bare(dates, draw),
        Sold::Dressed => dressed(dates, draw),
        Sold::Silent => People::silent().profile(dates, true, draw),
    }
}

/// Stock that is kept up: numbers within a narrow range, since one program makes them all.
fn dressed(dates: Dates, draw: &mut Draw) -> Follow<'static> {
    let quiet = dates.exported.days_since(dates.followed) - draw.exponential(200.0);
    Follow {
        followers: Some(count(draw.log_normal(85.0, 0.6))),
        following: Some(count(draw.log_normal(900.0, 0.5))),
        posts: Some(count(draw.log_normal(60.0, 0.6))),
        likes: Some(count(draw.log_normal(40.0, 0.8))),
        listed: Some(0),
        bio_length: Some(if draw.chance(0.1) { 0 } else { count(draw.log_normal(70.0, 0.4).min(BIO_MAX)) }),
        has_avatar: Some(Flag::from(draw.chance(0.99))),
        default_profile: Some(Flag::from(draw.chance(0.3))),
        verified: Some(Flag::from(false)),
        private: Some(Flag::from(draw.chance(0.02))),
        has_url: Some(Flag::from(draw.chance(0.12))),
        last_active_at: Some(active(dates, quiet.max(0.0))),
        ..Follow::default()
    }
}

fn bare(dates: Dates, draw: &mut Draw) -> Follow<'static> {
    let posts = if draw.chance(SOLD_WITHOUT_POST) { 0 } else { count(draw.log_normal(9.0, 1.2)) };
    let quiet = dates.exported.days_since(dates.followed) - draw.exponential(20.0);
    Follow {
        followers: Some(count(draw.log_normal(7.0, 1.2))),
        following: Some(count(draw.log_normal(480.0, 0.7))),
        posts: Some(posts),
        likes: Some(count(draw.log_normal(1.5, 1.2))),
        listed: Some(0),
        bio_length: Some(if draw.chance(0.55) { 0 } else { count(draw.log_normal(48.0, 0.6).min(BIO_MAX)) }),
        has_avatar: Some(Flag::from(draw.chance(0.8))),
        default_profile: Some(Flag::from(draw.chance(0.8))),
        verified: Some(Flag::from(false)),
        private: Some(Flag::from(draw.chance(0.02))),
        has_url: Some(Flag::from(draw.chance(0.03))),
        last_active_at: Some(active(dates, quiet)),
        ..Follow::default()
    }
}

fn count(drawn: f64) -> u32 {
    drawn.round().clamp(0.0, 5.0e7) as u32
}

/// The moment `days` before the export, to the second, not before the account exists and not after the export.
fn active(dates: Dates, days: f64) -> TimeMs {
    let at = dates.exported.0 - (days.max(0.0) * DAY_MS as f64 / 1_000.0) as i64 * 1_000;
    TimeMs(at.max(dates.created.0.div_euclid(1_000) * 1_000 + 1_000))
}
