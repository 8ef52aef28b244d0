//! `assay experiment assign`: who gets what.

use crate::program::{done, file, folder, run};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;

fn list() -> String {
    let mut list = String::from("id,country,spent,email\n");
    for k in 0..1_000_u32 {
        let _ = writeln!(list, "u{k},{},{},User{k}@Example.com", ["de", "fr", "it"][(k % 3) as usize], k * 37 % 211);
    }
    list
}

fn assigned(path: &str) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(path).expect("a table");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let row = |line: &str| header.iter().map(|h| (*h).to_owned()).zip(line.split(',').map(str::to_owned)).collect();
    lines.map(row).collect()
}

#[test]
fn anybody_draws_the_same_arms_again() {
    let folder = folder("experiment_assign");
    let path = file(&folder, "list.csv", &list());
    let out = folder.join("a.csv");
    let out = out.to_str().expect("UTF-8");
    let base = ["experiment", "assign", &path, "--id", "id", "--arms", "none,offer", "--salt", "spring", "--out", out];
    let said = done(&[&base[..], &["--format", "json"]].concat()).json();
    let rows = assigned(out);
    assert_eq!(rows.len(), 1_000);
    let n_offer = rows.iter().filter(|r| r["arm"] == "offer").count();
    assert!((440..560).contains(&n_offer) && said["arms"][1]["n"] == n_offer, "{n_offer}");
    // A list in another order, with one more person, moves nobody.
    let mut lines: Vec<String> = list().lines().skip(1).map(str::to_owned).collect();
    lines.reverse();
    lines.push("new,de,1,n@example.com".to_owned());
    let other = file(&folder, "other.csv", &format!("id,country,spent,email\n{}\n", lines.join("\n")));
    let second = folder.join("b.csv");
    let second = second.to_str().expect("UTF-8");
    done(&["experiment", "assign", &other, "--id", "id", "--arms", "none,offer", "--salt", "spring", "--out", second]);
    let again: HashMap<String, String> = assigned(second).iter().map(|r| (r["id"].clone(), r["arm"].clone())).collect();
    assert!(rows.iter().all(|r| again[&r["id"]] == r["arm"]));
    // Python: `int.from_bytes(hashlib.sha256(b"spring/u1").digest()[:8]) / 2**64` prints 0.807593…, which is the second arm.
    assert_eq!(again["u1"], "offer");
}

#[test]
fn strata_and_pairs_are_balanced_and_lists_are_written_for_tools() {
    let folder = folder("experiment_assign_strata");
    let path = file(&folder, "list.csv", &list());
    let out = folder.join("a.csv");
    let (out, lists) = (out.to_str().expect("UTF-8"), folder.join("lists"));
    let lists = lists.to_str().expect("UTF-8");
    done(&[
        "experiment",
        "assign",
        &path,
        "--id",
        "id",
        "--arms",
        "none,a,b",
        "--strata",
        "country",
        "--salt",
        "s",
        "--email",
        "email",
        "--meta",
        lists,
        "--mail",
        lists,
        "--out",
        out,
    ]);
    let rows = assigned(out);
    for country in ["de", "fr", "it"] {
        for arm in ["none", "a", "b"] {
            let n = rows.iter().filter(|r| r["stratum"] == country && r["arm"] == arm).count();
            assert!((110..=112).contains(&n), "{country} {arm} {n}");
        }
    }
    let meta = fs::read_to_string(format!("{lists}/a.meta.csv")).expect("a list");
    assert_eq!((meta.lines().next(), meta.lines().nth(1).map(str::len)), (Some("email"), Some(64)));
    let mail = fs::read_to_string(format!("{lists}/b.mail.csv")).expect("a list");
    assert!(
        mail.starts_with("Email Address,Tags\nUser") && mail.lines().nth(1).expect("a row").ends_with("@Example.com,b")
    );
    done(&["experiment", "assign", &path, "--id", "id", "--match-on", "spent", "--salt", "s", "--out", out]);
    let mut groups: HashMap<String, Vec<String>> = HashMap::new();
    for r in assigned(out) {
        groups.entry(r["group"].clone()).or_default().push(r["arm"].clone());
    }
    assert!(groups.len() == 500 && groups.values().all(|arms| arms.len() == 2 && arms[0] != arms[1]));
}

