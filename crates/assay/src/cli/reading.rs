//! Options on how tables are to be read, which all commands that read them share.

use super::Failure;
use crate::config::Config;
use crate::pipeline::Error;
use crate::pipeline::workspace::calendar_of;
use assay_import::{DateOrder, DecimalSign, HeaderMap, HeaderPair, ReadOptions, Zone};
use assay_model::Calendar;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What files do not say of themselves.
#[derive(Debug, Args)]
pub(super) struct ReadingArgs {
    /// Times that name no zone are of this one, and days are counted in it, such as Europe/Berlin or +02:00 [default: UTC]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true, value_parser = zone, help_heading = "Reading")]
    tz: Option<Zone>,
    /// Read the column HEADER as COLUMN (see `assay formats --columns`); may be given more than once
    #[arg(long, value_name = "HEADER=COLUMN", value_parser = pair, help_heading = "Reading")]
    map: Vec<HeaderPair>,
    /// Read such pairs from FILE, one a line; --map goes before it
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    map_file: Option<PathBuf>,
    /// Which number comes first in dates such as 3/4/2026, where the file does not show it
    #[arg(long, value_name = "ORDER", help_heading = "Reading")]
    dates: Option<Dates>,
    /// The sign before decimals in numbers such as 1.234, where the file does not show it
    #[arg(long, value_name = "SIGN", help_heading = "Reading")]
    decimals: Option<Decimals>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Dates {
    DayFirst,
    MonthFirst,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decimals {
    Point,
    Comma,
}

impl ReadingArgs {
    /// How days and weeks are counted.
    pub(super) fn calendar(&self, config: &Config) -> Result<Calendar, Failure> {
        let zone = self.tz.as_ref().map(Zone::name).or_else(|| config.value("zone"));
        Ok(calendar_of(zone, config.value("week-start"))?)
    }

    /// The name of the zone that was told.
    pub(super) fn zone(&self) -> Option<&str> {
        self.tz.as_ref().map(Zone::name)
    }

    /// The options, with the file of pairs read.
    pub(super) fn options(&self) -> Result<ReadOptions, Failure> {
        let mut headers = HeaderMap::default();
        if let Some(path) = &self.map_file {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|e| Error::Input {
                message: format!("{shown}: expected a file of header=column, found none that can be read ({e})"),
                hint: Some("check the path and that it is text in UTF-8".to_owned()),
            })?;
            headers = HeaderMap::parse(&text, &shown).map_err(Error::from)?;
        }
        headers.extend(&HeaderMap { pairs: self.map.clone() });
        Ok(ReadOptions {
            zone: self.tz.clone(),
            headers,
            dates: self.dates.map(|dates| match dates {
                Dates::DayFirst => DateOrder::DayFirst,
                Dates::MonthFirst => DateOrder::MonthFirst,
            }),
            decimals: self.decimals.map(|sign| match sign {
                Decimals::Point => DecimalSign::Point,
                Decimals::Comma => DecimalSign::Comma,
            }),
        })
    }
}

fn zone(text: &str) -> Result<Zone, String> {
    Zone::parse(text).map_err(|error| error.to_string())
}

fn pair(text: &str) -> Result<HeaderPair, String> {
    HeaderMap::pair(text).map_err(|error| error.to_string())
}
