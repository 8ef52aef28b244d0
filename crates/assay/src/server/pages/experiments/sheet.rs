//! What a client is given of tests: what each found and what was decided, without a row of theirs.

use super::super::layout::ready;
use super::super::{Visit, client};
use super::{called, course_words, find, is_intact, state};
use crate::render::ClientSheet;
use crate::render::format::{counted, moment, plain, sentence};
use crate::server::problem::Problem;
use maud::html;
use std::io::Write;

/// One experiment as it was read and decided, or all of them, for a client.
pub fn write(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let entries = match visit.get("name") {
        Some(name) => vec![find(visit, name)?],
        None => visit.shelf.read(|store| Ok(store.experiments()?))?,
    };
    let asked: Option<i64> = visit.get("reading").and_then(|t| t.parse().ok());
    client::put(visit, out, |visit| {
        let mut parts = Vec::new();
        for e in &entries {
            let shown = asked.and_then(|id| e.readings.iter().find(|r| r.id == id)).or(e.readings.last());
            let read =
                shown.map(|r| visit.shelf.read(|store| Ok(store.reading_of(e.id, r.id)?))).transpose()?.flatten();
            parts.push((e, read.filter(|_| visit.get("name").is_some()).map(|(_, sections)| sections)));
        }
        Ok(ClientSheet {
            title: "What tests found",
            kind: "experiments",
            subject: &visit.shelf.name,
            body: html! {
                section aria-labelledby="experiments" { h1 #experiments { (counted(entries.len() as u64, "experiment", "experiments")) } }
                @for (e, sections) in &parts {
                    section aria-label=(plain(&e.name)) {
                        h2 { bdi { (plain(&e.name)) } }
                        p { (sentence(called(&e.kind))) " " (sentence(&state(e))) " Sealed on " (e.sealed_at.get(..10).unwrap_or_default()) "." @if !is_intact(e) { " " strong { "Its plan was changed after it was sealed." } } }
                        @if let Some(d) = e.decisions.last() { p { "Decided on " (moment(d.at)) ": " (course_words(d.course)) "." } }
                    }
                    @if let Some(sections) = sections { (ready(sections)) }
                }
            },
            method: &[
                "who gets the promotion, or which weeks or markets do, is drawn by lot; the plan is sealed before it begins, and any change to it shows",
                "intervals and p-values hold as often as one looks, unless the plan says otherwise",
            ],
        })
    })
}
