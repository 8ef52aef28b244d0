//! Small pages: nothing is accused without ground, and what cannot be said is said.

use crate::program::{done, file, folder, people};

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
