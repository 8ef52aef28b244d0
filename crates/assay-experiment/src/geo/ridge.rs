//! Ridge-augmented synthetic control: weights may leave the simplex where that mends a bad fit before the test.
//!
//! Ben-Michael, Feller and Rothstein (2021), as `augsynth` has it with fixed effects: to the simplex's weights `w` is added
//! `X (X'X + l I)^-1 d`, where `X` are the donors before the test (each less its own mean, and less all donors' mean of the day) and
//! `d` is what `w` leaves of the treated. `l` is chosen by leaving out one day after the other; the largest within one standard
//! error of the best is taken, so that it mends no more than it must.
//!
//! Weights below 0 extrapolate: the row is shown and does not decide.

use super::synthetic::{on_simplex, solve};

/// Values of `l` below the largest one, each a step of [`RATIO`] to the power 1/20 less.
const STEPS: i32 = 20;
/// The least `l` over the largest.
const RATIO: f64 = 1e-8;

/// Weights, and the `l` that they were found with.
#[derive(Debug, Clone, PartialEq)]
pub struct Ridge {
    /// A weight for each donor; they add up to 1.
    pub weights: Vec<f64>,
    /// What `l` was chosen.
    pub lambda: f64,
}

/// Fits to the first `n_before` periods. `None` where the equations cannot be solved, or with fewer than four periods.
pub fn fit(treated: &[f64], donors: &[&[f64]], n_before: usize) -> Option<Ridge> {
    if n_before < 4 || donors.len() < 2 {
        return None;
    }
    let (y, x) = centred(treated, donors, n_before);
    let all: Vec<usize> = (0..n_before).collect();
    let gram = gram(&x, &all);
    let most = largest_eigenvalue(&gram);
    if most <= 0.0 {
        return None;
    }
    let lambdas: Vec<f64> = (0..=STEPS).map(|k| most * RATIO.powf(f64::from(k) / f64::from(STEPS))).collect();
    let mut errors = vec![Vec::with_capacity(n_before - 1); lambdas.len()];
    for out in 0..n_before - 1 {
        let kept: Vec<usize> = all.iter().copied().filter(|t| *t != out).collect();
        for (errors, weights) in errors.iter_mut().zip(weights(&y, &x, &kept, &lambdas)?) {
            let foretold: f64 = weights.iter().zip(&x).map(|(w, d)| w * d[out]).sum();
            errors.push((y[out] - foretold).powi(2));
        }
    }
    let told: Vec<(f64, f64)> = errors.iter().map(|e| mean_and_error(e)).collect();
    let best = told.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let lambda = lambdas.iter().zip(&told).filter(|(_, t)| t.0 <= best.0 + best.1).map(|(l, _)| *l).next()?;
    let weights = weights(&y, &x, &all, &[lambda])?.pop()?;
    Some(Ridge { weights, lambda })
}

/// Each series less its own mean before, and less the donors' mean of the day.
fn centred(treated: &[f64], donors: &[&[f64]], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let own = |v: &[f64]| {
        let mean = v[..n].iter().sum::<f64>() / n as f64;
        v[..n].iter().map(|a| a - mean).collect::<Vec<f64>>()
    };
    let (mut y, mut x) = (own(treated), donors.iter().map(|d| own(d)).collect::<Vec<_>>());
    for t in 0..n {
        let mean = x.iter().map(|d| d[t]).sum::<f64>() / x.len() as f64;
        y[t] -= mean;
        for d in &mut x {
            d[t] -= mean;
        }
    }
    (y, x)
}

fn gram(x: &[Vec<f64>], periods: &[usize]) -> Vec<Vec<f64>> {
    x.iter().map(|a| x.iter().map(|b| periods.iter().map(|t| a[*t] * b[*t]).sum()).collect()).collect()
}

/// The weights at each `l`, fitted to `periods`.
fn weights(y: &[f64], x: &[Vec<f64>], periods: &[usize], lambdas: &[f64]) -> Option<Vec<Vec<f64>>> {
    let gram = gram(x, periods);
    let target: Vec<f64> = x.iter().map(|d| periods.iter().map(|t| d[*t] * y[*t]).sum()).collect();
    let simplex = on_simplex(&gram, &target);
    // X d, for d what the simplex leaves: X y - (X X') w.
    let left: Vec<f64> = gram
        .iter()
        .zip(&target)
        .map(|(row, b)| b - row.iter().zip(&simplex).map(|(g, w)| g * w).sum::<f64>())
        .collect();
    let each = lambdas.iter().map(|lambda| {
        let rows = gram.iter().zip(&left).enumerate().map(|(i, (row, b))| {
            let mut row = row.clone();
            row[i] += lambda;
            row.push(*b);
            row
        });
        let more = solve(rows.collect())?;
        Some(simplex.iter().zip(more).map(|(w, m)| w + m).collect())
    });
    each.collect()
}

fn largest_eigenvalue(gram: &[Vec<f64>]) -> f64 {
    let mut v: Vec<f64> = (0..gram.len()).map(|i| 1.0 + (i % 7) as f64 * 0.1).collect();
    let mut value = 0.0;
    for _ in 0..500 {
        let next: Vec<f64> = gram.iter().map(|row| row.iter().zip(&v).map(|(g, v)| g * v).sum()).collect();
        let size = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        if size <= 0.0 {
            return 0.0;
        }
        v = next.iter().map(|x| x / size).collect();
        if (size - value).abs() <= 1e-13 * size {
            return size;
        }
        value = size;
    }
    value
}

fn mean_and_error(of: &[f64]) -> (f64, f64) {
    let n = of.len() as f64;
    let mean = of.iter().sum::<f64>() / n;
    let spread = of.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, (spread / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::fit;

    /// A market that swings twice as far as any other lies outside the simplex: the ridge reaches it.
    #[test]
    fn what_lies_outside_the_simplex_is_reached() {
        let wave = |k: usize, t: usize| ((t * (k + 2)) as f64 * 0.31).sin() * 10.0;
        let donors: Vec<Vec<f64>> = (0..5).map(|k| (0..50).map(|t| wave(k, t)).collect()).collect();
        let treated: Vec<f64> = (0..50).map(|t| 100.0 + 2.0 * donors[1][t]).collect();
        let views: Vec<&[f64]> = donors.iter().map(Vec::as_slice).collect();
        let found = fit(&treated, &views, 50).expect("a fit");
        assert!((found.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{found:?}");
        assert!(found.weights[1] > 1.3 && found.weights.iter().any(|w| *w < 0.0), "{found:?}");
        assert!(fit(&treated, &views[..1], 50).is_none() && fit(&treated, &views, 3).is_none());
    }
}
