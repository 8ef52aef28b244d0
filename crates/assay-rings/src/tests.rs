//! Planted rings are found and told apart; noise and communities are left alone.

use crate::block::Field;
use crate::judge::{Share, contrast, evenness};
use crate::moves::groups;
use crate::seeds::of_groups;
use crate::{Asked, Degrees, Times, find};
use assay_math::graph::{Bipartite, PairSlices, build};
use assay_math::{Random, Seed};
use assay_model::{Rings, silent};
use rand::RngExt;
use std::collections::{BTreeMap, BTreeSet};

/// Days of a made graph.
const DAYS: f64 = 700.0;
const SOURCES: u32 = 4000;
const TARGETS: u32 = 3000;

/// A made graph: activity and popularity with long tails, communities with a core and a fringe, and bursts of attention.
struct Made {
    random: Random,
    edges: BTreeMap<(u32, u32), f64>,
    bursts: BTreeMap<u32, f64>,
}

/// A planted ring: its sources, and when it acted, in days.
struct Plant {
    sources: BTreeSet<u32>,
    from: f64,
    to: f64,
}

impl Made {
    fn new(seed: u64, n_communities: u32) -> Self {
        let mut made = Self { random: Seed(seed).random(), edges: BTreeMap::new(), bursts: BTreeMap::new() };
        for _ in 0..30_000 {
            let (s, t) = (made.skewed(SOURCES), made.skewed(TARGETS));
            made.link(s, t);
        }
        for k in 0..n_communities {
            let (first_s, first_t) = (k * 150 % SOURCES, k * 110 % TARGETS);
            for _ in 0..900 {
                // In a community too, few do most and few get most.
                let (s, t) = (made.skewed(80), made.skewed(60));
                made.link((first_s + s) % SOURCES, (first_t + t) % TARGETS);
            }
        }
        made
    }

    /// A number below `n`, the low ones far more often.
    fn skewed(&mut self, n: u32) -> u32 {
        let u: f64 = self.random.random();
        (f64::from(n) * u * u * u) as u32
    }

    fn link(&mut self, s: u32, t: u32) {
        let (half, day): (bool, f64) = (self.random.random(), self.random.random());
        let burst = *self.bursts.entry(t).or_insert_with(|| f64::from(t * 7919 % 700));
        let at = if half { (burst + 5.0 * day).min(DAYS) } else { DAYS * day };
        self.edges.entry((s, t)).or_insert(at);
    }

    /// Plants a ring of new sources on targets half of which are new, each with as many edges again elsewhere.
    fn plant(&mut self, number: u32, n_sources: u32, n_targets: u32, density: f64) -> Plant {
        let from = 100.0 + 60.0 * f64::from(number);
        let (first_s, first_t) = (SOURCES + 1000 * number, TARGETS + 1000 * number);
        let targets: Vec<u32> = (0..n_targets)
            .map(|k| if k % 2 == 0 { first_t + k } else { self.random.random_range(0..TARGETS) })
            .collect();
        let sources: BTreeSet<u32> = (first_s..first_s + n_sources).collect();
        for &s in &sources {
            for &t in &targets {
                if self.random.random::<f64>() < density {
                    let at = from + 12.0 * self.random.random::<f64>();
                    self.edges.insert((s, t), at);
                    let elsewhere = self.skewed(TARGETS);
                    self.link(s, elsewhere);
                }
            }
        }
        Plant { sources, from, to: from + 12.0 }
    }

    fn graph(&self) -> (Bipartite, Times) {
        let sources: Vec<u32> = self.edges.keys().map(|e| e.0).collect();
        let targets: Vec<u32> = self.edges.keys().map(|e| e.1).collect();
        let n = |all: &[u32]| all.iter().max().map_or(0, |m| m + 1);
        let mut pairs = PairSlices { sources: &sources, targets: &targets };
        let built = build(n(&sources), n(&targets), &mut pairs, None, &mut silent).expect("nobody stops it");
        // Pairs are ascending, as the edges of a graph are.
        let at = self.edges.values().map(|day| (day * 86_400.0) as u32).collect();
        (built.graph, Times { at, origin_s: 1_600_000_000 })
    }

    /// The same degrees, edges drawn anew, times shuffled.
    fn shuffled(mut self) -> Self {
        let mut edges: Vec<((u32, u32), f64)> = std::mem::take(&mut self.edges).into_iter().collect();
        for i in (1..edges.len()).rev() {
            let (j, k) = (self.random.random_range(0..=i), self.random.random_range(0..=i));
            let (a, b) = (edges[i].0.1, edges[j].0.1);
            (edges[i].0.1, edges[j].0.1) = (b, a);
            let (a, b) = (edges[i].1, edges[k].1);
            (edges[i].1, edges[k].1) = (b, a);
        }
        self.edges = edges.into_iter().collect();
        self
    }
}

