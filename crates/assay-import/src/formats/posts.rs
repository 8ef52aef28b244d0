//! A table with a post a row, or a day of posts: when, of which kind, how far it went, how many engaged.

use crate::cell::{Cell, Instant, instant, integer, settled, shown, text, truth, whole_number, wrong};
use crate::columns::{TableColumn, match_header, plain};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::options::Clock;
use crate::post_columns::PostColumn;
use crate::reading::{Desk, Reading};
use crate::table::{self, Aside, Rows};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Post, TimeQuality};

pub(crate) const IMPORTER: Importer = Importer {
    id: "posts",
    sentence: "A table with a post (or a day of posts) a row: when, reach, fan reach or impressions, and what else is known.",
    source: "column names in `assay formats --columns`",
    quality: TimeQuality::Exact,
    network: None,
    yields: Yields::Posts,
    layout: Layout::Columns,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "posts.csv",
                b"Published at;Type;Reach;Fan reach;Engagements;Paid;Spend;Followers;Campaign colour\n\
                  2026-03-01T10:20:30Z;photo;\"1,204\";310;41;0;;9800;red\n\
                  2026-03-02 18:00;video;15.0;;;yes;12.50;9812;blue\n",
            ),
            ("more.json", b"[{\"created_at\":\"2026-03-03T09:00:00Z\",\"impressions\":77,\"likes\":3,\"comments\":1}]"),
        ],
        n_taken: 3,
    },
};

/// Columns that tables of advertisements have, and tables of posts do not.
const FOREIGN: [&str; 14] = [
    "campaign",
    "campaignname",
    "campaignid",
    "adset",
    "adsetname",
    "adname",
    "adid",
    "adgroup",
    "adgroupname",
    "adgroupid",
    "accountid",
    "orderid",
    "customerid",
    "followedat",
];

fn recognise(peek: &Peek<'_>) -> Claim {
    if table::recognise::<PostColumn>(peek, is_post_header) { Claim::List } else { Claim::No }
}

/// Whether columns of these names look like a table of posts.
fn is_post_header(names: &[String]) -> bool {
    let (known, _) = match_header(names.iter().map(String::as_str), PostColumn::of);
    let has = |column| known.contains(&Some(column));
    let is_foreign = names.iter().any(|n| FOREIGN.contains(&plain(n).as_str()));
    let goes_far = has(PostColumn::Reach) || has(PostColumn::FanReach) || has(PostColumn::Impressions);
    let is_placed = has(PostColumn::PublishedAt) || has(PostColumn::Month);
    goes_far && is_placed && !is_foreign
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut posts = PostRows { clock: Clock::new(reading.bundle.options()), ..PostRows::default() };
    table::read(reading, &mut posts)?;
    posts.aside.tell(reading)?;
    if let Some(note) = posts.clock.note() {
        reading.note(&note)?;
    }
    Ok(())
}

/// What the rows of a table of posts have shown.
#[derive(Default)]
struct PostRows {
    aside: Aside,
    clock: Clock,
}

impl Rows for PostRows {
    type Column = PostColumn;
    type Row<'a> = Post<'a>;

    fn put<'a>(&mut self, post: &mut Post<'a>, column: PostColumn, cell: Cell<'a>) -> Result<bool, String> {
        let cell = settled(column, cell)?;
        if matches!(cell, Cell::Missing) {
            return Ok(false);
        }
        let clash = |expected: &str| wrong(column, expected, &shown(cell));
        let int = || integer(cell).map(Some).ok_or_else(|| clash("a whole number, 0 or more"));
        let within = |from: u32, to: u32| {
            let n = integer(cell).filter(|n| (from..=to).contains(n));
            n.map(Some).ok_or_else(|| clash(&format!("a number from {from} to {to}")))
        };
        let flag = || truth(cell).map(Some).ok_or_else(|| clash("yes or no (1/0, true/false)"));
        match column {
            PostColumn::PublishedAt => {
                let Instant::At(time) = instant(cell) else { return Err(clash("a time such as 2026-05-01T12:00:00Z")) };
                post.published_at = Some(self.clock.at(time));
            }
            PostColumn::Month => post.month = within(1, 12)?,
            PostColumn::Weekday => post.weekday = within(0, 7)?,
            PostColumn::Hour => post.hour = within(0, 24)?,
            PostColumn::Kind => post.kind = text(cell),
            PostColumn::Audience => post.audience = text(cell),
            PostColumn::Reach => post.reach = int()?,
            PostColumn::FanReach => post.fan_reach = int()?,
            PostColumn::Impressions => post.impressions = int()?,
            PostColumn::Engagements => post.engagements = int()?,
            PostColumn::Likes => post.likes = int()?,
            PostColumn::Comments => post.comments = int()?,
            PostColumn::Shares => post.shares = int()?,
            PostColumn::Saves => post.saves = int()?,
            PostColumn::Clicks => post.clicks = int()?,
            PostColumn::Followers => post.followers = int()?,
            PostColumn::Paid => post.paid = flag()?,
            PostColumn::Randomised => post.randomised = flag()?,
            PostColumn::Spend => post.spend = Some(money(cell).ok_or_else(|| clash("an amount, 0 or more"))?),
        }
        Ok(!matches!(cell, Cell::Text("")))
    }

    fn take(&mut self, desk: &mut Desk<'_>, line: u64, post: Post<'_>, _: usize) -> Result<(), ImportError> {
        if post.published_at.is_none() && post.month.is_none() {
            return desk.reject(line, "expected when the post was published, found nothing");
        }
        if post.reach.is_none() && post.fan_reach.is_none() && post.impressions.is_none() {
            return desk.reject(line, "expected reach, fan_reach or impressions, found none of them");
        }
        desk.post(line, post)
    }

    fn aside(&mut self) -> &mut Aside {
        &mut self.aside
    }
}

