//! The shapes that each format comes in, and what users pass together.

use crate::samples::{Kept, bundle, run, run_files, run_plan, zipped};
use crate::{Bundle, Limits, by_id, detect, detect_as};
use assay_model::{DayCount, ListOrder, TimeMs, TimeQuality};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

fn handles(kept: &Kept) -> Vec<&str> {
    kept.follows.iter().map(|f| f.handle.as_str()).collect()
}

#[test]
fn instagram_in_all_its_shapes() {
    for text in [
        r#"[{"title":"","media_list_data":[],"string_list_data":[{"href":"https://www.instagram.com/zo","value":"zo","timestamp":1720152884}]}]"#,
        r#"{"relationships_followers":[{"string_list_data":[{"value":" zo ","timestamp":1720152884}]}]}"#,
        r#"[{"title":"zo","string_list_data":[{"href":"https://www.instagram.com/_u/zo","timestamp":1720152884}]}]"#,
        r#"[{"title":"","string_list_data":[{"href":"https://www.instagram.com/_u/zo?x=1","timestamp":1720152884}]}]"#,
        r#"[{"timestamp":1720152884,"media":[],"label_values":[{"label":"URL","value":"https://a.example","href":"https://a.example"},{"label":"Name","value":"Zo\u00c3\u00ab"},{"label":"Username","value":"zo"}],"fbid":"1"}]"#,
        r#"[{"timestamp":1720152884,"label_values":[{"label":"Gebruikersnaam","value":"zo"},{"label":"Naam","value":"anders"}]}]"#,
        r#"[{"timestamp":1720152884,"label_values":[{"dict":[{"label":"Ime","value":"Zo"},{"label":"Korisnicko ime","value":"zo"}],"title":"Owner"}]}]"#,
    ] {
        let kept = run_files(&[("followers_1.json", text.as_bytes())]).expect("a list");
        assert_eq!(handles(&kept), ["zo"], "{text}");
        assert_eq!(kept.follows[0].followed_at, Some(TimeMs(1_720_152_884_000)), "{text}");
    }
}

#[test]
fn split_lists_are_read_in_order_and_copies_below_once() {
    let list =
        |handle: &str| format!("[{{\"string_list_data\":[{{\"value\":\"{handle}\",\"timestamp\":1720152884}}]}}]");
    let (one, two, ten) = (list("one"), list("two"), list("ten"));
    let zip = zipped(&[
        ("export/connections/followers_and_following/followers_10.json", ten.as_bytes()),
        ("export/connections/followers_and_following/followers_1.json", one.as_bytes()),
        ("export/connections/followers_and_following/followers_2.json", two.as_bytes()),
        ("export/backup/old/connections/followers_and_following/followers_1.json", ten.as_bytes()),
        ("__MACOSX/export/connections/._followers_1.json", b"\0"),
        ("export/connections/followers_and_following/following.json", b"{\"relationships_following\":[]}"),
        ("export/ads_information/ads.json", b"[{\"id\":1,\"username\":\"x\",\"followers\":3}]"),
        ("export/table.csv", b"handle,followed_at\nx,2024-01-01\n"),
    ]);
    let kept = run_files(&[("instagram.zip", &zip)]).expect("an export");
    assert_eq!(handles(&kept), ["one", "two", "ten"]);
    assert_eq!(kept.files.len(), 3);
    let told = "left out as copies in deeper folders: `export/backup/old/connections/";
    assert!(kept.notes.iter().any(|note| note.starts_with(told)), "{:?}", kept.notes);
}

#[test]
fn an_account_met_twice_is_rejected_with_the_place_of_the_first() {
    let kept = run_files(&[("a.csv", b"account_id,handle\n1,anna\n2,ben\n1,anna\n")]).expect("a table");
    assert_eq!(kept.follows.len(), 2);
    assert_eq!(kept.rejects[0].why, "the same account stands in line 2 already");
    let kept = run_files(&[("a.csv", b"handle\nanna\n"), ("b.csv", b"handle\n@Anna\nben\n")]).expect("tables");
    assert_eq!(kept.rejects[0].why, "the same account stands in a.csv:2 already");
    assert!(kept.notes.iter().any(|n| n.starts_with("2 tables were read as one")), "{:?}", kept.notes);
}

