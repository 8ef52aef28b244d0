//! The server from outside, without a network: who gets in where, what is refused, and the way from a file to a verdict.

mod access;
mod client;
mod experiments;
mod settings;

use super::access::{Access, COOKIE};
use super::pages::AREAS;
use super::{Fixed, Language, ServeOptions, Shared, api, prepare, router};
use assay_math::Seed;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:7380";
const BOUNDARY: &str = "----assay";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp").join("server").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

struct Running {
    server: Shared,
    app: Router,
    runtime: tokio::runtime::Runtime,
    worker: Option<std::thread::JoinHandle<()>>,
    folder: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.jobs.close();
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// An answer: status, headers, body.
struct Got {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

impl Got {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
}

impl Running {
    fn start(name: &str, workspaces: &[&str], access: Access) -> Self {
        let folder = folder(name);
        let all = workspaces.iter().map(|w| ((*w).to_owned(), folder.join(format!("{w}.db")))).collect();
        let options = ServeOptions {
            workspaces: all,
            folder: Some(folder.clone()),
            listen: HOST.parse().expect("an address"),
            hosts: vec!["assay.example".to_owned()],
            access,
            upload_max: 4 << 20,
            languages: vec![
                Language::parse("language\tde\nSettings\tEinstellungen\nImports\tImporte\n").expect("a table"),
            ],
            fixed: Fixed {
                confidence: 0.95,
                seed: Seed(1),
                reading: assay_import::ReadOptions::default(),
                currency: None,
                forms: crate::render::forms::Forms::default(),
                firm: Vec::new(),
            },
        };
        let (server, worker) = prepare(options).expect("a server");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { app: router(&server), server, runtime, worker: Some(worker), folder }
    }

    fn open(name: &str) -> Self {
        Self::start(name, &["ours"], Access::Open)
    }

    fn send(&self, request: Request<Body>) -> Got {
        let app = self.app.clone();
        self.runtime.block_on(async move {
            let response = app.oneshot(request).await.expect("an answer");
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, 64 << 20).await.unwrap_or_default();
            Got { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
        })
    }

    fn get(&self, path: &str) -> Got {
        self.send(request(Method::GET, path, None).body(Body::empty()).expect("a request"))
    }

    fn form(&self, path: &str, form: &str) -> Got {
        let request = request(Method::POST, path, None)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(form.to_owned())).expect("a request"))
    }

    fn upload(&self, path: &str, files: &[(&str, &[u8])]) -> Got {
        let request = request(Method::POST, path, None)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
        self.send(request.body(Body::from(multipart(files))).expect("a request"))
    }

    /// Waits for the job that an answer points to; the state it ended in.
    fn ended(&self, got: &Got) -> serde_json::Value {
        assert_eq!(got.status, StatusCode::ACCEPTED, "{}", got.text);
        let place = got.header(header::LOCATION).to_owned();
        let events = self.get(&format!("{place}/events"));
        let last = events.text.lines().filter_map(|l| l.strip_prefix("data: ")).next_back().expect("events");
        serde_json::from_str(last).expect("JSON")
    }

