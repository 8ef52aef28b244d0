//! Orders of customers.

use crate::audience::RowRef;
use crate::customer::CustomerName;
use crate::money::Decimal;
use crate::time::TimeMs;
use std::collections::HashMap;

/// An order, as a row of a table tells it. Every field but the row may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(missing_docs, reason = "the fields are the columns of the table of orders, which `docs/glossary.md` defines")]
pub struct Order<'a> {
    pub order_id: Option<&'a str>,
    pub customer_id: Option<&'a str>,
    pub ordered_at: Option<TimeMs>,
    pub total: Option<Decimal>,
    pub currency: Option<&'a str>,
    pub discount_code: Option<&'a str>,
    pub came_from: Option<&'a str>,
    /// As the shop writes it, such as `paid` or `cancelled`.
    pub status: Option<&'a str>,
    /// What of the total was given back since, where the order's own row says so.
    pub refunded: Option<Decimal>,
    /// The customer's e-mail address. It is a basis for joining people only where they gave it in a message too.
    pub email: Option<&'a str>,
    /// The handle that the customer gave with the order.
    pub handle: Option<&'a str>,
    pub row: RowRef,
}

/// Statuses of orders that came to nothing, in lower case.
pub const CANCELLED: [&str; 8] =
    ["cancelled", "canceled", "voided", "failed", "expired", "pending payment", "checkout-draft", "trash"];

impl Order<'_> {
    /// Whether it came to nothing, as the shop says.
    pub fn is_cancelled(&self) -> bool {
        self.status.is_some_and(|s| CANCELLED.iter().any(|c| s.trim().eq_ignore_ascii_case(c)))
    }
}

/// An order that is kept: customer and currency are places in [`Orders::customers`] and [`Orders::currencies`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `Order`")]
pub struct OrderRow {
    pub customer: u32,
    pub ordered_at: TimeMs,
    pub total: Decimal,
    pub currency: Option<u16>,
    pub row: RowRef,
}

/// Orders of one business, in the order of their rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Orders {
    /// The orders.
    pub rows: Vec<OrderRow>,
    /// The customers' names, in the form in which they are compared, in the order in which they were met.
    pub customers: Vec<String>,
    /// The currencies' codes, upper case, in the order in which they were met.
    pub currencies: Vec<String>,
    places: HashMap<String, u32>,
}

/// How many currencies are told apart; rows with further ones count as having none.
const CURRENCIES_MAX: usize = 200;

impl Orders {
    /// Adds an order; one without customer, time or total is passed over.
    pub fn push(&mut self, order: &Order<'_>) {
        let (Some(id), Some(ordered_at), Some(total)) = (order.customer_id, order.ordered_at, order.total) else {
            return;
        };
        let id = &*CustomerName::of(id).into_text();
        let customer = if let Some(place) = self.places.get(id) {
            *place
        } else {
            let place = self.customers.len() as u32;
            self.customers.push(id.to_owned());
            self.places.insert(id.to_owned(), place);
            place
        };
        let code = order.currency.map(|c| c.trim().to_ascii_uppercase()).filter(|c| !c.is_empty());
        let currency = code.and_then(|code| match self.currencies.iter().position(|c| *c == code) {
            None if self.currencies.len() < CURRENCIES_MAX => {
                self.currencies.push(code);
                Some(self.currencies.len() as u16 - 1)
            }
            place => place.map(|p| p as u16),
        });
        self.rows.push(OrderRow { customer, ordered_at, total, currency, row: order.row });
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Orders};
    use crate::money::Decimal;
    use crate::time::TimeMs;

    #[test]
    fn what_came_to_nothing_is_told_by_its_status() {
        let of = |status| Order { status, ..Order::default() }.is_cancelled();
        assert!(of(Some(" Cancelled ")) && of(Some("VOIDED")) && of(Some("checkout-draft")));
        assert!(!of(Some("paid")) && !of(Some("refunded")) && !of(None));
    }

    #[test]
    fn customers_and_currencies_are_kept_once() {
        let mut orders = Orders::default();
        let total = Decimal::parse("3.50");
        let order = |id| Order { customer_id: Some(id), ordered_at: Some(TimeMs(0)), total, ..Order::default() };
        orders.push(&Order { currency: Some("eur"), ..order("b") });
        orders.push(&order("a"));
        orders.push(&Order { currency: Some("EUR "), ..order("b") });
        orders.push(&Order { customer_id: None, ..order("b") });
        assert_eq!(orders.rows.iter().map(|o| o.customer).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(orders.rows.iter().map(|o| o.currency).collect::<Vec<_>>(), [Some(0), None, Some(0)]);
        assert_eq!((orders.customers.len(), orders.currencies.len()), (2, 1));
        for one in ["Ada@Example.com", "ada@example.com "] {
            orders.push(&order(one));
        }
        assert_eq!(orders.customers, ["b", "a", "ada@example.com"]);
    }
}
