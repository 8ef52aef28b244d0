//! What every importer keeps, checked over the whole table, and the real samples of the formats.

use crate::samples::{Kept, bundle, control, open, run, run_files, run_plan, shared, zipped};
use crate::{IMPORTERS, Importer, Limits, Yields, by_id, detect, detect_as};
use assay_model::{ListOrder, TimeMs, TimeQuality};

fn n_yielded(importer: &Importer, kept: &Kept) -> usize {
    match importer.yields {
        Yields::Followers => kept.follows.len(),
        Yields::DayCounts => kept.days.len(),
        Yields::Posts => kept.posts.rows.len(),
        Yields::Orders => kept.n_sales,
        Yields::Figures | Yields::Engagements | Yields::Ads | Yields::Visits | Yields::Contacts => kept.others.len(),
    }
}

#[test]
fn ids_are_unique_and_every_entry_is_told_in_a_sentence() {
    for importer in IMPORTERS {
        assert_eq!(by_id(importer.id).map(|i| i.id), Some(importer.id));
        assert_eq!(IMPORTERS.iter().filter(|other| other.id == importer.id).count(), 1);
        assert!(importer.sentence.ends_with('.') && importer.sentence.matches(". ").count() == 0, "{}", importer.id);
        assert!(!importer.source.is_empty());
    }
}

#[test]
fn each_sample_is_taken_by_its_importer_alone_and_read_in_full() {
    for importer in IMPORTERS {
        for files in [bundle(importer.control.files), bundle(&[("export.zip", &control(importer))])] {
            let files = files.expect("a sample");
            let plan = detect(&files).unwrap_or_else(|e| panic!("{}: {e}", importer.id));
            assert_eq!(plan.steps.iter().map(|s| s.importer.id).collect::<Vec<_>>(), [importer.id]);
            let (kept, _) = run_plan(&files, &plan).expect("a readable sample");
            assert_eq!(n_yielded(importer, &kept) as u64, importer.control.n_taken, "{}", importer.id);
            assert_eq!(kept.rejects, [], "{}", importer.id);
        }
    }
}

#[test]
fn the_chosen_importer_reads_its_sample_too() {
    for importer in IMPORTERS {
        let files = bundle(importer.control.files).expect("a sample");
        let plan = detect_as(&files, importer).expect("its own sample");
        let (kept, _) = run_plan(&files, &plan).expect("a readable sample");
        assert_eq!(n_yielded(importer, &kept) as u64, importer.control.n_taken, "{}", importer.id);
    }
}

#[test]
fn the_order_of_files_and_members_does_not_matter() {
    for importer in IMPORTERS {
        let mut files = importer.control.files.to_vec();
        files.push(("notes/readme.md", b"hello"));
        let there = run(&bundle(&[("a.zip", &zipped(&files))]).expect("a sample")).expect("a readable sample");
        files.reverse();
        let back = run(&bundle(&[("a.zip", &zipped(&files))]).expect("a sample")).expect("a readable sample");
        assert_eq!(there, back, "{}", importer.id);
        let mut files = importer.control.files.to_vec();
        let there = run_files(&files).expect("a readable sample");
        files.reverse();
        assert_eq!(there, run_files(&files).expect("a readable sample"), "{}", importer.id);
    }
}

#[test]
fn cut_at_every_byte_it_reports_and_does_not_panic() {
    for importer in IMPORTERS {
        for (n, (_, whole)) in importer.control.files.iter().enumerate() {
            for cut in 0..whole.len() {
                let mut files = importer.control.files.to_vec();
                files[n].1 = &whole[..cut];
                let files = bundle(&files).expect("no archive");
                for plan in [detect(&files), detect_as(&files, importer)].into_iter().flatten() {
                    // The ledger is checked inside.
                    if let Ok((kept, _)) = run_plan(&files, &plan) {
                        assert!(
                            kept.follows.len() + kept.days.len() + kept.posts.rows.len()
                                <= importer.control.n_taken as usize + 1
                        );
                    }
                }
            }
        }
        let zip = control(importer);
        for cut in 0..zip.len() {
            if let Ok(files) = bundle(&[("export.zip", &zip[..cut])]) {
                let _ = run(&files);
            }
        }
    }
}

