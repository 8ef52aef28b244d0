//! Audits the newest follower list of a page in the workspace, with all that the workspace knows beside it, and keeps the verdicts.

use super::super::gather::{Gather, Gathered};
use super::{calendar, existing, now, open_workspace};
use crate::pipeline::{self, AuditOptions, Error, Step, Watch, go_on};
use crate::report::{AuditReport, FormatUsed, InWorkspace};
use assay_detect::labels::Recalibrate;
use assay_import::{IMPORTERS, Sink as _};
use assay_model::{
    Calendar, Column, DAY_MS, Day, Engagers, Event, EventKind, Fact, Go, Label, LabelTable, Outcome, Overrule, Page,
    Share, SourceFile, Span, TimeMs, ToldBy,
};
use assay_store::{AuditEntry, FactKind, Of, PageEntry, Range, Snapshot, Workspace};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;

/// Days of one campaign with so many days or fewer between them are one run.
const AD_GAP_DAYS: i64 = 2;

/// Uses of a code with so many days or fewer between them are one run.
const CODE_GAP_DAYS: i64 = 7;

/// Audits a page of the workspace at `path`: the one that is named, or the only one. What it says is kept there.
///
/// # Errors
/// If there is no workspace or no such page, it cannot be read or written, or `watch` answers stop.
pub fn audit(
    path: &Path,
    page: Option<&str>,
    options: &AuditOptions,
    watch: &mut Watch<'_>,
) -> Result<AuditReport, Error> {
    go_on(watch, Step::Reading)?;
    let mut store = open_workspace(&existing(path)?)?;
    let (entry, list) = choose(&store, page)?;
    let (mut page, format, warnings) = gather(&store, &entry, list.as_ref(), watch)?;
    if page.audience.is_empty() && page.daily.is_empty() {
        return Err(Error::Input {
            message: format!("expected followers or daily counts of {}, found neither", called(&entry)),
            hint: Some("`assay import PATH` brings in the export that holds them".to_owned()),
        });
    }
    page.calendar = match &options.calendar {
        Some(calendar) => calendar.clone(),
        None => calendar(&store)?,
    };
    beside(&store, &entry, &mut page)?;
    let mut options = options.clone();
    decided(&store, &entry, &mut options)?;
    let inputs = inputs(&page, &options);
    let mut report = pipeline::judge(page, format, warnings, &options, watch)?;
    let v = &report.verdicts;
    let kept = AuditEntry {
        id: 0,
        page_id: entry.id,
        page: entry.name.clone(),
        snapshot_id: list.as_ref().map(|l| l.id),
        as_of: list.as_ref().map_or_else(|| report.window.map_or(TimeMs(0), |w| w.to), |l| l.as_of),
        audited_at: now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: report.seed.0,
        inputs,
        confidence: report.confidence,
        n_followers: report.page.audience.len() as u64,
        n_batches: v.batches.len() as u64,
        n_spikes: v.spikes.len() as u64,
        inauthentic: range(&v.inauthentic_share),
        dormant: range(&v.dormant_share),
        genuine: range(&v.genuine_share),
        in_batches: range(&v.in_batches_share),
    };
    let (audit_id, is_new) = store.keep_audit(&kept, &report.page, v)?;
    let changes = store.changes(entry.id)?;
    report.workspace = Some(InWorkspace { page: entry.name, snapshot_id: kept.snapshot_id, audit_id, is_new, changes });
    Ok(report)
}

/// The audits that a workspace keeps, of all pages or the one that is named.
///
/// # Errors
/// If there is no workspace, or it cannot be read.
pub fn history(path: &Path, page: Option<&str>) -> Result<Vec<AuditEntry>, Error> {
    let store = open_workspace(&existing(path)?)?;
    let mut audits = store.audits()?;
    if let Some(name) = page {
        let entry = named(&store.pages()?, name)?;
        audits.retain(|a| a.page_id == entry.id);
    }
    Ok(audits)
}

fn called(page: &PageEntry) -> String {
    page.name.clone().unwrap_or_else(|| "a page without a name".to_owned())
}

pub(in crate::pipeline) fn named(pages: &[PageEntry], name: &str) -> Result<PageEntry, Error> {
    let wanted = name.trim().trim_start_matches('@').to_lowercase();
    let fits =
        |p: &&PageEntry| p.name.as_deref().unwrap_or("").to_lowercase() == wanted || p.handle.to_lowercase() == wanted;
    let found: Vec<&PageEntry> = pages.iter().filter(fits).collect();
    match found[..] {
        [one] => Ok(one.clone()),
        _ => Err(Error::Usage {
            message: format!("expected one page called {name}, found {} in the workspace", found.len()),
            hint: Some(format!("name one of {}", listed(pages))),
        }),
    }
}

