//! Named tables as delimited text: CSV, TSV, semicolons, pipes.

use super::{Plan, TakeRow, Value, hand_over};
use crate::delimited::{Next, Record, Records, first_records};
use crate::error::{ImportError, quote};
use crate::reading::Desk;
use crate::table::delimited::{Dialect, check_width, dialect, headed};
use crate::text::cell_text;
use std::io::Read;

pub(super) fn read(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    take: &mut TakeRow<'_>,
) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    let Some(Dialect { delimiter, header, n_before }) = dialect(&head, |name| plan.knows(name)) else {
        return Err(no_header(&head, plan, desk.name()));
    };
    plan.settle(&header, desk.name())?;
    let columns: Vec<(usize, usize)> =
        plan.places.iter().enumerate().filter_map(|(column, at)| Some((column, (*at)?))).collect();
    let mut records = Records::new(stream, delimiter, &head);
    let mut to_skip = n_before + 1;
    loop {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Record(..) if to_skip > 0 => to_skip -= 1,
            Next::Broken(line, why) => desk.reject(line, why)?,
            Next::Record(line, record) => row(line, record, &columns, header.len(), plan, desk, take)?,
        }
    }
}

fn row(
    line: u64,
    record: Record<'_>,
    columns: &[(usize, usize)],
    n_header: usize,
    plan: &Plan<'_>,
    desk: &mut Desk<'_>,
    take: &mut TakeRow<'_>,
) -> Result<(), ImportError> {
    if record.len() != n_header
        && let Err(why) = check_width(record, n_header)
    {
        return desk.reject(line, why);
    }
    let mut few = [Value::Missing; 16];
    let mut many = Vec::new();
    let cells: &mut [Value<'_>] = if plan.wanted.len() <= few.len() {
        &mut few[..plan.wanted.len()]
    } else {
        many.resize(plan.wanted.len(), Value::Missing);
        &mut many
    };
    let text = record.utf8();
    let mut foreign = Vec::new();
    if text.is_none() {
        foreign.extend(columns.iter().map(|(_, at)| cell_text(record.cell(*at)).0));
    }
    for (k, (column, at)) in columns.iter().enumerate() {
        let cell = match text {
            Some(text) => &text[record.span(*at)],
            None => &foreign[k],
        };
        match plan.value(*column, cell) {
            Ok(value) => cells[*column] = value,
            Err(why) => return desk.reject(line, why),
        }
    }
    hand_over(line, cells, desk, take)
}

fn no_header(head: &[u8], plan: &Plan<'_>, place: &str) -> ImportError {
    let names: Vec<String> = plan
        .wanted
        .iter()
        .filter(|w| w.optional == super::Optional::No)
        .map(|w| quote(&w.names.join(" or ")))
        .collect();
    let first = [b',', b'\t', b';', b'|']
        .into_iter()
        .filter_map(|delimiter| first_records(head, delimiter, 1).into_iter().next())
        .max_by_key(Vec::len)
        .unwrap_or_default();
    let have: Vec<String> = first.iter().take(30).map(|cell| quote(&cell_text(cell).0)).collect();
    let found = if have.is_empty() { "an empty file".to_owned() } else { format!("the first row {}", have.join(", ")) };
    ImportError::new(
        format!("a header row with the columns {}", names.join(", ")),
        found,
        place,
        "name columns as the table's header writes them; a table needs a header",
    )
}
