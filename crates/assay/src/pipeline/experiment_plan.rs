//! From assumptions, or a history of days (and markets), to what a test could find out.

use super::experiment::warning;
use super::experiment_geo::period;
use super::{Error, Step, Watch};
use crate::report::{MarketChoice, Origin, PlanReport, PlanSegments};
use assay_experiment::geo::panel::{Panel, PanelRows};
use assay_experiment::plan::designs::{
    Candidate, Kind, Markets, OwnList, Weeks, before_after, log10_choose, markets, own_list, platform, switchback,
};
use assay_experiment::plan::markets::{HISTORY_MIN, Search, search};
use assay_experiment::plan::past::{PastWeeks, WEEKS_MIN, past_weeks, weekly};
use assay_experiment::plan::segments::{Factor, SEGMENTS_MAX, Wanted as WantedOfSegments, by_factor};
use assay_experiment::plan::{Aim, Appraisal, Prior, appraise, chosen};
use assay_import::{Bundle, Holds, Limits, NamedTable, Optional, Value, Wanted, read_named};
use assay_math::Seed;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What the user has, wants and believes.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// A table of orders or days, of markets perhaps.
    pub history: Option<PathBuf>,
    /// Its column of days.
    pub date: Option<String>,
    /// What is measured; rows are counted where it is `None`.
    pub metric: Option<String>,
    /// Its column of markets.
    pub location: Option<String>,
    /// The metric a week, where there is no history.
    pub per_week: Option<f64>,
    /// Its standard deviation from week to week.
    pub week_spread: Option<f64>,
    /// People of an own list.
    pub people: Option<f64>,
    /// Ways to sort the own list into segments.
    pub segments: Vec<Factor>,
    /// People that a platform's test would reach.
    pub platform_people: Option<f64>,
    /// The metric's mean a person over the test.
    pub mean: Option<f64>,
    /// Its standard deviation; that of a share where it is `None`.
    pub spread: Option<f64>,
    /// People that come a week.
    pub people_per_week: Option<f64>,
    /// Money that treating one person costs.
    pub cost: Option<f64>,
    /// Money at hand.
    pub budget: Option<f64>,
    /// Weeks of the test.
    pub weeks: u32,
    /// Weeks after it that the decision is about.
    pub rest_weeks: f64,
    /// Markets, where there is no history of them.
    pub markets: Option<u32>,
    /// Treated ones among them.
    pub treated: Option<u32>,
    /// Relative error of what a market brings over the test.
    pub market_noise: f64,
    /// Money earned by 1 of the metric.
    pub margin: Option<f64>,
    /// The hoped-for lift.
    pub lift: Option<f64>,
    /// What is believed of lifts.
    pub prior: Prior,
    /// The level.
    pub alpha: f64,
    /// The power.
    pub power: f64,
    /// Where sets of markets are drawn from.
    pub seed: Seed,
}

/// Sets of markets that are told.
const SETS_TOLD: usize = 10;
/// What weeks differ by where there is no history, over a Poisson count's spread. Made: shops' weeks seldom differ less.
const OVERDISPERSION: f64 = 1.5;
/// Markets at most, as a history of them is searched.
const MARKETS_MAX: usize = 400;

