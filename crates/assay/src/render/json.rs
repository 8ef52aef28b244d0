//! The report as JSON, schema `assay.audit/1` (published as `schemas/audit-1.json`). Full precision, nothing rounded.

use super::findings;
use super::format::rfc3339;
use crate::report::{AuditReport, ChannelState, InWorkspace};
use assay_math::Estimate;
use assay_model::{
    Abstention, Class, Contrast, Engaged, EventKind, LabelsUsed, NamesLook, Outcome, Price, Reading, ReferenceFit,
    Reject, Share, SourceFile, Span, Spread, StockLook, TimeMs, ToldBy,
};
use serde::Serialize;
use std::io::{self, Write};

/// The schema that [`json`] writes.
pub const AUDIT_SCHEMA: &str = "assay.audit/1";

/// Writes the report as JSON of schema `assay.audit/1`, at full precision, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(report: &AuditReport, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Document::of(report))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    seed: u64,
    confidence: f64,
    format: Format,
    inputs: &'a [SourceFile],
    window: Option<Window>,
    calendar: CalendarOf<'a>,
    warnings: Vec<Warning<'a>>,
    page: PageOf<'a>,
    followers: Followers,
    counts: Option<Counts>,
    channels: Vec<Channel<'a>>,
    shares: Shares<'a>,
    reference: ReferenceAnswer<'a>,
    labels: Option<&'a LabelsUsed>,
    workspace: Option<WorkspaceOf<'a>>,
    engagement: Option<EngagementOf>,
    classes: Classes,
    batches: Vec<Batch<'a>>,
    spikes: Vec<Spike<'a>>,
    n_rejected: u64,
    rejects: &'a [Reject],
}

#[derive(Serialize)]
struct Format {
    id: &'static str,
    sentence: &'static str,
}

#[derive(Serialize)]
struct Window {
    from: String,
    to: String,
}

/// How days and weeks are counted.
#[derive(Serialize)]
struct CalendarOf<'a> {
    zone: &'a str,
    week_start: &'static str,
}

#[derive(Serialize)]
struct Warning<'a> {
    id: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct PageOf<'a> {
    handle: Option<&'a str>,
    exported_at: Option<String>,
    followers_expected: Option<u64>,
}

#[derive(Serialize)]
struct Followers {
    count: usize,
    with_profile: usize,
    time_quality: &'static str,
    first_followed_at: Option<String>,
    last_followed_at: Option<String>,
}

/// The workspace that was audited.
#[derive(Serialize)]
struct WorkspaceOf<'a> {
    page: Option<&'a str>,
    snapshot_id: Option<i64>,
    audit_id: i64,
    is_new: bool,
    changes: Vec<ChangeOf>,
}

/// Who came and went between two lists.
#[derive(Serialize)]
struct ChangeOf {
    after: String,
    by: String,
    n_gained: u64,
    n_lost: u64,
    n_lost_inauthentic: Option<u64>,
}

impl<'a> WorkspaceOf<'a> {
    fn of(w: &'a InWorkspace) -> Self {
        let change = |c: &assay_store::Change| ChangeOf {
            after: rfc3339(c.after),
            by: rfc3339(c.by),
            n_gained: c.n_gained,
            n_lost: c.n_lost,
            n_lost_inauthentic: c.n_lost_inauthentic,
        };
        Self {
            page: w.page.as_deref(),
            snapshot_id: w.snapshot_id,
            audit_id: w.audit_id,
            is_new: w.is_new,
            changes: w.changes.iter().map(change).collect(),
        }
    }
}

/// What became of the engagements that were given.
#[expect(clippy::struct_field_names, reason = "counts are named n_… in every document")]
#[derive(Serialize)]
struct EngagementOf {
    n_by_others: u64,
    n_by_page: u64,
    n_unnamed: u64,
    n_accounts: u64,
    n_ambiguous: u64,
    n_of_followers: u64,
    n_followers_engaged: u64,
}

impl EngagementOf {
    fn of(engaged: &Engaged) -> Self {
        let c = engaged.counts;
        Self {
            n_by_others: c.n_by_others,
            n_by_page: c.n_by_page,
            n_unnamed: c.n_unnamed,
            n_accounts: c.n_accounts,
            n_ambiguous: c.n_ambiguous,
            n_of_followers: c.n_joined,
            n_followers_engaged: engaged.engagements.iter().flatten().filter(|n| *n > 0).count() as u64,
        }
    }
}

