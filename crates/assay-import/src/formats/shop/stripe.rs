//! Payments of Stripe: a row a charge, amounts in the units of the currency (no minor ones: `1500` yen are 1500), times in UTC.
//!
//! Payments in test mode, failed ones and ones that were not captured are no orders.

use super::{Sale, Shop, ShopField, Told, needed, text};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::{self, Names, Row, named};
use crate::options::Clock;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "stripe",
    sentence: "Payments of Stripe.",
    source: "dashboard.stripe.com, Payments, Export, all columns",
    quality: TimeQuality::Exact,
    network: None,
    yields: Yields::Orders,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "unified_payments.csv",
            b"id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Mode,Status,Description,Customer ID,Customer Email\n\
              ch_1,2026-09-03 14:15:00,56.29,0.00,usd,true,Live,Paid,Order #1001,cus_1,Ada@Example.com\n\
              ch_2,2026-09-04 14:15:00,1500,1500,jpy,true,Live,Refunded,,cus_2,bo@example.com\n\
              ch_3,2026-09-04 14:16:00,9.00,0.00,usd,true,Test,Paid,,cus_3,c@example.com\n\
              ch_4,2026-09-04 14:17:00,9.00,0.00,usd,false,Live,Failed,,cus_4,d@example.com\n",
        )],
        n_taken: 2,
    },
};

const NAMES: Names<ShopField> = &[
    (ShopField::OrderId, &["id", "Charge ID", "PaymentIntent ID"]),
    (ShopField::At, &["Created date (UTC)", "Created (UTC)"]),
    (ShopField::Total, &["Amount"]),
    (ShopField::Refunded, &["Amount Refunded"]),
    (ShopField::Currency, &["Currency"]),
    (ShopField::Captured, &["Captured"]),
    (ShopField::Mode, &["Mode"]),
    (ShopField::Status, &["Status"]),
    (ShopField::CustomerId, &["Customer ID"]),
    (ShopField::Email, &["Customer Email"]),
    (ShopField::Discount, &["coupon (metadata)", "discount_code (metadata)", "promo_code (metadata)"]),
    (ShopField::CameFrom, &["utm_source (metadata)", "source (metadata)"]),
    (ShopField::Attributes, &["instagram (metadata)", "handle (metadata)", "instagram_handle (metadata)"]),
];

fn of(header: &str) -> Option<ShopField> {
    named(NAMES, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let own = layout.has(ShopField::At) && layout.has(ShopField::Status) && layout.has(ShopField::Currency);
    if own && layout.has(ShopField::Total) && layout.has(ShopField::OrderId) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(reading, &Shop { of, tell, is_line: |_| false, note: None })
}

fn tell(row: &Row<'_, ShopField>, _: &mut Clock) -> Result<Told, String> {
    let is =
        |field, words: &[&str]| row.text(field).is_some_and(|t| words.iter().any(|word| t.eq_ignore_ascii_case(word)));
    if is(ShopField::Mode, &["test"]) {
        return Ok(Told::LeftOut("payments in test mode"));
    }
    if is(ShopField::Status, &["failed", "canceled", "cancelled", "blocked", "expired", "incomplete"]) {
        return Ok(Told::LeftOut("payments that failed or were given up"));
    }
    if is(ShopField::Captured, &["false"]) {
        return Ok(Told::LeftOut("payments that were not captured"));
    }
    let total = needed(row.amount(ShopField::Total)?, "an amount")?;
    let given_back = row.amount(ShopField::Refunded)?.filter(|amount| amount.units != 0);
    // A payment that is refunded without an amount was given back whole.
    let whole = is(ShopField::Status, &["refunded"]).then_some(total);
    let email = super::address(row);
    // The header says that times are in UTC, whatever zone the user names.
    let at = needed(row.time(ShopField::At, &mut Clock::default())?, "when the payment was made")?;
    Ok(Told::Sale(Box::new(Sale {
        order_id: Some(needed(text(row, ShopField::OrderId), "the id of a payment")?),
        customer_id: text(row, ShopField::CustomerId).or_else(|| email.clone()),
        at: Some(at),
        total: Some(total),
        currency: text(row, ShopField::Currency).map(|code| code.to_ascii_uppercase()),
        discount_code: text(row, ShopField::Discount),
        came_from: text(row, ShopField::CameFrom),
        status: text(row, ShopField::Status),
        refunded: given_back.or(whole),
        email,
        handle: text(row, ShopField::Attributes).map(|handle| handle.trim_start_matches('@').to_owned()),
        lines: Vec::new(),
    })))
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, shared};

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/orders") else { return };
        let kept = run(&open(folder.join("stripe_payments.csv"))).expect("payments");
        assert_eq!((kept.n_sales, kept.rejects.len()), (2, 0), "{kept:?}");
        assert_eq!(kept.orders.currencies, ["USD", "JPY"]);
        assert_eq!((kept.orders.rows[1].total.units, kept.orders.rows[1].total.places), (1_500, 0));
        // date -u -d '2026-09-03 14:15:00' +%s
        assert_eq!(kept.orders.rows[0].ordered_at.0, 1_788_444_900_000);
    }
}
