//! From files or a workspace to metrics.

mod beside;
mod read;

use super::{Error, Step, Watch, go_on};
use crate::report::{AuditReport, Explained, ExplainedRead, MetricReport, MetricsReport, Warning};
use assay_math::Seed;
use assay_metrics::{Asked, By, Frame, METRICS, Metric, Rates, Scope, Slice, Window, figures, selections, view};
use assay_model::{Business, BusinessTable, Calendar, Day, Outcome, Span, TimeMs};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub use beside::{CALIBRATION_COLUMNS, RATE_COLUMNS, VERDICT_COLUMNS};
use read::Told;

/// What the user asked.
#[derive(Debug, Clone)]
pub struct MetricsOptions {
    /// The window.
    pub window: Window,
    /// By what figures are split.
    pub by: Option<By>,
    /// Whether the window before of the same length stands beside.
    pub compare: bool,
    /// The currency that money is told in; amounts that name none are in it.
    pub currency: Option<String>,
    /// Contribution margin, above 0 and at most 1.
    pub margin: Option<f64>,
    /// A table of dated rates.
    pub rates: Option<PathBuf>,
    /// A table of verdicts on the followers, instead of an audit.
    pub verdicts: Option<PathBuf>,
    /// A table of what experiments say of channels.
    pub experiments: Option<PathBuf>,
    /// The metric to explain.
    pub explain: Option<&'static Metric>,
    /// What files do not say of themselves.
    pub reading: assay_import::ReadOptions,
    /// How days and weeks are counted; `None` for the workspace's own way, and for UTC and weeks from Monday where files are read.
    pub calendar: Option<Calendar>,
    /// The confidence of every interval.
    pub confidence: f64,
    /// Where every random step starts.
    pub seed: Seed,
}

impl Default for MetricsOptions {
    fn default() -> Self {
        Self {
            window: Window::default(),
            by: None,
            compare: false,
            currency: None,
            margin: None,
            rates: None,
            verdicts: None,
            experiments: None,
            explain: None,
            reading: assay_import::ReadOptions::default(),
            calendar: None,
            confidence: super::DEFAULT_CONFIDENCE,
            seed: super::DEFAULT_SEED,
        }
    }
}

/// Reads files as one business's, and tells its metrics.
///
/// # Errors
/// When nothing can be read, a table beside is not what it should be, or `watch` answers stop.
pub fn metrics(paths: &[PathBuf], options: &MetricsOptions, watch: &mut Watch<'_>) -> Result<MetricsReport, Error> {
    go_on(watch, Step::Reading)?;
    let told = read::files(paths, options, watch)?;
    of_told(told, options, watch)
}

/// Tells the metrics of what counts in a workspace.
///
/// # Errors
/// When there is none, it cannot be read, a table beside is not what it should be, or `watch` answers stop.
pub fn workspace_metrics(path: &Path, options: &MetricsOptions, watch: &mut Watch<'_>) -> Result<MetricsReport, Error> {
    go_on(watch, Step::Reading)?;
    let told = read::workspace(path, options, None, watch)?;
    of_told(told, options, watch)
}

/// As [`workspace_metrics`], beside an audit that was just made: its list is not audited again.
///
/// # Errors
/// As [`workspace_metrics`].
pub fn workspace_metrics_beside(
    path: &Path,
    options: &MetricsOptions,
    audited: &AuditReport,
    watch: &mut Watch<'_>,
) -> Result<MetricsReport, Error> {
    go_on(watch, Step::Reading)?;
    let told = read::workspace(path, options, Some(audited), watch)?;
    of_told(told, options, watch)
}

