//! Reads follower exports, analytics files, tables of posts and of orders. One format a file; a new one is one file and one line in [`IMPORTERS`].
//!
//! [`Bundle::open`] lists what the user passed, [`detect`] finds which importers apply, and [`read`] streams facts and
//! rejects into a [`Sink`]. Rows are read one at a time, those of delimited tables in blocks on the pool that the program
//! makes: memory does not grow with the input, but for 16 bytes an account by which repeated rows are found, and for what is
//! said of followers in files beside their list (saved answers of Mastodon and Bluesky).

mod beside;
mod bundle;
mod cell;
mod columns;
mod delimited;
mod detect;
mod elements;
mod error;
mod export;
mod formats;
mod named;
mod options;
mod order_columns;
mod post_columns;
mod reading;
mod spoken;
mod strange;
mod table;
mod text;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod shapes;

pub use beside::{
    ENGAGEMENT_COLUMNS, EVENT_COLUMNS, EngagementTable, EventTable, LABEL_COLUMNS, read_engagements, read_events,
    read_labels,
};
pub use bundle::{Bundle, Limits, Member};
pub use columns::{COUNT_COLUMNS, ColumnNames, FOLLOWER_COLUMNS};
pub use detect::{Claim, Peek, Plan, Step, by_id, detect, detect_all, detect_as, detect_orders, detect_posts};
pub use error::{ImportError, Problem};
pub use formats::ads::names::AD_COLUMNS;
pub use named::{
    Block, Coded, Column as NamedColumn, Holds, NamedTable, Names, Optional, Refused, TakeRow, Texts, Value, Wanted,
    read_named, read_named_blocks,
};
pub use options::{DateOrder, DecimalSign, HeaderMap, HeaderPair, ReadOptions, Zone};
pub use order_columns::ORDER_COLUMNS;
pub use post_columns::POST_COLUMNS;
pub use reading::{ReadSummary, Reading};
pub use strange::{StrangeColumn, Stranger, Why, header_key, of_headers, strangers};

use assay_model::{Audience, Fact, Go, Reject, SourceFile, Tick, TimeQuality};

/// Where an importer puts what it reads. The caller keeps the facts (as columns), counts and keeps the rejects, and may
/// answer [`Go::Stop`] to end the reading.
///
/// Calls come file by file: `begin`, then the facts and rejects of the file, then `end`. [`Fact::Quality`] and
/// [`Fact::Order`] follow behind the last file of a list, for they may be read off its rows; notes may come at any time.
pub trait Sink {
    /// A file begins. `file` is its index, as in [`assay_model::RowRef::file`] and in [`ReadSummary::files`].
    fn begin(&mut self, file: u32, name: &str) -> Go {
        let _ = (file, name);
        Go::On
    }
    /// Takes one fact.
    fn fact(&mut self, fact: Fact<'_>) -> Go;
    /// Takes a block of followers, in order of rows. Unless it is overridden, each is a fact.
    fn follows(&mut self, block: &Audience) -> Go {
        let all = (0..block.len()).all(|i| self.fact(Fact::Follow(block.row(i))) == Go::On);
        if all { Go::On } else { Go::Stop }
    }
    /// Takes one row that could not be read.
    fn reject(&mut self, reject: Reject) -> Go;
    /// A file ends.
    fn end(&mut self, file: &SourceFile) -> Go {
        let _ = file;
        Go::On
    }
}

/// What an importer yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yields {
    /// A list of followers.
    Followers,
    /// Follows, and perhaps unfollows, of each day.
    DayCounts,
    /// Posts and how far each one went.
    Posts,
    /// Orders of customers.
    Orders,
    /// Figures of days of an account or of its posts.
    Figures,
    /// What accounts did with posts or towards the page, and what the page itself did.
    Engagements,
    /// What advertising cost and brought.
    Ads,
    /// Visits to a site.
    Visits,
    /// The business's own list of contacts.
    Contacts,
}

impl Yields {
    /// Every kind, in the order in which kinds are read.
    pub const ALL: [Self; 9] = [
        Self::Followers,
        Self::DayCounts,
        Self::Posts,
        Self::Figures,
        Self::Engagements,
        Self::Ads,
        Self::Orders,
        Self::Visits,
        Self::Contacts,
    ];

    /// The name that tables and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::DayCounts => "daily_counts",
            Self::Posts => "posts",
            Self::Orders => "orders",
            Self::Figures => "figures",
            Self::Engagements => "engagements",
            Self::Ads => "ads",
            Self::Visits => "visits",
            Self::Contacts => "contacts",
        }
    }

    /// What one reading of it is about, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Followers => "one follower list",
            Self::DayCounts => "daily counts of one page",
            Self::Posts => "posts of one page",
            Self::Orders => "orders of one business",
            Self::Figures => "figures of one page",
            Self::Engagements => "engagements with one page",
            Self::Ads => "advertising of one business",
            Self::Visits => "visits to one site",
            Self::Contacts => "contacts of one business",
        }
    }
}

/// How an importer knows its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// By a platform's own layout. Where it applies, the other files beside it belong to the same export.
    Platform,
    /// By column names alone.
    Columns,
}

