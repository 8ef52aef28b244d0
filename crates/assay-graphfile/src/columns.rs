//! The columns of edge tables: under which names they are known, and which of a table's columns they are.

use assay_model::edges::EdgesError;
use assay_model::{ColumnNames, column_names as names, find_column, quote, unknown_note};
use std::str::FromStr;

/// The columns of a table of edges.
pub static EDGE_COLUMNS: &[ColumnNames] = &[
    names(
        "source",
        "who acted: the account that followed, liked or starred",
        &[
            "src",
            "source_id",
            "from",
            "from_id",
            "from_node_id",
            "follower",
            "follower_id",
            "actor",
            "actor_id",
            "actor_login",
            "user",
            "user_id",
            "user_name",
            "account",
            "account_id",
            "stargazer",
            "liker",
            "liker_id",
            "fan",
            "subscriber",
            "reviewer",
            "reviewer_id",
            "customer",
            "customer_id",
        ],
    ),
    names(
        "target",
        "on whom or what: the page, post or project",
        &[
            "dst",
            "dest",
            "destination",
            "target_id",
            "to",
            "to_id",
            "to_node_id",
            "followed",
            "followed_id",
            "followee",
            "followee_id",
            "following",
            "following_id",
            "friend",
            "friend_id",
            "repo",
            "repo_id",
            "repo_name",
            "repository",
            "project",
            "page",
            "page_id",
            "post",
            "post_id",
            "tweet_id",
            "status_id",
            "video",
            "video_id",
            "channel",
            "channel_id",
            "item",
            "item_id",
            "product",
            "product_id",
            "object",
            "object_id",
            "subject",
            "hashtag",
            "url",
        ],
    ),
    names(
        "at",
        "when",
        &[
            "time",
            "timestamp",
            "ts",
            "date",
            "datetime",
            "when",
            "created_at",
            "created",
            "followed_at",
            "starred_at",
            "liked_at",
            "event_time",
            "event_timestamp",
            "unix_time",
            "unix_timestamp",
            "epoch",
        ],
    ),
    names("weight", "how often or how strongly", &["count", "n", "times", "strength", "amount"]),
];

/// A column of a table of edges, in the order of [`EDGE_COLUMNS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Source,
    Target,
    At,
    Weight,
}

const COLUMNS: [Column; 4] = [Column::Source, Column::Target, Column::At, Column::Weight];

impl Column {
    fn of(name: &str) -> Option<Self> {
        find_column(EDGE_COLUMNS, name).map(|i| COLUMNS[i])
    }

    pub(crate) fn name(self) -> &'static str {
        EDGE_COLUMNS[self as usize].name
    }
}

/// Which column of the tables is which, where the user says so: `source=follower,target=page,at=when`.
///
/// A column is named, or numbered from 1; a table whose columns are numbered has no header. `-` means that the table is to be
/// read as if it had no such column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnChoice {
    chosen: [Option<Place>; 4],
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Name(String),
    Number(usize),
    Nowhere,
}

impl FromStr for ColumnChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut choice = Self::default();
        for part in text.split(',') {
            let shape = || format!("expected such as source=follower,target=page,at=when, found {}", quote(part));
            let (column, place) = part.split_once('=').ok_or_else(shape)?;
            let (column, place) = (column.trim(), place.trim());
            let known = EDGE_COLUMNS.iter().position(|c| c.name == column);
            let i = known.ok_or_else(|| format!("expected source, target, at or weight, found {}", quote(column)))?;
            if place.is_empty() || choice.chosen[i].is_some() {
                return Err(shape());
            }
            choice.chosen[i] = Some(match place.parse::<usize>() {
                Ok(0) => return Err("columns are numbered from 1".to_owned()),
                Ok(number) => Place::Number(number - 1),
                Err(_) if place == "-" => Place::Nowhere,
                Err(_) => Place::Name(place.to_owned()),
            });
        }
        let of = |i: usize| choice.chosen[i].as_ref();
        let numbered = choice.chosen.iter().flatten().any(|p| matches!(p, Place::Number(_)));
        if matches!(of(0), Some(Place::Nowhere)) || matches!(of(1), Some(Place::Nowhere)) {
            return Err("an edge has a source and a target".to_owned());
        }
        if numbered && (!matches!(of(0), Some(Place::Number(_))) || !matches!(of(1), Some(Place::Number(_)))) {
            return Err("where columns are numbered, source and target must be: source=1,target=2".to_owned());
        }
        if numbered && choice.chosen.iter().flatten().any(|p| matches!(p, Place::Name(_))) {
            return Err("columns are either all named or all numbered".to_owned());
        }
        Ok(choice)
    }
}

/// Where the columns of a table stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Found {
    pub(crate) source: usize,
    pub(crate) target: usize,
    pub(crate) at: Option<usize>,
    pub(crate) weight: Option<usize>,
    /// Whether the first row is a header.
    pub(crate) header: bool,
    /// Names of columns that are not used.
    pub(crate) unknown: Vec<String>,
}

