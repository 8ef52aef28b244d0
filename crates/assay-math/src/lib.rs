//! Numbers for assay: estimates with intervals, seeded randomness, distributions and tests; [`graph`]: kernels on graphs.
//!
//! Floor 0: this crate has never heard of social media and imports nothing of the project.

mod beta;
mod binomial;
mod counts;
mod estimate;
mod families;
mod fdr;
pub mod graph;
mod minimise;
mod normal;
mod progress;
mod seed;
mod student;
mod survival;

pub use beta::{beta_below, beta_quantile, chi_squared_upper_tail, ln_gamma};
pub use binomial::{binomial_upper_tail, jeffreys_interval};
pub use counts::{count_upper_tail, poisson_interval};
pub use estimate::Estimate;
pub use families::{holm, hommel};
pub use fdr::benjamini_hochberg;
pub use minimise::{Minimum, curvature, inverse_definite, minimise};
pub use normal::{normal_density, normal_quantile, normal_upper_quantile, normal_upper_tail};
pub use progress::{Go, Stopped, Tick, silent};
pub use seed::{Random, Seed, split_mix};
pub use student::{normal_to_student, student_to_normal, student_upper_tail};
pub use survival::{EndsWithin, ends_within};
