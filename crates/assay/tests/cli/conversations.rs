//! `assay people queue` and what is decided of conversations and accounts.

use crate::program::{Ran, done, file, folder, people, run};
use serde_json::{Value, json};
use std::path::Path;

fn in_workspace(workspace: &str, arguments: &[&str]) -> Ran {
    done(&[&["--workspace", workspace], arguments].concat())
}

fn post(who: &str, key: &str, at: &str, text: &str, answers: Option<(&str, &str)>) -> Value {
    let mut record = json!({ "text": text, "createdAt": at });
    if let Some((root, parent)) = answers {
        record["reply"] = json!({ "root": { "uri": root }, "parent": { "uri": parent } });
    }
    json!({
        "uri": uri(who, key), "record": record, "indexedAt": at,
        "author": { "did": format!("did:plc:{who}"), "handle": format!("{who}.test") },
    })
}

fn uri(who: &str, key: &str) -> String {
    format!("at://did:plc:{who}/app.bsky.feed.post/{key}")
}

/// Ann, a customer, and Bob ask below a post, Cem mentions the page, Dan's account is judged inauthentic. The page answers Bob.
fn made(folder: &Path) -> String {
    let ws = folder.join("w.db").to_str().expect("UTF-8").to_owned();
    let root = uri("shop", "a");
    let below = |who: &str, key: &str, at: &str, text: &str| {
        let mut one = post(who, key, at, text, Some((&root, &root)));
        one["reason"] = "reply".into();
        one
    };
    let mut mention = post("cem", "m", "2026-03-01T09:00:00.000Z", "@shop.test is great", None);
    mention["reason"] = "mention".into();
    let notified = json!({ "notifications": [
        below("ann", "q1", "2026-03-01T10:00:00.000Z", "Do you ship to Austria?"),
        below("bob", "q2", "2026-03-01T10:00:00.000Z", "Is it decaf?"),
        below("dan", "q3", "2026-03-01T10:00:00.000Z", "Nice! DM me?"),
        mention,
    ] });
    let own = post("shop", "b", "2026-03-01T11:30:00.000Z", "No.", Some((&root, &uri("bob", "q2"))));
    let feed = json!({ "feed": [
        { "post": own },
        { "post": post("shop", "a", "2026-03-01T08:00:00.000Z", "New blend", None) },
    ] });
    let orders = "order_id,customer_id,ordered_at,total,currency\n\
                  1,C1,2026-01-01T10:00:00Z,120.00,EUR\n2,C2,2026-01-02T11:00:00Z,9.00,EUR\n";
    for (name, text) in [("listNotifications.json", notified.to_string()), ("getAuthorFeed.json", feed.to_string())] {
        in_workspace(&ws, &["import", &file(folder, name, &text)]);
    }
    in_workspace(&ws, &["import", &file(folder, "orders.csv", orders)]);
    in_workspace(&ws, &["people", "link", "ann.test", "--customer", "C1"]);
    ws
}

fn queue(ws: &str, more: &[&str]) -> Value {
    let at = ["people", "queue", "--at", "2026-03-03T10:00:00Z", "--format", "json"];
    in_workspace(ws, &[&at[..], more].concat()).json()
}

fn handles(queue: &Value) -> Vec<String> {
    let all = queue["conversations"].as_array().expect("conversations").iter();
    all.map(|c| c["handle"].as_str().unwrap_or("").to_owned()).collect()
}

