//! The simulator by cohorts: people who are alike are counted, not kept, and the rest of the platform enters through the settled
//! field alone. The cost does not depend on how many people the platform has.
//!
//! A pure function of scenario and seed, quick enough to stand behind a slider. It keeps the same books as the agents
//! ([`super::ledger`]) and draws, for each class of viewers and each post, how many see it and how many engage. Limits: other
//! pages are averaged over days, showings of several posts to one person are drawn apart, and pages are many against what one
//! person follows.

use super::agents::table_of;
use super::authors::Scoring;
use super::draw::{binomial, hypergeometric, multinomial, poisson};
use super::graph::{FollowTable, Graph};
use super::ledger::{Ledger, N_STATES, OnShow, STATE_ENDS, Viewer};
use super::noise::{Counted, Stream};
use super::people::People;
use super::policies::{Policy, Rank};
use super::pools::{POOLS_MAX, Pools};
use super::record::Run;
use super::scenario::{GraphKind, Scenario};
use super::sellers::daily_loss;
use super::settled::Settled;
use crate::mechanism::{SOLD_ACCOUNT_FEED_SLOTS, SOLD_ACCOUNT_FOLLOWS};
use assay_math::{Random, Seed};

/// The platform as cohorts see it; found once, and good for every page, purchase and seed on it.
#[derive(Debug, Clone)]
pub struct Backdrop {
    settled: Settled,
    policy: &'static Policy,
}

impl Backdrop {
    /// Settles the platform of a scenario that [`super::check()`] finds no fault with. `None` where the policy is unknown. A graph
    /// that is not computed from a hash is built and looked at once.
    pub fn new(scenario: &Scenario, table: Option<&FollowTable>, seed: Seed) -> Option<Self> {
        let policy = Policy::of(&scenario.platform.policy)?;
        let scoring = Scoring::new(scenario, policy);
        let stored = (scenario.platform.graph != GraphKind::Procedural).then(|| {
            let people = People::new(scenario, seed);
            (Graph::new(scenario, table_of(scenario, table), &people, seed), people)
        });
        let stored = stored.as_ref().map(|(graph, people)| (graph, people));
        Some(Self { settled: Settled::new(scenario, scoring, stored), policy })
    }

    /// The platform of a graph that is there already.
    pub(crate) fn of_graph(
        scenario: &Scenario,
        policy: &'static Policy,
        scoring: Scoring,
        graph: &Graph,
        people: &People,
    ) -> Self {
        Self { settled: Settled::new(scenario, scoring, Some((graph, people))), policy }
    }

    pub(crate) fn settled(&self) -> &Settled {
        &self.settled
    }
}

/// People who are alike: an activity, on topic or off, and a group.
#[derive(Debug, Clone)]
struct Class {
    opens: f64,
    on_topic: bool,
    group: usize,
    /// Share of all followers who are of this class when they begin to follow on topic, or off.
    share: f64,
    /// Chance to engage with a post shown.
    engage: f64,
    /// Factor on the slowness of the page's posts.
    slow: f64,
    /// How many such people the platform has.
    population: u64,
    /// How many follow the page, by state.
    n: [u64; N_STATES],
    /// How many asked to see fewer, by day.
    asked: Vec<u64>,
}

/// Bought followers who arrived on one day.
#[derive(Debug, Clone, Copy)]
struct Delivery {
    order: usize,
    day: u32,
    n: u64,
}

struct Cohorts<'a> {
    ledger: Ledger<'a>,
    settled: &'a Settled,
    classes: Vec<Class>,
    bought: Vec<Delivery>,
    /// By removal: how many are due at each step.
    per_step: Vec<f64>,
    /// For people; bought accounts have draws of their own, so that buying moves nobody else's.
    random: Random,
    stock: Random,
}

