//! Tables of figures as platforms export them: what their columns mean, and how a row becomes figures of a day or a post.
//!
//! A format lists the names of its columns, as [`plain`] leaves them, with their meanings. Two columns may mean parts of one
//! figure, such as reposts and shares: their sum is known where both are. A blank is not known; it is never 0.

use super::counts::Days;
use crate::cell::{is_blank, whole_number};
use crate::columns::plain;
use crate::delimited::{Next, Records};
use crate::error::{ImportError, quote};
use crate::reading::Desk;
use crate::spoken;
use crate::table::delimited::{Dialect, check_width, dialect, headed};
use crate::text::cell_text;
use assay_model::when::{self, Form, Moment};
use assay_model::{AccountDay, Day, Fact, Figures, Post, PostDay, RowRef, TimeMs};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

/// What a column of such a table means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// The day that the figures are of.
    Day,
    /// When the post was published.
    Published,
    /// The id of a post.
    Post,
    Link,
    Text,
    /// The kind of post.
    Kind,
    /// How many followers the account had.
    Followers,
    /// Follows gained.
    Gained,
    /// Follows lost.
    Lost,
    /// A column by which the format is known and that is not kept.
    Mark,
    Figure(Figure),
}

/// A figure: its place in [`Figures::NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Impressions,
    Reach,
    Views,
    Engagements,
    Likes,
    Comments,
    Shares,
    Saves,
    Clicks,
    ProfileVisits,
    Posts,
    Follows,
}

/// Names of columns, and what they mean.
pub(super) type Names = &'static [(&'static str, Means)];

/// How a table is laid out.
pub(super) struct Grid {
    delimiter: u8,
    n_before: usize,
    n_header: usize,
    pub(super) columns: Columns,
}

impl Grid {
    /// What stands between cells.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }
}

/// Where the known columns stand.
pub(super) struct Columns(Vec<(usize, Means)>);

impl Columns {
    /// The known columns of a header.
    pub(super) fn of<S: AsRef<str>>(header: &[S], names: Names) -> Self {
        let known = |name: &str| {
            let name = plain(name);
            names.iter().find(|(n, _)| *n == name).map(|(_, means)| *means)
        };
        Self(header.iter().enumerate().filter_map(|(i, name)| Some((i, known(name.as_ref())?))).collect())
    }

    /// One column.
    pub(super) fn at(place: usize, means: Means) -> Self {
        Self(vec![(place, means)])
    }

    /// Whether some column means this.
    pub(super) fn has(&self, means: Means) -> bool {
        self.0.iter().any(|(_, m)| *m == means)
    }

    /// Whether some column is a figure.
    pub(super) fn has_figures(&self) -> bool {
        self.0.iter().any(|(_, m)| matches!(m, Means::Figure(_)))
    }
}

/// Finds the header in the first bytes of a delimited text, behind titles and notices. `None` where no column is known.
pub(super) fn grid(head: &[u8], names: Names) -> Option<Grid> {
    let known = |name: &str| {
        let name = plain(name);
        names.iter().position(|(n, _)| *n == name)
    };
    let Dialect { delimiter, header, n_before } = dialect(head, known)?;
    Some(Grid { delimiter, n_before, n_header: header.len(), columns: Columns::of(&header, names) })
}

/// A row of a table.
pub(super) struct Row<'a> {
    pub(super) columns: &'a Columns,
    pub(super) cells: &'a [Cow<'a, str>],
}

