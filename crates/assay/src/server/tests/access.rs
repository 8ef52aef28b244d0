//! Who gets in where: other names and sites, roles, passwords, tokens.

use super::super::access::{Access, Accounts, COOKIE, Role, fingerprint, hash_password};
use super::super::api;
use super::super::pages::AREAS;
use super::{HOST, Running, folder, request};
use crate::pipeline::workspace::now;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

#[test]
fn other_names_and_other_sites_are_refused() {
    let on = Running::open("door");
    let from = |host: &str| {
        let request = Request::builder().uri("/").header(header::HOST, host).body(Body::empty()).expect("a request");
        on.send(request).status
    };
    for good in [HOST, "localhost:7380", "[::1]:7380", "assay.example"] {
        assert_ne!(from(good), StatusCode::MISDIRECTED_REQUEST, "{good}");
    }
    for bad in ["evil.example", "127.0.0.1.evil.example:7380", "localhost.evil.example", ""] {
        assert_eq!(from(bad), StatusCode::MISDIRECTED_REQUEST, "{bad}");
    }
    let post = |name: &'static str, value: &str| {
        let request = request(Method::POST, "/", None)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value);
        on.send(request.body(Body::from("name=new")).expect("a request")).status
    };
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        assert_eq!(post(name, value), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(post("origin", &format!("http://{HOST}")), StatusCode::SEE_OTHER);
    let page = on.get("/");
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.text.contains(" style=\"") && !page.text.contains(" onclick"));
}

/// Every route with a method: those of the API as they are described, those of the pages as the table has them.
fn routes() -> Vec<(Method, String, Option<Role>)> {
    let mut all = Vec::new();
    let described = serde_json::to_value(api::router().1).expect("JSON");
    for (path, operations) in described["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            // What each needs is written here a second time on purpose.
            let needs = match (method.as_str(), path.as_str()) {
                (_, "/api/v1/workspaces") => None,
                ("GET", _) => Some(Role::Viewer),
                ("DELETE", p) if p.contains("/imports/") => Some(Role::Owner),
                ("POST", p) if p.ends_with("/forget") => Some(Role::Owner),
                _ => Some(Role::Editor),
            };
            all.push((method, path.clone(), needs));
        }
    }
    for area in AREAS {
        all.push((Method::GET, format!("/w/{{workspace}}/{}", area.id), Some(Role::Viewer)));
        for action in area.actions {
            all.push((Method::POST, format!("/w/{{workspace}}/{}/{}", area.id, action.id), Some(action.needs)));
        }
        for file in area.files {
            all.push((Method::GET, format!("/w/{{workspace}}/{}/file/{}", area.id, file.id), Some(file.needs)));
        }
    }
    all.push((Method::POST, "/w/{workspace}/imports/upload".to_owned(), Some(Role::Editor)));
    all.push((Method::POST, "/w/{workspace}/experiments/read".to_owned(), Some(Role::Editor)));
    all.push((Method::GET, "/w/{workspace}/audience/of/0".to_owned(), Some(Role::Viewer)));
    all
}

