//! Settings of a workspace, and tables whose columns somebody has to tell.

use super::{BOUNDARY, Got, Running, followers, multipart, request};
use crate::server::pages::url_encoded;
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use std::fs;

const TABLE: &[u8] =
    b"who,bought when,how much\na@x.org,2026-01-01,12.50\nb@x.org,2026-01-02,3.00\na@x.org,2026-01-05,9.99\n";

fn waiting(on: &Running) -> usize {
    fs::read_dir(on.folder.join("ours.db.incoming")).map_or(0, Iterator::count)
}

/// Hands the table in with what its headers mean.
fn mapped(on: &Running, map: &str) -> Got {
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{map}\r\n").into_bytes();
    body.extend(multipart(&[("sales.csv", TABLE)]));
    let request = request(Method::POST, "/api/v1/workspaces/ours/imports", None)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
    on.send(request.body(Body::from(body)).expect("a request"))
}

#[test]
fn settings_are_checked_kept_and_used() {
    let on = Running::open("settings");
    on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("followers.csv", &followers())]));
    let keep = |body: &str| on.form("/w/ours/settings/keep", body);
    assert_eq!(keep("zone=Europe%2FBerlin&currency=eur&week-start=sunday").status, StatusCode::SEE_OTHER);
    let page = on.get("/w/ours/settings").text;
    for kept in ["Europe/Berlin", "EUR", "sunday"] {
        assert!(page.contains(&format!("value=\"{kept}\"")), "{kept} is not in {page}");
    }
    // One that does not fit keeps the rest from being set.
    for bad in ["zone=Atlantis", "retention.engagements=soon", "currency=euros"] {
        let refused = keep(&format!("week-start=monday&{bad}"));
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{bad}: {}", refused.text);
    }
    assert!(on.get("/w/ours/settings").text.contains("value=\"sunday\""));
    // What is not a setting of a workspace is passed over.
    assert_eq!(keep("seed=7&report_by=x").status, StatusCode::SEE_OTHER);
    let fixed = on.server.fixed.of_workspace(&on.folder.join("ours.db")).expect("settings");
    assert_eq!(fixed.currency.as_deref(), Some("EUR"));
    assert_eq!(fixed.reading.zone.as_ref().map(assay_import::Zone::name), Some("Europe/Berlin"));
    assert_eq!((fixed.seed, fixed.confidence), (on.server.fixed.seed, on.server.fixed.confidence));
    // An empty field takes a setting out.
    assert_eq!(keep("currency=").status, StatusCode::SEE_OTHER);
    assert!(on.server.fixed.of_workspace(&on.folder.join("ours.db")).expect("settings").currency.is_none());
}

#[test]
fn pages_write_numbers_and_days_as_the_workspace_says() {
    let on = Running::open("forms");
    let table: String = (0..1_200).fold("handle,followed_at\n".to_owned(), |table, i| {
        table + &format!("who{i},2024-03-{:02}T{:02}:30:00Z\n", 1 + i % 28, i % 24)
    });
    on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("followers.csv", table.as_bytes())]));
    let before = on.settled("/w/ours/audience").text;
    assert!(
        before.contains("1,200") && before.contains("Mar 2024") && before.contains("<html lang=\"en\">"),
        "{before}"
    );
    let kept = on.form("/w/ours/settings/keep", "numbers=1.234%2C5&dates=14.08.2016&zone=Europe%2FBerlin");
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    let after = on.settled("/w/ours/audience").text;
    assert!(after.contains("1.200") && !after.contains("1,200") && after.contains(".03.2024"), "{after}");
    assert!(after.contains("data-numbers=\"de-DE\" data-dates=\"%d.%m.%Y\""), "charts are not told");
    let imports = on.get("/w/ours/imports").text;
    assert!(imports.contains(" CET") || imports.contains(" CEST"), "{imports}");
    let settings = on.get("/w/ours/settings").text;
    assert!(settings.contains("<option value=\"1.234,5\" selected>"), "{settings}");
    assert_eq!(on.form("/w/ours/settings/keep", "numbers=12%25").status, StatusCode::BAD_REQUEST);
}

#[test]
fn pages_are_shown_in_the_language_that_the_browser_asks_for() {
    let on = Running::open("language");
    let get = |accepted: &str, path: &str| {
        let request = request(Method::GET, path, None).header(header::ACCEPT_LANGUAGE, accepted);
        on.send(request.body(Body::empty()).expect("a request"))
    };
    let german = get("de-AT,de;q=0.9,en;q=0.5", "/w/ours/imports");
    assert!(german.text.contains("<html lang=\"de\"") && german.text.contains("Einstellungen</a>"), "{}", german.text);
    assert!(
        german.text.contains("<h1 id=\"import\">Importe</h1>") && german.text.ends_with("</html>"),
        "{}",
        german.text
    );
    assert_eq!(german.header(header::VARY), "accept-language");
    for english in ["en", "en-GB,de;q=0.4", "fr"] {
        let page = get(english, "/w/ours/imports").text;
        assert!(page.contains("<html lang=\"en\"") && page.contains("Settings</a>"), "{english}: {page}");
    }
    let api = get("de", "/api/v1/workspaces").text;
    assert!(serde_json::from_str::<serde_json::Value>(&api).is_ok(), "{api}");
    assert!(get("de", "/w/none").text.contains("lang=\"de\""), "problems too");
}

