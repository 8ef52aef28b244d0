//! Customers whom files name by an address or a telephone number: a workspace counts with them and shows neither.

use crate::program::{Ran, done, file, folder, run};
use assay_import::{IMPORTERS, Yields};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Whether a text stands in the file of a workspace or beside it, in whatever case.
fn holds(workspace: &str, text: &str) -> bool {
    ["", "-wal"].iter().any(|end| {
        let bytes = fs::read(format!("{workspace}{end}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).to_lowercase().contains(&text.to_lowercase())
    })
}

/// The addresses in a sample.
fn addresses(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '+');
    text.split(|c| !is_part(c)).filter(|word| word[1.min(word.len())..].contains('@')).map(str::to_owned).collect()
}

#[test]
fn no_format_of_orders_or_contacts_brings_an_address_into_a_workspace() {
    let folder = folder("no_format_brings_an_address");
    let mut n_told = 0;
    for importer in IMPORTERS.iter().filter(|i| matches!(i.yields, Yields::Orders | Yields::Contacts)) {
        let workspace = folder.join(format!("{}.db", importer.id)).display().to_string();
        let mut told = Vec::new();
        for (name, bytes) in importer.control.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, bytes).expect("a sample");
            done(&["import", path.to_str().expect("UTF-8"), "--as", importer.id, "--workspace", &workspace]);
            told.extend(addresses(bytes));
        }
        for address in &told {
            assert!(!holds(&workspace, address), "{}: {address}", importer.id);
        }
        n_told += told.len();
    }
    assert!(n_told > 5, "the samples hold {n_told} addresses, too few to tell");
}

const SHOPIFY: &str = "\
Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Phone
#1,Ada@Example.com,paid,EUR,50.00,2026-01-05 10:00:00 +0000,1,Mug,
#2,ada@example.com,paid,EUR,20.00,2026-02-09 10:00:00 +0000,1,Mug,
#3,,paid,EUR,30.00,2026-02-10 10:00:00 +0000,1,Mug,5550104711
#4,,paid,EUR,30.00,2026-03-10 10:00:00 +0000,1,Mug,5550104711
";
const WOO: &str = "\
Order Number,Order Status,Order Date,Order Total Amount,Order Currency,Email (Billing),Item Name,Quantity,Item Cost
7,Completed,2026-03-03 10:14,31.00,EUR,Bo@example.com,Mug,1,31.00
";
const STRIPE: &str = "\
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Mode,Status,Customer ID,Customer Email
ch_1,2026-04-01 14:15:00,56.29,0.00,eur,true,Live,Paid,,ADA@example.com
ch_2,2026-04-02 14:15:00,15.00,0.00,eur,true,Live,Paid,cus_2,cy@example.com
";
const TABLE: &str = "\
customer_id,ordered_at,total,currency
Bo@Example.com,2026-05-01T10:00:00Z,10.00,EUR
+47 912 34 567,2026-05-02T10:00:00Z,12.00,EUR
0047 91234567,2026-05-03T10:00:00Z,14.00,EUR
C-77,2026-05-04T10:00:00Z,14.00,EUR
";
const PLAIN: [&str; 6] = ["ada@example", "bo@example", "cy@example", "5550104711", "912 34 567", "91234567"];

fn shops(folder: &Path) -> Vec<String> {
    let all = [("shopify.csv", SHOPIFY), ("woo.csv", WOO), ("stripe.csv", STRIPE), ("table.csv", TABLE)];
    all.map(|(name, text)| file(folder, name, text)).to_vec()
}

fn on(workspace: &str, arguments: &[&str]) -> Ran {
    done(&[arguments, &["--workspace", workspace]].concat())
}

