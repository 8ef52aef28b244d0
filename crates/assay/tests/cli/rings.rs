//! `assay rings` from outside.

use crate::program::{done, folder, run};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A table of thirty accounts that each follow some twelve of the same twenty pages in one week, among six hundred who follow
/// what they like. Written by a multiplicative scramble, so that it is the same everywhere.
fn table(folder: &Path) -> String {
    let mut text = String::from("source,target,at\n");
    let mut state = 1_u64;
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for person in 0..600 {
        for _ in 0..5 {
            let (page, day) = (draw(400), draw(300));
            let _ = writeln!(text, "person{person},page{page},{}", 1_700_000_000 + 86_400 * day);
        }
    }
    for bot in 0..30 {
        for page in 0..20 {
            if draw(5) < 3 {
                let _ = writeln!(text, "bot{bot},client{page},{}", 1_710_000_000 + draw(7 * 86_400));
            }
        }
    }
    text.push_str("person1,page1,1700000000\nperson1,page1,1700000000\n,page2,1700000000\n");
    let path = folder.join("follows.csv");
    fs::write(&path, text).expect("a table for the test");
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn a_ring_is_found_named_and_counted() {
    let folder = folder("rings");
    let input = table(&folder);
    let members = folder.join("members.csv").to_str().expect("a path in UTF-8").to_owned();
    let said = done(&["rings", &input, "--format", "json", "--members", &members]).json();
    assert_eq!(said["schema"], "assay.rings/1");
    let ring = &said["rings"][0];
    assert_eq!(
        (said["rings"].as_array().map(Vec::len), &ring["sources"], &ring["targets"]),
        (Some(1), &30.into(), &20.into())
    );
    assert!(ring["window"]["from"].as_str().is_some_and(|from| from.starts_with("2024-03-0")), "{}", ring["window"]);
    assert_eq!(said["rows"]["empty"], 1);
    let written = fs::read_to_string(&members).expect("the members");
    assert_eq!(written.lines().filter(|l| l.starts_with("1,bot") && l.contains(",source,")).count(), 30);
    assert_eq!(written.lines().filter(|l| l.starts_with("1,client") && l.contains(",target,")).count(), 20);
    let text = done(&["rings", &input]).stdout;
    assert!(text.starts_with("1 group of accounts in lockstep: 30 accounts in all."), "{text}");
    // Without times the same ring stands on its links.
    let columns = "source=source,target=target,at=-";
    let said = done(&["rings", &input, "--columns", columns, "--format", "json"]).json();
    assert_eq!((&said["rings"][0]["sources"], &said["window"]), (&30.into(), &serde_json::Value::Null));
}

#[test]
fn conditions_limits_and_wrong_usage_have_their_exit_codes() {
    let folder = folder("rings-codes");
    let input = table(&folder);
    assert_eq!(run(&["rings", &input, "--fail-if", "rings > 0"]).code, 4);
    assert_eq!(run(&["rings", &input, "--fail-if", "rings > 9"]).code, 0);
    assert_eq!(run(&["rings", &input, "--strict"]).code, 3);
    assert_eq!(run(&["rings", &input, "--fail-if", "batches > 0"]).code, 2);
    assert_eq!(run(&["rings", &input, "--out", &input]).code, 2);
    let refused = run(&["rings", &input, "--memory", "10KB"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(refused.stderr.contains("hint: leave the times out"), "{}", refused.stderr);
    assert_eq!(run(&["rings", "nowhere.csv"]).code, 1);
}

/// A list of followers: thirty of a ring, and so many people.
fn followers(folder: &Path, n_people: usize, ring: &str) -> String {
    let mut text = String::from("account_id,handle,followed_at\n");
    for k in 0..n_people + 30 {
        let who = if k % 5 == 0 && k / 5 < 30 { format!("{ring}{}", k / 5) } else { format!("person{k}") };
        let _ = writeln!(text, "{k},{who},{}", 1_690_000_000 + 3_600 * k);
    }
    let path = folder.join(format!("followers-{ring}.csv"));
    fs::write(&path, text).expect("a list for the test");
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn rings_among_followers_move_verdicts_and_a_table_of_others_does_not() {
    let folder = folder("rings-beside");
    let (edges, list) = (table(&folder), followers(&folder, 300, "bot"));
    let verdicts = folder.join("verdicts.csv").to_str().expect("a path in UTF-8").to_owned();
    let said = done(&["audit", &list, "--edges", &edges, "--format", "json", "--verdicts", &verdicts]).json();
    let channel = |said: &serde_json::Value| {
        let channels = said["channels"].as_array().expect("channels").clone();
        channels.into_iter().find(|c| c["id"] == "rings").expect("the channel is told")
    };
    let told = channel(&said);
    assert!(told["notes"][0].as_str().is_some_and(|note| note.starts_with("30 of ")), "{told}");
    let written = fs::read_to_string(&verdicts).expect("the verdicts");
    let in_ring: Vec<&str> = written.lines().filter(|line| line.contains("acts in lockstep with others")).collect();
    assert_eq!((in_ring.len(), in_ring.iter().all(|line| line.contains(",bot"))), (30, true));
    let text = done(&["audit", &list, "--edges", &edges]).stdout;
    assert!(text.contains("in lockstep with others") && !text.contains("Nothing stands out"), "{text}");
    assert!(text.contains("30 of "), "{text}");

    let other = followers(&folder, 0, "nobody");
    let said = done(&["audit", &other, "--edges", &edges, "--format", "json"]).json();
    let told = channel(&said);
    assert!(told.to_string().contains("the table of edges tells what 24 of 30 followers"), "{told}");
}

/// The sizes that a line tells, in megabytes.
fn megabytes(line: &str) -> Vec<f64> {
    let words: Vec<&str> = line.split(' ').collect();
    let size = |pair: &[&str]| {
        let unit = [("MB", 1.0), ("GB", 1000.0)].into_iter().find(|(unit, _)| pair[1] == *unit)?.1;
        Some(pair[0].parse::<f64>().ok()? * unit)
    };
    words.windows(2).filter_map(size).collect()
}

/// A source and a target for each edge: most of the memory is for nodes.
#[test]
fn memory_is_told_before_and_after_ids_are_counted_and_a_node_for_each_edge_is_expected() {
    let folder = folder("rings-plan");
    let mut text = String::from("source,target\n");
    for k in 0..600_000 {
        let _ = writeln!(text, "{},{}", 1_000_000 + k, 9_000_000 - k);
    }
    let path = folder.join("sparse.csv");
    fs::write(&path, text).expect("a table for the test");
    let path = path.to_str().expect("a path in UTF-8");
    let ran = done(&["rings", path, "--verbose"]);
    let told: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("B of memory")).collect();
    let [before, after] = told[..] else { panic!("two plans: {}", ran.stderr) };
    assert!(before.starts_with("about ") && before.contains("rows, likely between "), "{before}");
    assert!(before.ends_with("ids are counted before a graph is made"), "{before}");
    assert!(after.starts_with("600,000 rows between 600,000 sources and 600,000 targets: up to "), "{after}");
    let ([least, most], [real]) = (&megabytes(before)[..], &megabytes(after)[..]) else { panic!("{before}\n{after}") };
    assert!(least <= real && *real <= most * 1.1 && *most <= 1.5 * real, "{before}\n{after}");
    // What will not fit for sure is refused before it is read, and what turns out too large once it is counted.
    let refused = run(&["rings", path, "--memory", "5MB"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("expected at least ") && refused.stderr.contains("hint: split"),
        "{}",
        refused.stderr
    );
    let between = format!("{}MB", (real * 0.9) as u64);
    let refused = run(&["rings", path, "--memory", &between]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("for 600000 edges between 600000 sources and 600000 targets"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_graph_whose_edges_do_not_fit_is_pruned_and_has_the_same_rings() {
    let folder = folder("rings-pruned");
    let mut text = String::from("source,target\n");
    let mut state = 7_u64;
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for person in 0..40_000 {
        let n = if person % 4 == 0 { 12 } else { 1 };
        for _ in 0..n {
            let _ = writeln!(text, "person{person},page{}", draw(3_000));
        }
    }
    for bot in 0..120 {
        // Half of them on pages of their own, and each follows four popular ones besides, as people do.
        for page in 0..60 {
            if draw(2) == 0 {
                let _ = writeln!(text, "bot{bot},client{page}");
            }
        }
        for _ in 0..4 {
            let _ = writeln!(text, "bot{bot},page{}", draw(50));
        }
    }
    let path = folder.join("follows.csv");
    fs::write(&path, text).expect("a table for the test");
    let path = path.to_str().expect("a path in UTF-8");
    let members = |name: &str| folder.join(name).to_str().expect("a path in UTF-8").to_owned();
    let (of_whole, of_pruned) = (members("whole.csv"), members("pruned.csv"));
    let whole = done(&["rings", path, "--verbose", "--format", "json", "--members", &of_whole]);
    let told = whole.stderr.lines().rfind(|line| line.contains("B of memory")).expect("a plan");
    let needed = megabytes(told)[0];
    // A tenth is kept for the rest of the machine.
    let limit = format!("{:.2}MB", needed * 0.95 / 0.9);
    let pruned = done(&["rings", path, "--format", "json", "--memory", &limit, "--members", &of_pruned]);
    let (whole, pruned) = (whole.json(), pruned.json());
    let warned =
        |said: &serde_json::Value| said["warnings"].as_array().expect("warnings").iter().any(|w| w["id"] == "pruned");
    assert!(!warned(&whole) && warned(&pruned), "{limit}: {}", pruned["warnings"]);
    assert!(
        pruned["warnings"].to_string().contains("none that could be in a ring was left out"),
        "{}",
        pruned["warnings"]
    );
    assert_eq!(whole["rings"].as_array().map(Vec::len), Some(1));
    for key in ["rings", "edges", "sources", "targets", "rows"] {
        assert_eq!(whole[key], pruned[key], "{key}");
    }
    let read = |path: &str| fs::read_to_string(path).expect("members");
    assert_eq!(read(&of_whole), read(&of_pruned));
    // Far less: rings with thin members may be lost, and that is said. Less than the nodes take is refused.
    let limit = format!("{:.2}MB", needed * 0.6 / 0.9);
    let thin = done(&["rings", path, "--memory", &limit]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        thin.contains("could be in a ring whose members all have") && thin.contains("missing or smaller"),
        "{thin}"
    );
    let refused = run(&["rings", path, "--memory", "1MB"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
    assert!(refused.stderr.contains("however many edges are pruned"), "{}", refused.stderr);
    // A packed graph is pruned likewise.
    let packed = members("follows.assaygraph");
    done(&["graph", "pack", path, "--out", &packed]);
    let of_packed = members("packed.csv");
    let whole = done(&["rings", &packed, "--verbose"]);
    let told = whole.stderr.lines().rfind(|line| line.contains("B of memory")).expect("a plan");
    let limit = format!("{:.2}MB", megabytes(told)[0] * 0.95 / 0.9);
    let pruned = done(&["rings", &packed, "--format", "json", "--memory", &limit, "--members", &of_packed]).json();
    assert!(warned(&pruned), "{limit}: {}", pruned["warnings"]);
    assert_eq!(read(&of_whole), read(&of_packed));
    let refused = run(&["rings", &packed, "--memory", "1MB"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("however many edges are pruned"), "{}", refused.stderr);
}

/// A ring within ten days, accounts with one edge that came with it, and people who come when they like, most of them once.
#[test]
fn a_graph_with_times_whose_edges_do_not_fit_has_the_same_rings_with_windows_and_single_edge_accounts() {
    let folder = folder("rings-pruned-timed");
    let mut text = String::from("source,target,at\n");
    let mut state = 11_u64;
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let day = 86_400;
    for person in 0..40_000 {
        for _ in 0..if person % 8 == 0 { 30 } else { 1 } {
            let at = 1_600_000_000 + draw(600 * day);
            let _ = writeln!(text, "person{person},page{},{at}", draw(3_000));
        }
    }
    for bot in 0..80 {
        for page in (0..40).filter(|_| bot % 2 == 0) {
            if draw(2) == 0 {
                let _ = writeln!(text, "bot{bot},client{page},{}", 1_620_000_000 + draw(10 * day));
            }
        }
        let _ = writeln!(text, "bot{bot},page{},{}", draw(50), 1_600_000_000 + draw(600 * day));
    }
    for once in 0..400 {
        let _ = writeln!(text, "once{once},client{},{}", draw(40), 1_620_000_000 + draw(10 * day));
    }
    let path = folder.join("follows.csv");
    fs::write(&path, text).expect("a table for the test");
    let path = path.to_str().expect("a path in UTF-8");
    let name = |name: &str| folder.join(name).to_str().expect("a path in UTF-8").to_owned();
    let packed = name("follows.assaygraph");
    done(&["graph", "pack", path, "--out", &packed]);
    let of_whole = name("whole.csv");
    let whole = done(&["rings", path, "--format", "json", "--members", &of_whole]).json();
    assert_eq!(whole["rings"].as_array().map(Vec::len), Some(1));
    let read = |path: &str| fs::read_to_string(path).expect("members");
    assert!(read(&of_whole).matches("once").count() > 200, "{}", read(&of_whole));
    for input in [path, &packed] {
        let said = run(&["rings", input, "--verbose", "--format", "json"]);
        let told = said.stderr.lines().rfind(|line| line.contains("B of memory")).expect("a plan");
        // A tenth is kept for the rest of the machine.
        let limit = format!("{:.2}MB", megabytes(told)[0] * 0.97 / 0.9);
        let of_pruned = name("pruned.csv");
        let pruned = done(&["rings", input, "--format", "json", "--memory", &limit, "--members", &of_pruned]).json();
        let warnings = pruned["warnings"].to_string();
        assert!(warnings.contains("none that could be in a ring was left out"), "{limit}: {warnings}");
        assert!(warnings.contains("on the cautious side"), "{limit}: {warnings}");
        for key in ["edges", "sources", "targets", "rows", "window"] {
            assert_eq!(whole[key], pruned[key], "{key}");
        }
        for key in ["window", "edges", "sources", "targets", "contrast"] {
            assert_eq!(whole["rings"][0][key], pruned["rings"][0][key], "{key}");
        }
        let accounts = |table: &str| {
            let without_score = |line: &str| line.rsplit_once(',').map(|(rest, _)| rest.to_owned());
            read(table).lines().filter_map(without_score).collect::<Vec<_>>()
        };
        assert_eq!(accounts(&of_whole), accounts(&of_pruned), "{input}");
    }
    // What does not fit even so is refused with what to do.
    let refused = run(&["rings", path, "--memory", "1MB"]);
    assert!(
        refused.stderr.contains("however many edges are pruned") && refused.stderr.contains("at=-"),
        "{}",
        refused.stderr
    );
}