#[test]
fn accounts_held_to_be_inauthentic_are_left_out_before_the_draw() {
    let folder = folder("experiment_assign_exclude");
    let path = file(&folder, "list.csv", &list());
    let verdicts = "account_id,handle,rank,probability,class,batch,reasons\nu7,h7,1,0.97,inauthentic,,\nu8,h8,2,0.5,unclear,,\nx,u9,3,0.95,inauthentic,,\n";
    let verdicts = file(&folder, "verdicts.csv", verdicts);
    let out = folder.join("a.csv");
    let out = out.to_str().expect("UTF-8");
    let said = done(&[
        "experiment",
        "assign",
        &path,
        "--id",
        "id",
        "--salt",
        "s",
        "--exclude",
        &verdicts,
        "--out",
        out,
        "--format",
        "json",
    ])
    .json();
    assert_eq!((&said["n_excluded"], &said["n_units"]), (&2.into(), &998.into()));
    assert!(said["inputs"][1]["name"].as_str().expect("a name").contains("verdicts"));
    assert!(assigned(out).iter().all(|r| r["id"] != "u7" && r["id"] != "u9"));
}

#[test]
fn weeks_are_drawn_with_their_washout() {
    let folder = folder("experiment_assign_weeks");
    let out = folder.join("w.csv");
    let out = out.to_str().expect("UTF-8");
    let base = ["experiment", "assign", "--from", "2026-12-07", "--washout", "2", "--salt", "boost", "--out", out];
    let said = done(&[&base[..], &["--weeks", "12", "--format", "json"]].concat()).json();
    assert_eq!((&said["drawn"], &said["smallest_p_value"]), (&"within-pairs".into(), &(1.0 / 64.0).into()));
    let rows = assigned(out);
    assert!(rows.chunks(2).all(|pair| pair[0]["arm"] != pair[1]["arm"]));
    assert_eq!((rows[1]["first_day"].as_str(), rows[1]["counted_from"].as_str()), ("2026-12-14", "2026-12-16"));
    let said = done(&[&base[..], &["--weeks", "6", "--format", "json"]].concat()).json();
    assert_eq!(said["drawn"], "half-of-all");
    assert!((said["smallest_p_value"].as_f64().expect("p") - 0.05).abs() < 1e-9);
}

#[test]
fn what_cannot_be_assigned_ends_with_a_clear_error() {
    let folder = folder("experiment_assign_wrong");
    let path = file(&folder, "list.csv", &list());
    let twice = file(&folder, "twice.csv", "id\na\nb\na\n");
    let out = folder.join("a.csv");
    let out = out.to_str().expect("UTF-8");
    for (arguments, code, expected) in [
        (vec![twice.as_str(), "--id", "id"], 1, "'a' in lines 2 and 4"),
        (vec![path.as_str(), "--id", "customer"], 1, "customer"),
        (vec![path.as_str(), "--id", "id", "--arms", "a,a"], 2, "different names"),
        (vec![path.as_str(), "--id", "id", "--split", "1:1:1"], 2, "a weight for each of the 2 arms"),
        (vec!["--weeks", "4", "--from", "2026-12-07", "--arms", "a,b,c"], 2, "two arms for weeks"),
        (vec![], 2, "required"),
    ] {
        let ran = run(&[&["experiment", "assign", "--salt", "s", "--out", out], &arguments[..]].concat());
        assert!(ran.code == code && ran.stderr.contains(expected), "{arguments:?}: {} {}", ran.code, ran.stderr);
    }
}
