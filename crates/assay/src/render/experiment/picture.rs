//! Pictures of experiments as plain SVG, beside the lines of [`crate::render::reach`]: intervals in rows, and a histogram with a mark.

use crate::render::format::count;
use crate::render::simulation::chart::marks;
use maud::{Markup, html};

const WIDTH: f64 = 720.0;

/// What the numbers under a picture are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Themselves.
    Number,
    /// Shares, told in percent.
    Percent,
}

/// Round places between two ends, about five, and how each is told: with as few digits as tell them apart, and a true minus sign.
fn round_marks(low: f64, high: f64, axis: Axis) -> Vec<(f64, String)> {
    let scale = if axis == Axis::Percent { 100.0 } else { 1.0 };
    let step = marks((0.8 * (high - low) * scale).max(1e-12))[1];
    let places = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    let first = (low * scale / step).ceil() as i64;
    let last = (high * scale / step).floor() as i64;
    let tell = |k: i64| {
        let v = k as f64 * step;
        let sign = if k < 0 { "\u{2212}" } else { "" };
        let unit = if axis == Axis::Percent { " %" } else { "" };
        let digits = if places == 0 { count(v.abs().round() as u64) } else { format!("{:.places$}", v.abs()) };
        (v / scale, format!("{sign}{digits}{unit}"))
    };
    (first..=last.min(first + 20)).map(tell).collect()
}

/// A row of an interval: its name, the estimate, and ends that may be open.
pub(super) struct Span {
    pub(super) name: String,
    pub(super) point: f64,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    /// Drawn in full strength; others are paler.
    pub(super) is_main: bool,
}

/// Intervals in rows over one axis, with a line at `at`. An open end runs to the edge with an arrow.
pub(super) fn spans(title: &str, rows: &[Span], at: f64, axis: Axis) -> Markup {
    // As narrow as names allow, so that a phone shows all of it in letters that can be read.
    let longest = rows.iter().map(|r| r.name.chars().count()).max().unwrap_or(0) as f64;
    let (left, right, height) = ((6.4 * longest + 20.0).clamp(60.0, 250.0), 24.0, 26.0 * rows.len() as f64 + 34.0);
    let width = left + 330.0;
    let known = rows.iter().flat_map(|r| [Some(r.point), r.low, r.high]).flatten().chain([at]);
    let (low, high) = known.filter(|v| v.is_finite()).fold((at, at), |(a, b), v| (a.min(v), b.max(v)));
    let pad = if high > low { 0.06 * (high - low) } else { 1.0 };
    let (low, high) = (low - pad, high + pad);
    let x = |v: f64| left + (v - low) / (high - low) * (width - left - right);
    let place = |v: f64| format!("{:.1}", x(v));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(title) { svg.static.narrow role="img" aria-label=(title) viewBox=(format!("0 0 {width:.0} {height}")) {
            line.zero x1=(place(at)) x2=(place(at)) y1="4" y2=(height - 26.0) stroke-dasharray="3 3" {}
            @for (i, row) in rows.iter().enumerate() {
                @let y = 26.0 * i as f64 + 16.0;
                @let strength = if row.is_main { "1" } else { "0.5" };
                text.up x=(left - 12.0) y=(y + 4.0) { (row.name) }
                @if row.low.is_some() || row.high.is_some() {
                    line x1=(row.low.map_or_else(|| format!("{left:.1}"), place)) x2=(row.high.map_or_else(|| format!("{:.1}", width - right), place)) y1=(y) y2=(y) stroke="#3f7cc4" stroke-width="3" stroke-opacity=(strength) {}
                }
                @if row.low.is_none() && row.high.is_some() { text.up x=(left + 8.0) y=(y + 4.0) { "◀" } }
                @if row.high.is_none() && row.low.is_some() { text x=(width - right - 6.0) y=(y + 4.0) { "▶" } }
                circle cx=(place(row.point)) cy=(y) r="5" fill="#3f7cc4" fill-opacity=(strength) {}
            }
            @for (v, told) in round_marks(low, high, axis) {
                text.across x=(place(v)) y=(height - 6.0) { (told) }
            }
        } }
    }
}

/// How often values fall where, with a mark at `at`.
pub(super) fn histogram(title: &str, values: &[f64], at: f64, mark: &str) -> Markup {
    const BINS: usize = 31;
    let (left, right, top, floor, height) = (20.0, 20.0, 26.0, 170.0, 196.0);
    let (low, high) =
        values.iter().copied().chain([at, -at]).fold((0.0_f64, 0.0_f64), |(a, b), v| (a.min(v), b.max(v)));
    let (low, high) = if high > low { (low, high) } else { (low - 1.0, high + 1.0) };
    let mut counts = [0_u32; BINS];
    for v in values {
        let bin = ((v - low) / (high - low) * BINS as f64) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    let most = f64::from(counts.iter().copied().max().unwrap_or(1).max(1));
    let wide = (WIDTH - left - right) / BINS as f64;
    let x = |v: f64| left + (v - low) / (high - low) * (WIDTH - left - right);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(title) { svg.static role="img" aria-label=(title) viewBox=(format!("0 0 {WIDTH} {height}")) {
            @for (i, n) in counts.iter().enumerate() {
                @let tall = f64::from(*n) / most * (floor - top);
                rect.unfollows x=(format!("{:.1}", left + wide * i as f64 + 1.0)) y=(format!("{:.1}", floor - tall)) width=(format!("{:.1}", wide - 2.0)) height=(format!("{tall:.1}")) {}
            }
            line.zero x1=(left) x2=(WIDTH - right) y1=(floor) y2=(floor) {}
            line x1=(format!("{:.1}", x(at))) x2=(format!("{:.1}", x(at))) y1=(top - 6.0) y2=(floor) stroke="#c9460f" stroke-width="2.5" {}
            text.across x=(format!("{:.1}", x(at).clamp(90.0, WIDTH - 90.0))) y="14" { (mark) }
            @for (v, told) in round_marks(low, high, Axis::Number) {
                text.across x=(format!("{:.1}", x(v))) y=(height - 8.0) { (told) }
            }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, round_marks};

    #[test]
    fn marks_are_round_and_have_a_true_minus() {
        let told =
            |low, high, axis| round_marks(low, high, axis).into_iter().map(|m| m.1).collect::<Vec<_>>().join(" ");
        assert_eq!(told(-0.083, 0.171, Axis::Percent), "\u{2212}5 % 0 % 5 % 10 % 15 %");
        assert_eq!(told(-0.004, 0.012, Axis::Percent), "0.0 % 0.5 % 1.0 %");
        assert_eq!(told(-1.5, 0.4, Axis::Number), "\u{2212}1.5 \u{2212}1.0 \u{2212}0.5 0.0");
        assert_eq!(told(12_000.0, 52_000.0, Axis::Number), "20,000 30,000 40,000 50,000");
    }
}
