//! X analytics of single posts: how far each one went.
//!
//! The table tells the day of a post; its id tells the millisecond, and counts where both agree.

use super::grid::{Figure, Means, Names, Row, each, grid};
use super::x_analytics::OF_X;
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Day, Post, TimeMs, TimeQuality, x_created_at};

pub(crate) const IMPORTER: Importer = Importer {
    id: "x-content",
    sentence: "X analytics of single posts as CSV: impressions, likes, replies, reposts, clicks and follows of each post.",
    source: "analytics.x.com, Content, export (X Premium)",
    quality: TimeQuality::Day,
    network: Some("x"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "account_analytics_content.csv",
            b"Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,\
              Profile visits,Detail Expands,URL Clicks,Hashtag Clicks,Permalink Clicks\n\
              1963100000000000001,\"Wed, Sep 3, 2025\",\"New blend, roasted \"\"dark\"\"\nsecond line\",\
              https://x.com/example/status/1963100000000000001,812,9,31,1,0,2,3,1,7,4,5,0,1\n\
              1963100000000000002,\"Tue, Sep 1, 2026\",Again,,,,,,,,,,,,,,\n",
        )],
        n_taken: 2,
    },
};

const NAMES: Names = &[
    ("postid", Means::Post),
    ("tweetid", Means::Post),
    ("date", Means::Day),
    ("posttext", Means::Text),
    ("tweettext", Means::Text),
    ("postlink", Means::Link),
    ("tweetpermalink", Means::Link),
    ("impressions", Means::Figure(Figure::Impressions)),
    ("likes", Means::Figure(Figure::Likes)),
    ("engagements", Means::Figure(Figure::Engagements)),
    ("bookmarks", Means::Figure(Figure::Saves)),
    ("shares", Means::Figure(Figure::Shares)),
    ("reposts", Means::Figure(Figure::Shares)),
    ("newfollows", Means::Figure(Figure::Follows)),
    ("replies", Means::Figure(Figure::Comments)),
    ("profilevisits", Means::Figure(Figure::ProfileVisits)),
    ("urlclicks", Means::Figure(Figure::Clicks)),
];

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "csv" || peek.is_single()) {
        return Claim::No;
    }
    let Some(grid) = grid(peek.head(), NAMES) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    let of_x = OF_X.iter().all(|figure| has(Means::Figure(*figure)));
    if of_x && has(Means::Post) && has(Means::Day) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            each(
                stream,
                desk,
                NAMES,
                |_| false,
                |desk, line, row| match post(row) {
                    Ok(post) => desk.post(line, post),
                    Err(why) => desk.reject(line, why),
                },
            )
        })?;
    }
    Ok(())
}

fn post<'a>(row: &Row<'a>) -> Result<Post<'a>, String> {
    let id = row.text(Means::Post).ok_or("expected the id of a post, found none")?;
    if id.is_empty() || !id.bytes().all(|c| c.is_ascii_digit()) {
        return Err(format!("expected the id of a post, all its digits, found {}", quote(id)));
    }
    row.post(Some(published(id, row.day()?)))
}

/// When a post was published: as its id tells, where that is the day told or one beside it (the day's zone is not known).
fn published(id: &str, day: Day) -> TimeMs {
    let exact = id.parse().ok().and_then(x_created_at).filter(|(_, exact)| *exact).map(|(at, _)| at);
    exact.filter(|at| (at.day().0 - day.0).abs() <= 1).unwrap_or(day.start())
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};
    use assay_model::TimeMs;

    #[test]
    fn the_time_is_that_of_the_id_where_the_day_agrees() {
        let kept = run_files(super::IMPORTER.control.files).expect("posts");
        // date -u -d 2026-09-01 +%s; the id as in `shapes`.
        let times: Vec<_> = kept.posts.rows.iter().map(|p| p.published_at).collect();
        assert_eq!(times, [Some(TimeMs(1_756_874_487_291)), Some(TimeMs(1_788_220_800_000))]);
        assert_eq!((kept.posts.rows[0].engagements, kept.posts.rows[1].engagements), (Some(31), None));
        let rounded = String::from_utf8_lossy(super::IMPORTER.control.files[0].1)
            .replace("1963100000000000001,\"", "1.96E+18,\"");
        let kept = run_files(&[("c.csv", rounded.as_bytes())]).expect("posts");
        assert!(kept.rejects[0].why.contains("all its digits"), "{:?}", kept.rejects);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/x-analytics") else { return };
        let kept = run(&open(folder.join("account_analytics_content.csv"))).expect("posts");
        assert_eq!((kept.posts.rows.len(), kept.rejects.len()), (1, 0));
    }
}
