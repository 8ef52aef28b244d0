//! The sections of the audit's page one by one, for whoever lays them out on pages of their own.

use super::payload::{payload, shades};
use super::{Cover, followers, provenance, sections, summary};
use crate::render::headline::{Headline, headline};
use crate::report::AuditReport;

/// The audit's sections as HTML, and what their charts draw.
#[derive(Debug, Clone)]
pub struct AuditParts {
    /// The verdict in a sentence.
    pub headline: Headline,
    /// The first sheet.
    pub summary: String,
    /// Shares with their intervals.
    pub shares: String,
    /// The follower map.
    pub map: String,
    /// Growth over time.
    pub growth: String,
    /// Batches with their evidence.
    pub batches: String,
    /// Bursts that are no batch.
    pub spikes: String,
    /// A few followers of each kind.
    pub followers: String,
    /// What would sharpen the answer.
    pub next: String,
    /// Channels, their limits and sources.
    pub method: String,
    /// What the charts draw, as JSON without `<`.
    pub data: String,
    /// The day each account on the map was opened, little-endian `u16` in follow order; empty without a map.
    pub levels: Vec<u8>,
    /// The class of each account on the map, four to a byte; empty without a map.
    pub classes: Vec<u8>,
}

/// Renders the sections. Costs O(n) in followers.
pub fn audit_parts(report: &AuditReport) -> AuditParts {
    let headline = headline(report);
    let data = payload(report);
    let shades = shades(report);
    let html = |markup: maud::Markup| markup.into_string();
    AuditParts {
        summary: html(summary::summary(report, &headline, &Cover::default())),
        shares: html(sections::shares(report)),
        map: html(sections::map(report, data.points.as_ref(), &shades)),
        growth: html(sections::growth(report, &shades)),
        batches: html(sections::batches(report)),
        spikes: html(sections::spikes(report)),
        followers: html(followers::followers(report)),
        next: html(sections::next(report)),
        method: html(provenance::method(report)),
        levels: data.points.as_ref().map(super::payload::Points::level_bytes).unwrap_or_default(),
        classes: data.points.as_ref().map(super::payload::Points::class_bytes).unwrap_or_default(),
        data: data.json,
        headline,
    }
}
