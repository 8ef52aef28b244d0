//! `assay reach simulate`: from a scenario to text, JSON, a page and tables, and from there back into the audit.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;
use std::fs;

const BOUGHT: &str = "\
days = 90
[platform]
users = 20000
pages = 2000
policy = \"per-follower\"
[page]
followers = 1500
[[buy]]
day = 30
followers = 3000
drop_off = 0.0
[purges]
monthly_share = 0.0
";

#[test]
fn a_scenario_is_simulated_in_every_form() {
    let folder = folder("simulate_forms");
    let scenario = file(&folder, "scenario.toml", BOUGHT);
    let said = done(&["reach", "simulate", &scenario, "--format", "json"]).json();
    assert_eq!((&said["schema"], &said["n_seeds"]), (&"assay.reach-simulate/1".into(), &20.into()));
    assert_eq!(said["scenario"]["page"]["followers"], 1500);
    assert_eq!(said["inputs"][0]["sha256"].as_str().map(str::len), Some(64));
    let ratio = &said["windows"][1]["measures"][0]["ratio"];
    assert!(ratio["high"].as_f64().is_some_and(|high| high < 0.95), "{ratio}");
    let text = done(&["reach", "simulate", &scenario]);
    assert!(text.stdout.contains("Under per-follower") && text.stderr.is_empty(), "{}", text.stdout);
    assert!(done(&["reach", "simulate", &scenario, "--format", "html"]).stdout.starts_with("<!DOCTYPE html>"));
    let other = done(&["reach", "simulate", &scenario, "--policy", "chronological", "--format", "json"]).json();
    assert_eq!(other["windows"][1]["measures"][0]["ratio"]["point"], 1.0);
}

/// The bytes are the same at one thread and at three, and differ with the seed.
#[test]
fn threads_change_no_byte() {
    let scenario =
        file(&folder("simulate_threads"), "scenario.toml", &BOUGHT.replace("90", "14").replace("30\n", "5\n"));
    let agents = |threads: &str, seed: &str| {
        let arguments = ["reach", "simulate", &scenario, "--engine", "agents", "--seeds", "2", "--format", "json"];
        done(&[&arguments[..], &["--threads", threads, "--seed", seed]].concat()).stdout
    };
    let one = agents("1", "4");
    assert!(one == agents("3", "4"), "threads change the answer");
    assert!(one != agents("1", "5"));
}

/// What the simulator writes is read by the audit, which finds what was bought; and by the backtest.
#[test]
fn made_followers_and_posts_are_read_again() {
    let folder = folder("simulate_made");
    let scenario = file(&folder, "scenario.toml", BOUGHT);
    let at = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let (followers, labels, posts, days) = (at("followers.csv"), at("labels.csv"), at("posts.csv"), at("days.parquet"));
    done(&[
        "reach",
        "simulate",
        &scenario,
        "--write-followers",
        &followers,
        "--write-labels",
        &labels,
        "--write-posts",
        &posts,
        "--out-parquet",
        &days,
    ]);
    let audit = done(&["audit", &followers, "--format", "json"]).json();
    let truth = fs::read_to_string(&labels).expect("written");
    assert_eq!(truth.matches(",inauthentic,").count(), 3_000);
    let share = &audit["shares"]["inauthentic"];
    let known = 3_000.0 / (truth.lines().count() - 1) as f64;
    let (low, high) = (share["low"].as_f64().expect("a share"), share["high"].as_f64().expect("a share"));
    assert!(low - 0.03 <= known && known <= high + 0.03, "{share}, {known} are bought");
    assert_eq!(fs::read_to_string(&posts).expect("written").lines().count(), 91);
    let backtest = done(&["reach", "backtest", &posts, "--train-share", "0.6", "--format", "json"]).json();
    assert!(backtest["n"].as_u64().is_some_and(|n| n > 20), "{backtest}");
    assert!(fs::read(&days).expect("written").starts_with(b"PAR1"));
}

