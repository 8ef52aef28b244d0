//! How likely a visit shows a post: the law of the other candidates of a visit.
//!
//! A candidate shows up at the time `U * slowness`, and a visit shows the `slots` earliest. With S(t) = P(fewer than `slots` others
//! are up by t), a post of slowness s is shown with the chance
//!
//! ```text
//! P(s) = integral over u in 0..1 of S(u s)  =  C(s) / s,   C(s) = integral of S from 0 to s
//! ```
//!
//! On a computed graph the candidates of a visit are independent draws from the other pages, and the number that is up by t has
//! the law of a power of a polynomial. On a graph that is stored, the law is averaged over people whose follows are looked at
//! one by one, so that what a busy follower follows besides is in it.

/// Grid of times: logarithms from e^-12 to e^9 in steps of .08.
const LOG_FROM: f64 = -12.0;
const LOG_STEP: f64 = 0.08;
const N_GRID: usize = 264;
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

/// How likely visits show a post.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    /// For read and unread visits.
    laws: [Law; 2],
}

#[derive(Debug, Clone, Default)]
struct Law {
    /// By time and by number of others: chance that fewer than `slots` less that number are up.
    survival: Vec<[f64; OTHERS_MAX + 1]>,
    /// Integral of the first from 0.
    area: Vec<f64>,
}

/// Other pages that compete in a visit, as columns: how often each kind is among the candidates, and how fast it shows up.
#[derive(Debug, Clone, Default)]
pub(super) struct Rivals {
    /// Share of the follows, summing to 1.
    pub(super) followed: Vec<f64>,
    /// 1 over the slowness, of today.
    pub(super) speed: Vec<f64>,
    /// How many follows a person has besides.
    pub(super) n: u32,
}

/// What is the same in every visit.
#[derive(Debug, Clone, Default)]
pub(super) struct Visit {
    pub(super) slots: usize,
    /// Chance that a page posts on a day.
    pub(super) posts: f64,
    /// Factor on the slowness of a post of yesterday.
    pub(super) older: f64,
    /// Candidates from pages not followed, the share of each kind and its speed.
    pub(super) n_offered: u32,
    pub(super) offered: Vec<f64>,
    pub(super) offered_speed: Vec<f64>,
}

/// A person whose follows are known.
#[derive(Debug, Clone)]
pub(super) struct Follower {
    /// How much they count for.
    pub(super) weight: f64,
    /// Speed of each page followed, of today.
    pub(super) speeds: Vec<f64>,
}

fn time(i: usize) -> f64 {
    (LOG_FROM + LOG_STEP * i as f64).exp()
}

impl Field {
    /// The field where everybody's follows are independent draws from the same kinds.
    pub(super) fn of_draws(visit: &Visit, rivals: &Rivals) -> Self {
        Self::by_time(visit, |t, offered| {
            let (mut a, mut b, mut ab) = (0.0, 0.0, 0.0);
            for (share, speed) in rivals.followed.iter().zip(&rivals.speed) {
                let (up, up_older) = ((t * speed).min(1.0), (t / visit.older * speed).min(1.0));
                a += share * up;
                b += share * up_older;
                ab += share * up * up_older;
            }
            let (a, b, ab) = (a * visit.posts, b * visit.posts, ab * visit.posts * visit.posts);
            let one = [[1.0 - a, a, 0.0], [1.0 - a - b + ab, a + b - 2.0 * ab, ab]];
            one.map(|one| below(&product(&power(&one, rivals.n, visit.slots), offered, visit.slots), visit.slots))
        })
    }

    /// The field averaged over people.
    pub(super) fn of_followers(visit: &Visit, followers: &[Follower]) -> Self {
        let total: f64 = followers.iter().map(|f| f.weight).sum::<f64>().max(1e-300);
        let mut terms: [Vec<f64>; 2] = Default::default();
        Self::by_time(visit, |t, offered| {
            let mut mean = [[0.0; OTHERS_MAX + 1]; 2];
            for follower in followers {
                for terms in &mut terms {
                    terms.clear();
                    terms.extend_from_slice(offered);
                }
                for speed in &follower.speeds {
                    let up = visit.posts * (t * speed).min(1.0);
                    for terms in &mut terms {
                        join(terms, up, visit.slots);
                    }
                    join(&mut terms[1], visit.posts * (t / visit.older * speed).min(1.0), visit.slots);
                }
                for (mean, terms) in mean.iter_mut().zip(&terms) {
                    for (sum, s) in mean.iter_mut().zip(below(terms, visit.slots)) {
                        *sum += follower.weight / total * s;
                    }
                }
            }
            mean
        })
    }

    fn by_time(visit: &Visit, mut at: impl FnMut(f64, &[f64]) -> [[f64; OTHERS_MAX + 1]; 2]) -> Self {
        let mut laws: [Law; 2] = Default::default();
        for i in 0..N_GRID {
            let t = time(i);
            let up: f64 =
                visit.offered.iter().zip(&visit.offered_speed).map(|(share, speed)| share * (t * speed).min(1.0)).sum();
            let o = visit.posts * up;
            let offered = power(&[1.0 - o, o], visit.n_offered, visit.slots);
            for (law, survival) in laws.iter_mut().zip(at(t, &offered)) {
                law.survival.push(survival);
            }
        }
        laws.iter_mut().for_each(Law::integrate);
        Self { laws }
    }

