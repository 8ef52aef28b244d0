//! An estimate and its interval.

use serde::Serialize;

/// A point estimate with the interval that holds the truth at the stated confidence.
///
/// `low <= point <= high`, in the unit of the quantity; a share lies in 0..1. `confidence` lies in 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The best single value.
    pub point: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// How often intervals made this way hold the truth, 0..1.
    pub confidence: f64,
}

impl Estimate {
    /// Makes an estimate.
    ///
    /// # Panics
    /// If the ends are not in order around the point, or a number is not finite: that is a fault of the caller.
    pub fn new(point: f64, low: f64, high: f64, confidence: f64) -> Self {
        assert!(low <= point && point <= high, "an interval holds its point: {low} <= {point} <= {high}");
        assert!((0.0..=1.0).contains(&confidence), "confidence lies in 0..1, got {confidence}");
        assert!(low.is_finite() && high.is_finite(), "an interval is finite: {low}..{high}");
        Self { point, low, high, confidence }
    }
}
