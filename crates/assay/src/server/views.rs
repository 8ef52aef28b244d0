//! Answers as the server keeps them: rendered once where they are made, small beside the rows they were made of.

use crate::pipeline::{self, AuditOptions, MetricsOptions, Watch};
use crate::render::forms::Forms;
use crate::render::{self, AuditParts};
use crate::report::{AuditReport, MetricsReport, QueueReport};
use assay_math::{Estimate, Seed};
use assay_metrics::{By, Window};
use assay_model::{Class, Day, Fact, Finding, Go, Outcome, Posts, Reason, Share, Verdicts};
use assay_store::{Change, FactKind, Judged, Of, Status};
use std::path::Path;

/// What the server does not let visitors choose.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The confidence of intervals.
    pub confidence: f64,
    /// Where random steps start.
    pub seed: Seed,
    /// What files do not say of themselves.
    pub reading: assay_import::ReadOptions,
    /// The currency that money is told in.
    pub currency: Option<String>,
    /// How numbers, days and clocks are written for people.
    pub forms: Forms,
    /// Keys of what goes before what a workspace says: flags and variables do, files of settings do not.
    pub firm: Vec<&'static str>,
}

impl Fixed {
    /// As it holds for a workspace, whose settings go before those of files.
    ///
    /// # Errors
    /// If they cannot be read, or name no zone.
    pub fn of_workspace(&self, path: &Path) -> Result<Self, pipeline::Error> {
        let mut own = self.clone();
        let kept = assay_store::settings_of(path)?;
        for (name, value) in &kept {
            match name.as_str() {
                "currency" if !self.is_firm("currency") => own.currency = Some(value.clone()),
                "zone" if !self.is_firm("zone") => own.reading.zone = Some(assay_import::Zone::parse(value)?),
                _ => {}
            }
        }
        let said = |name: &str| kept.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        own.forms = self.forms_with(&|name| Ok(said(name)))?;
        Ok(own)
    }
}

impl Fixed {
    fn is_firm(&self, key: &str) -> bool {
        self.firm.contains(&key)
    }

    /// The forms where a workspace says these settings.
    ///
    /// # Errors
    /// If `setting` cannot tell, or names no zone.
    pub fn forms_with(
        &self,
        setting: &dyn Fn(&str) -> Result<Option<String>, pipeline::Error>,
    ) -> Result<Forms, pipeline::Error> {
        let told = |name: &str| if self.is_firm(name) { Ok(None) } else { setting(name) };
        let (numbers, dates) = (told("numbers")?, told("dates")?);
        let zone = told("zone")?.map(|name| assay_import::Zone::parse(&name)).transpose()?;
        Ok(Forms::named(
            numbers.as_deref().or(Some(self.forms.numbers.name)),
            dates.as_deref().or(Some(self.forms.dates.name)),
            zone.or_else(|| self.forms.zone.clone()),
        ))
    }
}

/// An audit of a page of a workspace.
#[derive(Debug)]
pub struct AuditView {
    /// What the page is called.
    pub page: String,
    /// Its sections.
    pub parts: AuditParts,
    /// The number that the audit is kept under.
    pub audit_id: i64,
    /// Followers in the list.
    pub n_followers: u64,
    /// The share of inauthentic followers,
    pub inauthentic: Share,
    /// of dormant ones,
    pub dormant: Share,
    /// and of genuine ones.
    pub genuine: Share,
    /// The batches.
    pub batches: Vec<BatchView>,
    /// Bursts without an explanation.
    pub n_unexplained: u64,
    /// What a reader does next.
    pub steps: Vec<String>,
    /// What the reader must know.
    pub warnings: Vec<String>,
    /// Who came and went between lists.
    pub changes: Vec<Change>,
    /// Where the follow order is known.
    pub is_ordered: bool,
    /// Why single followers outside batches are judged as they are.
    pub reasons: Reasons,
    /// Followers to label, drawn so that their labels sharpen the share.
    pub to_label: Vec<ToLabel>,
}

