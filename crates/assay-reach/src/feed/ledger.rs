//! The books of the page that is looked at: its posts and their scores, what the feed remembers of it, what is due on a day, and
//! the rows that the simulation hands over. Both engines keep their books here; who sees what is theirs to find out.

use super::authors::{Memory, Scoring};
use super::draw::{beta_2_2, unit};
use super::noise::{Counted, Stream};
use super::policies::{Policy, Prior, Rank};
use super::record::{DayRow, PostRow, Run};
use super::scenario::Scenario;
use super::sellers::Seller;
use super::settled::Settled;
use assay_math::Seed;

/// Days for which a page is hidden from someone who asked to see fewer (X 2023, `FeedbackFatigueScorer.scala`).
const HIDDEN_DAYS: u32 = 14;
/// Days over which it comes back, in four steps, and its factors: from .2 to 1 (the same).
const RETURN_DAYS: u32 = 140;
const RETURN: [f64; 4] = [0.2, 0.4, 0.6, 0.8];
/// States of a follower towards the page: as ever, hidden, and four steps of return.
pub(crate) const N_STATES: usize = 6;

/// The state of someone who asked to see fewer so many days ago.
pub(crate) fn state_after(days: u32) -> usize {
    match days {
        d if d < HIDDEN_DAYS => 1,
        d if d < HIDDEN_DAYS + RETURN_DAYS => 2 + ((d - HIDDEN_DAYS) / (RETURN_DAYS / 4)) as usize,
        _ => 0,
    }
}

/// Days after which each state ends.
pub(crate) const STATE_ENDS: [u32; 5] = [
    HIDDEN_DAYS,
    HIDDEN_DAYS + RETURN_DAYS / 4,
    HIDDEN_DAYS + RETURN_DAYS / 2,
    HIDDEN_DAYS + RETURN_DAYS * 3 / 4,
    HIDDEN_DAYS + RETURN_DAYS,
];

/// Who sees a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Viewer {
    Follower,
    Stranger,
    Bought,
}

/// The page's books.
#[derive(Debug)]
pub(crate) struct Ledger<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) policy: &'static Policy,
    pub(crate) scoring: Scoring,
    pub(crate) usual: f64,
    seed: Seed,
    memory: Memory,
    labelled_until: u32,
    /// Index of the first post of yesterday and of today.
    before: usize,
    now: usize,
    pub(crate) row: DayRow,
    pub(crate) run: Run,
}

