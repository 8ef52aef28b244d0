//! FEEDTOY-1: one small model on which simulators are compared for speed.
//!
//! `users` people follow 20 of `users / 100` pages each, in proportion to one over the root of a page's place; every page posts
//! daily. On a day half of the people open the app; each post among the pages that they follow is scored by
//! `rate * quality * taste`, where the rate is a moving average of what the page's posts got per impression and taste is one over
//! an even draw; the five highest are shown, and each is engaged with by a chance draw at its quality. It runs on the very
//! loop of the agents.

use super::agents::World;
use super::authors::Scoring;
use super::cohorts::Backdrop;
use super::graph::Graph;
use super::people::People;
use super::policies::Policy;
use super::record::Platform;
use super::scenario::{Activity, Scenario};
use assay_math::Seed;

/// The scenario of FEEDTOY-1 for so many people.
pub fn toy_scenario(users: u64) -> Scenario {
    let mut scenario = Scenario::default();
    let p = &mut scenario.platform;
    p.users = users;
    p.pages = (users / 100).max(20) as u32;
    p.follows = 20;
    p.slots = 5;
    p.out_of_network = 0;
    p.topics = 1;
    p.homophily_share = 0.0;
    p.window_h = 24;
    p.posts_a_day = 1.0;
    p.activity = vec![Activity { share: 1.0, opens_share: 0.5 }];
    "per-impression".clone_into(&mut p.policy);
    scenario.page.followers = 0;
    scenario
}

/// A toy that can be stepped.
#[derive(Debug)]
pub struct Toy<'a> {
    world: World<'a>,
    day: u32,
}

impl<'a> Toy<'a> {
    /// Sets the toy up. `None` where the scenario's policy is unknown.
    pub fn new(scenario: &'a Scenario, seed: Seed) -> Option<Self> {
        let policy = Policy::of(&scenario.platform.policy)?;
        let people = People::new(scenario, seed);
        let graph = Graph::new(scenario, None, &people, seed);
        let backdrop = Backdrop::of_graph(scenario, policy, Scoring::new(scenario, policy), &graph, &people);
        Some(Self { world: World::new(scenario, policy, people, graph, &backdrop, seed), day: 0 })
    }

    /// Goes a day on; hands back the totals since the start.
    pub fn step(&mut self) -> Platform {
        self.world.turn(self.day);
        self.world.visit(self.day, None);
        self.day += 1;
        self.world.totals
    }
}

#[cfg(test)]
mod tests {
    use super::{Toy, toy_scenario};
    use assay_math::Seed;

    #[test]
    fn half_open_the_app_and_see_five() {
        let scenario = toy_scenario(20_000);
        let mut toy = Toy::new(&scenario, Seed(1)).expect("a policy");
        toy.step();
        let total = toy.step();
        assert!((total.n_visits as f64 / 20_000.0 - 1.0).abs() < 0.03, "{total:?}");
        assert_eq!(total.n_shown, 5 * total.n_visits);
        assert_eq!((total.n_shown, total.n_engaged), (total.n_shown_by_page, total.n_engaged_by_page));
        let rate = total.n_engaged as f64 / total.n_shown as f64;
        assert!(rate > 0.03 && rate < 0.08, "those shown are better than the mean of .03: {rate}");
    }
}
