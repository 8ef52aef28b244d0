//! The platform in its settled state: how likely a visit shows a post of a given score, and what the feed has long learned of
//! the other pages.
//!
//! A candidate shows up at the time `U * slowness`, and a visit shows the `slots` earliest. Candidates of one visit are
//! independent draws from the other pages, so that the number that is up by the time t is a sum of independent small counts,
//! whose law is a power of a polynomial. With S(t) = P(fewer than `slots` others are up by t), a post of slowness s is shown
//! with the chance
//!
//! ```text
//! P(s) = integral over u in 0..1 of S(u s)  =  C(s) / s,   C(s) = integral of S from 0 to s
//! ```
//!
//! which is exact for a computed graph of many pages, and costs nothing per person. What is learned of other pages is the fixed
//! point of "rate -> score -> shown -> rate". Limits: other pages count as so large that their rates hardly vary.

use super::authors::{Memory, Scoring, quality, quality_at, style};
use super::graph::{Graph, computed_share};
use super::policies::Prior;
use super::scenario::{GraphKind, Scenario, Style};

/// Grid of times: logarithms from e^-12 to e^9 in steps of .08.
const LOG_FROM: f64 = -12.0;
const LOG_STEP: f64 = 0.08;
const N_GRID: usize = 264;
/// Pages at the head that are taken one by one; the others by quantiles of quality and style.
const N_HEAD: u32 = 256;
/// Quantiles of quality.
const N_QUANTILES: usize = 24;
/// The most other posts of the same page that are reckoned with in a visit.
const OTHERS_MAX: usize = 8;
/// Nodes and weights of Gauss and Legendre's rule on 0..1, 12 points (Abramowitz and Stegun 1964, table 25.4).
const NODES: [(f64, f64); 12] = [
    (0.009_219_682_876_640_38, 0.023_587_668_193_255_91),
    (0.047_941_371_814_762_55, 0.053_469_662_997_659_21),
    (0.115_048_662_902_847_7, 0.080_039_164_271_673_11),
    (0.206_341_022_856_691_3, 0.101_583_713_361_532_96),
    (0.316_084_250_500_909_9, 0.116_746_268_269_177_4),
    (0.437_383_295_744_265_5, 0.124_573_522_906_701_39),
    (0.562_616_704_255_734_4, 0.124_573_522_906_701_39),
    (0.683_915_749_499_090_1, 0.116_746_268_269_177_4),
    (0.793_658_977_143_308_7, 0.101_583_713_361_532_96),
    (0.884_951_337_097_152_3, 0.080_039_164_271_673_11),
    (0.952_058_628_185_237_5, 0.053_469_662_997_659_21),
    (0.990_780_317_123_359_6, 0.023_587_668_193_255_91),
];

/// A class of other pages.
#[derive(Debug, Clone, Copy)]
struct Class {
    /// Share of the follows that go to it.
    followed: f64,
    /// Share of the pages offered to strangers that are of it.
    offered: f64,
    style: Style,
    quality: f64,
}

/// How likely visits show a post.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// For read and unread visits: a law for each class of followers by how many pages they follow, all of equal size.
    laws: [Vec<Law>; 2],
}

#[derive(Debug, Clone)]
struct Law {
    /// By time and by number of others: chance that fewer than `slots` less that number are up.
    survival: Vec<[f64; OTHERS_MAX + 1]>,
    /// Integral of the first from 0.
    area: Vec<f64>,
}

/// The settled platform.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub(crate) field: Field,
    /// The rate that an average page has.
    pub(crate) usual: f64,
    /// By style: logarithm of quality and of the rate that the feed has learned, in order of quality.
    rates: [Vec<(f64, f64)>; 4],
    /// Share of all visits in which the posts of yesterday are new.
    pub(crate) unread_share: f64,
    /// Chance that a page that is followed is of the follower's topic.
    pub(crate) own_topic_share: f64,
}

