//! Several workspaces side by side, for who looks after several businesses: every page with its figures in one table.

use super::audit::ours;
use super::{calendar, read_workspace};
use crate::pipeline::{Error, Step, Watch, go_on};
use assay_math::Estimate;
use assay_metrics::{Asked, Figure, Frame, Slice, Window, by_id};
use assay_model::{Abstention, Business, Fact, Go, Outcome, Share, TimeMs};
use assay_store::{AuditEntry, FactKind, Of, PageEntry, Snapshot, Workspace};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A workspace of a folder.
#[derive(Debug)]
pub struct WorkspaceLine {
    /// Its file.
    pub path: PathBuf,
    /// What it is called: its path within the folder, without `.db`.
    pub name: String,
    /// What it tells, or why it cannot be read.
    pub told: Result<WorkspaceTold, Error>,
}

/// What a workspace tells.
#[derive(Debug)]
pub struct WorkspaceTold {
    /// When the last import was done that counts.
    pub last_import: Option<TimeMs>,
    /// What customers paid, less what was given back, over all time.
    pub revenue: Outcome<Figure>,
    /// Its pages, in the order in which they were first met.
    pub pages: Vec<PageLine>,
}

/// A page.
#[derive(Debug)]
pub struct PageLine {
    /// `network/handle`, as far as known.
    pub page: Option<String>,
    /// Followers in its newest list, and the time that the list speaks of.
    pub followers: Option<(u64, TimeMs)>,
    /// The share of genuine followers, as the newest audit of that list says.
    pub genuine: Share,
    /// Accounts that engaged in the 28 days that end with the last engagement.
    pub active_28d: Outcome<f64>,
    /// Accounts that engaged at any time.
    pub engaged: Outcome<f64>,
}

/// Looks at every workspace in a folder and in the folders right in it, in order of their names. One that cannot be read is told
/// with the reason; the others are told all the same.
///
/// # Errors
/// If the folder cannot be read, or `watch` answers stop.
pub fn workspaces(folder: &Path, watch: &mut Watch<'_>) -> Result<Vec<WorkspaceLine>, Error> {
    let paths = find(folder)?;
    let mut lines = Vec::with_capacity(paths.len());
    for (i, path) in paths.iter().enumerate() {
        if watch(Step::Named("looking at workspaces"), i as u64, paths.len() as u64) == Go::Stop {
            return Err(Error::Interrupted);
        }
        let name = path.strip_prefix(folder).unwrap_or(path).with_extension("").display().to_string();
        let told = match read_workspace(path).and_then(|store| told(&store, watch)) {
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            told => told,
        };
        lines.push(WorkspaceLine { path: path.clone(), name, told });
    }
    Ok(lines)
}

/// The files of workspaces.
fn find(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = |folder: &Path| -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect()
    };
    let mut all = entries(folder).map_err(|error| Error::Input {
        message: format!("expected a folder of workspaces, found {} that cannot be read: {error}", folder.display()),
        hint: Some("name the folder that holds them with --workspaces DIR".to_owned()),
    })?;
    let inner: Vec<PathBuf> = all.iter().filter(|path| path.is_dir()).cloned().collect();
    // What may not be looked into holds no workspace of this user.
    all.extend(inner.iter().filter_map(|folder| entries(folder).ok()).flatten());
    all.retain(|path| path.is_file() && is_workspace(path));
    all.sort();
    Ok(all)
}

/// Whether a file begins as a workspace does: a database of `SQLite` with the mark of assay in its header.
fn is_workspace(path: &Path) -> bool {
    let mut head = [0; 72];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.starts_with(b"SQLite format 3\0") && head[68..] == *b"assy"
}

