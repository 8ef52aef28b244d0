//! `assay reach` from outside.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// A table of posts, two a day, whose reach rises and falls by a fixed rule.
pub(crate) fn posts(n: usize) -> String {
    let mut table = String::from("published_at,type,reach,engagements,paid,followers\n");
    for i in 0..n {
        let draw = |k: u64| (i as u64 * 48_271 + k * 69_621 + 12_345) * 16_807 % 2_147_483_647 % 1_000;
        let kind = if draw(1) < 300 { "video" } else { "photo" };
        let reach = 400.0 * (if kind == "video" { 2.0 } else { 1.0 }) * (draw(2) as f64 / 700.0 - 0.7).exp();
        let _ = writeln!(
            table,
            "2025-{:02}-{:02}T{:02}:00:00Z,{kind},{},{},{},{}",
            1 + i / 56 % 12,
            1 + i / 2 % 28,
            8 + i % 2 * 9,
            reach.round(),
            (reach * 0.05).round(),
            u8::from(draw(3) < 100),
            9_000 + i,
        );
    }
    table
}

#[test]
fn a_backtest_has_the_fields_that_are_promised() {
    let folder = folder("a_backtest_has_the_fields_that_are_promised");
    let table = file(&folder, "posts.csv", &posts(300));
    let ran = done(&["reach", "backtest", &table, "--train-share", "0.75", "--format", "json"]);
    let said = ran.json();
    assert_eq!(said["schema"], "assay.reach-backtest/1");
    assert_eq!((said["n"].as_u64(), said["target"].as_str()), (Some(75), Some("reach")));
    for scores in [&said, &said["baselines"]["rolling_50"]] {
        assert!(scores["mae_log"].as_f64().is_some_and(|x| x > 0.0 && x < 1.0), "{scores}");
        assert!(scores["crps"].as_f64().is_some_and(|x| x > 0.0 && x < 1.0), "{scores}");
        assert!(scores["coverage_90"].as_f64().is_some_and(|x| x > 0.7 && x <= 1.0), "{scores}");
    }
    assert!(
        said["crps"].as_f64() < said["baselines"]["rolling_50"]["crps"].as_f64(),
        "kinds differ by a factor of two"
    );
    let again = done(&["reach", "backtest", &table, "--train-share", "0.75", "--format", "json"]);
    assert_eq!(ran.stdout, again.stdout);
    let text = done(&["reach", "backtest", &table]).stdout;
    assert!(text.contains("75 posts were foretold") && text.lines().all(|l| l.chars().count() <= 100), "{text}");
}

#[test]
fn posts_that_cannot_be_used_are_an_error_or_an_abstention() {
    let folder = folder("posts_that_cannot_be_used_are_an_error_or_an_abstention");
    let one = file(&folder, "one.csv", "published_at,reach\n2026-01-01,10\n");
    let said = done(&["reach", "backtest", &one, "--format", "json"]).json();
    assert!(said["abstained"]["would_settle"].as_str().is_some_and(|t| t.contains("more than 20 posts")), "{said}");
    assert!(said["mae_log"].is_null() && said["n"] == 0);
    for (name, text, expected) in [
        ("zeros.csv", "published_at,reach\n2026-01-01,0\n2026-01-02,0\n", "above 0, found none"),
        ("followers.csv", "handle,followers\nanna,3\n", "posts"),
        ("empty.csv", "", "posts"),
        ("headless.csv", "2026-01-01,10\n", "posts"),
        ("target.csv", "published_at,impressions\n2026-01-01,5\n", "expected posts with a fan_reach"),
    ] {
        let ran = run(&[
            "reach",
            "backtest",
            &file(&folder, name, text),
            "--target",
            if name == "target.csv" { "fan_reach" } else { "reach" },
        ]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected) && ran.stderr.contains("hint:"), "{name}: {}", ran.stderr);
    }
    assert_eq!(run(&["reach", "backtest", &one, "--train-share", "1"]).code, 2);
    let bad = file(&folder, "bad.csv", "published_at,reach\n2026-01-01,10\nsoon,9\n");
    assert_eq!(run(&["reach", "backtest", &bad, "--strict"]).code, 3);
    let audited = run(&["audit", &one]);
    assert!(audited.code == 1 && audited.stderr.contains("assay reach fit"), "{}", audited.stderr);
}

/// A file of the shared data, which lies beside the repository; `None`, said aloud, where it is absent.
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
pub(crate) fn shared(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/reach").join(name);
    if !path.exists() {
        eprintln!("skipped: the shared data folder has no reach/{name}");
        return None;
    }
    path.to_str().map(str::to_owned)
}

