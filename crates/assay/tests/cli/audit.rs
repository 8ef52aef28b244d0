//! `assay audit`: what is written, where, and that it is the same every time.

use crate::program::{assay, done, file, folder, people, run};
use std::fs;
use std::process::Stdio;

#[test]
fn json_goes_to_stdout_and_nothing_to_stderr() {
    let table = file(&folder("json_stdout"), "followers.csv", &people(60));
    let ran = done(&["audit", &table, "--format", "json"]);
    assert_eq!(ran.stderr, "");
    let said = ran.json();
    assert_eq!(said["schema"], "assay.audit/1");
    assert_eq!(said["followers"]["count"], 60);
    assert_eq!(said["inputs"][0]["taken"], 60);
}

/// Every third person of the list has engaged; the table of them joins by handle, and tells nothing of the others.
#[test]
fn engagements_speak_for_single_followers_and_against_none() {
    let folder = folder("engagements");
    let table = file(&folder, "followers.csv", &people(300));
    let rows: Vec<String> = (0..300).step_by(3).map(|i| format!("@Person_{i},2026-03-01,comment")).collect();
    let rows = rows.join("\n");
    let engaged = file(&folder, "engaged.csv", &format!("handle,at,kind\n{rows}\nstranger,2026-03-01,like\n"));
    let said = done(&["audit", &table, "--engagements", &engaged, "--format", "json"]).json();
    let told = &said["engagement"];
    assert_eq!((told["n_by_others"].clone(), told["n_followers_engaged"].clone()), (101.into(), 100.into()));
    let channel = said["channels"].as_array().expect("channels").iter().find(|c| c["id"] == "engagement").expect("it");
    assert_eq!(channel["state"], "used", "{channel}");
    assert_eq!(said["classes"]["n_inauthentic"], 0);
    assert!(said["classes"]["n_genuine"].as_u64().expect("a count") >= 100, "{}", said["classes"]);
    let explained = done(&["audit", &table, "--engagements", &engaged, "--explain", "person_3"]).stdout;
    assert!(explained.contains("1 engagement with the page"), "{explained}");
    let csv = done(&["audit", &table, "--engagements", &engaged, "--format", "csv"]).stdout;
    let chance =
        |i: usize| -> f64 { csv.lines().nth(i + 1).and_then(|l| l.split(',').nth(3)?.parse().ok()).expect("a chance") };
    assert!(chance(3) < chance(4) && chance(4) < 0.2, "{} {}", chance(3), chance(4));
    // Only what the page itself did, or nobody of the list: the channel says so.
    let strangers = file(&folder, "strangers.csv", "handle,at\nx,2026-01-01\ny,2026-01-02\n");
    let said = done(&["audit", &table, "--engagements", &strangers]).stdout;
    assert!(said.contains("none of the 2 accounts that engaged is in the list"), "{said}");
    let refused = run(&["audit", &table, "--engagements", &table]);
    assert!(refused.code == 0 || refused.stderr.contains("hint"), "{}", refused.stderr);
}

#[test]
fn same_inputs_and_seed_give_the_same_bytes() {
    let folder = folder("same_bytes");
    let table = file(&folder, "followers.csv", &people(400));
    for format in ["json", "text", "csv", "html"] {
        let first = done(&["audit", &table, "--format", format, "--seed", "5"]);
        let second = done(&["audit", &table, "--format", format, "--seed", "5"]);
        assert!(first.stdout == second.stdout, "{format} differs between two runs");
        let out = folder.join(format);
        done(&["audit", &table, "--format", format, "--seed", "5", "--out", out.to_str().expect("UTF-8")]);
        assert!(fs::read_to_string(out).expect("written") == first.stdout, "{format} differs between stdout and --out");
    }
}

#[test]
fn a_row_for_each_follower_goes_to_verdicts() {
    let folder = folder("verdicts");
    let table = file(&folder, "followers.csv", &people(50));
    let verdicts = folder.join("verdicts.csv");
    done(&["audit", &table, "--verdicts", verdicts.to_str().expect("UTF-8"), "--format", "json"]);
    let written = fs::read_to_string(&verdicts).expect("written");
    assert_eq!(written.lines().next(), Some("account_id,handle,rank,probability,class,batch,reasons"));
    assert_eq!(written.lines().count(), 51);
    let csv = done(&["audit", &table, "--format", "csv"]);
    assert_eq!(csv.stdout, written, "--format csv is the table of verdicts");
}

