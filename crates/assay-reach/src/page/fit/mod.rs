//! What inauthentic followers cost a page in reach: the posterior over mechanisms and strengths, given its posts.
//!
//! The model of a post's reach:
//!
//! ```text
//! log reach = level + x'b + e·log(real followers) + theta·log(1 - z) + noise
//! level: a random walk       noise: Student-t, 4 degrees of freedom, with a spread that drifts
//! z: an exponential average over posts of {0 | the share of impressions that bought accounts take | their share of followers}
//! ```
//!
//! for the mechanisms {per viewer | per impression | per follower}; *test then expand* cuts reach at once, by its own curve. Engagement over reach is beta-binomial, and falls by the
//! share of impressions that bought accounts take: it tells how active they are, and so which mechanism could explain a fall.
//!
//! Given mechanism, activity, memory, share and drift the model is linear and normal, so all of it is a grid times one
//! parabola each: no sampling, the same bits every time, milliseconds. Residuals enter by their influence (see `noise`).
//!
//! Limits: a page whose share has been constant tells nothing (the level takes it up), and the answer is the prior and says so.
//! Changes of the share must not coincide with changes of the platform; drift of the level guards against slow ones only.
//! Plug-in scale and spread make intervals a little narrow on few posts.

mod engagement;
mod grid;
mod half_normal;
mod level;
mod noise;
mod posterior;
mod weighted;

pub(crate) use grid::{SHARE_MAX, burden, log_left};
pub use posterior::Posterior;
pub use weighted::Weighted;

use super::features::{Design, Feature, PAID, PAID_BY_CHANCE, is_paid};
use super::numbers::median;
use super::series::Series;
use crate::mechanism::Mechanism;
use assay_math::Estimate;
use assay_model::{Abstention, Outcome};
use grid::{Cell, DRIFTS, FAMILIES, Strength, activities, memories, places, remembered, share_at, strengths};
use half_normal::HalfNormal;
use level::Regression;

/// The inauthentic share of the followers when each post of a series was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// 0..1, one for each post.
    pub points: Vec<f64>,
    /// How uncertain they are, together: the standard deviation of their logit.
    pub logit_sd: f64,
}

impl Shares {
    /// The same share at all times, from an estimate.
    pub fn constant(n_posts: usize, share: &Estimate) -> Self {
        Self { points: vec![share.point; n_posts], logit_sd: Self::logit_sd(share) }
    }

    /// The standard deviation of the logit that an interval speaks of.
    pub fn logit_sd(share: &Estimate) -> f64 {
        let logit = |p: f64| {
            let p = p.clamp(1e-4, SHARE_MAX);
            (p / (1.0 - p)).ln()
        };
        let width = logit(share.high) - logit(share.low);
        let tail = 0.5 + share.confidence.clamp(0.01, 0.999) / 2.0;
        (width / (2.0 * assay_math::normal_quantile(tail))).max(0.0)
    }
}

/// What is asked of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitOptions {
    /// How often intervals shall hold the truth, 0..1.
    pub confidence: f64,
    /// Weights of the mechanisms before any data, in the order of the table; they need not sum to 1.
    pub prior: [f64; 4],
}

impl Default for FitOptions {
    fn default() -> Self {
        Self { confidence: 0.9, prior: FAMILIES.map(|m| m.described().prior) }
    }
}

/// A fitted page.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Posts fitted.
    pub n: usize,
    /// What is known after the posts.
    pub posterior: Posterior,
    /// What was known before them, with the same shares.
    pub prior: Posterior,
    /// Standard deviation of a post's noise, on logs (that of the t's scale).
    pub noise_scale: f64,
    /// Posts whose engagement was used.
    pub n_engagement: usize,
    /// The share of real followers that a post reaches.
    pub seen_share: f64,
    /// What a paid post reaches over an unpaid one, less 1: from boosts that chance decided.
    pub promotion: Outcome<Estimate>,
    /// The same among posts that a person chose to pay for: an association, not an effect.
    pub paid_association: Option<Estimate>,
    /// What each feature is worth on log reach.
    pub coefficients: Vec<(String, Estimate)>,
    /// The level of log reach for a usual post at the end of the series: mean and standard deviation.
    pub level_now: (f64, f64),
}

