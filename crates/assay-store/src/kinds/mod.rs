//! The kinds of facts: for each the table that holds it, its columns, what makes two rows speak of the same thing, and how a
//! row goes in and comes out. Tables begin with `id` (file, then count), `line`, `key` and, but for followers, `live`.

mod advertising;
mod days;
mod engagement;
mod follow;
mod order;
mod post;
mod put;
mod visit;

use crate::adder::Adder;
use crate::secret::Secret;
use assay_model::{Fact, RowRef, TimeMs};
pub(crate) use put::{Get, Put, Words};
use rusqlite::Connection;

/// How a value is held and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A whole number.
    Int,
    /// A yes or no: 1 or 0.
    Flag,
    /// A number with a fraction.
    Real,
    /// A text of its own.
    Text,
    /// A text that many rows share, held once.
    Word,
    /// Milliseconds, shown as RFC 3339.
    Time,
    /// Days, shown as a date.
    Day,
    /// Money: three columns, `_units`, `_places` and `_minor`.
    Money,
    /// An exact number: two columns, `_units` and `_places`.
    Exact,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
}

const fn column(name: &'static str, form: Form) -> Column {
    Column { name, form }
}

/// Which of the rows that speak of the same thing count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versions {
    /// Those of the newest list of a page.
    Snapshot,
    /// Of each figure, the newest row that tells it. `live` has a bit for each column from this one on.
    Figures(usize),
    /// The newest, with what it does not tell from those before. `live` is 2 where there are some.
    Merged,
    /// The newest. The second of a kind within a file is another thing than the first.
    Newest,
    /// All rows of the newest file that has any.
    Together,
}

/// Reads the fact of a row, and hands it on.
type GetFact = for<'r> fn(&mut Get<'r>, RowRef, &mut dyn FnMut(Fact<'_>));

/// A kind of fact.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) table: &'static str,
    pub(crate) view: &'static str,
    pub(crate) columns: &'static [Column],
    pub(crate) versions: Versions,
    /// Reads a row whose first column is `at`.
    pub(crate) get: GetFact,
}

/// The kinds of facts that rows of files tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the variant of `Fact` that it is named for")]
pub enum FactKind {
    Follow,
    DayCount,
    Loss,
    Post,
    AccountDay,
    PostDay,
    Engagement,
    Ad,
    Sale,
    SaleLine,
    Refund,
    Visit,
    Contact,
}

impl FactKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Follow,
        Self::DayCount,
        Self::Loss,
        Self::Post,
        Self::AccountDay,
        Self::PostDay,
        Self::Engagement,
        Self::Ad,
        Self::Sale,
        Self::SaleLine,
        Self::Refund,
        Self::Visit,
        Self::Contact,
    ];

    /// The view that shows it.
    pub fn view(self) -> &'static str {
        self.kind().view
    }

    pub(crate) fn kind(self) -> &'static Kind {
        match self {
            Self::Follow => &follow::KIND,
            Self::DayCount => &days::DAY_COUNT,
            Self::Loss => &follow::LOSS,
            Self::Post => &post::KIND,
            Self::AccountDay => &days::ACCOUNT_DAY,
            Self::PostDay => &days::POST_DAY,
            Self::Engagement => &engagement::KIND,
            Self::Ad => &advertising::KIND,
            Self::Sale => &order::SALE,
            Self::SaleLine => &order::LINE,
            Self::Refund => &order::REFUND,
            Self::Visit => &visit::KIND,
            Self::Contact => &visit::CONTACT,
        }
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl Kind {
    /// The names of the columns that hold the values, in order.
    pub(crate) fn held(&self) -> Vec<String> {
        let held = |c: &Column| match c.form {
            Form::Money => ["_units", "_places", "_minor"].map(|end| format!("{}{end}", c.name)).to_vec(),
            Form::Exact => ["_units", "_places"].map(|end| format!("{}{end}", c.name)).to_vec(),
            _ => vec![c.name.to_owned()],
        };
        self.columns.iter().flat_map(held).collect()
    }

    /// The columns that stand before the values.
    pub(crate) fn lead(&self) -> &'static [&'static str] {
        if self.versions == Versions::Snapshot { &["id", "line", "key"] } else { &["id", "line", "key", "live"] }
    }

    /// Adds rows to the table.
    pub(crate) fn adder<'c>(&self, connection: &'c Connection) -> rusqlite::Result<Adder<'c>> {
        let columns: Vec<String> = self.lead().iter().map(|c| (*c).to_owned()).chain(self.held()).collect();
        Adder::new(connection, self.table, &columns)
    }
}

/// What is put before the values of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lead {
    pub(crate) kind: FactKind,
    /// Where it stands; the file is that of the reading.
    pub(crate) row: RowRef,
    /// What it speaks of, within its page.
    pub(crate) key: i64,
    /// 1, or the figures that it tells.
    pub(crate) live: i64,
    /// The latest time that it tells.
    pub(crate) latest: Option<TimeMs>,
}

/// What stands before the values of a fact; `None` for what is no row's.
pub(crate) fn lead(fact: &Fact<'_>, secret: &Secret) -> Option<Lead> {
    Some(match fact {
        Fact::Follow(follow) => follow::lead(follow),
        Fact::DayCount(count) => days::lead_of_count(count),
        Fact::Loss(loss) => follow::lead_of_loss(loss),
        Fact::Post(post) => post::lead(post),
        Fact::AccountDay(day) => days::lead_of_account(day),
        Fact::PostDay(day) => days::lead_of_post(day),
        Fact::Engagement(engagement) => engagement::lead(engagement),
        Fact::Ad(row) => advertising::lead(row),
        Fact::Sale(order) => order::lead(order, secret),
        Fact::SaleLine(line) => order::lead_of_line(line),
        Fact::Refund(refund) => order::lead_of_refund(refund),
        Fact::Visit(row) => visit::lead(row),
        Fact::Contact(contact) => visit::lead_of_contact(contact, secret),
        Fact::PageHandle(_)
        | Fact::ExportedAt(_)
        | Fact::FollowersExpected(_)
        | Fact::Order(_)
        | Fact::Quality(_)
        | Fact::Note(_) => return None,
    })
}

/// Puts the values of a fact.
pub(crate) fn put(fact: &Fact<'_>, put: &mut Put<'_, '_>) {
    match fact {
        Fact::Follow(follow) => follow::put(follow, put),
        Fact::DayCount(count) => days::put_count(count, put),
        Fact::Loss(loss) => put.time(Some(loss.at)),
        Fact::Post(post) => post::put(post, put),
        Fact::AccountDay(day) => days::put_account(day, put),
        Fact::PostDay(day) => days::put_post(day, put),
        Fact::Engagement(engagement) => engagement::put(engagement, put),
        Fact::Ad(row) => advertising::put(row, put),
        Fact::Sale(order) => order::put(order, put),
        Fact::SaleLine(line) => order::put_line(line, put),
        Fact::Refund(refund) => order::put_refund(refund, put),
        Fact::Visit(row) => visit::put(row, put),
        Fact::Contact(contact) => visit::put_contact(contact, put),
        Fact::PageHandle(_)
        | Fact::ExportedAt(_)
        | Fact::FollowersExpected(_)
        | Fact::Order(_)
        | Fact::Quality(_)
        | Fact::Note(_) => {}
    }
}
