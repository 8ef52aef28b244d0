//! Draws from the laws of the models.

use assay_math::Random;
use rand::RngExt;

/// A standard normal (Marsaglia's polar method).
fn normal(random: &mut Random) -> f64 {
    loop {
        let (u, v) = (2.0 * random.random::<f64>() - 1.0, 2.0 * random.random::<f64>() - 1.0);
        let s: f64 = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            return u * (-2.0 * s.ln() / s).sqrt();
        }
    }
}

/// A gamma of this shape and scale 1 (G. Marsaglia, W. W. Tsang, A Simple Method for Generating Gamma Variables, 2000).
pub(super) fn gamma(shape: f64, random: &mut Random) -> f64 {
    if shape < 1.0 {
        let u: f64 = 1.0 - random.random::<f64>();
        return gamma(shape + 1.0, random) * u.powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let z = normal(random);
        let v = (1.0 + c * z).powi(3);
        let u: f64 = 1.0 - random.random::<f64>();
        if v > 0.0 && u.ln() < 0.5 * z * z + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

/// A beta.
pub(super) fn beta(a: f64, b: f64, random: &mut Random) -> f64 {
    let (x, y) = (gamma(a, random), gamma(b, random));
    if x + y > 0.0 { x / (x + y) } else { 0.5 }
}

/// How many orders a customer makes within `horizon` at `rate`, leaving with probability `leave` after each.
pub(super) fn orders(rate: f64, leave: f64, horizon: f64, random: &mut Random) -> f64 {
    /// More orders than this of one customer are cut: a bound on the work.
    const MOST: u32 = 10_000;
    let (mut t, mut n) = (0.0, 0_u32);
    while n < MOST {
        t -= (1.0 - random.random::<f64>()).ln() / rate;
        if t > horizon {
            break;
        }
        n += 1;
        if random.random::<f64>() < leave {
            break;
        }
    }
    f64::from(n)
}