/// Whether the posts told more than was known before them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Separation {
    /// Standard deviation of the cost after the posts over that before.
    pub cost_sd_ratio: f64,
    /// Half the sum of the changes of the mechanisms' weights, 0..1.
    pub weights_moved: f64,
    /// Whether the posts separate the mechanisms or their strengths.
    pub separates: bool,
}

/// Above this ratio of standard deviations nothing was learned of the cost.
const SD_RATIO_MAX: f64 = 0.8;
/// Below this change of weights nothing was learned of the mechanism.
const WEIGHTS_MOVED_MIN: f64 = 0.25;

impl Fit {
    /// Whether the posts told more than was known before them.
    pub fn separation(&self) -> Separation {
        let (after, before) = (self.posterior.cost().sd(), self.prior.cost().sd());
        let cost_sd_ratio = if before > 1e-9 { after / before } else { 1.0 };
        let pairs = self.posterior.families().into_iter().zip(self.prior.families());
        let weights_moved = pairs.map(|(a, b)| (a.1 - b.1).abs()).sum::<f64>() / 2.0;
        let separates = cost_sd_ratio <= SD_RATIO_MAX || weights_moved >= WEIGHTS_MOVED_MIN;
        Separation { cost_sd_ratio, weights_moved, separates }
    }
}

/// The fewest posts that are fitted.
pub const FIT_POSTS_MIN: usize = 20;
/// Posts of each sort, boosted by chance or not, before an effect is told.
const CHANCE_POSTS_MIN: usize = 8;

/// Fits a page. Costs O(n p² ) in n posts and p features for each drift of the grid, and O(n p) for each of its thousand points, three times.
pub fn fit(series: &Series, shares: &Shares, options: &FitOptions) -> Outcome<Fit> {
    let n = series.posts.len();
    if n < FIT_POSTS_MIN {
        return Outcome::Abstained(Abstention::new(
            match n {
                1 => format!("1 post has a {} above 0", series.target.id()),
                _ => format!("{n} posts have a {} above 0", series.target.id()),
            },
            format!("at least {FIT_POSTS_MIN} posts"),
        ));
    }
    if series.posts.iter().all(is_paid) {
        return Outcome::Abstained(Abstention::new(
            "every post was paid for, and paid reach does not hang on followers as organic reach may",
            format!("at least {FIT_POSTS_MIN} posts, some of them not paid for"),
        ));
    }
    let mut design = Design::new(series);
    add_followers(&mut design, series, shares);
    let logs = series.logs();
    let typical = series.typical_gap_days();
    let gaps: Vec<f64> = series.posts.iter().map(|p| (p.gap_days / typical).clamp(0.25, 20.0)).collect();
    let seen_share = seen_share(series, shares);
    let burdens = Burdens::new(shares, seen_share);
    let engagement = engagement::engagement(series, &design, &gaps, &burdens.seen);
    let prior = Posterior::new(burdens.cells(options, None, &engagement.flat()), options);
    let mut pass = Pass::first(&design, &logs, &gaps);
    let mut posterior = prior.clone();
    for _ in 0..3 {
        let (cells, drifts) = burdens.weighed(options, &design, &gaps, &pass, &engagement.log_likelihoods);
        posterior = Posterior::new(cells, options);
        pass = pass.again(&design, &logs, &gaps, &posterior.mean_offset(&burdens), &drifts);
    }
    let coefficients = coefficients(&design, &pass, options.confidence);
    let factor = |name: &str| {
        let (_, e) = coefficients.iter().find(|(feature, _)| feature == name)?;
        Some(Estimate::new(e.point.exp_m1(), e.low.exp_m1(), e.high.exp_m1(), e.confidence))
    };
    Outcome::Found(Fit {
        n,
        posterior,
        prior,
        noise_scale: pass.noise.scale,
        n_engagement: engagement.n,
        seen_share,
        promotion: promotion(series, factor(PAID_BY_CHANCE)),
        paid_association: factor(PAID),
        coefficients,
        level_now: pass.level_now(&logs, &gaps),
    })
}

/// Real followers, on logs, where the table counts followers: a tenth more brings about .85 tenths more reach (between
/// pages of different size; vendors' studies imply .75 to .9).
fn add_followers(design: &mut Design, series: &Series, shares: &Shares) {
    let Some(all) = followers(series) else { return };
    let real: Vec<f64> =
        all.iter().zip(&shares.points).map(|(f, s)| (f * (1.0 - s.min(SHARE_MAX))).max(1.0).ln()).collect();
    let first = real[0];
    let column: Vec<f64> = real.iter().map(|r| r - first).collect();
    design.add(Feature { name: "real_followers".to_owned(), mean: 0.85, sd: 0.1 }, &column);
}

