//! Blocks that are read on the pool and taken in the order of the file.

use super::{Block, Refused};
use crate::error::ImportError;
use crate::reading::Desk;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError};

/// What was made of a block.
#[derive(Debug, PartialEq)]
pub(super) struct Made<P> {
    part: P,
    n: usize,
    /// Rows that could not be read.
    broken: Refused,
}

impl<P> Made<P> {
    /// Makes it.
    pub(super) fn of(block: &mut Block, broken: Refused, make: &impl Fn(&mut Block) -> P) -> Self {
        Self { n: block.len(), part: make(block), broken }
    }

    /// Rows of the block.
    pub(super) fn rows(&self) -> usize {
        self.n + self.broken.len()
    }

    /// Joins it to what came before, and keeps the ledger.
    pub(super) fn join(self, desk: &mut Desk<'_>, join: &mut impl FnMut(P) -> Refused) -> Result<(), ImportError> {
        let refused = join(self.part);
        for _ in refused.len()..self.n {
            desk.took();
        }
        let mut all = self.broken;
        all.extend(refused);
        all.sort_by_key(|(line, _)| *line);
        all.into_iter().try_for_each(|(line, why)| desk.reject(line, why))
    }
}

/// A job of the pool, which hands over one block after another.
pub(super) enum Job<P, E> {
    /// It was done at once.
    Done(Vec<Made<P>>),
    /// It is under way.
    Under(Receiver<Result<Made<P>, E>>),
}

/// Jobs in the order of the file.
pub(super) struct Jobs<P, E>(pub(super) VecDeque<Job<P, E>>);

/// What the first job has ready.
pub(super) enum Ready<P, E> {
    /// Blocks.
    Blocks(Vec<Made<P>>),
    /// Nothing yet.
    NotYet,
    /// It failed.
    Failed(E),
    /// There is no job left.
    End,
}

/// Whether to wait for what is not ready.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    Wait,
    Ask,
}

impl<P, E> Jobs<P, E> {
    /// What comes next.
    pub(super) fn next(&mut self, patience: Patience) -> Ready<P, E> {
        loop {
            let Some(job) = self.0.front_mut() else { return Ready::End };
            let found = match job {
                Job::Done(blocks) => {
                    let blocks = std::mem::take(blocks);
                    self.0.pop_front();
                    return Ready::Blocks(blocks);
                }
                Job::Under(receiver) if patience == Patience::Ask => receiver.try_recv(),
                Job::Under(receiver) => receiver.recv().map_err(|_| TryRecvError::Disconnected),
            };
            match found {
                Ok(Ok(made)) => return Ready::Blocks(vec![made]),
                Ok(Err(why)) => return Ready::Failed(why),
                Err(TryRecvError::Empty) => return Ready::NotYet,
                // The job is over. One that panicked hands over nothing more; the scope passes the panic on.
                Err(TryRecvError::Disconnected) => {
                    self.0.pop_front();
                    if self.0.is_empty() {
                        return Ready::End;
                    }
                }
            }
        }
    }
}
