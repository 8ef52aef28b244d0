//! The charts as tables, for those who do not see them and those who want numbers.

use super::payload::Shade;
use crate::render::format::{count, day, percent, ranks, span};
use crate::report::{AuditReport, GrowthStep};
use assay_model::{Class, RankRange, Span, TimeMs, TimeQuality};
use maud::{Markup, html};

/// Rows of the table of growth, at most.
const GROWTH_ROWS: usize = 30;
/// Parts that the follow order is cut into.
const MAP_ROWS: usize = 12;
/// Dates looked at in each part of the order; quantiles of so many are exact to a percent.
const DATES_MAX: usize = 100_000;

/// Follows, and unfollows, in at most thirty spans of equal length.
pub(super) fn growth(steps: &[GrowthStep], shades: &[Shade]) -> Markup {
    let lost = steps.iter().any(|s| s.unfollows.is_some());
    let rows = steps.chunks(steps.len().div_ceil(GROWTH_ROWS).max(1)).map(|part| {
        let whole = part.iter().map(|s| s.span).reduce(Span::join).unwrap_or(part[0].span);
        let follows: f64 = part.iter().map(|s| s.follows).sum();
        let unfollows: f64 = part.iter().filter_map(|s| s.unfollows).sum();
        (whole, follows, unfollows)
    });
    let quality =
        if steps.first().is_some_and(|s| s.span.days() < 0.9) { TimeQuality::Minute } else { TimeQuality::Day };
    html! {
        details {
            summary { "Growth as a table" }
            div.scroll tabindex="0" role="region" aria-label="Growth, table" {
                table {
                    caption.aloud { "Follows in equal spans of time, with the batches and bursts that fall into them" }
                    thead { tr { th scope="col" { "When" } th.number scope="col" { "Follows" } @if lost { th.number scope="col" { "Unfollows" } } th scope="col" { "Marked" } } }
                    tbody {
                        @for (whole, follows, unfollows) in rows {
                            tr {
                                th scope="row" { (span(whole, quality)) }
                                td.number { (count(follows as u64)) }
                                @if lost { td.number { (count(unfollows as u64)) } }
                                td { (marked(shades, |s| s.times.is_some_and(|[from, to]| from <= whole.to.0 && to > whole.from.0))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The map in a dozen parts of the follow order.
pub(super) fn map(report: &AuditReport, shades: &[Shade]) -> Markup {
    let n = report.page.audience.len();
    let parts = MAP_ROWS.min(n);
    let rows = (0..parts).map(|k| (k * n / parts, (k + 1) * n / parts - 1));
    html! {
        details {
            summary { "Map as a table" }
            div.scroll tabindex="0" role="region" aria-label="Follower map, table" {
                table {
                    caption.aloud { "The follow order in parts: when the accounts were opened, and how many look inauthentic" }
                    thead { tr {
                        th scope="col" { "Ranks" }
                        th scope="col" { "A tenth opened before" } th scope="col" { "Half before" } th scope="col" { "Nine tenths before" }
                        th.number scope="col" { "Look inauthentic" } th scope="col" { "Marked" }
                    } }
                    tbody { @for (first, last) in rows { (map_row(report, shades, first, last)) } }
                }
            }
        }
    }
}

fn map_row(report: &AuditReport, shades: &[Shade], first: usize, last: usize) -> Markup {
    let created = &report.page.audience.created_at;
    let stride = (last + 1 - first).div_ceil(DATES_MAX);
    let mut dates: Vec<TimeMs> = (first..=last).step_by(stride).filter_map(|i| created.get(i)).collect();
    dates.sort_unstable();
    let quantile = |share: f64| dates.get(((dates.len() as f64 - 1.0) * share).round() as usize).map(|at| day(*at));
    let bought = report.verdicts.class[first..=last].iter().filter(|c| **c == Class::Inauthentic).count();
    html! {
        tr {
            th scope="row" { (ranks(RankRange { first: first as u32, last: last as u32 })) }
            @for share in [0.1, 0.5, 0.9] { td { (quantile(share).unwrap_or_else(|| "not known".to_owned())) } }
            td.number { (count(bought as u64)) " (" (percent(bought as f64 / (last + 1 - first) as f64)) ")" }
            td { (marked(shades, |s| s.ranks.is_some_and(|[from, to]| from as usize <= last && to as usize >= first))) }
        }
    }
}

fn marked(shades: &[Shade], here: impl Fn(&Shade) -> bool) -> String {
    shades.iter().filter(|s| here(s)).map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ")
}
