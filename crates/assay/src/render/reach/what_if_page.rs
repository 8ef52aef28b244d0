//! What buying, removing or promoting would do, as one page that is complete in itself.

use super::chart::{Line, lines};
use super::page::{inputs, plans, whole};
use super::removal::removal_html;
use super::what_if::{amount, headline, range_text, ratio_text};
use crate::render::format::{fixed, percent, plain, sentence, whole as whole_number, whole_range};
use crate::render::html::code;
use crate::report::reach::WhatIfReport;
use assay_math::Estimate;
use assay_model::Outcome;
use assay_reach::page::{Outcomes, Week};
use maud::{Markup, html};
use std::io::{self, Write};

/// Writes the report as one self-contained page without scripts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn what_if_html(report: &WhatIfReport, mut out: impl Write) -> io::Result<()> {
    let body = html! { (what_if_sections(report)) (plans(&report.plans)) (inputs(&report.origin)) };
    out.write_all(whole("What if", "outlook on reach", &report.origin, &body).0.as_bytes())
}

/// The answer itself, without what it was made from.
pub(crate) fn what_if_sections(report: &WhatIfReport) -> Markup {
    let page = &report.page;
    html! {
        section.verdict.open aria-labelledby="verdict" {
            h1 #verdict { (headline(report)) }
            p.caveat {
                @if report.from_posts { "This rests on the page's posts and on what is believed of mechanisms." }
                @else { "This rests on what is believed of mechanisms alone, before any history of the page." }
                " Which of them a platform uses is not published."
            }
            dl.figures {
                div { dt { "Followers now" } dd.value { (whole_number(page.followers)) } dd.note { (whole_number(page.inauthentic)) " held to be inauthentic" } }
                @if let Some(engaged) = page.engaged {
                    div { dt { "Engage with a post" } dd.value { (whole_number(engaged)) } dd.note { (percent(engaged / page.followers.max(1.0))) " of the followers" } }
                }
                @if let Some(reach) = page.reach { div { dt { "Reached by a post" } dd.value { (whole_number(reach)) } dd.note { "on average of late" } } }
            }
        }
        @if let Some((_, outcomes)) = &report.followed { (paths(outcomes)) (engagement(outcomes)) (weeks(outcomes, report)) (gates(outcomes)) }
        @if let Some(p) = &report.promoted {
            section aria-labelledby="promotion" {
                h2 #promotion { "Promotion" }
                @match &p.extra_reach {
                    Outcome::Found(e) => p { (fixed(p.amount, 2)) " would reach " (whole_number(e.point)) " accounts more (" (whole_range(e)) ")." },
                    Outcome::Abstained(why) => p.untold { "What " (fixed(p.amount, 2)) " would bring cannot be said: " (plain(&why.why)) ". Would settle it: " (code(&plain(&why.would_settle))) "." },
                }
            }
        }
        @if let Some(more) = report.would_settle() {
            section aria-labelledby="more" { h2 #more { "To know more" } p { (code(&sentence(more))) } }
        }
        (removal_html(report.experiment.as_ref()))
    }
}

fn line(name: &str, weeks: &[Week], look: usize, has_band: bool, of: &dyn Fn(&Week) -> Option<Estimate>) -> Line {
    let point = |w: &Week| of(w).map(|e| (f64::from(w.week), e.low, e.point, e.high));
    Line { name: name.to_owned(), points: weeks.iter().filter_map(point).collect(), look, has_band }
}

fn paths(outcomes: &Outcomes) -> Markup {
    let mut drawn = vec![line("over all", &outcomes.all, 0, true, &|w| Some(w.reach_ratio))];
    for (i, path) in outcomes.by_mechanism.iter().enumerate() {
        drawn.push(line(&path.mechanism.id().replace('_', " "), &path.weeks, 1 + i % 4, false, &|w| {
            Some(w.reach_ratio)
        }));
    }
    html! {
        section aria-labelledby="reach" {
            h2 #reach { "Reach of a post, against the page left alone" }
            p.lead { "The middle of each mechanism, and over all of them with the band that holds the truth as often as the confidence says." }
            (lines("Reach of a post week by week, by mechanism", "weeks from now", &drawn, &percent))
            ul.plain { @for path in &outcomes.by_mechanism {
                @if let Some(last) = path.weeks.last() {
                    li { strong { (path.mechanism.id().replace('_', " ")) } " (weight " (percent(path.weight)) "): " (ratio_text(&last.reach_ratio)) ". " (sentence(path.mechanism.described().sentence)) }
                }
            } }
        }
    }
}

fn engagement(outcomes: &Outcomes) -> Markup {
    let drawn = line("engage", &outcomes.all, 0, true, &|w| w.engaged);
    html! {
        @if !drawn.points.is_empty() {
            section aria-labelledby="engaged" {
                h2 #engaged { "People who engage with a post" }
                (lines("People who engage with a post, week by week", "weeks from now", &[drawn], &whole_number))
            }
        }
    }
}

fn weeks(outcomes: &Outcomes, report: &WhatIfReport) -> Markup {
    let money = report.value.as_ref().map(|v| plain(v.currency.as_deref().unwrap_or_default()));
    html! {
        section aria-labelledby="weeks" {
            h2 #weeks { "Week by week" }
            div.scroll tabindex="0" role="group" aria-labelledby="weeks" {
                table {
                    thead { tr {
                        th scope="col" { "week" } th scope="col" { "followers" } th scope="col" { "reach" }
                        @if report.page.engaged.is_some() { th scope="col" { "engage" } th scope="col" { "of followers" } }
                        @if let Some(currency) = &money { th scope="col" { "revenue, " (currency) } }
                    } }
                    tbody { @for w in &outcomes.all { tr {
                        td { (w.week) } td { (whole_number(w.followers.point)) } td { (ratio_text(&w.reach_ratio)) }
                        @if let Some(e) = &w.engaged { td { (whole_number(e.point)) " (" (whole_range(e)) ")" } }
                        @if let Some(e) = &w.rate_of_followers { td { (range_text(e)) } }
                        @if let (Some(e), true) = (&w.revenue_change_minor, money.is_some()) { td { (amount(e.point)) " (" (amount(e.low)) " to " (amount(e.high)) ")" } }
                    } } }
                }
            }
        }
    }
}

fn gates(outcomes: &Outcomes) -> Markup {
    html! {
        @if outcomes.author_lift.0 && !outcomes.author_lift.1 {
            section aria-labelledby="gates" {
                h2 #gates { "On X" }
                p { "More than 1,000 followers forfeit the lift that X gives to new authors: it counts followers, whoever they are. How much the lift brings is not published." }
            }
        }
    }
}
