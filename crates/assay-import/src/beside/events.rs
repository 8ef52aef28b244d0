//! Dated events: `at`, or `from` and `to`; `kind`; `name`.

use super::{Ledger, read_table};
use crate::columns::{ColumnNames, plain};
use crate::error::{ImportError, quote};
use assay_model::find_column as find;
use assay_model::when::{Form, is_plausible, moment};
use assay_model::{DAY_MS, Event, EventKind, Reject, SourceFile, Span, TimeMs, ToldBy};
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    At,
    From,
    To,
    Kind,
    Name,
}

const COLUMNS: [Column; 5] = [Column::At, Column::From, Column::To, Column::Kind, Column::Name];

/// The columns of a table of events.
pub static EVENT_COLUMNS: &[ColumnNames] = &[
    ColumnNames { name: "at", meaning: "when it happened", aliases: &["date", "day", "published_at", "time"] },
    ColumnNames {
        name: "from",
        meaning: "when it began",
        aliases: &["start", "starts_at", "started_at", "start_date"],
    },
    ColumnNames { name: "to", meaning: "when it ended", aliases: &["end", "ends_at", "ended_at", "end_date"] },
    ColumnNames {
        name: "kind",
        meaning: "campaign, starter-pack, post, give-away, shout-out or discount-code",
        aliases: &["type", "event"],
    },
    ColumnNames { name: "name", meaning: "what it is called", aliases: &["title", "campaign_name", "description"] },
];

/// A table of events as it was read.
#[derive(Debug, Clone)]
pub struct EventTable {
    /// The events, in order of time.
    pub events: Vec<Event>,
    /// The first rows that could not be read.
    pub rejects: Vec<Reject>,
    /// The file.
    pub file: SourceFile,
}

/// Reads a table of events. A date without a clock time is the whole day.
///
/// # Errors
/// If the file cannot be read, or its header names no time and no kind.
pub fn read_events(path: &Path) -> Result<EventTable, ImportError> {
    let mut events = Vec::new();
    let needs = |columns: &[Column]| {
        let timed = columns.contains(&Column::At) || columns.contains(&Column::From);
        match (timed, columns.contains(&Column::Kind)) {
            (true, true) => Ok(()),
            (true, false) => Err("no column `kind`".to_owned()),
            (false, _) => Err("neither a column `at` nor `from`".to_owned()),
        }
    };
    let Ledger { file, rejects } = read_table(
        path,
        |name| find(EVENT_COLUMNS, name).map(|i| COLUMNS[i]),
        needs,
        "a table of events with the columns at (or from and to), kind and perhaps name",
        |cell| {
            let time = |c: Column| cell(c).map(|text| time(&text)).transpose();
            let start = time(Column::From)?.or(time(Column::At)?).ok_or("no time, neither in `at` nor in `from`")?;
            let end = time(Column::To)?.unwrap_or(start);
            let span = Span { from: start.from, to: end.to };
            if span.to < span.from {
                return Err("it ends before it begins".to_owned());
            }
            let kind = cell(Column::Kind).ok_or("no kind")?;
            let kind = kind_of(&kind).ok_or_else(|| {
                let all: Vec<&str> = EventKind::ALL.iter().map(|k| k.name()).collect();
                format!("kind: expected one of {}, found {}", all.join(", "), quote(&kind))
            })?;
            events.push(Event { span, kind, name: cell(Column::Name).unwrap_or_default(), told_by: ToldBy::Owner });
            Ok(())
        },
    )?;
    events.sort_by(|a, b| (a.span.from, a.span.to, &a.name).cmp(&(b.span.from, b.span.to, &b.name)));
    Ok(EventTable { events, rejects, file })
}

/// From the beginning to the end of what a cell names.
fn time(text: &str) -> Result<Span, String> {
    let read = moment(text).filter(|m| is_plausible(m.at));
    let read = read.ok_or_else(|| format!("expected a time such as 2024-05-01, found {}", quote(text)))?;
    let ms = if read.form == Form::Date { DAY_MS - 1 } else { 0 };
    Ok(Span { from: read.at, to: TimeMs(read.at.0 + ms) })
}

fn kind_of(text: &str) -> Option<EventKind> {
    let text = plain(text);
    let aliases: [(&[&str], EventKind); 6] = [
        (&["campaign", "paidcampaign", "ad", "ads", "advertising", "boost"], EventKind::Campaign),
        (&["starterpack", "suggestedlist"], EventKind::StarterPack),
        (&["post", "viralday", "viralpost", "press"], EventKind::Post),
        (&["giveaway", "contest", "raffle"], EventKind::GiveAway),
        (&["discountcode", "coupon", "promocode"], EventKind::DiscountCode),
        (&["shoutout", "collaboration", "collab", "mention"], EventKind::ShoutOut),
    ];
    aliases.into_iter().find(|(names, _)| names.contains(&text.as_str())).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::read_events;
    use assay_model::{DAY_MS, EventKind};

    #[test]
    fn events_are_read_in_order_of_time_and_days_are_whole() {
        let path = written(
            "events.csv",
            "from,to,kind,name\n2024-05-10,2024-05-24,Paid campaign,Spring\n2024-05-01T12:00:00Z,,post,\n2024-05-03,2024-05-01,post,x\n2024-05-03,,party,x\nsoon,,post,x\n",
        );
        let table = read_events(&path).expect("a table");
        assert_eq!(table.events.len(), 2);
        assert_eq!(
            (table.events[0].kind, table.events[0].span.from == table.events[0].span.to),
            (EventKind::Post, true)
        );
        let campaign = &table.events[1];
        assert_eq!((campaign.kind, campaign.name.as_str()), (EventKind::Campaign, "Spring"));
        assert_eq!(campaign.span.to.0 - campaign.span.from.0, 15 * DAY_MS - 1);
        assert_eq!((table.file.rejected, table.rejects.len()), (3, 3));
        assert!(table.rejects[0].why.contains("ends before"), "{}", table.rejects[0].why);
    }

    #[test]
    fn a_table_without_times_or_kinds_is_refused() {
        for (name, text, told) in [
            ("x.csv", "at,name\n2024-05-01,x\n", "no column `kind`"),
            ("y.csv", "kind,name\npost,x\n", "neither a column"),
        ] {
            let error = read_events(&written(name, text)).expect_err(name).to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
