//! What a text says of where its answer comes from.

use crate::render::format::{count, counted, plain, sentence};
use crate::render::text::Screen;
use crate::report::Origin;

/// Files, rows and the first rejects.
pub(super) fn inputs(screen: &mut Screen, origin: &Origin) {
    let rows: u64 = origin.files.iter().map(|f| f.rows).sum();
    let files = counted(origin.files.len() as u64, "file", "files");
    let rejected = counted(origin.n_rejected, "row", "rows");
    screen.wrapped("Read", 12, &format!("{files}, {}, {rejected} rejected", counted(rows, "row", "rows")));
    for reject in origin.rejects.iter().take(3) {
        screen.wrapped("", 12, &format!("{}:{}: {}", plain(&reject.file), reject.line, plain(&reject.why)));
    }
    if origin.n_rejected > 3 {
        screen.wrapped("", 12, &format!("and {} more", count(origin.n_rejected - 3)));
    }
}

/// What the reader must know, and which program said so.
pub(super) fn close(screen: &mut Screen, origin: &Origin) {
    if !origin.warnings.is_empty() {
        screen.heading("Warnings");
        for warning in &origin.warnings {
            screen.wrapped("  !", 4, &sentence(&plain(&warning.text)));
        }
    }
    screen.line("");
    screen.line(&format!("assay {}", env!("CARGO_PKG_VERSION")));
}