/// What one workspace tells.
///
/// # Errors
/// If it cannot be read, or `watch` answers stop.
pub fn told(store: &Workspace, watch: &mut Watch<'_>) -> Result<WorkspaceTold, Error> {
    let pages = store.pages()?;
    let lists: Vec<Snapshot> = store.snapshots()?.into_iter().filter(|list| list.is_current).collect();
    let audits = store.audits()?;
    let mut lines = Vec::new();
    for page in &pages {
        go_on(watch, Step::Reading)?;
        let list = lists.iter().find(|list| list.page_id == page.id);
        let line = page_line(store, page, &pages, list, &audits)?;
        // A shop's files are of no page of a network: their figures are the workspace's.
        if !page.network.is_empty() || line.followers.is_some() {
            lines.push(line);
        }
    }
    let currency = store.setting("currency")?;
    let mut business = Business::new(currency.as_deref());
    business.calendar = calendar(store)?;
    for kind in [FactKind::Sale, FactKind::Refund] {
        take(store, kind, Of::All, None, &mut business)?;
    }
    business.finish();
    let imports = store.imports()?;
    Ok(WorkspaceTold {
        last_import: imports.iter().filter(|i| i.undone_at.is_none()).map(|i| i.imported_at).max(),
        revenue: figure("revenue", &business, currency),
        pages: lines,
    })
}

fn page_line(
    store: &Workspace,
    page: &PageEntry,
    pages: &[PageEntry],
    list: Option<&Snapshot>,
    audits: &[AuditEntry],
) -> Result<PageLine, Error> {
    let mut business = Business::new(None);
    business.calendar = calendar(store)?;
    for of in pages.iter().filter(|of| ours(page, pages, of)) {
        take(store, FactKind::Engagement, Of::Page(of.id), Some(&page.network), &mut business)?;
    }
    business.finish();
    let slice = Slice::of(&business, Window::default());
    let asked = Asked::default();
    let engaged = Frame { business: &business, slice: &slice, asked: &asked }.n_engaged();
    Ok(PageLine {
        page: page.name.clone(),
        followers: list.map(|list| (list.n_followers.max(0) as u64, list.as_of)),
        genuine: genuine(page, list, audits),
        active_28d: match figure("active_audience_28d", &business, None) {
            Outcome::Found(figure) => Outcome::Found(figure.value.point()),
            Outcome::Abstained(why) => Outcome::Abstained(why),
        },
        engaged: match engaged {
            Ok(n) => Outcome::Found(n),
            Err(why) => Outcome::Abstained(why),
        },
    })
}

/// What the newest audit of the newest list says.
fn genuine(page: &PageEntry, list: Option<&Snapshot>, audits: &[AuditEntry]) -> Share {
    let settle = match &page.name {
        Some(name) => format!("`assay audit --page {name}` on this workspace"),
        None => "`assay audit` on this workspace".to_owned(),
    };
    let Some(list) = list else {
        return Outcome::Abstained(Abstention::new("there is no list of followers", "an export that lists them"));
    };
    let newest = audits.iter().filter(|a| a.snapshot_id == Some(list.id)).max_by_key(|a| a.id);
    match newest.map(|a| (a, a.genuine)) {
        Some((a, Some((point, low, high)))) => Outcome::Found(Estimate::new(point, low, high, a.confidence)),
        Some((_, None)) => Outcome::Abstained(Abstention::new("the audit of the newest list could not say", settle)),
        None => Outcome::Abstained(Abstention::new("the newest list was not audited", settle)),
    }
}

fn take(
    store: &Workspace,
    kind: FactKind,
    of: Of,
    network: Option<&str>,
    business: &mut Business,
) -> Result<(), Error> {
    business.begin(network, 0);
    Ok(store.facts(kind, of, &mut |fact: Fact<'_>| {
        business.take(&fact);
        Go::On
    })?)
}

/// A metric of a whole business.
fn figure(id: &str, business: &Business, currency: Option<String>) -> Outcome<Figure> {
    let slice = Slice::of(business, Window::default());
    let asked = Asked { currency, ..Asked::default() };
    match by_id(id) {
        Some(metric) => metric.figure(&Frame { business, slice: &slice, asked: &asked }),
        None => unreachable!("a metric of the table: {id}"),
    }
}
