//! Matomo: a report of referrers or pages, as UTF-16 with names that the interface uses or translates.
//!
//! Each goal has columns of its own, whose conversions and revenue are added up where the report has no sum of them. The days are not
//! in the file.

use super::{VisitField, figures, of};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::{self, Habits};
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};

use crate::export::Row;
use assay_model::{Fact, TimeQuality, VisitRow};

pub(crate) const IMPORTER: Importer = Importer {
    id: "matomo",
    sentence: "A report of Matomo on referrers or pages.",
    source: "Matomo, Acquisition, All Channels, Export, as CSV",
    quality: TimeQuality::Unknown,
    network: None,
    yields: Yields::Visits,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "referrers.csv",
            b"label,nb_uniq_visitors,nb_visits,nb_actions,bounce_count,nb_visits_converted,goals_idgoal=1_nb_conversions,\
              goals_idgoal=2_nb_conversions\nInstagram,50,60,130,31,3,3,1\nGoogle,20,22,40,9,0,0,0\n",
        )],
        n_taken: 2,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(layout) = export::peek(peek, of) else { return Claim::No };
    let own = layout.has(VisitField::Name) && layout.has(VisitField::Visits) && layout.has(VisitField::PageViews);
    if own && !layout.has_header("name") { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        export::read(reading, member, of, Habits::STRICT, |desk, line, row| {
            let day = row.day(VisitField::Day).map(|day| day.map(|day| (day, day)));
            let read = day.and_then(|days| Ok((figures(row, days)?, goals(row)?)));
            let (visits, goals) = match read {
                Ok(read) => read,
                Err(why) => return desk.reject(line, why),
            };
            if visits.from.is_none() {
                desk.note("the report does not say of which days it is")?;
            }
            let Some(name) = row.text(VisitField::Name) else {
                return desk.reject(line, "expected a label, found nothing");
            };
            let (page, came_from) = if name.starts_with('/') { (Some(&*name), None) } else { (None, Some(&*name)) };
            let conversions = visits.conversions.or(goals);
            desk.take(Fact::Visit(VisitRow { page, came_from, conversions, source: desk.row(line), ..visits }))
        })?;
    }
    Ok(())
}

/// The conversions of all goals.
fn goals(row: &Row<'_, VisitField>) -> Result<Option<f64>, String> {
    let mut sum = None;
    for (i, header) in row.layout().header().iter().enumerate() {
        if header.starts_with("goals_idgoal=") && header.ends_with("_nb_conversions") {
            let Some(text) = row.at(i) else { continue };
            let number: f64 =
                text.parse().map_err(|_| format!("expected conversions, found {}", crate::error::quote(&text)))?;
            sum = Some(sum.unwrap_or(0.0) + number);
        }
    }
    Ok(sum.filter(|n: &f64| n.is_finite()))
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, run_files, shared};

    #[test]
    fn conversions_of_goals_are_added_up() {
        let kept = run_files(super::IMPORTER.control.files).expect("a report");
        assert!(kept.others[0].contains("conversions: Some(4.0)"), "{:?}", kept.others);
    }

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/web") else { return };
        let kept = run(&open(folder.join("matomo_referrers.csv"))).expect("a report");
        assert_eq!((kept.others.len(), kept.rejects.len()), (1, 0), "{kept:?}");
        assert!(
            kept.others[0].contains("came_from: Some(\"Instagram\")")
                && kept.others[0].contains("conversions: Some(3.0)")
        );
    }
}
