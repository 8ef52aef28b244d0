//! Plausible: a zip of tables, visitors by day and then the same visits by source, page or campaign.
//!
//! The tables without a day are of the days that `visitors.csv` beside them spans.

use super::{VisitField, figures, of};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::{self, Habits};
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};

use assay_model::{Day, Fact, TimeQuality, VisitRow};

pub(crate) const IMPORTER: Importer = Importer {
    id: "plausible",
    sentence: "The export of Plausible: visitors by day, by source, by page and by campaign.",
    source: "plausible.io, the site's dashboard, Export stats",
    quality: TimeQuality::Day,
    network: None,
    yields: Yields::Visits,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "visitors.csv",
                b"date,visitors,pageviews,visits,views_per_visit,bounce_rate,visit_duration\n\
                  2026-09-01,120,300,140,2.1,48,95\n2026-09-02,90,200,101,2.0,50,80\n",
            ),
            ("sources.csv", b"name,visitors,bounce_rate,visit_duration\nInstagram,60,70,20\nGoogle,30,40,120\n"),
        ],
        n_taken: 4,
    },
};

/// The tables that are read, and what their rows are by.
const TABLES: [&str; 6] =
    ["visitors.csv", "sources.csv", "pages.csv", "utm_sources.csv", "utm_mediums.csv", "utm_campaigns.csv"];

fn recognise(peek: &Peek<'_>) -> Claim {
    if !TABLES.contains(&peek.base()) {
        return Claim::No;
    }
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let by_day = peek.base() == "visitors.csv" && layout.has(VisitField::Day) && layout.has(VisitField::PageViews);
    let by_name = peek.base() != "visitors.csv" && layout.has_header("name");
    if layout.has(VisitField::Visitors) && (by_day || by_name) { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let base =
        |reading: &Reading<'_>, m: usize| crate::bundle::base_name(&reading.bundle.members[m].path).to_lowercase();
    let mut members = reading.members.clone();
    members.sort_by_key(|m| base(reading, *m) != "visitors.csv");
    let mut days: Option<(Day, Day)> = None;
    let mut n_undated = 0_u64;
    for member in members {
        let table = base(reading, member);
        export::read(reading, member, of, Habits::STRICT, |desk, line, row| {
            let name = row.text(VisitField::Name);
            let read = row.day(VisitField::Day).and_then(|day| {
                if let Some(day) = day {
                    days = Some(days.map_or((day, day), |(a, b)| (a.min(day), b.max(day))));
                }
                let visits = figures(row, day.map(|day| (day, day)).or(days))?;
                Ok(VisitRow { source: desk.row(line), ..visits })
            });
            let visits = match read {
                Ok(visits) => visits,
                Err(why) => return desk.reject(line, why),
            };
            n_undated += u64::from(visits.from.is_none());
            let name = name.as_deref();
            desk.take(Fact::Visit(match table.as_str() {
                "visitors.csv" => visits,
                "pages.csv" => VisitRow { page: name, ..visits },
                "utm_mediums.csv" => VisitRow { medium: name, ..visits },
                "utm_campaigns.csv" => VisitRow { campaign: name, ..visits },
                _ => VisitRow { came_from: name, ..visits },
            }))
        })?;
    }
    if n_undated > 0 {
        reading.note(&format!("{n_undated} rows do not say of which days they are: pass visitors.csv beside them"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, shared};

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/web") else { return };
        let kept = run(&open(folder.join("plausible"))).expect("an export");
        assert_eq!((kept.others.len(), kept.rejects.len()), (3, 0), "{kept:?}");
        assert!(kept.others.iter().all(|fact| fact.contains("from: Some(Day(20697))")), "{:?}", kept.others);
    }
}
