//! Orders of `WooCommerce`: the table of its analytics, and the tables that plug-ins for export write.
//!
//! Analytics names customers, and nothing else of them: a name is no id, so that its orders have no customer. Its revenue is net of
//! taxes and shipping. Plug-ins give addresses, and may write a row a product.

use super::{Sale, Shop, ShopField, Told, needed, text};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::{self, Names, Row, named};
use crate::options::Clock;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "woocommerce",
    sentence: "Orders of WooCommerce, from its analytics or from an export plug-in.",
    source: "wp-admin, Analytics, Orders, Download; or a plug-in such as Advanced Order Export",
    quality: TimeQuality::Exact,
    network: None,
    yields: Yields::Orders,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "orders.csv",
            "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue,Attribution\n\
             2026-09-03 10:14:00,501,€41.00,completed,Ada Example,returning,\"2× Blend 250g, 1× Mug\",3,IG10,41.00,Source: Instagram.com\n\
             2026-09-04 11:00:00,502,€15.00,refunded,Bo Example,new,1× Mug,1,,15.00,Direct\n"
                .as_bytes(),
        )],
        n_taken: 2,
    },
};

const NAMES: Names<ShopField> = &[
    (
        ShopField::At,
        &[
            "Date",
            "Order Date",
            "Datum",
            "Bestelldatum",
            "Date de commande",
            "Fecha",
            "Fecha del pedido",
            "Data",
            "Data ordine",
            "Data do pedido",
            "Besteldatum",
            "Tarih",
            "Sipariş tarihi",
            "日付",
            "注文日",
        ],
    ),
    (
        ShopField::OrderId,
        &[
            "Order #",
            "Order Number",
            "Order ID",
            "Bestellung #",
            "Bestellung Nr.",
            "Bestellnummer",
            "Commande #",
            "Commande n°",
            "Numéro de commande",
            "Pedido #",
            "Pedido n.º",
            "Número de pedido",
            "Ordine #",
            "Ordine n.",
            "Numero ordine",
            "Pedido nº",
            "Número do pedido",
            "Bestelling #",
            "Bestelnummer",
            "Sipariş #",
            "Sipariş numarası",
            "注文 #",
            "注文番号",
        ],
    ),
    (
        ShopField::Total,
        &[
            "N. Revenue",
            "Net Revenue",
            "Net sales",
            "Order Total",
            "Order Total Amount",
            "Nettoumsatz",
            "N. Umsatz",
            "Chiffre d'affaires net",
            "Revenu net",
            "Ingresos netos",
            "Ingresos n.",
            "Ricavi netti",
            "Receita líquida",
            "Netto-omzet",
            "Net gelir",
            "純売上高",
            "Bestellsumme",
            "Total de la commande",
            "Total del pedido",
            "Totale ordine",
            "Total do pedido",
            "Besteltotaal",
            "Sipariş toplamı",
        ],
    ),
    (
        ShopField::Shown,
        &[
            "N. Revenue (formatted)",
            "Nettoumsatz (formatiert)",
            "N. Umsatz (formatiert)",
            "Revenu net (formaté)",
            "Ingresos netos (con formato)",
            "Ricavi netti (formattati)",
            "Receita líquida (formatada)",
            "Netto-omzet (opgemaakt)",
        ],
    ),
    (
        ShopField::Status,
        &["Status", "Order Status", "Bestellstatus", "État", "Estado", "Stato", "Statut", "Durum", "ステータス"],
    ),
    (
        ShopField::Products,
        &[
            "Product(s)",
            "Produkt(e)",
            "Produit(s)",
            "Producto(s)",
            "Prodotto/i",
            "Prodotti",
            "Produto(s)",
            "Ürün(ler)",
            "商品",
        ],
    ),
    (
        ShopField::Discount,
        &[
            "Coupon(s)",
            "Coupon Code",
            "Coupons",
            "Gutschein(e)",
            "Gutscheine",
            "Code(s) promo",
            "Cupón(es)",
            "Cupones",
            "Codice promozionale",
            "Cupom(ns)",
            "Cupons",
            "Waardebon(nen)",
            "Kupon(lar)",
            "クーポン",
        ],
    ),
    (
        ShopField::CameFrom,
        &[
            "Attribution",
            "Origin",
            "Zuordnung",
            "Herkunft",
            "Atribución",
            "Attribuzione",
            "Atribuição",
            "Toewijzing",
            "İlişkilendirme",
        ],
    ),
    (
        ShopField::Email,
        &[
            "Billing Email",
            "Email (Billing)",
            "Customer Email",
            "Rechnungs-E-Mail",
            "E-Mail (Rechnung)",
            "E-mail de facturation",
            "Correo electrónico de facturación",
            "Email fatturazione",
            "E-mail de cobrança",
            "Facturatie e-mail",
            "Fatura e-postası",
        ],
    ),
    (ShopField::CustomerId, &["Customer ID", "Customer User ID", "Customer User"]),
    (ShopField::Currency, &["Order Currency", "Currency"]),
    (ShopField::Refunded, &["Order Refund Amount", "Refund Amount"]),
    (ShopField::Sku, &["SKU", "Product SKU"]),
    (ShopField::Product, &["Item Name", "Product Name"]),
    (ShopField::Quantity, &["Quantity", "Quantity (- Refund)", "Item Quantity"]),
    (ShopField::Price, &["Item Cost", "Item Price"]),
    (
        ShopField::Kind,
        &[
            "Customer type",
            "Kundentyp",
            "Type de client",
            "Tipo de cliente",
            "Tipo di cliente",
            "Klanttype",
            "Müşteri tipi",
        ],
    ),
];