/// The bars of a rolling hold-out on the page of Moro et al. (2016): those of the best of a Huber regression, a Bayesian
/// t-regression and medians by type, as measured before this model was written.
#[test]
fn a_real_page_is_foretold_within_the_bars() {
    let Some(page) = shared("facebook_page_posts.csv") else { return };
    for (target, mae, crps) in [("reach", 0.82, 0.60), ("fan_reach", 0.675, 0.51)] {
        let said =
            done(&["reach", "backtest", &page, "--train-share", "0.5", "--target", target, "--format", "json"]).json();
        let of = |key: &str| said[key].as_f64().expect("a score");
        assert_eq!(said["n"], 250);
        assert!(of("mae_log") <= mae && of("crps") <= crps, "{target}: {} {}", of("mae_log"), of("crps"));
        // 250 trials at .9: outside .852 to .944 a binomial test at .01 rejects.
        assert!((0.852..=0.944).contains(&of("coverage_90")), "{target}: {}", of("coverage_90"));
    }
}

/// The worked example of the docs: 100 fans of whom 25 engage is 25 %; with 10,000 bought, 25 of 10,100 is 0.2475 %.
#[test]
fn the_worked_example_prints_what_the_docs_say() {
    let before = ["reach", "what-if", "--followers", "100", "--engaged", "25", "--buy", "10000", "--format", "json"];
    let said = done(&before).json();
    assert_eq!(said["page"]["rate_of_followers"], 0.25);
    let weeks = |id: &str| {
        let all = said["followed"]["mechanisms"].as_array().expect("mechanisms").clone();
        all.into_iter().find(|m| m["id"] == id).expect("a mechanism")["weeks"].as_array().expect("weeks").clone()
    };
    // A week on, before accounts drop off, the 25 are 0.2475 % by ranking for each viewer.
    let rate = weeks("per_viewer")[1]["rate_of_followers"]["point"].as_f64().expect("a rate");
    assert!((rate - 0.002_475).abs() < 1e-6, "{rate}");
    assert_eq!(weeks("per_viewer")[12]["engaged"]["low"], 25.0);
    for (id, most) in [("per_follower", 0.2), ("test_then_expand", 0.2)] {
        let left = weeks(id)[12]["reach_ratio"]["point"].as_f64().expect("a ratio");
        assert!(left < most, "{id}: {left}");
    }
    assert_eq!(said["followed"]["author_lift_of_x"]["after"], false);
    let text = done(&before[..8]).stdout;
    assert!(text.contains("25 % of the followers") && text.contains("per impression"), "{text}");
    let back = done(&[
        "reach",
        "what-if",
        "--followers",
        "10100",
        "--engaged",
        "1",
        "--inauthentic-share",
        "0.99",
        "--remove",
        "9999",
        "--weeks",
        "40",
        "--format",
        "json",
    ])
    .json();
    let last = back["followed"]["weeks"][40]["reach_ratio"]["high"].as_f64().expect("a ratio");
    // At most all 101 real followers can be reached again.
    assert!(last > 2.0 && last <= 101.0 * 1.001, "{last}");
}

