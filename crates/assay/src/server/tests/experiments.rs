//! Experiments from outside: planned, sealed, read, decided, by programs and on pages; and what is refused.

use super::{BOUNDARY, Got, Running, request};
use crate::render::schema::faults;
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;

const API: &str = "/api/v1/workspaces/ours";

fn post(on: &Running, path: &str, body: &Value, key: Option<&str>) -> Got {
    let mut request = request(Method::POST, path, None).header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    on.send(request.body(Body::from(body.to_string())).expect("a request"))
}

fn hand_in(on: &Running, path: &str, experiment: Option<&str>, files: &[(&str, &str)]) -> Got {
    let mut body = String::new();
    if let Some(name) = experiment {
        let _ = write!(body, "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"experiment\"\r\n\r\n{name}\r\n");
    }
    for (name, text) in files {
        let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{name}\"");
        let _ = write!(body, "--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n");
    }
    let _ = write!(body, "--{BOUNDARY}--\r\n");
    let request = request(Method::POST, path, None)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
    on.send(request.body(Body::from(body)).expect("a request"))
}

fn table() -> String {
    let mut rows = String::from("group,ordered\n");
    for k in 0..8_000 {
        let (arm, ordered) = if k % 2 == 0 { ("none", k % 20 == 0) } else { ("offer", k % 12 < 2) };
        let _ = writeln!(rows, "{arm},{}", u8::from(ordered));
    }
    rows
}

fn design() -> Value {
    json!({
        "kind": "user-split", "arm": "group", "control": "none", "metrics": ["ordered:binary"], "guardrails": [], "unit": null,
        "cluster": null, "pre": null, "split": [1.0, 1.0], "max_n": 8000, "looks": 4, "fixed": false, "cost": 0.1,
    })
}

fn kept(got: &Got) -> Value {
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/experiments-1.json")).expect("a schema");
    let mut document = got.json();
    // The plan is of a schema of its own.
    for e in document["experiments"].as_array_mut().expect("experiments") {
        if let Some(plan) = e.as_object_mut().expect("an object").remove("plan") {
            let schema =
                serde_json::from_str(include_str!("../../../schemas/experiment-sealed-1.json")).expect("a schema");
            assert_eq!(faults(&schema, &plan), [""; 0]);
        }
    }
    assert_eq!(faults(&schema, &document), [""; 0], "{document}");
    document["experiments"].clone()
}

