//! Recalibration of a prediction by where earlier posts fell in theirs (Dawid 1984).

/// Recalibration counts the posts before as much as this many that lie evenly.
const EVEN_POSTS: f64 = 120.0;
/// What share of the places of earlier posts counts a post later.
const PLACES_KEPT: f64 = 0.998;

/// Where earlier posts fell, as a smooth distribution on 0..1 that even places hold close to the identity.
pub(super) struct Places {
    /// At 0, .01 … 1.
    table: Vec<f64>,
}

/// Steps of the table of places.
const PLACE_STEPS: usize = 100;
/// Half the width over which a place is spread.
const PLACE_SPREAD: f64 = 0.03;

impl Places {
    pub(super) fn new(places: &[f64]) -> Self {
        let mut sums = vec![0.0; PLACE_STEPS + 1];
        let (mut weight, mut total) = (1.0, 0.0);
        for place in places.iter().rev() {
            for (i, sum) in sums.iter_mut().enumerate() {
                let at = i as f64 / PLACE_STEPS as f64;
                // A kernel folded at the ends, so that nothing leaves 0..1.
                let spread = |x: f64| (x / (2.0 * PLACE_SPREAD) + 0.5).clamp(0.0, 1.0);
                let folded = spread(at - place) - spread(-at - place) + 1.0 - spread(2.0 - at - place);
                *sum += weight * folded;
            }
            total += weight;
            weight *= PLACES_KEPT;
        }
        let table = sums
            .iter()
            .enumerate()
            .map(|(i, sum)| (EVEN_POSTS * i as f64 / PLACE_STEPS as f64 + sum) / (EVEN_POSTS + total))
            .collect();
        Self { table }
    }

    pub(super) fn recalibrated(&self, p: f64) -> f64 {
        let place = p.clamp(0.0, 1.0) * PLACE_STEPS as f64;
        let i = (place as usize).min(PLACE_STEPS - 1);
        self.table[i] + (self.table[i + 1] - self.table[i]) * (place - i as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn places_without_posts_change_nothing_and_even_ones_little() {
        let none = Places::new(&[]);
        // In no order, for the latest count more.
        let even = Places::new(&(0..1_000).map(|i| (f64::from(i * 617 % 1_000) + 0.5) / 1_000.0).collect::<Vec<_>>());
        for p in [0.0, 0.03, 0.5, 0.97, 1.0] {
            assert!((none.recalibrated(p) - p).abs() < 1e-12);
            assert!((even.recalibrated(p) - p).abs() < 0.01, "{p}: {}", even.recalibrated(p));
        }
    }
}
