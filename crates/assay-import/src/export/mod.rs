//! Exports of platforms and shops: a header row somewhere near the top, known by its column names in one of several languages,
//! and cells written for people.
//!
//! [`peek`] tells whether a file is one, [`read`] hands over its rows. What a header and its cells tell together is found
//! once a file: the currency that stands in a header, the sign before decimals ([`cells::Decimals`]), which number of a date is the
//! month.

pub(crate) mod cells;

use crate::bundle::Bundle;
use crate::columns::{match_header, plain};
use crate::delimited::{Next, Record, Records, first_records};
use crate::detect::Peek;
use crate::error::{ImportError, quote};
use crate::options::{Clock, DateOrder, ReadOptions};
use crate::reading::{Desk, Reading};
use crate::table::delimited::{Dialect, dialect_as, headed};
use crate::text::{Utf8, cell_text};
use assay_model::when::Moment;
use assay_model::{Day, Decimal, TimeMs};
use cells::Decimals;
use std::borrow::Cow;

/// A column of an export.
pub(crate) trait Field: Copy + PartialEq + 'static {
    /// Its place among the columns, below [`FIELDS_MAX`].
    fn place(self) -> usize;
    /// What its cells hold.
    fn holds(self) -> Holds;
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Holds {
    Text,
    Number,
    Time,
}

/// Columns that an export may have.
const FIELDS_MAX: usize = 40;

/// Which header is which column.
pub(crate) type Of<F> = fn(&str) -> Option<F>;

/// The names of columns, several a column, in any language.
pub(crate) type Names<F> = &'static [(F, &'static [&'static str])];

/// The column of `names` that a header is; what stands in brackets behind it aside where that is a currency.
pub(crate) fn named<F: Field>(names: Names<F>, header: &str) -> Option<F> {
    let name = plain(split_currency(header).0);
    if name.is_empty() {
        return None;
    }
    let is = |known: &str| known.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).eq(name.chars());
    names.iter().find(|(_, all)| all.iter().any(|known| is(known))).map(|(field, _)| *field)
}

/// A header without the currency behind it, and the currency: `Amount spent (EUR)`, `Spend [USD]`.
pub(crate) fn split_currency(header: &str) -> (&str, Option<&str>) {
    let trimmed = header.trim();
    let brackets = [("(", ")"), ("[", "]"), ("（", "）")];
    let found = brackets.iter().find_map(|(open, close)| {
        let (name, code) = trimmed.strip_suffix(close)?.rsplit_once(open)?;
        let code = code.trim();
        (code.len() == 3 && code != "UTC" && code.bytes().all(|b| b.is_ascii_uppercase()))
            .then_some((name.trim(), code))
    });
    found.map_or((trimmed, None), |(name, code)| (name, Some(code)))
}

/// How an export is laid out.
#[derive(Debug)]
pub(crate) struct Layout<F> {
    dialect: Dialect,
    /// What stands above the header.
    pub(crate) before: Vec<Vec<String>>,
    /// Headers that are no known column.
    pub(crate) unknown: Vec<String>,
    /// The currency that a header names.
    pub(crate) currency: Option<String>,
    places: [Option<u16>; FIELDS_MAX],
    fields: std::marker::PhantomData<F>,
    decimals: Decimals,
    order: Option<DateOrder>,
}

impl<F: Field> Layout<F> {
    /// Whether there is such a column.
    pub(crate) fn has(&self, field: F) -> bool {
        self.places[field.place()].is_some()
    }

    /// Whether a header is of this name, case, spaces and punctuation aside.
    pub(crate) fn has_header(&self, name: &str) -> bool {
        self.dialect.header.iter().any(|header| plain(header) == plain(name))
    }

    /// The names of all columns.
    pub(crate) fn header(&self) -> &[String] {
        &self.dialect.header
    }

    /// How many columns the header has.
    fn width(&self) -> usize {
        self.dialect.header.len()
    }
}

/// Records of a head that are looked at for what their cells look like.
const LOOK_ROWS: usize = 500;

