//! Where the figures come from: method and limits, the files read, the rows that were not taken.

use crate::render::format::{count, counted, percent, plain, quality, sentence};
use crate::report::{AuditReport, ChannelState, Names};
use maud::{Markup, html};

/// Rejected rows listed on the page; JSON holds all that were kept.
const REJECTS_MAX: usize = 100;

/// Each channel: what it looks for, what became of it, where it comes from, where it errs.
pub(super) fn method(report: &AuditReport) -> Markup {
    html! {
        section aria-labelledby="method" {
            h2 #method { "Method and limits" }
            p.lead { "Each channel looks at the data in its own way. Where it lacks what it needs it abstains and says so; it never guesses." }
            @for channel in &report.channels {
                article.channel-card {
                    h3 { (channel.id) " " @match &channel.state {
                        ChannelState::Used => span.state.used { "used" },
                        ChannelState::Abstained(_) => span.state { "abstained" },
                        ChannelState::Off => span.state { "off" },
                    } }
                    p { (sentence(channel.sentence)) }
                    dl {
                        @if let ChannelState::Abstained(a) = &channel.state {
                            dt { "Why it abstained" } dd { (sentence(&a.why)) " Would settle it: " (plain(&a.would_settle)) "." }
                        }
                        @if !channel.notes.is_empty() { dt { "On this page" } @for note in &channel.notes { dd { (sentence(note)) } } }
                        dt { "Limits" } dd { (sentence(channel.limits)) }
                        dt { "Source" } dd { (sentence(channel.source)) }
                    }
                }
            }
        }
    }
}

/// The files read, with their hashes, and how the figures can be made again.
pub(super) fn inputs(report: &AuditReport) -> Markup {
    let files = &report.page.facts.files;
    html! {
        section aria-labelledby="inputs" {
            h2 #inputs { "Inputs" }
            p.lead {
                "Read as " strong { (report.format.id) } ": " (sentence(report.format.sentence)) " "
                @if report.page.audience.is_empty() { "No followers are named." } @else { (sentence(quality(report.time_quality()))) }
                @if report.page.calendar.zone() != "UTC" { " Days are those of " (plain(report.page.calendar.zone())) "; times are UTC." }
                " Intervals hold the truth " (percent(report.confidence)) " of the time. The same files, version " (env!("CARGO_PKG_VERSION")) " and seed " (report.seed.0) " give the same figures. "
                "The hashes say which files were read. Whether they are as the platform made them, assay cannot tell: a file can be edited before it is read. "
                @if report.names == Names::Masked { "Followers are masked on this page." }
            }
            @if !files.is_empty() {
                div.scroll tabindex="0" role="region" aria-label="Files read, table" {
                    table {
                        caption.aloud { "Files read, with their rows and hashes" }
                        thead { tr { th scope="col" { "File" } th.number scope="col" { "Rows" } th.number scope="col" { "Taken" } th.number scope="col" { "Rejected" } th scope="col" { "SHA-256" } } }
                        tbody {
                            @for file in files {
                                tr {
                                    th scope="row" { bdi { (plain(&file.name)) } }
                                    td.number { (count(file.rows)) }
                                    td.number { (count(file.taken)) }
                                    td.number { (count(file.rejected)) }
                                    td.hash { (file.sha256) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The rows that were not taken, and why.
pub(super) fn rejects(report: &AuditReport) -> Markup {
    let facts = &report.page.facts;
    if facts.n_rejected == 0 {
        return html! {};
    }
    let shown = facts.rejects.len().min(REJECTS_MAX);
    html! {
        section aria-labelledby="rejects" {
            h2 #rejects { (counted(facts.n_rejected, "rejected row", "rejected rows")) }
            @if (shown as u64) < facts.n_rejected { p.lead { "The first " (count(shown as u64)) " are listed." } }
            div.scroll tabindex="0" role="region" aria-label="Rejected rows, table" {
                table {
                    caption.aloud { "Rows that were not taken, and why" }
                    thead { tr { th scope="col" { "File" } th.number scope="col" { "Line" } th scope="col" { "Why" } } }
                    tbody {
                        @for reject in facts.rejects.iter().take(shown) {
                            tr { th scope="row" { bdi { (plain(&reject.file)) } } td.number { (count(reject.line)) } td { (plain(&reject.why)) } }
                        }
                    }
                }
            }
        }
    }
}
