//! Student's t distribution, and its exchange with the normal scale.

use crate::normal::{normal_upper_quantile, normal_upper_tail};
use statrs::function::beta::beta_reg;

/// The chance that a t variable with `df` degrees of freedom (above 0) exceeds `t`.
pub fn student_upper_tail(t: f64, df: f64) -> f64 {
    // Far beyond a billion degrees of freedom the two are one to the last digit.
    if df > 1e9 {
        return normal_upper_tail(t);
    }
    // P(T > t) = I_x(df / 2, 1 / 2) / 2 for t >= 0, with x = df / (df + t^2).
    let tail = 0.5 * beta_reg(df / 2.0, 0.5, (df / (df + t * t)).clamp(0.0, 1.0));
    if t >= 0.0 { tail } else { 1.0 - tail }
}

/// The normal deviate with the same upper tail as the t variable `t`: what a t-test says on the normal scale.
pub fn student_to_normal(t: f64, df: f64) -> f64 {
    if df > 1e9 {
        return t;
    }
    let tail = student_upper_tail(t.abs(), df);
    let z = if tail > 0.0 { normal_upper_quantile(tail) } else { t.abs() };
    if t >= 0.0 { z } else { -z }
}

/// The t variable with the same upper tail as the normal deviate `z`: the inverse of [`student_to_normal`].
pub fn normal_to_student(z: f64, df: f64) -> f64 {
    if df > 1e9 || z == 0.0 {
        return z;
    }
    let want = normal_upper_tail(z.abs());
    let (mut low, mut high) = (0.0, z.abs().max(1.0));
    while student_upper_tail(high, df) > want && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if student_upper_tail(middle, df) > want {
            low = middle;
        } else {
            high = middle;
        }
        if high - low < 1e-13 * high {
            break;
        }
    }
    f64::midpoint(low, high).copysign(z)
}

#[cfg(test)]
mod tests {
    use super::{normal_to_student, student_to_normal, student_upper_tail};

    /// SciPy: `t.sf([2, -1], 5)` prints 0.05096974 0.81839127; `t.isf(.025, 10)` prints 2.22813885.
    #[test]
    fn agrees_with_scipy() {
        assert!((student_upper_tail(2.0, 5.0) - 0.050_969_74).abs() < 1e-8);
        assert!((student_upper_tail(-1.0, 5.0) - 0.818_391_27).abs() < 1e-8);
        assert!((normal_to_student(1.959_963_985, 10.0) - 2.228_138_85).abs() < 1e-7);
    }

    #[test]
    fn there_and_back() {
        for (z, df) in [(1.3, 3.0), (-4.0, 7.5), (2.0, 1e12), (0.0, 4.0)] {
            assert!((student_to_normal(normal_to_student(z, df), df) - z).abs() < 1e-9, "{z} {df}");
        }
    }
}
