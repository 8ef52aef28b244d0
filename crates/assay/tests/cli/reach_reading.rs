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