fn listed(pages: &[PageEntry]) -> String {
    let names: Vec<&str> = pages.iter().filter_map(|p| p.name.as_deref()).collect();
    if names.is_empty() { "no page: the workspace holds none".to_owned() } else { names.join(", ") }
}

/// The page to audit, and its newest list.
fn choose(store: &Workspace, page: Option<&str>) -> Result<(PageEntry, Option<Snapshot>), Error> {
    let pages = store.pages()?;
    let lists: Vec<Snapshot> =
        store.snapshots()?.into_iter().filter(|s| s.is_current && s.dropped_at.is_none()).collect();
    let entry = if let Some(name) = page {
        named(&pages, name)?
    } else {
        let with_list: Vec<PageEntry> =
            pages.iter().filter(|p| lists.iter().any(|l| l.page_id == p.id)).cloned().collect();
        let of = if with_list.is_empty() { &pages } else { &with_list };
        match &of[..] {
            [one] => one.clone(),
            [] => {
                return Err(Error::Input {
                    message: "expected a page in the workspace, found none".to_owned(),
                    hint: Some("`assay import PATH` brings in an export".to_owned()),
                });
            }
            several => {
                return Err(Error::Usage {
                    message: format!("expected one page, found {} in the workspace", several.len()),
                    hint: Some(format!("choose with --page: {}", listed(several))),
                });
            }
        }
    };
    let list = lists.into_iter().find(|l| l.page_id == entry.id);
    Ok((entry, list))
}

/// What the rows of a page tell, rows by the workspace's numbers of files; and the times of its lists.
pub(in crate::pipeline) fn told(
    store: &Workspace,
    entry: &PageEntry,
    list: Option<&Snapshot>,
    watch: &mut Watch<'_>,
) -> Result<(Gathered, Vec<TimeMs>), Error> {
    let mut gather = Gather::default();
    let mut n_read = 0;
    let mut stopped = |n: usize, total: u64| {
        n_read += n as u64;
        watch(Step::Reading, n_read, total.max(n_read))
    };
    if let Some(list) = list {
        let total = list.n_followers.max(0) as u64;
        store.followers(Of::Snapshot(list.id), &mut |block| {
            let _ = gather.follows(block);
            stopped(block.len(), total)
        })?;
        let _ = gather.fact(Fact::Order(list.order));
        let _ = gather.fact(Fact::Quality(list.quality));
        let _ = gather.fact(Fact::ExportedAt(list.exported_at.unwrap_or(list.as_of)));
        if let Some(n) = list.n_expected {
            let _ = gather.fact(Fact::FollowersExpected(n));
        }
    }
    if !entry.handle.is_empty() {
        let _ = gather.fact(Fact::PageHandle(&entry.handle));
    }
    for kind in [FactKind::DayCount, FactKind::Loss] {
        store.facts(kind, Of::Page(entry.id), &mut |fact| gather.fact(fact))?;
    }
    let mut gathered = gather.into_gathered();
    let (losses, listed_at) = store.losses_by_lists(entry.id)?;
    gathered.losses.extend(losses);
    Ok((gathered, listed_at))
}

/// Names the file of every row anew.
pub(in crate::pipeline) fn place(gathered: &mut Gathered, place: &mut dyn FnMut(&mut u32)) {
    gathered.list.source.iter_mut().for_each(|row| place(&mut row.file));
    gathered.daily.iter_mut().for_each(|d| place(&mut d.source.file));
    gathered.losses.iter_mut().for_each(|l| place(&mut l.source.file));
}

/// The format that a list was read from.
pub(in crate::pipeline) fn format_of(list: Option<&Snapshot>) -> FormatUsed {
    let importer = IMPORTERS.iter().find(|i| list.is_some_and(|l| l.importer == i.id));
    importer.map_or(FormatUsed { id: "workspace", sentence: "Daily counts in the workspace." }, |i| FormatUsed {
        id: i.id,
        sentence: i.sentence,
    })
}

/// Adds to a page, whose calendar is set, what the workspace knows beside its followers: what ran, and who engaged and bought.
pub(in crate::pipeline) fn beside(store: &Workspace, entry: &PageEntry, page: &mut Page) -> Result<(), Error> {
    page.events = events(store, entry, &page.calendar)?;
    page.engaged = engaged(store, entry, page)?;
    Ok(())
}

