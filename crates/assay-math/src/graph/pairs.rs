//! Edges as blocks of pairs that can be passed over again and again.

use crate::Go;
use std::convert::Infallible;

/// Pairs of a source and a target, handed over in blocks, always the same pairs in the same order.
pub trait Pairs {
    /// What can go wrong while they are read.
    type Error;

    /// How many pairs there are, repetitions included.
    fn n_pairs(&self) -> u64;

    /// Calls `each` with sources and targets of equal length until there are no more or it answers [`Go::Stop`].
    ///
    /// # Errors
    /// Whatever went wrong while reading. Being told to stop is not an error.
    fn pass(&mut self, each: &mut dyn FnMut(&[u32], &[u32]) -> Go) -> Result<(), Self::Error>;
}

/// Pairs that lie in memory, handed over in one block.
#[derive(Debug, Clone, Copy)]
pub struct PairSlices<'a> {
    /// The source of each edge.
    pub sources: &'a [u32],
    /// The target of each edge.
    pub targets: &'a [u32],
}

impl Pairs for PairSlices<'_> {
    type Error = Infallible;

    fn n_pairs(&self) -> u64 {
        self.sources.len() as u64
    }

    fn pass(&mut self, each: &mut dyn FnMut(&[u32], &[u32]) -> Go) -> Result<(), Infallible> {
        const BLOCK: usize = 1 << 16;
        for (sources, targets) in self.sources.chunks(BLOCK).zip(self.targets.chunks(BLOCK)) {
            if each(sources, targets) == Go::Stop {
                break;
            }
        }
        Ok(())
    }
}