    /// Asks until the answer is worked out.
    fn settled(&self, path: &str) -> Got {
        for _ in 0..600 {
            let got = self.get(path);
            if got.status != StatusCode::ACCEPTED && !got.text.contains("data-job=") {
                return got;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        panic!("{path} is never worked out");
    }
}

fn request(method: Method, path: &str, cookie: Option<&str>) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
    match cookie {
        Some(secret) => request.header(header::COOKIE, format!("{COOKIE}={secret}")),
        None => request,
    }
}

fn multipart(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n")
                .bytes(),
        );
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

/// A list of followers with a batch: names in a row that came within minutes.
fn followers() -> Vec<u8> {
    let mut text = String::from("account_id,handle,followed_at,created_at,followers,following,posts\n");
    for i in 0..1200_u32 {
        let sold = (600..900).contains(&i);
        let day = if sold { 600 / 4 } else { i / 4 };
        let (minute, opened) = if sold { (i - 600, 500) } else { ((i * 37) % 1440, (i * 7919) % 2500) };
        let at = jiff::Timestamp::from_second(1_600_000_000 + i64::from(day) * 86_400 + i64::from(minute) * 60)
            .expect("a time");
        let created = jiff::Timestamp::from_second(1_300_000_000 + i64::from(opened) * 86_400).expect("a time");
        let _ = writeln!(text, "{},user{i},{at},{created},{},{},{}", 1000 + i, i % 900, i % 700, i % 300);
    }
    text.into_bytes()
}

#[test]
fn a_file_becomes_a_verdict_and_can_be_taken_back() {
    let on = Running::open("journey");
    let welcome = on.get("/w/ours");
    assert!(welcome.status == StatusCode::OK && welcome.text.contains("Choose files"), "{}", welcome.text);
    let sent = on.upload("/api/v1/workspaces/ours/imports", &[("followers.csv", &followers())]);
    let state = on.ended(&sent);
    assert_eq!((state["state"].as_str(), state["result"]["n_rejected"].as_u64()), (Some("done"), Some(0)), "{state}");
    assert!(
        fs::read_dir(on.folder.join("ours.db.incoming")).expect("a folder").next().is_none(),
        "what was sent is gone"
    );
    let audit = on.settled("/api/v1/workspaces/ours/audit").json();
    assert_eq!(audit["n_followers"], 1200);
    // The pages say the same as the API, and the API the same as the list.
    let page = on.settled("/w/ours/audience");
    assert!(page.text.contains(audit["sentence"].as_str().expect("a sentence").split(" of ").next().expect("words")));
    let mut ranks = Vec::new();
    let mut cursor = String::new();
    loop {
        let list = on.get(&format!("/api/v1/workspaces/ours/followers?limit=500{cursor}")).json();
        ranks.extend(list["items"].as_array().expect("items").iter().map(|f| f["rank"].as_i64().expect("a rank")));
        match list["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ranks, (0..1200).collect::<Vec<_>>());
    let csv = on.get("/w/ours/audience/file/verdicts.csv");
    assert_eq!(csv.text.lines().count(), 1201);
    for area in AREAS {
        let got = on.settled(&format!("/w/ours/{}", area.id));
        assert_eq!(got.status, StatusCode::OK, "{}", area.id);
        assert!(got.text.contains("<h1"), "{} has no heading", area.id);
    }
    assert!(on.get("/w/ours/audience/of/601").text.contains("user601"));
    assert_eq!(on.get("/w/ours/audience/of/99999").status, StatusCode::NOT_FOUND);
    // The same again changes nothing; taken back, there is no list.
    let again = on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("other name.csv", &followers())]));
    assert!(again["result"]["import"].is_null(), "{again}");
    let undone = on.form("/w/ours/imports/undo", "import=1");
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    assert_eq!(on.settled("/api/v1/workspaces/ours/audit").status, StatusCode::NOT_FOUND);
}

#[test]
fn who_wrote_is_answered_and_labels_and_overruled_verdicts_count() {
    let on = Running::open("people");
    let engagements = b"account_id,handle,kind,at,post_id,text\n1000,user0,comment,2021-03-01T10:00:00Z,p1,Is it open on Sunday?\n1650,user650,comment,2021-03-01T11:00:00Z,p1,nice\n";
    let files: [(&str, &[u8]); 2] = [("followers.csv", &followers()), ("engagements.csv", engagements)];
    let state = on.ended(&on.upload("/api/v1/workspaces/ours/imports", &files));
    assert_eq!(state["state"], "done", "{state}");
    on.settled("/w/ours/audience");
    let queue = on.settled("/api/v1/workspaces/ours/people").json();
    let items = queue["conversations"].as_array().unwrap_or_else(|| panic!("{queue}"));
    let first = items.iter().find(|i| i["handle"] == "user0").unwrap_or_else(|| panic!("{queue}"));
    let id = first["id"].as_str().expect("an id").to_owned();
    let page = on.settled("/w/ours/people");
    assert!(page.text.contains("user0<"), "{}", page.text);
    assert!(on.settled(&format!("/w/ours/people?id={id}")).text.contains("What was said"));
    assert_eq!(on.form("/w/ours/people/note", &format!("id={id}&text=asked+twice")).status, StatusCode::SEE_OTHER);
    assert!(on.settled(&format!("/w/ours/people?id={id}")).text.contains("asked twice"));
    assert_eq!(on.form("/w/ours/people/status", &format!("id={id}&status=answered")).status, StatusCode::SEE_OTHER);
    assert!(!on.settled("/w/ours/people").text.contains("user0<"), "who was answered waits no more");
    assert_eq!(on.form("/w/ours/people/status", &format!("id={id}&status=nonsense")).status, StatusCode::BAD_REQUEST);
    // Somebody knows a follower.
    let class = |rank: u32| {
        on.settled("/w/ours/audience");
        let list = on.get(&format!("/api/v1/workspaces/ours/followers?limit=1&cursor={rank}")).json();
        list["items"][0]["class"].as_str().expect("a class").to_owned()
    };
    let before = class(700);
    let other = if before == "inauthentic" { "genuine" } else { "inauthentic" };
    let form = format!("page=&rank=700&network=&handle=user700&account_id=1700&label={other}&why=met+them");
    let overruled = on.form("/w/ours/people/overrule", &form);
    assert_eq!(overruled.status, StatusCode::SEE_OTHER, "{}", overruled.text);
    assert_eq!(class(700), other);
    let why = on.get("/w/ours/audience/of/700").text;
    assert!(why.contains("overruled the verdict") && why.contains("met them"), "{why}");
    assert!(on.get("/w/ours/audience/file/verdicts.csv").text.contains("overruled the verdict"));
    // Labels of the sample are kept, and the audit is made anew with them.
    let audit = on.get("/api/v1/workspaces/ours/audit").json();
    let mut form = String::from("page=");
    for i in 0..10 {
        let _ = write!(form, "&label-{i}=genuine&id-{i}={}&handle-{i}=user{i}&stratum-{i}=1&size-{i}=1000", 1000 + i);
    }
    let labelled = on.form("/w/ours/audience/label", &form);
    assert_eq!(labelled.status, StatusCode::SEE_OTHER, "{}", labelled.text);
    on.settled("/w/ours/audience");
    let again = on.get("/api/v1/workspaces/ours/audit").json();
    assert_ne!(audit["audit_id"], again["audit_id"], "labels make another audit");
    assert_eq!(on.form("/w/ours/audience/label", "page=").status, StatusCode::BAD_REQUEST);
}