fn of(header: &str) -> Option<ShopField> {
    named(NAMES, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let of_order = [ShopField::OrderId, ShopField::At, ShopField::Total, ShopField::Status];
    let own = [ShopField::Shown, ShopField::Products, ShopField::Kind, ShopField::Email, ShopField::Product];
    let is_own = of_order.iter().all(|f| layout.has(*f)) && own.iter().any(|f| layout.has(*f));
    if is_own { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let is_line = |row: &Row<'_, ShopField>| row.layout().has(ShopField::Product) || row.layout().has(ShopField::Sku);
    let named_only = reading.members.iter().any(|member| {
        let head = reading.head(*member);
        export::of_text(&head, of, reading.bundle.options_of(*member))
            .is_some_and(|layout| !layout.has(ShopField::Email) && !layout.has(ShopField::CustomerId))
    });
    super::read(reading, &Shop { of, tell, is_line, note: None })?;
    if named_only {
        reading.note(
            "the table names customers without an id or an address: its orders have no customer, and its totals are net of taxes and \
             shipping; an export plug-in gives addresses",
        )?;
    }
    Ok(())
}

fn tell(row: &Row<'_, ShopField>, clock: &mut Clock) -> Result<Told, String> {
    let email = super::address(row);
    let shown = row.text(ShopField::Shown).and_then(|shown| super::sign(&shown)).map(str::to_owned);
    // An id of 0 is a guest.
    let customer = text(row, ShopField::CustomerId).filter(|id| id != "0");
    let from = text(row, ShopField::CameFrom);
    let came_from = from.map(|from| from.split_once(": ").map_or(from.as_str(), |(_, source)| source).to_owned());
    let mut lines = super::first_line(row)?;
    lines.extend(row.text(ShopField::Products).iter().flat_map(|list| products(list)));
    Ok(Told::Sale(Box::new(Sale {
        order_id: Some(needed(text(row, ShopField::OrderId), "the number of an order")?),
        customer_id: email.clone().or(customer),
        at: Some(needed(row.time(ShopField::At, clock)?, "when the order was placed")?),
        total: Some(needed(row.amount(ShopField::Total)?, "the total of an order")?),
        currency: text(row, ShopField::Currency).or(shown),
        discount_code: text(row, ShopField::Discount),
        came_from,
        status: text(row, ShopField::Status),
        refunded: row.amount(ShopField::Refunded)?.filter(|amount| amount.units != 0),
        email,
        handle: None,
        lines,
    })))
}

/// The products of `2× Blend 250g, 1× Mug`. A comma within a name is none between products.
fn products(list: &str) -> Vec<super::Line> {
    let mut found: Vec<super::Line> = Vec::new();
    for part in list.split(", ") {
        let counted = part.split_once('×').and_then(|(n, name)| Some((n.trim().parse().ok()?, name.trim())));
        match (counted, found.last_mut()) {
            (Some((n, name)), _) => found.push(super::Line {
                name: Some(name.to_owned()),
                quantity: Some(assay_model::Decimal::whole(n)),
                ..super::Line::default()
            }),
            (None, Some(super::Line { name: Some(name), .. })) => {
                name.push_str(", ");
                name.push_str(part);
            }
            (None, _) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::products;
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn products_are_told_apart() {
        let found = products("2× Blend 250g, 1× Mug, blue");
        assert_eq!(found.iter().filter_map(|l| l.name.as_deref()).collect::<Vec<_>>(), ["Blend 250g", "Mug, blue"]);
        assert_eq!(found[0].quantity, Some(assay_model::Decimal::whole(2)));
        assert!(products("Mug").is_empty());
    }

    #[test]
    fn a_plug_in_writes_a_row_a_product() {
        let text = "Order Number,Order Status,Order Date,Order Total Amount,Email (Billing),Item Name,Quantity,Item Cost\n\
            7,Completed,2026-09-03 10:14,31.00,Ada@b.c,Mug,1,15.00\n7,Completed,2026-09-03 10:14,31.00,Ada@b.c,Cup,1,16.00\n\
            8,Completed,2026-09-04 10:14,15.00,bo@b.c,Mug,1,15.00\n";
        let kept = run_files(&[("o.csv", text.as_bytes())]).expect("orders");
        assert_eq!((kept.n_sales, kept.others.len(), kept.rejects.len()), (2, 3, 0), "{kept:?}");
        assert_eq!(kept.orders.customers, ["ada@b.c", "bo@b.c"]);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/orders") else { return };
        let kept = run(&open(folder.join("woocommerce_analytics_orders.csv"))).expect("orders");
        assert_eq!((kept.n_sales, kept.others.len(), kept.rejects.len()), (1, 2, 0), "{kept:?}");
    }
}
