//! Windows and groups: which rows of each table a figure is of.

use crate::metric::{Read, Scope};
use assay_model::when::iso_day as iso;
use assay_model::{Business, BusinessTable, Day, Name, Network, TableRows};
use std::collections::{BTreeMap, HashMap, HashSet};

/// By what figures are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Weeks, from the day that the business's begin with.
    Week,
    /// Where it was advertised, where an order, a visit or an account is from.
    Channel,
    /// Campaigns of advertising and of links.
    Campaign,
    /// Age, gender, interest and region of those whom advertising was shown to: each by itself.
    Segment,
    /// Where the first order of an order's customer came from.
    Source,
}

/// The first and last day that are asked for; both belong. `None` for no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub to: Option<Day>,
}

impl Window {
    fn is_open(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// Whether a span of days lies in it. Rows without a time lie in a window without bounds alone.
    fn holds(self, days: Option<(Day, Day)>) -> bool {
        match days {
            None => self.is_open(),
            Some((from, to)) => self.from.is_none_or(|f| f <= from) && self.to.is_none_or(|t| to <= t),
        }
    }
}

/// A group of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// By what.
    pub by: By,
    /// Its name.
    pub label: String,
    /// As conditions of SQL on the views of the tables that know it.
    pub sql: Vec<(BusinessTable, String)>,
}

/// The rows of a window and group.
#[derive(Debug, Clone, Default)]
pub struct Slice {
    /// The window.
    pub window: Window,
    /// The group, where figures are split.
    pub group: Option<Group>,
    /// The rows of each table.
    pub rows: TableRows,
    /// Where figures are split by channel, the network that this one is, if it is one: history is of it alone.
    pub network: Option<Option<Network>>,
    /// Rows whose days lie partly in the window, which are in no figure.
    pub n_across: u64,
}

impl Slice {
    /// All rows of a window.
    pub fn of(business: &Business, window: Window) -> Self {
        let mut slice = Self { window, ..Self::default() };
        for table in BusinessTable::ALL {
            let n = business.n_rows(table) as u32;
            if window.is_open() {
                slice.rows.of_mut(table).extend(0..n);
                continue;
            }
            for i in 0..n {
                let days = business.days(table, i);
                if window.holds(days) {
                    slice.rows.of_mut(table).push(i);
                } else if let Some((from, to)) = days {
                    let touches = window.from.is_none_or(|f| f <= to) && window.to.is_none_or(|t| from <= t);
                    slice.n_across += u64::from(touches);
                }
            }
        }
        slice
    }

    /// The rows of a window, split; groups in order of their names.
    pub fn split(business: &Business, window: Window, by: By) -> Vec<Self> {
        let whole = Self::of(business, window);
        let mut groups: BTreeMap<String, Self> = BTreeMap::new();
        let orders = orders_of_refunds(business, by);
        for table in BusinessTable::ALL {
            let mut by_key: HashMap<Key, Vec<u32>> = HashMap::new();
            for i in whole.rows.of(table) {
                for key in keys(business, &orders, by, table, *i) {
                    by_key.entry(key).or_default().push(*i);
                }
            }
            for (key, rows) in by_key {
                let (label, sql) = described(business, table, key);
                let slice = groups.entry(label.clone()).or_insert_with(|| Self {
                    window,
                    group: Some(Group { by, label, sql: Vec::new() }),
                    ..Self::default()
                });
                slice.rows.of_mut(table).extend(rows);
                slice.rows.of_mut(table).sort_unstable();
                if let Some(group) = slice.group.as_mut().filter(|g| !g.sql.iter().any(|(t, _)| *t == table)) {
                    group.sql.push((table, sql));
                }
            }
        }
        let mut slices: Vec<Self> = groups.into_values().collect();
        if by == By::Channel {
            for slice in &mut slices {
                let label = slice.group.as_ref().map(|g| if g.label == UNTOLD { "" } else { g.label.as_str() });
                let place = business.networks.iter().position(|n| Some(n.as_str()) == label);
                slice.network = Some(place.map(|p| Network(p as u16)));
            }
        }
        if by == By::Week {
            for slice in &mut slices {
                let week = slice.group.as_ref().and_then(|g| assay_model::when::day(&g.label));
                if let Some(week) = week {
                    let (first, last) = (window.from.map_or(week, |f| f.max(week)), Day(week.0 + 6));
                    slice.window = Window { from: Some(first), to: Some(window.to.map_or(last, |t| t.min(last))) };
                }
            }
        }
        slices
    }

