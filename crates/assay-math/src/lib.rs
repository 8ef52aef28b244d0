//! Numbers for assay: estimates with intervals, seeded randomness, distributions and tests; [`graph`]: kernels on graphs.
//!
//! Floor 0: this crate has never heard of social media and imports nothing of the project.

mod beta;
mod binomial;
mod counts;
mod estimate;
mod fdr;
pub mod graph;
mod minimise;
mod normal;
mod progress;
mod seed;

pub use beta::beta_quantile;
pub use binomial::{binomial_upper_tail, jeffreys_interval};
pub use counts::{count_upper_tail, poisson_interval};
pub use estimate::Estimate;
pub use fdr::benjamini_hochberg;
pub use minimise::{Minimum, inverse_definite, minimise};
pub use normal::normal_quantile;
pub use progress::{Go, Stopped, Tick, silent};
pub use seed::{Random, Seed};
