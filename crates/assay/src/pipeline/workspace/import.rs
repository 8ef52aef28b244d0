//! Brings files into the workspace: detects who reads each, and hands over what they tell in one transaction.

use super::{existing, headers, now, open_workspace};
use crate::pipeline::{Error, Step, Watch, go_on};
use assay_import::{Bundle, IMPORTERS, Importer, Limits, Plan, Sink, Stranger, Yields, detect_all};
use assay_model::{Audience, Fact, Go, Reject, SourceFile, TimeMs};
use assay_store::{About, DirectMessages, Dropped, Dropping, Import, Imported, Workspace};
use std::path::{Path, PathBuf};

/// What the user asked of an import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// What files do not say of themselves.
    pub reading: assay_import::ReadOptions,
    /// The importer to read with; found out where it is `None`.
    pub format: Option<String>,
    /// The page that the files are of: network and handle.
    pub page: Option<(String, String)>,
    /// The time that the files speak of.
    pub as_of: Option<TimeMs>,
    /// Whether direct messages are taken.
    pub messages: DirectMessages,
    /// Whether to write: else all is read and nothing kept.
    pub dry_run: bool,
    /// Rows that one import may have.
    pub rows_max: u64,
}

/// A file that is read, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// What was read of it.
    pub file: SourceFile,
    /// The importer.
    pub importer: &'static str,
    /// What it yields.
    pub yields: &'static str,
}

/// What came of an import.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The workspace.
    pub workspace: PathBuf,
    /// Whether nothing was written, as asked.
    pub is_dry_run: bool,
    /// The files that were read.
    pub files: Vec<PlannedFile>,
    /// What was done.
    pub imported: Imported,
    /// What went afterwards, since the workspace does not keep it longer.
    pub dropped: Vec<Dropped>,
    /// The first rejected rows.
    pub rejects: Vec<Reject>,
    /// How many rows were rejected in all.
    pub n_rejected: u64,
    /// What the reader must know.
    pub notes: Vec<String>,
    /// Tables among the files that nobody read.
    pub strangers: Vec<Stranger>,
}

/// Rejected rows that are shown.
const REJECTS_SHOWN: usize = 1_000;
/// Notes that are shown.
const NOTES_SHOWN: usize = 200;

/// Brings the files at `paths` into a workspace.
///
/// # Errors
/// If a path cannot be opened, nobody reads it, the workspace cannot be written, or `watch` answers stop: then nothing was written.
pub fn import(
    paths: &[PathBuf],
    workspace: &Path,
    options: &ImportOptions,
    watch: &mut Watch<'_>,
) -> Result<ImportReport, Error> {
    go_on(watch, Step::Reading)?;
    let mut bundle = Bundle::open(paths, &Limits::default())?.read_as(options.reading.clone());
    let remembered = headers::recall(&mut bundle, workspace)?;
    let chosen = chosen(options.format.as_deref())?;
    let plan = detect_all(&bundle, chosen).map_err(|error| Error::of_tables(error, &mut bundle))?;
    let strangers = assay_import::strangers(&mut bundle, Some(&plan));
    let mut report = ImportReport {
        workspace: workspace.to_owned(),
        is_dry_run: options.dry_run,
        files: Vec::new(),
        imported: Imported::default(),
        dropped: Vec::new(),
        rejects: Vec::new(),
        n_rejected: 0,
        notes: remembered,
        strangers,
    };
    if options.dry_run {
        // A workspace of its own, in memory: the same steps, and nothing on the disk.
        let mut aside = Workspace::in_memory()?;
        let import = aside.import(about(options, "dry run"))?;
        report.imported = run(import, (&bundle, &plan), options, &mut report, watch)?;
        report.imported.import_id = None;
        return Ok(report);
    }
    let mut store = open_workspace(workspace)?;
    let asked = asked(options);
    let import = store.import(about(options, &asked))?;
    report.imported = run(import, (&bundle, &plan), options, &mut report, watch)?;
    report.dropped = retain_in(&mut store, Dropping::Now, watch)?;
    report.notes.extend(headers::keep(&bundle, &plan, &options.reading.headers, &store)?);
    Ok(report)
}