#[test]
fn a_program_plans_seals_reads_and_decides() {
    let on = Running::open("experiments-api");
    let plan = post(
        &on,
        &format!("{API}/experiment-plans"),
        &json!({"per_week": 40, "margin": 12, "budget": 500, "weeks": 12}),
        None,
    );
    assert_eq!(
        (plan.status, &plan.json()["schema"]),
        (StatusCode::OK, &"assay.experiment-plan/1".into()),
        "{}",
        plan.text
    );
    let nothing = post(&on, &format!("{API}/experiment-plans"), &json!({}), None);
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST, "{}", nothing.text);
    assert_eq!(
        post(&on, &format!("{API}/experiment-plans"), &json!({"people": -1}), None).status,
        StatusCode::BAD_REQUEST
    );

    let seal = |name: &str, margin: f64, key| {
        let new = json!({"name": name, "design": design(), "margin": margin, "note": "does mail pay?"});
        post(&on, &format!("{API}/experiments"), &new, key)
    };
    let sealed = seal("spring mail", 12.0, Some("k1"));
    assert_eq!(sealed.status, StatusCode::CREATED, "{}", sealed.text);
    let hash = kept(&sealed)[0]["hash"].clone();
    // The same key answers the same; another plan under the name is refused, also with another key.
    assert_eq!(kept(&seal("spring mail", 12.0, Some("k1")))[0]["hash"], hash);
    assert_eq!(seal("spring mail", 13.0, Some("k1")).status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(seal("spring mail", 13.0, None).status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(seal("a/b", 12.0, None).status, StatusCode::BAD_REQUEST);
    assert_eq!(seal("free", -1.0, None).status, StatusCode::BAD_REQUEST);
    assert_eq!(kept(&on.get(&format!("{API}/experiments")))[0]["hash"], hash);
    let one = on.get(&format!("{API}/experiments/spring%20mail"));
    assert_eq!(one.json()["experiments"][0]["plan"]["hash"], hash);
    assert_eq!(on.get(&format!("{API}/experiments/autumn")).status, StatusCode::NOT_FOUND);
    // A plan that was sealed elsewhere is kept as it is, and not if it was changed.
    let mut elsewhere = one.json()["experiments"][0]["plan"].clone();
    let again = post(&on, &format!("{API}/experiments"), &json!({"name": "again", "sealed": elsewhere}), None);
    assert_eq!(kept(&again)[0]["hash"], hash);
    elsewhere["sealed"]["margin"] = 99.into();
    let changed = post(&on, &format!("{API}/experiments"), &json!({"name": "changed", "sealed": elsewhere}), None);
    assert_eq!(changed.status, StatusCode::BAD_REQUEST, "{}", changed.text);

    let readings = format!("{API}/experiment-readings");
    let state = on.ended(&hand_in(&on, &readings, Some("spring mail"), &[("orders.csv", &table())]));
    assert_eq!((&state["state"], &state["result"]["verdict"]), (&"done".into(), &"adopt".into()), "{state}");
    let incoming = || fs::read_dir(on.folder.join("ours.db.incoming")).expect("a folder").count();
    assert_eq!(incoming(), 0, "the table is gone");
    let reading = on.get(&format!("{API}/experiments/spring%20mail/readings/{}", state["result"]["reading"]));
    let answer = reading.json();
    assert_eq!((&answer["design"]["sealed"], &answer["design"]["plan"]["sha256"]), (&true.into(), &hash));
    let read_schema = serde_json::from_str(include_str!("../../../schemas/experiment-read-1.json")).expect("a schema");
    assert_eq!(faults(&read_schema, &answer), [""; 0]);
    for (experiment, files) in [
        (None, &[("a.csv", "x")][..]),
        (Some("autumn"), &[("a.csv", "x")]),
        (Some("spring mail"), &[("a.csv", "x"), ("b.csv", "x")]),
        (Some("spring mail"), &[]),
    ] {
        let refused = hand_in(&on, &readings, experiment, files);
        assert!(refused.status.is_client_error(), "{experiment:?} {files:?}: {}", refused.text);
    }
    assert_eq!(incoming(), 0, "what is refused does not stay");
    let broken = on.ended(&hand_in(&on, &readings, Some("spring mail"), &[("a.csv", "group,other\nnone,1\n")]));
    assert_eq!(broken["state"], "failed", "{broken}");

    let decisions = format!("{API}/experiments/spring%20mail/decisions");
    for _ in 0..2 {
        let decided = post(&on, &decisions, &json!({"decision": "adopt", "note": "all of the list"}), Some("k2"));
        assert_eq!(decided.status, StatusCode::NO_CONTENT, "{}", decided.text);
    }
    assert_eq!(post(&on, &decisions, &json!({"decision": "perhaps"}), None).status, StatusCode::BAD_REQUEST);
    let told = kept(&on.get(&format!("{API}/experiments/spring%20mail")));
    assert_eq!(told[0]["decisions"].as_array().map(Vec::len), Some(1), "the same key is done once");
    assert_eq!(
        (&told[0]["decisions"][0]["decision"], &told[0]["readings"][0]["verdict"]),
        (&"adopt".into(), &"adopt".into())
    );
    let paged = on.get(&format!("{API}/experiments?limit=1"));
    let cursor = paged.json()["next_cursor"].as_str().expect("another page").to_owned();
    assert_eq!(kept(&on.get(&format!("{API}/experiments?limit=1&cursor={cursor}")))[0]["name"], "again");
}

#[test]
fn pages_plan_seal_read_and_decide_and_say_when_not_to() {
    let on = Running::open("experiments-pages");
    let page = on.get("/w/ours/experiments");
    assert!(page.status == StatusCode::OK && page.text.contains("No experiment yet"), "{}", page.text);
    let sorted = "/w/ours/experiments?plan=1&people=80000&rate=0.03&lift=0.15&segments=topic%3D3,age%3D12";
    let sorted = on.get(sorted);
    assert!(sorted.text.contains("By segment") && sorted.text.contains("do not read by age"), "{}", sorted.text);
    let wrong = on.get("/w/ours/experiments?plan=1&people=80000&rate=0.03&segments=topic");
    assert!(wrong.text.contains("expected a name and 2 to 100 segments"), "{}", wrong.text);
    let few = on.get("/w/ours/experiments?plan=1&per_week=2&margin=1&budget=500&weeks=4");
    assert!(few.text.contains("Do not run a test"), "{}", few.text);
    let many = on.get("/w/ours/experiments?plan=1&people=80000&rate=0.03&margin=12&cost=0.01&lift=0.3");
    assert!(many.text.contains("Run it: a split of your own list") && many.text.contains("Spend"), "{}", many.text);
    assert!(!many.text.contains("(--"), "no flags of the command line on a page");
    let wrong = on.get("/w/ours/experiments?plan=1&people=lots");
    assert!(wrong.status == StatusCode::OK && wrong.text.contains("expected a number"), "{}", wrong.text);

    let form = "kind=user-split&name=spring&arm=group&control=none&metric=ordered%3Abinary&split=50%3A50&max_n=8000&looks=4&margin=12&cost=0.1";
    let sealed = on.form("/w/ours/experiments/seal", form);
    assert_eq!(
        (sealed.status, sealed.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, "/w/ours/experiments?name=spring")
    );
    let refused = on.form("/w/ours/experiments/seal", &form.replace("margin=12", "margin=13"));
    assert!(
        refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("not replaced"),
        "{}",
        refused.text
    );
    for bad in
        [form.replace("50%3A50", "50%3Ax"), form.replace("looks=4", "looks=x"), form.replace("max_n=8000", "max_n=1.5")]
    {
        assert_eq!(on.form("/w/ours/experiments/seal", &bad).status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let sent = hand_in(&on, "/w/ours/experiments/read", Some("spring"), &[("orders.csv", &table())]);
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let read = on.settled(sent.header(header::LOCATION));
    assert!(read.text.contains("Adopt offer") && read.text.contains("The arms agree with the split"), "{}", read.text);
    assert!(read.text.contains("<svg") && !read.text.contains(" style=\""), "pictures without styles of their own");
    let decided = on.form("/w/ours/experiments/decide", "name=spring&decision=go-on&note=a+%3Cb%3E+more");
    assert_eq!(decided.status, StatusCode::SEE_OTHER);
    let told = on.get("/w/ours/experiments?name=spring");
    assert!(told.text.contains("a &lt;b&gt; more") && told.text.contains("go on testing"), "{}", told.text);
    assert!(on.get("/w/ours/experiments").text.contains("decided: go on"));
    let file = on.get("/w/ours/experiments/file/plan.json?name=spring");
    assert!(crate::pipeline::plan_of(&file.text).is_ok_and(|plan| plan.is_intact), "{}", file.text);
    assert_eq!(on.get("/w/ours/experiments?name=autumn").status, StatusCode::NOT_FOUND);
    assert_eq!(on.get("/w/ours/experiments?name=spring&reading=99").status, StatusCode::NOT_FOUND);
}

#[test]
fn markets_are_sealed_with_their_cool_down_on_a_page() {
    let on = Running::open("experiments-markets");
    let form =
        "kind=markets&name=april&location=city&date=day&metric=orders&treated=a,b&start=2026-04-01&end=2026-04-14";
    for (cooldown, said) in [("&cooldown=x", "a number for cooldown"), ("&cooldown=400", "at most 366")] {
        let refused = on.form("/w/ours/experiments/seal", &format!("{form}{cooldown}"));
        assert!(refused.status == StatusCode::BAD_REQUEST && refused.text.contains(said), "{}", refused.text);
    }
    let sealed =
        |name: &str| on.get(&format!("{API}/experiments/{name}")).json()["experiments"][0]["plan"]["sealed"].clone();
    assert_eq!(on.form("/w/ours/experiments/seal", &format!("{form}&cooldown=7")).status, StatusCode::SEE_OTHER);
    assert_eq!(sealed("april")["design"]["cooldown_days"], 7);
    assert!(on.get("/w/ours/experiments?name=april").text.contains("7 days after the last one count too"));
    assert_eq!(on.form("/w/ours/experiments/seal", &form.replace("april", "may")).status, StatusCode::SEE_OTHER);
    assert_eq!(sealed("may")["design"]["cooldown_days"], 0);
}

#[test]
fn weeks_are_drawn_sealed_and_read_on_pages() {
    let on = Running::open("experiments-weeks");
    let form = "kind=weeks&name=boosts&from=2026-01-05&weeks=12&washout=2&date=day&metric=&margin=12&cost=50";
    for (wrong, said) in [
        ("&from=x", "first week begins"),
        ("&weeks=9999", "at most 520"),
        ("&weeks=2", "weeks on"),
        ("&washout=7", "at most 6"),
    ] {
        let rest: Vec<&str> = form.split('&').filter(|f| f.split('=').next() != wrong[1..].split('=').next()).collect();
        let refused = on.form("/w/ours/experiments/seal", &format!("{}{wrong}", rest.join("&")));
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}: {}", refused.text);
        assert!(refused.text.contains(said), "{wrong}: {}", refused.text);
    }
    assert_eq!(on.form("/w/ours/experiments/seal", form).status, StatusCode::SEE_OTHER);
    let one = on.get(&format!("{API}/experiments/boosts")).json();
    let weeks = one["experiments"][0]["plan"]["sealed"]["design"]["weeks"].clone();
    let mut rows = String::from("day\n");
    for week in weeks.as_array().expect("weeks") {
        let first: jiff::civil::Date = week["first"].as_str().expect("a day").parse().expect("a day");
        for d in 0..7 {
            let n = 10 + (d * 3 + first.day() as usize) % 4 + if week["on"] == true { 8 } else { 0 };
            let day = first.checked_add(jiff::ToSpan::days(d as i64)).expect("a day");
            rows.push_str(&format!("{day}\n").repeat(n));
        }
    }
    let asked = hand_in(&on, "/w/ours/experiments/read", Some("boosts"), &[("orders.csv", &rows)]);
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    on.settled(asked.header(header::LOCATION));
    let page = on.settled("/w/ours/experiments?name=boosts").text;
    assert!(page.contains("the weeks on earned more") && page.contains("Week by week"), "{page}");
    let told = kept(&on.get(&format!("{API}/experiments/boosts")));
    assert_eq!(told[0]["readings"][0]["verdict"], "adopt", "{told}");
}

#[test]
fn weeks_are_read_from_the_orders_that_were_imported() {
    let on = Running::open("experiments-own");
    let form = "kind=weeks&name=boosts&from=2026-01-05&weeks=12&washout=2&date=ordered_at&metric=&margin=12&cost=50";
    assert_eq!(on.form("/w/ours/experiments/seal", form).status, StatusCode::SEE_OTHER);
    let own = || on.form("/w/ours/experiments/read-own", "name=boosts");
    let none = own();
    assert!(none.status == StatusCode::BAD_REQUEST && none.text.contains("found none"), "{}", none.text);
    let one = on.get(&format!("{API}/experiments/boosts")).json();
    let weeks = one["experiments"][0]["plan"]["sealed"]["design"]["weeks"].clone();
    let mut orders = String::from("order_id,customer_id,ordered_at,total,currency,status\n");
    let mut id = 0;
    for week in weeks.as_array().expect("weeks") {
        let first: jiff::civil::Date = week["first"].as_str().expect("a day").parse().expect("a day");
        for d in 0..7 {
            let sold = 10 + (d * 3 + first.day() as usize) % 4 + if week["on"] == true { 8 } else { 0 };
            let day = first.checked_add(jiff::ToSpan::days(d as i64)).expect("a day");
            // What came to nothing is no order: off weeks would seem to sell more with it.
            let void = if week["on"] == true { 0 } else { 30 };
            for i in 0..sold + void {
                id += 1;
                let status = if i < sold { "paid" } else { "cancelled" };
                let _ = writeln!(orders, "o{id},c{},{day}T12:00:00Z,20,EUR,{status}", id % 50);
            }
        }
    }
    let state = on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("orders.csv", orders.as_bytes())]));
    assert_eq!(state["state"], "done", "{state}");
    assert!(on.get("/w/ours/experiments?name=boosts").text.contains("Read the orders imported here"));
    let asked = own();
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    on.settled(asked.header(header::LOCATION));
    let told = kept(&on.get(&format!("{API}/experiments/boosts")));
    assert_eq!(told[0]["readings"][0]["verdict"], "adopt", "{told}");
    assert_eq!(told[0]["readings"][0]["file"], "orders.csv", "{told}");
    let left = fs::read_dir(on.folder.join("ours.db.incoming")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the table is gone");
    // A split needs columns that no fact has.
    let split = "kind=user-split&name=spring&arm=group&control=none&metric=ordered%3Abinary";
    assert_eq!(on.form("/w/ours/experiments/seal", split).status, StatusCode::SEE_OTHER);
    assert!(!on.get("/w/ours/experiments?name=spring").text.contains("imported here"));
    let refused = on.form("/w/ours/experiments/read-own", "name=spring");
    assert!(
        refused.status == StatusCode::BAD_REQUEST && refused.text.contains("hand in its table"),
        "{}",
        refused.text
    );
}

