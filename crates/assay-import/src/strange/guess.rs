//! Which columns of which table a stranger's columns may be.

use super::Why;
use super::look::Look;
use super::words::english;
use crate::TABLES;
use crate::columns::{ColumnNames, find, plain};
use crate::export::cells::{self, Decimals};
use crate::export::split_currency;
use crate::options::{DateOrder, HeaderPair};

/// What a column is taken for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    pub(super) column: Option<&'static str>,
    pub(super) why: Why,
    score: f64,
}

impl Default for Guess {
    fn default() -> Self {
        Self { column: None, why: Why::Nothing, score: 0.0 }
    }
}

/// A kind of table, and what the columns are if it is of that kind.
pub(super) struct Ranked {
    /// What its rows are.
    pub(super) kind: &'static str,
    /// A guess for each header.
    pub(super) guesses: Vec<Guess>,
    /// What is needed and is none of them.
    pub(super) lacks: Vec<&'static str>,
    score: f64,
}

impl Ranked {
    /// What must be said of headers that are not known by themselves.
    pub(super) fn pairs(&self, look: &Look) -> Vec<HeaderPair> {
        let said = self.guesses.iter().zip(&look.headers).filter(|(guess, _)| guess.why != Why::Known);
        said.filter_map(|(guess, header)| Some(HeaderPair { header: header.clone(), column: guess.column?.to_owned() }))
            .collect()
    }
}

/// What a kind of table cannot be without: one of each of these.
const NEEDS: &[(&str, &[&[&str]])] = &[
    ("a follower list", &[&["handle", "account_id"], &["followed_at", "follow_rank", "followers", "created_at"]]),
    ("daily counts", &[&["date"], &["follows"]]),
    ("posts", &[&["published_at"], &["reach", "impressions", "fan_reach"]]),
    ("orders", &[&["customer_id", "email"], &["ordered_at"], &["total", "line_total", "price", "subtotal"]]),
    ("engagements", &[&["handle", "account_id"], &["at"], &["kind", "post_id"]]),
    (
        "advertising",
        &[
            &["campaign", "campaign_id", "ad_set", "ad_set_id", "ad", "ad_id", "platform"],
            &["spend"],
            &["impressions", "clicks", "clicks_all", "reach"],
        ],
    ),
];

/// Scores: a known name, a near one at best, cells alone.
const KNOWN: f64 = 1.0;
const NEAR: f64 = 0.9;
const CELLS: f64 = 0.25;
/// Below this a name is near nothing.
const NEAR_MIN: f64 = 0.5;
/// Share of a column's cells that must look alike.
const MOST: f64 = 0.8;

/// The kinds of tables, the likeliest first.
pub(super) fn ranked(look: &Look) -> Vec<Ranked> {
    let looks: Vec<Looks> = (0..look.headers.len()).map(|i| looks(look, i)).collect();
    let mut all: Vec<Ranked> = NEEDS
        .iter()
        .filter_map(|(kind, needs)| {
            let columns = TABLES.iter().find(|(name, _)| name == kind)?.1;
            Some(rank(kind, needs, columns, look, &looks))
        })
        .collect();
    all.sort_by(|a, b| a.lacks.len().cmp(&b.lacks.len()).then(b.score.total_cmp(&a.score)));
    all
}