/// Drops what a workspace does not keep longer, or counts it.
///
/// # Errors
/// If there is no workspace, a setting is no span, it cannot be written, or `watch` answers stop: then nothing was dropped.
pub fn retain(path: &Path, dropping: Dropping, watch: &mut Watch<'_>) -> Result<Vec<Dropped>, Error> {
    retain_in(&mut open_workspace(&existing(path)?)?, dropping, watch)
}

fn retain_in(store: &mut Workspace, dropping: Dropping, watch: &mut Watch<'_>) -> Result<Vec<Dropped>, Error> {
    let mut tick = |done, total| watch(Step::Named("dropping what is not kept longer"), done, total);
    Ok(store.retain(now(), dropping, &mut tick)?)
}

fn about<'a>(options: &'a ImportOptions, asked: &'a str) -> About<'a> {
    About {
        imported_at: now(),
        version: env!("CARGO_PKG_VERSION"),
        options: asked,
        page: options.page.as_ref().map(|(network, handle)| (network.as_str(), handle.as_str())),
        as_of: options.as_of,
        messages: options.messages,
    }
}

/// What was asked, for the ledger.
fn asked(options: &ImportOptions) -> String {
    let format = options.format.iter().map(|f| format!("--as {f}"));
    let page = options.page.iter().map(|(network, handle)| format!("--page {network}/{handle}"));
    let messages = (options.messages == DirectMessages::Take).then(|| "--with-messages".to_owned());
    format.chain(page).chain(messages).collect::<Vec<_>>().join(" ")
}

fn chosen(format: Option<&str>) -> Result<Option<&'static Importer>, Error> {
    let Some(id) = format else { return Ok(None) };
    assay_import::by_id(id).map(Some).ok_or_else(|| {
        let ids: Vec<&str> = IMPORTERS.iter().map(|importer| importer.id).collect();
        Error::Usage {
            message: format!("expected a format after --as, found '{id}'"),
            hint: Some(format!("the formats are {}; see `assay formats`", ids.join(", "))),
        }
    })
}

/// Reads step by step what was planned, each into a reading of the import, and ends it.
fn run(
    mut import: Import<'_>,
    (bundle, plan): (&Bundle, &Plan),
    options: &ImportOptions,
    report: &mut ImportReport,
    watch: &mut Watch<'_>,
) -> Result<Imported, Error> {
    for note in &plan.notes {
        import.note(note);
        report.notes.push(note.clone());
    }
    let size = |step: &assay_import::Step| step.members.iter().map(|m| bundle.members()[*m].bytes).sum::<u64>();
    let total: u64 = plan.steps.iter().map(size).sum();
    let mut n_left = Some(options.rows_max);
    let mut before = 0;
    for step in &plan.steps {
        let importer = step.importer;
        let is_list = importer.yields == Yields::Followers;
        import.begin_reading(importer.id, importer.network, importer.yields.name(), is_list);
        let one = Plan { steps: vec![step.clone()], notes: Vec::new() };
        let mut tick = |done, _| watch(Step::Reading, before + done, total);
        let mut into = Into { import: &mut import, report, importer, n_left: &mut n_left };
        let read = assay_import::read(bundle, &one, &mut into, &mut tick);
        // What the workspace could not write comes first: it is why the reading was stopped.
        match (import.end_reading(), read) {
            (Err(error), _) => return Err(error.into()),
            (Ok(()), Err(_)) if n_left.is_none() => {
                return Err(Error::Input {
                    message: format!("expected at most {} rows, found more", options.rows_max),
                    hint: Some("`assay import` at the machine takes files of any length".to_owned()),
                });
            }
            (Ok(()), Err(error)) => return Err(error.into()),
            (Ok(()), Ok(_)) => {}
        }
        before += size(step);
    }
    let mut tick = |done, total| watch(Step::Named("settling what is newest"), done, total);
    Ok(import.commit(&mut tick)?)
}

