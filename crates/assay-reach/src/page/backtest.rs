//! How well the next post is foretold: each post is predicted from those before it alone.

use super::features::Design;
use super::forecast::{Forecaster, Prediction};
use super::numbers::{median, quantile_of_sorted, sorted};
use super::series::{Placed, Series, Target};
use assay_model::{Abstention, Go, Outcome, Stopped, Tick};
use serde::Serialize;

/// Scores over the posts that were foretold. Logarithms are natural.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// Mean distance of the predicted median from the log of what came.
    pub mae_log: f64,
    /// Mean continuous ranked probability score, on logs.
    pub crps: f64,
    /// Share of posts inside the predicted 90 % interval, 0..1.
    pub coverage_90: f64,
    /// Median of the distance of the predicted median from what came, over what came.
    pub median_ape: f64,
}

/// A way of foretelling without a model, to compare with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// Its name.
    pub id: &'static str,
    /// What it does, in one plain sentence.
    pub sentence: &'static str,
    /// Its scores.
    pub scores: Scores,
}

/// The result of a backtest.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// What was foretold.
    pub target: Target,
    /// Posts that were foretold.
    pub n: usize,
    /// Posts before the first that was foretold.
    pub n_before: usize,
    /// Scores of the model.
    pub scores: Scores,
    /// Scores without one.
    pub baselines: Vec<Baseline>,
    /// What was foretold and what came, post by post.
    pub foretold: Vec<Foretold>,
}

/// One post of a backtest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foretold {
    /// The log that came.
    pub came: f64,
    /// Median of the prediction.
    pub median: f64,
    /// Low end of its 90 % interval.
    pub low: f64,
    /// High end of its 90 % interval.
    pub high: f64,
    /// The score of the prediction.
    pub crps: f64,
    /// When it was published.
    pub at: Option<assay_model::TimeMs>,
}

/// The fewest posts from which anything is foretold.
pub const POSTS_BEFORE_MIN: usize = 20;

/// Foretells each post behind the first `train_share` (0..1) of them. Costs O(n p²) in n posts and p features, some 40 times.
///
/// # Errors
/// [`Stopped`] if the tick says so.
pub fn backtest(series: &Series, train_share: f64, tick: &mut Tick<'_>) -> Result<Outcome<Backtest>, Stopped> {
    let posts = &series.posts;
    let n_before = ((posts.len() as f64 * train_share).round() as usize).max(POSTS_BEFORE_MIN);
    if posts.len() <= n_before {
        return Ok(Outcome::Abstained(Abstention::new(
            format!(
                "{} posts have a {} above 0, and the first {n_before} are learned from",
                posts.len(),
                series.target.id()
            ),
            format!("more than {n_before} posts, or a lower --train-share"),
        )));
    }
    let design = Design::new(series);
    let typical = series.typical_gap_days();
    let logs = series.logs();
    let mut forecaster = Forecaster::new(&design, &logs[..POSTS_BEFORE_MIN]);
    let mut foretold = Vec::with_capacity(posts.len() - n_before);
    for (i, post) in posts.iter().enumerate() {
        if i % 64 == 0 && tick(i as u64, posts.len() as u64) == Go::Stop {
            return Err(Stopped);
        }
        let (row, gap) = (design.row(i), post.gap_days / typical);
        if i >= n_before {
            foretold.push(scored(&forecaster.predict(row, gap), post));
        }
        forecaster.learn(row, gap, post.log);
    }
    let of = |id, sentence, pick: &dyn Fn(usize) -> Vec<f64>| {
        let foretold: Vec<Foretold> = (n_before..posts.len()).map(|i| empirical(&pick(i), &posts[i])).collect();
        Baseline { id, sentence, scores: scores(&foretold) }
    };
    let baselines = vec![
        of("rolling_50", "the distribution of the last 50 posts", &|i| logs[i.saturating_sub(50)..i].to_vec()),
        of("rolling_20", "the distribution of the last 20 posts", &|i| logs[i.saturating_sub(20)..i].to_vec()),
        of("all_before", "the distribution of all posts before", &|i| logs[..i].to_vec()),
        of("alike_50", "the distribution of the last 50 posts of the same type, paid or not alike", &|i| {
            let alike = |p: &Placed| (p.row.kind, p.row.paid) == (posts[i].row.kind, posts[i].row.paid);
            let last: Vec<f64> = posts[..i].iter().rev().filter(|p| alike(p)).take(50).map(|p| p.log).collect();
            if last.len() < 5 { logs[i.saturating_sub(50)..i].to_vec() } else { last }
        }),
    ];
    let scores = scores(&foretold);
    Ok(Outcome::Found(Backtest { target: series.target, n: foretold.len(), n_before, scores, baselines, foretold }))
}

fn scored(prediction: &Prediction, post: &Placed) -> Foretold {
    let [low, median, high] = [0.05, 0.5, 0.95].map(|p| prediction.quantile(p));
    Foretold {
        came: post.log,
        median,
        low,
        high,
        crps: prediction.of_counts().crps(post.log),
        at: post.row.published_at,
    }
}

/// A post scored against an equally weighted sample.
fn empirical(sample: &[f64], post: &Placed) -> Foretold {
    let sample = sorted(sample);
    let n = sample.len() as f64;
    let near = sample.iter().map(|x| (x - post.log).abs()).sum::<f64>() / n;
    // Half the mean distance between two draws, by order statistics.
    let apart: f64 = sample.iter().enumerate().map(|(i, x)| x * (2.0 * i as f64 - n + 1.0)).sum::<f64>() / (n * n);
    let [low, median, high] = [0.05, 0.5, 0.95].map(|p| quantile_of_sorted(&sample, p).unwrap_or(post.log));
    Foretold { came: post.log, median, low, high, crps: near - apart, at: post.row.published_at }
}

fn scores(foretold: &[Foretold]) -> Scores {
    let n = foretold.len() as f64;
    let mean = |of: &dyn Fn(&Foretold) -> f64| foretold.iter().map(of).sum::<f64>() / n;
    let errors: Vec<f64> = foretold.iter().map(|f| (f.median - f.came).exp_m1().abs()).collect();
    Scores {
        mae_log: mean(&|f| (f.came - f.median).abs()),
        crps: mean(&|f| f.crps),
        coverage_90: mean(&|f| f64::from(f.low <= f.came && f.came <= f.high)),
        median_ape: median(&errors).unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::empirical;
    use crate::page::series::Placed;
    use assay_model::PostRow;

    /// By hand: the sample 0, 1 against 0: mean distance .5 less half the mean distance between draws, .25.
    #[test]
    fn the_score_of_a_sample_is_that_by_hand() {
        let post =
            Placed { row: PostRow::default(), log: 0.0, n_that_day: 0, gap_days: 0.0, hour: None, weekday: None };
        assert!((empirical(&[1.0, 0.0], &post).crps - 0.25).abs() < 1e-12);
    }
}