impl<'a> Row<'a> {
    /// The first cell of this meaning that holds anything.
    pub(super) fn text(&self, means: Means) -> Option<&'a str> {
        let of = self.columns.0.iter().filter(|(_, m)| *m == means);
        of.filter_map(|(i, _)| Some(self.cells.get(*i)?.trim())).find(|text| !text.is_empty())
    }

    /// The first cell of all; empty where there is none.
    pub(super) fn first(&self) -> &str {
        self.cells.first().map_or("", |c| c.trim())
    }

    /// The day that the row is of.
    pub(super) fn day(&self) -> Result<Day, String> {
        let text = self.text(Means::Day).unwrap_or_default();
        day(text).ok_or_else(|| super::counts::not_a_day(text))
    }

    /// The whole number under a meaning: of several columns the sum, where all are known.
    fn number(&self, means: Means) -> Result<Option<i64>, String> {
        let mut sum = None;
        for (i, _) in self.columns.0.iter().filter(|(_, m)| *m == means) {
            let text = self.cells.get(*i).map_or("", |c| c.trim());
            if is_blank(text) {
                return Ok(None);
            }
            let n = signed(text).ok_or_else(|| format!("expected a whole number, found {}", quote(text)))?;
            sum = Some(sum.unwrap_or(0_i64).saturating_add(n));
        }
        Ok(sum)
    }

    /// The figures of the row.
    pub(super) fn figures(&self) -> Result<Figures, String> {
        use Figure::{
            Clicks, Comments, Engagements, Follows, Impressions, Likes, Posts, ProfileVisits, Reach, Saves, Shares,
            Views,
        };
        let of = |figure| self.number(Means::Figure(figure));
        Ok(Figures {
            impressions: of(Impressions)?,
            reach: of(Reach)?,
            views: of(Views)?,
            engagements: of(Engagements)?,
            likes: of(Likes)?,
            comments: of(Comments)?,
            shares: of(Shares)?,
            saves: of(Saves)?,
            clicks: of(Clicks)?,
            profile_visits: of(ProfileVisits)?,
            posts: of(Posts)?,
            follows: of(Follows)?,
        })
    }

    /// A count of this meaning, 0 or more.
    pub(super) fn count(&self, means: Means) -> Result<Option<u32>, String> {
        natural(self.number(means)?)
    }

    /// How many followers the account had.
    pub(super) fn followers(&self) -> Result<Option<i64>, String> {
        self.number(Means::Followers)
    }

    /// The post that the row tells, published at this time.
    pub(super) fn post(&self, published_at: Option<TimeMs>) -> Result<Post<'a>, String> {
        self.post_of(self.figures()?, published_at)
    }

    /// As [`Row::post`], with these figures.
    pub(super) fn post_of(&self, f: Figures, published_at: Option<TimeMs>) -> Result<Post<'a>, String> {
        Ok(Post {
            post_id: self.text(Means::Post),
            link: self.text(Means::Link),
            text: self.text(Means::Text),
            kind: self.text(Means::Kind),
            published_at,
            impressions: natural(f.impressions)?,
            reach: natural(f.reach)?,
            views: natural(f.views)?,
            engagements: natural(f.engagements)?,
            likes: natural(f.likes)?,
            comments: natural(f.comments)?,
            shares: natural(f.shares)?,
            saves: natural(f.saves)?,
            clicks: natural(f.clicks)?,
            follows: natural(f.follows)?,
            followers: self.count(Means::Followers)?,
            ..Post::default()
        })
    }
}

fn natural(n: Option<i64>) -> Result<Option<u32>, String> {
    // The largest value stands for a missing cell in a column.
    let fits = |n: i64| u32::try_from(n).ok().filter(|n| *n != u32::MAX);
    n.map(|n| fits(n).ok_or_else(|| format!("expected a whole number, 0 or more, found `{n}`"))).transpose()
}

/// A whole number, perhaps below 0: a withdrawal of what was counted before.
pub(super) fn signed(text: &str) -> Option<i64> {
    let bare = text.strip_prefix(['-', '−']);
    let n = match bare.unwrap_or(text) {
        digits if digits.len() <= 18 && !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()) => {
            digits.parse().ok()?
        }
        other => i64::from(whole_number(other)?),
    };
    Some(if bare.is_some() { -n } else { n })
}