/// The page's posts that visitors can meet on a day, those of today first.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnShow {
    /// Slowness towards a follower on topic.
    pub(crate) slowness: Vec<f64>,
    /// How many are of today.
    pub(crate) n_today: usize,
    /// Chance that one not shown is lifted.
    pub(crate) lifted: f64,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(
        scenario: &'a Scenario,
        policy: &'static Policy,
        scoring: Scoring,
        settled: &Settled,
        seed: Seed,
    ) -> Self {
        let mut ledger = Self {
            scenario,
            policy,
            scoring,
            usual: settled.usual,
            seed,
            memory: Memory::default(),
            labelled_until: 0,
            before: 0,
            now: 0,
            row: DayRow::default(),
            run: Run::default(),
        };
        ledger.memory = ledger.remembered(settled);
        ledger
    }

    /// What the feed remembers of the page after a long time without purchases: the fixed point of rate and reach.
    fn remembered(&self, settled: &Settled) -> Memory {
        let (s, prior) = (self.scenario, self.policy.prior);
        if prior == Prior::None {
            return Memory::default();
        }
        let page = &s.page;
        let groups = s.platform.groups.iter();
        let liked: f64 = groups.map(|g| g.share * g.engages).sum::<f64>().max(1e-9);
        let opens = s.mean_opens_share();
        let older = self.scoring.factor(self.policy.yesterday_factor());
        let strangers =
            (s.platform.users as f64 / f64::from(s.platform.topics) - page.followers as f64).max(0.0) * self.offered();
        let mut memory = Settled::remembered(&prior, settled.usual, 1.0);
        for _ in 0..60 {
            let slow = self.scoring.slowness(page.style, page.engage_share)
                * self.scoring.prior(memory.rate(&prior), self.usual);
            let seen = |on_topic: bool, factor: f64| {
                let field = settled.field(on_topic);
                let own = slow * factor;
                let unread =
                    if settled.unread_share > 0.0 { field.shown(true, &[own, own * older]).iter().sum() } else { 0.0 };
                (1.0 - settled.unread_share) * field.shown(false, &[own])[0] + settled.unread_share * unread
            };
            let (on, off) = (page.on_topic_share, 1.0 - page.on_topic_share);
            let (on_seen, off_seen) =
                (on * seen(true, 1.0), off * seen(false, self.scoring.liking(s.platform.off_topic)));
            let fans = page.followers as f64 * opens;
            let strange = strangers * opens * seen(true, self.strange_factor());
            let by_fans = fans * liked * page.engage_share * (on_seen + s.platform.off_topic * off_seen);
            let by_strangers = strange * liked * page.engage_share * page.strangers_engage;
            let shown = fans * (on_seen + off_seen) + strange;
            let rate = match prior {
                Prior::PerFollower { .. } => by_fans / (page.followers as f64).max(1.0),
                _ => (by_fans + by_strangers) / shown.max(1e-9),
            };
            let next = Settled::remembered(&prior, rate, shown);
            memory = Memory { engaged: 0.5 * (memory.engaged + next.engaged), base: 0.5 * (memory.base + next.base) };
        }
        memory
    }

    /// Chance that a visit of a stranger of its topic has it among the candidates.
    pub(crate) fn offered(&self) -> f64 {
        let p = &self.scenario.platform;
        if self.policy.rank == Rank::Newest {
            return 0.0;
        }
        (f64::from(p.out_of_network) * self.scenario.page.discovery * f64::from(p.topics) / f64::from(p.pages)).min(1.0)
    }

    /// Whether posts can go on to strangers today.
    pub(crate) fn meets_strangers(&self) -> bool {
        !self.row.labelled && self.scenario.page.discovery > 0.0
    }

    /// Factor on the slowness of its posts towards strangers.
    pub(crate) fn strange_factor(&self) -> f64 {
        self.scoring.factor(self.policy.out_of_network) * self.scoring.liking(self.scenario.page.strangers_engage)
    }

    /// Factor by state: see [`state_after`].
    pub(crate) fn state_factor(&self, state: usize) -> f64 {
        match state {
            0 => 1.0,
            1 => f64::INFINITY,
            s => self.scoring.factor(RETURN[s - 2]),
        }
    }

    /// Begins a day: the posts of two days ago are closed, those of today made.
    pub(crate) fn begin(&mut self, day: u32, people: u64, bought: u64) {
        self.row = DayRow { day, ..DayRow::default() };
        for i in self.before..self.now {
            self.close(i);
        }
        self.before = self.now;
        self.now = self.run.posts.len();
        let rate = self.scenario.page.posts_a_day;
        let more = Counted::new(self.seed, Stream::Owner, day).unit(0) < rate.fract();
        self.row.n_posts = rate as u32 + u32::from(more);
        for nth in 0..self.row.n_posts {
            self.run.posts.push(PostRow {
                day,
                nth,
                followers: people + bought,
                followers_people: people,
                ..PostRow::default()
            });
        }
        if self.scenario.platform.window_h <= 24 {
            // The posts of yesterday are not met any more; they are closed with the day that made them.
            for i in self.before..self.now {
                self.close(i);
            }
            self.before = self.now;
        }
    }

    fn close(&mut self, post: usize) {
        let p = self.run.posts[post];
        let (engaged, base) = match self.policy.prior {
            Prior::PerFollower { .. } => (p.fan_engagements as f64 / (p.followers as f64).max(1.0), 1.0),
            _ => (p.engagements as f64, p.reach as f64),
        };
        self.memory.take(&self.policy.prior, engaged, base);
    }

    /// The posts that can be met today, with what the feed makes of the page.
    pub(crate) fn on_show(&self) -> OnShow {
        let page = &self.scenario.page;
        let slow = self.scoring.slowness(page.style, page.engage_share)
            * self.scoring.prior(self.memory.rate(&self.policy.prior), self.usual);
        let older = self.scoring.factor(self.policy.yesterday_factor());
        let of =
            |post: &PostRow, factor: f64| slow * self.scoring.factor(self.policy.diversity_factor(post.nth)) * factor;
        let mut slowness: Vec<f64> = self.run.posts[self.now..].iter().map(|p| of(p, 1.0)).collect();
        let n_today = slowness.len();
        slowness.extend(self.run.posts[self.before..self.now].iter().map(|p| of(p, older)));
        let posts = &self.run.posts[self.before..];
        let lifted = self.policy.lift.map_or(0.0, |lift| {
            let few = posts.last().is_some_and(|p| lift.rule.holds(p.followers));
            let unseen = posts.iter().all(|p| p.reach < lift.rule.views_max);
            if few && unseen { lift.wins_share } else { 0.0 }
        });
        OnShow { slowness, n_today, lifted }
    }

    /// The place in the table of posts of the n-th on show.
    fn place(&self, on_show: usize) -> usize {
        let n_today = self.run.posts.len() - self.now;
        if on_show < n_today { self.now + on_show } else { self.before + on_show - n_today }
    }

    /// The number of the n-th post on show within its day.
    pub(crate) fn nth(&self, on_show: usize) -> u32 {
        self.run.posts[self.place(on_show)].nth
    }

    /// How much of the wish to engage is left at a post of this number within its day.
    pub(crate) fn freshness(&self, nth: u32) -> f64 {
        (1.0 - self.scenario.platform.fatigue_share).powi(nth as i32)
    }

    /// Notes that so many saw the n-th post on show, of whom so many engaged; `buyers` of these can be sold to.
    pub(crate) fn seen(&mut self, on_show: usize, viewer: Viewer, seen: u64, engaged: u64, buyers: u64) {
        let place = self.place(on_show);
        let (post, row) = (&mut self.run.posts[place], &mut self.row);
        post.reach += seen;
        post.engagements += engaged;
        match viewer {
            Viewer::Bought => {
                post.fan_reach += seen;
                row.impressions_bought += seen;
                row.engagements_bought += engaged;
                return;
            }
            Viewer::Follower => {
                post.fan_reach += seen;
                post.fan_engagements += engaged;
                row.impressions_followers += seen;
            }
            Viewer::Stranger => row.impressions_strangers += seen,
        }
        post.people_reach += seen;
        post.people_engagements += engaged;
        row.engagements_people += engaged;
        row.engagements_buyers += buyers;
    }

    /// How many of each order arrive today.
    pub(crate) fn deliveries(&self, day: u32) -> Vec<u64> {
        let due = |buy: &super::scenario::Buy| {
            let Some(seller) = Seller::of(&buy.seller).filter(|_| day >= buy.day) else { return 0 };
            let n = (buy.followers as f64 * (1.0 + buy.over_delivery_share)).round() as u64;
            seller.delivered(n, day - buy.day)
        };
        self.scenario.buy.iter().map(due).collect()
    }

    /// Books what arrived, pays orders that begin, and has the platform look at the page.
    pub(crate) fn delivered(&mut self, day: u32, n: u64, people: u64, bought_before: u64) {
        self.row.n_delivered = n;
        let orders = self.scenario.buy.iter().filter(|b| b.day == day);
        self.row.spend_minor += orders.map(|b| b.followers as f64 / 1_000.0 * b.price_per_1000_minor).sum::<f64>();
        if let Some(label) = self.policy.label.filter(|_| n > 0) {
            let before = (people + bought_before).max(1) as f64;
            let bought = (bought_before + n) as f64 / (before + n as f64);
            let chance = label.most * (1.0 - (-(n as f64) / (0.1 * before)).exp()) * bought;
            if Counted::new(self.seed, Stream::Platform, day).unit(0) < chance {
                self.labelled_until = day + label.rule.days;
            }
        }
        self.row.labelled = day < self.labelled_until;
    }

    /// The share of the sold accounts that the platform removes today, if it does.
    pub(crate) fn purge(&self, day: u32) -> Option<f64> {
        let daily = 1.0 - (1.0 - self.scenario.purges.monthly_share).powf(1.0 / 30.0);
        let mut random = Counted::new(self.seed, Stream::Platform, day).random(1);
        (unit(&mut random) < daily).then(|| beta_2_2(&mut random))
    }

    /// The steps of removal that fall on a day: which order of removal, and whether it is its first step.
    pub(crate) fn removals(&self, day: u32) -> Vec<(usize, bool)> {
        let due = |(i, r): (usize, &super::scenario::Removal)| {
            let after = day.checked_sub(r.day)?;
            let every = r.every_days.max(1);
            (after.is_multiple_of(every) && after / every < r.steps).then_some((i, after == 0))
        };
        self.scenario.remove.iter().enumerate().filter_map(due).collect()
    }

    /// Ends a day.
    pub(crate) fn end(&mut self, people: u64, bought: u64) {
        let money = &self.scenario.money;
        self.row.followers_people = people;
        self.row.followers_bought = bought;
        self.row.revenue_minor = self.row.engagements_buyers as f64 * money.orders_per_engagement * money.order_minor;
        self.run.days.push(self.row);
    }
}

#[cfg(test)]
mod tests {
    use super::{N_STATES, STATE_ENDS, state_after};

    #[test]
    fn a_page_comes_back_in_four_steps() {
        let states: Vec<usize> = (0..200).map(state_after).collect();
        assert_eq!((states[0], states[13], states[14], states[153], states[154]), (1, 1, 2, 5, 0));
        assert!(states.iter().all(|s| *s < N_STATES));
        for (i, end) in STATE_ENDS.iter().enumerate() {
            assert_eq!(state_after(end - 1), i + 1);
            assert_ne!(state_after(*end), i + 1);
        }
    }
}