#[test]
fn the_table_of_an_agency_says_what_the_command_line_says() {
    let on = Running::start("table", &["ours", "theirs"], Access::Open);
    on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("followers.csv", &followers())]));
    let mut table = on.get("/");
    for _ in 0..600 {
        if !table.text.contains("being worked out") {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(20));
        table = on.get("/");
    }
    assert!(table.text.contains("1,200") && table.text.contains("nothing imported yet"), "{}", table.text);
    let lines = crate::pipeline::workspace::workspaces(&on.folder, &mut |_, _, _| assay_model::Go::On).expect("lines");
    let told = lines.iter().find(|l| l.name == "ours").and_then(|l| l.told.as_ref().ok()).expect("a line");
    let genuine = told.pages[0].genuine.found().map(|e| crate::render::format::percent(e.point));
    assert!(genuine.is_none_or(|share| table.text.contains(&share)), "{}", table.text);
    assert_eq!(told.pages[0].followers.map(|f| f.0), Some(1200));
}

#[test]
fn forgetting_reaches_what_is_kept_and_what_can_be_taken_away() {
    let on = Running::open("forget");
    on.ended(&on.upload("/api/v1/workspaces/ours/imports", &[("followers.csv", &followers())]));
    on.settled("/w/ours/audience");
    assert!(on.get("/w/ours/audience?handle=user77").text.contains("user77<"));
    let forgotten = on.form("/w/ours/settings/forget", "handle=%40user77");
    assert_eq!(forgotten.status, StatusCode::SEE_OTHER, "{}", forgotten.text);
    let page = on.settled("/w/ours/audience?handle=user77");
    assert!(!page.text.contains("user77<"), "the page shows who was forgotten");
    let csv = on.get("/w/ours/audience/file/verdicts.csv").text;
    assert!(csv.contains(",user78,") && !csv.contains(",user77,"));
}