/// Hands what an importer tells to the workspace, and keeps what the report shows.
struct Into<'a, 'c> {
    import: &'a mut Import<'c>,
    report: &'a mut ImportReport,
    importer: &'static Importer,
    /// Rows that may come still; `None` when there were more.
    n_left: &'a mut Option<u64>,
}

impl Into<'_, '_> {
    fn count(&mut self, n: usize) -> Go {
        *self.n_left = self.n_left.and_then(|left| left.checked_sub(n as u64));
        if self.n_left.is_some() { Go::On } else { Go::Stop }
    }
}

impl Sink for Into<'_, '_> {
    fn begin(&mut self, _: u32, name: &str) -> Go {
        self.import.begin_file(name)
    }

    fn fact(&mut self, fact: Fact<'_>) -> Go {
        if let Fact::Note(note) = fact {
            let notes = &mut self.report.notes;
            if notes.len() < NOTES_SHOWN && !notes.iter().any(|n| n == note) {
                notes.push(note.to_owned());
            }
        }
        // What is told of the whole file is no row.
        let is_row = !matches!(
            fact,
            Fact::PageHandle(_)
                | Fact::ExportedAt(_)
                | Fact::FollowersExpected(_)
                | Fact::Order(_)
                | Fact::Quality(_)
                | Fact::Note(_)
        );
        if is_row && self.count(1) == Go::Stop {
            return Go::Stop;
        }
        self.import.fact(&fact)
    }

    fn follows(&mut self, block: &Audience) -> Go {
        if self.count(block.len()) == Go::Stop {
            return Go::Stop;
        }
        self.import.follows(block)
    }

    fn reject(&mut self, reject: Reject) -> Go {
        if self.count(1) == Go::Stop {
            return Go::Stop;
        }
        let go = self.import.reject(&reject);
        self.report.n_rejected += 1;
        if self.report.rejects.len() < REJECTS_SHOWN {
            self.report.rejects.push(reject);
        }
        go
    }

    fn end(&mut self, file: &SourceFile) -> Go {
        let Importer { id, yields, .. } = *self.importer;
        self.report.files.push(PlannedFile { file: file.clone(), importer: id, yields: yields.name() });
        self.import.end_file(file)
    }
}

#[cfg(test)]
mod tests {
    use super::{ImportOptions, import};
    use assay_import::IMPORTERS;
    use assay_model::{Go, TimeMs};
    use assay_store::{Answer, Answers, DirectMessages, FactKind};
    use std::fs;
    use std::path::{Path, PathBuf};

    fn options() -> ImportOptions {
        ImportOptions {
            reading: assay_import::ReadOptions::default(),
            format: None,
            page: None,
            as_of: None,
            messages: DirectMessages::Take,
            dry_run: false,
            rows_max: u64::MAX,
        }
    }

    fn bring(path: &Path, workspace: &Path) -> u64 {
        // One business with one page of each network: the samples name several.
        let id = path.file_name().and_then(|id| id.to_str()).expect("a format");
        let network = assay_import::by_id(id).and_then(|importer| importer.network);
        let page = network.map(|network| (network.to_owned(), "ours".to_owned()));
        let report = import(&[path.to_owned()], workspace, &ImportOptions { page, ..options() }, &mut |_, _, _| Go::On);
        let report = report.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        report.imported.n_facts.iter().map(|(_, n)| n).sum()
    }

    #[derive(Default)]
    struct Rows(Vec<String>);

    impl Answers for Rows {
        fn columns(&mut self, _: &[String]) -> Go {
            Go::On
        }

