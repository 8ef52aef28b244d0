//! The visits of a stretch of people on one day: who opens the app, what they are shown, what they engage with.
//!
//! This is where the time goes, so it works on eight people at once:
//!
//! 1. those who open the app are gathered, in four lists (read yesterday or not; meets the page that is looked at or not);
//! 2. for eight of a list, each candidate's time `U * slowness` is laid down, one row a candidate, one column a person, the
//!    row's number in the low bits of the time's mantissa;
//! 3. the earliest `slots` of each column are found by insertion with minima and maxima and no branch, which any processor does for
//!    several columns at once; where slots are many, by selection;
//! 4. what was shown is counted for its page, with the engagement in the upper half of the same word.
//!
//! A time loses its ten lowest bits to the row's number: two candidates within 1.2e-4 of each other are ordered by row.

use super::wide::{LANES, NEVER, ROW_MASK, earliest, mark, marked};
use crate::feed::authors::{ABSENT, PRESENT_BELOW};
use crate::feed::graph::{Follows, Graph, Shape};
use crate::feed::noise::Counted;
use crate::feed::people::People;

/// People gathered at a time: few enough that their lists stay in the nearest memory.
const AT_ONCE: usize = 2_048;
/// The most rows, hence candidates, of a visit.
pub(crate) const ROWS_MAX: usize = ROW_MASK as usize + 1;
/// Set in a person's number on the lists where the posts of yesterday are new.
const UNREAD: u32 = 1 << 31;
/// The most posts of the page that is looked at in one visit: eight of today, eight of yesterday.
pub(crate) const OWN_POSTS_MAX: usize = 16;
/// Classes of a person towards the page that is looked at; see `standing`.
pub(crate) const STANDINGS: usize = 16;
/// Someone who does not follow it.
pub(crate) const STRANGER: u8 = 0;

/// The rules and tables of one day.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub(super) graph: &'a Graph,
    pub(super) people: &'a People,
    pub(super) slots: usize,
    /// Everything is shown.
    pub(super) shows_all: bool,
    pub(super) strangers: u32,
    pub(super) pages: u32,
    pub(super) topics: u32,
    /// Factor on the slowness of posts of pages not followed.
    pub(super) strange: f32,
    /// Factor on the slowness of posts off topic.
    pub(super) off_topic: f32,
    /// Factor on the chance to engage off topic, in 65,536ths.
    pub(super) off_topic16: u32,
    pub(super) today: &'a [f32],
    /// The posts of yesterday; `None` where the window is a day.
    pub(super) yesterday: Option<&'a [f32]>,
    pub(super) engage16: &'a [u16],
    /// Words of taste for each person: a quarter of the most candidates, those of strangers at the end.
    pub(super) taste_words: u64,
    /// Words for each person to engage by: a quarter of the most that is shown.
    pub(super) engaging_words: u64,
    pub(super) counts_own_engaged: bool,
    pub(super) draws: Draws,
    pub(super) own: Option<Own<'a>>,
}

/// The streams of one day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draws {
    pub(super) opening: Counted,
    pub(super) opening_before: Option<Counted>,
    pub(super) taste: Counted,
    pub(super) engaging: Counted,
    pub(super) strangers: Counted,
    pub(super) own_taste: Counted,
}

/// The page that is looked at, as visitors meet it.
#[derive(Debug)]
pub(crate) struct Own<'a> {
    /// For each person: [`STRANGER`], or a follower's standing from 1.
    pub(super) standing: &'a [u8],
    /// Slowness of each of its posts, those of today first, before what the viewer thinks of the page.
    pub(super) posts: Vec<f32>,
    /// How many of them are of today.
    pub(super) n_today: usize,
    /// Factor on the slowness by standing; a follower with an infinite one is never shown a post.
    pub(super) by_standing: [f32; STANDINGS],
    /// Factor by group.
    pub(super) by_group: Vec<f32>,
    /// Its topic.
    pub(super) topic: u32,
    /// Chance that a stranger of its topic has it among the candidates, in 2^32ths.
    pub(super) offered: u64,
    /// Chance that a post not shown is lifted, by post, in 65,536ths.
    pub(super) lifted16: u32,
}

/// A post of the page was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(super) user: u32,
    /// Its place among the page's posts.
    pub(super) post: u8,
}

