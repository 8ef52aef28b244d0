//! The product: pipeline, reports, renderings and command line. Clock, environment, files and rounding live here.

pub mod cli;
pub mod config;
pub mod pipeline;
pub mod render;
pub mod report;
pub mod server;
pub mod synth_export;
