//! What a client is given of an area: one sheet that is complete in itself, with who prepared it, what is found, and by which method.
//! It names no follower. An area that has one lists [`file`] among its files; the layout links to it.

use super::{File, Visit};
use crate::pipeline::workspace::now;
use crate::render::format::civil;
use crate::render::{ClientSheet, Cover, client_html};
use crate::server::access::Role;
use crate::server::problem::Problem;
use std::io::Write;

/// What the sheet of every area is called.
pub const NAME: &str = "client.html";

/// The sheet of an area, as one of its files.
pub const fn file(write: fn(&Visit, &mut dyn Write) -> Result<(), Problem>) -> File {
    File { id: NAME, needs: Role::Viewer, media: "text/html; charset=utf-8", write }
}

/// What stands at the head of this workspace's reports.
pub fn cover(visit: &Visit) -> Result<Cover, Problem> {
    let (by, logo) = visit.shelf.read(|store| Ok((store.setting("report_by")?, store.setting("report_logo")?)))?;
    Ok(Cover { by, on: Some(civil(now()).date()), logo })
}

/// Renders a sheet in the reader's forms and writes it below its cover.
pub fn put<'a>(
    visit: &'a Visit,
    out: &mut dyn Write,
    sheet: impl FnOnce(&'a Visit) -> Result<ClientSheet<'a>, Problem>,
) -> Result<(), Problem> {
    let cover = cover(visit)?;
    visit.rendered(|_| client_html(&sheet(visit)?, &cover, out).map_err(Problem::sending))
}
