//! What an importer hands over: facts, one at a time, each with the row it came from, and the rows it could not take.

use crate::audience::RowRef;
use crate::column::Flag;
use crate::commerce::{AdRow, Contact, OrderLine, Refund, VisitRow};
use crate::figures::{AccountDay, Engagement, PostDay};
use crate::order::Order;
use crate::post::Post;
use crate::time::{Day, TimeMs, TimeQuality};
use serde::Serialize;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceFile {
    /// Its name inside the input, with `/` between folders.
    pub name: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Rows met.
    pub rows: u64,
    /// Rows taken as facts.
    pub taken: u64,
    /// Rows rejected, each with a [`Reject`] (of which the first few are kept).
    pub rejected: u64,
}

/// A row that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The file it stands in.
    pub file: String,
    /// Its line (or, where a file has no lines, its element), counted from 1.
    pub line: u64,
    /// What was expected and what was found.
    pub why: String,
}

/// How the rows of a follower list are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListOrder {
    /// By a rank or a time that each row carries.
    Stated,
    /// The newest follow comes first, as the platform documents.
    NewestFirst,
    /// Believed to be newest first, not documented: [`crate::arrange`] tests it.
    ProbablyNewestFirst,
    /// The rows are in no order that says anything.
    Unordered,
}

/// One account that follows the page, as a row of an export tells it. Every field but the source may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(missing_docs, reason = "the fields are the columns of the follower table, which `docs/glossary.md` defines")]
pub struct Follow<'a> {
    pub account_id: Option<&'a str>,
    pub handle: Option<&'a str>,
    pub display_name: Option<&'a str>,
    pub display_name_length: Option<u32>,
    pub follow_rank: Option<u32>,
    pub followed_at: Option<TimeMs>,
    pub created_at: Option<TimeMs>,
    pub followers: Option<u32>,
    pub following: Option<u32>,
    pub posts: Option<u32>,
    pub likes: Option<u32>,
    pub listed: Option<u32>,
    pub bio: Option<&'a str>,
    pub bio_length: Option<u32>,
    pub has_avatar: Option<Flag>,
    pub default_profile: Option<Flag>,
    pub verified: Option<Flag>,
    pub private: Option<Flag>,
    pub has_url: Option<Flag>,
    pub last_active_at: Option<TimeMs>,
    pub language: Option<&'a str>,
    pub country: Option<&'a str>,
    pub source: RowRef,
}

/// Follows and unfollows of one day, as a platform counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DayCount {
    /// The day, in the platform's zone.
    pub day: Day,
    /// Follows gained; `None` where the platform left it blank.
    pub follows: Option<u32>,
    /// Follows lost; `None` where the platform does not say.
    pub unfollows: Option<u32>,
    /// Of the follows, those that advertising brought; `None` where the platform does not say.
    pub paid: Option<u32>,
    /// Of the follows, those that the platform made of an invitation by itself; `None` where it does not say.
    pub auto_invited: Option<u32>,
    /// The row.
    pub source: RowRef,
}

/// An account that stopped following, at a known time or between two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Where the time is not known: when it followed still.
    pub after: Option<TimeMs>,
    /// When it stopped following; with `after`, by when it had.
    pub at: TimeMs,
    /// The row.
    pub source: RowRef,
}

/// One thing an export says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact<'a> {
    /// An account follows.
    Follow(Follow<'a>),
    /// Follows and unfollows of a day.
    DayCount(DayCount),
    /// An account stopped following.
    Loss(Loss),
    /// A post and how far it went.
    Post(Post<'a>),
    /// Figures of the account on a day.
    AccountDay(AccountDay),
    /// Figures of a post on a day.
    PostDay(PostDay<'a>),
    /// What an account did with a post or towards the page.
    Engagement(Engagement<'a>),
    /// What advertising cost and brought.
    Ad(&'a AdRow<'a>),
    /// An order of a customer.
    Sale(Order<'a>),
    /// Something bought in an order.
    SaleLine(OrderLine<'a>),
    /// Money given back.
    Refund(Refund<'a>),
    /// Visits to the site.
    Visit(VisitRow<'a>),
    /// A person in the business's list of contacts.
    Contact(Contact<'a>),
    /// The page's own handle.
    PageHandle(&'a str),
    /// When the platform made the export.
    ExportedAt(TimeMs),
    /// How many followers the platform says the list holds.
    FollowersExpected(u64),
    /// How the rows of the follower list are ordered.
    Order(ListOrder),
    /// How well the follow times of this format are known.
    Quality(TimeQuality),
    /// Something the reader of the answer must know, such as an assumed time zone.
    Note(&'a str),
}

impl Fact<'_> {
    /// The row that says it; `None` for what belongs to a whole file.
    pub fn row(&self) -> Option<RowRef> {
        match self {
            Self::Follow(f) => Some(f.source),
            Self::DayCount(d) => Some(d.source),
            Self::Loss(l) => Some(l.source),
            Self::Post(p) => Some(p.source),
            Self::AccountDay(d) => Some(d.source),
            Self::PostDay(d) => Some(d.source),
            Self::Engagement(e) => Some(e.source),
            Self::Ad(a) => Some(a.source),
            Self::Sale(o) => Some(o.row),
            Self::SaleLine(l) => Some(l.row),
            Self::Refund(r) => Some(r.row),
            Self::Visit(v) => Some(v.source),
            Self::Contact(c) => Some(c.source),
            Self::PageHandle(_)
            | Self::ExportedAt(_)
            | Self::FollowersExpected(_)
            | Self::Order(_)
            | Self::Quality(_)
            | Self::Note(_) => None,
        }
    }
}
