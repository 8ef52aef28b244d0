//! What files do not say of themselves, as the user says it to `assay reach`: the zone of times, the names of columns.

use crate::program::{Ran, assay, done, file, folder};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;

/// Posts of 60 days with German headers and times without a zone: the first at half past midnight on 1 January 2025.
fn posts() -> String {
    let mut table = String::from("Zeitpunkt;Reichweite;Interaktionen;Anzeige\n");
    for i in 0..60 {
        let (month, day) = (1 + i / 28, 1 + i % 28);
        let reach = 400 + i * 37 % 211;
        let _ = writeln!(table, "2025-{month:02}-{day:02} 00:30;{reach};{};{}", reach / 20, u8::from(i % 9 == 0));
    }
    table
}

const MAPPED: [&str; 8] = [
    "--map",
    "Zeitpunkt=published_at",
    "--map",
    "Reichweite=reach",
    "--map",
    "Interaktionen=engagements",
    "--map",
    "Anzeige=paid",
];

fn from(said: &serde_json::Value) -> &str {
    said["window"]["from"].as_str().expect("a window")
}

#[test]
fn headers_and_zones_are_told_to_every_command_that_reads_posts() {
    let folder = folder("reach_reading");
    let table = file(&folder, "beitraege.csv", &posts());
    // Without being told, no column is known.
    assert_eq!(crate::program::run(&["reach", "backtest", &table]).code, 1);
    for command in [
        &["reach", "backtest", &table][..],
        &["reach", "fit", &table, "--inauthentic-share", "0.3"],
        &["reach", "what-if", &table, "--followers", "900", "--buy", "100"],
    ] {
        let ask = |more: &[&str]| done(&[command, &MAPPED[..], &["--format", "json"], more].concat()).json();
        let plain = ask(&[]);
        assert_eq!(from(&plain), "2025-01-01T00:30:00Z", "{command:?}");
        let berlin = ask(&["--tz", "Europe/Berlin"]);
        assert_eq!(from(&berlin), "2024-12-31T23:30:00Z", "{command:?}");
        assert!(berlin["warnings"].to_string().contains("Europe/Berlin"), "{}", berlin["warnings"]);
    }
    // A file of pairs and the setting say the same.
    let pairs = MAPPED.iter().filter(|m| m.contains('=')).copied().collect::<Vec<_>>().join("\n");
    let pairs = file(&folder, "pairs.txt", &pairs);
    file(&folder, "assay.toml", "zone = \"Asia/Tokyo\"\n");
    let ran: Ran = assay(&["reach", "backtest", &table, "--map-file", &pairs, "--format", "json"])
        .current_dir(&folder)
        .env("XDG_CONFIG_HOME", &folder)
        .output()
        .expect("the program starts")
        .into();
    assert_eq!(from(&ran.json()), "2024-12-31T15:30:00Z");
}

/// A history tells the share that held when a post was published: where its time has no zone, in the zone that is named. Its
/// columns may be told too, and it may be packed.
#[test]
fn a_history_is_read_like_the_posts() {
    let folder = folder("reach_history");
    let table = file(&folder, "posts.csv", &posts());
    let history = "Stand;Fans;fake_share\n2024-12-01 12:00;900;0\n2025-03-04 02:00;9000;0.9\n";
    let packed = folder.join("history.csv.gz");
    let mut gz = flate2::write::GzEncoder::new(File::create(&packed).expect("made"), flate2::Compression::fast());
    gz.write_all(history.as_bytes()).expect("written");
    gz.finish().expect("written");
    let packed = packed.to_str().expect("UTF-8");
    let ask = |more: &[&str]| {
        let base = ["reach", "fit", &table, "--followers-history", packed, "--map", "Stand=date", "--format", "json"];
        done(&[&base[..], &MAPPED[..], more].concat()).json()
    };
    // The last post is of 4 March, half past midnight; the purchase comes at two, by the same clock.
    let before = ask(&[]);
    assert_eq!(before["inauthentic_share_now"]["point"], 0.0, "{}", before["inauthentic_share_now"]);
    assert_eq!(before["inputs"].as_array().map(Vec::len), Some(2));
    // A post whose time names its zone stays where it is when the history's moves.
    let zoned = file(&folder, "zoned.csv", &posts().replace(" 00:30;", "T00:30:00Z;"));
    let base = ["reach", "fit", &zoned, "--followers-history", packed, "--map", "Stand=date", "--format", "json"];
    let moved = done(&[&base[..], &MAPPED[..], &["--tz", "Asia/Tokyo"]].concat()).json();
    assert_eq!(moved["inauthentic_share_now"]["point"], 0.9, "{}", moved["inauthentic_share_now"]);
    let broken = file(&folder, "broken.csv", "date,followers\nsoon,3\n");
    let base = ["reach", "fit", &zoned, "--followers-history", &broken];
    let ran = crate::program::run(&[&base[..], &MAPPED[..]].concat());
    assert!(ran.code == 1 && ran.stderr.contains("found no row that can be read; line 2"), "{}", ran.stderr);
}