const ASKED: Asked = Asked { seed: Seed(1), fdr: 0.05 };

fn rings(graph: &Bipartite, times: Option<&Times>) -> Rings {
    find(graph, times, &ASKED, &mut silent).expect("nobody stops it")
}

/// How well the best of the rings matches a plant: the Jaccard index of their sources.
fn match_of(rings: &Rings, plant: &Plant) -> f64 {
    let jaccard = |ring: &assay_model::Ring| {
        let both = ring.sources.iter().filter(|m| plant.sources.contains(&m.account)).count();
        both as f64 / (ring.sources.len() + plant.sources.len() - both) as f64
    };
    rings.rings.iter().map(jaccard).fold(0.0, f64::max)
}

#[test]
fn planted_rings_are_found_through_camouflage_and_nothing_else_is() {
    for seed in 1..4 {
        let mut made = Made::new(seed, 8);
        let plants = [made.plant(0, 80, 40, 0.3), made.plant(1, 60, 40, 0.5)];
        let (graph, times) = made.graph();
        for times in [None, Some(&times)] {
            let found = rings(&graph, times);
            for plant in &plants {
                let matched = match_of(&found, plant);
                assert!(matched > 0.95, "seed {seed}, times {}: {matched}", times.is_some());
            }
            assert_eq!(found.rings.len(), plants.len(), "seed {seed}, times {}", times.is_some());
        }
    }
}

/// A hijacked account with 250 edges of its own belongs by the twelve that it has in the ring; others' habits would bring it one or
/// two. With the ring's own edges counted among those habits they would bring it nine.
#[test]
fn an_account_that_does_much_else_belongs_too() {
    for seed in 1..4 {
        let mut made = Made::new(seed, 8);
        let plant = made.plant(0, 80, 40, 0.3);
        for &busy in plant.sources.iter().take(3) {
            for target in (0..TARGETS).step_by(12) {
                made.link(busy, target);
            }
        }
        let (graph, _) = made.graph();
        let found = rings(&graph, None);
        assert_eq!(match_of(&found, &plant), 1.0, "seed {seed}");
    }
}

#[test]
fn with_times_a_thin_small_ring_is_found_and_its_window_holds_it() {
    for seed in 1..4 {
        let mut made = Made::new(seed, 8);
        let plant = made.plant(2, 40, 30, 0.2);
        let (graph, times) = made.graph();
        let found = rings(&graph, Some(&times));
        assert!(match_of(&found, &plant) > 0.9, "seed {seed}: {}", match_of(&found, &plant));
        let window = found.rings[0].window.expect("times are known");
        let day = |s: i64| (s - 1_600_000_000) as f64 / 86_400.0;
        assert!(day(window.from_s) < plant.from + 0.5 && day(window.to_s) > plant.to - 0.5, "seed {seed}: {window:?}");
        assert!(
            day(window.from_s) > plant.from - 10.0 && day(window.to_s) < plant.to + 10.0,
            "seed {seed}: {window:?}"
        );
    }
}

#[test]
fn communities_are_set_aside_and_shuffles_hold_nothing() {
    let mut n_set_aside = 0;
    for seed in 1..5 {
        let (graph, times) = Made::new(seed, 10).graph();
        for times in [None, Some(&times)] {
            let found = rings(&graph, times);
            assert_eq!(found.rings.len(), 0, "seed {seed}: a community is called a ring");
            n_set_aside += found.n_set_aside;
        }
        let (graph, times) = Made::new(seed, 10).shuffled().graph();
        assert_eq!(rings(&graph, Some(&times)).rings.len(), 0, "seed {seed}: a shuffle holds a ring");
    }
    assert!(n_set_aside > 0, "communities are denser than chance");
}

#[test]
fn counts_between_narrow_bounds_are_even_in_any_group() {
    let all = |n: u32, least: u32| vec![Share { n, least }; 40];
    let wide = evenness(all(12, 2), 60);
    assert!(wide > 5.0, "{wide}");
    // Drawn for having four of five, they can only have four or five.
    let narrow = evenness([all(4, 4), all(5, 4)].concat(), 5);
    assert!(narrow.abs() < 1.0, "{narrow}");
    let uneven = evenness((0..40).map(|i| Share { n: 2 + i % 8 * 4, least: 2 }).collect(), 60);
    assert!(uneven < 0.0, "{uneven}");
}

