//! The ends of an interval by inverting a test: the effects that it does not refuse.

/// Halvings between an effect that is kept and one that is refused: to a millionth of a millionth of what is searched.
const HALVINGS: usize = 40;

/// The end of the interval on one side of `estimate` (`far` has the sign of the side): where the p-value falls to `alpha`. `None`
/// where even an effect so far away is not refused.
pub(crate) fn end(estimate: f64, far: f64, alpha: f64, p_of: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut kept, mut refused) = (estimate, estimate + far);
    if p_of(refused) > alpha {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(kept, refused);
        if p_of(middle) > alpha {
            kept = middle;
        } else {
            refused = middle;
        }
    }
    Some(refused)
}

#[cfg(test)]
mod tests {
    use super::end;

    #[test]
    fn ends_are_where_the_test_begins_to_refuse() {
        // |effect - 2| up to 3 is kept.
        let p = |effect: f64| if (effect - 2.0).abs() <= 3.0 { 0.5 } else { 0.01 };
        let (low, high) = (end(2.0, -50.0, 0.1, p), end(2.0, 50.0, 0.1, p));
        assert!((low.unwrap() + 1.0).abs() < 1e-9 && (high.unwrap() - 5.0).abs() < 1e-9);
        assert_eq!(end(2.0, 1.0, 0.1, p), None);
    }
}
