//! Synthetic control: the treated market as a weighted mean of others, by what they did before.
//!
//! Abadie, Diamond and Hainmueller (2010), with each market's own mean taken off first (fixed effects, as `augsynth` and
//! `GeoLift` have it): weights are not negative, add up to 1, and minimise the squared gap before the test. They are found by an
//! active set over the equations of the optimum: exact, and the same on every machine.
//!
//! Null by blocks (Chernozhukov, Wuthrich and Zhu 2021): under a supposed effect the weights are fitted to all periods, and the
//! gaps of the test are held against those of every other stretch of the same length, in a circle. It allows for gaps that
//! hang together in time, which shuffling single days does not.

/// A fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// A weight for each donor.
    pub weights: Vec<f64>,
    /// What the treated market exceeds its synthetic self by, over all periods, after fixed effects.
    pub gaps: Vec<f64>,
}

/// What becomes of each market's own mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It is taken off first (fixed effects).
    Removed,
    /// It has to be met too.
    Kept,
}

/// How gaps of a stretch are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// Sum of their sizes: large for any disturbance, steady or not (`GeoLift`'s default).
    Sizes,
    /// Size of their sum: large for a steady effect, and so fit for an interval of one.
    Net,
}

/// Fits the weights to the first `n_fit` periods. `donors` must not be empty.
pub fn fit(treated: &[f64], donors: &[&[f64]], n_fit: usize, level: Level) -> Fit {
    let centred = |y: &[f64]| {
        let mean = if level == Level::Kept { 0.0 } else { y[..n_fit].iter().sum::<f64>() / n_fit as f64 };
        y.iter().map(|v| v - mean).collect::<Vec<f64>>()
    };
    let y = centred(treated);
    let x: Vec<Vec<f64>> = donors.iter().map(|d| centred(d)).collect();
    let dot = |a: &[f64], b: &[f64]| a[..n_fit].iter().zip(&b[..n_fit]).map(|(u, v)| u * v).sum::<f64>();
    let gram: Vec<Vec<f64>> = x.iter().map(|a| x.iter().map(|b| dot(a, b)).collect()).collect();
    let target: Vec<f64> = x.iter().map(|a| dot(a, &y)).collect();
    let weights = on_simplex(&gram, &target);
    let gaps = (0..y.len()).map(|t| y[t] - weights.iter().zip(&x).map(|(w, d)| w * d[t]).sum::<f64>()).collect();
    Fit { weights, gaps }
}

/// Minimises `w'Gw / 2 - b'w` over weights that are not negative and add up to 1.
pub(crate) fn on_simplex(gram: &[Vec<f64>], target: &[f64]) -> Vec<f64> {
    let n = target.len();
    let scale = (0..n).map(|i| gram[i][i]).fold(1e-300, f64::max);
    // The best single donor begins.
    let start = (0..n).min_by(|a, b| (0.5 * gram[*a][*a] - target[*a]).total_cmp(&(0.5 * gram[*b][*b] - target[*b])));
    let mut weights = vec![0.0; n];
    let mut active: Vec<usize> = start.into_iter().collect();
    for i in &active {
        weights[*i] = 1.0;
    }
    for _ in 0..20 * n + 50 {
        let slope: Vec<f64> =
            (0..n).map(|i| gram[i].iter().zip(&weights).map(|(g, w)| g * w).sum::<f64>() - target[i]).collect();
        let level = active.iter().map(|i| slope[*i]).sum::<f64>() / active.len() as f64;
        let steepest = (0..n).filter(|i| !active.contains(i)).min_by(|a, b| slope[*a].total_cmp(&slope[*b]));
        match steepest {
            Some(i) if slope[i] < level - 1e-10 * scale => active.push(i),
            _ => break,
        }
        // Solve among the active; where a weight would fall below 0, go as far as it allows and leave it out.
        while let Some(solved) = equal_slopes(gram, target, &active, scale) {
            let blocked = active
                .iter()
                .zip(&solved)
                .filter(|(_, s)| **s <= 0.0)
                .map(|(i, s)| (weights[*i] / (weights[*i] - s), *i))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            let Some((share, out)) = blocked else {
                for (i, s) in active.iter().zip(solved) {
                    weights[*i] = s;
                }
                break;
            };
            let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
            for (i, s) in active.iter().zip(&solved) {
                weights[*i] += share * (s - weights[*i]);
            }
            weights[out] = 0.0;
            active.retain(|i| *i != out);
            if active.len() < 2 {
                break;
            }
        }
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|w| (w / total).max(0.0)).collect()
}