/// Chance that a followed page is on the follower's topic.
fn own_topic_share(scenario: &Scenario) -> f64 {
    let p = &scenario.platform;
    let by_chance = 1.0 / f64::from(p.topics);
    let homophily = if p.graph == GraphKind::Procedural { p.homophily_share } else { 0.0 };
    homophily + (1.0 - homophily) * by_chance
}

fn classes(scenario: &Scenario, graph: Option<&Graph>) -> Vec<Class> {
    let pages = scenario.platform.pages;
    let measured = graph.filter(|_| scenario.platform.graph != GraphKind::Procedural).and_then(|g| g.followers(pages));
    let total: f64 = measured.iter().flatten().map(|n| f64::from(*n)).sum();
    let share = |place: u32| match &measured {
        Some(followers) => f64::from(followers[place as usize]) / total.max(1.0),
        None => computed_share(place, pages),
    };
    let mut order: Vec<u32> = match &measured {
        Some(followers) => {
            let mut order: Vec<u32> = (0..pages).collect();
            order.sort_by_key(|p| std::cmp::Reverse(followers[*p as usize]));
            order
        }
        None => (0..pages.min(N_HEAD)).collect(),
    };
    order.truncate(N_HEAD as usize);
    let mut classes: Vec<Class> = order
        .iter()
        .map(|&place| Class {
            followed: share(place),
            offered: 1.0 / f64::from(pages),
            style: style(place),
            quality: quality(scenario, place),
        })
        .collect();
    let head: f64 = classes.iter().map(|c| c.followed).sum();
    let rest = f64::from(pages.saturating_sub(N_HEAD)) / f64::from(pages);
    let n = (N_QUANTILES * 4) as f64;
    for quantile in 0..N_QUANTILES {
        let quality = quality_at(scenario, (quantile as f64 + 0.5) / N_QUANTILES as f64);
        for style in Style::ALL {
            classes.push(Class { followed: (1.0 - head).max(0.0) / n, offered: rest / n, style, quality });
        }
    }
    classes
}

impl Settled {
    /// Finds the settled state. The graph is looked at only where it is not computed from a hash. Costs do not grow with the
    /// platform where it is.
    pub(crate) fn new(scenario: &Scenario, scoring: Scoring, graph: Option<&Graph>) -> Self {
        let classes = classes(scenario, graph);
        let degrees = graph.map_or_else(|| vec![f64::from(scenario.platform.follows)], Graph::degrees);
        let p = &scenario.platform;
        let opens = scenario.mean_opens_share().max(1e-9);
        let unread = p.activity.iter().map(|a| a.share * a.opens_share * (1.0 - a.opens_share)).sum::<f64>() / opens;
        let own = own_topic_share(scenario);
        let start = |c: &Class| (c.quality * (own + (1.0 - own) * p.off_topic)).ln();
        let mut rates: Vec<f64> = classes.iter().map(start).collect();
        let n_head = classes.len() - N_QUANTILES * 4;
        let mut settled = Self {
            field: Field { laws: [Vec::new(), Vec::new()] },
            usual: 1.0,
            rates: std::array::from_fn(|_| Vec::new()),
            unread_share: if p.window_h > 24 { unread } else { 0.0 },
            own_topic_share: own,
        };
        let rounds = match scoring.policy().prior {
            Prior::None => 0,
            Prior::PerImpression { .. } => 6,
            Prior::PerFollower { .. } => 40,
        };
        let slow_at = |rates: &[f64]| {
            let usual = rates[n_head..].iter().map(|r| r.exp()).sum::<f64>() / (rates.len() - n_head) as f64;
            let slow =
                |(c, rate): (&Class, &f64)| scoring.slowness(c.style, c.quality) * scoring.prior(rate.exp(), usual);
            (usual, classes.iter().zip(rates).map(slow).collect::<Vec<f64>>())
        };
        for _ in 0..rounds {
            let (_, slow) = slow_at(&rates);
            // To a page, the others in a visit are one fewer.
            let field = Field::new(scenario, scoring, &classes, &slow, own, &degrees, 1.0);
            let mut moved = 0.0_f64;
            for (i, class) in classes.iter().enumerate() {
                let new = settled.rate(scenario, scoring, &field, class.quality, slow[i], opens).max(1e-12).ln();
                moved = moved.max((new - rates[i]).abs());
                // The higher the rate, the higher the score, the higher the rate, by a power below 1: it settles without damping.
                rates[i] = new;
            }
            if moved < 2e-4 {
                break;
            }
        }
        let (usual, slow) = slow_at(&rates);
        settled.usual = usual;
        settled.field = Field::new(scenario, scoring, &classes, &slow, own, &degrees, 0.0);
        for (class, rate) in classes[n_head..].iter().zip(&rates[n_head..]) {
            let at = Style::ALL.iter().position(|s| *s == class.style).unwrap_or(0);
            settled.rates[at].push((class.quality.ln(), *rate));
        }
        settled
    }