#[test]
fn a_follower_list_and_daily_counts_go_together() {
    let overview = by_id("x-analytics").expect("an importer").control.files[0].1;
    let kept = run_files(&[
        ("followers.csv", b"handle,followed_at,label\nanna,2026-09-01,person\n"),
        ("overview.csv", overview),
        ("readme.pdf", b"%PDF"),
    ])
    .expect("a list and counts");
    assert_eq!((kept.follows.len(), kept.days.len()), (1, 2));
    assert_eq!(kept.days[0], DayCount { unfollows: None, ..kept.days[0] }, "a blank is unknown");
    assert_eq!(
        kept.notes,
        ["readme.pdf was not read: its format is not known", "columns that assay does not know were ignored: `label`",]
    );
}

#[test]
fn two_kinds_of_follower_lists_are_an_error_that_names_both() {
    let found = run_files(&[("followers_1.json", b"[]"), ("follower.js", b"window.YTD.follower.part0 = []")]);
    let found = found.expect_err("two pages").to_string();
    assert!(found.contains("`followers_1.json` (instagram)") && found.contains("`follower.js` (x-archive)"), "{found}");
    let list = b"[{\"string_list_data\":[{\"value\":\"anna\"}]}]";
    let files = bundle(&[("followers_1.json", list), ("a.csv", b"handle\nanna\n")]).expect("files");
    assert!(detect(&files).is_err());
    let table = by_id("table").expect("an importer");
    assert_eq!(detect_as(&files, table).expect("a table").steps[0].members.len(), 1);
}

#[test]
fn two_exports_of_one_kind_are_an_error_unless_one_lies_deeper() {
    let zip = zipped(&[("connections/followers_1.json", b"[{\"string_list_data\":[{\"value\":\"anna\"}]}]")]);
    let found = run_files(&[("may.zip", &zip), ("june.zip", &zip)]).expect_err("two exports").to_string();
    assert!(
        found.contains("`june.zip/connections/followers_1.json` and `may.zip/connections/followers_1.json`"),
        "{found}"
    );
    let list = |id: u32| format!("window.YTD.follower.part0 = [{{\"follower\":{{\"accountId\":\"{id}\"}}}}]");
    let manifest = b"window.__THAR_CONFIG = {\"archiveInfo\":{\"generationDate\":\"2026-10-01T08:00:00.000Z\"}}";
    let zip = zipped(&[
        ("x/data/follower.js", list(12).as_bytes()),
        ("x/2026/data/follower.js", list(13).as_bytes()),
        ("x/2026/data/manifest.js", manifest),
    ]);
    let kept = run_files(&[("x.zip", &zip)]).expect("an archive");
    assert_eq!(kept.follows.iter().map(|f| f.account_id.as_str()).collect::<Vec<_>>(), ["12"]);
    assert_eq!(kept.exported_at, None, "the manifest is that of another archive");
    let apart = run_files(&[("follower.js", list(12).as_bytes()), ("manifest.js", manifest)]).expect("an archive");
    assert!(apart.exported_at.is_some());
}

#[test]
fn the_x_archive_tells_age_order_and_what_to_expect() {
    let manifest = br#"window.__THAR_CONFIG = {"userInfo":{"userName":"roastery"},"archiveInfo":{"generationDate":
        "2026-10-01T08:00:00.000Z","isPartialArchive":true},"dataTypes":{"follower":{"files":[{"count":"2"},{"count":1}]}}}"#;
    let zip = zipped(&[
        ("data/follower-part1.js", b"window.YTD.follower.part1 = [{\"follower\":{\"accountId\":\"12\"}}]"),
        ("data/follower.js", b"window.YTD.follower.part0 = [{\"follower\":{\"accountId\":\"1963100000000000001\"}},{\"follower\":{\"accountId\":\"x\"}}]"),
        ("data/manifest.js", manifest),
        ("data/tweets.js", b"window.YTD.tweets.part0 = []"),
    ]);
    let kept = run_files(&[("twitter.zip", &zip)]).expect("an archive");
    let ids: Vec<&str> = kept.follows.iter().map(|f| f.account_id.as_str()).collect();
    assert_eq!(ids, ["1963100000000000001", "12"]);
    assert_eq!(kept.follows[0].created_at, Some(TimeMs(1_756_874_487_291)));
    assert_eq!((kept.expected, kept.rejects.len(), kept.handle.as_deref()), (Some(3), 1, Some("roastery")));
    assert_eq!(kept.exported_at, Some(TimeMs(1_790_841_600_000)));
    assert_eq!(kept.notes.len(), 2, "{:?}", kept.notes);
}

