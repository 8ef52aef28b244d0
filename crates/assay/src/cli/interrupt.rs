//! ^C: the first one ends the work at its next tick, so that nothing half-written is left; the second one ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on ^C (and a request to terminate) is noted; ask [`is_asked`]. A second one ends the process.
pub(super) fn listen() {
    // Without a handler ^C ends the process as ever: output files are renamed into place, so that is no loss.
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
}

/// Whether the user asked to stop.
pub(super) fn is_asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
