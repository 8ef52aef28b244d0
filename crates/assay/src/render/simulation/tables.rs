//! Simulations as tables: every seed, world and day as Parquet; the posts of one seed as CSV, in the columns of a table of posts.

use crate::render::format::rfc3339;
use crate::report::SimulationReport;
use assay_model::{DAY_MS, TimeMs};
use assay_reach::feed::{DayRow, FIRST_DAY};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

/// A column of counts: its name and how it is read off a day.
type CountColumn = (&'static str, fn(&DayRow) -> u64);

/// A column of money.
type MoneyColumn = (&'static str, fn(&DayRow) -> f64);

/// The columns of counts, in order.
const COUNTS: [CountColumn; 20] = [
    ("day", |d| u64::from(d.day)),
    ("followers_people", |d| d.followers_people),
    ("followers_bought", |d| d.followers_bought),
    ("n_posts", |d| u64::from(d.n_posts)),
    ("impressions_followers", |d| d.impressions_followers),
    ("impressions_strangers", |d| d.impressions_strangers),
    ("impressions_bought", |d| d.impressions_bought),
    ("impressions_promoted", |d| d.impressions_promoted),
    ("engagements_people", |d| d.engagements_people),
    ("engagements_bought", |d| d.engagements_bought),
    ("engagements_promoted", |d| d.engagements_promoted),
    ("engagements_buyers", |d| d.engagements_buyers),
    ("n_joined", |d| d.n_joined),
    ("n_left", |d| d.n_left),
    ("n_delivered", |d| d.n_delivered),
    ("n_lost", |d| d.n_lost),
    ("n_purged", |d| d.n_purged),
    ("n_removed_bought", |d| d.n_removed_bought),
    ("n_removed_people", |d| d.n_removed_people),
    ("labelled", |d| u64::from(d.labelled)),
];

/// The columns of money, in minor units.
const MONEY: [MoneyColumn; 2] = [("revenue_minor", |d| d.revenue_minor), ("spend_minor", |d| d.spend_minor)];

/// Writes a row for each seed, world (`bought` or `none`) and day as Parquet.
///
/// # Errors
/// When `out` cannot be written to.
pub fn simulation_parquet(report: &SimulationReport, out: impl Write + Send) -> io::Result<()> {
    write_parquet(report, out).map_err(io::Error::other)
}

fn write_parquet(report: &SimulationReport, out: impl Write + Send) -> Result<(), ParquetError> {
    let mut schema = "message days { required int64 seed; required binary world (UTF8);".to_owned();
    for (name, _) in COUNTS {
        let _ = write!(schema, " required int64 {name};");
    }
    for (name, _) in MONEY {
        let _ = write!(schema, " required double {name};");
    }
    schema.push('}');
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_created_by(concat!("assay ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(out, Arc::new(parse_message_type(&schema)?), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    let rows = || {
        report.pairs.iter().flat_map(|p| {
            let with = p.with.days.iter().map(move |d| (p.seed, "bought", d));
            with.chain(p.without.days.iter().map(move |d| (p.seed, "none", d)))
        })
    };
    column::<Int64Type>(&mut group, &rows().map(|r| r.0 as i64).collect::<Vec<_>>())?;
    column::<ByteArrayType>(&mut group, &rows().map(|r| ByteArray::from(r.1)).collect::<Vec<_>>())?;
    for (_, read) in COUNTS {
        column::<Int64Type>(&mut group, &rows().map(|r| read(r.2) as i64).collect::<Vec<_>>())?;
    }
    for (_, read) in MONEY {
        column::<DoubleType>(&mut group, &rows().map(|r| read(r.2)).collect::<Vec<_>>())?;
    }
    group.close()?;
    writer.close()?;
    Ok(())
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

/// Writes the posts of the first seed as a table of posts, with the truth in columns of its own: what people saw and did, and
/// the share of the followers that were bought. Days are counted from 1 January 2026; posts of one day are two hours apart from
/// nine in the morning.
///
/// # Errors
/// When `out` cannot be written to.
pub fn simulated_posts_csv(report: &SimulationReport, out: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "published_at",
        "type",
        "reach",
        "fan_reach",
        "impressions",
        "engagements",
        "paid",
        "followers",
        "true_people_reach",
        "true_people_engagements",
        "true_bought_share",
    ])?;
    let style = serde_json::to_value(report.scenario.page.style)?;
    for post in report.pairs.first().iter().flat_map(|p| &p.with.posts) {
        let day = FIRST_DAY.start().0 + i64::from(post.day) * DAY_MS;
        let at = TimeMs(day + (9 + 2 * i64::from(post.nth)).min(23) * 3_600_000);
        let bought = (post.followers - post.followers_people) as f64 / (post.followers as f64).max(1.0);
        table.write_record([
            rfc3339(at),
            style.as_str().unwrap_or_default().to_owned(),
            post.reach.to_string(),
            post.fan_reach.to_string(),
            post.reach.to_string(),
            post.engagements.to_string(),
            "false".to_owned(),
            post.followers.to_string(),
            post.people_reach.to_string(),
            post.people_engagements.to_string(),
            bought.to_string(),
        ])?;
    }
    table.flush()
}