/// A day, as programs or people write it.
pub(super) fn day(text: &str) -> Option<Day> {
    when::day(text).or_else(|| Some(spoken::moment(text)?.at.day()))
}

/// A time or a day, as programs or people write it.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let of_day = |day: Day| Moment { at: day.start(), clock_ms: 0, form: Form::Date };
    let known = when::moment(text).filter(|m| m.form != Form::Date);
    known.or_else(|| when::day(text).map(of_day)).or_else(|| spoken::moment(text))
}

/// Hands over the rows of a delimited text one by one; broken ones are rejected. A first row for which `is_total` holds is
/// passed over.
pub(super) fn each(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    names: Names,
    is_total: impl Fn(&Row<'_>) -> bool,
    mut take: impl FnMut(&mut Desk<'_>, u64, &Row<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let Some(grid) = grid(&head, names) else {
        let first = head.split(|b| *b == b'\n').find(|line| !line.is_empty()).unwrap_or_default();
        return Err(ImportError::new(
            "a header row with the columns of this export",
            quote(&cell_text(first).0),
            desk.name(),
            "pass the file as the platform wrote it; `assay formats` tells how to get it",
        ));
    };
    let mut records = Records::new(stream, grid.delimiter, &head);
    let mut n_met = 0;
    loop {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Broken(line, why) => desk.reject(line, why)?,
            Next::Record(line, record) => {
                n_met += 1;
                if n_met <= grid.n_before + 1 {
                    continue;
                }
                let cells: Vec<Cow<'_, str>> = record.cells().map(|c| cell_text(c).0).collect();
                let row = Row { columns: &grid.columns, cells: &cells };
                if n_met == grid.n_before + 2 && is_total(&row) {
                    continue;
                }
                match check_width(record, grid.n_header) {
                    Ok(()) => take(desk, line, &row)?,
                    Err(why) => desk.reject(line, why)?,
                }
            }
        }
    }
}

/// Takes what a row tells of the follows of a day, and of its figures.
pub(super) fn counted_day(
    days: &mut Days,
    told: &mut Told,
    desk: &mut Desk<'_>,
    line: u64,
    row: &Row<'_>,
) -> Result<(), ImportError> {
    let read = || Ok::<_, String>((row.day()?, row.count(Means::Gained)?, row.count(Means::Lost)?, row.figures()?));
    match read() {
        Err(why) => desk.reject(line, why),
        Ok((day, gained, lost, figures)) => {
            if days.add(desk, line, day, gained, lost)? {
                told.beside(desk, line, day, figures)?;
            }
            Ok(())
        }
    }
}

/// Takes what a row tells of a day of the account.
pub(super) fn account_day(told: &mut Told, desk: &mut Desk<'_>, line: u64, row: &Row<'_>) -> Result<(), ImportError> {
    let read = || Ok::<_, String>((row.day()?, row.followers()?, row.figures()?));
    match read() {
        Err(why) => desk.reject(line, why),
        Ok((day, followers, figures)) => told.account_day(desk, line, day, followers, figures),
    }
}

/// Which figures of which days were told, so that no file tells one twice.
#[derive(Default)]
pub(super) struct Told {
    days: HashMap<(u64, Day), Vec<(usize, RowRef)>>,
}

impl Told {
    /// Remembers the figures that a row tells of a day (of the post with this hash; 0 for the account). Returns the row that
    /// told one of them before.
    fn first(&mut self, post: u64, day: Day, figures: &Figures, row: RowRef) -> Option<RowRef> {
        let told = self.days.entry((post, day)).or_default();
        let tells = figures.values();
        if let Some((_, first)) = told.iter().find(|(i, _)| tells[*i].is_some()) {
            return Some(*first);
        }
        told.extend((0..tells.len()).filter(|i| tells[*i].is_some()).map(|i| (i, row)));
        None
    }