    /// The rate that the feed measures of a page whose posts are so slow.
    fn rate(&self, scenario: &Scenario, scoring: Scoring, field: &Field, quality: f64, slow: f64, opens: f64) -> f64 {
        let p = &scenario.platform;
        let policy = scoring.policy();
        let older = scoring.factor(policy.yesterday_factor());
        let seen = |slow: f64| {
            let read = field.shown(false, &[slow])[0];
            let unread = if self.unread_share > 0.0 {
                field.shown(true, &[slow])[0] + field.shown(true, &[slow * older])[0]
            } else {
                0.0
            };
            (1.0 - self.unread_share) * read + self.unread_share * unread
        };
        let own = self.own_topic_share;
        let (on, off) = (own * seen(slow), (1.0 - own) * seen(slow * scoring.liking(p.off_topic)));
        if matches!(policy.prior, Prior::PerFollower { .. }) {
            return quality * opens * (on + p.off_topic * off);
        }
        let slow_strange = slow * scoring.factor(policy.out_of_network);
        let strange = f64::from(p.out_of_network) / f64::from(p.follows) * field.shown(false, &[slow_strange])[0];
        quality * (on + p.off_topic * off + strange) / (on + off + strange).max(1e-300)
    }

    /// What the feed has learned of a page of this quality and style: its rate.
    pub(crate) fn learned(&self, quality: f64, style: Style) -> f64 {
        let table = &self.rates[Style::ALL.iter().position(|s| *s == style).unwrap_or(0)];
        let at = quality.ln();
        let upper = table.partition_point(|(q, _)| *q < at).clamp(1, table.len() - 1);
        let ((q0, r0), (q1, r1)) = (table[upper - 1], table[upper]);
        let slope = if q1 > q0 { (r1 - r0) / (q1 - q0) } else { 0.0 };
        (r0 + slope * (at - q0)).exp()
    }

    /// What is remembered of a page whose posts have long had this rate, with so many impressions a post.
    pub(crate) fn remembered(prior: &Prior, rate: f64, impressions_a_post: f64) -> Memory {
        let posts = 1.0 / (1.0 - Memory::keep(prior)).max(1e-9);
        match prior {
            Prior::PerFollower { .. } => Memory { engaged: rate * posts, base: posts },
            _ => Memory { engaged: rate * impressions_a_post * posts, base: impressions_a_post * posts },
        }
    }
}

