//! What is kept of an arm's rows: counts and sums, from which every comparison is made. Memory does not grow with the rows.
//!
//! Three variables stand in a row: `y` what is measured, `d` what it is measured per (1 but for ratios), `x` what was known
//! before. Sums are taken of what exceeds the first value met, so that large numbers with small differences lose no digits.

/// Sums over the rows of an arm.
#[derive(Debug, Clone, Default)]
pub struct Moments {
    n: u64,
    n_nonzero: u64,
    n_negative: u64,
    n_unlike_flag: u64,
    shift: Shift,
    y: f64,
    d: f64,
    x: f64,
    yy: f64,
    dd: f64,
    xx: f64,
    yd: f64,
    yx: f64,
    dx: f64,
    yyy: f64,
    total: f64,
    least: f64,
    most: f64,
}

/// What is taken off before summing; one for all arms, so that their sums can be added up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shift {
    /// Off `y`.
    pub y: f64,
    /// Off `d`.
    pub d: f64,
    /// Off `x`.
    pub x: f64,
}

/// Means, variances and covariances of an arm (`n - 1` in the denominator).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Units.
    pub n: f64,
    /// Mean of what is measured.
    pub y: f64,
    /// Mean of what it is measured per.
    pub d: f64,
    /// Mean of what was known before.
    pub x: f64,
    /// Variance of `y`.
    pub yy: f64,
    /// Variance of `d`.
    pub dd: f64,
    /// Variance of `x`.
    pub xx: f64,
    /// Covariance of `y` and `d`.
    pub yd: f64,
    /// Covariance of `y` and `x`.
    pub yx: f64,
    /// Covariance of `d` and `x`.
    pub dx: f64,
    /// Third central moment of `y`.
    pub yyy: f64,
}

/// Units that are summed side by side, so that sums need not wait for one another. Part of the result: their number is fixed.
const LANES: usize = 4;
/// Units that are gone through twice while they are near.
const NEAR: usize = 512;

/// Counts and ends of units that are summed side by side.
struct Counted {
    nonzero: [u64; LANES],
    negative: [u64; LANES],
    unlike_flag: [u64; LANES],
    total: [f64; LANES],
    least: [f64; LANES],
    most: [f64; LANES],
}

impl Counted {
    fn none() -> Self {
        let zero = [0; LANES];
        Self {
            nonzero: zero,
            negative: zero,
            unlike_flag: zero,
            total: [0.0; LANES],
            least: [f64::INFINITY; LANES],
            most: [f64::NEG_INFINITY; LANES],
        }
    }

    #[inline]
    fn add(&mut self, y: &[f64; LANES]) {
        for (i, y) in y.iter().enumerate() {
            self.nonzero[i] += u64::from(*y != 0.0);
            self.negative[i] += u64::from(*y < 0.0);
            self.unlike_flag[i] += u64::from(*y != 0.0) & u64::from(*y != 1.0);
            self.total[i] += y;
            self.least[i] = if *y < self.least[i] { *y } else { self.least[i] };
            self.most[i] = if *y > self.most[i] { *y } else { self.most[i] };
        }
    }
}

/// Sums of units that are measured per 1, side by side.
#[derive(Default)]
struct Lanes {
    y: [f64; LANES],
    x: [f64; LANES],
    yy: [f64; LANES],
    xx: [f64; LANES],
    yx: [f64; LANES],
    yyy: [f64; LANES],
}

impl Lanes {
    #[inline]
    fn add(&mut self, y: &[f64; LANES], x: &[f64; LANES], shift: Shift) {
        for i in 0..LANES {
            let (y, x) = (y[i] - shift.y, x[i] - shift.x);
            let yy = y * y;
            self.y[i] += y;
            self.x[i] += x;
            self.yy[i] += yy;
            self.xx[i] += x * x;
            self.yx[i] += y * x;
            self.yyy[i] += yy * y;
        }
    }
}

impl Moments {
    /// No rows yet.
    pub fn new(shift: Shift) -> Self {
        Self { shift, least: f64::INFINITY, most: f64::NEG_INFINITY, ..Self::default() }
    }

