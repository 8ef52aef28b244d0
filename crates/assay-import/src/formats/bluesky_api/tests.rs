use crate::samples::{Kept, open, run, run_files, shared};
use crate::{Bundle, Limits};
use assay_model::{ListOrder, TimeMs, TimeQuality};

const KEY: &str = "3n2y434ukxk26";
/// The time in it.
const AT: TimeMs = TimeMs(1_795_435_952_686);

fn page(dids: &[&str], viewer: bool) -> String {
    let row = |did: &&str| {
        let viewer = if viewer {
            format!(r#","viewer":{{"followedBy":"at://did:plc:{did}/app.bsky.graph.follow/{KEY}"}}"#)
        } else {
            String::new()
        };
        format!(r#"{{"did":"did:plc:{did}","handle":"{did}.example"{viewer}}}"#)
    };
    let rows: Vec<String> = dids.iter().map(row).collect();
    format!(
        r#"{{"followers":[{}],"subject":{{"did":"did:plc:page","handle":"page.example"}},"cursor":"1"}}"#,
        rows.join(",")
    )
}

fn record(did: &str, subject: &str, said: &str) -> String {
    format!(
        r#"{{"uri":"at://did:plc:{did}/app.bsky.graph.follow/{KEY}","cid":"x","value":{{"$type":"app.bsky.graph.follow","subject":"did:plc:{subject}","createdAt":"{said}"}}}}"#
    )
}

fn ids(kept: &Kept) -> Vec<&str> {
    kept.follows.iter().map(|f| f.account_id.trim_start_matches("did:plc:")).collect()
}

#[test]
fn the_owner_gets_times_and_others_the_order() {
    let kept = run_files(&[("p.json", page(&["a", "b"], true).as_bytes())]).expect("a page");
    assert_eq!((ids(&kept), kept.follows[1].followed_at), (vec!["a", "b"], Some(AT)));
    assert_eq!((kept.order, kept.quality), (Some(ListOrder::NewestFirst), Some(TimeQuality::Exact)));
    assert_eq!(kept.handle.as_deref(), Some("page.example"));
    let (nine, ten) = (page(&["a"], false), page(&["b", "a"], false));
    let kept = run_files(&[("p.page10.json", ten.as_bytes()), ("p.page9.json", nine.as_bytes())]).expect("pages");
    assert_eq!((ids(&kept), kept.follows[0].followed_at, kept.rejects.len()), (vec!["a", "b"], None, 1));
    assert_eq!(kept.quality, Some(TimeQuality::OrderOnly));
    assert!(kept.notes.iter().any(|n| n.contains("to the owner alone")), "{:?}", kept.notes);
}

#[test]
fn records_date_the_followers_and_tell_back_dated_follows() {
    let records = format!(
        r#"{{"records":[{},{}],"cursor":"x"}}"#,
        record("a", "page", "2019-01-01T00:00:00.000Z"),
        record("b", "page", "2026-11-23T12:12:31.000Z")
    );
    let kept = run_files(&[("p.json", page(&["b", "a", "c"], false).as_bytes()), ("r.json", records.as_bytes())]);
    let kept = kept.expect("a page and records");
    assert_eq!(kept.follows.iter().map(|f| f.followed_at).collect::<Vec<_>>(), [Some(AT), Some(AT), None]);
    assert!(kept.notes.iter().any(|n| n.starts_with("1 of 2 follows whose records")), "{:?}", kept.notes);
    let alone = run_files(&[("r.json", records.as_bytes())]).expect("records");
    assert_eq!((ids(&alone), alone.follows[0].followed_at), (vec!["a", "b"], Some(AT)));
}

#[test]
fn whom_a_page_follows_is_not_taken() {
    let records = format!(
        r#"{{"records":[{},{}]}}"#,
        record("page", "a", "2026-11-23T12:12:31.000Z"),
        record("page", "b", "2026-11-23T12:12:31.000Z")
    );
    let error = run_files(&[("r.json", records.as_bytes())]).expect_err("not followers").to_string();
    assert!(error.contains("getFollowers"), "{error}");
    let follows = br#"{"follows":[{"did":"did:plc:a","handle":"a.example"}]}"#;
    assert!(run_files(&[("getFollows.json", follows)]).is_err());
}

#[test]
fn samples() {
    let Some(folder) = shared("exports/bluesky") else { return };
    let read = |names: &[&str]| {
        let paths: Vec<_> = names.iter().map(|name| folder.join(name)).collect();
        Bundle::open(&paths, &Limits::default()).and_then(|b| run(&b)).expect("a sample")
    };
    let pages = read(&["getFollowers.page1.json", "getFollowers.page2.json"]);
    assert_eq!(pages.follows.iter().map(|f| f.handle.as_str()).collect::<Vec<_>>(), ["alice.test", "bob.test"]);
    assert_eq!(pages.quality, Some(TimeQuality::OrderOnly));
    let whole = read(&[
        "getFollowers.authed-via-pds.json",
        "listRecords.follow.json",
        "listNotifications.json",
        "getProfiles.json",
    ]);
    assert_eq!((whole.follows.len(), whole.rejects.len(), whole.follows[1].followed_at), (2, 0, Some(AT)));
    assert_eq!(whole.follows[0].followers, Some(0));
    assert!(whole.notes.iter().any(|n| n.starts_with("1 of 2 follows whose records")), "{:?}", whole.notes);
    let notified = run(&open(folder.join("listNotifications.json"))).expect("notifications");
    assert_eq!((notified.follows.len(), notified.rejects.len()), (2, 0));
    let records = run(&open(folder.join("listRecords.follow.json"))).expect("records");
    assert_eq!(records.follows[0].followed_at, Some(AT));
}
