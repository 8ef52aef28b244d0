//! The columns of a table of orders, and the names under which they are known.

use crate::columns::{ColumnNames, TableColumn, find, names};

/// A column of a table of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OrderColumn {
    OrderId,
    CustomerId,
    OrderedAt,
    Total,
    Currency,
    DiscountCode,
    CameFrom,
}

/// The columns of a table of orders.
pub static ORDER_COLUMNS: &[ColumnNames] = &[
    names(
        "order_id",
        "the order; a row that repeats one is left out",
        &["order", "order_number", "order_no", "invoice", "invoice_id", "invoice_no", "transaction_id", "order_name"],
    ),
    names(
        "customer_id",
        "the customer, by any id that stays the same",
        &[
            "customer",
            "customer_number",
            "customer_email",
            "email",
            "client_id",
            "buyer_id",
            "buyer",
            "user_id",
            "cust_id",
        ],
    ),
    names(
        "ordered_at",
        "when the order was placed",
        &[
            "order_date",
            "order_time",
            "ordered_on",
            "purchased_at",
            "purchase_date",
            "purchase_time",
            "invoice_date",
            "transaction_date",
            "created_at",
            "created",
            "created_utc",
            "paid_at",
            "date",
            "day",
            "timestamp",
            "time",
            "datetime",
        ],
    ),
    names(
        "total",
        "what the customer paid; below 0 is a refund",
        &[
            "amount",
            "order_total",
            "order_value",
            "total_price",
            "total_amount",
            "grand_total",
            "total_sales",
            "net_sales",
            "revenue",
            "value",
            "price",
            "sales",
            "spend",
            "dollars",
        ],
    ),
    names("currency", "ISO 4217 code of the total", &["currency_code", "order_currency"]),
    names("discount_code", "the code that the customer gave", &["coupon", "coupon_code", "promo_code", "voucher"]),
    names("source", "where the customer came from", &["utm_source", "channel", "referrer", "traffic_source"]),
];

const ORDER: [OrderColumn; 7] = [
    OrderColumn::OrderId,
    OrderColumn::CustomerId,
    OrderColumn::OrderedAt,
    OrderColumn::Total,
    OrderColumn::Currency,
    OrderColumn::DiscountCode,
    OrderColumn::CameFrom,
];

impl TableColumn for OrderColumn {
    const EXAMPLES: &'static str = "customer_id, ordered_at and total";

    fn of(name: &str) -> Option<Self> {
        find(ORDER_COLUMNS, name).map(|i| ORDER[i])
    }

    fn name(self) -> &'static str {
        ORDER_COLUMNS[self as usize].name
    }

    fn is_text(self) -> bool {
        !matches!(self, Self::OrderedAt | Self::Total)
    }

    fn place(self) -> u32 {
        self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::{ORDER, ORDER_COLUMNS, OrderColumn};
    use crate::columns::{TableColumn, plain};

    #[test]
    fn the_table_agrees_with_the_columns_and_no_name_means_two() {
        assert_eq!(ORDER_COLUMNS.len(), ORDER.len());
        for (i, column) in ORDER.iter().enumerate() {
            assert_eq!(*column as usize, i);
            assert_eq!(OrderColumn::of(column.name()), Some(*column));
        }
        let mut names: Vec<_> =
            ORDER_COLUMNS.iter().flat_map(|c| std::iter::once(&c.name).chain(c.aliases)).map(|n| plain(n)).collect();
        let n = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), n, "a name stands twice");
    }
}