#[test]
fn what_a_fresh_import_shows_names_nobody_by_what_reaches_them() {
    let folder = folder("fresh_import_names_nobody");
    let workspace = folder.join("w.db").display().to_string();
    for path in shops(&folder) {
        on(&workspace, &["import", &path]);
    }
    on(&workspace, &["people", "link", "ada.makes", "--network", "instagram", "--customer", "Ada@example.com"]);
    let mut shown = vec![
        on(&workspace, &["sql", "SELECT * FROM orders"]).stdout,
        on(&workspace, &["sql", "SELECT * FROM orders_versions", "--format", "json"]).stdout,
        on(&workspace, &["people", "list"]).stdout,
        on(&workspace, &["people", "show", "ADA@example.com"]).stdout,
        on(&workspace, &["metrics", "--format", "json"]).stdout,
    ];
    for view in ["orders", "orders_versions", "people", "contacts"] {
        shown.extend(["csv", "json"].map(|format| on(&workspace, &["export", view, "--format", format]).stdout));
    }
    on(&workspace, &["people", "link", "kim", "--network", "instagram", "--customer", "5550104711"]);
    let kim = on(&workspace, &["people", "show", "555-010-4711"]).stdout;
    assert!(kim.contains("@kim") && kim.contains("2 orders") && !kim.contains("4711"), "{kim}");
    assert!(shown[3].contains("ada.makes") && shown[3].contains("3 orders"), "{}", shown[3]);
    for plain in PLAIN {
        assert!(!shown.iter().any(|s| s.to_lowercase().contains(plain)), "{plain} is shown");
        assert!(!holds(&workspace, plain), "{plain} is in the file");
    }
    let customers = "SELECT count(*) AS orders, count(DISTINCT customer_id) AS customers FROM orders";
    assert_eq!(on(&workspace, &["sql", customers, "--format", "csv"]).stdout, "orders,customers\n11,6\n");
}

#[test]
fn figures_of_customers_are_those_of_the_files() {
    let folder = folder("figures_of_customers");
    let workspace = folder.join("w.db").display().to_string();
    let paths = shops(&folder);
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    on(&workspace, &[&["import"], &paths[..]].concat());
    let stored = on(&workspace, &["metrics", "--format", "json"]).json();
    let bare = done(&[&["metrics"], &paths[..], &["--format", "json"]].concat()).json();
    let figures = |said: &Value| -> Vec<(String, String)> {
        let all = said["metrics"].as_array().expect("metrics").iter();
        all.map(|m| (format!("{} {}", m["id"], m["group"]), m["value"].to_string())).collect()
    };
    assert_eq!(figures(&stored), figures(&bare));
    let of = |id: &str| {
        let all = stored["metrics"].as_array().expect("metrics");
        let value = &all.iter().find(|m| m["id"] == id && m["group"].is_null()).expect("a metric")["value"];
        value.as_f64().or_else(|| value["point"].as_f64())
    };
    assert_eq!((of("orders"), of("customers")), (Some(11.0), Some(6.0)));
}

#[test]
fn a_customer_is_forgotten_by_address_and_by_id() {
    let folder = folder("customer_forgotten");
    let workspace = folder.join("w.db").display().to_string();
    let paths = shops(&folder);
    on(&workspace, &["import", &paths[0], &paths[2]]);
    let known = "SELECT count(*) AS n FROM orders WHERE customer_id IS NOT NULL";
    let n = || on(&workspace, &["sql", known, "--format", "csv"]).stdout;
    let said = on(&workspace, &["forget", "ada@Example.com"]).stdout;
    assert!(said.contains("3 orders stay without their customer"), "{said}");
    let said = on(&workspace, &["forget", "--customer", "cus_2"]).stdout;
    assert!(said.contains("1 order stay") && said.contains("the customer is kept out"), "{said}");
    assert_eq!(n(), "n\n2\n");
    // The address stood beside the id, and is kept out of another shop's file too.
    let more = STRIPE.replace("cus_2", "cus_9").replace("ch_", "py_");
    on(&workspace, &["import", &file(&folder, "more.csv", &more)]);
    assert_eq!(n(), "n\n2\n");
    assert_eq!(run(&["forget", "--workspace", &workspace]).code, 2, "whom is not said");
}
