//! The simulator by agents: every person on the platform opens the app or not, is shown posts and engages; every bought account
//! arrives, looks and is lost on its own.
//!
//! State is columns. A day is: the page's books open; followers' standing is laid down; the other pages turn to the day; the people
//! are visited in stretches, one a thread, each with counters of its own, which are added up afterwards (whole numbers, so that
//! their order does not matter); then followers, strangers and bought accounts engage. Randomness is addressed by (seed, stream,
//! day, person), so the same seed gives the same rows at any number of threads.
//!
//! Costs O(users * candidates) a day; memory is 1 byte a person, 24 a page, and the graph where it is stored.

mod page;
mod visits;
mod wide;

use super::authors::{Authors, Scoring};
use super::cohorts::Backdrop;
use super::graph::{FollowTable, Graph, page_share};
use super::ledger::Ledger;
use super::noise::{Counted, Stream, of_16_bits};
use super::people::People;
use super::policies::{Policy, Prior, Rank};
use super::record::{Platform, Run};
use super::scenario::{GraphKind, Scenario};
use super::settled::Settled;
use assay_math::Seed;
use assay_model::{Go, Stopped, Tick};
use page::OwnPage;
use rayon::prelude::*;
pub(crate) use visits::ROWS_MAX;
use visits::{Draws, Own, Rules, Seen, Tally};

/// The table of follows, where the scenario asks for it.
pub(crate) fn table_of<'a>(scenario: &Scenario, table: Option<&'a FollowTable>) -> Option<&'a FollowTable> {
    table.filter(|_| scenario.platform.graph == GraphKind::Edges)
}

/// The people of a platform, whom they follow, the other pages, and the counters of each thread.
#[derive(Debug)]
pub(super) struct World<'a> {
    scenario: &'a Scenario,
    policy: &'static Policy,
    scoring: Scoring,
    pub(super) people: People,
    graph: Graph,
    authors: Authors,
    tallies: Vec<Tally>,
    taste_words: u64,
    seed: Seed,
    /// What the platform did so far.
    pub(super) totals: Platform,
}

/// Plays a scenario out, of which [`super::check()`] has found no fault; `table` holds the follows where the scenario asks for
/// them. The tick counts days. `None` where the policy is unknown.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn agents(
    scenario: &Scenario,
    table: Option<&FollowTable>,
    seed: Seed,
    tick: &mut Tick<'_>,
) -> Result<Option<Run>, Stopped> {
    let Some(policy) = Policy::of(&scenario.platform.policy) else { return Ok(None) };
    let scoring = Scoring::new(scenario, policy);
    let people = People::new(scenario, seed);
    let graph = Graph::new(scenario, table_of(scenario, table), &people, seed);
    let backdrop = Backdrop::of_graph(scenario, policy, scoring, &graph, &people);
    let mut world = World::new(scenario, policy, people, graph, &backdrop, seed);
    let ledger = Ledger::new(scenario, policy, scoring, backdrop.settled(), seed);
    let mut page = OwnPage::new(ledger, &world.people, seed);
    for day in 0..scenario.days {
        if tick(u64::from(day), u64::from(scenario.days)) == Go::Stop {
            return Err(Stopped);
        }
        page.begin(day, &world.people);
        world.turn(day);
        let seen = world.visit(day, page.own());
        page.end(day, &world.people, &seen, backdrop.settled());
    }
    let mut run = page.into_run();
    run.platform = world.totals;
    Ok(Some(run))
}

