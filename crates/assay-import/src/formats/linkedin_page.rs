//! LinkedIn's page analytics: new followers of each day, and how many of them were sponsored, organic or invited.
//!
//! LinkedIn alone tells which follows were paid for. `Total followers` is the sum of the day, not a running total. Days
//! are written month first. LinkedIn hands out an old binary workbook, of which the sheet "New followers" is read.

use super::counts::{Days, blank, count, not_a_day};
use crate::columns::plain;
use crate::delimited::{Next, Record, Records, first_records};
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::reading::{Desk, Reading};
use crate::table::delimited::{Dialect, check_width, dialect, headed, no_header};
use crate::text::cell_text;
use crate::{Control, Importer, Layout, Yields};
use assay_model::when;
use assay_model::{Day, DayCount, TimeMs, TimeQuality};
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "linkedin-page",
    sentence: "New followers of a LinkedIn page by day: sponsored, organic, auto-invited and all.",
    source: "linkedin.com, the page's Analytics, Followers, Export; the workbook as it is",
    quality: TimeQuality::Day,
    network: Some("linkedin"),
    yields: Yields::DayCounts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "page_followers_New followers.csv",
            b"Date,Sponsored followers,Organic followers,Auto-invited followers,Total followers\n\
              09/11/2026,0,3,0,3\n09/12/2026,40,5,1,46\n",
        )],
        n_taken: 2,
    },
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Column {
    Date,
    Sponsored,
    Organic,
    AutoInvited,
    Total,
}

fn of(name: &str) -> Option<Column> {
    match plain(name).as_str() {
        "date" => Some(Column::Date),
        "sponsoredfollowers" => Some(Column::Sponsored),
        "organicfollowers" => Some(Column::Organic),
        "autoinvitedfollowers" => Some(Column::AutoInvited),
        "totalfollowers" => Some(Column::Total),
        _ => None,
    }
}

struct Places {
    date: usize,
    sponsored: Option<usize>,
    organic: Option<usize>,
    invited: Option<usize>,
    total: Option<usize>,
}

fn layout(head: &[u8]) -> Option<(Dialect, Places)> {
    let dialect = dialect(head, of)?;
    let place = |column| dialect.header.iter().position(|name| of(name) == Some(column));
    let (sponsored, organic) = (place(Column::Sponsored), place(Column::Organic));
    let (invited, total) = (place(Column::AutoInvited), place(Column::Total));
    let date = place(Column::Date)?;
    // A table of running totals has one of these columns alone.
    (sponsored.is_some() && (organic.is_some() || total.is_some()))
        .then_some((dialect, Places { date, sponsored, organic, invited, total }))
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let text = matches!(peek.extension(), "csv" | "tsv" | "txt") || peek.is_single();
    if text && layout(peek.head()).is_some() {
        return Claim::List;
    }
    Claim::No
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut days = Days::default();
    let mut n_off = 0;
    for member in reading.members.clone() {
        n_off += reading.file(member, |stream, desk| read_file(stream, desk, &mut days))?;
    }
    if n_off > 0 {
        reading.note(&format!(
            "on {n_off} days sponsored, organic and auto-invited followers do not add up to the total; the total was taken"
        ))?;
    }
    days.tell(reading)
}

/// Which of two numbers in a date is the month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    MonthFirst,
    DayFirst,
}

/// The order of day and month: as documented, unless a number that is no month stands first and none second.
fn order(head: &[u8], dialect: &Dialect, date: usize) -> Order {
    let records = first_records(head, dialect.delimiter, 5_000);
    let dates = || records.iter().filter_map(|cells| numbers(&cell_text(cells.get(date)?).0));
    if dates().any(|(a, _, _)| a > 12) && !dates().any(|(_, b, _)| b > 12) {
        Order::DayFirst
    } else {
        Order::MonthFirst
    }
}

/// The numbers of `09/12/2026`.
pub(super) fn numbers(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.trim().split('/').map(|part| {
        let plausible = (1..=4).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
        if plausible { part.parse().ok() } else { None }
    });
    let (a, b, year) = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && year > 31).then_some((a, b, year))
}

pub(super) fn day(text: &str, order: Order) -> Option<Day> {
    let Some((a, b, year)) = numbers(text) else { return when::day(text) };
    let (month, day) = if order == Order::MonthFirst { (a, b) } else { (b, a) };
    let at = TimeMs(when::utc_ms(year, month, day)?);
    when::is_plausible(at).then(|| at.day())
}

