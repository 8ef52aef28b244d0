//! Whole readings: what comes out of tables of many forms, and that neither order nor cuts matter.

use crate::{ColumnChoice, EdgeFiles, ReadEdges, ReadOptions};
use assay_model::edges::{EdgeBlock, EdgePasses as _, EdgeTable, EdgesError, Kinds, NO_TIME};
use assay_model::{Go, silent};
use std::fmt::Write as _;
use std::io::Write as _;

pub(crate) type Files = Vec<(String, Vec<u8>)>;

pub(crate) fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

pub(crate) fn read(files: Files, options: ReadOptions) -> Result<(EdgeTable, ReadEdges), EdgesError> {
    EdgeFiles::from_memory(files, options)?.read(&mut silent)
}

/// Edges with their names, in the order of the table.
pub(crate) fn named(edges: &EdgeBlock, read: &ReadEdges) -> Vec<(String, String, Option<i64>)> {
    (0..edges.len())
        .map(|i| {
            let at = edges.at_s.get(i).copied().filter(|at| *at != NO_TIME);
            let (s, t) = (edges.source[i], edges.target[i]);
            (read.names.source(s).into_owned(), read.names.target(t).into_owned(), at)
        })
        .collect()
}

fn options(columns: &str, kinds: Kinds) -> ReadOptions {
    let columns = if columns.is_empty() { ColumnChoice::default() } else { columns.parse().expect("a choice") };
    ReadOptions { columns, kinds, ..ReadOptions::default() }
}

/// Reads both ways, by table and by passes, and checks that they agree.
fn both(made: &Files, options: &ReadOptions) -> (Vec<(String, String, Option<i64>)>, ReadEdges) {
    let (table, read_once) = read(made.clone(), options.clone()).expect("a table");
    let opened = EdgeFiles::from_memory(made.clone(), options.clone()).expect("files");
    let (mut passes, surveyed) = opened.survey(&mut silent).expect("a survey");
    assert_eq!(surveyed.names, read_once.names);
    let mut all = EdgeBlock::default();
    for _ in 0..2 {
        all.clear();
        passes
            .pass(&mut |block| {
                all.source.extend(&block.source);
                all.target.extend(&block.target);
                all.at_s.extend(&block.at_s);
                all.weight.extend(&block.weight);
                Go::On
            })
            .expect("a pass");
    }
    let shape = passes.shape();
    assert_eq!(shape.n_edges, all.len() as u64);
    let mut again = EdgeTable::new(all, shape.n_sources, shape.n_targets, shape.kinds);
    again.deduplicate();
    assert_eq!(again.edges(), table.edges());
    assert_eq!(table.shape(), again.shape());
    (named(table.edges(), &read_once), read_once)
}

#[test]
fn a_table_is_read_with_its_rejects() {
    let text = "follower,followee,created_at,truth\nanna,shop,2024-05-01T12:00:00Z,x\nben,shop,,x\n,shop,,\nanna,shop,2024-04-01,y\ncarl\n";
    let (edges, read) = both(&files(&[("a.csv", text)]), &ReadOptions::default());
    let edge = |s: &str, at| (s.to_owned(), "shop".to_owned(), at);
    assert_eq!(edges, [edge("anna", Some(1_711_929_600)), edge("ben", None)]);
    let counts = &read.counts;
    assert_eq!((counts.rows, counts.taken, counts.duplicates, counts.empty, counts.broken), (5, 2, 1, 1, 1));
    assert_eq!((counts.rejects[0].file.as_str(), counts.rejects[0].line), ("a.csv", 4));
    assert_eq!((counts.rejects[1].line, counts.rejects[1].why.as_str()), (6, "expected 3 columns, found 1"));
    assert_eq!(read.notes, ["columns that assay does not know were ignored: `truth`"]);
    assert_eq!((read.files[0].rows, read.files[0].taken, read.files[0].rejected), (5, 3, 2));
    // `printf … | sha256sum` of the same bytes.
    assert_eq!(read.files[0].sha256.len(), 64);
}

