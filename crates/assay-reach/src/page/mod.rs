//! The model fitted to one page's posts.

pub mod accounts;
mod backtest;
pub mod calibration;
mod features;
mod fit;
mod forecast;
pub mod made;
mod numbers;
mod plan;
mod revenue;
mod series;
mod student;
mod what_if;

pub use backtest::{Backtest, Baseline, Foretold, POSTS_BEFORE_MIN, Scores, backtest};
pub use fit::{FIT_POSTS_MIN, Fit, FitOptions, Posterior, Separation, Shares, Weighted, fit};
pub use forecast::Prediction;
pub use plan::{Plan, plans};
pub use revenue::{WEEKS_MIN, WeekTold, value_of_engagement};
pub use series::{Placed, Series, Target, Timing};
pub use what_if::{Change, Outcomes, Outlook, PageNow, Path, WEEKS_PER_STEP, Week, staged_removal, what_if};
