//! Orders of Shopify: a row a line item, of which the first carries the order.
//!
//! Later rows of an order repeat its name and leave the rest blank: the total is summed over first rows alone. The note or its
//! attributes may hold the handle that the customer gave. A shop with two time zones writes an offset behind each time.

use super::{Sale, Shop, ShopField, Told, needed, text};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::{self, Names, Row, named};
use crate::options::Clock;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "shopify",
    sentence: "Orders of Shopify, a row a line item.",
    source: "admin.shopify.com, Orders, Export, as CSV",
    quality: TimeQuality::Exact,
    network: None,
    yields: Yields::Orders,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "orders_export.csv",
            b"Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Discount Code,Created at,Lineitem quantity,\
              Lineitem name,Lineitem price,Lineitem sku,Notes,Note Attributes,Cancelled at,Refunded Amount,Source,Phone\n\
              #1001,Ada@example.com,paid,2026-09-03 10:15:00 -0400,USD,47.00,56.29,IG10,2026-09-03 10:14:00 -0400,2,Blend,16.00,\
              BL-250,,instagram: @ada.makes,,0.00,web,\n\
              #1001,Ada@example.com,,,,,,,,1,Mug,15.00,MUG-1,,,,,,\n\
              #1002,bo@example.com,refunded,2026-09-04 08:00:00 -0400,USD,15.00,15.00,,2026-09-04 07:59:00 -0400,1,Mug,15.00,MUG-1,,,,\
              15.00,web,\n",
        )],
        n_taken: 2,
    },
};

const NAMES: Names<ShopField> = &[
    (ShopField::OrderId, &["Name"]),
    (ShopField::Email, &["Email"]),
    (ShopField::Phone, &["Phone"]),
    (ShopField::Status, &["Financial Status"]),
    (ShopField::Currency, &["Currency"]),
    (ShopField::Total, &["Total"]),
    (ShopField::Discount, &["Discount Code"]),
    (ShopField::At, &["Created at"]),
    (ShopField::Quantity, &["Lineitem quantity"]),
    (ShopField::Product, &["Lineitem name"]),
    (ShopField::Price, &["Lineitem price"]),
    (ShopField::Sku, &["Lineitem sku"]),
    (ShopField::Notes, &["Notes"]),
    (ShopField::Attributes, &["Note Attributes"]),
    (ShopField::Cancelled, &["Cancelled at", "Canceled at"]),
    (ShopField::Refunded, &["Refunded Amount"]),
    (ShopField::CameFrom, &["Source"]),
];

fn of(header: &str) -> Option<ShopField> {
    named(NAMES, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let own = layout.has(ShopField::Product) && layout.has(ShopField::Status);
    if own && layout.has(ShopField::Total) && layout.has(ShopField::At) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(reading, &Shop { of, tell, is_line: |row| row.text(ShopField::Total).is_none(), note: None })
}

fn tell(row: &Row<'_, ShopField>, clock: &mut Clock) -> Result<Told, String> {
    let order_id = needed(text(row, ShopField::OrderId), "the name of an order")?;
    let total = needed(row.amount(ShopField::Total)?, "the total of an order, or its first row above")?;
    let email = super::address(row);
    let is_cancelled = row.text(ShopField::Cancelled).is_some();
    let said = [ShopField::Attributes, ShopField::Notes].into_iter().find_map(|field| handle(&row.text(field)?));
    Ok(Told::Sale(Box::new(Sale {
        order_id: Some(order_id),
        customer_id: email.clone().or_else(|| super::phone(row)),
        at: Some(needed(row.time(ShopField::At, clock)?, "when the order was placed")?),
        total: Some(total),
        currency: text(row, ShopField::Currency),
        discount_code: text(row, ShopField::Discount),
        came_from: text(row, ShopField::CameFrom),
        status: if is_cancelled { Some("cancelled".to_owned()) } else { text(row, ShopField::Status) },
        refunded: row.amount(ShopField::Refunded)?.filter(|amount| amount.units != 0),
        email,
        handle: said,
        lines: super::first_line(row)?,
    })))
}

/// The handle that a note gives: what stands behind the name of a network, or behind an at sign.
fn handle(note: &str) -> Option<String> {
    const NETWORKS: [&str; 8] = ["instagram", "insta", "ig", "tiktok", "twitter", "x", "handle", "bluesky"];
    let is_handle = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    note.lines().find_map(|line| {
        let (network, said) = line.split_once([':', '='])?;
        let network = network.trim().to_lowercase();
        let first = network.split([' ', '_', '-']).next().unwrap_or_default();
        let said = said.trim().trim_start_matches('@');
        let fits = NETWORKS.contains(&first) && !said.is_empty() && said.len() <= 60 && said.chars().all(is_handle);
        fits.then(|| said.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::handle;
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn notes_give_handles_where_they_name_a_network() {
        assert_eq!(handle("instagram: @ada.makes").as_deref(), Some("ada.makes"));
        assert_eq!(handle("gift: yes\nInstagram handle: bo_b").as_deref(), Some("bo_b"));
        for note in ["please wrap @home", "delivery: @door", "ig: see my page please", "instagram:"] {
            assert_eq!(handle(note), None, "{note}");
        }
    }

    #[test]
    fn lines_without_their_order_are_rejected_and_an_order_counts_once() {
        let head = "Name,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Email\n";
        let one = "#1,paid,EUR,5,2026-09-03 10:14:00 +0200,1,Mug,a@b\n";
        let text = format!("{head}#9,,,,,1,Mug,a@b\n{one}{one}#1,,,,,1,Cup,a@b\n#2,paid,EUR,5,soon,1,Mug,a@b\n");
        let kept = run_files(&[("o.csv", text.as_bytes())]).expect("orders");
        assert_eq!((kept.n_sales, kept.rejects.len()), (1, 4), "{:?}", kept.rejects);
        assert!(kept.rejects[1].why.contains("line 3 already"), "{:?}", kept.rejects);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/orders") else { return };
        let kept = run(&open(folder.join("shopify_orders_export.csv"))).expect("orders");
        assert_eq!((kept.n_sales, kept.others.len(), kept.rejects.len()), (1, 2, 0), "{kept:?}");
        assert_eq!(kept.orders.customers, ["ada@example.com"]);
        // date -u -d '2026-09-03 10:14:00 -0400' +%s
        assert_eq!(kept.orders.rows[0].ordered_at.0, 1_788_444_840_000);
    }
}