    /// Adds a unit.
    pub fn add(&mut self, y: f64, d: f64, x: f64) {
        self.n += 1;
        self.n_nonzero += u64::from(y != 0.0);
        self.n_negative += u64::from(y < 0.0);
        self.n_unlike_flag += u64::from(y != 0.0 && y != 1.0);
        self.total += y;
        self.least = self.least.min(y);
        self.most = self.most.max(y);
        let (y, d, x) = (y - self.shift.y, d - self.shift.d, x - self.shift.x);
        self.y += y;
        self.d += d;
        self.x += x;
        self.yy += y * y;
        self.dd += d * d;
        self.xx += x * x;
        self.yd += y * d;
        self.yx += y * x;
        self.dx += d * x;
        self.yyy += y * y * y;
    }

    /// Adds units that are measured per 1, `(y, x)` each: the same sums as one by one, in another order.
    pub fn add_plain(&mut self, y: &[f64], x: &[f64]) {
        let ((y, y_rest), (x, x_rest)) = (y.as_chunks::<LANES>(), x.as_chunks::<LANES>());
        let (mut counted, mut lanes) = (Counted::none(), Lanes::default());
        for (y, x) in y.chunks(NEAR / LANES).zip(x.chunks(NEAR / LANES)) {
            for y in y {
                counted.add(y);
            }
            for (y, x) in y.iter().zip(x) {
                lanes.add(y, x, self.shift);
            }
        }
        let sum = |lanes: [f64; LANES]| lanes.iter().sum::<f64>();
        let (n, d) = ((y.len() * LANES) as u64, 1.0 - self.shift.d);
        let n_d = n as f64 * d;
        let mut all = Self {
            n,
            n_nonzero: counted.nonzero.iter().sum(),
            n_negative: counted.negative.iter().sum(),
            n_unlike_flag: counted.unlike_flag.iter().sum(),
            shift: self.shift,
            y: sum(lanes.y),
            d: n_d,
            x: sum(lanes.x),
            yy: sum(lanes.yy),
            dd: n_d * d,
            xx: sum(lanes.xx),
            yd: sum(lanes.y) * d,
            yx: sum(lanes.yx),
            dx: sum(lanes.x) * d,
            yyy: sum(lanes.yyy),
            total: sum(counted.total),
            least: counted.least.into_iter().fold(f64::INFINITY, f64::min),
            most: counted.most.into_iter().fold(f64::NEG_INFINITY, f64::max),
        };
        y_rest.iter().zip(x_rest).for_each(|(y, x)| all.add(*y, 1.0, *x));
        self.join(&all);
    }

    /// Units that are measured per 1, given how often each number occurs, `y` what was measured and `x` what was known before, and
    /// the sum of the units' products of both, less `shift`: the same sums as one by one, in another order.
    pub fn of_counts(shift: Shift, y: &[(f64, u64)], x: &[(f64, u64)], yx: f64) -> Self {
        let mut all = Self::new(shift);
        for (y, n) in y {
            all.n += n;
            all.n_nonzero += if *y == 0.0 { 0 } else { *n };
            all.n_negative += if *y < 0.0 { *n } else { 0 };
            all.n_unlike_flag += if *y != 0.0 && *y != 1.0 { *n } else { 0 };
            let times = *n as f64;
            all.total += y * times;
            all.least = all.least.min(*y);
            all.most = all.most.max(*y);
            let y = y - shift.y;
            all.y += y * times;
            all.yy += y * y * times;
            all.yyy += y * y * y * times;
        }
        for (x, n) in x {
            let (x, times) = (x - shift.x, *n as f64);
            all.x += x * times;
            all.xx += x * x * times;
        }
        let (n, d) = (all.n as f64, 1.0 - shift.d);
        (all.d, all.dd) = (n * d, n * d * d);
        (all.yd, all.yx, all.dx) = (all.y * d, yx, all.x * d);
        all
    }

    /// Takes a unit back that was added. The least and the largest value stay what they were.
    pub fn remove(&mut self, y: f64, d: f64, x: f64) {
        let mut unit = Self::new(self.shift);
        unit.add(y, d, x);
        self.n -= unit.n;
        self.n_nonzero -= unit.n_nonzero;
        self.n_negative -= unit.n_negative;
        self.n_unlike_flag -= unit.n_unlike_flag;
        self.total -= unit.total;
        self.y -= unit.y;
        self.d -= unit.d;
        self.x -= unit.x;
        self.yy -= unit.yy;
        self.dd -= unit.dd;
        self.xx -= unit.xx;
        self.yd -= unit.yd;
        self.yx -= unit.yx;
        self.dx -= unit.dx;
        self.yyy -= unit.yyy;
    }