fn rank(
    kind: &'static str,
    needs: &[&[&'static str]],
    columns: &'static [ColumnNames],
    look: &Look,
    looks: &[Looks],
) -> Ranked {
    let mut scores: Vec<(f64, usize, usize)> = Vec::new();
    for (h, header) in look.headers.iter().enumerate() {
        let bare = split_currency(header).0;
        let known = find(columns, bare);
        let words = english(bare);
        for (c, column) in columns.iter().enumerate() {
            let score = if known == Some(c) { KNOWN } else { NEAR * nearness(&words, column) };
            if score >= NEAR_MIN && (known == Some(c) || fits(column.name, looks[h])) {
                scores.push((score, h, c));
            }
        }
    }
    scores.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut guesses = vec![Guess::default(); look.headers.len()];
    let mut used = vec![false; columns.len()];
    for (score, h, c) in scores {
        if guesses[h].column.is_none() && !used[c] {
            used[c] = true;
            let why = if score == KNOWN { Why::Known } else { Why::Name };
            guesses[h] = Guess { column: Some(columns[c].name), why, score };
        }
    }
    let is_met = |guesses: &[Guess], need: &[&str]| guesses.iter().any(|g| g.column.is_some_and(|c| need.contains(&c)));
    // Cells decide where names do not, once a name speaks for this kind of table or all cells do.
    for need in needs {
        if is_met(&guesses, need) {
            continue;
        }
        let free = (0..guesses.len()).filter(|h| guesses[*h].column.is_none());
        let telling = free.max_by_key(|h| (tells(need[0], looks[*h]), std::cmp::Reverse(*h)));
        if let Some(h) = telling.filter(|h| tells(need[0], looks[*h]) > 0) {
            guesses[h] = Guess { column: Some(need[0]), why: Why::Cells, score: CELLS };
        }
    }
    let lacks: Vec<&'static str> = needs.iter().filter(|need| !is_met(&guesses, need)).map(|need| need[0]).collect();
    let best = |need: &[&str]| {
        guesses.iter().filter(|g| g.column.is_some_and(|c| need.contains(&c))).map(|g| g.score).fold(0.0, f64::max)
    };
    let needed = needs.iter().map(|need| best(need)).sum::<f64>() / needs.len() as f64;
    let all = guesses.iter().map(|g| g.score).sum::<f64>() / guesses.len().max(1) as f64;
    Ranked { kind, guesses, lacks, score: needed + all }
}

/// How near the words of a header are to a name of a column, 0..1.
fn nearness(words: &[String], column: &ColumnNames) -> f64 {
    let whole: String = words.concat();
    let names = std::iter::once(&column.name).chain(column.aliases);
    let near = names.map(|name| {
        let parts: Vec<&str> = name.split('_').collect();
        let shared = parts.iter().filter(|p| words.iter().any(|w| w == *p)).count();
        let by_words = if shared == parts.len() {
            // All words of the name stand in the header: the more of the header that is, the nearer.
            0.6 + 0.4 * shared as f64 / words.len().max(1) as f64
        } else {
            0.0
        };
        let name = plain(name);
        let longest = whole.chars().count().max(name.chars().count());
        let by_letters = if longest >= 4 { 1.0 - edits(&whole, &name) as f64 / longest as f64 } else { 0.0 };
        by_words.max(if by_letters >= 0.75 { by_letters } else { 0.0 })
    });
    near.fold(0.0, f64::max)
}

/// How many letters must be changed, added or left out (Levenshtein 1966).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let here = (corner + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = row[j + 1];
            row[j + 1] = here;
        }
    }
    row[b.len()]
}

/// What the cells of a column look like.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Looks {
    shape: Shape,
    /// Different cells over all.
    distinct_share: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Empty,
    Time,
    /// Amounts with decimals or a currency.
    Money,
    Whole,
    Address,
    /// With an at sign in front, or a link to a profile.
    Handle,
    /// Three capitals.
    Currency,
    Flag,
    /// One word: an id, a code, a name.
    Word,
    Text,
}

fn looks(look: &Look, column: usize) -> Looks {
    let all: Vec<&str> = look.cells(column).collect();
    let n = all.len() as f64;
    let most = |is: &dyn Fn(&str) -> bool| all.iter().filter(|c| is(c)).count() as f64 >= MOST * n;
    let is_digits = |c: &str| c.bytes().all(|b| b.is_ascii_digit());
    let is_time = |c: &str| !(is_digits(c) && c.len() < 8) && cells::moment(c, Some(DateOrder::DayFirst)).is_ok();
    let is_number = |c: &str| {
        c.bytes().any(|b| b.is_ascii_digit())
            && c.chars().filter(|c| c.is_alphabetic()).count() <= 3
            && (Decimals::Point.read(c).is_ok() || Decimals::Comma.read(c).is_ok())
    };
    let has_decimals = |c: &&&str| {
        let at = c.rfind(['.', ',']);
        at.is_some_and(|at| matches!(c.len() - at - 1, 1 | 2)) || c.contains(['$', '€', '£', '¥'])
    };
    let is_flag = |c: &str| {
        ["yes", "no", "true", "false", "ja", "nein", "oui", "non", "si", "y", "n"].contains(&c.to_lowercase().as_str())
    };
    let is_address = |c: &str| c.find('@').is_some_and(|at| at > 0 && c[at..].contains('.')) && !c.contains(' ');
    let shape = if all.is_empty() {
        Shape::Empty
    } else if most(&is_time) {
        Shape::Time
    } else if most(&is_number) {
        if all.iter().any(|c| has_decimals(&c)) { Shape::Money } else { Shape::Whole }
    } else if most(&is_address) {
        Shape::Address
    } else if most(&|c| c.starts_with('@') || c.starts_with("http")) {
        Shape::Handle
    } else if most(&|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase())) {
        Shape::Currency
    } else if most(&is_flag) {
        Shape::Flag
    } else if most(&|c| !c.contains(char::is_whitespace)) {
        Shape::Word
    } else {
        Shape::Text
    };
    let mut once = all.clone();
    once.sort_unstable();
    once.dedup();
    Looks { shape, distinct_share: if all.is_empty() { 0.0 } else { once.len() as f64 / n } }
}

