//! The minimum of a smooth function of a few variables.
//!
//! BFGS with a backtracking line search (Nocedal and Wright, Numerical Optimization, 2006, algorithm 6.1 and section 3.1);
//! the inverse Hessian starts as the identity scaled by their formula 6.20.

/// Where the search ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum<const N: usize> {
    /// The point.
    pub at: [f64; N],
    /// The function's value there.
    pub value: f64,
    /// Whether the gradient vanished; if not, the search stuck or ran out of steps.
    pub converged: bool,
}

/// Finds a local minimum of `function`, which gives its value and gradient, from `start`.
///
/// Ends when no component of the gradient exceeds `tolerance`, or after `max_steps`. Points where the value is not finite are
/// stepped back from; `start` must not be one.
pub fn minimise<const N: usize>(
    start: [f64; N],
    tolerance: f64,
    max_steps: usize,
    mut function: impl FnMut(&[f64; N]) -> (f64, [f64; N]),
) -> Minimum<N> {
    let mut at = start;
    let (mut value, mut gradient) = function(&at);
    let mut inverse = identity(1.0);
    for step in 0..max_steps {
        if flat(&gradient, tolerance) {
            return Minimum { at, value, converged: true };
        }
        let mut direction = times(&inverse, &gradient).map(|d| -d);
        if dot(&direction, &gradient) >= 0.0 {
            inverse = identity(1.0);
            direction = gradient.map(|g| -g);
        }
        // The first step has no curvature to go by: at most one unit long.
        let longest = direction.iter().fold(0.0_f64, |m, d| m.max(d.abs()));
        let mut length = if step == 0 { (1.0 / longest).min(1.0) } else { (4.0 / longest).min(1.0) };
        let slope = dot(&direction, &gradient);
        let found = loop {
            let trial: [f64; N] = std::array::from_fn(|i| at[i] + length * direction[i]);
            let (v, g) = function(&trial);
            if v.is_finite() && v <= value + 1e-4 * length * slope {
                break Some((trial, v, g));
            }
            length *= 0.5;
            if length < 1e-12 {
                break None;
            }
        };
        let Some((next, next_value, next_gradient)) = found else {
            return Minimum { at, value, converged: flat(&gradient, tolerance.sqrt()) };
        };
        let moved: [f64; N] = std::array::from_fn(|i| next[i] - at[i]);
        let turned: [f64; N] = std::array::from_fn(|i| next_gradient[i] - gradient[i]);
        let curvature = dot(&moved, &turned);
        if curvature > 1e-10 * (dot(&moved, &moved) * dot(&turned, &turned)).sqrt() {
            if step == 0 {
                inverse = identity(curvature / dot(&turned, &turned));
            }
            update(&mut inverse, &moved, &turned, curvature);
        }
        let gained = value - next_value;
        (at, value, gradient) = (next, next_value, next_gradient);
        // Rounding of the value hides what smaller steps would gain.
        if gained <= 4.0 * f64::EPSILON * value.abs() {
            return Minimum { at, value, converged: flat(&gradient, tolerance.sqrt()) };
        }
    }
    Minimum { at, value, converged: flat(&gradient, tolerance) }
}

/// The Hessian at a point by central differences of the gradient, `scale` times; `None` if it is not finite.
pub fn curvature<const N: usize>(
    at: &[f64; N],
    scale: f64,
    mut gradient: impl FnMut(&[f64; N]) -> [f64; N],
) -> Option<[[f64; N]; N]> {
    /// Of variables of order one, such as logarithms: the error of the difference is of order 1e-8.
    const STEP: f64 = 1e-4;
    let rows: [[f64; N]; N] = std::array::from_fn(|i| {
        let (mut up, mut down) = (*at, *at);
        up[i] += STEP;
        down[i] -= STEP;
        let (above, below) = (gradient(&up), gradient(&down));
        std::array::from_fn(|j| scale * (above[j] - below[j]) / (2.0 * STEP))
    });
    let whole = std::array::from_fn(|i| std::array::from_fn(|j| f64::midpoint(rows[i][j], rows[j][i])));
    rows.iter().flatten().all(|cell| cell.is_finite()).then_some(whole)
}

