//! Tests over the repository itself; there is nothing here to depend on.
//!
//! What the house forbids is listed in `ARCHITECTURE.md`. Each prohibition that a compiler or a lint cannot keep is kept
//! here: `floors` reads the manifests, `sources` the Rust files, `texts` the documents. A new crate is one line in the
//! table of `floors`.

#[cfg(test)]
mod floors;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod tree;
