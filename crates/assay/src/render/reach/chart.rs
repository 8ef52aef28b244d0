//! Pictures of reach as plain SVG: lines with bands over weeks or posts, and bars before and after. They need no script.

use crate::render::simulation::chart::marks;
use maud::{Markup, html};
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 280.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 40.0;

/// A line with its band: places along the axis, low, middle and high.
pub(in crate::render) struct Line {
    pub(in crate::render) name: String,
    pub(in crate::render) points: Vec<(f64, f64, f64, f64)>,
    /// One of four strokes.
    pub(in crate::render) look: usize,
    /// Whether its band is drawn.
    pub(in crate::render) has_band: bool,
}

/// Strokes that differ by dashes too: colour never carries meaning alone.
const LOOKS: [(&str, &str); 5] =
    [("#3f7cc4", ""), ("#1f7a52", "7 3"), ("#b26a00", "2 3"), ("#c9460f", "9 3 2 3"), ("#6d4fc2", "4 4")];

/// Lines over an axis, with marks written by `tell`.
pub(in crate::render) fn lines(title: &str, across: &str, lines: &[Line], tell: &dyn Fn(f64) -> String) -> Markup {
    let all = || lines.iter().flat_map(|l| &l.points);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for line in lines {
        for p in &line.points {
            let (a, b) = if line.has_band { (p.1, p.3) } else { (p.2, p.2) };
            (low, high) = (low.min(a), high.max(b));
        }
    }
    if !(low.is_finite() && high.is_finite()) {
        return html! {};
    }
    // From a round mark at or below 0 to one at or above the highest.
    let step = marks((high - low.min(0.0)).max(1e-9))[1];
    low = (low.min(0.0) / step).floor() * step;
    high = ((high / step).ceil() * step).max(low + step);
    let from = all().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let to = all().map(|p| p.0).fold(from + 1e-9, f64::max);
    let x = |v: f64| LEFT + (v - from) / (to - from) * (WIDTH - LEFT - RIGHT);
    let y = |v: f64| TOP + (high - v) / (high - low) * (HEIGHT - TOP - BOTTOM);
    // As few places as tell the marks below apart; half a week need not be told.
    let aside = (to - from) / 4.0;
    let is_told = |k: usize| {
        let unit = 10_f64.powi(k as i32);
        (0..=4).all(|i| {
            let v = (from + aside * f64::from(i)) * unit;
            (v - v.round()).abs() < 0.01 * aside * unit
        })
    };
    let places = if aside >= 2.0 { 0 } else { (0..4).find(|k| is_told(*k)).unwrap_or(4) };
    let n_marks = ((high - low) / step).round() as u32;
    let marks: Vec<f64> = (0..=n_marks).map(|i| low + step * f64::from(i)).collect();
    // Names at the right end, pushed apart where they would touch.
    let mut ends: Vec<(f64, usize)> =
        lines.iter().enumerate().filter_map(|(i, l)| Some((y(l.points.last()?.2), i))).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    for i in 1..ends.len() {
        ends[i].0 = ends[i].0.max(ends[i - 1].0 + 15.0);
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label=(title) { svg.static role="img" aria-label=(title) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) {
            @for mark in &marks {
                line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(round(y(*mark))) y2=(round(y(*mark))) {}
                text.up x=(LEFT - 8.0) y=(round(y(*mark) + 4.0)) { (tell(*mark)) }
            }
            @for line in lines.iter().filter(|l| l.has_band) {
                path d=(band(line, &x, &y)) fill=(LOOKS[line.look].0) fill-opacity="0.14" {}
            }
            @for line in lines {
                path d=(middle(line, &x, &y)) fill="none" stroke=(LOOKS[line.look].0) stroke-width="2.2" stroke-dasharray=(LOOKS[line.look].1) {}
            }
            @for (at, i) in &ends {
                line x1=(WIDTH - RIGHT + 6.0) x2=(WIDTH - RIGHT + 24.0) y1=(round(at - 0.0)) y2=(round(at - 0.0)) stroke=(LOOKS[lines[*i].look].0) stroke-width="2.2" stroke-dasharray=(LOOKS[lines[*i].look].1) {}
                text x=(WIDTH - RIGHT + 29.0) y=(round(at + 4.0)) { (lines[*i].name) }
            }
            @for i in 0..=4 {
                @let v = from + aside * f64::from(i);
                text.across x=(round(x(v))) y=(HEIGHT - BOTTOM + 17.0) { (format!("{v:.places$}")) }
            }
            text.across x=(round((LEFT + WIDTH - RIGHT) / 2.0)) y=(HEIGHT - 5.0) { (across) }
        } }
    }
}

fn round(x: f64) -> String {
    format!("{x:.1}")
}

fn middle(line: &Line, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) -> String {
    let mut path = String::new();
    for (i, p) in line.points.iter().enumerate() {
        let _ = write!(path, "{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, x(p.0), y(p.2));
    }
    path
}

fn band(line: &Line, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) -> String {
    let mut path = String::new();
    for (i, p) in line.points.iter().enumerate() {
        let _ = write!(path, "{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, x(p.0), y(p.3));
    }
    for p in line.points.iter().rev() {
        let _ = write!(path, "L{:.1} {:.1}", x(p.0), y(p.1));
    }
    path.push('Z');
    path
}

/// A bar a name, before in outline and after filled.
pub(in crate::render) fn bars(title: &str, bars: &[(String, f64, f64)], tell: &dyn Fn(f64) -> String) -> Markup {
    let height = 34.0 * bars.len() as f64 + 26.0;
    let (left, width) = (170.0, 430.0);
    let most = bars.iter().map(|b| b.1.max(b.2)).fold(0.01, f64::max);
    let long = |v: f64| round(v / most * width);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(title) { svg.static role="img" aria-label=(title) viewBox=(format!("0 0 {WIDTH} {height}")) {
            @for (i, (name, before, after)) in bars.iter().enumerate() {
                @let top = 34.0 * i as f64 + 4.0;
                text.up x=(left - 10.0) y=(top + 17.0) { (name) }
                rect x=(left) y=(top + 3.0) width=(long(*after)) height="18" fill="#3f7cc4" fill-opacity="0.85" {}
                rect x=(left) y=(top) width=(long(*before)) height="24" fill="none" stroke="#8a5a00" stroke-width="1.5" stroke-dasharray="4 3" {}
                text x=(left + before.max(*after) / most * width + 8.0) y=(top + 17.0) { (tell(*before)) " → " (tell(*after)) }
            }
            text x=(left) y=(height - 6.0) { "dashed: before the posts; filled: after them" }
        } }
    }
}
