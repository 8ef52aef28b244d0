//! What inauthentic followers cost a page, as one page that is complete in itself.

use super::chart::{Line, bars, lines};
use super::fit::{caveat, change, headline, plan_sentence, plans_conclusion, signed};
use crate::render::format::{percent, percent_range, plain, probability, sentence};
use crate::render::html::{Frame, code, framed};
use crate::report::Origin;
use crate::report::reach::FitReport;
use assay_model::Outcome;
use assay_reach::page::{Fit, Plan};
use maud::{Markup, html};
use std::io::{self, Write};

/// Writes the report as one self-contained page without scripts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn fit_html(report: &FitReport, mut out: impl Write) -> io::Result<()> {
    let body = html! {
        section.verdict.open aria-labelledby="verdict" {
            h1 #verdict { (headline(report)) }
            @if let Some(caveat) = caveat(report) { p.caveat { (caveat) } }
            @if let Outcome::Abstained(why) = &report.cost_now { p.caveat { "Would settle it: " (code(&plain(&why.would_settle))) "." } }
            (figures(report))
        }
        @if let (Outcome::Found(fit), Some(_)) = (&report.fit, report.share_now.found()) { (mechanisms(fit)) (gains(report)) }
        (plans(&report.plans))
        @if let Outcome::Found(fit) = &report.fit { (promotion(fit)) (coefficients(fit)) }
        (inputs(&report.origin))
    };
    out.write_all(whole("Reach and inauthentic followers", "reach report", &report.origin, &body).0.as_bytes())
}

/// A page around a body.
pub(super) fn whole(title: &str, kind: &str, origin: &Origin, body: &Markup) -> Markup {
    let caveat = "Which mechanism a platform uses is not published: weights are beliefs, open to change, and what the posts say of them. Inactive is not fake.";
    framed(&Frame { title, kind, subject: None, caveat, seed: origin.seed, rows: "", logo: None }, body)
}

fn figures(report: &FitReport) -> Markup {
    html! {
        dl.figures {
            @if let Outcome::Found(cost) = &report.cost_now {
                div { dt { "Reach lost now" } dd.value { (percent(cost.point)) } dd.note { (percent_range(cost)) " at " (percent(cost.confidence)) " confidence" } }
            }
            @if let Some(before) = &report.cost_before {
                div { dt { "Believed without the posts" } dd.value { (percent(before.point)) } dd.note { (percent_range(before)) } }
            }
            @if let Outcome::Found(share) = &report.share_now {
                div { dt { "Inauthentic followers" } dd.value { (percent(share.point)) } dd.note { (percent_range(share)) } }
            }
            @if let Outcome::Found(fit) = &report.fit {
                div { dt { "Posts fitted" } dd.value { (fit.n) } dd.note { "by " (report.target.id().replace('_', " ")) } }
            }
        }
    }
}

fn mechanisms(fit: &Fit) -> Markup {
    let rows: Vec<(String, f64, f64)> = fit
        .posterior
        .families()
        .into_iter()
        .zip(fit.prior.families())
        .map(|((m, after), (_, before))| (m.id().replace('_', " "), before, after))
        .collect();
    html! {
        section aria-labelledby="mechanisms" {
            h2 #mechanisms { "By which mechanism" }
            p.lead { "How likely each way in which bought followers may cut reach is, before and after the posts were looked at." }
            (bars("Weights of the mechanisms before and after the posts", &rows, &probability))
            ul.plain { @for (m, _) in fit.posterior.families() { li { strong { (m.id().replace('_', " ")) } ": " (m.described().sentence) " (" (m.described().source) ")." } } }
        }
    }
}

fn gains(report: &FitReport) -> Markup {
    let mut points = vec![(0.0, 0.0, 0.0, 0.0)];
    points.extend(report.gains.iter().map(|(n, g)| (f64::from(*n), g.low, g.point, g.high)));
    let line = Line { name: "all removed".to_owned(), points, look: 0, has_band: true };
    html! {
        section aria-labelledby="gain" {
            h2 #gain { "If all of them were removed" }
            p.lead { "Reach gained against now, as the ranker forgets. The band holds the truth in " (percent(report.confidence)) " of cases, if the mechanisms are among those above." }
            (lines("Reach gained after a removal", "posts after the removal", &[line], &change))
            ul.plain { @for (n, gain) in &report.gains { li { "after " (n) " posts: " (signed(gain)) } } }
        }
    }
}

/// Removals that would tell.
pub(super) fn plans(plans: &[Plan]) -> Markup {
    html! {
        @if !plans.is_empty() {
            section aria-labelledby="plans" {
                h2 #plans { "A removal that would tell" }
                p.lead { "Tried on made pages with this page's noise and share: how much each way of removing all of them would tell." }
                ul.plain { @for plan in plans { li { (sentence(&plan_sentence(plan))) } } }
                p { (code(&sentence(&plans_conclusion(plans)))) }
            }
        }
    }
}

fn promotion(fit: &Fit) -> Markup {
    html! {
        section aria-labelledby="promotion" {
            h2 #promotion { "Promotion" }
            @match &fit.promotion {
                Outcome::Found(effect) => p { "A paid post reaches " (signed(effect)) ", from boosts that chance decided." },
                Outcome::Abstained(why) => p.untold { "The effect cannot be said: " (plain(&why.why)) ". Would settle it: " (code(&plain(&why.would_settle))) "." },
            }
            @if let Some(e) = &fit.paid_association { p { "Seen, not caused: paid posts reach " (signed(e)) " beside unpaid ones alike." } }
        }
    }
}

fn coefficients(fit: &Fit) -> Markup {
    html! {
        @if !fit.coefficients.is_empty() {
            section aria-labelledby="worth" {
                h2 #worth { "What a post's features go with" }
                p.lead { "Change of reach, other things equal; associations, not effects." }
                div.scroll tabindex="0" role="group" aria-labelledby="worth" {
                    table {
                        thead { tr { th scope="col" { "feature" } th scope="col" { "change of reach" } } }
                        tbody {
                            @for (name, e) in fit.coefficients.iter().filter(|(name, _)| name != "real_followers") {
                                tr { td { (plain(name)) } td { (change(e.point.exp_m1())) " (" (change(e.low.exp_m1())) " to " (change(e.high.exp_m1())) ")" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Files, rejects and warnings.
pub(in crate::render) fn inputs(origin: &Origin) -> Markup {
    html! {
        @if !origin.warnings.is_empty() {
            section aria-labelledby="warnings" {
                h2 #warnings { "To know before relying on it" }
                ul.warnings { @for w in &origin.warnings { li { (sentence(&plain(&w.text))) } } }
            }
        }
        @if !origin.files.is_empty() {
            section aria-labelledby="inputs" {
                h2 #inputs { "What was read" }
                ul.plain {
                    @for f in &origin.files { li { bdi { (plain(&f.name)) } ": " (f.rows) " rows, " (f.rejected) " rejected; sha256 " code { (f.sha256.get(..16).unwrap_or_default()) "…" } } }
                    @for r in origin.rejects.iter().take(10) { li { (plain(&r.file)) ":" (r.line) ": " (plain(&r.why)) } }
                }
            }
        }
    }
}
