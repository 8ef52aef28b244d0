//! Small pages: nothing is accused without ground, and what cannot be said is said.

use crate::program::{done, file, folder, people, run};

#[test]
fn small_pages_are_audited_and_nobody_is_accused() {
    let folder = folder("small_pages");
    for n in [0, 1, 12, 40, 300] {
        let table = file(&folder, &format!("{n}.csv"), &people(n));
        let html = folder.join(format!("{n}.html"));
        let said = done(&["audit", &table, "--format", "json", "--html", html.to_str().expect("UTF-8")]).json();
        assert_eq!(said["followers"]["count"], n);
        assert_eq!(said["batches"].as_array().map(Vec::len), Some(0), "{n} followers: {said:#}");
        let classes = &said["classes"];
        let n_classes: u64 =
            ["n_inauthentic", "n_dormant", "n_genuine", "n_unsure"].iter().filter_map(|c| classes[c].as_u64()).sum();
        assert_eq!((n_classes, classes["n_inauthentic"].as_u64()), (n as u64, Some(0)));
        for share in ["inauthentic", "dormant", "genuine"] {
            let share = &said["shares"][share];
            let abstained = share["abstained"]["why"].is_string() && share["abstained"]["would_settle"].is_string();
            assert!(abstained || share["low"].as_f64() <= share["high"].as_f64(), "{n} followers: {share}");
            assert!(n > 0 || abstained, "the share of nobody cannot be said: {share}");
        }
        let text = done(&["audit", &table]).stdout;
        assert!(!text.is_empty() && text.lines().all(|l| l.chars().count() <= 100), "{n} followers:\n{text}");
    }
}

#[test]
fn a_page_masks_followers_unless_told_otherwise_and_tables_name_them() {
    let folder = folder("masked_page");
    let table = file(&folder, "followers.csv", &people(300));
    let place = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("written");
    let handle = people(300).lines().nth(5).and_then(|row| row.split(',').next().map(str::to_owned)).expect("a row");
    let named = |text: &str| text.contains(&handle);

    done(&[
        "audit",
        &table,
        "--html",
        &place("a.html"),
        "--verdicts",
        &place("a.csv"),
        "--by",
        "Ada <b>",
        "--on",
        "2025-06-30",
    ]);
    assert!(!named(&read("a.html")) && named(&read("a.csv")));
    assert!(read("a.html").contains("Ada &lt;b&gt;") && read("a.html").contains("30 Jun 2025"));
    done(&["audit", &table, "--html", &place("b.html"), "--no-redact", "--format", "csv", "--out", &place("b.csv")]);
    assert!(named(&read("b.csv")));
    let masked = done(&["audit", &table, "--format", "csv", "--redact"]).stdout;
    assert!(!named(&masked) && masked.lines().count() == 301);
    assert!(!named(&done(&["audit", &table, "--format", "html"]).stdout));
    assert_eq!(run(&["audit", &table, "--redact", "--no-redact"]).code, 2);
    assert_eq!(run(&["audit", &table, "--on", "June"]).code, 2);
}
