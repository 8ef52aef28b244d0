//! How well the next post is foretold.

use super::{Error, Step, Watch, read_posts, series};
use crate::report::reach::BacktestReport;
use assay_import::ReadOptions;
use assay_reach::page::{self, Target};
use std::path::PathBuf;

/// Reads posts and foretells each one behind the first `train_share` of them from those before it.
///
/// # Errors
/// When the posts cannot be read, none has the target, or `watch` answers stop.
pub fn backtest(
    paths: &[PathBuf],
    reading: &ReadOptions,
    target: Option<Target>,
    train_share: f64,
    watch: &mut Watch<'_>,
) -> Result<BacktestReport, Error> {
    let (posts, mut origin) = read_posts(paths, reading, watch)?;
    let series = series(&posts, target, &mut origin)?;
    let mut tick = |done, total| watch(Step::Named("foretelling"), done, total);
    let answer = page::backtest(&series, train_share, &mut tick).map_err(|_| Error::Interrupted)?;
    Ok(BacktestReport { origin, target: series.target, answer })
}
