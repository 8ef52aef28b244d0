//! What is known of mechanism and strength, and what follows from it.

use super::grid::{Cell, FAMILIES, N_STRENGTHS, Strength, activities, burden};
use super::half_normal::HalfNormal;
use super::weighted::Weighted;
use super::{Burdens, FitOptions, SHARE_MAX, Shares, normalised};
use crate::mechanism::Mechanism;
use assay_math::Estimate;
use assay_model::synth::Draw;

/// Weights over mechanisms, and the strengths within each.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    cells: Vec<Cell>,
    confidence: f64,
}

/// A mechanism with its strength, drawn from a posterior.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) mechanism: Mechanism,
    pub(crate) theta: f64,
    pub(crate) activity: f64,
    pub(crate) half_life: f64,
    /// What the ranker remembers of the burden now, 0..1.
    pub(crate) burden: f64,
}

/// Equally likely strengths that stand for a distribution of them.
const STRENGTHS: usize = 12;
/// Points of the grid with less than this share of the weight are left out.
const WEIGHT_MIN: f64 = 1e-7;

impl Posterior {
    /// Of points with logarithms of weights.
    pub(super) fn new(cells: Vec<(Cell, f64)>, options: &FitOptions) -> Self {
        let weights = normalised(&cells.iter().map(|c| c.1).collect::<Vec<_>>());
        let kept = cells.into_iter().zip(weights).filter(|(_, w)| *w > WEIGHT_MIN);
        let cells = kept.map(|((cell, _), weight)| Cell { weight, ..cell }).collect();
        Self { cells, confidence: options.confidence }
    }

    /// The weights of the mechanisms, 0..1, in the order of the table.
    pub fn families(&self) -> [(Mechanism, f64); 4] {
        let total: f64 = self.cells.iter().map(|c| c.weight).sum();
        let weight = |family: usize| self.cells.iter().filter(|c| c.family == family).map(|c| c.weight).sum::<f64>();
        std::array::from_fn(|family| (FAMILIES[family], weight(family) / total))
    }

    /// Values that follow from a strength, with their weights; the strength is 0 where the mechanism cuts nothing.
    fn values(&self, family: Option<usize>, of: &dyn Fn(&Cell, f64) -> f64) -> Weighted {
        let mut values = Vec::new();
        for cell in self.cells.iter().filter(|c| family.is_none_or(|f| f == c.family)) {
            match cell.strength {
                Strength::None => values.push((of(cell, 0.0), cell.weight)),
                Strength::Fixed(theta) => values.push((of(cell, theta), cell.weight)),
                Strength::Spread(strength) => values.extend((0..STRENGTHS).map(|i| {
                    let theta = strength.quantile((i as f64 + 0.5) / STRENGTHS as f64);
                    (of(cell, theta), cell.weight / STRENGTHS as f64)
                })),
            }
        }
        Weighted::new(values)
    }

    /// The share of reach that is lost now, 0..1.
    pub fn cost(&self) -> Weighted {
        self.values(None, &|cell, theta| -cell.log_left(theta, cell.burden).exp_m1())
    }

    /// The share of reach that a page loses for good at another inauthentic share, 0..1.
    pub fn cost_at(&self, share: f64, seen_share: f64) -> Weighted {
        self.values(None, &|cell, theta| {
            let burden = burden(FAMILIES[cell.family], share, activities()[cell.activity], seen_share);
            -cell.log_left(theta, burden).exp_m1()
        })
    }

    /// The strength, given a mechanism; `None` for one that cuts nothing or was ruled out.
    pub fn strength(&self, mechanism: Mechanism) -> Option<Weighted> {
        let family = FAMILIES.iter().position(|m| *m == mechanism)?;
        let any = self.cells.iter().any(|c| c.family == family && c.strength != Strength::None);
        any.then(|| self.values(Some(family), &|_, theta| theta))
    }

    /// The weight of strengths below a value, 0..1, given a mechanism; `None` for one that cuts nothing or was ruled out.
    ///
    /// Points of the grid stand for the stretches of the prior that they are the middles of.
    pub(in crate::page) fn strength_below(&self, mechanism: Mechanism, theta: f64) -> Option<f64> {
        let family = FAMILIES.iter().position(|m| *m == mechanism)?;
        let prior = mechanism.described().theta.map(|t| HalfNormal { mean: t.mean, sd: t.sd })?;
        let stretch = |value: f64| prior.below(value) * N_STRENGTHS as f64;
        let (mut below, mut total) = (0.0, 0.0);
        for cell in self.cells.iter().filter(|c| c.family == family && c.strength != Strength::None) {
            total += cell.weight;
            below += cell.weight
                * match cell.strength {
                    Strength::None => 1.0,
                    Strength::Fixed(at) => (stretch(theta) - stretch(at) + 0.5).clamp(0.0, 1.0),
                    Strength::Spread(strength) => strength.below(theta),
                };
        }
        (total > 0.0).then(|| below / total)
    }

