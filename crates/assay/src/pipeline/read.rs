//! Interim reader of follower tables, until the importers land.

use super::gather::{Gather, Gathered};
use super::{Error, Step, Watch};
use crate::report::{FormatUsed, Warning};
use assay_import::Sink;
use assay_model::{DAY_MS, Fact, Flag, Follow, Go, ListOrder, RowRef, SourceFile, TimeMs, TimeQuality};
use std::path::PathBuf;

pub(super) struct Read {
    pub(super) gathered: Gathered,
    pub(super) format: FormatUsed,
    pub(super) warnings: Vec<Warning>,
}

pub(super) fn read(inputs: &[PathBuf], _format: Option<&str>, watch: &mut Watch<'_>) -> Result<Read, Error> {
    let mut sink = Gather::new(watch);
    let mut unknown = Vec::new();
    let mut files = Vec::new();
    for (file, path) in inputs.iter().enumerate() {
        let failed =
            |e: &dyn std::fmt::Display| Error::Input { message: format!("{}: {e}", path.display()), hint: None };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(|e| failed(&e))?;
        let header = reader.byte_headers().map_err(|e| failed(&e))?.clone();
        let names: Vec<String> = header.iter().map(|h| String::from_utf8_lossy(h).trim().to_lowercase()).collect();
        for name in &names {
            if !KNOWN.contains(&name.as_str()) {
                unknown.push(name.clone());
            }
        }
        let mut row = csv::ByteRecord::new();
        let mut line = 1_u64;
        while reader.read_byte_record(&mut row).map_err(|e| failed(&e))? {
            line += 1;
            let mut f = Follow { source: RowRef { file: file as u32, line: line as u32 }, ..Follow::default() };
            for (name, cell) in names.iter().zip(row.iter()) {
                let Ok(cell) = std::str::from_utf8(cell) else { continue };
                let cell = cell.trim();
                if cell.is_empty() {
                    continue;
                }
                match name.as_str() {
                    "account_id" => f.account_id = Some(cell),
                    "handle" => f.handle = Some(cell),
                    "display_name" => f.display_name = Some(cell),
                    "display_name_length" => f.display_name_length = cell.parse().ok(),
                    "follow_rank" => f.follow_rank = cell.parse().ok(),
                    "followed_at" => f.followed_at = time(cell),
                    "created_at" => f.created_at = time(cell),
                    "followers" => f.followers = cell.parse().ok(),
                    "following" => f.following = cell.parse().ok(),
                    "posts" => f.posts = cell.parse().ok(),
                    "likes" => f.likes = cell.parse().ok(),
                    "listed" => f.listed = cell.parse().ok(),
                    "bio_length" => f.bio_length = cell.parse().ok(),
                    "has_avatar" => f.has_avatar = flag(cell),
                    "default_profile" => f.default_profile = flag(cell),
                    "verified" => f.verified = flag(cell),
                    "private" => f.private = flag(cell),
                    "has_url" => f.has_url = flag(cell),
                    "last_active_at" => f.last_active_at = time(cell),
                    "language" => f.language = Some(cell),
                    "country" => f.country = Some(cell),
                    _ => {}
                }
            }
            if sink.fact(Fact::Follow(f)) == Go::Stop {
                return Err(Error::Interrupted);
            }
        }
        let rows = line - 1;
        files.push(SourceFile {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            sha256: "0".repeat(64),
            rows,
            taken: rows,
            rejected: 0,
        });
    }
    let mut gathered = sink.into_gathered();
    gathered.order = ListOrder::Stated;
    gathered.quality = quality(&gathered);
    gathered.facts.files = files;
    let warnings = if unknown.is_empty() {
        Vec::new()
    } else {
        vec![Warning { id: "unknown-columns", text: format!("columns ignored: {}", unknown.join(", ")) }]
    };
    let _ = Step::Reading;
    Ok(Read { gathered, format: FormatUsed { id: "table", sentence: "A table of followers." }, warnings })
}

const KNOWN: [&str; 21] = [
    "account_id",
    "handle",
    "display_name",
    "display_name_length",
    "follow_rank",
    "followed_at",
    "created_at",
    "followers",
    "following",
    "posts",
    "likes",
    "listed",
    "bio_length",
    "has_avatar",
    "default_profile",
    "verified",
    "private",
    "has_url",
    "last_active_at",
    "language",
    "country",
];

fn quality(gathered: &Gathered) -> TimeQuality {
    let times = || gathered.list.followed_at.iter().flatten();
    if !gathered.list.followed_at.has_values() {
        TimeQuality::Unknown
    } else if times().all(|t| t.0.rem_euclid(DAY_MS) == 0) {
        TimeQuality::Day
    } else if times().all(|t| t.0.rem_euclid(60_000) == 0) {
        TimeQuality::Minute
    } else {
        TimeQuality::Exact
    }
}

fn flag(cell: &str) -> Option<Flag> {
    match cell {
        "1" | "true" | "True" => Some(Flag::YES),
        "0" | "false" | "False" => Some(Flag::NO),
        _ => None,
    }
}

/// `YYYY-MM-DD[THH:MM:SSZ]`.
fn time(cell: &str) -> Option<TimeMs> {
    let n = |a: usize, b: usize| cell.get(a..b)?.parse::<i64>().ok();
    let (y, m, d) = (n(0, 4)?, n(5, 7)?, n(8, 10)?);
    let shifted = if m <= 2 { y - 1 } else { y };
    let era = shifted.div_euclid(400);
    let yoe = shifted - era * 400;
    let doy = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
    let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
    let s = match (n(11, 13), n(14, 16), n(17, 19)) {
        (Some(h), Some(m), Some(s)) => h * 3_600 + m * 60 + s,
        _ => 0,
    };
    Some(TimeMs(days * DAY_MS + s * 1_000))
}
