//! The workspace: one SQLite file with every fact that was imported, its import, its file and its row.
//!
//! [`Workspace::open`] brings a file to the newest form, [`Workspace::import`] takes the facts of one bundle in one transaction,
//! [`Workspace::facts`] gives back what counts as the facts that they were. Rows are never changed: those that speak of the
//! same thing are versions, and `live` says which count. Only `undo`, `forget` and retention remove. What the views hold is told in
//! `docs/guides/workspace.md`.

mod adder;
mod audits;
mod conversations;
mod decisions;
mod edition;
mod error;
mod experiments;
mod forget;
mod forms;
mod identity;
mod import;
mod judged;
mod judgements;
mod keyed;
mod kinds;
mod ledger;
mod pages;
mod people;
mod query;
mod read;
mod register;
mod retain;
mod secret;
mod settle;
mod turns;
mod undo;
mod views;
mod workspace;

#[cfg(test)]
mod tests;

pub use assay_model::Problem;
pub use audits::{AuditEntry, Change, PageEntry, Range};
pub use conversations::{
    ConversationEntry, ConversationId, Known, PageSpoken, Which, Word, key_of_handle, key_of_id, said,
};
pub use decisions::{By, Note, SavedAnswer, State, Status};
pub use error::StoreError;
pub use experiments::{Course, DecisionEntry, ExperimentEntry, NewExperiment, NewReading, ReadingEntry};
pub use forget::Erased;
pub use forms::FORM;
pub use import::{About, DirectMessages, Import, Imported};
pub use judged::{Judged, Wanted};
pub use judgements::{Account, Overruled};
pub use kinds::FactKind;
pub use ledger::{FileEntry, ImportEntry, Snapshot};
pub use people::{BASES, Join, NewLink};
pub use query::{Answer, Answers};
pub use read::Of;
pub use register::{AccountRoles, Register, TokenEntry};
pub use retain::{Dropped, Dropping, Personal, span_days};
pub use secret::{SECRET_BYTES, Secret};
pub use turns::TurnEntry;
pub use views::view_names;
pub use workspace::{Workspace, form_of, settings_of};