#[test]
fn order_of_rows_and_files_does_not_matter() {
    let one = "source,target,at\n5,1,1376208488\n70000000000,2,\n5,2,1376208400\n";
    let two = "user\titem\nx\t1\n5\t2\n";
    let (edges, read) = both(&files(&[("1.csv", one), ("2.tsv", two)]), &ReadOptions::default());
    let (again, other) = both(&files(&[("2.tsv", two), ("1.csv", one)]), &ReadOptions::default());
    assert_eq!((&edges, &read), (&again, &other));
    assert_eq!(edges.len(), 4);
    assert_eq!(edges[1], ("5".to_owned(), "2".to_owned(), Some(1_376_208_400)));
}

#[test]
fn one_kind_shares_its_names_and_drops_loops() {
    let text = "# a comment, as SNAP writes them\n1 2\n2 1\n3 3\n2 3\n";
    let (edges, read) = both(&files(&[("a.txt", text)]), &options("", Kinds::One));
    assert_eq!(edges.len(), 3);
    assert_eq!((read.names.sources.len(), read.names.targets.is_none(), read.counts.self_loops), (3, true, 1));
    let (edges, read) = both(&files(&[("a.txt", text)]), &options("", Kinds::Two));
    assert_eq!((edges.len(), read.names.sources.len(), read.counts.self_loops), (4, 3, 0));
}

#[test]
fn packed_files_are_read_as_they_are() {
    let plain = made_csv(30_000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(plain.as_bytes()).expect("memory");
    let gzip = gzip.finish().expect("memory");
    let zstd = zstd::encode_all(plain.as_bytes(), 1).expect("memory");
    let expected = both(&files(&[("a.csv", &plain)]), &ReadOptions::default());
    for bytes in [gzip, zstd] {
        let (edges, read) = both(&vec![("a.csv".to_owned(), bytes.clone())], &ReadOptions::default());
        assert_eq!((&edges, &read.names, &read.counts), (&expected.0, &expected.1.names, &expected.1.counts));
        let cut = bytes[..bytes.len() / 2].to_vec();
        let error = read_error(vec![("a.csv".to_owned(), cut)]);
        assert!(error.starts_with("expected a readable file, found an error"), "{error}");
    }
}

fn zipped(members: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let how = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, how).expect("memory");
        zip.write_all(bytes).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

#[test]
fn tables_in_zips_are_read() {
    let one = made_csv(300);
    let two = "{\"follower\":7,\"followee\":8,\"created_at\":\"2024-05-01\"}\n";
    let inside = [("a/one.csv", one.as_bytes()), ("a/two.jsonl", two.as_bytes()), ("readme.md", b"no table")];
    let expected = both(&files(&[("one.csv", &one), ("two.jsonl", two)]), &ReadOptions::default());
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
        let bytes = zipped(&inside, method);
        let (edges, read) = both(&vec![("x.zip".to_owned(), bytes.clone())], &ReadOptions::default());
        assert_eq!((&edges, &read.counts), (&expected.0, &expected.1.counts));
        assert_eq!(read.files[0].name, "x.zip/a/one.csv");
        assert!(read.notes[0].starts_with("1 files in x.zip are no tables"), "{:?}", read.notes);
        // A byte of a member's data is changed: its checksum shows it, if nothing else does.
        let mut other = bytes;
        other[60] ^= 1;
        assert!(read_error(vec![("x.zip".to_owned(), other)]).contains("expected a readable file"));
    }
    let workbook = zipped(&[("[Content_Types].xml", b"<x/>"), ("xl/sheet.csv", b"")], zip::CompressionMethod::Stored);
    assert!(read_error(vec![("x.xlsx".to_owned(), workbook)]).contains("save the sheet as CSV"));
}