    /// What reach gains, as a share of reach now, `posts` posts after this share of the inauthentic followers is gone.
    pub fn gain_of_removal(&self, gone_share: f64, posts: f64, share_now: f64) -> Weighted {
        let left = share_now * (1.0 - gone_share) / (1.0 - share_now * gone_share).max(1e-9);
        self.values(None, &|cell, theta| {
            // The burden that is left is in proportion, as is what the ranker forgets of the rest.
            let kept = 0.5_f64.powf(posts / cell.half_life);
            let then = if share_now > 0.0 { remaining(cell, left, share_now) } else { 0.0 };
            let at_once = FAMILIES[cell.family] == Mechanism::TestThenExpand;
            let burden = if at_once { then } else { then + (cell.burden - then).max(0.0) * kept };
            (cell.log_left(theta, burden) - cell.log_left(theta, cell.burden)).exp_m1()
        })
    }

    /// An interval of these values around their median.
    pub fn estimate(&self, values: &Weighted) -> Estimate {
        let tail = (1.0 - self.confidence) / 2.0;
        let [low, point, high] = [tail, 0.5, 1.0 - tail].map(|p| values.quantile(p).unwrap_or(0.0));
        Estimate::new(point, low.min(point), high.max(point), self.confidence)
    }

    /// The mean of the offset at each post.
    pub(super) fn mean_offset(&self, burdens: &Burdens) -> Vec<f64> {
        // The heaviest points are most of it: the offset serves to judge residuals alone.
        let mut cells: Vec<&Cell> = self.cells.iter().collect();
        cells.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let mut mean: Vec<f64> = Vec::new();
        for cell in cells.into_iter().take(60) {
            let offset = burdens.offset(cell);
            mean.resize(offset.len(), 0.0);
            for (sum, x) in mean.iter_mut().zip(offset) {
                *sum += cell.weight * x;
            }
        }
        mean
    }

    /// What is known of a page with this share before any posts: the priors alone.
    pub fn before_posts(share: f64, seen_share: f64, options: &FitOptions) -> Self {
        let shares = Shares { points: vec![share.clamp(0.0, SHARE_MAX)], logit_sd: 0.0 };
        let burdens = Burdens::new(&shares, seen_share);
        let flat = vec![vec![0.0; activities().len()]];
        Self::new(burdens.cells(options, None, &flat), options)
    }

    /// How often intervals shall hold the truth, 0..1.
    pub fn confidence(&self) -> f64 {
        self.confidence
    }

    /// Draws a strength within one mechanism; `None` if it was ruled out.
    pub(crate) fn draw(&self, mechanism: Mechanism, draw: &mut Draw) -> Option<Drawn> {
        let cells = || self.cells.iter().filter(|c| FAMILIES[c.family] == mechanism);
        let mut left = draw.unit() * cells().map(|c| c.weight).sum::<f64>();
        let cell = cells().find(|cell| {
            left -= cell.weight;
            left <= 0.0
        });
        let cell = cell.or_else(|| cells().next_back())?;
        let theta = match cell.strength {
            Strength::None => 0.0,
            Strength::Fixed(theta) => theta,
            Strength::Spread(strength) => strength.quantile(draw.unit()),
        };
        let (activity, half_life) = (activities()[cell.activity], cell.half_life);
        Some(Drawn { mechanism, theta, activity, half_life, burden: cell.burden })
    }
}

/// The burden that a smaller share makes, by the odds of the mechanism.
fn remaining(cell: &Cell, left: f64, share_now: f64) -> f64 {
    match FAMILIES[cell.family] {
        Mechanism::PerViewer => 0.0,
        // Impressions taken are in proportion to bought over real followers.
        Mechanism::PerImpression => {
            let odds = |s: f64| s / (1.0 - s.min(SHARE_MAX));
            let burden = cell.burden.min(SHARE_MAX);
            let taken = burden / (1.0 - burden) * odds(left) / odds(share_now);
            taken / (1.0 + taken)
        }
        Mechanism::PerFollower | Mechanism::TestThenExpand => cell.burden * left / share_now,
    }
}