/// Tells what a test could find out.
///
/// # Errors
/// When the history cannot be read, nothing was named that a test could be planned from, or `watch` answers stop.
pub fn plan_experiment(options: &PlanOptions, watch: &mut Watch<'_>) -> Result<PlanReport, Error> {
    let aim = Aim {
        alpha: options.alpha,
        power: options.power,
        margin: options.margin.unwrap_or(1.0),
        lift: options.lift,
        prior: options.prior,
    };
    let history = options.history.as_ref().map(|_| read_history(options, watch)).transpose()?;
    let mut assumed = Vec::new();
    let mut warnings = Vec::new();
    let (mut candidates, mut missing): (Vec<Candidate>, Vec<(&str, &str)>) = (Vec::new(), Vec::new());
    people(options, &aim, &mut candidates, &mut missing, &mut assumed)?;
    let mut past = None;
    let mut sets = Vec::new();
    if let Some(history) = &history {
        past = past_weeks(&weekly(&history.days));
        if past.is_none() {
            warnings.push(warning(
                "short-history",
                format!(
                    "fewer than {WEEKS_MIN} whole weeks that differ; nothing is taken from it for on and off weeks"
                ),
            ));
        }
        if let Some(panel) = &history.panel {
            sets = market_sets(panel, options, watch)?;
            // One of them will be drawn by lot, so the last of them stands for all; the first fitted best by luck too.
            match sets.last() {
                Some(set) => candidates.push(of_history(set, panel, options)),
                None => warnings.push(warning(
                    "few-markets",
                    format!(
                        "a search over markets takes at least four with {} days, found {} with {}",
                        HISTORY_MIN + 14 * options.weeks as usize,
                        panel.markets.len(),
                        panel.periods.len()
                    ),
                )),
            }
        }
    }
    let weekly_mean = past.map(|p| p.mean).or(options.per_week);
    if sets.is_empty() {
        of_number(options, weekly_mean, &mut candidates, &mut missing, &mut assumed);
    }
    of_weeks(options, past, &mut candidates, &mut missing, &mut assumed);
    if candidates.is_empty() {
        return Err(Error::Usage {
            message: "expected something that a test can be planned from, found neither people, markets nor weeks".to_owned(),
            hint: Some(
                "name what you have: --people N --rate R for a list, --per-week N for orders a week, or a table of past days \
                 with --date"
                    .to_owned(),
            ),
        });
    }
    let appraisals: Vec<Appraisal> = candidates.into_iter().map(|c| appraise(c, &aim)).collect();
    let segments = of_segments(options, &appraisals)?;
    let place = chosen(&appraisals).and_then(|c| appraisals.iter().position(|a| a == c));
    let (files, rejects, n_rejected) = match history {
        Some(h) => (vec![h.table.file.clone()], h.table.rejects, h.table.file.rejected),
        None => (Vec::new(), Vec::new(), 0),
    };
    if n_rejected > 0 {
        warnings.push(warning("rejected-rows", format!("{n_rejected} rows of the history could not be used")));
    }
    Ok(PlanReport {
        origin: Origin { seed: Some(options.seed), files, rejects, n_rejected, window: None, warnings },
        aim,
        in_money: options.margin.is_some(),
        past,
        appraisals,
        chosen: place,
        sets,
        segments,
        missing,
        assumed,
    })
}

/// Cells of all factors at most.
const CELLS_MAX: u64 = 10_000;

/// Factors as a user writes them: `topic=3,age=4`, or with the weights of segments that are not alike, `place=60:30:10`.
///
/// # Errors
/// What was expected and found.
pub fn factors_of(text: &str) -> Result<Vec<Factor>, String> {
    let mut all: Vec<Factor> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let expected = || {
            format!(
                "expected a name and 2 to {SEGMENTS_MAX} segments, such as topic=3 or place=60:30:10, found {}",
                assay_model::quote(part)
            )
        };
        let (name, segments) = part.split_once('=').ok_or_else(expected)?;
        let name = name.trim().to_owned();
        let weights: Vec<f64> = if segments.contains(':') {
            segments.split(':').map(|w| w.trim().parse().ok()).collect::<Option<_>>().ok_or_else(expected)?
        } else {
            let n = segments.trim().parse().ok().filter(|n| *n <= SEGMENTS_MAX).ok_or_else(expected)?;
            vec![1.0; n]
        };
        let fits = !name.is_empty() && (2..=SEGMENTS_MAX).contains(&weights.len());
        if !fits || weights.iter().any(|w| !(*w > 0.0 && w.is_finite())) {
            return Err(expected());
        }
        if all.iter().any(|f| f.name == name) {
            return Err(format!("expected each name once, found {} again", assay_model::quote(&name)));
        }
        all.push(Factor { name, weights });
    }
    let n_cells = all.iter().try_fold(1_u64, |n, f| n.checked_mul(f.weights.len() as u64));
    if n_cells.is_none_or(|n| n > CELLS_MAX) {
        return Err(format!("expected at most {CELLS_MAX} cells of all segments together, found more"));
    }
    Ok(all)
}

/// What a reading of the own list by each factor finds.
fn of_segments(options: &PlanOptions, appraisals: &[Appraisal]) -> Result<Option<PlanSegments>, Error> {
    if options.segments.is_empty() {
        return Ok(None);
    }
    let list = appraisals.iter().find(|a| a.candidate.kind == Kind::OwnList).zip(options.people);
    let (list, n_people) = list.ok_or_else(|| Error::Usage {
        message: "expected a list of people beside segments, found none".to_owned(),
        hint: Some("say how many people stand on your list, and how often one orders: --people N --rate R".to_owned()),
    })?;
    let wanted = WantedOfSegments {
        alpha: options.alpha,
        power: options.power,
        lift: list.target_lift,
        seed: options.seed.fork("segments"),
    };
    let factors: Vec<_> =
        options.segments.iter().map(|f| (f.clone(), by_factor(&list.candidate, f, &wanted))).collect();
    let smallest = |f: &Factor| f.weights.iter().copied().fold(f64::INFINITY, f64::min) / f.weights.iter().sum::<f64>();
    Ok(Some(PlanSegments {
        lift: list.target_lift,
        n_people,
        n_cells: options.segments.iter().map(|f| f.weights.len() as u64).product(),
        n_smallest_cell: list.candidate.n_units.1 * options.segments.iter().map(smallest).product::<f64>(),
        factors,
    }))
}

