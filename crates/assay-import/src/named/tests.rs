use super::{Block, Holds, NamedTable, Optional, Value, Wanted, read_named, read_named_blocks};
use crate::bundle::{Bundle, Limits};
use crate::error::ImportError;
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use std::io::Write as _;
use std::sync::Arc;

fn wanted() -> Vec<Wanted> {
    let column = |name: &str, holds, optional| Wanted { names: vec![name.to_owned()], holds, optional };
    vec![
        column("arm", Holds::Text, Optional::No),
        column("Order Value", Holds::Number, Optional::No),
        column("user_id", Holds::Text, Optional::Yes),
    ]
}

fn read(name: &str, bytes: &[u8]) -> Result<(Vec<String>, NamedTable), ImportError> {
    let bundle = Bundle::from_memory(vec![(name.to_owned(), bytes.to_vec())], &Limits::default())?;
    let mut rows = Vec::new();
    let mut take = |line: u64, cells: &[Value<'_>]| {
        rows.push(format!("{line} {cells:?}"));
        if matches!(cells[0], Value::Text("refused")) { Err("no such arm".to_owned()) } else { Ok(()) }
    };
    let table = read_named(&bundle, &wanted(), &mut take, &mut |_, _| assay_model::Go::On)?;
    Ok((rows, table))
}

const CSV: &str = "arm,other,order_value\nA,x,1.5\nB,y,\nrefused,z,2\nA,z,much\nA,short\n\"B\",w,\"3\"\n";

#[test]
fn one_table_reads_the_same_in_every_format() {
    let rows = [
        "[Text(\"A\"), Number(1.5), Missing]",
        "[Text(\"B\"), Missing, Missing]",
        "[Text(\"refused\"), Number(2.0), Missing]",
        "[Text(\"B\"), Number(3.0), Missing]",
    ];
    let json = "{\"arm\":\"A\",\"order_value\":1.5}\n{\"arm\":\"B\",\"order_value\":null}\n\
                {\"arm\":\"refused\",\"order_value\":\"2\"}\n{\"arm\":\"A\",\"order_value\":\"much\"}\n\
                {\"arm\":[1]}\n{\"arm\":\"B\",\"order_value\":3}\n";
    let list = format!("{{\"rows\":[{}]}}", json.trim().replace('\n', ","));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(CSV.as_bytes()).expect("memory");
    for (name, bytes) in [
        ("a.csv", CSV.as_bytes().to_vec()),
        ("a.tsv", CSV.replace(',', "\t").into_bytes()),
        ("a.csv.gz", gz.finish().expect("memory")),
        ("a.jsonl", json.as_bytes().to_vec()),
        ("a.json", list.into_bytes()),
    ] {
        let (found, table) = read(name, &bytes).expect(name);
        let cells: Vec<&str> = found.iter().map(|row| row.split_once(' ').expect("a line").1).collect();
        assert_eq!(cells, rows, "{name}");
        assert_eq!((table.file.rows, table.file.taken, table.file.rejected), (6, 3, 3), "{name}");
        let whys: Vec<&str> = table.rejects.iter().map(|r| r.why.as_str()).collect();
        assert_eq!(whys[0], "no such arm", "{name}");
        assert_eq!(whys[1], "column `order_value`: expected a number such as 12.5, found `much`", "{name}");
        assert_eq!(table.found, [Some("arm".to_owned()), Some("order_value".to_owned()), None], "{name}");
        assert_eq!(table.file.sha256.len(), 64);
    }
}

fn parquet_table() -> Vec<u8> {
    let schema = "message m { required binary arm (UTF8); optional double order_value; required int64 user_id; }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("memory");
    let mut group = writer.next_row_group().expect("memory");
    let mut n = 0;
    while let Some(mut column) = group.next_column().expect("memory") {
        let written = match n {
            0 => {
                let arms: Vec<ByteArray> = ["A", "B", "A"].into_iter().map(ByteArray::from).collect();
                column.typed::<ByteArrayType>().write_batch(&arms, None, None)
            }
            1 => column.typed::<DoubleType>().write_batch(&[1.5, f64::NAN], Some(&[1, 0, 1]), None),
            _ => column.typed::<Int64Type>().write_batch(&[7, 8, 9], None, None),
        };
        assert_eq!(written.expect("memory"), if n == 1 { 2 } else { 3 });
        column.close().expect("memory");
        n += 1;
    }
    group.close().expect("memory");
    writer.into_inner().expect("memory")
}