#[test]
fn who_is_not_answered_stands_in_the_queue_customers_first_with_reasons() {
    let folder = folder("people_queue");
    let ws = made(&folder);
    let said = queue(&ws, &[]);
    // Bob was answered; Ann is a customer, Dan asks, Cem does not.
    assert_eq!(handles(&said), ["ann.test", "dan.test", "cem.test"]);
    assert_eq!((&said["counts"]["open"], &said["counts"]["answered"]), (&3.into(), &1.into()));
    let ann = &said["conversations"][0];
    assert_eq!(ann["customer"]["spent"][0], json!({ "currency": "EUR", "minor": 12_000 }));
    assert_eq!((&ann["customer"]["basis"], &ann["text"]), (&"hand".into(), &"Do you ship to Austria?".into()));
    // 40 for a customer, 20 for the one who bought most, 15 for asking, 15 for waiting over a day.
    assert_eq!(ann["score"], 90.0);
    let sum: f64 = ann["reasons"].as_array().expect("reasons").iter().filter_map(|r| r["points"].as_f64()).sum();
    assert!((sum - 90.0).abs() < 1e-9);
    let text = in_workspace(&ws, &["people", "queue", "--at", "2026-03-03T10:00:00Z"]).stdout;
    for part in [
        "@ann.test (bluesky)  90 points",
        "waits 2 days",
        "has ordered once (40)",
        "customer C1: EUR 120.00",
        "“Do you ship",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let csv = in_workspace(&ws, &["people", "queue", "--format", "csv", "--status", "all"]).stdout;
    assert_eq!(csv.lines().count(), 5);
    assert_eq!(handles(&queue(&ws, &["--limit", "1", "--skip", "1"])), ["dan.test"]);
    assert_eq!(handles(&queue(&ws, &["--status", "answered"])), ["bob.test"]);
    // The same question twice: the same ids.
    assert_eq!(queue(&ws, &[]), said);
}

#[test]
fn a_status_holds_until_the_person_writes_again_and_outlives_what_it_is_about() {
    let folder = folder("people_decided");
    let ws = made(&folder);
    let id = queue(&ws, &[])["conversations"][0]["id"].as_str().expect("an id").to_owned();
    in_workspace(&ws, &["people", "saved", "add", "shipping", "We ship to all of Europe."]);
    let answered = in_workspace(
        &ws,
        &[
            "people",
            "answer",
            &id,
            "--saved",
            "shipping",
            "--note",
            "asked before",
            "--by",
            "Kim",
            "--handled-by",
            "Lee",
        ],
    );
    for part in ["We ship to all of Europe.", "note by Kim", "handled by Lee", "copy the text"] {
        assert!(answered.stdout.contains(part), "{part}: {}", answered.stdout);
    }
    assert_eq!(handles(&queue(&ws, &[])), ["dan.test", "cem.test"]);
    assert_eq!(handles(&queue(&ws, &["--status", "answered", "--handled-by", "Lee"])), ["ann.test"]);
    // Undone and imported again, the conversation is what it was, with what was decided of it.
    in_workspace(&ws, &["undo", "1"]);
    assert_eq!(handles(&queue(&ws, &[])), [""; 0]);
    in_workspace(&ws, &["import", folder.join("listNotifications.json").to_str().expect("UTF-8")]);
    assert_eq!(handles(&queue(&ws, &[])), ["dan.test", "cem.test"]);
    let told = in_workspace(&ws, &["people", "read", &id, "--format", "json"]).json();
    assert_eq!((&told["notes"][0]["who"], &told["conversation"]["status"]), (&"Kim".into(), &"answered".into()));
    // She writes again.
    let mut again =
        post("ann", "q4", "2026-03-02T10:00:00.000Z", "And to Italy?", Some((&uri("shop", "a"), &uri("ann", "q1"))));
    again["reason"] = "reply".into();
    let more = file(&folder, "more.json", &json!({ "notifications": [again] }).to_string());
    in_workspace(&ws, &["import", &more]);
    let said = queue(&ws, &[]);
    assert_eq!(handles(&said)[0], "ann.test");
    assert_eq!(
        (&said["conversations"][0]["id"], &said["conversations"][0]["n_words"]),
        (&id.clone().into(), &2.into())
    );
    // A note does not close what is open.
    in_workspace(&ws, &["people", "note", &id, "again"]);
    assert_eq!(handles(&queue(&ws, &[]))[0], "ann.test");
    // Put off, until then.
    in_workspace(&ws, &["people", "answer", &id, "--status", "snoozed", "--until", "3d"]);
    let now = in_workspace(&ws, &["people", "queue", "--format", "json"]).json();
    assert!(!handles(&now).contains(&"ann.test".to_owned()));
    let later = in_workspace(&ws, &["people", "queue", "--at", "2099-01-01", "--format", "json"]).json();
    assert!(handles(&later).contains(&"ann.test".to_owned()));
    for (arguments, code) in [
        (&["people", "answer", &id, "--status", "snoozed"][..], 2),
        (&["people", "answer", &id, "--until", "3d"], 2),
        (&["people", "answer", "12"], 2),
        (&["people", "answer", "0000000000000000"], 1),
        (&["people", "note", &id, "  "], 2),
        (&["people", "saved", "remove", "nothing"], 1),
    ] {
        let ran = run(&[&["--workspace", &ws], arguments].concat());
        assert!(ran.code == code && ran.stderr.starts_with("error: "), "{arguments:?}: {}", ran.stderr);
    }
    // Who is forgotten is gone from all of it.
    in_workspace(&ws, &["forget", "ann.test"]);
    for view in ["conversations_kept", "conversation_notes"] {
        let left = in_workspace(&ws, &["sql", &format!("SELECT count(*) AS n FROM {view}"), "--format", "csv"]).stdout;
        assert!(left.contains("\n0"), "{view}: {left}");
    }
    assert_eq!(handles(&queue(&ws, &["--status", "all"])), ["dan.test", "cem.test", "bob.test"]);
}

#[test]
fn a_verdict_that_is_overruled_is_shown_so_and_moves_the_queue() {
    let folder = folder("people_overruled");
    let ws = made(&folder);
    let refused = run(&["--workspace", &ws, "people", "overrule", "dan.test", "inauthentic"]);
    assert!(refused.code == 2 && refused.stderr.contains("--why"), "{}", refused.stderr);
    in_workspace(&ws, &["people", "overrule", "@Dan.test", "inauthentic", "--why", "sells followers", "--by", "Kim"]);
    let said = queue(&ws, &[]);
    assert_eq!(handles(&said), ["ann.test", "cem.test"]);
    assert_eq!(said["counts"]["left_out"], 1);
    assert!(
        in_workspace(&ws, &["people", "overrule", "--list"])
            .stdout
            .contains("@dan.test (bluesky) is inauthentic, says Kim")
    );
    in_workspace(&ws, &["people", "overrule", "dan.test", "withdraw"]);
    assert_eq!(handles(&queue(&ws, &[])).len(), 3);
    assert_eq!(run(&["--workspace", &ws, "people", "overrule", "dan.test", "withdraw"]).code, 1);
}

#[test]
fn an_audit_takes_what_was_overruled_and_labelled() {
    let folder = folder("people_labels");
    let ws = folder.join("w.db");
    let ws = ws.to_str().expect("UTF-8");
    let list = file(&folder, "f.csv", &people(400));
    in_workspace(ws, &["import", &list]);
    let before = in_workspace(ws, &["audit", "--format", "json"]).json();
    in_workspace(ws, &["people", "overrule", "person_7", "inauthentic", "--why", "offers followers", "--by", "Kim"]);
    let explained = in_workspace(ws, &["audit", "--explain", "person_7"]).stdout;
    assert!(explained.contains("Kim overruled the verdict") && explained.contains("offers followers"), "{explained}");
    let after = in_workspace(ws, &["audit", "--format", "json"]).json();
    assert_eq!(after["shares"]["inauthentic"], before["shares"]["inauthentic"]);
    assert_eq!(after["classes"]["n_inauthentic"], json!(before["classes"]["n_inauthentic"].as_u64().unwrap_or(0) + 1));
    assert!(after["warnings"].to_string().contains("overruled by hand"), "{}", after["warnings"]);
    // Masked, neither who nor why is told.
    let masked = in_workspace(ws, &["audit", "--redact", "--format", "csv"]).stdout;
    assert!(!masked.contains("Kim") && !masked.contains("offers followers"));
    // Labels that are kept do what the same table does.
    let drawn = folder.join("label-me.csv");
    let drawn = drawn.to_str().expect("UTF-8");
    in_workspace(ws, &["people", "overrule", "person_7", "withdraw"]);
    in_workspace(ws, &["audit", "--sample-to-label", "60", "--out", drawn]);
    let table = std::fs::read_to_string(drawn).expect("a table");
    let label_at = table.lines().next().expect("a header").split(',').position(|c| c == "label").expect("a label");
    let filled: Vec<String> = table
        .lines()
        .enumerate()
        .map(|(i, line)| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if i > 0 {
                cells[label_at] = if i % 20 == 1 { "inauthentic" } else { "genuine" };
            }
            cells.join(",")
        })
        .collect();
    let filled = file(&folder, "labelled.csv", &filled.join("\n"));
    let given = in_workspace(ws, &["audit", "--labels", &filled, "--format", "json"]).json();
    let kept = in_workspace(ws, &["people", "label", "--from", &filled]).stdout;
    assert!(kept.contains("kept 60 labels"), "{kept}");
    let after = in_workspace(ws, &["audit", "--format", "json"]).json();
    assert_eq!((&after["shares"], &after["labels"]["n_used"]), (&given["shares"], &60.into()));
    assert_ne!(after["shares"]["inauthentic"], before["shares"]["inauthentic"]);
    // The list imported again: the labels are there.
    in_workspace(ws, &["undo", "1"]);
    in_workspace(ws, &["import", &list]);
    let again = in_workspace(ws, &["audit", "--format", "json"]).json();
    assert_eq!(again["labels"]["n_used"], 60);
}