#[test]
fn a_stop_ends_the_reading() {
    struct Stopping;
    impl crate::Sink for Stopping {
        fn fact(&mut self, _: assay_model::Fact<'_>) -> assay_model::Go {
            assay_model::Go::Stop
        }
        fn reject(&mut self, _: assay_model::Reject) -> assay_model::Go {
            assay_model::Go::Stop
        }
    }
    for importer in IMPORTERS {
        let files = bundle(importer.control.files).expect("a sample");
        let plan = detect(&files).expect("its own sample");
        let stopped = crate::read(&files, &plan, &mut Stopping, &mut assay_model::silent);
        assert_eq!(stopped, Err(crate::ImportError::Stopped), "{}", importer.id);
    }
    let table = format!("handle\n{}", "anna\n".repeat(1_000_000));
    let files = bundle(&[("a.csv", table.as_bytes())]).expect("a table");
    let plan = detect(&files).expect("a table");
    let mut kept = Kept::default();
    let stopped = crate::read(&files, &plan, &mut kept, &mut |done, total| {
        assert!(done <= total && total == table.len() as u64);
        if done > 2_000_000 { assay_model::Go::Stop } else { assay_model::Go::On }
    });
    assert_eq!(stopped, Err(crate::ImportError::Stopped));
}

#[test]
fn a_hash_is_that_of_the_file() {
    // printf 'handle\nanna\n' | sha256sum
    let kept = run_files(&[("a.csv", b"handle\nanna\n")]).expect("a table");
    assert_eq!(kept.files[0].sha256, "cf0e8572af75ef97490186533aa9bfb18ff91a42603728272e492a1197f750e6");
}

#[test]
fn instagram_samples() {
    let Some(folder) = shared("exports") else { return };
    for (name, n, losses) in [("instagram-dyi", 66, true), ("instagram-dyi-2025", 269, true)] {
        let kept = run(&open(folder.join(name))).expect("a real export");
        assert_eq!(kept.follows.len(), n, "{name}");
        assert!(kept.rejects.is_empty() && kept.losses.is_empty() != losses);
        assert!(kept.follows.windows(2).all(|w| w[0].followed_at >= w[1].followed_at));
        assert_eq!((kept.order, kept.quality), (Some(ListOrder::NewestFirst), Some(TimeQuality::Exact)));
    }
    for wrong in ["instagram-dyi/following.json", "instagram-dyi-labels"] {
        let error = detect(&open(folder.join(wrong))).expect_err(wrong).to_string();
        assert!(error.contains("hint:"), "{error}");
    }
}

#[test]
fn instagram_pages() {
    let Some(folder) = shared("exports") else { return };
    let kept = run(&open(folder.join("instagram-html-it"))).expect("a real export");
    assert_eq!((kept.follows.len(), kept.rejects.len()), (1_027, 0));
    assert!(kept.follows.windows(2).all(|w| w[0].followed_at >= w[1].followed_at));
    // date -u -d '2025-07-22T03:34:00Z' +%s; date -u -d '2014-07-10T15:33:00Z' +%s
    assert_eq!(kept.follows[0].followed_at, Some(TimeMs(1_753_155_240_000)));
    assert_eq!(kept.follows[1_026].followed_at, Some(TimeMs(1_405_006_380_000)));
    assert_eq!((kept.order, kept.quality), (Some(ListOrder::NewestFirst), Some(TimeQuality::Minute)));
}

#[test]
fn x_samples() {
    let Some(folder) = shared("exports") else { return };
    let kept = run(&open(folder.join("x-archive/2026"))).expect("an archive");
    assert_eq!((kept.follows.len(), kept.expected), (63, Some(63)));
    assert_eq!(kept.handle.as_deref(), Some("roastery"));
    assert_eq!(kept.exported_at, Some(TimeMs(1_790_841_600_000)));
    assert_eq!(kept.order, Some(ListOrder::ProbablyNewestFirst));
    let old = run(&open(folder.join("x-archive/data"))).expect("an archive");
    assert_eq!(old.follows.iter().map(|f| f.account_id.as_str()).collect::<Vec<_>>(), ["73747798", "386025404"]);
    assert!(old.follows.iter().all(|f| f.handle.is_empty() && f.created_at.is_some()));
    assert!(old.notes[0].contains("ages of 2 accounts"), "{:?}", old.notes);
    let counts = run(&open(folder.join("x-analytics"))).expect("an overview");
    assert!(!counts.days.is_empty() && counts.rejects.is_empty());
    assert!(counts.days.iter().any(|d| d.unfollows == Some(240)));
}

