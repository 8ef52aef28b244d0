//! LinkedIn Campaign Manager: UTF-16 with tabs, and lines about the report above the table.
//!
//! Rows carry a first day alone. Where all of them share the first day of the report, they are sums over the report, and
//! stay a span. Viral figures are unpaid spill-over and are not taken.

use super::names::{self, LINKEDIN};
use super::{AdField, Report, has_all, has_any};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export;
use crate::export::cells::day;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Day, TimeQuality};

pub(crate) const IMPORTER: Importer = Importer {
    id: "linkedin-ads",
    sentence: "A performance report of LinkedIn Campaign Manager.",
    source: "linkedin.com/campaignmanager, Export, Campaign or Ad Performance, time breakdown Daily",
    quality: TimeQuality::Day,
    network: Some("linkedin"),
    yields: Yields::Ads,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "ad_performance.csv",
            b"Ad Performance Report (in UTC)\n\"Report Start: September 1, 2026, 12:00 AM\"\n\
              \"Report End: September 30, 2026, 11:59 PM\"\n\"Date Generated: October 1, 2026, 8:00 AM\"\n\n\
              Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Name\tCampaign ID\tCreative Name\tTotal Spent\tImpressions\t\
              Clicks\tFollows\tTotal Engagements\tConversions\n\
              09/01/2026\tRoastery\tUSD\tOffices\t312000001\tAd 1\t41.20\t5,120\t39\t2\t46\t1\n\
              09/02/2026\tRoastery\tUSD\tOffices\t312000001\tAd 1\t1.15\t88\t0\t0\t0\t0\n",
        )],
        n_taken: 2,
    },
};

fn of(header: &str) -> Option<AdField> {
    names::of_platform(LINKEDIN, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let own = ["Start Date (in UTC)", "Total Spent", "Gesamtausgaben", "Total dépensé", "Total gastado"];
    let is_own =
        own.iter().any(|name| layout.has_header(name)) && has_any(&layout, &[AdField::Campaign, AdField::AdSet]);
    if is_own && has_all(&layout, &[AdField::From, AdField::Spend, AdField::Impressions]) {
        Claim::List
    } else {
        Claim::No
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(reading, &Report { platform: Some("linkedin"), of, order: Some(crate::DateOrder::MonthFirst), period })
}

/// The days of the report, from the lines that name its start and its end.
fn period(before: &[Vec<String>]) -> Option<(Day, Day)> {
    let mut days = before.iter().filter_map(|line| {
        let line = line.join(",");
        let (_, said) = line.split_once(": ")?;
        let said = said.rsplit_once(", ").filter(|(_, clock)| clock.contains(':')).map_or(said, |(day, _)| day);
        day(said.trim(), None).ok()
    });
    let (first, last) = (days.next()?, days.next()?);
    (first <= last).then_some((first, last))
}