#[test]
fn response_times_are_told_with_intervals_or_not_at_all() {
    let folder = folder("people_response");
    let ws = made(&folder);
    let said = in_workspace(&ws, &["people", "response", "--format", "json"]).json();
    assert_eq!((&said["all"]["n_turns"], &said["all"]["n_answered"]), (&4.into(), &1.into()));
    assert!(said["all"]["median_s"]["abstained"]["why"].is_string(), "{said}");
    assert_eq!(said["weeks"][0]["first_day"], "2026-02-23");
    assert!(in_workspace(&ws, &["people", "response"]).stdout.starts_with("1 of 4 turns are answered"));
}

#[test]
fn documents_keep_to_their_schemas() {
    let folder = folder("people_schemas");
    let ws = made(&folder);
    in_workspace(&ws, &["people", "saved", "add", "a", "b"]);
    in_workspace(&ws, &["people", "overrule", "cem.test", "genuine", "--why", "knows us"]);
    let said = queue(&ws, &["--status", "all"]);
    let id = said["conversations"][0]["id"].as_str().expect("an id").to_owned();
    in_workspace(&ws, &["people", "note", &id, "x"]);
    let json = ["--format", "json"];
    let of = |arguments: &[&str]| in_workspace(&ws, &[arguments, &json[..]].concat()).json();
    for (schema, document) in [
        (include_str!("../../schemas/people-queue-1.json"), said),
        (include_str!("../../schemas/people-conversation-1.json"), of(&["people", "read", &id])),
        (include_str!("../../schemas/people-response-1.json"), of(&["people", "response"])),
        (include_str!("../../schemas/people-saved-1.json"), of(&["people", "saved", "list"])),
        (include_str!("../../schemas/people-overruled-1.json"), of(&["people", "overrule", "--list"])),
    ] {
        let schema: Value = serde_json::from_str(schema).expect("JSON");
        assert_eq!(document["schema"], schema["$id"]);
        let mut told: Vec<&String> = document.as_object().expect("an object").keys().collect();
        let mut wanted: Vec<&str> =
            schema["required"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
        told.sort();
        wanted.sort_unstable();
        assert_eq!(told, wanted);
    }
}

/// Twelve people ask below a post, one each day. The page answers nine of them after 1 to 9 hours.
fn answered(folder: &Path) -> (String, Vec<String>) {
    let ws = folder.join("w.db").to_str().expect("UTF-8").to_owned();
    let root = uri("shop", "a");
    let (mut asked, mut said) =
        (Vec::new(), vec![json!({ "post": post("shop", "a", "2026-03-01T06:00:00.000Z", "New", None) })]);
    for i in 1..=12 {
        let (who, key) = (format!("p{i}"), format!("q{i}"));
        let mut one = post(&who, &key, &format!("2026-03-{i:02}T08:00:00.000Z"), "How much?", Some((&root, &root)));
        one["reason"] = "reply".into();
        asked.push(one);
        if i <= 9 {
            let at = format!("2026-03-{i:02}T{:02}:00:00.000Z", 8 + i);
            let own = post("shop", &format!("b{i}"), &at, "9 euros.", Some((&root, &uri(&who, &key))));
            said.push(json!({ "post": own }));
        }
    }
    let files = vec![
        file(folder, "listNotifications.json", &json!({ "notifications": asked }).to_string()),
        file(folder, "getAuthorFeed.json", &json!({ "feed": said }).to_string()),
    ];
    for file in &files {
        in_workspace(&ws, &["import", file]);
    }
    (ws, files)
}

const OF_RESPONSE: [&str; 4] =
    ["response_time_median", "response_time_p90", "answered_within_day_share", "awaiting_answer"];

fn values(said: &Value) -> Vec<Value> {
    let all = said["metrics"].as_array().expect("metrics");
    let value =
        |id: &&str| all.iter().find(|m| m["id"] == **id && m["group"].is_null()).expect("a metric")["value"].clone();
    OF_RESPONSE.iter().map(value).collect()
}

/// What the metrics say of a workspace, held against `people response` and the queue; and their rows as SQL selects them.
fn same_everywhere(ws: &str) -> Vec<Value> {
    let told = values(&in_workspace(ws, &["metrics", "--format", "json"]).json());
    let response = in_workspace(ws, &["people", "response", "--format", "json"]).json();
    for (value, name, unit) in [(0, "median_s", 3_600.0), (1, "p90_s", 3_600.0), (2, "within_day_share", 1.0)] {
        let of = &response["all"][name];
        if of["abstained"].is_object() {
            assert_eq!(told[value]["abstained"], of["abstained"], "{name}");
            continue;
        }
        for end in ["point", "low", "high"] {
            let (a, b) = (told[value][end].as_f64(), of[end].as_f64().map(|s| s / unit));
            assert!(a.is_some() && a == b, "{name} {end}: {a:?}, {b:?}");
        }
    }
    let queue = in_workspace(ws, &["people", "queue", "--format", "json"]).json();
    assert_eq!(told[3]["point"].as_f64().or(told[3].as_f64()), queue["counts"]["open"].as_f64(), "{}", told[3]);
    for id in OF_RESPONSE {
        let said = in_workspace(ws, &["metrics", "--explain", id, "--format", "json"]).json();
        for read in said["explained"][0]["reads"].as_array().expect("reads") {
            let sql = read["sql"].as_str().expect("a question");
            let rows = in_workspace(ws, &["sql", sql, "--format", "csv"]).stdout;
            assert_eq!(rows.lines().count() as u64 - 1, read["n_rows"].as_u64().expect("a count"), "{id}: {sql}");
        }
    }
    told
}

#[test]
fn how_soon_answers_come_is_a_metric_too_with_the_same_figures_and_rows() {
    let folder = folder("people_response_metrics");
    let (ws, files) = answered(&folder);
    let told = same_everywhere(&ws);
    // By hand: the data end with the twelfth question, which leaves eleven, of which six are answered within six hours.
    assert_eq!(told[0]["point"], 6.0);
    assert_eq!(told[1]["abstained"]["why"], "too few of those who wrote are answered");
    let of_files: Vec<&str> = files.iter().map(String::as_str).collect();
    let of_files = done(&[&["metrics", "--format", "json"], &of_files[..]].concat()).json();
    assert_eq!(values(&of_files), told, "of files as of the workspace");
    let weeks =
        in_workspace(&ws, &["metrics", "--by", "week", "--explain", "awaiting_answer", "--format", "json"]).json();
    let of_weeks: Vec<(Value, Value)> = weeks["metrics"]
        .as_array()
        .expect("metrics")
        .iter()
        .map(|m| (m["group"].clone(), m["value"].clone()))
        .collect();
    assert_eq!(of_weeks.len(), 4, "{of_weeks:?}");
    // What is decided moves the figures with the queue: one is answered on the network, one put off, one looks bought.
    let queue = in_workspace(&ws, &["people", "queue", "--format", "json"]).json();
    let id = |i: usize| queue["conversations"][i]["id"].as_str().expect("an id").to_owned();
    in_workspace(&ws, &["people", "answer", &id(0), "--status", "answered"]);
    in_workspace(&ws, &["people", "answer", &id(1), "--status", "snoozed", "--until", "3d"]);
    let after = same_everywhere(&ws);
    assert_ne!(after[3], told[3]);
    in_workspace(&ws, &["people", "overrule", "p1.test", "inauthentic", "--why", "sells followers"]);
    let without = same_everywhere(&ws);
    assert_ne!(without[2], after[2], "the one who was answered first is in no figure");
    in_workspace(&ws, &["people", "overrule", "p1.test", "withdraw"]);
    assert_eq!(same_everywhere(&ws), after);
    // Who is forgotten is in no figure either.
    in_workspace(&ws, &["forget", "p2.test"]);
    assert_ne!(same_everywhere(&ws)[2], after[2]);
    assert_eq!(in_workspace(&ws, &["sql", "SELECT count(*) AS n FROM turns", "--format", "csv"]).stdout, "n\n11\n");
}
