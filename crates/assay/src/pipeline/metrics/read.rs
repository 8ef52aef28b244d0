//! Reads every kind of file into a business, and audits its followers.

use super::MetricsOptions;
use crate::pipeline::gather::Gather;
use crate::pipeline::people::{TurnsOfFiles, kept_turns, refresh, silent_pages, warning};
use crate::pipeline::workspace::{
    beside, calendar, decided, existing, format_of, open_workspace, place, read_workspace, told_of_page,
};
use crate::pipeline::{AuditOptions, Error, Step, Watch};
use crate::report::{AuditReport, FormatUsed, Origin, Warning};
use assay_import::{Bundle, IMPORTERS, Limits, Plan, Sink};
use assay_model::{Audience, Business, Fact, Go, Judged, Page, Reject};
use assay_store::{FactKind, Of, Workspace};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What was told, and by which files.
pub(in crate::pipeline) struct Told {
    pub(in crate::pipeline) business: Business,
    pub(in crate::pipeline) origin: Origin,
    /// What people and the page said to one another in files; of a workspace the turns are in the business.
    pub(in crate::pipeline) said: Option<TurnsOfFiles>,
}

const REJECTS_KEPT: usize = 1_000;
/// Rows of a workspace between two ticks.
const TICK_ROWS: u64 = 1 << 15;

/// Followers go to the page that is audited, everything else to the business.
struct Both<'a> {
    business: &'a mut Business,
    gather: &'a mut Gather,
    origin: &'a mut Origin,
    said: &'a mut TurnsOfFiles,
    network: &'a str,
    first_file: u32,
}

impl Sink for Both<'_> {
    fn fact(&mut self, fact: Fact<'_>) -> Go {
        match fact {
            Fact::Follow(_) | Fact::DayCount(_) | Fact::Loss(_) => {
                if matches!(fact, Fact::DayCount(_)) {
                    self.business.take(&fact);
                }
                self.gather.fact(fact)
            }
            Fact::PageHandle(_)
            | Fact::ExportedAt(_)
            | Fact::FollowersExpected(_)
            | Fact::Order(_)
            | Fact::Quality(_) => self.gather.fact(fact),
            Fact::Note(note) => {
                if self.origin.warnings.iter().all(|w| w.text != note) {
                    self.origin.warnings.push(Warning { id: "note", text: note.to_owned() });
                }
                Go::On
            }
            _ => {
                if let Fact::Engagement(e) = &fact {
                    self.said.take(e, self.network, e.source.file.wrapping_add(self.first_file));
                }
                self.business.take(&fact);
                Go::On
            }
        }
    }

    fn follows(&mut self, block: &Audience) -> Go {
        self.gather.follows(block)
    }

    fn reject(&mut self, reject: Reject) -> Go {
        self.origin.n_rejected += 1;
        if self.origin.rejects.len() < REJECTS_KEPT {
            self.origin.rejects.push(reject);
        }
        Go::On
    }
}

/// Reads files as one business's.
pub(super) fn files(paths: &[PathBuf], options: &MetricsOptions, watch: &mut Watch<'_>) -> Result<Told, Error> {
    let mut bundle = Bundle::open(paths, &Limits::default())?.read_as(options.reading.clone());
    let plan = assay_import::detect_all(&bundle, None).map_err(|error| Error::of_tables(error, &mut bundle))?;
    let mut business = Business::new(options.currency.as_deref());
    business.calendar = options.calendar.clone().unwrap_or_default();
    let (mut origin, mut said) = (Origin::default(), TurnsOfFiles::default());
    for note in &plan.notes {
        origin.warnings.push(Warning { id: "note", text: note.clone() });
    }
    for step in plan.steps {
        let network = step.importer.network;
        let format = FormatUsed { id: step.importer.id, sentence: step.importer.sentence };
        let first_file = origin.files.len() as u32;
        business.begin(network, first_file);
        let mut gather = Gather::default();
        let mut sink = Both {
            business: &mut business,
            gather: &mut gather,
            origin: &mut origin,
            said: &mut said,
            network: network.unwrap_or_default(),
            first_file,
        };
        let mut tick = |done, total| watch(Step::Reading, done, total);
        let one = Plan { steps: vec![step], notes: Vec::new() };
        let summary = assay_import::read(&bundle, &one, &mut sink, &mut tick)?;
        origin.files.extend(summary.files);
        let gathered = gather.into_gathered();
        if !gathered.list.is_empty() {
            let read = crate::pipeline::page(gathered, format, watch)?;
            follow(&mut business, &mut origin, read, format, Known::default(), options, watch)?;
        }
    }
    business.finish();
    Ok(Told { business, origin, said: Some(said) })
}