    /// The chance that a visit shows each of a page's posts of these slownesses, where yesterday is read or unread.
    pub(crate) fn shown(&self, unread: bool, slowness: &[f64]) -> Vec<f64> {
        let law = &self.laws[usize::from(unread)];
        if let [one] = slowness {
            return vec![if one.is_finite() { law.alone(*one).clamp(0.0, 1.0) } else { 0.0 }];
        }
        let n_others = slowness.len().saturating_sub(1).min(OTHERS_MAX);
        let shown = |(i, &slow): (usize, &f64)| {
            if !slow.is_finite() {
                return 0.0;
            }
            let at_node = |(node, weight): &(f64, f64)| {
                let t = node * slow;
                let mut others = [0.0; OTHERS_MAX + 1];
                others[0] = 1.0;
                for (_, other) in slowness.iter().enumerate().filter(|(j, s)| *j != i && s.is_finite()) {
                    let up = (t / other).min(1.0);
                    for x in (1..=n_others).rev() {
                        others[x] = others[x] * if x == OTHERS_MAX { 1.0 } else { 1.0 - up } + others[x - 1] * up;
                    }
                    others[0] *= 1.0 - up;
                }
                weight * law.after(t, &others[..=n_others])
            };
            NODES.iter().map(at_node).sum::<f64>().clamp(0.0, 1.0)
        };
        slowness.iter().enumerate().map(shown).collect()
    }
}

/// By number of others: the chance that fewer than `slots` less that number are up.
fn below(terms: &[f64], slots: usize) -> [f64; OTHERS_MAX + 1] {
    std::array::from_fn(|x| terms.iter().take(slots.saturating_sub(x)).sum::<f64>().min(1.0))
}

impl Law {
    fn place(t: f64) -> (usize, f64) {
        let at = ((t.ln() - LOG_FROM) / LOG_STEP).clamp(0.0, (N_GRID - 1) as f64 - 1e-9);
        (at as usize, at.fract())
    }

    /// Integrates S dt = S t d(ln t) by cubics through four points: the error is of the fourth order in the step.
    fn integrate(&mut self) {
        let f: Vec<f64> = self.survival.iter().enumerate().map(|(i, s)| s[0] * time(i)).collect();
        // Before the grid S hardly changes; behind it, it is as good as 0.
        let before = self.survival[0][0] * time(0) * (-LOG_STEP).exp();
        let at = |i: isize| if i < 0 { before } else { f[i.min(N_GRID as isize - 1) as usize] };
        // Until the first point everything is shown.
        let mut area = time(0);
        self.area.push(area);
        for i in 0..N_GRID as isize - 1 {
            area += LOG_STEP / 24.0 * (13.0 * (at(i) + at(i + 1)) - at(i - 1) - at(i + 2));
            self.area.push(area);
        }
    }

    /// S at t where others of the page's posts are up by these chances; between points by a cubic.
    fn after(&self, t: f64, others: &[f64]) -> f64 {
        let (i, part) = Self::place(t);
        let at = |i: usize| others.iter().zip(&self.survival[i]).map(|(p, s)| p * s).sum::<f64>();
        let (b, c) = (at(i), at((i + 1).min(N_GRID - 1)));
        if b - c < 1e-6 {
            return b + part * (c - b);
        }
        let (a, d) = (at(i.saturating_sub(1)), at((i + 2).min(N_GRID - 1)));
        // Catmull and Rom (1974).
        let curve =
            b + 0.5 * part * (c - a + part * (2.0 * a - 5.0 * b + 4.0 * c - d + part * (3.0 * (b - c) + d - a)));
        curve.clamp(c, b)
    }

    /// P(s) = C(s) / s.
    fn alone(&self, slow: f64) -> f64 {
        if slow <= time(0) {
            return 1.0;
        }
        let (i, _) = Self::place(slow);
        if i + 1 >= N_GRID {
            return self.area[N_GRID - 1] / slow;
        }
        // C between points by the cubic of Hermite, as its slope S is known.
        let (t0, t1) = (time(i), time(i + 1));
        let (h, u) = (t1 - t0, ((slow - t0) / (t1 - t0)).min(1.0));
        let (s0, s1) = (self.survival[i][0] * h, self.survival[i + 1][0] * h);
        let rise = self.area[i + 1] - self.area[i];
        let area = self.area[i] + u * (s0 + u * (3.0 * rise - 2.0 * s0 - s1 + u * (s0 + s1 - 2.0 * rise)));
        area / slow
    }
}

/// Multiplies a polynomial by `1 - p + p x`, keeping the first terms.
fn join(terms: &mut Vec<f64>, p: f64, keep: usize) {
    if terms.len() < keep {
        terms.push(0.0);
    }
    for i in (1..terms.len()).rev() {
        terms[i] += p * (terms[i - 1] - terms[i]);
    }
    terms[0] -= p * terms[0];
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
    use super::{Field, Follower, NODES, Rivals, Visit, join, power, product};

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
    fn a_factor_joins_as_a_product_does() {
        let mut terms = vec![0.3, 0.7];
        join(&mut terms, 0.2, 2);
        let want = product(&[0.3, 0.7], &[0.8, 0.2], 2);
        assert!(terms.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    /// One slot and n others of the same slowness as the post: by symmetry each of n + 1 is the one shown. And where everybody
    /// follows the same pages, the average over people is the law of draws.
    #[test]
    fn one_slot_goes_to_each_alike() {
        for n in [1, 4, 19] {
            let visit = Visit { slots: 1, posts: 1.0, older: 1.0, ..Visit::default() };
            let draws = Field::of_draws(&visit, &Rivals { followed: vec![1.0], speed: vec![1.0], n });
            let people = Field::of_followers(&visit, &[Follower { weight: 2.0, speeds: vec![1.0; n as usize] }]);
            for (unread, rivals) in [(false, n), (true, 2 * n)] {
                let want = 1.0 / f64::from(rivals + 1);
                for field in [&draws, &people] {
                    let shown = field.shown(unread, &[1.0])[0];
                    assert!((shown / want - 1.0).abs() < 2e-3, "{n} {shown} {want}");
                }
            }
        }
    }
}