/// Plays a page out on its platform. Costs O(classes) a day.
pub fn cohorts(scenario: &Scenario, backdrop: &Backdrop, seed: Seed) -> Run {
    let scoring = Scoring::new(scenario, backdrop.policy);
    let ledger = Ledger::new(scenario, backdrop.policy, scoring, &backdrop.settled, seed);
    let mut cohorts = Cohorts {
        classes: classes(scenario, scoring),
        ledger,
        settled: &backdrop.settled,
        bought: Vec::new(),
        per_step: vec![0.0; scenario.remove.len()],
        random: Counted::new(seed, Stream::Fans, 0).random(0),
        stock: Counted::new(seed, Stream::Stock, 0).random(0),
    };
    // Who the people of the platform are is chance too.
    let own = 1.0 / f64::from(scenario.platform.topics);
    let shares = cohorts.shares(own);
    let all = multinomial(scenario.platform.users, shares.into_iter(), &mut cohorts.random);
    for (class, n) in cohorts.classes.iter_mut().zip(all) {
        class.population = n;
    }
    let shares = cohorts.shares(scenario.page.on_topic_share);
    let first = multinomial(scenario.page.followers, shares.into_iter(), &mut cohorts.random);
    for (class, n) in cohorts.classes.iter_mut().zip(first) {
        class.n[0] = n;
    }
    for day in 0..scenario.days {
        cohorts.day(day, seed);
    }
    cohorts.ledger.run
}

fn classes(scenario: &Scenario, scoring: Scoring) -> Vec<Class> {
    let p = &scenario.platform;
    let mut classes = Vec::new();
    for activity in &p.activity {
        for (group, g) in p.groups.iter().enumerate() {
            for on_topic in [true, false] {
                let liking = if on_topic { 1.0 } else { p.off_topic };
                classes.push(Class {
                    opens: activity.opens_share,
                    on_topic,
                    group,
                    share: activity.share * g.share,
                    engage: (scenario.page.engage_share * g.engages * liking).min(1.0),
                    slow: scoring.liking(g.engages) * scoring.liking(liking),
                    population: 0,
                    n: [0; N_STATES],
                    asked: vec![0; scenario.days as usize],
                });
            }
        }
    }
    classes
}