#[test]
fn parquet_reads_numbers_texts_and_gaps() {
    let bytes = parquet_table();
    let (rows, table) = read("a.parquet", &bytes).expect("a table");
    assert_eq!(
        rows,
        [
            "1 [Text(\"A\"), Number(1.5), Text(\"7\")]",
            "2 [Text(\"B\"), Missing, Text(\"8\")]",
            "3 [Text(\"A\"), Missing, Text(\"9\")]"
        ]
    );
    assert_eq!(table.file.taken, 3);
    for cut in [4, 20, bytes.len() / 2, bytes.len() - 9] {
        assert!(read("a.parquet", &bytes[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn what_is_missing_is_named_with_what_is_there() {
    for (name, text) in [
        ("a.csv", "group,value\nA,1\n"),
        ("a.csv", "arm,value\nA,1\n"),
        ("a.csv", ""),
        ("a.json", "[]"),
        ("a.json", "{\"arm\":\"A\"}\n"),
    ] {
        let error = read(name, text.as_bytes()).expect_err(text).to_string();
        assert!(error.contains("expected") && error.contains("hint: "), "{error}");
    }
    let error = read("a.csv", b"arm,value\nA,1\n").expect_err("no value").to_string();
    assert!(error.contains("`Order Value`") && error.contains("`value`"), "{error}");
}

/// Dates and times of a Parquet table are read as they are written in text tables: Python's `datetime` prints the same.
#[test]
fn parquet_dates_and_times_are_read_as_text() {
    let schema = "message t { required int32 arm (DATE); required int64 user_id (TIMESTAMP(MICROS,true)); required double order_value; }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("a column").expect("one");
    column.typed::<Int32Type>().write_batch(&[0, 19_782, -1, -719_468], None, None).expect("days");
    column.close().expect("closed");
    let mut column = group.next_column().expect("a column").expect("one");
    let times = [0, 1_709_164_799_250_000, -1_000_000, 951_782_400_000_000];
    column.typed::<Int64Type>().write_batch(&times, None, None).expect("times");
    column.close().expect("closed");
    let mut column = group.next_column().expect("a column").expect("one");
    column.typed::<DoubleType>().write_batch(&[1.0; 4], None, None).expect("numbers");
    column.close().expect("closed");
    group.close().expect("closed");
    writer.close().expect("closed");
    let (rows, _) = read("a.parquet", &bytes).expect("a table");
    let told = |row: &str| row.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(told(&rows[0]), ["1970-01-01", "1970-01-01T00:00:00Z"]);
    assert_eq!(told(&rows[1]), ["2024-02-29", "2024-02-28T23:59:59.250Z"]);
    assert_eq!(told(&rows[2]), ["1969-12-31", "1969-12-31T23:59:59Z"]);
    assert_eq!(told(&rows[3]), ["0000-03-01", "2000-02-29T00:00:00Z"]);
}

/// An arm may be called `none`; in other columns of text that is a word for nothing.
#[test]
fn names_may_be_words_for_nothing() {
    let column = |name: &str, holds| Wanted { names: vec![name.to_owned()], holds, optional: Optional::No };
    let wanted = [column("arm", Holds::Name), column("store", Holds::Text)];
    for (name, bytes) in [
        ("a.csv", "arm,store\nnone,none\n,x\n"),
        ("a.jsonl", "{\"arm\":\"none\",\"store\":\"none\"}\n{\"arm\":\"\",\"store\":\"x\"}\n"),
    ] {
        let bundle =
            Bundle::from_memory(vec![(name.to_owned(), bytes.as_bytes().to_vec())], &Limits::default()).expect("one");
        let mut rows = Vec::new();
        let mut take = |_: u64, cells: &[Value<'_>]| {
            rows.push(format!("{cells:?}"));
            Ok(())
        };
        read_named(&bundle, &wanted, &mut take, &mut |_, _| assay_model::Go::On).expect("a table");
        assert_eq!(rows, ["[Text(\"none\"), Missing]", "[Missing, Text(\"x\")]"], "{name}");
    }
}

/// A table of so many rows as CSV and as Parquet in groups of 30,000, with rows that cannot be read and gaps.
fn big(n: u32) -> (Vec<u8>, Vec<u8>) {
    let schema = "message m { optional binary arm (UTF8); optional double order_value; required int64 user_id; }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("memory");
    let nobody = |k: u32| k % 13 == 5 && k > 20_000;
    let mut csv = "arm,order_value,user_id\n".to_owned();
    let (arm, gap, wild) = (|k: u32| format!("arm {}", k % 5), |k: u32| k % 11 == 3, |k: u32| k % 20_011 == 7);
    for first in (0..n).step_by(30_000) {
        let rows: Vec<u32> = (first..n.min(first + 30_000)).collect();
        for k in &rows {
            let value = match k {
                k if gap(*k) => String::new(),
                k if wild(*k) => "inf".to_owned(),
                k => (f64::from(*k) / 8.0).to_string(),
            };
            let arm = if nobody(*k) { String::new() } else { arm(*k) };
            csv.extend([arm.as_str(), ",", &value, ",", &(k * 3).to_string(), "\n"]);
        }
        let mut group = writer.next_row_group().expect("memory");
        let arms: Vec<ByteArray> =
            rows.iter().filter(|k| !nobody(**k)).map(|k| ByteArray::from(arm(*k).as_str())).collect();
        let known: Vec<i16> = rows.iter().map(|k| i16::from(!nobody(*k))).collect();
        let levels: Vec<i16> = rows.iter().map(|k| i16::from(!gap(*k))).collect();
        let values: Vec<f64> = rows
            .iter()
            .filter(|k| !gap(**k))
            .map(|k| if wild(*k) { f64::INFINITY } else { f64::from(*k) / 8.0 })
            .collect();
        let mut column = group.next_column().expect("memory").expect("arms");
        column.typed::<ByteArrayType>().write_batch(&arms, Some(&known), None).expect("memory");
        column.close().expect("memory");
        let mut column = group.next_column().expect("memory").expect("values");
        column.typed::<DoubleType>().write_batch(&values, Some(&levels), None).expect("memory");
        column.close().expect("memory");
        let mut column = group.next_column().expect("memory").expect("ids");
        let ids: Vec<i64> = rows.iter().map(|k| i64::from(*k) * 3).collect();
        column.typed::<Int64Type>().write_batch(&ids, None, None).expect("memory");
        column.close().expect("memory");
        group.close().expect("memory");
    }
    (csv.into_bytes(), writer.into_inner().expect("memory"))
}

/// Reads a table by blocks: every row as its cells say, whatever makes the blocks.
fn read_by_blocks(name: &str, bytes: &[u8]) -> (Vec<String>, NamedTable, usize) {
    let bundle = Bundle::from_memory(vec![(name.to_owned(), bytes.to_vec())], &Limits::default()).expect("one file");
    let (rows, table, n_blocks, _) = read_bundle(&bundle, &by_blocks());
    (rows, table, n_blocks)
}

/// Columns as whoever reads by blocks wants them.
fn by_blocks() -> Vec<Wanted> {
    let mut wanted = wanted();
    (wanted[0].holds, wanted[2].holds) = (Holds::Name, Holds::Id);
    wanted
}

/// The same of a bundle; and how many bytes were told to be read.
fn read_bundle(bundle: &Bundle, wanted: &[Wanted]) -> (Vec<String>, NamedTable, usize, u64) {
    let (mut rows, mut n_blocks, mut n_told) = (Vec::new(), 0, 0);
    let make = |block: &mut Block| {
        let mut cells = vec![Value::Missing; wanted.len()];
        let say = |row: usize| {
            block.cells(row, &mut cells);
            (block.line(row), format!("{cells:?}"))
        };
        (0..block.len()).map(say).collect::<Vec<_>>()
    };
    let mut join = |part: Vec<(u64, String)>| {
        n_blocks += 1;
        let refused =
            part.iter().filter(|(_, cells)| cells.contains("(12.5)")).map(|(line, _)| (*line, "no".to_owned()));
        let refused = refused.collect();
        rows.extend(part.into_iter().map(|(_, cells)| cells));
        refused
    };
    let mut tick = |done, _| {
        n_told = done;
        assay_model::Go::On
    };
    let table = read_named_blocks(bundle, wanted, &make, &mut join, &mut tick).expect("a table");
    (rows, table, n_blocks, n_told)
}

/// In every format, by cells and by blocks: what is neither yes nor no is missing, and takes no row out.
#[test]
fn flags_that_say_neither_are_missing_and_their_rows_stay() {
    let csv = "arm,saw,also\na,1,1\na,no,0\nb,maybe,2\nb,,\nb,2,0.5\na,TRUE,inf\n";
    let json = "{\"arm\":\"a\",\"saw\":1,\"also\":1}\n{\"arm\":\"a\",\"saw\":false,\"also\":0}\n\
                {\"arm\":\"b\",\"saw\":\"maybe\",\"also\":2}\n{\"arm\":\"b\",\"saw\":null}\n\
                {\"arm\":\"b\",\"saw\":[2],\"also\":0.5}\n{\"arm\":\"a\",\"saw\":true,\"also\":{}}\n";
    let message = "message rows { required binary arm (UTF8); optional binary saw (UTF8); optional double also; }";
    let schema = Arc::new(parse_message_type(message).expect("a schema"));
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("memory");
    let mut group = writer.next_row_group().expect("memory");
    let text = |texts: &[&str]| texts.iter().map(|t| ByteArray::from(*t)).collect::<Vec<_>>();
    let mut column = group.next_column().expect("memory").expect("arms");
    column.typed::<ByteArrayType>().write_batch(&text(&["a", "a", "b", "b", "b", "a"]), None, None).expect("memory");
    column.close().expect("memory");
    let levels = [1, 1, 1, 0, 1, 1];
    let mut column = group.next_column().expect("memory").expect("texts");
    let saw = text(&["1", "no", "maybe", "2", "TRUE"]);
    column.typed::<ByteArrayType>().write_batch(&saw, Some(&levels), None).expect("memory");
    column.close().expect("memory");
    let mut column = group.next_column().expect("memory").expect("numbers");
    let also = [1.0, 0.0, 2.0, 0.5, f64::INFINITY];
    column.typed::<DoubleType>().write_batch(&also, Some(&levels), None).expect("memory");
    column.close().expect("memory");
    group.close().expect("memory");
    let packed = writer.into_inner().expect("memory");
    let flags = [Some(1.0), Some(0.0), None, None, None, Some(1.0)];
    let others = [Some(1.0), Some(0.0), None, None, None, None];
    let column = |name: &str, holds| Wanted { names: vec![name.to_owned()], holds, optional: Optional::No };
    let wanted = [column("arm", Holds::Name), column("saw", Holds::Flag), column("also", Holds::Flag)];
    let say = |cells: &[Value<'_>]| {
        let number = |cell| if let Value::Number(x) = cell { Some(x) } else { None };
        (number(cells[1]), number(cells[2]))
    };
    for (name, bytes) in [("a.csv", csv.as_bytes()), ("a.jsonl", json.as_bytes()), ("a.parquet", &packed[..])] {
        let bundle = || Bundle::from_memory(vec![(name.to_owned(), bytes.to_vec())], &Limits::default()).expect("one");
        let expected: Vec<_> = flags.into_iter().zip(others).collect();
        let mut rows = Vec::new();
        let mut take = |_: u64, cells: &[Value<'_>]| {
            rows.push(say(cells));
            Ok(())
        };
        let table = read_named(&bundle(), &wanted, &mut take, &mut |_, _| assay_model::Go::On).expect(name);
        assert_eq!((table.file.taken, table.file.rejected), (6, 0), "{name}");
        assert_eq!(rows, expected, "{name}");
        let make = |block: &mut Block| {
            let mut cells = [Value::Missing; 3];
            let row = |row| {
                block.cells(row, &mut cells);
                say(&cells)
            };
            (0..block.len()).map(row).collect::<Vec<_>>()
        };
        let mut rows = Vec::new();
        let mut join = |part: Vec<_>| {
            rows.extend(part);
            Vec::new()
        };
        read_named_blocks(&bundle(), &wanted, &make, &mut join, &mut |_, _| assay_model::Go::On).expect(name);
        assert_eq!(rows, expected, "{name} by blocks");
    }
}

#[test]
fn blocks_come_in_the_order_of_the_file_on_a_thread_of_a_pool_and_off_it() {
    let n = 100_000;
    let (csv, parquet) = big(n);
    let (rows, table, n_blocks) = read_by_blocks("a.csv", &csv);
    assert!(n_blocks > 1);
    assert_eq!((table.file.rows, table.file.rejected), (u64::from(n), 6));
    assert_eq!(table.rejects.iter().map(|r| r.line).collect::<Vec<_>>(), [9, 102, 20_020, 40_031, 60_042, 80_053]);
    assert_eq!(table.rejects[1].why, "no");
    let (same, packed, n_blocks) = read_by_blocks("a.parquet", &parquet);
    assert!(n_blocks > 1);
    assert!(rows == same, "CSV and Parquet differ");
    // Lines of Parquet have no header before them.
    assert_eq!(
        packed.rejects.iter().map(|r| r.line + 1).collect::<Vec<_>>(),
        table.rejects.iter().map(|r| r.line).collect::<Vec<_>>()
    );
    assert_eq!(packed.rejects[0].why, "column `order_value`: expected a finite number, found an infinite one");
    // Places of numbers are told as the numbers are, and so are groups of rows that have none, with hashes or without.
    let path = std::env::temp_dir().join(format!("assay-named-{}.parquet", std::process::id()));
    std::fs::write(&path, &parquet).expect("a file");
    for is_hashed in [true, false] {
        let bundle = Bundle::open(&[&path], &Limits::default()).expect("one file");
        let bundle = if is_hashed { bundle } else { bundle.unhashed() };
        let (again, table, _, told) = read_bundle(&bundle, &by_blocks());
        assert!(rows == again, "hashed: {is_hashed}");
        assert_eq!(table.file.sha256.len(), if is_hashed { 64 } else { 0 });
        assert!(told * 2 > parquet.len() as u64, "{told} of {} bytes were told of", parquet.len());
    }
    // Without the ids, a group without infinite numbers is read by dictionaries alone, whatever the groups before were; and a
    // column that is not there is missing.
    let mut few = by_blocks();
    few[2].names = vec!["nobody has it".to_owned()];
    let text = Bundle::from_memory(vec![("a.csv".to_owned(), csv.clone())], &Limits::default()).expect("one file");
    let packed = Bundle::open(&[&path], &Limits::default()).expect("one file");
    let (of_text, of_packed) = (read_bundle(&text, &few).0, read_bundle(&packed, &few).0);
    assert!(of_text == of_packed && of_text.len() == rows.len() && of_text != rows, "by dictionaries alone");
    std::fs::remove_file(&path).expect("the file");
    // On a thread of a pool blocks are made one after another.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    for (name, bytes) in [("a.csv", &csv), ("a.parquet", &parquet)] {
        let (again, ..) = pool.install(|| read_by_blocks(name, bytes));
        assert!(rows == again, "{name} in a row");
    }
}
