//! How the user wants an input to be read: what files do not say of themselves.
//!
//! Times without a zone are of a place ([`Zone`]), a header may be known under a name of the user's own ([`HeaderMap`]), and numbers
//! such as `3/4/2026` or `1.234` may have one meaning in one country and another elsewhere.

use crate::error::{ImportError, quote};
use assay_model::when::{Form, Moment};
use assay_model::{Calendar, TimeMs, Weekday};
use jiff::civil;
use jiff::tz::{self, TimeZone};
use serde::{Deserialize, Serialize};

/// How an input is to be read. The default takes times without a zone as UTC, and headers as they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadOptions {
    /// The zone of times that name none.
    pub zone: Option<Zone>,
    /// Headers that the user has said the meaning of.
    pub headers: HeaderMap,
    /// Which of two numbers in a date is the day, where a file does not show it.
    pub dates: Option<DateOrder>,
    /// Which sign stands before decimals, where a file does not show it.
    pub decimals: Option<DecimalSign>,
}

impl ReadOptions {
    /// The time of a cell: one without a zone is of the zone that the user named, a date alone stays a date.
    pub fn time(&self, moment: Moment) -> TimeMs {
        Clock::new(self).at(moment)
    }
}

/// Which of two numbers in a date such as `3/4/2026` comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// The 3rd of April.
    DayFirst,
    /// The 4th of March.
    MonthFirst,
}

/// The sign that stands before decimals; the other one separates thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecimalSign {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
}

/// Clocks are known until 2100-01-01.
const CALENDAR_UNTIL_MS: i64 = 4_102_444_800_000;

/// A time zone by its name in the IANA database, which comes with the program: no system file is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// The zone of this name, such as `Europe/Berlin`, `UTC` or `+02:00`.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn parse(name: &str) -> Result<Self, ImportError> {
        let trimmed = name.trim();
        let zone = offset(trimmed).or_else(|| TimeZone::get(trimmed).ok()).ok_or_else(|| {
            ImportError::new(
                "a time zone",
                quote(trimmed),
                "",
                "name it as the IANA database does, such as Europe/Berlin, America/New_York, UTC or +02:00",
            )
        })?;
        let name = zone.iana_name().unwrap_or(trimmed).to_owned();
        Ok(Self { name, zone })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What clocks of this zone show at a moment, written as a time of UTC, and what the zone is called then: `CEST`, or `+02:00`.
    pub fn clock(&self, at: TimeMs) -> (TimeMs, String) {
        let Ok(moment) = jiff::Timestamp::from_millisecond(at.0) else { return (at, "UTC".to_owned()) };
        let info = self.zone.to_offset_info(moment);
        (TimeMs(at.0 + i64::from(info.offset().seconds()) * 1_000), info.abbreviation().to_owned())
    }

    /// The calendar of this zone: its clocks from 1970 to 2100.
    pub fn calendar(&self, week_start: Weekday) -> Calendar {
        let ahead = |offset: tz::Offset| i64::from(offset.seconds()) * 1_000;
        let (from, to) = (jiff::Timestamp::UNIX_EPOCH, CALENDAR_UNTIL_MS);
        let changes = self.zone.following(from).map(|c| (TimeMs(c.timestamp().as_millisecond()), ahead(c.offset())));
        let changes = changes.take_while(|(at, _)| at.0 < to).collect();
        Calendar::new(&self.name, ahead(self.zone.to_offset(from)), changes, week_start)
    }

    /// The time at which clocks of this zone show what `shown` would be in UTC, and whether they do so once. Where the clock
    /// shows it twice, the first time is taken; where it leaves it out, the time it would have been.
    fn at(&self, shown: TimeMs) -> Option<(TimeMs, Once)> {
        let (day, clock) = (shown.day(), shown.0.rem_euclid(assay_model::DAY_MS));
        let date = civil::Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(i64::from(day.0))).ok()?;
        let time = date.at(0, 0, 0, 0).checked_add(jiff::Span::new().milliseconds(clock)).ok()?;
        let ambiguous = self.zone.to_ambiguous_timestamp(time);
        let once =
            if matches!(ambiguous.offset(), tz::AmbiguousOffset::Unambiguous { .. }) { Once::Yes } else { Once::No };
        Some((TimeMs(ambiguous.compatible().ok()?.as_millisecond()), once))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Once {
    Yes,
    No,
}

