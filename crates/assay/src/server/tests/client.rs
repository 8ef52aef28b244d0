//! What is taken away: the sheet of each area for a client, complete in itself and without anybody's name; lists of who is to be removed.

use super::{BOUNDARY, Running, followers, multipart, request};
use crate::server::pages::AREAS;
use crate::server::pages::client::NAME as CLIENT_SHEET;
use axum::body::Body;
use axum::http::{Method, StatusCode, header};

#[test]
fn every_area_has_a_sheet_for_a_client_that_names_nobody() {
    let on = Running::open("client");
    let engagements = b"account_id,handle,kind,at,post_id,text\n1000,user0,comment,2021-03-01T10:00:00Z,p1,Is it open?\n1650,user650,comment,2021-03-01T11:00:00Z,p1,nice\n";
    let orders =
        b"order_id,customer_id,ordered_at,total,currency\n1,c1,2021-03-02T10:00:00Z,12.50,EUR\n2,c2,2021-03-05,8,EUR\n";
    let files: [(&str, &[u8]); 3] =
        [("followers.csv", &followers()), ("engagements.csv", engagements), ("orders.csv", orders)];
    let state = on.ended(&on.upload("/api/v1/workspaces/ours/imports", &files));
    assert_eq!(state["state"], "done", "{state}");
    assert_eq!(on.form("/w/ours/settings/prepared", "by=Northlight").status, StatusCode::SEE_OTHER);
    let form = "kind=user-split&name=spring&arm=group&control=none&metric=ordered%3Abinary";
    assert_eq!(on.form("/w/ours/experiments/seal", form).status, StatusCode::SEE_OTHER);
    let mut given = Vec::new();
    for area in AREAS.iter().filter(|a| a.files.iter().any(|f| f.id == CLIENT_SHEET)) {
        let page = on.settled(&format!("/w/ours/{}", area.id)).text;
        let id = if area.id.is_empty() { "home" } else { area.id };
        let address = format!("/w/ours/{id}/file/{CLIENT_SHEET}");
        assert!(page.contains(&format!("href=\"{address}?")), "{id} does not lead to its sheet");
        let sheet = on.get(&format!("{address}?buy=500&name="));
        assert_eq!(sheet.status, StatusCode::OK, "{id}: {}", sheet.text);
        // The audience's sheet has charts, whose script stands at its end.
        let text = sheet.text.split("<script").next().unwrap_or("");
        assert_eq!(text.matches("<h1").count(), 1 + usize::from(id == "reach"), "{id}: {text}");
        assert!(text.contains("Prepared by") && text.contains("Northlight") && text.contains("Method"), "{id}: {text}");
        for never in ["user650", "user0", "<form", "href=\"/", "src=\"/", "NaN"] {
            assert!(!text.contains(never), "{id} has {never}: {text}");
        }
        given.push(id);
    }
    assert_eq!(given, ["home", "audience", "batches", "metrics", "reach", "experiments", "people", "imports"]);
    let leads = |_| on.get("/").text.contains(&format!("/file/{CLIENT_SHEET}?page="));
    let waits = |_: &u32| {
        std::thread::park_timeout(std::time::Duration::from_millis(20));
        true
    };
    assert!((0..500_u32).filter(waits).any(leads), "the table of workspaces does not lead to the report");
    let one = on.get(&format!("/w/ours/experiments/file/{CLIENT_SHEET}?name=spring"));
    assert!(one.text.contains("spring") && one.text.contains("split"), "{}", one.text);
    assert_eq!(on.get(&format!("/w/ours/settings/file/{CLIENT_SHEET}")).status, StatusCode::NOT_FOUND);
}

#[test]
fn who_is_to_be_removed_is_listed_by_the_day_and_in_the_form_of_the_network() {
    let on = Running::open("removal-lists");
    let table = String::from_utf8(followers()).expect("text");
    // Every second one is of another server.
    let table: String = table
        .lines()
        .enumerate()
        .map(|(i, line)| match line.split_once(',') {
            Some((id, rest)) if i > 0 && i % 2 == 0 => {
                let (handle, rest) = rest.split_once(',').expect("a handle");
                format!("{id},{handle}@far.example,{rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"page\"\r\n\r\nmastodon/shop@near.example\r\n")
            .into_bytes();
    body.extend(multipart(&[("followers.csv", table.as_bytes())]));
    let request = request(Method::POST, "/api/v1/workspaces/ours/imports", None)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
    let state = on.ended(&on.send(request.body(Body::from(body)).expect("a request")));
    assert_eq!(state["state"], "done", "{state}");
    let page = on.settled("/w/ours/batches?pace=100").text;
    let n_listed: usize = {
        let words = page.split(" listed<").next().expect("a count");
        words.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{page}"))
    };
    assert!(n_listed > 200 && page.contains("Mastodon's list to import"), "{page}");
    let all = on.get("/w/ours/batches/file/handles.txt?batch=b1").text;
    assert_eq!(all.lines().count(), n_listed);
    let days: Vec<String> = (1..=n_listed.div_ceil(100))
        .map(|day| on.get(&format!("/w/ours/batches/file/handles.txt?batch=b1&pace=100&day={day}")).text)
        .collect();
    assert!(days[..days.len() - 1].iter().all(|d| d.lines().count() == 100));
    assert_eq!(days.concat(), all, "the days are the whole");
    let blocks = on.get("/w/ours/batches/file/blocked_accounts.csv?batch=b1").text;
    assert_eq!(blocks.lines().count(), n_listed);
    assert!(blocks.lines().all(|l| l.ends_with("@near.example") || l.ends_with("@far.example")), "{blocks}");
    assert_eq!(on.get("/w/ours/batches/file/handles.txt?batch=b1&day=0").status, StatusCode::BAD_REQUEST);
    let empty = on.get("/api/v1/workspaces/ours/metrics?to=");
    assert_eq!(empty.status, StatusCode::BAD_REQUEST, "{}", empty.text);
    for wrong in ["limit=0", "limit=1001", "cursor=x"] {
        let refused = on.get(&format!("/api/v1/workspaces/ours/followers?{wrong}"));
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}: {}", refused.text);
    }
}

#[test]
fn views_are_taken_away_as_csv_parquet_and_json() {
    let on = Running::open("tables");
    let get = |what: &str| on.get(&format!("/api/v1/workspaces/ours/tables/{what}"));
    assert_eq!(get("orders").status, StatusCode::NOT_FOUND, "nothing is imported yet");
    let orders = b"order_id,customer_id,ordered_at,total,currency,discount_code\n1,c1,2021-03-02,12.50,EUR,=1+1\n2,c2,2021-03-05,8,EUR,\n";
    let state = on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("orders.csv", orders)]));
    assert_eq!(state["state"], "done", "{state}");
    let csv = get("orders");
    assert_eq!((csv.status, csv.header(header::CONTENT_TYPE)), (StatusCode::OK, "text/csv; charset=utf-8"));
    assert!(csv.text.lines().count() == 3 && csv.text.contains("'=1+1"), "{}", csv.text);
    assert!(csv.header(header::CONTENT_DISPOSITION).contains("ours-orders.csv"));
    let json = get("orders?format=json").json();
    assert_eq!(json["n_rows"], 2, "{json}");
    let parquet = get("orders?format=parquet").text;
    assert!(parquet.starts_with("PAR1") && parquet.ends_with("PAR1"), "no Parquet");
    assert_eq!(get("sqlite_master").status, StatusCode::NOT_FOUND);
    assert_eq!(get("orders?format=xml").status, StatusCode::BAD_REQUEST);
}
