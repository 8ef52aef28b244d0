//! The staged removal that would tell by which mechanism bought followers cost reach: how much it could tell, by simulation.

use super::fit::{FitOptions, fit};
use super::made::{MadePage, MadeTruth};
use super::series::{Series, Target};
use assay_math::{Estimate, Seed, jeffreys_interval};
use assay_model::synth::Draw;
use assay_model::{Go, Outcome, Stopped, Tick};

/// A removal in steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Equal parts in which the inauthentic followers are removed.
    pub steps: u32,
    /// Posts between one step and the next, and after the last.
    pub posts_per_step: u32,
    /// Posts in all, with those before the first step.
    pub n_posts: u32,
    /// How often the cost would be known much better than before (its standard deviation below .8 of the prior's).
    pub tells_cost: Estimate,
    /// How often one mechanism would have a weight of .8 or more, and be the true one.
    pub names_mechanism: Estimate,
    /// How often one would have such a weight and be a false one.
    pub misleads: Estimate,
    /// Width of the cost's interval, on average.
    pub mean_width: f64,
}

/// Pages made for each plan.
const PAGES: u64 = 60;
/// Posts before the first step.
const POSTS_BEFORE: u32 = 30;
/// Removals that are compared.
const CANDIDATES: [(u32, u32); 4] = [(1, 30), (3, 10), (3, 20), (3, 40)];

/// Compares removals on made pages with this share and this noise.
///
/// # Errors
/// [`Stopped`] if the tick says so.
pub fn plans(page: &MadePage, options: &FitOptions, seed: Seed, tick: &mut Tick<'_>) -> Result<Vec<Plan>, Stopped> {
    let mut plans = Vec::new();
    for (nth, (steps, posts_per_step)) in CANDIDATES.into_iter().enumerate() {
        let odds = page.share / (1.0 - page.share);
        let mut path = vec![page.share; POSTS_BEFORE as usize];
        for step in 1..=steps {
            let left = odds * (1.0 - f64::from(step) / f64::from(steps));
            path.resize(path.len() + posts_per_step as usize, left / (1.0 + left));
        }
        let n_posts = path.len() as u32;
        let page = MadePage { n: path.len(), path: Some(path), ..page.clone() };
        let (mut told, mut named, mut misled, mut width, mut n) = (0, 0, 0, 0.0, 0_u64);
        for i in 0..PAGES {
            if tick(nth as u64 * PAGES + i, CANDIDATES.len() as u64 * PAGES) == Go::Stop {
                return Err(Stopped);
            }
            let seed = seed.fork("plan").nth(i);
            let truth = MadeTruth::draw(&mut Draw::new(seed.fork("truth")));
            let made = page.make(&truth, seed);
            let Outcome::Found(fit) = fit(&Series::new(&made.posts, Target::Reach), &made.shares, options) else {
                continue;
            };
            n += 1;
            // What the page lost before the removal is what is asked, so the last share is put back.
            let lost = fit.posterior.cost_at(page.share, page.seen_share);
            let before = fit.prior.cost_at(page.share, page.seen_share);
            told += u64::from(lost.sd() < 0.8 * before.sd());
            let interval = fit.posterior.estimate(&lost);
            width += interval.high - interval.low;
            let sure = fit.posterior.families().into_iter().find(|f| f.1 >= 0.8);
            named += u64::from(sure.is_some_and(|f| f.0 == truth.mechanism));
            misled += u64::from(sure.is_some_and(|f| f.0 != truth.mechanism));
        }
        let share = |k| {
            jeffreys_interval(k, n.max(1), options.confidence).unwrap_or(Estimate::new(
                0.0,
                0.0,
                1.0,
                options.confidence,
            ))
        };
        plans.push(Plan {
            steps,
            posts_per_step,
            n_posts,
            tells_cost: share(told),
            names_mechanism: share(named),
            misleads: share(misled),
            mean_width: width / n.max(1) as f64,
        });
    }
    Ok(plans)
}
