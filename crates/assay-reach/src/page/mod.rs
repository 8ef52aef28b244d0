//! The model fitted to one page's posts.

mod backtest;
mod features;
mod forecast;
mod numbers;
mod series;
mod student;

pub use backtest::{Backtest, Baseline, Foretold, POSTS_BEFORE_MIN, Scores, backtest};
pub use forecast::Prediction;
pub use series::{Placed, Series, Target, Timing};
