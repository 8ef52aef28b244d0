//! Sample-ratio mismatch: do the arms have the numbers of units that the split says? If not, nothing else can be read.
//!
//! The sequential multinomial test of Lindon and Malek (2022, "Anytime-valid inference for multinomial count data"): the
//! likelihood under the planned split against one that is averaged over a Dirichlet distribution around it. The average of
//! five concentrations is taken, so that small tests notice large mismatches and large ones small. It may be looked at any
//! time; the chi-squared test beside it may be looked at once.

use assay_math::{chi_squared_upper_tail, ln_gamma};

/// Below this the reading is stopped: the level that is usual for this check, kept at any number of looks.
pub const STOP_BELOW: f64 = 0.001;
/// Concentrations of the alternative: mismatches of about 30 % down to 0.3 %. Made.
const CONCENTRATIONS: [f64; 5] = [10.0, 100.0, 1_000.0, 10_000.0, 100_000.0];

/// The p-value of the counts under a split (positive weights, as many as counts), valid at any time.
pub fn sequential_p(counts: &[u64], split: &[f64]) -> f64 {
    let total: f64 = split.iter().sum();
    let n: f64 = counts.iter().map(|c| *c as f64).sum();
    let log_e = |k: f64| {
        let arms: f64 = counts
            .iter()
            .zip(split)
            .map(|(count, weight)| {
                let share = weight / total;
                let count = *count as f64;
                ln_gamma(k * share + count) - ln_gamma(k * share) - count * share.ln()
            })
            .sum();
        ln_gamma(k) - ln_gamma(k + n) + arms
    };
    let logs = CONCENTRATIONS.map(log_e);
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mean = logs.iter().map(|l| (l - most).exp()).sum::<f64>() / logs.len() as f64;
    (-(most + mean.ln())).exp().min(1.0)
}

/// The p-value of the chi-squared test of the counts under a split, for one look.
pub fn chi_squared_p(counts: &[u64], split: &[f64]) -> f64 {
    let total: f64 = split.iter().sum();
    let n: f64 = counts.iter().map(|c| *c as f64).sum();
    let statistic: f64 = counts
        .iter()
        .zip(split)
        .map(|(count, weight)| {
            let expected = n * weight / total;
            (*count as f64 - expected).powi(2) / expected
        })
        .sum();
    chi_squared_upper_tail(statistic, counts.len() as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::{STOP_BELOW, chi_squared_p, sequential_p};
    use assay_math::Seed;
    use rand::RngExt;

    /// gbstats `check_srm([821588, 815482], [.5, .5])` prints 1.8218e-06; `[5000, 5200]` .04767.
    #[test]
    fn chi_squared_agrees_with_gbstats() {
        assert!((chi_squared_p(&[821_588, 815_482], &[0.5, 0.5]) / 1.821_8e-6 - 1.0).abs() < 1e-4);
        assert!((chi_squared_p(&[5_000, 5_200], &[1.0, 1.0]) - 0.047_67).abs() < 1e-5);
    }

    #[test]
    fn mismatches_of_all_sizes_are_noticed() {
        for (counts, split) in [
            (vec![821_588, 815_482], vec![1.0, 1.0]),
            (vec![60, 140], vec![1.0, 1.0]),
            (vec![900, 100], vec![1.0, 1.0]),
            (vec![5_000, 5_000, 4_400], vec![1.0, 1.0, 1.0]),
        ] {
            assert!(sequential_p(&counts, &split) < STOP_BELOW, "{counts:?}");
        }
        for (counts, split) in
            [(vec![9_000, 1_000], vec![9.0, 1.0]), (vec![103, 97], vec![0.5, 0.5]), (vec![3, 0], vec![1.0, 1.0])]
        {
            assert!(sequential_p(&counts, &split) > 0.05, "{counts:?}");
        }
    }

    /// Two thousand honest splits, looked at after each of 400 units: at most 0.1 % may stop, and chance lets two or three.
    #[test]
    fn honest_splits_go_on_however_often_one_looks() {
        let seed = Seed(7);
        let mut stopped = 0;
        for run in 0..2_000 {
            let mut random = seed.nth(run).random();
            let mut counts = [0_u64; 2];
            for _ in 0..400 {
                counts[usize::from(random.random::<bool>())] += 1;
                if counts[0] + counts[1] > 20 && sequential_p(&counts, &[1.0, 1.0]) < STOP_BELOW {
                    stopped += 1;
                    break;
                }
            }
        }
        assert!(stopped <= 6, "{stopped} of 2000 stopped, seed {seed:?}");
    }
}