/// The inverse of a symmetric positive definite matrix; `None` if it is none.
pub fn inverse_definite<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    // Cholesky, then one solve a column.
    let mut lower = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - known;
            if i == j {
                if !(rest > 0.0 && rest.is_finite()) {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    // The inverse is symmetric: its rows are its columns.
    Some(std::array::from_fn(|column| {
        let mut solved = [0.0; N];
        for i in 0..N {
            let unit = f64::from(u8::from(i == column));
            solved[i] = (unit - (0..i).map(|k| lower[i][k] * solved[k]).sum::<f64>()) / lower[i][i];
        }
        for i in (0..N).rev() {
            solved[i] = (solved[i] - (i + 1..N).map(|k| lower[k][i] * solved[k]).sum::<f64>()) / lower[i][i];
        }
        solved
    }))
}

fn identity<const N: usize>(scale: f64) -> [[f64; N]; N] {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { scale } else { 0.0 }))
}

fn flat<const N: usize>(gradient: &[f64; N], tolerance: f64) -> bool {
    gradient.iter().all(|g| g.abs() <= tolerance)
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn times<const N: usize>(matrix: &[[f64; N]; N], vector: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|i| dot(&matrix[i], vector))
}

/// The BFGS update of the inverse Hessian.
fn update<const N: usize>(inverse: &mut [[f64; N]; N], moved: &[f64; N], turned: &[f64; N], curvature: f64) {
    let swept = times(inverse, turned);
    let scale = (1.0 + dot(turned, &swept) / curvature) / curvature;
    for i in 0..N {
        for j in 0..N {
            inverse[i][j] += scale * moved[i] * moved[j] - (swept[i] * moved[j] + moved[i] * swept[j]) / curvature;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{curvature, inverse_definite, minimise};

    #[test]
    fn the_valley_of_rosenbrock_is_walked_to_its_end() {
        // Rosenbrock (1960): the minimum is 0 at (1, 1).
        let found = minimise([-1.2, 1.0], 1e-8, 200, |&[x, y]| {
            let (u, v) = (1.0 - x, y - x * x);
            (u * u + 100.0 * v * v, [-2.0 * u - 400.0 * x * v, 200.0 * v])
        });
        assert!(found.converged);
        assert!((found.at[0] - 1.0).abs() < 1e-6 && (found.at[1] - 1.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn a_function_with_a_wall_is_stepped_back_from() {
        // x - ln x has its minimum 1 at 1 and is not a number left of 0.
        let found = minimise([30.0], 1e-10, 200, |&[x]| (x - x.ln(), [1.0 - 1.0 / x]));
        assert!(found.converged && (found.at[0] - 1.0).abs() < 1e-8, "{found:?}");
    }

    #[test]
    fn the_curvature_of_a_quadratic_is_its_matrix() {
        // x² + 3 x y + 5 y², twice.
        let found = curvature(&[0.3, -0.7], 2.0, |&[x, y]| [2.0 * x + 3.0 * y, 3.0 * x + 10.0 * y]).expect("finite");
        for (row, want) in found.iter().zip([[4.0, 6.0], [6.0, 20.0]]) {
            assert!(row.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-8), "{found:?}");
        }
        assert_eq!(curvature(&[0.0], 1.0, |_| [f64::NAN]), None);
    }

    #[test]
    fn an_inverse_times_its_matrix_is_one() {
        let m = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]];
        let inverse = inverse_definite(&m).expect("definite");
        for (i, row) in m.iter().enumerate() {
            for (j, column) in inverse.iter().enumerate() {
                let product: f64 = row.iter().zip(column).map(|(a, b)| a * b).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
        assert_eq!(inverse_definite(&[[1.0, 2.0], [2.0, 1.0]]), None);
    }
}