#[test]
fn a_table_that_was_handed_in_before_a_crash_is_read_and_not_imported() {
    let name = "experiments-crash";
    let on = Running::open(name);
    let form = "kind=user-split&name=spring&arm=group&control=none&metric=ordered%3Abinary";
    assert_eq!(on.form("/w/ours/experiments/seal", form).status, StatusCode::SEE_OTHER);
    let own = on.folder.join("ours.db.incoming/crashed");
    fs::create_dir_all(own.join("000")).expect("a folder");
    fs::write(own.join("000/orders.csv"), table()).expect("a table");
    fs::write(
        own.join("asked.json"),
        json!({"page": null, "format": null, "with_messages": false, "experiment": "spring"}).to_string(),
    )
    .expect("what is asked");
    let shelf = on.server.shelf("ours").expect("the workspace");
    crate::server::incoming::resume(&on.server, &shelf);
    for _ in 0..500 {
        if !own.exists() {
            break;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    let told = kept(&on.get(&format!("{API}/experiments/spring")));
    assert_eq!(told[0]["readings"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(on.get(&format!("{API}/imports")).json()["items"], json!([]));
}

#[test]
fn what_was_taken_in_and_is_not_begun_goes() {
    let on = Running::open("experiments-gone");
    let shelf = on.server.shelf("ours").expect("the workspace");
    let n_kept = || fs::read_dir(on.folder.join("ours.db.incoming")).map_or(0, Iterator::count);
    let taken = crate::server::incoming::made(&shelf, "orders.csv", crate::server::incoming::Asked::default(), |out| {
        out.write_all(b"day\n").map_err(crate::server::problem::Problem::sending)
    });
    let taken = taken.unwrap_or_else(|p| panic!("{}", p.detail));
    assert_eq!(n_kept(), 1);
    // Whoever sent it has gone before it was begun.
    drop(taken);
    assert_eq!(n_kept(), 0);
}
