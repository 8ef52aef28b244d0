//! What the handles of followers say.

pub(crate) mod shape;
