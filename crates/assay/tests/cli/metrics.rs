//! `assay metrics` from outside.

use crate::program::{done, file, folder, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

const ORDERS: &str = "\
order_id,customer_id,ordered_at,total,currency,source
1,ann,2026-01-05T10:00:00Z,50.00,EUR,google / cpc
2,bob,2026-01-06T10:00:00Z,30.00,EUR,newsletter
3,ann,2026-02-09T10:00:00Z,20.00,EUR,newsletter
4,cem,2026-02-10T10:00:00Z,40.00,EUR,newsletter
5,ann,2026-04-20T10:00:00Z,10.00,EUR,direct
";

const POSTS: &str = "\
published_at,type,reach,fan_reach,impressions,likes,comments,shares,followers
2026-01-04T10:00:00Z,photo,100,60,200,10,4,2,1000
2026-02-04T10:00:00Z,photo,300,180,400,30,10,4,1000
";

fn metric<'a>(said: &'a Value, id: &str) -> &'a Value {
    let all = said["metrics"].as_array().expect("a list");
    all.iter().find(|m| m["id"] == id && m["group"].is_null()).expect("every metric of the table is there")
}

fn point(metric: &Value) -> f64 {
    metric["value"].as_f64().or_else(|| metric["value"]["point"].as_f64()).expect("a value")
}

fn faults(said: &Value) -> Vec<String> {
    let required = |name: &str| {
        let schema: Value = serde_json::from_str(include_str!("../../schemas/metrics-1.json")).expect("JSON");
        let list = if name.is_empty() { &schema["required"] } else { &schema["$defs"][name]["required"] };
        list.as_array().expect("names").iter().map(|n| n.as_str().unwrap_or("").to_owned()).collect::<Vec<_>>()
    };
    let lacks =
        |value: &Value, names: Vec<String>| names.into_iter().filter(|n| value.get(n).is_none()).collect::<Vec<_>>();
    let mut faults = lacks(said, required(""));
    for m in said["metrics"].as_array().expect("a list") {
        faults.extend(lacks(m, required("metric")));
    }
    faults
}

#[test]
fn files_of_several_kinds_are_read_as_one_business() {
    let folder = folder("files_of_several_kinds_are_read_as_one_business");
    let (orders, posts) = (file(&folder, "orders.csv", ORDERS), file(&folder, "posts.csv", POSTS));
    let asked = ["metrics", &orders, &posts, "--format", "json"];
    let ran = done(&asked);
    let said = ran.json();
    assert_eq!(said["schema"], "assay.metrics/1");
    assert_eq!(faults(&said), Vec::<String>::new());
    for (id, want) in [
        ("orders", 5.0),
        ("customers", 3.0),
        ("new_customers", 3.0),
        ("revenue", 15_000.0),
        ("average_order_value", 3_000.0),
        ("repeat_rate", 1.0 / 3.0),
        ("retention_month_1", 0.5),
        ("engagement_rate_by_reach", 0.15),
        ("engagement_rate_by_impressions", 0.1),
        ("engagement_rate_by_followers", 0.03),
        ("reach_from_non_followers_share", 0.4),
        ("applause", 20.0),
        ("likes", 40.0),
    ] {
        let got = point(metric(&said, id));
        assert!((got - want).abs() < 1e-9, "{id}: {got}, by hand {want}");
    }
    assert_eq!(metric(&said, "revenue")["currency"], "EUR");
    assert_eq!(metric(&said, "orders")["sources"], serde_json::json!(["orders.csv"]));
    let cac = &metric(&said, "cac_blended")["value"]["abstained"];
    assert!(cac["why"].as_str().is_some_and(|w| w.contains("spent on advertising")), "{cac}");
    assert_eq!(ran.stdout, done(&asked).stdout, "the same bytes again");
    let text = done(&["metrics", &orders, &posts]).stdout;
    assert!(
        text.contains("Vanity") && text.contains("EUR 150.00") && text.lines().all(|l| l.chars().count() <= 100),
        "{text}"
    );
    let csv = done(&["metrics", &orders, "--by", "source", "--format", "csv"]).stdout;
    assert!(csv.lines().any(|l| l.starts_with("revenue_by_acquisition_source,google / cpc,,minor,EUR,8000,")), "{csv}");
    let page = done(&["metrics", &orders, &posts, "--by", "week", "--format", "html"]).stdout;
    assert!(page.contains("</html>") && !page.contains("<script") && page.contains("2026-01-05"), "{page}");
}

