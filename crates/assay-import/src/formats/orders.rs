//! A table with an order a row, or with something bought a row: who, when, how much, and what.
//!
//! Rows of one order stand together. Where the first tells the order's total, those behind it tell what else was bought; where none
//! does, the total is the sum of the rows (`line_total`, or `quantity` times `price`), with what the first row says of shipping,
//! taxes and discount. A row of an order met before with a total below 0 is money given back.

use crate::cell::{Cell, Instant, instant, settled, shown, text, wrong};
use crate::columns::{TableColumn, match_header};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::cells::{self, Decimals};
use crate::options::{Clock, DateOrder, ReadOptions};
use crate::order_columns::OrderColumn;
use crate::reading::{Desk, Reading, hashed};
use crate::table::{self, Aside, Rows, Shown};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Decimal, Fact, Order, OrderLine, Refund, RowRef, TimeMs, TimeQuality};
use std::borrow::Cow;
use std::collections::HashMap;

pub(crate) const IMPORTER: Importer = Importer {
    id: "orders",
    sentence: "A table with an order a row, or a row for each thing bought: customer, time and amount, and what else is known.",
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
                b"Order ID,Customer ID,Ordered at,Total,Currency,Status,Gift wrap\n\
                  1001,c-7,2026-03-01T10:20:30Z,\"1,204.50\",EUR,paid,yes\n\
                  1002,c-9,2026-03-02 18:00,15,EUR,cancelled,\n",
            ),
            ("more.json", b"[{\"customer_id\":7,\"order_date\":\"2026-03-03\",\"amount\":9.99,\"coupon\":\"MARCH\"}]"),
            (
                "lines.csv",
                b"Invoice;Email;Invoice date;Description;Qty;Unit price;Shipping\n\
                  77;Ada@example.com;03.04.2026;Blend;2;16,00;4,90\n77;;;Mug;1;15,00;\n\
                  78;bo@example.com;14.04.2026;Mug;1;15,00;0,00\n",
            ),
        ],
        n_taken: 5,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    if table::recognise::<OrderColumn>(peek, is_order_header) { Claim::List } else { Claim::No }
}

/// Whether columns of these names look like a table of orders.
fn is_order_header(names: &[String]) -> bool {
    use OrderColumn as C;
    let (known, _) = match_header(names.iter().map(String::as_str), C::of);
    let has = |columns: &[C]| columns.iter().any(|column| known.contains(&Some(*column)));
    has(&[C::CustomerId, C::Email]) && has(&[C::OrderedAt]) && has(&[C::Total, C::LineTotal, C::Price, C::Subtotal])
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let clock = Clock::new(reading.bundle.options());
    let order = reading.bundle.options().dates;
    let mut orders = OrderRows {
        aside: Aside::default(),
        clock,
        decimals: Decimals::Point,
        order,
        met: HashMap::new(),
        last: None,
        open: None,
        n_summed: 0,
    };
    table::read(reading, &mut orders)?;
    orders.aside.tell(reading)?;
    if orders.n_summed > 0 {
        let n = orders.n_summed;
        reading.note(&format!(
            "{n} orders tell no total: it is the sum of their rows, with shipping, taxes and discount"
        ))?;
    }
    if let Some(note) = orders.clock.note() {
        reading.note(&note)?;
    }
    Ok(())
}

/// What the rows of a table of orders have shown.
struct OrderRows {
    aside: Aside,
    clock: Clock,
    /// The sign before decimals in the file,
    decimals: Decimals,
    /// and which number of its dates comes first.
    order: Option<DateOrder>,
    /// Orders met, by a hash of their ids.
    met: HashMap<u64, RowRef>,
    /// The order of the row above, where it tells its total.
    last: Option<Last>,
    /// The order of the row above, where it is summed up.
    open: Option<Open>,
    n_summed: u64,
}

/// An order that was told.
struct Last {
    id: String,
    total: Decimal,
    row: RowRef,
}

/// An order of which further rows may follow, its texts its own.
struct Open {
    order_id: Option<String>,
    customer_id: String,
    at: TimeMs,
    currency: Option<String>,
    discount_code: Option<String>,
    came_from: Option<String>,
    status: Option<String>,
    email: Option<String>,
    handle: Option<String>,
    refunded: Option<Decimal>,
    /// Shipping and taxes less the discount, in billionths.
    beside: i128,
    subtotal: Option<Decimal>,
    bought: Vec<Bought>,
}

