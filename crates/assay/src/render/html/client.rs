//! The sheet that a client is given of a part of the workspace: its cover, what was found, and the method.

use super::frame::{Frame, framed};
use super::{Cover, prepared};
use crate::render::format::{plain, sentence};
use maud::{Markup, html};
use std::io::{self, Write};

/// What a sheet says. Its body brings the heading of the first rank, and names no follower.
#[derive(Debug)]
pub struct ClientSheet<'a> {
    /// Its title.
    pub title: &'a str,
    /// What kind of report it is: `metrics`.
    pub kind: &'a str,
    /// Whom it is about.
    pub subject: &'a str,
    /// What was found.
    pub body: Markup,
    /// How it was found and what it does not say, a sentence each.
    pub method: &'a [&'a str],
}

/// Writes a sheet as one self-contained page without scripts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn client_html(sheet: &ClientSheet<'_>, cover: &Cover, out: &mut dyn Write) -> io::Result<()> {
    let frame = Frame {
        title: sheet.title,
        kind: sheet.kind,
        subject: Some(&plain(sheet.subject)),
        caveat: "Estimates carry the interval that they may err by. What cannot be said is said to be so, with what would settle it.",
        seed: None,
        rows: "",
        logo: cover.logo.as_deref(),
    };
    let body = html! {
        (sheet.body)
        section aria-labelledby="method" {
            h2 #method { "Method" }
            ul.plain { @for said in sheet.method { li { (sentence(said)) } } }
            dl.made { (prepared(cover)) }
        }
    };
    out.write_all(framed(&frame, &body).0.as_bytes())?;
    out.flush()
}