/// The metrics of what was told.
fn of_told(told: Told, options: &MetricsOptions, watch: &mut Watch<'_>) -> Result<MetricsReport, Error> {
    let Told { mut business, mut origin, said } = told;
    let code = options.currency.as_ref().map(|c| c.trim().to_uppercase());
    let mut asked = Asked {
        currency: code,
        margin: options.margin,
        confidence: options.confidence,
        seed: options.seed,
        ..Asked::default()
    };
    if let Some(path) = &options.rates {
        asked.rates = Rates::new(beside::rates(path, &mut origin, watch)?);
    }
    if let Some(path) = &options.experiments {
        asked.calibrations = beside::calibrations(path, options.confidence, &mut origin, watch)?;
    }
    if let Some(path) = &options.verdicts {
        business.judged = Some(beside::verdicts(path, &business, options.confidence, &mut origin, watch)?);
    }
    if let Some(said) = said {
        said.add_to(&mut business);
    }
    origin.seed = Some(options.seed);
    origin.window = window_of(&business);
    let mut warn = |id, text: String| origin.warnings.push(Warning { id, text });
    if business.n_too_large > 0 {
        warn(
            "amounts-too-large",
            format!("{} amounts are too large to be counted and were left out", business.n_too_large),
        );
    }
    let whole = Slice::of(&business, options.window);
    if whole.n_across > 0 {
        let text = format!("{} rows speak of days in and out of the window and are in no figure of it", whole.n_across);
        warn("rows-across-the-window", text);
    }
    let data = origin.window.map(|w| business.calendar.day(w.to));
    let before = options.compare.then(|| earlier(options.window, data)).flatten();
    let mut slices = vec![whole];
    if let Some(by) = options.by {
        slices.extend(Slice::split(&business, options.window, by));
    }
    let before_slices: Vec<Slice> = before
        .iter()
        .flat_map(|w| {
            let groups = options.by.map(|by| Slice::split(&business, *w, by)).unwrap_or_default();
            std::iter::once(Slice::of(&business, *w)).chain(groups)
        })
        .collect();
    let chosen = |m: &&Metric| options.explain.is_none_or(|e| e.id == m.id);
    let mut report = MetricsReport {
        window: options.window,
        compared: before,
        confidence: options.confidence,
        by: options.by,
        calendar: business.calendar.clone(),
        metrics: Vec::new(),
        explained: Vec::new(),
        origin,
    };
    let mut costs = Vec::new();
    for (k, slice) in slices.iter().enumerate() {
        if watch(Step::Named("computing metrics"), k as u64, slices.len() as u64) == assay_model::Go::Stop {
            return Err(Error::Interrupted);
        }
        let mut files = FilesOf::default();
        let own = |m: &&Metric| chosen(m) && (k == 0 || splits(m, options.by));
        let metrics: Vec<&'static Metric> = METRICS.iter().filter(own).collect();
        let frame = Frame { business: &business, slice, asked: &asked };
        let label = |s: &Slice| s.group.as_ref().map(|g| g.label.clone());
        let earlier = before_slices.iter().find(|s| options.by != Some(By::Week) && label(s) == label(slice));
        let mut earlier =
            earlier.map(|slice| figures(&metrics, &Frame { business: &business, slice, asked: &asked }).into_iter());
        for (metric, figure) in metrics.iter().zip(figures(&metrics, &frame)) {
            if k > 0 && matches!(options.by, Some(By::Segment | By::Campaign)) {
                let told = assay_metrics::cost_and_count(metric.id, &frame);
                costs.extend(told.map(|(cost, count)| (report.metrics.len(), cost, count)));
            }
            report.metrics.push(MetricReport {
                metric,
                group: label(slice),
                window: slice.window,
                figure,
                before: earlier.as_mut().and_then(Iterator::next),
                pooled: None,
                sources: files.of(metric, &business, slice),
            });
            if options.explain.is_some() {
                let reads = explained(metric, &business, slice);
                report.explained.push(Explained { figure: report.metrics.len() - 1, reads });
            }
        }
    }
    pool(&mut report, &costs);
    Ok(report)
}