impl Field {
    fn new(
        scenario: &Scenario,
        scoring: Scoring,
        classes: &[Class],
        slow: &[f64],
        own: f64,
        degrees: &[f64],
        spared: f64,
    ) -> Self {
        let p = &scenario.platform;
        let policy = scoring.policy();
        let (off, older) = (scoring.liking(p.off_topic), scoring.factor(policy.yesterday_factor()));
        let strange = scoring.factor(policy.out_of_network);
        let posts = (p.posts_a_day * 65_536.0).round() / 65_536.0;
        let slots = p.slots as usize;
        let mut laws: [Vec<Law>; 2] = std::array::from_fn(|_| {
            degrees
                .iter()
                .map(|_| Law { survival: Vec::with_capacity(N_GRID), area: Vec::with_capacity(N_GRID) })
                .collect()
        });
        // Shares and speeds as columns, so that the sums below are plain loops.
        let parts = || {
            let both = |(c, slow): (&Class, &f64)| {
                [(c.followed * own, 1.0 / slow), (c.followed * (1.0 - own), 1.0 / (slow * off))]
            };
            classes.iter().zip(slow).flat_map(both)
        };
        let shares: Vec<f64> = parts().map(|p| p.0 * posts).collect();
        let speeds: Vec<f64> = parts().map(|p| p.1).collect();
        let offers: Vec<f64> = classes.iter().map(|c| c.offered * posts).collect();
        let strange_speeds: Vec<f64> = slow.iter().map(|slow| 1.0 / (slow * strange)).collect();
        for i in 0..N_GRID {
            let t = (LOG_FROM + LOG_STEP * i as f64).exp();
            let (mut a, mut b, mut ab) = (0.0, 0.0, 0.0);
            for (share, speed) in shares.iter().zip(&speeds) {
                let (up, up_older) = ((t * speed).min(1.0), (t / older * speed).min(1.0));
                a += share * up;
                b += share * up_older;
                ab += share * posts * up * up_older;
            }
            let o: f64 = offers.iter().zip(&strange_speeds).map(|(share, speed)| share * (t * speed).min(1.0)).sum();
            let offered = power(&[1.0 - o, o], p.out_of_network, slots);
            let one = [[1.0 - a, a, 0.0], [1.0 - a - b + ab, a + b - 2.0 * ab, ab]];
            for (law, one) in laws.iter_mut().zip(one) {
                for (law, degree) in law.iter_mut().zip(degrees) {
                    let others = (degree - spared).max(0.0).round() as u32;
                    let n = product(&power(&one, others, slots), &offered, slots);
                    let mut survival = [0.0; OTHERS_MAX + 1];
                    for (x, chance) in survival.iter_mut().enumerate() {
                        *chance = n.iter().take(slots.saturating_sub(x)).sum::<f64>().min(1.0);
                    }
                    let area = match law.survival.last() {
                        None => t,
                        Some(last) => {
                            let before = (LOG_FROM + LOG_STEP * (i as f64 - 1.0)).exp();
                            law.area[i - 1] + (t - before) * 0.5 * (last[0] + survival[0])
                        }
                    };
                    law.survival.push(survival);
                    law.area.push(area);
                }
            }
        }
        Self { laws }
    }

    /// The chance that a visit shows each of a page's posts of these slownesses, where yesterday is read or unread.
    pub(crate) fn shown(&self, unread: bool, slowness: &[f64]) -> Vec<f64> {
        let laws = &self.laws[usize::from(unread)];
        let mut shown = vec![0.0; slowness.len()];
        for law in laws {
            if let [one] = slowness {
                shown[0] += if one.is_finite() { law.alone(*one) } else { 0.0 };
                continue;
            }
            for (i, &slow) in slowness.iter().enumerate().filter(|(_, s)| s.is_finite()) {
                for (node, weight) in NODES {
                    let t = node * slow;
                    let mut others = [0.0; OTHERS_MAX + 1];
                    others[0] = 1.0;
                    for (_, other) in slowness.iter().enumerate().filter(|(j, s)| *j != i && s.is_finite()) {
                        let up = (t / other).min(1.0);
                        for x in (1..=OTHERS_MAX).rev() {
                            others[x] = others[x] * if x == OTHERS_MAX { 1.0 } else { 1.0 - up } + others[x - 1] * up;
                        }
                        others[0] *= 1.0 - up;
                    }
                    let survival = law.at(t);
                    shown[i] += weight * others.iter().zip(survival).map(|(p, s)| p * s).sum::<f64>();
                }
            }
        }
        shown.iter().map(|p| (p / laws.len() as f64).clamp(0.0, 1.0)).collect()
    }
}

impl Law {
    fn place(t: f64) -> (usize, f64) {
        let at = ((t.ln() - LOG_FROM) / LOG_STEP).clamp(0.0, (N_GRID - 1) as f64 - 1e-9);
        (at as usize, at.fract())
    }