/// Reads what counts in a workspace as one business's.
///
/// What `audited` says of its list is taken as it is; else the followers are audited.
pub(super) fn workspace(
    path: &Path,
    options: &MetricsOptions,
    audited: Option<&AuditReport>,
    watch: &mut Watch<'_>,
) -> Result<Told, Error> {
    let mut store = read_workspace(&existing(path)?)?;
    let mut business = Business::new(options.currency.as_deref());
    business.calendar = match &options.calendar {
        Some(calendar) => calendar.clone(),
        None => calendar(&store)?,
    };
    let mut origin = Origin::default();
    // The workspace numbers its files; an answer counts them from 0.
    let mut known: HashMap<u32, (u32, Option<String>)> = HashMap::new();
    for (_, entry) in store.files()? {
        let of_importer =
            || IMPORTERS.iter().find(|i| i.id == entry.importer).and_then(|i| i.network.map(str::to_owned));
        let named = entry.page.as_deref().and_then(|p| p.split('/').next()).filter(|n| !n.is_empty());
        let network = named.map(str::to_owned).or_else(of_importer);
        known.insert(entry.id as u32, (origin.files.len() as u32, network));
        origin.n_rejected += entry.file.rejected;
        origin.files.push(entry.file);
    }
    let mut n_read = 0_u64;
    for kind in FactKind::ALL.into_iter().filter(|k| !matches!(k, FactKind::Follow | FactKind::Loss)) {
        let mut at = None;
        store.facts(kind, Of::All, &mut |fact| {
            let file = fact.row().map(|row| row.file);
            if file != at
                && let Some((file, (place, network))) = file.and_then(|f| known.get(&f).map(|k| (f, k)))
            {
                business.begin(network.as_deref(), place.wrapping_sub(file));
                at = Some(file);
            }
            business.take(&fact);
            n_read += 1;
            if n_read.is_multiple_of(TICK_ROWS) { watch(Step::Reading, n_read, n_read) } else { Go::On }
        })?;
    }
    store = turns(path, store, &known, &mut business, &mut origin, watch)?;
    for join in store.joins()? {
        // What stands in orders is read off them.
        if let (Some(customer), true) = (&join.customer_id, join.basis != "order-handle") {
            business.begin(Some(&join.network), 0);
            business.join(join.account_id.as_deref(), join.handle.as_deref(), customer);
        }
    }
    let pages = store.pages()?;
    for list in store.snapshots()?.into_iter().filter(|list| list.is_current && list.dropped_at.is_none()) {
        let Some(entry) = pages.iter().find(|p| p.id == list.page_id) else { continue };
        let (mut gathered, listed_at) = told_of_page(&store, entry, Some(&list), watch)?;
        let network = gathered.list.source.first().and_then(|row| known.get(&row.file)).and_then(|k| k.1.clone());
        place(&mut gathered, &mut |file| *file = known.get(file).map_or(0, |k| k.0));
        gathered.facts.files.clone_from(&origin.files);
        let format = format_of(Some(&list));
        let (mut page, warnings) = crate::pipeline::page(gathered, format, watch)?;
        page.calendar = business.calendar.clone();
        page.listed_at = listed_at;
        business.begin(network.as_deref(), 0);
        let is_it = |report: &&AuditReport| {
            report.workspace.as_ref().and_then(|w| w.snapshot_id) == Some(list.id)
                && report.seed == options.seed
                && report.confidence == options.confidence
        };
        let mut known = Known { audited: audited.filter(is_it), ..Known::default() };
        if known.audited.is_none() && options.verdicts.is_none() && business.followers.is_empty() {
            // What `assay audit` looks at, so that both say the same.
            beside(&store, entry, &mut page)?;
            decided(&store, entry, &mut known.options)?;
        }
        follow(&mut business, &mut origin, (page, warnings), format, known, options, watch)?;
    }
    business.finish();
    Ok(Told { business, origin, said: None })
}

