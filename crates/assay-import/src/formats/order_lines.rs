//! Orders in the fixed columns of the CDNOW research data: no header, white space between customer, date, units and amount.
//!
//! `00004 0001 19970101 2 29.33` and `00001 19970101 1 11.77`: the customer, in the sample a second number for them, the date as
//! YYYYMMDD, how many units, what they cost.

use crate::delimited::{Next, Records};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::text::{Utf8, cell_text};
use crate::{Control, Importer, Layout, Yields};
use assay_model::when::moment;
use assay_model::{Decimal, Order, TimeQuality};

pub(crate) const IMPORTER: Importer = Importer {
    id: "order-lines",
    sentence: "Orders in fixed columns without a header, as in the CDNOW data: customer, date, units, amount.",
    source: "https://www.brucehardie.com/datasets/",
    quality: TimeQuality::Day,
    network: None,
    yields: Yields::Orders,
    layout: Layout::Columns,
    recognise,
    read,
    control: Control {
        files: &[(
            "orders.txt",
            b" 00011 0001 20260101  2   29.33\n 00011 0001 20260118  1   14.96\n 00012 0002 20260101 1 7.00\n",
        )],
        n_taken: 3,
    },
};

/// Lines looked at before a file is claimed.
const LINES: usize = 5;

fn recognise(peek: &Peek<'_>) -> Claim {
    let Ok(head) = std::str::from_utf8(peek.head()) else { return Claim::No };
    let mut lines = head.lines().filter(|l| !l.trim().is_empty()).take(LINES + 1).collect::<Vec<_>>();
    if lines.len() > LINES {
        // The last one may be cut.
        lines.pop();
    }
    if !lines.is_empty() && lines.iter().all(|l| order(l).is_ok()) { Claim::List } else { Claim::No }
}

/// The order of a line, or what was expected.
fn order(line: &str) -> Result<Order<'_>, String> {
    let mut cells = [""; 5];
    let mut n = 0;
    for cell in line.split_ascii_whitespace() {
        if n == cells.len() {
            return Err("expected four or five columns, found more".to_owned());
        }
        cells[n] = cell;
        n += 1;
    }
    if n < 4 {
        return Err(format!("expected customer, date, units and amount, found {n} columns"));
    }
    let (customer, [date, units, amount]) = (cells[0], [cells[n - 3], cells[n - 2], cells[n - 1]]);
    if date.len() != 8 || !date.bytes().all(|b| b.is_ascii_digit()) {
        return Err("expected a date such as 19970101 in the third column from the right".to_owned());
    }
    if units.is_empty() || !units.bytes().all(|b| b.is_ascii_digit()) {
        return Err("expected a number of units in the second column from the right".to_owned());
    }
    let day = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    let ordered_at = moment(&day).ok_or("expected a date such as 19970101 in the third column from the right")?.at;
    let total = Decimal::parse(amount).ok_or("expected an amount in the last column")?;
    Ok(Order { customer_id: Some(customer), ordered_at: Some(ordered_at), total: Some(total), ..Order::default() })
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            let utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
            let mut lines = Records::lines(utf8);
            loop {
                let (line, text) = match lines.next().map_err(|e| desk.broken(&e))? {
                    Next::End => return Ok(()),
                    Next::Broken(line, why) => {
                        desk.reject(line, why)?;
                        continue;
                    }
                    Next::Record(line, record) => (line, cell_text(record.cell(0)).0.into_owned()),
                };
                if text.trim().is_empty() {
                    continue;
                }
                match order(&text) {
                    Ok(order) => desk.order(line, order)?,
                    Err(why) => desk.reject(line, why)?,
                }
            }
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn bad_lines_are_counted() {
        let good = "1 20260101 1 7.00\n".repeat(6);
        let table = format!("{good}2 20261301 1 7.00\n2 20260105 x 1\n\n2 20260105 1\n2 20260106 1 2.50\n");
        let kept = run_files(&[("o.txt", table.as_bytes())]).expect("orders");
        assert_eq!((kept.orders.rows.len(), kept.rejects.len()), (7, 3), "{:?}", kept.rejects);
    }

    #[test]
    fn the_sample_of_the_shared_data() {
        let Some(folder) = shared("orders_ltv") else { return };
        let kept = run(&open(folder.join("cdnow_sample.txt"))).expect("orders");
        assert_eq!((kept.orders.rows.len(), kept.orders.customers.len(), kept.rejects.len()), (6_919, 2_357, 0));
    }
}
