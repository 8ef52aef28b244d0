//! A table of advertising whose author is not known, by the names of its columns.

use super::names;
use super::{AdField, Report, has_all, has_any};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "ads",
    sentence: "A table of advertising by column names: a day or a campaign a row, what it cost, and what it brought.",
    source: "column names in `assay formats --columns`",
    quality: TimeQuality::Day,
    network: None,
    yields: Yields::Ads,
    layout: Layout::Columns,
    recognise,
    read,
    control: Control {
        files: &[(
            "spend.csv",
            b"Campaign Name;Date;Spend [USD];Impressions;Reach;Website Clicks;Searches;Purchase\n\
              Control;1.08.2019;2280;82702;56930;7016;2290;618\nControl;2.08.2019;1757;\n\
              Control;13.08.2019;2343;131711;110862;6508;1737;372\n",
        )],
        n_taken: 3,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, names::of_table) else { return Claim::No };
    let entities =
        [AdField::Campaign, AdField::CampaignId, AdField::AdSet, AdField::AdSetId, AdField::Ad, AdField::AdId];
    let seen = [AdField::Impressions, AdField::Clicks, AdField::ClicksAll, AdField::Reach];
    let is_ads = has_any(&layout, &entities) || layout.has(AdField::Platform);
    if is_ads && has_all(&layout, &[AdField::Spend]) && has_any(&layout, &seen) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    super::read(reading, &Report { platform: None, of: names::of_table, order: None, period: super::no_period })
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn the_last_row_may_be_cut_and_others_may_lack_cells() {
        let kept = run_files(&[("a.csv", b"campaign;day;spend;clicks\nA;1.8.2019;7;2\nA;2.8.2019;9\nA;13.8.2019;1")]);
        let kept = kept.expect("a table");
        assert_eq!((kept.others.len(), kept.rejects.len()), (2, 1), "{:?}", kept.rejects);
        assert!(kept.rejects[0].why.contains("may be cut"), "{:?}", kept.rejects);
    }

    /// Sums by `awk -F, 'NR>1 { s += $10; c += $9 } END { printf "%.2f %d\n", s, c }'`.
    #[test]
    fn tables_of_the_shared_data() {
        let Some(folder) = shared("experiments") else { return };
        for (name, n) in [("ads_by_segment.csv", 1_143), ("campaign_control.csv", 30), ("campaign_test.csv", 30)] {
            let kept = run(&open(folder.join(name))).expect("a table");
            assert_eq!((kept.others.len(), kept.rejects.len()), (n, 0), "{name}: {:?}", kept.rejects.first());
            let (spend, clicks, purchases) = crate::samples::sums(&kept.ads);
            let expected = match name {
                "ads_by_segment.csv" => ("58705.23", 38_165, 1_079.0),
                "campaign_control.csv" => ("68653.00", 154_303, 15_161.0),
                _ => ("76892.00", 180_970, 15_637.0),
            };
            assert_eq!((format!("{spend:.2}").as_str(), clicks, purchases), expected, "{name}");
        }
    }
}