/// A zone that is an offset, such as `+02:00`.
fn offset(name: &str) -> Option<TimeZone> {
    let (sign, rest) = match name.as_bytes().first()? {
        b'+' => (1, &name[1..]),
        b'-' => (-1, &name[1..]),
        _ => return None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.len() == 4 && rest.is_ascii() => rest.split_at(2),
        None => (rest, "0"),
    };
    let number = |text: &str, max: i32| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if plain { text.parse::<i32>().ok().filter(|n| *n <= max) } else { None }
    };
    let seconds = sign * (number(hours, 18)? * 3_600 + number(minutes, 59)? * 60);
    tz::Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

/// Puts times without a zone where they belong, and counts them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Clock {
    zone: Option<Zone>,
    n_zoneless: u64,
    n_twice: u64,
}

impl Clock {
    /// A clock of the zone that the user named.
    pub(crate) fn new(options: &ReadOptions) -> Self {
        Self { zone: options.zone.clone(), ..Self::default() }
    }

    /// A clock of the same zone that has counted nothing.
    pub(crate) fn afresh(&self) -> Self {
        Self { zone: self.zone.clone(), ..Self::default() }
    }

    /// The time of a cell. A date alone stays the midnight of that day in UTC: it is a day, and no time.
    pub(crate) fn at(&mut self, moment: Moment) -> TimeMs {
        if moment.form != Form::Zoneless {
            return moment.at;
        }
        self.n_zoneless += 1;
        match self.zone.as_ref().and_then(|zone| zone.at(moment.at)) {
            Some((at, once)) => {
                self.n_twice += u64::from(once == Once::No);
                at
            }
            None => moment.at,
        }
    }

    /// Adds what another clock has counted.
    pub(crate) fn join(&mut self, other: &Self) {
        self.n_zoneless += other.n_zoneless;
        self.n_twice += other.n_twice;
    }

    /// What the reader of the answer must know of it.
    pub(crate) fn note(&self) -> Option<String> {
        let zone = self.zone.as_ref().map_or("UTC", |zone| zone.name.as_str());
        let twice = if self.n_twice > 0 {
            format!(
                "; {} of them lie in an hour that its clocks repeat or leave out, and may be an hour off",
                self.n_twice
            )
        } else {
            String::new()
        };
        (self.n_zoneless > 0).then(|| format!("{} times without a zone were taken as {zone}{twice}", self.n_zoneless))
    }
}

/// Headers that the user has said the meaning of: each is read as if the file had the other name. Case, spaces and
/// punctuation of a header do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderMap {
    /// A header of a file, and the column that it is.
    pub pairs: Vec<HeaderPair>,
}

/// A header of a file, and the column that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderPair {
    /// As the file writes it.
    pub header: String,
    /// As assay names it.
    pub column: String,
}

impl HeaderMap {
    /// Reads `header=column`; the header may hold an equals sign, the column does not.
    ///
    /// # Errors
    /// If there is no equals sign, either side is empty, or no table that assay reads has such a column.
    pub fn pair(text: &str) -> Result<HeaderPair, ImportError> {
        let hint =
            "write --map header=column, such as --map 'Kosten=spend'; `assay formats --columns` lists the columns";
        let (header, column) = text.rsplit_once('=').map(|(h, c)| (h.trim(), c.trim())).unwrap_or_default();
        if header.is_empty() || column.is_empty() {
            return Err(ImportError::new("a header and a column with an equals sign between", quote(text), "", hint));
        }
        if !crate::TABLES.iter().any(|(_, table)| crate::columns::find(table, column).is_some()) {
            return Err(ImportError::new("a column that assay knows", quote(column), "", hint));
        }
        Ok(HeaderPair { header: header.to_owned(), column: column.to_owned() })
    }

    /// Reads lines of `header=column`; blank ones and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// At the first line that is none, with its number and `place`.
    pub fn parse(text: &str, place: &str) -> Result<Self, ImportError> {
        let lines =
            text.lines().enumerate().filter(|(_, line)| !(line.trim().is_empty() || line.trim().starts_with('#')));
        let pairs = lines.map(|(n, line)| {
            Self::pair(line).map_err(|error| match error {
                ImportError::Problem(mut problem) => {
                    problem.place = format!("{place}:{}", n + 1);
                    ImportError::Problem(problem)
                }
                ImportError::Stopped => ImportError::Stopped,
            })
        });
        Ok(Self { pairs: pairs.collect::<Result<_, _>>()? })
    }

    /// As lines that [`HeaderMap::parse`] reads.
    pub fn to_text(&self) -> String {
        self.pairs.iter().flat_map(|pair| [&pair.header, "=", &pair.column, "\n"]).collect()
    }

    /// Adds what `other` says; where both speak of a header, `other` wins.
    pub fn extend(&mut self, other: &Self) {
        let same = |a: &str, b: &str| crate::columns::plain(a) == crate::columns::plain(b);
        self.pairs.retain(|pair| !other.pairs.iter().any(|new| same(&new.header, &pair.header)));
        self.pairs.extend(other.pairs.iter().cloned());
    }

