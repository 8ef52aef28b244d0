//! Both charts as plain SVG, for paper and for readers without scripts. Colours come from the page's style sheet.

use super::axis::{Mark, number_marks, time_marks};
use super::payload::{Points, Shade};
use super::raster::density_png;
use crate::render::format::per_step;
use crate::report::{AuditReport, GrowthStep};
use maud::{Markup, html};
use std::fmt::Write;

/// The drawing: 960 by 372 units, with room for marks and labels around the plot.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 372.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 46.0;
const PLOT_WIDTH: f64 = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT: f64 = HEIGHT - TOP - BOTTOM;

/// Follow order against account creation.
pub(super) fn map(report: &AuditReport, points: &Points, shades: &[Shade]) -> Markup {
    let n = report.page.audience.len().max(2) as f64;
    let across = |rank: u32| f64::from(rank) / (n - 1.0);
    let png = density_png(points, (PLOT_WIDTH * 1.5) as usize, (PLOT_HEIGHT * 1.5) as usize);
    let places = shades.iter().filter_map(|s| s.ranks.map(|[first, last]| (s, across(first), across(last))));
    html! {
        svg.static viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) aria-hidden="true" {
            (frame(&number_marks(0.0, n - 1.0, 8), &time_marks(points.created, 7), "follow order (0 = first follower)"))
            (bands(places))
            @if let Some(png) = png {
                image x=(LEFT) y=(TOP) width=(PLOT_WIDTH) height=(PLOT_HEIGHT) preserveAspectRatio="none" href=(png) {}
            }
            text.axis-title x=(LEFT) y="12" { "account opened" }
        }
    }
}

/// Arrivals over time, losses below the line.
pub(super) fn growth(steps: &[GrowthStep], shades: &[Shade]) -> Markup {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return html! {} };
    let whole = first.span.join(last.span);
    let width = (whole.to.0 - whole.from.0).max(1) as f64;
    let across = |ms: i64| ((ms as f64 - whole.from.0 as f64) / width).clamp(0.0, 1.0);
    let high = steps.iter().map(|s| s.follows).fold(1.0, f64::max) * 1.04;
    let low = -steps.iter().filter_map(|s| s.unfollows).fold(0.0, f64::max) * 1.04;
    let y = |value: f64| TOP + PLOT_HEIGHT * (high - value) / (high - low);
    let outline = |value: &dyn Fn(&GrowthStep) -> f64| {
        let mut path = format!("M{LEFT:.1} {:.1}", y(0.0));
        for step in steps {
            let (from, to) =
                (LEFT + PLOT_WIDTH * across(step.span.from.0), LEFT + PLOT_WIDTH * across(step.span.to.0 + 1));
            let _ = write!(path, "L{from:.1} {0:.1}L{to:.1} {0:.1}", y(value(step)));
        }
        let _ = write!(path, "L{:.1} {:.1}Z", LEFT + PLOT_WIDTH, y(0.0));
        path
    };
    let places = shades.iter().filter_map(|s| s.times.map(|[from, to]| (s, across(from), across(to))));
    let title =
        format!("follows {}{}", per_step(first.span), if low < 0.0 { ", unfollows below the line" } else { "" });
    html! {
        svg.static viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) aria-hidden="true" {
            (frame(&time_marks(whole, 8), &number_marks(low, high, 6), ""))
            (bands(places))
            path.follows d=(outline(&|s| s.follows)) {}
            @if low < 0.0 { path.unfollows d=(outline(&|s| -s.unfollows.unwrap_or(0.0))) {} }
            line.zero x1=(LEFT) x2=(LEFT + PLOT_WIDTH) y1=(y(0.0)) y2=(y(0.0)) {}
            text.axis-title x=(LEFT) y="12" { (title) }
        }
    }
}

/// An interval of shares on a line from 0 to 1.
pub(super) fn interval(low: f64, point: f64, high: f64) -> Markup {
    let x = |share: f64| format!("{:.2}", 2.0 + 196.0 * share.clamp(0.0, 1.0));
    html! {
        svg.interval viewBox="0 0 200 14" aria-hidden="true" {
            line.rail x1="2" x2="198" y1="7" y2="7" {}
            line.range x1=(x(low)) x2=(x(high)) y1="7" y2="7" {}
            circle.point cx=(x(point)) cy="7" r="4" {}
        }
    }
}

fn frame(across: &[Mark], up: &[Mark], title: &str) -> Markup {
    let (bottom, right) = (TOP + PLOT_HEIGHT, LEFT + PLOT_WIDTH);
    let place = |x: f64| format!("{x:.1}");
    html! {
        @for mark in up {
            @let y = bottom - PLOT_HEIGHT * mark.at;
            line.grid x1=(LEFT) x2=(right) y1=(place(y)) y2=(place(y)) {}
            text.mark.up x=(LEFT - 8.0) y=(place(y + 4.0)) { (mark.label) }
        }
        @for mark in across {
            @let x = LEFT + PLOT_WIDTH * mark.at;
            line.tick x1=(place(x)) x2=(place(x)) y1=(bottom) y2=(bottom + 5.0) {}
            text.mark.across x=(place(x)) y=(bottom + 19.0) { (mark.label) }
        }
        line.zero x1=(LEFT) x2=(right) y1=(bottom) y2=(bottom) {}
        @if !title.is_empty() { text.axis-title.across x=(LEFT + PLOT_WIDTH / 2.0) y=(bottom + 38.0) { (title) } }
    }
}

/// Batches shaded, bursts outlined; a name is left out where it would cover another.
fn bands<'a>(places: impl Iterator<Item = (&'a Shade, f64, f64)>) -> Markup {
    let mut named: Vec<f64> = Vec::new();
    html! {
        @for (shade, from, to) in places {
            @let x = LEFT + PLOT_WIDTH * from;
            @let width = (PLOT_WIDTH * (to - from)).max(2.0);
            @let kind = if shade.batch { "batch" } else { "spike" };
            @let middle = x + width / 2.0;
            rect class=(format!("band {kind}")) x=(format!("{x:.1}")) y=(TOP) width=(format!("{width:.1}")) height=(PLOT_HEIGHT) {}
            @if named.iter().all(|at| (at - middle).abs() > 20.0) {
                text class=(format!("band-name {kind}")) x=(format!("{middle:.1}")) y=(TOP - 6.0) { (shade.id) }
                @let () = named.push(middle);
            }
        }
    }
}
