//! The other pages: how engaging each is, what the feed has learned of it, and what its posts of today and yesterday score.

use super::noise::{Counted, Stream, of_16_bits};
use super::policies::{PRIOR_FACTOR, Policy, Prior};
use super::scenario::{Scenario, Style};
use assay_math::normal_quantile;

/// Score of a page without a post: as a time, later than any.
pub(crate) const ABSENT: f32 = 1e30;
/// From here on nothing was posted.
pub(crate) const PRESENT_BELOW: f32 = 1e29;

/// How engaging the i-th page is: chance that a post shown to someone on topic is engaged with. The logarithm is normal; pages
/// take its quantiles in the order of the golden ratio, so that any stretch of places holds all qualities alike.
pub(crate) fn quality(scenario: &Scenario, place: u32) -> f64 {
    quality_at(scenario, ((f64::from(place) + 0.5) * 0.618_033_988_749_894_9).fract())
}

/// The quality at this quantile (0..1).
pub(crate) fn quality_at(scenario: &Scenario, quantile: f64) -> f64 {
    quality_of(scenario, normal_quantile(quantile.clamp(1e-9, 1.0 - 1e-9)))
}

/// The quality where the standard normal behind it is `z`.
pub(crate) fn quality_of(scenario: &Scenario, z: f64) -> f64 {
    let spread = scenario.platform.engage_spread;
    (scenario.platform.engage_share * (spread * z - spread * spread / 2.0).exp()).clamp(1e-6, 0.5)
}

/// What the posts of the i-th page are, in the order of the root of two.
pub(crate) fn style(place: u32) -> Style {
    Style::ALL[(((f64::from(place) + 0.5) * std::f64::consts::SQRT_2).fract() * 4.0) as usize & 3]
}

/// The score of a post turned into the rate at which tastes bring it up: `(value * prior)^-sharpness`, scaled so that an
/// average post has 1. A post shows up at the time U times this, U even in 0..1; a visit shows the earliest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scoring {
    policy: &'static Policy,
    sharpness: f64,
    mean_engage: f64,
    mean_value: f64,
}

impl Scoring {
    pub(crate) fn new(scenario: &Scenario, policy: &'static Policy) -> Self {
        let mean = scenario.platform.engage_share;
        let mean_value = Style::ALL.iter().map(|s| policy.value(*s, mean, mean)).sum::<f64>() / 4.0;
        Self { policy, sharpness: scenario.platform.sharpness, mean_engage: mean, mean_value }
    }

    /// The policy by which it scores.
    pub(crate) fn policy(&self) -> &'static Policy {
        self.policy
    }

    /// The power to which a score is raised.
    pub(crate) fn sharpness(&self) -> f64 {
        self.sharpness
    }

    /// The slowness of a post of this style that is engaged with by this chance, before any factor.
    pub(crate) fn slowness(&self, style: Style, engage: f64) -> f64 {
        (self.policy.value(style, engage, self.mean_engage) / self.mean_value).powf(-self.sharpness)
    }

    /// What a factor on the score does to the slowness.
    pub(crate) fn factor(&self, factor: f64) -> f64 {
        factor.powf(-self.sharpness)
    }

    /// What a factor on the viewer's own chance to engage does to the slowness: the value goes with it, and the affinity.
    pub(crate) fn liking(&self, factor: f64) -> f64 {
        factor.max(1e-3).powf(-self.sharpness * (1.0 + self.policy.affinity))
    }

    /// What a page's rate does to the slowness, against the platform's usual rate.
    pub(crate) fn prior(&self, rate: f64, usual: f64) -> f64 {
        let gain = match self.policy.prior {
            Prior::None => return 1.0,
            Prior::PerImpression { gain, .. } | Prior::PerFollower { gain, .. } => gain,
        };
        self.factor((rate / usual).max(0.0).powf(gain).clamp(PRIOR_FACTOR.0, PRIOR_FACTOR.1))
    }
}

/// What a ranker remembers of a page, halved over posts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Memory {
    /// Engagements; under a prior per follower, the sum of rates.
    pub(crate) engaged: f64,
    /// Impressions; under a prior per follower, posts.
    pub(crate) base: f64,
}

impl Memory {
    /// The remembered rate under this prior.
    pub(crate) fn rate(self, prior: &Prior) -> f64 {
        match prior {
            Prior::None => 1.0,
            Prior::PerImpression { start, .. } => start.rate(self.engaged, self.base),
            Prior::PerFollower { .. } => self.engaged / self.base.max(1e-9),
        }
    }

    /// What is left of it after a post.
    pub(crate) fn keep(prior: &Prior) -> f64 {
        match prior {
            Prior::None => 0.0,
            Prior::PerImpression { half_life_posts, .. } | Prior::PerFollower { half_life_posts, .. } => {
                (-1.0 / half_life_posts).exp2()
            }
        }
    }