/// Reads one file; returns on how many days the parts do not make the total.
fn read_file(stream: &mut dyn Read, desk: &mut Desk<'_>, days: &mut Days) -> Result<u64, ImportError> {
    let (head, stream) = headed(stream, desk)?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Ok(0);
    }
    let Some((dialect, places)) = layout(&head) else {
        return Err(no_header::<crate::columns::Column>(&head, desk.name()));
    };
    let order = order(&head, &dialect, places.date);
    if order == Order::DayFirst {
        desk.note("the dates of this export have the day before the month")?;
    }
    let mut records = Records::new(stream, dialect.delimiter, &head);
    let mut to_skip = dialect.n_before + 1;
    let mut n_off = 0;
    loop {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(n_off),
            Next::Record(..) if to_skip > 0 => to_skip -= 1,
            Next::Broken(line, why) => desk.reject(line, why)?,
            Next::Record(line, record) => {
                let read = check_width(record, dialect.header.len()).and_then(|()| row(record, &places, order));
                match read {
                    Ok((count, off)) => {
                        n_off += u64::from(off);
                        days.add_parts(desk, line, count)?;
                    }
                    Err(why) => desk.reject(line, why)?,
                }
            }
        }
    }
}

/// The counts of a day, and whether its parts do not make the total.
fn row(record: Record<'_>, places: &Places, order: Order) -> Result<(DayCount, bool), String> {
    let date = cell_text(record.cell(places.date)).0;
    let day = day(&date, order).ok_or_else(|| not_a_day(&date))?;
    let (paid, organic) = (count(record, places.sponsored)?, count(record, places.organic)?);
    let (auto_invited, total) = (count(record, places.invited)?, count(record, places.total)?);
    let parts = [paid, organic, auto_invited].into_iter().flatten().try_fold(0_u32, u32::checked_add);
    let parts = parts.ok_or_else(|| format!("expected counts of one day, found more than {}", quote("4294967295")))?;
    let known = paid.is_some() || organic.is_some() || auto_invited.is_some();
    let sum = (known && organic.is_some()).then_some(parts);
    let off = total.zip(sum).is_some_and(|(total, sum)| total != sum);
    Ok((DayCount { follows: total.or(sum), paid, auto_invited, ..blank(day) }, off))
}

#[cfg(test)]
mod tests {
    use super::{Order, day};
    use crate::samples::{open, run, run_files, shared};
    use assay_model::Day;

    const HEADER: &str = "Date,Sponsored followers,Organic followers,Auto-invited followers,Total followers\n";

    #[test]
    fn paid_and_invited_follows_are_kept_beside_the_sum() {
        let text = format!("{HEADER}09/01/2026,0,2,0,3\n09/12/2026,40,5,1,46\n2026-09-14,1,,,\n");
        let kept = run_files(&[("a.csv", text.as_bytes())]).expect("an export");
        let of = |i: usize| (kept.days[i].follows, kept.days[i].paid, kept.days[i].auto_invited);
        assert_eq!(of(0), (Some(3), Some(0), Some(0)));
        assert_eq!(of(1), (Some(46), Some(40), Some(1)));
        assert_eq!(of(2), (None, Some(1), None));
        // date -u -d '2026-09-12' +%s divided by 86400
        assert_eq!(kept.days[1].day, Day(20_708));
        assert!(kept.notes.iter().any(|n| n.starts_with("on 1 days")), "{:?}", kept.notes);
    }

    #[test]
    fn days_stand_behind_months_unless_the_file_shows_otherwise() {
        let text = format!("{HEADER}12/09/2026,0,2,0,2\n13/09/2026,0,2,0,2\n");
        let kept = run_files(&[("a.csv", text.as_bytes())]).expect("an export");
        assert_eq!(kept.days.iter().map(|d| d.day).collect::<Vec<_>>(), [Day(20_708), Day(20_709)]);
        assert_eq!(day("13/09/2026", Order::MonthFirst), None);
        assert_eq!(day("09/12/2026/1", Order::MonthFirst), None);
    }

    #[test]
    fn a_damaged_workbook_is_told_what_to_become() {
        let book = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &[0; 600][..]].concat();
        let error = run_files(&[("page_followers_1.xls", &book)]).expect_err("a workbook").to_string();
        assert!(error.contains("save the sheet as CSV"), "{error}");
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/linkedin") else { return };
        let kept = run(&open(folder.join("page_followers_New followers.csv"))).expect("an export");
        assert_eq!((kept.days.len(), kept.rejects.len()), (30, 0));
        assert!(kept.days.iter().any(|d| d.follows == Some(43) && d.paid == Some(40)));
    }
}
