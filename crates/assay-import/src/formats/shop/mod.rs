//! Orders as shops and payment services export them: one reading, whose layouts differ in names and in what a row is.
//!
//! An order is told once, by its first row; further rows of it are lines. What an order's own row says was given back
//! stands in the order; a row of its own that gives money back is a refund. Whether an order counts is its status, which
//! stays as the shop writes it.

pub(crate) mod shopify;
pub(crate) mod square;
pub(crate) mod stripe;
pub(crate) mod woocommerce;

use crate::error::ImportError;
use crate::export::{self, Field, Habits, Holds, Of, Row};
use crate::options::Clock;
use crate::reading::{Reading, hashed};
use assay_model::{CustomerName, Decimal, Fact, Order, OrderLine, Refund, RowRef, TimeMs};
use std::collections::{BTreeMap, HashMap};

/// A column of an export of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum ShopField {
    OrderId,
    PaymentId,
    CustomerId,
    Email,
    Phone,
    At,
    Date,
    Clock,
    Zone,
    Total,
    Shown,
    Currency,
    Discount,
    CameFrom,
    Status,
    Refunded,
    Cancelled,
    Notes,
    Attributes,
    Kind,
    Mode,
    Captured,
    Products,
    Sku,
    Product,
    Quantity,
    Price,
}

impl Field for ShopField {
    fn place(self) -> usize {
        self as usize
    }

    fn holds(self) -> Holds {
        match self {
            Self::At | Self::Date | Self::Cancelled => Holds::Time,
            Self::Total | Self::Shown | Self::Refunded | Self::Quantity | Self::Price => Holds::Number,
            _ => Holds::Text,
        }
    }
}

/// What a row tells.
pub(super) enum Told {
    /// An order, and what was bought in it.
    Sale(Box<Sale>),
    /// Money given back on an order told elsewhere.
    Refund { order_id: Option<String>, at: Option<TimeMs>, amount: Decimal, currency: Option<String> },
    /// Nothing that was sold, such as a failed payment: what such rows are, for the note.
    LeftOut(&'static str),
}

/// An order, its texts its own.
#[derive(Debug, Default)]
pub(super) struct Sale {
    pub(super) order_id: Option<String>,
    pub(super) customer_id: Option<String>,
    pub(super) at: Option<TimeMs>,
    pub(super) total: Option<Decimal>,
    pub(super) currency: Option<String>,
    pub(super) discount_code: Option<String>,
    pub(super) came_from: Option<String>,
    pub(super) status: Option<String>,
    pub(super) refunded: Option<Decimal>,
    pub(super) email: Option<String>,
    pub(super) handle: Option<String>,
    pub(super) lines: Vec<Line>,
}

/// Something bought.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Line {
    pub(super) sku: Option<String>,
    pub(super) name: Option<String>,
    pub(super) quantity: Option<Decimal>,
    pub(super) price: Option<Decimal>,
}