    /// The rows that a metric reads through one of its reads.
    pub fn read(&self, business: &Business, read: &Read) -> Vec<u32> {
        let holds = |i: &u32| (read.having.holds)(business, *i as usize);
        let n = business.n_rows(read.table) as u32;
        match read.scope {
            Scope::Window => self.rows.of(read.table).iter().copied().filter(holds).collect(),
            Scope::History => (0..n).filter(|i| self.is_history(business, read.table, *i)).filter(holds).collect(),
            Scope::Trailing(days) => {
                let Some(end) = self.end(business, read) else { return Vec::new() };
                let within = |i: &u32| {
                    let last = business.days(read.table, *i).map(|d| d.1);
                    last.is_some_and(|d| d <= end && d.0 > end.0.saturating_sub(days))
                };
                (0..n).filter(within).filter(holds).collect()
            }
        }
    }

    /// Whether a row lies before the end of the window.
    pub fn is_history(&self, business: &Business, table: BusinessTable, i: u32) -> bool {
        if let (Some(only), Some(network)) = (self.network, business.network(table, i))
            && only != Some(network)
        {
            return false;
        }
        match (self.window.to, business.days(table, i)) {
            (None, _) => true,
            (Some(end), Some((_, last))) => last <= end,
            // A follower of unknown time may have come before the window's end: the list is of those who are there.
            (Some(_), None) => table == BusinessTable::Followers,
        }
    }

    /// The last day of a trailing read: the window's, else the last of the table's rows that are read.
    pub fn end(&self, business: &Business, read: &Read) -> Option<Day> {
        self.window.to.or_else(|| {
            let n = business.n_rows(read.table) as u32;
            let read_rows = (0..n).filter(|i| (read.having.holds)(business, *i as usize));
            read_rows.filter_map(|i| business.days(read.table, i)).map(|d| d.1).max()
        })
    }
}

/// What a row is grouped by: a side of the split, and a name, a network or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// The first day of a week.
    Week(Day),
    /// A network.
    Network(u16),
    /// What a column says, in any case where a channel is meant.
    Said(&'static str, Name),
    /// Where the order came from that a refund is of.
    OfOrder(Name),
    /// Where the customer's first order came from.
    FirstFrom(Name),
}

/// The word for rows that do not tell their group.
const UNTOLD: &str = "(not told)";

/// Whether rows of a table are told apart by this split.
pub fn knows(by: By, table: BusinessTable) -> bool {
    match by {
        By::Week => true,
        By::Channel => table != BusinessTable::Contacts,
        By::Campaign => matches!(table, BusinessTable::Ads | BusinessTable::Visits),
        By::Segment => table == BusinessTable::Ads,
        By::Source => table == BusinessTable::Sales,
    }
}

/// The sale of each order that money was given back on, by the order's name.
fn orders_of_refunds(business: &Business, by: By) -> HashMap<u32, u32> {
    if by != By::Channel || business.refunds.is_empty() {
        return HashMap::new();
    }
    let wanted: HashSet<u32> = business.refunds.iter().filter_map(|r| r.order.some()).map(|n| n.0).collect();
    let sales = business.sales.iter().enumerate().filter_map(|(i, s)| Some((s.order.some()?.0, i as u32)));
    sales.filter(|(order, _)| wanted.contains(order)).collect()
}

