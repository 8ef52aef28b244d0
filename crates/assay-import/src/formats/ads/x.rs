//! X Ads: a row a campaign and day, and a last row of totals. The days of the campaign are not those of the row.

use super::names::{self, X};
use super::{AdField, Report, has_all, has_any};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "x-ads",
    sentence: "A report of X Ads by campaign and day.",
    source: "ads.x.com, Campaigns, Export, by day",
    quality: TimeQuality::Day,
    network: Some("x"),
    yields: Yields::Ads,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "campaigns.csv",
            b"id,Campaign,Campaign URL,Funding Instrument ID,Funding Instrument Name,Time,Campaign Start Date,Campaign End Date,\
              Spend,Impressions,Clicks,Follows\n\
              c1,Follower push,https://ads.x.com/c1,f1,Card,2026-09-12 00:00,2026-09-12,2026-09-14,150.00,44000,310,1180\n\
              c1,Follower push,https://ads.x.com/c1,f1,Card,2026-09-13 00:00,2026-09-12,2026-09-14,20.00,5000,41,96\n\
              ,,,,,Total,,,170.00,49000,351,1276\n",
        )],
        n_taken: 2,
    },
};

fn of(header: &str) -> Option<AdField> {
    names::of_platform(X, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let own = ["Funding Instrument ID", "Funding Instrument Name", "Campaign URL"];
    let is_own = own.iter().any(|name| layout.has_header(name)) && has_any(&layout, &[AdField::Day, AdField::From]);
    if is_own && has_all(&layout, &[AdField::Spend, AdField::Impressions]) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(reading, &Report { platform: Some("x"), of, order: None, period: super::no_period })
}