#[test]
fn contradictory_questions_are_refused_and_impossible_ones_abstained_from() {
    let folder = folder("contradictory_questions_are_refused_and_impossible_ones_abstained_from");
    let table = file(&folder, "posts.csv", &posts(120));
    let what_if = |more: &[&str]| run(&[&["reach", "what-if"], more].concat());
    for (arguments, expected) in [
        (&["--followers", "300"][..], "--buy, --remove or --promote"),
        (&["--buy", "10"], "posts or --followers"),
        (&["--followers", "0", "--buy", "10"], "at least one follower"),
        (&["--followers", "300", "--engaged", "400", "--buy", "10"], "at most as many engaged"),
        (&["--followers", "300", "--engaged", "40", "--reach", "30", "--buy", "10"], "engaged as reached"),
        (&["--followers", "300", "--remove", "10"], "nothing is known of inauthentic followers"),
        (&["--followers", "300", "--remove", "400", "--inauthentic-share", "0.5"], "at most 300 followers"),
        (&["--followers", "300", "--remove", "200", "--inauthentic-share", "0.5"], "at most the 150 followers"),
        (&["--followers", "300", "--remove", "90", "--in", "9", "--inauthentic-share", "0.5"], "at least 18 weeks"),
        (&["--followers", "300", "--buy", "10", "--inauthentic-share", "0.5:0.6-0.7"], "inside its range"),
        (&["--followers", "300", "--buy", "10", "--inauthentic-share", "1"], "below 1"),
        (&["--followers", "300", "--buy", "10", "--mechanism-prior", "0,0,0,0"], "four weights"),
        (&["--followers", "300", "--buy", "10", "--audit", "a.json"], "--audit needs posts"),
    ] {
        let ran = what_if(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{arguments:?}: {}", ran.stderr);
    }
    // Who chose the paid posts is not known to be chance.
    let promoted =
        done(&["reach", "what-if", &table, "--promote", "200", "--audience", "Lyon", "--format", "json"]).json();
    let why = &promoted["promoted"]["extra_reach"]["abstained"]["why"];
    assert!(why.as_str().is_some_and(|t| t.contains("not causal")), "{promoted}");
    // One post, no share, another document as an audit.
    let one = file(&folder, "one.csv", "published_at,reach\n2026-01-01,10\n");
    let said = done(&["reach", "fit", &one, "--inauthentic-share", "0.3", "--format", "json"]).json();
    assert!(
        said["cost_now_share"]["abstained"]["would_settle"].as_str().is_some_and(|t| t.contains("20 posts")),
        "{said}"
    );
    let unknown = done(&["reach", "fit", &table, "--format", "json"]).json();
    assert!(unknown["cost_now_share"]["abstained"]["why"].is_string() && unknown["n"] == 120, "{unknown}");
    let wrong = run(&["reach", "fit", &table, "--audit", &one]);
    assert!(wrong.code == 1 && wrong.stderr.contains("assay audit"), "{}", wrong.stderr);
}

#[test]
fn numbers_that_contradict_each_other_and_all_paid_pages_are_warned_of() {
    let folder = folder("numbers_that_contradict_each_other_and_all_paid_pages_are_warned_of");
    let mut table = String::from("published_at,reach,fan_reach,impressions,paid,followers\n");
    for i in 0..40 {
        let _ = writeln!(table, "2026-{:02}-{:02},{},200,5,1,100", 1 + i / 28, 1 + i % 28, 90 + i % 11);
    }
    let path = file(&folder, "posts.csv", &table);
    let said = done(&["reach", "fit", &path, "--inauthentic-share", "0.2", "--format", "json"]).json();
    let ids: Vec<_> = said["warnings"].as_array().expect("warnings").iter().map(|w| w["id"].clone()).collect();
    for id in ["fan-reach-above-followers", "impressions-below-reach", "all-paid"] {
        assert!(ids.contains(&id.into()), "{id}: {ids:?}");
    }
    // Reach beyond the followers without a word of how many of them were reached.
    let table = table.replace("fan_reach", "shares").replace(",paid,", ",note,").replace(",1,100", ",x,60");
    let said =
        done(&["reach", "fit", &file(&folder, "beyond.csv", &table), "--inauthentic-share", "0.2", "--format", "json"]);
    assert!(said.stdout.contains("\"reach-above-followers\""), "{}", said.stdout);
}

/// A page that bought at a known time and lost reach, and one that bought and lost none: the history tells them apart.
#[test]
fn a_history_with_a_purchase_tells() {
    let folder = folder("a_history_with_a_purchase_tells");
    let history =
        file(&folder, "history.csv", "date,followers,inauthentic_share\n2024-12-01,9000,0\n2025-06-01,90000,0.9\n");
    let cost = |drop: f64, name: &str| {
        let mut table = String::from("published_at,reach,engagements\n");
        for i in 0..300_u32 {
            let draw = f64::from(i * 7_919 % 101) / 101.0 - 0.5;
            let left = if i >= 151 { drop } else { 1.0 };
            let reach = (900.0 * left * (draw * 1.2).exp()).round();
            let _ = writeln!(table, "2025-{:02}-{:02},{reach},{}", 1 + i / 28, 1 + i % 28, (reach * 0.05).round());
        }
        let path = file(&folder, name, &table);
        done(&["reach", "fit", &path, "--followers-history", &history, "--format", "json"]).json()
    };
    let (fell, stayed) = (cost(0.25, "fell.csv"), cost(1.0, "stayed.csv"));
    assert!(fell["cost_now_share"]["low"].as_f64().expect("a cost") > 0.4, "{}", fell["cost_now_share"]);
    assert!(stayed["cost_now_share"]["high"].as_f64().expect("a cost") < 0.4, "{}", stayed["cost_now_share"]);
    assert_eq!(fell["separation"]["separates"], true);
    let viewer = |said: &serde_json::Value| said["mechanisms"][0]["posterior"].as_f64().expect("a weight");
    assert!(viewer(&fell) < 0.05 && viewer(&stayed) > 0.35, "{} {}", viewer(&fell), viewer(&stayed));
}

/// Posts of 40 weeks of which chance boosted some, to two audiences, and orders that bring 80 cents for each engagement.
fn boosted_posts_and_orders() -> (String, String) {
    let mut posts = String::from("published_at,reach,engagements,paid,randomised,spend,audience,followers\n");
    let mut orders = String::from("order_id,customer_id,ordered_at,total,currency\n");
    // The mixing steps of SplitMix64, so that draws for one day have nothing to do with each other.
    let draw = |i: usize, k: u64| {
        let x = (i as u64 * 8 + k).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 32) % 1_000
    };
    // 280 days on end: a week with missing days would lack engagements and orders alike.
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31];
    let dates = (1..).zip(lengths).flat_map(|(month, n)| (1..=n).map(move |day| format!("2025-{month:02}-{day:02}")));
    for (day, date) in dates.take(280).enumerate() {
        let boosted = draw(day, 1) < 500;
        let audience = if draw(day, 2) < 700 { "women 25-34" } else { "men, Lyon" };
        let factor = if boosted && audience == "women 25-34" { 2.0 } else { 1.0 };
        let reach = (500.0 * factor * (draw(day, 3) as f64 / 1_000.0).exp()).round();
        let engaged = (reach * 0.05).round();
        let (spend, shown_to) = if boosted { ("20", audience) } else { ("", "") };
        let _ =
            writeln!(posts, "{date}T09:00:00Z,{reach},{engaged},{},1,{spend},\"{shown_to}\",9000", u8::from(boosted));
        let total = 30.0 + 0.8 * engaged + draw(day, 4) as f64 / 100.0;
        let _ = writeln!(orders, "o{day},c{day},{date}T12:00:00Z,{total:.2},EUR");
    }
    (posts, orders)
}