/// A row of an order that is summed up.
struct Bought {
    line: u64,
    sku: Option<String>,
    product: Option<String>,
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    /// What it comes to.
    amount: Decimal,
}

/// A row while it is filled.
#[derive(Default)]
pub(crate) struct Filling<'a> {
    order: Order<'a>,
    product: Option<&'a str>,
    sku: Option<&'a str>,
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    line_total: Option<Decimal>,
    subtotal: Option<Decimal>,
    shipping: Option<Decimal>,
    tax: Option<Decimal>,
    discount: Option<Decimal>,
}

impl<'a> Filling<'a> {
    /// Whether it says what was bought.
    fn has_line(&self) -> bool {
        self.product.is_some() || self.sku.is_some() || self.quantity.is_some() || self.price.is_some()
    }

    fn line(&self, row: RowRef) -> OrderLine<'a> {
        let (sku, name, quantity) = (self.sku, self.product, self.quantity);
        OrderLine { order_id: self.order.order_id, sku, name, quantity, price: self.price, row }
    }

    /// What the row comes to.
    fn amount(&self) -> Option<Decimal> {
        self.line_total.or_else(|| self.price?.times(self.quantity.unwrap_or(Decimal::whole(1))))
    }
}

impl Rows for OrderRows {
    type Column = OrderColumn;
    type Row<'a> = Filling<'a>;

    fn begin(&mut self, shown: &Shown<'_, OrderColumn>, options: &ReadOptions) {
        let is_amount = |c: OrderColumn| !c.is_text() && c != OrderColumn::OrderedAt;
        self.decimals = Decimals::of(shown.cells(is_amount), shown.delimiter, options.decimals);
        self.order = cells::date_order(shown.cells(|c| c == OrderColumn::OrderedAt)).or(options.dates);
    }

    fn put<'a>(&mut self, row: &mut Filling<'a>, column: OrderColumn, cell: Cell<'a>) -> Result<bool, String> {
        let cell = settled(column, cell)?;
        if matches!(cell, Cell::Missing) {
            return Ok(false);
        }
        let order = &mut row.order;
        if column.is_text() {
            let said = text(cell);
            *match column {
                OrderColumn::OrderId => &mut order.order_id,
                OrderColumn::CustomerId => &mut order.customer_id,
                OrderColumn::Currency => &mut order.currency,
                OrderColumn::DiscountCode => &mut order.discount_code,
                OrderColumn::CameFrom => &mut order.came_from,
                OrderColumn::Status => &mut order.status,
                OrderColumn::Email => &mut order.email,
                OrderColumn::Handle => &mut order.handle,
                OrderColumn::Product => &mut row.product,
                _ => &mut row.sku,
            } = said;
            return Ok(said.is_some());
        }
        if column == OrderColumn::OrderedAt {
            order.ordered_at = Some(self.time(cell)?);
            return Ok(true);
        }
        let amount = self.amount(cell).map_err(|expected| wrong(column, expected, &shown(cell)))?;
        *match column {
            OrderColumn::Total => &mut order.total,
            OrderColumn::Refunded => &mut order.refunded,
            OrderColumn::Quantity => &mut row.quantity,
            OrderColumn::Price => &mut row.price,
            OrderColumn::LineTotal => &mut row.line_total,
            OrderColumn::Subtotal => &mut row.subtotal,
            OrderColumn::Shipping => &mut row.shipping,
            OrderColumn::Tax => &mut row.tax,
            _ => &mut row.discount,
        } = Some(amount);
        Ok(true)
    }

    fn take(&mut self, desk: &mut Desk<'_>, line: u64, mut row: Filling<'_>, _: usize) -> Result<(), ImportError> {
        let id = row.order.order_id.map(str::trim).filter(|id| !id.is_empty());
        row.order.order_id = id;
        if let (Some(id), Some(last)) = (id, &self.last)
            && last.id == id
        {
            return further(desk, line, &row, last);
        }
        if let (Some(id), Some(open)) = (id, &mut self.open)
            && open.order_id.as_deref() == Some(id)
            && row.order.total.is_none()
        {
            let Some(amount) = row.amount() else { return desk.reject(line, NO_AMOUNT) };
            open.bought.push(Bought::of(line, &row, amount));
            return Ok(());
        }
        self.close(desk)?;
        self.last = None;
        if let Some(first) = id.and_then(|id| self.met.get(&hashed(id, false)).copied()) {
            return match row.order.total.filter(|total| total.units < 0) {
                Some(back) => give_back(desk, line, &row.order, back),
                None => desk.reject(line, desk.twice("order", first)),
            };
        }
        self.first(desk, line, &row)
    }

    fn end(&mut self, desk: &mut Desk<'_>) -> Result<(), ImportError> {
        self.close(desk)?;
        self.last = None;
        (self.decimals, self.order) = (Decimals::Point, desk.options().dates);
        Ok(())
    }

    fn aside(&mut self) -> &mut Aside {
        &mut self.aside
    }
}

