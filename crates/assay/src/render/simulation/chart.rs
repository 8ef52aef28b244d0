//! A measure over weeks as plain SVG: this page and the same page that bought none, each with the range over seeds.

use assay_math::Estimate;
use assay_model::Outcome;
use maud::{Markup, html};
use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 44.0;
const PLOT_WIDTH: f64 = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT: f64 = HEIGHT - TOP - BOTTOM;

/// A day on which something happens.
pub(super) struct Event {
    /// From this day.
    pub(super) day: u32,
    /// What it is.
    pub(super) name: &'static str,
    /// How it is drawn: `buy`, `remove` or `promote`.
    pub(super) kind: &'static str,
}

/// A measure over weeks. `write` says a value for people.
pub(super) fn weeks(
    with: &[Outcome<Estimate>],
    without: Option<&[Outcome<Estimate>]>,
    days: u32,
    events: &[Event],
    title: &str,
    write: &dyn Fn(f64) -> String,
) -> Markup {
    let found = |series: &[Outcome<Estimate>]| -> Vec<(f64, Estimate)> {
        let middle = |i: usize| (7.0 * i as f64 + 3.5).min(f64::from(days));
        series.iter().enumerate().filter_map(|(i, o)| Some((middle(i), *o.found()?))).collect()
    };
    let (with, without) = (found(with), without.map(found).unwrap_or_default());
    let high = with.iter().chain(&without).map(|(_, e)| e.high).fold(0.0, f64::max);
    let high = if high > 0.0 { high * 1.06 } else { 1.0 };
    let x = |day: f64| LEFT + PLOT_WIDTH * day / f64::from(days.max(1));
    let y = |value: f64| TOP + PLOT_HEIGHT * (1.0 - value / high);
    let marks = marks(high);
    let every = [7, 14, 28, 56, 91, 182, 365, 730].into_iter().find(|step| days / step <= 9).unwrap_or(730);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(title) { svg.static viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) aria-hidden="true" {
            @for mark in &marks {
                line.grid x1=(LEFT) x2=(LEFT + PLOT_WIDTH) y1=(at(y(*mark))) y2=(at(y(*mark))) {}
                text.mark.up x=(LEFT - 8.0) y=(at(y(*mark) + 4.0)) { (write(*mark)) }
            }
            @for day in (0..=days).step_by(every as usize) {
                line.tick x1=(at(x(f64::from(day)))) x2=(at(x(f64::from(day)))) y1=(TOP + PLOT_HEIGHT) y2=(TOP + PLOT_HEIGHT + 5.0) {}
                text.mark.across x=(at(x(f64::from(day)))) y=(TOP + PLOT_HEIGHT + 19.0) { (day) }
            }
            line.zero x1=(LEFT) x2=(LEFT + PLOT_WIDTH) y1=(TOP + PLOT_HEIGHT) y2=(TOP + PLOT_HEIGHT) {}
            @for event in events {
                line class=(format!("event {}", event.kind)) x1=(at(x(f64::from(event.day)))) x2=(at(x(f64::from(event.day)))) y1=(TOP) y2=(TOP + PLOT_HEIGHT) {}
            }
            @for event in named(events, days) {
                text class=(format!("event-name {}", event.kind)) x=(at(x(f64::from(event.day)))) y=(TOP - 5.0) { (event.name) }
            }
            path.range-none d=(band(&without, &x, &y)) {}
            path.range-with d=(band(&with, &x, &y)) {}
            path.line-none d=(line(&without, &x, &y)) {}
            path.line-with d=(line(&with, &x, &y)) {}
            text.axis-title x=(LEFT) y="12" { (title) }
            text.axis-title.across x=(LEFT + PLOT_WIDTH / 2.0) y=(TOP + PLOT_HEIGHT + 37.0) { "day" }
        } }
    }
}

/// The events whose names do not cover one another, nor the title at the left.
fn named(events: &[Event], days: u32) -> Vec<&Event> {
    let mut named: Vec<&Event> = Vec::new();
    let apart = f64::from(days) * 0.09;
    for event in events {
        let near = |day: u32| (f64::from(event.day) - f64::from(day)).abs() < apart;
        if named.iter().all(|other| !near(other.day)) {
            named.push(event);
        }
    }
    named
}

fn at(place: f64) -> String {
    format!("{place:.1}")
}

fn line(points: &[(f64, Estimate)], x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) -> String {
    let mut path = String::new();
    for (i, (day, e)) in points.iter().enumerate() {
        let _ = write!(path, "{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, x(*day), y(e.point));
    }
    path
}

fn band(points: &[(f64, Estimate)], x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) -> String {
    let mut path = String::new();
    let upper = points.iter().map(|(day, e)| (*day, e.high));
    for (i, (day, value)) in upper.chain(points.iter().rev().map(|(day, e)| (*day, e.low))).enumerate() {
        let _ = write!(path, "{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, x(day), y(value));
    }
    if !path.is_empty() {
        path.push('Z');
    }
    path
}

/// Round values from 0 to the top, about five.
pub(in crate::render) fn marks(high: f64) -> Vec<f64> {
    let rough = high / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= rough).unwrap_or(rough);
    (0..=(high / step) as u32).map(|i| f64::from(i) * step).collect()
}
