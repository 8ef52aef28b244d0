//! A table with an order a row: who, when, how much.

use crate::cell::{Cell, Instant, instant, settled, shown, text, wrong};
use crate::columns::{TableColumn, match_header};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::options::Clock;
use crate::order_columns::OrderColumn;
use crate::reading::{Desk, Reading};
use crate::table::{self, Aside, Rows};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Decimal, Order, RowRef, TimeQuality};
use std::collections::HashMap;

pub(crate) const IMPORTER: Importer = Importer {
    id: "orders",
    sentence: "A table with an order a row: customer, time and total, and what else is known.",
    source: "column names in `assay formats --columns`",
    quality: TimeQuality::Exact,
    network: None,
    yields: Yields::Orders,
    layout: Layout::Columns,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "orders.csv",
                b"Order ID,Customer ID,Ordered at,Total,Currency,Gift wrap\n\
                  1001,c-7,2026-03-01T10:20:30Z,\"1,204.50\",EUR,yes\n\
                  1002,c-9,2026-03-02 18:00,15,EUR,\n",
            ),
            ("more.json", b"[{\"customer_id\":7,\"order_date\":\"2026-03-03\",\"amount\":9.99,\"coupon\":\"MARCH\"}]"),
        ],
        n_taken: 3,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    if table::recognise::<OrderColumn>(peek, is_order_header) { Claim::List } else { Claim::No }
}

/// Whether columns of these names look like a table of orders.
fn is_order_header(names: &[String]) -> bool {
    let (known, _) = match_header(names.iter().map(String::as_str), OrderColumn::of);
    let has = |column| known.contains(&Some(column));
    has(OrderColumn::CustomerId) && has(OrderColumn::OrderedAt) && has(OrderColumn::Total)
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut orders = OrderRows { clock: Clock::new(reading.bundle.options()), ..OrderRows::default() };
    table::read(reading, &mut orders)?;
    orders.aside.tell(reading)?;
    if let Some(note) = orders.clock.note() {
        reading.note(&note)?;
    }
    Ok(())
}

/// What the rows of a table of orders have shown.
#[derive(Default)]
struct OrderRows {
    aside: Aside,
    clock: Clock,
    /// Orders met, by a hash of their ids.
    met: HashMap<u64, RowRef>,
}

impl Rows for OrderRows {
    type Column = OrderColumn;
    type Row<'a> = Order<'a>;

    fn put<'a>(&mut self, order: &mut Order<'a>, column: OrderColumn, cell: Cell<'a>) -> Result<bool, String> {
        let cell = settled(column, cell)?;
        if matches!(cell, Cell::Missing) {
            return Ok(false);
        }
        let clash = |expected: &str| wrong(column, expected, &shown(cell));
        match column {
            OrderColumn::OrderedAt => {
                let Instant::At(time) = instant(cell) else { return Err(clash("a time such as 2026-05-01T12:00:00Z")) };
                order.ordered_at = Some(self.clock.at(time));
            }
            OrderColumn::Total => order.total = Some(amount(cell).ok_or_else(|| clash("an amount such as 12.50"))?),
            OrderColumn::OrderId => order.order_id = text(cell),
            OrderColumn::CustomerId => order.customer_id = text(cell),
            OrderColumn::Currency => order.currency = text(cell),
            OrderColumn::DiscountCode => order.discount_code = text(cell),
            OrderColumn::CameFrom => order.came_from = text(cell),
        }
        Ok(!matches!(cell, Cell::Text("")))
    }

    fn take(&mut self, desk: &mut Desk<'_>, line: u64, order: Order<'_>, _: usize) -> Result<(), ImportError> {
        for (column, missing) in [
            (OrderColumn::CustomerId, order.customer_id.is_none_or(str::is_empty)),
            (OrderColumn::OrderedAt, order.ordered_at.is_none()),
            (OrderColumn::Total, order.total.is_none()),
        ] {
            if missing {
                return desk.reject(line, format!("expected a {}, found nothing", column.name()));
            }
        }
        let row = desk.row(line);
        if let Some(id) = order.order_id.filter(|id| !id.is_empty()) {
            if let Some(first) = self.met.get(&hash(id)).copied() {
                return desk.reject(line, desk.twice("order", first));
            }
            self.met.insert(hash(id), row);
        }
        desk.order(line, order)
    }

    fn aside(&mut self) -> &mut Aside {
        &mut self.aside
    }
}

/// FNV-1a with a final mix: two of ten million orders collide with a probability of some millionths.
fn hash(id: &str) -> u64 {
    let h = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let h = (h ^ (h >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    h ^ (h >> 32)
}

fn amount(cell: Cell<'_>) -> Option<Decimal> {
    match cell {
        Cell::Int(n) => Some(Decimal::whole(n)),
        // A double holds some 15 digits: six behind the point are what was meant.
        Cell::Float(x) if x.is_finite() && x.abs() < 1e9 => {
            let text = format!("{x:.6}");
            Decimal::parse(text.trim_end_matches('0').trim_end_matches('.'))
        }
        Cell::Text(text) => Decimal::parse(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{amount, is_order_header};
    use crate::cell::Cell;
    use crate::samples::run_files;
    use assay_model::Decimal;

    #[test]
    fn tables_of_orders_are_told_from_others() {
        let header = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        for text in ["order_id,customer_id,ordered_at,total", "Email,Created at,Total,Currency", "customer,date,amount"]
        {
            assert!(is_order_header(&header(text)), "{text}");
        }
        for text in ["published_at,reach,spend", "date,total", "account_id,handle,created_at", "customer_id,total", ""]
        {
            assert!(!is_order_header(&header(text)), "{text}");
        }
    }

    #[test]
    fn amounts_of_floats_are_what_was_meant() {
        assert_eq!(amount(Cell::Float(0.1 + 0.2)), Some(Decimal { units: 3, places: 1 }));
        assert_eq!(amount(Cell::Float(-29.99)), Some(Decimal { units: -2999, places: 2 }));
        assert_eq!(amount(Cell::Float(f64::NAN)), None);
    }

    #[test]
    fn bad_rows_and_repeated_orders_are_counted() {
        let table = b"order_id,customer_id,ordered_at,total\n1,a,2026-01-01,10\n1,a,2026-01-01,10\n2,,2026-01-01,3\n\
            3,b,yesterday,4\n4,b,2026-01-02,\n5,b,2026-01-03,ten\n6,b,2026-01-04,-2.50\n";
        let kept = run_files(&[("o.csv", table)]).expect("a table");
        assert_eq!((kept.orders.rows.len(), kept.rejects.len()), (2, 5), "{:?}", kept.rejects);
        assert!(kept.rejects[0].why.contains("order"), "{:?}", kept.rejects[0]);
        assert_eq!(kept.orders.customers, ["a", "b"]);
    }
}