fn people(
    options: &PlanOptions,
    aim: &Aim,
    candidates: &mut Vec<Candidate>,
    missing: &mut Vec<(&'static str, &'static str)>,
    assumed: &mut Vec<String>,
) -> Result<(), Error> {
    if options.people.is_some() || options.platform_people.is_some() {
        let Some(mean) = options.mean else {
            return Err(Error::Usage {
                message: "expected how often a person orders during the test (--rate) or spends (--mean and --spread), found neither"
                    .to_owned(),
                hint: Some("for instance --rate 0.02, if 2 of 100 order within the test's time".to_owned()),
            });
        };
        let spread = options.spread.unwrap_or_else(|| (mean * (1.0 - mean)).max(0.0).sqrt());
        let list = |n_people| OwnList {
            n_people,
            mean,
            spread,
            cost: options.cost.unwrap_or(0.0),
            budget: options.budget,
            per_week: options.people_per_week,
        };
        candidates.extend(options.people.map(|n| own_list(&list(n), aim)));
        candidates.extend(options.platform_people.map(|n| platform(&list(n), aim)));
        if options.cost.is_none() {
            assumed.push("treating one person costs nothing (--cost)".to_owned());
        }
    }
    if options.people.is_none() {
        missing.push(("a split of your own list", "--people N and --rate R"));
    }
    if options.platform_people.is_none() {
        missing.push(("the platform's own randomised test, if it offers you one", "--platform-people N and --rate R"));
    }
    Ok(())
}

struct History {
    table: NamedTable,
    days: Vec<(i64, f64)>,
    panel: Option<Panel>,
}

fn read_history(options: &PlanOptions, watch: &mut Watch<'_>) -> Result<History, Error> {
    super::go_on(watch, Step::Reading)?;
    let (Some(path), Some(date)) = (&options.history, &options.date) else {
        return Err(Error::Usage {
            message: "expected --date with the history's column of days, found none".to_owned(),
            hint: Some("for instance: assay experiment plan orders.csv --date day --metric total".to_owned()),
        });
    };
    let bundle = Bundle::open(std::slice::from_ref(path), &Limits::default())?;
    let want = |name: &String, holds| Wanted { names: vec![name.clone()], holds, optional: Optional::No };
    let mut wanted = vec![want(date, Holds::Text)];
    let at_metric = options.metric.as_ref().map(|name| {
        wanted.push(want(name, Holds::Number));
        wanted.len() - 1
    });
    let at_market = options.location.as_ref().map(|name| {
        wanted.push(want(name, Holds::Name));
        wanted.len() - 1
    });
    let (mut days, mut rows) = (BTreeMap::<i64, f64>::new(), PanelRows::default());
    let table = {
        let mut take = |_line: u64, cells: &[Value<'_>]| {
            let Value::Text(text) = cells[0] else { return Err("expected a day, found an empty cell".to_owned()) };
            let Some(day) = period(text) else {
                return Err(format!("expected a day such as 2024-05-01, found `{text}`"));
            };
            let value = match at_metric.map(|at| cells[at]) {
                None => 1.0,
                Some(Value::Number(x)) => x,
                Some(_) => return Err("expected a number, found an empty cell".to_owned()),
            };
            if let Some(at) = at_market {
                let Value::Text(market) = cells[at] else {
                    return Err("expected a market, found an empty cell".to_owned());
                };
                rows.add(market, day, value, 0.0);
            }
            *days.entry(day).or_insert(0.0) += value;
            Ok(())
        };
        let mut tick = |done, total| watch(Step::Reading, done, total);
        read_named(&bundle, &wanted, &mut take, &mut tick)?
    };
    let days: Vec<(i64, f64)> = days.into_iter().collect();
    if days.is_empty() {
        let why = table.rejects.first().map_or(String::new(), |r| format!("; line {}: {}", r.line, r.why));
        return Err(Error::Input {
            message: format!("{}: expected rows with a day, found none that can be used{why}", table.file.name),
            hint: Some("check that --date and --metric name the columns that you mean".to_owned()),
        });
    }
    let end = days.iter().map(|d| d.0).max().unwrap_or(0);
    let panel = at_market.map(|_| rows.conclude(end));
    if let Some(n) = panel.as_ref().map(|p| p.markets.len()).filter(|n| *n > MARKETS_MAX) {
        return Err(Error::Input {
            message: format!("{}: expected at most {MARKETS_MAX} markets, found {n}", table.file.name),
            hint: Some("group small places into regions, or name another column with --location".to_owned()),
        });
    }
    Ok(History { table, days, panel })
}

