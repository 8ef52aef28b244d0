//! The frame of pages without scripts that are complete in themselves.

use super::{PAGE_CSS, policy};
use assay_math::Seed;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What stands around a page's body.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Frame<'a> {
    /// Its title.
    pub title: &'a str,
    /// What kind of page it is, beside the name of the program.
    pub kind: &'a str,
    /// What it is about, where the head says so.
    pub subject: Option<&'a str>,
    /// What the reader must know of its figures.
    pub caveat: &'a str,
    /// Where its random steps began.
    pub seed: Option<Seed>,
    /// What leads to the rows behind it, if anything.
    pub rows: &'a str,
    /// The sign of who prepared it.
    pub logo: Option<&'a str>,
}

/// A page around a body.
pub(in crate::render) fn framed(frame: &Frame<'_>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(false));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("assay ", env!("CARGO_PKG_VERSION")));
                title { (frame.title) }
                style { (PreEscaped(PAGE_CSS)) }
            }
            body {
                a.skip href="#report" { "Skip to the report" }
                header.top {
                    @if let Some(logo) = frame.logo { img.logo src=(logo) alt="sign of who prepared this"; }
                    p.brand { span.mark aria-hidden="true" {} "assay" span.kind { " " (frame.kind) } }
                    @if let Some(subject) = frame.subject { p.subject { span { (subject) } } }
                }
                main #report { (body) }
                footer {
                    p { (frame.caveat) }
                    p { "Made by assay " (env!("CARGO_PKG_VERSION")) @if let Some(seed) = frame.seed { " with seed " (seed.0) } ". This page is complete in itself: it loads nothing and sends nothing." (frame.rows) }
                }
            }
        }
    }
}