#[test]
fn a_table_of_follows_can_be_given() {
    let folder = folder("simulate_edges");
    let mut table = String::from("source,target\n");
    for user in 0..3_000 {
        for j in 0..6 {
            let _ = writeln!(table, "u{user},p{}", (user * 7 + j * j * 31) % 400);
        }
    }
    file(&folder, "follows.csv", &table);
    let toml = "days = 6\n[platform]\ngraph = \"edges\"\nedges = \"follows.csv\"\nslots = 3\n[page]\nfollowers = 200\n";
    let said = done(&["reach", "simulate", &file(&folder, "s.toml", toml), "--seeds", "1", "--format", "json"]).json();
    assert_eq!((&said["engine"], &said["scenario"]["platform"]["users"]), (&"agents".into(), &3_000.into()));
    assert_eq!(said["platform"]["n_shown"], said["platform"]["n_shown_by_page"]);
    assert_eq!(said["inputs"][1]["rows"], 18_000);
    // The same follows as Parquet and as a packed graph give the same rows.
    let of = |path: &str| folder.join(path).to_str().expect("UTF-8").to_owned();
    done(&["graph", "pack", &of("follows.csv"), "--out", &of("follows.graph")]);
    let packed = toml.replace("follows.csv", "follows.graph");
    let same =
        done(&["reach", "simulate", &file(&folder, "p.toml", &packed), "--seeds", "1", "--format", "json"]).json();
    assert_eq!((&same["posts"], &same["platform"]), (&said["posts"], &said["platform"]));
    file(&folder, "follows.tsv", &table.replace(',', "\t"));
    let tabs = toml.replace("follows.csv", "follows.tsv");
    let same = done(&["reach", "simulate", &file(&folder, "t.toml", &tabs), "--seeds", "1", "--format", "json"]).json();
    assert_eq!(same["platform"], said["platform"]);
    // What holds no follows is told.
    file(&folder, "follows.csv", "a,b\n1,2\n");
    let broken = run(&["reach", "simulate", &file(&folder, "s.toml", toml)]);
    assert_eq!(broken.code, 1);
    file(&folder, "follows.csv", "source,target\nann,x\nbob,x\n");
    let few = run(&["reach", "simulate", &file(&folder, "s.toml", toml)]);
    assert!(few.stderr.contains("page.followers"), "{}", few.stderr);
}

#[test]
fn what_cannot_be_is_refused_with_its_key() {
    let folder = folder("simulate_faults");
    for (toml, key) in [
        ("[page]\nfollowers = 90000\n", "page.followers: expected"),
        ("[[buy]]\nday = 400\nfollowers = 10\n", "buy[0].day: expected a day from 0 to 179, found 400"),
        ("[platform]\nmoon = 3\n", "line 2"),
        ("[platform]\nedges = \"x.csv\"\n", "platform.graph"),
        ("not toml", "line 1"),
    ] {
        let ran = run(&["reach", "simulate", &file(&folder, "s.toml", toml)]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{toml}");
        assert!(ran.stderr.contains(key) && ran.stderr.contains("\nhint: "), "{}", ran.stderr);
    }
    assert_eq!(run(&["reach", "simulate", "nowhere.toml"]).code, 1);
    assert_eq!(run(&["reach", "simulate"]).code, 2);
    let scenario = file(&folder, "s.toml", "days = 5");
    assert_eq!(run(&["reach", "simulate", &scenario, "--out", &scenario]).code, 2);
}

#[test]
fn a_first_scenario_and_the_policies_are_told() {
    let folder = folder("simulate_init");
    let init = done(&["reach", "simulate", "--init"]).stdout;
    let scenario = file(&folder, "s.toml", &init);
    assert!(done(&["reach", "simulate", &scenario]).stdout.contains("after removing them"));
    assert!(done(&["reach", "policies"]).stdout.contains("x-2026"));
    let list = done(&["reach", "policies", "--format", "json"]).json();
    assert_eq!(list["policies"].as_array().map(Vec::len), Some(7));
    assert_eq!(list["sellers"].as_array().map(Vec::len), Some(3));
}
