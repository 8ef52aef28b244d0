//! Visits to a site, from web analytics, by where visitors came from, by page or by day.
//!
//! The rows of one file are of one breakdown, and another file holds the same visits by another: which fields are filled tells
//! which. Rows of different breakdowns must not be added up.

pub(crate) mod ga4;
pub(crate) mod matomo;
pub(crate) mod plausible;

use crate::export::{Field, Holds, Names, Row, named};
use assay_model::{Day, VisitRow};

/// A column of a table of visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum VisitField {
    Day,
    Name,
    Visitors,
    Visits,
    PageViews,
    Conversions,
    Revenue,
}

impl Field for VisitField {
    fn place(self) -> usize {
        self as usize
    }

    fn holds(self) -> Holds {
        match self {
            Self::Day => Holds::Time,
            Self::Name => Holds::Text,
            _ => Holds::Number,
        }
    }
}

const NAMES: Names<VisitField> = &[
    (VisitField::Day, &["date", "Datum", "Fecha", "Data", "Tarih", "日付"]),
    (VisitField::Name, &["label", "name", "Bezeichnung", "Libellé", "Etiqueta", "Etichetta", "Etiket", "ラベル"]),
    (
        VisitField::Visitors,
        &[
            "nb_uniq_visitors",
            "visitors",
            "Unique visitors",
            "Eindeutige Besucher",
            "Visiteurs uniques",
            "Visitantes únicos",
            "Visitatori unici",
            "Unieke bezoekers",
            "Tekil ziyaretçiler",
        ],
    ),
    (
        VisitField::Visits,
        &["nb_visits", "visits", "Besuche", "Visites", "Visitas", "Visite", "Bezoeken", "Ziyaretler", "ビジット"],
    ),
    (
        VisitField::PageViews,
        &["nb_actions", "pageviews", "Actions", "Aktionen", "Acciones", "Azioni", "Ações", "Acties"],
    ),
    (
        VisitField::Conversions,
        &["nb_conversions", "Conversions", "Konversionen", "Conversiones", "Conversioni", "Conversões", "Conversies"],
    ),
    (VisitField::Revenue, &["revenue", "Einnahmen", "Revenu", "Ingresos", "Entrate", "Receita", "Omzet"]),
];

fn of(header: &str) -> Option<VisitField> {
    named(NAMES, header)
}

/// The figures of a row, of the days from `first` to `last`.
fn figures(row: &Row<'_, VisitField>, days: Option<(Day, Day)>) -> Result<VisitRow<'static>, String> {
    Ok(VisitRow {
        from: days.map(|d| d.0),
        to: days.map(|d| d.1),
        visitors: row.count(VisitField::Visitors)?,
        visits: row.count(VisitField::Visits)?,
        page_views: row.count(VisitField::PageViews)?,
        conversions: row.number(VisitField::Conversions)?,
        revenue: row.amount(VisitField::Revenue)?,
        ..VisitRow::default()
    })
}
