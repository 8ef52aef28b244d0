//! What a reader must know before relying on a reading: checks of the table and of what was declared.

use super::experiment::{ExperimentOptions, warning};
use super::sealed::PlanUsed;
use crate::report::Warning;
use assay_experiment::exposure::UNLIKE_BELOW;
use assay_experiment::means::Before;
use assay_experiment::over_time::OverTime;
use assay_experiment::reading::SplitReading;
use assay_experiment::skewed::BUYERS_FEW;
use assay_experiment::{Kind, Stop, UnitOf};
use assay_import::NamedTable;

/// Rows for each id above which rows are not the units.
const ROWS_PER_ID_MAX: f64 = 1.005;
/// Clusters in an arm below which a t-test has little to go by.
const CLUSTERS_MIN: u64 = 10;
/// A single value that is this share of its arm's total decides too much.
const LARGEST_SHARE: f64 = 0.1;

/// The warnings of a reading.
pub(super) fn warnings(reading: &SplitReading, table: &NamedTable, options: &ExperimentOptions) -> Vec<Warning> {
    let mut all = of_plan(
        options.plan.as_ref(),
        "there is no sealed plan: that the metric, the arms and the stopping rule were chosen before the results were seen is \
         taken on trust",
    );
    all.extend(of_units(reading, options));
    all.extend(of_values(reading));
    all.extend(of_looking(reading));
    all.extend(of_largest(reading));
    all.extend(of_exposed(reading));
    if table.file.rejected > 0 {
        let first = table.rejects.first().map_or(String::new(), |r| format!("; the first, line {}: {}", r.line, r.why));
        all.push(warning("rejected-rows", format!("{} rows could not be used{first}", table.file.rejected)));
    }
    if !table.others.is_empty() {
        let shown: Vec<String> = table.others.iter().take(12).map(|n| format!("`{n}`")).collect();
        let more =
            if table.others.len() > 12 { format!(" and {} more", table.others.len() - 12) } else { String::new() };
        all.push(warning("ignored-columns", format!("columns that were not asked for: {}{more}", shown.join(", "))));
    }
    all
}

/// What is to be said of the plan, or of there being none.
pub(super) fn of_plan(plan: Option<&PlanUsed>, none: &str) -> Vec<Warning> {
    let Some(plan) = plan else { return vec![warning("no-plan", none.to_owned())] };
    let mut all = Vec::new();
    if !plan.is_intact {
        all.push(warning(
            "plan-changed",
            format!("the plan was changed after it was sealed: it does not have the hash {} that it bears", plan.hash),
        ));
    }
    all.extend(plan.departures.iter().map(|d| warning("plan-departed", format!("not as planned: {d}"))));
    all
}

fn of_units(reading: &SplitReading, options: &ExperimentOptions) -> Vec<Warning> {
    let mut all = Vec::new();
    let tallied = &reading.tallied;
    if !reading.srm.stated {
        all.push(warning(
            "split-not-stated",
            "no split was stated; an even one is assumed (say --split 90:10 if it was another)".to_owned(),
        ));
    }
    if tallied.rows_per_id.is_some_and(|rows| rows > ROWS_PER_ID_MAX) {
        all.push(warning(
            "rows-are-not-units",
            "ids repeat, so rows are not the units that were assigned, and the p-values are too small; name the column of units \
             with --unit"
                .to_owned(),
        ));
    }
    if tallied.ids_in_two_arms {
        all.push(warning(
            "ids-in-two-arms",
            "some ids stand in more than one arm; with --unit they are left out".to_owned(),
        ));
    }
    if tallied.n_in_two_arms > 0 {
        let what = if tallied.unit_of == UnitOf::Cluster { "clusters" } else { "units" };
        all.push(warning(
            "in-two-arms",
            format!("{} {what} stand in more than one arm and were left out", tallied.n_in_two_arms),
        ));
    }
    if options.before.is_some() && tallied.n_without_before > 0 {
        all.push(warning(
            "nothing-known-before",
            format!("{} units have no value from before, which counts as 0", tallied.n_without_before),
        ));
    }
    let fewest = tallied.arms.iter().map(|a| a.n_units).min().unwrap_or(0);
    if tallied.unit_of == UnitOf::Cluster && fewest < CLUSTERS_MIN {
        all.push(warning(
            "few-clusters",
            format!("an arm has {fewest} clusters; below {CLUSTERS_MIN} the t-test leans on their being alike"),
        ));
    }
    all
}

