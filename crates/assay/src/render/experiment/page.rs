//! What pages of experiments share: the frame, the verdict, the profit curve.

use super::json::Interval;
use crate::render::format::{fixed, plain, sentence};
use crate::render::html::{Frame, framed};
use crate::render::reach::chart::{Line, lines};
use crate::report::Warning;
use assay_math::Seed;
use assay_model::SourceFile;
use maud::{Markup, html};

/// A page around a body.
pub(super) fn whole(title: &str, seed: Seed, body: &Markup) -> Markup {
    let caveat =
        "An interval says how the estimate may err by chance; what the design cannot see stands under what to know.";
    framed(&Frame { title, kind: "experiment", subject: None, caveat, seed: Some(seed), rows: "", logo: None }, body)
}

/// The verdict's section: what to do, why, and figures.
pub(super) fn verdict(head: &str, word: &str, reasons: &[String], figures: &Markup) -> Markup {
    let tone = match word {
        "adopt" => "verdict clear",
        "drop" | "invalid" => "verdict found",
        _ => "verdict open",
    };
    html! {
        section class=(tone) aria-labelledby="verdict" {
            h1 #verdict { (head) }
            @for reason in reasons { p.caveat { (sentence(&plain(reason))) } }
            dl.figures { (figures) }
        }
    }
}

/// Profit over margins from nothing to twice the margin that was given: what the answer hangs on. `of` makes profit of a margin.
pub(super) fn profit_curve(margin: f64, of: &dyn Fn(f64) -> Interval) -> Markup {
    let points = (0..=20).map(|k| {
        let m = 2.0 * margin * f64::from(k) / 20.0;
        let p = of(m);
        (m, p.low.unwrap_or(p.point), p.point, p.high.unwrap_or(p.point))
    });
    let line = Line { name: "profit".to_owned(), points: points.collect(), look: 0, has_band: true };
    let zero = Line {
        name: "break-even".to_owned(),
        points: vec![(0.0, 0.0, 0.0, 0.0), (2.0 * margin, 0.0, 0.0, 0.0)],
        look: 3,
        has_band: false,
    };
    let tell = |v: f64| if v.abs() >= 100.0 { fixed(v, 0) } else { fixed(v, 2) };
    html! {
        section aria-labelledby="profit" {
            h2 #profit { "Profit by margin" }
            p.lead { "What 1 of the metric earns may be known badly. The line is the profit at each margin, the band its interval." }
            (lines("Profit at each margin", "margin", &[line, zero], &tell))
        }
    }
}

/// What to know, and the file.
pub(super) fn foot(warnings: &[Warning], file: &SourceFile) -> Markup {
    html! {
        @if !warnings.is_empty() {
            section aria-labelledby="warnings" {
                h2 #warnings { "To know before relying on it" }
                ul.warnings { @for w in warnings { li { (sentence(&plain(&w.text))) } } }
            }
        }
        section aria-labelledby="inputs" {
            h2 #inputs { "What was read" }
            p { bdi { (plain(&file.name)) } ": " (file.rows) " rows, " (file.rejected) " rejected; sha256 " code { (file.sha256.get(..16).unwrap_or_default()) "…" } }
        }
    }
}