/// What a stretch of people did.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By page: impressions, and engagements in the upper half.
    pub(super) counts: Vec<u64>,
    /// By page: engagements of its followers.
    pub(super) own_engaged: Vec<u32>,
    pub(super) seen: Vec<Seen>,
    pub(super) n_visits: u64,
    pub(super) n_shown: u64,
    pub(super) n_engaged: u64,
    lists: [Vec<u32>; 4],
    times: Vec<[f32; LANES]>,
    room: Vec<u32>,
    column: Vec<u32>,
}

impl Tally {
    pub(super) fn new(pages: usize, counts_own_engaged: bool) -> Self {
        let own_engaged = if counts_own_engaged { vec![0; pages] } else { Vec::new() };
        Self { counts: vec![0; pages], own_engaged, ..Self::default() }
    }

    /// Takes another stretch's counts in.
    pub(super) fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a += b);
        self.own_engaged.iter_mut().zip(&other.own_engaged).for_each(|(a, b)| *a += b);
        self.n_visits += other.n_visits;
        self.n_shown += other.n_shown;
        self.n_engaged += other.n_engaged;
    }

    fn clear(&mut self) {
        self.counts.fill(0);
        self.own_engaged.fill(0);
        self.seen.clear();
        (self.n_visits, self.n_shown, self.n_engaged) = (0, 0, 0);
    }

    /// Goes through the people of a stretch.
    pub(super) fn visit(&mut self, rules: &Rules<'_>, users: std::ops::Range<u32>) {
        self.clear();
        match rules.graph.shape() {
            Shape::Narrow(graph) => self.visit_by(rules, graph, users),
            Shape::Wide(graph) => self.visit_by(rules, graph, users),
            Shape::Computed(graph) => self.visit_by(rules, graph, users),
            Shape::Uneven(graph) => self.visit_by(rules, graph, users),
        }
    }

    fn visit_by(&mut self, rules: &Rules<'_>, graph: impl Follows, users: std::ops::Range<u32>) {
        let mut from = users.start;
        while from < users.end {
            let to = users.end.min(from + AT_ONCE as u32);
            self.gather(rules, from..to);
            let lists = std::mem::take(&mut self.lists);
            for (k, list) in lists.iter().enumerate() {
                for eight in list.chunks(LANES) {
                    self.show(rules, graph, eight, k >= 2);
                }
            }
            self.lists = lists;
            from = to;
        }
    }

    /// Sorts those who open the app into the four lists.
    fn gather(&mut self, rules: &Rules<'_>, users: std::ops::Range<u32>) {
        self.lists.iter_mut().for_each(Vec::clear);
        let d = &rules.draws;
        // Who is there cannot be foretold, so that no branch hangs on it: everybody is written, and kept by a step of the end.
        let (mut there, mut n) = ([0_u32; AT_ONCE], 0);
        for user in users {
            there[n & (AT_ONCE - 1)] = user;
            n += usize::from(rules.people.is_open(user, d.opening));
        }
        let there = &there[..n];
        self.n_visits += n as u64;
        if d.opening_before.is_none() && rules.own.is_none() {
            self.lists[0].extend_from_slice(there);
            return;
        }
        for &user in there {
            let unread = d.opening_before.is_some_and(|before| !rules.people.is_open(user, before));
            let meets = rules.own.as_ref().is_some_and(|own| {
                own.standing[user as usize] != STRANGER
                    || (d.opening.at(u64::from(user)) >> 32 < own.offered && rules.people.topic(user) == own.topic)
            });
            let list = usize::from(unread) + 2 * usize::from(meets);
            self.lists[list].push(user | if unread { UNREAD } else { 0 });
        }
    }

    /// Fills the feeds of up to eight people.
    #[inline]
    fn show(&mut self, rules: &Rules<'_>, graph: impl Follows, eight: &[u32], meets: bool) {
        let mut rows = [0_usize; LANES];
        if let Some(each) = graph.each() {
            rows = if rules.topics > 1 {
                [self.lay_down_even::<true>(rules, graph, each, eight); LANES]
            } else {
                [self.lay_down_even::<false>(rules, graph, each, eight); LANES]
            };
        } else {
            self.times.clear();
            for (lane, &listed) in eight.iter().enumerate() {
                rows[lane] = self.lay_down(rules, listed, lane);
            }
        }
        let mut own_from = [usize::MAX; LANES];
        if meets {
            for (lane, &listed) in eight.iter().enumerate() {
                own_from[lane] = rows[lane];
                self.lay_down_own(rules, listed, lane, rows[lane]);
            }
        }
        if rules.shows_all {
            return self.take_all(rules, graph, eight, &own_from);
        }
        match rules.slots {
            1 => self.take_earliest::<1>(rules, graph, eight, &own_from),
            2 => self.take_earliest::<2>(rules, graph, eight, &own_from),
            3 => self.take_earliest::<3>(rules, graph, eight, &own_from),
            4 => self.take_earliest::<4>(rules, graph, eight, &own_from),
            5 => self.take_earliest::<5>(rules, graph, eight, &own_from),
            6 => self.take_earliest::<6>(rules, graph, eight, &own_from),
            8 => self.take_earliest::<8>(rules, graph, eight, &own_from),
            10 => self.take_earliest::<10>(rules, graph, eight, &own_from),
            _ => self.take_selected(rules, graph, eight, &own_from),
        }
    }

    fn row(&mut self, row: usize) -> &mut [f32; LANES] {
        if self.times.len() <= row {
            self.times.resize(row + 1, [NEVER; LANES]);
        }
        &mut self.times[row]
    }

    /// Lays down the times of up to eight people's candidates among other pages, where all follow as many; says how many rows
    /// they take. First the slownesses, person by person, as pages lie anywhere; then tastes, row by row, all people at once.
    #[inline]
    fn lay_down_even<const TOPICS: bool>(
        &mut self,
        rules: &Rules<'_>,
        graph: impl Follows,
        each: usize,
        eight: &[u32],
    ) -> usize {
        // All of a list have read yesterday's posts, or none has.
        let yesterday = rules.yesterday.filter(|_| eight[0] & UNREAD != 0);
        let n_older = if yesterday.is_some() { each } else { 0 };
        let n = each + n_older + rules.strangers as usize;
        self.times.resize(n, [ABSENT; LANES]);
        let (newer, rest) = self.times.split_at_mut(each);
        let (older, strange) = rest.split_at_mut(n_older);
        let mask = rules.topics - 1;
        let mut tastes = [rules.draws.taste; LANES];
        for (lane, &listed) in eight.iter().enumerate() {
            let user = listed & !UNREAD;
            tastes[lane] = rules.draws.taste.from(u64::from(user) * rules.taste_words);
            let topic = if TOPICS { rules.people.topic(user) } else { 0 };
            let liking = |page: u32| if !TOPICS || (page ^ topic) & mask == 0 { 1.0 } else { rules.off_topic };
            match yesterday {
                None => {
                    for (row, page) in newer.iter_mut().zip(graph.pages(user, rules.people)) {
                        row[lane] = rules.today[page as usize] * liking(page);
                    }
                }
                Some(yesterday) => {
                    for ((row, before), page) in
                        newer.iter_mut().zip(older.iter_mut()).zip(graph.pages(user, rules.people))
                    {
                        let liking = liking(page);
                        row[lane] = rules.today[page as usize] * liking;
                        before[lane] = yesterday[page as usize] * liking;
                    }
                }
            }
            for (k, row) in strange.iter_mut().enumerate() {
                row[lane] = rules.today[strange_page(rules, user, topic, k as u32) as usize] * rules.strange;
            }
        }
        let of_strangers = rules.taste_words - u64::from(rules.strangers.div_ceil(4));
        mark(newer, 0, &tastes, 0);
        mark(older, each, &tastes, each.div_ceil(4) as u64);
        mark(strange, each + n_older, &tastes, of_strangers);
        n
    }

    /// Lays down the times of one person's candidates among other pages; says how many rows they take.
    #[inline]
    fn lay_down(&mut self, rules: &Rules<'_>, listed: u32, lane: usize) -> usize {
        let user = listed & !UNREAD;
        let mask = rules.topics - 1;
        let topic = rules.people.topic(user);
        let mut room = std::mem::take(&mut self.room);
        let follows = rules.graph.of(user, rules.people, &mut room);
        let words = u64::from(user) * rules.taste_words;
        let yesterday = rules.yesterday.filter(|_| listed & UNREAD != 0);
        let n = follows.len() * if yesterday.is_some() { 2 } else { 1 };
        if n > 0 {
            self.row(n - 1);
        }
        let mut row = 0;
        for (k, table) in [Some(rules.today), yesterday].into_iter().flatten().enumerate() {
            let first = words + (k * follows.len().div_ceil(4)) as u64;
            for (quarter, four) in follows.chunks(4).enumerate() {
                let mut word = rules.draws.taste.at(first + quarter as u64);
                for (i, &page) in four.iter().enumerate() {
                    let slowness =
                        table[page as usize] * if (page ^ topic) & mask == 0 { 1.0 } else { rules.off_topic };
                    let at = row + 4 * quarter + i;
                    self.times[at][lane] = marked(word as u16, slowness, at);
                    word >>= 16;
                }
            }
            row += follows.len();
        }
        self.room = room;
        if rules.strangers > 0 {
            let taste = rules.draws.taste;
            let first = words + rules.taste_words - u64::from(rules.strangers.div_ceil(4));
            self.row(row + rules.strangers as usize - 1);
            for k in 0..rules.strangers {
                let page = strange_page(rules, user, topic, k);
                let word = taste.at(first + u64::from(k / 4)) >> (16 * (k & 3));
                let at = row + k as usize;
                self.times[at][lane] = marked(word as u16, rules.today[page as usize] * rules.strange, at);
            }
            row += rules.strangers as usize;
        }
        row
    }

    /// Lays down the posts of the page that is looked at.
    fn lay_down_own(&mut self, rules: &Rules<'_>, listed: u32, lane: usize, from: usize) {
        let Some(own) = &rules.own else { return };
        let user = listed & !UNREAD;
        let standing = own.standing[user as usize];
        let n = if listed & UNREAD == 0 { own.n_today } else { own.posts.len() };
        let of_group = own.by_group[rules.people.group(user)];
        // Followers off its topic have standings of their own.
        let factor = own.by_standing[standing as usize] * of_group;
        for (post, slowness) in own.posts[..n].iter().enumerate() {
            let word = rules.draws.own_taste.at(u64::from(user) * OWN_POSTS_MAX as u64 + post as u64);
            let at = from + post;
            let time = marked(word as u16, (slowness * factor).min(ABSENT), at);
            self.row(at)[lane] = time;
        }
    }

    fn take_earliest<const K: usize>(
        &mut self,
        rules: &Rules<'_>,
        graph: impl Follows,
        eight: &[u32],
        own_from: &[usize; LANES],
    ) {
        let earliest = earliest::<K>(&self.times);
        for (lane, &listed) in eight.iter().enumerate() {
            let times = earliest.map(|row| row[lane]);
            if own_from[lane] == usize::MAX {
                self.take_from::<false>(rules, graph, listed, &times, usize::MAX);
            } else {
                self.take(rules, graph, listed, &times, own_from[lane]);
            }
        }
    }

    fn take_selected(&mut self, rules: &Rules<'_>, graph: impl Follows, eight: &[u32], own_from: &[usize; LANES]) {
        for (lane, &listed) in eight.iter().enumerate() {
            let mut column = std::mem::take(&mut self.column);
            column.clear();
            // Times are above 0, so that their bits are in the order of the times.
            column.extend(
                self.times.iter().map(|row| row[lane].to_bits()).filter(|bits| *bits < PRESENT_BELOW.to_bits()),
            );
            if column.len() > rules.slots {
                column.select_nth_unstable(rules.slots - 1);
                column.truncate(rules.slots);
            }
            let times: Vec<f32> = column.iter().map(|bits| f32::from_bits(*bits)).collect();
            self.take(rules, graph, listed, &times, own_from[lane]);
            self.column = column;
        }
    }

    fn take_all(&mut self, rules: &Rules<'_>, graph: impl Follows, eight: &[u32], own_from: &[usize; LANES]) {
        for (lane, &listed) in eight.iter().enumerate() {
            let times: Vec<f32> = self.times.iter().map(|row| row[lane]).filter(|time| *time < PRESENT_BELOW).collect();
            self.take(rules, graph, listed, &times, own_from[lane]);
        }
    }

    /// Counts what one person is shown, given the times of it.
    fn take(&mut self, rules: &Rules<'_>, graph: impl Follows, listed: u32, times: &[f32], own_from: usize) {
        self.take_from::<true>(rules, graph, listed, times, own_from);
        if own_from != usize::MAX {
            self.lift(rules, listed, times, own_from);
        }
    }

    /// The same before lifting; with `OWN` unset for a person who has none of the own page's posts among the candidates.
    #[expect(
        clippy::inline_always,
        reason = "unrolled where the number of slots is known: a tenth of the time of a day"
    )]
    #[inline(always)]
    fn take_from<const OWN: bool>(
        &mut self,
        rules: &Rules<'_>,
        graph: impl Follows,
        listed: u32,
        times: &[f32],
        own_from: usize,
    ) {
        let user = listed & !UNREAD;
        let mask = rules.topics - 1;
        let topic = if mask > 0 { rules.people.topic(user) } else { 0 };
        let n_follows = graph.degree(user);
        let candidates = n_follows * if listed & UNREAD == 0 || rules.yesterday.is_none() { 1 } else { 2 };
        let mut word = 0;
        for (k, &time) in times.iter().enumerate() {
            if time >= PRESENT_BELOW {
                break;
            }
            if k % 4 == 0 {
                word = rules.draws.engaging.at(u64::from(user) * rules.engaging_words + (k / 4) as u64);
            }
            let sixteen = word as u32 & 0xffff;
            word >>= 16;
            let row = (time.to_bits() & ROW_MASK) as usize;
            self.n_shown += 1;
            if OWN && row >= own_from {
                self.seen.push(Seen { user, post: (row - own_from) as u8 });
                continue;
            }
            let followed = row < candidates;
            let page = if followed {
                let nth = if row >= n_follows { row - n_follows } else { row };
                graph.nth(user, rules.people, nth)
            } else {
                strange_page(rules, user, topic, (row - candidates) as u32)
            };
            let mut chance = u32::from(rules.engage16[page as usize]);
            if (page ^ topic) & mask != 0 {
                chance = (chance * rules.off_topic16) >> 16;
            }
            let engaged = u64::from(sixteen < chance);
            self.n_engaged += engaged;
            self.counts[page as usize] += 1 + (engaged << 32);
            if followed && rules.counts_own_engaged {
                self.own_engaged[page as usize] += engaged as u32;
            }
        }
    }

    /// Posts that were not shown may be lifted into the visit.
    fn lift(&mut self, rules: &Rules<'_>, listed: u32, times: &[f32], own_from: usize) {
        let Some(own) = rules.own.as_ref().filter(|own| own.lifted16 > 0) else { return };
        let shown = times
            .iter()
            .take_while(|time| **time < PRESENT_BELOW)
            .filter_map(|time| ((time.to_bits() & ROW_MASK) as usize).checked_sub(own_from))
            .fold(0_u32, |shown, post| shown | 1 << post);
        let user = listed & !UNREAD;
        let factor = own.by_standing[own.standing[user as usize] as usize];
        let n = if listed & UNREAD == 0 { own.n_today } else { own.posts.len() };
        for post in (0..n).filter(|post| shown & (1 << post) == 0 && factor.is_finite()) {
            let word = rules.draws.own_taste.at(u64::from(user) * OWN_POSTS_MAX as u64 + post as u64);
            if ((word >> 16) as u32 & 0xffff) < own.lifted16 {
                self.n_shown += 1;
                self.seen.push(Seen { user, post: post as u8 });
            }
        }
    }
}

/// The k-th page that a person does not follow but is offered: one of their topic, all alike.
fn strange_page(rules: &Rules<'_>, user: u32, topic: u32, k: u32) -> u32 {
    let word = rules.draws.strangers.at(u64::from(user) * u64::from(rules.strangers.div_ceil(2)) + u64::from(k / 2));
    let half = u64::from((word >> (32 * (k & 1))) as u32);
    let place = ((half * u64::from(rules.pages)) >> 32) as u32;
    let own = place - (place & (rules.topics - 1)) + topic;
    if own < rules.pages { own } else { own - rules.topics }
}