/// Posts of one day, months without a post and posts that lie ahead are answered, and said to be odd; an ordinary table is not.
#[test]
fn odd_dates_are_answered_and_told_of() {
    let folder = folder("reach_dates");
    let table = |name: &str, date: &dyn Fn(i64) -> String| {
        let mut text = String::from("date,reach\n");
        for i in 0..40 {
            let _ = writeln!(text, "{},{}", date(i), 400 + i * 37 % 211);
        }
        file(&folder, name, &text)
    };
    let from = |year: i16, days: i64| {
        let first = jiff::civil::date(year, 1, 1);
        first.checked_add(jiff::Span::new().days(days)).expect("a day").to_string()
    };
    let told = |path: &str| -> Vec<String> {
        let said = done(&["reach", "backtest", path, "--format", "json"]).json();
        let all = said["warnings"].as_array().expect("warnings").clone();
        all.iter().map(|w| format!("{} {}", w["id"].as_str().unwrap_or(""), w["text"].as_str().unwrap_or(""))).collect()
    };
    assert_eq!(told(&table("usual.csv", &|i| from(2025, i))), Vec::<String>::new());
    let one = told(&table("one.csv", &|_| from(2025, 0)));
    assert!(one.len() == 1 && one[0].starts_with("one-day") && one[0].contains("all 40 posts"), "{one:?}");
    let gap = told(&table("gap.csv", &|i| from(2025, if i > 20 { i + 200 } else { i })));
    assert!(gap.len() == 1 && gap[0].starts_with("long-gap") && gap[0].contains("no post for 201 days"), "{gap:?}");
    let ahead = told(&table("ahead.csv", &|i| from(2060, i)));
    assert!(ahead.len() == 1 && ahead[0].starts_with("posts-in-the-future 40 posts"), "{ahead:?}");
}

/// Where every row is rejected the error says that, and why the first was.
#[test]
fn an_error_about_no_posts_names_the_rows_that_were_rejected() {
    let folder = folder("reach_rejected");
    let table = file(&folder, "negative.csv", "date,reach\n2025-01-01,-5\n2025-01-02,-7\n2025-01-03,0\n");
    let ran = crate::program::run(&["reach", "backtest", &table]);
    let said = &ran.stderr;
    assert!(ran.code == 1 && said.contains("2 rows were rejected"), "{said}");
    assert!(said.contains("negative.csv:2") && said.contains("`-5`") && said.contains("1 post has 0"), "{said}");
}

/// Without posts the answer says what would tell more; with them it does not.
#[test]
fn an_outlook_without_posts_says_what_would_tell_more() {
    let folder = folder("reach_more");
    let base = ["reach", "what-if", "--followers", "300", "--engaged", "40", "--buy", "1000"];
    let said = done(&base).stdout;
    assert!(said.contains("To know more") && said.contains("--followers-history"), "{said}");
    let json = |more: &[&str]| done(&[&base[..], &["--format", "json"], more].concat()).json();
    let settles = |text: &str| text.contains("--seal") && !text.contains("  ");
    assert!(json(&[])["would_settle"].as_str().is_some_and(settles));
    // A sentence, and on the page what is typed is marked as such.
    assert!(said.contains("\n  Posts of this page"), "{said}");
    let page = done(&[&base[..], &["--format", "html"]].concat()).stdout;
    assert!(
        page.contains("<p>Posts of this page") && page.contains("<code>assay reach what-if POSTS --audit"),
        "{page}"
    );
    assert!(!page.contains('`'), "{page}");
    let table = file(&folder, "posts.csv", &posts());
    assert!(json(&[&[table.as_str()][..], &MAPPED[..]].concat())["would_settle"].is_null());
}
