//! Groups of accounts that act in lockstep, in follow and like graphs of up to 1.5 billion edges.