const NO_AMOUNT: &str = "expected a total, or a line_total or price of what was bought, found nothing";

impl OrderRows {
    /// Takes the first row of an order.
    fn first(&mut self, desk: &mut Desk<'_>, line: u64, row: &Filling<'_>) -> Result<(), ImportError> {
        let order = row.order;
        let email = order.email.map(str::trim).filter(|e| !e.is_empty());
        // An address is the same whatever its case.
        let email = email
            .map(|e| if e.bytes().all(|b| !b.is_ascii_uppercase()) { Cow::from(e) } else { e.to_lowercase().into() });
        let customer = order.customer_id.map(str::trim).filter(|c| !c.is_empty()).or(email.as_deref());
        let (Some(customer), Some(at)) = (customer, order.ordered_at) else {
            let column = if customer.is_none() { OrderColumn::CustomerId } else { OrderColumn::OrderedAt };
            return desk.reject(line, format!("expected a {}, found nothing", column.name()));
        };
        let source = desk.row(line);
        if let Some(total) = order.total {
            if let Some(id) = order.order_id {
                self.met.insert(hashed(id, false), source);
                if row.has_line() || row.line_total.is_some() {
                    self.last = Some(Last { id: id.to_owned(), total, row: source });
                }
            }
            desk.order(line, Order { customer_id: Some(customer), email: email.as_deref(), ..order })?;
            return if row.has_line() { desk.also(Fact::SaleLine(row.line(source))) } else { Ok(()) };
        }
        let Some(amount) = row.amount().or(row.subtotal) else { return desk.reject(line, NO_AMOUNT) };
        let own = |text: Option<&str>| text.map(str::to_owned);
        let billionths = |amount: Option<Decimal>| amount.map_or(0, Decimal::billionths);
        self.open = Some(Open {
            order_id: own(order.order_id),
            customer_id: customer.to_owned(),
            at,
            currency: own(order.currency),
            discount_code: own(order.discount_code),
            came_from: own(order.came_from),
            status: own(order.status),
            email: own(email.as_deref()),
            handle: own(order.handle),
            refunded: order.refunded,
            beside: billionths(row.shipping) + billionths(row.tax) - billionths(row.discount).abs(),
            subtotal: row.subtotal,
            bought: vec![Bought::of(line, row, amount)],
        });
        if order.order_id.is_none() { self.close(desk) } else { Ok(()) }
    }

    /// Tells the order that is summed up.
    fn close(&mut self, desk: &mut Desk<'_>) -> Result<(), ImportError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let Some(first) = open.bought.first().map(|b| desk.row(b.line)) else { return Ok(()) };
        let items = || open.bought.iter().map(|b| b.amount.billionths()).sum();
        let sum = open.subtotal.map_or_else(items, Decimal::billionths) + open.beside;
        let Some(total) = Decimal::of_billionths(sum) else {
            return open.bought.iter().try_for_each(|b| desk.reject(b.line, "expected a total below 2^63, found more"));
        };
        if let Some(id) = &open.order_id {
            self.met.insert(hashed(id, false), first);
        }
        self.n_summed += 1;
        let order = Order {
            order_id: open.order_id.as_deref(),
            customer_id: Some(&open.customer_id),
            ordered_at: Some(open.at),
            total: Some(total),
            currency: open.currency.as_deref(),
            discount_code: open.discount_code.as_deref(),
            came_from: open.came_from.as_deref(),
            status: open.status.as_deref(),
            refunded: open.refunded,
            email: open.email.as_deref(),
            handle: open.handle.as_deref(),
            row: first,
        };
        for (n, bought) in open.bought.iter().enumerate() {
            let line = Fact::SaleLine(bought.fact(order.order_id, desk.row(bought.line)));
            if n == 0 {
                desk.order(bought.line, order)?;
                if bought.is_told() {
                    desk.also(line)?;
                }
            } else {
                desk.take(line)?;
            }
        }
        Ok(())
    }

