//! People: who is joined with whom, and on which basis.

use super::format::{counted, plain};
use assay_store::Join;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The joins as text, a line for each.
pub fn people_text(joins: &[Join]) -> String {
    if joins.is_empty() {
        return "Nobody is joined. A join needs a basis: `assay people link --help`.\n".to_owned();
    }
    let mut text = String::new();
    for j in joins {
        let account = match (&j.handle, &j.account_id) {
            (Some(handle), _) => format!("@{}", plain(handle)),
            (None, Some(id)) => format!("account {}", plain(id)),
            (None, None) => "an account".to_owned(),
        };
        let network = if j.network.is_empty() { "network not known" } else { &j.network };
        let customer = match (&j.customer_id, &j.discount_code) {
            (Some(customer), _) => format!("customer {}", plain(customer)),
            (None, Some(code)) => format!("code {}, which not one customer alone used", plain(code)),
            (None, None) => "no customer".to_owned(),
        };
        let mut basis = j.basis.clone();
        if let Some((file, line)) = &j.row {
            let _ = write!(basis, ", {}:{line}", plain(file));
        }
        if let Some(id) = j.link_id {
            let _ = write!(basis, ", link {id}");
        }
        if let Some(note) = &j.note {
            let _ = write!(basis, ": {}", plain(note));
        }
        let orders = counted(j.n_orders, "order", "orders");
        let _ = writeln!(text, "{account} ({}) = {customer}, {orders}  [{basis}]", plain(network));
    }
    text
}

/// The joins as `assay.people/1`.
pub fn people_json(joins: &[Join]) -> Value {
    let join = |j: &Join| {
        json!({
            "link": j.link_id,
            "network": j.network,
            "account_id": j.account_id,
            "handle": j.handle,
            "customer_id": j.customer_id,
            "discount_code": j.discount_code,
            "basis": j.basis,
            "note": j.note,
            "file": j.row.as_ref().map(|(file, _)| file),
            "line": j.row.as_ref().map(|(_, line)| line),
            "n_orders": j.n_orders,
        })
    };
    json!({
        "schema": "assay.people/1",
        "version": env!("CARGO_PKG_VERSION"),
        "people": joins.iter().map(join).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{people_json, people_text};
    use crate::render::schema::faults;
    use assay_store::Join;

    #[test]
    fn a_basis_stands_beside_every_join() {
        let joins = [
            Join {
                link_id: None,
                network: "instagram".to_owned(),
                account_id: None,
                handle: Some("ann".to_owned()),
                customer_id: Some("C1".to_owned()),
                discount_code: None,
                basis: "order-handle".to_owned(),
                note: None,
                row: Some(("orders.csv".to_owned(), 7)),
                n_orders: 3,
            },
            Join {
                link_id: Some(2),
                network: String::new(),
                account_id: Some("9".to_owned()),
                handle: None,
                customer_id: None,
                discount_code: Some("ANN10".to_owned()),
                basis: "discount-code".to_owned(),
                note: Some("at the market".to_owned()),
                row: None,
                n_orders: 0,
            },
        ];
        let text = people_text(&joins);
        assert!(text.contains("@ann (instagram) = customer C1, 3 orders  [order-handle, orders.csv:7]"), "{text}");
        assert!(text.contains("[discount-code, link 2: at the market]"), "{text}");
        let schema = serde_json::from_str(include_str!("../../schemas/people-1.json")).expect("a schema");
        assert_eq!(faults(&schema, &people_json(&joins)), Vec::<String>::new());
        assert!(people_text(&[]).contains("Nobody"));
    }
}