/// What the cells of a column of this name hold.
fn is_time(name: &str) -> bool {
    name == "at" || name == "from" || name == "to" || name == "day" || name == "date" || name.ends_with("_at")
}

fn is_money(name: &str) -> bool {
    const MONEY: [&str; 10] = [
        "total",
        "refunded",
        "price",
        "line_total",
        "subtotal",
        "shipping",
        "tax",
        "discount",
        "spend",
        "conversion_value",
    ];
    MONEY.contains(&name)
}

fn is_number(name: &str) -> bool {
    const NUMBERS: [&str; 30] = [
        "follow_rank",
        "followers",
        "following",
        "posts",
        "likes",
        "listed",
        "display_name_length",
        "bio_length",
        "follows",
        "unfollows",
        "month",
        "weekday",
        "hour",
        "reach",
        "fan_reach",
        "impressions",
        "engagements",
        "comments",
        "shares",
        "saves",
        "clicks",
        "clicks_all",
        "conversions",
        "purchases",
        "quantity",
        "count",
        "results",
        "visitors",
        "visits",
        "page_views",
    ];
    NUMBERS.contains(&name)
}

fn is_flag(name: &str) -> bool {
    name.starts_with("has_")
        || name.starts_with("default_")
        || ["verified", "private", "paid", "randomised"].contains(&name)
}

/// Whether cells that look so may stand in a column of this name.
fn fits(name: &str, looks: Looks) -> bool {
    let shape = looks.shape;
    if shape == Shape::Empty {
        return true;
    }
    if is_time(name) {
        return shape == Shape::Time;
    }
    if is_money(name) {
        return matches!(shape, Shape::Money | Shape::Whole);
    }
    if is_number(name) {
        return matches!(shape, Shape::Whole | Shape::Money);
    }
    if is_flag(name) {
        return matches!(shape, Shape::Flag | Shape::Whole);
    }
    match name {
        "currency" => shape == Shape::Currency,
        "email" => shape == Shape::Address,
        "handle" | "customer_handle" => matches!(shape, Shape::Handle | Shape::Word),
        _ if name.ends_with("_id") => !matches!(shape, Shape::Time | Shape::Money | Shape::Flag),
        _ => !matches!(shape, Shape::Time | Shape::Money),
    }
}

/// How much cells say by themselves that they are of the column of this name; 0 for nothing.
fn tells(name: &str, looks: Looks) -> u32 {
    match (name, looks.shape) {
        ("handle", Shape::Handle) | ("customer_id", Shape::Address) => 3,
        ("total" | "spend", Shape::Money) => 2,
        ("customer_id", Shape::Word | Shape::Whole) if looks.distinct_share < 1.0 => 1,
        ("handle", Shape::Word) if looks.distinct_share == 1.0 => 1,
        (name, Shape::Time) if is_time(name) => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{NEEDS, edits};
    use crate::TABLES;
    use crate::columns::find;

    #[test]
    fn what_is_needed_are_columns_of_the_tables() {
        for (kind, needs) in NEEDS {
            let (_, columns) = TABLES.iter().find(|(name, _)| name == kind).expect(kind);
            for name in needs.iter().flat_map(|need| need.iter()) {
                assert!(find(columns, name).is_some_and(|i| columns[i].name == *name), "{kind} {name}");
            }
        }
        assert_eq!(NEEDS.len(), TABLES.len());
    }

    /// Levenshtein's own measure: kitten and sitting are 3 apart.
    #[test]
    fn edits_are_counted() {
        for (a, b, n) in [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0), ("kliks", "clicks", 2)] {
            assert_eq!(edits(a, b), n, "{a} {b}");
            assert_eq!(edits(b, a), n, "{b} {a}");
        }
    }
}
