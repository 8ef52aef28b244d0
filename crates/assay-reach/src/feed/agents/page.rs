//! The page that is looked at and its followers, one by one: who joins, who leaves, who engages; and each bought account.

use super::visits::{OWN_POSTS_MAX, Own, STANDINGS, STRANGER, Seen};
use crate::feed::cohorts::sold_sees;
use crate::feed::draw::poisson;
use crate::feed::ledger::{Ledger, N_STATES, OnShow, Viewer, state_after};
use crate::feed::noise::{Counted, Stream, of_16_bits};
use crate::feed::people::People;
use crate::feed::policies::Rank;
use crate::feed::pools::{POOLS_MAX, Pools};
use crate::feed::record::Run;
use crate::feed::sellers::daily_loss;
use crate::feed::settled::Settled;
use assay_math::Seed;

/// Somebody never asked to see fewer.
const NEVER_ASKED: u32 = u32::MAX;
/// Draws that are tried for each person looked for, before everybody is looked at in turn.
const TRIES: u64 = 400;

/// A follower who is a person.
#[derive(Debug, Clone, Copy)]
struct Fan {
    user: u32,
    /// The day on which they asked to see fewer, or [`NEVER_ASKED`].
    asked: u32,
}

/// A bought account.
#[derive(Debug, Clone, Copy)]
struct Sold {
    order: u32,
    day: u32,
    /// Its number, counted over all that ever arrived.
    id: u32,
}

/// The page, its followers and its books.
#[derive(Debug)]
pub(super) struct OwnPage<'a> {
    ledger: Ledger<'a>,
    fans: Vec<Fan>,
    /// For each person: [`STRANGER`], or a follower's standing.
    standing: Vec<u8>,
    sold: Vec<Sold>,
    n_ever_sold: u32,
    per_step: Vec<f64>,
    on_show: OnShow,
    seed: Seed,
}

/// A follower's standing: the state and whether they are on the page's topic.
fn standing(state: usize, on_topic: bool) -> u8 {
    1 + 2 * state as u8 + u8::from(!on_topic)
}

impl<'a> OwnPage<'a> {
    pub(super) fn new(ledger: Ledger<'a>, people: &People, seed: Seed) -> Self {
        let scenario = ledger.scenario;
        let mut page = Self {
            ledger,
            fans: Vec::new(),
            standing: vec![STRANGER; scenario.platform.users as usize],
            sold: Vec::new(),
            n_ever_sold: 0,
            per_step: vec![0.0; scenario.remove.len()],
            on_show: OnShow::default(),
            seed,
        };
        page.join(scenario.page.followers, Counted::new(seed, Stream::Fans, 0), people);
        page
    }

    /// So many people begin to follow in the ordinary course; says how many there were to be found.
    fn join(&mut self, n: u64, draws: Counted, people: &People) -> u64 {
        let page = &self.ledger.scenario.page;
        let topics = self.ledger.scenario.platform.topics;
        let on_topic_share = if topics == 1 { 1.0 } else { page.on_topic_share };
        for i in 0..n {
            let on_topic = draws.unit(i * TRIES) < on_topic_share;
            let fits = |user: u32| (people.topic(user) == page.topic) == on_topic;
            let Some(user) = self.find(draws, i * TRIES + 1, fits) else { return i };
            self.take(user, people);
        }
        n
    }

    fn take(&mut self, user: u32, people: &People) {
        self.standing[user as usize] = standing(0, people.topic(user) == self.ledger.scenario.page.topic);
        self.fans.push(Fan { user, asked: NEVER_ASKED });
    }

    /// A person drawn evenly among those who do not follow the page and fit; where draws find nobody, the next one behind a drawn
    /// place, so that nobody is left over where few fit.
    fn find(&self, draws: Counted, from: u64, fits: impl Fn(u32) -> bool) -> Option<u32> {
        let users = self.standing.len() as u64;
        let drawn = |k: u64| ((u128::from(draws.at(from + k)) * u128::from(users)) >> 64) as u32;
        let is_free = |user: &u32| self.standing[*user as usize] == STRANGER && fits(*user);
        (0..TRIES - 1).map(drawn).find(is_free).or_else(|| {
            let start = u64::from(drawn(0));
            (0..users).map(|k| ((start + k) % users) as u32).find(is_free)
        })
    }

