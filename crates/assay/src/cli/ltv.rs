//! `assay ltv`: what the customers of today will order, and what that is worth.

use super::audit::{confidence, date};
use super::output::Place;
use super::reading::ReadingArgs;
use super::talk::Talk;
use super::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::{self, LtvOptions};
use crate::render;
use assay_math::Seed;
use assay_model::{Day, Go};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Tell what customers will order and are worth, checked against what earlier forecasts missed
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct LtvArgs {
    /// Tables of orders of one business: CSV, TSV, JSON or Parquet; several are read as one
    #[arg(required = true, value_name = "ORDERS")]
    paths: Vec<PathBuf>,
    /// The last day that is known to the models; what came later is laid beside the forecast [default: the last order's]
    #[arg(long, value_name = "DATE", value_parser = date)]
    cutoff: Option<jiff::civil::Date>,
    /// How far ahead: days (90d), weeks (39w), months (12m) or years (1y)
    #[arg(long, value_name = "TIME", default_value = "26w", value_parser = horizon)]
    horizon: u32,
    /// Sum the value of a customer over this many months
    #[arg(long, value_name = "MONTHS", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=120))]
    value_months: u32,
    /// Discount the value by this share a month
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = discount)]
    discount: f64,
    /// Take the orders in this currency alone
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Confidence of the intervals
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = confidence)]
    confidence: f64,
    /// Seed of every random step
    #[arg(long, value_name = "N", default_value_t = pipeline::DEFAULT_SEED.0)]
    seed: u64,
    #[command(flatten)]
    reading: ReadingArgs,
    /// How to write the answer; `csv` has a row for each customer
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: LtvFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// End with exit code 3 when any row could not be read
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
}

const EXAMPLES: &str = "\
Examples:
  assay ltv orders.csv
  assay ltv orders.csv --cutoff 2026-06-30 --horizon 26w
  assay ltv orders.csv --horizon 1y --format json --out value.json
  assay ltv orders.csv --format csv --out customers.csv

Orders of one customer on one day count as one; days are those of --tz, or of the zone of a
workspace that --workspace names. Customers who have yet to come are not in the
forecast. With a cutoff before the last order the forecast is laid beside what came.";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LtvFormat {
    Text,
    Json,
    Csv,
}

/// Runs the command.
pub(super) fn run(args: &LtvArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    place.spare(&args.paths)?;
    let options = LtvOptions {
        cutoff: args.cutoff.map(day),
        horizon_days: args.horizon,
        value_months: args.value_months,
        discount_monthly: args.discount,
        currency: args.currency.clone(),
        confidence: args.confidence,
        seed: Seed(args.seed),
        reading: args.reading.options()?,
        calendar: args.reading.calendar(config)?,
    };
    let mut watch = |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let report = pipeline::ltv(&args.paths, &options, &mut watch)?;
    talk.end_steps();
    match args.format {
        LtvFormat::Json => place.write(|out| render::ltv::json(&report, out))?,
        LtvFormat::Csv => place.write(|out| render::ltv::customers_csv(&report, out))?,
        LtvFormat::Text => {
            let colour = if place == Place::Stdout { talk.colour_on_stdout() } else { render::Colour::Never };
            let text = render::ltv::text(&report, colour, Talk::width_of_stdout());
            place.write(|out| out.write_all(text.as_bytes()))?;
        }
    }
    if args.strict && report.origin.n_rejected > 0 {
        return Err(Failure::Strict { n_rejected: report.origin.n_rejected });
    }
    Ok(())
}

fn day(date: jiff::civil::Date) -> Day {
    Day((date - jiff::civil::date(1970, 1, 1)).get_days())
}

/// Days of a text such as 90d, 39w, 12m, 1y; a bare number counts days.
fn horizon(text: &str) -> Result<u32, String> {
    const EXPECTED: &str = "expected a time such as 90d, 39w, 12m or 1y, at most 10 years";
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let days = match &text[digits.len()..] {
        "" | "d" => 1.0,
        "w" => 7.0,
        "m" => 365.25 / 12.0,
        "y" => 365.25,
        _ => return Err(EXPECTED.to_owned()),
    };
    let n: u32 = digits.parse().map_err(|_| EXPECTED.to_owned())?;
    let days = (f64::from(n) * days).round();
    if (1.0..=3_653.0).contains(&days) { Ok(days as u32) } else { Err(EXPECTED.to_owned()) }
}

fn discount(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|s: &f64| (0.0..1.0).contains(s));
    share.ok_or_else(|| "expected a share from 0 to below 1, such as 0.01".to_owned())
}

#[cfg(test)]
mod tests {
    use super::horizon;

    #[test]
    fn horizons_are_read_in_days() {
        for (text, days) in [("39w", 273), ("90d", 90), ("90", 90), ("12m", 365), ("1y", 365)] {
            assert_eq!(horizon(text), Ok(days), "{text}");
        }
        for text in ["", "w", "0d", "-3d", "3x", "99y", "1.5w"] {
            assert!(horizon(text).is_err(), "{text}");
        }
    }
}