impl ColumnChoice {
    /// Whether the columns are numbered, so that the table has no header.
    fn numbered(&self) -> bool {
        self.chosen.iter().flatten().any(|p| matches!(p, Place::Number(_)))
    }

    /// The column that a name stands for.
    pub(crate) fn column_of(&self, name: &str) -> Option<Column> {
        let named = COLUMNS
            .into_iter()
            .find(|c| matches!(&self.chosen[*c as usize], Some(Place::Name(chosen)) if chosen == name));
        // A column that was chosen under another name is not looked for by alias.
        named.or_else(|| Column::of(name).filter(|c| self.chosen[*c as usize].is_none()))
    }

    /// Finds the columns in the first row of a table, which may be a header or an edge; `second` is the row behind it.
    ///
    /// # Errors
    /// If source and target cannot be told.
    pub(crate) fn find(&self, first: &[String], second: &[String], place: &str) -> Result<Found, EdgesError> {
        if self.numbered() {
            return self.by_number(first.len(), place);
        }
        if self.chosen.iter().all(Option::is_none) && first.len() <= 3 && first.iter().all(|c| is_plain_data(c)) {
            return headless(first, second, place);
        }
        self.by_name(first, place)
    }

    fn by_number(&self, n_columns: usize, place: &str) -> Result<Found, EdgesError> {
        let number = |column: Column| match self.chosen[column as usize] {
            Some(Place::Number(n)) if n >= n_columns => Err(EdgesError::new(
                format!("a column number {} for the {}", n + 1, column.name()),
                format!("{n_columns} columns"),
                place,
                "columns are numbered from 1; see --columns",
            )),
            Some(Place::Number(n)) => Ok(Some(n)),
            _ => Ok(None),
        };
        Ok(Found {
            source: number(Column::Source)?.unwrap_or(0),
            target: number(Column::Target)?.unwrap_or(1),
            at: number(Column::At)?,
            weight: number(Column::Weight)?,
            header: false,
            unknown: Vec::new(),
        })
    }

    /// Finds the columns in a table that names them all.
    ///
    /// # Errors
    /// If source and target cannot be told.
    pub(crate) fn find_named(&self, names: &[String], place: &str) -> Result<Found, EdgesError> {
        if self.numbered() { self.by_number(names.len(), place) } else { self.by_name(names, place) }
    }

    fn by_name(&self, header: &[String], place: &str) -> Result<Found, EdgesError> {
        let mut at = [None; 4];
        let mut unknown = Vec::new();
        // A column that is called by assay's own name goes before one that is called by an alias.
        let own = |name: &str| EDGE_COLUMNS.iter().any(|c| c.name == assay_model::plain(name));
        let mut order: Vec<usize> = (0..header.len()).collect();
        order.sort_by_key(|i| (!self.is_chosen(&header[*i]), !own(&header[*i])));
        for i in order {
            match self.column_of(&header[i]) {
                Some(column) if at[column as usize].is_none() => at[column as usize] = Some(i),
                _ if header[i].trim().is_empty() => {}
                _ => unknown.push(header[i].trim().to_owned()),
            }
        }
        let names = || {
            let shown: Vec<String> = header.iter().take(8).map(|name| quote(name)).collect();
            let more = if header.len() > 8 { ", …" } else { "" };
            format!("columns {}{more}", shown.join(", "))
        };
        for (column, chosen) in COLUMNS.into_iter().zip(&self.chosen) {
            if let Some(Place::Name(name)) = chosen
                && at[column as usize].is_none()
            {
                return Err(EdgesError::new(
                    format!("a column {} for the {}", quote(name), column.name()),
                    names(),
                    place,
                    "names in --columns are as the table writes them, case included",
                ));
            }
        }
        let missing = |column: Column| {
            EdgesError::new(
                format!("a column for the {}", column.name()),
                names(),
                place,
                "say which columns are which, such as --columns source=follower,target=page,at=when; a table without a \
                 header takes numbers, such as --columns source=1,target=2",
            )
        };
        Ok(Found {
            source: at[0].ok_or_else(|| missing(Column::Source))?,
            target: at[1].ok_or_else(|| missing(Column::Target))?,
            at: at[2],
            weight: at[3],
            header: true,
            unknown,
        })
    }

    fn is_chosen(&self, name: &str) -> bool {
        self.chosen.iter().flatten().any(|p| matches!(p, Place::Name(chosen) if chosen == name))
    }
}

/// Whether a cell of the first row looks like data rather than like the name of a column: it begins with a digit.
fn is_plain_data(cell: &str) -> bool {
    cell.trim().bytes().next().is_some_and(|c| c.is_ascii_digit())
}