/// Daily counts, where the input has them.
#[expect(clippy::struct_field_names, reason = "counts are named n_… in every document")]
#[derive(Serialize)]
struct Counts {
    n_days: usize,
    n_follows: u64,
    n_unfollows: Option<u64>,
}

#[derive(Serialize)]
struct Channel<'a> {
    id: &'static str,
    state: &'static str,
    why: Option<&'a str>,
    would_settle: Option<&'a str>,
    notes: &'a [String],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer<'a> {
    Found(Estimate),
    Abstained { abstained: &'a Abstention },
}

#[derive(Serialize)]
struct Shares<'a> {
    inauthentic: Answer<'a>,
    dormant: Answer<'a>,
    genuine: Answer<'a>,
    in_batches: Answer<'a>,
}

#[expect(clippy::struct_field_names, reason = "counts are named n_… in every document")]
#[derive(Serialize)]
struct Classes {
    n_inauthentic: u64,
    n_dormant: u64,
    n_genuine: u64,
    n_unsure: u64,
}

#[derive(Serialize)]
struct Batch<'a> {
    id: &'a str,
    first_rank: u32,
    last_rank: u32,
    arrived_from: Option<String>,
    arrived_to: Option<String>,
    followers: u64,
    inauthentic: Estimate,
    q_value: f64,
    reasons: Vec<Reason>,
    stock: Stock<'a>,
    lost: Answer<'a>,
    price: Price,
    causes: Vec<Cause<'a>>,
}

/// Whether the picture of people fits, or why that cannot be said.
#[derive(Serialize)]
#[serde(untagged)]
enum ReferenceAnswer<'a> {
    Found {
        fits: bool,
        misfit_share: f64,
        n_odd_people: f64,
        n_uncorroborated: f64,
        widened_low_by: f64,
        widened_high_by: f64,
    },
    Abstained {
        abstained: &'a Abstention,
    },
}

#[derive(Serialize)]
struct Stock<'a> {
    age_days: Option<Spread>,
    opened_from: Option<String>,
    opened_to: Option<String>,
    names: Option<&'a NamesLook>,
    profiles: &'a [Contrast],
}

#[derive(Serialize)]
struct Cause<'a> {
    kind: EventKind,
    name: &'a str,
    from: String,
    to: String,
    told_by: ToldBy,
    n_follows: Option<u64>,
}

#[derive(Serialize)]
struct Spike<'a> {
    first_rank: Option<u32>,
    last_rank: Option<u32>,
    from: Option<String>,
    to: Option<String>,
    followers: u64,
    beyond_expected: f64,
    reading: Reading,
    why: String,
    would_settle: Option<&'a str>,
    causes: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct Reason {
    channel: &'static str,
    text: String,
}

impl<'a> Document<'a> {
    fn of(report: &'a AuditReport) -> Self {
        let (page, verdicts) = (&report.page, &report.verdicts);
        Self {
            schema: AUDIT_SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            seed: report.seed.0,
            confidence: report.confidence,
            format: Format { id: report.format.id, sentence: report.format.sentence },
            inputs: &page.facts.files,
            window: report.window.map(|w| Window { from: rfc3339(w.from), to: rfc3339(w.to) }),
            calendar: CalendarOf {
                zone: report.page.calendar.zone(),
                week_start: report.page.calendar.week_start.name(),
            },
            warnings: report.warnings.iter().map(|w| Warning { id: w.id, text: &w.text }).collect(),
            page: PageOf {
                handle: page.facts.handle.as_deref(),
                exported_at: page.facts.exported_at.map(rfc3339),
                followers_expected: page.facts.followers_expected,
            },
            followers: followers(report),
            counts: counts(report),
            channels: report.channels.iter().map(channel).collect(),
            shares: Shares {
                inauthentic: answer(&verdicts.inauthentic_share),
                dormant: answer(&verdicts.dormant_share),
                genuine: answer(&verdicts.genuine_share),
                in_batches: answer(&verdicts.in_batches_share),
            },
            reference: reference(&verdicts.reference),
            labels: verdicts.labels.as_ref(),
            workspace: report.workspace.as_ref().map(WorkspaceOf::of),
            engagement: report.page.engaged.as_ref().map(EngagementOf::of),
            classes: Classes {
                n_inauthentic: verdicts.n_of(Class::Inauthentic),
                n_dormant: verdicts.n_of(Class::Dormant),
                n_genuine: verdicts.n_of(Class::Genuine),
                n_unsure: verdicts.n_of(Class::Unsure),
            },
            batches: verdicts.batches.iter().map(batch).collect(),
            spikes: verdicts.spikes.iter().map(spike).collect(),
            n_rejected: page.facts.n_rejected,
            rejects: &page.facts.rejects,
        }
    }
}

