//! Meta Ads Manager, in the languages that it writes headers in.
//!
//! The first row may be a summary with empty names; a report that is scheduled begins with lines about itself; without the
//! breakdown by day a month stands in one row.

use super::names::{self, META};
use super::{AdField, Report, has_all, has_any};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "meta-ads",
    sentence: "A report of Meta Ads Manager, in any of nine languages.",
    source: "adsmanager.facebook.com, Reports, Export table data, as CSV, broken down by Day",
    quality: TimeQuality::Day,
    network: Some("meta"),
    yields: Yields::Ads,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "Ads.csv",
            "\u{feff}Reporting starts,Reporting ends,Campaign name,Ad set name,Results,Result indicator,Reach,Impressions,\
             Amount spent (EUR),Link clicks,Purchases,Purchases conversion value\n\
             2026-09-01,2026-09-02,,,4,actions:offsite_conversion.fb_pixel_purchase,900,1300,17.55,31,4,80\n\
             2026-09-01,2026-09-01,Autumn,Lookalike,3,actions:offsite_conversion.fb_pixel_purchase,500,700,9.30,20,3,60\n\
             2026-09-02,2026-09-02,Autumn,Lookalike,1,actions:offsite_conversion.fb_pixel_purchase,450,600,8.25,11,1,20\n"
                .as_bytes(),
        )],
        n_taken: 2,
    },
};

fn of(header: &str) -> Option<AdField> {
    names::of_platform(META, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let is_dated = layout.has(AdField::From) || layout.has(AdField::Day);
    let own = [
        AdField::ResultIndicator,
        AdField::Results,
        AdField::Reach,
        AdField::Attribution,
        AdField::AdSet,
        AdField::Campaign,
    ];
    if is_dated && has_all(&layout, &[AdField::Spend]) && has_any(&layout, &own) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(reading, &Report { platform: Some("meta"), of, order: None, period: super::no_period })
}
