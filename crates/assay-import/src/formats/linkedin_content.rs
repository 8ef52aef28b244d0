//! LinkedIn's page analytics beside followers: how far the page's posts went by day, each post, and visitors of the page.
//!
//! LinkedIn hands out workbooks; their sheets are read as tables. A sheet begins with a notice, the names of its columns stand
//! on the second row. `(total)` counts what was paid for too; where a sheet tells organic and sponsored apart, the total is
//! taken. Days are written month first, as those of followers are.

use super::grid::{Figure, Grid, Means, Names, Row, Told, each, grid};
use super::linkedin_page::{Order, day, numbers};
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::reading::{Desk, Reading};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Day, Flag, Post, TimeQuality};

pub(crate) const DAYS: Importer = Importer {
    id: "linkedin-days",
    sentence: "LinkedIn page analytics by day: impressions, clicks, reactions, comments and reposts; or visitors.",
    source: "linkedin.com, the page's Analytics, Content or Visitors, Export; the workbook as it is",
    quality: TimeQuality::Day,
    network: Some("linkedin"),
    yields: Yields::Figures,
    layout: Layout::Platform,
    recognise: recognise_days,
    read: read_days,
    control: Control {
        files: &[
            (
                "page_content_Metrics.csv",
                b"\"Your analytics, in aggregate\",,,,,,\nDate,Impressions (organic),Impressions (sponsored),Impressions (total),\
                  Unique impressions (organic),Clicks (total),Reactions (total)\n09/01/2026,800,10,810,500,12,30\n09/02/2026,,,,,,-1\n",
            ),
            (
                "page_visitors_Visitor metrics.csv",
                b"Date,Total page views (desktop),Total page views (total),Total unique visitors (total)\n09/01/2026,3,7,5\n",
            ),
        ],
        n_taken: 3,
    },
};

pub(crate) const POSTS: Importer = Importer {
    id: "linkedin-posts",
    sentence: "Posts of a LinkedIn page: when, impressions, clicks, likes, comments, reposts and follows of each.",
    source: "linkedin.com, the page's Analytics, Content, Export; the workbook as it is",
    quality: TimeQuality::Day,
    network: Some("linkedin"),
    yields: Yields::Posts,
    layout: Layout::Platform,
    recognise: recognise_posts,
    read: read_posts,
    control: Control {
        files: &[(
            "page_content_All posts.csv",
            b"All posts of the time that was chosen,,,,,,,,,\nPost title,Post link,Post type,Created date,Impressions,Clicks,Likes,Comments,\
              Reposts,Follows\n\"New blend, today\",https://www.linkedin.com/feed/update/urn:li:activity:7100000000000000001,Organic,\
              09/01/2026,900,20,31,2,1,\n",
        )],
        n_taken: 1,
    },
};

const DAY_NAMES: Names = &[
    ("date", Means::Day),
    ("impressionstotal", Means::Figure(Figure::Impressions)),
    ("uniqueimpressionsorganic", Means::Figure(Figure::Reach)),
    ("clickstotal", Means::Figure(Figure::Clicks)),
    ("reactionstotal", Means::Figure(Figure::Likes)),
    ("commentstotal", Means::Figure(Figure::Comments)),
    ("repoststotal", Means::Figure(Figure::Shares)),
    ("totalpageviewstotal", Means::Figure(Figure::ProfileVisits)),
    ("impressionsorganic", Means::Mark),
    ("totaluniquevisitorstotal", Means::Mark),
    ("totalpageviewsdesktop", Means::Mark),
    ("overviewpageviewsdesktop", Means::Mark),
];

const POST_NAMES: Names = &[
    ("posttitle", Means::Text),
    ("postlink", Means::Link),
    ("posttype", Means::Kind),
    ("createddate", Means::Published),
    ("posteddate", Means::Published),
    ("impressions", Means::Figure(Figure::Impressions)),
    ("views", Means::Figure(Figure::Views)),
    ("clicks", Means::Figure(Figure::Clicks)),
    ("likes", Means::Figure(Figure::Likes)),
    ("reactions", Means::Figure(Figure::Likes)),
    ("comments", Means::Figure(Figure::Comments)),
    ("reposts", Means::Figure(Figure::Shares)),
    ("shares", Means::Figure(Figure::Shares)),
    ("follows", Means::Figure(Figure::Follows)),
    ("contenttype", Means::Mark),
];

fn layout(peek: &Peek<'_>, names: Names) -> Option<Grid> {
    (matches!(peek.extension(), "csv" | "tsv") || peek.is_single()).then(|| grid(peek.head(), names)).flatten()
}

fn recognise_days(peek: &Peek<'_>) -> Claim {
    let Some(grid) = layout(peek, DAY_NAMES) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    // Columns that no other platform's tables have.
    if has(Means::Day) && has(Means::Mark) && grid.columns.has_figures() { Claim::List } else { Claim::No }
}

fn recognise_posts(peek: &Peek<'_>) -> Claim {
    let Some(grid) = layout(peek, POST_NAMES) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    let of_linkedin = has(Means::Text) && has(Means::Link) && has(Means::Published);
    if of_linkedin && has(Means::Figure(Figure::Impressions)) { Claim::List } else { Claim::No }
}