/// Followers at each post; where some are missing, those of the post before. `None` where none is known.
fn followers(series: &Series) -> Option<Vec<f64>> {
    let mut last = series.posts.iter().find_map(|p| p.row.followers)?;
    let fill = |p: &super::series::Placed| {
        last = p.row.followers.unwrap_or(last);
        f64::from(last.max(1))
    };
    Some(series.posts.iter().map(fill).collect())
}

/// The share of real followers that a post reaches, by the posts that tell; .1 where none does (Locowise 2015: 6 to 11 %).
fn seen_share(series: &Series, shares: &Shares) -> f64 {
    let told: Vec<f64> = series
        .posts
        .iter()
        .zip(&shares.points)
        .filter_map(|(p, s)| {
            let reach = p.row.fan_reach.or(p.row.reach)?;
            let real = f64::from(p.row.followers?) * (1.0 - s.min(SHARE_MAX));
            (real >= 1.0).then(|| (f64::from(reach) / real).min(1.0))
        })
        .collect();
    median(&told).unwrap_or(0.1).clamp(0.005, 1.0)
}

fn promotion(series: &Series, factor: Option<Estimate>) -> Outcome<Estimate> {
    let by_chance = series.posts.iter().filter(|p| p.row.randomised == Some(true));
    let n = by_chance.clone().count();
    let n_paid = by_chance.filter(|p| is_paid(p)).count();
    let settle = format!(
        "let chance decide which posts are paid for (a coin for each), mark them in a column `randomised`, and gather at least {CHANCE_POSTS_MIN} of each"
    );
    match factor {
        Some(factor) if n_paid >= CHANCE_POSTS_MIN && n - n_paid >= CHANCE_POSTS_MIN => Outcome::Found(factor),
        _ if n > 0 => Outcome::Abstained(Abstention::new(
            format!("chance decided over {n} posts, {n_paid} of them paid: too few to tell"),
            settle,
        )),
        _ => Outcome::Abstained(Abstention::new(
            "not causal: who chose the paid posts may have chosen better ones",
            settle,
        )),
    }
}

fn coefficients(design: &Design, pass: &Pass, confidence: f64) -> Vec<(String, Estimate)> {
    let z = assay_math::normal_quantile(0.5 + confidence / 2.0);
    let named = design.features.iter().zip(&pass.coefficients);
    named.map(|(f, (m, sd))| (f.name.clone(), Estimate::new(*m, m - z * sd, m + z * sd, confidence))).collect()
}

/// The burden on a page at each post, for each point of the grid.
pub(crate) struct Burdens {
    /// Share of impressions taken by bought accounts: for each place of the share, for each activity, for each post.
    pub(super) seen: Vec<Vec<Vec<f64>>>,
    /// Share of followers: for each place, for each post.
    held: Vec<Vec<f64>>,
    /// What *test then expand* leaves of log reach: for each place, for each strength, for each post.
    expanded: Vec<Vec<Vec<f64>>>,
}

impl Burdens {
    fn new(shares: &Shares, seen_share: f64) -> Self {
        let held: Vec<Vec<f64>> = places(shares.logit_sd)
            .iter()
            .map(|place| shares.points.iter().map(|p| share_at(*p, shares.logit_sd, *place)).collect())
            .collect();
        let taken = |shares: &Vec<f64>, activity: f64| -> Vec<f64> {
            shares.iter().map(|s| burden(Mechanism::PerImpression, *s, activity, seen_share)).collect()
        };
        let expanded = |shares: &Vec<f64>, theta: f64| -> Vec<f64> {
            let mut before = (-1.0, 0.0);
            let step = |share: &f64| {
                if *share != before.0 {
                    before = (*share, log_left(Mechanism::TestThenExpand, theta, *share));
                }
                before.1
            };
            shares.iter().map(step).collect()
        };
        let thetas = theta_of(Mechanism::TestThenExpand).map_or(Vec::new(), |t| strengths(t).to_vec());
        Self {
            seen: held.iter().map(|shares| activities().iter().map(|a| taken(shares, *a)).collect()).collect(),
            expanded: held.iter().map(|shares| thetas.iter().map(|t| expanded(shares, *t)).collect()).collect(),
            held,
        }
    }

