//! Reach: the model fitted to a page, and the feed simulator.
