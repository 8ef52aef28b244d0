//! From paths to a report: the only place where importers and detectors meet.
//!
//! ```text
//! paths ─ read ─► Gathered ─ arrange ─► Page ─ detectors ─► Evidence ─ weigh ─► Verdicts ─► AuditReport
//! ```

mod edges_beside;
mod error;
mod experiment;
mod experiment_assign;
mod experiment_calibrate;
mod experiment_checks;
mod experiment_geo;
mod experiment_history;
mod experiment_kept;
mod experiment_plan;
mod experiment_read_weeks;
mod experiment_staged;
mod experiment_weeks;
mod gather;
mod graph;
mod growth_steps;
mod list_checks;
mod ltv;
mod metrics;
pub mod people;
mod plan;
pub mod reach;
mod read;
mod rings;
mod sealed;
mod simulation;
pub mod workspace;

use crate::report::{AuditReport, ChannelReport, ChannelState, FormatUsed, Names, Warning};
use assay_detect::labels::{self, Matched, Recalibrate};
use assay_detect::{Asked, DETECTORS, Detector, weigh};
use assay_import::{EngagementTable, EventTable};
use assay_math::Seed;
use assay_model::{Calendar, Evidence, Go, LabelTable, Outcome, Overrule, Page, Verdicts};
use gather::Gathered;
use std::path::{Path, PathBuf};

pub use edges_beside::EdgesBeside;
pub use error::Error;
pub use experiment::{ExperimentOptions, GuardrailColumn, MetricColumn, read_experiment};
pub use experiment_assign::{AssignOptions, How, assign_experiment, hashed_email};
pub use experiment_calibrate::{CalibrateOf, CalibrateOptions, calibrate_experiment};
pub use experiment_geo::{COOLDOWN_MAX, GeoOptions, read_experiment_geo};
pub use experiment_history::{HistoryOptions, review_experiments};
pub use experiment_kept::{check_plan, experiment_name, keep_plan, kept, read_by_plan, seal_into};
pub use experiment_plan::{PlanOptions, factors_of, plan_experiment};
pub use experiment_read_weeks::{ReadWeeksOptions, ScheduleSource, read_experiment_weeks};
pub use experiment_staged::read_experiment_staged;
pub use experiment_weeks::{WEEK_ARMS, WeeksMeasured, WeeksOptions, schedule_weeks, weeks_design};
pub use graph::{Graph, GraphOptions, MemoryOf, graph, memory_of_building, weights_unused};
pub use ltv::{LtvOptions, ltv};
pub use metrics::{CALIBRATION_COLUMNS, MetricsOptions, RATE_COLUMNS, VERDICT_COLUMNS, metrics, workspace_metrics};
pub use plan::{Figure, Plan, bytes};
pub use rings::{DEFAULT_FDR, RingsOptions, rings};
pub use sealed::{
    PlanFile, PlanUsed, SEALED_SCHEMA, Sealed, SealedDesign, SealedExplanation, SealedFile, SealedStep, SealedWeek,
    plan_of, read_plan, seal, sha256,
};
pub use simulation::{SimulationOptions, on_table, read_follows, read_scenario, simulate, simulation_pool};

/// The confidence of intervals where the user names none.
pub const DEFAULT_CONFIDENCE: f64 = 0.95;
/// The seed of random steps where the user names none.
pub const DEFAULT_SEED: Seed = Seed(1);

/// What the user asked of an audit.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// The importer to read with; found out where it is `None`.
    pub format: Option<String>,
    /// How the inputs are to be read.
    pub reading: assay_import::ReadOptions,
    /// The ids of the detectors to run.
    pub channels: Vec<&'static str>,
    /// The confidence of every interval, 0..1.
    pub confidence: f64,
    /// Where every random step forks from.
    pub seed: Seed,
    /// Labels set by hand.
    pub labels: Option<LabelTable>,
    /// Verdicts that are overruled.
    pub overrules: Vec<Overrule>,
    /// Whether labels move the verdicts of followers without one.
    pub recalibrate: Recalibrate,
    /// How many followers to draw for labelling.
    pub sample_to_label: Option<usize>,
    /// What ran and may explain a burst.
    pub events: Option<EventTable>,
    /// Who engaged with the page.
    pub engagements: Option<EngagementTable>,
    /// What else the followers follow.
    pub edges: Option<EdgesBeside>,
    /// How days are counted; `None` for the workspace's own way, and for UTC where files are read.
    pub calendar: Option<Calendar>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            format: None,
            reading: assay_import::ReadOptions::default(),
            channels: DETECTORS.iter().map(|d| d.id).collect(),
            confidence: DEFAULT_CONFIDENCE,
            seed: DEFAULT_SEED,
            labels: None,
            overrules: Vec::new(),
            recalibrate: Recalibrate::No,
            sample_to_label: None,
            events: None,
            engagements: None,
            edges: None,
            calendar: None,
        }
    }
}

