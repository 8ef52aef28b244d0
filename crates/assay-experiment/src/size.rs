//! How large a test has to be: by error rates, and by what it is worth (Test & Roll).

use assay_math::{normal_density, normal_quantile, normal_to_student, normal_upper_tail};

/// Units an arm for telling two shares apart, two-sided, with this power; the null pools the variance or does not.
pub fn for_shares(control: f64, arm: f64, alpha: f64, power: f64, null: NullVariance) -> f64 {
    let (z_alpha, z_power) = (normal_quantile(1.0 - alpha / 2.0), normal_quantile(power));
    let own = control * (1.0 - control) + arm * (1.0 - arm);
    let middle = f64::midpoint(control, arm);
    let under_null = match null {
        NullVariance::Pooled => 2.0 * middle * (1.0 - middle),
        NullVariance::Unpooled => own,
    };
    ((z_alpha * under_null.sqrt() + z_power * own.sqrt()) / (arm - control)).powi(2)
}

/// How the variance of a difference of shares is taken under the null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullVariance {
    /// As if both shares were their mean.
    Pooled,
    /// As they are.
    Unpooled,
}

/// Units an arm for telling two means apart that differ by `effect` standard deviations, by the two-sided t-test.
pub fn for_means(effect: f64, alpha: f64, power: f64) -> f64 {
    let (mut low, mut high) = (2.0_f64, 1e9_f64);
    for _ in 0..100 {
        let middle = (low * high).sqrt();
        if power_of_t(effect, middle, alpha) < power {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Power of the two-sided t-test with `n` units an arm: the normal tail averaged over the estimated standard deviation.
fn power_of_t(effect: f64, n: f64, alpha: f64) -> f64 {
    let df = 2.0 * n - 2.0;
    let shift = effect * (n / 2.0).sqrt();
    let critical = normal_to_student(normal_quantile(1.0 - alpha / 2.0), df);
    // s / sigma is the root of a chi-squared over its degrees of freedom; its density is summed on a grid around 1.
    let error = (0.5 / df).sqrt();
    let (low, high) = ((1.0 - 10.0 * error).max(1e-6), 1.0 + 10.0 * error);
    let steps = 800;
    let h = (high - low) / f64::from(steps);
    let (mut mass, mut sum) = (0.0, 0.0);
    for k in 0..steps {
        let s = low + (f64::from(k) + 0.5) * h;
        let weight = ((df - 1.0) * s.ln() - df * (s * s - 1.0) / 2.0).exp();
        let beyond = normal_upper_tail(critical * s - shift) + normal_upper_tail(critical * s + shift);
        mass += weight;
        sum += weight * beyond;
    }
    sum / mass
}

/// A test followed by a roll-out to whoever is left (Feit and Berman 2019, "Test & Roll: profit-maximizing A/B tests").
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestAndRoll {
    /// People that the decision is about, test included.
    pub n_people: f64,
    /// Mean response expected before the test.
    pub mean: f64,
    /// Standard deviation of arms' mean responses, as past tests show it.
    pub spread: f64,
    /// Standard deviation of a person's response.
    pub noise: f64,
}

impl TestAndRoll {
    /// Units an arm that earn most.
    pub fn n_best(&self) -> f64 {
        let (s2, v2) = (self.noise * self.noise, self.spread * self.spread);
        (-3.0 * s2 + (9.0 * s2 * s2 + 4.0 * self.n_people * s2 * v2).sqrt()) / (4.0 * v2)
    }

    /// Expected response over all people with this many units an arm.
    pub fn profit(&self, n: f64) -> f64 {
        let v2 = self.spread * self.spread;
        let told = 2.0_f64.sqrt() * v2 / (v2 + self.noise * self.noise / n).sqrt();
        2.0 * n * self.mean + (self.n_people - 2.0 * n) * (self.mean + told * normal_density(0.0))
    }

    /// Expected response if the better arm were known.
    pub fn perfect(&self) -> f64 {
        self.n_people * (self.mean + self.spread / std::f64::consts::PI.sqrt())
    }

    /// The share of [`TestAndRoll::perfect`] that this many units an arm forgo.
    pub fn regret_share(&self, n: f64) -> f64 {
        1.0 - self.profit(n) / self.perfect()
    }

    /// The chance that the worse arm is rolled out.
    pub fn error_share(&self, n: f64) -> f64 {
        0.5 - (2.0_f64.sqrt() * self.spread * (n / 2.0).sqrt() / self.noise).atan() / std::f64::consts::PI
    }
}

/// Units an arm of a null-hypothesis test on means with this noise, for a difference `d`, with and without the correction for
/// a finite number of people.
pub fn null_test(noise: f64, d: f64, alpha: f64, power: f64) -> f64 {
    let z = normal_quantile(1.0 - alpha / 2.0) + normal_quantile(power);
    2.0 * z * z * noise * noise / (d * d)
}

/// [`null_test`] corrected for a finite number of people.
pub fn of_finite(n: f64, n_people: f64) -> f64 {
    n * n_people / (n_people - 1.0 + 2.0 * n)
}