#[test]
fn tables_in_every_dress_say_the_same() {
    let csv = b"account_id,Screen Name,followRank,followed_at,followers_count\n7,anna,0,2024-05-01T10:20:30Z,\"1,204\"\n8,ben,1,2024-05-01T10:20:31Z,\n";
    let expected = run_files(&[("a.csv", csv)]).expect("a table");
    assert_eq!((expected.quality, expected.order), (Some(TimeQuality::Exact), Some(ListOrder::Stated)));
    let text = String::from_utf8_lossy(csv);
    let tsv = text.replace("\"1,204\"", "1204").replace(',', "\t");
    let semicolons = format!("sep=;\r\n{}", tsv.replace('\t', ";").replace('\n', "\r\n"));
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(semicolons.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let lines = "{\"account_id\":7,\"screen_name\":\"anna\",\"follow_rank\":0,\"followed_at\":1714558830,\"public_metrics\":{\"followers_count\":1204}}\n\
                 {\"account_id\":\"8\",\"screen_name\":\"ben\",\"follow_rank\":1,\"followed_at\":\"2024-05-01 12:20:31+02:00\",\"followers_count\":null}\n";
    let list = format!("[{}]", lines.trim().replace('\n', ","));
    let wrapped = format!("{{\"data\":{list},\"meta\":{{\"n\":2}}}}");
    let zip = zipped(&[("deep/folder/a.csv", csv)]);
    for (name, bytes) in [
        ("a.tsv", tsv.as_bytes()),
        ("a.csv", semicolons.as_bytes()),
        ("a.csv", &utf16),
        ("a.jsonl", lines.as_bytes()),
        ("a.json", list.as_bytes()),
        ("a.json", wrapped.as_bytes()),
        ("a.zip", &zip),
        ("a.parquet", &parquet_table()),
    ] {
        let kept = run_files(&[(name, bytes)]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(kept.rejects, [], "{name}");
        let plain = |kept: &Kept| -> Vec<_> {
            kept.follows
                .iter()
                .map(|f| (f.account_id.clone(), f.handle.clone(), f.rank, f.followed_at, f.followers))
                .collect()
        };
        assert_eq!(plain(&kept), plain(&expected), "{name}");
        assert_eq!((kept.quality, kept.order), (expected.quality, expected.order), "{name}");
    }
}

/// The table above as Parquet, in two row groups, with a column that nobody knows.
fn parquet_table() -> Vec<u8> {
    let schema = "message table { required int64 account_id; optional binary handle (UTF8); required int32 follow_rank;
        optional int64 followed_at (TIMESTAMP(MICROS,true)); optional double followers; optional boolean label; }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).expect("memory");
    for (id, handle, rank, at, followers) in
        [(7, "anna", 0, 1_714_558_830_000_000, Some(1_204.0)), (8, "ben", 1, 1_714_558_831_000_000, None)]
    {
        let mut group = writer.next_row_group().expect("memory");
        macro_rules! column {
            ($kind:ty, $values:expr, $levels:expr) => {{
                let mut column = group.next_column().expect("memory").expect("a column");
                column.typed::<$kind>().write_batch($values, $levels, None).expect("memory");
                column.close().expect("memory");
            }};
        }
        column!(Int64Type, &[id], None);
        column!(ByteArrayType, &[ByteArray::from(handle)], Some(&[1]));
        column!(Int32Type, &[rank], None);
        column!(Int64Type, &[at], Some(&[1]));
        let level = i16::from(followers.is_some());
        column!(DoubleType, followers.as_slice(), Some(&[level]));
        column!(BoolType, &[true], Some(&[1]));
        group.close().expect("memory");
    }
    writer.close().expect("memory");
    bytes
}

#[test]
fn damaged_parquet_does_not_panic() {
    let whole = parquet_table();
    for cut in 0..whole.len() {
        let _ = run_files(&[("a.parquet", &whole[..cut])]);
    }
    for at in 0..whole.len() {
        let mut spoilt = whole.clone();
        spoilt[at] ^= 0x55;
        let _ = run_files(&[("a.parquet", &spoilt)]);
    }
}

#[test]
fn times_without_a_zone_are_said_aloud_once() {
    let kept = run_files(&[(
        "a.csv",
        b"handle,followed_at,created_at\na,2024-05-01 10:00:00,2020-01-01 00:00:00\nb,2024-05-01,\n",
    )])
    .expect("a table");
    assert_eq!(kept.notes, ["2 times without a zone were taken as UTC"]);
}

#[test]
fn a_table_without_known_columns_says_what_is_known() {
    let files = bundle(&[("a.csv", b"foo,bar\n1,2\n")]).expect("a file");
    assert!(detect(&files).is_err_and(|e| e.to_string().contains("assay formats")));
    let plan = detect_as(&files, by_id("table").expect("an importer")).expect("the user insists");
    let found = run_plan(&files, &plan).expect_err("no column").to_string();
    assert!(found.contains("found `foo,bar` in a.csv"), "{found}");
}