/// Adds the turns of conversations; these are made anew first where the facts are others than those that they were made of.
fn turns(
    path: &Path,
    store: Workspace,
    known: &HashMap<u32, (u32, Option<String>)>,
    business: &mut Business,
    origin: &mut Origin,
    watch: &mut Watch<'_>,
) -> Result<Workspace, Error> {
    if !business.engagements.iter().any(|e| e.kind.is_spoken()) {
        return Ok(store);
    }
    drop(store);
    // A workspace that cannot be written tells what was kept of it.
    match open_workspace(path).and_then(|mut store| refresh(&mut store, watch)) {
        Ok(_) => {}
        Err(Error::Interrupted) => return Err(Error::Interrupted),
        Err(error) => {
            let why = error.told().map_or_else(String::new, |t| format!(": {}", t.0));
            let text = format!("who awaits an answer could not be brought up to date{why}");
            origin.warnings.push(Warning { id: "conversations-old", text });
        }
    }
    let store = read_workspace(path)?;
    kept_turns(&store, &mut |_, turn| {
        if let Some((place, network)) = known.get(&turn.row.file) {
            business.begin(network.as_deref(), place.wrapping_sub(turn.row.file));
            business.take_turn(turn);
        }
        Go::On
    })?;
    let pages = store.pages()?;
    origin.warnings.extend(silent_pages(&store)?.into_iter().map(|id| warning(&pages, id)));
    Ok(store)
}

/// What is known of a list beside its rows.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// What people found of the followers.
    options: AuditOptions,
    /// The audit of this list, if it was just made.
    audited: Option<&'a AuditReport>,
}

/// Adds a list of followers, with what an audit says of it. Of several lists the largest is what is told of.
pub(super) fn follow(
    business: &mut Business,
    origin: &mut Origin,
    (page, warnings): (Page, Vec<Warning>),
    format: FormatUsed,
    known: Known<'_>,
    options: &MetricsOptions,
    watch: &mut Watch<'_>,
) -> Result<(), Error> {
    if !business.followers.is_empty() {
        let text = format!(
            "a second list of followers ({}) is not audited with the first: shares are of the first alone, counts of all",
            format.id
        );
        origin.warnings.push(Warning { id: "several-lists", text });
        for i in 0..page.audience.len() {
            business.take(&Fact::Follow(page.audience.row(i)));
        }
        business.judged = None;
        return Ok(());
    }
    if options.verdicts.is_some() {
        for i in 0..page.audience.len() {
            business.take(&Fact::Follow(page.audience.row(i)));
        }
        return Ok(());
    }
    // The rows are those of the business's files; who stands where is the same.
    let audited = known.audited.filter(|report| is_same(&report.page.audience, &page.audience));
    let (audience, v, warnings) = if let Some(report) = audited {
        (page.audience, report.verdicts.clone(), report.warnings.clone())
    } else {
        let asked = AuditOptions {
            confidence: options.confidence,
            seed: options.seed,
            calendar: Some(business.calendar.clone()),
            ..known.options
        };
        let audit = crate::pipeline::judge(page, format, warnings, &asked, watch)?;
        (audit.page.audience, audit.verdicts, audit.warnings)
    };
    for i in 0..audience.len() {
        business.take(&Fact::Follow(audience.row(i)));
    }
    business.judged = Some(Judged {
        basis: "the audit of these followers".to_owned(),
        class: v.class,
        inauthentic_share: v.inauthentic_share,
        dormant_share: v.dormant_share,
        genuine_share: v.genuine_share,
        batches: v.batches.iter().map(|b| (b.arrived, b.inauthentic)).collect(),
    });
    origin.warnings.extend(warnings);
    Ok(())
}