/// The layout of a text that begins like this.
pub(crate) fn of_text<F: Field>(head: &[u8], of: Of<F>, options: &ReadOptions) -> Option<Layout<F>> {
    let mut dialect = dialect_as(head, of, &options.headers)?;
    dialect.header = rejoined(dialect.header);
    let mut records = first_records(head, dialect.delimiter, dialect.n_before + 1 + LOOK_ROWS).into_iter();
    let text = |record: Vec<Vec<u8>>| record.iter().map(|c| cell_text(c).0.into_owned()).collect::<Vec<_>>();
    let before = records.by_ref().take(dialect.n_before).map(text).collect();
    let rows: Vec<Vec<String>> = records.skip(1).map(text).collect();
    Some(layout(dialect, before, &rows, of, options))
}

/// Headers with the commas that a program forgot to quote: `CPM (cost per 1,000 impressions)` comes as two cells, of which the
/// first opens a bracket and the second closes it.
fn rejoined(header: Vec<String>) -> Vec<String> {
    let mut whole: Vec<String> = Vec::with_capacity(header.len());
    for cell in header {
        match whole.last_mut() {
            Some(last) if is_open(last) && cell.contains(')') && !cell.contains('(') => {
                last.push(',');
                last.push_str(&cell);
            }
            _ => whole.push(cell),
        }
    }
    whole
}

fn is_open(cell: &str) -> bool {
    cell.matches('(').count() > cell.matches(')').count()
}

/// The layout of rows behind a header that was found already.
pub(crate) fn of_header<F: Field>(header: &[String], of: Of<F>, options: &ReadOptions) -> Layout<F> {
    let header = header.iter().map(|name| options.headers.named(name).to_owned()).collect();
    layout(Dialect { delimiter: b',', header, n_before: 0 }, Vec::new(), &[], of, options)
}

fn layout<F: Field>(
    dialect: Dialect,
    before: Vec<Vec<String>>,
    rows: &[Vec<String>],
    of: Of<F>,
    options: &ReadOptions,
) -> Layout<F> {
    let (known, unknown) = match_header(dialect.header.iter().map(String::as_str), of);
    let mut places = [None; FIELDS_MAX];
    let mut currency = None;
    for (i, field) in known.iter().enumerate() {
        let Some(field) = field else { continue };
        places[field.place()] = u16::try_from(i).ok();
        currency = currency.or_else(|| split_currency(&dialect.header[i]).1.map(str::to_owned));
    }
    let cells = |holds: Holds| {
        let columns: Vec<usize> =
            known.iter().enumerate().filter(|(_, f)| f.is_some_and(|f| f.holds() == holds)).map(|(i, _)| i).collect();
        rows.iter().flat_map(move |row| columns.clone().into_iter().filter_map(|i| row.get(i).map(String::as_str)))
    };
    let decimals = Decimals::of(cells(Holds::Number), dialect.delimiter, options.decimals);
    let order = cells::date_order(cells(Holds::Time)).or(options.dates);
    Layout { dialect, before, unknown, currency, places, fields: std::marker::PhantomData, decimals, order }
}

/// The layout of a file, if it is a text with such columns.
pub(crate) fn peek<F: Field>(peek: &Peek<'_>, of: Of<F>) -> Option<Layout<F>> {
    let may_be = matches!(peek.extension(), "csv" | "tsv" | "txt" | "tab") || peek.is_single();
    if !may_be || peek.raw().starts_with(b"PAR1") || peek.head().starts_with(b"{") || peek.head().starts_with(b"[") {
        return None;
    }
    of_text(peek.head(), of, peek.bundle.options_of(peek.member))
}

/// A row of an export.
pub(crate) struct Row<'a, F> {
    layout: &'a Layout<F>,
    cells: Cells<'a>,
}

enum Cells<'a> {
    Record(Record<'a>, Option<&'a str>),
    Kept(&'a [String]),
}

