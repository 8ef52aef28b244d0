//! Transactions of Square: date, time and zone in three columns, money with its sign, refunds as rows of their own.
//!
//! A total is what was collected, taxes and tips included. A dollar sign names no currency.

use super::{Sale, Shop, ShopField, Told, needed, text};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::{self, Names, Row, named};
use crate::options::{Clock, ReadOptions, Zone};
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "square",
    sentence: "Transactions of Square, payments and refunds.",
    source: "squareup.com/dashboard, Transactions, Export, Transactions CSV",
    quality: TimeQuality::Exact,
    network: None,
    yields: Yields::Orders,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "transactions.csv",
            b"Date,Time,Time Zone,Gross Sales,Net Sales,Tax,Tip,Total Collected,Source,Transaction ID,Payment ID,Description,\
              Event Type,Customer ID,Customer Name\n\
              2026-09-13,10:02:11,Eastern Time (US & Canada),$30.00,$27.00,$2.16,$2.00,$31.16,Point of Sale,T1,P1,Mug x 1,Payment,\
              CUST1,Dee Example\n\
              2026-09-14,09:00:00,Eastern Time (US & Canada),-$3.00,-$3.00,$0.00,$0.00,-$3.00,Point of Sale,T1,P2,,Refund,CUST1,\
              Dee Example\n",
        )],
        n_taken: 1,
    },
};

const NAMES: Names<ShopField> = &[
    (ShopField::Date, &["Date"]),
    (ShopField::Clock, &["Time"]),
    (ShopField::Zone, &["Time Zone"]),
    (ShopField::Total, &["Total Collected"]),
    (ShopField::CameFrom, &["Source"]),
    (ShopField::OrderId, &["Transaction ID"]),
    (ShopField::PaymentId, &["Payment ID"]),
    (ShopField::Kind, &["Event Type"]),
    (ShopField::CustomerId, &["Customer ID"]),
    (ShopField::Products, &["Description"]),
];

/// Square's names of zones, which are those of Ruby on Rails.
const ZONES: [(&str, &str); 22] = [
    ("Eastern Time (US & Canada)", "America/New_York"),
    ("Central Time (US & Canada)", "America/Chicago"),
    ("Mountain Time (US & Canada)", "America/Denver"),
    ("Pacific Time (US & Canada)", "America/Los_Angeles"),
    ("Arizona", "America/Phoenix"),
    ("Alaska", "America/Anchorage"),
    ("Hawaii", "Pacific/Honolulu"),
    ("Indiana (East)", "America/Indiana/Indianapolis"),
    ("Atlantic Time (Canada)", "America/Halifax"),
    ("Newfoundland", "America/St_Johns"),
    ("Saskatchewan", "America/Regina"),
    ("London", "Europe/London"),
    ("Edinburgh", "Europe/London"),
    ("Dublin", "Europe/Dublin"),
    ("Paris", "Europe/Paris"),
    ("Madrid", "Europe/Madrid"),
    ("Sydney", "Australia/Sydney"),
    ("Melbourne", "Australia/Melbourne"),
    ("Brisbane", "Australia/Brisbane"),
    ("Adelaide", "Australia/Adelaide"),
    ("Perth", "Australia/Perth"),
    ("Tokyo", "Asia/Tokyo"),
];

fn of(header: &str) -> Option<ShopField> {
    named(NAMES, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let own = layout.has(ShopField::OrderId) && layout.has(ShopField::Kind) && layout.has(ShopField::Clock);
    if own && layout.has(ShopField::Total) && layout.has(ShopField::Date) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(
        reading,
        &Shop { of, tell, is_line: |_| false, note: Some("totals are what was collected, taxes and tips included") },
    )
}

fn tell(row: &Row<'_, ShopField>, clock: &mut Clock) -> Result<Told, String> {
    let date = needed(text(row, ShopField::Date), "a date")?;
    let time = text(row, ShopField::Clock).unwrap_or_default();
    let moment = row.moment(ShopField::Date, format!("{date} {time}").trim())?;
    let at = match text(row, ShopField::Zone).as_deref().and_then(zone) {
        Some(zone) => Clock::new(&ReadOptions { zone: Some(zone), ..ReadOptions::default() }).at(moment),
        None => clock.at(moment),
    };
    let order_id = Some(needed(text(row, ShopField::OrderId), "the id of a transaction")?);
    let total = needed(row.amount(ShopField::Total)?, "what was collected")?;
    let currency = row.text(ShopField::Total).and_then(|shown| super::sign(&shown)).map(str::to_owned);
    if row.text(ShopField::Kind).is_some_and(|kind| kind.eq_ignore_ascii_case("refund")) {
        let amount = assay_model::Decimal { units: total.units.saturating_abs(), ..total };
        return Ok(Told::Refund { order_id, at: Some(at), amount, currency });
    }
    Ok(Told::Sale(Box::new(Sale {
        order_id,
        customer_id: text(row, ShopField::CustomerId),
        at: Some(at),
        total: Some(total),
        currency,
        came_from: text(row, ShopField::CameFrom),
        status: text(row, ShopField::Kind),
        ..Sale::default()
    })))
}

/// The zone of Square's name for it, or of its name in the IANA database.
fn zone(name: &str) -> Option<Zone> {
    let known = ZONES.iter().find(|(square, _)| *square == name).map_or(name, |(_, iana)| iana);
    Zone::parse(known).ok()
}

#[cfg(test)]
mod tests {
    use super::{ZONES, zone};
    use crate::samples::{open, run, shared};

    #[test]
    fn every_zone_of_the_table_is_one() {
        assert!(ZONES.iter().all(|(square, iana)| zone(square).is_some_and(|zone| zone.name() == *iana)));
        assert!(zone("Moon").is_none());
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/orders") else { return };
        let kept = run(&open(folder.join("square_transactions.csv"))).expect("transactions");
        assert_eq!((kept.n_sales, kept.rejects.len()), (1, 0), "{kept:?}");
        // date -u -d 'TZ="America/New_York" 2026-09-13 10:02:11' +%s
        assert_eq!(kept.orders.rows[0].ordered_at.0, 1_789_308_131_000);
        assert_eq!(kept.orders.rows[0].total.units, 3_116);
    }
}