/// A step of an audit, as the progress line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading the inputs; the work is counted in bytes.
    Reading,
    /// Putting the followers in order.
    Arranging,
    /// A detector looks.
    Looking(&'static str),
    /// Weighing the evidence.
    Weighing,
    /// Something that has a name of its own.
    Named(&'static str),
}

impl Step {
    /// The step in a few words.
    pub fn say(self) -> String {
        match self {
            Self::Reading => "reading".to_owned(),
            Self::Arranging => "putting followers in order".to_owned(),
            Self::Looking(channel) => format!("looking: {channel}"),
            Self::Weighing => "weighing the evidence".to_owned(),
            Self::Named(name) => name.to_owned(),
        }
    }
}

/// Told now and then which step is under way, how much of it is done and how much it is in all; answers go on or stop.
pub type Watch<'a> = dyn FnMut(Step, u64, u64) -> Go + 'a;

/// Reads the inputs as one, and audits the page they describe.
///
/// # Errors
/// When an input cannot be opened, no importer takes it, or `watch` answers stop.
pub fn audit(inputs: &[PathBuf], options: &AuditOptions, watch: &mut Watch<'_>) -> Result<AuditReport, Error> {
    let read = read::read(inputs, options.format.as_deref(), &options.reading, watch)?;
    let (page, warnings) = page(read.gathered, read.format, watch)?;
    judge(page, read.format, warnings, options, watch)
}

/// Audits a page that is already in memory, such as a made one.
///
/// # Errors
/// When `watch` answers stop.
pub fn judge(
    mut page: Page,
    format: FormatUsed,
    mut warnings: Vec<Warning>,
    options: &AuditOptions,
    watch: &mut Watch<'_>,
) -> Result<AuditReport, Error> {
    beside(&mut page, options);
    if let Some(calendar) = &options.calendar {
        page.calendar.clone_from(calendar);
    }
    let mut channels = Vec::with_capacity(DETECTORS.len());
    let mut found: Vec<(&'static str, Evidence)> = Vec::new();
    for detector in DETECTORS {
        let (state, notes) = look(detector, &page, options, &mut found, watch)?;
        let &Detector { id, sentence, source, limits, .. } = detector;
        channels.push(ChannelReport { id, sentence, source, limits, state, notes });
    }
    go_on(watch, Step::Weighing)?;
    let mut verdicts = weigh(&page, &found, options.confidence);
    if let Some(edges) = &options.edges {
        channels.push(edges_beside::look(&mut page, &mut verdicts, edges, options.seed, watch)?);
    }
    let to_label = label(&page, &mut verdicts, options);
    let n_overruled = labels::overrule(&page, &mut verdicts, &options.overrules);
    if n_overruled > 0 {
        let text = format!(
            "{} {} overruled by hand, as the reasons say; shares and batches are as they were without",
            n_overruled,
            if n_overruled == 1 { "verdict is" } else { "verdicts are" }
        );
        warnings.push(Warning { id: "overruled", text });
    }
    Ok(AuditReport {
        seed: options.seed,
        confidence: options.confidence,
        format,
        window: page.window(),
        growth: growth_steps::growth_steps(&page),
        page,
        channels,
        verdicts,
        warnings,
        names: Names::Shown,
        workspace: None,
        metrics: None,
        to_label,
    })
}

/// Reads a table of labels.
///
/// # Errors
/// When it cannot be read, or holds no labels.
pub fn read_labels(path: &Path) -> Result<LabelTable, Error> {
    Ok(assay_import::read_labels(path)?)
}

/// Reads a table of events.
///
/// # Errors
/// When it cannot be read, or holds no events.
pub fn read_events(path: &Path) -> Result<EventTable, Error> {
    Ok(assay_import::read_events(path)?)
}

/// Reads a table of engagements.
///
/// # Errors
/// When it cannot be read, or holds no engagements.
pub fn read_engagements(path: &Path) -> Result<EngagementTable, Error> {
    Ok(assay_import::read_engagements(path)?)
}

/// What the owner gave beside the export becomes part of the page, its files and rejects among those of the export.
fn beside(page: &mut Page, options: &AuditOptions) {
    if let Some(table) = &options.events {
        page.events.clone_from(&table.events);
        page.facts.files.push(table.file.clone());
        page.facts.rejects.extend(table.rejects.iter().cloned());
        page.facts.n_rejected += table.file.rejected;
    }
    if let Some(table) = &options.engagements {
        page.engaged = Some(table.engagers.join(&page.audience));
        page.facts.files.push(table.file.clone());
        page.facts.rejects.extend(table.rejects.iter().cloned());
        page.facts.n_rejected += table.file.rejected;
    }
    if let Some(table) = &options.labels {
        page.facts.files.extend(table.file.clone());
        page.facts.rejects.extend(table.rejects.iter().cloned());
        page.facts.n_rejected += table.file.as_ref().map_or(0, |f| f.rejected);
    }
}

/// Draws whom to label by the verdicts as they were without labels, then corrects them by the labels.
fn label(page: &Page, verdicts: &mut Verdicts, options: &AuditOptions) -> Option<Vec<labels::Drawn>> {
    let matched = options.labels.as_ref().map(|table| labels::match_to(&page.audience, table));
    let none = Matched::default();
    let drawn = options.sample_to_label.map(|n| {
        let before = matched.as_ref().unwrap_or(&none);
        labels::draw(&page.audience, &verdicts.probability, before, n, options.seed)
    });
    if let Some(matched) = &matched {
        let (confidence, seed) = (options.confidence, options.seed.fork(labels::CHANNEL));
        verdicts.labels = Some(labels::apply(page, verdicts, matched, options.recalibrate, confidence, seed));
    }
    drawn
}

/// Runs one detector, if it is on; its evidence is added to `found`.
fn look(
    detector: &Detector,
    page: &Page,
    options: &AuditOptions,
    found: &mut Vec<(&'static str, Evidence)>,
    watch: &mut Watch<'_>,
) -> Result<(ChannelState, Vec<String>), Error> {
    if !options.channels.contains(&detector.id) {
        return Ok((ChannelState::Off, Vec::new()));
    }
    let step = Step::Looking(detector.id);
    go_on(watch, step)?;
    let mut tick = |done, total| watch(step, done, total);
    let asked = Asked { seed: options.seed.fork(detector.id), confidence: options.confidence, earlier: found };
    let outcome = (detector.find)(page, &asked, &mut tick).map_err(|_| Error::Interrupted)?;
    Ok(match outcome {
        Outcome::Found(evidence) => {
            let limits = evidence.limits.clone();
            found.push((detector.id, evidence));
            (ChannelState::Used, limits)
        }
        Outcome::Abstained(why) => (ChannelState::Abstained(why), Vec::new()),
    })
}

/// Arranges what was gathered into a page, with what the reader must know of it.
pub(in crate::pipeline) fn page(
    gathered: Gathered,
    format: FormatUsed,
    watch: &mut Watch<'_>,
) -> Result<(Page, Vec<Warning>), Error> {
    go_on(watch, Step::Arranging)?;
    let Gathered { list, daily, mut losses, mut facts, order, quality, other_pages } = gathered;
    let (daily, contradictions) = list_checks::one_entry_a_day(daily);
    losses.sort_by_key(|loss| loss.at);
    let arranged = assay_model::arrange(list, order, quality);
    facts.notes.extend(arranged.notes);
    facts.rejects.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let page = Page { audience: arranged.audience, daily, losses, facts, ..Page::default() };
    let mut warnings: Vec<Warning> = list_checks::truncation(&page, format.id);
    warnings.extend(list_checks::other_pages(&page.facts, &other_pages));
    warnings.extend(contradictions);
    warnings.extend(page.facts.notes.iter().map(|text| list_checks::note(text)));
    Ok((page, warnings))
}

fn go_on(watch: &mut Watch<'_>, step: Step) -> Result<(), Error> {
    match watch(step, 0, 0) {
        Go::On => Ok(()),
        Go::Stop => Err(Error::Interrupted),
    }
}

#[cfg(test)]
mod tests {
    use super::{AuditOptions, Error, Step, judge};
    use crate::report::{ChannelState, FormatUsed};
    use assay_model::synth::SynthPage;
    use assay_model::{Go, Page};

    const MADE: FormatUsed = FormatUsed { id: "made", sentence: "A made page." };

    #[test]
    fn a_stop_ends_the_audit_at_any_step() {
        let page = SynthPage { followers: 400, ..SynthPage::default() }.make(super::DEFAULT_SEED).page;
        for stop_at in [Step::Looking("follow-order"), Step::Looking("growth"), Step::Weighing] {
            let mut watch = |step, _, _| if step == stop_at { Go::Stop } else { Go::On };
            let ended = judge(page.clone(), MADE, Vec::new(), &AuditOptions::default(), &mut watch);
            assert!(matches!(ended, Err(Error::Interrupted)), "{stop_at:?}");
        }
    }

    #[test]
    fn a_channel_that_is_off_is_told_and_does_not_look() {
        let options = AuditOptions { channels: vec!["growth"], ..AuditOptions::default() };
        let mut looked = Vec::new();
        let report = judge(Page::default(), MADE, Vec::new(), &options, &mut |step, _, _| {
            looked.extend(matches!(step, Step::Looking(_)).then_some(step));
            Go::On
        });
        let channels = report.expect("nobody stops it").channels;
        assert!(channels.iter().all(|c| (c.state == ChannelState::Off) == (c.id != "growth")));
        assert!(looked.iter().all(|step| *step == Step::Looking("growth")));
    }
}