    /// Adds the units of another, whose sums may be of what exceeds something else.
    pub fn join(&mut self, other: &Self) {
        if self.n == 0 || other.n == 0 {
            if self.n == 0 {
                *self = other.clone();
            }
            return;
        }
        let o = other.shifted(self.shift);
        self.n += o.n;
        self.n_nonzero += o.n_nonzero;
        self.n_negative += o.n_negative;
        self.n_unlike_flag += o.n_unlike_flag;
        self.total += o.total;
        self.least = self.least.min(o.least);
        self.most = self.most.max(o.most);
        self.y += o.y;
        self.d += o.d;
        self.x += o.x;
        self.yy += o.yy;
        self.dd += o.dd;
        self.xx += o.xx;
        self.yd += o.yd;
        self.yx += o.yx;
        self.dx += o.dx;
        self.yyy += o.yyy;
    }

    /// The same units, summed over what exceeds `shift`.
    fn shifted(&self, shift: Shift) -> Self {
        let n = self.n as f64;
        let (v, w, u) = (self.shift.y - shift.y, self.shift.d - shift.d, self.shift.x - shift.x);
        Self {
            shift,
            y: self.y + n * v,
            d: self.d + n * w,
            x: self.x + n * u,
            yy: self.yy + v * (2.0 * self.y + n * v),
            dd: self.dd + w * (2.0 * self.d + n * w),
            xx: self.xx + u * (2.0 * self.x + n * u),
            yd: self.yd + v * self.d + w * (self.y + n * v),
            yx: self.yx + v * self.x + u * (self.y + n * v),
            dx: self.dx + w * self.x + u * (self.d + n * w),
            yyy: self.yyy + v * (3.0 * self.yy + v * (3.0 * self.y + n * v)),
            ..self.clone()
        }
    }

    /// Units.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Units whose value is not 0.
    pub fn n_nonzero(&self) -> u64 {
        self.n_nonzero
    }

    /// Units whose value is below 0.
    pub fn n_negative(&self) -> u64 {
        self.n_negative
    }

    /// Whether every value is 0 or 1.
    pub fn is_flag(&self) -> bool {
        self.n_unlike_flag == 0
    }

    /// The sum of what is measured.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// The least and the largest value; `None` without units.
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.n > 0).then_some((self.least, self.most))
    }

    /// Means and covariances; `None` below two units.
    pub fn sample(&self) -> Option<Sample> {
        if self.n < 2 {
            return None;
        }
        let n = self.n as f64;
        let (y, d, x) = (self.y / n, self.d / n, self.x / n);
        let co = |sum: f64, a: f64, b: f64| (sum - n * a * b) / (n - 1.0);
        let spread = |sum: f64, a: f64| co(sum, a, a).max(0.0);
        Some(Sample {
            n,
            y: y + self.shift.y,
            d: d + self.shift.d,
            x: x + self.shift.x,
            yy: spread(self.yy, y),
            dd: spread(self.dd, d),
            xx: spread(self.xx, x),
            yd: co(self.yd, y, d),
            yx: co(self.yx, y, x),
            dx: co(self.dx, d, x),
            yyy: self.yyy / n - 3.0 * y * self.yy / n + 2.0 * y * y * y,
        })
    }
}

impl Sample {
    /// A sample of which only the sums are known, as other programs take them: `n`, the sum and the sum of squares.
    pub fn of_sums(n: f64, sum: f64, squares: f64) -> Self {
        let (mean, spread) = (sum / n, (squares - sum * sum / n) / (n - 1.0));
        Self { n, y: mean, d: 1.0, x: 0.0, yy: spread, dd: 0.0, xx: 0.0, yd: 0.0, yx: 0.0, dx: 0.0, yyy: 0.0 }
    }

    /// What is measured per what it is measured per.
    pub fn rate(&self) -> f64 {
        self.y / self.d
    }