#[test]
fn what_was_sent_before_a_crash_is_imported_after_it() {
    let on = Running::open("crash");
    // As `incoming::take` leaves it: wholly sent, and not.
    let incoming = on.folder.join("ours.db.incoming");
    let (whole, half) = (incoming.join("a"), incoming.join("b"));
    for folder in [&whole, &half] {
        fs::create_dir_all(folder.join("000")).expect("a folder");
        fs::write(folder.join("000/followers.csv"), followers()).expect("a file");
    }
    fs::write(whole.join("asked.json"), b"{\"page\":null,\"format\":null,\"with_messages\":false}").expect("a file");
    let shelf = on.server.shelf("ours").expect("a workspace");
    super::incoming::resume(&on.server, &shelf);
    let audit = loop {
        let got = on.get("/api/v1/workspaces/ours/audit");
        if got.status == StatusCode::OK {
            break got;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    };
    assert_eq!(audit.json()["n_followers"], 1200);
    assert!(fs::read_dir(&incoming).expect("a folder").next().is_none());
}

#[test]
fn hostile_uploads_are_refused_or_counted_and_the_server_answers_on() {
    let on = Running::open("hostile");
    let wide = format!(
        "account_id,{}\n1{}\n",
        (0..200_000).map(|i| format!("c{i}")).collect::<Vec<_>>().join(","),
        ",".repeat(200_000)
    );
    let (large, deep) = (vec![b'a'; 5 << 20], vec![b'['; 100_000]);
    let hostile: [(&str, &[u8]); 9] = [
        ("../../../escape.csv", b"account_id,handle\n1,a\n"),
        ("empty.csv", b""),
        ("no zip.zip", b"PK\x03\x04 and nothing else"),
        ("bytes.json", b"\xff\xfe\x00{[\x80\x80"),
        ("deep.json", &deep),
        ("wide.csv", wide.as_bytes()),
        ("large.csv", &large),
        ("nul.csv", b"account_id,handle\n1,\x00\x00\n"),
        ("formula.csv", b"account_id,handle\n1,=cmd|' /C calc'!A0\n"),
    ];
    for (name, bytes) in hostile {
        let sent = on.upload("/api/v1/workspaces/ours/imports", &[(name, bytes)]);
        if name == "large.csv" {
            assert_eq!(sent.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", sent.text);
            continue;
        }
        if sent.status == StatusCode::ACCEPTED {
            let state = on.ended(&sent);
            assert!(["done", "failed"].contains(&state["state"].as_str().unwrap_or("")), "{name}: {state}");
        } else {
            assert!(sent.status.is_client_error(), "{name}: {} {}", sent.status, sent.text);
        }
        assert_eq!(on.get("/healthz").text, "ok\n", "after {name}");
    }
    assert!(
        !on.folder.join("escape.csv").exists() && !on.folder.parent().expect("a folder").join("escape.csv").exists()
    );
    let left = fs::read_dir(on.folder.join("ours.db.incoming")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing of what was sent stays");
    on.settled("/w/ours/audience");
    let csv = on.get("/w/ours/audience/file/verdicts.csv").text;
    assert!(!csv.contains(",=cmd") && csv.contains("'=cmd"), "{csv}");
    // No form of files, and no file in it.
    for body in ["", "--x", "------assay--\r\n"] {
        let request = request(Method::POST, "/api/v1/workspaces/ours/imports", None)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
        assert_eq!(on.send(request.body(Body::from(body)).expect("a request")).status, StatusCode::BAD_REQUEST);
    }
}

#[test]
fn the_same_key_is_done_once() {
    let on = Running::open("idempotent");
    let make = |key: &str, name: &str| {
        let request = request(Method::POST, "/api/v1/workspaces", None)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key);
        on.send(request.body(Body::from(format!("{{\"name\":\"{name}\"}}"))).expect("a request"))
    };
    let first = make("k1", "new");
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let again = make("k1", "new");
    assert_eq!((again.status, &again.text), (StatusCode::CREATED, &first.text));
    assert_eq!(make("k1", "other").status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(make("k2", "new").status, StatusCode::CONFLICT);
    // What the framework refuses is a problem too.
    let refused = on.get("/api/v1/workspaces/ours/imports?limit=many");
    assert_eq!(
        (refused.status, refused.header(header::CONTENT_TYPE)),
        (StatusCode::BAD_REQUEST, "application/problem+json")
    );
    assert_eq!(on.get("/api/v1/workspaces/ours/imports?limit=0").status, StatusCode::BAD_REQUEST);
    for bad in ["", "a/b", "..", "a b", "x\\u0000"] {
        assert_eq!(make(&format!("bad{}", bad.len()), bad).status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[test]
fn the_description_is_openapi_3_1_and_says_what_problems_look_like() {
    let described = serde_json::to_value(api::router().1).expect("JSON");
    assert!(described["openapi"].as_str().expect("a version").starts_with("3.1"));
    for (path, operations) in described["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let responses = operation["responses"].as_object().expect("responses");
            assert!(responses.contains_key("4XX"), "{method} {path} does not describe problems");
            let about = operation["summary"].as_str().or(operation["description"].as_str()).unwrap_or("");
            assert!(about.ends_with('.'), "{method} {path} is not described");
        }
    }
}