fn keys(business: &Business, orders: &HashMap<u32, u32>, by: By, table: BusinessTable, i: u32) -> Vec<Key> {
    if !knows(by, table) {
        return Vec::new();
    }
    let at = i as usize;
    match (by, table) {
        (By::Week, _) => {
            let first = |d: Day| business.calendar.week(d);
            let week = business.days(table, i).filter(|(a, b)| first(*a) == first(*b));
            week.map(|(a, _)| Key::Week(first(a))).into_iter().collect()
        }
        (By::Channel, BusinessTable::Ads) => vec![Key::Said("platform", business.ads[at].platform)],
        (By::Channel, BusinessTable::Sales) => vec![Key::Said("came_from", business.sales[at].came_from)],
        (By::Channel, BusinessTable::Refunds) => {
            let order = business.refunds[at].order.some().and_then(|order| orders.get(&order.0));
            vec![Key::OfOrder(order.map_or(Name::NONE, |sale| business.sales[*sale as usize].came_from))]
        }
        (By::Channel, BusinessTable::Visits) => vec![Key::Said("came_from", business.visits[at].came_from)],
        (By::Channel, _) => business.network(table, i).map(|n| Key::Network(n.0)).into_iter().collect(),
        (By::Campaign, BusinessTable::Ads) => {
            vec![Key::Said("coalesce(campaign, campaign_id)", business.ads[at].campaign)]
        }
        (By::Campaign, BusinessTable::Visits) => vec![Key::Said("campaign", business.visits[at].campaign)],
        (By::Segment, _) => {
            let a = &business.ads[at];
            let sides = [("age", a.age), ("gender", a.gender), ("interest", a.interest), ("region", a.region)];
            sides.into_iter().filter(|(_, n)| n.is_some()).map(|(side, n)| Key::Said(side, n)).collect()
        }
        (By::Source, _) => {
            let first = business.first_sale(i);
            first.map(|f| Key::FirstFrom(business.sales[f as usize].came_from)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The label of a group, and the condition that selects its rows of a table.
fn described(business: &Business, table: BusinessTable, key: Key) -> (String, String) {
    let is = |column: &str, text: &str| {
        if text.is_empty() { format!("{column} IS NULL") } else { format!("{column} = {}", quoted(text)) }
    };
    let or_untold = |text: &str| if text.is_empty() { UNTOLD.to_owned() } else { text.to_owned() };
    match key {
        // The window of the slice says it.
        Key::Week(day) => (iso(day), String::new()),
        Key::Network(n) => {
            let network = business.networks[usize::from(n)].as_str();
            let sql = if network.is_empty() {
                "(page IS NULL OR page LIKE '/%')".to_owned()
            } else {
                format!("page LIKE {}", quoted(&format!("{network}/%")))
            };
            (or_untold(network), sql)
        }
        Key::Said(column, name) => {
            let text = business.text(name);
            let is_side = matches!(column, "age" | "gender" | "interest" | "region");
            let label = if is_side { format!("{column} {text}") } else { or_untold(text) };
            let label = if column == "platform" || column == "came_from" { label.to_lowercase() } else { label };
            let sql = if column == "platform" || column == "came_from" {
                is(&format!("lower({column})"), &text.to_lowercase())
            } else {
                is(column, text)
            };
            (label, sql)
        }
        Key::OfOrder(name) => {
            let text = business.text(name).to_lowercase();
            let sql = if text.is_empty() {
                "coalesce(order_id, '') NOT IN (SELECT order_id FROM orders WHERE order_id IS NOT NULL AND came_from IS NOT NULL)"
                    .to_owned()
            } else {
                format!("order_id IN (SELECT order_id FROM orders WHERE lower(came_from) = {})", quoted(&text))
            };
            (or_untold(&text), sql)
        }
        Key::FirstFrom(name) => {
            let text = business.text(name).to_lowercase();
            debug_assert_eq!(table, BusinessTable::Sales);
            let sql = format!(
                "coalesce(customer_id, email_key) IN (SELECT customer FROM (SELECT coalesce(customer_id, email_key) AS \
                 customer, came_from, row_number() OVER (PARTITION BY coalesce(customer_id, email_key) ORDER BY \
                 ordered_at, file_id, line) AS n FROM orders WHERE {SOLD}) WHERE n = 1 AND {})",
                is("lower(came_from)", &text)
            );
            (or_untold(&text), sql)
        }
    }
}

/// Sold orders, as a condition on the view `orders`; the same as [`assay_model::SaleRow::is_sold`].
pub const SOLD: &str = "total_minor >= 0 AND lower(coalesce(status, '')) NOT IN ('cancelled', 'canceled', 'voided', \
                               'failed', 'expired', 'pending payment', 'checkout-draft', 'trash')";

/// A text of SQL.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The day of a civil date.
pub(crate) fn day_of(year: i64, month: i64, date: i64) -> Day {
    Day(assay_model::when::utc_ms(year, month, date).map_or(i32::MAX, |ms| (ms / assay_model::DAY_MS) as i32))
}

#[cfg(test)]
mod tests {
    use assay_model::CANCELLED;

    #[test]
    fn the_condition_names_every_status_of_orders_that_came_to_nothing() {
        assert!(CANCELLED.iter().all(|s| super::SOLD.contains(&format!("'{s}'"))));
    }
}