        fn row(&mut self, values: &[Answer<'_>]) -> Go {
            self.0.push(format!("{values:?}"));
            Go::On
        }
    }

    /// What the views of facts show, but for the numbers of imports, files and snapshots.
    fn facts(workspace: &Path) -> Vec<String> {
        let mut store = super::super::read_workspace(workspace).expect("a workspace");
        let mut all = Rows::default();
        for kind in FactKind::ALL {
            let mut names = Names::default();
            store.query(&format!("SELECT * FROM {} LIMIT 0", kind.view()), 0, || true, &mut names).expect("columns");
            let kept = names.0.into_iter().filter(|n| !["import_id", "file_id", "snapshot_id"].contains(&n.as_str()));
            let columns = kept.map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
            let question = format!("SELECT '{0}', {columns} FROM {0}", kind.view());
            store.query(&question, u64::MAX, || true, &mut all).expect("rows");
        }
        all.0.sort();
        all.0
    }

    #[derive(Default)]
    struct Names(Vec<String>);

    impl Answers for Names {
        fn columns(&mut self, names: &[String]) -> Go {
            self.0 = names.to_vec();
            Go::On
        }

        fn row(&mut self, _: &[Answer<'_>]) -> Go {
            Go::On
        }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    /// The control of each importer in a folder of its own.
    fn controls(folder: &Path) -> Vec<PathBuf> {
        let put = |importer: &assay_import::Importer| {
            let own = folder.join(importer.id);
            for (name, bytes) in importer.control.files {
                let path = own.join(name);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, bytes).expect("a file");
            }
            own
        };
        IMPORTERS.iter().map(put).collect()
    }

    #[test]
    fn more_rows_than_one_import_may_have_are_refused_and_nothing_is_kept() {
        let folder = folder("workspace_rows_max");
        let (table, workspace) = (folder.join("followers.csv"), folder.join("shop.db"));
        fs::write(&table, "handle,followed_at\na,2026-01-01\nb,2026-01-02\nb,2026-01-02\nc,2026-01-03\n")
            .expect("a file");
        let take = |rows_max| {
            import(
                std::slice::from_ref(&table),
                &workspace,
                &ImportOptions { rows_max, ..options() },
                &mut |_, _, _| Go::On,
            )
        };
        let error = take(3).expect_err("four rows, of which one repeats another").to_string();
        assert!(error.contains("at most 3 rows"), "{error}");
        assert!(facts(&workspace).is_empty());
        assert_eq!(take(4).expect("four rows").imported.n_facts.iter().map(|(_, n)| n).sum::<u64>(), 3);
    }

    #[test]
    fn every_format_goes_in_twice_and_in_both_orders_with_the_same_facts() {
        let folder = folder("workspace_both_orders");
        let exports = controls(&folder);
        let (there, back) = (folder.join("there.db"), folder.join("back.db"));
        let mut n = 0;
        for export in &exports {
            let taken = bring(export, &there);
            assert!(taken > 0, "{}", export.display());
            n += taken;
        }
        for export in &exports {
            assert_eq!(bring(export, &there), 0, "again: {}", export.display());
        }
        // The same key, so that the same address has the same hash.
        fs::copy(folder.join("there.db.key"), folder.join("back.db.key")).expect("a key");
        for export in exports.iter().rev().chain(exports.iter().rev()) {
            bring(export, &back);
        }
        let (there, back) = (facts(&there), facts(&back));
        assert!(there.len() as u64 <= n && there.len() > exports.len());
        for (a, b) in there.iter().zip(&back) {
            assert_eq!(a, b);
        }
        assert_eq!(there.len(), back.len());
    }

