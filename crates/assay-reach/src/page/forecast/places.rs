//! Recalibration of a prediction by where earlier posts fell in theirs (Dawid 1984).

/// As how many posts that lie evenly the posts before are held against, from little to much.
const EVEN_POSTS: [f64; 4] = [20.0, 60.0, 200.0, 1_000.0];
/// What share of the places of earlier posts counts a post later.
const PLACES_KEPT: f64 = 0.998;
/// What share of how well each strength of recalibration did counts a post later.
const GAINS_KEPT: f64 = 0.99;

/// Where earlier posts fell, as a smooth distribution on 0..1 that even places hold close to the identity.
#[derive(Debug)]
pub(super) struct Places {
    /// How many posts fell below 0, .01 … 1, each spread a little, older ones for less.
    sums: Vec<f64>,
    total: f64,
    /// How much better than no recalibration each strength of it would have done, as log scores.
    gains: [f64; EVEN_POSTS.len()],
}

/// Steps of the table of places.
const PLACE_STEPS: usize = 100;
/// Half the width over which a place is spread.
const PLACE_SPREAD: f64 = 0.03;

impl Places {
    pub(super) fn new() -> Self {
        Self { sums: vec![0.0; PLACE_STEPS + 1], total: 0.0, gains: [0.0; EVEN_POSTS.len()] }
    }

    /// Takes where a post fell.
    pub(super) fn learn(&mut self, place: f64) {
        let [below, above] = [place - PLACE_SPREAD, place + PLACE_SPREAD].map(|p| p.clamp(0.0, 1.0));
        let there = (self.sum(above) - self.sum(below)) / (above - below);
        for (gain, even) in self.gains.iter_mut().zip(EVEN_POSTS) {
            *gain = GAINS_KEPT * *gain + ((even + there) / (even + self.total)).ln();
        }
        for (i, sum) in self.sums.iter_mut().enumerate() {
            let at = i as f64 / PLACE_STEPS as f64;
            // A kernel folded at the ends, so that nothing leaves 0..1.
            let spread = |x: f64| (x / (2.0 * PLACE_SPREAD) + 0.5).clamp(0.0, 1.0);
            let folded = spread(at - place) - spread(-at - place) + 1.0 - spread(2.0 - at - place);
            *sum = PLACES_KEPT * *sum + folded;
        }
        self.total = PLACES_KEPT * self.total + 1.0;
    }

    /// What becomes of a probability.
    pub(super) fn recalibration(&self) -> impl Fn(f64) -> f64 {
        let most = self.gains.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights = self.gains.map(|gain| (gain - most).exp());
        let all: f64 = weights.iter().sum();
        let (mut even_share, mut of_sums) = (0.0, 0.0);
        for (weight, even) in weights.iter().zip(EVEN_POSTS) {
            even_share += weight / all * even / (even + self.total);
            of_sums += weight / all / (even + self.total);
        }
        move |p: f64| {
            let p = p.clamp(0.0, 1.0);
            even_share * p + of_sums * self.sum(p)
        }
    }

    /// How many fell below a place.
    fn sum(&self, place: f64) -> f64 {
        let steps = place * PLACE_STEPS as f64;
        let i = (steps as usize).min(PLACE_STEPS - 1);
        self.sums[i] + (self.sums[i + 1] - self.sums[i]) * (steps - i as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn places_without_posts_change_nothing_and_even_ones_little() {
        let (none, mut even) = (Places::new(), Places::new());
        // In no order, for the latest count more.
        for i in 0..1_000 {
            even.learn((f64::from(i * 617 % 1_000) + 0.5) / 1_000.0);
        }
        let (none, even) = (none.recalibration(), even.recalibration());
        for p in [0.0, 0.03, 0.5, 0.97, 1.0] {
            assert!((none(p) - p).abs() < 1e-12);
            assert!((even(p) - p).abs() < 0.01, "{p}: {}", even(p));
        }
    }
}