/// The order of day and month in a file: as documented, unless a number that is no month stands first and none second.
fn order(head: &[u8], names: Names, means: Means) -> Order {
    let (mut first, mut second) = (false, false);
    let text = String::from_utf8_lossy(head);
    let Some(grid) = grid(head, names) else { return Order::MonthFirst };
    for record in crate::delimited::first_records(text.as_bytes(), grid.delimiter(), 5_000) {
        let cells: Vec<_> = record.iter().map(|c| crate::text::cell_text(c).0).collect();
        let row = Row { columns: &grid.columns, cells: &cells };
        if let Some((a, b, _)) = row.text(means).and_then(numbers) {
            first |= a > 12;
            second |= b > 12;
        }
    }
    if first && !second { Order::DayFirst } else { Order::MonthFirst }
}

fn day_of(row: &Row<'_>, means: Means, order: Order) -> Result<Day, String> {
    let text = row.text(means).unwrap_or_default();
    day(text, order).or_else(|| super::grid::day(text)).ok_or_else(|| super::counts::not_a_day(text))
}

fn read_days(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut told = Told::default();
    for member in reading.members.clone() {
        let order = order(&reading.head(member), DAY_NAMES, Means::Day);
        reading.file(member, |stream, desk| {
            each(
                stream,
                desk,
                DAY_NAMES,
                |_| false,
                |desk, line, row| {
                    let read = || Ok::<_, String>((day_of(row, Means::Day, order)?, row.figures()?));
                    match read() {
                        Ok((day, figures)) => told.account_day(desk, line, day, None, figures),
                        Err(why) => desk.reject(line, why),
                    }
                },
            )
        })?;
    }
    Ok(())
}

fn read_posts(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        let order = order(&reading.head(member), POST_NAMES, Means::Published);
        reading.file(member, |stream, desk| {
            each(stream, desk, POST_NAMES, |_| false, |desk, line, row| post(desk, line, row, order))
        })?;
    }
    Ok(())
}

fn post(desk: &mut Desk<'_>, line: u64, row: &Row<'_>, order: Order) -> Result<(), ImportError> {
    let read = || {
        let at = day_of(row, Means::Published, order)?.start();
        let link = row.text(Means::Link);
        let post_id = match link {
            Some(link) => Some(urn(link).ok_or_else(|| format!("expected a link to a post, found {}", quote(link)))?),
            None => None,
        };
        // LinkedIn's "type" tells whether the post was paid for.
        let kind = row.text(Means::Kind);
        let is = |word: &str| kind.is_some_and(|k| k.eq_ignore_ascii_case(word));
        let paid = if is("sponsored") {
            Some(Flag::YES)
        } else if is("organic") {
            Some(Flag::NO)
        } else {
            None
        };
        let kind = kind.filter(|_| paid.is_none());
        Ok::<_, String>(Post { post_id, paid, kind, ..row.post(Some(at))? })
    };
    match read() {
        Ok(post) => desk.post(line, post),
        Err(why) => desk.reject(line, why),
    }
}

/// The name of a post in its link: `urn:li:activity:7100000000000000001`.
fn urn(link: &str) -> Option<&str> {
    let at = link.find("urn:li:")?;
    let urn = link[at..].split(['/', '?', '#']).next()?;
    (urn.len() <= 100 && urn.rsplit(':').next()?.bytes().all(|c| c.is_ascii_digit())).then_some(urn)
}

#[cfg(test)]
mod tests {
    use crate::bundle::workbook_tests::book;
    use crate::samples::run_files;

    #[test]
    fn a_workbook_is_read_sheet_by_sheet() {
        let followers = book(
            "New followers",
            &[
                &["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"],
                &["09/12/2026", "40", "5", "1", "46"],
            ],
        );
        let kept = run_files(&[("page_followers.xlsx", &followers)]).expect("a workbook");
        assert_eq!((kept.days.len(), kept.rejects.len()), (1, 0));
        assert_eq!((kept.days[0].follows, kept.days[0].paid, kept.days[0].auto_invited), (Some(46), Some(40), Some(1)));
        assert_eq!(kept.files[0].name, "page_followers.xlsx/New followers.csv");
        let content = book(
            "All posts",
            &[
                &["Export of posts"],
                &["Post title", "Post link", "Post type", "Created date", "Impressions", "Likes"],
                &[
                    "New",
                    "https://www.linkedin.com/feed/update/urn:li:activity:7100000000000000001",
                    "Sponsored",
                    "09/01/2026",
                    "900",
                    "31",
                ],
                &["Old", "https://a.example", "Organic", "09/01/2026", "1", "1"],
            ],
        );
        let kept = run_files(&[("page_content.xlsx", &content)]).expect("a workbook");
        assert_eq!((kept.posts.rows.len(), kept.rejects.len()), (1, 1), "{:?}", kept.rejects);
        assert_eq!((kept.posts.rows[0].paid, kept.posts.rows[0].impressions), (Some(true), Some(900)));
    }

    #[test]
    fn totals_count_and_withdrawals_are_below_zero() {
        let kept = run_files(super::DAYS.control.files).expect("tables");
        assert_eq!((kept.others.len(), kept.rejects.len()), (3, 0));
        assert!(kept.others[0].contains("impressions: Some(810)") && kept.others[0].contains("reach: Some(500)"));
        assert!(kept.others[1].contains("likes: Some(-1)") && kept.others[2].contains("profile_visits: Some(7)"));
    }
}
