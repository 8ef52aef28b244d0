//! Reports about reach, as plain data at full precision.

mod backtest;

pub use backtest::BacktestReport;

pub use super::Origin;