#[test]
fn a_target_whose_audience_is_elsewhere_never_speaks_for_a_ring() {
    assert!((2..1000).step_by(7).all(|d| contrast(d / 3, d) <= 0.0));
    assert!(contrast(20, 20) > 1.0 && contrast(19, 20) > contrast(15, 20));
}

#[test]
fn like_products_side_by_side_are_not_one_ring() {
    // Twice two products in two variants, each pair with its own buyers; one bought of both.
    let mut made = Made::new(6, 0);
    for pair in 0..2 {
        for buyer in 0..40 {
            for variant in 0..2 {
                made.edges.insert((SOURCES + 40 * pair + buyer, TARGETS + 2 * pair + variant), 100.0);
            }
        }
    }
    made.edges.insert((SOURCES, TARGETS + 3), 100.0);
    let (graph, _) = made.graph();
    assert_eq!(rings(&graph, None).rings, []);
}

#[test]
fn accounts_that_share_two_targets_are_a_ring_if_times_say_so() {
    for (days, n_expected) in [(0.5, 1), (DAYS, 0)] {
        let mut made = Made::new(7, 4);
        for k in 0..60 {
            let day: f64 = made.random.random();
            for target in [TARGETS + 1, TARGETS + 2] {
                made.edges.insert((SOURCES + k, target), days * day);
            }
        }
        let (graph, times) = made.graph();
        assert_eq!(rings(&graph, None).rings.len(), 0, "two variants of one product have the same buyers");
        let found = rings(&graph, Some(&times)).rings;
        let whole = found.iter().filter(|ring| ring.sources.len() == 60 && ring.targets.len() == 2).count();
        assert_eq!(whole, n_expected, "within {days} days");
    }
}

#[test]
fn accounts_with_one_edge_are_attached_by_burst_and_stay_apart() {
    let mut made = Made::new(5, 0);
    let plant = made.plant(0, 80, 30, 0.4);
    let target = TARGETS + 2;
    let first = SOURCES + 500;
    for k in 0..40 {
        made.edges.insert((first + k, target), plant.from + 0.25 * f64::from(k));
    }
    let (graph, times) = made.graph();
    let found = rings(&graph, Some(&times));
    let ring = &found.rings[0];
    let singles: Vec<u32> = ring.singles.iter().map(|m| m.account).collect();
    let hit = singles.iter().filter(|s| (first..first + 40).contains(s)).count();
    assert!(hit >= 35 && singles.len() <= 45, "{singles:?}");
    assert!(ring.sources.iter().all(|m| plant.sources.contains(&m.account)));
}

#[test]
fn empty_and_tiny_graphs_hold_no_ring_and_a_stop_stops() {
    for edges in [&[][..], &[(0, 0)], &[(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]] {
        let (sources, targets): (Vec<u32>, Vec<u32>) = edges.iter().copied().unzip();
        let mut pairs = PairSlices { sources: &sources, targets: &targets };
        let graph = build(3, 2, &mut pairs, None, &mut silent).expect("nobody stops it").graph;
        let times = Times { at: vec![0; edges.len()], origin_s: 0 };
        assert_eq!(rings(&graph, Some(&times)), Rings { n_tested: 0, ..Rings::default() });
    }
    let (graph, times) = Made::new(1, 1).graph();
    let mut calls = 0;
    let stopped = find(&graph, Some(&times), &ASKED, &mut |_, _| {
        calls += 1;
        if calls > 5 { assay_model::Go::Stop } else { assay_model::Go::On }
    });
    assert!(stopped.is_err());
}

#[test]
fn the_same_input_gives_the_same_rings() {
    let mut made = Made::new(9, 4);
    made.plant(0, 50, 30, 0.4);
    let (graph, times) = made.graph();
    assert_eq!(rings(&graph, Some(&times)), rings(&graph, Some(&times)));
}

/// What pruning left of accounts that had three billion edges each: two of them have more than 32 bits count.
#[test]
fn sums_of_degrees_in_the_whole_graph_may_pass_32_bits() {
    let (sources, targets): (Vec<u32>, Vec<u32>) = (0..40).map(|k| (k / 5, k % 5)).unzip();
    let graph =
        build(8, 5, &mut PairSlices { sources: &sources, targets: &targets }, None, &mut silent).expect("built");
    let degrees = Degrees { sources: vec![3_000_000_000; 8], targets: vec![10; 5], n_edges: 1_000_000_000_000 };
    let field = Field::pruned(&graph.graph, &degrees);
    let levels = groups(&field, 2.0, &mut silent).expect("nobody stops it");
    assert_eq!(levels.last().map(|level| level.n), Some(1));
    assert_eq!(of_groups(&field, &levels[levels.len() - 1]), (vec![(0..8).collect()], 0));
}
