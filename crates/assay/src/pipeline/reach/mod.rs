//! From posts to answers about reach.

mod backtest;
mod dates;
mod fit;
mod history;
mod known;
mod removal;
mod revenue;
mod shares;
mod what_if;

pub use backtest::backtest;
pub use fit::{FitAsked, ShareSource, fit};
pub use known::{Known, known};
pub use removal::{POWER, RemovalAsked, RemovalPlan, seal_removal};
pub use what_if::{ValueSource, WhatIfAsked, what_if};

use super::workspace::now;
use super::{Error, Step, Watch, go_on};
use crate::report::{Origin, Warning};
use assay_import::{Bundle, Limits, ReadOptions, Sink};
use assay_model::{Fact, Go, PageFacts, Posts, Reject, Span};
use assay_reach::page::{Series, Target, Timing};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Rejected rows that are kept for the reader; all are counted.
const REJECTS_KEPT: usize = 1_000;

/// Keeps the posts and what is said of their files.
#[derive(Default)]
struct Kept {
    posts: Posts,
    facts: PageFacts,
}

impl Sink for Kept {
    fn fact(&mut self, fact: Fact<'_>) -> Go {
        match fact {
            Fact::Post(post) => self.posts.push(&post),
            Fact::Note(note) => self.facts.notes.push(note.to_owned()),
            _ => {}
        }
        Go::On
    }

    fn reject(&mut self, reject: Reject) -> Go {
        self.facts.n_rejected += 1;
        if self.facts.rejects.len() < REJECTS_KEPT {
            self.facts.rejects.push(reject);
        }
        Go::On
    }
}

/// Reads tables of posts as one page's.
pub(super) fn read_posts(
    paths: &[PathBuf],
    reading: &ReadOptions,
    watch: &mut Watch<'_>,
) -> Result<(Posts, Origin), Error> {
    go_on(watch, Step::Reading)?;
    let bundle = Bundle::open(paths, &Limits::default())?.read_as(reading.clone());
    let plan = assay_import::detect_posts(&bundle)?;
    let mut kept = Kept::default();
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let summary = assay_import::read(&bundle, &plan, &mut kept, &mut tick)?;
    let Kept { posts, facts } = kept;
    let times = posts.rows.iter().filter_map(|p| p.published_at).map(|at| Span { from: at, to: at });
    let warnings = facts.notes.iter().map(|text| Warning { id: "note", text: text.clone() }).collect();
    let origin = Origin {
        seed: None,
        files: summary.files,
        rejects: facts.rejects,
        n_rejected: facts.n_rejected,
        window: times.reduce(Span::join),
        warnings,
    };
    Ok((posts, origin))
}

/// The posts in order of time, with warnings on those that were left out.
pub(super) fn series(posts: &Posts, target: Option<Target>, origin: &mut Origin) -> Result<Series, Error> {
    let most = Target::of_table(posts);
    let chosen = target.or(most).ok_or_else(|| none_usable(posts, origin))?;
    if !posts.rows.iter().any(|p| chosen.of(p).is_some_and(|n| n > 0)) {
        let has = most.map_or_else(String::new, |t| format!("; the table has {}", t.id()));
        return Err(Error::Input {
            message: format!("expected posts with a {} above 0, found none", chosen.id()),
            hint: Some(format!("choose another --target{has}")),
        });
    }
    let series = Series::new(posts, chosen);
    let mut warn = |id, n: usize, what: &str| {
        if n > 0 {
            origin.warnings.push(Warning { id, text: format!("{n} posts {what} were left out") });
        }
    };
    warn("zero-posts", series.n_zero, &format!("with a {} of 0, which has no logarithm,", chosen.id()));
    warn("posts-without-target", series.n_without, &format!("without {}", chosen.id()));
    warn("posts-without-time", series.n_untimed, "without a time, among others that have one,");
    if series.timing == Timing::Months {
        let text = "posts have no times: their order is that of the rows, by month";
        origin.warnings.push(Warning { id: "order-by-month", text: text.to_owned() });
    }
    let above = |p: &assay_model::PostRow| match (p.fan_reach, p.followers) {
        (Some(reach), Some(followers)) => reach > followers,
        _ => false,
    };
    let n_above = posts.rows.iter().filter(|p| above(p)).count();
    if n_above > 0 {
        let text = format!(
            "{n_above} posts say that more followers saw them than the page had: one of the two numbers is wrong"
        );
        origin.warnings.push(Warning { id: "fan-reach-above-followers", text });
    }
    // More than follow can be reached, by strangers and by what is passed on; where most posts do, the two may not belong together.
    let beyond = |p: &assay_model::PostRow| match (p.reach, p.fan_reach, p.followers) {
        (Some(reach), None, Some(followers)) => reach > followers,
        _ => false,
    };
    let n_beyond = posts.rows.iter().filter(|p| beyond(p)).count();
    if chosen == Target::Reach && 2 * n_beyond > posts.rows.len() {
        let text = format!(
            "{n_beyond} posts reached more accounts than follow the page, most of them strangers then, whom what follows it says little \
             about; or one of the two numbers is wrong: a column fan_reach would tell"
        );
        origin.warnings.push(Warning { id: "reach-above-followers", text });
    }
    let below = |p: &&assay_model::PostRow| matches!((p.reach, p.impressions), (Some(r), Some(i)) if i < r);
    let n_below = posts.rows.iter().filter(below).count();
    if n_below > 0 {
        let text =
            format!("{n_below} posts have fewer impressions than accounts reached: one of the two numbers is wrong");
        origin.warnings.push(Warning { id: "impressions-below-reach", text });
    }
    let n_engaged =
        posts.rows.iter().filter(|p| matches!((p.reach, p.engagements), (Some(r), Some(e)) if e > r)).count();
    if n_engaged > 0 {
        let text = format!(
            "{n_engaged} posts have more engagements than accounts reached: each may engage several times, or one of the two numbers is wrong"
        );
        origin.warnings.push(Warning { id: "engagements-above-reach", text });
    }
    origin.warnings.extend(dates::odd(&series, now()));
    if !series.posts.is_empty() && series.posts.iter().all(|p| p.row.paid == Some(true)) {
        let text = "every post was paid for: organic reach is not seen, and the answer is about paid reach";
        origin.warnings.push(Warning { id: "all-paid", text: text.to_owned() });
    }
    Ok(series)
}

/// Why a table has no post that can be used: rows that were rejected, zeros, or no such column.
fn none_usable(posts: &Posts, origin: &Origin) -> Error {
    let mut message = "expected posts with a reach, fan_reach or impressions above 0, found none".to_owned();
    let n_zero = posts.rows.iter().filter(|p| Target::ALL.iter().any(|t| t.of(p) == Some(0))).count();
    if n_zero > 0 {
        let _ = write!(message, "; {n_zero} {}", if n_zero == 1 { "post has 0" } else { "posts have 0" });
    }
    let Some(first) = origin.rejects.first() else {
        return Error::Input {
            message,
            hint: Some("`assay formats --columns` lists the names that are known".to_owned()),
        };
    };
    let rows = if origin.n_rejected == 1 { "1 row was" } else { &format!("{} rows were", origin.n_rejected) };
    let _ = write!(message, "; {rows} rejected, the first ({}:{}): {}", first.file, first.line, first.why);
    Error::Input {
        message,
        hint: Some("mend these rows; `assay formats --columns` says what each column takes".to_owned()),
    }
}
