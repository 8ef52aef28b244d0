//! Running what may panic on damaged input.
//!
//! Readers of other people's formats panic on some damaged files. That is an error like any other to whoever reads a file, and
//! nothing but the error is to be seen of it: no message of a panic, no place in a source.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread runs what may panic.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `read` on this thread; none if it panicked, which is kept quiet. Panics elsewhere are told as before.
pub fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let told = take_hook();
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                told(panic);
            }
        }));
    });
    let before = GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(before);
    outcome.ok()
}

#[cfg(test)]
mod tests {
    use super::guarded;
    use std::panic::{catch_unwind, set_hook};
    use std::sync::atomic::{AtomicU32, Ordering};

    static TOLD: AtomicU32 = AtomicU32::new(0);

    fn breaks(items: &[u32]) -> u32 {
        items[items.len()]
    }

    #[test]
    fn a_guarded_panic_is_none_and_quiet_and_another_is_told() {
        set_hook(Box::new(|_| {
            TOLD.fetch_add(1, Ordering::SeqCst);
        }));
        assert_eq!(guarded(|| 7), Some(7));
        assert_eq!(guarded(|| breaks(&[1])), None);
        assert_eq!(guarded(|| guarded(|| breaks(&[])).unwrap_or(3) + breaks(&[])), None);
        assert_eq!(TOLD.load(Ordering::SeqCst), 0);
        assert!(catch_unwind(|| breaks(&[1])).is_err());
        assert_eq!(TOLD.load(Ordering::SeqCst), 1);
    }
}
