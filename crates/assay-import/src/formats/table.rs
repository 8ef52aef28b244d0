//! A plain follower table: delimited text, JSON or Parquet, with columns known by their names.

use crate::columns::Column;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::table::{Gathered, delimited, is_follower_header, json, parquet};
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "table",
    sentence: "A table with a follower a row, as CSV, TSV, JSON lines, a JSON list or Parquet.",
    source: "column names in `assay formats --columns`",
    quality: TimeQuality::Exact,
    yields: Yields::Followers,
    layout: Layout::Columns,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "followers.csv",
                b"account_id,Handle,followRank,followed_at,created_at,followers,following,verified,vendor\n\
                  1,anna,0,2024-05-01T10:20:30Z,2013-08-11T08:08:08Z,\"1,204\",310,1,\n\
                  2,ben,1,2024-05-01 10:25:00+02:00,2019-01-01,12,44,false,x\n",
            ),
            (
                "more.json",
                b"[{\"id\":3,\"screen_name\":\"cleo\",\"followers_count\":7,\"friends_count\":9,\"follow_rank\":2}]",
            ),
        ],
        n_taken: 3,
    },
};

const EXTENSIONS: [&str; 9] = ["csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "parquet", "pq"];

fn recognise(peek: &Peek<'_>) -> Claim {
    if !peek.is_single() && !EXTENSIONS.contains(&peek.extension()) {
        return Claim::No;
    }
    if peek.raw().starts_with(parquet::MAGIC) {
        let names = parquet::names(peek.bundle, peek.member);
        // A packed Parquet file keeps its names to itself until it is read.
        let takes = names.map_or(peek.is_single() || peek.extension() == "parquet", |names| is_follower_header(&names));
        return if takes { Claim::List } else { Claim::No };
    }
    let head = peek.head();
    if head.iter().all(u8::is_ascii_whitespace) {
        let empty = peek.is_single() && EXTENSIONS.contains(&peek.extension()) && peek.extension() != "txt";
        return if empty { Claim::List } else { Claim::No };
    }
    let takes = match json::shape(head) {
        Some((_, keys)) if keys.is_empty() => peek.is_single() && is_empty_list(head),
        Some((_, keys)) => is_follower_header(&keys),
        None => delimited::dialect(head, Column::of).is_some_and(|d| is_follower_header(&d.header)),
    };
    if takes { Claim::List } else { Claim::No }
}

fn is_empty_list(head: &[u8]) -> bool {
    head.iter().copied().filter(|b| !b.is_ascii_whitespace()).eq(*b"[]")
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut gathered = Gathered::default();
    let bundle = reading.bundle;
    for member in reading.members.clone() {
        let raw = bundle.head(member)?;
        let head = reading.head(member);
        reading.file(member, |stream, desk| {
            if raw.starts_with(parquet::MAGIC) {
                parquet::read(bundle, member, stream, desk, &mut gathered)
            } else if json::shape(&head).is_some() {
                json::read(stream, desk, &mut gathered)
            } else {
                delimited::read(stream, desk, &mut gathered)
            }
        })?;
    }
    gathered.conclude(reading)
}