#[test]
fn what_is_older_than_it_is_kept_is_dropped_when_asked() {
    let on = Running::open("retention");
    let rows = b"handle,at,kind,post_id\nann,2020-01-01T00:00:00Z,like,p1\nben,2020-01-02T00:00:00Z,like,p1\n";
    on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("engagements.csv", rows)]));
    assert_eq!(on.form("/w/ours/settings/keep", "retention.engagements=30d").status, StatusCode::SEE_OTHER);
    let asked = on.form("/w/ours/settings/retain", "");
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let there = asked.header(header::LOCATION).split('#').next().unwrap_or("").to_owned();
    let page = on.settled(&there);
    assert!(page.text.contains("Dropped: 2 rows of engagements"), "{}", page.text);
}

#[test]
fn a_table_that_nobody_reads_waits_until_its_columns_are_told() {
    let on = Running::open("unknown");
    let state = on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("sales.csv", TABLE)]));
    assert_eq!(state["state"], "failed", "{state}");
    assert_eq!(waiting(&on), 1, "the file stays until it is known what it is");
    let page = on.get("/w/ours/imports").text;
    assert!(page.contains("What are these columns?") && page.contains("value=\"ordered_at\""), "{page}");
    let upload = page.split("name=\"upload\" value=\"").nth(1).and_then(|t| t.split('"').next()).expect("a name");
    let told = |column: &str| {
        let pairs = [("who", "customer_id"), ("bought when", "ordered_at"), ("how much", column)];
        let fields = pairs
            .iter()
            .enumerate()
            .map(|(i, (header, column))| format!("&header-0-{i}={}&column-0-{i}={column}", url_encoded(header)));
        format!("upload={upload}{}", fields.collect::<String>())
    };
    assert_eq!(on.form("/w/ours/imports/map", &told("nonsense")).status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(on.form("/w/ours/imports/map", "upload=..%2F..").status, StatusCode::BAD_REQUEST);
    assert_eq!(on.form("/w/ours/imports/discard", "upload=..%2F..").status, StatusCode::NOT_FOUND);
    let asked = on.form("/w/ours/imports/map", &told("total"));
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let page = on.settled(asked.header(header::LOCATION));
    assert!(page.text.contains("<strong>3 facts</strong> taken"), "{}", page.text);
    assert_eq!(waiting(&on), 0);
    // The next file with these columns is read at once.
    let next = String::from_utf8_lossy(TABLE).replace("2026-01", "2026-02").into_bytes();
    let state = on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("sales 2.csv", &next)]));
    assert_eq!((&state["state"], &state["result"]["n_facts"]), (&"done".into(), &3.into()), "{state}");
}

#[test]
fn a_table_that_waits_can_be_thrown_away_and_goes_when_somebody_is_forgotten() {
    let on = Running::open("discard");
    on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("sales.csv", TABLE)]));
    let page = on.get("/w/ours/imports").text;
    let upload = page.split("name=\"upload\" value=\"").nth(1).and_then(|t| t.split('"').next()).expect("a name");
    assert_eq!(on.form("/w/ours/imports/discard", &format!("upload={upload}")).status, StatusCode::SEE_OTHER);
    assert_eq!(waiting(&on), 0);
    // A server that starts again leaves what waits alone.
    on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("sales.csv", TABLE)]));
    super::super::incoming::resume(&on.server, &on.server.shelf("ours").expect("a workspace"));
    assert_eq!((waiting(&on), on.server.jobs.of("ours").len()), (1, 2));
    on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("followers.csv", &followers())]));
    assert_eq!(on.form("/w/ours/settings/forget", "handle=user7").status, StatusCode::SEE_OTHER);
    assert_eq!(waiting(&on), 0, "the file may hold who was forgotten");
    // Programs say it with the upload.
    let missing = mapped(&on, "who customer_id");
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", missing.text);
    let map = "who=customer_id\nbought when=ordered_at\nhow much=total";
    let state = on.ended(&mapped(&on, map));
    assert_eq!(state["result"]["n_facts"], 3, "{state}");
}

#[test]
fn what_says_beforehand_that_it_is_too_large_is_not_read() {
    let on = Running::open("too_large");
    for path in ["/api/v1/workspaces/ours/imports", "/w/ours/imports/upload"] {
        let request = request(Method::POST, path, None)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .header(header::CONTENT_LENGTH, "3000000000");
        // Reading it would fail: nothing is there.
        let got = on.send(
            request
                .body(Body::from_stream(tokio_stream::pending::<Result<Vec<u8>, std::io::Error>>()))
                .expect("a request"),
        );
        assert_eq!(got.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}: {}", got.text);
        assert!(got.text.contains("at most 4 MB"), "{}", got.text);
    }
}