    /// The points of the grid, weighed by the prior, engagement, and where there is one, a regression.
    fn cells(
        &self,
        options: &FitOptions,
        regression: Option<&Regression>,
        engagement: &[Vec<f64>],
    ) -> Vec<(Cell, f64)> {
        let total: f64 = options.prior.iter().sum();
        let mut cells = Vec::new();
        for (place, held) in self.held.iter().enumerate() {
            let both = log_mean(&engagement[place]);
            for (family, mechanism) in FAMILIES.iter().enumerate() {
                let prior = (options.prior[family] / total).ln() - (self.held.len() as f64).ln();
                let blank = Cell {
                    family,
                    activity: 0,
                    half_life: 1.0,
                    place,
                    strength: Strength::None,
                    weight: 0.0,
                    burden: 0.0,
                };
                let held_now = held.last().copied().unwrap_or(0.0);
                let Some(theta) = theta_of(*mechanism) else {
                    cells.push((blank, prior + both));
                    continue;
                };
                if *mechanism == Mechanism::TestThenExpand {
                    let thetas = strengths(theta);
                    for (column, theta) in self.expanded[place].iter().zip(thetas) {
                        let cell = Cell { strength: Strength::Fixed(theta), burden: held_now, ..blank };
                        let fits = regression.map_or(0.0, |r| {
                            let p = r.parabola(column);
                            p.slope - p.curve / 2.0
                        });
                        cells.push((cell, prior + both + fits - (thetas.len() as f64).ln()));
                    }
                    continue;
                }
                let by_activity = *mechanism == Mechanism::PerImpression;
                let n_activities = if by_activity { activities().len() } else { 1 };
                let even = ((memories().len() * n_activities) as f64).ln();
                for half_life in memories() {
                    for (activity, told) in engagement[place].iter().enumerate().take(n_activities) {
                        let z = self.remembered(family, place, activity, half_life);
                        let (after, fits) = match regression {
                            Some(regression) => {
                                let p = regression.parabola(&logs_left(&z));
                                theta.seen(p.slope, p.curve)
                            }
                            None => (theta, 0.0),
                        };
                        let told = if by_activity { *told } else { both };
                        let burden = z.last().copied().unwrap_or(0.0);
                        let cell = Cell { activity, half_life, strength: Strength::Spread(after), burden, ..blank };
                        cells.push((cell, prior + told + fits - even));
                    }
                }
            }
        }
        cells
    }

    /// What a ranker remembers of a family's burden, post by post.
    fn remembered(&self, family: usize, place: usize, activity: usize, half_life: f64) -> Vec<f64> {
        let column =
            if FAMILIES[family] == Mechanism::PerImpression { &self.seen[place][activity] } else { &self.held[place] };
        remembered(column, half_life)
    }

    /// The points over all drifts, and how likely each drift is.
    fn weighed(
        &self,
        options: &FitOptions,
        design: &Design,
        gaps: &[f64],
        pass: &Pass,
        engagement: &[Vec<f64>],
    ) -> (Vec<(Cell, f64)>, Vec<f64>) {
        let mut cells = Vec::new();
        let mut drifts = Vec::new();
        for (drift, weight) in DRIFTS {
            let growth = growth(gaps, drift * pass.noise.scale);
            let regression = Regression::new(design, &pass.noise.observed, &pass.noise.variances, &growth);
            let own = self.cells(options, Some(&regression), engagement);
            let add = weight.ln() + regression.log_likelihood;
            let logs: Vec<f64> = own.iter().map(|c| c.1 + add).collect();
            drifts.push(log_mean(&logs) + (logs.len() as f64).ln());
            cells.extend(own.into_iter().zip(logs).map(|((cell, _), log)| (cell, log)));
        }
        (cells, normalised(&drifts))
    }

    /// What a point of the grid takes off log reach at each post, at the middle of its strength.
    fn offset(&self, cell: &Cell) -> Vec<f64> {
        match cell.strength {
            Strength::None => vec![0.0; self.held[cell.place].len()],
            Strength::Fixed(theta) => self.held[cell.place].iter().map(|share| cell.log_left(theta, *share)).collect(),
            Strength::Spread(strength) => {
                let theta = strength.quantile(0.5);
                let z = self.remembered(cell.family, cell.place, cell.activity, cell.half_life);
                logs_left(&z).iter().map(|log| theta * log).collect()
            }
        }
    }
}