#[test]
fn json_lines_and_lists_are_told_apart() {
    let lines = "{\"source\":\"a\",\"target\":1}\n{\"target\":2,\"source\":\"b\"}\n";
    let (edges, _) = both(&files(&[("a.jsonl", lines)]), &ReadOptions::default());
    assert_eq!(edges.len(), 2);
    assert!(read_error(files(&[("a.json", "[{\"source\":1}]")])).contains("jq -c '.[]' FILE"));
    assert!(read_error(files(&[("a.json", "{\"x\":1}")])).contains("a column for the source"));
}

fn read_error(files: Files) -> String {
    read(files, ReadOptions::default()).expect_err("an error").to_string()
}

fn made_csv(n: u64) -> String {
    let mut text = String::from("source,target,at\n");
    for i in 0..n {
        let x = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let _ = writeln!(text, "{},{},{}", x >> 50, x >> 20 & 0x3ff, 1_400_000_000 + (x >> 40 & 0xffff));
    }
    text
}

#[test]
fn blocks_of_a_large_file_lose_nothing() {
    let text = made_csv(500_000);
    let (_, read) = both(&files(&[("a.csv", &text)]), &ReadOptions::default());
    assert_eq!((read.counts.rows, read.counts.broken), (500_000, 0));
    let mut pairs: Vec<(&str, &str)> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(',').map(|(s, rest)| (s, rest.split_once(',').map_or("", |p| p.0))))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    assert_eq!(read.counts.taken, pairs.len() as u64);
}

#[test]
fn a_line_without_end_is_one_broken_row() {
    let text = format!("source,target\n1,2\n{}\n3,4\n", "x".repeat(9 << 20));
    let (edges, read) = both(&files(&[("a.csv", &text)]), &ReadOptions::default());
    assert_eq!((edges.len(), read.counts.broken), (2, 1));
    assert_eq!((read.counts.rejects[0].line, read.counts.rejects[0].why.as_str()), (3, "the row is longer than 1 MiB"));
}

#[test]
fn a_bomb_is_an_error() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(b"source,target\n").expect("memory");
    let chunk = b"1,2\n".repeat(1 << 18);
    (0..8).for_each(|_| gzip.write_all(&chunk).expect("memory"));
    let mut options = ReadOptions::default();
    options.limits.ratio_max = 100;
    options.limits.ratio_free_bytes = 1 << 20;
    let error = read(vec![("a.csv.gz".to_owned(), gzip.finish().expect("memory"))], options).expect_err("a bomb");
    assert!(error.to_string().contains("100 times its size"), "{error}");
}

#[test]
fn what_is_no_table_is_refused_with_advice() {
    for (text, says) in [
        ("", "no file that holds any"),
        ("just words\nwithout columns at all\n", "column"),
        ("a,b\nx,y\n", "expected a column for the source, found columns `a`, `b` in a.csv\nhint: say which"),
        ("PK\u{3}\u{4}\0\0", "a whole zip, found a damaged"),
        ("source,target\0", "a binary file"),
    ] {
        let error = read_error(files(&[("a.csv", text)]));
        assert!(error.contains(says), "{text:?}: {error}");
    }
    assert!(read_error(vec![("a.csv".to_owned(), vec![0xff, 0xfe, b's', 0])]).contains("UTF-16"));
}

#[test]
fn reading_stops_when_told_to() {
    let opened = EdgeFiles::from_memory(files(&[("a.csv", &made_csv(10))]), ReadOptions::default()).expect("files");
    assert_eq!(opened.read(&mut |_, _| Go::Stop).map(drop), Err(EdgesError::Stopped));
}

#[test]
fn a_table_cut_at_any_byte_is_read_or_refused() {
    let text = "source,target,at\n\"a \"\"x\",1,2024-05-01T12:00:00+02:00\r\n12,\"3\n4\",\n5,6,1376208488\n";
    for n in 0..text.len() {
        if let Ok((table, read)) = read(files(&[("a.csv", &text[..n])]), ReadOptions::default()) {
            let c = &read.counts;
            assert_eq!(c.rows, c.taken + c.duplicates + c.self_loops + c.empty + c.broken, "{n}");
            assert_eq!(c.taken, table.edges().len() as u64, "{n}");
        }
    }
}