/// The weights of the active donors, adding up to 1, at which all their slopes are one. `None` if the equations cannot be solved.
fn equal_slopes(gram: &[Vec<f64>], target: &[f64], active: &[usize], scale: f64) -> Option<Vec<f64>> {
    let m = active.len();
    let mut rows: Vec<Vec<f64>> = active
        .iter()
        .map(|i| {
            let mut row: Vec<f64> = active.iter().map(|j| gram[*i][*j] / scale).collect();
            row.push(1.0);
            row.push(target[*i] / scale);
            row
        })
        .collect();
    // A trace of ridge, so that two equal donors share.
    for (k, row) in rows.iter_mut().enumerate() {
        row[k] += 1e-12;
    }
    let mut last = vec![1.0; m];
    last.extend([0.0, 1.0]);
    rows.push(last);
    let solved = solve(rows)?;
    Some(solved[..m].to_vec())
}

/// Gaussian elimination with pivots; each row ends in its right-hand side.
pub(super) fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|a, b| rows[*a][k].abs().total_cmp(&rows[*b][k].abs()))?;
        rows.swap(k, pivot);
        if rows[k][k].abs() < 1e-300 {
            return None;
        }
        let (above, below) = rows.split_at_mut(k + 1);
        let top = &above[k];
        for row in below {
            let times = row[k] / top[k];
            if times != 0.0 {
                for (cell, over) in row[k..].iter_mut().zip(&top[k..]) {
                    *cell -= times * over;
                }
            }
        }
    }
    let mut solved = vec![0.0; n];
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| rows[k][j] * solved[j]).sum();
        solved[k] = (rows[k][n] - known) / rows[k][k];
    }
    Some(solved)
}

/// The p-value of an effect of `effect` a period, against every stretch of the same length.
pub fn block_p(treated: &[f64], donors: &[&[f64]], n_before: usize, effect: f64, of: Stretch) -> f64 {
    let n = treated.len();
    let mut supposed = treated.to_vec();
    for value in &mut supposed[n_before..] {
        *value -= effect;
    }
    let gaps = fit(&supposed, donors, n, Level::Removed).gaps;
    let length = n - n_before;
    let stretch = |from: usize| {
        let gaps = (0..length).map(|k| gaps[(from + k) % n]);
        match of {
            Stretch::Sizes => gaps.map(f64::abs).sum::<f64>(),
            Stretch::Net => gaps.sum::<f64>().abs(),
        }
    };
    let here = stretch(n_before);
    let as_far = (0..n).filter(|from| stretch(*from) >= here - 1e-9 * here.abs()).count();
    as_far as f64 / n as f64
}

/// Steady effects a period that blocks do not refuse at `alpha`, by the net of their gaps; an end is `None` where none within fifty times the gaps is refused.
pub fn block_interval(
    treated: &[f64],
    donors: &[&[f64]],
    n_before: usize,
    alpha: f64,
) -> (f64, Option<f64>, Option<f64>) {
    let first = fit(treated, donors, n_before, Level::Removed);
    let after = &first.gaps[n_before..];
    let point = after.iter().sum::<f64>() / after.len() as f64;
    let spread = first.gaps.iter().map(|g| g.abs()).sum::<f64>() / first.gaps.len() as f64;
    let end = |side: f64| {
        let refused = |effect: f64| block_p(treated, donors, n_before, effect, Stretch::Net) <= alpha;
        let mut step = spread.max(1e-12);
        let mut gone = point + side * step;
        while !refused(gone) {
            step *= 1.6;
            if step > 50.0 * spread {
                return None;
            }
            gone = point + side * step;
        }
        let mut kept = point;
        for _ in 0..12 {
            let middle = f64::midpoint(kept, gone);
            if refused(middle) {
                gone = middle;
            } else {
                kept = middle;
            }
        }
        Some(gone)
    };
    (point, end(-1.0), end(1.0))
}