/// Why single followers outside batches are judged as they are, in order of rank. Those who engaged, of whom there are many, take
/// a few bytes each.
#[derive(Debug, Default)]
pub struct Reasons {
    engaged: Vec<(u32, u64, u64)>,
    others: Vec<(u32, Vec<Reason>)>,
}

impl Reasons {
    fn of(verdicts: &Verdicts) -> Self {
        let mut kept = Self::default();
        for (rank, reasons) in &verdicts.reasons {
            match &reasons[..] {
                [Reason { finding: Finding::HasEngaged { n_engagements, n_orders }, .. }] => {
                    kept.engaged.push((*rank, *n_engagements, *n_orders));
                }
                _ => kept.others.push((*rank, reasons.clone())),
            }
        }
        kept
    }

    /// As sentences; none where there is no reason of the follower's own.
    fn said(&self, rank: u32) -> Vec<String> {
        let say = |finding: &Finding| render::format::sentence(&render::findings::say(finding));
        if let Ok(at) = self.engaged.binary_search_by_key(&rank, |e| e.0) {
            let (_, n_engagements, n_orders) = self.engaged[at];
            return vec![say(&Finding::HasEngaged { n_engagements, n_orders })];
        }
        let at = self.others.binary_search_by_key(&rank, |(own, _)| *own);
        at.map_or_else(|_| Vec::new(), |at| self.others[at].1.iter().map(|r| say(&r.finding)).collect())
    }
}

impl AuditView {
    /// The batch of that id.
    pub fn batch(&self, id: Option<&str>) -> Option<&BatchView> {
        self.batches.iter().find(|b| Some(b.id.as_str()) == id)
    }

    /// Why a follower is judged as they are, in sentences: the batch's reasons, or their own.
    pub fn why(&self, follower: &Judged) -> Vec<String> {
        match self.batch(follower.batch.as_deref()) {
            Some(batch) => batch.reasons.clone(),
            None => u32::try_from(follower.rank).map(|rank| self.reasons.said(rank)).unwrap_or_default(),
        }
    }
}

/// A follower to label.
#[derive(Debug, Clone)]
pub struct ToLabel {
    /// Place in the follow order.
    pub rank: u32,
    /// The account's id.
    pub account_id: String,
    /// Its handle.
    pub handle: Option<String>,
    /// The name that it shows.
    pub display_name: Option<String>,
    /// The stratum that it was drawn from, and its size.
    pub stratum: (u32, u64),
}

/// A batch in short.
#[derive(Debug, Clone)]
pub struct BatchView {
    /// `b1`, `b2`, …
    pub id: String,
    /// First and last rank.
    pub ranks: (u32, u32),
    /// Followers in its span.
    pub n_followers: u64,
    /// How many of them look bought.
    pub inauthentic: Estimate,
    /// How many of them are each held to be inauthentic: those that lists name.
    pub n_listed: u64,
    /// When it arrived, in words.
    pub arrived: String,
    /// Its reasons, as sentences.
    pub reasons: Vec<String>,
}

/// Followers that are drawn to be labelled.
pub const TO_LABEL: usize = 30;

/// Audits a page and renders what came of it.
///
/// # Errors
/// As the audit.
pub fn audit(path: &Path, page: &str, fixed: &Fixed, watch: &mut Watch<'_>) -> Result<AuditView, pipeline::Error> {
    let options = AuditOptions {
        seed: fixed.seed,
        confidence: fixed.confidence,
        sample_to_label: Some(TO_LABEL),
        ..AuditOptions::default()
    };
    let report = pipeline::workspace::audit(path, Some(page).filter(|p| !p.is_empty()), &options, watch)?;
    Ok(fixed.of_workspace(path)?.forms.during(|| audit_view(&report, page)))
}

/// The audit of a page as the sheet that a client is given, which names no follower.
///
/// # Errors
/// As the audit, or when `out` cannot be written to.
pub fn client_report(
    path: &Path,
    page: &str,
    fixed: &Fixed,
    cover: &render::Cover,
    out: &mut dyn std::io::Write,
) -> Result<(), pipeline::Error> {
    let options = AuditOptions { seed: fixed.seed, confidence: fixed.confidence, ..AuditOptions::default() };
    let page = Some(page).filter(|p| !p.is_empty());
    let mut report = pipeline::workspace::audit(path, page, &options, &mut |_, _, _| Go::On)?;
    crate::report::redact(&mut report);
    let forms = fixed.of_workspace(path)?.forms;
    forms
        .during(|| render::html(&report, cover, out))
        .map_err(|e| pipeline::Error::Input { message: format!("cannot send the report: {e}"), hint: None })
}