#[test]
fn nobody_gets_in_where_they_do_not_belong() {
    let place = folder("roles-register");
    let accounts = Accounts::open(&place.join("accounts.db")).expect("a register");
    let hash = hash_password("correct horse battery").expect("a hash");
    let who: [(&str, &[(&str, Role)]); 5] = [
        ("viewer", &[("ours", Role::Viewer)]),
        ("editor", &[("ours", Role::Editor)]),
        ("owner", &[("ours", Role::Owner)]),
        ("stranger", &[("theirs", Role::Owner)]),
        ("roleless", &[]),
    ];
    for (name, roles) in who {
        accounts.with(|r| r.set_account(name, &hash, now())).expect("an account");
        for (of, role) in roles {
            accounts.with(|r| r.set_role(name, of, Some(role.name()))).expect("a role");
        }
    }
    let sessions: Vec<String> =
        who.iter().map(|(name, _)| accounts.sign_in(name, "correct horse battery").expect("a session")).collect();
    let on = Running::start("roles", &["ours", "theirs"], Access::Accounts(Box::new(accounts)));
    let mut n = 0;
    for (method, path, needs) in routes() {
        let path = path
            .replace("{workspace}", "ours")
            .replace("{job}", "j999")
            .replace("{import}", "999")
            .replace("{experiment}", "none")
            .replace("{reading}", "999")
            .replace("{view}", "orders")
            .replace("{conversation}", "0000000000000000");
        let send = |cookie: Option<&str>| {
            let request = request(method.clone(), &path, cookie).header("sec-fetch-site", "same-origin");
            let request = match (&method, path.starts_with("/api")) {
                (&Method::POST, true) => request.header(header::CONTENT_TYPE, "application/json"),
                (&Method::POST, false) => request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
                _ => request,
            };
            on.send(request.body(Body::empty()).expect("a request"))
        };
        let nobody = send(None);
        let is_page = !path.starts_with("/api");
        if is_page {
            assert!(
                nobody.status == StatusCode::SEE_OTHER && nobody.header(header::LOCATION).starts_with("/sign-in"),
                "{method} {path}: {}",
                nobody.status
            );
        } else {
            assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
        for ((name, roles), session) in who.iter().zip(&sessions) {
            let got = send(Some(session)).status;
            let role = roles.iter().find(|(of, _)| *of == "ours").map(|(_, r)| *r);
            match (needs, role) {
                // Anybody may ask for the workspaces they may see; making one needs an owner of all.
                (None, _) if method == Method::POST => assert!(got.is_client_error(), "{name} {method} {path}: {got}"),
                (None, _) => assert_eq!(got, StatusCode::OK, "{name} {method} {path}"),
                (Some(_), None) => assert_eq!(got, StatusCode::NOT_FOUND, "{name} {method} {path}"),
                (Some(needs), Some(role)) if role < needs => {
                    assert_eq!(got, StatusCode::FORBIDDEN, "{name} {method} {path}");
                }
                (Some(_), Some(_)) => assert!(
                    got != StatusCode::FORBIDDEN && got != StatusCode::UNAUTHORIZED,
                    "{name} {method} {path}: {got}"
                ),
            }
            n += 1;
        }
    }
    assert!(n > 100, "{n} requests");
    // The list of a stranger names what is theirs alone.
    let list =
        on.send(request(Method::GET, "/api/v1/workspaces", Some(&sessions[3])).body(Body::empty()).expect("a request"));
    assert!(list.text.contains("theirs") && !list.text.contains("ours\""), "{}", list.text);
}

#[test]
fn wrong_passwords_are_slowed_and_sessions_end() {
    let place = folder("throttle-register");
    let accounts = Accounts::open(&place.join("accounts.db")).expect("a register");
    let hash = hash_password("correct horse battery").expect("a hash");
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(hash_password("short").is_err());
    accounts.with(|r| r.set_account("ann", &hash, now())).expect("an account");
    let on = Running::start("throttle", &["ours"], Access::Accounts(Box::new(accounts)));
    let right = on.form("/sign-in", "name=ann&password=correct+horse+battery&back=%2Fw%2Fours");
    assert_eq!((right.status, right.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/w/ours"));
    let cookie = right.header(header::SET_COOKIE).to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let secret =
        cookie.strip_prefix(&format!("{COOKIE}=")).and_then(|c| c.split(';').next()).expect("a secret").to_owned();
    let list = || {
        on.send(request(Method::GET, "/api/v1/workspaces", Some(&secret)).body(Body::empty()).expect("a request"))
            .status
    };
    assert_eq!(list(), StatusCode::OK);
    let out =
        request(Method::POST, "/sign-out", Some(&secret)).header("sec-fetch-site", "same-origin").body(Body::empty());
    assert_eq!(on.send(out.expect("a request")).status, StatusCode::SEE_OTHER);
    assert_eq!(list(), StatusCode::UNAUTHORIZED, "the session has ended");
    let wrong: Vec<StatusCode> = (0..7).map(|_| on.form("/sign-in", "name=ann&password=wrong").status).collect();
    assert_eq!(wrong[0], StatusCode::UNAUTHORIZED);
    assert_eq!(wrong[6], StatusCode::TOO_MANY_REQUESTS, "{wrong:?}");
    assert_eq!(on.form("/sign-in", "name=ann&password=correct+horse+battery").status, StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn tokens_do_no_more_than_they_say() {
    let place = folder("tokens-register");
    let accounts = Accounts::open(&place.join("accounts.db")).expect("a register");
    let hash = hash_password("correct horse battery").expect("a hash");
    accounts.with(|r| r.set_account("ann", &hash, now())).expect("an account");
    accounts.with(|r| r.set_role("ann", "*", Some("owner"))).expect("a role");
    accounts.with(|r| r.add_token(&fingerprint("reads"), "ann", "for reading", "viewer", now())).expect("a token");
    let on = Running::start("tokens", &["ours"], Access::Accounts(Box::new(accounts)));
    let send = |method: Method, path: &str, token: &str, body: &str| {
        let request = request(method, path, None)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        on.send(request.body(Body::from(body.to_owned())).expect("a request"))
    };
    assert_eq!(send(Method::GET, "/api/v1/workspaces/ours/pages", "reads", "").status, StatusCode::OK);
    assert_eq!(send(Method::GET, "/api/v1/workspaces/ours/pages", "guessed", "").status, StatusCode::UNAUTHORIZED);
    let refused = send(Method::POST, "/api/v1/workspaces/ours/forget", "reads", "{\"handle\":\"x\"}");
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.header(header::CONTENT_TYPE), "application/problem+json");
    assert_eq!(refused.json()["status"], 403);
    assert_eq!(send(Method::POST, "/api/v1/workspaces", "reads", "{\"name\":\"new\"}").status, StatusCode::FORBIDDEN);
}
