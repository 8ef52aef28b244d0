//! Daily counts, gathered over all files of a format: one entry a day.

use crate::cell::{is_blank, whole_number};
use crate::delimited::{Next, Record, Records};
use crate::error::{ImportError, quote};
use crate::reading::{Desk, Reading};
use crate::table::delimited::{Dialect, check_width, headed};
use crate::text::cell_text;
use assay_model::when;
use assay_model::{Day, DayCount, Fact, RowRef};
use std::collections::BTreeMap;
use std::io::Read;

/// The counts of days. At most one entry a day between 1990 and 2199, whatever the files hold.
#[derive(Default)]
pub(super) struct Days {
    days: BTreeMap<Day, DayCount>,
}

/// Where the columns stand.
pub(super) struct Places {
    pub(super) date: usize,
    pub(super) follows: Option<usize>,
    pub(super) unfollows: Option<usize>,
}

impl Days {
    /// Takes the counts of a day; what another row says of it already is a reject. Tells whether the row was taken.
    pub(super) fn add(
        &mut self,
        desk: &mut Desk<'_>,
        line: u64,
        day: Day,
        follows: Option<u32>,
        unfollows: Option<u32>,
    ) -> Result<bool, ImportError> {
        self.add_parts(desk, line, DayCount { follows, unfollows, ..blank(day) })
    }

    /// As [`Days::add`], with the parts that the follows are made of.
    pub(super) fn add_parts(&mut self, desk: &mut Desk<'_>, line: u64, count: DayCount) -> Result<bool, ImportError> {
        let entry = self.days.entry(count.day).or_insert(DayCount { source: desk.row(line), ..blank(count.day) });
        let twice = |old: Option<u32>, new: Option<u32>| old.is_some() && new.is_some();
        if twice(entry.follows, count.follows) || twice(entry.unfollows, count.unfollows) {
            let why = desk.twice("day", entry.source);
            desk.reject(line, why)?;
            return Ok(false);
        }
        entry.follows = entry.follows.or(count.follows);
        entry.unfollows = entry.unfollows.or(count.unfollows);
        entry.paid = entry.paid.or(count.paid);
        entry.auto_invited = entry.auto_invited.or(count.auto_invited);
        desk.took();
        Ok(true)
    }

    /// Takes a row of a table whose columns are known.
    pub(super) fn add_row(
        &mut self,
        desk: &mut Desk<'_>,
        line: u64,
        record: Record<'_>,
        places: &Places,
    ) -> Result<(), ImportError> {
        let date = cell_text(record.cell(places.date)).0;
        let Some(day) = when::day(&date) else { return desk.reject(line, not_a_day(&date)) };
        match (count(record, places.follows), count(record, places.unfollows)) {
            (Ok(follows), Ok(unfollows)) => self.add(desk, line, day, follows, unfollows).map(drop),
            (Err(why), _) | (_, Err(why)) => desk.reject(line, why),
        }
    }

    /// Days from `first` to `last` that no row speaks of had no follows, where the platform leaves out days of zero.
    /// Returns how many there were.
    pub(super) fn fill(&mut self, first: Day, last: Day) -> u64 {
        let mut n_filled = 0;
        let mut source = self.days.get(&first).map_or(RowRef::default(), |d| d.source);
        for day in (first.0..=last.0).map(Day) {
            let entry = self.days.entry(day).or_insert_with(|| {
                n_filled += 1;
                DayCount { follows: Some(0), source, ..blank(day) }
            });
            source = entry.source;
        }
        n_filled
    }

    /// Hands over one fact a day, in order.
    pub(super) fn tell(self, reading: &mut Reading<'_>) -> Result<(), ImportError> {
        self.days.into_values().try_for_each(|count| reading.tell(Fact::DayCount(count)))
    }
}

/// A day of which nothing is known.
pub(super) fn blank(day: Day) -> DayCount {
    DayCount { day, follows: None, unfollows: None, paid: None, auto_invited: None, source: RowRef::default() }
}

/// Why a row is rejected that names no day.
pub(super) fn not_a_day(found: &str) -> String {
    format!("expected a day such as 2026-03-10 or Mar 10, 2026, found {}", quote(found))
}

/// A count; blank where the platform does not know.
pub(super) fn count(record: Record<'_>, place: Option<usize>) -> Result<Option<u32>, String> {
    let Some(place) = place else { return Ok(None) };
    let text = cell_text(record.cell(place)).0;
    let text = text.trim();
    if is_blank(text) {
        return Ok(None);
    }
    whole_number(text).map(Some).ok_or_else(|| format!("expected a whole number, 0 or more, found {}", quote(text)))
}

/// Reads a table of daily counts.
pub(super) fn read_table(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    days: &mut Days,
    layout: impl Fn(&[u8]) -> Option<(Dialect, Places)>,
) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let Some((Dialect { delimiter, header, n_before }, places)) = layout(&head) else {
        return Err(ImportError::new(
            "a header row with a column for the day and one for follows",
            "none",
            desk.name(),
            "`assay formats --columns` lists the names that are known",
        ));
    };
    let mut records = Records::new(stream, delimiter, &head);
    let mut n_met = 0;
    loop {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Broken(line, why) => desk.reject(line, why)?,
            Next::Record(line, record) => {
                n_met += 1;
                if n_met <= n_before + 1 {
                    continue;
                }
                match check_width(record, header.len()) {
                    Ok(()) => days.add_row(desk, line, record, &places)?,
                    Err(why) => desk.reject(line, why)?,
                }
            }
        }
    }
}