#[cfg(test)]
mod tests {
    use super::{Level, Stretch, block_interval, block_p, fit};

    fn wave(k: u32, t: u32) -> f64 {
        (f64::from(t) * 0.37 * f64::from(k)).sin() * 10.0 + f64::from(k * t % 7)
    }

    /// A market that is a mean of two others is found out, whatever its level.
    #[test]
    fn known_weights_are_found() {
        let donors: Vec<Vec<f64>> = (1..=9).map(|k| (0..60).map(|t| wave(k, t)).collect()).collect();
        let treated: Vec<f64> = (0..60).map(|t| 500.0 + 0.7 * donors[2][t] + 0.3 * donors[5][t]).collect();
        let views: Vec<&[f64]> = donors.iter().map(Vec::as_slice).collect();
        let fit = fit(&treated, &views, 50, Level::Removed);
        assert!((fit.weights[2] - 0.7).abs() < 1e-8 && (fit.weights[5] - 0.3).abs() < 1e-8, "{:?}", fit.weights);
        assert!(fit.gaps.iter().all(|g| g.abs() < 1e-7));
    }

    /// No other weights on the simplex do better: brute force over a grid.
    #[test]
    fn no_grid_point_beats_the_weights() {
        let donors: Vec<Vec<f64>> = (1..=3).map(|k| (0..40).map(|t| wave(k, t)).collect()).collect();
        let treated: Vec<f64> = (0..40).map(|t| wave(5, t) + 0.4 * donors[0][t as usize]).collect();
        let views: Vec<&[f64]> = donors.iter().map(Vec::as_slice).collect();
        let found = fit(&treated, &views, 40, Level::Removed);
        let loss = |w: [f64; 3]| {
            let raw: Vec<f64> =
                (0..40).map(|t| treated[t] - (0..3).map(|k| w[k] * donors[k][t]).sum::<f64>()).collect();
            let mean = raw.iter().sum::<f64>() / 40.0;
            raw.iter().map(|r| (r - mean).powi(2)).sum::<f64>()
        };
        let best = loss([found.weights[0], found.weights[1], found.weights[2]]);
        for i in 0..=50 {
            for j in 0..=50 - i {
                let w = [f64::from(i) / 50.0, f64::from(j) / 50.0, f64::from(50 - i - j) / 50.0];
                assert!(loss(w) >= best - 1e-7, "{w:?} {:?}", found.weights);
            }
        }
    }

    #[test]
    fn a_large_effect_is_the_farthest_stretch() {
        let donors: Vec<Vec<f64>> = (1..=6).map(|k| (0..80).map(|t| wave(k, t)).collect()).collect();
        let mut treated: Vec<f64> =
            (0..80).map(|t| 0.5 * donors[0][t] + 0.5 * donors[1][t] + wave(9, t as u32) * 0.1).collect();
        let views: Vec<&[f64]> = donors.iter().map(Vec::as_slice).collect();
        assert!(block_p(&treated, &views, 70, 0.0, Stretch::Sizes) > 0.05);
        for v in &mut treated[70..] {
            *v += 30.0;
        }
        assert!((block_p(&treated, &views, 70, 0.0, Stretch::Sizes) - 1.0 / 80.0).abs() < 1e-12);
        // The interval holds the effect and not 0, and its p-values agree with it.
        let (point, low, high) = block_interval(&treated, &views, 70, 0.05);
        let (low, high) = (low.expect("bounded"), high.expect("bounded"));
        assert!(low > 0.0 && low < 30.0 && point > low && high > 30.0, "{low} {point} {high}");
        assert!(block_p(&treated, &views, 70, 0.0, Stretch::Net) <= 0.05);
        assert!(block_p(&treated, &views, 70, 30.0, Stretch::Net) > 0.05);
    }
}
