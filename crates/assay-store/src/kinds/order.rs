//! Orders, what was bought in them, and money given back.

use super::Form::{Exact, Money, Text, Time, Word};
use super::{FactKind, Get, Kind, Lead, Put, Versions, column};
use crate::identity::Identity;
use crate::secret::Secret;
use assay_model::{Decimal, Fact, Order, OrderLine, Refund, RowRef};

pub(crate) static SALE: Kind = Kind {
    table: "sale",
    view: "orders",
    columns: &[
        column("order_id", Text),
        column("customer_id", Text),
        column("ordered_at", Time),
        column("total", Money),
        column("currency", Word),
        column("discount_code", Word),
        column("came_from", Word),
        column("status", Word),
        column("refunded", Money),
        column("email_key", Text),
        column("handle", Text),
    ],
    versions: Versions::Newest,
    get: |get, row, take| take(Fact::Sale(order(get, row))),
};

pub(crate) static LINE: Kind = Kind {
    table: "sale_line",
    view: "order_lines",
    columns: &[
        column("order_id", Text),
        column("sku", Word),
        column("name", Word),
        column("quantity", Exact),
        column("price", Money),
        column("currency", Word),
    ],
    versions: Versions::Together,
    get: |get, row, take| take(Fact::SaleLine(line(get, row))),
};

pub(crate) static REFUND: Kind = Kind {
    table: "refund",
    view: "refunds",
    columns: &[column("order_id", Text), column("at", Time), column("amount", Money), column("currency", Word)],
    versions: Versions::Newest,
    get: |get, row, take| take(Fact::Refund(refund(get, row))),
};

fn amount(identity: Identity, amount: Option<Decimal>) -> Identity {
    // 12.5 and 12.50 are one amount.
    let plain = amount.map(|mut a| {
        while a.places > 0 && a.units % 10 == 0 {
            (a.units, a.places) = (a.units / 10, a.places - 1);
        }
        a
    });
    identity.int(plain.map(|a| a.units)).int(plain.map(|a| i64::from(a.places)))
}

pub(super) fn lead(order: &Order<'_>, secret: &Secret) -> Lead {
    let key = if let Some(id) = order.order_id.filter(|id| !id.is_empty()) {
        Identity::of(13).text(Some(id)).end()
    } else {
        let who = Identity::of(14).text(order.customer_id).int(order.ordered_at.map(|t| t.0));
        let what = amount(who, order.total).text(order.currency).text(order.discount_code).text(order.came_from);
        secret.sealed(what.end())
    };
    Lead { kind: FactKind::Sale, row: order.row, key, live: 1, latest: order.ordered_at }
}

pub(super) fn lead_of_line(line: &OrderLine<'_>) -> Lead {
    let key = if let Some(id) = line.order_id.filter(|id| !id.is_empty()) {
        Identity::of(15).text(Some(id))
    } else {
        let what = Identity::of(16).text(line.sku).text(line.name);
        amount(amount(what, line.quantity), line.price)
    };
    Lead { kind: FactKind::SaleLine, row: line.row, key: key.end(), live: 1, latest: None }
}

pub(super) fn lead_of_refund(refund: &Refund<'_>) -> Lead {
    let what = Identity::of(17).text(refund.order_id).int(refund.at.map(|t| t.0));
    let key = amount(what, refund.amount).text(refund.currency).end();
    Lead { kind: FactKind::Refund, row: refund.row, key, live: 1, latest: refund.at }
}

pub(super) fn put(order: &Order<'_>, put: &mut Put<'_, '_>) {
    put.text(order.order_id);
    put.customer(order.customer_id);
    put.time(order.ordered_at);
    put.money(order.total, order.currency);
    put.word(order.currency);
    put.word(order.discount_code);
    put.word(order.came_from);
    put.word(order.status);
    put.money(order.refunded, order.currency);
    put.email(order.email);
    put.text(order.handle);
}

pub(super) fn put_line(line: &OrderLine<'_>, put: &mut Put<'_, '_>) {
    put.text(line.order_id);
    put.word(line.sku);
    put.word(line.name);
    put.exact(line.quantity);
    put.line_price(line.price);
    put.word(put.order_currency);
}

pub(super) fn put_refund(refund: &Refund<'_>, put: &mut Put<'_, '_>) {
    put.text(refund.order_id);
    put.time(refund.at);
    put.money(refund.amount, refund.currency);
    put.word(refund.currency);
}

fn order<'r>(get: &mut Get<'r>, row: RowRef) -> Order<'r> {
    Order {
        order_id: get.text(),
        customer_id: get.text(),
        ordered_at: get.time(),
        total: get.money(),
        currency: get.word(),
        discount_code: get.word(),
        came_from: get.word(),
        status: get.word(),
        refunded: get.money(),
        email: get.text(),
        handle: get.text(),
        row,
    }
}

fn line<'r>(get: &mut Get<'r>, row: RowRef) -> OrderLine<'r> {
    OrderLine {
        order_id: get.text(),
        sku: get.word(),
        name: get.word(),
        quantity: get.exact(),
        price: get.money(),
        row,
    }
}

fn refund<'r>(get: &mut Get<'r>, row: RowRef) -> Refund<'r> {
    Refund { order_id: get.text(), at: get.time(), amount: get.money(), currency: get.word(), row }
}