/// An amount of money: a plain number, with separators of thousands that cannot be misread.
fn money(cell: Cell<'_>) -> Option<f64> {
    let amount = match cell {
        Cell::Int(n) => n as f64,
        Cell::Float(x) => x,
        Cell::Text(text) => {
            let text = text.trim_matches(|c: char| matches!(c, '$' | '€' | '£' | ' ' | '\u{a0}'));
            if let Some(n) = whole_number(text) {
                f64::from(n)
            } else {
                let (whole, cents) = text.rsplit_once('.')?;
                if cents.is_empty() || !cents.bytes().all(|c| c.is_ascii_digit()) {
                    return None;
                }
                format!("{}.{cents}", whole_number(whole)?).parse().ok()?
            }
        }
        _ => return None,
    };
    (amount.is_finite() && amount >= 0.0).then_some(amount)
}

#[cfg(test)]
mod tests {
    use super::{is_post_header, money};
    use crate::cell::Cell;
    use crate::samples::{open, run, run_files, shared};
    use assay_model::TimeMs;

    #[test]
    fn tables_of_posts_are_told_from_others() {
        let header = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        for text in ["published_at,reach", "Date,Impressions (total)", "Post Month,Lifetime Post Total Reach"] {
            assert!(is_post_header(&header(text)), "{text}");
        }
        for text in ["date,follows", "day,campaign,impressions", "published_at,likes", "reach,impressions", ""] {
            assert!(!is_post_header(&header(text)), "{text}");
        }
    }

    #[test]
    fn amounts_are_read_only_where_they_have_one_meaning() {
        for (text, want) in [("12.50", Some(12.5)), ("$1,200.5", Some(1_200.5)), ("7", Some(7.0)), ("0.00", Some(0.0))]
        {
            assert_eq!(money(Cell::Text(text)), want, "{text}");
        }
        for text in ["-3", "1,5", "ten", "1e9", "nan", "1."] {
            assert_eq!(money(Cell::Text(text)), None, "{text}");
        }
        assert_eq!(money(Cell::Float(f64::INFINITY)), None);
    }

    #[test]
    fn bad_rows_are_counted_and_the_others_are_taken() {
        let table = b"published_at,reach,paid\n2026-01-01,10,1\nyesterday,10,0\n2026-01-02,,0\n,5,0\n2026-01-03,-1,0\n\
            2026-01-04,1e3,0\n2026-01-05,7,maybe\n2026-01-06,8,\n";
        let kept = run_files(&[("p.csv", table)]).expect("a table");
        assert_eq!((kept.posts.rows.len(), kept.rejects.len()), (2, 6), "{:?}", kept.rejects);
        assert_eq!(kept.posts.rows[0].published_at, Some(TimeMs(1_767_225_600_000)));
        assert!(kept.rejects[0].why.contains("published_at") && kept.rejects[0].line == 3, "{:?}", kept.rejects[0]);
    }

    #[test]
    fn pages_of_the_shared_data() {
        let Some(folder) = shared("reach") else { return };
        // The daily table counts six withdrawals as -1 or -2 reactions: a count below 0 is none.
        for (name, n, n_fans, n_rejected) in
            [("facebook_page_posts.csv", 500, 500, 0), ("linkedin_page_daily.csv", 359, 0, 6)]
        {
            let files = open(folder.join(name));
            let plan = crate::detect_posts(&files).expect("posts");
            let (kept, _) = crate::samples::run_plan(&files, &plan).expect("posts");
            assert_eq!(kept.rejects.len(), n_rejected, "{name}");
            let rows = &kept.posts.rows;
            assert_eq!(rows.len(), n, "{name}");
            assert_eq!(rows.iter().filter(|p| p.fan_reach.is_some()).count(), n_fans, "{name}");
            assert!(rows.iter().all(|p| p.reach.is_some() && p.impressions.is_some()), "{name}");
            assert!(rows.iter().all(|p| p.engagements.is_some()), "{name}");
            // Of all formats, the daily table is that of LinkedIn's figures of days, where a withdrawal is one.
            let all = run(&files).expect("posts");
            let expected = if name == "linkedin_page_daily.csv" { (0, n + n_rejected) } else { (n, 0) };
            assert_eq!((all.posts.rows.len(), all.others.len()), expected, "{name}");
        }
    }
}