/// The page as its rows tell it.
fn gather(
    store: &Workspace,
    entry: &PageEntry,
    list: Option<&Snapshot>,
    watch: &mut Watch<'_>,
) -> Result<(Page, FormatUsed, Vec<crate::report::Warning>), Error> {
    let (mut gathered, listed_at) = told(store, entry, list, watch)?;
    // Rows of the workspace name its files by number; a page names them by their place in its own list.
    let mut places: HashMap<u32, u32> = HashMap::new();
    let mut files: Vec<SourceFile> = Vec::new();
    let known: HashMap<i64, SourceFile> = store.files()?.into_iter().map(|(_, f)| (f.id, f.file)).collect();
    place(&mut gathered, &mut |file| {
        *file = *places.entry(*file).or_insert_with(|| {
            files.extend(known.get(&i64::from(*file)).cloned());
            files.len().saturating_sub(1) as u32
        });
    });
    gathered.facts.files = files;
    let format = format_of(list);
    let (mut page, warnings) = pipeline::page(gathered, format, watch)?;
    page.listed_at = listed_at;
    Ok((page, format, warnings))
}

fn whole_days(calendar: &Calendar, from: Day, to: Day) -> Span {
    Span { from: calendar.start(from), to: TimeMs(calendar.start(Day(to.0 + 1)).0 - 1) }
}

/// Spans with at most so many days between them become one.
fn runs(mut spans: Vec<Span>, gap_days: i64) -> Vec<Span> {
    spans.sort_by_key(|s| (s.from, s.to));
    let mut runs: Vec<Span> = Vec::new();
    for span in spans {
        match runs.last_mut() {
            Some(run) if span.from.0 <= run.to.0 + gap_days * DAY_MS => run.to = run.to.max(span.to),
            _ => runs.push(span),
        }
    }
    runs
}

/// What ran, as the workspace tells it: campaigns by the reports on advertising, posts of the page, discount codes by the orders.
fn events(store: &Workspace, entry: &PageEntry, calendar: &Calendar) -> Result<Vec<Event>, Error> {
    let mut ads: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    let mut codes: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    let mut events = Vec::new();
    store.facts(FactKind::Ad, Of::All, &mut |fact| {
        if let Fact::Ad(ad) = fact
            && let Some(from) = ad.from.or(ad.to)
            && (ad.impressions != Some(0) || ad.spend.is_some_and(|s| s.units != 0))
        {
            let name = ad.campaign.or(ad.campaign_id).or(ad.ad_set).or(ad.ad).unwrap_or("");
            ads.entry(name.to_owned()).or_default().push(whole_days(calendar, from, ad.to.unwrap_or(from).max(from)));
        }
        Go::On
    })?;
    store.facts(FactKind::Sale, Of::All, &mut |fact| {
        if let Fact::Sale(order) = fact
            && let (Some(code), Some(at)) = (order.discount_code, order.ordered_at)
        {
            codes.entry(code.to_owned()).or_default().push(Span { from: at, to: at });
        }
        Go::On
    })?;
    store.facts(FactKind::Post, Of::Page(entry.id), &mut |fact| {
        if let Fact::Post(post) = fact
            && let Some(at) = post.published_at
        {
            let name: String = post.text.or(post.post_id).unwrap_or("").chars().take(60).collect();
            events.push(Event {
                span: Span { from: at, to: at },
                kind: EventKind::Post,
                name: name.split_whitespace().collect::<Vec<_>>().join(" "),
                told_by: ToldBy::Business,
            });
        }
        Go::On
    })?;
    for (all, gap, kind, told_by) in [
        (ads, AD_GAP_DAYS, EventKind::Campaign, ToldBy::AdReport),
        (codes, CODE_GAP_DAYS, EventKind::DiscountCode, ToldBy::Business),
    ] {
        for (name, spans) in all {
            events.extend(runs(spans, gap).into_iter().map(|span| Event { span, kind, name: name.clone(), told_by }));
        }
    }
    events.sort_by(|a, b| (a.span.from, a.span.to, &a.name).cmp(&(b.span.from, b.span.to, &b.name)));
    Ok(events)
}

/// Whether what stands at `other` is of this page too: files that do not say whose they are belong to the page of their network,
/// those of no network to the only page there is.
pub(crate) fn ours(page: &PageEntry, pages: &[PageEntry], other: &PageEntry) -> bool {
    let is_only = || pages.iter().filter(|p| !p.network.is_empty()).count() <= 1;
    other.id == page.id
        || (other.network == page.network && other.handle.is_empty())
        || (other.network.is_empty() && other.handle.is_empty() && is_only())
}

