//! Made pages: posts whose mechanism, strength and inauthentic share are known. Nothing in them is of a real page.

use super::fit::{Shares, burden, log_left};
use crate::mechanism::{MECHANISMS, MEMORY_POSTS, Mechanism};
use assay_math::Seed;
use assay_model::synth::Draw;
use assay_model::{DAY_MS, Flag, Post, Posts, TimeMs};

/// How the inauthentic share of a made page runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareDesign {
    /// The same throughout.
    Constant,
    /// Nothing, and from the middle on all of it.
    Bought,
    /// Bought after a third, gone after two thirds.
    BoughtAndRemoved,
    /// There from a fifth on, and removed in three equal parts.
    RemovedInStages,
}

impl ShareDesign {
    /// All designs.
    pub const ALL: [Self; 4] = [Self::Constant, Self::Bought, Self::BoughtAndRemoved, Self::RemovedInStages];

    /// Its name in tables.
    pub fn id(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Bought => "bought mid-way",
            Self::BoughtAndRemoved => "bought, removed",
            Self::RemovedInStages => "staged removal",
        }
    }

    /// The share at a place 0..1 of the series, where `most` is the share at its height.
    pub fn share(self, most: f64, place: f64) -> f64 {
        let odds = most / (1.0 - most);
        let part = match self {
            Self::Constant => 1.0,
            Self::Bought => f64::from(place >= 0.5),
            Self::BoughtAndRemoved => f64::from((1.0 / 3.0..2.0 / 3.0).contains(&place)),
            Self::RemovedInStages => match place {
                p if p < 0.2 => 0.0,
                p if p < 0.4 => 1.0,
                p if p < 0.6 => 2.0 / 3.0,
                p if p < 0.8 => 1.0 / 3.0,
                _ => 0.0,
            },
        };
        // Parts of the bought accounts, of which the share follows.
        odds * part / (1.0 + odds * part)
    }
}

/// What a made page is like.
#[derive(Debug, Clone, PartialEq)]
pub struct MadePage {
    /// Posts, one a day.
    pub n: usize,
    /// Scale of the Student-t noise of log reach.
    pub noise_scale: f64,
    /// Its degrees of freedom.
    pub freedom: f64,
    /// Standard deviation of a post's step of the level.
    pub drift_sd: f64,
    /// Standard deviation of a post's step of the logarithm of the noise.
    pub spread_drift_sd: f64,
    /// How the inauthentic share runs.
    pub design: ShareDesign,
    /// Its height, 0..1.
    pub share: f64,
    /// The share at each post, in place of a design.
    pub path: Option<Vec<f64>>,
    /// Real followers.
    pub n_real: f64,
    /// The share of them that a post reaches.
    pub seen_share: f64,
    /// Engagements over reach; none are told where it is 0.
    pub engagement_rate: f64,
    /// By how much the mechanism's own curve is stretched, on logs: 1 unless the page shall not be as the model has it.
    pub cut_times: f64,
}

impl Default for MadePage {
    /// A page like those that the reference measured: noise .85, tails of 4 degrees of freedom, a slow drift.
    fn default() -> Self {
        Self {
            n: 150,
            noise_scale: 0.85,
            freedom: 4.0,
            drift_sd: 0.02,
            spread_drift_sd: 0.0,
            design: ShareDesign::Bought,
            share: 0.7,
            path: None,
            n_real: 10_000.0,
            seen_share: 0.1,
            engagement_rate: 0.05,
            cut_times: 1.0,
        }
    }
}

/// The mechanism of a made page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MadeTruth {
    /// Which.
    pub mechanism: Mechanism,
    /// Its strength; 0 where it cuts nothing.
    pub theta: f64,
    /// Share of bought accounts that open the app on a day.
    pub activity: f64,
    /// Half-life of what the ranker remembers, in posts.
    pub half_life: f64,
}

impl MadeTruth {
    /// Draws one from the priors.
    pub fn draw(draw: &mut Draw) -> Self {
        let mut left = draw.unit();
        let drawn = MECHANISMS.iter().find(|m| {
            left -= m.prior;
            left < 0.0
        });
        let mechanism = drawn.map_or(Mechanism::PerViewer, |m| m.mechanism);
        let theta = mechanism.described().theta.map_or(0.0, |t| {
            loop {
                let theta = t.mean + t.sd * draw.normal();
                if theta >= 0.0 {
                    return theta;
                }
            }
        });
        let (low, high) = MEMORY_POSTS;
        Self {
            mechanism,
            theta,
            activity: 1.0 - (1.0 - draw.unit()).powf(0.25),
            half_life: (low.ln() + draw.unit() * (high / low).ln()).exp(),
        }
    }
}

/// A made page and what is true of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// Its posts.
    pub posts: Posts,
    /// Its inauthentic share at each post.
    pub shares: Shares,
    /// What the ranker remembers of the burden at the last post, 0..1.
    pub burden: f64,
    /// The share of reach that is lost at the last post, 0..1.
    pub cost: f64,
}

/// The time of the first made post: 2025-01-01, 12:00.
const FIRST_POST: i64 = 20_089 * DAY_MS + DAY_MS / 2;