/// A file format that assay reads.
#[derive(Debug)]
pub struct Importer {
    /// Its name on the command line and in reports.
    pub id: &'static str,
    /// What it reads, in one plain sentence.
    pub sentence: &'static str,
    /// Where the platform tells how to get the file, or the specification of the format.
    pub source: &'static str,
    /// How well follow times are known at best.
    pub quality: TimeQuality,
    /// The network that it is of; `None` where any table may be read with it.
    pub network: Option<&'static str>,
    /// What it yields; of one that yields several kinds, the first of [`Yields::ALL`].
    pub yields: Yields,
    /// How it knows its files.
    pub layout: Layout,
    /// Whether a file is one of its own, by name and first bytes.
    pub recognise: fn(&Peek<'_>) -> Claim,
    /// Reads the files it claimed.
    pub read: fn(&mut Reading<'_>) -> Result<(), ImportError>,
    /// A small sample that it must parse.
    pub control: Control,
}

/// A small sample of a format, made up, in the platform's real layout.
#[derive(Debug)]
pub struct Control {
    /// Names and bytes of its files.
    pub files: &'static [(&'static str, &'static [u8])],
    /// How many rows it holds that are taken.
    pub n_taken: u64,
}

/// The formats, platforms first: the first that accepts a file reads it.
pub static IMPORTERS: &[Importer] = &[
    formats::mastodon_api::IMPORTER,
    formats::mastodon_posts::POSTS,
    formats::mastodon_posts::THREADS,
    formats::mastodon_archive::IMPORTER,
    formats::bluesky_api::IMPORTER,
    formats::bluesky_posts::FEED,
    formats::bluesky_posts::THREAD,
    formats::instagram_posts::IMPORTER,
    formats::instagram_activity::IMPORTER,
    formats::instagram::IMPORTER,
    formats::instagram_html::IMPORTER,
    formats::instagram_html_posts::IMPORTER,
    formats::instagram_html_activity::IMPORTER,
    formats::tiktok::IMPORTER,
    formats::tiktok_studio::IMPORTER,
    formats::tiktok_studio::CONTENT,
    formats::facebook_profile::IMPORTER,
    formats::facebook_activity::POSTS,
    formats::facebook_activity::ACTIVITY,
    formats::x_archive::IMPORTER,
    formats::x_posts::IMPORTER,
    formats::linkedin_connections::IMPORTER,
    formats::meta_business_suite::IMPORTER,
    formats::meta_business_figures::IMPORTER,
    formats::x_analytics::IMPORTER,
    formats::x_content::IMPORTER,
    formats::x_video::IMPORTER,
    formats::youtube_studio::IMPORTER,
    formats::youtube_content::IMPORTER,
    formats::youtube_days::IMPORTER,
    formats::youtube_comments::IMPORTER,
    formats::linkedin_page::IMPORTER,
    formats::linkedin_content::DAYS,
    formats::linkedin_content::POSTS,
    formats::ads::meta::IMPORTER,
    formats::ads::google::IMPORTER,
    formats::ads::tiktok::IMPORTER,
    formats::ads::x::IMPORTER,
    formats::ads::linkedin::IMPORTER,
    formats::shop::shopify::IMPORTER,
    formats::shop::woocommerce::IMPORTER,
    formats::shop::stripe::IMPORTER,
    formats::shop::square::IMPORTER,
    formats::web::ga4::IMPORTER,
    formats::web::plausible::IMPORTER,
    formats::web::matomo::IMPORTER,
    formats::hubspot::IMPORTER,
    formats::engagements::IMPORTER,
    formats::table::IMPORTER,
    formats::daily_counts::IMPORTER,
    formats::posts::IMPORTER,
    formats::ads::table::IMPORTER,
    formats::orders::IMPORTER,
    formats::order_lines::IMPORTER,
];

/// The columns of the tables that are read by names alone, each with what its rows are.
pub static TABLES: &[(&str, &[ColumnNames])] = &[
    ("a follower list", FOLLOWER_COLUMNS),
    ("daily counts", COUNT_COLUMNS),
    ("posts", POST_COLUMNS),
    ("orders", ORDER_COLUMNS),
    ("engagements", ENGAGEMENT_COLUMNS),
    ("advertising", AD_COLUMNS),
];

/// Reads `bundle` as `plan` says, in one pass: one follower list at most, and daily counts beside it; or posts; or orders.
///
/// `tick` is told bytes read and bytes in all, about once a MiB. Costs O(bytes).
///
/// # Errors
/// [`ImportError::Stopped`] if the sink or the tick says so; a problem if a file cannot be read. Bad rows are no errors.
pub fn read<'a>(
    bundle: &'a Bundle,
    plan: &Plan,
    sink: &'a mut dyn Sink,
    tick: &'a mut Tick<'a>,
) -> Result<ReadSummary, ImportError> {
    let total = plan.steps.iter().flat_map(|step| &step.members).map(|m| bundle.members[*m].bytes).sum();
    let mut reading = Reading::new(bundle, total, sink, tick);
    for note in bundle.notes.iter().chain(&plan.notes) {
        reading.note(note)?;
    }
    for step in &plan.steps {
        reading.run(step.importer, step.members.clone())?;
    }
    Ok(ReadSummary { importers: plan.steps.iter().map(|step| step.importer.id).collect(), files: reading.into_files() })
}
