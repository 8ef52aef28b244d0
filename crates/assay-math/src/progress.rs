//! Progress of long work in pure code: it tells how far it is and is told to go on or to stop.

use std::fmt;

/// The answer to a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// Go on.
    On,
    /// Stop as soon as possible.
    Stop,
}

/// Called now and then with the work done and the work in all, in the same unit.
pub type Tick<'a> = dyn FnMut(u64, u64) -> Go + 'a;

/// The work was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped on request")
    }
}

impl std::error::Error for Stopped {}

/// A tick that nobody watches.
pub fn silent(_done: u64, _total: u64) -> Go {
    Go::On
}