#[test]
fn several_paths_are_one_input_in_any_order() {
    let folder = folder("several_paths");
    let whole = people(40);
    let lines: Vec<&str> = whole.lines().collect();
    let first = file(&folder, "a.csv", &format!("{}\n", lines[..21].join("\n")));
    let second = file(&folder, "b.csv", &format!("{}\n{}\n", lines[0], lines[21..].join("\n")));
    let ran = done(&["audit", &first, &second, "--format", "json"]);
    assert_eq!(ran.json()["followers"]["count"], 40);
    assert_eq!(ran.json()["inputs"].as_array().map(Vec::len), Some(2));
    assert_eq!(done(&["audit", &second, &first, "--format", "json"]).stdout, ran.stdout);
}

#[test]
fn unknown_columns_are_named_in_a_warning() {
    let folder = folder("unknown_columns");
    let table = people(20).replace('\n', ",x\n").replacen(",x", ",vendor", 1);
    let said = done(&["audit", &file(&folder, "followers.csv", &table), "--format", "json"]).json();
    let warnings = said["warnings"].as_array().expect("a list").clone();
    let text = warnings.iter().filter_map(|w| w["text"].as_str()).collect::<Vec<_>>().join(" ");
    assert!(text.contains("vendor"), "{text}");
}

#[test]
fn channels_can_be_chosen_and_left_out() {
    let table = file(&folder("channels"), "followers.csv", &people(80));
    let states = |arguments: &[&str]| {
        let said = done(&[&["audit", &table, "--format", "json"], arguments].concat()).json();
        let channels = said["channels"].as_array().expect("a list").clone();
        channels.into_iter().filter(|c| c["state"] == "off").map(|c| c["id"].to_string()).collect::<Vec<_>>()
    };
    assert!(states(&[]).is_empty());
    assert!(!states(&["--channels", "follow-order"]).contains(&"\"follow-order\"".to_owned()));
    assert_eq!(states(&["--without", "follow-order"]), ["\"follow-order\""]);
    let wrong = run(&["audit", &table, "--channels", "moon"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("follow-order, growth"), "{}", wrong.stderr);
}

#[test]
fn one_follower_can_be_explained_and_a_stranger_not() {
    let table = file(&folder("explain"), "followers.csv", &people(30));
    let known = done(&["audit", &table, "--explain", "person_7"]);
    assert!(known.stdout.contains("person_7"), "{}", known.stdout);
    let stranger = run(&["audit", &table, "--explain", "nobody"]);
    assert_eq!((stranger.code, stranger.stdout.as_str()), (1, ""));
    assert!(stranger.stderr.starts_with("error: ") && stranger.stderr.contains("\nhint: "), "{}", stranger.stderr);
}

#[test]
fn quiet_says_nothing_and_verbose_tells_the_steps() {
    let table = file(&folder("quiet"), "followers.csv", &people(30));
    assert_eq!(done(&["audit", &table, "--quiet"]).stderr, "");
    let verbose = done(&["audit", &table, "--verbose", "--format", "json"]);
    assert!(verbose.stderr.contains("weighing the evidence: "), "{}", verbose.stderr);
    assert_eq!(verbose.stdout, done(&["audit", &table, "--format", "json"]).stdout);
    assert_eq!(run(&["audit", &table, "--quiet", "--verbose"]).code, 2);
}

#[test]
fn text_in_a_pipe_carries_no_colour() {
    let table = file(&folder("colour"), "followers.csv", &people(30));
    assert!(!done(&["audit", &table]).stdout.contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let table = file(&folder("closed_pipe"), "followers.csv", &people(3_001));
    let mut child = assay(&["audit", &table, "--format", "csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Nobody will ever read: the table is longer than any pipe holds.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn the_demo_answers_without_any_file() {
    let ran = done(&["demo"]);
    assert!(!ran.stdout.is_empty());
    assert!(ran.stderr.starts_with("note: the page is made"), "{}", ran.stderr);
    assert_eq!(done(&["demo", "--quiet"]).stderr, "");
}

/// Draws followers, labels them, draws more, and gives the labels back: the share comes from them, and each is counted.
#[test]
fn labels_are_drawn_given_back_and_counted() {
    let folder = folder("labels");
    let table = file(&folder, "followers.csv", &people(300));
    let drawn = folder.join("drawn.csv");
    let path = drawn.to_str().expect("UTF-8");
    done(&["audit", &table, "--sample-to-label", "40", "--out", path]);
    let rows = fs::read_to_string(&drawn).expect("written");
    assert_eq!(rows.lines().next(), Some("account_id,handle,display_name,label,stratum,stratum_size,weight"));
    assert_eq!(rows.lines().count(), 41);
    assert_eq!(done(&["audit", &table, "--sample-to-label", "40"]).stdout, rows, "the same seed draws the same");
    let labelled: String = rows
        .lines()
        .enumerate()
        .map(|(i, line)| match i {
            0 => format!("{line}\n"),
            i => format!("{}\n", line.replacen(",,,", if i <= 10 { ",,bought," } else { ",,person," }, 1)),
        })
        .collect();
    let labels = file(&folder, "labels.csv", &(labelled + "x,nobody,,bought,0,300,7.5\n,,,bought,,,\n"));
    let said = done(&["audit", &table, "--labels", &labels, "--format", "json", "--confidence", "0.9"]).json();
    let used = &said["labels"];
    assert_eq!((&used["n_used"], &used["n_inauthentic"], &used["n_unknown"]), (&40.into(), &10.into(), &1.into()));
    assert_eq!((&used["n_rejected"], &said["n_rejected"]), (&1.into(), &1.into()));
    let share = &said["shares"]["inauthentic"];
    let (low, point, high) = (share["low"].as_f64(), share["point"].as_f64(), share["high"].as_f64());
    assert!(point.is_some_and(|p| (p - 0.25).abs() < 0.08), "{share}");
    assert!(low < point && point < high && high.zip(low).is_some_and(|(h, l)| h - l < 0.3), "{share}");
    // Whoever was labelled is what the label says.
    let verdicts = done(&["audit", &table, "--labels", &labels, "--format", "csv"]).stdout;
    assert_eq!(verdicts.matches("found it inauthentic").count(), 10);
    assert_eq!(verdicts.matches("found a person").count(), 30);
    let more = done(&["audit", &table, "--labels", &labels, "--sample-to-label", "15"]).stdout;
    assert_eq!(more.lines().count(), 16);
    assert!(more.lines().skip(1).all(|line| !rows.contains(line.split(',').next().unwrap_or("-"))), "{more}");
    assert_eq!(run(&["audit", &table, "--labels", &table]).code, 1, "a table without labels is refused");
    assert_eq!(run(&["audit", &table, "--recalibrate"]).code, 2);
}

/// A paid campaign that the owner tells of explains the burst in its days, and is named in the answer.
#[test]
fn events_explain_bursts_and_are_named() {
    let folder = folder("events");
    let made = folder.join("page.csv");
    let path = made.to_str().expect("UTF-8");
    let plant = "paid-campaign:at=400,followers=500,country=BR";
    done(&[
        "synth",
        "followers",
        "--layout",
        "instagram",
        "--followers",
        "1500",
        "--days",
        "800",
        "--plant",
        plant,
        "--out",
        path,
    ]);
    let spikes = |arguments: &[&str]| {
        let said = done(&[&["audit", path, "--format", "json"], arguments].concat()).json();
        said["spikes"].as_array().expect("a list").clone()
    };
    let before = spikes(&[]);
    assert_eq!(before.len(), 1, "{before:?}");
    assert_eq!((&before[0]["reading"], before[0]["causes"].as_array().map(Vec::len)), (&"unexplained".into(), Some(0)));
    // The page opened on 2021-01-01; the campaign runs from its day 400 on.
    let events = file(
        &folder,
        "events.csv",
        "from,to,kind,name\n2022-02-05,2022-02-19,campaign,Carnival\n2021-03-01,,post,Old\n",
    );
    let after = spikes(&["--events", &events]);
    assert_eq!((&after[0]["reading"], &after[0]["causes"][0]["name"]), (&"explained".into(), &"Carnival".into()));
    assert_eq!(after[0]["would_settle"], serde_json::Value::Null);
}