impl<'a, F: Field> Row<'a, F> {
    /// The text of a cell, trimmed; `None` where it is blank or says that nothing is known.
    pub(crate) fn text(&self, field: F) -> Option<Cow<'a, str>> {
        self.at(usize::from(self.layout.places[field.place()]?))
    }

    /// The text of the cell in this place.
    pub(crate) fn at(&self, i: usize) -> Option<Cow<'a, str>> {
        let cell = match &self.cells {
            Cells::Record(record, _) if i >= record.len() => return None,
            Cells::Record(record, Some(text)) => Cow::Borrowed(&text[record.span(i)]),
            Cells::Record(record, None) => cell_text(record.cell(i)).0,
            Cells::Kept(cells) => Cow::Borrowed(cells.get(i)?.as_str()),
        };
        let cell = match cell {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        if cells::is_nothing(&cell) { None } else { Some(cells::unguarded(cell)) }
    }

    /// An exact amount.
    pub(crate) fn amount(&self, field: F) -> Result<Option<Decimal>, String> {
        let Some(text) = self.text(field) else { return Ok(None) };
        self.layout.decimals.read(&text).map(Some).map_err(|why| self.wrong(field, why, &text))
    }

    /// A whole number; below 0 it is a withdrawal.
    pub(crate) fn count(&self, field: F) -> Result<Option<i64>, String> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let number = self.layout.decimals.read(&text).map_err(|why| self.wrong(field, why, &text))?;
        cells::whole(number).map(Some).ok_or_else(|| self.wrong(field, "a whole number", &text))
    }

    /// A number that need not be whole.
    pub(crate) fn number(&self, field: F) -> Result<Option<f64>, String> {
        Ok(self.amount(field)?.map(cells::float))
    }

    /// A day.
    pub(crate) fn day(&self, field: F) -> Result<Option<Day>, String> {
        let Some(text) = self.text(field) else { return Ok(None) };
        cells::day(&text, self.layout.order).map(Some).map_err(|why| self.wrong(field, why, &text))
    }

    /// A time; one without a zone is put where `clock` says.
    pub(crate) fn time(&self, field: F, clock: &mut Clock) -> Result<Option<TimeMs>, String> {
        let Some(text) = self.text(field) else { return Ok(None) };
        Ok(Some(clock.at(self.moment(field, &text)?)))
    }

    /// A time put together of several cells, of which `field` is the first.
    pub(crate) fn moment(&self, field: F, text: &str) -> Result<Moment, String> {
        cells::moment(text, self.layout.order).map_err(|why| self.wrong(field, why, text))
    }

    /// A row of cells that are kept.
    pub(crate) fn of_cells(layout: &'a Layout<F>, cells: &'a [String]) -> Self {
        Self { layout, cells: Cells::Kept(cells) }
    }

    /// The first cell of the row.
    pub(crate) fn first(&self) -> Option<Cow<'a, str>> {
        self.at(0)
    }

    /// The layout that the row stands in.
    pub(crate) fn layout(&self) -> &'a Layout<F> {
        self.layout
    }

    fn wrong(&self, field: F, expected: &str, found: &str) -> String {
        let place = self.layout.places[field.place()].map_or(0, usize::from);
        let header = self.layout.dialect.header.get(place).map_or("", String::as_str);
        format!("column {}: expected {expected}, found {}", quote(header), quote(found))
    }
}

/// What becomes of a row with fewer cells than the header.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Short {
    /// It is rejected.
    Reject,
    /// Its missing cells are not known; the last row of a file is rejected all the same, for the file may be cut.
    Take,
}

/// What is known of a platform's files beside their columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    pub(crate) short: Short,
    /// Which number of a date comes first, where a file does not show it and the user does not say.
    pub(crate) order: Option<DateOrder>,
}

impl Habits {
    /// Every row is whole, and dates have one meaning.
    pub(crate) const STRICT: Self = Self { short: Short::Reject, order: None };
}