#[test]
fn count_samples() {
    let Some(folder) = shared("exports") else { return };
    let kept = run(&open(folder.join("meta-business-suite"))).expect("an export");
    assert!(kept.days.windows(2).all(|w| w[0].day.0 + 1 == w[1].day.0));
    assert!(kept.days.iter().any(|d| d.follows == Some(954)));
    assert!(kept.days.iter().any(|d| d.follows == Some(0)) && kept.notes[0].contains("leaves out"), "{:?}", kept.notes);
    // Without subscribers gained and lost there are videos alone, which no audit reads.
    let plan = detect(&open(folder.join("youtube/studio"))).expect("videos");
    assert_eq!(plan.steps.iter().map(|s| s.importer.yields).collect::<Vec<_>>(), [Yields::Posts]);
}

#[test]
fn follower_tables_of_the_shared_data() {
    let Some(folder) = shared("audience") else { return };
    for (name, n, quality, order) in [
        ("x_follow_order.csv", 5_189, TimeQuality::OrderOnly, ListOrder::Stated),
        ("profiles_labelled.csv", 1_519, TimeQuality::Unknown, ListOrder::Unordered),
        ("instagram_balanced.csv", 576, TimeQuality::Unknown, ListOrder::Unordered),
    ] {
        let kept = run(&open(folder.join(name))).expect("a table");
        assert_eq!((kept.follows.len(), kept.rejects.len()), (n, 0), "{name}: {:?}", kept.rejects.first());
        assert_eq!((kept.quality, kept.order), (Some(quality), Some(order)), "{name}");
    }
}

#[test]
fn other_peoples_exports_are_no_follower_lists() {
    let Some(folder) = shared("exports") else { return };
    for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() {
            continue;
        }
        let found = crate::Bundle::open(&[entry.path()], &Limits::default()).and_then(|b| run(&b));
        if ["orders", "google-ads", "linkedin-ads", "meta-ads", "tiktok-ads", "x-ads", "crm", "web"]
            .contains(&name.as_str())
            && let Ok(kept) = found
        {
            assert!(kept.follows.is_empty() && kept.days.is_empty(), "{name}: {kept:?}");
        }
    }
}

#[test]
fn advertising_samples() {
    let Some(folder) = shared("exports") else { return };
    // Sums by eye and by awk over the samples' own columns of cost, clicks and purchases.
    for (name, n, spend, clicks, purchases) in [
        ("meta-ads/ads-daily-en.csv", 30, 780.84, 1_495, 62.0),
        ("meta-ads/ads-es.csv", 1, 1_234.56, 0, 0.0),
        ("google-ads/Campaign report.csv", 2, 1_204.1, 210, 0.0),
        ("google-ads/Campaign report.utf16.tsv", 1, 1_204.1, 210, 0.0),
        ("tiktok-ads", 1, 18.2, 71, 2.0),
        ("x-ads", 1, 150.0, 310, 0.0),
        ("linkedin-ads", 1, 41.2, 39, 0.0),
    ] {
        let kept = run(&open(folder.join(name))).expect(name);
        assert_eq!((kept.ads.len(), kept.rejects.len()), (n, 0), "{name}: {:?}", kept.rejects);
        let sums = crate::samples::sums(&kept.ads);
        assert_eq!((format!("{:.2}", sums.0), sums.1, sums.2), (format!("{spend:.2}"), clicks, purchases), "{name}");
        assert!(!kept.notes.iter().any(|n| n.contains("rows are missing")), "{name}: {:?}", kept.notes);
    }
    let kept = run(&open(folder.join("linkedin-ads"))).expect("a report");
    assert!(kept.notes.iter().any(|n| n.contains("1 rows span several days")), "{:?}", kept.notes);
}
