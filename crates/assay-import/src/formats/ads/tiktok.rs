//! TikTok Ads Manager: `-` is nothing, and the last row says `Total of N results`.

use super::names::{self, TIKTOK};
use super::{AdField, Report, has_all, has_any};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "tiktok-ads",
    sentence: "A report of TikTok Ads Manager by day.",
    source: "ads.tiktok.com, Campaign, Export, with the dimension By Day",
    quality: TimeQuality::Day,
    network: Some("tiktok"),
    yields: Yields::Ads,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "campaign.csv",
            b"Date,Campaign ID,Campaign name,Campaign budget type,Currency,Cost,Impressions,Clicks (destination),Clicks (all),\
              Paid follows,Conversions,Complete payment,Complete payment value\n\
              2026-09-01,1780000000000001,Autumn,Daily,USD,18.20,9100,71,90,33,2,2,43.00\n\
              2026-09-02,1780000000000001,Autumn,Daily,USD,4.10,2000,12,15,-,0,0,0.00\n\
              Total of 2 results,-,-,-,-,22.30,11100,83,105,33,2,2,43.00\n",
        )],
        n_taken: 2,
    },
};

fn of(header: &str) -> Option<AdField> {
    names::of_platform(TIKTOK, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let own =
        ["Clicks (destination)", "Clicks (all)", "Campaign budget type", "Complete payment", "2-second video views"];
    let is_own =
        own.iter().any(|name| layout.has_header(name)) && has_any(&layout, &[AdField::Day, AdField::CampaignId]);
    if is_own && has_all(&layout, &[AdField::Spend, AdField::Impressions]) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(reading, &Report { platform: Some("tiktok"), of, order: None, period: super::no_period })
}
