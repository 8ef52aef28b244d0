//! `assay reach` from outside.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;
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
