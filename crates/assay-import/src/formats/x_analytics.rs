//! X analytics: the account overview as CSV, with new follows and unfollows of each day, newest first, and how far posts went
//! on it. A blank is unknown, not zero. Shares and reposts are parts of what assay calls shares.

use super::counts::Days;
use super::grid::{Figure, Means, Names, Told, counted_day, each, grid};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "x-analytics",
    sentence: "The account overview of X analytics as CSV: new follows, unfollows and figures of each day.",
    source: "analytics.x.com, Account overview, export (X Premium)",
    quality: TimeQuality::Day,
    network: Some("x"),
    yields: Yields::DayCounts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "account_overview_analytics.csv",
            b"Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,\
              Create Post,Video views,Media views\n\
              \"Wed, Sep 30, 2026\",888,10,7,0,2,1,1,3,1,13,2,0,\n\
              \"Tue, Sep 29, 2026\",432,2,55,0,2,3,,0,1,7,1,0,\n",
        )],
        n_taken: 2,
    },
};

/// The columns of the overview; those of single posts have most of them too.
const NAMES: Names = &[
    ("date", Means::Day),
    ("newfollows", Means::Gained),
    ("unfollows", Means::Lost),
    ("postid", Means::Post),
    ("tweetid", Means::Post),
    ("impressions", Means::Figure(Figure::Impressions)),
    ("likes", Means::Figure(Figure::Likes)),
    ("engagements", Means::Figure(Figure::Engagements)),
    ("bookmarks", Means::Figure(Figure::Saves)),
    ("shares", Means::Figure(Figure::Shares)),
    ("reposts", Means::Figure(Figure::Shares)),
    ("replies", Means::Figure(Figure::Comments)),
    ("profilevisits", Means::Figure(Figure::ProfileVisits)),
    ("createpost", Means::Figure(Figure::Posts)),
    ("videoviews", Means::Figure(Figure::Views)),
];

/// The columns by which a table is known to come from X.
pub(super) const OF_X: [Figure; 3] = [Figure::Impressions, Figure::Engagements, Figure::ProfileVisits];

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "csv" || peek.is_single()) {
        return Claim::No;
    }
    let Some(grid) = grid(peek.head(), NAMES) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    let of_x = OF_X.iter().all(|figure| has(Means::Figure(*figure)));
    let counts = has(Means::Day) && (has(Means::Gained) || has(Means::Lost));
    if of_x && counts && !has(Means::Post) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let (mut days, mut told) = (Days::default(), Told::default());
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            each(stream, desk, NAMES, |_| false, |desk, line, row| counted_day(&mut days, &mut told, desk, line, row))
        })?;
    }
    days.tell(reading)
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn a_blank_is_not_known_and_shares_are_both_kinds() {
        let kept = run_files(super::IMPORTER.control.files).expect("an overview");
        assert_eq!((kept.days.len(), kept.others.len(), kept.rejects.len()), (2, 2, 0));
        let first = &kept.others[0];
        for part in ["impressions: Some(888)", "shares: Some(3)", "views: Some(0)", "posts: Some(2)", "reach: None"] {
            assert!(first.contains(part), "{part}: {first}");
        }
        let twice = [super::IMPORTER.control.files[0].1, b"\"Wed, Sep 30, 2026\",1,,,,,1,,,,,,,\n"].concat();
        let kept = run_files(&[("o.csv", &twice)]).expect("an overview");
        assert_eq!((kept.others.len(), kept.rejects.len()), (2, 1), "{:?}", kept.rejects);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/x-analytics") else { return };
        let kept = run(&open(folder.join("account_overview_analytics.csv"))).expect("an overview");
        assert_eq!((kept.days.len(), kept.others.len(), kept.rejects.len()), (30, 30, 0));
    }
}
