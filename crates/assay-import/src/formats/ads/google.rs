//! Google Ads: two lines about the report, then the table; UTF-16 with tabs where it was saved for Excel.
//!
//! ` --` is nothing; rows of totals stand at the end, one for each thing that can be summed.

use super::names::{self, GOOGLE};
use super::{AdField, Report, has_all, has_any};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export;
use crate::export::cells::day;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Day, TimeQuality};

pub(crate) const IMPORTER: Importer = Importer {
    id: "google-ads",
    sentence: "A campaign report of Google Ads, as CSV or as tabs in UTF-16.",
    source: "ads.google.com, Campaigns, Download, with the segment Day",
    quality: TimeQuality::Day,
    network: Some("google"),
    yields: Yields::Ads,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "Campaign report.csv",
            b"Campaign report\n\"September 1, 2026 - September 30, 2026\"\n\
              Day,Campaign,Campaign status,Currency code,Cost,Impr.,Clicks,CTR,Conversions,Conv. value\n\
              2026-09-01,Brand,Enabled,USD,\"1,204.10\",\"12,345\",210,1.70%,4.00,86.00\n\
              2026-09-02,Brand,Paused,USD,0.00,0,0, --,0.00,0.00\n\
              Total: Campaigns,,,USD,\"1,204.10\",\"12,345\",210,1.70%,4.00,86.00\n",
        )],
        n_taken: 2,
    },
};

fn of(header: &str) -> Option<AdField> {
    names::of_platform(GOOGLE, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let is_placed = has_any(&layout, &[AdField::Day]) || period(&layout.before).is_some();
    // No other platform cuts the word for impressions short.
    let short = ["Impr.", "Göst."].iter().any(|name| layout.has_header(name)) || period(&layout.before).is_some();
    if is_placed && short && has_all(&layout, &[AdField::Spend, AdField::Impressions]) {
        Claim::List
    } else {
        Claim::No
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(reading, &Report { platform: Some("google"), of, order: None, period })
}

/// The days of the report, from the line `September 1, 2026 - September 30, 2026`.
fn period(before: &[Vec<String>]) -> Option<(Day, Day)> {
    before.iter().find_map(|line| {
        let line = line.join(",");
        let (first, last) = line.split_once(" - ").or_else(|| line.split_once(" – "))?;
        Some((day(first.trim(), None).ok()?, day(last.trim(), None).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::period;
    use assay_model::Day;

    /// `date -u -d 2026-09-01 +%s` divided by 86400, and of the last of the month.
    #[test]
    fn the_days_of_a_report_stand_above_it() {
        for line in ["September 1, 2026 - September 30, 2026", "1. September 2026 – 30. September 2026"] {
            let before = vec![vec!["Campaign report".to_owned()], vec![line.to_owned()]];
            assert_eq!(period(&before), Some((Day(20_697), Day(20_726))), "{line}");
        }
        assert_eq!(period(&[vec!["All time".to_owned()]]), None);
    }
}