    /// The headers under which a table may have a column of these names: those that the user said so of, then the names.
    pub fn headers_of(&self, names: &[&str]) -> Vec<String> {
        let same = |pair: &&HeaderPair| {
            names.iter().any(|name| crate::columns::plain(name) == crate::columns::plain(&pair.column))
        };
        let told = self.pairs.iter().filter(same).map(|pair| pair.header.clone());
        told.chain(names.iter().map(|name| (*name).to_owned())).collect()
    }

    /// The name that a header goes by.
    pub(crate) fn named<'a>(&'a self, header: &'a str) -> &'a str {
        if self.pairs.is_empty() {
            return header;
        }
        let plain = crate::columns::plain(header);
        let pair = self.pairs.iter().find(|pair| crate::columns::plain(&pair.header) == plain);
        pair.map_or(header, |pair| &pair.column)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, HeaderMap, ReadOptions, Zone};
    use assay_model::TimeMs;
    use assay_model::when::moment;

    fn clock(zone: &str) -> Clock {
        Clock::new(&ReadOptions { zone: Some(Zone::parse(zone).expect("a zone")), ..ReadOptions::default() })
    }

    /// `date -u -d 'TZ="Europe/Berlin" 2026-07-01 12:00' +%s` and its like.
    #[test]
    fn clocks_are_read_in_their_zone() {
        for (zone, text, seconds) in [
            ("Europe/Berlin", "2026-07-01 12:00:00", 1_782_900_000),
            ("Europe/Berlin", "2026-01-01 12:00:00", 1_767_265_200),
            ("America/New_York", "2026-01-01 12:00:00", 1_767_286_800),
            ("UTC", "2026-01-01 12:00:00", 1_767_268_800),
            ("+02:00", "2026-01-01 12:00:00", 1_767_261_600),
            ("-0330", "2026-01-01 12:00:00", 1_767_281_400),
            // What names its zone, and what is a day, stays what it is.
            ("Europe/Berlin", "2026-07-01T12:00:00Z", 1_782_907_200),
            ("Europe/Berlin", "2026-07-01", 1_782_864_000),
        ] {
            let at = clock(zone).at(moment(text).expect(text));
            assert_eq!(at, TimeMs(seconds * 1_000), "{text} in {zone}");
        }
    }

    #[test]
    fn hours_that_clocks_repeat_or_leave_out_are_told() {
        let mut clock = clock("europe/berlin");
        // Clocks went from 2:00 to 3:00 on 29 March 2026, and from 3:00 back to 2:00 on 25 October.
        let of = |clock: &mut Clock, text: &str| clock.at(moment(text).expect("a time")).0 / 1_000;
        assert_eq!(of(&mut clock, "2026-10-25 02:30:00"), 1_792_888_200);
        assert_eq!(of(&mut clock, "2026-03-29 02:30:00"), 1_774_747_800);
        assert_eq!(of(&mut clock, "2026-03-29 03:30:00"), 1_774_747_800);
        let note = clock.note().expect("three times");
        assert!(note.starts_with("3 times without a zone were taken as Europe/Berlin; 2 of them"), "{note}");
    }

    #[test]
    fn what_is_no_zone_is_told() {
        for text in ["", "Berlin", "+99:00", "+", "+1:2:3", "UTC+2", "é"] {
            let error = Zone::parse(text).expect_err(text).to_string();
            assert!(error.contains("hint: name it as the IANA"), "{error}");
        }
    }

    #[test]
    fn headers_are_said_the_meaning_of() {
        let map = HeaderMap::parse("# ours\n\nKosten (netto)=spend\ngoals_idgoal=1_revenue = revenue\n", "m.txt");
        let map = map.expect("a map");
        assert_eq!(map.named("KOSTEN netto"), "spend");
        assert_eq!(map.named("goals_idgoal=1_revenue"), "revenue");
        assert_eq!(map.named("else"), "else");
        assert_eq!(HeaderMap::parse(&map.to_text(), "m.txt"), Ok(map.clone()));
        let mut both = map;
        both.extend(&HeaderMap::parse("kosten netto=total", "x").expect("a map"));
        assert_eq!((both.named("Kosten (netto)"), both.pairs.len()), ("total", 2));
        for (text, why) in [("a", "an equals sign"), ("=spend", "an equals sign"), ("a=b", "a column that assay knows")]
        {
            let error = HeaderMap::parse(text, "m.txt").expect_err(text).to_string();
            assert!(error.contains(why) && error.contains("m.txt:1"), "{error}");
        }
    }
}
