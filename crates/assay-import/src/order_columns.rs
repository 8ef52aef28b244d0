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
    Status,
    Refunded,
    Email,
    Handle,
    Product,
    Sku,
    Quantity,
    Price,
    LineTotal,
    Subtotal,
    Shipping,
    Tax,
    Discount,
}

/// The columns of a table of orders, with an order a row or with something bought a row.
pub static ORDER_COLUMNS: &[ColumnNames] = &[
    names(
        "order_id",
        "the order; further rows of one tell what else was bought in it, where the table has products",
        &["order", "order_number", "order_no", "invoice", "invoice_id", "invoice_no", "transaction_id", "order_name"],
    ),
    names(
        "customer_id",
        "the customer, by any id that stays the same; the e-mail address stands for it where there is none",
        &["customer", "customer_number", "client_id", "buyer_id", "buyer", "user_id", "cust_id"],
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
        "what the customer paid for the order, taxes and shipping within; below 0 is a refund",
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
            "sales",
            "spend",
            "dollars",
        ],
    ),
    names("currency", "ISO 4217 code of the amounts", &["currency_code", "order_currency"]),
    names("discount_code", "the code that the customer gave", &["coupon", "coupon_code", "promo_code", "voucher"]),
    names("source", "where the customer came from", &["utm_source", "channel", "referrer", "traffic_source"]),
    names(
        "status",
        "whether it came to anything, as the shop says: cancelled, voided, failed and expired orders do not count",
        &["order_status", "financial_status", "payment_status"],
    ),
    names(
        "refunded",
        "what of the total was given back since",
        &["refund", "refund_amount", "refunded_amount", "amount_refunded", "total_refunded"],
    ),
    names(
        "email",
        "the customer's address; a workspace keeps a keyed hash of it",
        &["customer_email", "email_address", "buyer_email"],
    ),
    names(
        "customer_handle",
        "the handle that the customer gave with the order",
        &["instagram_handle", "tiktok_handle", "social_handle"],
    ),
    names(
        "product",
        "what was bought",
        &["product_name", "product_title", "item", "item_name", "lineitem_name", "article", "description"],
    ),
    names(
        "sku",
        "the seller's code of it",
        &["stock_code", "product_id", "product_sku", "item_id", "item_sku", "lineitem_sku", "article_number"],
    ),
    names(
        "quantity",
        "how many of it; 1 where it is not told",
        &["qty", "units", "item_quantity", "lineitem_quantity"],
    ),
    names("price", "the price of one", &["unit_price", "item_price", "price_per_unit", "price_each", "lineitem_price"]),
    names(
        "line_total",
        "what this row comes to; an order without a total is the sum of its rows",
        &["line_amount", "line_price", "line_value", "lineitem_total", "item_total", "extended_price"],
    ),
    names(
        "subtotal",
        "what all that was bought comes to, where there is no total: shipping and taxes are added, the discount taken off",
        &["subtotal_price", "items_total"],
    ),
    names(
        "shipping",
        "what shipping cost",
        &["shipping_cost", "shipping_price", "total_shipping", "freight", "postage"],
    ),
    names("tax", "taxes that are not in the prices", &["taxes", "tax_amount", "total_tax", "sales_tax", "vat"]),
    names(
        "discount",
        "what was taken off",
        &["discount_amount", "discount_total", "total_discount", "total_discounts"],
    ),
];

const ORDER: [OrderColumn; 20] = [
    OrderColumn::OrderId,
    OrderColumn::CustomerId,
    OrderColumn::OrderedAt,
    OrderColumn::Total,
    OrderColumn::Currency,
    OrderColumn::DiscountCode,
    OrderColumn::CameFrom,
    OrderColumn::Status,
    OrderColumn::Refunded,
    OrderColumn::Email,
    OrderColumn::Handle,
    OrderColumn::Product,
    OrderColumn::Sku,
    OrderColumn::Quantity,
    OrderColumn::Price,
    OrderColumn::LineTotal,
    OrderColumn::Subtotal,
    OrderColumn::Shipping,
    OrderColumn::Tax,
    OrderColumn::Discount,
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
        !matches!(
            self,
            Self::OrderedAt
                | Self::Total
                | Self::Refunded
                | Self::Quantity
                | Self::Price
                | Self::LineTotal
                | Self::Subtotal
                | Self::Shipping
                | Self::Tax
                | Self::Discount
        )
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