impl MadePage {
    /// Makes the page. For *test then expand* reach is cut by the chance that a post goes on from pool to pool, at once.
    pub fn make(&self, truth: &MadeTruth, seed: Seed) -> Made {
        let mut draw = Draw::new(seed);
        let kinds = [("photo", 0.0), ("video", draw.normal()), ("status", draw.normal())];
        let paid_effect = 0.35 + 0.25 * draw.normal();
        let (mut level, mut log_spread) = ((self.n_real * self.seen_share).ln(), 0.0_f64);
        let new = 1.0 - 0.5_f64.powf(1.0 / truth.half_life);
        let mut remembered: Option<f64> = None;
        let mut posts = Posts::default();
        let mut points = Vec::with_capacity(self.n);
        let mut cost = 0.0;
        for i in 0..self.n {
            let given = self.path.as_ref().and_then(|path| path.get(i)).copied();
            let share = given.unwrap_or_else(|| self.design.share(self.share, i as f64 / self.n as f64));
            points.push(share);
            level += self.drift_sd * draw.normal();
            log_spread += self.spread_drift_sd * draw.normal();
            let (kind, worth) = kinds[[0, 0, 0, 1, 2][draw.below(5) as usize]];
            let paid = draw.chance(0.2);
            let now = burden(truth.mechanism, share, truth.activity, self.seen_share);
            let kept = remembered.map_or(now, |kept| kept + new * (now - kept));
            remembered = Some(kept);
            let felt = if truth.mechanism == Mechanism::TestThenExpand { share } else { kept };
            let cut = log_left(truth.mechanism, truth.theta, felt) * self.cut_times;
            cost = -cut.exp_m1();
            let noise = draw.normal() / (draw.gamma(self.freedom / 2.0) * 2.0 / self.freedom).sqrt();
            let log = level
                + worth
                + if paid { paid_effect } else { 0.0 }
                + cut
                + self.noise_scale * log_spread.exp() * noise;
            let reach = log.clamp(0.0, 20.0).exp().round().max(1.0);
            let taken = burden(Mechanism::PerImpression, share, truth.activity, self.seen_share);
            let engaged = self.engaged(&mut draw, reach, taken);
            posts.push(&Post {
                published_at: Some(TimeMs(FIRST_POST + i as i64 * DAY_MS)),
                kind: Some(kind),
                reach: Some(reach as u32),
                engagements: engaged,
                paid: Some(Flag::from(paid)),
                followers: Some((self.n_real / (1.0 - share)).round() as u32),
                ..Post::default()
            });
        }
        Made { posts, shares: Shares { points, logit_sd: 0.0 }, burden: remembered.unwrap_or(0.0), cost }
    }

    /// Engagements of a post: the rate differs from post to post as a beta variable, and falls by what bought accounts take.
    fn engaged(&self, draw: &mut Draw, reach: f64, taken: f64) -> Option<u32> {
        if self.engagement_rate <= 0.0 {
            return None;
        }
        let mean = self.engagement_rate * (1.0 - taken);
        // Sixty engagements' worth of agreement: rates differ by about an eighth to a half between posts.
        let (a, b) = (draw.gamma((mean * 60.0).max(0.05)), draw.gamma((1.0 - mean) * 60.0));
        let expected = reach * a / (a + b).max(1e-12);
        let n = expected + expected.sqrt() * draw.normal();
        Some(n.round().clamp(0.0, reach) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::{MadePage, MadeTruth, ShareDesign};
    use crate::mechanism::Mechanism;
    use assay_math::Seed;

    #[test]
    fn designs_run_as_they_are_called() {
        let at = |design: ShareDesign| [0.0, 0.45, 0.55, 0.99].map(|p| (design.share(0.75, p) * 100.0).round());
        assert_eq!(at(ShareDesign::Constant), [75.0; 4]);
        assert_eq!(at(ShareDesign::Bought), [0.0, 0.0, 75.0, 75.0]);
        assert_eq!(at(ShareDesign::BoughtAndRemoved), [0.0, 75.0, 75.0, 0.0]);
        // Odds of 3 to 1; two thirds of them are 2 to 1.
        assert_eq!(at(ShareDesign::RemovedInStages), [0.0, 67.0, 67.0, 0.0]);
    }

    #[test]
    fn the_cost_grows_with_share_and_strength_and_is_nothing_without() {
        let page = |share: f64, theta: f64, mechanism| {
            let truth = MadeTruth { mechanism, theta, activity: 0.3, half_life: 5.0 };
            MadePage { share, design: ShareDesign::Constant, ..MadePage::default() }.make(&truth, Seed(3)).cost
        };
        for mechanism in [Mechanism::PerImpression, Mechanism::PerFollower, Mechanism::TestThenExpand] {
            let costs = [0.1, 0.3, 0.7, 0.95].map(|share| page(share, 0.8, mechanism));
            assert!(costs.windows(2).all(|w| w[0] < w[1]), "{mechanism:?} {costs:?}");
            assert!(page(0.5, 0.4, mechanism) < page(0.5, 1.2, mechanism), "{mechanism:?}");
            assert_eq!(page(0.0, 0.8, mechanism), 0.0);
        }
        assert_eq!(page(0.9, 0.0, Mechanism::PerViewer), 0.0);
    }
}
