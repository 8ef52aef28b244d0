//! What the tests share: a sink that keeps everything, and bundles made on the spot.

use crate::{Bundle, ImportError, Importer, Limits, Plan, ReadSummary, Sink, detect, read};
use assay_model::{
    DayCount, Fact, Follow, Go, ListOrder, Orders, Posts, Reject, RowRef, SourceFile, TimeMs, TimeQuality, silent,
};
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A follower that was handed over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken {
    pub(crate) account_id: String,
    pub(crate) handle: String,
    pub(crate) display_name: String,
    pub(crate) rank: Option<u32>,
    pub(crate) followed_at: Option<TimeMs>,
    pub(crate) created_at: Option<TimeMs>,
    pub(crate) followers: Option<u32>,
    pub(crate) source: RowRef,
}

/// Keeps what it is told.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Kept {
    pub(crate) follows: Vec<Taken>,
    pub(crate) days: Vec<DayCount>,
    pub(crate) losses: Vec<TimeMs>,
    pub(crate) posts: Posts,
    pub(crate) orders: Orders,
    /// Facts of the other kinds, as they are shown.
    pub(crate) others: Vec<String>,
    /// Of advertising: what was spent, clicks, purchases.
    pub(crate) ads: Vec<(Option<f64>, Option<i64>, Option<f64>)>,
    pub(crate) n_sales: usize,
    pub(crate) notes: Vec<String>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) handle: Option<String>,
    pub(crate) exported_at: Option<TimeMs>,
    pub(crate) expected: Option<u64>,
    pub(crate) order: Option<ListOrder>,
    pub(crate) quality: Option<TimeQuality>,
    pub(crate) files: Vec<SourceFile>,
    begun: u32,
}

impl Sink for Kept {
    fn begin(&mut self, file: u32, _name: &str) -> Go {
        assert_eq!(file, self.begun);
        self.begun += 1;
        Go::On
    }

    fn fact(&mut self, fact: Fact<'_>) -> Go {
        if let Fact::Ad(ad) = fact {
            let spend = ad.spend.map(|d| d.units as f64 / 10_f64.powi(i32::from(d.places)));
            self.ads.push((spend, ad.clicks, ad.purchases));
        }
        match fact {
            Fact::Follow(f) => self.follows.push(taken(&f)),
            Fact::DayCount(day) => self.days.push(day),
            Fact::Loss(loss) => self.losses.push(loss.at),
            Fact::Post(post) => self.posts.push(&post),
            Fact::Sale(order) => {
                self.n_sales += 1;
                self.orders.push(&order);
            }
            Fact::AccountDay(_)
            | Fact::PostDay(_)
            | Fact::Engagement(_)
            | Fact::Ad(_)
            | Fact::SaleLine(_)
            | Fact::Refund(_)
            | Fact::Visit(_)
            | Fact::Contact(_) => self.others.push(format!("{fact:?}")),
            Fact::PageHandle(handle) => self.handle = Some(handle.to_owned()),
            Fact::ExportedAt(at) => self.exported_at = Some(at),
            Fact::FollowersExpected(n) => self.expected = Some(n),
            Fact::Order(order) => self.order = Some(order),
            Fact::Quality(quality) => self.quality = Some(quality),
            Fact::Note(note) => self.notes.push(note.to_owned()),
        }
        Go::On
    }

    fn reject(&mut self, reject: Reject) -> Go {
        self.rejects.push(reject);
        Go::On
    }

    fn end(&mut self, file: &SourceFile) -> Go {
        self.files.push(file.clone());
        Go::On
    }
}

/// What the rows of advertising add up to: spend, clicks, purchases.
pub(crate) fn sums(ads: &[(Option<f64>, Option<i64>, Option<f64>)]) -> (f64, i64, f64) {
    let spend = ads.iter().filter_map(|ad| ad.0).sum();
    (spend, ads.iter().filter_map(|ad| ad.1).sum(), ads.iter().filter_map(|ad| ad.2).sum())
}

fn taken(f: &Follow<'_>) -> Taken {
    let text = |t: Option<&str>| t.unwrap_or_default().to_owned();
    Taken {
        account_id: text(f.account_id),
        handle: text(f.handle),
        display_name: text(f.display_name),
        rank: f.follow_rank,
        followed_at: f.followed_at,
        created_at: f.created_at,
        followers: f.followers,
        source: f.source,
    }
}

/// A bundle of files in memory.
pub(crate) fn bundle(files: &[(&str, &[u8])]) -> Result<Bundle, ImportError> {
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
    Bundle::from_memory(files, &Limits::default())
}

/// The files of an importer's control inside a zip, as a platform sends them.
pub(crate) fn control(importer: &Importer) -> Vec<u8> {
    zipped(importer.control.files)
}

/// A zip with these members.
pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a member name");
        zip.write_all(bytes).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

/// Reads a bundle with what applies to it, and checks the ledger.
pub(crate) fn run(bundle: &Bundle) -> Result<Kept, ImportError> {
    run_plan(bundle, &detect(bundle)?).map(|(kept, _)| kept)
}

/// Reads a bundle as planned, and checks the ledger.
pub(crate) fn run_plan(bundle: &Bundle, plan: &Plan) -> Result<(Kept, ReadSummary), ImportError> {
    let mut kept = Kept::default();
    let summary = read(bundle, plan, &mut kept, &mut silent)?;
    assert_eq!(kept.files, summary.files);
    for file in &summary.files {
        assert_eq!(file.rows, file.taken + file.rejected, "{}", file.name);
        assert_eq!(file.sha256.len(), 64);
        assert_eq!(kept.rejects.iter().filter(|r| r.file == file.name).count() as u64, file.rejected, "{}", file.name);
    }
    Ok((kept, summary))
}

/// Files in memory, read.
pub(crate) fn run_files(files: &[(&str, &[u8])]) -> Result<Kept, ImportError> {
    run(&bundle(files)?)
}

/// A folder of the shared data, which lies beside the repository; `None`, said aloud, where it is absent.
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("skipped: the shared data folder has no {path}");
    None
}

/// Opens a path of the shared data.
pub(crate) fn open(path: PathBuf) -> Bundle {
    Bundle::open(&[path], &Limits::default()).expect("a readable sample")
}