    fn time(&mut self, cell: Cell<'_>) -> Result<TimeMs, String> {
        let clash = |expected: &str| wrong(OrderColumn::OrderedAt, expected, &shown(cell));
        let moment = match (instant(cell), cell) {
            (Instant::At(moment), _) => moment,
            (Instant::Unread, Cell::Text(said)) => cells::moment(said, self.order).map_err(clash)?,
            _ => return Err(clash("a time such as 2026-05-01T12:00:00Z")),
        };
        Ok(self.clock.at(moment))
    }

    fn amount(&self, cell: Cell<'_>) -> Result<Decimal, &'static str> {
        const EXPECTED: &str = "an amount such as 12.50";
        match cell {
            Cell::Int(n) => Ok(Decimal::whole(n)),
            // A double holds some 15 digits: six behind the point are what was meant.
            Cell::Float(x) if x.is_finite() && x.abs() < 1e9 => {
                let text = format!("{x:.6}");
                Decimal::parse(text.trim_end_matches('0').trim_end_matches('.')).ok_or(EXPECTED)
            }
            Cell::Text(said) => self.decimals.read(said).map_err(|why| if why == "a number" { EXPECTED } else { why }),
            _ => Err(EXPECTED),
        }
    }
}

/// Takes a further row of an order that told its total.
fn further(desk: &mut Desk<'_>, line: u64, row: &Filling<'_>, last: &Last) -> Result<(), ImportError> {
    match row.order.total {
        Some(back) if back.units < 0 && last.total.units >= 0 => give_back(desk, line, &row.order, back),
        Some(total) if total.billionths() != last.total.billionths() => {
            let why = "expected the total of the order, as in its row above, found another one; where it is what the row comes to, \
                       say --map HEADER=line_total";
            desk.reject(line, why)
        }
        _ if row.has_line() || row.line_total.is_some() => desk.take(Fact::SaleLine(row.line(desk.row(line)))),
        _ => desk.reject(line, desk.twice("order", last.row)),
    }
}

/// Takes a row that gives money back.
fn give_back(desk: &mut Desk<'_>, line: u64, order: &Order<'_>, total: Decimal) -> Result<(), ImportError> {
    let amount = Some(Decimal { units: -total.units, places: total.places });
    let Order { order_id, ordered_at: at, currency, .. } = *order;
    desk.take(Fact::Refund(Refund { order_id, at, amount, currency, row: desk.row(line) }))
}

impl Bought {
    fn of(line: u64, row: &Filling<'_>, amount: Decimal) -> Self {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Self { line, sku: own(row.sku), product: own(row.product), quantity: row.quantity, price: row.price, amount }
    }

    /// Whether it says more than what it comes to.
    fn is_told(&self) -> bool {
        self.sku.is_some() || self.product.is_some() || self.quantity.is_some() || self.price.is_some()
    }

    fn fact<'a>(&'a self, order_id: Option<&'a str>, row: RowRef) -> OrderLine<'a> {
        let (sku, name) = (self.sku.as_deref(), self.product.as_deref());
        OrderLine { order_id, sku, name, quantity: self.quantity, price: self.price, row }
    }
}

#[cfg(test)]
mod tests {
    use super::is_order_header;
    use crate::samples::{Kept, run_files};
    use assay_model::Decimal;

    #[test]
    fn tables_of_orders_are_told_from_others() {
        let header = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        for text in [
            "order_id,customer_id,ordered_at,total",
            "Email,Created at,Total,Currency",
            "customer,date,amount",
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        ] {
            // InvoiceNo is what the retail data of UCI call an order.
            assert!(is_order_header(&header(text)), "{text}");
        }
        for text in ["published_at,reach,spend", "date,total", "account_id,handle,created_at", "customer_id,total", ""]
        {
            assert!(!is_order_header(&header(text)), "{text}");
        }
    }