/// Pools the costs of the groups of each side (ages with ages, places with places): of each the place of its figure, the cost and the
/// count.
fn pool(report: &mut MetricsReport, costs: &[(usize, f64, f64)]) {
    let is_segment = report.by == Some(By::Segment);
    let mut sides: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for &(i, cost, count) in costs {
        let m = &report.metrics[i];
        let side = m.group.as_deref().filter(|_| is_segment).and_then(|label| label.split(' ').next()).unwrap_or("");
        sides.entry((m.metric.id, side.to_owned())).or_default().push((i, cost, count));
    }
    for groups in sides.into_values() {
        let costs: Vec<(f64, f64)> = groups.iter().map(|g| (g.1, g.2)).collect();
        let Outcome::Found(pooled) = assay_metrics::pooled_costs(&costs, report.confidence) else { continue };
        for ((i, ..), pooled) in groups.iter().zip(pooled) {
            report.metrics[*i].pooled = pooled;
        }
    }
}

/// Whether a metric can be split so: all that it reads of the window knows the groups.
fn splits(metric: &Metric, by: Option<By>) -> bool {
    let windowed = || metric.reads.iter().filter(|r| r.scope == Scope::Window);
    // What reads history alone is of the whole, but for weeks and networks, which end or bound it.
    let any = windowed().next().is_some() || matches!(by, Some(By::Week | By::Channel)) && !metric.reads.is_empty();
    by.is_some_and(|by| any && windowed().all(|r| assay_metrics::knows(by, r.table)))
}

/// The window of the same length before a window; the days of the data bound it where the user did not.
fn earlier(window: Window, last: Option<Day>) -> Option<Window> {
    let from = window.from?;
    let to = window.to.or(last)?;
    let n = to.0 - from.0 + 1;
    (n > 0).then(|| Window { from: Some(Day(from.0 - n)), to: Some(Day(from.0 - 1)) })
}

/// From the first to the last day that any row speaks of.
fn window_of(business: &Business) -> Option<Span> {
    let calendar = &business.calendar;
    let last_ms = |day: Day| TimeMs(calendar.start(Day(day.0 + 1)).0 - 1);
    let spans = BusinessTable::ALL
        .into_iter()
        .flat_map(|table| (0..business.n_rows(table) as u32).filter_map(move |i| business.days(table, i)));
    let days = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    days.map(|(from, to)| Span { from: calendar.start(from), to: last_ms(to) })
}

/// The files of reads, each found once.
#[derive(Default)]
struct FilesOf(HashMap<(BusinessTable, &'static str, String), BTreeSet<u32>>);

impl FilesOf {
    fn of(&mut self, metric: &Metric, business: &Business, slice: &Slice) -> Vec<u32> {
        let mut all = BTreeSet::new();
        for read in metric.reads {
            let key = (read.table, read.having.sql, format!("{:?}", read.scope));
            let own = self.0.entry(key).or_insert_with(|| {
                // Rows of a file stand together for the most part.
                let mut files: Vec<u32> =
                    slice.read(business, read).into_iter().map(|i| business.row(read.table, i).file).collect();
                files.dedup();
                files.into_iter().collect()
            });
            all.extend(own.iter().copied());
        }
        all.into_iter().collect()
    }
}

fn explained(metric: &Metric, business: &Business, slice: &Slice) -> Vec<ExplainedRead> {
    let read = |s: assay_metrics::Selection| {
        let mut rows: Vec<_> = s.rows.iter().map(|i| business.row(s.table, *i)).collect();
        if s.table == BusinessTable::Posts {
            // A post may be told by several rows.
            let own: BTreeSet<u32> = s.rows.iter().copied().collect();
            rows.extend(business.post_rows.iter().filter(|(post, _)| own.contains(post)).map(|(_, row)| *row));
        }
        rows.sort_by_key(|r| (r.file, r.line));
        let mut files: Vec<(u32, Vec<(u32, u32)>)> = Vec::new();
        for row in rows {
            if files.last().is_none_or(|(file, _)| *file != row.file) {
                files.push((row.file, Vec::new()));
            }
            let Some((_, runs)) = files.last_mut() else { continue };
            match runs.last_mut() {
                Some((_, last)) if row.line <= last.saturating_add(1) => *last = row.line,
                _ => runs.push((row.line, row.line)),
            }
        }
        ExplainedRead { view: view(s.table).0, sql: s.sql, n_rows: s.rows.len() as u64, files }
    };
    selections(metric, business, slice).into_iter().map(read).collect()
}