/// A table without a header: two columns are source and target; a third is the time if it reads as one in the first two rows,
/// else the weight.
fn headless(first: &[String], second: &[String], place: &str) -> Result<Found, EdgesError> {
    let found = Found { source: 0, target: 1, at: None, weight: None, header: false, unknown: Vec::new() };
    let Some(third) = first.get(2) else {
        if first.len() == 2 {
            return Ok(found);
        }
        return Err(EdgesError::new(
            "a table of edges, with a source and a target",
            "a single column",
            place,
            "a table has its columns separated by commas, tabs, semicolons, bars or spaces",
        ));
    };
    let is_time = |cell: &str| assay_model::when::moment(cell.trim()).is_some();
    if is_time(third) && second.get(2).is_none_or(|cell| cell.trim().is_empty() || is_time(cell)) {
        return Ok(Found { at: Some(2), ..found });
    }
    if third.trim().parse::<f32>().is_ok() {
        return Ok(Found { weight: Some(2), ..found });
    }
    Err(EdgesError::new(
        "a header, or a third column of times or weights",
        format!("{} in the third column of the first row", quote(third)),
        place,
        "say which columns are which: --columns source=1,target=2",
    ))
}

/// What to tell of columns that are not used; `None` if there are none.
pub(crate) fn note_of_unknown(unknown: Vec<String>) -> Option<String> {
    unknown_note(unknown)
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, Column, ColumnChoice, EDGE_COLUMNS, Found};

    fn row(text: &str) -> Vec<String> {
        text.split(',').filter(|c| !c.is_empty()).map(str::to_owned).collect()
    }

    fn find(choice: &str, first: &str, second: &str) -> Result<Found, String> {
        let choice = if choice.is_empty() { Ok(ColumnChoice::default()) } else { choice.parse::<ColumnChoice>() };
        choice?.find(&row(first), &row(second), "x.csv").map_err(|e| e.to_string())
    }

    #[test]
    fn columns_are_known_by_many_names() {
        for (header, source, target, at) in [
            ("source,target", 0, 1, None),
            ("Target,Source,AT", 1, 0, Some(2)),
            ("id,follower,followee,created_at", 1, 2, Some(3)),
            ("stargazer,starred_at,repo", 0, 2, Some(1)),
            // Own names go before aliases.
            ("user,source,page,target", 1, 3, None),
        ] {
            let found = find("", header, "").unwrap_or_else(|e| panic!("{header}: {e}"));
            assert_eq!((found.source, found.target, found.at), (source, target, at), "{header}");
            assert!(found.header);
        }
        assert_eq!(find("", "source,target,truth", "").map(|f| f.unknown), Ok(vec!["truth".to_owned()]));
    }

    #[test]
    fn a_choice_overrides_names() {
        let found = find("source=b,target=a,at=-", "a,b,at", "").expect("chosen");
        assert_eq!((found.source, found.target, found.at), (1, 0, None));
        let found = find("source=2,target=1,weight=3", "x,y,2", "").expect("numbered");
        assert_eq!((found.source, found.target, found.weight, found.header), (1, 0, Some(2), false));
        assert!(find("source=c", "a,b", "").is_err_and(|e| e.contains("a column `c` for the source, found columns")));
        assert!(find("source=1,target=9", "a,b", "").is_err());
        for wrong in
            ["", "source", "source=", "who=1", "source=0", "at=1", "source=1,target=b", "source=-", "source=a,source=b"]
        {
            assert!(wrong.parse::<ColumnChoice>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_table_without_a_header_has_numbers_in_its_first_row() {
        let found = |first, second| find("", first, second).map(|f| (f.at, f.weight, f.header));
        assert_eq!(found("1,2", "3,4"), Ok((None, None, false)));
        assert_eq!(found("1,2,1376208488", "3,4,1376208489"), Ok((Some(2), None, false)));
        assert_eq!(found("1,2,2013-08-11", "3,4,"), Ok((Some(2), None, false)));
        assert_eq!(found("1,2,3.5", "3,4,1"), Ok((None, Some(2), false)));
        for (first, second) in [("anna,shop", "ben,shop"), ("1", "2"), ("1,2,3x", ""), ("1,2,3,4", "")] {
            assert!(find("", first, second).is_err(), "{first}");
        }
    }

    #[test]
    fn no_name_means_two_columns() {
        let mut names: Vec<_> = EDGE_COLUMNS
            .iter()
            .flat_map(|c| std::iter::once(&c.name).chain(c.aliases).map(|n| (assay_model::plain(n), c.name)))
            .collect();
        let n = names.len();
        names.sort();
        names.dedup_by(|a, b| a.0 == b.0);
        assert_eq!(names.len(), n);
        for (i, column) in COLUMNS.into_iter().enumerate() {
            assert_eq!((column as usize, Column::of(column.name())), (i, Some(column)));
        }
    }
}
