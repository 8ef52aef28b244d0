//! The words of assay: what the crates above hand to one another.
//!
//! An importer turns bytes into [`Fact`]s, the pipeline gathers them into a [`Page`] (columns, read-only), detectors turn a
//! page into [`Evidence`], and weighing turns evidence into [`Verdicts`]. Nothing here opens, asks or prints anything.

mod arrange;
mod audience;
mod business;
mod calendar;
mod column;
mod column_names;
mod commerce;
mod conversation;
mod customer;
pub mod edges;
mod engaged;
mod event;
mod evidence;
mod fact;
mod figures;
mod finding;
mod guarded;
mod label;
mod money;
mod order;
mod outcome;
mod page;
mod post;
mod problem;
mod response;
mod ring;
mod snowflake;
pub mod synth;
mod time;
mod verdict;
pub mod when;

pub use arrange::{Arranged, arrange};
pub use assay_math::{Go, Stopped, Tick, silent, split_mix};
pub use audience::{Audience, Follower, RowRef};
pub use business::{
    AccountDayRow, AdSpendRow, Amount, Business, BusinessTable, ContactRow, Currency, DayCountRow, EngagementRow,
    FollowerRow, JoinedRow, Judged, Name, NameTable, Network, PostDayRow, PublishedRow, RefundRow, SaleRow,
    SiteVisitRow, TableRows, TurnRow, interactions,
};
pub use calendar::{Calendar, Weekday};
pub use column::{Cell, Column, Flag, TextColumn};
pub use column_names::{ColumnNames, column_names, find_column, match_header, plain, unknown_note};
pub use commerce::{AdRow, Contact, OrderLine, Refund, VisitRow};
pub use conversation::{Conversation, Key, Said, Turn};
pub use customer::CustomerName;
pub use engaged::{Engaged, EngagedCounts, Engagers};
pub use event::{Cause, Event, EventKind, ToldBy};
pub use evidence::{Deeds, Evidence, Group, GroupKind, Judgement, Rank, RankRange};
pub use fact::{DayCount, Fact, Follow, ListOrder, Loss, Reject, SourceFile};
pub use figures::{AccountDay, Engagement, EngagementKind, Figures, PostDay};
pub use finding::Finding;
pub use guarded::guarded;
pub use label::{Label, LabelTable, LabelsUsed, Overrule, Stratum};
pub use money::{Decimal, minor_places};
pub use order::{CANCELLED, Order, OrderRow, Orders};
pub use outcome::{Abstention, Outcome, Share};
pub use page::{Page, PageFacts};
pub use post::{Post, PostRow, Posts};
pub use problem::{Problem, quote};
pub use response::{ResponseTimes, Waited, WeekOfTurns, answered_within_day, answered_within_s, response_times};
pub use ring::{
    FollowerInRing, FoundBy, Ring, RingEvidence, RingMember, RingPicture, RingStep, RingTarget, RingWindow, Rings,
    SetAside,
};
pub use snowflake::x_created_at;
pub use time::{DAY_MS, Day, Span, TimeMs, TimeQuality};
pub use verdict::{
    Batch, Class, Contrast, NamesLook, Price, Reading, Reason, ReferenceFit, Spike, Spread, StockLook, Verdicts,
};
