//! The kind of stock in a batch: ages, names and profiles of its accounts beside the others of the page.

use crate::names::shape::{N_TEMPLATES, Template};
use crate::profile::Feature;
use assay_model::{Audience, Contrast, DAY_MS, NamesLook, Page, RankRange, Span, Spread, StockLook, TimeMs, Verdicts};

/// From this probability on a member of the run counts as delivered.
const DELIVERED_FROM: f32 = 0.5;

/// Columns told at most.
const MOST_TOLD: usize = 4;

/// A column differs if its logarithms differ by this (a factor of three), or its shares of yes by
const DIFFERENT: f64 = 1.1;

/// this.
const DIFFERENT_SHARE: f64 = 0.25;

/// A template stands out if it is this much commoner than usual, and so common.
const STANDS_OUT: (f64, f64) = (3.0, 0.2);

/// At most so many followers outside batches tell what is usual.
const USUAL_MOST: usize = 20_000;

/// Fewest values that have a median.
const MIN_VALUES: usize = 8;

/// What is usual on this page, outside of batches.
pub(super) struct Usual {
    columns: Vec<(Feature, f64)>,
    templates: Option<Vec<f64>>,
}

impl Usual {
    /// Reads the followers outside of batches. Costs nothing where there is no batch.
    pub(super) fn of(page: &Page, verdicts: &Verdicts) -> Self {
        let a = &page.audience;
        if verdicts.batches.is_empty() {
            return Self { columns: Vec::new(), templates: None };
        }
        let outside: Vec<usize> = (0..a.len()).filter(|&i| verdicts.batch[i] == 0).collect();
        let rows: Vec<usize> = outside.iter().copied().step_by(outside.len().div_ceil(USUAL_MOST).max(1)).collect();
        let columns = Feature::ALL.into_iter().filter_map(|f| Some((f, middle(a, f, &rows)?))).collect();
        Self { columns, templates: templates(a, &rows) }
    }

    /// The look of those delivered in a run.
    pub(super) fn look(&self, page: &Page, probability: &[f32], ranks: RankRange) -> StockLook {
        let a = &page.audience;
        let mut rows: Vec<usize> = ranks.indices().filter(|&i| probability[i] >= DELIVERED_FROM).collect();
        if rows.len() < MIN_VALUES {
            rows = ranks.indices().collect();
        }
        let days: Vec<f64> = rows
            .iter()
            .filter_map(|&i| {
                let at = a.followed_at.get(i).or_else(|| a.followed_after.get(i))?;
                Some(at.days_since(a.created_at.get(i)?).max(0.0))
            })
            .collect();
        let opened = spread(rows.iter().filter_map(|&i| a.created_at.get(i)).map(|t| t.0 as f64 / DAY_MS as f64));
        let moment = |days: f64| TimeMs((days * DAY_MS as f64) as i64);
        StockLook {
            age_days: spread(days.into_iter()),
            opened: opened.map(|s| Span { from: moment(s.tenth), to: moment(s.ninetieth) }),
            names: self.names(a, &rows),
            profiles: self.profiles(a, &rows),
        }
    }

    fn names(&self, a: &Audience, rows: &[usize]) -> Option<NamesLook> {
        let (usual, here) = (self.templates.as_ref()?, templates(a, rows)?);
        let stands_out =
            |&t: &usize| here[t] >= STANDS_OUT.1 && here[t] >= STANDS_OUT.0 * usual[t] && Template::at(t).is_telling();
        let best = (0..N_TEMPLATES).filter(stands_out).max_by(|x, y| here[*x].total_cmp(&here[*y]));
        Some(match best {
            Some(t) => NamesLook { template: Some(Template::at(t).to_string()), share: here[t], usual_share: usual[t] },
            None => NamesLook { template: None, share: 0.0, usual_share: 0.0 },
        })
    }

    fn profiles(&self, a: &Audience, rows: &[usize]) -> Vec<Contrast> {
        let mut all: Vec<(f64, Contrast)> = self
            .columns
            .iter()
            .filter_map(|&(feature, outside)| {
                let inside = middle(a, feature, rows)?;
                let by = if feature.is_flag() {
                    (inside - outside).abs() / DIFFERENT_SHARE
                } else {
                    (inside.ln_1p() - outside.ln_1p()).abs() / DIFFERENT
                };
                (by >= 1.0).then_some((by, Contrast { column: feature.column(), inside, outside }))
            })
            .collect();
        all.sort_by(|x, y| y.0.total_cmp(&x.0));
        all.into_iter().take(MOST_TOLD).map(|(_, c)| c).collect()
    }
}

/// Median of a column, or its share of yes.
fn middle(a: &Audience, feature: Feature, rows: &[usize]) -> Option<f64> {
    let values: Vec<f64> = rows.iter().filter_map(|&i| feature.told(a, i)).map(f64::from).collect();
    if values.len() < MIN_VALUES || 2 * values.len() < rows.len() {
        return None;
    }
    if feature.is_flag() {
        return Some(values.iter().sum::<f64>() / values.len() as f64);
    }
    spread(values.into_iter()).map(|s| s.median)
}

/// Share of each template among the handles of these rows.
fn templates(a: &Audience, rows: &[usize]) -> Option<Vec<f64>> {
    if !a.handle.has_values() {
        return None;
    }
    let mut counts = vec![0.0; N_TEMPLATES];
    let told = rows.iter().filter_map(|&i| Template::of(a.handle.get(i)?).index());
    told.for_each(|t| counts[t] += 1.0);
    let n: f64 = counts.iter().sum();
    (n >= MIN_VALUES as f64).then(|| counts.into_iter().map(|c| c / n).collect())
}

fn spread(values: impl Iterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.collect();
    if values.len() < MIN_VALUES {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let at = |q: f64| values[(q * (values.len() - 1) as f64).round() as usize];
    Some(Spread { tenth: at(0.1), median: at(0.5), ninetieth: at(0.9) })
}