/// The prior of a mechanism's strength.
fn theta_of(mechanism: Mechanism) -> Option<HalfNormal> {
    mechanism.described().theta.map(|t| HalfNormal { mean: t.mean, sd: t.sd })
}

fn logs_left(burdens: &[f64]) -> Vec<f64> {
    burdens.iter().map(|z| (1.0 - z.min(SHARE_MAX)).ln()).collect()
}

/// How much the variance of the level grows before each post.
pub(super) fn growth(gaps: &[f64], drift_sd: f64) -> Vec<f64> {
    gaps.iter().map(|gap| gap * drift_sd * drift_sd).collect()
}

/// The logarithm of the mean of exponentials.
fn log_mean(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + (logs.iter().map(|l| (l - most).exp()).sum::<f64>() / logs.len() as f64).ln()
}

/// Shares of the weight, from its logarithms.
pub(super) fn normalised(logs: &[f64]) -> Vec<f64> {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|l| (l - most).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / total).collect()
}

/// One pass: the noise as it looks given what is fitted so far.
struct Pass {
    noise: noise::Noise,
    coefficients: Vec<(f64, f64)>,
    drift_sd: f64,
    offset: Vec<f64>,
}

impl Pass {
    /// Starts with no offset, a middling drift, and the spread of what is left.
    fn first(design: &Design, logs: &[f64], gaps: &[f64]) -> Self {
        let scale = super::numbers::robust_sd(logs).unwrap_or(1.0).clamp(0.05, 3.0);
        let noise = noise::Noise { scale, observed: logs.to_vec(), variances: vec![scale * scale; logs.len()] };
        let start = Self { noise, coefficients: Vec::new(), drift_sd: 0.03, offset: vec![0.0; logs.len()] };
        let offset = start.offset.clone();
        let mut pass = start.refit(design, logs, gaps, &offset, 0.03);
        for _ in 0..3 {
            pass = pass.refit(design, logs, gaps, &offset, 0.03);
        }
        pass
    }

    /// Looks again, with the offset and the drifts that the grid found likely.
    fn again(self, design: &Design, logs: &[f64], gaps: &[f64], offset: &[f64], drifts: &[f64]) -> Self {
        let drift: f64 = DRIFTS.iter().zip(drifts).map(|((drift, _), w)| drift * w).sum();
        self.refit(design, logs, gaps, offset, drift)
    }

    fn refit(self, design: &Design, logs: &[f64], gaps: &[f64], offset: &[f64], drift: f64) -> Self {
        let growth = growth(gaps, drift * self.noise.scale);
        let regression = Regression::new(design, &self.noise.observed, &self.noise.variances, &growth);
        let fitted = regression.fitted(design, &self.noise.observed, offset, &self.noise.variances, &growth);
        let coefficients = regression.coefficients(offset);
        // Each coefficient uses as much of a degree of freedom as the data narrowed its prior; the level as a random walk does.
        let narrowed = coefficients.iter().zip(&design.features).map(|((_, sd), f)| 1.0 - (sd / f.sd).powi(2));
        let freedom_used = 1.0 + narrowed.sum::<f64>() + logs.len() as f64 * drift / 2.0;
        let noise = noise::influences(logs, &fitted, freedom_used);
        Self { noise, coefficients, drift_sd: drift, offset: offset.to_vec() }
    }

    /// The level at the last post, for a post whose features are all 0: mean and standard deviation.
    fn level_now(&self, logs: &[f64], gaps: &[f64]) -> (f64, f64) {
        let growth = growth(gaps, self.drift_sd * self.noise.scale);
        let last = logs.len().saturating_sub(30);
        let recent: Vec<f64> = logs[last..].iter().zip(&self.offset[last..]).map(|(y, o)| y - o).collect();
        let sd = self.noise.scale / (recent.len().max(1) as f64).sqrt();
        let drifted: f64 = growth[last..].iter().sum::<f64>() / 3.0;
        (median(&recent).unwrap_or(0.0), (sd * sd + drifted).sqrt())
    }
}
