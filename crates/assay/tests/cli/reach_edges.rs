//! Tables and scenarios at the edge of what can be answered, for every command of `assay reach`: an error with what to do, an abstention with its
//! reason, or a warning beside the answer.

use crate::program::{done, file, folder, run};
use parquet::basic::{ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Sixty posts, one a day, each cell as this row has it: day, reach, engagements, paid, fan reach.
fn table(row: impl Fn(i64) -> (i64, i64, i64, i64, i64)) -> String {
    let mut table = String::from("published_at,reach,engagements,paid,fan_reach,followers\n");
    let first: jiff::civil::Date = "2025-01-06".parse().expect("a day");
    for i in 0..60 {
        let (day, reach, engaged, paid, fans) = row(i);
        let date = first.checked_add(jiff::ToSpan::days(day)).expect("a day");
        let _ = writeln!(table, "{date},{reach},{engaged},{paid},{fans},9000");
    }
    table
}

fn usual(i: i64) -> i64 {
    300 + i * 37 % 211
}

#[test]
fn tables_of_every_awkward_kind_are_answered_by_every_command() {
    let folder = folder("reach_edges");
    let commands: [&[&str]; 3] = [
        &["backtest"],
        &["fit", "--inauthentic-share", "0.3"],
        &["what-if", "--inauthentic-share", "0.3", "--remove", "900"],
    ];
    let some_zero = |i: i64| if i % 5 == 0 { 0 } else { usual(i) };
    // What is warned of, if anything: all are answered.
    for (name, text, warned) in [
        ("zeros.csv", table(|i| (i, some_zero(i), some_zero(i) / 20, 0, some_zero(i) / 2)), Some("zero-posts")),
        ("fans.csv", table(|i| (i, 20_000, 100, 0, 9_500 + i)), Some("fan-reach-above-followers")),
        ("engaged.csv", table(|i| (i, usual(i), usual(i) * 3, 0, usual(i) / 2)), Some("engagements-above-reach")),
        ("gaps.csv", table(|i| (if i < 30 { i } else { i + 200 }, usual(i), usual(i) / 20, 0, usual(i) / 2)), None),
        ("alike.csv", table(|i| (i, 500, 25, 0, 250)), None),
    ] {
        let path = file(&folder, name, &text);
        for command in commands {
            let target = if name == "fans.csv" { "fan_reach" } else { "reach" };
            let ran =
                done(&[&["reach", command[0], &path, "--target", target, "--format", "json"], &command[1..]].concat());
            let said = ran.json();
            assert!(!ran.stdout.contains("NaN") && !ran.stdout.contains("inf"), "{name} {command:?}");
            let warnings = said["warnings"].to_string();
            assert!(warned.is_none_or(|id| warnings.contains(id)), "{name} {command:?}: {warnings}");
        }
    }
    // What cannot be answered is an error, or an abstention with what would settle it.
    let one = file(&folder, "one.csv", "published_at,reach,followers\n2026-01-01,10,90\n");
    let none = file(&folder, "none.csv", &table(|i| (i, 0, 0, 0, 0)));
    let paid = file(&folder, "paid.csv", &table(|i| (i, usual(i), usual(i) / 20, 1, usual(i) / 2)));
    for command in commands {
        let ask = |path: &str| run(&[&["reach", command[0], path, "--format", "json"], &command[1..]].concat());
        let ran = ask(&none);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{command:?}");
        assert!(ran.stderr.contains("above 0, found none") && ran.stderr.contains("hint: "), "{}", ran.stderr);
        let ran = ask(&paid);
        match command[0] {
            // What paid posts will reach is foretold from paid posts.
            "backtest" => assert!(ran.code == 0 && ran.stdout.contains("\"all-paid\""), "{}", ran.stdout),
            "fit" => assert!(ran.stdout.contains("every post was paid for, and"), "{}", ran.stdout),
            _ => assert!(ran.code == 1 && ran.stderr.contains("not paid for"), "{}", ran.stderr),
        }
        let ran = ask(&one);
        if command[0] == "what-if" {
            assert!(
                ran.code == 1 && ran.stderr.contains("expected posts that a page can be fitted to"),
                "{}",
                ran.stderr
            );
        } else {
            assert!(ran.stdout.contains("\"abstained\"") && ran.stdout.contains("20 posts"), "{}", ran.stdout);
        }
    }
}

#[test]
fn scenarios_that_contradict_themselves_are_refused_by_key_and_empty_ones_abstain() {
    let folder = folder("simulate_edges_of_scenarios");
    for (toml, key) in [
        ("[[remove]]\nday = 10\n", "remove[0].day: expected a day on which bought followers are there"),
        ("[platform]\nfollows = 20000\npages = 100\n", "platform.pages: expected 20000 pages or more"),
        ("[[platform.activity]]\nshare = 0.4\nopens_share = 0.5\n", "platform.activity: expected shares"),
        ("[page]\nengage_share = nan\n", "page.engage_share: expected a number from 0 to 1, found NaN"),
        ("[page]\nengage_share = 1.2\n", "found 1.2"),
        ("[platform]\nusers = 0\n", "platform.users"),
        ("[platform]\nslots = 0\n", "platform.slots"),
        ("days = 0\n", "days: expected 1 to"),
        (
            "[[promote]]\nday = 3\ndays = 5\nspend_minor = 9.0\ncpm_minor = 600.0\ngroup = \"nobody\"\n",
            "promote[0].group: expected everyone",
        ),
        ("[[promote]]\nday = 3\ndays = 5\nspend_minor = -1.0\ncpm_minor = 600.0\n", "promote[0].spend_minor"),
        ("[[buy]]\nday = 3\nfollowers = 10\nseller = \"moon\"\n", "buy[0].seller: expected burst, retail, drip"),
    ] {
        let ran = run(&["reach", "simulate", &file(&folder, "s.toml", toml), "--seeds", "1"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{toml}");
        assert!(ran.stderr.contains(key) && ran.stderr.contains("\nhint: "), "{toml}: {}", ran.stderr);
    }
    // A page without posts has no reach, and that is said; one without followers may win some.
    let quiet = file(&folder, "quiet.toml", "days = 60\n[page]\nposts_a_day = 0.0\n");
    let said = done(&["reach", "simulate", &quiet, "--format", "json"]);
    assert!(said.stdout.contains("\"abstained\"") && !said.stdout.contains("NaN"), "{}", said.stdout);
    assert!(done(&["reach", "simulate", &quiet]).stdout.contains("cannot be said"));
    let empty = file(&folder, "empty.toml", "days = 60\n[page]\nfollowers = 0\n");
    assert!(!done(&["reach", "simulate", &empty, "--format", "json"]).stdout.contains("NaN"));
}

/// The same follows, as CSV, packed, and as Parquet, give the same run.
#[test]
fn follows_are_read_packed_and_from_parquet() {
    let folder = folder("simulate_follows");
    let follows: Vec<(String, String)> = (0..3_000_usize)
        .flat_map(|user| (0..6).map(move |j| (format!("u{user}"), format!("p{}", (user * 7 + j * j * 31) % 400))))
        .collect();
    let text = follows.iter().fold(String::from("source,target\n"), |text, (s, t)| format!("{text}{s},{t}\n"));
    file(&folder, "follows.csv", &text);
    let mut gz = flate2::write::GzEncoder::new(
        File::create(folder.join("follows.csv.gz")).expect("made"),
        flate2::Compression::fast(),
    );
    gz.write_all(text.as_bytes()).expect("written");
    gz.finish().expect("written");
    parquet(&folder.join("follows.parquet"), &follows);
    let run_with = |edges: &str| {
        let toml = format!(
            "days = 6\n[platform]\ngraph = \"edges\"\nedges = \"{edges}\"\nslots = 3\n[page]\nfollowers = 200\n"
        );
        let scenario = file(&folder, "s.toml", &toml);
        done(&["reach", "simulate", &scenario, "--seeds", "1", "--format", "json"]).json()
    };
    let plain = run_with("follows.csv");
    assert_eq!(plain["scenario"]["platform"]["users"], 3_000);
    for edges in ["follows.csv.gz", "follows.parquet"] {
        let said = run_with(edges);
        assert_eq!((&said["platform"], &said["windows"]), (&plain["platform"], &plain["windows"]), "{edges}");
        assert_eq!(said["inputs"][1]["rows"], 18_000, "{edges}");
    }
    // Cut in the middle: told, and nothing is simulated.
    for (name, whole) in [("cut.csv.gz", "follows.csv.gz"), ("cut.parquet", "follows.parquet")] {
        let bytes = fs::read(folder.join(whole)).expect("written");
        fs::write(folder.join(name), &bytes[..bytes.len() / 2]).expect("written");
        let toml = format!("days = 6\n[platform]\ngraph = \"edges\"\nedges = \"{name}\"\n[page]\nfollowers = 200\n");
        let ran = run(&["reach", "simulate", &file(&folder, "s.toml", &toml), "--seeds", "1"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
}

fn parquet(path: &Path, follows: &[(String, String)]) {
    let column = |name: &str| {
        let of = Type::primitive_type_builder(name, Physical::BYTE_ARRAY).with_repetition(Repetition::REQUIRED);
        Arc::new(of.with_converted_type(ConvertedType::UTF8).build().expect("a column"))
    };
    let schema = Type::group_type_builder("follows").with_fields(vec![column("source"), column("target")]);
    let schema = Arc::new(schema.build().expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer =
        SerializedFileWriter::new(File::create(path).expect("made"), schema, properties).expect("a writer");
    let mut rows = writer.next_row_group().expect("rows");
    for of in [|f: &(String, String)| f.0.clone(), |f: &(String, String)| f.1.clone()] {
        let values: Vec<ByteArray> = follows.iter().map(|f| ByteArray::from(of(f).into_bytes())).collect();
        let mut column = rows.next_column().expect("a column").expect("a column");
        column.typed::<ByteArrayType>().write_batch(&values, None, None).expect("written");
        column.close().expect("written");
    }
    rows.close().expect("written");
    writer.close().expect("written");
}

/// A seller's weekly losses are in the made followers: 4 % in the first week, 1.5 % in each of the next three, .4 % in each after, and none
/// where nothing drops off.
#[test]
fn made_followers_lose_what_sellers_lose() {
    let folder = folder("simulate_losses");
    let bought_left = |drop_off: f64| {
        let toml = format!(
            "days = 90\n[platform]\nusers = 20000\npages = 2000\n[page]\nfollowers = 1500\n[[buy]]\nday = 30\nfollowers = 3000\n\
             drop_off = {drop_off}\n[purges]\nmonthly_share = 0.0\n"
        );
        let at = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
        let scenario = file(&folder, "s.toml", &toml);
        let (followers, labels) = (at("followers.csv"), at("labels.csv"));
        done(&["reach", "simulate", &scenario, "--write-followers", &followers, "--write-labels", &labels]);
        let lines = |path: &str| fs::read_to_string(path).expect("written").lines().count();
        assert_eq!(lines(&followers), lines(&labels));
        fs::read_to_string(&labels).expect("written").matches(",inauthentic,").count() as f64
    };
    assert!((bought_left(0.0) - 3_000.0).abs() < 0.5);
    // Sixty days are eight and a half weeks, four and a half of them at .4 %.
    let left = 0.96 * 0.985_f64.powi(3) * 0.996_f64.powf(4.5);
    let share = bought_left(1.0) / 3_000.0;
    assert!((share - left).abs() < 0.02, "{share}, {left} are expected");
    assert!(bought_left(4.0) / 3_000.0 < left - 0.15);
}
