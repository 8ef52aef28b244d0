//! A few followers with the reasons of their verdicts, drawn by strata.

use crate::render::findings;
use crate::render::format::{count, counted, day, follow_time, month, plain, probability, sentence};
use crate::report::{AuditReport, Names, Stratum, StratumKind, sample};
use assay_model::{Class, TimeMs, TimeQuality};
use maud::{Markup, html};

/// Reasons told of one follower; `--explain` tells all.
const REASONS_MAX: usize = 3;

/// The sample; nothing where nobody is listed or nothing could be judged.
pub(super) fn followers(report: &AuditReport) -> Markup {
    let strata = sample(report);
    let judged = report.channels.iter().any(|c| c.state == crate::report::ChannelState::Used);
    if strata.is_empty() || !judged {
        return html! {};
    }
    let masked = report.names == Names::Masked;
    html! {
        section aria-labelledby="followers" {
            h2 #followers { "A sample of followers" }
            p.lead {
                "From each batch, each unexplained burst and each class a few followers, evenly spaced in follow order: nobody picked them. "
                "The probability is that of being inauthentic. "
                @if masked {
                    "Followers are masked: each is called by the place in the list, dates are given to the month and counts to two digits. Whoever holds the export can look them up."
                } @else {
                    "This page names people: hand it on with care."
                }
            }
            div.scroll tabindex="0" role="region" aria-label="Sample of followers, table" {
                table.sample {
                    caption.aloud { "Followers by stratum, with probability, class, what is known of them, and why" }
                    thead { tr { th scope="col" { "Follower" } th.number scope="col" { "Probability" } th scope="col" { "Class" } th scope="col" { "Known of the account" } th scope="col" { "Why" } } }
                    @for stratum in &strata {
                        tbody {
                            tr.stratum { th colspan="5" scope="rowgroup" { (name_of(report, stratum)) " " span.note { (counted(stratum.n, "follower", "followers")) } } }
                            @for &i in &stratum.rows { (row(report, i)) }
                        }
                    }
                }
            }
        }
    }
}

fn name_of(report: &AuditReport, stratum: &Stratum) -> String {
    match stratum.kind {
        StratumKind::InBatch(b) => format!("Batch {}: look bought", report.verdicts.batches[b].id),
        StratumKind::AmongBatch(b) => {
            format!("Came within batch {}, not held to be of it", report.verdicts.batches[b].id)
        }
        StratumKind::InBurst(s) => format!("Burst s{}, unexplained", s + 1),
        StratumKind::Of(Class::Inauthentic) => "Outside batches: look inauthentic".to_owned(),
        StratumKind::Of(Class::Dormant) => "Dormant: people who are gone, not fakes".to_owned(),
        StratumKind::Of(Class::Genuine) => "Genuine: people".to_owned(),
        StratumKind::Of(Class::Unsure) => "Unsure: the data do not tell".to_owned(),
    }
}

fn row(report: &AuditReport, i: usize) -> Markup {
    html! {
        tr {
            th scope="row" { bdi { (called(report, i)) } }
            td.number data-name="Probability" { (probability(f64::from(report.verdicts.probability[i]))) }
            td data-name="Class" { (report.verdicts.class[i].name()) }
            td data-name="Known" { (known(report, i)) }
            td data-name="Why" { (why(report, i)) }
        }
    }
}

/// What a follower is called: the handle, the id, or the place in the list.
fn called(report: &AuditReport, i: usize) -> String {
    let audience = &report.page.audience;
    let who = audience.follower(i);
    match who.handle {
        Some(handle) => format!("@{}", plain(handle.trim_start_matches('@'))),
        None if !who.account_id.is_empty() => plain(who.account_id).into_owned(),
        None if audience.quality() == TimeQuality::Unknown => {
            format!("row {}", count(u64::from(audience.source[i].line)))
        }
        None => format!("follower {}", count(i as u64)),
    }
}

/// What the export tells of the account, in clauses.
fn known(report: &AuditReport, i: usize) -> String {
    let audience = &report.page.audience;
    let masked = report.names == Names::Masked;
    let date = |at: TimeMs| if masked { month(at) } else { day(at) };
    let mut said: Vec<String> = Vec::new();
    said.extend(audience.created_at.get(i).map(|at| format!("opened {}", date(at))));
    let quality = audience.quality();
    said.extend(audience.followed_at.get(i).map(|at| match (masked, quality.is_timed()) {
        (true, _) => format!("followed {}", month(at)),
        (false, true) => format!("followed {}", follow_time(at, quality)),
        (false, false) => format!("followed {}", day(at)),
    }));
    let columns = [
        (&audience.followers, "follower", "followers"),
        (&audience.following, "following", "following"),
        (&audience.posts, "post", "posts"),
        (&audience.likes, "like", "likes"),
    ];
    let counts = columns.iter().filter_map(|(column, one, many)| column.get(i).map(|n| counted(n.into(), one, many)));
    said.extend(counts);
    said.extend(audience.last_active_at.get(i).map(|at| format!("last seen {}", date(at))));
    if said.is_empty() { "nothing but the name".to_owned() } else { said.join(", ") }
}

fn why(report: &AuditReport, i: usize) -> Markup {
    let reasons = report.verdicts.reasons_of(i);
    if let Some(batch) = report.verdicts.batch_of(i) {
        let said = match report.verdicts.class[i] {
            Class::Inauthentic => "One of ",
            Class::Unsure => "Too little is known to tell whether it is one of ",
            Class::Dormant | Class::Genuine => "Came at the same time, and is not held to be one of ",
        };
        return html! { (said) a href=(format!("#{}", batch.id)) { "batch " (batch.id) } "." };
    }
    if reasons.is_empty() {
        return html! { span.note { "nothing speaks against it" } };
    }
    html! {
        @for (k, reason) in reasons.iter().take(REASONS_MAX).enumerate() {
            @if k > 0 { " " }
            (sentence(&findings::say(&reason.finding)))
        }
        @if reasons.len() > REASONS_MAX { " " span.note { "and " (counted((reasons.len() - REASONS_MAX) as u64, "more reason", "more reasons")) } }
    }
}