fn to_label(report: &AuditReport, drawn: &assay_detect::labels::Drawn) -> ToLabel {
    let audience = &report.page.audience;
    let who = audience.follower(drawn.row as usize);
    ToLabel {
        rank: drawn.row,
        account_id: who.account_id.to_owned(),
        handle: who.handle.map(str::to_owned),
        display_name: audience.display_name.get(drawn.row as usize).map(str::to_owned),
        stratum: (drawn.stratum.id, drawn.stratum.size),
    }
}

fn audit_view(report: &AuditReport, page: &str) -> AuditView {
    let v = &report.verdicts;
    let quality = report.time_quality();
    let mut n_listed = vec![0; v.batches.len()];
    for (batch, _) in v.batch.iter().zip(&v.class).filter(|(_, class)| **class == Class::Inauthentic) {
        if let Some(n) = batch.checked_sub(1).and_then(|at| n_listed.get_mut(at as usize)) {
            *n += 1;
        }
    }
    let batches = v.batches.iter().zip(n_listed).map(|(b, n_listed)| BatchView {
        id: b.id.clone(),
        ranks: (b.ranks.first, b.ranks.last),
        n_followers: b.n_followers,
        inauthentic: b.inauthentic,
        n_listed,
        arrived: b.arrived.map_or_else(|| "time not known".to_owned(), |s| render::format::span(s, quality)),
        reasons: b.reasons.iter().map(|r| render::format::sentence(&render::findings::say(&r.finding))).collect(),
    });
    AuditView {
        page: page.to_owned(),
        audit_id: report.workspace.as_ref().map_or(0, |w| w.audit_id),
        n_followers: report.page.audience.len() as u64,
        inauthentic: v.inauthentic_share.clone(),
        dormant: v.dormant_share.clone(),
        genuine: v.genuine_share.clone(),
        batches: batches.collect(),
        n_unexplained: report.n_unexplained() as u64,
        // What the command line has flags for, the pages have places for.
        steps: render::next_steps(report).into_iter().filter(|step| !step.contains("`--")).collect(),
        warnings: report.warnings.iter().map(|w| w.text.clone()).collect(),
        changes: report.workspace.as_ref().map(|w| w.changes.clone()).unwrap_or_default(),
        is_ordered: quality != assay_model::TimeQuality::Unknown,
        reasons: Reasons::of(v),
        to_label: report.to_label.iter().flatten().map(|d| to_label(report, d)).collect(),
        parts: render::audit_parts(report),
    }
}

/// What is known of a page's reach.
#[derive(Debug)]
pub struct ReachView {
    /// The page, and what its posts leave of the priors.
    pub known: pipeline::reach::Known,
    /// The share of inauthentic followers that it rests on.
    pub share: Option<Estimate>,
}

/// Fits the posts of a page in the workspace, with the share that its newest audit tells.
///
/// # Errors
/// If the workspace cannot be read, the page has no follower, or `watch` answers stop.
pub fn reach(
    path: &Path,
    page: &assay_store::PageEntry,
    fixed: &Fixed,
    watch: &mut Watch<'_>,
) -> Result<ReachView, pipeline::Error> {
    let store = pipeline::workspace::read_workspace(path)?;
    let mut posts = Posts::default();
    let pages = store.pages()?;
    for own in pages.iter().filter(|p| pipeline::workspace::ours(page, &pages, p)) {
        store.facts(FactKind::Post, Of::Page(own.id), &mut |fact| {
            if let Fact::Post(post) = fact {
                posts.push(&post);
            }
            Go::On
        })?;
    }
    let audit = store.audits()?.into_iter().rfind(|a| a.page_id == page.id);
    let told = audit.as_ref().and_then(|a| a.inauthentic.or(a.in_batches).map(|r| (r, a.confidence)));
    let share = told.map(|((point, low, high), confidence)| Estimate::new(point, low, high, confidence));
    let listed = store.snapshots()?.into_iter().find(|s| s.page_id == page.id && s.is_current).map(|s| s.n_followers);
    let followers = listed.map_or(0, |n| n.max(0) as u64);
    let known = pipeline::reach::known(posts, followers, share, fixed.confidence, watch)?;
    Ok(ReachView { known, share })
}

