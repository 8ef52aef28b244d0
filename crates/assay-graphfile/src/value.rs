//! A value of a file that knows types (Parquet, JSON), as an id, a time or a weight.

use crate::delimited;
use crate::raw::{Bad, Id, lossy};
use assay_model::edges::NO_TIME;
use assay_model::quote;
use assay_model::when::unix;
use std::fmt::Write as _;

/// One value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Whole(i64),
    Unsigned(u64),
    Float(f64),
    Bytes(&'a [u8]),
}

/// Seconds from 1990 to 2199, the years in which edges can lie.
pub(crate) const PLAUSIBLE_S: std::ops::Range<i64> = 631_152_000..7_258_118_400;

impl<'a> Value<'a> {
    /// The value as an id; `digits` holds it where it has to be written out.
    pub(crate) fn id(self, digits: &'a mut String, side: &'static str) -> Result<Id<'a>, Bad> {
        /// From here on doubles no longer tell neighbouring whole numbers apart.
        const EXACT: f64 = (1_u64 << 53) as f64;
        match self {
            Self::Bytes(bytes) => Id::read(bytes, side),
            Self::Unsigned(n) => Ok(Id::Number(n)),
            Self::Whole(n) if n >= 0 => Ok(Id::Number(n as u64)),
            Self::Whole(n) => {
                digits.clear();
                // Writing to a string cannot fail.
                let _ = write!(digits, "{n}");
                Ok(Id::Text(digits))
            }
            Self::Float(x) if x.is_nan() => Err(Bad::Empty(side)),
            Self::Float(x) if (0.0..EXACT).contains(&x) && x.fract() == 0.0 => Ok(Id::Number(x as u64)),
            Self::Float(x) => Err(Bad::Broken(format!(
                "column `{side}`: expected the whole id, found `{x}`, which a program has rounded"
            ))),
        }
    }

    /// The value as a time in seconds, or [`NO_TIME`]: a text, or a Unix time in whichever unit.
    pub(crate) fn time(self) -> Result<i64, Bad> {
        let seconds = match self {
            Self::Bytes(bytes) => return delimited::time(bytes),
            Self::Whole(0) | Self::Unsigned(0) => return Ok(NO_TIME),
            Self::Float(x) if x.is_nan() || x == 0.0 => return Ok(NO_TIME),
            Self::Whole(n) => unix(n),
            Self::Unsigned(n) => i64::try_from(n).ok().and_then(unix),
            Self::Float(x) if x.abs() < 1e17 => unix(x as i64),
            Self::Float(_) => None,
        };
        self.plausible(seconds.map(|t| t.at.0.div_euclid(1_000)))
    }

    /// The time that was read from the value, if it is one.
    pub(crate) fn plausible(self, seconds: Option<i64>) -> Result<i64, Bad> {
        seconds.filter(|s| PLAUSIBLE_S.contains(s)).ok_or_else(|| {
            Bad::Broken(format!("column `at`: expected a time from 1990 to 2199, found {}", self.shown()))
        })
    }

    /// The value as a weight.
    pub(crate) fn weight(self) -> Result<f32, Bad> {
        let weight = match self {
            Self::Bytes(bytes) => return delimited::weight(bytes),
            Self::Float(x) if x.is_nan() => 1.0,
            Self::Float(x) => x as f32,
            Self::Whole(n) => n as f32,
            Self::Unsigned(n) => n as f32,
        };
        if weight.is_finite() && weight >= 0.0 {
            // A negative zero becomes the other.
            return Ok(weight + 0.0);
        }
        Err(Bad::Broken(format!("column `weight`: expected a number, 0 or more, found {}", self.shown())))
    }

    fn shown(self) -> String {
        match self {
            Self::Whole(n) => format!("`{n}`"),
            Self::Unsigned(n) => format!("`{n}`"),
            Self::Float(x) => format!("`{x}`"),
            Self::Bytes(bytes) => quote(&lossy(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;
    use crate::raw::{Bad, Id};
    use assay_model::edges::NO_TIME;

    #[test]
    fn ids_are_whole_or_nothing() {
        let mut digits = String::new();
        for (value, id) in [
            (Value::Whole(7), Id::Number(7)),
            (Value::Unsigned(u64::MAX), Id::Number(u64::MAX)),
            (Value::Float(12.0), Id::Number(12)),
            (Value::Bytes(b"anna"), Id::Text("anna")),
            (Value::Bytes(b"12"), Id::Number(12)),
        ] {
            assert_eq!(value.id(&mut digits, "source").ok(), Some(id), "{value:?}");
        }
        assert_eq!(Value::Whole(-5).id(&mut digits, "source").ok(), Some(Id::Text("-5")));
        for value in [Value::Float(1.5), Value::Float(1e18), Value::Float(f64::INFINITY), Value::Bytes(b"\xff")] {
            assert!(matches!(value.id(&mut String::new(), "source"), Err(Bad::Broken(_))), "{value:?}");
        }
        assert!(matches!(Value::Float(f64::NAN).id(&mut String::new(), "source"), Err(Bad::Empty("source"))));
    }

    #[test]
    fn times_and_weights_are_plausible_or_refused() {
        for value in [Value::Whole(1_376_208_488), Value::Unsigned(1_376_208_488_000), Value::Float(1_376_208_488.5)] {
            assert_eq!(value.time().ok(), Some(1_376_208_488), "{value:?}");
        }
        assert_eq!(Value::Whole(0).time().ok(), Some(NO_TIME));
        for value in [Value::Whole(-1), Value::Unsigned(u64::MAX), Value::Float(f64::INFINITY), Value::Whole(12)] {
            assert!(value.time().is_err(), "{value:?}");
        }
        assert_eq!(Value::Float(2.5).weight().ok(), Some(2.5));
        assert!(Value::Whole(-1).weight().is_err() && Value::Float(f64::INFINITY).weight().is_err());
    }
}