    /// Variance of the rate's mean over the units, and its covariance with the mean of `x`: the delta method for a ratio
    /// of sums, exact where `d` is 1.
    pub fn rate_spread(&self) -> (f64, f64) {
        let r = self.rate();
        let spread = (self.yy - 2.0 * r * self.yd + r * r * self.dd) / (self.d * self.d);
        let with_before = (self.yx - r * self.dx) / self.d;
        (spread.max(0.0) / self.n, with_before / self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::{Moments, Sample, Shift};

    /// NumPy: `y = np.array([3, 0, 7.5, 2]); d = np.array([1, 2, 3, 1]); np.cov(y, d)` prints 10.0625, 1.875, 0.91666667;
    /// `((y - y.mean())**3).mean()` prints 12.94921875.
    #[test]
    fn moments_agree_with_numpy() {
        for shift in [Shift::default(), Shift { y: 3.0, d: 1.0, x: 1.0 }] {
            let mut m = Moments::new(shift);
            for (y, d) in [(3.0, 1.0), (0.0, 2.0), (7.5, 3.0), (2.0, 1.0)] {
                m.add(y, d, 2.0 * y);
            }
            let s = m.sample().expect("four units");
            let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
            near(s.y, 3.125);
            near(s.yy, 10.062_5);
            near(s.yd, 1.875);
            near(s.dd, 0.916_666_666_7);
            near(s.yx, 2.0 * s.yy);
            near(s.yyy, 12.949_218_75);
            assert_eq!((m.n_nonzero(), m.range(), m.is_flag()), (3, Some((0.0, 7.5)), false));
        }
    }

    #[test]
    fn large_values_with_small_differences_keep_their_digits() {
        let mut m = Moments::new(Shift { y: 1.7e9, ..Shift::default() });
        for k in 0..1_000 {
            m.add(1.7e9 + f64::from(k % 2), 1.0, 0.0);
        }
        assert!((m.sample().expect("units").yy - 0.25 * 1_000.0 / 999.0).abs() < 1e-9);
        assert!(Moments::default().sample().is_none() && Moments::default().range().is_none());
    }

    /// Sums of parts, each over what exceeds its own first value, are those of the whole.
    #[test]
    fn parts_join_to_the_whole() {
        let unit = |k: u32| (f64::from(k * k % 97), f64::from(1 + k % 3), f64::from(k * 7 % 41) + 1.0e5);
        let sum = |from: u32, to: u32| {
            let (y, d, x) = unit(from);
            let mut m = Moments::new(Shift { y, d, x });
            (from..to).map(unit).for_each(|(y, d, x)| m.add(y, d, x));
            m
        };
        let whole = sum(0, 500).sample().expect("units");
        let mut joined = Moments::default();
        for (from, to) in [(0, 1), (1, 200), (200, 200), (200, 431), (431, 500)] {
            joined.join(&if from == to { Moments::default() } else { sum(from, to) });
        }
        assert_eq!((joined.n(), joined.range(), joined.n_nonzero()), (500, Some((0.0, 96.0)), sum(0, 500).n_nonzero()));
        let s = joined.sample().expect("units");
        for (a, b) in [
            (s.y, whole.y),
            (s.x, whole.x),
            (s.yy, whole.yy),
            (s.dd, whole.dd),
            (s.xx, whole.xx),
            (s.yd, whole.yd),
            (s.yx, whole.yx),
            (s.dx, whole.dx),
            (s.yyy, whole.yyy),
        ] {
            assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} {b}");
        }
    }

    /// Whole numbers, whose sums are exact in any order.
    #[test]
    fn many_at_once_are_what_they_are_one_by_one() {
        for n in [0, 1, 3, 4, 511, 1_030_usize] {
            let y: Vec<f64> = (0..n).map(|k| (k * 7_919 % 23) as f64 - 3.0).collect();
            let x: Vec<f64> = (0..n).map(|k| (k * 104_729 % 31) as f64).collect();
            for shift in [Shift { y: 2.0, d: 1.0, x: 5.0 }, Shift::default()] {
                let (mut one, mut all) = (Moments::new(shift), Moments::new(shift));
                one.add(5.0, 1.0, 2.0);
                all.add(5.0, 1.0, 2.0);
                y.iter().zip(&x).for_each(|(y, x)| one.add(*y, 1.0, *x));
                all.add_plain(&y, &x);
                assert_eq!(format!("{one:?}"), format!("{all:?}"), "{n}");
            }
        }
    }

    #[test]
    fn sums_make_the_same_sample() {
        let s = Sample::of_sums(4.0, 12.5, 9.0 + 56.25 + 4.0);
        assert!((s.yy - 10.062_5).abs() < 1e-9 && (s.rate() - 3.125).abs() < 1e-12);
    }
}