    fn n_people(&self) -> u64 {
        self.fans.len() as u64
    }

    fn n_sold(&self) -> u64 {
        self.sold.len() as u64
    }

    /// Opens a day: posts are made, bought accounts arrive, everybody's standing is laid down.
    pub(super) fn begin(&mut self, day: u32, people: &People) {
        let (n_people, n_sold) = (self.n_people(), self.n_sold());
        self.ledger.begin(day, n_people, n_sold);
        for (order, n) in self.ledger.deliveries(day).into_iter().enumerate() {
            for _ in 0..n {
                self.sold.push(Sold { order: order as u32, day, id: self.n_ever_sold });
                self.n_ever_sold += 1;
            }
        }
        self.ledger.delivered(day, self.n_sold() - n_sold, n_people, n_sold);
        let topic = self.ledger.scenario.page.topic;
        for fan in self.fans.iter().filter(|f| f.asked != NEVER_ASKED) {
            let state = state_after(day - fan.asked);
            self.standing[fan.user as usize] = standing(state, people.topic(fan.user) == topic);
        }
        self.on_show = self.ledger.on_show();
        if self.ledger.row.labelled {
            self.on_show.lifted = 0.0;
        }
    }

    /// The page as visits meet it; nothing where its posts go by pools.
    pub(super) fn own(&self) -> Option<Own<'_>> {
        let (ledger, scenario) = (&self.ledger, self.ledger.scenario);
        if matches!(ledger.policy.rank, Rank::Pools(_)) {
            return None;
        }
        let off = ledger.scoring.liking(scenario.platform.off_topic);
        let mut by_standing = [ledger.strange_factor() as f32; STANDINGS];
        for state in 0..N_STATES {
            by_standing[standing(state, true) as usize] = ledger.state_factor(state) as f32;
            by_standing[standing(state, false) as usize] = (ledger.state_factor(state) * off) as f32;
        }
        let offered = if ledger.row.labelled { 0.0 } else { ledger.offered() };
        Some(Own {
            standing: &self.standing,
            posts: self.on_show.slowness.iter().take(OWN_POSTS_MAX).map(|s| *s as f32).collect(),
            n_today: self.on_show.n_today,
            by_standing,
            by_group: scenario.platform.groups.iter().map(|g| ledger.scoring.liking(g.engages) as f32).collect(),
            topic: scenario.page.topic,
            offered: (offered * 4_294_967_296.0) as u64,
            lifted16: of_16_bits(self.on_show.lifted),
        })
    }

    /// Ends a day: those who saw a post engage, bought accounts look, and people and accounts come and go.
    pub(super) fn end(&mut self, day: u32, people: &People, seen: &[Seen], settled: &Settled) {
        let mut engaged = self.engage(day, people, seen);
        match self.ledger.policy.rank {
            Rank::Pools(shape) => {
                let pools = Pools::new(self.ledger.scenario, shape, settled);
                engaged.extend(self.by_pools(&pools, day, people));
            }
            Rank::Newest | Rank::Score => self.sold_see(day),
        }
        self.promote(day, people);
        self.follow_back(day, &engaged, people);
        self.come_and_go(day, people);
        self.lose(day);
        let (n_people, n_sold) = (self.n_people(), self.n_sold());
        self.ledger.end(n_people, n_sold);
    }

    /// Those who saw a post engage or not, and some ask to see fewer; hands back the strangers who engaged.
    fn engage(&mut self, day: u32, people: &People, seen: &[Seen]) -> Vec<u32> {
        let draws = Counted::new(self.seed, Stream::OwnEngaging, day);
        let mut strangers = Vec::new();
        let mut asked = Vec::new();
        for seen in seen {
            let at = u64::from(seen.user) * OWN_POSTS_MAX as u64 + u64::from(seen.post);
            let is_stranger = self.standing[seen.user as usize] == STRANGER;
            if self.engages(draws, at, seen.user, usize::from(seen.post), people) && is_stranger {
                strangers.push(seen.user);
            }
            let see_fewer = of_16_bits(self.ledger.scenario.platform.see_fewer_share);
            if !is_stranger && ((draws.at(at) >> 48) as u32) < see_fewer {
                asked.push(seen.user);
            }
        }
        asked.sort_unstable();
        for fan in &mut self.fans {
            let free = fan.asked == NEVER_ASKED || state_after(day - fan.asked) == 0;
            if free && asked.binary_search(&fan.user).is_ok() {
                fan.asked = day;
            }
        }
        strangers
    }

    /// Whether someone who saw the post engages; it is booked.
    fn engages(&mut self, draws: Counted, at: u64, user: u32, post: usize, people: &People) -> bool {
        let scenario = self.ledger.scenario;
        let group = &scenario.platform.groups[people.group(user)];
        let stranger = self.standing[user as usize] == STRANGER;
        let mut chance = scenario.page.engage_share * group.engages;
        if people.topic(user) != scenario.page.topic {
            chance *= scenario.platform.off_topic;
        }
        if stranger {
            chance *= scenario.page.strangers_engage;
        }
        chance = chance.min(1.0) * self.ledger.freshness(self.ledger.nth(post));
        // 32 bits for whether; the 16 highest are for whether they ask to see fewer.
        let engaged = (draws.at(at) as u32) < (chance * 4_294_967_295.0) as u32;
        let viewer = if stranger { Viewer::Stranger } else { Viewer::Follower };
        self.ledger.seen(post, viewer, 1, u64::from(engaged), u64::from(engaged && group.buys));
        engaged
    }

    /// Bought accounts that open the app see posts of today by chance.
    fn sold_see(&mut self, day: u32) {
        let n_today = self.on_show.n_today;
        let sees = if self.ledger.policy.rank == Rank::Newest { 1.0 } else { sold_sees(self.ledger.scenario) };
        let stock = Counted::new(self.seed, Stream::Stock, day);
        for i in 0..self.sold.len() {
            let sold = self.sold[i];
            if self.sold_opens(sold, stock) {
                for post in 0..n_today {
                    self.sold_sees_one(sold, stock, post, sees);
                }
            }
        }
    }

    fn sold_opens(&self, sold: Sold, stock: Counted) -> bool {
        let buy = &self.ledger.scenario.buy[sold.order as usize];
        let opens = buy.opens_share.unwrap_or(buy.accounts.opens_share());
        stock.unit(u64::from(sold.id) * 32) < opens
    }

    /// A bought account that is there sees a post with a chance; says whether it engages.
    fn sold_sees_one(&mut self, sold: Sold, stock: Counted, post: usize, sees: f64) -> bool {
        let at = u64::from(sold.id) * 32 + 1 + 2 * post as u64;
        let engage = self.ledger.scenario.buy[sold.order as usize].engage_share;
        let seen = stock.unit(at) < sees;
        let engaged = seen && stock.unit(at + 1) < engage;
        if seen {
            self.ledger.seen(post, Viewer::Bought, 1, u64::from(engaged), 0);
        }
        engaged
    }

    /// Each post of today is tried on pools: followers in an order drawn for the post, then strangers of the page's topic.
    /// Hands back the strangers who engaged.
    fn by_pools(&mut self, pools: &Pools, day: u32, people: &People) -> Vec<u32> {
        let opening = Counted::new(self.seed, Stream::Opening, day);
        let stock = Counted::new(self.seed, Stream::Stock, day);
        let draws = Counted::new(self.seed, Stream::OwnEngaging, day);
        let mut strangers = Vec::new();
        for post in 0..self.on_show.n_today {
            let order = Counted::new(self.seed, Stream::Pools, day);
            let key = |member: u64| order.at((post as u64) << 40 | member);
            // Followers who are people by their place, bought accounts after them.
            let n_fans = self.fans.len() as u64;
            let mut members: Vec<(u64, u32)> =
                (0..n_fans).map(|i| (key(u64::from(self.fans[i as usize].user)), i as u32)).collect();
            members.extend(
                (0..self.n_sold()).map(|i| (key(1 << 32 | u64::from(self.sold[i as usize].id)), (n_fans + i) as u32)),
            );
            members.sort_unstable();
            let mut from = 0;
            let mut size = pools.first(members.len() as u64);
            for _ in 0..POOLS_MAX {
                let left = (members.len() - from) as u64;
                if left == 0 {
                    break;
                }
                size = size.min(left);
                let pool: Vec<u32> = members[from..from + size as usize].iter().map(|m| m.1).collect();
                from += size as usize;
                let mut engaged = 0;
                for member in pool {
                    if u64::from(member) < n_fans {
                        let user = self.fans[member as usize].user;
                        let hidden = (self.standing[user as usize] - 1) / 2 == 1;
                        let at = u64::from(user) * OWN_POSTS_MAX as u64 + post as u64;
                        if !hidden && people.is_open(user, opening) {
                            engaged += u64::from(self.engages(draws, at, user, post, people));
                        }
                    } else {
                        let sold = self.sold[member as usize - n_fans as usize];
                        if self.sold_opens(sold, stock) {
                            engaged += u64::from(self.sold_sees_one(sold, stock, post, 1.0));
                        }
                    }
                }
                if !pools.passes(size, engaged) {
                    size = 0;
                    break;
                }
                size = pools.next(size);
            }
            if size > 0 && self.ledger.meets_strangers() {
                self.pools_of_strangers(pools, post, size, day, people, &mut strangers);
            }
        }
        strangers
    }

    fn pools_of_strangers(
        &mut self,
        pools: &Pools,
        post: usize,
        mut size: u64,
        day: u32,
        people: &People,
        engaged_ones: &mut Vec<u32>,
    ) {
        let topic = self.ledger.scenario.page.topic;
        let opening = Counted::new(self.seed, Stream::Opening, day);
        let draws = Counted::new(self.seed, Stream::OwnEngaging, day);
        // A stretch of people that starts at a drawn one: they are in no order, so that it is as good as drawing each.
        let users = self.standing.len() as u64;
        let start = Counted::new(self.seed, Stream::Pools, day).at(u64::MAX - post as u64) % users;
        let mut next = 0;
        for _ in 0..POOLS_MAX {
            let (mut taken, mut engaged) = (0, 0);
            while taken < size && next < users {
                let user = ((start + next) % users) as u32;
                next += 1;
                if self.standing[user as usize] != STRANGER || people.topic(user) != topic {
                    continue;
                }
                taken += 1;
                let at = u64::from(user) * OWN_POSTS_MAX as u64 + post as u64;
                if people.is_open(user, opening) && self.engages(draws, at, user, post, people) {
                    engaged += 1;
                    engaged_ones.push(user);
                }
            }
            if taken == 0 || !pools.passes(taken, engaged) {
                return;
            }
            size = pools.next(taken);
        }
    }

    /// Paid showings go to people who open the app, do not follow and fit the aim.
    fn promote(&mut self, day: u32, people: &People) {
        let scenario = self.ledger.scenario;
        let opening = Counted::new(self.seed, Stream::Opening, day);
        for (k, promotion) in scenario.promote.iter().enumerate() {
            let Some(wanted) = promotion.impressions_on(day) else { continue };
            let draws = Counted::new(self.seed, Stream::Promotion, day);
            let aimed = |user: u32| {
                promotion.topic.is_none_or(|t| people.topic(user) == t)
                    && promotion.aims_at(&scenario.platform.groups[people.group(user)])
                    && people.is_open(user, opening)
            };
            let mut shown = std::collections::HashSet::new();
            let mut new = Vec::new();
            let mut n = 0;
            for i in 0..wanted {
                let at = ((k as u64) << 48) | (i * TRIES);
                let Some(user) = self.find(draws, at + 1, |u| aimed(u) && !shown.contains(&u)) else { break };
                shown.insert(user);
                n += 1;
                let group = &scenario.platform.groups[people.group(user)];
                let on_topic =
                    if people.topic(user) == scenario.page.topic { 1.0 } else { scenario.platform.off_topic };
                let chance =
                    (scenario.page.engage_share * group.engages * on_topic).min(1.0) * scenario.page.strangers_engage;
                let word = draws.at(at);
                if f64::from(word as u32) < chance * 4_294_967_296.0 {
                    self.ledger.row.engagements_promoted += 1;
                    self.ledger.row.engagements_buyers += u64::from(group.buys);
                    if f64::from((word >> 32) as u32) < scenario.page.follow_back_share * 4_294_967_296.0 {
                        new.push(user);
                    }
                }
            }
            self.ledger.row.impressions_promoted += n;
            self.ledger.row.spend_minor += n as f64 / 1_000.0 * promotion.cpm_minor;
            self.ledger.row.n_joined += new.len() as u64;
            for user in new {
                self.take(user, people);
            }
        }
    }

    /// Of the strangers who engaged, some begin to follow.
    fn follow_back(&mut self, day: u32, engaged: &[u32], people: &People) {
        let draws = Counted::new(self.seed, Stream::Fans, day);
        for (i, &user) in engaged.iter().enumerate() {
            let back = self.ledger.scenario.page.follow_back_share;
            if self.standing[user as usize] == STRANGER && draws.unit(1 << 60 | i as u64) < back {
                self.take(user, people);
                self.ledger.row.n_joined += 1;
            }
        }
    }

    fn come_and_go(&mut self, day: u32, people: &People) {
        let page = &self.ledger.scenario.page;
        let leaving = Counted::new(self.seed, Stream::Leaving, day);
        let before = self.fans.len();
        let standing = &mut self.standing;
        self.fans.retain(|fan| {
            let leaves = leaving.unit(u64::from(fan.user)) < page.leave_share;
            if leaves {
                standing[fan.user as usize] = STRANGER;
            }
            !leaves
        });
        self.ledger.row.n_left += (before - self.fans.len()) as u64;
        let draws = Counted::new(self.seed, Stream::Fans, day + 1);
        let n = poisson(page.follows_a_day, &mut draws.random(1 << 61));
        self.ledger.row.n_joined += self.join(n, draws, people);
    }

    /// Bought accounts are lost, purged and removed, each by its own draw.
    fn lose(&mut self, day: u32) {
        let scenario = self.ledger.scenario;
        let fate = Counted::new(self.seed, Stream::StockFate, day);
        let row = &mut self.ledger.row;
        self.sold.retain(|s| {
            let drop_off = scenario.buy[s.order as usize].drop_off;
            let lost = fate.unit(u64::from(s.id) * 4) < daily_loss(day - s.day, drop_off);
            row.n_lost += u64::from(lost);
            !lost
        });
        if let Some(share) = self.ledger.purge(day) {
            let before = self.sold.len();
            self.sold.retain(|s| fate.unit(u64::from(s.id) * 4 + 1) >= share);
            self.ledger.row.n_purged += (before - self.sold.len()) as u64;
        }
        for (i, is_first) in self.ledger.removals(day) {
            let removal = &scenario.remove[i];
            if is_first {
                self.per_step[i] = self.sold.len() as f64 * removal.share / f64::from(removal.steps);
            }
            let n = (self.per_step[i].round() as usize).min(self.sold.len());
            let mistaken = (removal.mistaken(n as u64) as usize).min(self.fans.len());
            let chosen = |key: &dyn Fn(usize) -> u64, len: usize, n: usize| {
                let mut keys: Vec<(u64, usize)> = (0..len).map(|k| (key(k), k)).collect();
                keys.sort_unstable();
                let mut chosen = vec![false; len];
                keys[..n].iter().for_each(|(_, k)| chosen[*k] = true);
                chosen
            };
            let out = chosen(&|k| fate.at(u64::from(self.sold[k].id) * 4 + 2), self.sold.len(), n);
            let mut k = 0;
            self.sold.retain(|_| {
                k += 1;
                !out[k - 1]
            });
            let out = chosen(&|k| fate.at(1 << 50 | u64::from(self.fans[k].user)), self.fans.len(), mistaken);
            let standing = &mut self.standing;
            let mut k = 0;
            self.fans.retain(|fan| {
                k += 1;
                if out[k - 1] {
                    standing[fan.user as usize] = STRANGER;
                }
                !out[k - 1]
            });
            self.ledger.row.n_removed_bought += n as u64;
            self.ledger.row.n_removed_people += mistaken as u64;
        }
    }

    pub(super) fn into_run(self) -> Run {
        self.ledger.run
    }
}