    /// The same after a long time of counts by chance: engagements are Poisson, and those of k posts ago weigh keep^k, so that
    /// their sum has 1 / (1 + keep) of a Poisson sum's variance; `followers` of the page turn rates into counts where the prior
    /// is per follower.
    pub(crate) fn by_chance(self, prior: &Prior, followers: f64, random: &mut assay_math::Random) -> Self {
        let each = match prior {
            Prior::None => return self,
            Prior::PerImpression { .. } => 1.0,
            Prior::PerFollower { .. } => followers.max(1.0),
        };
        let narrower = 1.0 + Self::keep(prior);
        let counted = super::draw::poisson(self.engaged * each * narrower, random) as f64;
        Self { engaged: counted / narrower / each, ..self }
    }

    /// Takes a post in.
    pub(crate) fn take(&mut self, prior: &Prior, engaged: f64, base: f64) {
        let keep = Self::keep(prior);
        self.engaged = self.engaged * keep + engaged;
        self.base = self.base * keep + base;
    }
}

/// The other pages as columns.
#[derive(Debug, Clone)]
pub(crate) struct Authors {
    scoring: Scoring,
    /// Slowness before the prior.
    own: Vec<f32>,
    /// Chance to be engaged with, in 65,536ths.
    pub(crate) engage16: Vec<u16>,
    memory: Vec<Memory>,
    /// Followers of each; for the prior per follower.
    followers: Vec<f32>,
    usual: f64,
    posted: Vec<bool>,
    posted_before: Vec<bool>,
    posts_a_day: u32,
    /// Slowness of the post of today and of yesterday; [`ABSENT`] without one.
    pub(crate) today: Vec<f32>,
    /// See `today`.
    pub(crate) yesterday: Vec<f32>,
}

impl Authors {
    /// The pages as they stand when everybody has long been known: `start` gives what is remembered of the page of a place and
    /// quality, and `usual` is the platform's usual rate.
    pub(crate) fn new(
        scenario: &Scenario,
        scoring: Scoring,
        followers: Vec<f32>,
        usual: f64,
        start: impl Fn(u32, f64, Style) -> Memory,
    ) -> Self {
        let n = scenario.platform.pages;
        let mut authors = Self {
            scoring,
            own: Vec::with_capacity(n as usize),
            engage16: Vec::with_capacity(n as usize),
            memory: Vec::with_capacity(n as usize),
            followers,
            usual,
            posted: vec![false; n as usize],
            posted_before: vec![false; n as usize],
            posts_a_day: of_16_bits(scenario.platform.posts_a_day),
            today: vec![ABSENT; n as usize],
            yesterday: vec![ABSENT; n as usize],
        };
        for place in 0..n {
            let (quality, style) = (quality(scenario, place), style(place));
            authors.own.push(scoring.slowness(style, quality) as f32);
            authors.engage16.push(of_16_bits(quality).min(65_535) as u16);
            authors.memory.push(start(place, quality, style));
        }
        authors
    }

    /// Turns to another day: who posts, and what posts score by what is known of their pages.
    pub(crate) fn turn(&mut self, seed: assay_math::Seed, day: u32) {
        let posting = Counted::new(seed, Stream::Posting, day);
        std::mem::swap(&mut self.posted, &mut self.posted_before);
        let policy = self.scoring.policy();
        let older = self.scoring.factor(policy.yesterday_factor()) as f32;
        for i in 0..self.own.len() {
            self.posted[i] = (posting.at(i as u64) as u32 & 0xffff) < self.posts_a_day;
            let slowness = match policy.prior {
                Prior::None => self.own[i],
                _ => self.own[i] * self.scoring.prior(self.memory[i].rate(&policy.prior), self.usual) as f32,
            };
            self.today[i] = if self.posted[i] { slowness } else { ABSENT };
            self.yesterday[i] = if self.posted_before[i] { slowness * older } else { ABSENT };
        }
    }

    /// Takes a day's counts in: impressions in the low half of `counts`, engagements in the high half; those of followers alone
    /// in `own_engaged`, which is empty unless the prior is per follower.
    pub(crate) fn learn(&mut self, counts: &[u64], own_engaged: &[u32]) {
        let prior = self.scoring.policy().prior;
        if prior == Prior::None {
            return;
        }
        for i in 0..self.memory.len() {
            let keep = if self.posted[i] { Memory::keep(&prior) } else { 1.0 };
            let memory = &mut self.memory[i];
            let (engaged, base) = match prior {
                Prior::PerFollower { .. } => {
                    let rate = f64::from(own_engaged[i]) / f64::from(self.followers[i].max(1.0));
                    (rate, f64::from(u8::from(self.posted[i])))
                }
                _ => ((counts[i] >> 32) as f64, f64::from(counts[i] as u32)),
            };
            memory.engaged = memory.engaged * keep + engaged;
            memory.base = memory.base * keep + base;
        }
    }
}