/// How a shop's export differs from others.
pub(super) struct Shop {
    pub(super) of: Of<ShopField>,
    /// What a row tells that is no further line of the order above it.
    pub(super) tell: fn(&Row<'_, ShopField>, &mut Clock) -> Result<Told, String>,
    /// Whether a row of the same order as the one above is a further line of it.
    pub(super) is_line: fn(&Row<'_, ShopField>) -> bool,
    /// What the reader of the answer must know of all such exports.
    pub(super) note: Option<&'static str>,
}

/// Reads all members.
pub(super) fn read(reading: &mut Reading<'_>, shop: &Shop) -> Result<(), ImportError> {
    let mut clock = Clock::new(reading.bundle.options());
    let mut met: HashMap<u64, RowRef> = HashMap::new();
    let mut left_out: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut layouts = Vec::new();
    for member in reading.members.clone() {
        let mut current: Option<String> = None;
        let layout = export::read(reading, member, shop.of, Habits::STRICT, |desk, line, row| {
            let at = desk.row(line);
            let id = row.text(ShopField::OrderId).map(std::borrow::Cow::into_owned);
            if id.is_some() && id == current && (shop.is_line)(row) {
                return match bought(row) {
                    Ok(bought) => desk.take(Fact::SaleLine(bought.fact(id.as_deref(), at))),
                    Err(why) => desk.reject(line, why),
                };
            }
            match (shop.tell)(row, &mut clock) {
                Err(why) => {
                    current = None;
                    desk.reject(line, why)
                }
                Ok(Told::LeftOut(why)) => {
                    *left_out.entry(why).or_default() += 1;
                    Ok(())
                }
                Ok(Told::Refund { order_id, at: when, amount, currency }) => desk.take(Fact::Refund(Refund {
                    order_id: order_id.as_deref(),
                    at: when,
                    amount: Some(amount),
                    currency: currency.as_deref(),
                    row: at,
                })),
                Ok(Told::Sale(sale)) => {
                    let key = sale.order_id.as_deref().map(|id| hashed(id, false));
                    if let Some(first) = key.and_then(|key| met.get(&key)) {
                        current = None;
                        let why = desk.twice("order", *first);
                        return desk.reject(line, why);
                    }
                    met.extend(key.map(|key| (key, at)));
                    current.clone_from(&sale.order_id);
                    desk.take(Fact::Sale(sale.fact(at)))?;
                    let id = sale.order_id.as_deref();
                    sale.lines.iter().try_for_each(|line| desk.also(Fact::SaleLine(line.fact(id, at))))
                }
            }
        })?;
        layouts.extend(layout);
    }
    for (why, n) in left_out {
        reading.note(&format!("{n} {why} were left out"))?;
    }
    for note in clock.note().iter().map(String::as_str).chain(shop.note) {
        reading.note(note)?;
    }
    export::tell_unknown(reading, &layouts)
}

impl Sale {
    fn fact(&self, row: RowRef) -> Order<'_> {
        Order {
            order_id: self.order_id.as_deref(),
            customer_id: self.customer_id.as_deref(),
            ordered_at: self.at,
            total: self.total,
            currency: self.currency.as_deref(),
            discount_code: self.discount_code.as_deref(),
            came_from: self.came_from.as_deref(),
            status: self.status.as_deref(),
            refunded: self.refunded,
            email: self.email.as_deref(),
            handle: self.handle.as_deref(),
            row,
        }
    }
}

impl Line {
    fn fact<'a>(&'a self, order_id: Option<&'a str>, row: RowRef) -> OrderLine<'a> {
        let (sku, name) = (self.sku.as_deref(), self.name.as_deref());
        OrderLine { order_id, sku, name, quantity: self.quantity, price: self.price, row }
    }
}

/// The text of a cell.
pub(super) fn text(row: &Row<'_, ShopField>, field: ShopField) -> Option<String> {
    row.text(field).map(std::borrow::Cow::into_owned)
}

/// What the columns of a line say was bought.
fn bought(row: &Row<'_, ShopField>) -> Result<Line, String> {
    let of = |field| text(row, field);
    let (quantity, price) = (row.amount(ShopField::Quantity)?, row.amount(ShopField::Price)?);
    Ok(Line { sku: of(ShopField::Sku), name: of(ShopField::Product), quantity, price })
}

/// The line of an order's first row, if it has one.
pub(super) fn first_line(row: &Row<'_, ShopField>) -> Result<Vec<Line>, String> {
    let line = bought(row)?;
    Ok(if line == Line::default() { Vec::new() } else { vec![line] })
}

/// An address as an id: they are the same whatever their case.
pub(super) fn address(row: &Row<'_, ShopField>) -> Option<String> {
    text(row, ShopField::Email).map(|email| email.to_lowercase())
}

/// A telephone number as an id, which nobody takes for a number that a shop gave its customer.
pub(super) fn phone(row: &Row<'_, ShopField>) -> Option<String> {
    row.text(ShopField::Phone).map(|number| CustomerName::phone(&number).into_owned())
}

/// The currency of an amount with a sign that one currency has.
pub(super) fn sign(shown: &str) -> Option<&'static str> {
    [("€", "EUR"), ("£", "GBP"), ("₹", "INR"), ("₺", "TRY"), ("zł", "PLN"), ("R$", "BRL"), ("₩", "KRW"), ("CHF", "CHF")]
        .into_iter()
        .find(|(sign, _)| shown.contains(sign))
        .map(|(_, code)| code)
}

/// What is needed of an order.
pub(super) fn needed<T>(found: Option<T>, what: &str) -> Result<T, String> {
    found.ok_or_else(|| format!("expected {what}, found nothing"))
}