/// First and last follow times only where the input states them; lower bounds are in `window`.
fn followers(report: &AuditReport) -> Followers {
    let audience = &report.page.audience;
    let follows = follow_span(audience.followed_at.iter().flatten());
    Followers {
        count: audience.len(),
        with_profile: audience.n_with_profile(),
        time_quality: audience.quality().name(),
        first_followed_at: follows.map(|s| rfc3339(s.from)),
        last_followed_at: follows.map(|s| rfc3339(s.to)),
    }
}

fn follow_span(times: impl Iterator<Item = TimeMs>) -> Option<Span> {
    times.map(|at| Span { from: at, to: at }).reduce(Span::join)
}

fn counts(report: &AuditReport) -> Option<Counts> {
    let daily = &report.page.daily;
    (!daily.is_empty()).then(|| Counts {
        n_days: daily.len(),
        n_follows: daily.iter().filter_map(|d| d.follows).map(u64::from).sum(),
        n_unfollows: daily.iter().filter_map(|d| d.unfollows).map(u64::from).reduce(|a, b| a + b),
    })
}

fn channel(channel: &crate::report::ChannelReport) -> Channel<'_> {
    let (state, why) = match &channel.state {
        ChannelState::Used => ("used", None),
        ChannelState::Abstained(why) => ("abstained", Some(why)),
        ChannelState::Off => ("off", None),
    };
    Channel {
        id: channel.id,
        state,
        why: why.map(|a| a.why.as_str()),
        would_settle: why.map(|a| a.would_settle.as_str()),
        notes: &channel.notes,
    }
}

fn answer(share: &Share) -> Answer<'_> {
    match share {
        Outcome::Found(estimate) => Answer::Found(*estimate),
        Outcome::Abstained(abstained) => Answer::Abstained { abstained },
    }
}

fn batch(batch: &assay_model::Batch) -> Batch<'_> {
    Batch {
        id: &batch.id,
        first_rank: batch.ranks.first,
        last_rank: batch.ranks.last,
        arrived_from: batch.arrived.map(|s| rfc3339(s.from)),
        arrived_to: batch.arrived.map(|s| rfc3339(s.to)),
        followers: batch.n_followers,
        inauthentic: batch.inauthentic,
        q_value: batch.q_value,
        reasons: batch.reasons.iter().map(reason).collect(),
        stock: stock(&batch.stock),
        lost: answer(&batch.lost),
        price: batch.price,
        causes: batch.causes.iter().map(cause).collect(),
    }
}

fn stock(stock: &StockLook) -> Stock<'_> {
    Stock {
        age_days: stock.age_days,
        opened_from: stock.opened.map(|s| rfc3339(s.from)),
        opened_to: stock.opened.map(|s| rfc3339(s.to)),
        names: stock.names.as_ref(),
        profiles: &stock.profiles,
    }
}

fn cause(cause: &assay_model::Cause) -> Cause<'_> {
    Cause {
        kind: cause.kind,
        name: &cause.name,
        from: rfc3339(cause.span.from),
        to: rfc3339(cause.span.to),
        told_by: cause.told_by,
        n_follows: cause.n_follows,
    }
}

fn reference(fit: &Outcome<ReferenceFit>) -> ReferenceAnswer<'_> {
    match fit {
        Outcome::Found(fit) => ReferenceAnswer::Found {
            fits: fit.is_good(),
            misfit_share: fit.misfit_share,
            n_odd_people: fit.n_odd_people,
            n_uncorroborated: fit.n_uncorroborated,
            widened_low_by: fit.widened_by.0,
            widened_high_by: fit.widened_by.1,
        },
        Outcome::Abstained(abstained) => ReferenceAnswer::Abstained { abstained },
    }
}

fn reason(reason: &assay_model::Reason) -> Reason {
    Reason { channel: reason.channel, text: findings::say(&reason.finding) }
}

fn spike(spike: &assay_model::Spike) -> Spike<'_> {
    Spike {
        first_rank: spike.ranks.map(|r| r.first),
        last_rank: spike.ranks.map(|r| r.last),
        from: spike.span.map(|s| rfc3339(s.from)),
        to: spike.span.map(|s| rfc3339(s.to)),
        followers: spike.n_followers,
        beyond_expected: spike.n_beyond,
        reading: spike.reading,
        why: findings::why(spike),
        would_settle: spike.would_settle.as_deref(),
        causes: spike.causes.iter().map(cause).collect(),
    }
}