    fn read(text: &str) -> Kept {
        run_files(&[("o.csv", text.as_bytes())]).expect("a table")
    }

    fn totals(kept: &Kept) -> Vec<(i64, u8)> {
        kept.orders.rows.iter().map(|o| (o.total.units, o.total.places)).collect()
    }

    #[test]
    fn amounts_of_floats_are_what_was_meant() {
        let json = br#"[{"customer":1,"date":"2026-01-01","total":0.30000000000000004},
            {"customer":1,"date":"2026-01-01","total":-29.99},{"customer":1,"date":"2026-01-01","total":1e300}]"#;
        let kept = run_files(&[("o.json", json)]).expect("a table");
        assert_eq!((totals(&kept), kept.rejects.len()), (vec![(3, 1), (-2999, 2)], 1));
    }

    #[test]
    fn bad_rows_and_repeated_orders_are_counted() {
        let kept = read(
            "order_id,customer_id,ordered_at,total\n1,a,2026-01-01,10\n1,a,2026-01-01,10\n2,,2026-01-01,3\n\
            3,b,yesterday,4\n4,b,2026-01-02,\n5,b,2026-01-03,ten\n6,b,2026-01-04,-2.50\n",
        );
        assert_eq!((kept.orders.rows.len(), kept.rejects.len()), (2, 5), "{:?}", kept.rejects);
        assert!(kept.rejects[0].why.contains("order"), "{:?}", kept.rejects[0]);
        assert_eq!(kept.orders.customers, ["a", "b"]);
    }

    #[test]
    fn an_order_with_its_total_in_each_row_counts_once() {
        let kept = read(
            "order_id,customer_id,ordered_at,total,sku,quantity,price\n1,a,2026-01-01,25,x,1,10\n1,a,2026-01-01,25.00,y,1,15\n\
            1,,,,z,1,0\n2,b,2026-01-02,5,x,1,5\n2,b,2026-01-02,7,y,1,7\n1,a,2026-01-03,-10,,,\n1,a,2026-01-03,10,x,1,10\n",
        );
        // The rows 2, y (another total) and 1, x (told already) are rejected; the row below 0 gives money back.
        assert_eq!(totals(&kept), [(25, 0), (5, 0)]);
        assert_eq!((kept.others.len(), kept.rejects.len()), (5, 2), "{:?} {:?}", kept.others, kept.rejects);
        assert!(kept.rejects[0].why.contains("line_total"), "{:?}", kept.rejects);
        assert_eq!(kept.files[0].taken, 5);
    }

    #[test]
    fn an_order_without_a_total_is_the_sum_of_its_rows() {
        let kept = read(
            "order;email;date;product;qty;price;shipping;vat;discount\n\
            1;Ada@x.org;31.12.2026;Blend;2;16,50;4,90;1,10;2,00\n1;;;Mug;1;15,00;4,90;1,10;2,00\n\
            2;bo@x.org;01.02.2026;Mug;;15,25;;;\n1;ada@x.org;31.12.2026;Cup;1;1,00;;;\n3;cy@x.org;03.02.2026;Mug;1;;;;\n",
        );
        assert_eq!(totals(&kept), [(52, 0), (1525, 2)]);
        assert_eq!(kept.orders.customers, ["ada@x.org", "bo@x.org"]);
        // 2026-12-31: the file shows that days come first.
        assert_eq!(kept.orders.rows[0].ordered_at.day().0, 20_818);
        assert_eq!(kept.rejects.iter().map(|r| r.line).collect::<Vec<_>>(), [5, 6], "{:?}", kept.rejects);
        assert!(kept.notes.iter().any(|n| n.starts_with("2 orders tell no total")), "{:?}", kept.notes);
    }

    #[test]
    fn amounts_with_two_meanings_are_not_read() {
        let kept = read("customer;date;total\na;2026-01-01;1.234\nb;2026-01-01;5\n");
        assert_eq!((kept.orders.rows.len(), kept.rejects.len()), (1, 1));
        assert!(kept.rejects[0].why.contains("--decimals"), "{:?}", kept.rejects);
        let points = read("customer,date,total\na,2026-01-01,1.234\n");
        assert_eq!(points.orders.rows[0].total, Decimal { units: 1234, places: 3 });
    }
}