/// What the page's followers did: engagements on the same network, and orders of those who are joined with a customer.
fn engaged(store: &Workspace, entry: &PageEntry, page: &Page) -> Result<Option<assay_model::Engaged>, Error> {
    let mut engagers = Engagers::default();
    let pages = store.pages()?;
    for page in pages.iter().filter(|p| ours(entry, &pages, p)) {
        store.facts(FactKind::Engagement, Of::Page(page.id), &mut |fact| {
            if let Fact::Engagement(engagement) = fact {
                engagers.take(&engagement);
            }
            Go::On
        })?;
    }
    if engagers.is_empty() {
        return Ok(None);
    }
    let mut engaged = engagers.join(&page.audience);
    let mut orders: HashMap<String, BTreeMap<String, u64>> = HashMap::new();
    for join in store.joins()?.into_iter().filter(|j| j.network == entry.network && j.n_orders > 0) {
        let Some(customer) = join.customer_id else { continue };
        let ids = [join.account_id.map(|id| format!("id {id}")), join.handle.map(|h| format!("handle {h}"))];
        for key in ids.into_iter().flatten() {
            orders.entry(key).or_default().insert(customer.clone(), join.n_orders);
        }
    }
    if !orders.is_empty() {
        let a = &page.audience;
        let of = |i: usize| {
            let id = a.account_id.get(i).map(|id| format!("id {id}"));
            let handle = a.handle.get(i).map(|h| format!("handle {}", h.trim_start_matches('@').to_lowercase()));
            let mut all: BTreeMap<&str, u64> = BTreeMap::new();
            for found in [id, handle].into_iter().flatten().filter_map(|key| orders.get(&key)) {
                all.extend(found.iter().map(|(customer, n)| (customer.as_str(), *n)));
            }
            (!all.is_empty()).then(|| u32::try_from(all.values().sum::<u64>()).unwrap_or(u32::MAX - 1))
        };
        engaged.orders = (0..a.len()).map(of).collect::<Column<u32>>();
    }
    Ok(Some(engaged))
}

/// Adds the labels and overrules that the workspace keeps to those that were given.
pub(in crate::pipeline) fn decided(
    store: &Workspace,
    entry: &PageEntry,
    options: &mut AuditOptions,
) -> Result<(), Error> {
    let labels = store.labels(entry.id)?;
    if !labels.is_empty() {
        // A label that is given now counts in place of the one that is kept.
        let table = options.labels.get_or_insert_with(LabelTable::default);
        let given = table.labels.clone();
        let is_given = |kept: &Label| {
            given.iter().any(|g| {
                g.account_id.is_some() && g.account_id == kept.account_id
                    || g.handle.is_some() && g.handle == kept.handle
            })
        };
        table.labels.extend(labels.into_iter().filter(|kept| !is_given(kept)));
    }
    let ours = |network: &str| network.is_empty() || network == entry.network;
    options.overrules.extend(store.overruled()?.into_iter().filter(|o| ours(&o.network)).map(|o| Overrule {
        account_id: o.account_id,
        handle: o.handle,
        is_inauthentic: o.is_inauthentic,
        by: o.who,
        why: o.why,
    }));
    Ok(())
}

/// The hash over everything that the verdicts follow from.
fn inputs(page: &Page, options: &AuditOptions) -> String {
    let mut all =
        format!("{} {} {} {:?}\n", env!("CARGO_PKG_VERSION"), options.seed.0, options.confidence, options.channels);
    for file in &page.facts.files {
        let _ = writeln!(all, "file {}", file.sha256);
    }
    let tables = [
        options.labels.as_ref().and_then(|t| t.file.as_ref()),
        options.events.as_ref().map(|t| &t.file),
        options.engagements.as_ref().map(|t| &t.file),
    ];
    for file in tables.into_iter().flatten() {
        let _ = writeln!(all, "table {}", file.sha256);
    }
    let _ = writeln!(all, "{:?}", options.recalibrate == Recalibrate::Yes);
    for label in options.labels.iter().flat_map(|t| &t.labels) {
        let _ = writeln!(all, "{label:?}");
    }
    for overrule in &options.overrules {
        let _ = writeln!(all, "{overrule:?}");
    }
    for (i, row) in page.audience.source.iter().enumerate() {
        // Erasure takes rows away from a list whose file stays the same.
        let engaged = page.engaged.as_ref().map(|e| (e.engagements.get(i), e.orders.get(i)));
        let _ = writeln!(all, "{} {} {engaged:?}", row.file, row.line);
    }
    for event in &page.events {
        let _ = writeln!(all, "{event:?}");
    }
    if page.calendar.zone() != "UTC" {
        let _ = writeln!(all, "days of {}", page.calendar.zone());
    }
    Sha256::digest(all.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn range(share: &Share) -> Range {
    match share {
        Outcome::Found(e) => Some((e.point, e.low, e.high)),
        Outcome::Abstained(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::runs;
    use assay_model::{DAY_MS, Span, TimeMs};

    #[test]
    fn days_close_to_one_another_are_one_run() {
        let day = |d: i64| Span { from: TimeMs(d * DAY_MS), to: TimeMs(d * DAY_MS + DAY_MS - 1) };
        let found = runs(vec![day(20), day(1), day(2), day(4), day(9)], 2);
        let told: Vec<(i64, i64)> = found.iter().map(|r| (r.from.0 / DAY_MS, r.to.0 / DAY_MS)).collect();
        assert_eq!(told, [(1, 4), (9, 9), (20, 20)]);
    }
}
