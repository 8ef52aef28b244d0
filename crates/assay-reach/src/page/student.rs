//! Student's t distribution, quickly: densities in closed form, probabilities from a table.

use statrs::function::beta::beta_reg;
use statrs::function::gamma::ln_gamma;

/// The standard t distribution with these degrees of freedom.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Student {
    pub(crate) freedom: f64,
    log_constant: f64,
    /// Probabilities at steps of [`STEP`] from 0 up to [`REACH`].
    table: Vec<f64>,
}

const STEP: f64 = 0.01;
const REACH: f64 = 60.0;

impl Student {
    pub(crate) fn new(freedom: f64) -> Self {
        let log_constant =
            ln_gamma(freedom / 2.0 + 0.5) - ln_gamma(freedom / 2.0) - 0.5 * (freedom * std::f64::consts::PI).ln();
        let upper = |z: f64| 0.5 * beta_reg(freedom / 2.0, 0.5, freedom / (freedom + z * z));
        let table = (0..=(REACH / STEP) as usize).map(|i| 1.0 - upper(i as f64 * STEP)).collect();
        Self { freedom, log_constant, table }
    }

    /// The logarithm of the density.
    pub(crate) fn log_density(&self, z: f64) -> f64 {
        self.log_constant - 0.5 * (self.freedom + 1.0) * (z * z / self.freedom).ln_1p()
    }

    /// The probability below `z`, to 1e-5; beyond 60 it is that at 60.
    pub(crate) fn probability(&self, z: f64) -> f64 {
        let place = z.abs().min(REACH - STEP) / STEP;
        let i = place as usize;
        let p = self.table[i] + (self.table[i + 1] - self.table[i]) * (place - i as f64);
        if z < 0.0 { 1.0 - p } else { p }
    }

    /// How much an observation `z` scales off counts, by the scale mixture: 1 in the middle for a normal, less for the far.
    pub(crate) fn weight(&self, z: f64) -> f64 {
        (self.freedom + 1.0) / (self.freedom + z * z)
    }
}

#[cfg(test)]
mod tests {
    use super::Student;

    /// R: `pt(c(-2, 0, 1.5), 4)` prints 0.05805826 0.50000000 0.89599991; `dt(1, 4, log = TRUE)` prints -1.538845.
    #[test]
    fn agrees_with_r() {
        let t = Student::new(4.0);
        for (z, p) in [(-2.0, 0.058_058_26), (0.0, 0.5), (1.5, 0.896_000)] {
            assert!((t.probability(z) - p).abs() < 2e-5, "{z}: {}", t.probability(z));
        }
        // Gamma(2.5) / (Gamma(2) sqrt(4 pi)) * 1.25^-2.5
        let density = 1.329_340_388 / (4.0 * std::f64::consts::PI).sqrt() * 1.25_f64.powf(-2.5);
        assert!((t.log_density(1.0) - density.ln()).abs() < 1e-8);
    }
}