    /// Takes what a row tells of a day of the account. A row without a figure is taken and says nothing.
    pub(super) fn account_day(
        &mut self,
        desk: &mut Desk<'_>,
        line: u64,
        day: Day,
        followers: Option<i64>,
        figures: Figures,
    ) -> Result<(), ImportError> {
        let source = desk.row(line);
        if let Some(first) = self.first(0, day, &figures, source) {
            let why = desk.twice("day", first);
            return desk.reject(line, why);
        }
        if figures == Figures::default() && followers.is_none() {
            desk.took();
            return Ok(());
        }
        desk.take(Fact::AccountDay(AccountDay { day, followers, figures, source }))
    }

    /// Hands over what a row tells of a day beside the counts by which it was taken.
    pub(super) fn beside(
        &mut self,
        desk: &mut Desk<'_>,
        line: u64,
        day: Day,
        figures: Figures,
    ) -> Result<(), ImportError> {
        let source = desk.row(line);
        if figures == Figures::default() || self.first(0, day, &figures, source).is_some() {
            return Ok(());
        }
        desk.also(Fact::AccountDay(AccountDay { day, followers: None, figures, source }))
    }

    /// Takes what a row tells of a day of a post.
    pub(super) fn post_day(
        &mut self,
        desk: &mut Desk<'_>,
        line: u64,
        post_id: &str,
        day: Day,
        figures: Figures,
    ) -> Result<(), ImportError> {
        let source = desk.row(line);
        if let Some(first) = self.first(crate::reading::hashed(post_id, false), day, &figures, source) {
            let why = desk.twice("day of a post", first);
            return desk.reject(line, why);
        }
        if figures == Figures::default() {
            desk.took();
            return Ok(());
        }
        desk.take(Fact::PostDay(PostDay { post_id, day, figures, source }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, Figure, Means, Names, Row, grid, moment, signed};
    use assay_model::TimeMs;

    const NAMES: Names = &[
        ("date", Means::Day),
        ("likes", Means::Figure(Figure::Likes)),
        ("shares", Means::Figure(Figure::Shares)),
        ("reposts", Means::Figure(Figure::Shares)),
    ];

    #[test]
    fn parts_of_a_figure_add_up_where_all_are_known() {
        let columns = Columns::of(&["Date", "Likes", "Shares", "Reposts"], NAMES);
        let shares = |cells: [&str; 4]| {
            let cells = cells.map(Into::into);
            let figures = Row { columns: &columns, cells: &cells }.figures()?;
            Ok::<_, String>((figures.likes, figures.shares))
        };
        assert_eq!(shares(["", "-2", "3", "1,204"]), Ok((Some(-2), Some(1_207))));
        assert_eq!(shares(["", "", "3", ""]), Ok((None, None)));
        assert_eq!(shares(["", "few", "3", "1"]), Err("expected a whole number, found `few`".to_owned()));
    }

    #[test]
    fn numbers_and_times_are_read_where_they_have_one_meaning() {
        for (text, n) in [("0", 0), ("-2", -2), ("−7", -7), ("1,204", 1_204), ("5000000000", 5_000_000_000), ("3.0", 3)]
        {
            assert_eq!(signed(text), Some(n), "{text}");
        }
        for text in ["", "-", "--2", "1.5", "9999999999999999999", "2K"] {
            assert_eq!(signed(text), None, "{text}");
        }
        // date -u -d 2026-09-08 +%s
        for text in ["Sep 8, 2026", "2026-09-08", "8 septembre 2026", "Tue, Sep 8, 2026", "2026-09-08T00:00:00Z"] {
            assert_eq!(moment(text).map(|m| m.at), Some(TimeMs(1_788_825_600_000)), "{text}");
        }
    }

    #[test]
    fn the_header_may_stand_behind_a_title() {
        let found = grid(b"Video overview,,\nDate,Likes,x\n2026-09-01,1,2\n", NAMES).expect("a header");
        assert_eq!((found.n_before, found.columns.0.len()), (1, 2));
        assert!(grid(b"a,b\n", NAMES).is_none());
    }
}