#[test]
fn orders_put_a_value_on_engagements_and_boosts_by_chance_on_an_audience() {
    let folder = folder("orders_and_audiences");
    let (posts, orders) = boosted_posts_and_orders();
    let (posts, orders) = (file(&folder, "posts.csv", &posts), file(&folder, "orders.csv", &orders));
    let base = ["reach", "what-if", &posts, "--inauthentic-share", "0.4", "--format", "json"];
    let ask = |more: &[&str]| done(&[&base[..], more].concat()).json();
    let said = ask(&["--remove", "800", "--orders", &orders]);
    let value = &said["value"]["estimate"];
    let (low, high) = (value["low"].as_f64().expect("a value"), value["high"].as_f64().expect("a value"));
    assert!(low < 80.0 && 80.0 < high && low > 40.0, "{value}");
    assert_eq!(said["value"]["currency"], "EUR");
    let money = &said["followed"]["weeks"][12]["revenue_change_minor"];
    assert!(money["low"].as_f64() <= money["point"].as_f64() && money["high"].as_f64() > Some(0.0), "{money}");
    assert!(said["warnings"].to_string().contains("revenue-not-causal"));
    // A month of orders is too little to say.
    let few = fs::read_to_string(&orders).expect("written").lines().take(29).collect::<Vec<_>>().join("\n");
    let few = file(&folder, "few.csv", &few);
    let said = ask(&["--remove", "800", "--orders", &few]);
    assert!(
        said["value"]["estimate"]["abstained"]["why"].as_str().is_some_and(|t| t.contains("whole weeks")),
        "{said}"
    );
    assert!(said["followed"]["weeks"][12]["revenue_change_minor"].is_null());

    let reached =
        |audience: &[&str]| ask(&[&["--promote", "100"][..], audience].concat())["promoted"]["extra_reach"].clone();
    let (women, men) = (reached(&["--audience", "Women 25-34"]), reached(&["--audience", "men, Lyon"]));
    assert!(women["low"].as_f64() > Some(0.0) && women["point"].as_f64() > men["point"].as_f64(), "{women} {men}");
    let nobody = reached(&["--audience", "gardeners"]);
    assert!(nobody["abstained"]["why"].as_str().is_some_and(|t| t.contains("gardeners")), "{nobody}");
    assert!(reached(&[])["point"].as_f64().is_some());
}
