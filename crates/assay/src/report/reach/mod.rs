//! Reports about reach, as plain data at full precision.

mod backtest;
mod fit;
mod what_if;

pub use backtest::BacktestReport;
pub use fit::FitReport;
pub use what_if::{Promoted, Valued, WhatIfReport};

pub use super::Origin;