impl<'a> World<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        policy: &'static Policy,
        people: People,
        graph: Graph,
        backdrop: &Backdrop,
        seed: Seed,
    ) -> Self {
        let p = &scenario.platform;
        let scoring = Scoring::new(scenario, policy);
        let follows = p.users as f64 * f64::from(p.follows);
        let followers: Vec<f32> = match graph.followers(p.pages).filter(|_| p.graph != GraphKind::Procedural) {
            Some(measured) => measured.into_iter().map(|n| n as f32).collect(),
            None => (0..p.pages).map(|i| (follows * page_share(scenario, i).0) as f32).collect(),
        };
        let settled: &Settled = backdrop.settled();
        let each = followers.clone();
        let chance = Counted::new(seed, Stream::Memory, 0);
        let mut authors = Authors::new(scenario, scoring, followers, settled.usual, |place, quality, style| {
            let followers = f64::from(each[place as usize]);
            let learned = settled.learned(place, followers, quality, style);
            let memory = Settled::remembered(&policy.prior, learned.rate, learned.impressions);
            memory.by_chance(&policy.prior, followers, &mut chance.random(u64::from(place)))
        });
        // The day before the first, whose posts some have not read.
        authors.turn(seed, u32::MAX);
        let counts_own = matches!(policy.prior, Prior::PerFollower { .. });
        let threads = rayon::current_num_threads().max(1);
        let most = graph.most();
        Self {
            scenario,
            policy,
            scoring,
            taste_words: (2 * most.div_ceil(4) + p.out_of_network.div_ceil(4) as usize) as u64,
            people,
            graph,
            authors,
            tallies: (0..threads).map(|_| Tally::new(p.pages as usize, counts_own)).collect(),
            seed,
            totals: Platform::default(),
        }
    }

    /// Turns the other pages to a day.
    pub(super) fn turn(&mut self, day: u32) {
        self.authors.turn(self.seed, day);
    }

    /// Visits everybody, and has the other pages learn; hands back who saw the page's posts, in order of person.
    pub(super) fn visit(&mut self, day: u32, own: Option<Own<'_>>) -> Vec<Seen> {
        let p = &self.scenario.platform;
        let shows_all = self.policy.rank == Rank::Newest;
        let two_days = p.window_h > 24;
        let of = |stream| Counted::new(self.seed, stream, day);
        let rules = Rules {
            graph: &self.graph,
            people: &self.people,
            slots: p.slots as usize,
            shows_all,
            strangers: if shows_all { 0 } else { p.out_of_network },
            pages: p.pages,
            topics: p.topics,
            strange: self.scoring.factor(self.policy.out_of_network) as f32,
            off_topic: self.scoring.liking(p.off_topic) as f32,
            off_topic16: of_16_bits(p.off_topic),
            today: &self.authors.today,
            yesterday: two_days.then_some(&self.authors.yesterday[..]),
            engage16: &self.authors.engage16,
            taste_words: self.taste_words,
            engaging_words: if shows_all { ROWS_MAX as u64 / 4 } else { u64::from(p.slots.div_ceil(4)) },
            counts_own_engaged: matches!(self.policy.prior, Prior::PerFollower { .. }),
            draws: Draws {
                opening: of(Stream::Opening),
                opening_before: two_days.then(|| Counted::new(self.seed, Stream::Opening, day.wrapping_sub(1))),
                taste: of(Stream::Taste),
                engaging: of(Stream::Engaging),
                strangers: of(Stream::Strangers),
                own_taste: of(Stream::OwnTaste),
            },
            own,
        };
        let users = p.users as u32;
        let n = self.tallies.len() as u32;
        let stretch = users.div_ceil(n);
        self.tallies.par_iter_mut().enumerate().for_each(|(i, tally)| {
            let from = (i as u32 * stretch).min(users);
            tally.visit(&rules, from..users.min(from.saturating_add(stretch)));
        });
        let seen: Vec<Seen> = self.tallies.iter().flat_map(|t| t.seen.iter().copied()).collect();
        self.learn(seen.len() as u64);
        seen
    }

    /// Adds the threads' counters up, and lets the other pages learn.
    fn learn(&mut self, n_own_shown: u64) {
        let (first, others) = self.tallies.split_at_mut(1);
        let first = &mut first[0];
        for other in others {
            first.add(other);
        }
        self.authors.learn(&first.counts, &first.own_engaged);
        let t = &mut self.totals;
        t.n_visits += first.n_visits;
        t.n_shown += first.n_shown;
        t.n_engaged += first.n_engaged;
        t.n_shown_by_page += n_own_shown + first.counts.iter().map(|c| c & 0xffff_ffff).sum::<u64>();
        t.n_engaged_by_page += first.counts.iter().map(|c| c >> 32).sum::<u64>();
    }
}
