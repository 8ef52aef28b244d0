//! Back to the rows: which rows a figure was made of, and the SQL that selects them in the workspace.

use crate::metric::{Metric, Read, Scope};
use crate::slice::{Slice, quoted};
use assay_model::when::iso_day as iso;
use assay_model::{Business, BusinessTable, Day, TableRows};

/// What a metric reads of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The table.
    pub table: BusinessTable,
    /// The rows, in rising order.
    pub rows: Vec<u32>,
    /// What selects them: their file and line come first, then what the metric needs of them.
    pub sql: String,
}

/// The view of the workspace that holds a table, and the columns that metrics need of it.
pub fn view(table: BusinessTable) -> (&'static str, &'static str) {
    match table {
        BusinessTable::Followers => ("followers", "account_id, handle, followed_at"),
        BusinessTable::DayCounts => ("daily_counts", "day, follows, unfollows"),
        BusinessTable::AccountDays => ("account_daily", "day, followers, impressions, likes"),
        BusinessTable::Posts => (
            "posts",
            "post_id, published_at, impressions, reach, fan_reach, engagements, likes, comments, shares, saves, clicks, followers",
        ),
        BusinessTable::PostDays => ("post_daily", "post_id, day, impressions, likes"),
        BusinessTable::Engagements => ("engagements", "at, kind, account_id, handle, post_id"),
        BusinessTable::Turns => ("turns", "at, answered_at, seen_until, account_id, handle"),
        BusinessTable::Ads => (
            "ad_spend",
            "from_day, to_day, platform, campaign, spend_minor, currency, impressions, clicks, conversions, purchases, \
             conversion_value_minor",
        ),
        BusinessTable::Sales => {
            ("orders", "order_id, customer_id, ordered_at, total_minor, refunded_minor, currency, came_from, handle")
        }
        BusinessTable::Refunds => ("refunds", "order_id, at, amount_minor, currency"),
        BusinessTable::Visits => ("visits", "from_day, to_day, came_from, visits"),
        BusinessTable::Contacts => ("contacts", "email_key, created_at, came_from"),
    }
}

/// What tells the first and the last day of a row.
fn day_columns(business: &Business, table: BusinessTable) -> (String, String) {
    let column = match table {
        BusinessTable::DayCounts | BusinessTable::AccountDays | BusinessTable::PostDays => {
            return ("day".to_owned(), "day".to_owned());
        }
        BusinessTable::Ads | BusinessTable::Visits => {
            return ("from_day".to_owned(), "coalesce(to_day, from_day)".to_owned());
        }
        BusinessTable::Followers => "followed_at",
        BusinessTable::Posts => "published_at",
        BusinessTable::Engagements | BusinessTable::Turns | BusinessTable::Refunds => "at",
        BusinessTable::Sales => "ordered_at",
        BusinessTable::Contacts => "created_at",
    };
    let days = (0..business.n_rows(table) as u32).filter_map(|i| business.days(table, i));
    let (from, to) = days.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((Day(0), Day(0)));
    let day = business.calendar.day_sql(column, from, to);
    (day.clone(), day)
}

/// What a metric reads in a slice, one entry a read.
pub fn selections(metric: &Metric, business: &Business, slice: &Slice) -> Vec<Selection> {
    let of = |read: &Read| Selection {
        table: read.table,
        rows: slice.read(business, read),
        sql: sql(read, business, slice),
    };
    metric.reads.iter().map(of).collect()
}

/// Every row that a metric reads in a slice, each once.
pub fn rows_of(metric: &Metric, business: &Business, slice: &Slice) -> TableRows {
    let mut rows = TableRows::default();
    for selection in selections(metric, business, slice) {
        rows.of_mut(selection.table).extend(selection.rows);
    }
    for table in BusinessTable::ALL {
        rows.of_mut(table).sort_unstable();
        rows.of_mut(table).dedup();
    }
    rows
}

fn sql(read: &Read, business: &Business, slice: &Slice) -> String {
    let (view, columns) = view(read.table);
    let (first, last) = day_columns(business, read.table);
    let mut conditions = Vec::new();
    if !read.having.sql.is_empty() {
        conditions.push(read.having.sql.to_owned());
    }
    match read.scope {
        Scope::Window => {
            conditions.extend(slice.window.from.map(|d| format!("{first} >= {}", quoted(&iso(d)))));
            conditions.extend(slice.window.to.map(|d| format!("{last} <= {}", quoted(&iso(d)))));
            if let Some(group) = &slice.group {
                let own = group.sql.iter().find(|(table, _)| *table == read.table).map(|(_, sql)| sql.as_str());
                // A table that has no row of the group gives none.
                let own = own.unwrap_or("0");
                conditions.extend(Some(own).filter(|o| !o.is_empty()).map(str::to_owned));
            }
        }
        Scope::History => {
            let until = slice.window.to.map(|d| format!("{last} <= {}", quoted(&iso(d))));
            let or_untold = |c: String| if view == "followers" { format!("({c} OR followed_at IS NULL)") } else { c };
            conditions.extend(until.map(or_untold));
            conditions.extend(of_network(read, business, slice));
        }
        Scope::Trailing(days) => {
            match slice.end(business, read) {
                Some(end) => {
                    let from = Day(end.0.saturating_sub(days - 1));
                    conditions.push(format!("{last} BETWEEN {} AND {}", quoted(&iso(from)), quoted(&iso(end))));
                }
                None => conditions.push("0".to_owned()),
            }
            conditions.extend(of_network(read, business, slice));
        }
    }
    let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    format!("SELECT file, line, {columns} FROM {view}{filter} ORDER BY file_id, line")
}

/// Where figures are split by channel, history is of the one network.
fn of_network(read: &Read, business: &Business, slice: &Slice) -> Option<String> {
    let only = slice.network?;
    let has_network = !matches!(
        read.table,
        BusinessTable::Ads
            | BusinessTable::Sales
            | BusinessTable::Refunds
            | BusinessTable::Visits
            | BusinessTable::Contacts
    );
    if !has_network {
        return None;
    }
    let Some(network) = only else { return Some("0".to_owned()) };
    let name = business.networks[usize::from(network.0)].as_str();
    Some(if name.is_empty() {
        "(page IS NULL OR page LIKE '/%')".to_owned()
    } else {
        format!("page LIKE {}", quoted(&format!("{name}/%")))
    })
}