impl Cohorts<'_> {
    fn shares(&self, on_topic: f64) -> Vec<f64> {
        self.classes.iter().map(|c| c.share * if c.on_topic { on_topic } else { 1.0 - on_topic }).collect()
    }

    fn people(&self) -> u64 {
        self.classes.iter().map(|c| c.n.iter().sum::<u64>()).sum()
    }

    fn n_bought(&self) -> u64 {
        self.bought.iter().map(|b| b.n).sum()
    }

    fn day(&mut self, day: u32, seed: Seed) {
        let scenario = self.ledger.scenario;
        self.random = Counted::new(seed, Stream::Fans, day).random(1);
        self.stock = Counted::new(seed, Stream::Stock, day).random(1);
        let (people, bought) = (self.people(), self.n_bought());
        self.ledger.begin(day, people, bought);
        self.come_back(day);
        self.arrive(day);
        let mut on_show = self.ledger.on_show();
        if self.ledger.row.labelled {
            on_show.lifted = 0.0;
        }
        match self.ledger.policy.rank {
            Rank::Pools(shape) => {
                let pools = Pools::new(scenario, shape, self.settled);
                self.by_pools(&pools, &on_show);
            }
            Rank::Newest | Rank::Score => {
                self.followers_see(&on_show, day);
                self.bought_see(&on_show);
                if !self.ledger.row.labelled {
                    self.strangers_see(&on_show);
                }
            }
        }
        self.promote(day);
        self.come_and_go();
        self.lose(day);
        let (people, bought) = (self.people(), self.n_bought());
        self.ledger.end(people, bought);
    }

    /// Those who asked to see fewer move on by a state.
    fn come_back(&mut self, day: u32) {
        for class in &mut self.classes {
            for (i, end) in STATE_ENDS.iter().enumerate() {
                let Some(asked) = day.checked_sub(*end) else { continue };
                let from = i + 1;
                let to = if from + 1 == N_STATES { 0 } else { from + 1 };
                let moved = class.asked[asked as usize].min(class.n[from]);
                class.n[from] -= moved;
                class.n[to] += moved;
            }
        }
    }

    fn arrive(&mut self, day: u32) {
        let (people, before) = (self.people(), self.n_bought());
        let due = self.ledger.deliveries(day);
        for (order, &n) in due.iter().enumerate().filter(|(_, n)| **n > 0) {
            self.bought.push(Delivery { order, day, n });
        }
        self.ledger.delivered(day, due.iter().sum(), people, before);
    }

    /// The chance that each post is shown to a viewer towards whom the page is slower by `factor`.
    fn chances(&self, on_topic: bool, unread: bool, on_show: &OnShow, factor: f64) -> Vec<f64> {
        let n = if unread { on_show.slowness.len() } else { on_show.n_today };
        if self.ledger.policy.rank == Rank::Newest {
            return vec![if factor.is_finite() { 1.0 } else { 0.0 }; n];
        }
        let slowness: Vec<f64> = on_show.slowness[..n].iter().map(|s| s * factor).collect();
        let mut shown = self.settled.field(on_topic).shown(unread, &slowness);
        if factor.is_finite() {
            for p in &mut shown {
                *p += (1.0 - *p) * on_show.lifted;
            }
        }
        shown
    }

    fn followers_see(&mut self, on_show: &OnShow, day: u32) {
        let two_days = self.ledger.scenario.platform.window_h > 24;
        let mut known: Vec<((bool, bool), f64, Vec<f64>)> = Vec::new();
        for c in 0..self.classes.len() {
            for state in 0..N_STATES {
                let (n, opens, on_topic) = (self.classes[c].n[state], self.classes[c].opens, self.classes[c].on_topic);
                if n == 0 {
                    continue;
                }
                let open = binomial(n, opens, &mut self.random);
                let unread = if two_days { binomial(open, 1.0 - opens, &mut self.random) } else { 0 };
                let factor = self.classes[c].slow * self.ledger.state_factor(state);
                let mut asked = 0;
                for (viewers, is_unread) in [(open - unread, false), (unread, true)] {
                    if viewers == 0 {
                        continue;
                    }
                    let kind = (on_topic, is_unread);
                    let at = known.iter().position(|(k, f, _)| *k == kind && *f == factor).unwrap_or_else(|| {
                        known.push((kind, factor, self.chances(on_topic, is_unread, on_show, factor)));
                        known.len() - 1
                    });
                    for post in 0..known[at].2.len() {
                        let seen = binomial(viewers, known[at].2[post], &mut self.random);
                        self.engage(c, post, Viewer::Follower, seen, 1.0);
                        asked += binomial(seen, self.ledger.scenario.platform.see_fewer_share, &mut self.random);
                    }
                }
                if state == 0 {
                    let asked = asked.min(n);
                    self.classes[c].n[0] -= asked;
                    self.classes[c].n[1] += asked;
                    self.classes[c].asked[day as usize] += asked;
                }
            }
        }
    }

    /// So many of a class saw a post; some engage. Says how many.
    fn engage(&mut self, class: usize, post: usize, viewer: Viewer, seen: u64, factor: f64) -> u64 {
        let class = &self.classes[class];
        let chance = class.engage * factor * self.ledger.freshness(self.ledger.nth(post));
        let engaged = binomial(seen, chance, &mut self.random);
        let buyers = if self.ledger.scenario.platform.groups[class.group].buys { engaged } else { 0 };
        self.ledger.seen(post, viewer, seen, engaged, buyers);
        engaged
    }

    /// How many people of a class do not follow the page.
    fn outside(&self, class: usize) -> u64 {
        let class = &self.classes[class];
        class.population.saturating_sub(class.n.iter().sum())
    }

    fn strangers_see(&mut self, on_show: &OnShow) {
        let scenario = self.ledger.scenario;
        let offered = self.ledger.offered();
        if offered <= 0.0 || on_show.slowness.is_empty() {
            return;
        }
        let two_days = scenario.platform.window_h > 24;
        let mut new = 0;
        for c in (0..self.classes.len()).filter(|c| self.classes[*c].on_topic).collect::<Vec<_>>() {
            let opens = self.classes[c].opens;
            let visits = binomial(self.outside(c), opens * offered, &mut self.random);
            let unread = if two_days { binomial(visits, 1.0 - opens, &mut self.random) } else { 0 };
            for (viewers, is_unread) in [(visits - unread, false), (unread, true)] {
                if viewers == 0 {
                    continue;
                }
                let factor = self.classes[c].slow * self.ledger.strange_factor();
                for (post, chance) in self.chances(true, is_unread, on_show, factor).into_iter().enumerate() {
                    let seen = binomial(viewers, chance, &mut self.random);
                    let engaged = self.engage(c, post, Viewer::Stranger, seen, scenario.page.strangers_engage);
                    let joined = binomial(engaged, scenario.page.follow_back_share, &mut self.random);
                    self.classes[c].n[0] += joined;
                    new += joined;
                }
            }
        }
        self.ledger.row.n_joined += new;
    }

    fn bought_see(&mut self, on_show: &OnShow) {
        let shows_all = self.ledger.policy.rank == Rank::Newest;
        for i in 0..self.bought.len() {
            let buy = &self.ledger.scenario.buy[self.bought[i].order];
            let chance = if shows_all { 1.0 } else { sold_sees(self.ledger.scenario) };
            let opens = buy.opens_share.unwrap_or(buy.accounts.opens_share());
            let open = binomial(self.bought[i].n, opens, &mut self.stock);
            for post in 0..on_show.n_today {
                let seen = binomial(open, chance, &mut self.stock);
                let engaged = binomial(seen, buy.engage_share, &mut self.stock);
                self.ledger.seen(post, Viewer::Bought, seen, engaged, 0);
            }
        }
    }

    /// Each post of today is tried on pools.
    fn by_pools(&mut self, pools: &Pools, on_show: &OnShow) {
        for post in 0..on_show.n_today {
            let (people, bought) = (self.people(), self.n_bought());
            let mut left = (people, bought);
            let mut size = pools.first(people + bought);
            for _ in 0..POOLS_MAX {
                let total = left.0 + left.1;
                if total == 0 || size == 0 {
                    break;
                }
                size = size.min(total);
                let of_people = hypergeometric(size, left.0, total, &mut self.random);
                left = (left.0 - of_people, left.1 - (size - of_people));
                let engaged =
                    self.pool_of_people(post, of_people, people) + self.pool_of_bought(post, size - of_people, bought);
                if !pools.passes(size, engaged) {
                    size = 0;
                    break;
                }
                size = pools.next(size);
            }
            if size > 0 && self.ledger.meets_strangers() {
                self.pools_of_strangers(pools, post, size);
            }
        }
    }

    fn pool_of_people(&mut self, post: usize, n: u64, people: u64) -> u64 {
        let mut engaged = 0;
        let weights: Vec<f64> =
            self.classes.iter().map(|c| (c.n.iter().sum::<u64>() - c.n[1]) as f64 / people.max(1) as f64).collect();
        let hidden = 1.0 - weights.iter().sum::<f64>();
        let split = multinomial(n, weights.into_iter().chain([hidden.max(0.0)]), &mut self.random);
        for (c, n) in split[..self.classes.len()].iter().enumerate() {
            let seen = binomial(*n, self.classes[c].opens, &mut self.random);
            engaged += self.engage(c, post, Viewer::Follower, seen, 1.0);
        }
        engaged
    }

    fn pool_of_bought(&mut self, post: usize, n: u64, bought: u64) -> u64 {
        let mut engaged = 0;
        let weights: Vec<f64> = self.bought.iter().map(|b| b.n as f64 / bought.max(1) as f64).collect();
        for (i, n) in multinomial(n, weights.into_iter(), &mut self.stock).into_iter().enumerate() {
            let buy = &self.ledger.scenario.buy[self.bought[i].order];
            let seen = binomial(n, buy.opens_share.unwrap_or(buy.accounts.opens_share()), &mut self.stock);
            let some = binomial(seen, buy.engage_share, &mut self.stock);
            self.ledger.seen(post, Viewer::Bought, seen, some, 0);
            engaged += some;
        }
        engaged
    }

    fn pools_of_strangers(&mut self, pools: &Pools, post: usize, mut size: u64) {
        let page = &self.ledger.scenario.page;
        let (engage, back) = (page.strangers_engage, page.follow_back_share);
        let on_topic: Vec<usize> = (0..self.classes.len()).filter(|c| self.classes[*c].on_topic).collect();
        let mut left: Vec<u64> = on_topic.iter().map(|c| self.outside(*c)).collect();
        for _ in 0..POOLS_MAX {
            let total: u64 = left.iter().sum();
            size = size.min(total);
            if size == 0 {
                return;
            }
            let split = multinomial(size, left.clone().into_iter().map(|n| n as f64 / total as f64), &mut self.random);
            let mut engaged = 0;
            for ((&c, n), left) in on_topic.iter().zip(split).zip(&mut left) {
                let n = n.min(*left);
                *left -= n;
                let seen = binomial(n, self.classes[c].opens, &mut self.random);
                let some = self.engage(c, post, Viewer::Stranger, seen, engage);
                let joined = binomial(some, back, &mut self.random);
                self.classes[c].n[0] += joined;
                self.ledger.row.n_joined += joined;
                engaged += some;
            }
            if !pools.passes(size, engaged) {
                return;
            }
            size = pools.next(size);
        }
    }

    fn promote(&mut self, day: u32) {
        let scenario = self.ledger.scenario;
        for promotion in &scenario.promote {
            let Some(wanted) = promotion.impressions_on(day) else { continue };
            let aimed: Vec<usize> = (0..self.classes.len())
                .filter(|c| {
                    let class = &self.classes[*c];
                    let is_own = promotion.topic.is_none_or(|t| (t == scenario.page.topic) == class.on_topic);
                    is_own && promotion.aims_at(&scenario.platform.groups[class.group])
                })
                .collect();
            // Of the topics that are not the page's, one may be aimed at.
            let part = |c: usize| match promotion.topic {
                Some(_) if !self.classes[c].on_topic => 1.0 / f64::from(scenario.platform.topics - 1).max(1.0),
                _ => 1.0,
            };
            let open: Vec<f64> =
                aimed.iter().map(|c| self.outside(*c) as f64 * part(*c) * self.classes[*c].opens).collect();
            let audience: f64 = open.iter().sum();
            if audience < 1.0 {
                continue;
            }
            let n = wanted.min(audience as u64);
            for (c, n) in aimed.iter().zip(multinomial(n, open.iter().map(|o| o / audience), &mut self.random)) {
                let class = &mut self.classes[*c];
                let engaged = binomial(n, class.engage * scenario.page.strangers_engage, &mut self.random);
                let joined = binomial(engaged, scenario.page.follow_back_share, &mut self.random);
                class.n[0] += joined;
                let row = &mut self.ledger.row;
                row.n_joined += joined;
                row.impressions_promoted += n;
                row.engagements_promoted += engaged;
                row.engagements_buyers += if scenario.platform.groups[class.group].buys { engaged } else { 0 };
            }
            self.ledger.row.spend_minor += n as f64 / 1_000.0 * promotion.cpm_minor;
        }
    }

    fn come_and_go(&mut self) {
        let page = &self.ledger.scenario.page;
        let mut left = 0;
        for class in &mut self.classes {
            for n in &mut class.n {
                let gone = binomial(*n, page.leave_share, &mut self.random);
                *n -= gone;
                left += gone;
            }
        }
        let joined = poisson(page.follows_a_day, &mut self.random);
        let shares = self.shares(page.on_topic_share);
        for (class, n) in self.classes.iter_mut().zip(multinomial(joined, shares.into_iter(), &mut self.random)) {
            class.n[0] += n;
        }
        self.ledger.row.n_left += left;
        self.ledger.row.n_joined += joined;
    }

    /// Bought followers are lost, purged and removed.
    fn lose(&mut self, day: u32) {
        let scenario = self.ledger.scenario;
        for b in &mut self.bought {
            let lost = binomial(b.n, daily_loss(day - b.day, scenario.buy[b.order].drop_off), &mut self.stock);
            b.n -= lost;
            self.ledger.row.n_lost += lost;
        }
        if let Some(share) = self.ledger.purge(day) {
            for b in &mut self.bought {
                let purged = binomial(b.n, share, &mut self.stock);
                b.n -= purged;
                self.ledger.row.n_purged += purged;
            }
        }
        for (i, is_first) in self.ledger.removals(day) {
            let removal = &scenario.remove[i];
            if is_first {
                self.per_step[i] = self.n_bought() as f64 * removal.share / f64::from(removal.steps);
            }
            let n = (self.per_step[i].round() as u64).min(self.n_bought());
            let mut rest = n;
            let mut of = self.n_bought();
            for b in &mut self.bought {
                let taken = if of == 0 { 0 } else { binomial(rest, b.n as f64 / of as f64, &mut self.stock).min(b.n) };
                of -= b.n;
                b.n -= taken;
                rest -= taken;
            }
            // What chance left over is taken where there is any.
            for b in &mut self.bought {
                let taken = rest.min(b.n);
                b.n -= taken;
                rest -= taken;
            }
            self.ledger.row.n_removed_bought += n - rest;
            let mistaken = removal.mistaken(n).min(self.people());
            let people = self.people().max(1);
            for class in &mut self.classes {
                for n in &mut class.n {
                    let taken = binomial(*n, (mistaken as f64 / people as f64).min(1.0), &mut self.random);
                    *n -= taken;
                    self.ledger.row.n_removed_people += taken;
                }
            }
        }
        self.bought.retain(|b| b.n > 0);
    }
}

/// The chance that a sold account that opens the app sees a given post of a page that it follows: predictions for an account
/// that engages with nothing are flat, so its feed is an even draw from all the pages it follows.
pub(crate) fn sold_sees(scenario: &Scenario) -> f64 {
    (SOLD_ACCOUNT_FEED_SLOTS / (SOLD_ACCOUNT_FOLLOWS * scenario.platform.posts_a_day.max(1e-6))).min(1.0)
}