fn market_sets(panel: &Panel, options: &PlanOptions, watch: &mut Watch<'_>) -> Result<Vec<MarketChoice>, Error> {
    let asked = Search {
        n_periods: 7 * options.weeks as usize,
        alpha: options.alpha,
        power: options.power,
        seed: options.seed.fork("sets of markets"),
    };
    let mut tick = |done, total| watch(Step::Named("choosing markets"), done, total);
    let found = search(panel, &asked, &mut tick).map_err(|_| Error::Interrupted)?;
    let named = |places: &[usize]| places.iter().map(|i| panel.markets[*i].clone()).collect();
    let wanted = |k: usize| options.treated.is_none_or(|t| t as usize == k);
    Ok(found
        .into_iter()
        .filter(|s| wanted(s.treated.len()))
        .take(SETS_TOLD)
        .map(|s| MarketChoice {
            treated: named(&s.treated),
            baseline: s.baseline,
            error: s.error,
            detectable_lift: s.detectable_lift,
            scaled_gap: s.scaled_gap,
        })
        .collect())
}

/// A set of a history as a design. The smallest p is that of the nulls that have to agree in the reading.
fn of_history(set: &MarketChoice, panel: &Panel, options: &PlanOptions) -> Candidate {
    let (n, k) = (panel.markets.len() as f64, set.treated.len() as f64);
    let days = f64::from(7 * options.weeks);
    let total: f64 = panel.values.iter().flatten().sum();
    let assignments = log10_choose(n, k);
    let floor = 10.0_f64.powf(-assignments).max(1e-3).max(1.0 / (panel.periods.len() as f64 + days));
    Candidate {
        n_units: (n - k, k),
        log10_assignments: assignments,
        smallest_p: floor,
        baseline: set.baseline,
        error: set.error,
        ..markets(&Markets {
            n_markets: panel.markets.len() as u32,
            n_treated: set.treated.len() as u32,
            total: total / panel.periods.len() as f64 * days,
            noise: 0.0,
            days,
            budget: options.budget.unwrap_or(0.0),
            rest_weeks: options.rest_weeks,
        })
    }
}

fn of_number(
    options: &PlanOptions,
    weekly_mean: Option<f64>,
    candidates: &mut Vec<Candidate>,
    missing: &mut Vec<(&'static str, &'static str)>,
    assumed: &mut Vec<String>,
) {
    match (options.markets, weekly_mean) {
        (Some(n), Some(mean)) => {
            let n_treated = options.treated.unwrap_or((n / 4).max(1)).min(n.saturating_sub(1)).max(1);
            assumed.push(format!(
                "markets are alike, and what one brings over the test is foretold to within {} of it (--market-noise); a table of \
                 past days with --location would say",
                options.market_noise
            ));
            candidates.push(markets(&Markets {
                n_markets: n,
                n_treated,
                total: mean * f64::from(options.weeks),
                noise: options.market_noise,
                days: f64::from(7 * options.weeks),
                budget: options.budget.unwrap_or(0.0),
                rest_weeks: options.rest_weeks,
            }));
        }
        _ => missing
            .push(("markets against markets", "a table of past days with --location, or --markets N with --per-week")),
    }
}

fn of_weeks(
    options: &PlanOptions,
    past: Option<PastWeeks>,
    candidates: &mut Vec<Candidate>,
    missing: &mut Vec<(&'static str, &'static str)>,
    assumed: &mut Vec<String>,
) {
    let (mean, spread) = match (past, options.per_week) {
        (Some(past), _) => (past.mean, options.week_spread.unwrap_or(past.spread)),
        (None, Some(mean)) => {
            let spread = options.week_spread.unwrap_or_else(|| {
                assumed.push(format!(
                    "weeks differ {OVERDISPERSION} times as much as counts do by chance (--week-spread, or a table of past days)"
                ));
                OVERDISPERSION * mean.sqrt()
            });
            (mean, spread)
        }
        (None, None) => {
            missing.push(("weeks on and weeks off", "--per-week N, or a table of past days with --date"));
            return;
        }
    };
    let weeks = Weeks {
        n_weeks: options.weeks,
        mean,
        spread,
        budget: options.budget.unwrap_or(0.0),
        rest_weeks: options.rest_weeks,
    };
    candidates.push(switchback(&weeks));
    candidates.push(before_after(&weeks));
}
