//! Everything that the inputs say of one page.

use crate::audience::Audience;
use crate::calendar::Calendar;
use crate::engaged::Engaged;
use crate::event::Event;
use crate::fact::{DayCount, Loss, Reject, SourceFile};
use crate::time::{Span, TimeMs};

/// What an audit looks at: one page's followers, its daily counts, and what the files said of themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The followers, in follow order.
    pub audience: Audience,
    /// Daily follows and unfollows, one entry a day, in order of days.
    pub daily: Vec<DayCount>,
    /// Accounts that stopped following, in order of time.
    pub losses: Vec<Loss>,
    /// The times of the page's follower lists, in order, where there are several: a loss that is known by two lists lies between
    /// two of these.
    pub listed_at: Vec<TimeMs>,
    /// What ran and may have brought followers, as the owner tells it, in order of time.
    pub events: Vec<Event>,
    /// What the followers did with the page; `None` where no engagements were given.
    pub engaged: Option<Engaged>,
    /// How days are counted.
    pub calendar: Calendar,
    /// What is known beside the rows.
    pub facts: PageFacts,
}

/// What the files say of themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageFacts {
    /// The page's own handle.
    pub handle: Option<String>,
    /// When the platform made the export.
    pub exported_at: Option<TimeMs>,
    /// How many followers the platform says the list holds.
    pub followers_expected: Option<u64>,
    /// The files read.
    pub files: Vec<SourceFile>,
    /// The first rejected rows, in order of file and line.
    pub rejects: Vec<Reject>,
    /// How many rows were rejected in all.
    pub n_rejected: u64,
    /// What the reader of the answer must know, such as an assumed time zone.
    pub notes: Vec<String>,
}

impl Page {
    /// The time that the page's data speak of: from the first to the last follow, day count or loss that has a time, with
    /// lower bounds standing in for follow times that are not known. `None` where nothing has a time.
    pub fn window(&self) -> Option<Span> {
        let a = &self.audience;
        let follows = if a.followed_at.has_values() { &a.followed_at } else { &a.followed_after };
        let times = follows.iter().flatten();
        let days = self.daily.iter().map(|d| d.day.start());
        let losses = self.losses.iter().map(|l| l.at);
        times.chain(days).chain(losses).map(|at| Span { from: at, to: at }).reduce(Span::join)
    }
}