#[test]
fn a_window_cuts_and_stands_beside_the_one_before() {
    let folder = folder("a_window_cuts_and_stands_beside_the_one_before");
    let orders = file(&folder, "orders.csv", ORDERS);
    let asked = ["metrics", &orders, "--from", "2026-02-01", "--to", "2026-02-28", "--compare", "--format", "json"];
    let said = done(&asked).json();
    // Ann is no new customer in February: her first order of all was in January.
    assert_eq!((point(metric(&said, "orders")), point(metric(&said, "new_customers"))), (2.0, 1.0));
    assert_eq!(said["compared_window"]["from"], "2026-01-04");
    assert_eq!(metric(&said, "orders")["before"], 2.0);
    assert_eq!(run(&["metrics", &orders, "--from", "2026-02-01", "--to", "2026-01-01"]).code, 2);
}

#[test]
fn an_explanation_lists_files_lines_and_sql() {
    let folder = folder("an_explanation_lists_files_lines_and_sql");
    let orders = file(&folder, "orders.csv", ORDERS);
    let asked = ["metrics", &orders, "--explain", "orders", "--from", "2026-01-06", "--format", "json"];
    let said = done(&asked).json();
    let read = &said["explained"][0]["reads"][0];
    assert_eq!((read["view"].as_str(), read["n_rows"].as_u64()), (Some("orders"), Some(4)));
    assert_eq!(read["files"][0]["lines"], serde_json::json!([[3, 6]]));
    assert!(
        read["sql"].as_str().is_some_and(|s| s.starts_with("SELECT file, line") && s.contains("'2026-01-06'")),
        "{read}"
    );
    assert_eq!(said["metrics"].as_array().map(Vec::len), Some(1));
    let text = done(&["metrics", &orders, "--explain", "revenue"]).stdout;
    assert!(text.contains("orders.csv: lines 2-6") && text.contains("SQL"), "{text}");
    let unknown = run(&["metrics", &orders, "--explain", "roi"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("--list"), "{}", unknown.stderr);
    assert!(done(&["metrics", "--list"]).stdout.contains("cac_blended"));
}

#[test]
fn currencies_are_never_added_without_the_users_rates() {
    let folder = folder("currencies_are_never_added_without_the_users_rates");
    let table = "customer,date,total,currency\na,2026-01-05,100,USD\nb,2026-01-06,50,EUR\n";
    let orders = file(&folder, "orders.csv", table);
    let rates = file(&folder, "rates.csv", "date,from,to,rate\n2026-01-01,USD,EUR,0.9\n2026-01-06,USD,EUR,0.5\n");
    let said = done(&["metrics", &orders, "--format", "json"]).json();
    let why = &metric(&said, "revenue")["value"]["abstained"]["why"];
    assert!(why.as_str().is_some_and(|w| w.contains("USD and EUR")), "{why}");
    let said = done(&["metrics", &orders, "--currency", "EUR", "--rates", &rates, "--format", "json"]).json();
    assert_eq!(metric(&said, "revenue")["value"], 14_000.0);
    let broken = file(&folder, "broken.csv", "date,from,to,rate\n2026-01-01,USD,EUR,-3\n");
    let ran = run(&["metrics", &orders, "--currency", "EUR", "--rates", &broken]);
    assert!(ran.code == 1 && ran.stderr.contains("rate above 0"), "{}", ran.stderr);
}

#[test]
fn experiments_calibrate_what_a_rule_credits() {
    let folder = folder("experiments_calibrate_what_a_rule_credits");
    let orders = file(&folder, "orders.csv", ORDERS);
    let said = file(&folder, "experiments.csv", "channel,factor,low,high,date\nNewsletter,0.5,0.2,0.9,2026-03-01\n");
    let said = done(&["metrics", &orders, "--experiments", &said, "--format", "json"]).json();
    let parts = metric(&said, "attribution")["parts"].as_array().expect("parts").clone();
    let part = |rule: &str| {
        parts.iter().find(|p| p["labels"] == serde_json::json!(["newsletter", rule])).expect("a part").clone()
    };
    // Orders 2, 3 and 4 end at the newsletter; order 5 begins with it, 70 days before.
    assert_eq!((part("last")["value"].as_f64(), part("first")["value"].as_f64()), (Some(3.0), Some(3.0)));
    assert_eq!(part("last × experiment of 2026-03-01")["value"]["high"], 0.9 * 3.0);
}

#[test]
fn verdicts_give_shares_and_real_followers() {
    let folder = folder("verdicts_give_shares_and_real_followers");
    let followers = file(&folder, "followers.csv", "handle,followers\nann,3\nbob,4\ncem,5\ndan,6\n");
    let verdicts = "account_id,handle,rank,probability,class,batch,reasons\n,ann,,0.1,genuine,,\n,bob,,0.9,inauthentic,,\n\
                    ,cem,,0.2,dormant,,\n,dan,,0.4,unsure,,\n";
    let verdicts = file(&folder, "verdicts.csv", verdicts);
    let said = done(&["metrics", &followers, "--verdicts", &verdicts, "--format", "json"]).json();
    let genuine = &metric(&said, "genuine_followers")["value"];
    assert_eq!(
        (genuine["point"].as_f64(), genuine["low"].as_f64(), genuine["high"].as_f64()),
        (Some(1.0), Some(1.0), Some(2.0))
    );
    assert!((point(metric(&said, "inauthentic_share")) - 0.4).abs() < 1e-9);
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn public(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/experiments").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {name} of the public data sets is not here");
    None
}

/// Facebook advertising by age, gender and interest: the figures that were published of it, by campaign, age and sex.
#[test]
fn advertising_by_segment_has_its_published_figures() {
    use assay_metrics::{Asked, By, Frame, Slice, Window, by_id};
    use assay_model::{AdRow, Business, Decimal, Fact};
    let Some(path) = public("ads_by_segment.csv") else { return };
    let mut business = Business::new(Some("USD"));
    let mut table = csv::Reader::from_path(path).expect("a table");
    for row in table.records() {
        let row = row.expect("a row");
        let number = |i: usize| row[i].parse::<i64>().ok();
        business.take(&Fact::Ad(&AdRow {
            campaign: Some(&row[2]),
            age: Some(&row[4]),
            gender: Some(&row[5]),
            impressions: number(7),
            clicks: number(8),
            spend: Decimal::parse(&row[9]),
            conversions: row[10].parse().ok(),
            purchases: row[11].parse().ok(),
            ..AdRow::default()
        }));
    }
    business.finish();
    let asked = Asked::default();
    let figure = |slice: &Slice, id: &str| {
        let frame = Frame { business: &business, slice, asked: &asked };
        by_id(id).expect("a metric").figure(&frame).found().expect("a figure").value.point()
    };
    let whole = Slice::of(&business, Window::default());
    assert_eq!((figure(&whole, "ad_spend"), figure(&whole, "ad_clicks")), (5_870_523.0, 38_165.0));
    assert!((figure(&whole, "cost_per_click") / 100.0 - 1.5382).abs() < 5e-5);
    assert!((figure(&whole, "click_through_rate") - 0.000_179).abs() < 5e-7);
    let cpa = |slice: &Slice| figure(slice, "cost_per_purchase") / 100.0;
    assert!((cpa(&whole) - 54.41).abs() < 5e-3);
    let of = |by: By, label: &str| {
        let slices = Slice::split(&business, Window::default(), by);
        cpa(slices.iter().find(|s| s.group.as_ref().is_some_and(|g| g.label == label)).expect("a group"))
    };
    for (by, label, want) in [
        (By::Campaign, "916", 6.24),
        (By::Campaign, "936", 15.81),
        (By::Campaign, "1178", 63.83),
        (By::Segment, "age 30-34", 30.88),
        (By::Segment, "age 45-49", 99.76),
        (By::Segment, "gender F", 69.70),
        (By::Segment, "gender M", 41.44),
    ] {
        assert!((of(by, label) - want).abs() < 5e-3, "{label}: {}", of(by, label));
    }
}

/// The same from the files, with orders beside: kinds do not keep one another from being read.
#[test]
fn advertising_and_orders_are_read_side_by_side() {
    let Some(path) = public("ads_by_segment.csv") else { return };
    let folder = folder("advertising_and_orders_are_read_side_by_side");
    let orders = file(&folder, "orders.csv", ORDERS);
    let ads = path.to_str().expect("a path");
    let said = done(&["metrics", ads, &orders, "--currency", "EUR", "--by", "campaign", "--format", "json"]).json();
    assert_eq!(metric(&said, "ad_spend")["value"], 5_870_523.0);
    assert!((point(metric(&said, "cost_per_click")) / 100.0 - 1.5382).abs() < 5e-5);
    assert!((point(metric(&said, "cac_blended")) - 5_870_523.0 / 3.0).abs() < 1e-6);
}

/// Small segments are drawn towards the rest, side by side with what they show alone; one without a purchase has a cost too, one whose
/// purchases are not told has none.
#[test]
fn costs_of_segments_are_pooled_beside_what_each_shows_alone() {
    let folder = folder("costs_of_segments_are_pooled_beside_what_each_shows_alone");
    let rows = "date,campaign,age,spend,clicks,impressions,purchases\n2026-01-01,a,18-24,500.00,300,9000,50\n\
                2026-01-01,a,25-34,400.00,250,8000,45\n2026-01-01,a,35-44,30.00,20,700,0\n2026-01-01,a,45-54,12.00,9,300,3\n\
                2026-01-01,a,55-64,80.00,40,900,\n";
    let ads = file(&folder, "ads.csv", rows);
    let run = |format: &str| done(&["metrics", &ads, "--currency", "EUR", "--by", "segment", "--format", format]);
    let said = run("json").json();
    let of = |age: &str| {
        let group = format!("age {age}");
        let all = said["metrics"].as_array().expect("metrics");
        all.iter().find(|m| m["id"] == "cost_per_purchase" && m["group"] == group.as_str()).expect("a figure")
    };
    let pooled = |age: &str, end: &str| of(age)["pooled"][end].as_f64().expect("a pooled cost");
    assert!(of("35-44")["value"]["abstained"].is_object(), "{}", of("35-44"));
    assert!(pooled("35-44", "point") > pooled("18-24", "point") && pooled("35-44", "high").is_finite());
    let small = &of("45-54")["value"];
    assert!(pooled("45-54", "point") > small["point"].as_f64().expect("a cost"), "drawn towards ten a purchase");
    assert!(pooled("45-54", "high") < small["high"].as_f64().expect("an end"));
    assert!(of("55-64").get("pooled").is_none(), "{}", of("55-64"));
    assert!(run("text").stdout.contains("Cost per purchase (CPA), pooled"));
    assert!(run("html").stdout.contains("Cost per purchase (CPA), pooled"));
}

/// Two campaigns by day. Line 6 of the control (5 August 2019) tells a spend of 1,835 and nothing else, its seven outcomes are blank.
/// Left out of both sums, 66,818 over 15,161 purchases of 29 days give 4.4072; with its spend, 68,653 over the same 15,161, it is the
/// 4.5283 that is usually told as the cost "with the incomplete day excluded": there its purchases are excluded alone, its
/// spend is not. The test campaign has 30 whole days: 76,892 over 15,637, 4.9173.
/// `awk -F';' 'NR>1 {s+=$3; if ($10!="") {p+=$10; t+=$3}} END {print s/p, t/p}' FILE` prints both.
#[test]
fn an_incomplete_day_is_left_out_and_said_so() {
    use assay_metrics::{Asked, Frame, Slice, Window, by_id};
    use assay_model::{AdRow, Business, Decimal, Fact};
    for (name, want, with_it) in [("campaign_control.csv", 4.4072, Some(4.5283)), ("campaign_test.csv", 4.9173, None)] {
        let Some(path) = public(name) else { return };
        let mut business = Business::new(Some("USD"));
        let mut table = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_path(path).expect("a table");
        for row in table.records() {
            let row = row.expect("a row");
            let purchases = row.get(9).and_then(|c| c.parse().ok());
            business.take(&Fact::Ad(&AdRow { spend: Decimal::parse(&row[2]), purchases, ..AdRow::default() }));
        }
        business.finish();
        let slice = Slice::of(&business, Window::default());
        let frame = Frame { business: &business, slice: &slice, asked: &Asked::default() };
        let figure = by_id("cost_per_purchase").expect("a metric").figure(&frame);
        let figure = figure.found().expect("a figure");
        assert!((figure.value.point() / 100.0 - want).abs() < 5e-5, "{name}: {figure:?}");
        let part = figure.parts.first().map(|p| p.value.point() / 100.0);
        assert_eq!(part.is_some(), with_it.is_some(), "{name}");
        if let (Some(part), Some(with_it)) = (part, with_it) {
            assert!((part - with_it).abs() < 5e-5 && figure.notes[0].contains("1 row"), "{name}: {figure:?}");
        }
    }
}

/// The figures of a workspace are those of the files that it was made of, and the SQL of every metric selects the rows that it
/// reads.
#[test]
fn a_workspace_tells_what_its_files_tell_and_its_sql_selects_the_rows() {
    let folder = folder("a_workspace_tells_what_its_files_tell_and_its_sql_selects_the_rows");
    let ads = "Day,Campaign,Spend,Currency,Impressions,Clicks,Purchases\n\
        2026-01-05,spring,12.50,EUR,4000,80,1\n2026-02-09,spring,7.50,EUR,3000,40,2\n";
    let files = [file(&folder, "orders.csv", ORDERS), file(&folder, "posts.csv", POSTS), file(&folder, "ads.csv", ads)];
    let store = folder.join("assay.db");
    let store = store.to_str().expect("a path");
    let of_files: Vec<&str> = files.iter().map(String::as_str).collect();
    done(&[&["import", "--workspace", store, "--quiet"], &of_files[..]].concat());
    let values = |said: &Value| -> Vec<(Value, Value)> {
        let all = said["metrics"].as_array().expect("a list").iter();
        all.map(|m| (m["id"].clone(), m["value"].clone())).collect()
    };
    let of_store = done(&["metrics", "--workspace", store, "--format", "json"]).json();
    let of_files = done(&[&["metrics", "--format", "json"], &of_files[..]].concat()).json();
    assert_eq!(values(&of_store), values(&of_files));
    let mut n_reads = 0;
    for (id, _) in values(&of_store) {
        let id = id.as_str().expect("an id");
        let said = done(&["metrics", "--workspace", store, "--explain", id, "--format", "json"]).json();
        for read in said["explained"][0]["reads"].as_array().expect("reads") {
            let sql = read["sql"].as_str().expect("a question");
            let rows = done(&["sql", sql, "--workspace", store, "--format", "csv"]).stdout;
            assert_eq!(rows.lines().count() as u64 - 1, read["n_rows"].as_u64().expect("a count"), "{id}: {sql}");
            n_reads += read["n_rows"].as_u64().unwrap_or(0);
        }
    }
    assert!(n_reads > 50, "{n_reads}");
}