/// What of the queue was asked, and what was decided of conversations till then.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct QueueAsked {
    /// `open`, `snoozed`, `answered` or `done`.
    pub status: &'static str,
    /// Of this page alone.
    pub page: Option<String>,
    /// Of whom this person handles alone.
    pub handled_by: Option<String>,
    /// How many are passed over first.
    pub offset: usize,
    /// How many at most.
    pub limit: usize,
    /// Another text after each decision and each audit.
    pub decided: String,
}

/// Tells the queue.
///
/// # Errors
/// As the queue.
pub fn queue(path: &Path, asked: &QueueAsked, watch: &mut Watch<'_>) -> Result<QueueReport, pipeline::Error> {
    let options = pipeline::people::QueueOptions {
        statuses: Status::ALL.into_iter().filter(|s| s.name() == asked.status).collect(),
        page: asked.page.clone(),
        handled_by: asked.handled_by.clone(),
        limit: asked.limit,
        offset: asked.offset,
        now: None,
    };
    let mut store = pipeline::workspace::open_workspace(path)?;
    pipeline::people::queue(&mut store, &options, watch)
}

/// What of the metrics was asked: days from 1970, and names as the command line has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct MetricsAsked {
    /// The first day.
    pub from: Option<i32>,
    /// The last day.
    pub to: Option<i32>,
    /// `week`, `channel`, `campaign`, `segment` or `source`.
    pub by: Option<&'static str>,
    /// Whether the days before stand beside.
    pub compare: bool,
    /// The metric to explain.
    pub explain: Option<&'static str>,
}

/// The splits by their names.
pub const SPLITS: [(&str, By); 5] = [
    ("week", By::Week),
    ("channel", By::Channel),
    ("campaign", By::Campaign),
    ("segment", By::Segment),
    ("source", By::Source),
];

/// The metrics of a workspace.
#[derive(Debug)]
pub struct MetricsView {
    /// The figures.
    pub report: MetricsReport,
    /// The sections of the page.
    pub sections: String,
}

/// Tells the metrics and renders them.
///
/// # Errors
/// As the metrics.
pub fn metrics(
    path: &Path,
    asked: &MetricsAsked,
    fixed: &Fixed,
    watch: &mut Watch<'_>,
) -> Result<MetricsView, pipeline::Error> {
    let fixed = fixed.of_workspace(path)?;
    let options = MetricsOptions {
        window: Window { from: asked.from.map(Day), to: asked.to.map(Day) },
        by: asked.by.and_then(|by| SPLITS.iter().find(|(name, _)| *name == by)).map(|(_, by)| *by),
        compare: asked.compare,
        currency: fixed.currency.clone(),
        margin: None,
        rates: None,
        verdicts: None,
        experiments: None,
        calendar: None,
        explain: asked.explain.and_then(assay_metrics::by_id),
        reading: fixed.reading.clone(),
        confidence: fixed.confidence,
        seed: fixed.seed,
    };
    let report = pipeline::workspace_metrics(path, &options, watch)?;
    let sections = fixed.forms.during(|| render::metrics_sections(&report).into_string());
    Ok(MetricsView { report, sections })
}

impl MetricsView {
    /// A metric of the whole, as people read it: its value, or why it cannot be said.
    pub fn said(&self, id: &str) -> Option<Result<String, String>> {
        let m = self.report.metrics.iter().find(|m| m.metric.id == id && m.group.is_none())?;
        Some(match &m.figure {
            Outcome::Found(figure) => Ok(render::metric_value(figure, m.metric)),
            Outcome::Abstained(why) => Err(why.why.clone()),
        })
    }
}