    /// A later file of the same format: some of its figures, names and days are others, most are the same.
    fn later(bytes: &[u8]) -> Vec<u8> {
        let mut later = bytes.to_vec();
        let ends: Vec<usize> = (0..later.len())
            .filter(|i| later[*i].is_ascii_digit() && later.get(i + 1).is_none_or(|next| !next.is_ascii_digit()))
            .collect();
        // Digits at the end of every fifth number, and the last two: what is no time or id any more is a row rejected.
        for (n, end) in ends.iter().enumerate() {
            if n % 5 == 2 || n + 2 >= ends.len() {
                later[*end] = b'0' + (later[*end] - b'0' + 1) % 10;
            }
        }
        later
    }

    /// Brings the files in one by one, all of them twice over, and tells what is there then.
    fn brought(name: &str, files: &[PathBuf], key: Option<&Path>) -> (PathBuf, Vec<String>) {
        let workspace = folder(name).join("w.db");
        if let Some(key) = key {
            fs::copy(key, workspace.with_extension("db.key")).expect("a key");
        }
        for file in files.iter().chain(files) {
            let id = file.file_name().and_then(|id| id.to_str()).expect("a format").trim_end_matches(".later");
            let network = assay_import::by_id(id).and_then(|importer| importer.network);
            let page = network.map(|network| (network.to_owned(), "ours".to_owned()));
            // Some tables tell no time, of which the newest cannot be told: the user says it.
            let is_later = file.extension().is_some_and(|e| e == "later");
            let as_of = Some(TimeMs(if is_later { 1_785_542_400_000 } else { 1_782_864_000_000 }));
            let asked = ImportOptions { page, as_of, ..options() };
            let _ = import(std::slice::from_ref(file), &workspace, &asked, &mut |_, _, _| Go::On);
        }
        let facts = facts(&workspace);
        (workspace, facts)
    }

    #[test]
    fn two_files_of_every_format_go_in_twice_and_in_both_orders_with_the_same_facts() {
        let root = folder("workspace_two_files");
        let first = controls(&root);
        let mut all = first.clone();
        let mut n_newer = 0;
        for (importer, own) in IMPORTERS.iter().zip(&first) {
            let other = root.join(format!("{}.later", importer.id));
            let mut is_other = false;
            for (name, bytes) in importer.control.files {
                let path = other.join(name);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                let later = later(bytes);
                is_other |= later != *bytes;
                fs::write(path, later).expect("a file");
            }
            assert!(is_other, "{}", importer.id);
            n_newer += usize::from(own.exists());
            all.push(other);
        }
        assert_eq!(n_newer, IMPORTERS.len());
        let (workspace, there) = brought("workspace_two_there", &all, None);
        let key = workspace.with_extension("db.key");
        let back: Vec<PathBuf> = all.iter().rev().cloned().collect();
        let (_, back) = brought("workspace_two_back", &back, Some(&key));
        let (_, alone) = brought("workspace_two_alone", &first, Some(&key));
        assert!(there.len() > alone.len() + first.len() / 2, "{} and {}", there.len(), alone.len());
        assert_ne!(there, alone);
        for (a, b) in there.iter().zip(&back) {
            assert_eq!(a, b);
        }
        assert_eq!(there.len(), back.len());
    }

    #[test]
    fn the_shared_samples_go_in_twice_and_in_both_orders_with_the_same_facts() {
        let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/exports");
        let Ok(entries) = fs::read_dir(&shared) else {
            #[expect(clippy::print_stderr, reason = "a skipped test says why")]
            {
                eprintln!("skipped: the shared data folder has no exports");
            }
            return;
        };
        let mut all: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|path| path.is_dir()).collect();
        all.sort();
        let (workspace, there) = brought("workspace_shared_there", &all, None);
        let back: Vec<PathBuf> = all.iter().rev().cloned().collect();
        let (_, back) = brought("workspace_shared_back", &back, Some(&workspace.with_extension("db.key")));
        assert!(there.len() > 500, "{}", there.len());
        for (a, b) in there.iter().zip(&back) {
            assert_eq!(a, b);
        }
        assert_eq!(there.len(), back.len());
    }
}