/// Whether two lists have the same accounts in the same order.
fn is_same(a: &Audience, b: &Audience) -> bool {
    let same = |i| {
        let (a, b) = (a.row(i), b.row(i));
        (a.account_id, a.handle) == (b.account_id, b.handle)
    };
    a.len() == b.len() && (0..a.len()).all(same)
}

#[cfg(test)]
mod tests {
    use crate::pipeline::workspace::{ImportOptions, audit, import, metrics_beside};
    use crate::pipeline::{AuditOptions, MetricsOptions, Step, workspace_metrics};
    use assay_model::Go;
    use std::fmt::Write as _;
    use std::fs;
    use std::path::Path;

    #[test]
    fn beside_an_audit_followers_are_judged_once_and_alike() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp").join("metrics_judged_once");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let mut table = String::from("account_id,handle,followed_at,created_at,followers,following,posts\n");
        for i in 0..400 {
            let at = format!("2026-03-{:02}T{:02}:10:00Z,20{:02}-01-05", 1 + i / 20, i % 20, 10 + i % 15);
            let (followers, following, posts) = (60 + i * 7 % 900, 80 + i * 13 % 700, 5 + i * 11 % 300);
            let _ = writeln!(table, "{i},user{i},{at},{followers},{following},{posts}");
        }
        for i in 400..700 {
            let minute = (i - 400) / 3;
            let at = format!("2026-04-02T{:02}:{:02}:{:02}Z,2026-02-05", 10 + minute / 60, minute % 60, i % 60);
            let _ = writeln!(table, "{i},user{i},{at},{},{},0", i % 9, 1_500 + i * 7 % 3_000);
        }
        // Some of a delivery engage: what the audit hears of it, metrics hear too.
        let mut engaged = String::from("account_id,handle,kind,at,post_id\n");
        for i in (0..400).step_by(3).chain((400..700).step_by(30)) {
            let _ = writeln!(engaged, "{i},user{i},comment,2026-04-{:02}T10:00:00Z,p1", 3 + i % 20);
        }
        let (file, did, workspace) = (folder.join("followers.csv"), folder.join("engaged.csv"), folder.join("w.db"));
        fs::write(&file, table).expect("a file");
        fs::write(&did, engaged).expect("a file");
        let asked = ImportOptions {
            reading: assay_import::ReadOptions::default(),
            format: None,
            page: Some(("x".to_owned(), "ours".to_owned())),
            as_of: None,
            messages: assay_store::DirectMessages::Leave,
            dry_run: false,
            rows_max: u64::MAX,
        };
        import(&[file, did], &workspace, &asked, &mut |_, _, _| Go::On).expect("an import");
        let report = audit(&workspace, None, &AuditOptions::default(), &mut |_, _, _| Go::On).expect("an audit");
        assert!(report.page.engaged.is_some());
        let mut n = [0, 0];
        let mut metrics = |beside: bool| {
            let watch = &mut |step, _, _| {
                n[usize::from(beside)] += usize::from(step == Step::Weighing);
                Go::On
            };
            let options = MetricsOptions::default();
            if beside {
                metrics_beside(&workspace, &options, &report, watch)
            } else {
                workspace_metrics(&workspace, &options, watch)
            }
            .expect("metrics")
        };
        let (alone, beside) = (metrics(false), metrics(true));
        assert_eq!(n, [1, 0], "alone the followers are judged, beside an audit they are not");
        for (a, b) in alone.metrics.iter().zip(&beside.metrics) {
            assert_eq!(a.figure, b.figure, "{}", a.metric.id);
        }
    }
}