fn of_values(reading: &SplitReading) -> Vec<Warning> {
    let mut all = Vec::new();
    let tallied = &reading.tallied;
    for (m, metric) in reading.metrics().iter().enumerate() {
        let cells = || tallied.arms.iter().map(|arm| (arm, &arm.cells[m]));
        let missing: Vec<String> = cells()
            .filter(|(_, cell)| cell.n_missing > 0)
            .map(|(arm, cell)| format!("{} in {}", cell.n_missing, arm.name))
            .collect();
        if !missing.is_empty() {
            all.push(warning(
                "missing-values",
                format!(
                    "metric `{}` is missing for some units ({}); they are left out, which is fair only if they are missing \
                     for reasons that the arms share",
                    metric.name,
                    missing.join(", ")
                ),
            ));
        }
        let n_negative: u64 = cells().map(|(_, cell)| cell.moments.n_negative()).sum();
        if n_negative > 0 {
            all.push(warning(
                "negative-values",
                format!(
                    "metric `{}` has {n_negative} values below 0 (refunds?); they are summed as they are",
                    metric.name
                ),
            ));
        }
        let fewest = cells().map(|(_, cell)| cell.moments.n_nonzero()).min().unwrap_or(0);
        let is_amount = metric.kind != Kind::Ratio && cells().any(|(_, cell)| !cell.moments.is_flag());
        if is_amount && fewest < BUYERS_FEW {
            let of = reading.effects.iter().any(|e| e.metric == metric.name && e.n_dealt.is_some());
            let text = if of {
                format!(
                    "metric `{}`: an arm has {fewest} values that are not 0; its p-values hold, and its intervals miss on one side \
                     oftener than the other where buyers are so few",
                    metric.name
                )
            } else {
                format!(
                    "metric `{}`: an arm has {fewest} values that are not 0; below {BUYERS_FEW} the interval of a skewed amount is too \
                     narrow, most of all where arms differ in size",
                    metric.name
                )
            };
            all.push(warning("few-amounts", text));
        }
        if reading.asked.adjust == Before::Used
            && reading.effects.iter().any(|e| e.metric == metric.name && e.n_dealt.is_some())
        {
            all.push(warning(
                "before-not-used",
                format!(
                    "metric `{}`: amounts were dealt out again, and what was known before is not used for them",
                    metric.name
                ),
            ));
        }
        for (arm, cell) in cells() {
            let total = cell.moments.total();
            let largest = cell.moments.range().map_or(0.0, |(_, most)| most);
            if metric.kind != Kind::Ratio && !cell.moments.is_flag() && total > 0.0 && largest > LARGEST_SHARE * total {
                all.push(warning(
                    "one-value-decides",
                    format!(
                        "metric `{}`: one value makes up more than a tenth of the total of arm '{}'; see the rows with caps",
                        metric.name, arm.name
                    ),
                ));
            }
        }
    }
    all
}

/// Whether the verdict hangs on few units.
fn of_largest(reading: &SplitReading) -> Vec<Warning> {
    let primary = &reading.tallied.metrics[0].name;
    let hangs = reading.influence.iter().filter(|i| i.metric == *primary);
    hangs
        .filter_map(|i| {
            let (n, all) = (i.hangs_on()?, reading.tallied.arms.iter().map(|a| a.n_units).sum::<u64>());
            let units = if n == 1 { "one unit".to_owned() } else { format!("{n} units") };
            Some(warning(
                "hangs-on-few",
                format!("what is said of arm '{}' hangs on {units} of {all}: without the largest the interval lies elsewhere", i.arm),
            ))
        })
        .collect()
}

/// Whether the arms were exposed as a comparison needs it.
fn of_exposed(reading: &SplitReading) -> Vec<Warning> {
    let Some((control, arms)) = reading.exposed.split_first() else { return Vec::new() };
    let mut all = Vec::new();
    let n_unknown: u64 = reading.exposed.iter().map(|e| e.n_unknown).sum();
    if n_unknown > 0 {
        let n: u64 = reading.exposed.iter().map(|e| e.n + e.n_unknown).sum();
        all.push(warning(
            "exposure-unknown",
            format!(
                "of {n_unknown} of {n} units it is not known whether they were exposed (the cell is neither yes nor no): they count for the \
                 effects, and the shares are of the others"
            ),
        ));
    }
    if control.n_exposed > 0 {
        all.push(warning(
            "control-exposed",
            format!(
                "{} units of the control were exposed: if the column tells who saw what the arm was to see, they saw it too, and the effect \
                 is too small",
                control.n_exposed
            ),
        ));
    }
    for arm in arms {
        let text = match arm.p_value {
            None => format!("nobody's exposure is known in the control or in arm '{}'", arm.arm),
            Some(p) if p >= UNLIKE_BELOW => continue,
            Some(_) if control.n_exposed == 0 => format!(
                "only arm '{}' has exposed units; never compare them with the rest by themselves, for who sees something differs from who \
                 does not",
                arm.arm
            ),
            Some(p) => format!(
                "arm '{}' was exposed unlike the control (p = {p:.4}): a comparison of the exposed alone would be one of other people",
                arm.arm
            ),
        };
        all.push(warning("exposed-unlike", text));
    }
    all
}

/// What the days of a split show.
pub(super) fn of_days(over_time: &[OverTime]) -> Vec<Warning> {
    let mut all = Vec::new();
    if let Some(first) = over_time.first().filter(|o| o.n_missing > 0) {
        all.push(warning(
            "missing-days",
            format!("{} days between the first and the last have no row", first.n_missing),
        ));
    }
    for over in over_time {
        if over.n_one_sided > 0 {
            all.push(warning(
                "one-sided-days",
                format!(
                    "on {} days only one of control and arm '{}' has units: they were not exposed alike",
                    over.n_one_sided, over.arm
                ),
            ));
        }
        if let Some((slope, p)) = over.slope.filter(|(_, p)| *p < 0.05) {
            let way = if slope.point < 0.0 { "falls" } else { "rises" };
            all.push(warning(
                "novelty",
                format!(
                    "the effect of arm '{}' {way} over the days (p = {p:.4}, one look): what was read is an average over days that differ, \
                     and later ones say more of what is to come",
                    over.arm
                ),
            ));
        }
    }
    all
}

fn of_looking(reading: &SplitReading) -> Vec<Warning> {
    let n: u64 = reading.tallied.arms.iter().map(|a| a.n_units).sum();
    match reading.asked.stop {
        Stop::Capped { n_max, .. } if n > n_max => vec![warning(
            "beyond-the-end",
            format!("{n} units were read, {n_max} were declared; what lies beyond is read as if the end were now"),
        )],
        Stop::Fixed => vec![warning(
            "one-look",
            "--fixed holds for one look at a time set beforehand; if this is not the first look, read without it"
                .to_owned(),
        )],
        _ => Vec::new(),
    }
}