/// Reads one file: `each` gets every row behind the header, with its line. Returns the layout; `None` for an empty file.
pub(crate) fn read<F: Field>(
    reading: &mut Reading<'_>,
    member: usize,
    of: Of<F>,
    habits: Habits,
    mut each: impl FnMut(&mut Desk<'_>, u64, &Row<'_, F>) -> Result<(), ImportError>,
) -> Result<Option<Layout<F>>, ImportError> {
    let options = reading.bundle.options_of(member).clone();
    reading.file(member, |stream, desk| {
        let (head, stream) = headed(stream, desk)?;
        if head.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let Some(mut layout) = of_text(&head, of, &options) else {
            return Err(ImportError::new(
                "a header row with known columns",
                "none",
                desk.name(),
                "say what its columns are with --map header=column; `assay formats --columns` lists the names that are known",
            ));
        };
        layout.order = layout.order.or(habits.order);
        let mut records = Records::new(stream, layout.dialect.delimiter, &head);
        let mut to_skip = layout.dialect.n_before + 1;
        let mut held: Option<(u64, Vec<String>)> = None;
        loop {
            let next = records.next().map_err(|e| desk.broken(&e))?;
            if let Some((line, cells)) = held.take() {
                if matches!(next, Next::End) {
                    let n = cells.len();
                    let why = format!("expected {} cells, found {n} in the last row: the file may be cut", layout.width());
                    desk.reject(line, why)?;
                } else {
                    let why = "rows with fewer cells than the header were taken, their missing cells as not known";
                    desk.note(why)?;
                    each(desk, line, &Row { layout: &layout, cells: Cells::Kept(&cells) })?;
                }
            }
            match next {
                Next::End => return Ok(Some(layout)),
                Next::Broken(line, why) => desk.reject(line, why)?,
                Next::Record(..) if to_skip > 0 => to_skip -= 1,
                Next::Record(line, record) => {
                    let n = record.len();
                    if (0..n).all(|i| record.cell(i).is_empty()) {
                        continue;
                    }
                    if record.cells().any(|cell| memchr::memchr(0, cell).is_some()) {
                        desk.reject(line, "expected text, found a NUL character")?;
                    } else if n < layout.width() && habits.short == Short::Take {
                        held = Some((line, record.cells().map(|c| cell_text(c).0.into_owned()).collect()));
                    } else if n < layout.width() || (layout.width()..n).any(|i| !record.cell(i).is_empty()) {
                        desk.reject(line, format!("expected {} cells, found {n}", layout.width()))?;
                    } else {
                        each(desk, line, &Row { layout: &layout, cells: Cells::Record(record, record.utf8()) })?;
                    }
                }
            }
        }
    })
}

/// Whether a column holds one and the same text in all rows of a file that can be read twice.
pub(crate) fn is_constant<F: Field>(bundle: &Bundle, member: usize, of: Of<F>, field: F) -> bool {
    if bundle.members[member].gzipped {
        return false;
    }
    let head = crate::text::decode_head(&bundle.head(member).unwrap_or_default());
    let Some(layout) = of_text(&head, of, bundle.options_of(member)) else { return false };
    let Some(place) = layout.places[field.place()].map(usize::from) else { return false };
    let same = bundle.with_packed(member, |packed| {
        let mut records = Records::new(Utf8::new(packed).ok()?, layout.dialect.delimiter, &head);
        let mut first: Option<Vec<u8>> = None;
        let mut to_skip = layout.dialect.n_before + 1;
        loop {
            match records.next().ok()? {
                Next::End => return Some(true),
                Next::Broken(..) => {}
                Next::Record(..) if to_skip > 0 => to_skip -= 1,
                Next::Record(_, record) if place >= record.len() || record.cell(place).is_empty() => {}
                Next::Record(_, record) => {
                    let first = first.get_or_insert_with(|| record.cell(place).to_vec());
                    if first[..] != *record.cell(place) {
                        return Some(false);
                    }
                }
            }
        }
    });
    same.ok().flatten() == Some(true)
}

/// Tells of headers that are not used.
pub(crate) fn tell_unknown<F>(reading: &mut Reading<'_>, layouts: &[Layout<F>]) -> Result<(), ImportError> {
    let unknown = layouts.iter().flat_map(|layout| layout.unknown.iter().cloned()).collect();
    match crate::columns::unknown_note(unknown) {
        Some(note) => reading.note(&note),
        None => Ok(()),
    }
}