    fn at(&self, t: f64) -> [f64; OTHERS_MAX + 1] {
        let (i, part) = Self::place(t);
        std::array::from_fn(|x| self.survival[i][x] * (1.0 - part) + self.survival[i + 1][x] * part)
    }

    /// P(s) = C(s) / s.
    fn alone(&self, slow: f64) -> f64 {
        if slow <= LOG_FROM.exp() {
            return 1.0;
        }
        let (i, _) = Self::place(slow);
        let t = (LOG_FROM + LOG_STEP * i as f64).exp();
        (self.area[i] + (slow - t) * 0.5 * (self.survival[i][0] + self.at(slow)[0])) / slow
    }
}

/// The first `keep` terms of the product of two polynomials.
fn product(a: &[f64], b: &[f64], keep: usize) -> Vec<f64> {
    let mut c = vec![0.0; (a.len() + b.len()).saturating_sub(1).min(keep)];
    for (i, x) in a.iter().enumerate().filter(|(_, x)| **x != 0.0) {
        for (j, y) in b.iter().enumerate().take(c.len().saturating_sub(i)) {
            c[i + j] += x * y;
        }
    }
    c
}

/// The first `keep` terms of a polynomial's power, by squaring.
fn power(a: &[f64], mut n: u32, keep: usize) -> Vec<f64> {
    let mut result = vec![1.0];
    let mut square = a.to_vec();
    while n > 0 {
        if n & 1 == 1 {
            result = product(&result, &square, keep);
        }
        n >>= 1;
        if n > 0 {
            square = product(&square, &square, keep);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{NODES, Settled, power, product};
    use crate::feed::authors::Scoring;
    use crate::feed::policies::Policy;
    use crate::feed::scenario::Scenario;

    #[test]
    fn powers_are_binomial() {
        // (1/2 + x/2)^10, the first four terms: 1, 10, 45, 120 of 1,024.
        let terms = power(&[0.5, 0.5], 10, 4);
        for (term, want) in terms.iter().zip([1.0, 10.0, 45.0, 120.0]) {
            assert!((term - want / 1024.0).abs() < 1e-12);
        }
        assert_eq!(product(&[1.0, 2.0], &[3.0, 4.0], 9), [3.0, 10.0, 8.0]);
        assert_eq!(power(&[0.2, 0.8], 0, 3), [1.0]);
    }

    /// The rule integrates polynomials of degree 23 without error.
    #[test]
    fn nodes_integrate_powers() {
        for degree in [0, 1, 7, 23] {
            let sum: f64 = NODES.iter().map(|(x, w)| w * x.powi(degree)).sum();
            assert!((sum - 1.0 / f64::from(degree + 1)).abs() < 1e-12, "{degree}");
        }
    }

    #[test]
    fn a_slower_post_is_shown_less_and_all_slots_are_filled() {
        for id in ["x-2026", "per-impression", "per-follower"] {
            let scenario = Scenario::default();
            let scoring = Scoring::new(&scenario, Policy::of(id).expect("a policy"));
            let settled = Settled::new(&scenario, scoring, None);
            for unread in [false, true] {
                let chances: Vec<f64> =
                    (-40..40).map(|i| settled.field.shown(unread, &[(f64::from(i) / 4.0).exp()])[0]).collect();
                assert!(chances.windows(2).all(|w| w[0] >= w[1] - 1e-9), "{id} {chances:?}");
                assert!(chances[0] > 0.999 && chances[79] < 0.01, "{id}");
                // Two posts of one page stand in each other's way.
                let pair = settled.field.shown(unread, &[1.0, 1.0]);
                let alone = settled.field.shown(unread, &[1.0])[0];
                assert!(pair[0] < alone && pair[0] > 0.8 * alone, "{pair:?} {alone}");
            }
            assert!(
                settled.learned(0.06, crate::feed::scenario::Style::Talk)
                    > settled.learned(0.03, crate::feed::scenario::Style::Talk)
            );
        }
    }
}