#[test]
fn counts_only() {
    let kept =
        run_files(&[("g.csv", b"date,follows,unfollows\n2026-03-02,5,\n2026-03-01,x,1\n2026-03-02,6,0\nsoon,1,1\n")])
            .expect("counts");
    assert_eq!((kept.days.len(), kept.rejects.len()), (1, 3), "{:?}", kept.rejects);
    assert_eq!(kept.rejects[1].why, "the same day stands in line 2 already");
    let kept = run_files(&[("Table data.csv", b"Content,Video title,Views\nTotal,,12\nx,y,12\n")]).expect("videos");
    assert_eq!((kept.days.len(), kept.posts.rows.len()), (0, 1));
    let suite = "sep=,\n\"Views\"\n\"Date\",\"Primary\"\n\"2026-01-01T00:00:00\",\"9\"\n\n\"Follows\"\n\"Date\",\"Primary\"\n\
                 \"2026-01-01T00:00:00\",\"1\"\n\"2026-01-04T00:00:00\",\"2\"\n";
    let kept = run_files(&[("export.csv", suite.as_bytes())]).expect("counts");
    assert_eq!(kept.days.iter().map(|d| d.follows).collect::<Vec<_>>(), [Some(1), Some(0), Some(0), Some(2)]);
    let other = "sep=,\n\"Earnings\"\n\"Date\",\"Primary\"\n\"2026-01-01T00:00:00\",\"9\"\n";
    assert!(run_files(&[("v.csv", other.as_bytes())]).is_err_and(|e| e.to_string().contains("name is not known")));
}

#[test]
fn a_gz_file_is_hashed_as_it_lies_on_the_disk() {
    use std::io::Write as _;
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(b"handle\nanna\nben\n").expect("memory");
    let packed = gz.finish().expect("memory");
    let kept = run_files(&[("a.csv.gz", &packed)]).expect("a table");
    assert_eq!(handles(&kept), ["anna", "ben"]);
    let plain = run_files(&[("a.bin", &packed)]).expect("a table");
    assert_eq!(kept.files[0].sha256, plain.files[0].sha256);
    let cut = run_files(&[("a.csv.gz", &packed[..packed.len() - 9])]);
    assert!(cut.is_err_and(|e| e.to_string().contains("hint:")));
}

#[test]
fn a_missing_path_says_so() {
    let found = Bundle::open(&["no/such/file.zip"], &Limits::default()).expect_err("no file").to_string();
    assert!(found.contains("no/such/file.zip") && found.contains("hint: check the path"), "{found}");
    assert!(Bundle::open::<&str>(&[], &Limits::default()).is_err());
    let empty = bundle(&[("a.zip", &zipped(&[]))]).expect("an empty zip");
    assert!(run(&empty).is_err_and(|e| e.to_string().contains("no file at all")));
}

#[test]
fn headers_and_times_are_read_as_the_user_says() {
    use crate::options::{HeaderMap, ReadOptions, Zone};
    let table: &[u8] = b"Kundennummer;Bestellt am;Betrag\n7;2026-07-01 12:00:00;9,50\n";
    let json: &[u8] = b"[{\"Kundennummer\":8,\"Bestellt am\":\"2026-07-01 12:00:00\",\"Betrag\":\"3\"}]";
    let files = [("a.csv", table), ("b.json", json)];
    assert!(crate::detect_orders(&bundle(&files).expect("files")).is_err());
    let map = "kundennummer=customer_id\nbestellt am=ordered_at\nbetrag=total\n";
    let options = ReadOptions {
        zone: Some(Zone::parse("Europe/Berlin").expect("a zone")),
        headers: HeaderMap::parse(map, "map").expect("a map"),
        ..ReadOptions::default()
    };
    let files = bundle(&files).expect("files").read_as(options);
    let plan = crate::detect_orders(&files).expect("orders");
    let kept = run_plan(&files, &plan).expect("orders").0;
    assert_eq!(kept.orders.customers, ["7", "8"]);
    // date -u -d 'TZ="Europe/Berlin" 2026-07-01 12:00' +%s
    assert!(kept.orders.rows.iter().all(|o| o.ordered_at.0 == 1_782_900_000_000));
    assert!(kept.notes.contains(&"2 times without a zone were taken as Europe/Berlin".to_owned()), "{:?}", kept.notes);
}
