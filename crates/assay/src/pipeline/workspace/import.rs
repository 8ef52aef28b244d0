//! Brings files into the workspace: detects who reads each, and hands over what they tell in one transaction.

use super::{now, open_workspace};
use crate::pipeline::{Error, Step, Watch, go_on};
use assay_import::{Bundle, IMPORTERS, Importer, Limits, Plan, Sink, Yields, detect_all};
use assay_model::{Audience, Fact, Go, Reject, SourceFile, TimeMs};
use assay_store::{About, DirectMessages, Import, Imported};
use std::path::{Path, PathBuf};

/// What the user asked of an import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
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
    /// The first rejected rows.
    pub rejects: Vec<Reject>,
    /// How many rows were rejected in all.
    pub n_rejected: u64,
    /// What the reader must know.
    pub notes: Vec<String>,
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
    let bundle = Bundle::open(paths, &Limits::default())?;
    let plan = detect_all(&bundle, chosen(options.format.as_deref())?)?;
    let mut report = ImportReport {
        workspace: workspace.to_owned(),
        is_dry_run: options.dry_run,
        files: Vec::new(),
        imported: Imported::default(),
        rejects: Vec::new(),
        n_rejected: 0,
        notes: Vec::new(),
    };
    if options.dry_run {
        // A workspace of its own, in memory: the same steps, and nothing on the disk.
        let mut aside = assay_store::Workspace::in_memory()?;
        let import = aside.import(about(options, "dry run"))?;
        report.imported = run(import, &bundle, &plan, &mut report, watch)?;
        report.imported.import_id = None;
        return Ok(report);
    }
    let mut store = open_workspace(workspace)?;
    let asked = asked(options);
    let import = store.import(about(options, &asked))?;
    report.imported = run(import, &bundle, &plan, &mut report, watch)?;
    Ok(report)
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
    bundle: &Bundle,
    plan: &Plan,
    report: &mut ImportReport,
    watch: &mut Watch<'_>,
) -> Result<Imported, Error> {
    for note in &plan.notes {
        import.note(note);
        report.notes.push(note.clone());
    }
    let size = |step: &assay_import::Step| step.members.iter().map(|m| bundle.members()[*m].bytes).sum::<u64>();
    let total: u64 = plan.steps.iter().map(size).sum();
    let mut before = 0;
    for step in &plan.steps {
        let importer = step.importer;
        let is_list = importer.yields == Yields::Followers;
        import.begin_reading(importer.id, importer.network, importer.yields.name(), is_list);
        let one = Plan { steps: vec![step.clone()], notes: Vec::new() };
        let mut tick = |done, _| watch(Step::Reading, before + done, total);
        let mut into = Into { import: &mut import, report, importer };
        let read = assay_import::read(bundle, &one, &mut into, &mut tick);
        // What the workspace could not write comes first: it is why the reading was stopped.
        match (import.end_reading(), read) {
            (Err(error), _) => return Err(error.into()),
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
        self.import.fact(&fact)
    }

    fn follows(&mut self, block: &Audience) -> Go {
        self.import.follows(block)
    }

    fn reject(&mut self, reject: Reject) -> Go {
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
